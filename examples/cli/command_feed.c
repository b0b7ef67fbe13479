/* SPDX-License-Identifier: MIT */
/* feed: the journal as lines, one event each, and on request for ever. */
#include "cli.h"

#define WAIT_MS 500 /* how soon Ctrl-C is noticed */

struct feed {
	const struct cli *cli;
	inv_session *session;
	const char *consumer;
	const char *after_text;
	int64_t after;
	bool follow;
};

/* ---- printing ---- */

/* Where the screen is narrow the subject goes first, then the actor. */
static void print_event(const inv_event *event)
{
	struct text line = {0};
	struct text actor = {0};
	struct text subject = {0};
	size_t screen = cli_screen_width();
	char instant[40];
	char id[37];

	inv_instant_format(event->occurred_at, instant);
	inv_id_format(event->subject, id);
	instant[strcspn(instant, ".Z")] = '\0';
	text_printf(&line, "%6lld  %sZ  %-18.*s", (long long)event->position, instant,
	            (int)event->name.len, event->name.ptr);
	text_printf(&actor, "  by %.*s", (int)event->actor.len, event->actor.ptr);
	text_printf(&subject, "  %.*s %s", (int)event->subject_type.len, event->subject_type.ptr, id);
	if (screen > 0 && line.len + subject.len + actor.len > screen)
		text_clear(&subject);
	if (screen > 0 && text_width(text_get(&line), line.len) +
	                          text_width(text_get(&actor), actor.len) > screen)
		text_clear(&actor);
	printf("%s%s%s\n", text_get(&line), text_get(&subject), text_get(&actor));
	text_free(&line);
	text_free(&actor);
	text_free(&subject);
}

/* The elements of the answer's first array, one a line. */
static void print_json_lines(inv_str json)
{
	const char *end = json.ptr + json.len;
	const char *at = json.len > 0 ? memchr(json.ptr, '[', json.len) : NULL;

	while (at && at + 1 < end) {
		const char *start = json_skip_space(at + 1, end);
		const char *stop = json_value_end(start, end);

		if (!stop)
			break;
		fwrite(start, 1, (size_t)(stop - start), stdout);
		fputs("\n", stdout);
		at = json_skip_space(stop, end);
		if (at < end && *at != ',')
			break;
	}
}

/* ---- reading ---- */

static inv_status read_page(const struct feed *feed, inv_result **page)
{
	struct text query = {0};
	inv_options options = INV_OPTIONS_INIT;
	inv_status status;

	options.flags = INV_OPTION_CODES;
	text_puts(&query, "{");
	if (feed->consumer) {
		text_puts(&query, "\"consumer\":");
		text_json_string(&query, inv_str_of(feed->consumer));
	} else {
		text_printf(&query, "\"after\":%lld", (long long)feed->after);
	}
	if (feed->follow)
		text_printf(&query, ",\"timeout_ms\":%d", WAIT_MS);
	text_puts(&query, "}");
	status = inv_call_json(feed->session, feed->follow ? INV_S("feed.wait") : INV_S("feed.read"),
	                       (inv_str){text_get(&query), query.len}, &options, page);
	text_free(&query);
	return status;
}

/* A consumer's cursor moves once its events are printed: each is seen at least once. */
static inv_status acknowledge(const struct feed *feed)
{
	inv_feed_position position = INV_FEED_POSITION_INIT;

	if (!feed->consumer || fflush(stdout) != 0)
		return INV_OK;
	position.consumer = inv_str_of(feed->consumer);
	position.position = feed->after;
	return inv_feed_acknowledge(feed->session, &position, 1, NULL, NULL);
}

static inv_status print_page(struct feed *feed, const inv_result *page)
{
	size_t count = inv_result_count(page);

	if (count == 0)
		return INV_OK;
	if (feed->cli->json)
		print_json_lines(inv_result_json(page));
	for (size_t i = 0; i < count; i++) {
		const inv_event *event = INV_AT(page, inv_event, i);

		if (!feed->cli->json)
			print_event(event);
		feed->after = event->position;
	}
	fflush(stdout);
	return acknowledge(feed);
}

static inv_status run(struct feed *feed)
{
	while (!cli_interrupted() && !ferror(stdout)) {
		inv_result *page = NULL;
		inv_status status = read_page(feed, &page);
		size_t count = inv_result_count(page);

		if (status == INV_OK)
			status = print_page(feed, page);
		inv_result_free(page);
		/* Nothing came while waiting: that is no error of a feed that is followed. */
		if (status == INV_E_TIMEOUT && feed->follow)
			continue;
		if (status != INV_OK || (count == 0 && !feed->follow))
			return status;
	}
	return INV_OK;
}

static int start(struct feed *feed)
{
	inv_store *store;
	inv_status status;
	int exit_code = 0;

	if (feed->after_text &&
	    inv_decimal_parse(inv_str_of(feed->after_text), 0, &feed->after) != INV_OK)
		return cli_usage(feed->cli, "--after", "\"%s\" is no position", feed->after_text);
	exit_code = cli_open_session(feed->cli, CLI_EXISTING, &store, &feed->session);
	if (exit_code)
		return exit_code;
	cli_catch_interrupt();
	status = run(feed);
	if (status != INV_OK)
		exit_code = cli_session_failed(feed->cli, feed->session, status);
	inv_session_close(feed->session);
	inv_store_close(store);
	return cli_end_output(feed->cli, exit_code);
}

int cli_feed(struct cli *cli, const struct cli_command *self)
{
	struct feed feed = {.cli = cli};
	const struct cli_option options[] = {
		{"follow", NULL, "Wait for more, until Ctrl-C.", NULL, &feed.follow,
		 CLI_USE_ALL},
		{"after", "POSITION", "Start behind this event.", &feed.after_text, NULL,
		 CLI_USE_ALL},
		{"consumer", "NAME", "Start at this consumer's cursor, and move it on.", &feed.consumer,
		 NULL, CLI_USE_ALL},
	};
	const char *peeked = cli_peek(cli);
	const inv_op_desc *op = peeked ? cli_find_op(self->name, peeked) : NULL;
	size_t count;
	int exit_code;

	if (op) { /* `feed VERB` is an operation as any other */
		cli->at++;
		return cli_call(cli, op);
	}
	if (peeked && peeked[0] != '-')
		return cli_unknown_verb(cli, self->name, peeked);
	exit_code = cli_parse(cli, options, 3, NULL, 0, &count);
	if (exit_code)
		return exit_code;
	if (cli->help)
		return cli_help_command(cli, self, options, 3);
	return start(&feed);
}
