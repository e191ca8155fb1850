/* SPDX-License-Identifier: MIT */
/* What gradient boosting minimises: Friedman 2001, sections 4.1 (squared error), 4.3 (absolute error), 4.5 and 4.6 (classes). */
#include "base/fp.h"

#include <string.h>

#include "base/lanes.h"
#include "base/quick.h"
#include "models/boost_state.h"

#define LOSS_SCORE_MAX 600.0 /* e^600 is a double */
#define LOSS_PRIOR_MIN 1e-9  /* of a class, so that one that does not occur has a finite score */
#define LOSS_LOG2_E 1.44269504088896340736

static double loss_exp(double x)
{
    x = x < LOSS_SCORE_MAX ? x : LOSS_SCORE_MAX;
    x = x > -LOSS_SCORE_MAX ? x : -LOSS_SCORE_MAX;
    return kedge_i_quick_exp2(x * LOSS_LOG2_E);
}

static double loss_target(const boost_fit *f, size_t row)
{
    return (f->y[row] - f->base) * f->inverse_unit;
}

/* Medians ---------------------------------------------------------------------------------------------------------------------- */

/* Bits in the order of numbers. */
static uint64_t loss_key(double x)
{
    uint64_t bits = kedge_i_bits_of(x + 0.0);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static uint32_t loss_digit(double x, uint32_t shift)
{
    return (uint32_t)(loss_key(x) >> shift) & 15;
}

/* The least g below or at which lies half of the h, digit by digit; reorders. */
static double loss_median(boost_pair *p, size_t n)
{
    double half = 0.0;
    double below = 0.0;
    for (size_t i = 0; i < n; i++)
        half += 0.5 * p[i].h;
    for (uint32_t shift = 64; shift > 0 && n > 1;) {
        double sums[16] = {0};
        uint32_t digit = 0;
        uint32_t last = 0;
        size_t kept = 0;
        shift -= 4;
        for (size_t i = 0; i < n; i++) {
            uint32_t d = loss_digit(p[i].g, shift);
            sums[d] += p[i].h;
            last = d > last ? d : last;
        }
        for (; digit < last && below + sums[digit] < half; digit++)
            below += sums[digit];
        for (size_t i = 0; i < n; i++)
            if (loss_digit(p[i].g, shift) == digit)
                p[kept++] = p[i];
        n = kept;
    }
    return p[0].g;
}

/* Middles of the steps on both sides part the ranges of constrained features, as growth does with its own steps. A node's scratch
 * is the split that its number had as a leaf: g_left is the sum of its rows' steps, h_left counts them, left and right are its
 * bounds. */
static void loss_sum_child(boost_fit *f, uint32_t child, boost_split *to)
{
    const boost_leaf *leaf = &f->leaves[child >= GROVE_LEAF ? child - GROVE_LEAF : child];
    to->g_left += child >= GROVE_LEAF ? leaf->step * (double)leaf->n : leaf->best.g_left;
    to->h_left += child >= GROVE_LEAF ? (double)leaf->n : leaf->best.h_left;
}

static double loss_child_mean(const boost_fit *f, uint32_t child)
{
    const boost_leaf *leaf = &f->leaves[child >= GROVE_LEAF ? child - GROVE_LEAF : child];
    return child >= GROVE_LEAF ? leaf->step : leaf->best.g_left / leaf->best.h_left;
}

static double loss_clip(double x, double low, double high)
{
    x = x > low ? x : low;
    return x < high ? x : high;
}

static void loss_bound_child(boost_fit *f, uint32_t child, double low, double high)
{
    boost_leaf *leaf = &f->leaves[child >= GROVE_LEAF ? child - GROVE_LEAF : child];
    if (child >= GROVE_LEAF) {
        leaf->step = loss_clip(leaf->step, low, high);
    } else {
        leaf->best.left = low;
        leaf->best.right = high;
    }
}

static void loss_bound_node(boost_fit *f, uint32_t node)
{
    uint32_t feature = f->tree.nodes[2 * node] & GROVE_FEATURE;
    uint32_t left = f->tree.nodes[2 * node + 1] & 0xFFFF;
    uint32_t right = f->tree.nodes[2 * node + 1] >> 16;
    double low = f->leaves[node].best.left;
    double high = f->leaves[node].best.right;
    double middle = loss_clip(0.5 * loss_child_mean(f, left) + 0.5 * loss_child_mean(f, right), low, high);
    int rises = grove_has(f->s->rising, feature);
    int falls = grove_has(f->s->falling, feature);
    loss_bound_child(f, left, falls ? middle : low, rises ? middle : high);
    loss_bound_child(f, right, rises ? middle : low, falls ? middle : high);
}

static void loss_bound(boost_fit *f)
{
    for (uint32_t i = f->n_leaves - 1; i-- > 0;) {
        boost_split *sum = &f->leaves[i].best;
        memset(sum, 0, sizeof *sum);
        loss_sum_child(f, f->tree.nodes[2 * i + 1] & 0xFFFF, sum);
        loss_sum_child(f, f->tree.nodes[2 * i + 1] >> 16, sum);
    }
    f->leaves[0].best.left = -BOOST_STEP_MAX;
    f->leaves[0].best.right = BOOST_STEP_MAX;
    for (uint32_t i = 0; i + 1 < f->n_leaves; i++)
        loss_bound_node(f, i);
}

void kedge_i_boost_medians(boost_fit *f, uint32_t k)
{
    const double *scores = f->scores + k * f->table.x->n_rows;
    if (!boost_is_absolute(f->s))
        return;
    for (uint32_t i = 0; i < f->n_leaves; i++) {
        boost_leaf *leaf = &f->leaves[i];
        for (size_t j = 0; j < leaf->n; j++) {
            size_t row = f->order[leaf->first + j];
            boost_pair p = {loss_target(f, row) - scores[row], boost_weight(f, row)};
            f->ordered[j] = p;
        }
        leaf->step = loss_clip(loss_median(f->ordered, leaf->n), -BOOST_STEP_MAX, BOOST_STEP_MAX);
    }
    if (f->is_bounded)
        loss_bound(f);
}

/* Beginning -------------------------------------------------------------------------------------------------------------------- */

static double loss_mean(const boost_fit *f)
{
    double sum = 0.0;
    double mean = 0.0;
    for (size_t i = 0; i < f->n_train; i++) {
        double w = boost_weight(f, f->rows[i]);
        sum += w;
        mean += w / (sum > 0.0 ? sum : 1.0) * (f->y[f->rows[i]] - mean);
    }
    return mean;
}

static double loss_centre(boost_fit *f)
{
    if (!boost_is_absolute(f->s))
        return loss_mean(f);
    for (size_t i = 0; i < f->n_train; i++) {
        boost_pair p = {f->y[f->rows[i]], boost_weight(f, f->rows[i])};
        f->ordered[i] = p;
    }
    return loss_median(f->ordered, f->n_train);
}

/* A power of 2 no farther from 0 than twice the farthest target, so that scaling by it is exact. */
static double loss_unit(const boost_fit *f)
{
    double most = 0.0;
    int exponent;
    for (size_t i = 0; i < f->n_train + f->n_held; i++) {
        double off = fabs(f->y[f->rows[i]] - f->base);
        most = off > most ? off : most;
    }
    (void)frexp(most > 1e-280 ? most : 1e-280, &exponent);
    return ldexp(1.0, exponent);
}

/* Share of a class among the training rows, cut at both ends. */
static double loss_prior(const boost_fit *f, uint32_t c)
{
    double own = 0.0;
    double all = 0.0;
    for (size_t i = 0; i < f->n_train; i++) {
        double w = boost_weight(f, f->rows[i]);
        own += f->y[f->rows[i]] == c ? w : 0.0;
        all += w;
    }
    return loss_clip(own / (all > 0.0 ? all : 1.0), LOSS_PRIOR_MIN, 1.0 - LOSS_PRIOR_MIN);
}

static double loss_base(boost_fit *f, uint32_t k)
{
    if (!boost_is_log(f->s))
        return loss_centre(f);
    double p = loss_prior(f, f->s->n_outputs == 1 ? 1 : k);
    return f->s->n_outputs == 1 ? log(p) - log(1.0 - p) : log(p);
}

void kedge_i_boost_start(boost_fit *f)
{
    double *bases = kedge_i_at(f->s, f->s->at_bases);
    int is_log = boost_is_log(f->s);
    for (uint32_t k = 0; k < f->s->n_outputs; k++) {
        bases[k] = loss_base(f, k);
        for (size_t i = 0; i < f->table.x->n_rows; i++)
            f->scores[k * f->table.x->n_rows + i] = is_log ? bases[k] : 0.0;
    }
    f->base = is_log ? 0.0 : bases[0];
    f->unit = is_log ? 1.0 : loss_unit(f);
    f->inverse_unit = 1.0 / f->unit;
    f->gain_unit = is_log || boost_is_absolute(f->s) || f->unit < 1e-150 ? 1.0 : f->unit * f->unit;
}

/* Derivatives ------------------------------------------------------------------------------------------------------------------ */

/* log of the sum of e^score of a row. */
static double loss_norm(const boost_fit *f, size_t row)
{
    size_t n = f->table.x->n_rows;
    double most = f->scores[row];
    double sum = 0.0;
    for (uint32_t k = 1; k < f->s->n_outputs; k++)
        most = f->scores[k * n + row] > most ? f->scores[k * n + row] : most;
    for (uint32_t k = 0; k < f->s->n_outputs; k++)
        sum += loss_exp(f->scores[k * n + row] - most);
    return most + kedge_i_quick_log(sum);
}

void kedge_i_boost_norms(boost_fit *f)
{
    for (size_t i = 0; f->s->n_outputs > 1 && i < f->n_train + f->n_held; i++)
        f->norms[f->rows[i]] = loss_norm(f, f->rows[i]);
}

static void loss_derive_two(boost_fit *f, const double *scores)
{
    for (size_t i = 0; i < f->table.x->n_rows; i++) {
        double p = 1.0 / (1.0 + loss_exp(-scores[i]));
        f->pairs[i].g = p - f->y[i];
        f->pairs[i].h = p * (1.0 - p);
    }
}

static void loss_derive_many(boost_fit *f, const double *scores, uint32_t k)
{
    for (size_t i = 0; i < f->n_train; i++) {
        size_t row = f->rows[i];
        double p = loss_exp(scores[row] - f->norms[row]);
        p = p < 1.0 ? p : 1.0; /* rounding */
        f->pairs[row].g = p - (f->y[row] == k ? 1.0 : 0.0);
        f->pairs[row].h = p * (1.0 - p);
    }
}

static void loss_derive_regression(boost_fit *f, const double *scores)
{
    int is_absolute = boost_is_absolute(f->s);
    for (size_t i = 0; i < f->n_train; i++) {
        size_t row = f->rows[i];
        double off = scores[row] - loss_target(f, row);
        f->pairs[row].g = is_absolute ? (off > 0.0 ? 1.0 : off < 0.0 ? -1.0 : 0.0) : off;
        f->pairs[row].h = 1.0;
    }
}

void kedge_i_boost_derive(boost_fit *f, uint32_t k)
{
    const double *scores = f->scores + k * f->table.x->n_rows;
    if (!boost_is_log(f->s))
        loss_derive_regression(f, scores);
    else if (f->s->n_outputs == 1)
        loss_derive_two(f, scores);
    else
        loss_derive_many(f, scores, k);
    for (size_t i = 0; f->weight && i < f->n_train; i++) {
        double w = boost_weight(f, f->rows[i]);
        f->pairs[f->rows[i]].g *= w;
        f->pairs[f->rows[i]].h *= w;
    }
}

/* Rows held out ---------------------------------------------------------------------------------------------------------------- */

static double loss_of_row(const boost_fit *f, size_t row)
{
    if (boost_is_log(f->s)) {
        if (f->s->n_outputs > 1)
            return loss_norm(f, row) - f->scores[(size_t)f->y[row] * f->table.x->n_rows + row];
        double margin = f->y[row] > 0.0 ? f->scores[row] : -f->scores[row];
        double small = kedge_i_quick_log(1.0 + loss_exp(-fabs(margin)));
        return margin > 0.0 ? small : small - margin;
    }
    double off = f->scores[row] - loss_target(f, row);
    return boost_is_absolute(f->s) ? fabs(off) : off * off;
}

double kedge_i_boost_held_loss(const boost_fit *f)
{
    double sum = 0.0;
    double mean = 0.0;
    for (size_t i = 0; i < f->n_held; i++) {
        size_t row = f->rows[f->n_train + i];
        double w = boost_weight(f, row);
        sum += w;
        mean += w / (sum > 0.0 ? sum : 1.0) * (loss_of_row(f, row) - mean);
    }
    return mean;
}
