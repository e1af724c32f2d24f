/* Findings: collected, counted, sorted, printed; and the nearest name. */
#include "base/diag.h"

#include "check.h"

#define AT(f, l, c) ((struct diag_place){f, l, c})

static void findings_print_with_their_place(void)
{
	struct diags d;
	struct buf out = BUF_INIT;

	diags_init(&d);
	diag_error(&d, AT("b.yaml", 12, 5), "unknown key \"%s\"", "x");
	diag_warning(&d, AT("a.yaml", 0, 0), "odd");
	diag_error(&d, AT("b.yaml", 2, 9), "second");
	diag_error(&d, AT("b.yaml", 2, 1), "first");
	diags_sort(&d);
	diags_print(&d, &out);
	CHECK_STR(out.data, "a.yaml: warning: odd\n"
			    "b.yaml:2:1: error: first\n"
			    "b.yaml:2:9: error: second\n"
			    "b.yaml:12:5: error: unknown key \"x\"\n");
	CHECK(d.errors == 3 && d.warnings == 1 && d.count == 4);
	diags_fini(&d);
	buf_fini(&out);
}

static void findings_beyond_the_limit_are_counted(void)
{
	struct diags d;
	struct buf out = BUF_INIT;

	diags_init(&d);
	for (unsigned i = 0; i < DIAGS_MAX + 7; i++)
		diag_error(&d, AT("f", i + 1, 1), "n");
	CHECK(d.errors == DIAGS_MAX + 7 && d.count == DIAGS_MAX);
	diags_print(&d, &out);
	CHECK(strstr(out.data, "and 7 more\n") != NULL);
	diags_fini(&d);
	CHECK(d.errors == 0 && d.list == NULL);
	diags_sort(&d);
	buf_fini(&out);
}

static void the_nearest_name_is_suggested(void)
{
	static const char *const names[] = {"pattern", "phrase", "weight",
					    "near"};

	CHECK_STR(diag_nearest(STR("patern"), names, 4), "pattern");
	CHECK_STR(diag_nearest(STR("wieght"), names, 4), "weight");
	CHECK_STR(diag_nearest(STR("phrases"), names, 4), "phrase");
	CHECK_STR(diag_nearest(STR("neer"), names, 4), "near");
	CHECK(diag_nearest(STR("colour"), names, 4) == NULL);
	CHECK(diag_nearest(STR("x"), names, 4) == NULL);
	CHECK(diag_nearest(STR(""), names, 4) == NULL);
	CHECK(diag_nearest(STR("pattern"), names, 0) == NULL);
}

static void words_of_any_length_are_taken(void)
{
	static const char *const names[] = {"near"};
	char word[200];

	for (size_t n = 0; n < sizeof(word); n++) {
		word[n] = 'n';
		if (n > 8)
			CHECK(diag_nearest((struct str){word, n + 1}, names,
					   1) == NULL);
	}
}

int main(void)
{
	RUN(findings_print_with_their_place);
	RUN(findings_beyond_the_limit_are_counted);
	RUN(the_nearest_name_is_suggested);
	RUN(words_of_any_length_are_taken);
	return check_done("base/diag");
}
