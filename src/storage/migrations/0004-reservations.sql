-- SPDX-License-Identifier: MIT
-- min_reader: 4
-- min_writer: 4
-- Goods are held for somebody: reservations, and what they hold of each account.

-- The plain account of a product at a location also says what stands beside it there, so that what
-- is available is one row. The narrow rows that sales write leave these columns alone.
ALTER TABLE account_balance ADD COLUMN held {int} NOT NULL DEFAULT 0;
ALTER TABLE account_balance ADD COLUMN apart {int} NOT NULL DEFAULT 0;
ALTER TABLE account_balance ADD COLUMN apart_sellable {int} NOT NULL DEFAULT 0;

-- What stands beside them is made again from the journal when the store is opened.
INSERT INTO meta (name, value)
	SELECT 'rebuild', '4' FROM account a WHERE a.condition <> 0 OR a.lot <> '' OR a.serial <> ''
	OR a.owner <> {no_id} LIMIT 1;

ALTER TABLE sale_line ADD COLUMN reservation {id} NOT NULL DEFAULT {no_id};

CREATE TABLE reservation (
	id {id} NOT NULL,
	product {id} NOT NULL,
	location {id} NOT NULL,
	subtree {bool} NOT NULL,
	lot {text} NOT NULL,
	serial {text} NOT NULL,
	holder {text} NOT NULL,
	quantity {int} NOT NULL,
	deadline {int} NOT NULL,
	occurred_at {int} NOT NULL,
	note {text} NOT NULL,
	channel {id} NOT NULL,
	actor {text} NOT NULL,
	state {int} NOT NULL,
	open {int} NOT NULL,
	committed {int} NOT NULL,
	released {int} NOT NULL,
	expired {int} NOT NULL,
	cancelled {int} NOT NULL,
	split_from {id} NOT NULL,
	shortfall {int} NOT NULL,
	source {id} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT reservation_id_primary PRIMARY KEY (id),
	CONSTRAINT reservation_subtree_range CHECK (subtree IN (0, 1)),
	CONSTRAINT reservation_open_range CHECK (open >= 0)
) {clustered};
CREATE INDEX reservation_open ON reservation (product, location, deadline) WHERE open > 0;
CREATE INDEX reservation_subtree ON reservation (product, location) WHERE open > 0 AND subtree = 1;
CREATE INDEX reservation_holder ON reservation (holder, id) WHERE holder <> '';
CREATE INDEX reservation_deadline ON reservation (deadline) WHERE open > 0 AND deadline > 0;
