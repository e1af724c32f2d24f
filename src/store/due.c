/* Due times: when a conversation's next step is to be taken, by whichever
 * daemon asks first. Sixteen sorted sets, so that they can be spread. What a
 * step is, the conversation knows. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "core.h"

#define SHARDS   16
#define LEASE_MS 30000

struct search {
	struct store *store;
	store_name_fn fn;
	void *arg;
	uint64_t tag;
	unsigned replies;
	enum store_status status;
};

static void due_key(struct store *store, unsigned shard)
{
	static const char *const names[SHARDS] = {
		"0", "1", "2",  "3",  "4",  "5",  "6",  "7",
		"8", "9", "10", "11", "12", "13", "14", "15"};
	const char *name = names[shard];

	core_key(store, "due", name, "");
}

static unsigned shard_of(const char *conv)
{
	return hash_bytes(HASH_SEED, conv, strlen(conv)) % SHARDS;
}

void due_command(struct store *store, const char *conv, int64_t due_ms)
{
	resp_start(&store->cmd, due_ms == 0 ? "ZREM" : "ZADD");
	due_key(store, shard_of(conv));
	if (due_ms != 0)
		resp_add_i64(&store->cmd, due_ms);
	resp_add_s(&store->cmd, conv);
}

void due_ask(struct store *store, const char *conv)
{
	resp_start(&store->cmd, "ZSCORE");
	due_key(store, shard_of(conv));
	resp_add_s(&store->cmd, conv);
}

static void on_set(void *arg, const struct reply *reply)
{
	core_judge(arg, reply, "due");
}

void store_set_due(struct store *store, const char *conv, int64_t due_ms)
{
	due_command(store, conv, due_ms);
	core_send(store, on_set, store);
}

static void tell(struct search *s, const struct reply *reply)
{
	for (size_t i = 0; i < reply_count(reply); i++) {
		struct str name = reply_text(reply_at(reply, i));

		if (!s->store->closing && name.p != NULL)
			s->fn(s->arg, s->tag, STORE_OK, name.p);
	}
}

static void on_shard(void *arg, const struct reply *reply)
{
	struct search *s = arg;
	enum store_status status = core_judge(s->store, reply, "due");

	if (status != STORE_OK)
		s->status = status;
	tell(s, reply);
	if (--s->replies > 0)
		return;
	if (!s->store->closing)
		s->fn(s->arg, s->tag, s->status, NULL);
	free(s);
}

void store_due(struct store *store, int64_t now_ms, size_t most,
	       store_name_fn fn, void *arg, uint64_t tag)
{
	struct search *s = xcalloc(1, sizeof(*s));

	*s = (struct search){.store = store,
			     .fn = fn,
			     .arg = arg,
			     .tag = tag,
			     .replies = SHARDS};
	for (unsigned i = 0; i < SHARDS; i++) {
		script_start(store, SCRIPT_DUE, 1);
		due_key(store, i);
		resp_add_i64(&store->cmd, now_ms);
		resp_add_i64(&store->cmd, LEASE_MS);
		resp_add_u64(&store->cmd, most / SHARDS + 1);
		script_send(store, SCRIPT_DUE, on_shard, s);
	}
}
