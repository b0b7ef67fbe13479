-- SPDX-License-Identifier: MIT
-- min_reader: 9
-- min_writer: 9
-- Counts, and what they assert of accounts.
CREATE TABLE count (
	id {id} NOT NULL,
	location {id} NOT NULL,
	subtree {bool} NOT NULL,
	category {id} NOT NULL,
	blind {bool} NOT NULL,
	tolerance {int} NOT NULL,
	note {text} NOT NULL,
	state {int} NOT NULL,
	channel {id} NOT NULL,
	actor {text} NOT NULL,
	line_count {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT count_id_primary PRIMARY KEY (id),
	CONSTRAINT count_subtree_range CHECK (subtree IN (0, 1)),
	CONSTRAINT count_blind_range CHECK (blind IN (0, 1))
) {clustered};

CREATE TABLE count_line (
	count {id} NOT NULL,
	line {int} NOT NULL,
	product {id} NOT NULL,
	location {id} NOT NULL,
	condition {int} NOT NULL,
	lot {text} NOT NULL,
	serial {text} NOT NULL,
	owner {id} NOT NULL,
	expected {int} NOT NULL,
	is_counted {bool} NOT NULL,
	counted {int} NOT NULL,
	counted_at {int} NOT NULL,
	counter {text} NOT NULL,
	entry {id} NOT NULL,
	variance {int} NOT NULL,
	accepted {bool} NOT NULL,
	CONSTRAINT count_line_count_primary PRIMARY KEY (count, line),
	CONSTRAINT count_line_line_range CHECK (line >= 1),
	CONSTRAINT count_line_is_counted_range CHECK (is_counted IN (0, 1)),
	CONSTRAINT count_line_accepted_range CHECK (accepted IN (0, 1))
) {clustered};
-- An account stands on a sheet once.
CREATE UNIQUE INDEX count_line_account_unique ON count_line (
	count, product, location, condition, lower(lot), lower(serial), owner);

CREATE TABLE assertion (
	account {int} NOT NULL,
	occurred_at {int} NOT NULL,
	event {id} NOT NULL,
	count {id} NOT NULL,
	line {int} NOT NULL,
	CONSTRAINT assertion_account_primary PRIMARY KEY (account, occurred_at, event)
) {clustered};
