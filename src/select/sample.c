/* SPDX-License-Identifier: MIT */
/* Rows drawn in one pass over the table, so that they keep its order: Fan, Muller, Rezucha 1962, "Development of sampling plans by
 * using sequential (item by item) selection techniques and digital computers", JASA 57, method 1, in each class by itself. */
#include "base/fp.h"

#include "select/sample.h"

#include "base/rows.h"

#define SAMPLE_BYTES_MAX ((uint64_t)1 << 63)

/* Rows of a class that are still to come, and those of them still to be drawn. */
typedef struct sample_class {
    uint64_t left;
    uint64_t wanted;
} sample_class;

uint64_t kedge_i_sample_bytes(uint64_t n_features, uint64_t n_classes, uint64_t n)
{
    uint64_t row = (n_features + 2) * sizeof(double), classes = (n_classes + 1) * sizeof(sample_class);
    return n > (SAMPLE_BYTES_MAX - classes) / row ? SAMPLE_BYTES_MAX : n * row + classes;
}

static size_t sample_stratum(const kedge_i_sample *table, uint32_t n_classes, size_t i_row)
{
    return n_classes > 0 ? (size_t)table->y[i_row] : 0;
}

/* What each class has, and its share of n: shares of the first k classes together are exact but for less than a row. */
static void sample_count(const kedge_i_sample *table, uint32_t n_classes, size_t n, sample_class *classes)
{
    uint64_t before = 0, n_rows = table->rows.n_rows;
    size_t n_strata = n_classes > 0 ? n_classes : 1;
    for (size_t k = 0; k < n_strata; k++)
        classes[k].left = 0;
    for (size_t i = 0; i < table->rows.n_rows; i++)
        classes[sample_stratum(table, n_classes, i)].left++;
    for (size_t k = 0; k < n_strata; k++) {
        uint64_t up_to = before + classes[k].left;
        classes[k].wanted = up_to * n / n_rows - before * n / n_rows; /* tables have fewer than 2^32 rows, see kedge_split */
        before = up_to;
    }
}

kedge_i_sample kedge_i_sample_draw(const kedge_i_sample *table, uint32_t n_classes, size_t n, uint64_t seed, void *memory)
{
    size_t width = table->rows.n_columns, n_drawn = 0;
    double *x = memory, *y = x + n * width, *weight = y + n;
    sample_class *classes = (sample_class *)(void *)(weight + n);
    kedge_rng rng = {seed};
    sample_count(table, n_classes, n, classes);
    for (size_t i = 0; i < table->rows.n_rows; i++) {
        sample_class *own = &classes[sample_stratum(table, n_classes, i)];
        if (kedge_rng_below(&rng, own->left--) >= own->wanted)
            continue;
        own->wanted--;
        for (size_t j = 0; j < width; j++)
            x[n_drawn * width + j] = kedge_i_rows_at(&table->rows, i, j);
        y[n_drawn] = table->y[i];
        weight[n_drawn++] = table->weight ? table->weight[i] : 1.0;
    }
    kedge_i_sample out = {kedge_rows_float64(x, n, width), y, table->weight ? weight : NULL};
    return out;
}

kedge_i_sample kedge_i_sample_newest(const kedge_i_sample *table, size_t n)
{
    size_t first = table->rows.n_rows - n;
    kedge_i_sample out = {table->rows, table->y + first, table->weight ? table->weight + first : NULL};
    if (kedge_rows_slice(&table->rows, first, n, &out.rows) < 0)
        out.rows.n_rows = 0; /* cannot be: the table was checked */
    return out;
}
