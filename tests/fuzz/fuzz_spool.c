/* A damaged file of the spool: whatever its bytes are, what is taken for a row
 * lies within them, says what it says whole, and a whole row behind them is
 * found, unless it lies within another whole row: libFuzzer, which sees what is
 * compared, gets a checksum right now and then. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "spool_file.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

struct seen {
	size_t rows;
	bool ours;
};

static void take(void *arg, const struct spool_row *row)
{
	struct seen *seen = arg;
	struct buf again = BUF_INIT;
	struct spool_row back;

	spool_record(row->id, row->at_ms, row->bytes, &again);
	need(spool_record_read(buf_str(&again), &back));
	need(back.id == row->id && back.at_ms == row->at_ms &&
	     str_eq(back.bytes, row->bytes));
	buf_fini(&again);
	seen->rows++;
	seen->ours |= row->id == 77 && str_is(row->bytes, "whole");
}

/* A row that begins before `end` goes beyond it. */
static bool is_swallowed(struct str file, size_t end)
{
	const char *edge = file.p + end;
	struct spool_row row;

	while (spool_record_next(&file, &row)) {
		struct str whole = spool_record_of(&row);

		if (whole.p < edge && whole.p + whole.n > edge)
			return true;
	}
	return false;
}

/* As both kinds of file, with a whole row at its end; in memory, where no disk
 * can be slow or full. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char path[64];
	struct seen seen = {0};
	struct buf file = BUF_INIT;
	struct spool_row row;
	int fd = memfd_create("spool", MFD_CLOEXEC);

	need(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	spool_record_read((struct str){(const char *)data, size}, &row);
	buf_add(&file, data, size);
	spool_record(77, 5, STR("whole"), &file);
	need(write(fd, file.data, file.len) == (ssize_t)file.len);
	need(spool_salvage(path, take, &seen));
	need(seen.ours || is_swallowed(buf_str(&file), size));
	spool_salvage_wal(path, take, &seen);
	close(fd);
	buf_fini(&file);
	return 0;
}
