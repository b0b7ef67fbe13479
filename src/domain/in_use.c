/* SPDX-License-Identifier: MIT */
/* What something else rests on is not archived: things the engine itself works with, what a
 * master's own statement finds, and the nodes of a tree that have others below them. */
#include "domain/domain.h"
#include "domain/tree.h"
#include "domain/well_known.h"
#include "util/id.h"

struct inv__uses {
	const char *noun;
	const inv_id *ids;
	size_t named, below; /* statements; SIZE_MAX = there is none */
};

inv_status inv__uses_claim(inv__call *call, const inv__master *master, const inv_id *ids,
                           inv__uses **out)
{
	const inv_table_desc *table = inv_schema_table(master->table);
	inv__uses *uses = inv__arena_zalloc(call->arena, sizeof *uses);
	inv_status rc = INV_OK;

	if (!uses)
		return inv__call_no_memory(call);
	*out = uses;
	uses->noun = table->name;
	uses->ids = ids;
	uses->named = uses->below = SIZE_MAX;
	if (master->in_use) {
		uses->named = inv__batch_add(call->batch, master->in_use);
		rc = inv__ids_claim(call, ids, call->count);
	}
	if (rc == INV_OK && inv__tree_parent(table))
		rc = inv__tree_children_claim(call, table, ids, call->count, &uses->below);
	return rc;
}

static inv_status fail(inv__call *call, size_t index, inv_str cause)
{
	return inv__call_fail(call, INV_E_STATE, index, "ref", "it cannot be archived: %.*s",
	                      (int)cause.len, cause.ptr);
}

static inv_status check_named(inv__call *call, const inv__uses *uses, const bool *archives)
{
	const inv_rows *rows = inv__batch_result(call->batch, uses->named);

	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n < call->count && archives[n])
			return fail(call, n, inv__cell_str(rows, row, 1));
	}
	return INV_OK;
}

static bool goes_too(const inv__call *call, const inv__uses *uses, inv_id id)
{
	for (size_t i = 0; i < call->count; i++)
		if (inv__id_equal(uses->ids[i], id))
			return true;
	return false;
}

/* A branch may go as a whole, by one call. */
static inv_status check_below(inv__call *call, const inv__uses *uses, const bool *archives)
{
	const inv_rows *rows = inv__batch_result(call->batch, uses->below);

	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n < call->count && archives[n] && !goes_too(call, uses, inv__cell_id(rows, row, 1)))
			return inv__call_fail(call, INV_E_STATE, n, "ref",
			                      "it cannot be archived: a %s that is not stands below it",
			                      uses->noun);
	}
	return INV_OK;
}

inv_status inv__uses_check(inv__call *call, const inv__uses *uses, const bool *archives)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		if (archives[i] && inv__is_well_known(uses->ids[i]))
			rc = fail(call, i, INV_S("the engine itself works with it"));
	if (rc == INV_OK && uses->named != SIZE_MAX)
		rc = check_named(call, uses, archives);
	if (rc == INV_OK && uses->below != SIZE_MAX)
		rc = check_below(call, uses, archives);
	return rc;
}
