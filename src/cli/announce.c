/* `answerctl announce`: says something to all shoppers of all daemons, ends
 * what was said, lists what runs. Writes to Redis and rings; what the daemons
 * do then is in daemon/announce.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/moment.h"
#include "base/utf8.h"
#include "cli.h"
#include "daemon/token.h"
#include "link.h"
#include "wire/frame.h"

#define KEY "announcements"

struct order {
	const char *text, *level, *until, *over;
	bool list, json;
};

static bool is_running(const struct field *field, int64_t now_ms,
		       struct announced *out)
{
	const char *why;

	return announced_decode(field->value, out, &why) && !out->over &&
	       (out->until_ms == 0 || out->until_ms > now_ms);
}

/* -- the list ------------------------------------------------------------ */

static void add_json(struct str id, const struct announced *a, struct buf *out)
{
	struct buf object = BUF_INIT;

	announced_encode(&object, a);
	buf_add_s(out, "{\"id\":");
	buf_add_json(out, id);
	buf_add_c(out, ',');
	buf_add_s(out, object.data + 1); /* without its brace */
	buf_add_c(out, '\n');
	buf_fini(&object);
}

/* One line of a table: no control character of a text may break it. */
static void add_line(struct str id, const struct announced *a, struct buf *out)
{
	buf_addf(out, "%-12.*s  %-7s  ", STR_ARG(id), a->level);
	if (a->until_ms > 0)
		moment_add(out, a->until_ms, loop_local_offset_s(a->until_ms));
	else
		buf_addf(out, "%-16s", "-");
	buf_add_s(out, "  ");
	for (const char *p = a->text; *p != '\0'; p++)
		buf_add_c(out,
			  (unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p);
	buf_add_c(out, '\n');
}

struct entry {
	struct str id;
	struct announced a;
};

/* As they were published; of one moment, by their ids. */
static int by_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->a.at_ms != y->a.at_ms)
		return x->a.at_ms < y->a.at_ms ? -1 : 1;
	return str_cmp(x->id, y->id);
}

/* For free(). */
static struct entry *running(const struct hash *all, size_t *count)
{
	struct entry *list = xcalloc(all->count + 1, sizeof(*list));
	int64_t now_ms = loop_wall_ms();
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++)
		if (is_running(&all->fields[i], now_ms, &list[n].a))
			list[n++].id = all->fields[i].name;
	qsort(list, n, sizeof(*list), by_time);
	*count = n;
	return list;
}

static int show(struct link *link, bool json)
{
	struct hash all = link_hash(link, KEY);
	struct buf out = BUF_INIT;
	struct entry *list;
	size_t n;

	if (all.status != STORE_OK && all.status != STORE_EMPTY)
		return link_failed(all.status);
	list = running(&all, &n);
	for (size_t i = 0; i < n; i++) {
		if (json)
			add_json(list[i].id, &list[i].a, &out);
		else
			add_line(list[i].id, &list[i].a, &out);
	}
	free(list);
	if (!json && out.len == 0)
		buf_add_s(&out, "no announcement runs\n");
	else if (!json)
		printf("%-12s  %-7s  %-16s  %s\n", "ID", "LEVEL", "UNTIL",
		       "TEXT");
	fwrite(out.len == 0 ? "" : out.data, 1, out.len, stdout);
	buf_fini(&out);
	return CLI_OK;
}

/* -- the end of one ------------------------------------------------------ */

static int end(struct link *link, const char *id)
{
	struct hash all = link_hash(link, KEY);
	int status;

	if (all.status != STORE_OK && all.status != STORE_EMPTY)
		return link_failed(all.status);
	if (field_get(all.fields, all.count, id).p == NULL) {
		fprintf(stderr,
			"answerctl: no announcement \"%s\"; see answerctl "
			"announce --list\n",
			id);
		return CLI_FAILED;
	}
	link_drop(link, KEY, id);
	status = link_news(link, KEY);
	if (status == CLI_OK)
		printf("announcement %s is over\n", id);
	return status;
}

/* -- a new one ----------------------------------------------------------- */

/* 0: as the order has it; else the exit status, said. */
static int fill(const struct order *order, struct announced *out)
{
	struct str text = str_trim(str_of(order->text));
	int64_t now_ms = loop_wall_ms();

	*out = (struct announced){.at_ms = now_ms, .by = "answerctl"};
	if (text.n == 0)
		return cli_usage("announce", "the text is empty");
	if (!utf8_valid(text.p, text.n))
		return cli_usage("announce", "the text is not UTF-8");
	if (utf8_count(text.p, text.n) > ANNOUNCED_TEXT_MAX)
		return cli_usage("announce",
				 "the text is longer than %d characters",
				 ANNOUNCED_TEXT_MAX);
	memcpy(out->text, text.p, text.n);
	if (strcmp(order->level, "info") != 0 &&
	    strcmp(order->level, "warning") != 0)
		return cli_usage("announce", "--level is info or warning");
	snprintf(out->level, sizeof(out->level), "%s", order->level);
	if (order->until == NULL)
		return CLI_OK;
	if (!moment_parse(str_of(order->until), now_ms, loop_local_offset_s,
			  &out->until_ms))
		return cli_usage("announce",
				 "--until \"%s\" is not a time; write "
				 "2026-11-30T18:00Z, 18:00 or +2h",
				 order->until);
	if (out->until_ms <= now_ms)
		return cli_usage("announce", "--until \"%s\" is past already",
				 order->until);
	return CLI_OK;
}

static size_t count_running(const struct hash *all)
{
	int64_t now_ms = loop_wall_ms();
	struct announced a;
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++)
		n += is_running(&all->fields[i], now_ms, &a);
	return n;
}

static int publish(struct link *link, const struct announced *a)
{
	struct hash all = link_hash(link, KEY);
	struct buf value = BUF_INIT;
	char id[65];
	int status;

	if (all.status != STORE_OK && all.status != STORE_EMPTY)
		return link_failed(all.status);
	if (count_running(&all) >= ANNOUNCED_MOST) {
		fprintf(stderr,
			"answerctl: %d announcements run already; end one "
			"first: answerctl announce --over ID\n",
			ANNOUNCED_MOST);
		return CLI_FAILED;
	}
	token_random(id, 8);
	announced_encode(&value, a);
	status = link_set(link, KEY,
			  &(struct field){str_of(id), buf_str(&value)}, 1);
	buf_fini(&value);
	if (status == CLI_OK)
		status = link_news(link, KEY);
	if (status == CLI_OK)
		printf("announcement %s\n", id);
	return status;
}

/* -- the command line ---------------------------------------------------- */

static int run(struct link *link, const struct order *order)
{
	struct announced a;
	int status = link_config(link);

	if (status != CLI_OK)
		return status;
	link_use_shop_zone(link);
	if (order->text != NULL) {
		status = fill(order, &a);
		if (status != CLI_OK)
			return status;
	}
	status = link_connect(link);
	if (status != CLI_OK)
		return status;
	if (order->list)
		return show(link, order->json);
	if (order->over != NULL)
		return end(link, order->over);
	return publish(link, &a);
}

/* The value of "--name X" or "--name=X" at argv[*i], which moves; NULL: it is
 * another option, or there is no value. */
static const char *value_of(const char *name, int argc, char **argv, int *i)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n) != 0)
		return NULL;
	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	if (argv[*i][n] != '\0' || *i + 1 == argc)
		return NULL;
	return argv[++*i];
}

static bool take_option(struct order *order, int argc, char **argv, int *i)
{
	struct {
		const char *name, **value;
	} options[] = {
		{"--level", &order->level},
		{"--until", &order->until},
		{"--over", &order->over},
	};

	for (size_t k = 0; k < ARRAY_LEN(options); k++) {
		const char *value = value_of(options[k].name, argc, argv, i);

		if (value != NULL) {
			*options[k].value = value;
			return true;
		}
	}
	if (strcmp(argv[*i], "--list") == 0)
		order->list = true;
	else if (strcmp(argv[*i], "--json") == 0)
		order->json = true;
	else
		return false;
	return true;
}

int cmd_announce(int argc, char **argv)
{
	struct order order = {.level = "info"};
	bool plain = false; /* after "--" all is text */
	struct link link;
	int status;

	for (int i = 1; i < argc; i++) {
		if (!plain && strcmp(argv[i], "--") == 0)
			plain = true;
		else if (!plain && argv[i][0] == '-') {
			if (!take_option(&order, argc, argv, &i))
				return cli_usage("announce", "what is \"%s\"?",
						 argv[i]);
		} else if (order.text != NULL)
			return cli_usage("announce",
					 "the text is one argument: put it in "
					 "quotes");
		else
			order.text = argv[i];
	}
	if ((order.text != NULL) + (order.over != NULL) + order.list != 1)
		return cli_usage("announce", "a TEXT, --over ID or --list?");
	status = run(&link, &order);
	link_close(&link);
	return status;
}
