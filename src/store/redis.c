/* A connection that comes back by itself; see redis.h. Stands between the
 * wire and the store, decides nothing about what is sent. Commands are
 * answered in order, so one timer for the oldest is enough. A wire is closed
 * at the end of the turn only, never under its own callback. */
#include "redis.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis_wire.h"
#include "resolve.h"
#include "resp.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 2000
/* One that we left counts as having worked when it was open for so long. */
#define STEADY_MS      2000
/* An answer may lie in the socket while this process was stopped: before a
 * deadline counts, the socket is read once more. */
#define GRACE_MS       50
#define WHY_MAX        160
#define HOST_MAX       256

enum phase {
	PHASE_WAITING,    /* for the next try */
	PHASE_RESOLVING,  /* a name, in the pool */
	PHASE_CONNECTING, /* up to PONG */
	PHASE_OPEN,
};

/* A command without an answer so far. */
struct call {
	struct call *next;
	redis_reply_fn *fn;
	void *arg;
	int64_t deadline_ms;
};

struct redis {
	struct loop *loop;
	const struct address *address;
	char *label;
	int64_t timeout_ms;
	struct redis_ops ops;

	enum phase phase;
	struct wire *wire;   /* NULL: none */
	struct timer *timer; /* next try, or the oldest's deadline */
	struct deferred reset;
	bool doomed; /* to be closed at the end of the turn */
	bool left;   /* we closed it, as it was of no use */
	bool graced;
	char why[WHY_MAX]; /* why it is closed */
	char told[WHY_MAX];

	char host[HOST_MAX]; /* of the last try, where it is one by name */
	unsigned port;
	struct lookup *lookup;
	struct resolved found;
	size_t tries;
	unsigned failures; /* in a row */
	int64_t opened_ms;

	struct call *first, **last;
	size_t in_flight;

	bool listens; /* has sent SUBSCRIBE on this wire */
	redis_heard_fn *heard;
	void *heard_arg;
};

/* -- down, and the next try ------------------------------------------------ */

static void set_why(struct redis *redis, const char *why)
{
	if (redis->why[0] == '\0')
		snprintf(redis->why, sizeof(redis->why), "%s", why);
}

/* 100 ms, 200, 400 … 2 s, half to one and a half times that, so that many
 * daemons do not come back in one step. */
static int64_t backoff_ms(const struct redis *redis)
{
	int64_t now = loop_now_us(), ms = BACKOFF_MIN_MS;
	uint64_t random = hash_bytes((uintptr_t)redis, &now, sizeof(now));

	for (unsigned i = 1; i < redis->failures && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	ms = ms / 2 + (int64_t)(random % (uint64_t)ms);
	return ms > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : ms;
}

/* The same reason again is no news. */
static void log_down(struct redis *redis, bool was_open)
{
	bool searched = redis->ops.where != NULL && redis->host[0] != '\0';

	if (!was_open && strcmp(redis->told, redis->why) == 0)
		return;
	snprintf(redis->told, sizeof(redis->told), "%s", redis->why);
	log_warn("redis=%s connection=%s at=%s%s%s cause=\"%s\"",
		 was_open ? "lost" : "away", redis->label,
		 redis->address->shown, searched ? " host=" : "",
		 searched ? redis->host : "", redis->why);
}

static int64_t age_ms(const struct redis *redis)
{
	return loop_now_ms(redis->loop) - redis->opened_ms;
}

/* The wire is closed and everybody was told. */
static void down(struct redis *redis)
{
	bool was_open = redis->phase == PHASE_OPEN;

	assert(redis->in_flight == 0);
	redis->phase = PHASE_WAITING;
	redis->doomed = false;
	redis->graced = false;
	if (was_open && (!redis->left || age_ms(redis) > STEADY_MS))
		redis->failures = 0;
	redis->left = false;
	redis->failures++;
	set_why(redis, "closed");
	log_down(redis, was_open);
	redis->why[0] = '\0';
	timer_start(redis->timer, backoff_ms(redis), 0);
	if (was_open && redis->ops.closed != NULL)
		redis->ops.closed(redis->ops.arg);
}

/* Answers come in the order of the calls. */
static void answer_oldest(struct redis *redis, const struct reply *reply)
{
	struct call *call = redis->first;

	redis->first = call->next;
	if (redis->first == NULL)
		redis->last = &redis->first;
	redis->in_flight--;
	if (call->fn != NULL)
		call->fn(call->arg, reply);
	free(call);
}

static void close_wire(struct redis *redis)
{
	wire_close(&redis->wire);
	while (redis->first != NULL)
		answer_oldest(redis, NULL);
}

/* At the end of the turn. */
static void on_reset(void *arg)
{
	struct redis *redis = arg;

	close_wire(redis);
	loop_undefer(redis->loop, &redis->reset);
	down(redis);
}

static void doom(struct redis *redis, const char *why)
{
	set_why(redis, why);
	redis->doomed = true;
	loop_defer(redis->loop, &redis->reset);
}

void redis_reset(struct redis *redis, const char *why)
{
	if (redis->wire == NULL || redis->doomed)
		return;
	redis->left = true;
	doom(redis, why);
}

void redis_move(struct redis *redis, const char *why)
{
	redis->failures = 0;
	if (redis->phase == PHASE_RESOLVING) {
		resolve_cancel(&redis->lookup);
		redis->phase = PHASE_WAITING;
	}
	if (redis->phase == PHASE_WAITING)
		timer_start(redis->timer, 0, 0);
	else
		redis_reset(redis, why);
}

bool redis_is_at(const struct redis *redis, const char *host, unsigned port)
{
	return redis->phase > PHASE_WAITING && redis->port == port &&
	       strcmp(redis->host, host) == 0;
}

static void on_ended(void *arg, const char *why)
{
	doom(arg, why);
}

/* -- calls ----------------------------------------------------------------- */

/* Of the oldest; when another one becomes the oldest the timer finds out. */
static void watch_deadline(struct redis *redis)
{
	int64_t left;

	if (redis->first == NULL || redis->doomed)
		return;
	left = redis->first->deadline_ms - loop_now_ms(redis->loop);
	timer_start(redis->timer, left > 0 ? left : 0, 0);
}

static void check_deadline(struct redis *redis)
{
	int64_t now = loop_now_ms(redis->loop);

	if (redis->first == NULL)
		return;
	if (redis->first->deadline_ms > now) {
		redis->graced = false;
		watch_deadline(redis);
		return;
	}
	if (!redis->graced) {
		redis->graced = true;
		timer_start(redis->timer, GRACE_MS, 0);
		return;
	}
	redis_reset(redis, "no answer in time");
}

static bool send_call(struct redis *redis, struct str command,
		      redis_reply_fn *fn, void *arg)
{
	struct call *call;

	if (redis->wire == NULL || redis->doomed)
		return false;
	wire_send(redis->wire, command);
	call = xmalloc(sizeof(*call));
	*call = (struct call){
		.fn = fn,
		.arg = arg,
		.deadline_ms = loop_now_us() / 1000 + redis->timeout_ms,
	};
	*redis->last = call;
	redis->last = &call->next;
	if (redis->in_flight++ == 0)
		watch_deadline(redis);
	return true;
}

bool redis_send(struct redis *redis, struct str command, redis_reply_fn *fn,
		void *arg)
{
	return redis->phase == PHASE_OPEN && send_call(redis, command, fn, arg);
}

const char *redis_trouble(const struct redis *redis)
{
	return redis->told;
}

size_t redis_in_flight(const struct redis *redis)
{
	return redis->in_flight;
}

/* -- listening ------------------------------------------------------------- */

static void fail(struct redis *redis, const struct reply *reply,
		 const char *what)
{
	struct buf why = BUF_INIT;

	if (reply_kind(reply) == REPLY_ERROR)
		buf_addf(&why, "%s: %.*s%s%s", what, STR_ARG(reply_text(reply)),
			 reply_remedy(reply) ? "; " : "",
			 reply_remedy(reply) ? reply_remedy(reply) : "");
	else
		buf_addf(&why, "%s: no answer", what);
	redis_reset(redis, why.data);
	buf_fini(&why);
}

/* What comes without a question: on a connection that listens all that follows
 * SUBSCRIBE, else nothing. */
static void hear(struct redis *redis, const struct reply *reply)
{
	struct str what = reply_text(reply_at(reply, 0));
	struct str channel = reply_text(reply_at(reply, 1));
	struct str message = reply_text(reply_at(reply, 2));

	if (reply_kind(reply) == REPLY_ERROR)
		fail(redis, reply, "unasked");
	else if (!redis->listens)
		redis_reset(redis, "an answer that nobody has asked for");
	else if (reply_count(reply) != 3)
		return;
	else if (str_is(what, "message"))
		redis->heard(redis->heard_arg, channel, message);
	else if (str_is(what, "subscribe"))
		redis->heard(redis->heard_arg, STR(""), channel);
}

static void on_answer(void *arg, const struct reply *reply)
{
	struct redis *redis = arg;

	redis->graced = false;
	if (redis->first != NULL)
		answer_oldest(redis, reply);
	else
		hear(redis, reply);
}

bool redis_subscribe(struct redis *redis, const char *const *channels, size_t n,
		     redis_heard_fn *heard, void *arg)
{
	struct resp r = {0};

	if (redis->phase != PHASE_OPEN || redis->doomed)
		return false;
	redis->listens = true;
	redis->heard = heard;
	redis->heard_arg = arg;
	resp_start(&r, "SUBSCRIBE");
	for (size_t i = 0; i < n; i++)
		resp_add_s(&r, channels[i]);
	wire_send(redis->wire, resp_done(&r));
	resp_fini(&r);
	return true;
}

/* -- up -------------------------------------------------------------------- */

static void on_auth(void *arg, const struct reply *reply)
{
	if (reply_kind(reply) == REPLY_ERROR)
		fail(arg, reply, "AUTH");
}

static void on_select(void *arg, const struct reply *reply)
{
	if (reply_kind(reply) == REPLY_ERROR)
		fail(arg, reply, "SELECT");
}

/* Who may not ask is believed: a replica will say READONLY. */
static void on_role(void *arg, const struct reply *reply)
{
	struct str role = reply_text(reply_at(reply, 0));

	if (reply_kind(reply) == REPLY_ERROR &&
	    reply_class(reply) == CLASS_RECONNECT)
		fail(arg, reply, "ROLE");
	else if (role.n > 0 && !str_is(role, "master"))
		redis_reset(arg, "Sentinel calls it the primary, and it says "
				 "that it is not");
}

static void on_pong(void *arg, const struct reply *reply)
{
	struct redis *redis = arg;

	if (reply == NULL || redis->doomed)
		return;
	if (reply_kind(reply) == REPLY_ERROR) {
		fail(redis, reply, "PING");
		return;
	}
	redis->phase = PHASE_OPEN;
	redis->opened_ms = loop_now_ms(redis->loop);
	redis->told[0] = '\0';
	redis->ops.open(redis->ops.arg);
}

static void greet(struct redis *redis)
{
	const struct address *a = redis->address;
	struct resp r = {0};

	if (a->password != NULL) {
		resp_start(&r, "AUTH");
		if (a->user != NULL)
			resp_add_s(&r, a->user);
		resp_add_s(&r, a->password);
		send_call(redis, resp_done(&r), on_auth, redis);
	}
	if (a->db != 0) {
		resp_start(&r, "SELECT");
		resp_add_u64(&r, a->db);
		send_call(redis, resp_done(&r), on_select, redis);
	}
	if (redis->ops.where != NULL) {
		resp_start(&r, "ROLE");
		send_call(redis, resp_done(&r), on_role, redis);
	}
	resp_start(&r, "PING");
	send_call(redis, resp_done(&r), on_pong, redis);
	resp_fini(&r);
}

/* A peer that vanished without a word is noticed by the deadline of a command;
 * these are for a connection that only listens. */
static void set_options(struct redis *redis, int fd)
{
	int on = 1, idle_s = 10, every_s = 5, times = 3;
	unsigned unheard_ms = (unsigned)redis->timeout_ms * 5;

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (redis->address->path != NULL)
		return;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof(every_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unheard_ms,
		   sizeof(unheard_ms));
}

/* The commands of the greeting carry the deadline of the whole. */
static void open_wire(struct redis *redis)
{
	const struct wire_ops ops = {on_answer, on_ended, redis};
	const struct resolved *found = &redis->found;
	const char *path = redis->address->path, *address = NULL;
	char why[WHY_MAX];

	if (path == NULL)
		address = found->addresses[redis->tries++ % found->count];
	redis->wire = wire_open(redis->loop, path, address, redis->port, &ops,
				why, sizeof(why));
	if (redis->wire == NULL) {
		set_why(redis, why);
		loop_defer(redis->loop, &redis->reset);
		return;
	}
	redis->listens = false;
	redis->phase = PHASE_CONNECTING;
	set_options(redis, wire_fd(redis->wire));
	greet(redis);
}

static void on_resolved(void *arg, const struct resolved *found,
			const char *error)
{
	struct redis *redis = arg;

	redis->lookup = NULL;
	if (found->count > 0) {
		redis->found = *found;
		open_wire(redis);
		return;
	}
	set_why(redis, error);
	loop_defer(redis->loop, &redis->reset);
}

/* False: nobody knows. */
static bool choose_place(struct redis *redis)
{
	const char *host = redis->address->host;

	redis->port = redis->address->port;
	if (redis->ops.where != NULL &&
	    !redis->ops.where(redis->ops.arg, &host, &redis->port))
		return false;
	snprintf(redis->host, sizeof(redis->host), "%s", host);
	return true;
}

static void try_now(struct redis *redis)
{
	if (redis->address->path != NULL) {
		open_wire(redis);
		return;
	}
	if (!choose_place(redis)) {
		set_why(redis, "no Sentinel names the primary");
		loop_defer(redis->loop, &redis->reset);
		return;
	}
	redis->phase = PHASE_RESOLVING;
	redis->lookup = resolve(redis->loop, redis->host, on_resolved, redis);
}

static void on_timer(void *arg)
{
	struct redis *redis = arg;

	if (redis->phase == PHASE_WAITING)
		try_now(redis);
	else
		check_deadline(redis);
}

/* -- life ------------------------------------------------------------------ */

struct redis *redis_new(struct loop *loop, const struct address *address,
			const char *label, int64_t timeout_ms,
			const struct redis_ops *ops)
{
	struct redis *redis = xcalloc(1, sizeof(*redis));

	redis->loop = loop;
	redis->address = address;
	redis->label = xstrdup(label);
	redis->timeout_ms = timeout_ms;
	redis->ops = *ops;
	redis->last = &redis->first;
	redis->reset = (struct deferred){.call = on_reset, .arg = redis};
	redis->timer = timer_new(loop, on_timer, redis);
	timer_start(redis->timer, 0, 0);
	return redis;
}

void redis_free(struct redis **redisp)
{
	struct redis *redis = *redisp;

	if (redis == NULL)
		return;
	*redisp = NULL;
	redis->doomed = true; /* nothing more may be sent */
	resolve_cancel(&redis->lookup);
	close_wire(redis);
	loop_undefer(redis->loop, &redis->reset);
	timer_free(&redis->timer);
	free(redis->label);
	free(redis);
}
