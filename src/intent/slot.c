/* What shoppers type as a value, cleaned and kept short, and slots filled with
 * it. */
#include <string.h>

#include "catalog.h"
#include "entity.h"
#include "matcher.h"

/* How many of the bytes fit into `max` without cutting a character. */
static size_t fit(struct str s, size_t max)
{
	size_t n = s.n < max ? s.n : max;

	while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

size_t value_copy(struct str typed, char value[128])
{
	size_t from = 0, n = fit(typed, 127);

	if (n > 0)
		memcpy(value, typed.p, n);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)value[i] < ' ')
			value[i] = ' ';
	}
	while (n > 0 && value[n - 1] == ' ')
		n--;
	while (from < n && value[from] == ' ')
		from++;
	memmove(value, value + from, n - from);
	value[n - from] = '\0';
	return n - from;
}

bool slot_fill(const struct catalog *catalog, struct matcher *m,
	       const char *name, struct str text, char value[128])
{
	const struct entity *e = catalog_entity(catalog, str_of(name));
	struct span found;

	text.n = fit(text, SUBJECT_MAX_BYTES);
	text = str_trim(text);
	if (e != NULL) {
		engine_begin(m->engine);
		if (pattern_find(e->pattern, m->engine, text, 0, &found) !=
		    PATTERN_YES)
			return false;
		text = (struct str){text.p + found.at, found.len};
	}
	return value_copy(text, value) > 0;
}

static bool is_taken(const struct match *match, const struct span *s)
{
	for (size_t i = 0; i < match->entity_count; i++) {
		const struct match_entity *e = &match->entities[i];

		if (s->at < e->at + e->len && e->at < s->at + s->len)
			return true;
	}
	return false;
}

bool slot_find(const struct catalog *catalog, struct matcher *m,
	       const char *name, struct str text, const struct match *match,
	       char value[128])
{
	const struct entity *e = catalog_entity(catalog, str_of(name));
	struct span found;
	size_t from = 0, count = 0;

	text.n = fit(text, SUBJECT_MAX_BYTES);
	engine_begin(m->engine);
	while (e != NULL && from < text.n &&
	       pattern_find(e->pattern, m->engine, text, from, &found) ==
		       PATTERN_YES) {
		from = found.at + (found.len > 0 ? found.len : 1);
		if (found.len == 0 || is_taken(match, &found))
			continue;
		if (++count > 1)
			return false;
		value_copy((struct str){text.p + found.at, found.len}, value);
	}
	return count == 1 && value[0] != '\0';
}
