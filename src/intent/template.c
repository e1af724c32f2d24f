/* Parsing and rendering of texts with slots; see template.h. A slot that has
 * no value and no default is left out, with the blank before it. */
#include "template.h"

#include <string.h>

#include "base/diag.h"
#include "base/mem.h"

#define FORMATS_MAX 4

enum format {
	FORMAT_DATE,
	FORMAT_MONEY,
	FORMAT_LIST,
	FORMAT_PREFIX,
	FORMAT_DEFAULT
};

static const char *const format_names[] = {
	[FORMAT_DATE] = "date",       [FORMAT_MONEY] = "money",
	[FORMAT_LIST] = "list",       [FORMAT_PREFIX] = "prefix",
	[FORMAT_DEFAULT] = "default",
};

struct use {
	enum format format;
	struct str argument;
};

struct piece {
	struct piece *next;
	struct str text; /* of a slot its name */
	bool slot;
	struct use uses[FORMATS_MAX];
	size_t use_count;
};

struct template
{
	struct piece *first;
};

/* ---- parsing ---------------------------------------------------------- */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

/* "'…'", "\"…\"", or bare. */
static struct str unquoted(struct str s)
{
	if (s.n >= 2 && (s.p[0] == '\'' || s.p[0] == '"') &&
	    s.p[s.n - 1] == s.p[0])
		return (struct str){s.p + 1, s.n - 2};
	return s;
}

/* The next "|" outside of quotes, or the end. */
static size_t find_bar(struct str s)
{
	char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '|')
			return i;
		else if ((c == '\'' || c == '"') && i > 0 &&
			 (s.p[i - 1] == ' ' || s.p[i - 1] == ':'))
			quote = c;
	}
	return s.n;
}

static bool parse_use(struct arena *arena, struct str s, struct use *use,
		      struct buf *why)
{
	size_t n = 0;
	struct str name;
	const char *near;

	while (n < s.n && is_name_char(s.p[n]))
		n++;
	name = (struct str){s.p, n};
	for (size_t i = 0; i < ARRAY_LEN(format_names); i++) {
		if (!str_is(name, format_names[i]))
			continue;
		s = (struct str){s.p + n, s.n - n};
		if (s.n > 0 && s.p[0] == ':')
			s = (struct str){s.p + 1, s.n - 1};
		use->format = (enum format)i;
		use->argument = arena_str(arena, unquoted(str_trim(s)));
		if ((i == FORMAT_PREFIX || i == FORMAT_DEFAULT) &&
		    str_trim(s).n == 0) {
			buf_addf(why,
				 "\"%s\" wants a text behind it: "
				 "{{… | %s 'there'}}",
				 format_names[i], format_names[i]);
			return false;
		}
		return true;
	}
	near = diag_nearest(name, format_names, ARRAY_LEN(format_names));
	buf_addf(why, "unknown format \"%.*s\"; ", STR_ARG(name));
	if (near != NULL)
		buf_addf(why, "did you mean \"%s\"?", near);
	else
		buf_add_s(why, "there are date, money, list, prefix, default");
	return false;
}

static bool parse_slot(struct arena *arena, struct str s, struct piece *piece,
		       struct buf *why)
{
	size_t bar = find_bar(s);

	piece->slot = true;
	piece->text = arena_str(arena, str_trim((struct str){s.p, bar}));
	for (size_t i = 0; i < piece->text.n; i++) {
		if (!is_name_char(piece->text.p[i])) {
			buf_addf(why,
				 "\"{{%.*s}}\" names no slot; write "
				 "{{name}} or {{name | format}}",
				 STR_ARG(s));
			return false;
		}
	}
	if (piece->text.n == 0) {
		buf_add_s(why, "\"{{}}\" names no slot; write {{name}}");
		return false;
	}
	while (bar < s.n) {
		s = (struct str){s.p + bar + 1, s.n - bar - 1};
		bar = find_bar(s);
		if (piece->use_count == FORMATS_MAX) {
			buf_add_s(why, "too many formats in one slot");
			return false;
		}
		if (!parse_use(arena, str_trim((struct str){s.p, bar}),
			       &piece->uses[piece->use_count++], why))
			return false;
	}
	return true;
}

struct template *template_parse(struct arena *arena, struct str source,
				struct buf *why)
{
	struct template *t = arena_alloc(arena, sizeof(*t));
	struct piece **tail = &t->first;
	size_t i = 0;

	while (i < source.n) {
		const char *open = memmem(source.p + i, source.n - i, "{{", 2);
		size_t at = open != NULL ? (size_t)(open - source.p) : source.n;
		struct piece *p = arena_alloc(arena, sizeof(*p));
		const char *close;

		*tail = p;
		tail = &p->next;
		if (at > i) {
			p->text = arena_str(arena,
					    (struct str){source.p + i, at - i});
			i = at;
			continue;
		}
		close = memmem(source.p + at, source.n - at, "}}", 2);
		if (close == NULL) {
			buf_add_s(why, "\"{{\" without its \"}}\"; close it");
			return NULL;
		}
		if (!parse_slot(
			    arena,
			    (struct str){open + 2, (size_t)(close - open) - 2},
			    p, why))
			return NULL;
		i = (size_t)(close - source.p) + 2;
	}
	return t;
}

static bool has_default(const struct piece *p)
{
	for (size_t i = 0; i < p->use_count; i++) {
		if (p->uses[i].format == FORMAT_DEFAULT ||
		    p->uses[i].format == FORMAT_PREFIX)
			return true;
	}
	return false;
}

void template_names(const struct template *t, template_visitor each, void *arg)
{
	for (const struct piece *p = t->first; p != NULL; p = p->next) {
		if (p->slot)
			each(arg, p->text, has_default(p));
	}
}

/* ---- rendering -------------------------------------------------------- */

static void apply(const struct use *use, const struct template_env *env,
		  struct buf *value)
{
	struct buf old = *value;

	buf_init(value);
	switch (use->format) {
	case FORMAT_DATE:
		format_date(buf_str(&old), env->language, value);
		break;
	case FORMAT_MONEY:
		format_money(buf_str(&old), env->language, value);
		break;
	case FORMAT_LIST:
		format_list(buf_str(&old), env->language, value);
		break;
	case FORMAT_PREFIX:
		if (old.len > 0)
			buf_add_str(value, use->argument);
		buf_add_str(value, buf_str(&old));
		break;
	case FORMAT_DEFAULT:
		buf_add_str(value, old.len > 0 ? buf_str(&old) : use->argument);
		break;
	}
	buf_fini(&old);
}

static void render_slot(const struct piece *p, const struct template_env *env,
			struct buf *out)
{
	struct buf value = BUF_INIT;
	struct str found = env->lookup(env->arg, p->text);

	if (found.n == 0 && env->keep && !has_default(p)) {
		buf_add_s(out, "{{");
		buf_add_str(out, p->text);
		buf_add_s(out, "}}");
		return;
	}
	if (found.n > 0 && p->use_count == 0) {
		buf_add_str(out, found);
		return;
	}
	if (found.p != NULL)
		buf_add_str(&value, found);
	for (size_t i = 0; i < p->use_count; i++)
		apply(&p->uses[i], env, &value);
	if (value.len == 0 && out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_add_str(out, buf_str(&value));
	buf_fini(&value);
}

void template_render(const struct template *t, const struct template_env *env,
		     struct buf *out)
{
	for (const struct piece *p = t->first; p != NULL; p = p->next) {
		if (p->slot)
			render_slot(p, env, out);
		else
			buf_add_str(out, p->text);
	}
}
