/* `answerctl report`: the figures of a day or of several, read from Redis as
 * the daemons count them there, as `GET /api/report` gives them. Only looks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chat/figures.h"
#include "cli.h"
#include "lines.h"
#include "link.h"

#define VALUES_MOST 20 /* of a kind, in a table */
#define NAME_SHOWN  40 /* code points */

struct order {
	struct str from, to; /* NONE: as report_span_read() has it */
	bool week, json;
};

/* -- numbers ----------------------------------------------------------- */

/* "0:45", "12:30", "1:02:00"; -1: "-". */
static void add_time(struct buf *out, int width, int64_t s)
{
	char text[32] = "-";

	if (s >= 3600)
		snprintf(text, sizeof(text), "%" PRId64 ":%02d:%02d", s / 3600,
			 (int)(s / 60 % 60), (int)(s % 60));
	else if (s >= 0)
		snprintf(text, sizeof(text), "%d:%02d", (int)(s / 60),
			 (int)(s % 60));
	buf_addf(out, "%*s", width, text);
}

static int64_t rounded(double s)
{
	return s < 0 ? -1 : (int64_t)(s + 0.5);
}

static void add_mean(struct buf *out, int width, double mean)
{
	if (mean < 0)
		buf_addf(out, "%*s", width, "-");
	else
		buf_addf(out, "%*.2f", width, mean);
}

static double csat(const struct report *r, const char *queue)
{
	return report_mean(r, "csat", "csat_sum", queue);
}

/* -- a line a day ------------------------------------------------------ */

static void add_day(struct buf *out, const char *name, const struct report *r)
{
	static const char *const counts[] = {"conversations", "answered",
					     "handed_over", "abandoned"};
	static const int widths[] = {6, 10, 12, 8};

	buf_addf(out, "%-10s", name);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		buf_addf(out, "%*" PRId64, widths[i], report_get(r, counts[i]));
	add_time(out, 8, report_within_s(r, "waits", 50));
	add_time(out, 8,
		 rounded(report_mean(r, "first_replies", "first_reply_s",
				     NULL)));
	buf_addf(out, "%10" PRId64, report_get(r, "resolved"));
	add_mean(out, 8, csat(r, NULL));
	buf_add_c(out, '\n');
}

static void add_days(struct buf *out, const struct report_days *days)
{
	size_t n = report_days_count(days);

	buf_addf(out, "%-10s%6s%10s%12s%8s%8s%8s%10s%8s\n", "day", "chats",
		 "answered", "handed over", "gave up", "wait", "reply",
		 "resolved", "rating");
	for (size_t i = 0; i < n; i++) {
		char name[MOMENT_DAY_ROOM];
		const struct report *r = report_days_get(days, i, name);

		add_day(out, name, r);
	}
	if (n > 1)
		add_day(out, "all", report_days_total(days));
}

/* -- of all of them ---------------------------------------------------- */

static void add_name(struct buf *out, struct str name)
{
	buf_add_s(out, "  ");
	lines_add_shown(out, name, NAME_SHOWN);
	buf_add_c(out, '\n');
}

static void add_list(struct buf *out, const struct report *r, const char *title,
		     const char *figure, const char *kind)
{
	struct report_value values[VALUES_MOST];
	size_t n = report_values(r, figure, kind, values, VALUES_MOST);

	if (n == 0)
		return;
	buf_addf(out, "\n%s\n", title);
	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "%8" PRId64, values[i].count);
		add_name(out, values[i].value);
	}
}

static void add_bot(struct buf *out, const struct report *r)
{
	static const struct {
		const char *figure, *name;
	} lines[] = {
		{"answered", "messages answered"},
		{"asked", "asked for a number, say"},
		{"clarified", "asked which of two was meant"},
		{"repeated", "the same answer again"},
		{"missed", "not understood"},
		{"looked_up", "looked up"},
		{"closed_by_bot", "conversations closed"},
	};

	buf_add_s(out, "\nThe bot\n");
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		buf_addf(out, "%8" PRId64 "  %s\n",
			 report_get(r, lines[i].figure), lines[i].name);
}

static void add_times(struct buf *out, const struct report *r,
		      const char *title, const char *count, const char *sum)
{
	if (report_get(r, count) == 0)
		return;
	buf_addf(out, "%-22s%8" PRId64, title, report_get(r, count));
	add_time(out, 10, report_within_s(r, count, 50));
	add_time(out, 14, report_within_s(r, count, 90));
	add_time(out, 8, rounded(report_mean(r, count, sum, NULL)));
	buf_add_c(out, '\n');
}

static void add_ratings(struct buf *out, const struct report *r)
{
	static const struct {
		const char *figure, *sum, *name;
	} lines[] = {
		{"csat", "csat_sum", "satisfaction, 1 to 5"},
		{"ces", "ces_sum", "effort, 1 to 7"},
		{"nps", "nps_sum", "would recommend, 0 to 10"},
		{"solved", "solved_sum", "solved by the bot, 0 or 1"},
	};
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (report_get(r, lines[i].figure) == 0)
			continue;
		if (!any)
			buf_add_s(out, "\nRated            mean\n");
		any = true;
		buf_addf(out, "%8" PRId64, report_get(r, lines[i].figure));
		add_mean(out, 13,
			 report_mean(r, lines[i].figure, lines[i].sum, NULL));
		buf_addf(out, "  %s\n", lines[i].name);
	}
}

static void add_queue(struct buf *out, const struct report *r, struct str name)
{
	static const char *const counts[] = {"handed_over", "waits",
					     "abandoned", "resolved"};
	char *text = xstrndup(name.p, name.n);

	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		buf_addf(out, "%*" PRId64, i == 0 ? 13 : 10,
			 report_get_of(r, counts[i], "queue", name));
	add_time(out, 10, rounded(report_mean(r, "waits", "waited_s", text)));
	add_mean(out, 8, csat(r, text));
	add_name(out, name);
	free(text);
}

static void add_queues(struct buf *out, const struct report *r)
{
	struct report_value values[VALUES_MOST];
	size_t n =
		report_values(r, "handed_over", "queue", values, VALUES_MOST);

	if (n == 0)
		return;
	buf_addf(out, "\n%13s%10s%10s%10s%10s%8s  queue\n", "handed over",
		 "taken", "gave up", "resolved", "mean wait", "rating");
	for (size_t i = 0; i < n; i++)
		add_queue(out, r, values[i].value);
}

static void add_intents(struct buf *out, const struct report *r)
{
	struct report_value values[VALUES_MOST];
	size_t n = report_values(r, "answered", "intent", values, VALUES_MOST);

	if (n == 0)
		return;
	buf_addf(out, "\n%8s%13s%8s  intent\n", "answered", "handed over",
		 "solved");
	for (size_t i = 0; i < n; i++) {
		struct str name = values[i].value;

		buf_addf(out, "%8" PRId64 "%13" PRId64 "%8" PRId64,
			 values[i].count,
			 report_get_of(r, "handed_over", "intent", name),
			 report_get_of(r, "solved_sum", "intent", name));
		add_name(out, name);
	}
}

static void add_report(struct buf *out, const struct report_days *days)
{
	const struct report *all = report_days_total(days);

	add_days(out, days);
	add_bot(out, all);
	add_list(out, all, "Handed over because", "handed_over", "reason");
	if (report_get(all, "waits") + report_get(all, "first_replies") > 0)
		buf_addf(out, "\n%-22s%8s%10s%14s%8s\n", "Minutes:seconds",
			 "chats", "half in", "nine in ten", "mean");
	add_times(out, all, "until taken", "waits", "waited_s");
	add_times(out, all, "until the first reply", "first_replies",
		  "first_reply_s");
	add_list(out, all, "Resolved as", "resolved", "outcome");
	add_list(out, all, "Closed because", "closed", "reason");
	add_ratings(out, all);
	add_queues(out, all);
	add_intents(out, all);
}

/* -- reading ----------------------------------------------------------- */

static int read_days(struct link *link, struct report_days *days)
{
	char key[REPORT_KEY_ROOM];

	while (report_days_next(days, key)) {
		struct hash h = link_hash(link, key);

		if (h.status != STORE_OK && h.status != STORE_EMPTY)
			return link_failed(h.status);
		report_days_add(days, h.fields,
				h.status == STORE_OK ? h.count : 0);
	}
	return CLI_OK;
}

static void print(const struct order *order, const struct report_days *days)
{
	struct buf out = BUF_INIT;

	if (order->json) {
		report_days_json(days, &out);
		buf_add_c(&out, '\n');
	} else {
		add_report(&out, days);
	}
	fwrite(out.data, 1, out.len, stdout);
	buf_fini(&out);
}

/* Today alone where neither a week nor dates are asked for. */
static int span_of(const struct order *order, struct report_span *span)
{
	bool dates = order->from.p != NULL || order->to.p != NULL;
	int64_t now_ms = loop_wall_ms();
	struct buf why = BUF_INIT;
	int status = CLI_OK;

	now_ms += 1000 * (int64_t)loop_local_offset_s(now_ms);
	if (!report_span_read(order->from, order->to, now_ms, span, &why))
		status = cli_usage("report", "%s", why.data);
	buf_fini(&why);
	if (!dates && !order->week)
		span->from_ms = span->to_ms;
	return status;
}

static int run(struct link *link, const struct order *order)
{
	struct report_span span;
	struct report_days *days;
	int status = link_config(link);

	if (status != CLI_OK)
		return status;
	link_use_shop_zone(link);
	status = span_of(order, &span);
	if (status == CLI_OK)
		status = link_connect(link);
	if (status != CLI_OK)
		return status;
	days = report_days_new(&span);
	status = read_days(link, days);
	if (status == CLI_OK)
		print(order, days);
	report_days_free(&days);
	return status;
}

int cmd_report(int argc, char **argv)
{
	struct order order = {.from = STR_NONE};
	bool day = false;
	struct link link;
	int status;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "day") == 0)
			day = true;
		else if (strcmp(argv[i], "week") == 0)
			order.week = true;
		else if (strcmp(argv[i], "--json") == 0)
			order.json = true;
		else if (strcmp(argv[i], "--from") == 0 && i + 1 < argc)
			order.from = str_of(argv[++i]);
		else if (strcmp(argv[i], "--to") == 0 && i + 1 < argc)
			order.to = str_of(argv[++i]);
		else
			return cli_unknown("report", argv[i]);
	}
	if (day + order.week + (order.from.p != NULL || order.to.p != NULL) > 1)
		return cli_usage("report", "day, week or dates?");
	status = run(&link, &order);
	link_close(&link);
	return status;
}
