/* SPDX-License-Identifier: MIT */
/* The grammar of filters: list_price >= 2.50 and name ^= "Tea". */
#include "codec/field.h"
#include "domain/list.h"
#include "util/text.h"
#include "util/time.h"

/* A walk over the filter's text. */
typedef struct scanner {
	const inv_record_desc *record;
	inv_str text;
	size_t at;
	inv__arena *arena;
	inv__problems *problems;
} scanner;

/* Longer operators stand before those they start with. */
static const struct {
	const char *text;
	inv__filter_op op;
} operators[] = {
	{"!=", INV__FILTER_UNEQUAL}, {"<=", INV__FILTER_LESS_EQUAL},
	{">=", INV__FILTER_GREATER_EQUAL}, {"^=", INV__FILTER_STARTS},
	{"=", INV__FILTER_EQUAL}, {"<", INV__FILTER_LESS},
	{">", INV__FILTER_GREATER},
};

static inv_status no_memory(const scanner *s)
{
	return inv__problem_add(s->problems, INV_E_NO_MEMORY, NULL, "filter",
	                        "there is not enough memory");
}

static inv_status expected(const scanner *s, size_t at, const char *what)
{
	return inv__problem_add(s->problems, INV_E_INVALID, NULL, "filter",
	                        "at position %zu of the filter: %s", at + 1, what);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_operator(char c)
{
	return c == '=' || c == '<' || c == '>' || c == '!' || c == '^';
}

static void skip_space(scanner *s)
{
	while (s->at < s->text.len && is_space(s->text.ptr[s->at]))
		s->at++;
}

static inv_str take_name(scanner *s)
{
	inv_str name = {s->text.ptr + s->at, 0};

	while (s->at + name.len < s->text.len && is_name(name.ptr[name.len]))
		name.len++;
	s->at += name.len;
	return name;
}

/* Names the fields one may filter by. */
static inv_status no_field(const scanner *s, size_t at)
{
	char names[200] = "expected one of the fields";
	size_t len = strlen(names);
	const char *comma = " ";

	for (uint32_t i = 0; i < s->record->field_count && len < sizeof names - 1; i++) {
		if (!(s->record->fields[i].flags & INV_FIELD_FILTER))
			continue;
		inv__format(names + len, sizeof names - len, "%s%s", comma, s->record->fields[i].name);
		len = strlen(names);
		comma = ", ";
	}
	return expected(s, at, names);
}

static inv_status parse_field(scanner *s, inv__condition *out)
{
	size_t at = s->at;
	inv_str name = take_name(s);

	out->field = inv_schema_field_named(s->record, name, NULL);
	if (!out->field || !(out->field->flags & INV_FIELD_FILTER))
		return no_field(s, at);
	return INV_OK;
}

/* Which operators go with a kind: enums and booleans have no order, references no prefix. */
static bool op_fits(uint32_t kind, inv__filter_op op)
{
	if (op == INV__FILTER_EQUAL || op == INV__FILTER_UNEQUAL)
		return true;
	switch (kind) {
	case INV_KIND_TEXT:
	case INV_KIND_CODE:
		return true;
	case INV_KIND_DATE:
	case INV_KIND_INT:
	case INV_KIND_QUANTITY:
	case INV_KIND_MONEY:
	case INV_KIND_RATIO:
	case INV_KIND_INSTANT:
		return op != INV__FILTER_STARTS;
	default:
		return false;
	}
}

static const char *fitting_ops(uint32_t kind)
{
	if (op_fits(kind, INV__FILTER_STARTS))
		return "expected = != < <= > >= or ^=";
	if (op_fits(kind, INV__FILTER_LESS))
		return "expected = != < <= > or >=";
	return "expected = or !=";
}

static inv_status parse_op(scanner *s, inv__condition *out)
{
	for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
		inv_str rest = {s->text.ptr + s->at, s->text.len - s->at};

		if (!inv__str_starts(rest, inv_str_of(operators[i].text)))
			continue;
		out->op = operators[i].op;
		if (!op_fits(out->field->kind, out->op))
			break;
		s->at += strlen(operators[i].text);
		return INV_OK;
	}
	return expected(s, s->at, fitting_ops(out->field->kind));
}

static inv_status parse_quoted(scanner *s, inv_str *out)
{
	size_t start = s->at;
	char *copy = inv__arena_alloc(s->arena, s->text.len - s->at);
	size_t len = 0;

	if (!copy)
		return no_memory(s);
	for (s->at++; s->at < s->text.len; s->at++) {
		char c = s->text.ptr[s->at];

		if (c == '"') {
			s->at++;
			*out = (inv_str){copy, len};
			return INV_OK;
		}
		if (c == '\\') {
			s->at++;
			if (s->at == s->text.len)
				break;
			c = s->text.ptr[s->at];
			if (c != '"' && c != '\\')
				return expected(s, s->at, "expected \" or \\ behind \\");
		}
		copy[len++] = c;
	}
	return expected(s, start, "the \" that opens here is never closed");
}

static inv_status parse_text(scanner *s, inv_str *out)
{
	size_t start = s->at;
	inv_status rc = INV_OK;

	if (s->at == s->text.len || is_operator(s->text.ptr[s->at]))
		return expected(s, s->at, "expected a value");
	if (s->text.ptr[s->at] == '"') {
		rc = parse_quoted(s, out);
	} else {
		while (s->at < s->text.len && !is_space(s->text.ptr[s->at])) {
			if (s->text.ptr[s->at] == '"')
				return expected(s, s->at, "a value with \" in it must stand in quotes");
			s->at++;
		}
		*out = (inv_str){s->text.ptr + start, s->at - start};
	}
	if (rc == INV_OK && s->at < s->text.len && !is_space(s->text.ptr[s->at]))
		return expected(s, s->at, "expected a space");
	return rc;
}

/* A list of strings is kept as a JSON array: it holds the value when the value's JSON is in it. */
static inv_status strings_value(const scanner *s, inv_str text, inv_value *out)
{
	inv__buf json;
	inv_str copy = {NULL, 0};

	inv__buf_init(&json, &s->arena->allocator, 16384);
	inv__json_write_string(text, &json);
	if (json.status == INV_OK)
		copy = inv__arena_str(s->arena, inv__buf_str(&json));
	inv__buf_free(&json);
	if (!copy.ptr)
		return no_memory(s);
	*out = (inv_value){.type = INV_VALUE_TEXT, .size = (uint32_t)copy.len, .u.p = copy.ptr};
	return INV_OK;
}

static inv_status folded_value(const scanner *s, inv_value *value)
{
	inv_str folded = inv__str_fold(s->arena, (inv_str){value->u.p, value->size});

	if (!folded.ptr)
		return no_memory(s);
	value->u.p = folded.ptr;
	return INV_OK;
}

/* Read the text as the field's kind and turn it into what stands in the table. */
static inv_status field_value(const scanner *s, size_t at, inv_str text, inv__condition *out)
{
	const inv_field_desc *field = out->field;
	inv_error error = INV_ERROR_INIT;
	inv__problems problems = {&error, s->record->name, 0};
	void *record = inv__arena_zalloc(s->arena, s->record->size);
	const inv_ref *ref;
	int64_t instant;
	inv_status rc = INV_OK;

	if (!record)
		return no_memory(s);
	/* Every instant may be compared with, also the one that stands for none where it is given. */
	if (field->kind == INV_KIND_INSTANT && inv__instant_parse(text, &instant))
		inv__field_set_int(field, record, instant);
	else
		rc = inv__field_from_text(field, text, s->arena, record, &problems, NULL);
	if (rc != INV_OK)
		return rc == INV_E_NO_MEMORY ? no_memory(s) : expected(s, at, error.message);
	ref = inv__field_at(field, record);
	if (field->kind == INV_KIND_REF && inv_id_is_none(ref->id) && ref->code.len > 0) {
		out->by_code = true;
		out->value = (inv_value){
			.type = INV_VALUE_TEXT, .size = (uint32_t)ref->code.len, .u.p = ref->code.ptr};
		return folded_value(s, &out->value);
	}
	if (inv__value_of(field, record, s->arena, &out->value) != INV_OK)
		return no_memory(s);
	out->folded = field->kind == INV_KIND_CODE || (field->flags & INV_FIELD_UNIQUE) != 0;
	return out->folded ? folded_value(s, &out->value) : INV_OK;
}

static inv_status parse_condition(scanner *s, inv__condition *out)
{
	inv_str text = {NULL, 0};
	size_t at;
	inv_status rc = parse_field(s, out);

	if (rc != INV_OK)
		return rc;
	skip_space(s);
	rc = parse_op(s, out);
	if (rc != INV_OK)
		return rc;
	skip_space(s);
	at = s->at;
	rc = parse_text(s, &text);
	if (rc != INV_OK)
		return rc;
	if (out->field->kind == INV_KIND_STRINGS)
		return strings_value(s, text, &out->value);
	return field_value(s, at, text, out);
}

inv_status inv__filter_parse(const inv_record_desc *record, inv_str text, inv__arena *arena,
                             inv__problems *problems, inv__filter *out)
{
	scanner s = {record, text, 0, arena, problems};

	out->count = 0;
	skip_space(&s);
	if (s.at == text.len)
		return INV_OK;
	for (;;) {
		inv_status rc;
		size_t at;

		if (out->count == INV__FILTER_MAX)
			return expected(&s, s.at, "a filter may have 32 conditions at most");
		memset(&out->items[out->count], 0, sizeof out->items[0]);
		rc = parse_condition(&s, &out->items[out->count]);
		if (rc != INV_OK)
			return rc;
		out->count++;
		skip_space(&s);
		if (s.at == text.len)
			return INV_OK;
		at = s.at;
		if (!inv__str_equal_fold(take_name(&s), INV_S("and")))
			return expected(&s, at, "expected `and` or the end");
		skip_space(&s);
	}
}

bool inv__filter_names(const inv__filter *filter, const inv_field_desc *field)
{
	for (size_t i = 0; i < filter->count; i++)
		if (filter->items[i].field == field)
			return true;
	return false;
}
