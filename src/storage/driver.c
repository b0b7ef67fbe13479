/* SPDX-License-Identifier: MIT */
/* Which driver serves a URL, and what every driver must have. */
#include "storage/storage.h"

#include "storage/fault.h"
#include "util/text.h"

/* ---- by URL ---- */

/* Who would serve a scheme that nobody handed over, by each language's name for it. */
#define POSTGRES_PACKAGES \
	"C has it in libinventra-postgres, Python by `pip install inventra[postgres]`, Node by " \
	"`npm install @inventra/postgres` and { drivers: [postgres()] }"
static const struct {
	const char *scheme;
	const char *packages;
} served[] = {
	{"postgresql", POSTGRES_PACKAGES},
	{"postgres", POSTGRES_PACKAGES},
};

static bool scheme_char(char c, bool first)
{
	if (c >= 'a' && c <= 'z')
		return true;
	return !first && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.');
}

/* The scheme of a URL; empty for a path. One letter is a Windows drive. */
static inv_str scheme_of(const char *url)
{
	inv_str scheme = {url, 0};

	while (scheme_char(url[scheme.len], scheme.len == 0))
		scheme.len++;
	if (url[scheme.len] != ':' || scheme.len < 2)
		scheme.len = 0;
	return scheme;
}

static inv_status unknown_scheme(inv_str scheme, inv_error *error)
{
	for (size_t i = 0; i < sizeof served / sizeof served[0]; i++)
		if (inv__str_is(scheme, served[i].scheme))
			return inv__fault(error, INV_E_UNSUPPORTED, 0, "no driver for %s: was given; %s",
			                  served[i].scheme, served[i].packages);
	return inv__fault(error, INV_E_UNSUPPORTED, 0, "no driver for %.*s: was given",
	                  (int)(scheme.len < 32 ? scheme.len : 32), scheme.ptr);
}

static inv_str sqlite_path(const char *url, inv_str scheme)
{
	const char *path = url + scheme.len + 1;

	return inv_str_of(strncmp(path, "//", 2) == 0 ? path + 2 : path);
}

/* libpq takes both schemes for one. */
static bool serves(const inv_driver *driver, inv_str scheme)
{
	if (!driver || !driver->scheme)
		return false;
	return inv__str_is(scheme, driver->scheme) ||
	       (inv__str_is(scheme, "postgres") && strcmp(driver->scheme, "postgresql") == 0);
}

inv_status inv__driver_find(const char *url, const inv_driver *const *drivers, size_t count,
                            const inv_driver **out, inv_str *path, inv_error *error)
{
	inv_str scheme;

	if (!url || !*url)
		return inv__fault(error, INV_E_INVALID, 0, "the store's URL is empty");
	scheme = scheme_of(url);
	for (size_t i = 0; i < count && scheme.len; i++) {
		if (!serves(drivers[i], scheme))
			continue;
		*out = drivers[i];
		*path = inv_str_of(url);
		return INV_OK;
	}
	if (inv__str_is(scheme, "sqlite")) {
		*out = inv_sqlite_driver();
		*path = sqlite_path(url, scheme);
		return INV_OK;
	}
	if (scheme.len && strncmp(url + scheme.len, "://", 3) == 0)
		return unknown_scheme(scheme, error);
	*out = inv_sqlite_driver();
	*path = inv_str_of(url);
	return INV_OK;
}

/* ---- what is missing ---- */

static inv_status no_check(inv_conn *conn, inv_bool deep, inv_error *error)
{
	(void)conn;
	(void)deep;
	return inv__fault(error, INV_E_UNSUPPORTED, 0, "this driver cannot check a store");
}

static void no_interrupt(inv_conn *conn)
{
	(void)conn;
}

static inv_status no_checkpoint(inv_conn *conn, inv_error *error)
{
	(void)conn;
	return inv__fault(error, INV_E_UNSUPPORTED, 0, "this driver has no checkpoints");
}

static inv_status no_backup(inv_conn *conn, inv_str target, const inv_progress *progress,
                            inv_error *error)
{
	(void)conn;
	(void)target;
	(void)progress;
	return inv__fault(error, INV_E_UNSUPPORTED, 0, "this driver cannot back up a store");
}

static uint32_t no_sharers(inv_conn *conn)
{
	(void)conn;
	return 0;
}

static uint64_t no_data_version(inv_conn *conn)
{
	(void)conn;
	return 0;
}

static inv_status no_script(inv_conn *conn, inv_str sql, inv_error *error)
{
	(void)conn;
	(void)sql;
	return inv__fault(error, INV_E_UNSUPPORTED, 0, "this driver cannot run migrations");
}

static const char *missing_slot(const inv_driver *d)
{
	const struct {
		const char *name;
		bool there;
	} slots[] = {
		{"scheme", d->scheme != NULL}, {"dialect", d->dialect != NULL},
		{"open", d->open != NULL},     {"close", d->close != NULL},
		{"prepare", d->prepare != NULL}, {"finalize", d->finalize != NULL},
		{"exec", d->exec != NULL},     {"begin", d->begin != NULL},
		{"end", d->end != NULL},       {"facts", d->facts != NULL},
	};

	for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
		if (!slots[i].there)
			return slots[i].name;
	return NULL;
}

static void fill_stubs(inv_driver *d)
{
	if (!d->check)
		d->check = no_check;
	if (!d->interrupt)
		d->interrupt = no_interrupt;
	if (!d->checkpoint)
		d->checkpoint = no_checkpoint;
	if (!d->backup)
		d->backup = no_backup;
	if (!d->sharers)
		d->sharers = no_sharers;
	if (!d->data_version)
		d->data_version = no_data_version;
	if (!d->script)
		d->script = no_script;
}

inv_status inv__driver_complete(const inv_driver *driver, inv_driver *out, inv_error *error)
{
	inv_driver d;
	const char *missing;

	if (!driver || driver->struct_size < offsetof(inv_driver, open))
		return inv__fault(error, INV_E_MISUSE, 0, "the driver is no inv_driver");
	if (driver->abi != INV_DRIVER_ABI)
		return inv__fault(error, INV_E_UNSUPPORTED, 0,
		                  "the driver speaks version %u of the interface, the library %u",
		                  driver->abi, INV_DRIVER_ABI);
	/* A driver built against an older header is shorter: what it does not know is missing. */
	memset(&d, 0, sizeof d);
	memcpy(&d, driver, driver->struct_size < sizeof d ? driver->struct_size : sizeof d);
	d.struct_size = (uint32_t)sizeof d;
	missing = missing_slot(&d);
	if (missing)
		return inv__fault(error, INV_E_MISUSE, 0, "the driver lacks `%s`", missing);
	fill_stubs(&d);
	*out = d;
	return INV_OK;
}
