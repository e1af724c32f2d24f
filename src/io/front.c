/* The front: one HTTP request a connection, from accept to goodbye. It reads
 * with http.c, hands the request up, writes the answer, and gives checked
 * upgrades to socket.c. Between sockets it decides one thing only: whether
 * there is room.
 *
 *   READING --> WAITING (for the owner) --> WRITING --> PARTING --> freed
 *       \------ refused by http.c or the clock --/
 *
 * PARTING: our side is shut down and what the peer still sends is thrown
 * away, because closing on unread bytes would destroy the answer on its way.
 *
 * When there is no room, those that wait for their peer (all but WAITING) give
 * way to new ones, see crowd.h: who says nothing keeps nobody out.
 */
#include "io/front.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "address.h"
#include "adopt.h"
#include "base/mem.h"
#include "crowd.h"
#include "http.h"
#include "ids.h"
#include "listen.h"

#define READ_BYTES    16384
#define PARTING_MS    2000
#define PARTING_BYTES (256 << 10) /* thrown away, then it is cut */

enum state {
	READING,
	WAITING,
	WRITING,
	PARTING,
	OVER
};

struct conn {
	struct crowd_member member; /* while it waits for its peer */
	struct front *front;
	uint64_t id; /* the exchange */
	int fd;      /* -1: closed, or handed over */
	uv_poll_t poll;
	struct timer *timer;
	enum state state;
	struct http_reader *reader;
	bool has_bytes; /* it has sent something */
	bool in_body;
	struct buf out;
	size_t out_at;
	size_t thrown_away;
	char peer[ADOPT_PEER_BYTES];
	char network[ADDRESS_HOST_BYTES]; /* the peer's; "local": it has none */
	struct conn *next, **prev;
};

struct front {
	struct loop *loop;
	struct sockets *sockets;
	struct listener *listener; /* NULL: not listening any more */
	front_fn *request;
	void *arg;
	unsigned max_connections;
	const char *const *proxies;
	size_t n_proxies;
	unsigned head_ms, body_ms, answer_ms, write_ms;
	struct conn *conns;
	struct crowd crowd;
	struct ids ids;
	char *address;
	unsigned port;
	struct front_stats stats;
};

/* -- room ------------------------------------------------------------------ */

static bool is_full(const struct front *front)
{
	return front->ids.count + sockets_count(front->sockets) >=
	       (size_t)front->max_connections + FRONT_RESERVE;
}

static void update_room(struct front *front)
{
	front->stats.open = (unsigned)front->ids.count;
	if (front->listener != NULL)
		listener_pause(front->listener,
			       is_full(front) && front->crowd.count == 0);
}

static void on_room(void *arg)
{
	update_room(arg);
}

static void join_crowd(struct conn *c)
{
	crowd_join(&c->front->crowd, &c->member, str_of(c->network));
	update_room(c->front);
}

static void leave_crowd(struct conn *c)
{
	crowd_leave(&c->front->crowd, &c->member);
	update_room(c->front);
}

/* -- the end of a connection ----------------------------------------------- */

static void free_conn(uv_handle_t *handle)
{
	struct conn *c = handle->data;

	http_reader_free(&c->reader);
	buf_fini(&c->out);
	free(c);
}

/* The struct lives on until libuv has let go, so that this may be called from
 * anywhere, the owner's callback included. */
static void end(struct conn *c)
{
	struct front *front = c->front;

	c->state = OVER;
	uv_poll_stop(&c->poll);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	timer_free(&c->timer);
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	ids_remove(&front->ids, c->id);
	uv_close((uv_handle_t *)&c->poll, free_conn);
	leave_crowd(c);
}

static void make_room(struct front *front)
{
	while (is_full(front) && front->crowd.count > 0) {
		front->stats.gave_way++;
		end((struct conn *)crowd_yields(&front->crowd));
	}
}

/* -- writing --------------------------------------------------------------- */

static void on_events(uv_poll_t *poll, int status, int events);

static void part(struct conn *c)
{
	c->state = PARTING;
	buf_fini(&c->out);
	shutdown(c->fd, SHUT_WR);
	timer_start(c->timer, PARTING_MS, 0);
	uv_poll_start(&c->poll, UV_READABLE, on_events);
}

static void write_out(struct conn *c)
{
	while (c->out_at < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + c->out_at,
				 c->out.len - c->out_at, MSG_NOSIGNAL);

		if (n >= 0) {
			c->out_at += (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			uv_poll_start(&c->poll, UV_WRITABLE, on_events);
			return;
		} else if (errno != EINTR) {
			end(c);
			return;
		}
	}
	part(c);
}

static void answer(struct conn *c, const struct http_reply *reply)
{
	struct front *front = c->front;
	unsigned class = reply->status / 100;
	bool is_head = str_is(http_reader_request(c->reader)->method, "HEAD");

	if (class < ARRAY_LEN(front->stats.replies))
		front->stats.replies[class]++;
	c->state = WRITING;
	join_crowd(c);
	http_write_reply(&c->out, reply, is_head, loop_wall_ms() / 1000);
	timer_start(c->timer, front->write_ms, 0);
	write_out(c);
}

static void answer_problem(struct conn *c, unsigned status, const char *detail,
			   const struct http_header *header)
{
	struct buf body = BUF_INIT;
	struct http_reply reply = {
		.status = status,
		.content_type = "application/problem+json",
		.headers = header,
		.n_headers = header == NULL ? 0 : 1,
	};

	http_write_problem(&body, status, detail);
	reply.body = buf_str(&body);
	answer(c, &reply);
	buf_fini(&body);
}

/* -- reading --------------------------------------------------------------- */

static void refuse(struct conn *c)
{
	struct http_refusal refusal = http_reader_refusal(c->reader);
	struct http_header header = {str_of(refusal.header),
				     str_of(refusal.value)};

	c->front->stats.refused++;
	answer_problem(c, refusal.status, refusal.detail,
		       refusal.header == NULL ? NULL : &header);
}

static bool is_believed(const struct front *front, const char *peer)
{
	for (size_t i = 0; i < front->n_proxies; i++)
		if (strcmp(front->proxies[i], peer) == 0)
			return true;
	return false;
}

/* Who asks, for whoever counts: a network, and not the proxy's. */
static void say_who_asks(const struct conn *c, struct http_request *request,
			 char network[ADDRESS_HOST_BYTES])
{
	bool proxy = is_believed(c->front, c->peer);
	bool named =
		proxy && address_network(http_forwarded_for(request), network);

	request->peer = str_of(named ? network : c->network);
	request->of_many =
		(proxy && !named) || address_is_private(request->peer);
}

static void hand_up(struct conn *c)
{
	struct front *front = c->front;
	struct http_request request = *http_reader_request(c->reader);
	char network[ADDRESS_HOST_BYTES];

	c->state = WAITING;
	leave_crowd(c);
	uv_poll_stop(&c->poll);
	timer_start(c->timer, front->answer_ms, 0);
	front->stats.requests++;
	say_who_asks(c, &request, network);
	front->request(front->arg, c->id, &request);
}

static void await_body(struct conn *c)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (c->in_body)
		return;
	c->in_body = true;
	timer_start(c->timer, c->front->body_ms, 0);
	/* 25 bytes into an empty pipe; if they are lost the client asks
	 * in vain and sends the body anyway. */
	if (http_reader_wants_continue(c->reader) &&
	    send(c->fd, go_on, sizeof(go_on) - 1, MSG_NOSIGNAL) < 0)
		return;
}

static void feed(struct conn *c, struct str bytes)
{
	c->has_bytes = true;
	switch (http_reader_feed(c->reader, bytes)) {
	case READ_MORE:
		return;
	case READ_HEAD:
		await_body(c);
		return;
	case READ_WHOLE:
		hand_up(c);
		return;
	case READ_BAD:
		refuse(c);
		return;
	}
}

static void on_readable(struct conn *c)
{
	char bytes[READ_BYTES];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end(c);
		return;
	}
	if (c->state == READING) {
		feed(c, (struct str){bytes, (size_t)n});
		return;
	}
	c->thrown_away += (size_t)n;
	if (c->thrown_away > PARTING_BYTES)
		end(c);
}

static void on_events(uv_poll_t *poll, int status, int events)
{
	struct conn *c = poll->data;

	(void)events;
	switch (c->state) {
	case READING:
	case PARTING:
		if (status < 0)
			end(c);
		else
			on_readable(c);
		return;
	case WRITING:
		if (status < 0)
			end(c);
		else
			write_out(c);
		return;
	case WAITING:
	case OVER:
		return; /* not polled then */
	}
}

/* A browser opens connections that it may never use: no answer to those. */
static void on_time_out(void *arg)
{
	struct conn *c = arg;

	switch (c->state) {
	case READING:
		if (!c->has_bytes) {
			end(c);
			return;
		}
		c->front->stats.refused++;
		answer_problem(c, 408, "the request took too long", NULL);
		return;
	case WAITING:
		c->front->stats.refused++;
		answer_problem(c, 503, "no answer in time", NULL);
		return;
	case WRITING:
	case PARTING:
		end(c);
		return;
	case OVER:
		return;
	}
}

/* The kernel may have no memory for one more, or no watch (of epoll's, the user
 * has only so many). */
static int on_accepted(void *arg, int fd, const char *peer)
{
	struct front *front = arg;
	struct conn *c = xcalloc(1, sizeof(*c));
	int error;

	make_room(front);
	error = uv_poll_init_socket(loop_uv(front->loop), &c->poll, fd);
	if (error != 0) {
		close(fd);
		free(c); /* libuv has not begun with it */
		return -error;
	}
	c->poll.data = c;
	c->front = front;
	c->fd = fd;
	c->state = READING;
	c->reader = http_reader_new();
	c->timer = timer_new(front->loop, on_time_out, c);
	snprintf(c->peer, sizeof(c->peer), "%s", peer);
	if (!address_network(str_of(peer), c->network))
		snprintf(c->network, sizeof(c->network), "%s", peer);
	c->id = ids_add(&front->ids, c);
	c->next = front->conns;
	c->prev = &front->conns;
	if (c->next != NULL)
		c->next->prev = &c->next;
	front->conns = c;
	front->stats.accepted++;
	timer_start(c->timer, front->head_ms, 0);
	uv_poll_start(&c->poll, UV_READABLE, on_events);
	join_crowd(c);
	return 0;
}

/* -- for the owner --------------------------------------------------------- */

static unsigned or_default(unsigned given, unsigned otherwise)
{
	return given == 0 ? otherwise : given;
}

/* Without chance's help all goes on, only that it can be foreseen. */
static uint64_t by_chance(void)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		return (uint64_t)loop_now_us();
	return seed;
}

struct front *front_new(struct loop *loop, struct sockets *sockets,
			const struct front_options *options, front_fn *request,
			void *arg, struct buf *why)
{
	struct front *front = xcalloc(1, sizeof(*front));
	struct buf address = BUF_INIT;

	front->loop = loop;
	front->sockets = sockets;
	front->request = request;
	front->arg = arg;
	front->max_connections = options->max_connections;
	front->proxies = options->proxies;
	front->n_proxies = options->n_proxies;
	front->head_ms = or_default(options->head_ms, FRONT_HEAD_MS);
	front->body_ms = or_default(options->body_ms, FRONT_BODY_MS);
	front->answer_ms = or_default(options->answer_ms, FRONT_ANSWER_MS);
	front->write_ms = or_default(options->write_ms, FRONT_WRITE_MS);
	ids_init(&front->ids);
	crowd_init(&front->crowd, by_chance());
	front->listener = listener_new(loop, options, on_accepted, front,
				       &front->stats.accept_pauses, why);
	if (front->listener == NULL) {
		front_free(&front);
		return NULL;
	}
	listener_addresses(front->listener, &address);
	front->address = buf_take(&address);
	front->port = listener_port(front->listener);
	sockets_on_room(sockets, on_room, front);
	update_room(front);
	return front;
}

void front_free(struct front **frontp)
{
	struct front *front = *frontp;

	if (front == NULL)
		return;
	sockets_on_room(front->sockets, NULL, NULL);
	front_stop_listening(front);
	while (front->conns != NULL)
		end(front->conns);
	ids_fini(&front->ids);
	free(front->address);
	free(front);
	*frontp = NULL;
}

void front_stop_listening(struct front *front)
{
	listener_free(&front->listener);
}

void front_addresses(const struct front *front, struct buf *out)
{
	buf_add_s(out, front->address);
}

bool front_address_is_valid(const char *given, struct buf *why)
{
	union address a;

	return address_read(given, &a, why);
}

unsigned front_port(const struct front *front)
{
	return front->port;
}

static struct conn *waiting(struct front *front, uint64_t exchange)
{
	struct conn *c = ids_find(&front->ids, exchange);

	return c != NULL && c->state == WAITING ? c : NULL;
}

bool front_reply(struct front *front, uint64_t exchange,
		 const struct http_reply *reply)
{
	struct conn *c = waiting(front, exchange);

	if (c == NULL)
		return false;
	answer(c, reply);
	return true;
}

bool front_problem(struct front *front, uint64_t exchange, unsigned status,
		   const char *detail)
{
	struct conn *c = waiting(front, exchange);

	if (c == NULL)
		return false;
	answer_problem(c, status, detail, NULL);
	return true;
}

bool front_too_many(struct front *front, uint64_t exchange, int64_t after_s,
		    const char *detail)
{
	struct conn *c = waiting(front, exchange);
	char seconds[24];
	struct http_header header = {STR("Retry-After"), {seconds, 0}};

	if (c == NULL)
		return false;
	snprintf(seconds, sizeof(seconds), "%lld", (long long)after_s);
	header.value.n = strlen(seconds);
	answer_problem(c, 429, detail, &header);
	return true;
}

static void hand_over(struct conn *c, const char *subprotocol,
		      const struct socket_ops *ops, void *arg)
{
	struct front *front = c->front;
	const struct http_request *request = http_reader_request(c->reader);
	struct handshake hs = {
		.fd = c->fd,
		.subprotocol = subprotocol,
		.key = http_header(request, "Sec-WebSocket-Key"),
		.peer = str_of(c->peer),
	};

	if (sockets_count(front->sockets) >= front->max_connections) {
		hs.refuse = SOCKET_NO_ROOM;
		front->stats.no_room++;
	}
	front->stats.replies[1]++;
	/* libuv polls a descriptor for one owner only: let go of it first.
	 * The socket takes it up at the end of the turn. */
	uv_poll_stop(&c->poll);
	c->fd = -1;
	sockets_adopt(front->sockets, &hs, ops, arg);
	end(c);
}

bool front_upgrade(struct front *front, uint64_t exchange,
		   const char *subprotocol, const struct socket_ops *ops,
		   void *arg)
{
	struct conn *c = waiting(front, exchange);
	const struct http_request *request;
	const char *known = NULL;

	if (c == NULL)
		return false;
	request = http_reader_request(c->reader);
	if (!request->is_upgrade)
		return false;
	if (subprotocol != NULL) {
		known = sockets_protocol(front->sockets, subprotocol);
		assert(known != NULL); /* sockets_new() was not told */
		if (!http_offers(request, subprotocol)) {
			front->stats.refused++;
			answer_problem(c, 400,
				       "the sub-protocol is not offered", NULL);
			return false;
		}
	}
	hand_over(c, known, ops, arg);
	return true;
}

const struct front_stats *front_stats(const struct front *front)
{
	return &front->stats;
}
