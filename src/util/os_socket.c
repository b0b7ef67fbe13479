/* SPDX-License-Identifier: MIT */
/* Waiting for sockets. */
#include <errno.h>
#include <poll.h>

#include "util/os.h"

#define FOREVER INT64_MAX

unsigned inv__socket_wait(int socket, unsigned what, int64_t timeout)
{
	struct pollfd fd = {.fd = socket};
	int64_t deadline = timeout < 0 ? FOREVER : inv__monotonic() + timeout;
	int got;

	if (what & INV__SOCKET_READ)
		fd.events |= POLLIN;
	if (what & INV__SOCKET_WRITE)
		fd.events |= POLLOUT;
	do {
		int64_t left = deadline == FOREVER ? -1 : (deadline - inv__monotonic() + 999) / 1000;

		if (deadline != FOREVER && left < 0)
			left = 0;
		got = poll(&fd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return 0;
	/* A fault of the socket is found by reading. */
	return (fd.revents & ~POLLOUT ? INV__SOCKET_READ : 0) |
	       (fd.revents & POLLOUT ? INV__SOCKET_WRITE : 0);
}
