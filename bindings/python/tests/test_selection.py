# SPDX-License-Identifier: MIT
"""Calibrated probabilities, selection, races and contests."""
import copy
import gc
import math
import pickle
import random
import unittest

import kedge


class Selection(unittest.TestCase):
    """Splits, validation, search, early stopping, importance, calibrated probabilities."""

    @staticmethod
    def table(n=120, seed=4):
        rng = random.Random(seed)
        x = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(n)]
        return x, [int(row[0] + 0.3 * rng.gauss(0, 1) > 0) for row in x]

    def test_splits(self):
        for kind, shuffle in (("k_fold", False), ("k_fold", True), ("stratified", False), ("stratified", True)):
            seen = []
            for train, test in kedge.selection.Split(kind, 3, shuffle=shuffle).parts(10, [0, 1] * 5):
                self.assertEqual(sorted(train + test), list(range(10)))
                seen += test
            self.assertEqual(sorted(seen), list(range(10)))
        forward = kedge.selection.Split("forward", 2, gap=1, train_rows=3, test_rows=2)
        self.assertEqual(list(forward.parts(10)), [([2, 3, 4], [6, 7]), ([4, 5, 6], [8, 9])])
        self.assertEqual(list(kedge.selection.Split("hold_out", test_share=0.2).parts(5)), [([0, 1, 2, 3], [4])])
        self.assertRaises(ValueError, kedge.selection.Split, "leave_one_out")
        self.assertRaises(kedge.KedgeError, list, kedge.selection.Split("k_fold", 11).parts(10))
        self.assertRaises(kedge.ShapeError, list, kedge.selection.Split("stratified").parts(3, [0, 1]))
        self.assertRaises(kedge.KedgeError, list, kedge.selection.Split("stratified", 2).parts(4, [0, math.nan, 1, 1]))

    def test_validation_by_hand(self):
        x, y = self.table()
        split = kedge.selection.Split("k_fold", 4)
        found = kedge.selection.cross_validate(kedge.GaussianNB(3, 2), "accuracy", x, y, split=split)
        held = kedge.selection.cross_scores(kedge.GaussianNB(3, 2), x, y, split=split)
        for i, (train, test) in enumerate(split.parts(len(y))):
            m = kedge.GaussianNB(3, 2).fit([x[k] for k in train], [y[k] for k in train])
            right = [m.predict_one(x[k]) == y[k] for k in test]
            self.assertAlmostEqual(found.folds[i], sum(right) / len(right), 12)
            self.assertAlmostEqual(held[test[0]][1], m.score(x[test[0]])[1], 9)
        self.assertAlmostEqual(found.mean, sum(found.folds) / 4, 12)
        self.assertEqual(found.n_rows, 360)
        self.assertRaises(kedge.UnsupportedError, kedge.selection.cross_validate, kedge.GaussianNB(3, 2), "r2", x, y)
        self.assertRaises(ValueError, kedge.selection.cross_validate, kedge.GaussianNB(3, 2), "beauty", x, y)

    def test_search(self):
        x, y = self.table()
        model = kedge.Logistic(3, 2)
        before = bytes(model._config)
        grid = kedge.selection.search(model, {"rate": [0.01, 2.0], "n_rates": (1, 8, "linear", 3)}, "log_loss", x, y, method="grid")
        self.assertEqual([t.settings for t in grid.trials], [{"rate": r, "n_rates": k} for r in (0.01, 2.0) for k in (1, 5, 8)])
        self.assertEqual(grid.mean, min(t.mean for t in grid.trials))
        alone = kedge.selection.cross_validate(kedge.Logistic(3, 2, **{**grid.settings, "n_rates": int(grid.settings["n_rates"])}),
                                               "log_loss", x, y)
        self.assertEqual(alone.mean, grid.mean)
        self.assertTrue(grid.complete and bytes(model._config) == before)
        grid.model.learn_many(x, y)
        self.assertGreater(kedge.selection.score(grid.model, "auc", x, y), 0.9)
        asked = []
        some = kedge.selection.search(model, {"rate": (1e-3, 10, "log")}, "log_loss", x, y, n_trials=9, stop=lambda i,
                                      mean: asked.append(mean) or i == 2)
        self.assertTrue(len(asked) == 3 and not some.complete and some.mean == min(asked))
        halving = kedge.selection.search(model, {"rate": (1e-4, 10, "log")}, "log_loss", x, y, method="halving", n_trials=9,
                                         least_rows=40)
        self.assertEqual(sorted({t.n_rows for t in halving.trials}), [40, 120])
        self.assertRaises(ZeroDivisionError, kedge.selection.search, model, {"rate": [1.0, 2.0]}, "log_loss", x, y, method="grid",
                          stop=lambda i, m: 1 / 0)
        self.assertRaises(TypeError, kedge.selection.search, model, {"speed": [1.0]}, "log_loss", x, y)
        self.assertRaises(kedge.RangeError, kedge.selection.search, model, {"rate": (-1.0, 1.0, "log")}, "log_loss", x, y)
        self.assertRaises(kedge.NumericError, kedge.selection.search, model, {"rate": [-1.0]}, "log_loss", x, y, method="grid")

    def test_early_and_importance(self):
        x, y = self.table(200)
        m = kedge.Logistic(3, 2, rate=0.05)
        went = kedge.selection.learn_early(m, "log_loss", x[:150], y[:150], x[150:], y[150:], max_epochs=30, patience=2,
                                           shuffle=True)
        self.assertTrue(1 <= went.best_epoch <= went.n_epochs <= 30)
        self.assertEqual(m.info.n_learned, 150 * went.best_epoch)
        self.assertAlmostEqual(kedge.selection.score(m, "log_loss", x[150:], y[150:]), went.best, 12)
        found = kedge.selection.importance(m, "auc", x, y, n_repeats=3)
        self.assertTrue(found[0].mean > 0.2 > abs(found[1].mean) and len(found) == 3)
        self.assertAlmostEqual(found[0].mean, sum(found[0].repeats) / 3, 12)

    def test_acceptance(self):
        x, y = self.table(300)
        battery = kedge.acceptance.battery
        model, champion = kedge.Logistic(3, 2), kedge.GaussianNB(3, 2).fit(x[:40], y[:40])
        model.learn_many(x[:150] * 4, y[:150] * 4)
        groups = [i % 3 for i in range(150)]
        report = battery(model, x[150:], y[150:], champion=champion, quality=0.7, groups=groups, clock=True, loss_champion=0.2,
                         loss_slice=0.5)
        self.assertTrue(report and report.verdict == "pass" and not report.named("fail"), str(report))
        self.assertEqual(tuple(report.checks), kedge.acceptance.CHECKS)
        self.assertAlmostEqual(report["quality"].value, kedge.selection.score(model, "accuracy", x[150:], y[150:]), 12)
        self.assertAlmostEqual(report.scores["champion"], kedge.selection.score(champion, "accuracy", x[150:], y[150:]), 12)
        self.assertTrue(report["quality"].low < report["quality"].value < report["quality"].high and report["quality"].limit == 0.7)
        self.assertTrue(report["median"].value > 0 and report["median"].why == "no limit given" and report.first_broken is None)
        self.assertEqual(report["bytes"].value, model.state_bytes)
        self.assertEqual(report["snapshot"].value, len(model.save()))
        self.assertEqual((report.n_rows, report.n_slices, report.slice_rows), (150, 3, 50))
        worst = min(range(3), key=lambda g: kedge.selection.score(model, "accuracy", x[150 + g::3], y[150 + g::3]))
        self.assertEqual(report.slice_score, kedge.selection.score(model, "accuracy", x[150 + worst::3], y[150 + worst::3]))
        self.assertIn("quality     pass", str(report))
        failed = battery(model, x[150:], [1 - label for label in y[150:]], without=["last"], loss_noise=None)
        self.assertTrue(not failed and failed["usual"].verdict == "fail" and failed["last"].why == "switched off")
        self.assertEqual(failed["noise"].why, "no limit given")
        self.assertEqual([c.name for c in battery(model, x, y, checks="sound").named("pass")], ["sound"])
        line = kedge.Linear(3, 0, loss="squared")
        line.learn_many(x * 3, [row[0] for row in x] * 3)
        told = battery(line, x, [row[0] for row in x], nominal=[2], slice_column=1, least_slice=2)
        self.assertTrue(told["quality"].value > 0.8 and told["calibration"].why == "for classes only" and told.n_slices == 0)
        self.assertRaises(ZeroDivisionError, battery, model, x, y, clock=lambda: 1 // 0)
        self.assertRaises(kedge.ConfigError, battery, model, x, y, confidence=2)
        self.assertRaises(kedge.UnsupportedError, battery, model, x, y, score="r2")
        self.assertRaises(kedge.ShapeError, battery, model, x, y, champion=kedge.Logistic(3, 3))
        self.assertRaises(kedge.ShapeError, battery, model, x, y, groups=[1])
        self.assertRaises(kedge.RangeError, battery, model, x, y, nominal=[256])
        self.assertRaises(ValueError, battery, model, x, y, without="beauty")
        self.assertRaises(ValueError, battery, model, x, y, score="beauty")
        self.assertRaises(TypeError, battery, model, x, y, beauty=1)
        self.assertRaises(TypeError, battery, model, x, y, config_bytes=1)

    def test_contest(self):
        rng = random.Random(5)
        x = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(400)]
        line, corners = [int(a + 0.5 * b > 0.2) for a, b in x], [int(a * b > 0) for a, b in x]

        def made(**settings):
            return kedge.Contest(kedge.GaussianNB(2, 2), kedge.Logistic(2, 2), kedge.RandomForest(2, 2, n_trees=10), **settings)
        m = made(least_rows=1000)
        self.assertEqual((m.winner, [c.score for c in m.race]), (0, [None] * 3))
        m.fit(x, corners)
        self.assertEqual((m.winner, m.race[2].name, m.race[2].n_rows), (2, "random_forest", 300))
        alone = kedge.RandomForest(2, 2, n_trees=10).fit(x[:300], corners[:300])
        self.assertAlmostEqual(m.race[2].score, kedge.selection.score(alone, "accuracy", x[300:], corners[300:]), 12)
        for twin in (kedge.Contest.load(m.save(), *m._parts), pickle.loads(pickle.dumps(m)), copy.copy(m)):
            self.assertEqual((twin.winner, [twin.predict_one(row) for row in x]), (2, [m.predict_one(row) for row in x]))
        m.fit(x, line)
        self.assertIn(m.winner, (0, 1))
        self.assertEqual(kedge.Frozen(m.freeze()).predict_one(x[0]), m.predict_one(x[0]))
        self.assertEqual(sum(c.n_rows > 0 for c in made(max_fits=1).fit(x, corners).race), 1)
        self.assertRaises(kedge.UnsupportedError, m.learn_one, x[0], 1)
        self.assertRaises(kedge.SnapshotError, kedge.Contest.load, m.save(), kedge.GaussianNB(2, 2), kedge.Logistic(2, 2))
        self.assertRaises(kedge.ConfigError, made, holdout=1.0)
        self.assertRaises(kedge.ConfigError, kedge.Contest, kedge.GaussianNB(2, 2), kedge.GaussianNB(3, 2))
        self.assertRaises(ValueError, made, score="beauty")
        self.assertRaises(TypeError, kedge.Contest)

    def test_contest_in_a_pipeline(self):
        rng = random.Random(6)
        p = kedge.Pipeline(kedge.Contest(kedge.GaussianNB(2, 2), kedge.RandomForest(2, 2, n_trees=10)), kedge.Adwin(),
                           store=kedge.Store(artifact_bytes=200000))  # nobody else holds the contest
        for i in range(2400):
            row = [rng.gauss(0, 1), rng.gauss(0, 1)]
            p.predict(i, row)
            p.label(i, int(row[0] > 0 if i < 1200 else row[0] * row[1] > 0))
            p.step()
            if i % 400 == 0:
                gc.collect()
                p = copy.copy(p) if i % 800 else pickle.loads(pickle.dumps(p))
        versions = p.store.versions
        self.assertEqual((versions[0].model_class, versions[0].candidate), ("gaussian_nb", 0))
        self.assertEqual((versions[-1].model_class, versions[-1].candidate), ("random_forest", 1))
        like = kedge.Contest(kedge.GaussianNB(2, 2), kedge.RandomForest(2, 2))
        self.assertEqual(kedge.Pipeline.load(p.save(), like, kedge.Adwin).report.as_dict(), p.report.as_dict())

    def test_calibrated(self):
        rng = random.Random(3)
        y = [i % 2 for i in range(2000)]
        x = [[z, z, z, z] for z in (rng.gauss(label, 1) for label in y)]
        for method in ("platt", "isotonic"):
            held = kedge.selection.cross_scores(kedge.GaussianNB(4, 2), x, y)
            fitted = kedge.selection.ProbabilityMap(2, method=method).fit(held, y)
            p = fitted.apply([0.02, 0.98])
            self.assertTrue(0.6 < p[1] < 0.85 and abs(sum(p) - 1) < 1e-12)  # it counts one number as four
            self.assertEqual(pickle.loads(pickle.dumps(fitted)).apply([0.02, 0.98]), p)
            online = kedge.Calibrated(kedge.GaussianNB(4, 2), method=method, window=500)
            online.learn_many(x, y)
            plain = kedge.GaussianNB(4, 2)
            plain.learn_many(x, y)
            self.assertLess(kedge.selection.score(online, "log_loss", x, y), kedge.selection.score(plain, "log_loss", x, y) - 0.1)
            clone = kedge.Calibrated.load(online.save(), kedge.GaussianNB(4, 2))
            self.assertEqual(clone.score(x[0]), online.score(x[0]))
        self.assertRaises(kedge.ShapeError, fitted.fit, [[0.2, 0.3, 0.5]], [1])
        self.assertRaises(kedge.RangeError, fitted.apply, [2.0, -1.0])
        self.assertRaises(kedge.ConfigError, kedge.Calibrated, kedge.GaussianNB(4, 2), window=3)
        self.assertRaises(ValueError, kedge.Calibrated, kedge.GaussianNB(4, 2), method="beta")


if __name__ == "__main__":
    unittest.main()
