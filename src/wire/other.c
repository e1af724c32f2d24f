/* JSON that is not a frame: sign-in, problems, flat objects in the store, and
 * the inside of a JWT. Whether a signature is right is asked before. */
#include "wire/frame.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "json.h"
#include "put.h"

/* Copies a member of at most `room - 1` bytes, terminated. */
static bool copy(const json_t *object, const char *name, char *into,
		 size_t room)
{
	struct str s = json_str(object, name);

	if (s.p == NULL || s.n == 0 || s.n >= room)
		return false;
	memcpy(into, s.p, s.n);
	into[s.n] = '\0';
	return true;
}

bool login_decode(struct str json, struct login *out)
{
	json_t *root = json_parse(json);
	bool ok;

	*out = (struct login){{0}, {0}};
	ok = copy(root, "name", out->name, sizeof(out->name)) &&
	     copy(root, "password", out->password, sizeof(out->password));
	json_decref(root);
	if (!ok)
		*out = (struct login){{0}, {0}};
	return ok;
}

/* -- a sentence to be tried ------------------------------------------------ */

static const char *trial_text(const json_t *root, size_t max_text,
			      struct trial *out)
{
	struct str locale = json_str(root, "locale");

	out->text = str_trim(json_str(root, "text"));
	if (out->text.n == 0)
		return "the body is to be JSON: {\"text\": \"…\"}";
	if (utf8_count(out->text.p, out->text.n) > max_text)
		return "text is longer than limits.text";
	if (locale.n >= sizeof(out->locale))
		return "locale is longer than 35 bytes";
	str_copy(out->locale, sizeof(out->locale), locale);
	return NULL;
}

bool trial_decode(struct str json, size_t max_text, struct trial *out,
		  const char **why)
{
	json_t *root = json_parse(json);

	*out = (struct trial){.json = root};
	*why = trial_text(root, max_text, out);
	return *why == NULL;
}

void trial_fini(struct trial *trial)
{
	json_decref(trial->json);
	trial->json = NULL;
}

/* -- announcements --------------------------------------------------------- */

static const char *announced_text(const json_t *root, struct announced *out)
{
	struct str text = str_trim(json_str(root, "text"));

	if (text.n == 0)
		return "text is missing";
	if (text.n >= sizeof(out->text) ||
	    utf8_count(text.p, text.n) > ANNOUNCED_TEXT_MAX)
		return "text is longer than 500 characters";
	memcpy(out->text, text.p, text.n);
	out->text[text.n] = '\0';
	return NULL;
}

static const char *announced_level(const json_t *root, struct announced *out)
{
	const json_t *level = json_object_get(root, "level");
	struct str name = level == NULL ? STR("info") : json_str_of(level);

	if (!str_is(name, "info") && !str_is(name, "warning"))
		return "level is info or warning";
	memcpy(out->level, name.p, name.n);
	out->level[name.n] = '\0';
	return NULL;
}

static const char *announced_until(const json_t *root, struct announced *out)
{
	const json_t *until = json_object_get(root, "until");

	if (until == NULL || json_is_null(until))
		return NULL;
	if (json_is_integer(until) && json_integer_value(until) > 0) {
		out->until_ms = json_integer_value(until);
		return NULL;
	}
	if (copy(root, "until", out->until, sizeof(out->until)))
		return NULL;
	return "until is a time: milliseconds, \"2026-11-30T18:00Z\", "
	       "\"18:00\" or \"+2h\"";
}

static const char *announced_read(const json_t *root, struct announced *out)
{
	const char *why;

	if (!json_is_object(root))
		return "the body is to be a JSON object with text, level and "
		       "until, or with id and over";
	out->over = json_is_true(json_object_get(root, "over"));
	if (out->over)
		return copy(root, "id", out->id, sizeof(out->id))
			       ? NULL
			       : "id is missing: which one is over?";
	why = announced_text(root, out);
	if (why == NULL)
		why = announced_level(root, out);
	if (why == NULL)
		why = announced_until(root, out);
	out->at_ms = json_integer_value(json_object_get(root, "at"));
	copy(root, "by", out->by, sizeof(out->by));
	return why;
}

bool announced_decode(struct str json, struct announced *out, const char **why)
{
	json_t *root = json_parse(json);

	*out = (struct announced){.over = false};
	*why = announced_read(root, out);
	json_decref(root);
	return *why == NULL;
}

void announced_encode(struct buf *b, const struct announced *a)
{
	PUT(b, "{\"text\":");
	buf_add_json(b, str_of(a->text));
	PUT_STR(b, "level", str_of(a->level));
	PUT_TIME(b, "until", a->until_ms);
	PUT_I64(b, "at", a->at_ms);
	PUT_STR(b, "by", str_of(a->by));
	PUT(b, "}");
}

/* -- problems, flat objects ------------------------------------------------ */

void problem_encode(struct buf *b, int status, const char *title,
		    const char *detail)
{
	PUT(b, "{\"type\":\"about:blank\"");
	PUT_STR(b, "title", str_of(title));
	PUT_I64(b, "status", status);
	PUT_OPT(b, "detail", str_of(detail));
	PUT(b, "}");
}

/* -- JWT ----------------------------------------------------------------- */

/* Seconds since the epoch; RFC 7519 allows a fraction. */
static bool numeric_date(const json_t *object, const char *name, int64_t *out)
{
	const json_t *value = json_object_get(object, name);
	double v;

	if (!json_is_number(value))
		return false;
	if (json_is_integer(value)) {
		*out = json_integer_value(value);
		return *out >= 0;
	}
	v = json_real_value(value);
	if (!(v >= 0 && v < 1e15))
		return false;
	*out = (int64_t)v;
	return true;
}

static bool claims_of(const json_t *root, struct jwt_claims *out)
{
	if (!copy(root, "sub", out->sub, sizeof(out->sub)) ||
	    !numeric_date(root, "exp", &out->exp_s))
		return false;
	if (json_object_get(root, "nbf") != NULL &&
	    !numeric_date(root, "nbf", &out->nbf_s))
		return false;
	copy(root, "name", out->name, sizeof(out->name));
	copy(root, "email", out->email, sizeof(out->email));
	return true;
}

bool jwt_claims_decode(struct str json, struct jwt_claims *out)
{
	json_t *root = json_parse(json);
	bool ok;

	*out = (struct jwt_claims){.exp_s = 0};
	ok = claims_of(root, out);
	json_decref(root);
	if (!ok)
		*out = (struct jwt_claims){.exp_s = 0};
	return ok;
}

static bool is_hs256(const json_t *root)
{
	const json_t *typ = json_object_get(root, "typ");
	struct str name = json_str_of(typ);

	/* `crit` names extensions that must be understood (RFC 7515). */
	if (!json_is_object(root) || json_object_get(root, "crit") != NULL)
		return false;
	/* A media type's name, so without case (RFC 7519). */
	if (typ != NULL && (name.n != 3 || strncasecmp(name.p, "JWT", 3) != 0))
		return false;
	return str_is(json_str(root, "alg"), "HS256");
}

bool jwt_header_is_hs256(struct str json)
{
	json_t *root = json_parse(json);
	bool ok = is_hs256(root);

	json_decref(root);
	return ok;
}
