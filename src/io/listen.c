/* The listening sockets. Ours are bound to numeric addresses only (nothing is
 * looked up), or come from systemd. Connections are accepted in batches; when
 * there is no room, or no descriptor, the sockets are not polled, and the
 * kernel's queue holds what comes. Who is let in, front.c decides. */
#include "listen.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>
#include <uv.h>

#include "address.h"
#include "base/log.h"
#include "base/mem.h"

#define BACKLOG  4096 /* or what the kernel allows */
#define BATCH    64   /* accepted in one go, then others have a turn */
#define NO_FD_MS 100  /* without descriptors: wait this long */

struct ear {
	struct listener *listener;
	uv_poll_t poll;
	int fd;
	char address[ADDRESS_BYTES];
	unsigned port;
};

struct listener {
	struct loop *loop;
	struct ear *ears[FRONT_LISTEN_MAX];
	size_t n_ears;
	accepted_fn *accepted;
	void *arg;
	uint64_t *pauses;
	bool is_paused;     /* by the owner */
	bool is_out_of_fds; /* until the timer fires */
	struct timer *retry;
};

static void name_ear(struct ear *ear)
{
	union address a;
	socklen_t n = sizeof(a);

	memset(&a, 0, sizeof(a));
	if (getsockname(ear->fd, &a.any, &n) == 0)
		ear->port = address_print(&a, ear->address);
}

/* -- accepting ------------------------------------------------------------- */

static void update(struct listener *l);

static void on_retry(void *arg)
{
	struct listener *l = arg;

	l->is_out_of_fds = false;
	update(l);
}

static void rest(struct listener *l, int error)
{
	log_warn("front accept=paused for_ms=%d cause=\"%s\"", NO_FD_MS,
		 strerror(error));
	l->is_out_of_fds = true;
	++*l->pauses;
	timer_start(l->retry, NO_FD_MS, 0);
	update(l);
}

/* The peer was gone already, or the network says so: try the next. */
static bool is_of_the_peer(int error)
{
	switch (error) {
	case ECONNABORTED:
	case EINTR:
	case EPROTO:
	case EPERM:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

static int take(struct listener *l, int fd, const union address *peer)
{
	char host[ADDRESS_HOST_BYTES];
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	address_print_host(peer, host);
	return l->accepted(l->arg, fd, host);
}

static void on_connections(uv_poll_t *poll, int status, int events)
{
	struct ear *ear = poll->data;
	struct listener *l = ear->listener;
	int i;

	(void)status;
	(void)events;
	for (i = 0; i < BATCH && !l->is_paused; i++) {
		union address peer;
		socklen_t n = sizeof(peer);
		int fd, error = 0;

		memset(&peer, 0, sizeof(peer));
		fd = accept4(ear->fd, &peer.any, &n,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			error = take(l, fd, &peer);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		else if (!is_of_the_peer(errno))
			error = errno;
		if (error != 0) {
			rest(l, error);
			return;
		}
	}
}

static void update(struct listener *l)
{
	bool on = !l->is_paused && !l->is_out_of_fds;
	size_t i;

	for (i = 0; i < l->n_ears; i++) {
		if (on)
			uv_poll_start(&l->ears[i]->poll, UV_READABLE,
				      on_connections);
		else
			uv_poll_stop(&l->ears[i]->poll);
	}
}

void listener_pause(struct listener *l, bool paused)
{
	if (l->is_paused == paused)
		return;
	l->is_paused = paused;
	if (paused)
		++*l->pauses;
	update(l);
}

/* -- opening --------------------------------------------------------------- */

static void add_ear(struct listener *l, int fd)
{
	struct ear *ear = xcalloc(1, sizeof(*ear));
	int error;

	assert(l->n_ears < FRONT_LISTEN_MAX);
	ear->listener = l;
	ear->fd = fd;
	name_ear(ear);
	error = uv_poll_init(loop_uv(l->loop), &ear->poll, fd);
	assert(error == 0); /* it is a socket, and ours alone */
	(void)error;
	ear->poll.data = ear;
	l->ears[l->n_ears++] = ear;
}

static bool set_options(int fd, const union address *a, bool share_port)
{
	int on = 1, off = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return false;
	if (share_port &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
		return false;
	/* "*" means both families. */
	if (a->any.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr))
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	return true;
}

static int open_socket(const union address *a, bool share_port)
{
	socklen_t n =
		a->any.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
	int fd = socket(a->any.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (set_options(fd, a, share_port) && bind(fd, &a->any, n) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A host without IPv6 gets 0.0.0.0 for "*". */
static int open_any(const char *given, union address *a, bool share_port)
{
	int fd = open_socket(a, share_port);
	uint16_t port = a->v6.sin6_port;

	if (fd >= 0 || errno != EAFNOSUPPORT || given[0] != '*')
		return fd;
	memset(a, 0, sizeof(*a));
	a->v4.sin_family = AF_INET;
	a->v4.sin_port = port;
	return open_socket(a, share_port);
}

static bool open_ear(struct listener *l, const char *given, bool share_port,
		     struct buf *why)
{
	union address a;
	int fd;

	if (l->n_ears == FRONT_LISTEN_MAX) {
		buf_addf(why, "%s: more than %d listening sockets", given,
			 FRONT_LISTEN_MAX);
		return false;
	}
	if (!address_read(given, &a, why))
		return false;
	fd = open_any(given, &a, share_port);
	if (fd < 0) {
		buf_addf(why, "%s: %s", given, strerror(errno));
		return false;
	}
	add_ear(l, fd);
	return true;
}

/* Sockets passed by systemd; false if one of them is of no use. */
static bool take_systemd(struct listener *l, struct buf *why)
{
	int n = sd_listen_fds(1);
	int i;

	for (i = 0; i < n; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0 ||
		    l->n_ears == FRONT_LISTEN_MAX) {
			buf_addf(why,
				 "descriptor %d from systemd is not a "
				 "listening stream socket",
				 fd);
			return false;
		}
		add_ear(l, fd);
	}
	return true;
}

static bool open_all(struct listener *l, const struct front_options *options,
		     struct buf *why)
{
	size_t i;

	if (options->systemd && !take_systemd(l, why))
		return false;
	if (l->n_ears > 0)
		return true;
	for (i = 0; i < options->n_listen; i++)
		if (!open_ear(l, options->listen[i], options->share_port, why))
			return false;
	if (l->n_ears == 0)
		buf_add_s(why, "no address to listen on");
	return l->n_ears > 0;
}

struct listener *listener_new(struct loop *loop,
			      const struct front_options *options,
			      accepted_fn *accepted, void *arg,
			      uint64_t *pauses, struct buf *why)
{
	struct listener *l = xcalloc(1, sizeof(*l));

	l->loop = loop;
	l->accepted = accepted;
	l->arg = arg;
	l->pauses = pauses;
	l->retry = timer_new(loop, on_retry, l);
	if (!open_all(l, options, why))
		listener_free(&l);
	else
		update(l);
	return l;
}

static void free_ear(uv_handle_t *handle)
{
	free(handle->data);
}

void listener_free(struct listener **listener)
{
	struct listener *l = *listener;
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < l->n_ears; i++) {
		struct ear *ear = l->ears[i];

		uv_poll_stop(&ear->poll);
		close(ear->fd);
		uv_close((uv_handle_t *)&ear->poll, free_ear);
	}
	timer_free(&l->retry);
	free(l);
	*listener = NULL;
}

void listener_addresses(const struct listener *l, struct buf *out)
{
	size_t i;

	for (i = 0; i < l->n_ears; i++)
		buf_addf(out, "%s%s", i == 0 ? "" : ",", l->ears[i]->address);
}

unsigned listener_port(const struct listener *l)
{
	return l->ears[0]->port;
}
