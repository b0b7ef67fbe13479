/* SPDX-License-Identifier: MIT */
/* Every allocation of an import and an export fails in turn: a clean error or none, nothing leaked,
 * no row twice; with memory the import goes on where it was. */
#include "transfer_file.h"

typedef struct counted_heap {
	int64_t left; /* allocations until the one that fails; negative = none does */
	int64_t live;
	bool failed;
} counted_heap;

static void *counted(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
	counted_heap *heap = ctx;
	void *out;

	(void)old_size;
	if (new_size == 0) {
		heap->live -= ptr != NULL;
		free(ptr);
		return NULL;
	}
	if (heap->left >= 0 && heap->left-- == 0) {
		heap->failed = true;
		return NULL;
	}
	out = realloc(ptr, new_size);
	heap->live += !ptr && out;
	return out;
}

static inv_session *open_counted(counted_heap *heap, inv_store **store)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_session *s = NULL;
	inv_error error = INV_ERROR_INIT;

	options.url = ":memory:";
	options.allocator = (inv_allocator){heap, counted};
	if (CHECK_STATUS(inv_store_open(&options, store, &error), INV_OK))
		CHECK_STATUS(inv_session_open(*store, NULL, &s, &error), INV_OK);
	return s;
}

static inv_status run_import(inv_session *s, inv_import_report *report)
{
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;

	*report = (inv_import_report)INV_IMPORT_REPORT_INIT;
	options.skip = 1;
	options.key_prefix = INV_S("k");
	return inv_import_csv(s, op_named("product.create"), check_path("p.csv"), &options, report);
}

/* False when `turn` was past the last allocation. */
static bool fail_at(int64_t turn)
{
	counted_heap heap = {.left = -1};
	inv_import_report report;
	inv_store *store = NULL;
	inv_session *s = open_counted(&heap, &store);
	inv_status status;

	if (!s)
		return false;
	heap.left = turn;
	status = run_import(s, &report);
	if (status == INV_OK)
		status = inv_export_csv(s, op_named("product.list"), NULL, check_path("out.csv"), NULL);
	remove(check_path("out.csv"));
	heap.left = -1;
	/* Rows whose slice was lost are run again, one by one: then nothing is missing. */
	if (status != INV_OK)
		CHECK(heap.failed && status == INV_E_NO_MEMORY);
	CHECK_STATUS(run_import(s, &report), INV_OK);
	CHECK_INT(report.done + report.again, 21);
	CHECK_INT(report.failed, 3);
	CHECK_INT(count_products(s), 21);
	inv_session_close(s);
	inv_store_close(store);
	CHECK_INT(heap.live, 0);
	return heap.failed;
}

TEST(each_allocation_fails_in_turn)
{
	int64_t turn = 0;
	FILE *file;

	write_products("p.csv", 20);
	file = fopen(check_path("p.csv"), "ab");
	if (!CHECK(file != NULL))
		return;
	fputs("p-00003,Again,1\nBAD,Bad,x\nSHORT\nLAST,\"Last, really\",2\n", file);
	fclose(file);
	while (check_failures() == 0 && fail_at(turn))
		turn++;
	CHECK(turn > 50);
}

CHECK_MAIN()
