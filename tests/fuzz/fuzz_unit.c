/* A unit's bytes, as they may stand in a broken file: taken or refused, never
 * read beyond; what is taken packs and comes back as it was, where its fields
 * leave room for the visitor's (outbox.c sees to that in ours). */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void need(int ok)
{
	if (!ok)
		abort();
}

/* Every byte that a unit points to. */
static size_t touch(const struct field *fields, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at < fields[i].value.n; at++)
			sum += (unsigned char)fields[i].value.p[at];
	return sum;
}

static void use(const struct store_unit *u)
{
	struct buf record = BUF_INIT;
	size_t sum = touch(u->hash, u->hash_count);

	for (size_t i = 0; i < u->entry_count; i++)
		sum += touch(u->entries[i].fields, u->entries[i].field_count);
	need(strlen(u->conv) + sum < (size_t)-1);
	unit_record(u, &record);
	need(record.len > 0);
	buf_fini(&record);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct store_unit u, again;
	void *arrays, *more;

	if (!unit_unpack(bytes, &u, &arrays)) {
		need(arrays == NULL);
		return 0;
	}
	use(&u);
	unit_pack(&u, &once);
	if (unit_unpack(buf_str(&once), &again, &more)) {
		unit_pack(&again, &twice);
		need(str_eq(buf_str(&once), buf_str(&twice)));
	} else {
		need(u.hash_count == UNIT_MAX_FIELDS && u.visitor != NULL);
	}
	free(arrays);
	free(more);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}
