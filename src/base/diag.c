/* Findings in operators' files: collected, sorted, printed; see diag.h. */
#include "base/diag.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void diags_init(struct diags *d)
{
	*d = (struct diags){0};
}

void diags_fini(struct diags *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->list[i].file);
		free(d->list[i].text);
	}
	free(d->list);
	diags_init(d);
}

void diag_add(struct diags *d, enum diag_level level, struct diag_place at,
	      const char *format, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	if (level == DIAG_ERROR)
		d->errors++;
	else
		d->warnings++;
	if (d->count == DIAGS_MAX)
		return;
	if (d->list == NULL)
		d->list = xcalloc(DIAGS_MAX, sizeof(*d->list));
	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	d->list[d->count++] = (struct diag){level, xstrdup(at.file), at.line,
					    at.col, buf_take(&text)};
}

static int by_place(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;
	int order = strcmp(x->file, y->file);

	if (order != 0)
		return order;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->col < y->col ? -1 : x->col > y->col;
}

void diags_sort(struct diags *d)
{
	if (d->count > 1)
		qsort(d->list, d->count, sizeof(*d->list), by_place);
}

void diag_print(const struct diag *one, struct buf *out)
{
	buf_add_s(out, one->file);
	if (one->line > 0)
		buf_addf(out, ":%u:%u", one->line, one->col);
	buf_addf(out, ": %s: %s\n",
		 one->level == DIAG_ERROR ? "error" : "warning", one->text);
}

void diags_print(const struct diags *d, struct buf *out)
{
	for (size_t i = 0; i < d->count; i++)
		diag_print(&d->list[i], out);
	if (d->errors + d->warnings > d->count)
		buf_addf(out, "and %zu more\n",
			 d->errors + d->warnings - d->count);
}

#define NEAREST_MAX 64

/* Optimal string alignment distance (insert, delete, replace, swap of two
 * neighbours), rows kept on the stack. */
static unsigned distance(struct str a, struct str b)
{
	unsigned rows[3][NEAREST_MAX + 1];

	for (unsigned j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *row = rows[i % 3], *up = rows[(i + 2) % 3];
		const unsigned *up2 = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned best = up[j - 1] + (a.p[i - 1] != b.p[j - 1]);

			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] && up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[a.n % 3][b.n];
}

const char *diag_nearest(struct str word, const char *const *names, size_t n)
{
	unsigned best = word.n < 6 ? 1 : (unsigned)(word.n / 3);
	const char *found = NULL;

	if (word.n > NEAREST_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct str name = str_of(names[i]);
		unsigned d;

		if (name.n > NEAREST_MAX)
			continue;
		d = distance(word, name);
		if (d < best || (d == best && found == NULL && d < name.n)) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
