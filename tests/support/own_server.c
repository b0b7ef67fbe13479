/* SPDX-License-Identifier: MIT */
#include "support/own_server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/check_env.h"

static own_server *there; /* removed when the test ends, whatever it did */

static bool control(const char *what, const char *folder)
{
	char command[1024];
	int length = snprintf(command, sizeof command, "%s %s %s", getenv("INV_TEST_POSTGRES_CTL"),
	                      what, folder);

	if (length < 0 || (size_t)length >= sizeof command || system(command) != 0)
		return CHECK_FAIL("the server of the test's own: no %s", what);
	return true;
}

static void remove_it(void)
{
	if (there)
		own_server_remove(there);
}

bool own_server_make(own_server *server)
{
	const char *by = getenv("INV_TEST_POSTGRES_CTL");
	char command[512];
	FILE *out;

	memset(server, 0, sizeof *server);
	if (!by || !*by) {
		puts("left out: INV_TEST_POSTGRES_CTL does not say how to make a server");
		return false;
	}
	snprintf(command, sizeof command, "%s make", by);
	out = popen(command, "r");
	if (out && fgets(server->folder, sizeof server->folder, out))
		server->folder[strcspn(server->folder, "\n")] = '\0';
	if (!out || pclose(out) != 0 || !server->folder[0])
		return CHECK_FAIL("a server of the test's own cannot be made");
	snprintf(server->url, sizeof server->url, "postgresql://inventra@/postgres?host=%s&port=5432",
	         server->folder);
	there = server;
	check_env_at_end(remove_it);
	return true;
}

void own_server_remove(own_server *server)
{
	there = NULL;
	if (server->folder[0])
		(void)control("remove", server->folder);
	server->folder[0] = '\0';
}

bool own_server_stop(const own_server *server)
{
	return control("stop", server->folder);
}

bool own_server_start(const own_server *server)
{
	return control("start", server->folder);
}

static long first_number(const char *path, const char *behind)
{
	char text[512] = "";
	FILE *file = fopen(path, "r");
	const char *at = text;
	long number = 0;

	if (!file)
		return 0;
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	if (behind)
		at = strstr(text, behind);
	if (at)
		number = strtol(at + (behind ? strlen(behind) : 0), NULL, 10);
	return number;
}

/* A number that was of a backend may be of somebody else by now. */
bool own_server_signal(const own_server *server, long backend, int number)
{
	char path[512];
	long postmaster, parent;

	snprintf(path, sizeof path, "%s/data/postmaster.pid", server->folder);
	postmaster = first_number(path, NULL);
	snprintf(path, sizeof path, "/proc/%ld/status", backend);
	parent = first_number(path, "PPid:");
	return backend > 1 && postmaster > 1 && parent == postmaster &&
	       kill((pid_t)backend, number) == 0;
}
