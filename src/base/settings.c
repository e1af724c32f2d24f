/* The table of settings at work: defaults, reading, printing; see settings.h.
 * A value is read by the same code whether it comes from a file or from the
 * table's own default, so a default is always one that a file could hold. */
#include "base/settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define KEY_MAX 64 /* of a dotted key */

/* -- units ------------------------------------------------------------- */

struct unit {
	const char *name;
	int64_t size;
};

/* From large to small; the last is what a value is kept in. */
static const struct unit times[] = {
	{"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1},
};
static const struct unit sizes[] = {
	{"GB", INT64_C(1) << 30},
	{"MB", 1 << 20},
	{"kB", 1 << 10},
	{"B", 1},
};

static const struct unit *units_of(enum setting_type type, size_t *n)
{
	*n = type == SETTING_MS ? ARRAY_LEN(times) : ARRAY_LEN(sizes);
	return type == SETTING_MS ? times : sizes;
}

/* "30 s" or "30s". A bare 0 needs no unit, a bare number of bytes neither. */
static bool read_quantity(enum setting_type type, struct str text, int64_t *out)
{
	size_t n, digits = 0;
	const struct unit *units = units_of(type, &n);
	struct str unit;
	uint64_t v;

	while (digits < text.n && text.p[digits] >= '0' &&
	       text.p[digits] <= '9')
		digits++;
	if (!str_to_u64((struct str){text.p, digits}, INT64_MAX, &v))
		return false;
	unit = str_trim((struct str){text.p + digits, text.n - digits});
	*out = (int64_t)v;
	if (unit.n == 0)
		return v == 0 || type == SETTING_BYTES;
	for (size_t i = 0; i < n; i++) {
		if (!str_is(unit, units[i].name))
			continue;
		return !__builtin_mul_overflow((int64_t)v, units[i].size, out);
	}
	return false;
}

static void add_quantity(enum setting_type type, int64_t v, struct buf *out)
{
	size_t n;
	const struct unit *units = units_of(type, &n);

	for (size_t i = 0; i < n; i++) {
		if (v != 0 && v % units[i].size != 0)
			continue;
		if (v == 0)
			i = n - 1;
		buf_add_i64(out, v / units[i].size);
		buf_add_c(out, ' ');
		buf_add_s(out, units[i].name);
		return;
	}
}

/* -- one value --------------------------------------------------------- */

struct reading {
	const char *file;
	void *into;
	struct diags *diags;
};

static void *slot(const struct setting *s, void *of)
{
	return (char *)of + s->offset;
}

static const void *slot_of(const struct setting *s, const void *of)
{
	return (const char *)of + s->offset;
}

static const char *last_name(const struct setting *s)
{
	const char *dot = strrchr(s->key, '.');

	return dot == NULL ? s->key : dot + 1;
}

static void wrong(struct reading *r, const struct setting *s,
		  const struct node *node, const char *want)
{
	diag_error(r->diags, node_place(node, r->file),
		   "\"%s\" wants %s; for example \"%s: %s\"", s->key, want,
		   last_name(s), s->initial);
}

static void wrong_list(struct reading *r, const struct setting *s,
		       const struct node *node)
{
	if (node->kind != NODE_SCALAR || node->text.n == 0) {
		wrong(r, s, node, "a list");
		return;
	}
	diag_error(r->diags, node_place(node, r->file),
		   "\"%s\" wants a list; write \"%s: [%.*s]\"", s->key,
		   last_name(s), STR_ARG(node->text));
}

static void range_text(const struct setting *s, struct buf *out)
{
	buf_add_s(out, "between ");
	if (s->type == SETTING_INT) {
		buf_add_i64(out, s->min);
		buf_add_s(out, " and ");
		buf_add_i64(out, s->max);
		return;
	}
	add_quantity(s->type, s->min, out);
	buf_add_s(out, " and ");
	add_quantity(s->type, s->max, out);
}

static void set_number(struct reading *r, const struct setting *s,
		       const struct node *node)
{
	struct buf range = BUF_INIT;
	int64_t v = 0;
	bool ok;

	if (s->type == SETTING_INT)
		ok = node_i64(node, &v);
	else
		ok = node->kind == NODE_SCALAR &&
		     read_quantity(s->type, node->text, &v);
	if (!ok) {
		wrong(r, s, node,
		      s->type == SETTING_INT  ? "a whole number"
		      : s->type == SETTING_MS ? "a time with its unit (ms, s, "
						"min, h, d)"
					      : "a size with its unit (B, kB, "
						"MB, GB)");
		return;
	}
	if (v >= s->min && v <= s->max) {
		*(int64_t *)slot(s, r->into) = v;
		return;
	}
	range_text(s, &range);
	diag_error(r->diags, node_place(node, r->file),
		   "\"%s\" is out of range; it must be %s", s->key, range.data);
	buf_fini(&range);
}

static bool set_text(struct reading *r, const struct setting *s,
		     const struct node *node, char **into)
{
	if (node->kind != NODE_SCALAR || node_is_null(node)) {
		wrong(r, s, node, "a text ('' for an empty one)");
		return false;
	}
	if (s->type == SETTING_STRING && s->max > 0 &&
	    (node->text.n > (uint64_t)s->max ||
	     node->text.n < (uint64_t)s->min)) {
		diag_error(r->diags, node_place(node, r->file),
			   "\"%s\" is too %s; it must have %d to %d bytes",
			   s->key,
			   node->text.n > (uint64_t)s->max ? "long" : "short",
			   (int)s->min, (int)s->max);
		return false;
	}
	free(*into);
	*into = xstrndup(node->text.p, node->text.n);
	return true;
}

static void list_fini(struct settings_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct settings_list){NULL, 0};
}

static void set_list(struct reading *r, const struct setting *s,
		     const struct node *node)
{
	struct settings_list list = {NULL, 0};
	bool ok = true;

	if (node->kind != NODE_LIST) {
		wrong_list(r, s, node);
		return;
	}
	if (s->max > 0 && (node->count > (uint64_t)s->max ||
			   node->count < (uint64_t)s->min)) {
		diag_error(r->diags, node_place(node, r->file),
			   "\"%s\" must have %d to %d items", s->key,
			   (int)s->min, (int)s->max);
		return;
	}
	list.items = xcalloc(node->count, sizeof(*list.items));
	for (; list.count < node->count; list.count++)
		ok = set_text(r, s, node->items[list.count],
			      &list.items[list.count]) &&
		     ok;
	if (!ok) {
		list_fini(&list);
		return;
	}
	list_fini(slot(s, r->into));
	*(struct settings_list *)slot(s, r->into) = list;
}

static void set(struct reading *r, const struct setting *s,
		const struct node *node)
{
	switch (s->type) {
	case SETTING_STRING:
		set_text(r, s, node, slot(s, r->into));
		break;
	case SETTING_BOOL:
		if (!node_bool(node, slot(s, r->into)))
			wrong(r, s, node, "\"true\" or \"false\"");
		break;
	case SETTING_INT:
	case SETTING_MS:
	case SETTING_BYTES:
		set_number(r, s, node);
		break;
	case SETTING_LIST:
		set_list(r, s, node);
		break;
	}
}

/* -- a whole file ------------------------------------------------------ */

enum known {
	KNOWN_NOT,
	KNOWN_GROUP, /* "limits" of "limits.text" */
	KNOWN_KEY,
};

static enum known look_up(const struct setting *table, size_t n, struct str key,
			  const struct setting **found)
{
	enum known known = KNOWN_NOT;

	for (size_t i = 0; i < n; i++) {
		struct str name = str_of(table[i].key);

		if (str_eq(name, key)) {
			*found = &table[i];
			return KNOWN_KEY;
		}
		if (name.n > key.n && name.p[key.n] == '.' &&
		    memcmp(name.p, key.p, key.n) == 0)
			known = KNOWN_GROUP;
	}
	return known;
}

/* What was meant: the same word in another group, else the nearest key or
 * group beside it. The result lives in `table` or in `heads`. */
static const char *meant(const struct setting *table, size_t n, struct str key,
			 char (*heads)[KEY_MAX])
{
	const char **names = xreallocarray(NULL, n, sizeof(*names));
	const char *dot = memrchr(key.p, '.', key.n);
	size_t start = dot == NULL ? 0 : (size_t)(dot + 1 - key.p);
	struct str word = {key.p + start, key.n - start};
	const char *found = NULL, *same = NULL;
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		const char *last = strrchr(table[i].key, '.');
		size_t head = strcspn(table[i].key, ".");

		if (str_is(word, last == NULL ? table[i].key : last + 1))
			same = table[i].key;
		assert(head < KEY_MAX);
		memcpy(heads[i], table[i].key, head);
		if (start == 0)
			names[count++] = heads[i];
		else if (last != NULL && start == head + 1 &&
			 memcmp(table[i].key, key.p, start) == 0)
			names[count++] = last + 1;
	}
	if (same == NULL)
		found = diag_nearest(word, names, count);
	free(names);
	if (found != NULL)
		found -= start; /* the whole key again */
	return same != NULL ? same : found;
}

static void report_unknown(const struct setting *table, size_t n,
			   struct reading *r, struct diag_place at,
			   struct str dotted)
{
	char(*heads)[KEY_MAX] = xcalloc(n, sizeof(*heads));
	const char *found = meant(table, n, dotted, heads);

	if (found != NULL)
		diag_error(r->diags, at,
			   "unknown key \"%.*s\"; did you mean \"%s\"?",
			   STR_ARG(dotted), found);
	else
		diag_error(r->diags, at, "unknown key \"%.*s\"; remove it",
			   STR_ARG(dotted));
	free(heads);
}

static void read_map(const struct setting *table, size_t n, struct reading *r,
		     const struct node *map, const char *prefix);

static void read_pair(const struct setting *table, size_t n, struct reading *r,
		      const struct node *key, const struct node *value,
		      struct str dotted)
{
	const struct setting *found = NULL;
	char group[KEY_MAX];

	switch (look_up(table, n, dotted, &found)) {
	case KNOWN_KEY:
		set(r, found, value);
		break;
	case KNOWN_GROUP:
		assert(dotted.n < KEY_MAX);
		snprintf(group, sizeof(group), "%.*s.", STR_ARG(dotted));
		if (value->kind == NODE_MAP)
			read_map(table, n, r, value, group);
		else if (!node_is_null(value))
			diag_error(r->diags, node_place(value, r->file),
				   "\"%.*s\" is a group of keys; put them on "
				   "lines of their own, indented",
				   STR_ARG(dotted));
		break;
	case KNOWN_NOT:
		report_unknown(table, n, r, node_place(key, r->file), dotted);
		break;
	}
}

static void read_map(const struct setting *table, size_t n, struct reading *r,
		     const struct node *map, const char *prefix)
{
	struct buf dotted = BUF_INIT;

	for (size_t i = 0; i < map->count; i++) {
		struct str key = map->keys[i]->text;

		if (memchr(key.p, '.', key.n) != NULL) {
			diag_error(r->diags, node_place(map->keys[i], r->file),
				   "a key with a dot; write the part before "
				   "it on a line of its own, and the rest "
				   "below it, indented");
			continue;
		}
		/* What is longer than any key is unknown anyway. */
		key.n = utf8_prefix(key.p, key.n, KEY_MAX);
		buf_clear(&dotted);
		buf_add_s(&dotted, prefix);
		buf_add_str(&dotted, key);
		read_pair(table, n, r, map->keys[i], map->items[i],
			  buf_str(&dotted));
	}
	buf_fini(&dotted);
}

bool settings_read(const struct setting *table, size_t n, const char *file,
		   const struct node *root, void *into, struct diags *diags)
{
	struct reading r = {file, into, diags};
	size_t before = diags->errors;

	if (root->kind != NODE_MAP)
		diag_error(diags, node_place(root, file),
			   "the file must hold lines of \"key: value\"");
	else
		read_map(table, n, &r, root, "");
	return diags->errors == before;
}

/* The node of a value given in one line. NULL: told in `diags`. */
static struct node *node_of(const struct setting *s, const char *file,
			    struct str value, struct arena *arena,
			    struct diags *diags)
{
	struct buf text = BUF_INIT;
	struct node *node;

	buf_addf(&text, "- %.*s", STR_ARG(value));
	node = tree_parse(arena, file, buf_str(&text), diags);
	buf_fini(&text);
	if (node == NULL)
		return NULL;
	if (node->kind == NODE_LIST && node->count == 1)
		return node->items[0];
	diag_error(diags, ((struct diag_place){file, 0, 0}),
		   "\"%s\" wants one value", s->key);
	return NULL;
}

/* A text is taken as it is, so that nobody quotes it twice. */
static void set_one(const struct setting *s, struct reading *r,
		    struct str value)
{
	struct arena arena;
	const struct node *node;

	arena_init(&arena);
	node = s->type == SETTING_STRING
		       ? &(struct node){.kind = NODE_SCALAR, .text = value}
		       : node_of(s, r->file, value, &arena, r->diags);
	if (!utf8_valid(value.p, value.n))
		diag_error(r->diags, ((struct diag_place){r->file, 0, 0}),
			   "\"%s\" is not UTF-8", s->key);
	else if (node != NULL)
		set(r, s, node);
	arena_fini(&arena);
}

bool settings_set(const struct setting *table, size_t n, const char *file,
		  struct str assignment, void *into, struct diags *diags)
{
	struct reading r = {file, into, diags};
	struct diag_place at = {file, 0, 0};
	size_t before = diags->errors;
	const char *equals = memchr(assignment.p, '=', assignment.n);
	const struct setting *found = NULL;
	struct str key = assignment;

	if (equals == NULL) {
		diag_error(diags, at, "\"%.*s\" is no KEY=VALUE",
			   STR_ARG(assignment));
		return false;
	}
	key.n = (size_t)(equals - key.p);
	if (key.n < KEY_MAX && look_up(table, n, key, &found) == KNOWN_KEY)
		set_one(found, &r,
			(struct str){equals + 1, assignment.n - key.n - 1});
	else
		report_unknown(
			table, n, &r, at,
			(struct str){key.p, key.n > KEY_MAX ? KEY_MAX : key.n});
	return diags->errors == before;
}

void settings_defaults(const struct setting *table, size_t n, void *into)
{
	struct diags diags;
	struct arena arena;

	diags_init(&diags);
	arena_init(&arena);
	for (size_t i = 0; i < n; i++) {
		struct reading r = {table[i].key, into, &diags};
		struct buf text = BUF_INIT;
		struct node *node;

		buf_addf(&text, "- %s", table[i].initial);
		node = tree_parse(&arena, table[i].key, buf_str(&text), &diags);
		assert(node != NULL && node->count == 1);
		set(&r, &table[i], node->items[0]);
		assert(diags.errors == 0); /* a table with a bad default */
		buf_fini(&text);
	}
	arena_fini(&arena);
	diags_fini(&diags);
}

/* -- printing ------------------------------------------------------------ */

static bool is_printable(uint32_t cp)
{
	return cp >= 0x20 && (cp < 0x7f || cp >= 0xa0) && cp != 0x2028 &&
	       cp != 0x2029 && cp != 0xfeff && (cp & 0xfffe) != 0xfffe;
}

/* In double quotes, where YAML can hold any character. */
static void add_quoted(struct buf *out, struct str s)
{
	uint32_t cp;
	size_t took;

	buf_add_c(out, '"');
	for (size_t at = 0; at < s.n; at += took) {
		took = utf8_decode(s.p + at, s.n - at, &cp);
		if (took == 0)
			took = 1; /* cannot come from a file */
		else if (cp == '"' || cp == '\\')
			buf_addf(out, "\\%c", (char)cp);
		else if (is_printable(cp))
			buf_add(out, s.p + at, took);
		else
			buf_addf(out, "\\U%08x", (unsigned)cp);
	}
	buf_add_c(out, '"');
}

static void add_list(struct buf *out, const struct settings_list *list)
{
	buf_add_c(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buf_add_s(out, ", ");
		add_quoted(out, str_of(list->items[i]));
	}
	buf_add_c(out, ']');
}

static void add_value(struct buf *out, const struct setting *s, const void *at)
{
	switch (s->type) {
	case SETTING_STRING:
		add_quoted(out, str_of(*(char *const *)at));
		break;
	case SETTING_BOOL:
		buf_add_s(out, *(const bool *)at ? "true" : "false");
		break;
	case SETTING_INT:
		buf_add_i64(out, *(const int64_t *)at);
		break;
	case SETTING_MS:
	case SETTING_BYTES:
		add_quantity(s->type, *(const int64_t *)at, out);
		break;
	case SETTING_LIST:
		add_list(out, at);
		break;
	}
}

/* A group's keys stand together in the table; its head is printed where it
 * begins. */
void settings_print(const struct setting *table, size_t n, const void *from,
		    struct buf *out)
{
	size_t open = 0; /* bytes of the group's name with its dot */

	for (size_t i = 0; i < n; i++) {
		const char *key = table[i].key;
		const char *dot = strrchr(key, '.');
		size_t head = dot == NULL ? 0 : (size_t)(dot + 1 - key);

		if (head > 0 &&
		    (head != open || memcmp(table[i - 1].key, key, head) != 0))
			buf_addf(out, "%.*s:\n", (int)head - 1, key);
		open = head;
		buf_addf(out, "%s%s: ", head > 0 ? "  " : "", key + head);
		add_value(out, &table[i], slot_of(&table[i], from));
		buf_add_c(out, '\n');
	}
}

void settings_fini(const struct setting *table, size_t n, void *of)
{
	for (size_t i = 0; i < n; i++) {
		void *at = slot(&table[i], of);

		if (table[i].type == SETTING_STRING) {
			free(*(char **)at);
			*(char **)at = NULL;
		} else if (table[i].type == SETTING_LIST) {
			list_fini(at);
		}
	}
}

bool settings_list_has(const struct settings_list *list, struct str item)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_is(item, list->items[i]))
			return true;
	return false;
}
