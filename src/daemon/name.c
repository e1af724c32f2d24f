/* The name of this daemon among several: the configuration's, or one that it
 * gives itself once and finds again in `state_dir`. Others wait for it by that
 * name (store/peers.c), so a new one in each life would be one more to wait for
 * in vain. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "server.h"

#define TAIL_BYTES 12

/* The name that this daemon gave itself in an earlier life: others know it by
 * that. Not on another host, whither its state may have been copied. */
static bool read_name(const char *path, const char *host, char *out,
		      size_t room)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	size_t n = strlen(host);
	struct str name;
	bool ours;

	file_read(path, room, &text, &why);
	name = str_trim(buf_str(&text));
	ours = name.n > n + 1 && name.n < n + 1 + TAIL_BYTES &&
	       memcmp(name.p, host, n) == 0 && name.p[n] == '-';
	if (ours)
		str_copy(out, room, name);
	buf_fini(&text);
	buf_fini(&why);
	return ours;
}

void name_node(const struct config *c, char *out, size_t room)
{
	char host[40] = "node", tail[TAIL_BYTES], path[4096];
	FILE *f;

	if (c->node[0] != '\0') {
		snprintf(out, room, "%s", c->node);
		return;
	}
	gethostname(host, sizeof(host) - 1);
	snprintf(path, sizeof(path), "%s/node", c->state_dir);
	if (read_name(path, host, out, room))
		return;
	token_random(tail, 6);
	snprintf(out, room, "%s-%s", host, tail);
	f = fopen(path, "we");
	if (f == NULL)
		return; /* without it the next life has another one */
	fprintf(f, "%s\n", out);
	fclose(f);
}
