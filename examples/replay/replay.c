/* SPDX-License-Identifier: MIT */
/* replay: books the tills of a real shop, from a CSV file in the layout of UCI's Online Retail data
 * set, and prints the totals the store then holds.
 *
 *   replay FILE.csv[.gz] --store URL [--opening auto|none] [--on-error stop|skip]
 *          [--batch N] [--acks]
 *
 * Each document is one command whose key is its InvoiceNo. A replay that was stopped, however hard,
 * is simply run again: what is booked already is not booked twice. */
#define _DEFAULT_SOURCE 1 /* isatty, clock_gettime */
#include "replay.h"

#include "adapters.h"

#include <time.h>
#include <unistd.h>

#define USAGE 2

/* ---- saying what went wrong ---- */

inv_status report_error(const char *where, const inv_error *error)
{
	const inv_status_desc *status = inv_schema_status(error->status);

	fprintf(stderr, "replay: %s%s%s%s%s (%s)\n", where ? where : "", where ? ": " : "",
	        error->field, *error->field ? ": " : "",
	        *error->message ? error->message : status->text, status->name);
	return error->status;
}

inv_status report_session(const char *where, const inv_session *session)
{
	return report_error(where, inv_session_error(session));
}

inv_status report_text(inv_status status, const char *where, const char *message)
{
	inv_error error = INV_ERROR_INIT;

	error.status = status;
	snprintf(error.message, sizeof error.message, "%s", message);
	return report_error(where, &error);
}

bool is_watched(void)
{
	return isatty(STDERR_FILENO) != 0;
}

int64_t monotonic_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- the command line ---- */

static int usage(const char *argument)
{
	if (argument)
		fprintf(stderr, "replay: %s: not understood\n", argument);
	fputs("usage: replay FILE.csv[.gz] --store URL [--opening auto|none] [--on-error stop|skip]\n"
	      "              [--batch N] [--acks]\n",
	      stderr);
	return USAGE;
}

/* One of two words. */
static bool choice(const char *value, const char *yes, const char *no, bool *out)
{
	*out = strcmp(value, yes) == 0;
	return *out || strcmp(value, no) == 0;
}

static bool take_option(struct options *options, const char *name, const char *value)
{
	if (strcmp(name, "--store") == 0) {
		options->store = value;
		return true;
	}
	if (strcmp(name, "--opening") == 0)
		return choice(value, "auto", "none", &options->opening);
	if (strcmp(name, "--on-error") == 0)
		return choice(value, "skip", "stop", &options->skip);
	return strcmp(name, "--batch") == 0 &&
	       inv_decimal_parse(inv_str_of(value), 0, &options->batch) == INV_OK &&
	       options->batch >= 1 && options->batch <= INV_LIMIT_BATCH;
}

static int read_options(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--acks") == 0) {
			options->acks = true;
		} else if (argv[i][0] != '-' && !options->path) {
			options->path = argv[i];
		} else if (argv[i][0] != '-' || i + 1 == argc ||
		           !take_option(options, argv[i], argv[i + 1])) {
			return usage(argv[i]);
		} else {
			i++;
		}
	}
	return options->path && options->store ? 0 : usage(NULL);
}

/* ---- the run ---- */

static inv_status open_store(const struct options *options, inv_store **store)
{
	inv_store_options open = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	const struct inv_driver *list[1];
	inv_status status;

	open.url = options->store;
	adapters_give(&open, list);
	open.source = "replay";
	status = inv_store_open(&open, store, &error);
	return status == INV_OK ? INV_OK : report_error(options->store, &error);
}

static inv_status open_session(inv_store *store, const char *channel, inv_session **session)
{
	inv_session_options open = INV_SESSION_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_status status;

	open.actor = INV_S("replay");
	open.channel = inv_ref_code(channel);
	status = inv_session_open(store, &open, session, &error);
	return status == INV_OK ? INV_OK : report_error(channel, &error);
}

static inv_status prepare(inv_store *store, const struct options *options, struct till_file *file)
{
	inv_session *session;
	inv_status status = open_session(store, NULL, &session);

	if (status != INV_OK)
		return status;
	status = setup_shop(session);
	if (status == INV_OK)
		status = setup_products(session, file);
	if (status == INV_OK && options->opening)
		status = opening_find(file);
	if (status == INV_OK && options->opening)
		status = opening_receive(session, file);
	inv_session_close(session);
	return status;
}

static inv_status run(const struct options *options, inv_store *store, struct till_file *file)
{
	int64_t start = monotonic_now();
	inv_session *session;
	inv_status status = prepare(store, options, file);

	if (status != INV_OK)
		return status;
	status = open_session(store, options->opening ? "strict" : "observe", &session);
	if (status != INV_OK)
		return status;
	status = book_documents(session, options, file);
	if (status == INV_OK)
		status = totals_print(session, options, (double)(monotonic_now() - start) / 1e6,
		                      file->line_count);
	inv_session_close(session);
	return status;
}

int main(int argc, char **argv)
{
	struct options options = {.opening = true, .batch = 1};
	struct till_file file;
	inv_store *store = NULL;
	inv_status status;
	int exit_code = read_options(argc, argv, &options);

	if (exit_code)
		return exit_code;
	status = till_file_read(&options, &file);
	if (status == INV_OK)
		status = open_store(&options, &store);
	if (status == INV_OK)
		status = run(&options, store, &file);
	till_file_free(&file);
	inv_store_close(store);
	return inv_schema_status(status)->exit_code;
}
