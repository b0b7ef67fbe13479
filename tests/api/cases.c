/* SPDX-License-Identifier: MIT */
/* The shared cases of tests/cases from C, and that they leave nothing out: every operation answers
 * in one of them, and every status is either answered or said to be out of their reach. */
/* ctest: drivers */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "inventra/inventra.h"
#include "support/case_run.h"
#include "support/store_url.h"

#define MAX_SEEN 1024
#define FOLDER "tests/cases"

typedef struct coverage {
	bool answered[MAX_SEEN]; /* by operation */
	bool refused[MAX_SEEN];
	bool statuses[MAX_SEEN]; /* by minus the number */
} coverage;

static void see(void *ctx, const char *op, inv_status status)
{
	coverage *c = ctx;
	const inv_op_desc *desc = op ? inv_schema_op_named(inv_str_of(op)) : NULL;

	if (-status < MAX_SEEN)
		c->statuses[-status] = true;
	if (desc && status == INV_OK)
		c->answered[desc->number] = true;
	else if (desc)
		c->refused[desc->number] = true;
}

static void run_file(const char *name, coverage *c)
{
	const case_seen seen = {c, see};
	char path[300], store[320], why[1024];
	const cJSON *cases;
	cJSON *file;
	int n = 0;

	snprintf(path, sizeof path, FOLDER "/%s", name);
	file = case_file(path);
	cases = cJSON_GetObjectItem(file, "cases");
	for (const cJSON *one = cases ? cases->child : NULL; one; one = one->next) {
		snprintf(store, sizeof store, "%s-%d.db", name, n++);
		if (!case_run(one, check_store_url(store), &seen, why, sizeof why))
			CHECK_FAIL("%s: %s", path, why);
	}
	cJSON_Delete(file);
}

static void run_folder(coverage *c)
{
	const char *root = getenv("INV_TEST_SOURCE_DIR");
	char path[1024];
	struct dirent *entry;
	DIR *dir;
	unsigned files = 0;

	snprintf(path, sizeof path, "%s/" FOLDER, root ? root : ".");
	dir = opendir(path);
	if (!CHECK(dir != NULL))
		return;
	while ((entry = readdir(dir)) != NULL) {
		const char *end = strstr(entry->d_name, ".json");

		if (!end || end[5] || strcmp(entry->d_name, "coverage.json") == 0)
			continue;
		run_file(entry->d_name, c);
		files++;
	}
	closedir(dir);
	CHECK(files >= 2);
}

/* A status that no case reaches is tested where coverage.json says it is. */
static void check_elsewhere(const char *status, const cJSON *entry)
{
	const cJSON *where = cJSON_GetObjectItem(entry, "where");
	char command[1024];
	const char *root = getenv("INV_TEST_SOURCE_DIR");

	CHECK(cJSON_IsString(cJSON_GetObjectItem(entry, "why")));
	if (!where)
		return;
	snprintf(command, sizeof command, "grep -q INV_E_%s '%s/%s'", status, root ? root : ".",
	         where->valuestring);
	if (system(command) != 0)
		CHECK_FAIL("%s does not test %s", where->valuestring, status);
}

/* How many operations and statuses are left out; each is named when `tell`. */
static unsigned left_out(const coverage *c, const cJSON *unreachable, bool tell)
{
	const inv_status_desc *status;
	const inv_op_desc *op;
	unsigned missing = 0;

	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
		if (c->answered[i] && c->refused[i])
			continue;
		missing++;
		if (tell)
			CHECK_FAIL("no case shows that %s %s", op->name,
			           c->answered[i] ? "is refused" : "answers");
	}
	for (uint32_t i = 1; (status = inv_schema_status_at(i)) != NULL; i++) {
		bool elsewhere = cJSON_GetObjectItemCaseSensitive(unreachable, status->name) != NULL;

		if (c->statuses[-status->number] != elsewhere)
			continue;
		missing++;
		if (tell)
			CHECK_FAIL("%s is %s", status->name,
			           elsewhere ? "reached, and said to be out of reach" : "not reached");
	}
	return missing;
}

TEST(every_case_comes_out_as_expected_and_nothing_is_left_out)
{
	coverage c = {.statuses = {true}};
	cJSON *file = case_file(FOLDER "/coverage.json");
	const cJSON *unreachable = cJSON_GetObjectItem(file, "unreachable");

	run_folder(&c);
	CHECK_INT(left_out(&c, unreachable, true), 0);
	for (const cJSON *entry = unreachable ? unreachable->child : NULL; entry; entry = entry->next)
		check_elsewhere(entry->string, entry);
	/* What is taken away is missed. */
	c.answered[0] = false;
	CHECK_INT(left_out(&c, unreachable, false), 1);
	c.statuses[-INV_E_NOT_FOUND] = false;
	CHECK_INT(left_out(&c, unreachable, false), 2);
	cJSON_Delete(file);
}

/* ---- the runner sees what is wrong ---- */

static void planted(const char *step, const char *expected)
{
	char text[1024], why[1024] = "";
	static unsigned n;
	char store[32];
	cJSON *one;

	snprintf(text, sizeof text,
	         "{\"name\":\"planted\",\"steps\":[{\"op\":\"product.create\",\"input\":{\"sku\":\"A\","
	         "\"name\":\"A\"},\"keep\":{\"a\":\"id\"}},%s]}",
	         step);
	snprintf(store, sizeof store, "planted-%u.db", n++);
	one = cJSON_Parse(text);
	if (!CHECK(one != NULL))
		return;
	if (case_run(one, check_store_url(store), NULL, why, sizeof why) == (expected != NULL))
		CHECK_FAIL("%s was %s", step, expected ? "taken" : why);
	else if (expected && !strstr(why, expected))
		CHECK_FAIL("%s: %s", why, expected);
	cJSON_Delete(one);
}

#define GET "{\"op\":\"product.get\",\"input\":{\"ref\":\"A\"},"

TEST(a_wrong_expectation_is_seen)
{
	planted(GET "\"answer\":{\"id\":\"$a\",\"sku\":\"A\",\"description\":null}}", NULL);
	planted(GET "\"answer\":{\"sku\":\"B\"}}", ".sku: \"A\", not \"B\"");
	planted(GET "\"answer\":{\"version\":2}}", ".version");
	planted(GET "\"answer\":{\"colour\":\"red\"}}", ".colour: nothing");
	planted(GET "\"answer\":{\"name\":null}}", ".name");
	planted(GET "\"answer\":[{\"sku\":\"A\"}]}", "step 2");
	planted(GET "\"answer\":{\"id\":\"$b\"}}", "not kept");
	planted(GET "\"keep\":{\"x\":\"nothing.here\"}}", "nothing to keep");
	planted(GET "\"replayed\":true}", "replayed");
	planted(GET "\"error\":{\"status\":\"NOT_FOUND\"}}", "it succeeded");
	planted("{\"op\":\"product.list\",\"answer\":{\"items\":[]}}", ".items");
	planted("{\"op\":\"product.get\",\"input\":{\"ref\":\"B\"}}", "NOT_FOUND");
	planted("{\"op\":\"product.get\",\"input\":{\"ref\":\"B\"},\"error\":{\"status\":\"STATE\"}}",
	        "NOT_FOUND");
	planted("{\"op\":\"product.get\",\"input\":{\"ref\":\"B\"},\"error\":{\"status\":\"NOT_FOUND\","
	        "\"field\":\"sku\"}}",
	        "error.field: ref");
	planted("{\"op\":\"product.get\",\"input\":[{\"ref\":\"A\"},{\"ref\":\"B\"}],\"error\":"
	        "{\"status\":\"NOT_FOUND\",\"index\":0}}",
	        "error.index");
	planted("{\"op\":\"product.get\",\"input\":{},\"error\":{\"status\":\"INVALID\",\"message\":"
	        "\"no such words\"}}",
	        "error.message");
	planted("{\"op\":\"product.get\",\"input\":{},\"error\":{\"status\":\"INVALID\",\"details\":"
	        "[\"ref\",\"version\"]}}",
	        "details");
	planted("{\"transaction\":\"commit\"}", "STATE");
	planted("{\"nothing\":1}", "does nothing");
}

CHECK_MAIN()
