/* SPDX-License-Identifier: MIT */
/* One way for the storage layer to say what went wrong. */
#ifndef INV_STORAGE_FAULT_H
#define INV_STORAGE_FAULT_H

#include "inventra/base.h"

/* Fills `error` (may be NULL) and returns `status`. Messages never carry values of parameters. */
inv_status inv__fault(inv_error *error, inv_status status, int64_t native_code,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
