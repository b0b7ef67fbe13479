-- SPDX-License-Identifier: MIT
-- Lines of documents with what their document says, to be listed.
CREATE VIEW sold_line AS
SELECT l.sale, l.line, s.kind, s.ticket, s.till, s.occurred_at, s.business_date, s.customer,
	s.country, s.document, l.product, l.sku, l.name, l.stocking, l.quantity, l.unit_price,
	l.discount, l.amount, l.location, l.lot, l.serial, l.refunded, l.refunded_amount
FROM sale_line l CROSS JOIN sale s WHERE s.id = l.sale;
