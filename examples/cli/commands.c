/* SPDX-License-Identifier: MIT */
/* The commands that are not operations of the library. */
#include "cli.h"

static const char import_more[] =
	"The first row names fields of the operation. With --skip, FILE.errors.csv holds the header, "
	"and each bad row as it was, behind the columns line, field and message. To run them again, "
	"repair them, remove these three columns, and import that file. It needs another --key-prefix, "
	"as its lines are numbered anew. The exit code is 0 only when no row failed.";

static const char migrate_more[] =
	"What is at the new place afterwards is the same store, with its id, keys and cursors; the old "
	"one stays as it is. A copy that was stopped goes on where it stopped. Run again later, "
	"it brings what was booked at the old place in the meantime: so let the shop go on during the "
	"first run, let it stand still for a second one, and open it at the new place from then on. "
	"Without --from, it is the store of --store.";

static const char completion_more[] =
	"For this shell: `source <(inventra completion)`. For every shell to come, put it into "
	"~/.local/share/bash-completion/completions/inventra.";

static const struct cli_command commands[] = {
	{"import", "NOUN VERB FILE.csv[.gz] [--skip] [--key-prefix TEXT]",
	 "Run one command for each row of a CSV file.", CLI_USE_STORE | CLI_USE_SESSION, import_more,
	 cli_import},
	{"export", "NOUN [VERB] FILE.csv[.gz] [--FIELD VALUE]…", "Write a list to a CSV file.",
	 CLI_USE_STORE | CLI_USE_READ, NULL, cli_export},
	{"verify", "", "Recompute everything from the journal and compare.",
	 CLI_USE_STORE | CLI_USE_READ, NULL, cli_verify},
	{"rebuild", "", "Empty the derived tables and refill them from the journal.", CLI_USE_STORE,
	 NULL, cli_rebuild},
	{"backup", "FILE", "Copy the store to a new file while it is in use.",
	 CLI_USE_STORE | CLI_USE_READ, NULL, cli_backup},
	{"migrate", "--to URL [--from URL]", "Move the store to another place or another database.",
	 CLI_USE_STORE, migrate_more, cli_migrate},
	{"doctor", "", "What a technician wants to know of the store and its database.",
	 CLI_USE_STORE | CLI_USE_READ, NULL, cli_doctor},
	{"feed", "[--follow] [--after POSITION] [--consumer NAME]",
	 "Print the journal, one event a line.", CLI_USE_STORE | CLI_USE_READ, NULL, cli_feed},
	{"completion", "", "Print what bash needs to complete the words of this command.",
	 CLI_USE_NOTHING, completion_more, cli_completion},
	{"man", "", "Print the manual page.", CLI_USE_NOTHING, NULL, cli_man},
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
