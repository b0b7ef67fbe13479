/* SPDX-License-Identifier: MIT */
/* A till document whose lines stand: its total, how it was paid, its ticket, the guard, its
 * events. */
#include "domain/sale.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

#define TICKET_MAX 128u
#define NUMBER_DIGITS 6u

/* ---- money ---- */

static inv_status too_much(inv__call *call, size_t index, const char *field)
{
	return inv__call_fail(call, INV_E_LIMIT, index, field, "it comes to more than can be counted");
}

static inv_status add_cash(inv__call *call, inv_sale *sale)
{
	inv_tender *cash = inv__arena_zalloc(call->arena, sizeof *cash);

	if (!cash)
		return inv__call_no_memory(call);
	cash->struct_size = sizeof *cash;
	cash->method = INV_S("cash");
	sale->tenders = inv_list_of(cash, 1, sizeof *cash);
	return INV_OK;
}

static inv_status refuse_payment(inv__call *call, size_t index, const inv__settlement *s, int why)
{
	const char *amount = inv__line_field(call, "tenders", s->at, "amount");
	char paid[24], total[24];

	inv__decimal_format(s->paid, 4, paid);
	inv__decimal_format(s->total, 4, total);
	switch (why) {
	case INV__SETTLE_STEP:
		return inv__call_fail(call, INV_E_INVALID, index, amount,
		                      "it is no multiple of the smallest amount that can be paid so");
	case INV__SETTLE_SIGN:
		return inv__call_fail(call, INV_E_INVALID, index, amount,
		                      s->pays_out ? "the shop gives money back: the amount must be negative"
		                                  : "an amount handed over cannot be negative");
	case INV__SETTLE_TWO_OPEN:
		return inv__call_fail(call, INV_E_INVALID, index, amount,
		                      "only one payment can be without an amount");
	case INV__SETTLE_RANGE:
		return too_much(call, index, amount);
	case INV__SETTLE_SHORT:
		return inv__call_fail(call, INV_E_INVALID, index, "tenders",
		                      "the payments come to %s, but the total is %s", paid, total);
	default:
		return inv__call_fail(call, INV_E_INVALID, index, "tenders",
		                      "the payments come to %s for a total of %s, and change is given "
		                      "from cash alone",
		                      paid, total);
	}
}

/* Refunds never give more than was paid, and the last one gives all that is left. */
static void limit_refund(const inv__sale_work *work, inv__settlement *s)
{
	if (!work->linked)
		return;
	s->limit = work->left;
	if (work->whole)
		s->due = -work->left;
}

static inv_status set_payment(inv__call *call, const inv__sale_work *work, size_t index)
{
	inv_sale *sale = &work->sales[index];
	inv__settlement s = {.cash_step = work->scenes[index].cash_rounding, .limit = INT64_MAX};
	inv_status rc = sale->tenders.count > 0 ? INV_OK : add_cash(call, sale);
	uint32_t decimals;
	int why;

	if (rc != INV_OK)
		return rc;
	if (!inv__currency_decimals(sale->currency, &decimals))
		return inv__call_fail(call, INV_E_STATE, index, "currency",
		                      "the settings' base currency is none");
	if (!inv__sale_subtotal(&sale->lines, &sale->subtotal))
		return too_much(call, index, "lines");
	s.minor = inv__sale_minor(decimals);
	s.due = sale->subtotal;
	s.pays_out = sale->kind == INV_SALE_KIND_REFUND || sale->subtotal < 0;
	limit_refund(work, &s);
	why = inv__tenders_settle(&s, (inv_tender *)(uintptr_t)sale->tenders.ptr,
	                          sale->tenders.count);
	if (why != INV__SETTLE_OK)
		return refuse_payment(call, index, &s, why);
	sale->total = s.total;
	sale->rounding = s.total - sale->subtotal;
	sale->change = s.change;
	return INV_OK;
}

/* ---- tickets ---- */

/* Numbers of a till go on from the last document of this call, else from the stored counter. */
static int64_t next_number(const inv__sale_work *work, size_t index)
{
	for (size_t i = index; i-- > 0;)
		if (inv__id_equal(work->sales[i].till.id, work->sales[index].till.id))
			return work->sales[i].number + 1;
	return work->scenes[index].last_number + 1;
}

static void put_number(inv__buf *out, int64_t number)
{
	char digits[24];
	size_t len = inv__int_format(number, digits);

	for (size_t i = len; i < NUMBER_DIGITS; i++)
		inv__buf_putc(out, '0');
	inv__buf_put(out, digits, len);
}

static void put_ticket(inv__buf *out, const inv__scene *scene, int64_t number)
{
	inv_str till = INV_S("{till}"), digits = INV_S("{number}");
	inv_str rest = scene->ticket_format.len ? scene->ticket_format : INV_S("{till}-{number}");

	while (rest.len) {
		size_t step = 1;

		if (inv__str_starts(rest, till)) {
			inv__buf_put(out, scene->till_code.ptr, scene->till_code.len);
			step = till.len;
		} else if (inv__str_starts(rest, digits)) {
			put_number(out, number);
			step = digits.len;
		} else {
			inv__buf_putc(out, *rest.ptr);
		}
		rest.ptr += step;
		rest.len -= step;
	}
}

static inv_status set_ticket(inv__call *call, const inv__sale_work *work, size_t index)
{
	inv_sale *sale = &work->sales[index];
	inv_status rc;
	inv__buf text;

	sale->number = next_number(work, index);
	inv__buf_init(&text, &call->arena->allocator, TICKET_MAX);
	put_ticket(&text, &work->scenes[index], sale->number);
	rc = text.status;
	if (rc == INV_OK)
		sale->ticket = inv__arena_str(call->arena, inv__buf_str(&text));
	inv__buf_free(&text);
	if (rc == INV_E_LIMIT)
		return inv__call_fail(call, rc, index, "ticket",
		                      "by the settings' ticket_format it has more than %u characters",
		                      TICKET_MAX);
	return rc == INV_OK && sale->ticket.ptr ? INV_OK : inv__call_no_memory(call);
}

/* ---- the guard ---- */

static int64_t floor_of(const inv__scene *scene)
{
	if (scene->guard == INV_GUARD_OBSERVE)
		return INT64_MIN;
	return scene->guard == INV_GUARD_BACKORDER ? -scene->backorder_limit : 0;
}

/* Documents of one call may come from several channels: the strictest that touches an account
 * guards it. */
static inv__guard_rule rule_of(const inv__sale_work *work, const inv__leg *legs, size_t count)
{
	const inv__scene *strictest = &work->scenes[legs[0].input];

	for (size_t i = 1; i < count; i++)
		if (floor_of(&work->scenes[legs[i].input]) > floor_of(strictest))
			strictest = &work->scenes[legs[i].input];
	return (inv__guard_rule){strictest->guard, false, strictest->backorder_limit};
}

static void note_shortfalls(const inv__sale_work *work, const int64_t *shortfalls)
{
	for (size_t i = 0; i < work->leg_count; i++) {
		const inv__leg *leg = &work->legs[i];
		inv_sale_line *line = inv__sale_line_of(&work->sales[leg->input], leg->line);

		inv__shortfall_note(leg, shortfalls[i], &line->parts, &line->shortfall);
	}
}

static inv_status guard_accounts(inv__call *call, const inv__sale_work *work,
                                 const inv__accounts *accounts, int64_t *shortfalls)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < accounts->count; i++) {
		const inv__accounts one = {.list = &accounts->list[i], .count = 1};
		const inv__leg *legs = one.list->key;
		size_t from = (size_t)(legs - work->legs);
		size_t count = (i + 1 < accounts->count ? (size_t)(one.list[1].key - work->legs)
		                                        : work->leg_count) - from;

		rc = inv__guard(call, rule_of(work, legs, count), &one, legs, count, shortfalls + from);
	}
	return rc;
}

/* Goods that come back are never refused; reading their accounts finds those that would hold more
 * than can be counted. */
static inv_status guard_stock(inv__call *call, inv__sale_work *work)
{
	int64_t *shortfalls;
	inv_status rc;

	if (work->leg_count == 0)
		return INV_OK;
	rc = inv__legs_absorb(call, &work->accounts, &work->legs, &work->leg_count);
	if (rc != INV_OK)
		return rc;
	shortfalls = inv__arena_array(call->arena, work->leg_count, sizeof *shortfalls);
	if (!shortfalls)
		return inv__call_no_memory(call);
	rc = inv__accounts_sum(call, work->legs, work->leg_count, &work->accounts, &work->sums);
	if (rc == INV_OK && call->op->number != INV_OP_sale_refund)
		rc = guard_accounts(call, work, &work->sums, shortfalls);
	if (rc == INV_OK && call->op->number != INV_OP_sale_refund)
		rc = inv__guard_nodes(call, rule_of(work, work->legs, work->leg_count), &work->accounts,
		                      work->legs, work->leg_count);
	if (rc == INV_OK)
		note_shortfalls(work, shortfalls);
	return rc;
}

/* ---- events ---- */

/* One stock.shortage for each document that went short or whose instant was set back. */
static inv_status add_shortage(inv__call *call, const inv__sale_work *work, const inv_sale *sale,
                               bool clamped)
{
	inv_shortage *s;
	inv_shortage_line *lines;
	size_t most = 0, n = 0;
	inv_status rc;

	for (size_t i = 0; i < sale->lines.count; i++) {
		const inv_sale_line *line = inv__sale_line_of(sale, i);

		most += inv__shortage_lines(&line->parts, line->product, sale->location, line->shortfall,
		                            NULL);
	}
	if (most == 0 && !clamped)
		return INV_OK;
	s = inv__arena_zalloc(call->arena, sizeof *s);
	lines = inv__arena_array(call->arena, most + 1, sizeof *lines);
	if (!s || !lines)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < sale->lines.count; i++) {
		const inv_sale_line *line = inv__sale_line_of(sale, i);
		inv_ref place = inv_id_is_none(line->location.id) ? sale->location : line->location;

		n += inv__shortage_lines(&line->parts, line->product, place, line->shortfall, lines + n);
	}
	s->struct_size = sizeof *s;
	s->source = sale->id;
	s->clamped = clamped;
	s->lines = inv_list_of(lines, n, sizeof *lines);
	rc = inv__holds_list(call, &work->accounts, &s->lines, &s->holds);
	if (rc != INV_OK)
		return rc;
	return inv__call_event(call, INV_EVENT_stock_shortage, sale->id, sale->occurred_at,
	                       sale->business_date, s);
}

static inv_status add_events(inv__call *call, inv__sale_work *work, size_t index)
{
	inv_sale *sale = &work->sales[index];
	inv_status rc = INV_OK;

	if (inv_id_is_none(sale->id))
		rc = inv__call_new_id(call, &sale->id);
	if (rc == INV_OK)
		rc = inv__call_event(call, INV_EVENT_sale_closed, sale->id, sale->occurred_at,
		                     sale->business_date, sale);
	if (rc == INV_OK)
		inv__call_event_place(call, sale->location.id, sale->channel.id);
	if (rc == INV_OK)
		rc = inv__commits_events(call, &work->commits, index, sale->id, sale->occurred_at,
		                         sale->business_date);
	return rc == INV_OK ? add_shortage(call, work, sale, work->clamped[index]) : rc;
}

inv_status inv__sales_finish(inv__call *call, inv__sale_work *work)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		rc = set_payment(call, work, i);
		if (rc == INV_OK)
			rc = set_ticket(call, work, i);
	}
	if (rc == INV_OK)
		rc = guard_stock(call, work);
	if (rc == INV_OK && work->accounts.overdue_count > 0)
		rc = inv__holds_expire(call, &work->scenes[0], &work->accounts);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = add_events(call, work, i);
	return rc == INV_OK ? inv__watch(call, &work->scenes[0], &work->sums) : rc;
}
