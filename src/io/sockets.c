/* All WebSocket connections: their ids, how they come in from the front, the
 * wheel that pings the silent and ends the dead, how all of them are closed,
 * and the counters. What happens on one of them is socket.c's. */
#include "sockets.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

/* The wheel turns this many times in the shortest of the times it keeps. */
#define TICKS_IN    8
#define TICK_MS_MAX 1000

static const unsigned codes[] = {
#define X(name, number, text) number,
	SOCKET_CODES(X)
#undef X
};

static_assert(ARRAY_LEN(codes) + 1 == SOCKET_CODE_COUNT,
	      "SOCKET_CODE_COUNT is SOCKET_CODES and \"other\"");

unsigned socket_code_at(size_t i)
{
	return i < ARRAY_LEN(codes) ? codes[i] : 0;
}

static void count_close(struct socket_stats *stats, unsigned code)
{
	size_t i = 0;

	while (i < ARRAY_LEN(codes) && codes[i] != code)
		i++;
	stats->closes[i]++;
}

/* -- the list, the ids, the end -------------------------------------------- */

static void link_into(struct socket **list, struct socket *s)
{
	s->next = *list;
	s->prev = list;
	if (s->next != NULL)
		s->next->prev = &s->next;
	*list = s;
}

static void unlink_socket(struct socket *s)
{
	*s->prev = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
}

static void enlist(struct sockets *all, struct socket *s)
{
	s->all = all;
	s->id = ids_add(&all->ids, s);
	link_into(&all->first, s);
}

static void sweep(void *arg)
{
	struct sockets *all = arg;

	while (all->gone != NULL) {
		struct socket *s = all->gone;

		unlink_socket(s);
		free(s);
	}
	if (all->room != NULL)
		all->room(all->room_arg);
}

void sockets_finish(struct socket *s)
{
	struct sockets *all = s->all;
	unsigned code = s->code == 0 ? SOCKET_ABNORMAL : s->code;

	s->state = GONE;
	s->wsi = NULL;
	ids_remove(&all->ids, s->id);
	unlink_socket(s);
	link_into(&all->gone, s);
	wheel_take(&s->look);
	socket_not_late(s);
	buf_fini(&s->in);
	outq_fini(&s->out);
	loop_defer(all->loop, &all->sweep);
	count_close(&all->stats, code);
	if (s->ops->closed != NULL)
		s->ops->closed(s->arg, s, code);
}

/* -- adoption -------------------------------------------------------------- */

static void adopt_at_turn_end(void *arg)
{
	struct socket *s = arg;
	int fd = s->fd;

	s->fd = -1;
	s->turn_end.call = socket_end_broken;
	if (!door_adopt(s->all->door, fd, s->subprotocol,
			(struct str){s->key, sizeof(s->key)}, s))
		sockets_finish(s);
	else if (s->state == HANDSHAKE) /* it owes us an end then */
		log_warn("socket handshake=unfinished");
}

void sockets_adopt(struct sockets *sockets, const struct handshake *hs,
		   const struct socket_ops *ops, void *arg)
{
	struct socket *s = xcalloc(1, sizeof(*s));

	assert(hs->key.n == sizeof(s->key) && hs->peer.n < sizeof(s->peer));
	enlist(sockets, s);
	s->ops = ops;
	s->arg = arg;
	s->state = HANDSHAKE;
	s->fd = hs->fd;
	s->refuse = sockets->closing != 0 ? sockets->closing : hs->refuse;
	s->subprotocol = hs->subprotocol;
	memcpy(s->key, hs->key.p, hs->key.n);
	memcpy(s->peer, hs->peer.p, hs->peer.n);
	s->turn_end.call = adopt_at_turn_end;
	s->turn_end.arg = s;
	loop_defer(sockets->loop, &s->turn_end);
}

const char *sockets_protocol(const struct sockets *sockets, const char *name)
{
	size_t i;

	for (i = 0; i < sockets->n_subprotocols; i++)
		if (strcmp(sockets->subprotocols[i], name) == 0)
			return sockets->subprotocols[i];
	return NULL;
}

void sockets_on_room(struct sockets *sockets, void (*room)(void *arg),
		     void *arg)
{
	sockets->room = room;
	sockets->room_arg = arg;
}

/* -- the wheel ------------------------------------------------------------- */

static void hang_up(struct socket *s, unsigned code)
{
	if (s->code == 0)
		s->code = code;
	socket_kill(s, true);
}

/* Between two fragments it is not pinged: the library runs the pong's payload
 * through the UTF-8 check of the text under way. */
static void ping(struct socket *s)
{
	s->is_pinged = true;
	if (s->is_in_message)
		return;
	/* With a payload: an empty pong is not reported. */
	outq_add(&s->out, OUTQ_PING, STR("answerd"));
	s->all->stats.pings++;
	if (!socket_write_out(s))
		socket_kill(s, true);
}

/* Nobody is hung up on who was not pinged in time: then it was we who stood
 * still. */
static void look_at_open(struct socket *s, int64_t now_ms)
{
	const struct sockets *all = s->all;
	int64_t next_ms;

	if (s->is_choked) {
		if (now_ms - s->progress_ms >= all->hangup_ms) {
			hang_up(s, SOCKET_NOT_READING);
			return;
		}
		next_ms = s->progress_ms + all->hangup_ms;
	} else if (s->is_pinged) {
		next_ms = s->heard_ms + all->hangup_ms;
		if (now_ms >= next_ms) {
			hang_up(s, SOCKET_ABNORMAL);
			return;
		}
	} else if (now_ms - s->heard_ms >= all->ping_ms) {
		next_ms = now_ms + all->hangup_ms - all->ping_ms;
		ping(s);
	} else {
		next_ms = s->heard_ms + all->ping_ms;
	}
	if (s->state == OPEN)
		wheel_file(&s->all->wheel, &s->look, next_ms);
}

static void look_at(void *arg, struct wheel_item *item)
{
	struct socket *s =
		(struct socket *)((char *)item - offsetof(struct socket, look));

	(void)arg;
	switch (s->state) {
	case OPEN:
		look_at_open(s, loop_now_ms(s->all->loop));
		break;
	case CLOSING:
	case LEAVING:
		socket_kill(s, s->is_choked);
		break;
	case HANDSHAKE:
	case GONE:
		assert(!"a socket that is not open is not on the wheel");
	}
}

static void on_tick(void *arg)
{
	struct sockets *all = arg;

	wheel_turn(&all->wheel, loop_now_ms(all->loop), look_at, all);
}

static void start_wheel(struct sockets *all)
{
	int64_t ms = all->ping_ms;

	if (ms > all->hangup_ms - all->ping_ms)
		ms = all->hangup_ms - all->ping_ms;
	if (ms > all->close_ms)
		ms = all->close_ms;
	ms /= TICKS_IN;
	if (ms > TICK_MS_MAX)
		ms = TICK_MS_MAX;
	if (ms < 1)
		ms = 1;
	wheel_init(&all->wheel, ms, loop_now_ms(all->loop));
	all->tick = timer_new(all->loop, on_tick, all);
	timer_start(all->tick, ms, ms);
	timer_unref(all->tick);
}

/* -- all of them ----------------------------------------------------------- */

static unsigned or_default(unsigned given, unsigned otherwise)
{
	return given == 0 ? otherwise : given;
}

struct sockets *sockets_new(struct loop *loop,
			    const struct sockets_options *options,
			    struct buf *why)
{
	struct sockets *all = xcalloc(1, sizeof(*all));
	size_t i;

	assert(options->n_subprotocols <= SOCKET_PROTOCOLS_MAX);
	all->loop = loop;
	all->ping_ms = or_default(options->ping_ms, SOCKET_PING_MS);
	all->hangup_ms = or_default(options->hangup_ms, SOCKET_HANGUP_MS);
	all->close_ms = or_default(options->close_ms, SOCKET_CLOSE_MS);
	assert(all->hangup_ms > all->ping_ms);
	all->sweep.call = sweep;
	all->sweep.arg = all;
	all->write.call = sockets_write_late;
	all->write.arg = all;
	all->burst = burst_new(SOCKETS_LATE);
	for (i = 0; i < options->n_subprotocols; i++)
		all->subprotocols[all->n_subprotocols++] =
			xstrdup(options->subprotocols[i]);
	all->door = door_new(loop, (const char *const *)all->subprotocols,
			     all->n_subprotocols, why);
	start_wheel(all);
	if (all->door == NULL)
		sockets_free(&all);
	return all;
}

/* Those whose handshake the library has not seen yet. */
static void finish_unadopted(struct sockets *all)
{
	struct socket *s = all->first;

	while (s != NULL) {
		struct socket *next = s->next;

		if (s->state == HANDSHAKE && s->fd >= 0) {
			close(s->fd);
			sockets_finish(s);
		}
		s = next;
	}
}

void sockets_free(struct sockets **sockets)
{
	struct sockets *all = *sockets;
	size_t i;

	if (all == NULL)
		return;
	all->room = NULL;
	finish_unadopted(all);
	door_free(&all->door);
	assert(all->ids.count == 0);
	loop_undefer(all->loop, &all->write);
	loop_undefer(all->loop, &all->sweep);
	sweep(all);
	timer_free(&all->tick);
	for (i = 0; i < all->n_subprotocols; i++)
		free(all->subprotocols[i]);
	ids_fini(&all->ids);
	outq_pool_fini(&all->spare);
	burst_free(&all->burst);
	free(all);
	*sockets = NULL;
}

void sockets_close_all(struct sockets *sockets, unsigned code)
{
	struct socket *s;

	sockets->closing = code;
	for (s = sockets->first; s != NULL; s = s->next)
		socket_close(s, code, STR_NONE);
}

size_t sockets_count(const struct sockets *sockets)
{
	return sockets->ids.count;
}

struct socket *sockets_find(struct sockets *sockets, uint64_t id)
{
	return ids_find(&sockets->ids, id);
}

struct socket *sockets_next(struct sockets *sockets, struct socket *after)
{
	struct socket *s = after == NULL ? sockets->first : after->next;

	while (s != NULL && s->state != OPEN)
		s = s->next;
	return s;
}

const struct socket_stats *sockets_stats(const struct sockets *sockets)
{
	return &sockets->stats;
}
