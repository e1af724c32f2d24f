/* Turning a loop until something is so: what the tests with and without a Redis
 * have in common. */
#ifndef TESTS_STORE_TURN_H
#define TESTS_STORE_TURN_H

#include "io/loop.h"

#define WAIT_MS 60000
#define LOOK_MS 20

static inline void on_look(void *arg)
{
	++*(unsigned *)arg;
}

/* Returns when the time is over, too. `cond` is looked at every 20 ms at least:
 * what it is about may be none of the loop's. */
#define TURN_UNTIL(at, cond)                                                   \
	do {                                                                   \
		unsigned turn_looks = 0;                                       \
		struct timer *turn_timer =                                     \
			timer_new(at, on_look, &turn_looks);                   \
		timer_start(turn_timer, LOOK_MS, LOOK_MS);                     \
		while (!(cond) && turn_looks < WAIT_MS / LOOK_MS)              \
			loop_turn(at, true);                                   \
		timer_free(&turn_timer);                                       \
	} while (0)

#endif
