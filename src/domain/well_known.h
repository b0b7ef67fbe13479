/* SPDX-License-Identifier: MIT */
/* Ids that are the same in every store, so that stores can be merged: the settings row and the
 * virtual locations, which stand for the far side of moves. */
#ifndef INV_DOMAIN_WELL_KNOWN_H
#define INV_DOMAIN_WELL_KNOWN_H

#include "inventra/records.h"

/* UUIDs of version 8 (RFC 9562: free form), numbered in their last byte. */
static inline inv_id inv__well_known(uint8_t number)
{
	inv_id id = {{'i', 'n', 'v', 'e', 'n', 't', 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 0}};

	id.bytes[15] = number;
	return id;
}

static inline bool inv__is_well_known(inv_id id)
{
	inv_id known = inv__well_known(id.bytes[15]);

	return memcmp(&id, &known, sizeof id) == 0;
}

#define INV__ID_SETTINGS inv__well_known(1)
/* One location of each virtual kind. */
#define INV__ID_OF_KIND(kind) inv__well_known((uint8_t)(0x10 + (kind)))
#define INV__LOCATION_CUSTOMER INV__ID_OF_KIND(INV_LOCATION_KIND_CUSTOMER)
#define INV__LOCATION_SUPPLIER INV__ID_OF_KIND(INV_LOCATION_KIND_SUPPLIER)
#define INV__LOCATION_ADJUSTMENT INV__ID_OF_KIND(INV_LOCATION_KIND_ADJUSTMENT)
#define INV__LOCATION_TRANSIT INV__ID_OF_KIND(INV_LOCATION_KIND_TRANSIT)
#define INV__LOCATION_SCRAP INV__ID_OF_KIND(INV_LOCATION_KIND_SCRAP)
#define INV__LOCATION_PRODUCTION INV__ID_OF_KIND(INV_LOCATION_KIND_PRODUCTION)

static inline bool inv__kind_is_physical(int64_t kind)
{
	return kind == INV_LOCATION_KIND_INTERNAL || kind == INV_LOCATION_KIND_TRANSIT;
}

#endif
