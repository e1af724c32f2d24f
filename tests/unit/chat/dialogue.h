/* A conversation under test: steps it, keeps its log, and checks after every
 * step what must always hold: the log alone gives the same state (also through
 * its form as named values), somebody owns the conversation, and every state
 * but closed has a next step. */
#ifndef TESTS_CHAT_DIALOGUE_H
#define TESTS_CHAT_DIALOGUE_H

#include <stdlib.h>

#include "base/mem.h"
#include "chat/conv.h"
#include "policy.h"
#include "rules.h"

#define MINUTE 60000
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

struct dialogue {
	struct conv conv;
	struct catalog *catalog;
	struct matcher *matcher;
	struct conv_policy policy;
	struct arena arena; /* of all events */
	struct event *log;
	size_t log_count;
	struct conv_actions *out; /* of the last step */
	struct conv after;
	int64_t now_ms;
	bool closed_hours;
	int64_t opens_at_ms;
	uint64_t unattended;
	unsigned next_id;
	char id[24]; /* of the last input */
};

static inline void dialogue_open(struct dialogue *d)
{
	memset(d, 0, sizeof(*d));
	conv_init(&d->conv, "c1");
	d->catalog = rules_load();
	d->matcher = matcher_new();
	d->policy = test_policy;
	arena_init(&d->arena);
	d->out = xcalloc(1, sizeof(*d->out));
	d->log = NULL;
	d->now_ms = INT64_C(1700000000000);
}

static inline void dialogue_close(struct dialogue *d)
{
	catalog_free(&d->catalog);
	matcher_free(&d->matcher);
	arena_fini(&d->arena);
	conv_actions_fini(d->out);
	free(d->out);
	free(d->log);
}

/* The log's own form and back: what a restart would read. */
static inline struct event dialogue_restored(struct dialogue *d,
					     const struct event *e)
{
	struct field fields[EVENT_MAX_FIELDS];
	size_t n = event_to_fields(e, &d->arena, fields);
	struct event back;

	CHECK(event_from_fields(fields, n, e->seq, &back));
	return back;
}

static inline void dialogue_check(struct dialogue *d)
{
	const struct conv *c = &d->conv;
	struct conv again;
	int64_t due_ms = conv_due_ms(c, &d->policy);

	conv_init(&again, "c1");
	for (size_t i = 0; i < d->log_count; i++) {
		struct event e = dialogue_restored(d, &d->log[i]);

		conv_apply(&again, &e);
	}
	CHECK(memcmp(&again, c, sizeof(again)) == 0);
	CHECK((c->agent[0] != '\0') == (c->state == CONV_ASSIGNED));
	CHECK(c->state != CONV_QUEUED || c->queue[0] != '\0');
	CHECK(c->state != CONV_QUEUED || c->since_ms > 0);
	CHECK((due_ms == 0) == (c->state == CONV_CLOSED));
	CHECK(d->out->due_ms >= due_ms);
}

static inline void dialogue_step(struct dialogue *d, struct conv_input in)
{
	in.at_ms = d->now_ms;
	in.shop_open = !d->closed_hours;
	in.opens_at_ms = d->opens_at_ms;
	in.unattended = d->unattended;
	if (in.id.p == NULL && in.type != INPUT_TIMER &&
	    in.type != INPUT_LEASE_LOST && in.type != INPUT_LOOKED_UP) {
		snprintf(d->id, sizeof(d->id), "m%u", ++d->next_id);
		in.id = arena_str(&d->arena, str_of(d->id));
	}
	d->out->arena = &d->arena;
	d->out->after = &d->after;
	conv_step(&d->conv, d->catalog, d->matcher, &d->policy, &in, d->out);
	d->log = xreallocarray(d->log, d->log_count + CONV_MAX_EVENTS,
			       sizeof(*d->log));
	for (size_t i = 0; i < d->out->event_count; i++) {
		struct event e = event_copy(&d->out->events[i], &d->arena);

		e.seq = d->conv.seq + 1;
		conv_apply(&d->conv, &e);
		d->log[d->log_count++] = e;
	}
	CHECK(d->out->refusal != REFUSE_NOT ||
	      memcmp(&d->conv, &d->after, sizeof(d->conv)) == 0);
	dialogue_check(d);
}

/* -- what the shopper and the agents do -------------------------------- */

static inline void say(struct dialogue *d, const char *text)
{
	dialogue_step(d, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					     .text = str_of(text)});
}

static inline void press(struct dialogue *d, const char *value)
{
	dialogue_step(d, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					     .value = str_of(value)});
}

static inline void ask_for_person(struct dialogue *d)
{
	dialogue_step(d, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					     .human = true});
}

static inline void rate(struct dialogue *d, const char *ask, int64_t score)
{
	dialogue_step(d, (struct conv_input){.type = INPUT_SHOPPER_FEEDBACK,
					     .ask = str_of(ask),
					     .score = score});
}

static inline void quit(struct dialogue *d)
{
	dialogue_step(d, (struct conv_input){.type = INPUT_SHOPPER_LEFT});
}

static inline void agent(struct dialogue *d, enum conv_input_type type,
			 const char *name)
{
	dialogue_step(d, (struct conv_input){.type = type,
					     .agent = str_of(name),
					     .agent_display = str_of(name),
					     .text = STR("hi"),
					     .outcome = STR("helped"),
					     .queue = STR("general")});
}

static inline void take_from_bot(struct dialogue *d, const char *name)
{
	dialogue_step(d, (struct conv_input){.type = INPUT_AGENT_CLAIMED,
					     .agent = str_of(name),
					     .agent_display = str_of(name),
					     .oversees = true});
}

static inline void timer(struct dialogue *d)
{
	dialogue_step(d, (struct conv_input){.type = INPUT_TIMER});
}

static inline void wait_ms(struct dialogue *d, int64_t ms)
{
	d->now_ms += ms;
}

/* -- what came of it --------------------------------------------------- */

/* The last step's event `i`, or one without anything. */
static inline const struct event *event_at(const struct dialogue *d, size_t i)
{
	static const struct event none;

	return i < d->out->event_count ? &d->out->events[i] : &none;
}

/* Whether the last step had an event of this type that holds `text` (of
 * messages) or is named `text` (states). */
static inline bool has(const struct dialogue *d, enum event_type type,
		       const char *text)
{
	for (size_t i = 0; i < d->out->event_count; i++) {
		const struct event *e = &d->out->events[i];
		struct str s = type == EVENT_STATE ? e->state : e->text;

		if (e->type == type && s.n > 0 &&
		    memmem(s.p, s.n, text, strlen(text)) != NULL)
			return true;
	}
	return false;
}

static inline bool said(const struct dialogue *d, const char *text)
{
	return has(d, EVENT_MESSAGE, text);
}

/* The outcome of the bot's first message in the last step, or "". */
static inline const char *outcome(const struct dialogue *d)
{
	for (size_t i = 0; i < d->out->event_count; i++)
		if (str_is(d->out->events[i].sender, "b") &&
		    d->out->events[i].outcome.p != NULL)
			return d->out->events[i].outcome.p;
	return "";
}

static inline bool has_button(const struct dialogue *d, const char *value)
{
	char want[128];

	snprintf(want, sizeof(want), "\"value\":\"%s\"", value);
	for (size_t i = 0; i < d->out->event_count; i++) {
		struct str b = d->out->events[i].buttons;

		if (b.n > 0 && memmem(b.p, b.n, want, strlen(want)) != NULL)
			return true;
	}
	return false;
}

static inline void to_queue(struct dialogue *d)
{
	ask_for_person(d);
	CHECK(d->conv.state == CONV_QUEUED);
}

static inline void to_agent(struct dialogue *d, const char *name)
{
	to_queue(d);
	wait_ms(d, 1000);
	agent(d, INPUT_AGENT_CLAIMED, name);
	CHECK(d->conv.state == CONV_ASSIGNED);
}

/* Runs a test with the file's own dialogue `d` opened anew. */
#define TEST(name)                                                             \
	do {                                                                   \
		dialogue_open(&d);                                             \
		RUN(name);                                                     \
		dialogue_close(&d);                                            \
	} while (0)

#endif
