/* What Redis answered, without hiredis's habits. Borrowed: valid during the
 * callback that got it. */
#ifndef REDIS_REPLY_H
#define REDIS_REPLY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/field.h"

/* Of one answer. More is nonsense, or will never be read to its end. */
#define REPLY_BYTES_MAX (64 * 1024 * 1024)

struct reply; /* opaque */

enum reply_kind {
	REPLY_NONE, /* no answer (NULL): Redis is away */
	REPLY_NIL,
	REPLY_TEXT,
	REPLY_NUMBER,
	REPLY_LIST,
	REPLY_ERROR,
};

enum reply_kind reply_kind(const struct reply *reply);
/* The bytes of a text or an error; STR_NONE for all else. */
struct str reply_text(const struct reply *reply);
/* A number, or a text that is one, as far as Lua counts exactly (2^53, either
 * way); 0 for all else. */
int64_t reply_number(const struct reply *reply);
/* Items of a list; 0 for all else. */
size_t reply_count(const struct reply *reply);
/* NULL where there is no such item. */
const struct reply *reply_at(const struct reply *reply, size_t i);

/* Where one stands; all zero is empty. */
struct reply_room {
	struct arena arena;
	size_t bytes;
};
void reply_room_clear(struct reply_room *room); /* it is gone, whole or not */
void reply_room_fini(struct reply_room *room);

struct redisReader; /* hiredis's */
/* From now on it makes such replies, each in `room`, which is to be cleared
 * after it. */
void reply_read_into(struct redisReader *reader, struct reply_room *room);

/* An entry of a stream: its named values go into `fields`, how many is
 * returned; `number` is what stands before the dash of its id. */
size_t reply_entry(const struct reply *entry, struct field *fields,
		   uint64_t *number);
/* The named values of all entries in a list of them. */
size_t reply_entries_fields(const struct reply *entries);

/* What follows "run_id:" in an answer to INFO; STR_NONE: nothing does. */
struct str reply_info(const struct reply *reply, const char *name);

/* What an error of Redis asks for. */
enum reply_class {
	CLASS_FINE,  /* not an error */
	CLASS_AWAY,  /* no answer */
	CLASS_RETRY, /* will pass, or somebody will mend it: wait, try again */
	CLASS_RECONNECT, /* this connection is to another Redis than we want */
	CLASS_SCRIPT,    /* the script is to be sent in full */
	CLASS_REFUSE,    /* never, however often */
};
enum reply_class reply_class(const struct reply *reply);
struct reply_error {
	const char *word; /* the first of the error */
	enum reply_class class;
	const char *remedy; /* what the operator should do */
};
/* All errors that are told apart. */
const struct reply_error *reply_errors(size_t *count);
/* What to do about an error, for the log; NULL where nothing is known. */
const char *reply_remedy(const struct reply *reply);

#endif
