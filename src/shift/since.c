/* SPDX-License-Identifier: MIT */
/* Since when a column is another: the likeliest row of the current sample for one change of the shares of some cells, all of the
 * reference before it. Maximum likelihood, for a Bernoulli rate Hinkley, Hinkley 1970, "Inference about the change-point in a
 * sequence of binomial variables", Biometrika 57; for several cells the same. Numbers: cells between and on the octiles of the
 * reference and the value at which the samples differ most, so that it does not matter whether mean, spread or shape changed.
 * Categories: the one that moved most, and all others. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "shift/since.h"

#include "base/rows.h"
#include "base/sort.h"

enum { SINCE_EDGES = 8, SINCE_CELLS = 2 * SINCE_EDGES + 1 };

typedef struct since_cells {
    double edges[SINCE_EDGES]; /* rising, distinct */
    uint32_t n_edges;
} since_cells;

/* A stretch of rows: how many fall into each cell, and what its log-likelihood is made of. */
typedef struct since_stretch {
    double n;
    double counts[SINCE_CELLS];
    double sum; /* of count log count */
} since_stretch;

uint64_t kedge_i_since_scratch(uint64_t n_reference)
{
    return 2 * n_reference;
}

static void since_add_edge(since_cells *c, double edge)
{
    uint32_t at = c->n_edges;
    for (uint32_t i = 0; i < c->n_edges; i++)
        if (c->edges[i] == edge)
            return;
    for (; at > 0 && c->edges[at - 1] > edge; at--)
        c->edges[at] = c->edges[at - 1];
    c->edges[at] = edge;
    c->n_edges++;
}

static since_cells since_octiles(const kedge_rows *reference, double where, double *scratch)
{
    since_cells c = {{0.0}, 0};
    size_t n = 0;
    for (size_t i = 0; i < reference->n_rows; i++) {
        double x = kedge_i_rows_at(reference, i, 0);
        if (!isnan(x))
            scratch[n++] = x;
    }
    kedge_i_sort(scratch, n, scratch + reference->n_rows);
    for (size_t k = 1; k < SINCE_EDGES && n > 0; k++)
        since_add_edge(&c, scratch[k * (n - 1) / SINCE_EDGES] + 0.0);
    if (!isnan(where))
        since_add_edge(&c, where);
    return c;
}

/* Cells in order: below the first edge, on it, between it and the next, ... */
static uint32_t since_cell(const since_cells *c, double x)
{
    uint32_t below = 0;
    uint32_t on = 0;
    for (uint32_t i = 0; i < c->n_edges; i++) {
        below += c->edges[i] < x;
        on += c->edges[i] == x;
    }
    return 2 * below + on;
}

static double since_term(double count)
{
    return count > 0.0 ? count * log(count) : 0.0;
}

static void since_count(since_stretch *s, uint32_t cell, double sign)
{
    s->n += sign;
    s->sum -= since_term(s->counts[cell]);
    s->counts[cell] += sign;
    s->sum += since_term(s->counts[cell]);
}

static void since_count_all(since_stretch *s, const kedge_rows *rows, const since_cells *c)
{
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < rows->n_rows; i++) {
        double x = kedge_i_rows_at(rows, i, 0);
        if (!isnan(x)) {
            s->n += 1.0;
            s->counts[since_cell(c, x)] += 1.0;
        }
    }
    for (uint32_t i = 0; i < SINCE_CELLS; i++)
        s->sum += since_term(s->counts[i]);
}

/* Greatest log-likelihood of a stretch. */
static double since_likelihood(const since_stretch *s)
{
    return s->sum - since_term(s->n);
}

uint64_t kedge_i_since(const kedge_rows *reference, const kedge_rows *current, double where, int is_code, double *scratch)
{
    since_stretch before, after;
    since_cells cells = {{where}, 1};
    if (!is_code)
        cells = since_octiles(reference, where, scratch);
    since_count_all(&before, reference, &cells);
    since_count_all(&after, current, &cells);
    uint64_t since = 0;
    double most = since_likelihood(&before) + since_likelihood(&after);
    for (size_t i = 0; i + 1 < current->n_rows; i++) {
        double x = kedge_i_rows_at(current, i, 0);
        if (isnan(x))
            continue;
        uint32_t cell = since_cell(&cells, x);
        since_count(&before, cell, 1.0);
        since_count(&after, cell, -1.0);
        double l = since_likelihood(&before) + since_likelihood(&after);
        if (l > most && after.n > 0.0) {
            most = l;
            since = i + 1;
        }
    }
    return since;
}
