# SPDX-License-Identifier: MIT
"""Serving while training."""
import mmap
import subprocess
import sys
import tempfile
import unittest

import kedge


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

    def test_pipeline_with_a_prep(self):
        chain = kedge.prep.Chain(2, kedge.prep.Impute, kedge.prep.Scale)
        contest = kedge.Contest(kedge.GaussianNB(2, 2), kedge.Logistic(2, 2), least_rows=20)
        pipeline = kedge.Pipeline(contest, kedge.Adwin(), prep=chain, min_rows=50)
        self.assertIsNone(pipeline.challenger)
        self.assertIsNone(pipeline.challenger_prep)
        p = kedge.Publish((pipeline.champion_prep, pipeline.champion), n_slots=3)
        self.assertIsNone(p.acquire(contest, chain))
        for t in range(60):
            pipeline.predict(t, [t % 10, float("nan") if t % 7 == 0 else 100 + t % 3], now_ns=t)
            pipeline.label(t, t % 10 > 4, now_ns=t)
            pipeline.step(now_ns=t)
        model, prep = pipeline.champion, pipeline.champion_prep
        self.assertEqual(model.winner, pipeline.champion.winner)
        p.publish((prep, model), pipeline.report.version)
        with p.acquire(contest, chain) as ticket:
            rows = [[float(i), float("nan")] for i in range(10)]
            expected = [pipeline.predict(1000 + i, row) for i, row in enumerate(rows)]
            self.assertEqual([ticket.predict_one(row) for row in rows], expected)
            self.assertEqual(list(ticket.predict_many(rows)), expected)
            self.assertEqual(ticket.score(rows[3]), model.score(prep.transform_one(rows[3])))
        with self.assertRaises(kedge.KedgeError):
            ticket.predict_one(rows[0])
        for wrong in ((contest, None), (kedge.GaussianNB, chain), (contest, kedge.prep.Scale)):
            with self.assertRaises(kedge.SnapshotError):
                p.acquire(*wrong)
        with self.assertRaises(TypeError):
            p.acquire(prep=chain)
        model.fit([[0.0, 0.0], [1.0, 0.0]] * 30, [1.0, 0.0] * 30)  # a copy: the pipeline serves on as it did
        self.assertEqual([pipeline.predict(2000 + i, row) for i, row in enumerate(rows)], expected)
        with self.assertRaises(kedge.UnsupportedError):
            kedge.Pipeline(kedge.GaussianNB(1, 2), kedge.Adwin()).champion_prep

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


if __name__ == "__main__":
    unittest.main()
