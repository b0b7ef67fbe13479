-- SPDX-License-Identifier: MIT
-- min_reader: 11
-- min_writer: 11
-- Kits and recipes, and the parts that a line of a kit moved.
CREATE TABLE recipe (
	id {id} NOT NULL,
	product {id} NOT NULL,
	kind {int} NOT NULL,
	yield_quantity {int} NOT NULL,
	lines {text} NOT NULL,
	archived {bool} NOT NULL,
	version {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT recipe_id_primary PRIMARY KEY (id),
	CONSTRAINT recipe_archived_range CHECK (archived IN (0, 1)),
	CONSTRAINT recipe_yield_quantity_range CHECK (yield_quantity > 0)
) {clustered};
CREATE UNIQUE INDEX recipe_product_unique ON recipe (product, kind) WHERE archived = 0;

CREATE TABLE recipe_component (
	recipe {id} NOT NULL,
	component {id} NOT NULL,
	line {int} NOT NULL,
	product {id} NOT NULL,
	kind {int} NOT NULL,
	quantity {int} NOT NULL,
	yield_quantity {int} NOT NULL,
	CONSTRAINT recipe_component_recipe_primary PRIMARY KEY (recipe, component),
	CONSTRAINT recipe_component_quantity_range CHECK (quantity > 0)
) {clustered};
CREATE INDEX recipe_component_product ON recipe_component (product, kind);
CREATE INDEX recipe_component_component ON recipe_component (component);

ALTER TABLE sale_line ADD COLUMN parts {text} NOT NULL DEFAULT '';
