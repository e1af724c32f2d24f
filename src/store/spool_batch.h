/* What the loop hands to the spool's thread: rows as they are to stand in the
 * file, laid out once, and the numbers of those that are to go.
 *
 * A record is a row with a head: a mark, its number, the time, its length and
 * a checksum, so that it can be told from what a broken disk made of it, and
 * found again in a file that SQLite no longer reads (spool_salvage.c). */
#ifndef SPOOL_BATCH_H
#define SPOOL_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct spool_row {
	uint64_t id;
	int64_t at_ms;    /* wall clock, when it was put */
	struct str bytes; /* borrowed */
};

/* -- records --------------------------------------------------------------- */

#define SPOOL_RECORD_HEAD 40
#define SPOOL_MARK        "adspool\1"
/* Appends a row as it stands in the file. */
void spool_record(uint64_t id, int64_t at_ms, struct str bytes,
		  struct buf *out);
/* Reads one at the start of `bytes`, of which more may follow. False: there is
 * none, or it is damaged. */
bool spool_record_read(struct str bytes, struct spool_row *row);
/* Only its head, of which nothing but the mark and the length is checked: for
 * bytes that we have made, or where no more is asked. */
bool spool_record_peek(struct str bytes, struct spool_row *row);
/* The next that is whole, wherever in `*rest` it begins: what comes before it
 * is passed over, and it is taken off. */
bool spool_record_next(struct str *rest, struct spool_row *row);
/* All of a record's bytes, of one that was read. */
struct str spool_record_of(const struct spool_row *row);

/* -- batches --------------------------------------------------------------- */

struct spool_ids {
	uint64_t *list;
	size_t count, room;
};

void spool_ids_add(struct spool_ids *ids, uint64_t id);
/* Behind what is in `to`; `from` is empty after it. */
void spool_ids_move(struct spool_ids *to, struct spool_ids *from);
void spool_ids_sort(struct spool_ids *ids);
/* Of `n` sorted ones. */
bool spool_ids_have(const uint64_t *list, size_t n, uint64_t id);
void spool_ids_fini(struct spool_ids *ids);

struct spool_batch {
	struct buf records; /* to be put; spool_batch_seal() is still to come */
	size_t rows;        /* of them */
	uint64_t last;      /* the last one's number; 0: none */
	struct spool_ids removed;  /* to go at once */
	struct spool_ids released; /* to go when there is occasion */
};

/* Numbers are to grow. */
void spool_batch_put(struct spool_batch *batch, uint64_t id, int64_t at_ms,
		     struct str bytes);
void spool_batch_remove(struct spool_batch *batch, uint64_t id);
void spool_batch_release(struct spool_batch *batch, uint64_t id);
/* What is in `from` comes behind what is in `to`; `from` is empty after it. */
void spool_batch_move(struct spool_batch *to, struct spool_batch *from);
/* Writes the records' checksums: on the thread, the loop has other things to
 * do. */
void spool_batch_seal(struct spool_batch *batch);
void spool_batch_clear(struct spool_batch *batch); /* keeps the memory */
bool spool_batch_is_empty(const struct spool_batch *batch);
size_t spool_batch_bytes(const struct spool_batch *batch);
void spool_batch_fini(struct spool_batch *batch);

#endif
