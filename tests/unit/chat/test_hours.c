/* Opening hours: reading them, and when the shop is open. */
#include "chat/hours.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "check.h"

static struct buf why;

static struct hours *parse(const char *items)
{
	char *text = xstrdup(items), *save = NULL;
	const char *list[16];
	struct hours *hours;
	size_t n = 0, at;

	for (char *t = strtok_r(text, ";", &save); t != NULL;
	     t = strtok_r(NULL, ";", &save))
		list[n++] = t;
	buf_clear(&why);
	hours = hours_parse(list, n, &at, &why);
	CHECK((hours == NULL) == (why.len > 0));
	free(text);
	return hours;
}

/* "2026-11-20 17:30" as UTC. */
static int64_t ms(const char *text)
{
	struct tm tm = {0};

	CHECK(strptime(text, "%Y-%m-%d %H:%M", &tm) != NULL);
	return (int64_t)timegm(&tm) * 1000;
}

static bool open_at(const char *items, const char *when, int offset_s)
{
	struct hours *hours = parse(items);
	bool open;

	CHECK(hours != NULL);
	if (hours == NULL)
		return false;
	open = hours_is_open(hours, ms(when), offset_s);
	hours_free(&hours);
	return open;
}

static int64_t next(const char *items, const char *when, int offset_s)
{
	struct hours *hours = parse(items);
	int64_t at;

	CHECK(hours != NULL);
	if (hours == NULL)
		return -1;
	at = hours_next_open_ms(hours, ms(when), offset_s);
	hours_free(&hours);
	return at;
}

#define OFFICE "mon-fri 09:00-17:00;sat 10:00-14:00"

/* 2026-11-20 is a Friday. */
static void a_week_has_its_hours(void)
{
	CHECK(!open_at(OFFICE, "2026-11-20 08:59", 0));
	CHECK(open_at(OFFICE, "2026-11-20 09:00", 0));
	CHECK(open_at(OFFICE, "2026-11-20 16:59", 0));
	CHECK(!open_at(OFFICE, "2026-11-20 17:00", 0));
	CHECK(!open_at(OFFICE, "2026-11-21 09:59", 0));
	CHECK(open_at(OFFICE, "2026-11-21 13:59", 0));
	CHECK(!open_at(OFFICE, "2026-11-22 12:00", 0));
	CHECK(open_at("", "2026-11-22 03:00", 0));
	CHECK(open_at("daily 00:00-24:00", "2026-11-22 23:59", 0));
	CHECK(open_at("sat-mon 9:00-17:00", "2026-11-22 12:00", 0));
	CHECK(!open_at("sat-mon 9:00-17:00", "2026-11-20 12:00", 0));
	CHECK(open_at("mon,wed-fri 9:00-12:00, 13:00-17:00", "2026-11-20 13:00",
		      0));
	CHECK(!open_at("mon,wed-fri 9:00-12:00, 13:00-17:00",
		       "2026-11-20 12:30", 0));
	CHECK(!open_at("mon,wed-fri 9:00-12:00", "2026-11-24 10:00", 0));
}

static void the_places_offset_counts(void)
{
	CHECK(open_at(OFFICE, "2026-11-20 08:00", 3600));
	CHECK(!open_at(OFFICE, "2026-11-20 16:00", 3600));
	CHECK(open_at(OFFICE, "2026-11-20 01:00", 34200 - 3600));
	CHECK(open_at(OFFICE, "2026-11-21 00:30", -8 * 3600));
	CHECK(!open_at("fri 00:00-24:00", "2026-11-20 07:59", -8 * 3600));
	CHECK(open_at("fri 00:00-24:00", "2026-11-20 08:00", -8 * 3600));
}

static void a_span_may_pass_midnight(void)
{
	CHECK(open_at("fri 18:00-02:00", "2026-11-20 23:00", 0));
	CHECK(open_at("fri 18:00-02:00", "2026-11-21 01:59", 0));
	CHECK(!open_at("fri 18:00-02:00", "2026-11-21 02:00", 0));
	CHECK(!open_at("fri 18:00-02:00", "2026-11-20 01:00", 0));
	CHECK(open_at("sun 22:00-06:00", "2026-11-23 05:00", 0));
	CHECK(!open_at("fri 18:00-02:00;closed 2026-11-21", "2026-11-21 01:00",
		       0));
}

static void closed_days_win(void)
{
	CHECK(!open_at(OFFICE ";closed 2026-11-20", "2026-11-20 12:00", 0));
	CHECK(open_at(OFFICE ";closed 2026-11-20", "2026-11-19 12:00", 0));
	CHECK(!open_at("closed 2026-12-25", "2026-12-25 12:00", 0));
	CHECK(open_at("closed 2026-12-25", "2026-12-26 00:00", 0));
	CHECK(!open_at("closed 2024-02-29", "2024-02-29 12:00", 0));
	CHECK(!open_at("closed 2024-03-01", "2024-03-01 12:00", 0));
	CHECK(!open_at("closed 2100-03-01", "2100-03-01 12:00", 0));
	CHECK(!open_at("closed 1970-01-01", "1970-01-01 12:00", 0));
	CHECK(!open_at("closed 2000-12-31", "2000-12-31 12:00", 0));
}

static void the_next_opening_is_found(void)
{
	CHECK(next(OFFICE, "2026-11-20 12:00", 0) == ms("2026-11-20 12:00"));
	CHECK(next(OFFICE, "2026-11-20 17:00", 0) == ms("2026-11-21 10:00"));
	CHECK(next(OFFICE, "2026-11-21 14:00", 0) == ms("2026-11-23 09:00"));
	CHECK(next(OFFICE, "2026-11-20 05:00", 0) == ms("2026-11-20 09:00"));
	CHECK(next(OFFICE, "2026-11-20 17:00", 3600) == ms("2026-11-21 09:00"));
	CHECK(next(OFFICE, "2026-11-21 23:30", -8 * 3600) ==
	      ms("2026-11-23 17:00"));
	CHECK(next("fri 13:00-14:00, 9:00-10:00", "2026-11-20 10:30", 0) ==
	      ms("2026-11-20 13:00"));
	CHECK(next("closed 2026-12-25", "2026-12-25 12:00", 0) ==
	      ms("2026-12-26 00:00"));
	CHECK(next("fri 18:00-02:00;closed 2026-11-20", "2026-11-20 12:00",
		   0) == ms("2026-11-21 00:00"));
	CHECK(next(OFFICE ";closed 2026-11-23;closed 2026-11-24",
		   "2026-11-22 12:00", 0) == ms("2026-11-25 09:00"));
	/* In local time that is 0. */
	CHECK(next("thu-fri 00:00-24:00", "1970-01-01 00:00", -3600) ==
	      ms("1970-01-01 01:00"));
}

static void no_opening_within_60_days_is_0(void)
{
	struct buf items = BUF_INIT;
	const char *list[100];
	char room[100][20];
	struct hours *hours;
	size_t at;
	time_t day = 1767225600; /* 2026-01-01 */

	for (int i = 0; i < 100; i++, day += 86400) {
		struct tm tm;

		gmtime_r(&day, &tm);
		strftime(room[i], sizeof(room[i]), "closed %Y-%m-%d", &tm);
		list[i] = room[i];
	}
	hours = hours_parse(list, 100, &at, &why);
	CHECK(hours != NULL && at == 100);
	CHECK(hours_next_open_ms(hours, ms("2026-01-01 12:00"), 0) == 0);
	CHECK(hours_next_open_ms(hours, ms("2026-03-01 12:00"), 0) ==
	      ms("2026-04-11 00:00"));
	hours_free(&hours);
	hours_free(&hours);
	buf_fini(&items);
}

static void what_is_no_hours_is_told_with_its_place(void)
{
	static const char *const wrong[] = {
		"",
		"monday 9:00-17:00",
		"mon",
		"mon-fri",
		"mon 9-17",
		"mon 09:00",
		"mon 09:00-25:00",
		"mon 09:60-10:00",
		"mon 09:00-09:00",
		"mon 24:00-09:00",
		"mon 09:00-17:00,",
		"mon- 09:00-17:00",
		"mon,,tue 09:00-17:00",
		"mon 009:00-17:00",
		"closed",
		"closed 25.12.2026",
		"closed 2026-02-29",
		"closed 2026-13-01",
		"closed 2026-00-10",
		"closed 2026-04-31",
		"closed 2026-12-25-1",
		"closed 1969-12-31",
		"mon 24:30-09:00",
		"mon 09:00-17:00 x",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		const char *list[] = {"tue 09:00-10:00", wrong[i]};
		size_t at = 9;
		struct hours *hours;

		buf_clear(&why);
		hours = hours_parse(list, 2, &at, &why);
		if (hours != NULL)
			printf("taken: \"%s\"\n", wrong[i]);
		CHECK(hours == NULL && at == 1);
		CHECK(why.len > 0 && strstr(why.data, "; write \"mon-fri"));
		hours_free(&hours);
	}
}

int main(void)
{
	RUN(a_week_has_its_hours);
	RUN(the_places_offset_counts);
	RUN(a_span_may_pass_midnight);
	RUN(closed_days_win);
	RUN(the_next_opening_is_found);
	RUN(no_opening_within_60_days_is_0);
	RUN(what_is_no_hours_is_told_with_its_place);
	buf_fini(&why);
	return check_done("chat/hours");
}
