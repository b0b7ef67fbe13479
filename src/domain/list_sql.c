/* SPDX-License-Identifier: MIT */
/* The text and the values of a list's statement. */
#include "domain/list.h"
#include "util/number.h"

#define SQL_MAX ((size_t)1 << 18)

inv_status inv__list_sql_init(inv__list_sql *sql, inv__arena *arena, size_t value_cap)
{
	inv__buf_init(&sql->text, &arena->allocator, SQL_MAX);
	sql->values = inv__arena_array(arena, value_cap, sizeof *sql->values);
	sql->value_count = 0;
	sql->value_cap = value_cap;
	return sql->values ? INV_OK : INV_E_NO_MEMORY;
}

void inv__list_sql_puts(inv__list_sql *sql, const char *text)
{
	inv__buf_puts(&sql->text, text);
}

bool inv__list_sql_bind(inv__list_sql *sql, const inv_value *value)
{
	if (sql->value_count == sql->value_cap) {
		sql->text.status = INV_E_LIMIT;
		return false;
	}
	sql->values[sql->value_count++] = *value;
	return true;
}

void inv__list_sql_value(inv__list_sql *sql, const inv_value *value)
{
	char number[24];

	if (!inv__list_sql_bind(sql, value))
		return;
	inv__buf_putc(&sql->text, '?');
	inv__buf_put(&sql->text, number, inv__int_format((int64_t)sql->value_count, number));
}

void inv__list_sql_int(inv__list_sql *sql, int64_t value)
{
	const inv_value v = {.type = INV_VALUE_INT, .u.i = value};

	inv__list_sql_value(sql, &v);
}

void inv__list_sql_column(inv__list_sql *sql, const inv_field_desc *field, bool folded)
{
	inv__buf_puts(&sql->text, folded ? "lower(t." : "t.");
	inv__buf_puts(&sql->text, field->name);
	if (folded)
		inv__buf_putc(&sql->text, ')');
}

inv_status inv__list_sql_end(inv__list_sql *sql, inv__arena *arena, inv_str *out)
{
	inv_status rc = sql->text.status;

	if (rc == INV_OK) {
		*out = inv__arena_str(arena, inv__buf_str(&sql->text));
		rc = out->ptr ? INV_OK : INV_E_NO_MEMORY;
	}
	inv__buf_free(&sql->text);
	return rc;
}
