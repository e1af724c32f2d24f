/* Redis's answers as values, and the one table of its errors. The other file
 * than redis.c that knows hiredis. */
#include "redis_reply.h"

#include <string.h>

#include <hiredis/hiredis.h>

#include "base/mem.h"

static const redisReply *of(const struct reply *reply)
{
	return (const redisReply *)(const void *)reply;
}

enum reply_kind reply_kind(const struct reply *reply)
{
	if (reply == NULL)
		return REPLY_NONE;
	switch (of(reply)->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
		return REPLY_TEXT;
	case REDIS_REPLY_INTEGER:
		return REPLY_NUMBER;
	case REDIS_REPLY_ARRAY:
		return REPLY_LIST;
	case REDIS_REPLY_ERROR:
		return REPLY_ERROR;
	default:
		return REPLY_NIL;
	}
}

struct str reply_text(const struct reply *reply)
{
	enum reply_kind kind = reply_kind(reply);

	if (kind != REPLY_TEXT && kind != REPLY_ERROR)
		return STR_NONE;
	return (struct str){of(reply)->str, (size_t)of(reply)->len};
}

int64_t reply_number(const struct reply *reply)
{
	struct str s = reply_text(reply);
	uint64_t v = 0;

	if (reply_kind(reply) == REPLY_NUMBER)
		return of(reply)->integer;
	if (s.n > 1 && s.p[0] == '-' &&
	    str_to_u64((struct str){s.p + 1, s.n - 1}, INT64_MAX, &v))
		return -(int64_t)v;
	return str_to_u64(s, INT64_MAX, &v) ? (int64_t)v : 0;
}

size_t reply_count(const struct reply *reply)
{
	return reply_kind(reply) == REPLY_LIST ? of(reply)->elements : 0;
}

const struct reply *reply_at(const struct reply *reply, size_t i)
{
	if (i >= reply_count(reply))
		return NULL;
	return (const struct reply *)(const void *)of(reply)->element[i];
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
		const char *eol = memchr(info.p, '\n', info.n);
		size_t line = eol == NULL ? info.n : (size_t)(eol - info.p);

		if (line > n && memcmp(info.p, name, n) == 0)
			return str_trim((struct str){info.p + n, line - n});
		line += eol != NULL;
		info.p += line;
		info.n -= line;
	}
	return STR_NONE;
}

/* -- errors ---------------------------------------------------------------- */

/* By the first word. What is not here is refused: a mistake of ours, or of a
 * key that holds something else. The same table stands in answerd(8), held to
 * this one by a test; what the daemon does is the class (redis_reply.h). */
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
	{"NOSCRIPT", CLASS_SCRIPT, "nothing"},
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

/* Full is full, however it is worded. */
static bool is_crowded(struct str text)
{
	return str_starts(text, "ERR max number of clients");
}

enum reply_class reply_class(const struct reply *reply)
{
	size_t i;

	if (reply == NULL)
		return CLASS_AWAY;
	if (reply_kind(reply) != REPLY_ERROR)
		return CLASS_FINE;
	i = find_error(reply_text(reply));
	if (i < ARRAY_LEN(errors))
		return errors[i].class;
	return is_crowded(reply_text(reply)) ? CLASS_RECONNECT : CLASS_REFUSE;
}

const char *reply_remedy(const struct reply *reply)
{
	size_t i;

	if (reply_kind(reply) != REPLY_ERROR)
		return NULL;
	if (is_crowded(reply_text(reply)))
		return "Redis is at maxclients: give it more";
	i = find_error(reply_text(reply));
	return i < ARRAY_LEN(errors) ? errors[i].remedy : NULL;
}
