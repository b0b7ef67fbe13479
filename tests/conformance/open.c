/* SPDX-License-Identifier: MIT */
/* Opening: what is there, whose it is, whether it is sound, and what may be done with it. */
#include <sqlite3.h>
#include <sys/stat.h>

#include "conformance/conn.h"

/* A path that outlives the next ones. */
static const char *kept_path(const char *name)
{
	static char path[1200];

	(void)inv__format(path, sizeof path, "%s", check_path(name));
	return path;
}

static inv_status open_status(const char *path, uint32_t flags, char message[256])
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link;
	inv_status status = conn_open(path, flags, &link, &error);

	inv__link_close(link);
	memcpy(message, error.message, sizeof error.message);
	if (status != INV_OK && (error.status != status || !error.message[0]))
		CHECK_FAIL("the error of %s says nothing", path);
	return status;
}

static void write_file(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");

	CHECK(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static void make_store(const char *path)
{
	inv__link *link = conn_writer(path);

	CHECK_STATUS(inv__migrate(link, 0, NULL), INV_OK);
	inv__link_close(link);
}

TEST(a_new_file)
{
	inv__link *link = conn_writer(check_path("store.db"));
	inv_driver_facts facts = conn_facts(link);

	CHECK(inv__path_exists(check_path("store.db-inv")));
	CHECK_STR(facts.durability, "WAL, FULL");
	CHECK(strncmp(facts.version, "SQLite 3.", 9) == 0);
	CHECK_INT(conn_int(link, "PRAGMA page_size"), 4096);
	CHECK_INT(conn_int(link, "PRAGMA synchronous"), 2);
	CHECK_INT(conn_int(link, "PRAGMA wal_autocheckpoint"), 0);
	CHECK_INT(conn_int(link, "PRAGMA trusted_schema"), 0);
	CHECK_INT(conn_int(link, "PRAGMA cell_size_check"), 1);
	CHECK_INT(conn_int(link, "PRAGMA secure_delete"), 0);
	CHECK_INT(conn_int(link, "PRAGMA foreign_keys"), 0);
	CHECK_INT(conn_int(link, "PRAGMA temp_store"), 2);
	CHECK_INT(conn_int(link, "PRAGMA cache_size"), -16384);
	/* Defensive: the schema is not to be written by hand. */
	CHECK(conn_run(link, "UPDATE sqlite_schema SET sql = ''", NULL) != INV_OK);
	CHECK_STATUS(inv__migrate(link, 0, NULL), INV_OK);
	CHECK(conn_facts(link).file_bytes > 0 || conn_facts(link).log_pages > 0);
	inv__link_close(link);
}

TEST(the_version_is_judged)
{
	inv__link *link = conn_writer(":memory:");
	inv_driver_facts facts = conn_facts(link);
	int v = sqlite3_libversion_number();
	bool bug = v < 3051003 && !(v >= 3050007 && v < 3051000) && !(v >= 3044006 && v < 3045000);

	CHECK((facts.warning[0] != '\0') == bug);
	CHECK(!bug || strstr(facts.warning, "WAL-reset") != NULL);
	inv__link_close(link);
}

TEST(in_memory)
{
	inv__link *link = conn_writer(":memory:");

	CHECK_STATUS(inv__migrate(link, 0, NULL), INV_OK);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM meta"), 3);
	CHECK_STR(conn_facts(link).durability, "memory");
	CHECK_INT(inv__link_driver(link)->sharers(inv__link_conn(link)), 1);
	CHECK_STATUS(inv__link_driver(link)->checkpoint(inv__link_conn(link), NULL), INV_OK);
	inv__link_close(link);
	CHECK(!inv__path_exists(":memory:-inv"));
}

TEST(missing_files)
{
	char message[256];

	CHECK_STATUS(open_status(check_path("none.db"), 0, message), INV_E_NOT_FOUND);
	CHECK(strstr(message, "none.db") != NULL);
	CHECK_STATUS(open_status(check_path("none.db"), INV_OPEN_READONLY, message), INV_E_NOT_FOUND);
	CHECK_STATUS(open_status(check_path("no/folder.db"), INV_OPEN_CREATE, message),
	             INV_E_NOT_FOUND);
	CHECK_STATUS(open_status("", INV_OPEN_CREATE, message), INV_E_INVALID);
	CHECK_STATUS(open_status(check_tmpdir(), INV_OPEN_CREATE, message), INV_E_NOT_A_STORE);
	CHECK(!inv__path_exists(check_path("none.db")));
	CHECK(!inv__path_exists(check_path("none.db-inv")));
}

TEST(files_of_others)
{
	static const char text[] = "This is a shopping list, and no database at all. Milk, bread, tea…";
	char message[256];
	sqlite3 *db;

	write_file(check_path("list.txt"), text, sizeof text);
	CHECK_STATUS(open_status(check_path("list.txt"), INV_OPEN_CREATE, message), INV_E_NOT_A_STORE);
	CHECK_STATUS(open_status(check_path("list.txt"), INV_OPEN_READONLY, message),
	             INV_E_NOT_A_STORE);
	CHECK(!inv__path_exists(check_path("list.txt-inv")));
	CHECK_INT(sqlite3_open(check_path("other.db"), &db), SQLITE_OK);
	CHECK_INT(sqlite3_exec(db, "CREATE TABLE t (a)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	CHECK_STATUS(open_status(check_path("other.db"), INV_OPEN_CREATE, message), INV_E_NOT_A_STORE);
	CHECK(!inv__path_exists(check_path("other.db-inv")));
	CHECK(!inv__path_exists(check_path("other.db-wal")));
	CHECK_INT(sqlite3_open(check_path("marked.db"), &db), SQLITE_OK);
	CHECK_INT(sqlite3_exec(db, "PRAGMA application_id = 7", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	CHECK_STATUS(open_status(check_path("marked.db"), INV_OPEN_CREATE, message),
	             INV_E_NOT_A_STORE);
	/* An empty file is nobody's. */
	write_file(check_path("empty.db"), "", 0);
	make_store(check_path("empty.db"));
}

/* The store as one plain file, without its log. */
static void plain_copy(const char *path)
{
	inv__link *link = conn_writer(check_path("source.db"));

	CHECK_STATUS(inv__migrate(link, 0, NULL), INV_OK);
	CHECK_STATUS(inv__link_driver(link)->backup(inv__link_conn(link), inv_str_of(path), NULL, NULL),
	             INV_OK);
	inv__link_close(link);
}

TEST(damaged_files)
{
	char message[256];
	inv_error error = INV_ERROR_INIT;
	const char *path = kept_path("store.db");
	inv__link *link;
	struct stat info;
	FILE *file;

	plain_copy(path);
	CHECK_INT(stat(path, &info), 0);
	CHECK_INT(truncate(path, info.st_size / 2), 0);
	CHECK_STATUS(open_status(path, 0, message), INV_E_CORRUPT);
	CHECK_STATUS(open_status(path, INV_OPEN_READONLY, message), INV_E_CORRUPT);
	CHECK_INT(truncate(path, 50), 0);
	CHECK(open_status(path, 0, message) != INV_OK);
	/* A page overwritten: it opens, and the check finds it. */
	CHECK_INT(unlink(path), 0);
	CHECK_INT(unlink(check_path("source.db")), 0);
	CHECK_INT(unlink(check_path("source.db-wal")), 0);
	plain_copy(path);
	file = fopen(path, "r+b");
	if (!CHECK(file != NULL))
		return;
	for (int page = 2; page < 10; page++) {
		CHECK_INT(fseek(file, page * 4096, SEEK_SET), 0);
		CHECK_INT(fwrite("garbage garbage garbage garbage", 1, 31, file), 31);
	}
	CHECK_INT(fclose(file), 0);
	CHECK_STATUS(conn_open(path, 0, &link, &error), INV_OK);
	CHECK_STATUS(inv__link_driver(link)->check(inv__link_conn(link), 0, &error), INV_E_CORRUPT);
	CHECK_STATUS(inv__link_driver(link)->check(inv__link_conn(link), 1, &error), INV_E_CORRUPT);
	inv__link_close(link);
}

TEST(sound_files)
{
	inv__link *link = conn_writer(check_path("store.db"));

	CHECK_STATUS(inv__migrate(link, 0, NULL), INV_OK);
	CHECK_STATUS(inv__link_driver(link)->check(inv__link_conn(link), 0, NULL), INV_OK);
	CHECK_STATUS(inv__link_driver(link)->check(inv__link_conn(link), 1, NULL), INV_OK);
	inv__link_close(link);
}

TEST(reading_only)
{
	const char *path = kept_path("store.db");
	inv_error error = INV_ERROR_INIT;
	inv__link *link = NULL;

	make_store(path);
	if (!CHECK_STATUS(conn_open(path, INV_OPEN_READONLY, &link, &error), INV_OK))
		return;
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM meta"), 3);
	CHECK_INT(conn_int(link, "PRAGMA cache_size"), -65536);
	CHECK_STATUS(conn_run(link, "DELETE FROM meta", NULL), INV_E_READ_ONLY);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, &error), INV_E_READ_ONLY);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_READ, &error), INV_OK);
	CHECK_STATUS(inv__link_end(link, true, &error), INV_OK);
	CHECK_STATUS(inv__link_driver(link)->checkpoint(inv__link_conn(link), &error), INV_E_READ_ONLY);
	CHECK_INT(inv__link_driver(link)->sharers(inv__link_conn(link)), 0);
	inv__link_close(link);
}

/* ---- what the file system forbids; root may do everything, so children give that up ---- */

static int as_nobody(void)
{
	return geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0);
}

static int child_opens(int in, int out, const char *path)
{
	inv__link *link = NULL;
	int result = 1;

	(void)in;
	(void)out;
	if (!as_nobody())
		return 2;
	if (conn_open(path, INV_OPEN_READONLY, &link, NULL) == INV_OK)
		result = conn_int(link, "SELECT COUNT(*) FROM meta") == 3 ? 0 : 3;
	inv__link_close(link);
	return result;
}

static int child_needs_log(int in, int out, const char *path)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link = NULL;
	inv_status status;

	(void)in;
	(void)out;
	if (!as_nobody())
		return 2;
	status = conn_open(path, INV_OPEN_READONLY, &link, &error);
	inv__link_close(link);
	return status == INV_E_READ_ONLY && strstr(error.message, "-wal") ? 0 : 1;
}

static int child_may_not_write(int in, int out, const char *path)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link = NULL;
	inv_status status;

	(void)in;
	(void)out;
	if (!as_nobody())
		return 2;
	status = conn_open(path, INV_OPEN_CREATE, &link, &error);
	inv__link_close(link);
	return status == INV_E_READ_ONLY || status == INV_E_DENIED ? 0 : 1;
}

TEST(a_folder_that_cannot_be_written)
{
	char folder[1024];
	char path[1100];

	(void)inv__format(folder, sizeof folder, "%s", check_path("medium ?%#"));
	(void)inv__format(path, sizeof path, "%s/store.db", folder);
	CHECK_INT(mkdir(folder, 0755), 0);
	CHECK_INT(chmod(check_tmpdir(), 0755), 0);
	plain_copy(path);
	CHECK_INT(chmod(path, 0444), 0);
	CHECK_INT(chmod(folder, 0555), 0);
	CHECK_INT(conn_join(conn_fork(child_opens, path)), 0);
	CHECK_INT(conn_join(conn_fork(child_may_not_write, path)), 0);
	CHECK_INT(chmod(folder, 0755), 0);
}

TEST(a_log_in_a_folder_that_cannot_be_written)
{
	char folder[1024];
	char path[1100];
	char shm[1110];

	(void)inv__format(folder, sizeof folder, "%s", check_path("medium"));
	(void)inv__format(path, sizeof path, "%s/store.db", folder);
	(void)inv__format(shm, sizeof shm, "%s-shm", path);
	CHECK_INT(mkdir(folder, 0755), 0);
	CHECK_INT(chmod(check_tmpdir(), 0755), 0);
	make_store(path);
	CHECK_INT(chmod(path, 0444), 0);
	CHECK_INT(chmod(folder, 0555), 0);
	/* With the index of the log beside it a log can be read. */
	CHECK_INT(conn_join(conn_fork(child_opens, path)), 0);
	CHECK_INT(unlink(shm), 0);
	CHECK_INT(conn_join(conn_fork(child_needs_log, path)), 0);
	CHECK_INT(chmod(folder, 0755), 0);
}

CHECK_MAIN()
