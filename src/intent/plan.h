/* Matching phrases of plain words without a regular expression.
 *
 * A sentence is words at positions 0, 1, 2 …, so a set of positions is a mask
 * of bits, and for each clause (set of words) there is the mask of where its
 * words stand. A phrase then is a walk over masks: `here` holds the positions
 * where the next word may stand.
 *
 *   a word of a set    here = (here & mask of the set) << 1
 *   \w+, \d{2,4}       the same, with the mask of words of such characters
 *   a gap of up to n   here = here | here << 1 | … | here << n
 *   alternatives       each for itself, united
 *   may be absent      united with what was before
 *   ^ and $            here & position 0; here & position behind the last
 *
 * Something is left at the end: it matches. That is a few machine words for a
 * whole phrase, wherever it may begin, and it never goes back (this is the
 * bit-parallel simulation of automata, Baeza-Yates and Gonnet 1992, with words
 * for letters). What phrases may hold besides (raw PCRE2, entities that can be
 * words) has no plan and goes to PCRE2. The pattern of emit.c means the same,
 * which the tests prove. */
#ifndef INTENT_PLAN_H
#define INTENT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index.h"
#include "phrase.h"

struct plan;

/* NULL: PCRE2 has to do it. Memoised in the tree. */
const struct plan *plan_make(struct alt *alt, struct index *index,
			     struct lexicon *lexicon);
/* Does it match the sentence that `marks` stand for? */
bool plan_matches(const struct plan *plan, const struct marks *marks);

#endif
