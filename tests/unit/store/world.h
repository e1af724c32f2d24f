/* What the store's tests share: a private redis-server on a Unix socket in a
 * directory of its own, stores on one loop, and waiting for answers, bounded
 * in time. Redis is ended by its process number, whatever happens. */
#ifndef WORLD_H
#define WORLD_H

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/mem.h"
#include "check.h"
#include "store/store.h"
#include "turn.h"

/* A Redis that is silent for so long is away: more than one that stands still
 * for want of a processor, less than one wants to wait where it is stopped. */
#define COMMAND_MS 1500

static struct {
	char dir[64];
	char url[96];
	char path[80];
	pid_t pid;
	const char *option, *value; /* one more for redis-server; NULL: none */
	struct loop *loop;
	redisContext *direct; /* past the store, to look and to meddle */
	int64_t at_ms;        /* of what is said; at first ever the same */
} world = {.at_ms = 1700000000000};

/* -- redis-server ---------------------------------------------------------- */

/* Written at once, as the tests kill it: with "everysec" it holds writes back
 * while the disk is busy. */
static inline void redis_exec(void)
{
	char log[96];

	snprintf(log, sizeof(log), "%s/log", world.dir);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
	       world.path, "--dir", world.dir, "--logfile", log, "--save", "",
	       "--appendonly", "yes", "--appendfsync", "no", "--daemonize",
	       "no", world.option, world.value, (char *)NULL);
	_exit(127);
}

/* A direct connection, once it answers. */
static inline bool redis_greet(void)
{
	for (int i = 0; i < WAIT_MS / 10; i++) {
		redisReply *pong;
		bool fine;

		if (world.direct != NULL)
			redisFree(world.direct);
		world.direct = redisConnectUnix(world.path);
		pong = world.direct->err == 0
			       ? redisCommand(world.direct, "PING")
			       : NULL;
		fine = pong != NULL && pong->type == REDIS_REPLY_STATUS;
		if (pong != NULL)
			freeReplyObject(pong);
		if (fine)
			return true;
		usleep(10000);
	}
	return false;
}

/* Without waiting for it. */
static inline void redis_launch(void)
{
	world.pid = fork();
	if (world.pid == 0)
		redis_exec();
}

static inline void redis_start(void)
{
	redis_launch();
	if (!redis_greet()) {
		printf("redis-server does not start in %s\n", world.dir);
		exit(1);
	}
}

static inline void redis_kill(void)
{
	if (world.pid <= 0)
		return;
	kill(world.pid, SIGCONT);
	kill(world.pid, SIGKILL);
	waitpid(world.pid, NULL, 0);
	world.pid = 0;
}

/* Past the store; the answer as text ("" nil, numbers in decimal, lists with
 * blanks between). Overwritten by the next but three. */
static inline void as_text(const redisReply *r, struct buf *out)
{
	switch (r == NULL ? REDIS_REPLY_NIL : r->type) {
	case REDIS_REPLY_INTEGER:
		buf_add_i64(out, r->integer);
		break;
	case REDIS_REPLY_ARRAY:
		for (size_t i = 0; i < r->elements; i++) {
			if (i > 0)
				buf_add_c(out, ' ');
			as_text(r->element[i], out);
		}
		break;
	case REDIS_REPLY_NIL:
		break;
	default:
		buf_add(out, r->str, (size_t)r->len);
	}
}

__attribute__((format(printf, 1, 2))) static inline const char *redis(
	const char *format, ...)
{
	static struct buf texts[4];
	static unsigned at;
	struct buf *text = &texts[at++ % 4];
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = redisvCommand(world.direct, format, args);
	va_end(args);
	buf_clear(text);
	as_text(reply, text);
	buf_add_c(text, '\0');
	if (reply != NULL)
		freeReplyObject(reply);
	return text->data;
}

/* -- the world ------------------------------------------------------------- */

static inline void world_begin(void)
{
	snprintf(world.dir, sizeof(world.dir), "/tmp/answerd-store-XXXXXX");
	if (mkdtemp(world.dir) == NULL)
		exit(1);
	snprintf(world.path, sizeof(world.path), "%s/redis.sock", world.dir);
	snprintf(world.url, sizeof(world.url), "unix://%s", world.path);
	signal(SIGPIPE, SIG_IGN);
	log_set_level(getenv("STORE_LOG") ? LOG_DEBUG : LOG_ERROR);
	world.loop = loop_new();
	redis_start();
}

static inline void remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		struct buf name = BUF_INIT;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		buf_addf(&name, "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR)
			remove_tree(name.data);
		else
			unlink(name.data);
		buf_fini(&name);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(path);
}

static inline int world_end(const char *name)
{
	loop_free(&world.loop);
	redisFree(world.direct);
	redis_kill();
	remove_tree(world.dir);
	return check_done(name);
}

/* A store on the world's loop, not yet up. */
static inline struct store *store_made(const char *node,
				       const struct store_ops *ops)
{
	static const struct store_ops none;

	return store_new(world.loop,
			 &(struct store_options){
				 .url = world.url,
				 .prefix = "t:",
				 .node = node,
				 .command_timeout_ms = COMMAND_MS,
				 .lease_ms = 30000,
				 .max_waiting_bytes = 1 << 20,
			 },
			 ops == NULL ? &none : ops);
}

static inline void on_over(void *arg)
{
	*(bool *)arg = true;
}

/* The test cannot go on: what it waits for may come later, and be written to
 * where something else stands by then. */
static inline void world_is_stuck(void)
{
	redis_kill();
	remove_tree(world.dir);
	exit(1);
}

/* Turns the loop until `cond`; ends the program when the time is over. */
#define UNTIL(cond)                                                            \
	do {                                                                   \
		TURN_UNTIL(world.loop, cond);                                  \
		if (!(cond)) {                                                 \
			CHECK(cond);                                           \
			world_is_stuck();                                      \
		}                                                              \
	} while (0)

/* Turns the loop for a while. */
static inline void pass_ms(int64_t ms)
{
	bool over = false;
	struct timer *timer = timer_new(world.loop, on_over, &over);

	timer_start(timer, ms, 0);
	while (!over)
		loop_turn(world.loop, true);
	timer_free(&timer);
}

static inline struct store *store_up(const char *node,
				     const struct store_ops *ops)
{
	struct store *store = store_made(node, ops);

	UNTIL(store_is_up(store));
	return store;
}

/* -- questions with their answers ------------------------------------------ */

struct got {
	unsigned times;
	struct store_appended appended;
	enum store_status status;
	char names[4096];  /* each followed by a blank */
	char fields[4096]; /* name=value; … */
	uint64_t last, fence, position, first_seq, last_seq;
	size_t count, total;
	bool more, is_short;
	int64_t pace_ms;
};

static inline void got_append(void *arg, uint64_t tag,
			      const struct store_appended *result)
{
	struct got *got = arg;

	(void)tag;
	got->times++;
	got->appended = *result;
	got->status = result->status;
}

static inline void add_text(char *to, size_t size, struct str s, char end)
{
	size_t n = strlen(to);

	if (n + s.n + 2 > size)
		return;
	if (s.n > 0)
		memcpy(to + n, s.p, s.n);
	to[n + s.n] = end;
	to[n + s.n + 1] = '\0';
}

static inline void add_fields(struct got *got, const struct field *fields,
			      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		add_text(got->fields, sizeof(got->fields), fields[i].name, '=');
		add_text(got->fields, sizeof(got->fields), fields[i].value,
			 ';');
	}
}

static inline void got_log(void *arg, uint64_t tag, const struct store_log *log)
{
	struct got *got = arg;

	(void)tag;
	*got = (struct got){.times = got->times + 1,
			    .status = log->status,
			    .last = log->last,
			    .fence = log->fence,
			    .count = log->count,
			    .more = log->more,
			    .is_short = log->is_short};
	for (size_t i = 0; i < log->count; i++)
		add_fields(got, log->events[i].fields,
			   log->events[i].field_count);
	if (log->count > 0) {
		got->first_seq = log->events[0].seq;
		got->last_seq = log->events[log->count - 1].seq;
	}
}

/* A list of names ends with NULL, a single one does not. */
static inline void got_name(void *arg, uint64_t tag, enum store_status status,
			    const char *name)
{
	struct got *got = arg;

	(void)tag;
	got->status = status;
	if (name == NULL)
		got->times++;
	else
		add_text(got->names, sizeof(got->names), str_of(name), ' ');
}

/* "conv@agent conv@agent "; `last` is the last one's seq. */
static inline void got_reaped(void *arg, uint64_t tag, enum store_status status,
			      const char *conv, const char *agent, uint64_t seq)
{
	struct got *got = arg;

	if (conv == NULL) {
		got_name(arg, tag, status, NULL);
		return;
	}
	got->last = seq;
	add_text(got->names, sizeof(got->names), str_of(conv), '@');
	add_text(got->names, sizeof(got->names), str_of(agent), ' ');
}

static inline void got_opened(void *arg, uint64_t tag, enum store_status status,
			      const char *name)
{
	struct got *got = arg;

	(void)tag;
	got->times++;
	got->status = status;
	if (name != NULL)
		add_text(got->names, sizeof(got->names), str_of(name), ' ');
}

static inline void got_items(void *arg, uint64_t tag,
			     const struct store_items *items)
{
	struct got *got = arg;

	(void)tag;
	got->times++;
	got->status = items->status;
	got->count = items->count;
	got->total = items->total;
	for (size_t i = 0; i < items->count; i++) {
		const struct store_item *item = &items->items[i];

		add_text(got->names, sizeof(got->names), str_of(item->conv),
			 item->agent ? '@' : ' ');
		if (item->agent != NULL)
			add_text(got->names, sizeof(got->names),
				 str_of(item->agent), ' ');
		add_fields(got, item->info, item->info_count);
	}
}

static inline void got_claim(void *arg, uint64_t tag,
			     const struct store_claim *claim)
{
	struct got *got = arg;

	(void)tag;
	got->times++;
	got->status = claim->status;
	if (claim->conv != NULL) {
		add_text(got->names, sizeof(got->names), str_of(claim->conv),
			 '@');
		add_text(got->names, sizeof(got->names), str_of(claim->queue),
			 ' ');
	}
}

static inline void got_place(void *arg, uint64_t tag,
			     const struct store_place *place)
{
	struct got *got = arg;

	(void)tag;
	got->times++;
	got->status = place->status;
	got->position = place->position;
	got->pace_ms = place->pace_ms;
}

static inline void got_hash(void *arg, uint64_t tag, enum store_status status,
			    const struct field *fields, size_t n)
{
	struct got *got = arg;

	(void)tag;
	got->times++;
	got->status = status;
	got->count = n;
	add_fields(got, fields, n);
}

/* -- units ----------------------------------------------------------------- */

/* A message of the shopper's: key "s:ID", the text is its content. */
struct said {
	struct field fields[5];
	struct store_entry entry;
	char key[80], at[24];
};

static inline void say(struct said *said, const char *id, const char *text)
{
	uint64_t content = 1469598103934665603u;

	for (const char *p = text; *p != '\0'; p++)
		content = (content ^ (unsigned char)*p) * 1099511628211u;
	snprintf(said->key, sizeof(said->key), "s:%s", id);
	snprintf(said->at, sizeof(said->at), "%" PRId64, world.at_ms);
	said->fields[0] = (struct field){STR("type"), STR("message")};
	said->fields[1] = (struct field){STR("id"), str_of(id)};
	said->fields[2] = (struct field){STR("sender"), STR("s")};
	said->fields[3] = (struct field){STR("text"), str_of(text)};
	said->fields[4] = (struct field){STR("at"), str_of(said->at)};
	said->entry = (struct store_entry){
		.key = str_of(said->key),
		.content = content,
		.fields = said->fields,
		.field_count = 5,
	};
}

/* Appends one message; no waiting. */
static inline void append_to(struct store *store, const char *conv,
			     uint64_t expect, const char *id, const char *text,
			     struct got *got)
{
	struct said said;

	say(&said, id, text);
	store_append(store,
		     &(struct store_unit){.conv = conv,
					  .expect = expect,
					  .entries = &said.entry,
					  .entry_count = 1,
					  .due_ms = 1},
		     got_append, got, 0);
}

/* Two entries: what was said, and what the system adds to it. */
static inline void append_two(struct store *store, const char *conv,
			      uint64_t expect, const char *id,
			      const char *added, struct got *got)
{
	struct said said[2];
	struct store_entry entries[2];

	say(&said[0], id, "x");
	say(&said[1], added, "y");
	for (int i = 0; i < 2; i++)
		entries[i] = said[i].entry;
	store_append(store,
		     &(struct store_unit){.conv = conv,
					  .expect = expect,
					  .entries = entries,
					  .entry_count = 2,
					  .due_ms = 1},
		     got_append, got, 0);
}

/* One message, with the answer. */
static inline enum store_status appended(struct store *store, const char *conv,
					 uint64_t expect, const char *id,
					 const char *text, uint64_t *seq)
{
	struct got got = {0};

	append_to(store, conv, expect, id, text, &got);
	CHECK(got.times == 0);
	UNTIL(got.times == 1);
	if (seq != NULL)
		*seq = got.appended.seq;
	return got.status;
}

/* A change of state with what the queue is to do; fields "state" … of the
 * hash go along. */
struct turn {
	const char *conv, *state, *queue, *queue_from, *agent, *info;
	enum store_queue_op op;
	uint64_t expect, fence;
	bool raise;
	int priority;
	int64_t since_ms;
};

static inline void turn_to(struct store *store, const struct turn *t,
			   struct got *got)
{
	static unsigned ids;
	char id[32];
	struct said said;
	struct field hash[] = {
		{STR("state"), str_of(t->state)},
		{STR("queue"), str_of(t->queue ? t->queue : "")},
		{STR("agent"), str_of(t->agent ? t->agent : "")},
		{STR("since_ms"), STR("1700000000000")},
	};
	struct field info[] = {{STR("reason"), str_of(t->info ? t->info : "")}};

	snprintf(id, sizeof(id), "turn.%u", ++ids);
	say(&said, id, t->state);
	store_append(store,
		     &(struct store_unit){
			     .conv = t->conv,
			     .expect = t->expect,
			     .fence = t->fence,
			     .raise_fence = t->raise,
			     .entries = &said.entry,
			     .entry_count = 1,
			     .hash = hash,
			     .hash_count = ARRAY_LEN(hash),
			     .queue_op = t->op,
			     .queue = t->queue,
			     .queue_from = t->queue_from,
			     .agent = t->agent,
			     .priority = t->priority,
			     .since_ms = t->since_ms,
			     .info = info,
			     .info_count = 1,
			     .due_ms = strcmp(t->state, "closed") == 0 ? 0 : 5,
		     },
		     got_append, got, 0);
}

static inline enum store_status turned(struct store *store,
				       const struct turn *t)
{
	struct got got = {0};

	turn_to(store, t, &got);
	UNTIL(got.times == 1);
	return got.status;
}

/* All that was asked before has an answer: a question that comes last. */
static inline void settle_down(struct store *store)
{
	for (int i = 0; i < 3; i++) {
		struct got got = {0};

		store_hash_get(store, "nothing", got_hash, &got, 0);
		UNTIL(got.times == 1);
	}
}

#endif
