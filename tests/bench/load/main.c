/* The load generator's clock and its report:
 *
 *   load [--name=value …] PORT      one JSON object on standard output
 *
 * First all connections are made, then a share of the messages warms up, then
 * the rest is counted: how long, what the server's processors did meanwhile
 * (its own CPU clock), and how late acks, answers and receipts came. Progress
 * goes to standard error where that is a terminal. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define HANDSHAKES 512 /* begun and not ready, at one time */
#define EVENTS     512
#define WAIT_NS    INT64_C(20000000)
#define STALLED_NS                                                             \
	INT64_C(20000000000) /* nothing done for so long: give up              \
			      */
#define PROGRESS_NS INT64_C(200000000)

struct options {
	size_t connections, talking;
	uint64_t messages, warm;
	double rate;   /* a second in all; 0: each says the next when done */
	double idle_s; /* after connecting; for announcements too */
	pid_t pid;
};

struct run {
	struct load load;
	struct options options;
	struct shopper *shoppers;
	int64_t progress_ns, moved_ns;
	uint64_t moved_done;
};

/* -- measuring ------------------------------------------------------------- */

static int64_t cpu_ns(pid_t pid)
{
	clockid_t clock;
	struct timespec used;

	if (pid == 0 || clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &used) != 0)
		return 0;
	return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

/* Resident pages of the server, in kB. */
static long resident_kb(pid_t pid)
{
	char path[64], line[256];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = pid == 0 ? NULL : fopen(path, "r");
	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	fclose(f);
	return kb;
}

static void progress(struct run *run, const char *what, double done, double of)
{
	int64_t now = load_now_ns();

	if (!isatty(STDERR_FILENO) || now - run->progress_ns < PROGRESS_NS)
		return;
	run->progress_ns = now;
	fprintf(stderr, "\r%-12s %3.0f %%\033[K", what,
		of > 0 ? 100 * done / of : 100);
}

/* -- turning --------------------------------------------------------------- */

typedef void done_fn(struct run *run, struct shopper *s, unsigned done);

static void turn(struct run *run, int64_t wait_ns, done_fn *fn)
{
	struct timespec wait = {wait_ns / 1000000000, wait_ns % 1000000000};
	struct epoll_event events[EVENTS];
	int n = epoll_pwait2(run->load.epoll, events, EVENTS, &wait, NULL);

	for (int i = 0; i < n; i++) {
		struct shopper *s = events[i].data.ptr;
		unsigned done = shopper_on_event(s, events[i].events);

		if (fn != NULL && done > 0)
			fn(run, s, done);
	}
}

/* Nothing moves any more, or nobody is left. */
static bool is_stalled(struct run *run, uint64_t done)
{
	int64_t now = load_now_ns();

	if (done != run->moved_done || run->moved_ns == 0) {
		run->moved_done = done;
		run->moved_ns = now;
	}
	if (now - run->moved_ns < STALLED_NS &&
	    run->load.gone < run->options.connections)
		return false;
	if (run->load.trouble[0] == '\0')
		snprintf(run->load.trouble, sizeof(run->load.trouble),
			 "the server stalled");
	return true;
}

static void connect_all(struct run *run)
{
	struct load *load = &run->load;
	size_t all = run->options.connections, begun = 0;

	run->moved_ns = 0;
	while (load->ready + load->gone < all &&
	       !is_stalled(run, load->ready)) {
		while (begun < all &&
		       begun - load->ready - load->gone < HANDSHAKES) {
			if (!shopper_start(&run->shoppers[begun], load)) {
				snprintf(load->trouble, sizeof(load->trouble),
					 "connect: %s", strerror(errno));
				return;
			}
			begun++;
		}
		turn(run, WAIT_NS, NULL);
		progress(run, "connecting", (double)load->ready, (double)all);
	}
}

/* -- talking --------------------------------------------------------------- */

static void say_next(struct run *run, struct shopper *s, unsigned done)
{
	(void)done;
	if (run->load.sent < run->options.messages)
		shopper_say(s, load_now_ns());
}

static void ping_pong(struct run *run, uint64_t until)
{
	struct load *load = &run->load;

	run->options.messages = until;
	for (size_t i = 0; i < run->options.talking && load->sent < until; i++)
		if (run->shoppers[i].outstanding == 0)
			shopper_say(&run->shoppers[i], load_now_ns());
	run->moved_ns = 0;
	while (load->done < until && !is_stalled(run, load->done)) {
		turn(run, WAIT_NS, say_next);
		progress(run, "talking", (double)load->done, (double)until);
	}
}

/* Each message when it is due, spread evenly over time and shoppers. */
static void paced(struct run *run, uint64_t until)
{
	struct load *load = &run->load;
	double gap_ns = 1e9 / run->options.rate;
	int64_t start = load_now_ns();
	uint64_t from = load->sent, skipped = 0;
	int64_t wait_ns = 0;

	run->moved_ns = 0;
	while (load->done + skipped < until && !is_stalled(run, load->done)) {
		while (load->sent + skipped < until) {
			uint64_t k = load->sent + skipped - from;
			int64_t due = start + (int64_t)((double)k * gap_ns);

			wait_ns = due - load_now_ns();
			if (wait_ns > 0)
				break;
			if (!shopper_say(
				    &run->shoppers[k % run->options.talking],
				    due)) {
				skipped++;
				load->errors++;
			}
		}
		turn(run, wait_ns > 0 && wait_ns < WAIT_NS ? wait_ns : WAIT_NS,
		     NULL);
		progress(run, "talking", (double)load->done, (double)until);
	}
}

static void talk(struct run *run, uint64_t until)
{
	if (run->options.rate > 0)
		paced(run, until);
	else
		ping_pong(run, until);
}

/* Idle, but for what the server says by itself; not longer than until all
 * have heard an announcement. */
static void idle(struct run *run)
{
	int64_t until = load_now_ns() + (int64_t)(run->options.idle_s * 1e9);

	while (load_now_ns() < until &&
	       run->load.announced < run->options.connections)
		turn(run, WAIT_NS, NULL);
}

/* -- the report ------------------------------------------------------------ */

static void measure(struct run *run)
{
	struct load *load = &run->load;
	pid_t pid = run->options.pid;
	uint64_t all = run->options.warm + run->options.messages, done;
	long kb = resident_kb(pid), connected_kb;
	int64_t began = load_now_ns(), cpu = cpu_ns(pid), connect_ns, used;

	connect_all(run);
	connect_ns = load_now_ns() - began;
	printf("{\"connections\":%zu,\"talking\":%zu,\"connect_s\":%.3f,"
	       "\"connect_cpu_us\":%.2f,",
	       load->ready, run->options.talking, (double)connect_ns / 1e9,
	       (double)(cpu_ns(pid) - cpu) / 1e3 /
		       (double)run->options.connections);
	/* Tells who started us that all are there. */
	fprintf(stderr, "ready\n");
	cpu = cpu_ns(pid);
	idle(run);
	used = cpu_ns(pid) - cpu;
	connected_kb = resident_kb(pid);
	if (load->announced > 0)
		printf("\"announced\":%llu,\"announce_ms\":%.2f,"
		       "\"announce_cpu_us\":%.2f,",
		       (unsigned long long)load->announced,
		       (double)(load->last_announced_ns -
				load->first_announced_ns) /
			       1e6,
		       (double)used / 1e3 / (double)load->announced);
	if (run->options.warm > 0)
		talk(run, run->options.warm);
	load->counting = true;
	done = load->done;
	began = load_now_ns();
	cpu = cpu_ns(pid);
	if (all > run->options.warm)
		talk(run, all);
	used = cpu_ns(pid) - cpu;
	done = load->done - done;
	printf("\"rss_before_kb\":%ld,\"rss_connected_kb\":%ld,"
	       "\"messages\":%llu,\"seconds\":%.3f,\"cpu_us\":%.3f,",
	       kb, connected_kb, (unsigned long long)done,
	       (double)(load_now_ns() - began) / 1e9,
	       done == 0 ? 0 : (double)used / 1e3 / (double)done);
	histogram_print(&load->ack, "ack_us", stdout);
	printf(",");
	histogram_print(&load->answer, "answer_us", stdout);
	printf(",");
	histogram_print(&load->stored_times, "stored_us", stdout);
	printf(",\"errors\":%llu,\"lost\":%zu}\n",
	       (unsigned long long)load->errors, load->gone);
}

/* -- arguments ------------------------------------------------------------- */

/* One sentence a line; no quotes or backslashes, as they go into JSON. */
static bool read_sentences(struct sentences *out, const char *path)
{
	char line[512];
	FILE *f = fopen(path, "r");

	if (f == NULL) {
		fprintf(stderr, "load: %s: %s\n", path, strerror(errno));
		return false;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || strpbrk(line, "\"\\") != NULL)
			continue;
		out->list = realloc(out->list,
				    (out->count + 1) * sizeof(*out->list));
		if (out->list == NULL)
			abort();
		out->list[out->count] = strdup(line);
		if (out->list[out->count++] == NULL)
			abort();
	}
	fclose(f);
	if (out->count == 0)
		fprintf(stderr, "load: %s: no sentences\n", path);
	return out->count > 0;
}

static bool take_option(struct run *run, int option, const char *value)
{
	struct options *o = &run->options;

	switch (option) {
	case 'c':
		o->connections = strtoul(value, NULL, 10);
		return o->connections > 0;
	case 't':
		o->talking = strtoul(value, NULL, 10);
		return true;
	case 'm':
		o->messages = strtoull(value, NULL, 10);
		return true;
	case 'w':
		o->warm = strtoull(value, NULL, 10);
		return true;
	case 'r':
		o->rate = strtod(value, NULL);
		return o->rate >= 0;
	case 'i':
		o->idle_s = strtod(value, NULL);
		return true;
	case 'p':
		o->pid = (pid_t)strtol(value, NULL, 10);
		return true;
	case 'e':
		run->load.plain = true;
		return true;
	case 'd':
		run->load.stored = true;
		return true;
	case 's':
		return read_sentences(&run->load.sentences, value);
	default:
		return false;
	}
}

static bool take_arguments(struct run *run, int argc, char **argv)
{
	static const struct option names[] = {{"connections", 1, NULL, 'c'},
					      {"talking", 1, NULL, 't'},
					      {"messages", 1, NULL, 'm'},
					      {"warm", 1, NULL, 'w'},
					      {"rate", 1, NULL, 'r'},
					      {"idle", 1, NULL, 'i'},
					      {"pid", 1, NULL, 'p'},
					      {"echo", 0, NULL, 'e'},
					      {"stored", 0, NULL, 'd'},
					      {"sentences", 1, NULL, 's'},
					      {NULL, 0, NULL, 0}};
	struct options *o = &run->options;
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		if (!take_option(run, option, optarg))
			return false;
	if (o->talking == 0 || o->talking > o->connections)
		o->talking = o->connections;
	if (optind + 1 != argc || run->load.sentences.count == 0)
		return false;
	run->load.port = (unsigned)strtoul(argv[optind], NULL, 10);
	return run->load.port > 0 && run->load.port < 65536;
}

/* A descriptor a shopper. */
static void want_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	static struct run run = {.options = {.connections = 100}};
	bool whole;

	if (!take_arguments(&run, argc, argv)) {
		fprintf(stderr,
			"usage: load --sentences=FILE [--connections=N]\n"
			"  [--talking=N] [--messages=N] [--warm=N] [--rate=R]\n"
			"  [--idle=S] [--pid=PID] [--echo] [--stored] PORT\n");
		return 64;
	}
	want_descriptors();
	run.load.epoll = epoll_create1(EPOLL_CLOEXEC);
	run.shoppers = calloc(run.options.connections, sizeof(*run.shoppers));
	if (run.load.epoll < 0 || run.shoppers == NULL)
		abort();
	measure(&run);
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	whole = run.load.errors == 0 && run.load.trouble[0] == '\0';
	if (!whole)
		fprintf(stderr, "load: %llu errors; first: %s\n",
			(unsigned long long)run.load.errors, run.load.trouble);
	return whole ? 0 : 1;
}
