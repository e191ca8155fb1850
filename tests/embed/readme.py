# SPDX-License-Identifier: MIT
"""The C example of README.md is a whole program: it compiles without a warning, runs, and prints what README.md says."""
import sys
from pathlib import Path

from embed import CC, LINK_ARGS, SOURCE, WARNINGS, code_blocks, run, scratch


def main():
    library = sys.argv[1]
    text = (SOURCE / "README.md").read_text(encoding="utf-8")
    programs = [block for block in code_blocks(text, "c") if "int main(" in block]
    outputs = code_blocks(text, "text")
    if len(programs) != 1 or not outputs:
        sys.exit("README.md must have one C program and its output")
    if len(programs[0].splitlines()) > 25:
        sys.exit("the C example of README.md has grown beyond 25 lines")
    with scratch() as name:
        source, program = Path(name) / "readme.c", Path(name) / "readme"
        source.write_text(programs[0], encoding="utf-8")
        run([*CC, "-std=c11", *WARNINGS, "-I", SOURCE / "include", source, library, "-lm", *LINK_ARGS, "-o", program])
        printed = run([program])
    if printed not in outputs:
        sys.exit(f"README.md says another output than the program:\n{printed}")
    print(printed, end="")


main()
