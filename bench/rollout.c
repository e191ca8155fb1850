/* SPDX-License-Identifier: MIT */
/* How many rows does it take a rollout to take a challenger back that turns bad, from the beginning of a stage or late in it?
 * Beside the interval of the stage's mean alone, which decided before there was a guard, on the same rows. And how often is one
 * taken back that is just within the tolerance? Prints Markdown. */
#include <stdio.h>
#include <stdlib.h>

#include <kedge.h>

enum { SEEDS = 1000, ROWS = 10000, KNOWN = 2000, MODES = 3 };

#define CHAMPION 0.1 /* both are wrong so often while all is well */
#define SHARE 0.1

static const char *const modes[MODES] = {"shadow, or both answer", "canary, a tenth of the rows", "production, alone"};

typedef struct run {
    kedge_control guarded; /* stepped */
    kedge_control watched; /* read only: when would the interval have taken it back? */
    double *memory[2];
    int mode;
} run;

/* A challenger's chance of a loss changes at a row. */
typedef struct course {
    double before;
    double after;
    double tolerance;
    uint64_t onset;
    uint64_t rows;
} course;

#define NEVER UINT64_MAX

/* Rows of the challenger until it is taken back, from 1. */
typedef struct ends {
    uint64_t guard;
    uint64_t interval;
} ends;

static void fail(void)
{
    fputs("bench-rollout: a call has failed\n", stderr);
    exit(1);
}

static void record(run *r, uint32_t is_challenger, double loss)
{
    if (kedge_rollout_record(&r->guarded, 0, is_challenger, loss) < 0 ||
        kedge_rollout_record(&r->watched, 0, is_challenger, loss) < 0)
        fail();
}

/* Into the last stage that is wanted: production after a canary that told KNOWN losses of the champion. */
static void enter(run *r, uint64_t seed, kedge_rng *rng)
{
    kedge_control *both[2] = {&r->guarded, &r->watched};
    kedge_rollout_action action;
    for (int k = 0; k < 2; k++)
        if (kedge_control_reset(both[k]) < 0 || kedge_rollout_begin(both[k], 0, seed, NULL) < 0 ||
            kedge_rollout_step(both[k], 0, &action) < 0)
            fail();
    if (r->mode < 2)
        return;
    for (int i = 0; i < KNOWN; i++)
        record(r, 0, kedge_rng_uniform(rng) < CHAMPION);
    for (int k = 0; k < 2; k++)
        if (kedge_rollout_step(both[k], 0, &action) < 0 || action.kind != KEDGE_ROLLOUT_PROMOTE)
            fail();
}

static void feed(run *r, kedge_rng *rng, double loss)
{
    double challenger = kedge_rng_uniform(rng) < loss;
    if (r->mode == 0) {
        double champion = kedge_rng_uniform(rng) < CHAMPION;
        if (kedge_rollout_record_pair(&r->guarded, 0, champion, challenger) < 0 ||
            kedge_rollout_record_pair(&r->watched, 0, champion, challenger) < 0)
            fail();
        return;
    }
    while (r->mode == 1 && kedge_rng_uniform(rng) >= SHARE)
        record(r, 0, kedge_rng_uniform(rng) < CHAMPION);
    record(r, 1, challenger);
}

static ends follow(run *r, uint64_t seed, const course *of)
{
    kedge_rng rng = {seed * 7919};
    ends e = {NEVER, NEVER};
    enter(r, seed, &rng);
    for (uint64_t i = 0; i < of->rows && (e.guard == NEVER || e.interval == NEVER); i++) {
        kedge_rollout_action action;
        kedge_rollout_report report;
        feed(r, &rng, i < of->onset ? of->before : of->after); /* once it is taken back that has no effect */
        if (kedge_rollout_step(&r->guarded, 0, &action) < 0 || kedge_rollout_read(&r->watched, &report) < 0)
            fail();
        if (action.kind == KEDGE_ROLLOUT_ROLL_BACK)
            e.guard = i + 1;
        if (e.interval == NEVER && report.low > of->tolerance)
            e.interval = i + 1;
    }
    return e;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void print_delay(const uint64_t *sorted, int percent, uint64_t onset)
{
    uint64_t end = sorted[SEEDS * percent / 100];
    if (end == NEVER)
        printf("never");
    else
        printf("%lld", (long long)(end - onset));
}

static void print_cell(uint64_t *guard, uint64_t *interval, uint64_t onset)
{
    qsort(guard, SEEDS, sizeof *guard, compare);
    qsort(interval, SEEDS, sizeof *interval, compare);
    printf(" **");
    print_delay(guard, 50, onset);
    printf("** to ");
    print_delay(guard, 90, onset);
    printf("; ");
    print_delay(interval, 50, onset);
    printf(" |");
}

static void made(run *r, int mode, double tolerance)
{
    kedge_stage stages[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    kedge_rollout_config cfg = kedge_rollout_defaults(stages, 2);
    kedge_control *both[2] = {&r->guarded, &r->watched};
    stages[0].kind = mode == 0 ? KEDGE_STAGE_SHADOW : KEDGE_STAGE_CANARY;
    stages[0].least_rows = mode < 2 ? 10 * ROWS : 0;
    stages[0].most_rows = stages[1].least_rows = stages[1].most_rows = 10 * ROWS;
    stages[0].tolerance = stages[1].tolerance = tolerance;
    size_t bytes = kedge_control_size(&cfg.base);
    r->mode = mode;
    for (int k = 0; k < 2; k++) {
        r->memory[k] = malloc(bytes);
        if (!r->memory[k] || kedge_control_init(both[k], &cfg.base, r->memory[k], bytes) < 0)
            fail();
    }
}

static void released(run *r)
{
    free(r->memory[0]);
    free(r->memory[1]);
}

static void print_delays(int mode, double loss)
{
    static const uint64_t onsets[] = {0, 200, 1000, 5000};
    static uint64_t guard[SEEDS], interval[SEEDS];
    course of = {CHAMPION, loss, 0.01, 0, 0};
    run r;
    made(&r, mode, of.tolerance);
    printf("| %s | %.0f %% |", modes[mode], 100.0 * loss);
    for (size_t k = 0; k < sizeof onsets / sizeof *onsets; k++) {
        of.onset = onsets[k];
        of.rows = onsets[k] + ROWS;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            ends e = follow(&r, seed + 1, &of);
            guard[seed] = e.guard;
            interval[seed] = e.interval;
        }
        print_cell(guard, interval, of.onset);
    }
    printf("\n");
    fflush(stdout);
    released(&r);
}

/* Worse by just as much as it may be, all the time. */
static void print_false(int mode)
{
    const course of = {CHAMPION + 0.05, CHAMPION + 0.05, 0.05, 0, ROWS};
    run r;
    int n_guard = 0, n_interval = 0;
    made(&r, mode, of.tolerance);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        ends e = follow(&r, seed + 1, &of);
        n_guard += e.guard != NEVER;
        n_interval += e.interval != NEVER;
    }
    printf("%s, at the tolerance for %d rows: %d of %d taken back; %d\n", modes[mode], ROWS, n_guard, SEEDS, n_interval);
    released(&r);
}

int main(void)
{
    static const double losses[] = {0.5, 0.3, 0.2};
    printf("Rows until it is taken back: median and 90th percentile with the guard; median by the interval alone.\n\n");
    printf("| stage | wrong, of 10 %% | from row 0 | 200 | 1,000 | 5,000 |\n| --- | --- | --- | --- | --- | --- |\n");
    for (int mode = 0; mode < MODES; mode++)
        for (size_t k = 0; k < sizeof losses / sizeof *losses; k++)
            print_delays(mode, losses[k]);
    printf("\n");
    for (int mode = 0; mode < MODES; mode++)
        print_false(mode);
    return 0;
}
