/* SPDX-License-Identifier: MIT */
/* Two-sample Cramer-von Mises test (Anderson 1962, "On the distribution of the two-sample Cramer-von Mises criterion"), midranks
 * at ties. With n, m values and N = n + m, a run of p reference and q current values after u and v others, e = n (v + q / 2) - m
 * (u + p / 2):
 *     n m N^2 T = sum of (p + q) e^2 + (n^2 + n m + m^2) (p^3 + q^3) / 12 - n m p q (p + q) / 4, less N (n - m)^2 / 12,
 * which is Anderson's (9) without its difference of large numbers. The exact distribution is that of the whole number
 *     U = sum of n v^2 over steps of the reference and of m u^2 over steps of the current sample
 * on random paths from (0, 0) to (n, m), where T = U / (n m N) - (4 n m - 1) / (6 N), built up step by step (Burr 1963; Xiao,
 * Gordon, Yakovlev 2007, "A C++ program for the Cramer-von Mises two-sample test", section 2). Here as chances, and only of
 * those U from which the rest of the path decides whether U reaches the observed value.
 *
 * With ties T has terms that have nothing to do with a change: for two equal constants it is (n - m)^2 (N^2 - 1) / (12 n m N).
 * p-values are therefore those of the sum of (p + q) e^2 alone, which without ties differs from T by a constant. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/shift.h"

#include "base/check.h"
#include "base/edf_limit.h"
#include "shift/edf.h"
#include "shift/resample.h"
#include "shift/runs.h"

#define CVM_AUTO_MAX 20u      /* SciPy's */
#define CVM_EXACT_MAX 200u
#define CVM_ROOM_MAX 4194304u /* doubles for KEDGE_P_EXACT */

typedef struct cvm_sums {
    double squares; /* sum of (p + q) e^2 */
    double ties;    /* what else there is in n m N^2 T */
    int has_ties;
} cvm_sums;

static cvm_sums cvm_walk(const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    kedge_i_exact_sum squares = {0.0, 0.0};
    cvm_sums w = {0.0, -(n + m) * (n - m) * (n - m) / 12.0, 0};
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double p = (double)r.n_here;
        double q = (double)r.m_here;
        double e = kedge_i_runs_gap(&r);
        kedge_i_add(&squares, (p + q) * e * e);
        w.ties += (n * n + n * m + m * m) * (p * p * p + q * q * q) / 12.0 - n * m * p * q * (p + q) / 4.0;
        w.has_ties |= p + q > 1.0;
    }
    w.squares = squares.sum + squares.rest;
    return w;
}

static double cvm_squares(const void *config, const kedge_shift_samples *s)
{
    (void)config;
    return cvm_walk(s).squares;
}

/* Where paths go: sizes over their greatest common divisor make a step's cost. */
typedef struct cvm_grid {
    double n, m;       /* m is the smaller: it has the columns */
    double cost_n, cost_m; /* n and m over their greatest common divisor */
} cvm_grid;

static cvm_grid cvm_grid_of(double n, double m)
{
    cvm_grid g = {fmax(n, m), fmin(n, m), 0.0, 0.0};
    double a = n;
    double b = m;
    while (b > 0.0) {
        double rest = fmod(a, b);
        a = b;
        b = rest;
    }
    g.cost_n = g.n / a;
    g.cost_m = g.m / a;
    return g;
}

/* Bounds of U at (u, v). The upper one: all steps of one kind first. For the lower one U is n u v^2 + sum over k < v of m t^2 -
 * n t (2k + 1), where t is the place of each step, and no term is less than at t = n (2k + 1) / (2m); and likewise with the
 * steps of the other kind. */
static double cvm_most(const cvm_grid *g, double u, double v)
{
    return fmax(g->cost_m * v * u * u, g->cost_n * u * v * v);
}

static double cvm_least(const cvm_grid *g, double u, double v)
{
    double by_v = g->cost_n * (u * v * v - g->n / g->m * (4.0 * v * v * v - v) / 12.0);
    double by_u = g->cost_m * (v * u * u - g->m / g->n * (4.0 * u * u * u - u) / 12.0);
    return fmax(0.0, floor(fmax(by_v, by_u)));
}

/* From (u, v) to (n, m) a path adds the U of the reversed path and what all have in common. */
static double cvm_common(const cvm_grid *g, double u, double v)
{
    double a = g->n - u;
    double b = g->m - v;
    return g->cost_n * g->m * (g->m * a + g->n * b - 2.0 * a * b);
}

/* The open U at (u, v): from low on; from end on, all paths reach `limit`. */
typedef struct cvm_window {
    double low, end;
} cvm_window;

static cvm_window cvm_window_at(const cvm_grid *g, double u, double v, double limit)
{
    double rest = limit - cvm_common(g, u, v);
    double a = g->n - u;
    double b = g->m - v;
    cvm_window w = {fmax(cvm_least(g, u, v), rest - cvm_most(g, a, b)), rest - cvm_least(g, a, b)};
    w.end = fmax(w.low, fmin(w.end, cvm_most(g, u, v) + 1.0));
    return w;
}

/* The most open U that a column can have, whatever the limit. */
static double cvm_column_room(const cvm_grid *g, double v)
{
    double most = 1.0;
    for (double u = 0.0; u <= g->n; u += 1.0) {
        double ahead = cvm_most(g, u, v) - cvm_least(g, u, v);
        double behind = cvm_most(g, g->n - u, g->m - v) - cvm_least(g, g->n - u, g->m - v);
        most = fmax(most, fmin(ahead, behind) + 1.0);
    }
    return most;
}

/* Doubles for where each column begins, for all columns, and one more to make the next row of a column in. */
static double cvm_room(const cvm_grid *g)
{
    double sum = g->m + 1.0;
    double most = 0.0;
    for (double v = 0.0; v <= g->m; v += 1.0) {
        double room = cvm_column_room(g, v);
        sum += room;
        most = fmax(most, room);
    }
    return sum + most;
}

static void cvm_clear(double *cell, cvm_window w)
{
    memset(cell, 0, (size_t)(w.end - w.low) * sizeof *cell);
}

/* Adds chances, times `share`, to those of the next place, where U is larger by `cost`. Returns what reaches the limit for sure. */
static double cvm_step(const double *from, cvm_window at, double cost, double share, double *to, cvm_window next)
{
    double far = 0.0;
    for (double u = at.low; u < at.end; u += 1.0) {
        double chance = from[(size_t)(u - at.low)] * share;
        if (u + cost >= next.end)
            far += chance;
        else if (u + cost >= next.low)
            to[(size_t)(u + cost - next.low)] += chance;
    }
    return far;
}

/* A row of places (u, v): each adds to the next one, and then gives way to the one in the next row. */
static double cvm_row(const cvm_grid *g, double u, double limit, const double *begin, double *cells, double *spare)
{
    double far = 0.0;
    for (size_t j = 0; j <= (size_t)g->m; j++) {
        double v = (double)j;
        double left = g->n + g->m - u - v;
        double *cell = cells + (size_t)begin[j];
        cvm_window here = cvm_window_at(g, u, v, limit);
        if (v < g->m)
            far += cvm_step(cell, here, g->cost_m * u * u, (g->m - v) / left, cells + (size_t)begin[j + 1],
                            cvm_window_at(g, u, v + 1.0, limit));
        if (u < g->n) {
            cvm_window next = cvm_window_at(g, u + 1.0, v, limit);
            cvm_clear(spare, next);
            far += cvm_step(cell, here, g->cost_n * v * v, (g->n - u) / left, spare, next);
            memcpy(cell, spare, (size_t)(next.end - next.low) * sizeof *cell);
        }
    }
    return far;
}

/* P(U >= limit) in cvm_room() doubles. */
static double cvm_paths(const cvm_grid *g, double limit, double *room)
{
    static const double one = 1.0;
    double *begin = room;
    double *cells = room + (size_t)g->m + 1;
    double at = 0.0;
    for (size_t j = 0; j <= (size_t)g->m; j++) {
        begin[j] = at;
        cvm_clear(cells + (size_t)at, cvm_window_at(g, 0.0, (double)j, limit));
        at += cvm_column_room(g, (double)j);
    }
    double far = cvm_step(&one, (cvm_window){0.0, 1.0}, 0.0, 1.0, cells, cvm_window_at(g, 0.0, 0.0, limit));
    for (double u = 0.0; u <= g->n; u += 1.0)
        far += cvm_row(g, u, limit, begin, cells, cells + (size_t)at);
    return fmin(1.0, far);
}

/* Of samples without ties. */
static double cvm_exact(const kedge_shift_samples *s, const cvm_grid *g, double *room)
{
    double by_n = 0.0;
    double by_m = 0.0;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        by_n += r.n_here > 0 ? (double)r.j * (double)r.j : 0.0;
        by_m += r.n_here > 0 ? 0.0 : (double)r.i * (double)r.i;
    }
    int swapped = s->n_reference < s->n_current;
    return cvm_paths(g, swapped ? g->cost_m * by_n + g->cost_n * by_m : g->cost_n * by_n + g->cost_m * by_m, room);
}

/* Doubles for paths, from the rows of the tables; missing values leave fewer, which may have no common divisor. */
static double cvm_paths_scratch(const kedge_shift_config *cfg, uint64_t n, uint64_t m)
{
    uint64_t most = cfg->p_method == KEDGE_P_AUTO ? CVM_AUTO_MAX : cfg->p_method == KEDGE_P_EXACT ? CVM_EXACT_MAX : 0;
    if (n == 0 || m == 0 || n > most || m > most)
        return 0.0;
    cvm_grid g = cvm_grid_of((double)n, (double)m);
    double together = cvm_room(&g);
    g.cost_n = g.n;
    g.cost_m = g.m;
    double apart = cvm_room(&g);
    if (apart <= CVM_ROOM_MAX)
        return apart;
    return together <= CVM_ROOM_MAX ? together : 0.0;
}

static uint64_t cvm_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    const kedge_shift_config *cfg = config;
    uint64_t paths = (uint64_t)cvm_paths_scratch(cfg, n, m);
    uint64_t deals = kedge_i_edf_scratch(config, n, m, n_columns);
    return paths > deals ? paths : deals;
}

/* Mean and variance without ties: Anderson 1962, (11) and (14). */
static double cvm_mean(double n, double m)
{
    return (1.0 + 1.0 / (n + m)) / 6.0;
}

static double cvm_variance(double n, double m)
{
    double all = n + m;
    return (all + 1.0) * (4.0 * n * m * all - 3.0 * (n * n + m * m) - 2.0 * n * m) / (45.0 * all * all * 4.0 * n * m);
}

/* The limit law has mean 1/6 and variance 1/45. Ties change both as they do for large samples. */
static double cvm_limit_p(const kedge_shift_samples *s, const cvm_sums *w, double t)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double all = n + m;
    double off = t - cvm_mean(n, m);
    double variance = cvm_variance(n, m);
    if (w->has_ties) {
        kedge_i_edf_moments with = kedge_i_edf_moments_of(s, 0);
        off = w->squares / (n * m * all * all) - with.mean * all / (all - 1.0);
        variance *= with.variance / kedge_i_edf_moments_untied(all, 0).variance;
    }
    return kedge_i_cramer_von_mises_upper(1.0 / 6.0 + off / sqrt(45.0 * variance));
}

/* Can the paths be counted in the memory that there is? Columns of one value less than the table's rows may need more. */
static int cvm_paths_fit(const kedge_shift_config *cfg, const cvm_grid *g, const kedge_shift_result *counts)
{
    uint64_t n_rows = counts->n_reference + counts->missing_reference;
    uint64_t m_rows = counts->n_current + counts->missing_current;
    double room = cvm_paths_scratch(cfg, n_rows, m_rows);
    return room > 0.0 && cvm_room(g) <= room;
}

static kedge_status cvm_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    const kedge_shift_config *cfg = config;
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    cvm_sums w = cvm_walk(s);
    cvm_grid g = cvm_grid_of(n, m);
    int paths = !w.has_ties && cvm_paths_fit(cfg, &g, out);
    uint32_t method = paths ? KEDGE_P_EXACT : kedge_i_p_method(cfg, s, KEDGE_P_ASYMPTOTIC);
    out->statistic = (w.squares + w.ties) / (n * m * (n + m) * (n + m));
    out->effect = w.squares / (n * n * m * m * (n + m));
    out->p_method = method;
    if (paths)
        out->p_value = cvm_exact(s, &g, scratch);
    else if (method == KEDGE_P_ASYMPTOTIC)
        out->p_value = kedge_i_samples_are_constant(s) ? 1.0 : cvm_limit_p(s, &w, out->statistic);
    else if (method != KEDGE_P_NONE)
        KEDGE_TRY(kedge_i_resample(cfg, s, cvm_squares, w.squares, method, scratch, out));
    out->expected = w.has_ties ? (double)NAN : cvm_mean(n, m);
    return KEDGE_OK;
}

const kedge_shift_class kedge_cramer_von_mises = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "cramer_von_mises",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = KEDGE_I_ALL_P_METHODS,
    .max_columns = 1,
    .scratch = cvm_scratch,
    .samples = cvm_compare,
};
