/* Frames that are not in the log yet; see sent.h. Each is there for as long as
 * the log takes, so what one leaves the next can have. */
#include "sent.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define USUAL_BYTES 400 /* of a frame; fewer take as much */
#define SPARES_MOST POOL(256)

static struct sent *new_sent(struct sent_pool *pool, size_t bytes)
{
	struct sent *one = pool->first;

	if (bytes > USUAL_BYTES)
		return xmalloc(sizeof(*one) + bytes);
	if (one == NULL)
		return xmalloc(sizeof(*one) + USUAL_BYTES);
	pool->first = one->next;
	pool->count--;
	return one;
}

static void give_back(struct sent_pool *pool, struct sent *one)
{
	if (one->raw.n > USUAL_BYTES || pool->count + 1 > SPARES_MOST) {
		free(one);
		return;
	}
	one->next = pool->first;
	pool->first = one;
	pool->count++;
}

struct sent *sent_keep(struct sent_list *list, struct sent_pool *pool,
		       struct str id, struct str raw)
{
	struct sent **at = &list->first;
	struct sent *one = new_sent(pool, raw.n);

	*one = (struct sent){.raw = {(char *)(one + 1), raw.n}};
	memcpy(one->id, id.p, id.n);
	memcpy(one + 1, raw.p, raw.n);
	while (*at != NULL)
		at = &(*at)->next;
	*at = one;
	list->count++;
	return one;
}

struct sent *sent_find(const struct sent_list *list, struct str id)
{
	struct sent *one = list->first;

	while (one != NULL && !str_is(id, one->id))
		one = one->next;
	return one;
}

static void take_out(struct sent_list *list, struct sent_pool *pool,
		     struct sent **at)
{
	struct sent *one = *at;

	*at = one->next;
	list->count--;
	give_back(pool, one);
}

void sent_drop(struct sent_list *list, struct sent_pool *pool, struct str id)
{
	struct sent **at = &list->first;

	while (*at != NULL && !str_is(id, (*at)->id))
		at = &(*at)->next;
	if (*at != NULL)
		take_out(list, pool, at);
}

void sent_drop_all(struct sent_list *list, struct sent_pool *pool)
{
	while (list->first != NULL)
		take_out(list, pool, &list->first);
}

void sent_pool_fini(struct sent_pool *pool)
{
	while (pool->first != NULL) {
		struct sent *one = pool->first;

		pool->first = one->next;
		free(one);
	}
	pool->count = 0;
}
