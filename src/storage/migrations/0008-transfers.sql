-- SPDX-License-Identifier: MIT
-- min_reader: 8
-- min_writer: 8
-- Transfers, with goods on the way.
ALTER TABLE posting ADD COLUMN source {id} NOT NULL DEFAULT {no_id};

CREATE TABLE transfer (
	id {id} NOT NULL,
	number {text} NOT NULL,
	from_location {id} NOT NULL,
	to_location {id} NOT NULL,
	transit_location {id} NOT NULL,
	state {int} NOT NULL,
	note {text} NOT NULL,
	actor {text} NOT NULL,
	line_count {int} NOT NULL,
	version {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT transfer_id_primary PRIMARY KEY (id)
) {clustered};
CREATE UNIQUE INDEX transfer_number_unique ON transfer (lower(number));
-- Those under way keep their places in use.
CREATE INDEX transfer_open ON transfer (state) WHERE state < 4;

CREATE TABLE transfer_line (
	transfer {id} NOT NULL,
	line {int} NOT NULL,
	product {id} NOT NULL,
	lot {text} NOT NULL,
	serial {text} NOT NULL,
	owner {id} NOT NULL,
	condition {int} NOT NULL,
	quantity {int} NOT NULL,
	shipped {int} NOT NULL,
	received {int} NOT NULL,
	damaged {int} NOT NULL,
	lost {int} NOT NULL,
	returned {int} NOT NULL,
	cancelled {int} NOT NULL,
	CONSTRAINT transfer_line_transfer_primary PRIMARY KEY (transfer, line),
	CONSTRAINT transfer_line_line_range CHECK (line >= 1),
	CONSTRAINT transfer_line_shipped_range CHECK (shipped + cancelled <= quantity),
	CONSTRAINT transfer_line_received_range CHECK (received + damaged + lost + returned <= shipped)
) {clustered};
-- What is expected of a product: requested, and neither arrived nor called off.
CREATE INDEX transfer_line_expected ON transfer_line (product)
	WHERE quantity - cancelled > received + damaged + lost + returned;
