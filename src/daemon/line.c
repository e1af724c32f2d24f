/* A shopper's place in line: asked of the store at most once a second, told
 * on change only, and honest: no time is named that was not seen, and while
 * Redis is away, or nobody is there who could take the chat, it says so. */
#include <stdlib.h>
#include <string.h>

#include "shopper.h"

#define LEAST_ETA_S 30

static bool is_queued(const struct shopper *c, const struct conv *conv)
{
	return c->phase == SHOPPER_IN && conv != NULL &&
	       conv->state == CONV_QUEUED;
}

/* NULL: it is in no line. */
static const struct conv *confirmed(const struct shopper *c)
{
	const struct hub *hub = c->client.server->hub;

	return hub_has_agents(hub, c->conversation)
		       ? hub_conv(hub, c->conversation)
		       : NULL;
}

static void tell(struct shopper *c, const struct line_place *now)
{
	struct line_place *was = &c->place;
	struct buf out = BUF_INIT;

	if (was->told && was->position == now->position &&
	    was->eta_min_s == now->eta_min_s &&
	    was->eta_max_s == now->eta_max_s && was->stalled == now->stalled &&
	    was->unattended == now->unattended)
		return;
	*was = *now;
	was->told = true;
	frame_waiting(&out, now->position, now->eta_min_s, now->eta_max_s,
		      now->stalled, now->unattended);
	client_send(&c->client, &out);
	buf_fini(&out);
}

/* The line does not move: whoever stands in it, or will as soon as it does,
 * is told so. */
static void tell_stalled(struct shopper *c)
{
	struct line_place now = c->place;

	if (!is_queued(c, hub_ahead(c->client.server->hub, c->conversation)))
		return;
	if (now.position == 0)
		now.position = 1;
	if (!now.told)
		now.eta_min_s = now.eta_max_s = -1;
	now.stalled = true;
	now.unattended = false;
	now.asked = false;
	tell(c, &now);
}

/* Half to one and a half times what the last claims took, for so many places;
 * in steps, so that the figure does not flicker. */
static void estimate(const struct store_place *from, struct line_place *to)
{
	int64_t middle_s = from->pace_ms * (int64_t)from->position / 1000;
	int64_t step = middle_s > 600 ? 300 : middle_s > 120 ? 60 : 30;

	to->eta_min_s = to->eta_max_s = -1;
	if (from->pace_ms <= 0)
		return;
	to->eta_min_s = middle_s / 2 / step * step;
	to->eta_max_s = (middle_s * 3 / 2 + step - 1) / step * step;
	if (to->eta_max_s < LEAST_ETA_S)
		to->eta_max_s = LEAST_ETA_S;
}

/* All have left since it began to wait: what is said where nobody is there from
 * the start is said now. Told to the log, which does it once. */
static void offer_contact(struct server *s, const struct conv *conv)
{
	int64_t opens_at_ms;

	if (!conv->contact_offered && !hub_is_pending(s->hub, conv->id) &&
	    server_shop_open(s, loop_wall_ms(), &opens_at_ms))
		server_step(s, conv->id);
}

static void on_place(void *arg, uint64_t tag, const struct store_place *place)
{
	struct client *client = server_client(arg, tag);
	struct shopper *c = (struct shopper *)client;
	struct line_place now = {.position = place->position};
	const struct conv *conv;

	if (client == NULL || client->kind != CLIENT_SHOPPER)
		return;
	c->place.asked = false;
	conv = confirmed(c);
	if (!is_queued(c, conv))
		return;
	if (place->status == STORE_EMPTY) /* claimed just now, or lost */
		bridge_repair(client->server, conv, STR_NONE);
	if (place->status != STORE_OK)
		return;
	now.unattended =
		presence_is_unattended(client->server->presence, conv->queue);
	estimate(place, &now);
	tell(c, &now);
	if (now.unattended)
		offer_contact(client->server, conv);
}

void line_look(struct shopper *c)
{
	struct server *s = c->client.server;

	if (!store_is_willing(s->store)) {
		tell_stalled(c);
		return;
	}
	if (!is_queued(c, confirmed(c))) {
		line_forget(c);
		return;
	}
	if (c->place.asked)
		return;
	c->place.asked = true;
	store_place(s->store, hub_conv(s->hub, c->conversation)->queue,
		    c->conversation, on_place, s, c->client.id);
}

void line_forget(struct shopper *c)
{
	c->place.told = false;
	c->place.stalled = false;
	c->place.position = 0;
}
