/* SPDX-License-Identifier: MIT */
/* Group commit by hand: a writer thread takes all who wait, runs each behind a savepoint, commits
 * once, and wakes them. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "floor.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct waiter {
	const floor_command *command;
	struct waiter *next;
	pthread_cond_t wake;
	bool done;
	bool ok;
} waiter;

struct floor_group {
	floor_db *db;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t work;
	waiter *first;
	waiter **last;
	bool stop;
};

static void commit_all(floor_db *db, waiter *first)
{
	bool ok = floor_begin(db);

	for (waiter *w = first; w; w = w->next) {
		w->ok = ok && floor_apply_alone(db, w->command);
	}
	ok = ok && floor_commit(db);
	for (waiter *w = first; w; w = w->next) {
		w->ok = w->ok && ok;
	}
}

static void *write_groups(void *arg)
{
	floor_group *g = arg;

	pthread_mutex_lock(&g->mutex);
	for (;;) {
		waiter *taken;

		while (!g->first && !g->stop) {
			pthread_cond_wait(&g->work, &g->mutex);
		}
		taken = g->first;
		if (!taken) {
			break;
		}
		g->first = NULL;
		g->last = &g->first;
		pthread_mutex_unlock(&g->mutex);
		commit_all(g->db, taken);
		pthread_mutex_lock(&g->mutex);
		while (taken) {
			waiter *next = taken->next; /* a waiter is gone once it is done */

			taken->done = true;
			pthread_cond_signal(&taken->wake);
			taken = next;
		}
	}
	pthread_mutex_unlock(&g->mutex);
	return NULL;
}

floor_group *floor_group_start(floor_db *db)
{
	floor_group *g = calloc(1, sizeof *g);

	if (!g) {
		bench_error("out of memory");
		return NULL;
	}
	g->db = db;
	g->last = &g->first;
	pthread_mutex_init(&g->mutex, NULL);
	pthread_cond_init(&g->work, NULL);
	if (pthread_create(&g->thread, NULL, write_groups, g) != 0) {
		bench_error("cannot start a thread");
		free(g);
		return NULL;
	}
	return g;
}

void floor_group_stop(floor_group *group)
{
	if (!group) {
		return;
	}
	pthread_mutex_lock(&group->mutex);
	group->stop = true;
	pthread_cond_signal(&group->work);
	pthread_mutex_unlock(&group->mutex);
	pthread_join(group->thread, NULL);
	pthread_cond_destroy(&group->work);
	pthread_mutex_destroy(&group->mutex);
	free(group);
}

bool floor_group_run(floor_group *group, const floor_command *command)
{
	waiter self = {.command = command};

	pthread_cond_init(&self.wake, NULL);
	pthread_mutex_lock(&group->mutex);
	*group->last = &self;
	group->last = &self.next;
	if (group->first == &self) {
		pthread_cond_signal(&group->work);
	}
	while (!self.done) {
		pthread_cond_wait(&self.wake, &group->mutex);
	}
	pthread_mutex_unlock(&group->mutex);
	pthread_cond_destroy(&self.wake);
	return self.ok;
}
