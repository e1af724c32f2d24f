/* Whether anybody is there who could take a chat, queue by queue, at whichever
 * daemon: read now and then from the agents' hashes, where every daemon notes
 * the heartbeats of its own; who is connected here is known without. While
 * that is not known, nobody is said to be missing.
 *
 * Nor is it known of a tool of the shop's own that takes chats through Redis
 * whether it is there: so nobody is missed in a shop without agents, nor in a
 * queue from which somebody without an account has taken a chat of late, as
 * the daemon that shows it notes in the hash `tools`: queue to when. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk.h"

#define READ_TICKS   10    /* from one reading to the next */
#define KNOWN_FOR_MS 30000 /* what was read before is no longer known */
#define TOOLS        "tools"
#define TOOL_MS      (INT64_C(7) * 24 * 3600 * 1000) /* of late */
#define TOOL_NOTE_MS (INT64_C(3600) * 1000)          /* not noted more often */

/* Sets of queues have bit i for queue i of the configuration. */
struct presence {
	struct server *server;
	uint64_t here;      /* somebody is connected to this daemon */
	uint64_t elsewhere; /* as last read: somebody is at any of them */
	int64_t read_ms;    /* monotonic: when that was; 0: never */
	bool stale;         /* somebody rang since it was begun */
	bool reading;
	uint64_t found; /* so far */
	/* Of each queue: when a tool was last known to have taken a chat (wall
	 * clock). */
	int64_t tool_ms[CONFIG_LIST_MAX];
	uint64_t tools; /* of late */
};

struct presence *presence_new(struct server *s)
{
	struct presence *p = xcalloc(1, sizeof(*p));

	p->server = s;
	return p;
}

void presence_free(struct presence **pp)
{
	struct presence *p = *pp;

	if (p == NULL)
		return;
	free(p);
	*pp = NULL;
}

/* -- sets of queues ---------------------------------------------------- */

static_assert(CONFIG_LIST_MAX <= 64, "a set of queues is 64 bits");

static size_t queue_count(const struct presence *p)
{
	return p->server->config.queues.count;
}

/* CONFIG_LIST_MAX: there is no such queue. */
static size_t index_of(const struct presence *p, struct str queue)
{
	char *const *queues = p->server->config.queues.items;

	for (size_t i = 0; i < queue_count(p); i++)
		if (str_is(queue, queues[i]))
			return i;
	return CONFIG_LIST_MAX;
}

static uint64_t set_of(const struct presence *p, const char *queue)
{
	size_t i = index_of(p, str_of(queue));

	return i == CONFIG_LIST_MAX ? 0 : UINT64_C(1) << i;
}

static uint64_t all_of_them(const struct presence *p)
{
	size_t n = queue_count(p);

	return n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static uint64_t served_by(const struct presence *p,
			  const struct account *account)
{
	uint64_t set = 0;

	for (size_t i = 0; !account->away && i < account->queue_count; i++)
		set |= set_of(p, account->queues[i]);
	return set;
}

static void look_here(struct presence *p)
{
	const struct client *c = p->server->desk->list.first;

	p->here = 0;
	for (; c != NULL; c = c->next)
		if (c->greeted)
			p->here |= served_by(
				p, &((const struct agent *)c)->account);
}

/* -- elsewhere --------------------------------------------------------- */

static bool on_agent(void *arg, uint64_t tag, const struct account *account,
		     const struct field *fields, size_t n)
{
	struct presence *p = arg;

	(void)tag;
	if (agent_is_present(p->server, fields, n))
		p->found |= served_by(p, account);
	return p->found != all_of_them(p);
}

static void on_end(void *arg, uint64_t tag, enum roster_end end)
{
	struct presence *p = arg;

	(void)tag;
	p->reading = false;
	if (end == ROSTER_FAILED || end == ROSTER_MORE)
		return;
	p->elsewhere = end == ROSTER_NOBODY ? all_of_them(p) : p->found;
	p->read_ms = loop_now_ms(p->server->loop);
}

static void read_roster(struct presence *p)
{
	static const struct roster_ops ops = {on_agent, on_end};

	p->found = p->here;
	roster_read(p->server->desk, &ops, p, 0);
}

/* -- tools -------------------------------------------------------------- */

static void look_at_tools(struct presence *p)
{
	int64_t since_ms = loop_wall_ms() - TOOL_MS;

	p->tools = 0;
	for (size_t i = 0; i < queue_count(p); i++)
		if (p->tool_ms[i] > since_ms)
			p->tools |= UINT64_C(1) << i;
}

static void on_tools(void *arg, uint64_t tag, enum store_status status,
		     const struct field *fields, size_t n)
{
	struct presence *p = arg;

	(void)tag;
	if (status != STORE_OK && status != STORE_EMPTY) {
		p->reading = false;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		size_t queue = index_of(p, fields[i].name);
		uint64_t at_ms = 0;

		str_to_u64(fields[i].value, INT64_MAX / 2, &at_ms);
		if (queue != CONFIG_LIST_MAX &&
		    (int64_t)at_ms > p->tool_ms[queue])
			p->tool_ms[queue] = (int64_t)at_ms;
	}
	look_at_tools(p);
	read_roster(p);
}

static void note_tool(struct presence *p, size_t queue)
{
	struct buf now = BUF_INIT;
	struct field field;

	p->tool_ms[queue] = loop_wall_ms();
	look_at_tools(p);
	buf_add_i64(&now, p->tool_ms[queue]);
	field = (struct field){str_of(p->server->config.queues.items[queue]),
			       buf_str(&now)};
	store_hash_set(p->server->store, TOOLS, &field, 1, TOOL_MS, NULL, NULL,
		       0);
	buf_fini(&now);
}

static void on_account(void *arg, uint64_t queue, enum store_status status,
		       const struct field *fields, size_t n)
{
	(void)fields;
	(void)n;
	if (status == STORE_EMPTY) /* there is none */
		note_tool(arg, queue);
}

static bool is_connected(const struct presence *p, const char *agent)
{
	const struct client *c = p->server->desk->list.first;

	while (c != NULL &&
	       strcmp(((const struct agent *)c)->account.name, agent) != 0)
		c = c->next;
	return c != NULL;
}

void presence_taken(struct presence *p, const struct conv *conv)
{
	size_t queue = index_of(p, str_of(conv->queue));
	char key[ACCOUNT_KEY_MAX];

	if (conv->state != CONV_ASSIGNED || queue == CONFIG_LIST_MAX ||
	    loop_wall_ms() - p->tool_ms[queue] < TOOL_NOTE_MS ||
	    is_connected(p, conv->agent))
		return;
	account_key(conv->agent, key);
	store_hash_get(p->server->store, key, on_account, p, queue);
}

void presence_tick(struct presence *p)
{
	struct server *s = p->server;

	look_here(p);
	if (p->reading || !store_is_up(s->store))
		return;
	if (p->read_ms != 0 && s->ticks % READ_TICKS != 0 &&
	    !(p->stale && presence_unattended(p) != 0))
		return;
	p->reading = true;
	p->stale = false;
	store_hash_get(s->store, TOOLS, on_tools, p, 0);
}

/* -- what others ask --------------------------------------------------- */

void presence_changed(struct presence *p)
{
	look_here(p);
	if (store_is_up(p->server->store))
		store_news(p->server->store, PRESENCE_NEWS, NULL, NULL, 0);
}

void presence_heard(struct presence *p)
{
	p->stale = true;
}

uint64_t presence_unattended(const struct presence *p)
{
	const struct server *s = p->server;

	if (p->read_ms == 0 || !store_is_up(s->store) ||
	    loop_now_ms(s->loop) - p->read_ms > KNOWN_FOR_MS)
		return 0;
	return all_of_them(p) & ~p->here & ~p->elsewhere & ~p->tools;
}

bool presence_is_unattended(const struct presence *p, const char *queue)
{
	return (presence_unattended(p) & set_of(p, queue)) != 0;
}
