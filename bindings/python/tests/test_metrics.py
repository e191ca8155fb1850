# SPDX-License-Identifier: MIT
"""Metrics and scorecards."""
import copy
import json
import math
import pickle
import random
import threading
import unittest

import kedge
from common import bernoulli, numpy


try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as _openmetrics_parser
except ImportError:
    _openmetrics_parser = None


class Metrics(unittest.TestCase):
    def test_quality(self):
        q = kedge.Quality(3)
        self.assertTrue(math.isnan(q.report.accuracy))
        q.record_many([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1])
        self.assertAlmostEqual(q.report.accuracy, 2 / 6)
        self.assertAlmostEqual(q.report.f1_macro, 0.8 / 3)
        self.assertAlmostEqual(q.of_class(0).precision, 2 / 3)
        self.assertEqual(q.cell(1, 2), 1)
        self.assertTrue(0 < q.report.accuracy_low < q.report.accuracy < q.report.accuracy_high < 1)
        self.assertAlmostEqual(q.report.balanced_accuracy, 1 / 3)
        self.assertAlmostEqual(q.report.mcc, 0, places=12)
        self.assertAlmostEqual(q.report.kappa_temporal, 1 - 4 / 5)
        self.assertAlmostEqual(q.of_class(0).false_discovery_rate, 1 / 3)
        other = copy.copy(q)
        q.merge(other)
        self.assertEqual(q.report.n, 12)
        self.assertRaises(kedge.RangeError, q.record, 3, 0)
        self.assertRaises(kedge.RangeError, q.record, -1, 0)
        for bad in (2**32, -1):
            self.assertRaises(kedge.RangeError, q.record, bad, 0)
            self.assertRaises(kedge.RangeError, q.of_class, bad)
            self.assertRaises(kedge.RangeError, q.record_many, [bad], [0])
        self.assertRaises(TypeError, q.record, 0.5, 0)
        self.assertRaises(TypeError, q.record, 0, 0, "1")
        self.assertRaises(TypeError, q.merge, kedge.DDM())
        if numpy is not None:
            arrays = kedge.Quality(3)
            for dtype in ("float64", "int64", "uint8", "uint32"):
                arrays.record_many(numpy.array([0, 1, 2], dtype=dtype), numpy.array([0, 2, 1], dtype=dtype))
            self.assertEqual((arrays.cell(1, 2), arrays.report.n), (4, 12))
            for bad in (numpy.array([-1]), numpy.array([2**32]), numpy.array([math.nan]), numpy.array([0.5])):
                self.assertRaises((kedge.RangeError, TypeError), arrays.record_many, bad, [0])
        window = kedge.Quality(2, over="window", window=2)
        window.record_many([1, 1, 1], [0, 1, 1])
        self.assertEqual(window.report.accuracy, 1)
        days = kedge.Quality(2, over="tumbling", window=2, beta=2)
        days.record_many([1, 1, 1], [0, 1, 1])
        self.assertEqual((days.report.n, days.report.accuracy), (2, 0.5))
        self.assertAlmostEqual(days.of_class(1).f_beta, 5 / 9)

    def test_fairness(self):
        f = kedge.Fairness(3, min_rows=2, undefined_as_zero=True)
        self.assertTrue(math.isnan(f.report.demographic_parity_ratio))
        f.record_many([0, 0, 1, 1, 2], [1, 0, 0, 0, 1], [1, 0, 0, 0, 0])
        report = f.report
        self.assertEqual((report.demographic_parity_difference, report.equalised_odds_difference, report.four_fifths), (0.5, 1, 0))
        self.assertEqual((report.n_groups, report.n_small, report.i_small), (3, 1, 2))
        self.assertTrue(math.isnan(f.compare("false_positive").gap.ratio))
        self.assertEqual(f.compare("true_positive").i_most, 0)
        self.assertEqual((f.of_group(1).selected.value, f.cell(1, 0, 0)), (0, 2))
        self.assertEqual(f.compare_pair("selected", 0, 1).difference, 0.5)
        f.record(0, 1, 1, 0.75)
        self.assertAlmostEqual(f.of_group(0).mean_score, 1.75 / 3)
        self.assertEqual((f.bin(0, 7).weight, f.bin(0, 7).mean_score), (1, 0.75))
        before = f.save()
        f.record(1, 1, 1, 0.5)
        f.forget(1, 1, 1, 0.5)
        self.assertEqual(f.save(), before)
        self.assertRaises(kedge.RangeError, f.forget, 1, 1, 1, 0.5)
        other = copy.copy(f)
        f.merge(other)
        self.assertEqual(f.report.n, 12)
        self.assertRaises(kedge.RangeError, f.record, 3, 0, 0)
        self.assertRaises(kedge.ShapeError, f.record_many, [0], [1], [1], [0.5, 0.5])
        self.assertRaises(KeyError, f.compare, "luck")

    def test_detection_on_drifting_streams(self):
        quality = kedge.Detection(horizon=5000)
        for seed in range(1, 6):
            detector = kedge.Adwin()
            rows, y, changed = kedge.Series(seed=seed, at=5000).draw(10000)
            self.assertEqual((rows[0], changed.count(1), changed[5000]), ((), 1, 1))
            quality.record_many(changed, detector.signal_many(y))
            quality.end()
        report = quality.report
        self.assertEqual((report.n, report.n_changes, report.n_missed), (50000, 5, 0))
        self.assertTrue(20 < report.delay < 200 and report.delay < report.random_delay)
        quality.record(True, False)
        self.assertEqual(quality.report.n_open, 1)
        with self.assertRaises(kedge.ShapeError):
            quality.record_many(b"\0", b"")

    def test_labelled_streams(self):
        for stream, width, n_classes in ((kedge.Concepts(family="led"), 24, 10), (kedge.Hyperplane(n_features=3, n_drifting=1), 3,
                                                                                  2),
                                         (kedge.Centroids(pattern="incremental", n_classes=4), 10, 4)):
            rows, y, _ = stream.draw(50)
            self.assertEqual((len(rows[0]), stream.n_features, stream.n_classes), (width, width, n_classes))
            self.assertTrue(all(0 <= label < n_classes for label in y))
            again = pickle.loads(pickle.dumps(stream))
            self.assertEqual(again.draw(20), stream.draw(20))
        with self.assertRaises(kedge.ConfigError):
            kedge.Concepts(pattern="incremental")

    def test_focus_is_told_nothing(self):
        for family, seed in (("normal", 3), ("bernoulli", 4)):
            _, y, _ = kedge.Series(seed=seed, at=3000, distribution=family, level_before=0.2, level_after=0.7
                                   if family == "bernoulli" else 1.7)\
                .draw(3200)
            detector = kedge.Focus(family=family)
            drifts = detector.update_many(y)
            self.assertTrue(len(drifts) == 1 and 3000 < drifts[0] < 3100 and 2970 < detector.alarm.changed_at < 3030)
            self.assertGreater(detector.alarm.log_evidence, 14.5)
        detector = kedge.EDetector()
        drifts = detector.update_many(y)
        self.assertTrue(len(drifts) == 1 and 3000 < drifts[0] < 3150 and detector.alarm.log_evidence > math.log(1e6))
        with self.assertRaises(ValueError):
            kedge.Focus(peer="river")
        with self.assertRaises(kedge.ConfigError):
            kedge.Cusum(peer="river")

    def test_sliding_mmd(self):
        r = random.Random(5)
        quiet = lambda: [r.gauss(0, 1), r.gauss(0, 1)]
        moved = lambda: [r.gauss(3, 1), r.gauss(0, 1)]
        d = kedge.SlidingMMD(reference=[quiet() for _ in range(500)], window_size=100, threshold=0.05)
        self.assertEqual((d.n_columns, d.update_rows([quiet() for _ in range(500)])), (2, []))
        drifts = d.update_rows([moved() for _ in range(200)])
        self.assertTrue(len(drifts) == 1 and drifts[0] < 100)
        self.assertTrue(450 < d.alarm.changed_at < 520 + drifts[0])
        d = kedge.SlidingMMD(reference=[quiet() for _ in range(500)], window_size=100, threshold=0.1, figure="lsdd",
                             regularisation=0.2)
        self.assertEqual((d.update_rows([quiet() for _ in range(500)]), len(d.update_rows([moved() for _ in range(200)]))), ([], 1))
        rows = [quiet() for _ in range(1000)]
        d = kedge.SlidingMMD.calibrated(300, sample=rows, n_columns=2, n_reference=100, window_size=30, n_features=8, precision=0.3)
        self.assertLess(abs(math.log(d.calibration.arl / 300)), 0.4)
        self.assertRaises(kedge.ShapeError, kedge.SlidingMMD.calibrated, 300, sample=rows + [[1.0]], n_columns=2)
        d = kedge.SlidingMMD(2, n_reference=50, window_size=20, on_drift="keep")
        self.assertEqual(d.update_row([1, 2]), kedge.Status.OK)
        with self.assertRaises(kedge.NotFiniteError):
            d.update_row([1, math.nan])
        with self.assertRaises(kedge.ShapeError):
            d.learn([[1, 2]])

    def test_sliding_histogram(self):
        r = random.Random(4)
        reference = [r.gauss(0, 1) for _ in range(500)]
        d = kedge.SlidingHistogram(reference=reference, window_size=200, threshold=0.3, distance="jensen_shannon")
        self.assertNotIn(kedge.Status.DRIFT, d.signal_many([r.gauss(0, 1) for _ in range(1000)]))
        self.assertTrue(any(d.update(r.gauss(0, 3)) == kedge.Status.DRIFT for _ in range(300)))
        d = kedge.SlidingHistogram(reference=reference, window_size=200, threshold=0.3, distance="chi_squared")
        self.assertTrue(any(d.update(r.gauss(0, 3)) == kedge.Status.DRIFT for _ in range(300)))
        codes = kedge.SlidingHistogram(binning="values", n_reference=100, window_size=50)
        self.assertTrue(any(codes.update(i % 4 if i < 300 else 7) == kedge.Status.DRIFT for i in range(400)))
        with self.assertRaises(kedge.ShapeError):
            d.learn(reference[1:])

    def test_window_against_a_reference(self):
        reference = [(i * 37 % 100) / 100 for i in range(500)]
        d = kedge.SlidingKS(reference=reference, window_size=200, on_drift="keep")
        alarms = [i for i in range(3000) if d.update((i * 37 % 100) / 100 + (0.3 if i >= 1000 else 0)).drift]
        self.assertTrue(alarms and 1000 < alarms[0] < 1200 and all(b - a >= 200 for a, b in zip(alarms, alarms[1:])), alarms)
        self.assertAlmostEqual(d.alarm.mean_before, sum(reference) / 500, 9)
        with self.assertRaises(kedge.ShapeError):
            d.learn(reference[1:])
        d.learn([x + 0.3 for x in reference])
        self.assertFalse(any(d.update((i * 37 % 100) / 100 + 0.3).drift for i in range(2000)))
        self.assertFalse(pickle.loads(pickle.dumps(d)).update(0.5).drift)

    def test_scorecard(self):
        rng = random.Random(5)
        quality, latency, upkeep = kedge.Quality(2), kedge.Latency(), kedge.Upkeep()
        fairness, cost, budget = kedge.Fairness(2), kedge.Cost(), kedge.privacy.Budget(1.0)
        for i in range(400):
            truth = rng.random() < 0.5
            quality.record(truth, truth if rng.random() < 0.9 else not truth)
            latency.record(rng.randrange(1000, 2_000_000))
            fairness.record(i % 2, truth, rng.random() < 0.5)
        upkeep.event("detected", 0)
        upkeep.event("promoted", 3_600_000_000_000)
        model = kedge.GaussianNB(2, 2)
        card = kedge.Scorecard("fraud", "2", quality, latency, upkeep, fairness, cost, budget, model, None)
        self.assertEqual(card["accuracy"][:2] + (card["accuracy"].n,), (quality.report.accuracy, quality.report.accuracy_low, 400))
        self.assertEqual((card["latency_p99"].value, card["state_size"].value), (latency.report.p99, model.state_bytes))
        self.assertTrue(card["lead_time"].value == 3.6e12 and math.isnan(card["cost_per_training"].value) and "mae" not in card)
        self.assertTrue(card["parity_difference"].low <= card["parity_difference"].value <= card["parity_difference"].high)
        ranked = kedge.ranking([0.1, 0.9, 0.4, 0.6, 0.5], [0, 1, 0, 1, 1])
        self.assertEqual(card.take(ranked)["auc"].value, ranked.auc)
        old = kedge.Scorecard("fraud", "1")
        old.set("accuracy", 0.7, 0.65, 0.75, 400)
        old.set("latency_p99", 1e9)
        old.set("complaints", 4, kind="compliance", better="less")
        card.set("complaints", 3, kind="compliance", better="less")
        self.assertEqual({name: card.compare(old)[name] for name in ("accuracy", "latency_p99", "complaints", "f1")},
                         {"accuracy": "better", "latency_p99": "better", "complaints": "better", "f1": "unknown"})
        rules = [kedge.Rule("accuracy", at_least=0.8, by="interval"), kedge.Rule("latency_p99", at_most=0, share=1.1),
                 ("complaints", None, 2, 0, "warning")]
        judged = card.judge(rules, old)
        self.assertTrue(judged and judged.verdict == "warning")
        self.assertEqual([c.verdict for c in judged.checks], ["pass", "pass", "fail"])
        self.assertEqual([c.verdict for c in card.judge(rules).checks], ["pass", "skipped", "fail"])
        self.assertEqual(card.judge([kedge.Rule("r2", at_least=0)]).verdict, "undecided")
        self.assertFalse(card.judge([kedge.Rule("accuracy", at_least=0.99)]))
        self.assertEqual(card.judge([]).verdict, "pass")
        self.assertIn("better", card.text(old))
        self.assertEqual(str(card), card.text())
        for clone in (copy.copy(card), copy.deepcopy(card), pickle.loads(pickle.dumps(card))):
            self.assertEqual(clone.json(), card.json())
            clone.set("accuracy", 0.5)
            self.assertNotEqual(clone.json(), card.json())
        self.assertRaises(kedge.ShapeError, card.openmetrics, card)
        self.assertRaises(kedge.RangeError, kedge.Scorecard, "x" * 72)
        self.assertRaises(kedge.RangeError, kedge.Scorecard, "a\0b")
        self.assertRaises(kedge.RangeError, card.set, "accuracy", 0.5, 0.6, 0.7)
        self.assertRaises(kedge.UnsupportedError, card.take, kedge.Detection())
        self.assertRaises(kedge.UnsupportedError, card.take, "accuracy")
        self.assertRaises(ValueError, card.set, "mine", 1, kind="beauty")
        self.assertRaises(ValueError, card.judge, [kedge.Rule("accuracy")])
        self.assertRaises(ValueError, card.judge, [kedge.Rule("accuracy", 1, by="luck")])
        self.assertRaises(kedge.ConfigError, card.judge, [kedge.Rule("accuracy", math.nan)])

    def test_scorecard_writers(self):
        rng = random.Random(6)
        for _ in range(300):
            names = ["".join(chr(rng.choice([rng.randrange(1, 128), rng.randrange(128, 0xD800), rng.randrange(0xE000, 0x110000), 10,
                                             34, 92]))
                             for _ in range(rng.randrange(1, 11))) for _ in range(4)]
            card, rival = kedge.Scorecard(names[0], names[1]), kedge.Scorecard(names[2], names[0] + "2")
            value = rng.choice([rng.gauss(0, 1), rng.random() * 10.0 ** rng.randrange(-300, 300), math.inf, math.nan])
            card.set(names[3], value, kind="cost")
            card.set("latency_p50", abs(value))
            card.set("drifts", abs(value))
            rival.set("drifts", 2, n=2**64 - 1)
            told = json.loads(card.json())
            self.assertEqual((told["model"], told["version"]), (names[0], names[1]))
            self.assertEqual(told["extras"][names[3]]["value"], value if math.isfinite(value) else None)
            self.assertEqual(json.loads(rival.json())["figures"]["drifts"]["n"], 2**64 - 1)
            if _openmetrics_parser is None:
                continue
            families = {f.name: f for f in _openmetrics_parser(card.openmetrics(rival))}
            extra = families["kedge_extra"].samples[0]
            self.assertEqual(extra.labels, {"model": names[0], "version": names[1], "name": names[3]})
            self.assertTrue(extra.value == value or math.isnan(value) and math.isnan(extra.value))
            self.assertEqual((families["kedge_latency_p50_seconds"].unit, families["kedge_drifts"].type), ("seconds", "counter"))
            self.assertTrue(all(s.name == "kedge_drifts_total" for s in families["kedge_drifts"].samples))
        # The package must read names as bytes too: what is no UTF-8 becomes U+FFFD as Python's decoder has it.
        raw = kedge.Scorecard()
        for _ in range(300):
            name = bytes(rng.randrange(1, 256) for _ in range(rng.randrange(1, 48)))
            raw._card.model = name
            self.assertEqual(json.loads(raw.json())["model"], name.decode("utf-8", "replace"))

    def test_calibrated(self):
        errors = bernoulli(5, [(0.2, 2000)])
        d = kedge.Cusum.calibrated(arl=500, sample=errors, delta=0.1, precision=0.15, direction="up")
        self.assertLess(abs(d.calibration.arl / 500 - 1), 0.15)
        self.assertEqual(d._config.threshold, d.calibration.knob)
        self.assertEqual(d._config.direction, 2)
        again = kedge.Cusum.calibrated(arl=500, sample=errors, delta=0.1, precision=0.15, direction="up")
        self.assertEqual(again.calibration.knob, d.calibration.knob)
        measured = d.measure_arl(stream=kedge.Series(pattern="none", level_before=0.2), precision=0.15)
        self.assertTrue(300 < measured.arl < 800)
        self.assertEqual(pickle.loads(pickle.dumps(d)).calibration.knob, d.calibration.knob)
        self.assertEqual(kedge.EDetector.calibrated(arl=12345).calibration.arl_low, 12345.0)
        self.assertAlmostEqual(kedge.Shewhart.calibrated(arl=370.4, reference="fixed").calibration.knob, 3.0, 3)
        with self.assertWarns(RuntimeWarning):
            kedge.Cusum.calibrated(arl=1e4, sample=errors, budget=1000)
        for wrong in ({}, {"sample": errors, "stream": kedge.Series()}):
            self.assertRaises((ValueError, kedge.UnsupportedError), kedge.Focus.calibrated, 1000, **wrong)
        self.assertRaises(kedge.NotFiniteError, kedge.Cusum.calibrated, 100, sample=[0.0, float("nan")])
        self.assertRaises(kedge.RangeError, kedge.DDM.calibrated, 100, sample=[0.0, 2.0])
        self.assertRaises(kedge.ConfigError, kedge.Cusum.calibrated, 1, sample=errors)
        self.assertRaises(kedge.KedgeError, kedge.Cusum.calibrated, 1000, stream=kedge.Series(at=5))
        self.assertRaises(TypeError, kedge.Ensemble.calibrated, 1000, sample=errors)

    def test_rows_of_features(self):
        random.seed(3)

        def draw(i):
            a, b = random.gauss(0, 1), random.gauss(0, 1)
            other = b if i < 2000 else random.gauss(0, 1)
            return [a, a + random.gauss(0, 0.1), b, other + random.gauss(0, 0.1)]
        rows = [draw(i) for i in range(4000)]
        d = kedge.ABCD(4)
        self.assertIsNone(d.subspace())
        drifts = [i for i, row in enumerate(rows) if d.update_row(row).drift]
        self.assertTrue(drifts and 2000 < drifts[0] < 2100 and abs(d.alarm.changed_at - 2000) < 20, drifts)
        p, severity = d.subspace()
        self.assertTrue(min(p[:2]) > 0.2 > max(p[2:]) and severity > 1, p)
        self.assertEqual(kedge.ABCD(4).update_rows(rows), drifts)
        clone = pickle.loads(pickle.dumps(d))
        self.assertEqual((clone.n_features, clone.subspace()), (4, (p, severity)))
        self.assertEqual(clone.update_rows(rows), d.update_rows(rows))
        with self.assertRaises(kedge.ShapeError):
            d.update_row([1, 2, 3])
        with self.assertRaises(kedge.NotFiniteError) as refused:
            d.update_rows([rows[0], rows[1], [1, 2, math.nan, 4]])
        self.assertEqual(refused.exception.used, 2)
        with self.assertRaises(kedge.ConfigError):
            kedge.ABCD(0)
        if numpy is not None:
            self.assertEqual(kedge.ABCD(4).update_rows(numpy.asfortranarray(rows)), drifts)
            self.assertEqual(kedge.ABCD(4).update_rows(numpy.array(rows)[::-1][::-1]), drifts)

    def test_batches_of_rows(self):
        r = random.Random(2)
        rows = [[r.gauss(0, 1), r.gauss(0 if i < 6000 else 2, 1)] for i in range(9000)]
        d = kedge.HDDDM(2)
        self.assertIsNone(d.distances())
        drifts = [i for i, row in enumerate(rows) if d.update_row(row).drift]
        self.assertEqual(drifts, [6199])
        self.assertEqual(kedge.HDDDM(2).update_rows(rows), drifts)
        self.assertEqual((d.n_features, d.alarm.changed_at), (2, 6000))
        at_once = kedge.HDDDM(2)
        at_once.update_rows(rows[:6200])
        self.assertGreater(at_once.distances()[1], 2 * at_once.distances()[0])
        cdbd = kedge.HDDDM(1, distance="kullback_leibler", batch_size=100, n_bins=10)
        found = cdbd.signal_many([r.random() ** (1 if i < 5000 else 3) for i in range(6000)])
        self.assertEqual([i for i, st in enumerate(found) if st == kedge.Status.DRIFT], [5099])
        student = kedge.HDDDM(2, threshold="student", alpha=1e-6)
        self.assertEqual(next(i for i, row in enumerate(rows) if student.update_row(row).drift) % 200, 199)
        self.assertLess(student.alarm.threshold, d.alarm.threshold)
        with self.assertRaises(kedge.ShapeError):
            d.update_row([1])

    def test_components_of_rows(self):
        r = random.Random(2)
        rows = []
        for i in range(4000):
            shared = r.gauss(0, 1)
            rows.append([shared + r.gauss(0, 1) / 2, shared + r.gauss(0, 1) / 2 + (0 if i < 3000 else 2), 7])
        for settings in ({}, {"divergence": "kullback_leibler", "on_drift": "relearn"}):
            d = kedge.PCACD(3, **settings)
            self.assertIsNone(d.divergences())
            self.assertEqual(d.n_components, 0)
            drifts = [i for i, row in enumerate(rows) if d.update_row(row).drift]
            self.assertTrue(3000 < drifts[0] < 3500 and (drifts[0] + 1) % 25 == 0)
            again = kedge.PCACD(3, **settings)
            self.assertEqual(again.update_rows(rows), drifts)
            self.assertEqual(again.n_features, 3)
            self.assertEqual(kedge.PCACD(3, **settings).update_rows(rows[:drifts[0]]), [])
        d = kedge.PCACD(3)
        d.update_rows(rows[:3000])
        self.assertEqual(d.n_components, 3)
        self.assertTrue(all(0 <= x < 0.3 for x in d.divergences()) and d.divergences()[2] == 0)

    def test_ensemble_and_md3(self):
        ensemble = kedge.Ensemble([kedge.Adwin(), kedge.DDM(), kedge.PageHinkley()], votes=2, window=500)
        _, y, _ = kedge.Series(at=3000).draw(6000)
        drifts = ensemble.update_many(y)
        self.assertTrue(1 <= len(drifts) <= 2 and 3000 < drifts[0] < 3500)
        self.assertEqual(ensemble.members[1].estimate.n_seen, 6000)
        with self.assertRaises(kedge.RangeError):
            ensemble.update(2.0)
        with self.assertRaises(ValueError):
            kedge.MD3(peer="river")
        md3 = kedge.MD3(reference=100, n_labels=10, direction="up")
        for i in range(100):
            md3.margin(i % 10 == 0)
            md3.label(i % 20 != 0)
        while not md3.margin(True).warning:
            pass
        status = kedge.Status.WARNING
        while status.warning:
            status = md3.label(False)
        self.assertTrue(status.drift)

    def test_profile(self):
        xs = [float(i * 7919 % 10007) for i in range(10007)]
        parts = [kedge.Profile(xs[i::5]) for i in range(5)]
        whole = parts[0]
        for part in parts[1:]:
            whole.merge(pickle.loads(pickle.dumps(part)))
        whole.record(math.nan)
        r = whole.report
        self.assertEqual((r.n, r.n_missing, r.min, r.max), (10007, 1, 0.0, 10006.0))
        self.assertAlmostEqual(r.mean, 5003, 6)
        self.assertLess(abs(whole.quantile(0.5) - 5003) / 10007, r.rank_error_max)
        self.assertEqual(whole.shares([-1.0, 1e9]), [0.0, 1.0])
        same, moved = whole.compare(kedge.Profile(xs)), whole.compare(kedge.Profile([x + 2000 for x in xs]))
        self.assertLess(same.ks, same.ks_error)
        self.assertTrue(abs(moved.ks - 0.2) < moved.ks_error and moved.ks_p_value < 1e-9 and abs(moved.wasserstein - 2000) < 200)
        with self.assertRaises(kedge.NotFiniteError) as caught:
            whole.record_many([1.0, math.inf])
        self.assertEqual(caught.exception.used, 1)


    def test_categories(self):
        codes = [float(i * i % 11) for i in range(1100)]
        whole = kedge.Categories(codes[:500])
        whole.merge(pickle.loads(pickle.dumps(kedge.Categories(codes[500:]))))
        whole.record(math.nan)
        r = whole.report
        self.assertEqual((r.n, r.n_missing, r.n_other, r.error, r.n_categories), (1100, 1, 0, 0, 6))
        self.assertEqual([(c.code, c.count) for c in whole.top(2)], [(1.0, 200), (3.0, 200)])
        self.assertEqual((whole.find(0).count, whole.find(2).count), (100, 0))
        same, moved = whole.compare(kedge.Categories(codes)), whole.compare(kedge.Categories([2.0] * 50 + codes))
        self.assertEqual((same.chi_squared, same.p_value, same.unseen), (0.0, 1.0, 0.0))
        self.assertTrue(moved.where == 2.0 and moved.p_value < 1e-6 and abs(moved.unseen - 50 / 1150) < 1e-12)
        with self.assertRaises(kedge.NotFiniteError) as caught:
            whole.record_many([1.0, math.inf])
        self.assertEqual(caught.exception.used, 1)
        with self.assertRaises(kedge.ConfigError):
            kedge.Categories(max_categories=1)


class MoreMetrics(unittest.TestCase):
    def test_latency_and_throughput(self):
        latency = kedge.Latency()
        for ns in range(1, 1001):
            latency.record(ns)
        self.assertAlmostEqual(latency.quantile(0.5), 500, delta=5)
        self.assertEqual(latency.report.max, 1000)
        self.assertRaises(kedge.RangeError, latency.quantile, 2)
        self.assertRaises(kedge.RangeError, latency.record, 2**64 + 1)
        self.assertEqual(latency.share(500), latency.count(0, 500) / latency.report.n)
        self.assertTrue(math.isnan(kedge.Latency().share(5)))
        throughput = kedge.Throughput()
        for second in range(11):
            throughput.record(second * 10**9, 7)
        self.assertAlmostEqual(throughput.report.per_second, 7)
        self.assertAlmostEqual(pickle.loads(pickle.dumps(throughput)).report.recent_per_second, 7)

    def test_upkeep(self):
        life, other = kedge.Upkeep(), kedge.Upkeep()
        self.assertTrue(math.isnan(life.report.lead.mean_ns))
        hour = 3600 * 10**9
        kinds = ("change", "detected", "training", "trained", "promoted", "incident", "intervention", "restored", "tick")
        for at, kind in enumerate(kinds):
            life.event(kind, at * hour)
        report = life.report
        self.assertEqual((report.detect.mean_ns, report.lead.mean_ns, report.restore.mean_ns), (hour, 3 * hour, 2 * hour))
        self.assertEqual((report.lead.p50_ns, report.lead.p90_ns), (3 * hour, 3 * hour))
        self.assertEqual((report.change_failure_rate, report.n_interventions, report.lead.n), (1, 1, 1))
        self.assertAlmostEqual(report.promotions_per_day, 3)
        self.assertAlmostEqual(report.restore.share, 0.25)
        self.assertRaises(kedge.RangeError, life.event, "tick", 0)
        self.assertRaises(ValueError, life.event, "tock", 10 * hour)
        other.event("promoted", 5)
        life.merge(other)
        self.assertEqual(pickle.loads(pickle.dumps(life)).report.change_failure_rate, 0.5)

    def test_areas(self):
        scores, labels = [0.9, 0.1, 0.4, 0.35, 0.8], [0, 0, 0, 1, 1]
        window = kedge.AucWindow(window=4)
        self.assertTrue(math.isnan(window.report.auc))
        window.record_many(labels, scores)
        self.assertEqual((window.report.auc, window.report.n, window.report.positives), (0.75, 4, 2))
        self.assertAlmostEqual(window.ranking().average_precision, kedge.ranking(scores[1:], labels[1:]).average_precision)
        window.record(1, 0.5)
        self.assertAlmostEqual(pickle.loads(pickle.dumps(window)).report.auc, 2 / 3)
        self.assertRaises(kedge.RangeError, window.record, 2, 0.5)
        self.assertRaises(kedge.ShapeError, window.record_many, [1], [0.5, 0.5])
        self.assertRaises(kedge.ConfigError, kedge.AucWindow, window=1)
        stream, other = kedge.AucStream(), kedge.AucStream()
        stream.record_many(labels[:2], scores[:2])
        other.record_many(labels[2:], scores[2:], [1, 1, 2])
        stream.merge(other)
        self.assertEqual((stream.report.n, stream.report.positives, stream.report.auc_error), (5, 3, 0))
        self.assertAlmostEqual(stream.report.auc, kedge.ranking(scores, labels, [1, 1, 1, 1, 2]).auc)
        margins = kedge.AucStream(scores="real", over="fading", fading=0.5)
        for truth, score in ((1, -3.0), (0, 2.0), (1, 7.0)):
            margins.record(truth, score)
        self.assertAlmostEqual(pickle.loads(pickle.dumps(margins)).report.auc, 0.8)
        expected = kedge.AucStream()
        for p in (0.2, 0.9):
            expected.expect(p)
        self.assertAlmostEqual(expected.report.auc, (0.9 * 0.8 + 0.5 * (0.2 * 0.8 + 0.9 * 0.1)) / (1.1 * 0.9))
        self.assertRaises(kedge.RangeError, expected.record, 1, 1.5)

    def test_estimates(self):
        cbpe = kedge.CBPE()
        cbpe.record_many([1, 0], [[0.1, 0.9], [0.6, 0.4]])
        self.assertAlmostEqual(cbpe.report.accuracy, 0.75)
        self.assertAlmostEqual(cbpe.of_class(1).recall, 0.9 / 1.3)
        self.assertAlmostEqual(cbpe.cell(1, 0), 0.4)
        cbpe.record(1, [0.5, 0.5], 2.0)
        self.assertAlmostEqual(pickle.loads(pickle.dumps(cbpe)).report.accuracy, 0.625)
        self.assertRaises(kedge.RangeError, cbpe.record, 1, [0.5, 0.6])
        self.assertRaises(kedge.ShapeError, cbpe.record_many, [1], [[0.5, 0.5], [0.5, 0.5]])
        dle = kedge.DLE(over="window", window=3)
        self.assertTrue(math.isnan(dle.report.mean))
        dle.record_many([9.0, 1.0, 2.0], [1, 1, 2])
        dle.record(-1.0)
        self.assertEqual((dle.report.n, dle.report.mean), (3, 1.25))
        self.assertTrue(dle.report.low < 1.25 < dle.report.high)
        asked, told = kedge.DLE(), kedge.DLE()
        losses = kedge.RLS(2)
        for i in range(50):
            losses.learn_one([i % 5, 1.0], 2.0 * (i % 5) + 1.0)
        asked.ask(losses, [3.0, 1.0], weight=2.0)
        told.record(losses.predict_one([3.0, 1.0]), 2.0)
        self.assertEqual(bytes(asked.save()), bytes(told.save()))
        self.assertRaises(kedge.UnsupportedError, asked.ask, kedge.GaussianNB(2, 2), [3.0, 1.0])
        self.assertRaises(kedge.ShapeError, asked.ask, losses, [3.0])

    def test_latency_corrected(self):
        stalled, corrected, direct = kedge.Latency(digits=3), kedge.Latency(digits=3), kedge.Latency(digits=3)
        stalled.record_times(5, 100)
        stalled.record_many([1000])
        stalled.copy_into(corrected, 100)
        direct.record_times(5, 100)
        direct.record_expected(1000, 100)
        self.assertEqual(corrected.report.n, 110)
        self.assertEqual(bytes(pickle.dumps(corrected)), bytes(pickle.dumps(direct)))
        self.assertEqual((corrected.quantile(0.95), stalled.quantile(0.95)), (500, 5))
        self.assertRaises(kedge.ConfigError, stalled.copy_into, kedge.Latency())

    def test_latency_window(self):
        latency = kedge.Latency(over="window", window_ns=1000, n_slots=10, lowest=8)
        for t in range(0, 3000, 50):
            latency.advance(t)
            latency.record(t)
        self.assertEqual((latency.report.n, latency.life.n, latency.report.max), (20, 60, 2950))
        self.assertRaises(kedge.RangeError, latency.advance, 5)
        self.assertEqual(pickle.loads(pickle.dumps(latency)).report.p50, latency.report.p50)
        self.assertRaises(kedge.ConfigError, kedge.Latency, over="fading")

    def test_latency_shared(self):
        shared, latency = kedge.LatencyShared(n_lanes=2), kedge.Latency()
        threads = [threading.Thread(target=lambda lane=lane: [shared.record(ns, lane) for ns in range(1, 1001)])
                   for lane in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        shared.collect(latency)
        shared.collect(latency)
        self.assertEqual((latency.report.n, latency.report.min, latency.report.max), (4000, 1, 1000))
        self.assertEqual(repr(shared), "LatencyShared()")

    def test_horizons_and_backlog(self):
        throughput = kedge.Throughput([10**9, 10**10])
        for second in range(100):
            throughput.record(second * 10**9, 7)
        self.assertAlmostEqual(throughput.report.horizons[1], 7)
        self.assertAlmostEqual(throughput.report.peak_per_second, 7)
        self.assertTrue(math.isnan(throughput.report.horizons[2]))
        self.assertRaises(kedge.ConfigError, kedge.Throughput, [10**9] * 9)
        queue = kedge.Backlog(capacity=4)
        queue.arrive(1000, 2)
        queue.arrive(1500)
        queue.done(2000, 2)
        report = pickle.loads(pickle.dumps(queue)).report
        self.assertEqual((report.depth, report.depth_max, report.oldest_ns, report.stay_ns, report.depth_mean),
                         (1, 3, 500, 1000, 2.5))
        self.assertRaises(kedge.RangeError, queue.done, 3000, 2)

    def test_slo(self):
        slo = kedge.Slo(0.75, alerts=[(100, 20, 2.0, "drift"), (200, 100, 1.0, "warning")], period_ns=400, n_slots=40)
        self.assertTrue(math.isnan(slo.report.spent))
        self.assertEqual(slo.record(True, 2**63), kedge.Status.OK)
        self.assertEqual(slo.record_many(2, 1, 2**63 + 5), kedge.Status.WARNING)
        self.assertEqual(slo.record(False, 2**63 + 9), kedge.Status.WARNING)
        self.assertEqual(slo.record(False, 2**63 + 9), kedge.Status.DRIFT)
        r = pickle.loads(pickle.dumps(slo)).report
        self.assertEqual((r.n_good, r.n_bad, r.budget, r.spent, r.left, r.exhausted_ns), (3, 3, 1.5, 2.0, -1.0, 0.0))
        self.assertEqual((list(r.burn_long)[:2], list(r.burn_short)[:2], r.status, r.alerts), ([2.0, 2.0], [2.0, 2.0], 2, 3))
        self.assertRaises(kedge.RangeError, slo.record, True, 2**63)
        self.assertEqual(slo.record_many(0, 0, 2**63 + 10000), kedge.Status.OK)
        self.assertEqual(kedge.Slo().record(True, 0), kedge.Status.OK)
        self.assertRaises(kedge.ConfigError, kedge.Slo, n_slots=100)
        self.assertRaises(kedge.ConfigError, kedge.Slo, alerts=[(100, 20, 2.0, "drift")] * 5)
        self.assertRaises(ValueError, kedge.Slo, alerts=[(100, 20, 2.0, "page")])

    def test_cost(self):
        cost = kedge.Cost(price_compute=0.5, price_held=2, price_moved=1, price_energy=0.25, watts=1000)
        self.assertTrue(math.isnan(cost.report.per_thousand))
        self.assertRaises(kedge.KedgeError, cost.gain, 1.0)
        cost.hold(2**30, 0)
        cost.add("predict", 500, 10**9)
        cost.add("train", 2, 3600 * 10**9, bytes_moved=2**31)
        cost.gain(4)
        cost.hold(2**29, 3600 * 10**9)
        again = pickle.loads(pickle.dumps(cost))
        r = again.report
        self.assertEqual((r.bytes_now, r.bytes_peak, r.gib_hours, r.price_held, r.n_gains), (2**29, 2**30, 1, 2, 1))
        self.assertAlmostEqual(again.of_kind("train").price, 1800 + 0.25 + 2)
        self.assertAlmostEqual(r.per_training, 901.125)
        self.assertAlmostEqual(r.per_point, 450.5625)
        self.assertAlmostEqual(r.per_thousand, 1 + 2 * 0.25 / 3600)
        again.merge(cost)
        self.assertEqual((again.of_kind("predict").n, again.report.bytes_now), (1000, 2**30))
        self.assertRaises(ValueError, cost.add, "sleep", 1, 1)
        self.assertRaises(kedge.RangeError, cost.hold, 1, 0)
        self.assertRaises(kedge.ConfigError, kedge.Cost, watts=-1)
        self.assertTrue(kedge.cost_worth(2, 1, 4, right_value=0.5, rows=1000, price=4).is_worth_it)
        self.assertIsNone(kedge.cost_worth(2, 1, 4, right_value=0.5, rows=300, price=4).is_worth_it)
        never = kedge.cost_worth(-1, -2, 0, right_value=0.5, rows=300, price=4)
        self.assertEqual((never.is_worth_it, never.net, never.break_even), (False, -5.5, math.inf))
        self.assertRaises(kedge.RangeError, kedge.cost_worth, 2, 3, 4, 0.5, 1000, 4)

    def test_joiner(self):
        joiner = kedge.Joiner(capacity=2, max_age=10)
        for i in range(3):
            joiner.add(2**63 + i, i, float(i), score=0.5)
        self.assertRaises(kedge.UnknownIdError, joiner.join, 2**63, 3, 1.0)
        pair = joiner.join(2**63 + 1, 5, 0.0)
        self.assertEqual((pair.predicted, pair.truth, pair.score, pair.delay), (1.0, 0.0, 0.5, 4))
        self.assertEqual((joiner.oldest.id, joiner.find(2**63 + 2).made_at), (2**63 + 2, 2))
        self.assertRaises(kedge.KedgeError, joiner.add, 2**63 + 2, 5, 1.0)
        again = pickle.loads(pickle.dumps(joiner))
        again.expire(13)
        self.assertIsNone(again.oldest)
        r = again.report
        self.assertEqual((r.n_added, r.n_joined, r.n_expired, r.n_evicted, r.n_waiting, r.delay_mean), (3, 1, 1, 1, 0, 4.0))

    def test_joiner_in_batches(self):
        joiner = kedge.Joiner(capacity=3)
        with self.assertRaises(kedge.NotFiniteError) as caught:
            joiner.add_many([1, 2, 3], [0, 1, 1], [0.0, 1.0, math.nan])
        self.assertEqual((caught.exception.used, joiner.report.n_waiting), (2, 2))
        joiner.add_many([3, 4], [2, 2], [0.5, 0.75], score=[0.1, 0.2], weight=[2, 3])
        pairs = joiner.join_many([4, 1, 2], 5, [1, 0, 1])
        self.assertEqual([(p.id, p.score, p.weight, p.delay, p.truth) for p in pairs], [(4, 0.2, 3.0, 3, 1.0), (2, 0.0, 1.0, 4,
            1.0)])
        self.assertEqual(joiner.join_many([], 5, []), [])
        self.assertRaises(kedge.ShapeError, joiner.add_many, [1], [1, 2], [1])
        self.assertRaises(kedge.ShapeError, joiner.join_many, [1], 6, [1, 2])


if __name__ == "__main__":
    unittest.main()
