/* Where the primary is, by Redis Sentinel; see sentinel.h.
 *
 * Sentinels may be away, and one that was cut off goes on naming the primary
 * of yesterday. So all are asked, and of what they say
 * 1. only answers about as young as the youngest count; where none answers any
 *    more, what was said last stands,
 * 2. the one of the highest configuration epoch is the best: each failover
 *    has a higher one, and Sentinels adopt it from each other,
 * 3. of one epoch, the place that more of them name.
 * There is no second best: while a primary is down and none has taken its
 * place, what a lone Sentinel names is the least to be trusted. */
#include "sentinel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "redis.h"
#include "resp.h"

#define ASK_MS     1000
#define FRESH_MS   5000 /* older than the youngest answer: does not count */
#define HOST_MAX   256
/* At the start one that is wrong may be the first to answer: it alone is not
 * believed before the others have had so long. */
#define HEARING_MS 500

/* One Sentinel, and what it has said. */
struct post {
	struct sentinel *sentinel;
	struct address address;
	struct redis *ask, *listen;
	bool open, asked;
	bool complained; /* logged that it does not know the name */
	char host[HOST_MAX];
	unsigned port;
	uint64_t epoch, asked_epoch;
	int64_t at_ms; /* 0: has named none */
};

struct sentinel {
	struct loop *loop;
	const char *name;
	struct post posts[SENTINELS_MAX];
	size_t count;
	struct timer *tick;
	struct timer *hearing;
	bool heard;          /* enough of them, or long enough */
	char host[HOST_MAX]; /* the best, as last told */
	unsigned port;
	sentinel_moved_fn *moved;
	void *arg;
};

/* -- which is the best ----------------------------------------------------- */

static bool same_place(const struct post *a, const struct post *b)
{
	return a->port == b->port && strcmp(a->host, b->host) == 0;
}

static bool counts(const struct sentinel *s, const struct post *post)
{
	int64_t youngest = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->posts[i].at_ms > youngest)
			youngest = s->posts[i].at_ms;
	return post->at_ms != 0 && youngest - post->at_ms <= FRESH_MS;
}

static size_t votes(const struct sentinel *s, const struct post *post)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		n += counts(s, &s->posts[i]) && same_place(&s->posts[i], post);
	return n;
}

static bool is_better(const struct sentinel *s, const struct post *a,
		      const struct post *b)
{
	if (a->epoch != b->epoch)
		return a->epoch > b->epoch;
	return votes(s, a) > votes(s, b);
}

static const struct post *best(const struct sentinel *s)
{
	const struct post *best = NULL;

	for (size_t i = 0; s->heard && i < s->count; i++) {
		const struct post *post = &s->posts[i];

		if (counts(s, post) &&
		    (best == NULL || is_better(s, post, best)))
			best = post;
	}
	return best;
}

bool sentinel_where(const struct sentinel *sentinel, const char **host,
		    unsigned *port)
{
	const struct post *post = best(sentinel);

	if (post == NULL)
		return false;
	*host = post->host;
	*port = post->port;
	return true;
}

static void look(struct sentinel *s)
{
	const char *host;
	unsigned port;

	if (!sentinel_where(s, &host, &port) ||
	    (port == s->port && strcmp(host, s->host) == 0))
		return;
	log_info("sentinel=names primary=%s host=%s port=%u%s%s", s->name, host,
		 port, s->host[0] != '\0' ? " was=" : "", s->host);
	snprintf(s->host, sizeof(s->host), "%s", host);
	s->port = port;
	s->moved(s->arg);
}

static void on_heard_enough(void *arg)
{
	struct sentinel *s = arg;

	s->heard = true;
	look(s);
}

static void take_answer(struct sentinel *s)
{
	size_t answers = 0;

	for (size_t i = 0; i < s->count; i++)
		answers += s->posts[i].at_ms != 0;
	if (s->heard || 2 * answers > s->count)
		on_heard_enough(s);
	else if (!timer_is_running(s->hearing))
		timer_start(s->hearing, HEARING_MS, 0);
}

/* -- one Sentinel ---------------------------------------------------------- */

static struct str named(const struct reply *reply, const char *name)
{
	for (size_t i = 0; i + 1 < reply_count(reply); i += 2)
		if (str_is(reply_text(reply_at(reply, i)), name))
			return reply_text(reply_at(reply, i + 1));
	return STR_NONE;
}

/* It watches another primary, or may not be asked. */
static void complain(struct post *post, const struct reply *reply)
{
	struct str error = reply_text(reply);

	post->at_ms = 0;
	if (post->complained)
		return;
	post->complained = true;
	log_warn("sentinel=useless at=%s primary=%s error=\"%.*s\" remedy=\""
		 "compare redis.url with what it is configured to monitor\"",
		 post->address.shown, post->sentinel->name, STR_ARG(error));
}

/* Also "ip" and "port" are in it: of the old one, until the failover is over
 * for all replicas. */
static void on_master(void *arg, const struct reply *reply)
{
	struct post *post = arg;

	post->asked_epoch = 0;
	str_to_u64(named(reply, "config-epoch"), UINT64_MAX,
		   &post->asked_epoch);
	if (reply_kind(reply) == REPLY_ERROR)
		complain(post, reply);
}

static void on_place(void *arg, const struct reply *reply)
{
	struct post *post = arg;
	struct str host = reply_text(reply_at(reply, 0));
	uint64_t port = 0;

	post->asked = false;
	if (host.n == 0 || host.n >= HOST_MAX ||
	    !str_to_u64(reply_text(reply_at(reply, 1)), 65535, &port) ||
	    port == 0)
		return;
	post->complained = false;
	memcpy(post->host, host.p, host.n);
	post->host[host.n] = '\0';
	post->port = (unsigned)port;
	post->epoch = post->asked_epoch;
	post->at_ms = loop_now_ms(post->sentinel->loop);
	take_answer(post->sentinel);
}

static bool ask_for(struct post *post, const char *what, redis_reply_fn *fn)
{
	struct resp r = {0};
	bool sent;

	resp_start(&r, "SENTINEL");
	resp_add_s(&r, what);
	resp_add_s(&r, post->sentinel->name);
	sent = redis_send(post->ask, resp_done(&r), fn, post);
	resp_fini(&r);
	return sent;
}

static void ask(struct post *post)
{
	if (!post->open || post->asked)
		return;
	post->asked = ask_for(post, "MASTER", on_master) &&
		      ask_for(post, "GET-MASTER-ADDR-BY-NAME", on_place);
}

static void on_open(void *arg)
{
	struct post *post = arg;

	post->open = true;
	ask(post);
}

static void on_closed(void *arg)
{
	((struct post *)arg)->open = false;
}

/* "NAME oldhost oldport newhost newport": the answer has more in it. */
static void on_heard(void *arg, struct str channel, struct str message)
{
	(void)message;
	if (channel.n > 0)
		ask(arg);
}

static void on_listening(void *arg)
{
	static const char *const channels[] = {"+switch-master"};
	struct post *post = arg;

	if (!redis_subscribe(post->listen, channels, 1, on_heard, post))
		redis_reset(post->listen, "SUBSCRIBE could not be sent");
}

static void on_tick(void *arg)
{
	struct sentinel *s = arg;

	for (size_t i = 0; i < s->count; i++)
		ask(&s->posts[i]);
}

/* -- life ------------------------------------------------------------------ */

static void open_post(struct sentinel *s, struct post *post,
		      const struct place *place, int64_t timeout_ms)
{
	struct buf shown = BUF_INIT;

	post->sentinel = s;
	buf_addf(&shown, "%s:%u", place->host, place->port);
	post->address = (struct address){.host = xstrdup(place->host),
					 .port = place->port,
					 .shown = buf_take(&shown)};
	post->ask = redis_new(s->loop, &post->address, "sentinel", timeout_ms,
			      &(struct redis_ops){.open = on_open,
						  .closed = on_closed,
						  .arg = post});
	post->listen = redis_new(
		s->loop, &post->address, "sentinel-news", timeout_ms,
		&(struct redis_ops){.open = on_listening, .arg = post});
}

struct sentinel *sentinel_new(struct loop *loop, const struct address *address,
			      int64_t timeout_ms, sentinel_moved_fn *moved,
			      void *arg)
{
	struct sentinel *s = xcalloc(1, sizeof(*s));

	s->loop = loop;
	s->name = address->primary;
	s->moved = moved;
	s->arg = arg;
	s->count = address->sentinel_count;
	for (size_t i = 0; i < s->count; i++)
		open_post(s, &s->posts[i], &address->sentinels[i], timeout_ms);
	s->hearing = timer_new(loop, on_heard_enough, s);
	s->tick = timer_new(loop, on_tick, s);
	timer_start(s->tick, ASK_MS, ASK_MS);
	return s;
}

void sentinel_free(struct sentinel **sentinelp)
{
	struct sentinel *s = *sentinelp;

	if (s == NULL)
		return;
	*sentinelp = NULL;
	timer_free(&s->hearing);
	timer_free(&s->tick);
	for (size_t i = 0; i < s->count; i++) {
		redis_free(&s->posts[i].ask);
		redis_free(&s->posts[i].listen);
		address_fini(&s->posts[i].address);
	}
	free(s);
}
