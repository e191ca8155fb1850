/* SPDX-License-Identifier: MIT */
/* Frozen trees and forests: the way to a leaf, and what it says, as tree.c and tree_leaf.c have it. Their naive Bayes without
 * divisions. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "models/frozen_walk.h"

#include "base/number.h"
#include "base/quick.h"

enum { FROZEN_BLOCK = 32 }; /* classes of a leaf at a time */

/* Sound? ----------------------------------------------------------------------------------------------------------------------- */

/* Which features it looks at; NULL: all. */
static inline const uint32_t *frozen_leaf_features(const frozen_head *h, const uint32_t *words)
{
    return h->params[FROZEN_SUBSET] < h->n_features ? words + 1 + words[0] : NULL;
}

/* Are the words of a naive Bayes leaf there, and do they name classes and features? */
static int frozen_leaf_words_are_sound(const frozen_head *h, const frozen_node *n, frozen_pen *p)
{
    uint32_t room = h->n_words - p->next_word;
    uint32_t n_listed = h->params[FROZEN_SUBSET] < h->n_features ? h->params[FROZEN_SUBSET] : 0;
    if (room == 0 || n->threshold != (double)p->next_word)
        return 0;
    const uint32_t *words = frozen_words(h) + p->next_word;
    if (!kedge_i_u32_within(words[0], 1, h->n_classes) || room - 1 < (uint64_t)words[0] + n_listed)
        return 0;
    p->next_word += 1 + words[0] + n_listed;
    return frozen_list_is_sound(words + 1, words[0], h->n_classes) &&
           frozen_list_is_sound(words + 1 + words[0], n_listed, h->n_features);
}

static int frozen_numeric_is_sound(const double *slot, uint32_t n_present)
{
    const double *precisions = slot + 1 + n_present;
    for (uint32_t k = 0; k < n_present; k++)
        if (precisions[k] != 0.0 && !kedge_i_within(precisions[k], DBL_MIN, 1e30))
            return 0;
    return kedge_i_within(slot[0], 0.0, 1.01e150) &&
           frozen_all_within(slot + 1, n_present, -2.0 * TREE_INPUT_MAX, 2.0 * TREE_INPUT_MAX);
}

/* Bases, then slot after slot; the words are sound. */
static int frozen_bayes_is_sound(const frozen_head *h, const uint32_t *words, frozen_pen *p)
{
    const uint32_t *features = frozen_leaf_features(h, words);
    uint32_t n_present = words[0];
    if (h->n_doubles - p->next_double < n_present || !frozen_all_within(frozen_doubles(h) + p->next_double, n_present, -1e10, 1e10))
        return 0;
    p->next_double += n_present;
    for (uint32_t i = 0; i < h->params[FROZEN_SUBSET]; i++) {
        const double *slot = frozen_doubles(h) + p->next_double;
        int is_nominal = frozen_is_nominal(frozen_words(h), features ? features[i] : i);
        uint64_t size = frozen_slot(n_present, h->params[FROZEN_VALUES], is_nominal);
        if (h->n_doubles - p->next_double < size ||
            !(is_nominal ? frozen_all_within(slot, (size_t)size, -1e3, 0.0) : frozen_numeric_is_sound(slot, n_present)))
            return 0;
        p->next_double += (uint32_t)size;
    }
    return 1;
}

static int frozen_leaf_is_sound(const frozen_head *h, const frozen_node *n, frozen_pen *p)
{
    uint32_t kind = frozen_leaf_kind(n->what);
    if ((n->what & FROZEN_MAJORITY) >= h->n_classes || kind > FROZEN_BAYES || n->child != p->next_double)
        return 0;
    if (kind == FROZEN_BAYES)
        return frozen_leaf_words_are_sound(h, n, p) && frozen_bayes_is_sound(h, frozen_leaf_words(h, n), p);
    uint32_t need = kind == FROZEN_SHARES ? h->n_classes : 2 * kind;
    if (h->n_doubles - p->next_double < need)
        return 0;
    p->next_double += need;
    return n->threshold == 0.0 && frozen_all_within(frozen_leaf_doubles(h, n), need, 0.0, 1.0);
}

static int frozen_forest_is_sound(const frozen_head *h)
{
    uint32_t n_trees = h->params[FROZEN_TREES];
    return h->n_parts == 0 && h->n_classes >= 2 && kedge_i_u32_within(n_trees, 1, h->n_nodes) && n_trees <= h->n_doubles &&
           h->n_words >= FROZEN_NOMINAL_WORDS && kedge_i_u32_within(h->params[FROZEN_VALUES], 1, 4096) &&
           kedge_i_u32_within(h->params[FROZEN_SUBSET], 1, h->n_features) &&
           frozen_all_within(frozen_doubles(h), n_trees, 0.0, 2.0) &&
           frozen_nodes_are_sound(h, n_trees, n_trees, frozen_leaf_is_sound);
}

static int frozen_tree_is_sound(const frozen_head *h)
{
    return h->params[FROZEN_TREES] == 1 && frozen_forest_is_sound(h);
}

/* Answers ---------------------------------------------------------------------------------------------------------------------- */

/* Classes side by side, from the k-th of a leaf on: all lanes, or the first. */
static inline kedge_i_lanes frozen_lanes(const double *from, int is_whole)
{
    return is_whole ? kedge_i_lanes_load(from) : kedge_i_lanes_load_one(from);
}

/* Squared deviations times precisions. */
static inline kedge_i_lanes frozen_numeric(const double *slot, uint32_t n_present, uint32_t k, double value, int is_whole)
{
    kedge_i_lanes off = (value - frozen_lanes(slot + 1 + k, is_whole)) * slot[0];
    off = kedge_i_lanes_min(kedge_i_lanes_from_bits(kedge_i_lanes_bits(off) & ~((uint64_t)1 << 63)), FROZEN_LEAF_FAR);
    return off * off * frozen_lanes(slot + 1 + n_present + k, is_whole);
}

/* What the bases have for a feature whose value is missing: it goes out again. */
static double frozen_without(const double *slot, uint32_t n_present, uint32_t k)
{
    double precision = slot[1 + n_present + k];
    if (slot[0] == 0.0) /* a constant */
        return 0.0;
    return precision > 0.0 ? 0.5 * kedge_i_quick_log(precision) : -0.5 * (kedge_i_quick_log(FROZEN_SPREAD) + FROZEN_UNSEEN);
}

/* ln P(c) P(x | c), without what is the same for all classes, of the leaf's classes from the k-th on. */
static inline kedge_i_lanes frozen_joint_lanes(const frozen_view *v, const frozen_node *leaf, const uint32_t *words, uint32_t k,
                                               int is_whole)
{
    const frozen_head *h = v->h;
    const uint32_t *features = frozen_leaf_features(h, words);
    uint32_t n_present = words[0], n_subset = h->params[FROZEN_SUBSET], n_values = h->params[FROZEN_VALUES];
    const double *slot = frozen_leaf_doubles(h, leaf) + n_present;
    kedge_i_lanes log = frozen_lanes(slot - n_present + k, is_whole);
    kedge_i_lanes distance = kedge_i_lanes_of(0.0);
    for (uint32_t i = 0; i < n_subset; i++) {
        uint32_t feature = features ? features[i] : i;
        int is_nominal = v->has_nominal && frozen_is_nominal(frozen_words(h), feature);
        double value = v->plain ? v->plain[feature] : tree_input(v->x, feature);
        if (is_nominal && value == value)
            log += frozen_lanes(slot + (size_t)frozen_category(h, value) * n_present + k, is_whole);
        else if (!is_nominal && value == value)
            distance += frozen_numeric(slot, n_present, k, value, is_whole);
        else if (!is_nominal)
            log -= kedge_i_lanes_pair(frozen_without(slot, n_present, k),
                                      frozen_without(slot, n_present, is_whole ? k + KEDGE_I_LANES - 1 : k));
        slot += is_nominal ? (size_t)n_values * n_present : 1 + 2 * (size_t)n_present;
    }
    return log - 0.5 * distance;
}

/* Of n of the leaf's classes, from the first-th on. */
static void frozen_joints(const frozen_view *v, const frozen_node *leaf, uint32_t first, uint32_t n, double *joints)
{
    const uint32_t *words = frozen_leaf_words(v->h, leaf);
    uint32_t k = 0;
    for (; k + KEDGE_I_LANES <= n; k += KEDGE_I_LANES)
        kedge_i_lanes_store(frozen_joint_lanes(v, leaf, words, first + k, 1), joints + k);
    for (; k < n; k++)
        joints[k] = kedge_i_lanes_first(frozen_joint_lanes(v, leaf, words, first + k, 0));
}

static uint32_t frozen_block_from(uint32_t n_present, uint32_t first)
{
    return n_present - first < FROZEN_BLOCK ? n_present - first : FROZEN_BLOCK;
}

static uint32_t frozen_leaf_predict(const frozen_view *v, const frozen_node *leaf)
{
    uint32_t best = leaf->what & FROZEN_MAJORITY;
    double greatest = FROZEN_ABSENT;
    double joints[FROZEN_BLOCK];
    if (frozen_leaf_kind(leaf->what) != FROZEN_BAYES)
        return best;
    const uint32_t *words = frozen_leaf_words(v->h, leaf);
    for (uint32_t first = 0; first < words[0]; first += FROZEN_BLOCK) {
        uint32_t n = frozen_block_from(words[0], first);
        frozen_joints(v, leaf, first, n, joints);
        for (uint32_t k = 0; k < n; k++)
            if (joints[k] > greatest) {
                greatest = joints[k];
                best = words[1 + first + k];
            }
    }
    return best;
}

#define FROZEN_NOTHING (-600.0) /* powers of e below are 0 */

/* n joints become e^(joint - greatest). Returns their sum. */
static double frozen_powers(double *joints, uint32_t n, double greatest)
{
    double sum = 0.0;
    for (uint32_t k = 0; k < n; k++) {
        double less = joints[k] - greatest;
        double power = kedge_i_quick_exp2((less > FROZEN_NOTHING ? less : FROZEN_NOTHING) * (1.0 / KEDGE_I_LN2));
        sum += joints[k] = less > FROZEN_NOTHING ? power : 0.0;
    }
    return sum;
}

/* The greatest joint of all classes, and the sum of all, each e to the power of what it is less. Those of the last block stay. */
static double frozen_sum(const frozen_view *v, const frozen_node *leaf, double *powers, double *greatest)
{
    uint32_t n_present = frozen_leaf_words(v->h, leaf)[0];
    double sum = 0.0;
    *greatest = FROZEN_ABSENT;
    for (uint32_t first = 0; first < n_present; first += FROZEN_BLOCK) {
        uint32_t n = frozen_block_from(n_present, first);
        double before = *greatest;
        frozen_joints(v, leaf, first, n, powers);
        for (uint32_t k = 0; k < n; k++)
            *greatest = powers[k] > *greatest ? powers[k] : *greatest;
        if (first > 0)
            (void)frozen_powers(&before, 1, *greatest);
        sum = (first > 0 ? sum * before : 0.0) + frozen_powers(powers, n, *greatest);
    }
    return sum;
}

static void frozen_vote_bayes(const frozen_view *v, const frozen_node *leaf, double scale, uint32_t first, uint32_t n_wanted,
                              double *votes)
{
    const uint32_t *words = frozen_leaf_words(v->h, leaf);
    double powers[FROZEN_BLOCK];
    double greatest;
    double share = scale / frozen_sum(v, leaf, powers, &greatest);
    for (uint32_t at = 0; at < words[0]; at += FROZEN_BLOCK) {
        uint32_t n = frozen_block_from(words[0], at);
        if (words[0] > FROZEN_BLOCK) { /* else they are still there */
            frozen_joints(v, leaf, at, n, powers);
            (void)frozen_powers(powers, n, greatest);
        }
        for (uint32_t k = 0; k < n; k++) {
            uint32_t c = words[1 + at + k];
            if (c >= first && c - first < n_wanted)
                votes[c - first] += share * powers[k];
        }
    }
}

/* Adds shares of `scale` to the votes for n_wanted classes from `first` on. */
static void frozen_vote(const frozen_view *v, const frozen_node *leaf, double scale, uint32_t first, uint32_t n_wanted,
                        double *votes)
{
    const double *d = frozen_leaf_doubles(v->h, leaf);
    uint32_t kind = frozen_leaf_kind(leaf->what);
    if (kind == FROZEN_SILENT)
        return;
    if (kind == FROZEN_BAYES) {
        frozen_vote_bayes(v, leaf, scale, first, n_wanted, votes);
        return;
    }
    for (uint32_t c = first; c < first + n_wanted; c++)
        votes[c - first] += scale * (kind == FROZEN_SHARES ? d[c] : c == (leaf->what & FROZEN_MAJORITY) ? d[0] : d[1]);
}

static void frozen_votes(const frozen_view *v, uint32_t first, uint32_t n, double *votes)
{
    memset(votes, 0, n * sizeof *votes);
    for (uint32_t i = 0; i < v->h->params[FROZEN_TREES]; i++)
        frozen_vote(v, frozen_find(v, i), frozen_doubles(v->h)[i], first, n, votes);
}

static void frozen_tree_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    frozen_view v = frozen_look(h, x);
    *y = frozen_leaf_predict(&v, frozen_find(&v, 0));
}

static void frozen_forest_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    frozen_view v = frozen_look(h, x);
    double most = 0.0;
    *y = 0.0;
    for (uint32_t first = 0; first < h->n_classes; first += FROZEN_FEW) {
        uint32_t n = h->n_classes - first < FROZEN_FEW ? h->n_classes - first : FROZEN_FEW;
        double votes[FROZEN_FEW];
        frozen_votes(&v, first, n, votes);
        for (uint32_t c = 0; c < n; c++)
            if (votes[c] > most) {
                most = votes[c];
                *y = first + c;
            }
    }
}

static void frozen_share(double *votes, uint32_t n)
{
    double sum = 0.0;
    for (uint32_t c = 0; c < n; c++)
        sum += votes[c];
    for (uint32_t c = 0; c < n; c++)
        votes[c] = sum > 0.0 ? votes[c] / sum : 1.0 / n;
}

static void frozen_tree_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    frozen_view v = frozen_look(h, x);
    frozen_votes(&v, 0, h->n_classes, scores);
    if (h->params[FROZEN_SHARED] != 0)
        frozen_share(scores, h->n_classes);
}

static void frozen_forest_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    frozen_view v = frozen_look(h, x);
    frozen_votes(&v, 0, h->n_classes, scores);
    frozen_share(scores, h->n_classes);
}

const frozen_kind kedge_i_frozen_tree = {frozen_tree_is_sound, frozen_tree_predict, frozen_tree_score};
const frozen_kind kedge_i_frozen_forest = {frozen_forest_is_sound, frozen_forest_predict, frozen_forest_score};
