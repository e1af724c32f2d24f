/* Moments as people write them. */
#include "base/moment.h"

#include "check.h"

#define HOUR_MS 3600000LL
/* 2026-10-24T12:00Z, the day before summer time ends in Berlin. */
#define NOW_MS  1792843200000LL

static int utc(int64_t ms)
{
	(void)ms;
	return 0;
}

/* Two hours until 2026-10-25T01:00Z, then one. */
static int berlin(int64_t ms)
{
	return ms < 1792890000000LL ? 7200 : 3600;
}

static int64_t parsed(const char *text, moment_offset_fn *offset)
{
	int64_t ms = -1;

	return moment_parse(str_of(text), NOW_MS, offset, &ms) ? ms : -1;
}

static void a_date_with_a_zone_is_what_it_says(void)
{
	CHECK(parsed("2026-10-24T12:00Z", berlin) == NOW_MS);
	CHECK(parsed("2026-10-24 12:00:00Z", berlin) == NOW_MS);
	CHECK(parsed(" 2026-10-24T14:00+02:00 ", utc) == NOW_MS);
	CHECK(parsed("2026-10-24T07:30-04:30", utc) == NOW_MS);
	CHECK(parsed("1970-01-01T00:00Z", utc) == 0);
	CHECK(parsed("2000-02-29T00:00:01Z", utc) == 951782401000LL);
	CHECK(parsed("2100-03-01T00:00Z", utc) == 4107542400000LL);
}

static void a_date_without_a_zone_is_local(void)
{
	CHECK(parsed("2026-10-24T14:00", berlin) == NOW_MS);
	CHECK(parsed("2026-10-24T12:00", utc) == NOW_MS);
	/* After the clocks were set back. */
	CHECK(parsed("2026-10-25T12:00", berlin) == NOW_MS + 23 * HOUR_MS);
}

static void a_time_is_the_next_one(void)
{
	CHECK(parsed("14:00", utc) == NOW_MS + 2 * HOUR_MS);
	CHECK(parsed("14:01", berlin) == NOW_MS + 60000);
	CHECK(parsed("12:00", utc) == NOW_MS + 24 * HOUR_MS);
	CHECK(parsed("11:59", utc) == NOW_MS + 24 * HOUR_MS - 60000);
	/* Tomorrow's day has 25 hours. */
	CHECK(parsed("14:00", berlin) == NOW_MS + 25 * HOUR_MS);
}

static void a_span_counts_from_now(void)
{
	CHECK(parsed("+2h", utc) == NOW_MS + 2 * HOUR_MS);
	CHECK(parsed("+90m", utc) == NOW_MS + HOUR_MS + HOUR_MS / 2);
	CHECK(parsed("+1d12h", utc) == NOW_MS + 36 * HOUR_MS);
	CHECK(parsed("+1d1h1m1s", utc) == NOW_MS + 25 * HOUR_MS + 61000);
	CHECK(parsed("+3660d", utc) > 0);
	CHECK(parsed("+3661d", utc) == -1);
}

static void every_day_has_its_date(void)
{
	char name[MOMENT_DAY_ROOM];
	int64_t days;

	for (int64_t day = 0; day < 400 * 366; day++) {
		moment_day(day * MOMENT_DAY_MS + MOMENT_DAY_MS - 1, name);
		if (!moment_parse_date(str_of(name), &days) || days != day) {
			CHECK_STR(name, "read as another day");
			return;
		}
	}
	CHECK(moment_date(20788).year == 2026 &&
	      moment_date(20788).month == 12);
	CHECK(moment_date(20788).day == 1);
	CHECK(!moment_parse_date(STR("2026-11-31"), &days));
	CHECK(!moment_parse_date(STR("1969-12-31"), &days));
	CHECK(!moment_parse_date(STR("2026-11-30 "), &days));
}

static void all_else_is_refused(void)
{
	static const char *const wrong[] = {
		"",
		"+",
		"+h",
		"+2",
		"+0s",
		"+2x",
		"+1234567890s",
		"+1d1h1m1s1s",
		"-2h",
		"2h",
		"24:00",
		"12:60",
		"9:00",
		"09:00 tomorrow",
		"2026-02-29T00:00Z",
		"2026-13-01T00:00Z",
		"2026-00-01T00:00Z",
		"2026-11-31T00:00Z",
		"1969-12-31T23:59Z",
		"3000-01-01T00:00Z",
		"2026-11-30",
		"2026-11-30T18",
		"2026-11-30T18:00z",
		"2026-11-30T18:00+01",
		"2026-11-30T18:00+25:00",
		"2026-11-30T18:00Zx",
		"now",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK(parsed(wrong[i], utc) == -1);
		CHECK(!moment_parse((struct str){wrong[i], 0}, NOW_MS, utc,
				    &(int64_t){0}));
	}
}

static void what_is_written_can_be_read(void)
{
	struct buf b = BUF_INIT;

	moment_add(&b, NOW_MS, 7200);
	CHECK_STR(b.data, "2026-10-24 14:00");
	CHECK(parsed(b.data, berlin) == NOW_MS);
	for (int64_t ms = 0; ms < 20000 * 24 * HOUR_MS; ms += 17 * HOUR_MS) {
		int64_t back;

		buf_clear(&b);
		moment_add(&b, ms, 0);
		CHECK(moment_parse(buf_str(&b), NOW_MS, utc, &back) &&
		      back == ms);
	}
	buf_fini(&b);
}

static void a_day_is_the_one_of_utc(void)
{
	char day[MOMENT_DAY_ROOM];

	moment_day(0, day);
	CHECK_STR(day, "1970-01-01");
	moment_day(INT64_C(1709251199999), day);
	CHECK_STR(day, "2024-02-29");
	moment_day(INT64_C(1709251200000), day);
	CHECK_STR(day, "2024-03-01");
}

int main(void)
{
	RUN(a_date_with_a_zone_is_what_it_says);
	RUN(a_date_without_a_zone_is_local);
	RUN(a_time_is_the_next_one);
	RUN(a_span_counts_from_now);
	RUN(every_day_has_its_date);
	RUN(all_else_is_refused);
	RUN(what_is_written_can_be_read);
	RUN(a_day_is_the_one_of_utc);
	return check_done("base/moment");
}
