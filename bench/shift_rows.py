# SPDX-License-Identifier: MIT
"""Tables of three columns, before and after a change: the same for kedge and for peers that live in an environment of their own.

shift_rows.py REPETITIONS: what alibi-detect's MMD and LSDD see of them, as JSON."""
import json
import sys
import time

import numpy as np

N, COLUMNS = 100, 3
CHANGES = ("nothing", "mean", "variance", "shape", "dependence")


def tables(change, repetitions):
    """Pairs of tables; columns keep mean 0 and variance 1 but where the change says otherwise."""
    rng = np.random.default_rng([8, CHANGES.index(change)])
    for _ in range(repetitions):
        x, y = rng.standard_normal((N, COLUMNS)), rng.standard_normal((N, COLUMNS))
        if change == "mean":
            y[:, 0] += 0.5
        elif change == "variance":
            y[:, 0] *= 1.7
        elif change == "shape":
            y[:, 0] = rng.exponential(size=N) - 1
        elif change == "dependence":
            y[:, 1] = 0.8 * y[:, 0] + 0.6 * y[:, 1]
        yield x, y


def main():
    import os
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from alibi_detect.cd import LSDDDrift, MMDDrift
    repetitions = int(sys.argv[1])
    out = {}
    for name, cls in (("mmd", MMDDrift), ("lsdd", LSDDDrift)):
        shares, seconds = [], []
        for change in CHANGES:
            hits = 0
            for x, y in tables(change, repetitions):
                begin = time.perf_counter()
                detector = cls(x.astype("float32"), backend="tensorflow", p_val=0.05, n_permutations=99)
                hits += detector.predict(y.astype("float32"))["data"]["p_val"] <= 0.05
                seconds.append(time.perf_counter() - begin)
            shares.append(hits / repetitions)
        out[name] = {"power": shares, "seconds": float(np.median(seconds))}
    print(json.dumps(out))


if __name__ == "__main__":
    main()
