/* SPDX-License-Identifier: MIT */
/* A model's command as the library takes it: as JSON, or as records. */
#include "support/mirror.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct text {
	char *at, *end;
} text;

__attribute__((format(printf, 2, 3))) static void put(text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at, (size_t)(t->end - t->at), format, args);
	va_end(args);
	t->at += n > 0 && n < t->end - t->at ? n : 0;
}

static inv_id none_id(void)
{
	/* A well-formed id of nothing. */
	return (inv_id){{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
}

static inv_id owner_id(int owner)
{
	return (inv_id){{9, 9, 9, 9, 9, 9, 0x70, 9, 0x80, 9, 9, 9, 9, 9, 9, (uint8_t)owner}};
}

static inv_id product_id(const mirror *x, int product)
{
	return product < 0 ? none_id() : x->products[product];
}

static inv_id place_id(const mirror *x, int place)
{
	return place < 0 ? none_id() : x->places[place];
}

const char *mirror_op(const model_command *c)
{
	static const char *const names[MODEL_VERBS] = {
		"stock.receive", "stock.issue", "stock.move",  "stock.adjust",
		"stock.reverse", "sale.close",  "sale.refund", "product.update",
	};

	return names[c->verb];
}

/* ---- JSON ---- */

static void put_id(text *t, const char *name, inv_id id)
{
	char written[37];

	inv_id_format(id, written);
	put(t, "\"%s\":\"%s\",", name, written);
}

static void put_decimal(text *t, const char *name, int64_t value, uint32_t scale)
{
	char written[24];

	inv_decimal_format(value, scale, written);
	put(t, "\"%s\":\"%s\",", name, written);
}

static void put_instant(text *t, int64_t at)
{
	char written[40];

	inv_instant_format(at, written);
	if (at)
		put(t, "\"occurred_at\":\"%s\",", written);
}

static const char *const conditions[] = {"sellable", "hold", "quality", "damaged", "quarantine"};

/* Products by id or by SKU, lots in either case: what is meant is the same. */
static void put_line(text *t, const mirror *x, const model_command *c, const model_line *l)
{
	bool till = c->verb == MODEL_SALE || c->verb == MODEL_REFUND;

	put(t, "{");
	if (l->product >= 0 && (l->quantity / 1000000) % 2)
		put(t, "\"product\":\"%s-%d\",", l->quantity % 3 ? "p" : "P", l->product);
	else
		put_id(t, "product", product_id(x, l->product));
	put_decimal(t, "quantity", l->quantity, 6);
	if (l->place != MODEL_NONE)
		put_id(t, "location", place_id(x, l->place));
	if (l->to_place != MODEL_NONE)
		put_id(t, "to_location", place_id(x, l->to_place));
	if (l->condition)
		put(t, "\"condition\":\"%s\",", conditions[l->condition]);
	if (l->to_condition)
		put(t, "\"to_condition\":\"%s\",", conditions[l->to_condition]);
	if (l->lot)
		put(t, "\"lot\":\"%s-%d\",", l->quantity % 2 ? "Lot" : "LOT", l->lot);
	if (l->serial)
		put(t, "\"serial\":\"s%d\",", l->serial);
	if (l->owner)
		put_id(t, "owner", owner_id(l->owner));
	if (l->set)
		put(t, "\"set\":true,");
	if (l->compare)
		put(t, "\"compare\":true,");
	if (l->expected)
		put_decimal(t, "expected", l->expected, 6);
	if (till && l->list_price)
		put(t, "\"use_list_price\":true,");
	else if (till)
		put_decimal(t, "unit_price", l->price, 4);
	if (l->discount)
		put_decimal(t, "discount", l->discount, 4);
	if (l->original_line)
		put(t, "\"original_line\":%d,", l->original_line);
	if (l->no_restock)
		put(t, "\"no_restock\":true,");
	t->at--; /* the last comma */
	put(t, "},");
}

static void put_tenders(text *t, const model_document *d)
{
	if (d->tender == MODEL_PAY_CARD)
		put(t, "\"tenders\":[{\"method\":\"card\"}],");
	if (d->tender == MODEL_PAY_CASH || d->tender == MODEL_PAY_SHORT) {
		put(t, "\"tenders\":[{\"method\":\"%s\",",
		    d->tender == MODEL_PAY_CASH ? "cash" : "voucher");
		put_decimal(t, "amount", d->paid, 4);
		t->at--;
		put(t, "}],");
	}
}

static void put_document(text *t, const mirror *x, const model_command *c, int index)
{
	const model_document *d = &c->documents[index];

	put(t, "{\"note\":\"n%d\",", c->note);
	put_instant(t, d->occurred_at);
	if (c->verb == MODEL_REVERSE)
		put_id(t, "posting", d->original < 0 ? none_id() : x->postings[d->original]);
	if (c->verb == MODEL_SALE || c->verb == MODEL_REFUND) {
		put_id(t, "till", x->tills[d->till]);
		if (d->original != MODEL_NONE)
			put_id(t, "original", d->original < 0 ? none_id() : x->sales[d->original]);
		put_tenders(t, d);
	}
	if (c->verb != MODEL_REVERSE) {
		put(t, "\"lines\":[,");
		t->at--;
		for (int i = 0; i < d->count; i++)
			put_line(t, x, c, &d->lines[i]);
		t->at -= d->count > 0;
		put(t, "],");
	}
	t->at--;
	put(t, "},");
}

static void put_product(text *t, const mirror *x, const model_command *c)
{
	put(t, "{");
	put_id(t, "id", product_id(x, c->product));
	put(t, "\"name\":\"Name %d\",", c->name);
	if (c->version)
		put(t, "\"version\":%d,", (int)c->version);
	put_decimal(t, "list_price", c->price, 4);
	t->at--;
	put(t, "},");
}

void mirror_text(const mirror *x, const model_command *c, char *out, size_t size)
{
	text t = {out, out + size};
	bool batch = c->count > 1;

	if (batch)
		put(&t, "[");
	if (c->verb == MODEL_PRODUCT_UPDATE)
		put_product(&t, x, c);
	for (int d = 0; c->verb != MODEL_PRODUCT_UPDATE && d < c->count; d++)
		put_document(&t, x, c, d);
	*--t.at = 0;
	if (batch)
		put(&t, "]");
}

/* ---- records ---- */

typedef struct names {
	char lot[16], serial[16];
} names;

static void fill_stock_line(const mirror *x, const model_line *l, inv_stock_line *out, names *n)
{
	*out = (inv_stock_line)INV_STOCK_LINE_INIT;
	out->product = inv_ref_of(product_id(x, l->product));
	out->quantity = l->quantity;
	if (l->place != MODEL_NONE)
		out->location = inv_ref_of(place_id(x, l->place));
	if (l->to_place != MODEL_NONE)
		out->to_location = inv_ref_of(place_id(x, l->to_place));
	out->condition = l->condition;
	out->to_condition = l->to_condition;
	snprintf(n->lot, sizeof n->lot, "lot-%d", l->lot);
	snprintf(n->serial, sizeof n->serial, "S%d", l->serial);
	out->lot = inv_str_of(l->lot ? n->lot : "");
	out->serial = inv_str_of(l->serial ? n->serial : "");
	if (l->owner)
		out->owner = owner_id(l->owner);
	out->set = l->set;
	out->compare = l->compare;
	out->expected = l->expected;
}

typedef inv_status (*stock_call)(inv_session *session, const inv_stock_entry *inputs, size_t count,
                                 const inv_options *options, inv_result **out);

static inv_status call_stock(mirror *x, const model_command *c, inv_result **out)
{
	static const stock_call calls[] = {inv_stock_receive, inv_stock_issue, inv_stock_move,
	                                   inv_stock_adjust};
	inv_stock_entry entries[MODEL_DOCUMENTS];
	inv_stock_line lines[MODEL_DOCUMENTS][MODEL_LINES];
	names texts[MODEL_DOCUMENTS][MODEL_LINES];

	for (int d = 0; d < c->count; d++) {
		const model_document *doc = &c->documents[d];

		entries[d] = (inv_stock_entry)INV_STOCK_ENTRY_INIT;
		entries[d].occurred_at = doc->occurred_at;
		entries[d].lines = inv_list_of(lines[d], (size_t)doc->count, sizeof lines[d][0]);
		for (int i = 0; i < doc->count; i++)
			fill_stock_line(x, &doc->lines[i], &lines[d][i], &texts[d][i]);
	}
	return calls[c->verb](x->sessions[c->guard], entries, (size_t)c->count, NULL, out);
}

static inv_status call_reverse(mirror *x, const model_command *c, inv_result **out)
{
	inv_reversal reversal = INV_REVERSAL_INIT;
	int original = c->documents[0].original;

	reversal.posting = inv_ref_of(original < 0 ? none_id() : x->postings[original]);
	reversal.occurred_at = c->documents[0].occurred_at;
	return inv_stock_reverse(x->sessions[c->guard], &reversal, 1, NULL, out);
}

inv_status mirror_call(mirror *x, const model_command *c, inv_result **out)
{
	char key[24];
	inv_options options = INV_OPTIONS_INIT;

	mirror_text(x, c, x->last, sizeof x->last);
	if (!c->key && x->number % 2 && c->verb <= MODEL_ADJUST)
		return call_stock(x, c, out);
	if (!c->key && x->number % 2 && c->verb == MODEL_REVERSE)
		return call_reverse(x, c, out);
	snprintf(key, sizeof key, "key-%d", c->key);
	if (c->key)
		options.key = inv_str_of(key);
	return inv_call_json(x->sessions[c->guard], inv_str_of(mirror_op(c)), inv_str_of(x->last),
	                     &options, out);
}
