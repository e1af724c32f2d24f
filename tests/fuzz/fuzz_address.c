/* redis.url: what is taken names one place and shows no password; what is
 * refused says why. */
#include "address.h"

#include <stdlib.h>
#include <string.h>

static void need(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char url[1024];
	struct buf why = BUF_INIT;
	struct address a;

	if (size >= sizeof(url))
		return 0;
	memcpy(url, data, size);
	url[size] = '\0';
	if (address_parse(url, &a, &why)) {
		need(why.len == 0 && a.shown != NULL);
		need((a.path != NULL) + (a.host != NULL) +
			     (a.primary != NULL) ==
		     1);
		need(a.host == NULL || (a.port > 0 && a.port <= 65535));
		need(a.host == NULL ||
		     strncmp(a.shown, a.host, strlen(a.host)) == 0);
		need((a.primary != NULL) == (a.sentinel_count > 0));
		for (size_t i = 0; i < a.sentinel_count; i++)
			need(a.sentinels[i].host != NULL &&
			     a.sentinels[i].port > 0 &&
			     a.sentinels[i].port <= 65535);
	} else {
		need(why.len > 0 && a.path == NULL && a.host == NULL &&
		     a.primary == NULL && a.sentinel_count == 0 &&
		     a.password == NULL);
	}
	address_fini(&a);
	buf_fini(&why);
	return 0;
}
