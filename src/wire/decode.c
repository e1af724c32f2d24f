/* A client's frame: JSON text to struct frame, by one table of fields and one
 * of frame types. First stop of everything that comes in; decides only what is
 * well-formed, never what is allowed. A frame that is refused still gives up
 * its id, so that the error reaches the message that it belongs to. */
#include "wire/frame.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "json.h"
#include "kind.h"
#include "plain.h"

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
#define NAME(s)                                                                \
	{                                                                      \
		s, sizeof(s) - 1                                               \
	}

static const struct {
	struct str name;
	enum kind kind;
	size_t max;
	size_t offset;
} fields[F_COUNT] = {
	[F_ID] = {NAME("id"), KIND_ID, ID_MAX, AT(id)},
	[F_TEXT] = {NAME("text"), KIND_TEXT, 0, AT(text)},
	[F_VALUE] = {NAME("value"), KIND_NAME, VALUE_MAX, AT(value)},
	[F_CONVERSATION] = {NAME("conversation"), KIND_ID, ID_MAX,
			    AT(conversation)},
	[F_KNOWN] = {NAME("conversation"), KIND_STRING, TOKEN_MAX,
		     AT(conversation)},
	[F_VISITOR] = {NAME("visitor"), KIND_STRING, TOKEN_MAX, AT(visitor)},
	[F_EPOCH] = {NAME("epoch"), KIND_STRING, TOKEN_MAX, AT(epoch)},
	[F_SINCE] = {NAME("since"), KIND_SEQ, 0, AT(since)},
	[F_LOCALE] = {NAME("locale"), KIND_CUT, LOCALE_MAX, AT(locale)},
	[F_PAGE] = {NAME("page"), KIND_CUT, PAGE_MAX, AT(page)},
	[F_USER] = {NAME("user"), KIND_USER, 0, 0},
	[F_ASK] = {NAME("ask"), KIND_NAME, MADE_MAX, AT(ask)},
	[F_COMMENT] = {NAME("comment"), KIND_PROSE, COMMENT_MAX, AT(comment)},
	[F_SCORE] = {NAME("score"), KIND_SCORE, 0, AT(score)},
	[F_ON] = {NAME("on"), KIND_BOOL, 0, AT(on)},
	[F_UPTO] = {NAME("upto"), KIND_SEQ, 0, AT(upto)},
	[F_STATUS] = {NAME("status"), KIND_STATUS, 0, AT(status)},
	[F_REASON] = {NAME("reason"), KIND_STRING, NAME_MAX_BYTES, AT(reason)},
	[F_QUEUE] = {NAME("queue"), KIND_NAME, NAME_MAX_BYTES, AT(queue)},
	[F_AGENT] = {NAME("agent"), KIND_NAME, NAME_MAX_BYTES, AT(agent)},
	[F_NOTE] = {NAME("note"), KIND_PROSE, COMMENT_MAX, AT(note)},
	[F_OUTCOME] = {NAME("outcome"), KIND_NAME, NAME_MAX_BYTES, AT(outcome)},
	[F_WHAT] = {NAME("what"), KIND_NAME, NAME_MAX_BYTES, AT(what)},
	[F_SEARCH] = {NAME("search"), KIND_CUT, VALUE_MAX, AT(search)},
	[F_AT] = {NAME("at"), KIND_NUMBER, 0, AT(at)},
	[F_CART] = {NAME("cart"), KIND_JSON, CART_MAX, AT(cart)},
	[F_FACTS] = {NAME("facts"), KIND_BOOL, 0, AT(facts)},
	[F_NAME] = {NAME("name"), KIND_CUT, NAME_MAX_BYTES, AT(user_name)},
	[F_EMAIL] = {NAME("email"), KIND_EMAIL, EMAIL_MAX, AT(user_email)},
	[F_PHONE] = {NAME("phone"), KIND_PHONE, PHONE_MAX, AT(phone)},
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

/* Texts have the caller's limit. */
static size_t max_of(const struct decoding *d, enum field_name which)
{
	return fields[which].kind == KIND_TEXT ? d->max_text
					       : fields[which].max;
}

static bool take_string(struct decoding *d, enum kind kind, const char *name,
			size_t max, json_t *value, struct str *into)
{
	struct str s = json_str_of(value);

	if (s.p == NULL)
		return kind_fail(d->error, FAULT_BAD_FRAME,
				 "\"%s\" must be a string", name);
	if (!kind_check(kind, name, max, &s, d->error))
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
		return kind_fail(
			d->error, FAULT_BAD_FRAME,
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
		return kind_fail(d->error, FAULT_BAD_FRAME,
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
		return kind_fail(d->error, FAULT_BAD_FRAME,
				 "\"%s\" must be a string, a list or an object",
				 name);
	n = json_dumpb(value, text, max, JSON_ENCODE_ANY | JSON_COMPACT);
	if (n == 0 || n > max)
		return kind_fail(
			d->error, FAULT_TOO_LONG,
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
		return kind_fail(d->error, FAULT_BAD_FRAME,
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
		return kind_fail(d->error, FAULT_BAD_FRAME,
				 "\"user\" must have either \"id\" or \"jwt\"");
	f->has_user = true;
	return true;
}

static bool take(struct decoding *d, enum field_name which, json_t *value)
{
	const char *name = fields[which].name.p;
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
			return kind_fail(d->error, FAULT_BAD_FRAME,
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
		return take_string(d, kind, name, max_of(d, which), value,
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
		value = json_object_get(d->frame->json, fields[i].name.p);
		if (value != NULL && !json_is_null(value)) {
			if (!take(d, (enum field_name)i, value))
				return false;
			*present |= bit;
		} else if (rule->required & bit) {
			return kind_fail(d->error, FAULT_BAD_FRAME,
					 "\"%s\" is missing", fields[i].name.p);
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
		return kind_fail(d->error, FAULT_BAD_FRAME,
				 "\"transfer\" must have either \"agent\" or "
				 "\"queue\"");
	case FRAME_CONTACT:
		if (f->user_email.p != NULL || f->phone.p != NULL)
			return true;
		return kind_fail(
			d->error, FAULT_BAD_FRAME,
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
		return kind_fail(d->error, FAULT_BAD_FRAME,
				 "a frame must be an object");
	if (type.p == NULL)
		return kind_fail(d->error, FAULT_BAD_FRAME,
				 json_object_get(d->frame->json, "type") == NULL
					 ? "\"type\" is missing"
					 : "\"type\" must be a string");
	rule = find_rule(side, type);
	if (rule == NULL)
		return kind_fail(d->error, FAULT_BAD_FRAME,
				 "unknown type \"%.*s\"",
				 STR_ARG(kind_cut(type, 40)));
	d->frame->type = rule->type;
	return take_fields(d, rule, &present) && check_whole(d, present);
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
		if (s.p == NULL || !kind_is_string(fields[i].kind) ||
		    !kind_check(fields[i].kind, fields[i].name.p,
				max_of(d, (enum field_name)i), &s, d->error))
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
	rule = find_rule(side, plain_get(&plain, STR("type")));
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
		return kind_fail(error, FAULT_BAD_JSON,
				 "nested more than %d deep", JSON_DEPTH_MAX);
	if (scan->has_nul)
		return kind_fail(error, FAULT_BAD_JSON, "a NUL byte");
	frame->json =
		json_loadb(json.n == 0 ? "" : json.p, json.n,
			   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (frame->json == NULL)
		return kind_fail(error, FAULT_BAD_JSON, "%s, at byte %d",
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
