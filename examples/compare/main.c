/* SPDX-License-Identifier: MIT */
/* compare: has my data drifted, which columns, since when, from what to what? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drift.h"
#include "frame.h"
#include "options.h"
#include "report_html.h"
#include "report_json.h"
#include "table.h"

enum { EXIT_MOVED = 1, EXIT_USAGE = 2, EXIT_INPUT = 3 };

static int main_slurp(const char *file, char **text, size_t *len)
{
    int is_stdin = strcmp(file, "-") == 0;
    FILE *f = is_stdin ? stdin : fopen(file, "rb");
    int ok = f && csv_slurp(f, text, len);
    if (!ok)
        fprintf(stderr, "compare: %s: %s\n", options_file_name(file), strerror(errno));
    if (f && !is_stdin)
        fclose(f);
    return ok;
}

/* 0: it cannot; a message went to standard error. */
static int main_load(frame *f, const options *o)
{
    const char *files[FRAME_TEXTS] = {o->reference, o->current};
    char *texts[FRAME_TEXTS] = {NULL, NULL};
    size_t lens[FRAME_TEXTS];
    size_t at = 0;
    size_t n = o->current ? 2 : 1;
    csv_error error;
    for (size_t i = 0; i < n; i++) {
        if (main_slurp(files[i], &texts[i], &lens[i]))
            continue;
        free(texts[0]);
        return 0;
    }
    if (frame_read(f, texts, lens, n, o, &error, &at))
        return 1;
    if (error.line > 0)
        fprintf(stderr, "%s:%zu:%zu: %s\n", options_file_name(files[at]), error.line, error.column, error.what);
    else
        fprintf(stderr, "compare: %s: %s\n", options_file_name(files[at]), error.what);
    frame_free(f);
    return 0;
}

static void main_introduce(const frame *f, const options *o)
{
    printf("%s", options_file_name(o->reference));
    if (o->current)
        printf(" (%zu rows) against %s (%zu rows)", f->n_reference, options_file_name(o->current), f->n_rows - f->n_reference);
    else
        printf(": rows 1 to %zu against rows %zu to %zu", f->n_reference, f->n_reference + 1, f->n_rows);
    printf(", %zu columns, numeric ones by %s\n", f->n_columns, o->method);
}

static void main_print(const drift *d, const frame *f, const options *o)
{
    char text[TABLE_WORDS];
    if (!o->quiet) {
        main_introduce(f, o);
        table_print(d, f);
        for (size_t j = 0; j < f->n_columns; j++)
            for (size_t i = 0; table_note(d, f, j, i, text); i++)
                puts(text);
    }
    table_conclude(d, f, o, text);
    puts(text);
}

/* Returns the exit code. */
static int main_compare(const frame *f, const options *o)
{
    drift d;
    int ok = drift_run(&d, f, o);
    if (ok)
        main_print(&d, f, o);
    if (ok && o->html)
        ok = report_html_write(o->html, &d, f, o);
    if (ok && o->json)
        ok = report_json_write(o->json, &d, f, o);
    int moved = ok && d.report.n_moved > 0;
    drift_free(&d);
    if (!ok || fflush(stdout) != 0)
        return EXIT_INPUT;
    return moved ? EXIT_MOVED : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    options o;
    frame f;
    if (!options_read(&o, argc, argv))
        return EXIT_USAGE;
    if (o.help)
        options_help();
    else if (o.version)
        printf("compare, kedge %s\n", kedge_version());
    if (o.help || o.version)
        return EXIT_SUCCESS;
    if (!main_load(&f, &o))
        return EXIT_INPUT;
    int code = main_compare(&f, &o);
    frame_free(&f);
    return code;
}
