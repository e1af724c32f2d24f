/* A command in Redis's protocol, built in place: a list of byte strings. The
 * head ("*N") is written last, into room left for it, so that the number of
 * arguments need not be known before. */
#ifndef RESP_H
#define RESP_H

#include <stdint.h>

#include "base/buf.h"

struct resp {
	struct buf bytes;
	size_t count;
};

void resp_fini(struct resp *r);
/* Forgets what was there (keeps the memory) and begins with the command. */
void resp_start(struct resp *r, const char *command);
void resp_add(struct resp *r, struct str arg);
void resp_add_s(struct resp *r, const char *arg); /* NULL: empty */
void resp_add_u64(struct resp *r, uint64_t arg);
void resp_add_i64(struct resp *r, int64_t arg);
/* The whole command; valid until the next call on `r`. */
struct str resp_done(struct resp *r);

/* For arguments that are put together: all that is added to `r->bytes`
 * between the two is one argument. At most RESP_PART_MAX bytes. */
#define RESP_PART_MAX 99999999
size_t resp_open(struct resp *r);
void resp_close(struct resp *r, size_t mark);

#endif
