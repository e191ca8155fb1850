/* SPDX-License-Identifier: MIT */
/* Cards against limits and against each other. The interval of a difference is by square-and-add: Donner, Zou 2012, "Closed-form
 * confidence intervals for functions of the normal mean and standard deviation", eq. 4 and 5, after Newcombe 1998. */
#include "base/fp.h"

#include <math.h>

#include "kedge/scorecard.h"

#include "base/check.h"
#include "base/number.h"
#include "metrics/figures.h"
#include "scorecard/card.h"

#define CARD_NUMBER_MAX 1e300 /* greater ones count as this, so that no difference overflows */

typedef struct card_gap {
    double value, low, high;
} card_gap;

static double card_clamp(double x)
{
    return fmin(fmax(x, -CARD_NUMBER_MAX), CARD_NUMBER_MAX);
}

/* What is known of a figure: an interval that is not counts as the value alone. */
static card_gap card_known(const kedge_card_figure *f)
{
    card_gap known = {card_clamp(f->value), card_clamp(f->value), card_clamp(f->value)};
    if (f->low == f->low && f->high == f->high) {
        known.low = fmin(card_clamp(f->low), known.value);
        known.high = fmax(card_clamp(f->high), known.value);
    }
    return known;
}

static int card_is_known(const kedge_card_figure *f)
{
    return f && f->taken && f->value == f->value;
}

/* a - b, for two that are independent */
static card_gap card_difference(const card_gap *a, const card_gap *b)
{
    card_gap d = {.value = a->value - b->value};
    d.low = d.value - hypot(a->value - a->low, b->high - b->value);
    d.high = d.value + hypot(a->high - a->value, b->value - b->low);
    return d;
}

/* Comparing ------------------------------------------------------------------------------------------------------------------- */

uint32_t kedge_i_card_outcome(const kedge_card_figure *champion, const kedge_card_figure *challenger, int32_t direction)
{
    int has_first = champion && champion->taken, has_second = challenger && challenger->taken;
    if ((!has_first && !has_second) || direction == 0)
        return KEDGE_CARD_NONE;
    if (!card_is_known(champion) || !card_is_known(challenger))
        return KEDGE_CARD_UNKNOWN;
    card_gap was = card_known(champion), is = card_known(challenger), d = card_difference(&is, &was);
    if (d.value == 0.0)
        return KEDGE_CARD_EQUAL;
    if (d.low <= 0.0 && d.high >= 0.0)
        return KEDGE_CARD_UNSURE;
    return (d.value > 0.0) == (direction > 0) ? KEDGE_CARD_BETTER : KEDGE_CARD_WORSE;
}

static uint8_t card_count(kedge_scorecard_comparison *c, uint32_t outcome)
{
    c->n_better += outcome == KEDGE_CARD_BETTER;
    c->n_worse += outcome == KEDGE_CARD_WORSE;
    c->n_equal += outcome == KEDGE_CARD_EQUAL;
    c->n_unsure += outcome == KEDGE_CARD_UNSURE;
    c->n_unknown += outcome == KEDGE_CARD_UNKNOWN;
    return (uint8_t)outcome;
}

kedge_status kedge_scorecard_compare(const kedge_scorecard *champion, const kedge_scorecard *challenger,
                                     kedge_scorecard_comparison *out)
{
    kedge_scorecard_comparison c = {.n_better = 0};
    KEDGE_TRY(kedge_i_card_check(champion));
    KEDGE_TRY(kedge_i_card_check(challenger));
    if (!out)
        return KEDGE_ERR_NULL;
    for (uint32_t i = 0; i < KEDGE_CARD_FIGURES; i++)
        c.figures[i] = card_count(&c, kedge_i_card_outcome(&champion->figures[i], &challenger->figures[i],
                                                           kedge_i_figures[i].direction));
    for (uint32_t i = 0; i < challenger->n_extras; i++) {
        const kedge_card_extra *extra = &challenger->extras[i];
        const kedge_card_figure *was = kedge_i_card_extra(champion, extra->name);
        c.extras[i] = card_count(&c, kedge_i_card_outcome(was, &extra->figure, extra->direction));
    }
    *out = c;
    return KEDGE_OK;
}

const char *kedge_scorecard_outcome_string(uint32_t outcome)
{
    static const char *const names[] = {"none", "better", "worse", "equal", "unsure", "unknown"};
    return names[outcome <= KEDGE_CARD_UNKNOWN ? outcome : KEDGE_CARD_UNKNOWN];
}

/* Judging --------------------------------------------------------------------------------------------------------------------- */

static int card_is_rule(const kedge_scorecard_rule *r)
{
    return (r->figure < KEDGE_CARD_FIGURES || (r->figure == KEDGE_CARD_EXTRA && r->name)) &&
           kedge_i_u32_within(r->side, KEDGE_AT_LEAST, KEDGE_AT_MOST) &&
           kedge_i_u32_within(r->by, KEDGE_BY_VALUE, KEDGE_BY_INTERVAL) &&
           kedge_i_within(r->limit, -CARD_NUMBER_MAX, CARD_NUMBER_MAX) && kedge_i_within(r->share, 0.0, 1e6) &&
           (r->status == KEDGE_WARNING || r->status == KEDGE_DRIFT);
}

static const kedge_card_figure *card_named(const kedge_scorecard *card, const kedge_scorecard_rule *r)
{
    if (!card)
        return NULL;
    return r->figure == KEDGE_CARD_EXTRA ? kedge_i_card_extra(card, r->name) : &card->figures[r->figure];
}

/* limit + share * the champion's, with its interval; clamped before the share, as it cannot overflow then. */
static card_gap card_target(const kedge_scorecard_rule *r, const kedge_card_figure *champion)
{
    card_gap target = {r->limit, r->limit, r->limit};
    if (r->share > 0.0) {
        card_gap was = card_known(champion);
        target.value = card_clamp(r->limit + r->share * was.value);
        target.low = card_clamp(r->limit + r->share * was.low);
        target.high = card_clamp(r->limit + r->share * was.high);
    }
    return target;
}

static void card_note(kedge_battery_check *c, int32_t verdict, int32_t why)
{
    c->verdict = verdict;
    c->why = why;
}

static kedge_battery_check card_held(const kedge_scorecard_rule *r, const kedge_card_figure *is, const kedge_card_figure *was,
                                     int has_champion)
{
    double nan = (double)NAN;
    kedge_battery_check c = {.figure = {nan, nan, nan, nan}, .limit = nan};
    if (is && is->taken)
        c.figure = (kedge_figure){is->value, nan, is->low, is->high};
    if (r->share > 0.0 && !has_champion) {
        card_note(&c, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_CHAMPION);
        return c;
    }
    if (r->share > 0.0 && !card_is_known(was)) {
        card_note(&c, KEDGE_BATTERY_UNDECIDED, KEDGE_WHY_UNDEFINED);
        return c;
    }
    card_gap target = card_target(r, was);
    c.limit = target.value;
    if (!card_is_known(is)) {
        card_note(&c, KEDGE_BATTERY_UNDECIDED, KEDGE_WHY_UNDEFINED);
        return c;
    }
    card_gap known = card_known(is), d = card_difference(&known, &target);
    if (r->by == KEDGE_BY_VALUE)
        d.low = d.high = d.value;
    int low = r->side == KEDGE_AT_LEAST ? d.low >= 0.0 : d.low <= 0.0;
    int high = r->side == KEDGE_AT_LEAST ? d.high >= 0.0 : d.high <= 0.0;
    if (low && high)
        card_note(&c, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    else if (low || high)
        card_note(&c, KEDGE_BATTERY_UNDECIDED, KEDGE_WHY_UNSURE);
    else
        card_note(&c, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
    return c;
}

/* How much it says, of what rules may say together. */
static int card_weight(kedge_status st)
{
    return st == KEDGE_DRIFT ? 3 : st == KEDGE_EMPTY ? 2 : st == KEDGE_WARNING ? 1 : 0;
}

static kedge_status card_status(const kedge_scorecard_rule *r, const kedge_battery_check *c)
{
    if (c->verdict == KEDGE_BATTERY_FAIL)
        return r->status;
    return c->verdict == KEDGE_BATTERY_UNDECIDED && r->status == KEDGE_DRIFT ? KEDGE_EMPTY : KEDGE_OK;
}

kedge_status kedge_scorecard_judge(const kedge_scorecard *card, const kedge_scorecard *champion, const kedge_scorecard_rule *rules,
                                   size_t n, kedge_battery_check *checks)
{
    kedge_status st = KEDGE_OK;
    KEDGE_TRY(kedge_i_card_check(card));
    if (champion)
        KEDGE_TRY(kedge_i_card_check(champion));
    if (n > 0 && (!rules || !checks))
        return KEDGE_ERR_NULL;
    for (size_t i = 0; i < n; i++)
        if (!card_is_rule(&rules[i]))
            return KEDGE_ERR_CONFIG;
    for (size_t i = 0; i < n; i++) {
        checks[i] = card_held(&rules[i], card_named(card, &rules[i]), card_named(champion, &rules[i]), champion != NULL);
        kedge_status one = card_status(&rules[i], &checks[i]);
        st = card_weight(one) > card_weight(st) ? one : st;
    }
    return st;
}
