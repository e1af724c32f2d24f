/* What is wrong in a file that somebody wrote: where, what, and what to do.
 * All findings of a run are collected and shown together. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum diag_level {
	DIAG_WARNING,
	DIAG_ERROR,
};

struct diag_place {
	const char *file; /* borrowed; copied by diag_add() */
	unsigned line;    /* from 1; 0: the file as a whole */
	unsigned col;     /* from 1, in code points */
};

struct diag {
	enum diag_level level;
	char *file;
	unsigned line;
	unsigned col;
	char *text; /* "what is wrong; what to do" */
};

#define DIAGS_MAX 200 /* kept; the rest is only counted */

struct diags {
	struct diag *list;
	size_t count;
	size_t errors;   /* all, also those beyond DIAGS_MAX */
	size_t warnings; /* the same */
};

void diags_init(struct diags *d);
void diags_fini(struct diags *d);
void diag_add(struct diags *d, enum diag_level level, struct diag_place at,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));
#define diag_error(d, at, ...)   diag_add(d, DIAG_ERROR, at, __VA_ARGS__)
#define diag_warning(d, at, ...) diag_add(d, DIAG_WARNING, at, __VA_ARGS__)
/* By file, line, column. */
void diags_sort(struct diags *d);
/* "file:line:col: error: text\n" for one, or for all of them. */
void diag_print(const struct diag *one, struct buf *out);
void diags_print(const struct diags *d, struct buf *out);
/* The nearest of `names` for "did you mean", or NULL. */
const char *diag_nearest(struct str word, const char *const *names, size_t n);

#endif
