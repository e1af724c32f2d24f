/* Echoes every text and binary message, over the same front and socket code
 * as the daemon: for protocol conformance suites and for the tests of the
 * library's traps. What is not a WebSocket is answered with a line about the
 * request; GET /stats shows the counters, GET /later answers after 50 ms, and
 * sub-protocol "echo.v1" is spoken if it is offered. Not for production.
 *
 *   ws-echo --port N [--limit BYTES] [--queue BYTES] [--max N] [--text-only]
 *           [--ping-ms N] [--hangup-ms N] [--close-ms N] [--head-ms N]
 *           [--body-ms N] [--answer-ms N] [--origin ORIGIN] [--systemd]
 *           [--flood BYTES] [--share-port] [--listen ADDRESS:PORT]
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/front.h"
#include "io/loop.h"
#include "io/socket.h"

#define LIMIT_BYTES (32u << 20)
#define LATER_MS    50

struct echo {
	struct loop *loop;
	struct sockets *sockets;
	struct front *front;
	struct timer *quit;
	struct later *laters;
	struct socket_ops ops;
	const char *origin; /* the only one allowed; NULL: any */
	size_t flood_bytes; /* sent to each that says "flood" */
	bool is_stopping;
};

struct later {
	struct echo *echo;
	struct later *next, **prev;
	uint64_t exchange;
	struct timer *timer;
};

/* -- sockets --------------------------------------------------------------- */

/* Frames of 1 kB until the bytes are out or the socket does not take them. */
static void flood(struct echo *echo, struct socket *s)
{
	char frame[1024];
	size_t sent = 0;

	memset(frame, 'f', sizeof(frame));
	while (sent < echo->flood_bytes &&
	       socket_send_text(s, (struct str){frame, sizeof(frame)}))
		sent += sizeof(frame);
}

static void on_text(void *arg, struct socket *s, struct str text)
{
	struct echo *echo = arg;

	if (echo->flood_bytes > 0 && str_is(text, "flood"))
		flood(echo, s);
	else
		socket_send_text(s, text);
}

static void on_binary(void *arg, struct socket *s, struct str bytes)
{
	(void)arg;
	socket_send_binary(s, bytes);
}

static void stop_when_gone(struct echo *echo)
{
	if (echo->is_stopping && sockets_count(echo->sockets) == 0)
		loop_stop(echo->loop);
}

static void on_closed(void *arg, struct socket *s, unsigned code)
{
	(void)s;
	(void)code;
	stop_when_gone(arg);
}

/* -- requests -------------------------------------------------------------- */

static void reply_text(struct echo *echo, uint64_t exchange,
		       const struct buf *body)
{
	struct http_reply reply = {
		.status = 200,
		.content_type = "text/plain; charset=utf-8",
		.body = buf_str(body),
	};

	front_reply(echo->front, exchange, &reply);
}

static void reply_stats(struct echo *echo, uint64_t exchange)
{
	const struct socket_stats *s = sockets_stats(echo->sockets);
	const struct front_stats *f = front_stats(echo->front);
	struct buf body = BUF_INIT;
	size_t i;

	buf_addf(&body, "sockets %zu\nopened %" PRIu64 "\n",
		 sockets_count(echo->sockets), s->opened);
	buf_addf(&body, "frames_out %" PRIu64 "\nwrites %" PRIu64 "\n",
		 s->frames_out, s->writes);
	buf_addf(&body, "choked %" PRIu64 "\npings %" PRIu64 "\n", s->choked,
		 s->pings);
	for (i = 0; i < SOCKET_CODE_COUNT; i++)
		buf_addf(&body, "closes_%u %" PRIu64 "\n", socket_code_at(i),
			 s->closes[i]);
	buf_addf(&body, "accepted %" PRIu64 "\nrefused %" PRIu64 "\n",
		 f->accepted, f->refused);
	buf_addf(&body, "no_room %" PRIu64 "\naccept_pauses %" PRIu64 "\n",
		 f->no_room, f->accept_pauses);
	buf_addf(&body, "gave_way %" PRIu64 "\n", f->gave_way);
	reply_text(echo, exchange, &body);
	buf_fini(&body);
}

static void free_later(struct later *later)
{
	*later->prev = later->next;
	if (later->next != NULL)
		later->next->prev = later->prev;
	timer_free(&later->timer);
	free(later);
}

static void reply_later(void *arg)
{
	struct later *later = arg;
	struct buf body = BUF_INIT;

	buf_add_s(&body, "later\n");
	reply_text(later->echo, later->exchange, &body);
	buf_fini(&body);
	free_later(later);
}

static void answer_later(struct echo *echo, uint64_t exchange)
{
	struct later *later = xcalloc(1, sizeof(*later));

	later->echo = echo;
	later->exchange = exchange;
	later->next = echo->laters;
	later->prev = &echo->laters;
	if (later->next != NULL)
		later->next->prev = &later->next;
	echo->laters = later;
	later->timer = timer_new(echo->loop, reply_later, later);
	timer_start(later->timer, LATER_MS, 0);
}

static void reply_line(struct echo *echo, uint64_t exchange,
		       const struct http_request *request)
{
	struct buf body = BUF_INIT;
	struct buf q = BUF_INIT;
	bool has_q = http_query(request, "q", &q);

	buf_addf(&body, "%.*s %.*s body=%zu", STR_ARG(request->method),
		 STR_ARG(request->path), request->body.n);
	buf_addf(&body, " peer=%.*s", STR_ARG(request->peer));
	buf_addf(&body, " q=%s", has_q ? (q.len > 0 ? q.data : "") : "-");
	buf_addf(&body, " cookie=%.*s\n", STR_ARG(http_cookie(request, "c")));
	reply_text(echo, exchange, &body);
	buf_fini(&q);
	buf_fini(&body);
}

static void on_upgrade(struct echo *echo, uint64_t exchange,
		       const struct http_request *request)
{
	const char *protocol = NULL;

	if (echo->origin != NULL && request->origin.p != NULL &&
	    !str_is(request->origin, echo->origin)) {
		front_problem(echo->front, exchange, 403, "foreign origin");
		return;
	}
	if (http_offers(request, "echo.v1") || str_is(request->path, "/v1"))
		protocol = "echo.v1";
	front_upgrade(echo->front, exchange, protocol, &echo->ops, echo);
}

static void on_request(void *arg, uint64_t exchange,
		       const struct http_request *request)
{
	struct echo *echo = arg;

	if (request->is_upgrade)
		on_upgrade(echo, exchange, request);
	else if (str_is(request->path, "/stats"))
		reply_stats(echo, exchange);
	else if (str_is(request->path, "/later"))
		answer_later(echo, exchange);
	else if (!str_is(request->path, "/never"))
		reply_line(echo, exchange, request);
}

/* -- start and stop -------------------------------------------------------- */

static void on_quit(void *arg)
{
	struct echo *echo = arg;

	loop_stop(echo->loop);
}

/* SIGTERM: 1001, SIGHUP: 1012; a second one does not wait. */
static void on_signal(void *arg, int signum)
{
	struct echo *echo = arg;

	if (echo->is_stopping)
		loop_stop(echo->loop);
	echo->is_stopping = true;
	front_stop_listening(echo->front);
	sockets_close_all(echo->sockets, signum == SIGHUP ? SOCKET_RESTART
							  : SOCKET_GOING_AWAY);
	timer_start(echo->quit, 5000, 0);
	stop_when_gone(echo);
}

enum option_id {
	OPT_PORT = 256,
	OPT_LIMIT,
	OPT_QUEUE,
	OPT_MAX,
	OPT_TEXT_ONLY,
	OPT_PING,
	OPT_HANGUP,
	OPT_CLOSE,
	OPT_HEAD,
	OPT_BODY,
	OPT_ANSWER,
	OPT_ORIGIN,
	OPT_SYSTEMD,
	OPT_FLOOD,
	OPT_SHARE,
	OPT_LISTEN,
};

static const struct option longs[] = {
	{"port", required_argument, NULL, OPT_PORT},
	{"limit", required_argument, NULL, OPT_LIMIT},
	{"queue", required_argument, NULL, OPT_QUEUE},
	{"max", required_argument, NULL, OPT_MAX},
	{"text-only", no_argument, NULL, OPT_TEXT_ONLY},
	{"ping-ms", required_argument, NULL, OPT_PING},
	{"hangup-ms", required_argument, NULL, OPT_HANGUP},
	{"close-ms", required_argument, NULL, OPT_CLOSE},
	{"head-ms", required_argument, NULL, OPT_HEAD},
	{"body-ms", required_argument, NULL, OPT_BODY},
	{"answer-ms", required_argument, NULL, OPT_ANSWER},
	{"origin", required_argument, NULL, OPT_ORIGIN},
	{"systemd", no_argument, NULL, OPT_SYSTEMD},
	{"flood", required_argument, NULL, OPT_FLOOD},
	{"share-port", no_argument, NULL, OPT_SHARE},
	{"listen", required_argument, NULL, OPT_LISTEN},
	{NULL, 0, NULL, 0},
};

static unsigned number(const char *s)
{
	uint64_t n;

	if (!str_to_u64(str_of(s), UINT32_MAX, &n)) {
		fprintf(stderr, "ws-echo: not a number: %s\n", s);
		exit(64);
	}
	return (unsigned)n;
}

static void take_option(struct echo *echo, struct front_options *front,
			struct sockets_options *sockets, int id)
{
	switch (id) {
	case OPT_LIMIT:
		echo->ops.max_message_bytes = number(optarg);
		break;
	case OPT_QUEUE:
		echo->ops.max_queue_bytes = number(optarg);
		break;
	case OPT_MAX:
		front->max_connections = number(optarg);
		break;
	case OPT_TEXT_ONLY:
		echo->ops.binary = NULL;
		break;
	case OPT_PING:
		sockets->ping_ms = number(optarg);
		break;
	case OPT_HANGUP:
		sockets->hangup_ms = number(optarg);
		break;
	case OPT_CLOSE:
		sockets->close_ms = number(optarg);
		break;
	case OPT_HEAD:
		front->head_ms = number(optarg);
		break;
	case OPT_BODY:
		front->body_ms = number(optarg);
		break;
	case OPT_ANSWER:
		front->answer_ms = number(optarg);
		break;
	case OPT_ORIGIN:
		echo->origin = optarg;
		break;
	case OPT_SYSTEMD:
		front->systemd = true;
		break;
	case OPT_FLOOD:
		echo->flood_bytes = number(optarg);
		break;
	case OPT_SHARE:
		front->share_port = true;
		break;
	default:
		exit(64); /* getopt has said why */
	}
}

static void run(struct echo *echo)
{
	struct buf address = BUF_INIT;

	loop_on_signal(echo->loop, SIGTERM, on_signal, echo);
	loop_on_signal(echo->loop, SIGINT, on_signal, echo);
	loop_on_signal(echo->loop, SIGHUP, on_signal, echo);
	echo->quit = timer_new(echo->loop, on_quit, echo);
	front_addresses(echo->front, &address);
	printf("listening=%s\n", address.data);
	fflush(stdout);
	buf_fini(&address);
	loop_run(echo->loop);
}

static void clean_up(struct echo *echo)
{
	timer_free(&echo->quit);
	while (echo->laters != NULL)
		free_later(echo->laters);
	front_free(&echo->front);
	sockets_free(&echo->sockets);
	loop_free(&echo->loop);
}

int main(int argc, char **argv)
{
	static const char *const protocols[] = {"echo.v1"};
	struct sockets_options sockets = {protocols, 1, 0, 0, 0};
	struct front_options front = {.max_connections = 10000};
	struct echo echo = {0};
	struct buf address = BUF_INIT;
	struct buf why = BUF_INIT;
	const char *listen[1] = {NULL};
	unsigned port = 0;
	int id;

	echo.ops.text = on_text;
	echo.ops.binary = on_binary;
	echo.ops.closed = on_closed;
	echo.ops.max_message_bytes = LIMIT_BYTES;
	while ((id = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (id == OPT_PORT)
			port = number(optarg);
		else if (id == OPT_LISTEN)
			listen[0] = optarg;
		else
			take_option(&echo, &front, &sockets, id);
	}
	buf_addf(&address, "127.0.0.1:%u", port);
	if (listen[0] == NULL)
		listen[0] = address.data;
	front.listen = listen;
	front.n_listen = 1;
	echo.loop = loop_new();
	echo.sockets = sockets_new(echo.loop, &sockets, &why);
	if (echo.sockets != NULL)
		echo.front = front_new(echo.loop, echo.sockets, &front,
				       on_request, &echo, &why);
	if (echo.front == NULL)
		fprintf(stderr, "ws-echo: %s\n", why.data);
	else
		run(&echo);
	id = echo.front == NULL ? 1 : 0;
	clean_up(&echo);
	buf_fini(&address);
	buf_fini(&why);
	return id;
}
