/* The kernel's fair scheduler lets who runs run on for a slice, of about 3 ms,
 * and who is woken waits for that; but one that asks for short slices has
 * earlier deadlines, and runs at once. What it gets in all is the same
 * (https://docs.kernel.org/scheduler/sched-eevdf.html, sched(7)).
 *
 * The C library has no function for it before glibc 2.41. */
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/loop.h"

#define SLICE_NS (100 * 1000) /* the shortest there is */

static bool get(struct sched_attr *attr)
{
	return syscall(SYS_sched_getattr, 0, attr, sizeof(*attr), 0) == 0;
}

bool loop_take_short_slices(void)
{
	struct sched_attr attr = {.size = sizeof(attr)};

	if (!get(&attr) || attr.sched_policy != SCHED_NORMAL)
		return false;
	attr.sched_flags = SCHED_FLAG_RESET_ON_FORK; /* nor do threads get it */
	attr.sched_runtime = SLICE_NS;
	return syscall(SYS_sched_setattr, 0, &attr, 0) == 0 && get(&attr) &&
	       attr.sched_runtime == SLICE_NS;
}
