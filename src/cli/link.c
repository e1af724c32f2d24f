/* Calls of the store made to wait; see link.h. One at a time: the tool does
 * nothing else meanwhile. */
#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/log.h"
#include "cli.h"

#define UP_MS      5000
#define ANSWER_MS  10000
#define ITEMS_MOST 1000

/* -- up and away --------------------------------------------------------- */

static void on_state(void *arg, bool up, const char *epoch, bool rolled)
{
	struct link *link = arg;

	(void)epoch;
	(void)rolled;
	link->up = up;
}

int link_config(struct link *link)
{
	const char *path = cli_config_path();
	struct diags diags;
	struct buf text = BUF_INIT;
	bool ok;

	*link = (struct link){.up = false};
	arena_init(&link->arena);
	diags_init(&diags);
	ok = config_read(path, &link->config, &diags);
	diags_sort(&diags);
	diags_print(&diags, &text);
	if (!ok)
		fputs(text.data, stderr);
	if (!ok && cli_config_given() == NULL && access(path, F_OK) != 0)
		fputs("answerctl: say where the daemon's configuration is: "
		      "answerctl -c FILE ...\n",
		      stderr);
	diags_fini(&diags);
	buf_fini(&text);
	return ok ? CLI_OK : CLI_CONFIG;
}

void link_use_shop_zone(const struct link *link)
{
	if (link->config.shop_timezone[0] != '\0')
		setenv("TZ", link->config.shop_timezone, 1);
	tzset();
}

int link_failed(enum store_status status)
{
	if (status != STORE_AWAY) {
		fputs("answerctl: Redis refused\n", stderr);
		return CLI_FAILED;
	}
	fprintf(stderr,
		"answerctl: Redis does not answer; is it running, and is "
		"redis.url right in %s?\n",
		cli_config_path());
	return CLI_AWAY;
}

int link_connect(struct link *link)
{
	log_set_level(LOG_ERROR); /* only what Redis refuses, and why */
	link->loop = loop_new();
	link->store = store_new(
		link->loop,
		&(struct store_options){
			.url = link->config.redis_url,
			.prefix = link->config.redis_prefix,
			.node = "answerctl",
			.command_timeout_ms = link->config.redis_timeout_ms,
			.lease_ms = link->config.lease_ms,
			.max_waiting_bytes =
				(size_t)link->config.redis_max_waiting_bytes,
			.spool.max_age_ms = link->config.spool_max_age_ms,
		},
		&(struct store_ops){.state = on_state, .arg = link});
	if (link->store == NULL)
		return CLI_CONFIG;
	if (store_wait(link->store, &link->up, UP_MS))
		return CLI_OK;
	link_failed(STORE_AWAY);
	if (store_trouble(link->store)[0] != '\0')
		fprintf(stderr, "answerctl: what was tried last: %s\n",
			store_trouble(link->store));
	return CLI_AWAY;
}

int link_open(struct link *link)
{
	int status = link_config(link);

	return status == CLI_OK ? link_connect(link) : status;
}

void link_close(struct link *link)
{
	if (link->store != NULL)
		store_free(&link->store);
	if (link->loop != NULL)
		loop_free(&link->loop);
	arena_fini(&link->arena);
	config_fini(&link->config);
}

/* -- hashes -------------------------------------------------------------- */

struct waiting {
	struct link *link;
	bool done;
	struct hash hash;
	struct items items;
	struct notes notes;
};

static struct field *copy_fields(struct arena *arena,
				 const struct field *fields, size_t n)
{
	struct field *copy = arena_alloc(arena, (n + 1) * sizeof(*copy));

	for (size_t i = 0; i < n; i++) {
		copy[i].name = arena_str(arena, fields[i].name);
		copy[i].value = arena_str(arena, fields[i].value);
	}
	return copy;
}

static void on_hash(void *arg, uint64_t tag, enum store_status status,
		    const struct field *fields, size_t n)
{
	struct waiting *w = arg;

	(void)tag;
	w->hash.status = status;
	w->hash.fields = copy_fields(&w->link->arena, fields, n);
	w->hash.count = n;
	w->done = true;
}

/* Nothing of what is still under way may point to this stack later. */
static void wait_for(struct waiting *w)
{
	if (!store_wait(w->link->store, &w->done, ANSWER_MS))
		store_free(&w->link->store);
}

struct hash link_hash(struct link *link, const char *key)
{
	struct waiting w = {.link = link, .hash = {.status = STORE_AWAY}};

	if (link->store == NULL)
		return w.hash;
	store_hash_get(link->store, key, on_hash, &w, 0);
	wait_for(&w);
	return w.hash;
}

struct hash link_agents(struct link *link)
{
	struct waiting w = {.link = link, .hash = {.status = STORE_AWAY}};

	if (link->store == NULL)
		return w.hash;
	store_agents(link->store, on_hash, &w, 0);
	wait_for(&w);
	return w.hash;
}

static int written(const struct waiting *w)
{
	return w->hash.status == STORE_OK ? CLI_OK
					  : link_failed(w->hash.status);
}

int link_set(struct link *link, const char *key, const struct field *fields,
	     size_t n)
{
	struct waiting w = {.link = link, .hash = {.status = STORE_AWAY}};

	if (link->store != NULL) {
		store_hash_set(link->store, key, fields, n, 0, on_hash, &w, 0);
		wait_for(&w);
	}
	return written(&w);
}

int link_del(struct link *link, const char *key)
{
	struct waiting w = {.link = link, .hash = {.status = STORE_AWAY}};

	if (link->store != NULL) {
		store_hash_del(link->store, key, on_hash, &w, 0);
		wait_for(&w);
	}
	return written(&w);
}

void link_drop(struct link *link, const char *key, const char *field)
{
	if (link->store != NULL)
		store_hash_drop(link->store, key, field);
}

int link_news(struct link *link, const char *what)
{
	struct waiting w = {.link = link, .hash = {.status = STORE_AWAY}};

	if (link->store != NULL) {
		store_news(link->store, what, on_hash, &w, 0);
		wait_for(&w);
	}
	return written(&w);
}

/* -- the line ------------------------------------------------------------ */

static const char *copy_text(struct arena *arena, const char *s)
{
	return s == NULL ? NULL : arena_str(arena, str_of(s)).p;
}

static void on_items(void *arg, uint64_t tag, const struct store_items *items)
{
	struct waiting *w = arg;
	struct arena *arena = &w->link->arena;

	(void)tag;
	w->items = (struct items){
		items->status,
		arena_alloc(arena,
			    (items->count + 1) * sizeof(*w->items.items)),
		items->count, items->total};
	for (size_t i = 0; i < items->count; i++) {
		const struct store_item *from = &items->items[i];

		w->items.items[i] = (struct store_item){
			.conv = copy_text(arena, from->conv),
			.queue = copy_text(arena, from->queue),
			.agent = copy_text(arena, from->agent),
			.priority = from->priority,
			.since_ms = from->since_ms,
			.info = copy_fields(arena, from->info,
					    from->info_count),
			.info_count = from->info_count,
		};
	}
	w->done = true;
}

struct items link_waiting(struct link *link, const char *const *queues,
			  size_t n)
{
	struct waiting w = {.link = link, .items = {.status = STORE_AWAY}};

	if (link->store == NULL)
		return w.items;
	store_queue(link->store, queues, n, ITEMS_MOST, on_items, &w, 0);
	wait_for(&w);
	return w.items;
}

struct items link_claimed(struct link *link, const char *const *queues,
			  size_t n)
{
	struct waiting w = {.link = link, .items = {.status = STORE_AWAY}};

	if (link->store == NULL)
		return w.items;
	store_claimed(link->store, queues, n, NULL, on_items, &w, 0);
	wait_for(&w);
	return w.items;
}

/* -- notes --------------------------------------------------------------- */

static void on_notes(void *arg, uint64_t tag, const struct store_notes *notes)
{
	struct waiting *w = arg;
	struct arena *arena = &w->link->arena;

	(void)tag;
	w->notes.status = notes->status;
	w->notes.count = notes->count;
	w->notes.list =
		arena_alloc(arena, (notes->count + 1) * sizeof(*w->notes.list));
	for (size_t i = 0; i < notes->count; i++) {
		w->notes.list[i] = notes->list[i];
		w->notes.list[i].fields =
			copy_fields(arena, notes->list[i].fields,
				    notes->list[i].field_count);
	}
	w->done = true;
}

struct notes link_notes(struct link *link, const char *stream,
			const char *before)
{
	struct waiting w = {.link = link, .notes = {.status = STORE_AWAY}};

	if (link->store == NULL)
		return w.notes;
	store_notes(link->store, stream, before, STORE_PAGE, on_notes, &w, 0);
	wait_for(&w);
	return w.notes;
}
