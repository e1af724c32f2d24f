/* A unit as it waits: a copy of what was asked to be appended, as one string
 * of bytes that may as well stand in a file. */
#ifndef UNIT_H
#define UNIT_H

#include "store/store.h"

/* Nothing that we make is larger; what comes from a file is held to it. */
#define UNIT_MAX_ENTRIES 64
#define UNIT_MAX_FIELDS  64
#define UNIT_MAX_ARGS                                                          \
	(2 + 2 * UNIT_MAX_FIELDS + UNIT_MAX_ENTRIES * (3 + 2 * UNIT_MAX_FIELDS))
#define UNIT_MAX_BYTES (16 * 1024 * 1024)

/* Appends the unit's bytes to `out`. */
void unit_pack(const struct store_unit *unit, struct buf *out);
/* Fills `unit` with what points into `bytes` (borrowed: they must stay) and
 * into `*arrays`, which the caller frees. False: not a unit of ours; then
 * `*arrays` is NULL. */
bool unit_unpack(struct str bytes, struct store_unit *unit, void **arrays);

/* The arguments of lua/append.lua from the hash's fields on, as they go over
 * the wire. */
struct unit_args {
	struct str bytes;
	size_t count;
};
/* All of `unit` but its lists (the entries are counted), and the arguments:
 * what is needed on the way of every message. Looks no further than that; for
 * bytes that we have made, or that unit_unpack() has taken. */
bool unit_peek(struct str bytes, struct store_unit *unit,
	       struct unit_args *args);

/* A place in line: by priority, then by when the wait began. Priorities beyond
 * +-800 count as that, so that a double holds the sum exactly. */
void unit_score(int priority, int64_t since_ms, struct buf *out);
/* The record of the conversation in its queue (lua/enqueue.lua), JSON. */
void unit_record(const struct store_unit *unit, struct buf *out);

#endif
