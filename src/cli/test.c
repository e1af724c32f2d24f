/* `answerctl test`: the examples and counterexamples of the rules, and the
 * dialogue scripts beside them (DIR/tests/ and those named). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chat/script.h"
#include "cli.h"
#include "intent/intent.h"
#include "rules.h"

#define SCRIPT_MAX_BYTES (1024 * 1024)
#define SCRIPTS_MAX      100 /* named on the command line */

struct tests {
	const char *dir;
	bool json;
	const char *files[SCRIPTS_MAX];
	size_t file_count;
	struct diags diags;
	size_t examples, examples_failed;
	struct script_result scripts;
	bool unreadable;
};

/* -- dialogues --------------------------------------------------------- */

static void run_script(struct tests *t, const struct catalog *catalog,
		       const char *path)
{
	struct buf text = BUF_INIT, why = BUF_INIT;

	if (file_read(path, SCRIPT_MAX_BYTES, &text, &why)) {
		script_run(catalog, NULL, path, buf_str(&text), &t->diags,
			   &t->scripts);
	} else {
		fprintf(stderr, "answerctl: %s\n", why.data);
		t->unreadable = true;
	}
	buf_fini(&text);
	buf_fini(&why);
}

/* A directory of rules without scripts is one without scripts. */
static void run_own_scripts(struct tests *t, const struct catalog *catalog)
{
	struct buf dir = BUF_INIT, why = BUF_INIT;
	struct file_list list = {0};

	buf_addf(&dir, "%s/tests", t->dir);
	if (file_tree(dir.data, ".chat", &list, &why))
		for (size_t i = 0; i < list.count; i++)
			run_script(t, catalog, list.paths[i]);
	file_list_fini(&list);
	buf_fini(&dir);
	buf_fini(&why);
}

/* -- all of it --------------------------------------------------------- */

/* The exit status. */
static int run(struct tests *t, const struct rule_files *files)
{
	struct catalog_options options = {.skip_examples = true};
	struct catalog *catalog;

	if (files->words.len > 0)
		options.protected_words = buf_str(&files->words);
	catalog =
		catalog_load(files->sources, files->count, &options, &t->diags);
	if (catalog == NULL)
		return CLI_ERRORS;
	t->examples = catalog_test(catalog, &t->diags);
	t->examples_failed = t->diags.errors;
	for (size_t i = 0; i < t->file_count; i++)
		run_script(t, catalog, t->files[i]);
	if (t->file_count == 0)
		run_own_scripts(t, catalog);
	catalog_free(&catalog);
	if (t->unreadable)
		return CLI_ERRORS;
	return t->diags.errors > 0 ? CLI_FAILED : CLI_OK;
}

static void print_sums(const struct tests *t)
{
	printf("%zu examples: %zu passed, %zu failed\n", t->examples,
	       t->examples - t->examples_failed, t->examples_failed);
	printf("%zu dialogues, %zu checks: %zu passed, %zu failed\n",
	       t->scripts.dialogues, t->scripts.checks,
	       t->scripts.checks - t->scripts.failed, t->scripts.failed);
}

/* CLI_OK, or what cli_usage() gave. */
static int read_arguments(struct tests *t, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-i") == 0 && i + 1 < argc)
			t->dir = argv[++i];
		else if (strcmp(argv[i], "--json") == 0)
			t->json = true;
		else if (argv[i][0] == '-')
			return cli_unknown("test", argv[i]);
		else if (t->file_count == SCRIPTS_MAX)
			return cli_usage("test", "more than %d files",
					 SCRIPTS_MAX);
		else
			t->files[t->file_count++] = argv[i];
	}
	return CLI_OK;
}

int cmd_test(int argc, char **argv)
{
	struct tests *t = xcalloc(1, sizeof(*t));
	struct rule_files files;
	struct buf why = BUF_INIT;
	int status;

	t->dir = rules_default_dir();
	status = read_arguments(t, argc, argv);
	if (status == CLI_OK && !rule_files_read(t->dir, &files, &why)) {
		fprintf(stderr, "answerctl: %s\n", why.data);
		status = CLI_ERRORS;
	} else if (status == CLI_OK) {
		diags_init(&t->diags);
		status = run(t, &files);
		findings_print(&t->diags, t->json);
		if (!t->json && status != CLI_ERRORS)
			print_sums(t);
		diags_fini(&t->diags);
		rule_files_fini(&files);
	}
	buf_fini(&why);
	free(t);
	return status;
}
