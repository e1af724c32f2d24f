/* Writing an HTTP answer: status line, the headers that every answer has, the
 * caller's own, the body. And problem details for what went wrong. Answers
 * are complete and last: the connection is closed after each. */
#include <assert.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/mem.h"
#include "http.h"

static const struct {
	unsigned status;
	const char *reason;
} reasons[] = {
	{101, "Switching Protocols"},
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{301, "Moved Permanently"},
	{302, "Found"},
	{303, "See Other"},
	{304, "Not Modified"},
	{307, "Temporary Redirect"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{410, "Gone"},
	{411, "Length Required"},
	{413, "Content Too Large"},
	{415, "Unsupported Media Type"},
	{417, "Expectation Failed"},
	{422, "Unprocessable Content"},
	{426, "Upgrade Required"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
	{505, "HTTP Version Not Supported"},
};

const char *http_reason(unsigned status)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

static void add_date(struct buf *out, int64_t now_s)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = (time_t)now_s;
	struct tm tm;

	if (gmtime_r(&now, &tm) == NULL)
		return;
	buf_addf(out, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n",
		 days + 3 * (size_t)tm.tm_wday, tm.tm_mday,
		 months + 3 * (size_t)tm.tm_mon, tm.tm_year + 1900, tm.tm_hour,
		 tm.tm_min, tm.tm_sec);
}

static bool is_one_line(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return false;
	return true;
}

static void add_header(struct buf *out, const struct http_header *header)
{
	assert(is_one_line(header->name) && is_one_line(header->value));
	buf_add_str(out, header->name);
	buf_add_s(out, ": ");
	buf_add_str(out, header->value);
	buf_add_s(out, "\r\n");
}

static bool has_header(const struct http_reply *reply, const char *name)
{
	size_t i;

	for (i = 0; i < reply->n_headers; i++)
		if (reply->headers[i].name.n == strlen(name) &&
		    strncasecmp(reply->headers[i].name.p, name, strlen(name)) ==
			    0)
			return true;
	return false;
}

/* RFC 9110, 11.6.1 and 15.5.22: what the client is to come with instead.
 * Whoever has the cookie needs no hint. */
static void add_challenge(struct buf *out, const struct http_reply *reply)
{
	if (reply->status == 401)
		buf_add_s(out, "WWW-Authenticate: Bearer\r\n");
	if (reply->status == 426)
		buf_add_s(out, "Upgrade: websocket\r\n");
}

void http_write_reply(struct buf *out, const struct http_reply *reply,
		      bool is_head, int64_t now_s)
{
	/* RFC 9110: no length where there cannot be a body. */
	bool no_body = reply->status == 204 || reply->status == 304;
	size_t i;

	buf_addf(out, "HTTP/1.1 %u %s\r\n", reply->status,
		 http_reason(reply->status));
	add_date(out, now_s);
	buf_addf(out, "Connection: %s\r\n",
		 reply->status == 426 ? "close, upgrade" : "close");
	buf_add_s(out, "X-Content-Type-Options: nosniff\r\n"
		       "Referrer-Policy: no-referrer\r\n");
	add_challenge(out, reply);
	if (!has_header(reply, "Cache-Control"))
		buf_add_s(out, "Cache-Control: no-store\r\n");
	if (reply->content_type != NULL)
		buf_addf(out, "Content-Type: %s\r\n", reply->content_type);
	if (!no_body)
		buf_addf(out, "Content-Length: %zu\r\n", reply->body.n);
	for (i = 0; i < reply->n_headers; i++)
		add_header(out, &reply->headers[i]);
	buf_add_s(out, "\r\n");
	if (!is_head && !no_body)
		buf_add_str(out, reply->body);
}

void http_write_problem(struct buf *body, unsigned status, const char *detail)
{
	buf_add_s(body, "{\"type\":\"about:blank\",\"title\":");
	buf_add_json(body, str_of(http_reason(status)));
	buf_addf(body, ",\"status\":%u", status);
	if (detail != NULL) {
		buf_add_s(body, ",\"detail\":");
		buf_add_json(body, str_of(detail));
	}
	buf_add_s(body, "}\n");
}
