/* Giving away what stands about a visitor, as JSON; see store/visitor.h. Built
 * on the store's own questions, one after the other: the visitor's names, the
 * lines of `recent` (which may name more), then each conversation with its
 * hash, context and log, then what was not answered on the days of those. It
 * changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/moment.h"
#include "core.h"
#include "store/visitor.h"

struct exporting {
	struct store *store;
	struct exporting *next;
	struct arena arena;
	char *visitor;
	struct str owner; /* as visitor:{V} has it */
	const char **convs;
	size_t conv_count, conv_room, at;
	struct map *known; /* conversations by name */
	struct buf recent; /* lines of it */
	char before[48];   /* the last note looked at */
	int64_t from, to, day;
	bool any; /* in the list being written */
	size_t max_bytes;
	struct buf json;
	store_exported_fn fn;
	void *arg;
	uint64_t tag;
};

/* -- life ------------------------------------------------------------------ */

static void exporting_free(struct exporting *x)
{
	map_free(&x->known);
	arena_fini(&x->arena);
	buf_fini(&x->json);
	buf_fini(&x->recent);
	free(x->convs);
	free(x->visitor);
	free(x);
}

static void end(struct exporting *x, enum store_status status)
{
	struct exporting **at = &x->store->exports;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	x->fn(x->arg, x->tag,
	      &(struct store_exported){status, status == STORE_OK
						       ? buf_str(&x->json)
						       : STR_NONE});
	exporting_free(x);
}

/* The questions under way have cleaned up, and called nobody. */
void export_fini(struct store *store)
{
	while (store->exports != NULL) {
		struct exporting *x = store->exports;

		store->exports = x->next;
		exporting_free(x);
	}
}

/* True: it is over. */
static bool ends(struct exporting *x, enum store_status status)
{
	if (status == STORE_EMPTY || status == STORE_GONE)
		status = STORE_OK;
	if (x->json.len + x->recent.len > x->max_bytes)
		status = STORE_REFUSED;
	if (status == STORE_OK)
		return false;
	end(x, status);
	return true;
}

static void add_conv(struct exporting *x, struct str name)
{
	if (name.n == 0 || name.n > STORE_NAME_MAX ||
	    map_get(x->known, name) != NULL)
		return;
	if (x->conv_count == x->conv_room) {
		x->conv_room = x->conv_room * 2 + 16;
		x->convs = xrealloc(x->convs, x->conv_room * sizeof(*x->convs));
	}
	map_set(x->known, name, x);
	x->convs[x->conv_count++] = arena_str(&x->arena, name).p;
}

/* -- JSON ------------------------------------------------------------------ */

static void add_pairs(struct buf *out, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (out->data[out->len - 1] != '{')
			buf_add_c(out, ',');
		buf_add_json(out, fields[i].name);
		buf_add_c(out, ':');
		buf_add_json(out, fields[i].value);
	}
}

static void add_object(struct buf *out, const struct field *fields, size_t n)
{
	buf_add_c(out, '{');
	add_pairs(out, fields, n);
	buf_add_c(out, '}');
}

static void add_note(struct buf *out, const struct store_noted *note)
{
	if (out->len > 0 && out->data[out->len - 1] != '[')
		buf_add_c(out, ',');
	buf_addf(out, "{\"noted_ms\":%lld", (long long)note->at_ms);
	add_pairs(out, note->fields, note->field_count);
	buf_add_c(out, '}');
}

static struct str value_of(const struct store_noted *note, const char *name)
{
	return field_get(note->fields, note->field_count, name);
}

/* -- 4. what was not answered ---------------------------------------------- */

static void read_day(struct exporting *x);

static void on_day(void *arg, uint64_t tag, const struct store_notes *notes)
{
	struct exporting *x = arg;

	(void)tag;
	if (ends(x, notes->status))
		return;
	for (size_t i = 0; i < notes->count; i++) {
		struct str conv = value_of(&notes->list[i], "conversation");

		if (conv.n > 0 && map_get(x->known, conv) != NULL)
			add_note(&x->json, &notes->list[i]);
	}
	if (notes->count == STORE_PAGE) {
		memcpy(x->before, notes->list[notes->count - 1].id,
		       sizeof(x->before));
	} else {
		x->before[0] = '\0';
		x->day -= MOMENT_DAY_MS;
	}
	read_day(x);
}

static void read_day(struct exporting *x)
{
	char stream[32] = "unanswered:";

	if (x->from == 0 || x->day < x->from) {
		buf_add_s(&x->json, "]}");
		if (!ends(x, STORE_OK))
			end(x, x->conv_count == 0 && x->recent.len == 0
				       ? STORE_EMPTY
				       : STORE_OK);
		return;
	}
	moment_day(x->day, stream + strlen(stream));
	store_notes(x->store, stream, x->before[0] ? x->before : NULL,
		    STORE_PAGE, on_day, x, 0);
}

static void read_days(struct exporting *x)
{
	buf_add_s(&x->json, "],\"recent\":[");
	buf_add_str(&x->json, buf_str(&x->recent));
	buf_add_s(&x->json, "],\"unanswered\":[");
	x->before[0] = '\0';
	x->day = x->to;
	x->from = note_first_day(x->from, x->to);
	read_day(x);
}

/* -- 3. conversation by conversation --------------------------------------- */

static void read_conv(struct exporting *x);

static void note_time(struct exporting *x, const struct store_event *e)
{
	struct str at = field_get(e->fields, e->field_count, "at");
	uint64_t ms = 0;

	if (!str_to_u64(at, INT64_MAX, &ms) || ms == 0)
		return;
	if (x->from == 0 || (int64_t)ms < x->from)
		x->from = (int64_t)ms;
	if ((int64_t)ms > x->to)
		x->to = (int64_t)ms;
}

static void on_log(void *arg, uint64_t tag, const struct store_log *log)
{
	struct exporting *x = arg;
	struct buf *out = &x->json;
	uint64_t last = 0;

	(void)tag;
	if (ends(x, log->status))
		return;
	for (size_t i = 0; i < log->count; i++) {
		const struct store_event *e = &log->events[i];

		if (out->data[out->len - 1] != '[')
			buf_add_c(out, ',');
		buf_addf(out, "{\"seq\":%llu", (unsigned long long)e->seq);
		add_pairs(out, e->fields, e->field_count);
		buf_add_c(out, '}');
		note_time(x, e);
		last = e->seq;
	}
	if (log->more && log->count > 0) {
		store_read(x->store, x->convs[x->at], last, false, on_log, x,
			   0);
		return;
	}
	buf_add_s(out, "]}");
	x->at++;
	read_conv(x);
}

static void on_context(void *arg, uint64_t tag, enum store_status status,
		       const struct field *fields, size_t n)
{
	struct exporting *x = arg;

	(void)tag;
	if (ends(x, status))
		return;
	buf_add_s(&x->json, ",\"context\":");
	add_object(&x->json, fields, n);
	buf_add_s(&x->json, ",\"log\":[");
	store_read(x->store, x->convs[x->at], 0, false, on_log, x, 0);
}

static void on_attributes(void *arg, uint64_t tag, enum store_status status,
			  const struct field *fields, size_t n)
{
	struct exporting *x = arg;
	struct buf key = BUF_INIT;

	(void)tag;
	if (ends(x, status))
		return;
	if (x->at > 0)
		buf_add_c(&x->json, ',');
	buf_add_s(&x->json, "{\"conversation\":");
	buf_add_json(&x->json, str_of(x->convs[x->at]));
	buf_add_s(&x->json, ",\"attributes\":");
	add_object(&x->json, fields, n);
	buf_addf(&key, "context:%s", x->convs[x->at]);
	store_hash_get(x->store, key.data, on_context, x, 0);
	buf_fini(&key);
}

static void read_conv(struct exporting *x)
{
	struct buf key = BUF_INIT;

	if (x->at == x->conv_count) {
		read_days(x);
		return;
	}
	buf_addf(&key, "conv:%s", x->convs[x->at]);
	store_hash_get(x->store, key.data, on_attributes, x, 0);
	buf_fini(&key);
}

/* -- 1 and 2. which -------------------------------------------------------- */

static void on_recent(void *arg, uint64_t tag, const struct store_notes *notes)
{
	struct exporting *x = arg;

	(void)tag;
	if (ends(x, notes->status))
		return;
	for (size_t i = 0; i < notes->count; i++) {
		const struct store_noted *note = &notes->list[i];

		if (!str_is(value_of(note, "visitor"), x->visitor))
			continue;
		add_conv(x, value_of(note, "conversation"));
		add_note(&x->recent, note);
	}
	if (notes->count == STORE_PAGE) {
		memcpy(x->before, notes->list[notes->count - 1].id,
		       sizeof(x->before));
		store_notes(x->store, "recent", x->before, STORE_PAGE,
			    on_recent, x, 0);
		return;
	}
	buf_addf(&x->json, "{\"visitor\":");
	buf_add_json(&x->json, str_of(x->visitor));
	buf_addf(&x->json, ",\"exported_ms\":%lld", (long long)loop_wall_ms());
	if (x->owner.n > 0) {
		buf_add_s(&x->json, ",\"owner\":");
		buf_add_json(&x->json, x->owner);
	}
	buf_add_s(&x->json, ",\"conversations\":[");
	read_conv(x);
}

/* Names parted by blanks, the oldest first. */
static void add_names(struct exporting *x, struct str list)
{
	while (list.n > 0)
		add_conv(x, str_cut(&list, ' '));
}

static void on_visitor(void *arg, uint64_t tag, enum store_status status,
		       const struct field *fields, size_t n)
{
	struct exporting *x = arg;

	(void)tag;
	if (ends(x, status))
		return;
	x->owner = arena_str(&x->arena, field_get(fields, n, "owner"));
	add_names(x, field_get(fields, n, "history"));
	add_names(x, field_get(fields, n, "conversation"));
	store_notes(x->store, "recent", NULL, STORE_PAGE, on_recent, x, 0);
}

void store_export(struct store *store, const char *visitor, size_t max_bytes,
		  store_exported_fn fn, void *arg, uint64_t tag)
{
	struct exporting *x = xcalloc(1, sizeof(*x));
	struct buf key = BUF_INIT;

	x->store = store;
	x->fn = fn;
	x->arg = arg;
	x->tag = tag;
	x->max_bytes = max_bytes;
	x->visitor = xstrdup(visitor);
	x->known = map_new();
	x->next = store->exports;
	store->exports = x;
	arena_init(&x->arena);
	buf_addf(&key, "visitor:%s", visitor);
	store_hash_get(store, key.data, on_visitor, x, 0);
	buf_fini(&key);
}
