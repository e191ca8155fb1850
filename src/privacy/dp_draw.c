/* SPDX-License-Identifier: MIT */
/* Canonne, Kamath, Steinke 2020, "The discrete Gaussian for differential privacy", algorithms 1 to 3. Every probability is a ratio
 * of whole numbers, so that nothing is rounded. Products of fractions are products of coins, so that 64 bits do. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/check.h"
#include "privacy/dp_draw.h"

enum { DP_WORDS = 4, DP_MAX_WORDS = 1 << 16, DP_MAX_RUN = 1000, DP_SCALE_BITS = 12 };

/* Random words, fetched a few at a time. After the first failure all draws are 0. */
typedef struct dp_bits {
    const kedge_dp_source *source;
    kedge_status status;
    uint32_t n_fetched; /* words in all: more than any draw needs means that the bytes are not random */
    uint32_t n_held;
    uint64_t words[DP_WORDS];
} dp_bits;

static uint64_t dp_word(dp_bits *b)
{
    if (b->status < 0)
        return 0;
    if (b->n_held == 0) {
        unsigned char bytes[8 * DP_WORDS] = {0};
        kedge_status st = b->source->fill(b->source->context, bytes, sizeof bytes);
        if (st >= 0 && b->n_fetched >= DP_MAX_WORDS)
            st = KEDGE_ERR_NUMERIC;
        if (st < 0) {
            b->status = st;
            return 0;
        }
        for (uint32_t i = 0; i < DP_WORDS; i++)
            b->words[i] = kedge_i_get(bytes + (size_t)8 * i, 8);
        b->n_held = DP_WORDS;
        b->n_fetched += DP_WORDS;
    }
    return b->words[--b->n_held];
}

/* 0 to n - 1, all equally likely; see kedge_rng_below(). */
static uint64_t dp_below(dp_bits *b, uint64_t n)
{
    uint64_t least = (0 - n) % n;
    uint64_t r = dp_word(b);
    while (r < least && b->status >= 0)
        r = dp_word(b);
    return r % n;
}

/* A fraction of at most 1; 0 below: 1. */
typedef struct dp_fraction {
    uint64_t above;
    uint64_t below;
} dp_fraction;

static int dp_coin(dp_bits *b, dp_fraction p)
{
    return p.below == 0 || dp_below(b, p.below) < p.above;
}

/* True with probability exp(-p q / divisor): algorithm 1, first case. */
static int dp_coin_exp(dp_bits *b, dp_fraction p, dp_fraction q, uint64_t divisor)
{
    uint64_t k = 1;
    while (b->status >= 0 && dp_below(b, k * divisor) == 0 && dp_coin(b, p) && dp_coin(b, q)) {
        if (++k > DP_MAX_RUN)
            b->status = KEDGE_ERR_NUMERIC;
    }
    return k & 1u;
}

/* n such coins, all true. */
static int dp_coins_exp(dp_bits *b, uint64_t n, dp_fraction p, uint64_t divisor)
{
    static const dp_fraction one = {0, 0};
    for (uint64_t i = 0; i < n && b->status >= 0; i++)
        if (!dp_coin_exp(b, p, one, divisor))
            return 0;
    return 1;
}

/* Algorithm 2, with scale above / below. */
static int64_t dp_laplace(dp_bits *b, kedge_i_dp_scale scale)
{
    static const dp_fraction one = {0, 0};
    while (b->status >= 0) {
        uint64_t u = dp_below(b, scale.above);
        const dp_fraction share = {u, scale.above};
        uint64_t v = 0;
        if (!dp_coin_exp(b, share, one, 1))
            continue;
        while (b->status >= 0 && dp_coin_exp(b, one, one, 1))
            if (++v > DP_MAX_RUN)
                b->status = KEDGE_ERR_NUMERIC;
        uint64_t size = (u + scale.above * v) / scale.below;
        uint64_t is_negative = dp_below(b, 2);
        if (is_negative && size == 0)
            continue;
        return is_negative ? -(int64_t)size : (int64_t)size;
    }
    return 0;
}

/* Algorithm 3. With sigma = s / r and t = floor(sigma) + 1 a draw y of Laplace's distribution stands with probability exp(-x^2 /
 * 2), where x is ||y| / sigma - sigma / t| = n / d, n = ||y| r^2 t - s^2|, d = s r t; with whole part a and rest f: a^2 / 2 + a f +
 * f^2 / 2. */
static int64_t dp_gaussian(dp_bits *b, kedge_i_dp_scale scale)
{
    uint64_t s = scale.above, r = scale.below;
    uint64_t t = s / r + 1;
    uint64_t d = s * r * t;
    const kedge_i_dp_scale proposal = {t, 1};
    static const dp_fraction one = {0, 0};
    while (b->status >= 0) {
        int64_t y = dp_laplace(b, proposal);
        uint64_t left = (uint64_t)(y < 0 ? -y : y) * r * r * t, right = s * s;
        uint64_t n = left > right ? left - right : right - left;
        uint64_t a = n / d;
        const dp_fraction f = {n % d, d};
        if (dp_coins_exp(b, a * a, one, 2) && dp_coins_exp(b, a, f, 1) && dp_coin_exp(b, f, f, 2))
            return y;
    }
    return 0;
}

kedge_i_dp_scale kedge_i_dp_scale_above(double x)
{
    kedge_i_dp_scale scale;
    int exponent;
    (void)frexp(x, &exponent); /* x < 2^exponent */
    scale.below = exponent < DP_SCALE_BITS ? (uint64_t)1 << (DP_SCALE_BITS - exponent) : 1;
    scale.above = (uint64_t)ceil(x * (double)(int64_t)scale.below);
    return scale;
}

/* No noise where the source fails on the way. */
static kedge_status dp_drawn(const kedge_dp_source *source, kedge_i_dp_scale scale, int64_t (*draw)(dp_bits *, kedge_i_dp_scale),
                            int64_t *noise)
{
    dp_bits b;
    memset(&b, 0, sizeof b);
    b.source = source;
    int64_t x = draw(&b, scale);
    if (b.status < 0)
        return b.status;
    *noise = x;
    return KEDGE_OK;
}

kedge_status kedge_i_dp_laplace(const kedge_dp_source *source, kedge_i_dp_scale scale, int64_t *noise)
{
    return dp_drawn(source, scale, dp_laplace, noise);
}

kedge_status kedge_i_dp_gaussian(const kedge_dp_source *source, kedge_i_dp_scale scale, int64_t *noise)
{
    return dp_drawn(source, scale, dp_gaussian, noise);
}
