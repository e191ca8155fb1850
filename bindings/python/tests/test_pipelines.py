# SPDX-License-Identifier: MIT
"""The pipeline and its controls."""
import copy
import hashlib
import math
import pickle
import random
import unittest

import kedge
from common import HEADERS, rows_of, turn


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
        for policy, model in (("static", kedge.GaussianNB(3, 2)), ("online", kedge.Logistic(3, 2)),
                              ("retrain", kedge.GaussianNB(3, 2))):
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
            for clone in (copy.copy(p), pickle.loads(pickle.dumps(p)), kedge.Pipeline.load(p.save(), type(model), kedge.DDM,
                                                                                           chain)):
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


def delivering(**settings):
    """A pipeline of level 2: shadow, canary, production with an approval."""
    stages = [kedge.Stage("shadow"), kedge.Stage("canary", share=0.3, both_answer=1),
              kedge.Stage("production", needs_approval=1, both_answer=1)]
    given = {"triggers": [kedge.Trigger("signal"), kedge.Trigger("demand")], "rollout": stages, "recall_rows": 16,
             "store": kedge.Store(artifact_bytes=16384), "events": kedge.Events(n_events=256), **settings}
    return kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin(), **given)


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
        self.assertEqual(str(last).split(":"), ["9 ns", " refused, version 9", " code -9, error 0.12"])
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

    def test_events_bear_the_number_of_their_pipeline(self):
        log = kedge.audit.Audit(size=1 << 14)
        for number in (3, 4):
            p = kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin(), events=kedge.Events(), number=number)
            for i in range(300):
                p.predict(i, [i % 10], i)
                p.label(i, i % 10 > 4, i)
                p.step(i)
            p.events.reader().audit(log)
        found = [record.payload for record in kedge.audit.records(log.log)]
        self.assertEqual([e.pipeline for e in found], [3, 3, 4, 4])
        self.assertIn("pipeline 4", str(found[-1]))
        self.assertEqual([kedge.audit.served_at(t, log.log, pipeline=4) for t in (0, 198, 199, 10**9)], [0, 0, 1, 1])
        self.assertEqual(kedge.audit.served_at(500, log.log), 0)
        self.assertRaises(kedge.SnapshotError, kedge.audit.served_at, 5, b"no segment of a log at all")

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

    def test_what_trainings_cost(self):
        prices = kedge.Cost(price_compute=0.5)
        p = kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin(), store=kedge.Store(), cost=prices)
        for i in range(1500):
            p.predict(i, [i % 10], i)
            p.label(i, (i % 10 > 4) == (i < 700), i)
            before = p.report.n_trainings
            p.step(i)
            self.assertEqual(p.spent(3_000_000_000, 5), p.report.n_trainings > before)
        self.assertFalse(p.spent(1))
        versions = p.store.versions
        self.assertGreater(len(versions), 1)
        self.assertEqual({(v.compute_ns, v.cost) for v in versions}, {(3_000_000_000, 1.5)})
        self.assertEqual([v.trigger_kind for v in versions[:2]], ["rows", "signal"])
        self.assertEqual(p.cost.of_kind("train").n, len(versions))
        self.assertEqual(p.cost.report.per_training, prices.price(3_000_000_000, 5).price)
        p.cost.add("predict", 1500, 7)
        self.assertEqual(p.cost.of_kind("predict").n, 1500)
        again = kedge.Pipeline.load(p.save(), kedge.GaussianNB, kedge.Adwin)
        self.assertEqual((again.store.versions, again.cost.save()), (versions, p.cost.save()))
        card = p.store.card(2)
        for line in ("reason:     drift signalled by source 0", "compute:    3000000000 ns", "cost:       1.5", "gate error: "):
            self.assertIn(f"\n{line}", card)
        plain = kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin())
        self.assertRaises(kedge.UnsupportedError, lambda: plain.cost)
        self.assertFalse(plain.spent(1))
        self.assertRaises(kedge.RangeError, plain.spent, -1)
        self.assertRaises(TypeError, kedge.Pipeline, kedge.GaussianNB(1, 2), kedge.Adwin(), cost=0.5)
        self.assertRaises(ValueError, kedge.Pipeline, kedge.GaussianNB(1, 2), kedge.Adwin(), cost=kedge.Cost.load(prices.save()))

    def test_facts_of_a_version(self):
        s = kedge.Store(n_figures=2)
        id = s.add()
        s.set_cost(id, 1200, 0.75)
        s.set_tests(id, passed=1 << 16, failed=1 << 31)
        s.name_figure(1, "accuracy")
        s.set_figure(id, 1, 0.5)
        v = s.version(id)
        self.assertEqual((v.compute_ns, v.cost, v.tests_passed, v.tests_failed), (1200, 0.75, 1 << 16, 1 << 31))
        self.assertEqual((s.figure_name(0), s.figure_name(1)), ("", "accuracy"))
        self.assertIn("compute:    1200 ns\ncost:       0.75\npassed:     better\nfailed:     test 31\naccuracy:   0.5\n",
                      s.card(id))
        self.assertRaises(kedge.NotFiniteError, s.set_cost, id, 1, math.inf)
        self.assertRaises(kedge.UnknownIdError, s.set_cost, 9, 1, 1)
        self.assertRaises(kedge.UnknownIdError, s.set_tests, 9)
        self.assertRaises(kedge.RangeError, s.name_figure, 2, "none")
        self.assertRaises(kedge.RangeError, s.figure_name, 2)
        self.assertRaises(kedge.RangeError, s.name_figure, 0, "sixteen bytes!!!")

    def test_rolled_back_late(self):
        r = kedge.Rollout([kedge.Stage("shadow", least_rows=10000), kedge.Stage()])
        r.begin(1)
        r.step()
        for t in range(2000):
            r.record_pair(0, t >= 1000 and t % 2)
            action = r.step()
            if action and action.kind == "roll_back":
                break
        self.assertEqual((action.why, action.low), ("worse", 0.01))
        self.assertTrue(1000 < t < 1060 and t - 1000 <= action.rows <= t - 998 and 0.45 < action.difference < 0.55)

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
        self.assertIn("reason:     drift signalled by source 0\n", card)
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
        self.assertTrue(p.figure(4, 0.95, now_ns=1001))
        self.assertFalse(p.figure(5, 0.95, now_ns=1001))  # nobody watches it
        self.assertFalse(kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin()).figure(4, 0.95))
        self.assertRaises(kedge.NotFiniteError, p.figure, 5, math.inf, now_ns=1001)
        self.assertFalse(p.step(1001))
        p.figure(4, 0.5, now_ns=1002)
        steps = 1
        while p.step(1002):
            self.assertGreater(p.report.rows_to_train, 0)
            steps += 1
        self.assertGreater(steps, 4)
        self.assertEqual(p.report.n_trainings, 2)
        self.assertEqual([e.value for e in p.events if e.kind == "trigger"], [0.5])
        self.assertRaises(kedge.NotFiniteError, p.figure, 4, math.inf, 1003)

    def test_says_what_is_amiss(self):
        p = kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin(), holdout_every=0,
                           rollout=[kedge.Stage("production", needs_approval=1)])
        for t in range(300):
            if t == 250:
                p.request()
            turn(p, t, t % 10, t % 10 > 4)
        token = p.rollout.request.token
        with self.assertRaisesRegex(kedge.RangeError, "now_ns"):
            p.rollout.approve(token, approver=42)
        with self.assertRaisesRegex(kedge.RangeError, "range$"):
            p.rollout.approve(token, approver=42, now_ns=1)
        with self.assertRaisesRegex(kedge.KedgeError, "rollout is under way"):
            p.train([[1.0], [2.0]], [0, 1])
        p.rollout.approve(token, approver=42, now_ns=300)

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


if __name__ == "__main__":
    unittest.main()
