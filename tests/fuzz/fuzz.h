/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: a small shop in memory, and the ways to say that something is wrong.
 * INV_FUZZ_PLANT=1 plants a fault in each target, which the fuzzer must find; tests/fuzz/run asks
 * for both. */
#ifndef INV_FUZZ_H
#define INV_FUZZ_H

#include "inventra/inventra.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Commands after which a shop is verified and a new one opened. */
#define FUZZ_SHOP_RUNS 500

static inline void fuzz_fail(const char *what, const char *detail)
{
	fprintf(stderr, "fuzz: %s: %s\n", what, detail);
	abort();
}

static inline void fuzz_require(bool good, const char *what, const char *detail)
{
	if (!good)
		fuzz_fail(what, detail);
}

/* The planted fault: `reached` is what an unlucky input gets to. */
static inline void fuzz_plant(bool reached)
{
	if (reached && getenv("INV_FUZZ_PLANT"))
		fuzz_fail("planted", "this is the fault that was to be found");
}

typedef struct fuzz_shop {
	inv_store *store;
	inv_session *session;
	unsigned runs;
} fuzz_shop;

static inline void fuzz_run(fuzz_shop *shop, const char *op, const char *json)
{
	inv_status rc = inv_call_json(shop->session, inv_str_of(op), inv_str_of(json), NULL, NULL);

	fuzz_require(rc == INV_OK, op, inv_session_error(shop->session)->message);
}

static inline void fuzz_shop_open(fuzz_shop *shop, const char *url)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;

	options.url = url;
	shop->runs = 0;
	fuzz_require(inv_store_open(&options, &shop->store, &error) == INV_OK, "open", error.message);
	fuzz_require(inv_session_open(shop->store, NULL, &shop->session, &error) == INV_OK, "session",
	             error.message);
	fuzz_run(shop, "product.create", "[{\"sku\":\"TEA\",\"name\":\"Tea\",\"list_price\":\"2.5\"},"
	                                 "{\"sku\":\"LOT\",\"name\":\"Lot\",\"tracking\":\"lot\"}]");
	fuzz_run(shop, "stock.receive", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"100\"},"
	                                "{\"product\":\"LOT\",\"quantity\":\"3\",\"lot\":\"A\"}]}");
	fuzz_run(shop, "sale.close", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\"}]}");
}

static inline void fuzz_shop_close(fuzz_shop *shop)
{
	inv_session_close(shop->session);
	inv_store_close(shop->store);
	shop->store = NULL;
}

/* The shop for the next run. Whatever it was told, its journal explains its state. */
static inline inv_session *fuzz_shop_next(fuzz_shop *shop)
{
	inv_verify_report report = INV_VERIFY_REPORT_INIT;
	inv_error error = INV_ERROR_INIT;

	if (shop->store && ++shop->runs == FUZZ_SHOP_RUNS) {
		fuzz_require(inv_store_verify(shop->store, NULL, &report, &error) == INV_OK, "verify",
		             error.message);
		fuzz_require(report.ok, "verify", report.first_divergence);
		fuzz_shop_close(shop);
	}
	if (!shop->store)
		fuzz_shop_open(shop, ":memory:");
	return shop->session;
}

/* A call that failed says why, with a status of the table. */
static inline void fuzz_error(const inv_session *session, inv_status status)
{
	const inv_error *error = inv_session_error(session);

	if (status == INV_OK)
		return;
	fuzz_require(error->status == status, "the error's status is another", error->message);
	fuzz_require(inv_schema_status(status)->number == status, "no such status", error->message);
	fuzz_require(error->message[0] != '\0', "an error without a sentence", error->field);
	fuzz_require(status != INV_E_INTERNAL && status != INV_E_CORRUPT, "input did this",
	             error->message);
}

/* The text up to the next line end, taken off. */
static inline inv_str fuzz_line(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size ? memchr(*data, '\n', *size) : NULL;
	inv_str line = {(const char *)*data, end ? (size_t)(end - *data) : *size};
	size_t taken = line.len + (end ? 1 : 0);

	*data += taken;
	*size -= taken;
	return line;
}

#endif
