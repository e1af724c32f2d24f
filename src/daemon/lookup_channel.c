/* Kept answers and the breaker of a data source; see lookup_channel.h. */
#include "lookup_channel.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"

#define KEPT_MAX    1000 /* answers kept of one source */
#define VALUE_MAX   500  /* bytes of one value; longer ones are cut */
#define BREAK_AFTER 5    /* failures in a row */
#define BREAK_MS    10000

const struct result_info results[RESULT_COUNT] = {
#define X(id, name, means) {name, means},
	RESULTS(X)
#undef X
};

/* An answer that is kept. */
struct kept {
	struct kept *next; /* the oldest first */
	char *key;
	int64_t until_ms;
	struct values values;
};

/* -- values ------------------------------------------------------------ */

void values_init(struct values *v)
{
	arena_init(&v->arena);
	v->count = 0;
}

void values_add(struct values *v, struct str name, struct str value)
{
	if (v->count == CONV_VALUES || !utf8_valid(value.p, value.n))
		return;
	if (value.n > VALUE_MAX) {
		value.n = VALUE_MAX;
		while (value.n > 0 && !utf8_valid(value.p, value.n))
			value.n--;
	}
	v->list[v->count++] = (struct field){arena_str(&v->arena, name),
					     arena_str(&v->arena, value)};
}

void values_add_all(struct values *to, const struct values *from)
{
	for (size_t i = 0; i < from->count; i++)
		values_add(to, from->list[i].name, from->list[i].value);
}

/* -- what is kept ------------------------------------------------------ */

static void kept_free(struct kept *k)
{
	arena_fini(&k->values.arena);
	free(k->key);
	free(k);
}

static void drop_oldest(struct channel *c)
{
	struct kept *k = c->first;

	c->first = k->next;
	if (c->first == NULL)
		c->last = &c->first;
	c->kept_count--;
	if (map_get(c->kept, str_of(k->key)) == k)
		map_del(c->kept, str_of(k->key));
	kept_free(k);
}

/* All of a source are kept for the same time, so the oldest ends first. */
static void drop_ended(struct channel *c, int64_t now_ms)
{
	while (c->first != NULL &&
	       (c->first->until_ms <= now_ms || c->kept_count > KEPT_MAX))
		drop_oldest(c);
}

void channel_keep(struct channel *c, struct str key, int64_t now_ms,
		  const struct values *values)
{
	struct kept *k;

	if (c->source->cache_ms == 0)
		return;
	k = xcalloc(1, sizeof(*k));
	k->key = xstrndup(key.p, key.n);
	k->until_ms = now_ms + c->source->cache_ms;
	values_init(&k->values);
	values_add_all(&k->values, values);
	map_set(c->kept, key, k);
	*c->last = k;
	c->last = &k->next;
	c->kept_count++;
	drop_ended(c, now_ms);
}

bool channel_kept(struct channel *c, struct str key, int64_t now_ms,
		  struct values *out)
{
	const struct kept *k;

	drop_ended(c, now_ms);
	k = c->kept_count == 0 ? NULL : map_get(c->kept, key);
	if (k == NULL)
		return false;
	values_add_all(out, &k->values);
	return true;
}

/* -- the breaker ------------------------------------------------------- */

bool channel_may_ask(struct channel *c, int64_t now_ms, bool *is_probe)
{
	*is_probe = false;
	if (c->open_until_ms == 0)
		return true;
	if (c->probing || now_ms < c->open_until_ms)
		return false;
	c->probing = *is_probe = true;
	return true;
}

static void note_success(struct channel *c)
{
	if (c->open_until_ms != 0)
		log_info("lookup=%s answers again", c->source->name);
	c->failures = 0;
	c->open_until_ms = 0;
}

static void note_failure(struct channel *c, bool is_probe, int64_t now_ms)
{
	c->failures++;
	if (!is_probe && c->failures != BREAK_AFTER)
		return;
	c->open_until_ms = now_ms + BREAK_MS;
	log_warn("lookup=%s failed %u times in a row; left alone for %d s",
		 c->source->name, c->failures, BREAK_MS / 1000);
}

void channel_note(struct channel *c, enum result result, bool is_probe,
		  int64_t now_ms)
{
	c->counts[result]++;
	if (is_probe)
		c->probing = false;
	switch (result) {
	case RESULT_FOUND:
	case RESULT_NOT_FOUND:
		note_success(c);
		break;
	case RESULT_FAILED:
	case RESULT_TIMED_OUT:
		note_failure(c, is_probe, now_ms);
		break;
	case RESULT_KEPT:
	case RESULT_REFUSED:
		break;
	}
}

void channel_give_up(struct channel *c)
{
	c->probing = false;
}

double channel_breaker(const struct channel *c)
{
	if (c->open_until_ms == 0)
		return 0;
	return c->probing ? 0.5 : 1;
}

/* -- the whole --------------------------------------------------------- */

void channel_init(struct channel *c, const struct source *source)
{
	memset(c, 0, sizeof(*c));
	c->source = source;
	c->kept = map_new();
	c->last = &c->first;
}

void channel_fini(struct channel *c)
{
	while (c->first != NULL)
		drop_oldest(c);
	map_free(&c->kept);
}
