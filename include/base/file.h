/* Reading files and folders. The one place of the pure folders' base that
 * touches the disk; only the compositions (daemon, cli) call it. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Reads a whole regular file of at most `max_bytes` into `out` (emptied
 * first). On false `why` holds a sentence with the file's name. */
bool file_read(const char *path, size_t max_bytes, struct buf *out,
	       struct buf *why);

struct file_list {
	char **paths; /* sorted by bytes */
	size_t count;
};

#define FILE_LIST_MAX   1000
#define FILE_TREE_DEPTH 4

/* The files below `dir` whose name ends in one of `suffixes`, as in ".a .b",
 * dot-files and links out of the tree left out. On false `why` holds a
 * sentence. */
bool file_tree(const char *dir, const char *suffixes, struct file_list *out,
	       struct buf *why);
void file_list_fini(struct file_list *list);

/* Where `name` ("answerd.yaml") of the configuration stands: in etc/answerd
 * under the prefix that this program is installed under, where it is there;
 * else in /etc/answerd. */
void file_installed(const char *name, char *out, size_t room);

#endif
