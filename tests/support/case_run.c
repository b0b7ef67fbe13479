/* SPDX-License-Identifier: MIT */
#include "support/case_run.h"

#include <stdio.h>
#include <time.h>

#include "inventra/inventra.h"
#include "support/store_url.h"

typedef struct run {
	const char *url;
	const case_seen *seen;
	inv_store *store;
	inv_session *s;
	cJSON *kept;
	inv_error error; /* of opening */
	char *why;
	size_t size;
} run;

/* What a step came to. */
typedef struct outcome {
	const char *op; /* NULL for what is no operation */
	inv_status status;
	const inv_error *error;
	cJSON *answer; /* NULL when there is none; owned */
	bool replayed;
} outcome;

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static inv_str text_member(const cJSON *object, const char *name)
{
	const cJSON *item = member(object, name);

	return inv_str_of(cJSON_IsString(item) ? item->valuestring : NULL);
}

static bool wrong(run *r, const char *what, const char *more)
{
	snprintf(r->why, r->size, "%s%s", what, more);
	return false;
}

/* ---- opening ---- */

static inv_status open_session(run *r, const cJSON *options)
{
	inv_session_options o = INV_SESSION_OPTIONS_INIT;

	o.actor = text_member(options, "actor");
	if (!o.actor.len)
		o.actor = INV_S("tester");
	o.channel.code = text_member(options, "channel");
	o.location.code = text_member(options, "location");
	o.till.code = text_member(options, "till");
	o.request_id = text_member(options, "request_id");
	inv_session_close(r->s);
	r->s = NULL;
	return inv_session_open(r->store, &o, &r->s, &r->error);
}

static inv_status open_store(run *r, const cJSON *options)
{
	inv_store_options o = INV_STORE_OPTIONS_INIT;
	const cJSON *url = member(options, "url");
	inv_store *store = NULL;
	inv_status rc;

	o.url = url ? url->valuestring : r->url;
	o.read_only = cJSON_IsTrue(member(options, "read_only")) ? 1 : 0;
	o.no_create = cJSON_IsTrue(member(options, "no_create")) ? 1 : 0;
	o.drivers = check_store_drivers(&o.driver_count);
	if (!url) {
		inv_session_close(r->s);
		inv_store_close(r->store);
		r->s = NULL;
		r->store = NULL;
	}
	rc = inv_store_open(&o, &store, &r->error);
	if (url) {
		inv_store_close(store);
		return rc;
	}
	r->store = store;
	return rc == INV_OK ? open_session(r, NULL) : rc;
}

/* ---- steps ---- */

static inv_status call(run *r, const cJSON *step, outcome *o)
{
	cJSON *input = member(step, "input") ? case_fill(member(step, "input"), r->kept) : NULL;
	cJSON *key = member(step, "key") ? case_fill(member(step, "key"), r->kept) : NULL;
	char *text = input ? cJSON_PrintUnformatted(input) : NULL;
	inv_options options = INV_OPTIONS_INIT;
	inv_result *result = NULL;
	inv_status rc = INV_E_INTERNAL;

	options.key = inv_str_of(key ? key->valuestring : NULL);
	options.flags = cJSON_IsTrue(member(step, "codes")) ? INV_OPTION_CODES : 0;
	if (text || !member(step, "input"))
		rc = inv_call_json(r->s, inv_str_of(o->op), inv_str_of(text), &options, &result);
	if (rc == INV_OK) {
		o->answer = cJSON_Parse(inv_result_json(result).ptr);
		o->replayed = inv_result_replayed(result);
	}
	inv_result_free(result);
	cJSON_free(text);
	cJSON_Delete(input);
	cJSON_Delete(key);
	return rc;
}

static inv_status transact(run *r, const char *what)
{
	if (strcmp(what, "begin") == 0)
		return inv_begin(r->s);
	return strcmp(what, "commit") == 0 ? inv_commit(r->s) : inv_rollback(r->s);
}

static void pause_for(const cJSON *ms)
{
	struct timespec t = {ms->valueint / 1000, (long)(ms->valueint % 1000) * 1000000};

	while (nanosleep(&t, &t) != 0)
		continue;
}

/* False when the step does nothing that is known. */
static bool take(run *r, const cJSON *step, outcome *o)
{
	o->op = text_member(step, "op").ptr;
	if (o->op) {
		o->status = call(r, step, o);
	} else if (member(step, "transaction")) {
		o->status = transact(r, text_member(step, "transaction").ptr);
	} else if (member(step, "session")) {
		o->status = open_session(r, member(step, "session"));
		o->error = &r->error;
	} else if (member(step, "store")) {
		o->status = open_store(r, member(step, "store"));
		o->error = &r->error;
	} else if (member(step, "cancel")) {
		inv_session_cancel(r->s);
	} else if (member(step, "pause_ms")) {
		pause_for(member(step, "pause_ms"));
	} else {
		return false;
	}
	if (!o->error)
		o->error = inv_session_error(r->s);
	return true;
}

/* ---- what is expected ---- */

static bool refused(run *r, const outcome *o)
{
	snprintf(r->why, r->size, "%s at %s: %s", inv_schema_status(o->status)->name, o->error->field,
	         o->error->message);
	return false;
}

static bool details_match(run *r, const cJSON *expected, const inv_error *e)
{
	uint32_t i = 0;

	for (const cJSON *field = expected->child; field; field = field->next, i++)
		if (i >= e->detail_count || strcmp(e->details[i].field, field->valuestring) != 0)
			return wrong(r, "details lack ", field->valuestring);
	return i == e->detail_count || wrong(r, "there are more details", "");
}

static bool error_matches(run *r, const cJSON *expected, const outcome *o)
{
	const char *status = inv_schema_status(o->status)->name;
	const cJSON *field = member(expected, "field");
	const cJSON *index = member(expected, "index");
	const cJSON *message = member(expected, "message");
	const cJSON *details = member(expected, "details");

	if (o->status == INV_OK)
		return wrong(r, "it succeeded", "");
	if (strcmp(status, text_member(expected, "status").ptr) != 0)
		return refused(r, o);
	if (field && strcmp(field->valuestring, o->error->field) != 0)
		return wrong(r, "error.field: ", o->error->field);
	if (index && o->error->index != index->valueint) {
		snprintf(r->why, r->size, "error.index: %d", (int)o->error->index);
		return false;
	}
	if (message && !strstr(o->error->message, message->valuestring))
		return wrong(r, "error.message: ", o->error->message);
	return details ? details_match(r, details, o->error) : o->error->message[0] != 0;
}

static bool answer_matches(run *r, const cJSON *step, const outcome *o)
{
	const cJSON *expected = member(step, "answer");
	cJSON *filled;
	bool same;

	if (o->status != INV_OK)
		return refused(r, o);
	if (o->op && o->replayed != (cJSON_IsTrue(member(step, "replayed")) != 0))
		return wrong(r, "replayed", o->replayed ? "" : " is not set");
	if (!expected)
		return true;
	filled = case_fill(expected, r->kept);
	if (!filled)
		return wrong(r, "the answer names what was not kept", "");
	same = case_matches(filled, o->answer, r->why, r->size);
	cJSON_Delete(filled);
	return same;
}

static bool keep(run *r, const cJSON *step, const outcome *o)
{
	const cJSON *names = member(step, "keep");

	for (const cJSON *name = names ? names->child : NULL; name; name = name->next) {
		const cJSON *found = case_at(o->answer, name->valuestring);

		if (!found)
			return wrong(r, "nothing to keep at ", name->valuestring);
		cJSON_DeleteItemFromObjectCaseSensitive(r->kept, name->string);
		cJSON_AddItemToObject(r->kept, name->string, cJSON_Duplicate(found, 1));
	}
	return true;
}

static bool run_step(run *r, const cJSON *step)
{
	const cJSON *error = member(step, "error");
	outcome o = {.status = INV_OK};
	bool held;

	if (!take(r, step, &o))
		return wrong(r, "the step does nothing", "");
	held = error ? error_matches(r, error, &o) : answer_matches(r, step, &o) && keep(r, step, &o);
	if (held && r->seen)
		r->seen->call(r->seen->ctx, o.op, o.status);
	cJSON_Delete(o.answer);
	return held;
}

bool case_run(const cJSON *one, const char *url, const case_seen *seen, char *why, size_t size)
{
	run r = {.url = url, .seen = seen, .kept = cJSON_CreateObject(), .why = why, .size = size};
	bool held = r.kept != NULL;
	char inner[600];
	int n = 0;

	inv_error_init(&r.error);
	if (held && open_store(&r, NULL) != INV_OK)
		held = wrong(&r, "the store does not open: ", r.error.message);
	for (const cJSON *step = held ? member(one, "steps")->child : NULL; step; step = step->next) {
		n++;
		held = run_step(&r, step);
		if (held)
			continue;
		snprintf(inner, sizeof inner, "%s", why);
		snprintf(why, size, "%s, step %d %s: %s", text_member(one, "name").ptr, n,
		         member(step, "op") ? text_member(step, "op").ptr : "", inner);
		break;
	}
	inv_session_close(r.s);
	inv_store_close(r.store);
	cJSON_Delete(r.kept);
	return held;
}
