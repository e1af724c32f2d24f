/* Rows out of a file that SQLite no longer reads, or no longer reads to its
 * end. A record of usual size stands in one piece in a page, and begins with a
 * mark and a checksum (spool_batch.h), so the bytes themselves tell where one
 * is: nothing else of the file needs to be whole. What spreads over several
 * pages is not found again.
 *
 * The write-ahead log (https://sqlite.org/fileformat2.html#walformat): a head
 * of 32 bytes with page size and two salts, then frames of 24 bytes and a
 * page. A frame counts if its salts are the head's and the running checksum
 * over all frames so far is right. SQLite stops at the first that is not, as
 * it must where the machine went down while writing; where a later frame has
 * the same salts, it was written later, and the place is damaged. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "spool_file.h"

#define WAL_HEAD   32
#define FRAME_HEAD 24
#define PAGE_MIN   512
#define PAGE_MAX   65536

/* -- the file in memory ---------------------------------------------------- */

static bool map_file(const char *path, struct str *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			 0);
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED)
		return false;
	*out = (struct str){p, (size_t)st.st_size};
	return true;
}

static void unmap(struct str file)
{
	munmap((void *)file.p, file.n);
}

static void scan(struct str file, spool_row_fn *fn, void *arg)
{
	struct spool_row row;

	while (spool_record_next(&file, &row))
		fn(arg, &row);
}

bool spool_salvage(const char *path, spool_row_fn *fn, void *arg)
{
	struct str file;

	if (!map_file(path, &file))
		return false;
	scan(file, fn, arg);
	unmap(file);
	return true;
}

/* -- the write-ahead log --------------------------------------------------- */

struct wal {
	struct str bytes;
	size_t page, frame;
	bool big_endian; /* how the checksums were made */
	uint32_t sum[2];
};

static uint32_t big(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

static uint32_t word(const struct wal *wal, const char *p)
{
	uint32_t v = big(p);

	return wal->big_endian ? v : __builtin_bswap32(v);
}

static void add_to_sum(struct wal *wal, const char *p, size_t n)
{
	for (size_t i = 0; i + 8 <= n; i += 8) {
		wal->sum[0] += word(wal, p + i) + wal->sum[1];
		wal->sum[1] += word(wal, p + i + 4) + wal->sum[0];
	}
}

static bool sum_is(const struct wal *wal, const char *p)
{
	return wal->sum[0] == big(p) && wal->sum[1] == big(p + 4);
}

static bool read_head(struct wal *wal)
{
	const char *p = wal->bytes.p;

	if (wal->bytes.n < WAL_HEAD || (big(p) & ~1u) != 0x377f0682)
		return false;
	wal->big_endian = big(p) & 1;
	wal->page = big(p + 8);
	wal->frame = FRAME_HEAD + wal->page;
	if (wal->page < PAGE_MIN || wal->page > PAGE_MAX)
		return false;
	add_to_sum(wal, p, 24);
	return sum_is(wal, p + 24);
}

static bool has_our_salts(const struct wal *wal, size_t at)
{
	return memcmp(wal->bytes.p + at + 8, wal->bytes.p + 16, 8) == 0;
}

static bool is_good_frame(struct wal *wal, size_t at)
{
	const char *p = wal->bytes.p + at;

	add_to_sum(wal, p, 8);
	add_to_sum(wal, p + FRAME_HEAD, wal->page);
	return has_our_salts(wal, at) && sum_is(wal, p + 16);
}

/* Where SQLite stops: at the first bad frame. `*kept` is the end of what it
 * keeps: the last commit before that (a frame that names the file's size). */
static size_t good_end(struct wal *wal, size_t *kept)
{
	size_t at = WAL_HEAD;

	*kept = at;
	while (at + wal->frame <= wal->bytes.n && is_good_frame(wal, at)) {
		if (big(wal->bytes.p + at + 4) != 0)
			*kept = at + wal->frame;
		at += wal->frame;
	}
	return at;
}

/* From the bad frame at `end` on one has our salts: it was whole once. */
static bool goes_on(const struct wal *wal, size_t end)
{
	for (size_t at = end; at + wal->frame <= wal->bytes.n; at += wal->frame)
		if (has_our_salts(wal, at))
			return true;
	return false;
}

/* A head that is not one: the whole log is passed over by SQLite. */
bool spool_salvage_wal(const char *path, spool_row_fn *fn, void *arg)
{
	struct wal wal = {0};
	size_t end = 0, kept = 0;
	bool damaged;

	if (!map_file(path, &wal.bytes))
		return false;
	if (read_head(&wal)) {
		end = good_end(&wal, &kept);
		damaged = goes_on(&wal, end);
	} else {
		damaged = wal.bytes.n >= WAL_HEAD;
	}
	if (damaged)
		scan((struct str){wal.bytes.p + kept, wal.bytes.n - kept}, fn,
		     arg);
	unmap(wal.bytes);
	return damaged;
}

/* -- what was found -------------------------------------------------------- */

void spool_save(void *arg, const struct spool_row *row)
{
	struct spool_saved *saved = arg;

	if (saved->count == saved->room) {
		saved->room = saved->room == 0 ? 64 : 2 * saved->room;
		saved->list = xrealloc(saved->list,
				       saved->room * sizeof(*saved->list));
	}
	saved->list[saved->count++] =
		(struct spool_saved_at){row->id, saved->records.len};
	buf_add_str(&saved->records, spool_record_of(row));
}

uint64_t spool_saved_first(const struct spool_saved *saved)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < saved->count; i++)
		if (saved->list[i].id < first)
			first = saved->list[i].id;
	return first;
}

static int compare_found(const void *a, const void *b)
{
	const struct spool_saved_at *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

void spool_saved_fini(struct spool_saved *saved)
{
	buf_fini(&saved->records);
	free(saved->list);
}

void spool_saved_sort(struct spool_saved *saved, struct spool_batch *out)
{
	struct str all = buf_str(&saved->records);
	uint64_t before = 0;

	if (saved->count > 1)
		qsort(saved->list, saved->count, sizeof(*saved->list),
		      compare_found);
	for (size_t i = 0; i < saved->count; i++) {
		size_t at = saved->list[i].at;
		struct spool_row row;

		if (saved->list[i].id == before ||
		    !spool_record_peek((struct str){all.p + at, all.n - at},
				       &row))
			continue;
		before = row.id;
		spool_batch_put(out, row.id, row.at_ms, row.bytes);
		spool_batch_remove(out, row.id);
	}
	spool_batch_seal(out);
}
