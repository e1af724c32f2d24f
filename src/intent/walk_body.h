/* Walking a plan over the places of a sentence's words, see plan.h: here once
 * for all widths. walk.c includes it with LIMBS, how many machine words the
 * places fill, and NAME(), what tells the functions of one width from those of
 * another. LIMBS is a constant, so that the loops over one word go away: a walk
 * then takes two fifths of the instructions. No include guard, for that. */

#define MASK struct NAME(mask)

MASK
{
	uint64_t w[LIMBS];
};

static inline bool NAME(is_empty)(MASK m)
{
	uint64_t any = 0;

	for (size_t i = 0; i < LIMBS; i++)
		any |= m.w[i];
	return any == 0;
}

static inline MASK NAME(unite)(MASK m, MASK with)
{
	for (size_t i = 0; i < LIMBS; i++)
		m.w[i] |= with.w[i];
	return m;
}

/* One position further. */
static inline MASK NAME(advance)(MASK m)
{
	for (size_t i = LIMBS; i-- > 0;)
		m.w[i] = m.w[i] << 1 | (i > 0 ? m.w[i - 1] >> 63 : 0);
	return m;
}

static inline MASK NAME(widen)(MASK m, unsigned gap)
{
	for (MASK step = m; gap > 0; gap--) {
		step = NAME(advance)(step);
		m = NAME(unite)(m, step);
	}
	return m;
}

/* Where one word of the clause stands, and the next may: only at places of
 * words that have a bit of the hint in common with it. */
static inline MASK NAME(over_word)(const struct clause *set,
				   const struct marks *marks, MASK here)
{
	uint64_t common = set->hint & marks->hint;
	MASK near = {{0}};

	for (; common != 0; common &= common - 1) {
		const uint64_t *at = marks->places[__builtin_ctzll(common)];

		for (size_t i = 0; i < LIMBS; i++)
			near.w[i] |= at[i];
	}
	for (size_t i = 0; i < LIMBS; i++) {
		uint64_t left = here.w[i] & near.w[i];

		here.w[i] = 0;
		for (; left != 0; left &= left - 1) {
			size_t at = i * 64 + (size_t)__builtin_ctzll(left);

			if (clause_has(set, marks->ids[at]))
				here.w[i] |= left & -left;
		}
	}
	return NAME(advance)(here);
}

/* The same for words that are told by what they are made of. */
static inline MASK NAME(over_like)(const struct step *s,
				   const struct marks *marks, MASK here)
{
	const uint64_t *like =
		s->kind == STEP_PLAIN ? marks->plain : marks->digits;

	for (size_t i = 0; i < LIMBS; i++) {
		uint64_t left = here.w[i] & like[i];

		here.w[i] = 0;
		for (; left != 0; left &= left - 1) {
			size_t at = i * 64 + (size_t)__builtin_ctzll(left);

			if (marks->lengths[at] >= s->gap &&
			    marks->lengths[at] <= s->times)
				here.w[i] |= left & -left;
		}
	}
	return NAME(advance)(here);
}

static inline MASK NAME(keep_only)(MASK m, size_t position)
{
	MASK one = {{0}};

	one.w[position / 64] = m.w[position / 64] & UINT64_C(1)
							    << position % 64;
	return one;
}

static MASK NAME(walk)(const struct plan *plan, const struct marks *marks,
		       MASK from);

/* Up to `times` more of the body; stops when nothing new comes. */
static MASK NAME(walk_option)(const struct step *s, const struct marks *marks,
			      MASK here)
{
	MASK more = here;
	size_t times = s->times < marks->words ? s->times : marks->words;

	for (; times > 0 && !NAME(is_empty)(more); times--) {
		if (s->kind == STEP_OPTION)
			more = NAME(widen)(more, s->gap);
		more = NAME(walk)(s->plan, marks, more);
		if (s->kind == STEP_LEAD)
			more = NAME(widen)(more, s->gap);
		here = NAME(unite)(here, more);
	}
	return here;
}

static MASK NAME(walk_path)(const struct step *s, const struct marks *marks,
			    MASK here)
{
	for (; s->kind != STEP_END && !NAME(is_empty)(here); s++) {
		switch ((enum step_kind)s->kind) {
		case STEP_SET:
			here = NAME(over_word)(s->set, marks, here);
			break;
		case STEP_PLAIN:
		case STEP_DIGITS:
			here = NAME(over_like)(s, marks, here);
			break;
		case STEP_ANY:
			here = NAME(walk)(s->plan, marks, here);
			break;
		case STEP_GAP:
			here = NAME(widen)(here, s->gap);
			break;
		case STEP_OPTION:
		case STEP_LEAD:
			here = NAME(walk_option)(s, marks, here);
			break;
		case STEP_FIRST:
			here = NAME(keep_only)(here, 0);
			break;
		case STEP_LAST:
			here = NAME(keep_only)(here, marks->words);
			break;
		case STEP_END:
			break;
		}
	}
	return here;
}

static MASK NAME(walk)(const struct plan *plan, const struct marks *marks,
		       MASK from)
{
	/* a path of no clause goes where no word is known, too */
	uint64_t known = marks->hint != 0 ? marks->hint : 1;
	MASK here = {{0}};

	if (plan->set != NULL)
		here = NAME(over_word)(plan->set, marks, from);
	for (size_t i = 0; i < plan->path_count; i++) {
		const struct path *p = &plan->paths[i];

		if ((p->hint & known) != 0)
			here = NAME(unite)(
				here, NAME(walk_path)(p->steps, marks, from));
	}
	return here;
}

static bool NAME(matches)(const struct plan *plan, const struct marks *marks)
{
	MASK anywhere;

	memset(&anywhere, 0xff, sizeof(anywhere));
	return !NAME(is_empty)(NAME(walk)(plan, marks, anywhere));
}

#undef MASK
