/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logistic regression of two classes by iteratively reweighted least squares, that is by Newton's method.
 *
 * McCullagh, Nelder 1989, "Generalized Linear Models", 2nd edition, section 2.5, with the ridge penalty of le Cessie, van
 * Houwelingen 1992, "Ridge estimators in logistic regression", Applied Statistics 41. With s the standardised row (1 in front), v =
 * P(1 - P), W the sum of the rows' weights w and u the weights (u[0], the intercept, is free of the penalty), minimise
 *     f(u) = (sum of w * log loss + l2 / 2 * |u|^2) / W
 * by steps d that solve (S' diag(w v) S + l2 I) d = -f'(u) W, halved until f does not rise. The matrix is summed by loops of our
 * own, four rows at a time, and solved by a Cholesky decomposition that leaves out columns which the earlier ones determine: GSL's
 * own aborts on them.
 *
 * Cost: O(n_rows * n_features^2) an iteration, usually under 10; the standardised table is never stored. */
#include "base/fp.h"

#include <float.h>
#include <string.h>

#include "kedge/gsl.h"

#include "base/check.h"
#include "base/number.h"
#include "gsl/linear_model.h"

#define LOGISTIC_IRLS_VARIANCE_MIN 1e-12 /* of a row: keeps the matrix regular where all probabilities are 0 or 1 */
#define LOGISTIC_IRLS_PIVOT_MIN 1e-13    /* share of a column that must be its own */
#define LOGISTIC_IRLS_TOLERANCE_MIN 1e-14 /* rounding of f */
#define LOGISTIC_IRLS_STALL 1e-9         /* no step helps: fine if so little was left to gain */
#define LOGISTIC_IRLS_SEPARATED 1e-10    /* mean log loss of separable classes: without a penalty it falls for ever */
#define LOGISTIC_IRLS_SHARE_MIN 1e-4     /* of a class, for where to start */
enum { LOGISTIC_IRLS_ROWS = 4, LOGISTIC_IRLS_HALVINGS = 40 };

typedef struct logistic_irls_state {
    kedge_i_gsl_state linear;
    double l2;
    double tolerance;
    uint32_t max_iterations;
    uint32_t reserved;
} logistic_irls_state;

static const kedge_field logistic_irls_fields[] = {
    KEDGE_I_GSL_PARAMS(logistic_irls_state),
    KEDGE_PARAM(logistic_irls_state, l2, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_irls_state, tolerance, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_irls_state, max_iterations, KEDGE_TYPE_U32),
    KEDGE_I_GSL_VALUES(logistic_irls_state),
};

/* A fit: its input, and arrays in the work memory; width = n_features + 1, the intercept first. */
typedef struct logistic_irls_task {
    kedge_i_gsl_columns columns;
    const double *y;
    double ridge; /* l2 / W, in units of the greatest weight */
    size_t width;
    double *now;       /* u, the best so far */
    double *next;      /* u that was evaluated last */
    double *step;      /* d */
    double *gradient;  /* f' at next */
    double *diagonal;  /* of the matrix, before it is decomposed */
    double *rows;      /* LOGISTIC_IRLS_ROWS standardised rows */
    double *matrix;    /* f'' at next, upper triangle; then its decomposition U'U */
    double loss;       /* mean log loss at next */
    double objective;  /* f at next */
    uint32_t iterations;
    uint32_t rank;
} logistic_irls_task;

/* Compensated sum: Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen". */
typedef struct logistic_irls_sum {
    double sum;
    double lost;
} logistic_irls_sum;

static inline void logistic_irls_add(logistic_irls_sum *s, double x)
{
    double sum = s->sum + x;
    s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - sum) + x : (x - sum) + s->sum;
    s->sum = sum;
}

static void logistic_irls_defaults(void *config)
{
    kedge_gsl_logistic_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_logistic;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->base.n_classes = 2;
    cfg->l2 = 1.0;
    cfg->tolerance = 1e-10;
    cfg->max_iterations = 100;
}

kedge_status kedge_gsl_logistic_config_init(kedge_gsl_logistic_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_logistic.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->base.n_features = n_features;
    return st;
}

static void logistic_irls_configure(const void *config, void *fixed)
{
    const kedge_gsl_logistic_config *cfg = config;
    logistic_irls_state *s = fixed;
    s->linear.model.n_features = cfg->base.n_features;
    s->linear.model.n_classes = cfg->base.n_classes;
    s->l2 = cfg->l2;
    s->tolerance = cfg->tolerance;
    s->max_iterations = cfg->max_iterations;
}

static int logistic_irls_valid(const void *fixed)
{
    const logistic_irls_state *s = fixed;
    return kedge_i_u32_within(s->linear.model.n_features, 1, KEDGE_FEATURES_MAX) && s->linear.model.n_classes == 2 &&
           kedge_i_within(s->l2, 0.0, 1e9) && s->tolerance > 0.0 && s->tolerance < 1.0 &&
           kedge_i_u32_within(s->max_iterations, 1, 10000);
}

static size_t logistic_irls_layout(void *fixed)
{
    return kedge_i_gsl_layout(fixed, sizeof(logistic_irls_state));
}

static int logistic_irls_check(const void *state)
{
    return logistic_irls_valid(state) && kedge_i_gsl_check(state);
}

/* One layout for fit_work and fit: places counted in doubles. */
typedef struct logistic_irls_plan {
    uint64_t unit, centre, inverse_sd;                  /* n_features each */
    uint64_t now, next, step, gradient, diagonal, rows; /* width each, rows four times that */
    uint64_t matrix;                                    /* width * width */
    uint64_t total;
} logistic_irls_plan;

static logistic_irls_plan logistic_irls_plan_work(uint32_t n_features)
{
    logistic_irls_plan p;
    uint64_t used = 0;
    uint64_t width = (uint64_t)n_features + 1;
    p.unit = kedge_i_gsl_take(&used, n_features, 1);
    p.centre = kedge_i_gsl_take(&used, n_features, 1);
    p.inverse_sd = kedge_i_gsl_take(&used, n_features, 1);
    p.now = kedge_i_gsl_take(&used, width, 1);
    p.next = kedge_i_gsl_take(&used, width, 1);
    p.step = kedge_i_gsl_take(&used, width, 1);
    p.gradient = kedge_i_gsl_take(&used, width, 1);
    p.diagonal = kedge_i_gsl_take(&used, width, 1);
    p.rows = kedge_i_gsl_take(&used, width, LOGISTIC_IRLS_ROWS);
    p.matrix = kedge_i_gsl_take(&used, width, width);
    p.total = used;
    return p;
}

static size_t logistic_irls_fit_work(const void *fixed, size_t n_rows)
{
    (void)n_rows;
    return kedge_i_gsl_work_bytes(logistic_irls_plan_work(((const logistic_irls_state *)fixed)->linear.model.n_features).total);
}

/* e = exp(-|eta|) gives log loss, residual and variance without overflow or cancellation. */
static double logistic_irls_loss(double eta, double y, double *residual, double *variance)
{
    double e = exp(-fabs(eta));
    double far = 1.0 / (1.0 + e); /* probability of the class on eta's side */
    double near = e / (1.0 + e);
    int right = (eta >= 0.0) == (y == 1.0);
    *residual = (right ? near : far) * (y == 1.0 ? -1.0 : 1.0); /* P - y */
    *variance = far * near;
    return log1p(e) + (right ? 0.0 : fabs(eta));
}

/* Add four rows, times their weights v, to the upper triangle. */
static void logistic_irls_add_rows(logistic_irls_task *t, const double *v)
{
    size_t width = t->width;
    const double *a = t->rows, *b = a + width, *c = b + width, *d = c + width;
    for (size_t i = 0; i < width; i++) {
        double *to = t->matrix + i * width;
        double ai = v[0] * a[i], bi = v[1] * b[i], ci = v[2] * c[i], di = v[3] * d[i];
        for (size_t j = i; j < width; j++)
            to[j] += ai * a[j] + bi * b[j] + ci * c[j] + di * d[j];
    }
}

/* One row at u = next into gradient and `rows`; returns its share of the loss. */
static double logistic_irls_row(logistic_irls_task *t, size_t i_row, size_t slot, double *v)
{
    const double *u = t->next;
    double *row = t->rows + slot * t->width;
    double *gradient = t->gradient;
    double share = kedge_i_gsl_weight(&t->columns, i_row) / t->columns.weight_sum;
    double eta = 0.0, residual, variance;
    row[0] = 1.0;
    kedge_i_gsl_standardise(&t->columns, i_row, row + 1);
    for (size_t j = 0; j < t->width; j++)
        eta += u[j] * row[j];
    double loss = logistic_irls_loss(eta, t->y[i_row], &residual, &variance);
    v[slot] = share * (variance > LOGISTIC_IRLS_VARIANCE_MIN ? variance : LOGISTIC_IRLS_VARIANCE_MIN);
    for (size_t j = 0; j < t->width; j++)
        gradient[j] += share * residual * row[j];
    return share * loss;
}

static void logistic_irls_penalise(logistic_irls_task *t)
{
    double squares = 0.0;
    for (size_t j = 1; j < t->width; j++) {
        squares += t->next[j] * t->next[j];
        t->gradient[j] += t->ridge * t->next[j];
        t->matrix[j * (t->width + 1)] += t->ridge;
    }
    t->objective = t->loss + 0.5 * t->ridge * squares;
}

/* f, f' and f'' at `next`: one pass over the table. */
static void logistic_irls_evaluate(logistic_irls_task *t)
{
    logistic_irls_sum loss = {0.0, 0.0};
    double v[LOGISTIC_IRLS_ROWS] = {0.0};
    size_t slot = 0;
    memset(t->gradient, 0, t->width * sizeof(double));
    memset(t->rows, 0, LOGISTIC_IRLS_ROWS * t->width * sizeof(double));
    memset(t->matrix, 0, t->width * t->width * sizeof(double));
    for (size_t i = 0; i < t->columns.x->n_rows; i++) {
        if (kedge_i_gsl_weight(&t->columns, i) == 0.0)
            continue;
        logistic_irls_add(&loss, logistic_irls_row(t, i, slot, v));
        if (++slot == LOGISTIC_IRLS_ROWS) {
            logistic_irls_add_rows(t, v);
            memset(v, 0, sizeof v); /* rows of a last, shorter group count nothing */
            slot = 0;
        }
    }
    if (slot > 0)
        logistic_irls_add_rows(t, v);
    t->loss = loss.sum + loss.lost;
    logistic_irls_penalise(t);
}

/* Golub, Van Loan section 4.2.5, outer product form, on the upper triangle. A column without a share of its own gets a zero row in
 * U, and so a zero in the step. Returns how many features have one. */
static uint32_t logistic_irls_decompose(logistic_irls_task *t)
{
    size_t width = t->width;
    uint32_t rank = 0;
    for (size_t j = 0; j < width; j++)
        t->diagonal[j] = t->matrix[j * (width + 1)];
    for (size_t k = 0; k < width; k++) {
        double *row = t->matrix + k * width;
        double root = row[k] > LOGISTIC_IRLS_PIVOT_MIN * t->diagonal[k] ? sqrt(row[k]) : 0.0;
        rank += k > 0 && root > 0.0;
        for (size_t j = k; j < width; j++)
            row[j] = root > 0.0 ? row[j] / root : 0.0;
        for (size_t i = k + 1; i < width && root > 0.0; i++)
            for (size_t j = i; j < width; j++)
                t->matrix[i * width + j] -= row[i] * row[j];
    }
    return rank;
}

/* step = -(U'U)^-1 gradient. Returns what f falls by if it were as Newton sees it: -gradient . step / 2. */
static double logistic_irls_solve(logistic_irls_task *t)
{
    size_t width = t->width;
    double gain = 0.0;
    for (size_t j = 0; j < width; j++)
        t->step[j] = -t->gradient[j];
    for (size_t k = 0; k < width; k++) {
        const double *row = t->matrix + k * width;
        t->step[k] = row[k] > 0.0 ? t->step[k] / row[k] : 0.0;
        for (size_t j = k + 1; j < width; j++)
            t->step[j] -= row[j] * t->step[k];
    }
    for (size_t k = width; k-- > 0;) {
        const double *row = t->matrix + k * width;
        double sum = t->step[k];
        for (size_t j = k + 1; j < width; j++)
            sum -= row[j] * t->step[j];
        t->step[k] = row[k] > 0.0 ? sum / row[k] : 0.0;
        gain -= 0.5 * t->gradient[k] * t->step[k];
    }
    return gain;
}

/* Move along the step, halving it until f does not rise. 0: it rises always; then u stays, and loss and objective too. */
static int logistic_irls_move(logistic_irls_task *t, int n_halvings)
{
    double loss = t->loss;
    double objective = t->objective;
    double length = 1.0;
    for (int i = 0; i <= n_halvings; i++, length *= 0.5) {
        for (size_t j = 0; j < t->width; j++)
            t->next[j] = t->now[j] + length * t->step[j];
        logistic_irls_evaluate(t);
        if (t->objective <= objective) {
            memcpy(t->now, t->next, t->width * sizeof *t->now);
            return 1;
        }
    }
    t->loss = loss;
    t->objective = objective;
    return 0;
}

/* Newton's steps until one gains less than the tolerance; that one is still taken, and leaves an error of about its square. */
static kedge_status logistic_irls_descend(logistic_irls_task *t, double tolerance, uint32_t max_iterations)
{
    double share_min = tolerance > LOGISTIC_IRLS_TOLERANCE_MIN ? tolerance : LOGISTIC_IRLS_TOLERANCE_MIN;
    memcpy(t->next, t->now, t->width * sizeof *t->next);
    logistic_irls_evaluate(t);
    for (t->iterations = 1; t->iterations <= max_iterations; t->iterations++) {
        t->rank = logistic_irls_decompose(t);
        double gain = logistic_irls_solve(t);
        if (!kedge_i_within(gain, 0.0, DBL_MAX) || (t->ridge == 0.0 && t->loss < LOGISTIC_IRLS_SEPARATED))
            return KEDGE_ERR_NUMERIC;
        int last = gain <= share_min * t->objective;
        int moved = logistic_irls_move(t, last ? 0 : LOGISTIC_IRLS_HALVINGS);
        if (last)
            return KEDGE_OK;
        if (!moved)
            return gain <= LOGISTIC_IRLS_STALL * t->objective ? KEDGE_OK : KEDGE_ERR_NUMERIC;
    }
    return KEDGE_ERR_NUMERIC;
}

/* Where to start: no weights, and the intercept of the classes' shares. KEDGE_ERR_NUMERIC: there is one class only. */
static kedge_status logistic_irls_begin(logistic_irls_task *t)
{
    double ones = 0.0, zeros = 0.0;
    for (size_t i = 0; i < t->columns.x->n_rows; i++) {
        double share = kedge_i_gsl_weight(&t->columns, i) / t->columns.weight_sum;
        ones += t->y[i] == 1.0 ? share : 0.0;
        zeros += t->y[i] == 1.0 ? 0.0 : share;
    }
    if (!(ones > 0.0 && zeros > 0.0))
        return KEDGE_ERR_NUMERIC;
    ones = ones > LOGISTIC_IRLS_SHARE_MIN ? ones : LOGISTIC_IRLS_SHARE_MIN;
    zeros = zeros > LOGISTIC_IRLS_SHARE_MIN ? zeros : LOGISTIC_IRLS_SHARE_MIN;
    memset(t->now, 0, t->width * sizeof *t->now);
    t->now[0] = log(ones / zeros);
    return KEDGE_OK;
}

static void logistic_irls_place(logistic_irls_task *t, uint32_t n_features, double *work)
{
    logistic_irls_plan p = logistic_irls_plan_work(n_features);
    t->columns.unit = work + p.unit;
    t->columns.centre = work + p.centre;
    t->columns.inverse_sd = work + p.inverse_sd;
    t->columns.copy = work + p.next; /* not in use while the columns are measured */
    t->width = (size_t)n_features + 1;
    t->now = work + p.now;
    t->next = work + p.next;
    t->step = work + p.step;
    t->gradient = work + p.gradient;
    t->diagonal = work + p.diagonal;
    t->rows = work + p.rows;
    t->matrix = work + p.matrix;
}

static kedge_status logistic_irls_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight, void *work)
{
    (void)cls;
    logistic_irls_state *s = state;
    logistic_irls_task t;
    memset(&t, 0, sizeof t);
    logistic_irls_place(&t, s->linear.model.n_features, work);
    t.columns.x = x;
    t.columns.weight = weight;
    t.y = y;
    kedge_i_gsl_measure(&t.columns);
    if (t.columns.n_used == 0)
        return KEDGE_ERR_NUMERIC;
    KEDGE_TRY(logistic_irls_begin(&t));
    double ridge = s->l2 / t.columns.weight_max / t.columns.weight_sum;
    t.ridge = ridge < KEDGE_I_GSL_NUMBER_MAX ? ridge : KEDGE_I_GSL_NUMBER_MAX; /* rows that weigh next to nothing */
    KEDGE_TRY(logistic_irls_descend(&t, s->tolerance, s->max_iterations));
    double deviance = 2.0 * t.loss * t.columns.weight_max * t.columns.weight_sum;
    KEDGE_TRY(kedge_i_gsl_commit(s, &t.columns, t.now + 1, t.now[0], 1.0));
    s->linear.deviance = deviance;
    s->linear.rank = t.rank;
    s->linear.iterations = t.iterations;
    return KEDGE_OK;
}

static kedge_status logistic_irls_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const logistic_irls_state *s = state;
    *y = s->linear.model.n_learned != 0 && kedge_i_gsl_value(s, x) > 0.0 ? 1.0 : 0.0;
    return s->linear.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status logistic_irls_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const logistic_irls_state *s = state;
    double eta = s->linear.model.n_learned == 0 ? 0.0 : kedge_i_gsl_value(s, x);
    double e = exp(-fabs(eta));
    scores[eta >= 0.0] = 1.0 / (1.0 + e);
    scores[eta < 0.0] = e / (1.0 + e);
    return s->linear.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

const kedge_model_class kedge_gsl_logistic = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "logistic_irls",
            .fixed_bytes = sizeof(logistic_irls_state),
            .config_bytes = sizeof(kedge_gsl_logistic_config),
            .n_fields = sizeof logistic_irls_fields / sizeof *logistic_irls_fields,
            .fields = logistic_irls_fields,
            .defaults = logistic_irls_defaults,
            .configure = logistic_irls_configure,
            .valid = logistic_irls_valid,
            .layout = logistic_irls_layout,
            .start = kedge_i_gsl_start,
            .check = logistic_irls_check,
        },
    .fit_work = logistic_irls_fit_work,
    .fit = logistic_irls_fit,
    .predict = logistic_irls_predict,
    .score = logistic_irls_score,
};
