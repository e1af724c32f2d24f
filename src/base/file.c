/* Files and folders into memory; see file.h. Reads only what is a regular
 * file and stays within its bound, so that a device, a FIFO or a link out of
 * the tree neither blocks the reader nor leaks into it. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static bool fault(struct buf *why, const char *path, const char *what)
{
	buf_addf(why, "%s: %s", path, what);
	return false;
}

static bool read_all(int fd, const char *path, size_t max_bytes,
		     struct buf *out, struct buf *why)
{
	for (;;) {
		ssize_t got;

		buf_reserve(out, 16 * 1024);
		got = read(fd, out->data + out->len, 16 * 1024);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault(why, path, strerror(errno));
		out->len += (size_t)got;
		out->data[out->len] = '\0';
		if (out->len > max_bytes)
			break;
		if (got == 0)
			return true;
	}
	buf_addf(why, "%s: larger than %zu bytes", path, max_bytes);
	return false;
}

static bool read_open(int fd, const char *path, size_t max_bytes,
		      struct buf *out, struct buf *why)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fault(why, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fault(why, path, "not a regular file");
	return read_all(fd, path, max_bytes, out, why);
}

bool file_read(const char *path, size_t max_bytes, struct buf *out,
	       struct buf *why)
{
	/* Without O_NONBLOCK a FIFO would hold us in open(). */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	buf_clear(out);
	if (fd < 0)
		return fault(why, path, strerror(errno));
	ok = read_open(fd, path, max_bytes, out, why);
	close(fd);
	if (!ok)
		buf_clear(out);
	return ok;
}

/* -- folders ------------------------------------------------------------- */

struct walk {
	const char *suffixes;
	char root[PATH_MAX]; /* real, without links */
	struct file_list *list;
	struct buf *why;
};

/* In one of them, parted by blanks. */
static bool ends_in(const char *name, const char *suffixes)
{
	size_t n = strlen(name), m;

	for (; *suffixes != '\0'; suffixes += m + (suffixes[m] == ' ')) {
		m = strcspn(suffixes, " ");
		if (n >= m && memcmp(name + n - m, suffixes, m) == 0)
			return true;
	}
	return false;
}

/* A link may point to a file of the same tree (as volumes of Kubernetes do),
 * not out of it. */
static bool is_inside(const struct walk *w, const char *path)
{
	size_t n = strlen(w->root);
	char real[PATH_MAX];

	if (realpath(path, real) == NULL)
		return false;
	return strncmp(real, w->root, n) == 0 && real[n] == '/';
}

static bool add_file(struct walk *w, const char *path)
{
	struct file_list *list = w->list;

	if (list->count == FILE_LIST_MAX) {
		buf_addf(w->why, "more than %d files", FILE_LIST_MAX);
		return false;
	}
	list->paths = xreallocarray(list->paths, list->count + 1,
				    sizeof(*list->paths));
	list->paths[list->count++] = xstrdup(path);
	return true;
}

static bool walk_dir(struct walk *w, const char *dir, int depth);

static bool walk_entry(struct walk *w, const char *path, const char *name,
		       int depth)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return true; /* gone meanwhile */
	if (S_ISDIR(st.st_mode))
		return walk_dir(w, path, depth + 1);
	if (!ends_in(name, w->suffixes))
		return true;
	if (S_ISLNK(st.st_mode) &&
	    (!is_inside(w, path) || stat(path, &st) != 0))
		return true;
	return S_ISREG(st.st_mode) ? add_file(w, path) : true;
}

static bool walk_open(struct walk *w, DIR *d, const char *dir, int depth)
{
	struct buf path = BUF_INIT;
	struct dirent *e;
	bool ok = true;

	while (ok && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		buf_clear(&path);
		buf_addf(&path, "%s/%s", dir, e->d_name);
		ok = walk_entry(w, path.data, e->d_name, depth);
	}
	buf_fini(&path);
	return ok;
}

static bool walk_dir(struct walk *w, const char *dir, int depth)
{
	DIR *d;
	bool ok;

	if (depth > FILE_TREE_DEPTH) {
		buf_addf(w->why,
			 "%s: folders within each other more than %d "
			 "deep",
			 dir, FILE_TREE_DEPTH);
		return false;
	}
	d = opendir(dir);
	if (d == NULL)
		return fault(w->why, dir, strerror(errno));
	ok = walk_open(w, d, dir, depth);
	closedir(d);
	return ok;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool file_tree(const char *dir, const char *suffixes, struct file_list *out,
	       struct buf *why)
{
	struct walk w = {.suffixes = suffixes, .list = out, .why = why};
	char *top = xstrdup(dir);
	size_t n = strlen(top);
	bool ok;

	*out = (struct file_list){NULL, 0};
	while (n > 1 && top[n - 1] == '/')
		top[--n] = '\0';
	if (realpath(top, w.root) == NULL)
		ok = fault(why, dir, strerror(errno));
	else
		ok = walk_dir(&w, top, 1);
	free(top);
	if (!ok)
		file_list_fini(out);
	else if (out->count > 1)
		qsort(out->paths, out->count, sizeof(*out->paths), by_bytes);
	return ok;
}

void file_list_fini(struct file_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->paths[i]);
	free(list->paths);
	*list = (struct file_list){NULL, 0};
}

/* -- what is installed ------------------------------------------------- */

/* Takes the last name off; false: there is none. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL)
		return false;
	*slash = '\0';
	return true;
}

void file_installed(const char *name, char *out, size_t room)
{
	char prefix[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", prefix, sizeof(prefix) - 1);

	prefix[n > 0 ? n : 0] = '\0';
	/* PREFIX/sbin/answerd, PREFIX/bin/answerctl */
	if (go_up(prefix) && go_up(prefix) &&
	    snprintf(out, room, "%s/etc/answerd/%s", prefix, name) <
		    (int)room &&
	    access(out, F_OK) == 0)
		return;
	snprintf(out, room, "/etc/answerd/%s", name);
}
