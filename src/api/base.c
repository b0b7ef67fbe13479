/* SPDX-License-Identifier: MIT */
/* What base.h offers without a store. */
#include "inventra/base.h"

#include "util/id.h"
#include "util/number.h"
#include "util/time.h"

#define SCALE_MAX 9u

const char *inv_version(void)
{
	return INVENTRA_VERSION;
}

uint32_t inv_version_number(void)
{
	return (uint32_t)INVENTRA_VERSION_MAJOR << 16 | (uint32_t)INVENTRA_VERSION_MINOR << 8 |
	       (uint32_t)INVENTRA_VERSION_PATCH;
}

void inv_id_format(inv_id id, char text[37])
{
	inv__id_format(id, text);
}

inv_status inv_id_parse(inv_str text, inv_id *out)
{
	if (!out || (!text.ptr && text.len))
		return INV_E_MISUSE;
	return inv__id_parse(text, out) ? INV_OK : INV_E_INVALID;
}

inv_status inv_decimal_parse(inv_str text, uint32_t scale, int64_t *out)
{
	if (!out || scale > SCALE_MAX || (!text.ptr && text.len))
		return INV_E_MISUSE;
	return inv__decimal_parse(text, scale, out) == INV__DECIMAL_OK ? INV_OK : INV_E_INVALID;
}

size_t inv_decimal_format(int64_t value, uint32_t scale, char text[24])
{
	if (scale > SCALE_MAX) {
		text[0] = '\0';
		return 0;
	}
	return inv__decimal_format(value, scale, text);
}

inv_status inv_instant_parse(inv_str text, int64_t *out)
{
	if (!out || (!text.ptr && text.len))
		return INV_E_MISUSE;
	return inv__instant_parse(text, out) ? INV_OK : INV_E_INVALID;
}

size_t inv_instant_format(int64_t instant, char text[40])
{
	return inv__instant_format(instant, text);
}
