/* Who works at the desk, on all daemons: `list` of "agents". Names and whether
 * they are there, for whoever wants to pass a chat on; for who oversees also
 * which chats they have. */
#include <string.h>

#include "desk.h"

/* ,"chats":2 and, for who oversees, ,"conversations":["…","…"] */
static void add_chats(struct buf *out, const struct desk *desk,
		      const char *name, bool oversees)
{
	struct buf list = BUF_INIT;
	size_t count = 0;

	for (size_t i = 0; i < desk->claimed.count; i++) {
		const struct store_item *item = &desk->claimed.items[i];

		if (item->agent == NULL || strcmp(item->agent, name) != 0)
			continue;
		if (count++ > 0)
			buf_add_c(&list, ',');
		buf_add_json(&list, str_of(item->conv));
	}
	buf_addf(out, ",\"chats\":%zu", count);
	if (oversees) {
		buf_add_s(out, ",\"conversations\":[");
		buf_add_str(out, buf_str(&list));
		buf_add_c(out, ']');
	}
	buf_fini(&list);
}

static void add_queues(struct buf *out, const struct account *account)
{
	struct str queues[CONFIG_LIST_MAX];

	for (size_t i = 0; i < account->queue_count; i++)
		queues[i] = str_of(account->queues[i]);
	buf_add_s(out, ",\"queues\":");
	buf_add_json_list(out, queues, account->queue_count);
}

static void add_agent(struct op *op, const struct account *account,
		      const struct field *fields, size_t n, bool oversees)
{
	struct buf *out = &op->listed;

	buf_add_s(out, out->len > 0 ? ",{\"name\":" : "{\"name\":");
	buf_add_json(out, str_of(account->name));
	buf_add_s(out, ",\"display\":");
	buf_add_json(out, str_of(account->display));
	buf_add_s(out, ",\"status\":");
	buf_add_json(out, !agent_is_present(op->desk->server, fields, n)
				  ? STR("gone")
			  : account->away ? STR("away")
					  : STR("online"));
	buf_add_s(out, ",\"reason\":");
	buf_add_json(out, account->away ? field_get(fields, n, "status_reason")
					: STR(""));
	buf_addf(out, ",\"capacity\":%lld", (long long)account->capacity);
	add_queues(out, account);
	add_chats(out, op->desk, account->name, oversees);
	buf_add_c(out, '}');
}

static bool on_agent(void *arg, uint64_t tag, const struct account *account,
		     const struct field *fields, size_t n)
{
	struct op *op;
	struct agent *a = op_agent(arg, tag, &op);

	if (a == NULL)
		return false; /* gone, and the op with it */
	add_agent(op, account, fields, n, account_oversees(&a->account));
	return true;
}

static void on_end(void *arg, uint64_t tag, enum roster_end end)
{
	struct op *op;
	struct agent *a = op_agent(arg, tag, &op);
	struct buf out = BUF_INIT;

	if (a == NULL)
		return;
	if (end == ROSTER_FAILED) {
		op_busy(op);
		return;
	}
	frame_list(&out, str_of(op->id), STR("agents"), buf_str(&op->listed),
		   end == ROSTER_MORE);
	client_send(&a->client, &out);
	buf_fini(&out);
	op_done(op);
}

void colleagues_list(struct op *op)
{
	static const struct roster_ops ops = {on_agent, on_end};

	roster_read(op->desk, &ops, op->desk, op->tag);
}
