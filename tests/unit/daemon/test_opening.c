/* Opening hours over the changes of summer time, in Berlin: the clocks go an
 * hour ahead on 29 March 2026 and back on 25 October. */
#include "opening.h"

#include <stdlib.h>
#include <time.h>

#include "check.h"

static struct hours *hours;

/* UTC, on a day of 2026. */
static int64_t utc(int month, int day, int hour, int minute)
{
	struct tm tm = {.tm_year = 126,
			.tm_mon = month - 1,
			.tm_mday = day,
			.tm_hour = hour,
			.tm_min = minute};

	return (int64_t)timegm(&tm) * 1000;
}

static int64_t opens_after(int64_t now_ms)
{
	int64_t at_ms;

	CHECK(!opening_is_open(hours, now_ms, &at_ms));
	return at_ms;
}

static void on_an_ordinary_day_it_opens_at_nine(void)
{
	CHECK(opens_after(utc(1, 12, 6, 0)) == utc(1, 12, 8, 0));
	CHECK(opens_after(utc(7, 13, 6, 0)) == utc(7, 13, 7, 0));
}

static void over_a_change_of_the_clocks_nine_is_nine(void)
{
	CHECK(opens_after(utc(3, 27, 17, 0)) == utc(3, 30, 7, 0));
	CHECK(opens_after(utc(10, 23, 17, 0)) == utc(10, 26, 8, 0));
}

static void while_it_is_open_there_is_no_next_time(void)
{
	int64_t at_ms = 1;

	CHECK(opening_is_open(hours, utc(3, 30, 7, 0), &at_ms));
	CHECK(at_ms == 0);
	CHECK(!opening_is_open(hours, utc(3, 30, 6, 59), &at_ms));
}

int main(void)
{
	const char *const items[] = {"mon-fri 09:00-17:00"};
	struct buf why = BUF_INIT;
	size_t at;

	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	hours = hours_parse(items, 1, &at, &why);
	RUN(on_an_ordinary_day_it_opens_at_nine);
	RUN(over_a_change_of_the_clocks_nine_is_nine);
	RUN(while_it_is_open_there_is_no_next_time);
	hours_free(&hours);
	buf_fini(&why);
	return check_done("daemon/opening");
}
