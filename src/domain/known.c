/* SPDX-License-Identifier: MIT */
/* Two open-addressed tables that double until they are as large as they may be, and then begin
 * again. Numbers of accounts are digests and ids of products end in randomness, so neither needs
 * more hashing than what spreads ids that a client has counted up. */
#include "domain/known.h"

#include "util/id.h"

#define FIRST_SLOTS 64u
#define KEPT_SLOTS 1024u /* of a table that is cleared: where many write, by each transaction */
#define MAX_SLOTS (1u << 18)
#define STRINGS_MAX (32u << 20)

typedef struct known_product {
	inv_id id;
	inv__product_facts *facts; /* NULL in an empty slot, or when it was forgotten */
} known_product;

struct inv__known {
	inv_allocator allocator;
	known_product *products;
	size_t product_slots, product_count; /* slots are a power of two */
	inv__known_account *accounts;
	size_t account_slots, account_count;
	inv__arena strings; /* of the products' facts */
	size_t string_bytes;
	inv__known_places places;
	int subtree;  /* as inv__known_subtree says it */
	bool changed; /* by events of the transaction that is open */
};

inv__known *inv__known_make(const inv_allocator *allocator)
{
	inv__known *known = inv__alloc(allocator, sizeof *known);

	if (!known)
		return NULL;
	known->allocator = *allocator;
	inv__arena_init(&known->strings, allocator);
	inv__arena_init(&known->places.strings, allocator);
	return known;
}

inv__known_places *inv__known_places_of(inv__known *known)
{
	return known ? &known->places : NULL;
}

static void forget_products(inv__known *known)
{
	if (known->products)
		memset(known->products, 0, known->product_slots * sizeof *known->products);
	known->product_count = 0;
	inv__arena_reset(&known->strings);
	known->strings.failed = false;
	known->string_bytes = 0;
}

static void forget_accounts(inv__known *known)
{
	if (known->accounts)
		memset(known->accounts, 0, known->account_slots * sizeof *known->accounts);
	known->account_count = 0;
}

static void free_products(inv__known *known)
{
	if (known->products)
		inv__free(&known->allocator, known->products,
		          known->product_slots * sizeof *known->products);
	known->products = NULL;
	known->product_slots = 0;
}

static void free_accounts(inv__known *known)
{
	if (known->accounts)
		inv__free(&known->allocator, known->accounts,
		          known->account_slots * sizeof *known->accounts);
	known->accounts = NULL;
	known->account_slots = 0;
}

/* What one large transaction has made grow would have to be cleared after each small one. */
void inv__known_clear(inv__known *known)
{
	if (!known)
		return;
	if (known->product_slots > KEPT_SLOTS)
		free_products(known);
	if (known->product_count > 0)
		forget_products(known);
	if (known->account_slots > KEPT_SLOTS)
		free_accounts(known);
	if (known->account_count > 0)
		forget_accounts(known);
	inv__known_places_forget(&known->places);
	known->subtree = INV__KNOWN_NOTHING;
}

int inv__known_subtree(const inv__known *known)
{
	return known ? known->subtree : INV__KNOWN_NOTHING;
}

void inv__known_subtree_put(inv__known *known, bool any)
{
	if (known)
		known->subtree = any ? INV__KNOWN_SOME : INV__KNOWN_NONE;
}

void inv__known_settle(inv__known *known, bool committed)
{
	if (!known)
		return;
	if (known->changed && !committed)
		inv__known_clear(known);
	known->changed = false;
}

void inv__known_free(inv__known *known)
{
	inv_allocator allocator;

	if (!known)
		return;
	allocator = known->allocator;
	free_products(known);
	free_accounts(known);
	inv__arena_free(&known->strings);
	inv__arena_free(&known->places.strings);
	inv__free(&allocator, known, sizeof *known);
}

/* How many slots a table is to have for one more entry: half of them stay empty. `slots` when it
 * has room, 0 when it is as large as it may be. */
static size_t slots_for(size_t slots, size_t count)
{
	if (count * 2 < slots)
		return slots;
	if (slots == MAX_SLOTS)
		return 0;
	return slots ? slots * 2 : FIRST_SLOTS;
}

/* ---- products ---- */

static known_product *product_slot(known_product *slots, size_t count, const inv_id *id)
{
	uint64_t head, hash;
	size_t at;

	memcpy(&head, id->bytes, sizeof head);
	memcpy(&hash, id->bytes + 8, sizeof hash);
	hash ^= head;
	hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	at = (size_t)(hash >> 32) & (count - 1);
	while (!inv_id_is_none(slots[at].id) && !inv__id_equal(slots[at].id, *id))
		at = (at + 1) & (count - 1);
	return &slots[at];
}

const inv__product_facts *inv__known_product(const inv__known *known, const inv_id *id)
{
	if (!known || known->product_count == 0)
		return NULL;
	return product_slot(known->products, known->product_slots, id)->facts;
}

static bool room_for_product(inv__known *known)
{
	size_t slots = slots_for(known->product_slots, known->product_count);
	known_product *larger;

	if (slots == 0 || known->string_bytes > STRINGS_MAX) {
		forget_products(known);
		return true;
	}
	if (slots == known->product_slots)
		return true;
	larger = inv__alloc(&known->allocator, slots * sizeof *larger);
	if (!larger) {
		forget_products(known);
		return known->product_slots > 0;
	}
	for (size_t i = 0; i < known->product_slots; i++)
		if (!inv_id_is_none(known->products[i].id))
			*product_slot(larger, slots, &known->products[i].id) = known->products[i];
	if (known->products)
		inv__free(&known->allocator, known->products,
		          known->product_slots * sizeof *known->products);
	known->products = larger;
	known->product_slots = slots;
	return true;
}

static inv__product_facts *copy_facts(inv__known *known, const inv__product_facts *facts)
{
	inv__product_facts *copy = inv__arena_alloc(&known->strings, sizeof *copy);

	if (!copy)
		return NULL;
	*copy = *facts;
	copy->sku = inv__arena_str(&known->strings, facts->sku);
	copy->name = inv__arena_str(&known->strings, facts->name);
	known->string_bytes += sizeof *copy + facts->sku.len + facts->name.len;
	return copy->sku.ptr && copy->name.ptr ? copy : NULL;
}

void inv__known_product_put(inv__known *known, const inv_id *id, const inv__product_facts *facts)
{
	known_product *slot;
	inv__product_facts *copy;

	if (!known || !room_for_product(known))
		return;
	copy = copy_facts(known, facts); /* without memory for it, nothing is known of the product */
	slot = product_slot(known->products, known->product_slots, id);
	known->product_count += inv_id_is_none(slot->id);
	slot->id = *id;
	slot->facts = copy;
}

static void learn_product(inv__known *known, const inv_product *p)
{
	const inv__product_facts facts = {
		.sku = p->sku, .name = p->name, .decimals = p->decimals, .stocking = p->stocking,
		.tracking = p->tracking, .picking = p->picking,
		.list_price = p->list_price, .archived = p->archived != 0,
		.found = true};

	inv__known_product_put(known, &p->id, &facts);
}

void inv__known_events(inv__known *known, const inv__event *events, size_t count)
{
	if (!known || count == 0)
		return;
	known->changed = true;
	for (size_t i = 0; i < count; i++) {
		if (events[i].desc->payload == INV_RECORD_product)
			learn_product(known, events[i].payload);
		else if (events[i].desc->payload == INV_RECORD_reservation)
			known->subtree = ((const inv_reservation *)events[i].payload)->subtree
			                         ? INV__KNOWN_SOME : known->subtree;
		else
			inv__known_places_event(&known->places, &events[i]);
	}
}

/* ---- accounts ---- */

static inv__known_account *account_slot(inv__known_account *slots, size_t count, int64_t number)
{
	size_t at = (size_t)number & (count - 1);

	while (slots[at].number != 0 && slots[at].number != number)
		at = (at + 1) & (count - 1);
	return &slots[at];
}

const inv__known_account *inv__known_find(const inv__known *known, int64_t number)
{
	const inv__known_account *slot;

	if (!known || known->account_count == 0)
		return NULL;
	slot = account_slot(known->accounts, known->account_slots, number);
	return slot->number != 0 ? slot : NULL;
}

static bool room_for_account(inv__known *known)
{
	size_t slots = slots_for(known->account_slots, known->account_count);
	inv__known_account *larger;

	if (slots == 0) {
		forget_accounts(known);
		return true;
	}
	if (slots == known->account_slots)
		return true;
	larger = inv__alloc(&known->allocator, slots * sizeof *larger);
	if (!larger) {
		forget_accounts(known);
		return known->account_slots > 0;
	}
	for (size_t i = 0; i < known->account_slots; i++)
		if (known->accounts[i].number != 0)
			*account_slot(larger, slots, known->accounts[i].number) = known->accounts[i];
	if (known->accounts)
		inv__free(&known->allocator, known->accounts,
		          known->account_slots * sizeof *known->accounts);
	known->accounts = larger;
	known->account_slots = slots;
	return true;
}

void inv__known_put(inv__known *known, const inv__known_account *account)
{
	inv__known_account *slot;

	if (!known || !room_for_account(known))
		return;
	slot = account_slot(known->accounts, known->account_slots, account->number);
	known->account_count += slot->number == 0;
	*slot = *account;
}

void inv__known_add(inv__known *known, int64_t number, const inv__holding *change)
{
	inv__known_account *slot;

	if (!known || known->account_count == 0)
		return;
	slot = account_slot(known->accounts, known->account_slots, number);
	if (slot->number == 0)
		return;
	known->changed = true;
	slot->stored = true;
	slot->holding.on_hand += change->on_hand;
	slot->holding.held += change->held;
	slot->holding.apart += change->apart;
	slot->holding.apart_sellable += change->apart_sellable;
	if (slot->holding.last_at < change->last_at)
		slot->holding.last_at = change->last_at;
}

void inv__known_watch(inv__known *known, int64_t number, bool watched, int64_t reorder_point)
{
	inv__known_account *slot;

	if (!known || known->account_count == 0)
		return;
	slot = account_slot(known->accounts, known->account_slots, number);
	if (slot->number == 0)
		return;
	known->changed = true;
	slot->holding.watched = watched;
	slot->holding.reorder_point = reorder_point;
}
