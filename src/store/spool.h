/* The spool: what is to be stored, on this machine's disk, until Redis has it
 * and for a while after. A thread of its own commits what a turn of the loop
 * puts and removes as one; the loop never waits for the disk. It knows neither
 * Redis nor units: rows are bytes with a number.
 *
 * When the disk does not take them, rows are not taken either (spool_put()
 * says 0), and the spool tries until it does. */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/loop.h"
#include "spool_file.h"
#include "store/store.h"

struct spool;

struct spool_ops {
	/* All rows up to `id` stand in the file. */
	void (*committed)(void *arg, uint64_t id);
	/* The disk has failed, or is well again. */
	void (*state)(void *arg, bool failing);
	void *arg;
};

/* Opens (makes) the spool of `options->dir` and locks it. Blocks; at start
 * only. NULL and a reason: another daemon has it, or there can be none. */
struct spool *spool_open(struct loop *loop,
			 const struct store_spool_options *options,
			 const struct spool_ops *ops, struct buf *why);
/* Writes what waits, where the disk takes it; nobody is called any more. */
void spool_close(struct spool **spool);

/* The row's number, committed at the end of this turn at the earliest; 0: not
 * taken, the disk has failed. `bytes` are copied. */
uint64_t spool_put(struct spool *spool, struct str bytes);
/* Redis has it: removed when the hold is over. */
void spool_hold(struct spool *spool, uint64_t id);
/* Nothing is held any more, nor removed for that; for who holds it anew. */
void spool_unhold(struct spool *spool);
/* While Redis is away the time of what is held stands still: what is there
 * when it comes back may have lost its tail. */
void spool_freeze(struct spool *spool, bool frozen);
/* It is of no more use. */
void spool_remove(struct spool *spool, uint64_t id);
bool spool_is_failing(const struct spool *spool);
/* Bytes on their way to the disk. */
size_t spool_backlog(struct spool *spool);

/* The number of the last row put. */
uint64_t spool_last(const struct spool *spool);
/* Was it there already when the file was opened? */
bool spool_is_found(const struct spool *spool, uint64_t row);
struct spool_page {
	const struct spool_row *rows; /* borrowed for the call */
	size_t count;
	uint64_t after; /* to go on from; 0: there is no more */
};
typedef void spool_page_fn(void *arg, const struct spool_page *page);
/* The rows after `after` up to `upto`, some of them; called once, later. One
 * question at a time. */
void spool_read(struct spool *spool, uint64_t after, uint64_t upto,
		spool_page_fn *fn, void *arg);

void spool_stats(struct spool *spool, struct store_spool_stats *out);

#endif
