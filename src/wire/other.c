/* JSON that is not a frame: sign-in, problems, flat objects in the store, and
 * the inside of a JWT. Whether a signature is right is asked before. */
#include "wire/frame.h"

#include <string.h>

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

void problem_encode(struct buf *b, int status, const char *title,
		    const char *detail)
{
	PUT(b, "{\"type\":\"about:blank\"");
	PUT_STR(b, "title", str_of(title));
	PUT_I64(b, "status", status);
	PUT_OPT(b, "detail", str_of(detail));
	PUT(b, "}");
}

static bool is_flat(json_t *root)
{
	const char *name;
	json_t *value;

	if (!json_is_object(root))
		return false;
	json_object_foreach(root, name, value)
	{
		if (!json_is_string(value))
			return false;
	}
	return true;
}

bool json_pairs(struct str json, json_pair_fn fn, void *arg)
{
	json_t *root = json_parse(json);
	bool ok = is_flat(root);
	const char *name;
	json_t *value;

	if (ok) {
		json_object_foreach(root, name, value)
		{
			fn(arg, str_of(name), json_str_of(value));
		}
	}
	json_decref(root);
	return ok;
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

	/* `crit` names extensions that must be understood (RFC 7515). */
	if (!json_is_object(root) || json_object_get(root, "crit") != NULL)
		return false;
	if (typ != NULL && !str_is(json_str_of(typ), "JWT"))
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
