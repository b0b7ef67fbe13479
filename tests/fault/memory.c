/* SPDX-License-Identifier: MIT */
/* Each allocation of each operation fails in turn: once, and with all behind it. The call answers
 * cleanly, leaks nothing and changes nothing, and the store goes on working. malloc is replaced
 * for the whole process: what SQLite, cJSON and zlib ask for fails too. */
#include "fault/memory.h"

#ifdef HEAP_REPLACED

/* ---- one call, over and over ---- */

/* How the call is made. */
typedef enum variant { PLAIN, KEYED, AGAIN, INSIDE, VARIANTS } variant;

static const char *const variant_names[VARIANTS] = {"", " with a key", " with a key seen before",
                                                    " inside a transaction"};

typedef struct trial {
	shop *s;
	const call *call;
	variant variant;
	bool for_good;
	inv_status (*run)(const struct trial *trial, inv_result **result);
} trial;

static inv_status run_call(const trial *t, inv_result **result)
{
	char key[32] = "key-$";

	if (t->variant == AGAIN)
		snprintf(key, sizeof key, "again-%d", (int)(t->call - calls));
	return run(t->s, t->call->op, t->call->input,
	           t->variant == KEYED || t->variant == AGAIN ? key : NULL, result);
}

static inv_status run_failing(const trial *t, int64_t nth, inv_result **result)
{
	inv_status status;

	heap_arm(nth, t->for_good);
	status = t->run(t, result);
	heap_disarm();
	return status;
}

static void say(const trial *t, int64_t nth, const char *what)
{
	if (t->run == run_call)
		fprintf(stderr, "%s%s, allocation %lld%s: %s\n", t->call->op, variant_names[t->variant],
		        (long long)nth, t->for_good ? " and on" : "", what);
}

/* A failed call must say that memory was short, in the status and in the session's error. */
static bool is_honest(const trial *t, inv_status status, int64_t nth)
{
	const inv_error *error = inv_session_error(t->s->session);
	char text[400];

	if (status == INV_E_NO_MEMORY && error->status == status && error->message[0])
		return true;
	snprintf(text, sizeof text, "answers %d (%d: %s)", (int)status, (int)error->status,
	         error->message);
	say(t, nth, text);
	return false;
}

static bool is_unchanged(const trial *t, int64_t nth)
{
	if (is_same_state(t->s))
		return true;
	say(t, nth, "the state is another");
	return false;
}

/* The commit of a transaction that a failure has ended says so, and nothing of it stays. */
static void end_inside(const trial *t, inv_status status)
{
	inv_status end = inv_commit(t->s->session);

	if (end != INV_OK && (end != INV_E_STATE || status == INV_OK))
		CHECK_FAIL("%s: commit: %s", t->call->op, inv_session_error(t->s->session)->message);
}

/* Let the nth allocation fail; false when the call asked for fewer. */
static bool try_point(const trial *t, int64_t nth, finding *f)
{
	inv_result *result = NULL;
	inv_status status;

	if (t->variant == INSIDE)
		CHECK_STATUS(inv_begin(t->s->session), INV_OK);
	status = run_failing(t, nth, &result);
	f->points += heap.failed;
	f->survived += heap.failed && status == INV_OK;
	if (status != INV_OK && !is_honest(t, status, nth))
		f->wrong++;
	if (status == INV_OK && t->variant != AGAIN)
		CHECK(!inv_result_replayed(result));
	inv_result_free(result);
	if (t->variant == INSIDE)
		end_inside(t, status);
	if (status != INV_OK || t->variant == AGAIN) {
		f->changed += !is_unchanged(t, nth);
	} else {
		(void)prepare(t->s, t->call);
		read_state(t->s);
	}
	return heap.failed;
}

/* At the end the state is read in any case. */
static void try_all(const trial *t, finding *f)
{
	int64_t step = pace(1);
	int64_t nth = 1;

	read_state(t->s);
	while (try_point(t, nth, f) && f->wrong + f->changed < 5)
		nth = next_point(nth, step);
	t->s->last.syncs = -1;
	f->changed += !is_unchanged(t, nth);
}

/* One call on a store whose connections and statements are there already. */
static void try_call(shop *s, const call *c, variant v, finding *f)
{
	trial t = {.s = s, .call = c, .variant = v, .run = run_call};

	if (!prepare(s, c) || run_call(&t, NULL) != INV_OK) {
		CHECK_FAIL("%s %s: %s", c->op, c->input, inv_session_error(s->session)->message);
		return;
	}
	if (v != AGAIN && !prepare(s, c))
		return;
	try_all(&t, f);
	t.for_good = true;
	try_all(&t, f);
}

static bool applies(const inv_op_desc *op, variant v)
{
	return v == PLAIN || (op->flags & INV_OP_WRITE);
}

static void test_call(const call *c, finding *sum)
{
	const inv_op_desc *op = inv_schema_op_named(inv_str_of(c->op));

	if (!op) {
		CHECK_FAIL("there is no operation %s", c->op);
		return;
	}
	for (variant v = PLAIN; v < VARIANTS; v++) {
		int64_t live = heap.live;
		finding f = {0};
		shop s;

		if (!applies(op, v) || !shop_open(&s))
			continue;
		try_call(&s, c, v, &f);
		shop_close(&s);
		f.leaked = heap.live != live;
		(void)is_clean(&f, c->op, variant_names[v]);
		sum->points += f.points;
		sum->survived += f.survived;
	}
}

TEST(every_operation)
{
	finding sum = {0};
	shop s;

	disk_install();
	if (!make_base(&s))
		return;
	shop_close(&s);
	for (size_t i = 0; i < CALL_COUNT; i++)
		test_call(&calls[i], &sum);
	if (shop_open(&s))
		check_sound(s.store, "all calls");
	shop_close(&s);
	printf("%lld allocations failed, %lld of them did no harm\n", (long long)sum.points,
	       (long long)sum.survived);
}

TEST(no_operation_is_left_out)
{
	const inv_op_desc *op;

	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
		bool there = false;

		for (size_t k = 0; k < CALL_COUNT && !there; k++)
			there = strcmp(calls[k].op, op->name) == 0;
		if (!there)
			CHECK_FAIL("%s: no call of it is in the table", op->name);
	}
}

/* ---- the first call of a store that was just opened ---- */

/* The store as one plain file, to begin with again and again. */
typedef struct image {
	char *bytes;
	size_t size;
} image;

static bool image_take(const shop *s, image *to)
{
	inv_error error = INV_ERROR_INIT;
	const char *path = check_path("image.db");
	FILE *file;
	long size = 0;

	to->bytes = NULL;
	to->size = 0;
	(void)unlink(path);
	if (!CHECK_STATUS(inv_store_backup(s->store, path, NULL, &error), INV_OK))
		return false;
	file = fopen(path, "rb");
	if (!CHECK(file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0))
		return false;
	to->size = (size_t)size;
	to->bytes = malloc(to->size);
	rewind(file);
	CHECK(to->bytes && fread(to->bytes, 1, to->size, file) == to->size);
	fclose(file);
	return to->bytes != NULL;
}

static void image_put(const image *from)
{
	FILE *file;

	remove_store("shop.db");
	file = fopen(store_path(), "wb");
	CHECK(file && fwrite(from->bytes, 1, from->size, file) == from->size);
	if (file)
		fclose(file);
}

/* Connections are opened and statements prepared: hundreds of allocations more. */
static bool try_cold(const call *c, int64_t nth, finding *f)
{
	shop s;
	trial t = {.s = &s, .call = c, .variant = KEYED, .run = run_call};
	int64_t live = heap.live;
	inv_result *result = NULL;
	inv_status status;
	bool failed;

	if (!shop_open(&s))
		return false;
	status = run_failing(&t, nth, &result);
	failed = heap.failed;
	f->points += failed;
	if (status != INV_OK && !is_honest(&t, status, nth))
		f->wrong++;
	inv_result_free(result);
	/* Whatever had failed, it works now; and the key says that nothing stayed of it. */
	result = NULL;
	if (status != INV_OK && run(&s, c->op, c->input, "key-$", &result) != INV_OK)
		CHECK_FAIL("%s fails after allocation %lld did: %s", c->op, (long long)nth,
		           inv_session_error(s.session)->message);
	if (inv_result_replayed(result)) {
		f->changed++;
		say(&t, nth, "it was done all the same");
	}
	inv_result_free(result);
	shop_close(&s);
	if (heap.live != live) {
		f->leaked = true;
		say(&t, nth, "something leaks");
	}
	return failed;
}

static void test_cold(const call *c, const image *base, finding *sum)
{
	int64_t step = pace(29);
	int64_t nth = 1;
	finding f = {0};
	image ready;
	bool more;
	shop s;

	image_put(base);
	more = shop_open(&s) && prepare(&s, c) && image_take(&s, &ready);
	shop_close(&s);
	if (!more)
		return;
	for (; more && f.wrong + f.changed < 5 && !f.leaked; nth = next_point(nth, step)) {
		image_put(&ready);
		more = try_cold(c, nth, &f);
	}
	free(ready.bytes);
	(void)is_clean(&f, c->op, " on a store just opened");
	sum->points += f.points;
}

TEST(first_calls)
{
	finding sum = {0};
	image base;
	shop s;
	bool ready;

	disk_install();
	ready = make_base(&s) && image_take(&s, &base);
	shop_close(&s);
	if (!ready)
		return;
	for (size_t i = 0; i < CALL_COUNT; i++)
		test_cold(&calls[i], &base, &sum);
	free(base.bytes);
	if (shop_open(&s))
		check_sound(s.store, "all first calls");
	shop_close(&s);
	printf("%lld allocations failed\n", (long long)sum.points);
}

/* ---- a transaction of three commands, of which the second fails ---- */

static inv_status rename_shop(const shop *s, const char *name)
{
	char input[64];

	snprintf(input, sizeof input, "{\"name\":\"%s\"}", name);
	return run(s, "settings.update", input, NULL, NULL);
}

/* Either what succeeded is committed, or all of it is undone and every answer behind the failure
 * says so. False when no allocation failed. */
static bool try_three(shop *s, int64_t nth, bool for_good)
{
	inv_status middle, last, end;
	int64_t position;

	read_state(s);
	position = s->last.position;
	CHECK_STATUS(inv_begin(s->session), INV_OK);
	CHECK_STATUS(rename_shop(s, "First"), INV_OK);
	heap_arm(nth, for_good);
	middle = run(s, "stock.receive", "{" STOCK_LINES "}", NULL, NULL);
	heap_disarm();
	last = rename_shop(s, "Last");
	end = inv_commit(s->session);
	read_state(s);
	CHECK(last == INV_OK || last == INV_E_STATE);
	CHECK(middle == INV_OK || middle == INV_E_NO_MEMORY);
	CHECK_STATUS(end, last);
	if (end == INV_OK)
		position += middle == INV_OK ? 3 : 2;
	if (!CHECK_INT(s->last.position, position))
		fprintf(stderr, "allocation %lld: answers %d, %d, %d\n", (long long)nth, (int)middle,
		        (int)last, (int)end);
	return heap.failed;
}

TEST(a_transaction_is_whole)
{
	shop s;

	disk_install();
	if (!make_base(&s))
		return;
	for (int for_good = 0; for_good < 2; for_good++)
		for (int64_t nth = 1; check_failures() < 5 && try_three(&s, nth, for_good != 0); nth++)
			;
	check_sound(s.store, "transactions that failed");
	shop_close(&s);
}

/* ---- planted faults: what looks for them must find them ---- */

static const call planted = {"settings.update", "{\"name\":\"Shop $\"}", NULL, NULL};

/* Does the work as if there were memory, and then says there was none. */
static inv_status run_lying(const trial *t, inv_result **result)
{
	void *probe = malloc(1);

	free(probe);
	heap_disarm();
	if (run_call(t, result) == INV_OK && probe)
		return INV_OK;
	inv_result_free(*result);
	*result = NULL;
	return INV_E_NO_MEMORY;
}

static void *volatile lost;

static inv_status run_leaking(const trial *t, inv_result **result)
{
	void *first = malloc(16);
	void *second = malloc(16);

	if (!first || !second) {
		lost = first; /* forgotten when only the second is missing */
		free(second);
		return INV_E_NO_MEMORY;
	}
	free(first);
	free(second);
	return run_call(t, result);
}

static inv_status run_mute(const trial *t, inv_result **result)
{
	void *probe = malloc(1);

	free(probe);
	return probe ? run_call(t, result) : INV_E_INTERNAL;
}

static finding plant(inv_status (*work)(const trial *trial, inv_result **result), bool *free_it)
{
	int64_t live = heap.live;
	finding f = {0};
	shop s;
	trial t = {.s = &s, .call = &planted, .run = work};

	if (!shop_open(&s))
		return f;
	read_state(&s);
	for (int64_t nth = 1; nth < 4; nth++)
		(void)try_point(&t, nth, &f);
	shop_close(&s);
	f.leaked = heap.live != live;
	if (free_it && *free_it)
		free(lost);
	lost = NULL;
	return f;
}

TEST(planted_faults_are_found)
{
	bool yes = true;
	finding f;
	shop s;

	disk_install();
	if (!make_base(&s))
		return;
	shop_close(&s);
	f = plant(run_lying, NULL);
	CHECK(f.changed > 0);
	f = plant(run_leaking, &yes);
	CHECK(f.leaked);
	f = plant(run_mute, NULL);
	CHECK(f.wrong > 0);
	f = plant(run_call, NULL);
	CHECK_INT(f.changed + f.leaked + f.wrong, 0);
}

#else

TEST(malloc_cannot_be_replaced_here)
{
}

#endif

CHECK_MAIN()
