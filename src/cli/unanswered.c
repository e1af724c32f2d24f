/* `answerctl unanswered`: what no rule answered in the last days, by topic, or
 * as drafts of intents. The messages are those that the daemon noted, masked,
 * in Redis, or the lines of a file. Only looks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/moment.h"
#include "base/tree.h"
#include "cli.h"
#include "intent/cluster.h"
#include "intent/intent.h"
#include "lines.h"
#include "link.h"
#include "rules.h"

#define DAYS_MAX         90
#define MOST_MAX         1000
#define LEAST_MAX        1000000
#define SAMPLE_SHOWN     160 /* code points */
#define WORD_LIST_MAX    (8 * 1024 * 1024)
/* Of a rule file, with room for answers. */
#define DRAFTS_MAX_BYTES (TREE_MAX_BYTES / 2)

struct options {
	const char *dir; /* leave out what its rules answer; NULL: nothing */
	const char *file;
	uint64_t days, least, most, samples;
	bool json, draft;
};

struct noted {
	char *text;
	int64_t at; /* milliseconds, or the line's number */
};

/* The newest messages, at most CLUSTER_MAX_MESSAGES. */
struct pile {
	struct noted *list;
	size_t count;
	uint64_t seen;     /* with those that there was no room for */
	uint64_t answered; /* left out */
	int64_t from, to;  /* the time looked at */
};

/* ---- from a file ------------------------------------------------------ */

static bool on_line(void *arg, struct str text)
{
	struct pile *p = arg;
	struct noted *n = &p->list[p->seen % CLUSTER_MAX_MESSAGES];

	free(n->text); /* the oldest makes room */
	n->text = xstrndup(text.p, text.n);
	n->at = (int64_t)p->seen++;
	if (p->count < CLUSTER_MAX_MESSAGES)
		p->count++;
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static int read_lines(struct pile *p, const char *file)
{
	struct buf why = BUF_INIT;
	bool ok = lines_each(file, on_line, p, &why);

	if (!ok)
		fprintf(stderr, "answerctl: %s\n", why.data);
	buf_fini(&why);
	p->from = (int64_t)(p->seen - p->count);
	p->to = (int64_t)p->seen;
	return ok ? CLI_OK : CLI_FAILED;
}

/* ---- from Redis ------------------------------------------------------- */

/* One page; how many notes it had, or -1: `*status` says what went wrong. */
static int read_page(struct link *link, struct pile *p, const char *stream,
		     char last[48], int *status)
{
	struct notes notes =
		link_notes(link, stream, *last == '\0' ? NULL : last);

	if (notes.status != STORE_OK) {
		*status = link_failed(notes.status);
		return -1;
	}
	for (size_t i = 0; i < notes.count; i++) {
		const struct store_noted *from = &notes.list[i];
		struct str text =
			field_get(from->fields, from->field_count, "text");

		snprintf(last, 48, "%s", from->id);
		if (text.n == 0)
			continue;
		p->seen++;
		if (p->count == CLUSTER_MAX_MESSAGES)
			continue;
		p->list[p->count++] =
			(struct noted){xstrndup(text.p, text.n), from->at_ms};
	}
	return (int)notes.count;
}

static int read_day(struct link *link, struct pile *p, int64_t at_ms)
{
	char stream[32] = "unanswered:", last[48] = "";
	int status = CLI_OK, n;

	moment_day(at_ms, stream + strlen(stream));
	do {
		n = read_page(link, p, stream, last, &status);
	} while (n == STORE_PAGE && p->count < CLUSTER_MAX_MESSAGES);
	return status;
}

static int read_days(struct pile *p, int64_t days)
{
	struct link link;
	int status = link_open(&link);

	p->to = loop_wall_ms();
	p->from = p->to / MOMENT_DAY_MS * MOMENT_DAY_MS -
		  (days - 1) * MOMENT_DAY_MS;
	for (int64_t at = p->to; status == CLI_OK && at >= p->from;
	     at -= MOMENT_DAY_MS) {
		if (p->count < CLUSTER_MAX_MESSAGES)
			status = read_day(&link, p, at);
	}
	link_close(&link);
	if (p->count == CLUSTER_MAX_MESSAGES)
		p->from = p->list[p->count - 1].at;
	return status;
}

/* ---- what is answered by now ------------------------------------------ */

static int leave_out_answered(struct pile *p, const char *dir)
{
	const struct catalog_options options = {.skip_examples = true};
	struct catalog *catalog = rules_load(dir, &options);
	struct matcher *matcher;
	struct match m;
	size_t kept = 0;

	if (catalog == NULL)
		return CLI_FAILED;
	matcher = matcher_new();
	for (size_t i = 0; i < p->count; i++) {
		match_message(catalog, matcher, str_of(p->list[i].text), NULL,
			      &m);
		if (!m.by_miss && (m.outcome == OUTCOME_ANSWER ||
				   m.outcome == OUTCOME_ESCALATE)) {
			free(p->list[i].text);
			p->answered++;
		} else {
			p->list[kept++] = p->list[i];
		}
	}
	p->count = kept;
	matcher_free(&matcher);
	catalog_free(&catalog);
	return CLI_OK;
}

/* ---- printing --------------------------------------------------------- */

/* A pile in clusters. */
struct report {
	const struct options *options;
	const struct pile *pile;
	const struct cluster_message *messages;
	const struct clusters *clusters;
	size_t shown; /* of the clusters */
	size_t alone; /* messages like no other */
};

static void add_span(const struct report *r, struct buf *out)
{
	char from[16], to[16];

	if (r->options->file != NULL) {
		buf_addf(out, "%s", r->options->file);
		return;
	}
	moment_day(r->pile->from, from);
	moment_day(r->pile->to, to);
	buf_addf(out, "%s to %s", from, to);
}

static void add_trend(const struct cluster *c, struct buf *out)
{
	size_t before = c->count - c->late;

	if (before == 0)
		buf_add_s(out, "new");
	else
		buf_addf(out, "%+.0f %%",
			 100.0 * ((double)c->late - (double)before) /
				 (double)before);
}

/* Different texts, the most typical first. Returns how many. */
static size_t samples_of(const struct report *r, const struct cluster *c,
			 struct str *out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count && n < r->options->samples; i++) {
		struct str text = r->messages[c->members[i]].text;
		size_t k = 0;

		while (k < n && !str_eq(out[k], text))
			k++;
		if (k == n)
			out[n++] = text;
	}
	return n;
}

static void add_cluster(const struct report *r, const struct cluster *c,
			struct buf *out)
{
	struct str samples[MOST_MAX];
	size_t n = samples_of(r, c, samples);

	buf_addf(out, "\n%6zu  %s  (%zu, then %zu: ", c->count, c->name,
		 c->count - c->late, c->late);
	add_trend(c, out);
	buf_add_s(out, ")\n");
	for (size_t i = 0; i < n; i++) {
		buf_add_s(out, "          ");
		lines_add_shown(out, samples[i], SAMPLE_SHOWN);
		buf_add_c(out, '\n');
	}
}

static void add_head(const struct report *r, struct buf *out)
{
	const struct pile *p = r->pile;

	buf_addf(out, "%zu messages that no rule answered, ", p->count);
	add_span(r, out);
	buf_addf(out, "\n%zu like no other, %zu without a word", r->alone,
		 clusters_wordless(r->clusters));
	if (r->options->dir != NULL)
		buf_addf(out, "; %" PRIu64 " more that %s answers by now",
			 p->answered, r->options->dir);
	buf_add_c(out, '\n');
	if (p->seen > p->count + p->answered)
		buf_addf(out, "only the newest %d of %s%" PRIu64 "\n",
			 CLUSTER_MAX_MESSAGES,
			 r->options->file == NULL ? "at least " : "", p->seen);
}

static void add_cluster_json(const struct report *r, const struct cluster *c,
			     struct buf *out)
{
	struct str samples[MOST_MAX];
	size_t n = samples_of(r, c, samples);

	buf_addf(out,
		 "{\"name\":\"%s\",\"count\":%zu,\"before\":%zu,"
		 "\"now\":%zu,\"words\":",
		 c->name, c->count, c->count - c->late, c->late);
	buf_add_json_list(out, c->words, c->word_count);
	buf_add_s(out, ",\"samples\":");
	buf_add_json_list(out, samples, n);
	buf_add_s(out, "}\n");
}

static void add_totals_json(const struct report *r, struct buf *out)
{
	const struct pile *p = r->pile;

	buf_addf(out,
		 "{\"messages\":%zu,\"shown\":%zu,\"alone\":%zu,"
		 "\"wordless\":%zu,\"answered\":%" PRIu64 ",\"complete\":%s}\n",
		 p->count, r->shown, r->alone, clusters_wordless(r->clusters),
		 p->answered,
		 p->seen > p->count + p->answered ? "false" : "true");
}

static void add_drafts(const struct report *r, struct buf *out)
{
	struct buf words = BUF_INIT, why = BUF_INIT;
	size_t done;

	/* None is as well: then what loads the rules has none either. */
	file_read(RULES_WORD_LIST, WORD_LIST_MAX, &words, &why);
	buf_add_s(out, "# Drafts from what no rule answered, ");
	add_span(r, out);
	buf_add_s(out,
		  ".\n# FILL IN marks what is yours to write. Look through "
		  "the phrases as well,\n"
		  "# give the intents names of your own, then: answerctl lint, "
		  "answerctl test.\n"
		  "\nintents:\n");
	done = clusters_draft(r->clusters, r->shown, buf_str(&words),
			      DRAFTS_MAX_BYTES, out);
	if (done < r->shown)
		fprintf(stderr,
			"answerctl: %zu of %zu topics fill a rule file; fill "
			"these in first\n",
			done, r->shown);
	buf_fini(&words);
	buf_fini(&why);
}

static void print(const struct report *r)
{
	const struct options *o = r->options;
	struct buf out = BUF_INIT;

	if (o->draft && r->shown == 0)
		fprintf(stderr,
			"answerctl: no topic has %" PRIu64
			" messages; ask for more --days, or a smaller "
			"--least\n",
			o->least);
	if (o->draft && r->shown > 0)
		add_drafts(r, &out);
	if (!o->draft && !o->json)
		add_head(r, &out);
	for (size_t i = 0; !o->draft && i < r->shown; i++) {
		const struct cluster *c = clusters_get(r->clusters, i);

		if (o->json)
			add_cluster_json(r, c, &out);
		else
			add_cluster(r, c, &out);
	}
	if (o->json)
		add_totals_json(r, &out);
	if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	buf_fini(&out);
}

/* ---- running ---------------------------------------------------------- */

static void report(const struct options *o, struct pile *p)
{
	struct cluster_message *messages =
		xcalloc(p->count + 1, sizeof(*messages));
	struct report r = {.options = o, .pile = p, .messages = messages};
	struct clusters *clusters;

	for (size_t i = 0; i < p->count; i++)
		messages[i] = (struct cluster_message){
			.text = str_of(p->list[i].text),
			.late = p->list[i].at >=
				p->from + (p->to - p->from) / 2,
		};
	clusters = clusters_new(messages, p->count);
	r.clusters = clusters;
	for (size_t i = 0; i < clusters_count(clusters); i++) {
		size_t n = clusters_get(clusters, i)->count;

		r.shown += n >= o->least && r.shown < o->most;
		r.alone += n == 1;
	}
	print(&r);
	clusters_free(&clusters);
	free(messages);
}

static int run(const struct options *o)
{
	struct pile p = {.count = 0};
	int status;

	p.list = xcalloc(CLUSTER_MAX_MESSAGES, sizeof(*p.list));
	status = o->file != NULL ? read_lines(&p, o->file)
				 : read_days(&p, (int64_t)o->days);
	if (p.count > 0)
		qsort(p.list, p.count, sizeof(*p.list), by_time);
	if (status == CLI_OK && o->dir != NULL)
		status = leave_out_answered(&p, o->dir);
	if (status == CLI_OK)
		report(o, &p);
	for (size_t i = 0; i < p.count; i++)
		free(p.list[i].text);
	free(p.list);
	return status;
}

/* An option with a number at argv[*i]; moves *i. CLI_OK, or what cli_usage()
 * gave. */
static int read_number(struct options *o, int argc, char **argv, int *i)
{
	const struct {
		const char *name;
		uint64_t max;
		uint64_t *to;
	} numbers[] = {
		{"--days", DAYS_MAX, &o->days},
		{"--least", LEAST_MAX, &o->least},
		{"--most", MOST_MAX, &o->most},
		{"--samples", MOST_MAX, &o->samples},
	};

	for (size_t k = 0; *i + 1 < argc && k < ARRAY_LEN(numbers); k++) {
		if (strcmp(argv[*i], numbers[k].name) != 0)
			continue;
		if (!str_to_u64(str_of(argv[++*i]), numbers[k].max,
				numbers[k].to) ||
		    *numbers[k].to == 0)
			return cli_usage("unanswered",
					 "%s is 1 to %" PRIu64 ", not \"%s\"",
					 numbers[k].name, numbers[k].max,
					 argv[*i]);
		return CLI_OK;
	}
	return cli_unknown("unanswered", argv[*i]);
}

int cmd_unanswered(int argc, char **argv)
{
	struct options o = {.days = 7, .least = 2, .most = 20, .samples = 3};
	int status = CLI_OK;

	for (int i = 1; status == CLI_OK && i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			o.json = true;
		else if (strcmp(argv[i], "--draft") == 0)
			o.draft = true;
		else if (strcmp(argv[i], "--file") == 0 && i + 1 < argc)
			o.file = argv[++i];
		else if (strcmp(argv[i], "-i") == 0 && i + 1 < argc)
			o.dir = argv[++i];
		else
			status = read_number(&o, argc, argv, &i);
	}
	if (status != CLI_OK)
		return status;
	if (o.json && o.draft)
		return cli_usage("unanswered", "--draft prints YAML, not "
					       "--json");
	return run(&o);
}
