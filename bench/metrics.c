/* SPDX-License-Identifier: MIT */
/* What metrics cost: bench-metrics reads requests, a line each, from standard input, and answers each with one line of JSON.
 *
 *   rows PATH n    PATH holds the classes of n rows, what was predicted for them, and the scores of class 1: 3 n doubles
 *   time NAME      how long a record takes, or all the rows together, and what figure came out
 *
 * A name is one line of `questions`. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kedge.h"
#include "measure.h"

enum { LINE = 4200, PATH = 4096, WORD = 32, WINDOW = 10000, ROLLING = 1000, RUNS = 5 };

typedef struct rows {
    size_t n;
    uint32_t *truth, *predicted;
    uint8_t *label;
    double *score;
} rows;

typedef struct answer {
    uint64_t time_ns;
    uint64_t bytes; /* of the state, or of work */
    double value;
} answer;

/* Of this program alone: its neighbours on the machine take none of it. */
static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

typedef int question_run(const rows *r, answer *a);

/* A metric in memory of its own, to be freed. */
static void *begin(kedge_metric *m, const kedge_metric_config *cfg, answer *a)
{
    a->bytes = kedge_metric_size(cfg);
    void *memory = a->bytes ? malloc(a->bytes) : NULL;
    if (memory && kedge_metric_init(m, cfg, memory, a->bytes) >= 0)
        return memory;
    free(memory);
    return NULL;
}

/* Time LOOP, which leaves a status in st, over a metric of that configuration; then READ sets the value. */
#define TIMED(cfg, LOOP, READ)                                                                     \
    do {                                                                                           \
        kedge_metric m;                                                                            \
        kedge_status st = KEDGE_OK;                                                                \
        void *memory = begin(&m, &(cfg).base, a);                                                  \
        if (!memory)                                                                               \
            return 0;                                                                              \
        uint64_t from = cpu_ns();                                                          \
        LOOP;                                                                                      \
        a->time_ns = cpu_ns() - from;                                                      \
        if (st >= 0)                                                                               \
            st = READ;                                                                             \
        free(memory);                                                                              \
        return st >= 0;                                                                            \
    } while (0)

#define EACH(call)                                                                                 \
    for (size_t i = 0; i < r->n && st >= 0; i++)                                                   \
        st = call

static int confusion(const rows *r, uint32_t over, int is_many, answer *a)
{
    kedge_quality_config cfg = kedge_quality_defaults(2);
    kedge_quality_report report = {0};
    size_t used;
    cfg.over = over;
    cfg.window = ROLLING;
    if (is_many)
        TIMED(cfg, st = kedge_quality_record_many(&m, r->truth, r->predicted, NULL, r->n, &used),
              (st = kedge_quality_read(&m, &report), a->value = report.accuracy, st));
    TIMED(cfg, EACH(kedge_quality_record(&m, r->truth[i], r->predicted[i], 1.0)),
          (st = kedge_quality_read(&m, &report), a->value = report.accuracy, st));
}

static int confusion_one(const rows *r, answer *a)
{
    return confusion(r, KEDGE_OVER_ALL, 0, a);
}

static int confusion_many(const rows *r, answer *a)
{
    return confusion(r, KEDGE_OVER_ALL, 1, a);
}

static int confusion_window(const rows *r, answer *a)
{
    return confusion(r, KEDGE_OVER_WINDOW, 0, a);
}

static int confusion_fading(const rows *r, answer *a)
{
    return confusion(r, KEDGE_OVER_FADING, 0, a);
}

static int auc_stream(const rows *r, answer *a)
{
    kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
    kedge_auc_stream_report report = {0};
    TIMED(cfg, EACH(kedge_auc_stream_record(&m, r->truth[i], r->score[i], 1.0)),
          (st = kedge_auc_stream_read(&m, &report), a->value = report.auc, st));
}

static int auc_window(const rows *r, answer *a)
{
    kedge_auc_window_config cfg = kedge_auc_window_defaults();
    kedge_auc_window_report report = {0};
    cfg.window = WINDOW;
    TIMED(cfg, EACH(kedge_auc_window_record(&m, r->truth[i], r->score[i])),
          (st = kedge_auc_window_read(&m, &report), a->value = report.auc, st));
}

/* All the figures of a ranking, not its area alone. */
static int auc_exact(const rows *r, answer *a)
{
    kedge_ranking_report report = {0};
    a->bytes = kedge_ranking_work(r->n);
    void *work = a->bytes ? malloc(a->bytes) : NULL;
    if (!work)
        return 0;
    uint64_t from = cpu_ns();
    kedge_status st = kedge_ranking_measure(NULL, r->score, r->label, NULL, r->n, work, a->bytes, &report);
    a->time_ns = cpu_ns() - from;
    a->value = report.auc;
    free(work);
    return st >= 0;
}

static const struct question {
    const char *name;
    question_run *run;
} questions[] = {
    {"auc_exact", auc_exact},
    {"auc_stream", auc_stream},
    {"auc_window", auc_window},
    {"confusion", confusion_one},
    {"confusion_fading", confusion_fading},
    {"confusion_many", confusion_many},
    {"confusion_window", confusion_window},
};

static int read_rows(const char *path, rows *r)
{
    size_t n = 0;
    double *x = measure_read_input(path, &n);
    free(r->truth);
    free(r->predicted);
    free(r->label);
    free(r->score);
    r->truth = malloc(r->n * sizeof *r->truth);
    r->predicted = malloc(r->n * sizeof *r->predicted);
    r->label = malloc(r->n);
    r->score = malloc(r->n * sizeof *r->score);
    int is_read = x && n == 3 * r->n && r->truth && r->predicted && r->label && r->score;
    for (size_t i = 0; is_read && i < r->n; i++) {
        r->truth[i] = (uint32_t)x[i];
        r->predicted[i] = (uint32_t)x[r->n + i];
        r->label[i] = (uint8_t)x[i];
        r->score[i] = x[2 * r->n + i];
    }
    free(x);
    return is_read;
}

static int by_time(const void *x, const void *y)
{
    const answer *a = x, *b = y;
    return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

/* Once to warm up; then the median of a few, each with a new object. */
static int ask(const char *name, const rows *r)
{
    answer a[RUNS + 1];
    size_t i = 0;
    while (i < sizeof questions / sizeof *questions && strcmp(questions[i].name, name) != 0)
        i++;
    if (i == sizeof questions / sizeof *questions)
        return 0;
    for (int k = 0; k <= RUNS; k++)
        if (!questions[i].run(r, &a[k]))
            return 0;
    qsort(a + 1, RUNS, sizeof *a, by_time);
    const answer *m = &a[1 + RUNS / 2];
    printf("{\"ns\": %llu, \"bytes\": %llu, \"value\": %.17g}\n", (unsigned long long)m->time_ns, (unsigned long long)m->bytes,
           m->value);
    return 1;
}

int main(void)
{
    char line[LINE], path[PATH], name[WORD];
    rows r = {0, NULL, NULL, NULL, NULL};
    while (fgets(line, sizeof line, stdin)) {
        size_t n;
        int is_done;
        if (sscanf(line, "rows %4095s %zu", path, &n) == 2 && n > 0) {
            r.n = n;
            is_done = read_rows(path, &r);
            if (is_done)
                puts("{}");
        } else {
            is_done = r.n > 0 && sscanf(line, "time %31s", name) == 1 && ask(name, &r);
        }
        if (!is_done) {
            fprintf(stderr, "bench-metrics: cannot do: %s", line);
            return 2;
        }
        fflush(stdout);
    }
    free(r.truth);
    free(r.predicted);
    free(r.label);
    free(r.score);
    return 0;
}
