/* Rows on their way to the spool's file; see spool_batch.h. */
#include "spool_batch.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/little.h"
#include "base/mem.h"

#define MARK_BYTES 8

/* Where in a record's head what stands. */
enum {
	AT_ID = 8,
	AT_TIME = 16,
	AT_LENGTH = 24,
	AT_SUM = 32,
};

/* -- records --------------------------------------------------------------- */

static uint64_t sum_of(const char *record, size_t n)
{
	return hash_bytes(hash_bytes(HASH_SEED, record + AT_ID, AT_SUM - AT_ID),
			  record + SPOOL_RECORD_HEAD, n);
}

static void seal(char *record, size_t n)
{
	little_put(record + AT_SUM, sum_of(record, n));
}

/* All but the checksum. */
static void lay(uint64_t id, int64_t at_ms, struct str bytes, struct buf *out)
{
	char head[SPOOL_RECORD_HEAD] = SPOOL_MARK;

	little_put(head + AT_ID, id);
	little_put(head + AT_TIME, (uint64_t)at_ms);
	little_put(head + AT_LENGTH, bytes.n);
	buf_add(out, head, sizeof(head));
	buf_add_str(out, bytes);
}

void spool_record(uint64_t id, int64_t at_ms, struct str bytes, struct buf *out)
{
	size_t from = out->len;

	lay(id, at_ms, bytes, out);
	seal(out->data + from, bytes.n);
}

bool spool_record_peek(struct str from, struct spool_row *row)
{
	const char *p = from.p;
	uint64_t n;

	if (from.n < SPOOL_RECORD_HEAD ||
	    memcmp(p, SPOOL_MARK, MARK_BYTES) != 0)
		return false;
	n = little_get(p + AT_LENGTH);
	if (n > from.n - SPOOL_RECORD_HEAD)
		return false;
	*row = (struct spool_row){
		.id = little_get(p + AT_ID),
		.at_ms = (int64_t)little_get(p + AT_TIME),
		.bytes = {p + SPOOL_RECORD_HEAD, (size_t)n},
	};
	return row->id > 0 && row->id <= INT64_MAX;
}

bool spool_record_read(struct str from, struct spool_row *row)
{
	return spool_record_peek(from, row) &&
	       little_get(from.p + AT_SUM) == sum_of(from.p, row->bytes.n);
}

struct str spool_record_of(const struct spool_row *row)
{
	return (struct str){row->bytes.p - SPOOL_RECORD_HEAD,
			    row->bytes.n + SPOOL_RECORD_HEAD};
}

bool spool_record_next(struct str *rest, struct spool_row *row)
{
	const char *end = rest->p + rest->n, *at = rest->p;

	if (rest->n == 0)
		return false;
	while ((at = memmem(at, (size_t)(end - at), SPOOL_MARK, MARK_BYTES)) !=
	       NULL) {
		struct str from = {at, (size_t)(end - at)};

		if (spool_record_read(from, row)) {
			rest->p = row->bytes.p + row->bytes.n;
			rest->n = (size_t)(end - rest->p);
			return true;
		}
		at++;
	}
	return false;
}

/* -- numbers --------------------------------------------------------------- */

void spool_ids_add(struct spool_ids *ids, uint64_t id)
{
	if (ids->count == ids->room) {
		ids->room = ids->room == 0 ? 64 : 2 * ids->room;
		ids->list = xrealloc(ids->list, ids->room * sizeof(id));
	}
	ids->list[ids->count++] = id;
}

static int compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void spool_ids_sort(struct spool_ids *ids)
{
	if (ids->count > 1)
		qsort(ids->list, ids->count, sizeof(*ids->list), compare_ids);
}

bool spool_ids_have(const uint64_t *list, size_t n, uint64_t id)
{
	return n > 0 && id >= list[0] && id <= list[n - 1] &&
	       bsearch(&id, list, n, sizeof(id), compare_ids) != NULL;
}

void spool_ids_fini(struct spool_ids *ids)
{
	free(ids->list);
	*ids = (struct spool_ids){0};
}

void spool_ids_move(struct spool_ids *to, struct spool_ids *from)
{
	if (to->count == 0) {
		struct spool_ids empty = *to;

		*to = *from;
		*from = empty;
	}
	for (size_t i = 0; i < from->count; i++)
		spool_ids_add(to, from->list[i]);
	from->count = 0;
}

/* -- batches --------------------------------------------------------------- */

void spool_batch_put(struct spool_batch *batch, uint64_t id, int64_t at_ms,
		     struct str bytes)
{
	lay(id, at_ms, bytes, &batch->records);
	batch->rows++;
	batch->last = id;
}

void spool_batch_remove(struct spool_batch *batch, uint64_t id)
{
	spool_ids_add(&batch->removed, id);
}

void spool_batch_release(struct spool_batch *batch, uint64_t id)
{
	spool_ids_add(&batch->released, id);
}

static void move_records(struct buf *to, struct buf *from)
{
	if (to->len == 0) {
		struct buf empty = *to;

		*to = *from;
		*from = empty;
	} else {
		buf_add_str(to, buf_str(from));
	}
}

void spool_batch_move(struct spool_batch *to, struct spool_batch *from)
{
	move_records(&to->records, &from->records);
	spool_ids_move(&to->removed, &from->removed);
	spool_ids_move(&to->released, &from->released);
	to->rows += from->rows;
	if (from->last != 0)
		to->last = from->last;
	spool_batch_clear(from);
}

void spool_batch_clear(struct spool_batch *batch)
{
	buf_clear(&batch->records);
	batch->removed.count = batch->released.count = 0;
	batch->rows = 0;
	batch->last = 0;
}

void spool_batch_seal(struct spool_batch *batch)
{
	char *p = batch->records.data;
	size_t left = batch->records.len;
	struct spool_row row;

	while (spool_record_peek((struct str){p, left}, &row)) {
		seal(p, row.bytes.n);
		p += SPOOL_RECORD_HEAD + row.bytes.n;
		left -= SPOOL_RECORD_HEAD + row.bytes.n;
	}
}

bool spool_batch_is_empty(const struct spool_batch *batch)
{
	return batch->records.len == 0 && batch->removed.count == 0 &&
	       batch->released.count == 0;
}

size_t spool_batch_bytes(const struct spool_batch *batch)
{
	return batch->records.len +
	       (batch->removed.count + batch->released.count) *
		       sizeof(*batch->removed.list);
}

void spool_batch_fini(struct spool_batch *batch)
{
	buf_fini(&batch->records);
	spool_ids_fini(&batch->removed);
	spool_ids_fini(&batch->released);
	*batch = (struct spool_batch){0};
}
