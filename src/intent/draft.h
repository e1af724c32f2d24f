/* One draft of an intent: which phrases, chosen by draft_phrases.c, written out
 * by draft.c. */
#ifndef INTENT_DRAFT_H
#define INTENT_DRAFT_H

#include "topic.h"

#define DRAFT_MAX_PHRASES 5

enum reach {
	REACH_NEXT,  /* "a b" */
	REACH_SHORT, /* "a ~ b" */
	REACH_LONG,  /* "a ~~ b" */
	REACHES,
};

struct draft_phrase {
	size_t a, b; /* of the topic's stems; equal: a word alone */
	enum reach reach;
};

struct draft {
	const struct clusters *cs;
	const struct topic *t;
	struct draft_phrase phrases[DRAFT_MAX_PHRASES];
	size_t phrase_count;
};

/* Chooses the phrases for a topic. */
void draft_choose(struct draft *draft, const struct clusters *clusters,
		  const struct topic *topic);
/* Appends them as YAML, `match:` of an intent. */
void draft_add_phrases(const struct draft *draft, struct buf *out);

#endif
