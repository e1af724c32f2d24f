/* Who gives way when there is no room: of the connections that may be cut, the
 * oldest of those who have the most. Whoever opens connections without end cuts
 * their own, and hardly anybody else's. */
#ifndef CROWD_H
#define CROWD_H

#include <stddef.h>

#include "base/buf.h"

#define CROWD_GROUPS 256 /* a power of two; addresses share them by chance */

/* To be embedded; all zero: not in the crowd. */
struct crowd_member {
	struct crowd_member *next, *prev;
	unsigned group;
};

struct crowd {
	uint64_t seed;
	struct crowd_group {
		struct crowd_member *oldest, *newest;
		size_t count;
	} groups[CROWD_GROUPS];
	size_t count;
};

/* `seed`: by chance, so that nobody chooses addresses that share a group with
 * others'. */
void crowd_init(struct crowd *crowd, uint64_t seed);
/* As the newest of its address's group; a member leaves first. */
void crowd_join(struct crowd *crowd, struct crowd_member *member,
		struct str address);
/* Nothing to do for who is no member. */
void crowd_leave(struct crowd *crowd, struct crowd_member *member);
/* Who gives way; stays a member. NULL: there is nobody. */
struct crowd_member *crowd_yields(const struct crowd *crowd);

#endif
