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

/* The field of the input meant, and which input when there may be others. */
static void add_path(const struct cli *cli, const inv_error *error, const char *field,
                     struct text *out)
{
	bool told = error->index > 0 || (error->index == 0 && cli->many_inputs);

	if (told && *field != '[')
		text_printf(out, "[%lld]%s", (long long)error->index, *field ? "." : "");
	text_puts(out, field);
}

static void print_json(const struct cli *cli, const char *status, const char *text,
                       const inv_error *error)
{
	struct text out = {0};
	struct text path = {0};

	text_puts(&out, "{");
	add_member(&out, "status", status);
	add_member(&out, "record", error->record);
	add_path(cli, error, error->field, &path);
	add_member(&out, "field", text_get(&path));
	add_member(&out, "message", *error->message ? error->message : text);
	text_puts(&out, ",\"details\":[");
	for (uint32_t i = 0; i < error->detail_count && i < INV_ERROR_DETAILS; i++) {
		struct text one = {0};

		text_puts(&one, "{");
		add_member(&one, "status", inv_schema_status(error->details[i].status)->name);
		text_clear(&path);
		add_path(cli, error, error->details[i].field, &path);
		add_member(&one, "field", text_get(&path));
		add_member(&one, "message", error->details[i].message);
		text_printf(&out, "%s%s}", i > 0 ? "," : "", text_get(&one));
		text_free(&one);
	}
	text_puts(&out, "]}");
	fprintf(stderr, "%s\n", text_get(&out));
	text_free(&path);
	text_free(&out);
}

static void print_line(const char *field, const char *message, const char *status)
{
	fprintf(stderr, "inventra: %s%s%s (%s)\n", field, *field ? ": " : "", message, status);
}

static void print_text(const struct cli *cli, const inv_error *error,
                       const inv_status_desc *status)
{
	struct text path = {0};

	add_path(cli, error, error->field, &path);
	print_line(text_get(&path), *error->message ? error->message : status->text, status->name);
	/* The first detail is the error itself. */
	for (uint32_t i = 1; i < error->detail_count && i < INV_ERROR_DETAILS; i++) {
		text_clear(&path);
		add_path(cli, error, error->details[i].field, &path);
		print_line(text_get(&path), error->details[i].message,
		           inv_schema_status(error->details[i].status)->name);
	}
	text_free(&path);
}

int cli_failed(const struct cli *cli, const inv_error *error)
{
	const inv_status_desc *status = inv_schema_status(error->status);

	if (cli->json)
		print_json(cli, status->name, status->text, error);
	else
		print_text(cli, error, status);
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
		print_json(cli, "USAGE", "", &error);
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
