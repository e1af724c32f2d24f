/* Redis's answers as values, and the one table of its errors. The other file
 * than redis.c that knows hiredis. */
#include "redis_reply.h"

#include <string.h>

#include <hiredis/hiredis.h>

#include "base/mem.h"

#define NUMBER_MAX (INT64_C(1) << 53)

struct reply {
	enum reply_kind kind;
	struct str text;
	int64_t number;
	struct reply *items;
	size_t count;
};

/* -- reading --------------------------------------------------------------- */

void reply_room_clear(struct reply_room *room)
{
	arena_clear(&room->arena);
	room->bytes = 0;
}

void reply_room_fini(struct reply_room *room)
{
	arena_fini(&room->arena);
	room->bytes = 0;
}

/* Where hiredis wants the next one, which takes so many bytes more: an item of
 * the list that it is in, or the whole. NULL: there is no room, which hiredis
 * takes for an error. */
static struct reply *place(const redisReadTask *task, enum reply_kind kind,
			   size_t bytes)
{
	struct reply_room *room = task->privdata;
	struct reply *reply;

	room->bytes += bytes;
	if (room->bytes > REPLY_BYTES_MAX)
		return NULL;
	if (task->parent != NULL)
		reply = &((struct reply *)task->parent->obj)->items[task->idx];
	else
		reply = arena_take(&room->arena, sizeof(*reply));
	*reply = (struct reply){.kind = kind};
	return reply;
}

/* hiredis reads on into the same memory before the whole has come: hence a
 * copy. */
static void *create_text(const redisReadTask *task, char *p, size_t n)
{
	bool error = task->type == REDIS_REPLY_ERROR;
	struct reply *reply = place(task, error ? REPLY_ERROR : REPLY_TEXT, n);
	struct reply_room *room = task->privdata;

	if (reply != NULL)
		reply->text =
			n == 0 ? STR("")
			       : arena_str(&room->arena, (struct str){p, n});
	return reply;
}

#if HIREDIS_MAJOR < 1
typedef int list_length;
#else
typedef size_t list_length;
#endif

static void *create_list(const redisReadTask *task, list_length length)
{
	struct reply_room *room = task->privdata;
	size_t n = (size_t)length, bytes = n * sizeof(struct reply);
	bool fits = n <= REPLY_BYTES_MAX / sizeof(struct reply);
	struct reply *reply = fits ? place(task, REPLY_LIST, bytes) : NULL;

	if (reply == NULL)
		return NULL;
	reply->count = n;
	reply->items = arena_take(&room->arena, bytes);
	return reply;
}

static void *create_number(const redisReadTask *task, long long number)
{
	struct reply *reply = place(task, REPLY_NUMBER, 0);

	if (reply != NULL)
		reply->number = number;
	return reply;
}

static void *create_nil(const redisReadTask *task)
{
	return place(task, REPLY_NIL, 0);
}

static void leave_to_arena(void *reply)
{
	(void)reply;
}

void reply_read_into(struct redisReader *reader, struct reply_room *room)
{
	static redisReplyObjectFunctions functions = {
		.createString = create_text,
		.createArray = create_list,
		.createInteger = create_number,
		.createNil = create_nil,
		.freeObject = leave_to_arena,
	};

	reader->fn = &functions;
	reader->privdata = room;
}

/* -- values ---------------------------------------------------------------- */

enum reply_kind reply_kind(const struct reply *reply)
{
	return reply == NULL ? REPLY_NONE : reply->kind;
}

struct str reply_text(const struct reply *reply)
{
	return reply == NULL ? STR_NONE : reply->text;
}

int64_t reply_number(const struct reply *reply)
{
	struct str s = reply_text(reply);
	bool negative = s.n > 1 && s.p[0] == '-';
	uint64_t v;

	if (reply_kind(reply) == REPLY_NUMBER)
		return reply->number < -NUMBER_MAX || reply->number > NUMBER_MAX
			       ? 0
			       : reply->number;
	if (negative)
		s = (struct str){s.p + 1, s.n - 1};
	if (!str_to_u64(s, NUMBER_MAX, &v))
		return 0;
	return negative ? -(int64_t)v : (int64_t)v;
}

size_t reply_count(const struct reply *reply)
{
	return reply == NULL ? 0 : reply->count;
}

const struct reply *reply_at(const struct reply *reply, size_t i)
{
	return i < reply_count(reply) ? &reply->items[i] : NULL;
}

size_t reply_entry(const struct reply *entry, struct field *fields,
		   uint64_t *number)
{
	const struct reply *list = reply_at(entry, 1);
	struct str id = reply_text(reply_at(entry, 0));
	const char *dash = id.n > 0 ? memchr(id.p, '-', id.n) : NULL;
	size_t n = reply_count(list) / 2;

	if (dash != NULL)
		id.n = (size_t)(dash - id.p);
	*number = 0;
	str_to_u64(id, UINT64_MAX, number);
	for (size_t i = 0; i < n; i++) {
		fields[i].name = reply_text(reply_at(list, 2 * i));
		fields[i].value = reply_text(reply_at(list, 2 * i + 1));
	}
	return n;
}

size_t reply_entries_fields(const struct reply *entries)
{
	size_t n = 0;

	for (size_t i = 0; i < reply_count(entries); i++)
		n += reply_count(reply_at(reply_at(entries, i), 1)) / 2;
	return n;
}

struct str reply_info(const struct reply *reply, const char *name)
{
	struct str info = reply_text(reply);
	size_t n = strlen(name);

	while (info.n > 0) {
		struct str line = str_cut(&info, '\n');

		if (line.n > n && memcmp(line.p, name, n) == 0)
			return str_trim((struct str){line.p + n, line.n - n});
	}
	return STR_NONE;
}

/* -- errors ---------------------------------------------------------------- */

/* By how it begins, mostly the first word. What is not here is refused: a
 * mistake of ours, or of a key that holds something else. The same table stands
 * in answerd(8), held to this one by a test; what the daemon does is the class
 * (redis_reply.h). */
static const struct reply_error errors[] = {
	{"MISCONF", CLASS_RETRY,
	 "Redis cannot write to its disk: make room, see its log"},
	{"OOM", CLASS_RETRY,
	 "Redis is at maxmemory: give it more, or delete what is not needed"},
	{"NOREPLICAS", CLASS_RETRY,
	 "too few replicas are in reach (min-replicas-to-write): bring them "
	 "back"},
	{"BUSY", CLASS_RETRY,
	 "a script blocks Redis: SCRIPT KILL, and find whose it is"},
	{"UNKILLABLE", CLASS_RETRY,
	 "a script that has written blocks Redis: wait, or restart it"},
	{"TRYAGAIN", CLASS_RETRY, "Redis moves keys: wait"},
	{"EXECABORT", CLASS_RETRY, "see what Redis refused just before"},
	{"NOPERM", CLASS_RETRY,
	 "the Redis user may not do this: give it ~PREFIX* &PREFIX* +@all "
	 "(ACL SETUSER)"},
	{"ERR The user executing the script", CLASS_RETRY,
	 "the Redis user may not do this: give it ~PREFIX* &PREFIX* +@all "
	 "(ACL SETUSER)"},
	{"MOVED", CLASS_RETRY,
	 "this is a Redis Cluster, which is not supported: use Sentinel"},
	{"ASK", CLASS_RETRY,
	 "this is a Redis Cluster, which is not supported: use Sentinel"},
	{"CROSSSLOT", CLASS_RETRY,
	 "this is a Redis Cluster, which is not supported: use Sentinel"},
	{"CLUSTERDOWN", CLASS_RETRY,
	 "this is a Redis Cluster, which is not supported: use Sentinel"},
	{"LOADING", CLASS_RECONNECT, "Redis reads its data: wait"},
	{"READONLY", CLASS_RECONNECT,
	 "this Redis is a replica: point redis.url at the primary, or at its "
	 "Sentinels"},
	{"MASTERDOWN", CLASS_RECONNECT,
	 "this Redis is a replica without its primary: point redis.url at the "
	 "primary, or at its Sentinels"},
	{"UNBLOCKED", CLASS_RECONNECT, "this Redis became a replica: wait"},
	{"NOAUTH", CLASS_RECONNECT,
	 "Redis wants a password: put it into redis.url"},
	{"WRONGPASS", CLASS_RECONNECT,
	 "check user and password in redis.url (what is special "
	 "percent-encoded)"},
	{"DENIED", CLASS_RECONNECT,
	 "Redis is in protected mode: give it a password, or bind it to an "
	 "inner address"},
	{"ERR max number of clients", CLASS_RECONNECT,
	 "Redis is at maxclients: give it more"},
	{"NOSCRIPT", CLASS_SCRIPT, "nothing"},
	{"WRONGTYPE", CLASS_REFUSE,
	 "somebody else has put something into a key under redis.prefix: "
	 "delete it, or rename it"},
};

const struct reply_error *reply_errors(size_t *count)
{
	*count = ARRAY_LEN(errors);
	return errors;
}

static size_t find_error(struct str text)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(errors); i++) {
		struct str word = str_of(errors[i].word);

		if (str_starts(text, errors[i].word) &&
		    (text.n == word.n || text.p[word.n] == ' '))
			break;
	}
	return i;
}

enum reply_class reply_class(const struct reply *reply)
{
	size_t i;

	if (reply == NULL)
		return CLASS_AWAY;
	if (reply_kind(reply) != REPLY_ERROR)
		return CLASS_FINE;
	i = find_error(reply_text(reply));
	return i < ARRAY_LEN(errors) ? errors[i].class : CLASS_REFUSE;
}

const char *reply_remedy(const struct reply *reply)
{
	size_t i;

	if (reply_kind(reply) != REPLY_ERROR)
		return NULL;
	i = find_error(reply_text(reply));
	return i < ARRAY_LEN(errors) ? errors[i].remedy : NULL;
}
