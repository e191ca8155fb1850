/* SPDX-License-Identifier: MIT */
/* Policies of retraining on one stream, test-then-train: bench-policies STREAM [SEEDS [MODEL...]]
 *
 * STREAM is made_sea, made_hyperplane or made_recurring, made anew from each seed 1 to SEEDS, or a text file: rows, features and
 * classes, then each row's features and label. Prints a line of JSON a run. `bench-policies cost` measures what a pipeline costs a
 * row instead.
 *
 * Every pipeline that retrains keeps its versions in a store, so that candidates can be judged on rows that no policy sees. */
#include "policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 100, LOOK_EVERY = 25, CHANGES_MAX = 8 };

/* A candidate is better from so much accuracy on, and a concept recovered within as much of what can be reached. */
#define BETTER 0.02

enum { POLICIES_GATE = 1, POLICIES_LEVEL_2 = 2, POLICIES_RECALL = 4, POLICIES_ROWS = 8 };

typedef struct policies_policy {
    const char *name;
    uint32_t policy;
    unsigned every; /* retrain whenever so many thousandths of the stream have come */
    unsigned flags;
    const char *detector;
} policies_policy;

static const policies_policy policies[] = {
    {"static", KEDGE_POLICY_STATIC, 0, 0, "adwin"},
    {"every 1 %", KEDGE_POLICY_RETRAIN, 10, 0, "adwin"},
    {"every 1 %, gate", KEDGE_POLICY_RETRAIN, 10, POLICIES_GATE, "adwin"},
    {"every 5 %", KEDGE_POLICY_RETRAIN, 50, 0, "adwin"},
    {"drift: adwin", KEDGE_POLICY_RETRAIN, 0, POLICIES_GATE, "adwin"},
    {"drift: ddm", KEDGE_POLICY_RETRAIN, 0, POLICIES_GATE, "ddm"},
    {"drift: page_hinkley", KEDGE_POLICY_RETRAIN, 0, POLICIES_GATE, "page_hinkley"},
    {"drift: hddm_w", KEDGE_POLICY_RETRAIN, 0, POLICIES_GATE, "hddm_w"},
    {"drift: e_detector", KEDGE_POLICY_RETRAIN, 0, POLICIES_GATE, "e_detector"},
    {"drift or rows: page_hinkley", KEDGE_POLICY_RETRAIN, 0, POLICIES_GATE | POLICIES_ROWS, "page_hinkley"},
    {"drift or rows: hddm_w", KEDGE_POLICY_RETRAIN, 0, POLICIES_GATE | POLICIES_ROWS, "hddm_w"},
    {"level 2", KEDGE_POLICY_RETRAIN, 0, POLICIES_GATE | POLICIES_LEVEL_2, "adwin"},
    {"level 2, recall", KEDGE_POLICY_RETRAIN, 0, POLICIES_GATE | POLICIES_LEVEL_2 | POLICIES_RECALL, "adwin"},
    {"online", KEDGE_POLICY_ONLINE, 0, 0, "adwin"},
};

typedef union any_detector {
    kedge_detector_config base;
    double align;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} any_detector;

/* A stretch of rows after a change. */
typedef struct recovery {
    size_t rows[CHANGES_MAX];   /* of each change so far, until recovery or the next change */
    size_t after[CHANGES_MAX];  /* of these, those after the first drift that was signalled */
    int is_found[CHANGES_MAX];  /* one was */
    int is_back[CHANGES_MAX];   /* to a concept that was there before */
    unsigned n, n_never;
    size_t at; /* of the last change */
    int is_open;
} recovery;

/* One pipeline on one stream, and what is measured. */
typedef struct run {
    const policies_stream *stream;
    const policies_policy *policy;
    kedge_pipeline pipeline;
    kedge_control store;
    kedge_model before, candidate; /* what served until the last promotion; a candidate */
    void *mem, *work, *mem_before, *mem_candidate;
    size_t work_bytes, model_bytes;
    uint64_t n_added, version;
    uint64_t n_rejections, n_rolled_back, n_undecided, n_drifts;
    double staged_gain;
    uint64_t trained_rows, train_ns;
    double level[POLICIES_CONCEPTS];
    unsigned n_seen;
    unsigned char seen[POLICIES_CONCEPTS];
    recovery back;
    double worst;           /* greatest fall of the accuracy on unseen rows by a promotion */
    unsigned n_worse, n_overtaken, n_better, n_refused, n_given_up;
    size_t right;
    double bins[BINS];
} run;

static void fail(const run *r, const char *what, kedge_status st)
{
    fprintf(stderr, "bench-policies: %s, %s: %s: %s\n", r->stream->name, r->policy->name, what, kedge_status_string(st));
    exit(1);
}

/* Set up
 * ----------------------------------------------------------------------------------------------------------------------------- */

static void begin_pipeline(run *r, const policies_model *model)
{
    const policies_policy *how = r->policy;
    size_t n = r->stream->rows.n;
    any_detector detector;
    kedge_trigger when[2] = {KEDGE_TRIGGER_INIT, KEDGE_TRIGGER_INIT};
    kedge_stage stages[1] = {KEDGE_STAGE_INIT};
    kedge_detector_find(how->detector)->base.defaults(&detector);
    kedge_pipeline_config cfg = kedge_pipeline_defaults(&model->base, &detector.base);
    kedge_triggers_config triggers = kedge_triggers_defaults(when, 1);
    kedge_rollout_config rollout = kedge_rollout_defaults(stages, 1);
    kedge_store_config store = kedge_store_defaults();
    cfg.policy = how->policy;
    cfg.pending_rows = 1;
    cfg.window_rows = (uint32_t)r->stream->first;
    cfg.holdout_every = how->flags & POLICIES_GATE ? cfg.holdout_every : 0;
    if (how->every == 0) /* a fifth of what every 1 % costs */
        cfg.train_share = 0.2 * (double)cfg.window_rows * 100.0 / (double)n;
    r->model_bytes = kedge_model_size(&model->base);
    store.artifact_bytes = (uint32_t)(r->model_bytes * 20);
    if (how->policy == KEDGE_POLICY_RETRAIN)
        cfg.store = &store.base;
    if (how->every > 0) {
        when[0].kind = KEDGE_TRIGGER_ROWS;
        when[0].every = n * how->every / 1000;
        cfg.triggers = &triggers.base;
        cfg.select = KEDGE_SELECT_WINDOW;
    }
    if (how->flags & POLICIES_ROWS) {
        when[0].kind = KEDGE_TRIGGER_SIGNAL;
        when[1].kind = KEDGE_TRIGGER_ROWS;
        when[1].every = cfg.window_rows;
        triggers.n_triggers = 2;
        cfg.triggers = &triggers.base;
    }
    if (how->flags & POLICIES_LEVEL_2) {
        when[0].kind = KEDGE_TRIGGER_SIGNAL;
        stages[0].both_answer = 1;
        stages[0].most_rows = 500;
        cfg.triggers = &triggers.base;
        cfg.rollout = &rollout.base;
        cfg.recall_rows = how->flags & POLICIES_RECALL ? 32 : 0;
    }
    size_t bytes = kedge_pipeline_size(&cfg);
    size_t rows = r->stream->first * (r->stream->n_features + 1) * sizeof(double);
    size_t fit = kedge_model_fit_work(&model->base, r->stream->first) + rows;
    r->work_bytes = kedge_pipeline_work(&cfg) > fit ? kedge_pipeline_work(&cfg) : fit;
    r->mem = policies_take(bytes);
    r->work = policies_take(r->work_bytes);
    r->mem_before = policies_take(r->model_bytes);
    r->mem_candidate = policies_take(r->model_bytes);
    kedge_status st = kedge_pipeline_init(&r->pipeline, &cfg, r->mem, bytes);
    if (st < 0)
        fail(r, "init", st);
    if (cfg.store && kedge_pipeline_control(&r->pipeline, KEDGE_PIPELINE_STORE, &r->store) < 0)
        fail(r, "store", KEDGE_ERR_STATE);
}

/* A copy of the model that serves. */
static void keep_champion(run *r)
{
    kedge_model champion;
    KEDGE_IGNORE(kedge_pipeline_champion(&r->pipeline, &champion));
    memcpy(r->mem_before, champion.state, r->model_bytes);
    kedge_status st = kedge_model_open(&r->before, champion.cls, r->mem_before, r->model_bytes);
    if (st < 0)
        fail(r, "copy", st);
}

/* What a model of this class reaches that is trained on a whole window of each concept, less two points: that is recovery. */
static void measure_levels(run *r, const policies_model *model)
{
    const policies_stream *s = r->stream;
    for (unsigned k = 0; k < s->n_concepts; k++) {
        kedge_model m;
        size_t used;
        kedge_rows rows = kedge_rows_float64(s->fresh[k].x, s->fresh[k].n, s->n_features);
        kedge_status st = kedge_model_init(&m, &model->base, r->mem_candidate, r->model_bytes);
        if (st >= 0)
            st = m.cls->fit ? kedge_model_fit(&m, &rows, s->fresh[k].y, NULL, r->work, r->work_bytes)
                            : kedge_model_learn_many(&m, &rows, s->fresh[k].y, NULL, &used);
        if (st < 0)
            fail(r, "level", st);
        r->level[k] = policies_accuracy(&m, &s->held[k]) - BETTER;
    }
}

static void begin(run *r, const policies_model *model)
{
    const policies_stream *s = r->stream;
    kedge_pipeline_report report;
    kedge_rows rows = kedge_rows_float64(s->rows.x, s->first, s->n_features);
    begin_pipeline(r, model);
    measure_levels(r, model);
    kedge_status st = kedge_pipeline_train(&r->pipeline, &rows, s->rows.y, r->work, r->work_bytes);
    st = st < 0 ? st : kedge_pipeline_read(&r->pipeline, &report);
    if (st < 0)
        fail(r, "train", st);
    r->version = report.version;
    r->n_added = report.n_trainings;
    if (s->concept_of)
        r->seen[s->concept_of[0]] = 1;
    keep_champion(r);
}

static void end(run *r)
{
    free(r->mem);
    free(r->work);
    free(r->mem_before);
    free(r->mem_candidate);
}

/* Judge
 * ------------------------------------------------------------------------------------------------------------------------------ */

static void judge_candidate(run *r, size_t t, uint64_t id)
{
    kedge_store_version v;
    const void *bytes;
    size_t n = 0;
    if (kedge_store_get(&r->store, id, &v) < 0 || kedge_store_artifact(&r->store, id, &bytes, &n) != KEDGE_OK)
        fail(r, "artifact", KEDGE_EMPTY);
    r->trained_rows += v.n_rows;
    kedge_status st = kedge_model_load(&r->candidate, r->before.cls, r->mem_candidate, r->model_bytes, bytes, n);
    if (st < 0)
        fail(r, "candidate", st);
    policies_rows rows = policies_unseen(r->stream, t);
    r->staged_gain = policies_accuracy(&r->candidate, &rows) - policies_accuracy(&r->before, &rows);
    r->n_better += r->staged_gain >= BETTER;
}

/* Did the concept change between the training of the model that serves now and row t? */
static int is_overtaken(const run *r, size_t t)
{
    kedge_store_version v;
    kedge_pipeline_report now;
    const policies_stream *s = r->stream;
    if (!s->concept_of || kedge_pipeline_read(&r->pipeline, &now) < 0 || kedge_store_get(&r->store, now.version, &v) < 0)
        return 0;
    return s->concept_of[s->first + v.last_row] != s->concept_of[t];
}

static void judge_promotion(run *r, size_t t)
{
    kedge_model champion;
    policies_rows rows = policies_unseen(r->stream, t);
    KEDGE_IGNORE(kedge_pipeline_champion(&r->pipeline, &champion));
    double gain = policies_accuracy(&champion, &rows) - policies_accuracy(&r->before, &rows);
    r->worst = gain < -r->worst ? -gain : r->worst;
    r->n_worse += gain < -0.01;
    r->n_overtaken += gain < -0.01 && is_overtaken(r, t);
    keep_champion(r);
}

static void judge(run *r, size_t t, const kedge_pipeline_report *now)
{
    kedge_store_report store;
    if (!r->store.state)
        return;
    r->n_given_up += now->n_undecided > r->n_undecided && r->staged_gain >= BETTER; /* before the next one takes its place */
    if (kedge_store_read(&r->store, &store) == KEDGE_OK && store.n_added > r->n_added)
        judge_candidate(r, t, r->n_added = store.n_added);
    r->n_refused += (now->n_rejections > r->n_rejections || now->n_rolled_back > r->n_rolled_back) && r->staged_gain >= BETTER;
    if (now->version != r->version && now->n_rolled_back == r->n_rolled_back)
        judge_promotion(r, t);
    else if (now->version != r->version)
        keep_champion(r);
    r->n_rejections = now->n_rejections;
    r->n_undecided = now->n_undecided;
    r->n_rolled_back = now->n_rolled_back;
    r->version = now->version;
}

/* Recovery
 * --------------------------------------------------------------------------------------------------------------------------- */

static void recovery_end(run *r, size_t t, int has_recovered)
{
    recovery *b = &r->back;
    if (!b->is_open)
        return;
    b->rows[b->n - 1] = t - b->at;
    b->after[b->n - 1] = b->is_found[b->n - 1] ? t - b->after[b->n - 1] : 0;
    b->n_never += !has_recovered; /* counts with the rows until the next change */
    b->is_open = 0;
}

/* Before row t is served. */
static void recovery_change(run *r, size_t t)
{
    const unsigned char *of = r->stream->concept_of;
    if (!of || of[t] == of[t - 1])
        return;
    recovery_end(r, t, 0);
    r->back.at = t;
    r->back.is_open = 1;
    r->back.is_back[r->back.n++] = r->seen[of[t]];
    r->seen[of[t]] = 1;
}

/* The first drift that is signalled after a change. */
static void recovery_signal(run *r, size_t t, uint64_t n_drifts)
{
    recovery *b = &r->back;
    if (n_drifts > r->n_drifts && b->is_open && !b->is_found[b->n - 1]) {
        b->is_found[b->n - 1] = 1;
        b->after[b->n - 1] = t;
    }
    r->n_drifts = n_drifts;
}

static void recovery_look(run *r, size_t t, int has_news)
{
    kedge_model champion;
    if (!r->back.is_open || !(has_news || t == r->back.at || (r->policy->policy == KEDGE_POLICY_ONLINE && t % LOOK_EVERY == 0)))
        return;
    unsigned k = r->stream->concept_of[t];
    KEDGE_IGNORE(kedge_pipeline_champion(&r->pipeline, &champion));
    if (policies_accuracy(&champion, &r->stream->held[k]) >= r->level[k])
        recovery_end(r, t, 1);
}

/* The stream
 * ------------------------------------------------------------------------------------------------------------------------- */

static kedge_status serve(run *r, size_t t, double *y)
{
    const policies_stream *s = r->stream;
    kedge_status st = kedge_pipeline_predict(&r->pipeline, t, t, s->rows.x + t * s->n_features, y);
    return st < 0 ? st : kedge_pipeline_label(&r->pipeline, t, t, s->rows.y[t]);
}

static void stream(run *r, kedge_pipeline_report *report)
{
    const policies_stream *s = r->stream;
    size_t n = s->rows.n - s->first;
    for (size_t t = s->first; t < s->rows.n; t++) {
        double y;
        recovery_change(r, t);
        kedge_status st = serve(r, t, &y);
        if (st < 0)
            fail(r, "serve", st);
        r->right += y == s->rows.y[t];
        r->bins[(t - s->first) * BINS / n] += y == s->rows.y[t];
        uint64_t before = r->version, trained = report->n_trainings + report->n_failures, begun = policies_cpu_ns();
        if (kedge_pipeline_step(&r->pipeline, t, r->work, r->work_bytes) < 0)
            fail(r, "step", KEDGE_ERR_STATE);
        uint64_t taken = policies_cpu_ns() - begun;
        KEDGE_IGNORE(kedge_pipeline_read(&r->pipeline, report));
        r->train_ns += report->n_trainings + report->n_failures != trained ? taken : 0;
        judge(r, t, report);
        recovery_signal(r, t, report->n_drifts);
        recovery_look(r, t, before != r->version);
    }
    recovery_end(r, s->rows.n, 0);
}

/* Nanoseconds a row of everything, without the judging. */
static double time_all(const policies_stream *s, const policies_policy *policy, const policies_model *model)
{
    static run r;
    memset(&r, 0, sizeof r);
    r.stream = s;
    r.policy = policy;
    begin(&r, model);
    uint64_t begun = policies_cpu_ns();
    for (size_t t = s->first; t < s->rows.n; t++) {
        double y;
        if (serve(&r, t, &y) < 0 || kedge_pipeline_step(&r.pipeline, t, r.work, r.work_bytes) < 0)
            fail(&r, "serve", KEDGE_ERR_STATE);
    }
    double ns = (double)(policies_cpu_ns() - begun) / (double)(s->rows.n - s->first);
    end(&r);
    return ns;
}

static void print_recoveries(const recovery *b, int is_back, int is_after, const char *name)
{
    const char *comma = "";
    printf("\"%s\": [", name);
    for (unsigned i = 0; i < b->n; i++) {
        if (b->is_back[i] != is_back || (is_after && !b->is_found[i]))
            continue;
        printf("%s%zu", comma, is_after ? b->after[i] : b->rows[i]);
        comma = ", ";
    }
    printf("], ");
}

static void print(const run *r, const char *model, const kedge_pipeline_report *report, double ns)
{
    const recovery *b = &r->back;
    size_t n = r->stream->rows.n - r->stream->first;
    printf("{\"stream\": \"%s\", \"seed\": %lu, \"policy\": \"%s\", \"model\": \"%s\", \"rows\": %zu, \"accuracy\": %.5f, ",
           r->stream->name, r->stream->seed, r->policy->name, model, n, (double)r->right / (double)n);
    printf("\"trainings\": %.0f, \"trained_rows\": %.0f, \"train_ns\": %.0f, \"ns\": %.1f, \"promotions\": %.0f, \"recalls\": "
           "%.0f, ",
           (double)report->n_trainings - 1.0, (double)r->trained_rows, (double)r->train_ns, ns, (double)report->n_promotions - 1.0,
           (double)report->n_recalls);
    printf("\"refusals\": %.0f, \"undecided\": %.0f, \"rolled_back\": %.0f, \"drifts\": %.0f, \"worst\": %.5f, \"worse\": %u, "
           "\"overtaken\": %u, \"better\": %u, \"better_refused\": %u, \"better_given_up\": %u, ",
           (double)report->n_rejections, (double)report->n_undecided, (double)report->n_rolled_back, (double)report->n_drifts,
               r->worst, r->n_worse, r->n_overtaken, r->n_better,
           r->n_refused, r->n_given_up);
    printf("\"never\": %u, ", b->n_never);
    print_recoveries(b, 0, 0, "new");
    print_recoveries(b, 1, 0, "back");
    print_recoveries(b, 1, 1, "back_after");
    printf("\"curve\": [");
    for (int i = 0; i < BINS && r->stream->seed <= 1; i++)
        printf("%s%.4f", i > 0 ? ", " : "", r->bins[i] * BINS / (double)n);
    puts("]}");
    fflush(stdout);
}

static void compare_one(const policies_stream *s, const policies_policy *policy, const policies_model *model, const char *name)
{
    static run r; /* too large for a stack */
    memset(&r, 0, sizeof r);
    r.stream = s;
    r.policy = policy;
    kedge_pipeline_report report = {.n_trainings = 1};
    begin(&r, model);
    stream(&r, &report);
    print(&r, name, &report, s->seed <= 1 ? time_all(s, policy, model) : 0.0);
    end(&r);
}

/* 0: no model is called that. */
static int compare(const policies_stream *s, const char *name)
{
    policies_model model;
    if (!policies_choose(&model, name, s->n_features, s->n_classes))
        return 0;
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
        if (policies[i].policy == KEDGE_POLICY_ONLINE ? model.base.cls->learn != NULL : model.base.cls->fit != NULL)
            compare_one(s, &policies[i], &model, name);
    return 1;
}

static int compare_all(const char *path, unsigned long seed, const char *const *models, size_t n_models)
{
    static policies_stream s;
    const char *slash = strrchr(path, '/');
    memset(&s, 0, sizeof s);
    s.name = slash ? slash + 1 : path;
    s.seed = seed;
    int ok = seed > 0 ? policies_make(&s, path, seed) : policies_read(&s, path);
    for (size_t i = 0; i < n_models && ok; i++)
        ok = compare(&s, models[i]);
    policies_free(&s);
    return ok;
}

int main(int argc, char **argv)
{
    const char *usual[] = {"gaussian_nb", "random_forest", "logistic", "adaptive_tree"};
    int ok = argc > 1;
    if (argc == 2 && strcmp(argv[1], "cost") == 0)
        return policies_cost();
    const char *const *models = argc > 3 ? (const char *const *)argv + 3 : usual;
    size_t n_models = argc > 3 ? (size_t)argc - 3 : sizeof usual / sizeof *usual;
    unsigned long n_seeds = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    if (ok && strncmp(argv[1], "made_", 5) != 0)
        ok = compare_all(argv[1], 0, models, n_models);
    else
        for (unsigned long seed = 1; seed <= n_seeds && ok; seed++)
            ok = compare_all(argv[1], seed, models, n_models);
    if (!ok)
        fputs("usage: bench-policies STREAM [SEEDS [MODEL...]]\n       bench-policies cost\n", stderr);
    return ok ? 0 : 2;
}
