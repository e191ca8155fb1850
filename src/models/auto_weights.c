/* SPDX-License-Identifier: MIT */
/* How much the portfolio's members count, and who is awake: the papers that auto.c names. Rates and prior were chosen on Elec2,
 * SEA, weather, shuttle and phishing: they are at or near the best of each of them, one rate alone is not (see
 * docs/algorithms.md). */
#include "base/fp.h"

#include <string.h>

#include "base/number.h"
#include "models/auto_state.h"

#define AUTO_TOP_SHARE 1e-3 /* of the mixture of rates that is shared out anew per row */

static const double auto_rates[AUTO_RATES] = {0.0003, 0.003, 0.03};
static const double auto_even[AUTO_RATES] = {1.0 / AUTO_RATES, 1.0 / AUTO_RATES, 1.0 / AUTO_RATES};
static const double auto_prior_of_classes[KEDGE_AUTO_MEMBERS] = {0.4, 0.4, 0.08, 0.06, 0.06, 0.05, 0.05};
static const double auto_prior_of_values[KEDGE_AUTO_MEMBERS] = {0.3, 0.15, 0.1, 0.35, 0.1, 0.0, 0.0};

void kedge_i_auto_set_prior(auto_state *s)
{
    const double *prior = s->model.n_classes > 0 ? auto_prior_of_classes : auto_prior_of_values;
    double sum = 0.0;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        sum += s->prior[k] = kedge_i_auto_has(s, k) ? prior[k] : 0.0;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        s->prior[k] /= sum;
}

void kedge_i_auto_weights_begin(auto_state *s)
{
    for (uint32_t j = 0; j < AUTO_RATES; j++) {
        s->top[j] = 1.0 / AUTO_RATES;
        memcpy(s->weights + j * KEDGE_AUTO_MEMBERS, s->prior, sizeof s->prior);
    }
}

/* Nobody is below what is shared out anew at each row: so whoever is awake, the sum of their weights is far from 0. */
static int auto_is_share(const double *w, const double *prior, uint32_t n, double share)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        if (!kedge_i_within(w[i], 0.99 * share * prior[i], 1.001))
            return 0;
        sum += w[i];
    }
    return kedge_i_within(sum, 0.999, 1.001);
}

/* Shares of the members, and none of one that there is not. */
static int auto_is_mixture(const auto_state *s, const double *w, double rate)
{
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        if (!kedge_i_auto_has(s, k) && w[k] != 0.0)
            return 0;
    return auto_is_share(w, s->prior, KEDGE_AUTO_MEMBERS, rate);
}

int kedge_i_auto_weights_check(const auto_state *s)
{
    for (uint32_t j = 0; j < AUTO_RATES; j++)
        if (!auto_is_mixture(s, s->weights + j * KEDGE_AUTO_MEMBERS, auto_rates[j]))
            return 0;
    return auto_is_share(s->top, auto_even, AUTO_RATES, AUTO_TOP_SHARE);
}

/* How much each member counts over all rates. */
void kedge_i_auto_mixture(const auto_state *s, double *weights)
{
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        weights[k] = 0.0;
        for (uint32_t j = 0; j < AUTO_RATES; j++)
            weights[k] += s->top[j] * s->weights[j * KEDGE_AUTO_MEMBERS + k];
    }
}

/* The baselines cost nothing and are always awake. */
static int auto_rests(const auto_state *s, uint32_t k, double weight)
{
    return s->rest > 1 && k != KEDGE_AUTO_LAST && k != KEDGE_AUTO_USUAL && weight < AUTO_IDLE && s->model.n_learned % s->rest != 0;
}

void kedge_i_auto_awake(const auto_state *s, double *weights, uint32_t *turns)
{
    double sum = 0.0;
    int all = 1;
    kedge_i_auto_mixture(s, weights);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++) {
        int sleeps = !kedge_i_auto_has(s, k) || auto_rests(s, k, weights[k]);
        turns[k] = sleeps ? AUTO_SLEEPS : kedge_i_auto_turn(s, k);
        all &= weights[k] == 0.0 || turns[k] != AUTO_SLEEPS;
        weights[k] = turns[k] == AUTO_SLEEPS ? 0.0 : weights[k];
        sum += weights[k];
    }
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS && !all; k++)
        weights[k] /= sum;
}

/* Bayes' rule, then a share of the weights goes back to where they began. Who sleeps counts as having given what the others did.
 * Returns that. */
static double auto_share(double *weights, const double *likely, const double *prior, uint32_t n, double share)
{
    double given = 0.0;
    double awake = 0.0;
    double asleep = 0.0;
    for (uint32_t k = 0; k < n; k++) {
        given += likely[k] >= 0.0 ? weights[k] * likely[k] : 0.0;
        awake += likely[k] >= 0.0 ? weights[k] : 0.0;
        asleep += likely[k] >= 0.0 ? 0.0 : weights[k];
    }
    double usual = asleep > 0.0 ? given / awake : given; /* all awake: they sum up to 1, but for rounding */
    for (uint32_t k = 0; k < n; k++)
        weights[k] = (1.0 - share) * (weights[k] * (likely[k] >= 0.0 ? likely[k] : usual) / usual) + share * prior[k];
    return usual;
}

void kedge_i_auto_reweigh(auto_state *s, const double *likely)
{
    double given[AUTO_RATES];
    for (uint32_t j = 0; j < AUTO_RATES; j++)
        given[j] = auto_share(s->weights + j * KEDGE_AUTO_MEMBERS, likely, s->prior, KEDGE_AUTO_MEMBERS, auto_rates[j]);
    (void)auto_share(s->top, given, auto_even, AUTO_RATES, AUTO_TOP_SHARE);
}
