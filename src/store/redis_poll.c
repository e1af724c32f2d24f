/* hiredis on libuv. What is said in a turn of the loop is written at its end,
 * in one piece and without asking whether it may; only what does not fit waits
 * for the socket. The adapter that comes with hiredis drops errors: a refused
 * or reset connection calls nobody back, ever. This one hands every error on
 * as something to read and to write, so that hiredis meets it and says so. */
#include "redis_poll.h"

#include <stdlib.h>

#include <hiredis/async.h>
#include <uv.h>

#include "base/mem.h"

/* Outlives the context until libuv lets go of it. */
struct poll {
	uv_poll_t uv;
	redisAsyncContext *context; /* NULL: gone */
	int events;
	struct loop *loop;
	struct deferred flush; /* at the end of the turn */
	bool flushing;
	struct redis_poll_ops ops;
};

static void on_poll(uv_poll_t *uv, int status, int events)
{
	struct poll *poll = uv->data;

	if (status < 0)
		events = UV_READABLE | UV_WRITABLE;
	if (poll->context != NULL && (events & UV_READABLE) != 0)
		redisAsyncHandleRead(poll->context);
	if (poll->context != NULL && (events & UV_WRITABLE) != 0)
		redisAsyncHandleWrite(poll->context);
	if (poll->context != NULL && status < 0)
		poll->ops.failed(poll->ops.arg, uv_strerror(status));
}

static void listen_for(struct poll *poll, int events)
{
	if (poll->events == events)
		return;
	poll->events = events;
	if (events == 0)
		uv_poll_stop(&poll->uv);
	else
		uv_poll_start(&poll->uv, events, on_poll);
}

static void add_read(void *arg)
{
	struct poll *poll = arg;

	listen_for(poll, poll->events | UV_READABLE);
}

static void del_read(void *arg)
{
	struct poll *poll = arg;

	listen_for(poll, poll->events & ~UV_READABLE);
}

/* Before it is connected hiredis takes any call for "connected". */
static void add_write(void *arg)
{
	struct poll *poll = arg;

	if (poll->flushing || (poll->events & UV_WRITABLE) != 0 ||
	    (poll->context->c.flags & REDIS_CONNECTED) == 0)
		listen_for(poll, poll->events | UV_WRITABLE);
	else
		loop_defer(poll->loop, &poll->flush);
}

static void flush(void *arg)
{
	struct poll *poll = arg;

	poll->flushing = true;
	redisAsyncHandleWrite(poll->context);
	poll->flushing = false;
}

static void del_write(void *arg)
{
	struct poll *poll = arg;

	listen_for(poll, poll->events & ~UV_WRITABLE);
}

static void on_closed(uv_handle_t *uv)
{
	free(uv->data);
}

/* The one hook that hiredis calls for every context that it frees. */
static void cleanup(void *arg)
{
	struct poll *poll = arg;
	const redisAsyncContext *context = poll->context;

	poll->context = NULL;
	loop_undefer(poll->loop, &poll->flush);
	uv_close((uv_handle_t *)&poll->uv, on_closed);
	poll->ops.gone(poll->ops.arg,
		       context->err != 0 ? context->errstr : NULL);
}

bool redis_poll(struct loop *loop, struct redisAsyncContext *context,
		const struct redis_poll_ops *ops)
{
	struct poll *poll = xcalloc(1, sizeof(*poll));

	if (uv_poll_init(loop_uv(loop), &poll->uv, context->c.fd) != 0) {
		free(poll);
		return false;
	}
	poll->uv.data = poll;
	poll->context = context;
	poll->loop = loop;
	poll->flush = (struct deferred){.call = flush, .arg = poll};
	poll->ops = *ops;
	context->ev.data = poll;
	context->ev.addRead = add_read;
	context->ev.delRead = del_read;
	context->ev.addWrite = add_write;
	context->ev.delWrite = del_write;
	context->ev.cleanup = cleanup;
	return true;
}
