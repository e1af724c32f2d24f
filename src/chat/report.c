/* Figures added up and told as a report; see chat/figures.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "chat/figures.h"

#define ENTRIES_MAX 20000 /* figures; a day has a few hundred */
#define SHOWN_MAX   200   /* values of one kind in the JSON */

struct entry {
	char *name;
	int64_t count;
};

struct report {
	struct map *map; /* name to index + 1 */
	struct entry *list;
	size_t count;
};

struct report *report_new(void)
{
	struct report *report = xcalloc(1, sizeof(*report));

	report->map = map_new();
	return report;
}

void report_free(struct report **reportp)
{
	struct report *report = *reportp;

	if (report == NULL)
		return;
	for (size_t i = 0; i < report->count; i++)
		free(report->list[i].name);
	free(report->list);
	map_free(&report->map);
	free(report);
	*reportp = NULL;
}

static struct entry *entry_of(const struct report *report, struct str name)
{
	size_t at = (size_t)(uintptr_t)map_get(report->map, name);

	return at == 0 ? NULL : &report->list[at - 1];
}

static struct entry *entry_make(struct report *report, struct str name)
{
	struct entry *entry = entry_of(report, name);

	if (entry != NULL || report->count == ENTRIES_MAX)
		return entry;
	if ((report->count & (report->count + 1)) == 0)
		report->list =
			xreallocarray(report->list, 2 * report->count + 2,
				      sizeof(*report->list));
	entry = &report->list[report->count++];
	*entry = (struct entry){xstrndup(name.p, name.n), 0};
	map_set(report->map, name, (void *)(uintptr_t)report->count);
	return entry;
}

/* Scores may be negative in no figure, sums neither. */
void report_add(struct report *report, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct entry *entry;
		uint64_t by;

		if (!str_to_u64(fields[i].value, INT32_MAX, &by) ||
		    fields[i].name.n == 0)
			continue;
		entry = entry_make(report, fields[i].name);
		if (entry != NULL)
			entry->count += (int64_t)by;
	}
}

static int64_t get(const struct report *report, struct str name)
{
	const struct entry *entry = entry_of(report, name);

	return entry == NULL ? 0 : entry->count;
}

int64_t report_get(const struct report *report, const char *figure)
{
	return get(report, str_of(figure));
}

/* -- of a kind --------------------------------------------------------- */

/* "NAME/KIND/" */
static void start_of(const char *name, const char *kind, struct buf *out)
{
	buf_add_s(out, name);
	buf_add_c(out, '/');
	buf_add_s(out, kind);
	buf_add_c(out, '/');
}

int64_t report_get_of(const struct report *report, const char *name,
		      const char *kind, struct str value)
{
	struct buf whole = BUF_INIT;
	int64_t count;

	start_of(name, kind, &whole);
	buf_add_str(&whole, value);
	count = get(report, buf_str(&whole));
	buf_fini(&whole);
	return count;
}

static int by_count(const void *a, const void *b)
{
	const struct report_value *x = a, *y = b;
	size_t n = x->value.n < y->value.n ? x->value.n : y->value.n;
	int order;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	order = memcmp(x->value.p, y->value.p, n);
	if (order != 0)
		return order;
	return (x->value.n > y->value.n) - (x->value.n < y->value.n);
}

size_t report_values(const struct report *report, const char *name,
		     const char *kind, struct report_value *out, size_t most)
{
	struct report_value *all = xcalloc(report->count + 1, sizeof(*all));
	struct buf start = BUF_INIT;
	size_t n = 0;

	start_of(name, kind, &start);
	for (size_t i = 0; i < report->count; i++) {
		struct str whole = str_of(report->list[i].name);

		if (whole.n <= start.len ||
		    memcmp(whole.p, start.data, start.len) != 0)
			continue;
		all[n++] = (struct report_value){
			{whole.p + start.len, whole.n - start.len},
			report->list[i].count};
	}
	qsort(all, n, sizeof(*all), by_count);
	if (n > most)
		n = most;
	memcpy(out, all, n * sizeof(*out));
	free(all);
	buf_fini(&start);
	return n;
}

/* -- what is computed -------------------------------------------------- */

double report_mean(const struct report *report, const char *count,
		   const char *sum, const char *queue)
{
	int64_t n, all;

	if (queue == NULL) {
		n = report_get(report, count);
		all = report_get(report, sum);
	} else {
		n = report_get_of(report, count, "queue", str_of(queue));
		all = report_get_of(report, sum, "queue", str_of(queue));
	}
	return n <= 0 ? -1 : (double)all / (double)n;
}

#define BUCKETS_MAX 16

int64_t report_within_s(const struct report *report, const char *name,
			unsigned percent)
{
	struct report_value buckets[BUCKETS_MAX];
	size_t n = report_values(report, name, "within", buckets, BUCKETS_MAX);
	int64_t all = report_get(report, name), seen = 0;
	uint64_t last = 0;

	while (all > 0) {
		uint64_t next = UINT64_MAX;
		int64_t here = 0;

		for (size_t i = 0; i < n; i++) {
			uint64_t s;

			if (!str_to_u64(buckets[i].value, INT32_MAX, &s) ||
			    s <= last || s >= next)
				continue;
			next = s;
			here = buckets[i].count;
		}
		if (next == UINT64_MAX)
			return -1;
		last = next;
		seen += here;
		if (seen * 100 >= all * (int64_t)percent)
			return (int64_t)last;
	}
	return -1;
}

/* -- as JSON ----------------------------------------------------------- */

static void number(struct buf *out, const char *name, int64_t value)
{
	buf_addf(out, "\"%s\":%lld", name, (long long)value);
}

static void or_null(struct buf *out, const char *name, double value)
{
	if (value < 0)
		buf_addf(out, "\"%s\":null", name);
	else
		buf_addf(out, "\"%s\":%.2f", name, value);
}

static void seconds(struct buf *out, const char *name, int64_t value)
{
	if (value < 0)
		buf_addf(out, "\"%s\":null", name);
	else
		number(out, name, value);
}

/* {"value": number, …} */
static void map_of(const struct report *report, struct buf *out,
		   const char *member, const char *name, const char *kind)
{
	struct report_value values[SHOWN_MAX];
	size_t n = report_values(report, name, kind, values, SHOWN_MAX);

	buf_addf(out, "\"%s\":{", member);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		buf_add_json(out, values[i].value);
		buf_addf(out, ":%lld", (long long)values[i].count);
	}
	buf_add_c(out, '}');
}

static void bot(const struct report *report, struct buf *out)
{
	static const char *const names[] = {"answered", "asked",  "clarified",
					    "repeated", "missed", "looked_up"};

	buf_add_s(out, "\"bot\":{");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		number(out, names[i], report_get(report, names[i]));
		buf_add_c(out, ',');
	}
	number(out, "closed", report_get(report, "closed_by_bot"));
	buf_add_s(out, "},");
}

static void times(const struct report *report, struct buf *out,
		  const char *member, const char *count, const char *sum)
{
	buf_addf(out, "\"%s\":{", member);
	number(out, "count", report_get(report, count));
	buf_add_c(out, ',');
	or_null(out, "mean_s", report_mean(report, count, sum, NULL));
	buf_add_c(out, ',');
	seconds(out, "half_within_s", report_within_s(report, count, 50));
	buf_add_c(out, ',');
	seconds(out, "most_within_s", report_within_s(report, count, 90));
	buf_add_c(out, ',');
	map_of(report, out, "within_s", count, "within");
	buf_add_s(out, "},");
}

static void rating(const struct report *report, struct buf *out,
		   const char *name, const char *sum)
{
	buf_addf(out, "\"%s\":{", name);
	number(out, "count", report_get(report, name));
	buf_add_c(out, ',');
	or_null(out, "mean", report_mean(report, name, sum, NULL));
	buf_add_c(out, ',');
	map_of(report, out, "scores", name, "score");
	buf_add_c(out, '}');
}

static void ratings(const struct report *report, struct buf *out)
{
	buf_add_s(out, "\"ratings\":{");
	rating(report, out, "csat", "csat_sum");
	buf_add_c(out, ',');
	rating(report, out, "ces", "ces_sum");
	buf_add_c(out, ',');
	rating(report, out, "nps", "nps_sum");
	buf_add_c(out, ',');
	rating(report, out, "solved", "solved_sum");
	buf_add_s(out, "},");
}

static void queue(const struct report *report, struct buf *out,
		  struct str value)
{
	static const char *const names[] = {"handed_over", "waits", "abandoned",
					    "first_replies", "resolved"};
	char *name = xstrndup(value.p, value.n);

	buf_add_json(out, value);
	buf_add_s(out, ":{");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		number(out, names[i],
		       report_get_of(report, names[i], "queue", value));
		buf_add_c(out, ',');
	}
	or_null(out, "wait_mean_s",
		report_mean(report, "waits", "waited_s", name));
	buf_add_c(out, ',');
	or_null(out, "first_reply_mean_s",
		report_mean(report, "first_replies", "first_reply_s", name));
	buf_add_c(out, ',');
	or_null(out, "csat_mean",
		report_mean(report, "csat", "csat_sum", name));
	buf_add_c(out, '}');
	free(name);
}

static void intent(const struct report *report, struct buf *out,
		   struct str value)
{
	int64_t asked = report_get_of(report, "solved", "intent", value);
	int64_t yes = report_get_of(report, "solved_sum", "intent", value);

	buf_add_json(out, value);
	buf_add_s(out, ":{");
	number(out, "answered",
	       report_get_of(report, "answered", "intent", value));
	buf_add_c(out, ',');
	number(out, "handed_over",
	       report_get_of(report, "handed_over", "intent", value));
	buf_add_c(out, ',');
	number(out, "solved", yes);
	buf_add_c(out, ',');
	number(out, "unsolved", asked - yes);
	buf_add_c(out, '}');
}

/* Those that either figure names, each once. */
static void each(const struct report *report, struct buf *out,
		 const char *const names[2], const char *kind,
		 void (*one)(const struct report *report, struct buf *out,
			     struct str value))
{
	struct report_value values[SHOWN_MAX];
	bool first = true;

	buf_addf(out, "\"%ss\":{", kind);
	for (size_t k = 0; k < 2; k++) {
		size_t n = report_values(report, names[k], kind, values,
					 SHOWN_MAX);

		for (size_t i = 0; i < n; i++) {
			if (k > 0 && report_get_of(report, names[0], kind,
						   values[i].value) > 0)
				continue;
			if (!first)
				buf_add_c(out, ',');
			first = false;
			one(report, out, values[i].value);
		}
	}
	buf_add_c(out, '}');
}

void report_json(const struct report *report, struct buf *out)
{
	static const char *const names[] = {"conversations", "messages",
					    "agent_messages"};
	static const char *const of_queues[2] = {"handed_over", "waits"};
	static const char *const of_intents[2] = {"answered", "handed_over"};

	buf_add_c(out, '{');
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		number(out, names[i], report_get(report, names[i]));
		buf_add_c(out, ',');
	}
	bot(report, out);
	number(out, "handed_over", report_get(report, "handed_over"));
	buf_add_c(out, ',');
	map_of(report, out, "handed_over_because", "handed_over", "reason");
	buf_add_c(out, ',');
	times(report, out, "waits", "waits", "waited_s");
	number(out, "abandoned", report_get(report, "abandoned"));
	buf_add_c(out, ',');
	times(report, out, "first_replies", "first_replies", "first_reply_s");
	number(out, "resolved", report_get(report, "resolved"));
	buf_add_c(out, ',');
	map_of(report, out, "outcomes", "resolved", "outcome");
	buf_add_c(out, ',');
	number(out, "closed", report_get(report, "closed"));
	buf_add_c(out, ',');
	map_of(report, out, "closed_because", "closed", "reason");
	buf_add_c(out, ',');
	ratings(report, out);
	each(report, out, of_queues, "queue", queue);
	buf_add_c(out, ',');
	each(report, out, of_intents, "intent", intent);
	buf_add_c(out, '}');
}
