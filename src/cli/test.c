/* `answerctl test`: the examples and counterexamples of the rules. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "intent/intent.h"
#include "rules.h"

/* The exit status. */
static int run(const struct rule_files *files, struct diags *diags,
	       size_t *count)
{
	struct catalog_options options = {.skip_examples = true};
	struct catalog *catalog;

	if (files->words.len > 0)
		options.protected_words = buf_str(&files->words);
	catalog = catalog_load(files->sources, files->count, &options, diags);
	if (catalog == NULL)
		return CLI_ERRORS;
	*count = catalog_test(catalog, diags);
	catalog_free(&catalog);
	return diags->errors > 0 ? CLI_FAILED : CLI_OK;
}

int cmd_test(int argc, char **argv)
{
	const char *dir = RULES_DEFAULT_DIR;
	bool json = false;
	struct rule_files files;
	struct diags diags;
	struct buf why = BUF_INIT;
	size_t count = 0;
	int status;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-i") == 0 && i + 1 < argc) {
			dir = argv[++i];
		} else if (strcmp(argv[i], "--json") == 0) {
			json = true;
		} else {
			return cli_usage("test", "no option \"%s\"", argv[i]);
		}
	}
	if (!rule_files_read(dir, &files, &why)) {
		fprintf(stderr, "answerctl: %s\n", why.data);
		buf_fini(&why);
		return CLI_ERRORS;
	}
	diags_init(&diags);
	status = run(&files, &diags, &count);
	findings_print(&diags, json);
	if (!json && status != CLI_ERRORS)
		printf("%zu examples: %zu passed, %zu failed\n", count,
		       count - diags.errors, diags.errors);
	diags_fini(&diags);
	rule_files_fini(&files);
	return status;
}
