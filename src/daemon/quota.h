/* How much of something each may take in an hour, by who takes it: all at once,
 * or as it comes; what was taken is given back evenly over the hour. */
#ifndef DAEMON_QUOTA_H
#define DAEMON_QUOTA_H

#include <stdint.h>

#include "base/buf.h"

/* All zero: nobody has taken any. */
struct quota {
	struct map *full_at; /* name to when all of it is back */
};

/* Takes one for `name`. 0: it had one; else it has none for so many
 * milliseconds. `now_ms`: a clock that is never set. */
int64_t quota_take(struct quota *quota, int64_t now_ms, struct str name,
		   int64_t most_an_hour);
void quota_fini(struct quota *quota);

#endif
