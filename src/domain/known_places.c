/* SPDX-License-Identifier: MIT */
#include "domain/known_places.h"

#include "util/id.h"

void inv__known_places_forget(inv__known_places *known)
{
	inv__arena_reset(&known->strings);
	known->scene_count = known->till_count = known->place_count = 0;
}

/* ---- tills ---- */

static const int64_t *till_number(const inv__known_places *known, const inv_id *till)
{
	for (size_t i = 0; i < known->till_count; i++)
		if (inv__id_equal(known->tills[i].till, *till))
			return &known->tills[i].last_number;
	return NULL;
}

static void till_put(inv__known_places *known, const inv_id *till, int64_t number)
{
	size_t i = 0;

	while (i < known->till_count && !inv__id_equal(known->tills[i].till, *till))
		i++;
	if (i == INV__KNOWN_TILLS)
		known->till_count = i = 0;
	known->tills[i].till = *till;
	known->tills[i].last_number = number;
	if (i == known->till_count)
		known->till_count++;
}

/* ---- scenes ---- */

static bool copy_strings(inv__arena *arena, inv__scene *scene)
{
	scene->currency = inv__arena_str(arena, scene->currency);
	scene->ticket_format = inv__arena_str(arena, scene->ticket_format);
	scene->time_zone = inv__arena_str(arena, scene->time_zone);
	scene->till_code = inv__arena_str(arena, scene->till_code);
	return scene->currency.ptr && scene->ticket_format.ptr && scene->time_zone.ptr &&
	       scene->till_code.ptr;
}

bool inv__known_scene(const inv__known_places *known, const inv__scene_key *key,
                      inv__arena *arena, inv__scene *out)
{
	const int64_t *number = NULL;
	size_t i = 0;

	if (!known)
		return false;
	while (i < known->scene_count && memcmp(&known->scenes[i].key, key, sizeof *key) != 0)
		i++;
	if (i == known->scene_count)
		return false;
	*out = known->scenes[i].scene;
	if (out->has_till) {
		number = till_number(known, &out->till);
		if (!number)
			return false;
		out->last_number = *number;
	}
	return copy_strings(arena, out);
}

void inv__known_scene_put(inv__known_places *known, const inv__scene_key *key,
                          const inv__scene *scene)
{
	size_t i = 0;

	if (!known)
		return;
	while (i < known->scene_count && memcmp(&known->scenes[i].key, key, sizeof *key) != 0)
		i++;
	if (i == INV__KNOWN_SCENES) {
		inv__known_places_forget(known);
		i = 0;
	}
	if (scene->has_till)
		till_put(known, &scene->till, scene->last_number);
	if (i < known->scene_count)
		return; /* only its till had been forgotten */
	known->scenes[i].key = *key;
	known->scenes[i].scene = *scene;
	if (copy_strings(&known->strings, &known->scenes[i].scene))
		known->scene_count = i + 1;
}

/* ---- locations ---- */

bool inv__known_place(const inv__known_places *known, const inv_id *id, inv__place *out)
{
	for (size_t i = 0; known && i < known->place_count; i++) {
		if (!inv__id_equal(known->places[i].id, *id))
			continue;
		*out = known->places[i];
		return true;
	}
	return false;
}

void inv__known_place_put(inv__known_places *known, const inv__place *place)
{
	if (!known)
		return;
	if (known->place_count == INV__KNOWN_PLACES)
		known->place_count = 0;
	known->places[known->place_count++] = *place;
}

/* ---- events ---- */

void inv__known_places_event(inv__known_places *known, const inv__event *event)
{
	const inv_sale *sale = event->payload;

	switch (event->desc->payload) {
	case INV_RECORD_sale:
		if (till_number(known, &sale->till.id))
			till_put(known, &sale->till.id, sale->number);
		break;
	case INV_RECORD_settings:
	case INV_RECORD_location:
	case INV_RECORD_channel:
	case INV_RECORD_register:
		inv__known_places_forget(known);
		break;
	default:
		break;
	}
}
