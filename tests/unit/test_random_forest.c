/* SPDX-License-Identifier: MIT */
/* Random forest and CART: against an exact search of all splits, by hand, and what they promise of seeds, limits, memory and
 * hostile tables. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "fitted_forest.h"
#include "hostile_table.h"

enum { ROWS = 100, FEATURES = 4, CLASSES = 3, CATEGORIES = 7 };

/* The definition --------------------------------------------------------------------------------------------------------------- */

typedef struct naive {
    const config *c;
    double x[ROWS][FEATURES], y[ROWS], w[ROWS]; /* the last feature is nominal */
    int leaf[ROWS], n_leaves;
} naive;

static void naive_fill(naive *v, uint64_t seed, uint32_t n_classes)
{
    kedge_rng rng = {seed};
    for (int i = 0; i < ROWS; i++) {
        double sum = kedge_rng_normal(&rng);
        for (int j = 0; j < FEATURES; j++) {
            v->x[i][j] = (double)kedge_rng_below(&rng, CATEGORIES);
            sum += j == FEATURES - 1 ? 2 * sin(3 * v->x[i][j]) : v->x[i][j] - 3;
            if (seed % 2 && kedge_rng_below(&rng, 6) == 0)
                v->x[i][j] = (double)NAN;
        }
        v->y[i] = n_classes == 0 ? sum : n_classes == 2 ? sum > 0 : (sum > -2) + (sum > 2);
        v->w[i] = 0.5 + kedge_rng_uniform(&rng);
    }
}

/* Weight of a row's output k: of class k, or the target. */
static double naive_output(const naive *v, int i, int k)
{
    return v->c->base.n_classes == 0 ? v->w[i] * v->y[i] : v->y[i] == k ? v->w[i] : 0;
}

/* Gini's index or the squared error of one side, as what it falls short of a constant. */
static double naive_worth(const naive *v, int leaf, const char *left, int side, uint32_t *n)
{
    double weight = 0, sum[CLASSES] = {0}, squares = 0;
    *n = 0;
    for (int i = 0; i < ROWS; i++) {
        if (v->leaf[i] != leaf || (side < 2 && left[i] != side))
            continue;
        weight += v->w[i];
        for (int k = 0; k < CLASSES; k++)
            sum[k] += v->c->base.n_classes > 0 || k == 0 ? naive_output(v, i, k) : 0;
        ++*n;
    }
    for (int k = 0; k < CLASSES; k++)
        squares += sum[k] * sum[k];
    return weight > 0 ? squares / weight : 0;
}

static void naive_try(const naive *v, int leaf, const char *left, double *gain, char *best)
{
    uint32_t n[3];
    double both = naive_worth(v, leaf, left, 0, &n[0]) + naive_worth(v, leaf, left, 1, &n[1]);
    double more = both - naive_worth(v, leaf, left, 2, &n[2]);
    if (n[0] < v->c->min_rows || n[1] < v->c->min_rows || more <= *gain || more <= 1e-12 * both)
        return;
    *gain = more;
    memcpy(best, left, ROWS);
}

static void naive_numeric(const naive *v, int leaf, int feature, double *gain, char *best)
{
    char left[ROWS];
    for (int cut = 0; cut < CATEGORIES; cut++)
        for (int missing = 0; missing < 2; missing++) {
            for (int i = 0; i < ROWS; i++)
                left[i] = isnan(v->x[i][feature]) ? (char)missing : v->x[i][feature] <= cut;
            naive_try(v, leaf, left, gain, best);
        }
}

/* With two classes or a target all sets of categories, as the order is then no restriction; missing values are one. */
static void naive_nominal(const naive *v, int leaf, int feature, double *gain, char *best)
{
    char left[ROWS];
    for (int set = 1; set < 1 << CATEGORIES; set++) {
        for (int i = 0; i < ROWS; i++)
            left[i] = (char)(set >> (isnan(v->x[i][feature]) ? CATEGORIES : (int)v->x[i][feature]) & 1);
        naive_try(v, leaf, left, gain, best);
    }
}

static void naive_grow(naive *v)
{
    memset(v->leaf, 0, sizeof v->leaf);
    v->n_leaves = 1;
    for (int leaf = 0; leaf < v->n_leaves; leaf++)
        for (;;) {
            double gain = 0;
            char best[ROWS];
            for (int j = 0; j < FEATURES; j++) {
                if (v->c->nominal[0] >> j & 1)
                    naive_nominal(v, leaf, j, &gain, best);
                else
                    naive_numeric(v, leaf, j, &gain, best);
            }
            if (gain == 0)
                break;
            for (int i = 0; i < ROWS; i++)
                if (v->leaf[i] == leaf && !best[i])
                    v->leaf[i] = v->n_leaves;
            v->n_leaves++;
        }
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static naive v;
    for (uint64_t seed = 0; seed < 24; seed++) {
        uint32_t n_classes = (uint32_t)(seed % 3) + (seed % 3 > 0);
        config c = cart(FEATURES, n_classes);
        kedge_model m;
        c.min_rows = 1 + (uint32_t)(seed % 4) * 3;
        c.nominal[0] = n_classes < 3 && c.min_rows == 1 ? 1u << (FEATURES - 1) : 0; /* else the best set need not be found */
        v.c = &c;
        naive_fill(&v, seed, n_classes);
        naive_grow(&v);
        kedge_rows rows = kedge_rows_float64(&v.x[0][0], ROWS, FEATURES);
        make_fitted(&m, &c, &rows, v.y, v.w);
        for (int i = 0; i < ROWS; i++) {
            double weight = 0, sum[CLASSES] = {0}, scores[CLASSES];
            int n = n_classes > 0 ? (int)n_classes : 1;
            for (int j = 0; j < ROWS; j++)
                if (v.leaf[j] == v.leaf[i]) {
                    weight += v.w[j];
                    for (int k = 0; k < n; k++)
                        sum[k] += naive_output(&v, j, k);
                }
            assert_int_equal(kedge_model_score(&m, v.x[i], scores, (size_t)n), KEDGE_OK);
            for (int k = 0; k < n; k++)
                assert_close(scores[k], sum[k] / weight, 1e-9);
        }
        guard_free(m.state);
    }
}

/* By hand ---------------------------------------------------------------------------------------------------------------------- */

/* Many classes: each category has one; what was not seen goes the way of missing values, or of most rows. */
static void test_categories(void **unused)
{
    (void)unused;
    double x[70], y[70], at;
    config c = cart(1, 70);
    c.nominal[0] = 1;
    kedge_rows rows = kedge_rows_float64(x, 70, 1);
    kedge_model m;
    for (int i = 0; i < 70; i++) {
        x[i] = i % 7;
        y[i] = i % 7 * 11;
    }
    make_fitted(&m, &c, &rows, y, NULL);
    for (int k = 0; k < 7; k++) {
        at = k;
        assert_true(says(&m, &at) == 11 * k);
    }
    for (int i = 0; i < 70; i++)
        x[i] = x[i] == 5 ? (double)NAN : x[i];
    fit_rows(&m, &rows, y, NULL);
    at = (double)NAN;
    assert_true(says(&m, &at) == 55);
    at = 5;
    assert_true(says(&m, &at) == 55);
    at = 200;
    assert_true(says(&m, &at) == 55);
    guard_free(m.state);
}

static void test_by_hand(void **unused)
{
    (void)unused;
    double x[6] = {1, 2, 3, 5, (double)NAN, (double)NAN}, y[6] = {4, 4, 4, 9, 9, 9}, at = 4;
    config c = cart(1, 0);
    kedge_rows rows = kedge_rows_float64(x, 6, 1);
    kedge_model m;
    make_fitted(&m, &c, &rows, y, NULL);
    assert_close(says(&m, &at), 4, 1e-14);
    at = nextafter(4, 5);
    assert_close(says(&m, &at), 9, 1e-14);
    at = (double)NAN;
    assert_close(says(&m, &at), 9, 1e-14);
    x[3] = 2.5;
    y[3] = 4;
    fit_rows(&m, &rows, y, NULL); /* missing or not is all there is to tell */
    assert_close(says(&m, &at), 9, 1e-14);
    at = 1e300;
    assert_close(says(&m, &at), 4, 1e-14);
    rows.n_rows = 4;
    y[0] = 0;
    fit_rows(&m, &rows, y, NULL); /* none is missing: with most rows */
    at = (double)NAN;
    assert_close(says(&m, &at), 4, 1e-14);
    guard_free(m.state);
}

/* Promises --------------------------------------------------------------------------------------------------------------------- */

enum { N = 500, M = 6 };

static void fill(double x[N][M], double *y, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < M; j++)
            x[i][j] = kedge_rng_below(&rng, 15) ? (double)(float)kedge_rng_normal(&rng) : (double)NAN;
        y[i] = kedge_rng_below(&rng, 4) ? (x[i][0] * x[i][1] > 0) + (x[i][2] > 1) : (double)kedge_rng_below(&rng, 3);
    }
}

/* Rows in any form, and the same seed: the same bytes. Another seed, or no bootstrap: others. */
static void test_bytes_by_seed(void **unused)
{
    (void)unused;
    static double x[N][M], y[N], apart[M][2 * N];
    static float narrow[N][M];
    fill(x, y, 3);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++) {
            narrow[i][j] = (float)x[i][j];
            apart[j][2 * i] = x[i][j];
        }
    kedge_rows rows[3] = {kedge_rows_float64(&x[0][0], N, M), kedge_rows_float32(&narrow[0][0], N, M),
                          kedge_rows_float64(&apart[0][0], N, M)};
    rows[2].row_stride = 2;
    rows[2].column_stride = 2 * N;
    config c = kedge_random_forest_defaults(M, 3);
    assert_int_equal(c.n_subset, 2);
    c.n_trees = 7;
    c.max_leaves = 64;
    size_t bytes = kedge_model_size(&c.base);
    kedge_model m[5];
    for (int k = 0; k < 5; k++) {
        c.seed = k == 3 ? 2 : 1;
        c.bootstrap = k != 4;
        make_fitted(&m[k], &c, &rows[k % 3], y, NULL);
        assert_true((memcmp(m[k].state, m[0].state, bytes) == 0) == (k < 3));
    }
    fit_rows(&m[1], &rows[0], y, NULL); /* what it was fitted on before does not matter */
    assert_memory_equal(m[1].state, m[0].state, bytes);
    for (int k = 0; k < 5; k++)
        guard_free(m[k].state);
}

/* On rows that it has not seen, a forest beats its own single trees, and knows more than the labels' noise lets it. */
static void test_many_trees_are_better(void **unused)
{
    (void)unused;
    static double x[N][M], y[N], x2[N][M], y2[N];
    int right[2] = {0, 0};
    fill(x, y, 4);
    fill(x2, y2, 5);
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, M);
    for (int k = 0; k < 2; k++) {
        config c = kedge_random_forest_defaults(M, 3);
        kedge_model m;
        c.n_trees = k ? 100 : 1;
        make_fitted(&m, &c, &rows, y, NULL);
        for (int i = 0; i < N; i++)
            right[k] += says(&m, x2[i]) == y2[i];
        guard_free(m.state);
    }
    assert_true(right[1] > right[0] + N / 20 && right[1] > N * 6 / 10);
}

/* Whole weights are that many rows, rows of weight 0 are none, and no scale of weights matters. */
static void test_weights(void **unused)
{
    (void)unused;
    static double x[N][M], y[N], weight[N], far[N], x2[4 * N][M], y2[4 * N];
    size_t n = 0;
    kedge_rng rng = {8};
    fill(x, y, 6);
    for (int i = 0; i < N; i++) {
        weight[i] = (double)kedge_rng_below(&rng, 4);
        far[i] = weight[i] * 0x1p-900;
        for (int k = 0; k < (int)weight[i]; k++, n++) {
            memcpy(x2[n], x[i], sizeof x[i]);
            y2[n] = y[i];
        }
    }
    config c = cart(M, 3);
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, M), rows2 = kedge_rows_float64(&x2[0][0], n, M);
    kedge_model m[3];
    c.max_leaves = 12;
    c.n_bins = 4; /* their cuts may differ where weights do, not where values are few */
    for (int i = 0; i < N * M; i++)
        x[i / M][i % M] = isnan(x[i / M][i % M]) ? (double)NAN : floor(x[i / M][i % M]) > 0 ? 1 : 0;
    for (size_t i = 0; i < n * M; i++)
        x2[i / M][i % M] = isnan(x2[i / M][i % M]) ? (double)NAN : floor(x2[i / M][i % M]) > 0 ? 1 : 0;
    make_fitted(&m[0], &c, &rows, y, weight);
    make_fitted(&m[1], &c, &rows, y, far);
    make_fitted(&m[2], &c, &rows2, y2, NULL);
    for (int i = 0; i < N; i++) {
        double scores[3][3];
        for (int k = 0; k < 3; k++)
            assert_int_equal(kedge_model_score(&m[k], x[i], scores[k], 3), KEDGE_OK);
        assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
        for (int k = 0; weight[i] > 0 && k < 3; k++)
            assert_close(scores[0][k], scores[2][k], 1e-9);
    }
    for (int k = 0; k < 3; k++)
        guard_free(m[k].state);
}

/* Leaves, depth and rows of a leaf are kept to. */
static void test_limits_of_growth(void **unused)
{
    (void)unused;
    static double x[N], y[N];
    static const uint32_t limits[3][3] = {{8, 100, 1}, {1000, 3, 1}, {1000, 100, 50}};
    for (int i = 0; i < N; i++)
        x[i] = y[i] = i;
    kedge_rows rows = kedge_rows_float64(x, N, 1);
    for (int k = 0; k < 3; k++) {
        config c = cart(1, 0);
        kedge_model m;
        int run = 1, leaves = 1, least = N;
        c.max_leaves = limits[k][0];
        c.max_depth = limits[k][1];
        c.min_rows = limits[k][2];
        make_fitted(&m, &c, &rows, y, NULL);
        for (int i = 1; i < N; i++, run++)
            if (says(&m, &x[i]) != says(&m, &x[i - 1])) {
                least = run < least ? run : least;
                leaves++;
                run = 0;
            }
        assert_true(k == 2 ? leaves >= 5 && leaves <= 10 && least >= 50 && run >= 50 : leaves == 8);
        guard_free(m.state);
    }
}

/* Tables at the edges of what is allowed: the model is sound, what it says is finite, and no flag of the processor is raised. */
static void test_hostile_tables(void **unused)
{
    (void)unused;
    static hostile_table t;
    kedge_rng rng = {7};
    for (int k = 0; k < 400; k++) {
        uint32_t n_classes = (uint32_t)(k % 4) + (k % 4 > 0);
        size_t n = 1 + (size_t)kedge_rng_below(&rng, HOSTILE_ROWS);
        config c = kedge_random_forest_defaults(HOSTILE_FEATURES, n_classes);
        c.n_trees = 5;
        c.max_leaves = 2 + (uint32_t)kedge_rng_below(&rng, 20);
        c.nominal[0] = k % 2 ? 1 : 0;
        c.n_bins = 2 + (uint32_t)kedge_rng_below(&rng, 254);
        hostile_draw(&t, &rng, k, n, n_classes);
        kedge_rows rows = kedge_rows_float64(&t.x[0][0], n, HOSTILE_FEATURES);
        kedge_model m;
        make(&m, &c);
        feclearexcept(FE_ALL_EXCEPT);
        fit_rows(&m, &rows, t.y, t.weight);
        hostile_assert_sound(&t, &m, n, n_classes);
        guard_free(m.state);
    }
}

static void test_sizes_and_errors(void **unused)
{
    (void)unused;
    double x[4] = {1, 2, 3, 4}, y[4] = {0, 1, 0, 1}, zero[4] = {0}, scores[3], label = 7;
    config c = kedge_random_forest_defaults(1, 3);
    kedge_rows rows = kedge_rows_float64(x, 4, 1);
    kedge_model m;
    c.n_trees = 13;
    c.max_leaves = 9;
    assert_int_equal(kedge_model_size(&c.base), KEDGE_RANDOM_FOREST_BYTES_FOR(3u, 13u, 9u));
    assert_int_equal(kedge_model_fit_work(&c.base, (size_t)1 << 31), 0);
    make(&m, &c);
    assert_int_equal(kedge_model_score(&m, x, scores, 3), KEDGE_EMPTY);
    assert_int_equal(kedge_model_predict(&m, x, &label), KEDGE_EMPTY);
    assert_true(label == 0 && scores[0] == scores[2]);
    fit_rows(&m, &rows, y, NULL);
    size_t bytes = kedge_model_size(&c.base), work_bytes = kedge_model_work(&m, 4);
    unsigned char *before = guard_copy(m.state, bytes);
    void *work = guard_new(work_bytes, 0xA5);
    assert_int_equal(kedge_model_fit(&m, &rows, y, zero, work, work_bytes), KEDGE_ERR_NUMERIC);
    assert_memory_equal(m.state, before, bytes);
    assert_int_equal(kedge_random_forest_config_init(&c, 3, 1, 2), KEDGE_ERR_CONFIG);
    guard_free(work);
    guard_free(before);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_categories),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_bytes_by_seed),
        cmocka_unit_test(test_many_trees_are_better),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_limits_of_growth),
        cmocka_unit_test(test_hostile_tables),
        cmocka_unit_test(test_sizes_and_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
