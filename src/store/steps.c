/* The steps of a unit: what Redis is told before its append (when the next
 * step is due, who stands in line, whose conversation it is), the append, and
 * what the queue is to do after it. Before come only steps that leave a
 * conversation better looked after than it was, should the append be refused;
 * whatever takes something away comes after the log has agreed. */
#include "steps.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LOOK_MS 1000

/* -- the queue ------------------------------------------------------------- */

static void mend(const struct unit *unit)
{
	if (!unit->store->closing)
		mend_start(unit->store, unit->view.conv, unit->view.queue,
			   unit->view.queue_from, NULL, NULL);
}

/* Of a call before the append; what is wrong is put right after it. */
static void on_before(void *arg, const struct reply *reply)
{
	struct unit *unit = arg;

	if (core_judge(unit->store, reply, "enqueue") != STORE_OK) {
		unit->queue_odd = true;
		if (unit->answered)
			mend(unit);
	}
	unit->replies--;
	outbox_release(unit);
}

/* Where this has made a claim last, the log is asked once more: it may have
 * been closed before the claim was made to. */
static void on_after(void *arg, const struct reply *reply)
{
	struct unit *unit = arg;
	enum store_status status = core_judge(unit->store, reply, "queue");
	bool claimed = unit->view.queue_op == QUEUE_CLAIMED ||
		       unit->view.queue_op == QUEUE_CLAIM_FOR;

	if (status == STORE_AWAY ||
	    (claimed && str_is(reply_text(reply), "OK")))
		mend(unit);
	unit->replies--;
	outbox_release(unit);
}

/* A dummy for what nobody waits for: a due time that is not set leaves the one
 * before, an entry too much is found by whoever it wakes. */
static void on_aside(void *arg, const struct reply *reply)
{
	core_judge(arg, reply, "due");
}

static bool is_move(const struct store_unit *u)
{
	return u->queue_op == QUEUE_MOVE && u->queue_from != NULL &&
	       u->queue_from[0] != '\0' && strcmp(u->queue_from, u->queue) != 0;
}

static bool touches_queue(const struct store_unit *u)
{
	return u->queue != NULL && u->queue[0] != '\0' &&
	       u->queue_op != QUEUE_KEEP;
}

static bool goes_in_line(const struct store_unit *u)
{
	return touches_queue(u) &&
	       (u->queue_op == QUEUE_ENQUEUE || u->queue_op == QUEUE_BACK ||
		u->queue_op == QUEUE_MOVE);
}

/* Of what has to do with the queue there is little: its lists are read when
 * they are needed. */
static void record(const struct unit *unit, struct buf *out)
{
	struct store_unit whole;
	void *arrays;
	bool ours = unit_unpack(buf_str(&unit->bytes), &whole, &arrays);

	assert(ours);
	(void)ours;
	unit_record(&whole, out);
	free(arrays);
}

static bool send_enqueue(struct unit *unit)
{
	struct store *store = unit->store;
	struct buf text = BUF_INIT;
	bool sent;

	record(unit, &text);
	queue_start(store, SCRIPT_ENQUEUE, unit->view.queue, true);
	resp_add_s(&store->cmd, unit->view.conv);
	resp_add(&store->cmd, buf_str(&text));
	buf_fini(&text);
	sent = script_try(store, SCRIPT_ENQUEUE, on_before, unit);
	unit->replies += sent;
	return sent;
}

/* Of a visitor who was erased: what came out of a spool, or was under way just
 * then, is not to stay either. */
static void on_visitor(void *arg, const struct reply *reply)
{
	struct unit *unit = arg;
	struct str name = reply_text(reply);

	if (core_judge(unit->store, reply, "open") == STORE_OK &&
	    name.p != NULL && name.n == 0 && !unit->store->closing)
		erase_stray(unit->store, unit->view.conv, unit->view.queue);
	unit->replies--;
	outbox_release(unit);
}

/* The visitor's current conversation, where it was opened without Redis. */
static bool send_visitor(struct unit *unit)
{
	struct store *store = unit->store;
	bool sent;

	script_start(store, SCRIPT_OPEN, 1);
	core_key(store, "visitor", unit->view.visitor, "");
	resp_add_s(&store->cmd, "");
	resp_add_s(&store->cmd, unit->view.conv);
	sent = script_try(store, SCRIPT_OPEN, on_visitor, unit);
	unit->replies += sent;
	return sent;
}

static bool send_before(struct unit *unit)
{
	const struct store_unit *u = &unit->view;
	struct store *store = unit->store;

	unit->queue_odd = false;
	if (u->due_ms > 0) {
		due_command(store, u->conv, u->due_ms);
		if (!core_try(store, on_aside, store))
			return false;
	}
	if (goes_in_line(u) && !send_enqueue(unit))
		return false;
	return u->visitor == NULL || u->expect != 0 || send_visitor(unit);
}

static void send_after(struct unit *unit, enum script script)
{
	unit->replies++;
	script_send(unit->store, script, on_after, unit);
}

static void send_resolve(struct unit *unit, const char *queue, uint64_t seq)
{
	queue_start(unit->store, SCRIPT_RESOLVE, queue, true);
	resp_add_s(&unit->store->cmd, unit->view.conv);
	resp_add_u64(&unit->store->cmd, seq);
	send_after(unit, SCRIPT_RESOLVE);
}

static void send_release(struct unit *unit, struct str agent)
{
	queue_start(unit->store, SCRIPT_RELEASE, unit->view.queue, true);
	resp_add_s(&unit->store->cmd, unit->view.conv);
	resp_add(&unit->store->cmd, agent);
	send_after(unit, SCRIPT_RELEASE);
}

/* The log says that it is the agent's: the claim is to last. */
static void send_settle(struct unit *unit, uint64_t seq)
{
	struct buf text = BUF_INIT;

	record(unit, &text);
	queue_start(unit->store, SCRIPT_SETTLE, unit->view.queue, true);
	resp_add_s(&unit->store->cmd, unit->view.conv);
	settle_args(unit->store, "agent", seq, unit->view.agent, text.data);
	buf_fini(&text);
	send_after(unit, SCRIPT_SETTLE);
}

/* The append is in the log: what follows from it. `agent` had it before. */
static void send_queue_after(struct unit *unit, uint64_t last, struct str agent)
{
	const struct store_unit *u = &unit->view;

	switch (u->queue_op) {
	case QUEUE_KEEP:
	case QUEUE_ENQUEUE:
		break;
	case QUEUE_RESOLVE:
		send_resolve(unit, u->queue, 0); /* closed: nothing follows */
		break;
	case QUEUE_BACK:
		send_release(unit, agent);
		break;
	case QUEUE_MOVE:
		if (is_move(u))
			send_resolve(unit, u->queue_from, last);
		else
			send_release(unit, agent);
		break;
	case QUEUE_CLAIMED:
	case QUEUE_CLAIM_FOR:
		send_settle(unit, last);
		break;
	}
}

/* One out of the spool that was appended this time: the log ends with it, so
 * what goes before is true now. What cannot be sent leaves the connection
 * down, and the unit comes again. */
static void catch_up(struct unit *unit)
{
	struct store_unit *u = &unit->view;

	if (u->due_ms == STORE_DUE_KEEP) /* who knows what is kept? look soon */
		u->due_ms = loop_wall_ms() + LOOK_MS;
	if (!send_before(unit))
		unit->queue_odd = true;
}

void steps_follow(struct unit *unit, const struct store_appended *result,
		  bool fresh, struct str agent)
{
	const struct store_unit *u = &unit->view;

	if (unit->store->closing)
		return;
	if (unit->replayed && !fresh) {
		if (touches_queue(u))
			mend(unit);
		return;
	}
	if (unit->replayed)
		catch_up(unit);
	if (result->status == STORE_OK && u->due_ms == 0) {
		due_command(unit->store, u->conv, 0);
		core_send(unit->store, on_aside, unit->store);
	}
	if (!touches_queue(u))
		return;
	if (fresh && !unit->queue_odd)
		send_queue_after(unit, result->last, agent);
	else
		mend(unit);
}

/* -- the append ------------------------------------------------------------ */

/* Since it was computed the connection was lost, or this daemon's life: Redis
 * may have lost its tail, and somebody else have written as many entries there.
 * That is seen by the trail, which takes longer to look at than `expect`. */
static bool is_doubtful(const struct unit *unit)
{
	return unit->view.trail != 0 &&
	       (unit->replayed || unit->ups != unit->store->ups);
}

#define HEAD_COUNT  12  /* arguments before those that the unit has ready */
#define HEAD_ROOM   128 /* for what is not a name in them */
#define EXPECT_ROOM 48

static char *put_expect(char *p, const struct unit *unit)
{
	const struct store_unit *u = &unit->view;
	char text[EXPECT_ROOM];

	if (u->anywhere)
		return resp_put(p, STR("*"));
	if (!is_doubtful(unit))
		return resp_put_u64(p, u->expect);
	snprintf(text, sizeof(text), "%" PRIu64 ":%" PRIu64, u->expect,
		 u->trail);
	return resp_put(p, str_of(text));
}

static char *put_flag(char *p, bool flag)
{
	return resp_put(p, flag ? STR("1") : STR("0"));
}

/* conv:{C}, and the two that begin with it. */
static char *put_keys(char *p, struct str prefix, struct str conv)
{
	const struct str pieces[] = {prefix, STR("conv:{"), conv, STR("}")};
	char *end = resp_put_pieces(p, pieces, ARRAY_LEN(pieces));
	size_t n = prefix.n + strlen("conv:{") + conv.n + strlen("}");
	const struct str key = {end - strlen("\r\n") - n, n};

	p = resp_put_pieces(end, (struct str[]){key, STR(":log")}, 2);
	return resp_put_pieces(p, (struct str[]){key, STR(":ids")}, 2);
}

/* There is one a message: all in one piece of room. */
static void add_append(struct unit *unit)
{
	const struct store *store = unit->store;
	const struct store_unit *u = &unit->view;
	struct resp *cmd = &unit->store->cmd;
	const struct str prefix = str_of(store->prefix), conv = str_of(u->conv),
			 node = str_of(store->node),
			 epoch = str_of(store->epoch);
	char *p = resp_room(cmd, HEAD_COUNT * RESP_ARG_ROOM + HEAD_ROOM +
					 4 * (prefix.n + conv.n) + node.n +
					 epoch.n);

	p = put_keys(p, prefix, conv);
	p = resp_put_pieces(p, (struct str[]){prefix, STR("bell:")}, 2);
	p = resp_put(p, node);
	p = resp_put(p, conv);
	p = resp_put(p, epoch);
	p = put_expect(p, unit);
	p = resp_put_u64(p, u->fence);
	p = put_flag(p, u->raise_fence);
	p = put_flag(p, u->watch);
	p = put_flag(p, unit->again);
	resp_end(cmd, p, HEAD_COUNT);
	resp_add_ready(cmd, unit->args.bytes, unit->args.count);
}

/* Not by script_try(), which copies what it sends: the unit has it. */
bool steps_send(struct unit *unit, redis_reply_fn *appended)
{
	if (!unit->replayed && !send_before(unit))
		return false;
	unit->in_full = false;
	script_start(unit->store, SCRIPT_APPEND, 3);
	add_append(unit);
	return core_try(unit->store, appended, unit);
}

bool steps_send_in_full(struct unit *unit, redis_reply_fn *appended)
{
	unit->in_full = true;
	script_start_in_full(unit->store, SCRIPT_APPEND, 3);
	add_append(unit);
	return core_try(unit->store, appended, unit);
}
