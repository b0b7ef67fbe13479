/* SPDX-License-Identifier: MIT */
/* Opening a file: whose is it, may we write it, is it sound? Nothing is written to a file, nor made
 * beside it, before it is known to be ours or empty. */
#include <errno.h>

#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"
#include "util/text.h"

#define MAX_PATH_BYTES 4096u
/* The header of a database, and where the application's id stands in it. */
#define HEADER_BYTES 100
#define ID_OFFSET 68

/* ---- paths ---- */

inv_status inv__sqlite_path(const inv_allocator *allocator, inv_str url, char **out,
                            inv_error *error)
{
	static const char scheme[] = "sqlite:";

	if (inv__str_starts(url, inv_str_of(scheme))) {
		url.ptr += sizeof scheme - 1;
		url.len -= sizeof scheme - 1;
		if (url.len >= 2 && memcmp(url.ptr, "//", 2) == 0) {
			url.ptr += 2;
			url.len -= 2;
		}
	}
	if (url.len == 0 || url.len > MAX_PATH_BYTES || memchr(url.ptr, '\0', url.len))
		return inv__fault(error, INV_E_INVALID, 0, "the path is empty, too long or no text");
	*out = inv__alloc(allocator, url.len + 1);
	if (!*out)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	memcpy(*out, url.ptr, url.len);
	return INV_OK;
}

/* "file:…?immutable=1", everything but letters, digits and / . - _ escaped. */
static char *immutable_uri(const inv_allocator *allocator, const char *path, size_t *size)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char tail[] = "?immutable=1";
	size_t len = strlen(path);
	char *uri;
	char *to;

	*size = sizeof "file:" + len * 3 + sizeof tail;
	uri = inv__alloc(allocator, *size);
	if (!uri)
		return NULL;
	memcpy(uri, "file:", 5);
	to = uri + 5;
	for (const char *p = path; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    strchr("/.-_", c)) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	memcpy(to, tail, sizeof tail);
	return uri;
}

/* ---- handles ---- */

int inv__sqlite_query(sqlite3 *db, const char *sql, int64_t *number, char text[32])
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*number = sqlite3_column_int64(stmt, 0);
		if (text)
			(void)inv__format(text, 32, "%s", (const char *)sqlite3_column_text(stmt, 0));
	}
	return sqlite3_finalize(stmt);
}

/* The length of the first folder in the path that is not there; 0 when all are, or who knows. */
static size_t missing_folder(const inv_conn *conn, const char *path)
{
	size_t len = strlen(path);
	char *folder = inv__alloc(&conn->allocator, len + 1);
	size_t missing = 0;

	if (!folder)
		return 0;
	for (size_t i = 1; i < len && !missing; i++) {
		memcpy(folder, path, i);
		folder[i] = '\0';
		if (path[i] == '/' && !inv__path_exists(folder))
			missing = i;
	}
	inv__free(&conn->allocator, folder, len + 1);
	return missing;
}

static inv_status not_there(const inv_conn *conn, const char *path, int rc, inv_error *error)
{
	size_t folder = missing_folder(conn, path);

	if (folder)
		return inv__fault(error, INV_E_NOT_FOUND, rc, "the folder %.*s is not there",
		                  (int)(folder < 180 ? folder : 180), path);
	return inv__fault(error, INV_E_NOT_FOUND, rc, "%.180s is not there", path);
}

static inv_status cannot_open(inv_conn *conn, const char *path, int rc, inv_error *error)
{
	int code = conn->db ? sqlite3_system_errno(conn->db) : 0;
	inv_status status;

	if (!conn->db)
		return inv__fault(error, INV_E_NO_MEMORY, rc, "out of memory");
	if (rc == SQLITE_CANTOPEN_ISDIR || code == EISDIR)
		return inv__fault(error, INV_E_NOT_A_STORE, rc, "%.180s is a folder", path);
	if ((rc & 0xff) != SQLITE_CANTOPEN)
		return inv__sqlite_error(conn, rc, error);
	status = code ? inv__errno_status(code) : INV_E_IO;
	if (status == INV_E_NOT_FOUND)
		return not_there(conn, path, rc, error);
	return inv__fault(error, status, rc, "%.180s cannot be opened: %s", path,
	                  sqlite3_errmsg(conn->db));
}

static inv_status open_handle(inv_conn *conn, const char *path, int flags, inv_error *error)
{
	int rc = sqlite3_open_v2(path, &conn->db,
	                         flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	                         SQLITE_OPEN_EXRESCODE, NULL);

	if (rc != SQLITE_OK)
		return cannot_open(conn, path, rc, error);
	return inv__sqlite_prepare_handle(conn, error);
}

/* The file's first bytes, before SQLite makes the index of a log beside it: a file that is not ours
 * stays alone. Read through SQLite's own handle, since closing another would drop its locks. */
static inv_status peek(inv_conn *conn, bool may_be_new, inv_error *error)
{
	static const char magic[16] = "SQLite format 3";
	unsigned char header[HEADER_BYTES] = {0};
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	uint32_t id = 0;
	int rc = sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

	if (conn->memory || rc != SQLITE_OK || !file || !file->pMethods)
		return INV_OK;
	rc = file->pMethods->xFileSize(file, &size);
	if (rc == SQLITE_OK && size == 0)
		return may_be_new ? INV_OK : inv__fault(error, INV_E_NOT_FOUND, 0,
		                                        "there is no store in this file");
	if (rc == SQLITE_OK)
		rc = file->pMethods->xRead(file, header, sizeof header, 0);
	if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
		return inv__sqlite_error(conn, rc, error);
	if (memcmp(header, magic, sizeof magic) != 0)
		return inv__fault(error, INV_E_NOT_A_STORE, 0, "the file is no database");
	for (size_t i = 0; i < 4; i++)
		id = id << 8 | header[ID_OFFSET + i];
	if (id != 0 && id != INV__SQLITE_APPLICATION_ID)
		return inv__fault(error, INV_E_NOT_A_STORE, 0, "the file is another program's database");
	return INV_OK;
}

/* Ours, or nobody's yet? *code is SQLite's answer. */
static inv_status identify(inv_conn *conn, int *code, inv_error *error)
{
	int64_t id = 0;
	int64_t tables = 0;
	int rc = inv__sqlite_query(conn->db, "PRAGMA application_id", &id, NULL);

	if (rc == SQLITE_OK)
		rc = inv__sqlite_query(conn->db, "SELECT COUNT(*) FROM sqlite_schema", &tables, NULL);
	*code = rc;
	if (rc != SQLITE_OK)
		return inv__sqlite_error(conn, rc, error);
	if (id != INV__SQLITE_APPLICATION_ID && (id != 0 || tables != 0))
		return inv__fault(error, INV_E_NOT_A_STORE, 0, "the file is another program's database");
	return INV_OK;
}

/* ---- reading only ---- */

static inv_status open_immutable(inv_conn *conn, const char *path, inv_error *error)
{
	size_t size;
	char *uri = immutable_uri(&conn->allocator, path, &size);
	inv_status status;
	int rc;

	if (!uri)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	sqlite3_close(conn->db);
	conn->db = NULL;
	conn->immutable = true;
	status = open_handle(conn, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
	inv__free(&conn->allocator, uri, size);
	return status == INV_OK ? identify(conn, &rc, error) : status;
}

/* Was it the folder, or is something else short: descriptors, memory, the disk itself? */
static bool is_forbidden(inv_conn *conn, int rc)
{
	int code = sqlite3_system_errno(conn->db);

	if ((rc & 0xff) == SQLITE_READONLY)
		return true;
	return (rc & 0xff) == SQLITE_CANTOPEN && code != EMFILE && code != ENFILE && code != ENOMEM &&
	       code != ENOSPC && code != EIO;
}

/* A log needs its index beside the file. Where that cannot be made, a file without a log can still
 * be read as one that nobody changes. */
static inv_status open_reader(inv_conn *conn, const char *path, inv_error *error)
{
	inv_status status = open_handle(conn, path, SQLITE_OPEN_READONLY, error);
	int rc;

	if (status == INV_OK)
		status = peek(conn, true, error);
	if (status != INV_OK)
		return status;
	status = identify(conn, &rc, error);
	if (!is_forbidden(conn, rc))
		return status;
	if (!inv__path_exists(sqlite3_filename_wal(sqlite3_db_filename(conn->db, "main"))))
		return open_immutable(conn, path, error);
	return inv__fault(error, INV_E_READ_ONLY, rc,
	                  "the store has a log and its folder cannot be written: copy the file and its"
	                  " -wal to a folder that can");
}

/* ---- reading and writing ---- */

static inv_status open_writer(inv_conn *conn, const char *path, uint32_t flags, inv_error *error)
{
	int mode = SQLITE_OPEN_READWRITE | (flags & INV_OPEN_CREATE ? SQLITE_OPEN_CREATE : 0);
	inv_status status = open_handle(conn, path, mode, error);
	int rc;

	/* A file that cannot be made: SQLite has tried to read it at last, and says it is not there. */
	if (status == INV_E_NOT_FOUND && (flags & INV_OPEN_CREATE) && !missing_folder(conn, path))
		return inv__fault(error, INV_E_DENIED, 0, "%.180s cannot be made: its folder may not be"
		                  " written", path);
	if (status == INV_OK)
		status = peek(conn, (flags & INV_OPEN_CREATE) != 0, error);
	if (status != INV_OK)
		return status;
	/* SQLite opens a file it may not write for reading, and would only tell at the first write. */
	if (sqlite3_db_readonly(conn->db, "main") == 1)
		return inv__fault(error, INV_E_READ_ONLY, 0, "%.180s cannot be written", path);
	status = identify(conn, &rc, error);
	if (status == INV_OK && !conn->memory)
		status = inv__sqlite_lock_open(conn, error);
	return status;
}

static inv_status open_path(inv_conn *conn, const inv_driver_open *open, inv_error *error)
{
	char *path;
	inv_status status = inv__sqlite_path(&conn->allocator, open->url, &path, error);
	size_t size;

	if (status != INV_OK)
		return status;
	size = strlen(path) + 1;
	conn->memory = strcmp(path, ":memory:") == 0;
	status = conn->readonly ? open_reader(conn, path, error)
	                        : open_writer(conn, path, open->flags, error);
	inv__free(&conn->allocator, path, size);
	return status == INV_OK ? inv__sqlite_configure(conn, error) : status;
}

inv_status inv__sqlite_open(const inv_driver_open *open, inv_conn **out, inv_error *error)
{
	inv_conn *conn = inv__alloc(&open->allocator, sizeof *conn);
	inv_status status;

	if (!conn)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	conn->allocator = open->allocator;
	conn->readonly = (open->flags & INV_OPEN_READONLY) != 0;
	conn->busy_timeout_ms = open->busy_timeout_ms < 0 ? 0 : open->busy_timeout_ms;
	atomic_init(&conn->lock.tested, UINT64_MAX);
	atomic_init(&conn->lock.tested_at, 0);
	status = open_path(conn, open, error);
	if (status != INV_OK) {
		inv__sqlite_close(conn);
		return status;
	}
	*out = conn;
	return INV_OK;
}

void inv__sqlite_close(inv_conn *conn)
{
	inv_allocator allocator;

	if (!conn)
		return;
	while (conn->first)
		inv__sqlite_finalize(conn, conn->first);
	sqlite3_finalize(conn->begin_read);
	sqlite3_finalize(conn->begin_write);
	sqlite3_finalize(conn->commit);
	sqlite3_finalize(conn->rollback);
	sqlite3_finalize(conn->data_version);
	sqlite3_close(conn->db);
	inv__sqlite_lock_close(conn);
	allocator = conn->allocator;
	inv__free(&allocator, conn, sizeof *conn);
}
