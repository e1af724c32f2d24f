/* A fast hash for tables in memory and for comparing contents that are not
 * secret. Nothing here is for signatures or passwords. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SEED UINT64_C(0xcbf29ce484222325)

uint64_t hash_bytes(uint64_t seed, const void *p, size_t n);

#endif
