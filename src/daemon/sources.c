/* `sources:` of the configuration: each source is read through a table of
 * settings of its own, then checked as a whole. Knows what a source is asked
 * with, but asks nobody; see lookup.c. */
#include "daemon/sources.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "wire/pointer.h"

const char *const source_kind_names[] = {
	[SOURCE_REDIS] = "redis",
	[SOURCE_HTTP] = "http",
};

#define AT(member) offsetof(struct source, member)

static const struct setting table[] = {
	{"kind", SETTING_STRING, AT(kind_name), 0, 16, "''", "redis or http"},
	{"key", SETTING_STRING, AT(key), 0, 500, "''", "of a hash in Redis"},
	{"url", SETTING_STRING, AT(url), 0, 2000, "''", "what is asked"},
	{"method", SETTING_STRING, AT(method), 1, 8, "GET", "GET or POST"},
	{"body", SETTING_STRING, AT(body), 0, 8000, "''", "of a POST"},
	{"headers", SETTING_LIST, AT(headers), 0, 16, "[]", "'Name: value'"},
	{"timeout", SETTING_MS, AT(timeout_ms), 100, SOURCE_TIMEOUT_MAX, "3 s",
	 "then it has failed"},
	{"cache", SETTING_MS, AT(cache_ms), 0, 3600000, "0",
	 "what was found is found again without asking"},
};

/* -- slots in templates ------------------------------------------------ */

static bool is_slot_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The slot's name where `p` begins one: "{order_id}"; else n 0. Other braces
 * mean themselves. */
static struct str slot_at(const char *p)
{
	size_t n = 1;

	if (*p != '{')
		return STR_NONE;
	while (is_slot_char(p[n]))
		n++;
	if (n == 1 || p[n] != '}')
		return STR_NONE;
	return (struct str){p + 1, n - 1};
}

/* False: there are too many. */
static bool note_slots(struct source *s, const char *template)
{
	for (const char *p = template; *p != '\0'; p++) {
		struct str slot = slot_at(p);
		size_t i = 0;

		if (slot.n == 0)
			continue;
		while (i < s->slot_count && !str_is(slot, s->slots[i]))
			i++;
		if (i < s->slot_count)
			continue;
		if (s->slot_count == SOURCE_SLOTS_MAX)
			return false;
		s->slots[s->slot_count++] = xstrndup(slot.p, slot.n);
	}
	return true;
}

static bool fits_key(struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (!isalnum((unsigned char)value.p[i]) &&
		    strchr("_-.:", value.p[i]) == NULL)
			return false;
	return value.n > 0;
}

static void add_percent(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL))
			buf_add_c(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}

/* Without the quotes: they stand in the template. */
static void add_json(struct buf *out, struct str value)
{
	struct buf quoted = BUF_INIT;

	buf_add_json(&quoted, value);
	buf_add(out, quoted.data + 1, quoted.len - 2);
	buf_fini(&quoted);
}

static bool add_value(struct buf *out, enum source_place place,
		      struct str value)
{
	if (value.n == 0 || memchr(value.p, '\0', value.n) != NULL)
		return false;
	switch (place) {
	case SOURCE_IN_KEY:
		if (!fits_key(value))
			return false;
		buf_add_str(out, value);
		return true;
	case SOURCE_IN_URL:
		if (str_is(value, ".") || str_is(value, ".."))
			return false;
		add_percent(out, value);
		return true;
	case SOURCE_IN_JSON:
		add_json(out, value);
		return true;
	case SOURCE_IN_FORM:
		add_percent(out, value);
		return true;
	}
	return false;
}

bool source_fill(const char *template, enum source_place place,
		 source_value_fn value, const void *arg, struct buf *out)
{
	for (const char *p = template; *p != '\0'; p++) {
		struct str slot = slot_at(p);

		if (slot.n == 0) {
			buf_add_c(out, *p);
			continue;
		}
		if (!add_value(out, place, value(arg, slot)))
			return false;
		p += slot.n + 1;
	}
	return true;
}

/* -- checks of one source ---------------------------------------------- */

struct checking {
	struct source *source;
	const struct node *node;
	const char *file;
	struct diags *diags;
};

static struct diag_place place_of(const struct checking *k, const char *key,
				  size_t item)
{
	const struct node *node = node_get(k->node, key);

	if (node != NULL && node->kind == NODE_LIST && item < node->count)
		node = node->items[item];
	return node_place(node != NULL ? node : k->node, k->file);
}

#define WRONG(k, key, item, ...)                                               \
	diag_error((k)->diags, place_of(k, key, item), __VA_ARGS__)

static bool is_given(const struct checking *k, const char *key)
{
	return node_get(k->node, key) != NULL;
}

static void refuse_keys(const struct checking *k, const char *const *keys,
			const char *other)
{
	for (; *keys != NULL; keys++)
		if (is_given(k, *keys))
			WRONG(k, *keys, 0,
			      "\"%s\" belongs to sources of kind %s; take it "
			      "out",
			      *keys, other);
}

/* Blanks and letters beyond ASCII have no place in a URL or a key. */
static bool is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	return true;
}

static void check_redis(const struct checking *k)
{
	static const char *const others[] = {"url",     "method", "body",
					     "headers", "fields", NULL};
	struct source *s = k->source;

	refuse_keys(k, others, "http");
	if (s->key[0] == '\0')
		WRONG(k, "key", 0,
		      "a source of kind redis needs \"key\"; for example "
		      "\"key: 'shop:order:{order_id}'\"");
	else if (!is_plain(s->key))
		WRONG(k, "key", 0,
		      "\"key\" must not hold blanks or letters beyond ASCII");
	else if (note_slots(s, s->key) && s->slot_count == 0)
		WRONG(k, "key", 0,
		      "\"key\" names no slot, so it is the same for "
		      "everybody; write one as {order_id}");
}

/* Slots belong behind the host: who is asked is the operator's choice. */
static bool slots_are_behind_host(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t n = strcspn(host, "/?#");

	return n > 0 && memchr(host, '{', n) == NULL &&
	       memchr(host, '@', n) == NULL;
}

static void check_url(const struct checking *k)
{
	struct source *s = k->source;
	struct str url = str_of(s->url);

	if (url.n == 0)
		WRONG(k, "url", 0,
		      "a source of kind http needs \"url\"; for example "
		      "\"url: https://shop.example/orders/{order_id}\"");
	else if (!str_starts(url, "http://") && !str_starts(url, "https://"))
		WRONG(k, "url", 0,
		      "\"url\" must begin with https:// or http://");
	else if (!is_plain(s->url))
		WRONG(k, "url", 0,
		      "\"url\" must not hold blanks or letters beyond ASCII; "
		      "write them percent-encoded");
	else if (!slots_are_behind_host(s->url))
		WRONG(k, "url", 0,
		      "a host is missing in \"url\", or it holds a slot or a "
		      "user; slots may stand behind the host only, a password "
		      "belongs into \"headers\"");
	else if (!note_slots(s, s->url) || !note_slots(s, s->body))
		WRONG(k, "url", 0, "more than %d slots; take some out",
		      SOURCE_SLOTS_MAX);
	else if (s->slot_count == 0)
		WRONG(k, "url", 0,
		      "neither \"url\" nor \"body\" names a slot, so it is "
		      "the same for everybody; write one as {order_id}");
}

static void check_headers(const struct checking *k)
{
	const struct settings_list *list = &k->source->headers;

	for (size_t i = 0; i < list->count; i++) {
		const char *h = list->items[i], *colon = strchr(h, ':');
		bool ok = colon != NULL && colon > h;

		for (const char *p = h; ok && p < colon; p++)
			ok = isalnum((unsigned char)*p) || *p == '-' ||
			     *p == '_';
		for (const char *p = h; ok && *p != '\0'; p++)
			ok = (unsigned char)*p >= ' ' && *p != 0x7f;
		if (!ok)
			WRONG(k, "headers", i,
			      "this is no header; write it as "
			      "'Authorization: Bearer …', on one line");
	}
}

static bool is_field_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!is_slot_char(name.p[i]))
			return false;
	return name.n > 0 && name.n <= SOURCE_NAME_MAX;
}

static void read_field(const struct checking *k, const struct node *name,
		       const struct node *pointer)
{
	struct source *s = k->source;

	if (!is_field_name(name->text)) {
		diag_error(k->diags, node_place(name, k->file),
			   "\"%.*s\" is no name of a field; write small "
			   "letters, digits and _, at most %d",
			   STR_ARG(name->text), SOURCE_NAME_MAX);
	} else if (pointer->kind != NODE_SCALAR ||
		   !pointer_is_valid(pointer->text) || pointer->text.n > 500) {
		diag_error(k->diags, node_place(pointer, k->file),
			   "\"%.*s\" wants a JSON pointer; for example "
			   "\"%.*s: /delivery/eta\"",
			   STR_ARG(name->text), STR_ARG(name->text));
	} else {
		s->fields[s->field_count++] = (struct source_field){
			xstrndup(name->text.p, name->text.n),
			xstrndup(pointer->text.p, pointer->text.n)};
	}
}

static void read_fields(const struct checking *k)
{
	const struct node *fields = node_get(k->node, "fields");

	if (fields == NULL || fields->kind != NODE_MAP || fields->count == 0) {
		WRONG(k, "fields", 0,
		      "a source of kind http needs \"fields\", what of its "
		      "answer is used; for example \"fields: {status: "
		      "/status, eta: /delivery/eta}\"");
		return;
	}
	if (fields->count > SOURCE_FIELDS_MAX) {
		WRONG(k, "fields", 0, "more than %d fields; take some out",
		      SOURCE_FIELDS_MAX);
		return;
	}
	for (size_t i = 0; i < fields->count; i++)
		read_field(k, fields->keys[i], fields->items[i]);
}

static void check_http(const struct checking *k)
{
	static const char *const others[] = {"key", NULL};
	const char *method = k->source->method;
	bool post = strcmp(method, "POST") == 0;

	refuse_keys(k, others, "redis");
	check_url(k);
	check_headers(k);
	if (!post && strcmp(method, "GET") != 0)
		WRONG(k, "method", 0, "\"%s\" is not GET or POST", method);
	if (!post && k->source->body[0] != '\0')
		WRONG(k, "body", 0,
		      "only a POST has a body; add \"method: "
		      "POST\"");
	read_fields(k);
}

static void check_kind(const struct checking *k)
{
	struct source *s = k->source;

	for (size_t i = 0; i < ARRAY_LEN(source_kind_names); i++) {
		if (strcmp(s->kind_name, source_kind_names[i]) != 0)
			continue;
		s->kind = (enum source_kind)i;
		if (s->kind == SOURCE_REDIS)
			check_redis(k);
		else
			check_http(k);
		return;
	}
	WRONG(k, "kind", 0,
	      "a source needs its \"kind\": write \"kind: redis\" or \"kind: "
	      "http\"");
}

/* -- reading ----------------------------------------------------------- */

/* The table does not know `fields`: it is a map of the operator's own. */
static void read_table(const struct checking *k)
{
	struct node rest = *k->node;
	struct node **keys = xcalloc(rest.count, sizeof(*keys));
	struct node **items = xcalloc(rest.count, sizeof(*items));
	size_t n = 0;

	for (size_t i = 0; i < rest.count; i++) {
		if (str_is(rest.keys[i]->text, "fields"))
			continue;
		keys[n] = rest.keys[i];
		items[n++] = rest.items[i];
	}
	rest.keys = keys;
	rest.items = items;
	rest.count = n;
	settings_read(table, ARRAY_LEN(table), k->file, &rest, k->source,
		      k->diags);
	free(keys);
	free(items);
}

static void read_source(const struct node *name, const struct node *node,
			const char *file, struct source *s, struct diags *diags)
{
	struct checking k = {s, node, file, diags};

	settings_defaults(table, ARRAY_LEN(table), s);
	s->name = xstrndup(name->text.p, name->text.n);
	if (!is_field_name(name->text) || str_is(name->text, "shop")) {
		diag_error(diags, node_place(name, file),
			   "\"%.*s\" is no name for a source; write small "
			   "letters, digits and _, at most %d, and not "
			   "\"shop\"",
			   STR_ARG(name->text), SOURCE_NAME_MAX);
		return;
	}
	if (node->kind != NODE_MAP) {
		diag_error(diags, node_place(node, file),
			   "the source \"%s\" wants lines of \"key: value\" "
			   "below it; begin with \"kind: redis\" or \"kind: "
			   "http\"",
			   s->name);
		return;
	}
	read_table(&k);
	check_kind(&k);
}

void sources_read(const struct node *map, const char *file,
		  struct source_set *sources, struct diags *diags)
{
	sources_fini(sources);
	if (node_is_null(map))
		return;
	if (map->kind != NODE_MAP || map->count > SOURCES_MAX) {
		diag_error(diags, node_place(map, file),
			   "\"sources\" wants a map of at most %d sources, "
			   "each with its name; for example \"order: {kind: "
			   "redis, key: 'shop:order:{order_id}'}\"",
			   SOURCES_MAX);
		return;
	}
	sources->list = xcalloc(map->count, sizeof(*sources->list));
	for (; sources->count < map->count; sources->count++)
		read_source(map->keys[sources->count],
			    map->items[sources->count], file,
			    &sources->list[sources->count], diags);
}

const struct source *sources_find(const struct source_set *sources,
				  const char *name)
{
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->list[i].name, name) == 0)
			return &sources->list[i];
	return NULL;
}

static void source_fini(struct source *s)
{
	settings_fini(table, ARRAY_LEN(table), s);
	free(s->name);
	for (size_t i = 0; i < s->field_count; i++) {
		free(s->fields[i].name);
		free(s->fields[i].pointer);
	}
	for (size_t i = 0; i < s->slot_count; i++)
		free(s->slots[i]);
}

void sources_fini(struct source_set *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		source_fini(&sources->list[i]);
	free(sources->list);
	*sources = (struct source_set){NULL, 0};
}

/* -- printing ---------------------------------------------------------- */

/* Only the keys of its kind: others are refused when it is read back. */
static bool is_of_kind(const struct source *s, struct str line)
{
	static const char *const http[] = {
		"url:", "method:", "body:", "headers:"};

	if (s->kind == SOURCE_HTTP)
		return !str_starts(line, "key:");
	for (size_t i = 0; i < ARRAY_LEN(http); i++)
		if (str_starts(line, http[i]))
			return false;
	return true;
}

static void print_fields(const struct source *s, struct buf *out)
{
	buf_add_s(out, "    fields:\n");
	for (size_t i = 0; i < s->field_count; i++) {
		buf_addf(out, "      %s: ", s->fields[i].name);
		buf_add_json(out, str_of(s->fields[i].pointer));
		buf_add_c(out, '\n');
	}
}

/* What a header says may be a password; of these it is not, and means something
 * to us. */
static bool is_open(const char *header)
{
	return strncasecmp(header, "Content-Type:", 13) == 0 ||
	       strncasecmp(header, "Accept:", 7) == 0;
}

/* A copy of the list; its items are the caller's, too. */
static struct settings_list hide_headers(const struct settings_list *list)
{
	struct settings_list hidden = {0};

	hidden.items = xcalloc(list->count, sizeof(*hidden.items));
	for (size_t i = 0; i < list->count; i++) {
		const char *h = list->items[i];
		struct buf shown = BUF_INIT;

		if (is_open(h))
			buf_add_s(&shown, h);
		else
			buf_addf(&shown, "%.*s: ***", (int)strcspn(h, ":"), h);
		hidden.items[hidden.count++] = buf_take(&shown);
	}
	return hidden;
}

static void print_source(const struct source *s, struct buf *out)
{
	struct source shown = *s;
	struct buf lines = BUF_INIT;

	buf_addf(out, "  %s:\n", s->name);
	shown.headers = hide_headers(&s->headers);
	settings_print(table, ARRAY_LEN(table), &shown, &lines);
	for (size_t i = 0; i < shown.headers.count; i++)
		free(shown.headers.items[i]);
	free(shown.headers.items);
	for (const char *p = lines.data; *p != '\0';) {
		size_t n = strcspn(p, "\n");

		if (is_of_kind(s, (struct str){p, n}))
			buf_addf(out, "    %.*s\n", (int)n, p);
		p += n + 1;
	}
	if (s->kind == SOURCE_HTTP)
		print_fields(s, out);
	buf_fini(&lines);
}

void sources_print(const struct source_set *sources, struct buf *out)
{
	buf_add_s(out, sources->count > 0 ? "sources:\n" : "sources: {}\n");
	for (size_t i = 0; i < sources->count; i++)
		print_source(&sources->list[i], out);
}

/* -- rules ------------------------------------------------------------- */

void sources_lint(const struct source_set *sources,
		  const struct catalog *catalog, struct diags *diags)
{
	struct catalog_source list[SOURCES_MAX] = {{NULL, NULL, 0, NULL, 0}};
	const char *fields[SOURCES_MAX][SOURCE_FIELDS_MAX];

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *s = &sources->list[i];

		for (size_t k = 0; k < s->field_count; k++)
			fields[i][k] = s->fields[k].name;
		list[i] = (struct catalog_source){
			.name = s->name,
			.slots = (const char *const *)s->slots,
			.slot_count = s->slot_count,
			.fields = fields[i],
			.field_count = s->field_count,
		};
	}
	catalog_lint_sources(catalog, list, sources->count, diags);
}
