#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes docs/growth.md and its plot from the lines that bench-growth printed. Usage: growth.py RESULTS DOCS"""
import json
import math
import sys
from pathlib import Path

FIRST = 3
PLOTTED = {"focus": ("FOCuS", "#1f77b4"), "adwin": ("ADWIN", "#d62728"), "page_hinkley": ("Page-Hinkley", "#2ca02c")}
HEAD = """# Cost of an update over a long quiet time {#growth}

Nanoseconds an update over the tenth of the observations that ends at 10^3, 10^4, ... while nothing changes, drawing apart: numbers drawn evenly from
[0, 1], each detector's knob at the end where alarms are rarest, so that nothing restarts and FOCuS's candidates and ADWIN's window grow as far as
they can. `tools/bench growth` writes this page; single calls, gcc, on a shared 2.8 GHz machine that others used at the time, so neighbouring figures
differ by chance.

FOCuS keeps about `ln n` candidates a side and ADWIN `max_buckets log2 n` buckets, which it looks through at every 32nd update: both grow with the logarithm
of `n` at most. All others cost the same for ever, once their windows are full. OPTWIN seeks its cuts while its window grows.

![nanoseconds an update over observations](images/growth.svg)

"""


def table(rows):
    n = max(len(row["ns"]) for row in rows)
    head = " | ".join(f"10^{FIRST + i}" for i in range(n))
    lines = [f"| detector | bytes | {head} |", "| --- | --- |" + " --- |" * n]
    for row in rows:
        lines.append(f"| {row['detector']} | {row['bytes']} | " + " | ".join(f"{ns:,.1f}" if ns < 100 else f"{ns:,.0f}"
                                                                             for ns in row["ns"]) + " |")
    return "\n".join(lines) + "\n"


def plot(rows, path):
    width, height, left, bottom, most = 640, 360, 50, 45, 10.0
    shown = [row for row in rows if row["detector"] in PLOTTED]
    most = max(most, *(ns for row in shown for ns in row["ns"])) * 1.1
    last = FIRST + max(len(row["ns"]) for row in shown) - 1

    def x_of(i):
        return left + (i - FIRST) / (last - FIRST) * (width - left - 120)

    def y_of(ns):
        return height - bottom - ns / most * (height - bottom - 25)

    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>', f'<text x="{left}" y="15">nanoseconds an update</text>']
    step = 10 ** math.floor(math.log10(most)) / 2
    for k in range(int(most / step) + 1):
        lines.append(f'<line x1="{left}" x2="{x_of(last):.1f}" y1="{y_of(k * step):.1f}" y2="{y_of(k * step):.1f}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y_of(k * step) + 4:.1f}" text-anchor="end">{k * step:g}</text>')
    for i in range(FIRST, last + 1):
        lines.append(f'<text x="{x_of(i):.1f}" y="{height - bottom + 18}" text-anchor="middle">10^{i}</text>')
    lines.append(f'<text x="{x_of((FIRST + last) / 2):.1f}" y="{height - 8}" text-anchor="middle">observations without a '
                 f'change</text>')
    for row in shown:
        name, colour = PLOTTED[row["detector"]]
        points = [(x_of(FIRST + i), y_of(ns)) for i, ns in enumerate(row["ns"])]
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        lines.append(f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="{points[-1][0] + 8:.1f}" y="{points[-1][1] + 4:.1f}" fill="{colour}">{name}</text>')
    path.write_text("\n".join(lines + ["</svg>", ""]), encoding="utf-8")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    docs = Path(sys.argv[2])
    (docs / "images").mkdir(exist_ok=True)
    (docs / "growth.md").write_text(HEAD + table(rows), encoding="utf-8")
    plot(rows, docs / "images" / "growth.svg")


main()
