/* SPDX-License-Identifier: MIT */
/* What the tests of drivers share: opening links, one-line statements, child processes. */
#ifndef INV_CONFORMANCE_CONN_H
#define INV_CONFORMANCE_CONN_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/dialect.h"
#include "storage/storage.h"
#include "support/check.h"
#include "support/store_url.h"
#include "util/os.h"
#include "util/text.h"

static inline const inv_driver *conn_driver(void)
{
	static inv_driver driver;

	if (!driver.open && inv__driver_complete(check_store_driver(), &driver, NULL) != INV_OK)
		abort();
	return &driver;
}

static inline inv_status conn_open(const char *path, uint32_t flags, inv__link **out,
                                   inv_error *error)
{
	inv_driver_open open = {.struct_size = sizeof open, .flags = flags, .url = inv_str_of(path),
	                        .allocator = inv__malloc_allocator, .busy_timeout_ms = 200,
	                        .idle_timeout_ms = 2500};

	*out = NULL;
	return inv__link_open(conn_driver(), &open, out, error);
}

/* A writer on a fresh or existing store; NULL after a failed check. */
static inline inv__link *conn_writer(const char *path)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link;

	if (!CHECK_STATUS(conn_open(path, INV_OPEN_CREATE, &link, &error), INV_OK))
		check_fail(CHECK_HERE, "%s", error.message);
	return link;
}

static inline inv_driver_facts conn_facts(const inv__link *link)
{
	inv_driver_facts facts;

	inv__link_facts(link, &facts);
	return facts;
}

/* The script may have tokens of the dialect. */
static inline inv_status conn_script(inv__link *link, const char *sql)
{
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	inv__expanded expanded;
	inv_status status;

	inv__arena_init(&arena, &inv__malloc_allocator);
	status = inv__dialect_expand(inv__link_driver(link)->dialect, inv_str_of(sql), &arena,
	                             &expanded);
	if (status == INV_OK)
		status = inv__link_driver(link)->script(inv__link_conn(link), expanded.sql, &error);
	if (status != INV_OK)
		fprintf(stderr, "script: %s\n", error.message);
	inv__arena_free(&arena);
	return status;
}

/* Run one statement that may take one number. */
static inline inv_status conn_run(inv__link *link, const char *sql, const int64_t *value)
{
	inv__arena arena;
	inv__batch batch;
	inv_status status;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, inv_str_of(sql));
	if (value)
		inv__batch_int(&batch, *value);
	status = inv__batch_exec(&batch, link, NULL);
	inv__arena_free(&arena);
	return status;
}

/* One number; INT64_MIN when the statement failed. */
static inline int64_t conn_int(inv__link *link, const char *sql)
{
	inv__arena arena;
	inv__batch batch;
	int64_t value = INT64_MIN;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, inv_str_of(sql));
	if (inv__batch_exec(&batch, link, NULL) == INV_OK && inv__batch_result(&batch, 0)->row_count)
		value = inv__cell_int(inv__batch_result(&batch, 0), 0, 0);
	inv__arena_free(&arena);
	return value;
}

/* A server's socket in this folder that nobody serves; -1 on failure. */
static inline int conn_listen(const char *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)inv__format(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", folder);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 8) != 0)
		return -1;
	return fd;
}

/* A child that runs `body` and ends with its answer; talks through two pipes. */
typedef struct conn_child {
	pid_t pid;
	int to;   /* the parent writes, the child reads */
	int from; /* the child writes, the parent reads */
} conn_child;

static inline conn_child conn_fork(int (*body)(int in, int out, const char *path), const char *path)
{
	conn_child child = {-1, -1, -1};
	int down[2];
	int up[2];

	fflush(NULL);
	if (pipe(down) != 0 || pipe(up) != 0)
		abort();
	child.pid = fork();
	if (child.pid == 0) {
		close(down[1]);
		close(up[0]);
		_exit(body(down[0], up[1], path));
	}
	close(down[0]);
	close(up[1]);
	child.to = down[1];
	child.from = up[0];
	return child;
}

/* Both sides: one byte each way. */
static inline bool conn_tell(int fd)
{
	return write(fd, "x", 1) == 1;
}

static inline bool conn_await(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 1;
}

static inline int conn_join(conn_child child)
{
	int status = 0;

	close(child.to);
	close(child.from);
	if (waitpid(child.pid, &status, 0) != child.pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

#endif
