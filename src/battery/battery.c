/* SPDX-License-Identifier: MIT */
/* The battery of checks before deployment: what is asked for, the layout of the work memory, and the order of the steps. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "battery/battery_run.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/config.h"
#include "base/number.h"
#include "base/object.h"
#include "base/sort_pairs.h"
#include "kedge/models/baseline.h"
#include "metrics/bootstrap.h"
#include "models/model_check.h"

#define BATTERY_ROWS_MAX   (UINT32_MAX - 1u)
#define BATTERY_DRAWS_MAX  100000u
#define BATTERY_COUNT_MAX  (1u << 20)
#define BATTERY_GAIN_MAX   1e6
#define BATTERY_COST_MAX   1e18
#define BATTERY_SCORE_MAX  1e300
#define BATTERY_NOISE_MAX  100.0
#define BATTERY_BINS_MAX   1000u

kedge_status kedge_battery_config_init(kedge_battery_config *cfg, size_t cfg_bytes)
{
    KEDGE_TRY(kedge_i_config_begin(cfg, cfg_bytes, sizeof *cfg));
    const kedge_battery_config defaults = {
        .config_bytes = sizeof *cfg,
        .score = KEDGE_SCORE_ACCURACY,
        .checks = KEDGE_BATTERY_ALL,
        .prove = KEDGE_BATTERY_PROVE,
        .seed = 1,
        .confidence = 0.95,
        .n_resamples = 1000,
        .block = 1,
        .least_rows = 30,
        .n_bins = 10,
        .quality = (double)NAN,
        .loss_champion = 0.01,
        .noise = 0.1,
        .loss_noise = 0.05,
        .missing = 0.1,
        .loss_missing = 0.1,
        .loss_slice = 0.1,
        .calibration = 0.1,
        .median_ns = (double)NAN,
        .tail_ns = (double)NAN,
        .state_bytes = (double)NAN,
        .snapshot_bytes = (double)NAN,
        .slice_column = KEDGE_NO_COLUMN,
        .least_slice = 30,
        .n_timed = 1000,
        .n_hostile = 256,
    };
    *cfg = defaults;
    return KEDGE_OK;
}

/* NaN stands for no limit. */
static int battery_limit(double limit, double low, double high)
{
    return limit != limit || kedge_i_within(limit, low, high);
}

static int battery_limits_are_valid(const kedge_battery_config *c)
{
    const double losses[] = {c->loss_champion, c->loss_noise, c->loss_missing, c->loss_slice};
    const double costs[] = {c->median_ns, c->tail_ns, c->state_bytes, c->snapshot_bytes};
    int valid = battery_limit(c->quality, -BATTERY_SCORE_MAX, BATTERY_SCORE_MAX) && battery_limit(c->calibration, 0.0, 1.0) &&
                battery_limit(c->gain_usual, -BATTERY_GAIN_MAX, BATTERY_GAIN_MAX) &&
                battery_limit(c->gain_last, -BATTERY_GAIN_MAX, BATTERY_GAIN_MAX);
    for (size_t i = 0; i < 4; i++)
        valid = valid && battery_limit(losses[i], 0.0, BATTERY_GAIN_MAX) && battery_limit(costs[i], 0.0, BATTERY_COST_MAX);
    return valid;
}

static int battery_is_valid(const kedge_battery_config *c, uint32_t n_features)
{
    return c->config_bytes == sizeof *c && (c->checks & ~KEDGE_BATTERY_ALL) == 0 && (c->prove & ~KEDGE_BATTERY_ALL) == 0 &&
           kedge_i_within(c->confidence, 0.5, 0.999) && kedge_i_u32_within(c->n_resamples, 100, BATTERY_DRAWS_MAX) &&
           c->block >= 1 && c->least_rows >= 1 && c->least_slice >= 1 && kedge_i_u32_within(c->n_bins, 1, BATTERY_BINS_MAX) &&
           kedge_i_within(c->noise, 0.0, BATTERY_NOISE_MAX) && kedge_i_within(c->missing, 0.0, 1.0) &&
           kedge_i_u32_within(c->n_timed, 1, BATTERY_COUNT_MAX) && kedge_i_u32_within(c->n_hostile, 1, BATTERY_COUNT_MAX) &&
           (c->slice_column == KEDGE_NO_COLUMN || (!c->groups && c->slice_column < n_features)) && battery_limits_are_valid(c);
}

/* Memory ---------------------------------------------------------------------------------------------------------------------- */

/* Takes memory step by step; without memory it only counts. Lengths are below 2^32 and elements small, so sums fit. */
typedef struct battery_room {
    unsigned char *mem; /* NULL: count */
    uint64_t used;
} battery_room;

static void *battery_take(battery_room *room, uint64_t bytes)
{
    void *at = room->mem ? room->mem + (size_t)room->used : NULL;
    room->used += kedge_i_round_up(bytes);
    return at;
}

static kedge_baseline_config battery_baseline(const kedge_i_battery *b)
{
    return kedge_baseline_defaults(b->n_features, b->n_classes);
}

static uint64_t battery_most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The greatest of what steps need that follow each other: a column, pairs to sort by, times of predictions, the bootstrap. */
static uint64_t battery_scratch(const kedge_i_battery *b)
{
    uint64_t timed = b->n < b->cfg->n_timed ? b->n : b->cfg->n_timed;
    uint64_t sorting = battery_most(2 * (uint64_t)b->n * sizeof(kedge_i_pair), 2 * timed * sizeof(double));
    return battery_most(sorting, kedge_i_bootstrap_bytes(b->n, BATTERY_VALUES, b->cfg->n_resamples));
}

static uint64_t battery_layout(kedge_i_battery *b, void *mem)
{
    battery_room room = {mem, 0};
    kedge_baseline_config baseline = battery_baseline(b);
    uint64_t n = b->n;
    uint64_t n_scores = b->n_classes > 0 ? b->n_classes : 1;
    b->scores = battery_take(&room, n_scores * sizeof(double));
    b->again = battery_take(&room, n_scores * sizeof(double));
    b->row = battery_take(&room, b->n_features * (uint64_t)sizeof(double));
    b->spread = battery_take(&room, b->n_features * (uint64_t)sizeof(double));
    b->sums = battery_take(&room, b->cfg->n_bins * (uint64_t)sizeof(double));
    b->baseline = battery_take(&room, kedge_model_size(&baseline.base));
    for (uint32_t s = 0; s < BATTERY_SERIES; s++)
        b->term[s] = s != BATTERY_CHAMPION || b->champion ? battery_take(&room, n * sizeof(double)) : NULL;
    b->predicted = battery_take(&room, n * sizeof(double));
    b->off = battery_take(&room, n * sizeof(double));
    b->bin = battery_take(&room, n * sizeof(uint32_t));
    b->order = battery_take(&room, n * sizeof(uint32_t));
    b->pairs = battery_take(&room, kedge_i_score_bytes(b->cfg->score, n));
    b->scratch = battery_take(&room, battery_scratch(b));
    return room.used;
}

/* Does all fit together? */
static kedge_status battery_plan(kedge_i_battery *b, const kedge_model *m, const kedge_battery_config *cfg, size_t n_rows,
                                 const kedge_model *champion)
{
    kedge_model_info info, other;
    KEDGE_TRY(kedge_model_describe(m, &info));
    if (!cfg)
        return KEDGE_ERR_NULL;
    if (!battery_is_valid(cfg, info.n_features))
        return KEDGE_ERR_CONFIG;
    if (!kedge_i_score_fits(cfg->score, info.n_classes))
        return KEDGE_ERR_UNSUPPORTED;
    if (champion) {
        KEDGE_TRY(kedge_model_describe(champion, &other));
        if (other.n_features != info.n_features || other.n_classes != info.n_classes)
            return KEDGE_ERR_SHAPE;
    }
    b->cfg = cfg;
    b->m = m;
    b->champion = champion;
    b->n = n_rows;
    b->n_features = info.n_features;
    b->n_classes = info.n_classes;
    kedge_baseline_config baseline = battery_baseline(b);
    if (kedge_model_size(&baseline.base) == 0)
        return KEDGE_ERR_UNSUPPORTED;
    return n_rows >= 1 && n_rows <= BATTERY_ROWS_MAX ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

size_t kedge_battery_work(const kedge_model *m, const kedge_battery_config *cfg, size_t n_rows, const kedge_model *champion)
{
    kedge_i_battery b;
    if (battery_plan(&b, m, cfg, n_rows, champion) < 0)
        return 0;
    uint64_t bytes = battery_layout(&b, NULL);
    return bytes <= SIZE_MAX ? (size_t)bytes : 0;
}

/* The report ------------------------------------------------------------------------------------------------------------------ */

void kedge_i_battery_note(kedge_i_battery *b, uint32_t i_check, int32_t verdict, int32_t why)
{
    b->report->checks[i_check].verdict = verdict;
    b->report->checks[i_check].why = why;
}

void kedge_i_battery_exact(kedge_i_battery *b, uint32_t i_check, double value, double limit)
{
    kedge_battery_check *c = &b->report->checks[i_check];
    c->figure.value = value;
    c->limit = limit;
    if (limit != limit)
        kedge_i_battery_note(b, i_check, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_LIMIT);
    else if (value <= limit)
        kedge_i_battery_note(b, i_check, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    else
        kedge_i_battery_note(b, i_check, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
}

void kedge_i_battery_blank(kedge_battery_report *r, uint32_t score)
{
    static const double none = (double)NAN;
    memset(r, 0, sizeof *r);
    r->verdict = KEDGE_BATTERY_SKIPPED;
    r->n_skipped = KEDGE_BATTERY_CHECKS;
    r->score = score;
    r->usual = r->last = r->champion = r->noise = r->missing = none;
    r->slice = r->slice_score = none;
    r->first_broken = UINT64_MAX;
    for (uint32_t i = 0; i < KEDGE_BATTERY_CHECKS; i++) {
        const kedge_battery_check off = {{none, none, none, none}, none, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_OFF};
        r->checks[i] = off;
    }
}

static void battery_begin(kedge_i_battery *b)
{
    kedge_rng rng = {b->cfg->seed};
    for (uint32_t i = 0; i < BATTERY_SEEDS; i++)
        b->seeds[i] = kedge_rng_next(&rng);
    kedge_i_battery_blank(b->report, b->cfg->score);
    b->report->n_skipped = 0; /* counted at the end */
    for (size_t i = 0; i < b->n; i++)
        b->report->n_rows += kedge_i_battery_weight(b, i) > 0.0;
}

static void battery_end(kedge_i_battery *b)
{
    kedge_battery_report *r = b->report;
    uint32_t *counts[] = {NULL, &r->n_passed, &r->n_failed, &r->n_undecided, &r->n_skipped};
    int unproven = 0;
    for (uint32_t i = 0; i < KEDGE_BATTERY_CHECKS; i++) {
        ++*counts[r->checks[i].verdict];
        unproven |= r->checks[i].verdict == KEDGE_BATTERY_UNDECIDED && (b->cfg->prove >> i & 1u) != 0;
    }
    r->verdict = r->n_failed > 0                                ? KEDGE_BATTERY_FAIL
                 : unproven                                     ? KEDGE_BATTERY_UNDECIDED
                 : r->n_skipped == KEDGE_BATTERY_CHECKS         ? KEDGE_BATTERY_SKIPPED
                                                                : KEDGE_BATTERY_PASS;
}

/* A number that changes when a byte of the state does, by chance but once in 2^64: FNV-1a (Fowler, Noll, Vo 1991). */
static uint64_t battery_print_of(const kedge_model *m)
{
    const unsigned char *bytes = m->state;
    size_t n = kedge_i_state_bytes(m->state);
    uint64_t print = 0xCBF29CE484222325u;
    for (size_t i = 0; i < n; i++)
        print = (print ^ bytes[i]) * 0x100000001B3u;
    return print;
}

kedge_status kedge_i_battery_run(kedge_i_battery *b, void *work, size_t work_bytes)
{
    const kedge_rows *x = b->x;
    if (!work || !b->report || !x)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(battery_plan(b, b->m, b->cfg, x->n_rows, b->champion));
    KEDGE_TRY(kedge_i_model_check_table(b->m, x, b->y, b->weight));
    size_t need = kedge_battery_work(b->m, b->cfg, x->n_rows, b->champion);
    if (need == 0)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    (void)battery_layout(b, work);
    battery_begin(b);
    uint64_t print = battery_print_of(b->m);
    kedge_i_battery_answers(b);
    kedge_i_battery_same(b);
    kedge_i_battery_disturb(b);
    kedge_i_battery_hostile(b);
    kedge_i_battery_cost(b);
    if (kedge_i_battery_wants(b, KEDGE_BATTERY_SAME) && b->report->checks[KEDGE_BATTERY_SAME].verdict == KEDGE_BATTERY_PASS &&
        battery_print_of(b->m) != print)
        kedge_i_battery_note(b, KEDGE_BATTERY_SAME, KEDGE_BATTERY_FAIL, KEDGE_WHY_CHANGED);
    kedge_i_battery_slice(b);
    kedge_i_battery_judge(b);
    battery_end(b);
    return KEDGE_OK;
}

kedge_status kedge_battery_run(const kedge_model *m, const kedge_battery_config *cfg, const kedge_rows *x, const double *y,
                               const double *weight, const kedge_model *champion, void *work, size_t work_bytes,
                               kedge_battery_report *out)
{
    kedge_i_battery b = {.cfg = cfg, .m = m, .champion = champion, .x = x, .y = y, .weight = weight, .report = out};
    return kedge_i_battery_run(&b, work, work_bytes);
}
