/* What agents are shown of the queue, and what is theirs: both lists are read
 * from the store in rounds (when the bell rings, at most once a second, and
 * every other second in any case), for all agents of this daemon together.
 * Whatever appeared in or vanished from somebody's claims is told from the
 * difference, so a chat handed over on another daemon arrives the same way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "desk.h"

#define LEAST_MS 1000
#define MOST_MS  2000

/* -- one agent's own --------------------------------------------------- */

struct mine *mine_find(const struct agent *a, const char *conversation)
{
	struct mine *m = a->mine;

	while (m != NULL && strcmp(m->conversation, conversation) != 0)
		m = m->next;
	return m;
}

void mine_add(struct agent *a, const char *conversation, const char *queue,
	      uint64_t round)
{
	struct mine *m = mine_find(a, conversation);

	if (m == NULL) {
		m = xcalloc(1, sizeof(*m));
		m->next = a->mine;
		a->mine = m;
	}
	snprintf(m->conversation, sizeof(m->conversation), "%s", conversation);
	snprintf(m->queue, sizeof(m->queue), "%s", queue);
	m->round = round;
	m->over = m->lost = false;
}

void mine_end(struct agent *a, const char *conversation, uint64_t round)
{
	mine_add(a, conversation, "", round);
	mine_find(a, conversation)->over = true;
}

static void mine_drop(struct agent *a, struct mine *gone)
{
	struct mine **at = &a->mine;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	free(gone);
}

void mine_free(struct agent *a)
{
	while (a->mine != NULL)
		mine_drop(a, a->mine);
}

/* -- a list as read ---------------------------------------------------- */

static void listed_clear(struct listed *l)
{
	arena_fini(&l->arena);
	l->items = NULL;
	l->count = 0;
}

static const char *keep(struct arena *arena, const char *s)
{
	return s == NULL ? NULL : arena_strndup(arena, s, strlen(s));
}

static void copy_item(struct arena *arena, const struct store_item *from,
		      struct store_item *to)
{
	struct field *info =
		arena_alloc(arena, (from->info_count + 1) * sizeof(*info));

	for (size_t i = 0; i < from->info_count; i++)
		info[i] = (struct field){arena_str(arena, from->info[i].name),
					 arena_str(arena, from->info[i].value)};
	*to = *from;
	to->conv = keep(arena, from->conv);
	to->queue = keep(arena, from->queue);
	to->agent = keep(arena, from->agent);
	to->info = info;
}

static void listed_fill(struct listed *l, const struct store_items *from,
			uint64_t round)
{
	listed_clear(l);
	l->items =
		arena_alloc(&l->arena, (from->count + 1) * sizeof(*l->items));
	for (size_t i = 0; i < from->count; i++)
		copy_item(&l->arena, &from->items[i], &l->items[i]);
	l->count = from->count;
	l->round = round;
}

/* -- as JSON ----------------------------------------------------------- */

static struct str info_of(const struct store_item *item, const char *name)
{
	struct str v = field_get(item->info, item->info_count, name);

	return v.p == NULL ? STR("") : v;
}

/* `agent`: who has it, as shoppers see the name; NONE: it waits. */
static void add_item(struct buf *out, const struct store_item *item,
		     struct str agent, int64_t now_ms)
{
	struct str name = info_of(item, "name");
	int64_t waited_ms = now_ms - item->since_ms;

	if (out->len > 0)
		buf_add_c(out, ',');
	frame_item(out,
		   &(struct desk_item){
			   .conversation = str_of(item->conv),
			   .queue = str_of(item->queue),
			   .reason = info_of(item, "reason"),
			   .intent = info_of(item, "intent"),
			   .kind = info_of(item, "kind"),
			   .preview = info_of(item, "preview"),
			   .priority = item->priority,
			   .waited_s = waited_ms > 0 ? waited_ms / 1000 : 0,
			   .visitor_name = name.n > 0 ? name : STR_NONE,
			   .visitor_verified =
				   str_is(info_of(item, "verified"), "1"),
			   .page = info_of(item, "page"),
			   .locale = info_of(item, "locale"),
			   .state = agent.p == NULL ? STR("queued")
						    : STR("assigned"),
			   .agent = agent,
		   });
}

bool agent_serves(const struct agent *a, struct str queue)
{
	for (size_t i = 0; i < a->account.queue_count; i++)
		if (str_is(queue, a->account.queues[i]))
			return true;
	return false;
}

static uint64_t hash_item(uint64_t hash, const struct store_item *item)
{
	hash = hash_bytes(hash, item->conv, strlen(item->conv));
	hash = hash_bytes(hash, item->queue, strlen(item->queue));
	hash = hash_bytes(hash, &item->since_ms, sizeof(item->since_ms));
	hash = hash_bytes(hash, &item->priority, sizeof(item->priority));
	for (size_t i = 0; i < item->info_count; i++)
		hash = hash_bytes(hash, item->info[i].value.p,
				  item->info[i].value.n);
	return hash;
}

void desk_queue_items(const struct agent *a, struct buf *out, uint64_t *hash)
{
	const struct listed *l = &a->client.server->desk->waiting;
	int64_t now_ms = loop_wall_ms();

	*hash = HASH_SEED;
	for (size_t i = 0; i < l->count; i++) {
		if (!agent_serves(a, str_of(l->items[i].queue)))
			continue;
		*hash = hash_item(*hash, &l->items[i]);
		if (out != NULL)
			add_item(out, &l->items[i], STR_NONE, now_ms);
	}
}

static bool is_of(const struct store_item *item, const struct agent *a)
{
	return item->agent != NULL && strcmp(item->agent, a->account.name) == 0;
}

/* Only the log makes a chat somebody's: a claim that has just been made may
 * still be refused, and where Redis is full it stays like that for seconds. */
static bool is_settled(const struct store_item *item)
{
	return !str_is(info_of(item, "claiming"), "1");
}

void desk_mine_items(const struct agent *a, struct buf *out)
{
	const struct listed *l = &a->client.server->desk->claimed;
	int64_t now_ms = loop_wall_ms();

	for (size_t i = 0; i < l->count; i++)
		if (is_of(&l->items[i], a) && is_settled(&l->items[i]))
			add_item(out, &l->items[i], str_of(a->account.display),
				 now_ms);
}

/* -- the difference ---------------------------------------------------- */

static void tell_assigned(struct agent *a, const struct store_item *item)
{
	struct buf out = BUF_INIT, json = BUF_INIT;

	add_item(&json, item, str_of(a->account.display), loop_wall_ms());
	frame_assigned(&out, buf_str(&json));
	client_send(&a->client, &out);
	buf_fini(&out);
	buf_fini(&json);
}

static const char *why_gone(const struct agent *a, const char *conversation)
{
	const struct conv *conv = hub_conv(a->client.server->hub, conversation);

	if (conv == NULL)
		return "gone";
	switch (conv->state) {
	case CONV_BOT:
	case CONV_QUEUED:
		return "back in line";
	case CONV_ASSIGNED:
		return strcmp(conv->agent, a->account.name) == 0
			       ? "gone"
			       : "transferred";
	case CONV_CLOSED:
		return "closed";
	}
	return "gone";
}

static void tell_unassigned(struct agent *a, const struct mine *m)
{
	struct buf out = BUF_INIT;

	frame_unassigned(&out, str_of(m->conversation),
			 why_gone(a, m->conversation));
	client_send(&a->client, &out);
	buf_fini(&out);
}

static const struct store_item *claimed_item(const struct listed *l,
					     const struct agent *a,
					     const char *conversation)
{
	for (size_t i = 0; i < l->count; i++)
		if (is_of(&l->items[i], a) &&
		    strcmp(l->items[i].conv, conversation) == 0)
			return &l->items[i];
	return NULL;
}

static void look_for_new(struct agent *a, const struct listed *l, bool tell)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct store_item *item = &l->items[i];
		struct mine *m;

		if (!is_of(item, a) || !is_settled(item))
			continue;
		m = mine_find(a, item->conv);
		if (m != NULL && m->over && m->round >= l->round)
			continue;
		if (m == NULL || m->over) {
			mine_add(a, item->conv, item->queue, l->round - 1);
			m = mine_find(a, item->conv);
			m->told = false;
		}
		if (tell && !m->told)
			tell_assigned(a, item);
		m->told = true;
	}
}

/* What takes a chat out of the list may not stand in the log yet, which says
 * why: a round later it does, or the list is wrong. What they do themselves has
 * an answer. */
static bool is_under_way(const struct agent *a, struct mine *m)
{
	const struct server *s = a->client.server;
	const struct conv *conv = hub_conv(s->hub, m->conversation);

	if (m->over)
		return false;
	if (op_of(s->desk, a->client.id, m->conversation) != NULL)
		return true;
	if (conv == NULL || !agent_has_conv(a, conv))
		return false;
	if (m->lost)
		bridge_repair(a->client.server, conv, STR_NONE);
	m->lost = true;
	return true;
}

static void look_for_lost(struct agent *a, const struct listed *l)
{
	struct mine *next;

	for (struct mine *m = a->mine; m != NULL; m = next) {
		next = m->next;
		if (m->round >= l->round)
			continue;
		if (claimed_item(l, a, m->conversation) != NULL) {
			m->lost = false;
			continue;
		}
		if (is_under_way(a, m))
			continue;
		if (!m->over)
			tell_unassigned(a, m);
		mine_drop(a, m);
	}
}

static void show_agent(struct agent *a)
{
	struct desk *desk = a->client.server->desk;
	struct buf items = BUF_INIT, out = BUF_INIT;
	uint64_t hash;

	look_for_new(a, &desk->claimed, true);
	look_for_lost(a, &desk->claimed);
	desk_queue_items(a, NULL, &hash);
	if (hash != a->shown) {
		desk_queue_items(a, &items, &a->shown);
		frame_queue(&out, buf_str(&items));
		client_send(&a->client, &out);
	}
	buf_fini(&items);
	buf_fini(&out);
}

/* -- canned answers ---------------------------------------------------- */

#define CANNED_MAX 200

static void add_canned(const struct agent *a, struct buf *out)
{
	const struct catalog *c = rules_catalog(a->client.server->rules);
	struct answer_request request = {.keep_slots = true};
	size_t n = c == NULL ? 0 : catalog_count(c);
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < n && i < CANNED_MAX; i++) {
		const struct intent *intent = catalog_intent(c, i);

		buf_clear(&text);
		if (!answer_render(c, intent, &request, &text))
			continue;
		buf_add_s(out, out->len > 0 ? ",{\"name\":" : "{\"name\":");
		buf_add_json(out, str_of(intent_info(intent)->name));
		buf_add_s(out, ",\"text\":");
		buf_add_json(out, buf_str(&text));
		buf_add_c(out, '}');
	}
	buf_fini(&text);
}

static size_t spans(const struct settings_list *list, struct str *out,
		    size_t most)
{
	size_t n = 0;

	for (; n < list->count && n < most; n++)
		out[n] = str_of(list->items[n]);
	return n;
}

void desk_welcome(struct agent *a)
{
	const struct account *account = &a->account;
	struct server *s = a->client.server;
	struct str roles[CONFIG_LIST_MAX], queues[CONFIG_LIST_MAX];
	struct str outcomes[CONFIG_LIST_MAX];
	struct buf out = BUF_INIT, queue = BUF_INIT, mine = BUF_INIT;
	struct buf canned = BUF_INIT;
	struct welcome_desk w = {
		.name = str_of(account->name),
		.display = str_of(account->display),
		.roles = roles,
		.queues = queues,
		.outcomes = outcomes,
		.role_count = account->role_count,
		.queue_count = account->queue_count,
		.outcome_count =
			spans(&s->config.outcomes, outcomes, CONFIG_LIST_MAX),
		.presence = account->away ? STR("away") : STR("online"),
		.lease_s = s->config.lease_ms / 1000,
	};

	for (size_t i = 0; i < account->role_count; i++)
		roles[i] = str_of(account->roles[i]);
	for (size_t i = 0; i < account->queue_count; i++)
		queues[i] = str_of(account->queues[i]);
	desk_queue_items(a, &queue, &a->shown);
	desk_mine_items(a, &mine);
	add_canned(a, &canned);
	w.queue = buf_str(&queue);
	w.mine = buf_str(&mine);
	w.canned = buf_str(&canned);
	frame_welcome_desk(&out, &w);
	client_send(&a->client, &out);
	a->welcomed = true;
	look_for_new(a, &s->desk->claimed, false);
	buf_fini(&out);
	buf_fini(&queue);
	buf_fini(&mine);
	buf_fini(&canned);
}

/* -- reading in rounds ------------------------------------------------- */

static void round_over(struct desk *desk)
{
	if (--desk->reading > 0)
		return;
	for (struct client *c = desk->list.first; c != NULL; c = c->next) {
		struct agent *a = (struct agent *)c;

		if (!c->greeted)
			continue;
		if (a->welcomed)
			show_agent(a);
		else
			desk_welcome(a);
	}
}

static void on_waiting(void *arg, uint64_t tag, const struct store_items *items)
{
	struct desk *desk = arg;

	if (items->status == STORE_OK)
		listed_fill(&desk->waiting, items, tag);
	round_over(desk);
}

static void on_claimed(void *arg, uint64_t tag, const struct store_items *items)
{
	struct desk *desk = arg;

	if (items->status == STORE_OK)
		listed_fill(&desk->claimed, items, tag);
	round_over(desk);
}

void desk_lists_read(struct desk *desk)
{
	struct server *s = desk->server;
	const char *const *queues = (const char *const *)s->config.queues.items;
	size_t n = s->config.queues.count;

	if (desk->reading > 0) {
		desk->stale = true;
		return;
	}
	desk->stale = false;
	desk->reading = 2;
	desk->round++;
	desk->read_ms = loop_now_ms(s->loop);
	store_queue(s->store, queues, n, DESK_LIST_MAX, on_waiting, desk,
		    desk->round);
	store_claimed(s->store, queues, n, NULL, on_claimed, desk, desk->round);
}

void desk_lists_tick(struct desk *desk)
{
	int64_t age = loop_now_ms(desk->server->loop) - desk->read_ms;

	if (desk->list.count == 0 || desk->reading > 0)
		return;
	if (age >= MOST_MS || (desk->stale && age >= LEAST_MS))
		desk_lists_read(desk);
}

void desk_queue_bell(struct desk *desk, const char *queue)
{
	(void)queue;
	desk->stale = true;
	desk_lists_tick(desk);
}

void desk_lists_free(struct desk *desk)
{
	listed_clear(&desk->waiting);
	listed_clear(&desk->claimed);
}

/* -- leases ------------------------------------------------------------ */

/* `lost` names a claim that is somebody else's or nobody's now: the next
 * round tells its agent. */
static void on_lost(void *arg, uint64_t tag, enum store_status status,
		    const char *name)
{
	struct desk *desk = arg;

	(void)tag;
	if (status == STORE_OK && name != NULL) {
		log_info("conv=%s is no longer claimed as it was", name);
		desk->stale = true;
	}
}

/* The first connection of each name that has said hello speaks for it. */
static bool speaks(const struct agent *a)
{
	if (!a->client.greeted)
		return false;
	for (const struct client *c = a->client.prev; c != NULL; c = c->prev)
		if (c->greeted &&
		    strcmp(((const struct agent *)c)->account.name,
			   a->account.name) == 0)
			return false;
	return true;
}

static void renew_one(struct desk *desk, const struct agent *a)
{
	const struct listed *l = &desk->claimed;
	const char **convs = xcalloc(l->count + 1, sizeof(*convs));
	const char **queues = xcalloc(l->count + 1, sizeof(*queues));
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (!is_of(&l->items[i], a))
			continue;
		convs[n] = l->items[i].conv;
		queues[n++] = l->items[i].queue;
	}
	if (n > 0)
		store_renew(desk->server->store, a->account.name, convs, queues,
			    n, on_lost, desk, 0);
	free(convs);
	free(queues);
}

/* The agent is here: others may hand chats over to them. */
static void heartbeat(struct desk *desk, const struct agent *a)
{
	char key[ACCOUNT_KEY_MAX];
	struct buf now = BUF_INIT;
	struct field seen;

	account_key(a->account.name, key);
	buf_add_i64(&now, loop_wall_ms());
	seen = (struct field){STR("seen_ms"), buf_str(&now)};
	store_hash_set(desk->server->store, key, &seen, 1, 0, NULL, NULL, 0);
	buf_fini(&now);
}

void desk_renew_agent(struct agent *a)
{
	struct desk *desk = a->client.server->desk;

	if (!store_is_up(desk->server->store))
		return;
	agent_check(desk, a);
	if (!speaks(a))
		return;
	renew_one(desk, a);
	heartbeat(desk, a);
}

void desk_renew(struct desk *desk)
{
	facts_renew(desk);
	for (struct client *c = desk->list.first; c != NULL; c = c->next)
		desk_renew_agent((struct agent *)c);
}
