/* SPDX-License-Identifier: MIT */
/* policies: when should a model be trained again? Runs every policy over the rows of a CSV file and prints what each reaches and
 * costs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

enum { EXIT_USAGE = 2, LEAST_ROWS = 100 };

static void main_help(FILE *f)
{
    fputs("usage: policies FILE --label COLUMN [--drop COLUMN,...]\n"
          "Serves the rows of a CSV file in their order, each predicted before its label is told, under every policy of "
          "retraining:\n"
          "trained once, every 1 % and 5 % of the stream, on drift, level 2 (rollout, earlier models are asked), or learning every "
          "row.\n"
          "For example: policies examples/data/weather.csv --label rain\n",
          f);
}

/* 0: not understood. */
static int main_options(int argc, char **argv, const char **file, const char **label, const char **drop)
{
    *file = *label = *drop = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--label") == 0 && i + 1 < argc)
            *label = argv[++i];
        else if (strcmp(argv[i], "--drop") == 0 && i + 1 < argc)
            *drop = argv[++i];
        else if (!*file && argv[i][0] != '-')
            *file = argv[i];
        else
            return 0;
    }
    return *file && *label;
}

/* 0 after a message. */
static int main_load(data_set *d, const char *file, const char *label, const char *drop)
{
    csv_error error;
    char *text;
    size_t len;
    FILE *f = fopen(file, "rb");
    int ok = f && csv_slurp(f, &text, &len);
    if (!ok)
        fprintf(stderr, "policies: %s: %s\n", file, strerror(errno));
    if (f)
        fclose(f);
    if (!ok)
        return 0;
    if (data_set_read(d, text, len, label, drop, &error) && d->n_rows >= LEAST_ROWS)
        return 1;
    if (d->n_rows > 0 && d->y)
        fprintf(stderr, "policies: %s: %zu rows with a label are too few; %d are the least\n", file, d->n_rows, LEAST_ROWS);
    else
        fprintf(stderr, "%s:%zu:%zu: %s\n", file, error.line, error.column, error.what);
    data_set_free(d);
    return 0;
}

static void main_print(const policy *p, const policy_result *r)
{
    const kedge_pipeline_report *n = &r->report;
    printf("%-20s %8.4f %9.0f %12.0f %10.0f %8.0f %7.0f %8.3f\n", p->name, r->accuracy, (double)n->n_trainings - 1.0,
           (double)r->trained_rows, (double)n->n_promotions - 1.0, (double)n->n_rejections, (double)n->n_recalls, r->seconds);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *file, *label, *drop;
    data_set d;
    int ok = 1;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        main_help(stdout);
        return EXIT_SUCCESS;
    }
    if (!main_options(argc, argv, &file, &label, &drop)) {
        main_help(stderr);
        return EXIT_USAGE;
    }
    if (!main_load(&d, file, label, drop))
        return EXIT_USAGE;
    printf("%s: %zu rows, %zu features, %zu classes of '%s'\n\n", file, d.n_rows, d.n_features, d.n_classes, label);
    printf("%-20s %8s %9s %12s %10s %8s %7s %8s\n", "policy", "accuracy", "trainings", "trained rows", "promotions", "refusals",
           "recalls",
           "seconds");
    for (size_t i = 0; i < policy_count && ok; i++) {
        policy_result result;
        ok = policy_run(&policy_list[i], &d, &result);
        if (ok)
            main_print(&policy_list[i], &result);
    }
    data_set_free(&d);
    return ok && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
