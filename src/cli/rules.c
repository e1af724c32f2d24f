/* Reads a rule directory and loads it, with the system's word list as the
 * words that are no typing errors. Says on standard error what is wrong. */
#include "rules.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tree.h"

#define WORD_LIST_MAX (8 * 1024 * 1024)

const char *rules_default_dir(void)
{
	static const char here[] = "intents";
	static char installed[PATH_MAX];

	file_installed(here, installed, sizeof(installed));
	return access(here, F_OK) != 0 && access(installed, F_OK) == 0
		       ? installed
		       : here;
}

static bool read_all(struct rule_files *out, struct buf *why)
{
	out->texts = xcalloc(out->list.count + 1, sizeof(*out->texts));
	out->sources = xcalloc(out->list.count + 1, sizeof(*out->sources));
	for (size_t i = 0; i < out->list.count; i++) {
		if (!file_read(out->list.paths[i], TREE_MAX_BYTES,
			       &out->texts[i], why))
			return false;
		out->sources[i].name = out->list.paths[i];
		out->sources[i].text = buf_str(&out->texts[i]);
		out->count++;
	}
	return true;
}

bool rule_files_read(const char *dir, struct rule_files *out, struct buf *why)
{
	struct buf ignored = BUF_INIT;

	*out = (struct rule_files){0};
	if (!file_tree(dir, INTENT_FILES, &out->list, why)) {
		if (access(dir, F_OK) != 0)
			buf_add_s(why, "; give the rule directory with -i DIR");
		return false;
	}
	if (!read_all(out, why)) {
		rule_files_fini(out);
		return false;
	}
	if (out->count == 0) {
		buf_addf(
			why,
			"no .yaml or .yml files in %s; give the rule directory "
			"with -i DIR",
			dir);
		rule_files_fini(out);
		return false;
	}
	/* Without a word list correction is bolder; the packages bring one. */
	file_read(RULES_WORD_LIST, WORD_LIST_MAX, &out->words, &ignored);
	buf_fini(&ignored);
	return true;
}

void rule_files_fini(struct rule_files *files)
{
	for (size_t i = 0; files->texts != NULL && i < files->list.count; i++)
		buf_fini(&files->texts[i]);
	free(files->texts);
	free(files->sources);
	file_list_fini(&files->list);
	buf_fini(&files->words);
	*files = (struct rule_files){0};
}

static void print_findings(const struct diags *diags)
{
	struct buf out = BUF_INIT;

	diags_print(diags, &out);
	if (out.len > 0)
		fwrite(out.data, 1, out.len, stderr);
	buf_fini(&out);
}

struct catalog *rules_load(const char *dir,
			   const struct catalog_options *options)
{
	struct catalog_options all = *options;
	struct rule_files files;
	struct diags diags;
	struct buf why = BUF_INIT;
	struct catalog *catalog;

	if (!rule_files_read(dir, &files, &why)) {
		fprintf(stderr, "answerctl: %s\n", why.data);
		buf_fini(&why);
		return NULL;
	}
	diags_init(&diags);
	if (files.words.len > 0)
		all.protected_words = buf_str(&files.words);
	catalog = catalog_load(files.sources, files.count, &all, &diags);
	if (catalog == NULL)
		print_findings(&diags);
	diags_fini(&diags);
	rule_files_fini(&files);
	return catalog;
}
