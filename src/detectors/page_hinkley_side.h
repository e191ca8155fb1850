/* SPDX-License-Identifier: MIT */
/* One of Page and Hinkley's cumulative sums, and what its extreme tells of the change: Page 1954, section 4; Hinkley 1971. */
#ifndef KEDGE_DETECTORS_PAGE_HINKLEY_SIDE_H
#define KEDGE_DETECTORS_PAGE_HINKLEY_SIDE_H

#include "kedge/detector.h"

#include "base/number.h"
#include "base/object.h"

typedef struct page_hinkley_side {
    double sum;        /* the sum now */
    double least;      /* its extreme since the restart: the least for rises, the greatest for falls; DBL_MAX before the first; sum
                        * form: 0 */
    uint64_t least_n;  /* observations since the restart when it stood there, or beyond */
    double least_mean; /* their mean */
} page_hinkley_side;

#define PAGE_HINKLEY_SIDE_FIELDS(type, side)                                                       \
    KEDGE_VALUE(type, side.sum, KEDGE_TYPE_F64), KEDGE_VALUE(type, side.least, KEDGE_TYPE_F64),     \
        KEDGE_VALUE(type, side.least_n, KEDGE_TYPE_U64), KEDGE_VALUE(type, side.least_mean, KEDGE_TYPE_F64)

static inline page_hinkley_side page_hinkley_side_begin(double least)
{
    page_hinkley_side side = {0.0, least, 0, 0.0};
    return side;
}

/* After n observations whose mean is at most `most` in magnitude, none of which moves the sum by more than `stride`. */
static inline int page_hinkley_side_is_sound(const page_hinkley_side *side, uint64_t n, double stride, double most)
{
    double reach = stride * (double)n;
    int fresh = n == 0 && kedge_i_finite(side->least);
    return kedge_i_within(side->sum, -reach, reach) && (fresh || kedge_i_within(side->least, -reach, reach)) &&
           kedge_i_within(side->least_mean, -most, most) && side->least_n <= n;
}

/* The sum stands at its extreme, or beyond. */
static inline void page_hinkley_side_keep(page_hinkley_side *side, double least, uint64_t n, double mean)
{
    side->least = least;
    side->least_n = n;
    side->least_mean = mean;
}

/* Mean of the observations since the extreme, of n with that mean. */
static inline double page_hinkley_side_after(const page_hinkley_side *side, uint64_t n, double mean)
{
    double n_after = (double)(int64_t)(n - side->least_n);
    double total = mean * (double)(int64_t)n;
    return n_after > 0.0 ? (total - side->least_mean * (double)(int64_t)side->least_n) / n_after : mean;
}

#endif
