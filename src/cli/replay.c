/* `answerctl replay`: the messages of a file against the rules, or against two
 * sets of rules, and where these differ. Each message stands for itself, as the
 * first of a conversation. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "cli.h"
#include "intent/intent.h"
#include "lines.h"
#include "rules.h"

#define SAMPLES_MAX  100
#define SAMPLE_SHOWN 160 /* code points */
#define CHANGES_MAX  100000
#define OUTCOMES     (OUTCOME_MISS + 1)

/* What a message gets: the outcome and the intents that it is of. */
struct verdict {
	enum outcome outcome;
	size_t count;
	const char *intents[MATCH_MAX_WINNERS];
};

/* One set of rules at work. */
struct side {
	struct catalog *catalog;
	struct matcher *matcher;
	struct verdict verdict;
	uint64_t outcomes[OUTCOMES];
};

/* All messages that get the same: from one set, and to the other. */
struct change {
	struct verdict from, to;
	bool differs;
	uint64_t count;
	char **samples;
	size_t sample_count;
};

struct replay {
	const char *file;
	bool json;
	size_t samples;
	struct side from, to; /* to.catalog NULL: only one set */
	struct map *by_key;
	struct change **changes;
	size_t change_count;
	uint64_t messages, differ;
};

/* ---- verdicts --------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void judge(struct side *s, struct str text)
{
	struct verdict *v = &s->verdict;
	struct match m;

	match_message(s->catalog, s->matcher, text, NULL, &m);
	*v = (struct verdict){.outcome = m.outcome, .count = m.winner_count};
	for (size_t i = 0; i < m.winner_count; i++)
		v->intents[i] = intent_info(m.winners[i].intent)->name;
	/* In which order it asks back is no difference. */
	if (m.outcome == OUTCOME_CLARIFY)
		qsort(v->intents, v->count, sizeof(v->intents[0]), by_text);
	s->outcomes[m.outcome]++;
}

/* "track_order", "a + b", "complaint (hand-over)", "a or b?", "no answer". */
static void add_verdict(struct buf *out, const struct verdict *v)
{
	if (v->count == 0)
		buf_add_s(out, "no answer");
	for (size_t i = 0; i < v->count; i++)
		buf_addf(out, "%s%s",
			 i == 0                          ? ""
			 : v->outcome == OUTCOME_CLARIFY ? " or "
							 : " + ",
			 v->intents[i]);
	if (v->outcome == OUTCOME_CLARIFY)
		buf_add_c(out, '?');
	if (v->outcome == OUTCOME_ESCALATE)
		buf_add_s(out, " (hand-over)");
}

static void add_key(struct buf *out, const struct verdict *v)
{
	buf_add_c(out, (char)('0' + v->outcome));
	for (size_t i = 0; i < v->count; i++)
		buf_addf(out, " %s", v->intents[i]);
	buf_add_c(out, '\n');
}

/* ---- collecting ------------------------------------------------------- */

static struct change *change_of(struct replay *r, struct str key)
{
	struct change *c = map_get(r->by_key, key);

	if (c != NULL || r->change_count == CHANGES_MAX)
		return c;
	c = xcalloc(1, sizeof(*c));
	c->from = r->from.verdict;
	c->to = r->to.verdict;
	map_set(r->by_key, key, c);
	if ((r->change_count & (r->change_count + 1)) == 0)
		r->changes = xreallocarray(r->changes, r->change_count * 2 + 2,
					   sizeof(struct change *));
	r->changes[r->change_count++] = c;
	return c;
}

static void add_sample(struct replay *r, struct change *c, struct str text)
{
	for (size_t i = 0; i < c->sample_count; i++) {
		if (str_is(text, c->samples[i]))
			return;
	}
	if (c->sample_count == r->samples)
		return;
	if (c->samples == NULL)
		c->samples = xcalloc(r->samples, sizeof(char *));
	c->samples[c->sample_count++] = xstrndup(text.p, text.n);
}

static bool on_message(void *arg, struct str text)
{
	struct replay *r = arg;
	struct buf from = BUF_INIT, to = BUF_INIT;
	struct change *c;
	bool differs = false;

	judge(&r->from, text);
	add_key(&from, &r->from.verdict);
	if (r->to.catalog != NULL) {
		judge(&r->to, text);
		add_key(&to, &r->to.verdict);
		differs = !str_eq(buf_str(&from), buf_str(&to));
	}
	r->messages++;
	r->differ += differs;
	buf_add_str(&from, buf_str(&to));
	c = r->to.catalog == NULL || differs ? change_of(r, buf_str(&from))
					     : NULL;
	if (c != NULL) {
		c->differs = differs;
		c->count++;
		add_sample(r, c, text);
	}
	buf_fini(&from);
	buf_fini(&to);
	return true;
}

static int by_verdict(const struct verdict *a, const struct verdict *b)
{
	if (a->outcome != b->outcome)
		return a->outcome < b->outcome ? -1 : 1;
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		int order = strcmp(a->intents[i], b->intents[i]);

		if (order != 0)
			return order;
	}
	return (a->count > b->count) - (a->count < b->count);
}

static int by_count(const void *a, const void *b)
{
	const struct change *x = *(struct change *const *)a;
	const struct change *y = *(struct change *const *)b;
	int order;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	order = by_verdict(&x->from, &y->from);
	return order != 0 ? order : by_verdict(&x->to, &y->to);
}

/* ---- printing --------------------------------------------------------- */

static void add_samples(struct buf *out, const struct change *c)
{
	for (size_t i = 0; i < c->sample_count; i++) {
		buf_add_s(out, "         ");
		lines_add_shown(out, str_of(c->samples[i]), SAMPLE_SHOWN);
		buf_add_c(out, '\n');
	}
}

static double percent(uint64_t part, uint64_t all)
{
	return all == 0 ? 0 : 100.0 * (double)part / (double)all;
}

static void add_totals(const struct replay *r, struct buf *out)
{
	buf_addf(out, "%" PRIu64 " messages", r->messages);
	if (r->to.catalog != NULL)
		buf_addf(out,
			 ": %" PRIu64 " get the same, %" PRIu64
			 " change (%.1f %%)",
			 r->messages - r->differ, r->differ,
			 percent(r->differ, r->messages));
	buf_add_c(out, '\n');
	for (size_t i = 0; i < OUTCOMES; i++) {
		buf_addf(out, "%7" PRIu64, r->from.outcomes[i]);
		if (r->to.catalog != NULL)
			buf_addf(out, " -> %-7" PRIu64, r->to.outcomes[i]);
		else
			buf_addf(out, "  %5.1f %%",
				 percent(r->from.outcomes[i], r->messages));
		buf_addf(out, "  %s\n", outcome_names[i]);
	}
}

static void print_text(const struct replay *r)
{
	struct buf out = BUF_INIT;

	add_totals(r, &out);
	for (size_t i = 0; i < r->change_count; i++) {
		const struct change *c = r->changes[i];

		buf_addf(&out, "\n%7" PRIu64 "  ", c->count);
		add_verdict(&out, &c->from);
		if (c->differs) {
			buf_add_s(&out, "  ->  ");
			add_verdict(&out, &c->to);
		}
		buf_add_c(&out, '\n');
		add_samples(&out, c);
	}
	fwrite(out.data, 1, out.len, stdout);
	buf_fini(&out);
}

static void add_verdict_json(struct buf *out, const struct verdict *v)
{
	buf_addf(out, "{\"outcome\":\"%s\",\"intents\":[",
		 outcome_names[v->outcome]);
	for (size_t i = 0; i < v->count; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		buf_add_json(out, str_of(v->intents[i]));
	}
	buf_add_s(out, "]}");
}

static void add_change_json(struct buf *out, const struct change *c)
{
	buf_addf(out, "{\"count\":%" PRIu64 ",\"from\":", c->count);
	add_verdict_json(out, &c->from);
	if (c->differs) {
		buf_add_s(out, ",\"to\":");
		add_verdict_json(out, &c->to);
	}
	buf_add_s(out, ",\"samples\":[");
	for (size_t i = 0; i < c->sample_count; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		buf_add_json(out, str_of(c->samples[i]));
	}
	buf_add_s(out, "]}\n");
}

static void add_side_json(struct buf *out, const struct side *s)
{
	buf_addf(out, "{\"rules\":\"%s\"", catalog_version(s->catalog));
	for (size_t i = 0; i < OUTCOMES; i++)
		buf_addf(out, ",\"%s\":%" PRIu64, outcome_names[i],
			 s->outcomes[i]);
	buf_add_c(out, '}');
}

/* The changes, one a line, then the totals. */
static void print_json(const struct replay *r)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < r->change_count; i++)
		add_change_json(&out, r->changes[i]);
	buf_addf(&out, "{\"messages\":%" PRIu64, r->messages);
	if (r->to.catalog != NULL)
		buf_addf(&out, ",\"same\":%" PRIu64 ",\"changed\":%" PRIu64,
			 r->messages - r->differ, r->differ);
	buf_add_s(&out, ",\"from\":");
	add_side_json(&out, &r->from);
	if (r->to.catalog != NULL) {
		buf_add_s(&out, ",\"to\":");
		add_side_json(&out, &r->to);
	}
	buf_add_s(&out, "}\n");
	fwrite(out.data, 1, out.len, stdout);
	buf_fini(&out);
}

/* ---- running ---------------------------------------------------------- */

static bool side_init(struct side *s, const char *dir)
{
	const struct catalog_options options = {.skip_examples = true};

	s->catalog = rules_load(dir, &options);
	s->matcher = s->catalog == NULL ? NULL : matcher_new();
	return s->catalog != NULL;
}

static void replay_fini(struct replay *r)
{
	for (size_t i = 0; i < r->change_count; i++) {
		for (size_t k = 0; k < r->changes[i]->sample_count; k++)
			free(r->changes[i]->samples[k]);
		free(r->changes[i]->samples);
		free(r->changes[i]);
	}
	free(r->changes);
	map_free(&r->by_key);
	matcher_free(&r->from.matcher);
	matcher_free(&r->to.matcher);
	catalog_free(&r->from.catalog);
	catalog_free(&r->to.catalog);
}

static int run(struct replay *r, const char *dir, const char *against)
{
	struct buf why = BUF_INIT;

	r->by_key = map_new();
	if (!side_init(&r->from, dir) ||
	    (against != NULL && !side_init(&r->to, against)))
		return CLI_ERRORS;
	if (!lines_each(r->file, on_message, r, &why)) {
		fprintf(stderr, "answerctl: %s\n", why.data);
		buf_fini(&why);
		return CLI_ERRORS;
	}
	if (r->change_count > 0)
		qsort(r->changes, r->change_count, sizeof(struct change *),
		      by_count);
	if (r->json)
		print_json(r);
	else
		print_text(r);
	return r->differ > 0 ? CLI_FAILED : CLI_OK;
}

int cmd_replay(int argc, char **argv)
{
	struct replay r = {.samples = 5};
	const char *dir = rules_default_dir(), *against = NULL;
	uint64_t samples;
	int status;

	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "-i") == 0 && more) {
			dir = argv[++i];
		} else if (strcmp(argv[i], "--against") == 0 && more) {
			against = argv[++i];
		} else if (strcmp(argv[i], "--samples") == 0 && more) {
			if (!str_to_u64(str_of(argv[++i]), SAMPLES_MAX,
					&samples))
				return cli_usage("replay",
						 "--samples is 0 to %d",
						 SAMPLES_MAX);
			r.samples = (size_t)samples;
		} else if (strcmp(argv[i], "--json") == 0) {
			r.json = true;
		} else if (r.file == NULL &&
			   (argv[i][0] != '-' || argv[i][1] == '\0')) {
			r.file = argv[i];
		} else {
			return cli_unknown("replay", argv[i]);
		}
	}
	if (r.file == NULL)
		return cli_usage("replay", "which FILE of messages?");
	status = run(&r, dir, against);
	replay_fini(&r);
	return status;
}
