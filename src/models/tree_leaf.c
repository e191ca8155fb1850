/* SPDX-License-Identifier: MIT */
/* What a leaf knows: rows of each class, and of each feature within each class a normal distribution or counts. What it says: its majority, naive Bayes,
 * or the one of them that was right more often in it. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "models/tree_state.h"

#include "base/number.h"
#include "base/quick.h"

#define LEAF_SPREAD 1e-2 /* of the squared range of a feature: what a class's squared deviations begin with, so that few rows are not sure */
#define LEAF_FAR 1e6     /* ranges beyond which no row is farther */
#define LEAF_UNSEEN 1e4  /* squared deviations by which a row is from a class of which no value was seen: any other class is nearer */
#define LEAF_LEAST 1e-9  /* least weight of a class that counts as such */
#define LEAF_ABSENT (-1e300) /* joint of a class of which the leaf has no row */

enum { LEAF_LANES = 4, LEAF_FLUSH = 8 };

void kedge_i_leaf_open(tree_state *t, uint32_t node)
{
    tree_node *n = &tree_nodes(t, &t->pool)[node];
    double *b = tree_block(t, &t->pool, n);
    uint32_t n_features = t->model.n_features;
    if (t->n_subset == n_features)
        return;
    for (uint32_t i = 0, taken = 0; taken < t->n_subset; i++) /* each subset equally likely: Knuth 1969, section 3.4.2, algorithm S */
        if (kedge_rng_below(&t->rng, n_features - i) < t->n_subset - taken)
            b[t->at_subset + taken++] = i;
}

/* Prediction ------------------------------------------------------------------------------------------------------------------------ */

/* Naive Bayes of some classes side by side: sums of squared distances over variances, and products, whose logarithms are taken once in a while. */
typedef struct leaf_lanes {
    double distance[LEAF_LANES];
    double spreads[LEAF_LANES];
    double weights[LEAF_LANES]; /* begins with the squared weight of the class: all is halved in the end */
    double log[LEAF_LANES];
} leaf_lanes;

/* ln ((rows of the class with this value + 1) / (rows of the class + values)): Laplace's rule. */
static void leaf_nominal(const tree_state *t, const double *slot, double value, uint32_t first, uint32_t n, leaf_lanes *l)
{
    uint32_t place = tree_category(t, value);
    for (uint32_t k = 0; k < n; k++) {
        const double *weights = slot + (size_t)(first + k) * t->n_values;
        double sum = (double)t->n_values;
        for (uint32_t v = 0; v < t->n_values; v++)
            sum += weights[v];
        l->log[k] += 2.0 * kedge_i_quick_log((weights[place] + 1.0) / sum);
    }
}

/* All in units of the feature's range, which is the same for all classes: so no factor is below LEAF_SPREAD or above the leaf's weight. A class's variance
 * is (m2 + LEAF_SPREAD) / weight. A leaf knows of a class from its parent before it has seen a row of it: then it counts as out of the question (MOA's naive
 * Bayes multiplies by 0 there), which follows fast changes far better than an even density would: 0.904 instead of 0.884 for a forest on Elec2. */
static inline void leaf_numeric(const double *slot, double value, uint32_t first, uint32_t n, leaf_lanes *l)
{
    double unit = slot[TREE_UNIT];
    if (unit == 0.0) /* a constant says nothing */
        return;
    const double *m = slot + TREE_CLASSES + (size_t)first * TREE_MOMENTS;
    for (uint32_t k = 0; k < n; k++, m += TREE_MOMENTS) {
        double weight = m[0] > 1.0 ? m[0] : 1.0;
        double spread = m[2] * unit * unit + LEAF_SPREAD;
        double off = fabs(value - m[1]) * unit;
        off = off < LEAF_FAR ? off : LEAF_FAR;
        l->distance[k] += m[0] > 0.0 ? off * off * weight / spread : LEAF_UNSEEN;
        l->spreads[k] *= spread;
        l->weights[k] *= weight;
    }
}

static inline void leaf_flush(leaf_lanes *l, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        l->log[k] += kedge_i_quick_log(l->weights[k] / l->spreads[k]);
        l->weights[k] = l->spreads[k] = 1.0;
    }
}

/* ln P(c) P(x | c), without what is the same for all classes, of n classes from `first` on. */
static void leaf_joints(const tree_state *t, const double *b, const kedge_row *x, uint32_t first, uint32_t n, double *joints)
{
    leaf_lanes l = {{0.0, 0.0, 0.0, 0.0}, {1.0, 1.0, 1.0, 1.0}, {1.0, 1.0, 1.0, 1.0}, {0.0, 0.0, 0.0, 0.0}};
    const double *slot = b + t->at_slots;
    for (uint32_t k = 0; k < n; k++) {
        double weight = b[TREE_WEIGHTS + first + k];
        l.weights[k] = weight > LEAF_LEAST ? weight * weight : LEAF_LEAST * LEAF_LEAST;
    }
    for (uint32_t i = 0; i < t->n_subset; i++, slot += t->slot_words) {
        uint32_t feature = tree_slot_feature(t, b, i);
        double value = tree_input(x, feature);
        if (value != value)
            continue;
        if (tree_is_nominal(t, feature))
            leaf_nominal(t, slot, value, first, n, &l);
        else
            leaf_numeric(slot, value, first, n, &l);
        if (i % LEAF_FLUSH == LEAF_FLUSH - 1 && i + 1 < t->n_subset)
            leaf_flush(&l, n);
    }
    leaf_flush(&l, n);
    for (uint32_t k = 0; k < n; k++)
        joints[k] = b[TREE_WEIGHTS + first + k] > 0.0 ? 0.5 * (l.log[k] - l.distance[k]) : LEAF_ABSENT;
}

/* Does the leaf say what naive Bayes says? */
static int leaf_is_bayes(const tree_state *t, const tree_node *n)
{
    if (t->leaf == KEDGE_LEAF_MAJORITY || !tree_has_block(n))
        return 0;
    const double *b = tree_block_const(t, &t->pool, n);
    return t->leaf == KEDGE_LEAF_BAYES || b[TREE_BAYES_RIGHT] >= b[TREE_MAJORITY_RIGHT];
}

static uint32_t leaf_bayes(const tree_state *t, const tree_node *n, const kedge_row *x)
{
    const double *b = tree_block_const(t, &t->pool, n);
    uint32_t best = tree_majority(n);
    double greatest = LEAF_ABSENT;
    for (uint32_t c = 0; c < t->model.n_classes; c += LEAF_LANES) {
        uint32_t n_here = t->model.n_classes - c < LEAF_LANES ? t->model.n_classes - c : LEAF_LANES;
        double joints[LEAF_LANES];
        leaf_joints(t, b, x, c, n_here, joints);
        for (uint32_t k = 0; k < n_here; k++)
            if (joints[k] > greatest) {
                greatest = joints[k];
                best = c + k;
            }
    }
    return best;
}

uint32_t kedge_i_leaf_predict(const tree_state *t, const tree_node *n, const kedge_row *x)
{
    return leaf_is_bayes(t, n) ? leaf_bayes(t, n, x) : tree_majority(n);
}

/* e^(joint - greatest). */
static inline double leaf_power(double joint, double greatest)
{
    return joint - greatest > -600.0 ? kedge_i_quick_exp2((joint - greatest) * (1.0 / KEDGE_I_LN2)) : 0.0;
}

/* The greatest joint of all classes, and the sum of all, each over e to that. */
static double leaf_sum(const tree_state *t, const double *b, const kedge_row *x, double *joints, uint32_t *at, double *greatest)
{
    double sum = 0.0;
    *greatest = LEAF_ABSENT;
    for (uint32_t c = 0; c < t->model.n_classes; c += LEAF_LANES) {
        uint32_t n = t->model.n_classes - c < LEAF_LANES ? t->model.n_classes - c : LEAF_LANES;
        double before = *greatest;
        leaf_joints(t, b, x, c, n, joints);
        *at = c;
        for (uint32_t k = 0; k < n; k++)
            *greatest = joints[k] > *greatest ? joints[k] : *greatest;
        if (before < *greatest)
            sum *= leaf_power(before, *greatest);
        for (uint32_t k = 0; k < n; k++)
            sum += leaf_power(joints[k], *greatest);
    }
    return sum;
}

static void leaf_vote_bayes(const tree_state *t, const double *b, const kedge_row *x, double scale, uint32_t first, uint32_t n_wanted, double *votes)
{
    double joints[LEAF_LANES] = {0.0};
    double greatest;
    uint32_t at = 0;
    double sum = leaf_sum(t, b, x, joints, &at, &greatest);
    for (uint32_t c = first / LEAF_LANES * LEAF_LANES; c < first + n_wanted; c += LEAF_LANES) {
        uint32_t n = t->model.n_classes - c < LEAF_LANES ? t->model.n_classes - c : LEAF_LANES;
        if (c != at) /* few classes: they are still there */
            leaf_joints(t, b, x, c, n, joints);
        for (uint32_t k = 0; k < n; k++)
            if (c + k >= first && c + k < first + n_wanted)
                votes[c + k - first] += scale * leaf_power(joints[k], greatest) / sum;
        at = c;
    }
}

void kedge_i_leaf_vote(const tree_state *t, const tree_node *n, const kedge_row *x, double scale, uint32_t first, uint32_t n_wanted, double *votes)
{
    uint32_t n_classes = t->model.n_classes;
    if (!tree_has_block(n)) {
        double wrong = n->weight > 0.0 && n->misses < n->weight ? n->misses / n->weight : 1.0;
        double other = wrong < 1.0 - 1.0 / n_classes ? wrong / (n_classes - 1) : 1.0 / n_classes;
        for (uint32_t c = first; c < first + n_wanted && n->weight > 0.0; c++)
            votes[c - first] += scale * (c == tree_majority(n) ? 1.0 - other * (n_classes - 1) : other);
        return;
    }
    const double *b = tree_block_const(t, &t->pool, n);
    if (!(b[TREE_TOTAL] > 0.0))
        return;
    if (leaf_is_bayes(t, n)) {
        leaf_vote_bayes(t, b, x, scale, first, n_wanted, votes);
        return;
    }
    for (uint32_t c = first; c < first + n_wanted; c++)
        votes[c - first] += scale * (b[TREE_WEIGHTS + c] / b[TREE_TOTAL]);
}

/* Learning -------------------------------------------------------------------------------------------------------------------------- */

/* One over the range, which leaves would divide by for each row. */
static double leaf_unit(const double *slot)
{
    double range = slot[TREE_HIGH] - slot[TREE_LOW];
    return range > 1e-150 ? 1.0 / range : 0.0;
}

static inline void leaf_take(double *slot, double value, uint32_t label, double weight, int is_first)
{
    double *m = slot + TREE_CLASSES + (size_t)label * TREE_MOMENTS;
    double off = value - m[1];
    m[3] = m[0] == 0.0 || value < m[3] ? value : m[3];
    m[4] = m[0] == 0.0 || value > m[4] ? value : m[4];
    m[0] += weight;
    double step = off * (weight / m[0]);
    m[1] += step;
    m[2] += weight * off * (off - step) > 0.0 ? weight * off * (off - step) : 0.0; /* West 1979; less only by rounding */
    if (is_first || value < slot[TREE_LOW] || value > slot[TREE_HIGH]) {
        slot[TREE_LOW] = is_first || value < slot[TREE_LOW] ? value : slot[TREE_LOW];
        slot[TREE_HIGH] = is_first || value > slot[TREE_HIGH] ? value : slot[TREE_HIGH];
        slot[TREE_UNIT] = leaf_unit(slot);
    }
}

static int leaf_slot_is_empty(const tree_state *t, const double *slot)
{
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        if (slot[TREE_CLASSES + c * TREE_MOMENTS] > 0.0)
            return 0;
    return 1;
}

/* What the leaf says before it learns; what its majority and naive Bayes were worth is counted by the way. */
static uint32_t leaf_try(const tree_state *t, const tree_node *n, double *b, const kedge_row *x, uint32_t label, double weight)
{
    uint32_t majority = tree_majority(n);
    if (t->leaf == KEDGE_LEAF_MAJORITY || !(b[TREE_TOTAL] > 0.0))
        return majority;
    uint32_t bayes = leaf_bayes(t, n, x);
    uint32_t says = t->leaf == KEDGE_LEAF_BAYES || b[TREE_BAYES_RIGHT] >= b[TREE_MAJORITY_RIGHT] ? bayes : majority;
    if (t->leaf == KEDGE_LEAF_ADAPTIVE) {
        b[TREE_MAJORITY_RIGHT] += majority == label ? weight : 0.0;
        b[TREE_BAYES_RIGHT] += bayes == label ? weight : 0.0;
    }
    return says;
}

void kedge_i_leaf_learn(tree_state *t, tree_node *n, const kedge_row *x, uint32_t label, double weight, uint32_t *says)
{
    double *b = tree_block(t, &t->pool, n);
    double *slot = b + t->at_slots;
    if (says || t->leaf == KEDGE_LEAF_ADAPTIVE) { /* adaptive leaves must know for themselves */
        uint32_t tried = leaf_try(t, n, b, x, label, weight);
        if (says)
            *says = tried;
    }
    if (weight == 0.0 || b[TREE_TOTAL] + weight > TREE_WEIGHT_MAX)
        return;
    b[TREE_TOTAL] += weight;
    b[TREE_WEIGHTS + label] += weight;
    if (b[TREE_WEIGHTS + label] > b[TREE_WEIGHTS + tree_majority(n)])
        tree_set_majority(n, label);
    for (uint32_t i = 0; i < t->n_subset; i++, slot += t->slot_words) {
        uint32_t feature = tree_slot_feature(t, b, i);
        double value = tree_input(x, feature);
        if (value != value)
            continue;
        if (tree_is_nominal(t, feature))
            slot[(size_t)label * t->n_values + tree_category(t, value)] += weight;
        else
            leaf_take(slot, value, label, weight, slot[TREE_LOW] == 0.0 && slot[TREE_HIGH] == 0.0 && leaf_slot_is_empty(t, slot));
    }
}

/* Checks ------------------------------------------------------------------------------------------------------------------------------ */

static int leaf_all_within(const double *x, uint32_t n, double low, double high)
{
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], low, high))
            return 0;
    return 1;
}

static int leaf_slot_is_sound(const tree_state *t, const double *slot, uint32_t feature)
{
    if (tree_is_nominal(t, feature))
        return leaf_all_within(slot, t->slot_words, 0.0, TREE_WEIGHT_MAX);
    if (!leaf_all_within(slot, 2, -TREE_INPUT_MAX, TREE_INPUT_MAX) || slot[TREE_LOW] > slot[TREE_HIGH] || slot[TREE_UNIT] != leaf_unit(slot))
        return 0;
    for (uint32_t c = 0; c < t->model.n_classes; c++) {
        const double *m = slot + TREE_CLASSES + (size_t)c * TREE_MOMENTS;
        if (!kedge_i_within(m[0], 0.0, TREE_WEIGHT_MAX) || !kedge_i_within(m[1], -2.0 * TREE_INPUT_MAX, 2.0 * TREE_INPUT_MAX) || !kedge_i_within(m[2], 0.0, DBL_MAX / 4.0))
            return 0;
    }
    return 1;
}

int kedge_i_leaf_check(const tree_state *t, const tree_node *n)
{
    const double *b = tree_block_const(t, &t->pool, n);
    double sum = 0.0;
    if (!leaf_all_within(b, TREE_WEIGHTS + t->model.n_classes, 0.0, TREE_WEIGHT_MAX))
        return 0;
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        sum += b[TREE_WEIGHTS + c];
    if (!kedge_i_within(sum, 0.999 * b[TREE_TOTAL], 1.001 * b[TREE_TOTAL] + DBL_MIN))
        return 0;
    for (uint32_t i = 0; i < t->n_subset; i++) {
        double feature = t->n_subset == t->model.n_features ? i : b[t->at_subset + i];
        if (!kedge_i_within(feature, i, (double)t->model.n_features - 1.0) || feature != (double)(uint32_t)feature ||
            !leaf_slot_is_sound(t, b + t->at_slots + (size_t)i * t->slot_words, (uint32_t)feature))
            return 0;
    }
    return 1;
}
