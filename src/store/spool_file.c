/* The spool's rows in SQLite; see spool_file.h. Write-ahead log and
 * synchronous=NORMAL: a commit outlives the process, and the file survives a
 * loss of power whole, if without its last moments
 * (https://sqlite.org/wal.html). */
#include "spool_file.h"

#include <endian.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"

#define NAME       "spool.db"
#define SCHEMA     1
#define PAGE_BYTES 8192 /* a usual row in one piece: see spool_salvage.c */
#define BUSY_MS    2000

static const char mark[8] = {'a', 'd', 's', 'p', 'o', 'o', 'l', 1};

enum statement {
	INSERT,
	REMOVE,
	READ,
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
	[READ] = "SELECT id, record FROM unit WHERE id > ?1 AND id <= ?2 "
		 "ORDER BY id LIMIT ?3",
	[EXPIRE] = "DELETE FROM unit WHERE id IN (SELECT id FROM unit "
		   "WHERE at < ?1 ORDER BY id LIMIT ?2)",
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
};

struct spool_file {
	sqlite3 *db;
	sqlite3_stmt *stmts[STATEMENTS];
	struct buf record; /* being written */
};

/* -- numbers in bytes ------------------------------------------------------ */

static void put_u64(struct buf *out, uint64_t v)
{
	v = htole64(v);
	buf_add(out, &v, sizeof(v));
}

static uint64_t get_u64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* -- records --------------------------------------------------------------- */

static uint64_t checksum(const char *numbers, struct str bytes)
{
	return hash_bytes(hash_bytes(HASH_SEED, numbers, 24), bytes.p, bytes.n);
}

void spool_record(uint64_t id, int64_t at_ms, struct str bytes, struct buf *out)
{
	size_t from = out->len;

	buf_add(out, mark, sizeof(mark));
	put_u64(out, id);
	put_u64(out, (uint64_t)at_ms);
	put_u64(out, bytes.n);
	put_u64(out, checksum(out->data + from + sizeof(mark), bytes));
	buf_add_str(out, bytes);
}

bool spool_record_read(struct str from, struct spool_row *row)
{
	const char *p = from.p;
	uint64_t n;

	if (from.n < SPOOL_RECORD_HEAD || memcmp(p, mark, sizeof(mark)) != 0)
		return false;
	n = get_u64(p + 24);
	if (n > from.n - SPOOL_RECORD_HEAD)
		return false;
	*row = (struct spool_row){
		.id = get_u64(p + 8),
		.at_ms = (int64_t)get_u64(p + 16),
		.bytes = {p + SPOOL_RECORD_HEAD, (size_t)n},
	};
	return row->id > 0 && row->id <= INT64_MAX &&
	       get_u64(p + 32) == checksum(p + 8, row->bytes);
}

/* -- changes --------------------------------------------------------------- */

/* A number and a length, then the row's time and bytes; a removal has the
 * length REMOVED and nothing behind. */
#define REMOVED UINT64_MAX

void spool_change_put(struct buf *changes, uint64_t id, int64_t at_ms,
		      struct str bytes)
{
	put_u64(changes, id);
	put_u64(changes, bytes.n);
	put_u64(changes, (uint64_t)at_ms);
	buf_add_str(changes, bytes);
}

void spool_change_remove(struct buf *changes, uint64_t id)
{
	put_u64(changes, id);
	put_u64(changes, REMOVED);
}

struct change {
	uint64_t id;
	bool removal;
	int64_t at_ms;
	struct str bytes;
};

/* Takes the first off. False: there is none. */
static bool next_change(struct str *changes, struct change *c)
{
	const char *p = changes->p;
	uint64_t n;
	size_t used;

	if (changes->n == 0)
		return false;
	n = get_u64(p + 8);
	*c = (struct change){.id = get_u64(p), .removal = n == REMOVED};
	used = 16;
	if (!c->removal) {
		c->at_ms = (int64_t)get_u64(p + 16);
		c->bytes = (struct str){p + 24, (size_t)n};
		used = 24 + (size_t)n;
	}
	changes->p += used;
	changes->n -= used;
	return true;
}

static int compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t *removed_ids(struct str changes, size_t *count)
{
	uint64_t *ids = xcalloc(changes.n / 16 + 1, sizeof(*ids));
	struct change c;

	*count = 0;
	while (next_change(&changes, &c))
		if (c.removal)
			ids[(*count)++] = c.id;
	qsort(ids, *count, sizeof(*ids), compare_ids);
	return ids;
}

void spool_changes_tighten(struct buf *changes)
{
	struct str rest = buf_str(changes);
	struct buf out = BUF_INIT;
	struct change c;
	size_t n;
	uint64_t *removed = removed_ids(rest, &n);

	for (size_t i = 0; i < n; i++)
		spool_change_remove(&out, removed[i]);
	while (next_change(&rest, &c))
		if (!c.removal && bsearch(&c.id, removed, n, sizeof(c.id),
					  compare_ids) == NULL)
			spool_change_put(&out, c.id, c.at_ms, c.bytes);
	free(removed);
	buf_fini(changes);
	*changes = out;
}

/* -- SQLite ---------------------------------------------------------------- */

static bool fault(struct spool_file *file, struct buf *why)
{
	buf_addf(why, "%s (SQLite %d)", sqlite3_errmsg(file->db),
		 sqlite3_extended_errcode(file->db));
	return false;
}

/* Runs a statement to its end; it is ready to be used again after that. */
static bool run(struct spool_file *file, enum statement which)
{
	sqlite3_stmt *s = file->stmts[which];
	int result = sqlite3_step(s);
	bool done = result == SQLITE_DONE || result == SQLITE_ROW;

	sqlite3_reset(s);
	return done;
}

static bool insert(struct spool_file *file, uint64_t id, int64_t at_ms,
		   struct str bytes)
{
	sqlite3_stmt *s = file->stmts[INSERT];

	buf_clear(&file->record);
	spool_record(id, at_ms, bytes, &file->record);
	sqlite3_bind_int64(s, 1, (sqlite3_int64)id);
	sqlite3_bind_int64(s, 2, at_ms);
	sqlite3_bind_blob64(s, 3, file->record.data, file->record.len,
			    SQLITE_STATIC);
	return run(file, INSERT);
}

static bool remove_row(struct spool_file *file, uint64_t id)
{
	sqlite3_bind_int64(file->stmts[REMOVE], 1, (sqlite3_int64)id);
	return run(file, REMOVE);
}

static bool apply(struct spool_file *file, struct str changes)
{
	struct change c;

	while (next_change(&changes, &c))
		if (!(c.removal ? remove_row(file, c.id)
				: insert(file, c.id, c.at_ms, c.bytes)))
			return false;
	return true;
}

bool spool_file_commit(struct spool_file *file, struct str changes,
		       struct buf *why)
{
	if (run(file, BEGIN) && apply(file, changes) && run(file, COMMIT))
		return true;
	fault(file, why);
	if (!sqlite3_get_autocommit(file->db))
		run(file, ROLLBACK);
	return false;
}

uint64_t spool_file_read(struct spool_file *file, uint64_t after, uint64_t upto,
			 size_t most, spool_row_fn *fn, void *arg,
			 size_t *damaged)
{
	sqlite3_stmt *s = file->stmts[READ];
	uint64_t last = 0;

	sqlite3_bind_int64(s, 1, (sqlite3_int64)after);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)upto);
	sqlite3_bind_int64(s, 3, (sqlite3_int64)most);
	while (sqlite3_step(s) == SQLITE_ROW) {
		uint64_t id = (uint64_t)sqlite3_column_int64(s, 0);
		struct str record = {sqlite3_column_blob(s, 1),
				     (size_t)sqlite3_column_bytes(s, 1)};
		struct spool_row row;

		last = id;
		if (record.p == NULL || !spool_record_read(record, &row)) {
			++*damaged;
			continue;
		}
		row.id = id; /* by which it can be removed */
		fn(arg, &row);
	}
	sqlite3_reset(s);
	return last;
}

size_t spool_file_expire(struct spool_file *file, int64_t at_ms, size_t most)
{
	sqlite3_stmt *s = file->stmts[EXPIRE];

	sqlite3_bind_int64(s, 1, at_ms);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)most);
	return run(file, EXPIRE) ? (size_t)sqlite3_changes(file->db) : 0;
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
		       ? (size_t)(pages - unused) * PAGE_BYTES
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

static bool set_up(struct spool_file *file, size_t max_bytes)
{
	char bound[64];

	sqlite3_busy_timeout(file->db, BUSY_MS);
	snprintf(bound, sizeof(bound), "PRAGMA max_page_count = %lld",
		 (long long)(max_bytes / PAGE_BYTES));
	return execute(file, "PRAGMA page_size = 8192;"
			     "PRAGMA locking_mode = EXCLUSIVE;"
			     "PRAGMA journal_mode = WAL;"
			     "PRAGMA synchronous = NORMAL;") &&
	       is_whole(file) &&
	       execute(file, "CREATE TABLE IF NOT EXISTS unit (id INTEGER "
			     "PRIMARY KEY, at INTEGER NOT NULL, record BLOB "
			     "NOT NULL)") &&
	       (max_bytes == 0 || execute(file, bound)) && prepare(file);
}

/* 0: made just now. One that we do not know counts as damage: the file is put
 * aside, and the records in it that we can read are taken over. */
static bool has_our_schema(struct spool_file *file, struct buf *why)
{
	int64_t version = number(file, "PRAGMA user_version");

	if (version == 0)
		return execute(file, "PRAGMA user_version = 1") ||
		       fault(file, why);
	if (version == SCHEMA)
		return true;
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
	buf_fini(&file->record);
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

struct saving {
	struct buf changes;
	size_t count;
};

static void save(void *arg, const struct spool_row *row)
{
	struct saving *saving = arg;

	spool_change_put(&saving->changes, row->id, row->at_ms, row->bytes);
	saving->count++;
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
	struct saving saving = {BUF_INIT, 0};
	struct spool_file *file;
	char wal[700];
	bool damaged;

	buf_clear(why);
	found->damaged = true;
	if (!move_aside(path, found, why))
		return NULL;
	snprintf(wal, sizeof(wal), "%s-wal", found->aside);
	spool_salvage(found->aside, save, &saving);
	spool_salvage(wal, save, &saving);
	file = open_file(path, max_bytes, &damaged, why);
	if (file != NULL &&
	    !spool_file_commit(file, buf_str(&saving.changes), why))
		spool_file_close(&file);
	buf_fini(&saving.changes);
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
static void save_log(const char *path, struct saving *saving,
		     struct spool_found *found)
{
	char wal[700];

	snprintf(wal, sizeof(wal), "%s-wal", path);
	if (is_empty(path))
		found->damaged =
			spool_salvage(wal, save, saving) && saving->count > 0;
	else
		found->damaged = spool_salvage_wal(wal, save, saving);
}

static void count_rows(struct spool_file *file, struct spool_found *found)
{
	int64_t rows = number(file, "SELECT count(*) FROM unit");
	int64_t last = number(file, "SELECT coalesce(max(id), 0) FROM unit");

	found->rows = rows > 0 ? (size_t)rows : 0;
	found->last_id = last > 0 ? (uint64_t)last : 0;
}

struct spool_file *spool_file_open(const char *dir, size_t max_bytes,
				   struct spool_found *found, struct buf *why)
{
	struct saving saving = {BUF_INIT, 0};
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
	if (file != NULL && saving.count > 0 &&
	    !spool_file_commit(file, buf_str(&saving.changes), why))
		spool_file_close(&file);
	buf_fini(&saving.changes);
	if (file == NULL)
		return NULL;
	count_rows(file, found);
	found->saved = found->damaged ? found->rows : 0;
	return file;
}
