/* From groups of messages to what an operator reads: sorted, each with its
 * words and a name; see intent/cluster.h. */
#include "intent/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "group.h"
#include "topic.h"

#define SHARED_PERCENT 25 /* of the messages, for a word to be shared */
#define NAME_WORDS     3
#define NAME_MAX_BYTES 48
#define LOOKED_AT      500 /* messages of a topic, for names and words */

/* ---- words ------------------------------------------------------------ */

static size_t looked_at(const struct topic *t)
{
	return t->seen.count < LOOKED_AT ? t->seen.count : LOOKED_AT;
}

struct shared {
	uint32_t stem;
	uint32_t messages;
	double place; /* sum of the places in the messages */
	double score;
};

static int by_score(const void *a, const void *b)
{
	const struct shared *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return (x->stem > y->stem) - (x->stem < y->stem);
}

static void count_stem(struct shared *list, size_t *n, size_t max,
		       uint32_t stem, size_t place)
{
	size_t i = 0;

	while (i < *n && list[i].stem != stem)
		i++;
	if (i == max)
		return;
	if (i == *n)
		list[(*n)++] = (struct shared){.stem = stem};
	list[i].messages++;
	list[i].place += (double)place;
}

static size_t place_of(const struct corpus *c, size_t message, uint32_t stem)
{
	for (size_t i = c->starts[message]; i < c->starts[message + 1]; i++) {
		if (c->tokens[i] != CORPUS_BREAK &&
		    c->surfaces[c->tokens[i]].stem == stem)
			return i - c->starts[message];
	}
	return 0;
}

#define SHARED_MAX 512

/* The words that a good part of the messages share; returns how many. */
static size_t find_shared(const struct clusters *cs, const struct topic *t,
			  struct shared list[SHARED_MAX])
{
	size_t all = looked_at(t), n = 0, out = 0;
	uint32_t stems[CORPUS_MAX_TOKENS];

	for (size_t i = 0; i < all; i++) {
		size_t k = corpus_stems(&cs->corpus, t->members[i], stems);

		while (k-- > 0)
			count_stem(
				list, &n, SHARED_MAX, stems[k],
				place_of(&cs->corpus, t->members[i], stems[k]));
	}
	for (size_t i = 0; i < n; i++) {
		list[i].score = list[i].messages *
				cs->corpus.stems[list[i].stem].weight;
		if (list[i].messages * 100 >= all * SHARED_PERCENT &&
		    list[i].messages >= (all > 1 ? 2 : 1))
			list[out++] = list[i];
	}
	if (out == 0)
		out = n; /* nothing is shared: whatever there is */
	qsort(list, out, sizeof(*list), by_score);
	return out < TOPIC_MAX_STEMS ? out : TOPIC_MAX_STEMS;
}

struct str topic_surface(const struct clusters *cs, const struct topic *t,
			 uint32_t stem)
{
	const struct corpus *c = &cs->corpus;
	struct shared list[32];
	size_t n = 0, best = 0;

	for (size_t m = 0; m < looked_at(t); m++) {
		size_t from = c->starts[t->members[m]];

		for (size_t i = from; i < c->starts[t->members[m] + 1]; i++) {
			uint32_t s = c->tokens[i];

			if (s != CORPUS_BREAK && c->surfaces[s].stem == stem &&
			    !c->surfaces[s].slip)
				count_stem(list, &n, ARRAY_LEN(list), s, 0);
		}
	}
	for (size_t i = 1; i < n; i++) {
		if (list[i].messages > list[best].messages ||
		    (list[i].messages == list[best].messages &&
		     str_cmp(c->surfaces[list[i].stem].text,
			     c->surfaces[list[best].stem].text) < 0))
			best = i;
	}
	return n > 0 ? c->surfaces[list[best].stem].text : c->stems[stem].text;
}

/* ---- names ------------------------------------------------------------ */

/* What of a word may stand in a name. */
static void add_plain(struct buf *out, struct str word)
{
	for (size_t i = 0; i < word.n; i++) {
		char ch = word.p[i];

		if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))
			buf_add_c(out, ch);
	}
}

/* The first few words, in the order in which people say them. */
static void add_name(const struct clusters *cs, const struct topic *t,
		     const struct shared *list, size_t n, struct buf *out)
{
	bool used[NAME_WORDS] = {false};

	if (n > NAME_WORDS)
		n = NAME_WORDS;
	for (size_t round = 0; round < n; round++) {
		size_t next = NAME_WORDS, from = out->len;

		for (size_t i = 0; i < n; i++) {
			if (!used[i] &&
			    (next == NAME_WORDS ||
			     list[i].place / list[i].messages <
				     list[next].place / list[next].messages))
				next = i;
		}
		used[next] = true;
		if (out->len > 0)
			buf_add_c(out, '_');
		add_plain(out, topic_surface(cs, t, list[next].stem));
		if (out->len == from + 1 || out->len > NAME_MAX_BYTES)
			out->len = from;
	}
	if (out->len == 0)
		buf_add_s(out, "topic");
}

static void set_name(struct clusters *cs, struct topic *t, struct map *names,
		     const struct shared *list, size_t n)
{
	struct buf name = BUF_INIT;
	size_t base, again = 1;

	add_name(cs, t, list, n, &name);
	base = name.len;
	while (map_get(names, buf_str(&name)) != NULL) {
		name.len = base;
		buf_addf(&name, "_%zu", ++again);
	}
	map_set(names, buf_str(&name), t);
	t->seen.name = arena_str(&cs->corpus.arena, buf_str(&name)).p;
	buf_fini(&name);
}

static void describe(struct clusters *cs, struct topic *t, struct map *names)
{
	struct shared list[SHARED_MAX];
	size_t n = find_shared(cs, t, list);

	t->stems = arena_alloc(&cs->corpus.arena, n * sizeof(*t->stems));
	t->stem_count = n;
	for (size_t i = 0; i < n; i++)
		t->stems[i] = list[i].stem;
	t->seen.word_count = n < CLUSTER_MAX_WORDS ? n : CLUSTER_MAX_WORDS;
	for (size_t i = 0; i < t->seen.word_count; i++)
		t->seen.words[i] = topic_surface(cs, t, list[i].stem);
	set_name(cs, t, names, list, n);
}

/* ---- order ------------------------------------------------------------ */

static int by_size(const void *a, const void *b)
{
	const struct topic *x = a, *y = b;

	if (x->seen.count != y->seen.count)
		return x->seen.count < y->seen.count ? 1 : -1;
	return (x->members[0] > y->members[0]) -
	       (x->members[0] < y->members[0]);
}

struct placed {
	uint32_t message;
	double nearness;
};

/* The most typical first; of equal ones the first. */
static int by_nearness(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->nearness != y->nearness)
		return x->nearness < y->nearness ? 1 : -1;
	return (x->message > y->message) - (x->message < y->message);
}

static void sort_members(struct topic *t, const struct groups *groups)
{
	struct placed *list = xcalloc(t->seen.count + 1, sizeof(*list));

	for (size_t i = 0; i < t->seen.count; i++)
		list[i] = (struct placed){t->members[i],
					  groups->nearness[t->members[i]]};
	qsort(list, t->seen.count, sizeof(*list), by_nearness);
	for (size_t i = 0; i < t->seen.count; i++)
		t->members[i] = list[i].message;
	free(list);
}

static void gather(struct clusters *cs, const struct groups *groups)
{
	struct corpus *c = &cs->corpus;

	for (size_t m = 0; m < c->count; m++) {
		if (groups->of[m] == GROUP_NONE)
			cs->wordless++;
		else
			cs->topics[groups->of[m]].seen.count++;
	}
	for (size_t k = 0; k < cs->count; k++) {
		struct topic *t = &cs->topics[k];

		t->members = arena_alloc(
			&c->arena, (t->seen.count + 1) * sizeof(*t->members));
		t->seen.members = t->members;
		t->seen.count = 0;
	}
	for (size_t m = 0; m < c->count; m++) {
		struct topic *t;

		if (groups->of[m] == GROUP_NONE)
			continue;
		t = &cs->topics[groups->of[m]];
		t->members[t->seen.count++] = (uint32_t)m;
		t->seen.late += c->messages[m].late;
	}
	for (size_t k = 0; k < cs->count; k++)
		sort_members(&cs->topics[k], groups);
	if (cs->count > 0)
		qsort(cs->topics, cs->count, sizeof(*cs->topics), by_size);
}

/* ---- all -------------------------------------------------------------- */

struct clusters *clusters_new(const struct cluster_message *messages, size_t n)
{
	struct clusters *cs = xcalloc(1, sizeof(*cs));
	struct map *names = map_new();
	struct groups groups;

	corpus_init(&cs->corpus, messages, n);
	groups_init(&groups, &cs->corpus);
	cs->count = groups.count;
	cs->topics = xcalloc(cs->count + 1, sizeof(*cs->topics));
	gather(cs, &groups);
	groups_fini(&groups);
	cs->topic_of = xcalloc(cs->corpus.count + 1, sizeof(*cs->topic_of));
	memset(cs->topic_of, 0xff,
	       (cs->corpus.count + 1) * sizeof(*cs->topic_of));
	for (size_t k = 0; k < cs->count; k++) {
		const struct topic *t = &cs->topics[k];

		for (size_t i = 0; i < t->seen.count; i++)
			cs->topic_of[t->members[i]] = (uint32_t)k;
		describe(cs, &cs->topics[k], names);
	}
	map_free(&names);
	return cs;
}

void clusters_free(struct clusters **csp)
{
	struct clusters *cs = *csp;

	if (cs == NULL)
		return;
	corpus_fini(&cs->corpus);
	free(cs->topics);
	free(cs->topic_of);
	free(cs);
	*csp = NULL;
}

size_t clusters_count(const struct clusters *cs)
{
	return cs->count;
}

const struct cluster *clusters_get(const struct clusters *cs, size_t i)
{
	return i < cs->count ? &cs->topics[i].seen : NULL;
}

size_t clusters_wordless(const struct clusters *cs)
{
	return cs->wordless;
}
