/* SPDX-License-Identifier: MIT */
/* migrate: the store goes to another place, which another driver may have. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "cli.h"

#include "adapters.h"

#include <time.h>

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_report(const struct cli *cli, const inv_copy_report *r, double seconds)
{
	if (cli->json)
		printf("{\"position\":%lld,\"events\":%lld,\"keys\":%lld,\"seconds\":%.1f,"
		       "\"state_hash\":\"%s\"}\n",
		       (long long)r->position, (long long)r->events, (long long)r->keys, seconds,
		       r->state_hash);
	else
		printf("position:   %lld\nevents:     %lld\nkeys:       %lld\nseconds:    %.1f\n"
		       "state_hash: %s\n",
		       (long long)r->position, (long long)r->events, (long long)r->keys, seconds,
		       r->state_hash);
}

static int run_migrate(struct cli *cli, const char *to)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_copy_report report = INV_COPY_REPORT_INIT;
	const struct inv_driver *list[1];
	inv_error error = INV_ERROR_INIT;
	struct cli_progress progress;
	inv_progress step;
	inv_store *store;
	inv_status status;
	double start = seconds_now();
	int exit_code = cli_open(cli, CLI_EXISTING, &store);

	if (exit_code)
		return exit_code;
	options.url = to;
	options.source = "inventra";
	adapters_give(&options, list);
	step = cli_progress_start(&progress, "migrate");
	status = inv_store_copy(store, &options, &step, &report, &error);
	cli_progress_end(&progress);
	inv_store_close(store);
	if (status == INV_OK) {
		print_report(cli, &report, seconds_now() - start);
		return 0;
	}
	error.status = status;
	return cli_failed(cli, &error);
}

int cli_migrate(struct cli *cli, const struct cli_command *self)
{
	const char *to = NULL, *from = NULL;
	const struct cli_option options[] = {
		{"to", "URL", "Where to: a file, or such as postgresql://host/shop.", &to, NULL,
		 CLI_USE_ALL},
		{"from", "URL", "The store to move.", &from, NULL, CLI_USE_ALL},
	};
	size_t count;
	int exit_code = cli_parse(cli, options, 2, NULL, 0, &count);

	if (exit_code)
		return exit_code;
	if (cli->help)
		return cli_help_command(cli, self, options, 2);
	if (!to)
		return cli_usage(cli, "", "usage: inventra %s %s", self->name, self->arguments);
	if (from)
		cli->store = from;
	return cli_end_output(cli, run_migrate(cli, to));
}
