/* Making plans from phrases; see plan.h. Which separators an
 * absent word takes along is decided as in emit.c. */
#include "steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "forms.h"

#define REPEAT_MAX   8 /* of a word that must be repeated */
#define NO_SEPARATOR (-1)

/* The paths of a plan while it is made: their steps one behind the other. */
struct sketch {
	struct {
		uint64_t hint;
		size_t first; /* step */
	} * paths;
	size_t path_count, path_cap;
	struct step *steps;
	size_t step_count, step_cap;
};

struct maker {
	struct index *index;
	struct lexicon *lexicon;
	struct sketch *sketch;
	int pending; /* words that may stand before the next slot; or none */
	bool begun;
	bool failed;
};

/* Good until the next. */
static struct step *add_step(struct maker *m, enum step_kind kind)
{
	struct sketch *k = m->sketch;
	struct step *s;

	if (k->step_count == k->step_cap) {
		k->step_cap = k->step_cap * 2 + 16;
		k->steps =
			xreallocarray(k->steps, k->step_cap, sizeof(*k->steps));
	}
	s = &k->steps[k->step_count++];
	*s = (struct step){.kind = kind};
	return s;
}

/* No sentence that has a plan is longer. */
static unsigned at_most(unsigned n)
{
	return n < PLAN_WORDS ? n : PLAN_WORDS;
}

static void add_gap(struct maker *m, int gap)
{
	if (gap > 0)
		add_step(m, STEP_GAP)->gap = at_most((unsigned)gap);
}

/* A plan of a single clause, which all phrases share. */
static const struct plan *plan_of_set(struct maker *m, struct clause *clause)
{
	struct plan *p;

	if (clause == NULL || clause->plan != NULL)
		return clause != NULL ? clause->plan : NULL;
	p = arena_alloc(m->index->arena, sizeof(*p)); /* no paths */
	p->set = clause;
	clause->plan = p;
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

/* What stands before the next slot. */
static void begin_slot(struct maker *m)
{
	if (m->begun)
		add_gap(m, m->pending);
	m->pending = NO_SEPARATOR;
	m->begun = true;
}

static void add_body(struct maker *m, const struct plan *plan)
{
	if (plan->path_count == 0)
		add_step(m, STEP_SET)->set = plan->set;
	else
		add_step(m, STEP_ANY)->plan = plan;
}

/* "\w+", "\d\d", "\d{2,4}": any word of such characters, so many of them. */
static bool is_like(const struct slot *slot, struct step *out)
{
	const struct str what = slot->first->text;
	unsigned min = 0, max = 0;

	if (!str_is(what, "\\w") && !str_is(what, "\\d"))
		return false;
	for (const struct part *p = slot->first; p != slot->end; p = p->next) {
		if (p->kind != PART_RAW || !str_eq(p->text, what) ||
		    p->greed == '+')
			return false;
		min += p->min;
		max += p->max;
	}
	*out = (struct step){
		.kind = str_is(what, "\\w") ? STEP_PLAIN : STEP_DIGITS,
		.gap = min,
		.times = max < REPEAT_ENDLESS ? (uint16_t)max : REPEAT_ENDLESS,
	};
	return min > 0;
}

static void add_option(struct maker *m, enum step_kind kind,
		       const struct plan *plan, int gap, unsigned times)
{
	struct step *s = add_step(m, kind);

	s->plan = plan;
	s->gap = gap > 0 ? at_most((unsigned)gap) : 0;
	s->times = (uint16_t)at_most(times);
}

/* As often as its part says; not at all is another matter. */
static void add_repeats(struct maker *m, const struct plan *plan,
			const struct part *p)
{
	for (unsigned i = 0; i < p->min; i++)
		add_body(m, plan);
	if (p->max > p->min)
		add_option(m, STEP_OPTION, plan, 0, p->max - p->min);
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

	if (plan == NULL || p->next != slot->end || p->min > REPEAT_MAX ||
	    p->greed == '+' || !beside) {
		m->failed = true;
		return;
	}
	begin_slot(m);
	add_repeats(m, plan, p);
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
	const struct plan *plan;
	struct step like;

	if (is_like(slot, &like)) {
		begin_slot(m);
		*add_step(m, STEP_END) = like;
		return slot->end;
	}
	plan = plan_of_slot(m, slot);
	if (plan == NULL || (alone && p->min > REPEAT_MAX) || p->greed == '+' ||
	    (alone && p->min == 0 && (touches || !part_is_optional_word(p)))) {
		m->failed = true;
		return NULL;
	}
	if (alone && p->min == 0)
		return add_optional(m, slot, plan);
	begin_slot(m);
	if (alone)
		add_repeats(m, plan, p);
	else
		add_body(m, plan);
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
	for (; s->kind != STEP_END; s++) {
		if (s->kind == STEP_SET || s->kind == STEP_ANY ||
		    s->kind == STEP_PLAIN || s->kind == STEP_DIGITS)
			return true;
	}
	return false;
}

/* Its steps go to the end of the sketch. False: it has no plan. */
static bool make_path(struct sketch *sketch, const struct seq *seq,
		      struct index *index, struct lexicon *lexicon)
{
	size_t first = sketch->step_count;
	struct maker m = {
		.index = index,
		.lexicon = lexicon,
		.sketch = sketch,
		.pending = NO_SEPARATOR,
	};

	make_steps(&m, seq->first);
	add_step(&m, STEP_END);
	return !m.failed && has_words(&sketch->steps[first]);
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

	for (; s->kind != STEP_END; s++) {
		if (s->kind == STEP_SET &&
		    (best == NULL || s->set->weight < best->weight))
			best = s->set;
	}
	return best != NULL ? best->hint : UINT64_MAX;
}

static void add_path(struct sketch *k, size_t first)
{
	if (k->path_count == k->path_cap) {
		k->path_cap = k->path_cap * 2 + 16;
		k->paths =
			xreallocarray(k->paths, k->path_cap, sizeof(*k->paths));
	}
	k->paths[k->path_count].hint = rarest_hint(&k->steps[first]);
	k->paths[k->path_count++].first = first;
}

/* Sorts a sequence in: one word goes to the others, a path stands alone. */
static bool add_seq(struct sketch *sketch, struct singles *singles,
		    const struct seq *seq, struct index *index,
		    struct lexicon *lexicon)
{
	size_t first = sketch->step_count;

	if (!make_path(sketch, seq, index, lexicon))
		return false;
	if (sketch->steps[first].kind == STEP_SET &&
	    sketch->steps[first + 1].kind == STEP_END) {
		add_single(singles, sketch->steps[first].set);
		sketch->step_count = first;
		return true;
	}
	add_path(sketch, first);
	return true;
}

static struct plan *plan_of(const struct sketch *k, struct arena *arena)
{
	size_t head = sizeof(struct plan) + k->path_count * sizeof(struct path);
	size_t bytes = k->step_count * sizeof(*k->steps);
	struct plan *plan = arena_alloc(arena, head + bytes);
	struct step *steps = (struct step *)(void *)&plan->paths[k->path_count];

	plan->path_count = k->path_count;
	if (bytes > 0)
		memcpy(steps, k->steps, bytes);
	for (size_t i = 0; i < k->path_count; i++) {
		plan->paths[i].hint = k->paths[i].hint;
		plan->paths[i].steps = steps + k->paths[i].first;
	}
	return plan;
}

const struct plan *plan_make(struct alt *alt, struct index *index,
			     struct lexicon *lexicon)
{
	struct singles singles = {NULL, 0, 0};
	struct sketch sketch = {0};
	struct clause *set = NULL;
	struct plan *plan = NULL;
	bool ok = true;

	if (alt->has_plan)
		return alt->plan;
	alt->has_plan = true;
	for (const struct seq *s = alt->first; ok && s != NULL; s = s->next)
		ok = add_seq(&sketch, &singles, s, index, lexicon);
	if (ok && singles.n > 0) {
		set = clause_unite(index, lexicon, singles.list, singles.n);
		ok = set != NULL;
	}
	if (ok) {
		plan = plan_of(&sketch, index->arena);
		plan->set = set;
	}
	free(singles.list);
	free(sketch.paths);
	free(sketch.steps);
	alt->plan = plan;
	return plan;
}
