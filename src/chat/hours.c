/* Opening hours as a list of spans within the week and of days that are closed;
 * see hours.h. Pure arithmetic on local minutes; where the shop lies is in the
 * caller's offset, so a change of summer time between now and the next opening
 * is the caller's to correct. */
#include "chat/hours.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/moment.h"

#define DAY_MIN    1440
#define MINUTE_MS  INT64_C(60000)
#define LOOK_DAYS  60
#define MAX_SPANS  1000
#define MAX_CLOSED 1000
#define THURSDAY   3 /* 1 January 1970, where Monday is 0 */
#define ITEM_SHOWN 40
#define NEVER      INT64_MAX

/* From `from` on `weekday`, up to `to`, which may lie in the next day. */
struct span {
	int weekday;  /* 0: Monday */
	int from, to; /* minutes since that day's midnight */
};

struct hours {
	struct span *spans;
	size_t span_count;
	int64_t *closed; /* days since 1970 */
	size_t closed_count;
};

/* -- reading ------------------------------------------------------------- */

static bool fault(struct buf *why, struct str item, const char *what)
{
	buf_addf(why,
		 "\"%.*s\" %s; write \"mon-fri 09:00-17:00\", \"sat "
		 "10:00-14:00\" or \"closed 2026-12-25\"",
		 (int)(item.n > ITEM_SHOWN ? ITEM_SHOWN : item.n), item.p,
		 what);
	return false;
}

static bool parse_day(struct str s, int *day)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu",
					    "fri", "sat", "sun"};

	for (int i = 0; i < 7; i++) {
		if (!str_is(s, names[i]))
			continue;
		*day = i;
		return true;
	}
	return false;
}

/* "mon", "mon-fri", "sat-mon", "mon,wed-fri" or "daily", as bits. */
static bool parse_days(struct str s, unsigned *days)
{
	*days = 0;
	if (str_is(s, "daily")) {
		*days = 0x7f;
		return true;
	}
	while (s.p != NULL) {
		struct str part = str_cut(&s, ',');
		struct str first = str_cut(&part, '-');
		int from, to;

		if (!parse_day(first, &from))
			return false;
		to = from;
		if (part.p != NULL && !parse_day(part, &to))
			return false;
		for (int d = from; d != to; d = (d + 1) % 7)
			*days |= 1u << d;
		*days |= 1u << to;
	}
	return true;
}

static bool parse_time(struct str s, int *minutes)
{
	struct str hour = str_cut(&s, ':');
	uint64_t h, m;

	if (hour.n > 2 || s.n != 2 || !str_to_u64(hour, 24, &h) ||
	    !str_to_u64(s, 59, &m))
		return false;
	*minutes = (int)(h * 60 + m);
	return *minutes <= DAY_MIN;
}

static bool add_span(struct hours *hours, unsigned days, struct str item,
		     struct str s, struct buf *why)
{
	struct str first = str_cut(&s, '-');
	int from, to;

	if (!parse_time(first, &from) || !parse_time(s, &to))
		return fault(why, item, "has no times like 09:00-17:00");
	if (from == to || from == DAY_MIN)
		return fault(why, item,
			     "begins when it ends; a whole day is 00:00-24:00");
	if (to < from)
		to += DAY_MIN;
	for (int d = 0; d < 7; d++) {
		if (!(days & 1u << d))
			continue;
		if (hours->span_count == MAX_SPANS)
			return fault(why, item, "is one too many");
		hours->spans =
			xreallocarray(hours->spans, hours->span_count + 1,
				      sizeof(*hours->spans));
		hours->spans[hours->span_count++] = (struct span){d, from, to};
	}
	return true;
}

static bool add_closed(struct hours *hours, struct str item, struct str s,
		       struct buf *why)
{
	int64_t day;

	if (!moment_parse_date(str_trim(s), &day))
		return fault(why, item, "has no date like 2026-12-25");
	if (hours->closed_count == MAX_CLOSED)
		return fault(why, item, "is one too many");
	hours->closed = xreallocarray(hours->closed, hours->closed_count + 1,
				      sizeof(*hours->closed));
	hours->closed[hours->closed_count++] = day;
	return true;
}

static bool add_item(struct hours *hours, struct str item, struct buf *why)
{
	struct str rest = item;
	struct str head = str_cut(&rest, ' ');
	unsigned days;

	if (str_is(head, "closed"))
		return add_closed(hours, item, rest, why);
	if (!parse_days(head, &days))
		return fault(why, item,
			     "does not begin with days like mon-fri");
	rest = str_trim(rest);
	if (rest.n == 0)
		return fault(why, item, "has no times like 09:00-17:00");
	while (rest.p != NULL) {
		struct str times = str_trim(str_cut(&rest, ','));

		if (!add_span(hours, days, item, times, why))
			return false;
	}
	return true;
}

struct hours *hours_parse(const char *const *items, size_t n, size_t *at,
			  struct buf *why)
{
	struct hours *hours = xcalloc(1, sizeof(*hours));

	for (*at = 0; *at < n; ++*at) {
		if (add_item(hours, str_trim(str_of(items[*at])), why))
			continue;
		hours_free(&hours);
		return NULL;
	}
	return hours;
}

void hours_free(struct hours **hours)
{
	if (*hours == NULL)
		return;
	free((*hours)->spans);
	free((*hours)->closed);
	free(*hours);
	*hours = NULL;
}

/* -- asking -------------------------------------------------------------- */

static int64_t local_day(int64_t local_ms)
{
	return local_ms / MOMENT_DAY_MS - (local_ms % MOMENT_DAY_MS < 0);
}

static bool is_closed_day(const struct hours *hours, int64_t day)
{
	for (size_t i = 0; i < hours->closed_count; i++)
		if (hours->closed[i] == day)
			return true;
	return false;
}

static bool is_open_at(const struct hours *hours, int64_t local_ms)
{
	int64_t day = local_day(local_ms);
	int minute = (int)((local_ms - day * MOMENT_DAY_MS) / MINUTE_MS);
	int weekday = (int)(((day + THURSDAY) % 7 + 7) % 7);

	if (is_closed_day(hours, day))
		return false;
	for (size_t i = 0; i < hours->span_count; i++) {
		const struct span *s = &hours->spans[i];

		if (s->weekday == weekday && minute >= s->from &&
		    minute < s->to)
			return true;
		if ((s->weekday + 1) % 7 == weekday && minute + DAY_MIN < s->to)
			return true;
	}
	return hours->span_count == 0;
}

bool hours_is_open(const struct hours *hours, int64_t now_ms, int utc_offset_s)
{
	return is_open_at(hours, now_ms + (int64_t)utc_offset_s * 1000);
}

/* It can only open at the begin of a span, or at midnight: after a closed day
 * into which a span would have reached. NEVER: not on this day. */
static int64_t first_opening(const struct hours *hours, int64_t day,
			     int64_t after)
{
	int64_t best = NEVER;

	for (size_t i = 0; i <= hours->span_count; i++) {
		int64_t at = day * MOMENT_DAY_MS;

		if (i < hours->span_count)
			at += hours->spans[i].from * MINUTE_MS;
		if (at > after && at < best && is_open_at(hours, at))
			best = at;
	}
	return best;
}

int64_t hours_next_open_ms(const struct hours *hours, int64_t now_ms,
			   int utc_offset_s)
{
	int64_t offset_ms = (int64_t)utc_offset_s * 1000;
	int64_t local = now_ms + offset_ms;

	if (is_open_at(hours, local))
		return now_ms;
	for (int d = 0; d <= LOOK_DAYS; d++) {
		int64_t at = first_opening(hours, local_day(local) + d, local);

		if (at != NEVER)
			return at - offset_ms;
	}
	return 0;
}
