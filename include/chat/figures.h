/* What a shop wants to know of a day: how many conversations, what the bot
 * answered, who waited how long, how it ended, how it was rated. Taken from
 * the events of a unit as it is appended, added up by the store, and read back
 * as a report. Pure.
 *
 * A figure is a name and a number; most are told apart further: "NAME",
 * "NAME/KIND/VALUE" with one of the kinds reason, queue, intent, outcome,
 * score, within (seconds). */
#ifndef CHAT_FIGURES_H
#define CHAT_FIGURES_H

#include "base/field.h"
#include "base/moment.h"
#include "chat/conv.h"

/* Adds what the events, which are appended to the state `before`, bring about:
 * a line each, the figure, a blank, by how much. `counted`: of the step. */
void figures_of(const struct conv *before, const struct event *events, size_t n,
		enum conv_counted counted, struct buf *out);

/* Figures added up, of a day or of several. */
struct report;
struct report *report_new(void);
void report_free(struct report **report);
/* The fields of a hash `stats:DAY`. What is no figure is passed over. */
void report_add(struct report *report, const struct field *fields, size_t n);
/* 0: none. */
int64_t report_get(const struct report *report, const char *figure);
/* Seconds within which `percent` of what `name` counts ("waits",
 * "first_replies") came about: the upper end of the bucket that it falls in.
 * -1: nothing was counted, or it took longer than the last bucket. */
int64_t report_within_s(const struct report *report, const char *name,
			unsigned percent);
/* Sum by count, as a mean; -1: nothing was counted. `queue` NULL: all. */
double report_mean(const struct report *report, const char *count,
		   const char *sum, const char *queue);
/* A JSON object, as `GET /api/report` has it for each day. */
void report_json(const struct report *report, struct buf *out);
/* The same of one value of a kind, "queue" or "intent" say. */
int64_t report_get_of(const struct report *report, const char *figure,
		      const char *kind, struct str value);
/* The values of a figure's kind, the largest number first, at most `most`;
 * returns how many. Borrowed from the report. */
struct report_value {
	struct str value;
	int64_t count;
};
size_t report_values(const struct report *report, const char *name,
		     const char *kind, struct report_value *out, size_t most);

/* -- of several days --------------------------------------------------- */

#define REPORT_DAYS_MOST 100 /* at a time */
#define REPORT_KEY_ROOM  32

/* The midnights with which the first and the last day begin, as if the shop's
 * clock were UTC's. */
struct report_span {
	int64_t from_ms, to_ms;
};
/* From "2026-11-22" and "2026-11-28"; STR_NONE: `to` is the day of `now_ms`
 * (by the same clock), `from` six days before `to`. False: one is no date, or
 * they do not go together, and `why` has it in words. */
bool report_span_read(struct str from, struct str to, int64_t now_ms,
		      struct report_span *out, struct buf *why);

/* Their reports, the oldest first. */
struct report_days;
struct report_days *report_days_new(const struct report_span *span);
void report_days_free(struct report_days **days);
/* The hash that is to be read next, "stats:2026-11-22"; false: none. */
bool report_days_next(const struct report_days *days,
		      char key[REPORT_KEY_ROOM]);
/* What stands there; none: an empty day. */
void report_days_add(struct report_days *days, const struct field *fields,
		     size_t n);
size_t report_days_count(const struct report_days *days);
/* Borrowed; `name` becomes "2026-11-22". */
const struct report *report_days_get(const struct report_days *days, size_t i,
				     char name[MOMENT_DAY_ROOM]);
const struct report *report_days_total(const struct report_days *days);
/* {from, to, days: [{day, figures}], total}: what `GET /api/report` gives. */
void report_days_json(const struct report_days *days, struct buf *out);

#endif
