/* SPDX-License-Identifier: MIT */
/* One map for two classes, else one for each class against the rest, and shares that sum to 1: Zadrozny, Elkan 2002, "Transforming
 * classifier scores into accurate multiclass probability estimates", KDD. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "probmap/maps.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"

#define MAPS_NUMBER_MAX 1e300

int kedge_i_maps_valid(uint32_t method, uint32_t n_classes, uint32_t max_points)
{
    return kedge_i_u32_within(method, KEDGE_MAP_PLATT, KEDGE_MAP_ISOTONIC) && kedge_i_u32_within(n_classes, 2, KEDGE_CLASSES_MAX) &&
           kedge_i_u32_within(max_points, 2, KEDGE_I_MAPS_POINTS_MAX);
}

static int maps_are_points(const double *at, const double *value, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(at[i], 0.0, 1.0) || !kedge_i_within(value[i], 0.0, 1.0) ||
            (i > 0 && (at[i] <= at[i - 1] || value[i] < value[i - 1])))
            return 0;
    return 1;
}

int kedge_i_maps_check(const kedge_i_maps *maps)
{
    for (uint32_t i = 0; i < kedge_i_maps_n(maps->n_classes); i++) {
        const double *at = maps->at + (size_t)i * maps->n_points;
        const double *value = maps->value + (size_t)i * maps->n_points;
        if (maps->count[i] > maps->n_points || (maps->count[i] > 0) != (maps->count[0] > 0))
            return 0;
        if (maps->method == KEDGE_MAP_PLATT ? !kedge_i_within(*at, -MAPS_NUMBER_MAX, MAPS_NUMBER_MAX) ||
                                                  !kedge_i_within(*value, -MAPS_NUMBER_MAX, MAPS_NUMBER_MAX)
                                            : !maps_are_points(at, value, maps->count[i]))
            return 0;
    }
    return 1;
}

/* What a map reads of a probability: the log odds, for a sigmoid. */
static double maps_score(uint32_t method, double p)
{
    if (method == KEDGE_MAP_ISOTONIC)
        return p < 1.0 ? p : 1.0;
    p = fmin(fmax(p, DBL_EPSILON), 1.0 - DBL_EPSILON);
    return log(p) - log1p(-p);
}

uint64_t kedge_i_maps_work(uint32_t method, uint64_t n)
{
    uint64_t pairs = 2 * n * sizeof(double);
    return method == KEDGE_MAP_PLATT ? pairs : 2 * pairs + 2 * n * sizeof(double) + kedge_i_round_up(n * sizeof(uint32_t));
}

/* Evenly chosen points where there are more than there is room, the outermost among them. */
static uint32_t maps_keep(const double *at, const double *value, size_t n, uint32_t room, double *to_at, double *to_value)
{
    uint32_t kept = n < room ? (uint32_t)n : room;
    for (uint32_t i = 0; i < kept; i++) {
        size_t from = n <= room ? i : (size_t)((uint64_t)i * (n - 1) / (room - 1));
        to_at[i] = at[from];
        to_value[i] = fmin(value[from], 1.0); /* rounding */
    }
    memset(to_at + kept, 0, (room - kept) * sizeof *to_at);
    memset(to_value + kept, 0, (room - kept) * sizeof *to_value);
    return kept;
}

static void maps_fit_one(const kedge_i_maps *maps, uint32_t i_map, const double *x, const double *y, const double *weight, size_t n,
                         double *work)
{
    double *at = maps->at + (size_t)i_map * maps->n_points;
    double *value = maps->value + (size_t)i_map * maps->n_points;
    kedge_platt platt = {0.0, 0.0};
    size_t n_points = 0;
    kedge_status st;
    if (maps->method == KEDGE_MAP_PLATT) {
        st = kedge_platt_fit(x, y, weight, n, &platt);
        *at = platt.slope;
        *value = platt.offset;
        maps->count[i_map] = 1;
    } else {
        st = kedge_isotonic_fit(x, y, weight, n, work, work + n, &n_points, work + 2 * n, kedge_isotonic_work(n));
        maps->count[i_map] = maps_keep(work, work + n, n_points, maps->n_points, at, value);
    }
    KEDGE_ASSERT(st == KEDGE_OK); /* all was checked */
    (void)st;
}

void kedge_i_maps_fit(const kedge_i_maps *maps, const double *scores, const double *y, const double *weight, size_t n, void *work)
{
    double *x = work;
    double *is_class = x + n;
    uint32_t n_maps = kedge_i_maps_n(maps->n_classes);
    for (uint32_t i_map = 0; i_map < n_maps; i_map++) {
        uint32_t c = n_maps == 1 ? 1 : i_map;
        for (size_t i = 0; i < n; i++) {
            x[i] = maps_score(maps->method, scores[i * maps->n_classes + c]);
            is_class[i] = y[i] == (double)c ? 1.0 : 0.0;
        }
        maps_fit_one(maps, i_map, x, is_class, weight, n, is_class + n);
    }
}

static double maps_of(const kedge_i_maps *maps, uint32_t i_map, double p)
{
    const double *at = maps->at + (size_t)i_map * maps->n_points;
    const double *value = maps->value + (size_t)i_map * maps->n_points;
    double score = maps_score(maps->method, p);
    if (maps->method == KEDGE_MAP_ISOTONIC)
        return kedge_isotonic_apply(at, value, maps->count[i_map], score);
    kedge_platt platt = {*at, *value};
    return kedge_platt_apply(&platt, score);
}

void kedge_i_maps_apply(const kedge_i_maps *maps, double *scores)
{
    double sum = 0.0;
    if (maps->count[0] == 0)
        return;
    if (maps->n_classes == 2) {
        scores[1] = maps_of(maps, 0, scores[1]);
        scores[0] = 1.0 - scores[1];
        return;
    }
    for (uint32_t c = 0; c < maps->n_classes; c++) {
        scores[c] = maps_of(maps, c, scores[c]);
        sum += scores[c];
    }
    for (uint32_t c = 0; c < maps->n_classes; c++)
        scores[c] = sum > 0.0 ? scores[c] / sum : 1.0 / maps->n_classes;
}
