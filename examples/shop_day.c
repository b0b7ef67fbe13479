/* SPDX-License-Identifier: MIT */
/* A day in a small shop that is made up from a seed: it opens, receives goods, sells, takes
 * something back, counts its till and closes. The store stays behind as shop.db.
 *
 *   shop_day [SEED]
 */
#include <inventra/inventra.h>

#include <stdio.h>
#include <stdlib.h>

#define STORE "shop.db"
#define PRODUCTS 12
#define SALES 18
#define MOST_LINES 4
#define MINUTE INT64_C(60000000)
/* 2025-06-14T06:00:00Z: eight o'clock in the shop. */
#define OPENS INT64_C(1749880800000000)
#define BUSINESS_DATE "2025-06-14"

static const struct {
	const char *sku;
	const char *name;
	int64_t price; /* in cents */
} range[PRODUCTS] = {
	{"TEA-100", "Assam tea, 100 g", 490},       {"TEA-250", "Assam tea, 250 g", 1090},
	{"TEA-GRN", "Green tea, 100 g", 650},       {"COF-250", "House coffee, 250 g", 590},
	{"COF-1000", "House coffee, 1 kg", 1990},   {"COF-DEC", "Coffee without caffeine", 690},
	{"MUG-WHT", "Mug, white", 850},             {"MUG-BLU", "Mug, blue", 850},
	{"POT-1L", "Tea pot, 1 litre", 2990},       {"FIL-4", "Paper filters, size 4", 235},
	{"SUG-CAN", "Candy sugar, 500 g", 320},     {"BIS-OAT", "Oat biscuits", 275},
};

struct shop {
	inv_store *store;
	inv_session *session;
	uint64_t seed;
	int64_t opening[PRODUCTS];
	int64_t clock;
};

/* A number below `limit`, the same for the same seed everywhere (splitmix64). */
static int64_t pick(struct shop *shop, int64_t limit)
{
	uint64_t z = shop->seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (int64_t)((z ^ (z >> 31)) % (uint64_t)limit);
}

static inv_status fail(const struct shop *shop, const char *what, inv_status status)
{
	const inv_error *error = inv_session_error(shop->session);

	fprintf(stderr, "shop_day: %s: %s%s%s (%s)\n", what, error->field, *error->field ? ": " : "",
	        error->message, inv_schema_status(status)->name);
	return status;
}

/* ---- printing ---- */

static void heading(const char *text)
{
	printf("\n%s\n", text);
	for (size_t i = 0; text[i]; i++)
		putchar('-');
	putchar('\n');
}

/* An amount with two decimals. */
static const char *money(int64_t amount, char text[24])
{
	int64_t cents = (amount < 0 ? -amount : amount) / (INV_MONEY_ONE / 100);

	snprintf(text, 24, "%s%lld.%02lld", amount < 0 ? "-" : "", (long long)(cents / 100),
	         (long long)(cents % 100));
	return text;
}

static long long units(int64_t quantity)
{
	return (long long)(quantity / INV_QUANTITY_ONE);
}

/* ---- the shop opens ---- */

static inv_status settle(struct shop *shop)
{
	inv_settings settings = INV_SETTINGS_INIT;
	inv_options options = INV_OPTIONS_INIT;
	inv_status status;

	settings.name = INV_S("Tea & Coffee, Market Street 4");
	settings.base_currency = INV_S("EUR");
	settings.time_zone = INV_S("CET-1CEST,M3.5.0,M10.5.0/3");
	inv_fields_set(&options.fields, INV_F_SETTINGS_NAME);
	inv_fields_set(&options.fields, INV_F_SETTINGS_BASE_CURRENCY);
	inv_fields_set(&options.fields, INV_F_SETTINGS_TIME_ZONE);
	status = inv_settings_update(shop->session, &settings, 1, &options, NULL);
	return status == INV_OK ? INV_OK : fail(shop, "settings", status);
}

static inv_status add_products(struct shop *shop)
{
	inv_product products[PRODUCTS];
	inv_status status;

	for (size_t i = 0; i < PRODUCTS; i++) {
		products[i] = (inv_product)INV_PRODUCT_INIT;
		products[i].sku = inv_str_of(range[i].sku);
		products[i].name = inv_str_of(range[i].name);
		products[i].list_price = range[i].price * (INV_MONEY_ONE / 100);
	}
	status = inv_product_create(shop->session, products, PRODUCTS, NULL, NULL);
	return status == INV_OK ? INV_OK : fail(shop, "products", status);
}

static inv_status receive(struct shop *shop)
{
	inv_stock_line lines[PRODUCTS];
	inv_stock_entry delivery = INV_STOCK_ENTRY_INIT;
	inv_status status;

	for (size_t i = 0; i < PRODUCTS; i++) {
		lines[i] = (inv_stock_line)INV_STOCK_LINE_INIT;
		lines[i].product = inv_ref_code(range[i].sku);
		lines[i].quantity = (12 + pick(shop, 5) * 6) * INV_QUANTITY_ONE;
		shop->opening[i] = lines[i].quantity;
	}
	delivery.occurred_at = OPENS - 30 * MINUTE;
	delivery.reason = INV_S("delivery");
	delivery.document = INV_S("DN-2025-117");
	delivery.lines = INV_LIST_OF(lines, PRODUCTS);
	status = inv_stock_receive(shop->session, &delivery, 1, NULL, NULL);
	return status == INV_OK ? INV_OK : fail(shop, "delivery", status);
}

static void print_opening(const struct shop *shop)
{
	char text[24];

	heading("Received before opening: delivery note DN-2025-117");
	printf("%-10s %-26s %10s %6s\n", "SKU", "Name", "Price", "Units");
	for (size_t i = 0; i < PRODUCTS; i++)
		printf("%-10s %-26s %10s %6lld\n", range[i].sku, range[i].name,
		       money(range[i].price * (INV_MONEY_ONE / 100), text), units(shop->opening[i]));
}

/* ---- the shop sells ---- */

/* A basket of different products at list price; returns what it comes to. */
static int64_t fill_basket(struct shop *shop, inv_sale_line *lines, size_t count)
{
	int64_t first = pick(shop, PRODUCTS);
	int64_t due = 0;

	for (size_t i = 0; i < count; i++) {
		size_t product = (size_t)((first + (int64_t)i * 5) % PRODUCTS); /* no two are the same */
		int64_t quantity = 1 + pick(shop, 3);
		int64_t price = range[product].price * (INV_MONEY_ONE / 100);

		lines[i] = (inv_sale_line)INV_SALE_LINE_INIT;
		lines[i].product = inv_ref_code(range[product].sku);
		lines[i].quantity = quantity * INV_QUANTITY_ONE;
		lines[i].use_list_price = 1;
		if (quantity == 3) /* three for less */
			lines[i].discount = INV_MONEY_ONE / 2;
		due += quantity * price - lines[i].discount;
	}
	return due;
}

/* Cash in notes of five, a card, or a voucher of five euros and the rest by card. */
static size_t pay(struct shop *shop, int64_t due, inv_tender tenders[2])
{
	const int64_t five = 5 * INV_MONEY_ONE;
	int64_t way = pick(shop, 4);

	tenders[0] = (inv_tender)INV_TENDER_INIT;
	tenders[1] = (inv_tender)INV_TENDER_INIT;
	tenders[0].method = way < 2 ? INV_S("cash") : INV_S("card");
	if (way < 2)
		tenders[0].amount = (due + five - 1) / five * five;
	if (way < 3 || due <= five)
		return 1;
	tenders[0].method = INV_S("voucher");
	tenders[0].amount = five;
	tenders[1].method = INV_S("card"); /* no amount: what is still due */
	return 2;
}

static inv_status sell(struct shop *shop)
{
	inv_sale_line lines[MOST_LINES];
	inv_tender tenders[2];
	inv_sale sale = INV_SALE_INIT;
	size_t count = (size_t)(1 + pick(shop, MOST_LINES));
	int64_t due = fill_basket(shop, lines, count);

	shop->clock += (5 + pick(shop, 40)) * MINUTE;
	sale.occurred_at = shop->clock;
	sale.lines = INV_LIST_OF(lines, count);
	sale.tenders = INV_LIST_OF(tenders, pay(shop, due, tenders));
	return inv_sale_close(shop->session, &sale, 1, NULL, NULL);
}

static inv_status sell_all_day(struct shop *shop)
{
	shop->clock = OPENS;
	for (int i = 0; i < SALES; i++) {
		inv_status status = sell(shop);

		if (status == INV_E_INSUFFICIENT) /* the shelf is empty: the customer leaves */
			printf("(not sold: %s)\n", inv_session_error(shop->session)->message);
		else if (status != INV_OK)
			return fail(shop, "sale", status);
	}
	return INV_OK;
}

/* The guard: what is not there cannot be sold, whoever asks. */
static inv_status oversell(struct shop *shop)
{
	inv_sale_line line = INV_SALE_LINE_INIT;
	inv_sale sale = INV_SALE_INIT;
	inv_status status;

	line.product = inv_ref_code(range[0].sku);
	line.quantity = 500 * INV_QUANTITY_ONE;
	line.use_list_price = 1;
	sale.occurred_at = shop->clock;
	sale.lines = INV_LIST_OF(&line, 1);
	status = inv_sale_close(shop->session, &sale, 1, NULL, NULL);
	if (status != INV_E_INSUFFICIENT)
		return fail(shop, "selling what is not there", status);
	printf("\nSelling 500 of %s is refused: %s.\n", range[0].sku,
	       inv_session_error(shop->session)->message);
	return INV_OK;
}

/* ---- what the store knows of the day ---- */

/* All sales of the day with their lines and tenders; the caller frees the result. */
static inv_status read_sales(struct shop *shop, inv_result **out)
{
	inv_query query = INV_QUERY_INIT;
	inv_lookup which[SALES + 1];
	inv_result *list = NULL;
	inv_status status;
	size_t count;

	query.filter = INV_S("business_date = " BUSINESS_DATE);
	query.sort = INV_S("number");
	status = inv_sale_list(shop->session, &query, 1, NULL, &list);
	if (status != INV_OK)
		return fail(shop, "list of sales", status);
	count = inv_result_count(list);
	for (size_t i = 0; i < count && i < SALES + 1; i++) {
		which[i] = (inv_lookup)INV_LOOKUP_INIT;
		which[i].ref = inv_ref_of(INV_AT(list, inv_sale, i)->id);
	}
	status = inv_sale_get(shop->session, which, count, NULL, out);
	inv_result_free(list);
	return status == INV_OK ? INV_OK : fail(shop, "sales", status);
}

static void print_sale(const inv_sale *sale)
{
	char instant[40];
	char total[24];

	inv_instant_format(sale->occurred_at + 120 * MINUTE, instant); /* the shop's summer time */
	printf("%-8s %.5s %6zu %10s  ", sale->ticket.ptr, instant + 11, sale->lines.count,
	       money(sale->total, total));
	for (size_t i = 0; i < sale->tenders.count; i++)
		printf("%s%s", i > 0 ? " + " : "",
		       INV_LIST_AT(sale->tenders, inv_tender, i)->method.ptr);
	putchar('\n');
}

static inv_status print_sales(struct shop *shop, inv_id *largest)
{
	inv_result *sales = NULL;
	inv_status status = read_sales(shop, &sales);
	int64_t most = 0;

	if (status != INV_OK)
		return status;
	heading("Sales of the day");
	printf("%-8s %5s %6s %10s  %s\n", "Ticket", "Time", "Lines", "Total", "Paid by");
	for (size_t i = 0; i < inv_result_count(sales); i++) {
		const inv_sale *sale = INV_AT(sales, inv_sale, i);

		print_sale(sale);
		if (sale->total > most) {
			most = sale->total;
			*largest = sale->id;
		}
	}
	inv_result_free(sales);
	return INV_OK;
}

static inv_status print_receipt(struct shop *shop, inv_id sale)
{
	inv_lookup which = INV_LOOKUP_INIT;
	inv_result *result = NULL;
	inv_status status;

	which.ref = inv_ref_of(sale);
	status = inv_sale_receipt(shop->session, &which, 1, NULL, &result);
	if (status != INV_OK)
		return fail(shop, "receipt", status);
	heading("The largest sale's receipt");
	printf("%s\n", INV_AT(result, inv_receipt, 0)->text.ptr);
	inv_result_free(result);
	return INV_OK;
}

/* One unit of the sale's first line comes back, unharmed. */
static inv_status refund(struct shop *shop, inv_id original)
{
	inv_lookup which = INV_LOOKUP_INIT;
	inv_sale_line line = INV_SALE_LINE_INIT;
	inv_tender tender = INV_TENDER_INIT;
	inv_sale back = INV_SALE_INIT;
	inv_result *sale = NULL;
	inv_result *result = NULL;
	const inv_sale_line *sold;
	inv_status status;
	char text[24];

	which.ref = inv_ref_of(original);
	status = inv_sale_get(shop->session, &which, 1, NULL, &sale);
	if (status != INV_OK)
		return fail(shop, "sale", status);
	sold = INV_LIST_AT(INV_AT(sale, inv_sale, 0)->lines, inv_sale_line, 0);
	line.product = inv_ref_of(sold->product.id);
	line.quantity = INV_QUANTITY_ONE;
	line.unit_price = sold->unit_price;
	line.original_line = 1;
	tender.method = INV_S("cash");
	back.original = inv_ref_of(original);
	back.occurred_at = shop->clock + 15 * MINUTE;
	back.reason = INV_S("changed-mind");
	back.lines = INV_LIST_OF(&line, 1);
	back.tenders = INV_LIST_OF(&tender, 1);
	status = inv_sale_refund(shop->session, &back, 1, NULL, &result);
	if (status == INV_OK) {
		const inv_sale *done = INV_AT(result, inv_sale, 0);

		printf("Taken back: one %s; ticket %s, %s in cash.\n", sold->name.ptr, done->ticket.ptr,
		       money(done->total, text));
	} else {
		fail(shop, "refund", status);
	}
	inv_result_free(result);
	inv_result_free(sale);
	return status;
}

/* ---- the shop closes ---- */

struct drawer {
	const char *method;
	int64_t amount;
	int64_t payments;
};

static void count_tenders(const inv_sale *sale, struct drawer *drawers, size_t count)
{
	for (size_t i = 0; i < sale->tenders.count; i++) {
		const inv_tender *tender = INV_LIST_AT(sale->tenders, inv_tender, i);

		for (size_t d = 0; d < count; d++) {
			if (strcmp(drawers[d].method, tender->method.ptr) != 0)
				continue;
			drawers[d].amount += tender->amount;
			drawers[d].payments++;
		}
	}
	drawers[0].amount -= sale->change; /* is given in cash */
}

static inv_status print_till(struct shop *shop)
{
	struct drawer drawers[] = {{"cash", 0, 0}, {"card", 0, 0}, {"voucher", 0, 0}};
	const size_t count = sizeof drawers / sizeof drawers[0];
	inv_result *sales = NULL;
	inv_status status = read_sales(shop, &sales);
	int64_t total = 0;
	char text[24];

	if (status != INV_OK)
		return status;
	for (size_t i = 0; i < inv_result_count(sales); i++) {
		total += INV_AT(sales, inv_sale, i)->total;
		count_tenders(INV_AT(sales, inv_sale, i), drawers, count);
	}
	inv_result_free(sales);
	heading("The till at closing");
	printf("%-8s %8s %10s\n", "Tender", "Payments", "Amount");
	for (size_t i = 0; i < count; i++) {
		printf("%-8s %8lld %10s\n", drawers[i].method, (long long)drawers[i].payments,
		       money(drawers[i].amount, text));
		total -= drawers[i].amount;
	}
	printf("The tickets and the till agree: %s\n", total == 0 ? "yes" : "NO");
	return INV_OK;
}

static inv_status print_closing(struct shop *shop)
{
	inv_balance_query query[PRODUCTS];
	inv_result *left = NULL;
	inv_status status;

	for (size_t i = 0; i < PRODUCTS; i++) {
		query[i] = (inv_balance_query)INV_BALANCE_QUERY_INIT;
		query[i].product = inv_ref_code(range[i].sku);
	}
	status = inv_balance_get(shop->session, query, PRODUCTS, NULL, &left);
	if (status != INV_OK)
		return fail(shop, "balances", status);
	heading("Stock at closing");
	printf("%-10s %-26s %8s %6s %6s\n", "SKU", "Name", "Received", "Sold", "Left");
	for (size_t i = 0; i < PRODUCTS; i++) {
		int64_t on_hand = INV_AT(left, inv_balance, i)->on_hand;

		printf("%-10s %-26s %8lld %6lld %6lld\n", range[i].sku, range[i].name,
		       units(shop->opening[i]), units(shop->opening[i] - on_hand), units(on_hand));
	}
	inv_result_free(left);
	return INV_OK;
}

static inv_status verify(struct shop *shop)
{
	inv_verify_report report = INV_VERIFY_REPORT_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_status status = inv_store_verify(shop->store, NULL, &report, &error);

	if (status == INV_OK)
		printf("\nEverything was computed again from the journal's %lld events, and agrees.\n",
		       (long long)report.events);
	else
		fprintf(stderr, "shop_day: verify: %s %s\n", error.message, report.first_divergence);
	return status;
}

static inv_status spend_the_day(struct shop *shop)
{
	inv_id largest = {{0}};
	inv_status status = settle(shop);

	if (status == INV_OK)
		status = add_products(shop);
	if (status == INV_OK)
		status = receive(shop);
	if (status == INV_OK)
		print_opening(shop);
	if (status == INV_OK)
		status = sell_all_day(shop);
	if (status == INV_OK)
		status = print_sales(shop, &largest);
	if (status == INV_OK)
		status = oversell(shop);
	if (status == INV_OK)
		status = print_receipt(shop, largest);
	if (status == INV_OK)
		status = refund(shop, largest);
	if (status == INV_OK)
		status = print_till(shop);
	if (status == INV_OK)
		status = print_closing(shop);
	return status == INV_OK ? verify(shop) : status;
}

/* ---- the program ---- */

/* The command stands beside the examples: PREFIX/examples/shop_day, PREFIX/bin/inventra. */
static void name_commands(const char *program)
{
	const char *slash = strrchr(program, '/');
	int len = slash ? (int)(slash - program) : 0;

	while (len > 0 && program[len - 1] != '/')
		len--;
	printf("\nThe store is %s. Try:\n", STORE);
	printf("  %.*s%sinventra sales list\n", len, program, len > 0 ? "bin/" : "");
	printf("  %.*s%sinventra balances get %s %s\n", len, program, len > 0 ? "bin/" : "",
	       range[0].sku, range[3].sku);
	printf("  %.*s%sinventra report sales product --sort=-revenue\n", len, program,
	       len > 0 ? "bin/" : "");
}

static bool remove_old_store(void)
{
	static const char *const files[] = {STORE, STORE "-wal", STORE "-shm", STORE "-inv"};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		FILE *there = fopen(files[i], "rb");

		if (!there)
			continue;
		fclose(there);
		if (remove(files[i]) != 0) {
			perror(files[i]);
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_session_options who = INV_SESSION_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	struct shop shop = {.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1};
	inv_status status;

	if (!remove_old_store())
		return 1;
	options.url = STORE;
	options.source = "shop_day";
	who.actor = INV_S("anna");
	status = inv_store_open(&options, &shop.store, &error);
	if (status == INV_OK)
		status = inv_session_open(shop.store, &who, &shop.session, &error);
	if (status != INV_OK)
		fprintf(stderr, "shop_day: %s: %s\n", STORE, error.message);
	else
		status = spend_the_day(&shop);
	inv_session_close(shop.session);
	inv_store_close(shop.store);
	if (status == INV_OK)
		name_commands(argv[0]);
	return inv_schema_status(status)->exit_code;
}
