/* Facts for who has a conversation open: what the fold of its log knows (slots,
 * why the bot gave up) together with what stands beside it (context.c). Read
 * anew for each change, one reading of a conversation at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk.h"

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

static struct str get(const struct field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(fields[i].name, name))
			return fields[i].value;
	return STR_NONE;
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

static void tell(struct server *s, const struct conv *conv,
		 const struct field *fields, size_t n)
{
	struct desk_fact slots[CONV_SLOTS];
	struct desk_facts f = {
		.conversation = str_of(conv->id),
		.visitor = str_of(conv->visitor),
		.visitor_name = some(conv->visitor_name),
		.visitor_verified = conv->verified,
		.email = get(fields, n, "email"),
		.page = get(fields, n, "page"),
		.locale = some(conv->locale),
		.cart = get(fields, n, "cart"),
		.found = get(fields, n, "found"),
		.slots = slots,
		.slot_count = conv->slot_count,
		.reason = some(conv->reason),
		.intent = some(conv->intent[0] ? conv->intent
					       : conv->last_intent),
		.kind = some(conv->kind),
		.misses = conv->misses,
	};
	struct buf frame = BUF_INIT;

	for (size_t i = 0; i < conv->slot_count; i++)
		slots[i] = (struct desk_fact){str_of(conv->slots[i].name),
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
	char key[sizeof("context:") + CONV_ID_MAX];

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
	snprintf(key, sizeof(key), "context:%s", r->conv);
	store_hash_get(s->store, key, on_context, s, r->tag);
}

void facts_free(struct desk *desk)
{
	while (desk->facts != NULL) {
		struct facts_read *next = desk->facts->next;

		free(desk->facts);
		desk->facts = next;
	}
}
