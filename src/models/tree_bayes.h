/* SPDX-License-Identifier: MIT */
/* Naive Bayes in a leaf: the joint probability of a row and each class, of as many classes at a time as there are lanes, and the
 * greatest of them. Part of tree_leaf.c alone, which asks for each feature of each row. */
#ifndef KEDGE_MODELS_TREE_BAYES_H
#define KEDGE_MODELS_TREE_BAYES_H

#include "models/tree_state.h"

#include "base/quick_lanes.h"

#define LEAF_SPREAD 1e-2 /* of the squared range of a feature: a class's squared deviations begin with it, so that few rows are not
                          * sure */
#define LEAF_FAR 1e6     /* ranges beyond which no row is farther */
#define LEAF_UNSEEN 1e4  /* squared deviations by which a row is from a class of which no value was seen: any other class is
                          * nearer */
#define LEAF_LEAST 1e-9  /* least weight of a class that counts as such */
#define LEAF_ROUGH 0.25  /* two rough joints so far apart are in order */
#define LEAF_ABSENT (-1e300) /* joint of a class of which the leaf has no row */

enum { LEAF_BLOCK = 40, LEAF_FLUSH = 8, LEAF_FLUSH_LIGHT = 24, LEAF_INPUT_POWER = 431 }; /* 2^431 is less than TREE_INPUT_MAX */

/* A row as a leaf sees it. */
typedef struct leaf_view {
    const tree_state *t;
    const double *b;
    const kedge_row *x;
    const double *plain; /* the row's values, adjacent, none of them missing or beyond TREE_INPUT_MAX; else NULL */
    int has_nominal;
} leaf_view;

static inline leaf_view leaf_look(const tree_state *t, const double *b, const kedge_row *x)
{
    const double *plain = kedge_i_row_plain(x);
    leaf_view v = {t, b, x, NULL, (t->nominal[0] | t->nominal[1] | t->nominal[2] | t->nominal[3]) != 0};
    v.plain = plain && kedge_i_all_below(plain, t->model.n_features, LEAF_INPUT_POWER) ? plain : NULL;
    return v;
}

static inline double leaf_value(const leaf_view *v, uint32_t feature)
{
    return v->plain ? v->plain[feature] : tree_input(v->x, feature);
}

/* Naive Bayes of as many classes as there are lanes: sums of squared distances over variances, and products, whose logarithms are
 * taken once in a while. */
typedef struct leaf_lanes {
    const double *classes[2]; /* their moments in the first slot; the last class twice where one lacks */
    uint32_t c[2];
    kedge_i_lanes distance, spreads, weights; /* weights begin with the squared weight of the class: all is halved in the end */
    kedge_i_lanes log;
} leaf_lanes;

/* ln ((rows of the class with this value + 1) / (rows of the class + values)): Laplace's rule. */
static double leaf_nominal(const tree_state *t, const double *slot, uint32_t place, uint32_t c)
{
    const double *weights = slot + (size_t)c * t->n_values;
    double sum = (double)t->n_values;
    for (uint32_t v = 0; v < t->n_values; v++)
        sum += weights[v];
    return 2.0 * kedge_i_quick_log((weights[place] + 1.0) / sum);
}

/* All in units of the feature's range, which is the same for all classes: so no factor is below LEAF_SPREAD or above the leaf's
 * weight. A class's variance is (m2 + LEAF_SPREAD) / weight. A leaf knows of a class from its parent before it has seen a row of
 * it: then it counts as out of the question (MOA's naive Bayes multiplies by 0 there), which follows fast changes far better than
 * an even density would: 0.904 instead of 0.884 for a forest on Elec2. */
static inline void leaf_numeric(leaf_lanes *l, const double *one, const double *other, double value, double unit)
{
    kedge_i_lanes weight = kedge_i_lanes_pair(one[0] > 1.0 ? one[0] : 1.0, other[0] > 1.0 ? other[0] : 1.0);
    kedge_i_lanes spread = kedge_i_lanes_pair(one[2], other[2]) * unit * unit + LEAF_SPREAD;
    kedge_i_lanes off = (value - kedge_i_lanes_pair(one[1], other[1])) * unit;
    off = kedge_i_lanes_min(kedge_i_lanes_abs(off), LEAF_FAR);
    kedge_i_lanes distance = off * off * weight / spread;
    if (one[0] > 0.0 && other[0] > 0.0)
        l->distance += distance;
    else
        l->distance += kedge_i_lanes_pair(one[0] > 0.0 ? kedge_i_lanes_first(distance) : LEAF_UNSEEN,
                                          other[0] > 0.0 ? kedge_i_lanes_last(distance) : LEAF_UNSEEN);
    l->spreads *= spread;
    l->weights *= weight;
}

static inline void leaf_flush(leaf_lanes *l)
{
    l->log += kedge_i_lanes_quick_log(l->weights / l->spreads);
    l->weights = l->spreads = kedge_i_lanes_of(1.0);
}

/* Factors that products hold: each is the leaf's weight at most. */
static inline uint32_t leaf_until_flush(const double *b)
{
    return b[TREE_TOTAL] < 1e6 ? LEAF_FLUSH_LIGHT : LEAF_FLUSH;
}

/* All features but the last logarithm. */
static inline void leaf_sum_up(const leaf_view *v, leaf_lanes *l)
{
    const tree_state *t = v->t;
    const double *slot = v->b + t->at_slots;
    uint32_t until_flush = leaf_until_flush(v->b);
    size_t at = 0;
    for (uint32_t i = 0, k = 0; i < t->n_subset; i++, slot += t->slot_words, at += t->slot_words) {
        uint32_t feature = tree_slot_feature(t, v->b, i);
        double value = leaf_value(v, feature);
        if (k++ == until_flush) {
            leaf_flush(l);
            k = 1;
        }
        if (value != value)
            continue;
        if (v->has_nominal && tree_is_nominal(t, feature)) {
            uint32_t place = tree_category(t, value);
            l->log += kedge_i_lanes_pair(leaf_nominal(t, slot, place, l->c[0]), leaf_nominal(t, slot, place, l->c[1]));
        } else if (slot[TREE_UNIT] != 0.0) { /* a constant says nothing */
            leaf_numeric(l, l->classes[0] + at, l->classes[1] + at, value, slot[TREE_UNIT]);
        }
    }
}

static inline leaf_lanes leaf_begin(const leaf_view *v, uint32_t c, uint32_t d)
{
    const double *first = v->b + v->t->at_slots + TREE_CLASSES;
    double one = v->b[TREE_WEIGHTS + c], other = v->b[TREE_WEIGHTS + d];
    one = one > LEAF_LEAST ? one : LEAF_LEAST;
    other = other > LEAF_LEAST ? other : LEAF_LEAST;
    leaf_lanes l = {{first + (size_t)c * TREE_MOMENTS, first + (size_t)d * TREE_MOMENTS},
                    {c, d},
                    kedge_i_lanes_of(0.0),
                    kedge_i_lanes_of(1.0),
                    kedge_i_lanes_pair(one * one, other * other),
                    kedge_i_lanes_of(0.0)};
    return l;
}

/* A measure of two classes. */
typedef void leaf_joint_of(const leaf_view *v, uint32_t c, uint32_t d, double *joints);

/* ln P(c) P(x | c), without what is the same for all classes, of two classes that the leaf has seen, or of one twice. */
static void leaf_joint(const leaf_view *v, uint32_t c, uint32_t d, double *joints)
{
    leaf_lanes l = leaf_begin(v, c, d);
    leaf_sum_up(v, &l);
    leaf_flush(&l);
    kedge_i_lanes joint = 0.5 * (l.log - l.distance);
    joints[0] = kedge_i_lanes_first(joint);
    joints[1] = kedge_i_lanes_last(joint);
}

/* Twice that, to 0.06, without a logarithm. */
static void leaf_rough_joint(const leaf_view *v, uint32_t c, uint32_t d, double *joints)
{
    leaf_lanes l = leaf_begin(v, c, d);
    leaf_sum_up(v, &l);
    kedge_i_lanes rest = l.log - l.distance;
    joints[0] = kedge_i_lanes_first(rest) + kedge_i_rough_log_ratio(kedge_i_lanes_first(l.weights), kedge_i_lanes_first(l.spreads));
    joints[1] = kedge_i_lanes_last(rest) + kedge_i_rough_log_ratio(kedge_i_lanes_last(l.weights), kedge_i_lanes_last(l.spreads));
}

/* The next class from c on of which the leaf has rows, n_classes: none. */
static inline uint32_t leaf_seen(const leaf_view *v, uint32_t c)
{
    while (c < v->t->model.n_classes && !(v->b[TREE_WEIGHTS + c] > 0.0))
        c++;
    return c;
}

/* The class to look at beside c: the next one that the leaf has seen, or c itself. */
static inline uint32_t leaf_beside(const leaf_view *v, uint32_t c)
{
    uint32_t d = KEDGE_I_LANES > 1 ? leaf_seen(v, c + 1) : c;
    return d < v->t->model.n_classes ? d : c;
}

/* The joints of n classes from `first` on. */
static inline void leaf_joints(const leaf_view *v, uint32_t first, uint32_t n, double *joints, leaf_joint_of *joint)
{
    for (uint32_t k = 0; k < n; k++)
        joints[k] = LEAF_ABSENT;
    for (uint32_t c = leaf_seen(v, first), d; c < first + n; c = leaf_seen(v, d + 1)) {
        double both[2];
        d = leaf_beside(v, c);
        d = d < first + n ? d : c;
        joint(v, c, d, both);
        joints[c - first] = both[0];
        joints[d - first] = both[1];
    }
}

/* The two greatest of some joints, and whose the greatest is. */
typedef struct leaf_race {
    double greatest, second;
    uint32_t best;
} leaf_race;

static inline void leaf_enter(leaf_race *r, uint32_t c, double joint)
{
    double lesser = joint < r->greatest ? joint : r->greatest;
    r->best = joint > r->greatest ? c : r->best;
    r->greatest = joint > r->greatest ? joint : r->greatest;
    r->second = lesser > r->second ? lesser : r->second;
}

static inline leaf_race leaf_run(const leaf_view *v, uint32_t majority, leaf_joint_of *joint)
{
    leaf_race r = {LEAF_ABSENT, LEAF_ABSENT, majority};
    for (uint32_t c = leaf_seen(v, 0), d; c < v->t->model.n_classes; c = leaf_seen(v, d + 1)) {
        double joints[2];
        d = leaf_beside(v, c);
        joint(v, c, d, joints);
        leaf_enter(&r, c, joints[0]);
        if (d != c)
            leaf_enter(&r, d, joints[1]);
    }
    return r;
}

/* The two greatest of n joints. */
static leaf_race leaf_judge(const double *joints, uint32_t n, uint32_t majority)
{
    leaf_race r = {LEAF_ABSENT, LEAF_ABSENT, majority};
    for (uint32_t c = 0; c < n; c++)
        leaf_enter(&r, c, joints[c]);
    return r;
}

/* Most rows need no logarithm. */
static uint32_t leaf_bayes(const leaf_view *v, uint32_t majority)
{
    leaf_race rough = leaf_run(v, majority, leaf_rough_joint);
    return rough.greatest - rough.second > LEAF_ROUGH ? rough.best : leaf_run(v, majority, leaf_joint).best;
}

#endif
