/* `answerctl match`: what a message would get, and why. One message for each
 * argument, or one a line from standard input, answered line by line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "cli.h"
#include "intent/explain.h"
#include "rules.h"

enum style {
	STYLE_FULL,
	STYLE_JSON,
	STYLE_NAME
};

struct run {
	struct catalog *catalog;
	struct matcher *matcher;
	struct match match;
	struct match_context context;
	enum style style;
	struct buf answer;
	struct buf out;
	int64_t ns;
	size_t count;    /* messages so far */
	bool unreadable; /* one was not UTF-8 */
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void render(struct run *r, struct str text)
{
	buf_clear(&r->answer);
	explain_answer(r->catalog, &r->match, text, NULL, &r->answer);
}

/* ---- as JSON ---------------------------------------------------------- */

static void add_name(struct buf *out, const struct intent *in)
{
	if (in == NULL)
		buf_add_s(out, "null");
	else
		buf_add_json(out, str_of(intent_info(in)->name));
}

static void add_entities(struct buf *out, const struct match *m)
{
	buf_add_c(out, '{');
	for (size_t i = 0; i < m->entity_count; i++) {
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again = again || strcmp(m->entities[k].name,
						m->entities[i].name) == 0;
		if (again)
			continue; /* the first of a kind fills the slot */
		if (out->data[out->len - 1] != '{')
			buf_add_c(out, ',');
		buf_add_json(out, str_of(m->entities[i].name));
		buf_add_c(out, ':');
		buf_add_json(out, str_of(m->entities[i].value));
	}
	buf_add_c(out, '}');
}

static void print_json(struct run *r, struct str text)
{
	const struct match *m = &r->match;
	const struct match_winner *best = explain_foremost(m);
	int score = best != NULL                    ? best->score
		    : m->outcome == OUTCOME_CLARIFY ? m->winners[0].score
						    : 0;
	struct buf *out = &r->out;

	buf_add_s(out, "{\"text\":");
	buf_add_json(out, text);
	buf_addf(out,
		 ",\"outcome\":\"%s\",\"intent\":", outcome_names[m->outcome]);
	add_name(out, best != NULL ? best->intent : NULL);
	buf_addf(out, ",\"score\":%.3f,\"by_miss\":%s,\"runner_up\":",
		 score / 1000.0, m->by_miss ? "true" : "false");
	add_name(out, m->runner_up);
	buf_add_s(out, ",\"entities\":");
	add_entities(out, m);
	buf_add_s(out, ",\"answer\":");
	buf_add_json(out, buf_str(&r->answer));
	buf_addf(out, ",\"us\":%.1f,\"rules\":\"%s\"}\n", (double)r->ns / 1000,
		 catalog_version(r->catalog));
}

/* ---- for people ------------------------------------------------------- */

static const char *paint(const char *code)
{
	static int colours = -1;

	if (colours < 0)
		colours = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	return colours ? code : "";
}

#define BOLD  paint("\033[1m")
#define GREEN paint("\033[32m")
#define RED   paint("\033[31m")
#define PLAIN paint("\033[0m")

static void add_winners(struct buf *out, const struct match *m)
{
	for (size_t i = 0; i < m->winner_count; i++) {
		const struct match_winner *w = &m->winners[i];

		buf_addf(out, "%s%s %.3f", i > 0 ? ", " : "",
			 intent_info(w->intent)->name, w->score / 1000.0);
		if (w->sentence < 0)
			buf_add_s(out, " (message as a whole)");
	}
	if (m->by_miss)
		buf_add_s(out, ", by its threshold_miss: nothing else won");
	for (size_t i = 0; i < m->near_count; i++)
		buf_addf(out, "%s%s %.3f", i > 0 ? ", " : "nearest: ",
			 intent_info(m->near[i].intent)->name,
			 m->near[i].score / 1000.0);
}

static void add_piece(struct buf *out, const struct match_evidence *e)
{
	struct buf place = BUF_INIT;

	buf_addf(&place, "%s:%u", e->file, e->line);
	buf_addf(out, "    %s%+6.3f%s  %-24s %-26s %s",
		 e->weight > 0 ? GREEN : RED, e->weight / 1000.0, PLAIN,
		 e->intent != NULL ? intent_info(e->intent)->name : "(all)",
		 place.data, e->phrase);
	if (e->sentence > 0)
		buf_addf(out, "  (sentence %d)", e->sentence + 1);
	buf_add_c(out, '\n');
	buf_fini(&place);
}

/* By intent, so that it adds up to what stands above. */
static void add_evidence(struct buf *out, const struct match *m)
{
	bool done[MATCH_MAX_EVIDENCE] = {false};
	const struct intent *intent;

	while (explain_next(m, done, &intent)) {
		for (size_t i = 0; i < m->evidence_count; i++) {
			if (m->evidence[i].intent == intent)
				add_piece(out, &m->evidence[i]);
		}
	}
}

static void print_full(struct run *r, struct str text)
{
	const struct match *m = &r->match;
	struct buf *out = &r->out;

	buf_addf(out, "%s%.*s%s\n", BOLD, STR_ARG(text), PLAIN);
	buf_addf(out, "  read as      %.*s\n", STR_ARG(m->normalised));
	if (m->corrections.n > 0)
		buf_addf(out, "  corrected    %.*s\n", STR_ARG(m->corrections));
	for (size_t i = 0; i < m->entity_count; i++)
		buf_addf(out, "  found        %s = %s\n", m->entities[i].name,
			 m->entities[i].value);
	buf_addf(out, "  outcome      %s%s%s  ", BOLD,
		 outcome_names[m->outcome], PLAIN);
	add_winners(out, m);
	buf_add_c(out, '\n');
	if (m->meta != META_NONE)
		buf_addf(out, "  as a reply   %s\n", explain_meta(m->meta));
	if (m->runner_up != NULL)
		buf_addf(out, "  runner-up    %s %.3f\n",
			 intent_info(m->runner_up)->name,
			 m->runner_up_score / 1000.0);
	if (m->evidence_count > 0)
		buf_add_s(out, "  evidence\n");
	add_evidence(out, m);
	if (m->limits_hit > 0)
		buf_addf(out, "  limits       %u patterns gave up\n",
			 m->limits_hit);
	if (r->answer.len > 0)
		buf_addf(out, "  answer       %s\n", r->answer.data);
	buf_addf(out, "  time         %.1f us, rules %s, %s\n",
		 (double)r->ns / 1000, catalog_version(r->catalog),
		 catalog_has_jit(r->catalog) ? "JIT" : "interpreter");
}

/* ---- running ---------------------------------------------------------- */

static void match_one(struct run *r, struct str text)
{
	const struct match_winner *best;
	int64_t from;

	r->count++;
	if (!utf8_valid(text.p, text.n)) {
		fprintf(stderr,
			"answerctl: message %zu is not UTF-8; taken as empty\n",
			r->count);
		r->unreadable = true;
		text = STR("");
	}
	from = now_ns();
	match_message(r->catalog, r->matcher, text, &r->context, &r->match);
	r->ns = now_ns() - from;
	buf_clear(&r->out);
	switch (r->style) {
	case STYLE_FULL:
		render(r, text);
		print_full(r, text);
		break;
	case STYLE_JSON:
		render(r, text);
		print_json(r, text);
		break;
	case STYLE_NAME:
		best = explain_foremost(&r->match);
		if (best != NULL && !intent_has_answer(best->intent))
			best = NULL; /* nothing but the hand-over */
		buf_addf(&r->out, "%s\n",
			 best != NULL ? intent_info(best->intent)->name
				      : "none");
		break;
	}
	fwrite(r->out.data, 1, r->out.len, stdout);
}

/* Answers each line when it comes, so that a program can talk to it. */
static void match_lines(struct run *r)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (isatty(STDIN_FILENO))
		fputs("One message a line; Ctrl-D ends.\n", stderr);
	while ((n = getline(&line, &cap, stdin)) >= 0) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		match_one(r, (struct str){line, (size_t)n});
		fflush(stdout);
	}
	free(line);
}

struct arguments {
	const char *dir;
	enum style style;
	struct catalog_options options;
	int first;       /* TEXT */
	const char *bad; /* an option that there is not */
};

static void read_option(struct arguments *a, const char *arg)
{
	if (strcmp(arg, "--json") == 0)
		a->style = STYLE_JSON;
	else if (strcmp(arg, "--intent-only") == 0)
		a->style = STYLE_NAME;
	else if (strcmp(arg, "--no-jit") == 0)
		a->options.no_jit = true;
	else if (strcmp(arg, "--no-index") == 0)
		a->options.no_index = true;
	else if (strcmp(arg, "--no-spelling") == 0)
		a->options.no_spelling = true;
	else
		a->bad = arg;
}

static struct arguments read_arguments(int argc, char **argv)
{
	struct arguments a = {.dir = rules_default_dir()};
	int i = 1;

	a.options.skip_examples = true;
	for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (strcmp(argv[i], "-i") == 0 && i + 1 < argc)
			a.dir = argv[++i];
		else
			read_option(&a, argv[i]);
	}
	a.first = i;
	return a;
}

int cmd_match(int argc, char **argv)
{
	struct arguments a = read_arguments(argc, argv);
	struct run r = {.style = a.style};

	if (a.bad != NULL)
		return cli_unknown("match", a.bad);
	r.catalog = rules_load(a.dir, &a.options);
	if (r.catalog == NULL)
		return CLI_FAILED;
	r.matcher = matcher_new();
	r.context.explain = a.style == STYLE_FULL;
	if (a.first == argc)
		match_lines(&r);
	for (int i = a.first; i < argc; i++)
		match_one(&r, str_of(argv[i]));
	matcher_free(&r.matcher);
	catalog_free(&r.catalog);
	buf_fini(&r.answer);
	buf_fini(&r.out);
	return r.unreadable ? CLI_FAILED : CLI_OK;
}
