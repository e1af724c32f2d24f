/* Token buckets and the order-keeping refusal; see gate.h. */
#include "gate.h"

#include <string.h>

#define RETRY_MS         1000
#define LIGHT_PER_SECOND 20.0

void gate_init(struct gate *g, const struct client *c, int64_t per_minute,
	       int64_t burst)
{
	*g = (struct gate){
		.tokens = (double)burst,
		.light_tokens = LIGHT_PER_SECOND,
		.per_ms = (double)per_minute / 60000.0,
		.burst = (double)burst,
		.filled_ms = loop_now_ms(c->server->loop),
	};
}

static void refill(struct gate *g, const struct client *c)
{
	int64_t now = loop_now_ms(c->server->loop);
	double passed = (double)(now - g->filled_ms);

	g->tokens += passed * g->per_ms;
	if (g->tokens > g->burst)
		g->tokens = g->burst;
	g->light_tokens += passed * LIGHT_PER_SECOND / 1000.0;
	if (g->light_tokens > LIGHT_PER_SECOND)
		g->light_tokens = LIGHT_PER_SECOND;
	g->filled_ms = now;
}

static int64_t retry_ms(const struct gate *g)
{
	if (g->tokens >= 1.0)
		return RETRY_MS;
	return (int64_t)((1.0 - g->tokens) / g->per_ms) + 1;
}

static void refuse(struct gate *g, struct client *c, const char *code,
		   struct str id, struct str conversation)
{
	if (g->blocked[0] == '\0') {
		memcpy(g->blocked, id.p, id.n);
		g->blocked[id.n] = '\0';
		g->code = code;
	}
	client_error(c, g->code, id, conversation,
		     strcmp(g->code, "busy") == 0
			     ? "not taken: no room just now; send it again"
			     : "not taken: too many messages; send it again",
		     retry_ms(g));
}

bool gate_admit(struct gate *g, struct client *c, struct str id,
		struct str conversation, bool room)
{
	bool waits = g->blocked[0] != '\0' && !str_is(id, g->blocked);

	refill(g, c);
	if (!waits && g->tokens >= 1.0 && room) {
		g->tokens -= 1.0;
		g->blocked[0] = '\0';
		return true;
	}
	if (!waits) {
		g->blocked[0] = '\0'; /* the reason may be another now */
		if (g->tokens < 1.0)
			c->server->counters.rate_limited++;
		else
			c->server->counters.busy++;
	}
	refuse(g, c, g->tokens < 1.0 ? "rate_limited" : "busy", id,
	       conversation);
	return false;
}

void gate_busy(struct gate *g, struct client *c, struct str id,
	       struct str conversation)
{
	refuse(g, c, "busy", id, conversation);
}

bool gate_light(struct gate *g, const struct client *c)
{
	refill(g, c);
	if (g->light_tokens < 1.0)
		return false;
	g->light_tokens -= 1.0;
	return true;
}
