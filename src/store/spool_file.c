/* The spool's rows in SQLite; see spool_file.h. Write-ahead log and
 * synchronous=NORMAL: a commit outlives the process, and the file survives a
 * loss of power whole, if without its last moments
 * (https://sqlite.org/wal.html).
 *
 * 1. What costs is pages: each is written to the log and from there to the
 *    file. So the rows of a commit are not one of SQLite's each, but together
 *    in runs, each about a page and under the number of its last: the records
 *    one behind the other (spool_batch.h).
 * 2. A run goes when all in it go. When some do, it is written anew without
 *    them: what is removed stands in the file no longer than its commit, for
 *    `secure_delete` overwrites the pages that become free.
 * 3. A page that becomes free is to be overwritten with what is new in the
 *    same commit, not twice: so what has been held goes along with what is put,
 *    about as many rows as that has. */
#include "spool_file.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define NAME       "spool.db"
#define SCHEMA     2 /* 1: a row of its own for each */
#define BUSY_MS    2000
/* A usual row in one piece (see spool_salvage.c), and some of them together. */
#define PAGE_BYTES "8192"
/* Pages in the write-ahead log until they go to the file: whoever writes then
 * waits for the disk, the shorter the fewer they are. */
#define LOG_PAGES  "200"
#define PAGE_OWN   64  /* of a page, at most what SQLite needs beside one run */
#define LEAVE_MOST 500 /* rows, in a commit of nothing else */

enum statement {
	INSERT,
	REMOVE,
	FIND,
	READ,
	OLD,
	EXPIRE,
	BEGIN,
	COMMIT,
	ROLLBACK,
	STATEMENTS
};
static const char *const statements[STATEMENTS] = {
	[INSERT] = "INSERT OR REPLACE INTO unit (id, at, record) "
		   "VALUES (?1, ?2, ?3)",
	[REMOVE] = "DELETE FROM unit WHERE id = ?1",
	[FIND] = "SELECT id, record FROM unit WHERE id >= ?1 ORDER BY id "
		 "LIMIT 1",
	[READ] = "SELECT id, record FROM unit WHERE id > ?1 ORDER BY id",
	[OLD] = "SELECT record FROM unit WHERE at < ?1 ORDER BY id LIMIT ?2",
	[EXPIRE] = "DELETE FROM unit WHERE id IN (SELECT id FROM unit "
		   "WHERE at < ?1 ORDER BY id LIMIT ?2)",
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
};

struct spool_file {
	sqlite3 *db;
	sqlite3_stmt *stmts[STATEMENTS];
	size_t page_bytes, run_most;
	struct buf kept; /* of a run that is written anew */
};

/* -- SQLite ---------------------------------------------------------------- */

static bool fault(struct spool_file *file, struct buf *why)
{
	buf_addf(why, "%s (SQLite %d)", sqlite3_errmsg(file->db),
		 sqlite3_extended_errcode(file->db));
	return false;
}

/* Runs a statement to its end; it is ready to be used again after that. */
static bool step(struct spool_file *file, enum statement which)
{
	sqlite3_stmt *s = file->stmts[which];
	int result = sqlite3_step(s);
	bool done = result == SQLITE_DONE || result == SQLITE_ROW;

	sqlite3_reset(s);
	return done;
}

/* -- runs ------------------------------------------------------------------ */

static struct str column(sqlite3_stmt *s, int i)
{
	return (struct str){sqlite3_column_blob(s, i),
			    (size_t)sqlite3_column_bytes(s, i)};
}

static size_t rows_in(struct str run)
{
	struct spool_row row;
	size_t n = 0;

	while (spool_record_next(&run, &row))
		n++;
	return n;
}

/* `id`, `at_ms`: of its last. */
static bool put_run(struct spool_file *file, uint64_t id, int64_t at_ms,
		    struct str run)
{
	sqlite3_stmt *s = file->stmts[INSERT];

	sqlite3_bind_int64(s, 1, (sqlite3_int64)id);
	sqlite3_bind_int64(s, 2, at_ms);
	sqlite3_bind_blob64(s, 3, run.p, run.n, SQLITE_STATIC);
	return step(file, INSERT);
}

/* Numbers of rows, sorted. */
struct numbers {
	const uint64_t *list;
	size_t n;
};

static bool have(const struct numbers *ids, uint64_t id)
{
	return spool_ids_have(ids->list, ids->n, id);
}

/* -- removing -------------------------------------------------------------- */

static bool all_go(struct str run, const struct numbers *ids)
{
	struct spool_row row;

	while (spool_record_peek(run, &row) && have(ids, row.id)) {
		size_t n = spool_record_of(&row).n;

		run.p += n;
		run.n -= n;
	}
	return run.n == 0;
}

/* What is whole of the others, into `file->kept`; the time of the last. */
static int64_t keep(struct spool_file *file, struct str run,
		    const struct numbers *ids)
{
	struct spool_row row;
	int64_t at_ms = 0;

	buf_clear(&file->kept);
	while (spool_record_next(&run, &row)) {
		if (have(ids, row.id))
			continue;
		buf_add_str(&file->kept, spool_record_of(&row));
		at_ms = row.at_ms;
	}
	return at_ms;
}

/* From the run that has `from` in it, if any has, those of `ids`. `*last`: its
 * number; 0: there is none, nor any behind it. */
static bool shrink_run(struct spool_file *file, uint64_t from,
		       const struct numbers *ids, uint64_t *last)
{
	sqlite3_stmt *s = file->stmts[FIND];
	struct str bytes;
	int64_t at_ms;
	bool unchanged;

	*last = 0;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)from);
	switch (sqlite3_step(s)) {
	case SQLITE_ROW:
		break;
	case SQLITE_DONE:
		return sqlite3_reset(s) == SQLITE_OK;
	default:
		sqlite3_reset(s);
		return false;
	}
	*last = (uint64_t)sqlite3_column_int64(s, 0);
	bytes = column(s, 1);
	buf_clear(&file->kept);
	at_ms = all_go(bytes, ids) ? 0 : keep(file, bytes, ids);
	unchanged = file->kept.len == bytes.n;
	sqlite3_reset(s);
	if (unchanged)
		return true;
	if (file->kept.len > 0)
		return put_run(file, *last, at_ms, buf_str(&file->kept));
	sqlite3_bind_int64(file->stmts[REMOVE], 1, (sqlite3_int64)*last);
	return step(file, REMOVE);
}

/* The first of `ids`: `most`, and what else is in the same run as the last of
 * them. `*used`: how many. */
static bool remove_some(struct spool_file *file, const struct numbers *ids,
			size_t most, size_t *used)
{
	size_t at = 0;

	while (at < ids->n && at < most) {
		uint64_t last;

		if (!shrink_run(file, ids->list[at], ids, &last))
			return false;
		if (last == 0)
			at = ids->n;
		while (at < ids->n && ids->list[at] <= last)
			at++;
	}
	*used = at;
	return true;
}

/* -- putting --------------------------------------------------------------- */

/* A run that is being made: some of the batch's records, in one piece. */
struct draft {
	struct str bytes;
	struct spool_row last;
};

static bool end_run(struct spool_file *file, struct draft *draft)
{
	bool done =
		draft->bytes.n == 0 ||
		put_run(file, draft->last.id, draft->last.at_ms, draft->bytes);

	draft->bytes.n = 0;
	return done;
}

/* Those that are in neither of two lists. */
static bool put_rows(struct spool_file *file, struct str records,
		     const struct numbers gone[2])
{
	struct draft draft = {0};
	struct spool_row row;

	while (spool_record_peek(records, &row)) {
		struct str record = spool_record_of(&row);
		bool fits = draft.bytes.n + record.n <= file->run_most;
		bool goes = have(&gone[0], row.id) || have(&gone[1], row.id);

		if ((goes || !fits) && !end_run(file, &draft))
			return false;
		records.p += record.n;
		records.n -= record.n;
		if (goes)
			continue;
		if (draft.bytes.n == 0)
			draft.bytes.p = record.p;
		draft.bytes.n += record.n;
		draft.last = row;
	}
	return end_run(file, &draft);
}

static size_t to_leave(const struct spool_batch *batch, bool all)
{
	if (all)
		return SIZE_MAX;
	return batch->rows == 0 ? LEAVE_MOST : batch->rows;
}

static bool apply(struct spool_file *file, const struct spool_batch *batch,
		  const struct spool_leaving *leaving, bool all, size_t *left)
{
	struct numbers gone[2] = {
		{batch->removed.list, batch->removed.count},
		{leaving->ids.list + leaving->left,
		 leaving->ids.count - leaving->left},
	};
	size_t used;

	if (!remove_some(file, &gone[0], SIZE_MAX, &used) ||
	    !remove_some(file, &gone[1], to_leave(batch, all), &used))
		return false;
	gone[1].n = used;
	*left = leaving->left + used;
	return put_rows(file, buf_str(&batch->records), gone);
}

static bool end(struct spool_file *file, bool done, struct buf *why)
{
	if (done && step(file, COMMIT))
		return true;
	fault(file, why);
	if (!sqlite3_get_autocommit(file->db))
		step(file, ROLLBACK);
	return false;
}

bool spool_file_commit(struct spool_file *file, struct spool_batch *batch,
		       struct spool_leaving *leaving, bool all, struct buf *why)
{
	size_t left = 0;

	spool_batch_seal(batch);
	if (!end(file,
		 step(file, BEGIN) && apply(file, batch, leaving, all, &left),
		 why))
		return false;
	leaving->left = left;
	return true;
}

/* -- reading --------------------------------------------------------------- */

/* Those of a run with a number over `after` up to `upto`. */
static size_t read_run(struct str run, uint64_t after, uint64_t upto,
		       spool_row_fn *fn, void *arg, size_t *damaged)
{
	size_t n = 0, whole = 0, all = run.n;
	struct spool_row row;

	while (spool_record_next(&run, &row)) {
		whole += spool_record_of(&row).n;
		if (row.id > after && row.id <= upto) {
			fn(arg, &row);
			n++;
		}
	}
	*damaged += whole < all;
	return n;
}

uint64_t spool_file_read(struct spool_file *file, uint64_t after, uint64_t upto,
			 size_t most, spool_row_fn *fn, void *arg,
			 size_t *damaged)
{
	sqlite3_stmt *s = file->stmts[READ];
	uint64_t last = after;
	size_t n = 0;

	sqlite3_bind_int64(s, 1, (sqlite3_int64)after);
	while (n < most && last < upto && sqlite3_step(s) == SQLITE_ROW) {
		last = (uint64_t)sqlite3_column_int64(s, 0);
		n += read_run(column(s, 1), after, upto, fn, arg, damaged);
	}
	*damaged += sqlite3_reset(s) != SQLITE_OK;
	return n > 0 ? last : 0;
}

size_t spool_file_expire(struct spool_file *file, int64_t at_ms, size_t most)
{
	sqlite3_stmt *s = file->stmts[OLD];
	size_t rows = 0, runs = 0;

	sqlite3_bind_int64(s, 1, at_ms);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)most);
	for (; rows < most && sqlite3_step(s) == SQLITE_ROW; runs++)
		rows += rows_in(column(s, 0));
	sqlite3_reset(s);
	s = file->stmts[EXPIRE];
	sqlite3_bind_int64(s, 1, at_ms);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)runs);
	return runs > 0 && step(file, EXPIRE) ? rows : 0;
}

static int64_t number(struct spool_file *file, const char *sql)
{
	sqlite3_stmt *s;
	int64_t n = -1;

	if (sqlite3_prepare_v2(file->db, sql, -1, &s, NULL) != SQLITE_OK)
		return n;
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

size_t spool_file_bytes(struct spool_file *file)
{
	int64_t pages = number(file, "PRAGMA page_count");
	int64_t unused = number(file, "PRAGMA freelist_count");

	return pages > unused && unused >= 0
		       ? (size_t)(pages - unused) * file->page_bytes
		       : 0;
}

/* -- opening --------------------------------------------------------------- */

static bool execute(struct spool_file *file, const char *sql)
{
	return sqlite3_exec(file->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* At once: nobody else opens it (spool.c holds a lock), and only few pages are
 * read but where the file is large after a long time without Redis. */
static bool is_whole(struct spool_file *file)
{
	sqlite3_stmt *s;
	bool whole = false;

	if (sqlite3_prepare_v2(file->db, "PRAGMA quick_check(1)", -1, &s,
			       NULL) != SQLITE_OK)
		return false;
	if (sqlite3_step(s) == SQLITE_ROW)
		whole = strcmp((const char *)sqlite3_column_text(s, 0), "ok") ==
			0;
	sqlite3_finalize(s);
	return whole;
}

static bool prepare(struct spool_file *file)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(file->db, statements[i], -1,
				       SQLITE_PREPARE_PERSISTENT,
				       &file->stmts[i], NULL) != SQLITE_OK)
			return false;
	return true;
}

/* The page's size is the file's: it may be an older one. */
static bool bound(struct spool_file *file, size_t max_bytes)
{
	int64_t page = number(file, "PRAGMA page_size");
	char sql[64];

	if (page <= PAGE_OWN)
		return false;
	file->page_bytes = (size_t)page;
	file->run_most = (size_t)page - PAGE_OWN;
	snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %lld",
		 (long long)(max_bytes / file->page_bytes));
	return max_bytes == 0 || execute(file, sql);
}

static bool set_up(struct spool_file *file, size_t max_bytes)
{
	sqlite3_busy_timeout(file->db, BUSY_MS);
	return execute(file, "PRAGMA page_size = " PAGE_BYTES ";"
			     "PRAGMA locking_mode = EXCLUSIVE;"
			     "PRAGMA journal_mode = WAL;"
			     "PRAGMA synchronous = NORMAL;"
			     "PRAGMA wal_autocheckpoint = " LOG_PAGES ";"
			     "PRAGMA secure_delete = ON;") &&
	       is_whole(file) &&
	       execute(file, "CREATE TABLE IF NOT EXISTS unit (id INTEGER "
			     "PRIMARY KEY, at INTEGER NOT NULL, record BLOB "
			     "NOT NULL)") &&
	       bound(file, max_bytes) && prepare(file);
}

/* 0: made just now. 1: its rows are runs of one each. One that we do not know
 * counts as damage: the file is put aside, and the records in it that we can
 * read are taken over. */
static bool has_our_schema(struct spool_file *file, struct buf *why)
{
	int64_t version = number(file, "PRAGMA user_version");

	if (version == SCHEMA)
		return true;
	if (version == 0 || version == 1)
		return execute(file, "PRAGMA user_version = 2") ||
		       fault(file, why);
	buf_addf(why, "its version is %lld, not %d", (long long)version,
		 SCHEMA);
	return false;
}

void spool_file_close(struct spool_file **filep)
{
	struct spool_file *file = *filep;

	if (file == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(file->stmts[i]);
	sqlite3_close(file->db);
	buf_fini(&file->kept);
	free(file);
	*filep = NULL;
}

/* Damage comes out now or never: what SQLite says of a file that it does not
 * like is one of these. */
static bool means_damage(int code)
{
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ||
	       code == SQLITE_OK || code == SQLITE_ERROR ||
	       code == SQLITE_SCHEMA;
}

static struct spool_file *open_file(const char *path, size_t max_bytes,
				    bool *damaged, struct buf *why)
{
	struct spool_file *file = xcalloc(1, sizeof(*file));

	*damaged = false;
	if (sqlite3_open_v2(path, &file->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				    SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK) {
		fault(file, why);
	} else if (!set_up(file, max_bytes)) {
		*damaged = means_damage(sqlite3_errcode(file->db));
		fault(file, why);
	} else if (has_our_schema(file, why)) {
		return file;
	} else {
		*damaged = true;
	}
	spool_file_close(&file);
	return NULL;
}

/* -- a damaged one --------------------------------------------------------- */

/* Into the file, in order with what is there already. */
static bool take_over(struct spool_file *file, struct spool_saved *saving,
		      struct buf *why)
{
	static const struct numbers none[2];
	struct spool_batch batch = {0};
	struct numbers there;
	size_t used, damaged = 0;
	bool done;

	if (saving->count > 0)
		spool_file_read(file, spool_saved_first(saving) - 1, INT64_MAX,
				SIZE_MAX, spool_save, saving, &damaged);
	spool_saved_sort(saving, &batch);
	there = (struct numbers){batch.removed.list, batch.removed.count};
	done = end(file,
		   step(file, BEGIN) &&
			   remove_some(file, &there, SIZE_MAX, &used) &&
			   put_rows(file, buf_str(&batch.records), none),
		   why);
	spool_batch_fini(&batch);
	return done;
}

/* Both files, so that a person can look. */
static bool move_aside(const char *path, struct spool_found *found,
		       struct buf *why)
{
	char from[700], to[700];

	snprintf(found->aside, sizeof(found->aside), "%s.damaged-%lld-%ld",
		 path, (long long)time(NULL), (long)getpid());
	snprintf(from, sizeof(from), "%s-wal", path);
	snprintf(to, sizeof(to), "%s-wal", found->aside);
	rename(from, to);
	if (rename(path, found->aside) == 0)
		return true;
	buf_addf(why, "is damaged and cannot be put aside: %s",
		 strerror(errno));
	return false;
}

static struct spool_file *make_anew(const char *path, size_t max_bytes,
				    struct spool_found *found, struct buf *why)
{
	struct spool_saved saving = {0};
	struct spool_file *file;
	char wal[700];
	bool damaged;

	buf_clear(why);
	found->damaged = true;
	if (!move_aside(path, found, why))
		return NULL;
	snprintf(wal, sizeof(wal), "%s-wal", found->aside);
	spool_salvage(found->aside, spool_save, &saving);
	spool_salvage(wal, spool_save, &saving);
	file = open_file(path, max_bytes, &damaged, why);
	if (file != NULL && !take_over(file, &saving, why))
		spool_file_close(&file);
	spool_saved_fini(&saving);
	return file;
}

/* -- the door -------------------------------------------------------------- */

static bool is_empty(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 || st.st_size == 0;
}

/* What SQLite throws away without a word: what stands behind a damaged place
 * of the write-ahead log, and all of it where the file beside it is empty. */
static void save_log(const char *path, struct spool_saved *saving,
		     struct spool_found *found)
{
	char wal[700];

	snprintf(wal, sizeof(wal), "%s-wal", path);
	if (is_empty(path))
		found->damaged = spool_salvage(wal, spool_save, saving) &&
				 saving->count > 0;
	else
		found->damaged = spool_salvage_wal(wal, spool_save, saving);
}

/* Numbers go on from the last: where not all can be read there is none. */
static bool count_rows(struct spool_file *file, struct spool_found *found,
		       struct buf *why)
{
	sqlite3_stmt *s = file->stmts[READ];

	sqlite3_bind_int64(s, 1, 0);
	while (sqlite3_step(s) == SQLITE_ROW) {
		found->last_id = (uint64_t)sqlite3_column_int64(s, 0);
		found->rows += rows_in(column(s, 1));
	}
	return sqlite3_reset(s) == SQLITE_OK || fault(file, why);
}

struct spool_file *spool_file_open(const char *dir, size_t max_bytes,
				   struct spool_found *found, struct buf *why)
{
	struct spool_saved saving = {0};
	struct spool_file *file;
	char path[500];
	bool damaged;

	*found = (struct spool_found){0};
	if (snprintf(path, sizeof(path), "%s/" NAME, dir) >=
	    (int)sizeof(path)) {
		buf_addf(why, "%s: the path is too long", dir);
		return NULL;
	}
	save_log(path, &saving, found);
	file = open_file(path, max_bytes, &damaged, why);
	if (file == NULL && damaged)
		file = make_anew(path, max_bytes, found, why);
	if (file != NULL && saving.count > 0 && !take_over(file, &saving, why))
		spool_file_close(&file);
	spool_saved_fini(&saving);
	if (file != NULL && !count_rows(file, found, why))
		spool_file_close(&file);
	if (file == NULL)
		return NULL;
	found->saved = found->damaged ? found->rows : 0;
	return file;
}
