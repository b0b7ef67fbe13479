/* SPDX-License-Identifier: MIT */
/* The description as JSON. All its texts are names, which need no escapes. */
#include <stdarg.h>
#include <stdio.h>

#include "inventra/flat.h"

typedef struct text {
	char *ptr;
	size_t len;
	size_t size;
} text;

static void put(text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(text *out, const char *format, ...)
{
	bool fits = out->ptr && out->len < out->size;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(fits ? out->ptr + out->len : NULL, fits ? out->size - out->len : 0, format, args);
	va_end(args);
	out->len += n > 0 ? (size_t)n : 0;
}

static const char *comma(uint32_t i)
{
	return i ? "," : "";
}

static void put_flags(text *out)
{
	put(out,
	    "\"field_flags\":{\"KEY\":%u,\"REQUIRED\":%u,\"READONLY\":%u,\"IMMUTABLE\":%u,"
	    "\"UNIQUE\":%u,\"FILTER\":%u,\"SORT\":%u,\"SEARCH\":%u,\"PERSONAL\":%u,\"LOCK\":%u,"
	    "\"INPUT\":%u,\"STATE\":%u,\"DETAIL\":%u,\"HIDDEN\":%u,\"POSITIONAL\":%u,"
	    "\"MULTILINE\":%u,\"NAMES\":%u},",
	    INV_FIELD_KEY, INV_FIELD_REQUIRED, INV_FIELD_READONLY, INV_FIELD_IMMUTABLE,
	    INV_FIELD_UNIQUE, INV_FIELD_FILTER, INV_FIELD_SORT, INV_FIELD_SEARCH, INV_FIELD_PERSONAL,
	    INV_FIELD_LOCK, INV_FIELD_INPUT, INV_FIELD_STATE, INV_FIELD_DETAIL, INV_FIELD_HIDDEN,
	    INV_FIELD_POSITIONAL, INV_FIELD_MULTILINE, INV_FIELD_NAMES);
	put(out,
	    "\"op_flags\":{\"READ\":%u,\"WRITE\":%u,\"BATCH\":%u,\"PARTIAL\":%u,\"LISTS\":%u,"
	    "\"WAITS\":%u,\"SIDE_EFFECT\":%u},\"options\":{\"CODES\":%u}",
	    INV_OP_READ, INV_OP_WRITE, INV_OP_BATCH, INV_OP_PARTIAL, INV_OP_LISTS, INV_OP_WAITS,
	    INV_OP_SIDE_EFFECT, INV_OPTION_CODES);
}

static void put_field(text *out, const inv_field_desc *f)
{
	put(out, "{\"name\":\"%s\",\"kind\":\"%s\",\"flags\":%u,\"max\":%u,\"of\":%u,\"offset\":%u}",
	    f->name, inv_schema_kind_name(f->kind), f->flags, f->max, f->of, f->offset);
}

static void put_records(text *out, const char *what,
                        const inv_record_desc *(*by_number)(uint32_t number))
{
	const inv_record_desc *r;

	put(out, ",\"%s\":[", what);
	for (uint32_t i = 0; (r = by_number(i)) != NULL; i++) {
		put(out, "%s{\"name\":\"%s\",\"size\":%u,\"fields\":[", comma(i), r->name, r->size);
		for (uint32_t n = 0; n < r->field_count; n++) {
			put(out, "%s", comma(n));
			put_field(out, &r->fields[n]);
		}
		put(out, "]}");
	}
	put(out, "]");
}

static void put_enums(text *out)
{
	const inv_enum_desc *e;

	put(out, ",\"enums\":[");
	for (uint32_t i = 0; (e = inv_schema_enum(i)) != NULL; i++) {
		put(out, "%s{\"name\":\"%s\",\"values\":{", comma(i), e->name);
		for (uint32_t v = 0; v < e->value_count; v++)
			put(out, "%s\"%d\":\"%s\"", comma(v), (int)e->values[v].number, e->values[v].name);
		put(out, "}}");
	}
	put(out, "]");
}

static void put_ops(text *out)
{
	const inv_op_desc *op;

	put(out, ",\"ops\":[");
	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++)
		put(out,
		    "%s{\"name\":\"%s\",\"plural\":\"%s\",\"verb\":\"%s\",\"flags\":%u,\"input\":%u,"
		    "\"output\":%u}",
		    comma(i), op->name, op->plural, op->verb, op->flags, op->input, op->output);
	put(out, "]");
}

static void put_statuses(text *out)
{
	const inv_status_desc *s;

	put(out, ",\"statuses\":[");
	for (uint32_t i = 0; (s = inv_schema_status_at(i)) != NULL; i++)
		put(out, "%s{\"name\":\"%s\",\"number\":%d,\"class\":\"%s\",\"retryable\":%s}", comma(i),
		    s->name, (int)s->number, s->klass, s->retryable ? "true" : "false");
	put(out, "]");
}

size_t inv_schema_json(char *buffer, size_t size)
{
	text out = {buffer, 0, size};

	put(&out, "{\"version\":\"%s\",", inv_version());
	put_flags(&out);
	put_records(&out, "records", inv_schema_record);
	put_records(&out, "structs", inv_schema_struct);
	put_enums(&out);
	put_ops(&out);
	put_statuses(&out);
	put(&out, "}");
	return out.len;
}
