/* SPDX-License-Identifier: MIT */
#include "labels.h"

#include <stdlib.h>
#include <string.h>

#include "field.h"

static int labels_compare_numbers(const void *a, const void *b)
{
    double x = 0.0;
    double y = 0.0;
    field_number(*(char *const *)a, &x);
    field_number(*(char *const *)b, &y);
    return (x > y) - (x < y);
}

static int labels_compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int labels_all_numbers(char *const *texts, size_t n)
{
    double ignored;
    for (size_t i = 0; i < n; i++)
        if (!field_number(texts[i], &ignored))
            return 0;
    return 1;
}

size_t labels_map(char *const *texts, size_t n, size_t max, double *y, char **classes, size_t *at)
{
    int (*compare)(const void *, const void *) = labels_all_numbers(texts, n) ? labels_compare_numbers : labels_compare_texts;
    size_t n_classes = 0;
    for (size_t i = 0; i < n; i++) {
        if (n_classes > 0 && bsearch(&texts[i], classes, n_classes, sizeof *classes, compare))
            continue;
        if (n_classes == max) {
            *at = i;
            return max + 1;
        }
        classes[n_classes++] = texts[i];
        qsort(classes, n_classes, sizeof *classes, compare);
    }
    for (size_t i = 0; i < n; i++) {
        char **found = bsearch(&texts[i], classes, n_classes, sizeof *classes, compare);
        y[i] = (double)(found - classes);
    }
    return n_classes;
}
