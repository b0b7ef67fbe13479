/* SPDX-License-Identifier: MIT */
/* Finding operations and fields by the words of the command line, and the nearest when there is
 * none. */
#include "cli.h"

#define NAME_MAX_LEN 63

/* Edits that turn one name into the other (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1];
	size_t b_len = strlen(b);

	if (b_len > NAME_MAX_LEN || strlen(a) > NAME_MAX_LEN)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = diagonal + (a[i] != b[j - 1] ? 1 : 0);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[b_len];
}

void cli_nearest_start(struct cli_nearest *nearest, const char *wanted)
{
	nearest->wanted = wanted;
	nearest->name = NULL;
	nearest->distance = strlen(wanted) / 3 + 2; /* further away is no typing mistake */
}

void cli_nearest_offer(struct cli_nearest *nearest, const char *name)
{
	size_t found = distance(nearest->wanted, name);

	if (found < nearest->distance) {
		nearest->distance = found;
		nearest->name = name;
	}
}

static bool is_noun(const inv_op_desc *op, const char *word)
{
	return strcmp(op->plural, word) == 0 || strcmp(op->noun, word) == 0;
}

const inv_op_desc *cli_find_noun(const char *word)
{
	const inv_op_desc *op;

	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++)
		if (is_noun(op, word))
			return op;
	return NULL;
}

const inv_op_desc *cli_find_op(const char *noun, const char *verb)
{
	const inv_op_desc *op;

	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++)
		if (is_noun(op, noun) && strcmp(op->verb, verb) == 0)
			return op;
	return NULL;
}

const inv_op_desc *cli_find_list(const char *noun)
{
	const inv_op_desc *op;

	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++)
		if (is_noun(op, noun) && (op->flags & INV_OP_LISTS))
			return op;
	return NULL;
}

int cli_unknown_noun(const struct cli *cli, const char *word)
{
	const struct cli_command *command;
	const inv_op_desc *op;
	struct cli_nearest nearest;

	cli_nearest_start(&nearest, word);
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++)
		cli_nearest_offer(&nearest, op->plural);
	for (size_t i = 0; (command = cli_command_at(i)) != NULL; i++)
		cli_nearest_offer(&nearest, command->name);
	if (nearest.name)
		return cli_usage(cli, word, "there is no such command; did you mean `%s`?", nearest.name);
	return cli_usage(cli, word, "there is no such command; `inventra --help` lists them");
}

int cli_unknown_verb(const struct cli *cli, const char *noun, const char *word)
{
	const inv_op_desc *op;
	struct cli_nearest nearest;

	cli_nearest_start(&nearest, word);
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++)
		if (is_noun(op, noun))
			cli_nearest_offer(&nearest, op->verb);
	if (nearest.name)
		return cli_usage(cli, word, "%s know no such verb; did you mean `%s`?", noun, nearest.name);
	return cli_usage(cli, word, "no such verb; `inventra %s --help` lists them", noun);
}

bool cli_field_is_input(const inv_field_desc *field)
{
	return (field->flags & (INV_FIELD_READONLY | INV_FIELD_HIDDEN)) == 0;
}

static bool same_field(const char *field, const char *name, size_t len)
{
	if (strlen(field) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (field[i] != (name[i] == '-' ? '_' : name[i]))
			return false;
	return true;
}

const inv_field_desc *cli_find_field(const inv_record_desc *record, const char *name, size_t len)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);

		if (cli_field_is_input(field) && same_field(field->name, name, len))
			return field;
	}
	return NULL;
}

void cli_offer_fields(struct cli_nearest *nearest, const inv_record_desc *record)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);

		if (cli_field_is_input(field))
			cli_nearest_offer(nearest, field->name);
	}
}
