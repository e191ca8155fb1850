# SPDX-License-Identifier: MIT
"""kedge.c and kedge.h of tools/amalgamate: the same bytes each time, no warning from any compiler, the same results from all, and
no fused multiply-add even where the user's flags allow it. A build with -Damalgamated=true runs all other tests on it."""
import re
import shutil
import sys
from pathlib import Path

from embed import SOURCE, WARNINGS, compilers, run, scratch

TOOL = SOURCE / "tools/amalgamate"
PROGRAM = SOURCE / "tests/embed/program.c"
FUSED = re.compile(r"\b(vfn?m(add|sub)\w*|fn?m(add|sub|la|ls)\w*)\b")  # x86 with FMA, arm64
STRICT = ["-std=c11", *WARNINGS, "-Wshadow"]
# The least that lets a compiler fuse, as the control shows. As a user's build might: GNU dialect, this machine's own instructions.
FUSING = {"gcc": ["-std=gnu11", "-O1", "-fexpensive-optimizations"], "clang": ["-std=gnu11", "-O1"]}


def machine_flags(compiler):
    """Flags that let the compiler fuse, on machines that can."""
    target = run([compiler, "-dumpmachine"])
    if target.startswith(("x86_64", "i")):
        return ["-mfma"]
    return [] if target.startswith("aarch64") else None


def can_run(flags):
    """Has this machine the instructions that the flags let in?"""
    return flags != ["-mfma"] or " fma " in Path("/proc/cpuinfo").read_text(encoding="utf-8")


def check_fused(made, compiler):
    if not shutil.which("objdump"):
        return
    found = FUSED.search(run(["objdump", "-d", "--no-show-raw-insn", made]))
    if found:
        sys.exit(f"{compiler}: {found.group(0)} in kedge.c")


def check_control(compiler, flags, directory):
    if not shutil.which("objdump"):
        return
    control, made = directory / "control.c", directory / "control.o"
    control.write_text("double control(double a, double b, double c);\n"
                       "double control(double a, double b, double c) { return a * b + c; }\n", encoding="utf-8")
    run([compiler, *flags, "-ffp-contract=fast", "-c", control, "-o", made])
    if not FUSED.search(run(["objdump", "-d", "--no-show-raw-insn", made])):
        sys.exit(f"{compiler}: this test cannot see fused instructions")


def check_optimised(compiler, directory):
    """Nothing is fused where the flags allow it. Returns the program's outputs; a build with -Damalgamated=true optimises more."""
    flags, made = machine_flags(compiler), directory / "optimised.o"
    if flags is None:
        return set()
    check_control(compiler, [*FUSING[compiler], *flags], directory)
    run([compiler, *FUSING[compiler], *flags, "-I", directory, "-c", directory / "kedge.c", "-o", made])
    check_fused(made, compiler)
    if not can_run(flags):
        return set()
    run([compiler, "-std=c11", "-I", directory, PROGRAM, made, "-lm", "-o", directory / "optimised"])
    return {run([directory / "optimised"])}


def check_strict(compiler, directory):
    """No warning in kedge.c; one object of it serves the program in C and in both dialects of C++."""
    made, program = directory / "kedge.o", directory / "program"
    run([compiler, *STRICT, "-I", directory, "-c", directory / "kedge.c", "-o", made])
    run([compiler, *STRICT, "-I", directory, PROGRAM, made, "-lm", "-o", program])
    outputs = {run([program])}
    for cpp_compiler in compilers("g++", "clang++"):
        for standard in ("-std=c++11", "-std=c++17"):
            run([cpp_compiler, standard, *WARNINGS, "-Wold-style-cast", "-I", directory, "-x", "c++", PROGRAM,
                 "-x", "none", made, "-lm", "-o", program])
            outputs.add(run([program]))
    return outputs


def main():
    with scratch() as name:
        directory = Path(name)
        run([sys.executable, TOOL, directory])
        run([sys.executable, TOOL, directory / "again"])
        for file in ("kedge.c", "kedge.h"):
            if (directory / file).read_bytes() != (directory / "again" / file).read_bytes():
                sys.exit(f"{file} differs from run to run")
        outputs = set()
        for compiler in compilers("gcc", "clang"):
            outputs |= check_strict(compiler, directory) | check_optimised(compiler, directory)
        if len(outputs) != 1:
            sys.exit(f"results differ between compilers: {outputs}")
    print(outputs.pop().rstrip())


main()
