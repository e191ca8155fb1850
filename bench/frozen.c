/* SPDX-License-Identifier: MIT */
/* Is a frozen model as fast as the live one? Each learns all rows of a table, those that only fit its first quarter, and then both
 * forms predict all rows, in turns; prints Markdown:
 *
 * bench-frozen ELEC2.CSV [ROUNDS]
 *
 * Of the table the first column, the date, is left out, and the last is the class. CPU time of one thread, medians of the rounds;
 * ratios are formed within a round: the median, and the least and greatest. Opening: the median of as many. */
#define _POSIX_C_SOURCE 200809L /* clocks */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kedge.h"

enum { FEATURES = 7, ROWS_MAX = 100000, ROUNDS_MAX = 1000, LINE = 512 };

static double x[ROWS_MAX][FEATURES], y[ROWS_MAX];
static size_t n_rows;

typedef union any_model {
    kedge_model_config base;
    kedge_adaptive_forest_config forest;
    kedge_auto_config portfolio;
    kedge_bernoulli_nb_config yes_no;
    kedge_gaussian_nb_config gaussian;
    kedge_gradient_boosting_config boosting;
    kedge_hoeffding_tree_config tree;
    kedge_linear_config linear;
    kedge_logistic_config logistic;
    kedge_random_forest_config wood;
} any_model;

enum { LINEAR, LOGISTIC, GAUSSIAN, YES_NO, TREE, FOREST, WOOD, BOOSTING, PORTFOLIO, N_MODELS };

static const char *const titles[N_MODELS] = {
    "`linear`",
    "`logistic`",
    "`gaussian_nb`",
    "`bernoulli_nb`",
    "`hoeffding_tree`",
    "`adaptive_forest`, 10 trees",
    "`random_forest`, 100 trees",
    "`gradient_boost`, 100 trees",
    "`auto` without neighbours",
};

static void die(const char *why)
{
    fprintf(stderr, "bench-frozen: %s\n", why);
    exit(1);
}

/* Defaults. */
static void configure(int which, any_model *c)
{
    if (which == LINEAR) {
        c->linear = kedge_linear_defaults(FEATURES, 2);
    } else if (which == LOGISTIC) {
        c->logistic = kedge_logistic_defaults(FEATURES, 2);
    } else if (which == GAUSSIAN) {
        c->gaussian = kedge_gaussian_nb_defaults(FEATURES, 2);
    } else if (which == YES_NO) {
        c->yes_no = kedge_bernoulli_nb_defaults(FEATURES, 2);
    } else if (which == TREE) {
        c->tree = kedge_hoeffding_tree_defaults(FEATURES, 2);
    } else if (which == FOREST) {
        c->forest = kedge_adaptive_forest_defaults(FEATURES, 2);
    } else if (which == WOOD) {
        c->wood = kedge_random_forest_defaults(FEATURES, 2);
    } else if (which == BOOSTING) {
        c->boosting = kedge_gradient_boosting_defaults(FEATURES, 2);
    } else {
        c->portfolio = kedge_auto_defaults(FEATURES, 2);
        c->portfolio.n_near = 0;
    }
}

static void read_rows(const char *path)
{
    char line[LINE];
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file))
        die("no table");
    while (n_rows < ROWS_MAX && fgets(line, sizeof line, file)) {
        char *at = strchr(line, ',');
        for (int j = 0; at && j < FEATURES; j++)
            x[n_rows][j] = strtod(at + 1, &at);
        if (!at || *at != ',')
            die("a row is short");
        y[n_rows++] = strtod(at + 1, NULL);
    }
    fclose(file);
}

static double nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static double median(double *times, int n)
{
    qsort(times, (size_t)n, sizeof *times, by_size);
    return times[n / 2];
}

static void train(kedge_model *m, const any_model *c, void *mem, size_t bytes)
{
    kedge_model_info info;
    if (!mem || kedge_model_init(m, &c->base, mem, bytes) < 0 || kedge_model_describe(m, &info) < 0)
        die("no model");
    if (!info.can_learn) {
        kedge_rows rows = kedge_rows_float64(&x[0][0], n_rows / 4, FEATURES);
        size_t need = kedge_model_work(m, n_rows / 4);
        void *work = malloc(need);
        if (!work || kedge_model_fit(m, &rows, y, NULL, work, need) < 0)
            die("no fit");
        free(work);
    }
    for (size_t i = 0; i < n_rows && info.can_learn; i++)
        if (kedge_model_learn(m, x[i], y[i], 1.0) < 0)
            die("no learning");
}

/* Rows of which the two forms predict another class. */
static size_t compare(const kedge_model *m, const kedge_frozen *f)
{
    size_t n = 0;
    for (size_t i = 0; i < n_rows; i++) {
        double live = 0.0, frozen = 0.0;
        if (kedge_model_predict(m, x[i], &live) < 0 || kedge_frozen_predict(f, x[i], &frozen) < 0)
            die("no prediction");
        n += live != frozen;
    }
    return n;
}

static double time_live(const kedge_model *m)
{
    double begin = nanoseconds(), out;
    for (size_t i = 0; i < n_rows; i++)
        if (kedge_model_predict(m, x[i], &out) < 0)
            die("no prediction");
    return (nanoseconds() - begin) / (double)n_rows;
}

static double time_frozen(const kedge_frozen *f)
{
    double begin = nanoseconds(), out;
    for (size_t i = 0; i < n_rows; i++)
        if (kedge_frozen_predict(f, x[i], &out) < 0)
            die("no prediction");
    return (nanoseconds() - begin) / (double)n_rows;
}

static double time_open(kedge_frozen *f, const void *blob, size_t len)
{
    double begin = nanoseconds();
    if (kedge_frozen_open(f, blob, len) < 0)
        die("no frozen model");
    return nanoseconds() - begin;
}

static void measure(int which, int n_rounds)
{
    static double live[ROUNDS_MAX], frozen[ROUNDS_MAX], opened[ROUNDS_MAX], ratio[ROUNDS_MAX];
    any_model c;
    kedge_model m;
    kedge_frozen f;
    size_t len;
    configure(which, &c);
    size_t bytes = kedge_model_size(&c.base);
    void *mem = malloc(bytes);
    train(&m, &c, mem, bytes);
    (void)!kedge_model_freeze(&m, NULL, 0, &len); /* the length */
    void *blob = malloc(len);
    if (!blob || kedge_model_freeze(&m, blob, len, &len) < 0)
        die("not frozen");
    for (int k = 0; k < n_rounds; k++) {
        opened[k] = time_open(&f, blob, len);
        live[k] = time_live(&m);
        frozen[k] = time_frozen(&f);
        ratio[k] = frozen[k] / live[k];
    }
    double middle = median(ratio, n_rounds);
    printf("| %s | %zu | %zu | %.0f ns | %.0f ns | %.2f (%.2f to %.2f) | %.0f us | %zu |\n", titles[which], bytes, len,
           median(live, n_rounds), median(frozen, n_rounds), middle, ratio[0], ratio[n_rounds - 1], median(opened, n_rounds) / 1e3,
           compare(&m, &f));
    fflush(stdout);
    free(blob);
    free(mem);
}

int main(int argc, char **argv)
{
    int n_rounds = argc > 2 ? atoi(argv[2]) : 15;
    if (argc < 2 || n_rounds < 1 || n_rounds > ROUNDS_MAX)
        die("usage: bench-frozen ELEC2.CSV [ROUNDS]");
    read_rows(argv[1]);
    printf("| class | live, bytes | frozen, bytes | a row, live | a row, frozen | frozen takes, times | opening | other answers |\n"
           "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (int which = 0; which < N_MODELS; which++)
        measure(which, n_rounds);
    return 0;
}
