/* Reading files and folders, in a folder of the test's own. */
#include "base/file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char top[] = "/tmp/answerd-test-file-XXXXXX";
static struct buf text, why;

static char *at(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static void write_file(const char *name, const char *bytes)
{
	FILE *f = fopen(at(name), "w");

	CHECK(f != NULL);
	if (f == NULL)
		return;
	fputs(bytes, f);
	fclose(f);
}

static void a_file_is_read_whole_up_to_its_bound(void)
{
	write_file("ten", "0123456789");
	buf_clear(&why);
	CHECK(file_read(at("ten"), 10, &text, &why));
	CHECK_STR(text.data, "0123456789");
	CHECK(file_read(at("ten"), 9, &text, &why) == false);
	CHECK(strstr(why.data, "/ten: larger than 9 bytes") != NULL);
	CHECK(text.len == 0);
	write_file("none", "");
	CHECK(file_read(at("none"), 0, &text, &why) && text.len == 0);
}

static void a_large_file_is_read_in_parts(void)
{
	FILE *f = fopen(at("large"), "w");

	for (int i = 0; i < 20000; i++)
		fprintf(f, "%05d", i);
	fclose(f);
	CHECK(file_read(at("large"), 100000, &text, &why));
	CHECK(text.len == 100000 && memcmp(text.data + 99995, "19999", 5) == 0);
}

static void what_is_not_a_regular_file_is_refused_at_once(void)
{
	buf_clear(&why);
	CHECK(file_read(top, 10, &text, &why) == false);
	CHECK(strstr(why.data, "not a regular file") != NULL);
	buf_clear(&why);
	CHECK(file_read(at("missing"), 10, &text, &why) == false);
	CHECK(strstr(why.data, "missing: No such file") != NULL);
	CHECK(mkfifo(at("fifo"), 0600) == 0);
	CHECK(file_read(at("fifo"), 10, &text, &why) == false);
	CHECK(file_read("/dev/zero", 10, &text, &why) == false);
}

static void a_tree_lists_its_files_sorted(void)
{
	struct file_list list;

	mkdir(at("d"), 0700);
	mkdir(at("d/sub"), 0700);
	mkdir(at("d/.git"), 0700);
	write_file("d/b.yaml", "");
	write_file("d/a.yaml", "");
	write_file("d/a.txt", "");
	write_file("d/.hidden.yaml", "");
	write_file("d/.git/c.yaml", "");
	write_file("d/sub/z.yaml", "");
	write_file("outside.yaml", "");
	CHECK(symlink("../outside.yaml", at("d/out.yaml")) == 0);
	CHECK(symlink(".git/c.yaml", at("d/in.yaml")) == 0);
	CHECK(symlink("..", at("d/up")) == 0);
	CHECK(symlink("nowhere.yaml", at("d/broken.yaml")) == 0);
	write_file("d/c.yml", "");
	write_file("d/a.yaml~", "");
	CHECK(file_tree(at("d/"), ".yaml .yml", &list, &why));
	CHECK(list.count == 5);
	if (list.count == 5) {
		CHECK_STR(list.paths[0], at("d/a.yaml"));
		CHECK_STR(list.paths[1], at("d/b.yaml"));
		CHECK_STR(list.paths[2], at("d/c.yml"));
		CHECK_STR(list.paths[3], at("d/in.yaml"));
		CHECK_STR(list.paths[4], at("d/sub/z.yaml"));
	}
	file_list_fini(&list);
	CHECK(list.count == 0 && list.paths == NULL);
}

static void a_missing_or_too_deep_tree_is_told(void)
{
	struct file_list list;

	buf_clear(&why);
	CHECK(file_tree(at("nothing"), ".yaml", &list, &why) == false);
	CHECK(strstr(why.data, "nothing: No such file") != NULL);
	mkdir(at("1"), 0700);
	mkdir(at("1/2"), 0700);
	mkdir(at("1/2/3"), 0700);
	mkdir(at("1/2/3/4"), 0700);
	CHECK(file_tree(at("1"), ".yaml", &list, &why));
	CHECK(list.count == 0);
	mkdir(at("1/2/3/4/5"), 0700);
	CHECK(file_tree(at("1"), ".yaml", &list, &why) == false);
	CHECK(list.count == 0);
}

int main(void)
{
	char rm[64];

	if (mkdtemp(top) == NULL)
		return 1;
	RUN(a_file_is_read_whole_up_to_its_bound);
	RUN(a_large_file_is_read_in_parts);
	RUN(what_is_not_a_regular_file_is_refused_at_once);
	RUN(a_tree_lists_its_files_sorted);
	RUN(a_missing_or_too_deep_tree_is_told);
	buf_fini(&text);
	buf_fini(&why);
	snprintf(rm, sizeof(rm), "rm -rf '%s'", top);
	if (system(rm) != 0)
		return 1;
	return check_done("base/file");
}
