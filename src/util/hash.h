/* SPDX-License-Identifier: MIT */
/* BLAKE2b-256 through libsodium. */
#ifndef INV_UTIL_HASH_H
#define INV_UTIL_HASH_H

#include "inventra/base.h"

#define INV__HASH_SIZE 32

/* Call once before any other; may be called again, from any thread. False when libsodium fails. */
bool inv__hash_ready(void);
/* `key` may be NULL; key_size 16..64. */
void inv__hash(const void *data, size_t size, const void *key, size_t key_size, uint8_t out[32]);

/* 128 bits of SipHash with a key that everybody knows: spreads well, proves nothing. */
void inv__hash_short(const void *data, size_t size, uint8_t out[16]);

typedef struct inv__hasher {
	_Alignas(64) unsigned char state[384];
} inv__hasher;
void inv__hasher_init(inv__hasher *hasher, const void *key, size_t key_size);
void inv__hasher_add(inv__hasher *hasher, const void *data, size_t size);
void inv__hasher_end(inv__hasher *hasher, uint8_t out[32]);

bool inv__random_fill(void *ctx, void *buffer, size_t size); /* libsodium, for inv_random */

#endif
