/* SPDX-License-Identifier: MIT */
/* Threads that record into one kedge_latency_shared while others collect, each into its own kedge_latency: built with the thread
 * sanitizer by latency_threads.py. Nothing may be lost or counted twice. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "kedge/metric.h"

enum { N_WRITERS = 4, N_COLLECTORS = 2, N_EACH = 50000, N_COLLECTIONS = 40 };

static kedge_metric shared;
static kedge_metric figures[N_COLLECTORS];

static void make(kedge_metric *m, const kedge_metric_config *cfg)
{
    size_t bytes = kedge_metric_size(cfg);
    void *mem = malloc(bytes);
    if (!mem || kedge_metric_init(m, cfg, mem, bytes) < 0)
        abort();
}

static void *write_some(void *lane)
{
    uint32_t own = *(const uint32_t *)lane;
    for (uint64_t i = 0; i < N_EACH; i++)
        if (kedge_latency_shared_record(&shared, own, i * 7919 % 100003 + own) < 0)
            abort();
    return NULL;
}

static void *collect_some(void *which)
{
    kedge_metric *own = which;
    for (int i = 0; i < N_COLLECTIONS; i++)
        if (kedge_latency_shared_collect(&shared, own) < 0 || kedge_metric_check(own) < 0)
            abort();
    return NULL;
}

static int run(uint32_t n_lanes)
{
    kedge_latency_shared_config cfg = kedge_latency_shared_defaults();
    kedge_latency_config l = kedge_latency_defaults();
    kedge_latency_report r;
    pthread_t threads[N_WRITERS + N_COLLECTORS];
    uint32_t lanes[N_WRITERS];
    cfg.n_lanes = n_lanes;
    make(&shared, &cfg.base);
    for (int i = 0; i < N_COLLECTORS; i++) {
        make(&figures[i], &l.base);
        if (pthread_create(&threads[N_WRITERS + i], NULL, collect_some, &figures[i]) != 0)
            abort();
    }
    for (uint32_t i = 0; i < N_WRITERS; i++) {
        lanes[i] = i;
        if (pthread_create(&threads[i], NULL, write_some, &lanes[i]) != 0)
            abort();
    }
    for (int i = 0; i < N_WRITERS + N_COLLECTORS; i++)
        if (pthread_join(threads[i], NULL) != 0)
            abort();
    if (kedge_latency_shared_collect(&shared, &figures[0]) < 0)
        abort();
    for (int i = 1; i < N_COLLECTORS; i++)
        if (kedge_metric_merge(&figures[0], &figures[i]) < 0)
            abort();
    if (kedge_latency_read(&figures[0], &r) < 0 || kedge_metric_check(&figures[0]) < 0)
        abort();
    free(shared.state);
    for (int i = 0; i < N_COLLECTORS; i++)
        free(figures[i].state);
    printf("%u lanes: %llu values, %llu to %llu\n", (unsigned)n_lanes, (unsigned long long)r.n, (unsigned long long)r.min,
           (unsigned long long)r.max);
    return r.n == (uint64_t)N_WRITERS * N_EACH && r.min == 0 && r.max >= 99000;
}

int main(void)
{
    return run(1) && run(3) ? 0 : 1;
}
