/* The bell: what other daemons have done, heard on a connection of its own. It
 * only wakes; nothing depends on it. On the node's channel come
 *   "CONV SEQ"    somebody appended to a conversation that is shown here
 *   "!CONV TEXT"  a whisper, not logged
 *   "*"           our own sign of life: when it stays away while commands are
 *                 answered, this connection is deaf and is made anew
 * on the channel of the queues the name of one that changed, and on that of
 * the news what else concerns every daemon. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core.h"

#define DEAF_MS  5000
#define CHANNELS 3

static bool copy_name(struct str from, char out[STORE_NAME_MAX])
{
	if (from.n == 0 || from.n >= STORE_NAME_MAX ||
	    memchr(from.p, '\0', from.n) != NULL)
		return false;
	memcpy(out, from.p, from.n);
	out[from.n] = '\0';
	return true;
}

static void on_queue(struct store *store, struct str name)
{
	char queue[STORE_NAME_MAX];

	if (copy_name(name, queue) && store->ops.queue_bell != NULL)
		store->ops.queue_bell(store->ops.arg, queue);
}

static void on_news(struct store *store, struct str name)
{
	char what[STORE_NAME_MAX];

	if (copy_name(name, what) && store->ops.news != NULL)
		store->ops.news(store->ops.arg, what);
}

static void on_mine(struct store *store, struct str message)
{
	bool whisper = message.n > 0 && message.p[0] == '!';
	const char *start = message.p + whisper;
	size_t n = message.n - whisper;
	const char *space = n > 0 ? memchr(start, ' ', n) : NULL;
	char conv[STORE_NAME_MAX];
	struct str rest;
	uint64_t seq;

	if (space == NULL ||
	    !copy_name((struct str){start, (size_t)(space - start)}, conv))
		return;
	rest = (struct str){space + 1, n - (size_t)(space - start) - 1};
	if (whisper && store->ops.whisper != NULL)
		store->ops.whisper(store->ops.arg, conv, rest);
	else if (!whisper && str_to_u64(rest, UINT64_MAX, &seq) &&
		 store->ops.bell != NULL)
		store->ops.bell(store->ops.arg, conv, seq);
}

/* All channels: from now on nothing is missed, but something may have been. */
static void on_subscribed(struct store *store)
{
	struct bell *bell = &store->bell;

	if (++bell->subscribed < CHANNELS)
		return;
	if (bell->missed) {
		on_queue(store, STR("*"));
		on_news(store, STR("*"));
	}
	bell->missed = true;
}

static void on_heard(void *arg, struct str channel, struct str message)
{
	struct store *store = arg;
	struct bell *bell = &store->bell;

	if (store->closing)
		return;
	bell->heard_ms = loop_now_ms(store->loop);
	if (channel.n == 0)
		on_subscribed(store);
	else if (str_is(channel, bell->queues))
		on_queue(store, message);
	else if (str_is(channel, bell->news))
		on_news(store, message);
	else if (!str_is(message, "*"))
		on_mine(store, message);
}

static void on_open(void *arg)
{
	struct store *store = arg;
	struct bell *bell = &store->bell;
	const char *channels[] = {bell->mine, bell->queues, bell->news};

	bell->subscribed = 0;
	bell->heard_ms = loop_now_ms(store->loop);
	bell->open = true;
	if (!redis_subscribe(bell->redis, channels, CHANNELS, on_heard, store))
		redis_reset(bell->redis, "SUBSCRIBE could not be sent");
}

static void on_closed(void *arg)
{
	((struct store *)arg)->bell.open = false;
}

/* The answer to our own sign of life: by now it should have been heard. */
static void on_rung(void *arg, const struct reply *reply)
{
	struct store *store = arg;
	struct bell *bell = &store->bell;

	if (core_judge(store, reply, "publish") != STORE_OK || store->closing)
		return;
	if (bell->open && loop_now_ms(store->loop) - bell->heard_ms > DEAF_MS)
		redis_reset(bell->redis, "deaf: our own bell is not heard");
}

void bell_tick(struct store *store)
{
	if (!store->up)
		return;
	resp_start(&store->cmd, "PUBLISH");
	resp_add_s(&store->cmd, store->bell.mine);
	resp_add_s(&store->cmd, "*");
	core_send(store, on_rung, store);
}

static char *channel(const struct store *store, const char *name)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%sbell:%s", store->prefix, name);
	return buf_take(&b);
}

void bell_init(struct store *store)
{
	struct bell *bell = &store->bell;

	bell->mine = channel(store, store->node);
	bell->queues = channel(store, "queues");
	bell->news = channel(store, "news");
	bell->redis = redis_new(store->loop, &store->address, "bell",
				store->timeout_ms,
				&(struct redis_ops){on_open, on_closed,
						    core_where(store), store});
}

void bell_fini(struct store *store)
{
	struct bell *bell = &store->bell;

	redis_free(&bell->redis);
	free(bell->mine);
	free(bell->queues);
	free(bell->news);
}
