/* Agents' connections: hello, frames in, events and receipts out. What takes
 * more than a turn is in desk_ops.c, the lists in desk_list.c. */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "chat/suggest.h"

#define AGENT_PER_MINUTE   1200
#define AGENT_BURST        200
/* A full queue is one frame, however little a shopper may leave unread. */
#define AGENT_UNREAD_LEAST ((size_t)8 << 20)

/* -- what an agent has open -------------------------------------------- */

struct opened *agent_opened(const struct agent *a, const char *conversation)
{
	struct opened *o = a->opened;

	while (o != NULL && strcmp(o->conversation, conversation) != 0)
		o = o->next;
	return o;
}

void agent_close(struct agent *a, const char *conversation)
{
	struct opened **at = &a->opened;

	while (*at != NULL && strcmp((*at)->conversation, conversation) != 0)
		at = &(*at)->next;
	if (*at != NULL) {
		struct opened *o = *at;

		*at = o->next;
		a->opened_count--;
		hub_close(a->client.server->hub, o->conversation, a->client.id);
		if (o->facts)
			facts_tell_open(a->client.server->desk,
					o->conversation);
		free(o);
	}
}

/* -- from the hub ------------------------------------------------------ */

static void send_event(struct client *c, const struct conv *conv,
		       const struct event *e)
{
	struct buf out = BUF_INIT;
	struct logged frame;

	bridge_logged(e, READER_AGENT, &frame);
	frame_event(&out, str_of(conv->id), &frame);
	client_send(c, &out);
	buf_fini(&out);
}

/* The log has been sent up to where it was when it was opened. */
static void check_caught_up(struct client *c, const struct conv *conv,
			    uint64_t seq)
{
	struct server *s = c->server;
	struct op *op = op_open_of(s->desk, c->id, conv->id);
	struct buf out = BUF_INIT;

	if (op == NULL || !op->joined || seq < op->caught_up)
		return;
	if (op->facts)
		facts_tell_open(s->desk, conv->id);
	op_done(op);
	if (shoppers_present(s, conv->id)) {
		frame_shopper(&out, str_of(conv->id), true);
		client_send(c, &out);
		context_wanted(s, conv->id);
	} else {
		whisper_who(s, conv->id);
	}
	buf_fini(&out);
}

void desk_joined(struct client *c, const struct conv *conv,
		 const struct event *events, size_t n, bool more, bool degraded)
{
	struct op *op = op_open_of(c->server->desk, c->id, conv->id);

	if (op == NULL)
		return;
	if (degraded || conv->seq == 0) {
		char name[65];

		memcpy(name, conv->id, sizeof(name));
		if (degraded)
			op_later(op, "Redis is away; open it again later");
		else
			op_error(op, "no_such_conversation",
				 "there is no such conversation");
		agent_close((struct agent *)c, name);
		return;
	}
	if (agent_has_conv((struct agent *)c, conv) &&
	    mine_find((struct agent *)c, conv->id) == NULL)
		bridge_repair(c->server, conv, STR_NONE);
	op->joined = true;
	op->caught_up = conv->seq;
	for (size_t i = 0; i < n; i++)
		send_event(c, conv, &events[i]);
	if (!more)
		check_caught_up(c, conv, conv->seq);
}

static void compute_suggestion(struct desk *desk, const struct conv *conv,
			       const struct event *e)
{
	struct buf text = BUF_INIT, intent = BUF_INIT;

	memcpy(desk->suggested_to, conv->id, sizeof(desk->suggested_to));
	desk->suggested_seq = e->seq;
	buf_clear(&desk->suggestion);
	if (suggest_answer(conv, rules_catalog(desk->server->rules),
			   desk->matcher, e, &text, &intent))
		frame_suggestion(&desk->suggestion, str_of(conv->id), e->id,
				 buf_str(&text), buf_str(&intent));
	buf_fini(&text);
	buf_fini(&intent);
}

/* What the bot would have said, to who reads along: not for what is read from
 * the past, be it because it is opened or because the log is another one. */
static void suggest(struct client *c, const struct conv *conv,
		    const struct event *e)
{
	struct desk *desk = c->server->desk;

	if (conv->state != CONV_ASSIGNED || e->type != EVENT_MESSAGE ||
	    !str_is(e->sender, "s") || e->seq < conv->seq ||
	    op_open_of(desk, c->id, conv->id))
		return;
	if (desk->suggested_seq != e->seq ||
	    strcmp(desk->suggested_to, conv->id) != 0)
		compute_suggestion(desk, conv, e);
	if (desk->suggestion.len > 0)
		socket_send_text(c->socket, buf_str(&desk->suggestion));
}

void desk_event(struct client *c, const struct conv *conv,
		const struct event *e)
{
	struct agent *a = (struct agent *)c;

	send_event(c, conv, e);
	suggest(c, conv, e);
	if (e->seq > 0)
		check_caught_up(c, conv, e->seq);
	if ((e->type == EVENT_STATE || e->slots.n > 0) &&
	    op_open_of(c->server->desk, c->id, conv->id) == NULL)
		desk_facts(c->server, conv->id);
	if (e->type == EVENT_STATE)
		sight_again(a, conv);
}

/* A message or a note is in the log: the op ends. */
static void said(struct client *c, struct op *op, uint64_t seq)
{
	struct buf out = BUF_INIT;

	frame_stored(&out, str_of(op->id), str_of(op->conversation), seq);
	client_send(c, &out);
	buf_fini(&out);
	op_end(op);
}

/* Who has been told that it is theirs is told that it is no more, by the next
 * round; else the answer to the claim says it. */
static void claim_failed(struct agent *a, const struct op *op)
{
	if (!op->had)
		mine_end(a, op->conversation, op->desk->round);
}

void desk_stored(struct client *c, const struct conv *conv, struct str id,
		 uint64_t seq)
{
	struct agent *a = (struct agent *)c;
	struct op *op = op_find(c->server->desk, c->id, conv->id, id);

	if (op == NULL)
		return;
	switch (op->type) {
	case FRAME_MESSAGE:
	case FRAME_NOTE:
		said(c, op, seq);
		check_caught_up(c, conv, seq);
		return;
	case FRAME_CLAIM: /* again, and what it had taken is lost since? */
		if (agent_has_conv(a, conv))
			break;
		claim_failed(a, op);
		if (conv->state == CONV_ASSIGNED)
			op_error(op, "taken", "another agent has it by now");
		else
			op_claim_lost(op);
		return;
	case FRAME_TRANSFER: /* taken over: theirs from now on */
		if (strcmp(op->to_agent, a->account.name) == 0)
			break;
		mine_end(a, conv->id, op->desk->round);
		break;
	case FRAME_RELEASE:
	case FRAME_RESOLVE:
		mine_end(a, conv->id, op->desk->round);
		break;
	default:
		break;
	}
	log_info("conv=%s agent=%s did=%s", conv->id, a->account.name,
		 frame_names[op->type]);
	op_done(op);
}

static const char *refusal_code(enum conv_refusal why, bool exists)
{
	if (!exists)
		return "no_such_conversation";
	switch (why) {
	case REFUSE_NOT_YOURS:
		return "not_yours";
	case REFUSE_TAKEN:
		return "taken";
	case REFUSE_ID_REUSED:
		return "id_reused";
	case REFUSE_GONE:
		return "no_such_conversation";
	case REFUSE_BUSY:
		return "busy";
	case REFUSE_NOT:
	case REFUSE_CLOSED:
	case REFUSE_NOT_NOW:
	case REFUSE_BAD_ASK:
	case REFUSE_BAD_SCORE:
		break;
	}
	return "not_now";
}

static const char *refusal_text(enum conv_refusal why, bool exists)
{
	if (!exists && why != REFUSE_GONE)
		return "there is no such conversation";
	switch (why) {
	case REFUSE_NOT_YOURS:
		return "another agent or nobody has this conversation";
	case REFUSE_TAKEN:
		return "another agent was first";
	case REFUSE_ID_REUSED:
		return "this id was used for something else";
	case REFUSE_GONE:
		return "this conversation was erased";
	case REFUSE_CLOSED:
		return "this conversation is closed";
	case REFUSE_NOT:
	case REFUSE_NOT_NOW:
	case REFUSE_BAD_ASK:
	case REFUSE_BAD_SCORE:
	case REFUSE_BUSY:
		break;
	}
	return "the conversation's state does not allow it";
}

/* Of a conversation that is open here, or about to be. */
static void erased(struct agent *a, const char *conversation)
{
	struct op *op =
		op_open_of(a->client.server->desk, a->client.id, conversation);

	agent_close(a, conversation);
	if (op != NULL)
		op_error(op, "no_such_conversation",
			 refusal_text(REFUSE_GONE, true));
	else
		client_error(&a->client, "no_such_conversation", STR_NONE,
			     str_of(conversation),
			     refusal_text(REFUSE_GONE, true), -1);
}

static void on_refused_known(void *arg, uint64_t tag,
			     const struct store_known *known)
{
	struct desk *desk = arg;
	struct op *op;
	struct agent *a = op_agent(desk, tag, &op);
	enum conv_refusal why;

	if (a == NULL)
		return;
	why = op->refused;
	if (known->status == STORE_OK && known->content != op->own)
		why = REFUSE_ID_REUSED;
	else if (known->status == STORE_OK)
		why = REFUSE_NOT;
	if (why != REFUSE_NOT)
		op_error(op, refusal_code(why, true), refusal_text(why, true));
	else if (op->type == FRAME_MESSAGE)
		said(&a->client, op, known->seq);
	else
		op_done(op);
}

/* The state does not allow it, by now perhaps: what comes again was done when
 * it was allowed, and the hub knows the newest ids only. The log knows all. */
static bool may_be_known(const struct op *op, enum conv_refusal why)
{
	return (why == REFUSE_NOT_NOW || why == REFUSE_NOT_YOURS) &&
	       (op->type == FRAME_MESSAGE || op->type == FRAME_TRANSFER ||
		op->type == FRAME_RELEASE || op->type == FRAME_RESOLVE);
}

void desk_refused(struct client *c, const char *conversation, struct str id,
		  enum conv_refusal why)
{
	struct agent *a = (struct agent *)c;
	struct op *op = op_find(c->server->desk, c->id, conversation, id);
	const struct conv *conv = hub_conv(c->server->hub, conversation);
	bool exists = conv == NULL || conv->seq > 0;
	const char *code = refusal_code(why, exists);

	if (why == REFUSE_GONE && id.n == 0) {
		erased(a, conversation);
		return;
	}
	if (op == NULL)
		return;
	if (op->type == FRAME_CLAIM)
		claim_failed(a, op);
	if (why == REFUSE_BUSY) {
		gate_busy(&a->gate, c, id, str_of(conversation));
		op_end(op);
		return;
	}
	if (exists && may_be_known(op, why)) {
		op->refused = why;
		op_ask_log(op, a, on_refused_known);
	} else {
		op_error(op, code, refusal_text(why, exists));
	}
}

void desk_reset(struct client *c, const struct conv *conv)
{
	struct buf out = BUF_INIT;

	frame_reset(&out, str_of(conv->id),
		    str_of(store_epoch(c->server->store)), conv->seq);
	client_send(c, &out);
	buf_fini(&out);
}

/* -- to the agents who have a conversation open ------------------------ */

void desk_typing(struct server *s, const char *conv, bool on)
{
	struct buf frame = BUF_INIT;

	frame_typing(&frame, str_of(conv), STR("shopper"), on);
	clients_tell(s, conv, READER_AGENT, &frame);
}

void desk_read(struct server *s, const char *conv, uint64_t upto)
{
	struct buf frame = BUF_INIT;

	frame_read(&frame, str_of(conv), STR("shopper"), upto);
	clients_tell(s, conv, READER_AGENT, &frame);
}

void desk_shopper_present(struct server *s, const char *conv, bool present)
{
	struct buf frame = BUF_INIT;

	frame_shopper(&frame, str_of(conv), present);
	clients_tell(s, conv, READER_AGENT, &frame);
}

bool desk_reads(struct server *s, const char *conv)
{
	return clients_tell(s, conv, READER_AGENT, NULL) > 0;
}

/* -- frames in --------------------------------------------------------- */

/* Nobody reads it on this daemon: the list of their chats has to do. */
static bool is_owner(const struct agent *a, const char *name)
{
	const struct conv *conv = hub_conv(a->client.server->hub, name);

	return conv == NULL ? mine_find(a, name) != NULL
			    : agent_has_conv(a, conv);
}

/* Typing and read marks of who owns the conversation reach the shopper. */
static void light(struct agent *a, const struct frame *f)
{
	struct server *s = a->client.server;
	char name[65];

	if (!gate_light(&a->gate, &a->client) || f->conversation.n > 64)
		return;
	snprintf(name, sizeof(name), "%.*s", STR_ARG(f->conversation));
	if (!is_owner(a, name))
		return;
	if (f->type == FRAME_TYPING) {
		shoppers_typing(s, name, f->on);
		whisper_typing(s, name, true, f->on);
	} else {
		shoppers_read(s, name, f->upto);
		whisper_read(s, name, true, f->upto);
	}
}

static void with_answer(struct agent *a, const struct frame *f)
{
	bool room = a->op_count < AGENT_OPS_MAX &&
		    store_has_room(a->client.server->store);

	if (gate_admit(&a->gate, &a->client, f->id, f->conversation, room))
		desk_op(a, f);
}

static void handle(struct agent *a, const struct frame *f)
{
	struct client *c = &a->client;

	if (f->type == FRAME_HELLO && c->greeted) {
		client_misplaced(c, f, "a second hello");
		return;
	}
	if (f->type != FRAME_HELLO && !c->greeted) {
		client_misplaced(c, f, "hello comes first");
		return;
	}
	c->bad_in_a_row = 0;
	if (f->id.n > 0)
		client_ack(c, f->id); /* before anything else */
	switch (f->type) {
	case FRAME_HELLO:
		c->greeted = true;
		desk_lists_read(c->server->desk);
		desk_renew_agent(a);
		presence_changed(c->server->presence);
		break;
	case FRAME_TYPING:
	case FRAME_READ:
		light(a, f);
		break;
	case FRAME_PING:
		client_pong(c, f->at);
		break;
	default:
		with_answer(a, f);
	}
}

static void on_text(void *arg, struct socket *socket, struct str text)
{
	struct client *c = arg;
	struct frame f;
	struct frame_error error;

	(void)socket;
	if (!frame_decode(FRAME_DESK, text,
			  (size_t)c->server->config.limit_text, &f, &error)) {
		client_bad_frame(c, &error);
		return;
	}
	handle((struct agent *)c, &f);
	frame_fini(&f);
}

/* -- the connection ---------------------------------------------------- */

static void on_open(void *arg, struct socket *socket)
{
	struct client *c = arg;

	client_opened(c, socket, &c->server->desk->list);
}

static void on_closed(void *arg, struct socket *socket, unsigned code)
{
	struct agent *a = arg;
	struct desk *desk = a->client.server->desk;

	(void)socket;
	(void)code;
	if (a->client.socket != NULL) {
		client_unlink(&a->client, &desk->list);
		ops_drop(desk, a->client.id);
	}
	while (a->opened != NULL)
		agent_close(a, a->opened->conversation);
	mine_free(a);
	free(a);
}

void desk_upgrade(struct desk *desk, uint64_t exchange,
		  const struct account *account)
{
	struct server *s = desk->server;
	struct agent *a = xcalloc(1, sizeof(*a));

	a->client.kind = CLIENT_AGENT;
	a->client.server = s;
	a->account = *account;
	gate_init(&a->gate, &a->client, AGENT_PER_MINUTE, AGENT_BURST);
	if (!front_upgrade(s->front, exchange, "answerd.desk.v1", &desk->ops,
			   a))
		free(a);
}

void desk_sign_out(struct desk *desk, const struct credential *credential)
{
	for (struct client *c = desk->list.first; c != NULL; c = c->next)
		if (strcmp(((struct agent *)c)->account.credential.digest,
			   credential->digest) == 0)
			agent_sign_out((struct agent *)c);
}

size_t desk_connections(const struct desk *desk)
{
	return desk->list.count;
}

void desk_tick(struct desk *desk)
{
	clients_hurry(desk->server, &desk->list);
	desk_lists_tick(desk);
}

struct desk *desk_new(struct server *s)
{
	struct desk *desk = xcalloc(1, sizeof(*desk));

	desk->server = s;
	desk->matcher = matcher_new();
	arena_init(&desk->waiting.arena);
	arena_init(&desk->claimed.arena);
	desk->ops = (struct socket_ops){
		.opened = on_open,
		.text = on_text,
		.closed = on_closed,
		.max_message_bytes = (size_t)s->config.limit_frame,
		.max_queue_bytes =
			(size_t)s->config.limit_unread_bytes >
					AGENT_UNREAD_LEAST
				? (size_t)s->config.limit_unread_bytes
				: AGENT_UNREAD_LEAST,
	};
	return desk;
}

void desk_free(struct desk **deskp)
{
	struct desk *desk = *deskp;

	if (desk == NULL)
		return;
	facts_free(desk);
	rosters_free(desk);
	while (desk->pending != NULL)
		op_end(desk->pending);
	desk_lists_free(desk);
	matcher_free(&desk->matcher);
	buf_fini(&desk->suggestion);
	free(desk);
	*deskp = NULL;
}
