/* SPDX-License-Identifier: MIT */
/* What the guard of a rollout bets on (pipeline/guard.h): differences of both models' losses, each as close in time as it can be,
 * so that a world that grows harder for both speaks against neither.
 *
 * Both answer a row: the difference there. They answer different rows: means of the rows since the last comparison, as soon as
 * there are some of each, which are few and side by side. The champion answers none, as in production: the upper end of its
 * confidence sequence; while that is above its mean, which it is at all times with the chance that log_alone allows, the game is no
 * better than a fair one. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/rollout_state.h"

/* In units of loss_max, which bounds both sides. */
static double watch_share(const rollout_state *s, double loss)
{
    return loss >= s->loss_max ? 1.0 : loss <= -s->loss_max ? -1.0 : loss / s->loss_max;
}

/* The champion's mean loss is not above this. */
static double watch_champion_most(const rollout_state *s)
{
    const kedge_i_confidence *q = &s->champion;
    return fmin(q->weighted / q->bets + kedge_i_confidence_width(q, s->log_alone), 1.0);
}

static void watch_compare(rollout_state *s, const kedge_i_stage *stage, double difference)
{
    kedge_i_guard_learn(&rollout_watch_of(s)->worse, difference, watch_share(s, stage->tolerance));
}

/* Once there are pairs they tell more. */
static void watch_in_production(rollout_state *s, const kedge_i_stage *stage, double challenger)
{
    if (s->pairs.n == 0.0 && s->champion.n > 0.0)
        watch_compare(s, stage, challenger - watch_champion_most(s));
}

static void watch_side_by_side(rollout_state *s, const kedge_i_stage *stage, uint32_t is_challenger, double loss)
{
    rollout_watch *w = rollout_watch_of(s);
    *(is_challenger ? &w->n_challenger : &w->n_champion) += 1.0;
    *(is_challenger ? &w->challenger : &w->champion) += loss;
    if (w->n_challenger == 0.0 || w->n_champion == 0.0)
        return;
    watch_compare(s, stage, w->challenger / w->n_challenger - w->champion / w->n_champion);
    w->n_challenger = w->challenger = w->n_champion = w->champion = 0.0;
}

static void watch_limit(rollout_state *s, const kedge_i_stage *stage, double challenger)
{
    kedge_i_guard_learn(&rollout_watch_of(s)->over, challenger, watch_share(s, stage->loss_limit));
}

void kedge_i_rollout_see(rollout_state *s, uint32_t is_challenger, double loss)
{
    const kedge_i_stage *stage = rollout_serving(s);
    if (is_challenger)
        watch_limit(s, stage, loss);
    if (stage->kind != KEDGE_STAGE_PRODUCTION)
        watch_side_by_side(s, stage, is_challenger, loss);
    else if (is_challenger)
        watch_in_production(s, stage, loss);
}

void kedge_i_rollout_see_pair(rollout_state *s, double champion, double challenger)
{
    const kedge_i_stage *stage = rollout_serving(s);
    watch_limit(s, stage, challenger);
    watch_compare(s, stage, challenger - champion);
}

/* Half of the error that the stage allows: the intervals' ends have the other half, and the champion's in production. */
int kedge_i_rollout_alarms(const rollout_state *s, const kedge_i_guard *g)
{
    return kedge_i_guard_wealth(g) * (1.0 - s->confidence) >= 2.0;
}

void kedge_i_rollout_tell_since(const rollout_state *s, double tolerance, kedge_rollout_action *out)
{
    const kedge_i_guard *g = &rollout_watch_of(s)->worse;
    out->rows = (uint32_t)fmin(ceil(kedge_i_guard_rows(g)), (double)UINT32_MAX);
    out->difference = s->loss_max * (kedge_i_guard_excess(g) + watch_share(s, tolerance));
    out->low = tolerance;
    out->high = (double)NAN;
}

static int watch_side_is_sound(double n, double sum, double most)
{
    return kedge_i_within(n, 0.0, most) && n == (double)(int64_t)n && kedge_i_within(sum, 0.0, n * (1.0 + 1e-9));
}

int kedge_i_rollout_watch_check(const rollout_state *s)
{
    const rollout_watch *w = rollout_watch_of(s);
    if (!kedge_i_guard_check(&w->worse) || !kedge_i_guard_check(&w->over))
        return 0;
    if (w->worse.n > s->challenger.n || w->over.n != s->challenger.n || (w->n_champion > 0.0 && w->n_challenger > 0.0))
        return 0;
    return watch_side_is_sound(w->n_champion, w->champion, s->champion.n) &&
           watch_side_is_sound(w->n_challenger, w->challenger, s->challenger.n);
}
