/* SPDX-License-Identifier: MIT */
/* SeqDrift2: each new block against a reservoir sample of what came before it.
 *
 * Pears, Sakthithasan, Koh 2014, "Detecting concept change in dynamic data streams", Machine Learning 97(3), sections 4 and 5:
 * Bernstein's bound on the difference of two means, an error divided over the tests since the last change; the sample by Li 1994,
 * "Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n)))", ACM TOMS 20(4), algorithm L. The paper's k, the newer
 * part's share of the difference, is optimal at block_size over all observations held. MOA lets k follow a rise of the mean; that
 * changes the reservoir's greatest size there, and by less than 4e-4 of it the bound.
 *
 * Cost: O(1), and every block_size observations at most one pass over the reservoir: what leaves it is never subtracted. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/seqdrift2.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

enum { SEQDRIFT2_MAX_BLOCK = 65536, SEQDRIFT2_MAX_RESERVOIR = 1 << 24, SEQDRIFT2_MOA_RESERVOIR = 530000 };

#define SEQDRIFT2_NEVER 1e15 /* observations */

typedef struct seqdrift2_state {
    kedge_state_head head;
    double delta;
    uint64_t seed;
    uint32_t block_size;
    uint32_t max_reservoir;
    uint8_t variance;
    uint8_t direction;
    uint8_t reserved[2];
    uint32_t at_block;     /* layout: the newest observations */
    uint32_t at_reservoir; /* layout: a sample of those before them */
    uint32_t n_block;
    uint32_t n_reservoir;
    uint32_t reserved_2;
    uint64_t n_offered; /* observations that the reservoir is a sample of */
    uint64_t next;      /* of these, the next one that the full reservoir takes, from 0 */
    double weight;      /* Li's W */
    kedge_rng rng;
    double mean;        /* of the reservoir; 0 if it is empty */
    double scatter;     /* of the reservoir: sum of squared distances from its mean */
    double statistic;   /* of the last test */
    double threshold;   /* of the last test; 0 before the first */
    detector_record record;
} seqdrift2_state;

static const kedge_field seqdrift2_fields[] = {
    KEDGE_PARAM(seqdrift2_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(seqdrift2_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(seqdrift2_state, block_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(seqdrift2_state, max_reservoir, KEDGE_TYPE_U32),
    KEDGE_PARAM(seqdrift2_state, variance, KEDGE_TYPE_U8),
    KEDGE_PARAM(seqdrift2_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(seqdrift2_state, n_block, KEDGE_TYPE_U32),
    KEDGE_VALUE(seqdrift2_state, n_reservoir, KEDGE_TYPE_U32),
    KEDGE_VALUE(seqdrift2_state, n_offered, KEDGE_TYPE_U64),
    KEDGE_VALUE(seqdrift2_state, next, KEDGE_TYPE_U64),
    KEDGE_VALUE(seqdrift2_state, weight, KEDGE_TYPE_F64),
    KEDGE_VALUE(seqdrift2_state, rng.state, KEDGE_TYPE_U64),
    KEDGE_VALUE(seqdrift2_state, mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(seqdrift2_state, scatter, KEDGE_TYPE_F64),
    KEDGE_VALUE(seqdrift2_state, statistic, KEDGE_TYPE_F64),
    KEDGE_VALUE(seqdrift2_state, threshold, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(seqdrift2_state),
    KEDGE_ARRAY(seqdrift2_state, at_block, block_size, KEDGE_TYPE_F64),
    KEDGE_ARRAY(seqdrift2_state, at_reservoir, max_reservoir, KEDGE_TYPE_F64),
};

static void seqdrift2_defaults(void *config)
{
    kedge_seqdrift2_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_seqdrift2;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->delta = 0.01;
    cfg->seed = 1;
    cfg->block_size = 200;
    cfg->max_reservoir = 2000;
    cfg->variance = KEDGE_SEQDRIFT2_SAMPLE;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_seqdrift2_config_init(kedge_seqdrift2_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_seqdrift2.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_seqdrift2_config_peer(kedge_seqdrift2_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer != KEDGE_PEER_NONE && peer != KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_seqdrift2_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA) {
        cfg->variance = KEDGE_SEQDRIFT2_BERNOULLI;
        cfg->max_reservoir = SEQDRIFT2_MOA_RESERVOIR;
    }
    return st;
}

static void seqdrift2_configure(const void *config, void *fixed)
{
    const kedge_seqdrift2_config *cfg = config;
    seqdrift2_state *s = fixed;
    s->delta = cfg->delta;
    s->seed = cfg->seed;
    s->block_size = cfg->block_size;
    s->max_reservoir = cfg->max_reservoir;
    s->variance = kedge_i_choice(cfg->variance);
    s->direction = kedge_i_choice(cfg->direction);
}

static int seqdrift2_valid(const void *fixed)
{
    const seqdrift2_state *s = fixed;
    return s->delta > 0.0 && s->delta < 1.0 && kedge_i_u32_within(s->block_size, 2, SEQDRIFT2_MAX_BLOCK) &&
           kedge_i_u32_within(s->max_reservoir, s->block_size, SEQDRIFT2_MAX_RESERVOIR) &&
           kedge_i_u32_within(s->variance, KEDGE_SEQDRIFT2_SAMPLE, KEDGE_SEQDRIFT2_BERNOULLI) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t seqdrift2_layout(void *fixed)
{
    seqdrift2_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_block = kedge_i_arena_take(&arena, s->block_size, sizeof(double));
    s->at_reservoir = kedge_i_arena_take(&arena, s->max_reservoir, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void seqdrift2_start(void *state)
{
    seqdrift2_state *s = state;
    kedge_rng apart = {s->seed};
    s->rng.state = kedge_rng_next(&apart); /* a stream drawn with the same seed must not move along with the draws */
}

static int seqdrift2_are_sound(const seqdrift2_state *s, uint32_t at, uint32_t n)
{
    const double *values = kedge_i_at_const(s, at);
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(values[i], -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return 0;
    return 1;
}

static int seqdrift2_check(const void *state)
{
    const seqdrift2_state *s = state;
    return seqdrift2_valid(s) && detector_record_is_sound(&s->record) && s->n_block < s->block_size &&
           s->n_reservoir <= s->max_reservoir && s->n_offered >= s->n_reservoir && s->n_offered + s->n_block <= s->record.n_seen &&
           (s->weight == 0.0 || kedge_i_within(s->weight, DBL_EPSILON * DBL_EPSILON, 1.0)) && s->next <= KEDGE_I_COUNT_MAX &&
           (s->n_reservoir < s->max_reservoir || (s->next >= s->n_offered && s->weight > 0.0)) &&
           kedge_i_within(s->mean, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) &&
           kedge_i_within(s->scatter, 0.0, DBL_MAX) && kedge_i_within(s->statistic, 0.0, DBL_MAX) &&
           kedge_i_within(s->threshold, 0.0, DBL_MAX) && seqdrift2_are_sound(s, s->at_block, s->block_size) &&
           seqdrift2_are_sound(s, s->at_reservoir, s->max_reservoir);
}

/* Mean and scatter (sum of squared distances from the mean), in one pass around a pivot near the mean, in chains which need not
 * wait for each other. */
static void seqdrift2_moments(const double *x, uint32_t n, double pivot, double *mean, double *scatter)
{
    enum { CHAINS = 8 };
    double sums[CHAINS] = {0.0};
    double squares[CHAINS] = {0.0};
    uint32_t i = 0;
    for (; i + CHAINS <= n; i += CHAINS)
        for (uint32_t k = 0; k < CHAINS; k++) {
            double off = x[i + k] - pivot;
            sums[k] += off;
            squares[k] += off * off;
        }
    for (; i < n; i++) {
        double off = x[i] - pivot;
        sums[0] += off;
        squares[0] += off * off;
    }
    for (uint32_t k = 1; k < CHAINS; k++) {
        sums[0] += sums[k];
        squares[0] += squares[k];
    }
    double shift = n ? sums[0] / (double)n : 0.0;
    *mean = pivot + shift;
    *scatter = fmax(squares[0] - shift * sums[0], 0.0);
}

/* Of the reservoir and the newest block, which has this mean and scatter. */
static double seqdrift2_variance(const seqdrift2_state *s, double n_new, double new, double scatter)
{
    double n_old = (double)s->n_reservoir;
    double n = n_old + n_new;
    if (s->variance == KEDGE_SEQDRIFT2_BERNOULLI) {
        double p = (s->mean * n_old + new * n_new) / n;
        double variance = n * p * (1.0 - p) / (n - 1.0);
        return variance == 0.0 ? 1e-4 : fmax(variance, 0.0);
    }
    return (s->scatter + scatter + (new - s->mean) * (new - s->mean) * (n_old * n_new / n)) / (n - 1.0);
}

/* The Bernstein bound of a block against the reservoir: the tests since the last change share delta, each further one half of the
 * rest. */
static double seqdrift2_bound(const seqdrift2_state *s, double variance)
{
    double n = (double)s->block_size;
    double tests = (double)(s->n_reservoir / s->block_size);
    double k = n / (n + (double)s->max_reservoir);
    double shared = s->delta / (2.0 * (1.0 - pow(0.5, tests)));
    double x = log(4.0 / shared);
    return (x + sqrt(x * x + 18.0 * n * x * variance)) / (3.0 * n * (1.0 - k));
}

/* Li's recurrence: the reservoir's greatest key, as if each observation had drawn one, and how many pass by until one has a smaller
 * key. */
static void seqdrift2_skip(seqdrift2_state *s)
{
    double places = (double)s->max_reservoir;
    double weight = s->weight * exp(log(1.0 - kedge_rng_uniform(&s->rng)) / places);
    s->weight = fmin(fmax(weight, DBL_EPSILON * DBL_EPSILON), 1.0 - DBL_EPSILON); /* neither end's logarithm */
    double passed = floor(log(1.0 - kedge_rng_uniform(&s->rng)) / log1p(-s->weight));
    s->next += passed < SEQDRIFT2_NEVER ? (uint64_t)passed + 1 : (uint64_t)SEQDRIFT2_NEVER;
    s->next = s->next < KEDGE_I_COUNT_MAX ? s->next : KEDGE_I_COUNT_MAX;
}

/* The reservoir's moments with a block behind it (Chan, Golub, LeVeque 1983). */
static void seqdrift2_append(seqdrift2_state *s, double n_old, double n_new, double mean, double scatter)
{
    double apart = mean - s->mean;
    s->mean += apart * (n_new / (n_old + n_new));
    s->scatter += scatter + apart * apart * (n_old * n_new / (n_old + n_new));
}

/* The block, of this mean and scatter, moves into the reservoir. */
static void seqdrift2_move(seqdrift2_state *s, double mean, double scatter)
{
    const double *block = kedge_i_at_const(s, s->at_block);
    double *reservoir = kedge_i_at(s, s->at_reservoir);
    uint32_t room = s->max_reservoir - s->n_reservoir;
    uint32_t fill = room < s->block_size ? room : s->block_size;
    uint32_t before = s->n_reservoir;
    uint32_t n_replaced = 0;
    memcpy(reservoir + s->n_reservoir, block, fill * sizeof *block);
    s->n_reservoir += fill;
    if (fill > 0 && s->n_reservoir == s->max_reservoir) {
        s->weight = 1.0;
        s->next = s->n_offered + fill - 1;
        seqdrift2_skip(s);
    }
    if (s->n_reservoir == s->max_reservoir)
        for (; s->next < s->n_offered + s->block_size; seqdrift2_skip(s), n_replaced++)
            reservoir[kedge_rng_below(&s->rng, s->max_reservoir)] = block[s->next - s->n_offered];
    s->n_offered += s->block_size;
    s->n_block = 0;
    if (fill == s->block_size)
        seqdrift2_append(s, (double)before, (double)fill, mean, scatter);
    else if (fill + n_replaced > 0)
        seqdrift2_moments(reservoir, s->n_reservoir, mean, &s->mean, &s->scatter);
}

/* The block is full. */
static kedge_status seqdrift2_close(seqdrift2_state *s)
{
    kedge_status st = KEDGE_OK;
    const double *block = kedge_i_at_const(s, s->at_block);
    double before = s->mean;
    double after;
    double scatter;
    seqdrift2_moments(block, s->block_size, block[0], &after, &scatter);
    if (s->n_reservoir > 0) {
        double variance = seqdrift2_variance(s, (double)s->block_size, after, scatter);
        s->threshold = seqdrift2_bound(s, variance);
        s->statistic = fabs(after - before);
        if (s->statistic >= s->threshold &&
            s->statistic > DBL_EPSILON * 64.0 * (fabs(after) + fabs(before))) { /* more than rounding */
            s->n_reservoir = 0;
            s->n_offered = 0;
            s->next = 0;
            s->mean = s->scatter = 0.0;
            if (s->direction == KEDGE_DIRECTION_BOTH || (after > before) == (s->direction == KEDGE_DIRECTION_UP)) {
                detector_record_raise(&s->record, s->block_size, before, after, s->statistic, s->threshold, (double)NAN);
                st = KEDGE_DRIFT;
            }
        }
    }
    seqdrift2_move(s, after, scatter);
    return st;
}

static inline kedge_status seqdrift2_step(seqdrift2_state *s, double x)
{
    double *block = kedge_i_at(s, s->at_block);
    s->record.n_seen++;
    block[s->n_block++] = x;
    return s->n_block == s->block_size ? seqdrift2_close(s) : KEDGE_OK;
}

DETECTOR_RUN_IN_PLACE(seqdrift2)

static kedge_status seqdrift2_estimate(const void *state, kedge_estimate *out)
{
    const seqdrift2_state *s = state;
    uint64_t width = (uint64_t)s->n_reservoir + s->n_block;
    kedge_status st = detector_record_estimate(&s->record, width, out);
    if (width == 0)
        return st;
    out->statistic = s->statistic;
    out->threshold = s->threshold > 0.0 ? s->threshold : (double)NAN;
    const double *block = kedge_i_at_const(s, s->at_block);
    double n_old = (double)s->n_reservoir;
    double n_new = (double)s->n_block;
    double new;
    double scatter;
    seqdrift2_moments(block, s->n_block, s->n_block ? block[0] : s->mean, &new, &scatter);
    out->mean = s->mean + (new - s->mean) * (n_new / (n_old + n_new));
    out->variance =
        (s->scatter + scatter + (new - s->mean) * (new - s->mean) * (n_old * n_new / (n_old + n_new))) / (n_old + n_new);
    return st;
}

static kedge_status seqdrift2_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const seqdrift2_state *)state)->record, out);
}

const kedge_detector_class kedge_seqdrift2 = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "seqdrift2",
            .fixed_bytes = sizeof(seqdrift2_state),
            .config_bytes = sizeof(kedge_seqdrift2_config),
            .n_fields = sizeof seqdrift2_fields / sizeof *seqdrift2_fields,
            .fields = seqdrift2_fields,
            .defaults = seqdrift2_defaults,
            .configure = seqdrift2_configure,
            .valid = seqdrift2_valid,
            .layout = seqdrift2_layout,
            .start = seqdrift2_start,
            .check = seqdrift2_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = seqdrift2_run,
    .update = seqdrift2_update,
    .estimate = seqdrift2_estimate,
    .alarm = seqdrift2_alarm,
    .knob = {offsetof(kedge_seqdrift2_config, delta), 0, 0.9, 1e-14},
};
