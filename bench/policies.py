#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes docs/policies.md and its plots from what bench-policies measures: policies.py PROGRAM DIR DATA DOCS [--seeds N]
[--write-only]

DIR keeps the tables and results; DATA holds elec2.csv and sea.csv, which are left out where they are absent."""
import argparse
import json
import statistics
import subprocess
from pathlib import Path

from learners import numbers

HERE = Path(__file__).resolve().parent
RECORDED = (("weather", "rain", ()), ("elec2", "up", ("date",)), ("sea", "y", ()))
MADE = ("made_sea", "made_hyperplane", "made_recurring")
NAMES = {"made_sea": "SEA, made", "made_hyperplane": "hyperplane, made", "made_recurring": "recurring, made", "weather": "weather",
         "elec2": "Elec2",
         "sea": "SEA"}
MODELS = {"gaussian_nb": "Gaussian naive Bayes", "random_forest": "random forest, 20 trees", "logistic": "logistic regression",
          "adaptive_tree": "Hoeffding adaptive tree"}
COLOURS = {"static": "#999", "every 1 %": "#1f77b4", "drift: adwin": "#d62728", "level 2, recall": "#2ca02c", "online": "#9467bd"}
YARDSTICK = "every 1 %"

HEAD = """# Policies of retraining {#policies}

Train once, at every so many rows, on drift, or at every row? `tools/bench policies` runs all of them through the same pipeline, test-then-train, and
writes this page. Recorded streams are the weather of `examples/data`, Elec2 and SEA. Made ones (%(seeds)d seeds each) change suddenly: SEA's four concepts and
four hyperplanes, 5,000 rows each; and three hyperplanes that come back, 2,500 rows each. There the truth is known: candidates are judged on 4,000 rows
of the present concept that no policy sees. On recorded streams they are judged on the next 1,000 rows, which can belong to another concept already.

- All start with a model of the first rows, a twentieth of the stream but at most 1,000, and keep as many for a training.
- **every 1 %%, 5 %%**: trained on the whole window by count, promoted without a gate. This is the yardstick of accuracy and cost.
- **every 1 %%, gate**: the same with the gate, which holds every fifth row back.
- **drift**: when a detector of the errors signals, on the rows since the change, and again when these have doubled; with the gate, and a budget of a
  fifth of the rows that the yardstick trains on (`train_share`).
- **drift or rows**: by triggers, also whenever as many rows as the window holds have come since the last training, within the same budget.
- **level 2**: on drift, by a trigger, and with a rollout that goes on comparing both models in production for up to 500 rows; **recall** also asks
  earlier models whether they fit, from 32 rows after the drift was signalled on, also when a new one serves. Both within the same budget.
- **online**: learns every row. Models that only fit have no such line, those that only learn have no other.

*of 1 %%* is accuracy as a share of the yardstick's, *rows* and *time* the cost of its trainings likewise. All pipelines that retrain keep their versions in a
store here, which hashes them: for naive Bayes that takes as long as the training. *ns a row* is everything, predictions included. *worst* is the greatest
fall of the accuracy on unseen rows that a promotion made, in points; *refused* tells how many candidates that were better by two points or more the gate or
the rollout refused, of how many. *rows to recover* is the median number of rows from a change until the model that serves is within two points of what
a model trained on a whole window of that concept reaches: to a new concept / to one that was there before. A change that is never answered counts
with all its rows.
Measured on a shared machine that others used at the time; accuracies and counts are the same anywhere, times are not.
"""

TAIL = """
*Overtaken* are promotions of models that were trained on the concept before the present one: the rows that spoke for them were of that concept, and nothing
had told yet that it was over. *Given up* are candidates that were still on trial when one that was trained on more rows, or newer ones, took their place.
A gate that compares the mean errors of the held-back rows, as this one did once, is quicker, and made 7 of 928 promotions worse while it refused 10.9 %
of the better ones: a training on 200 rows holds 40 of them back, and one standard deviation of a difference on 40 rows is about four points. A challenger on
trial also waits while it errs unusually often on its newest rows: without that two promotions here were worse by 2.0 and 2.5 points, 27 and 21 rows after the
concept had ended of which 1,100 and 1,700 rows spoke. Being sure takes rows: to a new concept ADWIN's drift recovers later than
retraining at every 1 % does without a gate.

Page-Hinkley and HDDM-W miss changes of made streams. Training by rows as well makes up for much of that, within the budget; with ADWIN, which
finds them, it takes the budget from better trainings of the recurring stream, and on Elec2 nothing is left of it. So it is no default, but a second trigger for
whoever does not trust a detector. Training on the whole window at drift (#KEDGE_SELECT_WINDOW), or once more after a training in vain (`again_rows`), did not win on all streams either.

The labels of Elec2 follow each other, so that every detector signals again and again: without the budget ADWIN's trainings would cost twice as much there. And
logistic regression that learns every row is far better than all of them.
"""


def prepare(directory, data):
    """The recorded streams as tables."""
    for name, target, without in RECORDED:
        path = HERE.parent / "examples/data/weather.csv" if name == "weather" else data / f"{name}.csv"
        if not path.exists():
            print(f"{name}: skipped, {path} is absent")
            continue
        with path.open(encoding="utf-8") as file:
            rows, labels = numbers(file, target, without)
        with (directory / name).open("w", encoding="utf-8") as out:
            out.write(f"{len(rows)} {len(rows[0])} {max(labels) + 1}\n")
            out.writelines(f"{' '.join(row)} {label}\n" for row, label in zip(rows, labels))
        yield name


def measure(program, directory, data, seeds):
    commands = [[directory / name] for name in prepare(directory, data)] + [[name, seeds, "gaussian_nb"]
                                                                            for name in MADE] + [["cost"]]
    with (directory / "policies.jsonl").open("w", encoding="utf-8") as out:
        for words in commands:
            subprocess.run([str(program), *map(str, words)], stdout=out, check=True)


def mean(runs, field):
    return statistics.fmean(run[field] for run in runs)


def median(runs, field):
    rows = [n for run in runs for n in run[field]]
    return f"{statistics.median(rows):,.0f}" if rows else "-"


def share(runs, yardstick, field):
    return f"{100 * mean(runs, field) / mean(yardstick, field):.1f}" if yardstick and mean(yardstick, field) > 0 else "-"


def line(policy, runs, yardstick):
    """A row of the table."""
    retrains = any(run["trainings"] for run in runs)
    better, refused = (sum(run[field] for run in runs) for field in ("better", "better_refused"))
    ns = next((run["ns"] for run in runs if run["ns"]), 0)
    back = f"{median(runs, 'new')} / {median(runs, 'back')}" if any(run["new"] for run in runs) else "-"
    cells = [policy, f"{mean(runs, 'accuracy'):.4f}", share(runs, yardstick, "accuracy"), f"{mean(runs, 'trainings'):.1f}"
             if retrains else "-", share(runs, yardstick, "trained_rows") if retrains else "-", share(runs, yardstick, "train_ns")
             if retrains else "-", f"{ns:,.0f}", f"{100 * max(run['worst'] for run in runs):.1f}" if retrains else "-",
             f"{refused} of {better}" if retrains else "-", back]
    return "| " + " | ".join(cells) + " |"


def tables(runs):
    """A section for each stream and model."""
    groups = {}
    for run in runs:
        groups.setdefault((run["stream"], run["model"]), {}).setdefault(run["policy"], []).append(run)
    text, titled = "", None
    for (stream, model), policies in groups.items():
        if all(name == "online" for name in policies) and titled == stream:
            text += line(f"online, {MODELS[model]}", policies["online"], None) + "\n"
            continue
        titled = stream
        text += f"\n## {NAMES[stream]}: {MODELS[model]}\n\n"
        if model == "gaussian_nb":
            text += f"![accuracy over the stream](images/policies_{stream}.svg)\n\n"
        text += "| policy | accuracy | of 1 %, % | trainings | rows, % | time, % | ns a row | worst | refused | rows to recover |\n"
        text += "| --- " * 10 + "|\n"
        for policy, some in policies.items():
            text += line(policy, some, policies.get(YARDSTICK)) + "\n"
    return text


def plot(runs, path):
    """Accuracy in twenty parts of the stream; of made streams that of the first seed."""
    width, height, left, bottom, parts = 720, 300, 60, 40, 20
    curves = {run["policy"]: [statistics.fmean(run["curve"][i * 5:i * 5 + 5])
                              for i in range(parts)] for run in runs if run["curve"]}
    shown = {name: curves[name] for name in COLOURS if name in curves}
    low = min(min(curve) for curve in shown.values()) // 0.1 / 10
    high = 1.0

    def x_of(i):
        return left + (i + 0.5) / parts * (width - left - 130)

    def y_of(accuracy):
        return height - bottom - (accuracy - low) / (high - low) * (height - bottom - 16)

    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for k in range(round((high - low) * 10) + 1):
        level = low + k / 10
        lines.append(f'<line x1="{left}" x2="{width - 130}" y1="{y_of(level):.1f}" y2="{y_of(level):.1f}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y_of(level) + 4:.1f}" text-anchor="end">{level:.1f}</text>')
    lines.append(f'<text x="{(left + width - 130) / 2:.0f}" y="{height - 12}" text-anchor="middle">accuracy over the stream, in '
                 f'twentieths</text>')
    at = 0.0
    for name, curve in sorted(shown.items(), key=lambda item: -item[1][-1]):
        points = " ".join(f"{x_of(i):.1f},{y_of(accuracy):.1f}" for i, accuracy in enumerate(curve))
        at = max(at + 15, y_of(curve[-1]))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>'
                     f'<text x="{width - 126}" y="{at + 4:.1f}" fill="{COLOURS[name]}">{name}</text>')
    path.write_text("\n".join(lines + ["</svg>", ""]), encoding="utf-8")


def costs(lines):
    """What a pipeline costs a row."""
    text = ("\n## What the pipeline costs\n\nNanoseconds a row that is predicted, labelled and stepped, beyond a loop that only "
            "predicts, Gaussian naive Bayes of 8 features, "
            "ADWIN, while nothing changes: median of 101 runs of 20,000 rows, with the quartiles, in the time that the process had "
            "for itself. `level 2` has triggers, rollout, store, events and recall.\n\n"
            "| pipeline | ns a row | quartiles | allocations | bytes | a byte less is refused |\n" + "| --- " * 6 + "|\n")
    for row in lines:
        text += (f"| {row['pipeline']} | {row['ns']:.0f} | {row['lower']:.0f} to {row['upper']:.0f} | {row['allocations']} | "
                 f"{row['bytes']:,} | "
                 f"{'yes' if row['is_exact'] else 'no'} |\n")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("directory", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--write-only", action="store_true", help="from the results that are there")
    args = parser.parse_args()
    args.directory.mkdir(exist_ok=True)
    if not args.write_only:
        measure(args.program, args.directory, args.data, args.seeds)
    rows = [json.loads(text) for text in (args.directory / "policies.jsonl").read_text(encoding="utf-8").splitlines()]
    runs = [row for row in rows if "policy" in row]
    seeds = max(run["seed"] for run in runs)
    (args.docs / "policies.md").write_text(HEAD % {"seeds": seeds} + findings(runs) + tables(runs) + costs([row
        for row in rows if "pipeline" in row]),
                                           encoding="utf-8")
    (args.docs / "images").mkdir(exist_ok=True)
    for stream in {run["stream"] for run in runs}:
        plot([run for run in runs if run["stream"] == stream and run["model"] == "gaussian_nb"],
             args.docs / "images" / f"policies_{stream}.svg")


def findings(runs):
    """The promises, and whether they are kept."""
    bayes = [run for run in runs if run["model"] == "gaussian_nb"]

    def of(policy, stream):
        return [run for run in bayes if run["policy"] == policy and run["stream"] == stream]

    text = ("\n## Findings\n\nRetraining on drift is to reach 98 % of the accuracy of retraining at every 1 % of the stream, at 20 "
            "% of its cost in rows. With ADWIN and naive "
            "Bayes:\n\n| stream | accuracy, % of it | rows, % of it | both |\n| --- | --- | --- | --- |\n")
    for stream in dict.fromkeys(run["stream"] for run in bayes):
        drift, every = of("drift: adwin", stream), of(YARDSTICK, stream)
        accuracy, cost = (100 * mean(drift, field) / mean(every, field) for field in ("accuracy", "trained_rows"))
        text += f"| {NAMES[stream]} | {accuracy:.1f} | {cost:.1f} | {'yes' if accuracy >= 98 and cost <= 20 else 'no'} |\n"
    plain, recall = of("level 2", "made_recurring"), of("level 2, recall", "made_recurring")
    rows = [[n for run in some for n in run["back"]] for some in (plain, recall)]
    after = [[n for run in some for n in run["back_after"]] for some in (plain, recall)]
    text += ("\nA concept that comes back is to be recovered in at most half the rows of a fresh training. Three hyperplanes "
             "that come back, ADWIN, level 2, median and mean of the rows until the model that serves is right again, from the "
             "change, where one that is never answered counts with all its rows, and from the first drift that was signalled "
             "before that, since the detector's delay is the same for both:\n\n"
             "| rows | fresh training | with recall | % of it |\n| --- | --- | --- | --- |\n")
    for name, figure in (("median", statistics.median), ("mean", statistics.fmean)):
        for since, some in (("change", rows), ("signal", after)):
            fresh, back = map(figure, some)
            text += f"| {name}, from the {since} | {fresh:,.0f} | {back:,.0f} | {100 * back / fresh:.0f} |\n"
    text += (f"\nA drift was signalled before recovery at {len(after[1])} of {len(rows[1])} changes with recall, at "
             f"{len(after[0])} without. What is left: changes that no detector finds, since the model that serves is as bad in "
             "the next concept; and concepts whose only earlier model never became good.\n")
    text += ("\nNo promotion behind the gate is to make the accuracy on unseen rows worse by more than a point, and at most 5 % of "
             "the candidates that are better by two "
             "points are to be refused. On made streams, all seeds, naive Bayes:\n\n| policy | promotions | worse by a point | of "
             "these overtaken | the worst, points | better by two points | "
             "of these refused, % | given up, % |\n" + "| --- " * 8 + "|\n")
    gated = [run for run in bayes if run["stream"] in MADE and run["trainings"] and run["policy"] not in (YARDSTICK, "every 5 %")]
    for policy in dict.fromkeys(run["policy"] for run in gated):
        some = [run for run in gated if run["policy"] == policy]
        better, refused, given_up, worse, overtaken, promotions = (sum(run[field] for run in some) for field in (
            "better", "better_refused", "better_given_up", "worse", "overtaken", "promotions"))
        text += (f"| {policy} | {promotions:,} | {worse} | {overtaken} | {100 * max(run['worst'] for run in some):.1f} | "
                 f"{better:,} | "
                 f"{100 * refused / max(better, 1):.1f} | {100 * given_up / max(better, 1):.1f} |\n")
    return text + TAIL


main()
