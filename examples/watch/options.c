/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <kedge.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "models.h"

void options_help(void)
{
    printf("usage: watch FILE|- --label COLUMN [options]\n"
           "\n"
           "Predicts the label of every row of a CSV stream, test then train, in three ways: with a model that is trained once "
           "(static),\n"
           "retrained when a drift detector says that its error has risen (retrain), and learning from every row (online).\n"
           "Prints the alarms as they happen and, at the end, how good, how fast and how large each way was.\n"
           "\n"
           "  --label COLUMN        what to predict: numbers or texts, 2 to 100 classes\n"
           "  --drop COLUMN,...     columns to leave out\n"
           "  --model NAME          logistic, gaussian_nb%s; default: what serves each way best\n"
           "  --detector NAME       adwin (default), page_hinkley or ddm\n"
           "  --policy NAME         all (default), static, retrain or online\n"
           "  --train SHARE         share of the rows to train on before serving, default 0.2\n"
           "  --window ROWS         newest rows to retrain on at most, default a fifth of the stream\n"
           "  --select NAME         which of them: change (default), those since the estimated change; window, all\n"
           "  --html FILE           write a report with plots\n"
           "  --json FILE           write all figures, alarms and curves for other programs\n"
           "  --quiet               no alarms, the table only\n"
           "  --help                this text\n"
           "\n"
           "The first line names the columns; comma, semicolon or tab is detected. Exit code 2: bad input or usage.\n"
           "kedge %s, %s\n",
           models_have_gsl() ? ", logistic_irls (static and retrain)" : "", kedge_version(), models_license());
}

static int options_fail(const char *what, const char *value)
{
    fprintf(stderr, "watch: %s%s%s\nTry 'watch --help'.\n", what, value ? ": " : "", value ? value : "");
    return 0;
}

/* Is the value one of the words, separated by spaces? */
static int options_is_one_of(const char *value, const char *words)
{
    size_t n = strlen(value);
    for (const char *at = words; n > 0 && *at; at += strcspn(at, " ") + (at[strcspn(at, " ")] == ' '))
        if (strcspn(at, " ") == n && memcmp(at, value, n) == 0)
            return 1;
    return 0;
}

static int options_policy(options *o, const char *value)
{
    static const struct {
        const char *name;
        unsigned ways;
    } policies[] = {{"all", WATCH_ALL}, {"static", WATCH_STATIC}, {"retrain", WATCH_RETRAIN}, {"online", WATCH_ONLINE}};
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        if (strcmp(value, policies[i].name) != 0)
            continue;
        o->ways = policies[i].ways;
        return 1;
    }
    return options_fail("--policy is all, static, retrain or online, not", value);
}

static int options_model(options *o, const char *value)
{
    o->model = value;
    if (strcmp(value, "logistic_irls") == 0 && !models_have_gsl())
        return options_fail("built without GSL, which this model needs", value);
    return options_is_one_of(value, "logistic gaussian_nb logistic_irls") || options_fail("no such model", value);
}

static int options_numbers(options *o, const char *name, const char *value)
{
    double x;
    if (!field_number(value, &x))
        return options_fail(name, "a number is due");
    if (strcmp(name, "--train") == 0) {
        o->train = x;
        return (x > 0.0 && x < 1.0) || options_fail("--train is a share above 0 and below 1, not", value);
    }
    if (!(x >= 20.0 && x <= 16777216.0))
        return options_fail("--window is 20 to 16777216 rows, not", value);
    o->window = (size_t)x;
    return 1;
}

/* An option that has a value. */
static int options_value(options *o, const char *name, const char *value)
{
    if (strcmp(name, "--label") == 0)
        o->label = value;
    else if (strcmp(name, "--drop") == 0)
        o->drop = value;
    else if (strcmp(name, "--html") == 0)
        o->html = value;
    else if (strcmp(name, "--json") == 0)
        o->json = value;
    else if (strcmp(name, "--policy") == 0)
        return options_policy(o, value);
    else if (strcmp(name, "--model") == 0)
        return options_model(o, value);
    else if (strcmp(name, "--train") == 0 || strcmp(name, "--window") == 0)
        return options_numbers(o, name, value);
    else if (strcmp(name, "--detector") == 0) {
        o->detector = value;
        return kedge_detector_find(value) != NULL || options_fail("no such detector", value);
    } else if (strcmp(name, "--select") == 0) {
        o->select = value;
        return options_is_one_of(value, "window change") || options_fail("--select is window or change, not", value);
    } else
        return options_fail("unknown option", name);
    return 1;
}

int options_read(options *o, int argc, char **argv)
{
    const options defaults = {.detector = "adwin", .select = "change", .train = 0.2, .ways = WATCH_ALL};
    *o = defaults;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
            o->help = 1;
        else if (strcmp(word, "--quiet") == 0)
            o->quiet = 1;
        else if (word[0] == '-' && word[1] != '\0') {
            if (i + 1 == argc)
                return options_fail("a value is due behind", word);
            if (!options_value(o, word, argv[++i]))
                return 0;
        } else if (o->file)
            return options_fail("more than one file", word);
        else
            o->file = word;
    }
    if (o->help)
        return 1;
    if (!o->file)
        return options_fail("name a CSV file, or - for standard input", NULL);
    return o->label || options_fail("name the column to predict with --label", NULL);
}
