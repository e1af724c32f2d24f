/* Units as bytes and back; see unit.h. The bytes are a version, the numbers (8
 * bytes each, little end first), the names as length, bytes and a NUL, so that
 * they can be used in place, then the arguments of lua/append.lua from the
 * hash's fields on as Redis gets them, then what the queue shows, as texts.
 * What comes back from a file may be anything, and is checked to its end. */
#include "unit.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/little.h"
#include "base/mem.h"
#include "resp.h"

#define VERSION       5
#define NO_TEXT       UINT32_MAX
#define TEXT_ROOM     5 /* length and NUL */
#define CONTENT_CHARS 16
#define PRIORITY_MOST 800
#define PRIORITY_STEP INT64_C(10000000000000) /* over any time in ms */

enum number {
	EXPECT,
	FENCE,
	FLAGS,
	QUEUE_OP,
	PRIORITY,
	SINCE,
	DUE,
	ENTRIES,
	ARGS,
	ARGS_BYTES,
	INFO,
	TRAIL,
	NUMBERS
};
#define NUMBERS_BYTES (NUMBERS * sizeof(uint64_t))

enum flag {
	FLAG_ANYWHERE = 1,
	FLAG_RAISE_FENCE = 2,
	FLAG_WATCH = 4,
	FLAGS_ALL = 7,
};

/* -- to bytes -------------------------------------------------------------- */

#define NAMES 7

/* In the order of the bytes. */
static void list_names(const struct store_unit *unit, struct str names[NAMES])
{
	names[0] = str_of(unit->conv);
	names[1] = str_of(unit->queue);
	names[2] = str_of(unit->queue_from);
	names[3] = str_of(unit->agent);
	names[4] = str_of(unit->visitor);
	names[5] = str_of(unit->day);
	names[6] = str_of(unit->figures);
}

/* The cache's own field, where who appends has not set it. */
static bool adds_visitor(const struct store_unit *unit)
{
	return unit->visitor != NULL &&
	       field_get(unit->hash, unit->hash_count, "visitor").p == NULL;
}

static size_t fields_room(const struct field *fields, size_t n, size_t each)
{
	size_t room = 2 * n * each;

	for (size_t i = 0; i < n; i++)
		room += fields[i].name.n + fields[i].value.n;
	return room;
}

/* At least what unit_write() needs. */
static size_t room_for(const struct store_unit *unit,
		       const struct str names[NAMES])
{
	size_t room = 1 + NUMBERS_BYTES + NAMES * TEXT_ROOM;

	for (size_t i = 0; i < NAMES; i++)
		room += names[i].n;
	room += 4 * RESP_ARG_ROOM + sizeof("visitor") + names[4].n + 2 * 20;
	room += fields_room(unit->hash, unit->hash_count, RESP_ARG_ROOM);
	room += fields_room(unit->info, unit->info_count, TEXT_ROOM);
	for (size_t i = 0; i < unit->entry_count; i++) {
		const struct store_entry *e = &unit->entries[i];

		room += 3 * RESP_ARG_ROOM + e->key.n + CONTENT_CHARS + 20 +
			fields_room(e->fields, e->field_count, RESP_ARG_ROOM);
	}
	return room;
}

static char *put_number(char *p, uint64_t v)
{
	little_put(p, v);
	return p + sizeof(v);
}

static char *put_text(char *p, struct str s)
{
	uint32_t n = htole32(s.p == NULL ? NO_TEXT : (uint32_t)s.n);

	memcpy(p, &n, sizeof(n));
	p += sizeof(n);
	if (s.p == NULL)
		return p;
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p + s.n + 1;
}

static char *put_content(char *p, uint64_t v)
{
	char hex[CONTENT_CHARS];

	for (size_t i = sizeof(hex); i-- > 0; v >>= 4)
		hex[i] = "0123456789abcdef"[v & 15];
	return resp_put(p, (struct str){hex, sizeof(hex)});
}

static char *put_fields(char *p, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		p = resp_put(p, fields[i].name);
		p = resp_put(p, fields[i].value);
	}
	return p;
}

/* As lua/append.lua has them, from `h` on. */
static char *put_args(char *p, const struct store_unit *unit, size_t *count)
{
	bool visitor = adds_visitor(unit);
	size_t n = unit->hash_count + visitor;

	*count = 2 + 2 * n + 3 * unit->entry_count;
	p = resp_put_u64(p, n);
	p = put_fields(p, unit->hash, unit->hash_count);
	if (visitor) {
		p = resp_put(p, STR("visitor"));
		p = resp_put(p, str_of(unit->visitor));
	}
	p = resp_put_u64(p, unit->entry_count);
	for (size_t i = 0; i < unit->entry_count; i++) {
		const struct store_entry *e = &unit->entries[i];

		p = resp_put(p, e->key);
		p = put_content(p, e->content);
		p = resp_put_u64(p, e->field_count);
		p = put_fields(p, e->fields, e->field_count);
		*count += 2 * e->field_count;
	}
	return p;
}

static void put_numbers(char *p, const struct store_unit *unit, size_t args,
			size_t args_bytes)
{
	uint64_t flags = (unit->anywhere ? FLAG_ANYWHERE : 0) |
			 (unit->raise_fence ? FLAG_RAISE_FENCE : 0) |
			 (unit->watch ? FLAG_WATCH : 0);
	const uint64_t numbers[NUMBERS] = {
		[EXPECT] = unit->expect,
		[FENCE] = unit->fence,
		[FLAGS] = flags,
		[QUEUE_OP] = (uint64_t)unit->queue_op,
		[PRIORITY] = (uint64_t)(int64_t)unit->priority,
		[SINCE] = (uint64_t)unit->since_ms,
		[DUE] = (uint64_t)unit->due_ms,
		[ENTRIES] = unit->entry_count,
		[ARGS] = args,
		[ARGS_BYTES] = args_bytes,
		[INFO] = unit->info_count,
		[TRAIL] = unit->trail,
	};

	for (size_t i = 0; i < NUMBERS; i++)
		p = put_number(p, numbers[i]);
}

void unit_pack(const struct store_unit *unit, struct buf *out)
{
	struct str names[NAMES];
	char *start, *p, *args;
	size_t count, room;

	list_names(unit, names);
	room = room_for(unit, names);
	buf_reserve(out, room);
	start = out->data + out->len;
	*start = VERSION;
	p = start + 1 + NUMBERS_BYTES;
	for (size_t i = 0; i < NAMES; i++)
		p = put_text(p, names[i]);
	args = p;
	p = put_args(p, unit, &count);
	put_numbers(start + 1, unit, count, (size_t)(p - args));
	for (size_t i = 0; i < unit->info_count; i++) {
		p = put_text(p, unit->info[i].name);
		p = put_text(p, unit->info[i].value);
	}
	assert((size_t)(p - start) <= room);
	out->len += (size_t)(p - start);
	out->data[out->len] = '\0';
}

/* -- and back -------------------------------------------------------------- */

/* What is left to read. Once something was wrong it stays wrong, and all that
 * is read is empty: one check at the end is enough. */
struct rest {
	struct str bytes;
	bool wrong;
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

static bool get_numbers(struct rest *r, uint64_t numbers[NUMBERS])
{
	const char *p = take(r, NUMBERS_BYTES);

	if (p == NULL)
		return false;
	for (size_t i = 0; i < NUMBERS; i++, p += sizeof(*numbers))
		numbers[i] = little_get(p);
	return numbers[QUEUE_OP] <= QUEUE_CLAIM_FOR &&
	       numbers[FLAGS] <= FLAGS_ALL && numbers[ENTRIES] > 0 &&
	       numbers[ENTRIES] <= UNIT_MAX_ENTRIES &&
	       numbers[ARGS] <= UNIT_MAX_ARGS &&
	       numbers[INFO] <= UNIT_MAX_FIELDS;
}

static struct str get_text(struct rest *r)
{
	uint32_t n = 0;
	const char *p = take(r, sizeof(n));

	if (p != NULL)
		memcpy(&n, p, sizeof(n));
	n = le32toh(n);
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

	if (s.p != NULL && memchr(s.p, '\0', s.n) != NULL)
		r->wrong = true;
	return s.p;
}

/* All but the lists; the info's texts are left in `r`. */
static bool get_head(struct rest *r, struct store_unit *unit,
		     struct unit_args *args, size_t *info_count)
{
	const char *version = take(r, 1);
	uint64_t numbers[NUMBERS];

	*unit = (struct store_unit){0};
	if (version == NULL || *version != VERSION || !get_numbers(r, numbers))
		return false;
	unit->expect = numbers[EXPECT];
	unit->trail = numbers[TRAIL];
	unit->anywhere = (numbers[FLAGS] & FLAG_ANYWHERE) != 0;
	unit->fence = numbers[FENCE];
	unit->raise_fence = (numbers[FLAGS] & FLAG_RAISE_FENCE) != 0;
	unit->entry_count = (size_t)numbers[ENTRIES];
	unit->queue_op = (enum store_queue_op)numbers[QUEUE_OP];
	unit->priority = (int)(int64_t)numbers[PRIORITY];
	unit->since_ms = (int64_t)numbers[SINCE];
	unit->due_ms = (int64_t)numbers[DUE];
	unit->watch = (numbers[FLAGS] & FLAG_WATCH) != 0;
	unit->conv = get_name(r);
	unit->queue = get_name(r);
	unit->queue_from = get_name(r);
	unit->agent = get_name(r);
	unit->visitor = get_name(r);
	unit->day = get_name(r);
	unit->figures = get_name(r);
	args->count = (size_t)numbers[ARGS];
	args->bytes.n = (size_t)numbers[ARGS_BYTES];
	args->bytes.p = take(r, args->bytes.n);
	*info_count = (size_t)numbers[INFO];
	return !r->wrong && unit->conv != NULL;
}

bool unit_peek(struct str bytes, struct store_unit *unit,
	       struct unit_args *args)
{
	struct rest r = {.bytes = bytes};
	size_t info_count;

	return get_head(&r, unit, args, &info_count);
}

static struct str get_arg(struct rest *r)
{
	struct str arg = STR("");

	if (!r->wrong && !resp_get(&r->bytes, &arg))
		r->wrong = true;
	return arg;
}

static size_t get_count(struct rest *r, size_t most)
{
	struct str text = get_arg(r);
	uint64_t n;

	if (str_to_u64(text, most, &n) && (text.n == 1 || text.p[0] != '0'))
		return (size_t)n;
	r->wrong = true;
	return 0;
}

static uint64_t get_content(struct rest *r)
{
	struct str text = get_arg(r);
	uint64_t v = 0;

	r->wrong |= text.n != CONTENT_CHARS;
	for (size_t i = 0; i < text.n && !r->wrong; i++) {
		int digit = hex_digit(text.p[i]);

		r->wrong |= digit < 0 || (text.p[i] >= 'A' && text.p[i] <= 'F');
		v = v << 4 | (uint64_t)(digit & 15);
	}
	return v;
}

/* `left`: of the room behind `list`. */
static size_t get_fields(struct rest *r, struct field *list, size_t left)
{
	size_t n =
		get_count(r, left < UNIT_MAX_FIELDS ? left : UNIT_MAX_FIELDS);

	for (size_t i = 0; i < n && !r->wrong; i++) {
		list[i].name = get_arg(r);
		list[i].value = get_arg(r);
	}
	return n;
}

static void get_args(struct rest *r, struct store_unit *unit, size_t count,
		     struct store_entry *entries, struct field *fields)
{
	size_t left = count / 2, used = 2;

	unit->hash = fields;
	unit->hash_count = get_fields(r, fields, left);
	used += 2 * unit->hash_count;
	fields += unit->hash_count;
	left -= unit->hash_count;
	if (get_count(r, UNIT_MAX_ENTRIES) != unit->entry_count)
		r->wrong = true;
	unit->entries = entries;
	for (size_t i = 0; i < unit->entry_count && !r->wrong; i++) {
		struct store_entry *e = &entries[i];

		e->key = get_arg(r);
		e->content = get_content(r);
		e->fields = fields;
		e->field_count = get_fields(r, fields, left);
		used += 3 + 2 * e->field_count;
		fields += e->field_count;
		left -= e->field_count;
	}
	r->wrong |= r->bytes.n > 0 || used != count;
}

static void get_info(struct rest *r, struct store_unit *unit, size_t count,
		     struct field *list)
{
	unit->info = list;
	unit->info_count = count;
	for (size_t i = 0; i < count; i++) {
		list[i].name = get_text(r);
		list[i].value = get_text(r);
	}
	r->wrong |= r->bytes.n > 0;
}

bool unit_unpack(struct str bytes, struct store_unit *unit, void **arrays)
{
	struct rest r = {.bytes = bytes}, in_args = {0};
	struct unit_args args;
	size_t entries, info_count;
	char *room;

	*arrays = NULL;
	if (bytes.n > UNIT_MAX_BYTES || !get_head(&r, unit, &args, &info_count))
		return false;
	entries = unit->entry_count * sizeof(struct store_entry);
	room = xcalloc(1, entries + (args.count / 2 + info_count) *
					    sizeof(struct field));
	in_args.bytes = args.bytes;
	get_args(&in_args, unit, args.count, (struct store_entry *)(void *)room,
		 (struct field *)(void *)(room + entries));
	get_info(&r, unit, info_count,
		 (struct field *)(void *)(room + entries) + args.count / 2);
	if (r.wrong || in_args.wrong) {
		free(room);
		return false;
	}
	*arrays = room;
	return true;
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
