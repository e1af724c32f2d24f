/* Who acts in the model of the store (test_spool_model.c), and how: daemons,
 * senders of several conversations and agents, a step of any of them at a time
 * by the dice. They compute each unit from what they have read and note what
 * they were told; what came of it is judged by who ran them. */
#ifndef MODEL_CROWD_H
#define MODEL_CROWD_H

#include <sys/stat.h>

#include "core.h"
#include "dice.h"
#include "model_log.h"
#include "rewind.h"
#include "world.h"

#define DAEMONS  2
#define CONVS    3
#define SENDERS  4 /* of a conversation */
#define MESSAGES 400
#define CHANGES  1000 /* of a schedule */

static const char *const convs[CONVS] = {"v0", "v1", "v2"};
static const char *const queues[] = {"care", "sales"};
static const char *const agents[DAEMONS] = {"maria", "paul"};

/* -- who does what --------------------------------------------------------- */

enum change {
	NONE,
	HAND_OFF,
	CLAIM,
	RELEASE,
	MOVE, /* to the other queue */
	GIVE, /* to the other agent */
	RESOLVE,
	KINDS,
};

/* One message at a time is on its way, as a client's oldest is. */
struct sender {
	unsigned conv, number, next; /* of the message to be sent */
	unsigned home;               /* the daemon it talks to */
	bool waits;                  /* in the line of its daemon */
	bool moved;                  /* to another daemon, once */
	bool stored[MESSAGES], back[MESSAGES];
};

/* What a daemon knows of a conversation, and the one thing that is under way:
 * a message (`sender`) or a change. */
struct room {
	struct fold log;
	bool stale;   /* to be read before anything is computed */
	bool reading; /* an answer is to come */
	bool claiming;
	struct sender *sender; /* NULL: none */
	unsigned message;
	enum change change;
	enum change wish; /* done next */
	unsigned number;  /* of the change */
	uint64_t tag;
	struct fold after; /* as the unit under way makes it */
};

struct daemon {
	struct store *store;
	unsigned number;
	struct room rooms[CONVS];
};

static struct daemon daemons[DAEMONS];
static struct sender senders[CONVS * SENDERS];
static bool changed[CHANGES], undone[CHANGES]; /* heard so; handed back */
static uint64_t tags;
static unsigned changes; /* of this schedule */
static unsigned confirmed, orphans, deaths, rewinds, done[KINDS];

static bool is_busy(const struct room *room)
{
	return room->sender != NULL || room->change != NONE;
}

static const char *name_of(const struct daemon *d, const struct room *room)
{
	return convs[room - d->rooms];
}

/* -- a unit ---------------------------------------------------------------- */

struct plan {
	struct said said;
	struct field fields[10];
	char id[NAME], after[96], fence[24];
	struct field hash[4];
	struct store_unit unit;
};

static void add(struct plan *p, const char *name, const char *value)
{
	p->fields[p->said.entry.field_count++] =
		(struct field){str_of(name), str_of(value)};
}

static const char *other(const char *const names[2], const char *name)
{
	return names[strcmp(name, names[0]) == 0];
}

/* What the queue is to do, and the state that the change makes. */
static void plan_change(struct plan *p, struct fold *next, enum change change,
			const char *agent)
{
	static const struct {
		const char *state;
		enum store_queue_op op;
	} ways[KINDS] = {
		[HAND_OFF] = {"queued", QUEUE_ENQUEUE},
		[CLAIM] = {"assigned", QUEUE_CLAIMED},
		[RELEASE] = {"queued", QUEUE_BACK},
		[MOVE] = {"queued", QUEUE_MOVE},
		[GIVE] = {"assigned", QUEUE_CLAIM_FOR},
		[RESOLVE] = {"closed", QUEUE_RESOLVE},
	};
	struct store_unit *u = &p->unit;
	bool joins = change == CLAIM || change == GIVE;

	fold_set(next->state, str_of(ways[change].state));
	u->queue_op = ways[change].op;
	if (change == MOVE)
		u->queue_from = other(queues, other(queues, next->queue));
	if (change == HAND_OFF)
		fold_set(next->queue, str_of(queues[dice(2)]));
	else if (change == MOVE)
		fold_set(next->queue, str_of(other(queues, next->queue)));
	if (change == GIVE)
		agent = other(agents, agent);
	fold_set(next->agent, str_of(joins ? agent : "-"));
	u->raise_fence = joins;
	next->fence += joins;
	u->fence = change == HAND_OFF ? 0 : next->fence;
	u->queue = next->queue;
	u->agent = next->agent;
	u->since_ms = world.at_ms;
	u->due_ms = change == RESOLVE ? 0 : 5;
	snprintf(p->fence, sizeof(p->fence), "%" PRIu64, next->fence);
	add(p, "state", next->state);
	add(p, "queue", next->queue);
	add(p, "agent", next->agent);
	add(p, "fence", p->fence);
	p->hash[0] = (struct field){STR("state"), str_of(next->state)};
	p->hash[1] = (struct field){STR("queue"), str_of(next->queue)};
	p->hash[2] = (struct field){STR("agent"),
				    joins ? str_of(next->agent) : STR("")};
	p->hash[3] = (struct field){STR("since_ms"), STR("1700000000000")};
	u->hash = p->hash;
	u->hash_count = 4;
}

static void make_plan(struct plan *p, struct room *room, const char *conv,
		      const char *agent)
{
	const struct sender *s = room->sender;

	if (s != NULL)
		snprintf(p->id, NAME, "%u.%u", s->number, room->message);
	else
		snprintf(p->id, NAME, "c%u", room->number);
	world.at_ms += 1 + dice(5000);
	say(&p->said, p->id, p->id);
	memcpy(p->fields, p->said.fields, sizeof(p->said.fields));
	p->said.entry.fields = p->fields;
	fold_describe(&room->log, p->after);
	add(p, "after", p->after);
	room->after = room->log;
	p->unit = (struct store_unit){.conv = conv,
				      .expect = room->log.seq,
				      .trail = room->log.trail,
				      .entries = &p->said.entry,
				      .entry_count = 1,
				      .due_ms = 1};
	if (room->change != NONE)
		plan_change(p, &room->after, room->change, agent);
	fold_entry(&room->after, p->fields, p->said.entry.field_count);
}

static bool is_allowed(const struct room *room, const char *agent)
{
	switch (room->change) {
	case NONE:
		return true;
	case HAND_OFF: /* nothing follows a closed one */
		return strcmp(room->log.state, "bot") == 0;
	case CLAIM:
		return strcmp(room->log.state, "queued") == 0;
	default:
		return strcmp(room->log.agent, agent) == 0;
	}
}

/* -- daemons --------------------------------------------------------------- */

static void bring(struct daemon *d, struct room *room);

static void over(struct daemon *d, struct room *room)
{
	const char *conv = name_of(d, room);

	if (room->change ==
	    CLAIM) /* the queue has given it, the log does not */
		store_queue_repair(d->store, conv, room->log.queue,
				   room->log.state, room->log.agent);
	room->change = NONE;
	room->sender = NULL;
}

static void is_told(struct room *room)
{
	struct sender *s = room->sender;

	if (s != NULL && s->next == room->message) {
		s->stored[s->next++] = true;
		s->waits = false;
		confirmed++;
	} else if (room->change != NONE) {
		changed[room->number] = true;
		done[room->change]++;
	}
	room->sender = NULL;
	room->change = NONE;
}

static void on_append(void *arg, uint64_t tag,
		      const struct store_appended *result)
{
	struct daemon *d = arg;
	struct room *room = d->rooms;

	while (room < d->rooms + CONVS && room->tag != tag)
		room++;
	if (room == d->rooms + CONVS)
		return;
	room->tag = 0;
	if (result->status == STORE_OK && !room->stale &&
	    result->seq == room->log.seq + 1)
		room->log = room->after;
	else
		room->stale = true;
	if (result->status == STORE_MOVED || result->status == STORE_FENCED) {
		bring(d, room);
		return;
	}
	CHECK(result->status == STORE_OK || result->status == STORE_DUP);
	is_told(room);
}

static void on_log(void *arg, uint64_t tag, const struct store_log *log)
{
	struct daemon *d = arg;
	struct room *room = &d->rooms[tag];

	room->reading = false;
	if (log->is_short)
		room->log = fold_empty;
	else if (log->status == STORE_OK) {
		for (size_t i = 0; i < log->count; i++)
			if (log->events[i].seq == room->log.seq + 1)
				fold_entry(&room->log, log->events[i].fields,
					   log->events[i].field_count);
		room->stale = log->more;
	}
	if (log->status == STORE_OK)
		bring(d, room);
}

static void send_unit(struct daemon *d, struct room *room)
{
	struct plan plan = {0};
	const char *conv = name_of(d, room);

	make_plan(&plan, room, conv, agents[d->number]);
	room->tag = ++tags;
	store_append(d->store, &plan.unit, on_append, d, room->tag);
}

/* The next step of what is under way, where it can be done now. */
static void bring(struct daemon *d, struct room *room)
{
	if (!is_busy(room) || room->tag != 0 || room->claiming || room->reading)
		return;
	if (room->stale) {
		room->reading = true;
		store_read(d->store, name_of(d, room), room->log.seq, false,
			   on_log, d, (uint64_t)(room - d->rooms));
	} else if (is_allowed(room, agents[d->number])) {
		send_unit(d, room);
	} else {
		over(d, room);
	}
}

static void on_claim(void *arg, uint64_t tag, const struct store_claim *claim)
{
	struct daemon *d = arg;
	struct room *room = &d->rooms[tag];

	room->claiming = false;
	if (claim->status == STORE_OK)
		bring(d, room);
	else
		room->change = NONE;
}

static void begin_change(struct daemon *d, struct room *room)
{
	enum change what = room->wish;
	char id[32];

	room->wish = NONE;
	room->change = what;
	room->number = changes++;
	if (what != CLAIM) {
		bring(d, room);
		return;
	}
	room->claiming = true;
	snprintf(id, sizeof(id), "x%llu", (unsigned long long)room->number);
	store_claim(d->store, queues, 2, name_of(d, room), agents[d->number],
		    id, on_claim, d, (uint64_t)(room - d->rooms));
}

/* Logs may have lost their tails: all of them are read anew. */
static void on_state(void *arg, bool up, const char *epoch, bool rolled)
{
	struct daemon *d = arg;

	(void)epoch;
	for (size_t i = 0; up && rolled && i < CONVS; i++) {
		d->rooms[i].log = fold_empty;
		d->rooms[i].stale = true;
	}
}

static void on_kept(void *arg, uint64_t tag,
		    const struct store_appended *result)
{
	(void)arg;
	(void)tag;
	CHECK(result->status == STORE_OK || result->status == STORE_DUP);
}

/* As the daemon does: what was said is kept, a change is void. */
static void on_orphan(void *arg, const struct store_unit *unit)
{
	struct daemon *d = arg;
	unsigned sender, message;
	char id[NAME];

	orphans++;
	str_copy(id, sizeof(id), unit->entries[0].fields[1].value);
	if (id[0] == 'c') {
		undone[atoi(id + 1)] = true;
		return;
	}
	CHECK(sscanf(id, "%u.%u", &sender, &message) == 2);
	senders[sender].back[message] = true;
	store_append(d->store,
		     &(struct store_unit){.conv = unit->conv,
					  .anywhere = true,
					  .entries = unit->entries,
					  .entry_count = unit->entry_count,
					  .due_ms = 1},
		     on_kept, d, 0);
}

static void start(struct daemon *d)
{
	char dir[100];

	snprintf(dir, sizeof(dir), "%s/state%u", world.dir, d->number);
	mkdir(dir, 0700);
	for (size_t i = 0; i < CONVS; i++)
		d->rooms[i] = (struct room){.log = fold_empty, .stale = true};
	d->store = store_new(
		world.loop,
		&(struct store_options){.url = world.url,
					.prefix = "t:",
					.node = d->number == 0 ? "one" : "two",
					.command_timeout_ms = 500,
					.lease_ms = 30000,
					.max_waiting_bytes = 1 << 20,
					.spool = {.dir = dir,
						  .hold_ms = 60000,
						  .max_age_ms = 86400000}},
		&(struct store_ops){
			.state = on_state, .orphan = on_orphan, .arg = d});
	CHECK(d->store != NULL);
}

/* As by SIGKILL: its files are what they are now, whatever it would write
 * yet. The log is copied first, as it may be folded into the other. */
static void die(struct daemon *d)
{
	deaths++;
	shell("mkdir corpse && (cp state#/spool.db-wal corpse || true) "
	      "2>/dev/null && cp state#/spool.db corpse",
	      d->number);
	store_free(&d->store);
	shell("rm -rf state# && mv corpse state#", d->number);
	for (unsigned i = 0; i < ARRAY_LEN(senders); i++)
		if (senders[i].home == d->number)
			senders[i].waits = false;
	start(d);
}

static void go_back(void)
{
	rewinds++;
	redis_rewind();
}

/* -- steps ----------------------------------------------------------------- */

/* Nothing is to come any more. */
static bool is_quiet(const struct daemon *d)
{
	for (size_t i = 0; i < CONVS; i++)
		if (is_busy(&d->rooms[i]))
			return false;
	return store_is_up(d->store) && !d->store->recovering &&
	       d->store->outbox.count == 0 && d->store->replayed.count == 0 &&
	       d->store->mend_count == 0;
}

/* Each daemon has one thing of a conversation under way at a time. */
static void go_on(struct sender *s)
{
	struct daemon *d = &daemons[s->home];
	struct room *room = &d->rooms[s->conv];

	bring(d, room); /* what could not be read before */
	if (!is_busy(room) && room->wish != NONE && changes < CHANGES)
		begin_change(d, room);
	if (s->waits || is_busy(room) || s->next == MESSAGES)
		return;
	s->waits = true;
	room->sender = s;
	room->message = s->next;
	bring(d, room);
}

/* Of a schedule's steps few are to come after the end. */
#define RESOLVE_DICE 8

/* Mostly what can be done now, as far as the daemon knows. */
static void some_change(void)
{
	struct daemon *d = &daemons[dice(DAEMONS)];
	struct room *room = &d->rooms[dice(CONVS)], would = *room;
	unsigned first = dice(KINDS - 1);
	bool any = dice(8) == 0;

	for (unsigned i = 0; i < KINDS - 1; i++) {
		would.change = (enum change)(1 + (first + i) % (KINDS - 1));
		if (would.change == RESOLVE && dice(RESOLVE_DICE) > 0)
			continue;
		if (any || is_allowed(&would, agents[d->number])) {
			room->wish = would.change;
			return;
		}
	}
}

static void move(struct sender *s)
{
	unsigned home = dice(DAEMONS);

	s->moved |= home != s->home;
	s->home = home;
}

static void one_step(bool movers)
{
	struct sender *s = &senders[dice(ARRAY_LEN(senders))];
	unsigned what = dice(100);

	if (what == 0)
		redis("CLIENT KILL TYPE normal SKIPME yes");
	else if (what == 1)
		die(&daemons[dice(DAEMONS)]);
	else if (what == 2)
		go_back();
	else if (what < 6)
		redis_remember();
	else if (what < 9 && movers && !s->waits)
		move(s);
	else if (what < 50)
		some_change();
	else
		for (size_t i = 0; i < ARRAY_LEN(senders); i++)
			go_on(&senders[i]);
	loop_turn(world.loop, what % 3 == 0);
}

#endif
