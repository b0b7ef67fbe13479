/* SPDX-License-Identifier: MIT */
/* `inventra man`: the manual page, from the description and what help says. */
#include "cli.h"

static bool skip(const char **text, const char *what)
{
	size_t len = strlen(what);

	if (strncmp(*text, what, len) != 0)
		return false;
	*text += len;
	return true;
}

/* Text for roff: its own signs are escaped, and so is the start of a line. */
static void put(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	while (*text) {
		if (skip(&text, "\\"))
			fputs("\\e", stdout);
		else if (skip(&text, "-"))
			fputs("\\-", stdout);
		else if (skip(&text, "`"))
			fputs("\\(ga", stdout);
		else if (skip(&text, "…"))
			fputs("...", stdout);
		else
			putchar(*text++);
	}
}

static void put_line(const char *text)
{
	put(text);
	fputs("\n", stdout);
}

static void section(const char *name)
{
	printf(".SH %s\n", name);
}

/* A term in bold, what follows it in italics, and its text. */
static void put_entry(const char *dashes, const char *name, const char *rest, const char *text)
{
	fputs(".TP\n\\fB", stdout);
	put(dashes);
	put(name);
	fputs("\\fR", stdout);
	if (rest && *rest) {
		fputs(" \\fI", stdout);
		put(rest);
		fputs("\\fR", stdout);
	}
	fputs("\n", stdout);
	put_line(text);
}

static void put_options(const struct cli *cli)
{
	struct cli_option common[CLI_COMMON_OPTIONS];
	struct cli copy = *cli;

	cli_common_options(&copy, common);
	section("OPTIONS");
	for (size_t i = 0; i < CLI_COMMON_OPTIONS; i++)
		put_entry("--", common[i].name, common[i].value, common[i].doc);
}

static void put_commands(void)
{
	const struct cli_command *command;

	section("COMMANDS");
	for (size_t i = 0; (command = cli_command_at(i)) != NULL; i++) {
		put_entry("", command->name, command->arguments, command->summary);
		if (command->more)
			put_line(command->more);
	}
}

static void put_fields(const inv_op_desc *op)
{
	const inv_record_desc *input = inv_schema_record(op->input);
	const char *comma = "";

	for (uint32_t i = 0; i < input->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(input, i);

		if (!cli_field_is_input(field))
			continue;
		printf("%s\\fI", *comma ? comma : "Fields: ");
		put(field->name);
		fputs("\\fR", stdout);
		comma = ",\n";
	}
	if (*comma)
		fputs(".\n", stdout);
}

static void put_operations(void)
{
	const inv_op_desc *op;

	section("OPERATIONS");
	put_line("A field is given as --FIELD VALUE; `inventra NOUN VERB --help` tells what each of "
	         "them means and takes.");
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
		struct text name = {0};

		text_printf(&name, "%s %s", op->plural, op->verb);
		put_entry("", text_get(&name), NULL, op->summary);
		put_fields(op);
		text_free(&name);
	}
}

static void put_statuses(void)
{
	const inv_status_desc *status;

	section("EXIT STATUS");
	put_entry("", "0", NULL, "Success.");
	put_entry("", "2", NULL, "It was called wrongly.");
	for (uint32_t i = 1; (status = inv_schema_status_at(i)) != NULL; i++) {
		char number[16];

		snprintf(number, sizeof number, "%d", (int)status->exit_code);
		put_entry("", number, status->name, status->text);
	}
}

static void put_page(const struct cli *cli)
{
	printf(".TH INVENTRA 1 \"\" \"inventra %s\" \"User Commands\"\n", inv_version());
	section("NAME");
	fputs("inventra \\- stock and sales of a shop, in one file\n", stdout);
	section("SYNOPSIS");
	fputs(".B inventra\n[\\fIOPTIONS\\fR] \\fINOUN VERB\\fR [\\fIARGUMENT\\fR]... [\\-\\-\\fIFIELD "
	      "VALUE\\fR]... [\\-]\n.br\n.B inventra\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...\n",
	      stdout);
	section("DESCRIPTION");
	put_line("The command does everything that the library libinventra does: products, stock, "
	         "sales at the till, reports, audit and a change feed over an exact double-entry "
	         "ledger. A store is one file; it is made when there is none and something is "
	         "written.");
	fputs(".PP\n", stdout);
	put_line("A single - reads the input as JSON from standard input: one object, or an array of "
	         "them where the operation takes several.");
	put_options(cli);
	put_commands();
	put_operations();
	put_statuses();
	section("ENVIRONMENT");
	put_entry("", "INVENTRA_STORE", NULL, "The store, where --store is not given.");
	section("EXAMPLES");
	fputs(".nf\n", stdout);
	put_line("inventra products create --sku TEA-100 --name Tea --list-price 2.50");
	put_line("inventra stock receive --lines product=TEA-100,quantity=40");
	put_line("inventra sales close --lines product=TEA-100,quantity=2,use_list_price=true");
	put_line("inventra balances list");
	fputs(".fi\n", stdout);
}

int cli_man(struct cli *cli, const struct cli_command *self)
{
	size_t count;
	int exit_code = cli_parse(cli, NULL, 0, NULL, 0, &count);

	if (exit_code)
		return exit_code;
	if (cli->help)
		return cli_help_command(cli, self, NULL, 0);
	put_page(cli);
	return 0;
}
