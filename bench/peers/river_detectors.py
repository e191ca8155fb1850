#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""river's detectors, timed: river_detectors.py INPUT.f64 <REQUESTS

Reads one request a line ("detector form preset"; form and preset only come back in the answer) and answers each with one line
of JSON. One update call an observation, in the plainest loop; the detector `noop` takes a number and does nothing, and so
tells what the loop and the call cost. It is reported beside the others and subtracted from none."""
import array
import json
import sys
import time

from river import drift


class Noop:
    """A detector that never looks."""

    drift_detected = False

    def update(self, x):
        pass


DETECTORS = {
    "adwin": drift.ADWIN,
    "ddm": drift.binary.DDM,
    "eddm": drift.binary.EDDM,
    "fhddm": drift.binary.FHDDM,
    "hddm_a": drift.binary.HDDMA,
    "hddm_w": drift.binary.HDDMW,
    "kswin": drift.KSWIN,
    "noop": Noop,
    "page_hinkley": drift.PageHinkley,
}
SLOW = {"kswin": 20000}  # observations, where all would take minutes a round


def measure(detector, xs):
    """Nanoseconds for all of xs, and where the alarms were."""
    alarms = []
    begin = time.perf_counter_ns()
    for i, x in enumerate(xs):
        detector.update(x)
        if detector.drift_detected:
            alarms.append(i)
    return time.perf_counter_ns() - begin, alarms


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: river_detectors.py INPUT.f64 <REQUESTS")
    xs = array.array("d")
    with open(sys.argv[1], "rb") as file:
        xs.frombytes(file.read())
    xs = xs.tolist()
    for line in sys.stdin:
        name, form, preset = line.split()
        n = min(len(xs), SLOW.get(name, len(xs)))
        time_ns, alarms = measure(DETECTORS[name](), xs[:n])
        print(json.dumps({
            "library": "river", "detector": name, "form": form, "preset": preset, "n": n,
            "ns_per_update": time_ns / n, "alarms": len(alarms), "alarm_index_sum": sum(alarms),
        }), flush=True)


if __name__ == "__main__":
    main()
