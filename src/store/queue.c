/* The queues as their scripts leave them: who waits, who has what. Asks, and
 * turns answers into values; what moves a conversation is lua/. Questions
 * about several queues are one script a queue, as each has a slot of its own,
 * and are put together here. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "core.h"
#include "queue.h"

#define LIST_MAX 5000 /* items in one answer */

void queue_keys(struct store *store, const char *queue)
{
	core_key(store, "queue", queue, "");
	core_key(store, "queue", queue, ":claimed");
	core_key(store, "queue", queue, ":info");
	core_key(store, "queue", queue, ":pace");
	core_key(store, "queue", queue, ":reaped");
}

void queue_bell(struct store *store, const char *queue)
{
	core_prefixed(store, "bell:queues");
	resp_add_s(&store->cmd, queue);
}

void queue_start(struct store *store, enum script script, const char *queue,
		 bool rings)
{
	script_start(store, script, 5);
	queue_keys(store, queue);
	if (rings)
		queue_bell(store, queue);
}

void settle_args(struct store *store, const char *where, uint64_t seq,
		 const char *agent, const char *record)
{
	resp_add_s(&store->cmd, where);
	resp_add_u64(&store->cmd, seq);
	resp_add_s(&store->cmd, agent);
	resp_add_i64(&store->cmd, store->lease_ms);
	resp_add_s(&store->cmd, record);
}

char **queue_names(const char *const *queues, size_t n)
{
	char **names = xcalloc(n + 1, sizeof(*names));

	for (size_t i = 0; i < n; i++)
		names[i] = xstrdup(queues[i]);
	return names;
}

void queue_names_free(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

/* -- lists ----------------------------------------------------------------- */

/* An item with its own copy of everything, until all queues have answered. */
struct listed {
	struct store_item item;
	double score;
	size_t order; /* equal scores stay as they came */
};

struct listing;

/* What one queue is asked. Answers need not come in the order of the questions:
 * where Redis has forgotten the script, one is asked again. */
struct listed_queue {
	struct listing *all;
	const char *name;
};

struct listing {
	struct store *store;
	char **queues;
	struct listed_queue *asked; /* one a queue */
	size_t queue_count, answered;
	size_t most;
	struct listed *list;
	size_t count, total;
	enum store_status status;
	struct arena arena;
	store_items_fn fn;
	void *arg;
	uint64_t tag;
};

static const char *keep(struct arena *arena, struct str s)
{
	return arena_str(arena, s.p == NULL ? STR("") : s).p;
}

static void copy_info(struct arena *arena, const struct reply *from,
		      struct store_item *item)
{
	size_t n = (reply_count(from) - 5) / 2;
	struct field *info = arena_alloc(arena, (n + 1) * sizeof(*info));

	for (size_t i = 0; i < n; i++) {
		info[i].name =
			arena_str(arena, reply_text(reply_at(from, 5 + 2 * i)));
		info[i].value =
			arena_str(arena, reply_text(reply_at(from, 6 + 2 * i)));
	}
	item->info = info;
	item->info_count = n;
}

static void copy_item(struct listing *l, const struct reply *from,
		      const char *queue)
{
	struct listed *to = &l->list[l->count];
	struct str agent = reply_text(reply_at(from, 4));

	if (reply_count(from) < 5 || l->count == l->most * l->queue_count)
		return;
	to->order = l->count++;
	to->score =
		strtod(keep(&l->arena, reply_text(reply_at(from, 1))), NULL);
	to->item = (struct store_item){
		.conv = keep(&l->arena, reply_text(reply_at(from, 0))),
		.queue = queue,
		.agent = agent.n > 0 ? keep(&l->arena, agent) : NULL,
		.priority = (int)reply_number(reply_at(from, 2)),
		.since_ms = reply_number(reply_at(from, 3)),
	};
	copy_info(&l->arena, from, &to->item);
}

static int by_score(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void answer_list(struct listing *l)
{
	struct store_item *items = xcalloc(l->count + 1, sizeof(*items));

	qsort(l->list, l->count, sizeof(*l->list), by_score);
	for (size_t i = 0; i < l->count; i++)
		items[i] = l->list[i].item;
	if (!l->store->closing)
		l->fn(l->arg, l->tag,
		      &(struct store_items){
			      .status = l->status,
			      .items = items,
			      .count = l->count < l->most ? l->count : l->most,
			      .total = l->total,
		      });
	free(items);
	free(l->list);
	free(l->asked);
	queue_names_free(l->queues, l->queue_count);
	arena_fini(&l->arena);
	free(l);
}

static void on_list(void *arg, const struct reply *reply)
{
	const struct listed_queue *of = arg;
	struct listing *l = of->all;
	enum store_status status = core_judge(l->store, reply, "list");

	l->answered++;
	if (status != STORE_OK)
		l->status = status;
	l->total += (size_t)reply_number(reply_at(reply, 0));
	for (size_t i = 1; i < reply_count(reply); i++)
		copy_item(l, reply_at(reply, i), of->name);
	if (l->answered == l->queue_count)
		answer_list(l);
}

static void on_no_list(void *arg, const struct reply *reply)
{
	(void)reply;
	answer_list(arg);
}

static void list(struct store *store, const char *const *queues, size_t n,
		 const char *which, const char *agent, size_t most,
		 store_items_fn fn, void *arg, uint64_t tag)
{
	struct listing *l = xcalloc(1, sizeof(*l));

	*l = (struct listing){.store = store,
			      .queues = queue_names(queues, n),
			      .queue_count = n,
			      .most = most < LIST_MAX ? most : LIST_MAX,
			      .fn = fn,
			      .arg = arg,
			      .tag = tag};
	l->list = xcalloc(l->most * n + 1, sizeof(*l->list));
	l->asked = xcalloc(n + 1, sizeof(*l->asked));
	arena_init(&l->arena);
	core_together(store, n);
	for (size_t i = 0; i < n; i++) {
		queue_start(store, SCRIPT_LIST, queues[i], false);
		resp_add_s(&store->cmd, which);
		resp_add_u64(&store->cmd, l->most);
		resp_add_s(&store->cmd, agent);
		l->asked[i] = (struct listed_queue){l, l->queues[i]};
		script_send(store, SCRIPT_LIST, on_list, &l->asked[i]);
	}
	if (n == 0)
		core_late(store, on_no_list, l);
}

void store_queue(struct store *store, const char *const *queues, size_t n,
		 size_t most, store_items_fn fn, void *arg, uint64_t tag)
{
	list(store, queues, n, "line", NULL, most, fn, arg, tag);
}

void store_claimed(struct store *store, const char *const *queues, size_t n,
		   const char *agent, store_items_fn fn, void *arg,
		   uint64_t tag)
{
	list(store, queues, n, "claimed", agent, LIST_MAX, fn, arg, tag);
}

/* -- place in line --------------------------------------------------------- */

struct placing {
	struct store *store;
	struct store_place place;
	store_place_fn fn;
	void *arg;
	uint64_t tag;
};

#define PACE_MAX 20

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Of the times between the last claims, newest first; two of them tell
 * nothing. */
static int64_t median_pace(const struct reply *times)
{
	int64_t gaps[PACE_MAX];
	size_t n = 0;

	for (size_t i = 1; i < reply_count(times) && n < PACE_MAX; i++)
		gaps[n++] = reply_number(reply_at(times, i - 1)) -
			    reply_number(reply_at(times, i));
	if (n < 2)
		return 0;
	qsort(gaps, n, sizeof(gaps[0]), by_size);
	return gaps[n / 2] > 0 ? gaps[n / 2] : 1;
}

static void on_rank(void *arg, const struct reply *reply)
{
	struct placing *p = arg;

	p->place.status = core_judge(p->store, reply, "place");
	if (p->place.status != STORE_OK)
		return;
	if (reply_kind(reply) == REPLY_NUMBER)
		p->place.position = (uint64_t)reply_number(reply) + 1;
	else
		p->place.status = STORE_EMPTY;
}

static void on_pace(void *arg, const struct reply *reply)
{
	struct placing *p = arg;

	if (core_judge(p->store, reply, "place") == STORE_OK)
		p->place.pace_ms = median_pace(reply);
	if (!p->store->closing)
		p->fn(p->arg, p->tag, &p->place);
	free(p);
}

void store_place(struct store *store, const char *queue, const char *conv,
		 store_place_fn fn, void *arg, uint64_t tag)
{
	struct placing *p = xcalloc(1, sizeof(*p));

	*p = (struct placing){.store = store, .fn = fn, .arg = arg, .tag = tag};
	core_together(store, 2);
	resp_start(&store->cmd, "ZRANK");
	core_key(store, "queue", queue, "");
	resp_add_s(&store->cmd, conv);
	core_send(store, on_rank, p);
	resp_start(&store->cmd, "LRANGE");
	core_key(store, "queue", queue, ":pace");
	resp_add_u64(&store->cmd, 0);
	resp_add_u64(&store->cmd, PACE_MAX - 1);
	core_send(store, on_pace, p);
}
