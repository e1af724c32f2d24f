/* Who waits for an agent in all of the shop, and since when, for /metrics: read
 * from the queues every few seconds. Of each queue the first 200 are looked at:
 * who stands behind them has not been waiting for longer, or their priority is
 * lower than that of 200 others. */
#include "server.h"

#define LOOK_AT 200

static void on_items(void *arg, uint64_t tag, const struct store_items *items)
{
	struct server *s = arg;
	struct waiting *w = &s->waiting;

	(void)tag;
	w->asked = false;
	if (items->status != STORE_OK)
		return;
	w->count = items->total;
	w->since_ms = 0;
	for (size_t i = 0; i < items->count; i++)
		if (w->since_ms == 0 || items->items[i].since_ms < w->since_ms)
			w->since_ms = items->items[i].since_ms;
}

void waiting_read(struct server *s)
{
	const struct settings_list *queues = &s->config.queues;

	if (s->waiting.asked)
		return;
	s->waiting.asked = true;
	store_queue(s->store, (const char *const *)queues->items, queues->count,
		    LOOK_AT, on_items, s, 0);
}

int64_t waiting_longest_ms(const struct server *s)
{
	int64_t since_ms = s->waiting.since_ms;
	int64_t ms = since_ms == 0 ? 0 : loop_wall_ms() - since_ms;

	return ms > 0 ? ms : 0;
}
