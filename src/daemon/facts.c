/* Facts for who has a conversation open: what the fold of its log knows (slots,
 * why the bot gave up) together with what stands beside it (context.c). Read
 * anew for each change, one reading of a conversation at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk.h"

#define OPEN_FIELD                                                             \
	"open:"     /* and the daemon's name: "MS [{name, display}, …]" */
#define OPEN_MAX 16 /* daemons */

struct facts_read {
	struct facts_read *next;
	uint64_t tag;
	bool again; /* it has changed since it was asked for */
	char conv[CONV_ID_MAX + 1];
};

static struct str some(const char *s)
{
	return s[0] != '\0' ? str_of(s) : STR_NONE;
}

/* -- to whom ----------------------------------------------------------- */

struct telling {
	struct server *server;
	const char *conv;
	const struct buf *frame; /* NULL: only counted */
	size_t count;
};

static void tell_one(void *arg, uint64_t reader, enum reader_kind kind)
{
	struct telling *t = arg;
	struct client *c = server_client(t->server, reader);
	const struct opened *o;

	if (kind != READER_AGENT || c == NULL || c->socket == NULL)
		return;
	o = agent_opened((struct agent *)c, t->conv);
	if (o == NULL || !o->facts)
		return;
	t->count++;
	if (t->frame != NULL)
		socket_send_text(c->socket, buf_str(t->frame));
}

/* How many want it. */
static size_t tell_all(struct server *s, const char *conv,
		       const struct buf *frame)
{
	struct telling t = {s, conv, frame, 0};

	hub_each_reader(s->hub, conv, tell_one, &t);
	return t.count;
}

/* -- what -------------------------------------------------------------- */

/* Those of daemons that have said so lately: as the chats of an agent whose
 * daemon is gone outlive it by a lease, so does what they look at, and half of
 * one more for clocks that differ and a daemon that is busy. */
static size_t lists_of(const struct server *s, const struct field *fields,
		       size_t n, struct str *lists)
{
	int64_t now = loop_wall_ms(), old = s->config.lease_ms * 3 / 2;
	size_t count = 0;

	for (size_t i = 0; i < n && count < OPEN_MAX; i++) {
		struct str list = fields[i].value;
		struct str at = str_cut(&list, ' ');
		uint64_t at_ms;

		if (str_starts(fields[i].name, OPEN_FIELD) && list.n > 0 &&
		    str_to_u64(at, INT64_MAX, &at_ms) &&
		    now - (int64_t)at_ms <= old)
			lists[count++] = list;
	}
	return count;
}

static void tell(struct server *s, const struct conv *conv,
		 const struct field *fields, size_t n)
{
	struct field slots[CONV_SLOTS];
	struct str lists[OPEN_MAX];
	struct desk_facts f = {
		.conversation = str_of(conv->id),
		.visitor = str_of(conv->visitor),
		.visitor_name = some(conv->visitor_name),
		.visitor_verified = conv->verified,
		.email = field_get(fields, n, "email"),
		.phone = field_get(fields, n, "phone"),
		.page = field_get(fields, n, "page"),
		.locale = some(conv->locale),
		.cart = field_get(fields, n, "cart"),
		.found = field_get(fields, n, "found"),
		.slots = slots,
		.slot_count = conv->slot_count,
		.reason = some(conv->reason),
		.intent = some(conv->intent[0] ? conv->intent
					       : conv->last_intent),
		.kind = some(conv->kind),
		.misses = conv->state == CONV_BOT ? conv->misses : conv->missed,
		.considered = some(conv->considered),
		.open = lists,
		.open_count = lists_of(s, fields, n, lists),
	};
	struct buf frame = BUF_INIT;

	for (size_t i = 0; i < conv->slot_count; i++)
		slots[i] = (struct field){str_of(conv->slots[i].name),
					  str_of(conv->slots[i].value)};
	if (f.page.n == 0)
		f.page = some(conv->page);
	frame_facts(&frame, &f);
	tell_all(s, conv->id, &frame);
	buf_fini(&frame);
}

/* -- when -------------------------------------------------------------- */

static struct facts_read **find(struct desk *desk, const char *conv)
{
	struct facts_read **at = &desk->facts;

	while (*at != NULL && strcmp((*at)->conv, conv) != 0)
		at = &(*at)->next;
	return at;
}

static void on_context(void *arg, uint64_t tag, enum store_status status,
		       const struct field *fields, size_t n)
{
	struct server *s = arg;
	struct facts_read **at = &s->desk->facts, *r;
	const struct conv *conv;

	while (*at != NULL && (*at)->tag != tag)
		at = &(*at)->next;
	r = *at;
	if (r == NULL)
		return;
	*at = r->next;
	conv = hub_conv(s->hub, r->conv);
	if (conv != NULL && conv->seq > 0)
		tell(s, conv, fields, status == STORE_OK ? n : 0);
	if (r->again)
		desk_facts(s, r->conv);
	free(r);
}

void desk_facts(struct server *s, const char *conv)
{
	struct desk *desk = s->desk;
	struct facts_read **at = find(desk, conv), *r;
	char key[CONTEXT_KEY_ROOM];

	if (tell_all(s, conv, NULL) == 0 || !store_is_up(s->store))
		return;
	if (*at != NULL) {
		(*at)->again = true;
		return;
	}
	r = xcalloc(1, sizeof(*r));
	r->tag = ++desk->next_tag;
	snprintf(r->conv, sizeof(r->conv), "%s", conv);
	*at = r;
	context_key(r->conv, key);
	store_hash_get(s->store, key, on_context, s, r->tag);
}

/* -- who else looks ---------------------------------------------------- */

struct looking {
	struct server *server;
	const char *conv;
	struct buf list;
};

static bool is_named(const struct buf *list, const struct buf *one)
{
	return list->len > 0 &&
	       memmem(list->data, list->len, one->data, one->len) != NULL;
}

static void add_one(void *arg, uint64_t reader, enum reader_kind kind)
{
	struct looking *l = arg;
	struct client *c = server_client(l->server, reader);
	struct buf one = BUF_INIT;
	struct opened *o;

	if (kind != READER_AGENT || c == NULL)
		return;
	o = agent_opened((struct agent *)c, l->conv);
	if (o == NULL || !o->facts)
		return;
	o->told_ms = loop_now_ms(l->server->loop);
	buf_add_s(&one, "{\"name\":");
	buf_add_json(&one, str_of(((struct agent *)c)->account.name));
	buf_add_s(&one, ",\"display\":");
	buf_add_json(&one, str_of(((struct agent *)c)->account.display));
	buf_add_c(&one, '}');
	if (!is_named(&l->list, &one)) {
		buf_add_c(&l->list, l->list.len > 0 ? ',' : '[');
		buf_add_str(&l->list, buf_str(&one));
	}
	buf_fini(&one);
}

void facts_tell_open(struct desk *desk, const char *conv)
{
	struct server *s = desk->server;
	struct looking l = {s, conv, BUF_INIT};
	struct buf name = BUF_INIT, value = BUF_INIT;

	if (s->closing || !store_is_up(s->store))
		return;
	hub_each_reader(s->hub, conv, add_one, &l);
	buf_addf(&name, OPEN_FIELD "%s", s->node);
	if (l.list.len > 0) {
		buf_addf(&value, "%lld %s]", (long long)loop_wall_ms(),
			 l.list.data);
		context_set(s, conv,
			    &(struct field){buf_str(&name), buf_str(&value)},
			    1);
	} else {
		context_drop(s, conv, name.data);
	}
	buf_fini(&l.list);
	buf_fini(&name);
	buf_fini(&value);
}

void facts_renew(struct desk *desk)
{
	int64_t now = loop_now_ms(desk->server->loop);
	int64_t stale = desk->server->config.lease_ms / 2;

	for (struct client *c = desk->list.first; c != NULL; c = c->next)
		for (struct opened *o = ((struct agent *)c)->opened; o != NULL;
		     o = o->next)
			if (o->facts && now - o->told_ms > stale)
				facts_tell_open(desk, o->conversation);
}

void facts_free(struct desk *desk)
{
	while (desk->facts != NULL) {
		struct facts_read *next = desk->facts->next;

		free(desk->facts);
		desk->facts = next;
	}
}
