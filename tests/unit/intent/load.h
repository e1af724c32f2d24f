/* For the tests of the rule engine: rules from text, messages to outcomes. */
#ifndef TESTS_INTENT_LOAD_H
#define TESTS_INTENT_LOAD_H

#include <stdlib.h>

#include "check.h"
#include "intent/intent.h"

static struct buf load_findings; /* of the last load */

static inline struct catalog *load_files(const struct intent_source *sources,
					 size_t n,
					 const struct catalog_options *options)
{
	struct diags diags;
	struct catalog *c;

	diags_init(&diags);
	c = catalog_load(sources, n, options, &diags);
	buf_clear(&load_findings);
	buf_add_s(&load_findings, "");
	diags_print(&diags, &load_findings);
	CHECK((c == NULL) == (diags.errors > 0));
	diags_fini(&diags);
	return c;
}

/* One file "r.yaml". */
static inline struct catalog *load(const char *yaml)
{
	struct intent_source source = {"r.yaml", str_of(yaml)};

	return load_files(&source, 1, NULL);
}

/* The same, and it must be right. */
static inline struct catalog *load_right(const char *yaml)
{
	struct catalog *c = load(yaml);

	if (c == NULL) {
		CHECK_STR(load_findings.data, "");
		exit(check_done("load"));
	}
	return c;
}

static inline bool finds(const char *text)
{
	bool found = load_findings.data != NULL &&
		     strstr(load_findings.data, text) != NULL;

	if (!found)
		printf("findings are:\n%s",
		       load_findings.data != NULL ? load_findings.data : "");
	return found;
}

/* Loading it fails, and the finding is there, with its place. */
static inline bool refuses(const char *yaml, const char *finding)
{
	struct catalog *c = load(yaml);
	bool ok = c == NULL && finds(finding);

	catalog_free(&c);
	return ok;
}

static inline struct match match_of(const struct catalog *c, const char *text)
{
	struct matcher *m = matcher_new();
	struct match out;

	match_message(c, m, str_of(text), NULL, &out);
	matcher_free(&m);
	return out;
}

/* "a+b", "a?b" where it asks, "a!" where it hands over, "-" for a miss. */
static inline const char *outcome_of(const struct catalog *c, const char *text)
{
	static char out[400];
	struct match m = match_of(c, text);

	strcpy(out, m.outcome == OUTCOME_MISS ? "-" : "");
	for (size_t i = 0; i < m.winner_count; i++) {
		if (i > 0)
			strcat(out, m.outcome == OUTCOME_CLARIFY ? "?" : "+");
		strcat(out, intent_info(m.winners[i].intent)->name);
	}
	if (m.outcome == OUTCOME_ESCALATE)
		strcat(out, "!");
	return out;
}

/* The normal form of a message. */
static inline const char *normal_of(const struct catalog *c, const char *text)
{
	static char out[2000];
	struct matcher *m = matcher_new();
	struct match_context context = {.explain = true};
	struct match match;

	match_message(c, m, str_of(text), &context, &match);
	snprintf(out, sizeof(out), "%.*s", STR_ARG(match.normalised));
	matcher_free(&m);
	return out;
}

#endif
