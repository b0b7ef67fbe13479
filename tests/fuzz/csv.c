/* SPDX-License-Identifier: MIT */
/* Files of products, plain or packed, that are imported; the first line is the file's header. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

static void no_report(void *ctx, uint64_t line, const inv_error *error)
{
	uint64_t *last = ctx;

	fuzz_require(line >= *last, "lines are told in another order", error->message);
	fuzz_require(error->message[0] != '\0', "a bad row without a sentence", error->field);
	*last = line;
}

static void import(inv_session *session, const char *path)
{
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report = INV_IMPORT_REPORT_INIT;
	uint64_t last = 0;
	inv_status status;

	options.skip = true;
	options.report_ctx = &last;
	options.report = no_report;
	status = inv_import_csv(session, inv_schema_op_named(INV_S("product.create")), path, &options,
	                        &report);
	fuzz_error(session, status);
	fuzz_require(report.done + report.again + report.failed <= report.rows, "rows do not add up",
	             "");
	fuzz_plant(report.done >= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static fuzz_shop shop;
	inv_session *session = fuzz_shop_next(&shop);
	int fd = memfd_create("import", MFD_CLOEXEC);
	char path[32];

	if (fd < 0)
		fuzz_fail("memfd", "cannot be made");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size)
		import(session, path);
	close(fd);
	return 0;
}
