/* SPDX-License-Identifier: MIT */
/* Condensing the long-term memory of sam_knn.c: Losing, Hammer, Wersing 2016, ICDM, section IV-C; centres by k-means++: Arthur,
 * Vassilvitskii 2007, "k-means++: the advantages of careful seeding", SODA, and one round of Lloyd's. Where each class has but
 * one row, one of them goes.
 *
 * Cost, in distances: at most n^2 for n rows of a class. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "models/sam_state.h"

#define SAM_FAR 1e305 /* beyond any distance */

/* The rows of the least class to the front of slots from .. to - 1; returns where they end. */
static uint32_t sam_gather(sam_state *s, uint32_t from, uint32_t to)
{
    const double *targets = near_targets(&s->near);
    double least = KEDGE_CLASSES_MAX;
    for (uint32_t slot = from; slot < to; slot++)
        least = targets[slot] < least ? targets[slot] : least;
    for (uint32_t slot = from; slot < to; slot++)
        if (targets[slot] == least)
            kedge_i_near_swap(&s->near, slot, from++);
    return from;
}

/* k-means++: a row drawn with a chance in proportion to its distance from the nearest centre so far; UINT32_MAX: all are at
 * centres. */
static uint32_t sam_draw(sam_state *s, const double *distances, uint32_t n)
{
    double sum = 0.0;
    uint32_t drawn = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++)
        sum += distances[i];
    double left = kedge_rng_uniform(&s->rng) * sum;
    for (uint32_t i = 0; i < n && left >= 0.0; i++) {
        drawn = distances[i] > 0.0 ? i : drawn;
        left -= distances[i];
    }
    return drawn;
}

/* Centres of n rows from `from` on into the spare slots, at most `most`; returns how many. */
static uint32_t sam_seed(sam_state *s, uint32_t from, uint32_t n, uint32_t most)
{
    double *nearest = kedge_i_at(s, s->at_distances);
    uint32_t spare = near_spare(&s->near), k = 0;
    for (uint32_t i = 0; i < n; i++)
        nearest[i] = 1.0; /* the first one is any */
    for (; k < most; k++) {
        uint32_t drawn = sam_draw(s, nearest, n);
        if (drawn == UINT32_MAX)
            break;
        near_query query;
        kedge_row row = near_row(&s->near, from + drawn);
        kedge_i_near_move(&s->near, from + drawn, spare + k);
        kedge_i_near_ask(&s->near, &query, &row);
        for (uint32_t i = 0; i < n && k == 0; i++)
            nearest[i] = SAM_FAR;
        kedge_i_near_lower(&s->near, &query, from, from + n, nearest);
    }
    return k;
}

/* Each row to its nearest centre. */
static void sam_assign(sam_state *s, uint32_t from, uint32_t n, uint32_t k)
{
    near_list *list = sam_list(s, SAM_LIST_BOTH);
    uint32_t *centres = kedge_i_at(s, s->at_centres), *sizes = kedge_i_at(s, s->at_sizes);
    uint32_t spare = near_spare(&s->near);
    memset(sizes, 0, k * sizeof *sizes);
    for (uint32_t i = 0; i < n; i++) {
        near_query query;
        kedge_row row = near_row(&s->near, from + i);
        kedge_i_near_ask(&s->near, &query, &row);
        kedge_i_near_begin(list, 1);
        kedge_i_near_scan(&s->near, &query, spare, spare + k, list);
        centres[i] = list->slot[0] - spare;
        sizes[centres[i]]++;
    }
}

/* One more of n numbers into their mean. */
static double sam_mean(double mean, double x, uint32_t n)
{
    return n == 1 ? x : mean + (x - mean) / n;
}

/* One feature of the centres: the mean of their rows that have it, NaN if none has. */
static void sam_centre_feature(sam_state *s, uint32_t from, uint32_t n, uint32_t k, uint32_t feature)
{
    double *values = kedge_i_at(s, s->near.at_values);
    const uint32_t *centres = kedge_i_at(s, s->at_centres), *sizes = kedge_i_at(s, s->at_sizes);
    uint32_t *known = (uint32_t *)kedge_i_at(s, s->at_sizes) + s->near.window / 2;
    uint32_t spare = near_spare(&s->near);
    memset(known, 0, k * sizeof *known);
    for (uint32_t i = 0; i < n; i++) {
        double x = values[near_at(&s->near, from + i, feature)];
        double *mean = &values[near_at(&s->near, spare + centres[i], feature)];
        if (x == x)
            *mean = sam_mean(*mean, x, ++known[centres[i]]);
    }
    for (uint32_t c = 0; c < k; c++)
        if (sizes[c] > 0 && known[c] == 0)
            values[near_at(&s->near, spare + c, feature)] = (double)NAN;
}

static void sam_centre(sam_state *s, uint32_t from, uint32_t n, uint32_t k)
{
    for (uint32_t i = 0; i < s->near.model.n_features; i++)
        sam_centre_feature(s, from, n, k, i);
}

/* The mean weight of the rows of each centre. */
static void sam_weigh(sam_state *s, uint32_t from, uint32_t n, uint32_t k)
{
    double *weights = kedge_i_at(s, s->near.at_weights);
    const uint32_t *centres = kedge_i_at(s, s->at_centres);
    uint32_t *seen = (uint32_t *)kedge_i_at(s, s->at_sizes) + s->near.window / 2;
    uint32_t spare = near_spare(&s->near);
    memset(seen, 0, k * sizeof *seen);
    for (uint32_t i = 0; i < n; i++)
        weights[spare + centres[i]] = sam_mean(weights[spare + centres[i]], weights[from + i], ++seen[centres[i]]);
}

/* n rows of a class, from `from` on, to half as many centres, which go to slots `to` and on, not beyond where the rows end;
 * returns where those end. */
static uint32_t sam_condense_class(sam_state *s, uint32_t from, uint32_t n, uint32_t to)
{
    const uint32_t *sizes = kedge_i_at(s, s->at_sizes);
    uint32_t spare = near_spare(&s->near);
    if (n == 1) { /* is its own centre */
        kedge_i_near_move(&s->near, from, to);
        return to + 1;
    }
    uint32_t k = sam_seed(s, from, n, n / 2);
    sam_assign(s, from, n, k);
    sam_centre(s, from, n, k);
    sam_weigh(s, from, n, k);
    for (uint32_t c = 0; c < k; c++) {
        if (sizes[c] > 0)
            kedge_i_near_move(&s->near, spare + c, to++);
        kedge_i_near_clear(&s->near, spare + c);
    }
    return to;
}

uint32_t kedge_i_sam_condense(sam_state *s)
{
    uint32_t to = 0;
    for (uint32_t from = 0, end = 0; from < s->n_long; from = end) {
        end = sam_gather(s, from, s->n_long);
        to = sam_condense_class(s, from, end - from, to);
    }
    if (to < s->n_long)
        return to;
    kedge_i_near_swap(&s->near, (uint32_t)kedge_rng_below(&s->rng, to), to - 1);
    return to - 1;
}
