/* SPDX-License-Identifier: MIT */
#include "ours.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PLENTY (INT64_C(1000000) * INV_QUANTITY_ONE)

bool ours_error(const char *what, const inv_error *error)
{
	const inv_status_desc *status = inv_schema_status(error ? error->status : INV_E_INTERNAL);

	return bench_error("%s: %s: %s %s %s", what, status ? status->name : "?",
	                   error ? error->record : "", error ? error->field : "",
	                   error ? error->message : "");
}

/* Ids that the bench knows without asking: UUIDv7, ascending like those of a real import. */
static inv_id product_id(uint32_t product)
{
	inv_id id = {{0x01, 0x91, 0xd3, 0xa0, 0x7c, 0x00, 0x70, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0}};

	for (size_t i = 0; i < 4; i++) {
		id.bytes[12 + i] = (uint8_t)((product + 1) >> (24 - 8 * i));
	}
	return id;
}

bool ours_caller_open(inv_store *store, size_t lines, ours_caller *out)
{
	return ours_caller_open_at(store, "", lines, out);
}

bool ours_caller_open_at(inv_store *store, const char *till, size_t lines, ours_caller *out)
{
	inv_session_options options = INV_SESSION_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;

	memset(out, 0, sizeof *out);
	options.actor = INV_S("till-07/anna");
	options.till.code = inv_str_of(till);
	if (inv_session_open(store, &options, &out->session, &error) != INV_OK) {
		return ours_error("session", &error);
	}
	out->capacity = lines;
	out->stock = calloc(lines, sizeof *out->stock);
	out->sale = calloc(lines, sizeof *out->sale);
	if (out->stock && out->sale) {
		return true;
	}
	ours_caller_close(out);
	return bench_error("out of memory");
}

void ours_caller_close(ours_caller *caller)
{
	inv_session_close(caller->session);
	free(caller->stock);
	free(caller->sale);
	memset(caller, 0, sizeof *caller);
}

static bool create_products(ours_caller *caller, uint32_t first, uint32_t count)
{
	inv_product *products = calloc(count, sizeof *products);
	char(*skus)[24] = calloc(count, sizeof *skus);
	bool ok = products && skus;

	for (uint32_t i = 0; ok && i < count; i++) {
		bench_sku(first + i, skus[i]);
		products[i] = (inv_product)INV_PRODUCT_INIT;
		products[i].id = product_id(first + i);
		products[i].sku = inv_str_of(skus[i]);
		products[i].name = products[i].sku;
	}
	if (!ok) {
		bench_error("out of memory");
	} else if (inv_product_create(caller->session, products, count, NULL, NULL) != INV_OK) {
		ok = ours_error("product.create", inv_session_error(caller->session));
	}
	free(products);
	free(skus);
	return ok;
}

static void stock_lines(ours_caller *caller, const bench_line *lines, size_t count,
                        inv_stock_entry *entry)
{
	for (size_t i = 0; i < count; i++) {
		inv_stock_line *line = &caller->stock[i];

		*line = (inv_stock_line)INV_STOCK_LINE_INIT;
		line->product.id = product_id(lines[i].product);
		line->quantity = lines[i].quantity;
	}
	*entry = (inv_stock_entry)INV_STOCK_ENTRY_INIT;
	entry->lines = inv_list_of(caller->stock, count, sizeof *caller->stock);
}

static bool receive_stock(ours_caller *caller, uint32_t first, uint32_t count)
{
	bench_line *lines = calloc(count, sizeof *lines);
	inv_stock_entry entry;
	bool ok = true;

	if (!lines) {
		return bench_error("out of memory");
	}
	for (uint32_t i = 0; i < count; i++) {
		lines[i].product = first + i;
		lines[i].quantity = PLENTY;
	}
	stock_lines(caller, lines, count, &entry);
	if (inv_stock_receive(caller->session, &entry, 1, NULL, NULL) != INV_OK) {
		ok = ours_error("stock.receive", inv_session_error(caller->session));
	}
	free(lines);
	return ok;
}

bool ours_open(ours_store *o, const char *path, uint32_t products)
{
	return ours_open_with(o, path, NULL, products);
}

bool ours_open_with(ours_store *o, const char *url, const inv_driver *driver, uint32_t products)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	bool ok;

	memset(o, 0, sizeof *o);
	options.url = url;
	options.drivers = &driver;
	options.driver_count = driver ? 1 : 0;
	if (inv_store_open(&options, &o->store, &error) != INV_OK) {
		return ours_error("store", &error);
	}
	ok = ours_caller_open(o->store, INV_LIMIT_LINES, &o->main);
	for (uint32_t first = 0; ok && first < products; first += INV_LIMIT_LINES) {
		uint32_t left = products - first;
		uint32_t count = left < INV_LIMIT_LINES ? left : INV_LIMIT_LINES;

		ok = create_products(&o->main, first, count) && receive_stock(&o->main, first, count);
	}
	if (!ok) {
		ours_close(o);
	}
	return ok;
}

void ours_close(ours_store *o)
{
	ours_caller_close(&o->main);
	inv_store_close(o->store);
	o->store = NULL;
}

static inv_options with_key(const char *key)
{
	inv_options options = INV_OPTIONS_INIT;

	options.key = inv_str_of(key);
	return options;
}

bool ours_issue(ours_caller *caller, const bench_line *lines, size_t count, const char *key)
{
	inv_options options = with_key(key);
	inv_stock_entry entry;

	stock_lines(caller, lines, count, &entry);
	if (inv_stock_issue(caller->session, &entry, 1, &options, NULL) == INV_OK) {
		return true;
	}
	return ours_error("stock.issue", inv_session_error(caller->session));
}

bool ours_sale(ours_caller *caller, const bench_line *lines, size_t count, const char *key)
{
	inv_options options = with_key(key);
	inv_sale sale = INV_SALE_INIT;
	inv_tender tender = INV_TENDER_INIT;

	for (size_t i = 0; i < count; i++) {
		inv_sale_line *line = &caller->sale[i];

		*line = (inv_sale_line)INV_SALE_LINE_INIT;
		line->product.id = product_id(lines[i].product);
		line->quantity = lines[i].quantity;
		line->unit_price = lines[i].price;
	}
	tender.method = INV_S("card");
	tender.reference = INV_S("auth 0042");
	sale.lines = inv_list_of(caller->sale, count, sizeof *caller->sale);
	sale.tenders = inv_list_of(&tender, 1, sizeof tender);
	if (inv_sale_close(caller->session, &sale, 1, &options, NULL) == INV_OK) {
		return true;
	}
	return ours_error("sale.close", inv_session_error(caller->session));
}

bool ours_hold(ours_caller *caller, const bench_line *line, const char *hold_key,
               const char *take_key)
{
	inv_options hold_options = with_key(hold_key), take_options = with_key(take_key);
	inv_reservation_commitment take = INV_RESERVATION_COMMITMENT_INIT;
	inv_reservation hold = INV_RESERVATION_INIT;
	inv_result *result = NULL;

	hold.product.id = product_id(line->product);
	hold.quantity = line->quantity;
	hold.holder = INV_S("cart-0042");
	hold.deadline = INT64_C(4102444800000000);
	if (inv_reservation_hold(caller->session, &hold, 1, &hold_options, &result) != INV_OK) {
		return ours_error("reservation.hold", inv_session_error(caller->session));
	}
	take.reservation.id = INV_AT(result, inv_reservation, 0)->id;
	inv_result_free(result);
	take.document = INV_S("order-0042");
	if (inv_reservation_commit(caller->session, &take, 1, &take_options, NULL) == INV_OK) {
		return true;
	}
	return ours_error("reservation.commit", inv_session_error(caller->session));
}

bool ours_read(ours_caller *caller, uint32_t product, int64_t *on_hand)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	inv_result *result = NULL;
	const inv_balance *balance;

	query.product.id = product_id(product);
	if (inv_balance_get(caller->session, &query, 1, NULL, &result) != INV_OK) {
		return ours_error("balance.get", inv_session_error(caller->session));
	}
	balance = INV_AT(result, inv_balance, 0);
	if (balance) {
		*on_hand = balance->on_hand;
	}
	inv_result_free(result);
	return balance || bench_error("balance.get answered nothing");
}

bool ours_import(ours_store *o, const char *csv, size_t rows, double *seconds)
{
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report = INV_IMPORT_REPORT_INIT;
	const inv_op_desc *op = inv_schema_op_named(INV_S("product.create"));
	inv_status status;

	options.key_prefix = INV_S("import");
	*seconds = bench_now();
	status = inv_import_csv(o->main.session, op, csv, &options, &report);
	*seconds = bench_now() - *seconds;
	if (status != INV_OK) {
		return ours_error("import", inv_session_error(o->main.session));
	}
	return report.done == rows || bench_error("%" PRIu64 " rows imported", report.done);
}

/* ---- units ---- */

static void fill_unit(inv_stock_line *line, inv_id product, const char *serial)
{
	*line = (inv_stock_line)INV_STOCK_LINE_INIT;
	line->product = inv_ref_of(product);
	line->quantity = INV_QUANTITY_ONE;
	line->serial = inv_str_of(serial);
}

static bool make_phone(ours_caller *caller, inv_id *id)
{
	inv_product phone = INV_PRODUCT_INIT;

	*id = phone.id = product_id(0);
	phone.sku = phone.name = INV_S("PHONE");
	phone.tracking = INV_TRACKING_SERIAL;
	return inv_product_create(caller->session, &phone, 1, NULL, NULL) == INV_OK ||
	       ours_error("product.create", inv_session_error(caller->session));
}

bool ours_serials(ours_store *o, size_t count, size_t lines, double *seconds)
{
	size_t postings = (count + lines - 1) / lines;
	inv_stock_entry *entries = calloc(postings, sizeof *entries);
	inv_stock_line *list = calloc(count, sizeof *list);
	char(*serials)[24] = calloc(count, sizeof *serials);
	bool ok = entries && list && serials;
	inv_id phone;
	double start;

	ok = ok ? make_phone(&o->main, &phone) : bench_error("out of memory");
	for (size_t i = 0; ok && i < count; i++) {
		bench_serial(i, serials[i]);
		fill_unit(&list[i], phone, serials[i]);
	}
	for (size_t i = 0; ok && i < postings; i++) {
		size_t left = count - i * lines;

		entries[i] = (inv_stock_entry)INV_STOCK_ENTRY_INIT;
		entries[i].lines = INV_LIST_OF(list + i * lines, left < lines ? left : lines);
	}
	start = bench_now();
	ok = ok && (inv_stock_receive(o->main.session, entries, postings, NULL, NULL) == INV_OK ||
	            ours_error("stock.receive", inv_session_error(o->main.session)));
	*seconds = bench_now() - start;
	free(entries);
	free(list);
	free(serials);
	return ok;
}
