/* What agents ask for and get an answer to: claims, messages, transfers and
 * the rest. An op lives from its frame to its `done`, `stored` or `error`;
 * across the waits it is found by its tag, its agent by the connection's
 * number. What the conversation makes of it is the hub's business. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "desk.h"

/* An agent not seen for longer is not there; more where heartbeats are rarer.
 */
#define PRESENT_MS 40000
#define LATER_MS   1000 /* what could not be read may be tried again after */

/* -- ops --------------------------------------------------------------- */

struct agent *agent_find(struct desk *desk, uint64_t client)
{
	struct client *c = server_client(desk->server, client);

	return c != NULL && c->kind == CLIENT_AGENT ? (struct agent *)c : NULL;
}

struct op *op_find(const struct desk *desk, uint64_t client,
		   const char *conversation, struct str id)
{
	struct op *op = desk->pending;

	while (op != NULL && (op->client != client || !str_is(id, op->id) ||
			      strcmp(op->conversation, conversation) != 0))
		op = op->next;
	return op;
}

struct op *op_of(const struct desk *desk, uint64_t client,
		 const char *conversation)
{
	struct op *op = desk->pending;

	while (op != NULL && (op->client != client ||
			      strcmp(op->conversation, conversation) != 0))
		op = op->next;
	return op;
}

static bool is_open_of(const struct op *op, uint64_t client,
		       const char *conversation)
{
	return op->client == client && op->type == FRAME_OPEN &&
	       strcmp(op->conversation, conversation) == 0;
}

struct op *op_open_of(const struct desk *desk, uint64_t client,
		      const char *conversation)
{
	struct op *op = desk->pending;

	while (op != NULL && !is_open_of(op, client, conversation))
		op = op->next;
	return op;
}

struct op *op_by_tag(const struct desk *desk, uint64_t tag)
{
	struct op *op = desk->pending;

	while (op != NULL && op->tag != tag)
		op = op->next;
	return op;
}

struct agent *op_agent(struct desk *desk, uint64_t tag, struct op **op)
{
	*op = op_by_tag(desk, tag);
	return *op == NULL ? NULL : agent_find(desk, (*op)->client);
}

/* Says whether an id that is under way comes again or is another thing's. */
static uint64_t content_of(const struct frame *f)
{
	const struct str parts[] = {f->text,  f->note,    f->agent,
				    f->queue, f->outcome, f->status};
	uint64_t h = hash_mix(HASH_SEED, f->type);

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		h = hash_mix(h, hash_bytes(HASH_SEED, parts[i].p, parts[i].n));
	return h;
}

static struct op *op_new(struct agent *a, const struct frame *f)
{
	struct desk *desk = a->client.server->desk;
	struct op *op = xcalloc(1, sizeof(*op));

	op->desk = desk;
	op->tag = ++desk->next_tag;
	op->client = a->client.id;
	op->type = f->type;
	str_copy(op->id, sizeof(op->id), f->id);
	str_copy(op->conversation, sizeof(op->conversation), f->conversation);
	str_copy(op->queue, sizeof(op->queue), f->queue);
	str_copy(op->to_agent, sizeof(op->to_agent), f->agent);
	op->since = f->since;
	op->facts = f->facts;
	op->says_facts = f->has_facts;
	op->content = content_of(f);
	buf_add_str(&op->note, f->type == FRAME_NOTE ? f->text : f->note);
	op->next = desk->pending;
	desk->pending = op;
	a->op_count++;
	return op;
}

static void unlink_op(struct op *op)
{
	struct op **at = &op->desk->pending;

	while (*at != op)
		at = &(*at)->next;
	*at = op->next;
}

/* What has changed hands meanwhile is closed behind the answer. */
void op_end(struct op *op)
{
	struct agent *a = agent_find(op->desk, op->client);
	const struct conv *conv;

	unlink_op(op);
	if (a != NULL) {
		a->op_count--;
		conv = hub_conv(op->desk->server->hub, op->conversation);
		if (conv != NULL && conv->seq > 0)
			sight_again(a, conv);
	}
	buf_fini(&op->note);
	buf_fini(&op->listed);
	recent_search_free(&op->search);
	free(op);
}

void ops_drop(struct desk *desk, uint64_t client)
{
	struct op *next;

	for (struct op *op = desk->pending; op != NULL; op = next) {
		next = op->next;
		if (op->client == client)
			op_end(op);
	}
}

static struct str conversation_of(const struct op *op)
{
	return op->conversation[0] ? str_of(op->conversation) : STR_NONE;
}

void op_done(struct op *op)
{
	struct agent *a = agent_find(op->desk, op->client);
	struct buf out = BUF_INIT;

	frame_done(&out, str_of(op->id), conversation_of(op),
		   op->joined ? str_of(store_epoch(op->desk->server->store))
			      : STR_NONE);
	if (a != NULL)
		client_send(&a->client, &out);
	buf_fini(&out);
	op_end(op);
}

void op_error(struct op *op, const char *code, const char *message)
{
	struct agent *a = agent_find(op->desk, op->client);

	if (a != NULL)
		client_error(&a->client, code, str_of(op->id),
			     conversation_of(op), message, -1);
	op_end(op);
}

void op_later(struct op *op, const char *message)
{
	struct agent *a = agent_find(op->desk, op->client);

	if (a != NULL)
		client_error(&a->client, "busy", str_of(op->id),
			     conversation_of(op), message, LATER_MS);
	op_end(op);
}

void op_claim_lost(struct op *op)
{
	op_error(op, "not_yours",
		 "this claim has had a chat, which is lost since");
}

void op_busy(struct op *op)
{
	struct agent *a = agent_find(op->desk, op->client);

	if (a != NULL)
		gate_busy(&a->gate, &a->client, str_of(op->id),
			  conversation_of(op));
	op_end(op);
}

/* -- to the hub -------------------------------------------------------- */

/* The key there is the same whatever an agent does by that id. */
void op_ask_log(const struct op *op, const struct agent *a, store_known_fn fn)
{
	const struct conv_input in = {
		.type = INPUT_AGENT_SAID,
		.id = str_of(op->id),
		.agent = str_of(a->account.name),
	};
	struct arena arena;
	uint64_t content;

	arena_init(&arena);
	store_known(op->desk->server->store, op->conversation,
		    conv_own_key(&in, &arena, &content), fn, op->desk, op->tag);
	arena_fini(&arena);
}

void op_feed(struct agent *a, struct op *op, struct conv_input *in)
{
	struct server *s = a->client.server;
	struct arena arena;

	in->at_ms = loop_wall_ms();
	in->id = str_of(op->id);
	in->agent = str_of(a->account.name);
	in->agent_display = str_of(a->account.display);
	server_circumstances(s, in);
	arena_init(&arena);
	conv_own_key(in, &arena, &op->own);
	arena_fini(&arena);
	hub_feed(s->hub, op->conversation, a->client.id, in);
}

/* -- transfer ---------------------------------------------------------- */

static void move(struct agent *a, struct op *op, const char *display)
{
	struct conv_input in = {
		.type = INPUT_AGENT_TRANSFERRED,
		.oversees = account_oversees(&a->account),
		.to_agent = op->to_agent[0] ? str_of(op->to_agent) : STR_NONE,
		.to_agent_display = str_of(display),
		.to_queue = op->queue[0] ? str_of(op->queue) : STR_NONE,
		.note = op->note.len > 0 ? buf_str(&op->note) : STR_NONE,
	};

	op_feed(a, op, &in);
}

bool agent_is_present(const struct server *s, const struct field *fields,
		      size_t n)
{
	int64_t still = s->config.lease_ms * 4 / 3; /* told every third */
	uint64_t seen = 0;

	if (still < PRESENT_MS)
		still = PRESENT_MS;
	str_to_u64(field_get(fields, n, "seen_ms"), INT64_MAX / 2, &seen);
	return (int64_t)seen + still > loop_wall_ms();
}

static void on_target(void *arg, uint64_t tag, enum store_status status,
		      const struct field *fields, size_t n)
{
	struct desk *desk = arg;
	struct op *op;
	struct agent *a = op_agent(desk, tag, &op);
	struct account to;

	if (op == NULL)
		return;
	if (a == NULL)
		op_end(op);
	else if (status != STORE_OK && status != STORE_EMPTY)
		op_busy(op);
	else if (status == STORE_EMPTY ||
		 !account_read(desk->server, op->to_agent, fields, n, &to))
		op_error(op, "not_now", "there is no such agent");
	else if (strcmp(op->to_agent, a->account.name) != 0 &&
		 (to.away || !agent_is_present(desk->server, fields, n)))
		op_error(op, "not_now", "this agent is not there");
	else
		move(a, op, to.display);
}

static void transfer(struct agent *a, struct op *op)
{
	struct server *s = a->client.server;
	char key[ACCOUNT_KEY_MAX];

	if (op->to_agent[0] != '\0') {
		if (!frame_id_valid(str_of(op->to_agent))) {
			op_error(op, "not_now", "there is no such agent");
			return;
		}
		account_key(op->to_agent, key);
		store_hash_get(s->store, key, on_target, op->desk, op->tag);
	} else if (settings_list_has(&s->config.queues, str_of(op->queue))) {
		move(a, op, "");
	} else {
		op_error(op, "not_now", "there is no such queue");
	}
}

/* -- presence ---------------------------------------------------------- */

static void on_presence(void *arg, uint64_t tag, enum store_status status,
			const struct field *fields, size_t n)
{
	struct op *op = op_by_tag(arg, tag);

	(void)fields;
	(void)n;
	if (op == NULL)
		return;
	if (status != STORE_OK) {
		op_busy(op);
		return;
	}
	presence_changed(op->desk->server->presence);
	op_done(op);
}

static void presence(struct agent *a, struct op *op, const struct frame *f)
{
	struct field fields[] = {{STR("status"), f->status},
				 {STR("status_reason"), f->reason}};
	char key[ACCOUNT_KEY_MAX];

	for (struct client *c = op->desk->list.first; c != NULL; c = c->next) {
		struct agent *other = (struct agent *)c;

		if (strcmp(other->account.name, a->account.name) == 0)
			other->account.away = str_is(f->status, "away");
	}
	account_key(a->account.name, key);
	store_hash_set(a->client.server->store, key, fields, ARRAY_LEN(fields),
		       0, on_presence, op->desk, op->tag);
}

/* -- open and close ---------------------------------------------------- */

/* Again: its log anew; what was opened before is over. */
static void open_again(struct op *op)
{
	struct op *before = op->desk->pending, *next;

	for (; before != NULL; before = next) {
		next = before->next;
		if (before->tag < op->tag &&
		    is_open_of(before, op->client, op->conversation))
			op_done(before);
	}
}

static struct opened *note_open(struct agent *a, const struct op *op)
{
	struct opened *o = xcalloc(1, sizeof(*o));

	memcpy(o->conversation, op->conversation, sizeof(o->conversation));
	o->next = a->opened;
	a->opened = o;
	a->opened_count++;
	return o;
}

static void open_log(struct agent *a, struct op *op)
{
	struct opened *o = agent_opened(a, op->conversation);
	bool had_facts = o != NULL && o->facts;

	if (o != NULL) {
		open_again(op);
	} else if (a->opened_count >= AGENT_OPEN_MAX) {
		op_error(op, "not_now", "too many are open; close some");
		return;
	} else {
		o = note_open(a, op);
	}
	if (!op->says_facts)
		op->facts = had_facts;
	o->facts = op->facts;
	if (had_facts && !o->facts)
		facts_tell_open(op->desk, o->conversation);
	hub_join(a->client.server->hub, op->conversation, a->client.id,
		 READER_AGENT, op->since, false);
}

/* -- all of them ------------------------------------------------------- */

static void resolve(struct agent *a, struct op *op, const struct frame *f)
{
	struct conv_input in = {.type = INPUT_AGENT_RESOLVED,
				.outcome = f->outcome};

	if (settings_list_has(&a->client.server->config.outcomes, f->outcome))
		op_feed(a, op, &in);
	else
		op_error(op, "bad_frame",
			 "outcome: none of those in `welcome`");
}

static void say(struct agent *a, struct op *op, const struct frame *f)
{
	struct conv_input in = {.type = INPUT_AGENT_SAID, .text = f->text};

	op_feed(a, op, &in);
}

static void note(struct agent *a, struct op *op)
{
	struct conv_input in = {.type = INPUT_AGENT_NOTE,
				.text = buf_str(&op->note)};

	op_feed(a, op, &in);
}

static void release(struct agent *a, struct op *op)
{
	struct conv_input in = {.type = INPUT_AGENT_RELEASED};

	op_feed(a, op, &in);
}

/* Under way with this id: in this conversation, or, of a claim, in one that is
 * not known yet. Elsewhere an id may be another thing's. */
static const struct op *under_way(const struct agent *a, const struct frame *f)
{
	const struct op *op = a->client.server->desk->pending;
	bool anywhere = f->type == FRAME_CLAIM && f->conversation.n == 0;

	for (; op != NULL; op = op->next) {
		if (op->client != a->client.id || !str_is(f->id, op->id))
			continue;
		if (anywhere || str_is(f->conversation, op->conversation) ||
		    (op->type == FRAME_CLAIM && op->conversation[0] == '\0'))
			return op;
	}
	return NULL;
}

void desk_op(struct agent *a, const struct frame *f)
{
	const struct op *before = under_way(a, f);
	struct op *op;

	if (before != NULL && before->content == content_of(f))
		return; /* its answer comes */
	if (before != NULL) {
		client_error(&a->client, "id_reused", f->id, f->conversation,
			     "this id is under way for something else", -1);
		return;
	}
	op = op_new(a, f);
	switch (f->type) {
	case FRAME_CLAIM:
		op_claim(a, op);
		break;
	case FRAME_MESSAGE:
		say(a, op, f);
		break;
	case FRAME_NOTE:
		sight_check(a, op, note);
		break;
	case FRAME_TRANSFER:
		transfer(a, op);
		break;
	case FRAME_RELEASE:
		release(a, op);
		break;
	case FRAME_RESOLVE:
		resolve(a, op, f);
		break;
	case FRAME_PRESENCE:
		presence(a, op, f);
		break;
	case FRAME_OPEN:
		sight_check(a, op, open_log);
		break;
	case FRAME_LIST:
		recent_list(a, op, f);
		break;
	case FRAME_CLOSE:
		agent_close(a, op->conversation);
		op_done(op);
		break;
	default:
		op_end(op); /* those without an answer do not come here */
	}
}
