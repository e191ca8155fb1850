/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GSL inside the library raises nothing, allocates nothing and does not hang, whatever a caller brings: random and hostile tables
 * with an error handler that fails on any call, an allocator that counts, an alarm for each case, and guards around exact memory.
 *
 * The handler is a global of GSL: tests may set it, the library never does. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "gsl_support.h"

#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define QUIET_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define QUIET_SANITIZED 1
#endif

/* Cases for each subject; KEDGE_QUIET_CASES in the environment says how many instead, for long runs. */
enum { N_CASES = 5000, MAX_ROWS = 300, MAX_FEATURES = 12, MAX_CLASSES = 3, MAX_PATH = 7, CASE_SECONDS = 5 };

static volatile unsigned long n_allocations;
static volatile sig_atomic_t n_raised;
static volatile unsigned current_case;

/* The executable's definitions stand before the C library's, for all shared libraries too. Sanitizers bring their own. */
#if defined(__GLIBC__) && !defined(QUIET_SANITIZED)
#define QUIET_COUNTS 1
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t align, size_t bytes);
void __libc_free(void *memory);

void *malloc(size_t bytes)
{
    n_allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes)
{
    n_allocations++;
    return __libc_calloc(n, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    n_allocations++;
    return __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t align, size_t bytes)
{
    n_allocations++;
    return __libc_memalign(align, bytes);
}

void *memalign(size_t align, size_t bytes);
void *memalign(size_t align, size_t bytes)
{
    n_allocations++;
    return __libc_memalign(align, bytes);
}

int posix_memalign(void **memory, size_t align, size_t bytes)
{
    n_allocations++;
    *memory = __libc_memalign(align, bytes);
    return *memory ? 0 : ENOMEM;
}

void free(void *memory)
{
    __libc_free(memory);
}
#endif

static void on_error(const char *reason, const char *file, int line, int code)
{
    n_raised++;
    if (code != GSL_EFAILED) /* raised on purpose */
        print_error("case %u: GSL raised %d: %s (%s:%d)\n", current_case, code, reason, file, line);
}

static void on_alarm(int signal_number)
{
    static const char text[] = "a case hangs\n";
    (void)signal_number;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(3);
    _exit(2);
}

typedef struct quiet_case {
    kedge_rng rng;
    size_t n, p;
    double x[MAX_ROWS * MAX_FEATURES], y[MAX_ROWS], weight[MAX_ROWS];
    int weighted;
    int hostile; /* 1: holds NaN or infinity */
} quiet_case;

static double below(quiet_case *c, uint64_t n)
{
    return (double)kedge_rng_below(&c->rng, n);
}

static int chance(quiet_case *c, uint64_t one_in)
{
    return kedge_rng_below(&c->rng, one_in) == 0;
}

/* Numbers of one kind: normal, small integers, extremes of all sizes, zeros of both signs. */
static double draw(quiet_case *c, uint64_t kind)
{
    static const double extremes[] = {0.0,         -0.0, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN, 0x1p-1074, -0x1p-1074,
                                      DBL_EPSILON, 1.0,  -1.0,    1e300,    -1e300,  1e-300,   -1e-300,   1e100};
    if (kind == 0)
        return kedge_rng_normal(&c->rng);
    if (kind == 1)
        return below(c, 3) - 1;
    if (kind == 2)
        return extremes[kedge_rng_below(&c->rng, sizeof extremes / sizeof *extremes)];
    if (kind == 3) {
        int exponent = (int)kedge_rng_below(&c->rng, 2040) - 1020;
        return ldexp(kedge_rng_normal(&c->rng), exponent);
    }
    return 0.0;
}

/* How one column comes: its own kind, scale and offset; or constant, a copy, a sum or nearly a copy of earlier ones. */
static void fill_column(quiet_case *c, size_t j)
{
    uint64_t relation = j > 0 ? kedge_rng_below(&c->rng, 12) : 4 + kedge_rng_below(&c->rng, 8), kind = kedge_rng_below(&c->rng, 5);
    double scale = chance(c, 3) ? (chance(c, 2) ? 1e300 : 1e-300) : 1.0, offset = chance(c, 4) ? 1e9 : 0.0;
    double constant = draw(c, kind);
    size_t from = j > 0 ? (size_t)kedge_rng_below(&c->rng, j) : 0;
    for (size_t i = 0; i < c->n; i++) {
        double *row = c->x + i * c->p, v;
        if (relation == 0)
            v = row[from];
        else if (relation == 1)
            v = row[from] / 2 + row[j - 1] / 4;
        else if (relation == 2)
            v = row[from] * (1 + DBL_EPSILON * draw(c, 1));
        else if (relation == 3)
            v = row[from] + 1e-9 * draw(c, 0);
        else if (relation == 4)
            v = constant;
        else
            v = kind < 2 ? scale * (offset + draw(c, kind)) : draw(c, kind);
        row[j] = v - v == 0 ? v : DBL_MAX;
    }
}

/* Targets of a kind: numbers, two or three classes, shares, counts, positive numbers. */
enum { NUMBERS, CLASSES_2, CLASSES_3, SHARES, COUNTS, POSITIVES };

static int n_classes_of(int targets)
{
    return targets == CLASSES_2 ? 2 : targets == CLASSES_3 ? 3 : 0;
}

static double draw_number(quiet_case *c, uint64_t kind, double scale, double first)
{
    double v = kind == 0 ? first : kind > 1 ? scale * draw(c, kind - 2) : 0;
    return fmax(-1e100, fmin(1e100, v));
}

/* Separable, one class, one row of its class, or random. */
static double draw_class(quiet_case *c, uint64_t kind, size_t i, double first, uint64_t n_classes)
{
    return kind == 0 ? first > 0 : kind == 1 ? 1 : kind == 2 ? i == 0 : below(c, n_classes);
}

static void fill_targets(quiet_case *c, int targets)
{
    uint64_t kind = kedge_rng_below(&c->rng, 6), scale_kind = kedge_rng_below(&c->rng, 3);
    double scale = scale_kind == 0 ? 1e-300 : scale_kind == 1 ? 1.0 : 1e99;
    for (size_t i = 0; i < c->n; i++) {
        double first = c->x[i * c->p];
        double v = n_classes_of(targets) ? draw_class(c, kind, i, first, (uint64_t)n_classes_of(targets))
                                         : draw_number(c, kind, scale, first);
        if (targets == SHARES)
            v = kind < 3 ? draw_class(c, kind, i, first, 2) : kind == 3 ? below(c, 5) / 4 : kedge_rng_uniform(&c->rng);
        else if (targets == COUNTS)
            v = kind == 1 ? 0 : kind == 2 ? i == 0 : kind == 3 ? below(c, 5) : fabs(v) < 1e-100 ? 0 : fabs(v);
        else if (targets == POSITIVES)
            v = kind == 1 ? 1 : kind == 2 ? 1 + below(c, 3) : fmax(1e-100, fabs(v));
        c->y[i] = v;
    }
}

static void fill_weights(quiet_case *c)
{
    uint64_t kind = kedge_rng_below(&c->rng, 4);
    c->weighted = chance(c, 3);
    for (size_t i = 0; i < c->n; i++)
        c->weight[i] = kind == 0   ? below(c, 3)
                       : kind == 1 ? fmin(1e9, fabs(draw(c, 3)))
                       : kind == 2 ? (chance(c, 10) ? 1e9 : 0x1p-1074)
                                   : 1e9 * kedge_rng_uniform(&c->rng);
}

static void spoil(quiet_case *c)
{
    static const double bad[3] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    double v = bad[kedge_rng_below(&c->rng, 3)];
    c->hostile = chance(c, 8);
    if (!c->hostile)
        return;
    if (chance(c, 2))
        c->y[kedge_rng_below(&c->rng, c->n)] = v;
    else
        c->x[kedge_rng_below(&c->rng, c->n * c->p)] = v;
}

static void fill_case(quiet_case *c, uint64_t seed, int targets)
{
    c->rng.state = seed;
    c->p = 1 + (size_t)kedge_rng_below(&c->rng, chance(c, 10) ? MAX_FEATURES : 4);
    c->n = 1 + (size_t)kedge_rng_below(&c->rng, chance(c, 10) ? MAX_ROWS : 24);
    for (size_t j = 0; j < c->p; j++)
        fill_column(c, j);
    fill_targets(c, targets);
    fill_weights(c);
    spoil(c);
}

/* What is asked of a class: a configuration for case k, and targets that it takes. */
typedef struct quiet_subject {
    const kedge_model_config *(*configure)(const quiet_case *c, unsigned k);
    int targets;
    int always; /* has an answer wherever a row has a weight */
} quiet_subject;

static const kedge_model_config *squares_config(const quiet_case *c, unsigned k)
{
    static kedge_gsl_least_squares_config cfg;
    cfg = kedge_gsl_least_squares_defaults((uint32_t)c->p);
    cfg.tolerance = k % 5 ? 1e-12 : 0.0;
    cfg.report = k % 3 == 0;
    cfg.method = k % 4 ? KEDGE_GSL_METHOD_QR : KEDGE_GSL_METHOD_NORMAL;
    return &cfg.base;
}

static const double penalties[4] = {1, 0, 1e-9, 1e9};

static const kedge_model_config *logistic_config(const quiet_case *c, unsigned k)
{
    static kedge_gsl_logistic_config cfg;
    cfg = kedge_gsl_logistic_defaults((uint32_t)c->p);
    cfg.l2 = penalties[k % 4];
    return &cfg.base;
}

static const kedge_model_config *glm_config(const quiet_case *c, unsigned k, uint32_t family, uint32_t link)
{
    static kedge_gsl_glm_config cfg;
    cfg = kedge_gsl_glm_defaults((uint32_t)c->p, family);
    cfg.link = link;
    cfg.report = k % 2;
    cfg.l2 = cfg.report ? 0 : penalties[k / 2 % 4];
    cfg.offset = k % 5 == 0 ? 0 : KEDGE_GLM_NO_OFFSET;
    return &cfg.base;
}

static const kedge_model_config *binomial_config(const quiet_case *c, unsigned k)
{
    return glm_config(c, k, KEDGE_GLM_BINOMIAL,
                      k % 3 == 0   ? KEDGE_LINK_LOGIT
                      : k % 3 == 1 ? KEDGE_LINK_PROBIT
                                   : KEDGE_LINK_CLOGLOG);
}

static const kedge_model_config *poisson_config(const quiet_case *c, unsigned k)
{
    return glm_config(c, k, KEDGE_GLM_POISSON, k % 3 ? KEDGE_LINK_LOG : KEDGE_LINK_IDENTITY);
}

static const kedge_model_config *gamma_config(const quiet_case *c, unsigned k)
{
    return glm_config(c, k, KEDGE_GLM_GAMMA, k % 3 ? KEDGE_LINK_LOG : KEDGE_LINK_INVERSE);
}

static const kedge_model_config *ridge_config(const quiet_case *c, unsigned k)
{
    static kedge_gsl_ridge_config cfg;
    cfg = kedge_gsl_ridge_defaults((uint32_t)c->p);
    cfg.l2 = k % 3 ? 1e-9 : penalties[k / 3 % 4];
    cfg.l2_high = 1e9;
    cfg.n_l2 = k % 3 ? 1 + k % 7 : 1;
    cfg.choice = k % 5 ? KEDGE_RIDGE_LOO : KEDGE_RIDGE_GCV;
    cfg.method = k % 4 ? KEDGE_GSL_METHOD_QR : KEDGE_GSL_METHOD_NORMAL;
    cfg.standardise = k / 2 % 2;
    cfg.path = 1;
    return &cfg.base;
}

static const kedge_model_config *robust_config(const quiet_case *c, unsigned k)
{
    static kedge_gsl_robust_config cfg;
    cfg = kedge_gsl_robust_defaults((uint32_t)c->p, k % 2 ? KEDGE_ROBUST_BISQUARE : KEDGE_ROBUST_HUBER);
    cfg.report = k % 3 > 0;
    cfg.max_iterations = k % 5 ? 20 : 1;
    cfg.tuning = k % 7 ? cfg.tuning : 1.0;
    return &cfg.base;
}

static const kedge_model_config *discriminant_config(const quiet_case *c, unsigned k)
{
    static const double shrinkages[4] = {0, 1e-9, 0.5, 1};
    static kedge_gsl_discriminant_config cfg;
    cfg = kedge_gsl_discriminant_defaults((uint32_t)c->p, MAX_CLASSES);
    cfg.quadratic = k % 2;
    cfg.shrinkage = shrinkages[k / 2 % 4];
    cfg.unbiased = k / 8 % 2;
    return &cfg.base;
}

static const kedge_model_config *softmax_config(const quiet_case *c, unsigned k)
{
    static kedge_gsl_softmax_config cfg;
    cfg = kedge_gsl_softmax_defaults((uint32_t)c->p, MAX_CLASSES);
    cfg.l2 = penalties[k % 4];
    cfg.standardise = k / 4 % 2;
    cfg.report = cfg.l2 == 0;
    return &cfg.base;
}

static const kedge_model_config *net_config(const quiet_case *c, unsigned k)
{
    static const double ratios[4] = {1, 0.5, 1e-3, 0}, alphas[5] = {1, 1e-9, 0, 1e200, 1e3};
    static kedge_gsl_elastic_net_config cfg;
    cfg = kedge_gsl_elastic_net_defaults((uint32_t)c->p);
    cfg.l1_ratio = ratios[k % 4];
    cfg.alpha = alphas[k / 4 % 5];
    cfg.standardise = k / 2 % 2;
    cfg.max_iterations = k % 3 ? 1000 : 5;
    cfg.n_folds = k % 7 == 0 ? 2 + k % 5 : 0;
    cfg.shuffle = k % 2;
    cfg.n_alphas = 10;
    cfg.one_error = k / 2 % 2;
    return &cfg.base;
}

/* Predictions and scores for rows of the table and rows it never saw, all finite. */
static void check_predictions(quiet_case *c, const kedge_model *m, size_t n_classes)
{
    double at[MAX_FEATURES], y = NAN, scores[MAX_CLASSES] = {NAN, NAN, NAN};
    for (int k = 0; k < 6; k++) {
        size_t i_row = (size_t)kedge_rng_below(&c->rng, c->n);
        for (size_t j = 0; j < c->p; j++)
            at[j] = k < 3 ? c->x[i_row * c->p + j] : draw(c, 2);
        assert_int_equal(kedge_model_predict(m, at, &y), KEDGE_OK);
        assert_true(y - y == 0);
        assert_int_equal(kedge_model_score(m, at, scores, n_classes ? n_classes : 1), KEDGE_OK);
        if (n_classes == 0) {
            assert_true(scores[0] == y && fabs(y) <= 1e301);
            continue;
        }
        double sum = 0, best = 0;
        for (size_t i = 0; i < n_classes; i++) {
            assert_true(scores[i] >= 0);
            sum += scores[i];
            best = fmax(best, scores[i]);
        }
        assert_true(fabs(sum - 1) < 1e-15 * (double)(2 * n_classes) && scores[(int)y] == best);
    }
}

static void check_path(const kedge_model *m, size_t p)
{
    kedge_gsl_ridge_fit fit;
    kedge_gsl_ridge_point path[MAX_PATH];
    double b[MAX_PATH * (MAX_FEATURES + 1)];
    if (kedge_gsl_ridge_summary(m, &fit) < 0)
        return;
    size_t n = fit.n_l2;
    assert_true(n <= MAX_PATH && fit.chosen < n);
    assert_int_equal(kedge_gsl_ridge_path(m, path, n, NULL, 0), KEDGE_OK);
    for (size_t k = 0; k < n; k++)
        assert_true(path[k].loo >= 0 && path[k].gcv >= 0 && path[k].df >= 1 && path[k].deviance >= 0 &&
                    path[k].loo - path[k].loo == 0 &&
                    path[k].gcv - path[k].gcv == 0 && path[k].df <= (double)p + 1 && path[k].deviance - path[k].deviance == 0);
    kedge_status st = kedge_gsl_ridge_path(m, NULL, 0, b, n * (p + 1));
    for (size_t k = 0; k < n * (p + 1) && st == KEDGE_OK; k++)
        assert_true(b[k] - b[k] == 0);
}

static void check_counts(const quiet_case *c, const kedge_model *m)
{
    kedge_gsl_robust_fit fit;
    double counts[MAX_ROWS];
    kedge_rows rows = kedge_rows_float64(c->x, c->n, c->p);
    if (kedge_gsl_robust_summary(m, &fit) < 0)
        return;
    assert_true(fit.scale >= 0 && (fit.exact == 1) == (fit.scale == 0) && fit.share > 0 && fit.share <= 1 && fit.wald >= 0);
    assert_true(fit.wald_p_value >= 0 && fit.wald_p_value <= 1 && fit.wald - fit.wald == 0 && fit.scale - fit.scale == 0);
    assert_int_equal(kedge_gsl_robust_weights(m, &rows, c->y, counts, c->n), KEDGE_OK);
    for (size_t i = 0; i < c->n; i++)
        assert_true(counts[i] >= 0 && counts[i] <= 1);
}

/* Read-outs of a fit: finite, or an error that has written nothing. */
static void check_readouts(quiet_case *c, const kedge_model *m)
{
    double at[MAX_FEATURES], weights[MAX_FEATURES], intercept;
    kedge_gsl_coefficient b[MAX_FEATURES + 1];
    kedge_gsl_glm_interval mean = {0, 0, 0, 0, 0};
    kedge_status st = kedge_gsl_coefficients(m, weights, c->p, &intercept);
    for (size_t j = 0; j < c->p && st == KEDGE_OK; j++)
        assert_true(weights[j] - weights[j] == 0 && intercept - intercept == 0);
    st = kedge_gsl_report(m, 0.95, NULL, b, c->p + 1);
    for (size_t j = 0; j <= c->p && st == KEDGE_OK; j++)
        assert_true(b[j].value - b[j].value == 0 && b[j].standard_error >= 0 && b[j].low <= b[j].high && b[j].p_value >= 0 &&
                    b[j].p_value <= 1);
    for (size_t j = 0; j < c->p; j++)
        at[j] = c->x[j];
    check_path(m, c->p);
    check_counts(c, m);
    st = kedge_gsl_glm_predict_interval(m, at, 0.95, &mean);
    assert_true(st < 0 || (mean.low <= mean.value && mean.value <= mean.high && mean.high - mean.low >= 0));
}

/* Likewise of the softmax. */
static void check_softmax(const quiet_case *c, const kedge_model *m)
{
    double weights[MAX_FEATURES], intercept;
    kedge_gsl_coefficient b[MAX_FEATURES + 1];
    kedge_gsl_softmax_fit fit;
    if (m->cls != &kedge_gsl_softmax)
        return;
    assert_int_equal(kedge_gsl_softmax_summary(m, &fit), KEDGE_OK);
    assert_true(fit.deviance - fit.deviance == 0 && fit.null_deviance >= 0 && fit.p_value >= 0 && fit.p_value <= 1);
    for (uint32_t k = 0; k < MAX_CLASSES; k++) {
        kedge_status st = kedge_gsl_softmax_coefficients(m, k, weights, c->p, &intercept);
        for (size_t j = 0; j < c->p && st == KEDGE_OK; j++)
            assert_true(weights[j] - weights[j] == 0 && intercept - intercept == 0);
        st = kedge_gsl_softmax_report(m, k, 0.95, b, c->p + 1);
        for (size_t j = 0; j <= c->p && st == KEDGE_OK; j++)
            assert_true(b[j].value - b[j].value == 0 && b[j].standard_error >= 0 && b[j].low <= b[j].high && b[j].p_value >= 0 &&
                        b[j].p_value <= 1);
    }
}

/* A fit may say that there is no answer, but only where that is so. */
static void check_status(const quiet_case *c, kedge_status st, const quiet_subject *subject, unsigned k)
{
    double total[2] = {0, 0};
    if (c->hostile) {
        assert_int_equal(st, KEDGE_ERR_NOT_FINITE);
        return;
    }
    for (size_t i = 0; i < c->n; i++)
        total[subject->targets == CLASSES_2 && c->y[i] == 1.0] += c->weighted ? c->weight[i] : 1.0;
    double less = fmin(total[0], total[1]), more = fmax(total[0], total[1]);
    if (more == 0 || (subject->targets == CLASSES_2 && less == 0))
        assert_int_equal(st, KEDGE_ERR_NUMERIC);
    else if (subject->configure == squares_config || subject->configure == robust_config)
        assert_true(st == KEDGE_OK || st == KEDGE_WARNING); /* normal equations lost digits; iterations were not enough */
    else if (subject->configure == net_config)
        assert_true(st == KEDGE_OK || st == KEDGE_WARNING || (st == KEDGE_ERR_NUMERIC && k % 7 == 0)); /* fewer rows than folds */
    else if (subject->configure == softmax_config && penalties[k % 4] > 0 && k / 4 % 2 && !c->weighted) {
        int one = 1;
        for (size_t i = 1; i < c->n; i++)
            one &= c->y[i] == c->y[0];
        assert_int_equal(st, one ? KEDGE_ERR_NUMERIC : KEDGE_OK);
    } else if (subject->always || (subject->configure == logistic_config && penalties[k % 4] > 0 && !c->weighted))
        assert_int_equal(st, KEDGE_OK);
    else
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_NUMERIC); /* separable, or weights beyond all measure */
}

static void run_case(quiet_case *c, const quiet_subject *subject, unsigned k, unsigned *counts)
{
    const kedge_model_config *cfg = subject->configure(c, k);
    size_t bytes = kedge_model_size(cfg), work_bytes = kedge_model_fit_work(cfg, c->n);
    kedge_model m;
    kedge_rows rows = kedge_rows_float64(c->x, c->n, c->p);
    void *mem = guard_new(bytes, 0xA5), *work = guard_new(work_bytes, 0xFF); /* 0xFF: NaN, if read before it is written */
    assert_int_equal(kedge_model_init(&m, cfg, mem, bytes), KEDGE_OK);
    void *before = guard_copy(mem, bytes);
    unsigned long n_before = n_allocations;
    if (!c->hostile)
        (void)feclearexcept(FE_ALL_EXCEPT);
    kedge_status st = kedge_model_fit(&m, &rows, c->y, c->weighted ? c->weight : NULL, work, work_bytes);
    int flags = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
    assert_true(c->hostile || flags == 0); /* telling infinity from a number may raise one */
    assert_int_equal(n_allocations, n_before);
    check_status(c, st, subject, k);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    n_before = n_allocations;
    if (st >= KEDGE_OK) {
        check_predictions(c, &m, cfg->n_classes);
        check_readouts(c, &m);
        check_softmax(c, &m);
    } else {
        assert_memory_equal(mem, before, bytes);
    }
    assert_int_equal(n_allocations, n_before);
    counts[st >= KEDGE_OK ? 0 : st == KEDGE_ERR_NUMERIC ? 1 : 2]++;
    guard_free(before);
    guard_free(work);
    guard_free(mem);
}

static unsigned n_cases(void)
{
    const char *told = getenv("KEDGE_QUIET_CASES");
    return told && atoi(told) > 0 ? (unsigned)atoi(told) : N_CASES;
}

static void run_cases(const quiet_subject *subject)
{
    static quiet_case c;
    unsigned counts[3] = {0}, n = n_cases();
    for (unsigned k = 0; k < n; k++) {
        alarm(CASE_SECONDS);
        current_case = k;
        fill_case(&c, ((uint64_t)subject->targets << 40) + k, subject->targets);
        run_case(&c, subject, k, counts);
        assert_int_equal(n_raised, 0);
    }
    alarm(0);
    print_message("%u fitted, %u without an answer, %u refused\n", counts[0], counts[1], counts[2]);
    assert_true(counts[0] > n / 5 && counts[1] > 0 && counts[2] > n / 40);
}

static void test_least_squares_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){squares_config, NUMBERS, 1});
}

/* The rows in two passes that are merged: a sound model, or no rows. */
static void check_one_pass(quiet_case *c, const kedge_gsl_least_squares_config *cfg)
{
    kedge_gsl_one_pass a, b;
    kedge_model m;
    size_t bytes = kedge_gsl_one_pass_size(cfg), work_bytes = kedge_gsl_one_pass_work(cfg), mem_bytes = kedge_model_size(&cfg->base);
    size_t n = c->n / 2;
    void *mem_a = guard_new(bytes, 0xA5), *mem_b = guard_new(bytes, 0xA5), *work = guard_new(work_bytes, 0xFF), *mem = guard_new(mem_bytes, 0);
    kedge_rows first = kedge_rows_float64(c->x, n, c->p), second = kedge_rows_float64(c->x + n * c->p, c->n - n, c->p);
    unsigned long n_before = n_allocations;
    assert_int_equal(kedge_gsl_one_pass_init(&a, cfg, mem_a, bytes), KEDGE_OK);
    assert_int_equal(kedge_gsl_one_pass_init(&b, cfg, mem_b, bytes), KEDGE_OK);
    assert_int_equal(kedge_model_init(&m, &cfg->base, mem, mem_bytes), KEDGE_OK);
    feclearexcept(FE_ALL_EXCEPT);
    kedge_status st_a = kedge_gsl_one_pass_add(&a, &first, c->y, c->weighted ? c->weight : NULL, work, work_bytes);
    kedge_status st_b = kedge_gsl_one_pass_add(&b, &second, c->y + n, c->weighted ? c->weight + n : NULL, work, work_bytes);
    assert_true(c->hostile ? st_a == KEDGE_ERR_NOT_FINITE || st_b == KEDGE_ERR_NOT_FINITE : st_a == KEDGE_OK && st_b == KEDGE_OK);
    assert_int_equal(kedge_gsl_one_pass_merge(&a, &b, work, work_bytes), KEDGE_OK);
    kedge_status st = kedge_gsl_one_pass_solve(&a, &m, work, work_bytes);
    assert_true(st >= 0 || st == KEDGE_ERR_NUMERIC);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    assert_true(c->hostile || fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW) == 0);
    if (st >= 0)
        check_readouts(c, &m);
    assert_true(c->hostile || fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW) == 0);
    assert_int_equal(n_allocations, n_before);
    guard_free(mem);
    guard_free(work);
    guard_free(mem_b);
    guard_free(mem_a);
}

/* All read-outs of a table's components. */
static void check_components(quiet_case *c, const kedge_gsl_pca_settings *how)
{
    kedge_gsl_pca pca;
    double component[MAX_FEATURES * MAX_FEATURES], a[MAX_FEATURES], b[MAX_FEATURES], scores[MAX_FEATURES];
    size_t bytes = kedge_gsl_pca_size(how), work_bytes = kedge_gsl_pca_work(how), k = how->n_components;
    void *mem = guard_new(bytes, 0xA5), *work = guard_new(work_bytes, 0xFF);
    kedge_rows rows = kedge_rows_float64(c->x, c->n, c->p), one = kedge_rows_float64(c->x, 1, c->p);
    unsigned long n_before = n_allocations;
    int n_used = 0, spoilt = 0;
    for (size_t i = 0; i < c->n; i++)
        n_used += !c->weighted || c->weight[i] > 0;
    for (size_t i = 0; i < c->n * c->p; i++)
        spoilt |= c->x[i] - c->x[i] != 0;
    assert_int_equal(kedge_gsl_pca_init(&pca, how, mem, bytes), KEDGE_OK);
    if (!spoilt)
        feclearexcept(FE_ALL_EXCEPT);
    kedge_status st = kedge_gsl_pca_fit(&pca, &rows, c->weighted ? c->weight : NULL, work, work_bytes);
    assert_int_equal(st, spoilt ? KEDGE_ERR_NOT_FINITE : n_used < 2 ? KEDGE_ERR_NUMERIC : KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_open(&pca, mem, bytes), KEDGE_OK);
    if (st == KEDGE_OK) {
        assert_int_equal(kedge_gsl_pca_components(&pca, component, k * c->p), KEDGE_OK);
        for (size_t i = 0; i < k; i++) {
            double squares = 0;
            for (size_t j = 0; j < c->p; j++)
                squares += component[i * c->p + j] * component[i * c->p + j];
            assert_true(squares == 0 || fabs(squares - 1) < 1e-12);
        }
        assert_int_equal(kedge_gsl_pca_centre(&pca, a, b, c->p), KEDGE_OK);
        for (size_t j = 0; j < c->p; j++)
            assert_true(a[j] - a[j] == 0 && b[j] >= 0 && b[j] - b[j] == 0);
        st = kedge_gsl_pca_variances(&pca, a, b, k);
        for (size_t i = 0; i < k && st == KEDGE_OK; i++)
            assert_true(a[i] >= 0 && a[i] - a[i] == 0 && b[i] >= 0 && b[i] <= 1 + 1e-12);
        assert_int_equal(kedge_gsl_pca_transform(&pca, &one, scores, k), KEDGE_OK);
        assert_int_equal(kedge_gsl_pca_inverse(&pca, scores, 1, a, c->p), KEDGE_OK);
        for (size_t i = 0; i < k; i++)
            assert_true(fabs(scores[i]) <= 1e300);
        for (size_t j = 0; j < c->p; j++)
            assert_true(a[j] - a[j] == 0);
    }
    assert_true(spoilt || fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW) == 0);
    assert_int_equal(n_allocations, n_before);
    guard_free(work);
    guard_free(mem);
}

static void test_components_are_quiet(void **unused)
{
    static quiet_case c;
    unsigned n = n_cases();
    (void)unused;
    for (unsigned k = 0; k < n; k++) {
        alarm(CASE_SECONDS);
        current_case = k;
        fill_case(&c, k, NUMBERS);
        kedge_gsl_pca_settings how = kedge_gsl_pca_defaults((uint32_t)c.p);
        how.standardise = k % 2;
        how.whiten = k / 2 % 2;
        how.explained = k % 3 ? 1 : 0.5;
        check_components(&c, &how);
        assert_int_equal(n_raised, 0);
    }
    alarm(0);
}

static void test_one_pass_is_quiet(void **unused)
{
    static quiet_case c;
    unsigned n = n_cases() / 2;
    (void)unused;
    for (unsigned k = 0; k < n; k++) {
        alarm(CASE_SECONDS);
        current_case = k;
        fill_case(&c, k, NUMBERS);
        check_one_pass(&c, (const kedge_gsl_least_squares_config *)(const void *)squares_config(&c, k));
        assert_int_equal(n_raised, 0);
    }
    alarm(0);
}

static void test_elastic_net_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){net_config, NUMBERS, 0});
}

static void test_logistic_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){logistic_config, CLASSES_2, 0});
}

static void test_glm_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){binomial_config, SHARES, 0});
    run_cases(&(quiet_subject){poisson_config, COUNTS, 0});
    run_cases(&(quiet_subject){gamma_config, POSITIVES, 0});
}

static void test_ridge_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){ridge_config, NUMBERS, 1});
}

static void test_robust_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){robust_config, NUMBERS, 0});
}

static void test_discriminant_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){discriminant_config, CLASSES_3, 0});
}

static void test_softmax_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){softmax_config, CLASSES_3, 0});
}

/* Both samples of a case: its first rows and its last, within what shift methods take. */
static void run_shift_case(quiet_case *c, const kedge_shift_config *cfg, unsigned *counts)
{
    size_t n = (c->n + 1) / 2, m = c->n - n;
    kedge_rows reference = kedge_rows_float64(c->x, n, c->p), current = kedge_rows_float64(c->x + n * c->p, m, c->p);
    kedge_shift_result r;
    size_t work_bytes = kedge_shift_work(cfg, n, m, c->p);
    void *work = guard_new(work_bytes, 0xFF);
    unsigned long n_before = n_allocations;
    kedge_status st = kedge_shift_compare(cfg, &reference, &current, work, work_bytes, &r);
    assert_int_equal(n_allocations, n_before);
    assert_true(st == KEDGE_OK || st == KEDGE_DRIFT || st == KEDGE_EMPTY || (c->hostile && st == KEDGE_ERR_NOT_FINITE));
    if (st == KEDGE_OK || st == KEDGE_DRIFT)
        assert_true(r.p_value >= 0 && r.p_value <= 1 && r.effect - r.effect == 0 && r.statistic - r.statistic == 0);
    counts[st < 0 ? 2 : st == KEDGE_EMPTY]++;
    guard_free(work);
}

static void test_principal_components_are_quiet(void **unused)
{
    static quiet_case c;
    unsigned counts[3] = {0}, n = n_cases();
    (void)unused;
    for (unsigned k = 0; k < n; k++) {
        kedge_gsl_pca_config errors = kedge_gsl_pca_reconstruction_defaults();
        kedge_gsl_pca_config coordinates = kedge_gsl_pca_cd_defaults();
        kedge_shift_config ranks = kedge_mann_whitney_defaults(), ks = kedge_ks_defaults();
        ranks.p_method = ks.p_method = KEDGE_P_ASYMPTOTIC; /* quick */
        errors.method = &ranks;
        coordinates.method = &ks;
        alarm(CASE_SECONDS);
        current_case = k;
        fill_case(&c, k, NUMBERS);
        for (size_t i = 0; i < c.n * c.p; i++)
            c.x[i] = c.x[i] - c.x[i] == 0 ? fmax(-1e100, fmin(1e100, c.x[i])) : c.x[i];
        run_shift_case(&c, k % 2 ? &errors.base : &coordinates.base, counts);
        assert_int_equal(n_raised, 0);
    }
    alarm(0);
    print_message("%u compared, %u too few rows, %u refused\n", counts[0], counts[1], counts[2]);
    assert_true(counts[0] > n / 4 && counts[1] > 0 && counts[2] > 0);
}

/* The instruments work: a call that GSL refuses reaches the handler, and an allocation is counted. */
static void test_instruments(void **unused)
{
    (void)unused;
    gsl_error("on purpose", __FILE__, __LINE__, GSL_EFAILED);
    assert_int_equal(n_raised, 1);
    n_raised = 0;
#ifdef QUIET_COUNTS
    unsigned long before = n_allocations;
    void *volatile memory = malloc(8);
    assert_true(n_allocations == before + 1);
    free(memory);
    before = n_allocations;
    char *volatile copy = strdup("inside the C library");
    free(copy);
    assert_true(n_allocations > before);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instruments),
        cmocka_unit_test(test_least_squares_is_quiet),
        cmocka_unit_test(test_one_pass_is_quiet),
        cmocka_unit_test(test_components_are_quiet),
        cmocka_unit_test(test_elastic_net_is_quiet),
        cmocka_unit_test(test_logistic_is_quiet),
        cmocka_unit_test(test_glm_is_quiet),
        cmocka_unit_test(test_ridge_is_quiet),
        cmocka_unit_test(test_robust_is_quiet),
        cmocka_unit_test(test_discriminant_is_quiet),
        cmocka_unit_test(test_softmax_is_quiet),
        cmocka_unit_test(test_principal_components_are_quiet),
    };
    (void)gsl_set_error_handler(on_error);
    (void)signal(SIGALRM, on_alarm);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
