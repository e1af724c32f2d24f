/* What the tests share whose Redis is not there or does not want: one store,
 * what it tells of its state, and a beginning with an empty Redis. */
#ifndef AWAY_H
#define AWAY_H

#include "world.h"

struct seen {
	unsigned ups, downs, rolls;
};

static struct seen seen;
static struct store *store;

static void on_state(void *arg, bool up, const char *epoch, bool rolled)
{
	struct seen *s = arg;

	CHECK(strlen(epoch) == 40);
	s->ups += up;
	s->downs += !up;
	s->rolls += rolled;
}

static const struct store_ops ops = {.state = on_state, .arg = &seen};

static inline void begin(void)
{
	redis("FLUSHALL");
	UNTIL(store_is_up(store));
	settle_down(store);
	memset(&seen, 0, sizeof(seen));
}

#endif
