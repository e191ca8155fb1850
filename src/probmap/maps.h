/* SPDX-License-Identifier: MIT */
/* Maps of class probabilities, wherever their numbers stand. */
#ifndef KEDGE_PROBMAP_MAPS_H
#define KEDGE_PROBMAP_MAPS_H

#include "kedge/model.h"
#include "kedge/probmap.h"

#define KEDGE_I_MAPS_POINTS_MAX 65536u

/* Of the i-th map the points at[i * n_points ...] and value[...], count[i] of them; of a sigmoid the slope and the offset.
 * count[0] 0: not fitted. */
typedef struct kedge_i_maps {
    uint32_t method;
    uint32_t n_classes;
    uint32_t n_points; /* room; 1: a sigmoid */
    uint32_t *count;
    double *at;
    double *value;
} kedge_i_maps;

int kedge_i_maps_valid(uint32_t method, uint32_t n_classes, uint32_t max_points);
static inline uint32_t kedge_i_maps_n(uint32_t n_classes)
{
    return n_classes == 2 ? 1 : n_classes;
}
static inline uint32_t kedge_i_maps_room(uint32_t method, uint32_t max_points)
{
    return method == KEDGE_MAP_PLATT ? 1 : max_points;
}

/* All invariants of the numbers. */
int kedge_i_maps_check(const kedge_i_maps *maps);

/* Bytes to fit on n rows. */
uint64_t kedge_i_maps_work(uint32_t method, uint64_t n);

/* Fit on n valid rows, of which some weigh. */
void kedge_i_maps_fit(const kedge_i_maps *maps, const double *scores, const double *y, const double *weight, size_t n, void *work);

/* Map valid probabilities in place; not fitted: nothing. */
void kedge_i_maps_apply(const kedge_i_maps *maps, double *scores);

#endif
