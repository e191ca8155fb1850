#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kedge's detectors against river's and MOA's on the same input: compare_detectors.py DIR [options]

DIR is what tools/bench has prepared: `kedge` (a build directory), `python` (a virtual environment with river) and `moa` (jar and compiled
driver). All programs of one input run side by side and take turns, round after round, so that a machine that slows down slows all of them;
ratios are formed within a round, and their median is shown. Writes the table to DIR/detectors.md and to standard output."""
import argparse
import array
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FORMS = ("update", "update_many", "signal_many")
PRESETS = ("default", "river", "moa")
TITLES = {"adwin": "ADWIN", "ddm": "DDM", "page_hinkley": "Page-Hinkley"}
MASK = (1 << 64) - 1


def splitmix64(seed):
    """Numbers in [0, 1) by Steele, Lea and Flood 2014."""
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield ((z ^ (z >> 31)) >> 11) * 2.0**-53


def bernoulli(n):
    """Errors of a model: rate 0.2, from the middle on 0.5."""
    for i, u in zip(range(n), splitmix64(1)):
        yield 1.0 if u < (0.2 if i < n // 2 else 0.5) else 0.0


def uniform(n):
    """Nothing ever changes, so that ADWIN's window grows all the time."""
    for _, u in zip(range(n), splitmix64(2)):
        yield u


def normal(n):
    """The mean moves between 0 and 1 ten times."""
    us = splitmix64(3)
    for i in range(n):
        radius = math.sqrt(-2.0 * math.log(1.0 - next(us)))
        yield radius * math.cos(2.0 * math.pi * next(us)) + (i * 10 // n) % 2


INPUTS = {  # name: (generator, the detectors that it suits)
    "bernoulli": (bernoulli, ("page_hinkley", "ddm", "adwin")),
    "uniform": (uniform, ("page_hinkley", "adwin")),
    "normal": (normal, ("page_hinkley", "adwin")),
}


def write_inputs(directory, n):
    for name, (generate, _) in INPUTS.items():
        array.array("d", generate(n)).tofile(open(directory / f"{name}.f64", "wb"))


class Program:
    """One of the programs, waiting for requests."""

    def __init__(self, command):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, detector, form="update", preset="default"):
        try:
            self.process.stdin.write(f"{detector} {form} {preset}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the missing answer tells
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"compare_detectors: {' '.join(self.command)} ended with status {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Series:
    """The answers to one kind of request, by round."""

    def __init__(self):
        self.by_round = {}

    def add(self, i_round, answer):
        self.by_round[i_round] = answer

    def times(self):
        return [answer["ns_per_update"] for answer in self.by_round.values()]

    def ratios_to(self, other):
        """Times over the other's, in the rounds that both have."""
        return [answer["ns_per_update"] / other.by_round[i]["ns_per_update"] for i, answer in self.by_round.items() if i in other.by_round]

    def alarms(self):
        """Number and places of the alarms, which must be the same each time."""
        seen = {(answer["alarms"], answer["alarm_index_sum"]) for answer in self.by_round.values()}
        if len(seen) != 1:
            sys.exit("compare_detectors: the same input gave different alarms")
        return seen.pop()


def run_input(directory, name, options):
    """All series of one input: {(program, detector, form, preset): Series}."""
    path = directory / f"{name}.f64"
    programs = {
        "kedge": Program([directory / "kedge/bench/bench-detectors", path]),
        "limit": Program([directory / "kedge/bench/bench-latency-limits", path]),
        "river": Program([directory / "python/bin/python", HERE / "peers/river_detectors.py", path]),
        "moa": Program(["java", "-XX:+UseSerialGC", "-cp", f"{directory}/moa/moa.jar{os.pathsep}{directory}/moa", "MoaDetectors", path]),
    }
    river_step = max(1, options.repetitions // options.river_repetitions)
    series = {}

    def ask(i_round, program, *request):
        answer = programs[program].ask(*request)
        if i_round >= 0:  # round -1 warms up
            series.setdefault((program, *request), Series()).add(i_round, answer)

    for i_round in range(-1, options.repetitions):
        with_river = i_round >= 0 and i_round % river_step == 0 and i_round // river_step < options.river_repetitions
        for detector in INPUTS[name][1]:
            for form in FORMS:
                for preset in PRESETS:
                    ask(i_round, "kedge", detector, form, preset)
            ask(i_round, "moa", detector)
            if with_river:
                ask(i_round, "river", detector)
        for form in ("register", "memory", "divide"):
            ask(i_round, "limit", "limit", form)
        if with_river:
            ask(i_round, "river", "noop")
        print(f"\r{name}: round {i_round + 1} of {options.repetitions}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for program in programs.values():
        program.close()
    return series


def span(values, digits):
    """Median (least-greatest)."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})" if values else ""


def alarms_cell(kedge, peer, preset):
    """kedge's alarms; with a peer's configuration also whether they are the peer's, one by one."""
    n_alarms = kedge.alarms()[0]
    if preset == "default":
        return str(n_alarms)
    return f"{n_alarms} ({'=' if kedge.alarms() == peer.alarms() else 'NOT those of'} {preset})"


def rows(name, series):
    for detector in INPUTS[name][1]:
        peers = {peer: series[(peer, detector)] for peer in ("river", "moa")}
        for preset in PRESETS:
            for form in FORMS:
                kedge = series[("kedge", detector, form, preset)]
                yield (name, TITLES[detector], f"{form}, {preset}", span(kedge.times(), 2), span(peers["river"].times(), 0),
                       span(peers["moa"].times(), 1), span(peers["river"].ratios_to(kedge), 1),
                       span(peers["moa"].ratios_to(kedge), 2), alarms_cell(kedge, peers.get(preset), preset),
                       str(peers["river"].alarms()[0]), str(peers["moa"].alarms()[0]))
    for form, text in (("register", "mean in a register"), ("memory", "mean in memory"), ("divide", "register, with division")):
        yield (name, "limit", text, span(series[("limit", "limit", form)].times(), 2), *[""] * 7)
    yield (name, "no detector", "loop and empty call", "", span(series[("river", "noop")].times(), 0), *[""] * 6)


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def compiler(directory):
    for item in json.loads((directory / "kedge/meson-info/intro-compilers.json").read_text(encoding="utf-8")).get("host", {}).values():
        return f"{item['id']} {item['version']}"
    return "unknown"


def facts(directory, options):
    pip = json.loads(subprocess.run([directory / "python/bin/python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check"],
                                    capture_output=True, text=True, check=True).stdout)
    river = next(package["version"] for package in pip if package["name"] == "river")
    return [
        f"- CPU: {cpu_model()}, {os.cpu_count()} in sight, load {os.getloadavg()[0]:.2f} when the run began; {platform.system()} "
        f"{platform.release()}",
        f"- kedge: static library, release build, {compiler(directory)}; river {river} on Python {platform.python_version()}; "
        f"MOA on {first_line('java', '-version')}",
        f"- Input: {options.n} float64 numbers each; {options.repetitions} rounds for kedge and MOA (its loops compiled by 10 passes "
        f"before), {options.river_repetitions} for river",
    ]


HEAD = ("input", "detector", "kedge's call, configuration", "kedge ns", "river ns", "MOA ns", "river / kedge", "MOA / kedge",
        "kedge alarms", "river alarms", "MOA alarms")
NOTES = """\
ns: nanoseconds an observation, median (least-greatest). Ratios are formed round by round. Every row compares with the peer's own call of one
observation in its own default configuration. MOA's Page-Hinkley and ADWIN see rises only. limit: the chain subtract, multiply, add of a
running mean, which no exact Page-Hinkley or DDM undercuts: in a register for a batch, in memory for a call an observation. no detector: what
river's loop and an empty update cost; it is part of river's figures."""


def table(all_rows):
    lines = ["| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    return lines + ["| " + " | ".join(row) + " |" for row in all_rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--repetitions", type=int, default=21, help="rounds for kedge and MOA")
    parser.add_argument("--river-repetitions", type=int, default=7, help="rounds in which river takes part")
    parser.add_argument("--n", type=int, default=1000000, help="observations in each input")
    options = parser.parse_args()
    if options.n < 1000 or not 1 <= options.river_repetitions <= options.repetitions:
        parser.error("--n must be 1000 or more, --river-repetitions from 1 to --repetitions")
    text = ["# Detectors: kedge, river, MOA", "", *facts(options.directory, options), ""]
    write_inputs(options.directory, options.n)
    measured = [row for name in INPUTS for row in rows(name, run_input(options.directory, name, options))]
    text += [*table(measured), "", NOTES, ""]
    (options.directory / "detectors.md").write_text("\n".join(text), encoding="utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
