# SPDX-License-Identifier: MIT
"""Data preparation."""
import copy
import math
import pickle
import unittest

import kedge
from common import numpy


class Preps(unittest.TestCase):
    def chain(self):
        return kedge.prep.Chain(4, lambda n: kedge.prep.Impute(n, method="median", indicator=1, columns=[1]),
                                lambda n: kedge.prep.Scale(n, columns=[0, 1]), columns=[0, 1, 3])

    def rows(self, n):
        return [[float(i % 7), math.nan if i % 4 == 0 else float(i), 1e9 + i, -2.0] for i in range(n)]

    def test_training_as_in_service(self):
        p, again = self.chain(), self.chain()
        learned = [p.learn_one(x) for x in self.rows(50)]
        self.assertEqual(again.learn_many(self.rows(50)), learned)
        self.assertEqual(again.save(), p.save())
        self.assertEqual(p.transform_one(self.rows(50)[-1]), learned[-1])
        self.assertEqual(p.transform_many(self.rows(50))[-1], learned[-1])
        self.assertEqual(p.names(["age", "wage", "id", "city"]), ["age", "wage", "city", "wage_missing"])
        self.assertEqual(p.names()[3], "x1_missing")
        self.assertEqual((p.n_out, p.info.n_learned, p.origin(3).column[0]), (4, 50, 1))
        for other in (pickle.loads(pickle.dumps(p)), copy.copy(p), kedge.prep.Chain.load(p.save(), kedge.prep.Impute,
                                                                                         kedge.prep.Scale)):
            self.assertEqual(other.learn_one([1.0, 2.0, 3.0, 4.0]), copy.deepcopy(p).learn_one([1.0, 2.0, 3.0, 4.0]))
        p.reset()
        self.assertEqual(p.save(), self.chain().save())

    def test_fit(self):
        s = kedge.prep.Scale(2, method="min_max", low=-1)
        self.assertEqual(s.fit_transform([[0, 5], [4, 5], [1, 5]]), [[-1, -1], [1, -1], [-0.5, -1]])
        self.assertEqual(s.fit([[0, 0], [2, 4]]).transform_one([1, 1]), [0, -0.5])
        self.assertEqual(s.merge(kedge.prep.Scale(2, method="min_max", low=-1).fit([[4, 0], [4, 0]])).transform_one([2, 4]), [0, 1])
        self.assertIn("n_out=2", repr(s))
        if numpy is not None:
            x = numpy.random.default_rng(1).normal(3, 2, (100, 5))
            p = kedge.prep.Scale(5)
            out = p.fit_transform(x)
            self.assertTrue(numpy.allclose(out, (x - x.mean(0)) / x.std(0), rtol=1e-12, atol=1e-12))
            self.assertTrue((p.transform_many(numpy.asfortranarray(x)) == out).all())
            self.assertEqual(p.transform_many(x[:0]).shape, (0, 5))

    def test_categories(self):
        h = kedge.prep.OneHot(2, columns=[1], max=3, other=1)
        self.assertEqual([h.learn_one([5, c]) for c in (7, -1, 7)], [[5, 1, 0, 0, 0], [5, 0, 1, 0, 0], [5, 1, 0, 0, 0]])
        self.assertEqual(h.transform_one([5, 99]), [5, 0, 0, 0, 1])
        self.assertEqual(h.names(["a", "city"]), ["a", "city=7", "city=-1", "city=#2", "city=other"])
        self.assertEqual(kedge.prep.Ordinal(1).fit([[9], [4], [math.nan]]).transform_many([[4], [9], [8]]), [[0], [1], [-1]])
        t = kedge.prep.Target(1, smooth=1, known=1, max=2)
        self.assertEqual(t.learn_many([[0], [0], [1]], [1, 0, 1]), [[0], [1], [0.5]])  # each as the rows before it tell
        self.assertAlmostEqual(t.transform_one([0])[0], (1 + 2 / 3) / 3)
        self.assertEqual(t.fit_transform([[0], [0], [1]], [1, 0, 1]), [[0], [1], [0.5]])
        strict = kedge.prep.Ordinal(1, known=1, max=2, unseen="error")
        with self.assertRaises(kedge.UnknownIdError):
            strict.transform_one([2])
        self.assertEqual(sum(map(abs, kedge.prep.Hash(3, columns=[0], n_buckets=8).transform_one([1e9, 2, 3]))), 6)

    def test_columns(self):
        self.assertEqual(kedge.prep.Polynomial(2).transform_one([2, 3]), [2, 3, 4, 6, 9])
        self.assertEqual(kedge.prep.Polynomial(2, degree=3, interactions=1).names(), ["x0", "x1", "x0*x1"])
        self.assertEqual(kedge.prep.Lag(1, n_lags=2, missing=-1).learn_many([[1], [2], [3]]), [[1, -1, -1], [2, 1, -1], [3, 2, 1]])
        self.assertTrue(math.isnan(kedge.prep.Lag(1).transform_one([1])[1]))
        self.assertEqual(kedge.prep.Clip(1, method="fixed", low=-1, high=1).transform_one([5]), [1])
        self.assertEqual(kedge.prep.Clip(1, lower=0, upper=0.5).fit([[1], [2], [3]]).transform_one([3]), [2])
        q = kedge.prep.Quantiles(1, n_quantiles=3, output="normal").fit([[float(i)] for i in range(101)])
        self.assertAlmostEqual(q.transform_one([50])[0], 0)
        self.assertLess(q.transform_one([-5])[0], -5)

    def test_bad_input(self):
        p = kedge.prep.Impute(2, method="last")
        for bad in (lambda: p.learn_one([1, math.inf]), lambda: p.learn_many([[1, 2], [1, 1e301]]),
                    lambda: p.fit([[1, -math.inf]])):
            before = p.save()
            with self.assertRaises((kedge.NotFiniteError, kedge.RangeError)) as raised:
                bad()
            if raised.exception.used is None:
                self.assertEqual(p.save(), before)
        for bad in (lambda: p.learn_one([1]), lambda: p.transform_many([[1, 2, 3]]), lambda: p.names(["one"]),
                    lambda: p.fit([[1, 2]], [1, 2])):
            with self.assertRaises(kedge.ShapeError):
                bad()
        for bad in (lambda: kedge.prep.Scale(2, columns=[2]), lambda: kedge.prep.Scale(0), lambda: kedge.prep.Scale(2, low=2),
                    lambda: kedge.prep.Chain(2), lambda: kedge.prep.Scale(600, columns=[0, 599])):
            with self.assertRaises(kedge.ConfigError):
                bad()
        with self.assertRaises(ValueError):
            kedge.prep.Scale(2, method="log")


if __name__ == "__main__":
    unittest.main()
