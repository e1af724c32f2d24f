/* A disk that stands still, or cannot be read: while what the spool has is
 * appended again, and while it is written. SQLite reads and writes by calls of
 * this test's. */
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>

#include "core.h"
#include "spooled.h"

#define ROWS      2000
#define ROW_BYTES 4000 /* all of them are more than SQLite remembers */

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t let_go;
	size_t reads, stop_at; /* 0: at none */
	bool stopped;
	int error; /* in place of what is read; 0: none */
	ssize_t (*read)(int fd, void *to, size_t n, off_t at);
	ssize_t (*write)(int fd, const void *from, size_t n, off_t at);
	bool no_writes;
} disk = {.mutex = PTHREAD_MUTEX_INITIALIZER,
	  .let_go = PTHREAD_COND_INITIALIZER};

static ssize_t slow_read(int fd, void *to, size_t n, off_t at)
{
	int error;

	pthread_mutex_lock(&disk.mutex);
	disk.reads++;
	while (disk.stop_at != 0 && disk.reads >= disk.stop_at) {
		disk.stopped = true;
		pthread_cond_wait(&disk.let_go, &disk.mutex);
	}
	error = disk.error;
	pthread_mutex_unlock(&disk.mutex);
	errno = error;
	return error != 0 ? -1 : disk.read(fd, to, n, at);
}

static ssize_t slow_write(int fd, const void *from, size_t n, off_t at)
{
	pthread_mutex_lock(&disk.mutex);
	while (disk.no_writes)
		pthread_cond_wait(&disk.let_go, &disk.mutex);
	pthread_mutex_unlock(&disk.mutex);
	return disk.write(fd, from, n, at);
}

/* `names`: of one call, as SQLite was built. */
static sqlite3_syscall_ptr take_call(const char *const names[2],
				     sqlite3_syscall_ptr ours)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	sqlite3_syscall_ptr was = NULL;

	for (size_t i = 0; i < 2; i++) {
		sqlite3_syscall_ptr call = vfs->xGetSystemCall(vfs, names[i]);

		if (call == NULL)
			continue;
		was = call;
		vfs->xSetSystemCall(vfs, names[i], ours);
	}
	CHECK(was != NULL);
	return was;
}

static void take_calls(void)
{
	static const char *const reads[] = {"pread", "pread64"};
	static const char *const writes[] = {"pwrite", "pwrite64"};

	disk.read = (ssize_t(*)(int, void *, size_t, off_t))take_call(
		reads, (sqlite3_syscall_ptr)slow_read);
	disk.write = (ssize_t(*)(int, const void *, size_t, off_t))take_call(
		writes, (sqlite3_syscall_ptr)slow_write);
}

static void let_write(bool may)
{
	pthread_mutex_lock(&disk.mutex);
	disk.no_writes = !may;
	pthread_cond_broadcast(&disk.let_go);
	pthread_mutex_unlock(&disk.mutex);
}

static size_t reads(void)
{
	size_t n;

	pthread_mutex_lock(&disk.mutex);
	n = disk.reads;
	pthread_mutex_unlock(&disk.mutex);
	return n;
}

static bool is_stopped(void)
{
	bool stopped;

	pthread_mutex_lock(&disk.mutex);
	stopped = disk.stopped;
	pthread_mutex_unlock(&disk.mutex);
	return stopped;
}

static void stop_at(size_t read)
{
	pthread_mutex_lock(&disk.mutex);
	disk.stop_at = read;
	disk.stopped = false;
	pthread_cond_signal(&disk.let_go);
	pthread_mutex_unlock(&disk.mutex);
}

static void fail_with(int error)
{
	pthread_mutex_lock(&disk.mutex);
	disk.error = error;
	pthread_mutex_unlock(&disk.mutex);
}

/* Leaves `ROWS` messages of the conversation "a" in the spool. */
static void leave_rows(struct got *got)
{
	struct store *store = daemon_up(0);
	char text[ROW_BYTES] = {0}, id[8];

	memset(text, 'x', sizeof(text) - 1);
	redis_kill();
	UNTIL(!store_is_up(store));
	for (unsigned i = 0; i < ROWS; i++) {
		snprintf(id, sizeof(id), "m%u", i);
		append_to(store, "a", i, id, text, got);
	}
	pass_ms(50);
	store_free(&store);
	CHECK(got->times == 0);
	redis_start();
}

/* The page that was asked for is void; what came with those before it must not
 * be sent while all begins anew. */
static void a_connection_lost_before_a_page_has_come_begins_anew(void)
{
	struct got got = {0};
	struct store *store;

	fresh();
	leave_rows(&got);
	store = daemon_at(0);
	/* A read a row, five hundred rows a page: in the second one. */
	stop_at(reads() + ROWS * 3 / 8);
	UNTIL(is_stopped() && store->replay.rows > 0);
	CHECK(store->replay.asked && !store->announced);
	redis("CLIENT KILL TYPE normal SKIPME yes");
	UNTIL(!store->up);
	UNTIL(store->up);
	CHECK(store->replay.restart && store->replayed.count > 0);
	kill(world.pid, SIGSTOP);
	timer_start(store->replayed.gap, 0, 0);
	pass_ms(20);
	CHECK(store->replayed.sent_count == 0);
	stop_at(0);
	UNTIL(!store->replay.restart);
	kill(world.pid, SIGCONT);
	UNTIL(store_is_up(store));
	CHECK(log_length("a") == ROWS);
	store_free(&store);
}

/* What cannot be read is not taken for the end: the operator is told, and the
 * next start has it. */
static void a_disk_that_cannot_be_read_is_told(void)
{
	struct store_spool_stats stats = {.damaged = 0};
	struct got got = {0};
	struct store *store;

	fresh();
	leave_rows(&got);
	store = daemon_at(0);
	fail_with(EIO);
	UNTIL(store_is_up(store));
	fail_with(0);
	CHECK(store_spool_stats(store, &stats) && stats.damaged > 0);
	CHECK(log_length("a") < ROWS);
	store_free(&store);
	store = daemon_up(0);
	CHECK(log_length("a") == ROWS);
	store_free(&store);
}

#define TALKING  700
#define TOLD_MAX 512 /* COMMITTED_MAX; the first may be followed at once */

/* All that waited is committed at once; who writes just then is not to wait
 * until all of the others have their receipts. */
static void after_a_stall_receipts_come_in_portions(void)
{
	struct got got = {0};
	char conv[8], last[8];
	struct store *store;

	fresh();
	store = daemon_up(0);
	let_write(false);
	for (unsigned i = 0; i < TALKING; i++) {
		snprintf(conv, sizeof(conv), "c%u", i);
		append_to(store, conv, 0, "m1", "hello", &got);
	}
	snprintf(last, sizeof(last), "%s", conv);
	UNTIL(log_length(last) == 1);
	pass_ms(50);
	CHECK(got.times == 0);
	let_write(true);
	while (got.times < TALKING && check_failed == 0) {
		unsigned before = got.times;

		loop_turn(world.loop, false);
		CHECK(got.times <= before + TOLD_MAX);
	}
	CHECK(got.times == TALKING);
	store_free(&store);
}

int main(void)
{
	take_calls();
	waiting_most = 16 << 20;
	world_begin();
	RUN(a_connection_lost_before_a_page_has_come_begins_anew);
	RUN(a_disk_that_cannot_be_read_is_told);
	RUN(after_a_stall_receipts_come_in_portions);
	return world_end("store/stalled");
}
