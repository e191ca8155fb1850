#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs examples/policies as a person would: policies.py PROGRAM CASE. Exit code 77: skipped."""
import sys

from person import WEATHER, must, run, shared_data


def table(program, *args):
    """The table: {policy: {heading: number}}."""
    code, out, err = run(program, *args)
    must(code == 0 and err == "", "exit code", code, err)
    lines = out.splitlines()
    headings = lines[2].replace("trained rows", "trained_rows").split()
    rows = {}
    for text in lines[3:]:
        cells = text.split()
        rows[" ".join(cells[:1 - len(headings)])] = dict(zip(headings[1:], map(float, cells[1 - len(headings):])))
    must(len(rows) == 10, "policies", sorted(rows))
    return rows


def check_drift(rows, drift):
    """On drift a model is as good as by the clock, at a fifth of the rows, and better than one that is trained once."""
    every, own = rows["every 1 %"], rows[drift]
    must(own["accuracy"] >= 0.98 * every["accuracy"], drift, own)
    must(0 < own["trained_rows"] <= 0.2 * every["trained_rows"], drift, own)
    must(own["accuracy"] > rows["static"]["accuracy"], drift, own)
    must(rows["static"]["trainings"] == 0 and rows["online"]["trainings"] == 0, "trainings")
    must(rows["every 5 %"]["trainings"] <= 20 and every["trainings"] <= 100, "trainings by the clock")


def main():
    program, case = sys.argv[1:3]
    if case == "weather":
        rows = table(program, WEATHER, "--label", "rain")
        check_drift(rows, "drift: adwin")
        must(rows["level 2"]["accuracy"] > rows["static"]["accuracy"], "level 2")
    elif case == "sea":
        check_drift(table(program, shared_data("sea.csv"), "--label", "y"), "drift: adwin")
    elif case == "usage":
        must(run(program)[0] == 2 and run(program, "--help")[0] == 0, "usage")
        code, _, err = run(program, WEATHER, "--label", "none such")
        must(code == 2 and "temperature" in err, "unknown label", code, err)
        code, _, err = run(program, "no such file", "--label", "y")
        must(code == 2 and "no such file" in err, "no file", code, err)


main()
