/* Hashes that end by themselves: agents, sign-ins, tokens. Fields and their
 * end are set together or not at all. Knows no password and no token: what
 * comes here has been hashed. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core.h"

#define AGENT_KEY "agent:"
#define AGENTS    "agents"

struct asking {
	struct store *store;
	store_hash_fn fn; /* may be NULL */
	void *arg;
	uint64_t tag;
};

static struct asking *new_asking(struct store *store, store_hash_fn fn,
				 void *arg, uint64_t tag)
{
	struct asking *a = xcalloc(1, sizeof(*a));

	*a = (struct asking){store, fn, arg, tag};
	return a;
}

static void answer(struct asking *a, enum store_status status,
		   const struct field *fields, size_t n)
{
	if (a->fn != NULL && !a->store->closing)
		a->fn(a->arg, a->tag, status, fields, n);
	free(a);
}

/* -- reading --------------------------------------------------------------- */

static void on_hash(void *arg, const struct reply *reply)
{
	struct asking *a = arg;
	enum store_status status = core_judge(a->store, reply, "hgetall");
	size_t n = reply_count(reply) / 2;
	struct field *fields = xcalloc(n + 1, sizeof(*fields));

	for (size_t i = 0; i < n; i++) {
		fields[i].name = reply_text(reply_at(reply, 2 * i));
		fields[i].value = reply_text(reply_at(reply, 2 * i + 1));
	}
	if (status == STORE_OK && n == 0)
		status = STORE_EMPTY;
	answer(a, status, fields, n);
	free(fields);
}

void store_hash_get(struct store *store, const char *key, store_hash_fn fn,
		    void *arg, uint64_t tag)
{
	resp_start(&store->cmd, "HGETALL");
	core_plain_key(store, key);
	core_send(store, on_hash, new_asking(store, fn, arg, tag));
}

static void on_names(void *arg, const struct reply *reply)
{
	struct asking *a = arg;
	enum store_status status = core_judge(a->store, reply, "smembers");
	size_t n = reply_count(reply);
	struct field *fields = xcalloc(n + 1, sizeof(*fields));

	for (size_t i = 0; i < n; i++)
		fields[i].name = reply_text(reply_at(reply, i));
	answer(a, status, fields, n);
	free(fields);
}

void store_agents(struct store *store, store_hash_fn fn, void *arg,
		  uint64_t tag)
{
	resp_start(&store->cmd, "SMEMBERS");
	core_prefixed(store, AGENTS);
	core_send(store, on_names, new_asking(store, fn, arg, tag));
}

/* -- news ------------------------------------------------------------------ */

static void on_told(void *arg, const struct reply *reply)
{
	struct asking *a = arg;

	answer(a, core_judge(a->store, reply, "publish"), NULL, 0);
}

void store_news(struct store *store, const char *what, store_hash_fn fn,
		void *arg, uint64_t tag)
{
	resp_start(&store->cmd, "PUBLISH");
	resp_add_s(&store->cmd, store->bell.news);
	resp_add_s(&store->cmd, what);
	core_send(store, on_told, new_asking(store, fn, arg, tag));
}

/* -- writing --------------------------------------------------------------- */

static void on_aside(void *arg, const struct reply *reply)
{
	core_judge(arg, reply, "hash");
}

static void on_done(void *arg, const struct reply *reply)
{
	struct asking *a = arg;

	answer(a, core_judge(a->store, reply, "hash"), NULL, 0);
}

/* The set of agents' names goes along with their hashes. */
static void note_agent(struct store *store, const char *key,
		       const char *command)
{
	if (strncmp(key, AGENT_KEY, strlen(AGENT_KEY)) != 0)
		return;
	resp_start(&store->cmd, command);
	core_prefixed(store, AGENTS);
	resp_add_s(&store->cmd, key + strlen(AGENT_KEY));
	core_send(store, on_aside, store);
}

static void add_fields(struct resp *cmd, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		resp_add(cmd, fields[i].name);
		resp_add(cmd, fields[i].value);
	}
}

static void put(struct store *store, const char *new_only, const char *key,
		const struct field *fields, size_t n, int64_t ttl_ms,
		store_hash_fn fn, void *arg, uint64_t tag)
{
	script_start(store, SCRIPT_PUT, 1);
	core_plain_key(store, key);
	resp_add_i64(&store->cmd, ttl_ms);
	resp_add_s(&store->cmd, new_only);
	add_fields(&store->cmd, fields, n);
	script_send(store, SCRIPT_PUT, on_done,
		    new_asking(store, fn, arg, tag));
}

void store_hash_set(struct store *store, const char *key,
		    const struct field *fields, size_t n, int64_t ttl_ms,
		    store_hash_fn fn, void *arg, uint64_t tag)
{
	note_agent(store, key, "SADD");
	if (ttl_ms > 0) {
		put(store, "", key, fields, n, ttl_ms, fn, arg, tag);
		return;
	}
	resp_start(&store->cmd, "HSET");
	core_plain_key(store, key);
	add_fields(&store->cmd, fields, n);
	core_send(store, on_done, new_asking(store, fn, arg, tag));
}

void store_hash_add(struct store *store, const char *key,
		    const struct field *fields, size_t n, int64_t ttl_ms,
		    store_hash_fn fn, void *arg, uint64_t tag)
{
	put(store, "1", key, fields, n, ttl_ms, fn, arg, tag);
}

void store_hash_del(struct store *store, const char *key, store_hash_fn fn,
		    void *arg, uint64_t tag)
{
	note_agent(store, key, "SREM");
	resp_start(&store->cmd, "DEL");
	core_plain_key(store, key);
	core_send(store, on_done, new_asking(store, fn, arg, tag));
}

void store_hash_drop(struct store *store, const char *key, const char *field)
{
	resp_start(&store->cmd, "HDEL");
	core_plain_key(store, key);
	resp_add_s(&store->cmd, field);
	core_send(store, on_aside, store);
}
