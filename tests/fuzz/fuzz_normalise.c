/* A shopper's bytes through normalising alone. Checked: folding by table is
 * what utf8proc says, every folded byte knows the character that it comes from,
 * tokens and sentences keep their order and their bounds, the text is folded
 * words with single spaces, and reading it again gives it back. */
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "normalise.h"
#include "sample.h"

/* ---- folding ---------------------------------------------------------- */

/* One character of ASCII by utf8proc and the two exceptions of fold.h. */
static char fold_of(char c)
{
	if (c == '\0')
		return ' ';
	return c == '`' ? '\'' : (char)utf8proc_tolower(c);
}

/* Anew: words with joints are cut within the folded text of a message. */
static void check_fold(struct str typed)
{
	static struct fold fold;
	const struct fold *f = &fold;
	struct byte_set bytes = byte_set_of(typed);
	struct buf whole = BUF_INIT;

	fold_text(&fold, typed);
	need(memcmp(&f->bytes, &bytes, sizeof(bytes)) == 0);
	need(f->n <= FOLD_MAX_BYTES && fold_place(f, f->n) <= typed.n);
	for (size_t i = 0; i < f->n; i++) {
		unsigned char c = (unsigned char)typed.p[fold_place(f, i)];

		need(fold_place(f, i) <= fold_place(f, i + 1));
		need((c & 0xc0) != 0x80); /* the first byte of a character */
		if (c < 0x80)
			need(f->text[i] == fold_of((char)c));
	}
	fold_into(&whole, typed);
	need(f->n <= whole.len);
	need(str_eq((struct str){f->text, f->n},
		    (struct str){buf_str(&whole).p, f->n}));
	need(f->n == whole.len || f->n > FOLD_MAX_BYTES - 128);
	buf_fini(&whole);
}

/* ---- tokens ----------------------------------------------------------- */

static void check_tokens(const struct normal *n)
{
	uint32_t at = 0;

	need(n->token_count <= TOKENS_MAX);
	for (size_t i = 0; i < n->token_count; i++) {
		const struct token *t = &n->tokens[i];

		need(t->at >= at && t->at < n->typed.len);
		need(t->text.n > 0 && utf8_valid(t->text.p, t->text.n));
		need(t->span <= n->spans.n);
		need(i == 0 || t->sentence == n->tokens[i - 1].sentence ||
		     t->sentence == n->tokens[i - 1].sentence + 1);
		at = t->at;
	}
}

static void check_text(struct str s)
{
	need(s.n > 0 && s.p[0] != ' ' && s.p[s.n - 1] != ' ');
	need(utf8_valid(s.p, s.n));
	need(memchr(s.p, '\n', s.n) == NULL);
	for (size_t i = 0; i < s.n; i++) {
		need(s.p[i] < 'A' || s.p[i] > 'Z');
		need(i == 0 || s.p[i] != ' ' || s.p[i - 1] != ' ');
	}
}

static void check_sentences(struct normal *n)
{
	uint32_t from = 0;

	need(n->sentence_count <= SENTENCES_MAX);
	need(normal_text(n).n <= SUBJECT_MAX_BYTES);
	for (size_t i = 0; i < n->sentence_count; i++) {
		const struct sentence *s = &n->sentences[i];

		need(s->first == from && s->end > s->first);
		need(s->end <= n->token_count);
		check_text(normal_sentence(n, i));
		from = s->end;
	}
}

/* ---- again ------------------------------------------------------------ */

/* Not where entities could stand, nor where it is too long to be read whole. */
static void check_again(const struct catalog *c, struct engine *engine,
			struct normal *first, struct normal *again)
{
	struct str text = normal_text(first);

	if (first->spans.n > 0 || first->typed.len > CLIP_HEAD ||
	    utf8_count(text.p, text.n) > CLIP_HEAD)
		return;
	engine_begin(engine);
	normalise(c, engine, text, again);
	need(again->spans.n > 0 || str_eq(normal_text(again), text));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct catalog *c;
	static struct engine *engine;
	static struct normal first, again;
	struct str text = {(const char *)data, size};

	if (c == NULL) {
		c = load(false, false);
		engine = engine_new();
		normal_init(&first);
		normal_init(&again);
	}
	if (!utf8_valid(text.p, text.n))
		return 0;
	engine_begin(engine);
	normalise(c, engine, text, &first);
	check_fold(buf_str(&first.typed));
	check_tokens(&first);
	check_sentences(&first);
	check_again(c, engine, &first, &again);
	return 0;
}
