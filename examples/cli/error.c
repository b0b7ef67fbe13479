/* SPDX-License-Identifier: MIT */
/* Errors, for people and for programs. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>

static void add_member(struct text *out, const char *name, const char *value)
{
	text_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
	text_json_string(out, inv_str_of(value));
}

static void print_json(const char *status, const char *text, const inv_error *error)
{
	struct text out = {0};

	text_puts(&out, "{");
	add_member(&out, "status", status);
	add_member(&out, "record", error->record);
	add_member(&out, "field", error->field);
	add_member(&out, "message", *error->message ? error->message : text);
	text_puts(&out, ",\"details\":[");
	for (uint32_t i = 0; i < error->detail_count && i < INV_ERROR_DETAILS; i++) {
		struct text one = {0};

		text_puts(&one, "{");
		add_member(&one, "status", inv_schema_status(error->details[i].status)->name);
		add_member(&one, "field", error->details[i].field);
		add_member(&one, "message", error->details[i].message);
		text_printf(&out, "%s%s}", i > 0 ? "," : "", text_get(&one));
		text_free(&one);
	}
	text_puts(&out, "]}");
	fprintf(stderr, "%s\n", text_get(&out));
	text_free(&out);
}

static void print_line(const char *field, const char *message, const char *status)
{
	fprintf(stderr, "inventra: %s%s%s (%s)\n", field, *field ? ": " : "", message, status);
}

static void print_text(const inv_error *error, const inv_status_desc *status)
{
	print_line(error->field, *error->message ? error->message : status->text, status->name);
	/* The first detail is the error itself. */
	for (uint32_t i = 1; i < error->detail_count && i < INV_ERROR_DETAILS; i++)
		print_line(error->details[i].field, error->details[i].message,
		           inv_schema_status(error->details[i].status)->name);
}

int cli_failed(const struct cli *cli, const inv_error *error)
{
	const inv_status_desc *status = inv_schema_status(error->status);

	if (cli->json)
		print_json(status->name, status->text, error);
	else
		print_text(error, status);
	return status->exit_code;
}

int cli_session_failed(const struct cli *cli, const inv_session *session, inv_status status)
{
	inv_error error = *inv_session_error(session);

	error.status = status;
	return cli_failed(cli, &error);
}

int cli_usage(const struct cli *cli, const char *at, const char *format, ...)
{
	inv_error error = INV_ERROR_INIT;
	va_list arguments;

	snprintf(error.field, sizeof error.field, "%s", at);
	va_start(arguments, format);
	vsnprintf(error.message, sizeof error.message, format, arguments);
	va_end(arguments);
	if (cli->json)
		print_json("USAGE", "", &error);
	else
		fprintf(stderr, "inventra: %s%s%s\n", at, *at ? ": " : "", error.message);
	return CLI_USAGE;
}

int cli_file_failed(const struct cli *cli, inv_status status, const char *path)
{
	inv_error error = INV_ERROR_INIT;
	int number = errno;

	error.status = status;
	error.native_code = number;
	snprintf(error.message, sizeof error.message, "%s: %s", path, strerror(number));
	return cli_failed(cli, &error);
}

int cli_end_output(const struct cli *cli, int exit_code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return exit_code;
	return exit_code ? exit_code : cli_file_failed(cli, INV_E_IO, "standard output");
}
