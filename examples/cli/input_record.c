/* SPDX-License-Identifier: MIT */
/* An operation's input as a record in memory, for the calls that take no JSON. */
#include "cli.h"

int cli_input_record(const struct cli *cli, const struct cli_input *input, inv_input **out)
{
	inv_error error = INV_ERROR_INIT;

	error.status = inv_input_new(input->record, 1, out);
	if (error.status != INV_OK)
		return cli_failed(cli, &error);
	for (size_t i = 0; i < input->given_count; i++) {
		const inv_field_desc *field = input->given[i].field;

		if (inv_input_set_text(*out, inv_input_at(*out, 0), field,
		                       inv_str_of(input->given[i].text), &error) == INV_OK)
			continue;
		inv_input_free(*out);
		*out = NULL;
		return cli_usage(cli, field->name, "%s", error.message);
	}
	return 0;
}
