/* Bytes of a stranger through every decoder of the wire. The first byte picks
 * the side. Checked: what is taken keeps the protocol's limits, what is
 * refused says why, and whatever is written is JSON again. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "json.h"
#include "plain.h"
#include "wire/frame.h"

#define TEXT_MAX 100

static void need(int ok)
{
	if (!ok)
		abort();
}

static void check_taken(const struct frame *f)
{
	need(f->id.p == NULL || frame_id_valid(f->id));
	if (f->type == FRAME_MESSAGE || f->type == FRAME_NOTE) {
		size_t n = utf8_count(f->text.p, f->text.n);

		need(f->id.p != NULL && n >= 1 && n <= TEXT_MAX);
		need(utf8_valid(f->text.p, f->text.n));
	}
	need(f->locale.n <= 35 && f->page.n <= 2048);
	need(utf8_valid(f->page.p, f->page.n));
	need(f->user_id.n <= 256 && f->visitor.n <= 2048);
	need(f->type != FRAME_PING || f->at.n > 0);
}

static void check_refused(const struct frame_error *e)
{
	need(e->fault != FAULT_NONE && e->message[0] != '\0');
	need(e->id.p == NULL || frame_id_valid(e->id));
}

/* Unknown to the decoder, but never broken JSON. */
static void check_written(const struct buf *b)
{
	struct frame f;
	struct frame_error e;

	if (frame_decode(FRAME_CHAT, buf_str(b), TEXT_MAX, &f, &e))
		frame_fini(&f);
	else
		need(e.fault != FAULT_BAD_JSON);
}

static void write_back(struct str any, const struct frame_error *e)
{
	struct buf b = BUF_INIT;
	struct logged m = {.type = LOGGED_MESSAGE,
			   .id = any,
			   .from = any,
			   .text = any,
			   .name = any,
			   .buttons = any};

	/* What is nested as deep as may be gets one deeper. */
	if (any.n == 0 || any.p[0] != '[')
		m.buttons = STR_NONE;
	frame_logged(&b, &m);
	if (m.buttons.p == NULL && memchr(any.p, '\0', any.n) == NULL)
		check_written(&b);
	buf_clear(&b);
	frame_error_out(&b, "bad_json", e->id, STR_NONE, e->message, 5);
	check_written(&b);
	buf_fini(&b);
}

/* The short way takes nothing that the parser does not, and reads the same. */
static void check_plain(struct str any)
{
	struct plain plain;
	json_t *json;

	if (!plain_read(any, &plain))
		return;
	json = json_parse(any);
	need(json_is_object(json));
	need(json_object_size(json) == plain.count);
	for (size_t i = 0; i < plain.count; i++) {
		struct str name = plain.members[i].name;
		char *key = xstrndup(name.p, name.n);

		need(str_eq(json_str(json, key), plain.members[i].value));
		free(key);
	}
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct frame_error e;
	struct frame f;
	struct login login;
	struct jwt_claims claims;
	struct str any;

	if (size == 0)
		return 0;
	any = (struct str){(const char *)data + 1, size - 1};
	if (frame_decode(data[0] & 1 ? FRAME_DESK : FRAME_CHAT, any, TEXT_MAX,
			 &f, &e)) {
		check_taken(&f);
		frame_fini(&f);
	} else {
		check_refused(&e);
	}
	check_plain(any);
	write_back(any, &e);
	login_decode(any, &login);
	jwt_claims_decode(any, &claims);
	jwt_header_is_hs256(any);
	return 0;
}
