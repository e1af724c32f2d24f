/* The spool's file: SQLite behind one door. Rows of bytes by a number that
 * only grows; many changes are one commit. Every call blocks, so all but the
 * opening belong to the spool's own thread (spool.c). It knows neither Redis
 * nor what the bytes mean.
 *
 * A row carries a mark, its number, the time, its length and a checksum beside
 * its bytes, so that it can be told from what a broken disk made of it, and
 * found again in a file that SQLite no longer reads (spool_salvage.c). */
#ifndef SPOOL_FILE_H
#define SPOOL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct spool_file;

struct spool_row {
	uint64_t id;
	int64_t at_ms;    /* wall clock, when it was put */
	struct str bytes; /* borrowed */
};

/* -- changes --------------------------------------------------------------- */

/* Changes as one piece of bytes, in order, as the loop hands them over. */
void spool_change_put(struct buf *changes, uint64_t id, int64_t at_ms,
		      struct str bytes);
void spool_change_remove(struct buf *changes, uint64_t id);
/* The same in as little room as can be: what is removed goes first, and is not
 * put before that. */
void spool_changes_tighten(struct buf *changes);

/* -- records --------------------------------------------------------------- */

#define SPOOL_RECORD_HEAD 40
/* A row as it stands in the file. */
void spool_record(uint64_t id, int64_t at_ms, struct str bytes,
		  struct buf *out);
/* Reads one at the start of `bytes`, of which more may follow. False: there is
 * none, or it is damaged. */
bool spool_record_read(struct str bytes, struct spool_row *row);

/* -- the file -------------------------------------------------------------- */

/* What was found when the file was opened. */
struct spool_found {
	uint64_t last_id; /* 0: empty */
	size_t rows;
	bool damaged;    /* then: */
	size_t saved;    /* rows taken over from it */
	char aside[600]; /* where the damaged file stands now */
};

/* Opens (makes) DIR/spool.db. A damaged one is put aside under another name
 * and what is whole in it goes into a new one. NULL and a reason: there can be
 * no file here. `max_bytes`: of the file; 0: no bound. */
struct spool_file *spool_file_open(const char *dir, size_t max_bytes,
				   struct spool_found *found, struct buf *why);
void spool_file_close(struct spool_file **file);
/* All of `changes` in one commit, or none and a reason. */
bool spool_file_commit(struct spool_file *file, struct str changes,
		       struct buf *why);

typedef void spool_row_fn(void *arg, const struct spool_row *row);
/* The rows after `after` up to `upto`, at most `most`, in order; those whose
 * checksum is wrong are counted in `*damaged` and passed over. Returns the
 * last number looked at; 0: there are no more. */
uint64_t spool_file_read(struct spool_file *file, uint64_t after, uint64_t upto,
			 size_t most, spool_row_fn *fn, void *arg,
			 size_t *damaged);
/* Rows put before `at_ms`, at most `most`: removed. Returns how many. */
size_t spool_file_expire(struct spool_file *file, int64_t at_ms, size_t most);
size_t spool_file_bytes(struct spool_file *file);

/* -- salvage --------------------------------------------------------------- */

/* spool_salvage.c: every record that is whole in the file at `path`, wherever
 * it stands in it. Some may be found twice or have been removed long ago: to
 * append one again changes nothing. False: cannot be read. */
bool spool_salvage(const char *path, spool_row_fn *fn, void *arg);
/* What a write-ahead log has after its first damaged frame: SQLite reads no
 * further than that and does not say so. True: there is such a place. */
bool spool_salvage_wal(const char *path, spool_row_fn *fn, void *arg);

#endif
