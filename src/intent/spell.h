/* Typing errors: an unknown word becomes the one word of the rules that is a
 * slip of the finger away, or known words run together are parted. */
#ifndef INTENT_SPELL_H
#define INTENT_SPELL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "buckets.h"
#include "lexicon.h"

#define SPELL_MIN_LENGTH 4 /* letters for one slip */
#define SPELL_TWO_LENGTH 8 /* letters for two */
#define SPELL_PARTS      8 /* words that may have run together */

/* Every word of the rules with one or two letters deleted, hashed: two words
 * are near when deletions of both meet (SymSpell). An item is the word's id in
 * its lower bits, and the hash in the others. */
struct spell {
	struct buckets buckets;
	unsigned id_bits;
	size_t longest; /* letters of a word that an error may become */
};

void spell_build(struct spell *spell, const struct lexicon *lexicon);
void spell_fini(struct spell *spell);

/* Corrects `word`, which neither the rules nor the protected words know. What
 * it becomes is written to `out`: one word or several; 0: it stays. */
size_t spell_correct(const struct spell *spell, const struct lexicon *lexicon,
		     const struct wordset *protected, struct str word,
		     struct str out[SPELL_PARTS]);

/* Damerau-Levenshtein distance (restricted: no piece edited twice), at most
 * `max`; anything above is max + 1. */
unsigned spell_distance(struct str a, struct str b, unsigned max);

#endif
