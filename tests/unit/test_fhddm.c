/* SPDX-License-Identifier: MIT */
/* FHDDM, FHDDMS and MDDM against their definitions. */
#include "naive.h"

enum { N = 4000, SEEDS = 3 };

static double x[N];
static const uint32_t directions[] = {KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_UP, KEDGE_DIRECTION_DOWN};

/* Has a window's rate moved by more than the bound from its best, over all full windows of the long length? */
static int moved(const double *v, size_t n, size_t length, const kedge_fhddm_config *c, double *statistic)
{
    double least = 2, most = -1, now = 0, bound = sqrt(log(1 / c->confidence) / (2 * (double)length));
    for (size_t i = c->window; i <= n; i++) {
        double errors = 0;
        for (size_t k = i - length; k < i; k++)
            errors += v[k] > 0.5;
        now = errors / (double)length;
        least = now < least ? now : least;
        most = now > most ? now : most;
    }
    double rise = c->direction == KEDGE_DIRECTION_DOWN ? 0 : now - least,
        fall = c->direction == KEDGE_DIRECTION_UP ? 0 : most - now;
    *statistic = (rise > fall ? rise : fall) / bound;
    return *statistic > 1;
}

static kedge_status fhddm(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_fhddm_config *c = cfg;
    double brief = 0;
    (void)began;
    if (n < c->window)
        return KEDGE_OK;
    int drifts = moved(v, n, c->window, c, statistic);
    if (c->form == KEDGE_FHDDM_STACKED)
        drifts |= moved(v, n, c->short_window, c, &brief);
    *statistic = brief > *statistic ? brief : *statistic;
    return drifts ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static const double rates[] = {0, 1, 0.3, 0.7};
    size_t n_drifts = 0;
    kedge_fhddm_config c = kedge_fhddm_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_FHDDM_BYTES);
    naive_constants(&c.base, rates, 4);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t k = 0; k < 6; k++) {
            naive_stream(x, N, 1, seed);
            c.direction = directions[k % 3];
            c.form = k < 3 ? KEDGE_FHDDM_SINGLE : KEDGE_FHDDM_STACKED;
            c.window = k % 2 ? 100 : 64;
            c.confidence = 1e-4;
            assert_int_equal(kedge_detector_size(&c.base), KEDGE_FHDDM_BYTES_FOR(c.window));
            n_drifts += naive_compare(&c.base, fhddm, x, 1500);
        }
    assert_true(n_drifts > 30);
}

static double weighted(const double *window, const kedge_mddm_config *c, double *squares)
{
    double sum = 0, all = 0;
    *squares = 0;
    for (size_t i = 0; i < c->window; i++) {
        double w = c->form == KEDGE_MDDM_ARITHMETIC ? 1 + c->weight * (double)i
                                                    : pow(c->form == KEDGE_MDDM_EULER ? exp(c->weight) : 1 + c->weight, (double)i);
        sum += w * (window[i] > 0.5);
        all += w;
        *squares += w * w;
    }
    *squares /= all * all;
    return sum / all;
}

static kedge_status mddm(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_mddm_config *c = cfg;
    double least = 2, most = -1, now = 0, squares = 0;
    (void)began;
    if (n < c->window)
        return KEDGE_OK;
    for (size_t i = c->window; i <= n; i++) {
        now = weighted(v + i - c->window, c, &squares);
        least = now < least ? now : least;
        most = now > most ? now : most;
    }
    double rise = c->direction == KEDGE_DIRECTION_DOWN ? 0 : now - least,
        fall = c->direction == KEDGE_DIRECTION_UP ? 0 : most - now;
    *statistic = (rise > fall ? rise : fall) / sqrt(squares * log(1 / c->confidence) / 2);
    return *statistic >= 1 ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_mddm(void **unused)
{
    (void)unused;
    static const double rates[] = {0, 1, 0.3, 0.7};
    size_t n_drifts = 0;
    kedge_mddm_config c = kedge_mddm_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_MDDM_BYTES);
    naive_constants(&c.base, rates, 4);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t k = 0; k < 9; k++) {
            naive_stream(x, N, 1, seed);
            c.direction = directions[k % 3];
            c.form = KEDGE_MDDM_ARITHMETIC + (uint32_t)(k / 3);
            c.window = k % 2 ? 100 : 64;
            c.confidence = 1e-4;
            assert_int_equal(kedge_detector_size(&c.base), KEDGE_MDDM_BYTES_FOR(c.window));
            n_drifts += naive_compare(&c.base, mddm, x, 1200);
        }
    assert_true(n_drifts > 30);
}

/* The alarm dates the change within a window, and says the rates. */
static void test_alarm(void **unused)
{
    (void)unused;
    kedge_fhddm_config c = kedge_fhddm_defaults();
    unsigned char *mem = guard_new(KEDGE_FHDDM_BYTES, 0xA5);
    kedge_detector d;
    kedge_alarm a;
    kedge_status st = KEDGE_OK;
    kedge_rng rng = {8};
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_FHDDM_BYTES), KEDGE_OK);
    for (int i = 0; i < 1200 && st == KEDGE_OK; i++)
        st = kedge_detector_update(&d, kedge_rng_uniform(&rng) < (i < 1000 ? 0.1 : 0.6));
    assert_int_equal(st, KEDGE_DRIFT);
    assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
    assert_true(a.at > 1000 && a.at < 1100 && a.changed_at + 100 > a.at && a.effect > 0.25 && a.statistic > 1);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_equals_definition), cmocka_unit_test(test_mddm),
                                       cmocka_unit_test(test_alarm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
