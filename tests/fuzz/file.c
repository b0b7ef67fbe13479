/* SPDX-License-Identifier: MIT */
/* A store's file with bytes changed: four of the input say where and to what. Whatever is found
 * there is an answer, never a crash. */
#include <fcntl.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

static uint8_t *image;
static size_t image_size;
static char path[64];

static void remove_files(void)
{
	static const char *const parts[] = {"", "-wal", "-shm", "-inv"};
	char name[80];

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		snprintf(name, sizeof name, "%s%s", path, parts[i]);
		unlink(name);
	}
}

static void make_image(void)
{
	fuzz_shop shop;
	FILE *file;

	/* In memory, where it can be: nobody waits for a disk. */
	snprintf(path, sizeof path, "%s/inv-fuzz-%ld.db",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid());
	atexit(remove_files);
	fuzz_shop_open(&shop, path);
	fuzz_shop_close(&shop);
	file = fopen(path, "rb");
	fuzz_require(file && fseek(file, 0, SEEK_END) == 0, "image", path);
	image_size = (size_t)ftell(file);
	image = malloc(image_size);
	rewind(file);
	fuzz_require(image && fread(image, 1, image_size, file) == image_size, "image", path);
	fclose(file);
}

static void write_changed(const uint8_t *data, size_t size)
{
	int fd;

	remove_files();
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	fuzz_require(fd >= 0 && write(fd, image, image_size) == (ssize_t)image_size, "write", path);
	for (size_t i = 0; i + 4 <= size; i += 4) {
		size_t at = ((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2]) % image_size;

		fuzz_require(pwrite(fd, &data[i + 3], 1, (off_t)at) == 1, "write", path);
	}
	close(fd);
}

static void use(inv_store *store)
{
	inv_verify_report report = INV_VERIFY_REPORT_INIT;
	inv_session *session = NULL;

	(void)inv_store_verify(store, NULL, &report, NULL);
	if (inv_session_open(store, NULL, &session, NULL) != INV_OK)
		return;
	(void)inv_call_json(session, INV_S("product.list"), INV_S(""), NULL, NULL);
	(void)inv_call_json(session, INV_S("report.sales"), INV_S(""), NULL, NULL);
	(void)inv_call_json(session, INV_S("sale.close"),
	                    INV_S("{\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]}"), NULL, NULL);
	inv_session_close(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_store *store = NULL;
	inv_status status;

	if (!image)
		make_image();
	write_changed(data, size);
	options.url = path;
	status = inv_store_open(&options, &store, NULL);
	fuzz_plant(status != INV_OK);
	if (status == INV_OK)
		use(store);
	inv_store_close(store);
	return 0;
}
