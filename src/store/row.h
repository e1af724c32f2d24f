/* A unit's row in the spool: put before the unit is sent, waited for before its
 * owner hears that it is stored, held or removed when its fate is known. */
#ifndef ROW_H
#define ROW_H

#include "steps.h"

/* Also what somebody else has brought: who did may have died before it was on
 * a disk. */
bool row_is_taken(enum store_status status);
/* Where it has none and the spool takes it. What may stand anywhere is not made
 * anew: what it replaces goes in the same commit. Of others once the log has
 * them. */
void row_put(struct unit *unit);
/* Those of all units that have none: the disk is well again. */
void rows_put_missing(struct outbox *box);
/* Its fate is known. What the log has is held for a while. What it refuses is
 * of no more use: its owner makes another unit of it; one out of the spool has
 * none, and is held until the one that takes its place is safe. */
void row_settle(struct unit *unit, enum store_status status);

/* In the log, perhaps, but not on the disk. */
bool row_is_uncommitted(const struct unit *unit);
/* Until outbox_committed(). */
void row_wait(struct unit *unit);

#endif
