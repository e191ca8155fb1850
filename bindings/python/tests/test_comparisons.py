# SPDX-License-Identifier: MIT
"""Two samples or tables compared."""
import math
import pickle
import random
import unittest

import kedge
from common import numpy


class Comparisons(unittest.TestCase):
    def test_paired(self):
        pair = kedge.Paired(over="window", window=600)
        self.assertTrue(math.isnan(pair.report.difference))
        pair.record_many([i % 3 == 0 for i in range(900)], [i % 7 == 0 for i in range(900)])
        report = pair.report
        self.assertEqual((report.n, report.n_always), (600, 900))
        self.assertAlmostEqual(report.loss_first, 1 / 3)
        self.assertTrue(report.high < 0 and report.always_high < 0 and report.p_value < 1e-9 and report.q > 0.5)
        self.assertEqual(pickle.loads(pickle.dumps(pair)).report.z, report.z)
        self.assertRaises(kedge.RangeError, pair.record, 0, 1.5)
        self.assertRaises(kedge.ShapeError, pair.record_many, [0], [0, 1])
        test = kedge.mcnemar(1, 9)
        self.assertAlmostEqual(test.p_exact, 0.021484375)
        self.assertEqual((test.n, test.p_value), (10, test.p_mid))
        self.assertEqual(kedge.mcnemar(0, 0).p_value, 1)
        self.assertRaises(kedge.RangeError, kedge.mcnemar, -1, 0)

    def test_area_of_windows(self):
        area = kedge.AucStream(over="tumbling", window=4)
        area.record_many([0, 1, 0], [0.1, 0.9, 0.2])
        self.assertEqual((area.report.n, math.isnan(area.report.auc)), (0, True))
        area.record(1, 0.8)
        area.record(1, 0.0)
        self.assertEqual((area.report.n, area.report.auc), (4, 1.0))

    def test_bootstrap(self):
        x = [float(i * 37 % 101) for i in range(80)]
        figure = kedge.bootstrap(lambda times: sum(t * v for t, v in zip(times, x)) / sum(times), 80, n_resamples=200)
        self.assertTrue(figure.low < figure.value < figure.high and abs(figure.value - sum(x) / 80) < 1e-12)
        self.assertTrue(1 < figure.deviation < 6)
        self.assertTrue(math.isnan(kedge.bootstrap(lambda times: math.nan, 3, n_resamples=10).low))
        self.assertRaises(ZeroDivisionError, kedge.bootstrap, lambda times: 1 / 0, 3)
        self.assertRaises(kedge.ConfigError, kedge.bootstrap, lambda times: 0.0, 3, confidence=1)
        self.assertRaises(kedge.ShapeError, kedge.bootstrap, lambda times: 0.0, 0)

    def test_slices(self):
        slices = kedge.Slices(max_slices=50)
        self.assertTrue(math.isnan(slices.report.error_rate))
        slices.record_many([i % 10 for i in range(10000)], [i % 20 == 7 if i % 10 == 7 else i % 19 == 0 for i in range(10000)])
        slices.record(2**64 - 1, True)
        worst = slices.worst(3)
        self.assertEqual(([s.slice for s in worst][0], len(worst), slices.report.n_slices), (7, 3, 11))
        self.assertTrue(worst[0].excess_low > 0.3 > 0 > worst[1].excess_low)
        self.assertEqual(slices.find(2**64 - 1).n_wrong, 1)
        self.assertTrue(math.isnan(slices.find(99).error_rate))
        other = pickle.loads(pickle.dumps(slices))
        other.merge(slices)
        self.assertEqual((other.report.n, other.report.n_evicted), (20002, 0))
        self.assertRaises(kedge.RangeError, slices.record, -1, 0)
        self.assertRaises(kedge.ShapeError, slices.record_many, [1], [])
        recent = kedge.Slices(over="window", window=10)
        recent.record_many([1] * 20 + [2] * 8, [0] * 20 + [1] * 8)
        self.assertEqual((recent.find(1).n, recent.find(2).n_wrong, recent.report.n), (2, 8, 10))
        self.assertRaises(kedge.ConfigError, kedge.Slices, over="fading")
        if numpy is not None:
            slices.record_many(numpy.array([3, 3], dtype="uint64"), numpy.array([True, False]))
            slices.record_many(numpy.array([3, 3]), numpy.array([True, False]))
            self.assertEqual(slices.find(3).n, 1004)

    def test_evaluation(self):
        rows = [[i % 10, i % 3] for i in range(400)]
        labels = [int(i % 10 > 4) for i in range(400)]
        quality, slices = kedge.Quality(2, over="window", window=200), kedge.Slices()
        model = kedge.GaussianNB(2, 2)
        predicted = kedge.selection.prequential(model, rows, labels, quality=quality, slices=slices,
                                                slice=[i % 3 for i in range(400)], start=50, delay=5)
        self.assertEqual((len(predicted), math.isnan(predicted[49]), model.info.n_learned), (400, True, 395))
        self.assertEqual((quality.report.n, slices.report.n, slices.report.n_slices), (200, 350, 3))
        self.assertTrue(quality.report.accuracy > 0.95)
        reliability = kedge.Reliability(2)
        self.assertEqual(kedge.selection.hold_out(model, rows, labels, reliability=reliability),
                         [float(model.predict_one(r)) for r in rows])
        self.assertTrue(reliability.report.brier < 0.1)
        self.assertRaises(kedge.UnsupportedError, kedge.selection.hold_out, model, rows, labels,
                          regression=kedge.RegressionQuality())
        self.assertRaises(kedge.ShapeError, kedge.selection.prequential, model, rows, labels, slices=slices, slice=[1])


class Tables(unittest.TestCase):
    def setUp(self):
        self.before = {"load": [math.sin(i) for i in range(400)], "colour": ["red", "green", "blue", None][:3] * 133 + ["red"],
                       "on": [i % 2 == 0 for i in range(400)], "seen": [float(i % 13) for i in range(400)], "same": [7] * 400}
        self.after = {"load": [math.sin(i) * (4 if i >= 150 else 1) for i in range(300)], "colour": ["red"] * 100 + ["green"] * 200,
                      "on": [i % 2 == 1 for i in range(300)], "seen": [None if i % 3 == 0 else float(i % 13) for i in range(300)],
                      "same": [7] * 300, "other": [1] * 300}

    def test_compare(self):
        t = kedge.table.compare(self.before, self.after)
        self.assertTrue(t)
        self.assertEqual({c.name for c in t.moved}, {"load", "colour", "seen"})
        self.assertEqual([c.kind for c in t.columns], ["numeric", "nominal", "boolean", "numeric", "numeric"])
        self.assertEqual([t["colour"].where in ("green", "blue", "red"), t["seen"].moved, t["seen"].moved_missing, t["on"].since],
                         [True, False, True, None])
        self.assertTrue(abs(t["load"].since - 150) < 20 and t["same"].p_adjusted == 1 and t.n_tests == 10 and t.n_failed == 0)
        self.assertTrue("moved: " in repr(t) and "since=" in repr(t["load"]))
        self.assertFalse(kedge.table.compare(self.before, self.before))

    def test_settings(self):
        method = kedge.shift.KS(min_effect=0.9)
        t = kedge.table.compare(self.before, self.after, {"colour": "none", "seen": "nominal"}, numeric=method, adjust="holm",
                                alpha=0.01)
        self.assertEqual({c.name for c in t.moved}, {"seen"})
        self.assertEqual(len(t.columns), 4)
        bad = kedge.table.compare({"x": [1.0, math.inf]}, {"x": [1.0, 2.0]})
        self.assertTrue(isinstance(bad["x"].error, kedge.NotFiniteError) and bad.n_failed == 1)
        for wrong, error in ((dict(kinds={"load": "odd"}), ValueError), (dict(adjust="odd"), ValueError),
                             (dict(alpha=2), kedge.ConfigError), (dict(nominal=kedge.shift.KS()), kedge.ConfigError)):
            with self.assertRaises(error):
                kedge.table.compare(self.before, self.after, **wrong)
        with self.assertRaises(kedge.ShapeError):
            kedge.table.compare({"x": [1]}, {"y": [1]})

    def test_rows(self):
        rows = [[float(i * 37 % 100), float(i % 5)] for i in range(100)]
        t = kedge.table.compare(rows, [[x + 50, y] for x, y in rows])
        self.assertEqual([c.name for c in t.moved], ["0"])
        self.assertLess(t["0"].since, 5)
        if numpy is not None:
            same = kedge.table.compare(numpy.array(rows, "float32"), numpy.asfortranarray([[x + 50, y] for x, y in rows]))
            self.assertEqual((same["0"].p_adjusted, same["1"].p_adjusted), (t["0"].p_adjusted, t["1"].p_adjusted))

    def test_profiles(self):
        before = {"x": kedge.Profile(self.before["load"]), "c": kedge.Categories([float(i % 3) for i in range(300)])}
        after = {"x": kedge.Profile(self.after["load"]), "c": kedge.Categories([float(i % 3) for i in range(200)])}
        t = kedge.table.compare_profiles(before, after)
        self.assertEqual(([c.name for c in t.moved], t["c"].kind, t["x"].since), (["x"], "nominal", None))
        with self.assertRaises(kedge.KedgeError):
            kedge.table.compare_profiles({"x": before["x"]}, {"x": after["c"]})

    def test_diagnose(self):
        r = random.Random(3)
        x = [[r.gauss(0, 1) for _ in range(800)] for _ in "ab"]
        said = [["yes" if v + r.gauss(0, 0.5) > 0 else "no" for v in xs] for xs in x]
        turned = ["no" if y == "yes" else "yes" for y in said[1]]
        before = {"x": x[0], "y": said[0], "p": x[0], "n": [1.0] * 800}
        self.assertFalse(kedge.table.diagnose(before, {**before, "x": x[1], "y": said[1], "p": x[1]}, "y", "p"))
        d = kedge.table.diagnose(before, {**before, "x": x[1], "y": turned, "p": x[1]}, "y", "p", {"n": "none"})
        self.assertEqual((d.kinds, repr(d)), ({"concept"}, "Diagnosis(concept)"))
        self.assertTrue(d.p_labels_given_features < 1e-6 < d.p_labels)
        self.assertTrue(math.isnan(kedge.table.diagnose(before, before, "y").p_labels_given_features))
        for wrong in ({**before, "y": turned[1:]}, {"y": turned}):
            with self.assertRaises(kedge.ShapeError):
                kedge.table.diagnose(before, wrong, "y")
        if numpy is not None:
            late = {"x": numpy.array(x[1]) + 2, "y": said[1], "p": numpy.array(x[1], "float32") + 2}
            self.assertIn("covariate", kedge.table.diagnose(before, late, "y", "p").kinds)

    def test_adjust(self):
        self.assertEqual(kedge.table.adjust([0.01, 0.5, math.nan], "bonferroni")[:2], [0.02, 1.0])
        self.assertAlmostEqual(kedge.table.adjust([0.01, 0.02, 0.5])[1], 0.03)
        with self.assertRaises(kedge.RangeError):
            kedge.table.adjust([2.0])
        with self.assertRaises(ValueError):
            kedge.table.adjust([0.5], "odd")


class Shift(unittest.TestCase):
    def test_principal_components(self):
        r = random.Random(8)
        xs, ys = ([[a, a * c + math.sqrt(1 - c * c) * r.gauss(0, 1)] for a in (r.gauss(0, 1) for _ in range(300))] for c in (0.9,
            0.0))
        try:
            methods = [kedge.shift.PCAReconstruction(), kedge.shift.PCACD(method=kedge.shift.MannWhitney()),
                       kedge.shift.PCACD(explained=1.0)]
        except RuntimeError as e:
            self.assertIn("without GSL", str(e))
            self.skipTest("built without GSL")
        self.assertEqual([m(xs, ys).drift for m in methods], [True, False, True])  # ranks do not see a spread

    def test_partitions(self):
        r = random.Random(6)
        xs, ys = ([[a, a * c + math.sqrt(1 - c * c) * r.gauss(0, 1)] for a in (r.gauss(0, 1) for _ in range(200))] for c in (0.0,
            0.9))
        for method in (kedge.shift.KdqTree(n_resamples=99), kedge.shift.NNDVI(n_resamples=99)):
            self.assertEqual((method(xs, ys).p_value, method(xs, xs).drift), (0.01, False))
        self.assertGreater(kedge.shift.hdddm_distance(xs, [[x + 2, y] for x, y in xs]).effect, 0.2)
        self.assertEqual([f(xs, xs).effect for f in (kedge.shift.kdq_tree, kedge.shift.hdddm_distance)], [0.0, 0.0])
        moved = [[x + 1, y] for x, y in xs]
        self.assertTrue(kedge.shift.nn_dvi(xs, moved).drift and kedge.shift.quant_tree(xs, moved, figure="total_variation").drift)

    def test_ks(self):
        xs, ys = [float(i) for i in range(20)], [float(i) + 0.5 for i in range(12, 22)]
        r = kedge.shift.ks(xs, ys)
        self.assertEqual((r.statistic, r.where, r.effect, r.n_reference, r.n_current, r.p_method),
                         (0.65, 12.0, 0.65, 20, 10, "exact"))
        self.assertTrue(r.drift and 0 < r.p_value < 0.01 and "p_method='exact'" in repr(r))
        self.assertFalse(kedge.shift.ks(xs, ys, min_effect=0.7).drift)
        self.assertFalse(kedge.shift.ks(xs, ys, p_method="permutation", alpha=0.001, n_resamples=99, seed=3).drift)
        empty = kedge.shift.ks(xs, [math.nan, math.nan])
        self.assertTrue(empty.empty and math.isnan(empty.p_value) and empty.missing_current == 2)
        both = kedge.shift.compare([kedge.shift.KS(), kedge.shift.KS(p_method="none")], xs, ys)
        self.assertEqual([both[0].p_value, math.isnan(both[1].p_value)], [r.p_value, True])
        with self.assertRaises(kedge.NotFiniteError):
            kedge.shift.ks(xs, [math.nan], missing="refuse")
        for bad in ({"alpha": 2}, {"p_method": "often"}, {"min_effect": math.nan}):
            with self.assertRaises(ValueError):
                kedge.shift.ks(xs, ys, **bad)
        with self.assertRaises(TypeError):
            kedge.shift.ks(xs, ys, bins=3)

    def test_distribution_functions(self):
        xs, ys = [0.0, 1.0, 3.0], [5.0, 6.0, 8.0]
        r = kedge.shift.cramer_von_mises(xs, ys)
        self.assertAlmostEqual(r.statistic, 19 / 36)
        self.assertEqual((r.p_method, round(r.p_value, 9)), ("exact", 0.1))
        self.assertFalse(kedge.shift.CramerVonMises(p_method="asymptotic")(xs, xs).drift)
        r = kedge.shift.anderson_darling(xs, ys)
        self.assertEqual((r.p_method, round(r.p_value, 9)), ("exact", 0.1))
        self.assertFalse(kedge.shift.AndersonDarling(p_method="asymptotic")(xs, xs).drift)
        r = kedge.shift.kuiper(xs, ys)
        self.assertEqual((r.statistic, r.p_method, round(r.p_value, 9)), (1, "exact", 0.3))
        self.assertFalse(kedge.shift.Kuiper(p_method="asymptotic")(xs, xs).drift)
        r = kedge.shift.bws(xs, ys)
        self.assertEqual((r.p_method, round(r.p_value, 9)), ("exact", 0.1))
        self.assertRaises(kedge.UnsupportedError, kedge.shift.BWS(p_method="asymptotic"), xs, xs)

    def test_distances(self):
        xs, ys = [0.0, 1.0, 3.0], [5.0, 6.0, 8.0]
        r = kedge.shift.wasserstein(xs, ys)
        self.assertAlmostEqual(r.statistic, 5)
        self.assertAlmostEqual(r.effect, 5 / math.sqrt(14 / 9))
        self.assertEqual((r.p_method, round(r.p_value, 9)), ("exact", 0.1))
        r = kedge.shift.Energy(p_method="none", min_effect=0.5)(xs, ys)
        self.assertAlmostEqual(r.statistic, 2.70801280154532)
        self.assertTrue(r.drift and math.isnan(r.p_value) and 0.5 < r.effect < 1)

    def test_two_sample(self):
        xs, ys = [1.0, 2.0, 4.0, 7.0, 9.0], [6.0, 8.0, 10.0, 13.0]
        r = kedge.shift.welch(xs, ys)
        self.assertAlmostEqual(r.statistic, (4.6 - 9.25) / math.sqrt(11.3 / 5 + 26.75 / 3 / 4))
        self.assertTrue(0.05 < r.p_value < 0.07 and r.effect > 1 and r.expected == 0 and r.p_method == "asymptotic" and not r.drift)
        r = kedge.shift.mann_whitney(xs, ys)
        self.assertEqual((r.statistic, r.effect, r.expected, r.p_method), (3, 0.7, 10, "exact"))
        self.assertAlmostEqual(r.p_value, 14 / 126)

    def test_histograms(self):
        a, b = [0.0] * 6 + [1.0] * 4, [0.0] * 3 + [1.0] * 4 + [7.0] * 3
        settings = {"binning": "values", "pseudo_count": 0, "p_method": "none", "min_effect": 0.2}
        for name in ("hellinger", "histogram_intersection", "jensen_shannon", "l_infinity", "total_variation"):
            r = getattr(kedge.shift, name)(a, b, **settings)
            self.assertTrue(r.drift and 0.2 < r.statistic < 1 and r.statistic == r.effect and r.where in (0, 7), name)
        for name in ("bhattacharyya", "kullback_leibler", "psi"):
            with self.assertRaises(ValueError):
                getattr(kedge.shift, name)(a, b, **settings)
            self.assertGreater(getattr(kedge.shift, name)(a, b, binning="equal", n_bins=7, n_resamples=99).p_value, 0.01)
        self.assertAlmostEqual(kedge.shift.TotalVariation(**settings)(a, b).statistic, 0.3)
        r = kedge.shift.PSI()(a, b)
        self.assertTrue(r.expected > 0 and r.p_method == "exact")
        with self.assertRaises(TypeError):
            kedge.shift.psi(a, b, bins=3)
        with self.assertRaises(ValueError):
            kedge.shift.psi(a, b, binning="wide")

    def test_nominal(self):
        xs, ys = [0.0] * 10 + [1.0] * 20 + [2.0] * 30, [0.0] * 30 + [1.0] * 20 + [2.0] * 10
        r = kedge.shift.chi_squared(xs, ys)
        self.assertAlmostEqual(r.statistic, 20)
        self.assertAlmostEqual(r.p_value, math.exp(-10))
        self.assertAlmostEqual(r.effect, math.sqrt(20 / 120))
        self.assertEqual((r.where, r.expected, r.p_method), (0, 2, "asymptotic"))
        self.assertAlmostEqual(kedge.shift.g_test(xs, ys).statistic, 4 * (10 * math.log(0.5) + 30 * math.log(1.5)))
        self.assertAlmostEqual(kedge.shift.ChiSquared(correction=1)(xs[:20], ys[:40]).statistic,
                               (17 / 6) ** 2 * 4.5 * (1 / 40 + 1 / 20))
        with self.assertRaises(kedge.ConfigError):
            kedge.shift.g_test(xs, ys, correction=2)
        with self.assertRaises(TypeError):
            kedge.shift.GTest(reserved=0)

    def test_fisher(self):
        r = kedge.shift.fisher([0.0] * 8 + [1.0] * 2, [0.0] * 1 + [1.0] * 5)
        self.assertAlmostEqual(r.p_value, (270 + 10 + 120) / 11440)
        self.assertAlmostEqual(r.effect, 5 / 6 - 0.2)
        self.assertAlmostEqual(r.statistic, math.log(5.5 / 1.5 * 8.5 / 2.5))
        self.assertEqual((r.p_method, kedge.shift.Fisher()([1.0, 1.0], [1.0]).p_value), ("exact", 1))
        self.assertAlmostEqual(kedge.shift.fisher([1.0, 2.0], [3.0]).p_value, 1)

    def test_tables(self):
        gauss = random.Random(5).gauss
        xs = [[v, v + gauss(0, 0.1)] for v in (gauss(0, 1) for _ in range(60))]  # the columns go together
        ys = [[gauss(0, 1), gauss(0, 1)] for _ in range(70)]                     # and no longer
        r = kedge.shift.mmd(xs, ys, n_resamples=199)
        self.assertEqual((r.n_reference, r.n_current, r.expected, r.p_method), (60, 70, 0, "permutation"))
        self.assertTrue(r.drift and r.p_value > 0 and 0 < r.effect < 1 and math.isnan(r.mean_current))
        r = kedge.shift.MMD(form="features", n_features=50, bandwidth_rule="fixed", bandwidth=0.5, seed=3)(xs, ys)
        self.assertTrue(r.drift)
        r = kedge.shift.lsdd(xs, ys, n_resamples=199, n_centres=50)
        self.assertTrue(r.drift and 0 < r.expected < r.statistic and 0 < r.effect < 1 and r.n_current == 70)
        self.assertEqual(kedge.shift.LSDD(bandwidth_rule="fixed", bandwidth=2, regularisation=1, standardise=0)([3.0] * 5,
            [3.0] * 4).p_value, 1)
        with self.assertRaises(kedge.NumericError):
            kedge.shift.lsdd([3.0] * 5, [3.0] * 4, regularisation=0)
        r = kedge.shift.classifier_test(xs, ys)
        self.assertTrue(r.drift and r.expected == 0.5 and abs(r.effect - (2 * r.statistic - 1)) < 1e-12)
        self.assertFalse(kedge.shift.classifier_test(xs, ys, degree=1).drift)
        self.assertFalse(kedge.shift.ClassifierTest(kedge.GaussianNB(2, 2), train_share=0.7)(xs, ys).drift)
        moved = [[a + 2, b] for a, b in xs]
        for model in (kedge.GaussianNB(2, 2), kedge.Logistic(2, 2)):
            self.assertTrue(kedge.shift.classifier_test(xs, moved, model, p_method="none", min_effect=0.4).drift)
            self.assertEqual(model.info.n_learned, 0)
        with self.assertRaises(kedge.ShapeError):
            kedge.shift.classifier_test(xs, ys, kedge.GaussianNB(3, 2))
        with self.assertRaises(ValueError):
            kedge.shift.ClassifierTest(kedge.GaussianNB.load(kedge.GaussianNB(2, 2).save()))
        column = kedge.shift.mmd([row[0] for row in xs], iter([row[0] for row in ys]), n_resamples=99)
        self.assertFalse(column.drift)
        both = kedge.shift.compare([kedge.shift.MMD(n_resamples=99), kedge.shift.KS()], [0.1, 0.5, 0.7], [0.2, 0.4, 0.9])
        self.assertEqual(both[1].n_current, 3)
        self.assertEqual(kedge.shift.mmd(xs, ys + [[math.nan, 1]], p_method="none").missing_current, 1)
        self.assertTrue(kedge.shift.mmd([], []).empty)
        for bad in (ys[:3] + [[1, 2, 3]], [[1], [2], [3]]):
            with self.assertRaises(kedge.ShapeError):
                kedge.shift.mmd(xs, bad)
        with self.assertRaises(ValueError):
            kedge.shift.mmd(xs, ys, form="quick")
        if numpy is not None:
            a, b = numpy.array(xs, dtype="float32"), numpy.array(ys)
            self.assertTrue(kedge.shift.mmd(a, b[:, ::-1]).drift)
            with self.assertRaises(kedge.ShapeError):
                kedge.shift.ks(a, b)


if __name__ == "__main__":
    unittest.main()
