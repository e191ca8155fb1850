/* SPDX-License-Identifier: MIT */
/* What a leaf knows: rows of each class, and of each feature within each class a normal distribution or counts. What it says: its
 * majority, naive Bayes, or the one of them that was right more often in it. */
#include "base/fp.h"

#include <float.h>
#include <string.h>

#include "models/tree_bayes.h"

#include "base/check.h"
#include "base/number.h"

void kedge_i_leaf_open(tree_state *t, uint32_t node)
{
    tree_node *n = &tree_nodes(t, &t->pool)[node];
    double *b = tree_block(t, &t->pool, n);
    uint32_t n_features = t->model.n_features;
    if (t->n_subset == n_features)
        return;
    for (uint32_t i = 0, taken = 0; taken < t->n_subset; i++) /* each subset equally likely: Knuth 1969, section 3.4.2, algorithm
                                                               * S */
        if (kedge_rng_below(&t->rng, n_features - i) < t->n_subset - taken)
            b[t->at_subset + taken++] = i;
}

/* Prediction ------------------------------------------------------------------------------------------------------------------- */

/* Does the leaf say what naive Bayes says? */
static int leaf_is_bayes(const tree_state *t, const tree_node *n)
{
    if (t->leaf == KEDGE_LEAF_MAJORITY || !tree_has_block(n))
        return 0;
    const double *b = tree_block_const(t, &t->pool, n);
    return t->leaf == KEDGE_LEAF_BAYES || b[TREE_BAYES_RIGHT] >= b[TREE_MAJORITY_RIGHT];
}

uint32_t kedge_i_leaf_predict(const tree_state *t, const tree_node *n, const kedge_row *x)
{
    if (!leaf_is_bayes(t, n))
        return tree_majority(n);
    leaf_view v = leaf_look(t, tree_block_const(t, &t->pool, n), x);
    return leaf_bayes(&v, tree_majority(n));
}

#define LEAF_NOTHING (-600.0) /* powers of e below are 0 */

/* e^(joint - greatest). */
static inline double leaf_power(double joint, double greatest)
{
    return joint - greatest > LEAF_NOTHING ? kedge_i_quick_exp2((joint - greatest) * (1.0 / KEDGE_I_LN2)) : 0.0;
}

/* n joints become powers. Returns their sum. */
static double leaf_powers(double *joints, uint32_t n, double greatest)
{
    double sum = 0.0;
    uint32_t k = 0;
    for (; k + KEDGE_I_LANES <= n; k += KEDGE_I_LANES) {
        kedge_i_lanes less = kedge_i_lanes_load(joints + k) - greatest;
        kedge_i_lanes power = kedge_i_lanes_where(less, LEAF_NOTHING, kedge_i_lanes_quick_exp2(less * (1.0 / KEDGE_I_LN2)));
        kedge_i_lanes_store(power, joints + k);
        sum += kedge_i_lanes_sum(power);
    }
    for (; k < n; k++)
        sum += joints[k] = leaf_power(joints[k], greatest);
    return sum;
}

/* The greatest joint of all classes, and the sum of all, each e to the power of what it is less. Those of the last block stay. */
static double leaf_sum(const leaf_view *v, double *powers, uint32_t *at, double *greatest)
{
    uint32_t n_classes = v->t->model.n_classes;
    double sum = 0.0;
    *greatest = LEAF_ABSENT;
    for (uint32_t c = 0; c < n_classes; c += LEAF_BLOCK) {
        uint32_t n = n_classes - c < LEAF_BLOCK ? n_classes - c : LEAF_BLOCK;
        double before = *greatest;
        leaf_joints(v, c, n, powers, leaf_joint);
        *at = c;
        for (uint32_t k = 0; k < n; k++)
            *greatest = powers[k] > *greatest ? powers[k] : *greatest;
        if (before < *greatest && c > 0)
            sum *= leaf_power(before, *greatest);
        sum += leaf_powers(powers, n, *greatest);
    }
    return sum;
}

static void leaf_vote_bayes(const leaf_view *v, double scale, uint32_t first, uint32_t n_wanted, double *votes)
{
    uint32_t n_classes = v->t->model.n_classes;
    double powers[LEAF_BLOCK];
    double greatest;
    uint32_t at = 0;
    double share = scale / leaf_sum(v, powers, &at, &greatest);
    for (uint32_t c = first / LEAF_BLOCK * LEAF_BLOCK; c < first + n_wanted; c += LEAF_BLOCK) {
        uint32_t n = n_classes - c < LEAF_BLOCK ? n_classes - c : LEAF_BLOCK;
        if (c != at) {
            leaf_joints(v, c, n, powers, leaf_joint);
            (void)leaf_powers(powers, n, greatest);
        }
        for (uint32_t k = 0; k < n; k++)
            if (c + k >= first && c + k < first + n_wanted)
                votes[c + k - first] += share * powers[k];
        at = c;
    }
}

/* The joints of all classes as votes. */
static void leaf_vote_joints(const double *joints, uint32_t n_classes, double greatest, double scale, double *votes)
{
    double powers[LEAF_BLOCK];
    memcpy(powers, joints, n_classes * sizeof *joints);
    double share = scale / leaf_powers(powers, n_classes, greatest);
    for (uint32_t c = 0; c < n_classes; c++)
        votes[c] += share * powers[c];
}

/* What a majority leaf thinks: the shares of its rows. */
static void leaf_vote_shares(const double *b, double scale, uint32_t first, uint32_t n_wanted, double *votes)
{
    for (uint32_t c = first; c < first + n_wanted; c++)
        votes[c - first] += scale * (b[TREE_WEIGHTS + c] / b[TREE_TOTAL]);
}

void kedge_i_leaf_vote(const tree_state *t, const tree_node *n, const kedge_row *x, double scale, uint32_t first, uint32_t n_wanted,
                       double *votes)
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
        leaf_view v = leaf_look(t, b, x);
        leaf_vote_bayes(&v, scale, first, n_wanted, votes);
        return;
    }
    leaf_vote_shares(b, scale, first, n_wanted, votes);
}

/* Learning --------------------------------------------------------------------------------------------------------------------- */

/* One over the range, which leaves would divide by for each row. */
static double leaf_unit(const double *slot)
{
    double range = slot[TREE_HIGH] - slot[TREE_LOW];
    return range > 1e-150 ? 1.0 / range : 0.0;
}

/* West 1979; share = weight / weight of the class's rows with this feature. Returns 1 if the feature's range grew, which all
 * classes see. */
static inline int leaf_take(double *slot, double *m, double value, double weight, double share, int is_first)
{
    double off = value - m[1];
    double step = off * share;
    double more = weight * off * (off - step);
    m[3] = m[0] == 0.0 || value < m[3] ? value : m[3];
    m[4] = m[0] == 0.0 || value > m[4] ? value : m[4];
    m[0] += weight;
    m[1] += step;
    m[2] += more > 0.0 ? more : 0.0; /* less only by rounding */
    if (!is_first && value >= slot[TREE_LOW] && value <= slot[TREE_HIGH])
        return 0;
    slot[TREE_LOW] = is_first || value < slot[TREE_LOW] ? value : slot[TREE_LOW];
    slot[TREE_HIGH] = is_first || value > slot[TREE_HIGH] ? value : slot[TREE_HIGH];
    slot[TREE_UNIT] = leaf_unit(slot);
    return 1;
}

static int leaf_slot_is_empty(const tree_state *t, const double *slot)
{
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        if (slot[TREE_CLASSES + c * TREE_MOMENTS] > 0.0)
            return 0;
    return 1;
}

/* What the leaf says of its majority's and naive Bayes' answers; what each is worth is counted. */
static uint32_t leaf_count(const tree_state *t, double *b, uint32_t majority, uint32_t bayes, uint32_t label, double weight)
{
    uint32_t says = t->leaf == KEDGE_LEAF_BAYES || b[TREE_BAYES_RIGHT] >= b[TREE_MAJORITY_RIGHT] ? bayes : majority;
    if (t->leaf == KEDGE_LEAF_ADAPTIVE) {
        b[TREE_MAJORITY_RIGHT] += majority == label ? weight : 0.0;
        b[TREE_BAYES_RIGHT] += bayes == label ? weight : 0.0;
    }
    return says;
}

/* What the leaf says before it learns; what its majority and naive Bayes were worth is counted by the way. */
static uint32_t leaf_try(const leaf_view *v, double *b, uint32_t majority, uint32_t label, double weight)
{
    const tree_state *t = v->t;
    if (t->leaf == KEDGE_LEAF_MAJORITY || !(b[TREE_TOTAL] > 0.0))
        return majority;
    return leaf_count(t, b, majority, leaf_bayes(v, majority), label, weight);
}

/* Returns 1 if a range grew. */
static int leaf_learn_features(const leaf_view *v, double *b, uint32_t label, double weight)
{
    const tree_state *t = v->t;
    double *slot = b + t->at_slots;
    int grew = 0;
    double held = -1.0, share = 0.0; /* without missing values all features of a class have its weight */
    for (uint32_t i = 0; i < t->n_subset; i++, slot += t->slot_words) {
        uint32_t feature = tree_slot_feature(t, b, i);
        double value = leaf_value(v, feature);
        if (value != value)
            continue;
        if (v->has_nominal && tree_is_nominal(t, feature)) {
            slot[(size_t)label * t->n_values + tree_category(t, value)] += weight;
            continue;
        }
        double *m = slot + TREE_CLASSES + (size_t)label * TREE_MOMENTS;
        if (m[0] != held) {
            held = m[0];
            share = weight / (held + weight);
        }
        grew |= leaf_take(slot, m, value, weight, share,
                          slot[TREE_LOW] == 0.0 && slot[TREE_HIGH] == 0.0 && leaf_slot_is_empty(t, slot));
    }
    return grew;
}

/* Returns 1 if joints of other classes may have changed, be it by rounding. */
static int leaf_learn_row(const leaf_view *v, double *b, tree_node *n, uint32_t label, double weight)
{
    uint32_t until_flush = leaf_until_flush(b);
    if (weight == 0.0 || b[TREE_TOTAL] + weight > TREE_WEIGHT_MAX)
        return 0;
    b[TREE_TOTAL] += weight;
    b[TREE_WEIGHTS + label] += weight;
    if (b[TREE_WEIGHTS + label] > b[TREE_WEIGHTS + tree_majority(n)])
        tree_set_majority(n, label);
    int grew = leaf_learn_features(v, b, label, weight);
    return grew || leaf_until_flush(b) != until_flush;
}

void kedge_i_leaf_take(tree_state *t, tree_node *n, const kedge_row *x, uint32_t label, double weight)
{
    double *b = tree_block(t, &t->pool, n);
    leaf_view v = leaf_look(t, b, x);
    (void)leaf_learn_row(&v, b, n, label, weight);
}

void kedge_i_leaf_learn(tree_state *t, tree_node *n, const kedge_row *x, uint32_t label, double weight, uint32_t *says)
{
    double *b = tree_block(t, &t->pool, n);
    leaf_view v = leaf_look(t, b, x);
    if (says || t->leaf == KEDGE_LEAF_ADAPTIVE) { /* adaptive leaves must know for themselves */
        uint32_t tried = leaf_try(&v, b, tree_majority(n), label, weight);
        if (says)
            *says = tried;
    }
    (void)leaf_learn_row(&v, b, n, label, weight);
}

/* Naive Bayes' answer after a row of one class was learned, and no joint of another class has changed. */
static uint32_t leaf_bayes_after(const leaf_view *v, uint32_t label, uint32_t majority, double *joints, leaf_joint_of *joint)
{
    double both[2];
    if (v->b[TREE_WEIGHTS + label] > 0.0) { /* it may have weighed nothing, and be the first of its class */
        joint(v, label, label, both);
        joints[label] = both[0];
    }
    leaf_race r = leaf_judge(joints, v->t->model.n_classes, majority);
    return joint == leaf_joint || r.greatest - r.second > LEAF_ROUGH ? r.best : leaf_bayes(v, majority);
}

/* Few classes, naive Bayes: their joints are worked out once. */
static void leaf_learn_bayes(const leaf_view *v, double *b, tree_node *n, uint32_t label, double weight, tree_said *said)
{
    const tree_state *t = v->t;
    uint32_t n_classes = t->model.n_classes, majority = tree_majority(n);
    int votes_bayes = said->votes && leaf_is_bayes(t, n);
    leaf_joint_of *joint = votes_bayes ? leaf_joint : leaf_rough_joint;
    double joints[LEAF_BLOCK];
    joints[0] = 0.0; /* gcc at -O1 does not see that there is a class */
    leaf_joints(v, 0, n_classes, joints, joint);
    leaf_race r = leaf_judge(joints, n_classes, majority);
    if (votes_bayes)
        leaf_vote_joints(joints, n_classes, r.greatest, said->scale, said->votes);
    else if (said->votes)
        leaf_vote_shares(b, said->scale, 0, n_classes, said->votes);
    uint32_t bayes = votes_bayes || r.greatest - r.second > LEAF_ROUGH ? r.best : leaf_bayes(v, majority);
    KEDGE_ASSERT(bayes == leaf_bayes(v, majority));
    said->before = leaf_count(t, b, majority, bayes, label, weight);
    int changed = leaf_learn_row(v, b, n, label, weight);
    if (!leaf_is_bayes(t, n))
        said->after = tree_majority(n);
    else
        said->after = changed ? leaf_bayes(v, tree_majority(n)) : leaf_bayes_after(v, label, tree_majority(n), joints, joint);
    KEDGE_ASSERT(said->after == kedge_i_leaf_predict(t, n, v->x));
}

void kedge_i_leaf_learn_and_say(tree_state *t, tree_node *n, const kedge_row *x, uint32_t label, double weight, tree_said *said)
{
    double *b = tree_block(t, &t->pool, n);
    if (t->leaf != KEDGE_LEAF_MAJORITY && t->model.n_classes <= LEAF_BLOCK && b[TREE_TOTAL] > 0.0) {
        leaf_view v = leaf_look(t, b, x);
        leaf_learn_bayes(&v, b, n, label, weight, said);
        return;
    }
    if (said->votes)
        kedge_i_leaf_vote(t, n, x, said->scale, 0, t->model.n_classes, said->votes);
    kedge_i_leaf_learn(t, n, x, label, weight, &said->before);
    said->after = kedge_i_leaf_predict(t, n, x);
}

/* Checks ----------------------------------------------------------------------------------------------------------------------- */

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
    if (!leaf_all_within(slot, 2, -TREE_INPUT_MAX, TREE_INPUT_MAX) || slot[TREE_LOW] > slot[TREE_HIGH] ||
        slot[TREE_UNIT] != leaf_unit(slot))
        return 0;
    for (uint32_t c = 0; c < t->model.n_classes; c++) {
        const double *m = slot + TREE_CLASSES + (size_t)c * TREE_MOMENTS;
        if (!kedge_i_within(m[0], 0.0, TREE_WEIGHT_MAX) || !kedge_i_within(m[1], -2.0 * TREE_INPUT_MAX, 2.0 * TREE_INPUT_MAX) ||
            !kedge_i_within(m[2], 0.0, DBL_MAX / 4.0))
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
