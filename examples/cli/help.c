/* SPDX-License-Identifier: MIT */
/* Help, from the description. */
#include "cli.h"

#define NAMES 15   /* where what nouns, verbs and commands do begins */
#define OPTIONS 23 /* where what options do begins */

static void heading(const char *text)
{
	printf("\n%s%s%s\n", cli_bold(), text, cli_plain());
}

static void print_entry(const char *name, size_t indent, const char *text)
{
	struct text label = {0};

	text_printf(&label, "  %s", name);
	cli_wrap_labelled(stdout, text_get(&label), indent, text, cli_help_width());
	text_free(&label);
}

static void print_option(const struct cli_option *option)
{
	struct text name = {0};

	text_printf(&name, "--%s%s%s", option->name, option->value ? " " : "",
	            option->value ? option->value : "");
	print_entry(text_get(&name), OPTIONS, option->doc);
	text_free(&name);
}

void cli_help_options(const struct cli *cli, uint32_t uses, const inv_record_desc *input)
{
	struct cli_option common[CLI_COMMON_OPTIONS];
	struct cli copy = *cli;

	cli_common_options(&copy, common);
	heading("Options");
	for (size_t i = 0; i < CLI_COMMON_OPTIONS; i++) {
		const char *name = common[i].name;

		/* A field of the same name goes before it. */
		if (input && cli_find_field(input, name, strlen(name)))
			continue;
		if (common[i].use == CLI_USE_ALL || (common[i].use & uses))
			print_option(&common[i]);
	}
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
		struct text verbs = {0};

		if (!is_first_of_noun(i))
			continue;
		for (uint32_t j = i; (other = inv_schema_op(j)) != NULL; j++)
			if (strcmp(other->noun, op->noun) == 0)
				text_printf(&verbs, "%s%s", verbs.len > 0 ? ", " : "", other->verb);
		print_entry(op->plural, NAMES, text_get(&verbs));
		text_free(&verbs);
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
		print_entry(command->name, NAMES, command->summary);
	cli_help_options(cli, ~0u, NULL);
	return 0;
}

int cli_help_noun(const struct cli *cli, const char *noun)
{
	const inv_op_desc *first = cli_find_noun(noun);
	const inv_op_desc *op;
	size_t width = cli_help_width();

	(void)cli;
	printf("%s: ", first->plural);
	cli_wrap(stdout, inv_schema_record(first->output)->doc, strlen(first->plural) + 2, 2, width);
	fputs("\n", stdout);
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
		struct text label = {0};

		if (strcmp(op->noun, first->noun) != 0)
			continue;
		text_printf(&label, "inventra %s %s", op->plural, op->verb);
		print_entry(text_get(&label), strlen("  inventra  ") + strlen(op->plural) + 13,
		            op->summary);
		text_free(&label);
	}
	printf("\n`inventra %s VERB --help` tells more.\n", first->plural);
	return 0;
}

int cli_help_command(const struct cli *cli, const struct cli_command *command,
                     const struct cli_option *options, size_t count)
{
	size_t width = cli_help_width();

	printf("  inventra %s%s", command->name, *command->arguments ? " " : "");
	cli_wrap(stdout, command->arguments, strlen("  inventra  ") + strlen(command->name), 4, width);
	fputs("\n", stdout);
	cli_wrap(stdout, command->summary, 0, 0, width);
	if (command->more) {
		fputs("\n", stdout);
		cli_wrap(stdout, command->more, 0, 0, width);
	}
	if (count > 0)
		heading("Its options");
	for (size_t i = 0; i < count; i++)
		print_option(&options[i]);
	cli_help_options(cli, command->uses, NULL);
	return 0;
}
