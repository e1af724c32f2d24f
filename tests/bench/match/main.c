/* Measures all contenders on rule sets of four sizes, then the shipped rules;
 * prints tables, writes JSON, and says which targets are reached. See bench.h.
 *
 * A contender is a child process: it loads the rules, then matches messages
 * whenever it is told to, and says what that cost in its own CPU time. The
 * children take turns, round by round; a figure is the median of the rounds.
 * Every round has messages of its own: an automaton that is made while matching
 * would know those it has seen before by heart. What that is worth is measured
 * besides, with the last round's messages once more. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "bench.h"

#define ROUNDS      7
#define SLICE       200 /* messages of a round, if there is time for all */
#define MESSAGES    ((ROUNDS + 1) * SLICE) /* the first slices: to warm up */
#define COMPARED    100                    /* messages, for the same matches */
#define REWARM_S    0.02                   /* of CPU, before a round */
#define ROUND_S     0.4                    /* of CPU, for a round at most */
#define INPUT_BYTES (8 * 1024 * 1024)

static const size_t sizes[] = {10, 100, 1000, 10000};
static const struct contender *const contenders[] = {
	&contender_ours,       &contender_no_jit, &contender_no_index,
	&contender_normalise,  &contender_pcre2,  &contender_re2,
	&contender_vectorscan,
};
#define CONTENDERS ARRAY_LEN(contenders)
enum {
	OURS,
	NO_JIT,
	NO_INDEX,
	NORMALISE,
	PCRE2,
	RE2,
	VECTORSCAN
};

/* ---- small things ------------------------------------------------------ */

static int64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t bench_cpu_ns(void)
{
	return now_ns(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t bench_clock_ns(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *list, size_t n)
{
	qsort(list, n, sizeof(*list), by_value);
	return n == 0       ? 0
	       : n % 2 == 1 ? list[n / 2]
			    : (list[n / 2 - 1] + list[n / 2]) / 2;
}

/* Sums do not depend on the order. */
void bench_hit(struct bench_hits *hits, size_t message, size_t sentence,
	       size_t rule)
{
	uint64_t h = (uint64_t)message * 1000003 + sentence * 8191 + rule;

	h = (h ^ h >> 31) * UINT64_C(0x9e3779b97f4a7c15);
	hits->digest += h ^ h >> 29;
	hits->count++;
}

/* ---- a child ------------------------------------------------------------ */

enum order {
	ORDER_WARM,
	ORDER_ROUND,
	ORDER_AGAIN, /* the last round's messages */
	ORDER_HITS,
	ORDER_END,
};

struct report {
	bool ok;
	char why[256];
	double load_ms, us;
	long kilobytes; /* more than before loading */
	struct bench_hits hits;
};

struct child {
	pid_t pid;
	int orders, reports;
	struct report loaded;
	double again_us, us[ROUNDS];
	size_t rounds;
	struct bench_hits hits;
	long kilobytes;
};

static long resident_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size = 0, resident = 0;

	if (f == NULL || fscanf(f, "%ld %ld", &size, &resident) != 2)
		resident = 0;
	if (f != NULL)
		fclose(f);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

struct job {
	const struct contender *contender;
	const struct bench_set *set;
	const struct bench_input *inputs;
	void *state;
	size_t last, end, next; /* messages: the last slice, the next */
};

/* Messages from `from` on, until `end` or the time is over. Returns the
 * next. The clock is a system call, dearer than a message of ours: it is asked
 * after one message, two, four, and so on. */
static size_t run_slice(const struct job *j, size_t from, size_t end,
			double seconds, struct report *r)
{
	int64_t began = bench_cpu_ns(), spent = 0;
	size_t i = from, ask = from + 1;

	if (end > j->set->message_count)
		end = j->set->message_count;
	while (i < end && (double)spent < seconds * 1e9) {
		j->contender->match(j->state, j->set, j->inputs, i++, NULL);
		if (i < ask)
			continue;
		spent = bench_cpu_ns() - began;
		ask = i + (i - from);
	}
	spent = bench_cpu_ns() - began;
	r->us = i == from ? 0 : (double)spent / 1000 / (double)(i - from);
	return i;
}

static void run_hits(const struct job *j, struct report *r)
{
	r->hits = (struct bench_hits){0, 0};
	for (size_t i = 0; i < j->set->message_count && i < COMPARED; i++)
		j->contender->match(j->state, j->set, j->inputs, i, &r->hits);
}

static void tell(int fd, const struct report *r)
{
	if (write(fd, r, sizeof(*r)) != sizeof(*r))
		_exit(1);
}

static void obey(struct job *j, enum order order, struct report *r)
{
	switch (order) {
	case ORDER_WARM:
		j->end = run_slice(j, 0, SLICE, j->contender->warm_s, r);
		j->next = SLICE;
		break;
	case ORDER_ROUND:
		/* the others have had the caches meanwhile */
		run_slice(j, j->last, j->end, REWARM_S, r);
		j->last = j->next;
		j->end = run_slice(j, j->next, j->next + SLICE, ROUND_S, r);
		j->next += SLICE;
		break;
	case ORDER_AGAIN:
		run_slice(j, j->last, j->end, ROUND_S, r);
		break;
	case ORDER_HITS:
		run_hits(j, r);
		break;
	case ORDER_END:
		break;
	}
}

static void child_main(struct job *j, int orders, int reports)
{
	struct report r = {.ok = false};
	long before = resident_kb();
	int64_t from = bench_cpu_ns();
	enum order order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	j->state = j->contender->load(j->set, r.why);
	r.load_ms = (double)(bench_cpu_ns() - from) / 1e6;
	r.ok = j->state != NULL;
	r.kilobytes = resident_kb() - before;
	tell(reports, &r);
	while (r.ok && read(orders, &order, sizeof(order)) == sizeof(order) &&
	       order != ORDER_END) {
		obey(j, order, &r);
		r.kilobytes = resident_kb() - before;
		tell(reports, &r);
	}
	_exit(0);
}

static bool hear(struct child *c, struct report *r)
{
	return read(c->reports, r, sizeof(*r)) == sizeof(*r) && r->ok;
}

static bool start(struct child *c, const struct contender *contender,
		  const struct bench_set *set, const struct bench_input *inputs)
{
	struct job job = {.contender = contender, .set = set, .inputs = inputs};
	int orders[2], reports[2];

	*c = (struct child){.pid = -1};
	if (pipe(orders) != 0 || pipe(reports) != 0)
		return false;
	fflush(stdout);
	c->pid = fork();
	if (c->pid == 0) {
		close(orders[1]);
		close(reports[0]);
		child_main(&job, orders[0], reports[1]);
	}
	close(orders[0]);
	close(reports[1]);
	c->orders = orders[1];
	c->reports = reports[0];
	if (c->pid > 0 && hear(c, &c->loaded))
		return true;
	printf("%s does not load: %s\n", contender->name, c->loaded.why);
	return false;
}

static bool command(struct child *c, enum order order, struct report *r)
{
	return write(c->orders, &order, sizeof(order)) == sizeof(order) &&
	       hear(c, r);
}

/* Told, since its brothers hold the other end of its pipe as well. */
static void stop(struct child *c)
{
	const enum order end = ORDER_END;

	if (c->pid > 0 && c->loaded.ok &&
	    write(c->orders, &end, sizeof(end)) != sizeof(end))
		kill(c->pid, SIGKILL);
	close(c->orders);
	close(c->reports);
	if (c->pid > 0)
		waitpid(c->pid, NULL, 0);
}

/* ---- inputs ------------------------------------------------------------- */

static void split(char *text, struct bench_input *in)
{
	*in = (struct bench_input){.count = 0};
	for (char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\n");

		in->sentences = xreallocarray(in->sentences, in->count + 1,
					      sizeof(*in->sentences));
		in->lengths = xreallocarray(in->lengths, in->count + 1,
					    sizeof(*in->lengths));
		in->sentences[in->count] = p;
		in->lengths[in->count++] = n;
		p += n;
		if (*p == '\n')
			*p++ = '\0';
	}
}

/* The messages as a child normalises them, so that this process stays small;
 * those that match more than can be compared are taken out of the set. */
static struct bench_input *make_inputs(struct bench_set *set)
{
	char *shared = mmap(NULL, INPUT_BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct bench_input *inputs =
		xcalloc(set->message_count, sizeof(*inputs));
	size_t at = 0, kept = 0;
	pid_t pid;

	if (shared == MAP_FAILED || (pid = fork()) < 0)
		return NULL;
	if (pid == 0) {
		char why[256];
		void *state = contender_ours.load(set, why);

		for (size_t i = 0; state != NULL && i < set->message_count;
		     i++) {
			bool overfull;
			char *text = ours_normalise(state, set->messages[i],
						    &overfull);

			at += (size_t)snprintf(shared + at, INPUT_BYTES - at,
					       "%c%s", overfull ? '-' : '+',
					       text) +
			      1;
			free(text);
		}
		_exit(state == NULL);
	}
	waitpid(pid, NULL, 0);
	for (size_t i = 0; i < set->message_count; i++) {
		char *text = shared + at;

		at += strlen(text) + 1;
		if (*text != '+')
			continue;
		split(text + 1, &inputs[kept]);
		set->messages[kept++] = set->messages[i];
	}
	set->message_count = kept;
	return inputs;
}

/* ---- one size ----------------------------------------------------------- */

struct result {
	size_t rules, messages;
	bool there[CONTENDERS];
	double us[CONTENDERS], again_us[CONTENDERS];
	double load_ms[CONTENDERS], megabytes[CONTENDERS];
	uint64_t hits;
	bool same;
};

static void give(struct child *children, enum order order, struct result *out)
{
	struct report r;

	for (size_t k = 0; k < CONTENDERS; k++) {
		struct child *c = &children[k];

		out->there[k] = out->there[k] && command(c, order, &r);
		if (!out->there[k])
			continue;
		c->kilobytes = r.kilobytes;
		if (order == ORDER_ROUND)
			c->us[c->rounds++] = r.us;
		if (order == ORDER_AGAIN)
			c->again_us = r.us;
	}
}

static void measure_rounds(struct child *children, struct result *out)
{
	give(children, ORDER_WARM, out);
	for (size_t round = 0; round < ROUNDS; round++)
		give(children, ORDER_ROUND, out);
	give(children, ORDER_AGAIN, out);
}

static void compare_hits(struct child *children, struct result *out)
{
	struct report r;

	out->same = true;
	for (size_t k = 0; k < CONTENDERS; k++) {
		if (!out->there[k] || k == NORMALISE || k == NO_INDEX)
			continue;
		if (!command(&children[k], ORDER_HITS, &r)) {
			out->there[k] = false;
			continue;
		}
		if (k == OURS)
			out->hits = r.hits.count;
		children[k].hits = r.hits;
		if (r.hits.count != children[OURS].hits.count ||
		    r.hits.digest != children[OURS].hits.digest) {
			out->same = false;
			printf("%s finds %" PRIu64 " matches, not %" PRIu64
			       " or not the same\n",
			       contenders[k]->name, r.hits.count,
			       children[OURS].hits.count);
		}
	}
}

static bool measure(size_t rules, struct result *out)
{
	struct bench_set set;
	struct bench_input *inputs;
	struct child children[CONTENDERS];

	*out = (struct result){.rules = rules};
	bench_generate(&set, rules, MESSAGES, BENCH_SEED);
	inputs = make_inputs(&set);
	if (inputs == NULL || set.message_count == 0)
		return false;
	out->messages = set.message_count;
	for (size_t k = 0; k < CONTENDERS; k++)
		out->there[k] =
			start(&children[k], contenders[k], &set, inputs);
	measure_rounds(children, out);
	compare_hits(children, out);
	for (size_t k = 0; k < CONTENDERS; k++) {
		struct child *c = &children[k];

		out->us[k] = bench_median(c->us, c->rounds);
		out->again_us[k] = c->again_us;
		out->load_ms[k] = c->loaded.load_ms;
		out->megabytes[k] = (double)c->kilobytes / 1024;
		stop(c);
	}
	return out->there[OURS];
}

/* ---- printing ----------------------------------------------------------- */

static void print_row(const struct result *r, const double *values)
{
	printf("%6zu", r->rules);
	for (size_t k = 0; k < CONTENDERS; k++) {
		if (!r->there[k])
			printf("  %10s", "-");
		else
			printf("  %10.*f",
			       values[k] < 10    ? 2
			       : values[k] < 100 ? 1
						 : 0,
			       values[k]);
	}
	putchar('\n');
}

static void print_head(const char *what)
{
	printf("\n%s\n%6s", what, "rules");
	for (size_t k = 0; k < CONTENDERS; k++)
		printf("  %10s", contenders[k]->name);
	putchar('\n');
}

static void print_tables(const struct result *list, size_t n)
{
	print_head("us of CPU a message (median of rounds; the three on the "
		   "right get it normalised)");
	for (size_t i = 0; i < n; i++)
		print_row(&list[i], list[i].us);
	print_head("the same messages once more");
	for (size_t i = 0; i < n; i++)
		print_row(&list[i], list[i].again_us);
	print_head("ms of CPU to load, compile and index");
	for (size_t i = 0; i < n; i++)
		print_row(&list[i], list[i].load_ms);
	print_head("MB more than before, after matching");
	for (size_t i = 0; i < n; i++)
		print_row(&list[i], list[i].megabytes);
	printf("\n%6s  %9s  %8s  %22s  %22s  %s\n", "rules", "messages",
	       "matches", "PCRE2 / answerd", "RE2::Set / answerd",
	       "the same matches");
	for (size_t i = 0; i < n; i++) {
		const struct result *r = &list[i];
		double matching = r->us[OURS] - r->us[NORMALISE];

		printf("%6zu  %9zu  %8" PRIu64, r->rules, r->messages, r->hits);
		printf("  %8.1f (%8.1f)   %8.1f (%8.1f)   %s\n",
		       r->us[PCRE2] / r->us[OURS], r->us[PCRE2] / matching,
		       r->us[RE2] / r->us[OURS], r->us[RE2] / matching,
		       r->same ? "yes" : "NO");
	}
	printf("(in brackets: of matching alone, without normalising)\n");
}

static void target(const char *what, double value, double limit,
		   const char *unit)
{
	printf("  %-52s %9.1f %s, at most %.0f: %s\n", what, value, unit, limit,
	       value <= limit ? "reached" : "MISSED");
}

static void ratio_target(const char *what, double value, double least)
{
	printf("  %-52s 1/%.0f, at most 1/%.0f: %s\n", what, value, least,
	       value >= least ? "reached" : "MISSED");
}

static void print_targets(const struct result *r)
{
	puts("\nTargets at 10,000 rules");
	ratio_target("of PCRE2 in turn, the whole way",
		     r->us[PCRE2] / r->us[OURS], 300);
	ratio_target("of RE2::Set, the whole way", r->us[RE2] / r->us[OURS],
		     40);
	target("loaded, compiled and indexed", r->load_ms[OURS], 1000, "ms");
	target("memory", r->megabytes[OURS], 100, "MB");
}

static void add_json(const struct result *r, struct buf *out)
{
	buf_addf(out, "{\"rules\":%zu,\"messages\":%zu,\"same\":%s", r->rules,
		 r->messages, r->same ? "true" : "false");
	for (size_t k = 0; k < CONTENDERS; k++) {
		if (r->there[k])
			buf_addf(out,
				 ",\"%s\":{\"us\":%.3f,\"again_us\":%.3f,"
				 "\"load_ms\":%.1f,\"mb\":%.1f}",
				 contenders[k]->name, r->us[k], r->again_us[k],
				 r->load_ms[k], r->megabytes[k]);
	}
	buf_add_c(out, '}');
}

static bool write_json(const char *path, const struct buf *json)
{
	FILE *f = fopen(path, "w");
	bool ok = f != NULL && fwrite(json->data, 1, json->len, f) == json->len;

	if (f != NULL && fclose(f) != 0)
		ok = false;
	if (!ok)
		printf("%s: %s\n", path, strerror(errno));
	return ok;
}

/* bench-match JSON RULES DATA: where the figures go, the shipped rules, and
 * where there may be real sentences. */
int main(int argc, char **argv)
{
	struct result results[ARRAY_LEN(sizes)];
	struct buf json = BUF_INIT;
	bool ok = true;

	if (argc != 4) {
		fprintf(stderr, "usage: bench-match JSON RULES DATA\n");
		return 64;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	buf_add_s(&json, "{\"generated\":[");
	for (size_t i = 0; ok && i < ARRAY_LEN(sizes); i++) {
		ok = measure(sizes[i], &results[i]);
		if (i > 0)
			buf_add_c(&json, ',');
		add_json(&results[i], &json);
		ok = ok && results[i].same;
	}
	buf_add_s(&json, "]");
	if (ok) {
		print_tables(results, ARRAY_LEN(sizes));
		print_targets(&results[ARRAY_LEN(sizes) - 1]);
	}
	ok = shipped_bench(argv[2], argv[3], &json) && ok;
	buf_add_s(&json, "}\n");
	ok = write_json(argv[1], &json) && ok;
	buf_fini(&json);
	return ok ? 0 : 1;
}
