# SPDX-License-Identifier: MIT
"""The gate, and the tests before deployment."""
import random
import unittest

import kedge


class Gate(unittest.TestCase):
    """The gate between a challenger and the traffic."""

    def setUp(self):
        r = random.Random(4)
        self.x = [[r.gauss(0, 1) for _ in range(3)] for _ in range(800)]
        self.y = [int(row[0] - row[1] > 0) for row in self.x]
        self.champion, self.challenger = kedge.GaussianNB(3, 2), kedge.Logistic(3, 2)
        self.champion.fit(self.x[:8], self.y[:8])
        self.challenger.learn_many(self.x[:400], self.y[:400])

    def judge(self, challenger=None, **more):
        return kedge.gate(challenger or self.challenger, self.x[400:], self.y[400:], champion=more.pop("champion", self.champion),
                          **more)

    def test_passes(self):
        a = kedge.acceptance
        ranges = [-2, -1, 0, 1, 2]
        report = self.judge(battery={"quality": 0.8, "n_resamples": 200}, clock=True, load_ns=1e9, memory_bytes=1e6, tests=[
            a.Golden("clear cases", [[3, -3, 0], [-3, 3, 0]], [1, 0]), a.Range("a probability", 0, 1, output=1),
            a.Monotone("rises", 0, ranges, output=1), a.Monotone("falls", 1, ranges, falls=True, output=1),
            a.Symmetric("mirrored", 0, 1, [[1, 0, 0]], mirror=0.5, output=1, tolerance=0.2),
            a.Invariant("noise", 2, ranges, [[3, -3, 0]]), a.Custom("host", lambda model: model is self.challenger)])
        self.assertTrue(report, str(report))
        self.assertEqual([t.verdict for t in report.tests], ["pass"] * 7)
        for name in ("quality", "sound", "better", "safe", "load", "memory", "artifact", "converges", "tests"):
            self.assertEqual(report[name].verdict, "pass", name)
        self.assertGreater(report.challenger, report.champion)
        self.assertGreater(report.only_challenger, report.only_champion)
        self.assertIn("better      pass", report.text)

    def test_judges_inside_a_pipeline(self):
        a = kedge.acceptance
        stages = [kedge.Stage("test", needs_verdict=1, least_rows=0), kedge.Stage(least_rows=50, most_rows=100)]
        for low, verdict in ((0.0, "pass"), (0.9, "fail")):  # no model's probabilities are all above 0.9
            p = kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin(), rollout=stages, store=kedge.Store(), events=kedge.Events())
            self.assertIsNone(p.judge())
            reports = []
            for i in range(1500):
                x = self.x[i % len(self.x)][:1]
                p.predict(i, x, i)
                p.label(i, int((x[0] > 0) == (i < 1000)), i)
                p.step(i)
                report = p.judge(i, tests=[a.Range("a probability", low, 1, output=1)], checks=("sound", "better", "tests"),
                                 prove="better")
                reports += [report] if report is not None else []
            self.assertEqual({r.verdict for r in reports} - {"undecided"}, {verdict})
            self.assertEqual(p.report.version > 1, verdict == "pass")
            self.assertGreater(reports[0].n_rows, 19)

    def test_judges_models_with_their_preps(self):
        a = kedge.acceptance
        stages = [kedge.Stage("test", needs_verdict=1, least_rows=0), kedge.Stage(least_rows=50, most_rows=100)]
        p = kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin(), prep=kedge.prep.Scale(1), rollout=stages)
        asked, reports = [], []

        def custom(model):
            asked.append((model.predict_one([900.0]), model.predict_one([1100.0])))  # a row as it comes
            return asked[-1] == (1, 0)
        for i in range(1500):
            x = [1000 + 100 * self.x[i % len(self.x)][0]] if i >= 1000 else self.x[i % len(self.x)][:1]
            p.predict(i, x, i)
            p.label(i, int((x[0] > 0) if i < 1000 else x[0] < 1000), i)
            p.step(i)
            report = p.judge(i, tests=[a.Custom("low ones are 1", custom)], checks=("better", "tests", "converges"), prove="better",
                             fresh=kedge.GaussianNB(1, 2))
            reports += [report] if report is not None else []
        self.assertEqual({r.verdict for r in reports} - {"undecided"}, {"pass"})
        self.assertEqual(set(asked), {(1, 0)})
        self.assertGreater(reports[-1].challenger, reports[-1].champion + 0.2)

    def test_refuses(self):
        a = kedge.acceptance
        report = self.judge(self.champion, champion=self.challenger, checks=("better", "safe"))
        self.assertEqual((report.verdict, report["better"].why), ("fail", "beyond the limit"))
        report = self.judge(champion=self.challenger, checks="better", prove="better")
        self.assertEqual(report.verdict, "undecided")
        self.assertFalse(report)
        report = self.judge(checks="tests", tests=[a.Golden("wrong", [[3, -3, 0]], [0]), a.Custom("no", lambda model: False)])
        self.assertEqual([t.verdict for t in report.tests], ["fail", "fail"])
        self.assertEqual((report.tests[0].first_failed, report.tests[0].got, report.tests[0].expected), (0, 1.0, 0.0))
        self.assertIn("failed test: wrong, row 0: got 1, expected 0", str(report))
        people = [int(row[0] > 0) for row in self.x[400:]]
        report = self.judge(checks=("fair", "fairer"), people=people, unfair=0.1, fair_rates=("selected", "accuracy"))
        told = [row[:2] + [group] for row, group in zip(self.x[400:], people)]
        by = [kedge.gate(self.challenger, told, self.y[400:], champion=self.champion, checks=("fair", "fairer"), unfair=0.1,
                         **groups)
              for groups in ({"people": people}, {"fair_column": 2, "n_groups": 2})]
        for name in ("fair", "fairer"):
            a_check, same = by[0][name], by[1][name]
            self.assertEqual((a_check.verdict, a_check.low, a_check.high), ("fail", same.low, same.high))
        self.assertRaises(kedge.RangeError, self.judge, checks="fair", fair_column=0)
        self.assertEqual((report["fair"].verdict, report.fair_rate), ("fail", "selected"))
        report = self.judge(self.champion, champion=self.challenger, checks="slices", slices=people)
        self.assertEqual(report["slices"].verdict, "fail")
        self.assertGreater(report.slice_rows, 100)

    def test_bad_input(self):
        a = kedge.acceptance
        self.assertRaises(ZeroDivisionError, self.judge, checks="tests", tests=[a.Custom("raises", lambda model: 1 / 0)])
        self.assertRaises(kedge.ConfigError, self.judge, confidence=2)
        self.assertRaises(kedge.ConfigError, self.judge, tests=[a.Monotone("one value", 0, [1])])
        self.assertRaises(kedge.ShapeError, self.judge, champion=kedge.Logistic(3, 3))
        self.assertRaises(kedge.ShapeError, self.judge, people=[0, 1])
        self.assertRaises(kedge.ShapeError, a.Golden, "short", [[1, 2, 3]], [])
        self.assertRaises(ValueError, self.judge, without="beauty")
        self.assertRaises(TypeError, self.judge, beauty=1)
        self.assertRaises(TypeError, self.judge, n_groups=3)


if __name__ == "__main__":
    unittest.main()
