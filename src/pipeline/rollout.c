/* SPDX-License-Identifier: MIT */
/* A challenger's way into service: the object, who answers a row, and what the host tells. Shadow, canary, blue/green: the usual
 * terms of progressive delivery (Humble, Farley 2010, "Continuous Delivery", chapter 10). Cost: O(1). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/controls/rollout.h"

#include "base/bytes.h"
#include "base/object.h"
#include "base/sha256.h"
#include "pipeline/rollout_state.h"

#define ROLLOUT_U32(member) KEDGE_VALUE(rollout_state, member, KEDGE_TYPE_U32)
#define ROLLOUT_U64(member) KEDGE_VALUE(rollout_state, member, KEDGE_TYPE_U64)
#define ROLLOUT_SEQUENCE(member)                                                                   \
    KEDGE_VALUES(rollout_state, member, sizeof(kedge_i_confidence) / sizeof(double), KEDGE_TYPE_F64)

static const kedge_field rollout_fields[] = {
    KEDGE_PARAM(rollout_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(rollout_state, loss_max, KEDGE_TYPE_F64),
    KEDGE_PARAM(rollout_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(rollout_state, n_stages, KEDGE_TYPE_U32),
    ROLLOUT_U32(phase),
    ROLLOUT_U32(stage),
    ROLLOUT_U32(verdict),
    ROLLOUT_U32(code),
    ROLLOUT_U64(version),
    ROLLOUT_U64(begun_ns),
    ROLLOUT_U64(entered_ns),
    ROLLOUT_U64(now_ns),
    ROLLOUT_U64(n_begun),
    ROLLOUT_U64(n_finished),
    ROLLOUT_U64(n_rolled_back),
    ROLLOUT_U64(approver),
    ROLLOUT_SEQUENCE(pairs),
    ROLLOUT_SEQUENCE(champion),
    ROLLOUT_SEQUENCE(challenger),
    KEDGE_VALUES(rollout_state, digest, KEDGE_HASH_BYTES, KEDGE_TYPE_U8),
    KEDGE_ARRAY(rollout_state, at_watch, n_watch, KEDGE_TYPE_F64),
    KEDGE_PARTS(rollout_state, at_stages, stage_bytes, 0),
};

static const kedge_class *const rollout_parts[] = {&kedge_i_stage_class};

/* The object ------------------------------------------------------------------------------------------------------------------- */

static void rollout_defaults(void *config)
{
    kedge_rollout_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_rollout;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->seed = 1;
    cfg->loss_max = 1.0;
    cfg->confidence = 0.95;
}

kedge_status kedge_rollout_config_init(kedge_rollout_config *cfg, size_t cfg_bytes, const kedge_stage *stages, uint32_t n_stages)
{
    KEDGE_TRY(kedge_class_defaults(&kedge_rollout.base, cfg, cfg_bytes, sizeof *cfg));
    cfg->stages = stages;
    cfg->n_stages = n_stages;
    return KEDGE_OK;
}

/* How many there are; 0, which is out of range, if one of them is no stage, or production is not exactly the last. */
static uint32_t rollout_count(const kedge_rollout_config *cfg)
{
    if (!cfg->stages || cfg->n_stages > KEDGE_STAGES_MAX)
        return 0;
    for (uint32_t i = 0; i < cfg->n_stages; i++) {
        int is_last = i + 1 == cfg->n_stages;
        if (!kedge_i_stage_valid(&cfg->stages[i]) || (cfg->stages[i].kind == KEDGE_STAGE_PRODUCTION) != is_last)
            return 0;
    }
    return cfg->n_stages;
}

static void rollout_configure(const void *config, void *fixed)
{
    const kedge_rollout_config *cfg = config;
    rollout_state *s = fixed;
    s->seed = cfg->seed;
    s->loss_max = cfg->loss_max;
    s->confidence = cfg->confidence;
    s->n_stages = rollout_count(cfg);
}

static int rollout_valid(const void *fixed)
{
    const rollout_state *s = fixed;
    return kedge_i_u32_within(s->n_stages, 1, KEDGE_STAGES_MAX) && kedge_i_within(s->loss_max, DBL_MIN, KEDGE_I_STAGE_LOSS_MAX) &&
           s->confidence > 0.0 && s->confidence < 1.0;
}

static size_t rollout_layout(void *fixed)
{
    rollout_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->stage_bytes = sizeof(kedge_i_stage);
    s->log_pair = log(2.0 / (1.0 - s->confidence));
    s->log_alone = log(4.0 / (1.0 - s->confidence));
    s->n_watch = sizeof(rollout_watch) / sizeof(double);
    s->at_watch = kedge_i_arena_take(&arena, s->n_watch, sizeof(double));
    s->at_stages = kedge_i_arena_take(&arena, s->n_stages, sizeof(kedge_i_stage));
    return kedge_i_arena_end(&arena);
}

static void rollout_begin_parts(const kedge_class *cls, const void *config, void *state)
{
    const kedge_rollout_config *cfg = config;
    rollout_state *s = state;
    (void)cls;
    for (uint32_t i = 0; i < s->n_stages; i++) {
        kedge_i_stage_config one;
        kedge_i_stage_class.defaults(&one);
        one.stage = cfg->stages[i];
        void *at = (unsigned char *)kedge_i_at(s, s->at_stages) + (size_t)i * sizeof(kedge_i_stage);
        kedge_status st = kedge_i_object_init(&kedge_i_stage_class, &one, sizeof one, at, sizeof(kedge_i_stage));
        KEDGE_ASSERT(st == KEDGE_OK);
        (void)st;
    }
}

/* Invariants ------------------------------------------------------------------------------------------------------------------- */

static int rollout_is_empty(const kedge_i_confidence *q)
{
    return q->n == 0.0 && q->total == 0.0 && q->scatter == 0.0 && q->bets == 0.0 && q->weighted == 0.0 && q->correction == 0.0;
}

static int rollout_sequence_is_sound(const kedge_i_confidence *q)
{
    if (!kedge_i_within(q->n, 0.0, (double)KEDGE_I_COUNT_MAX) || q->n != (double)(int64_t)q->n)
        return 0;
    return q->n > 0.0 ? kedge_i_confidence_check(q) : rollout_is_empty(q);
}

static int rollout_has_seen_nothing(const rollout_state *s)
{
    const double *numbers = kedge_i_at_const(s, s->at_watch);
    for (uint32_t i = 0; i < s->n_watch; i++)
        if (numbers[i] != 0.0)
            return 0;
    return rollout_is_empty(&s->pairs) && rollout_is_empty(&s->champion) && rollout_is_empty(&s->challenger);
}

static int rollout_is_at_rest(const rollout_state *s)
{
    for (uint32_t i = 0; i < KEDGE_HASH_BYTES; i++)
        if (s->digest[i] != 0)
            return 0;
    return s->version == 0 && s->stage == 0 && s->verdict == 0 && s->code == 0 && s->begun_ns == 0 && s->entered_ns == 0 &&
           rollout_has_seen_nothing(s);
}

static int rollout_stages_are_sound(const rollout_state *s)
{
    for (uint32_t i = 0; i < s->n_stages; i++)
        if ((rollout_at(s, i)->kind == KEDGE_STAGE_PRODUCTION) != (i + 1 == s->n_stages))
            return 0;
    return s->phase != ROLLOUT_ASKING || rollout_at(s, s->stage)->needs_approval;
}

static int rollout_check(const void *state)
{
    const rollout_state *s = state;
    if (s->phase > ROLLOUT_RUNNING || s->stage >= s->n_stages || s->verdict > ROLLOUT_STOP || s->spare != 0)
        return 0;
    if (!rollout_stages_are_sound(s) || s->n_begun > KEDGE_I_COUNT_MAX || s->n_finished > s->n_begun)
        return 0;
    if (s->n_begun - s->n_finished < s->n_rolled_back ||
        s->n_begun - s->n_finished - s->n_rolled_back != (s->phase != ROLLOUT_IDLE))
        return 0;
    if (s->now_ns > KEDGE_I_COUNT_MAX || s->entered_ns > s->now_ns || s->begun_ns > s->entered_ns)
        return 0;
    if (!rollout_sequence_is_sound(&s->pairs) || !rollout_sequence_is_sound(&s->champion) ||
        !rollout_sequence_is_sound(&s->challenger))
        return 0;
    if (s->pairs.n > s->champion.n || s->pairs.n > s->challenger.n || !kedge_i_rollout_watch_check(s))
        return 0;
    return s->phase == ROLLOUT_IDLE ? rollout_is_at_rest(s) : s->version != 0;
}

/* What the host tells ---------------------------------------------------------------------------------------------------------- */

kedge_status kedge_rollout_begin(kedge_control *c, uint64_t now_ns, uint64_t version, const unsigned char *digest)
{
    KEDGE_TRY(rollout_look(c, now_ns));
    rollout_state *s = c->state;
    if (version == 0 || s->n_begun >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    if (s->phase != ROLLOUT_IDLE)
        return KEDGE_ERR_STATE;
    s->phase = ROLLOUT_NEXT;
    s->version = version;
    s->now_ns = s->begun_ns = s->entered_ns = now_ns;
    s->n_begun++;
    if (digest)
        memcpy(s->digest, digest, sizeof s->digest);
    return KEDGE_OK;
}

/* The same id gets the same number of one rollout, whatever the stage; of the next one another. */
static double rollout_draw(const rollout_state *s, uint64_t id)
{
    kedge_rng outer = {s->seed ^ s->version};
    kedge_rng inner = {id ^ kedge_rng_next(&outer)};
    return kedge_rng_uniform(&inner);
}

kedge_status kedge_rollout_pick(const kedge_control *c, uint64_t id, kedge_rollout_route *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_rollout));
    const rollout_state *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    const kedge_i_stage *stage = rollout_serving(s);
    out->is_challenger = 0;
    out->both_answer = 0;
    if (!stage || stage->kind < KEDGE_STAGE_SHADOW)
        return KEDGE_OK;
    out->both_answer = stage->kind == KEDGE_STAGE_SHADOW || stage->both_answer;
    if (stage->kind != KEDGE_STAGE_SHADOW)
        out->is_challenger = stage->kind == KEDGE_STAGE_PRODUCTION || rollout_draw(s, id) < stage->share;
    return KEDGE_OK;
}

static kedge_status rollout_may_record(const kedge_control *c, uint64_t now_ns, double loss)
{
    KEDGE_TRY(rollout_look(c, now_ns));
    const rollout_state *s = c->state;
    if (!kedge_i_within(loss, 0.0, s->loss_max))
        return kedge_i_refusal(loss);
    if (!(s->champion.n < (double)KEDGE_I_COUNT_MAX && s->challenger.n < (double)KEDGE_I_COUNT_MAX))
        return KEDGE_ERR_RANGE;
    return rollout_serving(s) ? KEDGE_OK : KEDGE_EMPTY;
}

kedge_status kedge_rollout_record(kedge_control *c, uint64_t now_ns, uint32_t is_challenger, double loss)
{
    kedge_status st = rollout_may_record(c, now_ns, loss);
    if (st != KEDGE_OK)
        return st;
    rollout_state *s = c->state;
    s->now_ns = now_ns;
    kedge_i_rollout_see(s, is_challenger, loss / s->loss_max);
    kedge_i_confidence_learn(is_challenger ? &s->challenger : &s->champion, loss / s->loss_max, s->log_alone);
    return KEDGE_OK;
}

kedge_status kedge_rollout_record_pair(kedge_control *c, uint64_t now_ns, double champion, double challenger)
{
    kedge_status st = rollout_may_record(c, now_ns, champion);
    KEDGE_TRY(st);
    kedge_status other = rollout_may_record(c, now_ns, challenger);
    KEDGE_TRY(other);
    if (st != KEDGE_OK)
        return st;
    rollout_state *s = c->state;
    double a = champion / s->loss_max, b = challenger / s->loss_max;
    s->now_ns = now_ns;
    kedge_i_rollout_see_pair(s, a, b);
    kedge_i_confidence_learn(&s->pairs, 0.5 + 0.5 * (b - a), s->log_pair);
    kedge_i_confidence_learn(&s->champion, a, s->log_alone);
    kedge_i_confidence_learn(&s->challenger, b, s->log_alone);
    return KEDGE_OK;
}

static void rollout_hear(rollout_state *s, uint64_t now_ns, uint32_t verdict, int32_t code)
{
    s->now_ns = now_ns;
    s->verdict = verdict;
    s->code = (uint32_t)code;
}

kedge_status kedge_rollout_judge(kedge_control *c, uint64_t now_ns, int32_t is_good, int32_t code)
{
    KEDGE_TRY(rollout_look(c, now_ns));
    rollout_state *s = c->state;
    if (s->phase != ROLLOUT_RUNNING)
        return KEDGE_ERR_STATE;
    if (s->verdict != ROLLOUT_STOP)
        rollout_hear(s, now_ns, is_good ? ROLLOUT_GOOD : ROLLOUT_BAD, code);
    return KEDGE_OK;
}

kedge_status kedge_rollout_stop(kedge_control *c, uint64_t now_ns, int32_t code)
{
    KEDGE_TRY(rollout_look(c, now_ns));
    rollout_state *s = c->state;
    if (s->phase == ROLLOUT_IDLE)
        return KEDGE_ERR_STATE;
    rollout_hear(s, now_ns, ROLLOUT_STOP, code);
    return KEDGE_OK;
}

/* Approvals -------------------------------------------------------------------------------------------------------------------- */

static void rollout_token(const rollout_state *s, unsigned char *token)
{
    unsigned char bytes[32 + KEDGE_HASH_BYTES];
    kedge_i_sha256 hash;
    kedge_i_put(bytes, s->version, 8);
    kedge_i_put(bytes + 8, s->begun_ns, 8);
    kedge_i_put(bytes + 16, s->entered_ns, 8);
    kedge_i_put(bytes + 24, s->stage, 8);
    memcpy(bytes + 32, s->digest, sizeof s->digest);
    kedge_i_sha256_begin(&hash);
    kedge_i_sha256_add(&hash, bytes, sizeof bytes);
    kedge_i_sha256_end(&hash, token);
}

kedge_status kedge_rollout_ask(const kedge_control *c, kedge_rollout_request *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_rollout));
    const rollout_state *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    memset(out, 0, sizeof *out);
    if (s->phase != ROLLOUT_ASKING)
        return KEDGE_EMPTY;
    out->version = s->version;
    out->asked_ns = s->entered_ns;
    out->stage = s->stage;
    out->stage_kind = rollout_at(s, s->stage)->kind;
    rollout_token(s, out->token);
    return KEDGE_OK;
}

kedge_status kedge_rollout_approve(kedge_control *c, uint64_t now_ns, const unsigned char *token, uint64_t approver)
{
    unsigned char own[KEDGE_HASH_BYTES];
    KEDGE_TRY(rollout_look(c, now_ns));
    rollout_state *s = c->state;
    if (!token)
        return KEDGE_ERR_NULL;
    if (s->phase != ROLLOUT_ASKING)
        return KEDGE_ERR_STATE;
    rollout_token(s, own);
    if (!kedge_i_hash_equal(own, token))
        return KEDGE_ERR_UNKNOWN;
    s->now_ns = now_ns;
    s->phase = ROLLOUT_APPROVED;
    s->approver = approver;
    return KEDGE_OK;
}

const char *kedge_stage_string(uint32_t kind)
{
    static const char *const words[] = {"none", "development", "test", "pre-production", "shadow", "canary", "production"};
    return kind < sizeof words / sizeof *words ? words[kind] : "unknown";
}

const kedge_control_class kedge_rollout = {
    .base = {
        .abi = KEDGE_CLASS_ABI,
        .noun = KEDGE_NOUN_CONTROL,
        .version = 1,
        .name = "rollout",
        .fixed_bytes = sizeof(rollout_state),
        .config_bytes = sizeof(kedge_rollout_config),
        .n_fields = sizeof rollout_fields / sizeof *rollout_fields,
        .fields = rollout_fields,
        .defaults = rollout_defaults,
        .configure = rollout_configure,
        .valid = rollout_valid,
        .layout = rollout_layout,
        .check = rollout_check,
        .parts = rollout_parts,
        .begin_parts = rollout_begin_parts,
    },
};
