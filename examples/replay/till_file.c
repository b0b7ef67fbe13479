/* SPDX-License-Identifier: MIT */
/* The till's file: rows become products and documents. Documents stand in the order of their first
 * lines, each with all its lines, wherever in the file they are. */
#include "replay.h"

#include <stdlib.h>

struct reader {
	const struct options *options;
	struct till_file *file;
	struct map skus;
	struct map invoices;
	struct map words; /* customers and countries, each kept once */
	size_t product_capacity;
	size_t line_capacity;
	size_t document_capacity;
	const char **word_list;
	size_t word_count;
	size_t word_capacity;
};

static inv_status no_memory(void)
{
	return report_text(INV_E_NO_MEMORY, NULL, "out of memory");
}

/* ---- products ---- */

/* Goods have codes that start with five digits; postage, fees and vouchers have not. */
static bool is_goods(const char *sku)
{
	return strspn(sku, "0123456789") >= 5;
}

static const char *keep_trimmed(struct strings *strings, const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == ' ')
		len--;
	while (len > 0 && *text == ' ') {
		text++;
		len--;
	}
	return len > 0 ? strings_keep(strings, text, len) : NULL;
}

static inv_status add_product(struct reader *reader, const char *sku, uint32_t *number)
{
	struct till_file *file = reader->file;
	struct product *grown = array_grow(file->products, file->product_count,
	                                   &reader->product_capacity, sizeof *grown);
	struct product *product;

	if (!grown || file->product_count >= UINT32_MAX)
		return no_memory();
	file->products = grown;
	product = &grown[file->product_count];
	memset(product, 0, sizeof *product);
	product->sku = strings_keep(&file->strings, sku, strlen(sku));
	product->stocked = is_goods(sku);
	*number = (uint32_t)file->product_count;
	if (!product->sku || !map_add(&reader->skus, product->sku, *number))
		return no_memory();
	file->product_count++;
	return INV_OK;
}

/* Codes that differ only in case are one product; its name is the first that is given. */
static inv_status find_product(struct reader *reader, const struct till_row *row, uint32_t *number)
{
	const uint32_t *known = map_find(&reader->skus, row->sku);
	struct product *product;
	inv_status status = INV_OK;

	if (known)
		*number = *known;
	else
		status = add_product(reader, row->sku, number);
	if (status != INV_OK)
		return status;
	product = &reader->file->products[*number];
	if (!product->name && *row->name)
		product->name = keep_trimmed(&reader->file->strings, row->name);
	return INV_OK;
}

/* ---- documents ---- */

static inv_status keep_word(struct reader *reader, const char *word, const char **kept)
{
	const uint32_t *known = map_find(&reader->words, word);
	const char **grown;

	if (known) {
		*kept = reader->word_list[*known];
		return INV_OK;
	}
	grown = array_grow(reader->word_list, reader->word_count, &reader->word_capacity,
	                   sizeof *grown);
	if (!grown)
		return no_memory();
	reader->word_list = grown;
	*kept = strings_keep(&reader->file->strings, word, strlen(word));
	if (!*kept || !map_add(&reader->words, *kept, (uint32_t)reader->word_count))
		return no_memory();
	grown[reader->word_count++] = *kept;
	return INV_OK;
}

/* A customer is written as 17850.0: the number has lost its kind on the way. */
static inv_status keep_customer(struct reader *reader, const char *text, const char **kept)
{
	size_t len = strlen(text);
	char plain[128];

	if (len <= 2 || len >= sizeof plain || strcmp(text + len - 2, ".0") != 0)
		return keep_word(reader, text, kept);
	memcpy(plain, text, len - 2);
	plain[len - 2] = '\0';
	return keep_word(reader, plain, kept);
}

static enum kind kind_of(const struct till_row *row)
{
	if (row->invoice[0] == 'C')
		return KIND_RETURN;
	if (row->invoice[0] == 'A')
		return KIND_ACCOUNTING;
	return row->quantity < 0 ? KIND_ADJUSTMENT : KIND_SALE;
}

static inv_status add_document(struct reader *reader, const struct till_row *row, uint64_t line,
                               uint32_t *number)
{
	struct till_file *file = reader->file;
	struct document *grown = array_grow(file->documents, file->document_count,
	                                    &reader->document_capacity, sizeof *grown);
	struct document *document;
	inv_status status;

	if (!grown || file->document_count >= UINT32_MAX)
		return no_memory();
	file->documents = grown;
	document = &grown[file->document_count];
	memset(document, 0, sizeof *document);
	document->number = strings_keep(&file->strings, row->invoice, strlen(row->invoice));
	document->at = row->at;
	document->file_line = line;
	document->kind = kind_of(row);
	*number = (uint32_t)file->document_count;
	if (!document->number || !map_add(&reader->invoices, document->number, *number))
		return no_memory();
	file->document_count++;
	status = keep_customer(reader, row->customer, &document->customer);
	return status == INV_OK ? keep_word(reader, row->country, &document->country) : status;
}

static inv_status find_document(struct reader *reader, const struct till_row *row, uint64_t line,
                                uint32_t *number)
{
	const uint32_t *known = map_find(&reader->invoices, row->invoice);

	if (!known)
		return add_document(reader, row, line, number);
	*number = *known;
	return INV_OK;
}

/* ---- rows ---- */

static inv_status say_wrong_row(uint64_t line, const inv_error *error)
{
	char where[40];

	snprintf(where, sizeof where, "line %llu", (unsigned long long)line);
	return report_error(where, error);
}

/* A document with a row that cannot be read is not booked at all: half of it would be wrong. */
static inv_status wrong_row(struct reader *reader, const struct till_row *row, uint64_t line,
                            const inv_error *error)
{
	uint32_t number;
	inv_status status = say_wrong_row(line, error);

	if (!reader->options->skip)
		return status;
	if (*row->invoice == '\0')
		return INV_OK;
	status = find_document(reader, row, line, &number);
	if (status == INV_OK)
		reader->file->documents[number].bad = true;
	return status;
}

static inv_status add_line(struct reader *reader, const struct till_row *row, uint64_t line)
{
	struct till_file *file = reader->file;
	inv_error error = INV_ERROR_INIT;
	struct line *grown;
	uint32_t document;
	uint32_t product = 0;
	inv_status status = find_document(reader, row, line, &document);

	if (status == INV_OK && kind_of(row) != file->documents[document].kind) {
		error.status = INV_E_INVALID;
		snprintf(error.message, sizeof error.message, "document %.60s mixes sales and corrections",
		         row->invoice);
		return wrong_row(reader, row, line, &error);
	}
	if (status == INV_OK)
		status = find_product(reader, row, &product);
	if (status != INV_OK)
		return status;
	grown = array_grow(file->lines, file->line_count, &reader->line_capacity, sizeof *grown);
	if (!grown)
		return no_memory();
	file->lines = grown;
	grown[file->line_count++] = (struct line){
		.product = product, .document = document, .quantity = row->quantity, .price = row->price};
	file->documents[document].count++;
	return INV_OK;
}

static inv_status read_rows(struct reader *reader, struct csv *csv)
{
	struct till_header header;
	struct csv_row row;
	inv_status status = csv_next(csv, &row);

	if (status == INV_OK)
		status = till_header_read(&row, &header);
	while (status == INV_OK) {
		inv_error error = INV_ERROR_INIT;
		struct till_row read;

		status = csv_next(csv, &row);
		if (status != INV_OK || row.count == 0)
			break;
		if (till_row_read(&header, &row, &read, &error) == INV_OK)
			status = add_line(reader, &read, row.line);
		else
			status = wrong_row(reader, &read, row.line, &error);
	}
	return status;
}

/* Lines by document: a counting sort that keeps their order. */
static inv_status order_lines(struct till_file *file)
{
	uint32_t at = 0;

	file->order = calloc(file->line_count + 1, sizeof *file->order);
	if (!file->order)
		return no_memory();
	for (size_t i = 0; i < file->document_count; i++) {
		file->documents[i].first = at;
		at += file->documents[i].count;
		file->documents[i].count = 0;
	}
	for (size_t i = 0; i < file->line_count; i++) {
		struct document *document = &file->documents[file->lines[i].document];

		file->order[document->first + document->count++] = (uint32_t)i;
	}
	return INV_OK;
}

inv_status till_file_read(const struct options *options, struct till_file *file)
{
	struct reader reader = {.options = options, .file = file, .skus.folded = true};
	struct csv *csv;
	inv_status status;

	memset(file, 0, sizeof *file);
	status = csv_open(options->path, &csv);
	if (status == INV_OK)
		status = read_rows(&reader, csv);
	if (status == INV_OK)
		status = order_lines(file);
	csv_close(csv);
	map_free(&reader.skus);
	map_free(&reader.invoices);
	map_free(&reader.words);
	free(reader.word_list);
	return status;
}

void till_file_free(struct till_file *file)
{
	free(file->products);
	free(file->lines);
	free(file->documents);
	free(file->order);
	strings_free(&file->strings);
}
