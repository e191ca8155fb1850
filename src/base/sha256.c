/* SPDX-License-Identifier: MIT */
/* SHA-256: FIPS 180-4 (2015), sections 4.1.2, 4.2.2, 5.1.1, 5.3.3 and 6.2. HMAC: RFC 2104 (Krawczyk, Bellare, Canetti 1997). */
#include "base/fp.h"

#include <string.h>

#include "kedge/audit.h"

#include "base/sha256.h"

static uint32_t sha256_word(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t sha256_rotate(uint32_t x, uint32_t n)
{
    return x >> n | x << (32 - n);
}

/* 6.2.2, with the message schedule in a ring of 16 words. */
static void sha256_compress(uint32_t *h, const unsigned char *block)
{
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
        0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
        0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
        0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
        0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
        0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    };
    uint32_t w[16], v[8];
    memcpy(v, h, sizeof v);
    for (uint32_t t = 0; t < 64; t++) {
        uint32_t *wt = &w[t & 15u];
        if (t < 16) {
            *wt = sha256_word(block + (size_t)4 * t);
        } else {
            uint32_t a = w[(t + 1) & 15u], b = w[(t + 14) & 15u];
            *wt += (sha256_rotate(a, 7) ^ sha256_rotate(a, 18) ^ a >> 3) + w[(t + 9) & 15u] +
                   (sha256_rotate(b, 17) ^ sha256_rotate(b, 19) ^ b >> 10);
        }
        uint32_t sum_e = sha256_rotate(v[4], 6) ^ sha256_rotate(v[4], 11) ^ sha256_rotate(v[4], 25);
        uint32_t sum_a = sha256_rotate(v[0], 2) ^ sha256_rotate(v[0], 13) ^ sha256_rotate(v[0], 22);
        uint32_t t1 = v[7] + sum_e + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[t] + *wt;
        uint32_t t2 = sum_a + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (uint32_t i = 0; i < 8; i++)
        h[i] += v[i];
}

void kedge_i_sha256_begin(kedge_i_sha256 *s)
{
    static const uint32_t h0[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(s->h, h0, sizeof h0);
    s->n = 0;
}

void kedge_i_sha256_add(kedge_i_sha256 *s, const unsigned char *bytes, size_t n)
{
    size_t held = (size_t)(s->n % KEDGE_I_SHA256_BLOCK);
    s->n += n;
    while (n > 0) {
        size_t room = KEDGE_I_SHA256_BLOCK - held;
        size_t part = n < room ? n : room;
        const unsigned char *block = bytes;
        if (part < KEDGE_I_SHA256_BLOCK) {
            memcpy(s->block + held, bytes, part);
            block = s->block;
        }
        held += part;
        bytes += part;
        n -= part;
        if (held < KEDGE_I_SHA256_BLOCK)
            return;
        sha256_compress(s->h, block);
        held = 0;
    }
}

void kedge_i_sha256_end(kedge_i_sha256 *s, unsigned char *hash)
{
    static const unsigned char padding[KEDGE_I_SHA256_BLOCK] = {0x80};
    unsigned char bits[8];
    for (uint32_t i = 0; i < 8; i++)
        bits[i] = (unsigned char)(s->n << 3 >> (56 - 8 * i));
    size_t held = (size_t)(s->n % KEDGE_I_SHA256_BLOCK);
    kedge_i_sha256_add(s, padding, (held < 56 ? 56 : 120) - held);
    kedge_i_sha256_add(s, bits, sizeof bits);
    for (uint32_t i = 0; i < KEDGE_I_SHA256_BYTES; i++)
        hash[i] = (unsigned char)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

/* RFC 2104, section 2: the first block inside and outside depends on the key alone. */
void kedge_i_hash_key_set(kedge_i_hash_key *k, const unsigned char *key, size_t n)
{
    unsigned char block[KEDGE_I_SHA256_BLOCK] = {0};
    kedge_i_sha256 s;
    memset(k, 0, sizeof *k);
    if (!key)
        return;
    kedge_i_sha256_begin(&s);
    if (n > sizeof block) {
        kedge_i_sha256_add(&s, key, n);
        kedge_i_sha256_end(&s, block);
    } else {
        memcpy(block, key, n);
    }
    k->is_keyed = 1;
    for (uint32_t outside = 0; outside < 2; outside++) {
        for (size_t i = 0; i < sizeof block; i++)
            block[i] ^= outside ? 0x36 ^ 0x5c : 0x36;
        kedge_i_sha256_begin(&s);
        kedge_i_sha256_add(&s, block, sizeof block);
        memcpy(outside ? k->outer : k->inner, s.h, sizeof s.h);
    }
}

void kedge_i_hash(const kedge_i_hash_key *k, const unsigned char *bytes, size_t n, unsigned char *hash)
{
    kedge_i_sha256 s;
    kedge_i_sha256_begin(&s);
    if (k->is_keyed) {
        memcpy(s.h, k->inner, sizeof s.h);
        s.n = KEDGE_I_SHA256_BLOCK;
    }
    kedge_i_sha256_add(&s, bytes, n);
    kedge_i_sha256_end(&s, hash);
    if (!k->is_keyed)
        return;
    memcpy(s.h, k->outer, sizeof s.h);
    s.n = KEDGE_I_SHA256_BLOCK;
    kedge_i_sha256_add(&s, hash, KEDGE_I_SHA256_BYTES);
    kedge_i_sha256_end(&s, hash);
}

int kedge_i_hash_equal(const unsigned char *a, const unsigned char *b)
{
    unsigned char apart = 0;
    for (size_t i = 0; i < KEDGE_I_SHA256_BYTES; i++)
        apart |= a[i] ^ b[i];
    return apart == 0;
}

kedge_status kedge_sha256(const void *bytes, size_t n, unsigned char hash[KEDGE_HASH_BYTES])
{
    return kedge_hmac_sha256(NULL, 0, bytes, n, hash);
}

kedge_status kedge_hmac_sha256(const void *key, size_t key_bytes, const void *bytes, size_t n, unsigned char hash[KEDGE_HASH_BYTES])
{
    kedge_i_hash_key k;
    if (!hash || (!bytes && n > 0) || (!key && key_bytes > 0))
        return KEDGE_ERR_NULL;
    kedge_i_hash_key_set(&k, key, key_bytes);
    kedge_i_hash(&k, bytes, n, hash);
    return KEDGE_OK;
}
