/* The spool between the loop and its thread; see spool.h.
 *
 * 1. What a turn of the loop puts and removes is gathered in `turn`, and at the
 *    turn's end laid on the thread's desk (`inbox`) in one movement.
 * 2. The thread waits a moment, takes all that lies there and commits it as
 *    one. What comes meanwhile is the next commit: the slower the disk, the
 *    larger they are.
 * 3. After each it says how far it is, and knocks at the loop's door.
 * 4. A commit that fails is tried again until it succeeds, together with what
 *    has come since. The loop puts no more meanwhile, and lets go of what is
 *    held: that may be the room that it takes. What is asked is answered
 *    meanwhile, for Redis may have to have it before anything is let go.
 * 5. A row that is held stands in a list by the end of its time, on the
 *    monotonic clock: no jump of the wall clock lets it go early, nor gives up
 *    one that waits (spool_age.h). */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "spool_age.h"

#define PAGE_ROWS   500
#define RETRY_MS    500
#define TICK_MS     1000
#define GATHER_US   1000
#define EXPIRE_MS   (60 * 60 * 1000)
#define EXPIRE_ROWS 10000
#define CLOSE_TRIES 2
#define STUCK_MS    5000

struct held {
	uint64_t id;
	int64_t until_ms;
};

/* The rows that are held, by the end of their time: a ring. */
struct ring {
	struct held *items;
	size_t first, count, room;
};

struct question {
	bool asked;
	uint64_t after, upto;
};

struct answer {
	bool ready;
	struct buf bytes;       /* the rows', one behind the other */
	struct spool_row *rows; /* their bytes count from the start of it */
	size_t count, room;
	uint64_t after;
	size_t damaged;
};

struct spool {
	struct loop *loop;
	struct spool_ops ops;
	struct store_spool_options options; /* without `dir` */
	char *dir;
	struct spool_file *file; /* the thread's, once it runs */
	int lock;
	pthread_t thread;
	struct waker *waker;

	/* the thread's */
	struct spool_leaving leaving;

	/* the loop's */
	struct spool_batch turn;
	uint64_t last_id;
	uint64_t found_id; /* up to here of an earlier life */
	struct deferred flush;
	struct timer *tick;
	struct spool_age age;
	struct ring held;
	bool frozen;
	bool failing;
	bool stuck;
	spool_page_fn *page_fn;
	void *page_arg;

	/* of both, under the mutex */
	pthread_mutex_t mutex;
	pthread_cond_t work;
	struct spool_batch inbox;
	size_t committing;     /* bytes */
	int64_t busy_since_us; /* the disk was asked; 0: it has answered */
	bool stop, measure, expire;
	int64_t limit_ms; /* to `expire`: what is stamped below it */
	uint64_t committed;
	bool broken;
	char reason[200];
	struct question question;
	struct answer answer;
	struct store_spool_stats stats;
};

/* What the thread takes from its desk. */
struct job {
	struct spool_batch batch;
	struct question question;
	bool measure, expire, stop;
	int64_t limit_ms;
};

/* -- the thread: reading --------------------------------------------------- */

/* A question and what it is answered with; of the rows, those count that the
 * batch, as far as it could not be committed, does not remove. */
struct reading {
	struct question question;
	struct answer answer;
	const struct spool_batch *batch;
};

static void keep_row(void *arg, const struct spool_row *row)
{
	struct reading *r = arg;
	const struct spool_ids *removed = &r->batch->removed;
	struct answer *a = &r->answer;
	struct spool_row copy = *row;

	if (spool_ids_have(removed->list, removed->count, row->id))
		return;
	if (a->count == a->room) {
		a->room = a->room == 0 ? 64 : 2 * a->room;
		a->rows = xrealloc(a->rows, a->room * sizeof(*a->rows));
	}
	copy.bytes.p = NULL; /* set when all of them stand */
	a->rows[a->count++] = copy;
	buf_add_str(&a->bytes, row->bytes);
}

/* Rows that the file has not taken so far: they come behind all that it has. */
static void read_batch(struct reading *r)
{
	struct str rest = buf_str(&r->batch->records);
	struct spool_row row;

	while (r->answer.after == 0 && spool_record_peek(rest, &row)) {
		size_t n = spool_record_of(&row).n;

		rest.p += n;
		rest.n -= n;
		if (row.id <= r->question.after || row.id > r->question.upto)
			continue;
		keep_row(r, &row);
		if (r->answer.count >= PAGE_ROWS)
			r->answer.after = row.id;
	}
}

static void answer_question(struct spool *spool, struct job *job)
{
	struct reading r = {job->question, {.ready = true}, &job->batch};
	struct answer *a = &r.answer;

	spool_ids_sort(&job->batch.removed);
	a->after =
		spool_file_read(spool->file, r.question.after, r.question.upto,
				PAGE_ROWS, keep_row, &r, &a->damaged);
	read_batch(&r);
	job->question.asked = false;
	pthread_mutex_lock(&spool->mutex);
	spool->question.asked = false;
	spool->answer = *a;
	spool->stats.damaged += a->damaged;
	pthread_mutex_unlock(&spool->mutex);
	waker_wake(spool->waker);
}

/* -- the thread: writing --------------------------------------------------- */

/* The loop is told of rows that it put; that one has gone is no news. */
static void note_success(struct spool *spool, const struct spool_batch *batch,
			 int64_t took_us)
{
	struct store_spool_stats *stats = &spool->stats;
	bool news;

	pthread_mutex_lock(&spool->mutex);
	news = batch->last != 0 || spool->broken;
	if (batch->last != 0)
		spool->committed = batch->last;
	spool->broken = false;
	spool->committing = 0;
	stats->commits++;
	stats->rows_written += batch->rows;
	stats->commit_us += (uint64_t)took_us;
	pthread_mutex_unlock(&spool->mutex);
	if (news)
		waker_wake(spool->waker);
}

/* True: try again. */
static bool note_failure(struct spool *spool, struct str why, unsigned *closing)
{
	struct timespec until;
	bool again;

	pthread_mutex_lock(&spool->mutex);
	spool->broken = true;
	spool->busy_since_us = loop_now_us(); /* it has answered: no */
	spool->stats.errors++;
	str_copy(spool->reason, sizeof(spool->reason), why);
	waker_wake(spool->waker);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += RETRY_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	if (!spool->stop)
		pthread_cond_timedwait(&spool->work, &spool->mutex, &until);
	again = !spool->stop || ++*closing < CLOSE_TRIES;
	pthread_mutex_unlock(&spool->mutex);
	return again;
}

/* What has been released joins those that leave, in order. */
static void let_leave(struct spool *spool, struct spool_ids *released)
{
	struct spool_leaving *leaving = &spool->leaving;

	if (released->count == 0)
		return;
	for (size_t i = leaving->left; i < leaving->ids.count; i++)
		spool_ids_add(released, leaving->ids.list[i]);
	leaving->ids.count = leaving->left = 0;
	spool_ids_move(&leaving->ids, released);
	spool_ids_sort(&leaving->ids);
}

/* Takes what lies on the desk, behind what the job has. */
static void take(struct spool *spool, struct job *job)
{
	spool_batch_move(&job->batch, &spool->inbox);
	job->question = spool->question;
	spool->committing = spool_batch_bytes(&job->batch);
}

/* What has come meanwhile goes along: it may be what makes room. */
static void take_more(struct spool *spool, struct job *job)
{
	pthread_mutex_lock(&spool->mutex);
	take(spool, job);
	pthread_mutex_unlock(&spool->mutex);
}

/* `all` that is to go is to go now. */
static void commit(struct spool *spool, struct job *job, bool all)
{
	struct buf why = BUF_INIT;
	unsigned closing = 0;
	bool again = true;

	while (again) {
		int64_t began_us = loop_now_us();

		buf_clear(&why);
		spool_ids_sort(&job->batch.removed);
		let_leave(spool, &job->batch.released);
		if (spool_file_commit(spool->file, &job->batch, &spool->leaving,
				      all, &why)) {
			note_success(spool, &job->batch,
				     loop_now_us() - began_us);
			break;
		}
		all = true;
		again = note_failure(spool, buf_str(&why), &closing);
		take_more(spool, job);
		if (job->question.asked)
			answer_question(spool, job);
	}
	spool_batch_clear(&job->batch);
	buf_fini(&why);
}

static void measure(struct spool *spool)
{
	size_t bytes = spool_file_bytes(spool->file);

	pthread_mutex_lock(&spool->mutex);
	spool->stats.bytes = bytes;
	pthread_mutex_unlock(&spool->mutex);
}

static void expire(struct spool *spool, int64_t limit_ms)
{
	size_t n = spool_file_expire(spool->file, limit_ms, EXPIRE_ROWS);

	if (n > 0)
		log_error("spool=expired rows=%zu remedy=\"Redis was away for "
			  "longer than spool.max_age\"",
			  n);
}

/* Under load what comes in a moment is worth waiting for: a commit costs what
 * it costs, however much is in it. */
static void gather(struct spool *spool)
{
	const struct timespec moment = {0, GATHER_US * 1000L};

	pthread_mutex_unlock(&spool->mutex);
	nanosleep(&moment, NULL);
	pthread_mutex_lock(&spool->mutex);
}

static bool is_leaving(const struct spool *spool)
{
	return spool->leaving.left < spool->leaving.ids.count;
}

/* Waits for something to do. One that is to stop is the last: what the loop
 * had to say lies there. */
static void next_job(struct spool *spool, struct job *job)
{
	pthread_mutex_lock(&spool->mutex);
	while (spool_batch_is_empty(&spool->inbox) && !spool->stop &&
	       !spool->expire && !spool->question.asked && !is_leaving(spool))
		pthread_cond_wait(&spool->work, &spool->mutex);
	if (!spool->stop)
		gather(spool);
	take(spool, job);
	job->measure = spool->measure;
	job->expire = spool->expire;
	job->limit_ms = spool->limit_ms;
	job->stop = spool->stop;
	spool->measure = spool->expire = false;
	spool->busy_since_us = loop_now_us();
	pthread_mutex_unlock(&spool->mutex);
}

static void end_job(struct spool *spool)
{
	pthread_mutex_lock(&spool->mutex);
	spool->busy_since_us = 0;
	pthread_mutex_unlock(&spool->mutex);
}

static void *run(void *arg)
{
	struct spool *spool = arg;
	struct job job = {0};

	do {
		next_job(spool, &job);
		if (!spool_batch_is_empty(&job.batch) || is_leaving(spool))
			commit(spool, &job, job.stop || job.question.asked);
		if (job.question.asked)
			answer_question(spool, &job);
		if (job.measure)
			measure(spool);
		if (job.expire)
			expire(spool, job.limit_ms);
		end_job(spool);
	} while (!job.stop);
	spool_batch_fini(&job.batch);
	return NULL;
}

/* -- the loop: what the thread has to say ---------------------------------- */

static void tell_state(struct spool *spool, bool failing, const char *reason)
{
	if (spool->failing == failing)
		return;
	spool->failing = failing;
	if (failing)
		log_error("spool=failing error=\"%s\" remedy=\"give %s room: "
			  "until then what Redis may lose is lost\"",
			  reason, spool->dir);
	else
		log_info("spool=fine again");
	spool->ops.state(spool->ops.arg, failing);
}

static int64_t busy_ms(const struct spool *spool)
{
	int64_t since_us = spool->busy_since_us;

	return since_us == 0 ? 0 : (loop_now_us() - since_us) / 1000;
}

/* A disk that hangs tells nothing: it is the loop that looks at the clock. What
 * is said waits for it in memory. */
static void tell_stuck(struct spool *spool, int64_t ms)
{
	bool stuck = ms >= spool->options.stuck_ms;

	if (spool->stuck == stuck)
		return;
	spool->stuck = stuck;
	if (stuck)
		log_error("spool=stuck for_ms=%lld remedy=\"the disk under %s "
			  "does not answer (dmesg): until it does what Redis "
			  "may lose is lost\"",
			  (long long)ms, spool->dir);
	else
		log_info("spool=answers again");
}

static void tell_page(struct spool *spool, struct answer *a)
{
	size_t at = 0;
	spool_page_fn *fn = spool->page_fn;

	for (size_t i = 0; i < a->count; i++) {
		a->rows[i].bytes.p = a->bytes.data + at;
		at += a->rows[i].bytes.n;
	}
	if (a->damaged > 0)
		log_error("spool=damaged rows=%zu: passed over", a->damaged);
	spool->page_fn = NULL;
	if (fn != NULL)
		fn(spool->page_arg,
		   &(struct spool_page){a->rows, a->count, a->after});
	free(a->rows);
	buf_fini(&a->bytes);
}

static void on_wake(void *arg)
{
	struct spool *spool = arg;
	struct answer answer;
	uint64_t committed;
	bool broken;
	char reason[sizeof(spool->reason)];

	pthread_mutex_lock(&spool->mutex);
	committed = spool->committed;
	broken = spool->broken;
	memcpy(reason, spool->reason, sizeof(reason));
	answer = spool->answer;
	spool->answer = (struct answer){0};
	pthread_mutex_unlock(&spool->mutex);
	spool->ops.committed(spool->ops.arg, committed);
	tell_state(spool, broken, reason);
	if (answer.ready)
		tell_page(spool, &answer);
}

/* -- the loop: what it hands over ------------------------------------------ */

static void on_flush(void *arg)
{
	struct spool *spool = arg;

	pthread_mutex_lock(&spool->mutex);
	spool_batch_move(&spool->inbox, &spool->turn);
	pthread_cond_signal(&spool->work);
	pthread_mutex_unlock(&spool->mutex);
}

uint64_t spool_put(struct spool *spool, struct str bytes)
{
	if (spool->failing)
		return 0;
	spool_batch_put(&spool->turn, ++spool->last_id, loop_wall_ms(), bytes);
	loop_defer(spool->loop, &spool->flush);
	return spool->last_id;
}

void spool_remove(struct spool *spool, uint64_t id)
{
	spool_batch_remove(&spool->turn, id);
	loop_defer(spool->loop, &spool->flush);
}

/* -- holding --------------------------------------------------------------- */

static void grow(struct ring *ring)
{
	size_t room = ring->room == 0 ? 256 : 2 * ring->room;
	struct held *items = xcalloc(room, sizeof(*items));

	for (size_t i = 0; i < ring->count; i++)
		items[i] = ring->items[(ring->first + i) % ring->room];
	free(ring->items);
	*ring = (struct ring){items, 0, ring->count, room};
}

void spool_hold(struct spool *spool, uint64_t id)
{
	struct ring *ring = &spool->held;

	if (ring->count == ring->room)
		grow(ring);
	ring->items[(ring->first + ring->count++) % ring->room] = (struct held){
		id, loop_now_ms(spool->loop) + spool->options.hold_ms};
}

static void let_go(struct spool *spool, int64_t now_ms)
{
	struct ring *ring = &spool->held;

	while (ring->count > 0 && ring->items[ring->first].until_ms <= now_ms) {
		spool_batch_release(&spool->turn, ring->items[ring->first].id);
		ring->first = (ring->first + 1) % ring->room;
		ring->count--;
		loop_defer(spool->loop, &spool->flush);
	}
}

void spool_unhold(struct spool *spool)
{
	spool->held.first = spool->held.count = 0;
}

void spool_freeze(struct spool *spool, bool frozen)
{
	spool->frozen = frozen;
}

/* While the disk is full, what Redis has is let go first: that may be all it
 * needs. */
static void on_tick(void *arg)
{
	struct spool *spool = arg;
	int64_t now_ms = loop_now_ms(spool->loop);
	int64_t ms;

	if (!spool->frozen)
		let_go(spool, spool->failing ? INT64_MAX : now_ms);
	spool_age_look(&spool->age, loop_wall_ms(), now_ms);
	pthread_mutex_lock(&spool->mutex);
	ms = busy_ms(spool);
	spool->measure = true; /* with the next commit */
	if (now_ms % EXPIRE_MS < TICK_MS) {
		spool->expire = true;
		spool->limit_ms = spool_age_limit_ms(&spool->age, now_ms);
		pthread_cond_signal(&spool->work);
	}
	pthread_mutex_unlock(&spool->mutex);
	tell_stuck(spool, ms);
}

/* -- questions ------------------------------------------------------------- */

bool spool_is_failing(const struct spool *spool)
{
	return spool->failing;
}

bool spool_is_found(const struct spool *spool, uint64_t row)
{
	return row <= spool->found_id;
}

uint64_t spool_last(const struct spool *spool)
{
	return spool->last_id;
}

size_t spool_backlog(struct spool *spool)
{
	size_t n;

	pthread_mutex_lock(&spool->mutex);
	n = spool_batch_bytes(&spool->inbox) + spool->committing;
	pthread_mutex_unlock(&spool->mutex);
	return n + spool_batch_bytes(&spool->turn);
}

void spool_read(struct spool *spool, uint64_t after, uint64_t upto,
		spool_page_fn *fn, void *arg)
{
	spool->page_fn = fn;
	spool->page_arg = arg;
	/* What was put and removed so far counts. */
	if (!spool_batch_is_empty(&spool->turn))
		on_flush(spool);
	pthread_mutex_lock(&spool->mutex);
	spool->question = (struct question){true, after, upto};
	pthread_cond_signal(&spool->work);
	pthread_mutex_unlock(&spool->mutex);
}

void spool_stats(struct spool *spool, struct store_spool_stats *out)
{
	pthread_mutex_lock(&spool->mutex);
	*out = spool->stats;
	out->busy_ms = busy_ms(spool);
	pthread_mutex_unlock(&spool->mutex);
	out->held = spool->held.count;
	out->failing = spool->failing;
	out->stuck = spool->stuck;
}

/* -- life ------------------------------------------------------------------ */

/* A lock of the open file, so it ends with the process, however that ends. */
static int lock_dir(const char *dir, struct buf *why)
{
	char path[500];
	int fd;

	snprintf(path, sizeof(path), "%s/spool.lock", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		buf_addf(why, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (errno == EWOULDBLOCK)
		buf_addf(why,
			 "another answerd keeps its state in %s; stop it, or "
			 "give this one a state_dir of its own",
			 dir);
	else
		buf_addf(why, "%s: %s", path, strerror(errno));
	close(fd);
	return -1;
}

static void tell_found(const struct spool *spool,
		       const struct spool_found *found)
{
	if (found->damaged)
		log_error("spool=damaged dir=%s saved=%zu aside=%s: what is "
			  "whole is taken over, the rest is lost unless Redis "
			  "has it",
			  spool->dir, found->saved,
			  found->aside[0] != '\0' ? found->aside : "-");
	if (found->rows > 0)
		log_info("spool=open rows=%zu: appended again when Redis is up",
			 found->rows);
}

/* The thread takes no signals: they are the loop's. */
static bool start_thread(struct spool *spool, struct buf *why)
{
	pthread_condattr_t attr;
	sigset_t all, before;
	int error;

	pthread_mutex_init(&spool->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&spool->work, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&spool->thread, NULL, run, spool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		buf_addf(why, "no thread for the spool: %s", strerror(error));
	return error == 0;
}

static void fini(struct spool **spoolp)
{
	struct spool *spool = *spoolp;

	spool_file_close(&spool->file);
	if (spool->lock >= 0)
		close(spool->lock);
	timer_free(&spool->tick);
	waker_free(&spool->waker);
	spool_batch_fini(&spool->turn);
	spool_batch_fini(&spool->inbox);
	spool_ids_fini(&spool->leaving.ids);
	buf_fini(&spool->answer.bytes);
	free(spool->answer.rows);
	free(spool->held.items);
	free(spool->dir);
	free(spool);
	*spoolp = NULL;
}

struct spool *spool_open(struct loop *loop,
			 const struct store_spool_options *options,
			 const struct spool_ops *ops, struct buf *why)
{
	struct spool *spool = xcalloc(1, sizeof(*spool));
	struct spool_found found;

	spool->loop = loop;
	spool->options = *options;
	spool->options.dir = NULL;
	if (spool->options.stuck_ms == 0)
		spool->options.stuck_ms = STUCK_MS;
	spool->dir = xstrdup(options->dir);
	spool->ops = *ops;
	spool->flush = (struct deferred){.call = on_flush, .arg = spool};
	spool->lock = lock_dir(options->dir, why);
	if (spool->lock >= 0)
		spool->file = spool_file_open(options->dir, options->max_bytes,
					      &found, why);
	if (spool->file == NULL) {
		fini(&spool);
		return NULL;
	}
	spool->last_id = spool->committed = spool->found_id = found.last_id;
	spool->stats.bytes = spool_file_bytes(spool->file);
	tell_found(spool, &found);
	spool->waker = waker_new(loop, on_wake, spool);
	if (!start_thread(spool, why)) {
		fini(&spool);
		return NULL;
	}
	spool_age_init(&spool->age, options->max_age_ms, loop_wall_ms(),
		       loop_now_ms(loop));
	spool->tick = timer_new(loop, on_tick, spool);
	timer_start(spool->tick, TICK_MS, TICK_MS);
	timer_unref(spool->tick);
	return spool;
}

void spool_close(struct spool **spoolp)
{
	struct spool *spool = *spoolp;

	if (spool == NULL)
		return;
	loop_undefer(spool->loop, &spool->flush);
	if (!spool_batch_is_empty(&spool->turn))
		on_flush(spool);
	pthread_mutex_lock(&spool->mutex);
	spool->stop = true;
	pthread_cond_signal(&spool->work);
	pthread_mutex_unlock(&spool->mutex);
	pthread_join(spool->thread, NULL);
	pthread_mutex_destroy(&spool->mutex);
	pthread_cond_destroy(&spool->work);
	fini(spoolp);
}
