/* Moments as people write them, in and out; see base/moment.h. Pure: the time
 * that it is now and the local zone come from the caller. */
#include "base/moment.h"

#define DAY_S     86400
#define YEAR_MIN  1970
#define YEAR_MAX  2999
#define SPAN_MAX  (int64_t)(10 * 366) * DAY_S /* from now on */
#define SPAN_UNIT 4                           /* "1d2h3m4s" */

/* -- the calendar ---------------------------------------------------------- */

/* Days since 1970-01-01 of the proleptic Gregorian calendar, counted in years
 * that begin in March, so that the leap day comes last. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	int64_t years = m <= 2 ? y - 1 : y;
	int64_t era = years / 400;
	int64_t of_era = years - era * 400;
	int64_t of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

struct moment_date moment_date(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;

	return (struct moment_date){
		.year = (int)(yoe + era * 400 + (month <= 2)),
		.month = (int)month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
	};
}

/* -- reading --------------------------------------------------------------- */

static bool eat(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* Exactly `digits` digits. */
static bool eat_number(struct str *s, size_t digits, int64_t *out)
{
	uint64_t v;

	if (s->n < digits ||
	    !str_to_u64((struct str){s->p, digits}, INT64_MAX, &v))
		return false;
	s->p += digits;
	s->n -= digits;
	*out = (int64_t)v;
	return true;
}

/* "18:00", "18:00:30": seconds of the day. */
static bool eat_clock(struct str *s, int64_t *out_s)
{
	int64_t h, m, sec = 0;

	if (!eat_number(s, 2, &h) || !eat(s, ':') || !eat_number(s, 2, &m))
		return false;
	if (eat(s, ':') && !eat_number(s, 2, &sec))
		return false;
	*out_s = h * 3600 + m * 60 + sec;
	return h < 24 && m < 60 && sec < 60;
}

static bool eat_date(struct str *s, int64_t *out_days)
{
	int64_t y, m, d;

	if (!eat_number(s, 4, &y) || !eat(s, '-') || !eat_number(s, 2, &m) ||
	    !eat(s, '-') || !eat_number(s, 2, &d) || y < YEAR_MIN ||
	    y > YEAR_MAX || m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	*out_days = days_of(y, m, d);
	return moment_date(*out_days).day == d; /* else there is no 31st */
}

bool moment_parse_date(struct str text, int64_t *out_days)
{
	return eat_date(&text, out_days) && text.n == 0;
}

/* "Z", "+01:00". */
static bool eat_zone(struct str *s, int64_t *out_s)
{
	bool west = s->n > 0 && s->p[0] == '-';
	int64_t zone;

	*out_s = 0;
	if (eat(s, 'Z'))
		return true;
	if ((!eat(s, '+') && !eat(s, '-')) || !eat_clock(s, &zone))
		return false;
	*out_s = west ? -zone : zone;
	return true;
}

/* Local seconds to UTC: the offset is that of the moment meant, which is found
 * by the offset of one near to it. */
static int64_t to_utc_s(int64_t local_s, moment_offset_fn *offset)
{
	int64_t near_s = local_s - offset(local_s * 1000);

	return local_s - offset(near_s * 1000);
}

static bool date_and_time(struct str s, moment_offset_fn *offset,
			  int64_t *out_s)
{
	int64_t days, clock, zone;

	if (!eat_date(&s, &days) || (!eat(&s, 'T') && !eat(&s, ' ')) ||
	    !eat_clock(&s, &clock))
		return false;
	*out_s = days * DAY_S + clock;
	if (s.n == 0) {
		*out_s = to_utc_s(*out_s, offset);
		return true;
	}
	if (!eat_zone(&s, &zone))
		return false;
	*out_s -= zone;
	return s.n == 0;
}

static bool next_time(struct str s, int64_t now_ms, moment_offset_fn *offset,
		      int64_t *out_s)
{
	int64_t clock, local_s = now_ms / 1000 + offset(now_ms);
	int64_t day_s = local_s - local_s % DAY_S;

	if (!eat_clock(&s, &clock) || s.n > 0)
		return false;
	*out_s = to_utc_s(day_s + clock, offset);
	if (*out_s * 1000 <= now_ms)
		*out_s = to_utc_s(day_s + DAY_S + clock, offset);
	return true;
}

static int64_t unit_s(struct str *s)
{
	if (eat(s, 'd'))
		return DAY_S;
	if (eat(s, 'h'))
		return 3600;
	if (eat(s, 'm'))
		return 60;
	return eat(s, 's') ? 1 : 0;
}

static bool from_now(struct str s, int64_t now_ms, int64_t *out_s)
{
	int64_t sum = 0;

	if (!eat(&s, '+'))
		return false;
	for (unsigned i = 0; i < SPAN_UNIT && s.n > 0; i++) {
		size_t digits = 0;
		int64_t n, unit;

		while (digits < s.n && is_digit(s.p[digits]))
			digits++;
		if (digits == 0 || digits > 9 || !eat_number(&s, digits, &n))
			return false;
		unit = unit_s(&s);
		if (unit == 0)
			return false;
		sum += n * unit;
	}
	*out_s = now_ms / 1000 + sum;
	return s.n == 0 && sum > 0 && sum <= SPAN_MAX;
}

bool moment_parse(struct str text, int64_t now_ms, moment_offset_fn *offset,
		  int64_t *out_ms)
{
	struct str s = str_trim(text);
	int64_t at_s;

	if (!from_now(s, now_ms, &at_s) &&
	    !next_time(s, now_ms, offset, &at_s) &&
	    !date_and_time(s, offset, &at_s))
		return false;
	*out_ms = at_s * 1000;
	return true;
}

/* -- writing --------------------------------------------------------------- */

void moment_add(struct buf *b, int64_t ms, int offset_s)
{
	int64_t local_s = ms / 1000 + offset_s;
	int64_t clock = local_s % DAY_S;
	struct moment_date date = moment_date(local_s / DAY_S);

	buf_addf(b, "%04d-%02d-%02d %02d:%02d", date.year, date.month, date.day,
		 (int)(clock / 3600), (int)(clock / 60 % 60));
}

static void put_digits(char *out, size_t n, int64_t v)
{
	for (; n > 0; v /= 10)
		out[--n] = (char)('0' + v % 10);
}

void moment_day(int64_t ms, char out[MOMENT_DAY_ROOM])
{
	struct moment_date date = moment_date(ms / MOMENT_DAY_MS);

	put_digits(out, 4, date.year);
	out[4] = '-';
	put_digits(out + 5, 2, date.month);
	out[7] = '-';
	put_digits(out + 8, 2, date.day);
	out[10] = '\0';
}
