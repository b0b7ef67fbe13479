/* SPDX-License-Identifier: MIT */
/* Every operation with its input in any size. In a text `<…>` stands as often as there are lines or
 * records, `#` is the number of each from 0, `%` from 1, `$` that of the round, `@` how many there
 * are. */
#ifndef INV_CONFORMANCE_TRIPS_CALLS_H
#define INV_CONFORMANCE_TRIPS_CALLS_H

#include <stddef.h>

typedef struct trips_call {
	const char *op;
	const char *n_is; /* what there are n of */
	const char *input;
	const char *before_op; /* makes what it works on; several, and their inputs, with | between */
	const char *before;
} trips_call;

/* The shop that all calls find. */
static const trips_call trips_base[] = {
	{"category.create", "records",
	 "[{\"id\":\"01910000-0000-7000-8008-000000000000\",\"code\":\"SEEN\",\"name\":\"Seen\"},"
	 "<{\"code\":\"CAT-#\",\"name\":\"Kind #\"}>]", NULL, NULL},
	{"product.create", "records",
	 "[<{\"sku\":\"SKU-#\",\"name\":\"Tea #\",\"barcodes\":[\"P-#\"]}>]", NULL, NULL},
	{"location.create", "records",
	 "[<{\"code\":\"LOC-#\",\"name\":\"Shelf #\"}>]", NULL, NULL},
	{"register.create", "records",
	 "[<{\"code\":\"REG-#\",\"name\":\"Till #\"}>]", NULL, NULL},
	{"channel.create", "records",
	 "[<{\"code\":\"CHA-#\",\"name\":\"Channel #\"}>]", NULL, NULL},
	{"product.create", "records",
	 "[<{\"sku\":\"LOT-#\",\"name\":\"Milk #\",\"tracking\":\"lot\"}>]", NULL, NULL},
	{"stock.receive", "records",
	 "{\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"1000000\"}>]}", NULL, NULL},
	{"stock.receive", "records",
	 "{\"lines\":[<{\"product\":\"LOT-#\",\"quantity\":\"1000000\",\"lot\":\"L\"}>]}", NULL, NULL},
};

/* Something happens to one subject, again and again. */
static const trips_call trips_history =
	{"category.update", "nothing",
	 "{\"code\":\"SEEN\",\"name\":\"Seen $\"}", NULL, NULL};

static const trips_call trips_calls[] = {
	{"settings.get", "nothing",
	 "{}", NULL, NULL},
	{"settings.update", "nothing",
	 "{\"name\":\"Shop $\"}", NULL, NULL},
	{"category.create", "records",
	 "[<{\"code\":\"N$-#\",\"name\":\"New # of $\"}>]", NULL, NULL},
	{"category.get", "records",
	 "[<{\"ref\":\"CAT-#\"}>]", NULL, NULL},
	{"category.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"category.update", "records",
	 "[<{\"code\":\"CAT-#\",\"name\":\"Tea # of $\"}>]", NULL, NULL},
	{"category.archive", "records",
	 "[<{\"ref\":\"A$-#\"}>]",
	 "category.create",
	 "[<{\"code\":\"A$-#\",\"name\":\"Old # of $\"}>]"},
	{"product.create", "records",
	 "[<{\"sku\":\"N$-#\",\"name\":\"New # of $\",\"barcodes\":[\"B$-#\"],\"tags\":[\"a\","
	 "\"#\"]}>]", NULL, NULL},
	{"product.get", "records",
	 "[<{\"ref\":\"SKU-#\"}>]", NULL, NULL},
	{"product.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"product.search", "page",
	 "{\"words\":\"tea\",\"limit\":@}", NULL, NULL},
	{"product.update", "records",
	 "[<{\"sku\":\"SKU-#\",\"name\":\"Tea # of $\",\"barcodes\":[\"U$-#\"],\"tags\":[\"b\"]}>]",
	 NULL, NULL},
	{"product.archive", "records",
	 "[<{\"ref\":\"A$-#\"}>]",
	 "product.create",
	 "[<{\"sku\":\"A$-#\",\"name\":\"Old # of $\"}>]"},
	{"location.create", "records",
	 "[<{\"code\":\"N$-#\",\"name\":\"New # of $\"}>]", NULL, NULL},
	{"location.get", "records",
	 "[<{\"ref\":\"LOC-#\"}>]", NULL, NULL},
	{"location.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"location.update", "records",
	 "[<{\"code\":\"LOC-#\",\"name\":\"Tea # of $\"}>]", NULL, NULL},
	{"location.archive", "records",
	 "[<{\"ref\":\"A$-#\"}>]",
	 "location.create",
	 "[<{\"code\":\"A$-#\",\"name\":\"Old # of $\"}>]"},
	{"register.create", "records",
	 "[<{\"code\":\"N$-#\",\"name\":\"New # of $\"}>]", NULL, NULL},
	{"register.get", "records",
	 "[<{\"ref\":\"REG-#\"}>]", NULL, NULL},
	{"register.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"register.update", "records",
	 "[<{\"code\":\"REG-#\",\"name\":\"Tea # of $\"}>]", NULL, NULL},
	{"register.archive", "records",
	 "[<{\"ref\":\"A$-#\"}>]",
	 "register.create",
	 "[<{\"code\":\"A$-#\",\"name\":\"Old # of $\"}>]"},
	{"channel.create", "records",
	 "[<{\"code\":\"N$-#\",\"name\":\"New # of $\"}>]", NULL, NULL},
	{"channel.get", "records",
	 "[<{\"ref\":\"CHA-#\"}>]", NULL, NULL},
	{"channel.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"channel.update", "records",
	 "[<{\"code\":\"CHA-#\",\"name\":\"Tea # of $\"}>]", NULL, NULL},
	{"channel.archive", "records",
	 "[<{\"ref\":\"A$-#\"}>]",
	 "channel.create",
	 "[<{\"code\":\"A$-#\",\"name\":\"Old # of $\"}>]"},
	{"stock.receive", "lines",
	 "{\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}", NULL, NULL},
	{"stock.receive", "records",
	 "[<{\"lines\":[{\"product\":\"SKU-#\",\"quantity\":\"2\"}]}>]", NULL, NULL},
	{"stock.issue", "lines",
	 "{\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}", NULL, NULL},
	{"stock.issue", "records",
	 "[<{\"lines\":[{\"product\":\"SKU-#\",\"quantity\":\"2\"}]}>]", NULL, NULL},
	{"stock.move", "lines",
	 "{\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"1\",\"to_location\":\"LOC-0001\"}>]}",
	 NULL, NULL},
	{"stock.move", "records",
	 "[<{\"lines\":[{\"product\":\"SKU-#\",\"quantity\":\"1\",\"to_location\":\"LOC-0001\"}]}>]",
	 NULL, NULL},
	{"stock.adjust", "lines",
	 "{\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}", NULL, NULL},
	{"stock.adjust", "records",
	 "[<{\"lines\":[{\"product\":\"SKU-#\",\"quantity\":\"2\"}]}>]", NULL, NULL},
	{"stock.reverse", "lines",
	 "{\"posting\":\"01910000-0000-7000-8001-$\"}",
	 "stock.receive",
	 "{\"id\":\"01910000-0000-7000-8001-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"2\"}>]}"},
	{"posting.get", "lines",
	 "{\"ref\":\"01910000-0000-7000-8002-$\"}",
	 "stock.receive",
	 "{\"id\":\"01910000-0000-7000-8002-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"2\"}>]}"},
	{"posting.get", "records",
	 "[<{\"ref\":\"01910000-#-7000-8003-$\"}>]",
	 "stock.receive",
	 "[<{\"id\":\"01910000-#-7000-8003-$\",\"lines\":[{\"product\":\"SKU-#\","
	 "\"quantity\":\"2\"}]}>]"},
	{"posting.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"balance.get", "records",
	 "[<{\"product\":\"SKU-#\"}>]", NULL, NULL},
	{"balance.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"balance.changes", "nothing",
	 "{\"after\":1,\"limit\":10}", NULL, NULL},
	{"move.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"reservation.hold", "records",
	 "[<{\"product\":\"SKU-#\",\"quantity\":\"1\",\"holder\":\"cart\"}>]", NULL, NULL},
	{"reservation.extend", "records",
	 "[<{\"reservation\":\"01910000-#-7000-8009-$\",\"deadline\":\"2100-01-01T00:00:00Z\"}>]",
	 "reservation.hold",
	 "[<{\"id\":\"01910000-#-7000-8009-$\",\"product\":\"SKU-#\",\"quantity\":\"1\"}>]"},
	{"reservation.bind", "records",
	 "[<{\"reservation\":\"01910000-#-7000-800a-$\",\"lot\":\"L\"}>]",
	 "reservation.hold",
	 "[<{\"id\":\"01910000-#-7000-800a-$\",\"product\":\"LOT-#\",\"quantity\":\"1\"}>]"},
	{"reservation.commit", "records",
	 "[<{\"reservation\":\"01910000-#-7000-800b-$\"}>]",
	 "reservation.hold",
	 "[<{\"id\":\"01910000-#-7000-800b-$\",\"product\":\"SKU-#\",\"quantity\":\"1\"}>]"},
	{"reservation.release", "records",
	 "[<{\"reservation\":\"01910000-#-7000-800c-$\"}>]",
	 "reservation.hold",
	 "[<{\"id\":\"01910000-#-7000-800c-$\",\"product\":\"SKU-#\",\"quantity\":\"1\"}>]"},
	{"reservation.cancel", "records",
	 "[<{\"reservation\":\"01910000-#-7000-800d-$\"}>]",
	 "reservation.hold",
	 "[<{\"id\":\"01910000-#-7000-800d-$\",\"product\":\"SKU-#\",\"quantity\":\"1\"}>]"},
	{"reservation.get", "records",
	 "[<{\"ref\":\"01910000-#-7000-800e-$\"}>]",
	 "reservation.hold",
	 "[<{\"id\":\"01910000-#-7000-800e-$\",\"product\":\"SKU-#\",\"quantity\":\"1\"}>]"},
	{"reservation.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"transfer.create", "lines",
	 "{\"from_location\":\"MAIN\",\"to_location\":\"LOC-0000\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"2\"}>]}", NULL, NULL},
	{"transfer.create", "records",
	 "[<{\"from_location\":\"MAIN\",\"to_location\":\"LOC-0000\","
	 "\"lines\":[{\"product\":\"SKU-#\",\"quantity\":\"2\"}]}>]", NULL, NULL},
	{"transfer.update", "lines",
	 "{\"id\":\"01910000-0000-7000-8021-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"3\"}>]}",
	 "transfer.create",
	 "{\"id\":\"01910000-0000-7000-8021-$\",\"from_location\":\"MAIN\","
	 "\"to_location\":\"LOC-0000\",\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}"},
	{"transfer.request", "lines",
	 "{\"ref\":\"01910000-0000-7000-8022-$\"}",
	 "transfer.create",
	 "{\"id\":\"01910000-0000-7000-8022-$\",\"from_location\":\"MAIN\","
	 "\"to_location\":\"LOC-0000\",\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}"},
	{"transfer.ship", "lines",
	 "{\"transfer\":\"01910000-0000-7000-8023-$\",\"lines\":[<{\"line\":%,\"quantity\":\"1\"}>]}",
	 "transfer.create|transfer.request",
	 "{\"id\":\"01910000-0000-7000-8023-$\",\"from_location\":\"MAIN\","
	 "\"to_location\":\"LOC-0000\",\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}|"
	 "{\"ref\":\"01910000-0000-7000-8023-$\"}"},
	{"transfer.receive", "lines",
	 "{\"transfer\":\"01910000-0000-7000-8024-$\",\"lines\":[<{\"line\":%,\"received\":\"1\"}>]}",
	 "transfer.create|transfer.request|transfer.ship",
	 "{\"id\":\"01910000-0000-7000-8024-$\",\"from_location\":\"MAIN\","
	 "\"to_location\":\"LOC-0000\",\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}|"
	 "{\"ref\":\"01910000-0000-7000-8024-$\"}|{\"transfer\":\"01910000-0000-7000-8024-$\"}"},
	{"transfer.return", "lines",
	 "{\"transfer\":\"01910000-0000-7000-8025-$\",\"lines\":[<{\"line\":%,\"quantity\":\"1\"}>]}",
	 "transfer.create|transfer.request|transfer.ship",
	 "{\"id\":\"01910000-0000-7000-8025-$\",\"from_location\":\"MAIN\","
	 "\"to_location\":\"LOC-0000\",\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}|"
	 "{\"ref\":\"01910000-0000-7000-8025-$\"}|{\"transfer\":\"01910000-0000-7000-8025-$\"}"},
	{"transfer.cancel", "lines",
	 "{\"ref\":\"01910000-0000-7000-8026-$\"}",
	 "transfer.create",
	 "{\"id\":\"01910000-0000-7000-8026-$\",\"from_location\":\"MAIN\","
	 "\"to_location\":\"LOC-0000\",\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}"},
	{"transfer.close", "lines",
	 "{\"ref\":\"01910000-0000-7000-8027-$\"}",
	 "transfer.create|transfer.request|transfer.ship|transfer.receive",
	 "{\"id\":\"01910000-0000-7000-8027-$\",\"from_location\":\"MAIN\","
	 "\"to_location\":\"LOC-0000\",\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}|"
	 "{\"ref\":\"01910000-0000-7000-8027-$\"}|{\"transfer\":\"01910000-0000-7000-8027-$\"}|"
	 "{\"transfer\":\"01910000-0000-7000-8027-$\"}"},
	{"transfer.get", "lines",
	 "{\"ref\":\"01910000-0000-7000-8028-$\"}",
	 "transfer.create",
	 "{\"id\":\"01910000-0000-7000-8028-$\",\"from_location\":\"MAIN\","
	 "\"to_location\":\"LOC-0000\",\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"2\"}>]}"},
	{"transfer.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"count.open", "lines",
	 "{\"products\":[<{\"product\":\"SKU-#\"}>]}", NULL, NULL},
	{"count.enter", "lines",
	 "{\"count\":\"01910000-0000-7000-8030-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"900000\"}>]}",
	 "count.open",
	 "{\"id\":\"01910000-0000-7000-8030-$\",\"products\":[<{\"product\":\"SKU-#\"}>]}"},
	{"count.review", "lines",
	 "{\"count\":\"01910000-0000-7000-8031-$\",\"accept_all\":true}",
	 "count.open|count.enter",
	 "{\"id\":\"01910000-0000-7000-8031-$\",\"products\":[<{\"product\":\"SKU-#\"}>]}|"
	 "{\"count\":\"01910000-0000-7000-8031-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"900000\"}>]}"},
	{"count.post", "lines",
	 "{\"ref\":\"01910000-0000-7000-8032-$\"}",
	 "count.open|count.enter|count.review",
	 "{\"id\":\"01910000-0000-7000-8032-$\",\"products\":[<{\"product\":\"SKU-#\"}>]}|"
	 "{\"count\":\"01910000-0000-7000-8032-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"900000\"}>]}|{\"count\":\"01910000-0000-7000-8032-$\","
	 "\"accept_all\":true}"},
	{"count.discard", "lines",
	 "{\"ref\":\"01910000-0000-7000-8033-$\"}",
	 "count.open",
	 "{\"id\":\"01910000-0000-7000-8033-$\",\"products\":[<{\"product\":\"SKU-#\"}>]}"},
	{"count.get", "lines",
	 "{\"ref\":\"01910000-0000-7000-8034-$\"}",
	 "count.open",
	 "{\"id\":\"01910000-0000-7000-8034-$\",\"products\":[<{\"product\":\"SKU-#\"}>]}"},
	{"count.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"count.plan", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"sale.close", "lines",
	 "{\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"1\",\"unit_price\":\"2\"}>]}",
	 NULL, NULL},
	{"sale.close", "records",
	 "[<{\"lines\":[{\"product\":\"SKU-#\",\"quantity\":\"1\",\"unit_price\":\"2\"}]}>]",
	 NULL, NULL},
	{"sale.refund", "lines",
	 "{\"original\":\"01910000-0000-7000-8004-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"1\",\"unit_price\":\"2\",\"original_line\":%}>]}",
	 "sale.close",
	 "{\"id\":\"01910000-0000-7000-8004-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"1\",\"unit_price\":\"2\"}>]}"},
	{"sale.get", "lines",
	 "{\"ref\":\"01910000-0000-7000-8005-$\"}",
	 "sale.close",
	 "{\"id\":\"01910000-0000-7000-8005-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"1\",\"unit_price\":\"2\"}>]}"},
	{"sale.get", "records",
	 "[<{\"ref\":\"01910000-#-7000-8006-$\"}>]",
	 "sale.close",
	 "[<{\"id\":\"01910000-#-7000-8006-$\",\"lines\":[{\"product\":\"SKU-#\",\"quantity\":\"1\","
	 "\"unit_price\":\"2\"}]}>]"},
	{"sale.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"sale_line.list", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"sale.receipt", "lines",
	 "{\"ref\":\"01910000-0000-7000-8007-$\"}",
	 "sale.close",
	 "{\"id\":\"01910000-0000-7000-8007-$\",\"lines\":[<{\"product\":\"SKU-#\","
	 "\"quantity\":\"1\",\"unit_price\":\"2\"}>]}"},
	{"report.sales", "page",
	 "{\"by\":\"product\",\"limit\":@}", NULL, NULL},
	{"feed.read", "page",
	 "{\"limit\":@}", NULL, NULL},
	{"feed.wait", "page",
	 "{\"limit\":@,\"timeout_ms\":1}", NULL, NULL},
	{"feed.acknowledge", "nothing",
	 "{\"consumer\":\"books-$\",\"position\":5}", NULL, NULL},
	{"audit.history", "page",
	 "{\"subject\":\"01910000-0000-7000-8008-000000000000\",\"limit\":@}", NULL, NULL},
	{"personal.forget", "lines",
	 "{\"subject\":\"01910000-0000-7000-8009-$\"}",
	 "sale.close",
	 "{\"id\":\"01910000-0000-7000-8009-$\",\"customer_name\":\"Ada\","
	 "\"lines\":[<{\"product\":\"SKU-#\",\"quantity\":\"1\",\"unit_price\":\"2\"}>]}"},
};

#define TRIPS_BASE (sizeof trips_base / sizeof trips_base[0])
#define TRIPS_CALLS (sizeof trips_calls / sizeof trips_calls[0])

#endif
