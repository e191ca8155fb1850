# SPDX-License-Identifier: MIT
"""Models, those of kedge-gsl too."""
import copy
import math
import pickle
import random
import unittest

import kedge
from common import numpy, rows_of


class Models(unittest.TestCase):
    def test_online(self):
        x, y = rows_of(1500)
        for m in (kedge.Linear(3, 2), kedge.Logistic(3, 2), kedge.GaussianNB(3, 2), kedge.HoeffdingTree(3, 2),
                  kedge.AdaptiveForest(3, 2), kedge.Auto(3, 2)):
            self.assertEqual(m.predict_one(x[0]), 0)
            right = 0
            for row, label in zip(x, y):
                right += m.predict_one(row) == label
                m.learn_one(row, label)
            self.assertGreater(right, 1350)
            self.assertEqual(m.info.n_learned, 1500)
            many = type(m)(3, 2)
            many.learn_many(x, y)
            self.assertEqual(many.save(), m.save())
            self.assertAlmostEqual(sum(m.score(x[0])), 1)
            self.assertEqual(list(m.predict_many(x[:50])), [m.predict_one(r) for r in x[:50]])
            clone = pickle.loads(pickle.dumps(m))
            self.assertEqual(clone.score(x[3]), m.score(x[3]))

    def test_linear(self):
        m = kedge.Linear(2, 0, loss="quantile", quantile=0.9, optimiser="coin")
        for i in range(2000):
            m.learn_one([i % 3, i % 5], i % 3 + i % 7)
        self.assertGreater(m.predict_one([1, 2]), 4.5)
        self.assertEqual(m.score([1, 2]), [m.predict_one([1, 2])])
        self.assertEqual(pickle.loads(pickle.dumps(m)).predict_one([1, 2]), m.predict_one([1, 2]))
        self.assertRaises(kedge.ConfigError, kedge.Linear, 2, 2, loss="squared")
        self.assertRaises(kedge.ConfigError, kedge.Linear, 2, 0, optimiser="alma")
        self.assertRaises(ValueError, kedge.Linear, 2, 2, loss="cubic")
        self.assertRaises(kedge.RangeError, kedge.Linear(1, 0, loss="poisson").learn_one, [1], -1)

    def test_gradient_boosting(self):
        nan = float("nan")
        x = [[i % 11, i % 7 if i % 5 else nan, i % 3] for i in range(600)]
        y = [(row[0] > 5) != (row[2] == 1) for row in x]
        m = kedge.GradientBoosting(3, 2, nominal=[2], n_rounds=30, max_leaves=8).fit(x, y)
        self.assertEqual(list(m.predict_many(x)), [float(label) for label in y])
        self.assertEqual((m.predict_one([9, nan, 0]), m.info.n_learned, m.fitted.n_rounds), (1, 600, 30))
        self.assertEqual(pickle.loads(pickle.dumps(m)).score(x[0]), m.score(x[0]))
        self.assertRaises(kedge.UnsupportedError, m.learn_one, x[0], 1)
        value = kedge.GradientBoosting(3, 0, rising=[0], falling=[1], loss="absolute", hold="random", holdout=0.2, min_rows=3)
        value.fit(x, [row[0] + 0.5 for row in x])
        self.assertAlmostEqual(value.predict_one([4, 1, 1]), 4.5, 1)
        self.assertEqual((value.fitted.n_held_out, value.score([4, 1, 1])), (120, [value.predict_one([4, 1, 1])]))
        self.assertRaises(kedge.ConfigError, kedge.GradientBoosting, 3, 2, rising=[1], falling=[1])
        self.assertRaises(kedge.RangeError, kedge.GradientBoosting, 300, 2, nominal=[256])
        self.assertRaises(ValueError, kedge.GradientBoosting, 3, 0, loss="cubic")

    def test_random_forest(self):
        x = [[i % 11, i % 7, i % 3] for i in range(600)]
        y = [(row[0] > 5) != (row[2] == 1) for row in x]
        m = kedge.RandomForest(3, 2, nominal=[2], n_trees=20, max_leaves=32).fit(x, y)
        self.assertEqual(list(m.predict_many(x)), [float(label) for label in y])
        self.assertEqual((m.predict_one([9, 1, 0]), m.info.n_learned), (1, 600))
        self.assertEqual(pickle.loads(pickle.dumps(m)).score(x[0]), m.score(x[0]))
        cart = kedge.RandomForest(3, 0, n_trees=1, bootstrap=0, n_subset=3).fit(x, [row[0] + 0.5 for row in x])
        self.assertAlmostEqual(cart.predict_one([4, 1, 1]), 4.5)
        self.assertRaises(kedge.ConfigError, kedge.RandomForest, 3, n_subset=4)
        self.assertRaises(kedge.ConfigError, kedge.RandomForest, 3, bootstrap=0, out_of_bag=1)
        bag = kedge.RandomForest(3, 2, nominal=[2], n_trees=20, max_leaves=32, out_of_bag=1).fit(x, y).fitted
        self.assertEqual((bag.loss, bag.n_out_of_bag, bag.n_trees), (0, 600, 20))
        pruned = kedge.RandomForest(3, 0, n_trees=1, bootstrap=0, n_subset=3, ccp_alpha=5).fit(x, [row[0] for row in x])
        self.assertEqual(pruned.fitted.n_leaves, 2)
        frozen = kedge.Frozen(m.freeze())
        self.assertEqual([frozen.score(row) for row in x[:20]], [m.score(row) for row in x[:20]])

    def test_knn(self):
        m = kedge.KNN(2, 3, k=3, window=50, distance="manhattan", weights="inverse", scale="raw")
        for i in range(200):
            m.learn_one([i % 3, i % 5], i % 3)
        self.assertEqual(m.predict_one([2, float("nan")]), 2)
        self.assertEqual(m.score([1, 3]), [0, 1, 0])
        m.forget_one([199 % 3, 199 % 5], 199 % 3)
        self.assertRaises(kedge.RangeError, m.forget_one, [7, 7], 1)
        self.assertEqual(pickle.loads(pickle.dumps(m)).score([1, 2]), m.score([1, 2]))
        value = kedge.KNN(1, 0, k=1)
        value.learn_one([3], 1.5)
        self.assertEqual(value.predict_one([4]), 1.5)
        self.assertRaises(kedge.ConfigError, kedge.KNN, 2, k=65)
        self.assertRaises(ValueError, kedge.KNN, 2, scale="cooked")
    def test_fimt_dd(self):
        m = kedge.FIMTDD(2, memory=100_000, leaf="linear")
        for i in range(4000):
            m.learn_one([i % 13, float("nan") if i % 50 == 0 else i % 11], 100 - i % 11 if i % 13 > 6 else i % 11)
        self.assertAlmostEqual(m.predict_one([12, 10]), 90, delta=5)
        self.assertGreater(m.shape.n_splits, 0)
        self.assertEqual(m.n_drifts, 0)
        self.assertEqual(pickle.loads(pickle.dumps(m)).predict_one([1, 2]), m.predict_one([1, 2]))
        self.assertRaises(ValueError, kedge.FIMTDD, 2, leaf="majority")
        self.assertRaises(kedge.RangeError, kedge.FIMTDD, 300, nominal=[256])
        self.assertRaises(kedge.ConfigError, kedge.FIMTDD, 2, drift_threshold=-1)

    def test_forest_regression(self):
        m = kedge.ForestRegression(3, memory=200_000, n_trees=3, lambda_=3, nominal=[2])
        for i in range(2000):
            m.learn_one([i % 13, i % 11, i % 3], 3 * (i % 13) + (10 if i % 3 == 1 else 0))
        self.assertAlmostEqual(m.predict_one([6, 5, 1]), 28, delta=4)
        self.assertGreaterEqual(m.shape.n_trees, 3)
        self.assertEqual(pickle.loads(pickle.dumps(m)).predict_one([1, 2, 0]), m.predict_one([1, 2, 0]))
        self.assertRaises(kedge.ConfigError, kedge.ForestRegression, 2, n_trees=0)

    def test_sam_knn(self):
        m = kedge.SAMKNN(2, 3, k=3, window=60, min_short=6, long_share=0.5, weights="uniform", seed=7)
        for i in range(300):
            m.learn_one([i % 3, i % 5], (i % 3 + i // 150) % 3)
        self.assertEqual(m.predict_one([2, 1]), 0)
        self.assertEqual(m.info.can_forget, 0)
        self.assertEqual(pickle.loads(pickle.dumps(m)).score([1, 2]), m.score([1, 2]))
        self.assertRaises(kedge.ConfigError, kedge.SAMKNN, 2, n_classes=0)
        self.assertRaises(kedge.ConfigError, kedge.SAMKNN, 2, long_share=0.95)
    def test_amrules(self):
        m = kedge.AMRules(2, memory=100_000, ordered=False, leaf="linear")
        for i in range(4000):
            m.learn_one([i % 13, float("nan") if i % 50 == 0 else i % 11], 100 - i % 11 if i % 13 > 6 else i % 11)
        self.assertAlmostEqual(m.predict_one([12, 10]), 90, delta=5)
        self.assertGreater(len(m.rules), 0)
        self.assertIn(m.rules[0][0][:2], [(0, "<="), (0, ">")])
        self.assertEqual(m.n_removed, 0)
        self.assertEqual(pickle.loads(pickle.dumps(m)).rules, m.rules)
        self.assertRaises(kedge.ConfigError, kedge.AMRules, 2, anomaly=1)

    def test_rls(self):
        m = kedge.RLS(2, forgetting=0.99)
        for i in range(300):
            m.learn_one([i % 3, i % 5], 2 * (i % 3) - i % 5 + 7)
        self.assertAlmostEqual(m.predict_one([10, 20]), 7, places=3)
        self.assertEqual(pickle.loads(pickle.dumps(m)).score([1, 2]), m.score([1, 2]))
        self.assertRaises(kedge.ConfigError, kedge.RLS, 2, ridge=0)

    def test_sparse(self):
        dense, sparse = kedge.Linear(100, 3), kedge.Linear(100, 3)
        for i in range(200):
            row = {kedge.hash_feature(f"word {i % 5}", 100): 1.0, 50 + i % 3: 2.5}
            full = [row.get(j, 0.0) for j in range(100)]
            self.assertEqual(sparse.predict_sparse(row), dense.predict_one(full))
            self.assertEqual(sparse.score_sparse(row), dense.score(full))
            dense.learn_one(full, i % 3)
            sparse.learn_sparse(row, i % 3)
        self.assertEqual(sparse.save(), dense.save())
        self.assertEqual(sparse.predict_sparse({51: 2.5}), 1)
        sparse.learn_sparse({}, 0)
        self.assertRaises(kedge.ShapeError, sparse.learn_sparse, {100: 1.0}, 0)
        self.assertRaises(kedge.NotFiniteError, sparse.predict_sparse, {0: math.nan})
        self.assertRaises(kedge.UnsupportedError, kedge.GaussianNB(2, 2).learn_sparse, {0: 1.0}, 0)
        self.assertEqual(kedge.hash_feature("abc", 2**16), kedge.hash_feature(b"abc", 2**16))
        self.assertEqual(kedge.hash_feature("abc", 2**16), 0xb3dd)

    def test_naive_bayes_forgets_and_merges(self):
        rows = [([i % 3, i % 2, i % 5], int(i % 3 > 0)) for i in range(60)]
        for cls in (kedge.GaussianNB, kedge.MultinomialNB, kedge.BernoulliNB):
            whole, half, rest = cls(3, 2), cls(3, 2), cls(3, 2)
            for i, (x, y) in enumerate(rows):
                whole.learn_one(x, y)
                (half if i < 30 else rest).learn_one(x, y)
            self.assertTrue(half.info.can_forget and half.info.can_merge)
            self.assertIs(half.merge(rest), half)
            for x, _ in rows:
                self.assertAlmostEqual(half.score(x)[0], whole.score(x)[0])
            for x, y in rows[:30]:
                half.forget_one(x, y)
            for x, _ in rows:
                self.assertAlmostEqual(half.score(x)[0], rest.score(x)[0])
            self.assertRaises(kedge.RangeError, half.forget_one, rows[0][0], 0, 1000)
            self.assertRaises(kedge.ConfigError, half.merge, cls(3, 2, fading=0.9))
        self.assertRaises(kedge.UnsupportedError, kedge.Logistic(2, 2).forget_one, [1, 2], 0)
        self.assertRaises(kedge.RangeError, kedge.MultinomialNB(2, 2).learn_one, [-1, 2], 0)
        self.assertEqual(kedge.MultinomialNB(2, 2, complement=1).fit([[1, 0], [0, 1]], [0, 1]).predict_one([3, 0]), 0)

    def test_trees(self):
        rng = random.Random(5)
        m = kedge.AdaptiveForest(2, 3, nominal=[1], n_values=5, n_trees=4, n_subset=2, lambda_=4, leaf="majority", memory=50000)
        for i in range(2000):
            category = rng.randrange(5)
            m.learn_one([math.nan if i % 7 == 0 else rng.random(), category], (0, 2, 1, 1, 0)[category])
        self.assertEqual([m.predict_one([0.5, category]) for category in range(5)], [0, 2, 1, 1, 0])
        self.assertGreaterEqual(m.shape.n_trees, 4)
        self.assertEqual(m.shape.n_leaves, m.shape.n_splits + m.shape.n_trees)
        self.assertTrue(m.info.takes_missing)
        tree = kedge.HoeffdingTree(2)
        tree.learn_one([1, math.nan], 1)
        self.assertEqual((tree.predict_one([0, 0]), tree.shape.depth), (1, 0))
        self.assertRaises(kedge.RangeError, kedge.HoeffdingTree, 300, nominal=[256])
        self.assertRaises(kedge.ConfigError, kedge.HoeffdingTree, 2, nominal=[2])
        self.assertRaises(kedge.ConfigError, kedge.HoeffdingTree, 2, memory=100)
        self.assertRaises(TypeError, kedge.HoeffdingTree, 2, seed=1)

    def test_models_over_members(self):
        def concept(x, i):
            return int((x[0] + x[1] > 1) != (i >= 1500))

        up = kedge.Adwin(direction="up")
        patches = kedge.Bagging(kedge.HoeffdingTree(2, memory=20000), 3, n=5, lambda_=4, warning=kedge.HDDMA(), drift=up)
        boosting = kedge.Boosting(kedge.GaussianNB(3), n=4, drift=up, fading=0.999)
        watched = kedge.AdaptiveModel(kedge.GaussianNB(3), drift=kedge.DDM())
        nested = kedge.Bagging(kedge.AdaptiveModel(kedge.GaussianNB(3), drift=kedge.DDM()), n=2, lambda_=1)
        for m in (patches, boosting, watched, nested):
            rng, right = random.Random(3), 0
            for i in range(3000):
                x = [rng.random() for _ in range(3)]
                right += i >= 2500 and m.predict_one(x) == concept(x, i)
                m.learn_one(x, concept(x, i))
            self.assertGreater(right, 400, m)
            twin = pickle.loads(pickle.dumps(m))
            self.assertEqual(twin.save(), m.save())
            self.assertEqual(copy.deepcopy(m).save(), m.save())
            m.learn_one(x, 1)
            twin.learn_one(x, 1)
            self.assertEqual(twin.save(), m.save())
            m.reset()
            self.assertEqual(m.info.n_learned, 0)
        self.assertEqual(patches.info.n_features, 3)
        again = kedge.Bagging.load(patches.save(), kedge.HoeffdingTree(2), kedge.HDDMA(), kedge.Adwin())
        self.assertEqual(again.members.n_members, 5)
        self.assertRaises(TypeError, kedge.Bagging.load, patches.save())
        self.assertRaises(kedge.ConfigError, kedge.Bagging, again.load(patches.save(), kedge.HoeffdingTree(2), kedge.HDDMA(),
                                                                       kedge.Adwin()))
        self.assertRaises(kedge.KedgeError, kedge.Bagging.load, patches.save(), kedge.Logistic(2), kedge.HDDMA(), kedge.Adwin())
        self.assertRaises(kedge.ConfigError, kedge.Bagging, kedge.Logistic(4), 3)
        values = kedge.Bagging(kedge.RLS(1), n=3, drift=up)
        for i in range(100):
            values.learn_one([i % 7], 3 * (i % 7))
        self.assertAlmostEqual(values.predict_one([2.0]), 6, 2)

    def test_earlier_targets_are_features(self):
        series = kedge.Lagged(lambda n: kedge.RLS(n), 1, n_lags=2)
        labels = kedge.Lagged(lambda n: kedge.HoeffdingTree(n, 3), 1, 3)
        values, right = [1.0, 2.0], 0
        for i in range(600):
            right += i >= 400 and labels.predict_one([0]) == i % 3
            labels.learn_one([0], i % 3)
            series.learn_one([0], values[-1])
            values.append(1.9 * values[-1] - values[-2])
        self.assertAlmostEqual(series.predict_one([0]), values[-1], delta=0.02)
        self.assertEqual(right, 200)
        boosted = kedge.SGBT(kedge.FIMTDD(1, memory=8192, grace=20), 2, 3, n=5, rate=0.2)
        rng = random.Random(2)
        for _ in range(1500):
            x = [rng.random(), rng.random()]
            boosted.learn_one(x, int(x[0] > 0.5) + int(x[0] > 0.5 and x[1] > 0.5))
        self.assertEqual([boosted.predict_one(x) for x in ([0.2, 0.8], [0.8, 0.2], [0.8, 0.8])], [0, 1, 2])
        self.assertEqual(kedge.SGBT.load(boosted.save(), kedge.FIMTDD(1)).save(), boosted.save())
        for m in (series, labels, boosted):
            twin = pickle.loads(pickle.dumps(m))
            self.assertEqual(twin.save(), m.save())
            self.assertEqual(copy.copy(m).save(), m.save())
        self.assertRaises(TypeError, kedge.Lagged.load, series.save())
        self.assertRaises(kedge.ConfigError, kedge.Lagged, lambda n: kedge.RLS(n), 1, n_lags=0)

    def test_trees_that_change(self):
        rng = random.Random(6)
        for m in (kedge.AdaptiveTree(2, least=100), kedge.EFDT(2, reevaluate=200, grace=50),
                  kedge.LAST(2, watches="impurity", drift_delta=0.1)):
            for i in range(4000):
                x = [rng.random(), math.nan if i % 9 == 0 else rng.random()]
                m.learn_one(x, x[0] > (0.5 if i < 2000 else 0.1))
            self.assertEqual([m.predict_one([x, 0.5]) for x in (0.02, 0.9)], [0, 1])
            self.assertGreater(m.shape.n_splits, 0)
            self.assertEqual(m.shape.n_leaves, m.shape.n_splits + m.shape.n_trees)
        self.assertRaises(kedge.ConfigError, kedge.LAST, 2, max_share=0)

    def test_portfolio_and_baselines(self):
        m = kedge.Auto(1, 2, memory=50000, n_trees=3)
        last, usual = kedge.Baseline(1, 2, kind="last"), kedge.Baseline(1, 2)
        for i in range(1000):
            for model in (m, last, usual):
                model.learn_one([i % 7], i // 100 % 2 if i < 900 else 1)
        self.assertGreater(m.weights["last"], 0.6)
        self.assertAlmostEqual(sum(m.weights.values()), 1)
        self.assertEqual((m.weights["near"], m.weights["near_raw"]), (0, 0))  # no room for them
        moves = kedge.Auto(1, 2, memory=100000, n_trees=1, n_near=100)
        for i in range(500):
            moves.learn_one([i * 0.61803398875 % 1 * 20], int(i * 0.61803398875 % 1 * 20) % 2)
        self.assertGreater(moves.weights["near"] + moves.weights["near_raw"], 0.5)
        values = kedge.Auto(1, 0, memory=200000)
        for i in range(1000):
            values.learn_one([i % 7], 2.5 * (i % 7))
        self.assertAlmostEqual(values.predict_one([3]), 7.5, delta=0.2)
        self.assertEqual(set(values.weights), {"forest", "linear", "tree", "last", "usual"})
        self.assertEqual(pickle.loads(pickle.dumps(values)).predict_one([3]), values.predict_one([3]))
        self.assertRaises(kedge.ConfigError, kedge.Auto, 1, 2, budget_ns=0)
        usual.learn_one([0], 1)
        self.assertEqual((last.predict_one([0]), usual.predict_one([0])), (1, 1))
        mean = kedge.Baseline(1, 0, kind="usual", fading=0.5)
        mean.learn_one([0], 1.0)
        mean.learn_one([0], 2.5)
        self.assertAlmostEqual(mean.predict_one([0]), 2.0)
        self.assertRaises(ValueError, kedge.Baseline, 1, 2, kind="best")

    def test_portfolio_with_a_budget(self):
        rng = random.Random(3)
        rows = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(4000)]
        labels = [int(x[0] > x[1]) for x in rows]
        now, models = [0], []

        def clock():  # of a machine on which everything takes 2 ms
            now[0] += 2_000_000
            return now[0]
        for budget in (2_000_000, 9_000):
            m = kedge.Auto(2, memory=60000, budget_ns=budget, clock=clock)
            for i in range(0, 4000, 100):
                m.predict_many(rows[i:i + 100])
                m.learn_many(rows[i:i + 100], labels[i:i + 100])
            models.append(m)
        self.assertNotEqual(models[0].save(), models[1].save())
        self.assertEqual(models[0].predict_one([1, -1]), 1)  # the other one learned next to nothing
        told = [kedge.Auto(2, memory=60000, budget_ns=500, clock=None) for _ in range(2)]
        for m in told:
            m.learn_many(rows, labels)
            m.spent(4000, 50_000_000)
        self.assertEqual(told[0].save(), told[1].save())
        measured = pickle.loads(pickle.dumps(kedge.Auto(2, memory=60000, budget_ns=10_000_000)))  # whatever else this machine does
        measured.learn_many(rows, labels)  # by the clock of this machine
        self.assertEqual(measured.predict_one([2, -2]), 1)
        self.assertRaises(kedge.RangeError, measured.spent, 0, 1)
        self.assertRaises((kedge.RangeError, OverflowError), measured.spent, 1, -1)

    def test_errors(self):
        m = kedge.Logistic(2, 2)
        before = m.save()
        self.assertRaises(kedge.ShapeError, m.learn_one, [1, 2, 3], 0)
        self.assertRaises(kedge.RangeError, m.learn_one, [1, 2], 2)
        self.assertRaises(kedge.NotFiniteError, m.learn_one, [1, math.inf], 1)
        self.assertRaises(kedge.NotFiniteError, m.predict_one, [math.inf, 0])
        self.assertRaises(kedge.UnsupportedError, m.fit, [[1, 2]], [0])
        self.assertRaises(kedge.ShapeError, m.learn_many, [[1, 2], [1]], [0, 1])
        self.assertRaises(kedge.ShapeError, m.learn_many, [[1, 2]], [0, 1])
        self.assertEqual(m.save(), before)
        self.assertRaises(kedge.ConfigError, kedge.Logistic, 0)
        self.assertRaises(kedge.ConfigError, kedge.GaussianNB, 3, 1)
        self.assertRaises(TypeError, m.learn_one, [1, 2], "1")
        with self.assertRaises(kedge.NotFiniteError) as caught:
            m.learn_many([[1, 2], [3, math.inf]], [0, 1])
        self.assertEqual(caught.exception.used, 1)
        self.assertEqual(m.info.n_learned, 1)

    def test_fit(self):
        x, y = rows_of(400)
        fitted = kedge.GaussianNB(3, 2).fit(x, y)
        self.assertGreater(sum(p == t for p, t in zip(fitted.predict_many(x), y)), 360)
        try:
            kedge.LogisticIRLS(3)
        except RuntimeError as e:
            self.assertIn("without GSL", str(e))
            self.assertRaises(RuntimeError, kedge.LeastSquares.load, b"")
            self.skipTest("built without GSL")
        self.assertGreater(sum(p == t for p, t in zip(kedge.LogisticIRLS(3).fit(x, y).predict_many(x), y)), 360)
        line = kedge.LeastSquares(1).fit([[0], [1], [2]], [1, 3, 5])
        self.assertAlmostEqual(line.predict_one([10]), 21)
        self.assertAlmostEqual(pickle.loads(pickle.dumps(line)).predict_one([10]), 21)
        self.assertRaises(kedge.UnsupportedError, line.learn_one, [1], 1)
        self.assertRaises(kedge.UnsupportedError, line.report)
        parts = [kedge.LeastSquaresPass(1, report=1).add([[i], [i + 1]], [2 * i + 1, 2 * i + 3]) for i in (0, 4)]
        self.assertAlmostEqual(parts[0].merge(parts[1]).solve().predict_one([10]), 21)
        self.assertRaises(kedge.NotFiniteError, parts[0].add, [[math.nan]], [1])
        self.assertEqual(line.weights()[1], [line.weights()[1][0]])
        lasso = kedge.Lasso(1, alpha=2.5).fit([[0], [2], [4], [6]], [1, 5, 9, 13])  # variance 5, covariance 10
        self.assertAlmostEqual(lasso.weights()[1][0], 1.5)
        self.assertTrue(lasso.fitted.converged and lasso.fitted.n_nonzero == 1 and lasso.fitted.alpha == 2.5)
        points = lasso.path([[0], [2], [4], [6]], [1, 5, 9, 13], alphas=[10, 5, 1])
        self.assertEqual([round(w, 9) for _, (w,) in points], [0, 1, 1.8])
        self.assertEqual([point.n_nonzero for point, _ in lasso.path([[0], [2], [4], [6]], [1, 5, 9, 13], alphas=2)], [0, 1])
        chosen = kedge.ElasticNet(3, n_folds=4, n_alphas=9).fit(x, y)
        self.assertTrue(chosen.fitted.n_folds == 4 and 0 < chosen.fitted.error < 0.3 and 0 < chosen.fitted.alpha < 1)
        self.assertRaises(kedge.NotFiniteError, lasso.path, [[math.nan]], [1])
        self.assertRaises(kedge.ConfigError, kedge.ElasticNet, 1, l1_ratio=2)
        table, counts_of = [[0]] * 3 + [[1]] * 3, [10, 20, 30, 40, 5, 15]  # three classes in two groups
        shares = kedge.SoftmaxIRLS(1, 3, l2=0, report=1).fit(table, [0, 1, 2] * 2, counts_of)
        self.assertAlmostEqual(shares.class_weights(1)[0], math.log(2))
        self.assertAlmostEqual(shares.coefficients(2)[0].standard_error, (1 / 10 + 1 / 30) ** 0.5)
        self.assertTrue(shares.fitted.rank == 2 and shares.fitted.p_value < 1e-6
                        and shares.fitted.deviance < shares.fitted.null_deviance)
        ridge = kedge.SoftmaxIRLS(3, 2).fit(x, y)
        self.assertGreater(sum(p == t for p, t in zip(ridge.predict_many(x), y)), 360)
        self.assertAlmostEqual(ridge.class_weights(0)[0], -ridge.class_weights(1)[0])
        self.assertRaises(kedge.UnsupportedError, ridge.coefficients, 0)
        self.assertRaises(kedge.RangeError, ridge.class_weights, 2)
        plane = [[0, 1], [1, 3], [2, 5], [3, 7], [4, 9]]
        pca = pickle.loads(pickle.dumps(kedge.PCA(2).fit(plane)))
        self.assertAlmostEqual(pca.components[0][1], 2 / 5 ** 0.5)
        self.assertTrue(pca.found.n_kept == 1 and abs(pca.variances[0][0] - 12.5) < 1e-12 and pca.centre[0] == [2, 5])
        self.assertAlmostEqual(pca.inverse_transform(pca.transform(plane))[3][1], 7)
        self.assertAlmostEqual(kedge.PCA(2, whiten=1, standardise=1).fit(plane, [1] * 5).transform(plane)[4][0], 2 / 2.5 ** 0.5)
        self.assertRaises(kedge.ShapeError, pca.inverse_transform, [[1.0]])
        self.assertRaises(kedge.NumericError, pca.fit, plane[:1])
        self.assertRaises(kedge.ConfigError, kedge.PCA, 2, n_components=3)
        told = kedge.LeastSquares(1, report=1).fit([[1], [2], [3], [4], [5]], [2, 4, 5, 4, 5])
        fit, (intercept, slope) = told.report()
        self.assertAlmostEqual(fit.r2, 0.6)
        self.assertAlmostEqual(intercept.value, 2.2)
        self.assertAlmostEqual(slope.standard_error, 0.08 ** 0.5)
        self.assertAlmostEqual(slope.p_value, 0.12402706, 7)
        self.assertAlmostEqual(told.interval([6]).mean_high, 5.8 + 3.1824463 * 0.88 ** 0.5, 6)
        ridge = kedge.Ridge(1, l2=0.1, l2_high=10, n_l2=3, path=1, choice="gcv", method="normal")
        self.assertEqual(ridge.path(), [])
        ridge.fit([[1], [2], [3], [4], [5]], [2, 4, 5, 4, 5])
        for point, (intercept, slope) in zip(ridge.path(), ridge.path_coefficients(), strict=True):
            self.assertAlmostEqual(slope, 6 / (10 + point.l2))
            self.assertAlmostEqual(intercept, 4 - 3 * slope)
            self.assertAlmostEqual(point.df, 1 + 10 / (10 + point.l2))
        ridge = pickle.loads(pickle.dumps(ridge))
        self.assertEqual(ridge.coefficients(), ridge.path_coefficients()[ridge.fitted.chosen])
        self.assertAlmostEqual(ridge.predict_one([3]), 4)
        self.assertRaises(kedge.UnsupportedError, kedge.Ridge(1).fit([[1], [2]], [1, 2]).path_coefficients)
        self.assertRaises(kedge.ConfigError, kedge.Ridge, 1, l2=-1)
        own = kedge.Ridge(1, penalties=[10, 0.1, 1], path=1, choice="gcv", method="normal")
        own.fit([[0], [1], [2], [4]], [1, 3, 5.5, 9])
        grid = kedge.Ridge(1, l2=0.1, l2_high=10, n_l2=3, path=1, choice="gcv", method="normal").fit([[0], [1], [2], [4]],
            [1, 3, 5.5, 9])
        self.assertEqual([point.l2 for point in own.path()], [0.1, 1, 10])
        for a, b in zip(own.path(), grid.path()):
            self.assertAlmostEqual(a.gcv, b.gcv, 12)
        self.assertEqual(copy.deepcopy(own).path_coefficients(), own.path_coefficients())
        self.assertRaises(kedge.ConfigError, kedge.Ridge, 1, penalties=[])
        self.assertRaises(kedge.ConfigError, kedge.Ridge, 1, penalties=[1] * 33)
        self.assertRaises(kedge.ConfigError, kedge.Ridge, 1, penalties=[-1, 1])
        self.assertRaises(TypeError, kedge.Ridge, 1, penalties=[1], n_l2=1)
        x, y = [[i] for i in range(9)], [1, 3.1, 4.9, 7, 9.1, 100, 12.9, 15, 17.1]
        for norm in ("huber", "bisquare"):
            robust = pickle.loads(pickle.dumps(kedge.RobustRegression(1, norm, report=1).fit(x, y)))
            weights, slope = robust.row_weights(x, y), robust.coefficients()[1]
            self.assertTrue(weights[5] < 0.05 and min(weights[:5] + weights[6:]) > 0.3)
            self.assertTrue(slope.low < 2 < slope.high and slope.p_value < 1e-6)
            self.assertTrue(robust.fitted.converged and 0 < robust.fitted.scale < 1 and robust.fitted.df == 7)
        self.assertTrue(kedge.RobustRegression(1).fit(x, [2 * i for i in range(9)]).fitted.exact)
        self.assertRaises(kedge.ConfigError, kedge.RobustRegression, 1, tuning=0)
        counts = kedge.GLM(2, "poisson", offset=1, report=1).fit([[0, 0], [1, 0], [2, 1], [3, 0]], [1, 2, 11, 8])
        self.assertAlmostEqual(counts.predict_one([1, math.log(5)]), 5 * counts.predict_one([1, 0]))
        self.assertTrue(counts.fitted.deviance < 0.1 < counts.fitted.null_deviance and counts.fitted.df == 2)
        slope = counts.coefficients()[1]
        self.assertTrue(slope.low < 0.69 < slope.high and slope.p_value < 0.1 and counts.coefficients()[2].value == 1)
        self.assertRaises(kedge.NumericError, kedge.GLM(1, "binomial", link="probit").fit, [[0], [1]], [0, 1])
        self.assertRaises(kedge.ConfigError, kedge.GLM, 1, "gamma", link="logit")

    @unittest.skipIf(numpy is None, "NumPy is not here")
    def test_arrays_of_all_shapes(self):
        x, y = rows_of(300)
        expected = kedge.GaussianNB(3, 2).fit(x, y).save()
        a = numpy.array(x)
        wide = numpy.zeros((300, 6))
        wide[:, ::2] = a
        for form in (a, numpy.asfortranarray(a), wide[:, ::2], a[::-1][::-1]):
            self.assertEqual(kedge.GaussianNB(3, 2).fit(form, numpy.array(y)).save(), expected)
        a.flags.writeable = False
        m = kedge.GaussianNB(3, 2).fit(a, y)
        self.assertIsInstance(m.predict_many(a), numpy.ndarray)
        self.assertEqual(m.predict_many(a).tolist(), list(m.predict_many(x)))
        self.assertEqual(m.predict_many(a[:0]).shape, (0,))
        self.assertEqual(m.score(a[7]), m.score(x[7]))
        self.assertEqual(m.predict_one(wide[3, ::2]), m.predict_one(x[3]))
        self.assertRaises(kedge.ShapeError, m.predict_many, a[0])
        single = a.astype(numpy.float32)
        self.assertEqual(kedge.GaussianNB(3, 2).fit(single, y).save(), kedge.GaussianNB(3, 2).fit(single.astype(float), y).save())


class Discriminants(unittest.TestCase):
    """Linear and quadratic discriminant analysis."""

    def test_probabilities(self):
        x = [[i * 7 % 11 + c, i * 5 % 13 - 2 * c + i * 3 % 7 * c] for c in range(3) for i in range(12)]
        y = [c for c in range(3) for _ in range(12)]
        try:
            models = kedge.LinearDiscriminant(2, 3), kedge.LinearDiscriminant(2, 3, shrinkage=0.3), kedge.QuadraticDiscriminant(2,
                3)
        except RuntimeError as e:
            self.assertIn("without GSL", str(e))
            self.skipTest("built without GSL")
        for m, expected in zip(models, (  # predict_proba([[4, 3]]) of scikit-learn 1.9.1: LDA(), LDA("lsqr", shrinkage=0.3), QDA()
                (0.42683822872268185, 0.33801006522282556, 0.23515170605449254), (0.4299433438168239, 0.33710168311923944,
                                                                                  0.2329549730639366),
                (0.4473322240166155, 0.3277950476453015, 0.2248727283380832))):
            for a, b in zip(pickle.loads(pickle.dumps(m.fit(x, y))).score([4, 3]), expected):
                self.assertAlmostEqual(a, b, 11)
            self.assertEqual(m.predict_one([4, 3]), 0)
            self.assertIsInstance(m.predict_one([4, 3]), int)
            self.assertRaises(kedge.UnsupportedError, m.learn_one, [4, 3], 1)
            self.assertRaises(kedge.NumericError, m.fit, x[:12], y[:12])  # one class
        self.assertRaises(kedge.ConfigError, kedge.LinearDiscriminant, 2, 3, shrinkage=2)
        self.assertRaises(TypeError, kedge.QuadraticDiscriminant, 2, 3, quadratic=0)


if __name__ == "__main__":
    unittest.main()
