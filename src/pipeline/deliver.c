/* SPDX-License-Identifier: MIT */
/* Delivery inside a pipeline: who answers a row while a challenger is in its rollout, what the rollout then does to the champion,
 * and what all of it is told to events and triggers. In production the two models have changed places, and the old champion lies
 * where the challenger did, so that a rollback changes them once more. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/pipeline_state.h"

#include "base/check.h"
#include "base/number.h"
#include "pipeline/rollout_state.h"
#include "pipeline/triggers_state.h"

static uint64_t deliver_later(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* What the host has told a control inside was told too: from a later time on, that control would refuse all that the pipeline tells
 * it. */
static uint64_t deliver_told(const pipeline_state *s)
{
    uint64_t told = s->clock_ns;
    if (s->control_bytes[KEDGE_PIPELINE_TRIGGERS - 1] > 0)
        told = deliver_later(
            told, ((const triggers_state *)kedge_i_at_const(s, s->at_control[KEDGE_PIPELINE_TRIGGERS - 1]))->clock.now_ns);
    if (s->control_bytes[KEDGE_PIPELINE_ROLLOUT - 1] > 0)
        told = deliver_later(told, ((const rollout_state *)kedge_i_at_const(s, s->at_control[KEDGE_PIPELINE_ROLLOUT - 1]))->now_ns);
    return told;
}

uint64_t kedge_i_deliver_clock(const pipeline_state *s, uint64_t now_ns)
{
    uint64_t now = deliver_later(now_ns, deliver_told(s));
    return now < KEDGE_I_COUNT_MAX ? now : KEDGE_I_COUNT_MAX;
}

void kedge_i_deliver_put(const kedge_pipeline *p, const kedge_event *event)
{
    kedge_control events = kedge_i_pipeline_control(p, KEDGE_PIPELINE_EVENTS);
    kedge_event numbered = *event;
    numbered.pipeline = pipeline_of(p)->number;
    if (events.state)
        KEDGE_IGNORE(kedge_events_put(&events, &numbered));
}

void kedge_i_deliver_tell(const kedge_pipeline *p, uint32_t kind, uint64_t version, int32_t code, double value, double limit)
{
    const kedge_event event = {kind, 0, code, 0, 0, pipeline_of(p)->clock_ns, version, value, limit};
    kedge_i_deliver_put(p, &event);
}

/* The host's verdict on a stage. */
static void deliver_tell_tested(const kedge_pipeline *p, const kedge_rollout_action *action)
{
    const kedge_event event = {KEDGE_EVENT_TESTED,       action->stage,   action->code, 0,  0,
                               pipeline_of(p)->clock_ns, action->version, 0.0,          0.0};
    kedge_i_deliver_put(p, &event);
}

/* The end of a training that triggers have called for; others they do not know. */
void kedge_i_deliver_end(const kedge_pipeline *p, uint32_t outcome)
{
    kedge_control triggers = kedge_i_pipeline_control(p, KEDGE_PIPELINE_TRIGGERS);
    if (!triggers.state)
        return;
    const pipeline_state *s = pipeline_of(p);
    KEDGE_IGNORE(kedge_triggers_end(&triggers, s->clock_ns, outcome));
    if (outcome == KEDGE_OUTCOME_REFUSED && s->watched_from > s->changed_row) /* a model was promoted since the change */
        kedge_i_triggers_settled(&triggers, 0);
}

/* Answering and labels --------------------------------------------------------------------------------------------------------- */

/* Which place has a model by its name in the rollout? */
static uint32_t deliver_place(const pipeline_state *s, uint32_t is_challenger)
{
    return is_challenger != s->swapped;
}

kedge_status kedge_i_deliver_answer(const kedge_pipeline *p, uint64_t id, const double *x, pipeline_answer *out)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_rollout_route route = {0, 0};
    if (s->staged != 0) {
        kedge_control rollout = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT);
        KEDGE_TRY(kedge_rollout_pick(&rollout, id, &route));
    }
    uint32_t place = s->staged != 0 ? deliver_place(s, route.is_challenger) : 0;
    out->other = (double)NAN;
    out->server = 2 * s->staged + route.is_challenger;
    kedge_status st = kedge_i_prepared_predict(p, place, x, &out->predicted);
    if (st < 0 || !route.both_answer)
        return st;
    if (kedge_i_prepared_predict(p, !place, x, &out->other) < 0)
        out->other = (double)NAN;
    return st;
}

/* The losses of a row go to the rollout in which it was answered, if that is still under way. */
static void deliver_record(const kedge_pipeline *p, uint32_t place, double y)
{
    const pipeline_state *s = pipeline_of(p);
    uint64_t server = ((const uint64_t *)kedge_i_at_const(s, s->at_server))[place];
    double served = ((const double *)kedge_i_at_const(s, s->at_predicted))[place];
    double other = ((const double *)kedge_i_at_const(s, s->at_other))[place];
    if (s->staged == 0 || server / 2 != s->staged)
        return;
    kedge_control rollout = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT);
    double most = ((const rollout_state *)rollout.state)->loss_max;
    double loss = fmin(pipeline_error(s, served, y), most);
    uint64_t now = s->clock_ns;
    if (isnan(other)) {
        KEDGE_IGNORE(kedge_rollout_record(&rollout, now, (uint32_t)(server % 2), loss));
        return;
    }
    double beside = fmin(pipeline_error(s, other, y), most);
    KEDGE_IGNORE(kedge_rollout_record_pair(&rollout, now, server % 2 ? beside : loss, server % 2 ? loss : beside));
}

void kedge_i_deliver_label(kedge_pipeline *p, uint32_t place, double y, kedge_status signal, kedge_status told)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control triggers = kedge_i_pipeline_control(p, KEDGE_PIPELINE_TRIGGERS);
    deliver_record(p, place, y);
    if (triggers.state) {
        if (s->due && s->n_labelled >= s->due_from) { /* rows of the new concept have doubled: the same drift is a reason again */
            told = KEDGE_DRIFT;
            s->due = 0;
        }
        KEDGE_IGNORE(kedge_triggers_rows(&triggers, s->clock_ns, 1));
        if (told != KEDGE_OK || s->signal != KEDGE_OK) /* calm after calm is no news */
            KEDGE_IGNORE(kedge_triggers_signal(&triggers, s->clock_ns, 0, told));
    }
    s->signal = (uint8_t)told;
    if (signal == KEDGE_DRIFT || (signal == KEDGE_WARNING && !s->warned))
        kedge_i_deliver_tell(p, signal == KEDGE_DRIFT ? KEDGE_EVENT_DRIFT : KEDGE_EVENT_WARNING, s->version, signal, 0.0, 0.0);
}

/* The champion ----------------------------------------------------------------------------------------------------------------- */

static void deliver_swap_bytes(void *one, void *other, uint32_t bytes)
{
    uint64_t *a = one, *b = other;
    for (uint32_t i = 0; i < bytes / sizeof *a; i++) {
        uint64_t was = a[i];
        a[i] = b[i];
        b[i] = was;
    }
}

/* Models, and the preps beside them. */
static void deliver_swap(pipeline_state *s)
{
    deliver_swap_bytes(kedge_i_at(s, s->at_champion), kedge_i_at(s, s->at_challenger), s->champion_bytes);
    if (s->n_preps > 0)
        deliver_swap_bytes(kedge_i_at(s, s->at_preps), kedge_i_at(s, s->at_preps + s->prep_bytes), s->prep_bytes);
}

static void deliver_serve(const kedge_pipeline *p, uint64_t version)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    if (store.state)
        KEDGE_IGNORE(kedge_store_serve(&store, version, pipeline_of(p)->clock_ns));
}

static void deliver_status(const kedge_pipeline *p, uint64_t version, uint32_t status)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    if (store.state)
        KEDGE_IGNORE(kedge_store_set_status(&store, version, status));
}

void kedge_i_deliver_promote(kedge_pipeline *p, uint64_t version, int is_there)
{
    pipeline_state *s = pipeline_of(p);
    if (is_there) {
        s->recall_at = 0; /* it may have been trained on any of the rows */
    } else {
        deliver_swap(s);
        kedge_i_retrain_promoted(p, s->clock_ns);
    }
    s->version = version;
    deliver_serve(p, version);
    kedge_i_deliver_tell(p, KEDGE_EVENT_PROMOTED, version, 0, 0.0, 0.0);
    kedge_i_deliver_end(p, KEDGE_OUTCOME_PROMOTED);
}

void kedge_i_deliver_offer(kedge_pipeline *p, uint64_t version, const unsigned char *digest)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control rollout = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT);
    if (!rollout.state || kedge_rollout_begin(&rollout, s->clock_ns, version, digest) < 0) {
        kedge_i_deliver_promote(p, version, 0);
        return;
    }
    s->staged = version;
    pipeline_counts_of(s)->offered_row = s->n_labelled;
    deliver_status(p, version, KEDGE_VERSION_STAGED);
}

/* Has a model lost in production where no other answered the same rows? Then it may as well be the world that has changed. */
static int deliver_is_world(const kedge_pipeline *p, const kedge_rollout_action *action)
{
    const rollout_state *r = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT).state;
    return action->why == KEDGE_ROLLOUT_LIMIT ||
           (action->why == KEDGE_ROLLOUT_WORSE && !rollout_at(r, action->stage)->both_answer);
}

/* A drift since that row: the old champion, if it is as wrong in the new world, is so from its first row on, and a detector that
 * begins there would never see a change. */
static void deliver_drift(kedge_pipeline *p, uint64_t changed_row)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control triggers = kedge_i_pipeline_control(p, KEDGE_PIPELINE_TRIGGERS);
    kedge_i_retrain_count_drift(s, s->clock_ns);
    kedge_i_deliver_tell(p, KEDGE_EVENT_DRIFT, s->version, KEDGE_DRIFT, 0.0, 0.0);
    if (!kedge_i_retrain_ask(s, changed_row) || !triggers.state)
        return;
    KEDGE_IGNORE(kedge_triggers_signal(&triggers, s->clock_ns, KEDGE_SOURCE_DETECTOR, KEDGE_DRIFT));
    s->signal = KEDGE_DRIFT;
}

static void deliver_roll_back(kedge_pipeline *p, const kedge_rollout_action *action)
{
    pipeline_state *s = pipeline_of(p);
    kedge_detector d = pipeline_detector_of(p);
    const int served = s->swapped;
    const uint64_t watched = s->n_labelled - s->watched_from;
    const uint64_t since = action->rows > 0 && action->rows < watched ? action->rows : watched;
    if (served) {
        deliver_swap(s);
        s->version = s->previous;
        deliver_serve(p, s->version);
        KEDGE_IGNORE(kedge_detector_reset(&d));
        s->watched_from = s->n_labelled;
        s->warned = 0;
    }
    deliver_status(p, action->version, KEDGE_VERSION_ROLLED_BACK);
    s->previous = s->staged = 0;
    s->swapped = 0;
    pipeline_counts_of(s)->n_rolled_back++;
    if (action->why == KEDGE_ROLLOUT_VERDICT)
        deliver_tell_tested(p, action);
    kedge_i_deliver_tell(p, KEDGE_EVENT_ROLLED_BACK, action->version, (int32_t)action->why, action->difference, action->low);
    if (served)
        kedge_i_deliver_tell(p, KEDGE_EVENT_RETURNED, s->version, 0, 0.0, 0.0);
    kedge_i_deliver_end(p, KEDGE_OUTCOME_ROLLED_BACK);
    if (served && deliver_is_world(p, action))
        deliver_drift(p, s->n_labelled - since);
}

/* Who let the model into a stage, if anybody had to. */
static void deliver_approved(const kedge_pipeline *p, const kedge_rollout_action *action)
{
    const rollout_state *r = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT).state;
    if (rollout_at(r, action->stage)->needs_approval)
        kedge_i_deliver_tell(p, KEDGE_EVENT_APPROVED, action->version, (int32_t)action->stage_kind, (double)r->approver, 0.0);
}

static void deliver_act(kedge_pipeline *p, const kedge_rollout_action *action)
{
    pipeline_state *s = pipeline_of(p);
    switch (action->kind) {
    case KEDGE_ROLLOUT_ASK:
        kedge_i_deliver_tell(p, KEDGE_EVENT_ASKED, action->version, (int32_t)action->stage_kind, 0.0, 0.0);
        break;
    case KEDGE_ROLLOUT_ENTER:
        deliver_approved(p, action);
        kedge_i_deliver_tell(p, KEDGE_EVENT_STAGE, action->version, (int32_t)action->stage_kind, 0.0, 0.0);
        break;
    case KEDGE_ROLLOUT_PROMOTE:
        deliver_approved(p, action);
        kedge_i_deliver_tell(p, KEDGE_EVENT_STAGE, action->version, (int32_t)action->stage_kind, action->difference, action->high);
        s->previous = s->version;
        s->swapped = 1;
        kedge_i_deliver_promote(p, action->version, 0);
        break;
    case KEDGE_ROLLOUT_FINISH:
        s->previous = s->staged = 0;
        s->swapped = 0;
        kedge_i_admit_settled(p);
        kedge_i_deliver_tell(p, KEDGE_EVENT_FINISHED, action->version, (int32_t)action->why, action->difference, action->high);
        break;
    default:
        deliver_roll_back(p, action);
    }
}

void kedge_i_deliver_step(kedge_pipeline *p)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_control rollout = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT);
    kedge_rollout_action action;
    while (s->staged != 0) {
        if (kedge_rollout_step(&rollout, s->clock_ns, &action) < 0 || action.kind == KEDGE_ROLLOUT_NONE)
            return;
        deliver_act(p, &action);
    }
}

/* Has the world changed since a challenger was offered that does not serve yet? What its rollout has shown was in another one. */
int kedge_i_deliver_is_overtaken(const pipeline_state *s)
{
    return s->staged != 0 && !s->swapped && s->changed_row >= pipeline_counts_of(s)->offered_row;
}

/* Nor need the old champion be kept longer than it must for a world that has ended. */
int kedge_i_deliver_is_over(const kedge_pipeline *p, uint64_t now_ns)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_control rollout = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT);
    if (s->staged == 0 || !s->swapped)
        return kedge_i_deliver_is_overtaken(s);
    return s->judge_from > s->watched_from && kedge_i_rollout_may_end(&rollout, now_ns);
}

static void deliver_take_back(kedge_pipeline *p, kedge_control *rollout)
{
    kedge_control triggers = kedge_i_pipeline_control(p, KEDGE_PIPELINE_TRIGGERS);
    if (kedge_rollout_stop(rollout, pipeline_of(p)->clock_ns, KEDGE_DRIFT) < 0)
        return;
    kedge_i_deliver_step(p);
    if (triggers.state)
        kedge_i_triggers_overtaken(&triggers);
}

void kedge_i_deliver_overtake(kedge_pipeline *p)
{
    kedge_control rollout = kedge_i_pipeline_control(p, KEDGE_PIPELINE_ROLLOUT);
    kedge_rollout_action action;
    if (!kedge_i_deliver_is_over(p, pipeline_of(p)->clock_ns))
        return;
    if (!pipeline_of(p)->swapped) {
        deliver_take_back(p, &rollout);
        return;
    }
    kedge_i_rollout_end(&rollout, &action);
    deliver_act(p, &action);
}
