/* A store that stores nothing, in the place of src/store: linked with all the
 * rest it is answerd without a log, for the benchmark to tell what the log
 * costs. Every append is in the log at the end of the turn; what is asked of
 * Redis beyond that is never answered, and nothing in a chat with the bot
 * needs it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store.h"
#include "store/visitor.h"

struct answer {
	store_append_fn append;
	store_log_fn log;
	store_known_fn known;
	store_name_fn name;
	void *arg;
	uint64_t tag;
	struct store_appended appended;
	char text[80];
};

struct store {
	struct loop *loop;
	struct store_ops ops;
	struct deferred up, answers;
	struct answer *list;
	size_t count, room;
	struct store_stats stats;
};

static void say_up(void *arg)
{
	struct store *store = arg;

	store->ops.state(store->ops.arg, true, "nolog", false);
}

static void give(const struct answer *a)
{
	const struct store_log log = {.status = STORE_OK,
				      .last = a->appended.last};
	const struct store_known known = {.status = STORE_EMPTY};

	if (a->append != NULL)
		a->append(a->arg, a->tag, &a->appended);
	else if (a->log != NULL)
		a->log(a->arg, a->tag, &log);
	else if (a->known != NULL)
		a->known(a->arg, a->tag, &known);
	else
		a->name(a->arg, a->tag, STORE_OK, a->text);
}

/* Whoever is answered may ask again at once: the list may move. */
static void answer_all(void *arg)
{
	struct store *store = arg;

	for (size_t i = 0; i < store->count; i++) {
		struct answer a = store->list[i];

		give(&a);
	}
	store->count = 0;
}

static struct answer *later(struct store *store, void *arg, uint64_t tag)
{
	struct answer *a;

	if (store->count == store->room) {
		store->room = store->room * 2 + 64;
		store->list = xreallocarray(store->list, store->room,
					    sizeof(*store->list));
	}
	a = &store->list[store->count++];
	memset(a, 0, sizeof(*a));
	a->arg = arg;
	a->tag = tag;
	loop_defer(store->loop, &store->answers);
	return a;
}

/* -- what a chat with the bot needs ---------------------------------------- */

struct store *store_new(struct loop *loop, const struct store_options *options,
			const struct store_ops *ops)
{
	struct store *store = xcalloc(1, sizeof(*store));

	(void)options;
	store->loop = loop;
	store->ops = *ops;
	store->up = (struct deferred){.call = say_up, .arg = store};
	store->answers = (struct deferred){.call = answer_all, .arg = store};
	loop_defer(loop, &store->up);
	return store;
}

void store_free(struct store **storep)
{
	struct store *store = *storep;

	if (store == NULL)
		return;
	loop_undefer(store->loop, &store->up);
	loop_undefer(store->loop, &store->answers);
	free(store->list);
	free(store);
	*storep = NULL;
}

void store_append(struct store *store, const struct store_unit *unit,
		  store_append_fn fn, void *arg, uint64_t tag)
{
	struct answer *a = later(store, arg, tag);

	a->append = fn;
	a->appended = (struct store_appended){STORE_OK, unit->expect + 1,
					      unit->expect + unit->entry_count};
	store->stats.appends++;
}

void store_read(struct store *store, const char *conv, uint64_t since,
		bool watch, store_log_fn fn, void *arg, uint64_t tag)
{
	struct answer *a = later(store, arg, tag);

	(void)conv;
	(void)watch;
	a->log = fn;
	a->appended.last = since;
}

void store_known(struct store *store, const char *conv, struct str key,
		 store_known_fn fn, void *arg, uint64_t tag)
{
	struct answer *a = later(store, arg, tag);

	(void)conv;
	(void)key;
	a->known = fn;
}

void store_open(struct store *store, const char *visitor, const char *closed,
		const char *candidate, const char *owner, store_name_fn fn,
		void *arg, uint64_t tag)
{
	struct answer *a = later(store, arg, tag);

	(void)visitor;
	(void)closed;
	(void)owner;
	a->name = fn;
	str_copy(a->text, sizeof(a->text), str_of(candidate));
}

bool store_is_up(const struct store *store)
{
	return store != NULL;
}

bool store_is_willing(const struct store *store)
{
	return store != NULL;
}

const char *store_epoch(const struct store *store)
{
	(void)store;
	return "nolog";
}

size_t store_waiting_bytes(const struct store *store)
{
	(void)store;
	return 0;
}

bool store_has_room(const struct store *store)
{
	(void)store;
	return true;
}

const struct store_stats *store_stats(const struct store *store)
{
	return &store->stats;
}

bool store_spool_stats(struct store *store, struct store_spool_stats *out)
{
	(void)store;
	(void)out;
	return false;
}

/* There is nothing to warn of. */
const char *store_warning_text(enum store_warning warning)
{
	(void)warning;
	return "";
}

bool store_url_is_valid(const char *url, struct buf *why)
{
	(void)url;
	(void)why;
	return true;
}

void store_url_hide(const char *url, struct buf *out)
{
	buf_add_s(out, url);
}

/* -- what it does not ------------------------------------------------------ */

#define NOTHING(name, ...)                                                     \
	void name(__VA_ARGS__)                                                 \
	{                                                                      \
	}
#pragma GCC diagnostic ignored "-Wunused-parameter"

NOTHING(store_unwatch, struct store *s, const char *conv)
NOTHING(store_whisper, struct store *s, const char *conv, struct str text)
NOTHING(store_queue, struct store *s, const char *const *queues, size_t n,
	size_t most, store_items_fn fn, void *arg, uint64_t tag)
NOTHING(store_claimed, struct store *s, const char *const *queues, size_t n,
	const char *agent, store_items_fn fn, void *arg, uint64_t tag)
NOTHING(store_claim, struct store *s, const char *const *queues, size_t n,
	const char *conv, const char *agent, const char *id, store_claim_fn fn,
	void *arg, uint64_t tag)
NOTHING(store_renew, struct store *s, const char *agent,
	const char *const *convs, const char *const *queues, size_t n,
	store_name_fn lost, void *arg, uint64_t tag)
NOTHING(store_reap, struct store *s, const char *const *queues, size_t n,
	store_reaped_fn fn, void *arg, uint64_t tag)
NOTHING(store_queue_repair, struct store *s, const char *conv,
	const char *queue, const char *state, const char *agent)
NOTHING(store_place, struct store *s, const char *queue, const char *conv,
	store_place_fn fn, void *arg, uint64_t tag)
NOTHING(store_due, struct store *s, int64_t now_ms, size_t most,
	store_name_fn fn, void *arg, uint64_t tag)
NOTHING(store_set_due, struct store *s, const char *conv, int64_t due_ms)
NOTHING(store_agents, struct store *s, store_hash_fn fn, void *arg,
	uint64_t tag)
NOTHING(store_hash_get, struct store *s, const char *key, store_hash_fn fn,
	void *arg, uint64_t tag)
NOTHING(store_hash_set, struct store *s, const char *key,
	const struct field *fields, size_t n, int64_t ttl_ms, store_hash_fn fn,
	void *arg, uint64_t tag)
NOTHING(store_hash_add, struct store *s, const char *key,
	const struct field *fields, size_t n, int64_t ttl_ms, store_hash_fn fn,
	void *arg, uint64_t tag)
NOTHING(store_hash_del, struct store *s, const char *key, store_hash_fn fn,
	void *arg, uint64_t tag)
NOTHING(store_hash_drop, struct store *s, const char *key, const char *field)
NOTHING(store_news, struct store *s, const char *what, store_hash_fn fn,
	void *arg, uint64_t tag)
NOTHING(store_foreign_hash, struct store *s, const char *key, store_hash_fn fn,
	void *arg, uint64_t tag)
NOTHING(store_note, struct store *s, const char *stream,
	const struct field *fields, size_t n, size_t max_length)
NOTHING(store_note_of_day, struct store *s, const char *stream,
	const struct field *fields, size_t n, size_t max_length)
NOTHING(store_notes, struct store *s, const char *stream, const char *before,
	size_t most, store_notes_fn fn, void *arg, uint64_t tag)
NOTHING(store_erase, struct store *s, const char *visitor,
	const char *const *queues, size_t n, store_erased_fn fn, void *arg,
	uint64_t tag)
NOTHING(store_notes_trim, struct store *s, const char *stream,
	int64_t before_ms)
NOTHING(store_expire, struct store *s, const char *conv, const char *visitor)
NOTHING(store_erase_traces, struct store *s, const char *conv)
NOTHING(store_export, struct store *s, const char *visitor, size_t max_bytes,
	store_exported_fn fn, void *arg, uint64_t tag)
NOTHING(store_tell_figures, struct store *s)
NOTHING(store_leave, struct store *s)
