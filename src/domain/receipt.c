/* SPDX-License-Identifier: MIT */
/* The receipt of a till document: text for a printer of 42 columns. */
#include "domain/ops.h"
#include "domain/sale.h"
#include "util/number.h"
#include "util/text.h"
#include "util/time.h"

#define COLUMNS 42u
#define INDENT 2u
#define TEXT_MAX 1000000u

typedef struct receipt_plan {
	inv__sale_plan sale;
	size_t shop_statement;
} receipt_plan;

/* Paper under print. */
typedef struct paper {
	inv__buf text;
	uint32_t decimals; /* of the currency's minor unit */
} paper;

INV__SQL(SQL_SHOP,
         "SELECT s.name, CASE WHEN COALESCE(l.time_zone, '') <> '' THEN l.time_zone"
         " ELSE s.time_zone END FROM settings s LEFT JOIN sale d ON d.id = ?1"
         " LEFT JOIN location l ON l.id = d.location");

inv_status inv__claim_sale_receipt(inv__call *call)
{
	const inv_lookup *in = inv__call_input(call, 0);
	receipt_plan *plan = inv__arena_zalloc(call->arena, sizeof *plan);
	inv_status rc;

	if (!plan)
		return inv__call_no_memory(call);
	call->state = plan;
	rc = inv__sales_claim(call, &in->ref.id, 1, &plan->sale);
	if (rc != INV_OK)
		return rc;
	plan->shop_statement = inv__batch_add(call->batch, &SQL_SHOP);
	inv__batch_id(call->batch, in->ref.id);
	return call->batch->status;
}

/* ---- lines of text ---- */

static void put_spaces(paper *p, size_t count)
{
	for (size_t i = 0; i < count; i++)
		inv__buf_putc(&p->text, ' ');
}

static void put_rule(paper *p)
{
	for (size_t i = 0; i < COLUMNS; i++)
		inv__buf_putc(&p->text, '-');
	inv__buf_putc(&p->text, '\n');
}

/* How many bytes of the text fit into the columns: up to a space where there is one, and at least
 * one character. */
static size_t fitting(inv_str text, size_t columns)
{
	size_t at = 0, space = 0;

	while (at < text.len) {
		uint32_t code;
		size_t step = inv__utf8_decode(text.ptr + at, text.len - at, &code);
		size_t next = at + (step ? step : 1);

		if (text.ptr[at] == ' ')
			space = at;
		if (at > 0 && inv__utf8_width((inv_str){text.ptr, next}) > columns)
			return space > 0 ? space : at;
		at = next;
	}
	return at;
}

/* Take the first line off the text. */
static inv_str next_line(inv_str *text, size_t columns)
{
	inv_str line = {text->ptr, fitting(*text, columns)};

	text->ptr += line.len;
	text->len -= line.len;
	*text = inv__str_trim(*text);
	return line;
}

static void put_wrapped(paper *p, inv_str text, size_t indent, bool centred)
{
	for (inv_str rest = inv__str_trim(text); rest.len > 0;) {
		inv_str line = next_line(&rest, COLUMNS - indent);
		size_t width = inv__utf8_width(line);

		put_spaces(p, centred && width < COLUMNS ? (COLUMNS - width) / 2 : indent);
		inv__buf_put(&p->text, line.ptr, line.len);
		inv__buf_putc(&p->text, '\n');
	}
}

/* A label, and a figure at the right edge: below the label when one line has no room for both. */
static void put_pair(paper *p, inv_str label, size_t indent, inv_str figure)
{
	size_t width = inv__utf8_width(label) + indent;

	if (width + 1 + figure.len > COLUMNS) {
		put_wrapped(p, label, indent, false);
		width = 0;
	} else {
		put_spaces(p, indent);
		inv__buf_put(&p->text, label.ptr, label.len);
	}
	put_spaces(p, COLUMNS - width - figure.len);
	inv__buf_put(&p->text, figure.ptr, figure.len);
	inv__buf_putc(&p->text, '\n');
}

/* ---- figures ---- */

/* At least the minor unit's decimals: 2.50, and 0.125 as it is. */
static inv_str money_text(const paper *p, int64_t amount, char out[32])
{
	size_t len = inv__decimal_format(amount, 4, out);
	const char *point = memchr(out, '.', len);
	size_t have = point ? len - (size_t)(point - out) - 1 : 0;

	if (!point && p->decimals > 0)
		out[len++] = '.';
	for (; have < p->decimals; have++)
		out[len++] = '0';
	return (inv_str){out, len};
}

static void put_money(paper *p, inv_str label, size_t indent, int64_t amount)
{
	char text[32];

	put_pair(p, label, indent, money_text(p, amount, text));
}

/* 2 x 2.50, or 2 box x 24.00 */
static void put_quantity(paper *p, const inv_sale_line *line, int64_t gross)
{
	char text[96], count[24], price[32];
	inv_str each = money_text(p, line->unit_price, price);
	int n;

	inv__decimal_format(line->unit.len ? line->entered_quantity : line->quantity, 6, count);
	n = inv__format(text, sizeof text, "%s%s%.*s x %.*s", count, line->unit.len ? " " : "",
	                (int)line->unit.len, line->unit.ptr, (int)each.len, each.ptr);
	put_money(p, (inv_str){text, n > 0 ? (size_t)n : 0}, INDENT, gross);
}

/* ---- parts ---- */

static void put_line(paper *p, const inv_sale *sale, const inv_sale_line *line)
{
	int64_t discount = sale->kind == INV_SALE_KIND_REFUND ? line->discount : -line->discount;

	put_wrapped(p, line->name.len > 0 ? line->name : line->sku, 0, false);
	put_quantity(p, line, line->amount - discount);
	if (discount != 0)
		put_money(p, INV_S("discount"), INDENT, discount);
}

static inv_status put_head(inv__call *call, paper *p, const receipt_plan *plan,
                           const inv_sale *sale)
{
	const inv_rows *shop = inv__batch_result(call->batch, plan->shop_statement);
	char date[16], text[40];
	int64_t local, day, minute;
	inv__zone zone;

	if (shop->row_count == 0 || !inv__zone_parse(inv__cell_str(shop, 0, 1), &zone))
		return inv__call_fail(call, INV_E_CORRUPT, 0, NULL,
		                      "the stored time zone rule cannot be read");
	local = sale->occurred_at + inv__zone_offset(&zone, sale->occurred_at) * INV__SECOND;
	day = local / INV__DAY - (local % INV__DAY < 0);
	minute = (local - day * INV__DAY) / (60 * INV__SECOND);
	inv__date_format((int32_t)day, date);
	inv__format(text, sizeof text, "%s %02d:%02d", date, (int)(minute / 60), (int)(minute % 60));

	put_wrapped(p, inv__cell_str(shop, 0, 0), 0, true);
	put_pair(p, sale->ticket, 0, inv_str_of(text));
	if (sale->kind == INV_SALE_KIND_REFUND) {
		put_wrapped(p, INV_S("REFUND"), 0, true);
		put_wrapped(p, sale->original.code, 0, true);
	}
	return INV_OK;
}

static void put_totals(paper *p, const inv_sale *sale)
{
	char label[32];

	if (sale->rounding != 0) {
		put_money(p, INV_S("Subtotal"), 0, sale->subtotal);
		put_money(p, INV_S("Rounding"), 0, sale->rounding);
	}
	inv__format(label, sizeof label, "TOTAL %.*s", (int)sale->currency.len, sale->currency.ptr);
	put_money(p, inv_str_of(label), 0, sale->total);
	for (size_t i = 0; i < sale->tenders.count; i++) {
		const inv_tender *tender = INV_LIST_AT(sale->tenders, inv_tender, i);

		put_money(p, tender->method, 0, tender->amount);
	}
	if (sale->change != 0)
		put_money(p, INV_S("Change"), 0, sale->change);
}

static inv_status print(inv__call *call, paper *p, const receipt_plan *plan, const inv_sale *sale)
{
	inv_status rc = put_head(call, p, plan, sale);

	if (rc != INV_OK)
		return rc;
	put_rule(p);
	for (size_t i = 0; i < sale->lines.count; i++)
		put_line(p, sale, INV_LIST_AT(sale->lines, inv_sale_line, i));
	put_rule(p);
	put_totals(p, sale);
	if (p->text.status == INV_E_LIMIT)
		return inv__call_fail(call, INV_E_LIMIT, 0, "ref",
		                      "the receipt is longer than %u characters", TEXT_MAX);
	return p->text.status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

inv_status inv__decide_sale_receipt(inv__call *call)
{
	const receipt_plan *plan = call->state;
	inv_sale *sale = inv__arena_zalloc(call->arena, sizeof *sale);
	inv_receipt *out = inv__call_outputs(call, 1);
	paper p = {.decimals = 2};
	inv_status rc;

	if (!sale || !out)
		return inv__call_no_memory(call);
	rc = inv__sales_read(call, &plan->sale, sale, 1);
	if (rc != INV_OK)
		return rc;
	if (!inv__currency_decimals(sale->currency, &p.decimals))
		p.decimals = 2;
	inv__buf_init(&p.text, &call->arena->allocator, TEXT_MAX);
	rc = print(call, &p, plan, sale);
	out->sale = inv_ref_of(sale->id);
	out->sale.code = sale->ticket;
	if (rc == INV_OK)
		out->text = inv__arena_str(call->arena, inv__buf_str(&p.text));
	inv__buf_free(&p.text);
	return rc == INV_OK && !out->text.ptr ? inv__call_no_memory(call) : rc;
}
