/* SPDX-License-Identifier: MIT */
/* Arenas: a list of blocks, handed out from the newest one by moving a pointer. */
#include "util/arena.h"

#include <stdlib.h>

#define ALIGNMENT 16u
#define BLOCK_FIRST 4096u
#define BLOCK_MAX (256u * 1024u)
/* Requests from here on get a block of their own, so that the rest of the newest is not lost. */
#define BLOCK_OWN (BLOCK_MAX / 4)

struct inv__block {
	inv__block *older;
	size_t size;  /* with this header */
	bool borrowed; /* the caller's memory: never given back */
};

#define HEADER ((sizeof(inv__block) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1))

static void *malloc_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
	(void)ctx;
	(void)old_size;
	if (new_size == 0) {
		free(ptr);
		return NULL;
	}
	return realloc(ptr, new_size);
}

const inv_allocator inv__malloc_allocator = {NULL, malloc_resize};

static void use_block(inv__arena *arena, inv__block *block)
{
	arena->next = (char *)block + HEADER;
	arena->end = (char *)block + block->size;
}

void inv__arena_init(inv__arena *arena, const inv_allocator *allocator)
{
	memset(arena, 0, sizeof *arena);
	arena->allocator = allocator && allocator->resize ? *allocator : inv__malloc_allocator;
}

void inv__arena_init_with(inv__arena *arena, const inv_allocator *allocator, void *memory,
                          size_t size)
{
	size_t skip = (size_t)(-(uintptr_t)memory & (ALIGNMENT - 1));

	inv__arena_init(arena, allocator);
	if (!memory || size < skip + HEADER + ALIGNMENT)
		return;
	arena->block = (inv__block *)(void *)((char *)memory + skip);
	arena->block->older = NULL;
	arena->block->size = (size - skip) & ~(size_t)(ALIGNMENT - 1);
	arena->block->borrowed = true;
	use_block(arena, arena->block);
}

static void free_blocks(inv__arena *arena, inv__block *block)
{
	while (block) {
		inv__block *older = block->older;

		if (!block->borrowed)
			inv__free(&arena->allocator, block, block->size);
		block = older;
	}
}

void inv__arena_free(inv__arena *arena)
{
	inv_allocator allocator = arena->allocator;

	free_blocks(arena, arena->block);
	inv__arena_init(arena, &allocator);
}

void inv__arena_reset(inv__arena *arena)
{
	arena->failed = false;
	if (!arena->block)
		return;
	free_blocks(arena, arena->block->older);
	arena->block->older = NULL;
	use_block(arena, arena->block);
}

/* `size` is a multiple of ALIGNMENT. */
static inv__block *new_block(inv__arena *arena, size_t size)
{
	inv__block *block = arena->allocator.resize(arena->allocator.ctx, NULL, 0, size);

	if (!block) {
		arena->failed = true;
		return NULL;
	}
	block->older = NULL;
	block->size = size;
	block->borrowed = false;
	return block;
}

static void *alloc_own(inv__arena *arena, size_t size)
{
	inv__block *block = new_block(arena, HEADER + size);

	if (!block)
		return NULL;
	block->older = arena->block->older;
	arena->block->older = block;
	return (char *)block + HEADER;
}

/* `size` is a multiple of ALIGNMENT and does not fit the newest block. */
static void *alloc_slow(inv__arena *arena, size_t size)
{
	size_t want = arena->block ? arena->block->size * 2 : BLOCK_FIRST;
	inv__block *block;
	char *memory;

	if (arena->block && size >= BLOCK_OWN)
		return alloc_own(arena, size);
	if (want < BLOCK_FIRST)
		want = BLOCK_FIRST;
	if (want > BLOCK_MAX)
		want = BLOCK_MAX;
	if (want < HEADER + size)
		want = HEADER + size;
	block = new_block(arena, want);
	if (!block)
		return NULL;
	block->older = arena->block;
	arena->block = block;
	use_block(arena, block);
	memory = arena->next;
	arena->next += size;
	return memory;
}

void *inv__arena_alloc(inv__arena *arena, size_t size)
{
	char *memory = arena->next;

	if (size > SIZE_MAX / 2) {
		arena->failed = true;
		return NULL;
	}
	size = size ? (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1) : ALIGNMENT;
	if (size > (size_t)(arena->end - memory))
		return alloc_slow(arena, size);
	arena->next = memory + size;
	return memory;
}

void *inv__arena_zalloc(inv__arena *arena, size_t size)
{
	void *memory = inv__arena_alloc(arena, size);

	if (memory && size)
		memset(memory, 0, size);
	return memory;
}

void *inv__arena_array(inv__arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total)) {
		arena->failed = true;
		return NULL;
	}
	return inv__arena_zalloc(arena, total);
}

inv_str inv__arena_str(inv__arena *arena, inv_str text)
{
	inv_str copy = {"", 0};
	char *memory;

	if (text.len == 0)
		return copy;
	memory = text.len == SIZE_MAX ? NULL : inv__arena_alloc(arena, text.len + 1);
	if (memory) {
		memcpy(memory, text.ptr, text.len);
		memory[text.len] = '\0';
		copy.len = text.len;
	}
	copy.ptr = memory;
	return copy;
}

void *inv__alloc(const inv_allocator *allocator, size_t size)
{
	void *memory = allocator->resize(allocator->ctx, NULL, 0, size ? size : 1);

	if (memory)
		memset(memory, 0, size ? size : 1);
	return memory;
}

void inv__free(const inv_allocator *allocator, void *ptr, size_t size)
{
	if (ptr)
		(void)allocator->resize(allocator->ctx, ptr, size ? size : 1, 0);
}
