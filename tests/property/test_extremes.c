/* SPDX-License-Identifier: MIT */
/* Extreme finite numbers: no floating-point exception, no NaN in a read-out, no broken invariant, no stall; and what never changes
 * never alarms. Every built-in class with its defaults. KEDGE_SOAK=n in the environment feeds n observations a class and
 * pattern. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { BLOCK = 1000, MEM = 1 << 21, N_PATTERNS = 12, N_CONSTANT = 6 };

static double block[BLOCK];
static uint8_t signals[BLOCK];

static size_t length(void)
{
    const char *soak = getenv("KEDGE_SOAK");
    size_t n = soak ? (size_t)strtoull(soak, NULL, 10) : 20000;
    if (n == 0)
        fail_msg("KEDGE_SOAK=%s is no number of observations", soak);
    return n;
}

/* Within the class's range. The first N_CONSTANT patterns never change. */
static double value(size_t pattern, size_t i, double low, double high, kedge_rng *rng)
{
    const double levels[] = {low, high, 0.0, 4.9406564584124654e-324, DBL_MIN, 0.5 * high};
    switch (pattern) {
    case 6: /* from end to end */
        return i % 2 ? low : high;
    case 7: /* long stretches of either */
        return i / BLOCK % 2 ? low : high;
    case 8: /* growing by powers of two from the least number on, and again */
        return fmin(ldexp(1.0, (int)(i % 1300) - 1074), high);
    case 9: /* any of the constants */
        return levels[kedge_rng_below(rng, N_CONSTANT)];
    case 10: /* small noise on a great number */
        return 0.5 * high * (1.0 + 1e-15 * kedge_rng_uniform(rng));
    case 11: /* one extreme in a thousand */
        return kedge_rng_below(rng, 1000) == 0 ? high : 0.0;
    default:
        return levels[pattern];
    }
}

/* Alarms that constants may raise, by a guarantee of one in 10^6 on average. A conformal martingale ranks ties at random; the
 * e-detector's sum grows by about 1 with each observation that no bet wins or loses by. */
static double chance(const kedge_detector_class *cls, uint64_t n)
{
    return cls == &kedge_conformal ? 4.0 + 2.0 * (double)n / 1e6 : cls == &kedge_e_detector ? (double)n / 1e6 : 0.0;
}

static void expect_sound(const kedge_detector *d, const kedge_detector_class *cls, size_t pattern)
{
    kedge_estimate e;
    kedge_alarm a;
    int sound = kedge_detector_check(d) == KEDGE_OK;
    kedge_status st = kedge_detector_estimate(d, &e);
    sound = sound && st >= 0 && !fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
    sound = sound && (st == KEDGE_EMPTY || (isfinite(e.mean) && isfinite(e.variance) && e.variance >= 0 && !isnan(e.statistic)));
    sound = sound && kedge_detector_alarm(d, &a) >= 0;
    if (!sound)
        fail_msg("%s, pattern %zu: check %d, estimate %d: mean %g, variance %g, statistic %g; exceptions %x", cls->base.name,
                 pattern, kedge_detector_check(d), st, e.mean, e.variance, e.statistic,
                 (unsigned)fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
    if (pattern < N_CONSTANT && (double)e.n_drifts > chance(cls, e.n_seen))
        fail_msg("%s, pattern %zu: %llu alarms on what never changes", cls->base.name, pattern, (unsigned long long)e.n_drifts);
}

static void feed(kedge_detector *d, const kedge_detector_class *cls, size_t pattern)
{
    kedge_rng rng = {pattern + 1};
    for (size_t i = 0; i < length(); i += BLOCK) {
        size_t used;
        for (size_t k = 0; k < BLOCK; k++)
            block[k] = value(pattern, i + k, cls->input_low, cls->input_high, &rng);
        feclearexcept(FE_ALL_EXCEPT);
        assert_true(kedge_detector_signal_many(d, block, BLOCK, signals, &used) >= 0);
        assert_int_equal(used, BLOCK);
        if (i % (100 * BLOCK) == 0 || i + BLOCK >= length())
            expect_sound(d, cls, pattern);
        else if (fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW))
            expect_sound(d, cls, pattern);
    }
}

static void test_extremes(void **unused)
{
    (void)unused;
    size_t n_skipped = 0, n_fed = 0;
    const char *only = getenv("KEDGE_SOAK_CLASS");
    void *mem = malloc(MEM);
    assert_non_null(mem);
    for (const kedge_detector_class *const *c = kedge_detector_classes(); *c; c++) {
        union {
            kedge_detector_config base;
            unsigned char bytes[KEDGE_CONFIG_MAX];
        } cfg;
        if (only && strcmp(only, (*c)->base.name) != 0)
            continue;
        memset(&cfg, 0, sizeof cfg);
        (*c)->base.defaults(&cfg);
        if (kedge_detector_size(&cfg.base) == 0) { /* an ensemble has no default number of members */
            n_skipped++;
            continue;
        }
        for (size_t pattern = 0; pattern < N_PATTERNS; pattern++) {
            kedge_detector d;
            assert_true(kedge_detector_size(&cfg.base) <= MEM);
            assert_int_equal(kedge_detector_init(&d, &cfg.base, mem, MEM), KEDGE_OK);
            feed(&d, *c, pattern);
        }
        n_fed++;
        if (getenv("KEDGE_SOAK"))
            print_message("%s: %zu observations of each of %d patterns\n", (*c)->base.name, length(), N_PATTERNS);
    }
    free(mem);
    assert_true(n_skipped <= 1);
    if (n_fed == 0)
        fail_msg("KEDGE_SOAK_CLASS=%s: no detector of that name was fed", only ? only : "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_extremes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
