/* SPDX-License-Identifier: MIT */
/* Numbers as little-endian bytes at any address, on any machine. */
#ifndef KEDGE_BASE_BYTES_H
#define KEDGE_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline void kedge_i_put(unsigned char *to, uint64_t x, uint32_t n_bytes)
{
    for (uint32_t i = 0; i < n_bytes; i++)
        to[i] = (unsigned char)(x >> (8u * i));
}

static inline uint64_t kedge_i_get(const unsigned char *from, uint32_t n_bytes)
{
    uint64_t x = 0;
    for (uint32_t i = 0; i < n_bytes; i++)
        x |= (uint64_t)from[i] << (8u * i);
    return x;
}

/* CRC-32 of ISO 3309 (as in zlib and PNG): finds every change of up to 32 neighbouring bits, so every flipped bit. */
uint32_t kedge_i_crc32(const unsigned char *bytes, size_t n);

#endif
