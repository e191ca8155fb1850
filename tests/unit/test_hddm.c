/* SPDX-License-Identifier: MIT */
/* HDDM-A and HDDM-W against their definitions. */
#include "naive.h"

enum { N = 3000, SEEDS = 4 };

static double x[N];
static const uint32_t directions[] = {KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_UP, KEDGE_DIRECTION_DOWN};
static const double rates[] = {0, 1, 0.3, 0.5};

static int exceeds(double mean, size_t n, double at, size_t n_at, double confidence)
{
    double bound = sqrt(((double)(n - n_at) / ((double)n_at * (double)n)) * log(2 / confidence) / 2);
    return n_at < n && mean - at >= bound;
}

static kedge_status hddm_a(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_hddm_a_config *c = cfg;
    double sum = 0, low = INFINITY, high = -INFINITY, low_mean = 0, high_mean = 0, mean = 0;
    size_t n_low = 0, n_high = 0;
    for (size_t i = 1; i <= n; i++) {
        double bound = sqrt(log(1 / c->drift_confidence) / (2 * (double)i));
        sum += v[i - 1];
        mean = sum / (double)i;
        if (mean + bound <= low) {
            low = mean + bound;
            low_mean = mean;
            n_low = i;
        }
        if (mean - bound >= high) {
            high = mean - bound;
            high_mean = mean;
            n_high = i;
        }
    }
    int up = c->direction != KEDGE_DIRECTION_DOWN, down = c->direction != KEDGE_DIRECTION_UP;
    if (up && exceeds(mean, n, low_mean, n_low, c->drift_confidence)) {
        *began = n_low;
        *statistic = mean - low_mean;
        return KEDGE_DRIFT;
    }
    if (down && exceeds(high_mean, n, mean, n_high, c->drift_confidence)) {
        *began = n_high;
        *statistic = high_mean - mean;
        return KEDGE_DRIFT;
    }
    int warns = (up && exceeds(mean, n, low_mean, n_low, c->warning_confidence)) ||
                (down && exceeds(high_mean, n, mean, n_high, c->warning_confidence));
    return warns ? KEDGE_WARNING : KEDGE_OK;
}

static void test_hddm_a(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_hddm_a_config c = kedge_hddm_a_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_HDDM_A_BYTES);
    naive_constants(&c.base, rates, 4);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t k = 0; k < 3; k++) {
            naive_stream(x, N, 1, seed);
            c.direction = directions[k];
            n_drifts += naive_compare(&c.base, hddm_a, x, N);
        }
    assert_true(n_drifts > 30);
}

typedef struct average {
    double value, squares;
} average;

static void add(average *a, double v, const kedge_hddm_w_config *c)
{
    double kept = 1 - c->lambda;
    if (a->squares == 0) {
        a->value = v;
        a->squares = c->first_faded ? c->lambda * c->lambda + kept * kept : 1;
    } else {
        a->value = c->lambda * v + kept * a->value;
        a->squares = c->lambda * c->lambda + kept * kept * a->squares;
    }
}

/* Rises of v * sign + shift: falls are rises of the mirror image. */
static kedge_status hddm_w_side(const double *v, size_t n, const kedge_hddm_w_config *c, int mirrored, size_t *began,
                                double *statistic)
{
    average total = {0, 0}, before = {0, 0}, behind = {0, 0};
    double cut = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double value = mirrored ? 1 - v[i] : v[i];
        add(&total, value, c);
        double bound = total.value + sqrt(total.squares * log(1 / c->drift_confidence) / 2);
        if (bound < cut) {
            cut = bound;
            before = total;
            behind.value = behind.squares = 0;
            *began = i + 1;
        } else {
            add(&behind, value, c);
        }
    }
    *statistic = behind.value - before.value;
    if (behind.squares == 0)
        return KEDGE_OK;
    if (*statistic > sqrt((before.squares + behind.squares) * log(1 / c->drift_confidence) / 2))
        return KEDGE_DRIFT;
    return *statistic > sqrt((before.squares + behind.squares) * log(1 / c->warning_confidence) / 2) ? KEDGE_WARNING : KEDGE_OK;
}

static kedge_status hddm_w(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_hddm_w_config *c = cfg;
    kedge_status st[2] = {KEDGE_OK, KEDGE_OK};
    size_t at[2];
    double value[2];
    for (int side = 0; side < 2; side++)
        if (c->direction == KEDGE_DIRECTION_BOTH || (c->direction == KEDGE_DIRECTION_DOWN) == side)
            st[side] = hddm_w_side(v, n, c, side, &at[side], &value[side]);
    int side = st[1] > st[0];
    if (st[side] == KEDGE_DRIFT) {
        *began = at[side];
        *statistic = value[side];
    }
    return st[side];
}

static void test_hddm_w(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_hddm_w_config c = kedge_hddm_w_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_HDDM_W_BYTES);
    naive_constants(&c.base, rates, 4);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t k = 0; k < 6; k++) {
            naive_stream(x, N, 1, seed);
            c.direction = directions[k % 3];
            c.first_faded = k >= 3;
            n_drifts += naive_compare(&c.base, hddm_w, x, N);
        }
    assert_true(n_drifts > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hddm_a), cmocka_unit_test(test_hddm_w)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
