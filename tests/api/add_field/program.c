/* SPDX-License-Identifier: MIT */
/* A program of the changed tree: gives a product its new field as a member of the struct, reads it
 * back as a member and as JSON. */
#include <inventra/inventra.h>

#include <stdio.h>

static int fail(const char *what, const inv_error *error)
{
	fprintf(stderr, "%s: %s\n", what, error->message);
	return 1;
}

int main(int argc, char **argv)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_product product = INV_PRODUCT_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_result *made = NULL;
	inv_result *read = NULL;
	inv_store *store;
	inv_session *s;
	inv_str brand;

	options.url = argc > 1 ? argv[1] : ":memory:";
	if (inv_store_open(&options, &store, &error) || inv_session_open(store, NULL, &s, &error))
		return fail("open", &error);
	product.sku = INV_S("C-1");
	product.name = INV_S("Kettle");
	product.brand = INV_S("Kettle & Sons");
	if (inv_product_create(s, &product, 1, NULL, &made))
		return fail("create", inv_session_error(s));
	brand = INV_AT(made, inv_product, 0)->brand;
	if (brand.len != product.brand.len || memcmp(brand.ptr, product.brand.ptr, brand.len) != 0)
		return fail("the struct", &error);
	if (inv_call_json(s, INV_S("product.get"), INV_S("{\"ref\":\"C-1\"}"), NULL, &read))
		return fail("get", inv_session_error(s));
	printf("%s\n", inv_result_json(read).ptr);
	inv_result_free(read);
	inv_result_free(made);
	inv_session_close(s);
	inv_store_close(store);
	return 0;
}
