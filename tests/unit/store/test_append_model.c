/* The append against a model, on random schedules: what it answers, and what
 * stands in the log in the end. First one call at a time, where the answer is
 * known exactly; then two daemons at once over connections that are cut, where
 * only what is promised is known. A failing run says its seed.
 *
 *   APPEND_SCHEDULES=100000 build/tests/unit/store/test_append_model
 */
#include "dice.h"
#include "world.h"

#define KEYS     12
#define CONTENTS 2
#define MOST     3 /* entries of a unit */

struct model {
	struct {
		uint64_t seq;
		unsigned content;
	} keys[KEYS];
	uint64_t last, fence;
	bool gone;
};

struct plan {
	int keys[MOST]; /* -1: none */
	unsigned content;
	size_t count;
	uint64_t expect, fence;
	bool raise;
};

static bool is_taken(const struct model *m, const struct plan *p, size_t i)
{
	return p->keys[i] >= 0 && m->keys[p->keys[i]].seq != 0;
}

/* What is promised, in the order in which it is looked at. */
static struct store_appended foretell(struct model *m, const struct plan *p)
{
	struct store_appended a = {STORE_OK, m->last + 1, m->last};

	if (m->gone)
		return (struct store_appended){STORE_GONE, 0, m->last};
	if (is_taken(m, p, 0)) {
		a.status = m->keys[p->keys[0]].content == p->content
				   ? STORE_DUP
				   : STORE_REUSED;
		a.seq = m->keys[p->keys[0]].seq;
		return a;
	}
	if (p->fence > 0 && !p->raise && m->fence > p->fence)
		return (struct store_appended){STORE_FENCED, m->fence, m->last};
	if (p->expect != m->last)
		return (struct store_appended){STORE_MOVED, m->last, m->last};
	for (size_t i = 1; i < p->count; i++)
		if (is_taken(m, p, i))
			return (struct store_appended){
				STORE_REUSED, m->keys[p->keys[i]].seq, m->last};
	if (p->raise && m->fence >= p->fence)
		return (struct store_appended){STORE_FENCED, m->fence, m->last};
	for (size_t i = 0; i < p->count; i++) {
		m->last++;
		if (p->keys[i] < 0)
			continue;
		m->keys[p->keys[i]].seq = m->last;
		m->keys[p->keys[i]].content = p->content;
	}
	if (p->raise)
		m->fence = p->fence;
	a.last = m->last;
	return a;
}

static struct plan any_plan(const struct model *m)
{
	struct plan p = {.count = 1 + dice(MOST), .content = dice(CONTENTS)};
	unsigned first = dice(KEYS);

	for (size_t i = 0; i < p.count; i++)
		p.keys[i] = dice(4) == 0 ? -1 : (int)((first + i) % KEYS);
	p.expect = dice(4) != 0 || m->last == 0 ? m->last
		   : dice(2)                    ? m->last - 1
						: m->last + 1;
	if (dice(2) == 0) {
		p.raise = dice(3) == 0;
		p.fence = m->fence + dice(3);
		p.fence -= p.fence > 0 && dice(3) == 0;
		p.raise = p.raise && p.fence > 0;
	}
	return p;
}

static void send_plan(struct store *store, const char *conv,
		      const struct plan *p, const char *mark, struct got *got)
{
	struct field fields[MOST][2];
	struct store_entry entries[MOST];
	char keys[MOST][16];

	for (size_t i = 0; i < p->count; i++) {
		keys[i][0] = '\0';
		if (p->keys[i] >= 0)
			snprintf(keys[i], sizeof(keys[i]), "s:%d", p->keys[i]);
		fields[i][0] = (struct field){STR("type"), STR("message")};
		fields[i][1] = (struct field){STR("mark"), str_of(mark)};
		entries[i] = (struct store_entry){str_of(keys[i]), p->content,
						  fields[i], 2};
	}
	store_append(store,
		     &(struct store_unit){.conv = conv,
					  .expect = p->expect,
					  .fence = p->fence,
					  .raise_fence = p->raise,
					  .entries = entries,
					  .entry_count = p->count,
					  .due_ms = 1},
		     got_append, got, 0);
}

static struct store *stores[2];

static bool as_foretold(const char *conv, struct model *m)
{
	struct plan p = any_plan(m);
	struct store_appended want = foretell(m, &p);
	struct got got = {0};

	send_plan(stores[dice(2)], conv, &p, "x", &got);
	UNTIL(got.times == 1);
	return got.status == want.status && got.appended.seq == want.seq &&
	       got.appended.last == want.last;
}

static void every_answer_is_as_the_model_says(void)
{
	const char *count = getenv("APPEND_SCHEDULES");
	unsigned n = count != NULL ? (unsigned)atoi(count) : 120, counts = 0;

	for (unsigned schedule = 0; schedule < n; schedule++) {
		struct model m = {0};
		uint64_t was = dice_seed = 0x9e3779b97f4a7c15u * (schedule + 1);
		char conv[16];

		snprintf(conv, sizeof(conv), "p%u", schedule);
		for (unsigned i = 0; i < 25; i++) {
			bool right = as_foretold(conv, &m);

			CHECK(right);
			if (!right)
				printf("seed %" PRIx64 " step %u\n", was, i);
			counts += right;
			if (dice(100) == 0) {
				redis("HSET t:conv:{%s} tombstone 1", conv);
				m.gone = true;
			}
		}
		CHECK(strtoull(redis("XLEN t:conv:{%s}:log", conv), NULL, 10) ==
		      m.last);
		if (schedule % 1000 == 999)
			redis("FLUSHDB");
	}
	CHECK(counts == n * 25);
}

/* -- at once --------------------------------------------------------------- */

#define RACERS 4

/* Each racer is a daemon: writes entries of its own mark, and tries again where
 * the log has moved. */
struct racer {
	struct store *store;
	struct got got;
	struct plan plan;
	char mark[16];
	uint64_t known;
	unsigned written;
};

static unsigned oks, marks;

static void race_on(struct racer *r, bool fresh)
{
	if (fresh) {
		snprintf(r->mark, sizeof(r->mark), "k%u", ++marks);
		r->plan = (struct plan){.count = 1 + dice(MOST)};
		for (size_t i = 0; i < MOST; i++)
			r->plan.keys[i] = -1; /* the hard case: no keys */
	}
	r->plan.expect = r->known;
	r->got = (struct got){0};
	send_plan(r->store, "race", &r->plan, r->mark, &r->got);
}

static void on_answer(struct racer *r)
{
	CHECK(r->got.status == STORE_OK || r->got.status == STORE_MOVED);
	r->known = r->got.appended.last;
	if (r->got.status != STORE_OK) {
		race_on(r, false);
		return;
	}
	oks += (unsigned)r->plan.count;
	r->written++;
	race_on(r, true);
}

static void among_cut_connections_each_unit_stands_once(void)
{
	struct racer racers[RACERS] = {0};
	char *end, *text;
	unsigned entries = 0, in_order = 0;

	dice_seed = 88172645463325252u;
	for (size_t i = 0; i < RACERS; i++) {
		racers[i].store = store_up("racer", NULL);
		race_on(&racers[i], true);
	}
	for (unsigned round = 0; round < 3000; round++) {
		struct racer *r = &racers[dice(RACERS)];

		loop_turn(world.loop, true);
		if (r->got.times == 1)
			on_answer(r);
		if (dice(60) == 0)
			redis("CLIENT KILL TYPE normal SKIPME yes");
	}
	for (size_t i = 0; i < RACERS; i++) {
		UNTIL(racers[i].got.times == 1);
		CHECK(racers[i].written > 0);
		if (racers[i].got.status == STORE_OK)
			oks += (unsigned)racers[i].plan.count;
		store_free(&racers[i].store);
	}
	/* As many entries as were answered OK: none lost, none twice. */
	CHECK((unsigned)atoi(redis("XLEN t:conv:{race}:log")) == oks);
	text = xstrdup(redis("XRANGE t:conv:{race}:log - +"));
	for (char *p = text; *p != '\0'; p = end) {
		end = strchr(p, ' ');
		end = end == NULL ? p + strlen(p) : end + 1;
		if (strstr(p, "-0 type") == NULL || strstr(p, "-0 type") > end)
			continue;
		entries++;
		in_order += strtoull(p, NULL, 10) == entries;
	}
	CHECK(entries == oks && in_order == oks);
	free(text);
}

int main(void)
{
	world_begin();
	stores[0] = store_up("one", NULL);
	stores[1] = store_up("two", NULL);
	RUN(every_answer_is_as_the_model_says);
	RUN(among_cut_connections_each_unit_stands_once);
	store_free(&stores[0]);
	store_free(&stores[1]);
	return world_end("store/append_model");
}
