/* SPDX-License-Identifier: MIT */
/* Coverings of metrics, see cover.h. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "metrics/cover.h"

#define COVER_ROOM 4.0 /* for rounding in long sums, and so that what a forged snapshot holds stays valid as it goes on */

int kedge_i_cover_valid(const kedge_i_cover *c)
{
    return kedge_i_u32_within(c->over, KEDGE_OVER_ALL, KEDGE_OVER_TUMBLING) &&
           kedge_i_u32_within(c->window, 1, KEDGE_I_COVER_MAX_WINDOW) && c->fading > 0.0 && c->fading < 1.0;
}

void kedge_i_cover_layout(kedge_i_cover *c, kedge_i_arena *arena, uint32_t n_slots, uint32_t width, uint32_t moments)
{
    c->n_slots = n_slots;
    c->width = width;
    c->moments = moments;
    c->n_sums = kedge_i_length(n_slots, width);
    c->n_older = c->over == KEDGE_OVER_WINDOW || c->over == KEDGE_OVER_TUMBLING ? c->n_sums : 0;
    c->n_ring = c->over == KEDGE_OVER_WINDOW ? c->window : 0;
    c->n_values = kedge_i_length(c->n_ring, width);
    c->at_sums = kedge_i_arena_take(arena, c->n_sums, sizeof(double));
    c->at_older = kedge_i_arena_take(arena, c->n_older, sizeof(double));
    c->at_slots = kedge_i_arena_take(arena, c->n_ring, sizeof(uint32_t));
    c->at_values = kedge_i_arena_take(arena, c->n_values, sizeof(double));
}

uint64_t kedge_i_cover_n(const kedge_i_cover *c)
{
    if (c->over == KEDGE_OVER_TUMBLING)
        return c->n < c->window ? 0 : c->window;
    return c->over == KEDGE_OVER_WINDOW && c->n > c->window ? c->window : c->n;
}

/* Checks ----------------------------------------------------------------------------------------------------------------------- */

/* Other than sums, means do not grow with records, nor fade. */
static int cover_is_mean(const kedge_i_cover *c, uint32_t k)
{
    return (c->moments != KEDGE_I_COVER_SUMS && k == 1) || (c->moments == KEDGE_I_COVER_FINE && k == 3);
}

/* `n` groups of numbers, each the sum over at most `records` records. */
static int cover_are_within(const kedge_i_cover *c, const double *x, uint32_t n, double records, const kedge_i_cover_range *ranges)
{
    for (uint32_t i = 0; i < n; i++, x += c->width)
        for (uint32_t k = 0; k < c->width; k++) {
            double most = cover_is_mean(c, k) ? 2.0 : COVER_ROOM * records;
            if (!kedge_i_within(x[k], ranges[k].low * most, ranges[k].high * most))
                return 0;
        }
    return 1;
}

static int cover_all_zero(const double *x, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (x[i] != 0.0)
            return 0;
    return 1;
}

/* Places that no record has used are empty; what the others hold is that of one record, or of no more than the window. */
static int cover_ring_is_sound(const kedge_i_cover *c, const kedge_i_cover_range *ranges)
{
    const uint32_t *slots = kedge_i_at_const(c, c->at_slots);
    const double *values = kedge_i_at_const(c, c->at_values);
    uint32_t used = c->n < c->n_ring ? (uint32_t)c->n : c->n_ring;
    for (uint32_t i = 0; i < c->n_ring; i++)
        if (slots[i] >= c->n_slots || (i >= used && slots[i] != 0))
            return 0;
    return cover_are_within(c, values, c->place, 1.0, ranges) &&
           cover_are_within(c, values + (size_t)c->place * c->width, used - c->place, c->n_ring, ranges) &&
           cover_all_zero(values + (size_t)used * c->width, c->n_values - used * c->width);
}

int kedge_i_cover_check(const kedge_i_cover *c, const kedge_i_cover_range *ranges)
{
    const double *older = kedge_i_at_const(c, c->at_older);
    double records = c->n <= KEDGE_I_COUNT_MAX ? (double)(int64_t)c->n : 0.0;
    if (c->n > KEDGE_I_COUNT_MAX || c->place != (c->n_older > 0 ? c->n % c->window : 0))
        return 0;
    if (c->n_older > 0)
        records = c->place;
    else if (c->over == KEDGE_OVER_FADING && records * (1.0 - c->fading) > 1.0)
        records = 1.0 / (1.0 - c->fading);
    if (!cover_are_within(c, kedge_i_at_const(c, c->at_sums), c->n_slots, records, ranges))
        return 0;
    if (c->n_older > 0 &&
        !(c->n < c->window ? cover_all_zero(older, c->n_older) : cover_are_within(c, older, c->n_slots, c->window, ranges)))
        return 0;
    return c->n_ring == 0 || cover_ring_is_sound(c, ranges);
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

/* A mean and its rest move by a step, without a loss (Knuth 1969, "The art of computer programming", volume 2, section 4.2.2,
 * theorem B: what rounding takes from a sum is a number). */
static void cover_move_mean(double *mean, double *rest, double step)
{
    double sum = *mean + step, part = sum - *mean;
    double left = *rest + ((*mean - (sum - part)) + (step - part));
    *mean = sum + left;
    *rest = left - (*mean - sum);
}

/* Weight, mean and sum of squared deviations of both together. */
static void cover_join_moments(double *sum, const double *more, int is_fine)
{
    double weight = sum[0] + more[0];
    if (!(more[0] > 0.0))
        return;
    double share = more[0] / weight;
    double apart = more[1] - sum[1] + (is_fine ? more[3] - sum[3] : 0.0);
    sum[2] += more[2] + apart * apart * (sum[0] * share);
    if (!(share < 1.0)) {
        sum[1] = more[1];
        if (is_fine)
            sum[3] = more[3];
    } else if (is_fine) {
        cover_move_mean(&sum[1], &sum[3], apart * share);
    } else {
        sum[1] += apart * share;
    }
    sum[0] = weight;
}

void kedge_i_cover_add(const kedge_i_cover *c, double *sum, const double *more)
{
    uint32_t k = 0;
    if (c->moments != KEDGE_I_COVER_SUMS) {
        int is_fine = c->moments == KEDGE_I_COVER_FINE;
        cover_join_moments(sum, more, is_fine);
        k = is_fine ? 4 : 3;
    }
    for (; k < c->width; k++)
        sum[k] += more[k];
}

static void cover_fade(kedge_i_cover *c)
{
    double *sums = kedge_i_at(c, c->at_sums);
    for (uint32_t i = 0; i < c->n_slots; i++, sums += c->width)
        for (uint32_t k = 0; k < c->width; k++)
            if (!cover_is_mean(c, k))
                sums[k] *= c->fading;
}

/* The ring is full of this turn's records. From the newest back: each keeps what its slot holds of newer ones. */
static void cover_turn(kedge_i_cover *c)
{
    const uint32_t *slots = kedge_i_at(c, c->at_slots);
    double *values = kedge_i_at(c, c->at_values);
    double *older = kedge_i_at(c, c->at_older);
    double *sums = kedge_i_at(c, c->at_sums); /* all 0 in the end; until then room for one slot */
    memset(older, 0, c->n_older * sizeof *older);
    for (uint32_t i = c->n_ring; i-- > 0;) {
        double *slot = older + (size_t)slots[i] * c->width;
        double *value = values + (size_t)i * c->width;
        memcpy(sums, slot, c->width * sizeof *sums);
        kedge_i_cover_add(c, slot, value);
        memcpy(value, sums, c->width * sizeof *sums);
    }
    memset(sums, 0, c->n_sums * sizeof *sums);
    c->place = 0;
}

static void cover_slide(kedge_i_cover *c, uint32_t slot, const double *more)
{
    uint32_t *slots = kedge_i_at(c, c->at_slots);
    double *value = (double *)kedge_i_at(c, c->at_values) + (size_t)c->place * c->width;
    double *older = kedge_i_at(c, c->at_older);
    double *sums = kedge_i_at(c, c->at_sums);
    size_t bytes = c->width * sizeof *value;
    memcpy(older + (size_t)slots[c->place] * c->width, value, bytes); /* the oldest leaves; an unused place leaves 0 where nothing
                                                                       * is */
    memcpy(value, more, bytes);
    slots[c->place] = slot;
    kedge_i_cover_add(c, sums + (size_t)slot * c->width, more);
    if (++c->place == c->n_ring)
        cover_turn(c);
}

static void cover_tumble(kedge_i_cover *c)
{
    double *sums = kedge_i_at(c, c->at_sums);
    if (++c->place < c->window)
        return;
    memcpy(kedge_i_at(c, c->at_older), sums, c->n_sums * sizeof *sums);
    memset(sums, 0, c->n_sums * sizeof *sums);
    c->place = 0;
}

kedge_status kedge_i_cover_record(kedge_i_cover *c, uint32_t slot, const double *more)
{
    if (c->n >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    if (c->over == KEDGE_OVER_WINDOW) {
        cover_slide(c, slot, more);
    } else {
        if (c->over == KEDGE_OVER_FADING)
            cover_fade(c);
        kedge_i_cover_add(c, (double *)kedge_i_at(c, c->at_sums) + (size_t)slot * c->width, more);
        if (c->over == KEDGE_OVER_TUMBLING)
            cover_tumble(c);
    }
    c->n++;
    return KEDGE_OK;
}

kedge_status kedge_i_cover_forget(kedge_i_cover *c, uint32_t slot, const double *less)
{
    double *sums = (double *)kedge_i_at(c, c->at_sums) + (size_t)slot * c->width;
    if (c->over != KEDGE_OVER_ALL || c->moments)
        return KEDGE_ERR_UNSUPPORTED;
    if (c->n == 0 || sums[0] < less[0])
        return KEDGE_ERR_RANGE;
    c->n--;
    for (uint32_t k = 1; k < c->width; k++)
        sums[k] = sums[0] > less[0] && sums[k] > less[k] ? sums[k] - less[k] : 0.0;
    sums[0] -= less[0];
    return KEDGE_OK;
}

/* Reading and merging ---------------------------------------------------------------------------------------------------------- */

void kedge_i_cover_read(const kedge_i_cover *c, uint32_t slot, double *out)
{
    size_t at = (size_t)slot * c->width;
    const double *sums = (const double *)kedge_i_at_const(c, c->at_sums) + at;
    const double *older = (const double *)kedge_i_at_const(c, c->at_older) + at;
    memcpy(out, c->n_older > 0 ? older : sums, c->width * sizeof *out);
    if (c->over == KEDGE_OVER_WINDOW)
        kedge_i_cover_add(c, out, sums);
}

double kedge_i_cover_one(const kedge_i_cover *c, uint32_t slot, uint32_t k)
{
    size_t at = (size_t)slot * c->width + k;
    double sum = ((const double *)kedge_i_at_const(c, c->at_sums))[at];
    double older = c->n_older > 0 ? ((const double *)kedge_i_at_const(c, c->at_older))[at] : 0.0;
    return c->over == KEDGE_OVER_TUMBLING ? older : older + sum;
}

/* Of n terms: (1 - f^2n) / (1 - f^2) by (1 - f^n) / (1 - f). */
double kedge_i_cover_squares(const kedge_i_cover *c)
{
    return c->over == KEDGE_OVER_FADING ? (1.0 + pow(c->fading, (double)c->n)) / (1.0 + c->fading) : 1.0;
}

int kedge_i_cover_alike(const kedge_i_cover *a, const kedge_i_cover *b)
{
    return a->over == b->over && a->n_slots == b->n_slots && a->width == b->width;
}

/* Only what covers everything has no order. */
kedge_status kedge_i_cover_merge(kedge_i_cover *a, const kedge_i_cover *b)
{
    double *sums = kedge_i_at(a, a->at_sums);
    const double *more = kedge_i_at_const(b, b->at_sums);
    if (a->over != KEDGE_OVER_ALL)
        return KEDGE_ERR_UNSUPPORTED;
    if (b->n > KEDGE_I_COUNT_MAX - a->n)
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < a->n_slots; i++, sums += a->width, more += a->width)
        kedge_i_cover_add(a, sums, more);
    a->n += b->n;
    return KEDGE_OK;
}
