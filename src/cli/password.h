/* A password from standard input, or one made up. */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include <stdbool.h>

#include "base/buf.h"

#define PASSWORD_MIN 8   /* characters */
#define PASSWORD_MAX 256 /* bytes; what a sign-in takes */

struct password {
	char text[PASSWORD_MAX + 1];
	bool made; /* up, and to be shown */
};

/* The first line of standard input, or a made-up one. False: `why`. */
bool password_get(bool from_stdin, struct password *out, struct buf *why);

#endif
