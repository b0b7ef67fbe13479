/* SPDX-License-Identifier: MIT */
/* embed OUT.c NNNN-name.sql…: the migrations as one C file. Comments at the top of a file,
 * `-- min_reader: N` and `-- min_writer: N`, say which libraries still understand the store
 * afterwards; without them it takes one that knows this migration. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SQL 1048576

typedef struct migration {
	const char *path;
	char name[128];
	long number;
	long min_reader;
	long min_writer;
} migration;

static char sql[MAX_SQL];

static void fail(const char *path, const char *what)
{
	fprintf(stderr, "embed: %s: %s\n", path, what);
	exit(1);
}

static size_t read_sql(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		fail(path, "cannot be read");
	size = fread(sql, 1, sizeof sql - 1, file);
	if (ferror(file) || !feof(file))
		fail(path, "cannot be read, or is too large");
	fclose(file);
	sql[size] = '\0';
	return size;
}

/* 0007-add-suppliers.sql */
static void parse_name(migration *m)
{
	const char *base = strrchr(m->path, '/');
	char *rest;
	size_t len;

	base = base ? base + 1 : m->path;
	m->number = strtol(base, &rest, 10);
	if (rest != base + 4 || *rest != '-' || m->number < 1)
		fail(m->path, "is not named NNNN-name.sql");
	len = strcspn(rest + 1, ".");
	if (len == 0 || len >= sizeof m->name || strcmp(rest + 1 + len, ".sql") != 0)
		fail(m->path, "is not named NNNN-name.sql");
	memcpy(m->name, rest + 1, len);
}

static long level(const migration *m, const char *key)
{
	const char *at = strstr(sql, key);

	return at ? strtol(at + strlen(key), NULL, 10) : m->number;
}

static void put_bytes(FILE *out, const migration *m, size_t size)
{
	fprintf(out, "\n/* %04ld-%s.sql */\nstatic const char sql_%04ld[] = {", m->number, m->name,
	        m->number);
	for (size_t i = 0; i <= size; i++)
		fprintf(out, "%s%d,", i % 20 ? " " : "\n\t", (signed char)sql[i]);
	fputs("\n};\n", out);
}

static void put_table(FILE *out, const migration *all, int count)
{
	fputs("\nconst inv__migration inv__migrations[] = {\n", out);
	for (int i = 0; i < count; i++)
		fprintf(out,
		        "\t{.number = %ld, .min_reader = %ld, .min_writer = %ld, .name = \"%s\", "
		        ".sql = sql_%04ld},\n",
		        all[i].number, all[i].min_reader, all[i].min_writer, all[i].name, all[i].number);
	fprintf(out, "};\nconst size_t inv__migration_count = %d;\n", count);
}

static int by_number(const void *a, const void *b)
{
	const migration *x = a;
	const migration *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

int main(int argc, char **argv)
{
	int count = argc - 2;
	migration *all = count > 0 ? calloc((size_t)count, sizeof *all) : NULL;
	FILE *out;

	if (!all)
		fail("usage", "embed OUT.c NNNN-name.sql…");
	for (int i = 0; i < count; i++) {
		all[i].path = argv[i + 2];
		parse_name(&all[i]);
	}
	qsort(all, (size_t)count, sizeof *all, by_number);
	out = fopen(argv[1], "wb");
	if (!out)
		fail(argv[1], "cannot be written");
	fputs("/* SPDX-License-Identifier: MIT */\n"
	      "/* Made by tools/embed from src/storage/migrations; do not edit. */\n"
	      "#include \"storage/storage.h\"\n", out);
	for (int i = 0; i < count; i++) {
		size_t size = read_sql(all[i].path);

		if (i > 0 && all[i].number == all[i - 1].number)
			fail(all[i].path, "has the number of another migration");
		all[i].min_reader = level(&all[i], "-- min_reader:");
		all[i].min_writer = level(&all[i], "-- min_writer:");
		put_bytes(out, &all[i], size);
	}
	put_table(out, all, count);
	free(all);
	if (fclose(out) != 0)
		fail(argv[1], "cannot be written");
	return 0;
}
