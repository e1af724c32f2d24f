/* Notes and counters that nobody waits for: audit, unanswered, statistics.
 * Lost ones are logged as away and no more. */
#include "core.h"

static void on_noted(void *arg, const struct reply *reply)
{
	core_judge(arg, reply, "note");
}

void store_note(struct store *store, const char *stream,
		const struct field *fields, size_t n, size_t max_length)
{
	resp_start(&store->cmd, "XADD");
	core_plain_key(store, stream);
	resp_add_s(&store->cmd, "MAXLEN");
	resp_add_s(&store->cmd, "~");
	resp_add_u64(&store->cmd, max_length);
	resp_add_s(&store->cmd, "*");
	for (size_t i = 0; i < n; i++) {
		resp_add(&store->cmd, fields[i].name);
		resp_add(&store->cmd, fields[i].value);
	}
	core_send(store, on_noted, store);
}

void store_count(struct store *store, const char *day, const char *counter,
		 int64_t by)
{
	resp_start(&store->cmd, "HINCRBY");
	core_key(store, "stats", day, "");
	resp_add_s(&store->cmd, counter);
	resp_add_i64(&store->cmd, by);
	core_send(store, on_noted, store);
}
