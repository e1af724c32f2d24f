/* A moment as people write it: "2026-11-30T18:00Z", "18:00", "+2h". */
#ifndef BASE_MOMENT_H
#define BASE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define MOMENT_DAY_MS INT64_C(86400000)

/* A day of the Gregorian calendar. */
struct moment_date {
	int year, month, day; /* from 1 on */
};

/* The days since 1970-01-01 (not before) as a date; and of "2026-11-30", years
 * 1970 to 2999. False: it is not that. */
struct moment_date moment_date(int64_t days);
bool moment_parse_date(struct str text, int64_t *out_days);

/* Seconds that the local clock is ahead of UTC at that moment. */
typedef int moment_offset_fn(int64_t ms);

/* Milliseconds since the epoch. One of
 *   2026-11-30T18:00[:00][Z|+01:00]   a date and time; without a zone local
 *   18:00                             the next time that the clock says so
 *   +2h, +90m, +1d12h, +30s           from now on
 * "T" may be a blank. Years 1970 to 2999. False: none of them. */
bool moment_parse(struct str text, int64_t now_ms, moment_offset_fn *offset,
		  int64_t *out_ms);
/* "2026-11-30 18:00" by a clock that is `offset_s` ahead of UTC. */
void moment_add(struct buf *b, int64_t ms, int offset_s);
/* "2026-11-30", UTC: the day in the names of what is kept by day. */
#define MOMENT_DAY_ROOM 16
void moment_day(int64_t ms, char out[MOMENT_DAY_ROOM]);

#endif
