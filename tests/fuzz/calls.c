/* SPDX-License-Identifier: MIT */
/* Any operation with any JSON: the first line names it, the rest is its input. */
#include "fuzz/fuzz.h"

#include <cjson/cJSON.h>

static void check_answer(const inv_result *result)
{
	inv_str json = inv_result_json(result);
	cJSON *tree = cJSON_ParseWithLength(json.ptr, json.len);

	fuzz_require(tree != NULL, "an answer is not JSON", json.ptr);
	cJSON_Delete(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static fuzz_shop shop;
	inv_session *session = fuzz_shop_next(&shop);
	inv_str name = fuzz_line(&data, &size);
	inv_str json = {(const char *)data, size};
	const inv_op_desc *op = inv_schema_op_named(name);
	inv_result *result = NULL;
	inv_status status;

	if (op && (op->flags & INV_OP_WAITS))
		return 0;
	status = inv_call_json(session, name, json, NULL, &result);
	fuzz_error(session, status);
	if (status == INV_OK)
		check_answer(result);
	fuzz_plant(status == INV_E_EXISTS);
	inv_result_free(result);
	return 0;
}
