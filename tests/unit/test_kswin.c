/* SPDX-License-Identifier: MIT */
/* KSWIN against its definition. */
#include "naive.h"

enum { N = 3000 };

static double x[N];

/* A difference of the shares, newest minus older, as far as it lies in the direction: greater values make shares smaller. */
static long directed(long difference, uint32_t direction)
{
    return direction == KEDGE_DIRECTION_BOTH ? labs(difference) : direction == KEDGE_DIRECTION_UP ? -difference : difference;
}

/* Greatest difference of the distribution functions, over all values, in units of 1 / (n m). */
static long distance(const double *a, size_t n, const double *b, size_t m, uint32_t direction)
{
    long greatest = 0;
    for (size_t k = 0; k < n + m; k++) {
        double at = k < n ? a[k] : b[k - n];
        long i = 0, j = 0;
        for (size_t l = 0; l < n; l++)
            i += a[l] <= at;
        for (size_t l = 0; l < m; l++)
            j += b[l] <= at;
        long apart = directed(i * (long)m - j * (long)n, direction);
        greatest = apart > greatest ? apart : greatest;
    }
    return greatest;
}

/* P(distance >= h): 1 - the chance that shuffled samples stay within, forward over the number of draws from each. */
static double p_value(size_t n, size_t m, long h, uint32_t direction)
{
    static double inside[101][101];
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            double from_i = i ? inside[i - 1][j] * (double)(n - i + 1) / (double)(n + m - i - j + 1) : 0;
            double from_j = j ? inside[i][j - 1] * (double)(m - j + 1) / (double)(n + m - i - j + 1) : 0;
            inside[i][j] = directed((long)(i * m) - (long)(j * n), direction) >= h ? 0 : i + j == 0 ? 1 : from_i + from_j;
        }
    return 1 - inside[n][m];
}

static kedge_status kswin(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_kswin_config *c = cfg;
    size_t older = c->window_size - c->stat_size;
    if (n < c->window_size)
        return KEDGE_OK;
    long d = distance(v + n - c->stat_size, c->stat_size, v + n - c->window_size, older, c->direction);
    *statistic = (double)d / (double)(older * c->stat_size);
    *began = n - c->stat_size;
    return *statistic > c->min_distance && p_value(c->stat_size, older, d, c->direction) <= c->alpha ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static const double constants[] = {0, 1, -1e100, 0.1};
    size_t n_drifts = 0;
    kedge_kswin_config c = kedge_kswin_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_KSWIN_BYTES);
    naive_constants(&c.base, constants, 4);
    for (uint64_t seed = 1; seed <= 8; seed++) {
        naive_stream(x, N, seed % 2, seed);
        c.alpha = seed % 4 == 1 || seed % 4 == 2 ? 0.01 : 1e-5;
        c.window_size = seed % 4 == 0 ? 100 : 50;
        c.stat_size = seed % 4 == 0 ? 30 : 20;
        c.direction = seed <= 4 ? KEDGE_DIRECTION_BOTH : seed <= 6 ? KEDGE_DIRECTION_UP : KEDGE_DIRECTION_DOWN;
        assert_int_equal(kedge_detector_size(&c.base), KEDGE_KSWIN_BYTES_FOR(c.window_size, c.stat_size));
        n_drifts += naive_compare(&c.base, kswin, x, N);
    }
    assert_true(n_drifts > 20);
}

/* Drawn samples: the seed decides, and a change is found all the same. */
static void test_drawn(void **unused)
{
    (void)unused;
    kedge_kswin_config c;
    uint64_t at[3] = {0, 0, 0};
    unsigned char *mem = guard_new(KEDGE_KSWIN_BYTES, 0xA5);
    assert_int_equal(kedge_kswin_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_OK);
    assert_int_equal(kedge_kswin_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_ERR_CONFIG);
    for (int k = 0; k < 3; k++) {
        kedge_detector d;
        kedge_rng rng = {5};
        assert_int_equal(kedge_kswin_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_OK);
        c.alpha = 1e-5;
        c.seed = k < 2 ? 1 : 77;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_KSWIN_BYTES), KEDGE_OK);
        for (uint64_t i = 0; i < 2000 && at[k] == 0; i++)
            if (kedge_detector_update(&d, kedge_rng_normal(&rng) + (i >= 1000 ? 2 : 0)) == KEDGE_DRIFT)
                at[k] = i;
        assert_true(at[k] > 1000 && at[k] < 1060);
    }
    assert_true(at[0] == at[1]);
    guard_free(mem);
}

/* Drifts on a level that goes up (or down) in the middle, which all must come behind that. */
static int drifts(kedge_kswin_config *c, double step)
{
    unsigned char *mem = guard_new(KEDGE_KSWIN_BYTES, 0xA5);
    kedge_detector d;
    kedge_rng rng = {9};
    kedge_alarm a;
    int n_drifts = 0;
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, KEDGE_KSWIN_BYTES), KEDGE_OK);
    for (int i = 0; i < 4000; i++)
        if (kedge_detector_update(&d, kedge_rng_normal(&rng) + (i >= 2000 ? step : 0)) == KEDGE_DRIFT) {
            assert_true(i >= 2000);
            assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
            assert_true(a.effect * step > 0 && a.log_evidence >= -log(c->alpha));
            n_drifts++;
        }
    guard_free(mem);
    return n_drifts;
}

static void test_direction(void **unused)
{
    (void)unused;
    for (int older = KEDGE_KSWIN_ALL; older <= KEDGE_KSWIN_DRAWN; older++) {
        kedge_kswin_config c = kedge_kswin_defaults();
        assert_int_equal(c.direction, KEDGE_DIRECTION_BOTH);
        c.older = (uint32_t)older;
        assert_int_equal(drifts(&c, 2), 1);
        assert_int_equal(drifts(&c, -2), 1);
        c.direction = KEDGE_DIRECTION_UP;
        assert_int_equal(drifts(&c, 2), 1);
        assert_int_equal(drifts(&c, -2), 0);
        c.direction = KEDGE_DIRECTION_DOWN;
        assert_int_equal(drifts(&c, 2), 0);
        assert_int_equal(drifts(&c, -2), 1);
        c.direction = KEDGE_DIRECTION_DOWN + 1;
        assert_int_equal(kedge_detector_size(&c.base), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_equals_definition), cmocka_unit_test(test_drawn),
                                       cmocka_unit_test(test_direction)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
