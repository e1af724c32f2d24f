/* The settings table: defaults, reading with all mistakes, printing back. */
#include "base/settings.h"

#include "base/mem.h"
#include "check.h"

struct things {
	char *name;
	bool loud;
	int64_t count, wait_ms, room_bytes;
	struct settings_list items;
};

#define AT(member) offsetof(struct things, member)
static const struct setting table[] = {
	{"name", SETTING_STRING, AT(name), 1, 20, "'it''s me'", "who"},
	{"loud", SETTING_BOOL, AT(loud), 0, 0, "false", "how"},
	{"limits.count", SETTING_INT, AT(count), -5, 10, "3", "how many"},
	{"limits.wait", SETTING_MS, AT(wait_ms), 0, 86400000, "90 s", "time"},
	{"limits.room", SETTING_BYTES, AT(room_bytes), 1, 1 << 30, "32 kB", ""},
	{"limits.items", SETTING_LIST, AT(items), 0, 3, "[a, b c]", "list"},
};
#define N ARRAY_LEN(table)

static struct things it;
static struct diags diags;
static struct buf out;

static bool read_text(const char *text)
{
	struct arena arena;
	struct node *root;
	bool ok = false;

	settings_fini(table, N, &it);
	diags_fini(&diags);
	buf_clear(&out);
	arena_init(&arena);
	settings_defaults(table, N, &it);
	root = tree_parse(&arena, "f", str_of(text), &diags);
	if (root != NULL)
		ok = settings_read(table, N, "f", root, &it, &diags);
	arena_fini(&arena);
	diags_print(&diags, &out);
	CHECK(ok == (diags.errors == 0));
	return ok;
}

static bool says(const char *text, const char *what)
{
	if (!read_text(text) && strstr(out.data, what) != NULL)
		return true;
	printf("for <<%s>> said <<%s>>\n", text, out.data);
	return false;
}

static void defaults_come_from_the_table(void)
{
	CHECK(read_text(""));
	CHECK_STR(it.name, "it's me");
	CHECK(!it.loud && it.count == 3 && it.wait_ms == 90000);
	CHECK(it.room_bytes == 32768 && it.items.count == 2);
	CHECK_STR(it.items.items[1], "b c");
}

static void values_replace_defaults(void)
{
	CHECK(read_text("name: 12\nloud: yes\nlimits:\n  count: -5\n"
			"  wait: 2min\n  room: 7\n  items: []\n"));
	CHECK_STR(it.name, "12");
	CHECK(it.loud && it.count == -5 && it.wait_ms == 120000);
	CHECK(it.room_bytes == 7 && it.items.count == 0);
	CHECK(read_text("limits:\n"));
}

static void units_are_understood(void)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {{"0", 0},         {"250 ms", 250},   {"1 s", 1000},
		    {"1 h", 3600000}, {"1 d", 86400000}, {"'3 s'", 3000}};
	static const char *const bad[] = {
		"5",   "5 m", "1.5 s", "-1 s",  "s",
		"5 S", "[1]", "''",    "5 s s", "99999999999999999 d"};
	char text[64];

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		snprintf(text, sizeof(text), "limits: {wait: %s}",
			 good[i].text);
		CHECK(read_text(text) && it.wait_ms == good[i].ms);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(text, sizeof(text), "limits: {wait: %s}", bad[i]);
		CHECK(says(text,
			   "f:1:16: error: \"limits.wait\" wants a time"));
	}
	CHECK(read_text("limits: {room: 1 GB}") && it.room_bytes == 1 << 30);
	CHECK(says("limits: {room: 2 GB}", "between 1 B and 1 GB"));
	CHECK(says("limits: {wait: 2 d}", "between 0 ms and 1 d"));
	CHECK(says("limits: {count: 11}", "between -5 and 10"));
}

static void wrong_types_are_told_with_an_example(void)
{
	CHECK(says("name: [a]", "f:1:7: error: \"name\" wants a text"));
	CHECK(says("name:", "wants a text ('' for an empty one)"));
	CHECK(says("name: ''", "too short; it must have 1 to 20 bytes"));
	CHECK(says("name: aaaaaaaaaaaaaaaaaaaaa", "too long"));
	CHECK(says("loud: maybe", "for example \"loud: false\""));
	CHECK(says("limits: {count: x}", "a whole number; for example "
					 "\"count: 3\""));
	CHECK(says("limits: {items: x}", "wants a list; write \"items: [x]\""));
	CHECK(says("limits: {items: {a: b}}", "wants a list; for example"));
	CHECK(says("limits: {items: [[x]]}", "wants a text"));
	CHECK(says("limits: {items: [a, b, c, d]}", "0 to 3 items"));
	CHECK(says("limits: 3", "is a group of keys"));
	CHECK(says("- a", "lines of \"key: value\""));
	CHECK(it.count == 3 && it.items.count == 2);
}

static void unknown_keys_get_a_suggestion(void)
{
	CHECK(says("nmae: x", "f:1:1: error: unknown key \"nmae\"; did you "
			      "mean \"name\"?"));
	CHECK(says("limits: {cuont: 1}",
		   "f:1:10: error: unknown key \"limits.cuont\"; did you mean "
		   "\"limits.count\"?"));
	CHECK(says("count: 1", "did you mean \"limits.count\"?"));
	CHECK(says("limits: {name: 1}", "did you mean \"name\"?"));
	CHECK(says("limts: {count: 1}", "did you mean \"limits\"?"));
	CHECK(says("colour: red", "unknown key \"colour\"; remove it"));
	CHECK(says("limits.count: 1", "1:1: error: a key with a dot"));
}

static void all_mistakes_are_told_in_one_run(void)
{
	CHECK(!read_text("nmae: x\nloud: 7\nlimits:\n  count: 99\n  x: 1\n"));
	CHECK(diags.errors == 4);
}

static void keys_of_any_length_are_only_unknown(void)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < 900; i++)
		buf_add_s(&text, "\xc3\xa4");
	buf_add_s(&text, ": 1\n");
	CHECK(says(text.data, "unknown key"));
	buf_fini(&text);
}

static void what_is_printed_reads_back_the_same(void)
{
	struct buf first = BUF_INIT, second = BUF_INIT;

	CHECK(read_text("name: \"a'b\\\"\\n\\x7f\\u2028\\U0001F600\\e\"\n"
			"loud: on\nlimits: {count: 0, wait: 61 s, room: 1025,"
			" items: ['', '# x', '[y']}\n"));
	settings_print(table, N, &it, &first);
	CHECK(read_text(first.data));
	CHECK_STR(it.name, "a'b\"\n\x7f\xe2\x80\xa8\xf0\x9f\x98\x80\x1b");
	CHECK(it.wait_ms == 61000 && it.room_bytes == 1025 && it.loud);
	CHECK(it.items.count == 3);
	CHECK_STR(it.items.items[2], "[y");
	settings_print(table, N, &it, &second);
	CHECK_STR(second.data, first.data);
	CHECK(read_text(""));
	buf_clear(&second);
	settings_print(table, N, &it, &second);
	CHECK_STR(second.data,
		  "name: \"it's me\"\nloud: false\nlimits:\n  count: 3\n"
		  "  wait: 90 s\n  room: 32 kB\n"
		  "  items: [\"a\", \"b c\"]\n");
	buf_fini(&first);
	buf_fini(&second);
}

static bool sets(const char *assignment)
{
	bool ok;

	diags_fini(&diags);
	buf_clear(&out);
	ok = settings_set(table, N, "--set", str_of(assignment), &it, &diags);
	diags_print(&diags, &out);
	CHECK(ok == (diags.errors == 0));
	return ok;
}

static void one_value_can_be_set_alone(void)
{
	CHECK(read_text(""));
	CHECK(sets("name=[::]: 'x' #5"));
	CHECK_STR(it.name, "[::]: 'x' #5");
	CHECK(sets("limits.wait=5 min") && it.wait_ms == 300000);
	CHECK(sets("limits.items=[x, 'y=z']") && it.items.count == 2);
	CHECK_STR(it.items.items[1], "y=z");
	CHECK(!sets("limits.wait=5") && it.wait_ms == 300000);
	CHECK(!sets("limits.items=[x"));
	CHECK(!sets("limits.count=1\n- 2"));
	CHECK(!sets("name=\xff") && !sets("name="));
	CHECK(!sets("nmae=x"));
	CHECK_STR(out.data, "--set: error: unknown key \"nmae\"; did you mean "
			    "\"name\"?\n");
	CHECK(!sets("limits=3") && !sets("name") && !sets("=x"));
}

static void a_list_knows_its_items(void)
{
	char one[] = "one", two[] = "two", *items[] = {one, two};
	const struct settings_list list = {items, 2}, none = {NULL, 0};

	CHECK(settings_list_has(&list, STR("two")));
	CHECK(!settings_list_has(&list, STR("tw")));
	CHECK(!settings_list_has(&none, STR("one")));
}

int main(void)
{
	RUN(defaults_come_from_the_table);
	RUN(values_replace_defaults);
	RUN(units_are_understood);
	RUN(wrong_types_are_told_with_an_example);
	RUN(unknown_keys_get_a_suggestion);
	RUN(all_mistakes_are_told_in_one_run);
	RUN(keys_of_any_length_are_only_unknown);
	RUN(what_is_printed_reads_back_the_same);
	RUN(one_value_can_be_set_alone);
	RUN(a_list_knows_its_items);
	settings_fini(table, N, &it);
	diags_fini(&diags);
	buf_fini(&out);
	return check_done("base/settings");
}
