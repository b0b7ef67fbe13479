/* SPDX-License-Identifier: MIT */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support.h"

#define PAIRS 32
#define CHUNKS 64 /* that wait, of one connection */
#define CHUNK_BYTES 16384
#define LOOK_SECONDS 0.05 /* at the stop flag */

typedef struct chunk {
	double due;
	size_t size;
	char data[CHUNK_BYTES];
} chunk;

typedef struct pair {
	int client; /* 0: not in use */
	int server;
	size_t first;
	size_t count;
	chunk *chunks;
} pair;

struct proxy {
	int listener;
	uint16_t port;
	uint16_t target;
	double delay;
	atomic_bool stop;
	pthread_t thread;
	pair pairs[PAIRS];
	char answer[CHUNK_BYTES];
};

static struct sockaddr_in loopback(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	address.sin_port = htons(port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

/* Waiting for more to send would be a delay of its own. */
static int at_once(int fd)
{
	int on = 1;

	if (fd >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	}
	return fd;
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		close(fd);
		return -1;
	}
	return at_once(fd);
}

static bool write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t wrote = send(fd, data, size, MSG_NOSIGNAL);

		if (wrote <= 0) {
			return false;
		}
		data += wrote;
		size -= (size_t)wrote;
	}
	return true;
}

static void cut(pair *c)
{
	close(c->client);
	close(c->server);
	free(c->chunks);
	memset(c, 0, sizeof *c);
}

static void accept_one(proxy *p)
{
	int client = at_once(accept(p->listener, NULL, NULL));
	pair *c = p->pairs;

	while (c < p->pairs + PAIRS && c->client) {
		c++;
	}
	if (client < 0 || c == p->pairs + PAIRS) {
		close(client);
		return;
	}
	*c = (pair){.client = client, .server = connect_to(p->target)};
	c->chunks = calloc(CHUNKS, sizeof *c->chunks);
	if (c->server < 0 || !c->chunks) {
		cut(c);
	}
}

static bool take_chunk(const proxy *p, pair *c)
{
	chunk *last = &c->chunks[(c->first + c->count) % CHUNKS];
	ssize_t size = read(c->client, last->data, CHUNK_BYTES);

	if (size <= 0) {
		return false;
	}
	last->size = (size_t)size;
	last->due = bench_now() + p->delay;
	c->count++;
	return true;
}

static bool send_due(pair *c)
{
	while (c->count > 0 && c->chunks[c->first].due <= bench_now()) {
		const chunk *due = &c->chunks[c->first];

		if (!write_all(c->server, due->data, due->size)) {
			return false;
		}
		c->first = (c->first + 1) % CHUNKS;
		c->count--;
	}
	return true;
}

static bool answer(proxy *p, const pair *c)
{
	ssize_t size = read(c->server, p->answer, sizeof p->answer);

	return size > 0 && write_all(c->client, p->answer, (size_t)size);
}

/* What to wait for, and how long at most. */
static int watch(const proxy *p, fd_set *readable, double *wait)
{
	double now = bench_now();
	int last = p->listener;

	*wait = LOOK_SECONDS;
	FD_ZERO(readable);
	FD_SET(p->listener, readable);
	for (const pair *c = p->pairs; c < p->pairs + PAIRS; c++) {
		if (!c->client) {
			continue;
		}
		if (c->count < CHUNKS) {
			FD_SET(c->client, readable);
		}
		if (c->count > 0 && c->chunks[c->first].due - now < *wait) {
			*wait = c->chunks[c->first].due - now;
		}
		FD_SET(c->server, readable);
		last = c->client > last ? c->client : last;
		last = c->server > last ? c->server : last;
	}
	return last + 1;
}

static void serve(proxy *p, const fd_set *readable)
{
	for (pair *c = p->pairs; c < p->pairs + PAIRS; c++) {
		if (c->client && ((FD_ISSET(c->client, readable) && !take_chunk(p, c)) || !send_due(c) ||
		                  (FD_ISSET(c->server, readable) && !answer(p, c)))) {
			cut(c);
		}
	}
	if (FD_ISSET(p->listener, readable)) {
		accept_one(p);
	}
}

static void *run(void *arg)
{
	proxy *p = arg;

	while (!p->stop) {
		fd_set readable;
		double wait;
		int count = watch(p, &readable, &wait);
		struct timeval timeout = {.tv_usec = wait > 0 ? (suseconds_t)(wait * 1e6) : 0};

		if (select(count, &readable, NULL, NULL, &timeout) < 0) {
			FD_ZERO(&readable);
		}
		serve(p, &readable);
	}
	return NULL;
}

proxy *proxy_start(uint16_t port, double delay)
{
	struct sockaddr_in address = loopback(0);
	socklen_t size = sizeof address;
	proxy *p = calloc(1, sizeof *p);

	if (!p) {
		bench_error("out of memory");
		return NULL;
	}
	p->target = port;
	p->delay = delay;
	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (p->listener >= 0 && bind(p->listener, (struct sockaddr *)&address, size) == 0 &&
	    listen(p->listener, PAIRS) == 0 &&
	    getsockname(p->listener, (struct sockaddr *)&address, &size) == 0 &&
	    pthread_create(&p->thread, NULL, run, p) == 0) {
		p->port = ntohs(address.sin_port);
		return p;
	}
	bench_error("cannot listen: %s", strerror(errno));
	close(p->listener);
	free(p);
	return NULL;
}

uint16_t proxy_port(const proxy *p)
{
	return p->port;
}

void proxy_stop(proxy *p)
{
	if (!p) {
		return;
	}
	p->stop = true;
	pthread_join(p->thread, NULL);
	for (pair *c = p->pairs; c < p->pairs + PAIRS; c++) {
		if (c->client) {
			cut(c);
		}
	}
	close(p->listener);
	free(p);
}
