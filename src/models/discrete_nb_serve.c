/* SPDX-License-Identifier: MIT */
/* What naive Bayes of counts, and of yes or no, says of a row. McCallum, Nigam 1998; Rennie et al. 2003: see discrete_nb.c. */
#include "base/fp.h"

#include <math.h>

#include "models/discrete_nb.h"

/* McCallum, Nigam 1998, equations 5 and 6. */
static double discrete_nb_log_counts(const discrete_nb_state *s, const kedge_row *x, uint32_t c)
{
    const double *own = discrete_nb_class_of(s, c);
    double total = ((const double *)kedge_i_at_const(s, s->at_totals))[c] + s->alpha * s->model.n_features;
    double sum = 0.0;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double value = discrete_nb_input(s, x, i);
        if (value > 0.0)
            sum += value * log((own[i] + s->alpha) / total);
    }
    return sum + log(discrete_nb_prior(s, c));
}

/* Rennie et al. 2003, equations 5 and 6: no prior, and a feature that is rare in all other classes speaks for this one. */
static double discrete_nb_log_complement(const discrete_nb_state *s, const kedge_row *x, uint32_t c)
{
    const double *own = discrete_nb_class_of(s, c);
    const double *all = kedge_i_at_const(s, s->at_all);
    double total = s->alpha * s->model.n_features;
    double sum = 0.0;
    for (uint32_t i = 0; i < s->model.n_features; i++)
        total += all[i] > own[i] ? all[i] - own[i] : 0.0;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double value = discrete_nb_input(s, x, i);
        if (value > 0.0)
            sum -= value * log(((all[i] > own[i] ? all[i] - own[i] : 0.0) + s->alpha) / total);
    }
    return sum;
}

/* McCallum, Nigam 1998, equations 2 and 3. Probabilities are multiplied up, so that a logarithm is taken only now and then. */
static double discrete_nb_log_yes_no(const discrete_nb_state *s, const kedge_row *x, uint32_t c)
{
    const double *own = discrete_nb_class_of(s, c);
    double weight = discrete_nb_weights_of(s)[c];
    double total = weight + 2.0 * s->alpha;
    double product = discrete_nb_prior(s, c);
    double sum = 0.0;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double part = (discrete_nb_input(s, x, i) > 0.0 ? own[i] : weight - own[i]) + s->alpha;
        product *= part / total; /* at least 1e-10 / 1.1e25 */
        if (product < DISCRETE_NB_SHARE_MIN) {
            sum += log(product);
            product = 1.0;
        }
    }
    return sum + log(product);
}

/* log prior + log likelihood of class c; -infinity for a class that was never seen. */
static double discrete_nb_log_joint(const discrete_nb_state *s, const kedge_row *x, uint32_t c)
{
    if (discrete_nb_weights_of(s)[c] == 0.0)
        return -(double)INFINITY;
    if (!discrete_nb_is_multinomial(s))
        return discrete_nb_log_yes_no(s, x, c);
    return s->complement ? discrete_nb_log_complement(s, x, c) : discrete_nb_log_counts(s, x, c);
}

kedge_status kedge_i_discrete_nb_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const discrete_nb_state *s = state;
    double greatest = -(double)INFINITY;
    *y = 0.0;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        double joint = discrete_nb_log_joint(s, x, c);
        if (joint > greatest) {
            greatest = joint;
            *y = c;
        }
    }
    return KEDGE_OK;
}

kedge_status kedge_i_discrete_nb_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const discrete_nb_state *s = state;
    uint32_t n = s->model.n_classes;
    double greatest = -(double)INFINITY;
    double sum = 0.0;
    for (uint32_t c = 0; c < n; c++) {
        scores[c] = s->model.n_learned == 0 ? 0.0 : discrete_nb_log_joint(s, x, c);
        greatest = scores[c] > greatest ? scores[c] : greatest;
    }
    for (uint32_t c = 0; c < n; c++)
        sum += scores[c] = exp(scores[c] - greatest);
    for (uint32_t c = 0; c < n; c++)
        scores[c] /= sum;
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}
