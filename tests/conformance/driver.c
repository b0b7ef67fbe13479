/* SPDX-License-Identifier: MIT */
/* Which driver serves a URL, and what one must have. */
#include "conformance/conn.h"

static void leads_to_sqlite(const char *url, const char *path)
{
	const inv_driver *driver = NULL;
	inv_str out = {NULL, 0};

	if (!CHECK_STATUS(inv__driver_find(url, NULL, 0, &driver, &out, NULL), INV_OK))
		return;
	CHECK(driver == inv_sqlite_driver());
	CHECK_STR(out, path);
}

TEST(paths_and_sqlite_urls)
{
	leads_to_sqlite("shop.db", "shop.db");
	leads_to_sqlite("/var/lib/shop.db", "/var/lib/shop.db");
	leads_to_sqlite("sqlite:shop.db", "shop.db");
	leads_to_sqlite("sqlite:///var/shop.db", "/var/shop.db");
	leads_to_sqlite(":memory:", ":memory:");
	leads_to_sqlite("sqlite::memory:", ":memory:");
	leads_to_sqlite("C:\\shop.db", "C:\\shop.db");
	leads_to_sqlite("till:1.db", "till:1.db");
}

TEST(schemes_of_drivers)
{
	inv_driver pg = *inv_sqlite_driver();
	const inv_driver *drivers[] = {&pg};
	const inv_driver *driver = NULL;
	inv_error error = INV_ERROR_INIT;
	inv_str path;

	pg.scheme = "postgresql";
	CHECK_STATUS(inv__driver_find("postgresql://db/shop", NULL, 0, &driver, &path, &error),
	             INV_E_UNSUPPORTED);
	CHECK(strstr(error.message, "libinventra-postgres") != NULL);
	CHECK_STATUS(inv__driver_find("mongodb://db/shop", drivers, 1, &driver, &path, &error),
	             INV_E_UNSUPPORTED);
	CHECK(strstr(error.message, "mongodb") != NULL);
	CHECK_STATUS(inv__driver_find("postgresql://db/shop", drivers, 1, &driver, &path, &error),
	             INV_OK);
	CHECK(driver == &pg);
	CHECK_STR(path, "postgresql://db/shop");
	CHECK_STATUS(inv__driver_find("postgres://db/shop", drivers, 1, &driver, &path, &error),
	             INV_OK);
	CHECK(driver == &pg);
	CHECK_STATUS(inv__driver_find("", drivers, 1, &driver, &path, &error), INV_E_INVALID);
	CHECK_STATUS(inv__driver_find(NULL, drivers, 1, &driver, &path, &error), INV_E_INVALID);
}

TEST(what_is_missing_answers_unsupported)
{
	inv_driver bare = *inv_sqlite_driver();
	inv_driver full;
	inv_error error = INV_ERROR_INIT;

	bare.struct_size = (uint32_t)offsetof(inv_driver, checkpoint);
	bare.check = NULL;
	bare.interrupt = NULL;
	CHECK_STATUS(inv__driver_complete(&bare, &full, &error), INV_OK);
	CHECK_STATUS(full.check(NULL, 0, &error), INV_E_UNSUPPORTED);
	CHECK_STATUS(full.checkpoint(NULL, &error), INV_E_UNSUPPORTED);
	CHECK_STATUS(full.backup(NULL, INV_S("x"), NULL, &error), INV_E_UNSUPPORTED);
	CHECK_STATUS(full.script(NULL, INV_S("x"), &error), INV_E_UNSUPPORTED);
	CHECK_INT(full.sharers(NULL), 0);
	CHECK_INT(full.data_version(NULL), 0);
	full.interrupt(NULL);
	CHECK_STATUS(inv__driver_complete(inv_sqlite_driver(), &full, &error), INV_OK);
	CHECK(full.exec == inv_sqlite_driver()->exec);
}

TEST(what_is_required_is_named)
{
	inv_driver broken = *inv_sqlite_driver();
	inv_driver full;
	inv_error error = INV_ERROR_INIT;

	broken.exec = NULL;
	CHECK_STATUS(inv__driver_complete(&broken, &full, &error), INV_E_MISUSE);
	CHECK(strstr(error.message, "exec") != NULL);
	broken = *inv_sqlite_driver();
	broken.abi = 99;
	CHECK_STATUS(inv__driver_complete(&broken, &full, &error), INV_E_UNSUPPORTED);
	broken.struct_size = 4;
	CHECK_STATUS(inv__driver_complete(&broken, &full, &error), INV_E_MISUSE);
	CHECK_STATUS(inv__driver_complete(NULL, &full, &error), INV_E_MISUSE);
}

CHECK_MAIN()
