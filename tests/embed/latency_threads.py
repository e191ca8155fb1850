# SPDX-License-Identifier: MIT
"""The shared recorder of latencies under the thread sanitizer: its sources alone, built here with -fsanitize=thread; and that the
sanitizer finds the race that is there once an addition is no longer atomic."""
import os
import subprocess
import sys
from pathlib import Path

from embed import CC, SOURCE, scratch

SOURCES = ["base/class.c", "base/bytes.c", "base/object.c", "base/snapshot.c", "metrics/latency.c", "metrics/latency_read.c",
           "metrics/latency_shared.c", "metrics/metric.c"]
SANITIZE = ["-std=c11", "-g", "-O1", "-fsanitize=thread", "-pthread"]


def run(program):
    return subprocess.run([program], capture_output=True, text=True, timeout=240, check=False,
                          env={**os.environ, "TSAN_OPTIONS": "halt_on_error=1 exitcode=66"})


def build(directory, *options, include=()):
    program = Path(directory) / "latency_threads"
    command = [*CC, *SANITIZE, *options, *include, "-I", SOURCE / "include", "-I", SOURCE / "src",
               *[SOURCE / "src" / source for source in SOURCES],
               SOURCE / "tests/embed/latency_threads.c", "-lm", "-o", program]
    return program, subprocess.run(command, capture_output=True, text=True, check=False)


def racy(directory):
    """A copy of base/atomic.h whose addition is a plain one."""
    text = (SOURCE / "src/base/atomic.h").read_text(encoding="utf-8")
    atomic = "return atomic_fetch_add_explicit((_Atomic(uint32_t) *)x, more, memory_order_relaxed);"
    assert atomic in text
    (Path(directory) / "base").mkdir()
    (Path(directory) / "base/atomic.h").write_text(text.replace(atomic, "uint32_t before = *x; *x = before + more; return before;"),
                                                   encoding="utf-8")
    return ["-I", directory]


with scratch() as name:
    probe = subprocess.run([*CC, *SANITIZE, "-x", "c", "-", "-o", Path(name) / "probe"], input="int main(void) { return 0; }",
                           text=True, capture_output=True, check=False)
    if probe.returncode != 0 or run(Path(name) / "probe").returncode != 0:
        print("skipped: no thread sanitizer, or it does not start on this kernel")
        sys.exit(77)
    program, built = build(name)
    if built.returncode != 0:
        sys.exit(built.stderr)
    ran = run(program)
    print(ran.stdout)
    if ran.returncode != 0:
        sys.exit(f"status {ran.returncode}\n{ran.stderr}")
    program, built = build(name, include=racy(name))
    ran = run(program)
    if built.returncode != 0 or ran.returncode == 0:
        sys.exit(f"a race was not found {built.stderr}")
    print("a race is found")
