/* What shoppers' and agents' connections share: finding one by its number,
 * sending, acknowledging, and what becomes of malformed frames. */
#include <stdio.h>
#include <string.h>

#include "server.h"

#define BAD_IN_A_ROW 10

struct client *server_client(struct server *s, uint64_t id)
{
	struct socket *socket;

	if (s->sockets == NULL)
		return NULL; /* being freed */
	socket = sockets_find(s->sockets, id);
	return socket == NULL ? NULL : socket_arg(socket);
}

void client_opened(struct client *c, struct socket *socket,
		   struct clients *list)
{
	c->socket = socket;
	c->id = socket_id(socket);
	c->opened_ms = loop_now_ms(c->server->loop);
	c->prev = list->last;
	c->next = NULL;
	if (list->last != NULL)
		list->last->next = c;
	else
		list->first = c;
	list->last = c;
	list->count++;
}

void client_unlink(struct client *c, struct clients *list)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		list->first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	else
		list->last = c->prev;
	list->count--;
}

void clients_hurry(struct server *s, struct clients *list)
{
	int64_t late = loop_now_ms(s->loop) - s->config.hello_timeout_ms;

	for (struct client *c = list->first; c != NULL && c->opened_ms < late;
	     c = c->next)
		if (!c->greeted && socket_is_open(c->socket))
			socket_close(c->socket, SOCKET_NOT_AUTHORISED,
				     STR("no hello in time"));
}

void client_send(struct client *c, struct buf *frame)
{
	if (c->socket != NULL)
		socket_send_text(c->socket, buf_str(frame));
	buf_clear(frame);
}

void client_ack(struct client *c, struct str id)
{
	frame_ack(&c->server->frame, id, loop_wall_ms());
	client_send(c, &c->server->frame);
	c->server->counters.acks++;
}

struct telling {
	struct server *server;
	enum reader_kind kind;
	const struct buf *frame;
	size_t count;
};

static void tell_one(void *arg, uint64_t reader, enum reader_kind kind)
{
	struct telling *t = arg;
	struct client *c;

	if (kind != t->kind)
		return;
	t->count++;
	c = server_client(t->server, reader);
	if (t->frame != NULL && c != NULL && c->socket != NULL)
		socket_send_text(c->socket, buf_str(t->frame));
}

size_t clients_tell(struct server *s, const char *conv, enum reader_kind kind,
		    struct buf *frame)
{
	struct telling t = {s, kind, frame, 0};

	hub_each_reader(s->hub, conv, tell_one, &t);
	if (frame != NULL)
		buf_fini(frame);
	return t.count;
}

void client_pong(struct client *c, struct str at)
{
	struct buf out = BUF_INIT;

	frame_pong(&out, at);
	client_send(c, &out);
	buf_fini(&out);
}

void client_error(struct client *c, const char *code, struct str id,
		  struct str conversation, const char *message,
		  int64_t retry_ms)
{
	struct buf out = BUF_INIT;

	frame_error_out(&out, code, id, conversation, message, retry_ms);
	client_send(c, &out);
	buf_fini(&out);
}

static const char *fault_code(enum frame_fault fault)
{
	switch (fault) {
	case FAULT_BAD_JSON:
		return "bad_json";
	case FAULT_TOO_LONG:
		return "too_long";
	case FAULT_BAD_FRAME:
	case FAULT_NONE:
		break;
	}
	return "bad_frame";
}

void client_bad_frame(struct client *c, const struct frame_error *error)
{
	c->server->counters.bad_frames++;
	client_error(c, fault_code(error->fault), error->id, STR_NONE,
		     error->message, -1);
	if (error->fault == FAULT_TOO_LONG)
		return; /* well made, only long */
	if (++c->bad_in_a_row >= BAD_IN_A_ROW)
		socket_close(c->socket, SOCKET_POLICY,
			     STR("too many bad frames"));
}

void client_misplaced(struct client *c, const struct frame *f,
		      const char *message)
{
	struct frame_error error = {.fault = FAULT_BAD_FRAME, .id = f->id};

	snprintf(error.message, sizeof(error.message), "%s", message);
	client_bad_frame(c, &error);
}
