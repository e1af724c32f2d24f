/* A visitor's current conversation; see lua/open.lua. */
#include <stdlib.h>

#include "base/mem.h"
#include "core.h"

struct opening {
	struct store *store;
	store_name_fn fn;
	void *arg;
	uint64_t tag;
};

static void on_opened(void *arg, const struct reply *reply)
{
	struct opening *o = arg;
	enum store_status status = core_judge(o->store, reply, "open");
	struct str name = reply_text(reply);

	if (status == STORE_OK && name.n > 0 && name.p[0] == '!') {
		status = STORE_TAKEN;
		name.p++;
	}
	if (status == STORE_OK && name.p == NULL) {
		core_nonsense(o->store);
		status = STORE_AWAY;
	}
	if (status == STORE_OK && name.n == 0)
		status = STORE_GONE;
	if (!o->store->closing)
		o->fn(o->arg, o->tag, status,
		      status == STORE_OK || status == STORE_TAKEN ? name.p
								  : NULL);
	free(o);
}

void store_open(struct store *store, const char *visitor, const char *closed,
		const char *candidate, const char *owner, store_name_fn fn,
		void *arg, uint64_t tag)
{
	struct opening *o = xcalloc(1, sizeof(*o));

	*o = (struct opening){store, fn, arg, tag};
	script_start(store, SCRIPT_OPEN, 1);
	core_key(store, "visitor", visitor, "");
	resp_add_s(&store->cmd, closed);
	resp_add_s(&store->cmd, candidate);
	resp_add_s(&store->cmd, owner);
	script_send(store, SCRIPT_OPEN, on_opened, o);
}
