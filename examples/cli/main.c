/* SPDX-License-Identifier: MIT */
/* inventra: every operation of the library from the command line. */
#include "cli.h"

static int run_noun(struct cli *cli, const char *noun)
{
	const char *verb;
	const inv_op_desc *op;
	int exit_code;

	if (!cli_find_noun(noun))
		return cli_unknown_noun(cli, noun);
	exit_code = cli_next_word(cli, &verb);
	if (exit_code)
		return exit_code;
	if (!verb && cli->help)
		return cli_help_noun(cli, noun);
	if (!verb)
		return cli_usage(cli, noun, "a verb is missing; `inventra %s --help` lists them", noun);
	op = cli_find_op(noun, verb);
	return op ? cli_call(cli, op) : cli_unknown_verb(cli, noun, verb);
}

int main(int argc, char **argv)
{
	struct cli cli;
	const struct cli_command *command;
	const char *word;
	int exit_code;

	cli_start(&cli, argc, argv);
	exit_code = cli_next_word(&cli, &word);
	if (exit_code)
		return exit_code;
	if (cli.version) {
		printf("inventra %s\n", inv_version());
		return cli_end_output(&cli, 0);
	}
	if (!word && cli.help)
		return cli_end_output(&cli, cli_help(&cli));
	if (!word)
		return cli_usage(&cli, "", "what shall be done? `inventra --help` lists the commands");
	command = cli_command_named(word);
	exit_code = command ? command->run(&cli, command) : run_noun(&cli, word);
	return cli_end_output(&cli, exit_code);
}
