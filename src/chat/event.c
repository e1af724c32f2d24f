/* Events and their form as named values; see event.h. One table says which
 * value stands where, so that writing and reading cannot drift apart. Knows
 * nothing of what an event does to a conversation (conv_fold.c). */
#include "chat/event.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

const char *const event_names[] = {
	[EVENT_MESSAGE] = "message",   [EVENT_NOTE] = "note",
	[EVENT_STATE] = "state",       [EVENT_ASK_FEEDBACK] = "ask_feedback",
	[EVENT_FEEDBACK] = "feedback", [EVENT_LEAVE] = "leave",
};

enum member_kind {
	MEMBER_STR,
	MEMBER_I64,
	MEMBER_U64,
	MEMBER_BOOL,
};

struct member {
	struct str name;
	enum member_kind kind;
	size_t offset;
};

/* In the store's order, after "type". `score` is apart: 0 is a score too. */
#define MEMBERS(TEXT, I64, U64, BOOL)                                          \
	TEXT("id", id)                                                         \
	TEXT("sender", sender)                                                 \
	TEXT("text", text)                                                     \
	I64("at", at_ms)                                                       \
	TEXT("wire_id", wire_id)                                               \
	TEXT("name", name)                                                     \
	TEXT("reply_to", reply_to)                                             \
	TEXT("intent", intent)                                                 \
	TEXT("rules", rules)                                                   \
	TEXT("buttons", buttons)                                               \
	BOOL("late", late)                                                     \
	TEXT("value", value)                                                   \
	TEXT("outcome", outcome)                                               \
	TEXT("slot", slot)                                                     \
	TEXT("slots", slots)                                                   \
	TEXT("yes", yes)                                                       \
	TEXT("no", no)                                                         \
	TEXT("considered", considered)                                         \
	TEXT("lookup", lookup)                                                 \
	TEXT("looked_up", looked_up)                                           \
	U64("digest", digest)                                                  \
	TEXT("language", language)                                             \
	TEXT("state", state)                                                   \
	TEXT("reason", reason)                                                 \
	TEXT("agent", agent)                                                   \
	TEXT("agent_display", agent_display)                                   \
	TEXT("queue", queue)                                                   \
	TEXT("kind", kind)                                                     \
	I64("priority", priority)                                              \
	I64("since", since_ms)                                                 \
	U64("fence", fence)                                                    \
	TEXT("outcome_of", outcome_of)                                         \
	TEXT("ask_kind", ask_kind)                                             \
	TEXT("ask", ask)                                                       \
	TEXT("comment", comment)                                               \
	TEXT("visitor", visitor)                                               \
	TEXT("visitor_name", visitor_name)                                     \
	TEXT("page", page)                                                     \
	TEXT("locale", locale)                                                 \
	BOOL("verified", verified)

#define MEMBER(n, kind, m)                                                     \
	{{n, sizeof(n) - 1}, kind, offsetof(struct event, m)},
#define ROW_TEXT(n, m) MEMBER(n, MEMBER_STR, m)
#define ROW_I64(n, m)  MEMBER(n, MEMBER_I64, m)
#define ROW_U64(n, m)  MEMBER(n, MEMBER_U64, m)
#define ROW_BOOL(n, m) MEMBER(n, MEMBER_BOOL, m)

static const struct member members[] = {
	MEMBERS(ROW_TEXT, ROW_I64, ROW_U64, ROW_BOOL)};

static_assert(ARRAY_LEN(members) + 2 <= EVENT_MAX_FIELDS,
	      "type, score and all members fit");

/* -- writing ----------------------------------------------------------- */

/* Of the forty members an event has less than ten: a test each, no loop. */
#define PUT(n, has, value)                                                     \
	if (has)                                                               \
		fields[count++] = (struct field){STR(n), value};
#define PUT_TEXT(n, m) PUT(n, e->m.p != NULL, e->m)
#define PUT_I64(n, m)  PUT(n, e->m != 0, arena_i64(arena, e->m))
#define PUT_U64(n, m)  PUT(n, e->m != 0, arena_u64(arena, e->m))
#define PUT_BOOL(n, m) PUT(n, e->m, STR("1"))

size_t event_to_fields(const struct event *e, struct arena *arena,
		       struct field fields[EVENT_MAX_FIELDS])
{
	size_t count = 0;

	PUT("type", true, str_of(event_names[e->type]))
	MEMBERS(PUT_TEXT, PUT_I64, PUT_U64, PUT_BOOL)
	PUT("score", e->has_score, arena_i64(arena, e->score))
	return count;
}

/* -- reading ----------------------------------------------------------- */

static bool type_of(struct str name, enum event_type *out)
{
	for (size_t i = 0; i < ARRAY_LEN(event_names); i++)
		if (str_is(name, event_names[i])) {
			*out = (enum event_type)i;
			return true;
		}
	return false;
}

/* Of a time or a count. What is more is neither, and could not be added to
 * another. */
#define NUMBER_MAX (INT64_MAX / 4)

/* What is no number counts as none: the log of a stranger's tool must not
 * end the process nor hide the rest of the event. */
static int64_t to_i64(struct str s)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t v;

	if (negative)
		s = (struct str){s.p + 1, s.n - 1};
	if (!str_to_u64(s, NUMBER_MAX, &v))
		return 0;
	return negative ? -(int64_t)v : (int64_t)v;
}

static uint64_t to_u64(struct str s)
{
	uint64_t v;

	return str_to_u64(s, UINT64_MAX, &v) ? v : 0;
}

static void set_member(struct event *e, const struct member *m,
		       struct str value)
{
	char *p = (char *)e + m->offset;

	switch (m->kind) {
	case MEMBER_STR:
		*(struct str *)p = value;
		break;
	case MEMBER_I64:
		*(int64_t *)p = to_i64(value);
		break;
	case MEMBER_U64:
		*(uint64_t *)p = to_u64(value);
		break;
	case MEMBER_BOOL:
		*(bool *)p = str_is(value, "1");
		break;
	}
}

/* The member of that name, looked for from `from` on and around: fields come
 * in the table's order, so the next one is mostly near. */
static size_t find_member(struct str name, size_t from)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		size_t at = (from + i) % ARRAY_LEN(members);

		if (str_eq(name, members[at].name))
			return at;
	}
	return ARRAY_LEN(members);
}

bool event_from_fields(const struct field *fields, size_t n, uint64_t seq,
		       struct event *out)
{
	size_t next = 0;

	*out = (struct event){.seq = seq};
	if (!type_of(field_get(fields, n, "type"), &out->type))
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t at = find_member(fields[i].name, next);

		if (at < ARRAY_LEN(members)) {
			set_member(out, &members[at], fields[i].value);
			next = at + 1;
		} else if (str_is(fields[i].name, "score")) {
			out->score = to_i64(fields[i].value);
			out->has_score = true;
		}
	}
	return true;
}

/* -- the rest ---------------------------------------------------------- */

/* The length is in the hash, so that no two strings flow together. */
static uint64_t hash_str(uint64_t h, struct str s)
{
	return hash_bytes(h, s.p, s.n);
}

uint64_t event_content(const struct event *e)
{
	uint64_t h;

	if (e->content != 0)
		return e->content;
	h = hash_str(HASH_SEED, str_of(event_names[e->type]));
	h = hash_str(h, e->state);
	h = hash_str(h, e->value.n > 0 ? STR_NONE : e->text);
	h = hash_str(h, e->value);
	h = hash_str(h, e->ask);
	h = hash_bytes(h, &e->score, sizeof(e->score));
	if (e->comment.n > 0)
		h = hash_str(h, e->comment);
	if (e->outcome_of.n > 0)
		h = hash_str(h, e->outcome_of);
	if (str_is(e->reason, "transferred"))
		h = hash_str(h, e->agent.n > 0 ? e->agent : e->queue);
	return h;
}

struct str event_key(const struct event *e, struct arena *arena)
{
	char *key;

	if (e->id.n == 0)
		return STR("");
	key = arena_take(arena, e->sender.n + e->id.n + 2);
	if (e->sender.n > 0)
		memcpy(key, e->sender.p, e->sender.n);
	key[e->sender.n] = ':';
	memcpy(key + e->sender.n + 1, e->id.p, e->id.n);
	key[e->sender.n + 1 + e->id.n] = '\0';
	return (struct str){key, e->sender.n + 1 + e->id.n};
}

struct event event_copy(const struct event *e, struct arena *arena)
{
	struct event copy = *e;

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		struct str *s;

		if (members[i].kind != MEMBER_STR)
			continue;
		s = (struct str *)((char *)&copy + members[i].offset);
		if (s->p != NULL)
			*s = arena_str(arena, *s);
	}
	return copy;
}
