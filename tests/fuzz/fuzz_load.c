/* An operator's bytes as a rule file and as a language file. Checked: what is
 * refused is told with its place, and what is taken can be matched, linted and
 * says the same about every message with the index and without. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "intent/intent.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static const char *const messages[] = {
	"where is my order 12345678?",
	"Yes please. one two",
	"",
};

static void check_findings(const struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		need(diags->list[i].text[0] != '\0');
		need(diags->list[i].file[0] != '\0');
	}
}

static struct catalog *load(const struct intent_source *sources, size_t n,
			    bool no_index)
{
	struct catalog_options options = {.no_index = no_index};
	struct catalog *c;
	struct diags diags;

	diags_init(&diags);
	c = catalog_load(sources, n, &options, &diags);
	need((c == NULL) == (diags.errors > 0));
	check_findings(&diags);
	diags_fini(&diags);
	return c;
}

static void match_all(const struct catalog *with, const struct catalog *without)
{
	static struct match a, b;
	struct matcher *m = matcher_new();

	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		match_message(with, m, str_of(messages[i]), NULL, &a);
		match_message(without, m, str_of(messages[i]), NULL, &b);
		if (a.limits_hit > 0 || b.limits_hit > 0)
			continue;
		need(a.outcome == b.outcome);
		need(a.winner_count == b.winner_count);
		for (size_t k = 0; k < a.winner_count; k++)
			need(a.winners[k].score == b.winners[k].score);
	}
	matcher_free(&m);
}

static void use(const struct catalog *c)
{
	struct answer_request request = {.message_id = STR("m")};
	struct buf out = BUF_INIT;
	struct diags diags;

	diags_init(&diags);
	catalog_lint(c, &diags);
	check_findings(&diags);
	diags_fini(&diags);
	for (size_t i = 0; i < catalog_count(c); i++) {
		const struct intent *in = catalog_intent(c, i);

		need(catalog_find(c, str_of(intent_info(in)->name)) == in);
		answer_render(c, in, &request, &out);
		for (size_t k = 0; k < intent_info(in)->needs; k++)
			answer_need(c, in, k, &request, &out);
	}
	answer_text(c, "miss", &request, &out);
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *cut = memmem(data, size, "\n####\n", 6);
	size_t first = cut != NULL ? (size_t)(cut - (const char *)data) : size;
	struct intent_source sources[2] = {
		{"r.yaml", {(const char *)data, first}},
		{"_language/en.yaml",
		 {cut != NULL ? cut + 6 : "",
		  cut != NULL ? size - first - 6 : 0}},
	};
	size_t n = cut != NULL ? 2 : 1;
	struct catalog *with, *without;

	if (size > 8192)
		return 0;
	with = load(sources, n, false);
	without = load(sources, n, true);
	need((with == NULL) == (without == NULL));
	if (with != NULL) {
		need(strcmp(catalog_version(with), catalog_version(without)) ==
		     0);
		match_all(with, without);
		use(with);
	}
	catalog_free(&with);
	catalog_free(&without);
	return 0;
}
