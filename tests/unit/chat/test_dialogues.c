/* The shipped rules keep the dialogues that are shipped with them
 * (intents/tests). Run from the project's root, as all unit tests are. */
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "chat/script.h"
#include "check.h"

#define FILE_MAX (1024 * 1024)

static struct catalog *load(void)
{
	struct file_list files;
	struct buf why = BUF_INIT, out = BUF_INIT, *texts;
	struct intent_source *sources;
	struct catalog_options options = {.skip_examples = true};
	struct catalog *catalog;
	struct diags diags;

	CHECK(file_tree("intents", ".yaml", &files, &why));
	diags_init(&diags);
	texts = xcalloc(files.count, sizeof(*texts));
	sources = xcalloc(files.count, sizeof(*sources));
	for (size_t i = 0; i < files.count; i++) {
		CHECK(file_read(files.paths[i], FILE_MAX, &texts[i], &why));
		sources[i].name = files.paths[i] + strlen("intents/");
		sources[i].text = buf_str(&texts[i]);
	}
	catalog = catalog_load(sources, files.count, &options, &diags);
	diags_print(&diags, &out);
	if (catalog == NULL)
		printf("%s", out.data == NULL ? "no findings\n" : out.data);
	for (size_t i = 0; i < files.count; i++)
		buf_fini(&texts[i]);
	free(texts);
	free(sources);
	file_list_fini(&files);
	diags_fini(&diags);
	buf_fini(&out);
	buf_fini(&why);
	return catalog;
}

static void run(const struct catalog *catalog, const char *path,
		struct script_result *result)
{
	struct buf text = BUF_INIT, why = BUF_INIT, out = BUF_INIT;
	struct diags diags;

	diags_init(&diags);
	CHECK(file_read(path, FILE_MAX, &text, &why));
	script_run(catalog, NULL, path, buf_str(&text), &diags, result);
	diags_print(&diags, &out);
	if (diags.errors > 0)
		printf("%s", out.data);
	diags_fini(&diags);
	buf_fini(&text);
	buf_fini(&why);
	buf_fini(&out);
}

static void the_shipped_dialogues_go_as_written(void)
{
	struct catalog *catalog = load();
	struct script_result result = {0};
	struct file_list files;
	struct buf why = BUF_INIT;

	CHECK(catalog != NULL);
	CHECK(file_tree("intents/tests", ".chat", &files, &why));
	for (size_t i = 0; i < files.count && catalog != NULL; i++)
		run(catalog, files.paths[i], &result);
	CHECK(files.count >= 6);
	CHECK(result.dialogues >= 20 && result.checks >= 80);
	CHECK(result.failed == 0);
	file_list_fini(&files);
	buf_fini(&why);
	catalog_free(&catalog);
}

int main(void)
{
	RUN(the_shipped_dialogues_go_as_written);
	return check_done("chat/dialogues");
}
