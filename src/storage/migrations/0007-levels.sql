-- SPDX-License-Identifier: MIT
-- min_reader: 7
-- min_writer: 7
-- Sums over stretches of an account's moves, so that the past is read at a bounded cost, and
-- periods that are closed. See decision 0053.
CREATE TABLE account_level (
	account {int} NOT NULL,
	level {int} NOT NULL,
	until {int} NOT NULL,
	total {int} NOT NULL,
	low {int} NOT NULL,
	high {int} NOT NULL,
	base {int} NOT NULL,
	instant {int} NOT NULL,
	CONSTRAINT account_level_account_primary PRIMARY KEY (account, level, until)
) {clustered};

ALTER TABLE settings ADD COLUMN closed_until {int} NOT NULL DEFAULT 0;

CREATE TABLE closing (
	event {id} NOT NULL,
	until {int} NOT NULL,
	CONSTRAINT closing_event_primary PRIMARY KEY (event)
) {clustered};

-- What there is in the journal already is summed when the store is opened.
INSERT INTO meta (name, value)
	SELECT 'rebuild', '6' FROM event e
	WHERE NOT EXISTS (SELECT 1 FROM meta m WHERE m.name = 'rebuild') LIMIT 1;
