/* SPDX-License-Identifier: MIT */
/* Search: every word given must be a prefix of a word of the product. */
#include "domain/domain.h"
#include "domain/ops.h"
#include "util/text.h"

#define SEARCH_WORDS_MAX 8u
#define WORD_MAX 64u
/* Sorts behind every continuation of a prefix. */
#define LAST_CHARACTER "\xF4\x8F\xBF\xBF"

/* Appends a condition and its two values; false when out of memory. */
static bool add_word(inv__call *call, inv_str word, size_t number, inv__buf *where,
                     inv_value *values)
{
	char text[WORD_MAX + 8], clause[160];
	inv_str low = inv__arena_str(call->arena, word), high;

	memcpy(text, word.ptr, word.len);
	memcpy(text + word.len, LAST_CHARACTER, 4);
	high = inv__arena_str(call->arena, (inv_str){text, word.len + 4});
	if (!low.ptr || !high.ptr)
		return false;
	values[0] = (inv_value){INV_VALUE_TEXT, (uint32_t)low.len, {.p = low.ptr}};
	values[1] = (inv_value){INV_VALUE_TEXT, (uint32_t)high.len, {.p = high.ptr}};
	inv__format(clause, sizeof clause,
	            "%st.id IN (SELECT w.product FROM product_word w WHERE w.word >= ?%zu"
	            " AND w.word < ?%zu)",
	            number ? " AND " : "", number * 2 + 1, number * 2 + 2);
	inv__buf_puts(where, clause);
	return where->status == INV_OK;
}

inv_status inv__claim_product_search(inv__call *call)
{
	const inv_search *in = inv__call_input(call, 0);
	inv_value *values = inv__arena_array(call->arena, SEARCH_WORDS_MAX * 2, sizeof *values);
	inv__list_source source = {.from = INV_S("product"), .cursor = in->cursor, .limit = in->limit};
	inv_str rest = in->words;
	inv__buf where;
	char word[WORD_MAX];
	size_t len, n = 0;
	inv_status rc = INV_OK;

	if (!values)
		return inv__call_no_memory(call);
	inv__buf_init(&where, &call->arena->allocator, 4096);
	while (rc == INV_OK && inv__word_next(&rest, word, sizeof word, &len)) {
		if (n == SEARCH_WORDS_MAX)
			rc = inv__call_fail(call, INV_E_LIMIT, 0, "words", "a search takes at most 8 words");
		else if (!add_word(call, (inv_str){word, len}, n, &where, &values[n * 2]))
			rc = inv__call_no_memory(call);
		n++;
	}
	if (rc == INV_OK && n == 0)
		rc = inv__call_fail(call, INV_E_INVALID, 0, "words", "there is no word in it");
	if (rc == INV_OK) {
		source.where = inv__arena_str(call->arena, inv__buf_str(&where)).ptr;
		source.values = values;
		source.value_count = n * 2;
		rc = source.where ? inv__list_claim(call, &source) : inv__call_no_memory(call);
	}
	inv__buf_free(&where);
	return rc;
}

inv_status inv__decide_product_search(inv__call *call)
{
	return inv__list_decide(call);
}
