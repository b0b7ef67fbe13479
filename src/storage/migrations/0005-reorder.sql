-- SPDX-License-Identifier: MIT
-- min_reader: 5
-- min_writer: 5
-- Rules by which products are bought again; their accounts are watched.
ALTER TABLE account_balance ADD COLUMN watched {bool} NOT NULL DEFAULT 0;
ALTER TABLE account_balance ADD COLUMN reorder_point {int} NOT NULL DEFAULT 0;

CREATE TABLE reorder_rule (
	product {id} NOT NULL,
	location {id} NOT NULL,
	min {int} NOT NULL,
	max {int} NOT NULL,
	safety {int} NOT NULL,
	lead_time {int} NOT NULL,
	pack {int} NOT NULL,
	supplier {text} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT reorder_rule_product_primary PRIMARY KEY (product, location)
) {clustered};
