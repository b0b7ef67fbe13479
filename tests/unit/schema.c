/* SPDX-License-Identifier: MIT */
/* The description against the structs it describes: every byte of a struct is a field, the size, or
 * a named gap of four bytes; zero is every default; and what an earlier version laid out stays
 * where it was (tests/abi/layout.txt, to which lines are only ever added). */
#include <stdio.h>
#include <stdlib.h>

#include "inventra/inventra.h"
#include "schema/numbers.h"
#include "support/check.h"

static const inv_record_desc *record_at(uint32_t i)
{
	return inv_schema_record(i);
}

/* Fields in order, no overlap, gaps of exactly 4 bytes before what needs 8. */
static void check_coverage(const inv_record_desc *r)
{
	uint32_t end = 4;

	for (uint32_t i = 0; i < r->field_count; i++) {
		const inv_field_desc *f = inv_schema_field(r, i);
		uint32_t gap = f->offset - end;

		if (f->offset < end || (gap != 0 && gap != 4) || (gap == 4 && f->offset % 8 != 0))
			CHECK_FAIL("%s.%s lies at %u behind %u", r->name, f->name, f->offset, end);
		end = f->offset + f->size;
	}
	if (r->size != end && r->size != end + 4)
		CHECK_FAIL("%s ends at %u and is %u bytes long", r->name, end, r->size);
	CHECK_INT(r->size % 8, 0);
}

TEST(every_byte_of_a_struct_is_described)
{
	for (uint32_t i = 0; record_at(i); i++)
		check_coverage(record_at(i));
}

TEST(initialisers_agree)
{
	inv_product a = INV_PRODUCT_INIT, b;

	inv_product_init(&b);
	CHECK_BYTES(&a, &b, sizeof a);
	CHECK_INT(a.struct_size, sizeof a);
	CHECK_INT(inv_schema_record_named(INV_S("product"))->size, sizeof a);
}

TEST(names_find_what_they_name)
{
	uint32_t index = 99;

	CHECK(inv_schema_record_named(INV_S("nothing")) == NULL);
	CHECK(inv_schema_op_named(INV_S("product.create")) == inv_schema_op(INV_OP_product_create));
	CHECK(inv_schema_event_named(INV_S("sale.closed")) != NULL);
	CHECK(inv_schema_field_named(record_at(INV_RECORD_product), INV_S("sku"), &index) != NULL);
	CHECK_INT(index, INV_F_PRODUCT_SKU);
	CHECK_INT(inv_schema_status(INV_E_CORRUPT)->exit_code, 28);
	CHECK_INT(inv_schema_status(12345)->number, INV_E_INTERNAL);
	CHECK_STR(inv_enum_name(inv_schema_enum(INV_ENUM_guard), INV_GUARD_OBSERVE), "observe");
	CHECK(inv_enum_name(inv_schema_enum(INV_ENUM_guard), 77) == NULL);
}

TEST(enums_start_at_zero_and_do_not_repeat)
{
	for (uint32_t i = 0; inv_schema_enum(i); i++) {
		const inv_enum_desc *e = inv_schema_enum(i);

		CHECK_INT(e->values[0].number, 0);
		for (uint32_t j = 1; j < e->value_count; j++)
			if (e->values[j].number <= e->values[j - 1].number)
				CHECK_FAIL("%s.%s repeats a number", e->name, e->values[j].name);
	}
}

TEST(operations_name_records_that_exist)
{
	for (uint32_t i = 0; inv_schema_op(i); i++) {
		const inv_op_desc *op = inv_schema_op(i);
		bool reads = (op->flags & INV_OP_READ) != 0, writes = (op->flags & INV_OP_WRITE) != 0;

		if (!record_at(op->input) || !record_at(op->output) || reads == writes)
			CHECK_FAIL("%s is not described well", op->name);
	}
}

static bool in_text(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at += n)
		if ((at == text || at[-1] == '\n') && at[n] == '\n')
			return true;
	return false;
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = calloc(1, 1 << 20);

	if (f && text && fread(text, 1, (1 << 20) - 1, f) == 0)
		text[0] = 0;
	if (f)
		fclose(f);
	return text;
}

/* One line for each field: what a program compiled against an earlier header relies on. */
static void field_line(const inv_record_desc *r, const inv_field_desc *f, char *line, size_t size)
{
	snprintf(line, size, "%s.%s %s %u", r->name, f->name, inv_schema_kind_name(f->kind), f->offset);
}

TEST(layouts_only_grow)
{
	const char *source = getenv("INV_TEST_SOURCE_DIR");
	char path[1024], now[65536] = "", line[160];
	size_t at = 0;
	char *frozen, *next;

	if (!CHECK(source != NULL) || sizeof(void *) != 8)
		return;
	snprintf(path, sizeof path, "%s/tests/abi/layout.txt", source);
	for (uint32_t i = 0; record_at(i); i++) {
		const inv_record_desc *r = record_at(i);
		uint32_t fields = r->flags & INV_RECORD_PUBLIC ? r->field_count : 0;

		for (uint32_t j = 0; j < fields; j++) {
			field_line(r, inv_schema_field(r, j), line, sizeof line);
			at += (size_t)snprintf(now + at, sizeof now - at, "%s\n", line);
		}
	}
	frozen = read_file(path);
	if (getenv("INV_TEST_FREEZE")) {
		FILE *f = fopen(path, "wb");

		if (CHECK(f != NULL))
			fprintf(f, "SPDX-License-Identifier: MIT\n%s", now), fclose(f);
	}
	CHECK(frozen && strlen(frozen) > 1000);
	for (char *l = frozen; l && (next = strchr(l, '\n')) != NULL; l = next + 1) {
		*next = 0;
		if (l != frozen && !in_text(now, l))
			CHECK_FAIL("the layout has changed: `%s` was promised", l);
	}
	free(frozen);
}

CHECK_MAIN()
