/* The hub's world for its tests: a model store that answers when told to, a
 * hub whose ports note what readers see, and the ways to act on it. */
#ifndef TESTS_CHAT_HUB_WORLD_H
#define TESTS_CHAT_HUB_WORLD_H

#include "chat/hub.h"
#include "check.h"
#include "model.h"

static struct model model;
static struct catalog *catalog;
static struct hub *hub;
static struct buf seen; /* "7:event 3 m1" …, joined by "; " */
static unsigned done_count, forgot_count, changed_count, erased_count,
	repair_count;
static int64_t set_due_ms;
static bool due_stood; /* of the last unit */
static int64_t now_ms = INT64_C(1700000000000);

/* -- ports ------------------------------------------------------------- */

static inline void note(uint64_t reader, const char *what)
{
	if (seen.len > 0)
		buf_add_s(&seen, "; ");
	buf_add_u64(&seen, reader);
	buf_add_c(&seen, ':');
	buf_add_s(&seen, what);
}

static inline bool append(void *arg, const struct hub_unit *unit, uint64_t tag)
{
	CHECK(unit->before->seq == unit->expect);
	due_stood = unit->due_stands;
	return model_port_append(arg, unit, tag);
}

static inline void forget(void *arg, const char *conv)
{
	forgot_count++;
	model_port_forget(arg, conv);
}

static inline void set_due(void *arg, const char *conv, int64_t due_ms)
{
	(void)arg;
	(void)conv;
	set_due_ms = due_ms;
}

static char repaired[32];

static inline void repair(void *arg, const struct conv *conv, struct str queue)
{
	(void)arg;
	(void)conv;
	str_copy(repaired, sizeof(repaired), queue);
	repair_count++;
}

static inline void joined(void *arg, uint64_t reader, const struct conv *conv,
			  const struct event *events, size_t n, bool more,
			  bool degraded)
{
	(void)arg;
	CHECK(n == 0 || events[n - 1].seq <= conv->seq);
	note(reader, "joined ");
	buf_add_s(&seen, conv_state_names[conv->state]);
	buf_add_c(&seen, ' ');
	buf_add_u64(&seen, conv->seq);
	buf_add_s(&seen, " events ");
	buf_add_u64(&seen, n);
	buf_add_s(&seen, more ? " more" : "");
	buf_add_s(&seen, degraded ? " degraded" : "");
}

/* "joined.5.1f2e" is "joined.5". */
static inline struct str without_trail(struct str id)
{
	size_t i = 0;

	for (int dots = 0; i < id.n; i++)
		if (id.p[i] == '.' && ++dots == 2)
			break;
	return (struct str){id.p, i};
}

static inline void on_event(void *arg, uint64_t reader, const struct conv *conv,
			    const struct event *e)
{
	(void)arg;
	(void)conv;
	note(reader, "event ");
	buf_add_u64(&seen, e->seq);
	buf_add_c(&seen, ' ');
	buf_add_str(&seen, without_trail(e->id));
}

static inline void show(void *arg, uint64_t reader, const struct conv *conv,
			const struct event *e)
{
	(void)arg;
	(void)conv;
	CHECK(e->seq == 0);
	note(reader, "show ");
	buf_add_str(&seen, e->id);
}

static inline void stored(void *arg, uint64_t reader, const struct conv *conv,
			  struct str id, uint64_t seq)
{
	(void)arg;
	(void)conv;
	note(reader, "stored ");
	buf_add_u64(&seen, seq);
	buf_add_c(&seen, ' ');
	buf_add_str(&seen, id);
}

static inline void refused(void *arg, uint64_t reader, const char *conv,
			   struct str id, enum conv_refusal why)
{
	static const char *const names[] = {
		"",        "closed",    "not_yours", "taken", "not_now",
		"bad_ask", "bad_score", "id_reused", "gone",  "busy"};

	(void)arg;
	(void)conv;
	note(reader, "refused ");
	buf_add_str(&seen, id);
	buf_add_c(&seen, ' ');
	buf_add_s(&seen, names[why]);
}

static inline void reset(void *arg, uint64_t reader, const struct conv *conv)
{
	(void)arg;
	note(reader, "reset ");
	buf_add_u64(&seen, conv->seq);
}

static inline void changed(void *arg, const struct conv *conv)
{
	(void)arg;
	(void)conv;
	changed_count++;
}

static inline void done(void *arg, const struct conv *conv,
			const struct hub_done *what)
{
	(void)arg;
	(void)conv;
	(void)what;
	done_count++;
}

static inline void erased(void *arg, const char *conv)
{
	(void)arg;
	(void)conv;
	erased_count++;
}

/* -- acting ------------------------------------------------------------ */

static const struct hub_ports world_ports = {
	.arg = &model.sides[0],
	.load = model_port_load,
	.append = append,
	.forget = forget,
	.set_due = set_due,
	.repair = repair,
	.joined = joined,
	.event = on_event,
	.show = show,
	.stored = stored,
	.refused = refused,
	.reset = reset,
	.changed = changed,
	.done = done,
	.erased = erased,
};

static inline void start(void)
{
	model_init(&model);
	buf_init(&seen);
	done_count = forgot_count = changed_count = repair_count = 0;
	erased_count = 0;
	set_due_ms = -1;
	hub = hub_new(&world_ports, &test_policy);
	hub_set_catalog(hub, catalog);
}

static inline void stop(void)
{
	hub_free(&hub);
	model_fini(&model);
	buf_fini(&seen);
}

static inline void settle(void)
{
	model_settle(&model, 0, hub);
}

static inline void feed(uint64_t reader, struct conv_input in)
{
	in.at_ms = now_ms;
	in.shop_open = true;
	hub_feed(hub, "c1", reader, &in);
}

static inline void say(uint64_t reader, const char *id, const char *text)
{
	feed(reader, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					 .id = str_of(id),
					 .text = str_of(text)});
}

static inline void wants_person(uint64_t reader, const char *id)
{
	feed(reader, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					 .id = str_of(id),
					 .human = true});
}

static inline void deed(uint64_t reader, enum conv_input_type type,
			const char *id, const char *agent)
{
	feed(reader, (struct conv_input){.type = type,
					 .id = str_of(id),
					 .agent = str_of(agent),
					 .text = STR("hi"),
					 .queue = STR("general")});
}

static inline void join(uint64_t reader, uint64_t since, bool fresh)
{
	hub_join(hub, "c1", reader,
		 reader < 100 ? READER_SHOPPER : READER_AGENT, since, fresh);
}

/* A shopper comes and says hello: two events. */
static inline void joined_and_greeted(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
}

/* What was seen since the last look. */
static inline const char *look(void)
{
	static char line[4096];

	snprintf(line, sizeof(line), "%s", seen.data == NULL ? "" : seen.data);
	buf_clear(&seen);
	return line;
}

/* Another daemon's deed, stepped on the log as it is. */
static inline void elsewhere(struct conv_input in)
{
	struct model_log *log = model_log(&model, "c1");
	static struct conv after;
	struct conv_actions *out = xcalloc(1, sizeof(*out));
	struct matcher *matcher = matcher_new();
	struct conv conv;

	conv_init(&conv, "c1");
	for (size_t i = 0; i < log->count; i++)
		conv_apply(&conv, &log->events[i]);
	in.at_ms = now_ms;
	in.shop_open = true;
	out->arena = &model.arena;
	out->after = &after;
	conv_step(&conv, catalog, matcher, &test_policy, &in, out);
	CHECK(out->refusal == REFUSE_NOT && out->event_count > 0);
	for (size_t i = 0; i < out->event_count; i++)
		model_put(&model, log, &out->events[i]);
	if (out->raise_fence)
		log->fence = out->fence;
	matcher_free(&matcher);
	conv_actions_fini(out);
	free(out);
}

static inline void elsewhere_said(const char *id, const char *text)
{
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = str_of(id),
				      .text = str_of(text)});
}

static inline void elsewhere_claimed(const char *agent)
{
	elsewhere((struct conv_input){.type = INPUT_AGENT_CLAIMED,
				      .id = STR("c9"),
				      .agent = str_of(agent),
				      .queue = STR("general")});
}

static inline void elsewhere_took_over(const char *agent)
{
	elsewhere((struct conv_input){.type = INPUT_AGENT_CLAIMED,
				      .id = STR("c9"),
				      .agent = str_of(agent),
				      .oversees = true});
}

static inline void elsewhere_wants_person(void)
{
	elsewhere((struct conv_input){
		.type = INPUT_SHOPPER_SAID, .id = STR("w1"), .human = true});
}

/* Runs a test in a world of its own. */
#define TEST(name)                                                             \
	do {                                                                   \
		start();                                                       \
		RUN(name);                                                     \
		stop();                                                        \
	} while (0)

#endif
