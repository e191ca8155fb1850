/* SPDX-License-Identifier: MIT */
/* CUSUM, geometric moving average, Shewhart and EWMA charts and ECDD against their definitions. */
#include "naive.h"

enum { N = 3000, SEEDS = 4 };

static double x[N];
static const uint32_t directions[] = {KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_UP, KEDGE_DIRECTION_DOWN};
static const double constants[] = {0, 1, -3.7, 0.1, 1e100, -1e100, 4.9e-324};

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static kedge_status cusum(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_cusum_config *c = cfg;
    double sum = 0, up = 0, down = 0;
    size_t up_at = 0, down_at = 0;
    for (size_t i = 0; i < n; i++) {
        sum += v[i];
        double m = c->reference == KEDGE_REFERENCE_FIXED ? c->target : sum / (double)(i + 1);
        up = larger(0, up + v[i] - m - c->delta);
        down = larger(0, down + m - v[i] - c->delta);
        up_at = up == 0 ? i + 1 : up_at;
        down_at = down == 0 ? i + 1 : down_at;
    }
    if (c->direction == KEDGE_DIRECTION_UP)
        down = 0;
    if (c->direction == KEDGE_DIRECTION_DOWN)
        up = 0;
    *statistic = larger(up, down);
    *began = up >= down ? up_at : down_at;
    return *statistic > c->threshold && (c->reference == KEDGE_REFERENCE_FIXED || n >= c->min_samples) ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_cusum(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_cusum_config c = kedge_cusum_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_CUSUM_BYTES);
    naive_constants(&c.base, constants, sizeof constants / sizeof *constants);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t k = 0; k < 6; k++) {
            naive_stream(x, N, k % 2, seed);
            c.direction = directions[k % 3];
            c.reference = k < 3 ? KEDGE_REFERENCE_LEARNED : KEDGE_REFERENCE_FIXED;
            c.target = 0.7;
            c.threshold = 4 + (double)k;
            n_drifts += naive_compare(&c.base, cusum, x, N);
        }
    assert_true(n_drifts > 50);
}

static kedge_status gma(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_gma_config *c = cfg;
    double sum = 0, s = 0, square = 0;
    size_t crossed = 0;
    for (size_t i = 0; i < n; i++) {
        int above = s > 0;
        sum += v[i];
        s = c->alpha * s + (1 - c->alpha) * (v[i] - sum / (double)(i + 1));
        crossed = (s > 0) != above ? i : crossed;
    }
    for (size_t i = 0; i < n; i++)
        square += (v[i] - sum / (double)n) * (v[i] - sum / (double)n) / (double)n;
    double most = square * (1 - c->alpha) / (1 + c->alpha);
    double deviation = c->form == KEDGE_GMA_RAW ? 1 : sqrt(most * (1 - pow(c->alpha, 2.0 * (double)n)));
    int wanted = c->direction == KEDGE_DIRECTION_BOTH || (c->direction == KEDGE_DIRECTION_UP) == (s > 0);
    *began = crossed;
    *statistic = fabs(s) / deviation;
    return *statistic > c->threshold && wanted && n >= c->min_samples ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_gma(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_gma_config c = kedge_gma_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_GMA_BYTES);
    naive_constants(&c.base, constants, sizeof constants / sizeof *constants);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t k = 0; k < 6; k++) {
            naive_stream(x, N, k % 2, seed);
            c.direction = directions[k % 3];
            c.form = k < 3 ? KEDGE_GMA_STANDARD : KEDGE_GMA_RAW;
            c.threshold = k < 3 ? 3 : 0.1;
            c.alpha = 0.95;
            n_drifts += naive_compare(&c.base, gma, x, N);
        }
    assert_true(n_drifts > 50);
}

static kedge_status ewma_chart(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_ewma_chart_config *c = cfg;
    size_t learn = c->reference == KEDGE_REFERENCE_LEARNED ? c->n_learn : 0, crossed = learn;
    double level = c->target, variance = c->sd * c->sd, z = 0;
    if (n <= learn)
        return KEDGE_OK;
    if (learn > 0) {
        level = naive_mean(v, 0, learn);
        variance = 0;
        for (size_t i = 0; i < learn; i++)
            variance += (v[i] - level) * (v[i] - level) / (double)(learn - 1);
    }
    for (size_t i = learn; i < n; i++) {
        int above = z > 0;
        z = (1 - c->lambda) * z + c->lambda * (v[i] - level);
        crossed = (z > 0) != above ? i : crossed;
    }
    *began = crossed;
    *statistic = fabs(z) / sqrt(variance * c->lambda / (2 - c->lambda) * (1 - pow(1 - c->lambda, 2.0 * (double)(n - learn))));
    int wanted = c->direction == KEDGE_DIRECTION_BOTH || (c->direction == KEDGE_DIRECTION_UP) == (z > 0);
    return *statistic > c->limit && wanted ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_ewma_chart(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_ewma_chart_config c = kedge_ewma_chart_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_EWMA_CHART_BYTES);
    naive_constants(&c.base, constants, sizeof constants / sizeof *constants);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t k = 0; k < 6; k++) {
            naive_stream(x, N, 0, seed);
            c.direction = directions[k % 3];
            c.reference = k < 3 ? KEDGE_REFERENCE_LEARNED : KEDGE_REFERENCE_FIXED;
            c.n_learn = 60;
            c.target = 1.5;
            c.lambda = k % 2 ? 0.2 : 0.05;
            c.limit = 3.5;
            n_drifts += naive_compare(&c.base, ewma_chart, x, N);
        }
    assert_true(n_drifts > 50);
}

/* The newest of m of the newest k observations beyond this distance on one side, itself included? */
static int run_of(const double *v, size_t n, size_t learn, size_t k, size_t m, double level, double distance, int sign)
{
    size_t beyond = 0;
    for (size_t i = n > learn + k ? n - k : learn; i < n; i++)
        beyond += sign * (v[i] - level) > distance;
    return sign * (v[n - 1] - level) > distance && beyond >= m;
}

static kedge_status shewhart(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_shewhart_config *c = cfg;
    size_t learn = c->n_learn;
    double level = 0, variance = 0;
    if (n <= learn)
        return KEDGE_OK;
    level = naive_mean(v, 0, learn);
    for (size_t i = 0; i < learn; i++)
        variance += (v[i] - level) * (v[i] - level) / (double)(learn - 1);
    double limit = c->limit * sqrt(variance);
    *statistic = fabs(v[n - 1] - level) / sqrt(variance);
    *began = n - 1;
    for (int sign = -1; sign <= 1; sign += 2) {
        if (c->direction == (sign > 0 ? KEDGE_DIRECTION_DOWN : KEDGE_DIRECTION_UP))
            continue;
        if (sign * (v[n - 1] - level) > limit)
            return KEDGE_DRIFT;
    }
    for (int sign = 1; c->runs && sign >= -1; sign -= 2) {
        if (c->direction == (sign > 0 ? KEDGE_DIRECTION_DOWN : KEDGE_DIRECTION_UP))
            continue;
        *began = SIZE_MAX;
        if (run_of(v, n, learn, 3, 2, level, limit * 2 / 3, sign) || run_of(v, n, learn, 5, 4, level, limit / 3, sign) ||
            run_of(v, n, learn, 8, 8, level, 0, sign))
            return KEDGE_DRIFT;
    }
    return KEDGE_OK;
}

static void test_shewhart(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_shewhart_config c = kedge_shewhart_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_SHEWHART_BYTES);
    naive_constants(&c.base, constants, sizeof constants / sizeof *constants);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t k = 0; k < 6; k++) {
            naive_stream(x, N, 0, seed);
            c.direction = directions[k % 3];
            c.runs = k >= 3;
            c.n_learn = 60;
            c.limit = 3;
            n_drifts += naive_compare(&c.base, shewhart, x, N);
        }
    assert_true(n_drifts > 50);
}

static kedge_status ecdd(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_ecdd_config *c = cfg;
    double sum = 0, z = 0, p = 0;
    size_t low = 0, high = 0; /* observations up to the last that was not above, not below */
    for (size_t i = 0; i < n; i++) {
        sum += v[i];
        p = sum / (double)(i + 1);
        z += c->lambda * (v[i] - z);
        *(z > p ? &high : &low) = i + 1;
    }
    double deviation = sqrt(p * (1 - p) * c->lambda / (2 - c->lambda) * (1 - pow(1 - c->lambda, 2.0 * (double)n)));
    double limit = c->form == KEDGE_ECDD_FIXED
                       ? c->limit
                       : 3.97 - 6.56 * p + 48.73 * pow(p, 3) - 330.13 * pow(p, 5) + 848.18 * pow(p, 7);
    double off = c->direction == KEDGE_DIRECTION_UP ? z - p : c->direction == KEDGE_DIRECTION_DOWN ? p - z : fabs(z - p);
    size_t before = z > p ? low : high;
    *began = before == n ? n - 1 : before;
    *statistic = off / deviation;
    if (n < c->min_samples || !(off > c->warning * limit * deviation))
        return KEDGE_OK;
    return off > limit * deviation && n > c->min_samples ? KEDGE_DRIFT : KEDGE_WARNING;
}

static void test_ecdd(void **unused)
{
    (void)unused;
    static const double rates[] = {0, 1, 0.3, 0.5};
    size_t n_drifts = 0;
    kedge_ecdd_config c = kedge_ecdd_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_ECDD_BYTES);
    naive_constants(&c.base, rates, 4);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t k = 0; k < 6; k++) {
            naive_stream(x, N, 1, seed);
            c.direction = directions[k % 3];
            c.form = k < 3 ? KEDGE_ECDD_FIXED : KEDGE_ECDD_POLYNOMIAL;
            c.limit = 3;
            n_drifts += naive_compare(&c.base, ecdd, x, N);
        }
    assert_true(n_drifts > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cusum),
        cmocka_unit_test(test_gma),
        cmocka_unit_test(test_ewma_chart),
        cmocka_unit_test(test_shewhart),
        cmocka_unit_test(test_ecdd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
