/* SPDX-License-Identifier: MIT */
/* Sums over sales. One statement groups the lines; the list's machinery sorts and pages. */
#include "domain/list.h"
#include "domain/ops.h"
#include "util/text.h"

#define SUM_OF(expression) "CAST(COALESCE(SUM(" expression "), 0) AS BIGINT)"
#define SUM_WHERE(kind, column) SUM_OF("CASE WHEN s.kind = " kind " THEN l." column " ELSE 0 END")

/* The literals below are numbers of sale_kind. */
_Static_assert(INV_SALE_KIND_SALE == 0 && INV_SALE_KIND_REFUND == 1 &&
               INV_SALE_KIND_ACCOUNTING == 2, "sale_kind has other numbers");

#define FIGURES \
	", CAST(COUNT(*) AS BIGINT) AS lines" \
	", " SUM_WHERE("0", "quantity") " AS units_sold" \
	", " SUM_WHERE("1", "quantity") " AS units_returned" \
	", " SUM_OF("CASE s.kind WHEN 0 THEN l.quantity WHEN 1 THEN -l.quantity ELSE 0 END") \
	" AS units_net" \
	", " SUM_WHERE("0", "amount") " AS sold" \
	", " SUM_WHERE("1", "amount") " AS refunded" \
	", " SUM_WHERE("2", "amount") " AS accounting" \
	", " SUM_OF("l.amount") " AS net"

/* Looked up once per group, behind the sums. */
#define PRODUCT_SKU "(SELECT p.sku FROM product p WHERE p.id = l.product)"
#define TILL_CODE "COALESCE((SELECT g.code FROM register g WHERE g.id = s.till), '')"
#define MONTH "{month s.business_date}"

/* A document is counted at its first line, except where its lines fall into different groups. */
#define BY_FIRST_LINE SUM_OF("CASE WHEN l.line = 1 THEN 1 ELSE 0 END")
#define BY_SALE "CAST(COUNT(DISTINCT l.sale) AS BIGINT)"

typedef struct grouping {
	const char *key;
	const char *documents;
	const char *group; /* NULL = one row for everything */
} grouping;

static const grouping groupings[] = {
	[INV_SALES_GROUP_TOTAL] = {"''", BY_FIRST_LINE, NULL},
	[INV_SALES_GROUP_DAY] = {"{day s.business_date}", BY_FIRST_LINE, "s.business_date"},
	[INV_SALES_GROUP_MONTH] = {MONTH, BY_FIRST_LINE, MONTH},
	[INV_SALES_GROUP_PRODUCT] = {PRODUCT_SKU, BY_SALE, "l.product"},
	[INV_SALES_GROUP_COUNTRY] = {"s.country", BY_FIRST_LINE, "s.country"},
	[INV_SALES_GROUP_REGISTER] = {TILL_CODE, BY_FIRST_LINE, "s.till"},
	[INV_SALES_GROUP_CUSTOMER] = {"s.customer", BY_FIRST_LINE, "s.customer"},
	[INV_SALES_GROUP_KIND] = {NULL, BY_FIRST_LINE, "s.kind"},
};

/* CASE s.kind WHEN 0 THEN 'sale' … END, of the names in the description. */
static void put_kind(inv__list_sql *sql)
{
	const inv_enum_desc *kinds = inv_schema_enum(INV_ENUM_sale_kind);

	inv__list_sql_puts(sql, "CASE s.kind");
	for (uint32_t i = 0; i < kinds->value_count; i++) {
		const char digit[] = {(char)('0' + kinds->values[i].number % 10), '\0'};

		inv__list_sql_puts(sql, " WHEN ");
		inv__list_sql_puts(sql, digit);
		inv__list_sql_puts(sql, " THEN '");
		inv__list_sql_puts(sql, kinds->values[i].name);
		inv__list_sql_puts(sql, "'");
	}
	inv__list_sql_puts(sql, " ELSE '' END");
}

/* "… WHERE a AND b": the word before the next condition. */
static void put_word(inv__list_sql *sql, bool *first)
{
	inv__list_sql_puts(sql, *first ? " WHERE " : " AND ");
	*first = false;
}

static void put_where(const inv_sales_query *query, inv__list_sql *sql)
{
	bool first = true;

	if (query->from) {
		put_word(sql, &first);
		inv__list_sql_puts(sql, "s.business_date >= ");
		inv__list_sql_int(sql, query->from);
	}
	if (query->to) {
		put_word(sql, &first);
		inv__list_sql_puts(sql, "s.business_date <= ");
		inv__list_sql_int(sql, query->to);
	}
	if (!inv_id_is_none(query->till.id)) {
		const inv_value till = {.type = INV_VALUE_BLOB, .size = sizeof query->till.id.bytes,
		                        .u.p = query->till.id.bytes};

		put_word(sql, &first);
		inv__list_sql_puts(sql, "s.till = ");
		inv__list_sql_value(sql, &till);
	}
	if (query->by == INV_SALES_GROUP_CUSTOMER) {
		put_word(sql, &first);
		inv__list_sql_puts(sql, "s.customer <> ''");
	}
}

static void put_sums(const inv_sales_query *query, const grouping *by, inv__list_sql *sql)
{
	inv__list_sql_puts(sql, "(SELECT ");
	if (by->key)
		inv__list_sql_puts(sql, by->key);
	else
		put_kind(sql);
	inv__list_sql_puts(sql, " AS key, ");
	inv__list_sql_puts(sql, by->documents);
	inv__list_sql_puts(sql, " AS documents" FIGURES
	                        " FROM sale s JOIN sale_line l ON l.sale = s.id");
	put_where(query, sql);
	if (by->group) {
		inv__list_sql_puts(sql, " GROUP BY ");
		inv__list_sql_puts(sql, by->group);
	}
	inv__list_sql_puts(sql, ")");
}

/* What a caller may sort by, and the columns that stand for it. */
static const struct {
	const char *name;
	const char *column;
	const char *descending;
} sorts[] = {
	{"key", "key", "-key"},
	{"units", "units_net", "-units_net"},
	{"revenue", "net", "-net"},
};

static inv_status read_sort(inv__call *call, inv_str sort, inv_str *out)
{
	inv_str name = inv__str_trim(sort);
	bool descending = name.len > 0 && name.ptr[0] == '-';

	*out = (inv_str){"", 0};
	if (name.len == 0)
		return INV_OK;
	if (descending) {
		name.ptr++;
		name.len--;
	}
	for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
		if (!inv__str_is(name, sorts[i].name))
			continue;
		*out = inv_str_of(descending ? sorts[i].descending : sorts[i].column);
		return INV_OK;
	}
	return inv__call_fail(call, INV_E_INVALID, 0, "sort",
	                      "`sort` must be key, units or revenue, with - in front for descending");
}

inv_status inv__claim_report_sales(inv__call *call)
{
	const inv_sales_query *query = inv__call_input(call, 0);
	const size_t count = sizeof groupings / sizeof groupings[0];
	inv__list_source source = {
		.cursor = query->cursor,
		.limit = query->limit,
		.default_sort = "key",
		.last_sort = "key",
		.any_sort = true,
	};
	inv__list_sql sql;
	inv_status rc;

	if (query->by < 0 || (size_t)query->by >= count)
		return inv__call_fail(call, INV_E_INVALID, 0, "by", "`by` is no grouping");
	rc = read_sort(call, query->sort, &source.sort);
	if (rc != INV_OK)
		return rc;
	rc = inv__list_sql_init(&sql, call->arena, 4);
	if (rc == INV_OK) {
		put_sums(query, &groupings[query->by], &sql);
		rc = inv__list_sql_end(&sql, call->arena, &source.from);
	}
	if (rc != INV_OK)
		return inv__call_no_memory(call);
	source.values = sql.values;
	source.value_count = sql.value_count;
	return inv__list_claim(call, &source);
}

inv_status inv__decide_report_sales(inv__call *call)
{
	return inv__list_decide(call);
}
