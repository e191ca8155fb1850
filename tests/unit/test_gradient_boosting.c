/* SPDX-License-Identifier: MIT */
/* Gradient boosting against an exact greedy search of all splits, and by hand. */
#include "boosted.h"

/* The definition --------------------------------------------------------------------------------------------------------------- */

typedef struct naive {
    const table *t;
    const config *c;
    double g[ROWS], h[ROWS];
    int leaf[ROWS]; /* of each row */
    int n_leaves;
} naive;

typedef struct naive_split {
    double gain;
    int leaf;
    char left[ROWS];
} naive_split;

static double naive_worth(const naive *v, double g, double h)
{
    return g * g / (h + v->c->l2);
}

/* Takes the split that sends `left` left, if it is the best so far. */
static void naive_try(const naive *v, int leaf, const char *left, naive_split *best)
{
    double g[2] = {0, 0}, h[2] = {0, 0};
    uint32_t n[2] = {0, 0};
    for (int i = 0; i < ROWS; i++) {
        if (v->leaf[i] != leaf)
            continue;
        int side = left[i] ? 0 : 1;
        g[side] += v->g[i];
        h[side] += v->h[i];
        n[side]++;
    }
    if (n[0] < v->c->min_rows || n[1] < v->c->min_rows || h[0] < v->c->min_hessian || h[1] < v->c->min_hessian)
        return;
    double both = naive_worth(v, g[0], h[0]) + naive_worth(v, g[1], h[1]);
    double gain = both - naive_worth(v, g[0] + g[1], h[0] + h[1]);
    if (gain <= best->gain || gain <= v->c->min_gain || gain <= 1e-12 * both)
        return;
    best->gain = gain;
    best->leaf = leaf;
    memcpy(best->left, left, ROWS);
}

/* All thresholds at all values, missing ones on both sides. */
static void naive_numeric(const naive *v, int leaf, int feature, naive_split *best)
{
    char left[ROWS];
    for (int k = 0; k < ROWS; k++)
        for (int missing_left = 0; missing_left < 2; missing_left++) {
            for (int i = 0; i < ROWS; i++)
                left[i] = isnan(v->t->x[i][feature]) ? (char)missing_left : v->t->x[i][feature] <= v->t->x[k][feature];
            naive_try(v, leaf, left, best);
        }
}

/* All beginnings of the order by mean gradient; category 9 is missing. */
static void naive_nominal(const naive *v, int leaf, int feature, naive_split *best)
{
    char left[ROWS] = {0};
    double g[10] = {0}, h[10] = {0};
    int taken[10] = {0}, n[10] = {0};
    for (int i = 0; i < ROWS; i++) {
        int code = isnan(v->t->x[i][feature]) ? 9 : (int)v->t->x[i][feature];
        if (v->leaf[i] != leaf)
            continue;
        g[code] += v->g[i];
        h[code] += v->h[i];
        n[code]++;
    }
    for (int step = 0; step < 10; step++) {
        int least = -1;
        for (int k = 0; k < 10; k++)
            if (!taken[k] && n[k] > 0 && (least < 0 || g[k] / (h[k] + 10) < g[least] / (h[least] + 10)))
                least = k;
        if (least < 0)
            return;
        taken[least] = 1;
        for (int i = 0; i < ROWS; i++)
            left[i] |= (isnan(v->t->x[i][feature]) ? 9 : (int)v->t->x[i][feature]) == least;
        naive_try(v, leaf, left, best);
    }
}

/* Grows a tree and writes each row's step. */
static void naive_tree(naive *v, double *step)
{
    memset(v->leaf, 0, sizeof v->leaf);
    for (v->n_leaves = 1; v->n_leaves < (int)v->c->max_leaves; v->n_leaves++) {
        naive_split best = {0, -1, {0}};
        for (int leaf = 0; leaf < v->n_leaves; leaf++)
            for (int j = 0; j < FEATURES; j++) {
                if (v->c->nominal[0] >> j & 1)
                    naive_nominal(v, leaf, j, &best);
                else
                    naive_numeric(v, leaf, j, &best);
            }
        if (best.leaf < 0)
            break;
        for (int i = 0; i < ROWS; i++)
            if (v->leaf[i] == best.leaf && !best.left[i])
                v->leaf[i] = v->n_leaves;
    }
    for (int leaf = 0; leaf < v->n_leaves; leaf++) {
        double g = 0, h = 0;
        for (int i = 0; i < ROWS; i++) {
            g += v->leaf[i] == leaf ? v->g[i] : 0;
            h += v->leaf[i] == leaf ? v->h[i] : 0;
        }
        for (int i = 0; i < ROWS; i++)
            if (v->leaf[i] == leaf)
                step[i] = -g / (h + v->c->l2);
    }
}

static int naive_outputs(const config *c)
{
    return c->base.n_classes > 2 ? (int)c->base.n_classes : 1;
}

/* Where the sums start. */
static void naive_start(const naive *v, const double *w, double score[OUTPUTS][ROWS])
{
    double all = 0, sum[OUTPUTS] = {0};
    for (int i = 0; i < ROWS; i++) {
        all += w[i];
        if (v->c->base.n_classes == 0)
            sum[0] += w[i] * v->t->y[i];
        else
            sum[v->c->base.n_classes > 2 ? (int)v->t->y[i] : 0] += v->c->base.n_classes > 2 || v->t->y[i] > 0 ? w[i] : 0;
    }
    for (int k = 0; k < naive_outputs(v->c); k++) {
        double p = sum[k] / all;
        for (int i = 0; i < ROWS; i++)
            score[k][i] = v->c->base.n_classes == 0 ? p : v->c->base.n_classes == 2 ? log(p / (1 - p)) : log(p);
    }
}

static double naive_probability(const naive *v, double score[OUTPUTS][ROWS], int i, int k)
{
    double sum = 0;
    if (v->c->base.n_classes == 2)
        return 1 / (1 + exp(-score[0][i]));
    for (int j = 0; j < naive_outputs(v->c); j++)
        sum += exp(score[j][i]);
    return exp(score[k][i]) / sum;
}

/* Sums of all rounds, for the rows of the table. */
static void naive_boost(const table *t, const config *c, double score[OUTPUTS][ROWS])
{
    static naive v;
    double w[ROWS], all = 0, p[OUTPUTS][ROWS], step[ROWS];
    v.t = t;
    v.c = c;
    for (int i = 0; i < ROWS; i++)
        all += t->weight[i];
    for (int i = 0; i < ROWS; i++)
        w[i] = t->weight[i] * ROWS / all;
    naive_start(&v, w, score);
    for (uint32_t round = 0; round < c->n_rounds; round++) {
        for (int k = 0; k < naive_outputs(c); k++)
            for (int i = 0; i < ROWS; i++)
                p[k][i] = c->base.n_classes > 0 ? naive_probability(&v, score, i, k) : 0;
        for (int k = 0; k < naive_outputs(c); k++) {
            for (int i = 0; i < ROWS; i++) {
                double is = c->base.n_classes > 2 ? t->y[i] == k : t->y[i];
                v.g[i] = w[i] * (c->base.n_classes == 0 ? score[0][i] - t->y[i] : p[k][i] - is);
                v.h[i] = w[i] * (c->base.n_classes == 0 ? 1 : p[k][i] * (1 - p[k][i]));
            }
            naive_tree(&v, step);
            for (int i = 0; i < ROWS; i++)
                score[k][i] += c->learning_rate * step[i];
        }
    }
}

static config small_config(uint32_t n_classes, uint64_t seed)
{
    config c = kedge_gradient_boosting_defaults(FEATURES, n_classes);
    c.nominal[0] = 1u << (FEATURES - 1);
    c.n_rounds = 4;
    c.learning_rate = 0.7;
    c.max_leaves = 3 + (uint32_t)(seed % 5);
    c.min_rows = 2 + (uint32_t)(seed % 7);
    c.l2 = seed % 2 ? 0.5 : 0;
    c.min_gain = seed % 3 ? 0 : 0.01;
    return c;
}

/* Trees that split the same rows at the same places: all sums of all rounds agree. */
static void test_equals_definition(void **unused)
{
    (void)unused;
    static table t;
    static double score[OUTPUTS][ROWS];
    for (uint64_t seed = 0; seed < 36; seed++) {
        uint32_t n_classes = (uint32_t)(seed % 3) + (seed % 3 > 0);
        config c = small_config(n_classes, seed);
        kedge_model m;
        table_fill(&t, seed, n_classes, seed % 4 > 0);
        make_fitted(&m, &c, &t.rows, t.y, t.weight);
        naive_boost(&t, &c, score);
        for (int i = 0; i < ROWS; i++) {
            double got[OUTPUTS], want[OUTPUTS] = {score[0][i]};
            int n = n_classes > 0 ? (int)n_classes : 1;
            assert_int_equal(kedge_model_score(&m, t.x[i], got, (size_t)n), KEDGE_OK);
            if (n_classes == 2) {
                want[1] = 1 / (1 + exp(-score[0][i]));
                want[0] = 1 - want[1];
            }
            for (int k = 0; n_classes == 3 && k < 3; k++)
                want[k] = exp(score[k][i]) / (exp(score[0][i]) + exp(score[1][i]) + exp(score[2][i]));
            for (int k = 0; k < n; k++)
                assert_close(got[k], want[k], 1e-9);
        }
        guard_free(m.state);
    }
}

/* By hand ---------------------------------------------------------------------------------------------------------------------- */

/* One split of three below and three above, halfway; missing values go where they fit. */
static void test_by_hand(void **unused)
{
    (void)unused;
    double x[7] = {1, 2, 3, 5, 6, 7, (double)NAN}, y[7] = {0, 0, 0, 12, 12, 12, 12}, at;
    config c = stump(1, 0);
    kedge_rows rows = kedge_rows_float64(x, 7, 1);
    kedge_model m;
    make_fitted(&m, &c, &rows, y, NULL);
    at = 4;
    assert_close(predict(&m, &at), 0, 1e-14);
    at = nextafter(4, 5);
    assert_close(predict(&m, &at), 12, 1e-14);
    at = (double)NAN;
    assert_close(predict(&m, &at), 12, 1e-14);
    y[6] = 0;
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 0, 1e-14);
    rows.n_rows = 6; /* none is missing: they go with most rows; of equals, not left */
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 12, 1e-14);
    x[0] = 6.5;
    y[0] = 12;
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 12, 1e-14);
    x[0] = x[1];
    x[3] = 2.5;
    y[0] = y[3] = 0;
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 0, 1e-14);
    for (int i = 0; i < 6; i++) /* missing or not is all there is to tell */
        x[i] = i < 4 ? 1 : (double)NAN;
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 12, 1e-14);
    at = 1e300;
    assert_close(predict(&m, &at), 0, 1e-14);
    guard_free(m.state);
}

/* Two classes: from the log odds of 1/4, a Newton step to each side. */
static void test_log_by_hand(void **unused)
{
    (void)unused;
    double x[8] = {0, 0, 0, 0, 1, 1, 1, 1}, y[8] = {0, 0, 0, 0, 0, 0, 1, 1}, at = 1, scores[2];
    config c = stump(1, 2);
    kedge_rows rows = kedge_rows_float64(x, 8, 1);
    kedge_model m;
    c.l2 = 0.25;
    make_fitted(&m, &c, &rows, y, NULL);
    double p = 0.25, sum = log(p / (1 - p)) + (2 - 4 * p) / (4 * p * (1 - p) + 0.25);
    assert_int_equal(kedge_model_score(&m, &at, scores, 2), KEDGE_OK);
    assert_close(scores[1], 1 / (1 + exp(-sum)), 1e-12);
    assert_close(scores[0] + scores[1], 1, 1e-15);
    at = 0;
    sum = log(p / (1 - p)) - 4 * p / (4 * p * (1 - p) + 0.25);
    assert_int_equal(kedge_model_score(&m, &at, scores, 2), KEDGE_OK);
    assert_close(scores[1], 1 / (1 + exp(-sum)), 1e-12);
    guard_free(m.state);
}

/* Absolute error: the median, then medians of what is left; one far target moves nothing. */
static void test_medians(void **unused)
{
    (void)unused;
    double x[9] = {0, 0, 0, 0, 1, 1, 1, 1, 1}, y[9] = {1, 2, 3, 1e90, 10, 11, 12, 13, -1e90},
           weight[9] = {1, 1, 5, 1, 1, 1, 1, 9, 1}, at = 0;
    config c = stump(1, 0);
    c.loss = KEDGE_BOOST_ABSOLUTE;
    kedge_rows rows = kedge_rows_float64(x, 9, 1);
    kedge_model m;
    make_fitted(&m, &c, &rows, y, NULL);
    assert_close(predict(&m, &at) * 1e-78, 0, 1e-3); /* within the rounding of the farthest target */
    y[3] = 50;
    y[8] = -50;
    fit_table(&m, &rows, y, NULL);
    assert_true(predict(&m, &at) == 2);
    at = 1;
    assert_true(predict(&m, &at) == 11);
    fit_table(&m, &rows, y, weight);
    assert_true(predict(&m, &at) == 13);
    at = 0;
    assert_true(predict(&m, &at) == 3);
    guard_free(m.state);
}

/* Categories without order; what was not seen goes the way of missing values, or of most rows. */
static void test_categories(void **unused)
{
    (void)unused;
    double x[60], y[60], at;
    config c = stump(1, 0);
    c.nominal[0] = 1;
    c.n_bins = 8;
    kedge_rows rows = kedge_rows_float64(x, 60, 1);
    kedge_model m;
    for (int i = 0; i < 60; i++) {
        x[i] = i % 6;
        y[i] = i % 6 == 1 || i % 6 == 4 ? 6 : 0;
    }
    make_fitted(&m, &c, &rows, y, NULL);
    static const double want[] = {0, 6, 0, 0, 6, 0, 0, 0};
    for (int k = 0; k < 8; k++) {
        at = k;
        assert_close(predict(&m, &at), want[k], 1e-14);
    }
    at = (double)NAN;
    assert_close(predict(&m, &at), 0, 1e-14); /* most rows */
    x[1] = x[7] = (double)NAN;
    x[4] = 1e300; /* the last category */
    x[10] = -3;   /* too */
    fit_table(&m, &rows, y, NULL);
    assert_close(predict(&m, &at), 6, 1e-14);
    at = 7;
    assert_close(predict(&m, &at), 6, 1e-14);
    at = 6; /* not seen: as missing */
    assert_close(predict(&m, &at), 6, 1e-14);
    at = 0.7;
    assert_close(predict(&m, &at), 0, 1e-14);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_log_by_hand),
        cmocka_unit_test(test_medians),
        cmocka_unit_test(test_categories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
