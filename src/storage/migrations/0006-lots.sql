-- SPDX-License-Identifier: MIT
-- min_reader: 6
-- min_writer: 6
-- Lots have dates, and products say which of them go first.

ALTER TABLE product ADD COLUMN picking {int} NOT NULL DEFAULT 0;

CREATE TABLE lot (
	id {id} NOT NULL,
	product {id} NOT NULL,
	code {text} NOT NULL,
	made {int} NOT NULL,
	expires {int} NOT NULL,
	supplier {text} NOT NULL,
	attributes {text} NOT NULL,
	note {text} NOT NULL,
	version {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT lot_id_primary PRIMARY KEY (id)
) {clustered};
CREATE UNIQUE INDEX lot_code_unique ON lot (product, lower(code));
CREATE INDEX lot_expires ON lot (expires, id) WHERE expires > 0;
