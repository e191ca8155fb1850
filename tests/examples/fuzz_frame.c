/* SPDX-License-Identifier: MIT */
/* The reader of examples/compare: fuzz_frame CASES. What it takes must be two tables of numbers that fit their columns' kinds; what
 * it refuses must get a printable message with its place. To be built with sanitizers. */
#include <math.h>

#include <kedge/shift.h>

#include "frame.h"
#include "fuzz_text.h"

static const char *fuzz_column_fault(const frame *f, const frame_column *c)
{
    double end = c->kind == KEDGE_KIND_NUMERIC ? (double)INFINITY : (double)c->n_categories;
    for (size_t i = 0; i < f->n_rows; i++) {
        double x = c->x[i];
        if (isnan(x))
            continue;
        if (!(x < end) || (c->kind != KEDGE_KIND_NUMERIC && (!(x >= 0.0) || x != floor(x))) || !isfinite(x))
            return "a number is not of its column's kind";
    }
    for (size_t k = 0; k < c->n_categories; k++)
        if (c->categories[k][0] == '\0')
            return "a category without a name";
    return NULL;
}

static const char *fuzz_frame_fault(const frame *f)
{
    if (f->n_columns == 0 || f->n_reference == 0 || f->n_reference >= f->n_rows)
        return "an empty table was taken";
    for (size_t i = 1; i < f->n_rows; i++)
        if (i != f->n_reference && f->line[i] <= f->line[i - 1])
            return "lines are out of order";
    for (size_t j = 0; j < f->n_columns; j++) {
        const char *fault = fuzz_column_fault(f, &f->columns[j]);
        if (fault)
            return fault;
    }
    return NULL;
}

static options fuzz_options(fuzz_text *t)
{
    static const char *const values[] = {"y=yes", "y=1", "b=1", "y=", "c=NA"};
    options o = {.reference = "fuzz"};
    switch (fuzz_below(t, 4)) {
    case 0:
        o.current = "fuzz";
        break;
    case 1:
        o.by = values[fuzz_below(t, 5)];
        break;
    default:
        o.split = "";
        o.split_at = fuzz_below(t, 2) ? 0.5 : 1.0 + (double)fuzz_below(t, 4);
        break;
    }
    o.columns = fuzz_below(t, 8) ? NULL : "b,y";
    o.drop = fuzz_below(t, 8) ? NULL : "b,";
    o.nominal = fuzz_below(t, 8) ? NULL : "b,";
    o.boolean = fuzz_below(t, 8) ? NULL : "y";
    return o;
}

static const char *fuzz_read(fuzz_text *t, uint64_t *n_taken)
{
    csv_error error = {0, 0, ""};
    frame f;
    size_t at = 0;
    const options o = fuzz_options(t);
    size_t n = o.current ? 2 : 1;
    char *texts[] = {fuzz_copy(t), n == 2 ? fuzz_copy(t) : NULL};
    const size_t lens[] = {t->len, t->len};
    if (!texts[0] || (n == 2 && !texts[1]))
        return "out of memory";
    int taken = frame_read(&f, texts, lens, n, &o, &error, &at);
    *n_taken += (uint64_t)taken;
    const char *fault = taken ? fuzz_frame_fault(&f) : fuzz_message_fault(&error, t->len);
    frame_free(&f);
    return at < n ? fault : "a message about no text";
}

int main(int argc, char **argv)
{
    return fuzz_run(argc, argv, fuzz_read);
}
