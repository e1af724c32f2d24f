/* What a connection may send: a rate for what is to be stored, a coarser one
 * for the rest, and the rule that keeps order when something was refused:
 * nothing more is taken until the refused id comes again. */
#ifndef DAEMON_GATE_H
#define DAEMON_GATE_H

#include "server.h"

struct gate {
	double tokens;       /* of what is stored */
	double light_tokens; /* typing, read */
	double per_ms, burst;
	int64_t filled_ms;
	char blocked[65]; /* the id that must come again; "": open */
	const char *code; /* why: "rate_limited" or "busy" */
};

void gate_init(struct gate *g, const struct client *c, int64_t per_minute,
	       int64_t burst);
/* May the frame `id` be taken? If not, the client has been told with
 * `retry_ms`. `room`: there is room to keep it. */
bool gate_admit(struct gate *g, struct client *c, struct str id,
		struct str conversation, bool room);
/* A frame that was admitted could not be kept after all. */
void gate_busy(struct gate *g, struct client *c, struct str id,
	       struct str conversation);
/* For what is not stored; false: over the rate, to be dropped. */
bool gate_light(struct gate *g, const struct client *c);

#endif
