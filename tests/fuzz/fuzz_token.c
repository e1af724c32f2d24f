/* What a stranger may send as a token, an hmac or a JWT, under secrets that
 * they do not know: nothing of it may pass. */
#include <stdlib.h>

#include "daemon/token.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct token_key key;
	static bool ready;
	struct str any = {(const char *)data, size};
	struct visitor_token who;
	struct token_user user;

	if (!ready) {
		need(token_init());
		for (size_t i = 0; i < sizeof(key.bytes); i++)
			key.bytes[i] = (unsigned char)(i * 37 + 11);
		ready = true;
	}
	need(!token_check(&key, any, 1795300000000, &who));
	need(who.place.visitor[0] == '\0');
	need(who.place.conversation[0] == '\0');
	need(who.place.owner[0] == '\0' && who.former_count == 0);
	need(!token_jwt_ok(STR("not in the corpus"), any, 0, &user));
	need(user.id[0] == '\0');
	need(!token_hmac_ok(STR("not in the corpus"), STR("user"), any));
	return 0;
}
