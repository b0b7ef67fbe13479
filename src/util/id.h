/* SPDX-License-Identifier: MIT */
/* UUIDv7 (RFC 9562): 48 bits of milliseconds, then randomness with the low 16 bits zero, so that
 * the events of one command take consecutive ids from the command's own. */
#ifndef INV_UTIL_ID_H
#define INV_UTIL_ID_H

#include "inventra/base.h"

/* `random` are 10 bytes. */
inv_id inv__id_make(int64_t instant, const uint8_t random[10]);
/* id + n in its low 16 bits; n < 65536. */
inv_id inv__id_plus(inv_id id, uint32_t n);
int inv__id_compare(inv_id a, inv_id b);
bool inv__id_equal(inv_id a, inv_id b);
bool inv__id_parse(inv_str text, inv_id *out);
void inv__id_format(inv_id id, char out[37]);

#endif
