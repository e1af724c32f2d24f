/* Secrets and what is signed with them: visitors' tokens, random names, the
 * shop's word for who a user is, passwords. The one door to libsodium. */
#ifndef DAEMON_TOKEN_H
#define DAEMON_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TOKEN_KEY_BYTES 32
#define TOKEN_TEXT_MAX  1024
#define TOKEN_LIFE_MS   (INT64_C(180) * 24 * 3600 * 1000)

/* What is signed is signed with `bytes`; `other` is good for checking, too. */
struct token_key {
	unsigned char bytes[TOKEN_KEY_BYTES];
	unsigned char other[TOKEN_KEY_BYTES];
	bool has_other;
};

/* Once at start. False: libsodium does not start. */
bool token_init(void);
/* Reads the daemon's secret, and another one from a second line if there is
 * one; makes the file (0600) with a random one where there is none. False:
 * `why` says what and the remedy. */
bool token_key_file(const char *path, struct token_key *key, struct buf *why);
/* `bytes` random bytes as base64url into `out` (terminated): 16 bytes make 22
 * characters. Out of A-Za-z0-9_- */
void token_random(char *out, size_t bytes);

/* The name of the visitor's conversation after `closed`, as token_random() of
 * 16 bytes writes one. The same from every daemon with this key, whether Redis
 * can be asked or not, and nobody else can tell it. */
void token_next(const struct token_key *key, const char *visitor,
		const char *closed, char *out);

/* Whose a visitor is, for a user's id that the shop vouches for: a digest that
 * nobody without the key can make, or tell an id from. The same from every
 * daemon with this key. */
#define TOKEN_OWNER_MAX 23
void token_owner(const struct token_key *key, struct str user_id,
		 char out[TOKEN_OWNER_MAX]);
/* The same by the key's other secret; "": it has none. */
void token_owner_by_other(const struct token_key *key, struct str user_id,
			  char out[TOKEN_OWNER_MAX]);

struct token_place {
	char visitor[65];
	char conversation[65];
	char owner[TOKEN_OWNER_MAX]; /* "": nobody's who signed in */
};
/* A visitor's token: it names visitor, conversation and owner, and is signed.
 * It may also name, newest first, visitors whom this browser was before and may
 * be again when their owners sign in. */
#define TOKEN_FORMER_MAX 3
struct visitor_token {
	struct token_place place;
	struct token_place former[TOKEN_FORMER_MAX]; /* each with an owner */
	size_t former_count;
	int64_t issued_ms;
};
void token_sign(const struct token_key *key, const struct visitor_token *who,
		char out[TOKEN_TEXT_MAX]);
/* False: forged, damaged, or older than TOKEN_LIFE_MS. */
bool token_check(const struct token_key *key, struct str text, int64_t now_ms,
		 struct visitor_token *out);

/* The shop's identity secret, read as it stands in its file (blanks around
 * it cut). `hmac`: hex HMAC-SHA256 of the user's id. */
bool token_hmac_ok(struct str secret, struct str user_id, struct str hmac_hex);
/* A JWT (RFC 7519), HS256 only (RFC 7518, section 3.2), never as its header
 * says otherwise; `sub` and an `exp` after `now_ms` required. On true the
 * claims are in the out parameters. */
struct token_user {
	char id[257], name[257], email[257];
};
bool token_jwt_ok(struct str secret, struct str jwt, int64_t now_ms,
		  struct token_user *out);

/* argon2id by crypto_pwhash_str(); slow and large on purpose: only in worker
 * threads. `password_check` is false on a damaged hash too. */
#define TOKEN_HASH_MAX 128
bool password_hash(struct str password, char out[TOKEN_HASH_MAX]);
bool password_check(const char *hash, struct str password);
/* Hex SHA-256, for tools' tokens. */
void token_digest(struct str token, char out[65]);

#endif
