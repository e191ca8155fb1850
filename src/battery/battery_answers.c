/* SPDX-License-Identifier: MIT */
/* What the model, the baselines and the champion say of each row, of a row that is disturbed, and of one that nobody expects. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "battery/battery_run.h"

#include "base/number.h"
#include "base/rows.h"
#include "base/standard.h"
#include "kedge/models/baseline.h"
#include "metrics/reliability_bin.h"
#include "models/row.h"

#define BATTERY_FAR      1e150 /* greater values count as that for the spread of a column, so that no noise leaves the range */
#define BATTERY_SUM_ROOM 1e-3  /* as reliability takes it */

/* Asking ---------------------------------------------------------------------------------------------------------------------- */

static int32_t battery_probabilities(const double *scores, uint32_t n_classes)
{
    double sum = 0.0;
    for (uint32_t c = 0; c < n_classes; c++) {
        if (!kedge_i_finite(scores[c]))
            return KEDGE_WHY_NOT_FINITE;
        if (!kedge_i_within(scores[c], 0.0, 1.0))
            return KEDGE_WHY_NO_PROBABILITY;
        sum += scores[c];
    }
    return kedge_i_within(sum, 1.0 - BATTERY_SUM_ROOM, 1.0 + BATTERY_SUM_ROOM) ? KEDGE_WHY_WITHIN : KEDGE_WHY_NO_PROBABILITY;
}

int32_t kedge_i_battery_ask(const kedge_model *m, const kedge_row *x, double *predicted, double *scores, kedge_status *status)
{
    uint32_t n_classes = ((const kedge_model_state *)m->state)->n_classes;
    kedge_status st = m->cls->predict(m->cls, m->state, x, predicted);
    if (st >= 0)
        st = m->cls->score(m->cls, m->state, x, scores);
    if (st < 0) {
        *status = *status < 0 ? *status : st;
        return KEDGE_WHY_ERROR;
    }
    if (!kedge_i_finite(*predicted))
        return KEDGE_WHY_NOT_FINITE;
    if (n_classes == 0)
        return kedge_i_finite(scores[0]) ? KEDGE_WHY_WITHIN : KEDGE_WHY_NOT_FINITE;
    if (!kedge_i_within(*predicted, 0.0, (double)n_classes - 1.0) || *predicted != (double)(uint32_t)*predicted)
        return KEDGE_WHY_NO_CLASS;
    return battery_probabilities(scores, n_classes);
}

/* Is that no answer of the model's, but what service says of a row that its prep does not take? */
static int battery_is_refusal(const kedge_i_battery *b, kedge_status st)
{
    return b->may_refuse && (st == KEDGE_ERR_NOT_FINITE || st == KEDGE_ERR_RANGE || st == KEDGE_ERR_UNKNOWN);
}

/* Ask for a row and keep what it adds to the score. */
static int32_t battery_take_answer(kedge_i_battery *b, uint32_t series, const kedge_model *m, const kedge_row *x, size_t i,
                                   double *predicted)
{
    kedge_status ignored = KEDGE_OK;
    int32_t why = kedge_i_battery_ask(m, x, predicted, b->scores, series == BATTERY_MODEL ? &b->report->status : &ignored);
    b->term[series][i] =
        why == KEDGE_WHY_WITHIN ? kedge_i_score_of_row(b->cfg->score, b->n_classes, b->y[i], *predicted, b->scores) : 0.0;
    if (why != KEDGE_WHY_WITHIN && b->why[series] == KEDGE_WHY_WITHIN)
        b->why[series] = why;
    return why;
}

/* The model ------------------------------------------------------------------------------------------------------------------- */

static void battery_calibrated(kedge_i_battery *b, size_t i)
{
    uint32_t top = 0;
    for (uint32_t c = 1; c < b->n_classes; c++)
        top = b->scores[c] > b->scores[top] ? c : top;
    b->off[i] = ((double)top == b->y[i] ? 1.0 : 0.0) - b->scores[top];
    b->bin[i] = kedge_i_bin(b->cfg->n_bins, b->scores[top]);
}

static void battery_ask_model(kedge_i_battery *b)
{
    uint64_t n_broken = 0;
    for (size_t i = 0; i < b->n; i++) {
        kedge_row row = kedge_i_row_of_rows(b->x, i);
        if (battery_take_answer(b, BATTERY_MODEL, b->m, &row, i, &b->predicted[i]) == KEDGE_WHY_WITHIN) {
            if (b->n_classes > 0)
                battery_calibrated(b, i);
            continue;
        }
        b->report->first_broken = n_broken == 0 ? i : b->report->first_broken;
        n_broken++;
    }
    if (!kedge_i_battery_wants(b, KEDGE_BATTERY_SOUND))
        return;
    kedge_i_battery_exact(b, KEDGE_BATTERY_SOUND, (double)n_broken, 0.0);
    b->report->checks[KEDGE_BATTERY_SOUND].why = b->why[BATTERY_MODEL];
}

/* What it is measured against ------------------------------------------------------------------------------------------------- */

/* The usual answer is that of the whole table, known beforehand, so it is a little harder to beat than one that was learned; the
 * row before is what a baseline answers with that learns as it goes. */
static void battery_ask_baseline(kedge_i_battery *b, uint32_t series)
{
    kedge_baseline_config cfg = kedge_baseline_defaults(b->n_features, b->n_classes);
    kedge_model m;
    double predicted;
    int knows_all = series == BATTERY_USUAL;
    cfg.kind = knows_all ? KEDGE_BASELINE_USUAL : KEDGE_BASELINE_LAST;
    if (kedge_model_init(&m, &cfg.base, b->baseline, kedge_model_size(&cfg.base)) < 0)
        return; /* battery_plan() has asked for its size */
    for (size_t pass = knows_all ? 0 : 1; pass < 2; pass++) {
        for (size_t i = 0; i < b->n; i++) {
            kedge_row row = kedge_i_row_of_rows(b->x, i);
            double weight = kedge_i_battery_weight(b, i);
            if (pass == 1)
                (void)battery_take_answer(b, series, &m, &row, i, &predicted);
            if ((pass == 0 || !knows_all) && weight > 0.0)
                KEDGE_IGNORE(m.cls->learn(m.cls, m.state, &row, b->y[i], weight)); /* never fails on a checked table */
        }
    }
}

static int battery_has_missing(const kedge_i_battery *b, size_t i)
{
    for (size_t j = 0; j < b->n_features; j++) {
        double value = kedge_i_rows_at(b->x, i, j);
        if (value != value)
            return 1;
    }
    return 0;
}

static void battery_ask_champion(kedge_i_battery *b)
{
    int takes_missing = b->champion->cls->takes_missing == 1;
    for (size_t i = 0; i < b->n && b->why[BATTERY_CHAMPION] == KEDGE_WHY_WITHIN; i++) {
        kedge_row row = kedge_i_row_of_rows(b->x, i);
        double predicted;
        if (!takes_missing && battery_has_missing(b, i)) {
            b->why[BATTERY_CHAMPION] = KEDGE_WHY_ERROR;
            return;
        }
        if (battery_take_answer(b, BATTERY_CHAMPION, b->champion, &row, i, &predicted) != KEDGE_WHY_WITHIN)
            return;
        int right = b->predicted[i] == b->y[i];
        int other = predicted == b->y[i];
        if (kedge_i_battery_weight(b, i) > 0.0 && b->n_classes > 0) {
            b->report->only_model += right && !other;
            b->report->only_champion += other && !right;
        }
    }
}

void kedge_i_battery_answers(kedge_i_battery *b)
{
    for (uint32_t s = 0; s < BATTERY_SERIES; s++)
        b->why[s] = KEDGE_WHY_WITHIN;
    battery_ask_model(b);
    battery_ask_baseline(b, BATTERY_USUAL);
    battery_ask_baseline(b, BATTERY_LAST);
    if (b->champion)
        battery_ask_champion(b);
    else
        b->why[BATTERY_CHAMPION] = KEDGE_WHY_NO_CHAMPION;
}

/* Twice the same -------------------------------------------------------------------------------------------------------------- */

static void battery_copy_row(const kedge_i_battery *b, size_t i)
{
    for (size_t j = 0; j < b->n_features; j++)
        b->row[j] = kedge_i_rows_at(b->x, i, j);
}

/* Asked again, from the last row to the first and from a copy of the row, does the model say the same? */
static int battery_says_again(kedge_i_battery *b, size_t i)
{
    kedge_status ignored = KEDGE_OK;
    kedge_row row = kedge_i_row_of_rows(b->x, i), copy = kedge_i_row_of(b->row);
    size_t n_scores = b->n_classes > 0 ? b->n_classes : 1;
    double first, second;
    battery_copy_row(b, i);
    if (kedge_i_battery_ask(b->m, &row, &first, b->scores, &ignored) != KEDGE_WHY_WITHIN ||
        kedge_i_battery_ask(b->m, &copy, &second, b->again, &ignored) != KEDGE_WHY_WITHIN ||
        first != b->predicted[i] || second != first)
        return 0;
    for (size_t c = 0; c < n_scores; c++)
        if (b->scores[c] != b->again[c])
            return 0;
    return b->term[BATTERY_MODEL][i] == kedge_i_score_of_row(b->cfg->score, b->n_classes, b->y[i], first, b->scores);
}

void kedge_i_battery_same(kedge_i_battery *b)
{
    uint64_t n_other = 0, n_batch = 0;
    size_t used;
    double *many = b->scratch;
    if (!kedge_i_battery_wants(b, KEDGE_BATTERY_SAME))
        return;
    if (b->why[BATTERY_MODEL] != KEDGE_WHY_WITHIN) {
        kedge_i_battery_note(b, KEDGE_BATTERY_SAME, KEDGE_BATTERY_FAIL, KEDGE_WHY_BROKEN);
        return;
    }
    for (size_t i = b->n; i-- > 0;)
        n_other += !battery_says_again(b, i);
    used = 0;
    KEDGE_IGNORE(kedge_model_predict_many(b->m, b->x, many, &used)); /* what it did not get to counts below */
    for (size_t i = 0; i < b->n; i++)
        n_batch += i >= used || many[i] != b->predicted[i];
    kedge_i_battery_exact(b, KEDGE_BATTERY_SAME, (double)(n_other > n_batch ? n_other : n_batch), 0.0);
    if (n_other > 0 || n_batch > 0)
        b->report->checks[KEDGE_BATTERY_SAME].why = n_other > 0 ? KEDGE_WHY_FORGETFUL : KEDGE_WHY_BATCH;
}

/* Disturbed rows -------------------------------------------------------------------------------------------------------------- */

static double battery_clamped(double x)
{
    return x > BATTERY_FAR ? BATTERY_FAR : x < -BATTERY_FAR ? -BATTERY_FAR : x;
}

static void battery_spreads(kedge_i_battery *b)
{
    double *column = b->scratch;
    for (size_t j = 0; j < b->n_features; j++) {
        size_t n = 0;
        for (size_t i = 0; i < b->n; i++) {
            double value = kedge_i_rows_at(b->x, i, j);
            if (value == value)
                column[n++] = battery_clamped(value);
        }
        b->spread[j] = 0.0;
        if (n > 0)
            (void)kedge_i_standard_learn(column, n, 1, &b->spread[j]);
    }
}

static int battery_is_nominal(const kedge_i_battery *b, size_t j)
{
    return j < 256 && (b->cfg->nominal[j / 64] >> (j % 64) & 1u) != 0;
}

/* Row i with noise, in b->row: column by column two uniforms' normal draw, or for a category a uniform and, where it says so, a
 * row. */
static void battery_noisy_row(kedge_i_battery *b, size_t i, kedge_rng *rng)
{
    battery_copy_row(b, i);
    for (size_t j = 0; j < b->n_features; j++) {
        if (battery_is_nominal(b, j)) {
            if (kedge_rng_uniform(rng) < b->cfg->noise)
                b->row[j] = kedge_i_rows_at(b->x, (size_t)kedge_rng_below(rng, b->n), j);
            continue;
        }
        double z = kedge_rng_normal(rng);
        if (b->row[j] == b->row[j])
            b->row[j] += b->cfg->noise * b->spread[j] * z;
    }
}

static void battery_incomplete_row(kedge_i_battery *b, size_t i, kedge_rng *rng)
{
    battery_copy_row(b, i);
    for (size_t j = 0; j < b->n_features; j++)
        if (kedge_rng_uniform(rng) < b->cfg->missing)
            b->row[j] = (double)NAN;
}

/* A disturbed row that service would refuse costs nothing; refused for a missing value, it says that the model takes none. */
static void battery_take_disturbed(kedge_i_battery *b, uint32_t series, const kedge_row *row, size_t i)
{
    double predicted;
    kedge_status st = KEDGE_OK;
    if (b->may_refuse)
        (void)kedge_i_battery_ask(b->m, row, &predicted, b->scores, &st);
    if (!battery_is_refusal(b, st)) {
        (void)battery_take_answer(b, series, b->m, row, i, &predicted);
        return;
    }
    b->term[series][i] = b->term[BATTERY_MODEL][i];
    if (st == KEDGE_ERR_NOT_FINITE)
        b->why[series] = KEDGE_WHY_REFUSES_MISSING;
}

static void battery_ask_disturbed(kedge_i_battery *b, uint32_t series)
{
    kedge_rng rng = {b->seeds[series == BATTERY_NOISE ? BATTERY_SEED_NOISE : BATTERY_SEED_MISSING]};
    kedge_row row = kedge_i_row_of(b->row);
    for (size_t i = 0; i < b->n; i++) {
        if (series == BATTERY_NOISE)
            battery_noisy_row(b, i, &rng);
        else
            battery_incomplete_row(b, i, &rng);
        battery_take_disturbed(b, series, &row, i);
    }
}

void kedge_i_battery_disturb(kedge_i_battery *b)
{
    b->why[BATTERY_NOISE] = b->why[BATTERY_MODEL];
    b->why[BATTERY_MISSING] = b->why[BATTERY_MODEL];
    if (b->why[BATTERY_MODEL] != KEDGE_WHY_WITHIN)
        return;
    b->why[BATTERY_NOISE] = kedge_i_battery_wants(b, KEDGE_BATTERY_NOISE) ? KEDGE_WHY_WITHIN : KEDGE_WHY_OFF;
    b->why[BATTERY_MISSING] = !kedge_i_battery_wants(b, KEDGE_BATTERY_MISSING) ? KEDGE_WHY_OFF
                              : b->m->cls->takes_missing == 1                  ? KEDGE_WHY_WITHIN
                                                                               : KEDGE_WHY_REFUSES_MISSING;
    if (b->why[BATTERY_NOISE] == KEDGE_WHY_WITHIN) {
        battery_spreads(b);
        battery_ask_disturbed(b, BATTERY_NOISE);
    }
    if (b->why[BATTERY_MISSING] == KEDGE_WHY_WITHIN)
        battery_ask_disturbed(b, BATTERY_MISSING);
}

/* Hostile rows ---------------------------------------------------------------------------------------------------------------- */

/* Whatever a double can be; the last one only for classes that take missing values. */
static const double battery_hostile[] = {
    0.0,     -0.0, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN, DBL_TRUE_MIN, -DBL_TRUE_MIN, 1e300, -1e300, 1e150,        -1e150,
    1e-300,  0.5,  -1.0,    1e6,      -1e6,    1e20,     -1e20,        4294967296.0,  255.0, 1.0,    -2147483648.0, NAN,
};

/* First rows of one value, then rows that mix them, and rows of the table with one value replaced, in turn. */
static void battery_hostile_row(kedge_i_battery *b, uint32_t i, uint32_t n_values, kedge_rng *rng)
{
    int mixed = i % 2 == 0;
    if (!mixed && i >= n_values)
        battery_copy_row(b, (size_t)kedge_rng_below(rng, b->n));
    for (size_t j = 0; j < b->n_features && (i < n_values || mixed); j++)
        b->row[j] = battery_hostile[i < n_values ? i : (size_t)kedge_rng_below(rng, n_values)];
    if (!mixed && i >= n_values) {
        size_t at = (size_t)kedge_rng_below(rng, b->n_features);
        b->row[at] = battery_hostile[kedge_rng_below(rng, n_values)];
    }
}

void kedge_i_battery_hostile(kedge_i_battery *b)
{
    uint32_t n_values = (uint32_t)(sizeof battery_hostile / sizeof *battery_hostile) - (b->m->cls->takes_missing == 1 ? 0 : 1);
    kedge_rng rng = {b->seeds[BATTERY_SEED_HOSTILE]};
    kedge_row row = kedge_i_row_of(b->row);
    int32_t first = KEDGE_WHY_WITHIN;
    uint64_t n_broken = 0;
    double predicted;
    if (!kedge_i_battery_wants(b, KEDGE_BATTERY_HOSTILE))
        return;
    for (uint32_t i = 0; i < b->cfg->n_hostile; i++) {
        battery_hostile_row(b, i, n_values, &rng);
        kedge_status st = KEDGE_OK;
        int32_t why = kedge_i_battery_ask(b->m, &row, &predicted, b->scores, &st);
        if (battery_is_refusal(b, st))
            continue;
        b->report->status = b->report->status < 0 ? b->report->status : st;
        first = n_broken == 0 ? why : first;
        n_broken += why != KEDGE_WHY_WITHIN;
    }
    kedge_i_battery_exact(b, KEDGE_BATTERY_HOSTILE, (double)n_broken, 0.0);
    b->report->checks[KEDGE_BATTERY_HOSTILE].why = first;
}
