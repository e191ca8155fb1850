# SPDX-License-Identifier: MIT
"""Schemas."""
import math
import random
import unittest

import kedge
from common import HEADERS, turn


class Schemas(unittest.TestCase):
    def learned(self, columns=("age", "country", "member"), **settings):
        s = kedge.Schema(columns, **settings)
        rng = random.Random(7)
        rows = [[20.5 + rng.random() * 40, rng.randrange(4), rng.random() < 0.3] for _ in range(2000)]
        self.assertEqual(s.learn(rows), 0)
        s.finish()
        return s, rows

    def test_defaults_are_the_headers(self):
        words = {"KEDGE_COLUMN_INFERRED": 1, "-HUGE_VAL": -math.inf, "HUGE_VAL": math.inf}
        text = (HEADERS / "controls" / "schema.h").read_text()
        line = next(s for s in text.splitlines() if s.startswith("#define KEDGE_COLUMN_INIT "))
        name, *values = [v.strip() for v in line[line.index("{") + 1:line.index("}")].split(",")]
        self.assertEqual(name, '""')
        column = kedge.Column()
        self.assertEqual([float(getattr(column, field)) for field, *_ in column._fields_[1:]],
                         [float(words.get(v, v)) for v in values])

    def test_infers_and_checks(self):
        s, rows = self.learned()
        self.assertEqual([repr(c).split("'")[3] for c in s.columns], ["numeric", "nominal", "boolean"])
        self.assertTrue(s.check(rows[0]))
        verdict = s.check([-1, 4, math.nan], now_ns=9)
        self.assertFalse(verdict)
        self.assertEqual((verdict.status, verdict.n_wrong, verdict.row), ("skew", 3, 1))
        self.assertEqual([(f.column, f.name, f.why) for f in verdict.findings],
                         [(0, "age", "range"), (1, "country", "unseen"), (2, "member", "missing")])
        self.assertIn("column 1 (country): unknown category: 4, known are 4\n", str(verdict))
        self.assertEqual((verdict.event.kind, verdict.event.subject, verdict.event.at_ns), ("skew", 0, 9))
        self.assertIsNone(s.check([-1, 4, math.nan]).event)
        self.assertEqual(s.check([1, 2]).findings, [(None, "", "shape", 2.0, 3.0)])
        self.assertIn("column 0 (age): numeric, ", str(s))
        self.assertEqual((s.report.n_checked, s.report.n_refused), (4, 3))
        self.assertRaises(kedge.KedgeError, s.learn, rows)

    def test_edits(self):
        s, rows = self.learned()
        country = s.columns[1]
        country.n_categories, country.max_categories = 0, 5
        s.set_column(1, country)
        verdict = s.check([30, 4, 1])
        self.assertEqual((verdict.status, bool(verdict), verdict.event.kind), ("warning", True, "warning"))
        self.assertEqual(s.check([30, 4, 1]).status, "ok")
        strict = kedge.Schema(s.columns)
        strict.finish()
        self.assertEqual(strict.check([30.5, 0, 1]).status, "warning")
        self.assertEqual(strict.check([300, 0, 1]).status, "skew")
        self.assertRaises(kedge.ConfigError, s.set_column, 0, kedge.Column(kind="boolean"))
        self.assertRaises(TypeError, s.set_column, 0, "age")

    def test_shift_and_renewal(self):
        s, rows = self.learned()
        rng = random.Random(8)
        statuses, worst = s.check_table(rows[:1024])
        self.assertEqual((set(statuses), worst), ({"ok"}, None))
        moved = [[40.5 + rng.random() * 20, rng.randrange(4), rng.random() < 0.3] for _ in range(1536)]
        statuses, worst = s.check_table(moved)
        self.assertEqual((statuses.count("drift"), worst), (1, None))
        self.assertEqual(([s.of_column(i).is_shifted for i in range(3)], s.report.n_shifts), ([1, 0, 0], 1))
        self.assertIn("shifted: values ", str(s))
        again = kedge.Schema.load(s.save())
        self.assertEqual(str(again), str(s))
        s.renew()
        self.assertEqual(s.report.is_renewing, 1)
        self.assertNotIn("drift", s.check_table(moved * 2)[0])
        statuses, worst = s.check_table([[200, 0, 0], [200, 9, 0], [30, 0, 0]])
        self.assertEqual((statuses, worst.row - 2560 - 3072, worst.n_wrong), (["skew", "skew", "ok"], 1, 2))

    def test_in_a_pipeline(self):
        p = kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin(), min_rows=50, events=kedge.Events(), schema=kedge.Schema(["size"]))
        rng = random.Random(5)
        for t in range(100):
            x = rng.random() + 1
            turn(p, t, x, int(x > 1.5))
        self.assertEqual((p.schema.report.is_finished, p.report.n_refused_rows), (1, 0))
        with self.assertRaisesRegex(kedge.SkewError, "size.*out of range: 50") as caught:
            p.predict(100, [50.0], now_ns=100)
        self.assertEqual([(f.name, f.why, f.value) for f in caught.exception.verdict.findings], [("size", "range", 50.0)])
        self.assertTrue(p.schema.explain([1.5]))
        self.assertRaises(kedge.UnknownIdError, p.label, 100, 1)
        last = list(p.events)[-1]
        self.assertEqual((last.kind, last.subject, last.value, p.report.n_refused_rows), ("skew", 0, 50.0, 1))
        size = p.schema.columns[0]
        size.high = 100.0
        p.schema.set_column(0, size)
        self.assertIn(p.predict(101, [50.0], now_ns=101), (0, 1))
        self.assertRaises(kedge.UnsupportedError, p.schema.check, [1.2])
        self.assertRaises(kedge.UnsupportedError, p.schema.reset)
        self.assertRaises(kedge.ShapeError, kedge.Pipeline, kedge.GaussianNB(1, 2), kedge.Adwin(), schema=kedge.Schema(2))

    def test_refuses(self):
        for bad in (lambda: kedge.Schema([]), lambda: kedge.Schema(0), lambda: kedge.Schema(3, window=10),
                    lambda: kedge.Column("a name that is too long"), lambda: kedge.Schema([kedge.Column(low=2, high=1)])):
            self.assertRaises(kedge.ConfigError, bad)
        self.assertRaises(ValueError, kedge.Column, "x", "text")
        self.assertRaises(TypeError, kedge.Schema, [3.5])
        s = kedge.Schema(1)
        self.assertEqual(s.learn([[1.0]] * 10), 0)
        self.assertRaises(kedge.NumericError, s.finish)
        self.assertRaises(kedge.KedgeError, s.check, [1.0])


if __name__ == "__main__":
    unittest.main()
