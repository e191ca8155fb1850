/* SPDX-License-Identifier: MIT */
/* What is judged over windows: rates, and the spread of the values against the reference.
 *
 * Rates: where the share of missing values is p, at least c of a window of W rows miss theirs with the chance of the binomial tail;
 * the least c for which that is at most alpha is too many (Clopper, Pearson 1934).
 *
 * Shifts: Pearson's chi-squared of two samples, reference and window, over cells that are quantiles of the reference or categories;
 * for such cells it does not matter that the reference set them (each share of the window has the variance of two samples either
 * way). Cells of few expected values are taken together, as Cochran 1954 ("Some methods for strengthening the common chi-squared
 * tests") advises; together they are a cell if they are many enough, else they are held against the tail of Fisher 1935: of all
 * rare values of both samples, too many in the window. Where both tests are made each has half of alpha. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "pipeline/schema_state.h"

#include "base/number.h"
#include "base/special.h"

#define SCHEMA_WATCH_FEW 10.0 /* values expected of a cell of its own: in the far tail Cochran's 5 are too few */

enum {
    SCHEMA_WATCH_LEAST = 64,      /* values of a reference */
    SCHEMA_WATCH_PER_BIN = 16,    /* values of a window that each bin has on average */
    SCHEMA_WATCH_HALVINGS = 80
};

/* Rates ------------------------------------------------------------------------------------------------------------------------ */

static int schema_watch_is_rate(double most)
{
    return most > 0.0 && most < 1.0;
}

static int schema_watch_judges_missing(const kedge_i_column *t)
{
    return t->kind_now != KEDGE_COLUMN_IGNORED && schema_watch_is_rate(t->missing_now);
}

static int schema_watch_judges_unseen(const kedge_i_column *t)
{
    return t->kind_now == KEDGE_COLUMN_NOMINAL && schema_watch_is_rate(t->unseen_now);
}

uint32_t kedge_i_column_rates(const kedge_i_column *t)
{
    return (uint32_t)schema_watch_judges_missing(t) + (uint32_t)schema_watch_judges_unseen(t);
}

/* The least count whose tail, a falling function, is at most alpha; n + 1, which none reaches, if there is none. */
static uint32_t schema_watch_least(uint32_t n, double alpha, double (*tail)(const void *what, uint32_t count), const void *what)
{
    uint32_t low = 1, high = n + 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tail(what, middle) > alpha)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

typedef struct schema_watch_rate {
    double most;
    uint32_t window;
} schema_watch_rate;

static double schema_watch_rate_tail(const void *what, uint32_t count)
{
    const schema_watch_rate *r = what;
    return kedge_i_beta_lower((double)count, (double)(r->window - count) + 1.0, r->most, 1.0 - r->most);
}

static uint32_t schema_watch_rate_limit(const kedge_i_column *t, double most, double alpha)
{
    const schema_watch_rate r = {most, t->window};
    return schema_watch_least(t->window, alpha, schema_watch_rate_tail, &r);
}

void kedge_i_column_limit_rates(kedge_i_column *t, double alpha)
{
    t->missing_limit = schema_watch_judges_missing(t) ? schema_watch_rate_limit(t, t->missing_now, alpha) : UINT32_MAX;
    t->unseen_limit = schema_watch_judges_unseen(t) ? schema_watch_rate_limit(t, t->unseen_now, alpha) : UINT32_MAX;
}

void kedge_i_column_close_rates(kedge_i_column *t)
{
    t->is_missing = t->n_missing_window >= t->missing_limit;
    t->is_unseen = t->n_unseen_window >= t->unseen_limit;
    t->n_missing_window = 0;
    t->n_unseen_window = 0;
    t->told = 0;
}

/* The reference ---------------------------------------------------------------------------------------------------------------- */

/* Are enough values expected in the window, of so many in the reference? */
static int schema_watch_is_common(const kedge_i_column *t, uint32_t count)
{
    return (double)count * (double)t->window >= SCHEMA_WATCH_FEW * (double)t->n_reference;
}

/* Cuts at quantiles of the values, as many as there are different ones; the greatest value is no cut, since nothing would be
 * behind. */
static void schema_watch_cut(kedge_i_column *t, const double *sorted, uint32_t n)
{
    double *cuts = kedge_i_at(t, t->at_edges);
    uint32_t n_bins =
        t->window / SCHEMA_WATCH_PER_BIN < KEDGE_I_COLUMN_BINS ? t->window / SCHEMA_WATCH_PER_BIN : KEDGE_I_COLUMN_BINS;
    memset(cuts, 0, t->n_cells * sizeof *cuts);
    t->n_edges = 0;
    for (uint32_t k = 1; k < n_bins; k++) {
        double cut = sorted[(size_t)n * k / n_bins];
        if (cut < sorted[n - 1] && (t->n_edges == 0 || cut > cuts[t->n_edges - 1]))
            cuts[t->n_edges++] = cut;
    }
    for (uint32_t k = t->n_edges; k < KEDGE_I_COLUMN_BINS; k++)
        cuts[k] = DBL_MAX;
}

void kedge_i_column_forget(kedge_i_column *t)
{
    memset(kedge_i_at(t, t->at_common), 0, t->n_counts * sizeof(uint32_t));
    memset(kedge_i_at(t, t->at_reference), 0, t->n_counts * sizeof(uint32_t));
    memset(kedge_i_at(t, t->at_current), 0, t->n_counts * sizeof(uint32_t));
    t->n_reference = t->n_current = t->has_window = t->shifted = t->moved = t->n_moved = t->n_was = 0;
    t->rare_limit = UINT32_MAX;
    t->limit = t->statistic = 0.0;
}

/* A constant column has one bin, and no other value is let through. */
static int schema_watch_is_constant(const kedge_i_column *t)
{
    return !kedge_i_column_has_codes(t) && t->n_edges == 0;
}

void kedge_i_column_refer(kedge_i_column *t, const double *sorted, uint32_t n)
{
    kedge_i_column_forget(t);
    if (n < SCHEMA_WATCH_LEAST || (t->kind_now != KEDGE_COLUMN_NUMERIC && !kedge_i_column_has_codes(t)))
        return;
    if (!kedge_i_column_has_codes(t))
        schema_watch_cut(t, sorted, n);
    if (schema_watch_is_constant(t))
        return;
    uint32_t *common = kedge_i_at(t, t->at_common), *reference = kedge_i_at(t, t->at_reference);
    for (uint32_t i = 0; i < n; i++)
        reference[kedge_i_column_cell(t, sorted[i])]++;
    t->n_reference = n;
    for (uint32_t i = 0; i < t->n_cells; i++) /* what is not known is rare, whatever its share */
        common[i] = reference[i] > 0 && schema_watch_is_common(t, reference[i]);
}

/* Limits ----------------------------------------------------------------------------------------------------------------------- */

/* The x that chi-squared exceeds with a chance of alpha. */
static double schema_watch_chi_squared(double df, double alpha)
{
    double low = 0.0, high = 2.0 * df + 10.0;
    while (kedge_i_chi_squared_upper(high, df) > alpha)
        high *= 2.0;
    for (int i = 0; i < SCHEMA_WATCH_HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (kedge_i_chi_squared_upper(middle, df) > alpha)
            low = middle;
        else
            high = middle;
    }
    return high;
}

typedef struct schema_watch_rare {
    double n_window, n_reference;
    double n_rare; /* of the reference */
} schema_watch_rare;

/* Chance that at least `count` of the rare values of both samples, as many as there are then, are in the window. */
static double schema_watch_rare_tail(const void *what, uint32_t count)
{
    const schema_watch_rare *r = what;
    double n_marked = r->n_rare + (double)count, n_other = r->n_window + r->n_reference - n_marked;
    double most = n_marked < r->n_window ? n_marked : r->n_window, sum = 0.0;
    for (double k = (double)count; k <= most; k += 1.0) {
        double term = kedge_i_hypergeometric_term(k, n_marked, n_other, r->n_window);
        sum += term;
        if (term < 1e-17 * sum)
            break;
    }
    return sum;
}

/* Values of the reference that are rare. *n_common: cells that are not. */
static uint32_t schema_watch_rares(const kedge_i_column *t, uint32_t *n_common)
{
    const uint32_t *common = kedge_i_at_const(t, t->at_common), *reference = kedge_i_at_const(t, t->at_reference);
    uint32_t n_rare = 0;
    *n_common = 0;
    for (uint32_t i = 0; i < t->n_counts; i++) {
        n_rare += common[i] ? 0 : reference[i];
        *n_common += common[i];
    }
    return n_rare;
}

/* Can values come that are rare, or were not there at all? What bins or a boolean column are made of was all there. */
static int schema_watch_may_be_rare(const kedge_i_column *t, uint32_t n_rare)
{
    return n_rare > 0 || t->kind_now == KEDGE_COLUMN_NOMINAL;
}

/* Where only one of the tests can be made it has all of alpha. Rare values that are left out of chi-squared hold nothing together:
 * they cost no degree of freedom. */
void kedge_i_column_limit_shifts(kedge_i_column *t, double alpha)
{
    uint32_t n_common, n_rare = schema_watch_rares(t, &n_common);
    const schema_watch_rare rare = {(double)t->window, (double)t->n_reference, (double)n_rare};
    int is_cell = n_rare > 0 && schema_watch_is_common(t, n_rare);
    int has_rare = !is_cell && schema_watch_may_be_rare(t, n_rare), has_cells = n_common + (uint32_t)is_cell > 1;
    double df = (double)n_common - (n_rare > 0 ? 0.0 : 1.0), share = has_rare && has_cells ? 0.5 : 1.0;
    if (t->n_reference == 0)
        return;
    t->rare_limit = has_rare ? schema_watch_least(t->window, share * alpha, schema_watch_rare_tail, &rare) : UINT32_MAX;
    t->limit = has_cells ? schema_watch_chi_squared(df, share * alpha) : 0.0;
}

/* Windows ---------------------------------------------------------------------------------------------------------------------- */

/* A sum over the cells: where it comes from. */
typedef struct schema_watch_sum {
    double scale;
    double statistic, most;
    uint32_t at, reference, current;
} schema_watch_sum;

/* One cell of chi-squared (Pearson 1900; of two samples of different size: Press et al. 2007, "Numerical recipes", 14.3.3). */
static void schema_watch_add(schema_watch_sum *w, uint32_t at, uint32_t reference, uint32_t current)
{
    double r = (double)reference, o = (double)current;
    if (r + o == 0.0)
        return;
    double off = o * w->scale - r / w->scale;
    double term = off * off / (r + o);
    w->statistic += term;
    if (term <= w->most)
        return;
    w->most = term;
    w->at = at;
    w->reference = reference;
    w->current = current;
}

static void schema_watch_note(kedge_i_column *t, uint32_t moved, uint32_t reference, uint32_t current)
{
    t->moved = moved;
    t->n_was = reference;
    t->n_moved = current;
}

/* Compares the window with the reference, and notes why it has shifted, if it has. */
static void schema_watch_judge(kedge_i_column *t)
{
    const uint32_t *common = kedge_i_at_const(t, t->at_common);
    const uint32_t *reference = kedge_i_at_const(t, t->at_reference), *current = kedge_i_at_const(t, t->at_current);
    schema_watch_sum w = {sqrt((double)t->n_reference / (double)t->window), 0.0, -1.0, 0, 0, 0};
    uint32_t was_rare = 0, is_rare = 0;
    for (uint32_t i = 0; i < t->n_counts; i++) {
        if (common[i])
            schema_watch_add(&w, i, reference[i], current[i]);
        was_rare += common[i] ? 0 : reference[i];
        is_rare += common[i] ? 0 : current[i];
    }
    if (t->rare_limit == UINT32_MAX)
        schema_watch_add(&w, t->n_cells, was_rare, is_rare);
    t->statistic = w.statistic;
    t->shifted = t->limit > 0.0 && t->statistic > t->limit ? KEDGE_SCHEMA_SHIFT : is_rare >= t->rare_limit ? KEDGE_SCHEMA_RARE : 0;
    if (t->shifted == KEDGE_SCHEMA_RARE)
        schema_watch_note(t, t->n_cells, was_rare, is_rare);
    else
        schema_watch_note(t, w.at, w.reference, w.current);
}

int kedge_i_column_close_window(kedge_i_column *t)
{
    int was_shifted = t->shifted != 0;
    schema_watch_judge(t);
    t->has_window = 1;
    t->n_windows += t->n_windows < KEDGE_I_COUNT_MAX;
    memset(kedge_i_at(t, t->at_current), 0, t->n_counts * sizeof(uint32_t));
    t->n_current = 0;
    int is_news = t->shifted != 0 && !was_shifted;
    t->n_shifts += is_news && t->n_shifts < t->n_windows;
    return is_news;
}

void kedge_i_column_span(const kedge_i_column *t, double *low, double *high)
{
    const double *edges = kedge_i_column_edges(t);
    *low = *high = (double)NAN;
    if (!t->has_window || t->moved >= t->n_cells)
        return;
    if (kedge_i_column_has_codes(t)) {
        *low = *high = edges[t->moved];
        return;
    }
    *low = t->moved > 0 && t->moved <= t->n_edges ? edges[t->moved - 1] : -(double)INFINITY;
    *high = t->moved < t->n_edges ? edges[t->moved] : (double)INFINITY;
}
