/* The files of the widget, the demo shop and the console, as src/web builds
 * them, inside the daemon's own binary. */
#ifndef DAEMON_ASSETS_H
#define DAEMON_ASSETS_H

#include <stddef.h>

#include "base/buf.h"

struct asset {
	const char *path; /* as asked for: "/widget.js", "/demo/" */
	const char *type; /* Content-Type */
	const unsigned char *bytes;
	size_t size;
	const char *etag; /* with its quotes; changes with the bytes */
};

/* NULL: there is none of this path. A folder is known by its path with the
 * slash ("/console/"), its index.html under no other name. */
const struct asset *asset_find(struct str path);

#endif
