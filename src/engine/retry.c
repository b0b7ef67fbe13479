/* SPDX-License-Identifier: MIT */
/* Trying again, where many write: what met another's work or lost its connection is done once more
 * as a whole, at most ten times and for five seconds. Without a connection the time alone counts: a
 * server that starts again refuses at once, and often. */
#include "engine/engine.h"

#define TRIES 10u
#define TRY_FOR (INT64_C(5) * 1000000) /* microseconds */
#define FIRST_PAUSE INT64_C(1000)
#define LAST_PAUSE INT64_C(500000)

void inv__retry_begin(inv__retry *retry, const inv_store *store, const inv_session *session)
{
	/* Whoever opens a store is told at once that there is no server. */
	bool opened = store->schema_version > 0;
	bool may = store->many && opened && !(session && session->in_transaction);

	*retry = (inv__retry){.session = session, .tries = 1, .pause = FIRST_PAUSE};
	retry->until = may ? inv__monotonic() + TRY_FOR : 0;
}

static bool is_connected(const inv__link *link)
{
	return link && inv__link_alive(link);
}

bool inv__retry_wait(inv__retry *retry, const inv__link *link)
{
	if ((retry->tries >= TRIES && is_connected(link)) ||
	    inv__monotonic() + retry->pause >= retry->until || inv__is_cancelled(retry->session))
		return false;
	retry->tries++;
	inv__sleep(retry->pause);
	retry->pause = retry->pause * 2 < LAST_PAUSE ? retry->pause * 2 : LAST_PAUSE;
	return true;
}

bool inv__retry_again(inv__retry *retry, inv_status rc, const inv__link *link)
{
	return (rc == INV_E_BUSY || (rc == INV_E_IO && !is_connected(link))) &&
	       inv__retry_wait(retry, link);
}

/* A pool that is all in use is none of the server's: whoever came here has waited for it. */
bool inv__retry_open(inv__retry *retry, inv_status rc, const inv_error *error)
{
	return (rc == INV_E_IO || (rc == INV_E_BUSY && error->native_code != 0)) &&
	       inv__retry_wait(retry, NULL);
}

inv_status inv__retry_end(const inv__retry *retry, inv_status rc, const inv__link *link,
                          inv_error *error)
{
	if (rc != INV_E_IO || retry->until == 0 || is_connected(link))
		return rc;
	error->status = INV_E_BUSY;
	return INV_E_BUSY;
}
