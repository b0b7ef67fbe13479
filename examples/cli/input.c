/* SPDX-License-Identifier: MIT */
/* From flags and words to an operation's input. */
#include "cli.h"

#include <stdlib.h>

static void give(struct cli_input *input, const inv_field_desc *field, const char *text)
{
	input->given = cli_alloc(input->given, input->given_count + 1, sizeof *input->given);
	input->given[input->given_count].field = field;
	input->given[input->given_count].text = text;
	input->given_count++;
}

static bool is_truth(const char *text)
{
	return text && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0);
}

/* A switch needs no value; it takes the next argument only if that is one. */
static int take_field(struct cli *cli, struct cli_input *input, const inv_field_desc *field,
                      const struct cli_flag *flag)
{
	const char *text = "true";
	const char *next = cli->at + 1 < cli->argc ? cli->argv[cli->at + 1] : NULL;
	int exit_code = 0;

	if (field->kind == INV_KIND_BOOL && !flag->value && !is_truth(next))
		cli->at++;
	else
		exit_code = cli_flag_value(cli, flag, &text);
	if (exit_code)
		return exit_code;
	for (size_t i = 0; i < input->given_count; i++)
		if (input->given[i].field == field && field->kind != INV_KIND_STRINGS &&
		    field->kind != INV_KIND_LIST)
			return cli_usage(cli, flag->raw, "it is given twice");
	give(input, field, text);
	return 0;
}

static int unknown_field(const struct cli *cli, const inv_record_desc *record,
                         const struct cli_flag *flag)
{
	struct cli_option common[CLI_COMMON_OPTIONS];
	struct cli copy = *cli;
	struct cli_nearest nearest;
	uint32_t index;

	if (inv_schema_field_named(record, inv_str_of(flag->name), &index))
		return cli_usage(cli, flag->raw, "the library fills it in; it cannot be given");
	cli_nearest_start(&nearest, flag->name);
	cli_offer_fields(&nearest, record);
	cli_common_options(&copy, common);
	for (size_t i = 0; i < CLI_COMMON_OPTIONS; i++)
		cli_nearest_offer(&nearest, common[i].name);
	if (nearest.name)
		return cli_usage(cli, flag->raw, "there is no such option; did you mean --%s?",
		                 nearest.name);
	return cli_usage(cli, flag->raw, "there is no such option; --help lists them");
}

/* A field of the operation goes before a common option of the same name. */
static int take_flag(struct cli *cli, struct cli_input *input, const struct cli_flag *flag)
{
	const inv_field_desc *field = cli_find_field(input->record, flag->name, strlen(flag->name));
	struct cli_option common[CLI_COMMON_OPTIONS];
	int exit_code = 0;

	if (field)
		return take_field(cli, input, field, flag);
	cli_common_options(cli, common);
	if (cli_take_option(cli, common, CLI_COMMON_OPTIONS, flag, &exit_code) != 0)
		return exit_code;
	return unknown_field(cli, input->record, flag);
}

int cli_input_parse(struct cli *cli, const inv_record_desc *record, struct cli_input *input)
{
	struct cli_flag flag;
	const char *word;
	int exit_code = 0;

	memset(input, 0, sizeof *input);
	input->record = record;
	while (exit_code == 0) {
		if (cli_flag_at_hand(cli, &flag) && strcmp(flag.raw, "--") != 0) {
			exit_code = take_flag(cli, input, &flag);
			continue;
		}
		exit_code = cli_next_word(cli, &word);
		if (exit_code || !word)
			return exit_code;
		if (strcmp(word, "-") == 0 && !cli->words_only) {
			input->from_stdin = true;
			continue;
		}
		input->words = cli_alloc(input->words, input->word_count + 1, sizeof *input->words);
		input->words[input->word_count++] = word;
	}
	return exit_code;
}

void cli_input_free(struct cli_input *input)
{
	free(input->given);
	free(input->words);
	memset(input, 0, sizeof *input);
}
