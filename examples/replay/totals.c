/* SPDX-License-Identifier: MIT */
/* What the store holds, summed up through its own lists and reports. Nothing here looks at the file
 * again. */
#include "totals.h"

#include <stdlib.h>

/* ---- lists, page by page ---- */

/* Walk a page; true when the next one is wanted. */
static bool walk(const inv_result *page, const struct viewer *viewer)
{
	for (size_t i = 0; i < inv_result_count(page); i++)
		if (!viewer->visit(viewer->ctx, inv_result_at(page, i)))
			return false;
	return inv_result_cursor(page).len > 0;
}

/* Run a listing operation; `cursor` is the query's own. */
static inv_status each(inv_session *session, const char *op, const void *query, inv_str *cursor,
                       const struct viewer *viewer)
{
	const inv_op_desc *desc = inv_schema_op_named(inv_str_of(op));
	inv_result *page = NULL;
	inv_status status = INV_OK;
	bool more = true;

	while (more && status == INV_OK) {
		inv_result *next = NULL;

		status = inv_call(session, desc, query, 1, NULL, &next);
		if (status != INV_OK) {
			report_session(op, session);
			break;
		}
		inv_result_free(page);
		page = next;
		more = walk(page, viewer);
		*cursor = inv_result_cursor(page);
	}
	inv_result_free(page);
	return status;
}

inv_status each_total(inv_session *session, int32_t by, const char *sort,
                      const struct viewer *viewer)
{
	inv_sales_query query = INV_SALES_QUERY_INIT;

	query.by = by;
	query.sort = inv_str_of(sort);
	query.limit = INV_LIMIT_PAGE;
	return each(session, "report.sales", &query, &query.cursor, viewer);
}

static inv_status each_listed(inv_session *session, const char *op, const char *filter,
                              const struct viewer *viewer)
{
	inv_query query = INV_QUERY_INIT;

	query.filter = inv_str_of(filter);
	query.limit = INV_LIMIT_PAGE;
	return each(session, op, &query, &query.cursor, viewer);
}

static inv_status each_balance(inv_session *session, const struct viewer *viewer)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;

	query.limit = INV_LIMIT_PAGE;
	return each(session, "balance.list", &query, &query.cursor, viewer);
}

/* ---- the sums ---- */

static bool count_one(void *ctx, const void *record)
{
	(void)record;
	++*(int64_t *)ctx;
	return true;
}

static bool add_kind(void *ctx, const void *record)
{
	struct totals *totals = ctx;
	const inv_sales_total *row = record;
	const inv_field_desc *kind = inv_schema_field_named(inv_schema_record_named(INV_S("sale")),
	                                                    INV_S("kind"), NULL);

	for (int32_t i = 0; kind && i < TOTALS_KINDS; i++) {
		const char *name = inv_enum_name(inv_schema_enum(kind->of), i);

		if (name && strcmp(name, row->key.ptr) == 0)
			totals->by_kind[i] = *row;
	}
	return true;
}

static void add_day(struct totals *totals, int32_t day)
{
	int32_t *grown = array_grow(totals->days, totals->day_count, &totals->day_capacity,
	                            sizeof *grown);

	totals->no_memory = totals->no_memory || !grown;
	if (!grown)
		return;
	totals->days = grown;
	grown[totals->day_count++] = day;
}

static bool add_sales_day(void *ctx, const void *record)
{
	const inv_sales_total *row = record;
	char instant[40];
	int64_t at;

	snprintf(instant, sizeof instant, "%sT00:00:00Z", row->key.ptr);
	if (inv_instant_parse(inv_str_of(instant), &at) == INV_OK)
		add_day(ctx, (int32_t)(at / INT64_C(86400000000)));
	return true;
}

static bool add_adjustment(void *ctx, const void *record)
{
	struct totals *totals = ctx;
	const inv_posting *posting = record;

	totals->adjustments++;
	totals->adjustment_lines += posting->line_count;
	totals->adjusted += posting->units;
	add_day(totals, posting->business_date);
	return true;
}

static bool add_opening(void *ctx, const void *record)
{
	const inv_posting *posting = record;

	((struct totals *)ctx)->opening += posting->units;
	return true;
}

static bool add_closing(void *ctx, const void *record)
{
	const inv_balance *balance = record;

	((struct totals *)ctx)->closing += balance->on_hand;
	return true;
}

static int by_day(const void *a, const void *b)
{
	int32_t first = *(const int32_t *)a;
	int32_t second = *(const int32_t *)b;

	return (first > second) - (first < second);
}

size_t totals_days(struct totals *totals)
{
	size_t count = 0;

	if (totals->day_count > 1)
		qsort(totals->days, totals->day_count, sizeof *totals->days, by_day);
	for (size_t i = 0; i < totals->day_count; i++)
		count += i == 0 || totals->days[i] != totals->days[i - 1];
	return count;
}

static inv_status gather_sales(inv_session *session, struct totals *totals)
{
	inv_status status = each_total(session, INV_SALES_GROUP_KIND, "",
	                               &(struct viewer){add_kind, totals});

	if (status == INV_OK)
		status = each_total(session, INV_SALES_GROUP_CUSTOMER, "",
		                    &(struct viewer){count_one, &totals->customers});
	if (status == INV_OK)
		status = each_total(session, INV_SALES_GROUP_DAY, "",
		                    &(struct viewer){add_sales_day, totals});
	return status;
}

static inv_status gather_stock(inv_session *session, struct totals *totals)
{
	inv_status status = each_listed(session, "posting.list",
	                                "kind = adjustment and reason = \"" REASON_ADJUSTMENT "\"",
	                                &(struct viewer){add_adjustment, totals});

	if (status == INV_OK)
		status = each_listed(session, "posting.list", "reason = \"" REASON_OPENING "\"",
		                     &(struct viewer){add_opening, totals});
	if (status == INV_OK)
		status = each_listed(session, "product.list", "",
		                     &(struct viewer){count_one, &totals->products});
	if (status == INV_OK)
		status = each_listed(session, "product.list", "stocking = stocked",
		                     &(struct viewer){count_one, &totals->stocked});
	return status == INV_OK ? each_balance(session, &(struct viewer){add_closing, totals}) : status;
}

inv_status totals_gather(inv_session *session, struct totals *totals)
{
	inv_status status;

	memset(totals, 0, sizeof *totals);
	status = gather_sales(session, totals);
	if (status == INV_OK)
		status = gather_stock(session, totals);
	if (status == INV_OK && totals->no_memory)
		status = report_text(INV_E_NO_MEMORY, NULL, "out of memory");
	return status;
}

void totals_free(struct totals *totals)
{
	free(totals->days);
	totals->days = NULL;
}
