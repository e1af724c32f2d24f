/* From a message to its normal form; see normalise.h. In this order:
 *
 * 1. clip: only the first CLIP_HEAD and the last CLIP_TAIL characters are read;
 * 2. find what could be an entity in the text as typed;
 * 3. fold, cut into tokens and sentences; a stretch that could be an entity
 *    with a digit in it is one token for now;
 * 4. rewrite contractions and chat spellings, correct unknown words;
 * 5. decide which stretches are entities, now that the words near them are
 *    known; those become placeholders, the others words. */
#include "normalise.h"

#include <string.h>

#include "base/utf8.h"
#include "catalog.h"
#include "pattern.h"
#include "spell.h"

#define NEAR_WORDS   3
#define NEAR_BYTES   600
#define NO_SPAN      0
#define UNKNOWN_SPAN UINT16_MAX

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

/* ---- 4. words --------------------------------------------------------- */

struct cutter {
	const struct catalog *catalog;
	struct normal *n;
	uint16_t sentence;
	bool open;    /* the sentence has a token */
	bool correct; /* typing errors */
};

static struct token *add_token(struct cutter *c, struct str text, uint32_t at)
{
	struct normal *n = c->n;
	struct token *t;

	if (n->token_count == TOKENS_MAX)
		return NULL;
	t = &n->tokens[n->token_count++];
	*t = (struct token){
		.text = text,
		.at = at,
		.sentence = c->sentence,
	};
	c->open = true;
	return t;
}

static void add_known(struct cutter *c, struct str text, uint32_t at)
{
	struct token *t = add_token(c, text, at);

	if (t != NULL)
		t->word = lexicon_find(&c->catalog->lexicon, text);
}

static void add_rewritten(struct cutter *c, const struct word *w, uint32_t at)
{
	for (size_t i = 0; i < w->become_count; i++)
		add_known(c, w->becomes[i], at);
}

static void note_correction(struct cutter *c, struct str from,
			    const struct str *to, size_t n)
{
	struct buf *out = &c->n->corrections;

	if (!c->n->explain)
		return;
	if (out->len > 0)
		buf_add_c(out, ' ');
	buf_add_str(out, from);
	buf_add_c(out, '>');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(out, '+');
		buf_add_str(out, to[i]);
	}
}

/* A word without apostrophes and hyphens. */
static void add_word(struct cutter *c, struct str text, uint32_t at)
{
	const struct catalog *catalog = c->catalog;
	const struct word *w = lexicon_find(&catalog->lexicon, text);
	struct str better[2];
	size_t n = 0;

	if (w != NULL && w->becomes != NULL) {
		add_rewritten(c, w, at);
		return;
	}
	if (c->correct && text.n >= SPELL_MIN_LENGTH &&
	    (w == NULL || (!w->rule && !w->language)) &&
	    !wordset_has(&catalog->protected, text))
		n = spell_correct(&catalog->spell, &catalog->lexicon,
				  &catalog->protected, text, better);
	for (size_t i = 0; i < n; i++)
		add_known(c, better[i], at);
	if (n > 0) {
		note_correction(c, text, better, n);
	} else {
		struct token *t = add_token(c, text, at);

		if (t != NULL)
			t->word = w;
	}
}

/* "can't" and "e-mail" as a whole if a language file knows them, else without
 * apostrophes (and a genitive's s) and in two words. `text` is ours to
 * change. */
static void add_raw(struct cutter *c, char *p, size_t n, uint32_t at)
{
	const struct word *w;
	size_t out = 0, from = 0;

	if (memchr(p, '\'', n) == NULL && memchr(p, '-', n) == NULL) {
		add_word(c, (struct str){p, n}, at);
		return;
	}
	w = lexicon_find(&c->catalog->lexicon, (struct str){p, n});
	if (w != NULL && w->becomes != NULL) {
		add_rewritten(c, w, at);
		return;
	}
	if (n > 2 && p[n - 2] == '\'' && p[n - 1] == 's')
		n -= 2;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && p[i] == '\'')
			continue;
		if (i < n && p[i] != '-') {
			p[out++] = p[i];
			continue;
		}
		if (out > from)
			add_word(c, (struct str){p + from, out - from}, at);
		from = out;
	}
}

/* ---- 3. tokens and sentences ------------------------------------------ */

static void end_sentence(struct cutter *c)
{
	if (c->open && c->sentence + 1 < SENTENCES_MAX) {
		c->sentence++;
		c->open = false;
	}
}

static size_t word_char(const char *p, size_t i, size_t n)
{
	return i < n ? fold_word_char(p + i, n - i) : 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The word from `i` on: letters and digits, with apostrophes and hyphens
 * inside, and points and commas between digits. */
static size_t word_length(const char *p, size_t i, size_t n, size_t stop)
{
	size_t from = i, len;

	while (i < stop && (len = word_char(p, i, n)) > 0) {
		i += len;
		if (i + 1 >= stop || word_char(p, i + 1, n) == 0)
			continue;
		if (p[i] == '\'' || p[i] == '-')
			i++;
		else if ((p[i] == '.' || p[i] == ',') && is_digit(p[i - 1]) &&
			 is_digit(p[i + 1]))
			i++;
	}
	return (i < stop ? i : stop) - from;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Links and @names say nothing: up to the next blank. */
static size_t skip_length(const char *p, size_t i, size_t n)
{
	size_t from = i;

	if (!(p[i] == '@' && word_char(p, i + 1, n) > 0) &&
	    !(n - i > 7 && memcmp(p + i, "http://", 7) == 0) &&
	    !(n - i > 8 && memcmp(p + i, "https://", 8) == 0) &&
	    !(n - i > 4 && memcmp(p + i, "www.", 4) == 0))
		return 0;
	while (i < n && !is_blank(p[i]) && p[i] != '\n')
		i++;
	return i - from;
}

/* Does the mark at `i` end a sentence? Not the point of "order no. 12" nor one
 * between small letters ("e.g", "shop.example"). */
static bool ends_sentence(const struct cutter *c, size_t i)
{
	const struct fold *f = &c->n->fold;
	const struct normal *n = c->n;
	const struct token *last;
	size_t k = i + 1;

	switch (f->text[i]) {
	case '!':
	case '?':
	case ';':
	case '\n':
		return true;
	case '.':
		break;
	default:
		return false;
	}
	if (i > 0 && word_char(f->text, i + 1, f->n) > 0 &&
	    word_char(f->text, i - 1, f->n) > 0) {
		char next = n->typed.data[f->at[i + 1]];

		return next >= 'A' && next <= 'Z';
	}
	while (k < f->n && is_blank(f->text[k]))
		k++;
	if (n->token_count == 0 || k >= f->n || !is_digit(f->text[k]))
		return true;
	last = &n->tokens[n->token_count - 1];
	return !str_is(last->text, "no") && !str_is(last->text, "nr") &&
	       !str_is(last->text, "number");
}

/* The next stretch that may become a placeholder, from the typed byte `from`
 * on; overlapping ones are one stretch. */
static bool next_stretch(const struct spans *spans, size_t from, size_t *at,
			 size_t *end)
{
	bool any = false;

	for (size_t i = 0; i < spans->n; i++) {
		const struct found_span *s = &spans->list[i];

		if (!s->digits || s->at < from)
			continue;
		if (!any) {
			*at = s->at;
			*end = s->end;
			any = true;
		} else if (s->at < *end) {
			if (s->end > *end)
				*end = s->end;
		} else {
			break;
		}
	}
	return any;
}

static size_t folded_from(const struct fold *f, size_t i, size_t typed)
{
	while (i < f->n && f->at[i] < typed)
		i++;
	return i;
}

static void cut(struct cutter *c, size_t i, size_t stop)
{
	struct fold *f = &c->n->fold;

	while (i < stop) {
		size_t len = word_length(f->text, i, f->n, stop);
		size_t skip;

		if (len > 0) {
			bool fresh = i == 0 || is_blank(f->text[i - 1]) ||
				     f->text[i - 1] == '\n';

			skip = fresh ? skip_length(f->text, i, stop) : 0;
			if (skip == 0)
				add_raw(c, f->text + i, len, f->at[i]);
			i += skip > 0 ? skip : len;
			continue;
		}
		skip = skip_length(f->text, i, stop);
		if (skip == 0 && ends_sentence(c, i))
			end_sentence(c);
		i += skip > 0 ? skip : 1;
	}
}

static void cut_all(struct cutter *c)
{
	struct normal *n = c->n;
	size_t i = 0, from = 0, at, end;

	while (next_stretch(&n->spans, from, &at, &end)) {
		size_t stop = folded_from(&n->fold, i, at);
		struct token *t;

		cut(c, i, stop);
		i = folded_from(&n->fold, stop, end);
		t = add_token(c, STR("#"), (uint32_t)at);
		if (t != NULL)
			t->span = UNKNOWN_SPAN;
		from = end;
	}
	cut(c, i, n->fold.n);
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
	size_t i = folded_from(f, 0, at);

	cut(c, i, folded_from(f, i, end));
}

static void add_placeholder(struct cutter *c, size_t span)
{
	const struct found_span *s = &c->n->spans.list[span];
	struct token *t = add_token(c, s->entity->placeholder, s->at);

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

	next_stretch(spans, at, &at, &end);
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

static void place_entities(struct cutter *c)
{
	struct normal *n = c->n;
	struct token old[TOKENS_MAX];
	size_t count = n->token_count;

	memcpy(old, n->tokens, count * sizeof(old[0]));
	n->token_count = 0;
	c->correct = false;
	for (size_t i = 0; i < count; i++) {
		c->sentence = old[i].sentence;
		if (old[i].span == UNKNOWN_SPAN)
			fill_stretch(c, old[i].at);
		else if (n->token_count < TOKENS_MAX)
			n->tokens[n->token_count++] = old[i];
	}
}

/* ---- all -------------------------------------------------------------- */

static void write_sentences(struct normal *n)
{
	size_t starts[SENTENCES_MAX];

	buf_clear(&n->text);
	n->sentence_count = 0;
	for (size_t i = 0; i < n->token_count; i++) {
		const struct token *t = &n->tokens[i];
		struct sentence *s;

		if (n->text.len + t->text.n + 1 > SUBJECT_MAX_BYTES)
			break; /* rewriting made it longer than we match */
		if (i == 0 || t->sentence != n->tokens[i - 1].sentence) {
			if (n->text.len > 0)
				buf_add_c(&n->text, '\n');
			starts[n->sentence_count] = n->text.len;
			s = &n->sentences[n->sentence_count++];
			s->first = (uint32_t)i;
		} else {
			buf_add_c(&n->text, ' ');
		}
		buf_add_str(&n->text, t->text);
		s = &n->sentences[n->sentence_count - 1];
		s->end = (uint32_t)i + 1;
		s->text.n = n->text.len - starts[n->sentence_count - 1];
	}
	for (size_t i = 0; i < n->sentence_count; i++)
		n->sentences[i].text.p = n->text.data + starts[i];
}

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
	bytes_note(buf_str(&n->typed), n->bytes);
	entities_find(catalog, engine, buf_str(&n->typed), n->bytes, &n->spans);
	fold_text(&n->fold, buf_str(&n->typed));
	cut_all(&c);
	if (n->spans.n > 0) {
		check_near(n, engine);
		entities_settle(&n->spans);
		place_entities(&c);
	}
	write_sentences(n);
}
