#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes scipy.txt: what SciPy says about pairs of samples that the test rebuilds bit for bit. Needs NumPy and SciPy (1.17.1 wrote
the file).

A line: method, p-value's kind, seed, n, m, levels, shift, scale, statistic, p-value. With u from splitmix64 of the seed, the
reference is n times u, then the current sample m times shift + scale u; where levels > 0, each times levels and rounded down. nan:
SciPy has no such figure there."""
import math
import sys
import warnings

import numpy as np
from scipy import stats

MASK = (1 << 64) - 1


def uniform(state, n):
    out = np.empty(n)
    for i in range(n):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        out[i] = float((z ^ (z >> 31)) >> 11) * 2.0**-53
    return state, out


def samples(seed, n, m, levels, shift, scale):
    state, x = uniform(seed, n)
    _, y = uniform(state, m)
    y = shift + scale * y
    return (np.floor(levels * x), np.floor(levels * y)) if levels else (x, y)


def counts(x, y):
    values = np.unique(np.concatenate([x, y]))
    return np.array([[np.sum(s == v) for v in values] for s in (x, y)])


def contingency(kind, correction):
    def run(x, y, _):
        table = counts(x, y)
        if table.shape[1] == 1:
            return 0.0, 1.0
        r = stats.chi2_contingency(table, correction=correction, lambda_=kind)
        return r.statistic, r.pvalue
    return run


def fisher(x, y, _):
    table = counts(x, y)
    if table.shape[1] > 2:
        raise ValueError("SciPy draws at random")
    return (math.nan, 1.0) if table.shape[1] == 1 else (math.nan, stats.fisher_exact(table).pvalue)


def permuted(test):
    def run(x, y, kind):
        ways = stats.PermutationMethod(n_resamples=20000)
        r = test(x, y, ways) if kind == "exact" else test(x, y, stats.PermutationMethod(n_resamples=1))
        return r.statistic, r.pvalue if kind == "exact" else math.nan
    return run


def simple(test):
    def run(x, y, kind):
        r = test(x, y, kind)
        return r.statistic, r.pvalue
    return run


METHODS = {
    "ks": simple(lambda x, y, kind: stats.ks_2samp(x, y, method="exact" if kind == "exact" else "asymp")),
    "cramer_von_mises": simple(lambda x, y, kind: stats.cramervonmises_2samp(x, y, method=kind)),
    "anderson_darling": permuted(lambda x, y, ways: stats.anderson_ksamp([x, y], variant="midrank", method=ways)),
    "bws": permuted(lambda x, y, ways: stats.bws_test(x, y, method=ways)),
    "mann_whitney": simple(lambda x, y, kind: stats.mannwhitneyu(x, y, method=kind)),
    "welch": simple(lambda x, y, kind: stats.ttest_ind(x, y, equal_var=False)),
    "fisher": fisher,
    "chi_squared": contingency("pearson", False),
    "chi_squared_yates": contingency("pearson", True),
    "g_test": contingency("log-likelihood", False),
    "wasserstein": lambda x, y, kind: (stats.wasserstein_distance(x, y), math.nan),
    "energy": lambda x, y, kind: (stats.energy_distance(x, y), math.nan),
}
KINDS = {"ks": ("exact", "asymptotic"), "cramer_von_mises": ("exact", "asymptotic"), "anderson_darling": ("exact", "none"),
         "bws": ("exact", "none"), "mann_whitney": ("exact", "asymptotic"), "fisher": ("exact",), "wasserstein": ("none",),
         "energy": ("none",)}
NOMINAL = ("fisher", "chi_squared", "chi_squared_yates", "g_test")
# SciPy's exact p-values of these hold without ties only.
UNTIED = ("cramer_von_mises", "mann_whitney")

SHAPES = [(0.0, 1.0), (0.25, 1.0), (-0.1, 1.2), (0.0, 0.5), (2.0, 1.0), (0.05, 0.95)]
SIZES = {"exact": [(2, 3), (5, 5), (7, 6), (4, 8)], "large": [(20, 35), (100, 100), (237, 91), (1000, 300), (20000, 5000)]}


def fits(method, kind, n, m, levels):
    if method in NOMINAL:
        return levels > 0 and (method != "fisher" or levels == 2)
    if kind == "exact" and levels and method in UNTIED:
        return False
    if kind == "exact" and method in ("anderson_darling", "bws", "cramer_von_mises"):
        return n + m < 14
    if kind == "exact" and method == "mann_whitney":
        return n + m <= 200
    return not (kind == "exact" and n + m > 2000)


def cases():
    seed = 0
    for n, m in SIZES["exact"] + SIZES["large"]:
        for levels in (0, 2, 5, 40):
            for shift, scale in SHAPES:
                seed += 1
                yield seed, n, m, levels, shift, scale


def main():
    with open(sys.argv[1] if len(sys.argv) > 1 else "scipy.txt", "w") as out:
        for case in cases():
            x, y = samples(*case)
            for method, run in METHODS.items():
                for kind in KINDS.get(method, ("asymptotic",)):
                    if not fits(method, kind, case[1], case[2], case[3]):
                        continue
                    with warnings.catch_warnings(), np.errstate(all="ignore"):
                        warnings.simplefilter("ignore")
                        try:
                            statistic, p = run(x, y, kind)
                        except ValueError:
                            continue
                    print(method, kind, *case, repr(float(np.squeeze(statistic))), repr(float(np.squeeze(p))), file=out)


if __name__ == "__main__":
    main()
