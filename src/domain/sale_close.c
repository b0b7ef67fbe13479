/* SPDX-License-Identifier: MIT */
/* sale.close: prices and checks of what is sold, and of corrections of accounts. */
#include "domain/ops.h"
#include "domain/sale.h"

inv_status inv__claim_sale_close(inv__call *call)
{
	inv__sale_work *work = inv__arena_zalloc(call->arena, sizeof *work);

	return work ? inv__sale_claim(call, -1, work) : inv__call_no_memory(call);
}

/* What belongs to other operations. */
static inv_status check_head(inv__call *call, size_t index)
{
	const inv_sale *in = inv__call_input(call, index);

	if (in->kind == INV_SALE_KIND_REFUND)
		return inv__call_fail(call, INV_E_INVALID, index, "kind",
		                      "a refund is made by sale.refund");
	if (!inv_id_is_none(in->original.id))
		return inv__call_fail(call, INV_E_INVALID, index, "original",
		                      "only a refund belongs to another sale");
	return INV_OK;
}

static inv_status check_line(inv__call *call, const inv__sale_ask *ask)
{
	const inv_sale_line *line = ask->out;

	if (ask->product->archived)
		return inv__sale_line_fail(call, ask, INV_E_STATE, "product", "the product is archived");
	if (line->original_line != 0)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "original_line",
		                           "only a refund names lines of another sale");
	if (line->no_restock)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "no_restock",
		                           "only a refund brings goods back");
	if (!inv_id_is_none(line->reservation.id) && ask->sale->kind != INV_SALE_KIND_SALE)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "reservation",
		                           "only a sale takes what is reserved");
	if (!inv_id_is_none(line->reservation.id) && line->stocking == INV_STOCKING_KIT)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "reservation",
		                           "nothing is held of a kit: its parts are");
	if (ask->sale->kind == INV_SALE_KIND_ACCOUNTING && line->stocking != INV_STOCKING_NON_STOCKED)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "product",
		                           "a correction of accounts moves no goods, but this is stocked");
	if (ask->sale->kind == INV_SALE_KIND_SALE && line->unit_price < 0)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "unit_price",
		                           "the price of a sale cannot be negative");
	return INV_OK;
}

static inv_status price_line(inv__call *call, const inv__sale_ask *ask)
{
	inv_sale_line *line = ask->out;
	int64_t gross;

	if (!inv__sale_line_gross(line, &gross) ||
	    gross - line->discount < -INV_LIMIT_MONEY)
		return inv__sale_line_fail(call, ask, INV_E_LIMIT, "unit_price",
		                           "the line comes to more than can be counted");
	if (ask->sale->kind == INV_SALE_KIND_SALE && line->discount > gross)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "discount",
		                           "it is more than the line comes to");
	line->amount = gross - line->discount;
	return INV_OK;
}

/* `from` is the document's first of all documents' lines. */
static inv_status make_document(inv__call *call, inv__sale_work *work, size_t index, size_t from)
{
	inv_status rc = check_head(call, index);
	const inv_sale *sale;

	if (rc == INV_OK)
		rc = inv__sale_begin(call, work, index);
	if (rc != INV_OK)
		return rc;
	sale = &work->sales[index];
	for (size_t j = 0; rc == INV_OK && j < sale->lines.count; j++) {
		const inv__sale_ask ask = {index, j, sale, inv__sale_line_of(sale, j),
		                           &work->products.list[from + j],
		                           work->units.list ? &work->units.list[from + j] : NULL};

		rc = inv__sale_line_check(call, work, &ask);
		if (rc == INV_OK)
			rc = check_line(call, &ask);
		if (rc == INV_OK)
			rc = price_line(call, &ask);
	}
	return rc;
}

inv_status inv__decide_sale_close(inv__call *call)
{
	inv__sale_work *work = call->state;
	inv_status rc = INV_OK;
	size_t from = 0;

	for (size_t i = 0; rc == INV_OK && call->phase == 0 && i < call->count; i++) {
		rc = make_document(call, work, i, from);
		from += ((const inv_sale *)inv__call_input(call, i))->lines.count;
	}
	if (rc == INV_OK)
		rc = inv__sale_kits(call, work);
	if (rc == INV_OK && !call->more)
		rc = inv__sale_stock(call, work);
	return rc == INV_OK && !call->more ? inv__sales_finish(call, work) : rc;
}
