/* SPDX-License-Identifier: MIT */
/* The classic families whose concepts are numbered functions.
 *
 * Street, Kim 2001, "A streaming ensemble algorithm (SEA) for large-scale classification", KDD, section 4.2. Schlimmer, Granger
 * 1986, "Incremental learning from noisy data", Machine Learning 1. Gama, Medas, Castillo, Rodrigues 2004, "Learning with drift
 * detection", SBIA, section 4.1 (SINE1, SINE2). Agrawal, Imielinski, Swami 1993, "Database mining: a performance perspective", IEEE
 * TKDE 5, table 1 and appendix. Breiman, Friedman, Olshen, Stone 1984, "Classification and Regression Trees", section 2.6.1 (LED);
 * its drift by swapping segments with irrelevant features is MOA's. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/stream.h"

#include "streams/schedule.h"

#define CONCEPTS_PI 3.14159265358979323846

typedef struct concepts_state {
    kedge_state_head head;
    stream_schedule schedule;
    double noise;
    uint8_t family;
    uint8_t before;
    uint8_t after;
    uint8_t reserved[5];
} concepts_state;

static const kedge_field concepts_fields[] = {
    STREAM_SCHEDULE_PARAMS(concepts_state),
    KEDGE_PARAM(concepts_state, noise, KEDGE_TYPE_F64),
    KEDGE_PARAM(concepts_state, family, KEDGE_TYPE_U8),
    KEDGE_PARAM(concepts_state, before, KEDGE_TYPE_U8),
    KEDGE_PARAM(concepts_state, after, KEDGE_TYPE_U8),
    STREAM_SCHEDULE_VALUES(concepts_state),
};

static void concepts_defaults(void *config)
{
    kedge_concepts_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    kedge_i_schedule_defaults(&cfg->base, &kedge_concepts, sizeof *cfg);
    cfg->noise = 0.1;
    cfg->family = KEDGE_CONCEPTS_SEA;
    cfg->before = 1;
    cfg->after = 2;
}

kedge_status kedge_concepts_config_init(kedge_concepts_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_concepts.base, cfg, cfg_bytes, sizeof *cfg);
}

static void concepts_configure(const void *config, void *fixed)
{
    const kedge_concepts_config *cfg = config;
    concepts_state *s = fixed;
    kedge_i_schedule_configure(&cfg->base, &s->schedule);
    s->noise = cfg->noise;
    s->family = kedge_i_choice(cfg->family);
    s->before = kedge_i_choice(cfg->before);
    s->after = kedge_i_choice(cfg->after);
}

static uint32_t concepts_count(uint8_t family)
{
    static const uint8_t counts[] = {0, 4, 3, 4, 10, 8}; /* by KEDGE_CONCEPTS_... */
    return family < sizeof counts ? counts[family] : 0;
}

static int concepts_valid(const void *fixed)
{
    const concepts_state *s = fixed;
    uint32_t n = concepts_count(s->family);
    return kedge_i_schedule_valid(&s->schedule) && s->schedule.pattern != KEDGE_CHANGE_INCREMENTAL &&
           kedge_i_within(s->noise, 0.0, 1.0) && n > 0 && kedge_i_u32_within(s->before, 1, n) && kedge_i_u32_within(s->after, 1, n);
}

static size_t concepts_layout(void *fixed)
{
    (void)fixed;
    return sizeof(concepts_state);
}

static void concepts_start(void *state)
{
    concepts_state *s = state;
    s->schedule.rng.state = s->schedule.seed;
}

static int concepts_check(const void *state)
{
    const concepts_state *s = state;
    return concepts_valid(s) && s->schedule.n <= KEDGE_I_COUNT_MAX;
}

/* One row of each family: features into x, label returned. */

static double concepts_sea(kedge_rng *rng, uint32_t concept, double noise, double *x)
{
    static const double thresholds[] = {8.0, 9.0, 7.0, 9.5};
    for (int i = 0; i < 3; i++)
        x[i] = 10.0 * kedge_rng_uniform(rng);
    return stream_flip(rng, x[0] + x[1] > thresholds[concept - 1], noise);
}

static double concepts_stagger(kedge_rng *rng, uint32_t concept, double noise, double *x)
{
    enum { SMALL = 0, RED = 0, GREEN = 2, CIRCLE = 0 }; /* size: small, medium, large; red, blue, green; circle, square, triangle */
    uint64_t size = kedge_rng_below(rng, 3);
    uint64_t colour = kedge_rng_below(rng, 3);
    uint64_t shape = kedge_rng_below(rng, 3);
    int label = concept == 1 ? size == SMALL && colour == RED : concept == 2 ? colour == GREEN || shape == CIRCLE : size != SMALL;
    x[0] = (double)size;
    x[1] = (double)colour;
    x[2] = (double)shape;
    return stream_flip(rng, label, noise);
}

static double concepts_sine(kedge_rng *rng, uint32_t concept, double noise, double *x)
{
    x[0] = kedge_rng_uniform(rng);
    x[1] = kedge_rng_uniform(rng);
    int below = x[1] < (concept <= 2 ? sin(x[0]) : 0.5 + 0.3 * sin(3.0 * CONCEPTS_PI * x[0]));
    return stream_flip(rng, concept % 2 == 1 ? below : !below, noise);
}

static double concepts_led(kedge_rng *rng, uint32_t concept, double noise, double *x)
{
    enum { SEGMENTS = 7, FEATURES = 24 };
    static const uint8_t digits[10] = {0x77, 0x24, 0x5D, 0x6D, 0x2E, 0x6B, 0x7B, 0x25, 0x7F, 0x6F}; /* bit i: segment i is lit */
    uint64_t digit = kedge_rng_below(rng, 10);
    for (int i = 0; i < FEATURES; i++) {
        int lit = i < SEGMENTS ? digits[digit] >> i & 1 : (int)kedge_rng_below(rng, 2);
        x[i] = i < SEGMENTS ? stream_flip(rng, lit, noise) : (double)lit;
    }
    for (uint32_t i = 0; i + 1 < concept; i++) {
        double segment = x[i];
        x[i] = x[SEGMENTS + i];
        x[SEGMENTS + i] = segment;
    }
    return (double)digit;
}

/* AGRAWAL's features, in its order. */
enum { SALARY, COMMISSION, AGE, LEVEL, CAR, ZIPCODE, HOUSE, YEARS, LOAN, CONCEPTS_LOAN_FEATURES };

/* Which of three ages: below 40, to 59, from 60. */
static int concepts_age(const double *x)
{
    return x[AGE] < 40.0 ? 0 : x[AGE] < 60.0 ? 1 : 2;
}

/* Is v within the interval of this age, in thousands? */
static int concepts_band(double v, const double low[3], const double high[3], int age)
{
    return v >= 1000.0 * low[age] && v <= 1000.0 * high[age];
}

/* Functions 1 to 10; 1: group A. */
static int concepts_group_a(uint32_t function, const double *x)
{
    static const double low[] = {50, 75, 25}, high[] = {100, 125, 75};                   /* incomes, by age */
    static const double educated_low[] = {25, 50, 50}, educated_high[] = {75, 100, 100}; /* function 4 */
    static const double loan_in_low[] = {100, 200, 300}, loan_in_high[] = {300, 400, 500};
    static const double loan_out_low[] = {200, 300, 100}, loan_out_high[] = {400, 500, 300};
    int age = concepts_age(x);
    int educated = x[LEVEL] >= age && x[LEVEL] <= (age == 0 ? 1 : age + 2);
    double income = x[SALARY] + x[COMMISSION];
    double equity = x[YEARS] >= 20.0 ? 0.1 * x[HOUSE] * (x[YEARS] - 20.0) : 0.0;
    double schooling = 5000.0 * x[LEVEL];
    switch (function) {
    case 1:
        return age != 1;
    case 2:
        return concepts_band(x[SALARY], low, high, age);
    case 3:
        return educated;
    case 4:
        return educated ? concepts_band(x[SALARY], educated_low, educated_high, age) : concepts_band(x[SALARY], low, high, age);
    case 5:
        return concepts_band(x[SALARY], low, high, age) ? concepts_band(x[LOAN], loan_in_low, loan_in_high, age)
                                                        : concepts_band(x[LOAN], loan_out_low, loan_out_high, age);
    case 6:
        return concepts_band(income, low, high, age);
    case 7:
        return 2.0 / 3.0 * income - 0.2 * x[LOAN] - 20000.0 > 0.0;
    case 8:
        return 2.0 / 3.0 * income - schooling - 20000.0 > 0.0;
    case 9:
        return 2.0 / 3.0 * income - schooling - 0.2 * x[LOAN] - 10000.0 > 0.0;
    default:
        return 2.0 / 3.0 * income - schooling + 0.2 * equity - 10000.0 > 0.0;
    }
}

/* Move a number by up to `noise` of its range, and keep it in it. */
static double concepts_perturb(kedge_rng *rng, double v, double low, double high, double noise)
{
    v += noise * (high - low) * (2.0 * kedge_rng_uniform(rng) - 1.0);
    return v < low ? low : v > high ? high : v;
}

static double concepts_agrawal(kedge_rng *rng, uint32_t concept, double noise, double *x)
{
    x[SALARY] = 20000.0 + 130000.0 * kedge_rng_uniform(rng);
    double commission = 10000.0 + 65000.0 * kedge_rng_uniform(rng);
    x[COMMISSION] = x[SALARY] >= 75000.0 ? 0.0 : commission;
    x[AGE] = 20.0 + (double)kedge_rng_below(rng, 61);
    x[LEVEL] = (double)kedge_rng_below(rng, 5);
    x[CAR] = 1.0 + (double)kedge_rng_below(rng, 20);
    x[ZIPCODE] = (double)kedge_rng_below(rng, 9);
    double price = (9.0 - x[ZIPCODE]) * 100000.0;
    x[HOUSE] = price * (0.5 + kedge_rng_uniform(rng));
    x[YEARS] = 1.0 + (double)kedge_rng_below(rng, 30);
    x[LOAN] = 500000.0 * kedge_rng_uniform(rng);
    double label = !concepts_group_a(concept, x);
    if (noise > 0.0) { /* the label is of the true values */
        x[SALARY] = concepts_perturb(rng, x[SALARY], 20000.0, 150000.0, noise);
        if (x[COMMISSION] > 0.0)
            x[COMMISSION] = concepts_perturb(rng, x[COMMISSION], 10000.0, 75000.0, noise);
        x[AGE] = nearbyint(concepts_perturb(rng, x[AGE], 20.0, 80.0, noise));
        x[HOUSE] = concepts_perturb(rng, x[HOUSE], 0.5 * price, 1.5 * price, noise);
        x[YEARS] = nearbyint(concepts_perturb(rng, x[YEARS], 1.0, 30.0, noise));
        x[LOAN] = concepts_perturb(rng, x[LOAN], 0.0, 500000.0, noise);
    }
    return label;
}

static int concepts_next(void *state, double *x, double *y)
{
    concepts_state *s = state;
    kedge_rng *rng = &s->schedule.rng;
    stream_place place = kedge_i_schedule_next(&s->schedule);
    uint32_t concept = place.share > 0.0 ? s->after : s->before;
    switch (s->family) {
    case KEDGE_CONCEPTS_SEA:
        *y = concepts_sea(rng, concept, s->noise, x);
        break;
    case KEDGE_CONCEPTS_STAGGER:
        *y = concepts_stagger(rng, concept, s->noise, x);
        break;
    case KEDGE_CONCEPTS_SINE:
        *y = concepts_sine(rng, concept, s->noise, x);
        break;
    case KEDGE_CONCEPTS_AGRAWAL:
        *y = concepts_agrawal(rng, concept, s->noise, x);
        break;
    default:
        *y = concepts_led(rng, concept, s->noise, x);
    }
    return place.changed;
}

static uint32_t concepts_n_features(const void *state)
{
    static const uint8_t features[] = {0, 3, 3, 2, CONCEPTS_LOAN_FEATURES, 24}; /* by KEDGE_CONCEPTS_... */
    return features[((const concepts_state *)state)->family];
}

static uint32_t concepts_n_classes(const void *state)
{
    return ((const concepts_state *)state)->family == KEDGE_CONCEPTS_LED ? 10 : 2;
}

const kedge_stream_class kedge_concepts = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_STREAM,
            .version = 1,
            .name = "concepts",
            .fixed_bytes = sizeof(concepts_state),
            .config_bytes = sizeof(kedge_concepts_config),
            .n_fields = sizeof concepts_fields / sizeof *concepts_fields,
            .fields = concepts_fields,
            .defaults = concepts_defaults,
            .configure = concepts_configure,
            .valid = concepts_valid,
            .layout = concepts_layout,
            .start = concepts_start,
            .check = concepts_check,
        },
    .n_features = concepts_n_features,
    .n_classes = concepts_n_classes,
    .next = concepts_next,
};
