/* Spool, append and queue against what is promised, on random schedules:
 * senders of several conversations bring their messages to two daemons, again
 * where they hear nothing, and agents there take, give back, move, hand over
 * and resolve them; meanwhile connections are cut, daemons die with what they
 * had not yet written, and Redis comes back as it was some time ago. In the end
 *
 * 1. every message whose sender has heard that it is stored stands in the log,
 *    no message twice, each sender's in the order in which they were sent;
 * 2. every change of the state stands behind exactly the entry, in the state,
 *    from which it was computed; once, or it was handed back;
 * 3. who is not closed has a next step;
 * 4. once the queues were told what the logs say, as that next step does, each
 *    conversation is where its log says, and nowhere else.
 *
 * A failing run says its seed. */
#include <sys/stat.h>

#include "core.h"
#include "model_log.h"
#include "rewind.h"
#include "world.h"

#define DAEMONS   2
#define CONVS     3
#define SENDERS   4 /* of a conversation */
#define MESSAGES  400
#define CHANGES   1000 /* of a schedule */
#define SCHEDULES 5
#define STEPS     400

static const char *const convs[CONVS] = {"v0", "v1", "v2"};
static const char *const queues[] = {"care", "sales"};
static const char *const agents[DAEMONS] = {"maria", "paul"};

static uint64_t seed;

static unsigned dice(unsigned sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 11) % sides;
}

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
	case HAND_OFF:
		return strcmp(room->log.agent, "-") == 0 &&
		       strcmp(room->log.state, "queued") != 0;
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

	room->wish = NONE;
	room->change = what;
	room->number = changes++;
	if (what != CLAIM) {
		bring(d, room);
		return;
	}
	room->claiming = true;
	store_claim(d->store, queues, 2, name_of(d, room), agents[d->number],
		    on_claim, d, (uint64_t)(room - d->rooms));
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

/* Mostly what can be done now, as far as the daemon knows. */
static void some_change(void)
{
	struct daemon *d = &daemons[dice(DAEMONS)];
	struct room *room = &d->rooms[dice(CONVS)], would = *room;
	unsigned first = dice(KINDS - 1);
	bool any = dice(8) == 0;

	for (unsigned i = 0; i < KINDS - 1; i++) {
		would.change = (enum change)(1 + (first + i) % (KINDS - 1));
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

/* -- what stands there ----------------------------------------------------- */

static struct log logs[CONVS];

struct verdict {
	unsigned lost, doubled, misordered, astray, stuck, none, odd;
};

/* `before`: the message before it, which stands behind it. Not promised: the
 * sender had come to the other daemon, so that each had one of the two, and
 * one of them did not fit any more when it was brought back. */
static bool is_misordered(const struct sender *s, unsigned before, unsigned m)
{
	return !s->moved || (!s->back[before] && !s->back[m]);
}

static void judge_sender(const struct sender *s, struct verdict *v)
{
	size_t last = 0;
	unsigned before = 0;

	for (unsigned m = 0; m < s->next + 1 && m < MESSAGES; m++) {
		char id[NAME];
		unsigned times;
		size_t at;

		snprintf(id, sizeof(id), "%u.%u", s->number, m);
		at = log_find(&logs[s->conv], id, &times);
		v->lost += s->stored[m] && times == 0;
		v->doubled += times > 1;
		if (at == 0)
			continue;
		v->misordered += at < last && is_misordered(s, before, m);
		last = at;
		before = m;
	}
}

static void judge_changes(struct verdict *v)
{
	for (unsigned i = 0; i < changes; i++) {
		unsigned times = 0, here;
		char id[NAME];

		snprintf(id, sizeof(id), "c%u", i);
		for (unsigned conv = 0; conv < CONVS; conv++) {
			log_find(&logs[conv], id, &here);
			times += here;
		}
		v->lost += changed[i] && !undone[i] && times == 0;
		v->doubled += times > 1;
	}
}

static bool was_kept(struct str id)
{
	unsigned sender, message;
	char text[NAME];

	str_copy(text, sizeof(text), id);
	return sscanf(text, "%u.%u", &sender, &message) == 2 &&
	       senders[sender].back[message];
}

/* Folds the log, and looks whether each entry was computed from what stands
 * before it: all but messages that were kept as they are. */
static struct fold judge_log(unsigned conv, struct verdict *v)
{
	const struct log *log = &logs[conv];
	struct fold f = fold_empty;

	for (size_t i = 0; i < log->count; i++) {
		const struct entry *e = &log->entries[i];
		char before[96];

		fold_describe(&f, before);
		if (strcmp(before, e->after) != 0 && !was_kept(e->id)) {
			v->astray++;
			printf("v%u: %.*s at %zu was computed from %s, not "
			       "%s\n",
			       conv, STR_ARG(e->id), i + 1, e->after, before);
		}
		fold_entry(&f, e->fields, e->count);
	}
	return f;
}

static bool has_next_step(unsigned conv)
{
	for (unsigned i = 0; i < 16; i++)
		if (*redis("ZSCORE t:due:{%u} v%u", i, conv) != '\0')
			return true;
	return false;
}

/* In this queue: "", "line", "claimed by AGENT" (as the log says), "claimed"
 * (for a moment), "both". */
static void place_in(const char *queue, unsigned conv, char place[40])
{
	bool line = *redis("ZSCORE t:queue:{%s} v%u", queue, conv) != '\0';
	bool claimed =
		*redis("ZSCORE t:queue:{%s}:claimed v%u", queue, conv) != '\0';
	const char *record = redis("HGET t:queue:{%s}:info v%u", queue, conv);

	snprintf(place, 40, "%s",
		 line && claimed ? "both"
		 : line          ? "line"
		 : claimed       ? "claimed"
				 : "");
	for (size_t i = 0; i < DAEMONS; i++)
		if (strcmp(place, "claimed") == 0 &&
		    strstr(record, agents[i]) != NULL &&
		    strstr(record, "\"held\":true") != NULL)
			snprintf(place, 40, "claimed by %s", agents[i]);
}

static void judge_queue(unsigned conv, const struct fold *f, struct verdict *v)
{
	for (size_t i = 0; i < ARRAY_LEN(queues); i++) {
		bool here = strcmp(f->queue, queues[i]) == 0;
		char place[40], want[40] = "";
		bool right;

		if (here && strcmp(f->state, "queued") == 0)
			snprintf(want, sizeof(want), "line");
		if (here && strcmp(f->state, "assigned") == 0)
			snprintf(want, sizeof(want), "claimed by %s", f->agent);
		place_in(queues[i], conv, place);
		/* A claim that the log has not heard of runs out. */
		right = strcmp(place, want) == 0 ||
			(strcmp(want, "line") == 0 &&
			 strcmp(place, "claimed") == 0);
		v->odd += !right;
		if (!right)
			printf("v%u is %s in %s at %" PRIu64 ": in %s it is "
			       "\"%s\": %s\n",
			       conv, f->state, f->queue, f->seq, queues[i],
			       place,
			       redis("HGET t:queue:{%s}:info v%u", queues[i],
				     conv));
	}
}

/* Who waits or is served stands in their queue, line or claims, at any time. */
static bool is_in_none(unsigned conv, const struct fold *f)
{
	char place[40] = "nobody waits";

	if (strcmp(f->state, "queued") == 0 ||
	    strcmp(f->state, "assigned") == 0)
		place_in(f->queue, conv, place);
	return place[0] == '\0';
}

/* As the next step of each does, which adds to its log. */
static void tell_queues(struct fold folds[CONVS])
{
	struct store *store = daemons[0].store;

	for (unsigned i = 0; i < CONVS; i++) {
		struct said said;

		say(&said, "next", "step");
		store_append(store,
			     &(struct store_unit){.conv = convs[i],
						  .anywhere = true,
						  .entries = &said.entry,
						  .entry_count = 1,
						  .due_ms = 1},
			     on_kept, NULL, 0);
	}
	UNTIL(is_quiet(&daemons[0]));
	for (unsigned i = 0; i < CONVS; i++)
		for (size_t k = 0; k < ARRAY_LEN(queues); k++)
			store_queue_repair(store, convs[i], queues[k],
					   folds[i].state, folds[i].agent);
	UNTIL(is_quiet(&daemons[0]));
}

static struct verdict judge(void)
{
	struct verdict v = {0};
	struct fold folds[CONVS];

	for (unsigned i = 0; i < CONVS; i++)
		log_read(&logs[i], convs[i]);
	for (size_t i = 0; i < ARRAY_LEN(senders); i++)
		judge_sender(&senders[i], &v);
	judge_changes(&v);
	for (unsigned i = 0; i < CONVS; i++) {
		folds[i] = judge_log(i, &v);
		v.stuck += logs[i].count > 0 &&
			   strcmp(folds[i].state, "closed") != 0 &&
			   !has_next_step(i);
		v.none += is_in_none(i, &folds[i]);
		if (strcmp(folds[i].state, "bot") != 0)
			v.odd += strcmp(redis("HGET t:conv:{v%u} state", i),
					folds[i].state) != 0;
	}
	tell_queues(folds);
	for (unsigned i = 0; i < CONVS; i++)
		judge_queue(i, &folds[i], &v);
	return v;
}

/* -- schedules ------------------------------------------------------------- */

static void begin_schedule(unsigned schedule)
{
	seed = 0x9e3779b97f4a7c15u * (schedule + 1);
	redis("FLUSHALL");
	shell("rm -rf state0 state1 corpse", 0);
	redis_remember();
	memset(senders, 0, sizeof(senders));
	memset(changed, 0, sizeof(changed));
	memset(undone, 0, sizeof(undone));
	changes = 0;
	for (unsigned i = 0; i < ARRAY_LEN(senders); i++)
		senders[i] = (struct sender){
			.conv = i % CONVS, .number = i, .home = dice(DAEMONS)};
	for (unsigned i = 0; i < DAEMONS; i++) {
		daemons[i].number = i;
		start(&daemons[i]);
	}
}

static bool are_quiet(void)
{
	for (size_t i = 0; i < DAEMONS; i++)
		for (size_t k = 0; k < CONVS; k++)
			bring(&daemons[i], &daemons[i].rooms[k]);
	return is_quiet(&daemons[0]) && is_quiet(&daemons[1]);
}

static void run_schedule(unsigned schedule, bool movers)
{
	struct verdict v;
	unsigned wrong;

	begin_schedule(schedule);
	for (unsigned i = 0; i < STEPS; i++)
		one_step(movers);
	redis("CLIENT KILL TYPE normal SKIPME yes"); /* all look once more */
	pass_ms(50);
	UNTIL(are_quiet());
	v = judge();
	wrong = v.lost + v.doubled + v.misordered + v.astray + v.stuck +
		v.none + v.odd;
	CHECK(wrong == 0);
	if (wrong > 0)
		printf("schedule %u: lost %u doubled %u misordered %u astray "
		       "%u stuck %u none %u odd %u\n",
		       schedule, v.lost, v.doubled, v.misordered, v.astray,
		       v.stuck, v.none, v.odd);
	for (unsigned i = 0; i < DAEMONS; i++)
		store_free(&daemons[i].store);
}

static void logs_and_queues_are_as_promised_whatever_dies(void)
{
	const char *first = getenv("MODEL_FIRST"),
		   *count = getenv("MODEL_RUNS");
	unsigned from = first != NULL ? (unsigned)atoi(first) : 0;
	unsigned n = count != NULL ? (unsigned)atoi(count) : SCHEDULES;

	for (unsigned i = from; i < from + n; i++)
		run_schedule(i, i % 2 == 1);
	printf("confirmed %u deaths %u rewinds %u orphans %u hand-offs %u "
	       "claims %u releases %u moves %u gifts %u resolved %u\n",
	       confirmed, deaths, rewinds, orphans, done[HAND_OFF], done[CLAIM],
	       done[RELEASE], done[MOVE], done[GIVE], done[RESOLVE]);
	/* None of this was for nothing. */
	if (n < SCHEDULES)
		return;
	CHECK(confirmed > 50 && deaths > 5 && rewinds > 5 && orphans > 5);
	CHECK(done[HAND_OFF] > 3 && done[CLAIM] > 3);
}

int main(void)
{
	world_begin();
	RUN(logs_and_queues_are_as_promised_whatever_dies);
	for (size_t i = 0; i < CONVS; i++)
		free(logs[i].text);
	return world_end("store/spool_model");
}
