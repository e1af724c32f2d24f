/* A conversation at rest: nearly all of its state is room for names and texts
 * that it does not have, so where nobody writes it is kept without the zeros,
 * in a few hundred bytes. */
#ifndef CHAT_REST_H
#define CHAT_REST_H

#include "chat/conv.h"

struct rest;

/* The caller frees it with free(). */
struct rest *rest_of(const struct conv *conv);
/* The same state again, byte for byte. */
void rest_wake(const struct rest *rest, struct conv *conv);

#endif
