/* SPDX-License-Identifier: MIT */
/* Static training: bench-static reads requests, a line each, from standard input, and answers each with one line of JSON.
 *
 *   table PATH rows features classes   PATH holds rows * features doubles, then the rows' targets; classes 0: a regression
 *   fit LEARNER train                  on the first `train` rows; the quality is that of the other rows, or of all where there are
 *   none pca train                          principal components of the first `train` rows; the quality is the share that the first
 *   five explain
 *
 * A learner is one line of configure(). Those of kedge-gsl are there where the build has it. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kedge.h"
#ifdef BENCH_GSL
#include "kedge/gsl.h"
#endif

enum { CONFIG_BYTES = 4096 };

typedef struct table {
    size_t n_rows;
    unsigned n_features, n_classes;
    double *x, *y;
} table;

/* LEARNER(name, type of its configuration, which has the defaults for n features and k classes) */
#define LEARNER(name, type, defaults)                                                              \
    if (strcmp(learner, name) == 0) {                                                              \
        type c = defaults;                                                                         \
        memcpy(cfg, &c, sizeof c);                                                                 \
        return 1;                                                                                  \
    }

#ifdef BENCH_GSL
static kedge_gsl_least_squares_config normal_equations(unsigned n)
{
    kedge_gsl_least_squares_config c = kedge_gsl_least_squares_defaults(n);
    c.method = KEDGE_GSL_METHOD_NORMAL;
    return c;
}

static kedge_gsl_ridge_config ridge(unsigned n)
{
    kedge_gsl_ridge_config c = kedge_gsl_ridge_defaults(n);
    c.choice = KEDGE_RIDGE_GCV; /* one penalty: nothing to choose */
    c.method = KEDGE_GSL_METHOD_NORMAL;
    return c;
}

/* scikit-learn's penalty is on the weights of the columns as they are. */
static kedge_gsl_softmax_config softmax(unsigned n, unsigned k)
{
    kedge_gsl_softmax_config c = kedge_gsl_softmax_defaults(n, k);
    c.standardise = 0;
    return c;
}

/* 100 penalties and five folds, LassoCV's. */
static kedge_gsl_elastic_net_config lasso(unsigned n)
{
    kedge_gsl_elastic_net_config c = kedge_gsl_elastic_net_defaults(n);
    c.l1_ratio = 1.0;
    c.standardise = 0;
    c.n_folds = 5;
    return c;
}

static kedge_gsl_discriminant_config quadratic(unsigned n, unsigned k)
{
    kedge_gsl_discriminant_config c = kedge_gsl_discriminant_defaults(n, k);
    c.quadratic = 1;
    return c;
}

static kedge_gsl_ridge_config ridge_path(unsigned n)
{
    kedge_gsl_ridge_config c = kedge_gsl_ridge_defaults(n);
    c.l2 = 1e-3;
    c.l2_high = 1e3;
    c.n_l2 = 13;
    return c;
}
#endif

static kedge_random_forest_config cart(unsigned n, unsigned k)
{
    kedge_random_forest_config c = kedge_random_forest_defaults(n, k);
    c.n_trees = 1;
    c.bootstrap = 0;
    c.n_subset = n;
    return c;
}

static int configure(const char *learner, unsigned n, unsigned k, void *cfg)
{
    (void)k;
    LEARNER("gaussian_nb", kedge_gaussian_nb_config, kedge_gaussian_nb_defaults(n, k))
    LEARNER("gradient_boosting", kedge_gradient_boosting_config, kedge_gradient_boosting_defaults(n, k))
    LEARNER("random_forest", kedge_random_forest_config, kedge_random_forest_defaults(n, k))
    LEARNER("cart", kedge_random_forest_config, cart(n, k))
#ifdef BENCH_GSL
    LEARNER("lasso", kedge_gsl_elastic_net_config, lasso(n))
    LEARNER("robust", kedge_gsl_robust_config, kedge_gsl_robust_defaults(n, KEDGE_ROBUST_HUBER))
    LEARNER("softmax", kedge_gsl_softmax_config, softmax(n, k))
    LEARNER("linear_discriminant", kedge_gsl_discriminant_config, kedge_gsl_discriminant_defaults(n, k))
    LEARNER("quadratic_discriminant", kedge_gsl_discriminant_config, quadratic(n, k))
    LEARNER("least_squares", kedge_gsl_least_squares_config, kedge_gsl_least_squares_defaults(n))
    LEARNER("normal_equations", kedge_gsl_least_squares_config, normal_equations(n))
    LEARNER("ridge", kedge_gsl_ridge_config, ridge(n))
    LEARNER("ridge_path", kedge_gsl_ridge_config, ridge_path(n))
    LEARNER("logistic", kedge_gsl_logistic_config, kedge_gsl_logistic_defaults(n))
#endif
    return 0;
}

static int read_table(const char *path, table *t)
{
    FILE *file = fopen(path, "rb");
    size_t n_values = t->n_rows * t->n_features;
    free(t->x);
    free(t->y);
    t->x = malloc(n_values * sizeof *t->x);
    t->y = malloc(t->n_rows * sizeof *t->y);
    int done = file && t->x && t->y && fread(t->x, sizeof *t->x, n_values, file) == n_values &&
               fread(t->y, sizeof *t->y, t->n_rows, file) == t->n_rows;
    if (file)
        fclose(file);
    return done;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Share of classes that are right, or R2. */
static int quality_of(const kedge_model *m, const table *t, size_t first, double *out)
{
    double right = 0.0, off = 0.0, mean = 0.0, spread = 0.0;
    size_t n = t->n_rows - first;
    for (size_t i = first; i < t->n_rows; i++)
        mean += t->y[i] / (double)n;
    for (size_t i = first; i < t->n_rows; i++) {
        double y;
        if (kedge_model_predict(m, t->x + i * t->n_features, &y) < 0)
            return 0;
        right += y == t->y[i];
        off += (y - t->y[i]) * (y - t->y[i]);
        spread += (t->y[i] - mean) * (t->y[i] - mean);
    }
    *out = t->n_classes > 0 ? right / (double)n : 1.0 - off / spread;
    return 1;
}

static int fit(const char *learner, size_t n_train, const table *t)
{
    double config[CONFIG_BYTES / sizeof(double)];
    kedge_model_config *base = (kedge_model_config *)(void *)config;
    kedge_model m;
    double quality = 0.0;
    if (n_train == 0 || n_train > t->n_rows || !configure(learner, t->n_features, t->n_classes, config))
        return 0;
    kedge_rows rows = kedge_rows_float64(t->x, n_train, t->n_features);
    size_t bytes = kedge_model_size(base), work_bytes = kedge_model_fit_work(base, n_train);
    void *mem = malloc(bytes), *work = malloc(work_bytes);
    int done = bytes > 0 && work_bytes > 0 && mem && work && kedge_model_init(&m, base, mem, bytes) == KEDGE_OK;
    double begin = seconds();
    done = done && kedge_model_fit(&m, &rows, t->y, NULL, work, work_bytes) == KEDGE_OK;
    double taken = seconds() - begin;
    done = done && quality_of(&m, t, n_train < t->n_rows ? n_train : 0, &quality);
    if (done)
        printf("{\"seconds\": %.9f, \"quality\": %.9f, \"bytes\": %zu, \"work\": %zu}\n", taken, quality, bytes, work_bytes);
    free(mem);
    free(work);
    return done;
}

#ifdef BENCH_GSL
/* Share of the variance that the first components explain. */
static int explained(const kedge_gsl_pca *pca, size_t n, double *out)
{
    double *figures = malloc(2 * n * sizeof *figures);
    int done = figures && kedge_gsl_pca_variances(pca, figures, figures + n, n) == KEDGE_OK;
    *out = 0.0;
    for (size_t k = 0; done && k < n && k < 5; k++)
        *out += figures[n + k];
    free(figures);
    return done;
}

static int components(size_t n_train, const table *t)
{
    kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(t->n_features);
    kedge_gsl_pca pca;
    double quality = 0.0;
    if (n_train == 0 || n_train > t->n_rows)
        return 0;
    kedge_rows rows = kedge_rows_float64(t->x, n_train, t->n_features);
    size_t bytes = kedge_gsl_pca_size(&how), work_bytes = kedge_gsl_pca_work(&how);
    void *mem = malloc(bytes), *work = malloc(work_bytes);
    int done = mem && work && kedge_gsl_pca_init(&pca, &how, mem, bytes) == KEDGE_OK;
    double begin = seconds();
    done = done && kedge_gsl_pca_fit(&pca, &rows, NULL, work, work_bytes) == KEDGE_OK;
    double taken = seconds() - begin;
    done = done && explained(&pca, t->n_features, &quality);
    if (done)
        printf("{\"seconds\": %.9f, \"quality\": %.9f, \"bytes\": %zu, \"work\": %zu}\n", taken, quality, bytes, work_bytes);
    free(mem);
    free(work);
    return done;
}
#else
static int components(size_t n_train, const table *t)
{
    (void)n_train, (void)t;
    return 0;
}
#endif

int main(void)
{
    table t = {0, 0, 0, NULL, NULL};
    char line[4096], word[4096];
    size_t n_train;
    while (fgets(line, sizeof line, stdin)) {
        int done = 0;
        if (sscanf(line, "table %4095s %zu %u %u", word, &t.n_rows, &t.n_features, &t.n_classes) == 4) {
            done = read_table(word, &t);
            printf("{}\n");
        } else if (sscanf(line, "fit %4095s %zu", word, &n_train) == 2) {
            done = fit(word, n_train, &t);
        } else if (sscanf(line, "pca %zu", &n_train) == 1) {
            done = components(n_train, &t);
        }
        if (!done) {
            fprintf(stderr, "bench-static: cannot do: %s", line);
            return 2;
        }
        fflush(stdout);
    }
    free(t.x);
    free(t.y);
    return 0;
}
