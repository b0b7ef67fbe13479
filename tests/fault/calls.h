/* SPDX-License-Identifier: MIT */
/* One good call, or several, of every operation. `$` stands for the number of the round, so that
 * a call can be made again after it has succeeded. */
#ifndef INV_FAULT_CALLS_H
#define INV_FAULT_CALLS_H

#include <stdio.h>
#include <string.h>

#include "inventra/inventra.h"

/* What a call works on is made by the call before it, where the base shop does not have it; by
 * several, with | between them and between their inputs. */
typedef struct call {
	const char *op;
	const char *input;
	const char *before_op;
	const char *before_input;
} call;

/* Ids: a round's, and those of the base shop. */
#define ROUND_ID(kind) "01910000-0000-7000-8" kind "-$"
#define BASE_ID(kind) "01910000-0000-7000-9" kind "-000000000001"
#define TEA BASE_ID("001")
#define TEAS BASE_ID("002")
#define SHELF BASE_ID("003")
#define WEB BASE_ID("004")
#define TILL BASE_ID("005")
#define RECEIPT BASE_ID("006")
#define SALE BASE_ID("007")

/* The shop that all calls find. */
static const call base_calls[] = {
	{"category.create", "{\"id\":\"" TEAS "\",\"code\":\"TEAS\",\"name\":\"Teas\"}", NULL, NULL},
	{"location.create",
	 "{\"id\":\"" SHELF "\",\"code\":\"SHELF\",\"name\":\"Shelf\",\"parent\":\"MAIN\"}",
	 NULL, NULL},
	{"channel.create",
	 "{\"id\":\"" WEB "\",\"code\":\"WEB\",\"name\":\"Web\",\"guard\":\"observe\"}", NULL, NULL},
	{"register.create", "{\"id\":\"" TILL "\",\"code\":\"T2\",\"name\":\"Till 2\"}", NULL, NULL},
	{"product.create",
	 "[{\"id\":\"" TEA "\",\"sku\":\"TEA\",\"name\":\"Green tea\",\"category\":\"TEAS\","
	 "\"barcodes\":[\"4006381333931\"],\"list_price\":\"2.55\",\"tags\":[\"bio\"],"
	 "\"attributes\":{\"origin\":\"Assam\"}},"
	 "{\"sku\":\"LOT\",\"name\":\"Tea of one harvest\",\"tracking\":\"lot\",\"decimals\":3},"
	 "{\"sku\":\"POST\",\"name\":\"Postage\",\"stocking\":\"non_stocked\"}]", NULL, NULL},
	{"stock.receive",
	 "{\"id\":\"" RECEIPT "\",\"document\":\"D-1\",\"lines\":[{\"product\":\"TEA\","
	 "\"quantity\":\"1000000\"},{\"product\":\"LOT\",\"quantity\":\"1000.5\",\"lot\":\"H1\"}]}",
	 NULL, NULL},
	{"sale.close",
	 "{\"id\":\"" SALE "\",\"customer_name\":\"Ada\",\"country\":\"UK\",\"lines\":[{\"product\":"
	 "\"TEA\",\"quantity\":\"100000\",\"unit_price\":\"0.01\"}]}", NULL, NULL},
	{"product.create",
	 "{\"sku\":\"EGG\",\"name\":\"Egg\",\"tracking\":\"lot\",\"picking\":\"fefo\"}", NULL, NULL},
	{"stock.receive",
	 "{\"lines\":[{\"product\":\"EGG\",\"quantity\":\"1\",\"lot\":\"E1\",\"expires\":"
	 "\"2998-01-01\"},{\"product\":\"EGG\",\"quantity\":\"100000\",\"lot\":\"E2\",\"expires\":"
	 "\"2999-01-01\"}]}", NULL, NULL},
};

#define STOCK_LINES \
	"\"lines\":[{\"product\":\"TEA\",\"quantity\":\"3\"}," \
	"{\"product\":\"LOT\",\"quantity\":\"0.125\",\"lot\":\"H1\"}]"

#define TRANSFER(kind) \
	"{\"id\":\"" ROUND_ID(kind) "\",\"from_location\":\"MAIN\",\"to_location\":\"SHELF\"," \
	"\"lines\":[" \
	"{\"product\":\"TEA\",\"quantity\":\"5\"},{\"product\":\"LOT\",\"quantity\":\"0.5\"}]}"
#define SHIPPING "transfer.create|transfer.request|transfer.ship"
#define SHIPPED(kind) \
	TRANSFER(kind) "|{\"ref\":\"" ROUND_ID(kind) "\"}|{\"transfer\":\"" ROUND_ID(kind) "\"," \
	"\"lines\":[{\"line\":1}]}"
#define SHEET(kind) \
	"{\"id\":\"" ROUND_ID(kind) "\",\"products\":[{\"product\":\"TEA\"},{\"product\":\"LOT\"}]}"
#define ENTRY(kind) \
	"{\"count\":\"" ROUND_ID(kind) "\",\"lines\":[{\"product\":\"TEA\",\"quantity\":\"900000\"}," \
	"{\"product\":\"LOT\",\"quantity\":\"1000\",\"lot\":\"H1\"}]}"
#define REVIEWING "count.open|count.enter|count.review"
#define REVIEWED(kind) \
	SHEET(kind) "|" ENTRY(kind) "|{\"count\":\"" ROUND_ID(kind) "\",\"accept_all\":true}"

#define UNIT(kind) \
	"{\"id\":\"" ROUND_ID(kind) "\",\"product\":\"TEA\",\"code\":\"v$\",\"numerator\":1," \
	"\"denominator\":2}"
#define RECIPE_LINES "\"lines\":[{\"component\":\"TEA\",\"quantity\":\"2\"}]"
#define KIT "{\"sku\":\"KIT$\",\"name\":\"Kit $\",\"stocking\":\"kit\"}"
#define RECIPE(kind) "{\"id\":\"" ROUND_ID(kind) "\",\"product\":\"KIT$\"," RECIPE_LINES "}"
#define MADE "{\"sku\":\"MADE$\",\"name\":\"Made $\"}"
#define MAKING(kind) \
	"{\"id\":\"" ROUND_ID(kind) "\",\"product\":\"MADE$\",\"kind\":\"assembly\"," \
	RECIPE_LINES "}"

static const call calls[] = {
	{"settings.get", "{}", NULL, NULL},
	{"settings.update", "{\"name\":\"Shop $\",\"day_start\":60}", NULL, NULL},
	{"category.create", "{\"code\":\"C$\",\"name\":\"Category $\",\"parent\":\"TEAS\"}",
	 NULL, NULL},
	{"category.get", "[{\"ref\":\"TEAS\"},{\"ref\":\"" TEAS "\"}]", NULL, NULL},
	{"category.list", "{\"filter\":\"name ^= \\\"T\\\"\",\"sort\":\"-name\",\"limit\":2}",
	 NULL, NULL},
	{"category.update", "{\"id\":\"" TEAS "\",\"name\":\"Teas $\"}", NULL, NULL},
	{"category.archive", "{\"ref\":\"A$\"}",
	 "category.create", "{\"code\":\"A$\",\"name\":\"Archived $\"}"},
	{"product.create",
	 "[{\"sku\":\"P$\",\"name\":\"Black tea $\",\"description\":\"Strong, for the morning\","
	 "\"category\":\"TEAS\",\"barcodes\":[\"B$\",\"BB$\"],\"unit\":\"kg\",\"decimals\":3,"
	 "\"list_price\":\"12.345\",\"tags\":[\"loose\",\"black\"],"
	 "\"attributes\":{\"a\":[1,2.5,null]}},"
	 "{\"sku\":\"V$\",\"name\":\"Green tea, small\",\"parent\":\"TEA\",\"options\":"
	 "[{\"name\":\"size\",\"value\":\"$\"}]}]", NULL, NULL},
	{"product.get", "[{\"ref\":\"tea\"},{\"ref\":\"4006381333931\"}]", NULL, NULL},
	{"product.list",
	 "{\"filter\":\"list_price >= 1 and category = TEAS\",\"sort\":\"-list_price,sku\"}",
	 NULL, NULL},
	{"product.search", "{\"words\":\"green te\"}", NULL, NULL},
	{"product.update",
	 "{\"id\":\"" TEA "\",\"name\":\"Green tea $\",\"tags\":[\"bio\",\"$\"],\"barcodes\":"
	 "[\"4006381333931\",\"U$\"],\"attributes\":{\"round\":\"$\"}}", NULL, NULL},
	{"product.archive", "{\"ref\":\"PA$\"}",
	 "product.create", "{\"sku\":\"PA$\",\"name\":\"Archived $\"}"},
	{"location.create",
	 "{\"code\":\"L$\",\"name\":\"Shelf $\",\"parent\":\"MAIN\",\"time_zone\":"
	 "\"GMT0BST,M3.5.0/1,M10.5.0\"}", NULL, NULL},
	{"location.get", "{\"ref\":\"SHELF\"}", NULL, NULL},
	{"location.list", "{\"filter\":\"kind = internal\",\"sort\":\"code\"}", NULL, NULL},
	{"location.update", "{\"id\":\"" SHELF "\",\"name\":\"Shelf $\"}", NULL, NULL},
	{"location.archive", "{\"ref\":\"LA$\"}",
	 "location.create", "{\"code\":\"LA$\",\"name\":\"Archived $\"}"},
	{"register.create", "{\"code\":\"T$\",\"name\":\"Till $\",\"location\":\"MAIN\"}", NULL, NULL},
	{"register.get", "{\"ref\":\"T2\"}", NULL, NULL},
	{"register.list", "{}", NULL, NULL},
	{"register.update", "{\"id\":\"" TILL "\",\"name\":\"Till $\"}", NULL, NULL},
	{"register.archive", "{\"ref\":\"TA$\"}",
	 "register.create", "{\"code\":\"TA$\",\"name\":\"Archived $\"}"},
	{"channel.create",
	 "{\"code\":\"CH$\",\"name\":\"Channel $\",\"guard\":\"backorder\",\"backorder_limit\":\"5\"}",
	 NULL, NULL},
	{"channel.get", "{\"ref\":\"WEB\"}", NULL, NULL},
	{"channel.list", "{\"sort\":\"-code\"}", NULL, NULL},
	{"channel.update", "{\"id\":\"" WEB "\",\"name\":\"Web $\"}", NULL, NULL},
	{"channel.archive", "{\"ref\":\"CA$\"}",
	 "channel.create", "{\"code\":\"CA$\",\"name\":\"Archived $\"}"},
	{"stock.receive", "{\"reason\":\"delivery\",\"document\":\"D-$\"," STOCK_LINES "}", NULL, NULL},
	{"stock.issue", "{\"reason\":\"sample\",\"note\":\"round $\"," STOCK_LINES "}", NULL, NULL},
	{"stock.move",
	 "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"2\",\"to_location\":\"SHELF\"},"
	 "{\"product\":\"TEA\",\"quantity\":\"1\",\"to_condition\":\"damaged\"}]}", NULL, NULL},
	{"stock.adjust", "{\"reason\":\"count\",\"lines\":[{\"product\":\"TEA\",\"quantity\":\"-1\"}]}",
	 NULL, NULL},
	{"stock.adjust",
	 "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"7\",\"condition\":\"hold\",\"set\":true}]}",
	 "stock.adjust",
	 "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"6\",\"condition\":\"hold\",\"set\":true}]}"},
	{"stock.reverse", "{\"posting\":\"" ROUND_ID("001") "\",\"reason\":\"mistake\"}",
	 "stock.receive", "{\"id\":\"" ROUND_ID("001") "\"," STOCK_LINES "}"},
	{"posting.get", "{\"ref\":\"" RECEIPT "\"}", NULL, NULL},
	{"posting.list", "{\"filter\":\"kind = receipt\",\"sort\":\"-occurred_at\",\"limit\":3}",
	 NULL, NULL},
	{"balance.get", "[{\"product\":\"TEA\",\"location\":\"MAIN\",\"subtree\":true},"
	 "{\"product\":\"LOT\"}]", NULL, NULL},
	{"balance.get", "{\"product\":\"TEA\",\"as_of\":\"2100-01-01T00:00:00Z\"}", NULL, NULL},
	{"balance.list", "{\"detail\":true,\"limit\":2}", NULL, NULL},
	{"balance.list", "{\"location\":\"MAIN\",\"subtree\":true}", NULL, NULL},
	{"move.list", "{\"filter\":\"product = TEA\",\"limit\":3}", NULL, NULL},
	{"reservation.hold",
	 "[{\"product\":\"TEA\",\"quantity\":\"2\",\"holder\":\"cart $\",\"deadline\":"
	 "\"2100-01-01T00:00:00Z\"},{\"product\":\"LOT\",\"quantity\":\"0.5\",\"lot\":\"H1\"},"
	 "{\"product\":\"TEA\",\"quantity\":\"1\",\"location\":\"MAIN\",\"subtree\":true}]",
	 NULL, NULL},
	{"reservation.extend",
	 "{\"reservation\":\"" ROUND_ID("010") "\",\"deadline\":\"2100-01-01T00:00:00Z\"}",
	 "reservation.hold",
	 "{\"id\":\"" ROUND_ID("010") "\",\"product\":\"LOT\",\"quantity\":\"0.5\"}"},
	{"reservation.bind",
	 "{\"reservation\":\"" ROUND_ID("011") "\",\"quantity\":\"0.25\",\"lot\":\"H1\"}",
	 "reservation.hold",
	 "{\"id\":\"" ROUND_ID("011") "\",\"product\":\"LOT\",\"quantity\":\"0.5\"}"},
	{"reservation.bind",
	 "{\"reservation\":\"" ROUND_ID("012") "\",\"location\":\"MAIN\",\"lot\":\"H1\"}",
	 "reservation.hold",
	 "{\"id\":\"" ROUND_ID("012") "\",\"product\":\"LOT\",\"quantity\":\"0.5\",\"subtree\":true}"},
	{"reservation.commit",
	 "{\"reservation\":\"" ROUND_ID("013") "\",\"quantity\":\"0.25\",\"lot\":\"H1\"}",
	 "reservation.hold",
	 "{\"id\":\"" ROUND_ID("013") "\",\"product\":\"LOT\",\"quantity\":\"0.5\"}"},
	{"stock.issue",
	 "{\"lines\":[{\"product\":\"LOT\",\"quantity\":\"0.5\",\"lot\":\"H1\",\"reservation\":"
	 "\"" ROUND_ID("014") "\"}]}",
	 "reservation.hold",
	 "{\"id\":\"" ROUND_ID("014") "\",\"product\":\"LOT\",\"quantity\":\"0.5\"}"},
	{"reservation.release", "{\"reservation\":\"" ROUND_ID("015") "\"}",
	 "reservation.hold",
	 "{\"id\":\"" ROUND_ID("015") "\",\"product\":\"LOT\",\"quantity\":\"0.5\"}"},
	{"reservation.cancel", "{\"reservation\":\"" ROUND_ID("016") "\"}",
	 "reservation.hold",
	 "{\"id\":\"" ROUND_ID("016") "\",\"product\":\"LOT\",\"quantity\":\"0.5\"}"},
	{"reservation.get", "{\"ref\":\"" ROUND_ID("017") "\"}",
	 "reservation.hold",
	 "{\"id\":\"" ROUND_ID("017") "\",\"product\":\"LOT\",\"quantity\":\"0.5\"}"},
	{"reservation.list", "{\"filter\":\"state = held\",\"sort\":\"deadline\",\"limit\":2}",
	 NULL, NULL},
	{"reorder.set",
	 "{\"product\":\"TEA\",\"min\":\"100000000\",\"pack\":\"6\",\"supplier\":\"S $\"}", NULL, NULL},
	{"reorder.list", "{\"limit\":2}", NULL, NULL},
	{"reorder.plan", "{\"sort\":\"-suggested\"}", NULL, NULL},
	{"reorder.remove", "{\"product\":\"LOT\"}",
	 "reorder.set", "{\"product\":\"LOT\",\"min\":\"1\"}"},
	{"lot.create",
	 "[{\"product\":\"LOT\",\"code\":\"N$\",\"expires\":\"2999-01-01\",\"attributes\":"
	 "{\"tank\":4}},{\"product\":\"EGG\",\"code\":\"N$\"}]", NULL, NULL},
	{"lot.get", "{\"product\":\"LOT\",\"code\":\"H1\"}", NULL, NULL},
	{"lot.list", "{\"filter\":\"product = LOT\",\"limit\":2}", NULL, NULL},
	{"lot.update", "{\"product\":\"LOT\",\"code\":\"H1\",\"note\":\"Note $\"}", NULL, NULL},
	{"lot.trace", "{\"product\":\"LOT\",\"lot\":\"H1\",\"limit\":2}", NULL, NULL},
	{"lot.trace", "{\"document\":\"D-1\"}", NULL, NULL},
	{"stock.receive",
	 "{\"lines\":[{\"product\":\"LOT\",\"quantity\":\"1\",\"lot\":\"R$\",\"expires\":"
	 "\"2999-01-01\"}]}", NULL, NULL},
	{"stock.plan_pick", "{\"product\":\"EGG\",\"quantity\":\"3\"}", NULL, NULL},
	{"stock.issue", "{\"lines\":[{\"product\":\"EGG\",\"quantity\":\"2\"}]}", NULL, NULL},
	{"reservation.commit", "{\"reservation\":\"" ROUND_ID("018") "\"}",
	 "reservation.hold",
	 "{\"id\":\"" ROUND_ID("018") "\",\"product\":\"EGG\",\"quantity\":\"1\"}"},
	{"transfer.create",
	 "{\"number\":\"T$\",\"from_location\":\"MAIN\",\"to_location\":\"SHELF\"," STOCK_LINES "}",
	 NULL, NULL},
	{"transfer.update", "{\"id\":\"" ROUND_ID("020") "\",\"note\":\"N\"," STOCK_LINES "}",
	 "transfer.create", TRANSFER("020")},
	{"transfer.request", "{\"ref\":\"" ROUND_ID("021") "\"}", "transfer.create", TRANSFER("021")},
	{"transfer.ship",
	 "{\"transfer\":\"" ROUND_ID("022") "\",\"lines\":[{\"line\":1},{\"line\":2,\"quantity\":"
	 "\"0.25\",\"lot\":\"H1\"}]}",
	 "transfer.create|transfer.request", TRANSFER("022") "|{\"ref\":\"" ROUND_ID("022") "\"}"},
	{"transfer.receive",
	 "{\"transfer\":\"" ROUND_ID("023") "\",\"lines\":[{\"line\":1,\"received\":\"1\","
	 "\"damaged\":\"1\",\"lost\":\"1\"}]}", SHIPPING, SHIPPED("023")},
	{"transfer.return", "{\"transfer\":\"" ROUND_ID("024") "\"}", SHIPPING, SHIPPED("024")},
	{"transfer.cancel", "{\"ref\":\"" ROUND_ID("025") "\"}", SHIPPING, SHIPPED("025")},
	{"transfer.close", "{\"ref\":\"" ROUND_ID("026") "\"}", SHIPPING "|transfer.return",
	 SHIPPED("026") "|{\"transfer\":\"" ROUND_ID("026") "\"}"},
	{"transfer.get", "{\"ref\":\"" ROUND_ID("027") "\"}", "transfer.create", TRANSFER("027")},
	{"transfer.list", "{\"sort\":\"-number\",\"limit\":2}", NULL, NULL},
	{"balance.get", "{\"product\":\"TEA\",\"expected\":true}", NULL, NULL},
	{"count.open", "{\"category\":\"TEAS\",\"subtree\":true,\"blind\":true}", NULL, NULL},
	{"count.enter",
	 "{\"count\":\"" ROUND_ID("030") "\",\"lines\":[{\"product\":\"TEA\",\"quantity\":\"900000\"},"
	 "{\"product\":\"LOT\",\"quantity\":\"1\",\"lot\":\"N$\"}]}", "count.open", SHEET("030")},
	{"count.review", "{\"count\":\"" ROUND_ID("031") "\",\"accept\":[{\"line\":1}]}",
	 "count.open|count.enter", SHEET("031") "|" ENTRY("031")},
	{"count.post", "{\"ref\":\"" ROUND_ID("032") "\"}", REVIEWING, REVIEWED("032")},
	{"stock.receive", "{\"occurred_at\":\"2001-01-01T00:00:00Z\"," STOCK_LINES "}",
	 REVIEWING "|count.post", REVIEWED("033") "|{\"ref\":\"" ROUND_ID("033") "\"}"},
	{"count.discard", "{\"ref\":\"" ROUND_ID("034") "\"}", "count.open", SHEET("034")},
	{"count.get", "{\"ref\":\"" ROUND_ID("035") "\"}", "count.open", SHEET("035")},
	{"count.list", "{\"sort\":\"-created_at\",\"limit\":2}", NULL, NULL},
	{"count.plan", "{\"by\":\"units\",\"limit\":2}", NULL, NULL},
	{"product_unit.create",
	 "{\"product\":\"TEA\",\"code\":\"u$\",\"numerator\":12,\"denominator\":1}", NULL, NULL},
	{"product_unit.get", "{\"ref\":\"" ROUND_ID("040") "\"}",
	 "product_unit.create", UNIT("040")},
	{"product_unit.list", "{\"filter\":\"product = TEA\",\"limit\":2}", NULL, NULL},
	{"product_unit.update", "{\"id\":\"" ROUND_ID("041") "\",\"numerator\":6}",
	 "product_unit.create", UNIT("041")},
	{"product_unit.archive", "{\"ref\":\"" ROUND_ID("042") "\"}",
	 "product_unit.create", UNIT("042")},
	{"product_unit.convert", "{\"product\":\"TEA\",\"quantity\":\"2\",\"from\":\"u$\"}",
	 "product_unit.create",
	 "{\"product\":\"TEA\",\"code\":\"u$\",\"numerator\":12,\"denominator\":1}"},
	{"stock.receive", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"2\",\"unit\":\"u$\"}]}",
	 "product_unit.create",
	 "{\"product\":\"TEA\",\"code\":\"u$\",\"numerator\":12,\"denominator\":1}"},
	{"recipe.create", "{\"product\":\"KIT$\"," RECIPE_LINES "}", "product.create", KIT},
	{"recipe.get", "{\"ref\":\"" ROUND_ID("043") "\"}", "product.create|recipe.create",
	 KIT "|" RECIPE("043")},
	{"recipe.list", "{\"limit\":2}", NULL, NULL},
	{"recipe.update",
	 "{\"id\":\"" ROUND_ID("044") "\",\"lines\":[{\"component\":\"TEA\",\"quantity\":\"5\"}]}",
	 "product.create|recipe.create", KIT "|" RECIPE("044")},
	{"recipe.archive", "{\"ref\":\"" ROUND_ID("045") "\"}",
	 "product.create|recipe.create", KIT "|" RECIPE("045")},
	{"recipe.available", "{\"product\":\"KIT$\"}",
	 "product.create|recipe.create", KIT "|" RECIPE("046")},
	{"stock.issue", "{\"lines\":[{\"product\":\"KIT$\",\"quantity\":\"1\"}]}",
	 "product.create|recipe.create", KIT "|" RECIPE("047")},
	{"stock.assemble", "{\"product\":\"MADE$\",\"quantity\":\"2\"}",
	 "product.create|recipe.create", MADE "|" MAKING("048")},
	{"stock.disassemble", "{\"product\":\"MADE$\",\"quantity\":\"1\"}",
	 "product.create|recipe.create|stock.assemble",
	 MADE "|" MAKING("049") "|{\"product\":\"MADE$\",\"quantity\":\"2\"}"},
	{"balance.changes", "{\"after\":3,\"limit\":20}", NULL, NULL},
	{"sale.close",
	 "{\"id\":\"" ROUND_ID("002") "\",\"customer\":\"C-1\",\"customer_name\":\"Ada $\","
	 "\"country\":\"UK\",\"lines\":[{\"product\":\"TEA\",\"quantity\":\"2\","
	 "\"use_list_price\":true,"
	 "\"discount\":\"0.10\"},{\"product\":\"POST\",\"quantity\":\"1\",\"unit_price\":\"4\"}],"
	 "\"tenders\":[{\"method\":\"card\",\"amount\":\"5\",\"reference\":\"R-$\"},"
	 "{\"method\":\"cash\",\"amount\":\"10\"}]}", NULL, NULL},
	{"sale.refund",
	 "{\"original\":\"" SALE "\",\"reason\":\"broken\",\"lines\":[{\"product\":\"TEA\","
	 "\"quantity\":\"1\",\"unit_price\":\"0.01\",\"original_line\":1,\"condition\":\"damaged\"}]}",
	 NULL, NULL},
	{"sale.get", "{\"ref\":\"" SALE "\"}", NULL, NULL},
	{"sale_line.list", "{\"filter\":\"country = UK\",\"sort\":\"-business_date\",\"limit\":3}",
	 NULL, NULL},
	{"sale.list", "{\"filter\":\"country = UK\",\"sort\":\"-total\",\"limit\":3}", NULL, NULL},
	{"sale.receipt", "{\"ref\":\"" SALE "\"}", NULL, NULL},
	{"report.sales", "{\"by\":\"product\",\"sort\":\"-revenue\"}", NULL, NULL},
	{"feed.read", "{\"after\":3,\"limit\":5}", NULL, NULL},
	{"feed.wait", "{\"after\":3,\"limit\":1,\"timeout_ms\":1000}", NULL, NULL},
	{"feed.acknowledge", "{\"consumer\":\"books-$\",\"position\":5}", NULL, NULL},
	{"audit.history", "{\"subject\":\"" TEA "\",\"limit\":3}", NULL, NULL},
	{"personal.forget", "{\"subject\":\"" ROUND_ID("003") "\"}",
	 "sale.close",
	 "{\"id\":\"" ROUND_ID("003") "\",\"customer_name\":\"Ada\",\"customer_contact\":\"ada@x.org\","
	 "\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\",\"unit_price\":\"1\"}]}"},
};

#define CALL_COUNT (sizeof calls / sizeof calls[0])
#define BASE_COUNT (sizeof base_calls / sizeof base_calls[0])

/* The part of a text in front of the next bar; *text is what is behind it, NULL at the end. */
static inline const char *call_part(const char **text, char *part, size_t size)
{
	size_t len = strcspn(*text, "|");

	snprintf(part, size, "%.*s", (int)len, *text);
	*text = (*text)[len] ? *text + len + 1 : NULL;
	return part;
}

/* `$` as the round's twelve digits. */
static inline inv_str call_text(const char *text, unsigned round, char *to, size_t size)
{
	size_t at = 0;

	for (; *text && at + 13 < size; text++) {
		if (*text != '$') {
			to[at++] = *text;
			continue;
		}
		for (unsigned digit = 12, left = round; digit-- > 0; left /= 10)
			to[at + digit] = (char)('0' + left % 10);
		at += 12;
	}
	to[at] = '\0';
	return (inv_str){to, at};
}

#endif
