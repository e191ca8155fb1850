/* SPDX-License-Identifier: MIT */
/* Methods that count rows in parts of the space: against definitions written out, p-values without a change, power, and input at
 * the edges. */
#include "tables.h"

typedef union any_config {
    kedge_shift_config base;
    double align;
    unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
} any_config;

static const kedge_shift_class *const methods[] = {&kedge_hdddm_distance, &kedge_kdq_tree, &kedge_nn_dvi, &kedge_quant_tree};
enum { METHODS = sizeof methods / sizeof *methods };

static any_config small_config(const kedge_shift_class *cls)
{
    any_config c;
    assert_int_equal(kedge_shift_config_init(cls, &c, cls->config_bytes), KEDGE_OK);
    if (cls == &kedge_kdq_tree)
        ((kedge_kdq_tree_config *)&c)->max_count = 8;
    if (cls == &kedge_nn_dvi)
        ((kedge_nn_dvi_config *)&c)->n_neighbours = 5;
    if (cls == &kedge_quant_tree)
        ((kedge_quant_tree_config *)&c)->n_bins = 8;
    return c;
}

/* Whole 64ths, so that halves of cells are exact. */
static void fill_coarse(double *x, size_t n, double levels, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n; i++)
        x[i] = floor(levels * kedge_rng_uniform(&rng)) / levels;
}

/* kdq-tree: a cell and what lies in it. */
typedef struct cell {
    double low[3], high[3];
    size_t halvings;
} cell;

/* The sum over the cells within one, with the cells' number in *n_cells; counting only if n_all is 0. */
static double naive_cells(const double *z, size_t n, size_t m, size_t d, cell c, size_t most, size_t levels, double n_cells,
                          size_t *found)
{
    double before = 0, now = 0;
    for (size_t i = 0; i < n + m; i++) {
        int is_in = 1;
        for (size_t j = 0; j < d; j++)
            is_in &= z[i * d + j] >= c.low[j] && (z[i * d + j] < c.high[j] || c.high[j] == 1);
        before += is_in && i < n;
        now += is_in && i >= n;
    }
    if (before + now == 0)
        return 0;
    if (before + now <= (double)most || c.halvings == levels * d) {
        double p = (before + 0.5) / ((double)n + 0.5 * n_cells), q = (now + 0.5) / ((double)m + 0.5 * n_cells);
        ++*found;
        return p * log(p / q);
    }
    cell lower = c, upper = c;
    size_t j = c.halvings % d;
    lower.high[j] = upper.low[j] = (c.low[j] + c.high[j]) / 2;
    lower.halvings = ++upper.halvings;
    return naive_cells(z, n, m, d, lower, most, levels, n_cells, found) + naive_cells(z, n, m, d, upper, most, levels, n_cells,
                                                                                      found);
}

static void test_kdq_tree_definition(void **unused)
{
    (void)unused;
    double x[300], y[240];
    for (uint64_t seed = 1; seed <= 40; seed++) {
        kedge_kdq_tree_config c = kedge_kdq_tree_defaults();
        kedge_shift_result r;
        size_t d = 1 + seed % 3, n = 100, m = 80;
        cell all = {{0, 0, 0}, {1, 1, 1}, 0};
        c.max_count = 1 + (uint32_t)(seed % 20);
        c.levels = 1 + (uint32_t)(seed % 7);
        c.base.p_method = KEDGE_P_NONE;
        fill_coarse(x, n * d, 64, seed);
        fill_coarse(y, m * d, 64, seed + 100);
        for (size_t j = 0; j < d; j++) { /* columns reach from 0 to 1 */
            x[j] = 0;
            y[j] = 1;
        }
        double *z = pool(x, n, y, m, d, 0);
        size_t n_cells = 0, again = 0;
        naive_cells(z, n, m, d, all, c.max_count, c.levels, 1, &n_cells);
        double truth = naive_cells(z, n, m, d, all, c.max_count, c.levels, (double)n_cells, &again);
        assert_true(compare(&c, x, n, y, m, d, &r) >= 0);
        assert_true(n_cells == again && n_cells > 1);
        assert_close(r.statistic, truth, 1e-9);
        assert_true(isnan(r.p_value) && isnan(r.expected) && r.effect >= 0 && r.effect <= 1);
        free(z);
    }
}

static size_t naive_nearer(const double *z, size_t n_all, size_t d, size_t row, size_t other)
{
    size_t nearer = 0;
    for (size_t i = 0; i < n_all; i++)
        nearer += i != row && square_distance(z + row * d, z + i * d, d) < square_distance(z + row * d, z + other * d, d);
    return nearer;
}

static void test_nn_dvi_definition(void **unused)
{
    (void)unused;
    enum { N = 30, M = 22, D = 2, ALL = N + M };
    double x[N * D], y[M * D];
    for (uint64_t seed = 1; seed <= 12; seed++)
        for (uint32_t standardise = 0; standardise < 2; standardise++) {
            kedge_nn_dvi_config c = kedge_nn_dvi_defaults();
            kedge_shift_result r;
            uint32_t n_near = seed < 12 ? (uint32_t)seed : (ALL - 1) / 2;
            c.n_neighbours = seed < 12 ? n_near : 1000; /* half of the others */
            c.standardise = standardise;
            fill_pairs(x, N, 0, 1, 0.5, seed);
            fill_pairs(y, M, 0.4, 2, 0, seed + 50);
            double *z = pool(x, N, y, M, D, (int)standardise), truth = 0;
            for (size_t at = 0; at < ALL; at++) { /* weights at a row: those that have it among their nearest, and itself */
                double before = at < N, now = at >= N;
                for (size_t i = 0; i < ALL; i++)
                    if (i != at && naive_nearer(z, ALL, D, i, at) < n_near)
                        *(i < N ? &before : &now) += 1;
                truth += fabs(before / N - now / M) / (before / N + now / M) / ALL;
            }
            assert_true(compare(&c, x, N, y, M, D, &r) >= 0);
            assert_close(r.statistic, truth, 1e-12);
            assert_true(r.effect == r.statistic && r.p_method == KEDGE_P_PERMUTATION && r.expected > 0);
            free(z);
        }
}

static void test_hdddm_definition(void **unused)
{
    (void)unused;
    enum { N = 50, M = 37, D = 3 };
    double x[N * D], y[M * D];
    for (uint32_t n_bins = 0; n_bins < 9; n_bins += n_bins ? 3 : 2) {
        kedge_hdddm_distance_config c = kedge_hdddm_distance_defaults();
        kedge_shift_result r;
        size_t bins = n_bins ? n_bins : 6; /* root of 37 */
        c.n_bins = n_bins;
        fill_coarse(x, N * D, 64, 3);
        fill_coarse(y, M * D, 40, 4);
        double truth = 0;
        for (size_t j = 0; j < D; j++) {
            double before[16] = {0}, now[16] = {0}, low = 9, high = -9, sum = 0;
            for (size_t i = 0; i < N + M; i++) {
                double v = i < N ? x[i * D + j] : y[(i - N) * D + j];
                low = fmin(low, v);
                high = fmax(high, v);
            }
            for (size_t i = 0; i < N + M; i++) {
                double v = i < N ? x[i * D + j] : y[(i - N) * D + j];
                size_t bin = (size_t)floor((v - low) / (high - low) * (double)bins);
                *(i < N ? &before[bin < bins ? bin : bins - 1] : &now[bin < bins ? bin : bins - 1]) += 1;
            }
            for (size_t k = 0; k < bins; k++)
                sum += (sqrt(before[k] / N) - sqrt(now[k] / M)) * (sqrt(before[k] / N) - sqrt(now[k] / M));
            truth += sqrt(sum / 2) / D;
        }
        assert_true(compare(&c, x, N, y, M, D, &r) >= 0);
        assert_close(r.statistic, truth, 1e-12);
        assert_true(r.effect == r.statistic);
    }
}

/* Two bins of one column: one end or the other. More bins of several columns: as many reference rows in each, whatever the
 * values. */
static void test_quant_tree_bins(void **unused)
{
    (void)unused;
    enum { N = 21, M = 40 };
    double x[N], y[M];
    int seen[2] = {0, 0};
    for (uint64_t seed = 1; seed <= 30; seed++) {
        kedge_quant_tree_config c = kedge_quant_tree_defaults();
        kedge_shift_result r;
        c.base.seed = seed;
        c.n_bins = 2;
        fill_normal(x, N, 0, 1, seed);
        fill_normal(y, M, 0.5, 1.5, seed + 70);
        double figures[2];
        for (int side = 0; side < 2; side++) {
            double sorted[N], first = 0;
            for (size_t i = 0; i < N; i++)
                sorted[i] = side ? -x[i] : x[i];
            qsort(sorted, N, sizeof *sorted, compare_doubles);
            for (size_t i = 0; i < M; i++)
                first += (side ? -y[i] : y[i]) <= sorted[10]; /* 11 of 21 */
            double e = 11.0 * M / N, rest = 10.0 * M / N;
            figures[side] = (first - e) * (first - e) / e + (M - first - rest) * (M - first - rest) / rest;
        }
        assert_true(compare(&c, x, N, y, M, 1, &r) >= 0);
        seen[0] += fabs(r.statistic - figures[0]) < 1e-9;
        seen[1] += fabs(r.statistic - figures[1]) < 1e-9;
        assert_true(fabs(r.statistic - figures[0]) < 1e-9 || fabs(r.statistic - figures[1]) < 1e-9);
        c.figure = KEDGE_QUANT_TREE_TOTAL_VARIATION;
        assert_true(compare(&c, x, N, y, M, 1, &r) >= 0);
        assert_true(r.statistic == r.effect && r.effect >= 0 && r.effect <= 1);
    }
    assert_true(seen[0] > 5 && seen[1] > 5);
}

static void test_uniform(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < METHODS; i++) {
        any_config c = small_config(methods[i]);
        check_uniform(&c, &c.base, 60, 100);
    }
}

/* Few values: no more alarms than without ties, and at 5 % hardly fewer where lots break them. */
static void test_ties(void **unused)
{
    (void)unused;
    enum { SEEDS = 400, N = 40, M = 25 };
    for (size_t i = 0; i < METHODS; i++) {
        any_config c = small_config(methods[i]);
        double n_alarms = 0;
        c.base.n_resamples = 99;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            double x[2 * N], y[2 * M];
            kedge_shift_result r;
            fill_coarse(x, 2 * N, 3, 2 * seed);
            fill_coarse(y, 2 * M, 3, 2 * seed + 4001);
            c.base.seed = seed;
            assert_true(compare(&c, x, N, y, M, 2, &r) >= 0);
            n_alarms += r.p_value <= 0.05;
        }
        print_message("%s, ties: %.3f\n", methods[i]->name, n_alarms / SEEDS);
        assert_true(n_alarms / SEEDS < 0.05 + 3.5 * sqrt(0.05 * 0.95 / SEEDS) && n_alarms > 0);
    }
}

static void test_power(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < METHODS; i++) {
        any_config c = small_config(methods[i]);
        int found[3] = {power(&c, 300, 0.7, 1, 0), power(&c, 300, 0, 2, 0), power(&c, 300, 0, 1, 0.9)};
        print_message("%s: mean %d, spread %d, dependence %d of 20\n", methods[i]->name, found[0], found[1], found[2]);
        assert_true(found[0] >= 18 && found[1] >= 16);
        assert_true(methods[i] == &kedge_hdddm_distance ? found[2] <= 5 : found[2] >= 12); /* it sees single columns only */
    }
}

static void test_edges(void **unused)
{
    (void)unused;
    double x[40], y[40];
    for (size_t i = 0; i < METHODS; i++) {
        any_config c = small_config(methods[i]);
        kedge_shift_result r;
        for (size_t k = 0; k < 40; k++)
            x[k] = y[k] = 3;
        assert_int_equal(compare(&c, x, 20, y, 10, 2, &r), KEDGE_OK);
        assert_true(r.p_value == 1 && r.statistic == 0 && r.effect == 0 && r.expected == 0);
        for (size_t k = 0; k < 40; k += 2) /* a constant column beside another */
            x[k] = y[k] = (double)k;
        assert_int_equal(compare(&c, x, 20, y, 20, 2, &r), KEDGE_OK);
        assert_true(r.p_value > 0.1);
        assert_int_equal(compare(&c, x, 1, y + 2, 1, 2, &r), KEDGE_OK); /* one row each */
        assert_true(r.p_value == 1 && isfinite(r.statistic));
        assert_int_equal(compare(&c, x, 1, y, 20, 2, &r), KEDGE_OK);
        x[3] = (double)NAN;
        assert_true(compare(&c, x, 20, y, 20, 2, &r) >= 0);
        assert_true(r.n_reference == 19 && r.missing_reference == 1 && r.n_current == 20);
        x[3] = (double)INFINITY;
        assert_int_equal(compare(&c, x, 20, y, 20, 2, &r), KEDGE_ERR_NOT_FINITE);
        for (size_t k = 0; k < 40; k++)
            x[k] = (double)NAN;
        assert_int_equal(compare(&c, x, 20, y, 20, 2, &r), KEDGE_EMPTY);
        assert_true(isnan(r.statistic) && isnan(r.p_value) && r.missing_reference == 20);
        assert_int_equal(compare(&c, y, 20, x, 0, 2, &r), KEDGE_EMPTY);
        for (size_t k = 0; k < 40; k++) { /* the greatest magnitudes */
            x[k] = k % 3 ? 1e100 : -1e100;
            y[k] = k % 5 ? 1e-300 : 1e100;
        }
        assert_true(compare(&c, x, 20, y, 20, 2, &r) >= 0);
        assert_true(isfinite(r.statistic) && r.p_value <= 1);
    }
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_hdddm_distance_config h = kedge_hdddm_distance_defaults();
    kedge_kdq_tree_config k = kedge_kdq_tree_defaults();
    kedge_nn_dvi_config v = kedge_nn_dvi_defaults();
    kedge_quant_tree_config q = kedge_quant_tree_defaults();
    assert_true(kedge_shift_work(&h.base, 9, 9, 2) && kedge_shift_work(&k.base, 9, 9, 2) && kedge_shift_work(&v.base, 9, 9, 2) &&
                kedge_shift_work(&q.base, 9, 9, 2));
    assert_true(kedge_shift_work(&h.base, 4000000, 4000000, 2) && kedge_shift_work(&v.base, 40000, 30000, 2) == 0);
    h.n_bins = 1;
    k.levels = 0;
    v.n_neighbours = 0;
    q.n_bins = 1;
    assert_true(!kedge_shift_work(&h.base, 9, 9, 2) && !kedge_shift_work(&k.base, 9, 9, 2) && !kedge_shift_work(&v.base, 9, 9, 2) &&
                !kedge_shift_work(&q.base, 9, 9, 2));
    h = kedge_hdddm_distance_defaults();
    k = kedge_kdq_tree_defaults();
    v = kedge_nn_dvi_defaults();
    q = kedge_quant_tree_defaults();
    h.n_bins = 1025;
    k.max_count = 0;
    v.standardise = 2;
    q.figure = 3;
    assert_true(!kedge_shift_work(&h.base, 9, 9, 2) && !kedge_shift_work(&k.base, 9, 9, 2) && !kedge_shift_work(&v.base, 9, 9, 2) &&
                !kedge_shift_work(&q.base, 9, 9, 2));
    h.n_bins = 2;
    h.reserved = 1;
    k.max_count = 1;
    k.levels = 51;
    v.standardise = 0;
    v.n_neighbours = 1001;
    q.figure = 1;
    q.n_bins = 1025;
    assert_true(!kedge_shift_work(&h.base, 9, 9, 2) && !kedge_shift_work(&k.base, 9, 9, 2) && !kedge_shift_work(&v.base, 9, 9, 2) &&
                !kedge_shift_work(&q.base, 9, 9, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kdq_tree_definition), cmocka_unit_test(test_nn_dvi_definition),
        cmocka_unit_test(test_hdddm_definition),
        cmocka_unit_test(test_quant_tree_bins),     cmocka_unit_test(test_uniform),           cmocka_unit_test(test_ties),
            cmocka_unit_test(test_power),               cmocka_unit_test(test_edges),             cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
