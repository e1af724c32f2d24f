/* From libyaml's complaint and the line where it stands to a sentence that
 * tells an operator what to do. */
#ifndef BASE_TREE_REMEDY_H
#define BASE_TREE_REMEDY_H

#include <stddef.h>

#include "base/buf.h"

struct tree_problem {
	const char *what;    /* libyaml's words; NULL: none */
	const char *context; /* "while scanning …"; may be NULL */
	size_t line, col;    /* from 1 */
	size_t context_line, context_col;
};

/* Writes "what is wrong; what to do", and moves the problem's place to where
 * the hand has to go. */
void tree_remedy(struct str text, struct tree_problem *problem,
		 struct buf *out);

#endif
