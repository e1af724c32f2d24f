/* One WebSocket connection: collects its messages, keeps its bounded queue,
 * closes it with the right code. Above it the owner's callbacks, below it
 * lws.c through door.h; sockets.c looks after all of them. What messages mean
 * is none of its business, and no owner's call frees, closes or calls back
 * anything at once that the library might be using: that is done at the end
 * of the turn.
 *
 *   HANDSHAKE --> OPEN --> CLOSING (we began) ------> GONE
 *                   \----> LEAVING (the peer began,--/
 *                          or the library did)
 */
#include "sockets.h"

#include <assert.h>

#include "base/mem.h"
#include "base/utf8.h"

/* Fewer are as cheap one by one. */
#define BURST_LEAST 4

void socket_kill(struct socket *s, bool abort)
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
	door_want_write(s->wsi);
	if (s->is_choked)
		return;
	s->is_choked = true;
	s->progress_ms = loop_now_ms(s->all->loop);
	s->all->stats.choked++;
	door_pause(s->wsi, true);
}

static void unchoke(struct socket *s)
{
	if (!s->is_choked)
		return;
	s->is_choked = false;
	s->heard_ms = loop_now_ms(s->all->loop); /* it was we who were deaf */
	s->is_pinged = false;
	door_pause(s->wsi, false);
}

/* A write that took so much of what waits. */
static void count_written(struct socket *s, size_t n)
{
	if (n == 0)
		return;
	s->all->stats.writes++;
	s->all->stats.bytes_out += n;
	outq_used(&s->out, n);
}

bool socket_write_out(struct socket *s)
{
	while (outq_bytes(&s->out) > 0 && !door_is_choked(s->wsi)) {
		struct str chunk = outq_chunk(&s->out, DOOR_WRITE_BYTES);

		if (!door_write(s->wsi, chunk)) {
			s->is_broken = true;
			return false;
		}
		count_written(s, chunk.n);
	}
	outq_return(&s->out, &s->all->spare);
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

/* The connections that are late, as far as they can be written to, together.
 * What is left of one goes its own way, by the library. */
static void write_burst(struct sockets *all)
{
	struct socket *in[SOCKETS_LATE];
	size_t sent[SOCKETS_LATE], n = 0;

	for (size_t i = 0; i < all->late_count; i++) {
		struct socket *s = all->late[i];

		if (!may_write(s) || door_is_choked(s->wsi) ||
		    outq_bytes(&s->out) == 0)
			continue;
		burst_add(all->burst, door_fd(s->wsi),
			  outq_chunk(&s->out, DOOR_WRITE_BYTES));
		in[n++] = s;
	}
	if (!burst_send(all->burst, sent))
		burst_free(&all->burst);
	for (size_t i = 0; i < n; i++)
		count_written(in[i], sent[i]);
}

/* One that turns out broken is ended later: the library may be using it. */
static void write_late(struct sockets *all)
{
	if (all->burst != NULL && all->late_count >= BURST_LEAST)
		write_burst(all);
	for (size_t i = 0; i < all->late_count; i++) {
		struct socket *s = all->late[i];

		s->is_late = false;
		if (may_write(s))
			socket_write_out(s);
		if (s->is_broken)
			loop_defer(all->loop, &s->turn_end);
	}
	all->late_count = 0;
}

/* Behind what else the end of the turn has to say. */
void sockets_write_late(void *arg)
{
	struct sockets *all = arg;

	all->has_let_others = !all->has_let_others;
	if (all->has_let_others)
		loop_defer(all->loop, &all->write);
	else
		write_late(all);
}

static void at_turn_end(struct socket *s)
{
	struct sockets *all = s->all;

	if (s->is_late)
		return;
	s->is_late = true;
	if (all->late_count == 0)
		loop_defer(all->loop, &all->write);
	all->late[all->late_count++] = s;
	if (all->late_count == ARRAY_LEN(all->late))
		write_late(all);
}

void socket_not_late(struct socket *s)
{
	struct sockets *all = s->all;
	size_t i = 0;

	loop_undefer(all->loop, &s->turn_end);
	while (i < all->late_count && all->late[i] != s)
		i++;
	if (i < all->late_count)
		all->late[i] = all->late[--all->late_count];
}

void socket_end_broken(void *arg)
{
	struct socket *s = arg;

	if (s->is_broken)
		socket_kill(s, true);
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
	if (!socket_write_out(s)) {
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
	outq_borrow(&s->out, &s->all->spare);
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
	if (s->ops->opened != NULL)
		s->ops->opened(s->arg, s);
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

/* Whether it is UTF-8 is asked of a whole message, in deliver(): the library
 * asks byte by byte, runs a pong between two fragments through the same state,
 * and does not ask an empty last fragment. */
bool socket_on_data(struct socket *s, struct str part, uint64_t rest,
		    bool is_last, bool is_binary)
{
	hear(s);
	if (s->state != OPEN)
		return true; /* nobody listens any more */
	if (!s->is_in_message)
		s->is_binary = is_binary;
	s->is_in_message = !is_last;
	take_part(s, part, rest, is_last);
	if (s->state != OPEN)
		buf_fini(&s->in);
	return !s->is_broken;
}

void socket_on_pong(struct socket *s)
{
	hear(s);
}

/* The library has got rid of what it held: the peer does read. */
bool socket_on_writable(struct socket *s)
{
	s->progress_ms = loop_now_ms(s->all->loop);
	if (!may_write(s))
		return !s->is_broken;
	return socket_write_out(s);
}

static bool refuse_close(struct socket *s, unsigned code)
{
	begin_close(s, code, STR_NONE);
	socket_write_out(s);
	return false;
}

bool socket_on_peer_close(struct socket *s, struct str payload)
{
	const unsigned char *p = (const unsigned char *)payload.p;

	if (s->state != OPEN)
		return false; /* it answers ours: done */
	if (outq_bytes(&s->out) > 0 && !socket_write_out(s))
		return false;
	if (payload.n == 1) /* half a code; the library would echo it */
		return refuse_close(s, SOCKET_PROTOCOL);
	if (payload.n > 2 && !utf8_valid(payload.p + 2, payload.n - 2))
		return refuse_close(s, SOCKET_NOT_UTF8);
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
	sockets_finish(s);
}

/* -- for the owner -------------------------------------------------------- */

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

size_t socket_queued_bytes(const struct socket *s)
{
	return outq_bytes(&s->out);
}

bool socket_is_open(const struct socket *s)
{
	return s->state == OPEN && !s->is_broken;
}
