/* Members in 256 groups by a hash of their address, in each by age; see
 * crowd.h. A group is no one address, and need not be: what counts is that many
 * connections of one stand together. It closes nothing. */
#include "crowd.h"

#include <string.h>

#include "base/hash.h"

void crowd_init(struct crowd *crowd, uint64_t seed)
{
	memset(crowd, 0, sizeof(*crowd));
	crowd->seed = seed;
}

static bool is_in(const struct crowd_group *g, const struct crowd_member *m)
{
	return m->prev != NULL || g->oldest == m;
}

void crowd_leave(struct crowd *crowd, struct crowd_member *m)
{
	struct crowd_group *g = &crowd->groups[m->group];

	if (!is_in(g, m))
		return;
	*(m->prev != NULL ? &m->prev->next : &g->oldest) = m->next;
	*(m->next != NULL ? &m->next->prev : &g->newest) = m->prev;
	m->next = NULL;
	m->prev = NULL;
	g->count--;
	crowd->count--;
}

void crowd_join(struct crowd *crowd, struct crowd_member *m, struct str address)
{
	struct crowd_group *g;

	crowd_leave(crowd, m);
	m->group = hash_bytes(crowd->seed, address.p, address.n) &
		   (CROWD_GROUPS - 1);
	g = &crowd->groups[m->group];
	m->prev = g->newest;
	*(m->prev != NULL ? &m->prev->next : &g->oldest) = m;
	g->newest = m;
	g->count++;
	crowd->count++;
}

struct crowd_member *crowd_yields(const struct crowd *crowd)
{
	const struct crowd_group *most = &crowd->groups[0];

	for (size_t i = 1; i < CROWD_GROUPS; i++)
		if (crowd->groups[i].count > most->count)
			most = &crowd->groups[i];
	return most->oldest;
}
