/* hiredis on libuv; see redis_wire.h. Of hiredis it takes how to connect and
 * to read answers, not its asynchronous half: that copies and allocates for
 * every command, and what comes unasked for ends the process. */
#include "redis_wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <hiredis/hiredis.h>
#include <uv.h>

#include "base/mem.h"

#define OUT_KEPT (256 * 1024) /* more is given back once it is written */

/* Outlives wire_close() until libuv lets go of it. */
struct wire {
	uv_poll_t uv;
	struct loop *loop;
	redisContext *context;
	struct wire_ops ops;
	bool connected;
	bool ended;
	int events;              /* that are polled for */
	struct deferred flush;   /* at the end of the turn */
	struct buf out;          /* not written so far */
	struct reply_room reply; /* the one that is being read or told */
};

static void on_poll(uv_poll_t *uv, int status, int events);

static void poll_for(struct wire *wire, int events)
{
	if (wire->events == events)
		return;
	wire->events = events;
	uv_poll_start(&wire->uv, events, on_poll);
}

static void end(struct wire *wire, const char *why)
{
	if (wire->ended)
		return;
	wire->ended = true;
	uv_poll_stop(&wire->uv);
	loop_undefer(wire->loop, &wire->flush);
	wire->ops.ended(wire->ops.arg, why);
}

/* -- out ------------------------------------------------------------------- */

static void write_out(void *arg)
{
	struct wire *wire = arg;
	struct buf *out = &wire->out;
	size_t at = 0;

	while (at < out->len) {
		ssize_t n = send(wire->context->fd, out->data + at,
				 out->len - at, MSG_NOSIGNAL);

		if (n >= 0)
			at += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else if (errno != EINTR) {
			end(wire, strerror(errno));
			return;
		}
	}
	if (at < out->len)
		memmove(out->data, out->data + at, out->len - at);
	out->len -= at;
	if (out->len == 0 && out->cap > OUT_KEPT)
		buf_fini(out);
	poll_for(wire, UV_READABLE | (out->len > 0 ? UV_WRITABLE : 0));
}

void wire_send(struct wire *wire, struct str bytes)
{
	buf_add_str(&wire->out, bytes);
	if (wire->connected && !wire->ended)
		loop_defer(wire->loop, &wire->flush);
}

/* -- in -------------------------------------------------------------------- */

/* An answer is handed over when it is whole; till then hiredis keeps it. */
static bool is_endless(const redisReader *reader)
{
	return reader->len - reader->pos > REPLY_BYTES_MAX;
}

static void read_in(struct wire *wire)
{
	redisContext *context = wire->context;
	void *reply = NULL;

	if (redisBufferRead(context) != REDIS_OK) {
		end(wire, context->errstr);
		return;
	}
	while (!wire->ended) {
		if (redisGetReplyFromReader(context, &reply) != REDIS_OK)
			end(wire, context->errstr);
		else if (reply == NULL)
			break;
		else
			wire->ops.answer(wire->ops.arg, reply);
		reply_room_clear(&wire->reply);
	}
	if (!wire->ended && is_endless(context->reader))
		end(wire, "an answer is too long");
}

static void connected(struct wire *wire)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(wire->context->fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
		error = errno;
	if (error != 0) {
		end(wire, strerror(error));
		return;
	}
	wire->connected = true;
}

/* The socket itself says what is wrong with it, better than libuv. */
static void on_poll(uv_poll_t *uv, int status, int events)
{
	struct wire *wire = uv->data;

	if (status < 0)
		events = UV_READABLE | UV_WRITABLE;
	if (!wire->connected)
		connected(wire);
	else if ((events & UV_READABLE) != 0)
		read_in(wire);
	if ((events & UV_WRITABLE) != 0 && !wire->ended)
		write_out(wire); /* also what waited for the connection */
	if (status < 0)
		end(wire, uv_strerror(status));
}

/* -- life ------------------------------------------------------------------ */

int wire_fd(const struct wire *wire)
{
	return wire->context->fd;
}

static void on_closed(uv_handle_t *uv)
{
	free(uv->data);
}

static struct wire *refuse(redisContext *context, const char *error, char *why,
			   size_t room)
{
	snprintf(why, room, "%s", error);
	if (context != NULL)
		redisFree(context);
	return NULL;
}

struct wire *wire_open(struct loop *loop, const char *path, const char *address,
		       unsigned port, const struct wire_ops *ops, char *why,
		       size_t room)
{
	redisContext *context =
		path != NULL ? redisConnectUnixNonBlock(path)
			     : redisConnectNonBlock(address, (int)port);
	struct wire *wire;

	if (context == NULL)
		return refuse(NULL, "no memory", why, room);
	if (context->err != 0)
		return refuse(context, context->errstr, why, room);
	wire = xcalloc(1, sizeof(*wire));
	if (uv_poll_init(loop_uv(loop), &wire->uv, context->fd) != 0) {
		free(wire);
		return refuse(context, "no poll handle", why, room);
	}
	wire->uv.data = wire;
	wire->loop = loop;
	wire->context = context;
	wire->ops = *ops;
	wire->flush = (struct deferred){.call = write_out, .arg = wire};
	reply_read_into(context->reader, &wire->reply);
	poll_for(wire, UV_WRITABLE);
	return wire;
}

void wire_close(struct wire **wirep)
{
	struct wire *wire = *wirep;

	if (wire == NULL)
		return;
	*wirep = NULL;
	loop_undefer(wire->loop, &wire->flush);
	uv_close((uv_handle_t *)&wire->uv, on_closed);
	redisFree(wire->context);
	reply_room_fini(&wire->reply);
	buf_fini(&wire->out);
}
