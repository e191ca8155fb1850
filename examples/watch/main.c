/* SPDX-License-Identifier: MIT */
/* watch: how well does a model serve a stream if it is trained once, retrained on drift, or learning all the time? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data_set.h"
#include "options.h"
#include "report_html.h"
#include "report_json.h"
#include "table.h"
#include "ways.h"

enum { EXIT_USAGE = 2 }; /* also: bad input */

/* 0: it cannot; a message went to standard error. */
static int main_load(data_set *d, const options *o)
{
    int is_stdin = strcmp(o->file, "-") == 0;
    const char *name = is_stdin ? "stdin" : o->file;
    csv_error error;
    char *text;
    size_t len;
    FILE *f = is_stdin ? stdin : fopen(o->file, "rb");
    int ok = f && csv_slurp(f, &text, &len);
    if (!ok)
        fprintf(stderr, "watch: %s: %s\n", name, strerror(errno));
    if (f && !is_stdin)
        fclose(f);
    if (!ok)
        return 0;
    if (data_set_read(d, text, len, o->label, o->drop, &error)) {
        if (d->n_rows >= 20)
            return 1;
        fprintf(stderr, "watch: %s: %zu rows with a label are too few to train and test; 20 are the least\n", name, d->n_rows);
    } else if (error.line > 0)
        fprintf(stderr, "%s:%zu:%zu: %s\n", name, error.line, error.column, error.what);
    else
        fprintf(stderr, "watch: %s: %s\n", name, error.what);
    data_set_free(d);
    return 0;
}

static void main_introduce(const data_set *d, const options *o)
{
    printf("%s: %zu rows, %zu features, %zu classes of '%s'; detector %s\n", strcmp(o->file, "-") == 0 ? "stdin" : o->file,
           d->n_rows, d->n_features, d->n_classes, o->label, o->detector);
    if (d->n_missing > 0)
        printf("%zu missing numbers: the last one seen in their column stands for each\n", d->n_missing);
    if (d->n_unlabelled > 0)
        printf("%zu rows without a label are left out\n", d->n_unlabelled);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    options o;
    data_set d;
    way ways[WAYS_MAX];
    size_t n_ways = 0;
    int ok = 1;
    if (!options_read(&o, argc, argv))
        return EXIT_USAGE;
    if (o.help) {
        options_help();
        return EXIT_SUCCESS;
    }
    if (!main_load(&d, &o))
        return EXIT_USAGE;
    main_introduce(&d, &o);
    progress bar;
    progress_begin(&bar, d.n_rows, !o.quiet);
    for (uint32_t policy = KEDGE_POLICY_STATIC; policy <= KEDGE_POLICY_ONLINE && ok; policy++)
        if (o.ways & 1u << (policy - 1))
            ok = ways_run(&ways[n_ways++], &d, &o, policy, &bar);
    if (ok)
        table_print(&d, ways, n_ways);
    if (ok && o.html)
        ok = report_html_write(o.html, &d, &o, ways, n_ways);
    if (ok && o.json)
        ok = report_json_write(o.json, &d, &o, ways, n_ways);
    while (n_ways > 0)
        ways_free(&ways[--n_ways]);
    data_set_free(&d);
    return ok && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
