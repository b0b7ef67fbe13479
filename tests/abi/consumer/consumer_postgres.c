/* SPDX-License-Identifier: MIT */
/* Hands the PostgreSQL driver over, and asks it for a server that is not there. */
#include <inventra/inventra.h>
#include <inventra/postgres.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	const inv_driver *drivers[] = {inv_postgres_driver()};
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_store *store = NULL;

	options.url = "postgresql://nobody@/shop?host=/nowhere";
	options.drivers = drivers;
	options.driver_count = 1;
	if (inv_store_open(&options, &store, &error) != INV_E_IO) {
		fprintf(stderr, "%s\n", error.message);
		return 1;
	}
	printf("%s: %s\n", argc > 1 ? argv[1] : "", error.message);
	return 0;
}
