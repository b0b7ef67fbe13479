/* SPDX-License-Identifier: MIT */
/* References given as codes get their ids, by one batch of look-ups on the caller's thread. */
#include "engine/engine.h"
#include "util/text.h"

/* A reference that has a code and no id yet. */
typedef struct unresolved {
	inv_ref *ref;
	const inv_field_desc *field;
	const char *list;  /* the list it stands in, NULL at the top */
	size_t input, line;
	uint32_t table;
	bool found;
	bool ambiguous;    /* it names more than one: tickets of tills with one numbering */
	struct unresolved *next;
} unresolved;

typedef struct finder {
	const inv_op_desc *op;
	inv__arena *arena;
	unresolved *first, **last;
	size_t count;
	bool failed;
} finder;

/* Also where an id stands beside it: an answer must not depend on how the question was put. */
static bool ref_has_code(const inv_ref *ref)
{
	return ref->code.len > 0;
}

bool inv__has_codes(const inv_record_desc *record, const void *value)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *f = &record->fields[i];
		const void *at = inv__field_at(f, value);
		const inv_list *list;

		if (f->kind == INV_KIND_REF && ref_has_code(at))
			return true;
		if (f->kind != INV_KIND_LIST)
			continue;
		list = at;
		for (size_t j = 0; j < list->count; j++)
			if (inv__has_codes(inv_schema_record(f->of), INV_LIST_AT(*list, char, j)))
				return true;
	}
	return false;
}

/* `lookup` refers to whatever its operation is about. */
static uint32_t table_of(const inv_op_desc *op, const inv_field_desc *field)
{
	const inv_table_desc *table;

	if (field->ref != INV_TABLE_OF_OUTPUT)
		return field->ref;
	for (uint32_t i = 1; (table = inv_schema_table(i)) != NULL; i++)
		if (strcmp(table->name, op->noun) == 0)
			return i;
	return INV_TABLE_none;
}

static void note(finder *f, const inv_field_desc *field, inv_ref *ref, const unresolved *where)
{
	unresolved *u;

	if (!inv_id_is_none(ref->id)) {
		ref->code = (inv_str){"", 0};
		return;
	}
	u = inv__arena_alloc(f->arena, sizeof *u);
	if (!u) {
		f->failed = true;
		return;
	}
	*u = *where;
	u->ref = ref;
	u->field = field;
	u->table = table_of(f->op, field);
	u->found = u->ambiguous = false;
	u->next = NULL;
	*f->last = u;
	f->last = &u->next;
	f->count++;
}

static void find_codes(finder *f, const inv_record_desc *record, void *value,
                       const unresolved *where)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];
		void *at = inv__field_of(field, value);
		const inv_list *list = at;

		if (field->kind == INV_KIND_REF && ref_has_code(at))
			note(f, field, at, where);
		if (field->kind != INV_KIND_LIST)
			continue;
		for (size_t j = 0; j < list->count; j++) {
			unresolved inside = {.list = field->name, .input = where->input, .line = j};

			find_codes(f, inv_schema_record(field->of),
			           (char *)(uintptr_t)list->ptr + j * list->stride, &inside);
		}
	}
}

/* A code as it is compared. */
static inv_str key_of(inv__arena *arena, inv_str code, bool barcode)
{
	return barcode ? inv__barcode_key(arena, code) : inv__str_fold(arena, code);
}

/* Looks the codes of one table up: by its code field, products also by barcode. */
static inv_status claim_table(finder *f, inv__batch *b, uint32_t table, size_t statements[2])
{
	const inv_table_desc *target = inv_schema_table(table);
	const inv_field_desc *code = inv__code_field(inv_schema_record(target->record));
	inv__buf sql;
	bool barcode = table == INV_TABLE_product;
	inv_status rc;

	for (int round = 0; round < 1 + barcode; round++) {
		inv_str *codes, text;
		size_t n = 0;

		inv__buf_init(&sql, &f->arena->allocator, 512);
		inv__buf_puts(&sql, "SELECT r.n, ");
		inv__buf_puts(&sql, round ? "t.product" : "t.id");
		inv__buf_puts(&sql, " FROM {rows# code:text} r JOIN ");
		inv__buf_puts(&sql, round ? "product_barcode" : target->name);
		inv__buf_puts(&sql, round ? " t ON t.code = r.code" : " t ON lower(t.");
		inv__buf_puts(&sql, round ? "" : code->name);
		inv__buf_puts(&sql, round ? "" : ") = r.code");
		rc = sql.status;
		text = inv__arena_str(f->arena, inv__buf_str(&sql));
		if (rc == INV_OK)
			statements[round] = inv__batch_add_text(b, text);
		inv__buf_free(&sql);
		inv__batch_rows(b, f->count);
		codes = inv__batch_text_column(b);
		if (rc != INV_OK || !codes)
			return INV_E_NO_MEMORY;
		for (unresolved *u = f->first; u; u = u->next, n++)
			if (u->table == table)
				codes[n] = key_of(f->arena, u->ref->code, round > 0);
	}
	return b->status;
}

static void take_table(finder *f, inv__batch *b, uint32_t table, const size_t statements[2])
{
	for (int round = 1; round >= 0; round--) {
		const inv_rows *rows;
		size_t row = 0, n = 0;

		if (statements[round] == SIZE_MAX)
			continue;
		rows = inv__batch_result(b, statements[round]);
		for (unresolved *u = f->first; u; u = u->next, n++) {
			while (row < rows->row_count && inv__cell_int(rows, row, 0) < (int64_t)n)
				row++;
			if (u->table != table || row == rows->row_count ||
			    inv__cell_int(rows, row, 0) != (int64_t)n)
				continue;
			u->ref->id = inv__cell_id(rows, row, 1); /* the SKU, looked at last, wins */
			u->found = true;
			u->ambiguous = row + 1 < rows->row_count &&
			               inv__cell_int(rows, row + 1, 0) == (int64_t)n;
		}
	}
}

static inv_status report_missing(const finder *f, inv_error *error)
{
	for (const unresolved *u = f->first; u; u = u->next) {
		char path[96];

		if (u->found && !u->ambiguous)
			continue;
		if (u->list)
			inv__format(path, sizeof path, "%s[%zu].%s", u->list, u->line, u->field->name);
		else
			inv__format(path, sizeof path, "%s", u->field->name);
		inv__error_set(error, u->found ? INV_E_CONFLICT : INV_E_NOT_FOUND,
		               inv_schema_record(f->op->input)->name, path,
		               u->found ? "there is more than one %s `%.*s`" : "there is no %s `%.*s`",
		               u->table ? inv_schema_table(u->table)->name : "such thing",
		               (int)(u->ref->code.len > 64 ? 64 : u->ref->code.len), u->ref->code.ptr);
		error->index = (int64_t)u->input;
		return error->status;
	}
	return INV_OK;
}

static void drop_codes(const finder *f)
{
	for (const unresolved *u = f->first; u; u = u->next)
		u->ref->code = (inv_str){"", 0};
}

static inv_status look_up(inv_session *session, finder *f)
{
	size_t statements[INV_TABLE_COUNT][2];
	inv__batch batch;
	inv_status rc = INV_OK;

	inv__batch_init(&batch, f->arena);
	for (uint32_t t = 1; rc == INV_OK && t < INV_TABLE_COUNT; t++) {
		bool wanted = false;

		statements[t][0] = statements[t][1] = SIZE_MAX;
		for (const unresolved *u = f->first; u && !wanted; u = u->next)
			wanted = u->table == t;
		if (wanted && inv__code_field(inv_schema_record(inv_schema_table(t)->record)))
			rc = claim_table(f, &batch, t, statements[t]);
	}
	if (rc == INV_OK)
		rc = inv__lease_exec(session, &batch);
	for (uint32_t t = 1; rc == INV_OK && t < INV_TABLE_COUNT; t++)
		take_table(f, &batch, t, statements[t]);
	return rc;
}

inv_status inv__resolve(inv_session *session, const inv_op_desc *op, inv__inputs *inputs,
                        inv__arena *arena)
{
	const inv_record_desc *record = inv_schema_record(op->input);
	finder f = {.op = op, .arena = arena};
	char *copies;
	bool any = false;
	inv_status rc = INV_OK;

	for (size_t i = 0; !any && i < inputs->count; i++)
		any = inv__has_codes(record, (const char *)inputs->records + i * record->size);
	if (!any)
		return INV_OK;
	copies = inv__arena_array(arena, inputs->count, record->size);
	f.last = &f.first;
	for (size_t i = 0; copies && rc == INV_OK && i < inputs->count; i++) {
		unresolved where = {.input = i};

		rc = inv__record_copy(record, (const char *)inputs->records + i * record->size, arena,
		                      copies + i * record->size);
		if (rc == INV_OK)
			find_codes(&f, record, copies + i * record->size, &where);
	}
	if (!copies || f.failed || rc != INV_OK)
		return inv__error_set(&session->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	if (f.count > 0)
		rc = look_up(session, &f);
	if (rc == INV_OK)
		rc = report_missing(&f, &session->error);
	drop_codes(&f);
	inputs->records = copies;
	return rc;
}
