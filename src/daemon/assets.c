/* Looks the web files up in the table that the build makes of them (see
 * assets_table.h). There are a handful, so it reads them one by one. Says
 * nothing about who may have them: that is pages.c's. */
#include "daemon/assets.h"

#include "assets_table.h"

const struct asset *asset_find(struct str path)
{
	for (size_t i = 0; i < asset_count; i++)
		if (str_is(path, asset_table[i].path))
			return &asset_table[i];
	return NULL;
}
