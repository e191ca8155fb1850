/* SPDX-License-Identifier: MIT */
/* The out-of-bag estimate: Breiman 2001, section 3.1. Each row is answered by the trees that did not draw it. */
#include "base/fp.h"

#include "models/wood_state.h"

void kedge_i_wood_vote(wood_job *f)
{
    for (size_t i = 0; i < f->n_train; i++) {
        if (f->is_drawn[i])
            continue;
        kedge_row row = kedge_i_row_of_rows(f->table.x, f->rows[i]);
        const double *leaf = grove_at(f->s, &f->s->grove, f->s->grove.n_trees, &row);
        for (uint32_t k = 0; k < f->n_outputs; k++)
            f->votes[i * f->n_outputs + k] += leaf[k];
        f->n_votes[i]++;
    }
}

/* 0 or 1 for a class, the squared error of a target. */
static double wood_row_loss(const wood_job *f, size_t i)
{
    const double *votes = f->votes + i * f->n_outputs;
    double y = f->y[f->rows[i]];
    uint32_t best = 0;
    if (f->s->model.n_classes == 0)
        return (votes[0] / f->n_votes[i] - y) * (votes[0] / f->n_votes[i] - y);
    for (uint32_t k = 1; k < f->n_outputs; k++)
        best = votes[k] > votes[best] ? k : best;
    return y != (double)best;
}

void kedge_i_wood_judge(wood_job *f)
{
    double sum = 0.0;
    double loss = 0.0;
    uint64_t n = 0;
    for (size_t i = 0; i < f->n_train && f->s->out_of_bag; i++) {
        if (f->n_votes[i] == 0)
            continue;
        double w = wood_weight(f, f->rows[i]);
        sum += w;
        loss += w / wood_divisor(sum) * (wood_row_loss(f, i) - loss);
        n++;
    }
    f->s->bag_loss = loss > 0.0 ? loss : 0.0; /* rounding */
    f->s->bag_loss = f->s->model.n_classes > 0 && loss > 1.0 ? 1.0 : f->s->bag_loss;
    f->s->n_bag = n;
}
