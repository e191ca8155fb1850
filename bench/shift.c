/* SPDX-License-Identifier: MIT */
/* Data drift of a large table: bench-shift COLUMNS ROWS ROWS_NOW [SEED]. One column at a time is made and compared, so that the
 * table need not fit into memory; only comparing is timed. Exact: Kolmogorov-Smirnov, PSI and Wasserstein on all values. One pass:
 * a profile of each side, compared, and the same from a hundred merged parts. One line of JSON. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <kedge.h>

#include "measure.h"

enum { PARTS = 100 };

typedef struct bench {
    double *x, *y, *work;
    size_t n, m, work_bytes;
    kedge_shift_config ks, wasserstein;
    kedge_histogram_config psi;
    void *profiles[4]; /* whole and merged, of both sides */
    uint64_t exact_ns, pass_ns;
    double merged_error; /* greatest difference of a share between merged parts and all values, over the stated error */
} bench;

static void fail(const char *what)
{
    fprintf(stderr, "bench-shift: %s\n", what);
    exit(1);
}

static void *room(size_t bytes)
{
    void *p = malloc(bytes);
    if (!p)
        fail("out of memory");
    return p;
}

/* Every fourth column is rounded, every fifth has moved. */
static void fill(double *x, size_t n, uint64_t seed, uint64_t column, int is_current)
{
    kedge_rng rng = {seed * 1000003 + 2 * column + (uint64_t)is_current};
    double shift = is_current && column % 5 == 0 ? 0.1 : 0.0;
    for (size_t i = 0; i < n; i++) {
        x[i] = kedge_rng_normal(&rng) + shift;
        if (column % 4 == 0)
            x[i] = floor(x[i] * 20) / 20;
    }
}

static void exact(bench *b, const kedge_rows *before, const kedge_rows *now, kedge_shift_result *r)
{
    const kedge_shift_config *cfgs[3] = {&b->ks, &b->psi.base, &b->wasserstein};
    uint64_t begin = measure_now_ns();
    if (kedge_shift_compare_many(cfgs, 3, before, now, b->work, b->work_bytes, r) < 0)
        fail("comparing failed");
    b->exact_ns += measure_now_ns() - begin;
}

static void begin_profile(kedge_metric *p, void *mem)
{
    kedge_profile_config cfg = kedge_profile_defaults();
    if (kedge_metric_init(p, &cfg.base, mem, KEDGE_PROFILE_BYTES) < 0)
        fail("a profile does not begin");
}

static void record(kedge_metric *p, const kedge_rows *rows)
{
    size_t used;
    if (kedge_profile_record_column(p, rows, 0, &used) < 0)
        fail("a profile does not record");
}

/* The parts of a table, profiled apart and merged, against counting all values. */
static void check_merged(bench *b, const kedge_rows *rows, void *whole, void *part)
{
    kedge_metric all, p;
    kedge_profile_report r;
    begin_profile(&all, whole);
    for (size_t i = 0; i < PARTS; i++) {
        kedge_rows slice;
        size_t from = rows->n_rows * i / PARTS;
        if (kedge_rows_slice(rows, from, rows->n_rows * (i + 1) / PARTS - from, &slice) < 0)
            fail("no slice");
        begin_profile(&p, part);
        record(&p, &slice);
        if (kedge_metric_merge(&all, &p) < 0)
            fail("profiles do not merge");
    }
    if (kedge_profile_read(&all, &r) < 0)
        fail("a profile does not read");
    for (double at = -2; at <= 2; at += 0.5) {
        double share, count = 0;
        for (size_t i = 0; i < rows->n_rows; i++)
            count += ((const double *)rows->data)[i] <= at;
        if (kedge_profile_shares(&all, &at, &share, 1) < 0)
            fail("no share");
        b->merged_error = fmax(b->merged_error, fabs(share - count / (double)rows->n_rows) / r.rank_error_max);
    }
}

static double one_pass(bench *b, const kedge_rows *before, const kedge_rows *now)
{
    kedge_metric p, q;
    kedge_profile_shift shift;
    uint64_t begin = measure_now_ns();
    begin_profile(&p, b->profiles[0]);
    begin_profile(&q, b->profiles[1]);
    record(&p, before);
    record(&q, now);
    if (kedge_profile_compare(&p, &q, &shift) < 0)
        fail("profiles do not compare");
    b->pass_ns += measure_now_ns() - begin;
    return shift.ks_error > 0 ? shift.ks : 0;
}

static void set_up(bench *b)
{
    b->ks = kedge_ks_defaults();
    b->wasserstein = kedge_wasserstein_defaults();
    b->wasserstein.p_method = KEDGE_P_NONE;
    b->psi = kedge_psi_defaults();
    b->psi.base.p_method = KEDGE_P_NONE;
    const kedge_shift_config *cfgs[3] = {&b->ks, &b->psi.base, &b->wasserstein};
    b->work_bytes = kedge_shift_work_many(cfgs, 3, b->n, b->m, 1);
    b->work = room(b->work_bytes);
    b->x = room(b->n * sizeof *b->x);
    b->y = room(b->m * sizeof *b->y);
    for (int i = 0; i < 4; i++)
        b->profiles[i] = room(KEDGE_PROFILE_BYTES);
}

int main(int argc, char **argv)
{
    bench b = {0};
    if (argc < 4)
        fail("usage: bench-shift COLUMNS ROWS ROWS_NOW [SEED]");
    unsigned long columns = strtoul(argv[1], NULL, 10);
    b.n = strtoul(argv[2], NULL, 10);
    b.m = strtoul(argv[3], NULL, 10);
    uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    if (b.n < PARTS || b.m < 1)
        fail("too few rows");
    set_up(&b);
    double worst = 0;
    unsigned drifts = 0;
    for (unsigned long c = 0; c < columns; c++) {
        kedge_rows before = kedge_rows_float64(b.x, b.n, 1), now = kedge_rows_float64(b.y, b.m, 1);
        kedge_shift_result r[3];
        fill(b.x, b.n, seed, c, 0);
        fill(b.y, b.m, seed, c, 1);
        exact(&b, &before, &now, r);
        drifts += r[0].status == KEDGE_DRIFT;
        worst = fmax(worst, fabs(one_pass(&b, &before, &now) - r[0].statistic));
        if (c < 4)
            check_merged(&b, &before, b.profiles[2], b.profiles[3]);
    }
    printf("{\"columns\": %lu, \"rows\": %zu, \"rows_now\": %zu, \"exact_s\": %.3f, \"one_pass_s\": %.3f, \"scratch_bytes\": %zu, "
           "\"profile_bytes\": %u, \"ks_drifts\": %u, \"ks_off\": %.5f, \"merged_error_share\": %.3f}\n",
           columns, b.n, b.m, (double)b.exact_ns * 1e-9, (double)b.pass_ns * 1e-9, b.work_bytes, KEDGE_PROFILE_BYTES, drifts, worst,
           b.merged_error);
    return 0;
}
