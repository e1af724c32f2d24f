/* Spool, append and queue against what is promised, on random schedules:
 * senders of several conversations bring their messages to two daemons, again
 * where they hear nothing, and agents there take, give back, move, hand over
 * and resolve them; meanwhile connections are cut, daemons die with what they
 * had not yet written, and Redis comes back as it was some time ago. In the end
 *
 * 1. every message whose sender has heard that it is stored stands in the log,
 *    no message twice, each sender's in the order in which they were sent;
 * 2. every change of the state stands behind exactly the entry, in the state,
 *    from which it was computed; once, or it was handed back;
 * 3. who is not closed has a next step;
 * 4. once the queues were told what the logs say, as that next step does, each
 *    conversation is where its log says, and nowhere else.
 *
 * A failing run says its seed. */
#include "model_crowd.h"

#define SCHEDULES 5
#define STEPS     400

/* -- what stands there ----------------------------------------------------- */

static struct log logs[CONVS];

struct verdict {
	unsigned lost, doubled, misordered, astray, stuck, none, odd;
};

/* `before`: the message before it, which stands behind it. Not promised: the
 * sender had come to the other daemon, so that each had one of the two, and
 * one of them did not fit any more when it was brought back. */
static bool is_misordered(const struct sender *s, unsigned before, unsigned m)
{
	return !s->moved || (!s->back[before] && !s->back[m]);
}

static void judge_sender(const struct sender *s, struct verdict *v)
{
	size_t last = 0;
	unsigned before = 0;

	for (unsigned m = 0; m < s->next + 1 && m < MESSAGES; m++) {
		char id[NAME];
		unsigned times;
		size_t at;

		snprintf(id, sizeof(id), "%u.%u", s->number, m);
		at = log_find(&logs[s->conv], id, &times);
		v->lost += s->stored[m] && times == 0;
		v->doubled += times > 1;
		if (at == 0)
			continue;
		v->misordered += at < last && is_misordered(s, before, m);
		last = at;
		before = m;
	}
}

static void judge_changes(struct verdict *v)
{
	for (unsigned i = 0; i < changes; i++) {
		unsigned times = 0, here;
		char id[NAME];

		snprintf(id, sizeof(id), "c%u", i);
		for (unsigned conv = 0; conv < CONVS; conv++) {
			log_find(&logs[conv], id, &here);
			times += here;
		}
		v->lost += changed[i] && !undone[i] && times == 0;
		v->doubled += times > 1;
	}
}

static bool was_kept(struct str id)
{
	unsigned sender, message;
	char text[NAME];

	str_copy(text, sizeof(text), id);
	return sscanf(text, "%u.%u", &sender, &message) == 2 &&
	       senders[sender].back[message];
}

/* Folds the log, and looks whether each entry was computed from what stands
 * before it: all but messages that were kept as they are. */
static struct fold judge_log(unsigned conv, struct verdict *v)
{
	const struct log *log = &logs[conv];
	struct fold f = fold_empty;

	for (size_t i = 0; i < log->count; i++) {
		const struct entry *e = &log->entries[i];
		char before[96];

		fold_describe(&f, before);
		if (strcmp(before, e->after) != 0 && !was_kept(e->id)) {
			v->astray++;
			printf("v%u: %.*s at %zu was computed from %s, not "
			       "%s\n",
			       conv, STR_ARG(e->id), i + 1, e->after, before);
		}
		fold_entry(&f, e->fields, e->count);
	}
	return f;
}

static bool has_next_step(unsigned conv)
{
	for (unsigned i = 0; i < 16; i++)
		if (*redis("ZSCORE t:due:{%u} v%u", i, conv) != '\0')
			return true;
	return false;
}

/* In this queue: "", "line", "claimed by AGENT" (as the log says), "claimed"
 * (for a moment), "both". */
static void place_in(const char *queue, unsigned conv, char place[40])
{
	bool line = *redis("ZSCORE t:queue:{%s} v%u", queue, conv) != '\0';
	bool claimed =
		*redis("ZSCORE t:queue:{%s}:claimed v%u", queue, conv) != '\0';
	const char *record = redis("HGET t:queue:{%s}:info v%u", queue, conv);

	snprintf(place, 40, "%s",
		 line && claimed ? "both"
		 : line          ? "line"
		 : claimed       ? "claimed"
				 : "");
	for (size_t i = 0; i < DAEMONS; i++) {
		char agent[40];

		snprintf(agent, sizeof(agent), "\"agent\":\"%s\"", agents[i]);
		if (strcmp(place, "claimed") == 0 &&
		    strstr(record, agent) != NULL &&
		    strstr(record, "\"held\":true") != NULL)
			snprintf(place, 40, "claimed by %s", agents[i]);
	}
}

static void judge_queue(unsigned conv, const struct fold *f, struct verdict *v)
{
	for (size_t i = 0; i < ARRAY_LEN(queues); i++) {
		bool here = strcmp(f->queue, queues[i]) == 0;
		char place[40], want[40] = "";
		bool right;

		if (here && strcmp(f->state, "queued") == 0)
			snprintf(want, sizeof(want), "line");
		if (here && strcmp(f->state, "assigned") == 0)
			snprintf(want, sizeof(want), "claimed by %s", f->agent);
		place_in(queues[i], conv, place);
		/* A claim that the log has not heard of runs out. */
		right = strcmp(place, want) == 0 ||
			(strcmp(want, "line") == 0 &&
			 strcmp(place, "claimed") == 0);
		v->odd += !right;
		if (!right)
			printf("v%u is %s in %s at %" PRIu64 ": in %s it is "
			       "\"%s\": %s\n",
			       conv, f->state, f->queue, f->seq, queues[i],
			       place,
			       redis("HGET t:queue:{%s}:info v%u", queues[i],
				     conv));
	}
}

/* Who waits or is served stands in their queue, line or claims, at any time. */
static bool is_in_none(unsigned conv, const struct fold *f)
{
	char place[40] = "nobody waits";

	if (strcmp(f->state, "queued") == 0 ||
	    strcmp(f->state, "assigned") == 0)
		place_in(f->queue, conv, place);
	if (place[0] == '\0')
		printf("v%u is %s in %s at %" PRIu64 " and stands nowhere\n",
		       conv, f->state, f->queue, f->seq);
	return place[0] == '\0';
}

/* As the next step of each does, which adds to its log. */
static void tell_queues(struct fold folds[CONVS])
{
	struct store *store = daemons[0].store;

	for (unsigned i = 0; i < CONVS; i++) {
		struct said said;

		say(&said, "next", "step");
		store_append(store,
			     &(struct store_unit){.conv = convs[i],
						  .anywhere = true,
						  .entries = &said.entry,
						  .entry_count = 1,
						  .due_ms = 1},
			     on_kept, NULL, 0);
	}
	UNTIL(is_quiet(&daemons[0]));
	for (unsigned i = 0; i < CONVS; i++)
		for (size_t k = 0; k < ARRAY_LEN(queues); k++)
			store_queue_repair(store, convs[i], queues[k],
					   folds[i].state, folds[i].agent);
	UNTIL(is_quiet(&daemons[0]));
}

static struct verdict judge(void)
{
	struct verdict v = {0};
	struct fold folds[CONVS];

	for (unsigned i = 0; i < CONVS; i++)
		log_read(&logs[i], convs[i]);
	for (size_t i = 0; i < ARRAY_LEN(senders); i++)
		judge_sender(&senders[i], &v);
	judge_changes(&v);
	for (unsigned i = 0; i < CONVS; i++) {
		folds[i] = judge_log(i, &v);
		v.stuck += logs[i].count > 0 &&
			   strcmp(folds[i].state, "closed") != 0 &&
			   !has_next_step(i);
		v.none += is_in_none(i, &folds[i]);
		if (strcmp(folds[i].state, "bot") != 0)
			v.odd += strcmp(redis("HGET t:conv:{v%u} state", i),
					folds[i].state) != 0;
	}
	tell_queues(folds);
	for (unsigned i = 0; i < CONVS; i++)
		judge_queue(i, &folds[i], &v);
	return v;
}

/* -- schedules ------------------------------------------------------------- */

static void begin_schedule(unsigned schedule)
{
	dice_seed = 0x9e3779b97f4a7c15u * (schedule + 1);
	redis("FLUSHALL");
	shell("rm -rf state0 state1 corpse", 0);
	redis_remember();
	memset(senders, 0, sizeof(senders));
	memset(changed, 0, sizeof(changed));
	memset(undone, 0, sizeof(undone));
	changes = 0;
	for (unsigned i = 0; i < ARRAY_LEN(senders); i++)
		senders[i] = (struct sender){
			.conv = i % CONVS, .number = i, .home = dice(DAEMONS)};
	for (unsigned i = 0; i < DAEMONS; i++) {
		daemons[i].number = i;
		start(&daemons[i]);
	}
}

static bool are_quiet(void)
{
	for (size_t i = 0; i < DAEMONS; i++)
		for (size_t k = 0; k < CONVS; k++)
			bring(&daemons[i], &daemons[i].rooms[k]);
	return is_quiet(&daemons[0]) && is_quiet(&daemons[1]);
}

static void run_schedule(unsigned schedule, bool movers)
{
	struct verdict v;
	unsigned wrong;

	begin_schedule(schedule);
	for (unsigned i = 0; i < STEPS; i++)
		one_step(movers);
	redis("CLIENT KILL TYPE normal SKIPME yes"); /* all look once more */
	pass_ms(50);
	UNTIL(are_quiet());
	v = judge();
	wrong = v.lost + v.doubled + v.misordered + v.astray + v.stuck +
		v.none + v.odd;
	CHECK(wrong == 0);
	if (wrong > 0)
		printf("schedule %u: lost %u doubled %u misordered %u astray "
		       "%u stuck %u none %u odd %u\n",
		       schedule, v.lost, v.doubled, v.misordered, v.astray,
		       v.stuck, v.none, v.odd);
	for (unsigned i = 0; i < DAEMONS; i++)
		store_free(&daemons[i].store);
}

static void logs_and_queues_are_as_promised_whatever_dies(void)
{
	const char *first = getenv("MODEL_FIRST"),
		   *count = getenv("MODEL_RUNS");
	unsigned from = first != NULL ? (unsigned)atoi(first) : 0;
	unsigned n = count != NULL ? (unsigned)atoi(count) : SCHEDULES;

	for (unsigned i = from; i < from + n; i++)
		run_schedule(i, i % 2 == 1);
	printf("confirmed %u deaths %u rewinds %u orphans %u hand-offs %u "
	       "claims %u releases %u moves %u gifts %u resolved %u\n",
	       confirmed, deaths, rewinds, orphans, done[HAND_OFF], done[CLAIM],
	       done[RELEASE], done[MOVE], done[GIVE], done[RESOLVE]);
	/* None of this was for nothing. */
	if (n < SCHEDULES)
		return;
	CHECK(confirmed > 50 && deaths > 5 && rewinds > 5 && orphans > 5);
	CHECK(done[HAND_OFF] > 3 && done[CLAIM] > 3);
}

int main(void)
{
	world_begin();
	RUN(logs_and_queues_are_as_promised_whatever_dies);
	for (size_t i = 0; i < CONVS; i++)
		free(logs[i].text);
	return world_end("store/spool_model");
}
