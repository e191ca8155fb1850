/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fit of multinomial logistic regression by Newton's method: McCullagh, Nelder 1989, "Generalized Linear Models", 2nd edition,
 * section 5.2.4 and 2.5; ridge: le Cessie, van Houwelingen 1992, "Ridge estimators in logistic regression", Applied Statistics 41.
 *
 * One class, the first that has rows, is held at 0; u[k] are intercept and weights of the others against it, for standardised
 * columns. With s a standardised row (1 in front), P its probabilities and W the weight of all rows, minimise
 *     f(u) = (sum of w * log loss + l2 / 2 * penalty) / W,   f''(k, l) = sum of w s s' (P_k [k = l] - P_k P_l) / W + ...
 * The penalty is on weights of all K classes, of which only differences show: it is least where they sum to 0, and there, for each
 * column,
 *     penalty = sum of u[k]^2 - (sum of u[k])^2 / K
 * so that nothing is lost by holding one class at 0, and f'' is regular. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "gsl/softmax_state.h"

#include "base/check.h"
#include "base/cholesky.h"
#include "base/number.h"
#include "gsl/irls.h"
#include "gsl/softmax_matrix.h"

#define SOFTMAX_SEPARATED 1e-10  /* mean log loss of separable classes: without a penalty it falls for ever */
#define SOFTMAX_NEAR      1e-3   /* a pass with the matrix costs many without it: see kedge_i_newton */
#define SOFTMAX_SLOW      0.1
#define SOFTMAX_SHARE_MIN 1e-4   /* of a class, for where to start */
#define SOFTMAX_TOTAL_MIN 1e-150 /* of the weights: less says nothing of errors */
#define SOFTMAX_SCALE_MAX 1e100  /* of what a squared weight counts for */

enum {
    SOFTMAX_THIN = 4 /* the first matrix of all rows is that of a quarter of them: it costs as much as ten passes without it, and
                      * three such passes more are enough */
};

typedef struct softmax_task {
    kedge_i_irls irls;
    kedge_i_softmax_matrix matrix;
    size_t n;         /* features */
    size_t n_outputs; /* classes that have rows, less the first */
    double *output;   /* of each class: 0 for the first that has rows, 1 .. n_outputs for the others, -1 without rows */
    double *share;    /* of each class in the weight of all rows */
    double *scale;    /* of each column: what the square of its weight counts for */
    double *root;     /* with report */
    size_t thin;      /* the next matrix is taken from one of so many blocks of rows */
} softmax_task;

/* Work for so many outputs; NULL: count only. */
static uint64_t softmax_place(softmax_task *t, const kedge_i_softmax_state *s, size_t n_outputs, double *work)
{
    uint64_t used = 0, n = s->model.n_features, k = s->model.n_classes;
    uint64_t width = n_outputs * kedge_i_newton_stride(n + 1);
    uint64_t at[4];
    at[0] = kedge_i_gsl_take(&used, k, 2);
    at[1] = kedge_i_gsl_take(&used, n, 1);
    at[2] = kedge_i_gsl_take(&used, s->report ? kedge_i_triangle(width) : 0, 1);
    at[3] = kedge_i_gsl_take(&used, kedge_i_softmax_matrix_room(n, n_outputs), 1);
    uint64_t at_irls = kedge_i_gsl_take(&used, kedge_i_irls_room((uint32_t)n, n_outputs), 1);
    if (!work)
        return used;
    memset(t, 0, sizeof *t);
    t->thin = 1;
    t->n = (size_t)n;
    t->n_outputs = n_outputs;
    t->output = work + at[0];
    t->share = t->output + k;
    t->scale = work + at[1];
    t->root = work + at[2];
    kedge_i_irls_place(&t->irls, (uint32_t)n, n_outputs, work + at_irls);
    kedge_i_softmax_matrix_place(&t->matrix, &t->irls, t->n, work + at[3]);
    return used;
}

size_t kedge_i_softmax_fit_work(const void *fixed, size_t n_rows)
{
    const kedge_i_softmax_state *s = fixed;
    (void)n_rows;
    return kedge_i_gsl_work_bytes(softmax_place(NULL, s, s->model.n_classes - 1, NULL));
}

/* Classes that have rows, into output[] by their order. Returns how many there are. */
static size_t softmax_number(double *output, size_t n_classes, const double *y, const double *weight, size_t n_rows)
{
    size_t n_seen = 0;
    for (size_t k = 0; k < n_classes; k++)
        output[k] = -1.0;
    for (size_t i = 0; i < n_rows; i++)
        if (!weight || weight[i] > 0.0)
            output[(size_t)y[i]] = 0.0;
    for (size_t k = 0; k < n_classes; k++)
        if (output[k] >= 0.0)
            output[k] = (double)n_seen++;
    return n_seen;
}

/* The function ---------------------------------------------------------------------------------------------------------------- */

/* Probabilities in the place of linear predictors, and slopes. Nothing cancels where a row is predicted well: what the other
 * classes have is summed up by itself. Returns share * log loss. */
static double softmax_row(const softmax_task *t, kedge_i_irls_block *b, size_t i)
{
    size_t stride = t->irls.capacity, own = (size_t)t->output[(size_t)b->y[i]];
    double most = 0.0, others = 0.0;
    for (size_t k = 0; k < t->n_outputs; k++)
        most = fmax(most, b->eta[k * stride + i]);
    double reference = exp(-most), mine = own == 0 ? reference : 0.0;
    double off = most - (own == 0 ? 0.0 : b->eta[(own - 1) * stride + i]);
    others += own == 0 ? 0.0 : reference;
    for (size_t k = 0; k < t->n_outputs; k++) {
        double e = exp(b->eta[k * stride + i] - most);
        mine = k + 1 == own ? e : mine;
        others += k + 1 == own ? 0.0 : e;
        b->eta[k * stride + i] = e;
    }
    double total = mine + others;
    for (size_t k = 0; k < t->n_outputs; k++) {
        double p = b->eta[k * stride + i] / total;
        b->eta[k * stride + i] = p;
        b->slope[k * stride + i] = b->share[i] * (k + 1 == own ? -others / total : p);
    }
    return b->share[i] * (off == 0.0 ? log1p(others) : off + log(total));
}

static double *softmax_block(const softmax_task *t, size_t k, size_t l)
{
    const kedge_i_newton *u = &t->irls.newton;
    return u->matrix + k * t->irls.stride * u->stride + l * t->irls.stride;
}

/* What a row counts for each pair of outputs. */
static void softmax_add_matrix(softmax_task *t, kedge_i_irls_block *b)
{
    size_t capacity = t->irls.capacity;
    double *curve = t->matrix.curve, thin = (double)t->thin;
    for (size_t k = 0; k < t->n_outputs; k++)
        for (size_t l = k; l < t->n_outputs; l++, curve += capacity) {
            const double *p = b->eta + k * capacity, *q = b->eta + l * capacity;
            for (size_t i = 0; i < b->n; i++) {
                double own = fmax(p[i] * (1.0 - p[i]), KEDGE_I_IRLS_VARIANCE_MIN);
                curve[i] = thin * b->share[i] * (k == l ? own : -p[i] * q[i]);
            }
        }
    kedge_i_softmax_matrix_add(&t->matrix, t->irls.rows, t->irls.stride, b->n);
}

/* For each column, sum of u^2 - (sum of u)^2 / K over the outputs, times ridge / 2. Returns it; with its slopes and curvatures. */
static double softmax_penalise(softmax_task *t, const double *u, double *gradient, int with_matrix)
{
    size_t stride = t->irls.stride;
    double inverse = 1.0 / ((double)t->n_outputs + 1.0), penalty = 0.0;
    for (size_t j = 1; j <= t->n; j++) {
        double ridge = t->irls.ridge * t->scale[j - 1], sum = 0.0, squares = 0.0;
        for (size_t k = 0; k < t->n_outputs; k++) {
            sum += u[k * stride + j];
            squares += u[k * stride + j] * u[k * stride + j];
        }
        penalty += 0.5 * ridge * fmax(squares - sum * sum * inverse, 0.0);
        for (size_t k = 0; k < t->n_outputs && gradient; k++)
            gradient[k * stride + j] += ridge * (u[k * stride + j] - sum * inverse);
        for (size_t k = 0; k < t->n_outputs && with_matrix; k++)
            for (size_t l = k; l < t->n_outputs; l++)
                softmax_block(t, k, l)[j * t->irls.newton.stride + j] += ridge * ((k == l ? 1.0 : 0.0) - inverse);
    }
    return penalty;
}

static double softmax_evaluate(void *problem, int with_matrix)
{
    softmax_task *t = problem;
    kedge_i_newton *u = &t->irls.newton;
    kedge_i_irls_block b = kedge_i_irls_block_of(&t->irls);
    size_t stride = t->irls.stride, i_block = 0;
    double sum = 0.0, lost = 0.0;
    memset(u->gradient, 0, u->stride * sizeof(double));
    if (with_matrix) {
        memset(u->matrix, 0, u->width * u->stride * sizeof(double));
        kedge_i_softmax_matrix_begin(&t->matrix);
    }
    for (size_t i_row = 0; i_row < t->irls.columns.x->n_rows;) {
        kedge_i_irls_gather(&t->irls, &i_row, &b);
        for (size_t k = 0; k < t->n_outputs; k++)
            kedge_i_irls_predict(&t->irls, u->next + k * stride, b.n, b.eta + k * t->irls.capacity);
        for (size_t i = 0; i < b.n; i++)
            kedge_i_irls_add(&sum, &lost, softmax_row(t, &b, i));
        for (size_t k = 0; k < t->n_outputs; k++) {
            double *slope = b.slope + k * t->irls.capacity;
            kedge_i_irls_fill(slope, b.n);
            kedge_i_irls_add_gradient(&t->irls, slope, b.n, u->gradient + k * stride);
        }
        if (with_matrix && i_block++ % t->thin == 0)
            softmax_add_matrix(t, &b);
    }
    if (with_matrix) {
        kedge_i_softmax_matrix_end(&t->matrix, u, stride);
        u->partial = t->thin > 1 || t->irls.every > 1;
        t->thin = 1;
    }
    t->irls.loss = sum + lost > 0.0 ? sum + lost : 0.0;
    return t->irls.loss + softmax_penalise(t, u->next, u->gradient, with_matrix);
}

/* The fit --------------------------------------------------------------------------------------------------------------------- */

/* Shares of the classes, and what the square of a column's weight counts for: 1, or that of the weight in the caller's units. */
static void softmax_measure(softmax_task *t, const kedge_i_softmax_state *s)
{
    const kedge_i_gsl_columns *c = &t->irls.columns;
    memset(t->share, 0, s->model.n_classes * sizeof(double));
    for (size_t i = 0; i < c->x->n_rows; i++)
        t->share[(size_t)t->irls.y[i]] += kedge_i_irls_share(&t->irls, i);
    for (size_t j = 0; j < t->n; j++) {
        double per = fmin(c->inverse_sd[j] * fmin(c->unit[j], SOFTMAX_SCALE_MAX), sqrt(SOFTMAX_SCALE_MAX));
        t->scale[j] = s->standardise || !(c->inverse_sd[j] > 0.0) ? 1.0 : per * per;
    }
}

/* No weights, and the intercepts of the classes' shares. */
static void softmax_start_at(softmax_task *t, const kedge_i_softmax_state *s)
{
    double first = 1.0;
    memset(t->irls.newton.now, 0, t->irls.newton.width * sizeof(double));
    for (size_t k = 0; k < s->model.n_classes; k++) {
        double share = fmax(t->share[k], SOFTMAX_SHARE_MIN);
        if (t->output[k] == 0.0)
            first = share;
        else if (t->output[k] > 0.0)
            t->irls.newton.now[((size_t)t->output[k] - 1) * t->irls.stride] = log(share / first);
    }
}

/* Long tables on a part of their rows first. */
static kedge_status softmax_minimise(softmax_task *t, const kedge_i_softmax_state *s)
{
    kedge_i_newton *u = &t->irls.newton;
    softmax_start_at(t, s);
    double near = u->near, slow = u->slow;
    u->near = SOFTMAX_NEAR;
    u->slow = SOFTMAX_SLOW;
    if (kedge_i_irls_approach(&t->irls, s->max_iterations)) {
        u->ready = 1; /* the matrix of the part */
        t->thin = SOFTMAX_THIN;
        if (kedge_i_newton_minimise(u, s->tolerance, s->max_iterations) == KEDGE_OK)
            return KEDGE_OK;
    }
    u->near = near;
    u->slow = slow;
    t->thin = 1;
    softmax_start_at(t, s);
    return kedge_i_newton_minimise(u, s->tolerance, s->max_iterations);
}

/* -2 log likelihood of the shares alone, over the weight of all rows. */
static double softmax_null(const softmax_task *t, const kedge_i_softmax_state *s)
{
    double sum = 0.0;
    for (size_t k = 0; k < s->model.n_classes; k++)
        sum -= t->share[k] > 0.0 ? t->share[k] * log(t->share[k]) : 0.0;
    return 2.0 * fmax(sum, 0.0);
}

/* Weights of all classes from those against the first, in the state's units: with a penalty about their means. Into newton.step and
 * .gradient, of which the first class takes the former. KEDGE_ERR_NUMERIC: one is out of bounds. */
static kedge_status softmax_finish(softmax_task *t)
{
    kedge_i_newton *u = &t->irls.newton;
    size_t stride = t->irls.stride;
    double inverse = t->irls.ridge > 0.0 ? 1.0 / ((double)t->n_outputs + 1.0) : 0.0;
    int good = 1;
    for (size_t j = 0; j <= t->n; j++) {
        double per = j == 0 ? 1.0 : t->irls.columns.inverse_sd[j - 1], sum = 0.0;
        for (size_t k = 0; k < t->n_outputs; k++)
            sum += u->now[k * stride + j];
        u->step[j] = -sum * inverse * per;
        good &= kedge_i_within(u->step[j], -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX);
        for (size_t k = 0; k < t->n_outputs; k++) {
            double *to = u->gradient + k * stride + j;
            *to = (u->now[k * stride + j] - sum * inverse) * per;
            good &= kedge_i_within(*to, -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX);
        }
    }
    return good ? KEDGE_OK : KEDGE_ERR_NUMERIC;
}

static void softmax_commit(softmax_task *t, kedge_i_softmax_state *s)
{
    const kedge_i_newton *u = &t->irls.newton;
    double *seen = kedge_i_at(s, s->seen_at), *intercept = kedge_i_at(s, s->intercept_at), *weight = kedge_i_at(s, s->weight_at);
    memcpy(kedge_i_at(s, s->unit_at), t->irls.columns.unit, t->n * sizeof(double));
    memcpy(kedge_i_at(s, s->centre_at), t->irls.columns.centre, t->n * sizeof(double));
    memset(intercept, 0, s->model.n_classes * sizeof(double));
    memset(weight, 0, s->n_weights * sizeof(double));
    for (size_t k = 0; k < s->model.n_classes; k++) {
        seen[k] = t->output[k] >= 0.0 ? 1.0 : 0.0;
        if (t->output[k] < 0.0)
            continue;
        const double *from = t->output[k] == 0.0 ? u->step : u->gradient + ((size_t)t->output[k] - 1) * t->irls.stride;
        intercept[k] = from[0];
        memcpy(weight + k * t->n, from + 1, t->n * sizeof(double));
    }
    s->model.n_learned = t->irls.columns.n_used;
}

/* T of the matrix at the optimum, without the columns that only fill up, in the state's units. 0: an element is out of bounds. */
static int softmax_root(softmax_task *t, double total)
{
    size_t width = t->n + 1, stride = t->irls.stride;
    double scale = 1.0 / sqrt(total);
    int good = 1;
    kedge_i_newton_root(&t->irls.newton, t->root);
    for (size_t r = 0; r < t->n_outputs * width; r++) { /* in place: what is written stands before what is read */
        const double *from = t->root + kedge_i_triangle(r / width * stride + r % width);
        double *to = t->root + kedge_i_triangle(r);
        for (size_t c = 0; c <= r; c++) {
            size_t j = c % width;
            to[c] = from[c / width * stride + j] * scale * (j == 0 ? 1.0 : t->irls.columns.inverse_sd[j - 1]);
            good &= kedge_i_within(to[c], -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX);
        }
    }
    return good;
}

static void softmax_commit_errors(softmax_task *t, kedge_i_softmax_state *s, double total)
{
    double *root = kedge_i_at(s, s->root_at);
    memset(root, 0, s->n_root * sizeof(double));
    s->has_root = 0;
    if (!s->report || !(total > SOFTMAX_TOTAL_MIN))
        return;
    kedge_i_newton_refresh(&t->irls.newton);
    if (!softmax_root(t, total))
        return;
    memcpy(root, t->root, (size_t)kedge_i_triangle(t->n_outputs * (t->n + 1)) * sizeof(double));
    s->has_root = 1;
}

kedge_status kedge_i_softmax_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                 const double *weight,
                                 void *work)
{
    (void)cls;
    kedge_i_softmax_state *s = state;
    softmax_task t;
    size_t n_seen = softmax_number(work, s->model.n_classes, y, weight, x->n_rows);
    if (n_seen < 2)
        return KEDGE_ERR_NUMERIC;
    (void)softmax_place(&t, s, n_seen - 1, work);
    t.irls.newton.evaluate = softmax_evaluate;
    t.irls.newton.problem = &t;
    KEDGE_TRY(kedge_i_irls_begin(&t.irls, x, y, weight));
    softmax_measure(&t, s);
    t.irls.ridge = kedge_i_irls_ridge(&t.irls, s->l2);
    t.irls.newton.hopeless = t.irls.ridge == 0.0 ? SOFTMAX_SEPARATED : 0.0;
    KEDGE_TRY(softmax_minimise(&t, s));
    double total = kedge_i_irls_weight(&t.irls);
    double loss = fmax(t.irls.newton.objective - softmax_penalise(&t, t.irls.newton.now, NULL, 0), 0.0);
    KEDGE_TRY(softmax_finish(&t));
    softmax_commit(&t, s);
    s->deviance = 2.0 * loss * total;
    s->null_deviance = softmax_null(&t, s) * total;
    s->iterations = t.irls.newton.iterations;
    softmax_commit_errors(&t, s, total);
    uint32_t n_intercepts = (uint32_t)t.n_outputs - 1;
    s->rank = t.irls.newton.rank > n_intercepts ? t.irls.newton.rank - n_intercepts : 0;
    return KEDGE_OK;
}
