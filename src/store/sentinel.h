/* Where the primary is, as Redis Sentinel has it: asks every Sentinel once a
 * second, and at once when one of them says that it has changed. Connects to
 * no Redis; who does verifies by ROLE what it has found. */
#ifndef SENTINEL_H
#define SENTINEL_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "io/loop.h"

struct sentinel;

/* `address` (one by Sentinel) is borrowed for as long as it lives. `moved` is
 * called whenever the best answer has changed. */
typedef void sentinel_moved_fn(void *arg);
struct sentinel *sentinel_new(struct loop *loop, const struct address *address,
			      int64_t timeout_ms, sentinel_moved_fn *moved,
			      void *arg);
void sentinel_free(struct sentinel **sentinel);

/* The place to connect to, borrowed until the loop's next turn. False: not
 * enough of them have answered so far. */
bool sentinel_where(const struct sentinel *sentinel, const char **host,
		    unsigned *port);

#endif
