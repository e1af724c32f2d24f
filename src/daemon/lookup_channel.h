/* What is remembered of one data source: how its questions ended, which answers
 * are kept and for how long, and whether it is left alone for a while (a
 * circuit breaker). Asks nothing; the time comes in. */
#ifndef DAEMON_LOOKUP_CHANNEL_H
#define DAEMON_LOOKUP_CHANNEL_H

#include "base/arena.h"
#include "base/field.h"
#include "base/map.h"
#include "chat/conv.h"
#include "daemon/sources.h"

/* What became of a question: the name in the metrics, and what the
 * conversation hears. */
#define RESULTS(X)                                                             \
	X(FOUND, "found", LOOKED_UP_FOUND)                                     \
	X(KEPT, "kept", LOOKED_UP_FOUND)                                       \
	X(NOT_FOUND, "not_found", LOOKED_UP_NOT_FOUND)                         \
	X(FAILED, "failed", LOOKED_UP_FAILED)                                  \
	X(TIMED_OUT, "timed_out", LOOKED_UP_FAILED)                            \
	X(REFUSED, "refused", LOOKED_UP_FAILED)

enum result {
#define X(id, name, means) RESULT_##id,
	RESULTS(X)
#undef X
};
#define X(id, name, means) +1
enum {
	RESULT_COUNT = 0 RESULTS(X)
};
#undef X
struct result_info {
	const char *name;
	enum conv_looked_up means;
};
extern const struct result_info results[RESULT_COUNT];

struct values {
	struct arena arena;
	struct field list[CONV_VALUES];
	size_t count;
};

struct kept;

struct channel {
	const struct source *source;
	uint64_t counts[RESULT_COUNT];
	/* the breaker: closed, open until then, or one probe under way */
	unsigned failures;
	int64_t open_until_ms; /* 0: closed */
	bool probing;
	struct map *kept; /* by what was asked */
	struct kept *first, **last;
	size_t kept_count;
};

void values_init(struct values *v);
/* Copies both; what is too long is cut, what is not UTF-8 or too many is left
 * out. */
void values_add(struct values *v, struct str name, struct str value);
void values_add_all(struct values *to, const struct values *from);

void channel_init(struct channel *c, const struct source *source);
void channel_fini(struct channel *c);
/* Adds the answer that is kept under `key`; false: none is. */
bool channel_kept(struct channel *c, struct str key, int64_t now_ms,
		  struct values *out);
/* Keeps an answer for as long as the source says, which may be not at all. */
void channel_keep(struct channel *c, struct str key, int64_t now_ms,
		  const struct values *values);
/* False: it is left alone. `is_probe`: this one question tries it again; it
 * ends in channel_note() or channel_give_up(). */
bool channel_may_ask(struct channel *c, int64_t now_ms, bool *is_probe);
void channel_note(struct channel *c, enum result result, bool is_probe,
		  int64_t now_ms);
/* The probe was taken back without an answer. */
void channel_give_up(struct channel *c);
/* 0 closed, 1 open, 0.5 the probe is under way. */
double channel_breaker(const struct channel *c);

#endif
