/* SPDX-License-Identifier: MIT */
/* Options and words of the command line. */
#include "cli.h"

#include <stdlib.h>

void cli_start(struct cli *cli, int argc, char **argv)
{
	const char *store = getenv("INVENTRA_STORE");

	memset(cli, 0, sizeof *cli);
	cli->store = store && *store ? store : "shop.db";
	cli->argv = argv;
	cli->argc = argc;
	cli->at = 1;
	/* Known before anything can go wrong: it decides how errors look. */
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			cli->json = true;
}

const struct cli_option *cli_common_options(struct cli *cli,
                                            struct cli_option options[CLI_COMMON_OPTIONS])
{
	const struct cli_option all[CLI_COMMON_OPTIONS] = {
		{"store", "FILE", "The store; else $INVENTRA_STORE, else shop.db.", &cli->store, NULL,
		 CLI_USE_STORE},
		{"actor", "NAME", "Who works; kept in the journal.", &cli->actor, NULL, CLI_USE_SESSION},
		{"channel", "CODE", "The channel to sell through.", &cli->channel, NULL,
		 CLI_USE_SESSION},
		{"location", "CODE", "Where stock moves.", &cli->location, NULL, CLI_USE_SESSION},
		{"till", "CODE", "The register.", &cli->till, NULL, CLI_USE_SESSION},
		{"key", "TEXT", "Idempotency key: the same command twice is done once.", &cli->key, NULL,
		 CLI_USE_KEY},
		{"json", NULL, "Answers and errors as JSON.", NULL, &cli->json, CLI_USE_ALL},
		{"read-only", NULL, "Open the store for reading only.", NULL, &cli->read_only,
		 CLI_USE_READ},
		{"help", NULL, "This text; behind a noun or a verb, theirs.", NULL, &cli->help,
		 CLI_USE_ALL},
		{"version", NULL, "The library's version.", NULL, &cli->version,
		 CLI_USE_NOTHING},
	};

	memcpy(options, all, sizeof all);
	return options;
}

const char *cli_peek(const struct cli *cli)
{
	return cli->at < cli->argc ? cli->argv[cli->at] : NULL;
}

bool cli_flag_at_hand(const struct cli *cli, struct cli_flag *flag)
{
	const char *arg = cli_peek(cli);
	size_t len;

	if (!arg || cli->words_only || arg[0] != '-' || arg[1] == '\0')
		return false;
	memset(flag, 0, sizeof *flag);
	flag->raw = arg;
	if (strcmp(arg, "-h") == 0)
		arg = "--help";
	if (arg[1] != '-')
		return true; /* no other short options: its empty name is unknown to all */
	len = strcspn(arg + 2, "=");
	flag->value = arg[2 + len] == '=' ? arg + 3 + len : NULL;
	if (len < sizeof flag->name)
		memcpy(flag->name, arg + 2, len);
	return true;
}

int cli_flag_value(struct cli *cli, const struct cli_flag *flag, const char **value)
{
	cli->at++;
	if (flag->value) {
		*value = flag->value;
		return 0;
	}
	*value = cli_peek(cli);
	if (!*value)
		return cli_usage(cli, flag->raw, "a value is missing");
	cli->at++;
	return 0;
}

/* Options are known with `-` and with `_`. */
static bool same_name(const char *option, const char *given)
{
	for (; *option && *given; option++, given++)
		if (*option != *given && !(*option == '-' && *given == '_'))
			return false;
	return *option == *given;
}

int cli_take_option(struct cli *cli, const struct cli_option *options, size_t count,
                    const struct cli_flag *flag, int *exit_code)
{
	const struct cli_option *found = NULL;

	for (size_t i = 0; i < count && !found; i++)
		if (same_name(options[i].name, flag->name))
			found = &options[i];
	if (!found)
		return 0;
	if (found->text) {
		*exit_code = cli_flag_value(cli, flag, found->text);
	} else if (flag->value) {
		*exit_code = cli_usage(cli, flag->raw, "it takes no value");
	} else {
		*found->on = true;
		cli->at++;
	}
	return *exit_code ? -1 : 1;
}

static int unknown_option(const struct cli *cli, const struct cli_option *options, size_t count,
                          const struct cli_flag *flag)
{
	struct cli_nearest nearest;

	cli_nearest_start(&nearest, flag->name);
	for (size_t i = 0; i < count; i++)
		cli_nearest_offer(&nearest, options[i].name);
	if (nearest.name)
		return cli_usage(cli, flag->raw, "there is no such option; did you mean --%s?",
		                 nearest.name);
	return cli_usage(cli, flag->raw, "there is no such option; --help lists them");
}

/* Deal with options until a word comes, and take it; NULL at the end. */
static int next_word(struct cli *cli, const struct cli_option *options, size_t count,
                     const char **word)
{
	struct cli_flag flag;
	int exit_code = 0;

	*word = NULL;
	while (cli_peek(cli)) {
		if (!cli->words_only && strcmp(cli_peek(cli), "--") == 0) {
			cli->words_only = true;
			cli->at++;
			continue;
		}
		if (!cli_flag_at_hand(cli, &flag)) {
			*word = cli->argv[cli->at++];
			return 0;
		}
		if (cli_take_option(cli, options, count, &flag, &exit_code) == 0)
			return unknown_option(cli, options, count, &flag);
		if (exit_code)
			return exit_code;
	}
	return 0;
}

int cli_next_word(struct cli *cli, const char **word)
{
	struct cli_option common[CLI_COMMON_OPTIONS];

	return next_word(cli, cli_common_options(cli, common), CLI_COMMON_OPTIONS, word);
}

int cli_parse(struct cli *cli, const struct cli_option *options, size_t option_count,
              const char **words, size_t max, size_t *word_count)
{
	struct cli_option all[CLI_COMMON_OPTIONS + CLI_OWN_OPTIONS];
	const char *word;

	cli_common_options(cli, all);
	if (option_count > CLI_OWN_OPTIONS)
		option_count = CLI_OWN_OPTIONS;
	for (size_t i = 0; i < option_count; i++)
		all[CLI_COMMON_OPTIONS + i] = options[i];
	*word_count = 0;
	for (;;) {
		int exit_code = next_word(cli, all, CLI_COMMON_OPTIONS + option_count, &word);

		if (exit_code || !word)
			return exit_code;
		if (*word_count == max)
			return cli_usage(cli, word, "it is one argument too many");
		words[(*word_count)++] = word;
	}
}
