# SPDX-License-Identifier: MIT
"""Detectors and fleets."""
import array
import copy
import json
import math
import os
import pathlib
import pickle
import random
import sys
import tempfile
import threading
import unittest

import kedge
from common import bernoulli, numpy


GOLDEN = pathlib.Path(os.environ.get("KEDGE_GOLDEN", pathlib.Path(__file__).resolve().parents[3] / "tests/golden"))


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
         ("moa_RDDM", kedge.RDDM, "moa"), ("moa_STEPD", kedge.STEPD, "moa"), ("river_PageHinkley", kedge.PageHinkley, "river"),
         ("moa_PageHinkleyDM", kedge.PageHinkley, "moa")]


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
        for model in (kedge.Logistic(3), kedge.HoeffdingTree(3, nominal=[1]), kedge.AdaptiveForest(3, n_trees=3),
                      kedge.Auto(3, n_near=0)):
            model.learn_many(rows, labels)
            blob = model.freeze()
            frozen = kedge.Frozen(blob)
            self.assertEqual(bytes(frozen), blob)
            self.assertEqual((frozen.info.bytes, frozen.info.takes_missing), (len(blob), 1))
            self.assertEqual(list(frozen.predict_many(rows)), list(model.predict_many(rows)))
            for same in (pickle.loads(pickle.dumps(frozen)), kedge.Frozen(bytearray(blob)),
                         kedge.Frozen(memoryview(b"_" + blob)[1:])):
                self.assertEqual(same.predict_one(rows[0]), model.predict_one(rows[0]))
                for mine, live in zip(same.score(rows[1]), model.score(rows[1])):
                    self.assertAlmostEqual(mine, live, 9)
            with tempfile.TemporaryDirectory() as directory:
                path = os.path.join(directory, "model.kedge")
                with open(path, "wb") as file:
                    file.write(blob)
                self.assertEqual(list(kedge.Frozen.map(path).predict_many(rows)), list(frozen.predict_many(rows)))
            for bad in (b"", blob[:-8], blob[:40], bytes(len(blob)), model.freeze("big" if sys.byteorder == "little"
                                                                                  else "little")):
                self.assertRaises(kedge.KedgeError, kedge.Frozen, bad)
            self.assertRaises(ValueError, model.freeze, "middle")
        value = kedge.RLS(2)
        value.learn_one([1, 2], 3.5)
        self.assertEqual(kedge.Frozen(value.freeze()).predict_one([1, 2]), value.predict_one([1, 2]))
        if numpy is not None:
            self.assertEqual(kedge.Frozen(blob).predict_many(numpy.array(rows)).tolist(),
                             model.predict_many(numpy.array(rows)).tolist())

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


class Fleets(unittest.TestCase):
    def ticks(self, n, n_ticks, missing=True):
        draw = random.Random(5)
        return [[math.nan if missing and draw.random() < 0.1 else float(draw.random() < (0.2 if t < 200 + 9 * i else 0.7))
                 for i in range(n)]
                for t in range(n_ticks)]

    def test_streams_are_detectors(self):
        for fleet, each, settings in ((kedge.FleetCusum, kedge.Cusum, {"threshold": 5, "delta": 0.2}),
                                      (kedge.FleetDDM, kedge.DDM, {}), (kedge.FleetEwmaChart, kedge.EwmaChart, {"n_learn": 50,
                                          "direction": "up"}),
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


if __name__ == "__main__":
    unittest.main()
