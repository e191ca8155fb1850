/* SPDX-License-Identifier: MIT */
/* The reader of examples/watch: fuzz_csv CASES. What it takes must be a table of finite numbers and known classes; what it refuses
 * must get a printable message with its place. To be built with sanitizers. */
#include <math.h>

#include "data_set.h"
#include "fuzz_text.h"

static const char *fuzz_table_fault(const data_set *d)
{
    if (d->n_rows == 0 || d->n_features == 0 || d->n_classes < 2)
        return "an empty table was taken";
    for (size_t i = 0; i < d->n_rows * d->n_features; i++)
        if (!isfinite(d->x[i]))
            return "a number is not finite";
    for (size_t i = 0; i < d->n_rows; i++)
        if (!(d->y[i] >= 0.0 && d->y[i] < (double)d->n_classes))
            return "a class is unknown";
    return NULL;
}

static const char *fuzz_read(fuzz_text *t, uint64_t *n_taken)
{
    csv_error error = {0, 0, ""};
    data_set d;
    const char *drop = fuzz_below(t, 4) ? NULL : "b,";
    char *text = fuzz_copy(t);
    if (!text)
        return "out of memory";
    int taken = data_set_read(&d, text, t->len, "y", drop, &error);
    *n_taken += (uint64_t)taken;
    const char *fault = taken ? fuzz_table_fault(&d) : fuzz_message_fault(&error, t->len);
    data_set_free(&d);
    return fault;
}

int main(int argc, char **argv)
{
    return fuzz_run(argc, argv, fuzz_read);
}
