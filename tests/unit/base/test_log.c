/* Log lines: one event, one line, whatever is in it. */
#include "base/log.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "check.h"

/* What `fn` writes to standard error. */
static const char *logged(void (*fn)(void))
{
	static char text[4096];
	int ends[2], kept = dup(STDERR_FILENO);
	ssize_t n;

	if (pipe(ends) != 0)
		return "";
	dup2(ends[1], STDERR_FILENO);
	fn();
	dup2(kept, STDERR_FILENO);
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(ends[0]);
	close(kept);
	return text;
}

static void forge(void)
{
	log_info("conv=1 reason=%s", "a\n2026 error forged\x1b[2J");
}

/* DEL, CSI of eight bits and of UTF-8, a text turned round, half a letter. */
static void steer(void)
{
	log_info("origin=%s", "a\x7f"
			      "b\x9b"
			      "1m\xc2\x9b"
			      "2m\xe2\x80\xae"
			      "c \xc3\xa9 \xe2\x82");
}

static void whisper(void)
{
	log_debug("hidden=1");
}

static void what_comes_from_outside_cannot_forge_a_line(void)
{
	const char *text;

	unsetenv("JOURNAL_STREAM");
	text = logged(forge);
	CHECK(strstr(text, "Z info conv=1 reason=a 2026") != NULL);
	CHECK(strchr(text, '\n') == text + strlen(text) - 1);
	CHECK(strchr(text, '\x1b') == NULL);
}

static void what_comes_from_outside_cannot_steer_a_terminal(void)
{
	const char *text;

	unsetenv("JOURNAL_STREAM");
	text = logged(steer);
	CHECK(strchr(text, '\x7f') == NULL);
	CHECK(strchr(text, '\x9b') == NULL);
	CHECK(strstr(text, "\xe2\x80\xae") == NULL);
	CHECK(strstr(text, "c \xc3\xa9 ") != NULL);
	CHECK(utf8_valid(text, strlen(text)));
}

/* As systemd does when it connects standard error to the journal. */
static void forge_in_the_journal(void)
{
	char stream[64];
	struct stat st;

	CHECK(fstat(STDERR_FILENO, &st) == 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	forge();
}

static void the_journal_gets_levels_in_its_own_way(void)
{
	CHECK(strncmp(logged(forge_in_the_journal), "<6>conv=1 ", 10) == 0);
}

/* Left by who started the shell that redirects this. */
static void what_is_not_the_journal_gets_the_time(void)
{
	setenv("JOURNAL_STREAM", "1:2", 1);
	CHECK(strstr(logged(forge), "Z info conv=1 ") != NULL);
	unsetenv("JOURNAL_STREAM");
}

static void lines_below_the_level_are_not_written(void)
{
	enum log_level level;

	CHECK_STR(logged(whisper), "");
	CHECK(log_level_of(STR("debug"), &level) && level == LOG_DEBUG);
	CHECK(!log_level_of(STR("loud"), &level));
	log_set_level(LOG_DEBUG);
	CHECK(strstr(logged(whisper), " debug hidden=1\n") != NULL);
	log_set_level(LOG_INFO);
}

int main(void)
{
	RUN(what_comes_from_outside_cannot_forge_a_line);
	RUN(what_comes_from_outside_cannot_steer_a_terminal);
	RUN(the_journal_gets_levels_in_its_own_way);
	RUN(what_is_not_the_journal_gets_the_time);
	RUN(lines_below_the_level_are_not_written);
	return check_done("base/log");
}
