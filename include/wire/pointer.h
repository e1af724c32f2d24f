/* Picking values out of a stranger's JSON by pointers (RFC 6901), as a data
 * source of the configuration names them. */
#ifndef WIRE_POINTER_H
#define WIRE_POINTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define POINTER_DEPTH_MAX 32 /* of the JSON */

/* "" (the whole) or "/a/0/b~1c"; "~" only as "~0" and "~1". */
bool pointer_is_valid(struct str pointer);

enum picked {
	PICKED_NOT_JSON,
	PICKED_EMPTY, /* null, an empty object or list: there is no such thing
		       */
	PICKED_NONE,  /* none of the pointers leads to a value */
	PICKED_SOME,
};

/* For each of the pointers that leads to a scalar, or to a list of scalars
 * (joined by ", "): its number and its text. null counts as no value. */
typedef void (*pointer_fn)(void *arg, size_t i, struct str value);
enum picked pointers_pick(struct str json, const char *const *pointers,
			  size_t n, pointer_fn fn, void *arg);

#endif
