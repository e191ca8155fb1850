/* SPDX-License-Identifier: MIT */
/* Cuts features into bins: between all values where there are few, else at quantiles. */
#include "base/fp.h"

#include "models/bin_table.h"

#include "base/rows.h"
#include "base/sort.h"
#include "models/grove.h"

/* A number t with a <= t < b, in the middle where there is one. */
static double bin_table_middle(double a, double b)
{
    double t = 0.5 * a + 0.5 * b;
    return t >= a && t < b ? t : a;
}

/* The values of a feature in the training rows; returns how many are not missing. */
static size_t bin_table_sample(const bin_table *b, uint32_t feature, const uint32_t *rows, size_t n, double *sample)
{
    size_t m = n < BIN_TABLE_SAMPLE ? n : BIN_TABLE_SAMPLE;
    size_t known = 0;
    for (size_t i = 0; i < m; i++) {
        size_t row = rows[(size_t)((uint64_t)i * n / m)];
        sample[known] = kedge_i_rows_at(b->x, row, feature);
        known += sample[known] == sample[known];
    }
    return known;
}

static size_t bin_table_distinct(const double *sorted, size_t n)
{
    size_t distinct = n > 0;
    for (size_t i = 1; i < n; i++)
        distinct += sorted[i] > sorted[i - 1];
    return distinct;
}

/* Returns the bins, 0 if there is no value. */
static uint32_t bin_table_cut(const double *sorted, size_t n, uint32_t max_bins, double *edges)
{
    uint32_t made = 0;
    size_t all = bin_table_distinct(sorted, n) <= max_bins;
    size_t n_cuts = all ? n : max_bins;
    size_t next = 1; /* the first number that is above the last edge, or n */
    for (size_t j = 1; j < n_cuts; j++) {
        size_t at = all ? j : (size_t)((uint64_t)j * n / max_bins);
        if (at < next)
            continue;
        for (next = at; next < n && sorted[next] == sorted[at - 1];)
            next++;
        if (next < n)
            edges[made++] = bin_table_middle(sorted[at - 1], sorted[next]);
        next++;
    }
    return n > 0 ? made + 1 : 0;
}

/* The number of edges below x. */
static inline uint32_t bin_table_find(const double *edges, uint32_t n_edges, double x)
{
    uint32_t first = 0;
    while (n_edges > 0) {
        uint32_t half = n_edges / 2;
        int above = edges[first + half] < x;
        first = above ? first + half + 1 : first;
        n_edges = above ? n_edges - half - 1 : half;
    }
    return first;
}

/* Returns 1 if a value is missing. */
static int bin_table_code(const bin_table *b, uint32_t feature, int is_nominal)
{
    uint32_t n_bins = b->n_bins[feature];
    const double *edges = b->edges + (size_t)feature * (b->max_bins - 1);
    uint8_t *codes = b->codes + (size_t)feature * b->x->n_rows;
    int any = 0;
    for (size_t i = 0; i < b->x->n_rows; i++) {
        double x = kedge_i_rows_at(b->x, i, feature);
        uint32_t code = n_bins;
        if (x == x)
            code = is_nominal ? grove_code(x, n_bins) : n_bins == 0 ? 0 : bin_table_find(edges, n_bins - 1, x);
        any |= x != x;
        codes[i] = (uint8_t)code;
    }
    return any;
}

void kedge_i_bin_table_fill(bin_table *b, const uint32_t *rows, size_t n, double *sample, double *spare)
{
    b->n_features = 0;
    for (uint32_t j = 0; j < b->x->n_columns; j++) {
        int is_nominal = grove_has(b->nominal, j);
        b->n_bins[j] = b->max_bins;
        if (!is_nominal) {
            size_t known = bin_table_sample(b, j, rows, n, sample);
            kedge_i_sort(sample, known, spare);
            b->n_bins[j] = bin_table_cut(sample, known, b->max_bins, b->edges + (size_t)j * (b->max_bins - 1));
        }
        int missing = bin_table_code(b, j, is_nominal);
        if (b->n_bins[j] > 1 || (b->n_bins[j] == 1 && missing))
            b->features[b->n_features++] = j;
    }
}
