/* Is a request a proper upgrade to WebSocket (RFC 6455, 4.2.1)? Whatever
 * passes here may be made a socket; Origin policy and path are the owner's.
 * Offers of anything else (h2c) are ignored, as RFC 9110 allows: the request
 * is then a plain one. */
#include <string.h>

#include "adopt.h"
#include "http.h"

static bool is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* 16 bytes in base64: 21 digits, one of which only two bits count, "==". */
static bool is_key(struct str key)
{
	size_t i;

	if (key.n != ADOPT_KEY_BYTES)
		return false;
	for (i = 0; i < 22; i++)
		if (!is_base64(key.p[i]))
			return false;
	return strchr("AQgw", key.p[21]) != NULL && key.p[22] == '=' &&
	       key.p[23] == '=';
}

static bool has_good_version(const struct http_request *request)
{
	return http_count(request, "Sec-WebSocket-Version") == 1 &&
	       str_is(http_header(request, "Sec-WebSocket-Version"), "13");
}

static struct http_refusal judge(const struct http_request *request,
				 bool is_http11, bool has_body)
{
	if (!is_http11)
		return (struct http_refusal){400, "a WebSocket needs HTTP/1.1",
					     NULL, NULL};
	if (!str_is(request->method, "GET") || has_body)
		return (struct http_refusal){
			400, "a WebSocket needs a GET without a body", NULL,
			NULL};
	if (!http_has_token(request, "Connection", "upgrade", true))
		return (struct http_refusal){
			400, "Upgrade without Connection: Upgrade", NULL, NULL};
	if (!has_good_version(request))
		return (struct http_refusal){426, "only WebSocket version 13",
					     "Sec-WebSocket-Version", "13"};
	if (http_count(request, "Sec-WebSocket-Key") != 1 ||
	    !is_key(http_header(request, "Sec-WebSocket-Key")))
		return (struct http_refusal){
			400, "one Sec-WebSocket-Key of 16 bytes, please", NULL,
			NULL};
	return (struct http_refusal){0, NULL, NULL, NULL};
}

bool http_check_upgrade(const struct http_request *request, bool is_http11,
			bool has_body, struct http_refusal *refusal)
{
	if (!http_has_token(request, "Upgrade", "websocket", true))
		return false;
	*refusal = judge(request, is_http11, has_body);
	return true;
}
