/* SPDX-License-Identifier: MIT */
/* Nearest neighbours with self-adjusting memory: Losing, Hammer, Wersing 2016, "KNN classifier with self adjusting memory for
 * heterogeneous concept drift", ICDM, section IV; how rows move when room is short is that of the authors' code and MOA's.
 *
 * One table holds both memories: slots 0 .. n_long - 1 the long-term one, the rest the short-term one, oldest first. So the oldest
 * rows of the short-term memory become long-term ones by moving the border, and the combined memory is the table.
 *
 * Cost of learning, in distances: n_held for a row; levels in full, see sam_levels.c. Where the memory shrinks from m to n rows:
 * m n, and as m - n >= m / 2 rows came since it was that small, at most m for each of them. Where n rows are condensed: n^2, for
 * which as a rule n / 2 rows come first. */
#include "base/fp.h"

#include <string.h>

#include "models/sam_state.h"

#include "base/number.h"

static const kedge_field sam_fields[] = {
    NEAR_PARAMS(sam_state),
    KEDGE_PARAM(sam_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(sam_state, long_share, KEDGE_TYPE_F64),
    KEDGE_PARAM(sam_state, min_short, KEDGE_TYPE_U32),
    NEAR_VALUES(sam_state),
    KEDGE_VALUE(sam_state, rng.state, KEDGE_TYPE_U64),
    KEDGE_VALUE(sam_state, n_long, KEDGE_TYPE_U32),
    KEDGE_VALUES(sam_state, wrong, SAM_LEVELS, KEDGE_TYPE_U32),
    KEDGE_VALUES(sam_state, age, SAM_LEVELS, KEDGE_TYPE_U32),
    KEDGE_VALUES(sam_state, right, 3, KEDGE_TYPE_U32),
    NEAR_ARRAYS(sam_state),
    KEDGE_ARRAY(sam_state, at_marks, near.window, KEDGE_TYPE_U32),
};

static void sam_defaults(void *config)
{
    kedge_sam_knn_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_sam_knn;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->seed = 1;
    cfg->k = 5;
    cfg->window = 1000;
    cfg->min_short = 50;
    cfg->distance = KEDGE_KNN_EUCLIDEAN;
    cfg->weights = KEDGE_KNN_INVERSE;
    cfg->scale = KEDGE_KNN_STANDARD;
    cfg->long_share = 0.4;
}

kedge_status kedge_sam_knn_config_init(kedge_sam_knn_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_sam_knn.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
    }
    return st;
}

static void sam_configure(const void *config, void *fixed)
{
    const kedge_sam_knn_config *cfg = config;
    sam_state *s = fixed;
    s->near.model.n_features = cfg->base.n_features;
    s->near.model.n_classes = cfg->base.n_classes;
    s->near.k = cfg->k;
    s->near.window = cfg->window;
    s->near.distance = cfg->distance;
    s->near.weights = cfg->weights;
    s->near.scale = cfg->scale;
    s->seed = cfg->seed;
    s->min_short = cfg->min_short;
    s->long_share = cfg->long_share;
}

static int sam_valid(const void *fixed)
{
    const sam_state *s = fixed;
    return kedge_i_near_valid(&s->near) && s->near.model.n_classes > 0 && kedge_i_within(s->long_share, 0.1, 0.9) &&
           kedge_i_u32_within(s->min_short, s->near.k + 1, s->near.window / 4);
}

static size_t sam_layout(void *fixed)
{
    sam_state *s = fixed;
    uint32_t n = s->near.window;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_near_layout(&s->near, &arena, n / 2);
    s->at_marks = kedge_i_arena_take(&arena, n, sizeof(uint32_t));
    s->at_lists = kedge_i_arena_take(&arena, SAM_LISTS, sizeof(near_list));
    s->at_distances = kedge_i_arena_take(&arena, n, sizeof(double));
    s->at_centres = kedge_i_arena_take(&arena, n, sizeof(uint32_t));
    s->at_sizes = kedge_i_arena_take(&arena, n, sizeof(uint32_t));
    return kedge_i_arena_end(&arena);
}

static void sam_start(void *state)
{
    sam_state *s = state;
    kedge_i_near_start(&s->near);
    s->rng.state = s->seed;
}

/* Does the count of a mark agree with the marks, which are only where it may be? */
static int sam_mark_is_sound(const sam_state *s, uint32_t bit, uint32_t from, uint32_t count)
{
    const uint32_t *marks = kedge_i_at_const(s, s->at_marks);
    for (uint32_t slot = 0; slot < s->near.window; slot++) {
        uint32_t is_set = marks[slot] >> bit & 1;
        if (is_set && (slot < from || slot >= s->near.n_held))
            return 0;
        count -= is_set;
    }
    return count == 0;
}

static int sam_check(const void *state)
{
    const sam_state *s = state;
    if (!sam_valid(s) || !kedge_i_near_check(&s->near) || s->n_long > s->near.n_held ||
        (s->near.n_held > 0 && s->n_long == s->near.n_held))
        return 0;
    for (uint32_t level = 0; level < SAM_LEVELS; level++)
        if (!sam_mark_is_sound(s, level, sam_tried_at(s, level, sam_n_short(s), s->near.n_held), s->wrong[level]))
            return 0;
    for (uint32_t bit = SAM_LEVELS; bit < 32; bit++)
        if (!sam_mark_is_sound(s, bit, s->n_long, bit >= SAM_SHORT ? s->right[bit - SAM_SHORT] : 0))
            return 0;
    return 1;
}

/* Which memory answers --------------------------------------------------------------------------------------------------------- */

static int sam_best(const sam_state *s)
{
    const uint32_t *right = s->right;
    if (s->n_long == 0 || (right[0] >= right[1] && right[0] >= right[2]))
        return SAM_LIST_SHORT;
    return right[1] >= right[2] ? SAM_LIST_LONG : SAM_LIST_BOTH;
}

static void sam_ask(const sam_state *s, const kedge_row *x, near_list *list)
{
    near_query query;
    int which = sam_best(s);
    kedge_i_near_ask(&s->near, &query, x);
    kedge_i_near_begin(list, s->near.k);
    kedge_i_near_scan(&s->near, &query, which == SAM_LIST_SHORT ? s->n_long : 0,
                      which == SAM_LIST_LONG ? s->n_long : s->near.n_held, list);
}

static kedge_status sam_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const sam_state *s = state;
    near_list list;
    (void)cls;
    *y = 0.0;
    if (s->near.n_held == 0)
        return KEDGE_EMPTY;
    sam_ask(s, x, &list);
    *y = kedge_i_near_class(&s->near, &list);
    return KEDGE_OK;
}

static kedge_status sam_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    const sam_state *s = state;
    near_list list;
    uint32_t n = s->near.model.n_classes;
    (void)cls;
    for (uint32_t c = 0; s->near.n_held == 0 && c < n; c++)
        scores[c] = 1.0 / n;
    if (s->near.n_held == 0)
        return KEDGE_EMPTY;
    sam_ask(s, x, &list);
    kedge_i_near_scores(&s->near, &list, scores);
    return KEDGE_OK;
}

/* Rows out --------------------------------------------------------------------------------------------------------------------- */

/* The rows at to .. from - 1 go, and all behind move down. Deviations follow with the next settling. */
static void sam_close(sam_state *s, uint32_t to, uint32_t from)
{
    uint32_t *marks = sam_marks(s);
    uint32_t end = s->near.n_held - (from - to);
    for (uint32_t slot = to; slot < from; slot++)
        kedge_i_near_drop(&s->near, slot);
    for (uint32_t slot = to; from > to && slot < end; slot++) {
        kedge_i_near_move(&s->near, slot + (from - to), slot);
        marks[slot] = marks[slot + (from - to)];
    }
    for (uint32_t slot = end; slot < s->near.n_held; slot++) {
        kedge_i_near_clear(&s->near, slot);
        marks[slot] = 0;
    }
    s->near.n_held = end;
}

/* The latest slot in the list below `below` whose row contradicts a row of class y this near; UINT32_MAX: none. */
static uint32_t sam_next_contrary(const sam_state *s, const near_list *list, double y, double reach, uint32_t below)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < list->n && list->distance[i] <= reach; i++)
        if (list->slot[i] < below && (found == UINT32_MAX || list->slot[i] > found) && near_targets(&s->near)[list->slot[i]] != y)
            found = list->slot[i];
    return found;
}

/* Paper, section IV-B: of the rows in `list`, which are of the slots up to `end`, those of other classes than y go, if they are
 * as near as the farthest neighbour of class y in `own`. One that goes changes places with the last; returns the new end. */
static uint32_t sam_clean(sam_state *s, const near_list *own, const near_list *list, double y, uint32_t end)
{
    double reach = -1.0;
    for (uint32_t i = 0; i < own->n; i++)
        reach = near_targets(&s->near)[own->slot[i]] == y ? own->distance[i] : reach;
    uint32_t slot = sam_next_contrary(s, list, y, reach, end);
    for (; slot != UINT32_MAX; slot = sam_next_contrary(s, list, y, reach, slot)) {
        end--;
        kedge_i_near_swap(&s->near, slot, end);
    }
    return end;
}

/* Rows from .. at - 1 are cleaned by the rows at .. n_held - 1, each by its neighbours among those. Returns the new end. */
static uint32_t sam_clean_by_all(sam_state *s, uint32_t from, uint32_t at)
{
    near_list *own = sam_list(s, SAM_LIST_SHORT), *list = sam_list(s, SAM_LIST_LONG);
    uint32_t end = at;
    for (uint32_t slot = at; slot < s->near.n_held && end > from; slot++) {
        near_query query;
        kedge_row row = near_row(&s->near, slot);
        kedge_i_near_ask(&s->near, &query, &row);
        kedge_i_near_begin(own, s->near.k);
        kedge_i_near_scan(&s->near, &query, slot + 1, s->near.n_held, own);
        kedge_i_near_scan(&s->near, &query, at, slot, own);
        kedge_i_near_begin(list, s->near.k);
        kedge_i_near_scan(&s->near, &query, from, end, list);
        end = sam_clean(s, own, list, near_targets(&s->near)[slot], end);
    }
    return end;
}

/* Size of the short-term memory ------------------------------------------------------------------------------------------------ */

/* Slots n_long .. at - 1 leave the short-term memory, whatever their marks were. */
static void sam_forget_marks(sam_state *s, uint32_t at)
{
    uint32_t *marks = sam_marks(s);
    for (uint32_t slot = s->n_long; slot < at; slot++)
        for (uint32_t bit = SAM_SHORT; bit <= SAM_BOTH; bit++)
            s->right[bit - SAM_SHORT] -= marks[slot] >> bit & 1;
    for (uint32_t level = 0; level < SAM_LEVELS; level++)
        kedge_i_sam_leave(s, level, s->n_long, at);
    memset(marks + s->n_long, 0, (at - s->n_long) * sizeof *marks);
}

/* The level becomes the short-term memory; the rows before it go to the long-term memory if they do not contradict it. */
static uint32_t sam_shrink(sam_state *s, uint32_t level)
{
    uint32_t *marks = sam_marks(s);
    uint32_t at = sam_level_at(s, level, sam_n_short(s), s->near.n_held);
    const uint32_t high = (uint32_t)7 << SAM_SHORT;
    sam_forget_marks(s, at);
    for (uint32_t slot = at; slot < s->near.n_held; slot++)
        marks[slot] = (marks[slot] & high) | (marks[slot] & ~high) >> level;
    memmove(s->wrong, s->wrong + level, (SAM_LEVELS - level) * sizeof *s->wrong);
    memset(s->wrong + (SAM_LEVELS - level), 0, level * sizeof *s->wrong);
    memmove(s->age, s->age + level, (SAM_LEVELS - level) * sizeof *s->age);
    uint32_t end = sam_clean_by_all(s, s->n_long, at);
    sam_close(s, end, at);
    s->n_long = end;
    return at - end;
}

/* All slots hold rows: the oldest of the short-term memory fill up the share of the long-term one, which is condensed. */
static void sam_make_room(sam_state *s)
{
    uint32_t n = sam_n_short(s), end = s->near.n_held;
    uint32_t at = (uint32_t)(s->long_share * s->near.window);
    at = at > 0 ? at : 1;
    if (s->n_long < at) {
        sam_forget_marks(s, at);
        for (uint32_t level = 0; level < SAM_LEVELS; level++)
            kedge_i_sam_leave(s, level, sam_tried_at(s, level, n, end), sam_tried_at(s, level, end - at, end));
        s->n_long = at;
    }
    uint32_t to = kedge_i_sam_condense(s);
    sam_close(s, to, s->n_long);
    s->n_long = to;
    kedge_i_near_settle(&s->near, s->near.window); /* all anew: centres are no rows that were added */
}

/* Learning --------------------------------------------------------------------------------------------------------------------- */

/* All memories on a row before it is learned; leaves their neighbours in the lists. Returns its marks. */
static uint32_t sam_try(sam_state *s, const kedge_row *x, double y)
{
    near_list *own = sam_list(s, SAM_LIST_SHORT), *old = sam_list(s, SAM_LIST_LONG), *both = sam_list(s, SAM_LIST_BOTH);
    near_query query;
    kedge_i_near_ask(&s->near, &query, x);
    uint32_t marks = kedge_i_sam_try_levels(s, &query, y, own);
    kedge_i_near_begin(old, s->near.k);
    kedge_i_near_scan(&s->near, &query, 0, s->n_long, old);
    *both = *own;
    kedge_i_near_merge(both, old);
    for (uint32_t which = 0; which < SAM_LISTS; which++) {
        const near_list *list = sam_list(s, (int)which);
        marks |= (uint32_t)(list->n > 0 && kedge_i_near_class(&s->near, list) == y) << (SAM_SHORT + which);
    }
    return marks;
}

static void sam_append(sam_state *s, const kedge_row *x, double y, double weight, uint32_t marks)
{
    uint32_t slot = s->near.n_held++;
    kedge_i_near_put(&s->near, slot, x, y, weight);
    kedge_i_near_add(&s->near, slot);
    for (uint32_t bit = 0; bit < 32; bit++)
        if (marks >> bit & 1)
            kedge_i_sam_mark(s, slot, bit);
}

void kedge_i_sam_learn_scored(void *state, const kedge_row *x, uint32_t label, double weight, double *scores)
{
    sam_state *s = state;
    double y = label;
    double *asked = scores;
    if (scores && (s->near.n_held == 0 || s->near.n_held == s->near.window)) { /* nothing to try, or other rows than now */
        (void)sam_score(&kedge_sam_knn, s, x, scores);
        asked = NULL;
    }
    int condenses = s->near.n_held == s->near.window;
    if (condenses)
        sam_make_room(s);
    uint32_t marks = sam_try(s, x, y);
    if (asked)
        kedge_i_near_scores(&s->near, sam_list(s, sam_best(s)), asked);
    sam_append(s, x, y, weight, marks);
    uint32_t end = sam_clean(s, sam_list(s, SAM_LIST_SHORT), sam_list(s, SAM_LIST_LONG), y, s->n_long);
    uint32_t n_gone = s->n_long - end;
    sam_close(s, end, s->n_long);
    s->n_long = end;
    kedge_i_near_settle(&s->near, n_gone);
    kedge_i_sam_begin_levels(s);
    uint32_t level = kedge_i_sam_choose_level(s);
    if (level > 0)
        kedge_i_near_settle(&s->near, sam_shrink(s, level));
    s->near.model.n_learned++;
    /* What stands behind the lists only condensing writes to. */
    memset(kedge_i_at(s, s->at_lists), 0, (condenses ? s->near.model.head.bytes : s->at_distances) - s->at_lists);
}

static kedge_status sam_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    kedge_i_sam_learn_scored(state, x, (uint32_t)y, weight, NULL);
    return KEDGE_OK;
}

const kedge_model_class kedge_sam_knn = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "sam_knn",
            .fixed_bytes = sizeof(sam_state),
            .config_bytes = sizeof(kedge_sam_knn_config),
            .n_fields = sizeof sam_fields / sizeof *sam_fields,
            .fields = sam_fields,
            .defaults = sam_defaults,
            .configure = sam_configure,
            .valid = sam_valid,
            .layout = sam_layout,
            .start = sam_start,
            .check = sam_check,
        },
    .learn = sam_learn,
    .predict = sam_predict,
    .score = sam_score,
    .takes_missing = 1,
};
