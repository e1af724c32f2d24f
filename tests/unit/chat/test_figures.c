/* What units bring about as figures, by whole dialogues through the state
 * machine; and figures added up and told as a report. */
#include "chat/figures.h"

#include "dialogue.h"

static struct dialogue d;
static struct report *report;

/* The last step's figures, as the store would add them up. */
static void take(const struct conv *before)
{
	struct buf lines = BUF_INIT;
	struct field fields[64];
	size_t n = 0;
	char *at;

	figures_of(before, d.out->events, d.out->event_count, d.out->counted,
		   &lines);
	buf_add_c(&lines, '\0');
	at = lines.data;
	for (char *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		char *blank;

		*end = '\0';
		blank = strrchr(at, ' ');
		CHECK(blank != NULL && n < ARRAY_LEN(fields));
		*blank = '\0';
		fields[n++] = (struct field){str_of(at), str_of(blank + 1)};
	}
	report_add(report, fields, n);
	buf_fini(&lines);
}

#define STEP(act)                                                              \
	do {                                                                   \
		struct conv before_ = d.conv;                                  \
		act;                                                           \
		take(&before_);                                                \
	} while (0)

static int64_t got(const char *figure)
{
	return report_get(report, figure);
}

static void ask(const char *text)
{
	STEP(say(&d, text));
}

/* The dialogue's own events are copies that live on; `out` is the last
 * step's. */
static void begin(void)
{
	conv_init(&d.conv, "c1");
	d.log_count = 0;
	report_free(&report);
	report = report_new();
}

static void a_conversation_counts_once_and_its_messages_each(void)
{
	begin();
	ask("delivery options");
	CHECK(got("conversations") == 1 && got("messages") == 1);
	CHECK(got("answered") == 1);
	ask("xyzzy plugh");
	CHECK(got("conversations") == 1 && got("messages") == 2);
	CHECK(got("answered") == 1 && got("missed") == 1);
	CHECK(got("handed_over") == 0);
}

static void a_hand_over_is_counted_by_reason_and_queue(void)
{
	begin();
	STEP(ask_for_person(&d));
	CHECK(got("handed_over") == 1);
	CHECK(got("handed_over/reason/wants_person") == 1);
	CHECK(got("handed_over/queue/general") == 1);
}

static void waits_and_first_replies_are_timed_by_queue(void)
{
	begin();
	STEP(ask_for_person(&d));
	d.now_ms += 45000;
	STEP(agent(&d, INPUT_AGENT_CLAIMED, "maria"));
	CHECK(got("waits") == 1 && got("waited_s") == 45);
	CHECK(got("waits/within/60") == 1 && got("waits/within/30") == 0);
	CHECK(got("waits/queue/general") == 1);
	CHECK(got("waited_s/queue/general") == 45);
	d.now_ms += 20000;
	STEP(agent(&d, INPUT_AGENT_SAID, "maria"));
	CHECK(got("first_replies") == 1 && got("first_reply_s") == 65);
	STEP(agent(&d, INPUT_AGENT_SAID, "maria"));
	CHECK(got("first_replies") == 1 && got("agent_messages") == 2);
	STEP(agent(&d, INPUT_AGENT_RELEASED, "maria"));
	CHECK(got("handed_over") == 1); /* not once more */
	d.now_ms += 10000;
	STEP(agent(&d, INPUT_AGENT_CLAIMED, "paul"));
	CHECK(got("waits") == 2 && got("waited_s") == 55);
}

static void what_is_taken_from_the_bot_counts_as_handed_over(void)
{
	begin();
	ask("delivery options");
	d.now_ms += 5000;
	STEP(take_from_bot(&d, "paula"));
	CHECK(got("handed_over") == 1);
	CHECK(got("handed_over/reason/taken_over") == 1);
	CHECK(got("handed_over/queue/general") == 1);
	CHECK(got("waits") == 0 && got("passed_on") == 0);
	d.now_ms += 20000;
	STEP(agent(&d, INPUT_AGENT_SAID, "paula"));
	CHECK(got("first_replies") == 1 && got("first_reply_s") == 20);
	STEP(agent(&d, INPUT_AGENT_RELEASED, "paula"));
	CHECK(got("handed_over") == 1); /* not once more */
	STEP(agent(&d, INPUT_AGENT_CLAIMED, "paul"));
	STEP(agent(&d, INPUT_AGENT_RESOLVED, "paul"));
	CHECK(got("closed") == 1 && got("closed_by_bot") == 0);
}

static void a_contact_that_is_offered_counts_whenever_that_is(void)
{
	begin();
	d.unattended = 1;
	STEP(ask_for_person(&d));
	CHECK(got("handed_over") == 1 && got("contacts_offered") == 1);
	begin();
	d.unattended = 0;
	STEP(ask_for_person(&d));
	CHECK(got("contacts_offered") == 0);
	d.unattended = 1;
	STEP(timer(&d));
	CHECK(got("contacts_offered") == 1 && got("reminded") == 0);
}

static void who_leaves_the_line_was_not_served(void)
{
	begin();
	STEP(ask_for_person(&d));
	STEP(quit(&d));
	CHECK(got("abandoned") == 1 && got("abandoned/queue/general") == 1);
	CHECK(got("closed") == 1 && got("closed/reason/left") == 1);
	CHECK(got("closed_by_bot") == 0);
}

static void who_leaves_the_bot_never_needed_anybody(void)
{
	begin();
	ask("delivery options");
	STEP(quit(&d));
	CHECK(got("abandoned") == 0 && got("closed_by_bot") == 1);
}

static void what_is_resolved_is_rated(void)
{
	char id[CONV_ID_MAX + 1];

	begin();
	STEP(ask_for_person(&d));
	STEP(agent(&d, INPUT_AGENT_CLAIMED, "maria"));
	STEP(agent(&d, INPUT_AGENT_RESOLVED, "maria"));
	CHECK(got("resolved") == 1 && got("closed/reason/resolved") == 1);
	CHECK(got("resolved/queue/general") == 1);
	memcpy(id, d.conv.asks[0].id, sizeof(id));
	STEP(rate(&d, id, 4));
	CHECK(got("csat") == 1 && got("csat_sum") == 4);
	CHECK(got("csat/score/4") == 1 && got("csat/queue/general") == 1);
}

/* -- the report -------------------------------------------------------- */

static const struct field day[] = {
	{STR("waits"), STR("10")},
	{STR("waited_s"), STR("900")},
	{STR("waits/within/15"), STR("4")},
	{STR("waits/within/60"), STR("2")},
	{STR("waits/within/600"), STR("3")},
	{STR("handed_over"), STR("11")},
	{STR("handed_over/reason/no match"), STR("4")},
	{STR("handed_over/reason/wants_person"), STR("7")},
	{STR("handed_over/queue/a/b \"c\""), STR("11")},
	{STR("csat"), STR("2")},
	{STR("csat_sum"), STR("7")},
	{STR("from/a/hand"), STR("-3")},
	{STR("broken"), STR("1e9")},
	{STR(""), STR("1")},
};

static void half_and_most_are_found_by_buckets(void)
{
	begin();
	CHECK(report_within_s(report, "waits", 50) == -1);
	report_add(report, day, ARRAY_LEN(day));
	CHECK(report_within_s(report, "waits", 50) == 60);
	CHECK(report_within_s(report, "waits", 40) == 15);
	CHECK(report_within_s(report, "waits", 90) == 600);
	CHECK(report_within_s(report, "waits", 91) == -1); /* beyond */
	CHECK(report_mean(report, "waits", "waited_s", NULL) == 90.0);
	CHECK(report_mean(report, "ces", "ces_sum", NULL) < 0);
}

static void days_add_up_and_values_come_the_largest_first(void)
{
	struct report_value values[4];

	begin();
	report_add(report, day, ARRAY_LEN(day));
	report_add(report, day, ARRAY_LEN(day));
	CHECK(got("waits") == 20 && got("csat_sum") == 14);
	CHECK(report_values(report, "handed_over", "reason", values, 4) == 2);
	CHECK(str_is(values[0].value, "wants_person"));
	CHECK(values[0].count == 14 && values[1].count == 8);
	CHECK(report_values(report, "handed_over", "reason", values, 1) == 1);
	CHECK(got("broken") == 0 && got("from/a/hand") == 0);
}

static void the_json_is_whole(void)
{
	struct buf out = BUF_INIT;

	begin();
	report_add(report, day, ARRAY_LEN(day));
	report_json(report, &out);
	CHECK(strstr(out.data, "\"handed_over_because\":{\"wants_person\":7,"
			       "\"no match\":4}") != NULL);
	CHECK(strstr(out.data, "\"a/b \\\"c\\\"\":{\"handed_over\":11,") !=
	      NULL);
	CHECK(strstr(out.data, "\"csat\":{\"count\":2,\"mean\":3.50,") != NULL);
	CHECK(strstr(out.data, "\"mean_s\":90.00,\"half_within_s\":60,"
			       "\"most_within_s\":600,") != NULL);
	CHECK(strstr(out.data, "\"first_replies\":{\"count\":0,\"mean_s\":null,"
			       "\"half_within_s\":null") != NULL);
	buf_fini(&out);
}

/* -- of several days --------------------------------------------------- */

#define NOW_MS INT64_C(1795890896000) /* 2026-11-28, some time */

/* NULL: it is right; else why not. */
static const char *span_of(const char *from, const char *to,
			   struct report_span *out)
{
	static char text[200];
	struct buf why = BUF_INIT;
	bool fine = report_span_read(from == NULL ? STR_NONE : str_of(from),
				     to == NULL ? STR_NONE : str_of(to), NOW_MS,
				     out, &why);

	CHECK(fine == (why.len == 0));
	str_copy(text, sizeof(text), buf_str(&why));
	buf_fini(&why);
	return fine ? NULL : text;
}

static void days_are_the_last_seven_where_none_are_named(void)
{
	const int64_t day_ms = INT64_C(24) * 3600 * 1000;
	struct report_span span;

	CHECK(span_of(NULL, NULL, &span) == NULL);
	CHECK(span.to_ms == NOW_MS / day_ms * day_ms);
	CHECK(span.to_ms - span.from_ms == 6 * day_ms);
	CHECK(span_of(NULL, "2026-01-07", &span) == NULL);
	CHECK(span.to_ms - span.from_ms == 6 * day_ms);
	CHECK(span_of("2026-01-01", "2026-04-10", &span) == NULL);
	CHECK(span_of("2026-01-01", "2026-04-11", &span) != NULL);
	CHECK(span_of("2026-01-02", "2026-01-01", &span) != NULL);
	CHECK(span_of("2026-13-01", NULL, &span) != NULL);
	CHECK(span_of(NULL, "today", &span) != NULL);
}

static void what_is_no_date_is_named(void)
{
	struct report_span span;
	char text[100];

	CHECK_STR(span_of("2026-99-01", NULL, &span),
		  "from: \"2026-99-01\" is not a date like 2026-11-28");
	CHECK_STR(span_of(NULL, "\033[2J", &span),
		  "to: \"?[2J\" is not a date like 2026-11-28");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CHECK(strlen(span_of(text, NULL, &span)) < sizeof(text));
}

static void the_days_are_read_in_order_and_added_up(void)
{
	struct report_span span;
	struct report_days *days;
	char key[REPORT_KEY_ROOM], name[MOMENT_DAY_ROOM];
	struct buf out = BUF_INIT;

	CHECK(span_of("2026-02-28", "2026-03-01", &span) == NULL);
	days = report_days_new(&span);
	CHECK(report_days_next(days, key));
	CHECK_STR(key, "stats:2026-02-28");
	report_days_add(days, day, ARRAY_LEN(day));
	CHECK(report_days_next(days, key));
	CHECK_STR(key, "stats:2026-03-01");
	report_days_add(days, day, ARRAY_LEN(day));
	CHECK(!report_days_next(days, key));
	CHECK(report_days_count(days) == 2);
	CHECK(report_get(report_days_get(days, 1, name), "csat") == 2);
	CHECK_STR(name, "2026-03-01");
	CHECK(report_get(report_days_total(days), "csat") == 4);
	report_days_json(days, &out);
	CHECK(strstr(out.data,
		     "{\"from\":\"2026-02-28\",\"to\":\"2026-03-01\","
		     "\"days\":[{\"day\":\"2026-02-28\",\"figures\":{") ==
	      out.data);
	CHECK(strstr(out.data, "}},{\"day\":\"2026-03-01\"") != NULL);
	CHECK(strstr(out.data, "}}],\"total\":{\"conversations\"") != NULL);
	buf_fini(&out);
	report_days_free(&days);
}

int main(void)
{
	dialogue_open(&d);
	RUN(a_conversation_counts_once_and_its_messages_each);
	RUN(a_hand_over_is_counted_by_reason_and_queue);
	RUN(waits_and_first_replies_are_timed_by_queue);
	RUN(what_is_taken_from_the_bot_counts_as_handed_over);
	RUN(a_contact_that_is_offered_counts_whenever_that_is);
	RUN(who_leaves_the_line_was_not_served);
	RUN(who_leaves_the_bot_never_needed_anybody);
	RUN(what_is_resolved_is_rated);
	RUN(half_and_most_are_found_by_buckets);
	RUN(days_add_up_and_values_come_the_largest_first);
	RUN(the_json_is_whole);
	RUN(days_are_the_last_seven_where_none_are_named);
	RUN(what_is_no_date_is_named);
	RUN(the_days_are_read_in_order_and_added_up);
	report_free(&report);
	dialogue_close(&d);
	return check_done("chat/figures");
}
