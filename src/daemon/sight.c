/* Who may look at which conversation. Asked before an agent opens one or
 * leaves a note in it, and again when it changes hands while it is open. */
#include <stdio.h>
#include <string.h>

#include "desk.h"

static const char not_served[] =
	"this conversation is of a queue that you do not serve";

bool agent_may_see(const struct agent *a, struct str queue, struct str owner)
{
	return queue.n == 0 || agent_serves(a, queue) ||
	       (owner.n > 0 && str_is(owner, a->account.name)) ||
	       account_oversees(&a->account);
}

bool agent_may_see_conv(const struct agent *a, const struct conv *conv)
{
	return agent_may_see(a, str_of(conv->queue), str_of(conv->agent));
}

bool agent_has_conv(const struct agent *a, const struct conv *conv)
{
	return conv->state == CONV_ASSIGNED &&
	       strcmp(conv->agent, a->account.name) == 0;
}

static void judge(struct agent *a, struct op *op, bool may)
{
	if (may)
		op->seen(a, op);
	else
		op_error(op, "not_yours", not_served);
}

void sight_again(struct agent *a, const struct conv *conv)
{
	char name[CONV_ID_MAX + 1];

	if (agent_may_see_conv(a, conv) || agent_opened(a, conv->id) == NULL ||
	    op_of(a->client.server->desk, a->client.id, conv->id) != NULL)
		return;
	memcpy(name, conv->id, sizeof(name));
	agent_close(a, name);
	client_error(&a->client, "not_yours", STR_NONE, str_of(name),
		     not_served, -1);
}

static void on_cache(void *arg, uint64_t tag, enum store_status status,
		     const struct field *fields, size_t n)
{
	struct desk *desk = arg;
	struct op *op;
	struct agent *a = op_agent(desk, tag, &op);

	if (a == NULL)
		return; /* gone, and the op with it */
	if (status != STORE_OK && status != STORE_EMPTY)
		op_busy(op);
	else
		op->cached(a, op, fields, n);
}

void sight_read(struct op *op, op_cached_fn *fn)
{
	char key[80];

	op->cached = fn;
	snprintf(key, sizeof(key), "conv:%s", op->conversation);
	store_hash_get(op->desk->server->store, key, on_cache, op->desk,
		       op->tag);
}

/* Of what is not there, whoever reads the log says so. */
static void judge_cached(struct agent *a, struct op *op,
			 const struct field *fields, size_t n)
{
	judge(a, op,
	      agent_may_see(a, field_get(fields, n, "queue"),
			    field_get(fields, n, "agent")));
}

static bool serves_all(const struct agent *a)
{
	const struct settings_list *all = &a->client.server->config.queues;

	for (size_t i = 0; i < all->count; i++)
		if (!agent_serves(a, str_of(all->items[i])))
			return account_oversees(&a->account);
	return true;
}

void sight_check(struct agent *a, struct op *op,
		 void (*fn)(struct agent *a, struct op *op))
{
	struct server *s = a->client.server;
	const struct conv *conv = hub_conv(s->hub, op->conversation);

	op->seen = fn;
	if (serves_all(a))
		fn(a, op);
	else if (conv != NULL && conv->seq > 0)
		judge(a, op, agent_may_see_conv(a, conv));
	else
		sight_read(op, judge_cached);
}
