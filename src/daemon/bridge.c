/* Between the hub, which knows conversations, and the store and connections,
 * which know Redis and sockets: the hub's ports. Turns events into named
 * values and frames, and statuses from one vocabulary into the other; decides
 * nothing. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/moment.h"
#include "chat/figures.h"
#include "server.h"
#include "store/visitor.h"

/* -- reading ----------------------------------------------------------- */

static enum hub_load_status load_status(const struct store_log *log)
{
	switch (log->status) {
	case STORE_OK:
	case STORE_EMPTY:
		return log->is_short ? LOAD_SHORT : LOAD_OK;
	case STORE_GONE:
		return LOAD_GONE;
	default:
		return LOAD_AWAY;
	}
}

/* What a newer daemon logged: its seq counts, readers get a skip. */
static struct event unknown_event(uint64_t seq)
{
	log_warn("an event of an unknown kind is passed over seq=%llu",
		 (unsigned long long)seq);
	return (struct event){.seq = seq, .type = EVENT_LEAVE};
}

static void on_read(void *arg, uint64_t tag, const struct store_log *log)
{
	struct server *s = arg;
	struct event *events;

	if (s->closing)
		return;
	events = xcalloc(log->count, sizeof(*events));
	for (size_t i = 0; i < log->count; i++) {
		const struct store_event *from = &log->events[i];

		if (!event_from_fields(from->fields, from->field_count,
				       from->seq, &events[i]))
			events[i] = unknown_event(from->seq);
	}
	hub_loaded(s->hub, tag, load_status(log), events, log->count,
		   log->more);
	free(events);
}

static void port_load(void *arg, const char *conv, uint64_t since, bool watch,
		      uint64_t tag)
{
	struct server *s = arg;

	if (!s->closing)
		store_read(s->store, conv, since, watch, on_read, s, tag);
}

/* -- appending --------------------------------------------------------- */

static enum hub_append_status append_status(enum store_status status)
{
	switch (status) {
	case STORE_OK:
		return APPEND_OK;
	case STORE_MOVED:
		return APPEND_MOVED;
	case STORE_DUP:
		return APPEND_DUP;
	case STORE_REUSED:
		return APPEND_REUSED;
	case STORE_FENCED:
		return APPEND_FENCED;
	case STORE_GONE:
		return APPEND_GONE;
	default:
		return APPEND_REFUSED;
	}
}

static void on_appended(void *arg, uint64_t tag,
			const struct store_appended *result)
{
	struct server *s = arg;

	if (!s->closing)
		hub_appended(s->hub, tag, append_status(result->status),
			     result->seq);
}

static enum store_queue_op queue_op(enum conv_queue_op op)
{
	switch (op) {
	case CONV_QUEUE_KEEP:
		return QUEUE_KEEP;
	case CONV_QUEUE_ENQUEUE:
		return QUEUE_ENQUEUE;
	case CONV_QUEUE_RESOLVE:
		return QUEUE_RESOLVE;
	case CONV_QUEUE_CLAIMED:
		return QUEUE_CLAIMED;
	case CONV_QUEUE_BACK:
		return QUEUE_BACK;
	case CONV_QUEUE_MOVE:
		return QUEUE_MOVE;
	case CONV_QUEUE_CLAIM_FOR:
		return QUEUE_CLAIM_FOR;
	}
	return QUEUE_KEEP;
}

/* The day by the shop's clock; looked up once a minute. */
static const char *day_of(struct server *s, int64_t at_ms)
{
	if (at_ms / 60000 != s->day_minute) {
		s->day_minute = at_ms / 60000;
		moment_day(at_ms + 1000 * (int64_t)loop_local_offset_s(at_ms),
			   s->day);
	}
	return s->day;
}

/* What the unit adds to the figures of its day; NULL: nothing. Good until the
 * next one. */
static const char *unit_figures(struct server *s, const struct hub_unit *unit)
{
	buf_clear(&s->figures);
	figures_of(unit->before, unit->events, unit->event_count,
		   unit->actions->counted, &s->figures);
	return s->figures.len > 0 ? s->figures.data : NULL;
}

static const char *owner_of(const struct conv *conv)
{
	static const char *const owners[] = {"bot", "queue", "agent", "nobody"};

	return owners[conv->state];
}

struct fields {
	struct field list[24]; /* only the first `n` are set */
	size_t n;
	struct arena *arena;
	bool all; /* also what has not changed */
};

static void fields_init(struct fields *f, struct arena *arena)
{
	f->n = 0;
	f->arena = arena;
	f->all = false;
}

static void put(struct fields *f, const char *name, const char *value)
{
	if (value[0] != '\0')
		f->list[f->n++] = (struct field){str_of(name), str_of(value)};
}

static void put_changed(struct fields *f, const char *name, const char *was,
			const char *now)
{
	if (f->all || strcmp(was, now) != 0)
		f->list[f->n++] = (struct field){str_of(name), str_of(now)};
}

static void put_number(struct fields *f, const char *name, int64_t was,
		       int64_t now)
{
	if (f->all || was != now)
		f->list[f->n++] =
			(struct field){str_of(name), arena_i64(f->arena, now)};
}

/* As an event has them that changes them: nothing is worked out again. */
static void put_slots(struct fields *f, const struct hub_unit *unit)
{
	for (size_t i = unit->event_count; i > 0; i--) {
		const struct event *e = &unit->events[i - 1];

		if (e->slots.p == NULL || e->late)
			continue;
		f->list[f->n++] = (struct field){STR("slots"), e->slots};
		return;
	}
}

/* What the cache beside the log shows: all of it with the first unit of a log,
 * then what the unit changes. */
static void hash_fields(const struct hub_unit *unit, struct fields *f)
{
	const struct conv *was = unit->before, *now = unit->conv;

	f->all = was->seq == 0;
	put_changed(f, "state", conv_state_names[was->state],
		    conv_state_names[now->state]);
	put_changed(f, "owner", owner_of(was), owner_of(now));
	put_changed(f, "agent", was->agent, now->agent);
	put_changed(f, "visitor", was->visitor, now->visitor);
	put_changed(f, "queue", was->queue, now->queue);
	put_changed(f, "reason", was->reason, now->reason);
	put_changed(f, "intent", was->intent, now->intent);
	put_changed(f, "kind", was->kind, now->kind);
	put_number(f, "priority", was->priority, now->priority);
	put_changed(f, "locale", was->locale, now->locale);
	put_number(f, "since_ms", was->since_ms, now->since_ms);
	put_number(f, "state_at_ms", was->state_at_ms, now->state_at_ms);
	put_slots(f, unit);
	put_number(f, "event_at_ms", was->last_event_ms, now->last_event_ms);
}

/* What an agent sees before taking it. */
static void info_fields(const struct conv *conv, struct fields *f)
{
	put(f, "reason", conv->reason);
	put(f, "intent", conv->intent);
	put(f, "kind", conv->kind);
	put(f, "preview", conv->preview);
	put(f, "name", conv->visitor_name);
	put(f, "verified", conv->verified ? "1" : "");
	put(f, "page", conv->page);
	put(f, "locale", conv->locale);
	put(f, "display", conv->agent_display);
}

typedef struct field entry_fields[EVENT_MAX_FIELDS];

static void fill_entries(const struct hub_unit *unit, struct arena *arena,
			 struct store_entry *entries, entry_fields *all)
{
	for (size_t i = 0; i < unit->event_count; i++) {
		struct field *fields = all[i];
		const struct event *e = &unit->events[i];

		entries[i] = (struct store_entry){
			.key = event_key(e, arena),
			.content = event_content(e),
			.fields = fields,
			.field_count = event_to_fields(e, arena, fields),
		};
	}
}

static bool port_append(void *arg, const struct hub_unit *unit, uint64_t tag)
{
	struct server *s = arg;
	struct store_entry entries[CONV_MAX_EVENTS];
	entry_fields fields[CONV_MAX_EVENTS];
	struct arena *arena = &s->unit;
	struct fields hash, info;
	const struct conv_actions *a = unit->actions;
	const struct conv *conv = unit->conv;

	if (s->closing || !store_has_room(s->store))
		return false;
	fields_init(&hash, arena);
	fields_init(&info, arena);
	fill_entries(unit, arena, entries, fields);
	hash_fields(unit, &hash);
	if (a->queue_op != CONV_QUEUE_KEEP)
		info_fields(conv, &info);
	store_append(s->store,
		     &(struct store_unit){
			     .conv = conv->id,
			     .expect = unit->expect,
			     .trail = unit->before->trail,
			     .fence = a->fence,
			     .raise_fence = a->raise_fence,
			     .entries = entries,
			     .entry_count = unit->event_count,
			     .hash = hash.list,
			     .hash_count = hash.n,
			     .queue_op = queue_op(a->queue_op),
			     .queue = a->queue,
			     .queue_from = a->queue_from,
			     .agent = conv->agent,
			     .priority = conv->priority,
			     .since_ms = conv->since_ms,
			     .info = info.list,
			     .info_count = info.n,
			     .due_ms = unit->due_stands
					       ? STORE_DUE_KEEP
					       : retention_due_ms(s, conv,
								  a->due_ms),
			     .visitor = unit->expect == 0 && conv->visitor[0]
						? conv->visitor
						: NULL,
			     .watch = unit->watch,
			     .replaces = unit->elder,
			     .day = day_of(s, unit->events[0].at_ms),
			     .figures = unit_figures(s, unit),
		     },
		     on_appended, s, tag);
	arena_clear(arena);
	return true;
}

static void port_forget(void *arg, const char *conv)
{
	struct server *s = arg;

	if (!s->closing)
		store_unwatch(s->store, conv);
}

static void port_set_due(void *arg, const char *conv, int64_t due_ms)
{
	struct server *s = arg;

	if (!s->closing)
		retention_step(s, conv, due_ms);
}

void bridge_repair(struct server *s, const struct conv *conv, struct str found)
{
	char queue[CONV_NAME_MAX + 1];

	if (s->closing)
		return;
	log_info("conv=%s the queue follows the log: state=%s", conv->id,
		 conv_state_names[conv->state]);
	str_copy(queue, sizeof(queue),
		 found.n > 0 ? found : str_of(conv->queue));
	store_queue_repair(s->store, conv->id, queue,
			   conv_state_names[conv->state], conv->agent);
}

static void port_repair(void *arg, const struct conv *conv, struct str found)
{
	bridge_repair(arg, conv, found);
}

/* -- to the readers ---------------------------------------------------- */

static struct str from_of(struct str sender)
{
	if (str_is(sender, "s"))
		return STR("shopper");
	if (str_is(sender, "b"))
		return STR("bot");
	return str_starts(sender, "a:") ? STR("agent") : STR("system");
}

static enum logged_type type_of(const struct event *e, enum reader_kind to)
{
	switch (e->type) {
	case EVENT_MESSAGE:
		return LOGGED_MESSAGE;
	case EVENT_NOTE:
		return to == READER_AGENT ? LOGGED_NOTE : LOGGED_SKIP;
	case EVENT_STATE:
		return LOGGED_STATE;
	case EVENT_ASK_FEEDBACK:
		return LOGGED_ASK_FEEDBACK;
	case EVENT_FEEDBACK:
		return to == READER_AGENT ? LOGGED_FEEDBACK : LOGGED_SKIP;
	case EVENT_LEAVE:
		return LOGGED_SKIP;
	}
	return LOGGED_SKIP;
}

void bridge_logged(const struct event *e, enum reader_kind to,
		   struct logged *out)
{
	*out = (struct logged){
		.type = type_of(e, to),
		.seq = e->seq,
		.at_ms = e->at_ms,
		.id = e->wire_id.n > 0 ? e->wire_id : e->id,
		.text = e->text,
		.name = e->name,
		.reply_to = e->reply_to,
		.intent = e->intent,
		.rules = e->rules,
		.from = from_of(e->sender),
		.buttons = e->buttons,
		.own_buttons = e->seq == 0, /* not read from the log */
		.late = e->late,
		.contact =
			str_is(e->sender, "s") && str_is(e->outcome, "contact"),
		.rate = str_is(e->outcome, "answer") &&
			!str_is(e->kind, "chat"),
		.state = e->state,
		.reason = e->reason,
		.agent = e->agent_display.n > 0 ? e->agent_display : e->agent,
		.kind = e->ask_kind,
		.ask = e->ask,
		.comment = e->comment,
		.score = e->score,
	};
}

static void port_joined(void *arg, uint64_t reader, const struct conv *conv,
			const struct event *events, size_t n, bool more,
			bool degraded)
{
	struct client *c = server_client(arg, reader);

	if (c == NULL)
		return;
	if (c->kind == CLIENT_SHOPPER)
		shopper_joined(c, conv, events, n, more, degraded);
	else
		desk_joined(c, conv, events, n, more, degraded);
}

static void port_event(void *arg, uint64_t reader, const struct conv *conv,
		       const struct event *e)
{
	struct client *c = server_client(arg, reader);

	if (c == NULL)
		return;
	if (c->kind == CLIENT_SHOPPER)
		shopper_event(c, conv, e);
	else
		desk_event(c, conv, e);
}

static void port_show(void *arg, uint64_t reader, const struct conv *conv,
		      const struct event *e)
{
	port_event(arg, reader, conv, e); /* seq 0: the frame has none */
}

static void port_stored(void *arg, uint64_t reader, const struct conv *conv,
			struct str id, uint64_t seq)
{
	struct client *c = server_client(arg, reader);

	if (c == NULL)
		return;
	c->server->counters.stored++;
	if (c->kind == CLIENT_SHOPPER)
		shopper_stored(c, conv, id, seq);
	else
		desk_stored(c, conv, id, seq);
}

static void port_refused(void *arg, uint64_t reader, const char *conv,
			 struct str id, enum conv_refusal why)
{
	struct client *c = server_client(arg, reader);

	if (c == NULL)
		return;
	if (why == REFUSE_BUSY)
		c->server->counters.busy++;
	if (c->kind == CLIENT_SHOPPER)
		shopper_refused(c, conv, id, why);
	else
		desk_refused(c, conv, id, why);
}

static void port_erased(void *arg, const char *conv)
{
	struct server *s = arg;

	log_info("conv=%s erased", conv);
	if (!s->closing)
		store_erase_traces(s->store, conv);
}

static void port_reset(void *arg, uint64_t reader, const struct conv *conv)
{
	struct client *c = server_client(arg, reader);

	if (c == NULL)
		return;
	if (c->kind == CLIENT_SHOPPER)
		shopper_reset(c, conv);
	else
		desk_reset(c, conv);
}

static void port_changed(void *arg, const struct conv *conv)
{
	struct server *s = arg;

	log_info("conv=%s state=%s seq=%llu%s%s", conv->id,
		 conv_state_names[conv->state], (unsigned long long)conv->seq,
		 conv->reason[0] ? " reason=" : "", conv->reason);
	shoppers_changed(s->shoppers, conv);
	presence_taken(s->presence, conv);
}

/* -- counting ---------------------------------------------------------- */

/* Digits and what looks like an address are nobody's business in a report. */
static struct str masked(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		buf_add_c(out, is_digit(c) ? '#' : c);
	}
	for (size_t i = 0; i < out->len; i++) {
		size_t from = i, to = i;

		if (out->data[i] != '@')
			continue;
		while (from > 0 && out->data[from - 1] != ' ')
			from--;
		while (to < out->len && out->data[to] != ' ')
			to++;
		memset(out->data + from, '*', to - from);
		i = to;
	}
	return buf_str(out);
}

static void note_unanswered(struct server *s, const struct conv *conv,
			    struct str text)
{
	struct buf room = BUF_INIT;
	char name[32] = "unanswered:";
	struct field fields[3];

	moment_day(loop_wall_ms(), name + strlen(name));
	fields[0] = (struct field){STR("text"), masked(text, &room)};
	fields[1] = (struct field){STR("locale"), str_of(conv->locale)};
	fields[2] = (struct field){STR("conversation"), str_of(conv->id)};
	store_note_of_day(s->store, name, fields, ARRAY_LEN(fields), 100000);
	buf_fini(&room);
}

static void count(struct counters *c, const struct hub_done *done)
{
	c->messages += done->type == INPUT_SHOPPER_SAID;
	c->answered += done->counted == COUNTED_ANSWERED;
	c->clarified += done->counted == COUNTED_CLARIFIED;
	c->missed += done->counted == COUNTED_MISSED;
	c->handed_over += done->counted == COUNTED_HANDED_OVER;
	c->closed += done->closed;
}

static void port_done(void *arg, const struct conv *conv,
		      const struct hub_done *done)
{
	struct server *s = arg;

	count(&s->counters, done);
	recent_note(s, conv);
	if (done->unanswered && done->text.n > 0)
		note_unanswered(s, conv, done->text);
}

static void port_lookup(void *arg, const char *conv, uint64_t reader,
			const struct conv_question *question)
{
	struct server *s = arg;

	if (!s->closing)
		lookups_ask(s->lookups, conv, reader, question);
}

static void port_too_late(void *arg, const struct conv *conv,
			  const struct conv_input *input)
{
	struct server *s = arg;

	if (!s->closing)
		late_take(s->lates, conv, input);
}

void bridge_ports(struct server *s, struct hub_ports *ports)
{
	*ports = (struct hub_ports){
		.arg = s,
		.load = port_load,
		.append = port_append,
		.forget = port_forget,
		.set_due = port_set_due,
		.repair = port_repair,
		.joined = port_joined,
		.event = port_event,
		.show = port_show,
		.stored = port_stored,
		.refused = port_refused,
		.erased = port_erased,
		.reset = port_reset,
		.changed = port_changed,
		.done = port_done,
		.lookup = port_lookup,
		.too_late = port_too_late,
	};
}
