/* SPDX-License-Identifier: MIT */
/* Recipes: their rules, and the rows by which they are found. */
#include "domain/ops.h"
#include "domain/recipe_graph.h"
#include "util/id.h"
#include "util/number.h"

/* Who sells or makes by a recipe holds a shared lock of its product; what takes that product by
 * other recipes is touched too. Masters take turns, so nobody joins these meanwhile. */
#define RECIPES_ABOVE \
	"WITH RECURSIVE up(product) AS (SELECT r.product FROM {rows product:id} r UNION" \
	" SELECT c.product FROM up u JOIN recipe_component c ON c.component = u.product) "
INV__SQL(SQL_LOCK_ABOVE,
         RECIPES_ABOVE "SELECT p.id FROM up u JOIN product p ON p.id = u.product"
         " ORDER BY p.id {lock_of p}");
INV__SQL(SQL_ABOVE,
         RECIPES_ABOVE "SELECT c.recipe, c.product, c.component FROM up u"
         " JOIN recipe_component c ON c.component = u.product");
INV__SQL(SQL_BELOW,
         "WITH RECURSIVE down(product) AS (SELECT r.component FROM {rows component:id} r UNION"
         " SELECT c.component FROM down d JOIN recipe_component c ON c.product = d.product)"
         " SELECT c.recipe, c.product, c.component FROM down d"
         " JOIN recipe_component c ON c.product = d.product");

typedef struct recipe_plan {
	const inv_recipe *const *recipes;
	size_t count;
	inv__products products;   /* of the recipes, */
	inv__products components; /* and of all lines */
	size_t *first;            /* line of each recipe among them */
	size_t line_count;
	size_t above, below;      /* statements */
	inv__recipe_graph graph;
	bool has_graph;
} recipe_plan;

static const inv_recipe_line *line_at(const inv_recipe *recipe, size_t index)
{
	return INV_LIST_AT(recipe->lines, inv_recipe_line, index);
}

static inv_status recipe_claim(inv__call *call, void *const *records, size_t count)
{
	recipe_plan *plan = inv__arena_zalloc(call->arena, sizeof *plan);
	const inv_recipe *const *recipes = (const inv_recipe *const *)records;
	inv_id *ids = inv__arena_array(call->arena, count, sizeof *ids), *components = NULL;
	inv_status rc;

	call->hook_state = plan;
	if (!plan || !ids)
		return inv__call_no_memory(call);
	plan->recipes = recipes;
	plan->count = count;
	plan->first = inv__arena_array(call->arena, count, sizeof *plan->first);
	for (size_t i = 0; plan->first && i < count; i++) {
		ids[i] = recipes[i]->product.id;
		plan->first[i] = plan->line_count;
		plan->line_count += recipes[i]->lines.count;
	}
	components = inv__arena_array(call->arena, plan->line_count, sizeof *components);
	if (!plan->first || !components)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < recipes[i]->lines.count; j++)
			components[plan->first[i] + j] = line_at(recipes[i], j)->component.id;
	if (call->locks) {
		inv__batch_add(call->batch, &SQL_LOCK_ABOVE);
		inv__batch_flags(call->batch, INV_ITEM_LOCK);
		if (inv__ids_claim(call, ids, count) != INV_OK)
			return INV_E_NO_MEMORY;
	}
	rc = inv__products_claim(call, ids, count, false, &plan->products);
	if (rc == INV_OK)
		rc = inv__products_claim(call, components, plan->line_count, false, &plan->components);
	plan->above = inv__batch_add(call->batch, &SQL_ABOVE);
	if (rc == INV_OK)
		rc = inv__ids_claim(call, ids, count);
	plan->below = inv__batch_add(call->batch, &SQL_BELOW);
	return rc == INV_OK ? inv__ids_claim(call, components, plan->line_count) : rc;
}

/* ---- checks ---- */

static bool of_call(const recipe_plan *plan, inv_id recipe)
{
	for (size_t i = 0; i < plan->count; i++)
		if (inv__id_equal(plan->recipes[i]->id, recipe))
			return true;
	return false;
}

/* Edges that stay, and those of the call's own recipes as they will be. */
static inv_status make_graph(inv__call *call, recipe_plan *plan)
{
	const inv_rows *above = inv__batch_result(call->batch, plan->above);
	const inv_rows *below = inv__batch_result(call->batch, plan->below);
	inv__recipe_edge *edges = inv__arena_array(
		call->arena, above->row_count + below->row_count + plan->line_count + 1, sizeof *edges);
	size_t n = 0;

	if (!edges)
		return inv__call_no_memory(call);
	for (int side = 0; side < 2; side++) {
		const inv_rows *rows = side ? below : above;

		for (size_t row = 0; row < rows->row_count; row++) {
			inv_id recipe = inv__cell_id(rows, row, 0);

			if (!of_call(plan, recipe))
				edges[n++] = (inv__recipe_edge){recipe, inv__cell_id(rows, row, 1),
				                                inv__cell_id(rows, row, 2)};
		}
	}
	for (size_t i = 0; i < plan->count; i++)
		for (size_t j = 0; j < plan->recipes[i]->lines.count; j++)
			edges[n++] = (inv__recipe_edge){plan->recipes[i]->id, plan->recipes[i]->product.id,
			                                line_at(plan->recipes[i], j)->component.id};
	plan->has_graph = true;
	inv__products_read(call, &plan->products);
	inv__products_read(call, &plan->components);
	return inv__recipe_graph_make(call, edges, n, &plan->graph);
}

static inv_status line_fail(inv__call *call, size_t index, size_t line, inv_status status,
                            const char *field, const char *why)
{
	return inv__call_fail(call, status, index, inv__line_field(call, "lines", line, field), "%s",
	                      why);
}

static inv_status check_line(inv__call *call, recipe_plan *plan, size_t index, size_t j)
{
	const inv_recipe *recipe = plan->recipes[index];
	const inv_recipe_line *line = line_at(recipe, j);
	const inv__product_facts *p = &plan->components.list[plan->first[index] + j];

	if (!p->found)
		return line_fail(call, index, j, INV_E_NOT_FOUND, "component", "there is no such product");
	if (p->archived)
		return line_fail(call, index, j, INV_E_STATE, "component", "the product is archived");
	if (p->stocking == INV_STOCKING_NON_STOCKED)
		return line_fail(call, index, j, INV_E_INVALID, "component", "the product is not stocked");
	if (line->quantity % inv__pow10((uint32_t)(6 - p->decimals)) != 0)
		return line_fail(call, index, j, INV_E_INVALID, "quantity",
		                 "it has more decimals than the component is counted with");
	for (size_t i = 0; i < j; i++)
		if (inv__id_equal(line_at(recipe, i)->component.id, line->component.id))
			return line_fail(call, index, j, INV_E_INVALID, "component",
			                 "the component is there twice");
	if (inv__recipe_reaches(&plan->graph, line->component.id, recipe->product.id))
		return line_fail(call, index, j, INV_E_INVALID, "component",
		                 "a product cannot be a part of itself");
	return INV_OK;
}

static inv_status check_product(inv__call *call, recipe_plan *plan, size_t index)
{
	const inv_recipe *recipe = plan->recipes[index];
	const inv__product_facts *p = &plan->products.list[index];
	int32_t wanted = recipe->kind == INV_RECIPE_KIND_KIT ? INV_STOCKING_KIT : INV_STOCKING_STOCKED;

	if (p->stocking != wanted)
		return inv__call_fail(call, INV_E_INVALID, index, "product",
		                      recipe->kind == INV_RECIPE_KIND_KIT
		                          ? "only a product whose stocking is kit is sold as its parts"
		                          : "only a product that is stocked is assembled");
	if (recipe->yield_quantity % inv__pow10((uint32_t)(6 - p->decimals)) != 0)
		return inv__call_fail(call, INV_E_INVALID, index, "yield_quantity",
		                      "it has more decimals than the product is counted with");
	return INV_OK;
}

static inv_status recipe_check(inv__call *call, size_t index, void *record)
{
	recipe_plan *plan = call->hook_state;
	inv_recipe *recipe = record;
	inv_status rc = plan->has_graph ? INV_OK : make_graph(call, plan);

	if (recipe->yield_quantity == 0)
		recipe->yield_quantity = INV_QUANTITY_ONE;
	if (rc == INV_OK)
		rc = check_product(call, plan, index);
	for (size_t j = 0; rc == INV_OK && j < recipe->lines.count; j++)
		rc = check_line(call, plan, index, j);
	if (rc == INV_OK && inv__recipe_levels(&plan->graph, recipe->product.id, true) +
	                            inv__recipe_levels(&plan->graph, recipe->product.id, false) >
	                        INV__RECIPE_LEVELS)
		return inv__call_fail(call, INV_E_LIMIT, index, "lines",
		                      "recipes stand at most %d levels below one another",
		                      INV__RECIPE_LEVELS);
	return rc;
}

const inv__master inv__master_recipe = {INV_TABLE_recipe, INV_EVENT_recipe_created,
                                        INV_EVENT_recipe_updated, INV_EVENT_recipe_archived,
                                        recipe_claim, recipe_check, NULL};

/* ---- rows ---- */

INV__SQL(SQL_COMPONENTS_DROP,
         "DELETE FROM recipe_component WHERE recipe IN (SELECT r.recipe FROM {rows recipe:id} r)");

/* Is it the last event of its recipe among these? */
static bool is_last(const inv__event *events, size_t count, size_t index)
{
	for (size_t i = index + 1; i < count; i++)
		if (inv__id_equal(events[i].subject, events[index].subject))
			return false;
	return true;
}

static inv_status drop_components(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_str *ids;

	inv__batch_add(apply->batch, &SQL_COMPONENTS_DROP);
	inv__batch_rows(apply->batch, count);
	ids = inv__batch_blob_column(apply->batch);
	for (size_t i = 0; ids && i < count; i++)
		inv__batch_id_at(apply->batch, ids, i, &events[i].subject);
	return apply->batch->status;
}

static inv_status put_components(inv__apply *apply, const inv__event *events, size_t count)
{
	size_t total = 0, n = 0;
	inv_recipe_component *rows;
	const void **list;

	for (size_t i = 0; i < count; i++)
		total += ((const inv_recipe *)events[i].payload)->lines.count;
	rows = inv__arena_array(apply->arena, total + 1, sizeof *rows);
	list = inv__arena_array(apply->arena, total + 1, sizeof *list);
	if (!rows || !list)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const inv_recipe *recipe = events[i].payload;

		if (recipe->archived || !is_last(events, count, i))
			continue;
		for (size_t j = 0; j < recipe->lines.count; j++, n++) {
			rows[n] = (inv_recipe_component){
				.recipe = recipe->id, .component = line_at(recipe, j)->component.id,
				.line = (int64_t)j + 1,
				.product = recipe->product.id, .kind = recipe->kind,
				.quantity = line_at(recipe, j)->quantity,
				.yield_quantity = recipe->yield_quantity};
			list[n] = &rows[n];
		}
	}
	return inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_recipe_component), list, n,
	                     false);
}

inv_status inv__apply_recipe(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_status rc = inv__apply_master(apply, events, count);

	if (rc == INV_OK)
		rc = drop_components(apply, events, count);
	return rc == INV_OK ? put_components(apply, events, count) : rc;
}
