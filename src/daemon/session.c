/* What somebody came with, a session's cookie or a tool's token, and how long
 * it is good for. It is kept by its digest, in a hash that ends by itself. A
 * session that was signed out of stands there still, as nobody's: so one that
 * does not stand there was lost with Redis, and who is at the desk with it puts
 * it back. What Redis does not take is told to it again. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "server.h"

#define ENDS_MAX 1000 /* that wait for Redis; beyond, nobody is signed out */

/* Signed out, and Redis does not have it yet. */
struct end {
	struct end *next;
	struct credential credential;
	uint64_t tag;
	bool sent;
};

struct sessions {
	struct server *server;
	struct end *ends;
	size_t end_count;
	uint64_t next_tag;
};

/* -- what stands in the store ------------------------------------------ */

void credential_of(struct credential *c, struct str secret, bool is_session)
{
	c->is_session = is_session;
	token_digest(secret, c->digest);
}

void credential_key(const struct credential *c, char key[CREDENTIAL_KEY_MAX])
{
	snprintf(key, CREDENTIAL_KEY_MAX, "%s:%s",
		 c->is_session ? "session" : "token", c->digest);
}

int64_t session_created_ms(const struct field *fields, size_t n)
{
	uint64_t ms = 0;

	str_to_u64(field_get(fields, n, "created_ms"), INT64_MAX, &ms);
	return (int64_t)ms;
}

bool session_may_last(const struct server *s, int64_t created_ms)
{
	return created_ms >= loop_wall_ms() - s->config.session_max_ms;
}

bool credential_holds(const struct server *s, const struct credential *c,
		      const struct field *fields, size_t n)
{
	if (!frame_id_valid(field_get(fields, n, "agent")))
		return false;
	return !c->is_session ||
	       session_may_last(s, session_created_ms(fields, n));
}

void credential_touch(struct server *s, const struct credential *c)
{
	char key[CREDENTIAL_KEY_MAX], now[24];
	struct field seen;

	if (!c->is_session)
		return;
	credential_key(c, key);
	snprintf(now, sizeof(now), "%lld", (long long)loop_wall_ms());
	seen = (struct field){STR("seen_ms"), str_of(now)};
	store_hash_set(s->store, key, &seen, 1, s->config.session_idle_ms, NULL,
		       NULL, 0);
}

typedef void put_fn(struct store *store, const char *key,
		    const struct field *fields, size_t n, int64_t ttl_ms,
		    store_hash_fn fn, void *arg, uint64_t tag);

static void put_session(struct server *s, put_fn *put,
			const struct credential *c, const char *name,
			int64_t created_ms, store_hash_fn fn, void *arg,
			uint64_t tag)
{
	char key[CREDENTIAL_KEY_MAX], created[24], now[24];
	struct field fields[3];

	credential_key(c, key);
	snprintf(created, sizeof(created), "%lld", (long long)created_ms);
	snprintf(now, sizeof(now), "%lld", (long long)loop_wall_ms());
	fields[0] = (struct field){STR("agent"), str_of(name)};
	fields[1] = (struct field){STR("created_ms"), str_of(created)};
	fields[2] = (struct field){STR("seen_ms"), str_of(now)};
	put(s->store, key, fields, 3, s->config.session_idle_ms, fn, arg, tag);
}

void session_begin(struct server *s, const struct credential *c,
		   const char *name, store_hash_fn fn, void *arg, uint64_t tag)
{
	put_session(s, store_hash_set, c, name, loop_wall_ms(), fn, arg, tag);
}

void session_restore(struct server *s, const struct account *account)
{
	put_session(s, store_hash_add, &account->credential, account->name,
		    account->signed_in_ms, NULL, NULL, 0);
}

/* -- ends -------------------------------------------------------------- */

static struct end **find(struct sessions *all, uint64_t tag)
{
	struct end **at = &all->ends;

	while (*at != NULL && (*at)->tag != tag)
		at = &(*at)->next;
	return at;
}

static void drop(struct sessions *all, struct end **at)
{
	struct end *end = *at;

	*at = end->next;
	all->end_count--;
	free(end);
}

static void on_ended(void *arg, uint64_t tag, enum store_status status,
		     const struct field *fields, size_t n)
{
	struct sessions *all = arg;
	struct end **at = find(all, tag);

	(void)fields;
	(void)n;
	if (*at == NULL)
		return;
	if (status == STORE_OK)
		drop(all, at);
	else
		(*at)->sent = false;
}

/* Nobody's, and known for as long as it might have gone on unused. */
static void send(struct sessions *all, struct end *end)
{
	end->sent = true;
	put_session(all->server, store_hash_set, &end->credential, "", 0,
		    on_ended, all, end->tag);
}

bool session_end(struct sessions *all, const struct credential *c)
{
	struct end *end;

	if (all->end_count >= ENDS_MAX)
		return false;
	end = xcalloc(1, sizeof(*end));
	end->credential = *c;
	end->tag = ++all->next_tag;
	end->next = all->ends;
	all->ends = end;
	all->end_count++;
	send(all, end);
	return true;
}

void sessions_tick(struct sessions *all)
{
	if (!store_is_up(all->server->store))
		return;
	for (struct end *end = all->ends; end != NULL; end = end->next)
		if (!end->sent)
			send(all, end);
}

struct sessions *sessions_new(struct server *s)
{
	struct sessions *all = xcalloc(1, sizeof(*all));

	all->server = s;
	return all;
}

void sessions_free(struct sessions **sessionsp)
{
	struct sessions *all = *sessionsp;

	if (all == NULL)
		return;
	while (all->ends != NULL)
		drop(all, &all->ends);
	free(all);
	*sessionsp = NULL;
}
