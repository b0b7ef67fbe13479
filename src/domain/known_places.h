/* SPDX-License-Identifier: MIT */
/* The part of the writer's memory that is about places: scenes, tills, locations. A store has few
 * of them, so a few slots are looked through in turn; when they are full, all are forgotten. */
#ifndef INV_DOMAIN_KNOWN_PLACES_H
#define INV_DOMAIN_KNOWN_PLACES_H

#include "domain/domain.h"

#define INV__KNOWN_SCENES 8u
#define INV__KNOWN_TILLS 8u
#define INV__KNOWN_PLACES 16u

/* What decides a scene: what the input asked for, what the session has, and whether a till is part
 * of it. */
typedef struct inv__scene_key {
	inv__scene_ids wanted, session;
	uint64_t sells;
} inv__scene_key;

typedef struct inv__known_places {
	inv__arena strings; /* of the scenes */
	struct {
		inv__scene_key key;
		inv__scene scene;
	} scenes[INV__KNOWN_SCENES];
	size_t scene_count;
	struct {
		inv_id till;
		int64_t last_number;
	} tills[INV__KNOWN_TILLS];
	size_t till_count;
	inv__place places[INV__KNOWN_PLACES];
	size_t place_count;
} inv__known_places;

/* False when it is not known. The strings are copied into the arena. `known` may be NULL in all of
 * these. */
bool inv__known_scene(const inv__known_places *known, const inv__scene_key *key,
                      inv__arena *arena, inv__scene *out);
void inv__known_scene_put(inv__known_places *known, const inv__scene_key *key,
                          const inv__scene *scene);
bool inv__known_place(const inv__known_places *known, const inv_id *id, inv__place *out);
void inv__known_place_put(inv__known_places *known, const inv__place *place);
/* What an event leaves of it. */
void inv__known_places_event(inv__known_places *known, const inv__event *event);
void inv__known_places_forget(inv__known_places *known);

#endif
