/* redis.url taken apart; see address.h. Looks no name up. */
#include "address.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store.h"

#define URL_MAX       1000
#define PATH_MAX_LEN  107 /* sun_path without its NUL */
#define DB_MAX        65535
#define DEFAULT_PORT  6379
#define SENTINEL_PORT 26379
#define NAME_MAX_LEN  100 /* of a primary */

void address_fini(struct address *a)
{
	free(a->path);
	free(a->host);
	free(a->primary);
	for (size_t i = 0; i < a->sentinel_count; i++)
		free(a->sentinels[i].host);
	free(a->user);
	free(a->password);
	free(a->shown);
	*a = (struct address){0};
}

static bool fault(struct buf *why, const char *what)
{
	buf_addf(why,
		 "%s; write unix:///path, redis://host:port/db or "
		 "redis+sentinel://host:port,host:port/name",
		 what);
	return false;
}

/* NULL: a "%" without two digits, or a NUL. */
static char *decode(struct str s)
{
	char *out = xmalloc(s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;

			if (low < 0 || high * 16 + low == 0) {
				free(out);
				return NULL;
			}
			c = (char)(high * 16 + low);
			i += 2;
		}
		out[n++] = c;
	}
	out[n] = '\0';
	return out;
}

/* "user:password", ":password"; a bare word is the password. */
static bool parse_user(struct str s, struct address *a, struct buf *why)
{
	const char *colon = memchr(s.p, ':', s.n);
	struct str password = s;

	if (colon != NULL) {
		struct str user = {s.p, (size_t)(colon - s.p)};

		password = (struct str){colon + 1, s.n - user.n - 1};
		if (user.n > 0 && (a->user = decode(user)) == NULL)
			return fault(why, "a wrong % in the user");
	}
	a->password = decode(password);
	return a->password != NULL || fault(why, "a wrong % in the password");
}

/* "host", "host:port", "[::1]:port". */
static bool parse_place(struct str s, unsigned default_port,
			struct place *place, struct buf *why)
{
	struct str host = s, port = STR_NONE;
	const char *end;
	uint64_t n = default_port;

	if (s.n > 0 && s.p[0] == '[') {
		end = memchr(s.p, ']', s.n);
		if (end == NULL)
			return fault(why, "a [ without ]");
		host = (struct str){s.p + 1, (size_t)(end - s.p) - 1};
		port = (struct str){end + 1, s.n - host.n - 2};
		if (port.n > 0 && port.p[0] != ':')
			return fault(why, "after ] comes :port");
	} else if ((end = memchr(s.p, ':', s.n)) != NULL) {
		host.n = (size_t)(end - s.p);
		port = (struct str){end, s.n - host.n};
	}
	if (host.n == 0)
		return fault(why, "no host");
	if (port.n > 0 &&
	    (!str_to_u64((struct str){port.p + 1, port.n - 1}, 65535, &n) ||
	     n == 0))
		return fault(why, "the port is not between 1 and 65535");
	place->host = xstrndup(host.p, host.n);
	place->port = (unsigned)n;
	return true;
}

/* Cuts `s` off before the first `c`; what follows it, STR_NONE without. */
static struct str cut(struct str *s, char c)
{
	const char *at = s->n > 0 ? memchr(s->p, c, s->n) : NULL;
	struct str rest = STR_NONE;

	if (at != NULL) {
		rest.p = at + 1;
		rest.n = s->n - (size_t)(at - s->p) - 1;
		s->n = (size_t)(at - s->p);
	}
	return rest;
}

static bool parse_db(struct str s, struct address *a, struct buf *why)
{
	uint64_t db = 0;

	if (s.n > 0 && !str_to_u64(s, DB_MAX, &db))
		return fault(why, "what follows the last / is not a number "
				  "(in a password, / is %2F and @ is %40)");
	a->db = (unsigned)db;
	return true;
}

/* Takes "user:password@" off the front. */
static bool parse_sign_in(struct str *s, struct address *a, struct buf *why)
{
	const char *at = s->n > 0 ? memrchr(s->p, '@', s->n) : NULL;
	struct str user;

	if (at == NULL)
		return true;
	user = (struct str){s->p, (size_t)(at - s->p)};
	*s = (struct str){at + 1, s->n - user.n - 1};
	return parse_user(user, a, why);
}

/* "user:password@" before the first slash, or nothing. */
static bool parse_unix(struct str rest, struct address *a, struct buf *why)
{
	const char *path = rest.n > 0 ? memchr(rest.p, '/', rest.n) : NULL;
	struct str before = rest;

	before.n = path != NULL ? (size_t)(path - rest.p) : rest.n;
	rest.n -= before.n;
	if (path == NULL || (before.n > 0 && before.p[before.n - 1] != '@'))
		return fault(why, "the socket's path must begin with / (in a "
				  "password, / is %2F)");
	if (rest.n > PATH_MAX_LEN)
		return fault(why, "the socket's path is over 107 bytes");
	a->path = xstrndup(path, rest.n);
	a->shown = xstrndup(path, rest.n);
	return parse_sign_in(&before, a, why);
}

/* A password may hold a slash only as %2F. */
static bool parse_tcp(struct str rest, struct address *a, struct buf *why)
{
	struct str db = cut(&rest, '/');
	struct place place;
	struct buf shown = BUF_INIT;

	if (!parse_db(db, a, why) || !parse_sign_in(&rest, a, why) ||
	    !parse_place(rest, DEFAULT_PORT, &place, why))
		return false;
	a->host = place.host;
	a->port = place.port;
	buf_addf(&shown, "%s:%u", a->host, a->port);
	a->shown = buf_take(&shown);
	return true;
}

static bool parse_sentinels(struct str rest, struct address *a, struct buf *why)
{
	while (rest.p != NULL) {
		struct str place = rest;

		rest = cut(&place, ',');
		if (a->sentinel_count == SENTINELS_MAX)
			return fault(why, "over 16 Sentinels");
		if (!parse_place(place, SENTINEL_PORT,
				 &a->sentinels[a->sentinel_count], why))
			return false;
		a->sentinel_count++;
	}
	return true;
}

static bool parse_by_sentinel(struct str rest, struct address *a,
			      struct buf *why)
{
	struct str name = cut(&rest, '/');
	struct str db = cut(&name, '/');
	struct buf shown = BUF_INIT;

	if (name.n == 0)
		return fault(why, "no name of the primary");
	if (name.n > NAME_MAX_LEN)
		return fault(why, "the primary's name is over 100 bytes");
	if (!parse_db(db, a, why) || !parse_sign_in(&rest, a, why) ||
	    !parse_sentinels(rest, a, why))
		return false;
	a->primary = xstrndup(name.p, name.n);
	buf_addf(&shown, "sentinel:%s", a->primary);
	a->shown = buf_take(&shown);
	return true;
}

void store_url_hide(const char *url, struct buf *out)
{
	struct str s = str_of(url), head;
	const char *begin = strstr(url, "://");
	const char *at, *colon;

	if (begin == NULL) {
		buf_add_str(out, s);
		return;
	}
	begin += strlen("://");
	head = (struct str){begin, strcspn(begin, "/")};
	at = head.n > 0 ? memrchr(head.p, '@', head.n) : NULL;
	if (at == NULL) {
		buf_add_str(out, s);
		return;
	}
	colon = memchr(head.p, ':', (size_t)(at - head.p));
	if (colon != NULL)
		begin = colon + 1; /* the user is no secret */
	buf_add_str(out, (struct str){url, (size_t)(begin - url)});
	buf_addf(out, "***%s", at);
}

bool address_parse(const char *url, struct address *a, struct buf *why)
{
	struct str s = str_of(url == NULL ? "" : url);
	bool fine;

	*a = (struct address){0};
	if (s.n > URL_MAX)
		return fault(why, "over 1,000 bytes");
	if (str_starts(s, "unix://"))
		fine = parse_unix((struct str){s.p + 7, s.n - 7}, a, why);
	else if (str_starts(s, "redis://"))
		fine = parse_tcp((struct str){s.p + 8, s.n - 8}, a, why);
	else if (str_starts(s, "redis+sentinel://"))
		fine = parse_by_sentinel((struct str){s.p + 17, s.n - 17}, a,
					 why);
	else if (str_starts(s, "rediss://"))
		fine = fault(why, "TLS to Redis is not spoken; put stunnel "
				  "between, or HAProxy");
	else
		fine = fault(why, "not an address of Redis");
	if (!fine)
		address_fini(a);
	return fine;
}
