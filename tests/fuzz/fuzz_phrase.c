/* A phrase (the first line) and what shoppers say (the others). Checked: the
 * plan of masks, the index and PCRE2 decide the same, by JIT code and without;
 * what the phrase says of itself, it matches. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "catalog.h"
#include "intent/intent.h"
#include "lint.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static struct catalog *load(struct str phrase, bool no_index, bool no_jit)
{
	struct catalog_options options = {
		.no_index = no_index, .no_jit = no_jit, .no_spelling = true};
	struct buf yaml = BUF_INIT;
	struct intent_source source = {.name = "r.yaml"};
	struct diags diags;
	struct catalog *c;

	buf_add_s(&yaml,
		  "words: {order: [order(s), order number, parcel],\n"
		  "  where: [where, track(ing|ed), how <far>], far: [far, long "
		  "way]}\n"
		  "entities: {order_id: {pattern: '\\b\\d{6,18}\\b'},\n"
		  "  day: {pattern: '\\b(?:today|\\d+ days)\\b'}}\n"
		  "intents: [{name: it, answer: y, match: [");
	buf_add_json(&yaml, phrase); /* YAML's double quotes take it */
	buf_add_s(&yaml, "]}]\n");
	source.text = buf_str(&yaml);
	diags_init(&diags);
	c = catalog_load(&source, 1, &options, &diags);
	need((c == NULL) == (diags.errors > 0));
	diags_fini(&diags);
	buf_fini(&yaml);
	return c;
}

struct sets {
	struct catalog *plain, *slow, *interpreted;
	struct matcher *m;
};

static void compare(struct sets *s, struct str text)
{
	static struct match a, b, c;

	match_message(s->plain, s->m, text, NULL, &a);
	match_message(s->slow, s->m, text, NULL, &b);
	match_message(s->interpreted, s->m, text, NULL, &c);
	if (a.limits_hit + b.limits_hit + c.limits_hit > 0)
		return;
	need(a.outcome == b.outcome && b.outcome == c.outcome);
	need(a.winner_count == b.winner_count);
}

static void say(struct sets *s)
{
	const struct entry *e = s->plain->rules.entries;
	struct buf said = BUF_INIT;

	for (unsigned which = 0; e != NULL && which < 6; which++) {
		buf_clear(&said);
		if (phrase_say(e->phrase, which, &said) &&
		    utf8_valid(said.data, said.len))
			compare(s, buf_str(&said));
	}
	buf_fini(&said);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct str all = {(const char *)data, size};
	const char *end = memchr(data, '\n', size);
	struct sets s = {.m = NULL};

	if (end == NULL || size > 2000 || !utf8_valid(all.p, all.n))
		return 0;
	all.n = (size_t)(end - all.p);
	if (memchr(all.p, '\0', all.n) != NULL)
		return 0;
	s.plain = load(all, false, false);
	s.slow = load(all, true, false);
	s.interpreted = load(all, true, true);
	need((s.plain == NULL) == (s.slow == NULL));
	if (s.plain != NULL && s.slow != NULL && s.interpreted != NULL) {
		s.m = matcher_new();
		compare(&s, (struct str){end + 1, size - all.n - 1});
		say(&s);
		matcher_free(&s.m);
	}
	catalog_free(&s.plain);
	catalog_free(&s.slow);
	catalog_free(&s.interpreted);
	return 0;
}
