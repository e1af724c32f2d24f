/* JSON pointers (RFC 6901) over jansson; see wire/pointer.h. The text comes
 * from a shop's own service, and is trusted no more than a shopper's. */
#include "wire/pointer.h"

#include <string.h>

#include "json.h"

#define TOKEN_MAX 128 /* of a pointer: longer ones lead nowhere */

bool pointer_is_valid(struct str pointer)
{
	if (pointer.n == 0)
		return true;
	if (pointer.p[0] != '/' || memchr(pointer.p, '\0', pointer.n) != NULL)
		return false;
	for (size_t i = 0; i < pointer.n; i++)
		if (pointer.p[i] == '~' &&
		    (i + 1 == pointer.n ||
		     (pointer.p[i + 1] != '0' && pointer.p[i + 1] != '1')))
			return false;
	return true;
}

/* The next token, unescaped; the pointer behind it. */
static const char *take_token(const char *p, char token[TOKEN_MAX], bool *fits)
{
	size_t n = 0;

	*fits = true;
	for (p++; *p != '\0' && *p != '/'; p++) {
		char c = *p;

		if (c == '~')
			c = *++p == '1' ? '/' : '~';
		if (n + 1 < TOKEN_MAX)
			token[n++] = c;
		else
			*fits = false;
	}
	token[n] = '\0';
	return p;
}

static const json_t *item(const json_t *list, const char *token)
{
	uint64_t i;

	if (token[0] == '0' && token[1] != '\0')
		return NULL; /* no leading zeros */
	if (!str_to_u64(str_of(token), SIZE_MAX, &i))
		return NULL;
	return json_array_get(list, (size_t)i);
}

static const json_t *follow(const json_t *at, const char *pointer)
{
	while (at != NULL && *pointer != '\0') {
		char token[TOKEN_MAX];
		bool fits;

		pointer = take_token(pointer, token, &fits);
		if (!fits)
			return NULL;
		if (json_is_object(at))
			at = json_object_get(at, token);
		else
			at = item(at, token);
	}
	return at;
}

/* A scalar as text; false: it is none, or null. */
static bool add_scalar(struct buf *out, const json_t *value)
{
	if (json_is_string(value))
		buf_add_str(out, json_str_of(value));
	else if (json_is_boolean(value))
		buf_add_s(out, json_is_true(value) ? "true" : "false");
	else if (json_is_integer(value))
		buf_add_i64(out, json_integer_value(value));
	else if (json_is_real(value))
		buf_addf(out, "%.15g", json_real_value(value));
	else
		return false;
	return true;
}

static bool add_list(struct buf *out, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			buf_add_s(out, ", ");
		if (!add_scalar(out, json_array_get(list, i)))
			return false;
	}
	return json_array_size(list) > 0;
}

static bool is_empty(const json_t *root)
{
	return json_is_null(root) ||
	       (json_is_object(root) && json_object_size(root) == 0) ||
	       (json_is_array(root) && json_array_size(root) == 0);
}

enum picked pointers_pick(struct str json, const char *const *pointers,
			  size_t n, pointer_fn fn, void *arg)
{
	json_t *root = json_parse_deep(json, POINTER_DEPTH_MAX);
	enum picked picked = PICKED_NONE;
	struct buf text = BUF_INIT;

	if (root == NULL)
		return PICKED_NOT_JSON;
	if (is_empty(root))
		picked = PICKED_EMPTY;
	for (size_t i = 0; picked != PICKED_EMPTY && i < n; i++) {
		const json_t *value = follow(root, pointers[i]);

		buf_clear(&text);
		if (value == NULL ||
		    !(json_is_array(value) ? add_list(&text, value)
					   : add_scalar(&text, value)))
			continue;
		fn(arg, i, text.len > 0 ? buf_str(&text) : STR(""));
		picked = PICKED_SOME;
	}
	buf_fini(&text);
	json_decref(root);
	return picked;
}
