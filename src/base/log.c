/* Lines for the operator on standard error; see log.h. */
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"

static const char *const names[] = {"error", "warn", "info", "debug"};
static enum log_level least = LOG_INFO;

void log_set_level(enum log_level level)
{
	least = level;
}

bool log_level_of(struct str name, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!str_is(name, names[i]))
			continue;
		*out = (enum log_level)i;
		return true;
	}
	return false;
}

/* The variable alone says nothing: who is started by a service inherits it, and
 * may write elsewhere. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino);
	return strcmp(stream, own) == 0;
}

static void add_head(struct buf *line, enum log_level level)
{
	static const int journal[] = {3, 4, 6, 7};
	struct timespec now;
	struct tm tm;
	char stamp[32];

	if (is_journal()) {
		buf_addf(line, "<%d>", journal[level]);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	buf_addf(line, "%s.%03ldZ %s ", stamp, now.tv_nsec / 1000000,
		 names[level]);
}

/* And the marks that turn the direction of what stands beside them. */
static bool is_unwanted(uint32_t cp)
{
	return utf8_is_control(cp) || cp == 0x200e || cp == 0x200f;
}

/* What came from outside may neither forge a line of its own nor steer the
 * terminal that shows it. */
static void tame(struct buf *line)
{
	size_t n;

	for (size_t i = 0; i < line->len; i += n) {
		uint32_t cp = 0;

		n = utf8_decode(line->data + i, line->len - i, &cp);
		if (n > 0 && !is_unwanted(cp))
			continue;
		n = n > 0 ? n : 1;
		memset(line->data + i, ' ', n);
	}
}

void log_line(enum log_level level, const char *format, ...)
{
	struct buf line = BUF_INIT;
	va_list args;
	ssize_t wrote;

	if (level > least)
		return;
	add_head(&line, level);
	va_start(args, format);
	buf_addv(&line, format, args);
	va_end(args);
	tame(&line);
	buf_add_c(&line, '\n');
	wrote = write(STDERR_FILENO, line.data, line.len);
	(void)wrote; /* nobody to tell */
	buf_fini(&line);
}
