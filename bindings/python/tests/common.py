# SPDX-License-Identifier: MIT
"""What several of the tests need."""
import pathlib
import random

try:
    import numpy
except ImportError:
    numpy = None

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


def rows_of(n, seed=1, flip=False):
    rng = random.Random(seed)
    x = [[rng.gauss(0, 1), rng.gauss(0, 1), 5.0] for _ in range(n)]
    return x, [float((r[0] + r[1] > 0) != flip) for r in x]


HEADERS = pathlib.Path(__file__).resolve().parents[3] / "include/kedge"


def turn(p, t, x, truth):
    """One row through a pipeline whose clock is the number of the row."""
    p.predict(t, [x], now_ns=t)
    p.label(t, truth, now_ns=t)
    return p.step(now_ns=t)
