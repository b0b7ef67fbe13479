/* SPDX-License-Identifier: MIT */
/* The sums as one JSON object. */
#define _DEFAULT_SOURCE 1 /* open_memstream */
#include "totals.h"

#include <stdlib.h>

#define TOP_PRODUCTS 10
#define TOP_COUNTRIES 5

static void print_string(FILE *out, inv_str text)
{
	fputc('"', out);
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || text.ptr[i] == '\\')
			fputc('\\', out);
		fputc(text.ptr[i], out);
	}
	fputc('"', out);
}

static const char *decimal(int64_t value, uint32_t scale, char text[24])
{
	inv_decimal_format(value, scale, text);
	return text;
}

static void print_units(FILE *out, const char *name, int64_t units)
{
	char text[24];

	fprintf(out, ", \"%s\": %s", name, decimal(units, 6, text));
}

static void print_money(FILE *out, const char *name, int64_t amount)
{
	char text[24];

	fprintf(out, ", \"%s\": \"%s\"", name, decimal(amount, 4, text));
}

static void print_count(FILE *out, const char *name, int64_t count)
{
	fprintf(out, ", \"%s\": %lld", name, (long long)count);
}

/* Rows of a report as they come. */
struct ranking {
	FILE *out;
	size_t left;
	bool started;
	bool units;
	bool folded; /* SKUs are compared by case folding; they are printed that way */
};

static bool print_month(void *ctx, const void *record)
{
	struct ranking *ranking = ctx;
	const inv_sales_total *row = record;
	char net[24];

	fprintf(ranking->out, "%s\"%s\": \"%s\"", ranking->started ? ", " : "", row->key.ptr,
	        decimal(row->net, 4, net));
	ranking->started = true;
	return true;
}

static bool print_rank(void *ctx, const void *record)
{
	struct ranking *ranking = ctx;
	const inv_sales_total *row = record;
	char key[256];
	char number[24];

	snprintf(key, sizeof key, "%s", row->key.ptr);
	if (ranking->folded)
		fold(key);
	fputs(ranking->started ? ", [" : "[", ranking->out);
	print_string(ranking->out, inv_str_of(key));
	if (ranking->units)
		fprintf(ranking->out, ", %s]", decimal(row->units_net, 6, number));
	else
		fprintf(ranking->out, ", \"%s\"]", decimal(row->net, 4, number));
	ranking->started = true;
	return --ranking->left > 0;
}

static inv_status print_reports(inv_session *session, FILE *out)
{
	const struct {
		const char *name;
		int32_t by;
		const char *sort;
		struct ranking ranking;
	} tops[] = {
		{"top10_skus_by_net_units", INV_SALES_GROUP_PRODUCT, "-units",
		 {.out = out, .left = TOP_PRODUCTS, .units = true, .folded = true}},
		{"top10_skus_by_net_revenue", INV_SALES_GROUP_PRODUCT, "-revenue",
		 {.out = out, .left = TOP_PRODUCTS, .folded = true}},
		{"top5_countries_by_net_revenue", INV_SALES_GROUP_COUNTRY, "-revenue",
		 {.out = out, .left = TOP_COUNTRIES}},
	};
	struct ranking months = {.out = out};
	inv_status status;

	fputs(", \"revenue_by_month\": {", out);
	status = each_total(session, INV_SALES_GROUP_MONTH, "",
	                    &(struct viewer){print_month, &months});
	fputs("}", out);
	for (size_t i = 0; i < sizeof tops / sizeof tops[0] && status == INV_OK; i++) {
		struct ranking ranking = tops[i].ranking;

		fprintf(out, ", \"%s\": [", tops[i].name);
		status = each_total(session, tops[i].by, tops[i].sort,
		                    &(struct viewer){print_rank, &ranking});
		fputs("]", out);
	}
	return status;
}

static void print_sums(FILE *out, struct totals *t)
{
	const inv_sales_total *sales = &t->by_kind[INV_SALE_KIND_SALE];
	const inv_sales_total *returns = &t->by_kind[INV_SALE_KIND_REFUND];
	const inv_sales_total *accounting = &t->by_kind[INV_SALE_KIND_ACCOUNTING];

	fprintf(out, "{\"lines\": %lld",
	        (long long)(sales->lines + returns->lines + accounting->lines + t->adjustment_lines));
	print_count(out, "documents",
	            sales->documents + returns->documents + accounting->documents + t->adjustments);
	fprintf(out, ", \"documents_by_kind\": {\"sale\": %lld", (long long)sales->documents);
	print_count(out, "return", returns->documents);
	print_count(out, "adjustment", t->adjustments);
	print_count(out, "accounting", accounting->documents);
	fputs("}", out);
	print_count(out, "skus_case_folded", t->products);
	print_count(out, "stocked_skus_case_folded", t->stocked);
	print_count(out, "customers", t->customers);
	print_count(out, "days", (int64_t)totals_days(t));
	print_units(out, "units_sold", sales->units_sold);
	print_units(out, "units_returned", returns->units_returned);
	print_units(out, "units_adjusted", t->adjusted);
	print_units(out, "units_net", sales->units_sold - returns->units_returned);
	print_money(out, "revenue_net", sales->net + returns->net + accounting->net);
	print_money(out, "sale_revenue", sales->sold);
	print_money(out, "return_revenue", returns->refunded);
	print_money(out, "accounting_revenue", accounting->accounting);
	print_money(out, "adjustment_revenue", 0);
}

static inv_status print_hash(inv_session *session, FILE *out)
{
	inv_error error = INV_ERROR_INIT;
	char hash[65];

	if (inv_store_state_hash(inv_session_store(session), hash, &error) != INV_OK)
		return report_error("state hash", &error);
	fprintf(out, ", \"state_hash\": \"%s\"", hash);
	return INV_OK;
}

static inv_status print_all(inv_session *session, const struct options *options, FILE *out)
{
	struct totals totals;
	inv_status status = totals_gather(session, &totals);

	if (status == INV_OK) {
		print_sums(out, &totals);
		status = print_reports(session, out);
	}
	if (status == INV_OK && options->opening) {
		print_units(out, "opening_stock_units", totals.opening);
		print_units(out, "closing_stock_units", totals.closing);
	}
	totals_free(&totals);
	return status == INV_OK ? print_hash(session, out) : status;
}

inv_status totals_print(inv_session *session, const struct options *options, double seconds,
                        size_t lines)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	inv_status status;

	if (!out)
		return report_text(INV_E_NO_MEMORY, NULL, "out of memory");
	status = print_all(session, options, out);
	fprintf(out, ", \"seconds\": %.3f, \"lines_per_second\": %.0f}", seconds,
	        seconds > 0 ? (double)lines / seconds : 0.0);
	if (fclose(out) != 0 && status == INV_OK)
		status = report_text(INV_E_NO_MEMORY, NULL, "out of memory");
	if (status == INV_OK && (printf("%s\n", text) < 0 || fflush(stdout) != 0))
		status = report_text(INV_E_IO, "standard output", "it cannot be written");
	free(text);
	return status;
}
