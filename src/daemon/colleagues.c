/* Who works at the desk, on all daemons: `list` of "agents". Names and whether
 * they are there, for whoever wants to pass a chat on; for who oversees also
 * which chats they have. Read from their hashes, where every daemon notes the
 * heartbeats of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk.h"

#define LISTED_MAX 500

/* Kept by the desk until it is answered; named by its op's tag. */
struct colleagues {
	struct colleagues *next;
	struct desk *desk;
	uint64_t tag;
	char (*names)[65];
	size_t count, at; /* the one being read */
	struct buf items;
	bool more;
};

static struct colleagues *find(struct desk *desk, uint64_t tag)
{
	struct colleagues *r = desk->colleagues;

	while (r != NULL && r->tag != tag)
		r = r->next;
	return r;
}

static void forget(struct colleagues *r)
{
	struct colleagues **at = &r->desk->colleagues;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	free(r->names);
	buf_fini(&r->items);
	free(r);
}

void colleagues_free(struct desk *desk)
{
	while (desk->colleagues != NULL)
		forget(desk->colleagues);
}

static void answer(struct colleagues *r, bool failed)
{
	struct op *op;
	struct agent *a = op_agent(r->desk, r->tag, &op);
	struct buf out = BUF_INIT;

	if (a != NULL && failed) {
		op_busy(op);
	} else if (a != NULL) {
		frame_list(&out, str_of(op->id), STR("agents"),
			   buf_str(&r->items), r->more);
		client_send(&a->client, &out);
		op_done(op);
	}
	buf_fini(&out);
	forget(r);
}

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
	struct str queues[ACCOUNT_LIST_MAX];

	for (size_t i = 0; i < account->queue_count; i++)
		queues[i] = str_of(account->queues[i]);
	buf_add_s(out, ",\"queues\":");
	buf_add_json_list(out, queues, account->queue_count);
}

static void add_agent(struct colleagues *r, const struct account *account,
		      const struct field *fields, size_t n, bool oversees)
{
	struct buf *out = &r->items;

	buf_add_s(out, out->len > 0 ? ",{\"name\":" : "{\"name\":");
	buf_add_json(out, str_of(account->name));
	buf_add_s(out, ",\"display\":");
	buf_add_json(out, str_of(account->display));
	buf_add_s(out, ",\"status\":");
	buf_add_json(out, !agent_is_present(r->desk->server, fields, n)
				  ? STR("gone")
			  : account->away ? STR("away")
					  : STR("online"));
	buf_add_s(out, ",\"reason\":");
	buf_add_json(out, account->away ? field_get(fields, n, "status_reason")
					: STR(""));
	buf_addf(out, ",\"capacity\":%lld", (long long)account->capacity);
	add_queues(out, account);
	add_chats(out, r->desk, account->name, oversees);
	buf_add_c(out, '}');
}

static void read_next(struct colleagues *r);

static void on_agent(void *arg, uint64_t tag, enum store_status status,
		     const struct field *fields, size_t n)
{
	struct colleagues *r = find(arg, tag);
	struct op *op;
	struct agent *a = r == NULL ? NULL : op_agent(r->desk, r->tag, &op);
	struct account account;

	if (a == NULL) {
		if (r != NULL)
			forget(r);
		return;
	}
	if (status != STORE_OK && status != STORE_EMPTY) {
		answer(r, true);
		return;
	}
	if (status == STORE_OK &&
	    account_read(r->desk->server, r->names[r->at], fields, n, &account))
		add_agent(r, &account, fields, n,
			  account_oversees(&a->account));
	r->at++;
	read_next(r);
}

static void read_next(struct colleagues *r)
{
	char key[80];

	if (r->at == r->count) {
		answer(r, false);
		return;
	}
	snprintf(key, sizeof(key), "agent:%s", r->names[r->at]);
	store_hash_get(r->desk->server->store, key, on_agent, r->desk, r->tag);
}

static void on_names(void *arg, uint64_t tag, enum store_status status,
		     const struct field *names, size_t n)
{
	struct colleagues *r = find(arg, tag);

	if (r == NULL)
		return;
	if (status != STORE_OK && status != STORE_EMPTY) {
		answer(r, true);
		return;
	}
	r->names = xcalloc(n + 1, sizeof(*r->names));
	r->more = n > LISTED_MAX;
	for (size_t i = 0; i < n && r->count < LISTED_MAX; i++)
		if (frame_id_valid(names[i].name))
			str_copy(r->names[r->count++], sizeof(*r->names),
				 names[i].name);
	read_next(r);
}

void colleagues_list(struct agent *a, struct op *op)
{
	struct colleagues *r = xcalloc(1, sizeof(*r));

	r->desk = op->desk;
	r->tag = op->tag;
	r->next = op->desk->colleagues;
	op->desk->colleagues = r;
	store_agents(a->client.server->store, on_names, op->desk, op->tag);
}
