/* SPDX-License-Identifier: MIT */
/* sale.refund: money given back, for a sale that is named or for none, with or without goods. */
#include "domain/ops.h"
#include "domain/sale.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

/* A line of the sale that is refunded. */
typedef struct origin_line {
	inv_id product;
	int64_t quantity;
	int64_t unit_price;
	inv__ratio unit;  /* that it is the price of, in base units */
	int64_t amount;
	int64_t refunded; /* by earlier refunds */
	int64_t refunded_amount;
	int64_t taken;    /* and by lines of this one */
	bool other_price; /* some of it came back for another amount than its share */
	inv_str lot, serial;
	inv_list parts;   /* of a kit: what moved in its place */
} origin_line;

typedef struct refund_work {
	inv__sale_work common; /* first: it is call->state */
	size_t sale_statement, line_statement;
	origin_line *lines;    /* NULL when no sale is named */
	size_t line_count;
} refund_work;

INV__SQL(SQL_ORIGINAL,
         "SELECT s.kind, s.currency, s.occurred_at, s.total, s.refunded FROM sale s"
         " WHERE s.id = ?1 {lock}");
INV__SQL(SQL_ORIGINAL_LINES,
         "SELECT l.product, l.quantity, l.unit_price, l.amount, l.refunded, l.lot, l.serial,"
         " l.refunded_amount, l.unit_numerator, l.unit_denominator, l.parts"
         " FROM sale_line l WHERE l.sale = ?1 ORDER BY l.line");

inv_status inv__claim_sale_refund(inv__call *call)
{
	const inv_sale *in = inv__call_input(call, 0);
	refund_work *work = inv__arena_zalloc(call->arena, sizeof *work);
	inv_status rc;

	if (!work)
		return inv__call_no_memory(call);
	rc = inv__sale_claim(call, INV_SALE_KIND_REFUND, &work->common);
	if (rc != INV_OK || inv_id_is_none(in->original.id))
		return rc;
	work->sale_statement = inv__batch_add(call->batch, &SQL_ORIGINAL);
	inv__batch_id(call->batch, in->original.id);
	work->line_statement = inv__batch_add(call->batch, &SQL_ORIGINAL_LINES);
	inv__batch_id(call->batch, in->original.id);
	return call->batch->status;
}

/* ---- the sale it belongs to ---- */

static inv_status check_original(inv__call *call, const refund_work *work, const inv_sale *sale)
{
	const inv_rows *rows = inv__batch_result(call->batch, work->sale_statement);
	inv_str currency;

	if (rows->row_count == 0)
		return inv__call_fail(call, INV_E_NOT_FOUND, 0, "original", "there is no such sale");
	if (inv__cell_int(rows, 0, 0) != INV_SALE_KIND_SALE)
		return inv__call_fail(call, INV_E_INVALID, 0, "original",
		                      "only a sale can be refunded, not a refund or a correction");
	currency = inv__cell_str(rows, 0, 1);
	if (!inv__str_equal(currency, sale->currency))
		return inv__call_fail(call, INV_E_STATE, 0, "original", "the sale was made in %.*s",
		                      (int)currency.len, currency.ptr);
	if (sale->occurred_at < inv__cell_int(rows, 0, 2))
		return inv__call_fail(call, INV_E_INVALID, 0, "occurred_at",
		                      "it lies before the sale that is refunded");
	return INV_OK;
}

/* Was what came back earlier paid by its share, neither for a lower price nor with a fee? */
static bool refunded_by_share(const origin_line *line)
{
	int64_t share;

	return inv__sale_share(line->amount, line->quantity, 0, line->refunded, &share) &&
	       share == line->refunded_amount;
}

/* The parts that a line of the sale moved. */
static inv_status read_parts(inv__call *call, const inv_rows *rows, size_t row, origin_line *line)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_sale_line);
	const inv_field_desc *field = inv_schema_field_named(record, INV_S("parts"), NULL);
	inv_sale_line *whole = inv__arena_zalloc(call->arena, sizeof *whole);
	inv_status rc;

	if (!whole)
		return inv__call_no_memory(call);
	rc = inv__value_to(field, inv__cell(rows, row, 10), call->arena, whole);
	line->parts = whole->parts;
	if (rc == INV_E_NO_MEMORY)
		return inv__call_no_memory(call);
	return rc == INV_OK ? INV_OK
	                    : inv__call_fail(call, INV_E_CORRUPT, 0, "original",
	                                     "the parts of a line cannot be read");
}

static inv_status read_original(inv__call *call, refund_work *work, const inv_sale *sale)
{
	const inv_rows *rows = inv__batch_result(call->batch, work->line_statement);
	const inv_rows *head = inv__batch_result(call->batch, work->sale_statement);
	inv_status rc = check_original(call, work, sale);

	if (rc != INV_OK)
		return rc;
	work->common.linked = true;
	work->common.left = inv__cell_int(head, 0, 3) - inv__cell_int(head, 0, 4);
	if (work->common.left < 0)
		return inv__call_fail(call, INV_E_CORRUPT, 0, "original",
		                      "more than its total has been given back");
	work->lines = inv__arena_array(call->arena, rows->row_count + 1, sizeof *work->lines);
	if (!work->lines)
		return inv__call_no_memory(call);
	work->line_count = rows->row_count;
	for (size_t i = 0; i < rows->row_count; i++) {
		origin_line *line = &work->lines[i];

		line->product = inv__cell_id(rows, i, 0);
		line->quantity = inv__cell_int(rows, i, 1);
		line->unit_price = inv__cell_int(rows, i, 2);
		line->amount = inv__cell_int(rows, i, 3);
		line->refunded = inv__cell_int(rows, i, 4);
		line->lot = inv__cell_str(rows, i, 5);
		line->serial = inv__cell_str(rows, i, 6);
		line->refunded_amount = inv__cell_int(rows, i, 7);
		line->unit = (inv__ratio){inv__cell_int(rows, i, 8), inv__cell_int(rows, i, 9)};
		if (line->unit.numerator == 0) /* the base unit */
			line->unit = (inv__ratio){1, 1};
		line->other_price = !refunded_by_share(line);
		if (inv__cell_str(rows, i, 10).len > 0)
			rc = read_parts(call, rows, i, line);
		if (rc != INV_OK)
			return rc;
	}
	return INV_OK;
}

/* ---- lines ---- */

/* The line it gives back; NULL when it names none that is there. */
static origin_line *origin_of(const refund_work *work, const inv_sale_line *line)
{
	if (line->original_line < 1 || (uint64_t)line->original_line > work->line_count)
		return NULL;
	return &work->lines[line->original_line - 1];
}

static inv_status check_origin(inv__call *call, const refund_work *work, const inv__sale_ask *ask)
{
	const inv_sale_line *line = ask->out;
	const origin_line *origin = origin_of(work, line);

	if (!work->lines && line->original_line == 0)
		return INV_OK;
	if (!work->lines)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "original_line",
		                           "the refund names no original sale");
	if (!origin)
		return inv__call_fail(call, INV_E_INVALID, ask->input,
		                      inv__line_field(call, "lines", ask->line, "original_line"),
		                      "the original sale has lines 1 to %zu", work->line_count);
	if (!inv__id_equal(origin->product, line->product.id))
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "product",
		                           "that line of the original sale is of another product");
	if (origin->lot.len > 0 && !inv__str_equal_fold(origin->lot, line->lot))
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "lot",
		                           "that line of the original sale is of another lot");
	if (origin->serial.len > 0 && !inv__str_equal_fold(origin->serial, line->serial))
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "serial",
		                           "that line of the original sale is of another serial number");
	return INV_OK;
}

/* The price it was sold at, of what the line's quantity is given in: as near as can be. */
static int64_t origin_price(const inv_sale_line *line, const origin_line *origin)
{
	inv__ratio unit = {1, 1};
	int64_t base;

	if (line->unit.len > 0)
		unit = (inv__ratio){line->unit_numerator, line->unit_denominator};
	if (unit.numerator == origin->unit.numerator && unit.denominator == origin->unit.denominator)
		return origin->unit_price;
	if (!inv__mul_div(origin->unit_price, origin->unit.denominator * unit.numerator,
	                  origin->unit.numerator * unit.denominator, &base))
		return INV_LIMIT_MONEY;
	return base;
}

/* Does the line go back at the price it was sold at? */
static bool at_origin_price(const inv_sale_line *line, const origin_line *origin)
{
	return line->unit_price == 0 || line->unit_price == origin_price(line, origin);
}

/* Without another price, the discount of the original comes back in its share too. */
static inv_status price_linked(inv__call *call, const inv__sale_ask *ask, origin_line *origin)
{
	inv_sale_line *line = ask->out;
	int64_t before = origin->refunded + origin->taken;
	int64_t share, gross, amount;

	if (!inv__sale_share(origin->amount, origin->quantity, before, line->quantity, &share))
		return inv__sale_line_fail(call, ask, INV_E_CORRUPT, "original_line",
		                           "that line of the original sale cannot be split");
	if (at_origin_price(line, origin)) {
		line->unit_price = origin_price(line, origin);
		amount = share - line->discount;
		if (inv__sale_line_gross(line, &gross) && gross > amount)
			line->discount = gross - amount;
	} else if (inv__sale_line_gross(line, &gross)) {
		amount = gross - line->discount;
	} else {
		amount = INT64_MAX;
	}
	if (amount < 0)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "discount",
		                           "it is more than the line comes to");
	if (amount > share) {
		char text[24];

		inv__decimal_format(share, 4, text);
		return inv__call_fail(call, INV_E_INVALID, ask->input,
		                      inv__line_field(call, "lines", ask->line, "unit_price"),
		                      "only %s was paid for these units", text);
	}
	line->amount = -amount;
	origin->other_price = origin->other_price || amount != share;
	return INV_OK;
}

static inv_status price_unlinked(inv__call *call, const inv__sale_ask *ask)
{
	inv_sale_line *line = ask->out;
	int64_t gross;

	if (!inv__sale_line_gross(line, &gross))
		return inv__sale_line_fail(call, ask, INV_E_LIMIT, "unit_price",
		                           "the line comes to more than can be counted");
	if (line->discount > gross)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "discount",
		                           "it is more than the line comes to");
	line->amount = line->discount - gross;
	return INV_OK;
}

/* Units come back as they went unless something else is said. */
static inv_status check_line(inv__call *call, const refund_work *work, const inv__sale_ask *ask)
{
	inv_sale_line *line = ask->out;
	const origin_line *origin = origin_of(work, line);
	inv_status rc;

	if (origin && line->lot.len == 0)
		line->lot = origin->lot;
	if (origin && line->serial.len == 0)
		line->serial = origin->serial;
	rc = inv__sale_line_check(call, &work->common, ask);
	if (rc == INV_OK)
		rc = check_origin(call, work, ask);
	if (rc == INV_OK && !inv_id_is_none(line->reservation.id))
		rc = inv__sale_line_fail(call, ask, INV_E_INVALID, "reservation",
		                         "only a sale takes what is reserved");
	if (rc == INV_OK && line->unit_price < 0)
		rc = inv__sale_line_fail(call, ask, INV_E_INVALID, "unit_price",
		                         "the price of a refund cannot be negative");
	return rc;
}

/* Several lines may give parts of one line back: they add up. */
static inv_status take_line(inv__call *call, refund_work *work, const inv__sale_ask *ask)
{
	inv_sale_line *line = ask->out;
	origin_line *origin;
	int64_t left;
	char text[24];
	inv_status rc;

	origin = origin_of(work, line);
	if (!origin)
		return price_unlinked(call, ask);
	left = origin->quantity - origin->refunded - origin->taken;
	if (line->quantity > left) {
		inv__decimal_format(left, 6, text);
		return inv__call_fail(call, INV_E_STATE, ask->input,
		                      inv__line_field(call, "lines", ask->line, "quantity"),
		                      "only %s of that line can still be refunded", text);
	}
	rc = price_linked(call, ask, origin);
	if (rc == INV_OK && origin->parts.count > 0)
		rc = inv__refund_parts(call, ask, &origin->parts, origin->quantity);
	origin->taken += line->quantity;
	return rc;
}

/* Is nothing left of any line, and was each paid as it was sold? */
static bool all_is_back(const refund_work *work)
{
	for (size_t i = 0; i < work->line_count; i++) {
		const origin_line *line = &work->lines[i];

		if (line->refunded + line->taken < line->quantity || line->other_price)
			return false;
	}
	return true;
}

static inv_status make_document(inv__call *call, refund_work *work)
{
	const inv_sale *in = inv__call_input(call, 0);
	inv_sale *sale;
	inv_status rc;

	if (in->kind == INV_SALE_KIND_ACCOUNTING)
		return inv__call_fail(call, INV_E_INVALID, 0, "kind",
		                      "a correction of accounts is made by sale.close");
	rc = inv__sale_begin(call, &work->common, 0);
	if (rc != INV_OK)
		return rc;
	sale = &work->common.sales[0];
	sale->kind = INV_SALE_KIND_REFUND;
	if (!inv_id_is_none(sale->original.id))
		rc = read_original(call, work, sale);
	for (size_t i = 0; rc == INV_OK && i < 2 * sale->lines.count; i++) {
		size_t j = i % sale->lines.count;
		const inv__sale_ask ask = {0, j, sale, inv__sale_line_of(sale, j),
		                           &work->common.products.list[j],
		                           work->common.units.list ? &work->common.units.list[j] : NULL};

		/* All lines are sound before any is counted. */
		rc = i < sale->lines.count ? check_line(call, work, &ask) : take_line(call, work, &ask);
	}
	work->common.whole = all_is_back(work);
	return rc;
}

inv_status inv__decide_sale_refund(inv__call *call)
{
	refund_work *work = call->state;
	inv_status rc = call->phase == 0 ? make_document(call, work) : INV_OK;

	if (rc == INV_OK)
		rc = inv__sale_kits(call, &work->common);
	if (rc == INV_OK && !call->more)
		rc = inv__sale_stock(call, &work->common);
	return rc == INV_OK && !call->more ? inv__sales_finish(call, &work->common) : rc;
}
