/* SPDX-License-Identifier: MIT */
/* A PostgreSQL server of a test's own, to be stopped, started and shot at without disturbing the
 * other tests. INV_TEST_POSTGRES_CTL says how it is made (see scripts/pg-own). */
#ifndef INV_TEST_OWN_SERVER_H
#define INV_TEST_OWN_SERVER_H

#include "inventra/base.h"

typedef struct own_server {
	char folder[256]; /* of its socket and its data */
	char url[384];
} own_server;

/* False when there is no way to have one (the tests run on a server that was given to them), or,
 * with a failed check, when it does not start. */
bool own_server_make(own_server *server);
void own_server_remove(own_server *server);
/* As a power cut would stop it, with nothing written before. */
bool own_server_stop(const own_server *server);
bool own_server_start(const own_server *server);
/* Send a signal to this process if it is one of the server's. */
bool own_server_signal(const own_server *server, long backend, int number);

#endif
