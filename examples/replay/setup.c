/* SPDX-License-Identifier: MIT */
/* The shop before its first document: settings, channels, products. Every command has a fixed key,
 * so that a second run changes nothing. */
#include "replay.h"

#include <stdlib.h>

#define PRODUCTS_AT_ONCE 1000

static inv_status settle(inv_session *session)
{
	inv_settings settings = INV_SETTINGS_INIT;
	inv_options options = INV_OPTIONS_INIT;

	settings.base_currency = INV_S(SHOP_CURRENCY);
	settings.time_zone = INV_S(SHOP_TIME_ZONE);
	inv_fields_set(&options.fields, INV_F_SETTINGS_BASE_CURRENCY);
	inv_fields_set(&options.fields, INV_F_SETTINGS_TIME_ZONE);
	options.key = INV_S("settings");
	if (inv_settings_update(session, &settings, 1, &options, NULL) == INV_OK)
		return INV_OK;
	return report_session("settings", session);
}

static inv_status open_channels(inv_session *session)
{
	inv_channel channels[2] = {INV_CHANNEL_INIT, INV_CHANNEL_INIT};
	inv_options options = INV_OPTIONS_INIT;

	channels[0].code = INV_S("strict");
	channels[0].name = INV_S("Till");
	channels[0].guard = INV_GUARD_STRICT;
	channels[1].code = INV_S("observe");
	channels[1].name = INV_S("Till, recorded afterwards");
	channels[1].guard = INV_GUARD_OBSERVE;
	options.key = INV_S("channels");
	if (inv_channel_create(session, channels, 2, &options, NULL) == INV_OK)
		return INV_OK;
	return report_session("channels", session);
}

inv_status setup_shop(inv_session *session)
{
	inv_status status = settle(session);

	return status == INV_OK ? open_channels(session) : status;
}

static void describe(const struct product *from, inv_product *to)
{
	*to = (inv_product)INV_PRODUCT_INIT;
	to->sku = inv_str_of(from->sku);
	to->name = inv_str_of(from->name ? from->name : from->sku);
	to->stocking = from->stocked ? INV_STOCKING_STOCKED : INV_STOCKING_NON_STOCKED;
}

/* Their ids come back in the order they were given in, also from a run before this one. */
static inv_status create(inv_session *session, struct product *products, size_t count, size_t batch)
{
	inv_product *inputs = calloc(count, sizeof *inputs);
	inv_options options = INV_OPTIONS_INIT;
	inv_result *result = NULL;
	inv_status status;
	char key[40];

	if (!inputs)
		return report_text(INV_E_NO_MEMORY, NULL, "out of memory");
	for (size_t i = 0; i < count; i++)
		describe(&products[i], &inputs[i]);
	snprintf(key, sizeof key, "products-%zu", batch);
	options.key = inv_str_of(key);
	status = inv_product_create(session, inputs, count, &options, &result);
	if (status != INV_OK)
		report_session(key, session);
	for (size_t i = 0; status == INV_OK && i < count; i++)
		products[i].id = INV_AT(result, inv_product, i)->id;
	inv_result_free(result);
	free(inputs);
	return status;
}

inv_status setup_products(inv_session *session, struct till_file *file)
{
	inv_status status = INV_OK;

	for (size_t at = 0; at < file->product_count && status == INV_OK; at += PRODUCTS_AT_ONCE) {
		size_t left = file->product_count - at;

		status = create(session, file->products + at,
		                left < PRODUCTS_AT_ONCE ? left : PRODUCTS_AT_ONCE,
		                at / PRODUCTS_AT_ONCE + 1);
	}
	return status;
}
