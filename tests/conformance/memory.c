/* SPDX-License-Identifier: MIT */
/* Each allocation of the storage layer fails in turn: a clean error, no leak, and the next try
 * works. */
/* ctest: drivers */
#include "conformance/conn.h"

typedef struct counter {
	int64_t left; /* allocations until one fails; < 0 = none does */
	int64_t live; /* bytes not given back */
	bool failed;
} counter;

static void *counted(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
	counter *c = ctx;

	if (new_size && c->left == 0) {
		c->failed = true;
		c->left = -1;
		return NULL;
	}
	if (new_size && c->left > 0)
		c->left--;
	c->live += (int64_t)new_size - (int64_t)(ptr ? old_size : 0);
	if (new_size)
		return realloc(ptr, new_size);
	free(ptr);
	return NULL;
}

INV__SQL(put_meta, "INSERT INTO meta (name, value) {insert name:text value:text}");
INV__SQL(get_meta, "SELECT name, value FROM meta");

static inv_status work(inv__link *link, inv__arena *arena)
{
	inv_status status = inv__migrate(link, 0, NULL);
	inv__batch batch;
	inv_str *name;
	inv_str *value;
	char names[100][8];

	if (status != INV_OK)
		return status;
	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, &put_meta);
	inv__batch_rows(&batch, 100);
	name = inv__batch_text_column(&batch);
	value = inv__batch_text_column(&batch);
	for (int i = 0; i < 100 && name && value; i++) {
		(void)inv__format(names[i], sizeof names[i], "n%d", i);
		name[i] = inv_str_of(names[i]);
	}
	inv__batch_add(&batch, &get_meta);
	inv__batch_add_text(&batch, INV_S("SELECT COUNT(*) FROM meta WHERE name <> ?1"));
	inv__batch_text(&batch, INV_S(""));
	status = inv__batch_exec(&batch, link, NULL);
	if (status == INV_OK)
		CHECK_INT(inv__cell_int(inv__batch_result(&batch, 2), 0, 0), 103);
	return status;
}

static inv_status all(counter *c, const char *path)
{
	inv_driver_open open = {.struct_size = sizeof open, .flags = INV_OPEN_CREATE,
	                        .url = inv_str_of(path), .allocator = {c, counted},
	                        .busy_timeout_ms = 5000};
	inv__link *link = NULL;
	inv__arena arena;
	inv_status status = inv__link_open(conn_driver(), &open, &link, NULL);

	inv__arena_init(&arena, &open.allocator);
	if (status == INV_OK)
		status = work(link, &arena);
	inv__arena_free(&arena);
	inv__link_close(link);
	return status;
}

TEST(each_allocation_fails_in_turn)
{
	int64_t turns = 0;

	for (bool failed = true; failed && check_failures() == 0; turns++) {
		counter c = {.left = turns};
		char name[32];
		inv_status status;

		(void)inv__format(name, sizeof name, "store%d.db", (int)turns);
		status = all(&c, check_store_url(name));
		failed = c.failed;
		/* Memory that would only have saved time may be missing without a word. */
		if (status == INV_E_UNKNOWN_OUTCOME) {
			/* Committed before the answer could be read: true, and no second time. */
			CHECK(failed && check_on_postgres());
			continue;
		}
		if (!failed || status != INV_OK)
			CHECK_STATUS(status, failed ? INV_E_NO_MEMORY : INV_OK);
		CHECK_INT(c.live, 0);
		/* What failed has left nothing that would be in the way. */
		if (status != INV_OK)
			CHECK_STATUS(all(&c, check_store_url(name)), INV_OK);
		CHECK_INT(c.live, 0);
	}
	CHECK(turns > 10);
}

CHECK_MAIN()
