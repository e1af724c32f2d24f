/* Looking things up in a request that has been read: headers, lists in them,
 * cookies, query parameters. Nothing here remembers or allocates but what it
 * appends to the caller's buffer. */
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "http.h"

bool http_decode(struct str in, bool plus, struct buf *out)
{
	size_t start = out->len;
	size_t i;

	for (i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (c == '%') {
			int high = i + 2 < in.n ? hex_digit(in.p[i + 1]) : -1;
			int low = i + 2 < in.n ? hex_digit(in.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				break;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if (c == '\0')
			break;
		buf_add_c(out, c);
	}
	if (i == in.n && (out->len == start ||
			  utf8_valid(out->data + start, out->len - start)))
		return true;
	out->len = start;
	return false;
}

static bool is_name(struct str s, const char *name)
{
	return s.n == strlen(name) && strncasecmp(s.p, name, s.n) == 0;
}

struct str http_header(const struct http_request *request, const char *name)
{
	size_t i;

	for (i = 0; i < request->n_headers; i++)
		if (is_name(request->headers[i].name, name))
			return request->headers[i].value;
	return STR_NONE;
}

size_t http_count(const struct http_request *request, const char *name)
{
	size_t i, n = 0;

	for (i = 0; i < request->n_headers; i++)
		n += is_name(request->headers[i].name, name);
	return n;
}

/* Takes the part of `*rest` up to `separator` off its front. */
static struct str take_until(struct str *rest, char separator)
{
	const char *end = memchr(rest->p, separator, rest->n);
	size_t n = end == NULL ? rest->n : (size_t)(end - rest->p);
	struct str part = {rest->p, n};

	n += end != NULL;
	rest->p += n;
	rest->n -= n;
	return part;
}

static bool list_has(struct str list, const char *token, bool any_case)
{
	while (list.n > 0) {
		struct str one = str_trim(take_until(&list, ','));

		if (any_case ? is_name(one, token) : str_is(one, token))
			return true;
	}
	return false;
}

bool http_has_token(const struct http_request *request, const char *name,
		    const char *token, bool any_case)
{
	size_t i;

	for (i = 0; i < request->n_headers; i++)
		if (is_name(request->headers[i].name, name) &&
		    list_has(request->headers[i].value, token, any_case))
			return true;
	return false;
}

bool http_offers(const struct http_request *request, const char *subprotocol)
{
	return http_has_token(request, "Sec-WebSocket-Protocol", subprotocol,
			      false);
}

struct str http_forwarded_for(const struct http_request *request)
{
	struct str last = STR("");

	for (size_t i = 0; i < request->n_headers; i++) {
		struct str list = request->headers[i].value;

		if (!is_name(request->headers[i].name, "X-Forwarded-For"))
			continue;
		while (list.n > 0)
			last = str_trim(take_until(&list, ','));
	}
	return last;
}

/* "name=value", blanks around allowed, quotes around the value taken off. */
static bool split_pair(struct str pair, const char *name, struct str *value)
{
	size_t n = strlen(name);

	pair = str_trim(pair);
	if (!str_starts(pair, name) || pair.n == n || pair.p[n] != '=')
		return false;
	*value = (struct str){pair.p + n + 1, pair.n - n - 1};
	if (value->n >= 2 && value->p[0] == '"' &&
	    value->p[value->n - 1] == '"') {
		value->p++;
		value->n -= 2;
	}
	return true;
}

struct str http_cookie(const struct http_request *request, const char *name)
{
	size_t i;

	for (i = 0; i < request->n_headers; i++) {
		struct str rest = request->headers[i].value;
		struct str value;

		if (!is_name(request->headers[i].name, "Cookie"))
			continue;
		while (rest.n > 0)
			if (split_pair(take_until(&rest, ';'), name, &value))
				return value;
	}
	return STR_NONE;
}

bool http_query(const struct http_request *request, const char *name,
		struct buf *out)
{
	struct str rest = request->query;
	size_t n = strlen(name);

	while (rest.n > 0) {
		struct str pair = take_until(&rest, '&');

		if (str_starts(pair, name) && pair.n > n && pair.p[n] == '=')
			return http_decode(
				(struct str){pair.p + n + 1, pair.n - n - 1},
				true, out);
	}
	return false;
}
