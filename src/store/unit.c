/* Units as bytes and back; see unit.h. The bytes are a version, then every
 * member in the order of `struct store_unit`: numbers as 8 bytes, little end
 * first; texts as length, bytes and a NUL, so that they can be used in place.
 * What comes back from a file may be anything, and is checked to its end. */
#include "unit.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define VERSION       2
#define USUAL_BYTES   1200 /* of a message and its answer */
#define NO_TEXT       UINT32_MAX
#define PRIORITY_MOST 800
#define PRIORITY_STEP INT64_C(10000000000000) /* over any time in ms */

/* -- to bytes -------------------------------------------------------------- */

static void put_number(struct buf *out, uint64_t v)
{
	v = htole64(v);
	buf_add(out, &v, sizeof(v));
}

static void put_text(struct buf *out, struct str s)
{
	uint32_t n = htole32(s.p == NULL ? NO_TEXT : (uint32_t)s.n);

	buf_add(out, &n, sizeof(n));
	if (s.p != NULL) {
		buf_add(out, s.p, s.n);
		buf_add_c(out, '\0');
	}
}

static void put_fields(struct buf *out, const struct field *fields, size_t n)
{
	put_number(out, n);
	for (size_t i = 0; i < n; i++) {
		put_text(out, fields[i].name);
		put_text(out, fields[i].value);
	}
}

void unit_pack(const struct store_unit *unit, struct buf *out)
{
	buf_reserve(out, USUAL_BYTES);
	buf_add_c(out, VERSION);
	put_text(out, str_of(unit->conv));
	put_number(out, unit->expect);
	put_number(out, unit->anywhere);
	put_number(out, unit->fence);
	put_number(out, unit->raise_fence);
	put_number(out, unit->entry_count);
	for (size_t i = 0; i < unit->entry_count; i++) {
		const struct store_entry *e = &unit->entries[i];

		put_text(out, e->key);
		put_number(out, e->content);
		put_fields(out, e->fields, e->field_count);
	}
	put_fields(out, unit->hash, unit->hash_count);
	put_number(out, (uint64_t)unit->queue_op);
	put_text(out, str_of(unit->queue));
	put_text(out, str_of(unit->queue_from));
	put_text(out, str_of(unit->agent));
	put_number(out, (uint64_t)(int64_t)unit->priority);
	put_number(out, (uint64_t)unit->since_ms);
	put_fields(out, unit->info, unit->info_count);
	put_number(out, (uint64_t)unit->due_ms);
	put_text(out, str_of(unit->visitor));
	put_number(out, unit->watch);
}

/* -- and back -------------------------------------------------------------- */

/* What is left to read. Once something was wrong it stays wrong, and all that
 * is read is empty: one check at the end is enough. */
struct rest {
	struct str bytes;
	bool wrong;
	struct field *fields; /* room for those to come; NULL: only count */
	struct store_entry *entries;
	size_t field_count; /* seen in all */
};

static const char *take(struct rest *r, size_t n)
{
	const char *p = r->bytes.p;

	if (r->wrong || r->bytes.n < n) {
		r->wrong = true;
		return NULL;
	}
	r->bytes.p += n;
	r->bytes.n -= n;
	return p;
}

static uint64_t get_number(struct rest *r)
{
	uint64_t v = 0;
	const char *p = take(r, sizeof(v));

	if (p != NULL)
		memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static uint32_t get_length(struct rest *r)
{
	uint32_t n = 0;
	const char *p = take(r, sizeof(n));

	if (p != NULL)
		memcpy(&n, p, sizeof(n));
	return le32toh(n);
}

static struct str get_text(struct rest *r)
{
	uint32_t n = get_length(r);
	const char *p;

	if (r->wrong || n == NO_TEXT)
		return STR_NONE;
	p = take(r, (size_t)n + 1);
	if (p != NULL && p[n] == '\0')
		return (struct str){p, (size_t)n};
	r->wrong = true;
	return STR_NONE;
}

/* A name: no NUL within, as it is used as a C string. */
static const char *get_name(struct rest *r)
{
	struct str s = get_text(r);

	if (s.p != NULL && strlen(s.p) != s.n)
		r->wrong = true;
	return s.p;
}

static size_t get_count(struct rest *r, size_t most)
{
	uint64_t n = get_number(r);

	if (n <= most)
		return (size_t)n;
	r->wrong = true;
	return 0;
}

static const struct field *get_fields(struct rest *r, size_t *count)
{
	struct field *list =
		r->fields == NULL ? NULL : r->fields + r->field_count;

	*count = get_count(r, UNIT_MAX_FIELDS);
	for (size_t i = 0; i < *count && !r->wrong; i++) {
		struct field f = {.name = get_text(r)};

		f.value = get_text(r);
		if (list != NULL)
			list[i] = f;
	}
	r->field_count += *count;
	return list;
}

static void get_entries(struct rest *r, struct store_unit *unit)
{
	unit->entry_count = get_count(r, UNIT_MAX_ENTRIES);
	unit->entries = r->entries;
	for (size_t i = 0; i < unit->entry_count && !r->wrong; i++) {
		struct store_entry e = {.key = get_text(r)};

		e.content = get_number(r);
		e.fields = get_fields(r, &e.field_count);
		if (r->entries != NULL)
			r->entries[i] = e;
	}
}

static bool get_unit(struct rest *r, struct store_unit *unit)
{
	const char *version;
	uint64_t op;

	*unit = (struct store_unit){0};
	version = take(r, 1);
	if (version == NULL || *version != VERSION)
		return false;
	unit->conv = get_name(r);
	unit->expect = get_number(r);
	unit->anywhere = get_number(r) != 0;
	unit->fence = get_number(r);
	unit->raise_fence = get_number(r) != 0;
	get_entries(r, unit);
	unit->hash = get_fields(r, &unit->hash_count);
	op = get_number(r);
	unit->queue_op = (enum store_queue_op)op;
	unit->queue = get_name(r);
	unit->queue_from = get_name(r);
	unit->agent = get_name(r);
	unit->priority = (int)(int64_t)get_number(r);
	unit->since_ms = (int64_t)get_number(r);
	unit->info = get_fields(r, &unit->info_count);
	unit->due_ms = (int64_t)get_number(r);
	unit->visitor = get_name(r);
	unit->watch = get_number(r) != 0;
	return !r->wrong && r->bytes.n == 0 && op <= QUEUE_CLAIM_FOR &&
	       unit->conv != NULL && unit->entry_count > 0;
}

/* Twice: to count and check, then to fill. */
bool unit_unpack(struct str bytes, struct store_unit *unit, void **arrays)
{
	struct rest r = {.bytes = bytes};
	size_t entries;
	char *room;

	*arrays = NULL;
	if (bytes.n > UNIT_MAX_BYTES || !get_unit(&r, unit))
		return false;
	entries = unit->entry_count * sizeof(struct store_entry);
	room = xcalloc(1, entries + r.field_count * sizeof(struct field) + 1);
	*arrays = room;
	r = (struct rest){
		.bytes = bytes,
		.entries = (struct store_entry *)(void *)room,
		.fields = (struct field *)(void *)(room + entries),
	};
	return get_unit(&r, unit);
}

/* -- for the queue --------------------------------------------------------- */

void unit_score(int priority, int64_t since_ms, struct buf *out)
{
	if (priority > PRIORITY_MOST)
		priority = PRIORITY_MOST;
	if (priority < -PRIORITY_MOST)
		priority = -PRIORITY_MOST;
	if (since_ms < 0)
		since_ms = 0;
	if (since_ms >= PRIORITY_STEP)
		since_ms = PRIORITY_STEP - 1;
	buf_add_i64(out, since_ms - priority * PRIORITY_STEP);
}

void unit_record(const struct store_unit *unit, struct buf *out)
{
	buf_add_s(out, "{\"score\":\"");
	unit_score(unit->priority, unit->since_ms, out);
	buf_addf(out, "\",\"priority\":%d,\"since_ms\":%lld,\"seq\":%llu",
		 unit->priority, (long long)unit->since_ms,
		 (unsigned long long)unit->expect);
	buf_add_s(out, ",\"info\":{");
	for (size_t i = 0; i < unit->info_count; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		buf_add_json(out, unit->info[i].name);
		buf_add_c(out, ':');
		buf_add_json(out, unit->info[i].value);
	}
	buf_add_s(out, "}}");
}
