/* What is wrong with one conversation; see verdict.h. The log is the truth:
 * its fold says where the conversation should be and that it should have a
 * next step, and all else is compared with that. */
#include "verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Whoever takes what is due, or gives back what ran out, may be this late. */
#define LATE_MS 90000

const char *const flaw_names[FLAW_COUNT] = {
	[FLAW_GAP] = "log_gap",
	[FLAW_NO_LOG] = "no_log",
	[FLAW_NO_HASH] = "no_hash",
	[FLAW_SEQ] = "wrong_seq",
	[FLAW_STATE] = "wrong_state",
	[FLAW_IDS] = "wrong_ids",
	[FLAW_NO_STEP] = "no_next_step",
	[FLAW_OVERDUE] = "overdue",
	[FLAW_NOWHERE] = "not_in_line",
	[FLAW_TWO_PLACES] = "two_places",
	[FLAW_WRONG_PLACE] = "wrong_place",
	[FLAW_LEASE] = "lease_over",
};

const char *const flaw_remedies[FLAW_COUNT] = {
	[FLAW_GAP] = "entries are lost: look for them in a replica or a backup "
		     "(XRANGE); what is there is still served",
	[FLAW_NO_LOG] = "the log is lost: restore it from a replica or a "
			"backup, or delete the key",
	[FLAW_NO_HASH] = "answerctl check --repair makes it anew from the log",
	[FLAW_SEQ] = "answerctl check --repair sets it by the log",
	[FLAW_STATE] = "answerctl check --repair sets it by the log",
	[FLAW_IDS] = "what is sent again under this id may be logged twice; "
		     "nothing else is at risk",
	[FLAW_NO_STEP] = "answerctl check --repair makes it due now",
	[FLAW_OVERDUE] = "nobody takes what is due: is a daemon with this "
			 "redis.prefix running?",
	[FLAW_NOWHERE] = "answerctl check --repair puts it where its log says",
	[FLAW_TWO_PLACES] =
		"answerctl check --repair leaves it where its log says",
	[FLAW_WRONG_PLACE] =
		"answerctl check --repair puts it where its log says",
	[FLAW_LEASE] = "nobody gives it back: is a daemon with this "
		       "redis.prefix and queue running?",
};

/* -- the log --------------------------------------------------------------- */

void verdict_init(struct verdict *v, const char *conv)
{
	conv_init(&v->conv, conv);
	v->gap_after = v->gap_to = 0;
	v->keep_closed_ms = 0;
	v->keys = map_new();
	arena_init(&v->arena);
}

void verdict_fini(struct verdict *v)
{
	map_free(&v->keys);
	arena_fini(&v->arena);
}

/* What a newer daemon logged counts, as in the daemon, by its seq. */
static void read_event(struct verdict *v, const struct store_event *from)
{
	struct event e;
	struct str key;

	if (v->gap_to == 0 && from->seq != v->conv.seq + 1) {
		v->gap_after = v->conv.seq;
		v->gap_to = from->seq;
	}
	if (!event_from_fields(from->fields, from->field_count, from->seq, &e))
		e = (struct event){.seq = from->seq, .type = EVENT_LEAVE};
	key = event_key(&e, &v->arena);
	if (key.n > 0)
		map_set(v->keys, key, (void *)(uintptr_t)from->seq);
	conv_apply(&v->conv, &e);
}

void verdict_read(struct verdict *v, const struct store_log *page)
{
	for (size_t i = 0; i < page->count; i++)
		read_event(v, &page->events[i]);
}

/* -- findings -------------------------------------------------------------- */

struct judging {
	struct verdict *v;
	const struct store_facts *facts;
	struct finding *out;
	size_t n;
};

/* `part`: of the conversation's keys, or another key as a whole. */
__attribute__((format(printf, 4, 5))) static void find(struct judging *j,
						       enum flaw flaw,
						       const char *key,
						       const char *format, ...)
{
	struct finding *f;
	va_list args;

	for (size_t i = 0; i < j->n; i++)
		if (j->out[i].flaw == flaw)
			return;
	f = &j->out[j->n++];
	f->flaw = flaw;
	snprintf(f->conv, sizeof(f->conv), "%s", j->v->conv.id);
	if (key[0] == ':' || key[0] == '\0')
		snprintf(f->key, sizeof(f->key), "conv:{%s}%s", f->conv, key);
	else
		snprintf(f->key, sizeof(f->key), "queue:{%s}", key);
	va_start(args, format);
	vsnprintf(f->detail, sizeof(f->detail), format, args);
	va_end(args);
}

static struct str fact(const struct judging *j, const char *name)
{
	return field_get(j->facts->hash, j->facts->hash_count, name);
}

static void judge_hash(struct judging *j)
{
	const struct conv *conv = &j->v->conv;
	struct str seq = fact(j, "seq"), state = fact(j, "state");
	struct str agent = fact(j, "agent");
	const char *want = conv_state_names[conv->state];
	uint64_t n = 0;

	if (seq.n == 0) {
		find(j, FLAW_NO_HASH, "", "the log ends at %" PRIu64,
		     conv->seq);
		return;
	}
	if (!str_to_u64(seq, UINT64_MAX, &n) || n != conv->seq)
		find(j, FLAW_SEQ, "", "seq is %.*s, the log ends at %" PRIu64,
		     STR_ARG(seq), conv->seq);
	if (!str_is(state, want))
		find(j, FLAW_STATE, "", "state is \"%.*s\", by the log \"%s\"",
		     STR_ARG(state), want);
	else if (conv->state == CONV_ASSIGNED && !str_is(agent, conv->agent))
		find(j, FLAW_STATE, "", "agent is \"%.*s\", by the log \"%s\"",
		     STR_ARG(agent), conv->agent);
}

/* "SEQ:CONTENT" for each id of the log, and for nothing else. */
static void judge_ids(struct judging *j)
{
	struct map *left = j->v->keys;

	for (size_t i = 0; i < j->facts->id_count; i++) {
		const struct field *id = &j->facts->ids[i];
		uint64_t logged = (uint64_t)(uintptr_t)map_del(left, id->name);
		struct str value = id->value, seq = str_cut(&value, ':');
		uint64_t n = 0;

		if (logged == 0)
			find(j, FLAW_IDS, ":ids", "%.*s is not in the log",
			     STR_ARG(id->name));
		else if (!str_to_u64(seq, UINT64_MAX, &n) || n != logged)
			find(j, FLAW_IDS, ":ids",
			     "%.*s is at %.*s, in the log at %" PRIu64,
			     STR_ARG(id->name), STR_ARG(seq), logged);
	}
	if (map_count(left) > 0)
		find(j, FLAW_IDS, ":ids", "%zu ids of the log are not there",
		     map_count(left));
}

/* What is closed is woken once more where it is not kept for ever. */
static void judge_closed_due(struct judging *j)
{
	int64_t keep_ms = j->v->keep_closed_ms;

	if (keep_ms > 0 &&
	    (j->facts->due_ms == 0 ||
	     j->facts->due_ms > j->v->conv.last_event_ms + keep_ms + LATE_MS))
		find(j, FLAW_NO_STEP, "", "closed, and not erased in time");
}

static void judge_due(struct judging *j)
{
	int64_t due_ms = j->facts->due_ms;
	int64_t late_ms = j->facts->now_ms - due_ms;

	if (j->v->conv.state == CONV_CLOSED)
		judge_closed_due(j);
	else if (due_ms == 0)
		find(j, FLAW_NO_STEP, "", "state \"%s\" without a due time",
		     conv_state_names[j->v->conv.state]);
	else if (late_ms > LATE_MS)
		find(j, FLAW_OVERDUE, "", "due %" PRId64 " s ago",
		     late_ms / 1000);
}

/* The record is JSON of ours, names hold nothing that it escapes. */
static bool is_claimed_by(const struct store_seat *seat, const char *agent)
{
	char text[CONV_NAME_MAX + 16];

	snprintf(text, sizeof(text), "\"agent\":\"%s\"", agent);
	return seat->info.p != NULL && strstr(seat->info.p, text) != NULL;
}

static void judge_seat(struct judging *j, const struct store_seat *seat)
{
	const struct conv *conv = &j->v->conv;
	const char *state = conv_state_names[conv->state];
	const char *where = seat->claimed ? "claimed" : "in line";

	if (conv->state == CONV_BOT || conv->state == CONV_CLOSED)
		find(j, FLAW_WRONG_PLACE, seat->queue, "%s, by the log \"%s\"",
		     where, state);
	else if (strcmp(seat->queue, conv->queue) != 0)
		find(j, FLAW_WRONG_PLACE, seat->queue,
		     "%s, by the log in queue \"%s\"", where, conv->queue);
	else if (conv->state == CONV_ASSIGNED && !seat->claimed)
		find(j, FLAW_WRONG_PLACE, seat->queue,
		     "in line, by the log with agent \"%s\"", conv->agent);
	else if (conv->state == CONV_ASSIGNED &&
		 !is_claimed_by(seat, conv->agent))
		find(j, FLAW_WRONG_PLACE, seat->queue,
		     "claimed by somebody else than \"%s\", as the log has it",
		     conv->agent);
	if (seat->claimed && j->facts->now_ms - seat->lease_ms > LATE_MS)
		find(j, FLAW_LEASE, seat->queue,
		     "claimed, since %" PRId64 " s without a lease",
		     (j->facts->now_ms - seat->lease_ms) / 1000);
}

static void judge_places(struct judging *j)
{
	const struct conv *conv = &j->v->conv;
	size_t places = 0;

	for (size_t i = 0; i < j->facts->seat_count; i++) {
		const struct store_seat *seat = &j->facts->seats[i];

		places += seat->waits + seat->claimed;
		if (places > 1)
			find(j, FLAW_TWO_PLACES, seat->queue,
			     "%s, and elsewhere, too",
			     seat->claimed ? "claimed" : "in line");
		if (seat->waits || seat->claimed)
			judge_seat(j, seat);
	}
	if (places == 0 && conv_has_agents(conv))
		find(j, FLAW_NOWHERE, conv->queue,
		     "neither in line nor claimed, by the log \"%s\"",
		     conv_state_names[conv->state]);
}

/* Neither a log nor a hash, only a place. */
static void judge_ghost(struct judging *j)
{
	for (size_t i = 0; i < j->facts->seat_count; i++) {
		const struct store_seat *seat = &j->facts->seats[i];

		if (seat->waits || seat->claimed)
			find(j, FLAW_WRONG_PLACE, seat->queue,
			     "%s, and there is no such conversation",
			     seat->claimed ? "claimed" : "in line");
	}
}

static bool is_anywhere(const struct store_facts *facts)
{
	for (size_t i = 0; i < facts->seat_count; i++)
		if (facts->seats[i].waits || facts->seats[i].claimed)
			return true;
	return false;
}

size_t verdict_find(struct verdict *v, const struct store_facts *facts,
		    struct finding *out)
{
	struct judging j = {.v = v, .facts = facts, .out = out};
	bool erased = fact(&j, "tombstone").p != NULL;

	if (v->conv.seq == 0) {
		if (!erased && fact(&j, "seq").n > 0)
			find(&j, FLAW_NO_LOG, ":log", "there is none");
		else if (!erased)
			judge_ghost(&j);
		if (erased && is_anywhere(facts))
			find(&j, FLAW_WRONG_PLACE, "", "erased and in line");
		return j.n;
	}
	if (v->gap_to != 0)
		find(&j, FLAW_GAP, ":log", "after %" PRIu64 " comes %" PRIu64,
		     v->gap_after, v->gap_to);
	judge_hash(&j);
	judge_ids(&j);
	judge_due(&j);
	judge_places(&j);
	return j.n;
}
