/* A hash that the shop's own programs keep in the same Redis (an order's
 * state): read by its whole key, never written. */
#include <stdlib.h>

#include "base/mem.h"
#include "core.h"

#define FIELDS_MAX 1000 /* of the foreign hash; the rest is passed over */

struct asking {
	struct store *store;
	store_hash_fn fn;
	void *arg;
	uint64_t tag;
};

static void on_foreign(void *arg, const struct reply *reply)
{
	struct asking *a = arg;
	enum store_status status = core_judge(a->store, reply, "hgetall");
	size_t n = reply_count(reply) / 2;
	struct field *fields;

	if (n > FIELDS_MAX)
		n = FIELDS_MAX;
	fields = xcalloc(n + 1, sizeof(*fields));
	for (size_t i = 0; i < n; i++) {
		fields[i].name = reply_text(reply_at(reply, 2 * i));
		fields[i].value = reply_text(reply_at(reply, 2 * i + 1));
	}
	if (status == STORE_OK && n == 0)
		status = STORE_EMPTY;
	if (!a->store->closing)
		a->fn(a->arg, a->tag, status, fields, n);
	free(fields);
	free(a);
}

void store_foreign_hash(struct store *store, const char *key, store_hash_fn fn,
			void *arg, uint64_t tag)
{
	struct asking *a = xcalloc(1, sizeof(*a));

	*a = (struct asking){store, fn, arg, tag};
	resp_start(&store->cmd, "HGETALL");
	resp_add_s(&store->cmd, key);
	core_send(store, on_foreign, a);
}
