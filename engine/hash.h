/* hash.h - the door to libcrypto: SHA-256 as lower-case hex. */
#ifndef ENGINE_HASH_H
#define ENGINE_HASH_H

#include <stddef.h>

#define HASH_HEX 65 /* 64 digits and the NUL */

void hash_sha256(const void *bytes, size_t len, char hex[HASH_HEX]);

#endif
