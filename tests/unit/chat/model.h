/* A model of the store for the hub's tests: logs in memory with what the
 * append script promises (expect, ids taken once, fence), reads in pages, and
 * a line of questions for each hub, which the test has answered when it likes:
 * first executed (model_execute), then answered (model_answer), each in order,
 * as on one connection. */
#ifndef TESTS_CHAT_MODEL_H
#define TESTS_CHAT_MODEL_H

#include <stdlib.h>

#include "base/mem.h"
#include "chat/hub.h"
#include "policy.h"
#include "rules.h"

#define MODEL_HUBS  2
#define MODEL_CONVS 4
#define MODEL_LINE  4096

struct model_log {
	char conv[CONV_ID_MAX + 1];
	struct event *events;
	size_t count;
	uint64_t fence;
	bool erased;
	bool watched[MODEL_HUBS];
	uint64_t bell[MODEL_HUBS]; /* to be rung */
	int64_t due_ms;
	enum conv_queue_op last_op;
	unsigned repairs;
};

struct model_question {
	bool is_load, executed;
	bool told; /* out of its turn */
	uint64_t tag;
	struct model_log *log;
	/* load */
	uint64_t since;
	bool watch;
	/* append */
	uint64_t expect, fence;
	bool raise_fence;
	struct event *events;
	size_t count;
	enum conv_queue_op op;
	int64_t due_ms;
	/* the answer */
	int status;
	uint64_t seq;
	size_t first, answer_count;
	bool more;
};

struct model {
	struct arena arena;
	struct model_log logs[MODEL_CONVS];
	size_t log_count;
	struct model_side {
		struct model *model;
		size_t index;
		struct model_question line[MODEL_LINE];
		size_t head, tail; /* answered, asked */
	} sides[MODEL_HUBS];
	size_t page;                   /* events in one answer */
	bool away;                     /* reads fail, appends wait */
	bool full;                     /* appends are not taken */
	enum hub_append_status refuse; /* instead of executing; OK: none */
};

static inline void model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	arena_init(&m->arena);
	m->page = 500;
	for (size_t i = 0; i < MODEL_HUBS; i++) {
		m->sides[i].model = m;
		m->sides[i].index = i;
	}
}

static inline void model_fini(struct model *m)
{
	for (size_t i = 0; i < m->log_count; i++)
		free(m->logs[i].events);
	arena_fini(&m->arena);
}

static inline struct model_log *model_log(struct model *m, const char *conv)
{
	struct model_log *log;

	for (size_t i = 0; i < m->log_count; i++)
		if (strcmp(m->logs[i].conv, conv) == 0)
			return &m->logs[i];
	if (m->log_count == MODEL_CONVS)
		abort();
	log = &m->logs[m->log_count++];
	snprintf(log->conv, sizeof(log->conv), "%s", conv);
	return log;
}

/* As it stands in the store: through its named values and back. */
static inline struct event model_stored(struct model *m, const struct event *e,
					uint64_t seq)
{
	struct event copy = event_copy(e, &m->arena), back;
	struct field fields[EVENT_MAX_FIELDS];
	size_t n = event_to_fields(&copy, &m->arena, fields);

	CHECK(event_from_fields(fields, n, seq, &back));
	/* What goes along, computed before, is what a reader computes. */
	CHECK(event_content(&back) == event_content(e));
	return back;
}

static inline void model_put(struct model *m, struct model_log *log,
			     const struct event *e)
{
	log->events = xreallocarray(log->events, log->count + 1,
				    sizeof(*log->events));
	log->events[log->count] = model_stored(m, e, log->count + 1);
	log->count++;
}

static inline const struct event *model_known(const struct model_log *log,
					      const struct event *e)
{
	for (size_t i = 0; i < log->count && e->id.n > 0; i++)
		if (str_eq(log->events[i].id, e->id) &&
		    str_eq(log->events[i].sender, e->sender))
			return &log->events[i];
	return NULL;
}

/* Another program wrote. */
static inline void model_write(struct model *m, const char *conv,
			       struct event e)
{
	model_put(m, model_log(m, conv), &e);
}

/* -- executing --------------------------------------------------------- */

static inline struct model_question *model_next(struct model *m, size_t hub,
						bool executed)
{
	struct model_side *s = &m->sides[hub];

	for (size_t i = s->head; i < s->tail; i++)
		if (s->line[i % MODEL_LINE].executed == executed)
			return &s->line[i % MODEL_LINE];
	return NULL;
}

static inline void model_read(struct model *m, size_t hub,
			      struct model_question *q)
{
	size_t left;

	q->status = LOAD_OK;
	if (q->since > q->log->count)
		q->status = LOAD_SHORT;
	if (q->log->erased)
		q->status = LOAD_GONE;
	if (m->away)
		q->status = LOAD_AWAY;
	if (q->status != LOAD_OK)
		return;
	q->log->watched[hub] |= q->watch;
	q->first = q->since < q->log->count ? q->since : q->log->count;
	left = q->log->count - q->first;
	q->answer_count = left < m->page ? left : m->page;
	q->more = left > m->page;
}

static inline void model_take(struct model *m, size_t hub,
			      struct model_question *q)
{
	struct model_log *log = q->log;

	q->status = APPEND_OK;
	q->seq = log->count + 1;
	for (size_t i = 0; i < q->count; i++) {
		/* The script makes each id count once, not the first only. */
		CHECK(model_known(log, &q->events[i]) == NULL);
		model_put(m, log, &q->events[i]);
	}
	if (q->raise_fence)
		log->fence = q->fence;
	log->due_ms = q->due_ms;
	log->last_op = q->op;
	log->watched[hub] |= q->watch;
	for (size_t i = 0; i < MODEL_HUBS; i++)
		if (i != hub && log->watched[i])
			log->bell[i] = log->count;
}

static inline void model_append(struct model *m, size_t hub,
				struct model_question *q)
{
	const struct event *known = model_known(q->log, &q->events[0]);

	q->seq = 0;
	if (q->log->erased) {
		q->status = APPEND_GONE;
	} else if (m->refuse != APPEND_OK) {
		q->status = m->refuse;
	} else if (known != NULL) {
		q->status = event_content(known) == event_content(&q->events[0])
				    ? APPEND_DUP
				    : APPEND_REUSED;
		q->seq = known->seq;
	} else if (q->fence > 0 && !q->raise_fence &&
		   q->fence < q->log->fence) {
		q->status = APPEND_FENCED;
	} else if (q->expect != q->log->count) {
		q->status = APPEND_MOVED;
		q->seq = q->log->count;
	} else {
		model_take(m, hub, q);
	}
}

/* One append of a log at a time: the next goes when the one before it is
 * answered. */
static inline bool model_must_wait(struct model *m, size_t hub,
				   const struct model_question *q)
{
	struct model_side *s = &m->sides[hub];

	if (q->is_load)
		return false;
	for (size_t i = s->head; i < s->tail; i++) {
		const struct model_question *p = &s->line[i % MODEL_LINE];

		if (p == q)
			break;
		if (!p->is_load && !p->told && p->log == q->log)
			return true;
	}
	return m->away;
}

/* Executes the hub's next question; false: there is none (or it must wait). */
static inline bool model_execute(struct model *m, size_t hub)
{
	struct model_question *q = model_next(m, hub, false);

	if (q == NULL || model_must_wait(m, hub, q))
		return false;
	if (q->is_load)
		model_read(m, hub, q);
	else
		model_append(m, hub, q);
	q->executed = true;
	return true;
}

/* The connection broke after the append was done: it is done again. */
static inline void model_repeat_last(struct model *m, size_t hub)
{
	struct model_side *s = &m->sides[hub];

	for (size_t i = s->head; i < s->tail; i++) {
		struct model_question *q = &s->line[i % MODEL_LINE];

		if (q->executed && !q->is_load && !q->told)
			model_append(m, hub, q);
	}
}

/* Those behind an append that was not done are not done either; they are told
 * at once, whatever stands between. */
static inline size_t model_behind(struct model_side *s,
				  const struct model_question *q,
				  struct model_question *out)
{
	size_t n = 0;

	for (size_t i = s->head; i < s->tail; i++) {
		struct model_question *p = &s->line[i % MODEL_LINE];

		if (p->is_load || p->executed || p->log != q->log)
			continue;
		p->executed = p->told = true;
		out[n++] = *p;
	}
	return n;
}

static inline void model_tell_append(struct model_side *s, struct hub *hub,
				     struct model_question q)
{
	static struct model_question behind[MODEL_LINE];
	size_t n = q.status == APPEND_OK ? 0 : model_behind(s, &q, behind);

	hub_appended(hub, q.tag, (enum hub_append_status)q.status, q.seq);
	for (size_t i = 0; i < n; i++)
		hub_appended(hub, behind[i].tag, APPEND_MOVED,
			     behind[i].expect);
}

/* Tells the hub the answer to its oldest question; false: none is there. */
static inline bool model_answer(struct model *m, size_t index, struct hub *hub)
{
	struct model_side *s = &m->sides[index];
	struct model_question q;

	if (s->head == s->tail || !s->line[s->head % MODEL_LINE].executed)
		return false;
	q = s->line[s->head++ % MODEL_LINE];
	if (q.told)
		return true;
	if (q.is_load)
		hub_loaded(hub, q.tag, (enum hub_load_status)q.status,
			   q.log->events + q.first, q.answer_count, q.more);
	else
		model_tell_append(s, hub, q);
	return true;
}

/* The second question overtakes the first: units wait for a Redis that is
 * away, reads do not. */
static inline void model_swap(struct model *m, size_t hub)
{
	struct model_side *s = &m->sides[hub];
	struct model_question *first = &s->line[s->head % MODEL_LINE];
	struct model_question *second = &s->line[(s->head + 1) % MODEL_LINE];
	struct model_question q = *first;

	if (s->tail - s->head < 2)
		abort();
	if (!first->is_load && !second->is_load)
		return; /* those stay in order */
	*first = *second;
	*second = q;
}

static inline void model_settle(struct model *m, size_t index, struct hub *hub)
{
	while (model_execute(m, index) || model_answer(m, index, hub))
		;
}

/* -- the ports --------------------------------------------------------- */

static inline struct model_question *model_ask(struct model_side *s,
					       const char *conv, uint64_t tag)
{
	struct model_question *q = &s->line[s->tail++ % MODEL_LINE];

	if (s->tail - s->head > MODEL_LINE)
		abort();
	*q = (struct model_question){.tag = tag,
				     .log = model_log(s->model, conv)};
	return q;
}

static inline void model_port_load(void *arg, const char *conv, uint64_t since,
				   bool watch, uint64_t tag)
{
	struct model_question *q = model_ask(arg, conv, tag);

	q->is_load = true;
	q->since = since;
	q->watch = watch;
}

static inline bool model_port_append(void *arg, const struct hub_unit *unit,
				     uint64_t tag)
{
	struct model_side *s = arg;
	struct model *m = s->model;
	struct model_question *q;

	if (m->full)
		return false;
	CHECK(unit->event_count > 0);
	CHECK(unit->conv->seq == unit->expect + unit->event_count);
	CHECK((unit->actions->due_ms == 0) ==
	      (unit->conv->state == CONV_CLOSED));
	q = model_ask(s, unit->conv->id, tag);
	q->expect = unit->expect;
	q->count = unit->event_count;
	q->fence = unit->actions->fence;
	q->raise_fence = unit->actions->raise_fence;
	q->op = unit->actions->queue_op;
	q->due_ms = unit->actions->due_ms;
	q->watch = unit->watch;
	q->events = arena_alloc(&m->arena, q->count * sizeof(*q->events));
	for (size_t i = 0; i < q->count; i++)
		q->events[i] = event_copy(&unit->events[i], &m->arena);
	return true;
}

static inline void model_port_forget(void *arg, const char *conv)
{
	struct model_side *s = arg;

	model_log(s->model, conv)->watched[s->index] = false;
}

/* Those that a test does not look at. */
static inline void model_no_repair(void *arg, const struct conv *conv,
				   struct str queue)
{
	(void)arg;
	(void)conv;
	(void)queue;
}

static inline void model_no_changed(void *arg, const struct conv *conv)
{
	(void)arg;
	(void)conv;
}

static inline void model_no_done(void *arg, const struct conv *conv,
				 const struct hub_done *done)
{
	(void)arg;
	(void)conv;
	(void)done;
}

static inline void model_no_erased(void *arg, const char *conv)
{
	(void)arg;
	(void)conv;
}

#endif
