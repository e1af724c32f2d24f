/* WebSocket connections: collects messages, keeps the bounded queue, closes
 * with the right code. Above it the owner's callbacks, below it lws.c through
 * door.h; pings and time-outs by the wheel. What messages mean is none of its
 * business, and no owner's call writes, closes or frees anything at once that
 * the library might be using: that happens at the end of the turn.
 *
 *   HANDSHAKE --> OPEN --> CLOSING (we began) ------> GONE
 *                   \----> LEAVING (the peer began,--/
 *                          or the library did)
 */
#include "io/socket.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adopt.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "door.h"
#include "ids.h"
#include "outq.h"
#include "wheel.h"

/* The wheel turns this many times in the shortest of the times it keeps. */
#define TICKS_IN    8
#define TICK_MS_MAX 1000

enum state {
	HANDSHAKE, /* waits for the library to answer 101 */
	OPEN,
	CLOSING, /* our close frame is queued or sent; wait for the answer */
	LEAVING, /* the other side or the library closes; no more writing */
	GONE,    /* closed() was called; freed at the end of the turn */
};

struct socket {
	struct sockets *all;
	uint64_t id;
	struct lws *wsi; /* NULL before it is open and when it is gone */
	const struct socket_ops *ops;
	void *arg;
	enum state state;
	unsigned code;               /* that closed() will get; 0: 1006 */
	struct socket *next, **prev; /* all, or those to be freed */
	struct wheel_item look;      /* pings, hang-up, close time-out */
	struct deferred turn_end;    /* adopt, or flush */
	/* incoming */
	struct buf in; /* parts of an unfinished message */
	bool is_in_message;
	bool is_binary;
	int64_t heard_ms;
	bool is_pinged; /* since it was heard */
	/* outgoing */
	struct outq out;
	bool is_corked;      /* in a callback: flushed when that returns */
	bool is_choked;      /* the pipe is full; reading is paused */
	bool is_broken;      /* writing failed; killed at the end of the turn */
	int64_t progress_ms; /* while choked: when bytes last went out */
	int64_t close_by_ms; /* when closing */
	/* handshake */
	int fd;
	unsigned refuse;
	const char *subprotocol;
	char key[ADOPT_KEY_BYTES];
	char peer[ADOPT_PEER_BYTES];
};

struct sockets {
	struct loop *loop;
	struct door *door;
	char *subprotocols[SOCKET_PROTOCOLS_MAX];
	size_t n_subprotocols;
	unsigned ping_ms, hangup_ms, close_ms;
	struct socket *first;
	struct ids ids;
	struct wheel wheel;
	struct timer *tick;
	struct socket *gone;
	struct deferred sweep;
	unsigned closing; /* sockets_close_all()'s code */
	void (*room)(void *arg);
	void *room_arg;
	struct socket_stats stats;
};

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

static void finish(struct socket *s)
{
	struct sockets *all = s->all;
	unsigned code = s->code == 0 ? SOCKET_ABNORMAL : s->code;

	s->state = GONE;
	s->wsi = NULL;
	ids_remove(&all->ids, s->id);
	unlink_socket(s);
	link_into(&all->gone, s);
	wheel_take(&s->look);
	loop_undefer(all->loop, &s->turn_end);
	buf_fini(&s->in);
	outq_fini(&s->out);
	loop_defer(all->loop, &all->sweep);
	count_close(&all->stats, code);
	if (s->ops->closed != NULL)
		s->ops->closed(s->arg, s, code);
}

/* Not from under a callback of the library for this socket. */
static void kill_socket(struct socket *s, bool abort)
{
	if (s->state == OPEN || s->state == CLOSING)
		s->state = LEAVING;
	/* Should it take the library a turn or two, it is told again. */
	s->close_by_ms = loop_now_ms(s->all->loop);
	wheel_file(&s->all->wheel, &s->look, s->close_by_ms);
	door_kill(s->wsi, abort);
}

/* -- writing --------------------------------------------------------------- */

static size_t max_queue(const struct socket *s)
{
	return s->ops->max_queue_bytes == 0 ? SOCKET_QUEUE_BYTES
					    : s->ops->max_queue_bytes;
}

static void choke(struct socket *s)
{
	s->progress_ms = loop_now_ms(s->all->loop);
	door_want_write(s->wsi);
	if (s->is_choked)
		return;
	s->is_choked = true;
	s->all->stats.choked++;
	door_pause(s->wsi, true);
}

static void unchoke(struct socket *s)
{
	if (!s->is_choked)
		return;
	s->is_choked = false;
	s->heard_ms = loop_now_ms(s->all->loop); /* it was we who were deaf */
	door_pause(s->wsi, false);
}

/* Writes as long as the kernel takes it. False: the connection is broken. */
static bool write_out(struct socket *s)
{
	struct socket_stats *stats = &s->all->stats;

	while (outq_bytes(&s->out) > 0 && !door_is_choked(s->wsi)) {
		struct str chunk = outq_chunk(&s->out, DOOR_WRITE_BYTES);

		if (!door_write(s->wsi, chunk)) {
			s->is_broken = true;
			return false;
		}
		stats->writes++;
		stats->bytes_out += chunk.n;
		outq_used(&s->out, chunk.n);
	}
	if (door_is_choked(s->wsi))
		choke(s);
	else
		unchoke(s);
	return true;
}

static bool may_write(const struct socket *s)
{
	return (s->state == OPEN || s->state == CLOSING) && !s->is_broken;
}

static void at_turn_end(struct socket *s)
{
	if (!s->is_corked)
		loop_defer(s->all->loop, &s->turn_end);
}

static void flush_at_turn_end(void *arg)
{
	struct socket *s = arg;

	if (may_write(s) && write_out(s))
		return;
	if (s->is_broken)
		kill_socket(s, true);
}

static void uncork(struct socket *s)
{
	s->is_corked = false;
	if (may_write(s) && outq_bytes(&s->out) > 0)
		write_out(s);
}

/* -- closing --------------------------------------------------------------- */

static void close_within(struct socket *s, unsigned ms)
{
	s->close_by_ms = loop_now_ms(s->all->loop) + ms;
	wheel_file(&s->all->wheel, &s->look, s->close_by_ms);
}

static void begin_close(struct socket *s, unsigned code, struct str reason)
{
	s->state = CLOSING;
	s->code = code;
	s->all->stats.frames_out++;
	outq_add_close(&s->out, code, reason);
	close_within(s, s->all->close_ms);
	at_turn_end(s);
}

void socket_close(struct socket *s, unsigned code, struct str reason)
{
	assert(code >= 1000 && code < 5000 && code != SOCKET_NO_STATUS &&
	       code != SOCKET_ABNORMAL);
	if (s->state == HANDSHAKE && s->refuse == 0)
		s->refuse = code;
	if (s->state == OPEN)
		begin_close(s, code, reason);
}

static void close_slow(struct socket *s)
{
	outq_drop(&s->out);
	begin_close(s, SOCKET_NOT_READING, STR("you do not read"));
}

/* -- sending --------------------------------------------------------------- */

/* The cap is on what waits before this call, so that one long answer to a
 * client that reads is never held against it. */
static bool has_room(struct socket *s)
{
	if (s->state != OPEN || s->is_broken)
		return false;
	if (outq_bytes(&s->out) < max_queue(s))
		return true;
	if (!write_out(s)) {
		at_turn_end(s);
		return false;
	}
	if (outq_bytes(&s->out) < max_queue(s))
		return true;
	close_slow(s);
	return false;
}

static bool send_frames(struct socket *s, enum outq_opcode opcode,
			const struct str *payloads, size_t n)
{
	size_t i;

	if (!has_room(s))
		return false;
	for (i = 0; i < n; i++)
		outq_add(&s->out, opcode, payloads[i]);
	s->all->stats.frames_out += n;
	at_turn_end(s);
	return true;
}

bool socket_send(struct socket *s, const struct str *texts, size_t n)
{
	return send_frames(s, OUTQ_TEXT, texts, n);
}

bool socket_send_text(struct socket *s, struct str text)
{
	return send_frames(s, OUTQ_TEXT, &text, 1);
}

bool socket_send_binary(struct socket *s, struct str bytes)
{
	return send_frames(s, OUTQ_BINARY, &bytes, 1);
}

/* -- from the library ------------------------------------------------------ */

static void hear(struct socket *s)
{
	s->heard_ms = loop_now_ms(s->all->loop);
	s->is_pinged = false;
}

void socket_on_open(struct socket *s, struct lws *wsi)
{
	s->wsi = wsi;
	s->state = OPEN;
	s->all->stats.opened++;
	hear(s);
	wheel_file(&s->all->wheel, &s->look, s->heard_ms + s->all->ping_ms);
	if (s->refuse != 0) {
		begin_close(s, s->refuse, STR_NONE);
		return;
	}
	s->is_corked = true;
	if (s->ops->opened != NULL)
		s->ops->opened(s->arg, s);
	uncork(s);
	if (s->is_broken)
		at_turn_end(s);
}

static void deliver(struct socket *s, struct str whole)
{
	s->all->stats.messages_in++;
	s->all->stats.bytes_in += whole.n;
	if (s->is_binary)
		s->ops->binary(s->arg, s, whole);
	else if (utf8_valid(whole.p, whole.n))
		s->ops->text(s->arg, s, whole);
	else
		socket_close(s, SOCKET_NOT_UTF8, STR("not UTF-8"));
}

static bool fits(const struct socket *s, size_t n, uint64_t rest)
{
	size_t max = s->ops->max_message_bytes == 0 ? SOCKET_MESSAGE_BYTES
						    : s->ops->max_message_bytes;

	if (s->in.len > max || n > max - s->in.len)
		return false;
	return rest <= max - s->in.len - n;
}

static void take_part(struct socket *s, struct str part, uint64_t rest,
		      bool is_last)
{
	if (s->is_binary && s->ops->binary == NULL) {
		socket_close(s, SOCKET_UNSUPPORTED, STR("text frames only"));
		return;
	}
	if (!fits(s, part.n, rest)) {
		socket_close(s, SOCKET_TOO_BIG, STR("over the frame limit"));
		return;
	}
	if (s->in.len == 0 && is_last) {
		deliver(s, part);
		return;
	}
	buf_add(&s->in, part.p, part.n);
	if (!is_last)
		return;
	deliver(s, buf_str(&s->in)); /* the owner may close in there */
	buf_fini(&s->in);
}

/* The library checks UTF-8 too, and early; but a pong between two fragments
 * is run through the same state, and an empty last fragment is not checked,
 * so a whole message is looked at again in deliver(). */
bool socket_on_data(struct socket *s, struct str part, uint64_t rest,
		    bool is_last, bool is_binary)
{
	hear(s);
	if (s->state != OPEN)
		return true; /* nobody listens any more */
	if (!s->is_in_message)
		s->is_binary = is_binary;
	s->is_in_message = !is_last;
	s->is_corked = true;
	take_part(s, part, rest, is_last);
	uncork(s);
	if (s->state != OPEN)
		buf_fini(&s->in);
	return !s->is_broken;
}

void socket_on_pong(struct socket *s)
{
	hear(s);
}

bool socket_on_writable(struct socket *s)
{
	if (!may_write(s))
		return !s->is_broken;
	return write_out(s);
}

bool socket_on_peer_close(struct socket *s, struct str payload)
{
	const unsigned char *p = (const unsigned char *)payload.p;

	if (s->state != OPEN)
		return false; /* it answers ours: done */
	if (outq_bytes(&s->out) > 0 && !write_out(s))
		return false;
	if (payload.n == 1) { /* half a code; the library would echo it */
		begin_close(s, SOCKET_PROTOCOL, STR_NONE);
		write_out(s);
		return false;
	}
	s->state = LEAVING;
	s->code = payload.n < 2 ? SOCKET_NO_STATUS : (unsigned)p[0] << 8 | p[1];
	outq_fini(&s->out);
	close_within(s, s->all->close_ms);
	return true;
}

void socket_on_leaving(struct socket *s, unsigned code)
{
	if (s->state == OPEN || s->state == CLOSING) {
		s->state = LEAVING;
		close_within(s, s->all->close_ms);
	}
	if (s->code == 0)
		s->code = code;
}

void socket_on_closed(struct socket *s)
{
	finish(s);
}

/* -- adoption -------------------------------------------------------------- */

static void adopt_at_turn_end(void *arg)
{
	struct socket *s = arg;
	int fd = s->fd;

	s->fd = -1;
	s->turn_end.call = flush_at_turn_end;
	if (!door_adopt(s->all->door, fd, s->subprotocol,
			(struct str){s->key, sizeof(s->key)}, s))
		finish(s);
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
	kill_socket(s, true);
}

/* Between two fragments it is not pinged: the library runs the pong's payload
 * through the UTF-8 check of the text under way. */
static void ping(struct socket *s)
{
	s->is_pinged = true;
	if (s->is_in_message || outq_bytes(&s->out) > 0)
		return;
	/* With a payload: an empty pong is not reported. */
	outq_add(&s->out, OUTQ_PING, STR("answerd"));
	s->all->stats.pings++;
	if (!write_out(s))
		kill_socket(s, true);
}

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
	} else if (now_ms - s->heard_ms >= all->hangup_ms) {
		hang_up(s, SOCKET_ABNORMAL);
		return;
	} else if (now_ms - s->heard_ms >= all->ping_ms) {
		next_ms = s->heard_ms + all->hangup_ms;
		if (!s->is_pinged)
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
		kill_socket(s, s->is_choked);
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
			finish(s);
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
	loop_undefer(all->loop, &all->sweep);
	sweep(all);
	timer_free(&all->tick);
	for (i = 0; i < all->n_subprotocols; i++)
		free(all->subprotocols[i]);
	ids_fini(&all->ids);
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

uint64_t socket_id(const struct socket *s)
{
	return s->id;
}

struct str socket_peer(const struct socket *s)
{
	return str_of(s->peer);
}

void *socket_arg(const struct socket *s)
{
	return s->arg;
}

void socket_set_arg(struct socket *s, void *arg)
{
	s->arg = arg;
}

size_t socket_queued_bytes(const struct socket *s)
{
	return outq_bytes(&s->out);
}

bool socket_is_open(const struct socket *s)
{
	return s->state == OPEN && !s->is_broken;
}
