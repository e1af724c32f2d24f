/* Phrases as sentences that they match, to try rules on themselves. */
#include "base/buf.h"
#include "lint.h"
#include "phrase.h"
#include "rules.h"

/* "[sz]" says its first letter; anchors say nothing. */
static bool say_raw(struct str raw, struct buf *out)
{
	if (str_is(raw, "^") || str_is(raw, "$") || str_is(raw, "\\b"))
		return true;
	if (str_is(raw, " ")) {
		buf_add_c(out, ' ');
		return true;
	}
	if (raw.n < 3 || raw.p[0] != '[' || raw.p[1] < 'a' || raw.p[1] > 'z')
		return false;
	buf_add_c(out, raw.p[1]);
	return true;
}

static bool say_part(const struct part *p, unsigned which, struct buf *out)
{
	switch (p->kind) {
	case PART_WORD:
		buf_add_str(out, p->text);
		return true;
	case PART_SPACE:
		buf_add_c(out, ' ');
		return true;
	case PART_GAP:
		buf_add_s(out, which % 2 == 0 ? " " : " then ");
		return true;
	case PART_RAW:
		return say_raw(p->text, out);
	case PART_GROUP:
	case PART_REF:
		break;
	}
	if (p->alt != NULL)
		return phrase_say(p->alt, which, out);
	buf_add_str(out, p->entity->placeholder);
	return true;
}

bool phrase_say(const struct alt *alt, unsigned which, struct buf *out)
{
	const struct seq *s = alt->first;
	unsigned n = 0;

	for (; s != NULL; s = s->next)
		n++;
	s = alt->first;
	for (unsigned skip = which % n; skip > 0; skip--)
		s = s->next;
	for (const struct part *p = s->first; p != NULL; p = p->next) {
		if (p->min == 0 && which % 2 == 0) {
			/* left out, with the space behind it */
			if (p->next != NULL && part_separates(p->next) &&
			    !p->ending && part_is_optional_word(p))
				p = p->next;
			continue;
		}
		if (!say_part(p, which / 2, out))
			return false;
	}
	return true;
}
