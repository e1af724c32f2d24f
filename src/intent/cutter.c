/* Tokens, sentences and words (steps 3 and 4 of normalise.c); see cutter.h. */
#include "cutter.h"

#include <string.h>

#include "catalog.h"
#include "spell.h"

struct token *cutter_add(struct cutter *c, struct str text, uint32_t at)
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
	struct token *t = cutter_add(c, text, at);

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
	struct str better[SPELL_PARTS];
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
		struct token *t = cutter_add(c, text, at);

		if (t != NULL)
			t->word = w;
	}
}

/* "can't" and "e-mail" as a whole if a language file knows them, else without
 * apostrophes (and a genitive's s) and in two words. The bytes are ours to
 * change. */
static void add_jointed(struct cutter *c, char *p, size_t n, uint32_t at)
{
	const struct word *w;
	size_t out = 0, from = 0;

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

static bool is_joint(char c)
{
	return c == '\'' || c == '-';
}

/* Digits and small letters of ASCII; folded text has no others. */
static const bool plain[256] = {
	['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true,
	['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true,
	['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true,
	['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true,
	['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true,
	['p'] = true, ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true,
	['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true,
	['z'] = true,
};

/* Behind the letters and digits from `i` on. */
static inline size_t skip_letters(const char *p, size_t i, size_t n,
				  size_t stop)
{
	size_t len;

	for (;; i += len) {
		while (i < stop && plain[(unsigned char)p[i]])
			i++;
		if (i >= stop || (unsigned char)p[i] < 0x80)
			return i;
		len = fold_word_point(p + i, n - i);
		if (len == 0)
			return i;
	}
}

/* The word from `i` on: letters and digits, with apostrophes and hyphens
 * inside (then it has `*joints`), and points and commas between digits. */
static size_t word_length(const char *p, size_t i, size_t n, size_t stop,
			  bool *joints)
{
	size_t from = i;

	*joints = false;
	for (;; i++) {
		i = skip_letters(p, i, n, stop);
		if (i == from || i + 1 >= stop || p[i] == ' ' ||
		    word_char(p, i + 1, n) == 0)
			break;
		if (is_joint(p[i]))
			*joints = true;
		else if (!((p[i] == '.' || p[i] == ',') && is_digit(p[i - 1]) &&
			   is_digit(p[i + 1])))
			break;
	}
	return (i < stop ? i : stop) - from;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Links and @names say nothing: up to the next blank. */
static size_t link_length(const char *p, size_t i, size_t n)
{
	size_t from = i;

	switch (p[i]) {
	case '@':
		if (word_char(p, i + 1, n) == 0)
			return 0;
		break;
	case 'h':
		if (!(n - i > 7 && memcmp(p + i, "http://", 7) == 0) &&
		    !(n - i > 8 && memcmp(p + i, "https://", 8) == 0))
			return 0;
		break;
	case 'w':
		if (!(n - i > 4 && memcmp(p + i, "www.", 4) == 0))
			return 0;
		break;
	default:
		return 0;
	}
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
		char next = n->typed.data[fold_place(f, i + 1)];

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

/* Nearly all text does not begin like one of them. */
static inline size_t skip_length(const char *p, size_t i, size_t n)
{
	char c = p[i];

	return c == 'w' || c == 'h' || c == '@' ? link_length(p, i, n) : 0;
}

bool cutter_stretch(const struct spans *spans, size_t from, size_t *at,
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

size_t fold_from(const struct fold *f, size_t i, size_t typed)
{
	while (i < f->n && fold_place(f, i) < typed)
		i++;
	return i;
}

void cutter_cut(struct cutter *c, size_t i, size_t stop)
{
	struct fold *f = &c->n->fold;

	while (i < stop) {
		bool joints;
		size_t len = word_length(f->text, i, f->n, stop, &joints);
		size_t skip;

		if (len > 0) {
			bool fresh = i == 0 || is_blank(f->text[i - 1]) ||
				     f->text[i - 1] == '\n';

			skip = fresh ? skip_length(f->text, i, stop) : 0;
			if (skip == 0 && joints)
				add_jointed(c, f->text + i, len,
					    fold_place(f, i));
			else if (skip == 0)
				add_word(c, (struct str){f->text + i, len},
					 fold_place(f, i));
			i += skip > 0 ? skip : len;
			continue;
		}
		if (f->text[i] == ' ') {
			i++;
			continue;
		}
		skip = skip_length(f->text, i, stop);
		if (skip == 0 && ends_sentence(c, i))
			end_sentence(c);
		i += skip > 0 ? skip : 1;
	}
}

void cutter_run(struct cutter *c)
{
	struct normal *n = c->n;
	size_t i = 0, from = 0, at, end;

	while (cutter_stretch(&n->spans, from, &at, &end)) {
		size_t stop = fold_from(&n->fold, i, at);
		struct token *t;

		cutter_cut(c, i, stop);
		i = fold_from(&n->fold, stop, end);
		t = cutter_add(c, STR("#"), (uint32_t)at);
		if (t != NULL)
			t->span = UNKNOWN_SPAN;
		from = end;
	}
	cutter_cut(c, i, n->fold.n);
}
