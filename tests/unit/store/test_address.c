/* redis.url: what is taken, what is refused, and that no secret is shown. */
#include "address.h"

#include "base/mem.h"
#include "check.h"
#include "store/store.h"

static struct address a;

static bool parse(const char *url)
{
	struct buf why = BUF_INIT;
	bool fine;

	address_fini(&a);
	fine = address_parse(url, &a, &why);
	CHECK(fine == (why.len == 0));
	CHECK(fine || strstr(why.data, "redis://host:port/db") != NULL);
	CHECK(fine || (a.path == NULL && a.host == NULL));
	buf_fini(&why);
	return fine;
}

static bool is_valid(const char *url)
{
	struct buf why = BUF_INIT;
	bool valid = store_url_is_valid(url, &why);

	buf_fini(&why);
	return valid;
}

static void a_socket_and_a_host_are_taken(void)
{
	CHECK(parse("unix:///run/redis/r.sock"));
	CHECK_STR(a.path, "/run/redis/r.sock");
	CHECK_STR(a.shown, "/run/redis/r.sock");
	CHECK(parse("redis://shop.example:7000/3"));
	CHECK(a.path == NULL && a.port == 7000 && a.db == 3);
	CHECK_STR(a.host, "shop.example");
	CHECK(a.user == NULL && a.password == NULL);
	CHECK(parse("redis://localhost"));
	CHECK(a.port == 6379 && a.db == 0);
	CHECK(parse("redis://[::1]:7000/"));
	CHECK_STR(a.host, "::1");
	CHECK(a.port == 7000);
	CHECK(parse("redis://[::1]"));
	CHECK(a.port == 6379);
}

static void user_and_password_are_decoded_and_not_shown(void)
{
	CHECK(parse("redis://shop:s%40cr%2Fet@h:1/2"));
	CHECK_STR(a.user, "shop");
	CHECK_STR(a.password, "s@cr/et");
	CHECK_STR(a.shown, "h:1");
	CHECK(parse("redis://:only@h"));
	CHECK(a.user == NULL);
	CHECK_STR(a.password, "only");
	CHECK(parse("redis://word@h"));
	CHECK_STR(a.password, "word");
	CHECK(parse("redis://u:end%2f@h"));
	CHECK_STR(a.password, "end/");
}

static void a_socket_may_ask_for_them_too(void)
{
	CHECK(parse("unix://shop:s%2Fx%40y@/run/r@s.sock"));
	CHECK_STR(a.user, "shop");
	CHECK_STR(a.password, "s/x@y");
	CHECK_STR(a.path, "/run/r@s.sock");
	CHECK_STR(a.shown, "/run/r@s.sock");
	CHECK(parse("unix://:only@/r"));
	CHECK(a.user == NULL);
	CHECK_STR(a.password, "only");
	CHECK(parse("unix:///run/r@s.sock"));
	CHECK(a.password == NULL);
	CHECK_STR(a.path, "/run/r@s.sock");
}

static void a_password_is_hidden_and_nothing_else(void)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{"redis://h:1/2", "redis://h:1/2"},
		{"redis://shop:s%40x@h:1/2", "redis://shop:***@h:1/2"},
		{"redis://:x:y@h", "redis://:***@h"},
		{"redis://a@b@h/3", "redis://***@h/3"},
		{"redis+sentinel://u:p@h,[::1]:7/n/3",
		 "redis+sentinel://u:***@h,[::1]:7/n/3"},
		{"unix:///run/a:b@c", "unix:///run/a:b@c"},
		{"unix://u:p@/run/a@c", "unix://u:***@/run/a@c"},
		{"localhost", "localhost"},
		{"", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf shown = BUF_INIT;

		store_url_hide(cases[i].url, &shown);
		buf_add_s(&shown, "");
		CHECK_STR(shown.data == NULL ? "" : shown.data, cases[i].shown);
		buf_fini(&shown);
	}
}

static void a_primary_is_found_by_its_sentinels(void)
{
	CHECK(parse("redis+sentinel://shop:s%2Fx@one,[::1]:7000,two:1/main/3"));
	CHECK(a.path == NULL && a.host == NULL && a.db == 3);
	CHECK(a.sentinel_count == 3);
	CHECK_STR(a.sentinels[0].host, "one");
	CHECK(a.sentinels[0].port == 26379);
	CHECK_STR(a.sentinels[1].host, "::1");
	CHECK(a.sentinels[1].port == 7000 && a.sentinels[2].port == 1);
	CHECK_STR(a.primary, "main");
	CHECK_STR(a.password, "s/x");
	CHECK_STR(a.shown, "sentinel:main");
	CHECK(parse("redis+sentinel://one/main") && a.db == 0);
	CHECK(is_valid("redis+sentinel://one/main"));
}

static void what_is_no_address_is_refused(void)
{
	static const char *const wrong[] = {
		"",
		"localhost:6379",
		"http://h",
		"unix://relative",
		"unix://relative/path",
		"unix://:word@",
		"unix://:word@relative",
		"unix://u:%zz@/path",
		"rediss://h",
		"unix://",
		"redis://",
		"redis://:6379",
		"redis://h:0",
		"redis://h:65536",
		"redis://h:port",
		"redis://h/x",
		"redis://h/65536",
		"redis://[::1",
		"redis://[::1]x",
		"redis://u:%4@h",
		"redis://u:%zz@h",
		"redis://u:%00@h",
		"redis://%:p@h",
		"redis+sentinel://",
		"redis+sentinel://h",
		"redis+sentinel://h/",
		"redis+sentinel:///shop",
		"redis+sentinel://h,/shop",
		"redis+sentinel://h:1,h:0/shop",
		"redis+sentinel://h/shop/x",
		"redis+sentinel://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17/x",
	};
	char longest[1100] = "redis://";

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK(!parse(wrong[i]));
		CHECK(!is_valid(wrong[i]));
	}
	memset(longest + 8, 'h', 1000);
	CHECK(!parse(longest));
	memcpy(longest, "unix:///", 8);
	longest[200] = '\0';
	CHECK(!parse(longest));
	CHECK(!parse(NULL));
}

int main(void)
{
	RUN(a_socket_and_a_host_are_taken);
	RUN(user_and_password_are_decoded_and_not_shown);
	RUN(a_socket_may_ask_for_them_too);
	RUN(a_password_is_hidden_and_nothing_else);
	RUN(a_primary_is_found_by_its_sentinels);
	RUN(what_is_no_address_is_refused);
	address_fini(&a);
	return check_done("store/address");
}
