# SPDX-License-Identifier: MIT
"""kedge.c and kedge.h of tools/amalgamate: the same bytes each time, no warning from any compiler, the same results from all, and no
fused multiply-add even where the user's flags allow it. A build with -Damalgamated=true runs all other tests on it."""
import re
import shutil
import sys
from pathlib import Path

from embed import SOURCE, WARNINGS, compilers, run, scratch

TOOL = SOURCE / "tools/amalgamate"
PROGRAM = SOURCE / "tests/embed/program.c"
FUSED = re.compile(r"\b(vfn?m(add|sub)\w*|fn?m(add|sub|la|ls)\w*)\b")  # x86 with FMA, arm64
C_FLAGS = {
    "strict": ["-std=c11", "-O1", "-Wpedantic", "-Wshadow"],  # a build with -Damalgamated=true asks at -O3
    "debug": ["-std=c11", "-O0", "-g"],
}


def machine_flags(compiler):
    """Flags that let the compiler fuse, on machines that can."""
    target = run([compiler, "-dumpmachine"])
    if target.startswith(("x86_64", "i")):
        return ["-mfma"]
    return [] if target.startswith("aarch64") else None


def check_contraction(compiler, directory):
    flags = machine_flags(compiler)
    if flags is None or not shutil.which("objdump"):
        return
    control, made = directory / "control.c", directory / "fused.o"
    control.write_text("double control(double a, double b, double c);\n"
                       "double control(double a, double b, double c) { return a * b + c; }\n", encoding="utf-8")
    run([compiler, "-std=gnu11", "-O2", "-ffp-contract=fast", *flags, "-c", control, "-o", made])
    if not FUSED.search(run(["objdump", "-d", "--no-show-raw-insn", made])):
        sys.exit(f"{compiler}: this test cannot see fused instructions")
    run([compiler, "-std=gnu11", "-O2", *flags, "-c", directory / "kedge.c", "-o", made])
    found = FUSED.search(run(["objdump", "-d", "--no-show-raw-insn", made]))
    if found:
        sys.exit(f"{compiler}: {found.group(0)} in kedge.c")


def check_c(compiler, directory):
    outputs = set()
    for name, flags in C_FLAGS.items():
        run([compiler, *WARNINGS[:2], "-Werror", *flags, "-I", directory, directory / "kedge.c", PROGRAM, "-lm",
             "-o", directory / name])
        outputs.add(run([directory / name]))
    return outputs


def check_cpp(cpp_compiler, directory):
    """kedge.o, which a C compiler made, with the program and kedge.h as C++."""
    outputs = set()
    for standard in ("-std=c++11", "-std=c++17"):
        run([cpp_compiler, standard, *WARNINGS, "-Wold-style-cast", "-I", directory, "-x", "c++", PROGRAM,
             "-x", "none", directory / "kedge.o", "-lm", "-o", directory / "cpp"])
        outputs.add(run([directory / "cpp"]))
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
            outputs |= check_c(compiler, directory)
            check_contraction(compiler, directory)
            run([compiler, "-std=c11", "-c", directory / "kedge.c", "-o", directory / "kedge.o"])
            for cpp_compiler in compilers("g++", "clang++"):
                outputs |= check_cpp(cpp_compiler, directory)
        if len(outputs) != 1:
            sys.exit(f"results differ between compilers: {outputs}")
    print(outputs.pop().rstrip())


main()
