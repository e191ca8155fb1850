/* SPDX-License-Identifier: MIT */
/* A card and how tests of scorecards fill and read it. */
#ifndef KEDGE_TESTS_CARDS_H
#define KEDGE_TESTS_CARDS_H

#include <fenv.h>
#include <math.h>

#include "support.h"

#define ASSERT_QUIET() assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0)

static const double nan_ = (double)NAN, inf = (double)INFINITY;
static kedge_scorecard card;

static inline void begin(kedge_scorecard *c, const char *model, const char *version)
{
    memset(c, 0xA5, sizeof *c);
    assert_int_equal(kedge_scorecard_init(c, sizeof *c, model, version), KEDGE_OK);
}

static inline void set(kedge_scorecard *c, uint32_t figure, double value, double low, double high, uint64_t n)
{
    assert_int_equal(kedge_scorecard_set(c, figure, value, low, high, n), KEDGE_OK);
}

static inline int same(double a, double b)
{
    return a == b || (a != a && b != b);
}

static inline void assert_figure(uint32_t figure, double value, double low, double high, uint64_t n)
{
    const kedge_card_figure *f = &card.figures[figure];
    assert_int_equal(f->taken, 1);
    if (!same(f->value, value) || !same(f->low, low) || !same(f->high, high) || f->n != n)
        fail_msg("figure %u is %g [%g, %g] of %u", figure, f->value, f->low, f->high, (unsigned)f->n);
}

static inline uint32_t n_taken(const kedge_scorecard *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < KEDGE_CARD_ROOM; i++)
        n += c->figures[i].taken;
    return n;
}

static inline void draw(kedge_scorecard *c, uint32_t figure, kedge_rng *rng)
{
    double value = (double)kedge_rng_below(rng, 40), low = value - (double)kedge_rng_below(rng, 20),
           high = value + (double)kedge_rng_below(rng, 20);
    uint64_t kind = kedge_rng_below(rng, 8);
    if (kind == 0)
        return;
    if (kind == 1)
        value = nan_;
    if (kind == 2)
        low = nan_;
    set(c, figure, value, low, high, kind);
}

#endif
