/* The HTTP client against a small server on the same loop: whole answers,
 * pieces, silence, a hang-up, too much, and what is sent. */
#include "io/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "check.h"

static struct loop *loop;
static struct http_client *client;
static uv_tcp_t listener;
static unsigned port;

/* -- the server --------------------------------------------------------- */

enum manner {
	ANSWERS,
	IN_PIECES,
	SILENT,
	HANGS_UP,
	TOO_MUCH,
	REDIRECTS,
};
static enum manner manner;
static struct buf heard;
static const char *reply_body = "{\"ok\":1}";
static unsigned connections;

struct peer {
	uv_tcp_t tcp;
	char room[4096];
	struct buf out;
	size_t at;
	uv_write_t write;
};

static void on_peer_closed(uv_handle_t *handle)
{
	struct peer *p = handle->data;

	buf_fini(&p->out);
	free(p);
}

static void close_peer(struct peer *p)
{
	if (!uv_is_closing((uv_handle_t *)&p->tcp))
		uv_close((uv_handle_t *)&p->tcp, on_peer_closed);
}

static void give_room(uv_handle_t *handle, size_t wish, uv_buf_t *buf)
{
	struct peer *p = handle->data;

	(void)wish;
	*buf = uv_buf_init(p->room, sizeof(p->room));
}

static void send_on(struct peer *p);

static void on_written(uv_write_t *write, int status)
{
	struct peer *p = write->data;

	if (status == 0 && p->at < p->out.len)
		send_on(p);
	else
		close_peer(p);
}

static void send_on(struct peer *p)
{
	size_t n = manner == IN_PIECES ? 1 : p->out.len - p->at;
	uv_buf_t piece = uv_buf_init(p->out.data + p->at, (unsigned)n);

	p->at += n;
	p->write.data = p;
	uv_write(&p->write, (uv_stream_t *)&p->tcp, &piece, 1, on_written);
}

static void answer(struct peer *p)
{
	size_t n =
		manner == TOO_MUCH ? CLIENT_BODY_BYTES + 1 : strlen(reply_body);

	buf_addf(&p->out, "HTTP/1.1 %s\r\n",
		 manner == REDIRECTS ? "302 Found\r\nLocation: /elsewhere"
				     : "200 OK");
	buf_addf(&p->out, "Content-Length: %zu\r\nConnection: close\r\n\r\n",
		 n);
	if (manner != TOO_MUCH)
		buf_add_s(&p->out, reply_body);
	while (manner == TOO_MUCH && n-- > 0)
		buf_add_c(&p->out, ' ');
	send_on(p);
}

static bool is_whole(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *length = strcasestr(text, "content-length:");

	if (end == NULL)
		return false;
	return length == NULL || length > end ||
	       strlen(end + 4) >= (size_t)atoi(length + 15);
}

static void on_heard(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct peer *p = stream->data;

	if (n < 0) {
		close_peer(p);
		return;
	}
	buf_add(&heard, buf->base, (size_t)n);
	if (!is_whole(heard.data))
		return;
	if (manner == HANGS_UP)
		close_peer(p);
	else if (manner != SILENT)
		answer(p);
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct peer *p = xcalloc(1, sizeof(*p));

	CHECK(status == 0);
	connections++;
	p->tcp.data = p;
	uv_tcp_init(stream->loop, &p->tcp);
	CHECK(uv_accept(stream, (uv_stream_t *)&p->tcp) == 0);
	uv_read_start((uv_stream_t *)&p->tcp, give_room, on_heard);
}

static void listen_somewhere(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_storage name;
	int n = sizeof(name);

	uv_tcp_init(loop_uv(loop), &listener);
	CHECK(uv_tcp_bind(&listener, (struct sockaddr *)&at, 0) == 0);
	CHECK(uv_listen((uv_stream_t *)&listener, 16, on_connection) == 0);
	uv_tcp_getsockname(&listener, (struct sockaddr *)&name, &n);
	port = ntohs(((struct sockaddr_in *)&name)->sin_port);
}

/* -- the client --------------------------------------------------------- */

static struct {
	unsigned count, status;
	uint64_t tag;
	struct buf body;
	char why[256];
} got;
static bool asking;

static void on_answer(void *arg, uint64_t tag, const struct client_answer *a)
{
	CHECK(arg == &got);
	CHECK(!asking); /* never from within */
	got.count++;
	got.tag = tag;
	got.status = a->status;
	buf_clear(&got.body);
	buf_add_str(&got.body, a->body);
	snprintf(got.why, sizeof(got.why), "%s", a->why ? a->why : "");
}

static bool ask(struct client_request request, uint64_t tag)
{
	char url[100];
	bool ok;

	if (request.url == NULL || request.url[0] == '/') {
		snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port,
			 request.url == NULL ? "/x" : request.url);
		request.url = url;
	}
	if (request.method == NULL)
		request.method = "GET";
	if (request.timeout_ms == 0)
		request.timeout_ms = 60000;
	if (request.body.p == NULL)
		request.body = STR("");
	asking = true;
	ok = http_client_ask(client, &request, on_answer, &got, tag);
	asking = false;
	return ok;
}

static void until(unsigned count)
{
	int64_t end_us = loop_now_us() + 60000000;

	while (got.count < count && loop_now_us() < end_us)
		loop_turn(loop, true);
	CHECK(got.count == count);
}

static void start(enum manner how)
{
	manner = how;
	buf_clear(&heard);
	buf_add_s(&heard, "");
	got.count = got.status = 0;
	connections = 0;
}

static void an_answer_comes_with_status_and_body(void)
{
	start(ANSWERS);
	CHECK(ask((struct client_request){.url = "/orders/a%2Fb/../c"}, 7));
	until(1);
	CHECK(got.status == 200 && got.tag == 7);
	CHECK_STR(got.body.data, "{\"ok\":1}");
	CHECK(strstr(heard.data, "GET /orders/a%2Fb/../c HTTP/1.1\r\n") ==
	      heard.data);
	CHECK(http_client_asked(client) == 0);
}

static void headers_and_body_are_sent(void)
{
	const char *const headers[] = {"Authorization: Bearer x",
				       "Content-Type: application/json"};

	start(IN_PIECES);
	CHECK(ask((struct client_request){.method = "POST",
					  .headers = headers,
					  .n_headers = 2,
					  .body = STR("{\"id\":\"1\"}")},
		  1));
	until(1);
	CHECK(got.status == 200);
	CHECK_STR(got.body.data, "{\"ok\":1}");
	CHECK(strstr(heard.data, "POST /x HTTP/1.1\r\n") == heard.data);
	CHECK(strstr(heard.data, "Authorization: Bearer x\r\n") != NULL);
	CHECK(strstr(heard.data, "\r\n\r\n{\"id\":\"1\"}") != NULL);
}

static void silence_ends_with_its_time(void)
{
	int64_t from_us = loop_now_us();

	start(SILENT);
	CHECK(ask((struct client_request){.timeout_ms = 200}, 1));
	until(1);
	CHECK(got.status == 0);
	CHECK_STR(got.why, "no answer in time");
	CHECK(loop_now_us() - from_us < 30000000);
}

static void no_answer_says_why(void)
{
	start(HANGS_UP);
	CHECK(ask((struct client_request){0}, 1));
	until(1);
	CHECK(got.status == 0 && got.why[0] != '\0');
	CHECK(ask((struct client_request){.url = "http://127.0.0.1:1/"}, 2));
	until(2);
	CHECK(got.status == 0 && got.why[0] != '\0');
	CHECK(ask((struct client_request){.url = "file:///etc/passwd"}, 3));
	until(3);
	CHECK(got.status == 0 && got.body.len == 0);
	CHECK(ask((struct client_request){.url = "http://"}, 4));
	until(4);
	CHECK(got.status == 0);
}

static void too_much_is_cut_off(void)
{
	start(TOO_MUCH);
	CHECK(ask((struct client_request){0}, 1));
	until(1);
	CHECK(got.status == 0);
	CHECK_STR(got.why, "the answer is too long");
}

static void redirects_are_not_followed(void)
{
	start(REDIRECTS);
	CHECK(ask((struct client_request){0}, 1));
	until(1);
	CHECK(got.status == 302);
	CHECK(connections == 1);
}

static void proxies_of_the_environment_are_not_used(void)
{
	start(ANSWERS);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	CHECK(ask((struct client_request){0}, 1));
	until(1);
	CHECK(got.status == 200);
	unsetenv("http_proxy");
}

static void so_many_are_under_way_and_no_more(void)
{
	start(SILENT);
	for (unsigned i = 0; i < CLIENT_MAX_ASKED; i++)
		CHECK(ask((struct client_request){.timeout_ms = 60000}, i));
	CHECK(!ask((struct client_request){0}, 999));
	CHECK(http_client_asked(client) == CLIENT_MAX_ASKED);
	for (int i = 0; i < 20; i++)
		loop_turn(loop, false);
	http_client_free(&client); /* nobody is called any more */
	CHECK(client == NULL);
	for (int i = 0; i < 20; i++)
		loop_turn(loop, false);
	CHECK(got.count == 0);
	client = http_client_new(loop);
	start(ANSWERS);
	CHECK(ask((struct client_request){0}, 1));
	until(1);
	CHECK(got.status == 200);
}

int main(void)
{
	loop = loop_new();
	client = http_client_new(loop);
	CHECK(client != NULL);
	listen_somewhere();
	RUN(an_answer_comes_with_status_and_body);
	RUN(headers_and_body_are_sent);
	RUN(silence_ends_with_its_time);
	RUN(no_answer_says_why);
	RUN(too_much_is_cut_off);
	RUN(redirects_are_not_followed);
	RUN(proxies_of_the_environment_are_not_used);
	RUN(so_many_are_under_way_and_no_more);
	http_client_free(&client);
	uv_close((uv_handle_t *)&listener, NULL);
	for (int i = 0; i < 50; i++)
		loop_turn(loop, false);
	loop_free(&loop);
	buf_fini(&heard);
	buf_fini(&got.body);
	return check_done("io/client");
}
