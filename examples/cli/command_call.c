/* SPDX-License-Identifier: MIT */
/* NOUN VERB: any operation of the library. */
#include "cli.h"

static int run(const struct cli *cli, const inv_op_desc *op, inv_str json)
{
	inv_options options = INV_OPTIONS_INIT;
	inv_store *store;
	inv_session *session;
	inv_result *result = NULL;
	inv_status status;
	int exit_code;

	exit_code = cli_open_session(cli, (op->flags & INV_OP_READ) != 0, &store, &session);
	if (exit_code)
		return exit_code;
	options.key = inv_str_of(cli->key);
	options.flags = INV_OPTION_CODES; /* people know things by their codes */
	status = inv_call_json(session, inv_str_of(op->name), json, &options, &result);
	if (status == INV_OK)
		cli_print_result(cli, op, result);
	else
		exit_code = cli_session_failed(cli, session, status);
	inv_result_free(result);
	inv_session_close(session);
	inv_store_close(store);
	return cli_end_output(cli, exit_code);
}

/* Is it an array of several? */
static bool is_many(inv_str json)
{
	const char *end = json.ptr + json.len;
	const char *at = json_skip_space(json.ptr, end);
	const char *stop = at < end && *at == '[' ? json_value_end(at + 1, end) : NULL;

	stop = stop ? json_skip_space(stop, end) : NULL;
	return stop && stop < end && *stop == ',';
}

int cli_call(struct cli *cli, const inv_op_desc *op)
{
	struct cli_input input;
	struct text json = {0};
	int exit_code = cli_input_parse(cli, inv_schema_record(op->input), &input);

	if (exit_code == 0 && cli->help) {
		exit_code = cli_help_op(cli, op);
	} else if (exit_code == 0) {
		exit_code = cli_input_json(cli, op, &input, &json);
		cli->many_inputs = is_many((inv_str){text_get(&json), json.len});
		if (exit_code == 0)
			exit_code = run(cli, op, (inv_str){text_get(&json), json.len});
	}
	text_free(&json);
	cli_input_free(&input);
	return exit_code;
}
