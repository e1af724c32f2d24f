/* The spool's file: SQLite behind one door. Rows of bytes by a number that
 * only grows; many changes are one commit. Every call blocks, so all but the
 * opening belong to the spool's own thread (spool.c). It knows neither Redis
 * nor what the bytes mean. */
#ifndef SPOOL_FILE_H
#define SPOOL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "spool_batch.h"

struct spool_file;

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
/* What is written together. Of those that leave (sorted, from `left` on) as
 * many as go along cheaply, in the room of which what is new is written; all
 * if `all`, or if nothing else is to be written a good many. `left` is moved
 * past them. */
struct spool_leaving {
	struct spool_ids ids;
	size_t left;
};
/* All of `batch` (its `removed` are sorted, its `released` not looked at) and
 * of `leaving` what goes along in one commit, or nothing at all and a reason.
 * What is to go and is put in the same batch is not put. */
bool spool_file_commit(struct spool_file *file, struct spool_batch *batch,
		       struct spool_leaving *leaving, bool all,
		       struct buf *why);

typedef void spool_row_fn(void *arg, const struct spool_row *row);
/* The rows after `after` up to `upto`, in order, about `most`; those that are
 * damaged are passed over, and counted in `*damaged` (at least one where there
 * are any); so is the rest where SQLite cannot read on. Returns the number to
 * go on after; 0: there are no more. */
uint64_t spool_file_read(struct spool_file *file, uint64_t after, uint64_t upto,
			 size_t most, spool_row_fn *fn, void *arg,
			 size_t *damaged);
/* Rows put before `at_ms`, about `most` at once: removed. Returns how many. */
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

/* Rows as they were found: in any order, some of them twice. */
struct spool_saved {
	struct buf records;
	struct spool_saved_at {
		uint64_t id;
		size_t at; /* in `records` */
	} * list;
	size_t count, room;
};

/* A spool_row_fn; `arg` is a struct spool_saved. */
void spool_save(void *arg, const struct spool_row *row);
/* The lowest number. */
uint64_t spool_saved_first(const struct spool_saved *saved);
/* All in order, each once, to be put and, what stands in the file, removed. */
void spool_saved_sort(struct spool_saved *saved, struct spool_batch *out);
void spool_saved_fini(struct spool_saved *saved);

#endif
