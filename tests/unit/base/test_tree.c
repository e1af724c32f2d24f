/* The YAML tree: what it reads, what it refuses, and what it says then. */
#include "base/tree.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "check.h"

static struct arena arena;
static struct diags diags;
static struct buf printed;

static struct node *parse_n(const char *text, size_t n)
{
	arena_fini(&arena);
	diags_fini(&diags);
	buf_clear(&printed);
	return tree_parse(&arena, "f.yaml", (struct str){text, n}, &diags);
}

static struct node *parse(const char *text)
{
	return parse_n(text, strlen(text));
}

/* The findings of parsing `text`, as an operator sees them. */
static const char *said(const char *text)
{
	struct node *node = parse(text);

	CHECK((node == NULL) == (diags.errors > 0));
	diags_print(&diags, &printed);
	return printed.data == NULL ? "" : printed.data;
}

static bool says(const char *text, const char *what)
{
	const char *out = said(text);

	if (strstr(out, what) != NULL)
		return true;
	printf("for <<%s>> said <<%s>>\n", text, out);
	return false;
}

static void maps_lists_and_scalars_keep_their_places(void)
{
	struct node *root = parse("a: x\nb:\n  - 'y z'\n  - {k: |-\n    t}\n");
	struct node *b;

	CHECK(root == NULL); /* a block scalar cannot stand in braces */
	root = parse("a: x\nb:\n  - 'y z'\n  - {k: 7}\nc: |\n  two\n  lines\n");
	CHECK(root != NULL && root->kind == NODE_MAP && root->count == 3);
	if (root == NULL)
		return;
	CHECK(str_is(node_get(root, "a")->text, "x"));
	CHECK(node_get(root, "a")->plain);
	b = node_get(root, "b");
	CHECK(b->kind == NODE_LIST && b->count == 2 && b->keys == NULL);
	CHECK(b->line == 3 && b->col == 3);
	CHECK(str_is(b->items[0]->text, "y z") && !b->items[0]->plain);
	CHECK(b->items[0]->line == 3 && b->items[0]->col == 5);
	CHECK(str_is(node_get(b->items[1], "k")->text, "7"));
	CHECK(str_is(node_get(root, "c")->text, "two\nlines\n"));
	CHECK(node_get(root, "nothing") == NULL);
	CHECK(node_get(b, "k") == NULL && node_get(NULL, "k") == NULL);
}

static void columns_count_code_points_not_bytes(void)
{
	struct node *root = parse("{gr\xc3\xb6\xc3\x9f"
				  "e: 1, b: 2}");

	CHECK(root != NULL);
	if (root != NULL)
		CHECK(node_get(root, "b")->col == 15);
}

static void an_empty_file_is_an_empty_map(void)
{
	static const char *const files[] = {"",  "# only this\n", "---\n",
					    "~", "\xef\xbb\xbf",  "\n\n"};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct node *root = parse(files[i]);

		CHECK(root != NULL && root->kind == NODE_MAP);
		CHECK(root != NULL && root->count == 0);
	}
}

static void what_an_attacker_would_use_is_refused(void)
{
	CHECK(says("a: &x 1\n", "f.yaml:1:4: error: text that starts with"));
	CHECK(says("a: *x\n", "1:4: error: text that starts with \"*\""));
	CHECK(says("a: &x [*x]\n", "single quotes"));
	CHECK(says("a: !!binary aGk=\n", "tag"));
	CHECK(says("- !important\n", "single quotes"));
	CHECK(says("a: 1\n---\nb: 2\n", "2:1: error: a second document"));
	CHECK(says("a: \"x\\0y\"\n", "1:4: error: a NUL character"));
	CHECK(says("? [a]\n: b\n", "a key must be a word, not a list"));
	CHECK(says(": b\n", "a key is missing"));
	CHECK(parse_n("a: \0b", 5) == NULL && diags.list[0].col == 4);
	CHECK(parse_n("\xff\xfe"
		      "a\0",
		      4) == NULL);
	CHECK(says("a: caf\xe9\n", "1:7: error: not UTF-8"));
	CHECK(says("a: b\x1b[2J\n", "1:5: error: a control character"));
}

static void a_key_given_twice_is_found_in_short_and_long_maps(void)
{
	struct buf many = BUF_INIT;

	CHECK(says("a: 1\nb: 2\na: 3\n",
		   "3:1: error: the key \"a\" stands here a second time "
		   "(first in line 1)"));
	for (int i = 0; i < 500; i++)
		buf_addf(&many, "k%d: %d\n", i, i);
	CHECK(parse(many.data) != NULL);
	buf_add_s(&many, "k77: again\n");
	CHECK(says(many.data, "501:1: error: the key \"k77\" stands here a "
			      "second time (first in line 78)"));
	buf_fini(&many);
}

static void all_mistakes_of_single_nodes_are_told_in_one_run(void)
{
	said("a: *x\nb: &y z\na: !t u\n");
	CHECK(diags.errors == 4);
}

static void nested(struct buf *out, const char *unit, size_t times)
{
	buf_clear(out);
	for (size_t i = 0; i < times; i++)
		buf_add_s(out, unit);
}

static void sixteen_levels_are_read_and_seventeen_are_not(void)
{
	struct buf b = BUF_INIT;

	nested(&b, "[", 16);
	nested(&printed, "]", 16);
	buf_add_str(&b, buf_str(&printed));
	CHECK(parse(b.data) != NULL);
	nested(&b, "[", 17);
	nested(&printed, "]", 17);
	buf_add_str(&b, buf_str(&printed));
	CHECK(says(b.data, "1:17: error: lists and maps within each other"));
	buf_fini(&b);
}

/* libyaml alone takes a second for 22,500 brackets. */
static void hostile_nesting_is_refused_in_no_time(void)
{
	static const char *const units[] = {
		"[",     "{",    "[ ", "[\n",   "{a: ",    "[a,", "- ",  "? ",
		"a:\n ", "{? ",  "[{", "[[]",   "\"\": [", "!",   "&a ", "*a ",
		"- - ",  "? - ", "[?", "{[]: ", "'",       "\"",  "|\n", ">",
		"%",     "#",    ",",  "\t",    "a: ",     "{},", "]",   "}",
	};
	struct buf b = BUF_INIT;
	clock_t before = clock();

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		clock_t start = clock();

		nested(&b, units[i], TREE_MAX_BYTES / strlen(units[i]));
		parse_n(b.data, b.len);
		if (clock() - start > CLOCKS_PER_SEC / 2)
			printf("slow: <%s> %ld us\n", units[i],
			       (long)(clock() - start));
	}
	CHECK(clock() - before < 8 * CLOCKS_PER_SEC);
	buf_fini(&b);
}

static void sizes_are_bounded(void)
{
	struct buf b = BUF_INIT;

	buf_add_s(&b, "a: ");
	for (size_t i = 0; i < TREE_MAX_SCALAR; i++)
		buf_add_c(&b, 'x');
	CHECK(parse(b.data) != NULL);
	buf_add_c(&b, 'x');
	CHECK(says(b.data, "1:4: error: a text of more than 64 kB"));
	nested(&b, "#\n", TREE_MAX_BYTES / 2);
	CHECK(parse(b.data) != NULL);
	buf_add_c(&b, '\n');
	CHECK(says(b.data, "f.yaml: error: the file is larger"));
	nested(&b, "- 1\n", TREE_MAX_NODES - 1);
	CHECK(parse(b.data) != NULL);
	buf_add_s(&b, "- 1\n");
	CHECK(says(b.data, "error: more than 200000 values"));
	buf_fini(&b);
}

static void phrases_that_yaml_takes_for_syntax_want_quotes(void)
{
	static const char head[] = "m:\n  - ok\n  - ";
	static const char *const phrases[] = {
		"[a-z]+ order", "{1,2} orders", "!now",  "*star and more",
		"& company",    "%off",         "@home", "`tick`",
	};

	for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
		char text[128];

		snprintf(text, sizeof(text), "%s%s\n", head, phrases[i]);
		CHECK(says(text, "f.yaml:3:5: error: text that starts with"));
		CHECK(strstr(printed.data, "put this in single quotes"));
		snprintf(text, sizeof(text), "%s%s\n  - more\n", head,
			 phrases[i]);
		CHECK(says(text, "put this in single quotes"));
	}
	CHECK(says("say: this: that: more\n",
		   "1:6: error: text that holds \": \" means something else"));
	CHECK(says("a: 'it's late'\n", "1:4: error: this text in single"));
	CHECK(says("x: 1\na: 'never closed\nb: 2\n", "2:4: error: this text"));
	CHECK(says("a: \"\\d+\"\n", "1:4: error: this text in double"));
}

static void a_bracket_without_its_end_is_told_at_its_place(void)
{
	CHECK(says("a:\n  - b\n  - {good day\nc: 'x'\n",
		   "f.yaml:3:5: error: this map is not closed; add \"}\", or "
		   "put this in single quotes if it is text"));
	CHECK(says("a:\n  - [good] day\n  - [good day\n  - b\nc: x\n",
		   "put this in single quotes"));
	CHECK(says("a: [b,\n  c\nd: e\n",
		   "f.yaml:1:4: error: this list is not closed; add \"]\""));
}

static void other_mistakes_get_a_remedy_at_their_place(void)
{
	/* The list is a column off, so that it goes on to the next key. */
	CHECK(says("a:\n  - b: c\n    d:\n  - e (f)\n      - g\n    h:\n"
		   "      - i\n",
		   "f.yaml:6:6: error: a \":\" where none can stand; put the "
		   "text before it in quotes, or check the indentation, of the "
		   "lines above as well"));
	CHECK(says("a: [\n", "a value is missing here; close the \"[\""));
	CHECK(says("a:\n\t- b\n", "2:1: error: a tab at the start"));
	CHECK(says("a: 1\n  b: 2\n", "f.yaml:2:4: error: "));
	CHECK(says("a:\n  - b\n c: 1\n", "f.yaml:3:2: error: this does not"));
	CHECK(says("a: 1\nfoo\nb: 1\n", "without \"key:\""));
}

static void a_lost_comment_is_a_warning_only(void)
{
	CHECK(says("a: order #5\n", "1:9: warning: what follows \" #\""));
	CHECK(diags.errors == 0);
	CHECK(says("\xc3\xa4: \xc3\xb6rder #5\nb: c #6\n", "2:5: warning"));
	CHECK(diags.warnings == 2);
	CHECK_STR(said("a: order  # where\nb: 'x' #5\n#5\nc: d#5\n"), "");
}

static bool bool_of(const char *text, bool *out)
{
	struct node *root = parse(text);

	return root != NULL && node_bool(root->items[0], out);
}

static void plain_words_become_truth_values(void)
{
	bool v = false;

	CHECK(bool_of("- yes", &v) && v);
	CHECK(bool_of("- No", &v) && !v);
	CHECK(bool_of("- TRUE", &v) && v);
	CHECK(bool_of("- oFF", &v) == false);
	CHECK(bool_of("- 'yes'", &v) == false);
	CHECK(bool_of("- truer", &v) == false);
	CHECK(bool_of("- [true]", &v) == false);
}

static void numbers_are_read_whole_or_not_at_all(void)
{
	struct node *root = parse("[12, -3, +4, 1.5, 1e3, '5', 0x10, 1., nan,"
				  " 9223372036854775808, -, 1_000, 1e999]");
	static const bool is_int[] = {true, true, true};
	static const bool is_double[] = {true,  true,  true, true,  true,
					 false, false, true, false, true};
	int64_t i;
	double d;

	CHECK(root != NULL && root->count == 13);
	for (size_t k = 0; root != NULL && k < root->count; k++) {
		CHECK(node_i64(root->items[k], &i) == (k < 3 && is_int[k]));
		CHECK(node_double(root->items[k], &d) ==
		      (k < 10 && is_double[k]));
	}
	CHECK(root != NULL && node_i64(root->items[1], &i) && i == -3);
	CHECK(root != NULL && node_double(root->items[4], &d) && d == 1000);
}

static void nothing_is_plain_and_empty(void)
{
	struct node *root = parse("[~, null, '', NULL, 'null', nul]");

	CHECK(root != NULL && root->count == 6);
	for (size_t i = 0; root != NULL && i < root->count; i++)
		CHECK(node_is_null(root->items[i]) ==
		      (i == 0 || i == 1 || i == 3));
	root = parse("a:\n");
	CHECK(root != NULL && node_is_null(root->items[0]));
}

int main(void)
{
	RUN(maps_lists_and_scalars_keep_their_places);
	RUN(columns_count_code_points_not_bytes);
	RUN(an_empty_file_is_an_empty_map);
	RUN(what_an_attacker_would_use_is_refused);
	RUN(a_key_given_twice_is_found_in_short_and_long_maps);
	RUN(all_mistakes_of_single_nodes_are_told_in_one_run);
	RUN(sixteen_levels_are_read_and_seventeen_are_not);
	RUN(hostile_nesting_is_refused_in_no_time);
	RUN(sizes_are_bounded);
	RUN(phrases_that_yaml_takes_for_syntax_want_quotes);
	RUN(a_bracket_without_its_end_is_told_at_its_place);
	RUN(other_mistakes_get_a_remedy_at_their_place);
	RUN(a_lost_comment_is_a_warning_only);
	RUN(plain_words_become_truth_values);
	RUN(numbers_are_read_whole_or_not_at_all);
	RUN(nothing_is_plain_and_empty);
	arena_fini(&arena);
	diags_fini(&diags);
	buf_fini(&printed);
	return check_done("base/tree");
}
