/* The queue follows the conversation. Log and queue stand in two places that
 * no script can change together, so a daemon that dies between the two leaves
 * them at odds; so does a unit that the log refused after the queue had made
 * room for it. A mend reads what the conversation says now, tells each queue
 * concerned where it belongs, and tries again until Redis has answered. Where
 * that changed a queue it reads once more: between the two somebody may have
 * closed the conversation and taken it out, and the mend have put it back. It
 * never decides for a conversation; lua/settle.lua says what it leaves alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core.h"
#include "unit.h"

#define MENDS_MAX   10000 /* waiting for Redis; beyond, the leases heal it */
#define MEND_QUEUES 3
#define SEQ_END     (UINT64_C(1) << 53) /* Lua's numbers count so far */

struct mend {
	struct store *store;
	struct mend *next;
	char *conv;
	char *queues[MEND_QUEUES];
	size_t queue_count;
	char *state, *agent; /* what the asker knew, or NULL */
	bool running;
	bool failed, changed; /* in this round */
	unsigned replies;
};

static void run(struct mend *mend);

/* -- life ------------------------------------------------------------------ */

static void mend_free(struct mend *mend)
{
	free(mend->conv);
	for (size_t i = 0; i < mend->queue_count; i++)
		free(mend->queues[i]);
	free(mend->state);
	free(mend->agent);
	free(mend);
}

static void add_queue(struct mend *mend, const char *queue)
{
	if (queue == NULL || queue[0] == '\0' ||
	    mend->queue_count == MEND_QUEUES)
		return;
	for (size_t i = 0; i < mend->queue_count; i++)
		if (strcmp(mend->queues[i], queue) == 0)
			return;
	mend->queues[mend->queue_count++] = xstrdup(queue);
}

static void finish(struct mend *mend)
{
	struct mend **at = &mend->store->mends;

	while (*at != mend)
		at = &(*at)->next;
	*at = mend->next;
	mend->store->mend_count--;
	mend_free(mend);
}

/* -- 2. the queues are told ------------------------------------------------ */

static void on_settled(void *arg, const struct reply *reply)
{
	struct mend *mend = arg;

	if (core_judge(mend->store, reply, "settle") == STORE_AWAY)
		mend->failed = true;
	mend->changed |= str_is(reply_text(reply), "OK");
	if (--mend->replies > 0)
		return;
	mend->running = false;
	if (mend->failed || mend->store->closing)
		return;
	if (mend->changed)
		run(mend);
	else
		finish(mend);
}

/* What the hash says, in the order in which it is asked for. */
enum {
	SEQ,
	STATE,
	QUEUE,
	AGENT,
	PRIORITY,
	SINCE,
	REASON,
	INTENT,
	KIND,
	TOMBSTONE,
	FACTS
};
static const char *const fact_names[FACTS] = {
	[SEQ] = "seq",           [STATE] = "state",
	[QUEUE] = "queue",       [AGENT] = "agent",
	[PRIORITY] = "priority", [SINCE] = "since_ms",
	[REASON] = "reason",     [INTENT] = "intent",
	[KIND] = "kind",         [TOMBSTONE] = "tombstone",
};

/* For a queue that does not have it: what its line is to show. */
static void record_of(const struct reply *facts, struct buf *out)
{
	static const int shown[] = {REASON, INTENT, KIND};
	struct field info[ARRAY_LEN(shown)];
	int64_t since = reply_number(reply_at(facts, SINCE));
	struct store_unit unit = {
		.expect = (uint64_t)reply_number(reply_at(facts, SEQ)),
		.priority = (int)reply_number(reply_at(facts, PRIORITY)),
		.since_ms = since > 0 ? since : loop_wall_ms(),
		.info = info,
	};

	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		struct str value =
			reply_text(reply_at(facts, (size_t)shown[i]));

		if (value.n > 0)
			info[unit.info_count++] = (struct field){
				str_of(fact_names[shown[i]]), value};
	}
	unit_record(&unit, out);
}

/* Of which seq the queue is told. Nothing comes after an erased log, nor after
 * a closed one: what the queue knows from a later seq is of a log that was lost
 * with a primary. */
static uint64_t seq_of(const struct reply *facts)
{
	if (reply_text(reply_at(facts, TOMBSTONE)).p != NULL ||
	    str_is(reply_text(reply_at(facts, STATE)), "closed"))
		return SEQ_END;
	return (uint64_t)reply_number(reply_at(facts, SEQ));
}

static const char *place_of(struct str state, struct str agent, bool here)
{
	if (here && str_is(state, "queued"))
		return "line";
	if (here && str_is(state, "assigned") && agent.n > 0)
		return "agent";
	return "out";
}

static void settle(struct mend *mend, const char *queue, const char *where,
		   const struct reply *facts, struct str agent)
{
	struct store *store = mend->store;
	struct buf record = BUF_INIT;
	char *name = xstrndup(agent.p == NULL ? "" : agent.p, agent.n);

	record_of(facts, &record);
	queue_start(store, SCRIPT_SETTLE, queue, true);
	resp_add_s(&store->cmd, mend->conv);
	settle_args(store, where, seq_of(facts), name, record.data);
	mend->replies++;
	script_send(store, SCRIPT_SETTLE, on_settled, mend);
	buf_fini(&record);
	free(name);
}

/* -- 1. what the conversation says ----------------------------------------- */

static struct str either(struct str a, const char *b)
{
	return a.n > 0 ? a : str_of(b);
}

static void settle_all(struct mend *mend, const struct reply *facts)
{
	struct str state = reply_text(reply_at(facts, STATE));
	bool erased = reply_text(reply_at(facts, TOMBSTONE)).p != NULL;
	bool known = state.n > 0 || erased;
	struct str agent = reply_text(reply_at(facts, AGENT));
	struct str queue = reply_text(reply_at(facts, QUEUE));

	if (!known) {
		state = str_of(mend->state);
		agent = either(agent, mend->agent);
		queue = either(queue,
			       mend->queue_count > 0 ? mend->queues[0] : NULL);
	}
	if (queue.n > 0 && queue.n < STORE_NAME_MAX) {
		char *name = xstrndup(queue.p, queue.n);

		add_queue(mend, name);
		free(name);
	}
	if (state.p == NULL && !erased)
		return;
	for (size_t i = 0; i < mend->queue_count; i++)
		settle(mend, mend->queues[i],
		       place_of(state, agent, str_is(queue, mend->queues[i])),
		       facts, agent);
}

static void on_hash(void *arg, const struct reply *reply)
{
	struct mend *mend = arg;

	switch (core_judge(mend->store, reply, "mend")) {
	case STORE_OK:
		break;
	case STORE_AWAY:
		mend->running = false;
		return;
	default:
		finish(mend);
		return;
	}
	if (mend->store->closing) {
		mend->running = false;
		return;
	}
	settle_all(mend, reply);
	if (mend->replies == 0)
		finish(mend);
}

static void run(struct mend *mend)
{
	struct store *store = mend->store;

	mend->running = true;
	mend->failed = mend->changed = false;
	resp_start(&store->cmd, "HMGET");
	core_key(store, "conv", mend->conv, "");
	for (size_t i = 0; i < FACTS; i++)
		resp_add_s(&store->cmd, fact_names[i]);
	core_send(store, on_hash, mend);
}

/* -- the door -------------------------------------------------------------- */

void mend_start(struct store *store, const char *conv, const char *queue,
		const char *queue_from, const char *state, const char *agent)
{
	struct mend *mend;

	if (store->mend_count >= MENDS_MAX) {
		log_warn("conv=%s queue=unmended: too many wait for Redis",
			 conv);
		return;
	}
	mend = xcalloc(1, sizeof(*mend));
	mend->store = store;
	mend->conv = xstrdup(conv);
	mend->state = state == NULL ? NULL : xstrdup(state);
	mend->agent = agent == NULL ? NULL : xstrdup(agent);
	add_queue(mend, queue);
	add_queue(mend, queue_from);
	mend->next = store->mends;
	store->mends = mend;
	store->mend_count++;
	if (store->up)
		run(mend);
}

void mend_kick(struct store *store)
{
	for (struct mend *mend = store->mends; mend != NULL; mend = mend->next)
		if (!mend->running)
			run(mend);
}

/* After the connection: none is running. */
void mend_fini(struct store *store)
{
	while (store->mends != NULL) {
		struct mend *mend = store->mends;

		store->mends = mend->next;
		mend_free(mend);
	}
}

void store_queue_repair(struct store *store, const char *conv,
			const char *queue, const char *state, const char *agent)
{
	mend_start(store, conv, queue, NULL, state, agent);
}
