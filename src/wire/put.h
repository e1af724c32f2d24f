/* Writing members of a JSON object into a buffer, without printf: what the
 * encoders share. `name` arguments of PUT_… are literals, with their quotes and
 * colon made at compile time. */
#ifndef WIRE_PUT_H
#define WIRE_PUT_H

#include "base/buf.h"

#define PUT(b, literal) buf_add((b), "" literal, sizeof(literal) - 1)

/* {"type":"ack" */
#define PUT_TYPE(b, type) PUT(b, "{\"type\":\"" type "\"")
/* ,"name": */
#define PUT_NAME(b, name) PUT(b, ",\"" name "\":")

#define PUT_STR(b, name, value)                                                \
	do {                                                                   \
		PUT_NAME(b, name);                                             \
		buf_add_json((b), (value));                                    \
	} while (0)
/* Left out where there is none. */
#define PUT_OPT(b, name, value)                                                \
	do {                                                                   \
		if ((value).p != NULL)                                         \
			PUT_STR(b, name, value);                               \
	} while (0)
#define PUT_STR_OR_NULL(b, name, value)                                        \
	do {                                                                   \
		PUT_NAME(b, name);                                             \
		if ((value).p != NULL)                                         \
			buf_add_json((b), (value));                            \
		else                                                           \
			PUT(b, "null");                                        \
	} while (0)
#define PUT_U64(b, name, value)                                                \
	do {                                                                   \
		PUT_NAME(b, name);                                             \
		buf_add_u64((b), (value));                                     \
	} while (0)
#define PUT_I64(b, name, value)                                                \
	do {                                                                   \
		PUT_NAME(b, name);                                             \
		buf_add_i64((b), (value));                                     \
	} while (0)
/* A time; 0: null. */
#define PUT_TIME(b, name, ms)                                                  \
	do {                                                                   \
		PUT_NAME(b, name);                                             \
		if ((ms) != 0)                                                 \
			buf_add_i64((b), (ms));                                \
		else                                                           \
			PUT(b, "null");                                        \
	} while (0)
#define PUT_BOOL(b, name, value)                                               \
	do {                                                                   \
		PUT_NAME(b, name);                                             \
		put_bool((b), (value));                                        \
	} while (0)
/* JSON made by the caller; `none` where there is none. */
#define PUT_RAW(b, name, json, none)                                           \
	do {                                                                   \
		PUT_NAME(b, name);                                             \
		if ((json).n > 0)                                              \
			buf_add_str((b), (json));                              \
		else                                                           \
			PUT(b, none);                                          \
	} while (0)

static inline void put_bool(struct buf *b, bool value)
{
	buf_add(b, value ? "true" : "false", value ? 4 : 5);
}

#endif
