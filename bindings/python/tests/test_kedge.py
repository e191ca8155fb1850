# SPDX-License-Identifier: MIT
"""The installed package: the C library's alarms, errors, pickles, arrays. Runs with and without NumPy."""
import array
import copy
import gc
import hashlib
import json
import math
import mmap
import os
import pathlib
import pickle
import random
import subprocess
import sys
import tempfile
import threading
import unittest

import kedge

try:
    import numpy
except ImportError:
    numpy = None

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as _openmetrics_parser
except ImportError:
    _openmetrics_parser = None

GOLDEN = pathlib.Path(os.environ.get("KEDGE_GOLDEN", pathlib.Path(__file__).resolve().parents[3] / "tests/golden"))
MASK = (1 << 64) - 1


def bernoulli(seed, parts):
    """0/1 draws by splitmix64, the same as everywhere in the project."""
    out, state = [], seed
    for rate, n in parts:
        for _ in range(n):
            state = (state + 0x9E3779B97F4A7C15) & MASK
            z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            out.append(float(((z ^ (z >> 31)) >> 11) * 2.0**-53 < rate))
    return out


def digits(name):
    return [float(c) for c in (GOLDEN / name).read_text() if c in "01"]


def doubles(name):
    out = array.array("d")
    out.frombytes((GOLDEN / name).read_bytes())
    if sys.byteorder == "big":
        out.byteswap()
    return out.tolist()


STREAMS = {
    "bern_abrupt": lambda: bernoulli(1, [(0.2, 10000), (0.5, 10000)]),
    "bern_multi": lambda: bernoulli(2, [(0.1, 10000), (0.3, 10000), (0.1, 10000), (0.6, 10000), (0.2, 10000)]),
    "bern_rare": lambda: bernoulli(4, [(0.01, 50000), (0.03, 50000)]),
    "nb_elec2": lambda: digits("nb_elec2.txt"),
    "nb_sea": lambda: digits("nb_sea.txt"),
    "gauss_mean": lambda: doubles("gauss_mean.f64"),
    "gauss_ramp": lambda: doubles("gauss_ramp.f64"),
    "gauss_var": lambda: doubles("gauss_var.f64"),
}
CASES = [("river_ADWIN", kedge.Adwin, "river"), ("moa_ADWINChangeDetector", kedge.Adwin, "moa"), ("river_DDM", kedge.DDM, "river"),
         ("moa_DDM", kedge.DDM, "moa"), ("moa_CusumDM", kedge.Cusum, "moa"), ("moa_EWMAChartDM", kedge.ECDD, "moa"),
         ("moa_EDDM", kedge.EDDM, "moa"), ("river_EDDM", kedge.EDDM, "river"), ("river_FHDDM", kedge.FHDDM, "river"),
         ("moa_GeometricMovingAverageDM", kedge.GeometricMovingAverage, "moa"), ("moa_HDDM_A_Test", kedge.HDDMA, "moa"),
         ("river_HDDM_A", kedge.HDDMA, "river"), ("moa_HDDM_W_Test", kedge.HDDMW, "moa"), ("river_HDDM_W", kedge.HDDMW, "river"),
         ("moa_RDDM", kedge.RDDM, "moa"), ("moa_STEPD", kedge.STEPD, "moa"), ("river_PageHinkley", kedge.PageHinkley, "river"), ("moa_PageHinkleyDM", kedge.PageHinkley, "moa")]


def cuts(n):
    """Where batches of 1 to 3 items begin."""
    at = 0
    while at < n:
        yield at
        at += 1 + at % 3


class Spoilt:
    def __float__(self):
        raise ZeroDivisionError("on the way to a number")


class Named(kedge.DDM):
    """What a host may derive."""

    def __init__(self, name, **settings):
        super().__init__(**settings)
        self.names = [name]


class Detectors(unittest.TestCase):
    def test_alarms_are_the_peers(self):
        for name, make in STREAMS.items():
            whole = make()
            for file, cls, peer in CASES:
                stream = whole
                expected = json.loads((GOLDEN / f"{file}.json").read_text())["streams"].get(name)
                if expected is None:  # most detectors read errors only
                    self.assertTrue(min(stream) < 0 or max(stream) > 1)
                    continue
                stream = stream[:expected["n"]]  # slow peers were given the beginning of a long stream
                single, batch, signals = cls(peer=peer), cls(peer=peer), cls(peer=peer)
                said = bytes(single.update(x) for x in stream)
                drifts = [i for i, st in enumerate(said) if st == kedge.Status.DRIFT]
                self.assertEqual(drifts[:500], expected["drift"], (name, file))
                self.assertEqual(len(drifts), expected["n_drift"])
                warnings = [i for i, st in enumerate(said) if st == kedge.Status.WARNING and said[i - 1:i] != b"\x01"]
                self.assertEqual(warnings[:200], expected["warning"], (name, file))
                self.assertEqual(batch.update_many(stream), drifts)
                self.assertEqual(signals.signal_many(stream), said)
                self.assertEqual(single.save(), batch.save())

    def test_alarm_tells(self):
        d = kedge.Adwin()
        self.assertIsNone(d.alarm)
        self.assertTrue(math.isnan(d.estimate.mean))
        drifts = d.update_many(bernoulli(1, [(0.2, 3000), (0.8, 3000)]))
        self.assertEqual(len(drifts), 1)
        self.assertEqual(d.alarm.at, drifts[0])
        self.assertAlmostEqual(d.alarm.changed_at, 3000, delta=40)
        self.assertGreater(d.alarm.effect, 0.4)
        self.assertIn("n_drifts=1", repr(d))

    def test_flags(self):
        d = kedge.DDM()
        seen = set()
        for x in bernoulli(5, [(0.1, 1000), (0.9, 1000)]):
            st = d.update(x)
            seen.add(st)
            self.assertEqual((st.drift, st.warning), (d.drift_detected, d.warning_detected))
        self.assertEqual(seen, set(kedge.Status))
        self.assertFalse(kedge.Status.OK)

    def test_bad_input_changes_nothing(self):
        for d in (kedge.Adwin(), kedge.DDM(), kedge.PageHinkley()):
            d.update_many([0, 1, 0, 1])
            before = d.save()
            for bad, error in ((math.nan, kedge.NotFiniteError), (math.inf, kedge.NotFiniteError), (1e200, kedge.RangeError)):
                with self.assertRaises(error) as caught:
                    d.update(bad)
                self.assertIsInstance(caught.exception, ValueError)
                self.assertIsInstance(caught.exception, kedge.KedgeError)
            with self.assertRaises(TypeError):
                d.update("one")
            self.assertRaises(OverflowError, d.update, 10**400)
            self.assertRaises(ZeroDivisionError, d.update, Spoilt())
            self.assertEqual(d.save(), before)
            with self.assertRaises(kedge.NotFiniteError) as caught:
                d.update_many([0, 1, math.nan, 1])
            self.assertEqual(caught.exception.used, 2)
            self.assertEqual(d.estimate.n_seen, 6)

    def test_settings(self):
        stream = bernoulli(1, [(0.2, 2000), (0.9, 500), (0.1, 500)])
        rises = kedge.PageHinkley(threshold=30, direction="up").update_many(stream)
        falls = kedge.PageHinkley(threshold=30, direction="down").update_many(stream)
        self.assertTrue(2000 < rises[0] < 2500 < falls[0])
        for make, settings in ((kedge.BOCPD, {"family": "bernoulli"}), (kedge.KSWIN, {})):
            rises = make(direction="up", **settings).update_many(stream)
            falls = make(direction="down", **settings).update_many(stream)
            self.assertTrue(2000 < rises[0] < 2500 < falls[0])
        rises = kedge.EDDM(drift_threshold=0.7).update_many(stream)
        both = kedge.EDDM(drift_threshold=0.7, direction="both").update_many(stream)
        self.assertTrue(2000 < rises[0] < 2500 < both[1] and both[:1] == rises)
        for bad in (lambda: kedge.Adwin(delta=2), lambda: kedge.DDM(warm_start=0), lambda: kedge.Adwin(on_drift="sing"),
                    lambda: kedge.Adwin(peer="nobody")):
            self.assertRaises(ValueError, bad)
        self.assertRaises(kedge.ConfigError, lambda: kedge.Adwin(delta=2))
        self.assertRaises(TypeError, lambda: kedge.Adwin(detla=0.1))
        self.assertRaises(TypeError, lambda: kedge.Adwin(reserved=1))
        self.assertRaises(TypeError, lambda: kedge.Adwin(delta="much"))
        self.assertRaises(TypeError, lambda: kedge.Adwin(clock=1.5))
        for wraps in (-1, 2**32 + 32):
            self.assertRaises(kedge.ConfigError, lambda: kedge.Adwin(clock=wraps))

    def test_pickle_at_any_point(self):
        stream = bernoulli(3, [(0.2, 500), (0.6, 700)])
        for cls in (kedge.Adwin, kedge.DDM, kedge.PageHinkley):
            whole = cls()
            expected = whole.update_many(stream)
            for cut in range(0, len(stream), 97):
                d = cls()
                first = d.update_many(stream[:cut])
                for clone in (pickle.loads(pickle.dumps(d)), copy.copy(d), copy.deepcopy(d), cls.load(d.save())):
                    self.assertEqual(first + [cut + i for i in clone.update_many(stream[cut:])], expected)
                    self.assertEqual(clone.save(), whole.save())

    def test_clones_keep_what_python_knows(self):
        d = Named("sensor 7", warm_start=10)
        while not d.update(d.estimate.n_seen > 50).drift:
            pass
        for clone in (pickle.loads(pickle.dumps(d)), copy.copy(d), copy.deepcopy(d)):
            self.assertIs(type(clone), Named)
            self.assertEqual(clone.names, d.names)
            self.assertTrue(clone.drift_detected)
        self.assertIs(copy.copy(d).names, d.names)
        self.assertIsNot(copy.deepcopy(d).names, d.names)
        self.assertEqual(kedge.Pipeline(copy.copy(kedge.GaussianNB(2)), copy.copy(d)).report.n_predicted, 0)

    def test_damaged_snapshots(self):
        snapshot = kedge.DDM().save()
        for i in range(len(snapshot)):
            damaged = bytearray(snapshot)
            damaged[i] ^= 1 << i % 8
            self.assertRaises(kedge.SnapshotError, kedge.DDM.load, damaged)
            self.assertRaises(kedge.SnapshotError, kedge.DDM.load, snapshot[:i])
        self.assertRaises(kedge.SnapshotError, kedge.Adwin.load, snapshot)

    def test_frozen(self):
        rng = random.Random(3)
        rows = [[rng.random(), rng.randrange(5), math.nan if rng.random() < 0.05 else rng.gauss(0, 1)] for _ in range(2000)]
        labels = [int(row[0] + row[1] / 5 > 1) for row in rows]
        for model in (kedge.Logistic(3), kedge.HoeffdingTree(3, nominal=[1]), kedge.AdaptiveForest(3, n_trees=3), kedge.Auto(3, n_near=0)):
            model.learn_many(rows, labels)
            blob = model.freeze()
            frozen = kedge.Frozen(blob)
            self.assertEqual(bytes(frozen), blob)
            self.assertEqual((frozen.info.bytes, frozen.info.takes_missing), (len(blob), 1))
            self.assertEqual(list(frozen.predict_many(rows)), list(model.predict_many(rows)))
            for same in (pickle.loads(pickle.dumps(frozen)), kedge.Frozen(bytearray(blob)), kedge.Frozen(memoryview(b"_" + blob)[1:])):
                self.assertEqual(same.predict_one(rows[0]), model.predict_one(rows[0]))
                for mine, live in zip(same.score(rows[1]), model.score(rows[1])):
                    self.assertAlmostEqual(mine, live, 9)
            with tempfile.TemporaryDirectory() as directory:
                path = os.path.join(directory, "model.kedge")
                with open(path, "wb") as file:
                    file.write(blob)
                self.assertEqual(list(kedge.Frozen.map(path).predict_many(rows)), list(frozen.predict_many(rows)))
            for bad in (b"", blob[:-8], blob[:40], bytes(len(blob)), model.freeze("big" if sys.byteorder == "little" else "little")):
                self.assertRaises(kedge.KedgeError, kedge.Frozen, bad)
            self.assertRaises(ValueError, model.freeze, "middle")
        value = kedge.RLS(2)
        value.learn_one([1, 2], 3.5)
        self.assertEqual(kedge.Frozen(value.freeze()).predict_one([1, 2]), value.predict_one([1, 2]))
        if numpy is not None:
            self.assertEqual(kedge.Frozen(blob).predict_many(numpy.array(rows)).tolist(), model.predict_many(numpy.array(rows)).tolist())

    def test_reset_and_buffers(self):
        stream = bernoulli(1, [(0.2, 1000), (0.7, 1000)])
        d = kedge.PageHinkley(threshold=10)
        fresh = d.save()
        drifts = d.update_many(stream)
        for data in (array.array("d", stream), tuple(stream), memoryview(array.array("d", stream))):
            d.reset()
            self.assertEqual(d.save(), fresh)
            self.assertEqual(d.update_many(data), drifts)
        self.assertEqual(d.update_many([]), [])
        d.reset()
        self.assertEqual(d.update_many(float(x) for x in stream), drifts)
        d.reset()
        self.assertEqual(d.update_many(memoryview(array.array("d", stream)).toreadonly()), drifts)
        d.reset()
        self.assertEqual(d.update_many(bytes(int(x) for x in stream)), drifts)
        self.assertRaises(TypeError, d.update_many, "0101")
        self.assertRaises(TypeError, d.update_many, 1)
        if numpy is not None:
            for data in (numpy.array(stream), numpy.array(stream, dtype=numpy.float32), numpy.array([stream, stream]).T[:, 1],
                         numpy.array(stream)[::-1][::-1], numpy.array(stream, dtype=bool), numpy.array(stream, dtype=">f8"),
                         numpy.frombuffer(b"_" + numpy.array(stream).tobytes(), offset=1)):
                d.reset()
                self.assertEqual(d.update_many(data), drifts)
            self.assertRaises(kedge.ShapeError, d.update_many, numpy.zeros((2, 2)))
            self.assertEqual(d.update_many(numpy.zeros(0)), [])
            before = d.save()
            for no_number in (numpy.array(["1"]), numpy.array([1j]), numpy.array(["2020"], dtype="M8[Y]")):
                self.assertRaises(TypeError, d.update_many, no_number)
            self.assertRaises(kedge.NotFiniteError, d.update_many, numpy.ma.array([1, 0], mask=[1, 0]))
            self.assertEqual(d.save(), before)

    def test_small_batches(self):
        stream = bernoulli(1, [(0.2, 1000), (0.7, 1000)])
        whole, parts = kedge.Adwin(), kedge.Adwin()
        expected = whole.signal_many(stream)
        self.assertEqual(b"".join(parts.signal_many(stream[i:i + 1 + i % 3]) for i in cuts(len(stream))), expected)
        self.assertEqual(parts.save(), whole.save())

    def test_threads_share_an_object(self):
        d = kedge.Adwin()
        threads = [threading.Thread(target=lambda: [d.update(i % 2) for i in range(5000)]) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(d.estimate.n_seen, 20000)


def rows_of(n, seed=1, flip=False):
    rng = random.Random(seed)
    x = [[rng.gauss(0, 1), rng.gauss(0, 1), 5.0] for _ in range(n)]
    return x, [float((r[0] + r[1] > 0) != flip) for r in x]


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
        for other in (pickle.loads(pickle.dumps(p)), copy.copy(p), kedge.prep.Chain.load(p.save(), kedge.prep.Impute, kedge.prep.Scale)):
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
        for bad in (lambda: p.learn_one([1, math.inf]), lambda: p.learn_many([[1, 2], [1, 1e301]]), lambda: p.fit([[1, -math.inf]])):
            before = p.save()
            with self.assertRaises((kedge.NotFiniteError, kedge.RangeError)) as raised:
                bad()
            if raised.exception.used is None:
                self.assertEqual(p.save(), before)
        for bad in (lambda: p.learn_one([1]), lambda: p.transform_many([[1, 2, 3]]), lambda: p.names(["one"]), lambda: p.fit([[1, 2]], [1, 2])):
            with self.assertRaises(kedge.ShapeError):
                bad()
        for bad in (lambda: kedge.prep.Scale(2, columns=[2]), lambda: kedge.prep.Scale(0), lambda: kedge.prep.Scale(2, low=2),
                    lambda: kedge.prep.Chain(2), lambda: kedge.prep.Scale(600, columns=[0, 599])):
            with self.assertRaises(kedge.ConfigError):
                bad()
        with self.assertRaises(ValueError):
            kedge.prep.Scale(2, method="log")


class Fleets(unittest.TestCase):
    def ticks(self, n, n_ticks, missing=True):
        draw = random.Random(5)
        return [[math.nan if missing and draw.random() < 0.1 else float(draw.random() < (0.2 if t < 200 + 9 * i else 0.7)) for i in range(n)]
                for t in range(n_ticks)]

    def test_streams_are_detectors(self):
        for fleet, each, settings in ((kedge.FleetCusum, kedge.Cusum, {"threshold": 5, "delta": 0.2}), (kedge.FleetDDM, kedge.DDM, {}),
                                      (kedge.FleetEwmaChart, kedge.EwmaChart, {"n_learn": 50, "direction": "up"}),
                                      (kedge.FleetPageHinkley, kedge.PageHinkley, {"threshold": 8, "peer": "moa"}),
                                      (kedge.FleetEDetector, kedge.EDetector, {"told": "bound", "high": 0.3, "arl": 1e4})):
            f, singles = fleet(70, **settings), [each(**settings) for _ in range(70)]
            table, n_drifts = self.ticks(70, 500), 0
            for x in table:
                said = [kedge.Status.OK if math.isnan(v) else d.update(v) for d, v in zip(singles, x)]
                drifted = f.update(x)
                self.assertEqual(drifted, [i for i, st in enumerate(said) if st.drift])
                n_drifts += len(drifted)
            self.assertGreater(n_drifts, 20)
            for i, d in enumerate(singles):
                self.assertEqual(repr(f.estimate(i)), repr(d.estimate))
                self.assertEqual(f.alarm(i) and f.alarm(i).at, d.alarm and d.alarm.at)
            again = pickle.loads(pickle.dumps(f))
            self.assertEqual(again.signal_many(table), copy.copy(f).signal_many(table))
            f.reset_one(3)
            self.assertIsNone(f.alarm(3))
            f.reset()
            parts = fleet(70, **settings)
            self.assertEqual(f.signal_many(table), b"".join(parts.signal(x) for x in table))
            self.assertIn("n_streams=70", repr(f))

    def test_arrays_in_place(self):
        table = self.ticks(10, 300)
        f = kedge.FleetPageHinkley(10, threshold=6)
        expected = f.signal_many(table)
        self.assertIn(2, expected)
        out = bytearray(3000)
        f.reset()
        self.assertIs(f.signal_many(table, out=out), out)
        self.assertEqual(out, expected)
        for bad in (bytearray(2999), bytes(3000), memoryview(bytearray(6000))[::2]):
            with self.assertRaises(kedge.ShapeError):
                f.signal_many(table, out=bad)
        if numpy is not None:
            a = numpy.array(table)
            for x in (a, numpy.asfortranarray(a), numpy.array([table, table])[0], a.astype(numpy.float32)):
                f.reset()
                signals = numpy.empty((300, 10), dtype=numpy.uint8)
                f.signal_many(x, out=signals)
                self.assertEqual(signals.tobytes(), expected)
            f.reset()
            signals = numpy.zeros(10, dtype=numpy.uint8)
            for t in range(300):
                self.assertIs(f.signal(a[t], out=signals), signals)
                self.assertEqual(signals.tobytes(), expected[10 * t:10 * t + 10])

    def test_refusals(self):
        f = kedge.FleetDDM(4)
        f.signal_many([[0, 1, 0, 1]] * 40)
        before = f.save()
        for bad, fault in ((math.inf, kedge.NotFiniteError), (1.5, kedge.RangeError)):
            with self.assertRaises(fault) as caught:
                f.update([0, 0, bad, 0])
            self.assertIn("value 2", str(caught.exception))
            self.assertEqual(caught.exception.used, 0)
        for x in ([0, 1, 0], [], [0] * 5):
            with self.assertRaises(kedge.ShapeError):
                f.update(x)
            with self.assertRaises(kedge.ShapeError):
                f.signal_many([x])
        self.assertEqual(f.save(), before)
        with self.assertRaises(kedge.RangeError) as caught:
            f.signal_many([[0, 0, 0, 0], [0, 0, 0, 0], [0, 7, 0, 0]])
        self.assertEqual((caught.exception.used, f.estimate(0).n_seen), (2, 42))
        for settings in ({"n_streams": 0}, {"n_streams": 2**31}, {"n_streams": 2, "warm_start": 0}):
            with self.assertRaises(kedge.ConfigError):
                kedge.FleetDDM(**settings)
        with self.assertRaises(TypeError):
            kedge.FleetDDM(2, arl=5)
        with self.assertRaises(kedge.ShapeError):
            f.estimate(4)

    def test_false_discoveries(self):
        f = kedge.FleetEDetector(100, high=0.3, direction="up", keep_evidence=1)
        draw = random.Random(8)
        for t in range(400):
            self.assertEqual(f.update([float(draw.random() < (0.7 if i < 20 and t > 200 else 0.25)) for i in range(100)]), [])
        self.assertEqual(f.discover(0.05), list(range(20)))
        self.assertEqual(kedge.e_bh(f.log_evidence(), 0.05), list(range(20)))
        self.assertEqual(f.discover(0.05, horizon=300), [])
        self.assertEqual(f.discover(0.05, horizon=1000), list(range(20)))
        for i in range(20):
            f.reset_one(i)
        self.assertEqual(f.discover(0.05), [])
        self.assertEqual(kedge.e_bh([], 0.1), [])
        self.assertEqual(kedge.e_bh([0.0, 10.0, -math.inf], 0.1), [1])
        with self.assertRaises(kedge.NotFiniteError):
            kedge.e_bh([math.nan], 0.1)
        with self.assertRaises(kedge.ConfigError):
            f.discover(0)


class Models(unittest.TestCase):
    def test_online(self):
        x, y = rows_of(1500)
        for m in (kedge.Linear(3, 2), kedge.Logistic(3, 2), kedge.GaussianNB(3, 2), kedge.HoeffdingTree(3, 2), kedge.AdaptiveForest(3, 2), kedge.Auto(3, 2)):
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
        self.assertRaises(kedge.ConfigError, kedge.Bagging, again.load(patches.save(), kedge.HoeffdingTree(2), kedge.HDDMA(), kedge.Adwin()))
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
        for m in (kedge.AdaptiveTree(2, least=100), kedge.EFDT(2, reevaluate=200, grace=50), kedge.LAST(2, watches="impurity", drift_delta=0.1)):
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
        self.assertTrue(shares.fitted.rank == 2 and shares.fitted.p_value < 1e-6 and shares.fitted.deviance < shares.fitted.null_deviance)
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
        grid = kedge.Ridge(1, l2=0.1, l2_high=10, n_l2=3, path=1, choice="gcv", method="normal").fit([[0], [1], [2], [4]], [1, 3, 5.5, 9])
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


class Publication(unittest.TestCase):
    def test_serve_while_training(self):
        m, x = kedge.Linear(1, 0), [0.5]
        p = kedge.Publish(m, n_slots=2)
        self.assertIsNone(p.acquire(kedge.Linear))
        m.learn_one(x, 2.0)
        p.publish(m, 1)
        with p.acquire(kedge.Linear) as old:
            before = m.predict_one(x)
            for _ in range(20):
                m.learn_one(x, 3.0)
            p.publish(m, 2)
            self.assertEqual((old.version, old.predict_one(x), old.info.n_learned), (1, before, 1))
            self.assertEqual(kedge.Linear.load(old.save()).predict_one(x), before)
            self.assertEqual(sorted(slot.use for slot in p.slots), ["held", "serving"])
            with self.assertRaises(kedge.BusyError):
                p.publish(m, 3)
            with p.acquire(kedge.Linear) as new:
                self.assertEqual((new.version, new.predict_one(x)), (2, m.predict_one(x)))
                self.assertEqual(list(new.predict_many([x, x])), [m.predict_one(x)] * 2)
        with self.assertRaises(kedge.KedgeError):
            old.predict_one(x)
        old.release()
        p.publish(m, 3)
        self.assertEqual([slot.n_tickets for slot in p.slots], [0, 0])
        with self.assertRaises(kedge.SnapshotError):
            p.acquire(kedge.GaussianNB)
        p.check()

    def test_bytes_and_reclaim(self):
        p = kedge.Publish(100, 3)
        p.publish(b"first", 7)
        ticket = p.acquire()
        p.publish(b"second", 8)
        self.assertEqual((ticket.version, ticket.data()), (7, b"first"))
        with self.assertRaises(TypeError):
            ticket.predict_one([1.0])
        with self.assertRaises(kedge.SmallBufferError):
            p.publish(bytes(101), 9)
        slot = [s.use for s in p.slots].index("held")
        p.reclaim(slot)
        self.assertEqual(p.slots[slot].use, "free")
        for n_slots in (1, 65):
            with self.assertRaises(kedge.ConfigError):
                kedge.Publish(8, n_slots)

    def test_shared_memory(self):
        with tempfile.TemporaryFile() as file:
            file.truncate(kedge.Publish.size(8, 3))
            memory = mmap.mmap(file.fileno(), 0)
            p = kedge.Publish(8, 3, memory=memory)
            p.publish(b"\1\2\3\4\5\6\7\10", 5)
            program = ("import mmap, sys, kedge; m = mmap.mmap(int(sys.argv[1]), 0); p = kedge.Publish.open(m)\n"
                       "t = p.acquire(); print(t.version, t.data().hex()); p.close(); m.close()\n")
            said = subprocess.run([sys.executable, "-c", program, str(file.fileno())], pass_fds=[file.fileno()], check=True,
                                  stdout=subprocess.PIPE, text=True).stdout
            self.assertEqual(said.split(), ["5", "0102030405060708"])
            self.assertEqual([s.n_tickets for s in p.slots if s.use == "serving"], [1])  # it ended with its ticket
            p.take_over()
            p.close()
            memory.close()


class Compliance(unittest.TestCase):
    def test_audit(self):
        from kedge import audit
        log = audit.Audit(key=b"secret", size=1000)
        log.decision(subject=12, model=3, score=0.25, decision=0, time_ns=5)
        log.model("promoted", 4, other=3, snapshot=b"bytes", time_ns=6)
        log.append(audit.OWN, b"appealed", time_ns=7)
        verdict = audit.verify(log.log, b"secret", end=log.head)
        self.assertEqual((verdict.fault, verdict.n_intact, verdict.head), ("intact", 3, log.head))
        decision, model, own = audit.records(log.log)
        self.assertEqual((decision.payload.score, decision.time_ns, decision.kind), (0.25, 5, audit.DECISION))
        self.assertEqual((model.payload.model, bytes(model.payload.digest)), (4, hashlib.sha256(b"bytes").digest()))
        self.assertEqual((own.number, own.payload, own.hash), (2, b"appealed", log.head.hash))
        for i in range(len(log.log)):
            changed = bytearray(log.log)
            changed[i] ^= 16
            self.assertNotEqual(audit.verify(changed, b"secret", end=log.head).fault, "intact")
            self.assertNotEqual(audit.verify(log.log[:i], b"secret", end=log.head).fault, "intact")
        self.assertEqual(audit.verify(log.log, b"guess").fault, "segment")
        before = log.head
        with self.assertRaises(kedge.SmallBufferError):
            log.append(audit.OWN, bytes(900))
        done = log.rotate()
        log.append(audit.OWN, bytes(700))
        self.assertEqual(audit.verify(log.log, b"secret", start=audit.verify(done, b"secret").head, end=log.head).fault, "intact")
        again = audit.Audit.open(done, b"secret", expected=before, size=2000)
        again.append(audit.OWN)
        self.assertEqual(again.head.n_records, 4)
        self.assertRaises(kedge.SnapshotError, audit.Audit.open, done[:-96], b"secret", before)

    def test_privacy(self):
        from kedge import privacy
        budget = privacy.Budget(1.0)
        noisy = [budget.release(1000, 0.1) for _ in range(10)]
        self.assertTrue(all(abs(x - 1000) < 600 for x in noisy) and len(set(noisy)) > 2)
        self.assertAlmostEqual(budget.spent, 1)
        self.assertRaises(kedge.KedgeError, budget.release, 1000, 0.1)
        again = pickle.loads(pickle.dumps(budget))
        self.assertEqual((again.n_releases, again.spent), (10, budget.spent))
        many = privacy.Budget(2.0, 1e-6, "zcdp")
        self.assertEqual(len(many.histogram([0, 5, 900], 0.2, 1e-9)), 3)
        report = many.mean([0.5] * 10000, 0, 1, 1.0, 1e-8)
        self.assertTrue(abs(report.mean - 0.5) < 0.05 and abs(report.count - 10000) < 500)
        self.assertEqual(many.n_releases, 3)
        self.assertTrue(0 < many.spent < 2)
        self.assertTrue(2 <= privacy.noise(0.5).scale < 2.01)

        def broken(_):
            raise OSError("no entropy")
        self.assertRaises(OSError, privacy.Budget(1, random=broken).release, 5, 0.5)
        self.assertRaises(kedge.NumericError, privacy.Budget(1, random=bytes).release, 5, 0.3)
        self.assertRaises(kedge.RangeError, privacy.Budget, 1, 0, "zcdp")
        table = privacy.anonymity([[3, 4], [9, 0], [0, 0]], k=8, l=2)
        self.assertEqual((table.n_slices, table.least_rows, table.n_below_k, table.n_below_l, table.i_least_values), (2, 7, 1, 1, 1))
        self.assertEqual(privacy.anonymity([5, 6]).least_rows, 5)


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
        predicted = kedge.selection.prequential(model, rows, labels, quality=quality, slices=slices, slice=[i % 3 for i in range(400)], start=50,
                                                delay=5)
        self.assertEqual((len(predicted), math.isnan(predicted[49]), model.info.n_learned), (400, True, 395))
        self.assertEqual((quality.report.n, slices.report.n, slices.report.n_slices), (200, 350, 3))
        self.assertTrue(quality.report.accuracy > 0.95)
        reliability = kedge.Reliability(2)
        self.assertEqual(kedge.selection.hold_out(model, rows, labels, reliability=reliability), [float(model.predict_one(r)) for r in rows])
        self.assertTrue(reliability.report.brier < 0.1)
        self.assertRaises(kedge.UnsupportedError, kedge.selection.hold_out, model, rows, labels, regression=kedge.RegressionQuality())
        self.assertRaises(kedge.ShapeError, kedge.selection.prequential, model, rows, labels, slices=slices, slice=[1])


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
        for stream, width, n_classes in ((kedge.Concepts(family="led"), 24, 10), (kedge.Hyperplane(n_features=3, n_drifting=1), 3, 2),
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
            _, y, _ = kedge.Series(seed=seed, at=3000, distribution=family, level_before=0.2, level_after=0.7 if family == "bernoulli" else 1.7)\
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
        d = kedge.SlidingMMD(reference=[quiet() for _ in range(500)], window_size=100, threshold=0.1, figure="lsdd", regularisation=0.2)
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
            names = ["".join(chr(rng.choice([rng.randrange(1, 128), rng.randrange(128, 0xD800), rng.randrange(0xE000, 0x110000), 10, 34, 92]))
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
        t = kedge.table.compare(self.before, self.after, {"colour": "none", "seen": "nominal"}, numeric=method, adjust="holm", alpha=0.01)
        self.assertEqual({c.name for c in t.moved}, {"seen"})
        self.assertEqual(len(t.columns), 4)
        bad = kedge.table.compare({"x": [1.0, math.inf]}, {"x": [1.0, 2.0]})
        self.assertTrue(isinstance(bad["x"].error, kedge.NotFiniteError) and bad.n_failed == 1)
        for wrong, error in ((dict(kinds={"load": "odd"}), ValueError), (dict(adjust="odd"), ValueError), (dict(alpha=2), kedge.ConfigError),
                             (dict(nominal=kedge.shift.KS()), kedge.ConfigError)):
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
        xs, ys = ([[a, a * c + math.sqrt(1 - c * c) * r.gauss(0, 1)] for a in (r.gauss(0, 1) for _ in range(300))] for c in (0.9, 0.0))
        try:
            methods = [kedge.shift.PCAReconstruction(), kedge.shift.PCACD(method=kedge.shift.MannWhitney()), kedge.shift.PCACD(explained=1.0)]
        except RuntimeError as e:
            self.assertIn("without GSL", str(e))
            self.skipTest("built without GSL")
        self.assertEqual([m(xs, ys).drift for m in methods], [True, False, True])  # ranks do not see a spread

    def test_partitions(self):
        r = random.Random(6)
        xs, ys = ([[a, a * c + math.sqrt(1 - c * c) * r.gauss(0, 1)] for a in (r.gauss(0, 1) for _ in range(200))] for c in (0.0, 0.9))
        for method in (kedge.shift.KdqTree(n_resamples=99), kedge.shift.NNDVI(n_resamples=99)):
            self.assertEqual((method(xs, ys).p_value, method(xs, xs).drift), (0.01, False))
        self.assertGreater(kedge.shift.hdddm_distance(xs, [[x + 2, y] for x, y in xs]).effect, 0.2)
        self.assertEqual([f(xs, xs).effect for f in (kedge.shift.kdq_tree, kedge.shift.hdddm_distance)], [0.0, 0.0])
        moved = [[x + 1, y] for x, y in xs]
        self.assertTrue(kedge.shift.nn_dvi(xs, moved).drift and kedge.shift.quant_tree(xs, moved, figure="total_variation").drift)

    def test_ks(self):
        xs, ys = [float(i) for i in range(20)], [float(i) + 0.5 for i in range(12, 22)]
        r = kedge.shift.ks(xs, ys)
        self.assertEqual((r.statistic, r.where, r.effect, r.n_reference, r.n_current, r.p_method), (0.65, 12.0, 0.65, 20, 10, "exact"))
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
        self.assertAlmostEqual(kedge.shift.ChiSquared(correction=1)(xs[:20], ys[:40]).statistic, (17 / 6) ** 2 * 4.5 * (1 / 40 + 1 / 20))
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
        self.assertEqual(kedge.shift.LSDD(bandwidth_rule="fixed", bandwidth=2, regularisation=1, standardise=0)([3.0] * 5, [3.0] * 4).p_value, 1)
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
        threads = [threading.Thread(target=lambda lane=lane: [shared.record(ns, lane) for ns in range(1, 1001)]) for lane in range(4)]
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
        self.assertEqual((report.depth, report.depth_max, report.oldest_ns, report.stay_ns, report.depth_mean), (1, 3, 500, 1000, 2.5))
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
        self.assertEqual([(p.id, p.score, p.weight, p.delay, p.truth) for p in pairs], [(4, 0.2, 3.0, 3, 1.0), (2, 0.0, 1.0, 4, 1.0)])
        self.assertEqual(joiner.join_many([], 5, []), [])
        self.assertRaises(kedge.ShapeError, joiner.add_many, [1], [1, 2], [1])
        self.assertRaises(kedge.ShapeError, joiner.join_many, [1], 6, [1, 2])


class Pipelines(unittest.TestCase):
    def test_a_loaded_pipeline_trains(self):
        x, y = rows_of(600)
        p = kedge.Pipeline(kedge.GaussianNB(3, 2), kedge.DDM(), policy="retrain")
        for i in range(100):
            p.predict(i, x[i])
            p.label(i, y[i])
            p.step()
        loaded = kedge.Pipeline.load(p.save(), kedge.GaussianNB, kedge.DDM)
        for i in range(100, 600):
            for q in (p, loaded):
                q.predict(i, x[i])
                q.label(i, y[i])
                q.step()
        self.assertEqual(loaded.save(), p.save())
        self.assertGreaterEqual(loaded.report.n_trainings, 1)

    def test_retrains_after_a_flip(self):
        for policy, model in (("retrain", kedge.GaussianNB(3, 2)), ("online", kedge.Logistic(3, 2))):
            p = kedge.Pipeline(model, kedge.DDM(), policy=policy)
            right = 0
            for part, flip in enumerate((False, True)):
                x, y = rows_of(3000, seed=part, flip=flip)
                for i, (row, label) in enumerate(zip(x, y)):
                    id = 10000 * part + i
                    guess = p.predict(id, row)
                    right += part == 1 and i >= 1500 and guess == label
                    p.label(id, label)
                    p.step()
            self.assertGreater(right, 1300)
            self.assertGreaterEqual(p.report.n_drifts, 1)
            clone = pickle.loads(pickle.dumps(p))
            self.assertEqual(clone.save(), p.save())
            self.assertRaises(kedge.UnknownIdError, clone.label, 5, 1)
            clone.step()

    def test_train_by_hand(self):
        x, y = rows_of(500)
        p = kedge.Pipeline(kedge.GaussianNB(3, 2), kedge.Adwin(), policy="static")
        p.train(x, y)
        self.assertEqual(p.predict(1, [2, 2, 5]), 1)
        self.assertEqual(p.report.n_trainings, 1)
        self.assertRaises(kedge.UnsupportedError, p.request)
        self.assertRaises(kedge.RangeError, p.predict, -1, [2, 2, 5])
        self.assertRaises(TypeError, kedge.Pipeline, kedge.DDM(), kedge.DDM())

    def test_prepares(self):
        prep = kedge.prep
        nan = float("nan")
        chain = prep.Chain(4, prep.Impute, prep.Scale, columns=[0, 1, 2])
        x, y = rows_of(1500)
        rows = [[1e6 * row[0], nan if i % 6 == 2 else row[1], row[2], i] for i, row in enumerate(x)]
        for policy, model in (("static", kedge.GaussianNB(3, 2)), ("online", kedge.Logistic(3, 2)), ("retrain", kedge.GaussianNB(3, 2))):
            p = kedge.Pipeline(model, kedge.DDM(), prep=chain, policy=policy)
            own, by_hand = prep.Chain(4, prep.Impute, prep.Scale, columns=[0, 1, 2]), type(model)(3, 2)
            if policy == "static":
                p.train(rows[:500], y[:500])
                by_hand.fit(own.fit(rows[:500]).transform_many(rows[:500]), y[:500])
            for i in range(500, 1500):
                if policy == "static":
                    self.assertEqual(p.predict(i, rows[i]), by_hand.predict_one(own.transform_one(rows[i])))
                else:
                    p.predict(i, rows[i])
                p.label(i, y[i])
                p.step()
            self.assertLess(p.report.error_mean, 0.3)
            for clone in (copy.copy(p), pickle.loads(pickle.dumps(p)), kedge.Pipeline.load(p.save(), type(model), kedge.DDM, chain)):
                self.assertEqual(clone.save(), p.save())
                self.assertEqual(clone.predict(9000, rows[2]), copy.copy(p).predict(9000, rows[2]))
            self.assertRaises(kedge.SnapshotError, kedge.Pipeline.load, p.save(), type(model), kedge.DDM)
            self.assertRaises(kedge.SnapshotError, kedge.Pipeline.load, p.save(), type(model), kedge.DDM, prep.Clip)
            self.assertRaises(kedge.ShapeError, p.predict, 1, rows[0][:3])
            self.assertRaises(kedge.NotFiniteError, p.predict, 1, [float("inf"), 0, 0, 0])
        self.assertRaises(kedge.ShapeError, kedge.Pipeline, kedge.GaussianNB(4, 2), kedge.DDM(), prep=chain)
        self.assertRaises(TypeError, kedge.Pipeline, kedge.GaussianNB(3, 2), kedge.DDM(), prep=kedge.DDM())
        loaded = prep.Scale.load(prep.Scale(3).save())
        self.assertRaises(ValueError, kedge.Pipeline, kedge.GaussianNB(3, 2), kedge.DDM(), prep=loaded)
        stored = kedge.Pipeline(kedge.GaussianNB(3, 2), kedge.DDM(), prep=prep.Scale(3), store=kedge.Store(artifact_bytes=8192))
        stored.train(x[:500], y[:500])
        first, second = stored.store.snapshots(1)
        self.assertEqual(first + second, stored.store.artifact(1))
        scale, model = prep.Scale.load(first), kedge.GaussianNB.load(second)
        for row in x[500:600]:
            self.assertEqual(model.predict_one(scale.transform_one(row)), stored.predict(1, row))
        self.assertEqual(stored.store.versions[0].n_rows, 500)
        plain = kedge.Pipeline(kedge.GaussianNB(3, 2), kedge.DDM(), prep=prep.Scale(3))
        self.assertEqual(kedge.Pipeline.load(plain.save(), kedge.GaussianNB, kedge.DDM, prep.Scale).save(), plain.save())


HEADERS = pathlib.Path(__file__).resolve().parents[3] / "include/kedge"


def delivering(**settings):
    """A pipeline of level 2: shadow, canary, production with an approval."""
    stages = [kedge.Stage("shadow"), kedge.Stage("canary", share=0.3, both_answer=1),
              kedge.Stage("production", needs_approval=1, both_answer=1)]
    given = {"triggers": [kedge.Trigger("signal"), kedge.Trigger("demand")], "rollout": stages, "recall_rows": 16,
             "store": kedge.Store(artifact_bytes=16384), "events": kedge.Events(n_events=256), **settings}
    return kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin(), **given)


def turn(p, t, x, truth):
    """One row through a pipeline whose clock is the number of the row."""
    p.predict(t, [x], now_ns=t)
    p.label(t, truth, now_ns=t)
    return p.step(now_ns=t)


class Controls(unittest.TestCase):
    def test_defaults_are_the_headers(self):
        words = {"KEDGE_TRIGGER_DEMAND": 1, "KEDGE_STAGE_PRODUCTION": 6, "KEDGE_UNDECIDED_PASSES": 1}
        for part, header, name in ((kedge.Trigger("demand"), "triggers.h", "KEDGE_TRIGGER_INIT"),
                                   (kedge.Stage(), "rollout.h", "KEDGE_STAGE_INIT")):
            line = next(s for s in (HEADERS / "controls" / header).read_text().splitlines() if s.startswith(f"#define {name} "))
            values = [float(words.get(v.strip(), v)) for v in line[line.index("{") + 1:line.index("}")].split(",")]
            self.assertEqual([float(getattr(part, field)) for field, *_ in part._fields_], values)

    def test_parts(self):
        self.assertEqual(repr(kedge.Trigger("floor", limit=0.9, source=3)), "Trigger(kind='floor', source=3, limit=0.9)")
        self.assertEqual(repr(kedge.Stage("canary", undecided="rolls_back")), "Stage(kind='canary', undecided='rolls_back')")
        self.assertEqual(kedge.Trigger(limit="warning").limit, 1)
        stage = kedge.Stage("canary", share=0.2)
        self.assertEqual(repr(pickle.loads(pickle.dumps(stage))), repr(stage))
        self.assertRaises(ValueError, kedge.Trigger, "moon")
        self.assertRaises(ValueError, kedge.Stage, "canary", undecided="perhaps")
        self.assertRaises(TypeError, kedge.Trigger, pateince=3)
        self.assertRaises(kedge.ConfigError, kedge.Stage, least_rows=-1)
        for bad in (lambda: kedge.Triggers([]), lambda: kedge.Triggers([kedge.Trigger()] * 17), lambda: kedge.Rollout([]),
                    lambda: kedge.Triggers([kedge.Trigger(patience=0)]), lambda: kedge.Rollout([kedge.Stage("shadow")]),
                    lambda: kedge.Rollout([kedge.Stage("canary", share=2), kedge.Stage()]), lambda: kedge.Events(n_events=0),
                    lambda: kedge.Store(n_versions=1)):
            self.assertRaises(kedge.ConfigError, bad)
        self.assertRaises(TypeError, kedge.Triggers, [kedge.Stage()])

    def test_events(self):
        ring = kedge.Events(n_events=4)
        self.assertEqual((list(ring), len(ring)), ([], 0))
        fast, slow = ring.reader(), ring.reader()
        for t in range(10):
            ring.put("refused" if t % 2 else 256 + t, at_ns=t, version=t, value=0.12, limit=math.nan, code=-t)
            self.assertEqual([e.number for e in fast], [t])
            self.assertEqual(list(fast), [])
        self.assertEqual((fast.missed, fast.next), (0, 10))
        self.assertEqual([(e.number, e.kind) for e in slow], [(6, 262), (7, "refused"), (8, 264), (9, "refused")])
        self.assertEqual(slow.missed, 6)
        last = list(ring)[-1]
        self.assertEqual((last.at_ns, last.version, last.code, last.value), (9, 9, -9, 0.12))
        self.assertEqual(str(last).split(":")[:2], ["9 ns", " refused, version 9, code -9"])
        self.assertTrue(repr(last).startswith("Event(kind='refused', number=9, "))
        self.assertEqual([e.number for e in ring.reader(8)], [8, 9])
        self.assertRaises(kedge.RangeError, lambda: list(ring.reader(11)))
        before = ring.save()
        for bad, error in ((("moon",), ValueError), ((0,), kedge.RangeError), (("drift", -1), kedge.RangeError)):
            self.assertRaises(error, ring.put, *bad)
        self.assertRaises(kedge.RangeError, ring.put, "drift", code=1 << 31)
        self.assertEqual(ring.save(), before)
        for clone in (pickle.loads(pickle.dumps(ring)), copy.copy(ring), kedge.Events.load(before)):
            self.assertEqual([str(e) for e in clone], [str(e) for e in ring])
        ring.reset()
        self.assertEqual(ring.save(), kedge.Events(n_events=4).save())

    def test_events_into_an_audit_log(self):
        ring, log = kedge.Events(n_events=4), kedge.audit.Audit(size=512)
        reader, segments = ring.reader(), []
        for t in range(20):
            ring.put("drift", at_ns=1000 + t, value=t)
            if t % 7 == 6:  # too late for some, and too many for a segment
                while True:
                    try:
                        reader.audit(log)
                        break
                    except kedge.SmallBufferError:
                        segments.append(log.rotate())
        segments.append(log.log)
        self.assertGreater(len(segments), 1)
        start, found = None, []
        for segment in segments:
            verdict = kedge.audit.verify(segment, start=start)
            self.assertEqual(verdict.fault, "intact")
            start = verdict.head
            found += list(kedge.audit.records(segment))
        self.assertEqual({r.kind for r in found}, {kedge.audit.EVENT})
        self.assertEqual([(r.payload.kind, r.payload.value) for r in found],
                         [("lost", 3)] + [("drift", v) for v in (3, 4, 5, 6)] +
                         [("lost", 3)] + [("drift", v) for v in (10, 11, 12, 13)])
        self.assertEqual(reader.next, 14)

    def test_triggers(self):
        t = kedge.Triggers([kedge.Trigger("floor", source=3, limit=0.8, release=0.9, patience=2), kedge.Trigger("rows", every=100),
                            kedge.Trigger("signal", source=1, priority=5), kedge.Trigger("demand")], cool_rows=10)
        self.assertIsNone(t.due(0))
        self.assertIsNone(t.waiting(0))
        t.figure(3, 0.5, now_ns=10)
        self.assertIsNone(t.due(10))
        t.figure(3, 0.6, now_ns=11)
        call = t.due(11)
        self.assertEqual((call.kind, call.source, call.value, call.limit, call.held), ("floor", 3, 0.6, 0.8, ()))
        t.signal(1, kedge.Status.DRIFT, now_ns=12)
        self.assertEqual(t.start(12).kind, "signal")
        t.demand(7, now_ns=13)
        self.assertEqual((t.waiting(13).kind, t.waiting(13).code), ("demand", 7))
        self.assertIn("busy", t.waiting(13).held)
        self.assertIsNone(t.start(13))
        t.end("promoted", now_ns=14)
        self.assertEqual(t.waiting(14).held, ("cool",))
        t.rows(10, now_ns=15)
        clone = pickle.loads(pickle.dumps(t))
        for each in (t, clone):
            self.assertEqual(each.start(15).kind, "demand")
            each.end("refused", now_ns=16)
            self.assertEqual((each.report.n_started, each.report.n_promoted, each.report.n_refused), (2, 1, 1))
        self.assertEqual((t.of_trigger(2).n_started, t.of_trigger(3).n_calls), (1, 1))
        before = t.save()
        for bad, error in ((lambda: t.figure(4, 1, 20), kedge.UnknownIdError),
                           (lambda: t.figure(3, math.inf, 20), kedge.NotFiniteError), (lambda: t.rows(1, 3), kedge.RangeError),
                           (lambda: t.end("promoted", 20), kedge.KedgeError),
                           (lambda: t.end("lost", 20), ValueError), (lambda: t.signal(1, "moon", 20), ValueError),
                           (lambda: t.of_trigger(4), kedge.RangeError)):
            self.assertRaises(error, bad)
        self.assertEqual(t.save(), before)

    def test_rollout(self):
        stages = [kedge.Stage("canary", share=0.1, tolerance=0.1), kedge.Stage(needs_approval=1, needs_verdict=1)]
        r = kedge.Rollout(stages)
        self.assertFalse(r.record(True, 1))
        self.assertEqual((r.stage, r.request, r.step()), (None, None, None))
        r.begin(7, digest=hashlib.sha256(b"model").digest())
        self.assertRaises(kedge.KedgeError, r.begin, 8)
        action, served = r.step(), 0
        self.assertEqual((action.kind, action.version, action.stage_kind, r.stage), ("enter", 7, "canary", "canary"))
        for t in range(100000):
            route = r.pick(t)
            served += route.is_challenger
            r.record(route.is_challenger, t % 10 < (1 if route.is_challenger else 2), now_ns=t)
            action = r.step(t)
            if action:
                break
        self.assertAlmostEqual(served / t, 0.1, delta=0.03)
        self.assertEqual((action.kind, action.stage_kind), ("ask", "production"))
        request = r.request
        self.assertEqual((request.version, request.stage_kind, len(request.token)), (7, "production", 32))
        before = r.save()
        self.assertRaises(kedge.UnknownIdError, r.approve, bytes(32), 42, t)
        self.assertRaises(ValueError, r.approve, b"short", 42, t)
        self.assertRaises(kedge.RangeError, r.record, True, 2, t)
        self.assertEqual(r.save(), before)
        r = pickle.loads(pickle.dumps(r))
        r.approve(request.token, approver=43, now_ns=t)
        self.assertEqual((r.step(t).kind, r.report.approver, r.report.is_serving), ("promote", 43, 1))
        self.assertRaises(kedge.KedgeError, r.approve, request.token, 42, t)
        r.judge(False, code=-3, now_ns=t)
        action = r.step(t)
        self.assertEqual((action.kind, action.why, action.code), ("roll_back", "verdict", -3))
        r.begin(8, now_ns=t)
        r.step(t)
        r.stop(9, now_ns=t)
        self.assertEqual(r.step(t).why, "stopped")
        self.assertEqual((r.report.n_begun, r.report.n_rolled_back, r.stage), (2, 2, None))

    def test_store(self):
        x, y = rows_of(200)
        model = kedge.GaussianNB(3, 2).fit(x, y)
        s = kedge.Store(n_versions=3, artifact_bytes=4096, n_figures=2)
        a = s.add(model_class="gaussian_nb", n_rows=200, seed=5, cost=1.5, trigger_kind="signal", trigger_code=-2, created_ns=9)
        s.put_artifact(a, model)
        self.assertEqual(s.version(a).model_digest, hashlib.sha256(model.save()).digest())
        self.assertEqual(kedge.GaussianNB.load(s.artifact(a)).predict_many(x[:9]), model.predict_many(x[:9]))
        self.assertEqual(s.find_digest(hashlib.sha256(model.save()).digest()), a)
        self.assertTrue(math.isnan(s.figure(a, 0)))
        s.set_figure(a, 0, 0.25)
        s.sign(a, hashlib.sha256(s.digest(a)).digest())
        s.serve(a, now_ns=10)
        s.tag(a, "last good")
        b = s.add(parent=a)
        self.assertIsNone(s.artifact(b))
        s.serve(b, now_ns=20)
        s.set_status(a, "rolled_back")
        self.assertEqual(s.history, [(a, 10, 20), (b, 20, None)])
        self.assertEqual([s.served_at(t) for t in (5, 10, 19, 20, 99)], [0, a, a, b, b])
        v = s.version(a)
        self.assertEqual((v.id, v.status, v.tag, v.model_class, v.trigger_kind, v.trigger_code, v.cost, v.n_served),
                         (a, "rolled_back", "last good", "gaussian_nb", "signal", -2, 1.5, 1))
        self.assertEqual(v.signature, hashlib.sha256(s.digest(a)).digest())
        self.assertIn("tag='last good'", repr(v))
        self.assertNotIn("prep_digest", repr(v))
        c = s.add(parent=b)
        s.pin(c)
        before = s.save()
        self.assertRaises(kedge.SmallBufferError, s.add)
        for bad, error in ((lambda: s.version(99), kedge.UnknownIdError), (lambda: s.find_tag("nobody"), KeyError),
                           (lambda: s.tag(a, "x" * 16), kedge.RangeError), (lambda: s.set_status(b, "retired"), kedge.KedgeError),
                           (lambda: s.figure(a, 2), kedge.RangeError), (lambda: s.add(status="serving"), TypeError),
                           (lambda: s.add(colour=1), TypeError), (lambda: s.add(cost=math.nan), kedge.NotFiniteError),
                           (lambda: s.add(prep_digest=b"x"), ValueError), (lambda: s.serve(a, now_ns=1), kedge.RangeError),
                           (lambda: s.put_artifact(b, bytes(5000)), kedge.SmallBufferError), (lambda: s.card(99), KeyError)):
            self.assertRaises(error, bad)
        self.assertEqual(s.save(), before)
        s.pin(c, False)
        d = s.add(parent=b)
        self.assertEqual([v.id for v in s.versions], [a, b, d])
        other = kedge.Store(artifact_bytes=4096)
        taken = other.import_version(s.export_version(a))
        self.assertEqual((other.version(taken).status, other.figure(taken, 0)), ("candidate", 0.25))
        self.assertEqual(other.artifact(taken), model.save())
        self.assertRaises(kedge.SnapshotError, other.import_version, s.export_version(a)[:-1])
        self.assertRaises(KeyError, s.export_version, 99)
        card = s.card(a, "Flips", "Tells ä from ö.")
        self.assertTrue(card.startswith(f"# Flips, version {a}\n\nTells ä from ö.\n"))
        self.assertTrue(s.card(b).startswith(f"# Model, version {b}\n"))
        self.assertEqual(pickle.loads(pickle.dumps(s)).card(a), s.card(a))

    def test_level_two(self):
        p = delivering(window_rows=200)  # full at once: a drift has one answer
        r, asked, reader_at, log = random.Random(7), [], 0, kedge.audit.Audit(b"key")
        other = None
        for t in range(9000):  # one concept, another, the first again
            x = r.gauss(0, 1)
            truth = (x > 0) == (t // 3000 % 2 == 0)
            for each in filter(None, (p, other)):
                turn(each, t, x, truth)
                request = each.rollout.request
                if request:
                    self.assertRaises(kedge.UnknownIdError, each.rollout.approve, bytes(32), 42, t)
                    each.rollout.approve(request.token, approver=42, now_ns=t)
            if request:
                asked.append(request.version)
            if t % 500 == 250:
                if other:
                    self.assertEqual(other.save(), p.save())
                other = pickle.loads(pickle.dumps(p))  # as if killed and started again
            if t % 100 == 0:
                reader = p.events.reader(reader_at)
                reader.audit(log)
                reader_at = reader.next
        self.assertEqual(asked[:2], [2, 1])
        report = p.report
        self.assertGreaterEqual(report.n_recalls, 1)
        self.assertEqual(report.version, p.store.report.serving)
        self.assertEqual(p.rollout.report.approver, 42)
        self.assertEqual([s.id for s in p.store.history][:3], [1, 2, 1])
        self.assertEqual(p.store.version(2).trigger_kind, "signal")
        kinds = [e.kind for e in p.events if e.version == 2 and e.number > 0]
        wanted = iter(kinds)
        for kind in ("trained", "passed", "stage", "asked", "promoted", "finished"):
            self.assertIn(kind, wanted)  # in this order
        self.assertIn("recalled", [e.kind for e in p.events])
        told = list(p.events)
        logged = [record.payload for record in kedge.audit.records(log.log)]
        self.assertEqual(kedge.audit.verify(log.log, b"key").fault, "intact")
        self.assertEqual([str(e) for e in logged], [str(e) for e in told[:len(logged)]])
        self.assertGreater(len(logged), 10)
        card = p.store.card(2, "Sign of a number")
        self.assertIn("reason:     signal of source 0: 2, limit 2\n", card)
        model = kedge.GaussianNB.load(p.store.artifact(2))  # the other concept
        self.assertEqual([model.predict_one([v]) for v in (-2, 2)], [1, 0])

    def test_taken_back(self):
        for by in ("guard", "hand"):
            p, r = delivering(select="window", window_rows=200, holdout_every=0, recall_rows=0), random.Random(3)
            for t in range(2500):
                x = r.gauss(0, 1)
                turn(p, t, x, (x > 0) == (not 1000 <= t < 1200))
                if t == 1199:  # trained on what passes at once
                    while p.rollout.report.version:
                        p.rollout.stop(now_ns=t)
                        p.step(now_ns=t)
                    p.request()
                    p.step(now_ns=t)
                if by == "hand" and p.rollout.stage == "shadow" and t == 1205:
                    p.rollout.stop(code=5, now_ns=t)
                request = p.rollout.request
                if request:
                    p.rollout.approve(request.token, 1, now_ns=t)
            back = [e for e in p.events if e.kind == "rolled_back" and e.at_ns >= 1200]
            self.assertGreaterEqual(len(back), 1)
            self.assertEqual(p.store.version(back[0].version).status, "rolled_back")
            self.assertGreaterEqual(p.report.n_rolled_back, 1)
            self.assertEqual(p.predict(10000, [2.0], now_ns=2500), 1)
            if by == "hand":
                self.assertEqual(back[0].at_ns, 1206)

    def test_figures_and_slices(self):
        p = kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin(), slice_rows=50, reservoir_rows=100, window_rows=300,
                           old_weight=0.5, events=kedge.Events(),
                           triggers=kedge.Triggers([kedge.Trigger("floor", source=4, limit=0.9)]))
        r, more = random.Random(5), 0
        for t in range(1000):
            x = r.gauss(0, 1)
            more += turn(p, t, x, x > 0)
        self.assertEqual(p.report.reservoir_rows, 100)
        self.assertEqual((p.report.n_trainings, more), (1, 0))  # the first model is trained at once: nothing serves yet
        self.assertFalse(p.step(1000))
        p.figure(4, 0.95, now_ns=1001)
        self.assertFalse(p.step(1001))
        p.figure(4, 0.5, now_ns=1002)
        steps = 1
        while p.step(1002):
            self.assertGreater(p.report.rows_to_train, 0)
            steps += 1
        self.assertGreater(steps, 4)
        self.assertEqual(p.report.n_trainings, 2)
        self.assertEqual([e.value for e in p.events if e.kind == "trigger"], [0.5])
        self.assertRaises(kedge.UnknownIdError, p.figure, 5, 1.0, 1003)
        self.assertRaises(kedge.NotFiniteError, p.figure, 4, math.inf, 1003)
        self.assertRaises(kedge.UnsupportedError, kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.DDM()).figure, 4, 1.0)

    def test_views(self):
        plain = kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.DDM())
        for name in ("triggers", "rollout", "store", "events"):
            self.assertRaises(kedge.UnsupportedError, getattr, plain, name)
        p = delivering()
        before = p.save()
        for bad in (p.events.reset, p.store.reset, lambda: p.store.serve(0), lambda: p.rollout.begin(1), p.rollout.step,
                    lambda: p.rollout.record(True, 0), lambda: p.rollout.record_pair(0, 0), p.triggers.start, p.triggers.rows,
                    lambda: p.triggers.signal(0, "drift"), lambda: p.triggers.end("failed")):
            self.assertRaises(kedge.UnsupportedError, bad)
        self.assertEqual(p.save(), before)
        p.events.put(1000, value=3)
        self.assertEqual([e.kind for e in p.events], [1000])
        alone = copy.copy(p.events)
        alone.put("drift")
        self.assertEqual((len(alone), len(p.events)), (2, 1))
        alone.reset()
        events = p.events
        del p
        self.assertEqual([e.value for e in events], [3])  # a view keeps the memory
        self.assertRaises(ValueError, delivering, events=events)
        self.assertRaises(ValueError, delivering, store=kedge.Store.load(kedge.Store().save()))
        self.assertRaises(TypeError, delivering, store=kedge.Events())
        self.assertRaises(TypeError, delivering, triggers=kedge.Trigger())
        self.assertRaises(TypeError, delivering, rollout=[kedge.Trigger()])
        self.assertRaises(kedge.ConfigError, delivering, store=None)  # recall_rows has nowhere to look


class Killed(BaseException):
    """The process is gone."""


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
        with self.assertRaises(kedge.SkewError):
            p.predict(100, [50.0], now_ns=100)
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


class Flows(unittest.TestCase):
    NAMES = ("prepare", "train", "promote")

    def made(self):
        """A flow whose training fails twice, with the world in which it promotes."""
        flow, world = kedge.Flow(), {"promotions": [], "trainings": 0}

        @flow.step("prepare")
        def prepare(job):
            return "rows"

        @flow.step("train", needs=["prepare"], max_retries=3, retry_ns=2_000_000_000)
        def train(job):
            world["trainings"] += 1
            if job.attempt < 3:
                raise RuntimeError("no convergence")
            return b"model", 7

        @flow.step("promote", needs=["train"], is_once=True)
        def promote(job):
            world["promotions"].append((job.run, job.name))

        return flow, world

    def test_run(self):
        flow, world = self.made()
        slept = []
        report = flow.run(sleep=slept.append, clock=iter(range(0, 10**15, 10**9)).__next__)
        self.assertEqual((flow.state, report.n_done, flow.names), ("done", 1, list(self.NAMES)))
        self.assertEqual((world["promotions"], world["trainings"], flow.errors), ([(1, "promote")], 3, {}))
        self.assertTrue(slept and all(0 <= s <= 4 for s in slept))
        train = flow.of_step("train")
        self.assertEqual((train.state, train.attempt, train.n_failed, train.artifact), ("done", 3, 2, 7))
        self.assertEqual(train.output, hashlib.sha256(b"model").digest())
        self.assertEqual((flow.event("train").kind, flow.event("train").version), ("step", 7))
        self.assertIn("\n  train <- prepare: done, attempt 3", str(flow))
        flow.run()  # nothing has changed
        self.assertEqual([flow.of_step(name).state for name in self.NAMES], ["skipped"] * 3)
        flow.set_input("train", "other rows")
        flow.run(functions={"train": lambda job: b"another"})
        self.assertEqual([flow.of_step(name).state for name in self.NAMES], ["skipped", "done", "done"])
        self.assertEqual(world["promotions"], [(1, "promote"), (3, "promote")])
        flow.forget("train")
        flow.run(functions={"train": lambda job: 1 / 0}, sleep=lambda s: None, clock=iter(range(2 * 10**18, 3 * 10**18, 10**12)).__next__)
        self.assertEqual((flow.state, flow.of_step("promote").state), ("failed", "cancelled"))
        self.assertIsInstance(flow.errors["train"], ZeroDivisionError)

    def test_killed_at_each_point(self):
        for asks in (True, False):
            for point in range(100):
                flow, world = self.made()
                disk, budget = [flow.save()], [point]

                def write(snapshot):
                    for after in (False, True):  # killed before it is on disk, or just behind
                        if budget[0] == 0:
                            raise Killed
                        budget[0] -= 1
                        if not after:
                            disk[0] = snapshot

                def promote(job):
                    if budget[0] == 0:
                        raise Killed
                    budget[0] -= 1
                    world["promotions"].append((job.run, job.name))

                ways = {"sleep": lambda s: None, "save": write, "functions": {"promote": promote},
                        "happened": (lambda run, name: (run, name) in world["promotions"]) if asks else (lambda run, name: True)}
                clock = iter(range(0, 10**16, 10**9)).__next__
                try:
                    flow.run(clock=clock, **ways)
                    break
                except Killed:
                    budget[0] = 10**6
                flow, _ = self.made()
                flow.restore(disk[0], clock())
                flow.run(clock=clock, **ways)
                self.assertEqual(flow.state, "done")
                n = len(world["promotions"])
                self.assertEqual(n, len(set(world["promotions"])))
                self.assertTrue(n == 1 or not asks)
            self.assertTrue(point > 10)

    def test_by_hand(self):
        flow = kedge.Flow([kedge.Step("a", timeout_ns=100), kedge.Step("b", config="v1"), kedge.Step("c", ["a", "b"], is_once=True)])
        self.assertEqual((flow.state, flow.next(0)), ("idle", None))
        flow.begin(5, 10)
        a, b = flow.next(10), flow.next(11)
        self.assertEqual((a, b.name, flow.next(12)), (kedge.flows.Job(5, "a", 1, 110, False), "b", None))
        flow.done(b, 20, "out")
        flow.done(a, 21, b"out", 3)
        self.assertRaises(kedge.KedgeError, flow.done, a, 22)
        c = flow.next(30)
        self.assertRaises(kedge.KedgeError, flow.done, c, 31)
        flow.intend(c, 31)
        twin = pickle.loads(pickle.dumps(flow))
        twin.resume(40)
        self.assertEqual((twin.state, flow.state), ("unsure", "wait"))
        self.assertRaises(kedge.BusyError, twin.set_input, "c", "x")
        twin.settle("c", False, 41)
        self.assertEqual(twin.next(42).attempt, 2)
        twin.cancel(43)
        self.assertEqual(twin.state, "cancelled")
        flow.failed(c, 50, -3)
        flow.settle("c", True, 51, artifact=9)
        self.assertEqual((flow.state, flow.of_step("c").artifact, flow.of_step("a").artifact), ("done", 9, 3))

    def test_restore_sees_other_settings(self):
        made = lambda config: kedge.Flow([kedge.Step("a", config=config), kedge.Step("b", ["a"])])
        work = {"a": lambda job: "same", "b": lambda job: "same"}
        flow = made("v1")
        flow.run(work)
        for config, state in (("v1", "skipped"), ("v2", "done")):
            again = made(config)
            again.restore(flow.save())
            again.run(work)
            self.assertEqual((again.of_step("a").state, again.of_step("b").state), (state, "skipped"))
        self.assertRaises(kedge.ConfigError, kedge.Flow([kedge.Step("a"), kedge.Step("b")]).restore, flow.save())

    def test_refusals(self):
        step = kedge.Step
        for bad in ([step("")], [step("x" * 16)], [step("a"), step("a")], [step("a", ["b"]), step("b")], [step("a", max_retries=1001)],
                    [step(f"s{i}") for i in range(33)]):
            self.assertRaises(kedge.ConfigError, kedge.Flow, bad)
        self.assertRaises(TypeError, kedge.Flow, [step("a"), step("b", "a")])
        self.assertRaises(kedge.KedgeError, kedge.Flow().save)
        flow = kedge.Flow([step("a")])
        self.assertRaises(ValueError, flow.run)
        self.assertRaises(kedge.UnknownIdError, flow.of_step, "b")
        flow.run({"a": lambda job: None})
        self.assertRaises(kedge.ConfigError, flow.step, "b")
        self.assertRaises(kedge.RangeError, flow.begin, 1, 0)
        flow.begin(2, 0)
        flow.forget("a")
        flow.next(0)
        self.assertRaises(RuntimeError, flow.run, {"a": lambda job: None})


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
        return kedge.gate(challenger or self.challenger, self.x[400:], self.y[400:], champion=more.pop("champion", self.champion), **more)

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
                report = p.judge(i, tests=[a.Range("a probability", low, 1, output=1)], checks=("sound", "better", "tests"), prove="better")
                reports += [report] if report is not None else []
            self.assertEqual({r.verdict for r in reports} - {"undecided"}, {verdict})
            self.assertEqual(p.report.version > 1, verdict == "pass")
            self.assertGreater(reports[0].n_rows, 19)

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


class Discriminants(unittest.TestCase):
    """Linear and quadratic discriminant analysis."""

    def test_probabilities(self):
        x = [[i * 7 % 11 + c, i * 5 % 13 - 2 * c + i * 3 % 7 * c] for c in range(3) for i in range(12)]
        y = [c for c in range(3) for _ in range(12)]
        try:
            models = kedge.LinearDiscriminant(2, 3), kedge.LinearDiscriminant(2, 3, shrinkage=0.3), kedge.QuadraticDiscriminant(2, 3)
        except RuntimeError as e:
            self.assertIn("without GSL", str(e))
            self.skipTest("built without GSL")
        for m, expected in zip(models, (  # predict_proba([[4, 3]]) of scikit-learn 1.9.1: LDA(), LDA("lsqr", shrinkage=0.3), QDA()
                (0.42683822872268185, 0.33801006522282556, 0.23515170605449254), (0.4299433438168239, 0.33710168311923944, 0.2329549730639366),
                (0.4473322240166155, 0.3277950476453015, 0.2248727283380832))):
            for a, b in zip(pickle.loads(pickle.dumps(m.fit(x, y))).score([4, 3]), expected):
                self.assertAlmostEqual(a, b, 11)
            self.assertEqual(m.predict_one([4, 3]), 0)
            self.assertIsInstance(m.predict_one([4, 3]), int)
            self.assertRaises(kedge.UnsupportedError, m.learn_one, [4, 3], 1)
            self.assertRaises(kedge.NumericError, m.fit, x[:12], y[:12])  # one class
        self.assertRaises(kedge.ConfigError, kedge.LinearDiscriminant, 2, 3, shrinkage=2)
        self.assertRaises(TypeError, kedge.QuadraticDiscriminant, 2, 3, quadratic=0)


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
        alone = kedge.selection.cross_validate(kedge.Logistic(3, 2, **{**grid.settings, "n_rates": int(grid.settings["n_rates"])}), "log_loss", x, y)
        self.assertEqual(alone.mean, grid.mean)
        self.assertTrue(grid.complete and bytes(model._config) == before)
        grid.model.learn_many(x, y)
        self.assertGreater(kedge.selection.score(grid.model, "auc", x, y), 0.9)
        asked = []
        some = kedge.selection.search(model, {"rate": (1e-3, 10, "log")}, "log_loss", x, y, n_trials=9, stop=lambda i, mean: asked.append(mean) or i == 2)
        self.assertTrue(len(asked) == 3 and not some.complete and some.mean == min(asked))
        halving = kedge.selection.search(model, {"rate": (1e-4, 10, "log")}, "log_loss", x, y, method="halving", n_trials=9, least_rows=40)
        self.assertEqual(sorted({t.n_rows for t in halving.trials}), [40, 120])
        self.assertRaises(ZeroDivisionError, kedge.selection.search, model, {"rate": [1.0, 2.0]}, "log_loss", x, y, method="grid", stop=lambda i, m: 1 / 0)
        self.assertRaises(TypeError, kedge.selection.search, model, {"speed": [1.0]}, "log_loss", x, y)
        self.assertRaises(kedge.RangeError, kedge.selection.search, model, {"rate": (-1.0, 1.0, "log")}, "log_loss", x, y)
        self.assertRaises(kedge.NumericError, kedge.selection.search, model, {"rate": [-1.0]}, "log_loss", x, y, method="grid")

    def test_early_and_importance(self):
        x, y = self.table(200)
        m = kedge.Logistic(3, 2, rate=0.05)
        went = kedge.selection.learn_early(m, "log_loss", x[:150], y[:150], x[150:], y[150:], max_epochs=30, patience=2, shuffle=True)
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
        report = battery(model, x[150:], y[150:], champion=champion, quality=0.7, groups=groups, clock=True, loss_champion=0.2, loss_slice=0.5)
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
