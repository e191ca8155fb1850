# SPDX-License-Identifier: MIT
"""Flows."""
import hashlib
import pickle
import unittest

import kedge


class Killed(BaseException):
    """The process is gone."""


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
        flow.run(functions={"train": lambda job: 1 / 0}, sleep=lambda s: None, clock=iter(range(2 * 10**18, 3 * 10**18,
                                                                                                10**12)).__next__)
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
        flow = kedge.Flow([kedge.Step("a", timeout_ns=100), kedge.Step("b", config="v1"),
                           kedge.Step("c", ["a", "b"], is_once=True)])
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
        for bad in ([step("")], [step("x" * 16)], [step("a"), step("a")], [step("a", ["b"]), step("b")],
                    [step("a", max_retries=1001)], [step(f"s{i}") for i in range(33)]):
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


if __name__ == "__main__":
    unittest.main()
