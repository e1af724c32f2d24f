/* libwebsockets 4.1.6, fenced in: the only file that includes it. Used are its
 * WebSocket framing and nothing else. socket.c decides; this file translates.
 *
 * The fence, each post set after something was seen to go wrong:
 *  1. It never listens, accepts or reads a stranger's head: pipelined POSTs
 *     spin its loop, an unknown Upgrade after a kept-alive answer is a use
 *     after free, h2c and CONNECT are open doors, its accept spins without
 *     descriptors. It gets a checked descriptor and a head of our making.
 *  2. No extensions: permessage-deflate mixed two connections' data.
 *  3. The libuv plug-in on our loop; its own poll loop is quadratic and its
 *     timers fire late from elsewhere, so there are no timers of its own: an
 *     all-zero retry policy, pings and time-outs by our wheel.
 *  4. Writing is one LWS_WRITE_RAW of ready-made frames, and only while it
 *     holds nothing back: it buffers without limit, and a second write while
 *     it does corrupts the stream. What waits, waits in our queue; meanwhile
 *     reading is paused, or a client that never reads costs all CPU.
 *  5. Close frames are ours: on libuv its own get lost.
 *  6. UTF-8 is validated by socket.c, of whole messages: the library's own
 *     check, an option, goes byte by byte, refuses what is well-formed about a
 *     pong between two fragments, and lets through what is not.
 *  7. Its log goes through here, at a bounded rate: clients can provoke it.
 *
 * The library logs through one global function, so its emitter and the rate
 * limit of that are global too. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <libwebsockets.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "door.h"
#include "io/socket.h"

#define RX_BYTES        1024 /* a connection; 4096 costs 3 kB more each */
#define HEAD_BYTES      512  /* of the head we make */
#define PROTOCOL_BYTES  48   /* name of a sub-protocol; the library: 64 */
#define LOG_LINES       10   /* of the library, in ... */
#define LOG_PERIOD_MS   10000
#define LOG_LINE_BYTES  200
#define DESCRIPTORS_MAX 1000000
#define TURNS_TO_LET_GO 4

struct door {
	struct loop *loop;
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct lws_protocols *protocols;
	struct socket *adopting; /* until the library has made its struct */
};

/* All zero: the library never pings or times out by itself. */
static const lws_retry_bo_t no_retry;

/* -- log ------------------------------------------------------------------- */

static struct {
	int64_t since_ms;
	unsigned lines;
	unsigned suppressed;
} said;

/* Lines of every adoption, at the library's level "error". */
static bool is_noise(const char *line)
{
	return strstr(line, "calling service") != NULL ||
	       strstr(line, "deferring handling ah") != NULL;
}

static void say(int level, const char *line)
{
	char clean[LOG_LINE_BYTES];
	size_t n = 0;

	for (; *line != '\0' && n < sizeof(clean) - 1; line++)
		if (*line >= ' ' && *line < 0x7f)
			clean[n++] = *line;
	clean[n] = '\0';
	log_line(level == LLL_ERR ? LOG_WARN : LOG_INFO,
		 "libwebsockets says=\"%s\" suppressed=%u", clean,
		 said.suppressed);
	said.suppressed = 0;
}

static void emit(int level, const char *line)
{
	int64_t now_ms = loop_now_us() / 1000;

	if (is_noise(line))
		return;
	if (now_ms - said.since_ms >= LOG_PERIOD_MS) {
		said.since_ms = now_ms;
		said.lines = 0;
	}
	if (said.lines >= LOG_LINES) {
		said.suppressed++;
		return;
	}
	said.lines++;
	say(level, line);
}

/* -- from the library ------------------------------------------------------ */

static int open_or_refuse(struct door *door, struct lws *wsi)
{
	if (door->adopting == NULL)
		return -1; /* not one of ours: there is no other way in */
	lws_set_opaque_user_data(wsi, door->adopting);
	door->adopting = NULL;
	return 0;
}

static unsigned closing_code(struct lws *wsi)
{
	const unsigned char *p;

	if (lws_get_close_length(wsi) < 2)
		return 0;
	p = lws_get_close_payload(wsi);
	return (unsigned)p[0] << 8 | p[1];
}

static int on_socket(struct lws *wsi, struct socket *s,
		     enum lws_callback_reasons reason, struct str in)
{
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		socket_on_open(s, wsi);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return socket_on_data(s, in, lws_remaining_packet_payload(wsi),
				      lws_is_final_fragment(wsi) != 0,
				      lws_frame_is_binary(wsi) != 0)
			       ? 0
			       : -1;
	case LWS_CALLBACK_RECEIVE_PONG:
		socket_on_pong(s);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return socket_on_writable(s) ? 0 : -1;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return socket_on_peer_close(s, in) ? 0 : -1;
	case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
		socket_on_leaving(s, closing_code(wsi));
		return 0;
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY: /* alone, if it was never established */
		lws_set_opaque_user_data(wsi, NULL);
		socket_on_closed(s);
		return 0;
	case LWS_CALLBACK_HTTP:
		return -1; /* it took our head for a plain request */
	default:
		return 0; /* of the 100 others none is any of our business */
	}
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason,
		    void *user, void *in, size_t len)
{
	struct socket *s;

	(void)user;
	if (reason == LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED)
		return open_or_refuse(lws_context_user(lws_get_context(wsi)),
				      wsi);
	s = wsi == NULL ? NULL : lws_get_opaque_user_data(wsi);
	if (s == NULL)
		return 0;
	return on_socket(wsi, s, reason,
			 (struct str){in == NULL ? "" : in, len});
}

/* -- to the library -------------------------------------------------------- */

static void add_protocol(struct lws_protocols *p, const char *name)
{
	p->name = name;
	p->callback = callback;
	/* Without any, the library does not tell when it begins to close. */
	p->per_session_data_size = sizeof(void *);
	p->rx_buffer_size = RX_BYTES;
	p->tx_packet_size = DOOR_WRITE_BYTES;
}

/* Where descriptors are without limit (containers), the library takes fright
 * and makes room for 2,560. A limit below that is left as it is. */
static void limit_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur <= DESCRIPTORS_MAX)
		return;
	limit.rlim_cur = DESCRIPTORS_MAX;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool start(struct door *door, struct buf *why)
{
	struct lws_context_creation_info info = {0};
	void *loops[1] = {loop_uv(door->loop)};

	limit_descriptors();
	lws_set_log_level(LLL_ERR | LLL_WARN, emit);
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER; /* 1 */
	info.options = LWS_SERVER_OPTION_LIBUV |
		       LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		       LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
	info.foreign_loops = loops; /* 3 */
	info.protocols = door->protocols;
	info.extensions = NULL;                 /* 2 */
	info.retry_and_idle_policy = &no_retry; /* 3 */
	info.vhost_name = "answerd";
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	info.user = door;
	info.pcontext = &door->context;
	door->context = lws_create_context(&info);
	if (door->context == NULL) {
		buf_add_s(why, "libwebsockets does not start; is the package "
			       "libwebsockets-evlib-uv installed?");
		return false;
	}
	door->vhost = lws_create_vhost(door->context, &info);
	if (door->vhost == NULL)
		buf_add_s(why, "libwebsockets makes no vhost");
	return door->vhost != NULL;
}

struct door *door_new(struct loop *loop, const char *const *subprotocols,
		      size_t n_subprotocols, struct buf *why)
{
	struct door *door = xcalloc(1, sizeof(*door));
	size_t i;

	door->loop = loop;
	/* The first is for clients that ask for none and is never said; the
	 * last stays empty. */
	door->protocols = xcalloc(n_subprotocols + 2, sizeof(*door->protocols));
	add_protocol(&door->protocols[0], "-");
	for (i = 0; i < n_subprotocols; i++) {
		if (strlen(subprotocols[i]) > PROTOCOL_BYTES) {
			buf_addf(why, "sub-protocol name too long: %s",
				 subprotocols[i]);
			door_free(&door);
			return NULL;
		}
		add_protocol(&door->protocols[i + 1], subprotocols[i]);
	}
	if (!start(door, why))
		door_free(&door);
	return door;
}

void door_free(struct door **doorp)
{
	struct door *door = *doorp;
	int i;

	if (door == NULL)
		return;
	/* On a foreign loop it takes two, with turns between in which libuv
	 * lets go of the handles. */
	if (door->context != NULL)
		lws_context_destroy(door->context);
	for (i = 0; i < TURNS_TO_LET_GO; i++)
		loop_turn(door->loop, false);
	if (door->context != NULL)
		lws_context_destroy(door->context);
	free(door->protocols);
	free(door);
	*doorp = NULL;
}

bool door_adopt(struct door *door, int fd, const char *subprotocol,
		struct str key, struct socket *s)
{
	char head[HEAD_BYTES];
	int n = snprintf(head, sizeof(head),
			 "GET / HTTP/1.1\r\n"
			 "Host: answerd\r\n"
			 "Upgrade: websocket\r\n"
			 "Connection: Upgrade\r\n"
			 "Sec-WebSocket-Version: 13\r\n"
			 "Sec-WebSocket-Key: %.*s\r\n"
			 "%s%s%s\r\n",
			 STR_ARG(key),
			 subprotocol == NULL ? "" : "Sec-WebSocket-Protocol: ",
			 subprotocol == NULL ? "" : subprotocol,
			 subprotocol == NULL ? "" : "\r\n");

	door->adopting = s;
	lws_adopt_socket_vhost_readbuf(door->vhost, fd, head, (size_t)n);
	if (door->adopting == NULL)
		return true;
	door->adopting = NULL;
	return false;
}

bool door_write(struct lws *wsi, struct str bytes)
{
	return lws_write(wsi, (unsigned char *)bytes.p, bytes.n,
			 LWS_WRITE_RAW) >= 0;
}

int door_fd(struct lws *wsi)
{
	return lws_get_socket_fd(wsi);
}

bool door_is_choked(struct lws *wsi)
{
	return lws_partial_buffered(wsi) != 0;
}

void door_want_write(struct lws *wsi)
{
	lws_callback_on_writable(wsi);
}

void door_pause(struct lws *wsi, bool paused)
{
	lws_rx_flow_control(wsi, !paused);
}

void door_kill(struct lws *wsi, bool abort)
{
	struct linger reset = {1, 0};
	int fd = door_fd(wsi);

	if (abort)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	/* With bytes still buffered the library would try to send them for
	 * 5 s more; after this, sending fails and it gives up. */
	shutdown(fd, SHUT_RDWR);
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE,
			LWS_TO_KILL_SYNC);
}
