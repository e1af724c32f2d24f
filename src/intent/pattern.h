/* The one door to PCRE2. A pattern is compiled once and may be shared by
 * threads; an engine is the scratch memory of one thread. Every match is
 * bounded: by steps from each start (scaled down for long subjects, since
 * PCRE2 counts anew from each start), by depth, heap and an own JIT stack. */
#ifndef INTENT_PATTERN_H
#define INTENT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PATTERN_MAX_BYTES (64 * 1024)
#define SUBJECT_MAX_BYTES 4096

struct pattern;
struct engine;

/* Which bytes a text has. */
struct byte_set {
	bool has[256];
};

struct byte_set byte_set_of(struct str text);

enum pattern_result {
	PATTERN_NO,
	PATTERN_YES,
	PATTERN_LIMIT, /* gave up: neither yes nor no */
};

/* Compiles. NULL and a sentence in `why` where it is not PCRE2, holds a back
 * reference or matches the empty text. `*at`: the byte where it is wrong. */
struct pattern *pattern_new(struct str source, bool caseless, bool jit,
			    struct buf *why, size_t *at);
void pattern_free(struct pattern **pattern);
bool pattern_has_jit(const struct pattern *pattern);
/* Its code and JIT code; of NULL nothing. */
size_t pattern_bytes(const struct pattern *pattern);
/* How often it ran into a limit since it was made. */
uint64_t pattern_limits_hit(const struct pattern *pattern);
/* False where no text made of these bytes can match. */
bool pattern_may_start(const struct pattern *pattern,
		       const struct byte_set *bytes);

struct engine *engine_new(void);
void engine_free(struct engine **engine);
/* Opens a message: forgets what the last one used up of the budget. */
void engine_begin(struct engine *engine);
unsigned engine_limits_hit(const struct engine *engine);

struct span {
	size_t at, len;
};

/* Searches from byte `from` on; `found` may be NULL. `subject` is valid UTF-8
 * of at most SUBJECT_MAX_BYTES. */
enum pattern_result pattern_find(const struct pattern *pattern,
				 struct engine *engine, struct str subject,
				 size_t from, struct span *found);

#endif
