/* `answerctl queue`: who waits in which line, and which chats are with whom.
 * Only looks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "lines.h"
#include "link.h"

#define PREVIEW_SHOWN 50 /* code points */

static struct str info(const struct store_item *item, const char *name)
{
	return field_get(item->info, item->info_count, name);
}

static void add_json(const struct store_item *item, int64_t now_ms,
		     struct buf *out)
{
	static const char *const names[] = {"reason",  "intent", "kind",
					    "preview", "name",   "page",
					    "locale"};

	buf_add_s(out, "{\"conversation\":");
	buf_add_json(out, str_of(item->conv));
	buf_add_s(out, ",\"queue\":");
	buf_add_json(out, str_of(item->queue));
	buf_addf(out, ",\"priority\":%d,\"waited_s\":%" PRId64 ",\"agent\":",
		 item->priority, (now_ms - item->since_ms) / 1000);
	if (item->agent != NULL)
		buf_add_json(out, str_of(item->agent));
	else
		buf_add_s(out, "null");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct str value = info(item, names[i]);

		if (value.p == NULL)
			continue;
		buf_addf(out, ",\"%s\":", names[i]);
		buf_add_json(out, value);
	}
	buf_add_s(out, "}\n");
}

static void add_waited(int64_t ms, struct buf *out)
{
	char text[32];
	int64_t s = ms < 0 ? 0 : ms / 1000;

	if (s < 60)
		snprintf(text, sizeof(text), "%" PRId64 " s", s);
	else if (s < 3600)
		snprintf(text, sizeof(text), "%" PRId64 " min", s / 60);
	else
		snprintf(text, sizeof(text), "%" PRId64 " h %02" PRId64,
			 s / 3600, s / 60 % 60);
	buf_addf(out, "%9s", text);
}

static void add_line(const struct store_item *item, int64_t now_ms,
		     struct buf *out)
{
	buf_addf(out, "%-12s ", item->queue);
	add_waited(now_ms - item->since_ms, out);
	buf_addf(out, "  %4d  %-12s  %-16.*s  %-22s  ", item->priority,
		 item->agent == NULL ? "-" : item->agent,
		 STR_ARG(info(item, "reason")), item->conv);
	lines_add_shown(out, info(item, "preview"), PREVIEW_SHOWN);
	buf_add_c(out, '\n');
}

static void print_items(const struct items *items, bool json)
{
	int64_t now_ms = loop_wall_ms();
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < items->count; i++) {
		if (json)
			add_json(&items->items[i], now_ms, &out);
		else
			add_line(&items->items[i], now_ms, &out);
	}
	fwrite(out.len == 0 ? "" : out.data, 1, out.len, stdout);
	buf_fini(&out);
}

static int show(struct link *link, const char *const *queues, size_t n,
		bool json)
{
	struct items waiting = link_waiting(link, queues, n);
	struct items claimed = link_claimed(link, queues, n);

	if (waiting.status != STORE_OK)
		return link_failed(waiting.status);
	if (claimed.status != STORE_OK)
		return link_failed(claimed.status);
	if (!json)
		printf("%zu waiting, %zu with an agent\n", waiting.total,
		       claimed.count);
	if (!json && waiting.count + claimed.count > 0)
		printf("%-12s %9s  %4s  %-12s  %-16s  %-22s  %s\n", "QUEUE",
		       "WAITED", "PRIO", "AGENT", "REASON", "CONVERSATION",
		       "LAST WORDS");
	print_items(&waiting, json);
	print_items(&claimed, json);
	return CLI_OK;
}

static int run(struct link *link, const char *const *queues, size_t n,
	       bool json)
{
	const struct settings_list *all = &link->config.queues;
	int status = link_open(link);

	if (status != CLI_OK)
		return status;
	for (size_t i = 0; i < n; i++)
		if (!settings_list_has(&link->config.queues, str_of(queues[i])))
			return cli_usage("queue",
					 "no queue \"%s\" in agents.queues",
					 queues[i]);
	if (n > 0)
		return show(link, queues, n, json);
	return show(link, (const char *const *)all->items, all->count, json);
}

int cmd_queue(int argc, char **argv)
{
	const char *queues[CONFIG_LIST_MAX];
	struct link link;
	size_t n = 0;
	bool json = false;
	int status;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (argv[i][0] == '-' || n == CONFIG_LIST_MAX)
			return cli_usage("queue", "what is \"%s\"?", argv[i]);
		else
			queues[n++] = argv[i];
	}
	status = run(&link, queues, n, json);
	link_close(&link);
	return status;
}
