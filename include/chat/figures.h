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
#include "chat/conv.h"

/* Adds what the events, which are appended to the state `before`, bring about:
 * a line each, the figure, a blank, by how much. `counted`: of the step;
 * NULL: nothing. */
void figures_of(const struct conv *before, const struct event *events, size_t n,
		const char *counted, struct buf *out);

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
/* The values of a figure's kind, the largest number first, at most `most`;
 * returns how many. Borrowed from the report. */
struct report_value {
	struct str value;
	int64_t count;
};
size_t report_values(const struct report *report, const char *name,
		     const char *kind, struct report_value *out, size_t most);

#endif
