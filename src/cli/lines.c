/* Reading files of messages, and showing messages; see lines.h. */
#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* In place. */
static void make_valid(char *p, size_t n)
{
	uint32_t cp;

	for (size_t i = 0; i < n;) {
		size_t took = utf8_decode(p + i, n - i, &cp);

		if (took == 0)
			p[i++] = '?';
		i += took;
	}
}

static struct str text_of(char *line, size_t n)
{
	const char *tab = memchr(line, '\t', n);

	if (tab != NULL)
		n = (size_t)(tab - line);
	if (n > LINES_MAX_BYTES)
		n = LINES_MAX_BYTES;
	make_valid(line, n);
	return str_trim((struct str){line, n});
}

bool lines_each(const char *path, bool (*each)(void *arg, struct str text),
		void *arg, struct buf *why)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n = -1;
	bool ok;

	if (file == NULL) {
		buf_addf(why, "%s: %s", path, strerror(errno));
		return false;
	}
	errno = 0;
	while ((n = getline(&line, &cap, file)) >= 0) {
		struct str text = text_of(line, (size_t)n);

		if (text.n > 0 && !each(arg, text))
			break;
	}
	ok = n >= 0 || !ferror(file);
	if (!ok)
		buf_addf(why, "%s: %s", path, strerror(errno));
	free(line);
	if (file != stdin)
		fclose(file);
	return ok;
}

void lines_add_shown(struct buf *out, struct str text, size_t points)
{
	size_t n = utf8_prefix(text.p, text.n, points), took;
	uint32_t cp;

	for (size_t i = 0; i < n; i += took) {
		took = utf8_decode(text.p + i, n - i, &cp);
		if (took == 0 || utf8_is_control(cp)) {
			took = took == 0 ? 1 : took;
			buf_add_c(out, ' ');
		} else {
			buf_add(out, text.p + i, took);
		}
	}
	if (n < text.n)
		buf_add_s(out, "...");
}
