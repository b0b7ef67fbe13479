/* SPDX-License-Identifier: MIT */
/* What a power cut would leave of each file: its durable bytes, and the writes that no sync has
 * covered yet. */
#ifndef INV_TEST_DISK_IMAGE_H
#define INV_TEST_DISK_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;

/* NULL while nothing is remembered; then every call below with it does nothing. */
struct image *image_open(const char *path);
void image_write(struct image *image, const void *data, size_t size, int64_t at);
void image_truncate(struct image *image, int64_t size);
/* A sync that failed: the system forgets that these writes are not on the medium. */
void image_lose(struct image *image);
/* With `folder` the names in the folder are durable too. */
void image_sync(struct image *image, bool folder);
void image_delete(const char *path, bool durable);

#endif
