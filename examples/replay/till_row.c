/* SPDX-License-Identifier: MIT */
/* One row of the till's file. */
#include "replay.h"

#include <stdarg.h>

enum { INVOICE, STOCK_CODE, DESCRIPTION, QUANTITY, DATE, PRICE, CUSTOMER, COUNTRY };

static const char *const columns[TILL_COLUMNS] = {
	"InvoiceNo",   "StockCode", "Description", "Quantity",
	"InvoiceDate", "UnitPrice", "CustomerID",  "Country",
};

inv_status till_header_read(const struct csv_row *row, struct till_header *header)
{
	char message[128];

	header->count = row->count;
	for (size_t column = 0; column < TILL_COLUMNS; column++) {
		size_t at = 0;

		while (at < row->count && at < CSV_FIELDS && strcmp(row->fields[at], columns[column]) != 0)
			at++;
		if (at == row->count || at == CSV_FIELDS) {
			snprintf(message, sizeof message, "the first line names no column %s", columns[column]);
			return report_text(INV_E_INVALID, "line 1", message);
		}
		header->at[column] = at;
	}
	return INV_OK;
}

static inv_status wrong(inv_error *error, int column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static inv_status wrong(inv_error *error, int column, const char *format, ...)
{
	va_list arguments;

	error->status = INV_E_INVALID;
	snprintf(error->field, sizeof error->field, "%s", column < 0 ? "" : columns[column]);
	va_start(arguments, format);
	vsnprintf(error->message, sizeof error->message, format, arguments);
	va_end(arguments);
	return INV_E_INVALID;
}

inv_status till_row_read(const struct till_header *header, const struct csv_row *row,
                         struct till_row *out, inv_error *error)
{
	const char *text[TILL_COLUMNS];

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < TILL_COLUMNS; i++)
		text[i] = header->at[i] < row->count ? row->fields[header->at[i]] : "";
	out->invoice = text[INVOICE];
	out->sku = text[STOCK_CODE];
	out->name = text[DESCRIPTION];
	out->customer = text[CUSTOMER];
	out->country = text[COUNTRY];
	if (row->count != header->count)
		return wrong(error, -1, "the row has %zu fields, the first line has %zu", row->count,
		             header->count);
	if (*out->invoice == '\0')
		return wrong(error, INVOICE, "it is empty");
	if (strlen(out->invoice) > INV_LIMIT_KEY)
		return wrong(error, INVOICE, "it is longer than %u bytes", INV_LIMIT_KEY);
	if (*out->sku == '\0')
		return wrong(error, STOCK_CODE, "it is empty");
	if (inv_decimal_parse(inv_str_of(text[QUANTITY]), 6, &out->quantity) != INV_OK ||
	    out->quantity == 0)
		return wrong(error, QUANTITY, "\"%.40s\" is no quantity", text[QUANTITY]);
	if (inv_decimal_parse(inv_str_of(text[PRICE]), 4, &out->price) != INV_OK)
		return wrong(error, PRICE, "\"%.40s\" is no price with at most 4 decimals", text[PRICE]);
	if (!local_time_read(text[DATE], &out->at))
		return wrong(error, DATE, "\"%.40s\" is no time such as 2010-12-01 08:26:00", text[DATE]);
	return INV_OK;
}
