/* SPDX-License-Identifier: MIT */
#include "header.h"

#include "field.h"

int header_unknown(char *const *header, size_t n_columns, const char *option, const char *name, size_t n, csv_error *error)
{
    char list[200] = "";
    size_t used = 0;
    double ignored;
    int all_numbers = 1;
    for (size_t j = 0; j < n_columns; j++) {
        int wrote = used < sizeof list ? snprintf(list + used, sizeof list - used, "%s%s", j ? ", " : "", header[j]) : 0;
        used += wrote > 0 ? (size_t)wrote : 0;
        all_numbers &= field_number(header[j], &ignored);
    }
    if (all_numbers)
        return csv_fail(error, 1, 1, "the first line must name the columns, but it holds numbers only");
    return csv_fail(error, 1, 1, "no column '%.*s' (%s); there are: %s%s", n < 80 ? (int)n : 80, name, option, list,
                    used >= sizeof list ? " ..." : "");
}
