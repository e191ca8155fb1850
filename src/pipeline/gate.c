/* SPDX-License-Identifier: MIT */
/* The gate between a challenger and the traffic: what is asked for, the layout of the work memory, and the order of the steps. It
 * is a policy on top of the battery: what a model must be by itself the battery says, here it is compared with the champion and
 * put to the host's tests. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/gate_run.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/config.h"
#include "base/number.h"
#include "base/object.h"
#include "base/sort_pairs.h"
#include "metrics/bootstrap.h"
#include "models/model_check.h"
#include "models/row.h"

#define GATE_ROWS_MAX   (UINT32_MAX - 1u)
#define GATE_GAIN_MAX   1e6
#define GATE_COST_MAX   1e18
#define GATE_COUNT_MAX  (1u << 20)
#define GATE_GROUPS_MAX (1u << 16)
#define GATE_TESTS_MAX  (1u << 16)
#define GATE_RATES      0x00FEu /* 1 << KEDGE_RATE_SELECTED to 1 << KEDGE_RATE_CALIBRATION */

kedge_status kedge_gate_config_init(kedge_gate_config *cfg, size_t cfg_bytes, const kedge_battery_config *battery)
{
    KEDGE_TRY(kedge_i_config_begin(cfg, cfg_bytes, sizeof *cfg));
    const kedge_gate_config defaults = {
        .config_bytes = sizeof *cfg,
        .checks = KEDGE_GATE_ALL,
        .prove = KEDGE_GATE_PROVE,
        .battery = battery,
        .confidence = 0.95,
        .confidence_safe = 0.999,
        .loss_most = 0.01,
        .sought = 0.02,
        .power = 0.975,
        .loss_slice = 0.05,
        .unfair = (double)NAN,
        .unfairer = 0.05,
        .load_ns = (double)NAN,
        .period_ns = 1e6,
        .memory_bytes = (double)NAN,
        .n_load = 1000,
        .n_few = 32,
        .n_passes = 100,
        .n_groups = 2,
        .fair_rates = 1u << KEDGE_RATE_SELECTED,
        .favourable = 1,
        .fair_column = KEDGE_NO_COLUMN,
    };
    *cfg = defaults;
    return KEDGE_OK;
}

/* NaN stands for no limit. */
static int gate_limit(double limit, double low, double high)
{
    return limit != limit || kedge_i_within(limit, low, high);
}

static int gate_limits_are_valid(const kedge_gate_config *c)
{
    return kedge_i_within(c->confidence, 0.5, 0.9999) && kedge_i_within(c->confidence_safe, 0.5, 0.9999) &&
           kedge_i_within(c->power, 0.5, 0.9999) && gate_limit(c->gain, -GATE_GAIN_MAX, GATE_GAIN_MAX) &&
           gate_limit(c->loss_most, 0.0, GATE_GAIN_MAX) && kedge_i_within(c->sought, -GATE_GAIN_MAX, GATE_GAIN_MAX) &&
           (c->gain != c->gain || c->sought > c->gain) && gate_limit(c->loss_slice, 0.0, GATE_GAIN_MAX) &&
           gate_limit(c->unfair, 0.0, 2.0) && gate_limit(c->unfairer, 0.0, 2.0) && gate_limit(c->load_ns, 0.0, GATE_COST_MAX) &&
           kedge_i_within(c->period_ns, 0.0, GATE_COST_MAX) && gate_limit(c->memory_bytes, 0.0, GATE_COST_MAX);
}

static int gate_is_valid(const kedge_gate_config *c, uint32_t n_classes)
{
    return c->config_bytes == sizeof *c && (c->checks & ~KEDGE_GATE_ALL) == 0 && (c->prove & ~KEDGE_GATE_ALL) == 0 &&
           c->n_tests <= GATE_TESTS_MAX && kedge_i_u32_within(c->n_load, 1, GATE_COUNT_MAX) &&
           kedge_i_u32_within(c->n_few, 2, 1024) && kedge_i_u32_within(c->n_passes, 1, 10000) &&
           kedge_i_u32_within(c->n_groups, 1, GATE_GROUPS_MAX) && c->fair_rates != 0 && (c->fair_rates & ~GATE_RATES) == 0 &&
           (!kedge_i_gate_has_groups(c) || c->favourable < n_classes) && (!c->groups || c->fair_column == KEDGE_NO_COLUMN) &&
           gate_limits_are_valid(c);
}

/* Memory ---------------------------------------------------------------------------------------------------------------------- */

/* Takes memory step by step; without memory it only counts. Saturates far below UINT64_MAX. */
typedef struct gate_room {
    unsigned char *mem; /* NULL: count */
    uint64_t used;
} gate_room;

static void *gate_take(gate_room *room, uint64_t bytes)
{
    void *at = room->mem ? room->mem + (size_t)room->used : NULL;
    if (bytes > (uint64_t)1 << 60 || room->used > (uint64_t)1 << 60)
        room->used = (uint64_t)1 << 61;
    else
        room->used += kedge_i_round_up(bytes);
    return at;
}

/* The greatest of what steps need that follow each other. */
static uint64_t gate_scratch(const kedge_i_gate *g)
{
    const uint64_t needs[] = {
        2 * (uint64_t)g->n * sizeof(kedge_i_pair),
        2 * (uint64_t)g->cfg->n_load * sizeof(double),
        kedge_i_bootstrap_bytes(g->n, 1, g->cfg->battery->n_resamples),
        kedge_i_gate_fairness_bytes(g),
        kedge_i_gate_artifact_bytes(g),
        kedge_i_gate_converges_bytes(g),
    };
    uint64_t most = 0;
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        most = needs[i] > most ? needs[i] : most;
    return most;
}

static uint64_t gate_layout(kedge_i_gate *g, void *mem)
{
    gate_room room = {mem, 0};
    uint64_t column = (uint64_t)g->n * sizeof(double);
    uint64_t scores = (g->n_classes > 0 ? g->n_classes : 1) * sizeof(double);
    g->row = gate_take(&room, g->n_features * (uint64_t)sizeof(double));
    g->scores = gate_take(&room, scores);
    g->again = gate_take(&room, scores);
    for (uint32_t who = 0; who < GATE_MODELS; who++) {
        g->term[who] = gate_take(&room, column);
        g->predicted[who] = gate_take(&room, column);
        g->favour[who] = kedge_i_gate_has_groups(g->cfg) ? gate_take(&room, column) : NULL;
    }
    g->order = gate_take(&room, (uint64_t)g->n * sizeof(uint32_t));
    g->pairs = gate_take(&room, kedge_i_score_bytes(g->cfg->battery->score, g->n));
    g->scratch = gate_take(&room, gate_scratch(g));
    return room.used;
}

/* Can a model of that configuration learn what the challenger has learned? */
static int gate_fresh_fits(const kedge_i_gate *g, const kedge_model_info *info)
{
    const kedge_model_config *fresh = g->cfg->fresh;
    uint32_t width = g->prep ? kedge_prep_n_out(g->prep) : info->n_features;
    return !fresh || (kedge_model_size(fresh) > 0 && fresh->n_features == width && fresh->n_classes == info->n_classes);
}

/* Does all fit together? */
static kedge_status gate_plan(kedge_i_gate *g, size_t n_rows)
{
    const kedge_gate_config *cfg = g->cfg;
    kedge_model_info info;
    KEDGE_TRY(kedge_model_describe(g->models[GATE_CHALLENGER], &info));
    if (!cfg || !cfg->battery || (!cfg->tests && cfg->n_tests > 0))
        return KEDGE_ERR_NULL;
    if (kedge_i_gate_has_groups(cfg) && info.n_classes == 0)
        return KEDGE_ERR_UNSUPPORTED;
    if (!gate_is_valid(cfg, info.n_classes) || (cfg->fair_column != KEDGE_NO_COLUMN && cfg->fair_column >= info.n_features))
        return KEDGE_ERR_CONFIG;
    if (!gate_fresh_fits(g, &info))
        return KEDGE_ERR_CONFIG;
    if (n_rows < 1 || n_rows > GATE_ROWS_MAX)
        return KEDGE_ERR_SHAPE;
    g->n = n_rows;
    g->n_features = info.n_features;
    g->n_classes = info.n_classes;
    return KEDGE_OK;
}

/* Bytes for both, which follow each other: the battery, whose function checks its configuration and the champion too, and the
 * gate. */
static size_t gate_bytes(kedge_i_gate *g)
{
    size_t battery = kedge_battery_work(g->models[GATE_CHALLENGER], g->cfg->battery, g->n, g->models[GATE_CHAMPION]);
    uint64_t own = gate_layout(g, NULL);
    if (battery == 0 || own > SIZE_MAX || own > (uint64_t)1 << 60)
        return 0;
    return own > battery || g->cfg->battery->checks == 0 ? (size_t)own : battery;
}

static size_t gate_snapshot_bytes(const kedge_model *m)
{
    size_t len = 0;
    KEDGE_IGNORE(kedge_model_save(m, NULL, 0, &len)); /* only asks for the length */
    return len;
}

size_t kedge_i_gate_work(kedge_i_gate *g, size_t n_rows)
{
    return gate_plan(g, n_rows) < 0 ? 0 : gate_bytes(g);
}

size_t kedge_gate_work(const kedge_gate_config *cfg, const kedge_model *champion, const kedge_model *challenger, size_t n_rows)
{
    kedge_i_gate g = {.cfg = cfg, .models = {challenger, champion}, .snapshot_bytes = gate_snapshot_bytes(challenger)};
    return kedge_i_gate_work(&g, n_rows);
}

/* The report ------------------------------------------------------------------------------------------------------------------ */

void kedge_i_gate_note(kedge_i_gate *g, uint32_t i_check, int32_t verdict, int32_t why)
{
    kedge_i_gate_check(g, i_check)->verdict = verdict;
    kedge_i_gate_check(g, i_check)->why = why;
}

void kedge_i_gate_exact(kedge_i_gate *g, uint32_t i_check, double value, double limit)
{
    const kedge_figure exact = {value, (double)NAN, value, value};
    kedge_battery_check *c = kedge_i_gate_check(g, i_check);
    kedge_i_battery_held(c, &exact, BATTERY_AT_MOST, limit, 1);
    c->figure.low = c->figure.high = (double)NAN; /* nothing to be unsure of */
}

int kedge_i_gate_comparable(kedge_i_gate *g, uint32_t i_check)
{
    int32_t why = g->why[GATE_CHAMPION];
    if (!kedge_i_gate_wants(g, i_check))
        return 0;
    if (why == KEDGE_WHY_NO_CHAMPION)
        kedge_i_gate_note(g, i_check, KEDGE_BATTERY_SKIPPED, why);
    else if (g->why[GATE_CHALLENGER] != KEDGE_WHY_WITHIN)
        kedge_i_gate_note(g, i_check, KEDGE_BATTERY_FAIL, KEDGE_WHY_BROKEN);
    else if (why != KEDGE_WHY_WITHIN)
        kedge_i_gate_note(g, i_check, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_CHAMPION_BROKEN);
    else
        return 1;
    return 0;
}

static void gate_begin(kedge_i_gate *g)
{
    static const double none = (double)NAN;
    const kedge_gate_outcome no_outcome = {KEDGE_BATTERY_SKIPPED, KEDGE_WHY_OFF, 0, 0, UINT64_MAX, none, none, none, KEDGE_OK, 0};
    const kedge_battery_check off = {{none, none, none, none}, none, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_OFF};
    kedge_gate_report *r = g->report;
    memset(r, 0, offsetof(kedge_gate_report, battery));
    r->score = g->cfg->battery->score;
    r->challenger = r->champion = r->slice = none;
    r->first_test = UINT32_MAX;
    r->first_outcome = no_outcome;
    for (size_t i = 0; i < g->n; i++)
        r->n_rows += kedge_i_gate_weight(g, i) > 0.0;
    for (uint32_t i = 0; i < KEDGE_GATE_CHECKS; i++)
        r->checks[i] = off;
}

static void gate_end(kedge_i_gate *g)
{
    kedge_gate_report *r = g->report;
    uint32_t *sets[] = {NULL, &r->passed, &r->failed, &r->undecided, &r->skipped};
    uint32_t prove = (g->cfg->prove & KEDGE_GATE_ALL) | (g->cfg->battery->prove & KEDGE_BATTERY_ALL);
    for (uint32_t i = 0; i < KEDGE_GATE_FIRST + KEDGE_GATE_CHECKS; i++) {
        const kedge_battery_check *c = i < KEDGE_GATE_FIRST ? &r->battery.checks[i] : kedge_i_gate_check(g, i);
        *sets[c->verdict] |= 1u << i;
    }
    r->verdict = r->failed                                          ? KEDGE_BATTERY_FAIL
                 : r->undecided & prove                             ? KEDGE_BATTERY_UNDECIDED
                 : r->skipped == (KEDGE_GATE_ALL | KEDGE_BATTERY_ALL) ? KEDGE_BATTERY_SKIPPED
                                                                    : KEDGE_BATTERY_PASS;
}

/* Answers --------------------------------------------------------------------------------------------------------------------- */

/* What a model says of every row, until it says something that is no answer. */
static void gate_ask(kedge_i_gate *g, uint32_t who)
{
    const kedge_model *m = g->models[who];
    kedge_status ignored = KEDGE_OK;
    g->why[who] = m ? KEDGE_WHY_WITHIN : KEDGE_WHY_NO_CHAMPION;
    if (m && kedge_i_model_check_table(m, g->x, g->y, g->weight) < 0)
        g->why[who] = KEDGE_WHY_ERROR; /* a champion that takes no missing values */
    for (size_t i = 0; i < g->n && g->why[who] == KEDGE_WHY_WITHIN; i++) {
        kedge_row row = kedge_i_row_of_rows(g->x, i);
        double *predicted = &g->predicted[who][i];
        g->why[who] = kedge_i_battery_ask(m, &row, predicted, g->scores, &ignored);
        if (g->why[who] != KEDGE_WHY_WITHIN)
            return;
        g->term[who][i] = kedge_i_score_of_row(g->cfg->battery->score, g->n_classes, g->y[i], *predicted, g->scores);
        if (g->favour[who])
            g->favour[who][i] = g->scores[g->cfg->favourable];
    }
}

/* The host's tests ------------------------------------------------------------------------------------------------------------ */

static void gate_test_all(kedge_i_gate *g, kedge_gate_outcome *outcomes)
{
    kedge_gate_report *r = g->report;
    int wanted = kedge_i_gate_wants(g, KEDGE_GATE_TESTS);
    kedge_gate_outcome skipped = r->first_outcome;
    r->n_tests = g->cfg->n_tests;
    for (uint32_t i = 0; i < r->n_tests; i++) {
        kedge_gate_outcome outcome = skipped;
        if (wanted)
            kedge_i_gate_test_run(g->models[GATE_CHALLENGER], &g->cfg->tests[i], g->x, g->row, g->scores, &outcome);
        if (outcomes)
            outcomes[i] = outcome;
        if (outcome.verdict != KEDGE_BATTERY_FAIL)
            continue;
        if (r->n_tests_failed++ == 0) {
            r->first_test = i;
            r->first_outcome = outcome;
        }
    }
    if (wanted && r->n_tests == 0)
        kedge_i_gate_note(g, KEDGE_GATE_TESTS, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_TESTS);
    else if (wanted)
        kedge_i_gate_exact(g, KEDGE_GATE_TESTS, r->n_tests_failed, 0.0);
    if (r->n_tests_failed > 0)
        kedge_i_gate_check(g, KEDGE_GATE_TESTS)->why = KEDGE_WHY_UNEXPECTED;
}

/* All together ---------------------------------------------------------------------------------------------------------------- */

static kedge_status gate_check_groups(const kedge_i_gate *g)
{
    for (size_t i = 0; kedge_i_gate_has_groups(g->cfg) && i < g->n; i++)
        if (kedge_i_gate_group(g, i) >= g->cfg->n_groups)
            return KEDGE_ERR_RANGE;
    return KEDGE_OK;
}

/* The battery does not judge without a check; whatever else is wrong with the arguments is found here or there. */
static kedge_status gate_battery(kedge_i_gate *g, void *work, size_t work_bytes)
{
    const kedge_battery_config *cfg = g->cfg->battery;
    kedge_i_battery b = {.cfg = cfg,
                         .m = g->models[GATE_CHALLENGER],
                         .champion = g->models[GATE_CHAMPION],
                         .x = g->x,
                         .y = g->y,
                         .weight = g->weight,
                         .may_refuse = g->prep != NULL,
                         .report = &g->report->battery};
    if (cfg->checks != 0)
        return kedge_i_battery_run(&b, work, work_bytes);
    kedge_i_battery_blank(&g->report->battery, cfg->score);
    return KEDGE_OK;
}

/* Why is there no size? The battery tells it by its status; a report of its own is not needed, since it fails. */
static kedge_status gate_why_no_size(const kedge_i_gate *g)
{
    kedge_model_info info, other;
    const kedge_model *champion = g->models[GATE_CHAMPION];
    KEDGE_TRY(kedge_model_describe(g->models[GATE_CHALLENGER], &info));
    if (champion) {
        KEDGE_TRY(kedge_model_describe(champion, &other));
        if (other.n_features != info.n_features || other.n_classes != info.n_classes)
            return KEDGE_ERR_SHAPE;
    }
    return kedge_i_score_fits(g->cfg->battery->score, info.n_classes) ? KEDGE_ERR_CONFIG : KEDGE_ERR_UNSUPPORTED;
}

kedge_status kedge_i_gate_judge(kedge_i_gate *g, void *work, size_t work_bytes, kedge_gate_outcome *outcomes)
{
    const kedge_rows *x = g->x;
    if (!x || !work || !g->report)
        return KEDGE_ERR_NULL;
    g->snapshot_bytes = gate_snapshot_bytes(g->models[GATE_CHALLENGER]);
    KEDGE_TRY(gate_plan(g, x->n_rows));
    size_t need = gate_bytes(g);
    if (need == 0)
        return gate_why_no_size(g);
    KEDGE_TRY(kedge_i_model_check_table(g->models[GATE_CHALLENGER], x, g->y, g->weight));
    KEDGE_TRY(gate_check_groups(g));
    KEDGE_TRY(kedge_i_gate_tests_check(g->cfg->tests, g->cfg->n_tests, g->n_features, g->n_classes, x));
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    KEDGE_TRY(gate_battery(g, work, work_bytes));
    (void)gate_layout(g, work);
    gate_begin(g);
    for (uint32_t who = 0; who < GATE_MODELS; who++)
        gate_ask(g, who);
    kedge_i_gate_paired(g);
    kedge_i_gate_slices(g);
    kedge_i_gate_fairness(g);
    kedge_i_gate_load(g);
    kedge_i_gate_memory(g);
    kedge_i_gate_artifact(g);
    kedge_i_gate_converges(g);
    gate_test_all(g, outcomes);
    gate_end(g);
    return KEDGE_OK;
}

kedge_status kedge_gate_judge(const kedge_gate_config *cfg, const kedge_model *champion, const kedge_model *challenger,
                              const kedge_rows *x, const double *y, const double *weight, void *work, size_t work_bytes,
                              kedge_gate_outcome *outcomes, kedge_gate_report *out)
{
    kedge_i_gate g = {.cfg = cfg, .models = {challenger, champion}, .x = x, .y = y, .weight = weight, .report = out};
    return kedge_i_gate_judge(&g, work, work_bytes, outcomes);
}
