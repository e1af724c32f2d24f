/* What is closed is erased in the end, where conversation.keep_closed says
 * when: the due times that wake every other state wake it once more, so that
 * one daemon at a time has each and a second's work is bounded. Nothing of it
 * is in the state machine, for which a closed conversation has no next step. */
#include "base/log.h"
#include "server.h"
#include "store/visitor.h"

#define TRIM_TICKS 5

int64_t retention_due_ms(const struct server *s, const struct conv *conv,
			 int64_t due_ms)
{
	int64_t keep_ms = s->config.keep_closed_ms;

	if (conv->state != CONV_CLOSED || keep_ms == 0)
		return due_ms;
	return conv->last_event_ms + keep_ms;
}

void retention_step(struct server *s, const char *name, int64_t due_ms)
{
	const struct conv *conv = hub_conv(s->hub, name);

	if (conv != NULL)
		due_ms = retention_due_ms(s, conv, due_ms);
	if (conv == NULL || conv->state != CONV_CLOSED || due_ms == 0 ||
	    due_ms > loop_wall_ms()) {
		store_set_due(s->store, name, due_ms);
		return;
	}
	log_info("conv=%s erased: closed for as long as it is to be kept",
		 name);
	store_expire(s->store, name, conv->visitor);
}

/* Lines of what is erased by now; what is younger stays. */
void retention_tick(struct server *s)
{
	if (s->config.keep_closed_ms > 0 && s->ticks % TRIM_TICKS == 0)
		store_notes_trim(s->store, "recent",
				 loop_wall_ms() - s->config.keep_closed_ms);
}
