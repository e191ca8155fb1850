/* SPDX-License-Identifier: MIT */
/* Splits of a table into rows to train on and rows to test. Folds of neighbours and of time are ranges that a formula gives; all
 * others need each row's fold. Sizes, order and strata are those of scikit-learn's KFold, StratifiedKFold and TimeSeriesSplit. */
#include "base/fp.h"

#include <math.h>

#include "select/split.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/config.h"
#include "base/number.h"
#include "base/object.h"
#include "base/shuffle.h"

#define SPLIT_ROWS_MAX (UINT32_MAX - 1u)
#define SPLIT_UNSEEN   UINT32_MAX

kedge_status kedge_split_config_init(kedge_split_config *cfg, size_t cfg_bytes)
{
    KEDGE_TRY(kedge_i_config_begin(cfg, cfg_bytes, sizeof *cfg));
    cfg->config_bytes = sizeof *cfg;
    cfg->kind = KEDGE_SPLIT_K_FOLD;
    cfg->n_folds = 5;
    cfg->test_share = 0.25;
    cfg->seed = 1;
    cfg->train_rows = KEDGE_SPLIT_WHOLE;
    cfg->test_rows = KEDGE_SPLIT_WHOLE;
    return KEDGE_OK;
}

static int split_is_valid(const kedge_split_config *cfg)
{
    return cfg->config_bytes == sizeof *cfg && kedge_i_u32_within(cfg->kind, KEDGE_SPLIT_HOLD_OUT, KEDGE_SPLIT_FORWARD) &&
           (cfg->n_folds >= 2 || cfg->kind == KEDGE_SPLIT_HOLD_OUT) && cfg->shuffle <= (cfg->kind != KEDGE_SPLIT_FORWARD) &&
           cfg->test_share > 0.0 && cfg->test_share < 1.0 && cfg->train_rows >= 1 && cfg->test_rows >= 1;
}

static int split_needs_folds(const kedge_split_config *cfg)
{
    return cfg->shuffle == 1 || cfg->kind == KEDGE_SPLIT_STRATIFIED;
}

int kedge_i_split_trains_on_ranges(const kedge_split_config *cfg)
{
    return !split_needs_folds(cfg) && cfg->kind != KEDGE_SPLIT_K_FOLD;
}

static kedge_status split_plan_hold_out(const kedge_split_config *cfg, kedge_split *s)
{
    double n_test = ceil(cfg->test_share * (double)(int64_t)s->n_rows);
    s->n_folds = 1;
    s->test_rows = (uint64_t)n_test;
    return s->test_rows >= 1 && s->test_rows < s->n_rows ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

static kedge_status split_plan_forward(const kedge_split_config *cfg, kedge_split *s)
{
    s->gap = cfg->gap;
    s->train_rows = cfg->train_rows;
    s->test_rows = cfg->test_rows == KEDGE_SPLIT_WHOLE ? s->n_rows / ((uint64_t)s->n_folds + 1) : cfg->test_rows;
    if (s->test_rows < 1 || s->test_rows > s->n_rows / s->n_folds)
        return KEDGE_ERR_SHAPE;
    return s->gap < s->n_rows - s->test_rows * s->n_folds ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

kedge_status kedge_i_split_plan(const kedge_split_config *cfg, size_t n_rows, kedge_split *s)
{
    kedge_split plan = {.n_rows = n_rows, .kind = cfg->kind, .n_folds = cfg->n_folds};
    if (!split_is_valid(cfg))
        return KEDGE_ERR_CONFIG;
    if (n_rows > SPLIT_ROWS_MAX)
        return KEDGE_ERR_SHAPE;
    if (cfg->kind == KEDGE_SPLIT_HOLD_OUT)
        KEDGE_TRY(split_plan_hold_out(cfg, &plan));
    else if (cfg->kind == KEDGE_SPLIT_FORWARD)
        KEDGE_TRY(split_plan_forward(cfg, &plan));
    else if (cfg->n_folds > n_rows)
        return KEDGE_ERR_SHAPE;
    *s = plan;
    return KEDGE_OK;
}

size_t kedge_split_size(const kedge_split_config *cfg, size_t n_rows, uint32_t n_classes)
{
    kedge_split s;
    if (!cfg || kedge_i_split_plan(cfg, n_rows, &s) < 0)
        return 0;
    if (!split_needs_folds(cfg))
        return KEDGE_ALIGN;
    int by_class = cfg->kind == KEDGE_SPLIT_STRATIFIED;
    if (by_class && !kedge_i_u32_within(n_classes, 1, KEDGE_CLASSES_MAX))
        return 0;
    uint64_t bytes = kedge_i_round_up((uint64_t)n_rows * sizeof(uint32_t) * (by_class && cfg->shuffle == 1 ? 2 : 1)) +
                     (by_class ? 4 * sizeof(uint32_t) * (uint64_t)n_classes : 0);
    return bytes <= SIZE_MAX ? (size_t)bytes : 0;
}

/* Folds of neighbours -------------------------------------------------------------------------------------------------------- */

/* The first n mod k of k folds have one row more. */
static uint64_t split_fold_begin(const kedge_split *s, uint32_t i_fold)
{
    uint64_t more = s->n_rows % s->n_folds;
    return i_fold * (s->n_rows / s->n_folds) + (i_fold < more ? i_fold : more);
}

/* First row that a fold tests, where parts are ranges. */
static uint64_t split_test_first(const kedge_split *s, uint32_t i_fold)
{
    if (s->kind == KEDGE_SPLIT_FORWARD)
        return s->n_rows - s->test_rows * (s->n_folds - i_fold);
    return s->kind == KEDGE_SPLIT_HOLD_OUT ? s->n_rows - s->test_rows : split_fold_begin(s, i_fold);
}

uint64_t kedge_i_split_n_test(const kedge_split *s, uint32_t i_fold)
{
    if (s->kind == KEDGE_SPLIT_FORWARD || s->kind == KEDGE_SPLIT_HOLD_OUT)
        return s->test_rows;
    return s->n_rows / s->n_folds + (i_fold < s->n_rows % s->n_folds);
}

uint64_t kedge_i_split_n_train(const kedge_split *s, uint32_t i_fold)
{
    if (s->kind != KEDGE_SPLIT_FORWARD)
        return s->n_rows - kedge_i_split_n_test(s, i_fold);
    uint64_t before = split_test_first(s, i_fold) - s->gap;
    return before < s->train_rows ? before : s->train_rows;
}

static uint64_t split_train_first(const kedge_split *s, uint32_t i_fold)
{
    if (s->kind == KEDGE_SPLIT_FORWARD)
        return split_test_first(s, i_fold) - s->gap - kedge_i_split_n_train(s, i_fold);
    return s->kind == KEDGE_SPLIT_K_FOLD && i_fold == 0 ? kedge_i_split_n_test(s, 0) : 0;
}

/* The fold of each row, where they are neighbours. */
static void split_deal(const kedge_split *s, uint32_t *fold)
{
    uint32_t i_fold = 0;
    for (uint64_t i = 0; i < s->n_rows; i++) {
        if (s->kind == KEDGE_SPLIT_HOLD_OUT)
            i_fold = i < split_test_first(s, 0);
        else if (i == split_fold_begin(s, i_fold + 1))
            i_fold++;
        fold[i] = i_fold;
    }
}

/* Strata --------------------------------------------------------------------------------------------------------------------- */

typedef struct split_class {
    uint32_t n;     /* rows */
    uint32_t first; /* place of its first row, were the rows sorted by class, classes in the order in which they come */
    uint32_t fold;  /* the fold that its next rows go to */
    uint32_t left;  /* how many of them; SPLIT_UNSEEN: not begun */
} split_class;

/* Rows of a class that a fold tests: of its places those that are the fold's number modulo the folds. */
static uint32_t split_quota(const kedge_split *s, const split_class *c, uint32_t i_fold)
{
    uint32_t past = (uint32_t)(((uint64_t)i_fold + s->n_folds - c->first % s->n_folds) % s->n_folds);
    return c->n / s->n_folds + (past < c->n % s->n_folds);
}

static uint32_t split_next_of_class(const kedge_split *s, split_class *c, uint32_t *n_begun)
{
    if (c->left == SPLIT_UNSEEN) {
        c->first = *n_begun;
        *n_begun += c->n;
        c->left = split_quota(s, c, 0);
    }
    while (c->left == 0)
        c->left = split_quota(s, c, ++c->fold);
    c->left--;
    return c->fold;
}

static kedge_status split_count_classes(const kedge_split *s, const double *y, uint32_t n_classes, split_class *classes)
{
    uint32_t most = 0;
    for (uint32_t c = 0; c < n_classes; c++)
        classes[c] = (split_class){0, 0, 0, SPLIT_UNSEEN};
    for (uint64_t i = 0; i < s->n_rows; i++) {
        if (!kedge_i_within(y[i], 0.0, (double)n_classes - 1.0) || y[i] != (double)(uint32_t)y[i])
            return kedge_i_refusal(y[i]);
        uint32_t n = ++classes[(uint32_t)y[i]].n;
        most = n > most ? n : most;
    }
    return most >= s->n_folds ? KEDGE_OK : KEDGE_ERR_SHAPE;
}

static kedge_status split_deal_by_class(const kedge_split *s, const double *y, uint32_t n_classes, const uint32_t *order,
                                        split_class *classes, uint32_t *fold)
{
    uint32_t n_begun = 0;
    KEDGE_TRY(split_count_classes(s, y, n_classes, classes));
    for (uint64_t i = 0; i < s->n_rows; i++) {
        uint64_t row = order ? order[i] : i;
        fold[row] = split_next_of_class(s, &classes[(uint32_t)y[row]], &n_begun);
    }
    return KEDGE_OK;
}

/* Splits --------------------------------------------------------------------------------------------------------------------- */

static kedge_status split_fill(const kedge_split_config *cfg, const kedge_split *s, const double *y, uint32_t n_classes, void *mem)
{
    uint32_t *fold = mem;
    size_t n = (size_t)s->n_rows;
    kedge_rng rng = {cfg->seed};
    if (cfg->kind != KEDGE_SPLIT_STRATIFIED) {
        split_deal(s, fold);
        kedge_i_shuffle(fold, n, &rng);
        return KEDGE_OK;
    }
    uint32_t *order = cfg->shuffle == 1 ? fold + n : NULL;
    size_t at = (size_t)kedge_i_round_up((order ? 2 : 1) * (uint64_t)n * sizeof(uint32_t));
    if (order) {
        kedge_i_count_up(order, n);
        kedge_i_shuffle(order, n, &rng);
    }
    return split_deal_by_class(s, y, n_classes, order, (split_class *)(void *)((unsigned char *)mem + at), fold);
}

kedge_status kedge_split_init(kedge_split *s, const kedge_split_config *cfg, size_t n_rows, const double *y, uint32_t n_classes,
                              void *mem, size_t mem_bytes)
{
    kedge_split plan;
    if (!s || !cfg || !mem || (!y && cfg->kind == KEDGE_SPLIT_STRATIFIED))
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_split_plan(cfg, n_rows, &plan));
    size_t need = kedge_split_size(cfg, n_rows, n_classes);
    if (need == 0)
        return KEDGE_ERR_RANGE;
    KEDGE_TRY(kedge_i_object_room(need, mem, mem_bytes));
    if (split_needs_folds(cfg)) {
        KEDGE_TRY(split_fill(cfg, &plan, y, n_classes, mem));
        plan.fold = mem;
    }
    *s = plan;
    return KEDGE_OK;
}

int32_t kedge_split_side(const kedge_split *s, uint32_t i_fold, size_t i_row)
{
    if (!s || i_fold >= s->n_folds || i_row >= s->n_rows)
        return KEDGE_SIDE_NONE;
    if (s->fold)
        return s->fold[i_row] == i_fold ? KEDGE_SIDE_TEST : KEDGE_SIDE_TRAIN;
    uint64_t first = split_test_first(s, i_fold);
    if (i_row >= first && i_row - first < kedge_i_split_n_test(s, i_fold))
        return KEDGE_SIDE_TEST;
    if (s->kind != KEDGE_SPLIT_FORWARD)
        return KEDGE_SIDE_TRAIN;
    uint64_t train = split_train_first(s, i_fold);
    return i_row >= train && i_row - train < kedge_i_split_n_train(s, i_fold) ? KEDGE_SIDE_TRAIN : KEDGE_SIDE_NONE;
}

/* First and last row of a side, and how many. */
static void split_extent(const kedge_split *s, uint32_t i_fold, int32_t side, uint64_t *n, uint64_t *first, int32_t *range)
{
    uint64_t last = 0;
    uint64_t count = 0;
    *first = 0;
    for (uint64_t i = 0; i < s->n_rows; i++) {
        if (kedge_split_side(s, i_fold, (size_t)i) != side)
            continue;
        if (count++ == 0)
            *first = i;
        last = i;
    }
    *n = count;
    *range = count > 0 && last - *first + 1 == count;
}

kedge_status kedge_split_get(const kedge_split *s, uint32_t i_fold, kedge_split_part *out)
{
    kedge_split_part part;
    if (!s || !out)
        return KEDGE_ERR_NULL;
    if (i_fold >= s->n_folds)
        return KEDGE_ERR_RANGE;
    if (s->fold) {
        split_extent(s, i_fold, KEDGE_SIDE_TRAIN, &part.n_train, &part.train_first, &part.train_range);
        split_extent(s, i_fold, KEDGE_SIDE_TEST, &part.n_test, &part.test_first, &part.test_range);
    } else {
        part.n_train = kedge_i_split_n_train(s, i_fold);
        part.n_test = kedge_i_split_n_test(s, i_fold);
        part.train_first = split_train_first(s, i_fold);
        part.test_first = split_test_first(s, i_fold);
        part.train_range = s->kind != KEDGE_SPLIT_K_FOLD || i_fold == 0 || i_fold == s->n_folds - 1;
        part.test_range = 1;
    }
    *out = part;
    return KEDGE_OK;
}

kedge_status kedge_split_rows(const kedge_split *s, uint32_t i_fold, int32_t side, uint32_t *rows, size_t cap, size_t *n)
{
    if (!s || !n || (!rows && cap > 0))
        return KEDGE_ERR_NULL;
    if (i_fold >= s->n_folds || (side != KEDGE_SIDE_TRAIN && side != KEDGE_SIDE_TEST))
        return KEDGE_ERR_RANGE;
    size_t count = 0;
    for (size_t i = 0; i < s->n_rows; i++) {
        if (kedge_split_side(s, i_fold, i) != side)
            continue;
        if (count < cap)
            rows[count] = (uint32_t)i;
        count++;
    }
    *n = count;
    return count <= cap ? KEDGE_OK : KEDGE_ERR_BUFFER;
}
