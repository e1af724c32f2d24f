/* The spool by itself: what is put comes back, also out of a file that was cut
 * or in which bytes were turned; a full disk; one daemon to a directory. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "check.h"
#include "spool.h"
#include "turn.h"

#define ROWS 200

static char dir[64];
static struct loop *loop;

static struct {
	uint64_t committed;
	unsigned fails, recoveries;
} heard;

static void on_committed(void *arg, uint64_t id)
{
	(void)arg;
	heard.committed = id;
}

static void on_state(void *arg, bool failing)
{
	(void)arg;
	heard.fails += failing;
	heard.recoveries += !failing;
}

static void on_time(void *arg)
{
	*(bool *)arg = true;
}

#define UNTIL(cond)                                                            \
	do {                                                                   \
		TURN_UNTIL(loop, cond);                                        \
		CHECK(cond);                                                   \
	} while (0)

static void clean(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[400];

	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
	memset(&heard, 0, sizeof(heard));
}

static struct spool *opened(int64_t hold_ms, size_t max_bytes, struct buf *why)
{
	return spool_open(loop,
			  &(struct store_spool_options){.dir = dir,
							.hold_ms = hold_ms,
							.max_age_ms = 86400000,
							.max_bytes = max_bytes},
			  &(struct spool_ops){on_committed, on_state, NULL},
			  why);
}

static struct spool *made(void)
{
	struct buf why = BUF_INIT;
	struct spool *spool = opened(60000, 0, &why);

	if (spool == NULL)
		printf("no spool: %.*s\n", (int)why.len, why.data);
	buf_fini(&why);
	return spool;
}

/* Row `i`'s bytes: its number, and letters up to a length of its own. */
static void row_text(uint64_t i, struct buf *out)
{
	buf_clear(out);
	buf_addf(out, "row %llu ", (unsigned long long)i);
	for (uint64_t n = 200 + i * 37 % 900; n > 0; n--)
		buf_add_c(out, (char)('a' + (i + n) % 26));
}

static void put_rows(struct spool *spool, uint64_t from, uint64_t to)
{
	struct buf text = BUF_INIT;

	for (uint64_t i = from; i <= to; i++) {
		row_text(i, &text);
		CHECK(spool_put(spool, buf_str(&text)) == i);
		if (i % 50 == 0)
			UNTIL(heard.committed == i); /* several commits */
	}
	UNTIL(heard.committed == to);
	buf_fini(&text);
}

static void read_file(const char *name, struct buf *out);
static char *path_of(const char *name);

/* -- reading back ---------------------------------------------------------- */

struct read {
	uint64_t after;
	size_t count, wrong;
	uint64_t first, last;
	bool answered;
};

static void on_page(void *arg, const struct spool_page *page)
{
	struct read *r = arg;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < page->count; i++) {
		row_text(page->rows[i].id, &text);
		r->wrong += !str_eq(page->rows[i].bytes, buf_str(&text)) ||
			    page->rows[i].id <= r->last;
		if (r->first == 0)
			r->first = page->rows[i].id;
		r->last = page->rows[i].id;
		r->count++;
	}
	buf_fini(&text);
	r->after = page->after;
	r->answered = true;
}

static struct read all_rows(struct spool *spool)
{
	struct read r = {0};

	do {
		r.answered = false;
		spool_read(spool, r.after, spool_last(spool), on_page, &r);
		UNTIL(r.answered);
	} while (r.answered && r.after != 0);
	return r;
}

static void what_was_put_comes_back_in_order(void)
{
	struct spool *spool = made();
	struct read r;

	put_rows(spool, 1, 1200);
	r = all_rows(spool);
	CHECK(r.count == 1200 && r.wrong == 0 && r.last == 1200);
	spool_remove(spool, 5);
	spool_remove(spool, 1200);
	spool_close(&spool);
	CHECK(spool == NULL);
	spool = made();
	r = all_rows(spool);
	CHECK(r.count == 1198 && r.wrong == 0 && r.last == 1199);
	spool_close(&spool);
	clean();
}

/* Rows of one turn stand together in the file; each goes by itself. */
static void of_what_was_put_together_some_may_go(void)
{
	struct spool *spool = made();
	struct buf text = BUF_INIT;
	struct read r;

	for (uint64_t i = 1; i <= 100; i++) {
		row_text(i, &text);
		CHECK(spool_put(spool, buf_str(&text)) == i);
	}
	spool_remove(spool, 50); /* never comes into the file */
	UNTIL(heard.committed == 100);
	CHECK(all_rows(spool).count == 99);
	for (uint64_t i = 1; i <= 100; i++)
		if (i % 3 != 0)
			spool_remove(spool, i);
	spool_remove(spool, 7000); /* there is none */
	r = all_rows(spool);
	CHECK(r.count == 33 && r.wrong == 0 && r.first == 3 && r.last == 99);
	spool_close(&spool);
	spool = made();
	CHECK(spool_last(spool) >= 99);
	r = all_rows(spool);
	CHECK(r.count == 33 && r.wrong == 0);
	for (uint64_t i = 3; i <= 99; i += 3)
		spool_remove(spool, i);
	CHECK(all_rows(spool).count == 0);
	spool_close(&spool);
	buf_fini(&text);
	clean();
}

/* What leaves goes along with what is put, and all of it by itself in the
 * end; what has gone stands nowhere in the file. */
static void what_is_let_go_leaves_no_trace_in_the_file(void)
{
	struct buf why = BUF_INIT, text = BUF_INIT, file = BUF_INIT;
	struct spool *spool = opened(1, 0, &why);
	struct read r;

	put_rows(spool, 1, 1000);
	for (uint64_t i = 1; i <= 1000; i++)
		if (i != 500)
			spool_hold(spool, i);
	for (uint64_t i = 1001; i <= 1400 || all_rows(spool).count > 401; i++) {
		row_text(i, &text);
		if (i <= 1400)
			spool_put(spool, buf_str(&text));
		loop_turn(loop, false);
	}
	r = all_rows(spool);
	CHECK(r.count == 401 && r.wrong == 0 && r.first == 500);
	spool_close(&spool);
	read_file("spool.db", &file);
	CHECK(memmem(file.data, file.len, "row 500 ", 8) != NULL);
	CHECK(memmem(file.data, file.len, "row 499 ", 8) == NULL);
	CHECK(memmem(file.data, file.len, "row 1 ", 6) == NULL);
	buf_fini(&file);
	buf_fini(&text);
	buf_fini(&why);
	clean();
}

static void what_is_held_goes_when_its_time_is_over(void)
{
	struct buf why = BUF_INIT;
	struct spool *spool = opened(1500, 0, &why);
	struct store_spool_stats stats;
	struct read r;

	put_rows(spool, 1, 3);
	spool_hold(spool, 1);
	spool_hold(spool, 2);
	spool_stats(spool, &stats);
	CHECK(stats.held == 2 && all_rows(spool).count == 3);
	UNTIL((spool_stats(spool, &stats), stats.held == 0));
	r = all_rows(spool);
	CHECK(r.count == 1 && r.first == 3);
	spool_close(&spool);
	buf_fini(&why);
	clean();
}

static void while_redis_is_away_what_is_held_stays(void)
{
	struct buf why = BUF_INIT;
	struct spool *spool = opened(1, 0, &why);
	bool over = false;
	struct timer *timer = timer_new(loop, on_time, &over);

	put_rows(spool, 1, 2);
	spool_freeze(spool, true);
	spool_hold(spool, 1);
	timer_start(timer, 1300, 0); /* over a tick */
	while (!over)
		loop_turn(loop, true);
	CHECK(all_rows(spool).count == 2);
	timer_free(&timer);
	spool_close(&spool);
	buf_fini(&why);
	clean();
}

static void a_directory_has_one_spool(void)
{
	struct buf why = BUF_INIT;
	struct spool *spool = made();

	CHECK(opened(1, 0, &why) == NULL);
	buf_add_c(&why, '\0');
	CHECK(strstr(why.data, "another answerd keeps its state in") != NULL);
	CHECK(strstr(why.data, dir) != NULL);
	spool_close(&spool);
	spool = made();
	CHECK(spool != NULL);
	spool_close(&spool);
	buf_fini(&why);
	clean();
}

/* -- killed ---------------------------------------------------------------- */

static char *path_of(const char *name)
{
	static char path[2][400];
	static unsigned at;
	char *p = path[at++ % 2];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

/* A daemon that is killed: the rows are partly in the file, partly in the
 * write-ahead log. */
static void leave_rows(uint64_t rows)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct spool *spool;

		loop = loop_new();
		spool = made();
		put_rows(spool, 1, rows);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status));
}

static void what_was_committed_outlives_a_kill(void)
{
	struct spool *spool;
	struct read r;

	leave_rows(ROWS);
	spool = made();
	r = all_rows(spool);
	CHECK(r.count == ROWS && r.wrong == 0);
	spool_close(&spool);
	clean();
}

/* -- damage ---------------------------------------------------------------- */

struct copy {
	struct buf db, wal;
};

static void read_file(const char *name, struct buf *out)
{
	char block[4096];
	FILE *f = fopen(path_of(name), "r");
	size_t n;

	while (f != NULL && (n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(out, block, n);
	if (f != NULL)
		fclose(f);
}

static void write_file(const char *name, struct str bytes)
{
	FILE *f = fopen(path_of(name), "w");

	CHECK(f != NULL &&
	      (bytes.n == 0 || fwrite(bytes.p, 1, bytes.n, f) == bytes.n));
	if (f != NULL)
		fclose(f);
}

static void lay(struct str db, struct str wal)
{
	clean();
	write_file("spool.db", db);
	if (wal.n > 0)
		write_file("spool.db-wal", wal);
}

/* Opens what lies there: nothing in it is wrong, and at least `least` rows are
 * there. */
static void look(size_t least, const char *what, size_t at)
{
	struct spool *spool = made();
	struct read r;

	CHECK(spool != NULL);
	if (spool == NULL) {
		printf("after %s at %zu\n", what, at);
		return;
	}
	r = all_rows(spool);
	if (r.wrong > 0 || r.count < least)
		printf("after %s at %zu: %zu rows, %zu wrong\n", what, at,
		       r.count, r.wrong);
	CHECK(r.wrong == 0);
	CHECK(r.count >= least);
	CHECK(spool_put(spool, STR("new")) > r.last);
	spool_close(&spool);
}

/* A page holds some ten rows; what a damaged one had is all that may go. */
#define LOST_MOST 60

static void turn_bits(const struct copy *copy, bool in_wal)
{
	struct str of = buf_str(in_wal ? &copy->wal : &copy->db);
	char *bytes = xmalloc(of.n);

	for (size_t page = 0; page < of.n; page += 8192) {
		size_t at = page + page / 8192 * 97 % 8192;

		if (at >= of.n)
			break;
		memcpy(bytes, of.p, of.n);
		bytes[at] ^= 0x10;
		if (in_wal)
			lay(buf_str(&copy->db), (struct str){bytes, of.n});
		else
			lay((struct str){bytes, of.n}, buf_str(&copy->wal));
		look(ROWS - LOST_MOST, in_wal ? "a bit of the log" : "a bit",
		     at);
	}
	free(bytes);
}

static void cut(const struct copy *copy)
{
	struct str db = buf_str(&copy->db), wal = buf_str(&copy->wal);

	for (size_t n = 0; n <= db.n; n += 8192) {
		lay((struct str){db.p, n}, wal);
		look(0, "a cut", n);
		lay((struct str){db.p, n + n / 3 % 8192}, STR_NONE);
		look(0, "a cut without a log", n);
	}
	for (size_t n = 0; n <= wal.n; n += 8192 * 3) {
		lay(db, (struct str){wal.p, n});
		look(0, "a cut of the log", n);
	}
}

/* SQLite takes a log beside an empty file for one that is none of its own. */
static void empty(const struct copy *copy)
{
	lay(STR_NONE, buf_str(&copy->wal));
	look(ROWS - LOST_MOST, "emptying", 0);
	lay(STR_NONE, buf_str(&copy->wal));
	unlink(path_of("spool.db"));
	look(ROWS - LOST_MOST, "removing", 0);
}

static struct copy make_copy(void)
{
	struct copy copy = {BUF_INIT, BUF_INIT};
	struct spool *spool;

	leave_rows(ROWS / 2);
	spool = made();
	spool_close(&spool); /* half of it is in the file */
	clean();
	leave_rows(ROWS);
	read_file("spool.db", &copy.db);
	read_file("spool.db-wal", &copy.wal);
	return copy;
}

static void a_cut_or_a_turned_bit_at_any_page_leaves_the_rest(void)
{
	struct copy copy = make_copy();
	struct copy flat = {BUF_INIT, BUF_INIT};
	struct spool *spool = made();

	CHECK(copy.wal.len > 50000);
	spool_close(&spool); /* all of it is in the file now */
	read_file("spool.db", &flat.db);
	CHECK(flat.db.len > 100000);
	turn_bits(&copy, true);
	turn_bits(&flat, false);
	cut(&copy);
	cut(&flat);
	empty(&copy);
	clean();
	buf_fini(&copy.db);
	buf_fini(&copy.wal);
	buf_fini(&flat.db);
}

/* A file of the version before, in which each row stands alone. */
static void an_older_file_is_read(void)
{
	struct buf text = BUF_INIT, record = BUF_INIT;
	struct spool *spool;
	struct read r;
	sqlite3 *db;
	sqlite3_stmt *s;

	CHECK(sqlite3_open(path_of("spool.db"), &db) == SQLITE_OK);
	sqlite3_exec(db,
		     "CREATE TABLE unit (id INTEGER PRIMARY KEY, at INTEGER "
		     "NOT NULL, record BLOB NOT NULL); PRAGMA user_version = 1",
		     NULL, NULL, NULL);
	sqlite3_prepare_v2(db, "INSERT INTO unit VALUES (?1, 5, ?2)", -1, &s,
			   NULL);
	for (uint64_t i = 1; i <= 20; i++) {
		row_text(i, &text);
		buf_clear(&record);
		spool_record(i, 5, buf_str(&text), &record);
		sqlite3_bind_int64(s, 1, (sqlite3_int64)i);
		sqlite3_bind_blob(s, 2, record.data, (int)record.len,
				  SQLITE_STATIC);
		CHECK(sqlite3_step(s) == SQLITE_DONE);
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
	spool = made();
	CHECK(spool_is_found(spool, 20) && !spool_is_found(spool, 21));
	put_rows(spool, 21, 40);
	spool_remove(spool, 10);
	r = all_rows(spool);
	CHECK(r.count == 39 && r.wrong == 0 && r.last == 40);
	spool_close(&spool);
	buf_fini(&text);
	buf_fini(&record);
	clean();
}

static void what_is_no_database_is_put_aside(void)
{
	struct spool *spool;
	struct buf aside = BUF_INIT;
	DIR *d;
	struct dirent *e;

	write_file("spool.db", STR("this is not a database, and never was"));
	spool = made();
	CHECK(spool != NULL);
	put_rows(spool, 1, 3);
	CHECK(all_rows(spool).count == 3);
	spool_close(&spool);
	d = opendir(dir);
	while ((e = readdir(d)) != NULL)
		if (strncmp(e->d_name, "spool.db.damaged-", 17) == 0)
			read_file(e->d_name, &aside);
	closedir(d);
	CHECK(str_is(buf_str(&aside), "this is not a database, and never was"));
	buf_fini(&aside);
	clean();
}

/* -- a full disk ----------------------------------------------------------- */

static void when_it_is_full_it_says_so_and_recovers(void)
{
	struct buf why = BUF_INIT, text = BUF_INIT;
	struct spool *spool = opened(60000, 1 << 20, &why);
	uint64_t id = 0, last = 0;

	for (size_t i = 0; i < 3000; i++)
		buf_add_c(&text, 'x');
	for (int i = 0; i < 2000 && !spool_is_failing(spool); i++) {
		id = spool_put(spool, buf_str(&text));
		if (id != 0)
			spool_hold(spool, last = id);
		loop_turn(loop, false);
	}
	UNTIL(spool_is_failing(spool));
	CHECK(heard.fails == 1 && last > 100);
	CHECK(spool_put(spool, STR("no")) == 0);
	UNTIL(!spool_is_failing(spool)); /* what was held made room */
	CHECK(heard.recoveries == 1);
	id = spool_put(spool, STR("yes"));
	CHECK(id > last);
	UNTIL(heard.committed == id);
	spool_close(&spool);
	buf_fini(&why);
	buf_fini(&text);
	clean();
}

/* Redis may have lost what stands there: that is asked for when Redis is back,
 * and what becomes of it is what makes room. */
static void when_it_is_full_it_can_be_read(void)
{
	struct buf why = BUF_INIT, text = BUF_INIT;
	struct spool *spool = opened(60000, 1 << 20, &why);
	uint64_t id = 1;
	struct read r;

	while (id != 0 && id < 10000) {
		row_text(spool_last(spool) + 1, &text);
		id = spool_put(spool, buf_str(&text));
		if (id % 50 == 0)
			UNTIL(heard.committed == id || spool_is_failing(spool));
	}
	CHECK(spool_is_failing(spool) && spool_last(spool) > 500);
	CHECK(heard.committed < spool_last(spool));
	r = all_rows(spool);
	CHECK(r.answered && r.first == 1 && r.last == spool_last(spool));
	CHECK(r.count == spool_last(spool) && r.wrong == 0);
	spool_remove(spool, 1);
	r = all_rows(spool);
	CHECK(spool_is_failing(spool) && r.first == 2 && r.wrong == 0);
	for (uint64_t row = 2; row <= r.last - 100; row++)
		spool_remove(spool, row);
	UNTIL(!spool_is_failing(spool));
	r = all_rows(spool);
	CHECK(r.first == r.last - 99 && r.last == spool_last(spool));
	CHECK(r.count == 100 && r.wrong == 0);
	spool_close(&spool);
	buf_fini(&why);
	buf_fini(&text);
	clean();
}

/* -- a disk that hangs ----------------------------------------------------- */

static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;

static ssize_t write_slowly(int fd, const void *p, size_t n, off_t at)
{
	pthread_mutex_lock(&disk);
	pthread_mutex_unlock(&disk);
	return pwrite(fd, p, n, at);
}

static bool is_stuck(struct spool *spool)
{
	struct store_spool_stats st;

	spool_stats(spool, &st);
	return st.stuck;
}

static bool is_idle(struct spool *spool)
{
	struct store_spool_stats st;

	spool_stats(spool, &st);
	return st.busy_ms == 0;
}

static void while_the_disk_hangs_it_says_so_and_goes_on_after(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	struct buf why = BUF_INIT;
	struct spool *spool;

	vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)write_slowly);
	vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)write_slowly);
	spool = spool_open(loop,
			   &(struct store_spool_options){.dir = dir,
							 .hold_ms = 60000,
							 .max_age_ms = 86400000,
							 .stuck_ms = 1},
			   &(struct spool_ops){on_committed, on_state, NULL},
			   &why);
	CHECK(spool_put(spool, STR("one")) == 1);
	UNTIL(heard.committed == 1);
	UNTIL(is_idle(spool));
	pthread_mutex_lock(&disk);
	CHECK(spool_put(spool, STR("two")) == 2);
	UNTIL(is_stuck(spool));
	CHECK(heard.committed == 1 && heard.fails == 0);
	CHECK(spool_put(spool, STR("three")) == 3); /* it waits */
	pthread_mutex_unlock(&disk);
	UNTIL(heard.committed == 3);
	UNTIL(!is_stuck(spool));
	CHECK(heard.fails == 0);
	vfs->xSetSystemCall(vfs, NULL, NULL);
	spool_close(&spool);
	buf_fini(&why);
	clean();
}

/* The disk itself: no file of this process may grow. */
static void when_the_disk_is_full_it_says_so_and_recovers(void)
{
	struct rlimit limit, before;
	struct spool *spool;
	struct buf text = BUF_INIT;
	uint64_t id;

	signal(SIGXFSZ, SIG_IGN);
	spool = made();
	put_rows(spool, 1, 10);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 1;
	setrlimit(RLIMIT_FSIZE, &limit);
	row_text(11, &text);
	id = spool_put(spool, buf_str(&text));
	CHECK(id == 11);
	UNTIL(spool_is_failing(spool));
	CHECK(heard.committed == 10);
	setrlimit(RLIMIT_FSIZE, &before);
	UNTIL(!spool_is_failing(spool) && heard.committed == 11);
	CHECK(all_rows(spool).count == 11 && all_rows(spool).wrong == 0);
	spool_close(&spool);
	buf_fini(&text);
	clean();
}

int main(void)
{
	snprintf(dir, sizeof(dir), "/tmp/answerd-spool-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	log_set_level(LOG_ERROR);
	if (getenv("STORE_LOG") == NULL &&
	    freopen("/dev/null", "w", stderr) == NULL)
		return 1; /* damage is told many times here */
	loop = loop_new();
	RUN(what_was_put_comes_back_in_order);
	RUN(of_what_was_put_together_some_may_go);
	RUN(what_is_let_go_leaves_no_trace_in_the_file);
	RUN(what_is_held_goes_when_its_time_is_over);
	RUN(while_redis_is_away_what_is_held_stays);
	RUN(a_directory_has_one_spool);
	RUN(what_was_committed_outlives_a_kill);
	RUN(a_cut_or_a_turned_bit_at_any_page_leaves_the_rest);
	RUN(an_older_file_is_read);
	RUN(what_is_no_database_is_put_aside);
	RUN(when_it_is_full_it_says_so_and_recovers);
	RUN(when_it_is_full_it_can_be_read);
	RUN(while_the_disk_hangs_it_says_so_and_goes_on_after);
	RUN(when_the_disk_is_full_it_says_so_and_recovers);
	loop_free(&loop);
	clean();
	rmdir(dir);
	return check_done("store/spool");
}
