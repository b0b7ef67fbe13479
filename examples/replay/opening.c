/* SPDX-License-Identifier: MIT */
/* The file says nothing of opening stock: the smallest with which no document is refused is found
 * by running through it once, and is received a day before the first document. */
#include "replay.h"

#include <stdlib.h>

#define MICROSECONDS_A_DAY INT64_C(86400000000)

/* What a line does to stock. */
static int64_t change_of(const struct document *document, int64_t quantity)
{
	switch (document->kind) {
	case KIND_SALE:
	case KIND_RETURN: /* negative in the file: the goods come back */
		return -quantity;
	case KIND_ADJUSTMENT:
		return quantity;
	default:
		return 0;
	}
}

/* A document's lines are added up before they are checked, so the check comes behind its last. */
static void run_through(struct till_file *file, const struct document *document, int64_t *on_hand)
{
	for (uint32_t i = 0; i < document->count; i++) {
		const struct line *line = &file->lines[file->order[document->first + i]];

		on_hand[line->product] += change_of(document, line->quantity);
	}
	for (uint32_t i = 0; i < document->count; i++) {
		uint32_t product = file->lines[file->order[document->first + i]].product;
		struct product *p = &file->products[product];

		if (p->stocked && -on_hand[product] > p->opening)
			p->opening = -on_hand[product];
	}
}

inv_status opening_find(struct till_file *file)
{
	int64_t *on_hand = calloc(file->product_count + 1, sizeof *on_hand);

	if (!on_hand)
		return report_text(INV_E_NO_MEMORY, NULL, "out of memory");
	for (size_t i = 0; i < file->document_count; i++)
		if (!file->documents[i].bad)
			run_through(file, &file->documents[i], on_hand);
	free(on_hand);
	return INV_OK;
}

static inv_status receive(inv_session *session, const inv_stock_entry *entry, size_t number)
{
	inv_options options = INV_OPTIONS_INIT;
	char key[40];

	snprintf(key, sizeof key, REASON_OPENING "-%zu", number);
	options.key = inv_str_of(key);
	if (inv_stock_receive(session, entry, 1, &options, NULL) == INV_OK)
		return INV_OK;
	return report_session(key, session);
}

static int64_t first_instant(const struct till_file *file)
{
	size_t i = 0;

	while (i + 1 < file->document_count && file->documents[i].bad)
		i++;
	return file->documents[i].at;
}

static inv_status receive_all(inv_session *session, const struct till_file *file,
                              inv_stock_line *lines)
{
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;
	inv_status status = INV_OK;
	size_t count = 0;
	size_t number = 0;

	entry.occurred_at = first_instant(file) - MICROSECONDS_A_DAY;
	entry.reason = INV_S(REASON_OPENING);
	for (size_t i = 0; i < file->product_count && status == INV_OK; i++) {
		if (file->products[i].opening > 0) {
			lines[count] = (inv_stock_line)INV_STOCK_LINE_INIT;
			lines[count].product = inv_ref_of(file->products[i].id);
			lines[count++].quantity = file->products[i].opening;
		}
		if (count == 0 || (count < INV_LIMIT_LINES && i + 1 < file->product_count))
			continue;
		entry.lines = INV_LIST_OF(lines, count);
		status = receive(session, &entry, ++number);
		count = 0;
	}
	return status;
}

inv_status opening_receive(inv_session *session, const struct till_file *file)
{
	inv_stock_line *lines;
	inv_status status;

	if (file->document_count == 0)
		return INV_OK;
	lines = calloc(INV_LIMIT_LINES, sizeof *lines);
	if (!lines)
		return report_text(INV_E_NO_MEMORY, NULL, "out of memory");
	status = receive_all(session, file, lines);
	free(lines);
	return status;
}
