/* SPDX-License-Identifier: MIT */
/* verify, rebuild, backup, doctor: what is done to a store as a whole. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static int failed(const struct cli *cli, inv_status status, inv_error *error)
{
	error->status = status;
	return cli_failed(cli, error);
}

/* Work on a whole store. */
struct work {
	struct cli *cli;
	inv_store *store;
	const char *path;         /* the command's word, where it takes one */
	const inv_progress *step;
	inv_error error;
	inv_verify_report report;
	inv_store_info info;
	char hash[65];
};

struct work_kind {
	size_t words;
	inv_status (*run)(struct work *work);
	void (*print)(const struct work *work, inv_status status);
};

static int run_on(struct work *work, const struct cli_command *self, const struct work_kind *kind)
{
	struct cli_progress progress;
	inv_progress step = cli_progress_start(&progress, self->name);
	inv_status status;

	work->step = &step;
	status = kind->run(work);
	cli_progress_end(&progress);
	kind->print(work, status);
	return cli_end_output(work->cli,
	                      status == INV_OK ? 0 : failed(work->cli, status, &work->error));
}

static int run(struct cli *cli, const struct cli_command *self, const struct work_kind *kind)
{
	struct work work = {.cli = cli, .error = INV_ERROR_INIT, .report = INV_VERIFY_REPORT_INIT,
	                    .info = INV_STORE_INFO_INIT};
	size_t count;
	int exit_code = cli_parse(cli, NULL, 0, &work.path, kind->words, &count);

	if (exit_code)
		return exit_code;
	if (cli->help)
		return cli_help_command(cli, self, NULL, 0);
	if (count != kind->words)
		return cli_usage(cli, "", "usage: inventra %s %s", self->name, self->arguments);
	exit_code = cli_open(cli, CLI_EXISTING, &work.store);
	if (exit_code)
		return exit_code;
	exit_code = run_on(&work, self, kind);
	inv_store_close(work.store);
	return exit_code;
}

/* ---- verify ---- */

static void print_verify(const struct cli *cli, const inv_verify_report *report)
{
	struct text first = {0};

	if (!cli->json) {
		printf("ok:         %s\nevents:     %lld\nposition:   %lld\n", report->ok ? "yes" : "no",
		       (long long)report->events, (long long)report->position);
		if (report->state_hash[0] != '\0')
			printf("state_hash: %s\n", report->state_hash);
		if (report->first_divergence[0] != '\0')
			cli_wrap_labelled(stdout, "first_divergence:", 12, report->first_divergence,
			                  cli_screen_width());
		return;
	}
	if (report->first_divergence[0] != '\0')
		text_json_string(&first, inv_str_of(report->first_divergence));
	printf("{\"ok\":%s,\"events\":%lld,\"position\":%lld,\"state_hash\":\"%s\","
	       "\"first_divergence\":%s}\n",
	       report->ok ? "true" : "false", (long long)report->events, (long long)report->position,
	       report->state_hash, first.len > 0 ? text_get(&first) : "null");
	text_free(&first);
}

static inv_status verify(struct work *w)
{
	inv_status status = inv_store_verify(w->store, w->step, &w->report, &w->error);

	return status == INV_OK && !w->report.ok ? INV_E_CORRUPT : status;
}

/* A divergence is the answer itself; what stopped the search for one is only an error. */
static void print_verified(const struct work *w, inv_status status)
{
	if (status == INV_OK || w->report.first_divergence[0] != '\0')
		print_verify(w->cli, &w->report);
}

int cli_verify(struct cli *cli, const struct cli_command *self)
{
	static const struct work_kind kind = {0, verify, print_verified};

	return run(cli, self, &kind);
}

/* ---- rebuild ---- */

static inv_status rebuild(struct work *w)
{
	inv_status status = inv_store_rebuild(w->store, w->step, &w->error);

	return status == INV_OK ? inv_store_state_hash(w->store, w->hash, &w->error) : status;
}

static void print_rebuilt(const struct work *w, inv_status status)
{
	if (status == INV_OK)
		printf(w->cli->json ? "{\"ok\":true,\"state_hash\":\"%s\"}\n" : "state_hash: %s\n",
		       w->hash);
}

int cli_rebuild(struct cli *cli, const struct cli_command *self)
{
	static const struct work_kind kind = {0, rebuild, print_rebuilt};

	return run(cli, self, &kind);
}

/* ---- backup ---- */

static inv_status backup(struct work *w)
{
	return inv_store_backup(w->store, w->path, w->step, &w->error);
}

static void print_backed_up(const struct work *w, inv_status status)
{
	if (status == INV_OK && w->cli->json)
		printf("{\"ok\":true}\n");
}

int cli_backup(struct cli *cli, const struct cli_command *self)
{
	static const struct work_kind kind = {1, backup, print_backed_up};

	return run(cli, self, &kind);
}

/* ---- doctor ---- */

struct fact {
	const char *name;
	const char *text; /* NULL: a number */
	int64_t number;
};

static void print_facts(const struct cli *cli, const struct fact *facts, size_t count)
{
	struct text line = {0};

	for (size_t i = 0; i < count; i++) {
		if (cli->json) {
			text_printf(&line, "%s\"%s\":", i == 0 ? "{" : ",", facts[i].name);
			if (facts[i].text)
				text_json_string(&line, inv_str_of(facts[i].text));
			else
				text_printf(&line, "%lld", (long long)facts[i].number);
		} else {
			text_printf(&line, "%lld", (long long)facts[i].number);
			cli_wrap_labelled(stdout, facts[i].name, 18,
			                  facts[i].text ? facts[i].text : text_get(&line),
			                  cli_screen_width());
			text_clear(&line);
		}
	}
	if (cli->json)
		printf("%s}\n", text_get(&line));
	text_free(&line);
}

/* The URL for people's eyes and logs: without the password, wherever it stands in it. */
static char *without_password(const char *url)
{
	char *shown = strdup(url);
	char *user = shown ? strstr(shown, "://") : NULL;
	char *at = user ? strchr(user, '@') : NULL;
	char *word = shown ? strstr(shown, "password=") : NULL;
	char *colon;

	if (word) {
		word += strlen("password=");
		memmove(word, word + strcspn(word, "& "), strlen(word + strcspn(word, "& ")) + 1);
	}
	if (!at)
		return shown;
	for (char *p = at; (p = strchr(p + 1, '@')) != NULL;)
		at = p; /* a password may have one in it */
	colon = memchr(user + 3, ':', (size_t)(at - user - 3));
	if (colon)
		memmove(colon, at, strlen(at) + 1);
	return shown;
}

static void print_doctor(const struct cli *cli, const inv_store_info *info)
{
	char *url = without_password(cli->store);
	char id[37];

	inv_id_format(info->id, id);
	const struct fact facts[] = {
		{"library", inv_version(), 0},
		{"driver", info->driver, 0},
		{"database", info->database_version, 0},
		{"durability", info->durability, 0},
		{"warning", info->warning[0] || cli->json ? info->warning : "none", 0},
		{"file", url ? url : "", 0},
		{"store", id, 0},
		{"schema_version", NULL, info->schema_version},
		{"position", NULL, info->position},
		{"file_bytes", NULL, info->file_bytes},
		{"log_pages", NULL, info->log_pages},
		{"processes", NULL, info->sharers},
		{"mode", info->read_only ? "read-only" : "read-write", 0},
	};

	print_facts(cli, facts, sizeof facts / sizeof facts[0]);
	free(url);
}

static inv_status look(struct work *w)
{
	return inv_store_info_get(w->store, &w->info, &w->error);
}

static void print_looked(const struct work *w, inv_status status)
{
	if (status == INV_OK)
		print_doctor(w->cli, &w->info);
}

int cli_doctor(struct cli *cli, const struct cli_command *self)
{
	static const struct work_kind kind = {0, look, print_looked};

	return run(cli, self, &kind);
}
