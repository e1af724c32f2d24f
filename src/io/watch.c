/* Watches a directory tree for changes (inotify, by libuv), for the rules to
 * be loaded anew. A burst of changes gives one call. It watches directories
 * and the entry of the tree in its parent, never files, because a rename
 * blinds a file watch; after each burst the tree is walked and watched anew,
 * before `changed` is called, so that nothing falls between. It reads no file
 * and gives no hint which one changed. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <uv.h>

#include "base/mem.h"
#include "io/loop.h"

#define DEBOUNCE_MS    200
#define LATEST_MS      2000 /* of an endless burst */
#define RETRY_MS       1000 /* while the directory is away */
#define WATCH_DEPTH    8
#define WATCH_DIRS_MAX 256

struct eye {
	uv_fs_event_t uv;
	struct watch *watch;
	char *only; /* NULL: every name matters */
	struct eye *next;
};

struct watch {
	struct loop *loop;
	char *dir;
	watch_fn *changed;
	void *arg;
	struct eye *eyes;
	size_t n_eyes;
	struct timer *timer; /* debounce, or retry while the tree is away */
	int64_t first_ms;    /* of this burst; 0: none */
};

static void free_eye(uv_handle_t *handle)
{
	struct eye *eye = handle->data;

	free(eye->only);
	free(eye);
}

static void close_eyes(struct watch *w)
{
	while (w->eyes != NULL) {
		struct eye *eye = w->eyes;

		w->eyes = eye->next;
		uv_close((uv_handle_t *)&eye->uv, free_eye);
	}
	w->n_eyes = 0;
}

static void on_event(uv_fs_event_t *handle, const char *name, int events,
		     int status)
{
	struct eye *eye = handle->data;
	struct watch *w = eye->watch;
	int64_t now_ms = loop_now_ms(w->loop);
	int64_t left_ms;

	(void)events;
	(void)status; /* an error is a change too: look again */
	if (eye->only != NULL && (name == NULL || strcmp(name, eye->only) != 0))
		return;
	if (w->first_ms == 0)
		w->first_ms = now_ms;
	left_ms = w->first_ms + LATEST_MS - now_ms;
	if (left_ms < 0)
		left_ms = 0;
	timer_start(w->timer, left_ms < DEBOUNCE_MS ? left_ms : DEBOUNCE_MS, 0);
}

static int open_eye(struct watch *w, const char *dir, const char *only)
{
	struct eye *eye = xcalloc(1, sizeof(*eye));
	int error = uv_fs_event_init(loop_uv(w->loop), &eye->uv);

	eye->uv.data = eye;
	eye->watch = w;
	eye->only = only == NULL ? NULL : xstrdup(only);
	if (error == 0)
		error = uv_fs_event_start(&eye->uv, on_event, dir, 0);
	if (error != 0) {
		uv_close((uv_handle_t *)&eye->uv, free_eye);
		return error;
	}
	uv_unref((uv_handle_t *)&eye->uv);
	eye->next = w->eyes;
	w->eyes = eye;
	w->n_eyes++;
	return 0;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int watch_tree(struct watch *w, const char *dir, int depth)
{
	struct dirent *entry;
	DIR *d;
	int error;

	if (depth > WATCH_DEPTH || w->n_eyes >= WATCH_DIRS_MAX)
		return 0;
	error = open_eye(w, dir, NULL);
	if (error != 0)
		return error;
	d = opendir(dir);
	if (d == NULL)
		return -errno;
	while ((entry = readdir(d)) != NULL) {
		struct buf path = BUF_INIT;

		if (entry->d_name[0] == '.')
			continue;
		buf_addf(&path, "%s/%s", dir, entry->d_name);
		if (is_dir(path.data))
			watch_tree(w, path.data, depth + 1);
		buf_fini(&path);
	}
	closedir(d);
	return 0;
}

/* A tree that is a symbolic link, or is replaced as a whole, changes in its
 * parent only. */
static void watch_parent(struct watch *w)
{
	char *copy = xstrdup(w->dir);
	char *slash = strrchr(copy, '/');

	if (slash == NULL)
		open_eye(w, ".", copy);
	else if (slash == copy)
		open_eye(w, "/", slash + 1);
	else {
		*slash = '\0';
		open_eye(w, copy, slash + 1);
	}
	free(copy);
}

/* 0, or libuv's error if the tree cannot be watched. */
static int look_again(struct watch *w)
{
	int error;

	close_eyes(w);
	error = watch_tree(w, w->dir, 0);
	watch_parent(w);
	return error;
}

static void on_timer(void *arg)
{
	struct watch *w = arg;

	w->first_ms = 0;
	if (look_again(w) != 0) {
		timer_start(w->timer, RETRY_MS, 0);
		return;
	}
	w->changed(w->arg);
}

struct watch *loop_watch_dir(struct loop *loop, const char *dir,
			     watch_fn *changed, void *arg, struct buf *why)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	size_t n = strlen(dir);
	int error;

	while (n > 1 && dir[n - 1] == '/')
		n--;
	w->loop = loop;
	w->dir = xstrndup(dir, n);
	w->changed = changed;
	w->arg = arg;
	w->timer = timer_new(loop, on_timer, w);
	timer_unref(w->timer);
	error = look_again(w);
	if (error != 0) {
		buf_addf(why, "%s cannot be watched: %s", dir,
			 uv_strerror(error));
		watch_free(&w);
	}
	return w;
}

void watch_free(struct watch **watch)
{
	if (*watch == NULL)
		return;
	close_eyes(*watch);
	timer_free(&(*watch)->timer);
	free((*watch)->dir);
	free(*watch);
	*watch = NULL;
}
