/* SPDX-License-Identifier: MIT */
/* A proxy before a PostgreSQL server's socket, in the test's folder. Once, it drops the answer to a
 * COMMIT, or the COMMIT itself; it can say what a server says that is starting up; and it can be
 * like a network that has gone away without a word. */
#ifndef INV_FAULT_PG_PROXY_H
#define INV_FAULT_PG_PROXY_H

#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/check.h"
#include "util/os.h"

#define PROXY_LINES 64

typedef struct pg_proxy pg_proxy;

typedef struct proxy_line {
	pg_proxy *proxy;
	int client, server;
	bool writes; /* its last transaction is not one that reads */
	pthread_t thread;
} proxy_line;

struct pg_proxy {
	int listener;
	char folder[256], target[320];
	pthread_t thread;
	proxy_line lines[PROXY_LINES];
	unsigned count;
	atomic_bool drops;    /* the answer to the next COMMIT, and all connections from then on */
	void (*meanwhile)(void *ctx); /* not NULL: it drops the COMMIT, does this and lets go on */
	void *ctx;
	atomic_bool starting; /* nobody is let in */
	atomic_int refuses;   /* nor are the next so many */
	atomic_bool mute;     /* nothing goes through, and nothing is closed */
	atomic_bool stop;
};

static inline int proxy_dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%.100s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static inline bool proxy_hit(proxy_line *l, const char *data, size_t size)
{
	if (memmem(data, size, "READ COMMITTED", 14))
		l->writes = true;
	else if (memmem(data, size, "READ ONLY", 9))
		l->writes = false;
	/* With its end: BEGIN has the word COMMITTED. */
	return l->writes && memmem(data, size, "COMMIT", 7) && atomic_exchange(&l->proxy->drops, false);
}

/* The COMMIT does not come through: the server rolls back, and others go on. */
static inline bool proxy_swallow(proxy_line *l)
{
	close(l->server);
	l->server = -1;
	l->proxy->meanwhile(l->proxy->ctx);
	return false;
}

/* One direction once; false ends the connection. */
static inline bool proxy_pass(proxy_line *l, bool from_client)
{
	int from = from_client ? l->client : l->server, to = from_client ? l->server : l->client;
	char buffer[65536];
	ssize_t size = read(from, buffer, sizeof buffer), sent = 0;
	bool hit = size > 0 && from_client && proxy_hit(l, buffer, (size_t)size);

	if (hit && l->proxy->meanwhile)
		return proxy_swallow(l);
	while (size > 0 && sent < size) {
		ssize_t n = send(to, buffer + sent, (size_t)(size - sent), MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		sent += n;
	}
	if (!hit)
		return size > 0;
	inv__sleep(200000); /* the server has done it */
	l->proxy->starting = true;
	return false;
}

static inline void proxy_refuse(int client)
{
	static const char words[] = "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0";
	unsigned char head[5] = {'E', 0, 0, 0, 4 + sizeof words};
	char startup[4096];

	if (read(client, startup, sizeof startup) > 0 &&
	    write(client, head, sizeof head) == sizeof head)
		(void)!write(client, words, sizeof words);
}

static inline void proxy_hush(const pg_proxy *p)
{
	while (p->mute && !p->stop)
		inv__sleep(20000);
}

static inline bool proxy_lets_in(pg_proxy *p)
{
	return !p->starting && (p->refuses <= 0 || atomic_fetch_sub(&p->refuses, 1) <= 0);
}

static inline void *proxy_line_run(void *arg)
{
	proxy_line *l = arg;
	pg_proxy *p = l->proxy;
	struct pollfd fds[2] = {{.fd = l->client, .events = POLLIN}, {.events = POLLIN}};
	bool goes_on;

	proxy_hush(p);
	fds[1].fd = l->server = proxy_lets_in(p) ? proxy_dial(p->target) : -1;
	goes_on = l->server >= 0;
	if (!goes_on)
		proxy_refuse(l->client);
	while (goes_on && !p->stop && !p->starting) {
		proxy_hush(p);
		if (poll(fds, 2, 20) <= 0 || p->mute)
			continue;
		if (fds[0].revents)
			goes_on = proxy_pass(l, true);
		if (goes_on && fds[1].revents)
			goes_on = proxy_pass(l, false);
	}
	close(l->client);
	if (l->server >= 0)
		close(l->server);
	return NULL;
}

static inline void *proxy_run(void *arg)
{
	pg_proxy *p = arg;
	struct pollfd fd = {.fd = p->listener, .events = POLLIN};

	while (!p->stop && p->count < PROXY_LINES) {
		proxy_line *l = &p->lines[p->count];

		if (poll(&fd, 1, 20) <= 0)
			continue;
		*l = (proxy_line){.proxy = p, .client = accept(p->listener, NULL, NULL)};
		p->count += l->client >= 0 && pthread_create(&l->thread, NULL, proxy_line_run, l) == 0;
	}
	for (unsigned i = 0; i < p->count; i++)
		pthread_join(p->lines[i].thread, NULL);
	return NULL;
}

/* A part of the server's URL. */
static inline void proxy_server(const char *keyword, char out[128])
{
	PQconninfoOption *all = PQconninfoParse(getenv("INV_TEST_POSTGRES"), NULL);

	out[0] = '\0';
	for (const PQconninfoOption *o = all; o && o->keyword; o++)
		if (strcmp(o->keyword, keyword) == 0 && o->val)
			snprintf(out, 128, "%s", o->val);
	PQconninfoFree(all);
}

static inline bool proxy_start(pg_proxy *p)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char host[128], port[128];

	memset(p, 0, sizeof *p);
	proxy_server("host", host);
	proxy_server("port", port);
	snprintf(p->target, sizeof p->target, "%s/.s.PGSQL.%s", host, *port ? port : "5432");
	snprintf(p->folder, sizeof p->folder, "%.80s", check_tmpdir());
	snprintf(address.sun_path, sizeof address.sun_path, "%.80s/.s.PGSQL.5432", p->folder);
	p->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	return CHECK(bind(p->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
	             listen(p->listener, 32) == 0 &&
	             pthread_create(&p->thread, NULL, proxy_run, p) == 0);
}

static inline void proxy_stop(pg_proxy *p)
{
	p->stop = true;
	pthread_join(p->thread, NULL);
	close(p->listener);
}

#endif
