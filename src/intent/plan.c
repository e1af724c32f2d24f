/* Making plans from phrases; see plan.h. Which separators an
 * absent word takes along is decided as in emit.c. */
#include "steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "forms.h"

#define REPEAT_MAX   8 /* of a word that must be repeated */
#define NO_SEPARATOR (-1)

struct maker {
	struct index *index;
	struct lexicon *lexicon;
	struct step **tail;
	int pending; /* words that may stand before the next slot; or none */
	bool begun;
	bool failed;
};

static struct step *add_step(struct maker *m, enum step_kind kind)
{
	struct step *s = arena_alloc(m->index->arena, sizeof(*s));

	s->kind = kind;
	*m->tail = s;
	m->tail = &s->next;
	return s;
}

static void add_gap(struct maker *m, int gap)
{
	if (gap > 0)
		add_step(m, STEP_GAP)->gap = (unsigned)gap;
}

/* A plan of a single clause. */
static const struct plan *plan_of_set(struct maker *m,
				      const struct clause *clause)
{
	struct plan *p;

	if (clause == NULL)
		return NULL;
	p = arena_alloc(m->index->arena, sizeof(*p));
	p->set = clause;
	return p;
}

/* A group some of whose alternatives begin or end with a space: what it means
 * depends on what stands beside it, unless all of them do so on one side. */
static bool brings_space(const struct part *group)
{
	bool opens = part_opens_apart(group), closes = part_closes_apart(group);

	if (group->kind != PART_GROUP)
		return false;
	if (opens || closes)
		return opens && closes;
	for (const struct seq *s = group->alt->first; s != NULL; s = s->next) {
		const struct part *last = s->first;

		while (last != NULL && last->next != NULL)
			last = last->next;
		if (last == NULL || part_separates(s->first) ||
		    part_separates(last))
			return true;
	}
	return false;
}

static const struct plan *plan_of_slot(struct maker *m, const struct slot *slot)
{
	const struct part *p = slot->first;

	if (p->next == slot->end && p->alt != NULL && brings_space(p))
		return NULL;
	if (p->next == slot->end && p->alt != NULL)
		return plan_make(p->alt, m->index, m->lexicon);
	return plan_of_set(m, clause_of_slot(slot, m->index, m->lexicon));
}

static void add_body(struct maker *m, const struct plan *plan)
{
	struct step *s = add_step(m, plan->paths == NULL ? STEP_SET : STEP_ANY);

	s->set = plan->set;
	s->plan = plan;
}

static void add_option(struct maker *m, enum step_kind kind,
		       const struct plan *plan, int gap, unsigned times)
{
	struct step *s = add_step(m, kind);

	s->plan = plan;
	s->gap = gap > 0 ? (unsigned)gap : 0;
	s->times = times;
}

static int separator_of(const struct part *p)
{
	return p->kind == PART_GAP ? (int)p->gap : 0;
}

/* "(my )" in "(my )?wife" and "( there)" in "hi( there)?" have their space with
 * them, and stand directly beside what they touch. */
static void add_apart(struct maker *m, const struct slot *slot,
		      const struct part *before)
{
	const struct part *p = slot->first;
	const struct plan *plan = plan_of_slot(m, slot);
	bool beside = part_opens_apart(p)
			      ? before != NULL
			      : slot->end != NULL &&
					!part_separates(slot->end) &&
					!part_is_anchor(slot->end);

	if (plan == NULL || p->next != slot->end || p->max > 1 ||
	    p->greed == '+' || !beside) {
		m->failed = true;
		return;
	}
	if (m->begun)
		add_gap(m, m->pending);
	m->pending = NO_SEPARATOR;
	m->begun = true;
	if (p->min == 0)
		add_option(m, STEP_OPTION, plan, 0, 1);
	else
		add_body(m, plan);
}

/* A word that may be absent, with one of its separators. Returns what stands
 * behind it, and behind a separator that it took along. */
static const struct part *add_optional(struct maker *m, const struct slot *slot,
				       const struct plan *plan)
{
	const struct part *p = slot->first, *next = slot->end;

	if (m->begun) {
		add_option(m, STEP_OPTION, plan, m->pending, p->max);
		return next;
	}
	if (next == NULL || !part_separates(next)) {
		add_option(m, STEP_LEAD, plan, 0, p->max);
		return next;
	}
	add_option(m, STEP_LEAD, plan, separator_of(next), p->max);
	return next->next;
}

/* Returns what stands behind. */
static const struct part *add_slot(struct maker *m, const struct slot *slot,
				   bool touches)
{
	const struct part *p = slot->first;
	bool alone = p->next == slot->end;
	const struct plan *plan = plan_of_slot(m, slot);

	if (plan == NULL || (alone && p->min > REPEAT_MAX) || p->greed == '+' ||
	    (alone && p->min == 0 && (touches || !part_is_optional_word(p)))) {
		m->failed = true;
		return NULL;
	}
	if (alone && p->min == 0)
		return add_optional(m, slot, plan);
	if (m->begun)
		add_gap(m, m->pending);
	m->pending = NO_SEPARATOR;
	m->begun = true;
	add_body(m, plan);
	for (unsigned i = 1; alone && i < p->min; i++)
		add_body(m, plan);
	if (alone && p->max > p->min)
		add_option(m, STEP_OPTION, plan, 0, p->max - p->min);
	return slot->end;
}

static void add_anchor(struct maker *m, const struct part *p)
{
	add_step(m, str_is(p->text, "^") ? STEP_FIRST : STEP_LAST);
}

static void make_steps(struct maker *m, const struct part *p)
{
	const struct part *before = NULL; /* what the next slot touches */
	struct slot slot;

	m->begun = p != NULL && part_separates(p);
	while (p != NULL && !m->failed) {
		if (part_separates(p)) {
			if (separator_of(p) > m->pending)
				m->pending = separator_of(p);
			before = NULL;
			p = p->next;
		} else if (part_looks_around(p)) {
			m->failed = true;
		} else if (part_is_anchor(p)) {
			add_anchor(m, p);
			before = NULL;
			p = p->next;
		} else {
			slot_next(p, &slot);
			/* without a separator, one side brings a space */
			if (before != NULL &&
			    part_closes_apart(before) == part_opens_apart(p))
				m->failed = true;
			if (part_opens_apart(p) || part_closes_apart(p)) {
				add_apart(m, &slot, before);
				p = slot.end;
			} else {
				p = add_slot(m, &slot, before != NULL);
			}
			before = p == slot.end ? slot.first : NULL;
		}
	}
	add_gap(m, m->pending); /* a group that ends in a gap */
}

static bool has_words(const struct step *s)
{
	for (; s != NULL; s = s->next) {
		if (s->kind == STEP_SET || s->kind == STEP_ANY)
			return true;
	}
	return false;
}

/* NULL: it has no plan. */
static const struct step *make_path(const struct seq *seq, struct index *index,
				    struct lexicon *lexicon)
{
	struct step *first = NULL;
	struct maker m = {
		.index = index,
		.lexicon = lexicon,
		.tail = &first,
		.pending = NO_SEPARATOR,
	};

	make_steps(&m, seq->first);
	return m.failed || !has_words(first) ? NULL : first;
}

/* Alternatives that are one word each; united in the end. */
struct singles {
	const struct clause **list;
	size_t n, cap;
};

static void add_single(struct singles *singles, const struct clause *set)
{
	if (singles->n == singles->cap) {
		singles->cap = singles->cap * 2 + 16;
		singles->list = xreallocarray(singles->list, singles->cap,
					      sizeof(*singles->list));
	}
	singles->list[singles->n++] = set;
}

static uint64_t rarest_hint(const struct step *s)
{
	const struct clause *best = NULL;

	for (; s != NULL; s = s->next) {
		if (s->kind == STEP_SET &&
		    (best == NULL || s->set->weight < best->weight))
			best = s->set;
	}
	return best != NULL ? best->hint : UINT64_MAX;
}

/* Sorts a sequence in: one word goes to the others, a path stands alone. */
static bool add_seq(struct plan *plan, struct singles *singles,
		    const struct seq *seq, struct index *index,
		    struct lexicon *lexicon)
{
	const struct step *first = make_path(seq, index, lexicon);
	struct path *path;

	if (first == NULL)
		return false;
	if (first->kind == STEP_SET && first->next == NULL) {
		add_single(singles, first->set);
		return true;
	}
	path = arena_alloc(index->arena, sizeof(*path));
	path->first = first;
	path->hint = rarest_hint(first);
	path->next = (struct path *)plan->paths;
	plan->paths = path;
	return true;
}

const struct plan *plan_make(struct alt *alt, struct index *index,
			     struct lexicon *lexicon)
{
	struct singles singles = {NULL, 0, 0};
	struct plan *plan;
	bool ok = true;

	if (alt->has_plan)
		return alt->plan;
	alt->has_plan = true;
	plan = arena_alloc(index->arena, sizeof(*plan));
	for (const struct seq *s = alt->first; ok && s != NULL; s = s->next)
		ok = add_seq(plan, &singles, s, index, lexicon);
	if (ok && singles.n > 0) {
		plan->set =
			clause_unite(index, lexicon, singles.list, singles.n);
		ok = plan->set != NULL;
	}
	free(singles.list);
	if (!ok)
		return NULL;
	alt->plan = plan;
	return plan;
}
