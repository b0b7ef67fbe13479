/* SPDX-License-Identifier: MIT */
/* Master data: what is created, read, updated and archived by the same rules, whatever it is. The
 * nouns' own rules are in their hooks. */
#include <stdlib.h>

#include "domain/domain.h"
#include "domain/ops.h"
#include "domain/tree.h"
#include "util/id.h"
#include "util/text.h"

static const inv__master *const masters[] = {&inv__master_category, &inv__master_product,
                                             &inv__master_location, &inv__master_register,
                                             &inv__master_channel, &inv__master_product_unit,
                                             &inv__master_recipe};

static const inv__master *master_of(const inv__call *call)
{
	for (size_t i = 0; i < sizeof masters / sizeof masters[0]; i++)
		if (inv_schema_table(masters[i]->table)->record == call->op->output)
			return masters[i];
	return NULL;
}

/* The fields every master record has, found by name once per call. */
typedef struct master_state {
	const inv__master *master;
	const inv_table_desc *table;
	const inv_record_desc *record;
	const inv_field_desc *id, *version, *archived, *created_at, *updated_at;
	void **records;        /* pointers into the outputs */
	void *before;          /* the same as they were, contiguous; NULL for new ones */
	bool *changed;         /* by this call */
	inv__refs *refs;
	inv__tree *tree;       /* NULL when no record can come to stand elsewhere */
	inv__uses *uses;
	inv_id *ids;           /* which records are meant: by id, */
	inv_str *codes;        /* or by code */
	size_t statement;      /* the rows that are there */
} master_state;

static const inv_field_desc *named(const inv_record_desc *record, const char *name)
{
	return inv_schema_field_named(record, inv_str_of(name), NULL);
}

static master_state *state_make(inv__call *call)
{
	master_state *s = inv__arena_zalloc(call->arena, sizeof *s);

	if (!s) {
		inv__call_no_memory(call);
		return NULL;
	}
	s->master = master_of(call);
	s->record = inv_schema_record(call->op->output);
	s->table = inv__table_of_record(call->op->output);
	s->id = named(s->record, "id");
	s->version = named(s->record, "version");
	s->archived = named(s->record, "archived");
	s->created_at = named(s->record, "created_at");
	s->updated_at = named(s->record, "updated_at");
	s->records = inv__arena_array(call->arena, call->count, sizeof *s->records);
	call->state = s;
	s->changed = inv__arena_array(call->arena, call->count, sizeof *s->changed);
	if (!s->records || !s->changed || !inv__call_outputs(call, call->count)) {
		inv__call_no_memory(call);
		return NULL;
	}
	for (size_t i = 0; i < call->count; i++)
		s->records[i] = (char *)call->outputs + i * s->record->size;
	return s;
}

static inv_id *id_of(const master_state *s, size_t index)
{
	return inv__field_of(s->id, s->records[index]);
}

static int64_t *int_of(const inv_field_desc *field, void *record)
{
	return inv__field_of(field, record);
}

/* New records stand below others that are there, so only changed ones can make a loop. */
static inv_status claim_tree(inv__call *call, master_state *s)
{
	const inv_field_desc *parent = s->before ? inv__tree_parent(s->table) : NULL;
	inv__tree_node *nodes;

	if (!parent)
		return INV_OK;
	nodes = inv__arena_array(call->arena, call->count, sizeof *nodes);
	if (!nodes)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		nodes[i].id = *id_of(s, i);
		nodes[i].parent = ((const inv_ref *)inv__field_at(parent, s->records[i]))->id;
	}
	return inv__tree_claim(call, s->table, nodes, call->count, &s->tree);
}

/* Nothing moves of products that change. (A till that sells is locked against its new row.) */
static inv_status keep_still(inv__call *call, const master_state *s)
{
	inv_id *ids;

	if (!call->locks || s->master != &inv__master_product)
		return INV_OK;
	ids = inv__arena_array(call->arena, call->count, sizeof *ids);
	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++)
		ids[i] = *id_of(s, i);
	return inv__rows_lock(call, s->table, ids, call->count);
}

/* What the outputs refer to, and the noun's own questions. */
static inv_status claim_checks(inv__call *call, master_state *s)
{
	const inv__refs_of of = {s->record, call->outputs, s->before, call->count};
	inv_status rc = s->before ? keep_still(call, s) : INV_OK;

	if (rc == INV_OK)
		rc = inv__refs_claim(call, &of, &s->refs);
	if (rc == INV_OK)
		rc = claim_tree(call, s);
	if (rc == INV_OK && s->master->claim)
		rc = s->master->claim(call, s->records, call->count);
	return rc;
}

/* A new version of record `index`. */
static void touch(const inv__call *call, const master_state *s, size_t index)
{
	*int_of(s->updated_at, s->records[index]) = call->now;
	(*int_of(s->version, s->records[index]))++;
}

/* Once a call changes anything, each of its records gets an event, so that the answer to its key
 * can be made of them; what stays as it was keeps its version. */
static inv_status finish(inv__call *call, master_state *s, uint32_t event)
{
	inv_status rc = inv__refs_check(call, s->refs);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		void *record = s->records[i];

		if (s->tree)
			rc = inv__tree_check(call, s->tree, i);
		if (rc == INV_OK && s->master->check)
			rc = s->master->check(call, i, record);
		if (event == s->master->created)
			*int_of(s->created_at, record) = call->now;
		if (event == s->master->created || s->changed[i])
			touch(call, s, i);
		if (rc == INV_OK)
			rc = inv__call_event(call, event, *id_of(s, i), call->now, 0, record);
	}
	return rc;
}

/* The row is any that is always there, and that nobody else locks. */
INV__SQL(SQL_MASTERS_TURN, "SELECT m.value FROM meta m WHERE m.name = 'salt' {lock}");

void inv__masters_turn(inv__call *call)
{
	if (!call->locks || call->has_turn)
		return;
	call->takes_turn = true;
	inv__batch_add(call->batch, &SQL_MASTERS_TURN);
	inv__batch_flags(call->batch, INV_ITEM_LOCK);
}

inv_status inv__claim_master_create(inv__call *call)
{
	master_state *s = state_make(call);
	inv_status rc = s ? INV_OK : INV_E_NO_MEMORY;

	inv__masters_turn(call);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		memcpy(s->records[i], inv__call_input(call, i), s->record->size);
		*int_of(s->version, s->records[i]) = 0;
		if (inv_id_is_none(*id_of(s, i)))
			rc = inv__call_new_id(call, id_of(s, i));
	}
	return rc == INV_OK ? claim_checks(call, s) : rc;
}

inv_status inv__decide_master_create(inv__call *call)
{
	master_state *s = call->state;

	return finish(call, s, s->master->created);
}

/* The rows named by id, or by code where no id is given. */
static inv_status claim_coded(inv__call *call, master_state *s, const inv_field_desc *code)
{
	inv__batch *b = call->batch;
	inv_id none = {{0}};
	inv_str *id_column, *code_column;
	inv__buf sql;

	inv__buf_init(&sql, &b->arena->allocator, 16384);
	inv__buf_puts(&sql, "WITH r AS (SELECT * FROM {rows# id:id code:text} x) SELECT r.n, ");
	inv__row_columns(s->record, "t.", &sql);
	inv__buf_puts(&sql, " FROM r JOIN ");
	inv__buf_puts(&sql, s->table->name);
	inv__buf_puts(&sql, " t ON t.id = r.id UNION ALL SELECT r.n, ");
	inv__row_columns(s->record, "t.", &sql);
	inv__buf_puts(&sql, " FROM r JOIN ");
	inv__buf_puts(&sql, s->table->name);
	inv__buf_puts(&sql, " t ON lower(t.");
	inv__buf_puts(&sql, code->name);
	inv__buf_puts(&sql, ") = r.code WHERE r.id = ?+1");
	s->statement = inv__batch_add_buf(b, &sql);
	inv__batch_rows(b, call->count);
	id_column = inv__batch_blob_column(b);
	code_column = inv__batch_text_column(b);
	if (!id_column || !code_column)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		inv__batch_id_at(b, id_column, i, &s->ids[i]);
		code_column[i] = inv__str_fold(call->arena, s->codes[i]);
	}
	inv__batch_id(b, none);
	return b->status;
}

static inv_status claim_rows(inv__call *call, master_state *s)
{
	const inv_field_desc *code = inv__code_field(s->record);

	return code ? claim_coded(call, s, code)
	            : inv__rows_claim(call, s->table, s->ids, call->count, &s->statement);
}

static inv_status fail_missing(inv__call *call, const master_state *s, size_t index)
{
	inv_str code = s->codes[index];

	if (!inv_id_is_none(s->ids[index]) || code.len == 0)
		return inv__call_fail(call, INV_E_NOT_FOUND, index, "id", "there is no such %s",
		                      s->record->name);
	return inv__call_fail(call, INV_E_NOT_FOUND, index, inv__code_field(s->record)->name,
	                      "there is no %s `%.*s`", s->record->name, (int)code.len, code.ptr);
}

/* Read the claimed rows into the outputs; each input must have found its own. */
static inv_status read_rows(inv__call *call, master_state *s)
{
	const inv_rows *rows = inv__batch_result(call->batch, s->statement);
	inv_status rc = INV_OK;

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n < call->count)
			rc = inv__row_read(s->record, inv__cell(rows, row, 1), call->arena, s->records[n]);
	}
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		if (inv_id_is_none(*id_of(s, i)))
			rc = fail_missing(call, s, i);
	return rc;
}

static inv_status claim_keys(inv__call *call, master_state *s)
{
	const inv_field_desc *code = inv__code_field(s->record);

	s->ids = inv__arena_array(call->arena, call->count, sizeof *s->ids);
	s->codes = inv__arena_array(call->arena, call->count, sizeof *s->codes);
	if (!s->ids || !s->codes)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const void *in = inv__call_input(call, i);

		if (call->op->input == INV_RECORD_lookup) { /* its code was resolved */
			s->ids[i] = ((const inv_lookup *)in)->ref.id;
			continue;
		}
		s->ids[i] = *(const inv_id *)inv__field_at(s->id, in);
		if (code)
			s->codes[i] = *(const inv_str *)inv__field_at(code, in);
		if (inv_id_is_none(s->ids[i]) && !code)
			return inv__call_fail(call, INV_E_INVALID, i, "id", "name it by id");
		if (inv_id_is_none(s->ids[i]) && s->codes[i].len == 0)
			return inv__call_fail(call, INV_E_INVALID, i, "id", "name it by id or by %s",
			                      code->name);
	}
	return claim_rows(call, s);
}

inv_status inv__claim_master_get(inv__call *call)
{
	master_state *s = state_make(call);

	return s ? claim_keys(call, s) : INV_E_NO_MEMORY;
}

inv_status inv__claim_master_update(inv__call *call)
{
	inv__masters_turn(call);
	return inv__claim_master_get(call);
}

static bool field_differs(const inv_field_desc *field, const void *a, const void *b,
                          inv__arena *arena)
{
	inv_value x, y;

	if (inv__value_of(field, a, arena, &x) != INV_OK ||
	    inv__value_of(field, b, arena, &y) != INV_OK)
		return true;
	if (x.type != y.type)
		return true;
	if (x.type == INV_VALUE_INT)
		return x.u.i != y.u.i;
	return x.size != y.size || (x.size > 0 && memcmp(x.u.p, y.u.p, x.size) != 0);
}

inv_status inv__master_merge(inv__call *call, size_t index, const inv_record_desc *record,
                             const void *in, void *out, bool *changed)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *f = &record->fields[i];

		if ((f->flags & INV_FIELD_INPUT) || !inv__field_given(call, index, i) ||
		    !field_differs(f, in, out, call->arena))
			continue;
		if (f->flags & INV_FIELD_IMMUTABLE)
			return inv__call_fail(call, INV_E_INVALID, index, f->name,
			                      "it is set when the %s is created and cannot be changed",
			                      record->name);
		memcpy(inv__field_of(f, out), inv__field_at(f, in), f->size);
		*changed = true;
	}
	return INV_OK;
}

static int pointer_by_id(const void *x, const void *y)
{
	const inv_id *const *a = x, *const *b = y;

	return inv__id_compare(**a, **b);
}

/* One call must not change the same thing twice: the second would undo the first. */
static inv_status refuse_twice(inv__call *call, const master_state *s)
{
	const inv_id **ids = inv__arena_array(call->arena, call->count, sizeof(inv_id *));

	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++)
		ids[i] = id_of(s, i);
	qsort(ids, call->count, sizeof *ids, pointer_by_id);
	for (size_t i = 1; i < call->count; i++)
		if (inv__id_equal(*ids[i - 1], *ids[i]))
			return inv__call_fail(call, INV_E_INVALID, i, "id", "the same %s is there twice",
			                      s->record->name);
	return INV_OK;
}

static inv_status check_version(inv__call *call, const master_state *s, size_t index,
                                int64_t expected)
{
	int64_t version = *int_of(s->version, s->records[index]);

	if (expected != 0 && expected != version)
		return inv__call_fail(call, INV_E_CONFLICT, index, "version", "it is at version %lld now",
		                      (long long)version);
	return INV_OK;
}

/* Phase 0: the rows become what they shall be. */
static inv_status merge_all(inv__call *call, master_state *s, bool *changed)
{
	size_t size = call->count * s->record->size;
	inv_status rc = read_rows(call, s);

	if (rc == INV_OK && call->count > 1)
		rc = refuse_twice(call, s);
	if (rc != INV_OK || call->replaying)
		return rc;
	s->before = inv__arena_alloc(call->arena, size);
	if (!s->before)
		return inv__call_no_memory(call);
	memcpy(s->before, call->outputs, size);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		const void *in = inv__call_input(call, i);

		rc = check_version(call, s, i, *(const int64_t *)inv__field_at(s->version, in));
		if (rc == INV_OK)
			rc = inv__master_merge(call, i, s->record, in, s->records[i], &s->changed[i]);
		*changed |= s->changed[i];
	}
	return rc;
}

inv_status inv__decide_master_update(inv__call *call)
{
	master_state *s = call->state;
	bool changed = false;
	inv_status rc;

	if (call->phase > 0)
		return finish(call, s, s->master->updated);
	rc = merge_all(call, s, &changed);
	if (rc != INV_OK || !changed)
		return rc;
	inv__batch_reset(call->batch);
	call->more = true;
	return claim_checks(call, s);
}

inv_status inv__claim_master_archive(inv__call *call)
{
	master_state *s;
	inv_status rc;

	inv__masters_turn(call);
	rc = inv__claim_master_get(call);
	s = call->state;
	if (rc == INV_OK) /* not while somebody uses it: what that leaves is looked at then */
		rc = inv__rows_lock(call, s->table, s->ids, call->count);
	return rc == INV_OK ? inv__uses_claim(call, s->master, s->ids, &s->uses) : rc;
}

inv_status inv__decide_master_archive(inv__call *call)
{
	master_state *s = call->state;
	bool any = false;
	inv_status rc = read_rows(call, s);

	if (rc == INV_OK && call->count > 1)
		rc = refuse_twice(call, s);
	for (size_t i = 0; rc == INV_OK && !call->replaying && i < call->count; i++) {
		inv_bool *archived = inv__field_of(s->archived, s->records[i]);

		rc = check_version(call, s, i, ((const inv_lookup *)inv__call_input(call, i))->version);
		if (rc != INV_OK || *archived)
			continue;
		*archived = 1;
		any = s->changed[i] = true;
		touch(call, s, i);
	}
	if (rc == INV_OK && any)
		rc = inv__uses_check(call, s->uses, s->changed);
	for (size_t i = 0; rc == INV_OK && any && i < call->count; i++)
		rc = inv__call_event(call, s->master->archived, *id_of(s, i), call->now, 0, s->records[i]);
	return rc;
}

inv_status inv__decide_master_get(inv__call *call)
{
	return read_rows(call, call->state);
}

/* Must the event's record be a new one? Then a taken id is found by the table. */
static bool creates(const inv__event *event)
{
	for (size_t i = 0; i < sizeof masters / sizeof masters[0]; i++)
		if (masters[i]->created == event->desc->number)
			return true;
	return false;
}

inv_status inv__apply_master(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		const void *record = events[i].payload;

		rc = inv__rows_put(apply->batch, inv__table_of_record(events[i].desc->payload), &record, 1,
		                   !creates(&events[i]));
	}
	return rc;
}
