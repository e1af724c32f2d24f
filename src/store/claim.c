/* Taking, keeping and taking back: claims and their leases; lua/claim.lua,
 * renew.lua, reap.lua. One agent wins, whatever runs between the steps here,
 * as each step is one script. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core.h"
#include "queue.h"

#define LOOKS_MAX 5    /* at the heads of the lines, when others are faster */
#define REAP_MAX  1000 /* of one queue at a time */

/* -- claim ----------------------------------------------------------------- */

struct claiming {
	struct store *store;
	char **queues;
	size_t queue_count;
	char *conv; /* NULL: the next */
	char *agent, *id;
	unsigned looks;
	size_t at; /* the queue that is asked now */
	/* of a look at the heads */
	size_t heads;
	size_t before; /* which this claim took from; queue_count: none */
	size_t best;   /* queue_count: nobody waits */
	double best_score;
	enum store_status status;
	store_claim_fn fn;
	void *arg;
	uint64_t tag;
};

static void look(struct claiming *c);

static void answer(struct claiming *c, enum store_status status,
		   const char *conv, const char *queue)
{
	if (!c->store->closing)
		c->fn(c->arg, c->tag,
		      &(struct store_claim){status, conv, queue});
	queue_names_free(c->queues, c->queue_count);
	free(c->conv);
	free(c->agent);
	free(c->id);
	free(c);
}

static void on_claim(void *arg, const struct reply *reply);

/* What this very claim has taken from the queue. */
static void add_before(struct claiming *c, const char *queue)
{
	struct buf name = BUF_INIT;

	buf_addf(&name, ":claim:%s:%s", c->agent, c->id);
	core_key(c->store, "queue", queue, name.data);
	buf_fini(&name);
}

static void claim_in(struct claiming *c, size_t queue)
{
	struct store *store = c->store;

	c->at = queue;
	script_start(store, SCRIPT_CLAIM, 6);
	queue_keys(store, c->queues[queue]);
	add_before(c, c->queues[queue]);
	queue_bell(store, c->queues[queue]);
	resp_add_s(&store->cmd, c->conv);
	resp_add_s(&store->cmd, c->agent);
	resp_add_i64(&store->cmd, store->lease_ms);
	resp_add_s(&store->cmd, c->id);
	script_send(store, SCRIPT_CLAIM, on_claim, c);
}

/* Not in this queue: in the next one? The head was taken: is there another? */
static void go_on(struct claiming *c)
{
	if (c->conv != NULL && c->at + 1 < c->queue_count)
		claim_in(c, c->at + 1);
	else if (c->conv == NULL && ++c->looks < LOOKS_MAX)
		look(c);
	else
		answer(c, STORE_EMPTY, NULL, NULL);
}

static void on_claim(void *arg, const struct reply *reply)
{
	struct claiming *c = arg;
	enum store_status status = core_judge(c->store, reply, "claim");
	struct str word = reply_text(reply_at(reply, 0));
	struct str conv = reply_text(reply_at(reply, 1));

	if (status != STORE_OK)
		answer(c, status, NULL, NULL);
	else if (str_is(word, "OK") && conv.n > 0)
		answer(c, STORE_OK, conv.p, c->queues[c->at]);
	else if (str_is(word, "TAKEN"))
		answer(c, STORE_TAKEN, NULL, NULL);
	else if (str_is(word, "LOST"))
		answer(c, STORE_FENCED, NULL, NULL);
	else if (c->store->closing)
		answer(c, STORE_AWAY, NULL, NULL);
	else
		go_on(c);
}

static void compare_head(struct claiming *c, const struct reply *reply)
{
	struct str score = reply_text(reply_at(reply, 1));
	double n = score.n > 0 ? strtod(score.p, NULL) : 0;

	if (score.n > 0 && (c->best == c->queue_count || n < c->best_score)) {
		c->best = c->heads;
		c->best_score = n;
	}
}

static void on_before(void *arg, const struct reply *reply)
{
	struct claiming *c = arg;

	if (reply_text(reply).n > 0)
		c->before = c->heads;
}

/* The queue that this claim took from before, or else with the best head: its
 * script then takes whatever is first. */
static void on_head(void *arg, const struct reply *reply)
{
	struct claiming *c = arg;
	enum store_status status = core_judge(c->store, reply, "claim");

	if (status != STORE_OK)
		c->status = status;
	compare_head(c, reply);
	if (++c->heads < c->queue_count)
		return;
	if (c->status != STORE_OK || c->store->closing)
		answer(c, c->status, NULL, NULL);
	else if (c->before < c->queue_count)
		claim_in(c, c->before);
	else if (c->best == c->queue_count)
		answer(c, STORE_EMPTY, NULL, NULL);
	else
		claim_in(c, c->best);
}

static void look(struct claiming *c)
{
	struct store *store = c->store;

	c->heads = 0;
	c->best = c->before = c->queue_count;
	core_together(store, 2 * c->queue_count);
	for (size_t i = 0; i < c->queue_count; i++) {
		resp_start(&store->cmd, "GET");
		add_before(c, c->queues[i]);
		core_send(store, on_before, c);
		resp_start(&store->cmd, "ZRANGE");
		core_key(store, "queue", c->queues[i], "");
		resp_add_s(&store->cmd, "0");
		resp_add_s(&store->cmd, "0");
		resp_add_s(&store->cmd, "WITHSCORES");
		core_send(store, on_head, c);
	}
}

static void on_no_queue(void *arg, const struct reply *reply)
{
	(void)reply;
	answer(arg, STORE_EMPTY, NULL, NULL);
}

void store_claim(struct store *store, const char *const *queues, size_t n,
		 const char *conv, const char *agent, const char *id,
		 store_claim_fn fn, void *arg, uint64_t tag)
{
	struct claiming *c = xcalloc(1, sizeof(*c));

	*c = (struct claiming){.store = store,
			       .queues = queue_names(queues, n),
			       .queue_count = n,
			       .conv = conv == NULL ? NULL : xstrdup(conv),
			       .agent = xstrdup(agent),
			       .id = xstrdup(id),
			       .fn = fn,
			       .arg = arg,
			       .tag = tag};
	if (n == 0)
		core_late(store, on_no_queue, c);
	else if (conv != NULL)
		claim_in(c, 0);
	else
		look(c);
}

/* -- names, from several queues -------------------------------------------- */

/* What renew and reap answer: names, queue by queue, then the end. */
struct naming {
	struct store *store;
	size_t replies;
	enum store_status status;
	store_name_fn lost;     /* of renew */
	store_reaped_fn reaped; /* of reap */
	void *arg;
	uint64_t tag;
};

static void tell(struct naming *n, enum store_status status, const char *conv,
		 const char *agent, uint64_t seq)
{
	if (n->store->closing)
		return;
	if (n->lost != NULL)
		n->lost(n->arg, n->tag, status, conv);
	else
		n->reaped(n->arg, n->tag, status, conv, agent, seq);
}

static void end_naming(struct naming *n)
{
	tell(n, n->status, NULL, NULL, 0);
	free(n);
}

/* By name, agent and seq; or by name, queue and -1 where it and the queue are
 * at odds. */
static void on_one_reaped(struct naming *n, struct str conv, struct str agent,
			  int64_t seq)
{
	if (seq >= 0)
		tell(n, STORE_OK, conv.p, agent.n > 0 ? agent.p : NULL,
		     (uint64_t)seq);
	else if (!n->store->closing)
		mend_start(n->store, conv.p, agent.p, NULL, NULL, NULL);
}

static void on_names(void *arg, const struct reply *reply)
{
	struct naming *n = arg;
	enum store_status status = core_judge(n->store, reply, "lease");
	size_t step = n->lost != NULL ? 1 : 3;

	if (status != STORE_OK)
		n->status = status;
	for (size_t i = 0; i < reply_count(reply); i += step) {
		struct str conv = reply_text(reply_at(reply, i));

		if (conv.p != NULL && n->lost != NULL)
			tell(n, STORE_OK, conv.p, NULL, 0);
		else if (conv.p != NULL)
			on_one_reaped(n, conv,
				      reply_text(reply_at(reply, i + 1)),
				      reply_number(reply_at(reply, i + 2)));
	}
	if (--n->replies == 0)
		end_naming(n);
}

static void on_nothing(void *arg, const struct reply *reply)
{
	(void)reply;
	end_naming(arg);
}

/* All of one queue in one script, sent where the first of them stands. */
static void renew_queue(struct naming *naming, const char *agent,
			const char *const *convs, const char *const *queues,
			size_t n)
{
	struct store *store = naming->store;

	queue_start(store, SCRIPT_RENEW, queues[0], false);
	resp_add_s(&store->cmd, agent);
	resp_add_i64(&store->cmd, store->lease_ms);
	for (size_t i = 0; i < n; i++)
		if (strcmp(queues[i], queues[0]) == 0)
			resp_add_s(&store->cmd, convs[i]);
	naming->replies++;
	script_send(store, SCRIPT_RENEW, on_names, naming);
}

static bool stands_before(const char *const *queues, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(queues[i], queues[at]) == 0)
			return true;
	return false;
}

void store_renew(struct store *store, const char *agent,
		 const char *const *convs, const char *const *queues, size_t n,
		 store_name_fn lost, void *arg, uint64_t tag)
{
	struct naming *naming = xcalloc(1, sizeof(*naming));

	*naming = (struct naming){
		.store = store, .lost = lost, .arg = arg, .tag = tag};
	for (size_t i = 0; i < n; i++)
		if (!stands_before(queues, i))
			renew_queue(naming, agent, convs + i, queues + i,
				    n - i);
	if (n == 0)
		core_late(store, on_nothing, naming);
}

void store_reap(struct store *store, const char *const *queues, size_t n,
		store_reaped_fn fn, void *arg, uint64_t tag)
{
	struct naming *naming = xcalloc(1, sizeof(*naming));

	*naming = (struct naming){.store = store,
				  .replies = n,
				  .reaped = fn,
				  .arg = arg,
				  .tag = tag};
	for (size_t i = 0; i < n; i++) {
		queue_start(store, SCRIPT_REAP, queues[i], true);
		resp_add_u64(&store->cmd, REAP_MAX);
		script_send(store, SCRIPT_REAP, on_names, naming);
	}
	if (n == 0)
		core_late(store, on_nothing, naming);
}
