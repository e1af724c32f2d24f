/* The configuration: the shipped file, all mistakes at once, and back again. */
#include "daemon/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "check.h"
#include "config_table.h"

#define SHIPPED "conf/answerd.yaml"

static struct config config;
static struct diags diags;
static struct buf out;
static char path[] = "/tmp/answerd-test-config-XXXXXX";

static bool read_path(const char *file)
{
	bool ok;

	config_fini(&config);
	diags_fini(&diags);
	buf_clear(&out);
	ok = config_read(file, &config, &diags);
	diags_print(&diags, &out);
	CHECK(ok == (diags.errors == 0));
	return ok;
}

static bool read_text(const char *text)
{
	FILE *f = fopen(path, "w");

	CHECK(f != NULL);
	if (f == NULL)
		return false;
	fputs(text, f);
	fclose(f);
	return read_path(path);
}

/* `place` is ":line:col: " or ": " for the file as a whole. */
static bool says(const char *text, const char *place, const char *what)
{
	struct buf want = BUF_INIT;
	bool ok;

	buf_addf(&want, "%s%serror: ", path, place);
	ok = !read_text(text) && strstr(out.data, want.data) != NULL &&
	     strstr(out.data, what) != NULL;
	if (!ok)
		printf("for <<%s>> said <<%s>>\n", text,
		       out.len == 0 ? "" : out.data);
	buf_fini(&want);
	return ok;
}

/* The shipped file with "#key:" uncommented. */
static void uncomment(struct buf *text)
{
	struct buf file = BUF_INIT, why = BUF_INIT;
	bool line_start = true;

	CHECK(file_read(SHIPPED, TREE_MAX_BYTES, &file, &why));
	buf_clear(text);
	for (size_t i = 0; i < file.len; i++) {
		char c = file.data[i];

		if (line_start && c == '#' && i + 1 < file.len &&
		    file.data[i + 1] >= 'a' && file.data[i + 1] <= 'z')
			continue;
		line_start = c == '\n' || (line_start && c == ' ');
		buf_add_c(text, c);
	}
	buf_fini(&file);
	buf_fini(&why);
}

static void the_shipped_file_reads_as_the_defaults(void)
{
	struct config defaults;
	struct buf want = BUF_INIT, got = BUF_INIT;

	config_defaults(&defaults);
	config_print(&defaults, &want);
	CHECK(read_path(SHIPPED));
	config_print(&config, &got);
	CHECK_STR(got.data, want.data);
	config_fini(&defaults);
	buf_fini(&want);
	buf_fini(&got);
}

static void the_shipped_file_shows_every_default_as_it_is(void)
{
	struct config defaults;
	struct buf text = BUF_INIT, want = BUF_INIT, got = BUF_INIT;

	uncomment(&text);
	config_defaults(&defaults);
	config_print(&defaults, &want);
	CHECK(read_text(text.data));
	config_print(&config, &got);
	CHECK_STR(got.data, want.data);
	config_fini(&defaults);
	buf_fini(&text);
	buf_fini(&want);
	buf_fini(&got);
}

static void the_shipped_file_names_every_key_of_the_table(void)
{
	struct arena arena;
	struct buf text = BUF_INIT;
	struct node *root;
	size_t named = 0, in_file = 0;

	arena_init(&arena);
	uncomment(&text);
	root = tree_parse(&arena, SHIPPED, buf_str(&text), &diags);
	CHECK(root != NULL);
	for (size_t i = 0; i < config_table_len; i++) {
		const char *key = config_table[i].key;
		const char *dot = strchr(key, '.');
		char *group =
			dot == NULL ? NULL : xstrndup(key, (size_t)(dot - key));
		struct node *map = dot == NULL ? root : node_get(root, group);

		if (node_get(map, dot == NULL ? key : dot + 1) == NULL)
			printf("not in %s: %s\n", SHIPPED, key);
		else
			named++;
		CHECK(config_table[i].about[0] != '\0');
		free(group);
	}
	for (size_t i = 0; root != NULL && i < root->count; i++)
		in_file += root->items[i]->kind == NODE_MAP
				   ? root->items[i]->count
				   : 1;
	CHECK(named == config_table_len);
	CHECK(in_file == config_table_len);
	arena_fini(&arena);
	buf_fini(&text);
}

static void what_is_printed_reads_back_the_same(void)
{
	struct buf first = BUF_INIT, second = BUF_INIT;

	CHECK(read_text("listen: '[::1]:0'\norigins: ['*', 'https://a.b:8']\n"
			"redis: {url: 'unix:///tmp/x y', prefix: t-}\n"
			"limits: {ping_interval: 1500 ms, ping_timeout: 61 s}\n"
			"shop:\n  name: \"L'\\u00e4den \\\"x\\\"\"\n"
			"  greeting: |\n    two\n    lines\n"
			"  hours: [mon-fri 09:00-17:00, closed 2026-12-25]\n"
			"agents: {queues: [support, vip], cookie_secure: on}\n"
			"conversation: {default_queue: vip}\n"));
	config_print(&config, &first);
	CHECK(read_text(first.data));
	config_print(&config, &second);
	CHECK_STR(second.data, first.data);
	CHECK_STR(config.shop_name, "L'\xc3\xa4"
				    "den \"x\"");
	CHECK_STR(config.shop_greeting, "two\nlines\n");
	CHECK(config.ping_interval_ms == 1500 && config.cookie_secure);
	CHECK(config.queues.count == 2 && config.shop_hours.count == 2);
	buf_fini(&first);
	buf_fini(&second);
}

static void all_mistakes_are_told_in_one_run(void)
{
	CHECK(!read_text("listne: x\nlog_level: loud\nlimits:\n"
			 "  text: 0\n  ping_timeout: 10 s\n"
			 "shop: {hours: [sometimes]}\n"
			 "conversation: {default_queue: nobody}\n"));
	CHECK(diags.errors == 6);
	CHECK(strstr(out.data, ":1:1: error: unknown key \"listne\"; did you "
			       "mean \"listen\"?"));
	CHECK(strstr(out.data, ":2:12: error: \"loud\" is no log level"));
	CHECK(strstr(out.data, ":4:9: error: \"limits.text\" is out of"));
	CHECK(strstr(out.data, ":5:17: error: \"limits.ping_timeout\" must be "
			       "longer"));
	CHECK(strstr(out.data, ":6:16: error: \"sometimes\" does not begin"));
	CHECK(strstr(out.data, ":7:31: error: \"nobody\" is not one of"));
}

static void the_struct_is_checked_as_a_whole(void)
{
	CHECK(says("listen: 8080", ":1:9: ", "write 127.0.0.1:8080"));
	CHECK(says("listen: '::1:80'", ":1:9: ", "not address:port"));
	CHECK(says("listen: 1.2.3.4:70000", ":1:9: ", "not address:port"));
	CHECK(says("listen: '[]:1'", ":1:9: ", "not address:port"));
	CHECK(says("listen: shop.example:80",
		   ":1:9: ", "not a numeric address; write 127.0.0.1:8080"));
	CHECK(says("redis:\n  url: 'redis://:a/b@h:1/0'", ":2:8: ",
		   "redis.url: what follows the last / is not a number (in a "
		   "password, / is %2F and @ is %40); write unix:///path"));
	CHECK(says("redis: {url: localhost}", ":1:14: ", "unix:///path"));
	CHECK(says("redis: {prefix: 'a{b}:'}", ":1:17: ", "braces"));
	CHECK(says("node: a b", ":1:7: ", "\"node\" may hold letters"));
	CHECK(says("shop: {locale: en_US}", ":1:16: ", "no language tag"));
	CHECK(says("agents: {session_idle: 8 d}", ": ",
		   "\"agents.session_max\" must not be shorter"));
	CHECK(says("limits: {text: 20000}", ": ", "it needs 81024 bytes"));
	CHECK(says("conversation: {queue_give_up: 1 min}",
		   ":1:31: ", "must not be shorter"));
	CHECK(says("agents: {queues: [support, a b]}",
		   ":1:28: ", "\"a b\" in \"agents.queues\" must be"));
	CHECK(says("agents: {outcomes: [a, b, a]}",
		   ":1:27: ", "\"a\" stands twice"));
	CHECK(says("origins: [https://x/]", ":1:11: ", "is no origin"));
	CHECK(says("origins: [shop.example]", ":1:11: ", "is no origin"));
	CHECK(says("origins: ['https://A.b']", ":1:11: ", "small letters"));
	CHECK(says("origins: ['https://']", ":1:11: ", "is no origin"));
	CHECK(says("proxies: [10.0.0.0/8]", ":1:11: ", "is no address"));
	CHECK(says("proxies: ['0::1']", ":1:11: ", "is no address"));
	CHECK(says("proxies: ['10.0.0.1:80']", ":1:11: ", "is no address"));
	CHECK(says("shop: {colour: red}", ":1:16: ", "in quotes"));
	CHECK(says("shop: {timezone: Europe/Nowhere}",
		   ":1:18: ", "no time zone"));
	CHECK(says("shop: {timezone: ../etc/passwd}",
		   ":1:18: ", "no time zone"));
	CHECK(read_text("listen: '*:0'\nshop: {timezone: Europe/Berlin}\n"));
}

static void a_file_that_cannot_be_read_leaves_the_defaults(void)
{
	CHECK(!read_path("/nowhere/answerd.yaml"));
	CHECK_STR(out.data, "/nowhere/answerd.yaml: error: cannot be read: No "
			    "such file or directory\n");
	CHECK_STR(config.listen, "127.0.0.1:8080");
	CHECK(!read_text("a: [\n"));
	CHECK_STR(config.listen, "127.0.0.1:8080");
}

static bool sets(const char *assignment)
{
	diags_fini(&diags);
	buf_clear(&out);
	config_set(&config, assignment, &diags);
	diags_print(&diags, &out);
	return diags.errors == 0;
}

static void single_values_are_set_and_checked(void)
{
	CHECK(read_text(""));
	CHECK(sets("listen=[::1]:9") && sets("redis.prefix=test:"));
	CHECK_STR(config.listen, "[::1]:9");
	CHECK_STR(config.redis_prefix, "test:");
	CHECK(sets("agents.queues=[support, vip]"));
	CHECK(config.queues.count == 2);
	CHECK(!sets("limits.ping_timeout=10 s"));
	CHECK(strstr(out.data, "--set: error: \"limits.ping_timeout\" must"));
	CHECK(!sets("redis.prefx=x"));
	CHECK_STR(out.data, "--set: error: unknown key \"redis.prefx\"; did "
			    "you mean \"redis.prefix\"?\n");
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	RUN(the_shipped_file_reads_as_the_defaults);
	RUN(the_shipped_file_shows_every_default_as_it_is);
	RUN(the_shipped_file_names_every_key_of_the_table);
	RUN(what_is_printed_reads_back_the_same);
	RUN(all_mistakes_are_told_in_one_run);
	RUN(the_struct_is_checked_as_a_whole);
	RUN(a_file_that_cannot_be_read_leaves_the_defaults);
	RUN(single_values_are_set_and_checked);
	unlink(path);
	config_fini(&config);
	diags_fini(&diags);
	buf_fini(&out);
	return check_done("daemon/config");
}
