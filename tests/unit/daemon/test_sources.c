/* `sources:` of the configuration: every mistake with its place, back again,
 * and slots where they may stand. */
#include "daemon/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "check.h"

static struct config config;
static struct diags diags;
static struct buf out;
static char path[] = "/tmp/answerd-test-sources-XXXXXX";

static bool read_text(const char *text)
{
	FILE *f = fopen(path, "w");
	bool ok;

	CHECK(f != NULL);
	fputs(text, f);
	fclose(f);
	config_fini(&config);
	diags_fini(&diags);
	buf_clear(&out);
	buf_add_s(&out, "");
	ok = config_read(path, &config, &diags);
	diags_print(&diags, &out);
	return ok;
}

/* Of the source `order`, its keys from line 3 on. */
static bool says(const char *keys, const char *place, const char *what)
{
	struct buf text = BUF_INIT, want = BUF_INIT;
	bool ok;

	buf_addf(&text, "sources:\n  order:\n%s", keys);
	buf_addf(&want, "%s%serror: ", path, place);
	ok = !read_text(text.data) && strstr(out.data, want.data) != NULL &&
	     strstr(out.data, what) != NULL && diags.errors == 1;
	if (!ok)
		printf("for <<%s>> said <<%s>>\n", text.data, out.data);
	buf_fini(&text);
	buf_fini(&want);
	return ok;
}

static const char whole[] =
	"sources:\n"
	"  order:\n"
	"    kind: redis\n"
	"    key: 'shop:{shop}:order:{order_id}:{shop}'\n"
	"    timeout: 2 s\n"
	"  stock:\n"
	"    kind: http\n"
	"    url: https://shop.example/a/{article}?b={size}\n"
	"    method: POST\n"
	"    body: '{\"a\": \"{colour}\", \"n\": {}}'\n"
	"    headers: ['Authorization: Bearer a\"b']\n"
	"    fields: {count: /stock/0/count, next: '/a~1b', all: ''}\n"
	"    cache: 10 s\n";

static void a_file_gives_what_it_says(void)
{
	const struct source *s;

	CHECK(read_text(whole));
	CHECK(config.sources.count == 2);
	s = sources_find(&config.sources, "order");
	CHECK(s->kind == SOURCE_REDIS);
	CHECK(s->timeout_ms == 2000 && s->cache_ms == 0);
	CHECK(s->slot_count == 2);
	CHECK_STR(s->slots[0], "shop");
	CHECK_STR(s->slots[1], "order_id");
	s = sources_find(&config.sources, "stock");
	CHECK(s->kind == SOURCE_HTTP);
	CHECK(s->timeout_ms == 3000 && s->cache_ms == 10000);
	CHECK(s->slot_count == 3);
	CHECK(s->field_count == 3);
	CHECK_STR(s->fields[1].name, "next");
	CHECK_STR(s->fields[1].pointer, "/a~1b");
	CHECK(sources_find(&config.sources, "nothing") == NULL);
}

static void what_is_printed_reads_back_the_same(void)
{
	struct buf first = BUF_INIT, second = BUF_INIT;

	CHECK(read_text(whole));
	config_print(&config, &first);
	CHECK(read_text(first.data));
	config_print(&config, &second);
	CHECK_STR(second.data, first.data);
	CHECK(read_text("sources: {}\n"));
	CHECK(config.sources.count == 0);
	CHECK(read_text("sources:\n"));
	buf_fini(&first);
	buf_fini(&second);
}

static void what_headers_say_is_not_printed(void)
{
	struct buf printed = BUF_INIT;

	CHECK(read_text(
		"redis: {url: 'redis://shop:pa%2Fss@h:1/2'}\n"
		"sources:\n"
		"  stock:\n"
		"    kind: http\n"
		"    url: https://shop.example/{article}\n"
		"    method: POST\n"
		"    headers: ['X-Key: hush', 'content-type: text/plain']\n"
		"    fields: {count: /c}\n"));
	config_print(&config, &printed);
	CHECK(strstr(printed.data, "hush") == NULL);
	CHECK(strstr(printed.data, "X-Key: ***") != NULL);
	CHECK(strstr(printed.data, "content-type: text/plain") != NULL);
	CHECK(strstr(printed.data, "redis://shop:***@h:1/2") != NULL);
	CHECK(read_text(printed.data));
	CHECK_STR(sources_find(&config.sources, "stock")->headers.items[0],
		  "X-Key: ***");
	buf_fini(&printed);
}

static void every_mistake_is_told_with_its_place(void)
{
	CHECK(says("    kind: ldap\n", ":3:11: ", "needs its \"kind\""));
	CHECK(says("    key: 'a:{id}'\n", ":3:5: ", "needs its \"kind\""));
	CHECK(says("    kind: redis\n", ":3:5: ", "needs \"key\""));
	CHECK(says("    kind: redis\n    key: same\n",
		   ":4:10: ", "names no slot"));
	CHECK(says("    kind: redis\n    key: 'a b {id}'\n",
		   ":4:10: ", "blanks"));
	CHECK(says("    kind: redis\n    key: 'a:{id}'\n    url: http://x\n",
		   ":5:10: ", "belongs to sources of kind http"));
	CHECK(says("    kind: redis\n    key: 'a:{id}'\n    tmieout: 1 s\n",
		   ":5:5: ", "did you mean \"timeout\""));
	CHECK(says("    kind: redis\n    key: 'a:{id}'\n    timeout: 9 s\n",
		   ":5:14: ", "out of range"));
	CHECK(says("    kind: http\n    fields: {a: /a}\n",
		   ":3:5: ", "needs \"url\""));
	CHECK(says("    kind: http\n    url: ftp://x/{id}\n"
		   "    fields: {a: /a}\n",
		   ":4:10: ", "must begin with"));
	CHECK(says("    kind: http\n    url: https://{id}.x/\n"
		   "    fields: {a: /a}\n",
		   ":4:10: ", "behind the host"));
	CHECK(says("    kind: http\n    url: https://u:p@x/{id}\n"
		   "    fields: {a: /a}\n",
		   ":4:10: ", "behind the host"));
	CHECK(says("    kind: http\n    url: https://x/\n"
		   "    fields: {a: /a}\n",
		   ":4:10: ", "names a slot"));
	CHECK(says("    kind: http\n    url: https://x/{id}\n",
		   ":3:5: ", "needs \"fields\""));
	CHECK(says("    kind: http\n    url: https://x/{id}\n"
		   "    fields: {a: b}\n",
		   ":5:17: ", "JSON pointer"));
	CHECK(says("    kind: http\n    url: https://x/{id}\n"
		   "    fields: {A.b: /b}\n",
		   ":5:14: ", "no name of a field"));
	CHECK(says("    kind: http\n    url: https://x/{id}\n"
		   "    method: PUT\n    fields: {a: /a}\n",
		   ":5:13: ", "GET or POST"));
	CHECK(says("    kind: http\n    url: https://x/{id}\n"
		   "    body: x\n    fields: {a: /a}\n",
		   ":5:11: ", "only a POST"));
	CHECK(says("    kind: http\n    url: https://x/{id}\n"
		   "    headers: ['A: b', 'no colon']\n    fields: {a: /a}\n",
		   ":5:23: ", "no header"));
	CHECK(says("    kind: http\n    url: https://x/{id}\n"
		   "    headers: [\"A: b\\nC: d\"]\n    fields: {a: /a}\n",
		   ":5:15: ", "no header"));
	CHECK(says("    - kind\n", ":3:5: ", "lines of \"key: value\""));
	CHECK(!read_text("sources: [a]\n"));
	CHECK(strstr(out.data, ":1:10: error: \"sources\" wants a map"));
	CHECK(!read_text("sources: {Order: {kind: redis}}\n"));
	CHECK(!read_text("sources: {shop: {kind: redis, key: 'a{b}'}}\n"));
}

static void they_are_set_in_one_line(void)
{
	CHECK(read_text(whole));
	CHECK(config_set(&config,
			 "sources={a: {kind: redis, key: 'x:{order_id}'}}",
			 &diags));
	CHECK(config.sources.count == 1);
	CHECK_STR(config.sources.list[0].name, "a");
	CHECK(!config_set(&config, "sources={a: {kind: redis}}", &diags));
}

/* -- filling ----------------------------------------------------------- */

static struct str give(const void *arg, struct str slot)
{
	CHECK(str_is(slot, "id"));
	return str_of(arg);
}

static bool fills(enum source_place place, const char *value, const char *want)
{
	bool ok;

	buf_clear(&out);
	ok = source_fill("a{id}b{ID}{", place, give, value, &out);
	return want == NULL ? !ok : ok && strcmp(out.data, want) == 0;
}

static void a_key_takes_few_letters_only(void)
{
	CHECK(fills(SOURCE_IN_KEY, "OD12-3_4.5:6", "aOD12-3_4.5:6b{ID}{"));
	CHECK(fills(SOURCE_IN_KEY, "1 2", NULL));
	CHECK(fills(SOURCE_IN_KEY, "1*", NULL));
	CHECK(fills(SOURCE_IN_KEY, "\xc3\xa4", NULL));
	CHECK(fills(SOURCE_IN_KEY, "1\r\nDEL", NULL));
	CHECK(fills(SOURCE_IN_KEY, "", NULL));
	CHECK(fills(SOURCE_IN_KEY, NULL, NULL));
}

static void a_url_takes_everything_percent_encoded(void)
{
	CHECK(fills(SOURCE_IN_URL, "a/b?c#d&e=\xc3\xa4 \r\n",
		    "aa%2Fb%3Fc%23d%26e%3D%C3%A4%20%0D%0Ab{ID}{"));
	CHECK(fills(SOURCE_IN_URL, "..", NULL));
	CHECK(fills(SOURCE_IN_URL, ".", NULL));
	CHECK(fills(SOURCE_IN_URL, "", NULL));
}

static void a_body_takes_it_escaped(void)
{
	CHECK(fills(SOURCE_IN_JSON, "x\"\\\n", "ax\\\"\\\\\\nb{ID}{"));
	CHECK(fills(SOURCE_IN_FORM, "a&b=c", "aa%26b%3Dcb{ID}{"));
}

int main(void)
{
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	close(fd);
	RUN(a_file_gives_what_it_says);
	RUN(what_is_printed_reads_back_the_same);
	RUN(what_headers_say_is_not_printed);
	RUN(every_mistake_is_told_with_its_place);
	RUN(they_are_set_in_one_line);
	RUN(a_key_takes_few_letters_only);
	RUN(a_url_takes_everything_percent_encoded);
	RUN(a_body_takes_it_escaped);
	config_fini(&config);
	diags_fini(&diags);
	buf_fini(&out);
	unlink(path);
	return check_done("daemon/sources");
}
