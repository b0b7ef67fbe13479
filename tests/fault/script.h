/* SPDX-License-Identifier: MIT */
/* A short day in a shop: commands of several kinds and sizes, each of which can be looked for
 * afterwards. What answered OK must be there, what failed must not, and nothing may be there in
 * part. */
#ifndef INV_FAULT_SCRIPT_H
#define INV_FAULT_SCRIPT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "inventra/inventra.h"
#include "support/check.h"
#include "support/disk.h"

#define SCRIPT_COMMANDS 6
#define SCRIPT_LINES 3 /* of each command */

typedef struct script {
	char path[1024];
	uint32_t checkpoint_pages;
	bool bare;            /* the store is new: it has no products yet */
	bool opened;          /* the store opened */
	inv_id store;         /* it is this one */
	inv_status answers[SCRIPT_COMMANDS];
	unsigned unclean;     /* answers that say nothing, or something else */
	/* A test that lets everything go wrong counts the findings instead of failing. */
	bool quiet;
	unsigned lost, unwanted, halves, broken;
} script;

static const char script_products[] =
	"[{\"sku\":\"A\",\"name\":\"Tea\"},{\"sku\":\"B\",\"name\":\"Cup\"},"
	"{\"sku\":\"C\",\"name\":\"Pot\"}]";

static const char script_stock[] =
	"{\"lines\":[{\"product\":\"A\",\"quantity\":\"1000\"},"
	"{\"product\":\"B\",\"quantity\":\"1000\"},{\"product\":\"C\",\"quantity\":\"1000\"}]}";

/* What the commands work on. */
static inline inv_status script_fill(inv_session *session)
{
	inv_status status = inv_call_json(session, INV_S("product.create"),
	                                  inv_str_of(script_products), NULL, NULL);

	if (status != INV_OK)
		return status;
	return inv_call_json(session, INV_S("stock.receive"), inv_str_of(script_stock), NULL, NULL);
}

/* ---- the store's files ---- */

static inline void script_remove(const char *path)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-inv", "-journal"};
	char name[1100];

	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		(void)unlink(name);
	}
}

typedef struct script_image {
	char *bytes;
	size_t size;
} script_image;

static inline bool script_load(const char *path, script_image *to)
{
	FILE *file = fopen(path, "rb");
	long size = 0;

	to->bytes = NULL;
	to->size = 0;
	if (!CHECK(file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0))
		return false;
	to->size = (size_t)size;
	to->bytes = malloc(to->size);
	rewind(file);
	CHECK(to->bytes && fread(to->bytes, 1, to->size, file) == to->size);
	fclose(file);
	return to->bytes != NULL;
}

static inline void script_put(const char *path, const script_image *from)
{
	FILE *file;

	script_remove(path);
	file = fopen(path, "wb");
	CHECK(file && fwrite(from->bytes, 1, from->size, file) == from->size);
	if (file)
		fclose(file);
}

static inline inv_status script_open(const script *s, inv_store **store, inv_session **session,
                                     inv_error *error)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_status status;

	*store = NULL;
	*session = NULL;
	options.url = s->path;
	options.checkpoint_pages = s->checkpoint_pages;
	options.busy_timeout_ms = 50;
	status = inv_store_open(&options, store, error);
	if (status != INV_OK)
		return status;
	status = inv_session_open(*store, NULL, session, error);
	if (status == INV_OK)
		return status;
	inv_store_close(*store);
	*store = NULL;
	return status;
}

/* A store with three products and enough of them, as one plain file. */
static inline bool script_make_base(script_image *out)
{
	script s = {.checkpoint_pages = 0};
	inv_error error = INV_ERROR_INIT;
	inv_session *session;
	inv_store *store;
	char copy[1100];
	bool made;

	snprintf(s.path, sizeof s.path, "%s", check_path("base.db"));
	snprintf(copy, sizeof copy, "%s", check_path("image.db"));
	if (!CHECK_STATUS(script_open(&s, &store, &session, &error), INV_OK))
		return false;
	made = script_fill(session) == INV_OK;
	if (!made)
		CHECK_FAIL("%s", inv_session_error(session)->message);
	made = made && CHECK_STATUS(inv_store_backup(store, copy, NULL, &error), INV_OK);
	inv_session_close(session);
	inv_store_close(store);
	made = made && script_load(copy, out);
	script_remove(copy);
	script_remove(s.path);
	return made;
}

/* ---- the commands ---- */

/* What command `i` is: its operation, its input, and the operation and input that find it. */
typedef struct script_words {
	const char *op, *find;
	char input[512], key[16], found_by[160];
} script_words;

#define SCRIPT_ID "01920000-0000-7000-8000-%012d"
#define SCRIPT_ONE(sku) "{\"product\":\"" sku "\",\"quantity\":\"2\""

static inline void script_say(int i, script_words *to)
{
	snprintf(to->key, sizeof to->key, "k-%d", i);
	snprintf(to->found_by, sizeof to->found_by, "{\"ref\":\"" SCRIPT_ID "\"}", i);
	if (i % 3 == 0) {
		to->op = "sale.close";
		to->find = "sale.get";
		snprintf(to->input, sizeof to->input,
		         "{\"id\":\"" SCRIPT_ID "\",\"lines\":[" SCRIPT_ONE("A") ",\"unit_price\":\"1\"},"
		         SCRIPT_ONE("B") ",\"unit_price\":\"2\"}," SCRIPT_ONE("C")
		         ",\"unit_price\":\"3.5\"}]}", i);
	} else if (i % 3 == 1) {
		to->op = "product.create";
		to->find = "product.get";
		snprintf(to->input, sizeof to->input,
		         "[{\"sku\":\"N%d-1\",\"name\":\"New\"},{\"sku\":\"N%d-2\",\"name\":\"Newer\"},"
		         "{\"sku\":\"N%d-3\",\"name\":\"Newest\"}]", i, i, i);
	} else {
		to->op = "stock.receive";
		to->find = "posting.get";
		snprintf(to->input, sizeof to->input,
		         "{\"id\":\"" SCRIPT_ID "\",\"lines\":[" SCRIPT_ONE("A") "}," SCRIPT_ONE("B") "},"
		         SCRIPT_ONE("C") "}]}", i);
	}
}

static inline bool script_is_clean(inv_status status)
{
	return status == INV_OK || status == INV_E_IO || status == INV_E_FULL ||
	       status == INV_E_BUSY || status == INV_E_UNKNOWN_OUTCOME;
}

static inline void script_judge(script *s, const char *what, inv_status status,
                                const inv_error *error)
{
	bool clean = script_is_clean(status) &&
	             (status == INV_OK || (error->status == status && error->message[0]));

	if (clean)
		return;
	s->unclean++;
	if (!s->quiet)
		fprintf(stderr, "%s, fault at %s: answers %d (%d: %s)\n", what, disk_failed_at(),
		        (int)status, (int)error->status, error->message);
}

static inline void script_run_command(script *s, inv_session *session, int i)
{
	inv_options options = INV_OPTIONS_INIT;
	inv_status status;
	script_words w;

	script_say(i, &w);
	options.key = inv_str_of(w.key);
	s->answers[i] = inv_call_json(session, inv_str_of(w.op), inv_str_of(w.input), &options, NULL);
	script_judge(s, w.op, s->answers[i], inv_session_error(session));
	status = inv_call_json(session, INV_S("balance.get"), INV_S("{\"product\":\"A\"}"), NULL, NULL);
	script_judge(s, "balance.get", status, inv_session_error(session));
}

/* Open, sell, read, close; whatever happens. */
static inline void script_run(script *s)
{
	inv_error error = INV_ERROR_INIT;
	inv_store_info info = INV_STORE_INFO_INIT;
	inv_session *session;
	inv_store *store;
	inv_status status = script_open(s, &store, &session, &error);

	for (int i = 0; i < SCRIPT_COMMANDS; i++)
		s->answers[i] = INV_E_STATE; /* not tried */
	script_judge(s, "open", status, &error);
	s->opened = status == INV_OK;
	if (!s->opened)
		return;
	if (inv_store_info_get(store, &info, NULL) == INV_OK)
		s->store = info.id;
	if (s->bare) {
		status = script_fill(session);
		script_judge(s, "filling", status, inv_session_error(session));
	}
	for (int i = 0; i < SCRIPT_COMMANDS && status == INV_OK; i++)
		script_run_command(s, session, i);
	inv_session_close(session);
	inv_store_close(store);
}

/* ---- what is there ---- */

/* How many lines of command `i` are there; -1 when the question is not answered. */
static inline int script_found(inv_session *session, int i)
{
	inv_result *result = NULL;
	inv_status status;
	script_words w;
	int found = 0;

	script_say(i, &w);
	if (i % 3 == 1) {
		for (int k = 1; k <= SCRIPT_LINES; k++) {
			snprintf(w.found_by, sizeof w.found_by, "{\"ref\":\"N%d-%d\"}", i, k);
			status = inv_call_json(session, INV_S("product.get"), inv_str_of(w.found_by), NULL,
			                       NULL);
			if (status != INV_OK && status != INV_E_NOT_FOUND)
				return -1;
			found += status == INV_OK;
		}
		return found;
	}
	status = inv_call_json(session, inv_str_of(w.find), inv_str_of(w.found_by), NULL, &result);
	if (status == INV_OK)
		found = (int)(i % 3 == 0 ? INV_AT(result, inv_sale, 0)->lines.count
		                         : INV_AT(result, inv_posting, 0)->lines.count);
	inv_result_free(result);
	return status == INV_OK || status == INV_E_NOT_FOUND ? found : -1;
}

static inline void script_note(script *s, unsigned *counter, int i, const char *what)
{
	(*counter)++;
	if (!s->quiet)
		CHECK_FAIL("fault at %s: command %d (answer %d) %s", disk_failed_at(), i,
		           i < 0 ? 0 : (int)s->answers[i], what);
}

static inline void script_check_command(script *s, inv_session *session, int i)
{
	int found = script_found(session, i);

	if (found > 0 && found < SCRIPT_LINES)
		script_note(s, &s->halves, i, "is there in part");
	else if (found < 0)
		script_note(s, &s->broken, i, "cannot be read");
	else if (found == 0 && s->answers[i] == INV_OK)
		script_note(s, &s->lost, i, "is lost");
	else if (found > 0 && s->answers[i] != INV_OK && s->answers[i] != INV_E_UNKNOWN_OUTCOME)
		script_note(s, &s->unwanted, i, "is there");
}

/* Open it again: sound, with what was acknowledged, and it goes on. */
static inline void script_check(script *s)
{
	inv_error error = INV_ERROR_INIT;
	inv_store_info info = INV_STORE_INFO_INIT;
	inv_session *session;
	inv_store *store;

	if (script_open(s, &store, &session, &error) != INV_OK) {
		script_note(s, &s->broken, -1, error.message);
		return;
	}
	if (inv_store_verify(store, NULL, NULL, &error) != INV_OK)
		script_note(s, &s->broken, -1, error.message);
	if (s->opened && !inv_id_is_none(s->store) &&
	    (inv_store_info_get(store, &info, NULL) != INV_OK ||
	     memcmp(&info.id, &s->store, sizeof info.id) != 0))
		script_note(s, &s->lost, -1, "the store is another");
	for (int i = 0; i < SCRIPT_COMMANDS; i++)
		script_check_command(s, session, i);
	if (inv_call_json(session, INV_S("product.create"),
	                  INV_S("{\"sku\":\"LAST\",\"name\":\"Last\"}"), NULL, NULL) != INV_OK)
		script_note(s, &s->broken, -1, inv_session_error(session)->message);
	inv_session_close(session);
	inv_store_close(store);
}

#endif
