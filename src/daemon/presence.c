/* Whether anybody is there who could take a chat, queue by queue, at whichever
 * daemon: read now and then from the agents' hashes, where every daemon notes
 * the heartbeats of its own; who is connected here is known without. While
 * that is not known, nobody is said to be missing; nor in a shop without
 * agents, which takes its chats with a tool of its own. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk.h"

#define READ_TICKS   10    /* from one reading to the next */
#define KNOWN_FOR_MS 30000 /* what was read before is no longer known */
#define QUEUES_MAX   64    /* of others nobody is missed */

/* Sets of queues have bit i for queue i of the configuration. */
struct presence {
	struct server *server;
	uint64_t here;      /* somebody is connected to this daemon */
	uint64_t elsewhere; /* as last read: somebody is at any of them */
	int64_t read_ms;    /* monotonic: when that was; 0: never */
	bool stale;         /* somebody rang since it was begun */
	bool reading;
	uint64_t found; /* so far */
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

static size_t queue_count(const struct presence *p)
{
	size_t n = p->server->config.queues.count;

	return n < QUEUES_MAX ? n : QUEUES_MAX;
}

/* Without those that are not configured. */
static uint64_t set_of(const struct presence *p, const char *queue)
{
	char *const *queues = p->server->config.queues.items;

	for (size_t i = 0; i < queue_count(p); i++)
		if (strcmp(queues[i], queue) == 0)
			return UINT64_C(1) << i;
	return 0;
}

static uint64_t all_of_them(const struct presence *p)
{
	size_t n = queue_count(p);

	return n == QUEUES_MAX ? UINT64_MAX : (UINT64_C(1) << n) - 1;
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

	p->reading = true;
	p->stale = false;
	p->found = p->here;
	roster_read(p->server->desk, &ops, p, 0);
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
	read_roster(p);
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
	return all_of_them(p) & ~p->here & ~p->elsewhere;
}

bool presence_is_unattended(const struct presence *p, const char *queue)
{
	return (presence_unattended(p) & set_of(p, queue)) != 0;
}
