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

#define NEAR_FAR 1e6
#define NEAR_STRANGE 1e300 /* distance of rows that have no feature in common */
#define NEAR_NONE 1e305    /* beyond any distance */
#define NEAR_WEIGHT_MIN 1e-30

enum { NEAR_STEP = 8 }; /* features between looks at whether a block is still worth it; NEAR_CHUNK is a multiple */

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
static inline void near_add_squares(const double *x, const double *q, const near_moments *m, uint32_t n, double *sums)
{
    double sum[NEAR_LANES];
    memcpy(sum, sums, sizeof sum);
    for (uint32_t i = 0; i < n; i++, x += NEAR_LANES)
        for (uint32_t lane = 0; lane < NEAR_LANES; lane++) {
            double off = (x[lane] - q[i]) * m[i].inverse;
            sum[lane] += off * off;
        }
    memcpy(sums, sum, sizeof sum);
}

static inline void near_add_sizes(const double *x, const double *q, const near_moments *m, uint32_t n, double *sums)
{
    double sum[NEAR_LANES];
    memcpy(sum, sums, sizeof sum);
    for (uint32_t i = 0; i < n; i++, x += NEAR_LANES)
        for (uint32_t lane = 0; lane < NEAR_LANES; lane++)
            sum[lane] += fabs(x[lane] - q[i]) * m[i].inverse;
    memcpy(sums, sum, sizeof sum);
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

/* Halves against halves, so that compilers keep them in vector registers. */
static inline double near_least(const double *sums)
{
    double four[4], two[2];
    for (uint32_t i = 0; i < 4; i++)
        four[i] = sums[i] < sums[i + 4] ? sums[i] : sums[i + 4];
    for (uint32_t i = 0; i < 2; i++)
        two[i] = four[i] < four[i + 2] ? four[i] : four[i + 2];
    return two[0] < two[1] ? two[0] : two[1];
}

/* Distances of a block; returns the least, or stops where all are `far` already. */
static inline double near_block(const near_state *s, near_query *query, uint32_t block, double far, double *sums)
{
    uint32_t n_features = s->model.n_features;
    const double *x = near_values(s) + (size_t)block * n_features * NEAR_LANES;
    const near_moments *m = near_moments_in(s);
    double least = 0.0;
    memset(sums, 0, NEAR_LANES * sizeof *sums);
    for (uint32_t i = 0; i < n_features && least < far; i += NEAR_STEP) {
        uint32_t n = n_features - i < NEAR_STEP ? n_features - i : NEAR_STEP;
        if (i % NEAR_CHUNK == 0)
            near_load(s, query, i, n_features - i < NEAR_CHUNK ? n_features - i : NEAR_CHUNK);
        const double *q = query->values + i % NEAR_CHUNK;
        if (s->distance == KEDGE_KNN_EUCLIDEAN)
            near_add_squares(x, q, m + i, n, sums);
        else
            near_add_sizes(x, q, m + i, n, sums);
        x += (size_t)n * NEAR_LANES;
        least = near_least(sums);
    }
    return least;
}

static double near_block_known(const near_state *s, near_query *query, uint32_t block, double *sums)
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
    return near_least(sums);
}

void kedge_i_near_scan(const near_state *s, near_query *query, uint32_t from, uint32_t to, near_list *list)
{
    double sums[NEAR_LANES];
    for (uint32_t end = to; end > from;) {
        uint32_t block = (end - 1) / NEAR_LANES;
        uint32_t start = block * NEAR_LANES;
        double least = query->missing ? near_block_known(s, query, block, sums) : near_block(s, query, block, list->far, sums);
        uint32_t first = start > from ? start : from;
        for (uint32_t slot = end; least < list->far && slot > first; slot--)
            if (sums[slot - 1 - start] < list->far)
                near_insert(list, sums[slot - 1 - start], slot - 1);
        end = first;
    }
}

void kedge_i_near_lower(const near_state *s, near_query *query, uint32_t from, uint32_t to, double *distances)
{
    double sums[NEAR_LANES];
    for (uint32_t slot = from; slot < to;) {
        uint32_t start = slot / NEAR_LANES * NEAR_LANES;
        uint32_t end = to - start < NEAR_LANES ? to : start + NEAR_LANES;
        if (query->missing)
            near_block_known(s, query, start / NEAR_LANES, sums);
        else
            near_block(s, query, start / NEAR_LANES, NEAR_NONE, sums);
        for (; slot < end; slot++)
            distances[slot - from] = sums[slot - start] < distances[slot - from] ? sums[slot - start] : distances[slot - from];
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

double kedge_i_near_class(const near_state *s, const near_list *list)
{
    const double *targets = near_targets(s);
    double votes[KEDGE_KNN_K_MAX];
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
