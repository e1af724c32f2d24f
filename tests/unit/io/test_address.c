/* Addresses: what is understood, what is refused, and how they look again. */
#include "address.h"

#include "base/mem.h"
#include "check.h"

static void what_is_written_reads_back(void)
{
	static const struct {
		const char *given, *shown;
	} cases[] = {
		{"127.0.0.1:80", "127.0.0.1:80"},
		{"0.0.0.0:65535", "0.0.0.0:65535"},
		{"localhost:0", "127.0.0.1:0"},
		{"[::1]:8080", "[::1]:8080"},
		{"*:8080", "[::]:8080"},
		{"[2001:db8:0:0::1]:1", "[2001:db8::1]:1"},
		{"[::ffff:10.1.2.3]:5", "10.1.2.3:5"},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		char shown[ADDRESS_BYTES];
		struct buf why = BUF_INIT;
		union address a;

		CHECK(address_read(cases[i].given, &a, &why));
		address_print(&a, shown);
		CHECK_STR(shown, cases[i].shown);
		buf_fini(&why);
	}
}

static void who_is_behind_an_address_is_a_network(void)
{
	static const struct {
		const char *host, *network;
	} cases[] = {
		{"203.0.113.7", "203.0.113.7"},
		{"::ffff:203.0.113.7", "203.0.113.7"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
		{"::1", "::1"},
	};
	static const char *const bad[] = {
		"", "unknown", "203.0.113.7:80", "[::1]", "local", "::1%lo",
	};
	char network[ADDRESS_HOST_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(address_network(str_of(cases[i].host), network));
		CHECK_STR(network, cases[i].network);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK(!address_network(str_of(bad[i]), network));
	CHECK(!address_network((struct str){"::1\0x", 5}, network));
}

static void of_no_public_network_is_private(void)
{
	static const char *const near[] = {
		"local",        "127.0.0.1",   "10.0.0.1",    "172.16.0.1",
		"172.31.255.1", "192.168.7.7", "169.254.1.1", "::ffff:10.1.2.3",
		"::1",          "fd00::1",     "fc00:1::",    "fe80::1",
	};
	static const char *const far[] = {
		"203.0.113.7",
		"11.0.0.1",
		"172.15.0.1",
		"172.32.0.1",
		"192.169.0.1",
		"169.253.1.1",
		"128.0.0.1",
		"::ffff:8.8.8.8",
		"2001:db8::1",
		"fe00::1",
		"::2",
		"unknown",
		"",
	};

	for (size_t i = 0; i < ARRAY_LEN(near); i++)
		CHECK(address_is_private(str_of(near[i])));
	for (size_t i = 0; i < ARRAY_LEN(far); i++)
		CHECK(!address_is_private(str_of(far[i])));
}

static void what_is_no_numeric_address_is_refused_with_a_reason(void)
{
	static const char *const bad[] = {
		"",
		":",
		"80",
		"127.0.0.1",
		"127.0.0.1:",
		":80",
		"a.b:80",
		"127.0.0.1:65536",
		"127.0.0.1:x",
		"127.0.0.1:-1",
		"[::1:80",
		"::1]:80",
		"[]:80",
		"1.2.3:80",
		"[::g]:80",
		"1.2.3.4.5:80",
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct buf why = BUF_INIT;
		union address a;

		CHECK(!address_read(bad[i], &a, &why));
		CHECK(why.len > 0);
		buf_fini(&why);
	}
}

static void an_endless_host_is_refused(void)
{
	struct buf given = BUF_INIT;
	struct buf why = BUF_INIT;
	union address a;
	int i;

	for (i = 0; i < 1000; i++)
		buf_add_c(&given, '1');
	buf_add_s(&given, ":80");
	CHECK(!address_read(given.data, &a, &why));
	buf_fini(&given);
	buf_fini(&why);
}

static void the_port_is_told_and_a_host_has_none(void)
{
	char host[ADDRESS_HOST_BYTES], shown[ADDRESS_BYTES];
	struct buf why = BUF_INIT;
	union address a;

	CHECK(address_read("[::ffff:10.1.2.3]:99", &a, &why));
	CHECK(address_print(&a, shown) == 99);
	address_print_host(&a, host);
	CHECK_STR(host, "10.1.2.3");
	a.any.sa_family = AF_UNIX;
	CHECK(address_print(&a, shown) == 0);
	address_print_host(&a, host);
	CHECK_STR(host, "local");
	buf_fini(&why);
}

int main(void)
{
	RUN(what_is_written_reads_back);
	RUN(who_is_behind_an_address_is_a_network);
	RUN(of_no_public_network_is_private);
	RUN(what_is_no_numeric_address_is_refused_with_a_reason);
	RUN(an_endless_host_is_refused);
	RUN(the_port_is_told_and_a_host_has_none);
	return check_done("io/address");
}
