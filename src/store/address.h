/* redis.url taken apart. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

#include "base/buf.h"

#define SENTINELS_MAX 16

struct place {
	char *host;
	unsigned port;
};

struct address {
	char *path; /* Unix socket; NULL: by host and port */
	char *host;
	unsigned port;
	/* By Sentinel: what the primary is called there, and whom to ask. Then
	 * there is neither path nor host. */
	char *primary;
	struct place sentinels[SENTINELS_MAX];
	size_t sentinel_count;
	unsigned db;
	char *user; /* NULL: the default one */
	char *password;
	char *shown; /* for the log: without user and password */
};

/* unix://[[user]:password@]/path, redis://[[user]:password@]host[:port][/db],
 * or redis+sentinel://[[user]:password@]host[:port][,host[:port]…]/name[/db],
 * where user and password are Redis's: Sentinels are asked without. User and
 * password may be percent-encoded. False and a sentence in `why`: it is none;
 * `a` is empty. address_fini() in any case. */
bool address_parse(const char *url, struct address *a, struct buf *why);
void address_fini(struct address *a);

#endif
