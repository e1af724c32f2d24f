/* Does this Redis keep what it has taken? Asked at each connection; what speaks
 * against it is logged and stands in the statistics. */
#include "base/log.h"
#include "core.h"

static const char *const warnings[STORE_WARNINGS] = {
	[STORE_NO_APPENDONLY] =
		"appendonly is no: what this Redis has taken is "
		"lost when it stops; set appendonly yes",
	[STORE_EVICTS] = "maxmemory-policy is not noeviction: this Redis "
			 "throws conversations away when it is full; set "
			 "maxmemory-policy noeviction",
	[STORE_NO_MIN_REPLICAS] =
		"min-replicas-to-write is 0 and there are replicas: what a "
		"primary takes while it is cut off from them is lost; set "
		"min-replicas-to-write 1",
	[STORE_FEW_REPLICAS] =
		"fewer replicas than redis.wait_replicas: nothing is confirmed "
		"as stored; add replicas or lower wait_replicas",
};

const char *store_warning_text(enum store_warning warning)
{
	return warnings[warning];
}

static void warn(struct store *store, enum store_warning warning, bool on)
{
	if (!on)
		return;
	store->stats.warnings |= 1u << warning;
	log_warn("redis=unsafe cause=\"%s\"", warnings[warning]);
}

/* Who may not ask (NOPERM) is not warned. */
static struct str config_value(const struct reply *reply)
{
	return reply_text(reply_at(reply, 1));
}

static void on_appendonly(void *arg, const struct reply *reply)
{
	warn(arg, STORE_NO_APPENDONLY, str_is(config_value(reply), "no"));
}

static void on_policy(void *arg, const struct reply *reply)
{
	struct str policy = config_value(reply);

	warn(arg, STORE_EVICTS, policy.n > 0 && !str_is(policy, "noeviction"));
}

static void on_min_replicas(void *arg, const struct reply *reply)
{
	struct store *store = arg;

	store->min_replicas_none = str_is(config_value(reply), "0");
}

/* After the one before. */
static void on_replication(void *arg, const struct reply *reply)
{
	struct store *store = arg;
	struct str text = reply_info(reply, "connected_slaves:");
	uint64_t n = 0;

	if (!str_to_u64(text, UINT64_MAX, &n))
		return;
	warn(store, STORE_NO_MIN_REPLICAS, n > 0 && store->min_replicas_none);
	warn(store, STORE_FEW_REPLICAS, (int64_t)n < store->wait_replicas);
}

static void ask_config(struct store *store, const char *name,
		       redis_reply_fn *fn)
{
	resp_start(&store->cmd, "CONFIG");
	resp_add_s(&store->cmd, "GET");
	resp_add_s(&store->cmd, name);
	core_try(store, fn, store);
}

void keeping_look(struct store *store)
{
	store->stats.warnings = 0;
	store->min_replicas_none = false;
	ask_config(store, "appendonly", on_appendonly);
	ask_config(store, "maxmemory-policy", on_policy);
	ask_config(store, "min-replicas-to-write", on_min_replicas);
	resp_start(&store->cmd, "INFO");
	resp_add_s(&store->cmd, "replication");
	core_try(store, on_replication, store);
}
