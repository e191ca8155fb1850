/* SPDX-License-Identifier: MIT */
/* Trees: against a tree written out plainly, and what they do with little room, missing values and categories. */
#include <fenv.h>
#include <math.h>

#include "naive_tree.h"

typedef struct naive_moments {
    double n, mean, m2, low, high;
} naive_moments;

typedef struct naive_node {
    int feature; /* -1: a leaf */
    double threshold;
    int children[2];
    double classes[NAIVE_CLASSES];
    double tried, majority_right, bayes_right;
    naive_moments moments[NAIVE_FEATURES][NAIVE_CLASSES];
} naive_node;

typedef struct naive_tree {
    naive_node nodes[NAIVE_NODES];
    int n_nodes;
    double delta, tie, grace;
    int n_splits;
} naive_tree;

static double naive_total(const naive_node *n)
{
    double sum = 0;
    for (int c = 0; c < NAIVE_CLASSES; c++)
        sum += n->classes[c];
    return sum;
}

static int naive_majority(const naive_node *n)
{
    int best = 0;
    for (int c = 1; c < NAIVE_CLASSES; c++)
        if (n->classes[c] > n->classes[best])
            best = c;
    return best;
}

static double naive_range(const naive_node *n, int i, double *low)
{
    double high = -INFINITY;
    *low = INFINITY;
    for (int c = 0; c < NAIVE_CLASSES; c++)
        if (n->moments[i][c].n > 0) {
            *low = fmin(*low, n->moments[i][c].low);
            high = fmax(high, n->moments[i][c].high);
        }
    return high - *low;
}

static int naive_bayes(const naive_node *n, const double *x, double *joints)
{
    int best = -1;
    for (int c = 0; c < NAIVE_CLASSES; c++) {
        joints[c] = -INFINITY;
        if (n->classes[c] <= 0)
            continue;
        joints[c] = log(n->classes[c]);
        for (int i = 0; i < NAIVE_FEATURES; i++) {
            const naive_moments *m = &n->moments[i][c];
            double low, range = naive_range(n, i, &low);
            if (!(range > 0))
                continue;
            double weight = fmax(m->n, 1);
            double variance = (m->m2 / (range * range) + 0.01) / weight;
            double off = (x[i] - m->mean) / range;
            joints[c] -= 0.5 * (m->n > 0 ? off * off / variance : 1e4) + 0.5 * log(variance);
        }
        if (best < 0 || joints[c] > joints[best])
            best = c;
    }
    return best;
}

static const naive_node *naive_find(const naive_tree *t, const double *x)
{
    const naive_node *n = &t->nodes[0];
    while (n->feature >= 0)
        n = &t->nodes[n->children[x[n->feature] > n->threshold]];
    return n;
}

static int naive_predict(const naive_tree *t, const double *x)
{
    double joints[NAIVE_CLASSES];
    const naive_node *n = naive_find(t, x);
    int bayes = naive_bayes(n, x, joints);
    return bayes >= 0 && n->bayes_right >= n->majority_right ? bayes : naive_majority(n);
}

static double naive_below(const naive_moments *m, double threshold)
{
    if (m->n == 0 || threshold < m->low)
        return 0;
    if (threshold >= m->high)
        return m->n;
    double variance = m->n > 1 ? m->m2 / (m->n - 1) : 0;
    double off = threshold - m->mean;
    return variance > 0 ? m->n * 0.5 * erfc(-off / sqrt(2 * variance)) : off >= 0 ? m->n : 0;
}

static double naive_entropy(const double *w)
{
    double sum = 0, h = 0;
    for (int c = 0; c < NAIVE_CLASSES; c++)
        sum += w[c];
    for (int c = 0; c < NAIVE_CLASSES; c++)
        if (w[c] > 1e-9)
            h -= w[c] / sum * log2(w[c] / sum);
    return h;
}

static double naive_gain(const naive_node *n, int i, double threshold)
{
    double all[NAIVE_CLASSES], first[NAIVE_CLASSES], second[NAIVE_CLASSES], sums[3] = {0};
    for (int c = 0; c < NAIVE_CLASSES; c++) {
        all[c] = n->moments[i][c].n;
        first[c] = naive_below(&n->moments[i][c], threshold);
        second[c] = all[c] - first[c];
        sums[0] += all[c];
        sums[1] += first[c];
        sums[2] += second[c];
    }
    if (!(sums[1] > 0.01 * sums[0] && sums[2] > 0.01 * sums[0]))
        return 0;
    return naive_entropy(all) - sums[1] / sums[0] * naive_entropy(first) - sums[2] / sums[0] * naive_entropy(second);
}

static void naive_split(naive_tree *t, naive_node *n, int feature, double threshold)
{
    n->feature = feature;
    n->threshold = threshold;
    for (int side = 0; side < 2; side++) {
        naive_node *child = &t->nodes[t->n_nodes];
        assert_true(t->n_nodes < NAIVE_NODES);
        n->children[side] = t->n_nodes++;
        child->feature = -1;
        for (int c = 0; c < NAIVE_CLASSES; c++) {
            double first = naive_below(&n->moments[feature][c], threshold);
            child->classes[c] = side == 0 ? first : n->moments[feature][c].n - first;
        }
        child->tried = naive_total(child);
    }
}

static void naive_try(naive_tree *t, naive_node *n)
{
    double best = 0, second = 0, threshold = 0, total = naive_total(n);
    int feature = -1, n_classes = 0;
    n->tried = total;
    for (int c = 0; c < NAIVE_CLASSES; c++)
        n_classes += n->classes[c] > 0;
    if (n_classes < 2)
        return;
    for (int i = 0; i < NAIVE_FEATURES; i++) {
        double low, range = naive_range(n, i, &low), of_feature = 0, at = 0;
        for (int k = 1; k <= t->n_splits; k++) {
            double gain = naive_gain(n, i, low + range / (t->n_splits + 1) * k);
            if (gain > of_feature) {
                of_feature = gain;
                at = low + range / (t->n_splits + 1) * k;
            }
        }
        if (of_feature > best) {
            second = best;
            best = of_feature;
            feature = i;
            threshold = at;
        } else {
            second = fmax(second, of_feature);
        }
    }
    double bound = log2(n_classes) * sqrt(log(1 / t->delta) / (2 * total));
    if (feature >= 0 && (best - second > bound || bound < t->tie))
        naive_split(t, n, feature, threshold);
}

static void naive_learn(naive_tree *t, const double *x, int y)
{
    double joints[NAIVE_CLASSES];
    naive_node *n = &t->nodes[naive_find(t, x) - t->nodes];
    if (naive_total(n) > 0) {
        n->majority_right += naive_majority(n) == y;
        n->bayes_right += naive_bayes(n, x, joints) == y;
    }
    n->classes[y] += 1;
    for (int i = 0; i < NAIVE_FEATURES; i++) {
        naive_moments *m = &n->moments[i][y];
        double off = x[i] - m->mean;
        m->low = m->n == 0 ? x[i] : fmin(m->low, x[i]);
        m->high = m->n == 0 ? x[i] : fmax(m->high, x[i]);
        m->n += 1;
        m->mean += off / m->n;
        m->m2 += off * (x[i] - m->mean);
    }
    if (naive_total(n) - n->tried >= t->grace - 1e-6)
        naive_try(t, n);
}

/* Same predictions, same splits and, in the leaves, the same shares. */
static void test_is_the_papers_tree(void **state)
{
    (void)state;
    static naive_tree naive;
    kedge_hoeffding_tree_config cfg = kedge_hoeffding_tree_defaults(NAIVE_FEATURES, NAIVE_CLASSES);
    kedge_model m;
    kedge_tree_shape shape;
    kedge_rng rng = {11};
    cfg.growth.memory = 1 << 20;
    cfg.growth.grace = 100;
    cfg.growth.delta = 1e-3;
    naive.n_nodes = 1;
    naive.nodes[0].feature = -1;
    naive.delta = cfg.growth.delta;
    naive.tie = cfg.growth.tie;
    naive.grace = cfg.growth.grace;
    naive.n_splits = 10;
    void *mem = new_tree(&m, &cfg);
    for (int i = 0; i < 30000; i++) {
        double x[NAIVE_FEATURES], y, scores[NAIVE_CLASSES], joints[NAIVE_CLASSES];
        int label = draw_row(&rng, x);
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        if (i > 0 && (int)y != naive_predict(&naive, x)) { /* only where both are as likely */
            assert_int_equal(kedge_model_score(&m, x, scores, NAIVE_CLASSES), KEDGE_OK);
            assert_close(scores[(int)y], scores[naive_predict(&naive, x)], 1e-5);
        }
        if (i > 0 && i % 100 == 0) {
            const naive_node *n = naive_find(&naive, x);
            double sum = 0;
            int best = naive_bayes(n, x, joints);
            assert_int_equal(kedge_model_score(&m, x, scores, NAIVE_CLASSES), KEDGE_OK);
            for (int c = 0; c < NAIVE_CLASSES; c++)
                sum += exp(joints[c] - joints[best]);
            for (int c = 0; c < NAIVE_CLASSES; c++)
                assert_close(scores[c],
                             n->bayes_right >= n->majority_right ? exp(joints[c] - joints[best]) / sum
                                                                 : n->classes[c] / naive_total(n),
                             1e-6);
        }
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
        naive_learn(&naive, x, label);
    }
    assert_int_equal(kedge_hoeffding_tree_shape(&m, &shape), KEDGE_OK);
    assert_int_equal(2 * shape.n_splits + 1, naive.n_nodes);
    assert_true(shape.n_trees == 1 && shape.n_leaves == shape.n_splits + 1 && shape.n_inactive == 0 && shape.depth >= 3 &&
                shape.n_splits > 10);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* Little room costs little: the leaves that promise most have it. */
static void test_learns_in_little_room(void **state)
{
    (void)state;
    double roomy = 0;
    const uint32_t memory[] = {1 << 20, 8192, 4608};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) {
        kedge_hoeffding_tree_config cfg = kedge_hoeffding_tree_defaults(NAIVE_FEATURES, NAIVE_CLASSES);
        kedge_model m;
        kedge_tree_shape shape;
        cfg.growth.memory = memory[i];
        assert_true(kedge_model_size(&cfg.base) <= memory[i]);
        void *mem = new_tree(&m, &cfg);
        double right = share_right(&m, 5, 60000, 30000);
        roomy = i == 0 ? right : roomy;
        assert_true(right > roomy - 0.05);
        assert_int_equal(kedge_hoeffding_tree_shape(&m, &shape), KEDGE_OK);
        assert_int_equal(shape.n_inactive > 0, i > 0);
        assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        guard_free(mem);
    }
}

/* A leaf that lost its room gets it back when its rows begin to differ. */
static void test_gives_room_to_whom_it_promises(void **state)
{
    (void)state;
    kedge_hoeffding_tree_config cfg = kedge_hoeffding_tree_defaults(1, 2);
    kedge_model m;
    double y;
    cfg.growth.grace = 20;
    cfg.growth.memory = 4000;
    void *mem = new_tree(&m, &cfg);
    for (int phase = 0; phase < 2; phase++)
        for (int i = 0; i < 40000; i++) { /* first the lower half is striped, then the upper */
            double x = (double)(i * 37 % 1000) / 1000;
            int striped = phase == 0 ? x < 0.5 : x >= 0.5;
            assert_int_equal(kedge_model_learn(&m, &x, striped ? (int)(x * 16) % 2 : x >= 0.5, 1), KEDGE_OK);
        }
    int right = 0;
    for (int i = 0; i < 500; i++) {
        double x = 0.5 + i / 1000.0;
        assert_int_equal(kedge_model_predict(&m, &x, &y), KEDGE_OK);
        right += y == (int)(x * 16) % 2;
    }
    assert_true(right > 350);
    guard_free(mem);
}

/* Rows with holes: what is there is learned, and the rows go the way of the others. */
static void test_takes_missing_values(void **state)
{
    (void)state;
    kedge_hoeffding_tree_config cfg = kedge_hoeffding_tree_defaults(NAIVE_FEATURES, NAIVE_CLASSES);
    kedge_model m;
    kedge_model_info info;
    kedge_rng rng = {3};
    int right = 0, n = 40000;
    void *mem = new_tree(&m, &cfg);
    assert_int_equal(kedge_model_describe(&m, &info), KEDGE_OK);
    assert_int_equal(info.takes_missing, 1);
    for (int i = 0; i < n; i++) {
        double x[NAIVE_FEATURES], y;
        int label = draw_row(&rng, x);
        for (int j = 0; j < NAIVE_FEATURES; j++)
            if (kedge_rng_uniform(&rng) < 0.2)
                x[j] = (double)NAN;
        assert_true(kedge_model_predict(&m, x, &y) >= 0);
        right += i >= n / 2 && (int)y == label;
        assert_int_equal(kedge_model_learn(&m, x, label, 1), KEDGE_OK);
    }
    assert_true(right > 0.68 * (n / 2)); /* of the majority class there are 0.4 */
    double nothing[NAIVE_FEATURES] = {(double)NAN, (double)NAN, (double)NAN}, y;
    assert_int_equal(kedge_model_predict(&m, nothing, &y), KEDGE_OK);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    guard_free(mem);
}

/* Categories have no order: the classes of 12 of them follow none. */
static void test_splits_categories(void **state)
{
    (void)state;
    const int of_category[12] = {0, 1, 2, 1, 0, 2, 2, 0, 1, 1, 2, 0};
    for (int nominal = 0; nominal < 2; nominal++) {
        kedge_hoeffding_tree_config cfg = kedge_hoeffding_tree_defaults(2, 3);
        kedge_model m;
        kedge_rng rng = {8};
        int right = 0;
        cfg.growth.nominal[0] = nominal ? 2 : 0;
        cfg.growth.n_values = 12;
        cfg.growth.leaf = KEDGE_LEAF_MAJORITY;
        void *mem = new_tree(&m, &cfg);
        for (int i = 0; i < 8000; i++) {
            double x[2] = {kedge_rng_uniform(&rng), (double)kedge_rng_below(&rng, 12)}, y;
            assert_true(kedge_model_predict(&m, x, &y) >= 0);
            right += i >= 6000 && (int)y == of_category[(int)x[1]];
            assert_int_equal(kedge_model_learn(&m, x, of_category[(int)x[1]], 1), KEDGE_OK);
        }
        assert_true(nominal ? right > 1950 : right < 1950);
        double beyond[2] = {0.5, 1e9}, last[2] = {0.5, 11}, y, y_last;
        beyond[1] = nominal ? -3 : 1e9; /* counts as the last */
        assert_int_equal(kedge_model_predict(&m, beyond, &y), KEDGE_OK);
        assert_int_equal(kedge_model_predict(&m, last, &y_last), KEDGE_OK);
        guard_free(mem);
    }
}

/* Numbers of every size, constants, and rows that weigh nearly nothing or a billion: all stays finite, and no operation is
 * invalid. */
static void test_takes_hostile_numbers(void **state)
{
    (void)state;
    const double sizes[] = {0,
                            5e-324,
                            -5e-324,
                            1e-300,
                            -1e-300,
                            1,
                            -1,
                            1e-9,
                            1e9,
                            1e150,
                            -1e150,
                            1e300,
                            -1e300,
                            1.7976931348623157e308,
                            -1.7976931348623157e308};
    const double weights[] = {1, 1e-300, 1e9, 5e-324, 3};
    kedge_hoeffding_tree_config one = kedge_hoeffding_tree_defaults(3, 3);
    kedge_adaptive_forest_config many = kedge_adaptive_forest_defaults(3, 3);
    kedge_model m[2];
    one.growth.grace = 20;
    one.growth.tie = 2;
    one.growth.nominal[0] = 1;
    many.growth.memory = 60000;
    void *mem[2] = {new_tree(&m[0], &one), new_forest(&m[1], &many)};
    for (int k = 0; k < 2; k++) {
        kedge_rng rng = {12};
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 20000; i++) {
            double x[3] = {sizes[kedge_rng_below(&rng, 15)],
                           i % 2 ? sizes[kedge_rng_below(&rng, 15)] : 1e-300 * kedge_rng_uniform(&rng),
                           i < 5000 ? 1e300 : (double)NAN},
                   y, scores[3];
            assert_true(kedge_model_predict(&m[k], x, &y) >= 0);
            assert_true(kedge_model_score(&m[k], x, scores, 3) >= 0);
            assert_close(scores[0] + scores[1] + scores[2], 1, 1e-9);
            assert_int_equal(
                kedge_model_learn(&m[k], x, x[0] > 0 ? 2 : (double)kedge_rng_below(&rng, 2), weights[kedge_rng_below(&rng, 5)]),
                KEDGE_OK);
        }
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_int_equal(kedge_model_check(&m[k]), KEDGE_OK);
        guard_free(mem[k]);
    }
}

/* A row may lie in memory as it likes: the tree is the same, and so is what it says, with few classes or many, numbers, categories
 * and missing values. */
static void test_rows_of_all_forms(void **state)
{
    (void)state;
    enum { N = 4000, F = 30 };
    static double plain[N * F], apart[2 * N * F], y[N], says[2][N];
    static const struct { uint32_t n_features, n_classes; int nominal, missing, leaf;
    } cases[] = {
        {1, 2, 0, 0, 2}, {4, 3, 0, 0, 2}, {5, 2, 1, 0, 2},   {5, 5, 1, 1, 1},
        {F, 3, 0, 0, 1}, {F, 7, 1, 1, 2}, {3, 100, 0, 0, 1}, {4, 131, 1, 1, 1},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        uint32_t n = cases[k].n_features, n_classes = cases[k].n_classes;
        kedge_hoeffding_tree_config c = kedge_hoeffding_tree_defaults(n, n_classes);
        kedge_rng rng = {k};
        c.growth.leaf = (uint32_t)cases[k].leaf;
        c.growth.nominal[0] = cases[k].nominal ? 2 : 0;
        for (size_t i = 0; i < N; i++) {
            y[i] = (double)kedge_rng_below(&rng, n_classes);
            for (size_t j = 0; j < n; j++) {
                double value = j == 1 && cases[k].nominal ? (double)((uint32_t)y[i] % 7 + kedge_rng_below(&rng, 3))
                                                          : kedge_rng_normal(&rng) + y[i] / (1 + (double)j);
                plain[i * n + j] = apart[2 * (i * n + j)] = cases[k].missing && kedge_rng_below(&rng, 9) == 0 ? (double)NAN : value;
            }
        }
        kedge_rows rows[2] = {kedge_rows_float64(plain, N, n), kedge_rows_float64(apart, N, n)};
        rows[1].column_stride = 2;
        rows[1].row_stride = 2 * (ptrdiff_t)n;
        size_t bytes = kedge_model_size(&c.base), used;
        kedge_model m[2];
        for (int f = 0; f < 2; f++) {
            assert_int_equal(kedge_model_init(&m[f], &c.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
            assert_int_equal(kedge_model_learn_many(&m[f], &rows[f], y, NULL, &used), KEDGE_OK);
            assert_memory_equal(m[f].state, m[0].state, bytes);
            assert_int_equal(kedge_model_predict_many(&m[0], &rows[f], says[f], &used), KEDGE_OK);
        }
        assert_memory_equal(says[1], says[0], sizeof says[0]);
        for (size_t i = 0; i < N; i++) {
            double scores[131], sum = 0;
            assert_int_equal(kedge_model_score(&m[0], plain + i * n, scores, n_classes), KEDGE_OK);
            for (uint32_t j = 0; j < n_classes; j++) {
                sum += scores[j];
                assert_true(scores[j] <= scores[(size_t)says[0][i]] + 1e-9);
            }
            assert_close(sum, 1, 1e-9);
        }
        guard_free(m[0].state);
        guard_free(m[1].state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_the_papers_tree),
        cmocka_unit_test(test_learns_in_little_room),
        cmocka_unit_test(test_gives_room_to_whom_it_promises),
        cmocka_unit_test(test_takes_missing_values),
        cmocka_unit_test(test_splits_categories),
        cmocka_unit_test(test_rows_of_all_forms),
        cmocka_unit_test(test_takes_hostile_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
