/* Spool and append against what is promised, on random schedules: senders of
 * several conversations bring their messages to two daemons, again where they
 * hear nothing, and meanwhile connections are cut, daemons die with what they
 * had not yet written, and Redis comes back as it was some time ago. In the end
 * every message whose sender has heard that it is stored stands in the log, no
 * message twice, each sender's in the order in which they were sent. A failing
 * run says its seed. */
#include <sys/stat.h>

#include "core.h"
#include "world.h"

#define DAEMONS   2
#define CONVS     3
#define SENDERS   4 /* of a conversation */
#define MESSAGES  400
#define SCHEDULES 5
#define STEPS     260

static uint64_t seed;

static unsigned dice(unsigned sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 11) % sides;
}

/* One message at a time is on its way, as a client's oldest is. */
struct sender {
	unsigned conv, number, next; /* of the message to be sent */
	unsigned home;               /* the daemon it talks to */
	bool waits;                  /* in the line of its daemon */
	bool stored[MESSAGES];
};

/* What a daemon knows of a conversation: where its log is, and the one unit
 * that is under way. */
struct room {
	uint64_t known;
	struct sender *sender; /* of the unit under way; NULL: none */
	unsigned message;
	uint64_t tag;
};

struct daemon {
	struct store *store;
	unsigned number;
	struct room rooms[CONVS];
};

static struct daemon daemons[DAEMONS];
static struct sender senders[CONVS * SENDERS];
static uint64_t tags;
static unsigned confirmed, orphans, deaths, rewinds;

/* -- daemons --------------------------------------------------------------- */

static void bring(struct daemon *d, struct room *room);

static void on_append(void *arg, uint64_t tag,
		      const struct store_appended *result)
{
	struct daemon *d = arg;
	struct room *room = d->rooms;

	while (room < d->rooms + CONVS && room->tag != tag)
		room++;
	if (room == d->rooms + CONVS || room->sender == NULL)
		return;
	room->tag = 0;
	room->known = result->last;
	if (result->status == STORE_MOVED) {
		bring(d, room);
		return;
	}
	CHECK(result->status == STORE_OK || result->status == STORE_DUP);
	if (room->sender->next == room->message) {
		room->sender->stored[room->message] = true;
		room->sender->next++;
		room->sender->waits = false;
		confirmed++;
	}
	room->sender = NULL;
}

static void bring(struct daemon *d, struct room *room)
{
	char conv[8], id[24];
	struct said said;

	snprintf(conv, sizeof(conv), "v%u", (unsigned)(room - d->rooms));
	snprintf(id, sizeof(id), "%u.%u", room->sender->number, room->message);
	say(&said, id, id);
	room->tag = ++tags;
	store_append(d->store,
		     &(struct store_unit){.conv = conv,
					  .expect = room->known,
					  .entries = &said.entry,
					  .entry_count = 1,
					  .due_ms = 1},
		     on_append, d, room->tag);
}

static void on_kept(void *arg, uint64_t tag,
		    const struct store_appended *result)
{
	(void)arg;
	(void)tag;
	CHECK(result->status == STORE_OK || result->status == STORE_DUP);
}

/* As the daemon does with what was said in it. */
static void on_orphan(void *arg, const struct store_unit *unit)
{
	struct daemon *d = arg;

	orphans++;
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
	memset(d->rooms, 0, sizeof(d->rooms));
	d->store = store_new(
		world.loop,
		&(struct store_options){.url = world.url,
					.prefix = "t:",
					.node = d->number == 0 ? "one" : "two",
					.command_timeout_ms = COMMAND_MS,
					.lease_ms = 30000,
					.max_waiting_bytes = 1 << 20,
					.spool = {.dir = dir,
						  .hold_ms = 60000,
						  .max_age_ms = 86400000}},
		&(struct store_ops){.orphan = on_orphan, .arg = d});
	CHECK(d->store != NULL);
}

/* Runs it in the world's directory; each # is the number. */
static void shell(const char *what, unsigned number)
{
	struct buf command = BUF_INIT;

	buf_addf(&command, "cd %s && ", world.dir);
	for (; *what != '\0'; what++)
		if (*what == '#')
			buf_add_u64(&command, number);
		else
			buf_add_c(&command, *what);
	CHECK(system(command.data) == 0);
	buf_fini(&command);
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

/* -- Redis ----------------------------------------------------------------- */

static void redis_remember(void)
{
	redis("SET t:marker 1");
	shell("rm -rf kept && cp -r appendonlydir kept", 0);
}

static void redis_rewind(void)
{
	rewinds++;
	redis_kill();
	shell("rm -rf appendonlydir && cp -r kept appendonlydir", 0);
	redis_start();
	redis("CONFIG SET appendfsync always");
}

/* -- senders --------------------------------------------------------------- */

/* Nothing is to come any more. */
static bool is_quiet(const struct daemon *d)
{
	return store_is_up(d->store) && !d->store->recovering &&
	       d->store->outbox.count == 0 && d->store->replayed.count == 0;
}

/* Each daemon has one unit of a conversation under way at a time. */
static void go_on(struct sender *s)
{
	struct daemon *d = &daemons[s->home];
	struct room *room = &d->rooms[s->conv];

	if (s->waits || room->sender != NULL || s->next == MESSAGES)
		return;
	s->waits = true;
	room->sender = s;
	room->message = s->next;
	bring(d, room);
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
		redis_rewind();
	else if (what < 6)
		redis_remember();
	else if (what < 9 && movers && !s->waits)
		s->home = dice(DAEMONS);
	else
		for (size_t i = 0; i < ARRAY_LEN(senders); i++)
			go_on(&senders[i]);
	loop_turn(world.loop, what % 3 == 0);
}

/* -- what stands there ----------------------------------------------------- */

/* The place of the message in the text of the log; counts how often. */
static const char *find(const char *log, const char *id, unsigned *times)
{
	const char *first = NULL;
	char word[32];

	snprintf(word, sizeof(word), " id %s ", id);
	*times = 0;
	for (const char *p = log; (p = strstr(p, word)) != NULL; p++) {
		first = first == NULL ? p : first;
		++*times;
	}
	return first;
}

struct verdict {
	unsigned lost, doubled, misordered, seen;
};

static void judge(const struct sender *s, struct verdict *v)
{
	char *log = xstrdup(redis("XRANGE t:conv:{v%u}:log - +", s->conv));
	const char *before = log;

	for (unsigned m = 0; m < s->next + 1 && m < MESSAGES; m++) {
		char id[24];
		unsigned times;
		const char *at;

		snprintf(id, sizeof(id), "%u.%u", s->number, m);
		at = find(log, id, &times);
		v->seen += times > 0;
		v->lost += s->stored[m] && times == 0;
		v->doubled += times > 1;
		v->misordered += at != NULL && at < before;
		before = at == NULL ? before : at;
	}
	free(log);
}

static void run_schedule(unsigned schedule, bool movers)
{
	uint64_t was = seed = 0x9e3779b97f4a7c15u * (schedule + 1);
	struct verdict v = {0};

	redis("FLUSHALL");
	redis("CONFIG SET appendfsync always");
	shell("rm -rf state0 state1 corpse", 0);
	redis_remember();
	memset(senders, 0, sizeof(senders));
	for (unsigned i = 0; i < ARRAY_LEN(senders); i++)
		senders[i] = (struct sender){
			.conv = i % CONVS, .number = i, .home = dice(DAEMONS)};
	for (unsigned i = 0; i < DAEMONS; i++) {
		daemons[i].number = i;
		start(&daemons[i]);
	}
	for (unsigned i = 0; i < STEPS; i++)
		one_step(movers);
	redis("CLIENT KILL TYPE normal SKIPME yes"); /* all look once more */
	pass_ms(50);
	for (unsigned i = 0; i < DAEMONS; i++)
		UNTIL(is_quiet(&daemons[0]) && is_quiet(&daemons[1]));
	for (size_t i = 0; i < ARRAY_LEN(senders); i++)
		judge(&senders[i], &v);
	CHECK(v.lost == 0 && v.doubled == 0 && v.misordered == 0);
	if (v.lost + v.doubled + v.misordered > 0)
		printf("seed %" PRIx64 ": lost %u doubled %u misordered %u of "
		       "%u\n",
		       was, v.lost, v.doubled, v.misordered, v.seen);
	for (unsigned i = 0; i < DAEMONS; i++)
		store_free(&daemons[i].store);
}

static void what_was_stored_stands_once_and_in_order(void)
{
	for (unsigned i = 0; i < SCHEDULES; i++)
		run_schedule(i, i % 2 == 1);
	/* None of this was for nothing. */
	CHECK(confirmed > 100 && deaths > 5 && rewinds > 5 && orphans > 5);
	printf("confirmed %u deaths %u rewinds %u orphans %u\n", confirmed,
	       deaths, rewinds, orphans);
}

int main(void)
{
	world_begin();
	RUN(what_was_stored_stands_once_and_in_order);
	return world_end("store/spool_model");
}
