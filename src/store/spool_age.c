/* See spool_age.h.
 *
 * A row's stamp is the wall clock's at that time, which was at least `least`
 * before the monotonic one. So what is stamped below `now + least - max_age`
 * was put more than `max_age` ago, wherever the wall clock stands now: it may
 * be kept too long, and is never given up early. What was least longer than
 * `max_age` ago is forgotten, for all of that time's rows are old by now. Of an
 * earlier life's rows the stamps have to be believed. */
#include "spool_age.h"

void spool_age_init(struct spool_age *age, int64_t max_age_ms, int64_t wall_ms,
		    int64_t now_ms)
{
	age->max_age_ms = max_age_ms;
	age->least_ms = age->least_before_ms = wall_ms - now_ms;
	age->since_ms = now_ms;
}

void spool_age_look(struct spool_age *age, int64_t wall_ms, int64_t now_ms)
{
	int64_t apart_ms = wall_ms - now_ms;

	if (now_ms - age->since_ms > age->max_age_ms) {
		age->least_before_ms = age->least_ms;
		age->least_ms = apart_ms;
		age->since_ms = now_ms;
	} else if (apart_ms < age->least_ms) {
		age->least_ms = apart_ms;
	}
}

int64_t spool_age_limit_ms(const struct spool_age *age, int64_t now_ms)
{
	int64_t least_ms = age->least_ms < age->least_before_ms
				   ? age->least_ms
				   : age->least_before_ms;

	return now_ms + least_ms - age->max_age_ms;
}
