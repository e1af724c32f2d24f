/* All agents there are, as their hashes say, one after the other: for whoever
 * wants to know who is there. Every daemon notes the heartbeats of its own in
 * them. Keeps the names meanwhile, and nothing else. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "desk.h"

#define ROSTER_MAX 500

/* Kept by the desk until it has ended; named by its number. */
struct roster {
	struct roster *next;
	struct desk *desk;
	uint64_t number;
	char (*names)[65];
	size_t count, at; /* the one being read */
	bool more;
	const struct roster_ops *ops;
	void *arg;
	uint64_t tag;
};

static struct roster *find(const struct desk *desk, uint64_t number)
{
	struct roster *r = desk->rosters;

	while (r != NULL && r->number != number)
		r = r->next;
	return r;
}

static void forget(struct roster *r)
{
	struct roster **at = &r->desk->rosters;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	free(r->names);
	free(r);
}

void rosters_free(struct desk *desk)
{
	while (desk->rosters != NULL)
		forget(desk->rosters);
}

static void finish(struct roster *r, enum roster_end end)
{
	r->ops->end(r->arg, r->tag, end);
	forget(r);
}

static void read_next(struct roster *r);

static void on_agent(void *arg, uint64_t number, enum store_status status,
		     const struct field *fields, size_t n)
{
	struct roster *r = find(arg, number);
	struct account account;

	if (r == NULL)
		return;
	if (status != STORE_OK && status != STORE_EMPTY) {
		finish(r, ROSTER_FAILED);
		return;
	}
	if (status == STORE_OK &&
	    account_read(r->desk->server, r->names[r->at], fields, n,
			 &account) &&
	    !r->ops->agent(r->arg, r->tag, &account, fields, n)) {
		finish(r, ROSTER_ENOUGH);
		return;
	}
	r->at++;
	read_next(r);
}

static void read_next(struct roster *r)
{
	char key[ACCOUNT_KEY_MAX];

	if (r->at == r->count) {
		finish(r, r->count == 0 ? ROSTER_NOBODY
			  : r->more     ? ROSTER_MORE
					: ROSTER_ALL);
		return;
	}
	account_key(r->names[r->at], key);
	store_hash_get(r->desk->server->store, key, on_agent, r->desk,
		       r->number);
}

static void on_names(void *arg, uint64_t number, enum store_status status,
		     const struct field *names, size_t n)
{
	struct roster *r = find(arg, number);

	if (r == NULL)
		return;
	if (status != STORE_OK && status != STORE_EMPTY) {
		finish(r, ROSTER_FAILED);
		return;
	}
	r->names = xcalloc(n + 1, sizeof(*r->names));
	r->more = n > ROSTER_MAX;
	for (size_t i = 0; i < n && r->count < ROSTER_MAX; i++)
		if (frame_id_valid(names[i].name))
			str_copy(r->names[r->count++], sizeof(*r->names),
				 names[i].name);
	read_next(r);
}

void roster_read(struct desk *desk, const struct roster_ops *ops, void *arg,
		 uint64_t tag)
{
	struct roster *r = xcalloc(1, sizeof(*r));

	*r = (struct roster){.next = desk->rosters,
			     .desk = desk,
			     .number = ++desk->next_tag,
			     .ops = ops,
			     .arg = arg,
			     .tag = tag};
	desk->rosters = r;
	store_agents(desk->server->store, on_names, desk, r->number);
}
