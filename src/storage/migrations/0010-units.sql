-- SPDX-License-Identifier: MIT
-- min_reader: 10
-- min_writer: 10
-- Units of measure beside a product's base unit, and what was entered in them.
CREATE TABLE product_unit (
	id {id} NOT NULL,
	product {id} NOT NULL,
	code {text} NOT NULL,
	numerator {int} NOT NULL,
	denominator {int} NOT NULL,
	list_price {int} NOT NULL,
	archived {bool} NOT NULL,
	version {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT product_unit_id_primary PRIMARY KEY (id),
	CONSTRAINT product_unit_archived_range CHECK (archived IN (0, 1)),
	CONSTRAINT product_unit_numerator_range CHECK (numerator > 0),
	CONSTRAINT product_unit_denominator_range CHECK (denominator > 0)
) {clustered};
CREATE UNIQUE INDEX product_unit_code_unique ON product_unit (product, lower(code));
CREATE INDEX product_unit_code ON product_unit (lower(code));

ALTER TABLE sale_line ADD COLUMN unit {text} NOT NULL DEFAULT '';
ALTER TABLE sale_line ADD COLUMN entered_quantity {int} NOT NULL DEFAULT 0;
ALTER TABLE sale_line ADD COLUMN unit_numerator {int} NOT NULL DEFAULT 0;
ALTER TABLE sale_line ADD COLUMN unit_denominator {int} NOT NULL DEFAULT 0;

DROP VIEW sold_line;
CREATE VIEW sold_line AS
SELECT l.sale, l.line, s.kind, s.ticket, s.till, s.occurred_at, s.business_date, s.customer,
	s.country, s.document, l.product, l.sku, l.name, l.stocking, l.quantity, l.unit_price,
	l.discount, l.amount, l.location, l.lot, l.serial, l.refunded, l.refunded_amount, l.unit,
	l.entered_quantity
FROM sale_line l CROSS JOIN sale s WHERE s.id = l.sale;
