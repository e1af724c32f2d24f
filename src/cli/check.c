/* `answerctl check`: walks all conversations in Redis and says which are not
 * as they must be: each with exactly one owner and, until it is closed, a next
 * step, and a log without a gap that all else agrees with (verdict.c).
 *
 * Daemons go on writing meanwhile, and what is compared is read in several
 * steps. So whatever looks wrong is looked at again, and again after a while:
 * only what is wrong in the same way each time is told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "lines.h"
#include "link.h"
#include "verdict.h"

#define ANSWER_MS    10000
#define AGAIN_MS     3000 /* between two looks */
#define SETTLE_MS    1500 /* after repairs */
#define SUSPECTS_MAX 10000
#define COULD_NOT    2

struct check {
	struct link link;
	const char *const *queues;
	size_t queue_count;
	bool json, repair;
	bool failed;      /* Redis did not answer */
	bool refused;     /* it did, with an error, which is logged */
	struct map *seen; /* names of those that were looked at */
	struct finding *list;
	size_t count, room;
};

/* -- one conversation ------------------------------------------------------ */

struct look {
	struct check *check;
	struct verdict verdict;
	struct finding *out;
	size_t found;
	enum store_status status;
	uint64_t since;
	bool more, read, done;
	void (*repair)(struct check *check, const struct verdict *verdict,
		       const struct store_facts *facts,
		       const struct finding *list, size_t n);
};

static void on_facts(void *arg, const struct store_facts *facts)
{
	struct look *look = arg;

	look->done = true;
	if (look->status == STORE_OK)
		look->status = facts->status;
	if (look->status != STORE_OK)
		return;
	look->found = verdict_find(&look->verdict, facts, look->out);
	if (look->repair != NULL)
		look->repair(look->check, &look->verdict, facts, look->out,
			     look->found);
}

static void on_log(void *arg, uint64_t tag, const struct store_log *log)
{
	struct look *look = arg;

	(void)tag;
	look->read = true;
	look->more = log->status == STORE_OK && log->more;
	if (log->status != STORE_OK && log->status != STORE_GONE) {
		look->status = log->status;
		return;
	}
	if (log->count > 0)
		look->since = log->events[log->count - 1].seq;
	verdict_read(&look->verdict, log);
}

/* Nothing of what is still under way may point to this stack later. */
static bool wait_for(struct check *check, const bool *done)
{
	if (store_wait(check->link.store, done, ANSWER_MS))
		return true;
	store_free(&check->link.store);
	check->failed = true;
	return false;
}

static bool read_log(struct check *check, struct look *look, const char *conv)
{
	do {
		look->read = false;
		store_read(check->link.store, conv, look->since, false, on_log,
			   look, 0);
		if (!wait_for(check, &look->read))
			return false;
	} while (look->more);
	return look->status == STORE_OK;
}

/* -- repairs --------------------------------------------------------------- */

static void repair_hash(struct check *check, const struct conv *conv)
{
	static const char *const owners[] = {"bot", "queue", "agent", "nobody"};
	char key[CONV_ID_MAX + 8], seq[24], fence[24];
	snprintf(key, sizeof(key), "conv:%s", conv->id);
	snprintf(seq, sizeof(seq), "%" PRIu64, conv->seq);
	snprintf(fence, sizeof(fence), "%" PRIu64, conv->fence);
	store_hash_set(
		check->link.store, key,
		(struct field[]){
			{STR("seq"), str_of(seq)},
			{STR("state"), str_of(conv_state_names[conv->state])},
			{STR("owner"), str_of(owners[conv->state])},
			{STR("agent"), str_of(conv->agent)},
			{STR("queue"), str_of(conv->queue)},
			{STR("fence"), str_of(fence)},
		},
		6, 0, NULL, NULL, 0);
}

static void repair_places(struct check *check, const struct conv *conv,
			  const struct store_facts *facts)
{
	struct store *store = check->link.store;

	for (size_t i = 0; i < facts->seat_count; i++) {
		const struct store_seat *seat = &facts->seats[i];
		bool home = strcmp(seat->queue, conv->queue) == 0;

		if (!home && (seat->waits || seat->claimed))
			store_queue_repair(store, conv->id, seat->queue,
					   "closed", "");
	}
	if (conv->queue[0] != '\0')
		store_queue_repair(store, conv->id, conv->queue,
				   conv_state_names[conv->state], conv->agent);
}

static void repair(struct check *check, const struct verdict *verdict,
		   const struct store_facts *facts, const struct finding *list,
		   size_t n)
{
	const struct conv *conv = &verdict->conv;

	for (size_t i = 0; i < n; i++) {
		switch (list[i].flaw) {
		case FLAW_NO_HASH:
		case FLAW_SEQ:
		case FLAW_STATE:
			repair_hash(check, conv);
			break;
		case FLAW_NO_STEP:
			store_set_due(check->link.store, conv->id,
				      facts->now_ms);
			break;
		case FLAW_NOWHERE:
		case FLAW_TWO_PLACES:
		case FLAW_WRONG_PLACE:
			repair_places(check, conv, facts);
			break;
		case FLAW_GAP:
		case FLAW_NO_LOG:
		case FLAW_IDS:
		case FLAW_OVERDUE:
		case FLAW_LEASE:
		case FLAW_COUNT:
			break;
		}
	}
}

/* Into `out`, of FLAW_COUNT; how many. */
static size_t look_at(struct check *check, const char *conv,
		      struct finding *out, bool and_repair)
{
	struct look look = {.check = check,
			    .out = out,
			    .status = STORE_OK,
			    .repair = and_repair ? repair : NULL};

	verdict_init(&look.verdict, conv);
	look.verdict.keep_closed_ms = check->link.config.keep_closed_ms;
	if (read_log(check, &look, conv)) {
		store_facts(check->link.store, conv, check->queues,
			    check->queue_count, on_facts, &look);
		wait_for(check, &look.done);
	}
	verdict_fini(&look.verdict);
	check->failed |= look.status != STORE_OK;
	check->refused |= look.status == STORE_REFUSED;
	return check->failed ? 0 : look.found;
}

/* -- the walk -------------------------------------------------------------- */

static void keep(struct check *check, const struct finding *f)
{
	if (check->count >= SUSPECTS_MAX)
		return;
	if (check->count == check->room) {
		check->room = check->room * 2 + 64;
		check->list = xreallocarray(check->list, check->room,
					    sizeof(*check->list));
	}
	check->list[check->count++] = *f;
}

static void suspect(struct check *check, const char *conv)
{
	struct finding found[FLAW_COUNT];
	size_t n;

	if (strlen(conv) > CONV_ID_MAX)
		return;
	n = look_at(check, conv, found, false);
	for (size_t i = 0; i < n; i++)
		keep(check, &found[i]);
}

/* One step's names, copied: a look at each follows. */
struct names {
	struct arena arena;
	const char **list;
	size_t count;
	char next[32];
	enum store_status status;
	bool done;
};

static void on_walk(void *arg, const struct store_walk *walk)
{
	struct names *names = arg;

	names->done = true;
	names->status = walk->status;
	names->count = walk->count;
	names->list = arena_alloc(&names->arena,
				  (walk->count + 1) * sizeof(*names->list));
	for (size_t i = 0; i < walk->count; i++)
		names->list[i] =
			arena_str(&names->arena, str_of(walk->convs[i])).p;
	snprintf(names->next, sizeof(names->next), "%s",
		 walk->next == NULL ? "0" : walk->next);
}

/* SCAN gives a conversation's three keys apart, and a queue names it again. */
static void look_at_all(struct check *check, const struct names *names)
{
	for (size_t i = 0; i < names->count && !check->failed; i++) {
		struct str name = str_of(names->list[i]);

		if (map_set(check->seen, name, check) == NULL)
			suspect(check, names->list[i]);
	}
}

static void walk_all(struct check *check)
{
	char cursor[32] = "0";

	do {
		struct names names = {.done = false};

		arena_init(&names.arena);
		store_walk(check->link.store, cursor, on_walk, &names);
		if (wait_for(check, &names.done)) {
			check->failed |= names.status != STORE_OK;
			look_at_all(check, &names);
			memcpy(cursor, names.next, sizeof(cursor));
		}
		arena_fini(&names.arena);
	} while (!check->failed && strcmp(cursor, "0") != 0);
}

/* Who stands in a queue without having a key is seen from here only. */
static void walk_queues(struct check *check)
{
	for (size_t i = 0; i < check->queue_count && !check->failed; i++) {
		struct names names = {.done = false};

		arena_init(&names.arena);
		store_queue_names(check->link.store, check->queues[i], on_walk,
				  &names);
		if (wait_for(check, &names.done)) {
			check->failed |= names.status != STORE_OK;
			look_at_all(check, &names);
		}
		arena_fini(&names.arena);
	}
}

/* -- once more ------------------------------------------------------------- */

static void pass(struct check *check, int64_t ms)
{
	const bool never = false;

	store_wait(check->link.store, &never, ms);
}

static bool is_the_same(const struct finding *a, const struct finding *b)
{
	if (a->flaw != b->flaw || strcmp(a->key, b->key) != 0)
		return false;
	/* These count seconds. */
	return a->flaw == FLAW_OVERDUE || a->flaw == FLAW_LEASE ||
	       strcmp(a->detail, b->detail) == 0;
}

static bool is_found(const struct finding *list, size_t n,
		     const struct finding *f)
{
	for (size_t i = 0; i < n; i++)
		if (is_the_same(&list[i], f))
			return true;
	return false;
}

/* Keeps those that are found again. */
static void look_again(struct check *check, bool and_repair)
{
	size_t kept = 0, i = 0;

	while (i < check->count && !check->failed) {
		struct finding now[FLAW_COUNT];
		const char *conv = check->list[i].conv;
		char name[CONV_ID_MAX + 1];
		size_t n;

		memcpy(name, conv, sizeof(name));
		n = look_at(check, name, now, and_repair);
		for (;
		     i < check->count && strcmp(check->list[i].conv, name) == 0;
		     i++)
			if (is_found(now, n, &check->list[i]))
				check->list[kept++] = check->list[i];
	}
	check->count = kept;
}

/* -- telling --------------------------------------------------------------- */

static void add_text(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, ",\"%s\":", name);
	buf_add_json(out, str_of(value));
}

static void print(const struct check *check, const struct finding *f,
		  bool repaired)
{
	struct buf out = BUF_INIT, key = BUF_INIT;

	buf_addf(&key, "%s%s", check->link.config.redis_prefix, f->key);
	if (check->json) {
		buf_addf(&out, "{\"finding\":\"%s\"", flaw_names[f->flaw]);
		add_text(&out, "conversation", f->conv);
		add_text(&out, "key", key.data);
		add_text(&out, "detail", f->detail);
		add_text(&out, "remedy", flaw_remedies[f->flaw]);
		buf_addf(&out, ",\"repaired\":%s}\n",
			 repaired ? "true" : "false");
	} else {
		lines_add_shown(&out, buf_str(&key), 160);
		buf_addf(&out, ": %s: ", flaw_names[f->flaw]);
		lines_add_shown(&out, str_of(f->detail), 200);
		buf_addf(&out, "; %s\n",
			 repaired ? "repaired" : flaw_remedies[f->flaw]);
	}
	fwrite(out.data, 1, out.len, stdout);
	buf_fini(&out);
	buf_fini(&key);
}

static void print_end(const struct check *check, size_t left)
{
	if (check->json)
		printf("{\"conversations\":%zu,\"findings\":%zu}\n",
		       map_count(check->seen), left);
	else
		printf("%zu conversations, %zu findings\n",
		       map_count(check->seen), left);
}

/* Repairs what was found twice, and looks whether that helped. */
static size_t tell_repaired(struct check *check)
{
	size_t n = check->count;
	struct finding *were = xcalloc(n + 1, sizeof(*were));

	memcpy(were, check->list, n * sizeof(*were));
	look_again(check, true);
	pass(check, SETTLE_MS);
	look_again(check, false);
	for (size_t i = 0; i < n && !check->failed; i++)
		print(check, &were[i],
		      !is_found(check->list, check->count, &were[i]));
	free(were);
	return check->count;
}

static size_t tell(struct check *check)
{
	if (check->repair && check->count > 0)
		return tell_repaired(check);
	for (size_t i = 0; i < check->count; i++)
		print(check, &check->list[i], false);
	return check->count;
}

/* -- the command ----------------------------------------------------------- */

static int run(struct check *check)
{
	size_t left;

	check->queues = (const char *const *)check->link.config.queues.items;
	check->queue_count = check->link.config.queues.count;
	walk_all(check);
	walk_queues(check);
	if (check->count > 0 && !check->failed) {
		pass(check, AGAIN_MS);
		look_again(check, false);
	}
	left = check->failed ? 0 : tell(check);
	if (check->failed) {
		fprintf(stderr,
			"answerctl: %s; what was looked at so far says "
			"nothing\n",
			check->refused ? "Redis refuses to be read, see above"
				       : "Redis does not answer any more");
		return COULD_NOT;
	}
	print_end(check, left);
	return left > 0 ? CLI_FAILED : CLI_OK;
}

int cmd_check(int argc, char **argv)
{
	struct check check = {.failed = false};
	int status;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			check.json = true;
		else if (strcmp(argv[i], "--repair") == 0)
			check.repair = true;
		else
			return cli_usage("check", "what is \"%s\"?", argv[i]);
	}
	check.seen = map_new();
	status = link_open(&check.link) == CLI_OK ? run(&check) : COULD_NOT;
	link_close(&check.link);
	map_free(&check.seen);
	free(check.list);
	return status;
}
