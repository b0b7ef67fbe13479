/* SPDX-License-Identifier: MIT */
/* Pairs of measurements, and the table they are printed in. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

void bench_sort(double *values, size_t count)
{
	qsort(values, count, sizeof values[0], by_value);
}

double bench_median(const double *values, size_t count)
{
	double sorted[64];

	if (count == 0 || count > 64) {
		return 0;
	}
	memcpy(sorted, values, count * sizeof values[0]);
	bench_sort(sorted, count);
	return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

typedef struct summary {
	double ours;
	double base;
	double ratio;
	double low; /* smallest and largest ratio of the pairs */
	double high;
	bool has_ours;
	bool has_base;
	bool ok;
} summary;

static summary summarise(const bench_figure *figure, const double *ours, const double *base,
                         size_t pairs)
{
	summary s = {.has_ours = ours != NULL, .has_base = base != NULL, .ok = true};
	double ratios[64];

	s.ours = ours ? bench_median(ours, pairs) : 0;
	s.base = base ? bench_median(base, pairs) : 0;
	if (!ours || !base || pairs == 0 || pairs > 64) {
		return s;
	}
	for (size_t i = 0; i < pairs; i++) {
		ratios[i] = base[i] > 0 ? ours[i] / base[i] : 0;
	}
	bench_sort(ratios, pairs);
	s.low = ratios[0];
	s.high = ratios[pairs - 1];
	s.ratio = bench_median(ratios, pairs);
	s.ok = figure->rule == BENCH_NO_GOAL ||
	       (figure->rule == BENCH_AT_LEAST ? s.ratio >= figure->goal : s.ratio <= figure->goal);
	return s;
}

/* Three significant digits are all that the noise leaves. */
static void number_text(bool there, double value, char out[32])
{
	if (!there) {
		snprintf(out, 32, "-");
	} else if (value >= 100) {
		snprintf(out, 32, "%.0f", value);
	} else {
		snprintf(out, 32, "%.*f", value >= 10 ? 1 : 2, value);
	}
}

static void print_json(const bench *b, const bench_figure *figure, const summary *s)
{
	bool both = s->has_ours && s->has_base;

	printf("{\"bench\":\"%s\",\"figure\":\"%s\",\"unit\":\"%s\",\"base\":\"%s\"", b->name,
	       figure->name, figure->unit, figure->base ? figure->base : "floor");
	if (s->has_ours) {
		printf(",\"ours\":%.6g", s->ours);
	}
	if (s->has_base) {
		printf(",\"base_value\":%.6g", s->base);
	}
	if (both) {
		printf(",\"ratio\":%.4g,\"ratio_low\":%.4g,\"ratio_high\":%.4g", s->ratio, s->low, s->high);
	}
	if (both && figure->rule != BENCH_NO_GOAL) {
		printf(",\"goal\":%.4g,\"rule\":\"%s\",\"ok\":%s", figure->goal,
		       figure->rule == BENCH_AT_LEAST ? ">=" : "<=", s->ok ? "true" : "false");
	}
	puts("}");
}

static void print_header(bench *b)
{
	if (b->header_printed) {
		return;
	}
	b->header_printed = true;
	printf("%s%s\n", b->name, b->quick ? " (quick)" : "");
	printf("  %-46s %-9s %10s %10s  %-18s %-8s\n", "figure", "unit", "ours", "base",
	       "ratio (low-high)", "goal");
}

static void print_row(bench *b, const bench_figure *figure, const summary *s)
{
	char ours[32];
	char base[32];
	char ratio[64] = "-";
	char goal[32] = "";
	bool both = s->has_ours && s->has_base;
	char name[96];

	print_header(b);
	number_text(s->has_ours, s->ours, ours);
	number_text(s->has_base, s->base, base);
	if (both) {
		snprintf(ratio, sizeof ratio, "%.2f (%.2f-%.2f)", s->ratio, s->low, s->high);
	}
	if (both && figure->rule != BENCH_NO_GOAL) {
		snprintf(goal, sizeof goal, "%s %.2f",
		         figure->rule == BENCH_AT_LEAST ? ">=" : "<=", figure->goal);
	}
	snprintf(name, sizeof name, "%s%s%s", figure->name, figure->base ? " / " : "",
	         figure->base ? figure->base : "");
	printf("  %-46s %-9s %10s %10s  %-18s %-8s %s\n", name, figure->unit, ours, base, ratio, goal,
	       goal[0] ? (s->ok ? "ok" : "MISS") : "");
}

void bench_report(bench *b, const bench_figure *figure, const double *ours, const double *base,
                  size_t pairs)
{
	summary s = summarise(figure, ours, base, pairs);

	b->missed += s.ok ? 0 : 1;
	if (b->json) {
		print_json(b, figure, &s);
	} else {
		print_row(b, figure, &s);
	}
	fflush(stdout);
}

bool bench_compare(bench *b, const bench_figure *figure, bench_side ours, bench_side base)
{
	double ours_values[BENCH_PAIRS] = {0};
	double base_values[BENCH_PAIRS] = {0};
	size_t pairs = bench_pairs(b);
	bool with_ours = !b->floor_only || figure->of_floor;

	if (b->floor_only && figure->base && !figure->of_floor) {
		return true;
	}
	for (size_t i = 0; i < pairs; i++) {
		if (!base.run(base.ctx, &base_values[i])) {
			return false;
		}
		if (with_ours && !ours.run(ours.ctx, &ours_values[i])) {
			return false;
		}
	}
	bench_report(b, figure, with_ours ? ours_values : NULL, base_values, pairs);
	return true;
}
