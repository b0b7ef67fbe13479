/* SPDX-License-Identifier: MIT */
/* A connection and its prepared statements: those of the program by address, in a table that only
 * grows; those made at run time by text, the least recently used of which goes. */
#include "storage/link.h"

#include "storage/dialect.h"
#include "storage/fault.h"

#define FIRST_SLOTS 128u /* a power of two */
#define TEXT_SLOTS 64u

typedef struct prepared {
	inv_stmt *stmt;
	uint32_t rowset_columns;
	bool ordinal;
} prepared;

typedef struct static_slot {
	const inv__sql *key;
	prepared statement;
} static_slot;

typedef struct text_slot {
	uint64_t hash;
	uint64_t used; /* tick of the last batch that ran it */
	char *text;
	size_t len;
	prepared statement;
} text_slot;

struct inv__link {
	const inv_driver *driver;
	inv_allocator allocator;
	inv_conn *conn;
	uint32_t flags;
	static_slot *slots;
	size_t slot_count;
	size_t slots_used;
	uint64_t tick;
	text_slot texts[TEXT_SLOTS];
};

/* ---- life ---- */

inv_status inv__link_open(const inv_driver *driver, const inv_driver_open *open, inv__link **out,
                          inv_error *error)
{
	inv__link *link = inv__alloc(&open->allocator, sizeof *link);
	inv_driver_open mine = *open;
	inv_status status;

	if (!link)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	link->driver = driver;
	link->allocator = open->allocator;
	link->flags = open->flags;
	link->slots = inv__alloc(&link->allocator, FIRST_SLOTS * sizeof *link->slots);
	link->slot_count = link->slots ? FIRST_SLOTS : 0;
	mine.ctx = driver->ctx;
	status = link->slots ? driver->open(&mine, &link->conn, error)
	                     : inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	if (status != INV_OK) {
		inv__link_close(link);
		return status;
	}
	*out = link;
	return INV_OK;
}

static void drop_text(inv__link *link, text_slot *slot)
{
	if (!slot->text)
		return;
	link->driver->finalize(link->conn, slot->statement.stmt);
	inv__free(&link->allocator, slot->text, slot->len + 1);
	memset(slot, 0, sizeof *slot);
}

void inv__link_close(inv__link *link)
{
	inv_allocator allocator;

	if (!link)
		return;
	for (size_t i = 0; i < TEXT_SLOTS; i++)
		drop_text(link, &link->texts[i]);
	for (size_t i = 0; i < link->slot_count; i++)
		if (link->slots[i].key)
			link->driver->finalize(link->conn, link->slots[i].statement.stmt);
	link->driver->close(link->conn);
	allocator = link->allocator;
	if (link->slots)
		inv__free(&allocator, link->slots, link->slot_count * sizeof *link->slots);
	inv__free(&allocator, link, sizeof *link);
}

const inv_driver *inv__link_driver(const inv__link *link)
{
	return link->driver;
}

inv_conn *inv__link_conn(const inv__link *link)
{
	return link->conn;
}

const inv_allocator *inv__link_allocator(const inv__link *link)
{
	return &link->allocator;
}

bool inv__link_readonly(const inv__link *link)
{
	return (link->flags & INV_OPEN_READONLY) != 0;
}

inv_status inv__link_begin(inv__link *link, uint32_t mode, inv_error *error)
{
	return link->driver->begin(link->conn, mode, error);
}

inv_status inv__link_end(inv__link *link, bool commit, inv_error *error)
{
	return link->driver->end(link->conn, commit ? 1 : 0, error);
}

static void ask_facts(const inv__link *link, inv_driver_facts *out, size_t size)
{
	memset(out, 0, sizeof *out);
	out->struct_size = (uint32_t)size;
	out->alive = 1; /* a driver of an older header does not know it */
	link->driver->facts(link->conn, out);
}

void inv__link_interrupt(const inv__link *link)
{
	link->driver->interrupt(link->conn);
}

void inv__link_facts(const inv__link *link, inv_driver_facts *out)
{
	ask_facts(link, out, sizeof *out);
}

void inv__link_pulse(const inv__link *link, inv_driver_facts *out)
{
	ask_facts(link, out, offsetof(inv_driver_facts, file_bytes));
}

bool inv__link_alive(const inv__link *link)
{
	inv_driver_facts facts;

	inv__link_facts(link, &facts);
	return facts.alive != 0;
}

/* ---- statements ---- */

static inv_status prepare(inv__link *link, inv_str text, prepared *out, inv_error *error)
{
	char scratch[4096];
	inv__arena arena;
	inv__expanded expanded;
	inv_status status;

	inv__arena_init_with(&arena, &link->allocator, scratch, sizeof scratch);
	status = inv__dialect_expand(link->driver->dialect, text, &arena, &expanded);
	if (status == INV_OK)
		status = link->driver->prepare(link->conn, expanded.sql, &out->stmt, error);
	else
		inv__fault(error, status, 0, "a statement cannot be written for the dialect %s",
		           link->driver->dialect);
	if (status == INV_OK) {
		out->rowset_columns = expanded.rowset_columns;
		out->ordinal = expanded.ordinal;
	}
	inv__arena_free(&arena);
	return status;
}

static size_t slot_of(const static_slot *slots, size_t count, const inv__sql *key)
{
	uint64_t hash = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(hash >> 32) & (count - 1);

	while (slots[at].key && slots[at].key != key)
		at = (at + 1) & (count - 1);
	return at;
}

static bool grow_slots(inv__link *link)
{
	size_t count = link->slot_count * 2;
	static_slot *slots = inv__alloc(&link->allocator, count * sizeof *slots);

	if (!slots)
		return false;
	for (size_t i = 0; i < link->slot_count; i++)
		if (link->slots[i].key)
			slots[slot_of(slots, count, link->slots[i].key)] = link->slots[i];
	inv__free(&link->allocator, link->slots, link->slot_count * sizeof *slots);
	link->slots = slots;
	link->slot_count = count;
	return true;
}

#define MADE_SQL_MAX 65536u

/* Prepare a statement of the program, or one that is made now. */
static inv_status prepare_entry(inv__link *link, const struct inv__entry *entry, prepared *out,
                                inv_error *error)
{
	inv__buf text;
	inv_status status;

	if (!entry->make)
		return prepare(link, inv_str_of(entry->sql->text), out, error);
	inv__buf_init(&text, &link->allocator, MADE_SQL_MAX);
	entry->make(entry->ctx, &text);
	status = text.status == INV_OK ? prepare(link, inv__buf_str(&text), out, error)
	                               : inv__fault(error, text.status, 0, "out of memory");
	inv__buf_free(&text);
	return status;
}

static inv_status find_static(inv__link *link, const struct inv__entry *entry,
                              const prepared **out, inv_error *error)
{
	const inv__sql *sql = entry->sql;
	size_t at = slot_of(link->slots, link->slot_count, sql);
	prepared statement = {0};
	inv_status status;

	*out = &link->slots[at].statement;
	if (link->slots[at].key)
		return INV_OK;
	if (link->slots_used * 2 >= link->slot_count && !grow_slots(link))
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	status = prepare_entry(link, entry, &statement, error);
	if (status != INV_OK)
		return status;
	at = slot_of(link->slots, link->slot_count, sql);
	link->slots[at].key = sql;
	link->slots[at].statement = statement;
	link->slots_used++;
	*out = &link->slots[at].statement;
	return INV_OK;
}

static uint64_t text_hash(inv_str text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* True when the text is there; else *out is the slot to go. */
static bool find_slot(inv__link *link, inv_str text, uint64_t hash, text_slot **out)
{
	*out = &link->texts[0];
	for (size_t i = 0; i < TEXT_SLOTS; i++) {
		text_slot *slot = &link->texts[i];

		if (slot->text && slot->hash == hash && slot->len == text.len &&
		    memcmp(slot->text, text.ptr, text.len) == 0) {
			*out = slot;
			return true;
		}
		if (slot->used < (*out)->used)
			*out = slot;
	}
	return false;
}

static inv_status add_text(inv__link *link, inv_str text, text_slot *slot, inv_error *error)
{
	text_slot fresh = {.hash = text_hash(text), .len = text.len};
	inv_status status;

	/* The slot to go is needed by this very batch. */
	if (slot->used == link->tick)
		return inv__fault(error, INV_E_LIMIT, 0, "more than %u different queries in one batch",
		                  TEXT_SLOTS);
	fresh.text = inv__alloc(&link->allocator, text.len + 1);
	if (!fresh.text)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	memcpy(fresh.text, text.ptr, text.len);
	status = prepare(link, text, &fresh.statement, error);
	if (status != INV_OK) {
		inv__free(&link->allocator, fresh.text, text.len + 1);
		return status;
	}
	drop_text(link, slot);
	*slot = fresh;
	return INV_OK;
}

static inv_status find_text(inv__link *link, inv_str text, const prepared **out, inv_error *error)
{
	text_slot *slot;
	inv_status status = INV_OK;

	if (!find_slot(link, text, text_hash(text), &slot))
		status = add_text(link, text, slot, error);
	if (status != INV_OK)
		return status;
	slot->used = link->tick;
	*out = &slot->statement;
	return INV_OK;
}

static inv_status agree(const prepared *statement, inv_item *item, inv_error *error)
{
	if (statement->rowset_columns != item->column_count)
		return inv__fault(error, INV_E_INTERNAL, 0,
		                  "a statement takes a rowset of %u columns and was given %zu",
		                  statement->rowset_columns, item->column_count);
	item->stmt = statement->stmt;
	if (statement->ordinal)
		item->flags |= INV_ITEM_ORDINAL;
	return INV_OK;
}

inv_status inv__link_prepare(inv__link *link, inv__batch *batch, inv_error *error)
{
	link->tick++;
	for (size_t i = batch->done; i < batch->count; i++) {
		const struct inv__entry *entry = &batch->entries[i];
		const prepared *statement;
		inv_status status = entry->sql ? find_static(link, entry, &statement, error)
		                               : find_text(link, entry->text, &statement, error);

		if (status == INV_OK)
			status = agree(statement, &batch->items[i], error);
		if (status != INV_OK) {
			batch->failed = i;
			return status;
		}
	}
	return INV_OK;
}
