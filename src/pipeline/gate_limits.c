/* SPDX-License-Identifier: MIT */
/* What a challenger must keep to besides being better: fairness, time under load, memory, a snapshot that is worth something, and a
 * training that works. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/gate_run.h"

#include "base/arena.h"
#include "base/object.h"
#include "base/rows.h"
#include "base/sort.h"
#include "models/row.h"

#define GATE_TOO_MUCH 1e19 /* bytes that no fit can have */

/* Fairness -------------------------------------------------------------------------------------------------------------------- */

static uint32_t gate_n_rates(const kedge_i_gate *g)
{
    uint32_t n = 0;
    for (uint32_t rate = 0; rate < 32; rate++)
        n += g->cfg->fair_rates >> rate & 1u;
    return n;
}

/* Intervals of a fairness have two sides, those of the gate one each. */
static kedge_fairness_config gate_fairness_config(const kedge_i_gate *g)
{
    kedge_fairness_config cfg = kedge_fairness_defaults(g->cfg->n_groups);
    cfg.confidence = 1.0 - 2.0 * (1.0 - g->cfg->confidence) / (double)gate_n_rates(g);
    cfg.confidence = fmax(cfg.confidence, 0.01); /* one-sided 0.5 is a width of 0 */
    cfg.n_bins = 1;
    return cfg;
}

uint64_t kedge_i_gate_fairness_bytes(const kedge_i_gate *g)
{
    kedge_fairness_config cfg = gate_fairness_config(g);
    return kedge_i_gate_has_groups(g->cfg) ? 2 * kedge_i_round_up(kedge_metric_size(&cfg.base)) : 0;
}

static int gate_take_people(kedge_i_gate *g, uint32_t who, kedge_metric *fairness)
{
    kedge_fairness_config cfg = gate_fairness_config(g);
    size_t bytes = kedge_metric_size(&cfg.base);
    double good = g->cfg->favourable;
    if (kedge_metric_init(fairness, &cfg.base, (unsigned char *)g->scratch + who * (size_t)kedge_i_round_up(bytes), bytes) < 0)
        return 0;
    for (size_t i = 0; i < g->n; i++)
        if (kedge_fairness_record(fairness, kedge_i_gate_group(g, i), g->y[i] == good, g->predicted[who][i] == good,
                                  g->favour[who][i], kedge_i_gate_weight(g, i)) < 0)
            return 0;
    return 1;
}

/* The greatest difference between two groups in a rate. */
static void gate_difference(const kedge_metric *fairness, uint32_t rate, kedge_figure *out)
{
    kedge_fairness_comparison c;
    const kedge_figure none = {(double)NAN, (double)NAN, (double)NAN, (double)NAN};
    *out = none;
    if (kedge_fairness_compare(fairness, rate, &c) != KEDGE_OK)
        return;
    out->value = c.gap.difference;
    out->low = c.gap.difference_low;
    out->high = c.gap.difference_high;
}

static double gate_root_of_squares(double a, double b)
{
    return sqrt(a * a + b * b);
}

/* The difference of two estimates from their own intervals (Zou, Donner 2008, "Construction of confidence limits about effect
 * measures", Statistics in Medicine 27, equation 5, without their correlation): a little wide, since both are of the same
 * people. */
static void gate_subtract(const kedge_figure *a, const kedge_figure *b, kedge_figure *out)
{
    out->value = a->value - b->value;
    out->low = out->value - gate_root_of_squares(a->value - a->low, b->high - b->value);
    out->high = out->value + gate_root_of_squares(a->high - a->value, b->value - b->low);
    out->deviation = (double)NAN;
}

static void gate_keep_worst(kedge_i_gate *g, uint32_t i_check, const kedge_figure *figure, double limit, uint32_t rate,
                            uint32_t *worst_rate)
{
    kedge_battery_check check, *worst = kedge_i_gate_check(g, i_check);
    kedge_i_battery_held(&check, figure, BATTERY_AT_MOST, limit, g->report->n_rows >= g->cfg->battery->least_rows);
    if (*worst_rate != 0 && !kedge_i_gate_outranks(check.verdict, worst->verdict) &&
        (kedge_i_gate_outranks(worst->verdict, check.verdict) || figure->value != figure->value ||
         (worst->figure.value == worst->figure.value && figure->value <= worst->figure.value)))
        return;
    *worst = check;
    *worst_rate = rate;
}

static void gate_rates(kedge_i_gate *g, const kedge_metric *fairness, int compare)
{
    kedge_figure own, other, more;
    for (uint32_t rate = KEDGE_RATE_SELECTED; rate <= KEDGE_RATE_CALIBRATION; rate++) {
        if ((g->cfg->fair_rates >> rate & 1u) == 0)
            continue;
        gate_difference(&fairness[GATE_CHALLENGER], rate, &own);
        if (kedge_i_gate_wants(g, KEDGE_GATE_FAIR))
            gate_keep_worst(g, KEDGE_GATE_FAIR, &own, g->cfg->unfair, rate, &g->report->fair_rate);
        if (!compare)
            continue;
        gate_difference(&fairness[GATE_CHAMPION], rate, &other);
        gate_subtract(&own, &other, &more);
        gate_keep_worst(g, KEDGE_GATE_FAIRER, &more, g->cfg->unfairer, rate, &g->report->fairer_rate);
    }
}

void kedge_i_gate_fairness(kedge_i_gate *g)
{
    kedge_metric fairness[GATE_MODELS];
    int compare = kedge_i_gate_comparable(g, KEDGE_GATE_FAIRER);
    for (uint32_t i = KEDGE_GATE_FAIR; i <= KEDGE_GATE_FAIRER; i++) {
        if (!kedge_i_gate_wants(g, i))
            continue;
        if (!kedge_i_gate_has_groups(g->cfg))
            kedge_i_gate_note(g, i, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_GROUPS);
        else if (g->why[GATE_CHALLENGER] != KEDGE_WHY_WITHIN)
            kedge_i_gate_note(g, i, KEDGE_BATTERY_FAIL, KEDGE_WHY_BROKEN);
    }
    if (!kedge_i_gate_has_groups(g->cfg) || g->why[GATE_CHALLENGER] != KEDGE_WHY_WITHIN ||
        !gate_take_people(g, GATE_CHALLENGER, &fairness[0])) return;
    if (compare && !gate_take_people(g, GATE_CHAMPION, &fairness[1]))
        return;
    gate_rates(g, fairness, compare);
}

/* Time under load ------------------------------------------------------------------------------------------------------------- */

/* One prediction's time. */
static double gate_time(kedge_i_gate *g, size_t i)
{
    const kedge_battery_config *b = g->cfg->battery;
    double predicted;
    for (size_t j = 0; j < g->n_features; j++)
        g->row[j] = kedge_i_rows_at(g->x, i, j);
    uint64_t begun = b->clock(b->context);
    KEDGE_IGNORE(kedge_model_predict(g->models[GATE_CHALLENGER], g->row, &predicted));
    uint64_t done = b->clock(b->context);
    return done > begun ? (double)(done - begun) : 0.0;
}

/* A row comes every period and waits for those before it: Lindley 1952, "The theory of queues with a single server", W' = max(0,
 * W + S - T). A slow answer so counts for all that wait behind it, which times of predictions alone would not tell. */
void kedge_i_gate_load(kedge_i_gate *g)
{
    double *times = g->scratch, waited = 0.0;
    size_t n = g->cfg->n_load;
    if (!kedge_i_gate_wants(g, KEDGE_GATE_LOAD))
        return;
    if (!g->cfg->battery->clock) {
        kedge_i_gate_note(g, KEDGE_GATE_LOAD, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_CLOCK);
        return;
    }
    for (size_t k = 0; k < n; k++) {
        times[k] = waited + gate_time(g, k % g->n);
        waited = fmax(0.0, times[k] - g->cfg->period_ns);
    }
    kedge_i_sort(times, n, times + n);
    kedge_i_gate_exact(g, KEDGE_GATE_LOAD, times[(n * 99 + 99) / 100 - 1], g->cfg->load_ns);
}

/* Memory ---------------------------------------------------------------------------------------------------------------------- */

void kedge_i_gate_memory(kedge_i_gate *g)
{
    const kedge_model *m = g->models[GATE_CHALLENGER];
    double bytes = kedge_i_state_bytes(m->state);
    if (!kedge_i_gate_wants(g, KEDGE_GATE_MEMORY))
        return;
    if (g->cfg->fit_rows > 0 && m->cls->fit) {
        size_t work = g->cfg->fit_rows <= SIZE_MAX ? kedge_model_work(m, (size_t)g->cfg->fit_rows) : 0;
        bytes += work > 0 ? (double)work : GATE_TOO_MUCH;
    }
    kedge_i_gate_exact(g, KEDGE_GATE_MEMORY, bytes, g->cfg->memory_bytes);
}

/* The snapshot ---------------------------------------------------------------------------------------------------------------- */

uint64_t kedge_i_gate_artifact_bytes(const kedge_i_gate *g)
{
    return kedge_i_round_up(kedge_i_state_bytes(g->models[GATE_CHALLENGER]->state)) +
           2 * kedge_i_round_up(g->snapshot_bytes);
}

/* Save, load into memory that held something else, save again: the same bytes. Then *loaded is a twin of the challenger. */
static int gate_loads(kedge_i_gate *g, kedge_model *loaded)
{
    const kedge_model *m = g->models[GATE_CHALLENGER];
    size_t state_bytes = (size_t)kedge_i_round_up(kedge_i_state_bytes(m->state)), cap = (size_t)g->snapshot_bytes, len, again;
    unsigned char *mem = g->scratch, *first = mem + state_bytes, *second = first + (size_t)kedge_i_round_up(cap);
    memset(mem, 0xA5, state_bytes);
    return kedge_model_save(m, first, cap, &len) == KEDGE_OK &&
           kedge_model_load(loaded, m->cls, mem, state_bytes, first, len) == KEDGE_OK &&
           kedge_model_save(loaded, second, cap, &again) == KEDGE_OK && again == len && memcmp(first, second, len) == 0;
}

static int gate_says_the_same(kedge_i_gate *g, const kedge_model *loaded, const kedge_row *row)
{
    size_t n_scores = g->n_classes > 0 ? g->n_classes : 1;
    double a, b;
    kedge_status ignored = KEDGE_OK;
    int32_t why = kedge_i_battery_ask(g->models[GATE_CHALLENGER], row, &a, g->scores, &ignored);
    if (kedge_i_battery_ask(loaded, row, &b, g->again, &ignored) != why)
        return 0;
    return why != KEDGE_WHY_WITHIN || (a == b && memcmp(g->scores, g->again, n_scores * sizeof(double)) == 0);
}

void kedge_i_gate_artifact(kedge_i_gate *g)
{
    kedge_model loaded;
    uint64_t n_other = 0;
    if (!kedge_i_gate_wants(g, KEDGE_GATE_ARTIFACT))
        return;
    if (!gate_loads(g, &loaded)) {
        kedge_i_gate_note(g, KEDGE_GATE_ARTIFACT, KEDGE_BATTERY_FAIL, KEDGE_WHY_UNLOADABLE);
        return;
    }
    for (size_t i = 0; i < g->n; i++) {
        kedge_row row = kedge_i_row_of_rows(g->x, i);
        n_other += !gate_says_the_same(g, &loaded, &row);
    }
    kedge_i_gate_exact(g, KEDGE_GATE_ARTIFACT, (double)n_other, 0.0);
    if (n_other > 0)
        kedge_i_gate_check(g, KEDGE_GATE_ARTIFACT)->why = KEDGE_WHY_FORGETFUL;
}

/* A fresh model --------------------------------------------------------------------------------------------------------------- */

/* A few rows from all over the table, and a model to learn them. */
typedef struct gate_few {
    kedge_rows rows;
    double *y;
    kedge_model model;
    void *work;
    size_t work_bytes;
} gate_few;

static size_t gate_n_few(const kedge_i_gate *g)
{
    return g->n < g->cfg->n_few ? g->n : g->cfg->n_few;
}

/* The few rows as the challenger's prep gives them. */
static size_t gate_few_prepared(const kedge_i_gate *g)
{
    return g->prep ? gate_n_few(g) * kedge_prep_n_out(g->prep) : 0;
}

uint64_t kedge_i_gate_converges_bytes(const kedge_i_gate *g)
{
    if (!g->cfg->fresh)
        return 0;
    return (gate_few_prepared(g) + gate_n_few(g)) * sizeof(double) + kedge_i_round_up(kedge_model_size(g->cfg->fresh)) +
           kedge_i_round_up(kedge_model_fit_work(g->cfg->fresh, gate_n_few(g)));
}

/* A fresh model has no prep of its own. */
static int gate_few_prepare(const kedge_i_gate *g, gate_few *few, double *to)
{
    size_t used;
    if (!g->prep)
        return 1;
    kedge_status st = kedge_prep_transform_many(g->prep, &few->rows, to, &used);
    few->rows = kedge_rows_float64(to, few->rows.n_rows, kedge_prep_n_out(g->prep));
    return st >= 0;
}

static int gate_few_begin(kedge_i_gate *g, gate_few *few)
{
    size_t n = gate_n_few(g), step = g->n / n, bytes = kedge_model_size(g->cfg->fresh);
    few->rows = *g->x;
    few->rows.n_rows = n;
    few->rows.row_stride *= (ptrdiff_t)step;
    few->y = (double *)g->scratch + gate_few_prepared(g);
    few->work = few->y + n + kedge_i_round_up(bytes) / sizeof(double);
    few->work_bytes = kedge_model_fit_work(g->cfg->fresh, n);
    for (size_t i = 0; i < n; i++)
        few->y[i] = g->y[i * step];
    return gate_few_prepare(g, few, g->scratch) && kedge_model_init(&few->model, g->cfg->fresh, few->y + n, bytes) == KEDGE_OK;
}

/* By how much the model errs less than the usual answer, on the rows that it was trained on: of classes as a share of the rows, of
 * a regression of their squares. NaN: all rows are alike, so nothing is to be learned. */
static double gate_few_gain(kedge_i_gate *g, const gate_few *few)
{
    size_t n = few->rows.n_rows, most = 0, right = 0;
    double mean = 0.0, squares = 0.0, errors = 0.0, predicted;
    kedge_status ignored = KEDGE_OK;
    for (size_t i = 0; i < n; i++) {
        kedge_row row = kedge_i_row_of_rows(&few->rows, i);
        size_t alike = 0;
        if (kedge_i_battery_ask(&few->model, &row, &predicted, g->scores, &ignored) != KEDGE_WHY_WITHIN)
            return -1.0;
        for (size_t k = 0; k < n; k++)
            alike += few->y[k] == few->y[i];
        most = alike > most ? alike : most;
        right += predicted == few->y[i];
        mean += (few->y[i] - mean) / (double)(i + 1);
        errors += kedge_i_score_of_row(KEDGE_SCORE_MSE, 0, few->y[i], g->n_classes > 0 ? few->y[i] : predicted, g->scores);
    }
    for (size_t i = 0; i < n; i++)
        squares += kedge_i_score_of_row(KEDGE_SCORE_MSE, 0, few->y[i], mean, &mean);
    if (most == n)
        return (double)NAN;
    if (g->n_classes > 0)
        return ((double)right - (double)most) / (double)n;
    return errors < 2.0 * squares ? 1.0 - errors / fmax(squares, 1e-300) : -1.0;
}

/* Train until it is better, at once or in passes. 0: training gives an error. */
static int gate_few_train(kedge_i_gate *g, gate_few *few, double *gain)
{
    size_t used;
    if (!few->model.cls->learn) {
        kedge_status st = kedge_model_fit(&few->model, &few->rows, few->y, NULL, few->work, few->work_bytes);
        *gain = gate_few_gain(g, few);
        return st >= 0;
    }
    for (uint32_t pass = 0; pass < g->cfg->n_passes; pass++) {
        if (kedge_model_learn_many(&few->model, &few->rows, few->y, NULL, &used) < 0)
            return 0;
        *gain = gate_few_gain(g, few);
        if (*gain != *gain || *gain > 0.0) /* nothing to learn, or learned */
            break;
    }
    return 1;
}

void kedge_i_gate_converges(kedge_i_gate *g)
{
    gate_few few;
    kedge_figure gain = {(double)NAN, (double)NAN, (double)NAN, (double)NAN};
    if (!kedge_i_gate_wants(g, KEDGE_GATE_CONVERGES))
        return;
    if (!g->cfg->fresh) {
        kedge_i_gate_note(g, KEDGE_GATE_CONVERGES, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_FRESH);
        return;
    }
    if (!gate_few_begin(g, &few) || !gate_few_train(g, &few, &gain.value)) {
        kedge_i_gate_note(g, KEDGE_GATE_CONVERGES, KEDGE_BATTERY_FAIL, KEDGE_WHY_UNTRAINABLE);
        return;
    }
    gain.low = gain.high = gain.value;
    kedge_i_battery_held(kedge_i_gate_check(g, KEDGE_GATE_CONVERGES), &gain, BATTERY_MORE_THAN, 0.0, 1);
    kedge_i_gate_check(g, KEDGE_GATE_CONVERGES)->figure.low = (double)NAN;
    kedge_i_gate_check(g, KEDGE_GATE_CONVERGES)->figure.high = (double)NAN;
}
