/* Secrets, and what is signed or hashed with them; see token.h. The one door
 * to libsodium. Comparisons of what must not be guessed take the same time
 * whatever the bytes are. */
#include "daemon/token.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "wire/frame.h"

#define MAC_BYTES      crypto_auth_hmacsha256_BYTES
#define KEY_TEXT       (2 * TOKEN_KEY_BYTES) /* hex digits in the file */
#define KEY_FILE_MAX   256
#define SECRET_MIN     1
#define JWT_MAX        2048
#define NBF_LEEWAY_S   60
#define HASH_MAX_KB    (256 * 1024) /* of a stored hash; ours take 64 MB */
#define HASH_MAX_OPS   10
#define HASH_MAX_LANES 1

bool token_init(void)
{
	return sodium_init() >= 0;
}

static void hmac(const void *key, size_t key_len, const char *purpose,
		 const void *text, size_t n, unsigned char out[MAC_BYTES])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, key_len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)purpose,
				      strlen(purpose));
	crypto_auth_hmacsha256_update(&state, text, n);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof(state));
}

static bool from_base64(struct str text, unsigned char *out, size_t room,
			size_t *n)
{
	const char *end;

	return text.n > 0 &&
	       sodium_base642bin(out, room, text.p, text.n, NULL, n, &end,
				 sodium_base64_VARIANT_URLSAFE_NO_PADDING) ==
		       0 &&
	       end == text.p + text.n;
}

/* -- the daemon's secret --------------------------------------------------- */

static bool fault(struct buf *why, const char *path, const char *what)
{
	buf_addf(why, "%s: %s", path, what);
	return false;
}

static bool write_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t wrote = write(fd, text, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		text += wrote;
		n -= (size_t)wrote;
	}
	return true;
}

static bool write_secret(const char *path)
{
	unsigned char bytes[TOKEN_KEY_BYTES];
	char text[KEY_TEXT + 2];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return false;
	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(text, sizeof(text), bytes, sizeof(bytes));
	text[KEY_TEXT] = '\n';
	ok = write_all(fd, text, KEY_TEXT + 1) && fsync(fd) == 0;
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(text, sizeof(text));
	return close(fd) == 0 && ok;
}

/* Two daemons may start at once: written beside and then linked, so that one
 * of them wins and nobody reads half a file. */
static bool make_key_file(const char *path, struct buf *why)
{
	struct buf beside = BUF_INIT;
	char random[16];
	bool ok;

	token_random(random, 8);
	buf_addf(&beside, "%s.%s", path, random);
	ok = write_secret(beside.data) &&
	     (link(beside.data, path) == 0 || errno == EEXIST);
	if (!ok)
		buf_addf(why,
			 "%s: cannot be made: %s; make its directory, owned "
			 "by the user that answerd runs as",
			 path, strerror(errno));
	unlink(beside.data);
	buf_fini(&beside);
	return ok;
}

static bool is_private(const char *path, struct buf *why)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return fault(why, path, strerror(errno));
	if ((st.st_mode & 0027) == 0)
		return true;
	return fault(why, path, "others may read or change it; chmod 600");
}

static bool read_hex(struct str hex, unsigned char out[TOKEN_KEY_BYTES])
{
	size_t n = 0;

	return hex.n == KEY_TEXT &&
	       sodium_hex2bin(out, TOKEN_KEY_BYTES, hex.p, hex.n, NULL, &n,
			      NULL) == 0 &&
	       n == TOKEN_KEY_BYTES;
}

/* One secret, or two, one a line. */
static bool read_key(struct str text, struct token_key *key)
{
	const char *end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
	struct str first = text, second = {text.p + text.n, 0};

	if (end != NULL) {
		first.n = (size_t)(end - text.p);
		second = (struct str){end + 1, text.n - first.n - 1};
	}
	second = str_trim(second);
	key->has_other = second.n > 0;
	return read_hex(str_trim(first), key->bytes) &&
	       (!key->has_other || read_hex(second, key->other));
}

bool token_key_file(const char *path, struct token_key *key, struct buf *why)
{
	struct buf text = BUF_INIT;
	bool ok;

	*key = (struct token_key){.has_other = false};
	if (access(path, F_OK) != 0 && errno == ENOENT &&
	    !make_key_file(path, why))
		return false;
	if (!is_private(path, why) ||
	    !file_read(path, KEY_FILE_MAX, &text, why)) {
		buf_fini(&text);
		return false;
	}
	ok = read_key(str_trim(buf_str(&text)), key);
	if (!ok)
		fault(why, path,
		      "is not a secret of 64 hex digits, or two, one a line; "
		      "put the right one back, or remove it to get a new one "
		      "(shoppers then lose their open chats)");
	if (text.len > 0)
		sodium_memzero(text.data, text.len);
	buf_fini(&text);
	return ok;
}

static void to_base64(const unsigned char *bytes, size_t n, char *out)
{
	sodium_bin2base64(out,
			  sodium_base64_encoded_len(
				  n, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
			  bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void token_random(char *out, size_t bytes)
{
	unsigned char random[64];

	if (bytes > sizeof(random))
		bytes = sizeof(random);
	randombytes_buf(random, bytes);
	to_base64(random, bytes, out);
}

void token_next(const struct token_key *key, const char *visitor,
		const char *closed, char *out)
{
	unsigned char mac[MAC_BYTES];
	struct buf both = BUF_INIT;

	buf_addf(&both, "%s %s", visitor, closed); /* neither has a blank */
	hmac(key->bytes, sizeof(key->bytes), "next conversation ", both.data,
	     both.len, mac);
	to_base64(mac, 16, out);
	buf_fini(&both);
}

static void owner_by(const unsigned char secret[TOKEN_KEY_BYTES],
		     struct str user_id, char out[TOKEN_OWNER_MAX])
{
	unsigned char mac[MAC_BYTES];

	hmac(secret, TOKEN_KEY_BYTES, "owner of a visitor ", user_id.p,
	     user_id.n, mac);
	to_base64(mac, 16, out);
}

void token_owner(const struct token_key *key, struct str user_id,
		 char out[TOKEN_OWNER_MAX])
{
	owner_by(key->bytes, user_id, out);
}

void token_owner_by_other(const struct token_key *key, struct str user_id,
			  char out[TOKEN_OWNER_MAX])
{
	out[0] = '\0';
	if (key->has_other)
		owner_by(key->other, user_id, out);
}

/* -- visitors' tokens ------------------------------------------------------ */

/* The signed bytes: version, time of issue (8, big-endian), length and name of
 * the visitor, length and name of the conversation. In version 2 also length
 * and digest of the owner (length 0: none), and all three again for each of the
 * former places. Then the MAC. What version 1 can say is said in it: daemons
 * before version 2 take the other for forged. */
#define NAME_ROOM  64
#define OWNER_ROOM (TOKEN_OWNER_MAX - 1)
#define PLACE_MAX  (1 + NAME_ROOM + 1 + NAME_ROOM + 1 + OWNER_ROOM)
#define BODY_MAX   (1 + 8 + (1 + TOKEN_FORMER_MAX) * PLACE_MAX)
#define PURPOSE    "answerd visitor token\n"

static size_t put_name(unsigned char *at, const char *name, size_t room)
{
	size_t n = strnlen(name, room);

	at[0] = (unsigned char)n;
	memcpy(at + 1, name, n);
	return n + 1;
}

static size_t put_place(unsigned char *at, const struct token_place *place,
			bool with_owner)
{
	size_t n = put_name(at, place->visitor, NAME_ROOM);

	n += put_name(at + n, place->conversation, NAME_ROOM);
	if (with_owner)
		n += put_name(at + n, place->owner, OWNER_ROOM);
	return n;
}

void token_sign(const struct token_key *key, const struct visitor_token *who,
		char out[TOKEN_TEXT_MAX])
{
	unsigned char body[BODY_MAX + MAC_BYTES];
	bool second = who->place.owner[0] != '\0' || who->former_count > 0;
	size_t n = 9;

	body[0] = second ? 2 : 1;
	for (int i = 0; i < 8; i++)
		body[1 + i] = (unsigned char)((uint64_t)who->issued_ms >>
					      (56 - 8 * i));
	n += put_place(body + n, &who->place, second);
	for (size_t i = 0; i < who->former_count; i++)
		n += put_place(body + n, &who->former[i], true);
	hmac(key->bytes, sizeof(key->bytes), PURPOSE, body, n, body + n);
	sodium_bin2base64(out, TOKEN_TEXT_MAX, body, n + MAC_BYTES,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Moves `at` behind the name. */
static bool take_name(const unsigned char *body, size_t n, size_t *at,
		      size_t room, char *out)
{
	size_t len;

	if (*at >= n)
		return false;
	len = body[(*at)++];
	if (len > room || len > n - *at)
		return false;
	memcpy(out, body + *at, len);
	out[len] = '\0';
	*at += len;
	return len == 0 || frame_id_valid((struct str){out, len});
}

static bool take_place(const unsigned char *body, size_t n, size_t *at,
		       bool with_owner, struct token_place *out)
{
	return take_name(body, n, at, NAME_ROOM, out->visitor) &&
	       take_name(body, n, at, NAME_ROOM, out->conversation) &&
	       (!with_owner ||
		take_name(body, n, at, OWNER_ROOM, out->owner)) &&
	       out->visitor[0] != '\0' && out->conversation[0] != '\0';
}

static bool take_former(const unsigned char *body, size_t n, size_t *at,
			struct visitor_token *out)
{
	while (*at < n && out->former_count < TOKEN_FORMER_MAX) {
		struct token_place *one = &out->former[out->former_count++];

		if (!take_place(body, n, at, true, one) ||
		    one->owner[0] == '\0')
			return false;
	}
	return *at == n;
}

/* What the MAC says is ours is still read with care: another version of this
 * program may have signed it. */
static bool parse_body(const unsigned char *body, size_t n,
		       struct visitor_token *out)
{
	uint64_t issued = 0;
	size_t at = 9;

	if (n < 9 || body[0] < 1 || body[0] > 2)
		return false;
	for (int i = 0; i < 8; i++)
		issued = issued << 8 | body[1 + i];
	if (issued > INT64_MAX)
		return false;
	out->issued_ms = (int64_t)issued;
	if (!take_place(body, n, &at, body[0] == 2, &out->place))
		return false;
	return body[0] == 2 ? take_former(body, n, &at, out) : at == n;
}

static bool is_signed_with(const unsigned char secret[TOKEN_KEY_BYTES],
			   const unsigned char *body, size_t n)
{
	unsigned char mac[MAC_BYTES];

	hmac(secret, TOKEN_KEY_BYTES, PURPOSE, body, n, mac);
	return sodium_memcmp(mac, body + n, MAC_BYTES) == 0;
}

bool token_check(const struct token_key *key, struct str text, int64_t now_ms,
		 struct visitor_token *out)
{
	unsigned char body[BODY_MAX + MAC_BYTES];
	size_t n;

	*out = (struct visitor_token){.issued_ms = 0};
	if (!from_base64(text, body, sizeof(body), &n) || n <= MAC_BYTES)
		return false;
	n -= MAC_BYTES;
	if ((is_signed_with(key->bytes, body, n) ||
	     (key->has_other && is_signed_with(key->other, body, n))) &&
	    parse_body(body, n, out) &&
	    (out->issued_ms > now_ms ||
	     now_ms - out->issued_ms <= TOKEN_LIFE_MS))
		return true;
	*out = (struct visitor_token){.issued_ms = 0};
	return false;
}

/* -- the shop's word ------------------------------------------------------- */

bool token_hmac_ok(struct str secret, struct str user_id, struct str hmac_hex)
{
	unsigned char given[MAC_BYTES], mac[MAC_BYTES];
	size_t n = 0;

	secret = str_trim(secret);
	if (secret.n < SECRET_MIN || user_id.n == 0 ||
	    hmac_hex.n != 2 * MAC_BYTES ||
	    sodium_hex2bin(given, sizeof(given), hmac_hex.p, hmac_hex.n, NULL,
			   &n, NULL) != 0 ||
	    n != sizeof(given))
		return false;
	hmac(secret.p, secret.n, "", user_id.p, user_id.n, mac);
	return sodium_memcmp(mac, given, sizeof(mac)) == 0;
}

struct jwt {
	struct str header, claims; /* as JSON */
	struct str signed_part;
	unsigned char mac[MAC_BYTES];
	char room[JWT_MAX];
};

static bool decode_part(struct jwt *jwt, size_t *used, struct str part,
			struct str *out)
{
	unsigned char *at = (unsigned char *)jwt->room + *used;
	size_t n;

	if (!from_base64(part, at, sizeof(jwt->room) - *used, &n))
		return false;
	*out = (struct str){(const char *)at, n};
	*used += n;
	return true;
}

static bool split_jwt(struct str text, struct jwt *jwt)
{
	const char *first = memchr(text.p, '.', text.n);
	const char *last = memrchr(text.p, '.', text.n);
	size_t used = 0, n;

	if (first == NULL || first == last)
		return false;
	jwt->signed_part = (struct str){text.p, (size_t)(last - text.p)};
	return decode_part(jwt, &used,
			   (struct str){text.p, (size_t)(first - text.p)},
			   &jwt->header) &&
	       decode_part(jwt, &used,
			   (struct str){first + 1, (size_t)(last - first) - 1},
			   &jwt->claims) &&
	       from_base64(
		       (struct str){last + 1, text.n - jwt->signed_part.n - 1},
		       jwt->mac, sizeof(jwt->mac), &n) &&
	       n == sizeof(jwt->mac);
}

static bool is_signed(struct str secret, const struct jwt *jwt)
{
	unsigned char mac[MAC_BYTES];

	hmac(secret.p, secret.n, "", jwt->signed_part.p, jwt->signed_part.n,
	     mac);
	return sodium_memcmp(mac, jwt->mac, sizeof(mac)) == 0;
}

bool token_jwt_ok(struct str secret, struct str text, int64_t now_ms,
		  struct token_user *out)
{
	struct jwt jwt;
	struct jwt_claims claims;
	int64_t now_s = now_ms / 1000;

	*out = (struct token_user){{0}, {0}, {0}};
	secret = str_trim(secret);
	if (secret.n < SECRET_MIN || text.n == 0 || text.n > JWT_MAX ||
	    !split_jwt(text, &jwt) || !is_signed(secret, &jwt) ||
	    !jwt_header_is_hs256(jwt.header) ||
	    !jwt_claims_decode(jwt.claims, &claims))
		return false;
	if (claims.exp_s <= now_s || claims.nbf_s > now_s + NBF_LEEWAY_S)
		return false;
	memcpy(out->id, claims.sub, sizeof(out->id));
	memcpy(out->name, claims.name, sizeof(out->name));
	memcpy(out->email, claims.email, sizeof(out->email));
	return true;
}

/* -- passwords ------------------------------------------------------------- */

bool password_hash(struct str password, char out[TOKEN_HASH_MAX])
{
	_Static_assert(TOKEN_HASH_MAX >= crypto_pwhash_STRBYTES,
		       "room for a hash");

	return crypto_pwhash_str_alg(out, password.p == NULL ? "" : password.p,
				     password.n,
				     crypto_pwhash_OPSLIMIT_INTERACTIVE,
				     crypto_pwhash_MEMLIMIT_INTERACTIVE,
				     crypto_pwhash_ALG_ARGON2ID13) == 0;
}

/* A hash that asks for more than any of ours is damaged or planted: checking
 * it would take the machine's memory. */
static bool is_affordable(const char *hash)
{
	unsigned kb, ops, lanes;

	return sscanf(hash, "$argon2id$v=19$m=%9u,t=%9u,p=%9u$", &kb, &ops,
		      &lanes) == 3 &&
	       kb <= HASH_MAX_KB && ops <= HASH_MAX_OPS &&
	       lanes <= HASH_MAX_LANES;
}

bool password_check(const char *hash, struct str password)
{
	char text[crypto_pwhash_STRBYTES] = {0};
	size_t n = strnlen(hash, sizeof(text));

	if (n == 0 || n == sizeof(text) || !is_affordable(hash))
		return false;
	memcpy(text, hash, n); /* libsodium reads up to STRBYTES */
	return crypto_pwhash_str_verify(text,
					password.p == NULL ? "" : password.p,
					password.n) == 0;
}

void token_digest(struct str token, char out[65])
{
	unsigned char digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(
		digest, (const unsigned char *)(token.p == NULL ? "" : token.p),
		token.n);
	sodium_bin2hex(out, 65, digest, sizeof(digest));
}
