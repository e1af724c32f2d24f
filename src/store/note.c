/* Notes that nobody waits for: audit, unanswered, recent. Lost ones are logged
 * as away and no more. And reading them, for reports. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/moment.h"
#include "core.h"

static void on_noted(void *arg, const struct reply *reply)
{
	core_judge(arg, reply, "note");
}

void store_note(struct store *store, const char *stream,
		const struct field *fields, size_t n, size_t max_length)
{
	resp_start(&store->cmd, "XADD");
	core_plain_key(store, stream);
	resp_add_s(&store->cmd, "MAXLEN");
	resp_add_s(&store->cmd, "~");
	resp_add_u64(&store->cmd, max_length);
	resp_add_s(&store->cmd, "*");
	for (size_t i = 0; i < n; i++) {
		resp_add(&store->cmd, fields[i].name);
		resp_add(&store->cmd, fields[i].value);
	}
	core_send(store, on_noted, store);
}

void store_note_of_day(struct store *store, const char *stream,
		       const struct field *fields, size_t n, size_t max_length)
{
	store_note(store, stream, fields, n, max_length);
	resp_start(&store->cmd, "PEXPIRE");
	core_plain_key(store, stream);
	resp_add_i64(&store->cmd, STORE_NOTE_DAYS * MOMENT_DAY_MS);
	core_send(store, on_noted, store);
}

void store_notes_trim(struct store *store, const char *stream,
		      int64_t before_ms)
{
	resp_start(&store->cmd, "XTRIM");
	core_plain_key(store, stream);
	resp_add_s(&store->cmd, "MINID");
	resp_add_i64(&store->cmd, before_ms);
	core_send(store, on_noted, store);
}

/* -- reading --------------------------------------------------------------- */

struct asking {
	struct store *store;
	store_notes_fn fn;
	void *arg;
	uint64_t tag;
};

static void fill(const struct reply *from, struct field *fields,
		 struct store_noted *out)
{
	uint64_t at_ms;

	snprintf(out->id, sizeof(out->id), "%.*s",
		 STR_ARG(reply_text(reply_at(from, 0))));
	out->fields = fields;
	out->field_count = reply_entry(from, fields, &at_ms);
	out->at_ms = at_ms > INT64_MAX ? 0 : (int64_t)at_ms;
}

static void on_notes(void *arg, const struct reply *reply)
{
	struct asking *a = arg;
	struct store_notes notes = {
		.status = core_judge(a->store, reply, "notes")};
	size_t n = notes.status == STORE_OK ? reply_count(reply) : 0, at = 0;
	struct store_noted *list = xcalloc(n + 1, sizeof(*list));
	struct field *fields =
		xcalloc(reply_entries_fields(reply) + 1, sizeof(*fields));

	for (size_t i = 0; i < n; i++) {
		fill(reply_at(reply, i), fields + at, &list[i]);
		at += list[i].field_count;
	}
	notes.list = list;
	notes.count = n;
	if (!a->store->closing)
		a->fn(a->arg, a->tag, &notes);
	free(list);
	free(fields);
	free(a);
}

void store_notes(struct store *store, const char *stream, const char *before,
		 size_t most, store_notes_fn fn, void *arg, uint64_t tag)
{
	struct asking *a = xcalloc(1, sizeof(*a));
	char end[64] = "+";

	*a = (struct asking){store, fn, arg, tag};
	if (before != NULL)
		snprintf(end, sizeof(end), "(%s", before);
	resp_start(&store->cmd, "XREVRANGE");
	core_plain_key(store, stream);
	resp_add_s(&store->cmd, end);
	resp_add_s(&store->cmd, "-");
	resp_add_s(&store->cmd, "COUNT");
	resp_add_u64(&store->cmd, most < STORE_PAGE ? most : STORE_PAGE);
	core_send(store, on_notes, a);
}

int64_t note_first_day(int64_t from_ms, int64_t to_ms)
{
	int64_t day = from_ms - from_ms % MOMENT_DAY_MS;
	int64_t newest = to_ms - STORE_NOTE_DAYS * MOMENT_DAY_MS;

	return day < newest ? newest : day;
}
