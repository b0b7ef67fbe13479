/* SPDX-License-Identifier: MIT */
/* Books each document as one command, several to a commit if so asked. */
#include "replay.h"

#include <stdlib.h>

#define ATTEMPTS 5
#define SHOW_EVERY 100 /* documents between two lines of progress */

struct booking {
	inv_session *session;
	const struct options *options;
	struct till_file *file;
	inv_sale_line *sale_lines;
	inv_stock_line *stock_lines;
	bool watched;
};

/* ---- one document ---- */

static const struct line *line_of(const struct booking *b, const struct document *d, uint32_t i)
{
	return &b->file->lines[b->file->order[d->first + i]];
}

static inv_status book_correction(struct booking *b, const struct document *d,
                                  const inv_options *options)
{
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;

	for (uint32_t i = 0; i < d->count; i++) {
		const struct line *line = line_of(b, d, i);

		b->stock_lines[i] = (inv_stock_line)INV_STOCK_LINE_INIT;
		b->stock_lines[i].product = inv_ref_of(b->file->products[line->product].id);
		b->stock_lines[i].quantity = line->quantity;
	}
	entry.occurred_at = d->at;
	entry.reason = INV_S(REASON_ADJUSTMENT);
	entry.document = inv_str_of(d->number);
	entry.lines = INV_LIST_OF(b->stock_lines, d->count);
	return inv_stock_adjust(b->session, &entry, 1, options, NULL);
}

static inv_status book_sale(struct booking *b, const struct document *d,
                            const inv_options *options)
{
	inv_sale sale = INV_SALE_INIT;
	inv_tender tender = INV_TENDER_INIT;

	for (uint32_t i = 0; i < d->count; i++) {
		const struct line *line = line_of(b, d, i);

		b->sale_lines[i] = (inv_sale_line)INV_SALE_LINE_INIT;
		b->sale_lines[i].product = inv_ref_of(b->file->products[line->product].id);
		b->sale_lines[i].quantity = d->kind == KIND_RETURN ? -line->quantity : line->quantity;
		b->sale_lines[i].unit_price = line->price;
	}
	tender.method = INV_S("account"); /* the amount stays 0: all that is due */
	sale.occurred_at = d->at;
	sale.document = inv_str_of(d->number);
	sale.customer = inv_str_of(d->customer);
	sale.country = inv_str_of(d->country);
	sale.lines = INV_LIST_OF(b->sale_lines, d->count);
	sale.tenders = INV_LIST_OF(&tender, 1);
	if (d->kind == KIND_RETURN)
		return inv_sale_refund(b->session, &sale, 1, options, NULL);
	if (d->kind == KIND_ACCOUNTING)
		sale.kind = INV_SALE_KIND_ACCOUNTING;
	return inv_sale_close(b->session, &sale, 1, options, NULL);
}

static inv_status book(struct booking *b, const struct document *d)
{
	inv_options options = INV_OPTIONS_INIT;

	options.key = inv_str_of(d->number);
	if (d->kind == KIND_ADJUSTMENT)
		return book_correction(b, d, &options);
	return book_sale(b, d, &options);
}

/* ---- documents that are refused ---- */

/* The document is at fault, not the store: the next one may succeed. */
static bool is_refusal(inv_status status)
{
	switch (status) {
	case INV_E_INVALID:
	case INV_E_NOT_FOUND:
	case INV_E_EXISTS:
	case INV_E_CONFLICT:
	case INV_E_STATE:
	case INV_E_INSUFFICIENT:
	case INV_E_KEY_REUSED:
	case INV_E_LIMIT:
		return true;
	default:
		return false;
	}
}

static void say_refused(struct document *d, const inv_error *error)
{
	char where[340];

	if (d->reported)
		return; /* by an attempt before this one */
	d->reported = true;
	snprintf(where, sizeof where, "%s (line %llu)", d->number, (unsigned long long)d->file_line);
	report_error(where, error);
}

/* ---- documents that are committed together ---- */

/* What an attempt came to. With a refusal that ends the run, `done` are those before it. */
struct outcome {
	inv_status status;
	size_t done;
	inv_error error;
};

static void remember(struct booking *b, struct outcome *outcome, inv_status status)
{
	outcome->status = status;
	outcome->error = *inv_session_error(b->session);
	outcome->error.status = status;
}

static void book_each(struct booking *b, struct document *documents, size_t count,
                      struct outcome *outcome)
{
	for (size_t i = 0; i < count; i++) {
		inv_status status = documents[i].bad ? INV_OK : book(b, &documents[i]);

		if (is_refusal(status)) {
			say_refused(&documents[i], inv_session_error(b->session));
			documents[i].bad = true;
		}
		if (status != INV_OK && !(is_refusal(status) && b->options->skip)) {
			remember(b, outcome, status);
			return;
		}
		outcome->done = i + 1;
	}
}

/* A refusal leaves no trace and the documents before it stay: they are committed all the same. */
static void attempt(struct booking *b, struct document *documents, size_t count,
                    struct outcome *outcome)
{
	inv_status status;

	memset(outcome, 0, sizeof *outcome);
	if (count == 1) {
		book_each(b, documents, count, outcome);
		return;
	}
	status = inv_begin(b->session);
	if (status != INV_OK) {
		remember(b, outcome, status);
		return;
	}
	book_each(b, documents, count, outcome);
	if (outcome->status != INV_OK && !is_refusal(outcome->status)) {
		inv_rollback(b->session); /* it may be gone already; either way nothing of it stays */
		outcome->done = 0;
		return;
	}
	status = inv_commit(b->session);
	if (status != INV_OK) {
		remember(b, outcome, status);
		outcome->done = 0;
	}
}

static inv_status acknowledge(const struct booking *b, const struct document *documents,
                              size_t count)
{
	if (!b->options->acks)
		return INV_OK;
	for (size_t i = 0; i < count; i++)
		if (!documents[i].bad)
			printf("%s\n", documents[i].number);
	if (fflush(stdout) != 0)
		return report_text(INV_E_IO, "standard output", "it cannot be written");
	return INV_OK;
}

/* A transaction that took too long is tried again with fewer documents; a command whose outcome is
 * not known is simply sent again, because its key says whether it was done. */
static inv_status book_together(struct booking *b, struct document *documents, size_t count,
                                size_t *done)
{
	struct outcome outcome = {.status = INV_OK};
	inv_status status;

	for (int tries = 0; tries < ATTEMPTS;) {
		attempt(b, documents, count, &outcome);
		if (outcome.status == INV_E_TIMEOUT && count > 1)
			count /= 2;
		else if (outcome.status != INV_OK && inv_schema_status(outcome.status)->retryable)
			tries++;
		else
			break;
	}
	*done = outcome.done;
	status = acknowledge(b, documents, outcome.done);
	if (outcome.status == INV_OK)
		return status;
	if (!is_refusal(outcome.status))
		report_error(NULL, &outcome.error);
	return outcome.status;
}

/* ---- all of them ---- */

static void show_progress(const struct booking *b, size_t done)
{
	if (b->watched)
		fprintf(stderr, "\r%zu of %zu documents%s", done, b->file->document_count,
		        done == b->file->document_count ? "\n" : "");
}

static inv_status book_all(struct booking *b)
{
	size_t total = b->file->document_count;
	size_t shown = 0;
	size_t at = 0;
	inv_status status = INV_OK;

	while (at < total && status == INV_OK) {
		size_t count = (size_t)b->options->batch;
		size_t done = 0;

		status = book_together(b, b->file->documents + at, count < total - at ? count : total - at,
		                       &done);
		at += done;
		if (at - shown >= SHOW_EVERY || at == total) {
			show_progress(b, at);
			shown = at;
		}
	}
	return status;
}

inv_status book_documents(inv_session *session, const struct options *options,
                          struct till_file *file)
{
	struct booking b = {
		.session = session, .options = options, .file = file, .watched = is_watched()};
	uint32_t most = 1;
	inv_status status;

	for (size_t i = 0; i < file->document_count; i++)
		if (file->documents[i].count > most)
			most = file->documents[i].count;
	b.sale_lines = calloc(most, sizeof *b.sale_lines);
	b.stock_lines = calloc(most, sizeof *b.stock_lines);
	if (b.sale_lines && b.stock_lines)
		status = book_all(&b);
	else
		status = report_text(INV_E_NO_MEMORY, NULL, "out of memory");
	free(b.sale_lines);
	free(b.stock_lines);
	return status;
}
