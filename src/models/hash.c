/* SPDX-License-Identifier: MIT */
/* Feature hashing: MurmurHash3 of 32 bits, as Appleby published it in 2011 (public domain), written for bytes of any alignment and
 * any byte order of the machine. Weinberger et al. 2009. Cost: O(bytes). */
#include "base/fp.h"

#include "kedge/model.h"

static uint32_t hash_rotate(uint32_t x, unsigned by)
{
    return (x << by) | (x >> (32u - by));
}

/* One block of four bytes before it enters the state. */
static uint32_t hash_scramble(uint32_t block)
{
    return hash_rotate(block * 0xcc9e2d51u, 15) * 0x1b873593u;
}

static uint32_t hash_finish(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    h ^= h >> 13;
    h *= 0xc2b2ae35u;
    return h ^ (h >> 16);
}

static uint32_t hash_murmur3(const unsigned char *data, size_t bytes)
{
    uint32_t h = 0;
    uint32_t tail = 0;
    size_t i = 0;
    for (; i + 4 <= bytes; i += 4) {
        uint32_t block = (uint32_t)data[i] | (uint32_t)data[i + 1] << 8 | (uint32_t)data[i + 2] << 16 | (uint32_t)data[i + 3] << 24;
        h = hash_rotate(h ^ hash_scramble(block), 13) * 5u + 0xe6546b64u;
    }
    for (size_t j = bytes; j > i; j--)
        tail = tail << 8 | data[j - 1];
    return hash_finish(h ^ hash_scramble(tail) ^ (uint32_t)bytes);
}

uint32_t kedge_hash_feature(const void *name, size_t bytes, uint32_t n_features)
{
    uint64_t hash = hash_murmur3(name, name ? bytes : 0);
    return (uint32_t)(hash * n_features >> 32);
}
