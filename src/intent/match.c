/* What a message means. For every sentence its evidence is gathered, and the
 * weights are added up by intent:
 *
 * 1. The best intent of a sentence wins it if it reaches its threshold (the
 *    one for long messages where the whole has over `long_words` words) and
 *    leads the next by its margin; within the margin both are candidates, but
 *    where all of them hand over: a person is asked for either way.
 * 2. What is no winner counts for nothing beside one.
 * 3. Where no sentence is won, all evidence of the message together, each
 *    entry once, is tried the same way.
 * 4. Else the candidates of the first undecided sentence are offered; else it
 *    is a miss, with the best that did not reach it.
 * 5. A miss goes to a person at once where the best of the whole message leads
 *    by its margin and reaches its own threshold for that.
 *
 * Evidence against all (off-topic) is kept apart and taken off every score of
 * every sentence, in whichever it stands: "My driver broke down. How do I get
 * a refund?" is about another trade as a whole. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "catalog.h"
#include "gather.h"
#include "matcher.h"

#define META_MAX_WORDS 12  /* of a message that is just a yes or no */
#define NEAR_LEAST     300 /* thousandths, to be offered at a miss */

const char *const outcome_names[] = {
	[OUTCOME_ANSWER] = "answer",
	[OUTCOME_CLARIFY] = "clarify",
	[OUTCOME_ESCALATE] = "escalate",
	[OUTCOME_MISS] = "miss",
};

/* ---- one match at work ------------------------------------------------ */

struct work {
	const struct catalog *catalog;
	struct matcher *m;
	struct match *out;
	struct gather gather;
	size_t sentence;
	bool is_long;
	struct match_winner best[MATCH_MAX_WINNERS]; /* of what was ranked */
	size_t best_count;
};

/* ---- choosing --------------------------------------------------------- */

static int threshold_of(const struct work *w, const struct intent *in)
{
	const struct numbers *n = &w->catalog->rules.numbers;
	int own = in->threshold != NO_NUMBER ? in->threshold : n->threshold;

	if (!w->is_long)
		return own;
	if (in->threshold_long != NO_NUMBER)
		return in->threshold_long;
	return own + n->threshold_long - n->threshold;
}

static int margin_of(const struct work *w, const struct intent *in)
{
	return in->margin != NO_NUMBER ? in->margin
				       : w->catalog->rules.numbers.margin;
}

/* Best first; of equal ones the one that stands first in the files, so that
 * the result does not depend on the order of evidence. */
static bool goes_before(const struct match_winner *a,
			const struct match_winner *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	return a->intent->id < b->intent->id;
}

/* The best of those that something speaks for. */
static void rank(struct work *w, const struct board *b, int sentence)
{
	w->best_count = 0;
	for (size_t i = 0; i < b->touched_count; i++) {
		uint32_t id = b->touched[i];
		struct match_winner one = {
			.intent = w->catalog->intents[id],
			.score = b->scores[id],
			.sentence = sentence,
		};
		size_t at = w->best_count;

		if (one.score <= 0)
			continue;
		while (at > 0 && goes_before(&one, &w->best[at - 1])) {
			if (at < MATCH_MAX_WINNERS)
				w->best[at] = w->best[at - 1];
			at--;
		}
		if (at < MATCH_MAX_WINNERS)
			w->best[at] = one;
		if (w->best_count < MATCH_MAX_WINNERS)
			w->best_count++;
	}
}

/* What is about something else is so in all of its sentences. */
static void take_off(struct work *w)
{
	for (size_t i = 0; i < w->best_count; i++)
		w->best[i].score += w->m->whole.against_all;
}

/* How many there are within the margin of the best, itself among them. */
static size_t count_tied(const struct work *w)
{
	int least = w->best[0].score - margin_of(w, w->best[0].intent);
	size_t n = 1;

	while (n < w->best_count && w->best[n].score > least)
		n++;
	return n;
}

/* All `n` that are tied lead to a person: the first does, a complaint before
 * others. */
static bool settle_tie(struct work *w, size_t n)
{
	size_t complaint = 0;

	for (size_t i = n; i-- > 0;) {
		if (!intent_hands_over(w->best[i].intent))
			return false;
		if (w->best[i].intent->info.kind == INTENT_COMPLAINT)
			complaint = i;
	}
	if (complaint > 0) {
		struct match_winner first = w->best[complaint];

		w->best[complaint] = w->best[0];
		w->best[0] = first;
	}
	return true;
}

enum verdict {
	VERDICT_NONE,
	VERDICT_WON,
	VERDICT_TIE
};

static enum verdict judge(struct work *w)
{
	const struct match_winner *best = &w->best[0];
	size_t tied;

	if (w->best_count == 0 || best->score < threshold_of(w, best->intent))
		return VERDICT_NONE;
	tied = count_tied(w);
	return tied == 1 || settle_tie(w, tied) ? VERDICT_WON : VERDICT_TIE;
}

/* The one at `place`, if something speaks for it. */
static void note_runner_up(struct work *w, size_t place)
{
	const struct match_winner *next = &w->best[place];
	bool is_one = place < w->best_count && next->score > 0;

	w->out->runner_up = is_one ? next->intent : NULL;
	w->out->runner_up_score = is_one ? next->score : 0;
}

static void add_winner(struct work *w)
{
	struct match *out = w->out;
	int highest = 0;

	for (size_t i = 0; i < out->winner_count; i++) {
		if (out->winners[i].intent == w->best[0].intent)
			return;
		if (out->winners[i].score > highest)
			highest = out->winners[i].score;
	}
	if (w->best[0].score > highest)
		note_runner_up(w, 1);
	if (out->winner_count < MATCH_MAX_WINNERS)
		out->winners[out->winner_count++] = w->best[0];
	if (w->best[0].intent->info.then == THEN_ESCALATE)
		out->outcome = OUTCOME_ESCALATE;
	else if (out->outcome != OUTCOME_ESCALATE)
		out->outcome = OUTCOME_ANSWER;
}

/* All that are within the margin of the best. */
static void add_candidates(struct work *w)
{
	struct match *out = w->out;
	size_t n = count_tied(w);

	if (out->winner_count > 0)
		return; /* an earlier sentence asks already */
	memcpy(out->winners, w->best, n * sizeof(*w->best));
	out->winner_count = n;
	note_runner_up(w, 1);
	out->outcome = OUTCOME_CLARIFY;
}

static void add_near(struct work *w)
{
	struct match *out = w->out;

	for (size_t i = 0; i < w->best_count; i++) {
		if (out->near_count < MATCH_MAX_NEAR &&
		    w->best[i].score >= NEAR_LEAST &&
		    w->best[i].intent->info.kind != INTENT_CHAT)
			out->near[out->near_count++] = w->best[i];
	}
	note_runner_up(w, 0);
}

/* Whoever ties with it leads to a person as well. */
static bool wins_miss(const struct work *w)
{
	const struct match_winner *best = &w->best[0];
	size_t tied;

	if (w->best_count == 0 || best->intent->threshold_miss == NO_NUMBER ||
	    best->score < best->intent->threshold_miss)
		return false;
	tied = count_tied(w);
	for (size_t i = 0; i < tied; i++)
		if (!intent_hands_over(w->best[i].intent))
			return false;
	return true;
}

static void note_miss(struct work *w)
{
	add_near(w);
	w->m->instead.intent = NULL;
	gather_missed(&w->gather);
	rank(w, &w->m->whole, -1);
	take_off(w);
	if (!wins_miss(w))
		return;
	w->m->instead = w->best[0];
	note_runner_up(w, 1);
}

static void judge_whole(struct work *w, struct match *tie)
{
	struct match *out = w->out;

	gather_whole(&w->gather);
	rank(w, &w->m->whole, -1);
	take_off(w);
	switch (judge(w)) {
	case VERDICT_WON:
		add_winner(w);
		return;
	case VERDICT_TIE:
		if (tie->outcome != OUTCOME_CLARIFY)
			add_candidates(w);
		break;
	case VERDICT_NONE:
		break;
	}
	if (tie->outcome == OUTCOME_CLARIFY) {
		out->outcome = tie->outcome;
		out->winner_count = tie->winner_count;
		memcpy(out->winners, tie->winners, sizeof(out->winners));
		out->runner_up = tie->runner_up;
		out->runner_up_score = tie->runner_up_score;
	} else if (out->outcome == OUTCOME_MISS) {
		note_miss(w);
	}
}

/* All evidence first: what is against all may stand in the last sentence. */
static void rank_sentences(struct work *w)
{
	struct matcher *m = w->m;
	size_t n = m->normal.sentence_count;

	if (m->ranking_cap < n) {
		m->rankings =
			xreallocarray(m->rankings, n, sizeof(*m->rankings));
		m->ranking_cap = n;
	}
	for (w->sentence = 0; w->sentence < n; w->sentence++) {
		struct ranking *r = &m->rankings[w->sentence];

		gather_sentence(&w->gather, w->sentence);
		rank(w, &m->sentence, (int)w->sentence);
		memcpy(r->best, w->best, w->best_count * sizeof(*r->best));
		r->count = w->best_count;
	}
}

static void recall(struct work *w)
{
	const struct ranking *r = &w->m->rankings[w->sentence];

	memcpy(w->best, r->best, r->count * sizeof(*r->best));
	w->best_count = r->count;
}

static void choose(struct work *w)
{
	struct match *out = w->out, *tie = &w->m->tie;

	tie->outcome = OUTCOME_MISS;
	tie->winner_count = 0;
	rank_sentences(w);
	for (w->sentence = 0; w->sentence < w->m->normal.sentence_count;
	     w->sentence++) {
		recall(w);
		take_off(w);
		switch (judge(w)) {
		case VERDICT_WON:
			add_winner(w);
			break;
		case VERDICT_TIE:
			w->out = tie;
			add_candidates(w);
			w->out = out;
			break;
		case VERDICT_NONE:
			break;
		}
	}
	if (out->winner_count == 0)
		judge_whole(w, tie);
}

/* ---- understood anywhere ---------------------------------------------- */

static void join_tokens(struct matcher *m)
{
	buf_clear(&m->joined);
	for (size_t i = 0; i < m->normal.token_count; i++) {
		if (i > 0)
			buf_add_c(&m->joined, ' ');
		buf_add_str(&m->joined, m->normal.tokens[i].text);
	}
}

static enum meta find_meta(const struct catalog *c, struct matcher *m)
{
	static const enum meta order[META_LISTS] = {
		META_YES, META_NO, META_NEVER_MIND, META_PERSON};
	unsigned may = UINT_MAX;

	if (m->normal.token_count == 0 ||
	    m->normal.token_count > META_MAX_WORDS)
		return META_NONE;
	for (size_t i = 0; may != 0 && i < m->normal.token_count; i++) {
		const struct word *word = m->normal.tokens[i].word;

		may &= c->meta_open | (word != NULL ? word->meta : 0u);
	}
	if (may == 0)
		return META_NONE;
	join_tokens(m);
	for (size_t i = 0; i < META_LISTS; i++) {
		if (c->meta[i] != NULL && (may >> i & 1) != 0 &&
		    pattern_find(c->meta[i], m->engine, buf_str(&m->joined), 0,
				 NULL) == PATTERN_YES)
			return order[i];
	}
	return META_NONE;
}

/* ---- all -------------------------------------------------------------- */

static void report_entities(const struct normal *n, struct match *out)
{
	for (size_t i = 0; i < n->spans.n; i++) {
		const struct found_span *s = &n->spans.list[i];
		struct match_entity *e;
		struct str value = {n->typed.data + s->at, s->end - s->at};

		if (s->lost || out->entity_count == MATCH_MAX_ENTITIES)
			continue;
		e = &out->entities[out->entity_count++];
		e->name = s->entity->name.s.p;
		e->at = normal_place(n, s->at);
		e->len = value.n;
		value_copy(value, e->value);
	}
}

static void prepare(struct matcher *m, const struct catalog *c)
{
	engine_begin(m->engine);
	if (m->entry_cap < c->rules.entry_count) {
		free(m->entry_stamps);
		m->entry_cap = c->rules.entry_count;
		m->entry_stamps =
			xcalloc(m->entry_cap, sizeof(*m->entry_stamps));
		m->entry_now = 0;
	}
	if (++m->entry_now == 0) {
		if (m->entry_cap > 0)
			memset(m->entry_stamps, 0,
			       m->entry_cap * sizeof(*m->entry_stamps));
		m->entry_now = 1;
	}
	board_begin(&m->whole, c->rules.intent_count);
}

static void explain(struct matcher *m, struct match *out)
{
	buf_clear(&m->joined);
	for (size_t i = 0; i < m->normal.sentence_count; i++) {
		if (i > 0)
			buf_add_s(&m->joined, " | ");
		buf_add_str(&m->joined, normal_sentence(&m->normal, i));
	}
	out->normalised = buf_str(&m->joined);
	out->corrections = buf_str(&m->normal.corrections);
}

/* The lists are as long as their counts say, and not cleared: they are large.
 */
static void clear(struct match *out)
{
	out->outcome = OUTCOME_MISS;
	out->meta = META_NONE;
	out->by_miss = false;
	out->runner_up = NULL;
	out->runner_up_score = 0;
	out->winner_count = out->near_count = 0;
	out->entity_count = out->evidence_count = 0;
	out->limits_hit = 0;
	out->normalised = out->corrections = STR_NONE;
}

static void match_once(const struct catalog *catalog, struct matcher *m,
		       struct str text, const struct match_context *context,
		       struct match *out)
{
	struct work w = {
		.catalog = catalog,
		.m = m,
		.out = out,
		.gather = {.catalog = catalog,
			   .m = m,
			   .context = context,
			   .out = out},
	};

	if (context != NULL)
		w.gather.last = str_of(context->last_intent);

	clear(out);
	prepare(m, catalog);
	m->normal.explain = context != NULL && context->explain;
	normalise(catalog, m->engine, text, &m->normal);
	w.is_long = m->normal.token_count >
		    (size_t)catalog->rules.numbers.long_words;
	report_entities(&m->normal, out);
	out->meta = find_meta(catalog, m);
	choose(&w);
	if (m->normal.explain)
		explain(m, out);
	out->limits_hit = engine_limits_hit(m->engine);
}

static bool is_won(const struct match *m)
{
	return m->outcome == OUTCOME_ANSWER || m->outcome == OUTCOME_ESCALATE;
}

/* Puts a full stop in the place of each joint, so that all else stays where it
 * stands. False: there is none. */
static bool part(const struct catalog *c, struct matcher *m, struct str text)
{
	struct span found;
	size_t from = 0;
	bool any = false;

	if (c->joint == NULL || text.n > SUBJECT_MAX_BYTES)
		return false;
	buf_clear(&m->parted);
	buf_add_str(&m->parted, text);
	while (pattern_find(c->joint, m->engine, text, from, &found) ==
		       PATTERN_YES &&
	       found.len > 0) {
		memset(m->parted.data + found.at, ' ', found.len);
		m->parted.data[found.at] = '.';
		from = found.at + found.len;
		any = true;
	}
	return any;
}

static bool has_winner(const struct match *m, const struct intent *in)
{
	for (size_t i = 0; in != NULL && i < m->winner_count; i++) {
		if (m->winners[i].intent == in)
			return true;
	}
	return in == NULL;
}

/* Two questions in one speak against each other, "how do I send it back and
 * when do I get the money", or the louder drowns the other, "do you deliver to
 * Malta and can I pay by card". A message that nothing wins is tried as two;
 * where several want it, both must be won; one that is answered as a whole is
 * parted only if its answer stays and another comes to it. */
static void match_parts(const struct catalog *catalog, struct matcher *m,
			struct str text, const struct match_context *context,
			struct match *out)
{
	const struct intent *first = NULL;
	size_t want = 1;

	match_once(catalog, m, text, context, out);
	if (out->outcome == OUTCOME_ESCALATE || out->meta != META_NONE ||
	    !part(catalog, m, text))
		return;
	if (out->outcome == OUTCOME_ANSWER) {
		first = out->winners[0].intent;
		want = out->winner_count + 1;
	} else if (out->outcome == OUTCOME_CLARIFY) {
		want = 2;
	}
	match_once(catalog, m, buf_str(&m->parted), context, out);
	if (!is_won(out) || out->winner_count < want ||
	    (first != NULL && out->outcome != OUTCOME_ANSWER) ||
	    !has_winner(out, first))
		match_once(catalog, m, text, context, out);
}

void match_message(const struct catalog *catalog, struct matcher *m,
		   struct str text, const struct match_context *context,
		   struct match *out)
{
	match_parts(catalog, m, text, context, out);
	if (out->outcome != OUTCOME_MISS || out->meta != META_NONE ||
	    m->instead.intent == NULL)
		return;
	out->outcome = OUTCOME_ESCALATE;
	out->by_miss = true;
	out->winners[out->winner_count++] = m->instead;
	out->near_count = 0;
}

bool match_reads_own(const struct catalog *catalog, const struct matcher *m)
{
	const struct normal *n = &m->normal;
	size_t common = 0;

	for (size_t i = 0; i < n->token_count; i++) {
		const struct token *t = &n->tokens[i];

		common += (t->word != NULL && t->word->language) ||
			  wordset_has(&catalog->protected, t->text);
	}
	return n->token_count >= 3 && 4 * common >= 3 * n->token_count;
}

struct matcher *matcher_new(void)
{
	struct matcher *m = xcalloc(1, sizeof(*m));

	m->engine = engine_new();
	normal_init(&m->normal);
	return m;
}

void matcher_free(struct matcher **mp)
{
	struct matcher *m = *mp;

	if (m == NULL)
		return;
	engine_free(&m->engine);
	normal_fini(&m->normal);
	marks_fini(&m->marks);
	board_fini(&m->sentence);
	board_fini(&m->whole);
	free(m->entry_stamps);
	buf_fini(&m->joined);
	buf_fini(&m->parted);
	free(m->rankings);
	free(m);
	*mp = NULL;
}
