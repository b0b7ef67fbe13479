/* SPDX-License-Identifier: MIT */
/* A program in C++17 that keeps one product. */
#include <cstdio>
#include <memory>

#include <inventra/inventra.h>

using store_ptr = std::unique_ptr<inv_store, decltype(&inv_store_close)>;
using session_ptr = std::unique_ptr<inv_session, decltype(&inv_session_close)>;
using result_ptr = std::unique_ptr<inv_result, decltype(&inv_result_free)>;

static int keep_one(inv_session *session)
{
	inv_product tea = INV_PRODUCT_INIT;
	inv_result *out = nullptr;

	tea.sku = INV_S("TEA-100");
	tea.name = INV_S("Tea");
	inv_status status = inv_product_create(session, &tea, 1, nullptr, &out);
	result_ptr result(out, inv_result_free);
	if (status != INV_OK) {
		std::fprintf(stderr, "%s\n", inv_session_error(session)->message);
		return 1;
	}
	std::printf("%s ", INV_AT(result.get(), inv_product, 0)->sku.ptr);
	return 0;
}

int main(int argc, char **argv)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_store *opened = nullptr;
	inv_session *begun = nullptr;

	options.url = ":memory:";
	inv_status status = inv_store_open(&options, &opened, &error);
	store_ptr store(opened, inv_store_close);
	if (status == INV_OK)
		status = inv_session_open(store.get(), nullptr, &begun, &error);
	session_ptr session(begun, inv_session_close);
	if (status != INV_OK) {
		std::fprintf(stderr, "%s\n", error.message);
		return 1;
	}
	int failed = keep_one(session.get());
	std::printf("(%s %s)\n", argc > 1 ? argv[1] : "", inv_version());
	return failed;
}
