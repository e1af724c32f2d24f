/* Who a shopper is, from their hello: the shop's word for a user, the token of
 * a visitor who was here before, or somebody new. Decides which conversation
 * is asked for; opens none. */
#include <string.h>

#include "shopper.h"

bool visitor_identify(struct shopper *c, const struct frame *f)
{
	struct server *s = c->client.server;
	struct str secret = str_trim(buf_str(&s->identity_secret));
	struct token_user user;

	str_copy(c->locale, sizeof(c->locale),
		 f->locale.n > 0 ? f->locale : str_of(s->config.shop_locale));
	context_take(c, f);
	if (!f->has_user)
		return true;
	if (f->user_jwt.n > 0) {
		if (secret.n == 0 ||
		    !token_jwt_ok(secret, f->user_jwt, loop_wall_ms(), &user))
			return false;
		str_copy(c->name, sizeof(c->name),
			 str_of(user.name[0] ? user.name : user.id));
		c->verified = true;
		return true;
	}
	str_copy(c->name, sizeof(c->name),
		 f->user_name.n > 0 ? f->user_name : f->user_id);
	if (f->user_hmac.n == 0)
		return true; /* a name that nobody vouches for */
	if (secret.n == 0 || !token_hmac_ok(secret, f->user_id, f->user_hmac))
		return false;
	c->verified = true;
	return true;
}

void visitor_renew(struct shopper *c)
{
	token_random(c->visitor, 16);
	token_random(c->conversation, 16);
	c->fresh = true;
}

void visitor_find(struct shopper *c, const struct frame *f)
{
	struct server *s = c->client.server;
	struct visitor_token who;

	if (f->visitor.n == 0) {
		visitor_renew(c);
		return;
	}
	if (!token_check(&s->key, f->visitor, loop_wall_ms(), &who)) {
		client_error(&c->client, "bad_token", STR_NONE, STR_NONE,
			     "this visitor token is forged or expired; a fresh "
			     "visitor was made",
			     -1);
		visitor_renew(c);
		return;
	}
	memcpy(c->visitor, who.visitor, sizeof(c->visitor));
	memcpy(c->conversation, who.conversation, sizeof(c->conversation));
	if (!f->has_since || !str_is(f->conversation, c->conversation))
		return;
	c->was_here = true;
	if (str_is(f->epoch, store_epoch(s->store)))
		c->since = f->since;
}
