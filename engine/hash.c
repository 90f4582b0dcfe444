#include "engine/hash.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

void hash_sha256(const void *bytes, size_t len, char hex[HASH_HEX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    if (!EVP_Digest(bytes, len, raw, &n, EVP_sha256(), NULL) || n * 2 + 1 != HASH_HEX) {
        fputs("trucban: SHA-256 is not available in libcrypto\n", stderr);
        abort(); /* without it there is no journal */
    }
    for (unsigned int i = 0; i < n; i++) {
        hex[2 * i] = digits[raw[i] >> 4];
        hex[2 * i + 1] = digits[raw[i] & 15];
    }
    hex[2 * n] = '\0';
}
