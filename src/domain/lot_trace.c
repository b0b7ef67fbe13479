/* SPDX-License-Identifier: MIT */
/* lot.trace: from lots to what happened to them, and from documents and customers to lots. */
#include "domain/list.h"
#include "domain/ops.h"
#include "domain/well_known.h"
#include "util/text.h"

/* The literals below are numbers of these enums. */
_Static_assert((int)INV_POSTING_KIND_RECEIPT == (int)INV_TRACE_KIND_RECEIPT &&
               (int)INV_POSTING_KIND_REVERSAL == (int)INV_TRACE_KIND_REVERSAL &&
               INV_TRACE_KIND_SALE == 5 + INV_SALE_KIND_SALE &&
               INV_TRACE_KIND_REFUND == 5 + INV_SALE_KIND_REFUND, "trace_kind has other numbers");

/* Moves `m` of tracked accounts `a`, by event `e` of posting `p` or sale `s`. */
#define MOVE_COLUMNS(kind, source, document, ticket, customer) \
	"SELECT a.product, a.lot, a.serial, m.occurred_at, " kind " AS kind, " source " AS source," \
	" m.line, " document " AS document, " ticket " AS ticket, " customer " AS customer," \
	" m.quantity, a.location, a.condition, m.other_location FROM "
#define OF_EITHER \
	MOVE_COLUMNS("COALESCE(p.kind, 5 + s.kind)", "COALESCE(p.id, s.id)", \
	             "COALESCE(p.document, s.document)", "COALESCE(s.ticket, '')", \
	             "COALESCE(s.customer, '')")
#define OF_POSTING MOVE_COLUMNS("p.kind", "p.id", "p.document", "''", "''")
#define TRACKED "(a.lot <> '' OR a.serial <> '')"

/* What documents sold stands in their lines: no move is looked for. */
#define SOLD \
	"SELECT l.product, lower(l.lot) AS lot, lower(l.serial) AS serial, s.occurred_at," \
	" 5 + s.kind AS kind, s.id AS source, l.line, s.document, s.ticket, s.customer," \
	" CASE WHEN s.kind = 1 THEN l.quantity ELSE -l.quantity END AS quantity," \
	" CASE WHEN l.location = {no_id} THEN s.location ELSE l.location END AS location," \
	" l.condition, c.id AS other_location FROM sale s" \
	" CROSS JOIN sale_line l JOIN location c ON c.id = ?1" \
	" WHERE l.sale = s.id AND (l.lot <> '' OR l.serial <> '')" \
	" AND NOT (s.kind = 1 AND l.no_restock = 1)"

static void put_text(inv__list_sql *sql, const char *condition, inv_str value)
{
	const inv_value v = {.type = INV_VALUE_TEXT, .size = (uint32_t)value.len,
	                     .u.p = value.ptr};

	if (value.len == 0)
		return;
	inv__list_sql_puts(sql, " AND ");
	inv__list_sql_puts(sql, condition);
	inv__list_sql_puts(sql, " = ");
	inv__list_sql_value(sql, &v);
}

static void put_id(inv__list_sql *sql, const char *condition, const inv_id *id)
{
	const inv_value v = {.type = INV_VALUE_BLOB, .size = sizeof id->bytes, .u.p = id->bytes};

	if (inv_id_is_none(*id))
		return;
	inv__list_sql_puts(sql, " AND ");
	inv__list_sql_puts(sql, condition);
	inv__list_sql_puts(sql, " = ");
	inv__list_sql_value(sql, &v);
}

/* From a product's lots on: their moves, and whose those were. */
static void put_forward(const inv_lot_trace_query *query, inv__list_sql *sql)
{
	inv__list_sql_puts(sql, OF_EITHER "account a CROSS JOIN account_move m"
	                        " CROSS JOIN event e LEFT JOIN posting p ON p.id = e.subject"
	                        " LEFT JOIN sale s ON s.id = e.subject"
	                        " WHERE m.account = a.number AND e.id = m.event AND " TRACKED);
	put_id(sql, "a.product", &query->product.id);
	put_text(sql, "a.lot", query->lot);
	put_text(sql, "a.serial", query->serial);
	put_text(sql, "s.customer", query->customer);
	put_text(sql, "COALESCE(p.document, s.document)", query->document);
}

/* From documents and customers on: `sold_to` is where sold goods go. Postings have no customer;
 * theirs are the moves at their instant. */
static void put_backward(const inv_lot_trace_query *query, const inv_id *sold_to,
                         inv__list_sql *sql)
{
	inv__list_sql_bind(sql, &(inv_value){.type = INV_VALUE_BLOB, .size = sizeof sold_to->bytes,
	                                     .u.p = sold_to->bytes});
	inv__list_sql_puts(sql, SOLD);
	put_text(sql, "s.document", query->document);
	put_text(sql, "s.customer", query->customer);
	if (query->customer.len > 0)
		return;
	inv__list_sql_puts(sql, " UNION ALL " OF_POSTING "posting p CROSS JOIN account a"
	                        " CROSS JOIN account_move m CROSS JOIN event e WHERE " TRACKED
	                        " AND m.account = a.number AND m.occurred_at = p.occurred_at"
	                        " AND e.id = m.event AND e.subject = p.id");
	put_text(sql, "p.document", query->document);
}

static inv_status check(inv__call *call, const inv_lot_trace_query *query)
{
	bool product = !inv_id_is_none(query->product.id);

	if (!product && (query->lot.len > 0 || query->serial.len > 0))
		return inv__call_fail(call, INV_E_INVALID, 0, "product",
		                      "a lot's code or a serial number goes with its product");
	if (!product && query->document.len == 0 && query->customer.len == 0)
		return inv__call_fail(call, INV_E_INVALID, 0, "product",
		                      "name a product, a document or a customer");
	return INV_OK;
}

inv_status inv__claim_lot_trace(inv__call *call)
{
	inv_lot_trace_query *query = inv__arena_alloc(call->arena, sizeof *query);
	static const char order[] = "occurred_at,source,line,location,condition,lot,serial";
	inv__list_source source = {
		.default_sort = order,
		.last_sort = order,
		.any_sort = true,
	};
	inv__list_sql sql;
	inv_id *sold_to = inv__arena_alloc(call->arena, sizeof *sold_to);
	inv_status rc = check(call, inv__call_input(call, 0));

	if (rc != INV_OK)
		return rc;
	if (!query || !sold_to)
		return inv__call_no_memory(call);
	*query = *(const inv_lot_trace_query *)inv__call_input(call, 0);
	source.cursor = query->cursor;
	source.limit = query->limit;
	*sold_to = INV__LOCATION_CUSTOMER;
	query->lot = inv__str_fold(call->arena, query->lot);
	query->serial = inv__str_fold(call->arena, query->serial);
	rc = inv__list_sql_init(&sql, call->arena, 8);
	if (rc != INV_OK)
		return inv__call_no_memory(call);
	inv__list_sql_puts(&sql, "(");
	if (inv_id_is_none(query->product.id))
		put_backward(query, sold_to, &sql);
	else
		put_forward(query, &sql);
	inv__list_sql_puts(&sql, ")");
	rc = inv__list_sql_end(&sql, call->arena, &source.from);
	if (rc != INV_OK || call->arena->failed)
		return inv__call_no_memory(call);
	source.values = sql.values;
	source.value_count = sql.value_count;
	return inv__list_claim(call, &source);
}

inv_status inv__decide_lot_trace(inv__call *call)
{
	return inv__list_decide(call);
}
