-- SPDX-License-Identifier: MIT
-- min_reader: 2
-- min_writer: 2
-- Fewer pages for each line and each event. See decisions 0016 and 0017.

-- Moves stand in the order they were written, and a narrow index finds them by account and instant:
-- what lands on a random page for each line is half as wide. PostgreSQL has it so from the first.
{sqlite DROP VIEW move;
CREATE TABLE moved (
	account INTEGER NOT NULL,
	occurred_at INTEGER NOT NULL,
	event BLOB NOT NULL,
	line INTEGER NOT NULL,
	quantity INTEGER NOT NULL,
	other_location BLOB NOT NULL,
	other_condition INTEGER NOT NULL
) STRICT;
INSERT INTO moved SELECT * FROM account_move;
DROP TABLE account_move;
ALTER TABLE moved RENAME TO account_move;
CREATE INDEX account_move_account ON account_move (account, occurred_at, quantity);
CREATE VIEW move AS
SELECT a.product, a.location, a.condition, a.lot, a.serial, a.owner, m.occurred_at, m.event, m.line,
	m.quantity, m.other_location, m.other_condition
FROM account a CROSS JOIN account_move m WHERE m.account = a.number;}

-- Documents and records that a command makes alone have the id of the event that made them: that
-- event is found by its own.
DROP INDEX event_subject;
CREATE INDEX event_subject ON event (subject, position) WHERE subject <> id;
