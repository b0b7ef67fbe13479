/* SPDX-License-Identifier: MIT */
/* Violated constraints as people understand them: the one table of their names. */
#include "storage/storage.h"

#include "storage/fault.h"

/* Databases name a violated constraint, but SQLite tells the columns of a primary key or of a
 * plain unique index instead, and only "index '…'" for one over expressions. */
typedef struct constraint {
	const char *name;
	const char *columns; /* as SQLite lists them; NULL when it tells the name */
	inv_status status;
	const char *record;
	const char *field;
	const char *sentence;
} constraint;

#define ID_TAKEN(record) \
	{record "_id_primary", record ".id", INV_E_EXISTS, record, "id", \
	 "there is a " record " with this id already"}
#define CODE_TAKEN(record, column) \
	{record "_" column "_unique", NULL, INV_E_EXISTS, record, column, \
	 "there is a " record " with this " column " already"}
#define FAULT(name, record, field) \
	{name, NULL, INV_E_INTERNAL, record, field, "the library tried to store an impossible value"}

static const constraint constraints[] = {
	ID_TAKEN("location"),
	ID_TAKEN("channel"),
	ID_TAKEN("register"),
	ID_TAKEN("category"),
	ID_TAKEN("product"),
	ID_TAKEN("posting"),
	ID_TAKEN("sale"),
	ID_TAKEN("reservation"),
	ID_TAKEN("lot"),
	ID_TAKEN("transfer"),
	ID_TAKEN("count"),
	CODE_TAKEN("transfer", "number"),
	ID_TAKEN("product_unit"),
	ID_TAKEN("recipe"),
	CODE_TAKEN("location", "code"),
	CODE_TAKEN("channel", "code"),
	CODE_TAKEN("register", "code"),
	CODE_TAKEN("category", "code"),
	CODE_TAKEN("product", "sku"),
	{"product_unit_code_unique", NULL, INV_E_EXISTS, "product_unit", "code",
	 "the product has this unit already"},
	{"recipe_product_unique", "recipe.product, recipe.kind", INV_E_EXISTS, "recipe", "product",
	 "the product has a recipe of this kind already"},
	{"recipe_component_recipe_primary", "recipe_component.recipe, recipe_component.component",
	 INV_E_INTERNAL, "recipe", "lines", "a component was stored twice"},
	{"settings_id_primary", "settings.id", INV_E_CONFLICT, "settings", "id",
	 "the settings were written by someone else at the same time"},
	{"lot_code_unique", NULL, INV_E_CONFLICT, "lot", "code",
	 "the lot was made known by someone else at the same time"},
	{"product_barcode_code_primary", "product_barcode.code", INV_E_EXISTS, "product", "barcodes",
	 "another product has this barcode already"},
	{"product_word_word_primary", "product_word.word, product_word.product", INV_E_INTERNAL,
	 "product", "", "a search word was stored twice"},
	{"sale_ticket_unique", "sale.till, sale.number", INV_E_CONFLICT, "sale", "number",
	 "this ticket number of the till was given out already"},
	{"sale_line_sale_primary", "sale_line.sale, sale_line.line", INV_E_EXISTS, "sale", "lines",
	 "the sale has this line already"},
	{"sale_tender_sale_primary", "sale_tender.sale, sale_tender.line", INV_E_EXISTS, "sale",
	 "tenders", "the sale has this tender already"},
	{"account_number_primary", "account.number", INV_E_CONFLICT, "account", "",
	 "the account was opened by someone else at the same time"},
	{"account_key_unique",
	 "account.product, account.location, account.condition, account.lot, account.serial,"
	 " account.owner",
	 INV_E_CONFLICT, "account", "", "the account was opened by someone else at the same time"},
	{"account_balance_account_primary", "account_balance.account", INV_E_CONFLICT, "account", "",
	 "the account was opened by someone else at the same time"},
	{"account_move_account_primary",
	 "account_move.account, account_move.occurred_at, account_move.event, account_move.line",
	 INV_E_EXISTS, "move", "event", "this move is booked already"},
	{"account_level_account_primary",
	 "account_level.account, account_level.level, account_level.until", INV_E_CONFLICT, "account",
	 "", "the account was changed by someone else at the same time"},
	{"closing_event_primary", "closing.event", INV_E_CONFLICT, "settings", "closed_until",
	 "the settings were written by someone else at the same time"},
	{"event_id_unique", "event.id", INV_E_EXISTS, "event", "id",
	 "there is an event with this id already"},
	{"event_position_primary", "event.position", INV_E_CONFLICT, "event", "position",
	 "another event took this position"},
	{"event_position_unique", NULL, INV_E_CONFLICT, "event", "position",
	 "another event took this position"},
	{"event_position_copied", NULL, INV_E_STATE, "event", "",
	 "a copy of a store to this place is not finished: nobody writes here until it is"},
	{"event_seq_primary", "event.seq", INV_E_CONFLICT, "event", "seq",
	 "another event took this number"},
	{"command_key_operation_primary", "command_key.operation, command_key.key", INV_E_CONFLICT,
	 "command_key", "key", "the key was used by someone else at the same time"},
	{"personal_value_subject_primary", "personal_value.subject, personal_value.field",
	 INV_E_EXISTS, "personal_value", "field", "this personal value is stored already"},
	{"feed_cursor_consumer_primary", "feed_cursor.consumer", INV_E_CONFLICT, "feed_cursor",
	 "consumer", "the cursor was made by someone else at the same time"},
	{"meta_name_primary", "meta.name", INV_E_CONFLICT, "meta", "name",
	 "the store's facts were written by someone else at the same time"},
	{"transfer_line_transfer_primary", "transfer_line.transfer, transfer_line.line", INV_E_EXISTS,
	 "transfer", "lines", "the transfer has this line already"},
	{"count_line_count_primary", "count_line.count, count_line.line", INV_E_EXISTS, "count",
	 "lines", "the count has this line already"},
	{"count_line_account_unique", NULL, INV_E_CONFLICT, "count", "lines",
	 "somebody entered this account at the same time"},
	{"assertion_account_primary", "assertion.account, assertion.occurred_at, assertion.event",
	 INV_E_EXISTS, "count", "lines", "the line is posted already"},
	FAULT("count_subtree_range", "count", "subtree"),
	FAULT("count_blind_range", "count", "blind"),
	FAULT("count_line_line_range", "count", "lines"),
	FAULT("count_line_is_counted_range", "count", "lines"),
	FAULT("count_line_accepted_range", "count", "lines"),
	FAULT("transfer_line_line_range", "transfer", "lines"),
	FAULT("transfer_line_shipped_range", "transfer", "lines"),
	FAULT("transfer_line_received_range", "transfer", "lines"),
	FAULT("command_key_event_count_range", "command_key", "event_count"),
	FAULT("feed_cursor_position_range", "feed_cursor", "position"),
	FAULT("event_position_range", "event", "position"),
	FAULT("location_archived_range", "location", "archived"),
	FAULT("channel_archived_range", "channel", "archived"),
	FAULT("channel_backorder_limit_range", "channel", "backorder_limit"),
	FAULT("register_archived_range", "register", "archived"),
	FAULT("category_archived_range", "category", "archived"),
	FAULT("product_archived_range", "product", "archived"),
	FAULT("product_decimals_range", "product", "decimals"),
	FAULT("product_list_price_range", "product", "list_price"),
	FAULT("sale_number_range", "sale", "number"),
	{"reorder_rule_product_primary", "reorder_rule.product, reorder_rule.location", INV_E_CONFLICT,
	 "reorder_rule", "product", "the rule was set by someone else at the same time"},
	FAULT("reservation_subtree_range", "reservation", "subtree"),
	FAULT("reservation_open_range", "reservation", "open"),
	FAULT("product_unit_archived_range", "product_unit", "archived"),
	FAULT("product_unit_numerator_range", "product_unit", "numerator"),
	FAULT("product_unit_denominator_range", "product_unit", "denominator"),
	FAULT("recipe_archived_range", "recipe", "archived"),
	FAULT("recipe_yield_quantity_range", "recipe", "yield_quantity"),
	FAULT("recipe_component_quantity_range", "recipe", "lines"),
	FAULT("sale_line_line_range", "sale", "lines"),
	FAULT("sale_tender_line_range", "sale", "tenders"),
};

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* Does the message name it: as a whole word, not as a part of a longer name? */
static bool names(const char *message, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(message, name); at; at = strstr(at + 1, name))
		if ((at == message || !name_char(at[-1])) && !name_char(at[len]))
			return true;
	return false;
}

/* Does the message end in this list of columns? */
static bool lists(const char *message, const char *columns)
{
	size_t len = strlen(message);
	size_t size = strlen(columns);

	return len > size + 1 && strcmp(message + len - size, columns) == 0 &&
	       message[len - size - 1] == ' ' && message[len - size - 2] != ',';
}

static void set_name(char *out, size_t size, const char *name)
{
	size_t len = strlen(name);

	if (len >= size)
		len = size - 1;
	memcpy(out, name, len);
	out[len] = '\0';
}

void inv__constraint_explain(inv_error *error)
{
	for (size_t i = 0; i < sizeof constraints / sizeof constraints[0]; i++) {
		const constraint *c = &constraints[i];
		int64_t native = error->native_code;

		if (!names(error->message, c->name) &&
		    !(c->columns && lists(error->message, c->columns)))
			continue;
		inv__fault(error, c->status, native, "%s", c->sentence);
		set_name(error->record, sizeof error->record, c->record);
		set_name(error->field, sizeof error->field, c->field);
		return;
	}
}
