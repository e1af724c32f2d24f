/* A client's frame: JSON text to struct frame, by one table of fields and one
 * of frame types. First stop of everything that comes in; decides only what is
 * well-formed, never what is allowed. A frame that is refused still gives up
 * its id, so that the error reaches the message that it belongs to. */
#include "wire/frame.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "json.h"
#include "plain.h"

#define ID_MAX         64
#define MADE_MAX       68 /* one that the daemon made of a client's */
#define NAME_MAX_BYTES 64
#define LOCALE_MAX     35
#define PAGE_MAX       2048
#define TOKEN_MAX      2048
#define USER_MAX       256
#define VALUE_MAX      256
#define COMMENT_MAX    2000 /* code points */
#define SCORE_MAX      1000
#define CART_MAX       4000
#define EMAIL_MAX      254
#define PHONE_MAX      40
#define PHONE_DIGITS   5 /* at least */
/* JavaScript counts exactly up to here. */
#define SEQ_MAX        INT64_C(9007199254740991)

const char *const frame_names[FRAME_TYPE_COUNT] = {
	[FRAME_HELLO] = "hello",       [FRAME_MESSAGE] = "message",
	[FRAME_CHOOSE] = "choose",     [FRAME_HUMAN] = "human",
	[FRAME_FEEDBACK] = "feedback", [FRAME_LEAVE] = "leave",
	[FRAME_TYPING] = "typing",     [FRAME_READ] = "read",
	[FRAME_CONTEXT] = "context",   [FRAME_CONTACT] = "contact",
	[FRAME_PRESENCE] = "presence", [FRAME_PING] = "ping",
	[FRAME_CLAIM] = "claim",       [FRAME_NOTE] = "note",
	[FRAME_TRANSFER] = "transfer", [FRAME_RELEASE] = "release",
	[FRAME_RESOLVE] = "resolve",   [FRAME_OPEN] = "open",
	[FRAME_CLOSE] = "close",       [FRAME_LIST] = "list",
};

/* -- fields -------------------------------------------------------------- */

enum kind {
	KIND_ID,     /* str: A-Za-z0-9_- */
	KIND_TEXT,   /* str: 1 to the caller's limit, code points */
	KIND_PROSE,  /* str: 0 to `max` code points */
	KIND_NAME,   /* str: 1 to `max` bytes without control characters */
	KIND_STRING, /* str: up to `max` bytes; empty counts as absent */
	KIND_CUT,    /* str: what is longer than `max` bytes is cut */
	KIND_STATUS, /* str: online, away */
	KIND_EMAIL,  /* str: something@some.where */
	KIND_PHONE,  /* str: digits and what stands between them */
	KIND_SEQ,    /* uint64_t */
	KIND_SCORE,  /* int64_t */
	KIND_BOOL,   /* bool */
	KIND_NUMBER, /* str: as it is to be written again */
	KIND_USER,   /* the user_ fields */
	KIND_JSON,   /* str: a string, list or object, as JSON */
};

enum field_name {
	F_ID,
	F_TEXT,
	F_VALUE,
	F_CONVERSATION, /* of agents: an id */
	F_KNOWN,        /* of hello: whatever the client remembers */
	F_VISITOR,
	F_EPOCH,
	F_SINCE,
	F_LOCALE,
	F_PAGE,
	F_USER,
	F_ASK,
	F_COMMENT,
	F_SCORE,
	F_ON,
	F_UPTO,
	F_STATUS,
	F_REASON,
	F_QUEUE,
	F_AGENT,
	F_NOTE,
	F_OUTCOME,
	F_WHAT,
	F_SEARCH,
	F_AT,
	F_CART,
	F_FACTS,
	F_NAME,
	F_EMAIL,
	F_PHONE,
	F_COUNT
};

#define AT(member) offsetof(struct frame, member)

static const struct {
	const char *name;
	enum kind kind;
	size_t max;
	size_t offset;
} fields[F_COUNT] = {
	[F_ID] = {"id", KIND_ID, ID_MAX, AT(id)},
	[F_TEXT] = {"text", KIND_TEXT, 0, AT(text)},
	[F_VALUE] = {"value", KIND_NAME, VALUE_MAX, AT(value)},
	[F_CONVERSATION] = {"conversation", KIND_ID, ID_MAX, AT(conversation)},
	[F_KNOWN] = {"conversation", KIND_STRING, TOKEN_MAX, AT(conversation)},
	[F_VISITOR] = {"visitor", KIND_STRING, TOKEN_MAX, AT(visitor)},
	[F_EPOCH] = {"epoch", KIND_STRING, TOKEN_MAX, AT(epoch)},
	[F_SINCE] = {"since", KIND_SEQ, 0, AT(since)},
	[F_LOCALE] = {"locale", KIND_CUT, LOCALE_MAX, AT(locale)},
	[F_PAGE] = {"page", KIND_CUT, PAGE_MAX, AT(page)},
	[F_USER] = {"user", KIND_USER, 0, 0},
	[F_ASK] = {"ask", KIND_NAME, MADE_MAX, AT(ask)},
	[F_COMMENT] = {"comment", KIND_PROSE, COMMENT_MAX, AT(comment)},
	[F_SCORE] = {"score", KIND_SCORE, 0, AT(score)},
	[F_ON] = {"on", KIND_BOOL, 0, AT(on)},
	[F_UPTO] = {"upto", KIND_SEQ, 0, AT(upto)},
	[F_STATUS] = {"status", KIND_STATUS, 0, AT(status)},
	[F_REASON] = {"reason", KIND_STRING, NAME_MAX_BYTES, AT(reason)},
	[F_QUEUE] = {"queue", KIND_NAME, NAME_MAX_BYTES, AT(queue)},
	[F_AGENT] = {"agent", KIND_NAME, NAME_MAX_BYTES, AT(agent)},
	[F_NOTE] = {"note", KIND_PROSE, COMMENT_MAX, AT(note)},
	[F_OUTCOME] = {"outcome", KIND_NAME, NAME_MAX_BYTES, AT(outcome)},
	[F_WHAT] = {"what", KIND_NAME, NAME_MAX_BYTES, AT(what)},
	[F_SEARCH] = {"search", KIND_CUT, VALUE_MAX, AT(search)},
	[F_AT] = {"at", KIND_NUMBER, 0, AT(at)},
	[F_CART] = {"cart", KIND_JSON, CART_MAX, AT(cart)},
	[F_FACTS] = {"facts", KIND_BOOL, 0, AT(facts)},
	[F_NAME] = {"name", KIND_CUT, NAME_MAX_BYTES, AT(user_name)},
	[F_EMAIL] = {"email", KIND_EMAIL, EMAIL_MAX, AT(user_email)},
	[F_PHONE] = {"phone", KIND_PHONE, PHONE_MAX, AT(phone)},
};

/* -- frame types --------------------------------------------------------- */

#define BIT(f) (UINT32_C(1) << F_##f)

/* Every frame may carry an id; where one is sent it is acknowledged. */
static const struct rule {
	enum frame_side side;
	enum frame_type type;
	uint32_t required, optional;
} rules[] = {
	{FRAME_CHAT, FRAME_HELLO, 0,
	 BIT(ID) | BIT(VISITOR) | BIT(KNOWN) | BIT(EPOCH) | BIT(SINCE) |
		 BIT(LOCALE) | BIT(PAGE) | BIT(USER)},
	{FRAME_CHAT, FRAME_MESSAGE, BIT(ID) | BIT(TEXT), 0},
	{FRAME_CHAT, FRAME_CHOOSE, BIT(ID) | BIT(VALUE), 0},
	{FRAME_CHAT, FRAME_HUMAN, BIT(ID), 0},
	{FRAME_CHAT, FRAME_FEEDBACK, BIT(ID) | BIT(ASK) | BIT(SCORE),
	 BIT(COMMENT)},
	{FRAME_CHAT, FRAME_LEAVE, BIT(ID), 0},
	{FRAME_CHAT, FRAME_TYPING, BIT(ON), BIT(ID)},
	{FRAME_CHAT, FRAME_READ, BIT(UPTO), BIT(ID)},
	{FRAME_CHAT, FRAME_CONTEXT, 0, BIT(PAGE) | BIT(CART) | BIT(ID)},
	{FRAME_CHAT, FRAME_CONTACT, BIT(ID),
	 BIT(NAME) | BIT(EMAIL) | BIT(PHONE) | BIT(TEXT)},
	{FRAME_CHAT, FRAME_PING, BIT(AT), BIT(ID)},

	{FRAME_DESK, FRAME_HELLO, 0, BIT(ID)},
	{FRAME_DESK, FRAME_PRESENCE, BIT(ID) | BIT(STATUS), BIT(REASON)},
	{FRAME_DESK, FRAME_CLAIM, BIT(ID), BIT(CONVERSATION) | BIT(QUEUE)},
	{FRAME_DESK, FRAME_MESSAGE, BIT(ID) | BIT(CONVERSATION) | BIT(TEXT), 0},
	{FRAME_DESK, FRAME_NOTE, BIT(ID) | BIT(CONVERSATION) | BIT(TEXT), 0},
	{FRAME_DESK, FRAME_TYPING, BIT(CONVERSATION) | BIT(ON), BIT(ID)},
	{FRAME_DESK, FRAME_READ, BIT(CONVERSATION) | BIT(UPTO), BIT(ID)},
	{FRAME_DESK, FRAME_TRANSFER, BIT(ID) | BIT(CONVERSATION),
	 BIT(AGENT) | BIT(QUEUE) | BIT(NOTE)},
	{FRAME_DESK, FRAME_RELEASE, BIT(ID) | BIT(CONVERSATION), 0},
	{FRAME_DESK, FRAME_RESOLVE, BIT(ID) | BIT(CONVERSATION) | BIT(OUTCOME),
	 0},
	{FRAME_DESK, FRAME_OPEN, BIT(ID) | BIT(CONVERSATION),
	 BIT(SINCE) | BIT(FACTS)},
	{FRAME_DESK, FRAME_CLOSE, BIT(ID) | BIT(CONVERSATION), 0},
	{FRAME_DESK, FRAME_LIST, BIT(ID) | BIT(WHAT),
	 BIT(SEARCH) | BIT(CONVERSATION)},
	{FRAME_DESK, FRAME_PING, BIT(AT), BIT(ID)},
};

/* -- checking ------------------------------------------------------------ */

struct decoding {
	struct frame *frame;
	struct frame_error *error;
	size_t max_text;
};

__attribute__((format(printf, 3, 4))) static bool fail(
	struct frame_error *error, enum frame_fault fault, const char *format,
	...)
{
	va_list args;

	error->fault = fault;
	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	return false;
}

bool frame_id_valid(struct str id)
{
	if (id.n == 0 || id.n > ID_MAX)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}
	return true;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

/* What fits, without half a code point. */
static struct str cut(struct str s, size_t max_bytes)
{
	if (s.n <= max_bytes)
		return s;
	while (max_bytes > 0 && (s.p[max_bytes] & 0xc0) == 0x80)
		max_bytes--;
	return (struct str){s.p, max_bytes};
}

/* Whether mail may go there is for the mail's own way to find out; this is only
 * what is surely none: no @, two of them, nothing before it, no dot within what
 * follows, a space. */
static bool is_email(struct str s, size_t max)
{
	const char *at = s.n == 0 ? NULL : memchr(s.p, '@', s.n);
	const char *end = s.p + s.n, *dot;

	if (at == NULL || at == s.p || s.n > max || has_control(s) ||
	    memchr(s.p, ' ', s.n) != NULL ||
	    memchr(at + 1, '@', (size_t)(end - at - 1)) != NULL)
		return false;
	dot = memchr(at + 1, '.', (size_t)(end - at - 1));
	return dot != NULL && dot > at + 1 && end[-1] != '.';
}

static bool is_phone(struct str s, size_t max)
{
	size_t digits = 0;

	if (s.n > max)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digits++;
		else if (memchr("+-/(). ", s.p[i], 7) == NULL)
			return false;
	}
	return digits >= PHONE_DIGITS;
}

/* A string by its kind; `s` is changed where it is to be cut. */
static bool check_string(struct decoding *d, enum kind kind, const char *name,
			 size_t max, struct str *s)
{
	size_t points;

	switch (kind) {
	case KIND_ID:
		if (frame_id_valid(*s))
			return true;
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"%s\" must be 1 to %d of A-Z a-z 0-9 _ -", name,
			    ID_MAX);
	case KIND_TEXT:
	case KIND_PROSE:
		if (kind == KIND_TEXT)
			max = d->max_text;
		/* Never more than bytes: few are to be counted. */
		points = s->n > max ? utf8_count(s->p, s->n) : s->n;
		if (points > max)
			return fail(d->error, FAULT_TOO_LONG,
				    "\"%s\" has %zu characters, at most %zu "
				    "are taken",
				    name, points, max);
		if (kind == KIND_TEXT && points == 0)
			return fail(d->error, FAULT_BAD_FRAME,
				    "\"%s\" is empty", name);
		return true;
	case KIND_NAME:
		if (s->n > 0 && s->n <= max && !has_control(*s))
			return true;
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"%s\" must be 1 to %zu bytes without control "
			    "characters",
			    name, max);
	case KIND_STRING:
		if (s->n > max)
			return fail(d->error, FAULT_BAD_FRAME,
				    "\"%s\" is longer than %zu bytes", name,
				    max);
		if (s->n == 0)
			*s = STR_NONE;
		return true;
	case KIND_CUT:
		*s = s->n == 0 ? STR_NONE : cut(*s, max);
		return true;
	case KIND_STATUS:
		if (str_is(*s, "online") || str_is(*s, "away"))
			return true;
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"%s\" must be \"online\" or \"away\"", name);
	case KIND_EMAIL:
		if (is_email(*s, max))
			return true;
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"%s\" must be an address like name@example.org, "
			    "at most %zu bytes",
			    name, max);
	case KIND_PHONE:
		if (is_phone(*s, max))
			return true;
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"%s\" must have %d digits or more, and else only "
			    "+ - / ( ) . and spaces",
			    name, PHONE_DIGITS);
	default:
		assert(!"not a kind of string");
		return false;
	}
}

static bool take_string(struct decoding *d, enum kind kind, const char *name,
			size_t max, json_t *value, struct str *into)
{
	struct str s = json_str_of(value);

	if (s.p == NULL)
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"%s\" must be a string", name);
	if (!check_string(d, kind, name, max, &s))
		return false;
	*into = s;
	return true;
}

/* JSON has numbers only: 1.0 and 1e0 are the 1 of who writes them so. */
static bool whole_number(const json_t *value, int64_t *into)
{
	double real = json_real_value(value);

	if (json_is_integer(value)) {
		*into = json_integer_value(value);
		return true;
	}
	if (!json_is_real(value) || real < -SEQ_MAX || real > SEQ_MAX)
		return false;
	*into = (int64_t)real;
	return (double)*into == real;
}

static bool take_integer(struct decoding *d, const char *name, json_t *value,
			 int64_t min, int64_t max, int64_t *into)
{
	int64_t number;

	if (!whole_number(value, &number) || number < min || number > max)
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"%s\" must be a whole number between %lld and "
			    "%lld",
			    name, (long long)min, (long long)max);
	*into = number;
	return true;
}

/* Kept as text in the object itself, which the frame owns. */
static bool take_number(struct decoding *d, const char *name, json_t *value,
			struct str *into)
{
	json_t *object = d->frame->json;
	char text[40];
	size_t n;

	if (!json_is_number(value))
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"%s\" must be a number", name);
	n = json_dumpb(value, text, sizeof(text),
		       JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
	assert(n > 0 && n <= sizeof(text));
	json_object_set_new(object, name, json_stringn(text, n));
	*into = json_str(object, name);
	assert(into->p != NULL);
	return true;
}

static bool keep_text(struct decoding *d, const char *name, const char *text,
		      size_t n, struct str *into)
{
	json_object_set_new(d->frame->json, name, json_stringn(text, n));
	*into = json_str(d->frame->json, name);
	return into->p != NULL;
}

/* A string, list or object, as text in the object itself. */
static bool take_json(struct decoding *d, const char *name, size_t max,
		      json_t *value, struct str *into)
{
	char text[CART_MAX];
	size_t n;

	assert(max <= sizeof(text));
	if (!json_is_string(value) && !json_is_array(value) &&
	    !json_is_object(value))
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"%s\" must be a string, a list or an object",
			    name);
	n = json_dumpb(value, text, max, JSON_ENCODE_ANY | JSON_COMPACT);
	if (n == 0 || n > max)
		return fail(d->error, FAULT_TOO_LONG,
			    "\"%s\" has %zu bytes as JSON, at most %zu are "
			    "taken",
			    name, n, max);
	return keep_text(d, name, text, n, into);
}

static bool take_user(struct decoding *d, json_t *user)
{
	struct frame *f = d->frame;
	const struct {
		const char *name, *shown;
		size_t max;
		struct str *into;
	} parts[] = {
		{"id", "user.id", USER_MAX, &f->user_id},
		{"name", "user.name", USER_MAX, &f->user_name},
		{"email", "user.email", USER_MAX, &f->user_email},
		{"hmac", "user.hmac", USER_MAX, &f->user_hmac},
		{"jwt", "user.jwt", TOKEN_MAX, &f->user_jwt},
	};

	if (!json_is_object(user))
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"user\" must be an object");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		json_t *value = json_object_get(user, parts[i].name);

		if (value == NULL || json_is_null(value))
			continue;
		if (!take_string(d, KIND_STRING, parts[i].shown, parts[i].max,
				 value, parts[i].into))
			return false;
	}
	if ((f->user_id.p != NULL) == (f->user_jwt.p != NULL))
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"user\" must have either \"id\" or \"jwt\"");
	f->has_user = true;
	return true;
}

static bool take(struct decoding *d, enum field_name which, json_t *value)
{
	const char *name = fields[which].name;
	enum kind kind = fields[which].kind;
	void *into = (char *)d->frame + fields[which].offset;
	int64_t number = 0;

	switch (kind) {
	case KIND_SEQ:
		if (!take_integer(d, name, value, 0, SEQ_MAX, &number))
			return false;
		*(uint64_t *)into = (uint64_t)number;
		return true;
	case KIND_SCORE:
		return take_integer(d, name, value, -SCORE_MAX, SCORE_MAX,
				    into);
	case KIND_BOOL:
		if (!json_is_boolean(value))
			return fail(d->error, FAULT_BAD_FRAME,
				    "\"%s\" must be true or false", name);
		*(bool *)into = json_is_true(value);
		return true;
	case KIND_NUMBER:
		return take_number(d, name, value, into);
	case KIND_USER:
		return take_user(d, value);
	case KIND_JSON:
		return take_json(d, name, fields[which].max, value, into);
	default:
		return take_string(d, kind, name, fields[which].max, value,
				   into);
	}
}

static bool take_fields(struct decoding *d, const struct rule *rule,
			uint32_t *present)
{
	for (unsigned i = 0; i < F_COUNT; i++) {
		uint32_t bit = UINT32_C(1) << i;
		json_t *value;

		if (!((rule->required | rule->optional) & bit))
			continue;
		value = json_object_get(d->frame->json, fields[i].name);
		if (value != NULL && !json_is_null(value)) {
			if (!take(d, (enum field_name)i, value))
				return false;
			*present |= bit;
		} else if (rule->required & bit) {
			return fail(d->error, FAULT_BAD_FRAME,
				    "\"%s\" is missing", fields[i].name);
		}
	}
	return true;
}

/* What one field alone cannot tell. */
static bool check_whole(struct decoding *d, uint32_t present)
{
	struct frame *f = d->frame;

	switch (f->type) {
	case FRAME_HELLO:
		/* They only mean something together. */
		f->has_since = (present & BIT(SINCE)) &&
			       f->conversation.p != NULL && f->epoch.p != NULL;
		if (!f->has_since)
			f->since = 0;
		return true;
	case FRAME_OPEN:
		f->has_facts = present & BIT(FACTS);
		return true;
	case FRAME_TRANSFER:
		if ((f->agent.p != NULL) != (f->queue.p != NULL))
			return true;
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"transfer\" must have either \"agent\" or "
			    "\"queue\"");
	case FRAME_CONTACT:
		if (f->user_email.p != NULL || f->phone.p != NULL)
			return true;
		return fail(d->error, FAULT_BAD_FRAME,
			    "\"contact\" must have \"email\" or \"phone\"");
	default:
		return true;
	}
}

static const struct rule *find_rule(enum frame_side side, struct str type)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].side == side &&
		    str_is(type, frame_names[rules[i].type]))
			return &rules[i];
	return NULL;
}

static bool decode_object(struct decoding *d, enum frame_side side)
{
	struct str type = json_str(d->frame->json, "type");
	const struct rule *rule;
	uint32_t present = 0;

	if (!json_is_object((json_t *)d->frame->json))
		return fail(d->error, FAULT_BAD_FRAME,
			    "a frame must be an object");
	if (type.p == NULL)
		return fail(d->error, FAULT_BAD_FRAME,
			    json_object_get(d->frame->json, "type") == NULL
				    ? "\"type\" is missing"
				    : "\"type\" must be a string");
	rule = find_rule(side, type);
	if (rule == NULL)
		return fail(d->error, FAULT_BAD_FRAME, "unknown type \"%.*s\"",
			    STR_ARG(cut(type, 40)));
	d->frame->type = rule->type;
	return take_fields(d, rule, &present) && check_whole(d, present);
}

static bool is_string(enum kind kind)
{
	switch (kind) {
	case KIND_SEQ:
	case KIND_SCORE:
	case KIND_BOOL:
	case KIND_NUMBER:
	case KIND_USER:
	case KIND_JSON:
		return false;
	default:
		return true;
	}
}

static bool take_plain(struct decoding *d, const struct plain *plain,
		       const struct rule *rule, uint32_t *present)
{
	uint32_t left = rule->required | rule->optional;

	for (; left != 0; left &= left - 1) {
		int i = __builtin_ctz(left);
		uint32_t bit = UINT32_C(1) << i;
		void *into = (char *)d->frame + fields[i].offset;
		struct str s;

		s = plain_get(plain, fields[i].name);
		if (s.p == NULL && !(rule->required & bit))
			continue;
		if (s.p == NULL || !is_string(fields[i].kind) ||
		    !check_string(d, fields[i].kind, fields[i].name,
				  fields[i].max, &s))
			return false;
		*(struct str *)into = s;
		*present |= bit;
	}
	return true;
}

/* False: not the plain and good frame that nearly all are; the parser shall
 * say what it is. */
static bool decode_plain(struct decoding *d, enum frame_side side,
			 struct str json)
{
	const struct rule *rule;
	struct plain plain;
	uint32_t present = 0;

	if (!plain_read(json, &plain))
		return false;
	rule = find_rule(side, plain_get(&plain, "type"));
	if (rule == NULL)
		return false;
	d->frame->type = rule->type;
	return take_plain(d, &plain, rule, &present) && check_whole(d, present);
}

static void begin(struct decoding *d)
{
	*d->frame = (struct frame){0};
	d->error->fault = FAULT_NONE;
	d->error->id = STR_NONE;
	d->error->message[0] = '\0';
}

/* What jansson does not take is not always what is not JSON. */
static const char *json_fault(const json_error_t *why)
{
	switch (json_error_code(why)) {
	case json_error_numeric_overflow:
		return "a number out of range";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "\"\\u0000\" in a text";
	case json_error_duplicate_key:
		return "a name that stands twice";
	default:
		return "not JSON";
	}
}

static bool parse(struct str json, const struct json_scan *scan,
		  struct frame *frame, struct frame_error *error)
{
	json_error_t why;

	if (scan->too_deep)
		return fail(error, FAULT_BAD_JSON, "nested more than %d deep",
			    JSON_DEPTH_MAX);
	if (scan->has_nul)
		return fail(error, FAULT_BAD_JSON, "a NUL byte");
	frame->json =
		json_loadb(json.n == 0 ? "" : json.p, json.n,
			   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (frame->json == NULL)
		return fail(error, FAULT_BAD_JSON, "%s, at byte %d",
			    json_fault(&why), why.position);
	return true;
}

bool frame_decode(enum frame_side side, struct str json, size_t max_text,
		  struct frame *out, struct frame_error *error)
{
	struct decoding d = {out, error, max_text};
	struct json_scan scan;

	begin(&d);
	if (decode_plain(&d, side, json))
		return true;
	begin(&d);
	json_scan(json, &scan);
	if (parse(json, &scan, out, error) && decode_object(&d, side))
		return true;
	if (scan.id.p != NULL && frame_id_valid(scan.id)) {
		memcpy(error->id_room, scan.id.p, scan.id.n);
		error->id_room[scan.id.n] = '\0';
		error->id = (struct str){error->id_room, scan.id.n};
	}
	frame_fini(out);
	return false;
}

void frame_fini(struct frame *frame)
{
	json_decref(frame->json);
	*frame = (struct frame){0};
}
