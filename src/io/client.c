/* libcurl's multi interface driven by libuv: curl says which descriptors and
 * which time-out it wants watched, the loop tells it what happened. Answers
 * are handed over in a later turn, so nothing runs under its own call. */
#include "io/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/mem.h"

struct asked {
	struct asked *next;
	struct http_client *client;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	struct buf answer;
	bool too_long;
	char error[CURL_ERROR_SIZE];
	client_fn fn;
	void *arg;
	uint64_t tag;
};

/* One descriptor of curl's; lives on in libuv until it was closed. */
struct watched {
	uv_poll_t poll;
	struct http_client *client;
	curl_socket_t fd;
};

struct http_client {
	struct loop *loop;
	CURLM *multi;
	struct timer *timer;
	struct asked *asked;
	size_t count;
	struct deferred later; /* looks for finished ones */
};

/* -- an answer --------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct asked *a = arg;

	if (a->answer.len + size * n > CLIENT_BODY_BYTES) {
		a->too_long = true;
		return 0; /* curl gives up */
	}
	buf_add(&a->answer, data, size * n);
	return size * n;
}

static void asked_free(struct asked *a)
{
	struct asked **at = &a->client->asked;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	a->client->count--;
	curl_multi_remove_handle(a->client->multi, a->easy);
	curl_easy_cleanup(a->easy);
	curl_slist_free_all(a->headers);
	free(a->body);
	buf_fini(&a->answer);
	free(a);
}

static void finish(struct asked *a, CURLcode result)
{
	struct client_answer answer = {.body = buf_str(&a->answer)};
	long status = 0;

	if (result == CURLE_OK)
		curl_easy_getinfo(a->easy, CURLINFO_RESPONSE_CODE, &status);
	else if (result == CURLE_OPERATION_TIMEDOUT)
		answer.why = "no answer in time";
	else if (a->too_long)
		answer.why = "the answer is too long";
	else
		answer.why =
			a->error[0] ? a->error : curl_easy_strerror(result);
	answer.status = (unsigned)status;
	a->fn(a->arg, a->tag, &answer);
	asked_free(a);
}

static void on_later(void *arg)
{
	struct http_client *c = arg;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(c->multi, &left)) != NULL) {
		struct asked *a;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  (char **)&a);
		finish(a, message->data.result);
	}
}

/* -- curl on the loop -------------------------------------------------- */

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct watched *w = poll->data;
	int flags = 0, running;

	if (status < 0)
		flags |= CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	loop_defer(w->client->loop, &w->client->later);
	curl_multi_socket_action(w->client->multi, w->fd, flags, &running);
}

static void on_timeout(void *arg)
{
	struct http_client *c = arg;
	int running;

	loop_defer(c->loop, &c->later);
	curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static int on_timer_wish(CURLM *multi, long timeout_ms, void *arg)
{
	struct http_client *c = arg;

	(void)multi;
	if (timeout_ms < 0)
		timer_stop(c->timer);
	else
		timer_start(c->timer, timeout_ms, 0);
	return 0;
}

static void on_unwatched(uv_handle_t *handle)
{
	free(handle->data);
}

static void unwatch(struct http_client *c, struct watched *w)
{
	curl_multi_assign(c->multi, w->fd, NULL);
	uv_poll_stop(&w->poll);
	uv_close((uv_handle_t *)&w->poll, on_unwatched);
}

static struct watched *watch(struct http_client *c, curl_socket_t fd)
{
	struct watched *w = xcalloc(1, sizeof(*w));

	w->client = c;
	w->fd = fd;
	if (uv_poll_init_socket(loop_uv(c->loop), &w->poll, fd) != 0) {
		free(w);
		return NULL;
	}
	w->poll.data = w;
	curl_multi_assign(c->multi, fd, w);
	return w;
}

static int on_socket_wish(CURL *easy, curl_socket_t fd, int what, void *arg,
			  void *known)
{
	struct http_client *c = arg;
	struct watched *w = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL)
			unwatch(c, w);
		return 0;
	}
	if (w == NULL)
		w = watch(c, fd);
	if (w == NULL)
		return -1;
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	return uv_poll_start(&w->poll, events, on_ready) == 0 ? 0 : -1;
}

/* -- asking ------------------------------------------------------------ */

static void set_options(struct asked *a, const struct client_request *r)
{
	CURL *e = a->easy;

	curl_easy_setopt(e, CURLOPT_URL, r->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/* Only what was asked for: no proxy out of the environment, and no
	 * "/../" taken out of a path by curl. */
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, a->error);
	curl_easy_setopt(e, CURLOPT_PRIVATE, a);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "answerd");
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, a->headers);
	if (strcmp(r->method, "POST") == 0) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, a->body);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)r->body.n);
	}
}

bool http_client_ask(struct http_client *c,
		     const struct client_request *request, client_fn fn,
		     void *arg, uint64_t tag)
{
	struct asked *a;
	CURL *easy;

	if (c->count >= CLIENT_MAX_ASKED)
		return false;
	easy = curl_easy_init();
	if (easy == NULL)
		return false;
	a = xcalloc(1, sizeof(*a));
	a->client = c;
	a->easy = easy;
	a->fn = fn;
	a->arg = arg;
	a->tag = tag;
	a->body = xstrndup(request->body.p, request->body.n);
	for (size_t i = 0; i < request->n_headers; i++)
		a->headers = curl_slist_append(a->headers, request->headers[i]);
	set_options(a, request);
	a->next = c->asked;
	c->asked = a;
	c->count++;
	curl_multi_add_handle(c->multi, easy);
	return true;
}

size_t http_client_asked(const struct http_client *c)
{
	return c->count;
}

struct http_client *http_client_new(struct loop *loop)
{
	struct http_client *c;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return NULL;
	c = xcalloc(1, sizeof(*c));
	c->loop = loop;
	c->multi = curl_multi_init();
	if (c->multi == NULL) {
		free(c);
		curl_global_cleanup();
		return NULL;
	}
	c->timer = timer_new(loop, on_timeout, c);
	c->later = (struct deferred){.call = on_later, .arg = c};
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 16L);
	return c;
}

void http_client_free(struct http_client **cp)
{
	struct http_client *c = *cp;

	if (c == NULL)
		return;
	while (c->asked != NULL)
		asked_free(c->asked);
	loop_undefer(c->loop, &c->later);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, NULL);
	timer_free(&c->timer);
	curl_multi_cleanup(c->multi);
	curl_global_cleanup();
	free(c);
	*cp = NULL;
}
