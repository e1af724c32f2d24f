/* What the spool had and the log has gone on without: this daemon had died
 * before it was stored and somebody else wrote meanwhile, or Redis had lost
 * its tail. What a shopper did is stepped again, as if it came now: the state
 * decides anew who answers. What an agent or the bot said was read already:
 * it is stored as it is, wherever the log stands. A change of the state is
 * void, with what the system said about it, and the queue follows the log. Ids
 * make all of it harmless where the log has it after all. */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "server.h"

#define UNIT_EVENTS CONV_MAX_EVENTS /* no unit of ours has more */

static bool read_events(const struct store_unit *unit, struct event *events)
{
	for (size_t i = 0; i < unit->entry_count; i++)
		if (!event_from_fields(unit->entries[i].fields,
				       unit->entries[i].field_count, 0,
				       &events[i]))
			return false;
	return true;
}

static bool input_type(const struct event *e, enum conv_input_type *out)
{
	switch (e->type) {
	case EVENT_MESSAGE:
		*out = INPUT_SHOPPER_SAID;
		return true;
	case EVENT_FEEDBACK:
		*out = INPUT_SHOPPER_FEEDBACK;
		return true;
	case EVENT_LEAVE:
		*out = INPUT_SHOPPER_LEFT;
		return true;
	case EVENT_NOTE:
	case EVENT_STATE:
	case EVENT_ASK_FEEDBACK:
		return false;
	}
	return false;
}

/* What the bot had answered, to `shown`: the shopper may have seen it. */
static size_t answers(const struct event *events, size_t n, struct event *shown)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (events[i].type == EVENT_MESSAGE &&
		    str_is(events[i].sender, "b"))
			shown[count++] = events[i];
	return count;
}

/* True: the shopper did it. */
static bool step_again(struct server *s, const struct store_unit *unit,
		       const struct event *events)
{
	const struct event *e = &events[0];
	struct event shown[UNIT_EVENTS];
	struct conv_input in = {
		.at_ms = e->at_ms,
		.id = e->id,
		.text = e->text,
		.value = e->value,
		.human = str_is(e->value, "human"),
		.ask = e->ask,
		.comment = e->comment,
		.score = e->score,
		.visitor = str_of(unit->visitor),
		.visitor_name = e->visitor_name,
		.page = e->page,
		.locale = e->locale,
		.verified = e->verified,
		.shown = shown,
		.was_logged = unit->was_taken,
		.elder = unit->nth,
	};

	if (!str_is(e->sender, "s") || e->id.n == 0 || !input_type(e, &in.type))
		return false;
	in.shown_count = answers(events, unit->entry_count, shown);
	server_circumstances(s, &in);
	hub_feed(s->hub, unit->conv, 0, &in);
	return true;
}

/* True: it is an answer that was to be logged by itself. */
static bool shown_again(struct server *s, const struct store_unit *unit,
			const struct event *e)
{
	if (!e->late || unit->entry_count != 1)
		return false;
	hub_feed(s->hub, unit->conv, 0,
		 &(struct conv_input){.type = INPUT_SHOWN,
				      .at_ms = e->at_ms,
				      .shown = e,
				      .shown_count = 1,
				      .elder = unit->nth});
	return true;
}

static void on_kept(void *arg, uint64_t tag,
		    const struct store_appended *result)
{
	(void)arg;
	(void)tag;
	if (result->status == STORE_REFUSED)
		log_error("a message out of the spool was refused for good");
}

static bool is_said(const struct event *e)
{
	return (e->type == EVENT_MESSAGE || e->type == EVENT_NOTE) &&
	       e->id.n > 0;
}

static bool is_kept(const struct event *events, size_t n, size_t at)
{
	if (!is_said(&events[at]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (events[i].type == EVENT_STATE)
			return !str_is(events[at].sender, "t");
	return true;
}

static size_t kept_count(const struct event *events, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += is_kept(events, n, i);
	return count;
}

/* Each by itself, so that one that is there already does not keep the others
 * out. The next step is looked at soon: what was said may have moved it. */
static void keep_as_it_is(struct server *s, const struct store_unit *unit,
			  const struct event *events)
{
	size_t left = kept_count(events, unit->entry_count);

	for (size_t i = 0; i < unit->entry_count; i++) {
		if (!is_kept(events, unit->entry_count, i))
			continue;
		left--;
		store_append(s->store,
			     &(struct store_unit){
				     .conv = unit->conv,
				     .anywhere = true,
				     .entries = &unit->entries[i],
				     .entry_count = 1,
				     .due_ms = loop_wall_ms(),
				     .replaces = left == 0 ? unit->nth : 0,
			     },
			     on_kept, s, 0);
	}
}

void orphan_take(struct server *s, const struct store_unit *unit)
{
	struct event *events;

	if (s->closing || s->hub == NULL || unit->entry_count > UNIT_EVENTS)
		return;
	events = xcalloc(unit->entry_count, sizeof(*events));
	if (!read_events(unit, events))
		log_error("conv=%s a unit out of the spool cannot be read",
			  unit->conv);
	else if (!step_again(s, unit, events) && !shown_again(s, unit, events))
		keep_as_it_is(s, unit, events);
	free(events);
}
