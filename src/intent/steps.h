/* What a plan is made of, for plan.c, which makes it, and walk.c, which walks
 * it. */
#ifndef INTENT_STEPS_H
#define INTENT_STEPS_H

#include "plan.h"

enum step_kind {
	STEP_SET,    /* one word of a clause */
	STEP_ANY,    /* one of several plans */
	STEP_GAP,    /* up to `gap` words */
	STEP_OPTION, /* gap, then the body; or nothing */
	STEP_LEAD,   /* the body, then gap; or nothing */
	STEP_FIRST,  /* ^ */
	STEP_LAST,   /* $ */
};

struct step {
	struct step *next;
	enum step_kind kind;
	unsigned gap;
	unsigned times;           /* at most, of OPTION and LEAD */
	const struct clause *set; /* of SET */
	const struct plan *plan;  /* of ANY, OPTION, LEAD */
};

struct path {
	struct path *next;
	const struct step *first;
	uint64_t hint; /* of the rarest clause that it cannot do without */
};

struct plan {
	const struct clause *set; /* all alternatives of one word; or NULL */
	const struct path *paths; /* the others */
};

#endif
