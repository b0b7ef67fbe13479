/* SPDX-License-Identifier: MIT */
/* The parts of the `inventra` command. Nothing here names an operation or a field of one: whatever
 * the library describes, the command line has. */
#ifndef CLI_H
#define CLI_H

#include "inventra/inventra.h"
#include "text.h"

#include <stdio.h>

#define CLI_USAGE 2 /* exit code of a wrong command line */

/* One run: the options every command takes, and the arguments not yet looked at. */
struct cli {
	const char *store;
	const char *actor;
	const char *channel;
	const char *location;
	const char *till;
	const char *key;
	bool json;
	bool read_only;
	bool help;
	bool version;
	char **argv;
	int argc;
	int at;
	bool words_only;  /* behind a bare `--` */
	bool many_inputs; /* more than one record goes in: errors tell which they mean */
};

/* ---- taking the command line apart (args.c) ---- */

/* An option of one command, beside the common ones. */
struct cli_option {
	const char *name;   /* without the dashes */
	const char *value;  /* what help calls its value; NULL for a switch */
	const char *doc;
	const char **text;  /* where the value goes; NULL for a switch */
	bool *on;           /* where a switch goes */
	uint32_t use;       /* CLI_USE_…: where it applies */
};

/* What a command makes use of. */
#define CLI_USE_ALL 0u      /* nothing else: such options apply everywhere */
#define CLI_USE_STORE 1u    /* a store */
#define CLI_USE_SESSION 2u  /* who works, and where */
#define CLI_USE_KEY 4u      /* an idempotency key */
#define CLI_USE_READ 8u     /* changes nothing */
#define CLI_USE_NOTHING 16u /* without a command */

/* An argument that starts with dashes, split at its `=`. */
struct cli_flag {
	char name[64];
	const char *value; /* behind the `=`, or NULL */
	const char *raw;
};

void cli_start(struct cli *cli, int argc, char **argv);
/* The common options, for help. */
#define CLI_COMMON_OPTIONS 10
#define CLI_OWN_OPTIONS 4 /* at most so many of one command */
const struct cli_option *cli_common_options(struct cli *cli,
                                            struct cli_option options[CLI_COMMON_OPTIONS]);
/* Take the next word into *word (NULL at the end); common options on the way are dealt with.
 * Returns 0 or an exit code. */
int cli_next_word(struct cli *cli, const char **word);
/* The next argument without a look at options: NULL at the end. */
const char *cli_peek(const struct cli *cli);
/* Is the argument at hand an option? Then split it. */
bool cli_flag_at_hand(const struct cli *cli, struct cli_flag *flag);
/* Take the option's value: what stands behind `=`, or the next argument. */
int cli_flag_value(struct cli *cli, const struct cli_flag *flag, const char **value);
/* Take a flag that is one of `options`: 1 when it was, 0 when not, else -1 with *exit_code set. */
int cli_take_option(struct cli *cli, const struct cli_option *options, size_t count,
                    const struct cli_flag *flag, int *exit_code);
/* All that is left: options of this command, common ones, and at most `max` words. */
int cli_parse(struct cli *cli, const struct cli_option *options, size_t option_count,
              const char **words, size_t max, size_t *word_count);

/* ---- saying what is wrong (error.c) ---- */

/* A wrong command line; `at` is the argument meant, or "". Returns CLI_USAGE. */
int cli_usage(const struct cli *cli, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What the library answered. Returns the status's exit code. */
int cli_failed(const struct cli *cli, const inv_error *error);
int cli_session_failed(const struct cli *cli, const inv_session *session, inv_status status);
/* The system refused a file. Returns the exit code of `status`. */
int cli_file_failed(const struct cli *cli, inv_status status, const char *path);
/* A failed write to stdout (a full disk behind a redirection) must not end as success. */
int cli_end_output(const struct cli *cli, int exit_code);

/* The nearest of the names offered so far, for "did you mean". */
struct cli_nearest {
	const char *wanted;
	const char *name; /* NULL when none is near */
	size_t distance;
};
void cli_nearest_start(struct cli_nearest *nearest, const char *wanted);
void cli_nearest_offer(struct cli_nearest *nearest, const char *name);

/* ---- operations and fields (find.c) ---- */

const inv_op_desc *cli_find_noun(const char *word); /* its first operation, or NULL */
const inv_op_desc *cli_find_op(const char *noun, const char *verb);
const inv_op_desc *cli_find_list(const char *noun); /* its first operation that lists */
int cli_unknown_noun(const struct cli *cli, const char *word);
int cli_unknown_verb(const struct cli *cli, const char *noun, const char *word);
/* A field that may be given on input; names take `-` for `_`. */
const inv_field_desc *cli_find_field(const inv_record_desc *record, const char *name, size_t len);
bool cli_field_is_input(const inv_field_desc *field);
void cli_offer_fields(struct cli_nearest *nearest, const inv_record_desc *record);

/* ---- input (input.c, input_json.c, input_record.c, value.c) ---- */

struct cli_given {
	const inv_field_desc *field;
	const char *text;
};

/* What was given for an operation's input record. */
struct cli_input {
	const inv_record_desc *record;
	struct cli_given *given;
	size_t given_count;
	const char **words; /* positional arguments */
	size_t word_count;
	bool from_stdin;
};

int cli_input_parse(struct cli *cli, const inv_record_desc *record, struct cli_input *input);
void cli_input_free(struct cli_input *input);
/* The input as JSON: one object, or an array of them for a batch operation. */
int cli_input_json(const struct cli *cli, const inv_op_desc *op, const struct cli_input *input,
                   struct text *out);
/* The input as a record in memory (for calls that take no JSON); inv_input_free() it. */
int cli_input_record(const struct cli *cli, const struct cli_input *input, inv_input **out);
/* Append one value as JSON. */
int cli_value_json(const struct cli *cli, const inv_field_desc *field, const char *text,
                   struct text *out);
/* Append the elements that one flag of a STRINGS or LIST field gives, without the brackets. */
int cli_elements_json(const struct cli *cli, const inv_field_desc *field, const char *text,
                      struct text *out);

/* ---- output (cell.c, columns.c, table.c, result.c, wrap.c, screen.c) ---- */

void cli_cell(const inv_field_desc *field, const void *record, struct text *out);
/* The same on one line, and for tables: instants to the second. */
void cli_cell_line(const inv_field_desc *field, const void *record, struct text *out);
void cli_cell_short(const inv_field_desc *field, const void *record, struct text *out);
bool cli_cell_is_number(const inv_field_desc *field);
bool cli_cell_is_empty(const inv_field_desc *field, const void *record);
/* Records of one type, one a row. */
struct cli_rows {
	const inv_record_desc *record;
	const void *(*at)(const void *from, size_t index);
	const void *from;
	size_t count;
};
void cli_table(FILE *out, const struct cli_rows *rows, const char *indent);
void cli_print_result(const struct cli *cli, const inv_op_desc *op, const inv_result *result);
void cli_print_record(FILE *out, const inv_record_desc *record, const void *value);
/* Its fields but lists, as name: value lines. */
void cli_print_fields(FILE *out, const inv_record_desc *record, const void *value,
                      const char *indent);
/* Words within `width` (0 = on one line), then a line end. The line is filled up to `column`
 * already; those after it start at `indent`. */
void cli_wrap(FILE *out, const char *text, size_t column, size_t indent, size_t width);
/* A label, and its text from column `indent` on. */
void cli_wrap_labelled(FILE *out, const char *label, size_t indent, const char *text, size_t width);
/* As cli_screen_width(), but 80 where there is no screen. */
size_t cli_help_width(void);
/* Columns to keep to; 0 = as many as it takes. */
size_t cli_screen_width(void);
/* Escape sequences, empty unless stdout is a terminal. */
const char *cli_bold(void);
const char *cli_plain(void);

/* ---- help (help.c, help_op.c) ---- */

int cli_help(const struct cli *cli);
int cli_help_noun(const struct cli *cli, const char *noun);
int cli_help_op(const struct cli *cli, const inv_op_desc *op);
/* The common options of a command that `uses` this; `input` is its record, or NULL. */
void cli_help_options(const struct cli *cli, uint32_t uses, const inv_record_desc *input);

/* ---- commands (commands.c, command_*.c) ---- */

struct cli_command {
	const char *name;
	const char *arguments;
	const char *summary;
	uint32_t uses; /* CLI_USE_… */
	const char *more; /* what else help tells, or NULL */
	int (*run)(struct cli *cli, const struct cli_command *self);
};
/* By index; NULL past the end. */
const struct cli_command *cli_command_at(size_t index);
const struct cli_command *cli_command_named(const char *name);
int cli_help_command(const struct cli *cli, const struct cli_command *command,
                     const struct cli_option *options, size_t count);

int cli_call(struct cli *cli, const inv_op_desc *op);
int cli_import(struct cli *cli, const struct cli_command *self);
int cli_export(struct cli *cli, const struct cli_command *self);
int cli_verify(struct cli *cli, const struct cli_command *self);
int cli_rebuild(struct cli *cli, const struct cli_command *self);
int cli_backup(struct cli *cli, const struct cli_command *self);
int cli_migrate(struct cli *cli, const struct cli_command *self);
int cli_doctor(struct cli *cli, const struct cli_command *self);
int cli_feed(struct cli *cli, const struct cli_command *self);
int cli_completion(struct cli *cli, const struct cli_command *self);
int cli_man(struct cli *cli, const struct cli_command *self);

/* ---- the store (store.c) ---- */

#define CLI_EXISTING true
#define CLI_OR_NEW false
int cli_open(const struct cli *cli, bool existing, inv_store **store);
int cli_open_session(const struct cli *cli, bool existing, inv_store **store,
                     inv_session **session);
/* Progress on stderr when it is a terminal; Ctrl-C stops the work between two steps. */
struct cli_progress {
	const char *what;
	bool shown;
};
inv_progress cli_progress_start(struct cli_progress *progress, const char *what);
void cli_progress_end(const struct cli_progress *progress);
void cli_catch_interrupt(void);
bool cli_interrupted(void);

#endif
