/* SPDX-License-Identifier: MIT */
/* import and export: CSV files in and out. */
#include "bad_rows.h"

/* ---- import ---- */

static void print_import(const struct cli *cli, const inv_import_report *report,
                         const struct bad_rows *bad)
{
	struct text path = {0};

	if (!cli->json) {
		printf("%llu %s: %llu done, %llu done before, %llu failed\n",
		       (unsigned long long)report->rows, report->rows == 1 ? "row" : "rows",
		       (unsigned long long)report->done, (unsigned long long)report->again,
		       (unsigned long long)report->failed);
		if (bad->file)
			printf("bad %s: %s\n", report->failed == 1 ? "row" : "rows", text_get(&bad->path));
		return;
	}
	if (bad->file)
		text_json_string(&path, inv_str_of(text_get(&bad->path)));
	printf("{\"rows\":%llu,\"done\":%llu,\"again\":%llu,\"failed\":%llu,\"line\":%llu,"
	       "\"errors\":%s}\n",
	       (unsigned long long)report->rows, (unsigned long long)report->done,
	       (unsigned long long)report->again, (unsigned long long)report->failed,
	       (unsigned long long)report->line, bad->file ? text_get(&path) : "null");
	text_free(&path);
}

/* The message names the line: no need to count rows beside it. */
static int import_failed(const struct cli *cli, const inv_session *session, inv_status status)
{
	inv_error error = *inv_session_error(session);

	error.status = status;
	error.index = -1;
	return cli_failed(cli, &error);
}

struct import_request {
	const inv_op_desc *op;
	const char *path;
	const char *key_prefix;
	bool skip;
};

static int run_import(const struct cli *cli, const struct import_request *request)
{
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report = INV_IMPORT_REPORT_INIT;
	struct cli_progress progress;
	struct bad_rows bad;
	inv_store *store;
	inv_session *session;
	inv_status status;
	int broken;
	int exit_code = cli_open_session(cli, CLI_OR_NEW, &store, &session);

	if (exit_code)
		return exit_code;
	bad_rows_start(&bad, request->path);
	options.skip = request->skip;
	options.key_prefix = inv_str_of(request->key_prefix);
	options.progress = cli_progress_start(&progress, "import");
	options.report_ctx = &bad;
	options.report = request->skip ? bad_rows_add : NULL;
	status = inv_import_csv(session, request->op, request->path, &options, &report);
	cli_progress_end(&progress);
	print_import(cli, &report, &bad);
	if (status != INV_OK)
		exit_code = import_failed(cli, session, status);
	else if (report.failed > 0)
		exit_code = inv_schema_status(INV_E_INVALID)->exit_code;
	broken = bad_rows_end(cli, &bad);
	if (exit_code == 0 || status == INV_OK)
		exit_code = broken ? broken : exit_code;
	bad_rows_free(&bad);
	inv_session_close(session);
	inv_store_close(store);
	return cli_end_output(cli, exit_code);
}

int cli_import(struct cli *cli, const struct cli_command *self)
{
	struct import_request request = {0};
	const struct cli_option options[] = {
		{"skip", NULL, "Go on behind bad rows; they go to FILE.errors.csv.", NULL, &request.skip,
		 CLI_USE_ALL},
		{"key-prefix", "TEXT", "Row n gets the key TEXT:n, so that the import can be run again.",
		 &request.key_prefix, NULL, CLI_USE_ALL},
	};
	const char *words[3];
	size_t count;
	int exit_code = cli_parse(cli, options, 2, words, 3, &count);

	if (exit_code)
		return exit_code;
	if (cli->help)
		return cli_help_command(cli, self, options, 2);
	if (count < 1)
		return cli_usage(cli, "", "usage: inventra %s %s", self->name, self->arguments);
	if (!cli_find_noun(words[0]))
		return cli_unknown_noun(cli, words[0]);
	if (count < 3)
		return cli_usage(cli, "", "usage: inventra %s %s", self->name, self->arguments);
	request.op = cli_find_op(words[0], words[1]);
	if (!request.op)
		return cli_unknown_verb(cli, words[0], words[1]);
	if (!(request.op->flags & INV_OP_WRITE))
		return cli_usage(cli, words[1], "it changes nothing, so there is nothing to import");
	request.path = words[2];
	return run_import(cli, &request);
}

/* ---- export ---- */

static int run_export(const struct cli *cli, const inv_op_desc *op, const struct cli_input *input)
{
	const char *path = input->words[0];
	inv_input *query = NULL;
	struct cli_progress progress;
	inv_progress step = cli_progress_start(&progress, "export");
	inv_store *store;
	inv_session *session;
	inv_status status;
	int exit_code = cli_input_record(cli, input, &query);

	if (exit_code == 0)
		exit_code = cli_open_session(cli, CLI_EXISTING, &store, &session);
	if (exit_code) {
		inv_input_free(query);
		return exit_code;
	}
	status = inv_export_csv(session, op, inv_input_at(query, 0), path, &step);
	cli_progress_end(&progress);
	if (status != INV_OK)
		exit_code = cli_session_failed(cli, session, status);
	else if (cli->json)
		printf("{\"ok\":true}\n");
	inv_session_close(session);
	inv_store_close(store);
	inv_input_free(query);
	return cli_end_output(cli, exit_code);
}

/* The verb may be left out: nouns have one way of listing, as a rule. */
static int find_export(struct cli *cli, const inv_op_desc **op)
{
	const char *noun;
	const char *verb;
	int exit_code = cli_next_word(cli, &noun);

	*op = NULL;
	if (exit_code || !noun || cli->help)
		return exit_code;
	if (!cli_find_noun(noun))
		return cli_unknown_noun(cli, noun);
	verb = cli_peek(cli);
	*op = verb ? cli_find_op(noun, verb) : NULL;
	if (*op)
		cli->at++;
	else
		*op = cli_find_list(noun);
	if (!*op || !((*op)->flags & INV_OP_LISTS))
		return cli_usage(cli, noun, "there is no list of them to export");
	return 0;
}

int cli_export(struct cli *cli, const struct cli_command *self)
{
	const inv_op_desc *op;
	struct cli_input input = {0};
	int exit_code = find_export(cli, &op);

	if (exit_code == 0 && op)
		exit_code = cli_input_parse(cli, inv_schema_record(op->input), &input);
	if (exit_code == 0 && cli->help)
		exit_code = cli_help_command(cli, self, NULL, 0);
	else if (exit_code == 0 && (!op || input.word_count != 1 || input.from_stdin))
		exit_code = cli_usage(cli, "", "usage: inventra %s %s", self->name, self->arguments);
	else if (exit_code == 0)
		exit_code = run_export(cli, op, &input);
	cli_input_free(&input);
	return exit_code;
}
