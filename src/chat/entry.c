/* One input on its way into the log: its own copy of what was said, what the
 * last step made of it, and what of that is on the shopper's screen already.
 * Knows no ports. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "room.h"
#include "slots.h"
#include "step.h"

/* What is on the screen stays there, whatever the next step says. */
static void keep_borrowed(struct entry *entry)
{
	for (size_t i = 0; i < entry->shown_count; i++)
		if ((entry->borrowed & 1u << i) != 0)
			entry->shown[i] =
				event_copy(&entry->shown[i], &entry->in);
	entry->borrowed = 0;
}

/* What an earlier life of the daemon had shown. */
static void keep_shown(struct entry *entry, const struct conv_input *input)
{
	for (size_t i = 0; i < input->shown_count; i++)
		if (entry_show(entry, &input->shown[i]))
			entry->shown_to = READER_ELSEWHERE;
	keep_borrowed(entry);
}

static struct entry *blank(struct hub *hub)
{
	struct entry *entry = hub->entries;
	struct arena in, out;

	if (entry == NULL)
		return xcalloc(1, sizeof(*entry));
	hub->entries = entry->next;
	hub->entry_count--;
	in = entry->in;
	out = entry->out;
	*entry = (struct entry){.in = in, .out = out};
	return entry;
}

struct entry *entry_new(struct hub *hub, const struct conv_input *input,
			uint64_t reader)
{
	struct entry *entry = blank(hub);

	entry->input = *input;
	conv_input_own(&entry->input, &entry->in);
	entry->input.shown = NULL;
	entry->input.shown_count = 0;
	entry->reader = reader;
	entry->key = conv_own_key(input, &entry->in, &entry->input.content);
	keep_shown(entry, input);
	return entry;
}

struct entry *entry_of_shown(struct hub *hub, const struct entry *from,
			     size_t i)
{
	struct entry *entry =
		entry_new(hub,
			  &(struct conv_input){.type = INPUT_SHOWN,
					       .at_ms = from->shown[i].at_ms,
					       .is_asked = true,
					       .shown = &from->shown[i],
					       .shown_count = 1},
			  0);

	entry->shown_to = from->shown_to;
	return entry;
}

/* Places of those who left are taken again, so that there are never more than
 * readers at a time. */
static void share(struct entry *entry, uint64_t reader)
{
	struct sharer *s = entry->sharers;

	while (s != NULL && s->reader != 0)
		s = s->next;
	if (s == NULL) {
		s = arena_alloc(&entry->in, sizeof(*s));
		s->next = entry->sharers;
		entry->sharers = s;
	}
	s->reader = reader;
}

void entry_leave(struct entry *entry, uint64_t reader)
{
	if (entry->reader == reader)
		entry->reader = 0;
	for (struct sharer *s = entry->sharers; s != NULL; s = s->next)
		if (s->reader == reader)
			s->reader = 0;
}

void entry_take_over(struct entry *entry, uint64_t reader)
{
	uint64_t before = entry->reader;

	entry_leave(entry, reader);
	if (before != 0 && before != reader)
		share(entry, before);
	entry->reader = reader;
}

static void destroy(struct entry *entry)
{
	arena_fini(&entry->in);
	arena_fini(&entry->out);
	free(entry);
}

void entry_free(struct hub *hub, struct entry **entryp)
{
	struct entry *entry = *entryp;

	*entryp = NULL;
	if (entry == NULL)
		return;
	if (hub->entry_count + 1 > POOL(HUB_SPARES)) {
		destroy(entry);
		return;
	}
	arena_clear(&entry->in);
	arena_clear(&entry->out);
	entry->next = hub->entries;
	hub->entries = entry;
	hub->entry_count++;
}

void entries_fini(struct hub *hub)
{
	while (hub->entries != NULL) {
		struct entry *entry = hub->entries;

		hub->entries = entry->next;
		destroy(entry);
	}
}

bool entry_is(const struct entry *entry, const struct event *e)
{
	size_t n = e->sender.n;

	return entry->key.n > 0 && e->id.n > 0 &&
	       entry->key.n == n + 1 + e->id.n &&
	       memcmp(entry->key.p, e->sender.p, n) == 0 &&
	       entry->key.p[n] == ':' &&
	       memcmp(entry->key.p + n + 1, e->id.p, e->id.n) == 0 &&
	       entry->input.content == event_content(e);
}

void entry_keep(struct entry *entry, const struct conv_actions *actions)
{
	struct unit *u = &entry->unit;
	size_t bytes = actions->event_count * sizeof(*u->events);

	*u = (struct unit){
		.events = arena_take(&entry->out, bytes),
		.count = actions->event_count,
		.queue_op = actions->queue_op,
		.raise_fence = actions->raise_fence,
		.unanswered = actions->unanswered,
		.fence = actions->fence,
		.due_ms = actions->due_ms,
		.counted = actions->counted,
	};
	memcpy(u->events, actions->events, bytes);
	for (size_t i = 0; i < u->count; i++)
		u->show |= actions->show[i] ? 1u << i : 0;
	memcpy(u->queue, actions->queue, sizeof(u->queue));
	memcpy(u->queue_from, actions->queue_from, sizeof(u->queue_from));
	entry->stepped = true;
}

void entry_actions(const struct entry *entry, struct conv_actions *out)
{
	const struct unit *u = &entry->unit;

	conv_actions_clear(out);
	out->queue_op = u->queue_op;
	out->raise_fence = u->raise_fence;
	out->unanswered = u->unanswered;
	out->fence = u->fence;
	out->due_ms = u->due_ms;
	out->counted = u->counted;
	memcpy(out->queue, u->queue, sizeof(out->queue));
	memcpy(out->queue_from, u->queue_from, sizeof(out->queue_from));
}

void entry_unstep(struct entry *entry)
{
	keep_borrowed(entry);
	entry->stepped = false;
	entry->unit = (struct unit){0};
	arena_clear(&entry->out);
}

/* -- what the shopper sees --------------------------------------------- */

bool entry_has_shown(const struct entry *entry, const struct event *e)
{
	for (size_t i = 0; i < entry->shown_count; i++)
		if (str_eq(entry->shown[i].id, e->id) &&
		    str_eq(entry->shown[i].text, e->text) &&
		    str_eq(entry->shown[i].buttons, e->buttons))
			return true;
	return false;
}

void entry_note_logged(struct entry *entry, const struct event *e)
{
	for (size_t i = 0; i < entry->shown_count; i++)
		if (str_eq(entry->shown[i].id, e->id))
			entry->shown_logged |= 1u << i;
}

/* Room for one more; mostly there is one in all. */
static struct event *more_shown(struct entry *entry)
{
	size_t n = entry->shown_count++;
	struct event *grown;

	if ((n & (n - 1)) != 0) /* room for the next power of two is there */
		return &entry->shown[n];
	grown = arena_take(&entry->in, (n == 0 ? 1 : 2 * n) * sizeof(*grown));
	if (n > 0)
		memcpy(grown, entry->shown, n * sizeof(*grown));
	entry->shown = grown;
	return &entry->shown[n];
}

/* An id that is shown with other words than before takes its place. */
bool entry_show(struct entry *entry, const struct event *e)
{
	struct event *place = NULL;

	if (entry_has_shown(entry, e))
		return false;
	for (size_t i = 0; i < entry->shown_count; i++)
		if (str_eq(entry->shown[i].id, e->id))
			place = &entry->shown[i];
	if (place == NULL && entry->shown_count == CONV_MAX_EVENTS)
		return false;
	if (place == NULL)
		place = more_shown(entry);
	*place = *e;
	entry->borrowed |= 1u << (place - entry->shown);
	return true;
}
