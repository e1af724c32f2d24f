/* `answerctl words`: the vocabulary of the rules, one word a line, then the
 * word groups with all that they can be. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli.h"
#include "intent/intent.h"
#include "rules.h"

/* ---- as JSON ---------------------------------------------------------- */

static void word_json(void *arg, const struct catalog_word *w)
{
	struct buf *out = arg;

	buf_add_s(out, "{\"word\":");
	buf_add_json(out, w->text);
	buf_addf(out, ",\"rule\":%s,\"protected\":%s",
		 w->is_rule ? "true" : "false",
		 w->is_protected ? "true" : "false");
	if (w->become_count > 0) {
		buf_add_s(out, ",\"becomes\":");
		buf_add_json_list(out, w->becomes, w->become_count);
	}
	buf_add_s(out, "}\n");
}

static void group_json(void *arg, struct str name, const struct str *forms,
		       size_t n)
{
	struct buf *out = arg;

	buf_add_s(out, "{\"group\":");
	buf_add_json(out, name);
	buf_add_s(out, ",\"forms\":");
	if (forms == NULL)
		buf_add_s(out, "null");
	else
		buf_add_json_list(out, forms, n);
	buf_add_s(out, "}\n");
}

/* ---- for people ------------------------------------------------------- */

static void word_line(void *arg, const struct catalog_word *w)
{
	struct buf *out = arg;

	if (!w->is_protected && w->becomes == NULL && w->is_rule) {
		buf_addf(out, "%.*s\n", STR_ARG(w->text));
		return;
	}
	buf_addf(out, "%-24.*s", STR_ARG(w->text));
	if (w->is_protected)
		buf_add_s(out, " protected");
	if (!w->is_rule)
		buf_add_s(out, " language");
	for (size_t i = 0; i < w->become_count; i++)
		buf_addf(out, "%s%.*s", i == 0 ? " read as " : " ",
			 STR_ARG(w->becomes[i]));
	buf_add_c(out, '\n');
}

static void group_line(void *arg, struct str name, const struct str *forms,
		       size_t n)
{
	struct buf *out = arg;
	size_t from = out->len;

	buf_addf(out, "<%.*s>", STR_ARG(name));
	while (out->len < from + 24)
		buf_add_c(out, ' ');
	if (forms == NULL)
		buf_add_s(out, " (holds PCRE2, or is too long to list)");
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%.*s", i == 0 ? " " : ", ", STR_ARG(forms[i]));
	buf_add_c(out, '\n');
}

/* ---- running ---------------------------------------------------------- */

static void print(const struct catalog *catalog, bool json)
{
	struct buf out = BUF_INIT;

	catalog_words(catalog, json ? word_json : word_line, &out);
	catalog_groups(catalog, json ? group_json : group_line, &out);
	if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	buf_fini(&out);
}

int cmd_words(int argc, char **argv)
{
	const struct catalog_options options = {.no_jit = true,
						.skip_examples = true};
	const char *dir = rules_default_dir();
	struct catalog *catalog;
	bool json = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-i") == 0 && i + 1 < argc)
			dir = argv[++i];
		else if (strcmp(argv[i], "--json") == 0)
			json = true;
		else
			return cli_unknown("words", argv[i]);
	}
	catalog = rules_load(dir, &options);
	if (catalog == NULL)
		return CLI_FAILED;
	print(catalog, json);
	catalog_free(&catalog);
	return CLI_OK;
}
