/* SPDX-License-Identifier: MIT */
/* Models over members of any class: bagging, boosting, a watched model. */
#include "members.h"

/* Without detectors, with lambda so great that every draw is near it, the bag of naive Bayes says what one says that learned the
 * draws as weights. */
static void test_bagging_draws_rows(void **unused)
{
    (void)unused;
    rig r;
    kedge_gaussian_nb_config member = bayes(3);
    kedge_bagging_config cfg;
    kedge_model alone;
    _Alignas(8) unsigned char mem[KEDGE_GAUSSIAN_NB_BYTES_FOR(3u, 2u)];
    assert_int_equal(kedge_bagging_class(&r.cls, &kedge_gaussian_nb, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
    cfg.members.model = &member.base;
    cfg.members.n = 1;
    cfg.members.seed = 5;
    rig_init(&r, &cfg.base);
    assert_int_equal(kedge_model_init(&alone, &member.base, mem, sizeof mem), KEDGE_OK);
    kedge_rng rng = {3}, draws = {5};
    double sum = 0;
    for (int i = 0; i < 500; i++) {
        double x[3] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)};
        double y = x[0] > x[1];
        double u = kedge_rng_uniform(&draws), p = exp(-6), below = p, k = 0, ours[2], its[2];
        for (; u >= below; below += p) /* the distribution function, written out */
            p *= 6 / ++k;
        sum += k;
        assert_int_equal(kedge_model_learn(&r.m, x, y, 1), KEDGE_OK);
        assert_int_equal(kedge_model_learn(&alone, x, y, k), KEDGE_OK);
        kedge_model_info learned;
        assert_int_equal(kedge_model_describe(&alone, &learned), KEDGE_OK);
        if (learned.n_learned == 0)
            continue;
        assert_int_equal(kedge_model_score(&r.m, x, ours, 2), KEDGE_OK);
        assert_int_equal(kedge_model_score(&alone, x, its, 2), KEDGE_OK);
        assert_true(fabs(ours[0] - its[0]) < 1e-12);
    }
    assert_true(fabs(sum / 500 - 6) < 0.5);
    rig_end(&r);
}

/* Leveraging bagging: after a swap of the classes the members that err most are dropped, one by one, until all have learned
 * anew. */
static void test_bagging_drops_the_worst(void **unused)
{
    (void)unused;
    rig r;
    kedge_gaussian_nb_config member = bayes(3);
    kedge_bagging_config cfg;
    kedge_rng rng = {11};
    kedge_adwin_config adwin = kedge_adwin_defaults();
    adwin.direction = KEDGE_DIRECTION_UP; /* or else becoming better is drift as well */
    assert_int_equal(kedge_bagging_class(&r.cls, &kedge_gaussian_nb, NULL, &kedge_adwin), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
    assert_int_equal(cfg.members.on_drift, KEDGE_ON_DRIFT_WORST);
    cfg.members.model = &member.base;
    cfg.members.drift = &adwin.base;
    rig_init(&r, &cfg.base);
    assert_true(run(&r.m, &rng, 3000, 0) > 2700);
    assert_int_equal(info_of(&r.m).n_drifts, 0);
    (void)run(&r.m, &rng, 2000, 1);
    assert_true(run(&r.m, &rng, 1000, 1) > 900);
    kedge_members_info info = info_of(&r.m);
    assert_true(info.n_members == 10 && info.n_background == 0 && info.n_warnings == 0 && info.n_drifts >= 5);
    rig_end(&r);
}

/* Random patches: each member looks at two of the three features, not all at the same, and has a background when warned. */
static void test_patches(void **unused)
{
    (void)unused;
    rig r;
    kedge_hoeffding_tree_config member = kedge_hoeffding_tree_defaults(2, 2);
    kedge_adwin_config adwin = kedge_adwin_defaults();
    kedge_bagging_config cfg;
    kedge_rng rng = {12};
    member.growth.memory = 20000;
    adwin.direction = KEDGE_DIRECTION_UP;
    assert_int_equal(kedge_bagging_class(&r.cls, &kedge_hoeffding_tree, &kedge_adwin, &kedge_adwin), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
    assert_int_equal(cfg.members.on_drift, KEDGE_ON_DRIFT_REPLACE);
    cfg.members.model = &member.base;
    cfg.members.drift = &adwin.base;
    rig_init(&r, &cfg.base);
    size_t before = run(&r.m, &rng, 4000, 0);
    assert_true(before > 3200);
    (void)run(&r.m, &rng, 2000, 1);
    assert_true(run(&r.m, &rng, 2000, 1) > 1700);
    kedge_members_info info = info_of(&r.m);
    assert_true(info.n_drifts >= 5 && info.n_warnings >= info.n_drifts / 2);
    double most = 0, least = 1;
    for (uint32_t i = 0; i < 10; i++) {
        kedge_model seen;
        kedge_model_info about;
        double x[2] = {0.9, 0.9}, scores[2];
        assert_int_equal(kedge_members_get(&r.m, i, &seen), KEDGE_OK);
        assert_int_equal(kedge_model_describe(&seen, &about), KEDGE_OK);
        assert_int_equal(about.n_features, 2);
        assert_true(kedge_model_score(&seen, x, scores, 2) >= 0);
        most = fmax(most, scores[1]);
        least = fmin(least, scores[1]);
    }
    assert_true(most - least > 0.05);
    rig_end(&r);
}

/* Few features are shared out evenly: of nine members with one of three features, three look at each. */
static void test_patches_are_even(void **unused)
{
    (void)unused;
    kedge_gaussian_nb_config member = kedge_gaussian_nb_defaults(1, 2);
    for (uint64_t seed = 1; seed <= 4; seed++) {
        rig r;
        kedge_bagging_config cfg;
        uint32_t users[3] = {0, 0, 0};
        assert_int_equal(kedge_bagging_class(&r.cls, &kedge_gaussian_nb, NULL, NULL), KEDGE_OK);
        assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
        cfg.members.model = &member.base;
        cfg.members.n = 9;
        cfg.members.seed = seed;
        rig_init(&r, &cfg.base);
        for (int i = 0; i < 200; i++) { /* feature j is 10 j or a little more, by the class */
            const double x[3] = {i % 2 + 0.1 * (i % 5), 10 + i % 2 + 0.1 * (i % 5), 20 + i % 2 + 0.1 * (i % 5)};
            assert_int_equal(kedge_model_learn(&r.m, x, i % 2, 1), KEDGE_OK);
        }
        for (uint32_t i = 0; i < 9; i++) {
            kedge_model seen;
            assert_int_equal(kedge_members_get(&r.m, i, &seen), KEDGE_OK);
            for (uint32_t j = 0; j < 3; j++) {
                double low = 10 * j, high = 10 * j + 1.4, is_low = -1, is_high = -1;
                assert_int_equal(kedge_model_predict(&seen, &low, &is_low), KEDGE_OK);
                assert_int_equal(kedge_model_predict(&seen, &high, &is_high), KEDGE_OK);
                users[j] += is_low == 0 && is_high == 1;
            }
        }
        assert_true(users[0] == 3 && users[1] == 3 && users[2] == 3);
        rig_end(&r);
    }
}

/* Boosting beats its member where that is too simple: stumps on a corner. */
static void test_boosting_beats_a_stump(void **unused)
{
    (void)unused;
    rig r;
    kedge_hoeffding_tree_config member = kedge_hoeffding_tree_defaults(2, 2);
    kedge_boosting_config cfg;
    kedge_model alone;
    static _Alignas(8) unsigned char mem[8192];
    kedge_rng rng = {13};
    size_t right = 0, right_alone = 0;
    member.growth.memory = 1200; /* one split, or two */
    member.growth.leaf = KEDGE_LEAF_MAJORITY;
    assert_int_equal(kedge_boosting_class(&r.cls, &kedge_hoeffding_tree, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_boosting_config_init(&cfg, sizeof cfg, &r.cls, 2, 2), KEDGE_OK);
    cfg.members.model = &member.base;
    cfg.members.n = 20;
    rig_init(&r, &cfg.base);
    assert_int_equal(kedge_model_init(&alone, &member.base, mem, sizeof mem), KEDGE_OK);
    for (int i = 0; i < 20000; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)}, a = 0, b = 0, y = x[0] + x[1] > 1;
        assert_true(kedge_model_predict(&r.m, x, &a) >= 0 && kedge_model_predict(&alone, x, &b) >= 0);
        right += i >= 10000 && a == y;
        right_alone += i >= 10000 && b == y;
        assert_int_equal(kedge_model_learn(&r.m, x, y, 1), KEDGE_OK);
        assert_int_equal(kedge_model_learn(&alone, x, y, 1), KEDGE_OK);
    }
    assert_true(right > right_alone + 200);
    rig_end(&r);
}

/* ADWIN boosting: the classes change places. */
static void test_boosting_drops_the_worst(void **unused)
{
    (void)unused;
    for (uint32_t mode = KEDGE_ON_DRIFT_REPLACE; mode <= KEDGE_ON_DRIFT_WORST; mode++) {
        rig r;
        kedge_gaussian_nb_config member = bayes(3);
        kedge_boosting_config cfg;
        kedge_rng rng = {14};
        assert_int_equal(kedge_boosting_class(&r.cls, &kedge_gaussian_nb, NULL, &kedge_adwin), KEDGE_OK);
        assert_int_equal(kedge_boosting_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
        cfg.members.model = &member.base;
        cfg.members.on_drift = mode;
        rig_init(&r, &cfg.base);
        assert_true(run(&r.m, &rng, 3000, 0) > 2700);
        (void)run(&r.m, &rng, 3000, 1);
        assert_true(run(&r.m, &rng, 1000, 1) > 880);
        assert_true(info_of(&r.m).n_drifts > 0);
        rig_end(&r);
    }
}

/* Weights without end are halved, and the bounds hold. */
static void test_boosting_takes_great_weights(void **unused)
{
    (void)unused;
    rig r;
    kedge_gaussian_nb_config member = bayes(1);
    kedge_boosting_config cfg;
    assert_int_equal(kedge_boosting_class(&r.cls, &kedge_gaussian_nb, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_boosting_config_init(&cfg, sizeof cfg, &r.cls, 1, 2), KEDGE_OK);
    cfg.members.model = &member.base;
    cfg.fading = 0.999;
    rig_init(&r, &cfg.base);
    for (int i = 0; i < 3000; i++) {
        double x = i % 7, scores[2];
        assert_int_equal(kedge_model_learn(&r.m, &x, i % 3 == 0, KEDGE_WEIGHT_MAX), KEDGE_OK);
        assert_int_equal(kedge_model_check(&r.m), KEDGE_OK);
        assert_true(kedge_model_score(&r.m, &x, scores, 2) >= 0 && fabs(scores[0] + scores[1] - 1) < 1e-9);
    }
    rig_end(&r);
}

/* A watched model is one model, a detector and a reset, written out. */
static void test_adaptive_model_written_out(void **unused)
{
    (void)unused;
    rig r;
    kedge_gaussian_nb_config member = bayes(3);
    kedge_ddm_config ddm = kedge_ddm_defaults();
    kedge_adaptive_model_config cfg;
    kedge_model alone;
    kedge_detector watch;
    _Alignas(8) unsigned char mem[KEDGE_GAUSSIAN_NB_BYTES_FOR(3u, 2u)], detector[KEDGE_DDM_BYTES];
    assert_int_equal(kedge_adaptive_model_class(&r.cls, &kedge_gaussian_nb, NULL, &kedge_ddm), KEDGE_OK);
    assert_int_equal(kedge_adaptive_model_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
    cfg.members.model = &member.base;
    rig_init(&r, &cfg.base);
    assert_int_equal(kedge_model_init(&alone, &member.base, mem, sizeof mem), KEDGE_OK);
    assert_int_equal(kedge_detector_init(&watch, &ddm.base, detector, sizeof detector), KEDGE_OK);
    kedge_rng rng = {3};
    uint64_t drifts = 0;
    for (int i = 0; i < 6000; i++) {
        double x[3] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)}, a = -1, b = -1;
        double y = (x[0] > x[1]) != (i / 2000 == 1);
        kedge_status its = kedge_model_predict(&alone, x, &b);
        assert_int_equal(kedge_model_predict(&r.m, x, &a), its);
        assert_true(a == b);
        assert_int_equal(kedge_model_learn(&r.m, x, y, 1), KEDGE_OK);
        if (its == KEDGE_OK && kedge_detector_update(&watch, b != y) == KEDGE_DRIFT) {
            drifts++;
            assert_int_equal(kedge_model_reset(&alone), KEDGE_OK);
            assert_int_equal(kedge_detector_reset(&watch), KEDGE_OK);
        }
        assert_int_equal(kedge_model_learn(&alone, x, y, 1), KEDGE_OK);
    }
    assert_true(drifts >= 2);
    assert_int_equal(info_of(&r.m).n_drifts, drifts);
    rig_end(&r);
}

/* With a warning the background takes over at drift, and knows the new concept already. */
static void test_adaptive_model_background(void **unused)
{
    (void)unused;
    rig r;
    kedge_gaussian_nb_config member = bayes(3);
    kedge_hddm_a_config early = kedge_hddm_a_defaults();
    kedge_adaptive_model_config cfg;
    kedge_rng rng = {4};
    early.base.cls = &kedge_hddm_a;
    assert_int_equal(kedge_adaptive_model_class(&r.cls, &kedge_gaussian_nb, &kedge_hddm_a, &kedge_ddm), KEDGE_OK);
    assert_int_equal(kedge_adaptive_model_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
    cfg.members.model = &member.base;
    cfg.members.warning = &early.base;
    rig_init(&r, &cfg.base);
    (void)run(&r.m, &rng, 3000, 0);
    (void)run(&r.m, &rng, 300, 1);
    assert_true(run(&r.m, &rng, 1000, 1) > 900);
    assert_true(info_of(&r.m).n_warnings > 0 && info_of(&r.m).n_drifts > 0);
    rig_end(&r);
}

/* Regressions: the mean of the members; a detector of numbers sees their errors. */
static void test_regressions(void **unused)
{
    (void)unused;
    rig r;
    kedge_rls_config member = kedge_rls_defaults(2);
    kedge_bagging_config cfg;
    kedge_rng rng = {5};
    double worst = 0;
    assert_int_equal(kedge_bagging_class(&r.cls, &kedge_rls, NULL, &kedge_adwin), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, &r.cls, 2, 0), KEDGE_OK);
    cfg.members.model = &member.base;
    cfg.members.n = 5;
    rig_init(&r, &cfg.base);
    for (int i = 0; i < 6000; i++) {
        double x[2] = {kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)}, y = 0, says = 0;
        y = (i < 3000 ? 3 : -3) * x[0] - x[1] + 0.01 * kedge_rng_uniform(&rng);
        assert_true(kedge_model_predict(&r.m, x, &says) >= 0);
        if (i >= 5500)
            worst = fmax(worst, fabs(says - y));
        assert_int_equal(kedge_model_learn(&r.m, x, y, 1), KEDGE_OK);
        double mean = 0;
        for (uint32_t k = 0; i == 5999 && k < 5; k++) {
            kedge_model seen;
            double own = 0;
            assert_int_equal(kedge_members_get(&r.m, k, &seen), KEDGE_OK);
            assert_int_equal(kedge_model_predict(&seen, x, &own), KEDGE_OK);
            mean += own / 5;
        }
        assert_int_equal(kedge_model_predict(&r.m, x, &says), KEDGE_OK);
        assert_true(i < 5999 || fabs(says - mean) < 1e-12);
    }
    assert_true(worst < 0.1);
    assert_int_equal(info_of(&r.m).n_drifts, 5); /* all members, once */
    rig_end(&r);
}

/* More classes than the stack has room for: votes. */
static void test_many_classes_vote(void **unused)
{
    (void)unused;
    rig r;
    kedge_gaussian_nb_config member = kedge_gaussian_nb_defaults(1, 100);
    kedge_bagging_config cfg;
    static double scores[100];
    assert_int_equal(kedge_bagging_class(&r.cls, &kedge_gaussian_nb, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, &r.cls, 1, 100), KEDGE_OK);
    cfg.members.model = &member.base;
    rig_init(&r, &cfg.base);
    double x = 0, says = 7;
    assert_int_equal(kedge_model_predict(&r.m, &x, &says), KEDGE_EMPTY);
    assert_true(says == 0);
    assert_int_equal(kedge_model_score(&r.m, &x, scores, 100), KEDGE_EMPTY);
    assert_true(fabs(scores[99] - 0.01) < 1e-15);
    kedge_rng rng = {6};
    for (int i = 0; i < 5000; i++) {
        double y = (double)(int)kedge_rng_below(&rng, 100);
        x = 10 * y + kedge_rng_uniform(&rng);
        assert_int_equal(kedge_model_learn(&r.m, &x, y, 1), KEDGE_OK);
    }
    size_t right = 0;
    for (int c = 0; c < 100; c++) {
        double sum = 0;
        x = 10 * c + 0.5;
        assert_int_equal(kedge_model_predict(&r.m, &x, &says), KEDGE_OK);
        assert_int_equal(kedge_model_score(&r.m, &x, scores, 100), KEDGE_OK);
        for (int j = 0; j < 100; j++)
            sum += scores[j];
        assert_true(fabs(sum - 1) < 1e-9);
        right += says == c && scores[c] > 0.5;
    }
    assert_true(right > 95);
    rig_end(&r);
}

/* Members may be models over members, and may take missing values. */
static void test_members_of_members(void **unused)
{
    (void)unused;
    rig r;
    static kedge_members_class inner_class;
    kedge_hoeffding_tree_config tree = kedge_hoeffding_tree_defaults(2, 2);
    kedge_adaptive_model_config inner;
    kedge_bagging_config cfg;
    kedge_rng rng = {7};
    tree.growth.memory = 8192;
    assert_int_equal(kedge_adaptive_model_class(&inner_class, &kedge_hoeffding_tree, NULL, &kedge_ddm), KEDGE_OK);
    assert_int_equal(kedge_adaptive_model_config_init(&inner, sizeof inner, &inner_class, 2, 2), KEDGE_OK);
    inner.members.model = &tree.base;
    assert_int_equal(kedge_bagging_class(&r.cls, &inner_class.model, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
    cfg.members.model = &inner.base;
    cfg.lambda = 1;
    rig_init(&r, &cfg.base);
    (void)run(&r.m, &rng, 2000, 0);
    (void)run(&r.m, &rng, 2000, 1);
    assert_true(run(&r.m, &rng, 1000, 1) > 780);
    double x[3] = {(double)NAN, 0.9, 0.9}, says;
    assert_int_equal(kedge_model_predict(&r.m, x, &says), KEDGE_OK);
    size_t len = 0, bytes = kedge_model_size(&cfg.base);
    assert_int_equal(kedge_model_save(&r.m, NULL, 0, &len), KEDGE_ERR_BUFFER);
    unsigned char *saved = malloc(len), *again = malloc(bytes);
    kedge_model back;
    assert_int_equal(kedge_model_save(&r.m, saved, len, &len), KEDGE_OK);
    assert_int_equal(kedge_model_load(&back, &r.cls.model, again, bytes, saved, len), KEDGE_OK);
    assert_memory_equal(again, r.mem, bytes);
    free(saved);
    free(again);
    rig_end(&r);
}

/* The same bytes opened or loaded with members of another class are refused; a damaged member is found. */
static void test_other_members_are_refused(void **unused)
{
    (void)unused;
    rig r;
    kedge_members_class other;
    kedge_gaussian_nb_config member = bayes(3);
    kedge_bagging_config cfg;
    kedge_model back;
    kedge_rng rng = {8};
    assert_int_equal(kedge_bagging_class(&r.cls, &kedge_gaussian_nb, NULL, &kedge_ddm), KEDGE_OK);
    assert_int_equal(kedge_bagging_class(&other, &kedge_logistic, NULL, &kedge_ddm), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, &r.cls, 3, 2), KEDGE_OK);
    cfg.members.model = &member.base;
    rig_init(&r, &cfg.base);
    (void)run(&r.m, &rng, 100, 0);
    assert_int_equal(kedge_model_open(&back, &r.cls.model, r.mem, kedge_model_size(&cfg.base)), KEDGE_OK);
    assert_int_equal(kedge_model_open(&back, &other.model, r.mem, kedge_model_size(&cfg.base)), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_bagging_class(&other, &kedge_gaussian_nb, NULL, &kedge_adwin), KEDGE_OK);
    assert_true(kedge_model_open(&back, &other.model, r.mem, kedge_model_size(&cfg.base)) < 0);
    size_t len = 0;
    unsigned char saved[8192];
    static _Alignas(8) unsigned char again[8192];
    assert_int_equal(kedge_model_save(&r.m, saved, sizeof saved, &len), KEDGE_OK);
    assert_true(kedge_model_load(&back, &other.model, again, sizeof again, saved, len) < 0);
    kedge_model seen;
    assert_int_equal(kedge_members_get(&r.m, 9, &seen), KEDGE_OK);
    uint64_t n = UINT64_MAX;
    size_t at = offsetof(kedge_model_state, n_learned);
    memcpy((unsigned char *)seen.state + at, &n, sizeof n);
    assert_int_equal(kedge_model_check(&r.m), KEDGE_ERR_STATE);
    assert_int_equal(kedge_model_reset(&r.m), KEDGE_OK);
    assert_int_equal(info_of(&r.m).n_drifts, 0);
    rig_end(&r);
}

/* A state without detectors is none of a class that names some, nor the other way round: neither opened, nor loaded, nor checked as
 * such. */
static void test_other_detectors_are_refused(void **unused)
{
    (void)unused;
    kedge_members_class classes[3];
    kedge_gaussian_nb_config member = bayes(3);
    static _Alignas(8) unsigned char again[65536];
    unsigned char saved[65536];
    assert_int_equal(kedge_bagging_class(&classes[0], &kedge_gaussian_nb, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_bagging_class(&classes[1], &kedge_gaussian_nb, NULL, &kedge_ddm), KEDGE_OK);
    assert_int_equal(kedge_bagging_class(&classes[2], &kedge_gaussian_nb, &kedge_ddm, &kedge_ddm), KEDGE_OK);
    for (int i = 0; i < 3; i++) {
        rig r;
        kedge_bagging_config cfg;
        kedge_rng rng = {8};
        size_t len = 0;
        assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, &classes[i], 3, 2), KEDGE_OK);
        cfg.members.model = &member.base;
        cfg.members.n = 3;
        rig_init(&r, &cfg.base);
        (void)run(&r.m, &rng, 100, 0);
        assert_int_equal(kedge_model_save(&r.m, saved, sizeof saved, &len), KEDGE_OK);
        for (int j = 0; j < 3; j++) {
            kedge_model back, other = {&classes[j].model, r.mem};
            kedge_status opened = kedge_model_open(&back, &classes[j].model, r.mem, kedge_model_size(&cfg.base));
            assert_int_equal(opened, i == j ? KEDGE_OK : KEDGE_ERR_CLASS);
            assert_int_equal(kedge_model_load(&back, &classes[j].model, again, sizeof again, saved, len),
                             i == j ? KEDGE_OK : KEDGE_ERR_SNAPSHOT);
            assert_int_equal(kedge_model_check(&other), i == j ? KEDGE_OK : KEDGE_ERR_STATE);
        }
        rig_end(&r);
    }
}

static void test_bad_classes_are_refused(void **unused)
{
    (void)unused;
    kedge_members_class cls;
    kedge_bagging_config cfg;
    kedge_model_class no_learn = kedge_gaussian_nb, no_model = kedge_gaussian_nb;
    kedge_detector_class no_update = kedge_ddm, no_detector = kedge_ddm;
    no_learn.learn = NULL;
    no_model.base.noun = KEDGE_NOUN_METRIC;
    no_update.update = NULL;
    no_detector.base.noun = KEDGE_NOUN_MODEL;
    assert_int_equal(kedge_bagging_class(NULL, &kedge_gaussian_nb, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_bagging_class(&cls, NULL, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_bagging_class(&cls, &no_learn, NULL, NULL), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_bagging_class(&cls, &no_model, NULL, NULL), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_bagging_class(&cls, &kedge_gaussian_nb, NULL, &no_update), KEDGE_ERR_NULL);
    assert_int_equal(kedge_bagging_class(&cls, &kedge_gaussian_nb, NULL, &no_detector), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_bagging_class(&cls, &kedge_gaussian_nb, &kedge_ddm, NULL), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_adaptive_model_class(&cls, &kedge_gaussian_nb, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_bagging_config_init(&cfg, sizeof cfg, NULL, 3, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_bagging_class(&cls, &kedge_gaussian_nb, NULL, NULL), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(NULL, sizeof cfg, &cls, 3, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_bagging_config_init(&cfg, 8, &cls, 3, 2), KEDGE_ERR_CONFIG);
    kedge_model m = {&kedge_gaussian_nb, &cfg}, seen;
    kedge_members_info info;
    assert_int_equal(kedge_members_describe(NULL, &info), KEDGE_ERR_NULL);
    assert_int_equal(kedge_members_describe(&m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_members_describe(&m, &info), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_members_get(&m, 0, &seen), KEDGE_ERR_CLASS);
    kedge_class broken = cls.model.base;
    broken.parts = NULL;
    assert_int_equal(kedge_class_check(&broken), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bagging_draws_rows),
        cmocka_unit_test(test_bagging_drops_the_worst),
        cmocka_unit_test(test_patches),
        cmocka_unit_test(test_patches_are_even),
        cmocka_unit_test(test_boosting_beats_a_stump),
        cmocka_unit_test(test_boosting_drops_the_worst),
        cmocka_unit_test(test_boosting_takes_great_weights),
        cmocka_unit_test(test_adaptive_model_written_out),
        cmocka_unit_test(test_adaptive_model_background),
        cmocka_unit_test(test_regressions),
        cmocka_unit_test(test_many_classes_vote),
        cmocka_unit_test(test_members_of_members),
        cmocka_unit_test(test_other_members_are_refused),
        cmocka_unit_test(test_other_detectors_are_refused),
        cmocka_unit_test(test_bad_classes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
