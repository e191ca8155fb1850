/* SPDX-License-Identifier: MIT */
/* Sliding Kolmogorov-Smirnov: a window of the newest observations against a fixed reference, by the greatest difference of the two
 * distribution functions, kept up to date at every observation.
 *
 * dos Reis, Flach, Matwin, Batista 2016, "Fast unsupervised online drift detection using incremental Kolmogorov-Smirnov test", KDD,
 * section 3: an observation adds a constant to the difference of the distribution functions at all values from its own on. They
 * keep both samples in a treap with lazy additions. As the reference stands still here, a fixed tree does: between and on its k
 * distinct values there are 2 k + 1 places where an observation can fall; each place has a sum (window_size times the reference's
 * share there is subtracted, n_reference is added for each observation of the window), and each node of the tree knows the sum, the
 * greatest and the least prefix sum below it. An observation changes one place and the nodes above it. All sums are whole numbers,
 * so nothing drifts.
 *
 * Threshold: P(D >= d) <= 2 exp(-2 d^2 n m / (n + m)), the first term of Smirnov's limit (1939), a bound for samples of equal size
 * (Wei, Dudley 2012, "Two-sample Dvoretzky-Kiefer-Wolfowitz inequalities"); half of it for one direction.
 *
 * Cost: O(log n_reference). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/sliding_ks.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/ring.h"
#include "detectors/run.h"
#include "detectors/sliding_tree.h"

enum { SLIDING_KS_MAX = 1 << 20 };

typedef struct sliding_ks_state {
    kedge_state_head head;
    double alpha;
    double min_distance;
    uint32_t n_reference;
    uint32_t window_size;
    uint8_t direction;
    uint8_t on_drift;
    uint8_t reserved[2];
    uint32_t n_places;   /* layout: 2 n_reference + 1 */
    uint32_t n_words;    /* layout: of the tree */
    uint32_t at_values;  /* layout: the reference: as it came while it is learned, then its distinct values, ascending */
    uint32_t at_weights; /* layout: how often each is there */
    uint32_t at_ring;    /* layout: the window, by time */
    uint32_t at_counts;  /* layout: of the window, by place */
    uint32_t at_tree;    /* layout: sums, see sliding_tree.h */
    uint32_t n_learned;  /* of the reference */
    uint32_t n_distinct; /* values; 0 while it is learned */
    uint32_t held;       /* observations in the window */
    uint32_t place;      /* where the next observation goes in the ring */
    uint32_t reserved2;
    uint64_t critical; /* least significant distance, times the sizes of both samples */
    double mean;       /* of the reference; 0 while it is learned */
    detector_record record;
} sliding_ks_state;

static const kedge_field sliding_ks_fields[] = {
    KEDGE_PARAM(sliding_ks_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(sliding_ks_state, min_distance, KEDGE_TYPE_F64),
    KEDGE_PARAM(sliding_ks_state, n_reference, KEDGE_TYPE_U32),
    KEDGE_PARAM(sliding_ks_state, window_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(sliding_ks_state, direction, KEDGE_TYPE_U8),
    KEDGE_PARAM(sliding_ks_state, on_drift, KEDGE_TYPE_U8),
    KEDGE_VALUE(sliding_ks_state, n_learned, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_ks_state, n_distinct, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_ks_state, held, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_ks_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_ks_state, critical, KEDGE_TYPE_U64),
    KEDGE_VALUE(sliding_ks_state, mean, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(sliding_ks_state),
    KEDGE_ARRAY(sliding_ks_state, at_values, n_reference, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_ks_state, at_weights, n_reference, KEDGE_TYPE_U32),
    KEDGE_ARRAY(sliding_ks_state, at_ring, window_size, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_ks_state, at_counts, n_places, KEDGE_TYPE_U32),
    KEDGE_ARRAY(sliding_ks_state, at_tree, n_words, KEDGE_TYPE_U64),
};

static void sliding_ks_defaults(void *config)
{
    kedge_sliding_ks_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_sliding_ks;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->alpha = 1e-6;
    cfg->min_distance = 0.05;
    cfg->n_reference = 1000;
    cfg->window_size = 1000;
    cfg->direction = KEDGE_DIRECTION_BOTH;
    cfg->on_drift = KEDGE_SLIDING_RELEARN;
}

kedge_status kedge_sliding_ks_config_init(kedge_sliding_ks_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_sliding_ks.base, cfg, cfg_bytes, sizeof *cfg);
}

static void sliding_ks_configure(const void *config, void *fixed)
{
    const kedge_sliding_ks_config *cfg = config;
    sliding_ks_state *s = fixed;
    s->alpha = cfg->alpha;
    s->min_distance = cfg->min_distance;
    s->n_reference = cfg->n_reference;
    s->window_size = cfg->window_size;
    s->direction = kedge_i_choice(cfg->direction);
    s->on_drift = kedge_i_choice(cfg->on_drift);
}

static int sliding_ks_valid(const void *fixed)
{
    const sliding_ks_state *s = fixed;
    return s->alpha > 0.0 && s->alpha < 1.0 && kedge_i_within(s->min_distance, 0.0, 1.0) &&
           kedge_i_u32_within(s->n_reference, 2, SLIDING_KS_MAX) && kedge_i_u32_within(s->window_size, 2, SLIDING_KS_MAX) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN) &&
           kedge_i_u32_within(s->on_drift, KEDGE_SLIDING_RELEARN, KEDGE_SLIDING_KEEP);
}

static size_t sliding_ks_layout(void *fixed)
{
    sliding_ks_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_places = 2 * s->n_reference + 1;
    s->n_words = kedge_i_sliding_tree_words(s->n_places);
    s->at_values = kedge_i_arena_take(&arena, s->n_reference, sizeof(double));
    s->at_weights = kedge_i_arena_take(&arena, s->n_reference, sizeof(uint32_t));
    s->at_ring = kedge_i_arena_take(&arena, s->window_size, sizeof(double));
    s->at_counts = kedge_i_arena_take(&arena, s->n_places, sizeof(uint32_t));
    s->at_tree = kedge_i_arena_take(&arena, s->n_words, sizeof(int64_t));
    return kedge_i_arena_end(&arena);
}

/* n_reference times window_size, which fits 40 bits. */
static inline double sliding_ks_scale(const sliding_ks_state *s)
{
    return (double)s->n_reference * (double)s->window_size;
}

/* 2 n m / (n + m): what a squared distance is multiplied with. */
static double sliding_ks_weight(const sliding_ks_state *s)
{
    return 2.0 * sliding_ks_scale(s) / ((double)s->n_reference + (double)s->window_size);
}

/* ln of the p-value that belongs to a distance of 0. */
static double sliding_ks_log_sides(const sliding_ks_state *s)
{
    return s->direction == KEDGE_DIRECTION_BOTH ? log(2.0) : 0.0;
}

static uint64_t sliding_ks_critical(const sliding_ks_state *s)
{
    double least = sqrt((sliding_ks_log_sides(s) - log(s->alpha)) / sliding_ks_weight(s));
    double distance = ceil((least > s->min_distance ? least : s->min_distance) * sliding_ks_scale(s) * (1.0 - 1e-12));
    return distance > 1.0 ? (uint64_t)distance : 1;
}

static void sliding_ks_start(void *state)
{
    sliding_ks_state *s = state;
    s->critical = sliding_ks_critical(s);
}

/* A view of the places of the whole state, for the tree. */
static inline sliding_tree sliding_ks_tree(const sliding_ks_state *s)
{
    sliding_tree t;
    t.n_places = s->n_places;
    t.step = s->n_reference;
    t.weight_step = s->window_size;
    t.n_distinct = s->n_distinct;
    t.weights = kedge_i_at_const(s, s->at_weights);
    t.counts = kedge_i_at_const(s, s->at_counts);
    return t;
}

/* Where x falls: 2 i + 1 on the i-th distinct value, 2 i + 2 between it and the next. */
static inline uint32_t sliding_ks_find(const sliding_ks_state *s, double x)
{
    const double *values = kedge_i_at_const(s, s->at_values);
    uint32_t low = 0;
    uint32_t n = s->n_distinct;
    while (n > 1) { /* the last value that is not above x, without a branch on x */
        uint32_t half = n / 2;
        low = values[low + half] <= x ? low + half : low;
        n -= half;
    }
    if (x < values[low])
        return 0;
    return 2 * low + (x == values[low] ? 1 : 2);
}

static int sliding_ks_values_are_sound(const sliding_ks_state *s)
{
    const double *values = kedge_i_at_const(s, s->at_values);
    const uint32_t *weights = kedge_i_at_const(s, s->at_weights);
    uint64_t n = 0;
    for (uint32_t i = 0; i < s->n_reference; i++) {
        if (!kedge_i_within(values[i], -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return 0;
        if (i < s->n_distinct && ((i > 0 && !(values[i - 1] < values[i])) || weights[i] < 1))
            return 0;
        if (i >= s->n_distinct && weights[i] != 0)
            return 0;
        n += weights[i];
    }
    return n == (s->n_distinct ? s->n_reference : 0);
}

/* A number that stands for a place, for sums that tell whether two multisets of places are the same (the mixer of splitmix64). */
static uint64_t sliding_ks_mark(uint64_t place)
{
    kedge_rng rng = {place};
    return kedge_rng_next(&rng);
}

/* Counts by place are those of the window. */
static int sliding_ks_window_is_sound(const sliding_ks_state *s)
{
    const double *ring = kedge_i_at_const(s, s->at_ring);
    const uint32_t *counts = kedge_i_at_const(s, s->at_counts);
    uint64_t n = 0;
    uint64_t marks = 0;
    for (uint32_t i = 0; i < s->n_places; i++) {
        n += counts[i];
        marks += counts[i] * sliding_ks_mark(i);
    }
    for (uint32_t i = 0; i < s->window_size; i++) {
        if (!kedge_i_within(ring[i], -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return 0;
        marks -= i < s->held ? sliding_ks_mark(sliding_ks_find(s, ring[i])) : 0;
    }
    return n == s->held && marks == 0 && (s->held == s->window_size || s->place == s->held);
}

static int sliding_ks_check(const void *state)
{
    const sliding_ks_state *s = state;
    if (!sliding_ks_valid(s) || !detector_record_is_sound(&s->record) || s->critical != sliding_ks_critical(s))
        return 0;
    if (s->n_learned > s->n_reference || s->n_distinct > s->n_reference || s->held > s->window_size || s->place >= s->window_size)
        return 0;
    if ((s->n_learned == s->n_reference) != (s->n_distinct > 0) || (s->n_distinct == 0 && s->held > 0))
        return 0;
    if (!kedge_i_within(s->mean, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) || !sliding_ks_values_are_sound(s) ||
        !sliding_ks_window_is_sound(s))
        return 0;
    sliding_tree tree = sliding_ks_tree(s);
    return kedge_i_sliding_tree_is_sound(&tree, kedge_i_at_const(s, s->at_tree));
}

/* The sample is there: sort it, join equal values, set up the tree. */
static void sliding_ks_adopt(sliding_ks_state *s)
{
    double *values = kedge_i_at(s, s->at_values);
    uint32_t *weights = kedge_i_at(s, s->at_weights);
    kedge_i_sliding_sort(values, s->n_reference);
    s->mean = 0.0;
    for (uint32_t i = 0; i < s->n_reference; i++) {
        s->mean += (values[i] - s->mean) / (double)(i + 1);
        if (i > 0 && values[i] == values[s->n_distinct - 1]) {
            weights[s->n_distinct - 1]++;
        } else {
            values[s->n_distinct] = values[i];
            weights[s->n_distinct++] = 1;
        }
    }
    memset(values + s->n_distinct, 0, (s->n_reference - s->n_distinct) * sizeof *values);
    sliding_tree tree = sliding_ks_tree(s);
    kedge_i_sliding_tree_build(&tree, kedge_i_at(s, s->at_tree));
}

static void sliding_ks_forget_window(sliding_ks_state *s)
{
    memset(kedge_i_at(s, s->at_ring), 0, s->window_size * sizeof(double));
    memset(kedge_i_at(s, s->at_counts), 0, s->n_places * sizeof(uint32_t));
    memset(kedge_i_at(s, s->at_tree), 0, s->n_words * sizeof(int64_t));
    s->held = 0;
    s->place = 0;
    if (s->n_distinct > 0) {
        sliding_tree tree = sliding_ks_tree(s);
        kedge_i_sliding_tree_build(&tree, kedge_i_at(s, s->at_tree));
    }
}

static void sliding_ks_forget_reference(sliding_ks_state *s)
{
    memset(kedge_i_at(s, s->at_values), 0, s->n_reference * sizeof(double));
    memset(kedge_i_at(s, s->at_weights), 0, s->n_reference * sizeof(uint32_t));
    s->n_learned = 0;
    s->n_distinct = 0;
    s->mean = 0.0;
}

kedge_status kedge_sliding_ks_reference(kedge_detector *d, const double *x, size_t n)
{
    if (!d || !d->cls || !d->state || !x)
        return KEDGE_ERR_NULL;
    if (d->cls != &kedge_sliding_ks)
        return KEDGE_ERR_CLASS;
    sliding_ks_state *s = d->state;
    if (n != s->n_reference)
        return KEDGE_ERR_SHAPE;
    for (size_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return kedge_i_refusal(x[i]);
    sliding_ks_forget_reference(s);
    sliding_ks_forget_window(s);
    memcpy(kedge_i_at(s, s->at_values), x, n * sizeof *x);
    s->n_learned = s->n_reference;
    sliding_ks_adopt(s);
    return KEDGE_OK;
}

/* How far the window's distribution function is from the reference's, in the direction that counts, times the sizes of both. */
static inline int64_t sliding_ks_distance(const sliding_ks_state *s)
{
    const int64_t *tree = kedge_i_at_const(s, s->at_tree);
    int64_t down = sliding_tree_greatest(tree); /* smaller values became more */
    int64_t up = -sliding_tree_least(tree);
    if (s->direction == KEDGE_DIRECTION_BOTH)
        return up > down ? up : down;
    return s->direction == KEDGE_DIRECTION_UP ? up : down;
}

/* One observation comes into its place, or leaves it. */
static inline void sliding_ks_count(sliding_ks_state *s, uint32_t place, int comes)
{
    uint32_t *counts = kedge_i_at(s, s->at_counts);
    counts[place] += comes ? 1u : UINT32_MAX;
    sliding_tree tree = sliding_ks_tree(s);
    kedge_i_sliding_tree_refresh(&tree, kedge_i_at(s, s->at_tree), place);
}

static inline void sliding_ks_slide(sliding_ks_state *s, double x)
{
    double *ring = kedge_i_at(s, s->at_ring);
    uint32_t to = sliding_ks_find(s, x);
    uint32_t from = s->held == s->window_size ? sliding_ks_find(s, ring[s->place]) : UINT32_MAX;
    ring[s->place] = x;
    s->place = s->place + 1 == s->window_size ? 0 : s->place + 1;
    if (from == to)
        return;
    if (from != UINT32_MAX)
        sliding_ks_count(s, from, 0);
    else
        s->held++;
    sliding_ks_count(s, to, 1);
}

/* A view of the window. */
static inline detector_ring sliding_ks_ring(const sliding_ks_state *s)
{
    detector_ring r = {kedge_i_at_const(s, s->at_ring), 1, s->window_size, s->place};
    return r;
}

/* Observations of the window that are new: where the share of those up to the place of the greatest difference left the
 * reference's. For each cut the squared excess of the newer part, over its length; the first sum of a normal log-likelihood. */
static uint32_t sliding_ks_n_after(const sliding_ks_state *s)
{
    const uint32_t *weights = kedge_i_at_const(s, s->at_weights);
    int64_t least = sliding_tree_least(kedge_i_at_const(s, s->at_tree));
    sliding_tree tree = sliding_ks_tree(s);
    uint32_t cut =
        kedge_i_sliding_tree_find(&tree, kedge_i_at_const(s, s->at_tree), sliding_ks_distance(s), -least == sliding_ks_distance(s));
    uint64_t below = 0;
    for (uint32_t i = 0; i < s->n_distinct && 2 * i + 1 <= cut; i++)
        below += weights[i];
    double share = (double)below / (double)s->n_reference;
    detector_cut newer = detector_cut_begin();
    detector_ring ring = sliding_ks_ring(s);
    for (uint32_t i = 1; i <= s->held; i++) {
        double x = *detector_ring_newest(&ring, i);
        detector_cut_add(&newer, i, (sliding_ks_find(s, x) <= cut ? 1.0 : 0.0) - share);
    }
    return newer.n_after;
}

static void sliding_ks_raise(sliding_ks_state *s)
{
    double distance = (double)sliding_ks_distance(s) / sliding_ks_scale(s);
    double evidence = distance * distance * sliding_ks_weight(s) - sliding_ks_log_sides(s);
    detector_ring ring = sliding_ks_ring(s);
    uint32_t n_after = sliding_ks_n_after(s);
    detector_record_raise(&s->record, n_after, s->mean, detector_ring_mean(&ring, 0, n_after), distance,
                          (double)s->critical / sliding_ks_scale(s), evidence > 0.0 ? evidence : 0.0);
    if (s->on_drift == KEDGE_SLIDING_RELEARN)
        sliding_ks_forget_reference(s);
    sliding_ks_forget_window(s);
}

static void sliding_ks_learn(sliding_ks_state *s, double x)
{
    double *values = kedge_i_at(s, s->at_values);
    values[s->n_learned++] = x;
    if (s->n_learned == s->n_reference)
        sliding_ks_adopt(s);
}

static inline kedge_status sliding_ks_step(sliding_ks_state *s, double x)
{
    s->record.n_seen++;
    if (s->n_distinct == 0) {
        sliding_ks_learn(s, x);
        return KEDGE_OK;
    }
    sliding_ks_slide(s, x);
    if (s->held < s->window_size || sliding_ks_distance(s) < (int64_t)s->critical)
        return KEDGE_OK;
    sliding_ks_raise(s);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_IN_PLACE(sliding_ks)

static kedge_status sliding_ks_estimate(const void *state, kedge_estimate *out)
{
    const sliding_ks_state *s = state;
    detector_ring ring = sliding_ks_ring(s);
    kedge_status st = detector_record_estimate(&s->record, s->held, out);
    out->threshold = (double)s->critical / sliding_ks_scale(s);
    if (s->held == 0)
        return st;
    out->mean = detector_ring_mean(&ring, 0, s->held);
    out->variance = detector_ring_variance(&ring, 0, s->held, out->mean);
    out->statistic = 0.0; /* while the window fills */
    if (s->held == s->window_size)
        out->statistic = (double)sliding_ks_distance(s) / sliding_ks_scale(s);
    return st;
}

static kedge_status sliding_ks_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const sliding_ks_state *)state)->record, out);
}

const kedge_detector_class kedge_sliding_ks = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "sliding_ks",
            .fixed_bytes = sizeof(sliding_ks_state),
            .config_bytes = sizeof(kedge_sliding_ks_config),
            .n_fields = sizeof sliding_ks_fields / sizeof *sliding_ks_fields,
            .fields = sliding_ks_fields,
            .defaults = sliding_ks_defaults,
            .configure = sliding_ks_configure,
            .valid = sliding_ks_valid,
            .layout = sliding_ks_layout,
            .start = sliding_ks_start,
            .check = sliding_ks_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = sliding_ks_run,
    .update = sliding_ks_update,
    .estimate = sliding_ks_estimate,
    .alarm = sliding_ks_alarm,
    .knob = {offsetof(kedge_sliding_ks_config, alpha), 0, 0.5, 1e-60},
};
