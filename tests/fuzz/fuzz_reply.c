/* What Redis sends, whoever is behind that name: the first byte says in how
 * large pieces it comes. Every reply is read to its last item as all that the
 * store can take it for. */
#include "redis_reply.h"

#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/mem.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static size_t touch(struct str s)
{
	size_t sum = 0;

	for (size_t i = 0; i < s.n; i++)
		sum += (unsigned char)s.p[i];
	return sum;
}

/* As an entry of a stream. */
static size_t use_entry(const struct reply *reply)
{
	size_t most = reply_count(reply_at(reply, 1)) / 2, sum = 0;
	struct field *fields = xcalloc(most + 1, sizeof(*fields));
	uint64_t number;
	size_t n = reply_entry(reply, fields, &number);

	need(n <= most);
	for (size_t i = 0; i < n; i++)
		sum += touch(fields[i].name) + touch(fields[i].value);
	free(fields);
	return sum;
}

static size_t use(const struct reply *reply)
{
	size_t sum = touch(reply_text(reply)) + use_entry(reply);

	need(reply_kind(reply) != REPLY_NONE);
	need(reply_class(reply) != CLASS_AWAY);
	need(reply_kind(reply) == REPLY_ERROR || reply_remedy(reply) == NULL);
	sum += touch(reply_info(reply, "run_id:"));
	sum += (size_t)reply_number(reply) + reply_entries_fields(reply);
	for (size_t i = 0; i < reply_count(reply); i++)
		sum += use(reply_at(reply, i));
	need(reply_at(reply, reply_count(reply)) == NULL);
	return sum;
}

static void read_all(redisReader *reader, struct reply_room *room)
{
	void *reply = NULL;

	while (redisReaderGetReply(reader, &reply) == REDIS_OK &&
	       reply != NULL) {
		(void)use(reply);
		reply_room_clear(room);
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	redisReader *reader = redisReaderCreate();
	struct reply_room room = {0};
	size_t step = size > 0 ? 1 + (size_t)data[0] : 1;

	reply_read_into(reader, &room);
	for (size_t at = 1; at < size; at += step) {
		size_t n = size - at < step ? size - at : step;

		if (redisReaderFeed(reader, (const char *)data + at, n) !=
		    REDIS_OK)
			break;
		read_all(reader, &room);
	}
	redisReaderFree(reader);
	reply_room_fini(&room);
	return 0;
}
