/* `answerctl agent list`, and the tokens of agents' tools: a token stands in
 * Redis under its SHA-256 only, and its agent's hash names the digests so that
 * they can be ended. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "base/mem.h"
#include "cli.h"
#include "daemon/token.h"

#define TOKEN_BYTES 32
#define TOKEN_FIELD "token." /* of an agent's hash, before a digest */

/* -- list ---------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct field *x = a, *y = b;

	return str_cmp(x->name, y->name);
}

static size_t count_tokens(const struct hash *hash)
{
	size_t n = 0;

	for (size_t i = 0; i < hash->count; i++)
		n += str_starts(hash->fields[i].name, TOKEN_FIELD);
	return n;
}

static void print_agent(const char *name, const struct hash *hash)
{
	struct str display = field_get(hash->fields, hash->count, "display");
	struct str roles = field_get(hash->fields, hash->count, "roles");
	struct str queues = field_get(hash->fields, hash->count, "queues");
	struct str capacity = field_get(hash->fields, hash->count, "capacity");
	struct str status = field_get(hash->fields, hash->count, "status");

	if (str_is(field_get(hash->fields, hash->count, "disabled"), "1"))
		status = STR("disabled");
	printf("%-16s  %-9.*s  %-12.*s  %-16.*s  %4.*s  %6zu  %.*s\n", name,
	       STR_ARG(status.n == 0 ? STR("-") : status), STR_ARG(roles),
	       STR_ARG(queues), STR_ARG(capacity.n == 0 ? STR("-") : capacity),
	       count_tokens(hash), STR_ARG(display));
}

int agent_list(struct link *link)
{
	struct hash names = link_agents(link);

	if (names.status != STORE_OK && names.status != STORE_EMPTY)
		return link_failed(names.status);
	if (names.count == 0) {
		puts("no agents; answerctl agent add NAME makes one");
		return CLI_OK;
	}
	qsort(names.fields, names.count, sizeof(*names.fields), by_name);
	printf("%-16s  %-9s  %-12s  %-16s  %4s  %6s  %s\n", "NAME", "STATUS",
	       "ROLES", "QUEUES", "CAP", "TOKENS", "DISPLAY");
	for (size_t i = 0; i < names.count; i++) {
		char key[AGENT_KEY_MAX];
		struct hash hash;

		agent_key(key, names.fields[i].name.p);
		hash = link_hash(link, key);
		if (hash.status == STORE_OK)
			print_agent(names.fields[i].name.p, &hash);
		else if (hash.status != STORE_EMPTY)
			return link_failed(hash.status);
	}
	return CLI_OK;
}

/* -- tokens -------------------------------------------------------------- */

static int write_token(struct link *link, const char *name,
		       const char digest[65])
{
	char token_key[AGENT_KEY_MAX], key[AGENT_KEY_MAX], mark[80], now[24];
	struct field fields[2], known;
	int status;

	snprintf(now, sizeof(now), "%" PRId64, loop_wall_ms());
	snprintf(token_key, sizeof(token_key), "token:%s", digest);
	snprintf(mark, sizeof(mark), TOKEN_FIELD "%s", digest);
	agent_key(key, name);
	known = (struct field){str_of(mark), str_of(now)};
	fields[0] = (struct field){STR("agent"), str_of(name)};
	fields[1] = (struct field){STR("created"), str_of(now)};
	/* Known first: a token that nobody could end must not be. */
	status = link_set(link, key, &known, 1);
	return status == CLI_OK ? link_set(link, token_key, fields, 2) : status;
}

int agent_token(struct link *link, const char *name)
{
	char token[64], digest[65];
	struct hash hash;
	int status = agent_find(link, name, &hash);

	if (status != CLI_OK)
		return status;
	token_random(token, TOKEN_BYTES);
	token_digest(str_of(token), digest);
	status = write_token(link, name, digest);
	if (status != CLI_OK)
		return status;
	printf("%s\n", token);
	fflush(stdout);
	fprintf(stderr,
		"A token of %s, for \"Authorization: Bearer\". It cannot be "
		"shown again;\nanswerctl agent revoke %s ends it.\n",
		name, name);
	return CLI_OK;
}

int agent_revoke(struct link *link, const char *name)
{
	struct hash hash;
	size_t ended = 0;
	char agent[AGENT_KEY_MAX];
	int status = agent_find(link, name, &hash);

	if (status != CLI_OK)
		return status;
	agent_key(agent, name);
	for (size_t i = 0; i < hash.count; i++) {
		struct str field = hash.fields[i].name;
		char key[AGENT_KEY_MAX];

		if (!str_starts(field, TOKEN_FIELD))
			continue;
		snprintf(key, sizeof(key), "token:%s",
			 field.p + strlen(TOKEN_FIELD));
		status = link_del(link, key);
		if (status != CLI_OK)
			return status;
		store_hash_drop(link->store, agent, field.p);
		ended++;
	}
	/* What is dropped without an answer has gone out before this one. */
	if (ended > 0)
		link_hash(link, agent);
	printf("%zu tokens of %s ended\n", ended, name);
	return CLI_OK;
}
