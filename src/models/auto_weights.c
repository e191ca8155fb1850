/* SPDX-License-Identifier: MIT */
/* How much the portfolio's members count, and who is awake: the papers that auto.c names. Rates and prior were chosen on Elec2,
 * SEA, weather, shuttle and phishing: they are at or near the best of each of them, one rate alone is not (see
 * docs/algorithms.md). */
#include "base/fp.h"

#include <string.h>

#include "base/number.h"
#include "models/auto_state.h"

#define AUTO_TOP_SHARE 1e-3 /* of the mixture of rates that is shared out anew per row */
/* Of the voters: exp(-0.3) for a wrong answer, and what the mixture counts at first. With 1 in place of 0.3 weather loses 0.2
 * points, with 0.1 many classes that jump 0.3; with half in place of 0.8 phishing loses 0.2. */
#define AUTO_WRONG     0.74081822068171786
#define AUTO_VOTE_MIXED 0.8

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

static auto_votes *auto_votes_of(auto_state *s)
{
    return kedge_i_at(s, s->at_votes);
}

/* What voters count at first: the mixture most, the members alike. */
static void auto_vote_prior(const auto_state *s, double *prior)
{
    double n = 0.0;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        n += kedge_i_auto_has(s, k) ? 1.0 : 0.0;
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        prior[k] = kedge_i_auto_has(s, k) ? (1.0 - AUTO_VOTE_MIXED) / n : 0.0;
    prior[AUTO_MIXTURE] = AUTO_VOTE_MIXED;
}

static void auto_begin_at(double *top, double *weights, const double *prior, uint32_t n)
{
    for (uint32_t j = 0; j < AUTO_RATES; j++) {
        top[j] = 1.0 / AUTO_RATES;
        memcpy(weights + j * n, prior, n * sizeof *prior);
    }
}

void kedge_i_auto_weights_begin(auto_state *s)
{
    double prior[AUTO_VOTERS];
    auto_begin_at(s->top, s->weights, s->prior, KEDGE_AUTO_MEMBERS);
    if (s->n_votes == 0)
        return;
    auto_vote_prior(s, prior);
    auto_begin_at(auto_votes_of(s)->top, auto_votes_of(s)->weights, prior, AUTO_VOTERS);
}

/* Nobody is below what is shared out anew at each row, and who has no prior has nothing: so whoever is awake, the sum of their
 * weights is far from 0. */
static int auto_is_share(const double *w, const double *prior, uint32_t n, double share)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        if (!kedge_i_within(w[i], 0.99 * share * prior[i], prior[i] > 0.0 ? 1.001 : 0.0))
            return 0;
        sum += w[i];
    }
    return kedge_i_within(sum, 0.999, 1.001);
}

static int auto_are_shares(const double *top, const double *weights, const double *prior, uint32_t n)
{
    for (uint32_t j = 0; j < AUTO_RATES; j++)
        if (!auto_is_share(weights + j * n, prior, n, auto_rates[j]))
            return 0;
    return auto_is_share(top, auto_even, AUTO_RATES, AUTO_TOP_SHARE);
}

int kedge_i_auto_weights_check(const auto_state *s)
{
    const auto_votes *v = kedge_i_at_const(s, s->at_votes);
    double prior[AUTO_VOTERS];
    auto_vote_prior(s, prior);
    return auto_are_shares(s->top, s->weights, s->prior, KEDGE_AUTO_MEMBERS) &&
           (s->n_votes == 0 || auto_are_shares(v->top, v->weights, prior, AUTO_VOTERS));
}

static double auto_over_rates(const double *top, const double *weights, uint32_t n, uint32_t k)
{
    double sum = 0.0;
    for (uint32_t j = 0; j < AUTO_RATES; j++)
        sum += top[j] * weights[j * n + k];
    return sum;
}

void kedge_i_auto_mixture(const auto_state *s, double *weights)
{
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        weights[k] = auto_over_rates(s->top, s->weights, KEDGE_AUTO_MEMBERS, k);
}

void kedge_i_auto_counts(const auto_state *s, double *weights)
{
    const auto_votes *v = kedge_i_at_const(s, s->at_votes);
    kedge_i_auto_mixture(s, weights);
    if (s->n_votes == 0) /* nobody is right or wrong about a number */
        return;
    double mixed = auto_over_rates(v->top, v->weights, AUTO_VOTERS, AUTO_MIXTURE);
    for (uint32_t k = 0; k < KEDGE_AUTO_MEMBERS; k++)
        weights[k] = mixed * weights[k] + auto_over_rates(v->top, v->weights, AUTO_VOTERS, k);
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
    kedge_i_auto_counts(s, weights);
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

/* Learn-alpha: each rate's experts, and the rates by what theirs have given together. */
static void auto_learn_alpha(double *top, double *weights, const double *likely, const double *prior, uint32_t n)
{
    double given[AUTO_RATES];
    for (uint32_t j = 0; j < AUTO_RATES; j++)
        given[j] = auto_share(weights + j * n, likely, prior, n, auto_rates[j]);
    (void)auto_share(top, given, auto_even, AUTO_RATES, AUTO_TOP_SHARE);
}

void kedge_i_auto_reweigh(auto_state *s, const double *likely)
{
    auto_learn_alpha(s->top, s->weights, likely, s->prior, KEDGE_AUTO_MEMBERS);
}

void kedge_i_auto_rejudge(auto_state *s, const double *right)
{
    double prior[AUTO_VOTERS], likely[AUTO_VOTERS];
    auto_vote_prior(s, prior);
    for (uint32_t k = 0; k < AUTO_VOTERS; k++)
        likely[k] = right[k] == 0.0 ? AUTO_WRONG : right[k];
    auto_learn_alpha(auto_votes_of(s)->top, auto_votes_of(s)->weights, likely, prior, AUTO_VOTERS);
}
