/* SPDX-License-Identifier: MIT */
/* Cursors: the sort keys of a page's last record and a check, as base64url. The check is keyed with
 * the question, so that a cursor of another list, or a changed one, is refused. */
#include "codec/field.h"
#include "domain/list.h"
#include "util/hash.h"
#include "util/text.h"

#define CHECK_SIZE 8u
#define CURSOR_MAX 8192u

static void check_of(const inv__question *question, const char *keys, size_t size,
                     uint8_t out[CHECK_SIZE])
{
	uint8_t hash[INV__HASH_SIZE];

	inv__hash(keys, size, question->digest, sizeof question->digest, hash);
	memcpy(out, hash, CHECK_SIZE);
}

static inv_status refuse(inv__problems *problems)
{
	return inv__problem_add(problems, INV_E_INVALID, NULL, "cursor",
	                        "this is no cursor of this list: ask with the same filter and sort as "
	                        "the page it came from, or without a cursor");
}

static inv_status no_memory(inv__problems *problems)
{
	return inv__problem_add(problems, INV_E_NO_MEMORY, NULL, "cursor",
	                        "there is not enough memory");
}

/* ---- numbers, little-endian ---- */

static void put_number(inv__buf *buf, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		inv__buf_putc(buf, (char)(unsigned char)(number >> (8 * i)));
}

static bool take_number(inv_str *from, size_t bytes, uint64_t *out)
{
	uint64_t number = 0;

	if (from->len < bytes)
		return false;
	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t)(unsigned char)from->ptr[i] << (8 * i);
	from->ptr += bytes;
	from->len -= bytes;
	*out = number;
	return true;
}

/* ---- keys ---- */

static uint32_t value_type(uint32_t kind)
{
	if (inv__kind_is_int(kind))
		return INV_VALUE_INT;
	if (kind == INV_KIND_ID || kind == INV_KIND_REF || kind == INV_KIND_BYTES)
		return INV_VALUE_BLOB;
	return INV_VALUE_TEXT;
}

static inv_status put_key(const inv__key *key, const inv_value *cell, inv__arena *arena,
                          inv__buf *buf)
{
	inv_str text = {"", 0};

	if (value_type(key->field->kind) == INV_VALUE_INT) {
		put_number(buf, cell->type == INV_VALUE_INT ? (uint64_t)cell->u.i : 0, 8);
		return INV_OK;
	}
	if (cell->type == INV_VALUE_TEXT || cell->type == INV_VALUE_BLOB)
		text = (inv_str){cell->u.p, cell->size};
	if (key->folded)
		text = inv__str_fold(arena, text);
	if (!text.ptr)
		return INV_E_NO_MEMORY;
	put_number(buf, text.len, 4);
	inv__buf_put(buf, text.ptr, text.len);
	return INV_OK;
}

static bool take_key(const inv__key *key, inv_str *from, inv_value *out)
{
	uint64_t number;

	out->type = value_type(key->field->kind);
	out->size = 0;
	if (out->type == INV_VALUE_INT) {
		if (!take_number(from, 8, &number))
			return false;
		out->u.i = (int64_t)number;
		return true;
	}
	if (!take_number(from, 4, &number) || number > from->len)
		return false;
	out->size = (uint32_t)number;
	out->u.p = from->ptr;
	/* Databases refuse text that is none, with an error of their own. */
	if (out->type == INV_VALUE_TEXT &&
	    inv__text_check((inv_str){from->ptr, (size_t)number}, true) != INV__TEXT_OK)
		return false;
	from->ptr += number;
	from->len -= (size_t)number;
	return true;
}

inv_status inv__cursor_read(const inv__question *question, const inv__order *order, inv_str text,
                            inv__arena *arena, inv__problems *problems, inv_value *after)
{
	uint8_t check[CHECK_SIZE];
	size_t size = 0;
	char *data;
	inv_str rest;

	if (text.len > CURSOR_MAX)
		return refuse(problems);
	data = inv__arena_alloc(arena, text.len + 4);
	if (!data)
		return no_memory(problems);
	if (!inv__base64url_decode(text, data, &size) || size < CHECK_SIZE)
		return refuse(problems);
	rest = (inv_str){data + CHECK_SIZE, size - CHECK_SIZE};
	check_of(question, rest.ptr, rest.len, check);
	if (memcmp(check, data, CHECK_SIZE) != 0)
		return refuse(problems);
	for (size_t i = 0; i < order->count; i++)
		if (!take_key(&order->keys[i], &rest, &after[i]))
			return refuse(problems);
	return rest.len == 0 ? INV_OK : refuse(problems);
}

static inv_status encode(const inv__question *question, inv__buf *buf, inv__arena *arena,
                         inv_str *out)
{
	uint8_t check[CHECK_SIZE];
	char *text = inv__arena_alloc(arena, inv__base64_size(buf->len) + 1);

	if (!text)
		return INV_E_NO_MEMORY;
	check_of(question, buf->data + CHECK_SIZE, buf->len - CHECK_SIZE, check);
	memcpy(buf->data, check, CHECK_SIZE);
	out->len = inv__base64url_encode(buf->data, buf->len, text);
	out->ptr = text;
	return INV_OK;
}

inv_status inv__cursor_write(const inv__question *question, const inv__order *order,
                             const inv_value *cells, inv__arena *arena, inv_str *out)
{
	inv__buf buf;
	inv_status rc = INV_OK;

	inv__buf_init(&buf, &arena->allocator, CURSOR_MAX);
	put_number(&buf, 0, CHECK_SIZE);
	for (size_t i = 0; rc == INV_OK && i < order->count; i++)
		rc = put_key(&order->keys[i], &cells[order->keys[i].column], arena, &buf);
	if (rc == INV_OK)
		rc = buf.status;
	if (rc == INV_OK)
		rc = encode(question, &buf, arena, out);
	inv__buf_free(&buf);
	return rc;
}
