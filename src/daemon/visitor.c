/* Who a shopper is, from their hello: the shop's word for a user, the token of
 * a visitor who was here before, or somebody new. Decides which conversation
 * is asked for; opens none.
 *
 * Browsers are shared, and a token stays in its browser. So a visitor belongs
 * to the user for whom the shop vouched there first:
 *
 * 1. Nobody's becomes theirs: who signs in keeps the chat.
 * 2. For anybody else, signed in or not, there is another visitor, who knows
 *    nothing of that one.
 * 3. The token goes on naming whom the browser was before, so that a chat is
 *    there again when its owner is: at once where another visitor was somebody
 *    else's, and where nothing was said as nobody's. Else that is the chat
 *    that they keep, as in 1.
 *
 * What the token does not say, lua/open.lua does. */
#include <string.h>

#include "base/mem.h"
#include "shopper.h"

static void vouch(struct shopper *c, struct str user_id)
{
	const struct token_key *key = &c->client.server->key;

	c->verified = true;
	token_owner(key, user_id, c->owner);
	token_owner_by_other(key, user_id, c->owner_too);
}

bool visitor_is_owner_too(struct shopper *c, const char *owner)
{
	char was[TOKEN_OWNER_MAX];

	if (c->owner_too[0] == '\0' || strcmp(owner, c->owner_too) != 0)
		return false;
	memcpy(was, c->owner, sizeof(was));
	memcpy(c->owner, c->owner_too, sizeof(c->owner));
	memcpy(c->owner_too, was, sizeof(c->owner_too));
	return true;
}

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
		vouch(c, str_of(user.id));
		return true;
	}
	str_copy(c->name, sizeof(c->name),
		 f->user_name.n > 0 ? f->user_name : f->user_id);
	if (f->user_hmac.n == 0)
		return true; /* a name that nobody vouches for */
	if (secret.n == 0 || !token_hmac_ok(secret, f->user_id, f->user_hmac))
		return false;
	vouch(c, f->user_id);
	return true;
}

/* In a place where they know nothing yet, which is theirs. */
static void move(struct shopper *c, bool fresh)
{
	c->fresh = fresh;
	c->sure = true;
	c->recorded = false;
	c->was_here = false;
	c->since = 0;
}

void visitor_renew(struct shopper *c)
{
	token_random(c->visitor, 16);
	token_random(c->conversation, 16);
	move(c, true);
}

/* -- who the browser was before -------------------------------------------- */

static struct token_place *former_of(const struct shopper *c, const char *owner)
{
	for (size_t i = 0; i < c->former_count; i++)
		if (strcmp(c->former[i].owner, owner) == 0)
			return &c->former[i];
	return NULL;
}

static void remember(struct shopper *c, const struct token_place *place)
{
	struct token_place *same = former_of(c, place->owner);
	size_t n = c->former_count;

	if (c->former == NULL)
		c->former = xcalloc(TOKEN_FORMER_MAX, sizeof(*c->former));
	if (same != NULL)
		n = (size_t)(same - c->former);
	else if (n < TOKEN_FORMER_MAX)
		c->former_count++;
	else
		n--;
	memmove(c->former + 1, c->former, n * sizeof(*c->former));
	c->former[0] = *place;
}

bool visitor_may_return(const struct shopper *c)
{
	return c->owner[0] != '\0' && !c->sure &&
	       former_of(c, c->owner) != NULL;
}

void visitor_return(struct shopper *c)
{
	struct token_place *own = former_of(c, c->owner);
	size_t behind = (size_t)(c->former + c->former_count - (own + 1));

	memcpy(c->visitor, own->visitor, sizeof(c->visitor));
	memcpy(c->conversation, own->conversation, sizeof(c->conversation));
	memmove(own, own + 1, behind * sizeof(*own));
	c->former_count--;
	move(c, false);
}

bool visitor_another(struct shopper *c, const char *owner)
{
	struct token_place left = {.owner = ""};
	bool returns = c->owner[0] != '\0' && former_of(c, c->owner) != NULL;

	if (!returns && !shopper_may_be_new(c))
		return false;
	memcpy(left.visitor, c->visitor, sizeof(left.visitor));
	memcpy(left.conversation, c->conversation, sizeof(left.conversation));
	str_copy(left.owner, sizeof(left.owner), str_of(owner));
	if (returns)
		visitor_return(c);
	else
		visitor_renew(c);
	if (left.owner[0] != '\0')
		remember(c, &left);
	c->erased = true;
	c->another = true;
	return true;
}

/* -- their token ----------------------------------------------------------- */

void visitor_sign(const struct shopper *c, char out[TOKEN_TEXT_MAX])
{
	struct visitor_token who = {.issued_ms = loop_wall_ms(),
				    .former_count = c->former_count};

	memcpy(who.place.visitor, c->visitor, sizeof(who.place.visitor));
	memcpy(who.place.conversation, c->conversation,
	       sizeof(who.place.conversation));
	memcpy(who.place.owner, c->owner, sizeof(who.place.owner));
	for (size_t i = 0; i < c->former_count; i++)
		who.former[i] = c->former[i];
	token_sign(&c->client.server->key, &who, out);
}

/* In a token of the other secret, who is here has another digest. */
static void call_as_now(const struct shopper *c, struct token_place *place)
{
	if (c->owner_too[0] != '\0' && strcmp(place->owner, c->owner_too) == 0)
		memcpy(place->owner, c->owner, sizeof(place->owner));
}

bool visitor_find(struct shopper *c, const struct frame *f)
{
	struct server *s = c->client.server;
	struct visitor_token who;

	if (f->visitor.n == 0) {
		if (!shopper_may_be_new(c))
			return false;
		visitor_renew(c);
		return true;
	}
	if (!token_check(&s->key, f->visitor, loop_wall_ms(), &who)) {
		if (!shopper_may_be_new(c))
			return false;
		client_error(&c->client, "bad_token", STR_NONE, STR_NONE,
			     "this visitor token is forged or expired; a fresh "
			     "visitor was made",
			     -1);
		visitor_renew(c);
		return true;
	}
	memcpy(c->visitor, who.place.visitor, sizeof(c->visitor));
	memcpy(c->conversation, who.place.conversation,
	       sizeof(c->conversation));
	call_as_now(c, &who.place);
	for (size_t i = 0; i < who.former_count; i++)
		call_as_now(c, &who.former[i]);
	for (size_t i = who.former_count; i > 0; i--)
		remember(c, &who.former[i - 1]);
	c->sure = who.place.owner[0] != '\0';
	if (c->sure && strcmp(who.place.owner, c->owner) != 0)
		return visitor_another(c, who.place.owner);
	if (!f->has_since || !str_is(f->conversation, c->conversation))
		return true;
	c->was_here = true;
	if (str_is(f->epoch, store_epoch(s->store)))
		c->since = f->since;
	return true;
}
