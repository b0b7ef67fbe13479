/* SPDX-License-Identifier: MIT */
#include "storage/fault.h"

#include <stdarg.h>
#include <stdio.h>

inv_status inv__fault(inv_error *error, inv_status status, int64_t native_code,
                      const char *format, ...)
{
	va_list args;

	if (!error)
		return status;
	error->status = status;
	error->index = -1;
	error->native_code = native_code;
	error->record[0] = '\0';
	error->field[0] = '\0';
	error->detail_count = 0;
	va_start(args, format);
	if (vsnprintf(error->message, sizeof error->message, format, args) < 0)
		error->message[0] = '\0';
	va_end(args);
	return status;
}
