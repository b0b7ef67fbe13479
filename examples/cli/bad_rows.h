/* SPDX-License-Identifier: MIT */
/* The bad rows of an import, as they were, beside what is wrong with them: FILE.errors.csv. */
#ifndef CLI_BAD_ROWS_H
#define CLI_BAD_ROWS_H

#include "cli.h"

#include <zlib.h>

struct bad_rows {
	const char *from; /* the imported file */
	struct text path; /* of the report */
	FILE *file;       /* NULL until there is a bad row */
	gzFile source;
	uint64_t line;    /* where the source stands, from 1 */
	struct text row;
	bool broken;      /* the report could not be written */
};

void bad_rows_start(struct bad_rows *bad, const char *from);
/* As inv_import_options wants it; rows come in the order of the file. */
void bad_rows_add(void *ctx, uint64_t line, const inv_error *error);
/* Returns 0 or an exit code. The path stays until bad_rows_free(). */
int bad_rows_end(const struct cli *cli, struct bad_rows *bad);
void bad_rows_free(struct bad_rows *bad);

#endif
