/* The version, once. */
#ifndef DAEMON_VERSION_H
#define DAEMON_VERSION_H

#define ANSWERD_VERSION "answerd 0.1.0"

#endif
