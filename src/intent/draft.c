/* First intents for topics, for the operator to finish; see intent/cluster.h.
 * All phrases are loaded together, as intents with an answer, and the messages
 * matched, so that what stands under `examples:` gives its intent for certain,
 * beside all the others; the rest are only comments. */
#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "intent/cluster.h"
#include "intent/intent.h"

#define EXAMPLES_MAX   8
#define EXAMPLE_POINTS 200 /* code points; longer ones are left out */
#define TRIED_MAX      200 /* messages of a topic */

/* ---- quoting ---------------------------------------------------------- */

/* What YAML does not take, and what would end a line. */
static bool is_odd(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
	       cp == 0x2029 || cp == 0xfeff || cp == 0xfffe || cp == 0xffff;
}

/* In single quotes, on one line. */
static void add_quoted(struct str text, struct buf *out)
{
	uint32_t cp;
	size_t took;

	buf_add_c(out, '\'');
	for (size_t i = 0; i < text.n; i += took) {
		took = utf8_decode(text.p + i, text.n - i, &cp);
		if (took == 0 || is_odd(cp)) {
			took = took == 0 ? 1 : took;
			buf_add_c(out, ' ');
			continue;
		}
		buf_add(out, text.p + i, took);
		if (cp == '\'')
			buf_add_c(out, '\'');
	}
	buf_add_c(out, '\'');
}

/* ---- trying ----------------------------------------------------------- */

static struct catalog *load_all(const struct draft *drafts, size_t n,
				struct str common_words, bool no_spelling)
{
	const struct catalog_options options = {
		.no_jit = true,
		.no_spelling = no_spelling,
		.skip_examples = true,
		.protected_words = common_words,
	};
	struct intent_source source = {.name = "draft.yaml"};
	struct buf yaml = BUF_INIT;
	struct catalog *catalog;
	struct diags diags;

	buf_add_s(&yaml, "intents:\n");
	for (size_t i = 0; i < n; i++) {
		buf_addf(&yaml, "  - name: %s\n    answer: yes\n",
			 drafts[i].t->seen.name);
		draft_add_phrases(&drafts[i], &yaml);
	}
	source.text = buf_str(&yaml);
	diags_init(&diags);
	catalog = catalog_load(&source, 1, &options, &diags);
	diags_fini(&diags);
	buf_fini(&yaml);
	return catalog;
}

/* What the drafts are tried with: typing errors corrected, and not, since what
 * is corrected depends on what else the rules will hold. */
struct proof {
	struct catalog *mended, *plain; /* NULL: they do not load */
	struct matcher *matcher;
};

static bool wins(const struct catalog *catalog, struct matcher *matcher,
		 struct str text, const char *name)
{
	struct match match;

	if (catalog == NULL)
		return false;
	match_message(catalog, matcher, text, NULL, &match);
	return match.outcome == OUTCOME_ANSWER && match.winner_count == 1 &&
	       strcmp(intent_info(match.winners[0].intent)->name, name) == 0;
}

static bool gives(const struct proof *p, struct str text, const char *name)
{
	return wins(p->mended, p->matcher, text, name) &&
	       wins(p->plain, p->matcher, text, name);
}

struct examples {
	struct str matched[EXAMPLES_MAX], others[EXAMPLES_MAX];
	size_t matched_count, other_count;
};

static void add_example(struct str *list, size_t *n, struct str text)
{
	for (size_t i = 0; i < *n; i++) {
		if (str_eq(list[i], text))
			return;
	}
	if (*n < EXAMPLES_MAX)
		list[(*n)++] = text;
}

static void find_examples(const struct draft *d, const struct proof *proof,
			  struct examples *out)
{
	const struct cluster *seen = &d->t->seen;

	*out = (struct examples){.matched_count = 0};
	for (size_t i = 0; i < seen->count && i < TRIED_MAX; i++) {
		struct str text =
			str_trim(d->cs->corpus.messages[seen->members[i]].text);

		if (utf8_count(text.p, text.n) > EXAMPLE_POINTS)
			continue;
		if (gives(proof, text, seen->name))
			add_example(out->matched, &out->matched_count, text);
		else
			add_example(out->others, &out->other_count, text);
	}
}

/* ---- writing ---------------------------------------------------------- */

static void add_list(const char *before, const struct str *list, size_t n,
		     struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_add_s(out, before);
		add_quoted(list[i], out);
		buf_add_c(out, '\n');
	}
}

static void add_examples(const struct examples *e, struct buf *out)
{
	if (e->matched_count > 0) {
		buf_add_s(out, "    # As asked; digits and addresses are "
			       "masked.\n    examples:\n");
		add_list("      - ", e->matched, e->matched_count, out);
	}
	if (e->other_count > 0) {
		buf_add_s(out, "    # Alike, and not matched by these phrases "
			       "alone yet:\n");
		add_list("    #  - ", e->others, e->other_count, out);
	}
}

static void add_draft(const struct draft *d, const struct examples *e,
		      struct buf *out)
{
	const struct cluster *seen = &d->t->seen;

	buf_addf(out,
		 "  # Asked %zu times: %zu in the earlier half, %zu in the "
		 "later.\n"
		 "  - name: %s\n"
		 "    about: ",
		 seen->count, seen->count - seen->late, seen->late, seen->name);
	add_quoted(STR("FILL IN: what it is about, in one line"), out);
	buf_add_c(out, '\n');
	draft_add_phrases(d, out);
	buf_add_s(out, "    # FILL IN the answer and take the # away; before "
		       "that it does not load.\n"
		       "    # answer:\n"
		       "    #   - 'What the shopper is to read.'\n");
	add_examples(e, out);
}

size_t clusters_draft(const struct clusters *cs, size_t n,
		      struct str common_words, size_t max_bytes,
		      struct buf *out)
{
	size_t count = n < cs->count ? n : cs->count, from = out->len, done = 0;
	struct draft *drafts = xcalloc(count + 1, sizeof(*drafts));
	struct proof proof = {.matcher = matcher_new()};

	for (size_t i = 0; i < count; i++)
		draft_choose(&drafts[i], cs, &cs->topics[i]);
	proof.mended = load_all(drafts, count, common_words, false);
	proof.plain = load_all(drafts, count, common_words, true);
	for (; done < count; done++) {
		size_t before = out->len;
		struct examples e;

		if (done > 0)
			buf_add_c(out, '\n');
		find_examples(&drafts[done], &proof, &e);
		add_draft(&drafts[done], &e, out);
		if (out->len - from > max_bytes) {
			out->len = before;
			out->data[before] = '\0';
			break;
		}
	}
	matcher_free(&proof.matcher);
	catalog_free(&proof.mended);
	catalog_free(&proof.plain);
	free(drafts);
	return done;
}
