/* SPDX-License-Identifier: MIT */
/* What the figures of a metric cover: everything, a sliding window, everything with the past fading, or windows that follow each
 * other.
 *
 * A record adds a few numbers, the first of them its weight, to one of several slots (a bin, a group, a cell). A window never
 * subtracts, since rounding would leave something behind of a slot that is empty again: it is a queue of two stacks. Records since
 * the last turn of the ring are summed as they come; each older one keeps what its slot will hold once it has left. For figures
 * about spread the first three numbers are weight, mean and sum of squared deviations, joined as Chan, Golub, LeVeque 1979 do; a
 * fourth may hold what rounding takes from the mean, so that little spread far from zero is as right as any.
 *
 * Cost: O(width) to record, in a window on average (each turn costs O((window + slots) * width)), with fading O(slots * width). */
#ifndef KEDGE_METRICS_COVER_H
#define KEDGE_METRICS_COVER_H

#include <math.h>

#include "kedge/metric.h"

#include "base/arena.h"

enum { KEDGE_I_COVER_MAX_WINDOW = 1 << 24 };

/* What the numbers of a slot are. */
enum {
    KEDGE_I_COVER_SUMS = 0,
    KEDGE_I_COVER_MOMENTS = 1, /* the first three: weight, mean, sum of squared deviations */
    KEDGE_I_COVER_FINE = 2     /* likewise, and the fourth: the mean's rest */
};

/* First member of the states of metrics that can cover parts of a stream. */
typedef struct kedge_i_cover {
    kedge_state_head head;
    double fading;
    uint32_t over;
    uint32_t window;
    uint32_t n_slots;   /* layout */
    uint32_t width;     /* layout: numbers a slot */
    uint32_t moments;   /* layout: KEDGE_I_COVER_SUMS ... */
    uint32_t n_sums;    /* layout: n_slots * width */
    uint32_t n_older;   /* layout: the same where a window is used, else 0 */
    uint32_t n_ring;    /* layout: window where it slides, else 0 */
    uint32_t n_values;  /* layout: n_ring * width */
    uint32_t at_sums;   /* layout: double[n_sums]: of all, or of the records since the last turn */
    uint32_t at_older;  /* layout: double[n_older]: sliding: of the ring's records from place on; tumbling: of the last whole
                         * window */
    uint32_t at_slots;  /* layout: uint32_t[n_ring]: slot of each record */
    uint32_t at_values; /* layout: double[n_values]: before place what records added, from place on what their slots hold without
                         * them */
    uint32_t place;     /* n mod window where one is used, else 0 */
    uint64_t n;         /* records since init */
} kedge_i_cover;

/* Lines of a field table: the parameters first, the rest last. */
#define KEDGE_I_COVER_PARAMS(state)                                                                \
    KEDGE_PARAM(state, cover.fading, KEDGE_TYPE_F64), KEDGE_PARAM(state, cover.over, KEDGE_TYPE_U32),   \
        KEDGE_PARAM(state, cover.window, KEDGE_TYPE_U32)
#define KEDGE_I_COVER_VALUES(state)                                                                \
    KEDGE_VALUE(state, cover.place, KEDGE_TYPE_U32), KEDGE_VALUE(state, cover.n, KEDGE_TYPE_U64),       \
        KEDGE_ARRAY(state, cover.at_sums, cover.n_sums, KEDGE_TYPE_F64),                           \
        KEDGE_ARRAY(state, cover.at_older, cover.n_older, KEDGE_TYPE_F64),                         \
        KEDGE_ARRAY(state, cover.at_slots, cover.n_ring, KEDGE_TYPE_U32),                          \
        KEDGE_ARRAY(state, cover.at_values, cover.n_values, KEDGE_TYPE_F64)

/* What one record can add of a number; of a mean, where it can lie. */
typedef struct kedge_i_cover_range {
    double low;  /* <= 0 */
    double high; /* >= 0 */
} kedge_i_cover_range;

/* Are the parameters in range? A field that the kind of covering does not use must not hold a value that nobody could use. */
int kedge_i_cover_valid(const kedge_i_cover *c);

/* Lay the arrays out behind what the arena holds so far. */
void kedge_i_cover_layout(kedge_i_cover *c, kedge_i_arena *arena, uint32_t n_slots, uint32_t width, uint32_t moments);

/* All invariants of what is kept, each number within what its records can add. */
int kedge_i_cover_check(const kedge_i_cover *c, const kedge_i_cover_range *ranges);

/* Record: `more` has `width` numbers. KEDGE_ERR_RANGE, and nothing is changed, at KEDGE_I_COUNT_MAX records, which a forged
 * snapshot may have. */
kedge_status kedge_i_cover_record(kedge_i_cover *c, uint32_t slot, const double *more);

/* Take a record out again, where everything is covered and numbers are sums. A slot without weight is empty again, whatever
 * rounding has left. KEDGE_ERR_RANGE if the slot has less. */
kedge_status kedge_i_cover_forget(kedge_i_cover *c, uint32_t slot, const double *less);

/* What a slot holds now: `width` numbers. */
void kedge_i_cover_read(const kedge_i_cover *c, uint32_t slot, double *out);

/* One number of a slot; not of its moments. */
double kedge_i_cover_one(const kedge_i_cover *c, uint32_t slot, uint32_t k);

/* Fading takes `fading` off a sum of squared weights too, where its square were due: what the sum must be multiplied with, right
 * for terms that were the same all the time. 1 without fading. */
double kedge_i_cover_squares(const kedge_i_cover *c);

/* Join the numbers of two slots. */
void kedge_i_cover_add(const kedge_i_cover *c, double *sum, const double *more);

/* How many records the figures cover. */
uint64_t kedge_i_cover_n(const kedge_i_cover *c);

/* Records of weight 1 whose mean varies as much as that of what is covered, whose weights sum to this: fading ones count as (sum of
 * weights)^2 / sum of squared weights. */
static inline double kedge_i_fading_records(double fading, uint64_t n, double weight)
{
    return weight * ((1.0 + fading) / (1.0 + pow(fading, (double)(int64_t)n)));
}

/* For the merge of classes; the parameters beyond these are theirs. */
int kedge_i_cover_alike(const kedge_i_cover *a, const kedge_i_cover *b);
kedge_status kedge_i_cover_merge(kedge_i_cover *a, const kedge_i_cover *b);

#endif
