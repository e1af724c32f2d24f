/* An operator's bytes through the YAML tree and a table of settings. Checked:
 * what is refused is told, what is taken keeps the bounds, and settings that
 * were read print as what reads back the same. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/settings.h"
#include "base/utf8.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static void check_node(const struct node *node, size_t depth)
{
	need(node->line >= 1 && node->col >= 1);
	switch (node->kind) {
	case NODE_SCALAR:
		need(node->text.n <= TREE_MAX_SCALAR);
		need(strlen(node->text.p) == node->text.n);
		need(utf8_valid(node->text.p, node->text.n));
		return;
	case NODE_MAP:
		for (size_t i = 0; i < node->count; i++) {
			need(node->keys[i]->kind == NODE_SCALAR);
			need(node_get(node, node->keys[i]->text.p) ==
			     node->items[i]);
		}
		break;
	case NODE_LIST:
		break;
	}
	need(depth < TREE_MAX_DEPTH);
	for (size_t i = 0; i < node->count; i++)
		check_node(node->items[i], depth + 1);
}

struct things {
	char *text;
	bool flag;
	int64_t count, ms, bytes;
	struct settings_list list;
};

#define AT(member) offsetof(struct things, member)
static const struct setting table[] = {
	{"a", SETTING_STRING, AT(text), 0, 0, "x", ""},
	{"b", SETTING_BOOL, AT(flag), 0, 0, "no", ""},
	{"c.d", SETTING_INT, AT(count), INT64_MIN, INT64_MAX, "0", ""},
	{"c.e", SETTING_MS, AT(ms), 0, INT64_MAX, "0", ""},
	{"c.f", SETTING_BYTES, AT(bytes), 0, INT64_MAX, "0", ""},
	{"c.g", SETTING_LIST, AT(list), 0, 0, "[]", ""},
};
#define N ARRAY_LEN(table)

static bool read_into(struct str text, struct things *things, struct buf *out)
{
	struct arena arena;
	struct diags diags;
	struct node *root;
	bool ok = false;

	arena_init(&arena);
	diags_init(&diags);
	settings_defaults(table, N, things);
	root = tree_parse(&arena, "f", text, &diags);
	need((root == NULL) == (diags.errors > 0));
	if (root != NULL) {
		check_node(root, 0);
		ok = settings_read(table, N, "f", root, things, &diags);
		need(ok == (diags.errors == 0));
	}
	for (size_t i = 0; i < diags.count; i++)
		need(diags.list[i].text[0] != '\0');
	settings_print(table, N, things, out);
	diags_fini(&diags);
	arena_fini(&arena);
	return ok;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct things first = {0}, second = {0};
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct diags diags;

	read_into((struct str){(const char *)data, size}, &first, &once);
	need(read_into(buf_str(&once), &second, &twice));
	need(str_eq(buf_str(&once), buf_str(&twice)));
	diags_init(&diags);
	settings_set(table, N, "s", (struct str){(const char *)data, size},
		     &second, &diags);
	diags_fini(&diags);
	settings_fini(table, N, &first);
	settings_fini(table, N, &second);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}
