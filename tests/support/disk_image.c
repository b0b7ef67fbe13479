/* SPDX-License-Identifier: MIT */
#include "support/disk_image.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/disk.h"

#define SECTOR 512u
#define IMAGES_MAX 16

/* A write or, without data, a truncation. */
struct change {
	struct change *next;
	int64_t at;
	size_t size;
	unsigned char data[];
};

struct bytes {
	unsigned char *data;
	size_t size;
};

struct image {
	char path[512];
	struct bytes durable;
	struct change *first, **last;
	bool named;   /* its name would be found after a power cut */
	bool deleted;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct image images[IMAGES_MAX];
static bool recording;
static bool honest;

static void *need(void *memory)
{
	if (!memory) {
		perror("disk");
		abort();
	}
	return memory;
}

/* ---- bytes ---- */

static void resize(struct bytes *bytes, size_t size)
{
	if (size > bytes->size) {
		bytes->data = need(realloc(bytes->data, size));
		memset(bytes->data + bytes->size, 0, size - bytes->size);
	}
	bytes->size = size;
}

static void put(struct bytes *bytes, size_t at, const void *data, size_t size)
{
	if (at + size > bytes->size)
		resize(bytes, at + size);
	memcpy(bytes->data + at, data, size);
}

/* `size`: how much of a write arrived. */
static void apply(struct bytes *bytes, const struct change *change, size_t size)
{
	if (change->size == 0)
		resize(bytes, (size_t)change->at);
	else if (size > 0)
		put(bytes, (size_t)change->at, change->data, size);
}

static void drop_changes(struct image *image)
{
	while (image->first) {
		struct change *next = image->first->next;

		free(image->first);
		image->first = next;
	}
	image->last = &image->first;
}

static void drop(struct image *image)
{
	drop_changes(image);
	free(image->durable.data);
	memset(image, 0, sizeof *image);
}

/* ---- recording ---- */

static void load(struct image *image)
{
	FILE *file = fopen(image->path, "rb");
	unsigned char part[65536];
	size_t n;

	if (!file)
		return;
	image->named = true;
	while ((n = fread(part, 1, sizeof part, file)) > 0)
		put(&image->durable, image->durable.size, part, n);
	fclose(file);
}

static struct image *find(const char *path)
{
	for (size_t i = 0; i < IMAGES_MAX; i++)
		if (!images[i].deleted && strcmp(images[i].path, path) == 0)
			return &images[i];
	return NULL;
}

static struct image *make(const char *path)
{
	for (size_t i = 0; i < IMAGES_MAX; i++) {
		if (images[i].path[0])
			continue;
		snprintf(images[i].path, sizeof images[i].path, "%s", path);
		images[i].last = &images[i].first;
		return &images[i];
	}
	fputs("disk: too many files\n", stderr);
	abort();
}

/* Files that were there when recording began are loaded by disk_record: what is made since has no
 * durable name. */
struct image *image_open(const char *path)
{
	struct image *image = NULL;

	if (!path)
		return NULL;
	pthread_mutex_lock(&mutex);
	if (recording) {
		image = find(path);
		if (!image) {
			struct stat info;

			image = make(path);
			if (stat(path, &info) == 0 && info.st_size > 0)
				load(image);
		}
	}
	pthread_mutex_unlock(&mutex);
	return image;
}

static void add(struct image *image, int64_t at, const void *data, size_t size)
{
	struct change *change;

	if (!image)
		return;
	pthread_mutex_lock(&mutex);
	change = need(malloc(sizeof *change + size));
	change->next = NULL;
	change->at = at;
	change->size = size;
	if (size)
		memcpy(change->data, data, size);
	*image->last = change;
	image->last = &change->next;
	pthread_mutex_unlock(&mutex);
}

void image_write(struct image *image, const void *data, size_t size, int64_t at)
{
	if (size > 0)
		add(image, at, data, size);
}

void image_truncate(struct image *image, int64_t size)
{
	add(image, size, NULL, 0);
}

static void sync_folder(void)
{
	for (size_t i = 0; i < IMAGES_MAX; i++) {
		if (images[i].deleted)
			drop(&images[i]);
		else if (images[i].path[0])
			images[i].named = true;
	}
}

void image_sync(struct image *image, bool folder)
{
	pthread_mutex_lock(&mutex);
	if (image && honest) {
		for (struct change *c = image->first; c; c = c->next)
			apply(&image->durable, c, c->size);
		drop_changes(image);
		if (folder)
			sync_folder();
	}
	pthread_mutex_unlock(&mutex);
}

void image_lose(struct image *image)
{
	pthread_mutex_lock(&mutex);
	if (image)
		drop_changes(image);
	pthread_mutex_unlock(&mutex);
}

void image_delete(const char *path, bool durable)
{
	struct image *image;

	pthread_mutex_lock(&mutex);
	image = recording ? find(path) : NULL;
	if (image && (!image->named || (durable && honest)))
		drop(image);
	else if (image)
		image->deleted = true;
	pthread_mutex_unlock(&mutex);
}

void disk_record(bool is_honest)
{
	disk_record_end();
	pthread_mutex_lock(&mutex);
	recording = true;
	honest = is_honest;
	pthread_mutex_unlock(&mutex);
}

void disk_record_end(void)
{
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < IMAGES_MAX; i++)
		drop(&images[i]);
	recording = false;
	pthread_mutex_unlock(&mutex);
}

/* ---- the cut ---- */

static size_t count_changes(const struct image *image)
{
	size_t n = 0;

	for (const struct change *c = image->first; c; c = c->next)
		n++;
	return n;
}

/* Where a write was torn: at the end of one of its sectors. */
static size_t torn(const struct change *change)
{
	size_t sectors = change->size / SECTOR;

	return sectors ? SECTOR * (size_t)check_random_below(sectors + 1) : change->size;
}

static void lose(struct image *image, int keep)
{
	size_t first = keep == DISK_KEEP_FIRST ? check_random_below(count_changes(image) + 1) : 0;
	size_t i = 0;

	for (struct change *c = image->first; c; c = c->next, i++) {
		if (keep == DISK_KEEP_FIRST && i < first)
			apply(&image->durable, c, c->size);
		else if (keep == DISK_KEEP_SOME && check_random_below(2))
			apply(&image->durable, c, check_random_below(4) ? c->size : torn(c));
	}
}

static bool survives(const struct image *image, int keep)
{
	if (image->deleted) /* it may come back, where no other has taken its name */
		return keep == DISK_KEEP_SOME && check_random_below(2) && !find(image->path);
	return image->named || (keep != DISK_KEEP_NONE && check_random_below(2));
}

static void write_back(const struct image *image)
{
	FILE *file = fopen(image->path, "wb");

	if (!file || fwrite(image->durable.data ? image->durable.data : (const unsigned char *)"", 1,
	                    image->durable.size, file) != image->durable.size ||
	    fclose(file) != 0) {
		perror(image->path);
		abort();
	}
}

static void remove_shared(const char *path)
{
	char shared[520];

	snprintf(shared, sizeof shared, "%s-shm", path);
	(void)unlink(shared);
}

void disk_cut(int keep)
{
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < IMAGES_MAX; i++) {
		struct image *image = &images[i];

		if (!image->path[0])
			continue;
		lose(image, keep);
		if (survives(image, keep))
			write_back(image);
		else if (!image->deleted)
			(void)unlink(image->path);
		remove_shared(image->path);
	}
	pthread_mutex_unlock(&mutex);
	disk_record_end();
}
