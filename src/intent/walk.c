/* Walking a plan over the places of a sentence's words; see plan.h. */
#include <string.h>

#include "steps.h"

struct mask {
	uint64_t w[MARK_LIMBS];
};

static bool is_empty(const struct mask *m, size_t limbs)
{
	uint64_t any = 0;

	for (size_t i = 0; i < limbs; i++)
		any |= m->w[i];
	return any == 0;
}

static void unite(struct mask *m, const struct mask *with, size_t limbs)
{
	for (size_t i = 0; i < limbs; i++)
		m->w[i] |= with->w[i];
}

/* One position further. */
static void advance(struct mask *m, size_t limbs)
{
	for (size_t i = limbs; i-- > 0;)
		m->w[i] = m->w[i] << 1 | (i > 0 ? m->w[i - 1] >> 63 : 0);
}

static void widen(struct mask *m, unsigned gap, size_t limbs)
{
	struct mask step = *m;

	for (; gap > 0; gap--) {
		advance(&step, limbs);
		unite(m, &step, limbs);
	}
}

static void walk_set(const struct clause *set, const struct marks *marks,
		     struct mask *here)
{
	if (!marks_has(marks, set)) {
		memset(here->w, 0, marks->limbs * sizeof(here->w[0]));
		return;
	}
	for (size_t i = 0; i < marks->limbs; i++)
		here->w[i] &= marks_where(marks, set, i);
	advance(here, marks->limbs);
}

static void walk(const struct plan *plan, const struct marks *marks,
		 struct mask *here);

/* Up to `times` more of the body; stops when nothing new comes. */
static void walk_option(const struct step *s, const struct marks *marks,
			struct mask *here)
{
	struct mask more = *here;
	unsigned times =
		s->times < marks->words ? s->times : (unsigned)marks->words;

	for (; times > 0 && !is_empty(&more, marks->limbs); times--) {
		if (s->kind == STEP_OPTION)
			widen(&more, s->gap, marks->limbs);
		walk(s->plan, marks, &more);
		if (s->kind == STEP_LEAD)
			widen(&more, s->gap, marks->limbs);
		unite(here, &more, marks->limbs);
	}
}

static void keep_only(struct mask *here, size_t position, size_t limbs)
{
	uint64_t bit = here->w[position / 64] & UINT64_C(1) << position % 64;

	memset(here->w, 0, limbs * sizeof(here->w[0]));
	here->w[position / 64] = bit;
}

static void walk_path(const struct step *s, const struct marks *marks,
		      struct mask *here)
{
	for (; s != NULL && !is_empty(here, marks->limbs); s = s->next) {
		switch (s->kind) {
		case STEP_SET:
			walk_set(s->set, marks, here);
			break;
		case STEP_ANY:
			walk(s->plan, marks, here);
			break;
		case STEP_GAP:
			widen(here, s->gap, marks->limbs);
			break;
		case STEP_OPTION:
		case STEP_LEAD:
			walk_option(s, marks, here);
			break;
		case STEP_FIRST:
			keep_only(here, 0, marks->limbs);
			break;
		case STEP_LAST:
			keep_only(here, marks->words, marks->limbs);
			break;
		}
	}
}

static void walk(const struct plan *plan, const struct marks *marks,
		 struct mask *here)
{
	struct mask from = *here;

	if (plan->set != NULL)
		walk_set(plan->set, marks, here);
	else
		memset(here->w, 0, marks->limbs * sizeof(here->w[0]));
	for (const struct path *p = plan->paths; p != NULL; p = p->next) {
		struct mask one = from;

		walk_path(p->first, marks, &one);
		unite(here, &one, marks->limbs);
	}
}

bool plan_matches(const struct plan *plan, const struct marks *marks)
{
	struct mask here;

	memset(here.w, 0xff, marks->limbs * sizeof(here.w[0]));
	walk(plan, marks, &here);
	return !is_empty(&here, marks->limbs);
}
