/* SPDX-License-Identifier: MIT */
/* The k nearest rows of a table, by brute force, and what they say; see near.h. Later rows are looked at first, so that of equals
 * they win, and as streams resemble themselves the k-th distance is small soon. A row that asks counts as at most NEAR_FAR
 * deviations from the mean, so that no square overflows.
 *
 * Cost: O(rows * n_features), O(k^2) for votes on classes. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "models/near.h"

#include "base/lanes.h"

#define NEAR_FAR 1e6
#define NEAR_STRANGE 1e300 /* distance of rows that have no feature in common */
#define NEAR_NONE 1e305    /* beyond any distance */
#define NEAR_WEIGHT_MIN 1e-30

enum {
    NEAR_STEP = 4, /* features between looks at whether a block is still worth it; NEAR_CHUNK is a multiple */
    NEAR_PARTS = NEAR_LANES / KEDGE_I_LANES
};

/* Sums of a block, one a row. */
typedef struct near_sums {
    kedge_i_lanes part[NEAR_PARTS];
} near_sums;

void kedge_i_near_begin(near_list *list, uint32_t k)
{
    list->far = NEAR_NONE;
    list->k = k;
    list->n = 0;
}

/* After equals, so what was found first stays ahead. */
static void near_insert(near_list *list, double distance, uint32_t slot)
{
    uint32_t i = list->n < list->k ? list->n++ : list->k - 1;
    for (; i > 0 && list->distance[i - 1] > distance; i--) {
        list->distance[i] = list->distance[i - 1];
        list->slot[i] = list->slot[i - 1];
    }
    list->distance[i] = distance;
    list->slot[i] = slot;
    list->far = list->n == list->k ? list->distance[list->k - 1] : NEAR_NONE;
}

void kedge_i_near_merge(near_list *list, const near_list *more)
{
    for (uint32_t i = 0; i < more->n && more->distance[i] < list->far; i++)
        near_insert(list, more->distance[i], more->slot[i]);
}

void kedge_i_near_ask(const near_state *s, near_query *query, const kedge_row *x)
{
    int missing = 0;
    for (uint32_t i = 0; i < s->model.n_features; i++)
        missing |= near_counts(s)[i] != s->n_held || near_is_missing(kedge_i_row_at(x, i));
    query->row = x;
    query->first = UINT32_MAX;
    query->missing = (uint32_t)missing;
}

/* What a feature of the row that asks counts as. */
static double near_asked(const near_moments *m, double x)
{
    if (m->mean == 0.0 && m->m2 == 0.0)
        return x; /* raw, or nothing but zeros is held */
    double off = x - m->mean;
    double limit = NEAR_FAR / (m->inverse > 0.0 ? m->inverse : 1.0);
    if (near_is_missing(off) || fabs(off) <= limit)
        return x;
    return off > 0.0 ? m->mean + limit : m->mean - limit;
}

static void near_load(const near_state *s, near_query *query, uint32_t first, uint32_t n)
{
    const near_moments *m = near_moments_in(s) + first;
    if (query->first == first)
        return;
    for (uint32_t i = 0; i < n; i++)
        query->values[i] = near_asked(&m[i], near_input(query->row, first + i));
    query->first = first;
}

/* Contributions of n features to the distances of a block. */
static inline near_sums near_add_squares(const double *x, const double *q, const near_moments *m, uint32_t n, near_sums sums)
{
    for (uint32_t i = 0; i < n; i++, x += NEAR_LANES) {
        kedge_i_lanes at = kedge_i_lanes_of(q[i]), inverse = kedge_i_lanes_of(m[i].inverse);
        for (uint32_t k = 0; k < NEAR_PARTS; k++) {
            kedge_i_lanes off = (kedge_i_lanes_load(x + k * KEDGE_I_LANES) - at) * inverse;
            sums.part[k] += off * off;
        }
    }
    return sums;
}

static inline near_sums near_add_sizes(const double *x, const double *q, const near_moments *m, uint32_t n, near_sums sums)
{
    for (uint32_t i = 0; i < n; i++, x += NEAR_LANES) {
        kedge_i_lanes at = kedge_i_lanes_of(q[i]), inverse = kedge_i_lanes_of(m[i].inverse);
        for (uint32_t k = 0; k < NEAR_PARTS; k++)
            sums.part[k] += kedge_i_lanes_abs(kedge_i_lanes_load(x + k * KEDGE_I_LANES) - at) * inverse;
    }
    return sums;
}

/* The same where features may be missing: counts those that both rows have. */
static void near_add_known(const double *x, const double *q, const near_moments *m, uint32_t n, int squared, double *sums,
                           double *known)
{
    for (uint32_t i = 0; i < n; i++, x += NEAR_LANES)
        for (uint32_t lane = 0; lane < NEAR_LANES; lane++) {
            double off = fabs(x[lane] - q[i]) * m[i].inverse;
            int is_known = !near_is_missing(off);
            off = is_known ? off : 0.0;
            sums[lane] += squared ? off * off : off;
            known[lane] += is_known;
        }
}

static inline near_sums near_all(double value)
{
    near_sums sums;
    for (uint32_t k = 0; k < NEAR_PARTS; k++)
        sums.part[k] = kedge_i_lanes_of(value);
    return sums;
}

/* Is any of a block's sums below its row's limit? */
static inline int near_any_below(const near_sums *sums, const near_sums *limits)
{
    kedge_i_lane_bits below = kedge_i_lanes_under(sums->part[0], limits->part[0]);
    for (uint32_t k = 1; k < NEAR_PARTS; k++)
        below |= kedge_i_lanes_under(sums->part[k], limits->part[k]);
    return kedge_i_bits_any(below);
}

/* Where blocks stand. */
typedef struct near_ground {
    const double *values;
    const near_moments *moments;
    uint32_t n_features;
    int squared;
} near_ground;

static inline near_ground near_ground_of(const near_state *s)
{
    near_ground g = {near_values(s), near_moments_in(s), s->model.n_features, s->distance == KEDGE_KNN_EUCLIDEAN};
    return g;
}

static inline near_sums near_add(const near_ground *g, const double *x, const double *q, uint32_t i, uint32_t n, near_sums sums)
{
    return g->squared ? near_add_squares(x, q, g->moments + i, n, sums) : near_add_sizes(x, q, g->moments + i, n, sums);
}

/* Distances of a block. 0: none is below its limit, which shows as soon as some features are added, since distances only grow; then
 * nothing is written. */
static inline int near_block(const near_state *s, const near_ground *g, near_query *query, uint32_t block,
                             const near_sums *limits, double *out)
{
    const double *x = g->values + (size_t)block * g->n_features * NEAR_LANES;
    near_sums sums = near_all(0.0);
    for (uint32_t i = 0; i < g->n_features; i += NEAR_STEP, x += NEAR_STEP * NEAR_LANES) {
        uint32_t n = g->n_features - i;
        if (i % NEAR_CHUNK == 0 && query->first != i)
            near_load(s, query, i, n < NEAR_CHUNK ? n : NEAR_CHUNK);
        const double *q = query->values + i % NEAR_CHUNK;
        sums = near_add(g, x, q, i, n < NEAR_STEP ? n : NEAR_STEP, sums);
        if (!near_any_below(&sums, limits))
            return 0;
    }
    for (uint32_t k = 0; k < NEAR_PARTS; k++)
        kedge_i_lanes_store(sums.part[k], out + k * KEDGE_I_LANES);
    return 1;
}

static void near_block_known(const near_state *s, near_query *query, uint32_t block, double *sums)
{
    uint32_t n_features = s->model.n_features;
    const double *x = near_values(s) + (size_t)block * n_features * NEAR_LANES;
    double known[NEAR_LANES] = {0.0};
    memset(sums, 0, NEAR_LANES * sizeof *sums);
    for (uint32_t i = 0; i < n_features; i += NEAR_CHUNK) {
        uint32_t n = n_features - i < NEAR_CHUNK ? n_features - i : NEAR_CHUNK;
        near_load(s, query, i, n);
        near_add_known(x + (size_t)i * NEAR_LANES, query->values, near_moments_in(s) + i, n, s->distance == KEDGE_KNN_EUCLIDEAN,
                       sums, known);
    }
    for (uint32_t lane = 0; lane < NEAR_LANES; lane++)
        sums[lane] = known[lane] > 0.0 ? sums[lane] * (n_features / (known[lane] > 0.0 ? known[lane] : 1.0)) : NEAR_STRANGE;
}

/* Distances of a block; 0: none is below its limit, and nothing was written. */
static inline int near_measure(const near_state *s, const near_ground *g, near_query *query, uint32_t block,
                               const near_sums *limits, double *sums)
{
    if (!query->missing)
        return near_block(s, g, query, block, limits, sums);
    near_block_known(s, query, block, sums);
    return 1;
}

void kedge_i_near_scan(const near_state *s, near_query *query, uint32_t from, uint32_t to, near_list *list)
{
    const near_ground g = near_ground_of(s);
    double sums[NEAR_LANES];
    for (uint32_t end = to; end > from;) {
        uint32_t start = (end - 1) / NEAR_LANES * NEAR_LANES;
        uint32_t first = start > from ? start : from;
        near_sums limits = near_all(list->far);
        int worth = near_measure(s, &g, query, start / NEAR_LANES, &limits, sums);
        for (uint32_t slot = end; worth && slot > first; slot--)
            if (sums[slot - 1 - start] < list->far)
                near_insert(list, sums[slot - 1 - start], slot - 1);
        end = first;
    }
}

/* Limits of a block of which slots from .. to - 1 count, whose distances stand at `distances`: no other is below its own. */
static near_sums near_limits_of(const double *distances, uint32_t from, uint32_t to, uint32_t start)
{
    double limits[NEAR_LANES] = {0.0};
    near_sums out;
    for (uint32_t slot = from; slot < to; slot++)
        limits[slot - start] = distances[slot - from];
    memcpy(&out, limits, sizeof out);
    return out;
}

void kedge_i_near_lower(const near_state *s, near_query *query, uint32_t from, uint32_t to, double *distances)
{
    const near_ground g = near_ground_of(s);
    double sums[NEAR_LANES];
    for (uint32_t slot = from, end; slot < to; slot = end) {
        uint32_t start = slot / NEAR_LANES * NEAR_LANES;
        double *own = distances + (slot - from);
        end = to - start < NEAR_LANES ? to : start + NEAR_LANES;
        near_sums limits = near_limits_of(own, slot, end, start);
        int worth = near_measure(s, &g, query, start / NEAR_LANES, &limits, sums);
        for (uint32_t i = slot; worth && i < end; i++)
            own[i - slot] = sums[i - start] < own[i - slot] ? sums[i - start] : own[i - slot];
    }
}

/* What neighbours say ---------------------------------------------------------------------------------------------------------- */

/* The weight of a neighbour's vote: that of the nearest is its row's. */
static double near_vote(const near_state *s, const near_list *list, uint32_t i)
{
    double weight = near_weights(s)[list->slot[i]];
    double least = list->distance[0], distance = list->distance[i];
    weight = weight > NEAR_WEIGHT_MIN ? weight : NEAR_WEIGHT_MIN;
    if (s->weights == KEDGE_KNN_UNIFORM || distance == least)
        return weight;
    double ratio = least / distance; /* more than least, so above 0 */
    return weight * (s->distance == KEDGE_KNN_EUCLIDEAN ? sqrt(ratio) : ratio);
}

static double near_poll(const near_state *s, const near_list *list, double *votes)
{
    double total = 0.0;
    for (uint32_t i = 0; i < list->n; i++)
        total += votes[i] = near_vote(s, list, i);
    return total;
}

/* Are all of one class? Then it needs no votes. */
static int near_agree(const near_list *list, const double *targets)
{
    double first = targets[list->slot[0]];
    int all = 1;
    for (uint32_t i = 1; i < list->n; i++)
        all &= targets[list->slot[i]] == first;
    return all;
}

double kedge_i_near_class(const near_state *s, const near_list *list)
{
    const double *targets = near_targets(s);
    double votes[KEDGE_KNN_K_MAX];
    if (near_agree(list, targets))
        return targets[list->slot[0]];
    double total = near_poll(s, list, votes), best = targets[list->slot[0]], most = -1.0;
    for (uint32_t i = 0; i < list->n; i++) {
        double y = targets[list->slot[i]], sum = 0.0;
        for (uint32_t j = 0; j < list->n; j++)
            if (targets[list->slot[j]] == y)
                sum += votes[j];
        double share = sum / total; /* as scores are, so that both agree on what is equal */
        if (share > most || (share == most && y < best)) {
            most = share;
            best = y;
        }
    }
    return best;
}

void kedge_i_near_scores(const near_state *s, const near_list *list, double *scores)
{
    double votes[KEDGE_KNN_K_MAX];
    double total = near_poll(s, list, votes);
    memset(scores, 0, s->model.n_classes * sizeof *scores);
    for (uint32_t i = 0; i < list->n; i++)
        scores[(size_t)near_targets(s)[list->slot[i]]] += votes[i];
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        scores[c] /= total;
}

double kedge_i_near_value(const near_state *s, const near_list *list)
{
    double votes[KEDGE_KNN_K_MAX];
    double total = near_poll(s, list, votes), value = 0.0;
    for (uint32_t i = 0; i < list->n; i++)
        value += votes[i] / total * near_targets(s)[list->slot[i]];
    return value;
}
