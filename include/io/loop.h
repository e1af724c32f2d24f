/* The event loop: a thin layer over libuv. Timers, deferred calls, signals,
 * the worker pool, directory watches and the two clocks. Everything here runs
 * on the one loop thread, but for the work function of loop_work(). It knows
 * nothing of what the timers and calls are for. */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct loop;
struct timer;
struct watch;
struct waker;
struct uv_loop_s; /* libuv's uv_loop_t */

struct loop *loop_new(void);
/* Not while it runs. Everything that was made on it has been freed before;
 * it waits for work of loop_work() still under way (whose `done` runs), for
 * lookups of names and for libuv to let go of closed handles. */
void loop_free(struct loop **loop);
/* Returns after loop_stop(), or when nothing is left that could happen. */
void loop_run(struct loop *loop);
/* Ends loop_run() after this turn; may be called from any callback. */
void loop_stop(struct loop *loop);
/* One turn that does not block longer than until the next event; with
 * `wait` false not at all. For tests and for shutting down. */
void loop_turn(struct loop *loop, bool wait);
/* The longest that a turn has kept the loop from what came meanwhile, waiting
 * not counted, since this was last asked; to a millisecond or two. */
int64_t loop_longest_turn_ms(struct loop *loop);
/* The calling thread runs soon after it is woken, however busy the machine is
 * with other processes: it asks for short slices of time (sched_setattr(2)),
 * and gets no more of it in all. Threads that it starts are as any other.
 * False, and all is as it was: the kernel does not know them (before Linux
 * 6.12), or does not allow the call. */
bool loop_take_short_slices(void);
/* For adapters of other libraries (hiredis, libcurl, libwebsockets). */
struct uv_loop_s *loop_uv(struct loop *loop);

/* Monotonic, as of the start of this turn (cheap; may lag by the turn). */
int64_t loop_now_ms(const struct loop *loop);
/* Monotonic, read from the system now. */
int64_t loop_now_us(void);
/* Time as it is now: for who has been away from the loop for long, so that a
 * timer does not start in the past. Outside of a turn only. */
void loop_catch_up(struct loop *loop);
/* Milliseconds since the Unix epoch, UTC, read from the system now. */
int64_t loop_wall_ms(void);
/* Seconds that the local clock (TZ) is ahead of UTC at that moment. */
int loop_local_offset_s(int64_t ms);

/* Timers. `fired` never runs before timer_start() has returned; in it the
 * timer may be started again, stopped or freed. */
typedef void timer_fn(void *arg);
struct timer *timer_new(struct loop *loop, timer_fn *fired, void *arg);
void timer_free(struct timer **timer); /* NULL is fine; stops it */
/* Once after `after_ms` (0: in the next turn), and then every `repeat_ms`
 * (0: no more). Starting a running timer sets it anew. */
void timer_start(struct timer *timer, int64_t after_ms, int64_t repeat_ms);
void timer_stop(struct timer *timer);
bool timer_is_running(const struct timer *timer);
/* A timer that alone does not keep loop_run() from returning. */
void timer_unref(struct timer *timer);

/* A call at the end of this loop turn: after the callbacks of this turn have
 * run and before the loop blocks again. The struct lives in its owner, who
 * cancels it before he goes; queueing a queued one changes nothing. Run in
 * the order queued; what a call queues runs in the same turn, up to a bound. */
struct deferred {
	void (*call)(void *arg);
	void *arg;
	struct deferred *next, **prev; /* private; NULL: not queued */
};
void loop_defer(struct loop *loop, struct deferred *d);
void loop_undefer(struct loop *loop, struct deferred *d);
static inline bool loop_is_deferred(const struct deferred *d)
{
	return d->prev != NULL;
}

/* `handler` on the loop, not in signal context. One handler a signal; NULL
 * takes it away. Does not keep loop_run() from returning. */
typedef void signal_fn(void *arg, int signum);
void loop_on_signal(struct loop *loop, int signum, signal_fn *handler,
		    void *arg);

/* Runs `work` in a pool thread, then `done` on the loop, exactly once each.
 * `work` touches nothing that another thread may touch. */
void loop_work(struct loop *loop, void (*work)(void *arg),
	       void (*done)(void *arg), void *arg);

/* How another thread gets the loop's attention: `woken` runs on the loop soon
 * after waker_wake(), once for any number of calls before it. The thread must
 * be gone before waker_free(). */
typedef void waker_fn(void *arg);
struct waker *waker_new(struct loop *loop, waker_fn *woken, void *arg);
void waker_wake(struct waker *waker); /* from any thread */
void waker_free(struct waker **waker);

/* Calls `changed` 200 ms after the last of a burst of changes to files in
 * `dir` or in its subdirectories (those made later included), and at the
 * latest 2 s after the first. Watches directories, so a file replaced by
 * rename is seen. NULL and a reason in `why` if `dir` cannot be watched; a
 * `dir` that goes away is looked for again every second. */
typedef void watch_fn(void *arg);
struct watch *loop_watch_dir(struct loop *loop, const char *dir,
			     watch_fn *changed, void *arg, struct buf *why);
void watch_free(struct watch **watch);

#endif
