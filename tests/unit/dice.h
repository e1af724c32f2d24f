/* Chance that can be had again: `dice_seed` is set before, and told of a run
 * that fails. Marsaglia's xorshift, 13-7-17 ("Xorshift RNGs", 2003). */
#ifndef TESTS_DICE_H
#define TESTS_DICE_H

#include <stdint.h>

static uint64_t dice_seed;

static inline unsigned dice(unsigned sides)
{
	dice_seed ^= dice_seed << 13;
	dice_seed ^= dice_seed >> 7;
	dice_seed ^= dice_seed << 17;
	return (unsigned)(dice_seed >> 11) % sides;
}

#endif
