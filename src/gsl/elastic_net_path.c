/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From rows to an elastic net, a path of them, and the strength that cross-validation chooses.
 *
 * All rows of a fold go into a triangle R of the columns [1 | features | target] (triangle.c), in one pass. Triangles of folds
 * merge into that of all rows, and into those of all but one. From one of them come the products that coordinate.c needs, for
 * columns in units of their deviations d and a target in units of its deviation e, so that with v = b d / e the penalties are
 *     l1 = alpha l1_ratio / (d e),   l2 = alpha (1 - l1_ratio) / d^2          (d = 1 with `standardise`)
 * Deviations are a number of moderate size times a power of two, and so are the penalties before they are cut. Errors of a model on
 * the rows of any triangle are |R k|^2 with k = [.. | -b | 1]: neither rows nor products are needed. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/select.h"

#include "gsl/elastic_net_state.h"

#include "base/check.h"
#include "base/number.h"
#include "gsl/coordinate.h"
#include "gsl/triangle.h"

#define ENET_PRODUCT_MAX  800     /* powers of two are cut here */
#define ENET_PRODUCT_MIN  (-1000) /* and are 0 below */
#define ENET_L1_LEAST     1e-3    /* for where a path starts: ridge has no strength that leaves out all columns (so does glmnet) */
#define ENET_WEIGHT_LEAST 1e-200  /* of a fold's rows, where the greatest weight of a row is about 1 */
#define ENET_NO_ALPHA     1e-15   /* strengths where no column has a share, as in scikit-learn */

/* Everything on the way. */
typedef struct enet_task {
    const kedge_i_elastic_net_state *s;
    size_t n;             /* features */
    double *folds;        /* numbers of the folds' triangles, one after the other */
    double *rest;         /* room for the block of a triangle */
    kedge_i_gsl_triangle all;
    kedge_i_gsl_triangle train;
    kedge_i_net net;
    double *inverse_sd;   /* of the columns of the triangle that the net is about */
    double *weight;       /* of standardised columns, in units of the target */
    double *kernel;       /* width of a triangle: k */
    double spread;        /* of the target; 0: it is constant */
    double intercept;     /* beside the target's centre */
    kedge_split split;
    void *split_memory;
    size_t split_bytes;
    kedge_gsl_elastic_net_fit *points;
    int slow;             /* a fit did not converge */
} enet_task;

/* Memory ---------------------------------------------------------------------------------------------------------------------- */

static kedge_split_config enet_split(const kedge_i_elastic_net_state *s)
{
    kedge_split_config how = kedge_split_defaults();
    how.kind = KEDGE_SPLIT_K_FOLD;
    how.n_folds = s->n_folds;
    how.shuffle = s->shuffle;
    how.seed = s->seed;
    return how;
}

static uint64_t enet_place(enet_task *t, const kedge_i_elastic_net_state *s, size_t n_rows, size_t n_points, double *work)
{
    kedge_split_config how = enet_split(s);
    uint64_t n = s->linear.model.n_features, numbers = kedge_i_gsl_triangle_numbers(n), used = 0;
    size_t split_bytes = s->n_folds > 0 ? kedge_split_size(&how, n_rows, 0) : 0;
    uint64_t at[8];
    at[0] = kedge_i_gsl_take(&used, n_points, sizeof(kedge_gsl_elastic_net_fit) / sizeof(double));
    at[1] = kedge_i_gsl_take(&used, (split_bytes + sizeof(double) - 1) / sizeof(double), 1);
    at[2] = kedge_i_gsl_take(&used, s->n_folds, numbers);
    at[3] = kedge_i_gsl_take(&used, numbers, 1);
    at[4] = kedge_i_gsl_take(&used, s->n_folds > 0 ? numbers : 0, 1);
    at[5] = kedge_i_gsl_take(&used, kedge_i_net_room(n), 1);
    at[6] = kedge_i_gsl_take(&used, 3 * n + 2, 1);
    at[7] = kedge_i_gsl_take(&used, kedge_i_gsl_triangle_block(n), 1);
    if (!work)
        return used;
    memset(t, 0, sizeof *t);
    t->s = s;
    t->n = (size_t)n;
    t->points = (kedge_gsl_elastic_net_fit *)(void *)(work + at[0]);
    t->split_memory = work + at[1];
    t->split_bytes = split_bytes;
    t->folds = work + at[2];
    t->rest = work + at[7];
    t->all = kedge_i_gsl_triangle_at(work + at[3], t->n, KEDGE_GSL_METHOD_QR);
    t->train = kedge_i_gsl_triangle_at(work + at[4], t->n, KEDGE_GSL_METHOD_QR);
    kedge_i_gsl_triangle_room(&t->all, t->rest);
    kedge_i_gsl_triangle_room(&t->train, t->rest);
    kedge_i_net_place(&t->net, t->n, work + at[5]);
    t->inverse_sd = work + at[6];
    t->weight = t->inverse_sd + n;
    t->kernel = t->weight + n;
    return used;
}

size_t kedge_i_elastic_net_work(const kedge_i_elastic_net_state *s, size_t n_rows, size_t n_points)
{
    if (s->n_folds > 0 && n_rows >= UINT32_MAX)
        return 0;
    return kedge_i_gsl_work_bytes(enet_place(NULL, s, n_rows, n_points, NULL));
}

static kedge_i_gsl_triangle enet_fold(const enet_task *t, uint32_t i_fold)
{
    double *at = t->folds + i_fold * (size_t)kedge_i_gsl_triangle_numbers(t->n);
    kedge_i_gsl_triangle fold = kedge_i_gsl_triangle_at(at, t->n, KEDGE_GSL_METHOD_QR);
    kedge_i_gsl_triangle_room(&fold, t->rest);
    return fold;
}

/* Rows ------------------------------------------------------------------------------------------------------------------------ */

/* No rows, or they weigh next to nothing beside the others. */
static int enet_is_empty(const kedge_i_gsl_triangle *r)
{
    return !(r->matrix[0] * r->matrix[0] > ENET_WEIGHT_LEAST);
}

/* All rows, by way of their folds where there are some, which then have the units of all. */
static kedge_status enet_read(enet_task *t, const kedge_rows *x, const double *y, const double *weight)
{
    kedge_i_gsl_triangle_begin(&t->all);
    if (t->s->n_folds == 0) {
        kedge_i_gsl_triangle_add(&t->all, x, y, weight);
        return enet_is_empty(&t->all) ? KEDGE_ERR_NUMERIC : KEDGE_OK;
    }
    kedge_split_config how = enet_split(t->s);
    if (kedge_split_init(&t->split, &how, x->n_rows, NULL, 0, t->split_memory, t->split_bytes) < 0)
        return KEDGE_ERR_NUMERIC; /* fewer rows than folds */
    for (uint32_t k = 0; k < t->s->n_folds; k++) {
        kedge_i_gsl_triangle fold = enet_fold(t, k);
        kedge_i_gsl_triangle_begin(&fold);
        kedge_i_gsl_triangle_add_fold(&fold, x, y, weight, &t->split, k);
        kedge_i_gsl_triangle_merge(&t->all, &fold);
    }
    for (uint32_t k = 0; k < t->s->n_folds; k++) {
        kedge_i_gsl_triangle fold = enet_fold(t, k);
        if (!enet_is_empty(&fold))
            kedge_i_gsl_triangle_align(&t->all, &fold);
    }
    return enet_is_empty(&t->all) ? KEDGE_ERR_NUMERIC : KEDGE_OK;
}

/* Products -------------------------------------------------------------------------------------------------------------------- */

/* Sums of products of the columns of a triangle, less its first row, into the upper triangle of the net's matrix and its target. */
static void enet_add_products(enet_task *t, const kedge_i_gsl_triangle *r)
{
    size_t n = t->n, width = r->width;
    memset(t->net.gram, 0, n * n * sizeof(double));
    memset(t->net.target, 0, n * sizeof(double));
    for (size_t k = 1; k <= n; k++) {
        const double *row = r->matrix + k * width + 1;
        for (size_t i = k - 1; i < n; i++) {
            double *to = t->net.gram + i * n, by = row[i];
            for (size_t j = i; j < n; j++)
                to[j] += by * row[j];
            t->net.target[i] += by * row[n];
        }
    }
}

/* Deviation of the target in its unit. */
static double enet_spread(const kedge_i_gsl_triangle *r, double weight_sum)
{
    double squares = 0.0;
    for (size_t k = 1; k < r->width; k++)
        squares += r->matrix[(k + 1) * r->width - 1] * r->matrix[(k + 1) * r->width - 1];
    return kedge_i_gsl_inverse_sd(squares / weight_sum) > 0.0 ? sqrt(squares / weight_sum) : 0.0;
}

/* The net of a triangle's rows. A column that no more than rounding tells from a constant has no part. */
static void enet_learn(enet_task *t, kedge_i_gsl_triangle *r)
{
    size_t n = t->n;
    double *gram = t->net.gram;
    double weight_sum = r->matrix[0] * r->matrix[0];
    kedge_i_gsl_triangle_centre(r);
    t->spread = enet_spread(r, weight_sum);
    double inverse_spread = 1.0 / fmax(t->spread, DBL_EPSILON) / weight_sum;
    enet_add_products(t, r);
    for (size_t i = 0; i < n; i++)
        t->inverse_sd[i] = kedge_i_gsl_inverse_sd(gram[i * (n + 1)] / weight_sum);
    for (size_t i = 0; i < n; i++) {
        t->net.target[i] *= t->inverse_sd[i] * (t->spread > 0.0 ? inverse_spread : 0.0);
        gram[i * (n + 1)] = t->inverse_sd[i] > 0.0 ? 1.0 : 0.0;
        for (size_t j = i + 1; j < n; j++) {
            gram[i * n + j] *= t->inverse_sd[i] * t->inverse_sd[j] / weight_sum;
            gram[j * n + i] = gram[i * n + j];
        }
    }
    memset(t->net.v, 0, n * sizeof(double));
    t->net.iterations = 0;
}

/* x 2^power for x >= 0, cut. */
static double enet_product(double x, int power)
{
    if (!(x > 0.0))
        return 0.0;
    int at = ilogb(x) + power;
    if (at > ENET_PRODUCT_MAX)
        return ldexp(1.0, ENET_PRODUCT_MAX);
    return at < ENET_PRODUCT_MIN ? 0.0 : ldexp(x, power);
}

/* One over the deviation of column i, without its power of two, which is added to *power. */
static double enet_column(const enet_task *t, const kedge_i_gsl_triangle *r, size_t i, int *power)
{
    if (t->s->standardise)
        return 1.0;
    *power += ilogb(r->unit[i + 1]);
    return t->inverse_sd[i];
}

static void enet_penalise(enet_task *t, const kedge_i_gsl_triangle *r, double alpha)
{
    int target_power = ilogb(r->unit[r->width - 1]);
    for (size_t i = 0; i < t->n; i++) {
        int power = 0;
        double inverse = enet_column(t, r, i, &power);
        t->net.l1[i] = enet_product(alpha * t->s->l1_ratio * (inverse / fmax(t->spread, DBL_EPSILON)), power + target_power);
        t->net.l2[i] = enet_product(alpha * (1.0 - t->s->l1_ratio) * (inverse * inverse), 2 * power);
    }
}

/* The least strength that leaves out all columns, and what it is rounded by. */
static double enet_greatest(const enet_task *t, const kedge_i_gsl_triangle *r)
{
    int target_power = ilogb(r->unit[r->width - 1]);
    double share = fmax(t->s->l1_ratio, ENET_L1_LEAST);
    double most = 0.0;
    for (size_t i = 0; i < t->n; i++) {
        int power = 0;
        double inverse = enet_column(t, r, i, &power);
        double x = fabs(t->net.target[i]) * t->spread / share / fmax(inverse, DBL_EPSILON);
        most = fmax(most, t->inverse_sd[i] > 0.0 ? enet_product(x, -power - target_power) : 0.0);
    }
    return most * (1.0 + 8.0 * DBL_EPSILON);
}

static void enet_set_path(enet_task *t, const kedge_i_gsl_triangle *r, size_t n)
{
    double most = enet_greatest(t, r);
    double root = n > 1 ? log(t->s->path_ratio) / (double)(n - 1) : 0.0;
    for (size_t i = 0; i < n; i++)
        t->points[i].alpha = most > 0.0 ? most * exp(root * (double)i) : ENET_NO_ALPHA;
}

/* Solutions ------------------------------------------------------------------------------------------------------------------- */

/* The net of triangle r at a strength, from where the one before has ended; then weights and intercept. */
static void enet_solve(enet_task *t, const kedge_i_gsl_triangle *r, double alpha)
{
    double sum = r->matrix[r->width - 1];
    enet_penalise(t, r, alpha);
    t->slow |= !kedge_i_net_minimise(&t->net, t->s->tolerance, t->s->max_iterations);
    for (size_t j = 0; j < t->n; j++) {
        t->weight[j] = t->net.v[j] * t->spread;
        sum -= r->matrix[j + 1] * t->inverse_sd[j] * t->weight[j];
    }
    t->intercept = sum / r->matrix[0];
}

/* Squared error of the solution for `from` on the rows of `at`, in units of the target; of all rows together. */
static double enet_squares(enet_task *t, const kedge_i_gsl_triangle *from, const kedge_i_gsl_triangle *at)
{
    size_t width = at->width;
    double *k = t->kernel;
    double squares = 0.0;
    k[width - 1] = 1.0;
    k[0] = at->centre[width - 1] - from->centre[width - 1] - t->intercept;
    for (size_t j = 1; j <= t->n; j++) {
        double b = t->inverse_sd[j - 1] * t->weight[j - 1];
        k[j] = -b;
        k[0] += b * (from->centre[j] - at->centre[j]);
    }
    for (size_t i = 0; i < width; i++) {
        double sum = 0.0;
        for (size_t j = i; j < width; j++)
            sum += at->matrix[i * width + j] * k[j];
        squares += sum * sum;
    }
    return squares;
}

/* What the solution for all rows is worth. */
static void enet_describe(enet_task *t, kedge_gsl_elastic_net_fit *p)
{
    const kedge_i_gsl_triangle *r = &t->all;
    double weight_sum = r->matrix[0] * r->matrix[0], unit = r->unit[r->width - 1];
    double squares = enet_squares(t, r, r), total = t->spread * t->spread * weight_sum;
    p->n_rows = (uint64_t)r->scalars[KEDGE_I_GSL_USED];
    p->deviance = squares / r->scalars[KEDGE_I_GSL_WEIGHT_UNIT] / unit / unit;
    p->r2 = total > squares ? 1.0 - squares / total : 0.0;
    p->error = p->error / unit / unit;
    p->error_se = p->error_se / unit / unit;
    p->gap = t->net.gap;
    p->n_nonzero = 0;
    for (size_t j = 0; j < t->n; j++)
        p->n_nonzero += t->weight[j] != 0.0;
    p->iterations = t->net.iterations;
    p->converged = t->net.converged ? 1 : 0;
}

/* Cross-validation ------------------------------------------------------------------------------------------------------------ */

/* All folds but one into t->train. */
static void enet_gather(enet_task *t, uint32_t but)
{
    kedge_i_gsl_triangle_begin(&t->train);
    for (uint32_t k = 0; k < t->s->n_folds; k++) {
        kedge_i_gsl_triangle fold = enet_fold(t, k);
        if (k != but)
            kedge_i_gsl_triangle_merge(&t->train, &fold);
    }
}

/* Mean and squared deviations of each strength's errors so far (Welford 1962), in units of the target. */
static void enet_judge_fold(enet_task *t, const kedge_i_gsl_triangle *test, size_t n, double n_before)
{
    double weight_sum = test->matrix[0] * test->matrix[0];
    enet_learn(t, &t->train);
    for (size_t i = 0; i < n; i++) {
        kedge_gsl_elastic_net_fit *p = t->points + i;
        enet_solve(t, &t->train, p->alpha);
        double error = enet_squares(t, &t->train, test) / weight_sum;
        double off = error - p->error;
        p->error += off / (n_before + 1.0);
        p->error_se += off * (error - p->error);
    }
}

/* Errors of all strengths. KEDGE_ERR_NUMERIC: no fold can be judged. */
static kedge_status enet_judge(enet_task *t, size_t n)
{
    uint32_t n_judged = 0;
    for (uint32_t k = 0; k < t->s->n_folds; k++) {
        kedge_i_gsl_triangle test = enet_fold(t, k);
        enet_gather(t, k);
        if (enet_is_empty(&test) || enet_is_empty(&t->train))
            continue;
        enet_judge_fold(t, &test, n, (double)n_judged);
        n_judged++;
    }
    for (size_t i = 0; i < n && n_judged > 0; i++) {
        kedge_gsl_elastic_net_fit *p = t->points + i;
        p->n_folds = n_judged;
        p->error_se = sqrt(fmax(p->error_se, 0.0) / ((double)n_judged * fmax((double)n_judged - 1.0, 1.0)));
    }
    return n_judged == 0 ? KEDGE_ERR_NUMERIC : KEDGE_OK;
}

/* The strength of the least error, the first of equals; or the first of those within a standard error of it. */
static size_t enet_choose(const enet_task *t, size_t n)
{
    size_t best = 0, first = 0;
    for (size_t i = 1; i < n; i++)
        best = t->points[i].error < t->points[best].error ? i : best;
    while (t->points[first].error > t->points[best].error + t->points[best].error_se)
        first++;
    return t->s->one_error && first < best ? first : best;
}

/* Calls ----------------------------------------------------------------------------------------------------------------------- */

static kedge_status enet_commit(kedge_i_elastic_net_state *s, enet_task *t, const kedge_gsl_elastic_net_fit *p)
{
    const kedge_i_gsl_triangle *r = &t->all;
    kedge_i_gsl_columns columns = {0};
    columns.unit = r->unit + 1;
    columns.centre = r->centre + 1;
    columns.inverse_sd = t->inverse_sd;
    columns.n_used = p->n_rows;
    KEDGE_TRY(kedge_i_gsl_commit(s, &columns, t->weight, r->centre[t->n + 1] + t->intercept, 1.0 / r->unit[t->n + 1]));
    s->linear.deviance = p->deviance;
    s->linear.unexplained = 1.0 - p->r2;
    s->linear.rank = p->n_nonzero;
    s->linear.iterations = p->iterations;
    s->chosen = p->alpha;
    s->gap = p->gap;
    s->error = p->error;
    s->error_se = p->error_se;
    s->converged = p->converged;
    s->n_judged = p->n_folds;
    return t->slow ? KEDGE_WARNING : KEDGE_OK;
}

/* Read the rows, and set the strengths that are not given. */
static kedge_status enet_begin(enet_task *t, const kedge_rows *x, const double *y, const double *weight, const double *alphas,
                               size_t n)
{
    memset(t->points, 0, n * sizeof *t->points);
    KEDGE_TRY(enet_read(t, x, y, weight));
    enet_learn(t, &t->all);
    if (!alphas)
        enet_set_path(t, &t->all, n);
    for (size_t i = 0; alphas && i < n; i++)
        t->points[i].alpha = alphas[i];
    if (t->s->n_folds == 0)
        return KEDGE_OK;
    KEDGE_TRY(enet_judge(t, n));
    enet_learn(t, &t->all); /* again, after those of the folds */
    return KEDGE_OK;
}

kedge_status kedge_i_elastic_net_fit(kedge_i_elastic_net_state *s, const kedge_rows *x, const double *y, const double *weight,
                                     void *work)
{
    enet_task t;
    size_t n = s->n_folds > 0 ? s->n_alphas : 1, chosen = 0;
    (void)enet_place(&t, s, x->n_rows, n, work);
    KEDGE_TRY(enet_begin(&t, x, y, weight, s->n_folds > 0 ? NULL : &s->alpha, n));
    if (s->n_folds > 0)
        chosen = enet_choose(&t, n);
    for (size_t i = 0; i <= chosen; i++)
        enet_solve(&t, &t.all, t.points[i].alpha);
    enet_describe(&t, t.points + chosen);
    return enet_commit(s, &t, t.points + chosen);
}

/* Weights and intercept in the caller's units. */
static kedge_status enet_write(enet_task *t, kedge_gsl_elastic_net_fit *p, double *weights)
{
    const kedge_i_gsl_triangle *r = &t->all;
    double scale = 1.0 / r->unit[t->n + 1], sum = r->centre[t->n + 1] + t->intercept;
    for (size_t j = 0; j < t->n; j++) {
        double b = t->weight[j] * t->inverse_sd[j];
        sum -= b * r->centre[j + 1];
        if (weights && !kedge_i_gsl_rescale(b, r->unit[j + 1], scale, weights + j))
            return KEDGE_ERR_NUMERIC;
    }
    p->intercept = sum * scale;
    return KEDGE_OK;
}

kedge_status kedge_i_elastic_net_path(const kedge_i_elastic_net_state *s, const kedge_rows *x, const double *y,
                                      const double *weight,
                                      const double *alphas, kedge_gsl_elastic_net_fit *points, size_t n, double *weights,
                                          void *work)
{
    enet_task t;
    (void)enet_place(&t, s, x->n_rows, 0, work);
    t.points = points;
    KEDGE_TRY(enet_begin(&t, x, y, weight, alphas, n));
    for (size_t i = 0; i < n; i++) {
        enet_solve(&t, &t.all, points[i].alpha);
        enet_describe(&t, points + i);
        KEDGE_TRY(enet_write(&t, points + i, weights ? weights + i * t.n : NULL));
    }
    return t.slow ? KEDGE_WARNING : KEDGE_OK;
}
