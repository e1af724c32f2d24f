/* The event loop over libuv: timers, deferred calls, signals, the worker pool
 * and the clocks. It sits under everything that waits; directory watches are
 * in watch.c. It decides nothing and logs nothing. */
#include "io/loop.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include <uv.h>

#include "base/mem.h"

/* What a deferred call queues runs in the same turn, but no further than
 * this; then I/O has its turn (without blocking). */
#define DEFER_PASSES 8

struct signal_slot {
	uv_signal_t uv;
	signal_fn *handler;
	void *arg;
	struct signal_slot *next;
};

struct loop {
	uv_loop_t uv;
	uv_prepare_t before_wait;
	uv_check_t after_wait;
	uv_idle_t no_wait; /* runs while deferred calls are queued */
	struct deferred *first;
	struct deferred **last;
	struct signal_slot *signals;
	unsigned works;      /* of loop_work(), not done */
	uint64_t woken_ms;   /* the last wait's end; 0: none so far */
	uint64_t longest_ms; /* turn */
};

struct timer {
	uv_timer_t uv;
	timer_fn *fired;
	void *arg;
};

struct work {
	uv_work_t uv;
	struct loop *loop;
	void (*work)(void *arg);
	void (*done)(void *arg);
	void *arg;
};

static void free_handle(uv_handle_t *handle)
{
	free(handle->data);
}

/* -- deferred calls -------------------------------------------------------- */

static void unlink_deferred(struct loop *loop, struct deferred *d)
{
	*d->prev = d->next;
	if (d->next != NULL)
		d->next->prev = d->prev;
	else
		loop->last = d->prev;
	d->next = NULL;
	d->prev = NULL;
}

static void append_deferred(struct loop *loop, struct deferred *d)
{
	d->next = NULL;
	d->prev = loop->last;
	*loop->last = d;
	loop->last = &d->next;
}

/* Runs those queued by now: a mark at the end of the queue says where "now"
 * is, whatever the calls queue or cancel meanwhile. */
static void run_pass(struct loop *loop)
{
	struct deferred mark = {NULL, NULL, NULL, NULL};

	append_deferred(loop, &mark);
	while (loop->first != &mark) {
		struct deferred *d = loop->first;

		unlink_deferred(loop, d);
		d->call(d->arg);
	}
	unlink_deferred(loop, &mark);
}

static void run_deferred(struct loop *loop)
{
	int i;

	for (i = 0; i < DEFER_PASSES && loop->first != NULL; i++)
		run_pass(loop);
	if (loop->first == NULL)
		uv_idle_stop(&loop->no_wait);
}

/* From the end of a wait, which is what libuv's clock stands at while what has
 * come is looked after, to the next. */
static void time_turn(struct loop *loop)
{
	uint64_t busy_ms = uv_hrtime() / 1000000 - loop->woken_ms;

	if (loop->woken_ms != 0 && busy_ms > loop->longest_ms)
		loop->longest_ms = busy_ms;
}

int64_t loop_longest_turn_ms(struct loop *loop)
{
	uint64_t longest = loop->longest_ms;

	loop->longest_ms = 0;
	return (int64_t)longest;
}

static void on_before_wait(uv_prepare_t *handle)
{
	run_deferred(handle->data);
	time_turn(handle->data);
}

static void on_after_wait(uv_check_t *handle)
{
	struct loop *loop = handle->data;

	loop->woken_ms = uv_now(&loop->uv);
	run_deferred(loop);
}

/* Its being active is what matters: the loop then does not block. */
static void on_no_wait(uv_idle_t *handle)
{
	(void)handle;
}

void loop_defer(struct loop *loop, struct deferred *d)
{
	if (d->prev != NULL)
		return;
	append_deferred(loop, d);
	uv_idle_start(&loop->no_wait, on_no_wait);
}

void loop_undefer(struct loop *loop, struct deferred *d)
{
	if (d->prev != NULL)
		unlink_deferred(loop, d);
}

/* -- the loop -------------------------------------------------------------- */

struct loop *loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));
	int error = uv_loop_init(&loop->uv);

	assert(error == 0); /* no epoll, no descriptors: nothing can run */
	(void)error;
	loop->last = &loop->first;
	uv_prepare_init(&loop->uv, &loop->before_wait);
	uv_check_init(&loop->uv, &loop->after_wait);
	uv_idle_init(&loop->uv, &loop->no_wait);
	loop->before_wait.data = loop;
	loop->after_wait.data = loop;
	uv_prepare_start(&loop->before_wait, on_before_wait);
	uv_check_start(&loop->after_wait, on_after_wait);
	uv_unref((uv_handle_t *)&loop->before_wait);
	uv_unref((uv_handle_t *)&loop->after_wait);
	return loop;
}

static void close_signals(struct loop *loop)
{
	while (loop->signals != NULL) {
		struct signal_slot *slot = loop->signals;

		loop->signals = slot->next;
		uv_close((uv_handle_t *)&slot->uv, free_handle);
	}
}

static void note_open(uv_handle_t *handle, void *is_open)
{
	if (!uv_is_closing(handle))
		*(bool *)is_open = true;
}

/* Only closed handles are left, and what threads are at: that is waited for,
 * as libuv gives up no lookup of a name that has begun. */
static bool is_closing(struct loop *loop)
{
	bool is_open = false;

	uv_walk(&loop->uv, note_open, &is_open);
	return !is_open && uv_loop_alive(&loop->uv);
}

void loop_free(struct loop **loopp)
{
	struct loop *loop = *loopp;
	int error;

	if (loop == NULL)
		return;
	close_signals(loop);
	while (loop->works > 0)
		uv_run(&loop->uv, UV_RUN_ONCE);
	run_deferred(loop);
	uv_close((uv_handle_t *)&loop->before_wait, NULL);
	uv_close((uv_handle_t *)&loop->after_wait, NULL);
	uv_close((uv_handle_t *)&loop->no_wait, NULL);
	while (is_closing(loop))
		uv_run(&loop->uv, UV_RUN_ONCE);
	error = uv_loop_close(&loop->uv);
	assert(error == 0); /* somebody did not free what he made */
	(void)error;
	free(loop);
	*loopp = NULL;
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

void loop_turn(struct loop *loop, bool wait)
{
	uv_run(&loop->uv, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
	return &loop->uv;
}

int64_t loop_now_ms(const struct loop *loop)
{
	return (int64_t)uv_now(&loop->uv);
}

int64_t loop_now_us(void)
{
	return (int64_t)(uv_hrtime() / 1000);
}

void loop_catch_up(struct loop *loop)
{
	uv_update_time(&loop->uv);
}

int64_t loop_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int loop_local_offset_s(int64_t ms)
{
	time_t at = (time_t)(ms / 1000);
	struct tm tm;

	localtime_r(&at, &tm);
	return (int)tm.tm_gmtoff;
}

/* -- timers ---------------------------------------------------------------- */

static void on_timer(uv_timer_t *handle)
{
	struct timer *timer = handle->data;

	timer->fired(timer->arg);
}

struct timer *timer_new(struct loop *loop, timer_fn *fired, void *arg)
{
	struct timer *timer = xcalloc(1, sizeof(*timer));

	uv_timer_init(&loop->uv, &timer->uv);
	timer->uv.data = timer;
	timer->fired = fired;
	timer->arg = arg;
	return timer;
}

void timer_free(struct timer **timer)
{
	if (*timer == NULL)
		return;
	uv_timer_stop(&(*timer)->uv);
	uv_close((uv_handle_t *)&(*timer)->uv, free_handle);
	*timer = NULL;
}

void timer_start(struct timer *timer, int64_t after_ms, int64_t repeat_ms)
{
	assert(after_ms >= 0 && repeat_ms >= 0);
	uv_timer_start(&timer->uv, on_timer, (uint64_t)after_ms,
		       (uint64_t)repeat_ms);
}

void timer_stop(struct timer *timer)
{
	uv_timer_stop(&timer->uv);
}

bool timer_is_running(const struct timer *timer)
{
	return uv_is_active((const uv_handle_t *)&timer->uv) != 0;
}

void timer_unref(struct timer *timer)
{
	uv_unref((uv_handle_t *)&timer->uv);
}

/* -- signals --------------------------------------------------------------- */

static void on_signal(uv_signal_t *handle, int signum)
{
	struct signal_slot *slot = handle->data;

	slot->handler(slot->arg, signum);
}

static void drop_signal(struct loop *loop, int signum)
{
	struct signal_slot **at = &loop->signals;
	struct signal_slot *slot;

	while (*at != NULL && (*at)->uv.signum != signum)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	slot = *at;
	*at = slot->next;
	uv_close((uv_handle_t *)&slot->uv, free_handle);
}

void loop_on_signal(struct loop *loop, int signum, signal_fn *handler,
		    void *arg)
{
	struct signal_slot *slot;
	int error;

	drop_signal(loop, signum);
	if (handler == NULL)
		return;
	slot = xcalloc(1, sizeof(*slot));
	uv_signal_init(&loop->uv, &slot->uv);
	slot->uv.data = slot;
	slot->handler = handler;
	slot->arg = arg;
	error = uv_signal_start(&slot->uv, on_signal, signum);
	assert(error == 0); /* no such signal, or one that cannot be caught */
	(void)error;
	uv_unref((uv_handle_t *)&slot->uv);
	slot->next = loop->signals;
	loop->signals = slot;
}

/* -- the worker pool ------------------------------------------------------- */

static void on_work(uv_work_t *request)
{
	struct work *work = request->data;

	work->work(work->arg);
}

static void on_work_done(uv_work_t *request, int status)
{
	struct work *work = request->data;

	(void)status; /* nothing here cancels work */
	work->loop->works--;
	work->done(work->arg);
	free(work);
}

void loop_work(struct loop *loop, void (*work)(void *arg),
	       void (*done)(void *arg), void *arg)
{
	struct work *w = xcalloc(1, sizeof(*w));
	int error;

	w->uv.data = w;
	w->loop = loop;
	w->work = work;
	w->done = done;
	w->arg = arg;
	loop->works++;
	error = uv_queue_work(&loop->uv, &w->uv, on_work, on_work_done);
	assert(error == 0);
	(void)error;
}
