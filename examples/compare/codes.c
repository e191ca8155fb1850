/* SPDX-License-Identifier: MIT */
#include "codes.h"

#include <kedge/shift.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"

/* The text without the spaces around it, in lower case, if it is that short; else "". */
static void codes_word(const char *text, char word[8])
{
    text += strspn(text, " \t");
    size_t n = strcspn(text, " \t");
    word[0] = '\0';
    if (n > 7 || text[n + strspn(text + n, " \t")] != '\0')
        return;
    for (size_t i = 0; i < n; i++)
        word[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
    word[n] = '\0';
}

int codes_boolean(const char *text, double *value)
{
    char word[8];
    double x;
    codes_word(text, word);
    if (field_number(text, &x)) {
        *value = x;
        return x == 0.0 || x == 1.0;
    }
    *value = strcmp(word, "true") == 0;
    return *value != 0.0 || strcmp(word, "false") == 0;
}

/* What the fields are like. Returns whether all that are there are boolean. */
static int codes_count(frame_column *c, const char *const *cells, size_t n, size_t stride)
{
    size_t n_booleans = 0;
    size_t n_there = 0;
    double ignored;
    for (size_t i = 0; i < n; i++) {
        const char *text = cells[i * stride];
        if (field_is_missing(text))
            continue;
        n_there++;
        n_booleans += (size_t)codes_boolean(text, &ignored);
        if (field_number(text, &ignored)) {
            c->n_numbers++;
            continue;
        }
        if (c->n_texts++ == 0) {
            c->odd_row = i;
            c->odd = text;
        }
    }
    return n_there > 0 && n_booleans == n_there;
}

static int codes_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The distinct texts, sorted. 0: out of memory. */
static int codes_categories(frame_column *c, const char *const *cells, size_t n, size_t stride)
{
    size_t n_there = 0;
    c->categories = malloc((n + 1) * sizeof *c->categories); /* one more: never of size 0 */
    if (!c->categories)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!field_is_missing(cells[i * stride]))
            c->categories[n_there++] = cells[i * stride];
    qsort(c->categories, n_there, sizeof *c->categories, codes_compare);
    for (size_t i = 0; i < n_there; i++)
        if (i == 0 || strcmp(c->categories[i], c->categories[c->n_categories - 1]) != 0)
            c->categories[c->n_categories++] = c->categories[i];
    return 1;
}

static double codes_of(const frame_column *c, const char *text)
{
    double x = (double)NAN;
    const char **found;
    if (field_is_missing(text))
        return (double)NAN;
    switch (c->kind) {
    case KEDGE_KIND_NUMERIC:
        return field_number(text, &x) ? x : (double)NAN;
    case KEDGE_KIND_BOOLEAN:
        return codes_boolean(text, &x) ? x : (double)NAN;
    default:
        found = bsearch(&text, c->categories, c->n_categories, sizeof *c->categories, codes_compare);
        return (double)(found - c->categories);
    }
}

/* A boolean column has the two categories of its words. 0: out of memory. */
static int codes_two(frame_column *c)
{
    int is_words = c->n_texts > 0 && c->n_numbers == 0;
    c->categories = malloc(2 * sizeof *c->categories);
    if (!c->categories)
        return 0;
    c->categories[0] = is_words ? "false" : "0";
    c->categories[1] = is_words ? "true" : "1";
    c->n_categories = 2;
    return 1;
}

int codes_column(frame_column *c, const char *const *cells, size_t n, size_t stride)
{
    int is_boolean = codes_count(c, cells, n, stride);
    if (!c->is_given)
        c->kind = is_boolean ? KEDGE_KIND_BOOLEAN : c->n_texts > 0 ? KEDGE_KIND_NOMINAL : KEDGE_KIND_NUMERIC;
    c->x = malloc(n * sizeof *c->x);
    if (!c->x || (c->kind == KEDGE_KIND_NOMINAL && !codes_categories(c, cells, n, stride)) ||
        (c->kind == KEDGE_KIND_BOOLEAN && !codes_two(c)))
        return 0;
    for (size_t i = 0; i < n; i++)
        c->x[i] = codes_of(c, cells[i * stride]);
    return 1;
}
