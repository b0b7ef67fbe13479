/* SPDX-License-Identifier: MIT */
/* verify, rebuild, backup, doctor: what is done to a store as a whole. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static int no_words(struct cli *cli, const struct cli_command *self, bool *helped)
{
	size_t count;
	int exit_code = cli_parse(cli, NULL, 0, NULL, 0, &count);

	*helped = exit_code == 0 && cli->help;
	return *helped ? cli_help_command(cli, self, NULL, 0) : exit_code;
}

static int failed(const struct cli *cli, inv_status status, inv_error *error)
{
	error->status = status;
	return cli_failed(cli, error);
}

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

int cli_verify(struct cli *cli, const struct cli_command *self)
{
	inv_verify_report report = INV_VERIFY_REPORT_INIT;
	inv_error error = INV_ERROR_INIT;
	struct cli_progress progress;
	inv_progress step;
	inv_store *store;
	inv_status status;
	bool helped;
	int exit_code = no_words(cli, self, &helped);

	if (exit_code || helped)
		return exit_code;
	exit_code = cli_open(cli, CLI_EXISTING, &store);
	if (exit_code)
		return exit_code;
	step = cli_progress_start(&progress, self->name);
	status = inv_store_verify(store, &step, &report, &error);
	cli_progress_end(&progress);
	if (status == INV_OK && !report.ok)
		status = INV_E_CORRUPT;
	/* A divergence is the answer itself; what stopped the search for one is only an error. */
	if (status == INV_OK || report.first_divergence[0] != '\0')
		print_verify(cli, &report);
	if (status != INV_OK)
		exit_code = failed(cli, status, &error);
	inv_store_close(store);
	return cli_end_output(cli, exit_code);
}

int cli_rebuild(struct cli *cli, const struct cli_command *self)
{
	inv_error error = INV_ERROR_INIT;
	struct cli_progress progress;
	inv_progress step;
	inv_store *store;
	inv_status status;
	char hash[65];
	bool helped;
	int exit_code = no_words(cli, self, &helped);

	if (exit_code || helped)
		return exit_code;
	exit_code = cli_open(cli, CLI_EXISTING, &store);
	if (exit_code)
		return exit_code;
	step = cli_progress_start(&progress, self->name);
	status = inv_store_rebuild(store, &step, &error);
	cli_progress_end(&progress);
	if (status == INV_OK)
		status = inv_store_state_hash(store, hash, &error);
	if (status != INV_OK)
		exit_code = failed(cli, status, &error);
	else
		printf(cli->json ? "{\"ok\":true,\"state_hash\":\"%s\"}\n" : "state_hash: %s\n", hash);
	inv_store_close(store);
	return cli_end_output(cli, exit_code);
}

int cli_backup(struct cli *cli, const struct cli_command *self)
{
	inv_error error = INV_ERROR_INIT;
	struct cli_progress progress;
	inv_progress step;
	inv_store *store;
	inv_status status;
	const char *path;
	size_t count;
	int exit_code = cli_parse(cli, NULL, 0, &path, 1, &count);

	if (exit_code)
		return exit_code;
	if (cli->help)
		return cli_help_command(cli, self, NULL, 0);
	if (count != 1)
		return cli_usage(cli, "", "usage: inventra %s %s", self->name, self->arguments);
	exit_code = cli_open(cli, CLI_EXISTING, &store);
	if (exit_code)
		return exit_code;
	step = cli_progress_start(&progress, self->name);
	status = inv_store_backup(store, path, &step, &error);
	cli_progress_end(&progress);
	if (status != INV_OK)
		exit_code = failed(cli, status, &error);
	else if (cli->json)
		printf("{\"ok\":true}\n");
	inv_store_close(store);
	return cli_end_output(cli, exit_code);
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

int cli_doctor(struct cli *cli, const struct cli_command *self)
{
	inv_store_info info = INV_STORE_INFO_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_store *store;
	inv_status status;
	bool helped;
	int exit_code = no_words(cli, self, &helped);

	if (exit_code || helped)
		return exit_code;
	exit_code = cli_open(cli, CLI_EXISTING, &store);
	if (exit_code)
		return exit_code;
	status = inv_store_info_get(store, &info, &error);
	if (status == INV_OK)
		print_doctor(cli, &info);
	else
		exit_code = failed(cli, status, &error);
	inv_store_close(store);
	return cli_end_output(cli, exit_code);
}
