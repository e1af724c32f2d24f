/* The list of all keys; for config.c and for the test that holds the shipped
 * file against it. */
#ifndef DAEMON_CONFIG_TABLE_H
#define DAEMON_CONFIG_TABLE_H

#include "base/settings.h"

extern const struct setting config_table[];
extern const size_t config_table_len;

#endif
