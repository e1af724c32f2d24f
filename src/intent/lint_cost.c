/* Each pattern on strings made to hurt it: what it nearly matches, again and
 * again, up to the longest message. A pattern that reaches a limit there can
 * do so on a shopper's message, and would then count as no match. */
#include <string.h>

#include "base/mem.h"
#include "catalog.h"
#include "lint.h"
#include "pattern.h"

#define HOSTILE_BYTES 1000

static void fill(struct buf *out, struct str piece, const char *end)
{
	buf_clear(out);
	while (piece.n > 0 && out->len + piece.n + 8 < HOSTILE_BYTES)
		buf_add_str(out, piece);
	buf_add_s(out, end);
}

static bool survives(const struct pattern *p, struct engine *e,
		     const struct buf *subject)
{
	engine_begin(e);
	return pattern_find(p, e, buf_str(subject), 0, NULL) != PATTERN_LIMIT;
}

/* Letters, digits and words that any pattern may trip over. */
static const char *const pieces[] = {
	"a", "1", "a ", "1 ", "ab", "a-", "1.", "@a.", "(", "  ", "aA1 ",
};

static bool survives_pieces(const struct pattern *p, struct engine *e,
			    struct buf *subject)
{
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		fill(subject, str_of(pieces[i]), "");
		if (!survives(p, e, subject))
			return false;
		fill(subject, str_of(pieces[i]), "!");
		if (!survives(p, e, subject))
			return false;
	}
	return true;
}

/* The letters of the pattern itself: "(x+x+)+y" is hurt by xxxx. */
static bool survives_own_letters(const struct pattern *p, struct engine *e,
				 struct str source, struct buf *subject)
{
	bool done[256] = {false};

	for (size_t i = 0; i < source.n; i++) {
		unsigned char c = (unsigned char)source.p[i];
		char piece[2] = {(char)c, ' '};

		if (done[c] || c >= 0x80)
			continue;
		done[c] = true;
		fill(subject, (struct str){piece, 1}, "!");
		if (!survives(p, e, subject))
			return false;
		fill(subject, (struct str){piece, 2}, "!");
		if (!survives(p, e, subject))
			return false;
	}
	return true;
}

/* What the phrase says, whole and without its end, over and over. */
static bool survives_sayings(const struct pattern *p, struct engine *e,
			     const struct alt *phrase, struct buf *subject)
{
	struct buf said = BUF_INIT;
	bool ok = true;

	for (unsigned which = 0; ok && which < 4; which++) {
		buf_clear(&said);
		if (!phrase_say(phrase, which, &said))
			continue;
		buf_add_c(&said, ' ');
		fill(subject, buf_str(&said), "x");
		ok = survives(p, e, subject);
		while (ok && said.len > 1) { /* up to the last word but one */
			said.len--;
			if (said.data[said.len - 1] == ' ')
				break;
		}
		fill(subject, buf_str(&said), "x");
		ok = ok && survives(p, e, subject);
	}
	buf_fini(&said);
	return ok;
}

static void report(const struct text *text, struct diags *diags)
{
	diag_error(diags, text->at,
		   "\"%.*s\" can run into the limits of matching and then "
		   "counts as no match; make gaps shorter and repeat less "
		   "inside of what "
		   "repeats",
		   STR_ARG(text->s));
}

void lint_cost(const struct catalog *c, struct diags *diags)
{
	struct engine *engine = engine_new();
	struct buf subject = BUF_INIT;

	for (const struct entry *e = c->rules.entries; e != NULL; e = e->next) {
		bool ok = survives_pieces(e->pattern, engine, &subject) &&
			  survives_own_letters(e->pattern, engine, e->text.s,
					       &subject);

		if (ok && e->phrase != NULL)
			ok = survives_sayings(e->pattern, engine, e->phrase,
					      &subject);
		if (!ok)
			report(&e->text, diags);
	}
	for (const struct entity *e = c->rules.entities; e != NULL;
	     e = e->next) {
		if (!survives_pieces(e->pattern, engine, &subject) ||
		    !survives_own_letters(e->pattern, engine, e->source.s,
					  &subject))
			report(&e->source, diags);
	}
	buf_fini(&subject);
	engine_free(&engine);
}
