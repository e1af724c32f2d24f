/* A command in Redis's protocol, built in place: a list of byte strings. The
 * head ("*N") is written last, into room left for it, so that the number of
 * arguments need not be known before. */
#ifndef RESP_H
#define RESP_H

#include <stdint.h>

#include "base/buf.h"

/* -- arguments where there is room ----------------------------------------- */

#define RESP_PART_MAX 99999999
/* What an argument takes beside its bytes, at most: "$99999999\r\n", "\r\n". */
#define RESP_ARG_ROOM 13
/* A length from 100 on, without the CR LF behind it. */
char *resp_put_long(char *p, size_t n);

static inline char *resp_put_end(char *p)
{
	memcpy(p, "\r\n", 2);
	return p + 2;
}

/* "$12" CR LF; returns where it ends. */
static inline char *resp_put_head(char *p, size_t n)
{
	*p++ = '$';
	if (n >= 100)
		return resp_put_end(resp_put_long(p, n));
	if (n >= 10)
		*p++ = (char)('0' + n / 10);
	*p++ = (char)('0' + n % 10);
	return resp_put_end(p);
}

/* Writes one to `p`, where there is room; returns where it ends. A message has
 * half a hundred of them, most of them short: hence here. */
static inline char *resp_put(char *p, struct str arg)
{
	p = resp_put_head(p, arg.n);
	if (arg.n > 0)
		memcpy(p, arg.p, arg.n);
	return resp_put_end(p + arg.n);
}

/* One that is put together of pieces. */
char *resp_put_pieces(char *p, const struct str *pieces, size_t n);
char *resp_put_u64(char *p, uint64_t arg);
/* Takes the first argument off `bytes`. False: it is not as resp_put() makes
 * it. */
bool resp_get(struct str *bytes, struct str *arg);

/* -- commands -------------------------------------------------------------- */

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
/* Several that resp_put() has written. */
void resp_add_ready(struct resp *r, struct str bytes, size_t count);
void resp_add_pieces(struct resp *r, const struct str *pieces, size_t n);
/* Room for `n` bytes of arguments, to be put there; resp_end() tells where
 * they end and how many they are. */
char *resp_room(struct resp *r, size_t n);
void resp_end(struct resp *r, char *p, size_t count);
/* The whole command; valid until the next call on `r`. */
struct str resp_done(struct resp *r);

#endif
