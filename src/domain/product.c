/* SPDX-License-Identifier: MIT */
/* Products: their own rules, and the rows by which they are found. */
#include <stdlib.h>

#include "domain/domain.h"
#include "domain/ops.h"
#include "util/id.h"
#include "util/text.h"

#define WORD_MAX 64u
#define WORDS_MAX 512u /* of one product */

/* ---- rules ---- */

inv_str inv__barcode_key(inv__arena *arena, inv_str barcode)
{
	bool gtin = inv__gtin_check(barcode);
	char digits[14];

	if (!gtin)
		return inv__str_fold(arena, barcode);
	memset(digits, '0', sizeof digits);
	memcpy(digits + 14 - barcode.len, barcode.ptr, barcode.len);
	return inv__arena_str(arena, (inv_str){digits, 14});
}

static bool looks_like_gtin(inv_str code)
{
	for (size_t i = 0; i < code.len; i++)
		if (code.ptr[i] < '0' || code.ptr[i] > '9')
			return false;
	return code.len == 8 || code.len == 12 || code.len == 13 || code.len == 14;
}

static inv_status check_barcodes(inv__call *call, size_t index, const inv_product *p)
{
	for (size_t i = 0; i < p->barcodes.count; i++) {
		inv_str code = *INV_LIST_AT(p->barcodes, inv_str, i);

		if (code.len == 0 || code.len > WORD_MAX || inv__code_check(code) != INV__TEXT_OK)
			return inv__call_fail(call, INV_E_INVALID, index,
			                      inv__line_field(call, "barcodes", i, NULL),
			                      "a barcode is 1 to 64 printable ASCII characters");
		if (looks_like_gtin(code) && !inv__gtin_check(code))
			return inv__call_fail(call, INV_E_INVALID, index,
			                      inv__line_field(call, "barcodes", i, NULL),
			                      "the check digit of `%.*s` is wrong", (int)code.len, code.ptr);
	}
	return INV_OK;
}

static inv_status check_tags(inv__call *call, size_t index, const inv_product *p)
{
	for (size_t i = 0; i < p->tags.count; i++) {
		inv_str tag = *INV_LIST_AT(p->tags, inv_str, i);

		if (tag.len == 0 || tag.len > WORD_MAX)
			return inv__call_fail(call, INV_E_INVALID, index,
			                      inv__line_field(call, "tags", i, NULL),
			                      "a tag is 1 to 64 bytes long");
	}
	return INV_OK;
}

inv_status inv__attributes_check(inv__call *call, size_t index, inv_str *attributes)
{
	inv__problems problems = {call->error, inv_schema_record(call->op->input)->name,
	                          (int64_t)index};

	if (attributes->len == 0)
		return INV_OK;
	if (inv__str_trim(*attributes).ptr[0] != '{')
		return inv__call_fail(call, INV_E_INVALID, index, "attributes", "it must be a JSON object");
	return inv__json_compact(*attributes, call->arena, attributes, &problems);
}

INV__SQL(SQL_PARENTS,
         "SELECT r.n, p.parent FROM {rows# parent:id} r JOIN product p ON p.id = r.parent");

static inv_status product_claim(inv__call *call, void *const *records, size_t count)
{
	inv__batch *b = call->batch;
	inv_str *parents;
	size_t *statement = inv__arena_alloc(call->arena, sizeof *statement);
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any |= !inv_id_is_none(((const inv_product *)records[i])->parent.id);
	call->hook_state = any ? statement : NULL;
	if (!statement)
		return inv__call_no_memory(call);
	if (!any)
		return INV_OK;
	*statement = inv__batch_add(b, &SQL_PARENTS);
	inv__batch_rows(b, count);
	parents = inv__batch_blob_column(b);
	if (!parents)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		inv__batch_id_at(b, parents, i, &((const inv_product *)records[i])->parent.id);
	return b->status;
}

static inv_status check_parent(inv__call *call, size_t index, const inv_product *p)
{
	const inv_rows *rows;

	if (inv__id_equal(p->parent.id, p->id))
		return inv__call_fail(call, INV_E_INVALID, index, "parent",
		                      "a product cannot be its own variant");
	rows = inv__batch_result(call->batch, *(const size_t *)call->hook_state);
	for (size_t row = 0; row < rows->row_count; row++)
		if (inv__cell_int(rows, row, 0) == (int64_t)index &&
		    !inv_id_is_none(inv__cell_id(rows, row, 1)))
			return inv__call_fail(call, INV_E_INVALID, index, "parent",
			                      "a variant cannot have variants");
	return INV_OK;
}

static inv_status product_check(inv__call *call, size_t index, void *record)
{
	inv_product *p = record;
	inv_status rc;

	if (p->unit.len == 0)
		p->unit = INV_S("ea");
	if (p->tracking == INV_TRACKING_SERIAL && p->decimals != 0)
		return inv__call_fail(call, INV_E_INVALID, index, "decimals",
		                      "a serial-tracked product is counted in whole units");
	if (p->stocking != INV_STOCKING_STOCKED && p->tracking != INV_TRACKING_NONE)
		return inv__call_fail(call, INV_E_INVALID, index, "tracking",
		                      "a product that is not stocked has no lots or serials");
	if (p->tracking == INV_TRACKING_NONE && p->picking != INV_PICKING_MANUAL)
		return inv__call_fail(call, INV_E_INVALID, index, "picking",
		                      "only goods that are tracked by lot or serial number are picked");
	rc = inv__attributes_check(call, index, &p->attributes);
	if (rc == INV_OK)
		rc = check_barcodes(call, index, p);
	if (rc == INV_OK)
		rc = check_tags(call, index, p);
	if (rc == INV_OK && !inv_id_is_none(p->parent.id))
		rc = check_parent(call, index, p);
	return rc;
}

INV__SQL(SQL_PRODUCT_USED,
         "SELECT r.n, 'there is stock of it' FROM {rows# id:id} r WHERE EXISTS"
         " (SELECT 1 FROM holding a WHERE a.product = r.id AND a.on_hand <> 0)"
         " UNION ALL SELECT r.n, 'it is reserved' FROM {rows# id:id} r WHERE EXISTS"
         " (SELECT 1 FROM reservation h WHERE h.product = r.id AND h.open > 0)"
         " UNION ALL SELECT r.n, 'a recipe is of it or takes it' FROM {rows# id:id} r WHERE EXISTS"
         " (SELECT 1 FROM recipe_component c WHERE c.product = r.id) OR EXISTS"
         " (SELECT 1 FROM recipe_component c WHERE c.component = r.id)"
         " UNION ALL SELECT r.n, 'a transfer of it is under way' FROM {rows# id:id} r WHERE EXISTS"
         " (SELECT 1 FROM transfer_line l JOIN transfer t ON t.id = l.transfer AND t.state < 4"
         " WHERE l.product = r.id AND " INV__TRANSFER_EXPECTED("l") ")"
         " UNION ALL SELECT r.n, 'a reorder rule watches it' FROM {rows# id:id} r WHERE EXISTS"
         " (SELECT 1 FROM reorder_rule w WHERE w.product = r.id)");

const inv__master inv__master_product = {INV_TABLE_product, INV_EVENT_product_created,
                                         INV_EVENT_product_updated, INV_EVENT_product_archived,
                                         product_claim, product_check, &SQL_PRODUCT_USED};

/* ---- words and barcodes: rows by which products are found ---- */

typedef struct word_row {
	uint64_t head; /* its first bytes, as a number that sorts like them */
	inv_str word;
	const inv_id *product;
} word_row;

typedef struct word_rows {
	word_row *rows;
	size_t count, cap;
	inv__arena *arena;
} word_rows;

static uint64_t head_of(inv_str word)
{
	uint64_t head = 0;

	for (size_t i = 0; i < sizeof head; i++)
		head = head << 8 | (i < word.len ? (unsigned char)word.ptr[i] : 0);
	return head;
}

static int word_order(const void *x, const void *y)
{
	const word_row *a = x, *b = y;
	int c = a->head < b->head ? -1 : a->head > b->head;

	/* Words have no NUL in them: short ones are equal when their heads are. */
	if (c == 0 && (a->word.len > sizeof a->head || b->word.len > sizeof b->head))
		c = inv__str_compare(a->word, b->word);
	return c ? c : inv__id_compare(*a->product, *b->product);
}

static bool word_push(word_rows *w, inv_str word, const inv_id *product)
{
	if (w->count == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 64;
		word_row *rows = inv__arena_array(w->arena, cap, sizeof *rows);

		if (!rows)
			return false;
		if (w->count > 0)
			memcpy(rows, w->rows, w->count * sizeof *rows);
		w->rows = rows;
		w->cap = cap;
	}
	w->rows[w->count].head = head_of(word);
	w->rows[w->count].word = inv__arena_str(w->arena, word);
	w->rows[w->count].product = product;
	return w->rows[w->count++].word.ptr != NULL;
}

static bool words_of_text(word_rows *w, inv_str text, const inv_id *product)
{
	char word[WORD_MAX];
	size_t len, n = 0;

	while (n++ < WORDS_MAX && inv__word_next(&text, word, sizeof word, &len))
		if (!word_push(w, (inv_str){word, len}, product))
			return false;
	return true;
}

/* The words of every SEARCH field. */
static bool words_of(word_rows *w, const inv_product *p)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_product);

	for (uint32_t i = 0; i < record->field_count; i++)
		if ((record->fields[i].flags & INV_FIELD_SEARCH) &&
		    !words_of_text(w, *(const inv_str *)inv__field_at(&record->fields[i], p), &p->id))
			return false;
	return true;
}

INV__SQL(SQL_WORDS_PUT, "INSERT INTO product_word (word, product) {insert word:text product:id}");
INV__SQL(SQL_WORDS_DROP,
         "DELETE FROM product_word WHERE (word, product) IN"
         " (SELECT r.word, r.product FROM {rows word:text product:id} r)");

static inv_status words_write(inv__apply *apply, word_rows *w, const inv__sql *sql)
{
	inv__batch *b = apply->batch;
	inv_str *words, *products;
	size_t n = 0;

	if (w->count == 0)
		return INV_OK;
	qsort(w->rows, w->count, sizeof *w->rows, word_order);
	for (size_t i = 0; i < w->count; i++)
		if (i == 0 || word_order(&w->rows[i - 1], &w->rows[i]) != 0)
			w->rows[n++] = w->rows[i];
	inv__batch_add(b, sql);
	inv__batch_rows(b, n);
	words = inv__batch_text_column(b);
	products = inv__batch_blob_column(b);
	if (!words || !products)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		words[i] = w->rows[i].word;
		inv__batch_id_at(b, products, i, w->rows[i].product);
	}
	return b->status;
}

INV__SQL(SQL_BARCODES_PUT,
         "INSERT INTO product_barcode (code, product) {insert code:text product:id}");
INV__SQL(SQL_BARCODES_DROP,
         "DELETE FROM product_barcode WHERE code IN (SELECT r.code FROM {rows code:text} r)");

static inv_status barcodes_write(inv__apply *apply, const inv_product *const *products,
                                 size_t count, bool drop)
{
	inv__batch *b = apply->batch;
	inv_str *codes, *ids = NULL;
	size_t total = 0, n = 0;

	for (size_t i = 0; i < count; i++)
		total += products[i]->barcodes.count;
	if (total == 0)
		return INV_OK;
	inv__batch_add(b, drop ? &SQL_BARCODES_DROP : &SQL_BARCODES_PUT);
	inv__batch_rows(b, total);
	codes = inv__batch_text_column(b);
	if (!codes || (!drop && !(ids = inv__batch_blob_column(b))))
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < products[i]->barcodes.count; j++, n++) {
			codes[n] = inv__barcode_key(apply->arena,
			                            *INV_LIST_AT(products[i]->barcodes, inv_str, j));
			if (ids)
				inv__batch_id_at(b, ids, n, &products[i]->id);
		}
	return b->status;
}

static inv_status apply_created(inv__apply *apply, const inv_product *const *products, size_t count)
{
	word_rows words = {.arena = apply->arena};
	inv_status rc = inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_product),
	                              (const void *const *)products, count, false);

	for (size_t i = 0; rc == INV_OK && i < count; i++)
		if (!words_of(&words, products[i]))
			rc = INV_E_NO_MEMORY;
	if (rc == INV_OK)
		rc = words_write(apply, &words, &SQL_WORDS_PUT);
	return rc == INV_OK ? barcodes_write(apply, products, count, false) : rc;
}

/* ---- changed ones: their old words and barcodes go, the new ones come ---- */

typedef struct changes {
	const inv_product **before; /* what the words and barcodes are made of that are there now */
	const inv_product **after;
	size_t count;
} changes;

/* Products as they are before the events: one look for all. */
static inv_status read_before(inv__apply *apply, const changes *c)
{
	inv_product *was = inv__arena_array(apply->arena, c->count, sizeof *was);
	inv_id *ids = inv__arena_array(apply->arena, c->count, sizeof *ids);
	inv__batch batch;
	inv__call call = {.batch = &batch, .arena = apply->arena, .error = apply->error};
	const inv_rows *rows;
	size_t statement;
	inv_status rc = was && ids ? inv__apply_flush(apply) : INV_E_NO_MEMORY;

	inv__batch_init(&batch, apply->arena);
	for (size_t i = 0; rc == INV_OK && i < c->count; i++) {
		ids[i] = c->after[i]->id;
		was[i] = (inv_product)INV_PRODUCT_INIT;
		c->before[i] = &was[i];
	}
	if (rc == INV_OK)
		rc = inv__rows_claim(&call, inv_schema_table(INV_TABLE_product), ids, c->count, &statement);
	if (rc == INV_OK)
		rc = inv__batch_exec(&batch, apply->link, apply->error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(&batch, statement);
	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++)
		rc = inv__row_read(inv_schema_record(INV_RECORD_product), inv__cell(rows, row, 1),
		                   apply->arena, &was[inv__cell_int(rows, row, 0)]);
	for (size_t i = 0; rc == INV_OK && i < c->count; i++)
		if (inv_id_is_none(was[i].id))
			rc = inv__error_set(apply->error, INV_E_CORRUPT, "product", "id",
			                    "the journal changes a product that it never created");
	return rc;
}

static inv_status write_changes(inv__apply *apply, const changes *c)
{
	word_rows before = {.arena = apply->arena}, after = {.arena = apply->arena};
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < c->count; i++)
		if (!words_of(&before, c->before[i]) || !words_of(&after, c->after[i]))
			rc = INV_E_NO_MEMORY;
	if (rc == INV_OK)
		rc = words_write(apply, &before, &SQL_WORDS_DROP);
	if (rc == INV_OK)
		rc = barcodes_write(apply, c->before, c->count, true);
	if (rc == INV_OK)
		rc = inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_product),
		                   (const void *const *)c->after, c->count, true);
	if (rc == INV_OK)
		rc = words_write(apply, &after, &SQL_WORDS_PUT);
	return rc == INV_OK ? barcodes_write(apply, c->after, c->count, false) : rc;
}

typedef struct code_use {
	inv_str code;
	size_t index; /* of the event */
	bool taken;   /* by it; else given up */
} code_use;

static int use_order(const void *x, const void *y)
{
	const code_use *a = x, *b = y;
	int c = inv__str_compare(a->code, b->code);

	return c ? c : (a->index > b->index) - (a->index < b->index);
}

static size_t push_uses(code_use *uses, size_t n, inv__arena *arena, const inv_product *p,
                        size_t index, bool taken)
{
	for (size_t i = 0; i < p->barcodes.count; i++)
		uses[n++] = (code_use){inv__barcode_key(arena, *INV_LIST_AT(p->barcodes, inv_str, i)),
		                       index, taken};
	return n;
}

/* Does an event take a barcode that only a later one gives up? Then it is taken: one after the
 * other finds that, whatever events are applied together. */
static inv_status any_too_early(inv__apply *apply, const changes *c, bool *out)
{
	size_t total = 0, n = 0, taker = 0;
	code_use *uses;

	*out = false;
	for (size_t i = 0; i < c->count; i++)
		total += c->before[i]->barcodes.count + c->after[i]->barcodes.count;
	if (total == 0 || c->count == 1)
		return INV_OK;
	uses = inv__arena_array(apply->arena, total, sizeof *uses);
	if (!uses)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < c->count; i++) {
		n = push_uses(uses, n, apply->arena, c->before[i], i, false);
		n = push_uses(uses, n, apply->arena, c->after[i], i, true);
	}
	qsort(uses, total, sizeof *uses, use_order);
	for (size_t i = 0; i < total; i++) {
		bool same = i > 0 && inv__str_compare(uses[i - 1].code, uses[i].code) == 0;

		if (!same)
			taker = SIZE_MAX;
		if (uses[i].taken && taker == SIZE_MAX)
			taker = uses[i].index;
		*out |= !uses[i].taken && taker < uses[i].index;
	}
	return INV_OK;
}

typedef struct change_at {
	const inv_id *id;
	size_t index;
} change_at;

static int change_order(const void *x, const void *y)
{
	const change_at *a = x, *b = y;
	int c = inv__id_compare(*a->id, *b->id);

	return c ? c : (a->index > b->index) - (a->index < b->index);
}

/* How many of the changes, from the first, are of different products. */
static inv_status count_different(inv__apply *apply, const changes *c, size_t *out)
{
	change_at *list = inv__arena_array(apply->arena, c->count, sizeof *list);

	if (!list)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < c->count; i++)
		list[i] = (change_at){&c->after[i]->id, i};
	qsort(list, c->count, sizeof *list, change_order);
	*out = c->count;
	for (size_t i = 1; i < c->count; i++)
		if (inv__id_equal(*list[i - 1].id, *list[i].id) && list[i].index < *out)
			*out = list[i].index;
	return INV_OK;
}

/* Applies the changes of different products and leaves the rest; *done = how many. */
static inv_status apply_changed(inv__apply *apply, changes c, size_t *done)
{
	bool too_early = false;
	size_t together = 1;
	inv_status rc = count_different(apply, &c, &together);

	c.count = together;
	c.before = inv__arena_array(apply->arena, c.count, sizeof *c.before);
	if (rc == INV_OK && !c.before)
		rc = INV_E_NO_MEMORY;
	if (rc == INV_OK)
		rc = read_before(apply, &c);
	if (rc == INV_OK)
		rc = any_too_early(apply, &c, &too_early);
	*done = c.count;
	together = too_early ? 1 : c.count;
	for (size_t i = 0; rc == INV_OK && i < *done; i += together)
		rc = write_changes(apply, &(changes){c.before + i, c.after + i, together});
	return rc;
}

/* How many events from the first are of products that come to be, or are not. */
static size_t run_length(const inv__event *events, size_t count, bool created)
{
	size_t n = 0;

	while (n < count && (events[n].desc->number == INV_EVENT_product_created) == created)
		n++;
	return n;
}

inv_status inv__apply_product(inv__apply *apply, const inv__event *events, size_t count)
{
	const inv_product **products = inv__arena_array(apply->arena, count, sizeof *products);
	inv_status rc = products ? INV_OK : INV_E_NO_MEMORY;
	size_t i = 0;

	for (size_t k = 0; rc == INV_OK && k < count; k++)
		products[k] = events[k].payload;
	while (rc == INV_OK && i < count) {
		size_t n = run_length(&events[i], count - i, true);

		if (n > 0)
			rc = apply_created(apply, products + i, n);
		else
			rc = apply_changed(apply, (changes){NULL, products + i,
			                   run_length(&events[i], count - i, false)}, &n);
		i += n;
	}
	return rc;
}

inv_status inv__apply_flush(inv__apply *apply)
{
	inv_status rc = INV_OK;

	if (apply->batch->count > 0)
		rc = inv__batch_exec(apply->batch, apply->link, apply->error);
	inv__batch_reset(apply->batch);
	return rc;
}
