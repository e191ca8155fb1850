# SPDX-License-Identifier: MIT
"""Audit logs, privacy, fairness."""
import hashlib
import pickle
import unittest

import kedge


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
        for spend in (lambda: budget.release(1000, 0.1), lambda: budget.charge(0.1)):
            with self.assertRaisesRegex(kedge.KedgeError, "budget"):
                spend()
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
        self.assertEqual((table.n_slices, table.least_rows, table.n_below_k, table.n_below_l, table.i_least_values),
                         (2, 7, 1, 1, 1))
        self.assertEqual(privacy.anonymity([5, 6]).least_rows, 5)


if __name__ == "__main__":
    unittest.main()
