/* A shopper's connection: hello, what they send, what they are shown. Every
 * well-formed frame with an id is acknowledged before anything else is done
 * with it; what it means is the hub's business. */
#include "shopper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/visitor.h"

struct shoppers {
	struct server *server;
	struct quota newcomers; /* by address */
	int64_t refused_at_ms;  /* when the operator was told; 0: never */
	struct socket_ops ops;
	struct clients list;
	struct sent_pool sent;
};

static struct sent_pool *pool_of(const struct shopper *c)
{
	return &c->client.server->shoppers->sent;
}

/* -- to the hub -------------------------------------------------------- */

void shopper_input(const struct shopper *c, const struct frame *f,
		   struct str contact, struct conv_input *in)
{
	struct server *s = c->client.server;

	*in = (struct conv_input){
		.at_ms = loop_wall_ms(),
		.id = f->id,
		.text = f->text,
		.value = f->value,
		.ask = f->ask,
		.comment = f->comment,
		.score = f->score,
		.visitor = str_of(c->visitor),
		.visitor_name = str_of(c->name),
		.page = str_of(c->page != NULL ? c->page : ""),
		.locale = str_of(c->locale),
		.verified = c->verified,
	};
	server_circumstances(s, in);
	switch (f->type) {
	case FRAME_CONTACT:
		in->type = INPUT_SHOPPER_SAID;
		in->contact = true;
		in->text = contact;
		if (f->user_name.n > 0 && !c->verified)
			in->visitor_name = f->user_name;
		break;
	case FRAME_FEEDBACK:
		in->type = INPUT_SHOPPER_FEEDBACK;
		break;
	case FRAME_LEAVE:
		in->type = INPUT_SHOPPER_LEFT;
		break;
	default:
		in->type = INPUT_SHOPPER_SAID;
		in->human =
			f->type == FRAME_HUMAN ||
			(f->type == FRAME_CHOOSE && str_is(f->value, "human"));
	}
}

static void leave_to(struct shopper *c, const char *owner);

static void on_recorded(void *arg, uint64_t tag, enum store_status status,
			const char *name)
{
	struct client *client = server_client(arg, tag);
	struct shopper *c = (struct shopper *)client;

	if (client == NULL || client->kind != CLIENT_SHOPPER)
		return;
	if (status == STORE_TAKEN && c->phase == SHOPPER_IN)
		leave_to(c, name);
	else if (status == STORE_OK)
		c->sure = true;
	else
		c->recorded = false; /* next time */
}

/* Other tabs and other devices find the conversation by its visitor. */
static void record(struct shopper *c)
{
	struct server *s = c->client.server;

	if (c->recorded || !store_is_up(s->store))
		return;
	c->recorded = true;
	store_open(s->store, c->visitor, NULL, c->conversation, c->owner,
		   on_recorded, s, c->client.id);
}

static void feed(struct shopper *c, const struct frame *f)
{
	struct conv_input in;
	struct buf contact = BUF_INIT;
	struct sent *one;

	record(c);
	if (f->type == FRAME_CONTACT) {
		contact_words(f, &contact);
		one = sent_find(&c->sent, f->id);
		if (one != NULL)
			one->contact = true;
	}
	shopper_input(c, f, buf_str(&contact), &in);
	hub_feed(c->client.server->hub, c->conversation, c->client.id, &in);
	buf_fini(&contact);
}

/* Whatever waited for a conversation, in order. Feeding one may answer at
 * once and change the list: start again after each. */
static void feed_waiting(struct shopper *c)
{
	struct server *s = c->client.server;
	struct sent *one = c->sent.first;

	while (c->phase == SHOPPER_IN && c->earlier == NULL && one != NULL) {
		struct frame f;
		struct frame_error error;

		if (one->fed) {
			one = one->next;
			continue;
		}
		one->fed = true;
		if (frame_decode(FRAME_CHAT, one->raw,
				 (size_t)s->config.limit_text, &f, &error)) {
			feed(c, &f);
			frame_fini(&f);
		}
		one = c->sent.first;
	}
}

/* -- which conversation ------------------------------------------------ */

static void join(struct shopper *c)
{
	hub_join(c->client.server->hub, c->conversation, c->client.id,
		 READER_SHOPPER, c->since, c->fresh);
}

static void begin_anew(struct shopper *c)
{
	visitor_renew(c);
	c->erased = true;
	line_forget(c);
	c->phase = SHOPPER_OPENING;
	join(c);
}

/* Redis cannot say whose the visitor is. Who has signed in may not be the one
 * for whom they are taken: nothing is shown that may be somebody else's. */
static void join_unasked(struct shopper *c)
{
	if (c->owner[0] != '\0' && !c->sure)
		begin_anew(c);
	else
		join(c);
}

static void open_conversation(struct shopper *c, const char *closed);

/* The visitor is somebody else's, or it was noted as theirs by another secret.
 */
static void begin_another(struct shopper *c, const char *owner)
{
	if (visitor_is_owner_too(c, owner)) {
		open_conversation(c, NULL);
		return;
	}
	log_info("conv=%s the visitor is another's, who has signed in",
		 c->conversation);
	if (!visitor_another(c, owner))
		return;
	line_forget(c);
	c->phase = SHOPPER_OPENING;
	if (c->fresh)
		join(c);
	else
		open_conversation(c, NULL);
}

static void on_opened_conv(void *arg, uint64_t tag, enum store_status status,
			   const char *name)
{
	struct client *client = server_client(arg, tag);
	struct shopper *c = (struct shopper *)client;

	if (client == NULL || client->kind != CLIENT_SHOPPER ||
	    c->phase != SHOPPER_OPENING)
		return;
	if (status == STORE_GONE) {
		begin_anew(c);
		return;
	}
	if (status == STORE_TAKEN) {
		begin_another(c, name);
		return;
	}
	c->recorded = status == STORE_OK;
	if (!c->recorded) {
		join_unasked(c);
		return;
	}
	c->sure = true;
	if (strcmp(name, c->conversation) != 0 && earlier_is_before(c, name)) {
		open_conversation(c, name); /* Redis has lost its tail */
		return;
	}
	if (strcmp(name, c->conversation) != 0) {
		if (c->was_here)
			earlier_from(c, c->conversation);
		snprintf(c->conversation, sizeof(c->conversation), "%s", name);
		c->fresh = false;
		c->since = 0;
	}
	join(c);
}

static void open_conversation(struct shopper *c, const char *closed)
{
	struct server *s = c->client.server;

	c->phase = SHOPPER_OPENING;
	if (store_is_up(s->store))
		store_open(s->store, c->visitor, closed, c->conversation,
			   c->owner, on_opened_conv, s, c->client.id);
	else
		join_unasked(c);
}

/* All that was stored of this visitor is gone, and so is their name: whatever
 * comes now is somebody else's. */
static void forget(struct shopper *c)
{
	hub_leave(c->client.server->hub, c->conversation, c->client.id);
	begin_anew(c);
}

/* The conversation is over: the next one, for what was not taken. Its name
 * follows from this one's, so that a daemon which opened it while Redis was
 * away, and another that its shopper comes back to, mean the same. */
static void open_next(struct shopper *c)
{
	struct server *s = c->client.server;
	char closed[65];

	memcpy(closed, c->conversation, sizeof(closed));
	hub_leave(s->hub, closed, c->client.id);
	token_next(&s->key, c->visitor, closed, c->conversation);
	c->fresh = !store_is_up(s->store);
	c->recorded = false;
	c->since = 0;
	line_forget(c);
	open_conversation(c, closed);
}

void shopper_go_on(struct shopper *c, bool over)
{
	if (over)
		open_next(c);
	else
		feed_waiting(c);
}

/* It was erased: for its age, where that is done, and the visitor goes on; if
 * it was the visitor who was erased, they cannot open the next one either. */
static void is_erased(struct shopper *c)
{
	struct server *s = c->client.server;

	if (s->config.keep_closed_ms == 0 || !store_is_up(s->store)) {
		forget(c);
		return;
	}
	store_expire(s->store, c->conversation, c->visitor);
	open_next(c);
}

/* -- somebody new ------------------------------------------------------ */

static void note_refused(struct shoppers *all, const char *from)
{
	int64_t now_ms = loop_now_ms(all->server->loop);

	if (all->refused_at_ms != 0 && now_ms - all->refused_at_ms < 60000)
		return;
	all->refused_at_ms = now_ms;
	log_warn("visitors=refused from=%s limits.visitors_per_hour=%" PRId64
		 ": if that is your proxy, add it to `proxies` of the "
		 "configuration",
		 from, all->server->config.limit_visitors_per_hour);
}

bool shopper_may_be_new(struct shopper *c)
{
	struct server *s = c->client.server;
	int64_t most = s->config.limit_visitors_per_hour;
	int64_t wait_ms;

	if (most == 0 || c->from[0] == '\0')
		return true;
	wait_ms = quota_take(&s->shoppers->newcomers, loop_now_ms(s->loop),
			     str_of(c->from), most);
	if (wait_ms == 0)
		return true;
	s->counters.visitors_refused++;
	note_refused(s->shoppers, c->from);
	client_error(&c->client, "rate_limited", STR_NONE, STR_NONE,
		     "too many new visitors from this address; come again "
		     "later",
		     wait_ms);
	socket_close(c->client.socket, SOCKET_NO_ROOM,
		     STR("too many new visitors"));
	return false;
}

/* -- hello ------------------------------------------------------------- */

static void on_said(void *arg, uint64_t tag, enum store_status status,
		    const struct field *fields, size_t n)
{
	struct client *client = server_client(arg, tag);
	struct shopper *c = (struct shopper *)client;

	(void)status;
	if (client == NULL || client->kind != CLIENT_SHOPPER ||
	    c->phase != SHOPPER_OPENING)
		return;
	if (field_get(fields, n, "seq").n == 0)
		visitor_return(c);
	open_conversation(c, NULL);
}

/* Who was here before is here again. Has anything been said meanwhile? */
static void find_again(struct shopper *c)
{
	struct server *s = c->client.server;
	struct buf key = BUF_INIT;

	c->phase = SHOPPER_OPENING;
	buf_addf(&key, "conv:%s", c->conversation);
	store_hash_get(s->store, key.data, on_said, s, c->client.id);
	buf_fini(&key);
}

static void hello(struct shopper *c, const struct frame *f)
{
	if (!visitor_identify(c, f)) {
		client_error(&c->client, "bad_identity", STR_NONE, STR_NONE,
			     "the shop does not vouch for this user", -1);
		socket_close(c->client.socket, SOCKET_NOT_AUTHORISED,
			     STR("bad_identity"));
		return;
	}
	c->client.greeted = true;
	if (!visitor_find(c, f))
		return;
	if (c->fresh) {
		c->phase = SHOPPER_OPENING;
		join(c);
	} else if (visitor_may_return(c)) {
		find_again(c);
	} else {
		open_conversation(c, NULL);
	}
}

/* -- what a shopper may send ------------------------------------------- */

static bool admit(struct shopper *c, struct str id)
{
	bool room = c->sent.count < HUB_ROOM_INPUTS &&
		    store_has_room(c->client.server->store);

	return gate_admit(&c->gate, &c->client, id, STR_NONE, room);
}

static void storing(struct shopper *c, const struct frame *f, struct str raw)
{
	struct sent *known = sent_find(&c->sent, f->id);
	if (known == NULL) {
		if (!admit(c, f->id))
			return;
		known = sent_keep(&c->sent, pool_of(c), f->id, raw);
	}
	if (c->phase != SHOPPER_IN)
		return; /* fed when the conversation is known */
	if (c->earlier != NULL) {
		earlier_look(c);
		return;
	}
	known->fed = true;
	feed(c, f);
}

bool shopper_has_agents(const struct shopper *c)
{
	return c->phase == SHOPPER_IN &&
	       hub_has_agents(c->client.server->hub, c->conversation);
}

static void light(struct shopper *c, const struct frame *f)
{
	struct server *s = c->client.server;

	if (!gate_light(&c->gate, &c->client) || c->phase != SHOPPER_IN)
		return;
	if (f->type == FRAME_CONTEXT) {
		context_take(c, f);
		context_tell(c, false);
		return;
	}
	if (f->type == FRAME_TYPING) {
		desk_typing(s, c->conversation, f->on);
		if (shopper_has_agents(c))
			whisper_typing(s, c->conversation, false, f->on);
		return;
	}
	desk_read(s, c->conversation, f->upto);
	if (shopper_has_agents(c))
		whisper_read(s, c->conversation, false, f->upto);
}

static void handle(struct shopper *c, const struct frame *f, struct str raw)
{
	struct client *client = &c->client;

	if (f->type == FRAME_HELLO && client->greeted) {
		client_misplaced(client, f, "a second hello");
		return;
	}
	if (f->type != FRAME_HELLO && !client->greeted) {
		client_misplaced(client, f, "hello comes first");
		return;
	}
	client->bad_in_a_row = 0;
	if (f->id.n > 0)
		client_ack(client, f->id); /* before anything else */
	switch (f->type) {
	case FRAME_HELLO:
		hello(c, f);
		break;
	case FRAME_MESSAGE:
	case FRAME_CHOOSE:
	case FRAME_HUMAN:
	case FRAME_CONTACT:
	case FRAME_FEEDBACK:
	case FRAME_LEAVE:
		storing(c, f, raw);
		break;
	case FRAME_TYPING:
	case FRAME_READ:
	case FRAME_CONTEXT:
		light(c, f);
		break;
	case FRAME_PING:
		client_pong(client, f->at);
		break;
	default:
		break; /* the desk's: frame_decode() refuses them here */
	}
}

/* -- what a shopper is shown ------------------------------------------- */

static void fill_shop(struct server *s, const struct shopper *c,
		      struct welcome_chat *w, struct buf *greeting,
		      struct buf *colours)
{
	struct answer_request request = {.locale = c->locale};
	const struct catalog *catalog = rules_catalog(s->rules);

	w->shop_name = str_of(s->config.shop_name);
	w->shop_open =
		server_shop_open(s, loop_wall_ms(), &w->shop_opens_at_ms);
	if (s->config.shop_greeting[0] != '\0')
		buf_add_s(greeting, s->config.shop_greeting);
	else if (catalog != NULL)
		answer_text(catalog, "greeting", &request, greeting);
	w->shop_greeting = buf_str(greeting);
	buf_add_s(colours, "{\"accent\":");
	buf_add_json(colours, str_of(s->config.shop_colour));
	buf_add_c(colours, '}');
	w->shop_colours = buf_str(colours);
}

static void send_welcome(struct shopper *c, const struct conv *conv,
			 const struct logged *events, size_t n, bool more,
			 bool degraded)
{
	struct server *s = c->client.server;
	struct buf out = BUF_INIT, greeting = BUF_INIT, colours = BUF_INIT;
	char token[TOKEN_TEXT_MAX];
	struct welcome_chat w = {
		.visitor = {token, 0},
		.conversation = str_of(c->conversation),
		.epoch = str_of(store_epoch(s->store)),
		.state = str_of(conv_state_names[conv->state]),
		.seq = conv->seq,
		.events = events,
		.event_count = n,
		.more = more,
		.limit_text = s->config.limit_text,
		.limit_frame = s->config.limit_frame,
		.limit_per_minute = s->config.limit_per_minute,
		.degraded = degraded || !store_is_up(s->store),
		.erased = c->erased,
		.another = c->another,
	};

	w.announcements = announce_running(s->announce, &w.announcement_count,
					   &c->announced);
	visitor_sign(c, token);
	w.visitor.n = strlen(token);
	fill_shop(s, c, &w, &greeting, &colours);
	frame_welcome_chat(&out, &w);
	client_send(&c->client, &out);
	buf_fini(&out);
	buf_fini(&greeting);
	buf_fini(&colours);
}

void shopper_joined(struct client *client, const struct conv *conv,
		    const struct event *events, size_t n, bool more,
		    bool degraded)
{
	struct shopper *c = (struct shopper *)client;
	struct logged *list = xcalloc(n, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		bridge_logged(&events[i], READER_SHOPPER, &list[i]);
	send_welcome(c, conv, list, n, more, degraded);
	free(list);
	c->phase = SHOPPER_IN;
	c->fresh = false;
	c->erased = false;
	c->another = false;
	c->was_here = true;
	desk_shopper_present(client->server, c->conversation, true);
	if (shopper_has_agents(c))
		whisper_present(client->server, c->conversation, true);
	context_tell(c, false);
	if (c->earlier != NULL)
		earlier_look(c);
	else
		feed_waiting(c);
	line_look(c);
}

void shopper_event(struct client *client, const struct conv *conv,
		   const struct event *e)
{
	struct buf *out = &client->server->frame;
	struct logged frame;

	(void)conv;
	bridge_logged(e, READER_SHOPPER, &frame);
	frame_logged(out, &frame);
	client_send(client, out);
}

void shopper_stored(struct client *client, const struct conv *conv,
		    struct str id, uint64_t seq)
{
	struct shopper *c = (struct shopper *)client;
	struct sent *one = sent_find(&c->sent, id);
	struct buf *out = &client->server->frame;

	(void)conv;
	frame_stored(out, id, STR_NONE, seq);
	client_send(client, out);
	if (one != NULL && one->contact)
		contact_stored(c, one->raw);
	sent_drop(&c->sent, pool_of(c), id);
}

/* For the next conversation: this one and all that came after it, which the
 * hub holds behind it and will not take either. NULL: all. */
static void feed_again(struct shopper *c, struct sent *from)
{
	struct sent *one = from != NULL ? from : c->sent.first;

	for (; one != NULL; one = one->next)
		one->fed = false;
}

void shopper_refused(struct client *client, const char *conv, struct str id,
		     enum conv_refusal why)
{
	struct shopper *c = (struct shopper *)client;
	struct sent *one = sent_find(&c->sent, id);

	switch (why) {
	case REFUSE_GONE:
		feed_again(c, one);
		if (c->phase != SHOPPER_NEW &&
		    strcmp(conv, c->conversation) == 0)
			is_erased(c);
		return;
	case REFUSE_CLOSED:
		feed_again(c, one);
		if (c->phase == SHOPPER_IN && c->earlier == NULL &&
		    strcmp(conv, c->conversation) == 0)
			earlier_from(c, conv);
		return;
	case REFUSE_BUSY:
		gate_busy(&c->gate, client, id, STR_NONE);
		break;
	case REFUSE_ID_REUSED:
		client_error(client, "id_reused", id, STR_NONE,
			     "this id was used for something else", -1);
		break;
	case REFUSE_BAD_ASK:
		client_error(client, "not_now", id, STR_NONE,
			     "\"ask\" names no open request for feedback", -1);
		break;
	case REFUSE_BAD_SCORE:
		client_error(client, "bad_frame", id, STR_NONE,
			     "\"score\" is not on the scale of what was asked",
			     -1);
		break;
	default:
		client_error(client, "not_now", id, STR_NONE,
			     "the conversation's state does not allow it", -1);
	}
	sent_drop(&c->sent, pool_of(c), id);
}

void shopper_reset(struct client *client, const struct conv *conv)
{
	struct shopper *c = (struct shopper *)client;
	struct buf out = BUF_INIT;

	frame_reset(&out, str_of(c->conversation),
		    str_of(store_epoch(client->server->store)), conv->seq);
	client_send(client, &out);
	buf_fini(&out);
}

/* -- for the other parts ----------------------------------------------- */

static void look_again(void *arg, uint64_t reader, enum reader_kind kind)
{
	struct client *c = server_client(arg, reader);

	if (kind != READER_SHOPPER || c == NULL)
		return;
	line_look((struct shopper *)c);
	context_tell((struct shopper *)c, false);
}

void shoppers_changed(struct shoppers *all, const struct conv *conv)
{
	hub_each_reader(all->server->hub, conv->id, look_again, all->server);
}

void shoppers_typing(struct server *s, const char *conv, bool on)
{
	struct buf frame = BUF_INIT;

	frame_typing(&frame, STR_NONE, STR("agent"), on);
	clients_tell(s, conv, READER_SHOPPER, &frame);
}

void shoppers_read(struct server *s, const char *conv, uint64_t upto)
{
	struct buf frame = BUF_INIT;

	frame_read(&frame, STR_NONE, STR("agent"), upto);
	clients_tell(s, conv, READER_SHOPPER, &frame);
}

bool shoppers_present(struct server *s, const char *conv)
{
	return clients_tell(s, conv, READER_SHOPPER, NULL) > 0;
}

/* -- the connection ---------------------------------------------------- */

static void on_open(void *arg, struct socket *socket)
{
	struct client *c = arg;

	client_opened(c, socket, &c->server->shoppers->list);
}

static void on_text(void *arg, struct socket *socket, struct str text)
{
	struct client *client = arg;
	struct frame f;
	struct frame_error error;

	(void)socket;
	if (!frame_decode(FRAME_CHAT, text,
			  (size_t)client->server->config.limit_text, &f,
			  &error)) {
		client_bad_frame(client, &error);
		return;
	}
	handle((struct shopper *)client, &f, text);
	frame_fini(&f);
}

static void leave_room(struct shopper *c)
{
	struct server *s = c->client.server;
	bool agents = shopper_has_agents(c);

	if (c->phase == SHOPPER_NEW)
		return;
	hub_leave(s->hub, c->conversation, c->client.id);
	if (c->phase != SHOPPER_IN || shoppers_present(s, c->conversation))
		return;
	desk_shopper_present(s, c->conversation, false);
	if (agents)
		whisper_present(s, c->conversation, false);
}

/* Redis was away, and now says that this visitor is somebody else's. */
static void leave_to(struct shopper *c, const char *owner)
{
	leave_room(c);
	earlier_fini(c);
	feed_again(c, NULL);
	begin_another(c, owner);
}

static void on_closed(void *arg, struct socket *socket, unsigned code)
{
	struct shopper *c = arg;

	(void)socket;
	(void)code;
	if (c->client.socket != NULL) {
		announce_forget(c->client.server->announce, &c->client);
		client_unlink(&c->client, &c->client.server->shoppers->list);
		leave_room(c);
	}
	sent_drop_all(&c->sent, pool_of(c));
	context_fini(c);
	earlier_fini(c);
	free(c->former);
	free(c);
}

void shoppers_upgrade(struct shoppers *all, uint64_t exchange,
		      const struct http_request *request)
{
	struct server *s = all->server;
	struct shopper *c;

	c = xcalloc(1, sizeof(*c));
	if (!request->of_many)
		str_copy(c->from, sizeof(c->from), request->peer);
	c->client.kind = CLIENT_SHOPPER;
	c->client.server = s;
	gate_init(&c->gate, &c->client, s->config.limit_per_minute,
		  s->config.limit_burst);
	if (!front_upgrade(s->front, exchange, "answerd.chat.v1", &all->ops, c))
		free(c);
}

void shoppers_store_up(struct shoppers *all)
{
	for (struct client *client = all->list.first; client != NULL;
	     client = client->next) {
		struct shopper *c = (struct shopper *)client;

		if (c->phase == SHOPPER_IN && (c->owner[0] != '\0' || !c->sure))
			record(c);
	}
}

void shoppers_tick(struct shoppers *all)
{
	clients_hurry(all->server, &all->list);
	for (struct client *c = all->list.first; c != NULL; c = c->next)
		if (((struct shopper *)c)->phase == SHOPPER_IN)
			line_look((struct shopper *)c);
}

struct client *shoppers_first(const struct shoppers *all)
{
	return all->list.first;
}

struct shoppers *shoppers_new(struct server *s)
{
	struct shoppers *all = xcalloc(1, sizeof(*all));

	all->server = s;
	all->ops = (struct socket_ops){
		.opened = on_open,
		.text = on_text,
		.closed = on_closed,
		.max_message_bytes = (size_t)s->config.limit_frame,
		.max_queue_bytes = (size_t)s->config.limit_unread_bytes,
	};
	return all;
}

void shoppers_free(struct shoppers **shoppers)
{
	struct shoppers *all = *shoppers;

	if (all == NULL)
		return;
	sent_pool_fini(&all->sent);
	quota_fini(&all->newcomers);
	free(all);
	*shoppers = NULL;
}
