/* SPDX-License-Identifier: MIT */
/* What the parts of a battery share: the models are asked first, and what they answer for each row is kept as one number; all that
 * is judged comes from these. */
#ifndef KEDGE_BATTERY_BATTERY_RUN_H
#define KEDGE_BATTERY_BATTERY_RUN_H

#include "kedge/battery.h"

#include "metrics/score.h"

/* Whose answers, or answers to what. */
enum {
    BATTERY_MODEL,
    BATTERY_USUAL,
    BATTERY_LAST,
    BATTERY_NOISE,
    BATTERY_MISSING,
    BATTERY_CHAMPION, /* last: without one there is no room for it */
    BATTERY_SERIES
};

/* What the bootstrap tells besides the score and its five differences. */
enum { BATTERY_CALIBRATION = BATTERY_SERIES, BATTERY_VALUES };

/* Seeds, one for each use, so that no check changes another one's numbers. */
enum { BATTERY_SEED_BOOTSTRAP, BATTERY_SEED_NOISE, BATTERY_SEED_MISSING, BATTERY_SEED_HOSTILE, BATTERY_SEEDS };

/* Where things stand in the work memory, and what they are. */
typedef struct kedge_i_battery {
    const kedge_battery_config *cfg;
    const kedge_model *m;
    const kedge_model *champion; /* NULL: none */
    const kedge_rows *x;
    const double *y;
    const double *weight; /* NULL: all 1 */
    size_t n;
    uint32_t n_features;
    uint32_t n_classes;
    uint64_t seeds[BATTERY_SEEDS];
    double *scores;    /* [n_classes or 1], of one row */
    double *again;     /* likewise */
    double *row;       /* [n_features] */
    double *spread;    /* [n_features], deviation of each column */
    double *sums;      /* [n_bins] */
    void *baseline;    /* a state */
    double *term[BATTERY_SERIES]; /* [n] each: what a row adds to the score */
    double *predicted; /* [n], the model's */
    double *off;       /* [n]: 1 or 0, whether the top class is right, less its probability */
    uint32_t *bin;     /* [n]: of that probability */
    uint32_t *order;   /* [n]: rows, slice by slice */
    void *pairs;       /* the area: a score's room for ranks */
    void *scratch;     /* what one step needs, the bootstrap among them */
    int may_refuse;    /* 1: the model prepares its rows and refuses some, as service does: those break nothing */
    int32_t why[BATTERY_SERIES]; /* KEDGE_WHY_WITHIN: all answers are sound; else what the first one that is not is, or why there
                                  * are none */
    size_t slice_first; /* of the worst one, in `order` */
    size_t slice_end;   /* 0: there is none */
    kedge_battery_report *report; /* the caller's: nothing fails once it is begun */
} kedge_i_battery;

/* One row's weight. */
static inline double kedge_i_battery_weight(const kedge_i_battery *b, size_t i)
{
    return b->weight ? b->weight[i] : 1.0;
}

/* Ask a model for a row. KEDGE_WHY_WITHIN, or what is wrong with the answers; then *status is an error, if there was one. scores:
 * of classes; NULL: only the prediction is wanted. */
int32_t kedge_i_battery_ask(const kedge_model *m, const kedge_row *x, double *predicted, double *scores, kedge_status *status);

/* The whole battery, for one of which m, cfg, x, y, weight, champion, may_refuse and report are told. */
kedge_status kedge_i_battery_run(kedge_i_battery *b, void *work, size_t work_bytes);

/* Fill term[], why[] and what belongs to them. */
void kedge_i_battery_answers(kedge_i_battery *b);
void kedge_i_battery_disturb(kedge_i_battery *b);

/* The checks that need no scores. */
void kedge_i_battery_same(kedge_i_battery *b);
void kedge_i_battery_hostile(kedge_i_battery *b);
void kedge_i_battery_cost(kedge_i_battery *b);

/* The score of rows order[first] to order[end - 1], NULL: of rows first to end - 1, where row i counts times[i] times, NULL: once.
 * */
double kedge_i_battery_score(const kedge_i_battery *b, uint32_t series, const uint32_t *order, size_t first, size_t end,
                             const uint32_t *times);
/* Find the worst slice. */
void kedge_i_battery_slice(kedge_i_battery *b);
void kedge_i_battery_judge(kedge_i_battery *b);

/* Note what came of a check: by a reason alone, or a figure that is exact, at most the limit. */
void kedge_i_battery_note(kedge_i_battery *b, uint32_t i_check, int32_t verdict, int32_t why);
void kedge_i_battery_exact(kedge_i_battery *b, uint32_t i_check, double value, double limit);

/* Which side of the limit is right. */
enum { BATTERY_AT_LEAST, BATTERY_AT_MOST, BATTERY_MORE_THAN };

/* Hold a figure against a limit: all of its interval must be on one side. */
void kedge_i_battery_held(kedge_battery_check *c, const kedge_figure *figure, int side, double limit, int enough_rows);

/* The slice that row i belongs to; all rows in the order of their slices, those without a value last, in scratch for twice as many
 * pairs; and where the slice ends that begins at order[first]. For a configuration that names slices. */
double kedge_i_battery_key(const kedge_battery_config *cfg, const kedge_rows *x, size_t i);
void kedge_i_battery_by_slice(const kedge_battery_config *cfg, const kedge_rows *x, void *scratch, uint32_t *order);
size_t kedge_i_battery_slice_end(const kedge_battery_config *cfg, const kedge_rows *x, const uint32_t *order, size_t first);

/* A line of text on a check: what its figure is, its unit, and on which side of the limit it should be. */
struct kedge_i_text;
typedef struct kedge_i_battery_words {
    const char *what; /* with a space behind it, or empty, as the next */
    const char *unit; /* with one before it */
    int side;
} kedge_i_battery_words;
kedge_i_battery_words kedge_i_battery_words_of(uint32_t i_check, uint32_t score);
void kedge_i_battery_text_check(struct kedge_i_text *out, const char *name, const kedge_i_battery_words *words,
                                const kedge_battery_check *c);

/* A report of which nothing was judged. */
void kedge_i_battery_blank(kedge_battery_report *r, uint32_t score);

static inline int kedge_i_battery_wants(const kedge_i_battery *b, uint32_t i_check)
{
    return (b->cfg->checks >> i_check & 1u) != 0;
}

#endif
