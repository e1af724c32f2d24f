/* What the decoders share: a look at JSON text before jansson sees it, and
 * jansson with the project's strictness. The one door to jansson. */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

#define JSON_DEPTH_MAX 8

struct json_scan {
	bool too_deep;  /* for a frame: JSON_DEPTH_MAX */
	size_t deepest; /* lists and objects within each other */
	bool has_nul;
	struct str id; /* the value of the outermost object's "id", where it
			* is a string without escapes and stands there once */
};

/* One pass over the bytes, without a stack; whether they are JSON at all is
 * not asked. */
void json_scan(struct str text, struct json_scan *out);

/* NULL: not JSON, keys given twice, NUL, or nested too deep. The caller
 * decrefs. */
json_t *json_parse(struct str text);
/* The same with another bound of the depth. */
json_t *json_parse_deep(struct str text, size_t depth);
/* The string in `object`; STR_NONE where there is none. Borrowed. */
struct str json_str(const json_t *object, const char *key);
struct str json_str_of(const json_t *value);

#endif
