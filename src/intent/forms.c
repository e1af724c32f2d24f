/* Enumerating what pieces of phrases can be; see forms.h. */
#include "forms.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rules.h"

void forms_init(struct forms *f)
{
	*f = (struct forms){.n = 0};
	buf_init(&f->bytes);
}

void forms_fini(struct forms *f)
{
	buf_fini(&f->bytes);
	free(f->starts);
}

struct str forms_get(const struct forms *f, size_t i)
{
	size_t end = i + 1 < f->n ? f->starts[i + 1] : f->bytes.len;

	return (struct str){f->bytes.data + f->starts[i], end - f->starts[i]};
}

static bool add(struct forms *f, struct str a, struct str b)
{
	if (f->n == FORMS_MAX)
		return false;
	if (f->n == f->cap) {
		f->cap = f->cap * 2 + 16;
		f->starts =
			xreallocarray(f->starts, f->cap, sizeof(*f->starts));
	}
	f->starts[f->n++] = f->bytes.len;
	buf_add_str(&f->bytes, a);
	buf_add_str(&f->bytes, b);
	return true;
}

static bool add_all(struct forms *f, const struct forms *more)
{
	for (size_t i = 0; i < more->n; i++) {
		if (!add(f, forms_get(more, i), STR_NONE))
			return false;
	}
	return true;
}

static bool of_alt(const struct alt *alt, bool spaces, struct forms *out);

/* "[sz]": small letters only. */
static bool of_raw(struct str raw, struct forms *out)
{
	if (raw.n < 3 || raw.p[0] != '[')
		return false;
	for (size_t i = 1; i + 1 < raw.n; i++) {
		if (raw.p[i] < 'a' || raw.p[i] > 'z')
			return false;
	}
	for (size_t i = 1; i + 1 < raw.n; i++) {
		if (!add(out, (struct str){raw.p + i, 1}, STR_NONE))
			return false;
	}
	return true;
}

static bool of_part(const struct part *p, bool spaces, struct forms *out)
{
	if (p->max != 1)
		return false;
	if (p->min == 0 && !add(out, STR_NONE, STR_NONE))
		return false;
	switch (p->kind) {
	case PART_WORD:
		return add(out, p->text, STR_NONE);
	case PART_RAW:
		return of_raw(p->text, out);
	case PART_GROUP:
		return of_alt(p->alt, spaces, out);
	case PART_REF:
		if (p->entity == NULL)
			return of_alt(p->alt, spaces, out);
		return !p->entity->wordy &&
		       add(out, p->entity->placeholder, STR_NONE);
	case PART_SPACE:
		return spaces && add(out, STR(" "), STR_NONE);
	case PART_GAP:
		break;
	}
	return false;
}

/* The product of the parts up to `end`. */
static bool of_parts(const struct part *p, const struct part *end, bool spaces,
		     struct forms *out)
{
	bool ok = add(out, STR_NONE, STR_NONE);

	for (; ok && p != end; p = p->next) {
		struct forms left = *out, right;

		forms_init(out);
		forms_init(&right);
		ok = of_part(p, spaces, &right);
		for (size_t i = 0; ok && i < left.n; i++) {
			for (size_t k = 0; ok && k < right.n; k++)
				ok = add(out, forms_get(&left, i),
					 forms_get(&right, k));
		}
		forms_fini(&left);
		forms_fini(&right);
	}
	return ok;
}

/* A word that may be absent takes a space along: not a plain product. */
static bool has_optional_word(const struct seq *s)
{
	for (const struct part *p = s->first; p != NULL; p = p->next) {
		bool apart = p == s->first || p->next == NULL ||
			     part_separates(p->next);

		if (apart && part_is_optional_word(p) && s->first->next != NULL)
			return true;
	}
	return false;
}

static bool of_alt(const struct alt *alt, bool spaces, struct forms *out)
{
	bool ok = true;

	for (const struct seq *s = alt->first; ok && s != NULL; s = s->next) {
		struct forms one;

		forms_init(&one);
		ok = !has_optional_word(s) &&
		     of_parts(s->first, NULL, spaces, &one) &&
		     add_all(out, &one);
		forms_fini(&one);
	}
	return ok;
}

/* Does a word end before `p`? Looking around takes nothing of it; a group that
 * brings its space ends it, and so does what comes where that group is absent:
 * "hi( there)?x" may be "hix". */
static bool ends_word(const struct part *p)
{
	while (p != NULL &&
	       (part_looks_around(p) || (part_opens_apart(p) && p->min == 0)))
		p = p->next;
	return p == NULL || part_separates(p) || part_is_anchor(p) ||
	       part_opens_apart(p);
}

bool slot_next(const struct part *p, struct slot *slot)
{
	while (p != NULL &&
	       (part_separates(p) || part_is_anchor(p) || part_looks_around(p)))
		p = p->next;
	slot->first = p;
	if (p == NULL)
		return false;
	do {
		/* "(my )?x": a word begins behind, unless one stands before */
		bool closes = part_closes_apart(p) &&
			      (p == slot->first || p->min > 0);

		p = p->next;
		if (closes)
			break;
	} while (!ends_word(p));
	slot->end = p;
	return true;
}

bool forms_of_slot(const struct slot *slot, struct forms *out)
{
	return of_parts(slot->first, slot->end, false, out);
}

bool forms_of_alt(const struct alt *alt, struct forms *out)
{
	return of_alt(alt, true, out);
}
