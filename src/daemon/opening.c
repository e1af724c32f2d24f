/* The shop's hours and the system's time zone; see opening.h. Hours are on the
 * wall's clock, so the next opening may lie behind a change to or from summer
 * time: found with today's offset from UTC, it is moved by the difference. */
#include "opening.h"

#include <time.h>

static int offset_s(int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	localtime_r(&at, &tm);
	return (int)tm.tm_gmtoff;
}

bool opening_is_open(const struct hours *hours, int64_t now_ms,
		     int64_t *opens_at_ms)
{
	int offset = offset_s(now_ms);

	*opens_at_ms = 0;
	if (hours_is_open(hours, now_ms, offset))
		return true;
	*opens_at_ms = hours_next_open_ms(hours, now_ms, offset);
	if (*opens_at_ms != 0)
		*opens_at_ms +=
			(int64_t)(offset - offset_s(*opens_at_ms)) * 1000;
	return false;
}
