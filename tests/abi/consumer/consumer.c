/* SPDX-License-Identifier: MIT */
/* A program in C11 that keeps one product. */
#include <stdio.h>

#include <inventra/inventra.h>

static inv_status keep_one(inv_session *session)
{
	inv_product tea = INV_PRODUCT_INIT;
	inv_result *result = NULL;
	inv_status status;

	tea.sku = INV_S("TEA-100");
	tea.name = INV_S("Tea");
	status = inv_product_create(session, &tea, 1, NULL, &result);
	if (status == INV_OK)
		printf("%s ", INV_AT(result, inv_product, 0)->sku.ptr);
	else
		fprintf(stderr, "%s\n", inv_session_error(session)->message);
	inv_result_free(result);
	return status;
}

int main(int argc, char **argv)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_store *store = NULL;
	inv_session *session = NULL;
	inv_status status;

	options.url = ":memory:";
	status = inv_store_open(&options, &store, &error);
	if (status == INV_OK)
		status = inv_session_open(store, NULL, &session, &error);
	if (status == INV_OK)
		status = keep_one(session);
	else
		fprintf(stderr, "%s\n", error.message);
	inv_session_close(session);
	inv_store_close(store);
	printf("(%s %s)\n", argc > 1 ? argv[1] : "", inv_version());
	return status == INV_OK ? 0 : 1;
}
