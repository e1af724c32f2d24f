/* A condition (first line), a text with slots (second), a value (the rest).
 * Checked: what parses can be evaluated and rendered, in every language and
 * format; nothing of the value is read as a slot again. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "rules.h"
#include "template.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static struct str line_of(struct str *rest)
{
	const char *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
	struct str line = *rest;

	if (end != NULL)
		line.n = (size_t)(end - rest->p);
	rest->p += line.n + (end != NULL);
	rest->n -= line.n + (end != NULL);
	return line;
}

static struct str look_up(const void *arg, struct str name)
{
	return name.n > 0 && name.p[0] == 'x' ? STR_NONE
					      : *(const struct str *)arg;
}

static void count(void *arg, struct str name, bool defaulted)
{
	(void)defaulted;
	need(name.n > 0);
	++*(size_t *)arg;
}

static void render(struct arena *arena, struct str source, struct str value)
{
	struct buf why = BUF_INIT, out = BUF_INIT;
	struct template *t = template_parse(arena, source, &why);
	struct language german = {.tag = STR("de")};
	struct template_env env = {look_up, &value, &german, false};
	size_t slots = 0;

	need((t == NULL) == (why.len > 0));
	if (t != NULL) {
		template_names(t, count, &slots);
		template_render(t, &env, &out);
		if (slots == 0)
			need(str_eq(buf_str(&out), source));
		env.language = NULL;
		env.keep = true;
		template_render(t, &env, &out);
	}
	buf_fini(&why);
	buf_fini(&out);
}

static void evaluate(struct arena *arena, struct str source, struct str value)
{
	struct buf why = BUF_INIT;
	struct condition *c = condition_parse(arena, source, &why);
	size_t names = 0;

	need((c == NULL) == (why.len > 0));
	if (c != NULL) {
		bool once = condition_holds(c, look_up, &value);

		condition_names(c, count, &names);
		need(names > 0);
		need(condition_holds(c, look_up, &value) == once);
	}
	buf_fini(&why);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct str rest = {(const char *)data, size};
	struct str condition, text;
	struct arena arena;
	struct buf out = BUF_INIT;

	if (size == 0 || size > 4000)
		return 0;
	condition = line_of(&rest);
	text = line_of(&rest);
	arena_init(&arena);
	evaluate(&arena, condition, rest);
	render(&arena, text, rest);
	format_date(rest, NULL, &out);
	format_money(rest, NULL, &out);
	format_list(rest, NULL, &out);
	buf_fini(&out);
	arena_fini(&arena);
	return 0;
}
