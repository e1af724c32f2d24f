/* How old a row is, though the wall clock by which it was stamped may be set
 * while it waits. A clock that jumps forward makes nothing older than it is. */
#ifndef SPOOL_AGE_H
#define SPOOL_AGE_H

#include <stdint.h>

/* How far the wall clock stands before the monotonic one: the least of what was
 * seen, in the last `max_age_ms` and in those before. */
struct spool_age {
	int64_t max_age_ms;
	int64_t least_ms, least_before_ms;
	int64_t since_ms; /* monotonic */
};

void spool_age_init(struct spool_age *age, int64_t max_age_ms, int64_t wall_ms,
		    int64_t now_ms);
/* What both clocks say now; to be called every few seconds. */
void spool_age_look(struct spool_age *age, int64_t wall_ms, int64_t now_ms);
/* Rows whose stamp is below this have waited longer than `max_age_ms`. */
int64_t spool_age_limit_ms(const struct spool_age *age, int64_t now_ms);

#endif
