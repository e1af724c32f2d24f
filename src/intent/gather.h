/* The evidence of a message, sentence by sentence: which phrases and patterns
 * of the rules it holds. Adds them to the boards of the matcher.
 *
 * What speaks against an intent is looked for only where something speaks for
 * it: a score that is not above 0 is never seen, so it may be any. Of what
 * could be found, that leaves half. What speaks for an intent that wins only
 * misses is looked for only in misses. */
#ifndef INTENT_GATHER_H
#define INTENT_GATHER_H

#include <stddef.h>

#include "intent/intent.h"

struct gather {
	const struct catalog *catalog;
	struct matcher *m;
	const struct match_context *context;
	struct str last;   /* the intent that was answered last, if any */
	struct match *out; /* takes the explanation */
	size_t sentence;   /* at hand */
	bool figures;      /* it has a digit or a placeholder */
};

/* Fills the board of the sentence, and adds to that of the whole message. */
void gather_sentence(struct gather *gather, size_t sentence);
/* After all sentences: what in one of them speaks against what is only in
 * another. */
void gather_whole(struct gather *gather);
/* After that, of a message that nothing wins: adds to the board of the whole
 * what speaks for and against the intents that win nothing else. */
void gather_missed(struct gather *gather);

#endif
