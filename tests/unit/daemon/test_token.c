/* What is signed, what is forged, what is hashed. */
#include "daemon/token.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "wire/frame.h"

#define NOW INT64_C(1795300000000)

static char dir[] = "/tmp/answerd-test-token-XXXXXX";
static struct buf why;

static const char *at(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static struct token_key key(unsigned char fill)
{
	struct token_key k = {.has_other = false};

	memset(k.bytes, fill, sizeof(k.bytes));
	return k;
}

static void a_token_names_its_visitor_and_conversation(void)
{
	struct token_key k = key(1), other = key(2);
	struct visitor_token who = {{"v-1_A", "c2", ""}, .issued_ms = NOW};
	struct visitor_token back;
	char text[TOKEN_TEXT_MAX];

	token_sign(&k, &who, text);
	CHECK(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
			   "xyz0123456789_-") == strlen(text));
	CHECK(token_check(&k, str_of(text), NOW, &back));
	CHECK_STR(back.place.visitor, "v-1_A");
	CHECK_STR(back.place.conversation, "c2");
	CHECK_STR(back.place.owner, "");
	CHECK(back.issued_ms == NOW && back.former_count == 0);
	CHECK(!token_check(&other, str_of(text), NOW, &back));
	CHECK_STR(back.place.visitor, "");
}

/* Of daemons before there were owners, which take nothing else. */
static void without_an_owner_it_is_as_it_always_was(void)
{
	struct token_key k = key(1);
	struct visitor_token who = {{"v", "c", ""}, .issued_ms = NOW}, back;
	static const char first[] = "AQAAAaIAOAEAAXYBY_gzR8UrrAvZ5ajtQlCrGVTR"
				    "2OQGdo8awfyYMgrjznUK";
	char text[TOKEN_TEXT_MAX];

	token_sign(&k, &who, text);
	CHECK_STR(text, first);
	CHECK(token_check(&k, str_of(first), NOW, &back));
	CHECK_STR(back.place.conversation, "c");
}

static void a_token_names_its_owner_and_who_was_here_before(void)
{
	struct token_key k = key(1);
	struct visitor_token who = {{"v3", "c3", ""}, .issued_ms = NOW}, back;
	char text[TOKEN_TEXT_MAX];

	token_owner(&k, STR("ada"), who.place.owner);
	token_sign(&k, &who, text);
	CHECK(token_check(&k, str_of(text), NOW, &back));
	CHECK_STR(back.place.owner, who.place.owner);
	CHECK(back.former_count == 0);
	who.place.owner[0] = '\0';
	who.former[0] = (struct token_place){"v2", "c2", "ben"};
	who.former[1] = (struct token_place){"v1", "c1", "ada"};
	who.former_count = 2;
	token_sign(&k, &who, text);
	CHECK(token_check(&k, str_of(text), NOW, &back));
	CHECK_STR(back.place.visitor, "v3");
	CHECK_STR(back.place.owner, "");
	CHECK(back.former_count == 2);
	CHECK_STR(back.former[0].visitor, "v2");
	CHECK_STR(back.former[0].owner, "ben");
	CHECK_STR(back.former[1].conversation, "c1");
	CHECK_STR(back.former[1].owner, "ada");
	who.former[1].owner[0] = '\0'; /* nobody can ask for that one */
	token_sign(&k, &who, text);
	CHECK(!token_check(&k, str_of(text), NOW, &back));
	CHECK(back.former_count == 0);
}

static void an_owner_is_told_by_the_key_only(void)
{
	struct token_key k = key(1), other = key(2);
	char ada[TOKEN_OWNER_MAX], again[TOKEN_OWNER_MAX];

	token_owner(&k, STR("ada"), ada);
	token_owner(&k, STR("ada"), again);
	CHECK_STR(ada, again);
	CHECK(strlen(ada) == 22 && frame_id_valid(str_of(ada)));
	token_owner(&k, STR("Ada"), again);
	CHECK(strcmp(ada, again) != 0);
	token_owner(&other, STR("ada"), again);
	CHECK(strcmp(ada, again) != 0);
}

static void the_longest_names_fit(void)
{
	struct token_key k = key(1);
	struct visitor_token who = {.issued_ms = NOW}, back;
	char text[TOKEN_TEXT_MAX];

	memset(who.place.visitor, 'v', 64);
	memset(who.place.conversation, 'c', 64);
	token_sign(&k, &who, text);
	CHECK(token_check(&k, str_of(text), NOW, &back));
	CHECK_STR(back.place.visitor, who.place.visitor);
	CHECK_STR(back.place.conversation, who.place.conversation);
	memset(who.place.owner, 'o', TOKEN_OWNER_MAX - 1);
	for (size_t i = 0; i < TOKEN_FORMER_MAX; i++)
		who.former[i] = who.place;
	who.former_count = TOKEN_FORMER_MAX;
	token_sign(&k, &who, text);
	CHECK(token_check(&k, str_of(text), NOW, &back));
	CHECK(back.former_count == TOKEN_FORMER_MAX);
	CHECK_STR(back.former[TOKEN_FORMER_MAX - 1].owner, who.place.owner);
}

static void any_change_of_a_token_is_noticed(void)
{
	struct token_key k = key(1);
	struct visitor_token who = {{"visitor", "conversation", "owner"},
				    .issued_ms = NOW};
	struct visitor_token back;
	char text[TOKEN_TEXT_MAX], changed[TOKEN_TEXT_MAX + 2];
	size_t n;

	token_sign(&k, &who, text);
	n = strlen(text);
	for (size_t i = 0; i < n; i++) {
		strcpy(changed, text);
		changed[i] = text[i] == 'A' ? 'B' : 'A';
		CHECK(!token_check(&k, str_of(changed), NOW, &back));
		CHECK(!token_check(&k, (struct str){text, i}, NOW, &back));
	}
	snprintf(changed, sizeof(changed), "%s=", text);
	CHECK(!token_check(&k, str_of(changed), NOW, &back));
	snprintf(changed, sizeof(changed), "%sA", text);
	CHECK(!token_check(&k, str_of(changed), NOW, &back));
	snprintf(changed, sizeof(changed), " %s", text);
	CHECK(!token_check(&k, str_of(changed), NOW, &back));
	CHECK(!token_check(&k, STR(""), NOW, &back));
	CHECK(!token_check(&k, STR_NONE, NOW, &back));
	CHECK(token_check(&k, str_of(text), NOW, &back));
}

static void a_token_ends_after_its_life(void)
{
	struct token_key k = key(1);
	struct visitor_token who = {{"v", "c", ""}, .issued_ms = NOW}, back;
	char text[TOKEN_TEXT_MAX];

	token_sign(&k, &who, text);
	CHECK(token_check(&k, str_of(text), NOW + TOKEN_LIFE_MS, &back));
	CHECK(!token_check(&k, str_of(text), NOW + TOKEN_LIFE_MS + 1, &back));
	/* another machine's clock */
	CHECK(token_check(&k, str_of(text), NOW - 60000, &back));
}

static void a_missing_secret_is_made_once(void)
{
	struct token_key first, again;
	struct stat st;
	struct buf text = BUF_INIT;

	buf_clear(&why);
	CHECK(token_key_file(at("secret"), &first, &why) && why.len == 0);
	CHECK(stat(at("secret"), &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(file_read(at("secret"), 100, &text, &why) && text.len == 65);
	CHECK(token_key_file(at("secret"), &again, &why));
	CHECK(memcmp(first.bytes, again.bytes, sizeof(first.bytes)) == 0);
	CHECK(token_key_file(at("other"), &again, &why));
	CHECK(memcmp(first.bytes, again.bytes, sizeof(first.bytes)) != 0);
	buf_fini(&text);
}

static void *race(void *arg)
{
	struct buf trouble = BUF_INIT;
	char path[128];

	snprintf(path, sizeof(path), "%s/raced", dir);
	if (!token_key_file(path, arg, &trouble))
		memset(arg, 0, sizeof(struct token_key));
	buf_fini(&trouble);
	return NULL;
}

static void daemons_that_start_at_once_agree_on_the_secret(void)
{
	struct token_key keys[8];
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		CHECK(pthread_create(&threads[i], NULL, race, &keys[i]) == 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	for (int i = 1; i < 8; i++)
		CHECK(memcmp(&keys[0], &keys[i], sizeof(keys[0])) == 0);
}

static bool refused(const char *name, const char *text, mode_t mode,
		    const char *words)
{
	struct token_key k;
	FILE *f = fopen(at(name), "w");

	fputs(text, f);
	fclose(f);
	chmod(at(name), mode);
	buf_clear(&why);
	if (!token_key_file(at(name), &k, &why) &&
	    strstr(why.data, words) != NULL)
		return true;
	printf("said: %s\n", why.len == 0 ? "" : why.data);
	return false;
}

static void write_lines(const char *name, const char *lines)
{
	FILE *f = fopen(at(name), "w");

	fputs(lines, f);
	fclose(f);
	chmod(at(name), 0600);
}

static void with_two_secrets_the_first_signs_and_both_are_good(void)
{
	struct token_key old, both, new;
	struct visitor_token who = {{"v", "c", ""}, .issued_ms = NOW}, back;
	char lines[200], a[65], b[65], text[TOKEN_TEXT_MAX];
	char owner[TOKEN_OWNER_MAX], other[TOKEN_OWNER_MAX];

	memset(a, 'a', 64);
	memset(b, 'b', 64);
	a[64] = b[64] = '\0';
	write_lines("old", a);
	snprintf(lines, sizeof(lines), "%s\n\n%s\n", b, a);
	write_lines("both", lines);
	write_lines("new", b);
	buf_clear(&why);
	CHECK(token_key_file(at("old"), &old, &why) && !old.has_other);
	CHECK(token_key_file(at("both"), &both, &why) && both.has_other);
	CHECK(token_key_file(at("new"), &new, &why));
	token_sign(&old, &who, text);
	CHECK(token_check(&both, str_of(text), NOW, &back));
	CHECK(!token_check(&new, str_of(text), NOW, &back));
	token_sign(&both, &who, text);
	CHECK(token_check(&new, str_of(text), NOW, &back));
	CHECK(token_check(&both, str_of(text), NOW, &back));
	CHECK(!token_check(&old, str_of(text), NOW, &back));
	token_owner(&old, STR("ada"), owner);
	token_owner_by_other(&both, STR("ada"), other);
	CHECK_STR(other, owner);
	token_owner(&both, STR("ada"), other);
	CHECK(strcmp(other, owner) != 0);
	token_owner_by_other(&new, STR("ada"), other);
	CHECK_STR(other, "");
}

static void a_bad_secret_is_refused_with_a_remedy(void)
{
	struct token_key k;
	char hex[66], lines[200];

	memset(hex, 'a', 64);
	strcpy(hex + 64, "\n");
	CHECK(refused("bad", "abc\n", 0600, "64 hex digits"));
	CHECK(refused("bad", "", 0600, "64 hex digits"));
	CHECK(refused("open", hex, 0644, "chmod 600"));
	CHECK(chmod(at("open"), 0640) == 0);
	CHECK(token_key_file(at("open"), &k, &why));
	snprintf(lines, sizeof(lines), "%s%s%s", hex, hex, hex);
	CHECK(refused("bad", lines, 0600, "one a line"));
	snprintf(lines, sizeof(lines), "%sabc\n", hex);
	CHECK(refused("bad", lines, 0600, "one a line"));
	hex[5] = 'g';
	CHECK(refused("bad", hex, 0600, "64 hex digits"));
	buf_clear(&why);
	CHECK(!token_key_file(at("nowhere/secret"), &k, &why));
	CHECK(strstr(why.data, "make its directory") != NULL);
}

static void random_names_are_ids_and_differ(void)
{
	char a[90], b[90];

	for (size_t n = 1; n <= 48; n++) {
		token_random(a, n);
		CHECK(strlen(a) == (n * 4 + 2) / 3);
		CHECK(frame_id_valid(str_of(a)));
	}
	token_random(a, 16);
	token_random(b, 16);
	CHECK(strlen(a) == 22 && strcmp(a, b) != 0);
}

static void the_next_name_follows_from_key_visitor_and_conversation(void)
{
	struct token_key key = {.bytes = {1}}, other = {.bytes = {2}};
	char a[30], b[30];

	token_next(&key, "v1", "c1", a);
	CHECK(strlen(a) == 22 && frame_id_valid(str_of(a)));
	token_next(&key, "v1", "c1", b);
	CHECK_STR(a, b);
	token_next(&other, "v1", "c1", b);
	CHECK(strcmp(a, b) != 0);
	token_next(&key, "v2", "c1", b);
	CHECK(strcmp(a, b) != 0);
	token_next(&key, "v1", a, b);
	CHECK(strcmp(a, b) != 0);
}

/* Made with: printf %s user-17 | openssl dgst -sha256 -hmac shop-secret */
#define HMAC_17                                                                \
	"d0adf02a63e75da5e739bb6251e603dc79831e6bf3c10b21d6547f33ffe634a0"

static void the_shops_hmac_proves_the_user(void)
{
	char upper[65];

	for (int i = 0; i < 65; i++)
		upper[i] = HMAC_17[i] >= 'a' ? HMAC_17[i] - 32 : HMAC_17[i];
	CHECK(token_hmac_ok(STR("shop-secret"), STR("user-17"), STR(HMAC_17)));
	CHECK(token_hmac_ok(STR(" shop-secret\n"), STR("user-17"),
			    str_of(upper)));
	CHECK(!token_hmac_ok(STR("shop-secret"), STR("user-18"), STR(HMAC_17)));
	CHECK(!token_hmac_ok(STR("shop-secreT"), STR("user-17"), STR(HMAC_17)));
	CHECK(!token_hmac_ok(STR("\n"), STR("user-17"), STR(HMAC_17)));
	CHECK(!token_hmac_ok(STR("shop-secret"), STR_NONE, STR(HMAC_17)));
	CHECK(!token_hmac_ok(STR("shop-secret"), STR("user-17"), STR_NONE));
	CHECK(!token_hmac_ok(STR("shop-secret"), STR("user-17"),
			     (struct str){HMAC_17, 62}));
	CHECK(!token_hmac_ok(STR("shop-secret"), STR("user-17"),
			     STR(HMAC_17 "00")));
}

/* HS256 under "shop-secret" where the name says nothing else: sub user-17,
 * exp 2000000000. */
#define JWT_GOOD                                                               \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTE"             \
	"3IiwibmFtZSI6IkFubiBcdTAwYzQiLCJlbWFpbCI6ImFubkBleGFtcGx"             \
	"lLm9yZyIsImV4cCI6MjAwMDAwMDAwMH0.H4HYirE1cHacleueZ3sfnRK"             \
	"X7XhN1W8w6JES6BNgo0A"
#define JWT_NBF                                                                \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTE"             \
	"3IiwibmFtZSI6IkFubiBcdTAwYzQiLCJlbWFpbCI6ImFubkBleGFtcGx"             \
	"lLm9yZyIsImV4cCI6MjAwMDAwMDAwMCwibmJmIjoxOTAwMDAwMDAwfQ."             \
	"SsX7iys5PVOB8vni4QloEDqO3pUCos4F4yp15mhehNA"
#define JWT_NONE                                                               \
	"eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyLTE3IiwibmFtZSI6IkFu"             \
	"biBcdTAwYzQiLCJlbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImV4cCI6"             \
	"MjAwMDAwMDAwMH0."
#define JWT_NONE_SIGNED                                                        \
	"eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyLTE3IiwibmFtZSI6IkFu"             \
	"biBcdTAwYzQiLCJlbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImV4cCI6"             \
	"MjAwMDAwMDAwMH0.Hv_2xfvDdcKmAe0bEaxW2k7T1HDq6TBglSLg5evM"             \
	"FP8"
#define JWT_HS512_HEADER                                                       \
	"eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJ1c2VyLTE3IiwibmFtZSI6IkF"             \
	"ubiBcdTAwYzQiLCJlbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImV4cCI"             \
	"6MjAwMDAwMDAwMH0.wVGOjDIGuAvoPgvXJ7ksPe1zwaTzvpLfSYDWKuS"             \
	"8meQ"
#define JWT_NO_EXP                                                             \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTE"             \
	"3In0.aZGJzD1_MBb7Vu4MpQvhNTPskS2Mnu3t8KOINO-5Fus"
#define JWT_NO_SUB                                                             \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjIwMDAwMDA"             \
	"wMDB9.pJORgCM1vxiwoSGsYz69oJhVUQrtkpDXOeM94qVhB-s"
#define JWT_OTHER_KEY                                                          \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTE"             \
	"3IiwibmFtZSI6IkFubiBcdTAwYzQiLCJlbWFpbCI6ImFubkBleGFtcGx"             \
	"lLm9yZyIsImV4cCI6MjAwMDAwMDAwMH0.YzvPcFbuelAE0IkxXW0aRhD"             \
	"4RUN9B6uofKx8v2bJ-Zg"
#define JWT_EMPTY_KEY                                                          \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTE"             \
	"3IiwibmFtZSI6IkFubiBcdTAwYzQiLCJlbWFpbCI6ImFubkBleGFtcGx"             \
	"lLm9yZyIsImV4cCI6MjAwMDAwMDAwMH0.uoVGeLCkiU2XV2StObSC_Gw"             \
	"nnZ82qPVnWQcxqBcQzG8"

static bool jwt(const char *text, int64_t now_s, struct token_user *user)
{
	return token_jwt_ok(STR("shop-secret\n"), str_of(text), now_s * 1000,
			    user);
}

static void a_jwt_of_the_shop_names_its_user(void)
{
	struct token_user user;

	CHECK(jwt(JWT_GOOD, 1999999999, &user));
	CHECK_STR(user.id, "user-17");
	CHECK_STR(user.name, "Ann \xc3\x84");
	CHECK_STR(user.email, "ann@example.org");
	CHECK(!jwt(JWT_GOOD, 2000000000, &user));
	CHECK_STR(user.id, "");
	CHECK(jwt(JWT_NBF, 1899999940, &user));
	CHECK(!jwt(JWT_NBF, 1899999939, &user));
}

static void forged_jwts_are_refused(void)
{
	struct token_user user;
	char text[1024];
	size_t n = strlen(JWT_GOOD);

	CHECK(!jwt(JWT_NONE, 1, &user));
	CHECK(!jwt(JWT_NONE_SIGNED, 1, &user));
	CHECK(!jwt(JWT_HS512_HEADER, 1, &user));
	CHECK(!jwt(JWT_NO_EXP, 1, &user));
	CHECK(!jwt(JWT_NO_SUB, 1, &user));
	CHECK(!jwt(JWT_OTHER_KEY, 1, &user));
	CHECK(!jwt("", 1, &user) && !jwt(".", 1, &user));
	CHECK(!jwt("..", 1, &user) && !jwt("a.b.c", 1, &user));
	for (size_t i = 0; i < n; i++) {
		strcpy(text, JWT_GOOD);
		text[i] = text[i] == 'A' ? 'B' : 'A';
		CHECK(!jwt(text, 1, &user));
		text[i] = '\0';
		CHECK(!jwt(text, 1, &user));
	}
	CHECK(!token_jwt_ok(STR(""), STR(JWT_EMPTY_KEY), 1000, &user));
	CHECK(!token_jwt_ok(STR_NONE, STR_NONE, 1000, &user));
}

static void a_password_is_known_by_its_hash(void)
{
	char hash[TOKEN_HASH_MAX], again[TOKEN_HASH_MAX];

	CHECK(password_hash(STR("correct horse"), hash));
	CHECK(strncmp(hash, "$argon2id$v=19$m=65536,t=2,p=1$", 31) == 0);
	CHECK(password_check(hash, STR("correct horse")));
	CHECK(!password_check(hash, STR("correct horsE")));
	CHECK(!password_check(hash, STR("")));
	CHECK(password_hash(STR("correct horse"), again));
	CHECK(strcmp(hash, again) != 0);
}

static void damaged_or_greedy_hashes_are_no_hashes(void)
{
	static const char tail[] = "$c29tZXNhbHRzb21lc2FsdA$"
				   "c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhh";
	char hash[300];

	CHECK(!password_check("", STR("x")));
	CHECK(!password_check("x", STR("x")));
	CHECK(!password_check("$argon2id$v=19$m=65536,t=2,p=1$", STR("x")));
	snprintf(hash, sizeof(hash), "$argon2id$v=19$m=4194304,t=2,p=1%s",
		 tail);
	CHECK(!password_check(hash, STR("x")));
	snprintf(hash, sizeof(hash), "$argon2id$v=19$m=65536,t=999999,p=1%s",
		 tail);
	CHECK(!password_check(hash, STR("x")));
	memset(hash, 'a', sizeof(hash) - 1);
	hash[sizeof(hash) - 1] = '\0';
	CHECK(!password_check(hash, STR("x")));
}

static void a_digest_is_sha256_in_hex(void)
{
	char hex[65];

	token_digest(STR("abc"), hex);
	CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff"
		       "61f20015ad");
	token_digest(STR_NONE, hex);
	CHECK_STR(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49599"
		       "1b7852b855");
}

int main(void)
{
	char rm[64];

	if (mkdtemp(dir) == NULL || !token_init())
		return 1;
	RUN(a_token_names_its_visitor_and_conversation);
	RUN(without_an_owner_it_is_as_it_always_was);
	RUN(a_token_names_its_owner_and_who_was_here_before);
	RUN(an_owner_is_told_by_the_key_only);
	RUN(the_longest_names_fit);
	RUN(any_change_of_a_token_is_noticed);
	RUN(a_token_ends_after_its_life);
	RUN(a_missing_secret_is_made_once);
	RUN(daemons_that_start_at_once_agree_on_the_secret);
	RUN(with_two_secrets_the_first_signs_and_both_are_good);
	RUN(a_bad_secret_is_refused_with_a_remedy);
	RUN(random_names_are_ids_and_differ);
	RUN(the_next_name_follows_from_key_visitor_and_conversation);
	RUN(the_shops_hmac_proves_the_user);
	RUN(a_jwt_of_the_shop_names_its_user);
	RUN(forged_jwts_are_refused);
	RUN(a_password_is_known_by_its_hash);
	RUN(damaged_or_greedy_hashes_are_no_hashes);
	RUN(a_digest_is_sha256_in_hex);
	buf_fini(&why);
	snprintf(rm, sizeof(rm), "rm -rf '%s'", dir);
	if (system(rm) != 0)
		return 1;
	return check_done("daemon/token");
}
