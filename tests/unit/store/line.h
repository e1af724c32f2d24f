/* What the tests of queues share: a daemon's store, chats in line and claimed,
 * and what the queues say of them. */
#ifndef TESTS_STORE_LINE_H
#define TESTS_STORE_LINE_H

#include "world.h"

static struct store *one;
static const char *const care[] = {"care"};
static const char *const both[] = {"care", "sales"};

static inline void begin(void)
{
	redis("FLUSHALL");
	settle_down(one);
}

/* "name name " in line's order. */
static inline const char *line_of(const char *const *queues, size_t n)
{
	static struct got got;

	got = (struct got){0};
	store_queue(one, queues, n, 100, got_items, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	return got.names;
}

/* "name@agent name@agent ". */
static inline const char *claims(const char *agent)
{
	static struct got got;

	got = (struct got){0};
	store_claimed(one, both, 2, agent, got_items, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	return got.names;
}

/* By a claim of this id, which may come again. */
static inline struct got claim_as(struct store *store, const char *conv,
				  const char *agent, const char *id)
{
	struct got got = {0};

	store_claim(store, both, 2, conv, agent, id, got_claim, &got, 0);
	UNTIL(got.times == 1);
	return got;
}

static inline struct got claim(struct store *store, const char *conv,
			       const char *agent)
{
	static unsigned claims;
	char id[16];

	snprintf(id, sizeof(id), "x%u", ++claims);
	return claim_as(store, conv, agent, id);
}

static inline void enqueue(const char *conv, const char *queue, int priority,
			   int64_t since_ms)
{
	CHECK(turned(one, &(struct turn){.conv = conv,
					 .state = "queued",
					 .queue = queue,
					 .op = QUEUE_ENQUEUE,
					 .priority = priority,
					 .since_ms = since_ms,
					 .info = "asked"}) == STORE_OK);
}

/* In the log, as after a claim, and the log asked once more. */
static inline void assign(const char *conv, const char *queue,
			  const char *agent, uint64_t expect)
{
	CHECK(turned(one, &(struct turn){.conv = conv,
					 .state = "assigned",
					 .queue = queue,
					 .agent = agent,
					 .op = QUEUE_CLAIMED,
					 .expect = expect}) == STORE_OK);
	settle_down(one);
}

#endif
