/* A log in the model of the store (test_spool_model.c): what its entries make
 * of a conversation, and reading it from Redis as it is in the end. No value
 * in it has a blank or is empty. */
#ifndef MODEL_LOG_H
#define MODEL_LOG_H

#include <assert.h>

#include "base/hash.h"
#include "world.h"

#define NAME 16

/* The fold of a log. Names are "-" where there is none. */
struct fold {
	uint64_t seq, trail, fence;
	char last[NAME]; /* id of the last entry */
	char state[NAME], queue[NAME], agent[NAME];
};

static const struct fold fold_empty = {
	.last = "-", .state = "bot", .queue = "-", .agent = "-"};

static inline void fold_set(char *to, struct str value)
{
	str_copy(to, NAME, value);
}

static inline void fold_field(struct fold *f, struct str name, struct str value)
{
	char text[24];

	str_copy(text, sizeof(text), value);
	if (str_is(name, "id"))
		fold_set(f->last, value);
	else if (str_is(name, "at"))
		f->trail = hash_trail(f->trail, strtoll(text, NULL, 10));
	else if (str_is(name, "state"))
		fold_set(f->state, value);
	else if (str_is(name, "queue"))
		fold_set(f->queue, value);
	else if (str_is(name, "agent"))
		fold_set(f->agent, value);
	else if (str_is(name, "fence"))
		f->fence = strtoull(text, NULL, 10);
}

static inline void fold_entry(struct fold *f, const struct field *fields,
			      size_t n)
{
	f->seq++;
	for (size_t i = 0; i < n; i++)
		fold_field(f, fields[i].name, fields[i].value);
}

/* What an entry says that it was computed from. */
static inline void fold_describe(const struct fold *f, char text[96])
{
	snprintf(text, 96, "%s/%s/%s/%s/%" PRIu64, f->last, f->state, f->queue,
		 f->agent, f->fence);
}

#define ENTRIES_MOST 4000

/* The log of a conversation, as it is in the end. */
struct log {
	char *text;
	struct entry {
		struct field fields[16];
		size_t count;
		char after[96];
		struct str id;
	} entries[ENTRIES_MOST];
	size_t count;
};

/* `log` is all zero, or was read before. */
static inline void log_read(struct log *log, const char *conv)
{
	struct entry *e = NULL;
	char *word, *value;

	free(log->text);
	log->count = 0;
	log->text = xstrdup(redis("XRANGE t:conv:{%s}:log - +", conv));
	for (word = strtok(log->text, " "); word != NULL;
	     word = strtok(NULL, " ")) {
		if (strstr(word, "-0") != NULL) {
			e = &log->entries[log->count++];
			CHECK(log->count < ENTRIES_MOST &&
			      strtoull(word, NULL, 10) == log->count);
			e->count = 0;
			continue;
		}
		value = strtok(NULL, " ");
		assert(e != NULL && e->count < ARRAY_LEN(e->fields) && value);
		e->fields[e->count++] =
			(struct field){str_of(word), str_of(value)};
	}
	for (size_t i = 0; i < log->count; i++) {
		e = &log->entries[i];
		e->id = field_get(e->fields, e->count, "id");
		str_copy(e->after, sizeof(e->after),
			 field_get(e->fields, e->count, "after"));
	}
}

/* The first place of the id, from 1, 0: none; and how many there are. */
static inline size_t log_find(const struct log *log, const char *id,
			      unsigned *times)
{
	size_t first = 0;

	*times = 0;
	for (size_t i = log->count; i-- > 0;)
		if (str_is(log->entries[i].id, id)) {
			first = i + 1;
			++*times;
		}
	return first;
}

#endif
