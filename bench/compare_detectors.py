#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kedge's detectors against river's and MOA's on the same input: compare_detectors.py DIR [options]

DIR is what tools/bench has prepared: `kedge` (a build directory), `python` (a virtual environment with river) and `moa` (jar
and compiled driver). All programs of one input run side by side and take turns, round after round, so that a machine that
slows down slows all of them; ratios are formed within a round, and their median is shown. Writes tables to DIR/detectors.md
and to standard output, and every single measurement to DIR/detectors.jsonl."""
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
OWN_CALLS = (("update", "default"), ("update_many", "default"), ("signal_many", "default"))  # form, configuration
PEER_CALLS = ("update", "update_many")
LIMITS = {"register": "mean in a register", "memory": "mean in memory", "divide": "mean in a register, with the division"}
TITLES = {
    "adwin": "ADWIN", "bocpd": "BOCPD", "conformal": "conformal martingale", "cs_detector": "confidence sequences",
    "cusum": "CUSUM",
    "ddm": "DDM", "e_detector": "e-detector", "ecdd": "ECDD", "eddm": "EDDM", "ewma_chart": "EWMA chart", "fhddm": "FHDDM",
    "focus": "FOCuS", "gma": "geometric moving average", "hddm_a": "HDDM-A", "hddm_w": "HDDM-W", "kswin": "KSWIN", "mddm": "MDDM",
    "optwin": "OPTWIN", "page_hinkley": "Page-Hinkley", "rddm": "RDDM", "seed": "SEED", "seqdrift2": "SeqDrift2",
    "shewhart": "Shewhart chart", "stepd": "STEPD",
}
PEERS = {  # who has the detector
    "river": ("adwin", "ddm", "eddm", "fhddm", "hddm_a", "hddm_w", "kswin", "page_hinkley"),
    "moa": ("adwin", "cusum", "ddm", "ecdd", "eddm", "gma", "hddm_a", "hddm_w", "page_hinkley", "rddm", "seed", "seqdrift2",
            "stepd"),
}
RANDOM = {("river", "kswin"), ("moa", "seqdrift2")}  # peers whose draws nobody can seed: their alarms differ from run to run
MASK = (1 << 64) - 1
BUSY_LOAD = 0.5  # processes at work before the run began


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
    "bernoulli": (bernoulli, tuple(TITLES)),
    "uniform": (uniform, ("page_hinkley", "adwin", "cusum", "gma", "focus", "seed")),
    "normal": (normal, ("page_hinkley", "adwin", "bocpd", "cusum", "gma", "focus", "kswin")),
}


def write_inputs(directory, n):
    for name, (generate, _) in INPUTS.items():
        with open(directory / f"{name}.f64", "wb") as file:
            array.array("d", generate(n)).tofile(file)


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
        both = self.by_round.keys() & other.by_round.keys()
        return [self.by_round[i]["ns_per_update"] / other.by_round[i]["ns_per_update"] for i in both]

    def alarms(self, is_random=False):
        """Number and places of the alarms, which must be the same each time."""
        seen = {(answer["alarms"], answer["alarm_index_sum"]) for answer in self.by_round.values()}
        if len(seen) != 1 and not is_random:
            sys.exit("compare_detectors: the same input gave different alarms")
        return seen.pop()


def calls(detector):
    """The forms and configurations of kedge that are timed."""
    return OWN_CALLS + tuple((form, peer) for peer in PEERS if detector in PEERS[peer] for form in PEER_CALLS)


def show_progress(text, i_round, n_rounds):
    if sys.stderr.isatty():
        end = "\n" if i_round + 1 == n_rounds else ""
        print(f"\r{text}: round {i_round + 1} of {n_rounds}  ", end=end, file=sys.stderr, flush=True)


def run_rounds(programs, name, detector, options, log):
    """All series of one detector, or of the limits if it is None: {(program, detector, form, preset): Series}."""
    river_step = max(1, options.repetitions // options.river_repetitions)
    series = {}

    def ask(i_round, program, *request):
        answer = programs[program].ask(*request)
        log.write(json.dumps({"input": name, "round": i_round, **answer}) + "\n")
        if i_round >= 0:  # round -1 warms up
            series.setdefault((program, *request), Series()).add(i_round, answer)

    for i_round in range(-1, options.repetitions):
        with_river = i_round >= 0 and i_round % river_step == 0 and i_round // river_step < options.river_repetitions
        for form, preset in calls(detector) if detector else ():
            ask(i_round, "kedge", detector, form, preset)
        for form in () if detector else LIMITS:
            ask(i_round, "limit", "limit", form)
        if "moa" in programs:
            ask(i_round, "moa", detector)
        if "river" in programs and with_river:
            ask(i_round, "river", detector or "noop")
        show_progress(f"{name}, {detector or 'limits'}", i_round, options.repetitions)
    return series


def run_input(directory, name, options, log):
    """All series of one input."""
    path = directory / f"{name}.f64"
    moa = directory / "moa"
    kedge = Program([directory / "kedge/bench/bench-detectors", path])
    river = Program([directory / "python/bin/python", HERE / "peers/river_detectors.py", path])
    limit = Program([directory / "kedge/bench/bench-latency-limits", path])
    series = run_rounds({"limit": limit, "river": river}, name, None, options, log)
    for detector in INPUTS[name][1]:
        if options.detectors and detector not in options.detectors:
            continue
        programs = {"kedge": kedge}
        if detector in PEERS["river"]:
            programs["river"] = river
        if detector in PEERS["moa"]:
            programs["moa"] = Program(["java", "-XX:+UseSerialGC", "-cp", f"{moa}/moa.jar{os.pathsep}{moa}", "MoaDetectors", path,
                                       detector])
        series.update(run_rounds(programs, name, detector, options, log))
        if "moa" in programs:
            programs["moa"].close()
    for program in (kedge, river, limit):
        program.close()
    return series


def span(values, digits):
    """Median (least-greatest)."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})" if values else ""


def alarms_cell(kedge, peer, preset, is_random):
    """kedge's alarms; with a peer's configuration also whether they are the peer's, one by one."""
    n_alarms = kedge.alarms()[0]
    if preset == "default" or is_random:
        return str(n_alarms)
    return f"{n_alarms} ({'as' if kedge.alarms() == peer.alarms() else 'NOT as'} {preset})"


def rows(series):
    """The table of one input; the peers' figures stand once a detector."""
    for detector in dict.fromkeys(key[1] for key in series if key[0] == "kedge"):
        peers = {peer: series.get((peer, detector), Series()) for peer in PEERS}
        for i, (form, preset) in enumerate(calls(detector)):
            kedge = series[("kedge", detector, form, preset)]
            once = (span(peers["river"].times(), 0), span(peers["moa"].times(), 1))
            alarms = [str(peer.alarms((name, detector) in RANDOM)[0]) if peer.by_round else "" for name, peer in peers.items()]
            yield (TITLES[detector], f"{form}, {preset}", span(kedge.times(), 2), *(once if i == 0 else ("", "")),
                   span(peers["river"].ratios_to(kedge), 1), span(peers["moa"].ratios_to(kedge), 2),
                   alarms_cell(kedge, peers.get(preset), preset, (preset, detector) in RANDOM), *(alarms if i == 0 else ("", "")))
    for form, text in LIMITS.items():
        yield ("limit", text, span(series[("limit", "limit", form)].times(), 2), *[""] * 7)
    yield ("no detector", "loop and empty call", "", span(series[("river", "noop")].times(), 0), *[""] * 6)


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def facts(directory, options, compiler, load):
    pip = [directory / "python/bin/python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    packages = json.loads(subprocess.run(pip, capture_output=True, text=True, check=True).stdout)
    river = next(package["version"] for package in packages if package["name"] == "river")
    lines = [
        f"- CPU: {cpu_model()}, {os.cpu_count()} in sight; {platform.system()} {platform.release()}",
        f"- kedge: static library, release build, {compiler}",
        f"- river {river} on Python {platform.python_version()}; MOA on {first_line('java', '-version')}",
        f"- Input: {options.n} float64 numbers each; {options.repetitions} rounds for kedge and MOA (its loops compiled by 10 "
        f"passes before), {options.river_repetitions} for river",
    ]
    if load > BUSY_LOAD:
        lines.append(f"- **The machine was busy (load {load:.1f} before the run): the figures are indicative only.**")
    return lines


HEAD = ("detector", "kedge's call, configuration", "kedge ns", "river ns", "MOA ns", "river / kedge", "MOA / kedge", "kedge alarms",
        "river alarms", "MOA alarms")
NOTES = """\
ns: nanoseconds an observation, median (least-greatest). Ratios are formed round by round. Every row compares with the peer's
own call of one observation in its own default configuration. `as river`: alarms at the same places as river's. MOA's
Page-Hinkley, CUSUM and ADWIN see rises only. MOA's ADWIN multiplies bucket sizes as 32-bit integers; when it cuts a window longer
than about 147,000 that overflows, its variance is wrong from then on, and some later alarms differ from kedge's. limit: the
chain subtract, multiply, add of a running mean, which no exact Page-Hinkley or DDM undercuts: in a register for a batch, in
memory for a call an observation. no detector: what river's loop and an empty update cost; it is part of river's figures."""


def table(name, series):
    title = f"## {name}: {INPUTS[name][0].__doc__}"
    lines = ["| " + " | ".join(row) + " |" for row in (HEAD, ["---"] * len(HEAD), *rows(series))]
    return [title, "", *lines, ""]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--repetitions", type=int, default=21, help="rounds for kedge and MOA")
    parser.add_argument("--river-repetitions", type=int, default=7, help="rounds in which river takes part")
    parser.add_argument("--detectors", nargs="*", choices=sorted(TITLES), default=[], help="only these")
    parser.add_argument("--n", type=int, default=1000000, help="observations in each input")
    options = parser.parse_args()
    if options.n < 1000 or not 1 <= options.river_repetitions <= options.repetitions:
        parser.error("--n must be 1000 or more, --river-repetitions from 1 to --repetitions")
    load = os.getloadavg()[0]  # before the inputs are made, which is work too
    write_inputs(options.directory, options.n)
    with open(options.directory / "detectors.jsonl", "w", encoding="utf-8") as log:
        series = {name: run_input(options.directory, name, options, log) for name in INPUTS}
    compiler = series["uniform"][("limit", "limit", "register")].by_round[0]["compiler"].strip()
    text = ["# Detectors: kedge, river, MOA", "", *facts(options.directory, options, compiler, load), "", NOTES, ""]
    for name in INPUTS:
        text += table(name, series[name])
    (options.directory / "detectors.md").write_text("\n".join(text), encoding="utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
