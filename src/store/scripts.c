/* The scripts under lua/, which do what must be atomic. They are given to
 * Redis when it comes up and called by their SHA1; where Redis has lost them
 * meanwhile (SCRIPT FLUSH, another primary) the call is sent again with the
 * whole text. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core.h"
#include "store_lua.h"

#define SHA1_CHARS 40

static_assert(LUA_SCRIPT_COUNT == SCRIPT_COUNT,
	      "enum script lists the files of lua/ in order of name");

/* A call on its way: kept so that it can be sent again in full. */
struct run {
	struct store *store;
	enum script script;
	redis_reply_fn *fn;
	void *arg;
	bool full;
	size_t count, bytes;
	char args[]; /* from the number of keys on, as in a command */
};

void script_start(struct store *store, enum script script, unsigned keys)
{
	resp_start(&store->cmd, "EVALSHA");
	resp_add(&store->cmd,
		 (struct str){lua_scripts[script].sha1, SHA1_CHARS});
	resp_add_u64(&store->cmd, keys);
}

void script_start_in_full(struct store *store, enum script script,
			  unsigned keys)
{
	resp_start(&store->cmd, "EVAL");
	resp_add_s(&store->cmd, lua_scripts[script].text);
	resp_add_u64(&store->cmd, keys);
}

/* Where the arguments begin: after "$7 EVALSHA" and "$40 …" with their ends,
 * in store->cmd.bytes, whose head is of fixed size. */
static size_t args_at(void)
{
	static size_t at;
	struct resp r = {0};

	if (at != 0)
		return at;
	resp_start(&r, "EVALSHA");
	resp_add_s(&r, lua_scripts[0].sha1);
	at = r.bytes.len;
	resp_fini(&r);
	return at;
}

static void on_run(void *arg, const struct reply *reply);

static bool send_full(struct run *run)
{
	struct resp *cmd = &run->store->cmd;

	run->full = true;
	resp_start(cmd, "EVAL");
	resp_add_s(cmd, lua_scripts[run->script].text);
	resp_add_ready(cmd, (struct str){run->args, run->bytes}, run->count);
	return core_try(run->store, on_run, run);
}

static void on_run(void *arg, const struct reply *reply)
{
	struct run *run = arg;

	if (reply_class(reply) == CLASS_SCRIPT && !run->full) {
		if (send_full(run))
			return;
		reply = NULL;
	}
	if (run->fn != NULL)
		run->fn(run->arg, reply);
	free(run);
}

static struct run *new_run(struct store *store, enum script script,
			   redis_reply_fn *fn, void *arg)
{
	const struct buf *cmd = &store->cmd.bytes;
	size_t bytes = cmd->len - args_at();
	struct run *run = xmalloc(sizeof(*run) + bytes);

	*run = (struct run){
		.store = store,
		.script = script,
		.fn = fn,
		.arg = arg,
		.count = store->cmd.count - 2,
		.bytes = bytes,
	};
	memcpy(run->args, cmd->data + args_at(), bytes);
	return run;
}

bool script_try(struct store *store, enum script script, redis_reply_fn *fn,
		void *arg)
{
	struct run *run = new_run(store, script, fn, arg);

	if (core_try(store, on_run, run))
		return true;
	free(run);
	return false;
}

void script_send(struct store *store, enum script script, redis_reply_fn *fn,
		 void *arg)
{
	struct run *run = new_run(store, script, fn, arg);

	core_send(store, on_run, run);
}

void scripts_load(struct store *store)
{
	for (size_t i = 0; i < SCRIPT_COUNT; i++) {
		resp_start(&store->cmd, "SCRIPT");
		resp_add_s(&store->cmd, "LOAD");
		resp_add_s(&store->cmd, lua_scripts[i].text);
		core_try(store, NULL, NULL);
	}
}

size_t store_script(size_t i, const char **name, const char **text,
		    char sha1[41])
{
	if (i < SCRIPT_COUNT) {
		*name = lua_scripts[i].name;
		*text = lua_scripts[i].text;
		memcpy(sha1, lua_scripts[i].sha1, 41);
	}
	return SCRIPT_COUNT;
}
