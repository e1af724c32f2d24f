/* The loop: timers, deferred calls, signals, work, and directory watches. The
 * watch is the one thing here that has to wait for the clock. */
#include "io/loop.h"

#include <linux/sched/types.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static struct loop *loop;
static int count;
static char order[64];

static void add(char c)
{
	size_t n = strlen(order);

	if (n + 1 < sizeof(order))
		order[n] = c;
}

static void begin(void)
{
	loop = loop_new();
	count = 0;
	memset(order, 0, sizeof(order));
}

static void end(void)
{
	loop_free(&loop);
	CHECK(loop == NULL);
}

static void add_a(void *arg)
{
	(void)arg;
	add('a');
}

static void add_b(void *arg)
{
	(void)arg;
	add('b');
}

static void a_loop_with_nothing_to_do_returns(void)
{
	begin();
	loop_run(loop);
	loop_turn(loop, false);
	loop_turn(loop, true);
	end();
}

static void spend(void *arg)
{
	int64_t until_us = loop_now_us() + 20000;

	(void)arg;
	while (loop_now_us() < until_us)
		;
	loop_stop(loop);
}

static void the_longest_turn_is_known(void)
{
	struct timer *timer;

	begin();
	loop_turn(loop, false); /* turns count from the first wait on */
	timer = timer_new(loop, spend, NULL);
	timer_start(timer, 1, 0);
	loop_run(loop);
	loop_turn(loop, false);
	CHECK(loop_longest_turn_ms(loop) >= 18);
	CHECK(loop_longest_turn_ms(loop) == 0);
	timer_free(&timer);
	end();
}

static void timers_fire_in_order_and_once(void)
{
	struct timer *a, *b;

	begin();
	a = timer_new(loop, add_a, NULL);
	b = timer_new(loop, add_b, NULL);
	timer_start(b, 20, 0);
	timer_start(a, 5, 0);
	CHECK(timer_is_running(a));
	loop_run(loop);
	CHECK_STR(order, "ab");
	CHECK(!timer_is_running(a));
	timer_free(&a);
	timer_free(&b);
	timer_free(&b);
	end();
}

static struct timer *ticker;

static void tick(void *arg)
{
	(void)arg;
	if (++count == 3)
		timer_free(&ticker);
}

static void a_repeating_timer_may_be_freed_in_its_own_call(void)
{
	begin();
	ticker = timer_new(loop, tick, NULL);
	timer_start(ticker, 0, 1);
	loop_run(loop);
	CHECK(count == 3);
	CHECK(ticker == NULL);
	end();
}

static void a_stopped_timer_does_not_fire(void)
{
	struct timer *a;

	begin();
	a = timer_new(loop, add_a, NULL);
	timer_start(a, 1, 0);
	timer_stop(a);
	loop_run(loop);
	CHECK_STR(order, "");
	timer_free(&a);
	end();
}

static void an_unreferenced_timer_holds_nobody_up(void)
{
	struct timer *a;

	begin();
	a = timer_new(loop, add_a, NULL);
	timer_unref(a);
	timer_start(a, 100000, 0);
	loop_run(loop);
	CHECK(timer_is_running(a));
	timer_free(&a);
	end();
}

static void deferred_calls_run_once_in_order_before_the_loop_blocks(void)
{
	struct deferred a = {add_a, NULL, NULL, NULL};
	struct deferred b = {add_b, NULL, NULL, NULL};
	struct timer *far;

	begin();
	far = timer_new(loop, add_a, NULL);
	timer_start(far, 100000, 0);
	loop_defer(loop, &b);
	loop_defer(loop, &a);
	loop_defer(loop, &b);
	CHECK_STR(order, "");
	loop_turn(loop, true); /* would block for 100 s otherwise */
	CHECK_STR(order, "ba");
	loop_turn(loop, false);
	CHECK_STR(order, "ba");
	timer_free(&far);
	end();
}

static void a_cancelled_deferred_call_does_not_run(void)
{
	struct deferred a = {add_a, NULL, NULL, NULL};
	struct deferred b = {add_b, NULL, NULL, NULL};

	begin();
	loop_defer(loop, &a);
	loop_defer(loop, &b);
	loop_undefer(loop, &a);
	loop_undefer(loop, &a);
	loop_run(loop);
	CHECK_STR(order, "b");
	loop_defer(loop, &a); /* and may be queued again */
	loop_run(loop);
	CHECK_STR(order, "ba");
	end();
}

static struct deferred later;

static void defer_later(void *arg)
{
	(void)arg;
	add('d');
	loop_defer(loop, &later);
}

static void what_a_timer_defers_runs_in_the_same_turn(void)
{
	struct timer *timer;

	begin();
	later = (struct deferred){add_a, NULL, NULL, NULL};
	timer = timer_new(loop, defer_later, NULL);
	timer_start(timer, 0, 0);
	loop_turn(loop, false);
	loop_turn(loop, false);
	CHECK_STR(order, "da");
	timer_free(&timer);
	end();
}

static void what_a_deferred_call_defers_runs_too(void)
{
	struct deferred first = {defer_later, NULL, NULL, NULL};

	begin();
	later = (struct deferred){add_b, NULL, NULL, NULL};
	loop_defer(loop, &first);
	loop_turn(loop, false);
	CHECK_STR(order, "db");
	end();
}

static struct deferred forever;

static void defer_forever(void *arg)
{
	(void)arg;
	count++;
	loop_defer(loop, &forever);
}

static void a_call_that_defers_itself_for_ever_does_not_starve_timers(void)
{
	struct timer *timer;

	begin();
	forever = (struct deferred){defer_forever, NULL, NULL, NULL};
	loop_defer(loop, &forever);
	timer = timer_new(loop, add_a, NULL);
	timer_start(timer, 1, 0);
	while (order[0] == '\0')
		loop_turn(loop, true);
	CHECK(count > 0);
	loop_undefer(loop, &forever);
	timer_free(&timer);
	end();
}

static void on_signal(void *arg, int signum)
{
	CHECK(arg == &count);
	CHECK(signum == SIGUSR1);
	count++;
	loop_stop(loop);
}

static void a_signal_reaches_its_handler_on_the_loop(void)
{
	struct timer *far;

	begin();
	far = timer_new(loop, add_a, NULL);
	timer_start(far, 100000, 0);
	loop_on_signal(loop, SIGUSR1, on_signal, &count);
	kill(getpid(), SIGUSR1);
	loop_run(loop);
	CHECK(count == 1);
	loop_on_signal(loop, SIGUSR1, NULL, NULL);
	timer_free(&far);
	end();
}

static void square(void *arg)
{
	int *n = arg;

	*n *= *n;
}

static void on_squared(void *arg)
{
	(void)arg;
	count++;
}

static void work_is_done_elsewhere_and_reported_here(void)
{
	int numbers[3] = {2, 3, 4};
	int i;

	begin();
	for (i = 0; i < 3; i++)
		loop_work(loop, square, on_squared, &numbers[i]);
	CHECK(count == 0);
	loop_run(loop);
	CHECK(count == 3);
	CHECK(numbers[0] == 4 && numbers[1] == 9 && numbers[2] == 16);
	end();
}

static void freeing_the_loop_waits_for_work(void)
{
	int number = 5;

	begin();
	loop_work(loop, square, on_squared, &number);
	end();
	CHECK(count == 1);
	CHECK(number == 25);
}

static void the_clocks_go_forward(void)
{
	int64_t us = loop_now_us();

	begin();
	CHECK(us > 0 && loop_now_us() >= us);
	CHECK(loop_now_ms(loop) > 0);
	CHECK(loop_wall_ms() > INT64_C(1600000000000));
	end();
}

/* -- watches --------------------------------------------------------------- */

static char root[] = "/tmp/answerd-test-watch-XXXXXX";
static int64_t changed_ms;

static void on_changed(void *arg)
{
	(void)arg;
	count++;
	changed_ms = loop_now_us() / 1000;
	loop_stop(loop);
}

static void on_time_out(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void run_for(int ms)
{
	struct timer *timer = timer_new(loop, on_time_out, NULL);

	timer_start(timer, ms, 0);
	loop_run(loop);
	timer_free(&timer);
}

static const char *in_root(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in_root(name), "w");

	CHECK(f != NULL);
	if (f == NULL)
		return;
	fputs(text, f);
	fclose(f);
}

/* Until the watch reports, at most `ms`; true if it did. */
static bool reported_within(int ms)
{
	int before = count;

	run_for(ms);
	return count == before + 1;
}

static void a_burst_of_changes_is_one_call_after_it(void)
{
	struct buf why = BUF_INIT;
	struct watch *watch;
	int64_t began_ms = loop_now_us() / 1000;
	int i;

	begin();
	watch = loop_watch_dir(loop, root, on_changed, NULL, &why);
	CHECK(watch != NULL);
	for (i = 0; i < 20; i++)
		put("a.yaml", "text");
	CHECK(reported_within(3000));
	CHECK(changed_ms - began_ms >= 190);
	CHECK(!reported_within(400));
	watch_free(&watch);
	watch_free(&watch);
	end();
	buf_fini(&why);
}

static void renames_and_new_directories_are_seen(void)
{
	struct buf why = BUF_INIT;
	struct watch *watch;
	char from[256];

	begin();
	watch = loop_watch_dir(loop, root, on_changed, NULL, &why);
	put("b.tmp", "new");
	CHECK(reported_within(3000));
	snprintf(from, sizeof(from), "%s", in_root("b.tmp"));
	CHECK(rename(from, in_root("a.yaml")) == 0);
	CHECK(reported_within(3000));
	CHECK(mkdir(in_root("sub"), 0700) == 0);
	CHECK(reported_within(3000));
	put("sub/c.yaml", "deep");
	CHECK(reported_within(3000));
	CHECK(unlink(in_root("sub/c.yaml")) == 0);
	CHECK(reported_within(3000));
	watch_free(&watch);
	end();
	buf_fini(&why);
}

static void a_tree_replaced_as_a_whole_is_seen_and_watched(void)
{
	struct buf why = BUF_INIT;
	char tree[256], old[256];
	struct watch *watch;

	begin();
	snprintf(tree, sizeof(tree), "%s", in_root("tree"));
	snprintf(old, sizeof(old), "%s", in_root("old"));
	CHECK(mkdir(tree, 0700) == 0);
	watch = loop_watch_dir(loop, tree, on_changed, NULL, &why);
	CHECK(rename(tree, old) == 0);
	CHECK(!reported_within(500)); /* it is away: nothing to read */
	CHECK(mkdir(tree, 0700) == 0);
	CHECK(reported_within(3000));
	put("tree/d.yaml", "in the new one");
	CHECK(reported_within(3000));
	watch_free(&watch);
	end();
	buf_fini(&why);
}

static void what_is_not_there_cannot_be_watched(void)
{
	struct buf why = BUF_INIT;

	begin();
	CHECK(loop_watch_dir(loop, in_root("none"), on_changed, NULL, &why) ==
	      NULL);
	CHECK(why.len > 0 && strstr(why.data, "none") != NULL);
	end();
	buf_fini(&why);
}

/* Nanoseconds; 0: the kernel does not say. */
static uint64_t slice_of_this_thread(void)
{
	struct sched_attr attr = {.size = sizeof(attr)};

	CHECK(syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0) == 0);
	return attr.sched_runtime;
}

/* What fork() makes has what a thread would have. */
static void short_slices_are_of_the_thread_that_takes_them(void)
{
	uint64_t before = slice_of_this_thread();
	pid_t child;
	int status = -1;

	if (loop_take_short_slices())
		CHECK(slice_of_this_thread() == 100000 && before != 100000);
	else
		CHECK(slice_of_this_thread() == before);
	child = fork();
	if (child == 0)
		_exit(slice_of_this_thread() == before ? 0 : 1);
	CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

int main(void)
{
	char command[300];

	RUN(a_loop_with_nothing_to_do_returns);
	RUN(the_longest_turn_is_known);
	RUN(timers_fire_in_order_and_once);
	RUN(a_repeating_timer_may_be_freed_in_its_own_call);
	RUN(a_stopped_timer_does_not_fire);
	RUN(an_unreferenced_timer_holds_nobody_up);
	RUN(deferred_calls_run_once_in_order_before_the_loop_blocks);
	RUN(a_cancelled_deferred_call_does_not_run);
	RUN(what_a_timer_defers_runs_in_the_same_turn);
	RUN(what_a_deferred_call_defers_runs_too);
	RUN(a_call_that_defers_itself_for_ever_does_not_starve_timers);
	RUN(a_signal_reaches_its_handler_on_the_loop);
	RUN(work_is_done_elsewhere_and_reported_here);
	RUN(freeing_the_loop_waits_for_work);
	RUN(the_clocks_go_forward);
	RUN(short_slices_are_of_the_thread_that_takes_them);
	if (mkdtemp(root) == NULL)
		return 1;
	RUN(a_burst_of_changes_is_one_call_after_it);
	RUN(renames_and_new_directories_are_seen);
	RUN(a_tree_replaced_as_a_whole_is_seen_and_watched);
	RUN(what_is_not_there_cannot_be_watched);
	snprintf(command, sizeof(command), "rm -r %s", root);
	if (system(command) != 0)
		return 1;
	return check_done("io/loop");
}
