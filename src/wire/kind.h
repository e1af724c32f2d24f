/* What may stand in a field of a client's frame, by its kind, and what is said
 * of one that does not. */
#ifndef WIRE_KIND_H
#define WIRE_KIND_H

#include "wire/frame.h"

#define ID_MAX 64

enum kind {
	KIND_ID,     /* str: A-Za-z0-9_- */
	KIND_TEXT,   /* str: 1 to the caller's limit, code points */
	KIND_PROSE,  /* str: 0 to `max` code points */
	KIND_NAME,   /* str: 1 to `max` bytes without control characters */
	KIND_STRING, /* str: up to `max` bytes; empty counts as absent */
	KIND_CUT,    /* str: what is longer than `max` bytes is cut */
	KIND_STATUS, /* str: online, away */
	KIND_EMAIL,  /* str: something@some.where */
	KIND_PHONE,  /* str: digits and what stands between them */
	KIND_SEQ,    /* uint64_t */
	KIND_SCORE,  /* int64_t */
	KIND_BOOL,   /* bool */
	KIND_NUMBER, /* str: as it is to be written again */
	KIND_USER,   /* the user_ fields */
	KIND_JSON,   /* str: a string, list or object, as JSON */
};

/* Fills `error` but for the id. Always false. */
__attribute__((format(printf, 3, 4))) bool kind_fail(struct frame_error *error,
						     enum frame_fault fault,
						     const char *format, ...);
bool kind_is_string(enum kind kind);
/* A string of a kind of strings, in the field `name`; it is changed where it is
 * to be cut, or counts as absent. */
bool kind_check(enum kind kind, const char *name, size_t max, struct str *s,
		struct frame_error *error);
/* What fits, without half a code point. */
struct str kind_cut(struct str s, size_t max_bytes);

#endif
