/* The unit tests' one tool: CHECK(condition), RUN(function), and check_done()
 * as main()'s result. A failed check says where and goes on, so that one run
 * shows all of them. A test's name is a sentence. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_failed;
static int check_tests;
static int check_tests_failed;

#define CHECK(cond)                                                            \
	do {                                                                   \
		if (!(cond)) {                                                 \
			check_failed++;                                        \
			printf("%s:%d: not true: %s\n", __FILE__, __LINE__,    \
			       #cond);                                         \
		}                                                              \
	} while (0)

#define CHECK_STR(got, want)                                                   \
	do {                                                                   \
		const char *check_g = (got), *check_w = (want);                \
		if (check_g == NULL || strcmp(check_g, check_w) != 0) {        \
			check_failed++;                                        \
			printf("%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__,  \
			       __LINE__, #got,                                 \
			       check_g == NULL ? "(null)" : check_g, check_w); \
		}                                                              \
	} while (0)

#define RUN(test)                                                              \
	do {                                                                   \
		int check_before = check_failed;                               \
		test();                                                        \
		check_tests++;                                                 \
		if (check_failed != check_before) {                            \
			check_tests_failed++;                                  \
			printf("FAILED %s\n", #test);                          \
		}                                                              \
	} while (0)

/* Prints "name: N passed, N failed" and gives main()'s exit status. */
static inline int check_done(const char *name)
{
	printf("%s: %d passed, %d failed\n", name,
	       check_tests - check_tests_failed, check_tests_failed);
	return check_tests_failed == 0 && check_tests > 0 ? 0 : 1;
}

#endif
