/* SPDX-License-Identifier: MIT */
/* Whatever bytes kedge_frozen_open() gets: an error, or a frozen model that answers every row with a class or a finite number.
 * Input: a byte whose upper bit says to mend the checksums, or no mutation would get past them, then the block. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fuzz.h"

#define FUZZ_ASSERT(condition)                                                                                                     \
    do {                                                                                                                           \
        if (!(condition))                                                                                                          \
            abort();                                                                                                               \
    } while (0)

enum { FROZEN_MAX = 1 << 16, FROZEN_HEAD = 80, FROZEN_FEATURES = 64, FROZEN_SCORES = 64 };

static _Alignas(8) unsigned char frozen_buf[FROZEN_MAX];

static uint32_t frozen_word(const unsigned char *at)
{
    uint32_t x;
    memcpy(&x, at, sizeof x);
    return x;
}

/* Of one block, and of the blocks inside it. */
static void frozen_mend(unsigned char *at, size_t len)
{
    uint64_t part =
        FROZEN_HEAD + 16 * (uint64_t)frozen_word(at + 32) + 8 * (uint64_t)frozen_word(at + 36) + 4 * (uint64_t)frozen_word(at + 40);
    while (part + FROZEN_HEAD + 8 <= len - 8) {
        uint32_t bytes = frozen_word(at + part + 12);
        if (bytes < FROZEN_HEAD + 8 || bytes > len - 8 - part)
            break;
        uint32_t own = kedge_i_crc32(at + part, bytes - 4);
        memcpy(at + part + bytes - 4, &own, sizeof own);
        part += bytes;
    }
    uint32_t crc = kedge_i_crc32(at, len - 4);
    memcpy(at + len - 4, &crc, sizeof crc);
}

static void frozen_use(const kedge_frozen *f)
{
    static const double values[] = {0.0, 1.0, -1.0, 1e300, -1e300, 0.5, 3.0};
    kedge_frozen_info info;
    double x[FROZEN_FEATURES], scores[FROZEN_SCORES], y;
    FUZZ_ASSERT(kedge_frozen_describe(f, &info) == KEDGE_OK);
    if (info.n_features > FROZEN_FEATURES || info.n_classes > FROZEN_SCORES)
        return;
    for (uint32_t row = 0; row < 5; row++) {
        for (uint32_t i = 0; i < info.n_features; i++)
            x[i] = values[(row + i) % (sizeof values / sizeof *values)];
        if (info.takes_missing && row > 2)
            x[row % info.n_features] = strtod("nan", NULL);
        FUZZ_ASSERT(kedge_frozen_predict(f, x, &y) >= 0 && y - y == 0);
        FUZZ_ASSERT(info.n_classes == 0 || (y >= 0 && y < info.n_classes && y == (double)(uint32_t)y));
        FUZZ_ASSERT(kedge_frozen_score(f, x, scores, info.n_classes > 0 ? info.n_classes : 1) >= 0);
        for (uint32_t c = 0; c < info.n_classes; c++)
            FUZZ_ASSERT(scores[c] - scores[c] == 0);
    }
}

void fuzz_frozen(const uint8_t *data, size_t size)
{
    kedge_frozen f;
    if (size < 2 || size - 1 > FROZEN_MAX)
        return;
    size_t len = size - 1;
    memcpy(frozen_buf, data + 1, len);
    if ((data[0] & 0x80u) && len >= FROZEN_HEAD + 8) {
        uint32_t bytes = frozen_word(frozen_buf + 12);
        frozen_mend(frozen_buf, bytes >= FROZEN_HEAD + 8 && bytes <= len ? bytes : len);
    }
    if (kedge_frozen_open(&f, frozen_buf, len) < 0)
        return;
    frozen_use(&f);
    FUZZ_ASSERT(kedge_frozen_swap(frozen_buf, len) == KEDGE_OK && kedge_frozen_open(&f, frozen_buf, len) == KEDGE_ERR_CLASS);
}
