/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Principal components: Jolliffe 2002, "Principal component analysis", 2nd edition, section 3.5, by singular values. All rows go
 * into the triangle R of their columns about the means (triangle.c), in one pass; R has the singular values and vectors of the
 * table. One-sided Jacobi rotations make its rows orthogonal, J R = S V': the rows over their norms are the components. Nothing is
 * squared on the way, so small components keep their digits, and no loop is without an end, which that of GSL's eigensolver is.
 *
 * Columns are in units: with `standardise` each over its deviation, else all that are not constant in one power of two, by their
 * greatest magnitude. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/gsl/components.h"
#include "kedge/model.h"

#include "base/check.h"
#include "base/number.h"
#include "base/rows.h"
#include "gsl/jacobi.h"
#include "gsl/linear_model.h"
#include "gsl/triangle.h"

#define COMPONENTS_KIND       0x31736361706b67ull /* read backwards on another byte order, so that such a state is not taken */
#define COMPONENTS_FAR        1e300  /* rows and coordinates are cut here */
#define COMPONENTS_TIE        1e-10  /* magnitudes that are equal but for this are a tie */
#define COMPONENTS_SPREAD_MIN 1e-40  /* of a component that is kept; fits have far more */
#define COMPONENTS_SPREAD_MAX 1e10

/* Then come unit, centre and inverse, n_features each, spread, n_components, and the components. */
typedef struct components_state {
    uint64_t kind;
    uint64_t bytes;
    uint32_t n_features;
    uint32_t n_components;
    uint32_t standardise;
    uint32_t whiten;
    uint32_t n_kept;
    uint32_t rank;
    double explained;
    double n_rows;
    double total; /* variance of all columns, in units */
    double unit;  /* of the coordinates */
} components_state;

/* z = (x * unit - centre) * inverse; coordinate = component . z */
typedef struct components_arrays {
    double *unit;
    double *centre;
    double *inverse;   /* one over the deviation, or 1 */
    double *spread;    /* of the rows along a component, in units */
    double *component; /* one after the other */
} components_arrays;

static components_arrays components_of(const components_state *s)
{
    size_t n = s->n_features;
    components_arrays a;
    a.unit = (double *)(uintptr_t)(s + 1);
    a.centre = a.unit + n;
    a.inverse = a.centre + n;
    a.spread = a.inverse + n;
    a.component = a.spread + s->n_components;
    return a;
}

kedge_status kedge_gsl_pca_settings_init(kedge_gsl_pca_settings *how, size_t how_bytes, uint32_t n_features)
{
    if (!how)
        return KEDGE_ERR_NULL;
    if (how_bytes != sizeof *how)
        return KEDGE_ERR_CONFIG;
    memset(how, 0, sizeof *how);
    how->config_bytes = sizeof *how;
    how->n_features = n_features;
    how->n_components = n_features;
    how->explained = 1.0;
    return KEDGE_OK;
}

static int components_valid(const kedge_gsl_pca_settings *how)
{
    return how && how->config_bytes == sizeof *how && kedge_i_u32_within(how->n_features, 1, KEDGE_FEATURES_MAX) &&
           kedge_i_u32_within(how->n_components, 1, how->n_features) && how->standardise <= 1 && how->whiten <= 1 &&
           how->explained > 0.0 && how->explained <= 1.0;
}

static size_t components_bytes(uint32_t n_features, uint32_t n_components)
{
    uint64_t used = 0;
    (void)kedge_i_gsl_take(&used, sizeof(components_state) / sizeof(double), 1);
    (void)kedge_i_gsl_take(&used, n_features, 3);
    (void)kedge_i_gsl_take(&used, n_components, (uint64_t)n_features + 1);
    return kedge_i_gsl_work_bytes(used);
}

size_t kedge_gsl_pca_size(const kedge_gsl_pca_settings *how)
{
    return components_valid(how) ? components_bytes(how->n_features, how->n_components) : 0;
}

/* The triangle, its block, and for each of its rows a norm and a number. */
static size_t components_work(uint32_t n_features)
{
    uint64_t used = 0;
    (void)kedge_i_gsl_take(&used, kedge_i_gsl_triangle_numbers(n_features), 1);
    (void)kedge_i_gsl_take(&used, n_features, 2);
    (void)kedge_i_gsl_take(&used, kedge_i_gsl_triangle_block(n_features), 1);
    return kedge_i_gsl_work_bytes(used);
}

size_t kedge_gsl_pca_work(const kedge_gsl_pca_settings *how)
{
    return components_valid(how) ? components_work(how->n_features) : 0;
}

kedge_status kedge_gsl_pca_init(kedge_gsl_pca *pca, const kedge_gsl_pca_settings *how, void *mem, size_t mem_bytes)
{
    if (!pca || !how || !mem)
        return KEDGE_ERR_NULL;
    size_t need = kedge_gsl_pca_size(how);
    if (need == 0)
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(kedge_i_gsl_check_room(mem, mem_bytes, need));
    components_state *s = mem;
    memset(s, 0, need);
    s->kind = COMPONENTS_KIND;
    s->bytes = need;
    s->n_features = how->n_features;
    s->n_components = how->n_components;
    s->standardise = how->standardise;
    s->whiten = how->whiten;
    s->explained = how->explained;
    s->unit = 1.0;
    components_arrays a = components_of(s);
    for (uint32_t j = 0; j < s->n_features; j++)
        a.unit[j] = a.inverse[j] = 1.0;
    pca->state = mem;
    return KEDGE_OK;
}

static int components_check(const components_state *s)
{
    components_arrays a = components_of(s);
    size_t n = s->n_features;
    int good = s->standardise <= 1 && s->whiten <= 1 && s->n_kept <= s->n_components && s->n_kept <= s->rank && s->rank <= n &&
               s->explained > 0.0 && s->explained <= 1.0 && kedge_i_within(s->n_rows, 0.0, 0x1p63) &&
               (s->n_rows > 0.0 || s->n_kept == 0) && kedge_i_within(s->total, 0.0, 1e20 * (double)n) &&
               kedge_i_gsl_units_valid(&s->unit, 1) && kedge_i_gsl_units_valid(a.unit, n) && kedge_i_gsl_all_within(a.centre, n,
                                                                                                                    2.0) &&
               kedge_i_gsl_all_within(a.component, s->n_components * n, 1.0 + COMPONENTS_TIE);
    for (size_t j = 0; j < n && good; j++)
        good = kedge_i_within(a.inverse[j], 0.0, 1.0 / DBL_EPSILON);
    for (size_t k = 0; k < s->n_components && good; k++)
        good = kedge_i_within(a.spread[k], k < s->n_kept ? COMPONENTS_SPREAD_MIN : 0.0, COMPONENTS_SPREAD_MAX);
    return good;
}

kedge_status kedge_gsl_pca_open(kedge_gsl_pca *pca, void *mem, size_t mem_bytes)
{
    if (!pca)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_gsl_check_room(mem, mem_bytes, sizeof(components_state)));
    const components_state *s = mem;
    if (s->kind != COMPONENTS_KIND || !kedge_i_u32_within(s->n_features, 1, KEDGE_FEATURES_MAX) ||
        !kedge_i_u32_within(s->n_components, 1, s->n_features) || s->bytes != components_bytes(s->n_features, s->n_components))
        return KEDGE_ERR_CLASS;
    if (mem_bytes < s->bytes)
        return KEDGE_ERR_BUFFER;
    if (!components_check(s))
        return KEDGE_ERR_STATE;
    pca->state = mem;
    return KEDGE_OK;
}

/* The fit --------------------------------------------------------------------------------------------------------------------- */

/* R, the norms of its rows after the rotations, and their order. */
typedef struct components_task {
    kedge_i_gsl_triangle r;
    double *norm;
    size_t *order;
    double weight_sum;
} components_task;

static double *components_row(const components_task *t, size_t i)
{
    return t->r.matrix + (i + 1) * t->r.width + 1;
}

/* One over the deviation of column j in its unit; 0: it is constant but for rounding. */
static double components_inverse(const components_task *t, size_t j)
{
    double squares = 0.0;
    for (size_t i = 0; i <= j; i++)
        squares += components_row(t, i)[j] * components_row(t, i)[j];
    return kedge_i_gsl_inverse_sd(squares / t->weight_sum);
}

/* The unit of the greatest magnitude among columns that are not constant: the least. */
static double components_unit(const components_task *t, size_t n)
{
    double least = 1.0 / DBL_MIN;
    for (size_t j = 0; j < n; j++)
        least = components_inverse(t, j) > 0.0 ? fmin(least, t->r.unit[j + 1]) : least;
    return least;
}

/* Bring column j of R to its unit in the state, or over its deviation. */
static void components_scale(components_task *t, components_state *s, size_t j)
{
    components_arrays a = components_of(s);
    double inverse = components_inverse(t, j), own = t->r.unit[j + 1];
    double live = inverse > 0.0 ? 1.0 : 0.0;
    a.unit[j] = live > 0.0 && !s->standardise ? s->unit : own;
    a.inverse[j] = s->standardise ? inverse : 1.0;
    a.centre[j] = t->r.centre[j + 1] * (a.unit[j] / own); /* exactly, or as small as can be */
    double factor = s->standardise ? inverse : live * (a.unit[j] / own);
    for (size_t i = 0; i <= j; i++)
        components_row(t, i)[j] *= factor;
}

/* Numbers of the norms by falling size: insertion, since rows of a triangle come nearly so. */
static void components_sort(const components_task *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = i;
        for (; k > 0 && t->norm[t->order[k - 1]] < t->norm[i]; k--)
            t->order[k] = t->order[k - 1];
        t->order[k] = i;
    }
}

/* Rotate, and measure what is left. */
static void components_solve(components_task *t, size_t n)
{
    kedge_i_gsl_jacobi(t->r.matrix + t->r.width + 1, n, t->r.width, 0, t->norm); /* the norms' room and, behind, their order's */
    for (size_t i = 0; i < n; i++)
        t->norm[i] = sqrt(kedge_i_gsl_jacobi_square(components_row(t, i), n));
    components_sort(t, n);
}

/* A unit vector whose greatest entry is positive, of equal ones the first. */
static void components_write(const double *row, double norm, size_t n, double *out)
{
    double most = 0.0, sign = 1.0;
    for (size_t j = 0; j < n; j++)
        most = fmax(most, fabs(row[j]));
    for (size_t j = 0; j < n; j++)
        if (fabs(row[j]) >= most * (1.0 - COMPONENTS_TIE)) {
            sign = row[j] < 0.0 ? -1.0 : 1.0;
            break;
        }
    for (size_t j = 0; j < n; j++)
        out[j] = sign * row[j] / norm;
}

/* As many components as the settings ask for, of those that are more than rounding. */
static void components_keep(components_state *s, const components_task *t)
{
    size_t n = s->n_features;
    double noise = 2.0 * DBL_EPSILON * ((double)n + 16.0) * t->norm[t->order[0]], total = 0.0, sum = 0.0;
    s->rank = s->n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        double norm = t->norm[t->order[i]];
        total += norm * norm;
        s->rank += norm > noise;
    }
    for (size_t i = 0; i < s->rank && i < s->n_components && (i == 0 || sum < s->explained * total); i++) {
        sum += t->norm[t->order[i]] * t->norm[t->order[i]];
        s->n_kept++;
    }
    s->total = total / t->weight_sum * (s->n_rows / (s->n_rows - 1.0));
}

static void components_commit(components_state *s, const components_task *t)
{
    components_arrays a = components_of(s);
    size_t n = s->n_features;
    s->n_rows = t->r.scalars[KEDGE_I_GSL_USED];
    components_keep(s, t);
    double scale = sqrt(s->n_rows / (s->n_rows - 1.0) / t->weight_sum);
    memset(a.spread, 0, s->n_components * sizeof *a.spread);
    memset(a.component, 0, s->n_components * n * sizeof *a.component);
    for (size_t k = 0; k < s->n_kept; k++) {
        double norm = t->norm[t->order[k]];
        a.spread[k] = norm * scale;
        components_write(components_row(t, t->order[k]), norm, n, a.component + k * n);
    }
}

kedge_status kedge_gsl_pca_fit(kedge_gsl_pca *pca, const kedge_rows *x, const double *weight, void *work, size_t work_bytes)
{
    kedge_rows whole;
    components_task t;
    if (!pca || !pca->state || !x)
        return KEDGE_ERR_NULL;
    components_state *s = pca->state;
    KEDGE_TRY(kedge_rows_slice(x, 0, x->n_rows, &whole)); /* says whether it is a table */
    if (x->n_columns != s->n_features)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_gsl_check_rows(x, NULL, weight));
    KEDGE_TRY(kedge_i_gsl_check_room(work, work_bytes, components_work(s->n_features)));
    t.r = kedge_i_gsl_triangle_at(work, s->n_features, KEDGE_GSL_METHOD_QR);
    t.norm = t.r.rest;
    t.order = (size_t *)(void *)(t.norm + s->n_features);
    kedge_i_gsl_triangle_room(&t.r, t.norm + 2 * (size_t)s->n_features);
    kedge_i_gsl_triangle_begin(&t.r);
    kedge_i_gsl_triangle_add(&t.r, x, NULL, weight);
    t.weight_sum = t.r.matrix[0] * t.r.matrix[0];
    if (!(t.r.scalars[KEDGE_I_GSL_USED] >= 2.0 && t.weight_sum > 0.0))
        return KEDGE_ERR_NUMERIC;
    kedge_i_gsl_triangle_centre(&t.r);
    s->unit = s->standardise ? 1.0 : components_unit(&t, s->n_features);
    for (size_t j = 0; j < s->n_features; j++)
        components_scale(&t, s, j);
    components_solve(&t, s->n_features);
    components_commit(s, &t);
    return KEDGE_OK;
}

/* Read-outs ------------------------------------------------------------------------------------------------------------------- */

static kedge_status components_told(const components_state *s)
{
    return s->n_rows == 0.0 ? KEDGE_EMPTY : KEDGE_OK;
}

/* x / unit, for a power of two, cut. */
static double components_in_units(double x, double unit, double most)
{
    double limit = most * fmin(unit, 1.0);
    return fmax(-limit, fmin(x, limit)) / unit;
}

kedge_status kedge_gsl_pca_summary(const kedge_gsl_pca *pca, kedge_gsl_pca_found *out)
{
    double sum = 0.0;
    if (!pca || !pca->state || !out)
        return KEDGE_ERR_NULL;
    const components_state *s = pca->state;
    components_arrays a = components_of(s);
    for (size_t k = 0; k < s->n_kept; k++)
        sum += a.spread[k] * a.spread[k];
    out->n_rows = (uint64_t)s->n_rows;
    out->n_features = s->n_features;
    out->n_components = s->n_components;
    out->n_kept = s->n_kept;
    out->rank = s->rank;
    out->explained = fmin(sum / fmax(s->total, DBL_MIN), 1.0);
    return components_told(s);
}

kedge_status kedge_gsl_pca_components(const kedge_gsl_pca *pca, double *components, size_t n)
{
    if (!pca || !pca->state || !components)
        return KEDGE_ERR_NULL;
    const components_state *s = pca->state;
    if (n != (size_t)s->n_components * s->n_features)
        return KEDGE_ERR_SHAPE;
    memcpy(components, components_of(s).component, n * sizeof *components);
    return components_told(s);
}

kedge_status kedge_gsl_pca_variances(const kedge_gsl_pca *pca, double *variance, double *share, size_t n)
{
    if (!pca || !pca->state || !variance || !share)
        return KEDGE_ERR_NULL;
    const components_state *s = pca->state;
    components_arrays a = components_of(s);
    if (n != s->n_components)
        return KEDGE_ERR_SHAPE;
    if (a.spread[0] > 1e150 * fmin(s->unit, 1.0))
        return KEDGE_ERR_NUMERIC;
    for (size_t k = 0; k < n; k++) {
        double spread = a.spread[k] / s->unit;
        variance[k] = spread * spread;
        share[k] = a.spread[k] * a.spread[k] / fmax(s->total, DBL_MIN);
    }
    return components_told(s);
}

kedge_status kedge_gsl_pca_centre(const kedge_gsl_pca *pca, double *mean, double *deviation, size_t n)
{
    if (!pca || !pca->state || !mean || !deviation)
        return KEDGE_ERR_NULL;
    const components_state *s = pca->state;
    components_arrays a = components_of(s);
    if (n != s->n_features)
        return KEDGE_ERR_SHAPE;
    for (size_t j = 0; j < n; j++) {
        double live = a.inverse[j] > 0.0 ? 1.0 : 0.0;
        mean[j] = components_in_units(a.centre[j], a.unit[j], DBL_MAX);
        deviation[j] = s->standardise ? components_in_units(live / fmax(a.inverse[j], DBL_EPSILON), a.unit[j], DBL_MAX) : 1.0;
    }
    return components_told(s);
}

/* Rows and coordinates -------------------------------------------------------------------------------------------------------- */

static double components_score(const components_state *s, const kedge_rows *x, size_t i_row, size_t k)
{
    components_arrays a = components_of(s);
    const double *component = a.component + k * s->n_features;
    double sum = 0.0;
    for (size_t j = 0; j < s->n_features; j++)
        sum += component[j] * ((kedge_i_gsl_input(kedge_i_rows_at(x, i_row, j), a.unit[j]) - a.centre[j]) * a.inverse[j]);
    if (s->whiten)
        return components_in_units(sum / a.spread[k], 1.0, COMPONENTS_FAR);
    return components_in_units(sum, s->unit, COMPONENTS_FAR);
}

kedge_status kedge_gsl_pca_transform(const kedge_gsl_pca *pca, const kedge_rows *x, double *scores, size_t n)
{
    kedge_rows whole;
    if (!pca || !pca->state || !x || !scores)
        return KEDGE_ERR_NULL;
    const components_state *s = pca->state;
    KEDGE_TRY(kedge_rows_slice(x, 0, x->n_rows, &whole));
    if (x->n_columns != s->n_features || n % s->n_components != 0 || n / s->n_components != x->n_rows)
        return KEDGE_ERR_SHAPE;
    if (s->n_rows == 0.0)
        return KEDGE_EMPTY;
    KEDGE_TRY(kedge_i_gsl_check_rows(x, NULL, NULL));
    for (size_t i = 0; i < x->n_rows; i++)
        for (size_t k = 0; k < s->n_components; k++)
            scores[i * s->n_components + k] = k < s->n_kept ? components_score(s, x, i, k) : 0.0;
    return KEDGE_OK;
}

static double components_back(const components_state *s, const double *scores, size_t j)
{
    components_arrays a = components_of(s);
    double sum = 0.0;
    for (size_t k = 0; k < s->n_kept; k++) {
        double score = s->whiten ? kedge_i_gsl_input(scores[k], 1.0) * a.spread[k] : kedge_i_gsl_input(scores[k], s->unit);
        sum += a.component[k * s->n_features + j] * score;
    }
    double live = a.inverse[j] > 0.0 ? sum : 0.0;
    return components_in_units(live / fmax(a.inverse[j], DBL_EPSILON) + a.centre[j], a.unit[j], COMPONENTS_FAR);
}

kedge_status kedge_gsl_pca_inverse(const kedge_gsl_pca *pca, const double *scores, size_t n_rows, double *x, size_t n)
{
    if (!pca || !pca->state || !scores || !x)
        return KEDGE_ERR_NULL;
    const components_state *s = pca->state;
    if (n % s->n_features != 0 || n / s->n_features != n_rows)
        return KEDGE_ERR_SHAPE;
    if (s->n_rows == 0.0)
        return KEDGE_EMPTY;
    for (size_t i = 0; i < n_rows * s->n_components; i++)
        if (!kedge_i_finite(scores[i]))
            return KEDGE_ERR_NOT_FINITE;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t j = 0; j < s->n_features; j++)
            x[i * s->n_features + j] = components_back(s, scores + i * s->n_components, j);
    return KEDGE_OK;
}
