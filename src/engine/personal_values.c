/* SPDX-License-Identifier: MIT */
/* PERSONAL fields. The journal holds a salted commitment, the value stands beside it and can be
 * deleted: the journal still proves itself and says nothing of the person. */
#include "engine/engine.h"
#include "util/text.h"

#define SALT_SIZE 16u
#define MARK "blake2b:"

bool inv__has_personal(const inv_record_desc *record)
{
	for (uint32_t i = 0; i < record->field_count; i++)
		if (record->fields[i].flags & INV_FIELD_PERSONAL)
			return true;
	return false;
}

/* A salt of another size is no salt of ours: its commitment is nobody's. */
inv_str inv__personal_commitment(inv__arena *arena, inv_str salt, inv_str value)
{
	char text[sizeof MARK + 64];
	uint8_t hash[32];

	if (salt.len != SALT_SIZE)
		return INV_S("-");
	inv__hash(value.ptr, value.len, salt.ptr, salt.len, hash);
	memcpy(text, MARK, sizeof MARK - 1);
	inv__hex(hash, sizeof hash, text + sizeof MARK - 1);
	return inv__arena_str(arena, (inv_str){text, sizeof MARK - 1 + 64});
}

static inv_status seal_field(inv__call *call, const inv_field_desc *field, inv_id subject,
                             inv_str *value)
{
	inv_personal_value *row = inv__arena_zalloc(call->arena, sizeof *row);
	uint8_t salt[SALT_SIZE];
	const void *list = row;

	if (!row)
		return inv__call_no_memory(call);
	if (!call->random.fill(call->random.ctx, salt, sizeof salt))
		return inv__error_set(call->error, INV_E_INTERNAL, NULL, NULL,
		                      "the source of randomness failed");
	row->struct_size = sizeof *row;
	row->subject = subject;
	row->field = inv_str_of(field->name);
	row->salt = inv__arena_str(call->arena, (inv_str){(const char *)salt, sizeof salt});
	row->value = *value;
	if (row->salt.ptr)
		*value = inv__personal_commitment(call->arena, row->salt, *value);
	if (!row->salt.ptr || !value->ptr)
		return inv__call_no_memory(call);
	return inv__rows_put(call->batch, inv_schema_table(INV_TABLE_personal_value), &list, 1, true);
}

inv_status inv__personal_seal(inv__call *call, const inv_record_desc *record, inv_id subject,
                              const void *payload, void *sealed)
{
	inv_status rc = INV_OK;

	memcpy(sealed, payload, record->size);
	for (uint32_t i = 0; rc == INV_OK && i < record->field_count; i++) {
		inv_str *value = inv__field_of(&record->fields[i], sealed);

		if ((record->fields[i].flags & INV_FIELD_PERSONAL) && value->len > 0)
			rc = seal_field(call, &record->fields[i], subject, value);
	}
	return rc;
}

INV__SQL(SQL_VALUES, "SELECT v.field, v.value FROM personal_value v WHERE v.subject = ?1");

inv_status inv__personal_open(inv__link *link, inv__call *call, const inv_record_desc *record,
                              inv_id subject, void *payload)
{
	inv__batch batch;
	const inv_rows *rows;
	inv_status rc;

	inv__batch_init(&batch, call->arena);
	inv__batch_add(&batch, &SQL_VALUES);
	inv__batch_id(&batch, subject);
	rc = inv__batch_exec(&batch, link, call->error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(&batch, 0);
	for (uint32_t i = 0; i < record->field_count; i++) {
		inv_str *value = inv__field_of(&record->fields[i], payload);

		if (!(record->fields[i].flags & INV_FIELD_PERSONAL))
			continue;
		*value = (inv_str){"", 0}; /* forgotten, unless its row is still there */
		for (size_t row = 0; row < rows->row_count; row++)
			if (inv__str_is(inv__cell_str(rows, row, 0), record->fields[i].name))
				*value = inv__cell_str(rows, row, 1);
	}
	return INV_OK;
}
