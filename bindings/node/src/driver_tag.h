/* SPDX-License-Identifier: MIT */
/* A storage driver on its way from an adapter's module to this one: an object with this tag that
 * wraps a `const inv_driver *`. The tag changes with INV_DRIVER_ABI. */
#ifndef INV_NODE_DRIVER_TAG_H
#define INV_NODE_DRIVER_TAG_H

#include "inventra/sys/driver.h"

#define DRIVER_TAG {UINT64_C(0x696e76656e747261), UINT64_C(0x6472697665720000) + INV_DRIVER_ABI}

#endif
