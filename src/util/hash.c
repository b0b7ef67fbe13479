/* SPDX-License-Identifier: MIT */
/* BLAKE2b-256 and randomness. */
#include "util/hash.h"

#include <assert.h>
#include <sodium.h>

static_assert(sizeof(crypto_generichash_state) <= sizeof(inv__hasher), "the state must fit");
static_assert(_Alignof(crypto_generichash_state) <= _Alignof(inv__hasher), "and be aligned");
static_assert(INV__HASH_SIZE >= crypto_generichash_BYTES_MIN &&
              INV__HASH_SIZE <= crypto_generichash_BYTES_MAX, "a size BLAKE2b has");

static crypto_generichash_state *state_of(inv__hasher *hasher)
{
	return (crypto_generichash_state *)(void *)hasher->state;
}

bool inv__hash_ready(void)
{
	return sodium_init() >= 0;
}

/* The functions below fail for impossible sizes only; ours are constants and keys of 16..64. */

void inv__hash(const void *data, size_t size, const void *key, size_t key_size, uint8_t out[32])
{
	(void)crypto_generichash(out, INV__HASH_SIZE, data, size, key, key ? key_size : 0);
}

void inv__hash_short(const void *data, size_t size, uint8_t out[16])
{
	static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] = "inventra account";

	(void)crypto_shorthash_siphashx24(out, data, size, key);
}

void inv__hasher_init(inv__hasher *hasher, const void *key, size_t key_size)
{
	(void)crypto_generichash_init(state_of(hasher), key, key ? key_size : 0, INV__HASH_SIZE);
}

void inv__hasher_add(inv__hasher *hasher, const void *data, size_t size)
{
	(void)crypto_generichash_update(state_of(hasher), data, size);
}

void inv__hasher_end(inv__hasher *hasher, uint8_t out[32])
{
	(void)crypto_generichash_final(state_of(hasher), out, INV__HASH_SIZE);
}

bool inv__random_fill(void *ctx, void *buffer, size_t size)
{
	(void)ctx;
	randombytes_buf(buffer, size);
	return true;
}
