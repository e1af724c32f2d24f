/* What a message costs in answerd's own layers when nobody understands it: an
 * echo on its front, its sockets and its store. Each message is answered with
 * two frames in one write (as an ack and an answer), is appended to a log in
 * Redis together with an answer and a question, stands in the spool, and gets
 * a receipt when both have it. There is no JSON to read, no rule and no
 * conversation. It trusts its clients. Prints the port.
 *
 *   echo-layers REDIS_SOCKET STATE_DIRECTORY */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/field.h"
#include "base/mem.h"
#include "io/front.h"
#include "io/loop.h"
#include "io/socket.h"
#include "store/store.h"

#define AT            "1767225600000"
#define WAITING_BYTES (64u << 20)
#define CONNECTIONS   16000
#define ENTRIES       3

/* Of one connection; what it says is one conversation. Never freed. */
struct peer {
	char conv[24];
	unsigned said;
	struct socket *socket; /* NULL: gone */
};

static struct sockets *sockets;
static struct front *front;
static struct store *store;

/* -- keeping --------------------------------------------------------------- */

static void on_appended(void *arg, uint64_t said,
			const struct store_appended *result)
{
	struct peer *peer = arg;
	char text[100];

	if (result->status != STORE_OK) {
		fprintf(stderr, "echo-layers: Redis did not take it\n");
		exit(1);
	}
	snprintf(text, sizeof(text),
		 "{\"type\":\"stored\",\"id\":\"m%" PRIu64 "\",\"seq\":%" PRIu64
		 "}",
		 said, result->seq);
	if (peer->socket != NULL)
		socket_send_text(peer->socket, str_of(text));
}

/* The key is "s:m1", the id in it "m1". */
static struct store_entry entry(const char *key, uint64_t content,
				const struct field *fields, size_t n)
{
	return (struct store_entry){str_of(key), content, fields, n};
}

/* The answer and the question are of the size of usual ones. */
static void keep(struct peer *peer, struct str text)
{
	char said[16], answer[20], question[20];

	snprintf(said, sizeof(said), "s:m%u", ++peer->said);
	snprintf(answer, sizeof(answer), "b:m%u.a", peer->said);
	snprintf(question, sizeof(question), "b:m%u.q", peer->said);

	const struct field said_fields[] = {
		{STR("type"), STR("message")}, {STR("id"), str_of(said + 2)},
		{STR("sender"), STR("s")},     {STR("text"), text},
		{STR("at"), STR(AT)},
	};
	const struct field answer_fields[] = {
		{STR("type"), STR("message")},
		{STR("id"), str_of(answer + 2)},
		{STR("sender"), STR("b")},
		{STR("text"),
		 STR("We offer standard and express delivery, to the countries "
		     "listed at checkout. The price is shown at checkout "
		     "before you pay.")},
		{STR("at"), STR(AT)},
		{STR("reply_to"), str_of(said + 2)},
		{STR("intent"), STR("delivery_options")},
		{STR("rules"), STR("875341064295")},
		{STR("outcome"), STR("answer")},
	};
	const struct field question_fields[] = {
		{STR("type"), STR("ask_feedback")},
		{STR("id"), str_of(question + 2)},
		{STR("sender"), STR("b")},
		{STR("text"), STR("Did that answer your question?")},
		{STR("at"), STR(AT)},
		{STR("ask_kind"), STR("solved")},
	};
	const struct field hash[] = {{STR("event_at_ms"), STR(AT)}};
	const struct store_entry entries[ENTRIES] = {
		entry(said, peer->said, said_fields, ARRAY_LEN(said_fields)),
		entry(answer, peer->said, answer_fields,
		      ARRAY_LEN(answer_fields)),
		entry(question, 1, question_fields, ARRAY_LEN(question_fields)),
	};

	store_append(store,
		     &(struct store_unit){
			     .conv = peer->conv,
			     .expect = ENTRIES * (peer->said - 1),
			     .entries = entries,
			     .entry_count = ENTRIES,
			     .hash = hash,
			     .hash_count = ARRAY_LEN(hash),
			     .due_ms = STORE_DUE_KEEP,
		     },
		     on_appended, peer, peer->said);
}

/* -- connections ----------------------------------------------------------- */

static void on_opened(void *arg, struct socket *s)
{
	struct peer *peer = arg;

	peer->socket = s;
}

static void on_text(void *arg, struct socket *s, struct str text)
{
	socket_send(s, (struct str[]){text, text}, 2);
	keep(arg, text);
}

static void on_closed(void *arg, struct socket *s, unsigned code)
{
	struct peer *peer = arg;

	(void)s;
	(void)code;
	peer->socket = NULL;
}

static const struct socket_ops ops = {
	.opened = on_opened, .text = on_text, .closed = on_closed};

static void on_request(void *arg, uint64_t exchange,
		       const struct http_request *request)
{
	static unsigned count;
	struct peer *peer;

	(void)arg;
	if (!request->is_upgrade) {
		front_problem(front, exchange, 404, NULL);
		return;
	}
	peer = xcalloc(1, sizeof(*peer));
	snprintf(peer->conv, sizeof(peer->conv), "peer-%u", ++count);
	front_upgrade(front, exchange, NULL, &ops, peer);
}

/* -- the whole ------------------------------------------------------------- */

static void on_state(void *arg, bool up, const char *epoch, bool rolled)
{
	(void)arg;
	(void)epoch;
	(void)rolled;
	if (up)
		printf("port %u\n", front_port(front));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const char *const listen[] = {"127.0.0.1:0"};
	struct front_options front_options = {.listen = listen,
					      .n_listen = 1,
					      .max_connections = CONNECTIONS};
	struct loop *loop = loop_new();
	struct buf url = BUF_INIT, why = BUF_INIT;

	if (argc != 3) {
		fprintf(stderr, "usage: echo-layers SOCKET DIRECTORY\n");
		return 2;
	}
	buf_addf(&url, "unix://%s", argv[1]);
	sockets = sockets_new(loop, &(struct sockets_options){0}, &why);
	if (sockets != NULL)
		front = front_new(loop, sockets, &front_options, on_request,
				  NULL, &why);
	if (front != NULL)
		store = store_new(loop,
				  &(struct store_options){
					  .url = url.data,
					  .prefix = "echo:",
					  .node = "echo",
					  .command_timeout_ms = 2000,
					  .lease_ms = 30000,
					  .max_waiting_bytes = WAITING_BYTES,
					  .spool = {.dir = argv[2],
						    .hold_ms = 60000,
						    .max_age_ms = 86400000},
				  },
				  &(struct store_ops){.state = on_state});
	if (store == NULL) {
		fprintf(stderr, "echo-layers: %s\n", why.data);
		return 1;
	}
	loop_take_short_slices();
	loop_run(loop);
	return 0;
}
