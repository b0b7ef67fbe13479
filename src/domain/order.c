/* SPDX-License-Identifier: MIT */
/* The order of a list: its grammar, its SQL, and what comes behind a record in it. */
#include "domain/list.h"
#include "util/text.h"

/* Names the fields one may sort by. */
static inv_status no_field(const inv_record_desc *record, bool any, inv_str name,
                           inv__problems *problems)
{
	char names[160] = "";
	size_t len = 0;

	for (uint32_t i = 0; i < record->field_count && len < sizeof names - 1; i++) {
		const inv_field_desc *f = &record->fields[i];

		if (!(any ? inv__field_is_stored(f) : (f->flags & INV_FIELD_SORT) != 0))
			continue;
		inv__format(names + len, sizeof names - len, "%s%s", len ? ", " : "", f->name);
		len = strlen(names);
	}
	return inv__problem_add(problems, INV_E_INVALID, NULL, "sort",
	                        "cannot sort by `%.*s`; expected fields of: %s",
	                        (int)(name.len < 40 ? name.len : 40), name.ptr, names);
}

static bool has_key(const inv__order *order, const inv_field_desc *field)
{
	for (size_t i = 0; i < order->count; i++)
		if (order->keys[i].field == field)
			return true;
	return false;
}

static uint32_t column_of(const inv_record_desc *record, const inv_field_desc *field)
{
	uint32_t column = 0;

	for (const inv_field_desc *f = record->fields; f != field; f++)
		column += inv__field_is_stored(f);
	return column;
}

static void add_key(const inv_record_desc *record, const inv_field_desc *field, bool descending,
                    inv__order *order)
{
	inv__key *key = &order->keys[order->count++];

	key->field = field;
	key->column = column_of(record, field);
	key->descending = descending;
	key->folded = (field->flags & INV_FIELD_UNIQUE) != 0;
	/* A unique code may be empty, and then is not unique, unless it is required. */
	if (key->folded && (field->flags & INV_FIELD_REQUIRED))
		order->total = true;
}

/* The next name of "a, -b"; moves `rest` behind its comma. */
static inv_str next_name(inv_str *rest, bool *descending)
{
	const char *comma = memchr(rest->ptr, ',', rest->len);
	inv_str name = {rest->ptr, comma ? (size_t)(comma - rest->ptr) : rest->len};
	size_t used = name.len + (comma ? 1 : 0);

	rest->ptr += used;
	rest->len -= used;
	name = inv__str_trim(name);
	*descending = name.len > 0 && name.ptr[0] == '-';
	if (*descending) {
		name.ptr++;
		name.len--;
	}
	return name;
}

inv_status inv__order_parse(const inv_record_desc *record, inv_str text, bool any,
                            inv__problems *problems, inv__order *out)
{
	inv_str rest = inv__str_trim(text);
	bool more = rest.len > 0;

	memset(out, 0, sizeof *out);
	while (more) {
		const inv_field_desc *field;
		bool descending;
		inv_str name;

		more = memchr(rest.ptr, ',', rest.len) != NULL;
		name = next_name(&rest, &descending);
		field = inv_schema_field_named(record, name, NULL);
		if (!field || !inv__field_is_stored(field) || !(any || (field->flags & INV_FIELD_SORT)))
			return no_field(record, any, name, problems);
		if (has_key(out, field))
			return inv__problem_add(problems, INV_E_INVALID, NULL, "sort",
			                        "`%s` stands in the sort twice", field->name);
		if (out->count == INV__SORT_MAX)
			return inv__problem_add(problems, INV_E_INVALID, NULL, "sort",
			                        "a sort may have %u fields at most", INV__SORT_MAX);
		add_key(record, field, descending, out);
	}
	return INV_OK;
}

inv_status inv__order_complete(const inv_record_desc *record, const char *text,
                               inv__problems *problems, inv__order *order)
{
	inv_str rest = inv_str_of(text);
	/* Ties go the way of the last key, so that one comparison of rows serves. */
	bool last = order->count > 0 && order->keys[order->count - 1].descending;

	while (rest.len > 0) {
		bool descending;
		inv_str name = next_name(&rest, &descending);
		const inv_field_desc *field = inv_schema_field_named(record, name, NULL);

		if (!field || order->count == INV__ORDER_MAX)
			return inv__problem_add(problems, INV_E_INTERNAL, NULL, "sort",
			                        "the list has no order by `%s`", text);
		if (!has_key(order, field))
			add_key(record, field, descending != last, order);
	}
	for (uint32_t i = 0; !text && !order->total && i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];

		if ((field->flags & INV_FIELD_KEY) && order->count < INV__ORDER_MAX &&
		    !has_key(order, field))
			add_key(record, field, last, order);
	}
	return INV_OK;
}

/* ---- SQL ---- */

static void put_key(const inv__key *key, inv__list_sql *sql)
{
	inv__list_sql_column(sql, key->field, key->folded);
}

void inv__order_sql(const inv__order *order, inv__list_sql *sql)
{
	for (size_t i = 0; i < order->count; i++) {
		inv__list_sql_puts(sql, i ? ", " : " ORDER BY ");
		put_key(&order->keys[i], sql);
		if (order->keys[i].descending)
			inv__list_sql_puts(sql, " DESC");
	}
}

static bool one_direction(const inv__order *order)
{
	for (size_t i = 1; i < order->count; i++)
		if (order->keys[i].descending != order->keys[0].descending)
			return false;
	return true;
}

static void put_rows(const inv__order *order, const inv_value *after, inv__list_sql *sql)
{
	bool many = order->count > 1;

	for (size_t i = 0; i < order->count; i++) {
		inv__list_sql_puts(sql, i ? ", " : many ? "(" : "");
		put_key(&order->keys[i], sql);
	}
	inv__list_sql_puts(sql, many ? ") " : " ");
	inv__list_sql_puts(sql, order->keys[0].descending ? "<" : ">");
	for (size_t i = 0; i < order->count; i++) {
		inv__list_sql_puts(sql, i ? ", " : many ? " (" : " ");
		inv__list_sql_value(sql, &after[i]);
	}
	inv__list_sql_puts(sql, many ? ")" : "");
}

static void put_compare(const inv__key *key, const char *op, const inv_value *value,
                        inv__list_sql *sql)
{
	put_key(key, sql);
	inv__list_sql_puts(sql, op);
	inv__list_sql_value(sql, value);
}

/* k1 >= a AND (k1 > a OR (k1 = a AND (k2 < b OR (k2 = b AND …)))): the first term is implied; it
 * lets an index find the place. */
static void put_mixed(const inv__order *order, const inv_value *after, inv__list_sql *sql)
{
	const inv__key *first = &order->keys[0];

	put_compare(first, first->descending ? " <= " : " >= ", &after[0], sql);
	inv__list_sql_puts(sql, " AND (");
	for (size_t i = 0; i < order->count; i++) {
		const inv__key *key = &order->keys[i];

		put_compare(key, key->descending ? " < " : " > ", &after[i], sql);
		if (i + 1 == order->count)
			break;
		inv__list_sql_puts(sql, " OR (");
		put_compare(key, " = ", &after[i], sql);
		inv__list_sql_puts(sql, " AND (");
	}
	for (size_t i = 1; i < order->count; i++)
		inv__list_sql_puts(sql, "))");
	inv__list_sql_puts(sql, ")");
}

void inv__order_after_sql(const inv__order *order, const inv_value *after, inv__list_sql *sql)
{
	if (one_direction(order))
		put_rows(order, after, sql);
	else
		put_mixed(order, after, sql);
}
