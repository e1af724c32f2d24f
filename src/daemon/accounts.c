/* Agents' sign-ins: a name and a password become a session's cookie, a cookie
 * or a tool's token becomes an account. Passwords are checked in worker
 * threads; Redis is given digests of sessions and tokens, never themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/mem.h"
#include "server.h"
#include "tries.h"

#define WORK_MAX     64 /* sign-ins under way at once */
#define SESSION_SALT 32

/* A request that waits for Redis or for a worker. */
struct visit {
	struct visit *next;
	struct accounts *accounts;
	uint64_t tag;
	uint64_t exchange;
	char name[65];
	char password[257];
	struct credential credential;
	char hash[TOKEN_HASH_MAX]; /* of the agent; a dummy for nobody */
	bool known;                /* there is such an agent */
	bool right;                /* worker's answer */
	bool in_worker;
	struct account account;
	account_fn *fn;   /* what the request is for */
	struct buf body;  /* for it */
	bool quiet;       /* nobody is no error */
	char session[65]; /* new */
	int64_t created_ms;
};

struct accounts {
	struct server *server;
	struct visit *visits;
	size_t visit_count;
	uint64_t next_tag;
	char dummy[TOKEN_HASH_MAX]; /* checked where there is no such agent */
	struct tries tries;         /* by address */
};

/* -- visits ------------------------------------------------------------ */

static struct visit *visit_new(struct accounts *a, uint64_t exchange)
{
	struct visit *v;

	if (a->visit_count >= WORK_MAX) {
		front_problem(a->server->front, exchange, 503,
			      "too many sign-ins at once; try again");
		return NULL;
	}
	v = xcalloc(1, sizeof(*v));
	v->accounts = a;
	v->tag = ++a->next_tag;
	v->exchange = exchange;
	v->next = a->visits;
	a->visits = v;
	a->visit_count++;
	return v;
}

static struct visit *visit_find(struct accounts *a, uint64_t tag)
{
	struct visit *v = a->visits;

	while (v != NULL && v->tag != tag)
		v = v->next;
	return v;
}

static void visit_end(struct visit *v)
{
	struct accounts *a = v->accounts;
	struct visit **at = &a->visits;

	while (*at != v)
		at = &(*at)->next;
	*at = v->next;
	a->visit_count--;
	explicit_bzero(v->password, sizeof(v->password));
	buf_fini(&v->body);
	v->accounts = NULL;
	if (!v->in_worker)
		free(v);
}

static void visit_problem(struct visit *v, unsigned status, const char *detail)
{
	front_problem(v->accounts->server->front, v->exchange, status, detail);
	visit_end(v);
}

static void redis_away(struct visit *v)
{
	visit_problem(v, 503, "Redis is away; try again in a moment");
}

/* -- reading an account ------------------------------------------------ */

/* Splits "a, b,c"; returns how many. */
static size_t split(struct str list, char *to, size_t each, size_t most)
{
	size_t n = 0;

	while (list.n > 0 && n < most) {
		struct str item = str_trim(str_cut(&list, ','));

		if (item.n > 0 && item.n < each)
			str_copy(to + n++ * each, each, item);
	}
	return n;
}

bool account_read(struct server *s, const char *name,
		  const struct field *fields, size_t n, struct account *out)
{
	struct str queues = field_get(fields, n, "queues");
	struct str display = field_get(fields, n, "display");
	const struct settings_list *all = &s->config.queues;
	uint64_t capacity = (uint64_t)s->config.agent_capacity;
	uint64_t password_ms = 0;

	memset(out, 0, sizeof(*out));
	if (field_get(fields, n, "password").n == 0 ||
	    str_is(field_get(fields, n, "disabled"), "1"))
		return false;
	snprintf(out->name, sizeof(out->name), "%s", name);
	str_copy(out->display, sizeof(out->display),
		 display.n > 0 ? display : str_of(name));
	out->role_count = split(field_get(fields, n, "roles"), out->roles[0],
				sizeof(out->roles[0]), CONFIG_LIST_MAX);
	if (queues.n > 0 && !str_is(queues, "*"))
		out->queue_count =
			split(queues, out->queues[0], sizeof(out->queues[0]),
			      CONFIG_LIST_MAX);
	else
		for (size_t i = 0; i < all->count; i++)
			str_copy(out->queues[out->queue_count++],
				 sizeof(out->queues[0]), str_of(all->items[i]));
	out->away = str_is(field_get(fields, n, "status"), "away");
	str_to_u64(field_get(fields, n, "capacity"), 1000, &capacity);
	out->capacity = (int64_t)capacity;
	str_to_u64(field_get(fields, n, "password_ms"), INT64_MAX,
		   &password_ms);
	out->password_ms = (int64_t)password_ms;
	return true;
}

void account_key(const char *name, char key[ACCOUNT_KEY_MAX])
{
	snprintf(key, ACCOUNT_KEY_MAX, "agent:%s", name);
}

bool account_is_stale(const struct account *account)
{
	return account->credential.is_session &&
	       account->password_ms > account->signed_in_ms;
}

bool account_has_role(const struct account *account, const char *role)
{
	for (size_t i = 0; i < account->role_count; i++)
		if (strcmp(account->roles[i], role) == 0)
			return true;
	return false;
}

bool account_oversees(const struct account *account)
{
	return account_has_role(account, "supervisor") ||
	       account_has_role(account, "admin");
}

/* -- signing in -------------------------------------------------------- */

/* Browsers take one with __Host- from this very host over TLS alone: neither a
 * neighbouring host nor a page without TLS can plant another one. */
static const char *cookie_name(const struct server *s)
{
	return s->config.cookie_secure ? "__Host-answerd" : "answerd";
}

static void cookie(struct buf *out, const struct server *s, const char *session,
		   int64_t age_s)
{
	buf_addf(out,
		 "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
		 cookie_name(s), session, (long long)age_s,
		 s->config.cookie_secure ? "; Secure" : "");
}

static void add_account(struct buf *out, const struct account *account)
{
	buf_add_s(out, "{\"name\":");
	buf_add_json(out, str_of(account->name));
	buf_add_s(out, ",\"display\":");
	buf_add_json(out, str_of(account->display));
	buf_add_c(out, '}');
}

static void answer_login(struct visit *v)
{
	struct accounts *a = v->accounts;
	struct server *s = a->server;
	struct buf body = BUF_INIT, set = BUF_INIT;
	struct http_header header;

	cookie(&set, s, v->session, s->config.session_max_ms / 1000);
	header = (struct http_header){STR("Set-Cookie"), buf_str(&set)};
	add_account(&body, &v->account);
	front_reply(s->front, v->exchange,
		    &(struct http_reply){200, "application/json", &header, 1,
					 buf_str(&body)});
	log_info("agent=%s signed in", v->account.name);
	s->counters.logins++;
	buf_fini(&body);
	buf_fini(&set);
	visit_end(v);
}

static void on_session_set(void *arg, uint64_t tag, enum store_status status,
			   const struct field *fields, size_t n)
{
	struct visit *v = visit_find(arg, tag);

	(void)fields;
	(void)n;
	if (v == NULL)
		return;
	if (status != STORE_OK)
		redis_away(v);
	else
		answer_login(v);
}

static void make_session(struct visit *v)
{
	struct accounts *a = v->accounts;

	token_random(v->session, SESSION_SALT);
	credential_of(&v->credential, str_of(v->session), true);
	session_begin(a->server, &v->credential, v->account.name,
		      on_session_set, a, v->tag);
}

static void check_password(void *arg)
{
	struct visit *v = arg;

	v->right = password_check(v->hash, str_of(v->password));
}

static void on_checked(void *arg)
{
	struct visit *v = arg;
	struct server *s;

	v->in_worker = false;
	if (v->accounts == NULL) {
		free(v); /* accounts_free() has left it to us */
		return;
	}
	s = v->accounts->server;
	if (s->closing)
		visit_end(v); /* there is no store any more */
	else if (v->right && v->known)
		make_session(v);
	else {
		s->counters.logins_failed++;
		log_warn("a sign-in was refused");
		visit_problem(v, 401, "no such name, or another password");
	}
}

static void on_login_agent(void *arg, uint64_t tag, enum store_status status,
			   const struct field *fields, size_t n)
{
	struct accounts *a = arg;
	struct visit *v = visit_find(a, tag);
	struct str hash = field_get(fields, n, "password");

	if (v == NULL)
		return;
	if (status != STORE_OK && status != STORE_EMPTY) {
		redis_away(v);
		return;
	}
	v->known = status == STORE_OK && hash.n < sizeof(v->hash) &&
		   account_read(a->server, v->name, fields, n, &v->account);
	/* The same work for a name that is not there: time tells nothing. */
	if (v->known)
		str_copy(v->hash, sizeof(v->hash), hash);
	else
		memcpy(v->hash, a->dummy, sizeof(v->hash));
	v->in_worker = true;
	loop_work(a->server->loop, check_password, on_checked, v);
}

static bool name_ok(const char *name)
{
	return frame_id_valid(str_of(name));
}

bool accounts_same_host(const struct http_request *request)
{
	struct str host = http_header(request, "Host");
	struct str origin = request->origin;

	if (str_starts(origin, "http://")) {
		origin.p += 7;
		origin.n -= 7;
	} else if (str_starts(origin, "https://")) {
		origin.p += 8;
		origin.n -= 8;
	} else {
		return false;
	}
	return host.n > 0 && str_eq(origin, host);
}

void accounts_login(struct accounts *a, uint64_t exchange,
		    const struct http_request *request)
{
	struct server *s = a->server;
	struct login login;
	struct visit *v;
	char key[ACCOUNT_KEY_MAX];
	int64_t wait_s;

	if (request->origin.p != NULL && !accounts_same_host(request)) {
		front_problem(s->front, exchange, 403,
			      "sign in from this host's own console");
		return;
	}
	wait_s = tries_count(&a->tries, loop_now_ms(s->loop), request->peer,
			     (size_t)s->config.limit_login_per_minute);
	if (wait_s > 0) {
		front_too_many(s->front, exchange, wait_s,
			       "too many tries; wait a minute");
		return;
	}
	if (!login_decode(request->body, &login)) {
		front_problem(s->front, exchange, 400,
			      "the body is to be JSON: {\"name\": \"…\", "
			      "\"password\": \"…\"}");
		return;
	}
	v = visit_new(a, exchange);
	if (v != NULL) {
		bool usable = name_ok(login.name);

		/* A name that cannot be is looked for all the same. */
		snprintf(v->name, sizeof(v->name), "%s",
			 usable ? login.name : "-");
		memcpy(v->password, login.password, sizeof(v->password));
		account_key(v->name, key);
		store_hash_get(s->store, key, on_login_agent, a, v->tag);
	}
	explicit_bzero(&login, sizeof(login));
}

/* -- signing out ------------------------------------------------------- */

void accounts_logout(struct accounts *a, uint64_t exchange,
		     const struct http_request *request)
{
	struct server *s = a->server;
	struct str session = http_cookie(request, cookie_name(s));
	struct buf set = BUF_INIT;
	struct http_header header;
	struct credential credential;

	if (request->origin.p != NULL && !accounts_same_host(request)) {
		front_problem(s->front, exchange, 403,
			      "sign out from this host's own console");
		return;
	}
	if (session.n > 0) {
		credential_of(&credential, session, true);
		if (!session_end(s->sessions, &credential)) {
			front_problem(s->front, exchange, 503,
				      "Redis is away; try again");
			return;
		}
		desk_sign_out(s->desk, &credential);
	}
	cookie(&set, s, "", 0);
	header = (struct http_header){STR("Set-Cookie"), buf_str(&set)};
	front_reply(s->front, exchange,
		    &(struct http_reply){204, NULL, &header, 1, STR_NONE});
	buf_fini(&set);
}

/* -- who asks ------------------------------------------------------------ */

static void nobody(struct server *s, uint64_t exchange, bool quiet,
		   const char *detail)
{
	if (quiet)
		front_reply(s->front, exchange,
			    &(struct http_reply){
				    200, "application/json", NULL, 0,
				    STR("{\"name\":null,\"display\":null}")});
	else
		front_problem(s->front, exchange, 401, detail);
}

static void visit_nobody(struct visit *v, const char *detail)
{
	nobody(v->accounts->server, v->exchange, v->quiet, detail);
	visit_end(v);
}

static void on_agent(void *arg, uint64_t tag, enum store_status status,
		     const struct field *fields, size_t n)
{
	struct accounts *a = arg;
	struct visit *v = visit_find(a, tag);

	if (v == NULL)
		return;
	if (status == STORE_EMPTY ||
	    (status == STORE_OK &&
	     !account_read(a->server, v->name, fields, n, &v->account))) {
		visit_nobody(v, "this account is closed");
		return;
	}
	if (status != STORE_OK) {
		redis_away(v);
		return;
	}
	v->account.credential = v->credential;
	v->account.signed_in_ms = v->created_ms;
	if (account_is_stale(&v->account)) {
		visit_nobody(v, "the password was changed: sign in");
		return;
	}
	v->fn(a->server, v->exchange, &v->account, buf_str(&v->body));
	visit_end(v);
}

static void on_credential(void *arg, uint64_t tag, enum store_status status,
			  const struct field *fields, size_t n)
{
	struct accounts *a = arg;
	struct visit *v = visit_find(a, tag);
	struct str name = field_get(fields, n, "agent");
	char key[ACCOUNT_KEY_MAX];

	if (v == NULL)
		return;
	if (status != STORE_OK && status != STORE_EMPTY) {
		redis_away(v);
		return;
	}
	v->created_ms = session_created_ms(fields, n);
	if (!credential_holds(a->server, &v->credential, fields, n)) {
		visit_nobody(v, "sign in first");
		return;
	}
	credential_touch(a->server, &v->credential);
	str_copy(v->name, sizeof(v->name), name);
	account_key(v->name, key);
	store_hash_get(a->server->store, key, on_agent, a, v->tag);
}

static struct str bearer_of(const struct http_request *request)
{
	struct str value = http_header(request, "Authorization");

	/* A scheme's name has no case (RFC 9110). */
	if (value.n < 7 || strncasecmp(value.p, "Bearer ", 7) != 0)
		return STR_NONE;
	return str_trim((struct str){value.p + 7, value.n - 7});
}

static void look_up(struct accounts *a, uint64_t exchange,
		    const struct http_request *request, struct str what,
		    account_fn *fn, bool quiet)
{
	struct str bearer = bearer_of(request);
	struct str session = http_cookie(request, cookie_name(a->server));
	struct visit *v;
	char key[CREDENTIAL_KEY_MAX];

	if (bearer.n == 0 && session.n == 0) {
		nobody(a->server, exchange, quiet, "sign in first");
		return;
	}
	v = visit_new(a, exchange);
	if (v == NULL)
		return;
	v->fn = fn;
	v->quiet = quiet;
	buf_add_str(&v->body, what);
	credential_of(&v->credential, bearer.n > 0 ? bearer : session,
		      bearer.n == 0);
	credential_key(&v->credential, key);
	store_hash_get(a->server->store, key, on_credential, a, v->tag);
}

static bool is_foreign(const struct http_request *request)
{
	return request->origin.p != NULL && !accounts_same_host(request);
}

/* Browsers always name the origin of a WebSocket, and a foreign one is refused:
 * a cookie without one is a tool's. */
void accounts_ask_about(struct accounts *a, uint64_t exchange,
			const struct http_request *request, struct str what,
			account_fn *fn)
{
	if (is_foreign(request))
		front_problem(a->server->front, exchange, 403,
			      "this is for this host's own console");
	else
		look_up(a, exchange, request, what, fn, false);
}

void accounts_ask(struct accounts *a, uint64_t exchange,
		  const struct http_request *request, account_fn *fn)
{
	accounts_ask_about(a, exchange, request, request->body, fn);
}

bool accounts_may_change(struct accounts *a, uint64_t exchange,
			 const struct http_request *request)
{
	bool cookie = http_header(request, "Cookie").p != NULL;

	if (request->origin.p != NULL ||
	    http_header(request, "Authorization").p != NULL)
		return true;
	front_problem(a->server->front, exchange, cookie ? 403 : 401,
		      "send a token, or the cookie from the console");
	return false;
}

static void tell_session(struct server *s, uint64_t exchange,
			 const struct account *account, struct str body)
{
	struct buf out = BUF_INIT;

	(void)body;
	add_account(&out, account);
	front_reply(s->front, exchange,
		    &(struct http_reply){200, "application/json", NULL, 0,
					 buf_str(&out)});
	buf_fini(&out);
}

void accounts_session(struct accounts *a, uint64_t exchange,
		      const struct http_request *request)
{
	bool quiet = str_is(request->query, "quiet");

	if (is_foreign(request))
		nobody(a->server, exchange, false, "sign in first");
	else
		look_up(a, exchange, request, request->body, tell_session,
			quiet);
}

struct accounts *accounts_new(struct server *s)
{
	struct accounts *a = xcalloc(1, sizeof(*a));
	char nobody[65];

	a->server = s;
	token_random(nobody, SESSION_SALT);
	password_hash(str_of(nobody), a->dummy);
	return a;
}

void accounts_free(struct accounts **accounts)
{
	struct accounts *a = *accounts;

	if (a == NULL)
		return;
	while (a->visits != NULL)
		visit_end(a->visits);
	tries_fini(&a->tries);
	free(a);
	*accounts = NULL;
}
