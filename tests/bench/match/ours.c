/* Our engine: the whole way from the message as typed to the outcome, with and
 * without JIT and index; and, to see what of it is reading, normalising alone.
 * The one file here that knows the engine from inside, for the latter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "bench.h"
#include "intent/intent.h"
#include "normalise.h"
#include "pattern.h"

#define WORD_LIST     "/usr/share/dict/words"
#define WORD_LIST_MAX (8 * 1024 * 1024)

struct ours {
	struct catalog *catalog;
	struct matcher *matcher;
	struct match match;
	struct engine *engine;
	struct normal *normal;
	struct str normalised;
};

static void *load(const struct bench_set *set, struct catalog_options options,
		  char why[256])
{
	struct intent_source *sources =
		xcalloc(set->file_count, sizeof(*sources));
	struct ours *o = xcalloc(1, sizeof(*o));
	struct buf words = BUF_INIT, text = BUF_INIT;
	struct diags diags;

	/* as the daemon does */
	if (file_read(WORD_LIST, WORD_LIST_MAX, &words, &text))
		options.protected_words = buf_str(&words);
	for (size_t i = 0; i < set->file_count; i++)
		sources[i] = (struct intent_source){
			set->files[i].name,
			{set->files[i].text, set->files[i].length}};
	diags_init(&diags);
	buf_clear(&text);
	o->catalog = catalog_load(sources, set->file_count, &options, &diags);
	diags_print(&diags, &text);
	if (o->catalog == NULL)
		snprintf(why, 256, "%s", text.data);
	diags_fini(&diags);
	buf_fini(&words);
	buf_fini(&text);
	free(sources);
	if (o->catalog == NULL) {
		free(o);
		return NULL;
	}
	o->matcher = matcher_new();
	return o;
}

static void *load_ours(const struct bench_set *set, char why[256])
{
	return load(set, (struct catalog_options){.no_jit = false}, why);
}

static void *load_no_jit(const struct bench_set *set, char why[256])
{
	return load(set, (struct catalog_options){.no_jit = true}, why);
}

static void *load_no_index(const struct bench_set *set, char why[256])
{
	return load(set, (struct catalog_options){.no_index = true}, why);
}

static size_t rule_at(const struct bench_set *set, const char *file,
		      unsigned line)
{
	for (size_t i = 0; i < set->rule_count; i++) {
		if (set->rules[i].line == line &&
		    strcmp(set->files[set->rules[i].file].name, file) == 0)
			return i;
	}
	return SIZE_MAX;
}

static void match(void *state, const struct bench_set *set,
		  const struct bench_input *inputs, size_t i,
		  struct bench_hits *hits)
{
	struct ours *o = state;
	struct match_context context = {.explain = hits != NULL};

	(void)inputs;
	match_message(o->catalog, o->matcher, str_of(set->messages[i]),
		      &context, &o->match);
	for (size_t k = 0; hits != NULL && k < o->match.evidence_count; k++) {
		const struct match_evidence *e = &o->match.evidence[k];

		bench_hit(hits, i, (size_t)e->sentence,
			  rule_at(set, e->file, e->line));
	}
}

char *ours_normalise(void *state, const char *message, bool *overfull)
{
	struct ours *o = state;
	struct match_context context = {.explain = true};
	struct buf out = BUF_INIT;
	struct str s;

	match_message(o->catalog, o->matcher, str_of(message), &context,
		      &o->match);
	*overfull = o->match.evidence_count == MATCH_MAX_EVIDENCE;
	s = o->match.normalised;
	buf_add_s(&out, "");
	for (size_t i = 0; i < s.n; i++) {
		if (s.n - i >= 3 && memcmp(s.p + i, " | ", 3) == 0) {
			buf_add_c(&out, '\n');
			i += 2;
		} else {
			buf_add_c(&out, s.p[i]);
		}
	}
	return buf_take(&out);
}

static void *load_normaliser(const struct bench_set *set, char why[256])
{
	struct ours *o = load_ours(set, why);

	if (o == NULL)
		return NULL;
	o->engine = engine_new();
	o->normal = xcalloc(1, sizeof(*o->normal));
	normal_init(o->normal);
	return o;
}

static void only_normalise(void *state, const struct bench_set *set,
			   const struct bench_input *inputs, size_t i,
			   struct bench_hits *hits)
{
	struct ours *o = state;

	(void)inputs;
	(void)hits;
	engine_begin(o->engine);
	normalise(o->catalog, o->engine, str_of(set->messages[i]), o->normal);
}

const struct contender contender_ours = {"answerd", 0.5, load_ours, match};
const struct contender contender_no_jit = {"no JIT", 0.5, load_no_jit, match};
const struct contender contender_no_index = {"no index", 0.5, load_no_index,
					     match};
const struct contender contender_normalise = {"normalise", 0.5, load_normaliser,
					      only_normalise};
