/* SPDX-License-Identifier: MIT */
/* Arenas and buffers: alignment, reuse, limits, and what happens when memory runs out. */
/* ctest: valgrind */
#include "util/arena.h"

#include "support/check.h"

/* An allocator that counts what is out and fails from its `fail_at`th request on. */
struct counter {
	size_t out;
	size_t blocks;
	size_t requests;
	size_t fail_at;
};

static void *counted(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
	struct counter *c = ctx;
	void *memory;

	if (new_size && c->fail_at && ++c->requests >= c->fail_at)
		return NULL;
	memory = inv__malloc_allocator.resize(NULL, ptr, old_size, new_size);
	c->out += new_size - old_size;
	c->blocks += (size_t)(ptr == NULL) - (size_t)(new_size == 0);
	return memory;
}

static inv_allocator allocator_of(struct counter *c)
{
	inv_allocator a = {c, counted};

	return a;
}

static bool aligned(const void *p)
{
	return (uintptr_t)p % 16 == 0;
}

TEST(arena_gives_separate_aligned_memory)
{
	struct counter c = {0, 0, 0, 0};
	inv_allocator a = allocator_of(&c);
	inv__arena arena;
	unsigned char *p[500];
	size_t sizes[500];
	bool same = true;

	inv__arena_init(&arena, &a);
	for (size_t i = 0; i < 500; i++) {
		sizes[i] = (size_t)check_random_below(i % 50 == 0 ? 200000 : 300);
		p[i] = inv__arena_alloc(&arena, sizes[i]);
		if (!CHECK(p[i] != NULL) || !CHECK(aligned(p[i])))
			return;
		memset(p[i], (int)(i & 255), sizes[i]);
	}
	for (size_t i = 0; i < 500; i++) {
		for (size_t k = 0; k < sizes[i]; k++)
			same = same && p[i][k] == (i & 255);
	}
	CHECK(same);
	CHECK(!arena.failed);
	inv__arena_free(&arena);
	CHECK_INT(c.out, 0);
	CHECK_INT(c.blocks, 0);
}

TEST(arena_uses_borrowed_memory_first)
{
	struct counter c = {0, 0, 0, 0};
	inv_allocator a = allocator_of(&c);
	char memory[1000];
	inv__arena arena;
	char *p;

	/* Not aligned on purpose. */
	inv__arena_init_with(&arena, &a, memory + 1, sizeof memory - 1);
	p = inv__arena_alloc(&arena, 800);
	CHECK(p > memory && p + 800 <= memory + sizeof memory);
	CHECK(aligned(p));
	CHECK_INT(c.blocks, 0);
	CHECK(inv__arena_alloc(&arena, 800) != NULL);
	CHECK_INT(c.blocks, 1);
	inv__arena_free(&arena);
	CHECK_INT(c.out, 0);
	inv__arena_init_with(&arena, &a, memory, 8);
	CHECK(inv__arena_alloc(&arena, 8) != NULL);
	CHECK_INT(c.blocks, 1);
	inv__arena_free(&arena);
	CHECK_INT(c.out, 0);
}

TEST(arena_reset_keeps_one_block)
{
	struct counter c = {0, 0, 0, 0};
	inv_allocator a = allocator_of(&c);
	inv__arena arena;
	size_t requests;

	inv__arena_init(&arena, &a);
	inv__arena_reset(&arena);
	for (int i = 0; i < 1000; i++)
		(void)inv__arena_alloc(&arena, 100);
	(void)inv__arena_alloc(&arena, 1000000);
	inv__arena_reset(&arena);
	CHECK_INT(c.blocks, 1);
	requests = c.requests;
	for (int i = 0; i < 100; i++) {
		(void)inv__arena_alloc(&arena, 100);
		inv__arena_reset(&arena);
	}
	CHECK_INT(c.requests, requests);
	inv__arena_free(&arena);
	CHECK_INT(c.out, 0);
}

TEST(arena_failure_is_sticky_and_clean)
{
	for (size_t fail_at = 1; fail_at < 6; fail_at++) {
		struct counter c = {0, 0, 0, fail_at};
		inv_allocator a = allocator_of(&c);
		inv__arena arena;
		size_t given = 0;

		inv__arena_init(&arena, &a);
		for (int i = 0; i < 40; i++)
			given += inv__arena_zalloc(&arena, 1000 * (size_t)i) != NULL;
		CHECK(given < 40);
		CHECK(arena.failed);
		inv__arena_reset(&arena);
		CHECK(!arena.failed);
		inv__arena_free(&arena);
		CHECK_INT(c.out, 0);
	}
}

TEST(arena_failure_of_a_large_block)
{
	struct counter c = {0, 0, 0, 2};
	inv_allocator a = allocator_of(&c);
	inv__arena arena;

	inv__arena_init(&arena, &a);
	CHECK(inv__arena_alloc(&arena, 16) != NULL);
	CHECK(inv__arena_alloc(&arena, 1000000) == NULL);
	CHECK(arena.failed);
	/* What was there goes on being used. */
	CHECK(inv__arena_alloc(&arena, 16) != NULL);
	inv__arena_free(&arena);
	CHECK_INT(c.out, 0);
}

TEST(arena_refuses_impossible_sizes)
{
	inv_str huge = {"", SIZE_MAX};
	inv__arena arena;

	inv__arena_init(&arena, NULL);
	CHECK(inv__arena_array(&arena, SIZE_MAX / 4, 8) == NULL);
	CHECK(arena.failed);
	CHECK(inv__arena_alloc(&arena, SIZE_MAX) == NULL);
	CHECK(inv__arena_alloc(&arena, SIZE_MAX - 15) == NULL);
	CHECK(inv__arena_str(&arena, huge).ptr == NULL);
	inv__arena_free(&arena);
	CHECK(!arena.failed);
}

TEST(arena_copies_strings_and_clears)
{
	inv__arena arena;
	inv_str copy;
	int64_t *numbers;

	inv__arena_init(&arena, NULL);
	copy = inv__arena_str(&arena, inv_str_of("tea"));
	CHECK_STR(copy, "tea");
	CHECK_INT(copy.ptr[3], 0);
	copy = inv__arena_str(&arena, inv_str_of(NULL));
	CHECK_STR(copy, "");
	CHECK(copy.ptr != NULL && copy.ptr[0] == '\0');
	memset(inv__arena_alloc(&arena, 64), 0xAA, 64);
	inv__arena_reset(&arena);
	numbers = inv__arena_array(&arena, 8, sizeof *numbers);
	for (int i = 0; i < 8; i++)
		CHECK_INT(numbers[i], 0);
	CHECK(inv__arena_array(&arena, 0, 8) != NULL);
	inv__arena_free(&arena);
}

TEST(alloc_clears_and_gives_back)
{
	struct counter c = {0, 0, 0, 0};
	inv_allocator a = allocator_of(&c);
	char *p = inv__alloc(&a, 10);
	char *none = inv__alloc(&a, 0);

	if (CHECK(p != NULL && none != NULL))
		CHECK_INT(p[9], 0);
	inv__free(&a, p, 10);
	inv__free(&a, none, 0);
	inv__free(&a, NULL, 5);
	CHECK_INT(c.out, 0);
	CHECK_INT(c.blocks, 0);
}

TEST(buf_grows_to_its_maximum)
{
	struct counter c = {0, 0, 0, 0};
	inv_allocator a = allocator_of(&c);
	inv__buf buf;

	inv__buf_init(&buf, &a, 1000);
	for (int i = 0; i < 1000; i++)
		inv__buf_putc(&buf, (char)('a' + i % 26));
	CHECK_STATUS(buf.status, INV_OK);
	CHECK_INT(buf.len, 1000);
	CHECK_INT(buf.data[999], 'a' + 999 % 26);
	CHECK(buf.cap <= 1000);
	inv__buf_putc(&buf, 'x');
	CHECK_STATUS(buf.status, INV_E_LIMIT);
	CHECK_INT(inv__buf_str(&buf).len, 1000);
	inv__buf_free(&buf);
	CHECK_INT(c.out, 0);
	CHECK_STATUS(buf.status, INV_OK);
}

TEST(buf_takes_nothing_after_an_error)
{
	inv__buf buf;

	inv__buf_init(&buf, NULL, 10);
	inv__buf_puts(&buf, "12345");
	inv__buf_puts(&buf, "678901");
	inv__buf_puts(&buf, "6");
	inv__buf_putc(&buf, '7');
	CHECK(inv__buf_room(&buf, 1) == NULL);
	CHECK_STR(inv__buf_str(&buf), "12345");
	CHECK_STATUS(buf.status, INV_E_LIMIT);
	inv__buf_free(&buf);
}

TEST(buf_out_of_memory)
{
	for (size_t fail_at = 1; fail_at < 5; fail_at++) {
		struct counter c = {0, 0, 0, fail_at};
		inv_allocator a = allocator_of(&c);
		inv__buf buf;

		inv__buf_init(&buf, &a, SIZE_MAX);
		for (int i = 0; i < 10000; i++)
			inv__buf_put(&buf, "abc", 3);
		CHECK_STATUS(buf.status, INV_E_NO_MEMORY);
		inv__buf_free(&buf);
		CHECK_INT(c.out, 0);
	}
}

TEST(buf_room)
{
	inv__buf buf;
	char *room;

	inv__buf_init(&buf, NULL, 5000);
	CHECK(inv__buf_room(&buf, 0) != NULL);
	room = inv__buf_room(&buf, 4000);
	if (CHECK(room != NULL)) {
		memset(room, 'x', 4000);
		buf.len += 4000;
	}
	CHECK(inv__buf_room(&buf, SIZE_MAX) == NULL);
	CHECK_STATUS(buf.status, INV_E_LIMIT);
	CHECK_INT(buf.len, 4000);
	inv__buf_free(&buf);
}

CHECK_MAIN()
