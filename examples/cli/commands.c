/* SPDX-License-Identifier: MIT */
/* The commands that are not operations of the library. */
#include "cli.h"

static const struct cli_command commands[] = {
	{"import", "NOUN VERB FILE.csv[.gz] [--skip] [--key-prefix TEXT]",
	 "Run one command for each row of a CSV file.", cli_import},
	{"export", "NOUN [VERB] FILE.csv[.gz] [--FIELD VALUE]…", "Write a list to a CSV file.",
	 cli_export},
	{"verify", "", "Recompute everything from the journal and compare.", cli_verify},
	{"rebuild", "", "Empty the derived tables and refill them from the journal.", cli_rebuild},
	{"backup", "FILE", "Copy the store to a new file while it is in use.", cli_backup},
	{"doctor", "", "What a technician wants to know of the store and its database.", cli_doctor},
	{"feed", "[--follow] [--after POSITION] [--consumer NAME]",
	 "Print the journal, one event a line.", cli_feed},
};

const struct cli_command *cli_command_at(size_t index)
{
	return index < sizeof commands / sizeof commands[0] ? &commands[index] : NULL;
}

const struct cli_command *cli_command_named(const char *name)
{
	const struct cli_command *command;

	for (size_t i = 0; (command = cli_command_at(i)) != NULL; i++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}
