#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kedge's learners beside MOA's and river's, test-then-train on the same rows: learners.py DIR DATA DOCS [options]

DIR is what tools/bench has prepared: `kedge` (a build directory), `python` (a virtual environment with river) and `moa`; DATA holds
elec2.csv and sea.csv, which are left out where they are absent. Programs take turns, round after round; ratios are formed within a
round and their median is shown. Writes DOCS/learners.md and every single measurement to DIR/learners.jsonl."""
import argparse
import csv
import gzip
import json
import os
import platform
import statistics
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
TITLES = {"auto": "portfolio, `kedge_auto`", "adaptive_forest": "adaptive random forest, 10 trees",
          "hoeffding_tree": "Hoeffding tree",
          "adaptive_tree": "Hoeffding adaptive tree", "efdt": "extremely fast decision tree", "last_tree": "LAST",
          "logistic": "logistic regression",
          "linear": "linear, logistic loss", "gaussian_nb": "Gaussian naive Bayes", "last": "last label",
          "usual": "most frequent label"}
MOA = {"adaptive_forest": "meta.AdaptiveRandomForest -s 10", "hoeffding_tree": "trees.HoeffdingTree",
       "adaptive_tree": "trees.HoeffdingAdaptiveTree", "efdt": "trees.EFDT", "last_tree": "trees.LAST",
       "gaussian_nb": "bayes.NaiveBayes"}
MOA_ALONE = {"leveraging bagging": "meta.LeveragingBag",
             "naive Bayes with HDDM-A": "drift.SingleClassifierDrift -l bayes.NaiveBayes -d HDDM_A_Test"}
BUDGETS = (4000, 3000, 2000, 1500, 1000, 700, 500, 300)  # nanoseconds a row
RIVER = ("adaptive_forest", "hoeffding_tree", "adaptive_tree", "efdt", "last_tree", "gaussian_nb", "logistic")
DRIFTS = "Streams of every kind of drift"
MEMORY = {"adaptive_forest": (100_000, 200_000, 400_000, 1 << 20, 8 << 20), "hoeffding_tree": (4096, 8192, 16384, 32768, 1 << 20),
          "adaptive_tree": (4096, 8192, 16384, 1 << 20), "efdt": (4096, 8192, 16384, 1 << 20),
          "last_tree": (4096, 8192, 16384, 1 << 20)}


def numbers(path_or_lines, target, without=()):
    """Rows and labels of a CSV file; labels become 0, 1, ..."""
    reader = csv.reader(path_or_lines)
    names = next(reader)
    keep = [j for j, name in enumerate(names) if name != target and name not in without]
    at = names.index(target)
    rows, labels = [], []
    for row in reader:
        rows.append([row[j] for j in keep])
        labels.append(row[at])
    order = {label: i for i, label in enumerate(sorted(set(labels)))}
    return rows, [order[label] for label in labels]


def sources(data, river):
    """Name, open text, target and columns left out, of each stream that there is."""
    for name, target, without in (("elec2", "up", ("date",)), ("sea", "y", ())):
        path = data / f"{name}.csv"
        if path.exists():
            yield name, path.open(encoding="utf-8"), target, without
        else:
            print(f"{name}: skipped, {path} is absent")
    yield "weather", (HERE.parent / "examples/data/weather.csv").open(encoding="utf-8"), "rain", ()
    for name, target in (("shuttle", "anomaly"), ("phishing", "is_phishing")):
        yield name, gzip.open(river / f"{name}.csv.gz", "rt", encoding="utf-8"), target, ()


def prepare(directory, data):
    """The streams as tables that all programs read. Returns their paths by name."""
    river, = (directory / "python").glob("lib/python3*/site-packages/river/datasets")
    tables = {}
    for name, file, target, without in sources(data, river):
        with file:
            rows, labels = numbers(file, target, without)
        tables[name] = directory / f"{name}.table"
        with tables[name].open("w", encoding="utf-8") as out:
            out.write(f"{len(rows)} {len(rows[0])} {max(labels) + 1}\n")
            out.writelines(f"{' '.join(row)} {label}\n" for row, label in zip(rows, labels))
    return tables


class Program:
    """A program that answers requests."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Bench:
    """All measurements, by stream, who and learner."""

    def __init__(self, directory, tables, rounds):
        self.directory, self.tables, self.rounds = directory, tables, rounds
        self.runs = {}
        self.log = (directory / "learners.jsonl").open("w", encoding="utf-8")

    def keep(self, stream, who, learner, answer):
        self.runs.setdefault((stream, who, learner), []).append(answer)
        self.log.write(json.dumps({"stream": stream, "who": who, "learner": learner, **answer}) + "\n")
        self.log.flush()

    def run(self, stream):
        """All learners on one stream."""
        table = self.tables[stream]
        own = Program([self.directory / "kedge/bench/bench-learners", table])
        moa = Program(["java", "-Xmx2g", "-cp", f"{self.directory}/moa/moa.jar:{self.directory}/moa", "MoaLearners", table])
        for name, words in MOA.items():
            moa.ask(words)  # warms the compiler
        for _ in range(self.rounds):
            for learner in TITLES:
                self.keep(stream, "kedge", learner, own.ask(f"{learner} 0"))
                if learner in MOA:
                    self.keep(stream, "MOA", learner, moa.ask(MOA[learner]))
        for name, words in MOA_ALONE.items():
            self.keep(stream, "MOA", name, moa.ask(words))
        if stream == "elec2":
            for learner, sizes in MEMORY.items():
                for memory in sizes:
                    self.keep(stream, "kedge", f"{learner} {memory}", own.ask(f"{learner} {memory}"))
            for budget in BUDGETS:
                for _ in range(self.rounds):
                    self.keep(stream, "kedge", f"auto@{budget}", own.ask(f"auto@{budget} 0"))
        moa.end()
        own.end()
        river = Program([self.directory / "python/bin/python", HERE / "peers/river_learners.py", table])
        for learner in RIVER:
            self.keep(stream, "river", learner, river.ask(learner))
        river.end()
        print(f"{stream}: done", flush=True)

    def accuracy(self, stream, who, learner):
        runs = self.runs.get((stream, who, learner))
        return statistics.mean(run["accuracy"] for run in runs) if runs else None

    def ratio(self, stream, who, learner):
        """How many times kedge's time a peer takes: median and spread, within rounds."""
        own, peer = self.runs[stream, "kedge", learner], self.runs[stream, who, learner]
        ratios = sorted(p["ns"] / o["ns"] for o, p in zip(own, peer)) if len(peer) > 1 else sorted(peer[0]["ns"] / o["ns"]
                                                                                                   for o in own)
        return statistics.median(ratios), ratios[0], ratios[-1]


def share(x):
    return "-" if x is None else f"{x:.4f}"


def accuracy_table(bench):
    streams = list(bench.tables)
    lines = ["| learner | by | " + " | ".join(streams) + " |", "| --- | --- |" + " ---: |" * len(streams)]
    for learner, title in TITLES.items():
        for who in ("kedge", "MOA", "river"):
            if (streams[0], who, learner) in bench.runs:
                lines.append(f"| {title} | {who} | " + " | ".join(share(bench.accuracy(s, who, learner)) for s in streams) + " |")
    for learner in MOA_ALONE:
        lines.append(f"| {learner} | MOA | " + " | ".join(share(bench.accuracy(s, "MOA", learner)) for s in streams) + " |")
    best = [max(r for (stream, who, _), runs in bench.runs.items() if stream == s and who != "kedge"
                for r in [statistics.mean(x["accuracy"] for x in runs)]) for s in streams]
    lines.append("| *best of these peers* | | " + " | ".join(share(x) for x in best) + " |")
    return lines


def speed_table(bench):
    stream = next(iter(bench.tables))
    lines = [f"Rows of {stream}, predicted and learned one by one.", "",
             "| learner | ns a row | rows a second | bytes | MOA takes | river takes |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for learner, title in TITLES.items():
        runs = bench.runs[stream, "kedge", learner]
        ns = statistics.median(run["ns"] for run in runs)
        cells = []
        for who in ("MOA", "river"):
            if (stream, who, learner) in bench.runs:
                median, low, high = bench.ratio(stream, who, learner)
                cells.append(f"{median:.3g} times ({low:.3g} to {high:.3g})")
            else:
                cells.append("")
        lines.append(f"| {title} | {ns:,.0f} | {1e9 / ns:,.0f} | {runs[0]['bytes']:,} | {cells[0]} | {cells[1]} |")
    return lines


def memory_table(bench):
    lines = ["| learner | bytes | accuracy on elec2 |", "| --- | ---: | ---: |"]
    for (stream, _, learner), runs in bench.runs.items():
        if " " in learner and learner.split()[0] in MEMORY and stream == "elec2":
            lines.append(f"| {TITLES[learner.split()[0]]} | {runs[0]['bytes']:,} | {runs[0]['accuracy']:.4f} |")
    return lines


def budget_table(bench):
    lines = ["| budget, ns a row | ns a row | accuracy on elec2 |", "| ---: | ---: | ---: |"]
    for learner in ("auto", *(f"auto@{budget}" for budget in BUDGETS)):
        runs = bench.runs["elec2", "kedge", learner]
        ns, accuracy = (statistics.median(run[key] for run in runs) for key in ("ns", "accuracy"))
        lines.append(f"| {learner[5:] or 'none'} | {ns:,.0f} | {accuracy:.4f} |")
    return lines


def section_of(page, title):
    """A section of a page, with its heading, as it stands; "" if there is none."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    _, found, rest = text.partition(f"## {title}\n")
    return f"## {title}\n{rest.partition(chr(10) + '## ')[0].rstrip()}\n" if found else ""


def write(bench, docs):
    of_drifts = section_of(docs / "learners.md", DRIFTS)  # which tools/bench drifts writes
    text = ["# Learners beside their peers {#learners}", "",
            "Test-then-train: each row is predicted, then learned, in the order of the stream; the accuracy is over all rows. "
            "Everybody gets the same columns, in the same "
            f"units, and its defaults. `tools/bench learners` writes this page ({platform.machine()}, {os.cpu_count()} cores).", "",
            "## Accuracy", "", *accuracy_table(bench), "",
            "MOA: the jar of CapyMOA 0.15.1. river: 0.26.1; its logistic regression has a standard scaler before it.", "",
            "## Speed", "", *speed_table(bench), "",
            f"One core, CPU time; MOA's compiler was warm. The median of {bench.rounds} rounds, and the least and greatest; river "
            f"ran once.", ""]
    if "elec2" in bench.tables:
        text += ["## Accuracy and memory", "", *memory_table(bench), "", "## Accuracy and time", "",
                 f"The portfolio with a budget, reports every 500 rows; medians of {bench.rounds} runs.", "", *budget_table(bench),
                 ""]
    (docs / "learners.md").write_text("\n".join(text) + (f"\n{of_drifts}" if of_drifts else ""), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    tables = prepare(arguments.directory, arguments.data)
    bench = Bench(arguments.directory, tables, arguments.rounds)
    for stream in tables:
        bench.run(stream)
    write(bench, arguments.docs)


if __name__ == "__main__":
    main()
