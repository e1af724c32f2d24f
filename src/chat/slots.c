/* A conversation's slots; see slots.h. The parser takes only what the writer
 * makes (one flat object of strings): the log holds nothing else, and the
 * front's JSON library does not reach down here. */
#include "slots.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

void text_set(char *to, size_t room, struct str s)
{
	size_t n = s.n < room ? s.n : room - 1;

	while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	if (n > 0)
		memmove(to, s.p, n);
	memset(to + n, 0, room - n);
}

struct str slots_to_json(const struct conv_slot *slots, size_t n,
			 struct arena *arena)
{
	struct buf b = BUF_INIT;
	struct str json;

	buf_add_c(&b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(&b, ',');
		buf_add_json(&b, str_of(slots[i].name));
		buf_add_c(&b, ':');
		buf_add_json(&b, str_of(slots[i].value));
	}
	buf_add_c(&b, '}');
	json = arena_str(arena, buf_str(&b));
	buf_fini(&b);
	return json;
}

struct reader {
	const char *p, *end;
};

static bool take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* The four digits after \u; 0 where they are none, or a surrogate (which the
 * writer never makes). */
static uint32_t take_hex(struct reader *r)
{
	uint32_t cp = 0;

	for (int i = 0; i < 4; i++) {
		int digit = r->p == r->end ? -1 : hex_digit(*r->p);

		if (digit < 0)
			return 0;
		r->p++;
		cp = cp << 4 | (uint32_t)digit;
	}
	return cp >= 0xd800 && cp <= 0xdfff ? 0 : cp;
}

/* What stands after a backslash, as UTF-8; 0: nothing known. */
static size_t take_escape(struct reader *r, char out[4])
{
	char c = r->p == r->end ? '\0' : *r->p++;

	switch (c) {
	case 'n':
		out[0] = '\n';
		return 1;
	case 't':
		out[0] = '\t';
		return 1;
	case '"':
	case '\\':
	case '/':
		out[0] = c;
		return 1;
	case 'u':
		return utf8_encode(take_hex(r), out);
	default:
		return 0;
	}
}

/* A string with its quotes; the whole value is read, at most `room` - 1 bytes
 * are kept. */
static bool take_string(struct reader *r, char *to, size_t room)
{
	char text[512];
	size_t n = 0;

	if (!take(r, '"'))
		return false;
	while (r->p < r->end && *r->p != '"') {
		char piece[4] = {*r->p};
		size_t len = 1;

		if (*r->p++ == '\\')
			len = take_escape(r, piece);
		if (len == 0)
			return false;
		if (n + len <= sizeof(text)) {
			memcpy(text + n, piece, len);
			n += len;
		}
	}
	text_set(to, room, (struct str){text, n});
	return take(r, '"');
}

size_t slots_from_json(struct str json, struct conv_slot slots[CONV_SLOTS])
{
	struct reader r = {json.p, json.p + json.n};
	size_t n = 0;

	memset(slots, 0, CONV_SLOTS * sizeof(*slots));
	if (json.n == 0 || !take(&r, '{'))
		return 0;
	while (n < CONV_SLOTS) {
		struct conv_slot *s = &slots[n];

		if (!take_string(&r, s->name, sizeof(s->name)) ||
		    !take(&r, ':') ||
		    !take_string(&r, s->value, sizeof(s->value))) {
			memset(s, 0, sizeof(*s));
			return n;
		}
		n++;
		if (!take(&r, ','))
			return n;
	}
	return n;
}

/* One flat object of strings: those named "text" and "value". */
static bool take_button(struct reader *r, char *text, size_t text_room,
			char *value, size_t value_room)
{
	text[0] = value[0] = '\0';
	if (!take(r, '{'))
		return false;
	do {
		char name[8], other[2];
		bool ok;

		if (!take_string(r, name, sizeof(name)) || !take(r, ':'))
			return false;
		if (strcmp(name, "text") == 0)
			ok = take_string(r, text, text_room);
		else if (strcmp(name, "value") == 0)
			ok = take_string(r, value, value_room);
		else
			ok = take_string(r, other, sizeof(other));
		if (!ok)
			return false;
	} while (take(r, ','));
	return take(r, '}');
}

bool button_text(struct str buttons, struct str value, char *to, size_t room)
{
	struct reader r = {buttons.p, buttons.p + buttons.n};
	char found[256];

	if (buttons.n == 0 || value.n == 0 || !take(&r, '['))
		return false;
	do {
		if (!take_button(&r, to, room, found, sizeof(found)))
			return false;
		if (str_is(value, found) && to[0] != '\0')
			return true;
	} while (take(&r, ','));
	return false;
}

static struct conv_slot *find(struct conv_slot *slots, size_t n,
			      struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(name, slots[i].name))
			return &slots[i];
	return NULL;
}

void slots_set(struct conv_slot slots[CONV_SLOTS], size_t *n, struct str name,
	       struct str value)
{
	struct conv_slot *s = find(slots, *n, name);

	if (s == NULL && *n == CONV_SLOTS) {
		memmove(slots, slots + 1, (CONV_SLOTS - 1) * sizeof(*slots));
		s = &slots[CONV_SLOTS - 1];
	} else if (s == NULL) {
		s = &slots[(*n)++];
	}
	text_set(s->name, sizeof(s->name), name);
	text_set(s->value, sizeof(s->value), value);
}

void slots_drop(struct conv_slot slots[CONV_SLOTS], size_t *n, const char *name)
{
	struct conv_slot *s = find(slots, *n, str_of(name));

	if (s == NULL)
		return;
	memmove(s, s + 1, (size_t)(slots + *n - (s + 1)) * sizeof(*s));
	memset(&slots[--*n], 0, sizeof(*s));
}

const char *slots_get(const struct conv_slot *slots, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(slots[i].name, name) == 0)
			return slots[i].value;
	return NULL;
}
