/* SPDX-License-Identifier: MIT */
/* SHA-256 and HMAC: the one place that hashes for evidence. For errors of transmission kedge_i_crc32() is enough. */
#ifndef KEDGE_BASE_SHA256_H
#define KEDGE_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { KEDGE_I_SHA256_BYTES = 32, KEDGE_I_SHA256_BLOCK = 64 };

typedef struct kedge_i_sha256 {
    uint32_t h[8];
    uint64_t n; /* bytes so far */
    unsigned char block[KEDGE_I_SHA256_BLOCK];
} kedge_i_sha256;

void kedge_i_sha256_begin(kedge_i_sha256 *s);
void kedge_i_sha256_add(kedge_i_sha256 *s, const unsigned char *bytes, size_t n);
void kedge_i_sha256_end(kedge_i_sha256 *s, unsigned char *hash);

/* A key, as what hashing begins with inside and outside; `is_keyed` 0: plain SHA-256, and the rest is 0. */
typedef struct kedge_i_hash_key {
    uint32_t inner[8];
    uint32_t outer[8];
    uint32_t is_keyed;
} kedge_i_hash_key;

void kedge_i_hash_key_set(kedge_i_hash_key *k, const unsigned char *key, size_t n);

/* HMAC of bytes with the key, or their SHA-256 without one. */
void kedge_i_hash(const kedge_i_hash_key *k, const unsigned char *bytes, size_t n, unsigned char *hash);

/* Are two hashes the same? Takes as long wherever they differ. */
int kedge_i_hash_equal(const unsigned char *a, const unsigned char *b);

#endif
