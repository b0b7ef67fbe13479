/* SPDX-License-Identifier: MIT */
/* What a new store holds: virtual locations, one place, one channel, one till, its settings. */
#include "domain/domain.h"
#include "domain/well_known.h"

INV__SQL(SQL_ANY_EVENT, "SELECT e.seq FROM event e LIMIT 1");

inv_status inv__bootstrap_claim(inv__call *call)
{
	inv__batch_add(call->batch, &SQL_ANY_EVENT);
	return call->batch->status;
}

static inv_status add_location(inv__call *call, inv_id id, int32_t kind, const char *code,
                               const char *name)
{
	inv_location *l = inv__arena_zalloc(call->arena, sizeof *l);

	if (!l)
		return inv__call_no_memory(call);
	l->struct_size = sizeof *l;
	l->id = id;
	l->code = inv_str_of(code);
	l->name = inv_str_of(name);
	l->kind = kind;
	l->version = 1;
	l->created_at = l->updated_at = call->now;
	return inv__call_event(call, INV_EVENT_location_created, id, call->now, 0, l);
}

static inv_status add_locations(inv__call *call, inv_id main)
{
	static const struct {
		int32_t kind;
		const char *code, *name;
	} virtual_places[] = {
		{INV_LOCATION_KIND_TRANSIT, "TRANSIT", "Goods on the way"},
		{INV_LOCATION_KIND_SUPPLIER, "SUPPLIER", "Suppliers"},
		{INV_LOCATION_KIND_CUSTOMER, "CUSTOMER", "Customers"},
		{INV_LOCATION_KIND_ADJUSTMENT, "ADJUSTMENT", "Corrections"},
		{INV_LOCATION_KIND_SCRAP, "SCRAP", "Lost and broken"},
		{INV_LOCATION_KIND_PRODUCTION, "PRODUCTION", "Production"},
	};
	inv_status rc = add_location(call, main, INV_LOCATION_KIND_INTERNAL, "MAIN", "Main");

	for (size_t i = 0; rc == INV_OK && i < sizeof virtual_places / sizeof virtual_places[0]; i++)
		rc = add_location(call, INV__ID_OF_KIND(virtual_places[i].kind), virtual_places[i].kind,
		                  virtual_places[i].code, virtual_places[i].name);
	return rc;
}

static inv_status add_selling(inv__call *call, inv_id main, inv_settings *settings)
{
	inv_channel *c = inv__arena_zalloc(call->arena, sizeof *c);
	inv_register *t = inv__arena_zalloc(call->arena, sizeof *t);
	inv_status rc;

	if (!c || !t)
		return inv__call_no_memory(call);
	c->struct_size = sizeof *c;
	c->code = INV_S("POS");
	c->name = INV_S("Point of sale");
	t->struct_size = sizeof *t;
	t->code = INV_S("T1");
	t->name = INV_S("Till 1");
	t->location = inv_ref_of(main);
	c->version = t->version = 1;
	c->created_at = c->updated_at = t->created_at = t->updated_at = call->now;
	rc = inv__call_id(call, &c->id);
	if (rc == INV_OK)
		rc = inv__call_id(call, &t->id);
	if (rc == INV_OK)
		rc = inv__call_event(call, INV_EVENT_channel_created, c->id, call->now, 0, c);
	if (rc == INV_OK)
		rc = inv__call_event(call, INV_EVENT_register_created, t->id, call->now, 0, t);
	settings->default_channel = inv_ref_of(c->id);
	settings->default_till = inv_ref_of(t->id);
	return rc;
}

inv_status inv__bootstrap_decide(inv__call *call)
{
	inv_settings *s = inv__call_outputs(call, 1);
	inv_id main;
	inv_status rc = s ? inv__call_id(call, &main) : INV_E_NO_MEMORY;

	/* Another process may have been faster. */
	if (rc != INV_OK || inv__batch_result(call->batch, 0)->row_count > 0)
		return rc;
	s->name = INV_S("My shop");
	s->base_currency = INV_S("EUR");
	s->time_zone = INV_S("UTC0");
	s->ticket_format = INV_S("{till}-{number}");
	s->default_location = inv_ref_of(main);
	s->version = 1;
	s->updated_at = call->now;
	rc = add_locations(call, main);
	if (rc == INV_OK)
		rc = add_selling(call, main, s);
	if (rc == INV_OK)
		rc = inv__call_event(call, INV_EVENT_settings_updated, INV__ID_SETTINGS, call->now, 0, s);
	return rc;
}
