/* Vectorscan (Hyperscan) looks for the words that a rule cannot do without, all
 * at once; PCRE2 tries the rules of those that are there. Of each rule the
 * rarest set of words is looked for. */
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "bench.h"

#define PADDED_MAX 8192

/* A word, with the rules that need it. */
struct literal {
	char *text; /* with a blank on both sides */
	size_t *rules;
	size_t count;
};

struct scanner {
	struct pcre2_rules *rules;
	struct literal *literals;
	size_t literal_count;
	hs_database_t *database;
	hs_scratch_t *scratch;
	uint32_t *tried; /* by rule: the turn in which it was tried */
	uint32_t turn;
	/* of the sentence at hand */
	const char *sentence;
	size_t length, message, number;
	struct bench_hits *hits;
};

static void need(struct scanner *s, struct map *known, const char *word,
		 size_t rule)
{
	size_t at = (size_t)map_get(known, str_of(word));
	struct literal *l;

	if (at == 0) {
		struct buf text = BUF_INIT;

		buf_addf(&text, " %s ", word);
		s->literals = xreallocarray(s->literals, s->literal_count + 1,
					    sizeof(*s->literals));
		s->literals[s->literal_count++] =
			(struct literal){.text = buf_take(&text)};
		at = s->literal_count;
		map_set(known, str_of(word), (void *)at);
	}
	l = &s->literals[at - 1];
	l->rules = xreallocarray(l->rules, l->count + 1, sizeof(*l->rules));
	l->rules[l->count++] = rule;
}

static bool compile(struct scanner *s, char why[256])
{
	const char **texts = xcalloc(s->literal_count, sizeof(char *));
	unsigned *flags = xcalloc(s->literal_count, sizeof(*flags));
	unsigned *ids = xcalloc(s->literal_count, sizeof(*ids));
	size_t *lengths = xcalloc(s->literal_count, sizeof(*lengths));
	hs_compile_error_t *error = NULL;
	bool ok;

	for (size_t i = 0; i < s->literal_count; i++) {
		texts[i] = s->literals[i].text;
		lengths[i] = strlen(texts[i]);
		flags[i] = HS_FLAG_SINGLEMATCH;
		ids[i] = (unsigned)i;
	}
	ok = hs_compile_lit_multi(texts, flags, ids, lengths,
				  (unsigned)s->literal_count, HS_MODE_BLOCK,
				  NULL, &s->database, &error) == HS_SUCCESS;
	if (!ok)
		snprintf(why, 256, "%s", error->message);
	free(texts);
	free(flags);
	free(ids);
	free(lengths);
	return ok && hs_alloc_scratch(s->database, &s->scratch) == HS_SUCCESS;
}

static void *load(const struct bench_set *set, char why[256])
{
	struct scanner *s = xcalloc(1, sizeof(*s));
	struct map *known = map_new();

	s->rules = pcre2_rules_new(set, why);
	for (size_t i = 0; i < set->rule_count; i++) {
		for (size_t k = 0; k < set->rules[i].needed_count; k++)
			need(s, known, set->rules[i].needed[k], i);
	}
	map_free(&known);
	s->tried = xcalloc(set->rule_count, sizeof(*s->tried));
	if (s->rules == NULL || !compile(s, why))
		return NULL;
	return s;
}

static int on_literal(unsigned id, unsigned long long from,
		      unsigned long long to, unsigned flags, void *arg)
{
	struct scanner *s = arg;
	const struct literal *l = &s->literals[id];

	(void)from;
	(void)to;
	(void)flags;
	for (size_t i = 0; i < l->count; i++) {
		size_t rule = l->rules[i];

		if (s->tried[rule] == s->turn)
			continue;
		s->tried[rule] = s->turn;
		if (pcre2_rules_match(s->rules, rule, s->sentence, s->length) &&
		    s->hits != NULL)
			bench_hit(s->hits, s->message, s->number, rule);
	}
	return 0;
}

static void match(void *state, const struct bench_set *set,
		  const struct bench_input *inputs, size_t i,
		  struct bench_hits *hits)
{
	struct scanner *s = state;
	char padded[PADDED_MAX];

	(void)set;
	for (size_t k = 0; k < inputs[i].count; k++) {
		size_t n = inputs[i].lengths[k];

		if (n + 2 > sizeof(padded))
			continue;
		padded[0] = padded[n + 1] = ' ';
		memcpy(padded + 1, inputs[i].sentences[k], n);
		s->turn++;
		s->sentence = padded + 1;
		s->length = n;
		s->message = i;
		s->number = k;
		s->hits = hits;
		hs_scan(s->database, padded, (unsigned)n + 2, 0, s->scratch,
			on_literal, s);
	}
}

const struct contender contender_vectorscan = {"Vectorscan", 0.5, load, match};
