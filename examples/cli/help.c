/* SPDX-License-Identifier: MIT */
/* Help, from the description. */
#include "cli.h"

static void heading(const char *text)
{
	printf("\n%s%s%s\n", cli_bold(), text, cli_plain());
}

static void print_option(const struct cli_option *option)
{
	struct text name = {0};

	text_printf(&name, "--%s%s%s", option->name, option->value ? " " : "",
	            option->value ? option->value : "");
	printf("  %-20s %s\n", text_get(&name), option->doc);
	text_free(&name);
}

static void print_common_options(const struct cli *cli)
{
	struct cli_option common[CLI_COMMON_OPTIONS];
	struct cli copy = *cli;

	cli_common_options(&copy, common);
	heading("Options");
	for (size_t i = 0; i < CLI_COMMON_OPTIONS; i++)
		print_option(&common[i]);
}

static bool is_first_of_noun(uint32_t number)
{
	const inv_op_desc *op = inv_schema_op(number);

	return cli_find_noun(op->noun) == op;
}

static void print_nouns(void)
{
	const inv_op_desc *op;

	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
		const inv_op_desc *other;
		const char *comma = "";

		if (!is_first_of_noun(i))
			continue;
		printf("  %-12s ", op->plural);
		for (uint32_t j = i; (other = inv_schema_op(j)) != NULL; j++) {
			if (strcmp(other->noun, op->noun) != 0)
				continue;
			printf("%s%s", comma, other->verb);
			comma = ", ";
		}
		printf("\n");
	}
}

int cli_help(const struct cli *cli)
{
	const struct cli_command *command;

	printf("inventra %s: stock and sales of a shop, in one file\n\n"
	       "  inventra [OPTIONS] NOUN VERB [ARGUMENT]… [--FIELD VALUE]… [-]\n"
	       "  inventra [OPTIONS] COMMAND …\n\n"
	       "`-` reads the input as JSON from standard input.\n",
	       inv_version());
	heading("Nouns and their verbs (inventra NOUN --help tells more)");
	print_nouns();
	heading("Commands");
	for (size_t i = 0; (command = cli_command_at(i)) != NULL; i++)
		printf("  %-12s %s\n", command->name, command->summary);
	print_common_options(cli);
	return 0;
}

int cli_help_noun(const struct cli *cli, const char *noun)
{
	const inv_op_desc *first = cli_find_noun(noun);
	const inv_op_desc *op;

	(void)cli;
	printf("%s: %s\n\n", first->plural, inv_schema_record(first->output)->doc);
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++)
		if (strcmp(op->noun, first->noun) == 0)
			printf("  inventra %s %-12s %s\n", op->plural, op->verb, op->summary);
	printf("\n`inventra %s VERB --help` tells more.\n", first->plural);
	return 0;
}

int cli_help_command(const struct cli *cli, const struct cli_command *command,
                     const struct cli_option *options, size_t count)
{
	printf("  inventra %s %s\n\n%s\n", command->name, command->arguments, command->summary);
	if (count > 0)
		heading("Its options");
	for (size_t i = 0; i < count; i++)
		print_option(&options[i]);
	print_common_options(cli);
	return 0;
}
