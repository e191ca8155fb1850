#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Detectors on real series with human annotations: annotated.py OUTPUT.md

The series are those of river.drift.datasets (van den Burg, Williams 2020, "An evaluation of change point detection algorithms"),
with its two measures: F1 with a margin of 5 observations, and the covering of the annotators' segments. Every column of a series is
scaled by the median and the spread of its first tenth, so that a detector knows nothing of what comes, and goes to a fresh
detector; the change points of a series are those of all columns. Settings are the libraries' defaults,
but charts learn from 30 observations. For river a change point is the alarm; kedge tells both the
alarm and since when, so both are shown. Beside them: no change point at all, and one every tenth of the series."""
import bisect
import pathlib
import statistics
import sys

import kedge
from river import drift

MARGIN = 5
SERIES = (drift.datasets.AirlinePassengers, drift.datasets.Apple, drift.datasets.Bitcoin, drift.datasets.BrentSpotPrice,
          drift.datasets.Occupancy, drift.datasets.RunLog, drift.datasets.UKCoalEmploy)


def columns(dataset):
    """The numeric columns, target included."""
    out = {}
    for x, y in dataset:
        row = {**x, **(y if isinstance(y, dict) else {"y": y})}
        for name, value in row.items():
            if isinstance(value, (int, float)):
                out.setdefault(name, []).append(float(value))
    return list(out.values())


def scaled(values):
    first = values[:max(10, len(values) // 10)]
    centre = statistics.median(first)
    spread = statistics.median(abs(v - centre) for v in first) * 1.4826 or statistics.pstdev(first) or 1.0
    return [(v - centre) / spread for v in values]


def kedge_points(make, xs):
    """[(alarm, since when)]"""
    detector, out = make(), []
    for x in xs:
        if detector.update(x).drift:
            out.append((detector.alarm.at, detector.alarm.changed_at))
    return out


def river_points(make, xs):
    detector, out = make(), []
    for i, x in enumerate(xs):
        detector.update(x)
        if detector.drift_detected:
            out.append((i, i))
    return out


def n_hits(truth, found):
    """How many of the annotated points have a found one of their own within the margin."""
    left, hits = sorted(found), 0
    for point in sorted(truth):
        i = bisect.bisect_left(left, point - MARGIN)
        if i < len(left) and left[i] <= point + MARGIN:
            left.pop(i)
            hits += 1
    return hits


def f1(annotations, found):
    """Section 4.2 of the paper: precision against all annotators together, recall as the mean over them; 0 is a change point of
    all."""
    found = {0, *found}
    union = {0}.union(*annotations)
    precision = n_hits(union, found) / len(found)
    recall = statistics.mean(n_hits({0, *points}, found) / len({0, *points}) for points in annotations)
    return 2 * precision * recall / (precision + recall)


def segments(points, n):
    cuts = sorted({0, n, *(p for p in points if 0 < p < n)})
    return list(zip(cuts, cuts[1:]))


def covering(annotations, found, n):
    """Section 4.1: each annotated segment's best overlap (Jaccard), weighted by its length; mean over the annotators."""
    mine = segments(found, n)

    def overlap(a, b):
        common = max(0, min(a[1], b[1]) - max(a[0], b[0]))
        return common / (a[1] - a[0] + b[1] - b[0] - common)

    return statistics.mean(sum((a[1] - a[0]) * max(overlap(a, b) for b in mine) for a in segments(points, n)) / n
                           for points in annotations)


def subjects():
    """(name, points of one column, may it be asked since when?)"""
    for make in (kedge.Adwin, kedge.BOCPD, kedge.Conformal, kedge.Cusum, kedge.EwmaChart, kedge.Focus, kedge.GeometricMovingAverage,
                 kedge.KSWIN, kedge.OPTWIN, kedge.PageHinkley, kedge.SEED, kedge.SeqDrift2, kedge.Shewhart):
        settings = {"n_learn": 30} if make in (kedge.EwmaChart, kedge.Shewhart) else {}  # the series are short
        yield f"kedge {make.__name__}", lambda xs, make=make, settings=settings: kedge_points(lambda: make(**settings), xs), True
    for make in (drift.ADWIN, drift.PageHinkley, drift.KSWIN):
        yield f"river {make.__name__}", lambda xs, make=make: river_points(make, xs), False


def row(name, scores):
    f1, covering = (statistics.mean(s[i] for s in scores) for i in (0, 1))
    return f"| {name} | {f1:.3f} | {covering:.3f} | {sum(s[2] for s in scores)} |"


def table():
    """Lines of the table: each detector, mean over the series."""
    data = []
    for dataset in (make() for make in SERIES):
        xs = [scaled(column) for column in columns(dataset)]
        data.append((list(map(list, dataset.annotations.values())), xs, len(xs[0])))

    def score(pick):
        out = []
        for annotations, xs, n in data:
            found = pick(xs, n)
            out.append((f1(annotations, found), covering(annotations, found, n), len(found)))
        return out

    yield row("no change point", score(lambda xs, n: set()))
    yield row("one every tenth", score(lambda xs, n: {n * i // 10 for i in range(1, 10)}))
    for name, points, dates in subjects():
        found = {id(xs): [points(column) for column in xs] for _, xs, _ in data}
        yield row(f"{name}, alarm", score(lambda xs, n: {at for column in found[id(xs)] for at, _ in column}))
        if dates:
            yield row(f"{name}, since when", score(lambda xs, n: {since for column in found[id(xs)] for _, since in column}))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: annotated.py OUTPUT.md")
    lines = ["| detector | F1 | covering | change points |", "| --- | --- | --- | --- |", *table()]
    text = "\n".join(["# Real series with human annotations", "", __doc__.split("\n\n", 1)[1].strip(), "", *lines, ""])
    pathlib.Path(sys.argv[1]).write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
