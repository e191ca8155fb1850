/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <kedge.h>
#include <kedge/table.h>

#include <stdio.h>
#include <string.h>

#include "field.h"

static const struct {
    const char *name;
    uint32_t adjustment;
} options_adjustments[] = {
    {"benjamini_hochberg", KEDGE_ADJUST_BENJAMINI_HOCHBERG},
    {"benjamini_yekutieli", KEDGE_ADJUST_BENJAMINI_YEKUTIELI},
    {"bonferroni", KEDGE_ADJUST_BONFERRONI},
    {"holm", KEDGE_ADJUST_HOLM},
    {"none", KEDGE_ADJUST_NONE},
};

static int options_is_method(const kedge_shift_class *cls)
{
    return cls && (cls->kinds & KEDGE_KIND_NUMERIC) != 0;
}

static void options_print_methods(void)
{
    size_t width = 26;
    printf("  --method NAME         for numeric columns:");
    for (const kedge_shift_class *const *c = kedge_shift_classes(); *c; c++) {
        if (!options_is_method(*c))
            continue;
        if (width + strlen((*c)->name) + 1 > 100) {
            printf("\n                       ");
            width = 23;
        }
        printf(" %s%s", (*c)->name, strcmp((*c)->name, "ks") == 0 ? " (default)" : "");
        width += strlen((*c)->name) + 1;
    }
    putchar('\n');
}

void options_help(void)
{
    printf("usage: compare REFERENCE.csv CURRENT.csv [options]\n"
           "       compare DATA.csv --split SHARE|ROWS [options]\n"
           "       compare DATA.csv --by COLUMN=VALUE [options]\n"
           "\n"
           "Has the data drifted? Compares every column of two tables, says which have moved, how surely, how far, from what to "
           "what and\n"
           "since when, and missing values likewise. The current rows are taken to stand in the order of time.\n"
           "\n"
           "  --split SHARE|ROWS    the reference is so much of the file, from its start: 0.5 half of it, 1000 a thousand rows\n"
           "  --by COLUMN=VALUE     the reference is all before the first row with that value; the column itself is left out\n"
           "  --columns COLUMN,...  compare these only\n"
           "  --drop COLUMN,...     leave these out\n"
           "  --nominal COLUMN,...  take these as categories\n"
           "  --boolean COLUMN,...  take these as yes or no: 1 or 0, true or false\n"
           "                        else a column is boolean if it holds nothing but these, nominal if a field is no number, and\n"
           "                        numeric otherwise; an empty field, NA, N/A, NaN, null, ? and - are missing values\n"
           "  --alpha P             a column moved if its adjusted p-value is at most this, default 0.05\n"
           "  --adjust NAME         for the number of tests: benjamini_hochberg (default), benjamini_yekutieli, bonferroni, holm, "
           "none\n"
           "  --min-effect X        and if its effect is at least this, default 0; for missing values: the shares' difference\n");
    options_print_methods();
    printf("  --html FILE           write a report with the distributions of what moved\n"
           "  --json FILE           write all figures for other programs\n"
           "  --quiet               print the last line only: what was found\n"
           "  --help, --version\n"
           "\n"
           "The first line names the columns; comma, semicolon or tab is detected; - is standard input.\n"
           "Exit code 0: nothing moved, 1: a column moved, 2: wrong usage, 3: a table that cannot be read or has not what the "
           "options\n"
           "name, or a report that cannot be written.\n"
           "kedge %s, MIT\n",
           kedge_version());
}

static int options_fail(const char *what, const char *value)
{
    fprintf(stderr, "compare: %s%s%s\nTry 'compare --help'.\n", what, value ? ": " : "", value ? value : "");
    return 0;
}

static int options_adjust(options *o, const char *value)
{
    for (size_t i = 0; i < sizeof options_adjustments / sizeof *options_adjustments; i++) {
        if (strcmp(value, options_adjustments[i].name) != 0)
            continue;
        o->adjust = options_adjustments[i].name;
        o->adjustment = options_adjustments[i].adjustment;
        return 1;
    }
    return options_fail("no such adjustment", value);
}

static int options_split(options *o, const char *value)
{
    double x;
    o->split = value;
    if (!field_number(value, &x) || !(x > 0.0 && (x < 1.0 || (x <= 4294967295.0 && x == (double)(uint32_t)x))))
        return options_fail("--split is a share above 0 and below 1, or a number of rows, not", value);
    o->split_at = x;
    return 1;
}

static int options_numbers(options *o, const char *name, const char *value)
{
    double x;
    if (!field_number(value, &x))
        return options_fail(name, "a number is due");
    if (strcmp(name, "--alpha") == 0) {
        o->alpha = x;
        return (x > 0.0 && x < 1.0) || options_fail("--alpha is above 0 and below 1, not", value);
    }
    o->min_effect = x;
    return (x >= 0.0 && x <= 1e100) || options_fail("--min-effect is 0 or more, not", value);
}

static int options_by(options *o, const char *value)
{
    o->by = value;
    return (strchr(value, '=') != NULL && value[0] != '=') || options_fail("--by is COLUMN=VALUE, not", value);
}

/* An option that has a value. */
static int options_value(options *o, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **text;
    } texts[] = {{"--columns", &o->columns}, {"--drop", &o->drop}, {"--nominal", &o->nominal},
                 {"--boolean", &o->boolean}, {"--html", &o->html}, {"--json", &o->json}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].text = value;
            return 1;
        }
    }
    if (strcmp(name, "--split") == 0)
        return options_split(o, value);
    if (strcmp(name, "--by") == 0)
        return options_by(o, value);
    if (strcmp(name, "--adjust") == 0)
        return options_adjust(o, value);
    if (strcmp(name, "--alpha") == 0 || strcmp(name, "--min-effect") == 0)
        return options_numbers(o, name, value);
    if (strcmp(name, "--method") == 0) {
        o->method = value;
        return options_is_method(kedge_shift_find(value)) || options_fail("no such method for numeric columns", value);
    }
    return options_fail("unknown option", name);
}

/* What to compare with what. */
static int options_check(const options *o)
{
    int ways = (o->current != NULL) + (o->split != NULL) + (o->by != NULL);
    if (o->help || o->version)
        return 1;
    if (!o->reference)
        return options_fail("name a CSV file with the reference and one with the current data", NULL);
    if (ways == 0)
        return options_fail("name a second CSV file, or split the one with --split or --by", NULL);
    if (ways > 1)
        return options_fail("a second file, --split and --by exclude each other", NULL);
    if (o->current && strcmp(o->reference, "-") == 0 && strcmp(o->current, "-") == 0)
        return options_fail("only one of the files can be standard input", NULL);
    return 1;
}

/* A word that stands alone. 0: there is no room for one more. */
static int options_file(options *o, const char *word)
{
    if (o->current)
        return options_fail("more than two files", word);
    *(o->reference ? &o->current : &o->reference) = word;
    return 1;
}

/* 1: a switch, 0: no such one. */
static int options_switch(options *o, const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return o->help = 1;
    if (strcmp(word, "--version") == 0)
        return o->version = 1;
    if (strcmp(word, "--quiet") == 0)
        return o->quiet = 1;
    return 0;
}

int options_read(options *o, int argc, char **argv)
{
    const options defaults = {
        .adjust = "benjamini_hochberg", .adjustment = KEDGE_ADJUST_BENJAMINI_HOCHBERG, .method = "ks", .alpha = 0.05};
    *o = defaults;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (options_switch(o, word))
            continue;
        if (word[0] != '-' || word[1] == '\0') {
            if (!options_file(o, word))
                return 0;
        } else if (i + 1 == argc)
            return options_fail("a value is due behind", word);
        else if (!options_value(o, word, argv[++i]))
            return 0;
    }
    return options_check(o);
}

const char *options_file_name(const char *file)
{
    return strcmp(file, "-") == 0 ? "stdin" : file;
}
