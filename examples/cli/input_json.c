/* SPDX-License-Identifier: MIT */
/* An operation's input as JSON. */
#include "cli.h"

static bool is_list(const inv_field_desc *field)
{
	return field->kind == INV_KIND_STRINGS || field->kind == INV_KIND_LIST;
}

/* A list takes the elements of all its flags. */
static int list_json(const struct cli *cli, const struct cli_input *input,
                     const inv_field_desc *field, struct text *out)
{
	const char *comma = "";
	int exit_code = 0;

	text_puts(out, "[");
	for (size_t i = 0; i < input->given_count && exit_code == 0; i++) {
		struct text elements = {0};

		if (input->given[i].field != field)
			continue;
		exit_code = cli_elements_json(cli, field, input->given[i].text, &elements);
		if (elements.len > 0) {
			text_printf(out, "%s%s", comma, text_get(&elements));
			comma = ",";
		}
		text_free(&elements);
	}
	text_puts(out, "]");
	return exit_code;
}

static bool is_first(const struct cli_input *input, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (input->given[i].field == input->given[index].field)
			return false;
	return true;
}

/* The flags as members of an object, comma-separated. */
static int members_json(const struct cli *cli, const struct cli_input *input, struct text *out)
{
	int exit_code = 0;

	for (size_t i = 0; i < input->given_count && exit_code == 0; i++) {
		const inv_field_desc *field = input->given[i].field;

		if (!is_first(input, i))
			continue;
		text_printf(out, "%s\"%s\":", out->len > 0 ? "," : "", field->name);
		if (is_list(field))
			exit_code = list_json(cli, input, field, out);
		else
			exit_code = cli_value_json(cli, field, input->given[i].text, out);
	}
	return exit_code;
}

/* The `index`th field that words fill, and how many there are. */
static const inv_field_desc *positional(const inv_record_desc *record, size_t index, size_t *count)
{
	const inv_field_desc *found = NULL;
	size_t seen = 0;

	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);

		if ((field->flags & INV_FIELD_POSITIONAL) && seen++ == index)
			found = field;
	}
	*count = seen;
	return found;
}

/* Words beyond the positional fields belong to the last of them, as when searching for words. */
static int words_json(const struct cli *cli, const struct cli_input *input, struct text *out)
{
	struct text last = {0};
	size_t count;
	int exit_code = 0;

	for (size_t i = 0; i < input->word_count && exit_code == 0; i++) {
		const inv_field_desc *field = positional(input->record, i, &count);
		bool more = i + 1 >= count && i + 1 < input->word_count;

		if (count == 0 || (more && positional(input->record, count - 1, &count)->kind !=
		                               INV_KIND_TEXT)) {
			exit_code = cli_usage(cli, input->words[count == 0 ? i : i + 1],
			                      "it is one argument too many; options start with --");
			break;
		}
		if (last.len > 0)
			text_puts(&last, " ");
		text_puts(&last, input->words[i]);
		if (more)
			continue;
		if (!field)
			field = positional(input->record, count - 1, &count);
		text_printf(out, "%s\"%s\":", out->len > 0 ? "," : "", field->name);
		exit_code = cli_value_json(cli, field, text_get(&last), out);
		text_clear(&last);
	}
	text_free(&last);
	return exit_code;
}

static int object_json(const struct cli *cli, const struct cli_input *input, struct text *out)
{
	struct text members = {0};
	int exit_code = members_json(cli, input, &members);

	if (exit_code == 0)
		exit_code = words_json(cli, input, &members);
	text_printf(out, "{%s}", text_get(&members));
	text_free(&members);
	return exit_code;
}

/* One record for each word. */
static int batch_json(const struct cli *cli, const struct cli_input *input, struct text *out)
{
	struct cli_input one = *input;
	int exit_code = 0;

	text_puts(out, "[");
	for (size_t i = 0; i < input->word_count && exit_code == 0; i++) {
		one.words = input->words + i;
		one.word_count = 1;
		if (i > 0)
			text_puts(out, ",");
		exit_code = object_json(cli, &one, out);
	}
	text_puts(out, "]");
	return exit_code;
}

static int read_stdin(const struct cli *cli, struct text *out)
{
	char block[16384];
	size_t got;

	while (out->len <= INV_LIMIT_JSON && (got = fread(block, 1, sizeof block, stdin)) > 0)
		text_add(out, block, got);
	return ferror(stdin) ? cli_file_failed(cli, INV_E_IO, "standard input") : 0;
}

/* What comes from stdin; flags given beside it become members of its object. */
static int stdin_json(const struct cli *cli, const struct cli_input *input, struct text *out)
{
	struct text raw = {0};
	struct text members = {0};
	int exit_code = read_stdin(cli, &raw);

	if (exit_code == 0)
		exit_code = members_json(cli, input, &members);
	if (exit_code == 0)
		exit_code = words_json(cli, input, &members);
	if (exit_code == 0) {
		const char *end = text_get(&raw) + raw.len;
		const char *start = json_skip_space(text_get(&raw), end);
		const char *inner = start < end ? json_skip_space(start + 1, end) : end;

		if (members.len == 0)
			text_add(out, start, (size_t)(end - start));
		else if (start == end || *start != '{')
			exit_code = cli_usage(cli, "-", "options beside it need one JSON object there");
		else
			text_printf(out, "{%s%s", text_get(&members),
			            inner < end && *inner == '}' ? "" : ",");
		if (members.len > 0 && exit_code == 0)
			text_add(out, inner, (size_t)(end - inner));
	}
	text_free(&members);
	text_free(&raw);
	return exit_code;
}

int cli_input_json(const struct cli *cli, const inv_op_desc *op, const struct cli_input *input,
                   struct text *out)
{
	size_t positionals;

	positional(input->record, 0, &positionals);
	if (input->from_stdin)
		return stdin_json(cli, input, out);
	if ((op->flags & INV_OP_BATCH) && positionals == 1 && input->word_count > 1)
		return batch_json(cli, input, out);
	return object_json(cli, input, out);
}
