/* Where a password comes from; see password.h. Never from the command line,
 * where every user of the machine could read it. */
#include "password.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "daemon/token.h"

#define MADE_LENGTH 16

/* 31 letters and digits that nobody confuses: 79 random bits. */
static void make_up(struct password *out)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
	size_t n = 0;

	while (n < MADE_LENGTH) {
		char random[90];

		token_random(random, 48);
		for (const char *p = random; *p != '\0' && n < MADE_LENGTH; p++)
			if (strchr(letters, *p) != NULL)
				out->text[n++] = *p;
	}
	out->text[n] = '\0';
	out->made = true;
}

bool password_get(bool from_stdin, struct password *out, struct buf *why)
{
	char line[PASSWORD_MAX + 3];
	size_t n;

	*out = (struct password){.made = false};
	if (!from_stdin) {
		make_up(out);
		return true;
	}
	if (fgets(line, sizeof(line), stdin) == NULL)
		line[0] = '\0';
	n = strcspn(line, "\r\n");
	line[n] = '\0';
	if (!utf8_valid(line, n) || utf8_count(line, n) < PASSWORD_MIN ||
	    n > PASSWORD_MAX) {
		buf_addf(why,
			 "a password must be %d characters at least and %d "
			 "bytes at most",
			 PASSWORD_MIN, PASSWORD_MAX);
		return false;
	}
	memcpy(out->text, line, n + 1);
	return true;
}
