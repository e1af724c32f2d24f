/* What a plan is made of, for plan.c, which makes it, and walk.c, which walks
 * it. */
#ifndef INTENT_STEPS_H
#define INTENT_STEPS_H

#include "plan.h"

enum step_kind {
	STEP_SET,    /* one word of a clause */
	STEP_PLAIN,  /* one of letters, digits and "_" */
	STEP_DIGITS, /* one of digits */
	STEP_ANY,    /* one of several plans */
	STEP_GAP,    /* up to `gap` words */
	STEP_OPTION, /* gap, then the body; or nothing */
	STEP_LEAD,   /* the body, then gap; or nothing */
	STEP_FIRST,  /* ^ */
	STEP_LAST,   /* $ */
	STEP_END,
};

struct step {
	union {
		const struct clause *set; /* of SET */
		const struct plan *plan;  /* of ANY, OPTION, LEAD */
	};
	uint32_t gap;   /* of PLAIN and DIGITS: the bytes at least, */
	uint16_t times; /* and at most; at most, of OPTION and LEAD */
	uint16_t kind;  /* enum step_kind */
};

struct path {
	uint64_t hint; /* of the rarest clause that it cannot do without; or all
			*/
	const struct step *steps;
};

/* In one piece with its steps, as all of it is read. */
struct plan {
	const struct clause *set; /* all alternatives of one word; or NULL */
	size_t path_count;
	struct path paths[]; /* the others */
};

#endif
