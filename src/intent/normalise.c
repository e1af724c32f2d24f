/* From a message to its normal form; see normalise.h. In this order:
 *
 * 1. clip: only the first CLIP_HEAD and the last CLIP_TAIL characters are read;
 * 2. fold, and find what could be an entity in the text as typed;
 * 3. cut into tokens and sentences; a stretch that could be an entity with a
 *    digit in it is one token for now;
 * 4. rewrite contractions and chat spellings, correct unknown words;
 * 5. decide which stretches are entities, now that the words near them are
 *    known; those become placeholders, the others words. */
#include "normalise.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "catalog.h"
#include "cutter.h"

#define NEAR_WORDS 3
#define NEAR_BYTES 600

void normal_init(struct normal *n)
{
	buf_init(&n->typed);
	buf_init(&n->text);
	buf_init(&n->corrections);
	n->token_count = n->sentence_count = 0;
}

void normal_fini(struct normal *n)
{
	buf_fini(&n->typed);
	buf_fini(&n->text);
	buf_fini(&n->corrections);
}

/* ---- 1. clip ---------------------------------------------------------- */

/* Bytes from which on the last `points` code points stand. */
static size_t tail_start(struct str s, size_t points)
{
	size_t i = s.n;

	while (i > 0 && points > 0) {
		i--;
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			points--;
	}
	return i;
}

static void clip(struct normal *n, struct str message)
{
	size_t head = message.n, tail = message.n;

	if (message.n > CLIP_HEAD + CLIP_TAIL) {
		head = utf8_prefix(message.p, message.n, CLIP_HEAD);
		tail = tail_start(message, CLIP_TAIL);
	}
	if (tail <= head)
		head = tail = message.n;
	buf_clear(&n->typed);
	buf_add(&n->typed, message.p, head);
	n->tail_at = n->tail_from = head;
	if (tail < message.n) {
		buf_add_c(&n->typed, '\n');
		n->tail_at = n->typed.len;
		n->tail_from = tail;
		buf_add(&n->typed, message.p + tail, message.n - tail);
	}
}

size_t normal_place(const struct normal *n, size_t at)
{
	return at < n->tail_at ? at : at - n->tail_at + n->tail_from;
}

/* ---- 5. entities ------------------------------------------------------ */

static size_t token_at(const struct normal *n, uint32_t at)
{
	size_t i = 0;

	while (i < n->token_count && n->tokens[i].at < at)
		i++;
	return i;
}

/* The words within three before and behind, one string. Tokens from the same
 * stretch do not count. */
static void words_near(const struct normal *n, const struct found_span *span,
		       struct buf *out)
{
	size_t first = token_at(n, span->at), next = token_at(n, span->end);
	size_t from = first > NEAR_WORDS ? first - NEAR_WORDS : 0;
	size_t to = next + NEAR_WORDS < n->token_count ? next + NEAR_WORDS
						       : n->token_count;

	buf_clear(out);
	for (size_t i = from; i < to && out->len < NEAR_BYTES; i++) {
		if (i == first && i < next)
			i = next;
		if (i >= to)
			break;
		if (out->len > 0)
			buf_add_c(out, ' ');
		buf_add_str(out, n->tokens[i].text);
	}
}

static void check_near(struct normal *n, struct engine *engine)
{
	struct buf *words = &n->text;

	for (size_t i = 0; i < n->spans.n; i++) {
		struct found_span *s = &n->spans.list[i];

		if (s->entity->near_pattern == NULL)
			continue;
		words_near(n, s, words);
		s->lost = pattern_find(s->entity->near_pattern, engine,
				       buf_str(words), 0, NULL) != PATTERN_YES;
	}
}

/* What is left of a stretch between its entities: words again. */
static void add_rest(struct cutter *c, size_t at, size_t end)
{
	const struct fold *f = &c->n->fold;
	size_t i = fold_from(f, 0, at);

	cutter_cut(c, i, fold_from(f, i, end));
}

static void add_placeholder(struct cutter *c, size_t span)
{
	const struct found_span *s = &c->n->spans.list[span];
	struct token *t = cutter_add(c, s->entity->placeholder, s->at);

	if (t == NULL)
		return;
	t->span = (uint16_t)(span + 1);
	t->word = lexicon_find(&c->catalog->lexicon, t->text);
}

/* Puts the entities of the stretch from `at` on in place of its one token. */
static void fill_stretch(struct cutter *c, size_t at)
{
	const struct spans *spans = &c->n->spans;
	size_t end = at;

	cutter_stretch(spans, at, &at, &end);
	for (size_t i = 0; i < spans->n; i++) {
		const struct found_span *s = &spans->list[i];

		if (s->lost || !s->digits || s->at < at || s->at >= end)
			continue;
		add_rest(c, at, s->at);
		add_placeholder(c, i);
		at = s->end;
	}
	add_rest(c, at, end);
}

/* A sentence may end within a stretch: then all behind count on from there, so
 * that they never go back and are never too many. */
static void place_entities(struct cutter *c)
{
	struct normal *n = c->n;
	struct token old[TOKENS_MAX];
	size_t count = n->token_count;
	unsigned more = 0;

	memcpy(old, n->tokens, count * sizeof(old[0]));
	n->token_count = 0;
	c->correct = false;
	c->open = false;
	for (size_t i = 0; i < count; i++) {
		unsigned sentence = old[i].sentence + more;

		if (sentence >= SENTENCES_MAX)
			sentence = SENTENCES_MAX - 1;
		if (sentence != c->sentence)
			c->open = false;
		c->sentence = (uint16_t)sentence;
		if (old[i].span == UNKNOWN_SPAN) {
			fill_stretch(c, old[i].at);
			more += c->sentence - sentence;
		} else if (n->token_count < TOKENS_MAX) {
			old[i].sentence = c->sentence;
			n->tokens[n->token_count++] = old[i];
			c->open = true;
		}
	}
}

/* ---- sentences -------------------------------------------------------- */

/* Up to what fits into SUBJECT_MAX_BYTES: rewriting may have made it longer
 * than we match. */
static void find_sentences(struct normal *n)
{
	size_t bytes = 0;

	n->sentence_count = 0;
	for (size_t i = 0; i < n->token_count; i++) {
		const struct token *t = &n->tokens[i];

		if (bytes + t->text.n + 1 > SUBJECT_MAX_BYTES)
			break;
		bytes += t->text.n + (i > 0);
		if (i == 0 || t->sentence != n->tokens[i - 1].sentence) {
			assert(n->sentence_count < SENTENCES_MAX);
			n->sentences[n->sentence_count++].first = (uint32_t)i;
		}
		n->sentences[n->sentence_count - 1].end = (uint32_t)i + 1;
	}
}

/* ---- written out ------------------------------------------------------ */

/* Appends where there is room already. */
static void put(struct buf *out, const char *p, size_t n)
{
	memcpy(out->data + out->len, p, n);
	out->len += n;
}

static void write_sentence(struct normal *n, struct sentence *s)
{
	struct buf *text = &n->text;
	size_t from;

	if (text->len > 0)
		put(text, "\n", 1);
	from = text->len;
	for (uint32_t i = s->first; i < s->end; i++) {
		if (i > s->first)
			put(text, " ", 1);
		put(text, n->tokens[i].text.p, n->tokens[i].text.n);
	}
	s->text = (struct str){text->data + from, text->len - from};
}

struct str normal_text(struct normal *n)
{
	if (!n->written) {
		buf_clear(&n->text);
		buf_reserve(&n->text, SUBJECT_MAX_BYTES + 1);
		for (size_t i = 0; i < n->sentence_count; i++)
			write_sentence(n, &n->sentences[i]);
		n->text.data[n->text.len] = '\0';
		n->written = true;
	}
	return buf_str(&n->text);
}

struct str normal_sentence(struct normal *n, size_t sentence)
{
	normal_text(n);
	return n->sentences[sentence].text;
}

/* ---- all -------------------------------------------------------------- */

void normalise(const struct catalog *catalog, struct engine *engine,
	       struct str message, struct normal *n)
{
	struct cutter c = {
		.catalog = catalog,
		.n = n,
		.correct = !catalog->options.no_spelling,
	};

	n->token_count = 0;
	buf_clear(&n->corrections);
	clip(n, message);
	fold_text(&n->fold, buf_str(&n->typed));
	entities_find(catalog, engine, buf_str(&n->typed), &n->fold.bytes,
		      &n->spans);
	cutter_run(&c);
	if (n->spans.n > 0) {
		check_near(n, engine);
		entities_settle(&n->spans);
		place_entities(&c);
	}
	find_sentences(n);
	n->written = false;
}
