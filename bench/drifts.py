#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kedge's learners beside MOA's on made streams of every kind of drift, test-then-train: drifts.py DIR DOCS [options]

DIR is what tools/bench has prepared: `kedge` (a build directory) and `moa`. MOA's measurements are kept in DIR/drifts.jsonl, so
that a run goes on where it was interrupted; kedge's are made anew. Writes the section of DOCS/learners.md."""
import argparse
import json
import statistics
from pathlib import Path

from drift_streams import STREAMS
from learners import DRIFTS, Program, section_of, share

OWN = {"auto": "portfolio, `kedge_auto`", "adaptive_forest": "adaptive random forest", "sam_knn": "SAM-kNN, deviations",
       "last": "last label",
       "usual": "most frequent label"}
MOA = {"adaptive random forest": "meta.AdaptiveRandomForest -s 10", "leveraging bagging": "meta.LeveragingBag",
       "Hoeffding tree": "trees.HoeffdingTree",
       "Hoeffding adaptive tree": "trees.HoeffdingAdaptiveTree", "naive Bayes": "bayes.NaiveBayes",
       "naive Bayes with HDDM-A": "drift.SingleClassifierDrift -l bayes.NaiveBayes -d HDDM_A_Test",
       "Hoeffding tree with DDM": "drift.SingleClassifierDrift",
       "nearest neighbours": "lazy.kNN", "SAM-kNN": "lazy.SAMkNN"}


def table(directory, stream, seed):
    """The stream as a file that all programs read."""
    path = directory / "drifts" / f"{stream}.{seed}"
    path.parent.mkdir(exist_ok=True)
    rows = list(STREAMS[stream][1](seed))
    with path.open("w", encoding="utf-8") as out:
        out.write(f"{len(rows)} {len(rows[0][0])} {max(y for _, y in rows) + 1}\n")
        out.writelines(f"{' '.join(str(round(value, 6)) for value in x)} {y}\n" for x, y in rows)
    return path


def measure(directory, seeds):
    """Accuracy by stream, who and learner, a list of one for each seed."""
    log = directory / "drifts.jsonl"
    known = {}
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        run = json.loads(line)
        known[run["stream"], run["seed"], run["learner"]] = run["accuracy"]
    found = {}
    for stream in STREAMS:
        for seed in range(1, seeds + 1):
            path = table(directory, stream, seed)
            own = Program([directory / "kedge/bench/bench-learners", path])
            for learner in OWN:
                found.setdefault((stream, "kedge", learner), []).append(own.ask(f"{learner} 0")["accuracy"])
            own.end()
            moa = None
            for learner, words in MOA.items():
                if (stream, seed, learner) not in known:
                    moa = moa or Program(["java", "-Xmx2g", "-cp", f"{directory}/moa/moa.jar:{directory}/moa", "MoaLearners", path])
                    known[stream, seed, learner] = moa.ask(words)["accuracy"]
                    with log.open("a", encoding="utf-8") as out:
                        out.write(json.dumps({"stream": stream, "seed": seed, "learner": learner,
                                              "accuracy": known[stream, seed, learner]}) + "\n")
                found.setdefault((stream, "MOA", learner), []).append(known[stream, seed, learner])
            if moa:
                moa.end()
        print(f"{stream}: done", flush=True)
    return {key: statistics.mean(values) for key, values in found.items()}


def section(found, seeds):
    lines = [f"## {DRIFTS}", "",
             f"Made by `bench/drift_streams.py`, with its seeds 1 to {seeds}; the means of them. `tools/bench drifts` writes this "
             f"section. The best of the "
             "peers is another one on each stream; with one learner for all of them one has the row of that learner.", "",
             "| stream | what changes |", "| --- | --- |"]
    lines += [f"| {stream} | {what} |" for stream, (what, _) in STREAMS.items()]
    rows = [("kedge", learner, title) for learner, title in OWN.items()] + [("MOA", learner, learner) for learner in MOA]
    for part in (list(STREAMS)[:8], list(STREAMS)[8:]):
        lines += ["", "| learner | by | " + " | ".join(part) + " |", "| --- | --- |" + " ---: |" * len(part)]
        lines += [f"| {title} | {who} | " + " | ".join(share(found[s, who, learner]) for s in part) + " |"
                  for who, learner, title in rows]
        best = [max(found[s, "MOA", learner] for learner in MOA) for s in part]
        lines.append("| *best of these peers* | | " + " | ".join(share(x) for x in best) + " |")
        lines.append("| *portfolio less best* | | " + " | ".join(f"{found[s, 'kedge', 'auto'] - x:+.4f}"
                                                                 for s, x in zip(part, best)) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    page = arguments.docs / "learners.md"
    before = section_of(page, DRIFTS)
    now = section(measure(arguments.directory, arguments.seeds), arguments.seeds)
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(before, now) if before else f"{text.rstrip()}\n\n{now}", encoding="utf-8")


if __name__ == "__main__":
    main()
