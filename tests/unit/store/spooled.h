/* What tests of store and spool together share: daemons with a spool each, what
 * they are told, and a Redis that forgets. */
#ifndef TESTS_STORE_SPOOLED_H
#define TESTS_STORE_SPOOLED_H

#include <sys/stat.h>

#include "rewind.h"
#include "world.h"

struct seen {
	unsigned ups, rolls, orphans;
	char orphan[400]; /* conversation and first key of each */
	uint64_t nth[2];  /* of the first two */
};

static struct seen seen[2];

static inline void on_state(void *arg, bool up, const char *epoch, bool rolled)
{
	struct seen *s = arg;

	(void)epoch;
	s->ups += up;
	s->rolls += rolled;
}

/* What is handed back is stored wherever the log stands, where this is set. */
static struct store *keeper;

static inline void on_kept(void *arg, uint64_t tag,
			   const struct store_appended *result)
{
	(void)arg;
	(void)tag;
	CHECK(result->status == STORE_OK || result->status == STORE_DUP);
}

static inline void keep(const struct store_unit *unit)
{
	store_append(keeper,
		     &(struct store_unit){.conv = unit->conv,
					  .anywhere = true,
					  .entries = unit->entries,
					  .entry_count = unit->entry_count,
					  .due_ms = 1,
					  .replaces = unit->nth},
		     on_kept, NULL, 0);
}

static inline void on_orphan(void *arg, const struct store_unit *unit)
{
	struct seen *s = arg;

	if (keeper != NULL)
		keep(unit);

	CHECK(unit->nth > 0);
	if (s->orphans < ARRAY_LEN(s->nth))
		s->nth[s->orphans] = unit->nth;
	s->orphans++;
	add_text(s->orphan, sizeof(s->orphan), str_of(unit->conv), '/');
	add_text(s->orphan, sizeof(s->orphan), unit->entries[0].key, ' ');
}

static size_t spool_most; /* bytes of a spool's file; 0: no bound */
static size_t waiting_most = 1 << 20;

static inline struct store *daemon_at(unsigned n)
{
	char dir[100];

	snprintf(dir, sizeof(dir), "%s/state%u", world.dir, n);
	mkdir(dir, 0700);
	return store_new(world.loop,
			 &(struct store_options){
				 .url = world.url,
				 .prefix = "t:",
				 .node = n == 0 ? "one" : "two",
				 .command_timeout_ms = COMMAND_MS,
				 .lease_ms = 30000,
				 .max_waiting_bytes = waiting_most,
				 .spool = {.dir = dir,
					   .hold_ms = 60000,
					   .max_age_ms = 86400000,
					   .max_bytes = spool_most},
			 },
			 &(struct store_ops){.state = on_state,
					     .orphan = on_orphan,
					     .arg = &seen[n]});
}

static inline struct store *daemon_up(unsigned n)
{
	struct store *store = daemon_at(n);

	UNTIL(store_is_up(store));
	return store;
}

static inline void fresh(void)
{
	redis("FLUSHALL");
	shell("rm -rf state0 state1", 0);
	memset(seen, 0, sizeof(seen));
}

static inline size_t log_length(const char *conv)
{
	return (size_t)atol(redis("XLEN t:conv:{%s}:log", conv));
}

/* In "a" these and nothing else, in this order. */
static inline bool stands(const char *const *ids, size_t n)
{
	const char *at = redis("XRANGE t:conv:{a}:log - +");
	char word[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(word, sizeof(word), " id %s ", ids[i]);
		at = strstr(at, word);
		if (at == NULL)
			return false;
		at++;
	}
	return log_length("a") == n;
}

#endif
