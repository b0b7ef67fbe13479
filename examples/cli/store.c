/* SPDX-License-Identifier: MIT */
/* Opening the store, showing progress, and being interrupted. */
#define _DEFAULT_SOURCE 1 /* sigaction, isatty */
#include "cli.h"

#include "adapters.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* The first Ctrl-C asks to stop, a second one ends the program. */
void cli_catch_interrupt(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = on_interrupt;
	action.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGINT, &action, NULL);
}

bool cli_interrupted(void)
{
	return interrupted != 0;
}

int cli_open(const struct cli *cli, bool existing, inv_store **store)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	const struct inv_driver *list[1];
	inv_status status;

	options.url = cli->store;
	adapters_give(&options, list);
	options.no_create = existing || cli->read_only;
	options.read_only = cli->read_only;
	options.source = "inventra";
	status = inv_store_open(&options, store, &error);
	if (status == INV_OK)
		return 0;
	error.status = status;
	return cli_failed(cli, &error);
}

/* A place by id or by code. */
static inv_ref place(const char *text)
{
	inv_ref ref = inv_ref_code(text);
	inv_id id;

	return inv_id_parse(ref.code, &id) == INV_OK ? inv_ref_of(id) : ref;
}

int cli_open_session(const struct cli *cli, bool existing, inv_store **store, inv_session **session)
{
	inv_session_options options = INV_SESSION_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_status status;
	int exit_code;

	*session = NULL;
	*store = NULL;
	exit_code = cli_open(cli, existing, store);
	if (exit_code)
		return exit_code;
	options.actor = inv_str_of(cli->actor);
	options.channel = place(cli->channel);
	options.location = place(cli->location);
	options.till = place(cli->till);
	status = inv_session_open(*store, &options, session, &error);
	if (status == INV_OK)
		return 0;
	inv_store_close(*store);
	*store = NULL;
	error.status = status;
	return cli_failed(cli, &error);
}

static bool on_step(void *ctx, uint64_t done, uint64_t total)
{
	struct cli_progress *progress = ctx;

	if (progress->shown && total > 0)
		fprintf(stderr, "\r%s: %3.0f %%", progress->what, 100.0 * (double)done / (double)total);
	else if (progress->shown)
		fprintf(stderr, "\r%s: %llu", progress->what, (unsigned long long)done);
	return !cli_interrupted();
}

inv_progress cli_progress_start(struct cli_progress *progress, const char *what)
{
	progress->what = what;
	progress->shown = isatty(STDERR_FILENO) != 0;
	cli_catch_interrupt();
	return (inv_progress){.ctx = progress, .step = on_step};
}

void cli_progress_end(const struct cli_progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
}
