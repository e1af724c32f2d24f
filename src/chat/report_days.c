/* The reports of some days, read one after the other, and of all of them
 * together: what `GET /api/report` and `answerctl report` have in common. See
 * chat/figures.h. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/moment.h"
#include "chat/figures.h"

#define DAYS      7 /* where nothing is asked for */
#define SHOWN_MAX 40

/* -- which ------------------------------------------------------------- */

/* "2026-11-28" as the midnight that it begins with; else as `*out_ms` is. */
static bool read_date(struct str text, int64_t *out_ms)
{
	int64_t days;

	if (text.p == NULL)
		return true;
	if (!moment_parse_date(text, &days))
		return false;
	*out_ms = days * MOMENT_DAY_MS;
	return true;
}

/* What a stranger wrote may be long, and anything. */
static bool no_date(struct buf *why, const char *which, struct str text)
{
	buf_addf(why, "%s: \"", which);
	for (size_t i = 0; i < text.n && i < SHOWN_MAX; i++)
		buf_add_c(why, text.p[i] >= ' ' && text.p[i] < 0x7f ? text.p[i]
								    : '?');
	buf_add_s(why, "\" is not a date like 2026-11-28");
	return false;
}

bool report_span_read(struct str from, struct str to, int64_t now_ms,
		      struct report_span *out, struct buf *why)
{
	out->to_ms = now_ms / MOMENT_DAY_MS * MOMENT_DAY_MS;
	if (!read_date(to, &out->to_ms))
		return no_date(why, "to", to);
	out->from_ms = out->to_ms - (DAYS - 1) * MOMENT_DAY_MS;
	if (!read_date(from, &out->from_ms))
		return no_date(why, "from", from);
	if (out->from_ms > out->to_ms)
		buf_add_s(why, "from is after to");
	else if (out->to_ms - out->from_ms >= REPORT_DAYS_MOST * MOMENT_DAY_MS)
		buf_add_s(why, "at most 100 days at a time");
	return why->len == 0;
}

/* -- their figures ----------------------------------------------------- */

struct report_days {
	struct report_span span;
	struct report *days[REPORT_DAYS_MOST];
	size_t count;
	struct report *total;
};

struct report_days *report_days_new(const struct report_span *span)
{
	struct report_days *d = xcalloc(1, sizeof(*d));

	d->span = *span;
	d->total = report_new();
	return d;
}

void report_days_free(struct report_days **dp)
{
	struct report_days *d = *dp;

	if (d == NULL)
		return;
	for (size_t i = 0; i < d->count; i++)
		report_free(&d->days[i]);
	report_free(&d->total);
	free(d);
	*dp = NULL;
}

static int64_t day_ms(const struct report_days *d, size_t i)
{
	return d->span.from_ms + (int64_t)i * MOMENT_DAY_MS;
}

bool report_days_next(const struct report_days *d, char key[REPORT_KEY_ROOM])
{
	char day[MOMENT_DAY_ROOM];

	if (d->count == REPORT_DAYS_MOST || day_ms(d, d->count) > d->span.to_ms)
		return false;
	moment_day(day_ms(d, d->count), day);
	snprintf(key, REPORT_KEY_ROOM, "stats:%s", day);
	return true;
}

void report_days_add(struct report_days *d, const struct field *fields,
		     size_t n)
{
	struct report *day = report_new();

	report_add(day, fields, n);
	report_add(d->total, fields, n);
	d->days[d->count++] = day;
}

size_t report_days_count(const struct report_days *d)
{
	return d->count;
}

const struct report *report_days_get(const struct report_days *d, size_t i,
				     char name[MOMENT_DAY_ROOM])
{
	moment_day(day_ms(d, i), name);
	return d->days[i];
}

const struct report *report_days_total(const struct report_days *d)
{
	return d->total;
}

void report_days_json(const struct report_days *d, struct buf *out)
{
	char from[MOMENT_DAY_ROOM], to[MOMENT_DAY_ROOM];

	moment_day(d->span.from_ms, from);
	moment_day(d->span.to_ms, to);
	buf_addf(out, "{\"from\":\"%s\",\"to\":\"%s\",\"days\":[", from, to);
	for (size_t i = 0; i < d->count; i++) {
		char name[MOMENT_DAY_ROOM];

		moment_day(day_ms(d, i), name);
		buf_addf(out,
			 "%s{\"day\":\"%s\",\"figures\":", i > 0 ? "," : "",
			 name);
		report_json(d->days[i], out);
		buf_add_c(out, '}');
	}
	buf_add_s(out, "],\"total\":");
	report_json(d->total, out);
	buf_add_c(out, '}');
}
