/* One event, one line on standard error, `key=value` after a word or two; the
 * conversation first where there is one. Never texts, names or tokens. Where
 * standard error is systemd's journal (JOURNAL_STREAM names it) the level goes
 * as a "<N>" prefix instead of time and word. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/buf.h"

enum log_level {
	LOG_ERROR, /* a person must act */
	LOG_WARN,  /* we coped */
	LOG_INFO,  /* a conversation changed state, a part went up or down */
	LOG_DEBUG,
};

void log_set_level(enum log_level level);
bool log_level_of(struct str name, enum log_level *out);
void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
