/* A named value: what a log's entry, a hash and a queue's item are made of,
 * where nobody needs to know more. */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/buf.h"

struct field {
	struct str name;
	struct str value;
};

/* The value of `name`, or STR_NONE. */
static inline struct str field_get(const struct field *fields, size_t n,
				   const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(fields[i].name, name))
			return fields[i].value;
	return STR_NONE;
}

#endif
