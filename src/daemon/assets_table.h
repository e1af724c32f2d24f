/* What src/tools/embed-web.sh makes of the built web files, for assets.c. */
#ifndef DAEMON_ASSETS_TABLE_H
#define DAEMON_ASSETS_TABLE_H

#include "daemon/assets.h"

extern const struct asset asset_table[];
extern const size_t asset_count;

#endif
