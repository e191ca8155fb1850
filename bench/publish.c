/* SPDX-License-Identifier: MIT */
/* Does a writer disturb the readers? Readers predict without a pause, each prediction between taking the newest version and giving
 * it back, alone and with a writer that publishes a thousand times a second: by kedge_publish, and beside it by a POSIX read-write
 * lock and by a mutex around one model that the writer overwrites. A small model and a large one. All take turns; medians and
 * ranges over the rounds. Prints Markdown.
 *
 *     bench-publish [ROUNDS [MILLISECONDS [READERS]]] */
#define _POSIX_C_SOURCE 200112L /* clock_nanosleep, pthread_rwlock_t */

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kedge.h"

#include "measure.h"

enum { PUBLISH_BENCH_FEATURES = 20, PUBLISH_BENCH_READERS = 16, PUBLISH_BENCH_ROUNDS = 99, PUBLISH_BENCH_HZ = 1000 };

/* How readers and writer come together. */
enum { BY_PUBLISH, BY_RWLOCK, BY_MUTEX, N_WAYS };
static const char *const publish_bench_ways[N_WAYS] = {"kedge_publish", "read-write lock", "mutex"};

typedef struct publish_bench_stage {
    int way;
    int is_writing;       /* 1: there is a writer */
    kedge_publish p;
    pthread_rwlock_t rwlock;
    pthread_mutex_t mutex;
    kedge_model trained;  /* the writer's */
    kedge_model serving;  /* what the locks guard */
    size_t bytes;         /* of the model */
    atomic_int stop;
    uint64_t n_published;
    uint64_t n_refused;
    kedge_metric writes;  /* how long publishing took */
} publish_bench_stage;

typedef struct publish_bench_reader {
    publish_bench_stage *stage;
    pthread_t thread;
    kedge_metric latency;
    double sink;
    int failed;
} publish_bench_reader;

/* Figures of one run. */
enum { FIGURE_P50, FIGURE_P99, FIGURE_P999, FIGURE_MAX, FIGURE_RATE, FIGURE_PUBLISHED, FIGURE_WRITE_P99, N_FIGURES };

static void publish_bench_die(const char *what)
{
    fprintf(stderr, "bench-publish: %s\n", what);
    exit(1);
}

static void *publish_bench_room(size_t bytes)
{
    void *mem = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!mem)
        publish_bench_die("out of memory");
    return mem;
}

/* Takes the newest version, predicts, gives it back. */
static int publish_bench_read(publish_bench_stage *s, const double *x, double *y)
{
    kedge_publish_ticket t;
    kedge_model m;
    int st;
    switch (s->way) {
    case BY_PUBLISH:
        if (kedge_publish_model_acquire(&s->p, s->trained.cls, &t, &m) < 0)
            return -1;
        st = kedge_model_predict(&m, x, y);
        return kedge_publish_release(&s->p, &t) < 0 ? -1 : st;
    case BY_RWLOCK:
        pthread_rwlock_rdlock(&s->rwlock);
        st = kedge_model_predict(&s->serving, x, y);
        pthread_rwlock_unlock(&s->rwlock);
        return st;
    default:
        pthread_mutex_lock(&s->mutex);
        st = kedge_model_predict(&s->serving, x, y);
        pthread_mutex_unlock(&s->mutex);
        return st;
    }
}

static void *publish_bench_reader_run(void *argument)
{
    publish_bench_reader *r = argument;
    publish_bench_stage *s = r->stage;
    kedge_rng rng = {(uint64_t)(uintptr_t)r};
    double x[PUBLISH_BENCH_FEATURES], y = 0;
    for (int i = 0; i < PUBLISH_BENCH_FEATURES; i++)
        x[i] = kedge_rng_uniform(&rng);
    while (!atomic_load_explicit(&s->stop, memory_order_relaxed)) {
        uint64_t begin = measure_now_ns();
        if (publish_bench_read(s, x, &y) < 0)
            r->failed = 1;
        r->failed |= kedge_latency_record(&r->latency, measure_now_ns() - begin) < 0;
        r->sink += y;
    }
    return NULL;
}

static void publish_bench_write(publish_bench_stage *s)
{
    kedge_status st = KEDGE_OK;
    switch (s->way) {
    case BY_PUBLISH:
        st = kedge_publish_model(&s->p, &s->trained, s->n_published);
        break;
    case BY_RWLOCK:
        pthread_rwlock_wrlock(&s->rwlock);
        memcpy(s->serving.state, s->trained.state, s->bytes);
        pthread_rwlock_unlock(&s->rwlock);
        break;
    default:
        pthread_mutex_lock(&s->mutex);
        memcpy(s->serving.state, s->trained.state, s->bytes);
        pthread_mutex_unlock(&s->mutex);
    }
    s->n_published += st == KEDGE_OK;
    s->n_refused += st == KEDGE_ERR_BUSY;
}

/* Until the time is over; the writer is this thread. */
static void publish_bench_wait(publish_bench_stage *s, uint64_t ns)
{
    const uint64_t period = 1000000000u / PUBLISH_BENCH_HZ;
    uint64_t begin = measure_now_ns();
    for (uint64_t next = begin + period; next <= begin + ns; next += period) {
        struct timespec until = {(time_t)(next / 1000000000u), (long)(next % 1000000000u)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        if (s->is_writing && measure_now_ns() <= begin + ns) {
            uint64_t at = measure_now_ns();
            publish_bench_write(s);
            KEDGE_IGNORE(kedge_latency_record(&s->writes, measure_now_ns() - at));
        }
    }
}

static void publish_bench_latency(kedge_metric *m)
{
    kedge_latency_config cfg = kedge_latency_defaults();
    cfg.digits = 3;
    if (!m->state)
        m->state = publish_bench_room(kedge_metric_size(&cfg.base));
    if (kedge_metric_init(m, &cfg.base, m->state, kedge_metric_size(&cfg.base)) < 0)
        publish_bench_die("no latency");
}

static void publish_bench_start(publish_bench_stage *s, publish_bench_reader *readers, int n_readers)
{
    atomic_store(&s->stop, 0);
    s->n_published = s->n_refused = 0;
    publish_bench_latency(&s->writes);
    for (int i = 0; i < n_readers; i++) {
        readers[i].stage = s;
        readers[i].failed = 0;
        publish_bench_latency(&readers[i].latency);
        if (pthread_create(&readers[i].thread, NULL, publish_bench_reader_run, &readers[i]) != 0)
            publish_bench_die("no thread");
    }
}

static void publish_bench_run(publish_bench_stage *s, publish_bench_reader *readers, int n_readers, uint64_t ns, double *figures)
{
    kedge_latency_report all, writes;
    publish_bench_start(s, readers, n_readers);
    publish_bench_wait(s, ns);
    atomic_store(&s->stop, 1);
    for (int i = 0; i < n_readers; i++) {
        pthread_join(readers[i].thread, NULL);
        if (readers[i].failed || (i > 0 && kedge_metric_merge(&readers[0].latency, &readers[i].latency) < 0))
            publish_bench_die("a reader failed");
    }
    if (kedge_latency_read(&readers[0].latency, &all) < 0 || kedge_latency_read(&s->writes, &writes) < 0)
        publish_bench_die("no figures");
    figures[FIGURE_P50] = (double)all.p50;
    figures[FIGURE_P99] = (double)all.p99;
    figures[FIGURE_P999] = (double)all.p999;
    figures[FIGURE_MAX] = (double)all.max;
    figures[FIGURE_RATE] = (double)all.n / ((double)ns * 1e-9);
    figures[FIGURE_PUBLISHED] = (double)s->n_published / ((double)ns * 1e-9);
    figures[FIGURE_WRITE_P99] = (double)writes.p99;
}

static int publish_bench_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median, and least and greatest. */
static void publish_bench_cell(double figures[][N_FIGURES], int rounds, int figure, double unit)
{
    double x[PUBLISH_BENCH_ROUNDS];
    for (int i = 0; i < rounds; i++)
        x[i] = figures[i][figure] / unit;
    qsort(x, (size_t)rounds, sizeof *x, publish_bench_order);
    printf(" %.3g (%.3g to %.3g) |", x[rounds / 2], x[0], x[rounds - 1]);
}

static void publish_bench_row(int way, int is_writing, double figures[][N_FIGURES], int rounds)
{
    printf("| %s | %s |", publish_bench_ways[way], is_writing ? "yes" : "no");
    publish_bench_cell(figures, rounds, FIGURE_P50, 1);
    publish_bench_cell(figures, rounds, FIGURE_P99, 1);
    publish_bench_cell(figures, rounds, FIGURE_P999, 1);
    publish_bench_cell(figures, rounds, FIGURE_MAX, 1e6);
    publish_bench_cell(figures, rounds, FIGURE_RATE, 1e6);
    if (is_writing) {
        publish_bench_cell(figures, rounds, FIGURE_PUBLISHED, 1);
        publish_bench_cell(figures, rounds, FIGURE_WRITE_P99, 1e3);
        printf("\n");
    } else {
        printf(" | |\n");
    }
}

/* A trained model, a copy for the locks, and a publication of it. */
static void publish_bench_set_up(publish_bench_stage *s, const kedge_model_config *cfg, int n_readers)
{
    kedge_rng rng = {1};
    s->bytes = kedge_model_size(cfg);
    if (kedge_model_init(&s->trained, cfg, publish_bench_room(s->bytes), s->bytes) < 0)
        publish_bench_die("no model");
    for (int i = 0; i < 20000; i++) {
        double x[PUBLISH_BENCH_FEATURES];
        for (int j = 0; j < PUBLISH_BENCH_FEATURES; j++)
            x[j] = kedge_rng_uniform(&rng);
        if (kedge_model_learn(&s->trained, x, x[0] * x[1] > 0.3, 1.0) < 0)
            publish_bench_die("no training");
    }
    s->serving.cls = s->trained.cls;
    s->serving.state = publish_bench_room(s->bytes);
    memcpy(s->serving.state, s->trained.state, s->bytes);
    kedge_publish_config slots = kedge_publish_defaults(s->bytes);
    slots.n_slots = (uint32_t)n_readers + 2;
    size_t size = kedge_publish_size(&slots);
    if (kedge_publish_init(&s->p, &slots, publish_bench_room(size), size) < 0 || kedge_publish_model(&s->p, &s->trained, 0) < 0)
        publish_bench_die("no publication");
}

static void publish_bench_model(const char *name, const kedge_model_config *cfg, int rounds, uint64_t ns, int n_readers)
{
    static double figures[N_WAYS][2][PUBLISH_BENCH_ROUNDS][N_FIGURES];
    static publish_bench_reader readers[PUBLISH_BENCH_READERS];
    static publish_bench_stage s;
    memset(&s, 0, sizeof s);
    pthread_rwlock_init(&s.rwlock, NULL);
    pthread_mutex_init(&s.mutex, NULL);
    publish_bench_set_up(&s, cfg, n_readers);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < 2 * N_WAYS; i++) {
            s.way = i / 2;
            s.is_writing = i % 2;
            publish_bench_run(&s, readers, n_readers, ns, figures[s.way][s.is_writing][round]);
        }
    printf("\n%s, %zu bytes, %d readers:\n\n", name, s.bytes, n_readers);
    printf("| by | writer | p50, ns | p99, ns | p99.9, ns | max, ms | predictions, million/s | published/s | publishing p99, us |\n"
           "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (int way = 0; way < N_WAYS; way++)
        for (int writing = 0; writing < 2; writing++)
            publish_bench_row(way, writing, figures[way][writing], rounds);
    fflush(stdout);
}

static int publish_bench_number(const char *text, int least, int most)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (*end != '\0' || n < least || n > most) {
        fprintf(stderr, "usage: bench-publish [ROUNDS [MILLISECONDS [READERS]]]\n");
        exit(2);
    }
    return (int)n;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? publish_bench_number(argv[1], 1, PUBLISH_BENCH_ROUNDS) : 9;
    int ms = argc > 2 ? publish_bench_number(argv[2], 10, 60000) : 500;
    int n_readers = argc > 3 ? publish_bench_number(argv[3], 1, PUBLISH_BENCH_READERS) : 4;
    kedge_linear_config linear = kedge_linear_defaults(PUBLISH_BENCH_FEATURES, 2);
    kedge_hoeffding_tree_config tree = kedge_hoeffding_tree_defaults(PUBLISH_BENCH_FEATURES, 2);
    tree.growth.memory = 1u << 20;
    publish_bench_model("linear model", &linear.base, rounds, (uint64_t)ms * 1000000u, n_readers);
    publish_bench_model("Hoeffding tree", &tree.base, rounds, (uint64_t)ms * 1000000u, n_readers);
    return 0;
}
