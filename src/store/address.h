/* redis.url taken apart. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

#include "base/buf.h"

struct address {
	char *path; /* Unix socket; NULL: by host and port */
	char *host;
	unsigned port;
	unsigned db;
	char *user; /* NULL: the default one */
	char *password;
	char *shown; /* for the log: without user and password */
};

/* unix:///path, redis://[[user]:password@]host[:port][/db]. User and password
 * may be percent-encoded. False and a sentence in `why`: it is none; `a` is
 * empty. address_fini() in any case. */
bool address_parse(const char *url, struct address *a, struct buf *why);
void address_fini(struct address *a);

#endif
