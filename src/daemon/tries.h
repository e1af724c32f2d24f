/* How often something was tried in this minute, by who tries it. */
#ifndef DAEMON_TRIES_H
#define DAEMON_TRIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* All zero: none yet. */
struct tries {
	struct map *counts; /* name to its count of this minute */
	int64_t minute;
};

/* Counts one by `name`. 0: it may be; else it is one over `most` a minute, and
 * may come again after so many seconds. `now_ms`: a clock that is never set. */
int64_t tries_count(struct tries *tries, int64_t now_ms, struct str name,
		    size_t most);
void tries_fini(struct tries *tries);

#endif
