/* Whether who is at the desk may still be: the account and what they came with
 * are looked at again and again, as both may end on another daemon or by
 * answerctl. Decides nothing else of them. */
#include "desk.h"

void agent_sign_out(struct agent *a)
{
	socket_close(a->client.socket, SOCKET_NOT_AUTHORISED,
		     STR("signed out"));
}

/* What they have open may be of a queue that they no longer serve. */
static void look_at_opened(struct agent *a)
{
	const struct opened *next;

	for (const struct opened *o = a->opened; o != NULL; o = next) {
		const struct conv *conv =
			hub_conv(a->client.server->hub, o->conversation);

		next = o->next;
		if (conv != NULL && conv->seq > 0)
			sight_again(a, conv);
	}
}

/* The account as it is now: queues and roles may have changed, and who was
 * disabled or has another password is signed out. */
static void on_account(void *arg, uint64_t tag, enum store_status status,
		       const struct field *fields, size_t n)
{
	struct desk *desk = arg;
	struct agent *a = agent_find(desk, tag);
	struct account now;

	if (a == NULL || (status != STORE_OK && status != STORE_EMPTY))
		return;
	if (status == STORE_OK &&
	    account_read(desk->server, a->account.name, fields, n, &now)) {
		now.credential = a->account.credential;
		now.signed_in_ms = a->account.signed_in_ms;
		a->account = now;
		look_at_opened(a);
		if (!account_is_stale(&now))
			return;
	}
	agent_sign_out(a);
}

/* One that was signed out of still stands there, so one that does not was lost:
 * Redis came back without it, or its clock jumped ahead. (Whoever touched it
 * just then has left a time, and nothing else.) */
static bool is_lost(const struct agent *a, const struct field *fields, size_t n)
{
	return field_get(fields, n, "agent").p == NULL &&
	       a->account.credential.is_session &&
	       session_may_last(a->client.server, a->account.signed_in_ms);
}

/* An open connection is use: where its session has not ended, it goes on. */
static void on_credential(void *arg, uint64_t tag, enum store_status status,
			  const struct field *fields, size_t n)
{
	struct desk *desk = arg;
	struct agent *a = agent_find(desk, tag);

	if (a == NULL || (status != STORE_OK && status != STORE_EMPTY))
		return;
	if (credential_holds(desk->server, &a->account.credential, fields, n))
		credential_touch(desk->server, &a->account.credential);
	else if (is_lost(a, fields, n))
		session_restore(desk->server, &a->account);
	else
		agent_sign_out(a);
}

void agent_check(struct desk *desk, const struct agent *a)
{
	struct store *store = desk->server->store;
	char account[ACCOUNT_KEY_MAX], credential[CREDENTIAL_KEY_MAX];

	account_key(a->account.name, account);
	store_hash_get(store, account, on_account, desk, a->client.id);
	credential_key(&a->account.credential, credential);
	store_hash_get(store, credential, on_credential, desk, a->client.id);
}
