/* SPDX-License-Identifier: MIT */
/* What cannot be opened, or not as asked: a status and a sentence that a shop's technician
 * understands, and nothing half done, neither in the file nor beside it. */
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inventra/inventra.h"
#include "support/check.h"

/* A folder of its own for each case, so that nothing else is in it. */
static char folder[1024];
static char path[1100];

static void in_folder(const char *name, const char *file)
{
	snprintf(folder, sizeof folder, "%s", check_path(name));
	snprintf(path, sizeof path, "%s/%s", folder, file);
	CHECK_INT(mkdir(folder, 0755), 0);
}

/* ---- what is in the folder ---- */

/* Beside a store of ours stand its lock and, while it is open, an empty log with its index: they
 * come with every look at it. */
static bool comes_along(const char *name, const struct stat *info)
{
	const char *dash = strrchr(name, '-');

	return dash && (strcmp(dash, "-inv") == 0 || strcmp(dash, "-shm") == 0 ||
	                (strcmp(dash, "-wal") == 0 && info->st_size == 0));
}

typedef struct listing {
	unsigned count;
	uint64_t sum; /* over names and contents */
} listing;

static uint64_t mix(uint64_t hash, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t sum_of(const char *name, const char *file)
{
	uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), name, strlen(name));
	char part[65536];
	FILE *in = fopen(file, "rb");
	size_t n;

	while (in && (n = fread(part, 1, sizeof part, in)) > 0)
		hash = mix(hash, part, n);
	if (in)
		fclose(in);
	return hash;
}

static listing list_folder(bool ours)
{
	listing found = {0, 0};
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL) {
		char file[2048];
		struct stat info;

		snprintf(file, sizeof file, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.' || stat(file, &info) != 0 ||
		    (ours && comes_along(entry->d_name, &info)))
			continue;
		found.count++;
		found.sum += sum_of(entry->d_name, file);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool same_listing(listing a, listing b)
{
	return a.count == b.count && a.sum == b.sum;
}

/* ---- opening ---- */

typedef struct way {
	bool read_only, no_create;
	uint32_t migrate;
	int64_t busy_timeout_ms;
} way;

static inv_status try_open(const char *url, const way *how, inv_store **store, inv_error *error)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;

	*store = NULL;
	options.url = url;
	options.read_only = how->read_only;
	options.no_create = how->no_create;
	options.migrate = how->migrate;
	options.busy_timeout_ms = how->busy_timeout_ms;
	return inv_store_open(&options, store, error);
}

/* It answers `status`, its sentence says `word`, and the folder is as before. */
static void refuses(const char *url, const way *how, inv_status status, const char *word)
{
	inv_error error = INV_ERROR_INIT;
	bool ours = status == INV_E_CORRUPT || status == INV_E_TOO_NEW;
	listing before = list_folder(ours);
	inv_store *store;

	CHECK_STATUS(try_open(url, how, &store, &error), status);
	CHECK(store == NULL);
	CHECK_STATUS(error.status, status);
	if (!strstr(error.message, word))
		CHECK_FAIL("the sentence does not say \"%s\": %s", word, error.message);
	if (!same_listing(before, list_folder(ours)))
		CHECK_FAIL("something was left behind, or changed");
	inv_store_close(store);
}

static const way to_write = {0}, to_read = {.read_only = true}, what_is_there = {.no_create = true};

/* All three ways. */
static void refuses_each(const char *url, inv_status status, const char *word)
{
	refuses(url, &to_write, status, word);
	refuses(url, &to_read, status, word);
	refuses(url, &what_is_there, status, word);
}

static void write_file(const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	CHECK(file && fwrite(bytes, 1, size, file) == size);
	if (file)
		fclose(file);
}

/* A store with a product and its stock, as one plain file; made once. */
static char image[1 << 20];
static size_t image_size;

static void make_image(void)
{
	const char *source = check_path("source.db");
	const char *copy = check_path("copy.db");
	FILE *file;
	inv_error error = INV_ERROR_INIT;
	inv_session *s = NULL;
	inv_store *store;

	if (!CHECK_STATUS(try_open(source, &to_write, &store, &error), INV_OK))
		return;
	CHECK_STATUS(inv_session_open(store, NULL, &s, &error), INV_OK);
	(void)inv_call_json(s, INV_S("product.create"),
	                    INV_S("{\"sku\":\"TEA\",\"name\":\"Tea\"}"), NULL, NULL);
	CHECK_STATUS(inv_call_json(s, INV_S("stock.receive"),
	                           INV_S("{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"5\"}]}"),
	                           NULL, NULL), INV_OK);
	CHECK_STATUS(inv_store_backup(store, copy, NULL, &error), INV_OK);
	inv_session_close(s);
	inv_store_close(store);
	file = fopen(copy, "rb");
	image_size = file ? fread(image, 1, sizeof image, file) : 0;
	CHECK(image_size > 0 && image_size < sizeof image);
	if (file)
		fclose(file);
}

/* The store at `path`. */
static void make_store(void)
{
	if (image_size == 0)
		make_image();
	write_file(image, image_size);
}

static void run_sql(const char *sql)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		CHECK_FAIL("%s: %s", sql, message ? message : "");
	sqlite3_free(message);
	/* One plain file again, whatever mode it was in. */
	sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	sqlite3_close(db);
}

/* ---- what is there is no store ---- */

TEST(a_file_of_another_kind)
{
	static const char text[] = "sku,name,price\nTEA-100,\"Tea, 100 g\",2.55\nCUP,A cup,3.10\n"
	                           "and so on, for more bytes than the header of a database has ...\n";

	in_folder("text", "shop.db");
	write_file(text, sizeof text - 1);
	refuses_each(path, INV_E_NOT_A_STORE, "no database");
}

TEST(another_programs_database)
{
	in_folder("other", "shop.db");
	run_sql("CREATE TABLE contacts (name TEXT); INSERT INTO contacts VALUES ('Ada')");
	refuses_each(path, INV_E_NOT_A_STORE, "another program");
	in_folder("marked", "shop.db");
	run_sql("PRAGMA application_id = 252006673; CREATE TABLE t (a)");
	refuses_each(path, INV_E_NOT_A_STORE, "another program");
	/* With a table that is called as one of ours. */
	in_folder("alike", "shop.db");
	run_sql("CREATE TABLE meta (name TEXT, value TEXT)");
	refuses_each(path, INV_E_NOT_A_STORE, "another program");
}

TEST(a_folder)
{
	in_folder("folders", "shop.db");
	CHECK_INT(mkdir(path, 0755), 0);
	refuses_each(path, INV_E_NOT_A_STORE, "is a folder");
}

TEST(nothing)
{
	inv_error error = INV_ERROR_INIT;
	inv_store *store;

	in_folder("empty", "shop.db");
	refuses(path, &what_is_there, INV_E_NOT_FOUND, "not there");
	refuses(path, &to_read, INV_E_NOT_FOUND, "not there");
	refuses("", &to_write, INV_E_INVALID, "name the store");
	refuses(NULL, &to_write, INV_E_INVALID, "name the store");
	refuses(":memory:", &to_read, INV_E_INVALID, "in memory");
	snprintf(path, sizeof path, "%s/none/shop.db", folder);
	refuses_each(path, INV_E_NOT_FOUND, "/none is not there");
	snprintf(path, sizeof path, "%s/none/of/them/shop.db", folder);
	refuses_each(path, INV_E_NOT_FOUND, "/none is not there");
	/* An empty file is nobody's: it may become a store, but does not count as one. */
	snprintf(path, sizeof path, "%s/shop.db", folder);
	write_file("", 0);
	refuses(path, &what_is_there, INV_E_NOT_FOUND, "no store");
	refuses(path, &to_read, INV_E_NOT_FOUND, "no store");
	CHECK_STATUS(try_open(path, &to_write, &store, &error), INV_OK);
	inv_store_close(store);
}

/* ---- a store, but damaged ---- */

static void cut_to(double share)
{
	struct stat info;

	make_store();
	CHECK_INT(stat(path, &info), 0);
	CHECK_INT(truncate(path, (off_t)((double)info.st_size * share)), 0);
}

TEST(a_file_that_was_cut)
{
	in_folder("half", "shop.db");
	cut_to(0.5);
	refuses_each(path, INV_E_CORRUPT, "damaged");
	in_folder("most", "shop.db");
	cut_to(0.97);
	refuses_each(path, INV_E_CORRUPT, "damaged");
}

static void flip(long at, unsigned char with)
{
	FILE *file = fopen(path, "r+b");
	int c = 0;

	CHECK(file && fseek(file, at, SEEK_SET) == 0 && (c = fgetc(file)) != EOF &&
	      fseek(file, at, SEEK_SET) == 0 && fputc((unsigned char)c ^ with, file) != EOF);
	if (file)
		fclose(file);
}

TEST(a_header_that_was_changed)
{
	in_folder("magic", "shop.db");
	make_store();
	flip(3, 0x20);
	refuses_each(path, INV_E_NOT_A_STORE, "no database");
	in_folder("mark", "shop.db");
	make_store();
	flip(69, 0x04); /* the application id */
	refuses_each(path, INV_E_NOT_A_STORE, "another program");
	in_folder("schema", "shop.db");
	make_store();
	for (long at = 100; at < 112; at++)
		flip(at, 0xff); /* the first page's own header: the list of tables */
	refuses_each(path, INV_E_CORRUPT, "damaged");
}

/* Damage in the middle may show later. Then it is found by who reads there, and by verify; it never
 * crashes, and never counts as sound. */
static void damage_and_look(long page, unsigned *opened, unsigned *found)
{
	inv_verify_report report = INV_VERIFY_REPORT_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_store *store;
	inv_status status;

	(void)unlink(path);
	make_store();
	for (long at = 0; at < 64; at++)
		flip(page * 4096 + at, 0xa5);
	status = try_open(path, &to_read, &store, &error);
	if (status == INV_OK) {
		(*opened)++;
		status = inv_store_verify(store, NULL, &report, &error);
		CHECK(status == INV_OK || report.ok == 0);
	}
	inv_store_close(store);
	if (status == INV_OK)
		return; /* a page that nothing lives on */
	(*found)++;
	if (status != INV_E_CORRUPT && status != INV_E_NOT_A_STORE)
		CHECK_FAIL("page %ld damaged: answers %d: %s", page, (int)status, error.message);
	CHECK(error.message[0] != '\0');
}

TEST(pages_that_were_changed)
{
	unsigned opened = 0;
	unsigned found = 0;
	struct stat info;
	long pages;

	in_folder("pages", "shop.db");
	make_store();
	CHECK_INT(stat(path, &info), 0);
	pages = (long)info.st_size / 4096;
	for (long page = 1; page < pages; page++)
		damage_and_look(page, &opened, &found);
	printf("%ld pages damaged: %u opened, %u found\n", pages - 1, opened, found);
	CHECK_INT(found, pages - 1);
}

TEST(facts_that_are_gone)
{
	in_folder("version", "shop.db");
	make_store();
	run_sql("DELETE FROM meta WHERE name = 'schema_version'");
	refuses_each(path, INV_E_CORRUPT, "version");
	in_folder("identity", "shop.db");
	make_store();
	run_sql("DELETE FROM meta WHERE name = 'id'");
	refuses(path, &to_read, INV_E_CORRUPT, "identity");
}

/* ---- from the future ---- */

TEST(a_store_of_a_newer_version)
{
	inv_error error = INV_ERROR_INIT;
	inv_store *store;

	in_folder("newer", "shop.db");
	make_store();
	run_sql("UPDATE meta SET value = '999' WHERE name IN ('schema_version', 'min_writer')");
	refuses(path, &to_write, INV_E_TOO_NEW, "version 999");
	/* What it wrote can still be read. */
	CHECK_STATUS(try_open(path, &to_read, &store, &error), INV_OK);
	inv_store_close(store);
	in_folder("newest", "shop.db");
	make_store();
	run_sql("UPDATE meta SET value = '999' WHERE name LIKE 'min_%'");
	refuses_each(path, INV_E_TOO_NEW, "999");
}

/* ---- reading only ---- */

TEST(a_store_that_is_only_read)
{
	inv_error error = INV_ERROR_INIT;
	inv_session *s = NULL;
	inv_store *store;
	listing before;

	in_folder("reading", "shop.db");
	make_store();
	before = list_folder(true);
	if (!CHECK_STATUS(try_open(path, &to_read, &store, &error), INV_OK))
		return;
	CHECK_STATUS(inv_session_open(store, NULL, &s, &error), INV_OK);
	CHECK_STATUS(inv_call_json(s, INV_S("balance.get"), INV_S("{\"product\":\"TEA\"}"), NULL, NULL),
	             INV_OK);
	CHECK_STATUS(inv_call_json(s, INV_S("product.create"),
	                           INV_S("{\"sku\":\"CUP\",\"name\":\"Cup\"}"), NULL, NULL),
	             INV_E_READ_ONLY);
	CHECK(strstr(inv_session_error(s)->message, "reading only") != NULL);
	CHECK_STATUS(inv_begin(s), INV_E_READ_ONLY);
	CHECK_STATUS(inv_store_rebuild(store, NULL, &error), INV_E_READ_ONLY);
	CHECK_STATUS(inv_store_verify(store, NULL, NULL, &error), INV_OK);
	inv_session_close(s);
	inv_store_close(store);
	CHECK(same_listing(before, list_folder(true)));
}

/* Root may do everything, so a child gives that up. It answers by its exit code. */
static int in_child(int (*work)(void))
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
			_exit(99);
		_exit(work());
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The number of the status, without its sign, if there is a sentence too. */
static int answer_of(const way *how)
{
	inv_error error = INV_ERROR_INIT;
	inv_store *store;
	inv_status status = try_open(path, how, &store, &error);

	inv_store_close(store);
	if (status != INV_OK && (error.status != status || !error.message[0]))
		return 98;
	return -(int)status;
}

static int child_writes(void)
{
	return answer_of(&to_write);
}

static int child_reads(void)
{
	return answer_of(&to_read);
}

TEST(a_folder_that_cannot_be_written)
{
	listing before;

	in_folder("medium", "shop.db");
	make_store();
	CHECK_INT(chmod(check_tmpdir(), 0755), 0);
	CHECK_INT(chmod(path, 0444), 0);
	CHECK_INT(chmod(folder, 0555), 0);
	before = list_folder(true);
	CHECK_INT(in_child(child_reads), 0);
	CHECK_INT(in_child(child_writes), -INV_E_READ_ONLY);
	/* A file that is not there cannot be made there. */
	snprintf(path, sizeof path, "%s/other.db", folder);
	CHECK_INT(in_child(child_writes), -INV_E_DENIED);
	CHECK(same_listing(before, list_folder(true)));
	CHECK_INT(chmod(folder, 0755), 0);
}

TEST(a_file_that_may_not_be_read)
{
	in_folder("secret", "shop.db");
	make_store();
	CHECK_INT(chmod(check_tmpdir(), 0755), 0);
	CHECK_INT(chmod(path, 0), 0);
	CHECK_INT(in_child(child_reads), -INV_E_DENIED);
	CHECK_INT(in_child(child_writes), -INV_E_DENIED);
	CHECK_INT(chmod(path, 0644), 0);
}

/* ---- another process holds the lock ---- */

typedef struct holder {
	pid_t child;
	int stop; /* closing it ends the child */
} holder;

/* A child that begins with `sql` and stays in it. */
static holder hold_lock(const char *sql)
{
	int ready[2], stop[2];
	holder h = {-1, -1};
	char c;

	if (!CHECK(pipe(ready) == 0 && pipe(stop) == 0))
		return h;
	fflush(NULL);
	h.child = fork();
	if (h.child == 0) {
		sqlite3 *db = NULL;
		bool held = sqlite3_open(path, &db) == SQLITE_OK &&
		            sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;

		close(stop[1]);
		held = held && write(ready[1], "x", 1) == 1;
		close(ready[1]);
		_exit(held && read(stop[0], &c, 1) == 0 ? 0 : 1);
	}
	close(ready[1]);
	close(stop[0]);
	CHECK_INT(read(ready[0], &c, 1), 1);
	close(ready[0]);
	h.stop = stop[1];
	return h;
}

static void let_go(holder h)
{
	int status = 0;

	close(h.stop);
	CHECK(waitpid(h.child, &status, 0) == h.child && status == 0);
}

static int64_t now_ms(void)
{
	int64_t now = 0;
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	vfs->xCurrentTimeInt64(vfs, (sqlite3_int64 *)&now);
	return now;
}

TEST(another_process_is_writing)
{
	const way patient = {.busy_timeout_ms = 150};
	inv_error error = INV_ERROR_INIT;
	inv_session *s = NULL;
	inv_store *store;
	int64_t start;
	holder h;

	in_folder("busy", "shop.db");
	make_store();
	CHECK_STATUS(try_open(path, &to_write, &store, &error), INV_OK); /* now it has a log */
	inv_store_close(store);
	h = hold_lock("BEGIN IMMEDIATE");
	if (!CHECK_STATUS(try_open(path, &patient, &store, &error), INV_OK))
		return;
	CHECK_STATUS(inv_session_open(store, NULL, &s, &error), INV_OK);
	/* Reading goes on, writing waits as long as was asked for. */
	CHECK_STATUS(inv_call_json(s, INV_S("balance.get"), INV_S("{\"product\":\"TEA\"}"), NULL, NULL),
	             INV_OK);
	start = now_ms();
	CHECK_STATUS(inv_call_json(s, INV_S("product.create"),
	                           INV_S("{\"sku\":\"CUP\",\"name\":\"Cup\"}"), NULL, NULL),
	             INV_E_BUSY);
	CHECK(now_ms() - start >= 100);
	CHECK(strstr(inv_session_error(s)->message, "another program") != NULL);
	let_go(h);
	CHECK_STATUS(inv_call_json(s, INV_S("product.create"),
	                           INV_S("{\"sku\":\"CUP\",\"name\":\"Cup\"}"), NULL, NULL), INV_OK);
	inv_session_close(s);
	inv_store_close(store);
}

TEST(another_process_keeps_the_file_for_itself)
{
	const way patient = {.busy_timeout_ms = 150};
	inv_error error = INV_ERROR_INIT;
	inv_store *store;
	holder h;

	in_folder("exclusive", "shop.db");
	make_store();
	h = hold_lock("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;"
	              " BEGIN EXCLUSIVE");
	CHECK_STATUS(try_open(path, &patient, &store, &error), INV_E_BUSY);
	CHECK(store == NULL && strstr(error.message, "another program") != NULL);
	let_go(h);
	CHECK_STATUS(try_open(path, &patient, &store, &error), INV_OK);
	inv_store_close(store);
}

/* Minutes for milliseconds, say, or what overflows when it is counted in smaller ones. */
TEST(a_wait_that_is_none)
{
	static const int64_t waits[] = {-1, INT64_MIN, 86400001, INT64_MAX};
	inv_error error = INV_ERROR_INIT;
	way how = {0};
	inv_store *store;

	in_folder("waits", "shop.db");
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		how.busy_timeout_ms = waits[i];
		refuses(path, &how, INV_E_INVALID, "86400000 milliseconds");
	}
	how.busy_timeout_ms = 86400000;
	CHECK_STATUS(try_open(path, &how, &store, &error), INV_OK);
	inv_store_close(store);
}

/* ---- schemes ---- */

TEST(a_scheme_without_its_driver)
{
	in_folder("schemes", "shop.db");
	refuses_each("postgresql://localhost/shop", INV_E_UNSUPPORTED, "libinventra-postgres");
	refuses_each("postgresql://localhost/shop", INV_E_UNSUPPORTED, "inventra[postgres]");
	refuses_each("postgresql://localhost/shop", INV_E_UNSUPPORTED, "@inventra/postgres");
	refuses_each("postgres://localhost/shop", INV_E_UNSUPPORTED, "libinventra-postgres");
	refuses_each("mysql://localhost/shop", INV_E_UNSUPPORTED, "mysql:");
}

TEST(arguments)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_store *store = NULL;

	options.url = ":memory:";
	CHECK_STATUS(inv_store_open(&options, NULL, &error), INV_E_MISUSE);
	CHECK_STATUS(inv_store_open(NULL, &store, &error), INV_E_MISUSE);
	options.struct_size = 0;
	CHECK_STATUS(inv_store_open(&options, &store, &error), INV_E_MISUSE);
	CHECK(store == NULL && error.message[0]);
	CHECK_STATUS(inv_store_open(&options, &store, NULL), INV_E_MISUSE);
	inv_store_close(NULL);
}

CHECK_MAIN()
