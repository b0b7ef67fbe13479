/* SPDX-License-Identifier: MIT */
/* `inventra completion`: what bash needs to complete nouns, verbs, commands, fields and options,
 * made from the description. */
#include "cli.h"

/* Commands that run an operation are followed by its noun and verb. */
static bool takes_an_operation(const struct cli_command *command)
{
	return strncmp(command->arguments, "NOUN", strlen("NOUN")) == 0;
}

/* The options that a command's arguments show: `[--skip] [--key-prefix TEXT]`. */
static void put_shown_options(const struct cli_command *command)
{
	const char *at = command->arguments;

	while ((at = strstr(at, "--")) != NULL) {
		size_t len = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");

		if (len > 2)
			printf(" %.*s", (int)len, at);
		at += len;
	}
}

static void put_common_options(const struct cli *cli, bool with_value)
{
	struct cli_option common[CLI_COMMON_OPTIONS];
	struct cli copy = *cli;
	const char *separator = "";

	cli_common_options(&copy, common);
	for (size_t i = 0; i < CLI_COMMON_OPTIONS; i++) {
		if (with_value && !common[i].value)
			continue;
		printf("%s--%s", separator, common[i].name);
		separator = with_value ? "|" : " ";
	}
}

static void put_verbs(const char *plural)
{
	const inv_op_desc *op;
	const char *blank = "";

	printf("\t'%s ') words='", plural);
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
		if (strcmp(op->plural, plural) != 0)
			continue;
		printf("%s%s", blank, op->verb);
		blank = " ";
	}
	fputs("' ;;\n", stdout);
}

static void put_fields(const inv_op_desc *op)
{
	const inv_record_desc *input = inv_schema_record(op->input);

	printf("\t'%s %s') words='", op->plural, op->verb);
	for (uint32_t i = 0; i < input->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(input, i);

		if (cli_field_is_input(field))
			printf("--%s ", field->name);
	}
	fputs("' ;;\n", stdout);
}

/* What may stand first: nouns and commands. */
static void put_first_words(void)
{
	const struct cli_command *command;
	const inv_op_desc *op;
	const char *before = "";

	fputs("\t' ') words='", stdout);
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
		if (strcmp(op->plural, before) != 0)
			printf("%s ", op->plural);
		before = op->plural;
	}
	for (size_t i = 0; (command = cli_command_at(i)) != NULL; i++)
		printf("%s ", command->name);
	fputs("' ;;\n", stdout);
}

static void put_cases(void)
{
	const inv_op_desc *op;
	const char *before = "";

	put_first_words();
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
		if (strcmp(op->plural, before) != 0)
			put_verbs(op->plural);
		before = op->plural;
	}
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++)
		put_fields(op);
}

static void put_commands(void)
{
	const struct cli_command *command;

	for (size_t i = 0; (command = cli_command_at(i)) != NULL; i++) {
		printf("\t\t%s) own='", command->name);
		put_shown_options(command);
		printf("'%s ;;\n", takes_an_operation(command) ? "; continue" : "");
	}
}

static void put_script(const struct cli *cli)
{
	fputs("# Completion for bash, made by `inventra completion`.\n"
	      "_inventra()\n"
	      "{\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} first= second= own= words= i\n"
	      "\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n\t\t",
	      stdout);
	put_common_options(cli, true);
	fputs(") ((i++)) ; continue ;;\n"
	      "\t\t-*) continue ;;\n"
	      "\t\tesac\n"
	      "\t\t[ -n \"$first\" ] || case ${COMP_WORDS[i]} in\n",
	      stdout);
	put_commands();
	fputs("\t\tesac\n"
	      "\t\tif [ -z \"$first\" ]; then\n"
	      "\t\t\tfirst=${COMP_WORDS[i]}\n"
	      "\t\telif [ -z \"$second\" ]; then\n"
	      "\t\t\tsecond=${COMP_WORDS[i]}\n"
	      "\t\tfi\n"
	      "\tdone\n"
	      "\tcase \"$first $second\" in\n",
	      stdout);
	put_cases();
	fputs("\tesac\n"
	      "\twords+=\" $own\"\n"
	      "\t[[ $word != -* ]] || words+=' ",
	      stdout);
	put_common_options(cli, false);
	fputs("'\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
	      "}\n"
	      "complete -o default -F _inventra inventra\n",
	      stdout);
}

int cli_completion(struct cli *cli, const struct cli_command *self)
{
	size_t count;
	int exit_code = cli_parse(cli, NULL, 0, NULL, 0, &count);

	if (exit_code)
		return exit_code;
	if (cli->help)
		return cli_help_command(cli, self, NULL, 0);
	put_script(cli);
	return 0;
}
