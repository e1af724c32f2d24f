/* Redis as it was some time ago: what a crash without its last writes, or a
 * replica that has taken over too early, leaves behind. */
#ifndef REWIND_H
#define REWIND_H

#include "world.h"

/* Runs it in the world's directory; each # is the number. */
static inline void shell(const char *what, unsigned number)
{
	struct buf command = BUF_INIT;

	buf_addf(&command, "cd %s && ", world.dir);
	for (; *what != '\0'; what++)
		if (*what == '#')
			buf_add_u64(&command, number);
		else
			buf_add_c(&command, *what);
	CHECK(system(command.data) == 0);
	buf_fini(&command);
}

/* What stands in its append-only file now is what it comes back with. */
static inline void redis_remember(void)
{
	redis("CONFIG SET appendfsync always");
	redis("SET t:marker 1");
	shell("rm -rf kept && cp -r appendonlydir kept", 0);
}

static inline void redis_rewind(void)
{
	redis_kill();
	shell("rm -rf appendonlydir && cp -r kept appendonlydir", 0);
	redis_start();
	redis("CONFIG SET appendfsync always");
}

#endif
