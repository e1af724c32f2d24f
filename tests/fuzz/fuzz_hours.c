/* Opening hours, an item a line; the first bytes are the time and the offset.
 * Checked: what is refused is told, and the next opening is one. */
#include <stdlib.h>
#include <string.h>

#include "chat/hours.h"

#define ITEMS_MAX 32

static void need(int ok)
{
	if (!ok)
		abort();
}

static void ask(const struct hours *hours, int64_t now_ms, int offset_s)
{
	int64_t next = hours_next_open_ms(hours, now_ms, offset_s);

	if (hours_is_open(hours, now_ms, offset_s)) {
		need(next == now_ms);
		return;
	}
	if (next == 0)
		return;
	need(next > now_ms);
	need(hours_is_open(hours, next, offset_s));
	need(!hours_is_open(hours, next - 1, offset_s));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char text[1024];
	const char *items[ITEMS_MAX];
	char *save = NULL;
	struct buf why = BUF_INIT;
	struct hours *hours;
	size_t n = 0, at;
	int64_t now_ms;

	if (size < 6 || size - 6 >= sizeof(text))
		return 0;
	memcpy(text, data + 6, size - 6);
	text[size - 6] = '\0';
	for (char *t = strtok_r(text, "\n", &save); t != NULL && n < ITEMS_MAX;
	     t = strtok_r(NULL, "\n", &save))
		items[n++] = t;
	/* 1970 to 2106, and a place on earth. */
	now_ms = ((int64_t)data[0] << 24 | data[1] << 16 | data[2] << 8 |
		  data[3]) *
		 1000;
	hours = hours_parse(items, n, &at, &why);
	need((hours == NULL) == (why.len > 0));
	if (hours != NULL)
		ask(hours, now_ms, (int)(data[4] % 27 - 12) * 3600 + data[5]);
	else
		need(at < n);
	hours_free(&hours);
	buf_fini(&why);
	return 0;
}
