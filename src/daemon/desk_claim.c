/* Taking a chat: the lines that the agent serves give it out, the conversation
 * then says whose it is. What is in no line is read, to say why. */
#include <string.h>

#include "desk.h"

/* Somebody's in a queue that the agent does not serve. */
static bool is_elsewhere(const struct agent *a, const struct field *fields,
			 size_t n)
{
	struct str state = field_get(fields, n, "state");
	bool in_queue = str_is(state, conv_state_names[CONV_QUEUED]) ||
			str_is(state, conv_state_names[CONV_ASSIGNED]);

	return in_queue && !agent_may_see(a, field_get(fields, n, "queue"),
					  field_get(fields, n, "agent"));
}

/* Who oversees needs no line to take a conversation that no agent has: whether
 * that is so only the log knows. */
static bool takes_without_line(const struct agent *a, const struct op *op,
			       struct str state)
{
	return account_oversees(&a->account) && op->queue[0] == '\0' &&
	       !str_is(state, conv_state_names[CONV_CLOSED]);
}

static void note_whether_had(const struct agent *a, struct op *op)
{
	const struct mine *m = mine_find(a, op->conversation);

	op->had = m != NULL && !m->over;
}

static void take(struct agent *a, struct op *op)
{
	struct conv_input in = {.type = INPUT_AGENT_CLAIMED, .oversees = true};

	mine_add(a, op->conversation, "", op->desk->round);
	op_feed(a, op, &in);
}

/* It is in none of the lines: another queue's, with the bot, closed, or
 * unknown? */
static void what_it_is(struct agent *a, struct op *op,
		       const struct field *fields, size_t n)
{
	if (field_get(fields, n, "seq").n == 0 ||
	    field_get(fields, n, "tombstone").p != NULL)
		op_error(op, "no_such_conversation",
			 "there is no such conversation");
	else if (takes_without_line(a, op, field_get(fields, n, "state")))
		take(a, op);
	else if (is_elsewhere(a, fields, n))
		op_error(op, "not_now", "this is none of your queues");
	else
		op_error(op, "not_now", "this conversation waits for nobody");
}

static void claimed(struct op *op, const struct store_claim *claim)
{
	struct agent *a = agent_find(op->desk, op->client);
	struct conv_input in = {.type = INPUT_AGENT_CLAIMED,
				.queue = str_of(claim->queue)};

	str_copy(op->conversation, sizeof(op->conversation),
		 str_of(claim->conv));
	str_copy(op->queue, sizeof(op->queue), str_of(claim->queue));
	if (a == NULL) {
		op_end(op); /* gone meanwhile: the lease runs out */
		return;
	}
	if (!op->had)
		note_whether_had(a, op);
	mine_add(a, op->conversation, op->queue, op->desk->round);
	op_feed(a, op, &in);
}

static void on_claim(void *arg, uint64_t tag, const struct store_claim *claim)
{
	struct desk *desk = arg;
	struct op *op = op_by_tag(desk, tag);

	if (op == NULL)
		return;
	switch (claim->status) {
	case STORE_OK:
		claimed(op, claim);
		break;
	case STORE_TAKEN:
		op_error(op, "taken", "another agent was first");
		break;
	case STORE_EMPTY:
		if (op->conversation[0] == '\0')
			op_error(op, "not_now", "nobody waits");
		else
			sight_read(op, what_it_is);
		break;
	case STORE_FENCED:
		op_claim_lost(op);
		break;
	default:
		op_busy(op);
	}
}

/* A conversation by its name, for who looks after all queues. */
static void claim_anywhere(struct agent *a, struct op *op)
{
	struct server *s = a->client.server;
	const struct settings_list *all = &s->config.queues;

	store_claim(s->store, (const char *const *)all->items, all->count,
		    op->conversation, a->account.name, op->id, on_claim,
		    op->desk, op->tag);
}

static void claim_now(struct agent *a, struct op *op)
{
	const char *queues[CONFIG_LIST_MAX];
	const struct account *account = &a->account;
	size_t n = 0;

	if (op->conversation[0] != '\0' && op->queue[0] == '\0' &&
	    account_oversees(account)) {
		claim_anywhere(a, op);
		return;
	}

	for (size_t i = 0; i < account->queue_count; i++)
		if (op->queue[0] == '\0' ||
		    strcmp(op->queue, account->queues[i]) == 0)
			queues[n++] = account->queues[i];
	if (n == 0) {
		op_error(op, "not_now", "this is none of your queues");
		return;
	}
	store_claim(a->client.server->store, queues, n,
		    op->conversation[0] ? op->conversation : NULL,
		    account->name, op->id, on_claim, op->desk, op->tag);
}

/* The log has this very claim: what came of it, the log says, and no queue is
 * asked, which would give the chat once more (another one than had it then
 * does not know whose it was). */
static void on_claim_known(void *arg, uint64_t tag,
			   const struct store_known *known)
{
	struct desk *desk = arg;
	struct op *op;
	struct agent *a = op_agent(desk, tag, &op);

	if (a == NULL)
		return; /* gone meanwhile, with all that they had asked */
	if (known->status == STORE_OK)
		op_feed(a, op,
			&(struct conv_input){.type = INPUT_AGENT_CLAIMED});
	else
		claim_now(a, op);
}

void op_claim(struct agent *a, struct op *op)
{
	note_whether_had(a, op);
	if (op->conversation[0] == '\0')
		claim_now(a, op);
	else
		op_ask_log(op, a, on_claim_known);
}
