/* The rules that we ship, on real sentences where there are any (the folder may
 * be missing), else on their own examples: how long one message takes, the
 * median of all and the slow end of them. Each message's time is the median of
 * some rounds over all messages, so that nothing is warm that would not be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/tree.h"
#include "bench.h"
#include "intent/intent.h"

#define WORD_LIST     "/usr/share/dict/words"
#define FILE_MAX      (8 * 1024 * 1024)
#define ROUNDS        7
#define SLOW_ROUNDS   2 /* without the index */
#define SLOW_MESSAGES 200
#define MESSAGES_MAX  4000

struct lines {
	struct str *list;
	size_t count;
	struct buf text;
};

/* ---- sentences ---------------------------------------------------------- */

static void add_line(struct lines *l, struct str text)
{
	if (l->count == MESSAGES_MAX || text.n == 0)
		return;
	l->list = xreallocarray(l->list, l->count + 1, sizeof(*l->list));
	l->list[l->count++] = text;
}

static bool read_lines(struct lines *l, const char *dir, const char *name)
{
	struct buf path = BUF_INIT, why = BUF_INIT;
	bool ok;

	*l = (struct lines){.count = 0};
	buf_addf(&path, "%s/%s", dir, name);
	ok = file_read(path.data, FILE_MAX, &l->text, &why);
	for (size_t i = 0; ok && i < l->text.len;) {
		const char *p = l->text.data + i;
		size_t n = strcspn(p, "\n"), text = strcspn(p, "\t\n");

		add_line(l, str_trim((struct str){p, text}));
		i += n + 1;
	}
	buf_fini(&path);
	buf_fini(&why);
	return ok;
}

static void add_examples(struct lines *l, const struct node *root)
{
	const struct node *intents = node_get(root, "intents");

	for (size_t i = 0; intents != NULL && i < intents->count; i++) {
		const struct node *list =
			intents->items[i]->kind == NODE_MAP
				? node_get(intents->items[i], "examples")
				: NULL;

		for (size_t k = 0;
		     list != NULL && list->kind == NODE_LIST && k < list->count;
		     k++)
			add_line(l, list->items[k]->text);
	}
}

/* ---- rules -------------------------------------------------------------- */

struct shipped {
	struct file_list files;
	struct buf *texts;
	struct intent_source *sources;
	struct buf words;
	struct arena arena;
	struct lines examples;
};

static bool read_rules(struct shipped *s, const char *dir)
{
	struct buf why = BUF_INIT, no_words = BUF_INIT;
	struct diags diags;
	bool ok = file_tree(dir, ".yaml", &s->files, &why);

	diags_init(&diags);
	arena_init(&s->arena);
	s->texts = xcalloc(s->files.count + 1, sizeof(*s->texts));
	s->sources = xcalloc(s->files.count + 1, sizeof(*s->sources));
	for (size_t i = 0; ok && i < s->files.count; i++) {
		const struct node *root;

		ok = file_read(s->files.paths[i], FILE_MAX, &s->texts[i], &why);
		if (!ok)
			break;
		s->sources[i] = (struct intent_source){s->files.paths[i],
						       buf_str(&s->texts[i])};
		root = tree_parse(&s->arena, s->files.paths[i],
				  s->sources[i].text, &diags);
		if (root != NULL && root->kind == NODE_MAP)
			add_examples(&s->examples, root);
	}
	if (!ok)
		printf("%s\n", why.data);
	file_read(WORD_LIST, FILE_MAX, &s->words, &no_words);
	diags_fini(&diags);
	buf_fini(&why);
	buf_fini(&no_words);
	return ok;
}

static struct catalog *load(const struct shipped *s,
			    struct catalog_options options)
{
	struct diags diags;
	struct buf text = BUF_INIT;
	struct catalog *c;

	options.skip_examples = true;
	options.protected_words = buf_str(&s->words);
	diags_init(&diags);
	c = catalog_load(s->sources, s->files.count, &options, &diags);
	diags_print(&diags, &text);
	if (c == NULL)
		printf("the shipped rules do not load:\n%s", text.data);
	diags_fini(&diags);
	buf_fini(&text);
	return c;
}

/* ---- measuring ---------------------------------------------------------- */

struct times {
	double median, mean, p95, p99, most; /* us */
	double quiet; /* the median, of each message's fastest round */
};

static double one_message(const struct catalog *c, struct matcher *m,
			  struct str text)
{
	static struct match match;
	int64_t from = bench_clock_ns();

	match_message(c, m, text, NULL, &match);
	return (double)(bench_clock_ns() - from) / 1000;
}

static struct times measure(const struct catalog *c, const struct lines *l,
			    size_t rounds)
{
	struct matcher *m = matcher_new();
	double *all = xcalloc(l->count * rounds + 1, sizeof(*all));
	double *each = xcalloc(l->count + 1, sizeof(*each)), sum = 0;
	double *least = xcalloc(l->count + 1, sizeof(*least));
	struct times t;

	for (size_t i = 0; i < l->count; i++) /* the pages are there */
		one_message(c, m, l->list[i]);
	for (size_t r = 0; r < rounds; r++) {
		for (size_t i = 0; i < l->count; i++)
			all[i * rounds + r] = one_message(c, m, l->list[i]);
	}
	for (size_t i = 0; i < l->count; i++) {
		each[i] = bench_median(all + i * rounds, rounds);
		least[i] = all[i * rounds]; /* sorted by now */
		sum += each[i];
	}
	t.quiet = bench_median(least, l->count);
	t.median = bench_median(each, l->count);
	t.mean = sum / (double)(l->count == 0 ? 1 : l->count);
	t.p95 = each[l->count * 95 / 100];
	t.p99 = each[l->count * 99 / 100];
	t.most = l->count == 0 ? 0 : each[l->count - 1];
	free(all);
	free(each);
	free(least);
	matcher_free(&m);
	return t;
}

static void report(const char *name, const char *how, const struct lines *l,
		   const struct times *t, struct buf *json)
{
	printf("%-28s %-9s %6zu  %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f\n", name,
	       how, l->count, t->median, t->quiet, t->mean, t->p95, t->p99,
	       t->most);
	buf_addf(json,
		 "%s{\"on\":\"%s\",\"how\":\"%s\",\"messages\":%zu,"
		 "\"median_us\":%.2f,\"quiet_us\":%.2f,\"mean_us\":%.2f,"
		 "\"p99_us\":%.2f,\"most_us\":%.2f}",
		 json->data[json->len - 1] == '[' ? "" : ",", name, how,
		 l->count, t->median, t->quiet, t->mean, t->p99, t->most);
}

static void judge(const char *what, double value, double limit)
{
	printf("  %-52s %9.1f us, at most %.0f: %s\n", what, value, limit,
	       value <= limit ? "reached" : "MISSED");
}

/* With JIT, without, and every phrase in turn. */
static bool measure_all(const struct shipped *s, const char *name,
			const struct lines *l, double limit, struct buf *json)
{
	struct catalog *jit =
		load(s, (struct catalog_options){.no_jit = false});
	struct catalog *no_jit =
		load(s, (struct catalog_options){.no_jit = true});
	struct catalog *no_index =
		load(s, (struct catalog_options){.no_index = true});
	bool ok = jit != NULL && no_jit != NULL && no_index != NULL;

	if (ok) {
		struct times a = measure(jit, l, ROUNDS);
		struct times b = measure(no_jit, l, ROUNDS);
		struct lines few = *l;
		struct times c;

		if (few.count > SLOW_MESSAGES)
			few.count = SLOW_MESSAGES;
		c = measure(no_index, &few, SLOW_ROUNDS);

		report(name, "JIT", l, &a, json);
		report(name, "no JIT", l, &b, json);
		report(name, "no index", &few, &c, json);
		if (limit > 0) {
			judge("median", a.median, limit);
			judge("median without JIT", b.median, 2 * limit);
		}
	}
	catalog_free(&jit);
	catalog_free(&no_jit);
	catalog_free(&no_index);
	return ok;
}

bool shipped_bench(const char *dir, const char *data, struct buf *json)
{
	static const struct {
		const char *file, *name;
		double limit;
	} sets[] = {
		{"bitext-dev.tsv", "Bitext sentences", 10},
		{"tweets-in-unlabelled.tsv", "tweets", 40},
		{"xdomain-routine.tsv", "questions, other sources", 0},
	};
	struct shipped s = {.files = {NULL, 0}};
	bool ok = read_rules(&s, dir), any = false;

	buf_add_s(json, ",\"shipped\":[");
	printf("\nThe shipped rules, us a message (clock; median of rounds for "
	       "each;\n\"quiet\": the median of each message's fastest round)\n"
	       "%-28s %-9s %6s  %7s %7s %7s %7s %7s %7s\n",
	       "", "", "", "median", "quiet", "mean", "95 %", "99 %", "most");
	for (size_t i = 0; ok && i < ARRAY_LEN(sets); i++) {
		struct lines l;

		if (read_lines(&l, data, sets[i].file)) {
			ok = measure_all(&s, sets[i].name, &l, sets[i].limit,
					 json);
			any = true;
		}
		free(l.list);
		buf_fini(&l.text);
	}
	if (ok && !any)
		puts("(no real sentences here: the rules' own examples)");
	if (ok)
		ok = measure_all(&s, "their own examples", &s.examples, 0,
				 json);
	buf_add_s(json, "]");
	for (size_t i = 0; i < s.files.count; i++)
		buf_fini(&s.texts[i]);
	free(s.texts);
	free(s.sources);
	free(s.examples.list);
	buf_fini(&s.words);
	arena_fini(&s.arena);
	file_list_fini(&s.files);
	return ok;
}
