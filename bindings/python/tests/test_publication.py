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
