/* SPDX-License-Identifier: MIT */
/* Pages of any record: one statement, made from the record's description and the caller's filter,
 * sort and cursor. The page is cut first; the codes of what it refers to are joined to it after. */
#include "domain/list.h"
#include "domain/ops.h"
#include "util/hash.h"

/* What decide needs of claim. */
typedef struct list_plan {
	const inv_record_desc *record;
	inv__filter filter;
	inv__order order;
	inv__question question;
	inv_value after[INV__ORDER_MAX];
	bool has_after;
	size_t limit;
	size_t width; /* stored fields; the codes of references follow */
	size_t statement;
} list_plan;

/* ---- the question ---- */

static void add_text(inv__hasher *hasher, const char *text, size_t size)
{
	uint64_t length = size;

	inv__hasher_add(hasher, &length, sizeof length);
	if (size)
		inv__hasher_add(hasher, text, size);
}

static void add_string(inv__hasher *hasher, const char *text)
{
	add_text(hasher, text, text ? strlen(text) : 0);
}

static void ask(const inv__call *call, const inv__list_source *source, inv__question *out)
{
	inv__hasher hasher;

	inv__hasher_init(&hasher, NULL, 0);
	add_string(&hasher, call->op->name);
	add_text(&hasher, source->from.ptr, source->from.len);
	add_string(&hasher, source->columns);
	add_string(&hasher, source->group);
	add_string(&hasher, source->where);
	add_text(&hasher, source->filter.ptr, source->filter.len);
	add_text(&hasher, source->sort.ptr, source->sort.len);
	for (size_t i = source->loose_count; i < source->value_count; i++) {
		const inv_value *v = &source->values[i];

		inv__hasher_add(&hasher, &v->type, sizeof v->type);
		if (v->type == INV_VALUE_INT)
			inv__hasher_add(&hasher, &v->u.i, sizeof v->u.i);
		else
			add_text(&hasher, v->u.p, v->size);
	}
	inv__hasher_end(&hasher, out->digest);
}

static inv_status parse_order(const inv__list_source *source, list_plan *plan,
                              inv__problems *problems)
{
	const inv_record_desc *record = plan->record;
	inv_status rc =
		inv__order_parse(record, source->sort, source->any_sort, problems, &plan->order);

	if (rc == INV_OK && plan->order.count == 0) {
		const inv_field_desc *code = inv__code_field(record);
		const char *text = source->default_sort;

		if (!text && code && (code->flags & INV_FIELD_REQUIRED))
			text = code->name;
		rc = inv__order_complete(record, text, problems, &plan->order);
	}
	if (rc == INV_OK)
		rc = inv__order_complete(record, source->last_sort, problems, &plan->order);
	return rc;
}

static inv_status parse(inv__call *call, const inv__list_source *source, list_plan *plan)
{
	inv__problems problems = {call->error, inv_schema_record(call->op->input)->name, 0};
	inv_status rc;

	rc = inv__filter_parse(plan->record, source->filter, call->arena, &problems, &plan->filter);
	if (rc == INV_OK)
		rc = parse_order(source, plan, &problems);
	if (rc != INV_OK)
		return rc;
	ask(call, source, &plan->question);
	plan->has_after = source->cursor.len > 0;
	if (plan->has_after)
		rc = inv__cursor_read(&plan->question, &plan->order, source->cursor, call->arena,
		                      &problems, plan->after);
	return rc;
}

/* ---- SQL ---- */

/* The code that a reference is shown with; NULL when it has none. */
static const inv_field_desc *code_of(const inv_field_desc *field, const inv_table_desc **table)
{
	if (field->kind != INV_KIND_REF || !inv__field_is_stored(field))
		return NULL;
	*table = inv_schema_table(field->ref);
	return *table ? inv__code_field(inv_schema_record((*table)->record)) : NULL;
}

/* t.category IN (SELECT j.id FROM category j WHERE lower(j.code) = ?): right for codes that name
 * nothing, also when negated. */
static void put_by_code(const inv__condition *c, inv__list_sql *sql)
{
	const inv_table_desc *table = NULL;
	const inv_field_desc *code = code_of(c->field, &table);

	inv__list_sql_column(sql, c->field, false);
	inv__list_sql_puts(sql, c->op == INV__FILTER_UNEQUAL ? " NOT IN" : " IN");
	inv__list_sql_puts(sql, " (SELECT j.id FROM ");
	inv__list_sql_puts(sql, table->name);
	inv__list_sql_puts(sql, " j WHERE lower(j.");
	inv__list_sql_puts(sql, code->name);
	inv__list_sql_puts(sql, ") = ");
	inv__list_sql_value(sql, &c->value);
	inv__list_sql_puts(sql, ")");
}

/* A JSON array of strings holds a value when taking its JSON out changes it. */
static void put_contains(const inv__condition *c, inv__list_sql *sql)
{
	inv__list_sql_puts(sql, "replace(");
	inv__list_sql_column(sql, c->field, false);
	inv__list_sql_puts(sql, ", ");
	inv__list_sql_value(sql, &c->value);
	inv__list_sql_puts(sql, c->op == INV__FILTER_UNEQUAL ? ", '') = " : ", '') <> ");
	inv__list_sql_column(sql, c->field, false);
}

/* substr(t.name, 1, length(?1)) = ?1 */
static void put_starts(const inv__condition *c, inv__list_sql *sql)
{
	inv__list_sql_puts(sql, "substr(");
	inv__list_sql_column(sql, c->field, c->folded);
	inv__list_sql_puts(sql, ", 1, length(");
	inv__list_sql_value(sql, &c->value);
	inv__list_sql_puts(sql, ")) = ");
	inv__list_sql_value(sql, &c->value);
}

static void put_condition(const inv__condition *c, inv__list_sql *sql)
{
	static const char *const operators[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};

	if (c->by_code) {
		put_by_code(c, sql);
	} else if (c->field->kind == INV_KIND_STRINGS) {
		put_contains(c, sql);
	} else if (c->op == INV__FILTER_STARTS) {
		put_starts(c, sql);
	} else {
		inv__list_sql_column(sql, c->field, c->folded);
		inv__list_sql_puts(sql, operators[c->op]);
		inv__list_sql_value(sql, &c->value);
	}
}

static void put_where(const inv__list_source *source, const list_plan *plan, inv__list_sql *sql)
{
	const inv_field_desc *archived =
		inv_schema_field_named(plan->record, INV_S("archived"), NULL);
	const char *word = " WHERE ";

	if (source->where) {
		inv__list_sql_puts(sql, word);
		inv__list_sql_puts(sql, source->where);
		word = " AND ";
	}
	if (archived && !inv__filter_names(&plan->filter, archived)) {
		inv__list_sql_puts(sql, word);
		inv__list_sql_puts(sql, "t.archived = ");
		inv__list_sql_int(sql, 0);
		word = " AND ";
	}
	for (size_t i = 0; i < plan->filter.count; i++) {
		inv__list_sql_puts(sql, word);
		put_condition(&plan->filter.items[i], sql);
		word = " AND ";
	}
	if (plan->has_after) {
		inv__list_sql_puts(sql, word);
		inv__order_after_sql(&plan->order, plan->after, sql);
	}
}

/* The page: one record more than asked for tells whether there is a next one. */
static void put_page(const inv__list_source *source, const list_plan *plan, inv__list_sql *sql)
{
	inv__list_sql_puts(sql, "SELECT ");
	if (source->columns)
		inv__list_sql_puts(sql, source->columns);
	else
		inv__row_columns(plan->record, "t.", &sql->text);
	inv__list_sql_puts(sql, " FROM ");
	inv__buf_put(&sql->text, source->from.ptr, source->from.len);
	inv__list_sql_puts(sql, " t");
	put_where(source, plan, sql);
	if (source->group) {
		inv__list_sql_puts(sql, " GROUP BY ");
		inv__list_sql_puts(sql, source->group);
	}
	inv__order_sql(&plan->order, sql);
	inv__list_sql_puts(sql, " LIMIT ");
	inv__list_sql_int(sql, (int64_t)plan->limit + 1);
}

static void put_alias(uint32_t field, inv__list_sql *sql)
{
	const char digits[] = {(char)('0' + field / 10 % 10), (char)('0' + field % 10), '\0'};

	inv__list_sql_puts(sql, "j");
	inv__list_sql_puts(sql, digits);
}

static void put_codes(const inv_record_desc *record, inv__list_sql *sql)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_table_desc *table = NULL;
		const inv_field_desc *code = code_of(&record->fields[i], &table);

		if (!code)
			continue;
		inv__list_sql_puts(sql, ", ");
		put_alias(i, sql);
		inv__list_sql_puts(sql, ".");
		inv__list_sql_puts(sql, code->name);
	}
}

static void put_joins(const inv_record_desc *record, inv__list_sql *sql)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_table_desc *table = NULL;

		if (!code_of(&record->fields[i], &table))
			continue;
		inv__list_sql_puts(sql, " LEFT JOIN ");
		inv__list_sql_puts(sql, table->name);
		inv__list_sql_puts(sql, " ");
		put_alias(i, sql);
		inv__list_sql_puts(sql, " ON ");
		put_alias(i, sql);
		inv__list_sql_puts(sql, ".id = t.");
		inv__list_sql_puts(sql, record->fields[i].name);
	}
}

static void put_list(const inv__list_source *source, const list_plan *plan, inv__list_sql *sql)
{
	inv__list_sql_puts(sql, "SELECT ");
	inv__row_columns(plan->record, "t.", &sql->text);
	put_codes(plan->record, sql);
	inv__list_sql_puts(sql, " FROM (");
	put_page(source, plan, sql);
	inv__list_sql_puts(sql, ") t");
	put_joins(plan->record, sql);
	inv__order_sql(&plan->order, sql);
}

/* ---- claim ---- */

static size_t page_size(int64_t limit)
{
	if (limit <= 0)
		return INV__PAGE_DEFAULT;
	return limit < (int64_t)INV_LIMIT_PAGE ? (size_t)limit : INV_LIMIT_PAGE;
}

/* A reference without a code can only be compared by id. */
static inv_status check_codes(inv__call *call, const inv__filter *filter)
{
	for (size_t i = 0; i < filter->count; i++) {
		const inv_table_desc *table = NULL;

		if (filter->items[i].by_code && !code_of(filter->items[i].field, &table))
			return inv__call_fail(call, INV_E_INVALID, 0, "filter",
			                      "`%s` must be compared with an id",
			                      filter->items[i].field->name);
	}
	return INV_OK;
}

inv_status inv__list_claim(inv__call *call, const inv__list_source *source)
{
	list_plan *plan = inv__arena_zalloc(call->arena, sizeof *plan);
	inv__list_sql sql;
	inv_str text = {NULL, 0};
	inv_status rc;

	if (!plan)
		return inv__call_no_memory(call);
	call->state = plan;
	plan->record = inv_schema_record(call->op->output);
	plan->limit = page_size(source->limit);
	plan->width = inv__row_width(plan->record);
	rc = parse(call, source, plan);
	if (rc == INV_OK)
		rc = check_codes(call, &plan->filter);
	if (rc != INV_OK)
		return rc;
	/* A condition takes two values at most, a key of a mixed order two. */
	rc = inv__list_sql_init(&sql, call->arena, source->value_count + 2 * INV__FILTER_MAX +
	                        2 * INV__ORDER_MAX + 4);
	if (rc != INV_OK)
		return inv__call_no_memory(call);
	if (source->value_count)
		memcpy(sql.values, source->values, source->value_count * sizeof *source->values);
	sql.value_count = source->value_count;
	put_list(source, plan, &sql);
	rc = inv__list_sql_end(&sql, call->arena, &text);
	if (rc != INV_OK)
		return inv__call_no_memory(call);
	plan->statement = inv__batch_add_text(call->batch, text);
	for (size_t i = 0; i < sql.value_count; i++)
		inv__batch_value(call->batch, &sql.values[i]);
	return INV_OK;
}

/* ---- decide ---- */

static void read_codes(const list_plan *plan, const inv_rows *rows, size_t row, void *out)
{
	const inv_record_desc *record = plan->record;
	size_t column = plan->width;

	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_table_desc *table = NULL;
		inv_ref *ref;

		if (!code_of(&record->fields[i], &table))
			continue;
		ref = inv__field_of(&record->fields[i], out);
		ref->code = inv__cell_str(rows, row, column++);
	}
}

inv_status inv__list_decide(inv__call *call)
{
	const list_plan *plan = call->state;
	const inv_rows *rows = inv__batch_result(call->batch, plan->statement);
	size_t count = rows->row_count < plan->limit ? rows->row_count : plan->limit;
	char *outputs = inv__call_outputs(call, count);
	inv_status rc = INV_OK;

	if (!outputs)
		return inv__call_no_memory(call);
	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		void *out = outputs + i * plan->record->size;

		rc = inv__row_read(plan->record, inv__cell(rows, i, 0), call->arena, out);
		if (rc == INV_OK)
			read_codes(plan, rows, i, out);
	}
	if (rc == INV_OK && rows->row_count > count)
		rc = inv__cursor_write(&plan->question, &plan->order, inv__cell(rows, count - 1, 0),
		                       call->arena, &call->cursor);
	if (rc == INV_E_NO_MEMORY)
		return inv__call_no_memory(call);
	if (rc != INV_OK)
		return inv__call_fail(call, rc, 0, NULL, "a row of the list cannot be read");
	return INV_OK;
}

/* ---- lists of tables ---- */

inv_status inv__claim_master_list(inv__call *call)
{
	const inv_query *query = inv__call_input(call, 0);
	const inv_table_desc *table = inv__table_of_record(call->op->output);
	const inv__list_source source = {
		.from = inv_str_of(table->name),
		.filter = query->filter,
		.sort = query->sort,
		.cursor = query->cursor,
		.limit = query->limit,
	};

	return inv__list_claim(call, &source);
}

inv_status inv__decide_master_list(inv__call *call)
{
	return inv__list_decide(call);
}
