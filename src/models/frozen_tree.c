/* SPDX-License-Identifier: MIT */
/* Frozen trees and forests: the way to a leaf, and what it says, as tree.c and tree_leaf.c have it. Their naive Bayes without divisions. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "models/frozen_tree.h"

#include "base/number.h"
#include "base/quick.h"
#include "models/row.h"
#include "models/tree_state.h"

enum { FROZEN_LANES = 4 };

/* Sound? ----------------------------------------------------------------------------------------------------------------------------- */

static const double *frozen_leaf_doubles(const frozen_head *h, const frozen_node *n)
{
    return frozen_doubles(h) + n->child;
}

/* The feature of a naive Bayes leaf's i-th slot. */
static inline uint32_t frozen_slot_feature(const frozen_head *h, const frozen_node *n, uint32_t i)
{
    return h->params[FROZEN_SUBSET] == h->n_features ? i : frozen_words(h)[(uint32_t)n->threshold + i];
}

/* Where the writer stood: each node, number and word has one owner, in the order in which they were written, so looking at all takes O(bytes). */
typedef struct frozen_pen {
    uint32_t next_node;
    uint32_t next_double;
    uint32_t next_word;
} frozen_pen;

static int frozen_split_is_sound(const frozen_head *h, const frozen_node *n, frozen_pen *p)
{
    uint32_t feature = n->what & FROZEN_FEATURE;
    if ((n->what & ~(FROZEN_NOMINAL | FROZEN_MISSING_SECOND | FROZEN_FEATURE)) != 0 || feature >= h->n_features ||
        frozen_is_nominal(frozen_words(h), feature) != ((n->what & FROZEN_NOMINAL) != 0) || n->child != p->next_node || h->n_nodes - p->next_node < 2)
        return 0;
    p->next_node += 2;
    return 1;
}

/* The list of features that a naive Bayes leaf looks at: there, and each a feature. */
static int frozen_list_is_sound(const frozen_head *h, const frozen_node *n, frozen_pen *p)
{
    uint32_t n_subset = h->params[FROZEN_SUBSET];
    if (n_subset == h->n_features)
        return n->threshold == 0.0;
    if (n->threshold != (double)p->next_word || h->n_words - p->next_word < n_subset)
        return 0;
    p->next_word += n_subset;
    for (uint32_t i = 0; i < n_subset; i++)
        if (frozen_slot_feature(h, n, i) >= h->n_features)
            return 0;
    return 1;
}

static int frozen_numeric_is_sound(const frozen_head *h, const double *slot)
{
    if (!kedge_i_within(slot[0], 0.0, 1.01e150))
        return 0;
    for (uint32_t c = 0; c < h->n_classes; c++) {
        double precision = slot[2 + 2 * (size_t)c];
        if (!kedge_i_within(slot[1 + 2 * (size_t)c], -2.0 * TREE_INPUT_MAX, 2.0 * TREE_INPUT_MAX) ||
            (precision != 0.0 && !kedge_i_within(precision, DBL_MIN, 1e30)))
            return 0;
    }
    return 1;
}

static int frozen_leaf_bases_are_sound(const frozen_head *h, const double *bases)
{
    uint32_t n_present = 0;
    for (uint32_t c = 0; c < h->n_classes; c++) {
        if (bases[c] != FROZEN_ABSENT && !kedge_i_within(bases[c], -1e8, 1e8))
            return 0;
        n_present += bases[c] != FROZEN_ABSENT;
    }
    return n_present > 0;
}

/* Slot after slot; the bases are there. */
static int frozen_slots_are_sound(const frozen_head *h, const frozen_node *n, frozen_pen *p)
{
    for (uint32_t i = 0; i < h->params[FROZEN_SUBSET]; i++) {
        const double *slot = frozen_doubles(h) + p->next_double;
        int is_nominal = frozen_is_nominal(frozen_words(h), frozen_slot_feature(h, n, i));
        uint64_t size = frozen_slot(h->n_classes, h->params[FROZEN_VALUES], is_nominal);
        if (h->n_doubles - p->next_double < size || !(is_nominal ? frozen_all_within(slot, (size_t)size, -1e3, 0.0) : frozen_numeric_is_sound(h, slot)))
            return 0;
        p->next_double += (uint32_t)size;
    }
    return 1;
}

static int frozen_leaf_is_sound(const frozen_head *h, const frozen_node *n, frozen_pen *p)
{
    uint32_t kind = frozen_leaf_kind(n->what);
    uint32_t need = kind >= FROZEN_SHARES ? h->n_classes : 2 * kind;
    const double *d = frozen_leaf_doubles(h, n);
    if ((n->what & FROZEN_MAJORITY) >= h->n_classes || kind > FROZEN_BAYES || n->child != p->next_double || h->n_doubles - p->next_double < need)
        return 0;
    p->next_double += need;
    if (kind == FROZEN_BAYES)
        return frozen_list_is_sound(h, n, p) && frozen_leaf_bases_are_sound(h, d) && frozen_slots_are_sound(h, n, p);
    return n->threshold == 0.0 && frozen_all_within(d, need, 0.0, 1.0);
}

static int frozen_node_is_sound(const frozen_head *h, uint32_t i, frozen_pen *p)
{
    const frozen_node *n = &frozen_nodes(h)[i];
    return (n->what & FROZEN_LEAF) != 0 ? frozen_leaf_is_sound(h, n, p) : frozen_split_is_sound(h, n, p);
}

/* Tree after tree, as they were written. */
static int frozen_nodes_are_sound(const frozen_head *h, uint32_t n_trees)
{
    frozen_pen p = {n_trees, n_trees, FROZEN_NOMINAL_WORDS};
    uint32_t at = n_trees;
    for (uint32_t i = 0; i < n_trees; i++) {
        if (!frozen_node_is_sound(h, i, &p))
            return 0;
        for (; at < p.next_node; at++)
            if (!frozen_node_is_sound(h, at, &p))
                return 0;
    }
    return p.next_node == h->n_nodes && p.next_double == h->n_doubles && p.next_word + p.next_word % 2 == h->n_words;
}

static int frozen_forest_is_sound(const frozen_head *h)
{
    uint32_t n_trees = h->params[FROZEN_TREES];
    return h->n_parts == 0 && h->n_classes >= 2 && kedge_i_u32_within(n_trees, 1, h->n_nodes) && n_trees <= h->n_doubles && h->n_words >= FROZEN_NOMINAL_WORDS &&
           kedge_i_u32_within(h->params[FROZEN_VALUES], 1, 4096) && kedge_i_u32_within(h->params[FROZEN_SUBSET], 1, h->n_features) &&
           frozen_all_within(frozen_doubles(h), n_trees, 0.0, 2.0) && frozen_nodes_are_sound(h, n_trees);
}

static int frozen_tree_is_sound(const frozen_head *h)
{
    return h->params[FROZEN_TREES] == 1 && frozen_forest_is_sound(h);
}

/* Answers ---------------------------------------------------------------------------------------------------------------------------- */

static inline uint32_t frozen_category(const frozen_head *h, double value)
{
    uint32_t n_values = h->params[FROZEN_VALUES];
    double within = value >= 0.0 && value < (double)n_values ? value : (double)n_values - 1.0; /* chosen before it is converted */
    return (uint32_t)within;
}

static inline uint32_t frozen_side(const frozen_head *h, const frozen_node *n, const kedge_row *x)
{
    double value = kedge_i_row_at(x, n->what & FROZEN_FEATURE);
    if (value != value)
        return (n->what & FROZEN_MISSING_SECOND) != 0;
    return (n->what & FROZEN_NOMINAL) != 0 ? (double)frozen_category(h, value) != n->threshold : value > n->threshold;
}

static inline const frozen_node *frozen_find(const frozen_head *h, uint32_t root, const kedge_row *x)
{
    const frozen_node *nodes = frozen_nodes(h);
    const frozen_node *n = &nodes[root];
    while ((n->what & FROZEN_LEAF) == 0)
        n = &nodes[n->child + frozen_side(h, n, x)];
    return n;
}

/* What some classes make of a row, half of the sum of squared deviations apart. */
typedef struct frozen_lanes {
    double distance[FROZEN_LANES];
    double log[FROZEN_LANES];
} frozen_lanes;

static inline void frozen_numeric(const double *slot, double value, uint32_t first, uint32_t n, frozen_lanes *l)
{
    const double *m = slot + 1 + 2 * (size_t)first;
    for (uint32_t k = 0; k < n; k++, m += 2) {
        double off = fabs(value - m[0]) * slot[0];
        off = off < FROZEN_LEAF_FAR ? off : FROZEN_LEAF_FAR;
        l->distance[k] += m[1] > 0.0 ? off * off * m[1] : FROZEN_LEAF_UNSEEN;
    }
}

/* A value is missing: what its precisions are worth goes out of the bases again. */
static void frozen_without(const double *slot, uint32_t first, uint32_t n, frozen_lanes *l)
{
    const double *m = slot + 1 + 2 * (size_t)first;
    for (uint32_t k = 0; k < n; k++, m += 2)
        l->log[k] -= 0.5 * kedge_i_quick_log(m[1] > 0.0 ? m[1] : 1.0 / FROZEN_SPREAD);
}

static inline void frozen_nominal(const frozen_head *h, const double *slot, double value, uint32_t first, uint32_t n, frozen_lanes *l)
{
    const double *logs = slot + (size_t)first * h->params[FROZEN_VALUES] + frozen_category(h, value);
    for (uint32_t k = 0; k < n; k++, logs += h->params[FROZEN_VALUES])
        l->log[k] += *logs;
}

/* ln P(c) P(x | c), without what is the same for all classes, of n classes from `first` on. */
static void frozen_joints(const frozen_head *h, const frozen_node *leaf, const kedge_row *x, uint32_t first, uint32_t n, double *joints)
{
    frozen_lanes l = {{0.0, 0.0, 0.0, 0.0}, {0.0, 0.0, 0.0, 0.0}};
    const double *bases = frozen_leaf_doubles(h, leaf);
    const double *slot = bases + h->n_classes;
    for (uint32_t i = 0; i < h->params[FROZEN_SUBSET]; i++) {
        uint32_t feature = frozen_slot_feature(h, leaf, i);
        int is_nominal = frozen_is_nominal(frozen_words(h), feature);
        double value = tree_input(x, feature);
        if (is_nominal && value == value)
            frozen_nominal(h, slot, value, first, n, &l);
        else if (!is_nominal && slot[0] != 0.0 && value == value) /* a constant says nothing */
            frozen_numeric(slot, value, first, n, &l);
        else if (!is_nominal && slot[0] != 0.0)
            frozen_without(slot, first, n, &l);
        slot += frozen_slot(h->n_classes, h->params[FROZEN_VALUES], is_nominal);
    }
    for (uint32_t k = 0; k < n; k++)
        joints[k] = bases[first + k] > FROZEN_ABSENT ? bases[first + k] + (l.log[k] - 0.5 * l.distance[k]) : FROZEN_ABSENT;
}

static uint32_t frozen_lanes_from(const frozen_head *h, uint32_t c)
{
    return h->n_classes - c < FROZEN_LANES ? h->n_classes - c : FROZEN_LANES;
}

static uint32_t frozen_leaf_predict(const frozen_head *h, const frozen_node *leaf, const kedge_row *x)
{
    uint32_t best = leaf->what & FROZEN_MAJORITY;
    double greatest = FROZEN_ABSENT;
    for (uint32_t c = 0; frozen_leaf_kind(leaf->what) == FROZEN_BAYES && c < h->n_classes; c += FROZEN_LANES) {
        uint32_t n = frozen_lanes_from(h, c);
        double joints[FROZEN_LANES];
        frozen_joints(h, leaf, x, c, n, joints);
        for (uint32_t k = 0; k < n; k++)
            if (joints[k] > greatest) {
                greatest = joints[k];
                best = c + k;
            }
    }
    return best;
}

/* e^(joint - greatest). */
static inline double frozen_power(double joint, double greatest)
{
    return joint - greatest > -600.0 ? kedge_i_quick_exp2((joint - greatest) * (1.0 / KEDGE_I_LN2)) : 0.0;
}

/* The greatest joint of all classes, and the sum of all, each over e to that. The last ones are left in joints. */
static double frozen_sum(const frozen_head *h, const frozen_node *leaf, const kedge_row *x, double *joints, uint32_t *at, double *greatest)
{
    double sum = 0.0;
    *greatest = FROZEN_ABSENT;
    for (uint32_t c = 0; c < h->n_classes; c += FROZEN_LANES) {
        uint32_t n = frozen_lanes_from(h, c);
        double before = *greatest;
        frozen_joints(h, leaf, x, c, n, joints);
        *at = c;
        for (uint32_t k = 0; k < n; k++)
            *greatest = joints[k] > *greatest ? joints[k] : *greatest;
        if (before < *greatest)
            sum *= frozen_power(before, *greatest);
        for (uint32_t k = 0; k < n; k++)
            sum += frozen_power(joints[k], *greatest);
    }
    return sum;
}

static void frozen_vote_bayes(const frozen_head *h, const frozen_node *leaf, const kedge_row *x, double scale, uint32_t first, uint32_t n_wanted, double *votes)
{
    double joints[FROZEN_LANES] = {0.0};
    double greatest;
    uint32_t at = 0;
    double sum = frozen_sum(h, leaf, x, joints, &at, &greatest);
    for (uint32_t c = first / FROZEN_LANES * FROZEN_LANES; c < first + n_wanted; c += FROZEN_LANES) {
        uint32_t n = frozen_lanes_from(h, c);
        if (c != at) /* few classes: they are still there */
            frozen_joints(h, leaf, x, c, n, joints);
        for (uint32_t k = 0; k < n; k++)
            if (c + k >= first && c + k < first + n_wanted)
                votes[c + k - first] += scale * frozen_power(joints[k], greatest) / sum;
        at = c;
    }
}

/* Adds shares of `scale` to the votes for n_wanted classes from `first` on. */
static void frozen_vote(const frozen_head *h, const frozen_node *leaf, const kedge_row *x, double scale, uint32_t first, uint32_t n_wanted, double *votes)
{
    const double *d = frozen_leaf_doubles(h, leaf);
    uint32_t kind = frozen_leaf_kind(leaf->what);
    if (kind == FROZEN_SILENT)
        return;
    if (kind == FROZEN_BAYES) {
        frozen_vote_bayes(h, leaf, x, scale, first, n_wanted, votes);
        return;
    }
    for (uint32_t c = first; c < first + n_wanted; c++)
        votes[c - first] += scale * (kind == FROZEN_SHARES ? d[c] : c == (leaf->what & FROZEN_MAJORITY) ? d[0] : d[1]);
}

static void frozen_votes(const frozen_head *h, const kedge_row *x, uint32_t first, uint32_t n, double *votes)
{
    memset(votes, 0, n * sizeof *votes);
    for (uint32_t i = 0; i < h->params[FROZEN_TREES]; i++)
        frozen_vote(h, frozen_find(h, i, x), x, frozen_doubles(h)[i], first, n, votes);
}

static void frozen_tree_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    *y = frozen_leaf_predict(h, frozen_find(h, 0, x), x);
}

static void frozen_tree_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    frozen_votes(h, x, 0, h->n_classes, scores);
}

static void frozen_forest_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    double most = 0.0;
    *y = 0.0;
    for (uint32_t first = 0; first < h->n_classes; first += FROZEN_FEW) {
        uint32_t n = h->n_classes - first < FROZEN_FEW ? h->n_classes - first : FROZEN_FEW;
        double votes[FROZEN_FEW];
        frozen_votes(h, x, first, n, votes);
        for (uint32_t c = 0; c < n; c++)
            if (votes[c] > most) {
                most = votes[c];
                *y = first + c;
            }
    }
}

static void frozen_forest_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    double sum = 0.0;
    frozen_votes(h, x, 0, h->n_classes, scores);
    for (uint32_t c = 0; c < h->n_classes; c++)
        sum += scores[c];
    for (uint32_t c = 0; c < h->n_classes; c++)
        scores[c] = sum > 0.0 ? scores[c] / sum : 1.0 / h->n_classes;
}

const frozen_kind kedge_i_frozen_tree = {frozen_tree_is_sound, frozen_tree_predict, frozen_tree_score};
const frozen_kind kedge_i_frozen_forest = {frozen_forest_is_sound, frozen_forest_predict, frozen_forest_score};
