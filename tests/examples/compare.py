#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs examples/compare as a person would: compare.py PROGRAM CASE. Exit code 77: skipped. What it reports of real data is computed
anew here, from the definitions."""
import bisect
import csv
import json
import math
import os
import pathlib
import random
import re
import sys
import tempfile

from person import ROOT, WEATHER, must, parse_page, run, shared_data

HEADINGS = ["column", "kind", "moved?", "adjusted p", "effect", "from -> to", "since row", "missing"]


# What a person sees
# ----------------------------------------------------------------------------------------------------------------

def table(out):
    """The table, in its order: {column: {heading: text}}."""
    lines = out.splitlines()
    must(re.split(r" {2,}", lines[1].strip()) == HEADINGS, "headings:", lines[1])
    rows = {}
    for line in lines[2:]:
        cells = re.split(r" {2,}", line.strip())
        if len(cells) == len(HEADINGS):
            rows[cells[0]] = dict(zip(HEADINGS, cells))
    return rows


class Report:
    """One run with all that it writes."""

    def __init__(self, program, *args, stdin=b"", code=None):
        with tempfile.TemporaryDirectory() as d:
            page, figures = pathlib.Path(d) / "report.html", pathlib.Path(d) / "report.json"
            self.code, self.out, err = run(program, *args, "--html", page, "--json", figures, stdin=stdin)
            must(err == "" and self.code in (0, 1), "exit code", self.code, err)
            self.page, self.text = parse_page(page)
            self.json = json.loads(figures.read_text("utf-8"))
        must(code is None or self.code == code, "exit code", self.code, "is not", code, self.out)
        self.columns = {c["name"]: c for c in self.json["columns"]}
        self.moved = [c["name"] for c in self.json["columns"] if c["moved"]]
        self.last = self.out.splitlines()[-1]
        self.check()

    def check(self):
        """Table, JSON, report and exit code say the same."""
        rows, found = table(self.out), self.json
        either = [c for c in found["columns"] if c["moved"] or c["moved_missing"]]
        must(len(rows) == len(found["columns"]) == found["n_columns"], "columns:", list(rows))
        must(self.code == (1 if either else 0) and found["n_moved"] == len(either), "exit code", self.code, "moved:", len(either))
        must(self.page.seen.get("svg", 0) == sum(c["n_reference"] + c["n_current"] > 0 for c in either), "plots:", self.page.seen)
        for row, c in zip(rows.values(), found["columns"]):
            must(row["kind"] == c["kind"] and row["moved?"].startswith("yes") == c["moved"], row, c)
            must(("missing" in row["moved?"]) == c["moved_missing"], row, c)
            must(row["since row"].replace(",", "") == ("-" if c["since_row"] is None else str(c["since_row"])), row, c)
        must(self.last in self.text and "Settings" in self.text and found["kedge"] in self.text, "the report lacks", self.last)
        must(self.last.startswith("Nothing moved: none of " if not either else f"{len(either)} of {len(rows)} "), self.last)


def save(directory, name, lines):
    path = pathlib.Path(directory) / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


# From the definitions
# --------------------------------------------------------------------------------------------------------------

def ks(x, y):
    """The statistic and a value where it is reached."""
    x, y, most, where = sorted(x), sorted(y), 0.0, None
    for v in sorted(set(x) | set(y)):
        gap = abs(bisect.bisect_right(x, v) / len(x) - bisect.bisect_right(y, v) / len(y))
        if gap > most:
            most, where = gap, v
    return most, where


def ks_exact(d, n):
    """Both samples of n: Gnedenko, Korolyuk 1951."""
    k = round(d * n)
    if k == 0:
        return 1.0
    paths, total = 0, math.comb(2 * n, n)
    for j in range(1, n // k + 1):
        paths += (-1) ** (j - 1) * math.comb(2 * n, n - j * k)
    return 2 * paths / total if 2 * paths * 10 ** 300 > total else 0.0


def ks_asymptotic(d, n):
    """Kolmogorov's distribution for n numbers: where p is small twice Smirnov's (Birnbaum, Tingey 1951), else the limit."""
    def log_term(j):
        a, b = d + j / n, 1.0 - d - j / n
        if b <= 0.0:
            return -math.inf
        return math.lgamma(n + 1) - math.lgamma(j + 1) - math.lgamma(n - j + 1) + (j - 1) * math.log(a) + (n - j) * math.log(b)
    limit = 2.0 * sum((-1) ** (k - 1) * math.exp(-2.0 * k * k * n * d * d) for k in range(1, 101)) if n * d * d > 0.04 else 1.0
    if limit > 0.01:
        return limit
    logs = [log_term(j) for j in range(int(n * (1.0 - d)) + 1)]
    most = max(logs)
    log_p = math.log(2.0 * d * sum(math.exp(v - most) for v in logs)) + most if most > -math.inf else -math.inf
    return math.exp(log_p) if log_p > math.log(1e-300) else 0.0


def fisher(a, n, b, m):
    """a of n against b of m: all tables that are no likelier (Fisher 1935)."""
    marked = a + b

    def log_p(k):
        return (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + math.lgamma(m + 1) - math.lgamma(marked - k + 1)
                - math.lgamma(m - marked + k + 1))
    logs = [log_p(k) for k in range(max(0, marked - m), min(n, marked) + 1)]
    most = max(logs)
    total = sum(math.exp(v - most) for v in logs)
    return min(1.0, sum(math.exp(v - most) for v in logs if v <= log_p(a) + 1e-7) / total)


def adjust(p):
    """Benjamini, Hochberg 1995."""
    order = sorted(range(len(p)), key=lambda i: -p[i])
    adjusted, least = [0.0] * len(p), 1.0
    for rank, i in enumerate(order):
        least = min(least, p[i] * len(p) / (len(p) - rank))
        adjusted[i] = least
    return adjusted


def since(x, y, edges):
    """Log-likelihoods of one change of the shares of cells before each current row; cells lie between and on the edges."""
    def cell(v):
        return bisect.bisect_left(edges, v) + bisect.bisect_right(edges, v)

    def likelihood(counts):
        total = sum(counts)
        return sum(v * math.log(v / total) for v in counts if v > 0)
    before, after = ([0] * (2 * len(edges) + 1) for _ in "xy")
    for v in x:
        before[cell(v)] += 1
    for v in y:
        after[cell(v)] += 1
    logs = []
    for v in y:
        logs.append(likelihood(before) + likelihood(after))
        before[cell(v)] += 1
        after[cell(v)] -= 1
    return logs


def octiles(x):
    x = sorted(x)
    return {x[k * (len(x) - 1) // 8] for k in range(1, 8)}


def check_all(report, reference, current, alpha=0.05):
    """Everything that was reported about two tables of equal length without missing values, {name: numbers} each."""
    p, n = {}, len(next(iter(reference.values())))
    for name, c in report.columns.items():
        x, y = reference[name], current[name]
        is_boolean = set(x) | set(y) <= {0.0, 1.0}
        must(c["kind"] == ("boolean" if is_boolean else "numeric") and c["n_reference"] == c["n_current"] == n == len(y), c)
        if is_boolean:
            p[name] = fisher(round(sum(x)), n, round(sum(y)), n)
            must(abs(c["effect"] - (sum(y) - sum(x)) / n) < 1e-12, name, "effect", c["effect"])
            where = 1.0
        else:
            d, where = ks(x, y)
            must(abs(c["statistic"] - d) < 1e-12 and abs(c["effect"] - d) < 1e-12, name, "statistic", c["statistic"], d)
            p[name] = {"exact": ks_exact, "asymptotic": lambda d, n: ks_asymptotic(d, n // 2)}[c["p_from"]](d, n)
        near = 1e-7 if c["p_from"] == "exact" or p[name] < 0.01 else 0.02
        must(abs(c["p_value"] - p[name]) <= near * p[name] + 1e-300, name, "p", c["p_value"], p[name])
        must(abs(c["mean_reference"] - sum(x) / n) < 1e-9 and abs(c["mean_current"] - sum(y) / n) < 1e-9, name, "means")
        if c["moved"]:
            logs = since(x, y, [where] if is_boolean else sorted(octiles(x) | {c["where"]}))
            must(logs[c["since_row"] - 1] >= max(logs) - 1e-6, name, "since", c["since_row"], logs.index(max(logs)) + 1)
    told = [c["p_missing"] for c in report.columns.values() if c["p_missing"] is not None]
    must(all(q == 1.0 for q in told) and report.json["n_tests"] == len(p) + len(told), "tests:", report.json["n_tests"])
    names = list(p)
    adjusted = dict(zip(names, adjust([p[name] for name in names] + told)))
    for name in names:
        must(abs(report.columns[name]["p_adjusted"] - adjusted[name]) <=
             0.02 * adjusted[name] + 1e-300, name, "adjusted", adjusted[name])
    must(sorted(report.moved) == sorted(name for name in names if adjusted[name] <= alpha), "moved:", report.moved, adjusted)
    ranks = [adjusted[c["name"]] for c in report.json["columns"]]
    must(all(a <= b * 1.02 + 1e-300 for a, b in zip(ranks, ranks[1:])), "order:", ranks)
    for name, row in table(report.out).items():
        digits = "<1e-300" if adjusted[name] < 1e-300 else f"{adjusted[name]:.1e}" if adjusted[name] < 0.0005 else None
        must(digits is None or row["adjusted p"] in (digits, digits.replace("e-0", "e-")), name, row, digits)


def numbers(path):
    with open(path, newline="", encoding="utf-8") as f:
        rows = list(csv.reader(f))
    return rows[0], [list(map(float, row)) for row in rows[1:]]


def real(program, path, part, drop=()):
    """The first rows of a file against its last."""
    header, rows = numbers(path)
    first, last = rows[:part], rows[-part:]
    with tempfile.TemporaryDirectory() as d:
        texts = path.read_text("utf-8").splitlines()
        both = save(d, "both.csv", texts[:part + 1] + texts[len(texts) - part:])
        args = ["--drop", ",".join(drop)] if drop else []
        report = Report(program, both, "--split", part, *args)
        halves = Report(program, save(d, "first.csv", texts[:part + 1]),
                        save(d, "last.csv", texts[:1] + texts[len(texts) - part:]), *args)
    places = [(c.pop("since_row"), c.pop("since_line")) for c in halves.json["columns"]]
    kept = [{k: v for k, v in c.items() if not k.startswith("since")} for c in report.json["columns"]]
    must(halves.json["columns"] == kept, "two files and one that is split differ")
    must([a for a, _ in places] == [c["since_row"] for c in report.json["columns"]], "since:", places)
    must(all(c["since_line"] == c["since_row"] + 1 + part for c in report.json["columns"] if c["moved"]), "lines")
    must(all(b == a + 1 for a, b in places if a is not None), "lines:", places)
    columns = [j for j, name in enumerate(header) if name not in drop]
    check_all(report, {header[j]: [r[j] for r in first] for j in columns}, {header[j]: [r[j] for r in last] for j in columns})
    return report


def weather(program):
    """The first decade against the last, where every measurement stands one column further left."""
    report = real(program, WEATHER, 3652)
    must({c["p_from"] for c in report.json["columns"]} == {"exact"}, "p-values:", report.columns)
    must(set(report.moved) >= {"dew_point", "sea_level_pressure", "visibility", "wind_speed"}, report.moved)
    whole = Report(program, WEATHER, "--split", "3652", "--columns", "dew_point,sea_level_pressure", code=1)
    must(all(abs(3652 + c["since_row"] - 12001) <= 10 and c["since_line"] == 3653 + c["since_row"] for c in whole.columns.values()),
         "the drift that was put in at row 12,001:", whole.out)


def readme(program):
    """README.md shows what comes out."""
    text = (ROOT / "README.md").read_text("utf-8")
    words, shown = re.search(r"```text\n\$ compare (.*?)\n(.*?)```", text, re.S).groups()
    code, out, _ = run(program, *words.replace("examples/data/weather.csv", str(WEATHER)).split())
    must(code == 1 and out.replace(str(WEATHER), "examples/data/weather.csv") == shown, "README.md says another output:", out)


def elec2(program):
    """The first quarter against the last: prices and demands moved; the days and half-hours are what they were."""
    report = real(program, shared_data("elec2.csv"), 11328)
    must({c["p_from"] for c in report.json["columns"] if c["kind"] == "numeric"} == {"asymptotic"}, "p-values:", report.columns)
    must({"day", "period"} & set(report.moved) == set() and {"date", "nswprice", "nswdemand"} <= set(report.moved), report.moved)
    quick = Report(program, shared_data("elec2.csv"), "--split", "0.25", "--nominal", "day", "--drop", "date", code=1)
    must(quick.json["rows_reference"] == 11328 and quick.columns["day"]
         ["kind"] == "nominal" and "date" not in quick.columns, quick.out)
    must(not quick.columns["day"]["moved"] and len(quick.columns["day"]["categories"]) == 7, quick.columns["day"])


# Made-up data
# ----------------------------------------------------------------------------------------------------------------------

def steady(program):
    """Nothing has changed, nothing is reported; and a change is, from the row on where it began."""
    r = random.Random(5)
    with tempfile.TemporaryDirectory() as d:
        rows = [f"{r.gauss(0, 1):.6f},{r.choice('abc')},{r.randrange(2)}" for _ in range(900)]
        before, now = save(d, "before.csv", ["x,c,b"] + rows[:500]), save(d, "now.csv", ["x,c,b"] + rows[500:])
        report = Report(program, before, now, code=0)
        must("500 rows" in report.out and "400 rows" in report.out and "none of 3 columns" in report.last, report.out)
        same = Report(program, before, before, code=0)
        must(all(c["p_value"] == 1.0 and c["effect"] == 0.0 for c in same.columns.values()), same.columns)
        moved = rows[500:700] + [f"{r.gauss(1.5, 1):.6f}" + row[row.index(","):] for row in rows[700:]]
        report = Report(program, before, save(d, "moved.csv", ["x,c,b"] + moved), code=1)
        must(report.moved == ["x"] and abs(report.columns["x"]["since_row"] - 201) <= 15, report.out)
        must("1 of 3 columns moved (false discovery rate 5 %): 'x' (mean " in report.last, report.last)
        must(f"since row {report.columns['x']['since_row']} " in report.last, report.last)
        code, out, err = run(program, before, now, "--quiet")
        must(code == 0 and out.count("\n") == 1 and out.startswith("Nothing moved") and err == "", out, err)


NAMES = ["red, or so", 'gr"ee"n', "<b>blue</b>", "l'été & co"]


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def messy_lines(n, weights, missing, words, seed):
    r = random.Random(seed)
    lines = [";".join(map(quoted, ("a<i>", "col;or", "x", "ok")))]
    for i in range(n):
        x = "NA" if r.random() < missing else f"{r.gauss(0, 1):.4f}"
        name = "" if i % 50 == 7 else quoted(r.choices(NAMES, weights)[0])
        lines.append(f"{r.gauss(5, 2):.3f};{name};{x};{words[r.random() < 0.5]}")
        lines += [""] if i % 200 == 0 else []
    return lines


def messy(program):
    """Semicolons, CRLF, a byte order mark, quotes, blank lines, names that mean something to HTML, JSON and CSV; missing values."""
    before = messy_lines(800, [4, 3, 2, 1], 0.02, ("no", "yes"), 1)
    now = messy_lines(600, [1, 3, 2, 4], 0.20, ("no", "yes"), 2)
    with tempfile.TemporaryDirectory() as d:
        one = pathlib.Path(d) / "<before>.csv"
        one.write_bytes(("\ufeff" + "\r\n".join(before)).encode())
        report = Report(program, one, "-", stdin="\n".join(now).encode(), code=1)
    must(report.json["rows_reference"] == 800 and report.json["rows_current"] == 600 and report.json["current"] == "-", report.json)
    color, x = report.columns["col;or"], report.columns["x"]
    must(color["moved"] and color["kind"] == "nominal" and not color["moved_missing"], color)
    must([c["name"] for c in color["categories"]] == sorted(NAMES, key=str.encode), color["categories"])
    must(not x["moved"] and x["moved_missing"] and x["since_row"] is None, x)
    must(table(report.out)["x"]["moved?"] == "missing" and table(report.out)["x"]["missing"].startswith("2."), report.out)
    must(report.columns["ok"]["kind"] == "nominal" and not report.columns["ok"]["moved"], report.columns["ok"])
    must(re.match(r"(red, or so|l'été & co): \d+\.\d % -> \d+\.\d %$", table(report.out)["col;or"]["from -> to"]), report.out)
    for text in NAMES + ["a<i>", "<before>.csv"]:
        must(text in report.text, "the report lacks", text)
    must("b" not in report.page.seen and "i" not in report.page.seen and "before" not in report.page.seen, report.page.seen)
    for share, weights, n in (("reference", [4, 3, 2, 1], 800), ("current", [1, 3, 2, 4], 600)):
        shares = {c["name"]: c[share] for c in color["categories"]}
        must(abs(sum(shares.values()) - 1.0) < 1e-9, shares)
        must(all(abs(shares[name] - w / 10) < 4 * math.sqrt(w / 10 / n) for name, w in zip(NAMES, weights)), shares)


def kinds(program):
    """Which kind a column is, and chi-squared and missing values from their definitions."""
    r = random.Random(9)
    rows = []
    for i in range(600):
        late = i >= 300
        c = r.choices(("a", "b", "c"), (2, 1, 1) if late else (1, 1, 2))[0]
        rows.append([f"{i % 2}.0", ("TRUE", "false")[r.random() < (0.8 if late else 0.5)], c, str(i % 5), "null", str(r.random()),
                     "" if r.random() < (0.3 if late else 0.1) else "1"])
    rows[17][5] = "1,5"
    text = "\n".join([",".join(("zero", "word", "c", "five", "none", "odd", "gap"))] + [",".join(map(quoted, row)) for row in rows])
    report = Report(program, "-", "--split", "0.5", stdin=text.encode(), code=1)
    must({k: c["kind"] for k, c in report.columns.items()} == {"zero": "boolean", "word": "boolean", "c": "nominal",
                                                               "five": "numeric",
         "none": "numeric", "odd": "nominal", "gap": "boolean"}, report.columns)
    must(report.columns["none"]["p_value"] is None and table(report.out)
         ["none"]["moved?"] == "not compared", report.columns["none"])
    must("'none' was not compared: too few values" in report.out, report.out)
    must("'odd' is taken as categories, since not all of it is numbers: '1,5' in line 19\n" in report.out, report.out)
    must([c["name"] for c in report.columns["word"]["categories"]] == ["false", "true"], report.columns["word"])
    halves = rows[:300], rows[300:]
    counts = [[sum(row[2] == name for row in half) for name in "abc"] for half in halves]
    means = [(a + b) / 2 for a, b in zip(*counts)]
    chi = sum((k - mean) ** 2 / mean for half in counts for k, mean in zip(half, means))
    c = report.columns["c"]
    shares = [(s["name"], round(300 * s["reference"], 9), round(300 * s["current"], 9)) for s in c["categories"]]
    must(shares == list(zip("abc", *counts)), "shares:", shares, counts)
    must(abs(c["statistic"] - chi) < 1e-9 and abs(c["p_value"] / math.exp(-chi / 2) - 1) < 1e-9, c, chi)  # two degrees of freedom
    must(abs(c["effect"] - math.sqrt(chi / 600)) < 1e-9 and c["moved"], c)
    gaps = [sum(row[6] == "" for row in half) for half in halves]
    p = fisher(gaps[0], 300, gaps[1], 300)
    gap = report.columns["gap"]
    must(abs(gap["p_missing"] / p - 1) < 1e-7 and gap["moved_missing"] and not gap["moved"], gap, p)
    must(abs(gap["missing_reference"] - gaps[0] / 300) < 1e-12 and abs(gap["missing_current"] - gaps[1] / 300) < 1e-12, gap)
    pooled = [c[key] for c in report.columns.values() for key in ("p_value", "p_missing") if c[key] is not None]
    told = [c[key] for c in report.columns.values() for key in ("p_adjusted", "p_missing_adjusted") if c[key] is not None]
    must(len(pooled) == report.json["n_tests"] and all(abs(a - b) <= 1e-9 * b for a, b in zip(told, adjust(pooled))), told)
    forced = Report(program, "-", "--split", "300", "--nominal", "five,zero",
                    "--boolean", "gap", "--drop", "odd", stdin=text.encode(), code=1)
    must(forced.columns["five"]["kind"] == forced.columns["zero"]["kind"] == "nominal" and "odd" not in forced.columns, forced.out)


def splits(program):
    """A share, a number of rows, a value: the same place, the same answer; from standard input too."""
    lines = ["year,x"] + [f"{1990 + i // 100},{(i * 7919) % 1000 + (300 if i >= 500 else 0)}" for i in range(1000)]
    text = "\n".join(lines).encode()
    reports = [Report(program, "-", *args, "--columns", "x", stdin=text, code=1)
               for args in (("--split", "0.4"), ("--split", "400"), ("--by", "year=1994"))]
    must(all(r.json["columns"] == reports[0].json["columns"] and r.json["rows_reference"] == 400 for r in reports), "they differ")
    must(abs(reports[0].columns["x"]["since_row"] - 101) <= 25, reports[0].columns)
    must("year" not in Report(program, "-", "--by", "year=1994", stdin=text).columns, "the column of --by is compared")
    must("year" in Report(program, "-", "--by", "year=1994", "--columns", "year,x", stdin=text).columns, "it was asked for")
    for args, what in ((("--by", "year=2020"), "no row has the value"), (("--by", "year=1990"), "leaves no reference row"),
                       (("--split", "1000"), "leaves no current row"), (("--split", "0.0001"), "leaves no reference row"),
                       (("--by", "month=1"), "no column 'month' (--by); there are: year, x"),
                       (("--split", "0.5", "--drop", "y"), "(--drop)"), (("--split", "0.5", "--drop", "year,x"),
                                                                         "no column is left"),
                       (("--split", "9", "--columns", "z"), "(--columns)"), (("--split", "0.5", "--nominal", "x", "--boolean", "x"),
                                                                             "both nominal and boolean"),
                       (("--split", "0.5", "--boolean", "x"), "neither 0, 1, false nor true")):
        code, out, err = run(program, "-", *args, stdin=text)
        must(code == 3 and out == "" and what in err and re.match(r"stdin:\d+:\d+: ", err), args, code, err)


def settings(program):
    """alpha, the adjustment and the least effect decide as they should."""
    r = random.Random(3)
    lines = ["a,b,c"] + \
        [f"{r.gauss(0.17 * (i >= 1000), 1):.5f},{r.gauss(0, 1):.5f},{r.gauss(2 * (i >= 1000), 1):.5f}" for i in range(2000)]
    text = "\n".join(lines).encode()

    def moved(*args):
        return Report(program, "-", "--split", "0.5", *args, stdin=text)
    plain = moved()
    p = {name: c["p_value"] for name, c in plain.columns.items()}
    must(sorted(plain.moved) == ["a", "c"] and p["c"] < 1e-50 < p["a"] < 0.01 < p["b"], p)
    must(moved("--alpha", "1e-20").moved == ["c"] and moved("--min-effect", "0.3").moved == ["c"], "alpha, effect")
    must(moved("--min-effect", "0.9").code == 0, "effect")
    n = plain.json["n_tests"]
    for name, factor in (("none", 1.0), ("bonferroni", n), ("holm", n), ("benjamini_hochberg", n),
                         ("benjamini_yekutieli", n * sum(1 / k for k in range(1, n + 1)))):
        found = moved("--adjust", name)
        must(abs(found.columns["c"]["p_adjusted"] / (p["c"] * factor) - 1) <
             1e-9 and found.json["adjust"] == name, name, found.columns["c"])
    must("chance of any false alarm 5 %" in moved("--adjust", "holm").last, "promise")
    must("false alarms of each test 1 %" in moved("--adjust", "none", "--alpha", "0.01").last, "promise")


def methods(program):
    """Every method that --help names sees what is plain, and leaves alone what is not there."""
    code, out, _ = run(program, "--help")
    names = re.search(r"for numeric columns: (.*?)\n  --", out, re.S).group(1).replace("(default)", "").split()
    must(code == 0 and {"ks", "wasserstein", "welch"} <= set(names), names)
    r = random.Random(4)
    text = "\n".join(["x,y"] + [f"{r.gauss(3 * (i >= 60), 1):.4f},{(i * 37) % 60}" for i in range(120)]).encode()
    for name in names:
        report = Report(program, "-", "--split", "60", "--method", name, stdin=text, code=1)
        must(report.moved == ["x"] and report.columns["x"]["method"] == name, name, report.out)
        must(report.columns["y"]["p_value"] is None or report.columns["y"]["p_value"] > 0.2, name, report.columns["y"])


def watched(program, *args):
    """What comes on standard error if that is a terminal."""
    import pty
    import subprocess
    ours, theirs = pty.openpty()
    shown = b""
    done = subprocess.Popen([program, *args], stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # the other end is closed
        pass
    must(done.wait() in (0, 1), "exit code", done.returncode, shown)
    os.close(ours)
    return shown


def progress(program):
    """A bar, if standard error is a terminal and it takes long; it is cleared away."""
    if os.name != "posix":
        print("skipped: no pseudo-terminals here")
        sys.exit(77)
    r = random.Random(8)
    with tempfile.TemporaryDirectory() as d:
        for rows in (500 << k for k in range(10)):  # however fast the machine is, in the end it takes long
            lines = [",".join(f"{r.random():.5f}" for _ in range(40)) for _ in range(rows)]
            path = save(d, "wide.csv", [",".join(f"c{j}" for j in range(40))] + lines)
            shown = watched(program, path, "--split", "0.5", "--method", "wasserstein")
            if shown:
                break
        must(re.search(rb"compare +\[#* *\] +\d+ %", shown) and shown.endswith(b"\r\x1b[K"), "the bar:", shown)
        shown = watched(program, path, "--split", "0.5", "--method", "wasserstein", "--quiet")
        must(shown == b"", "--quiet shows:", shown)


BAD = [
    (b"", "1:1", "empty"),
    (b"a,b\n", "2:1", "no row"),
    (b"a,b\n1,2\n1\n", "3:1", "'b' is missing"),
    (b"a,b\n1,2\n1,2,3\n", "3:5", "more fields"),
    (b"\xef\xbb\xbfa;b\n1;0\n2;\"x\n3;1\n", "3:3", "never closed"),
    (b"a,b\r\n1,0\r\n\"2\"x,1\r\n", "3:4", "closing quotes"),
    (b"a,b\n1,0\n2,\x001\n", "3:3", "NUL"),
    (b"1,2\n3,4\n5,6\n", "1:1", "must name the columns"),
]


def bad_csv(program):
    for i, (text, place, what) in enumerate(BAD):
        args = ["--drop", "zzz"] if "must name" in what else []
        code, out, err = run(program, "-", "--split", "0.5", *args, stdin=text)
        must(code == 3 and out == "" and err.startswith(f"stdin:{place}: ")
             and what in err and err.count("\n") == 1, "case", i, code, err)
    with tempfile.TemporaryDirectory() as d:
        good = save(d, "good.csv", ["a,b", "1,2", "3,4"])
        for text, place, what in ((["a,c", "1,2"], "1:3", "column 2 is 'c', but 'b' in the reference"),
                                  (["a", "1"], "1:1", "'b' is missing"),
                                  (["a,b,c", "1,2,3"], "1:5", "'c', is not in the reference"),
                                  (["a,b", "1,2", "3"], "3:1", "'b' is missing"), (["a,b"], "2:1", "no row"),
                                  (["a,\x1b[31m", "1,2"], "1:3", "'?[31m'")):
            path = save(d, "bad.csv", text)
            code, out, err = run(program, good, path)
            must(code == 3 and out == "" and err.startswith(f"{path}:{place}: ")
                 and what in err and err.count("\n") == 1, text, code, err)
        code, _, err = run(program, good, pathlib.Path(d) / "none.csv")
        must(code == 3 and "none.csv" in err and err.startswith("compare: "), code, err)
        code, _, err = run(program, good, d)
        must(code == 3 and err.startswith("compare: "), code, err)
        for option in ("--html", "--json"):
            code, _, err = run(program, good, good, option, pathlib.Path(d) / "none" / "x.out")
            must(code == 3 and "x.out" in err, code, err)
        code, out, _ = run(program, save(d, "huge.csv", ["a,b", "1e200,\x1b[31m", "2e200,\xe9"]), "--split", "1")
        must(code == 0 and "'a' was not compared: a value is too large" in out and "\x1b" not in out and "?[31m: " in out, out)


def usage(program):
    code, out, err = run(program, "--help")
    must(code == 0 and err == "" and "usage: compare" in out and "--method" in out and "Exit code 0: nothing moved" in out, out)
    code, out, _ = run(program, "--version")
    must(code == 0 and re.fullmatch(r"compare, kedge \d+\.\d+\.\d+\n", out), out)
    for args in ([], ["a"], ["a", "b", "c"], ["a", "--split"], ["a", "--split", "0"], ["a", "--split", "1.5"],
                 ["a", "--split", "nan"], ["a", "--split", "-3"], ["a", "b", "--split", "2"], ["a", "--split",
                     "2", "--by", "x=1"], ["a", "--by", "x"], ["a", "--by", "=1"],
                 ["-", "-"], ["a", "b", "--alpha", "0"], ["a", "b", "--alpha",
                     "1"], ["a", "b", "--alpha", "x"], ["a", "b", "--min-effect", "-1"],
                 ["a", "b", "--adjust", "hope"], ["a", "b", "--method", "nose"], ["a", "b", "--method", "fisher"],
                 ["a", "b", "--nonsense", "1"]):
        code, out, err = run(program, *args)
        must(code == 2 and err.startswith("compare: ") and "Try 'compare --help'" in err and out == "", args, code, err)


def main():
    cases = {"weather": weather, "elec2": elec2, "steady": steady, "messy": messy, "kinds": kinds, "splits": splits,
             "settings": settings,
             "methods": methods, "progress": progress, "bad_csv": bad_csv, "usage": usage,
             "readme": readme}
    cases[sys.argv[2]](sys.argv[1])


if __name__ == "__main__":
    main()
