# SPDX-License-Identifier: MIT
"""What the pages under docs/ claim: the example of snapshot-format.md writes the bytes that the page shows, those of the
pages in PAGES and of scorecards in metrics.md print the text there, and the sizes in memory-and-porting.md are those of the
headers."""
import re
import sys
from pathlib import Path

from embed import CC, LINK_ARGS, SOURCE, WARNINGS, code_blocks, run, scratch

ALL, FIRST = "all", "first"
# Which programs of a page must print the text behind them, and flags that they need.
PAGES = {
    "battery.md": (FIRST,),
    "flow.md": (ALL,),
    "gate.md": (FIRST,),
    "latency.md": (FIRST,),
    "mlops.md": (ALL,),
    "pipeline.md": (ALL,),
    "prep.md": (FIRST,),
    "publish.md": (ALL, "-pthread"),
    "schema.md": (ALL,),
    "service.md": (ALL,),
}
LINES = {"service.md": 150}  # of a program at most, elsewhere 100
SCORECARD = ("metrics.md", "{#metrics-scorecard}")


def output_of(text, library, *flags):
    with scratch() as name:
        source, program = Path(name) / "page.c", Path(name) / "page"
        source.write_text(text, encoding="utf-8")
        run([*CC, "-std=c11", *WARNINGS, "-I", SOURCE / "include", source, library, "-lm", *LINK_ARGS, *flags, "-o", program])
        return run([program])


def check_snapshot(library):
    page = (SOURCE / "docs/snapshot-format.md").read_text(encoding="utf-8")
    programs, dumps = code_blocks(page, "c"), code_blocks(page, "text")
    if len(programs) != 1 or len(dumps) != 1:
        sys.exit("docs/snapshot-format.md must have one program and one dump")
    written = output_of(programs[0], library)
    shown = "".join(line.split("|")[0].rstrip() + "\n" for line in dumps[0].splitlines())
    if written != shown:
        sys.exit(f"docs/snapshot-format.md shows other bytes than its program writes:\n{written}")


def check_output(name, library, *flags):
    """The first program of a page prints the first text there."""
    page = (SOURCE / "docs" / name).read_text(encoding="utf-8")
    printed = output_of(code_blocks(page, "c")[0], library, *flags)
    if printed != code_blocks(page, "text")[0]:
        sys.exit(f"docs/{name} shows another output than its program prints:\n{printed}")


def check_outputs(name, library, *flags):
    """Each program of a page prints the text behind it, and is short enough to be read."""
    page = (SOURCE / "docs" / name).read_text(encoding="utf-8")
    programs, texts = code_blocks(page, "c"), code_blocks(page, "text")
    if len(programs) != len(texts) or not programs:
        sys.exit(f"docs/{name} has {len(programs)} programs and {len(texts)} texts")
    for program, text in zip(programs, texts):
        if len(program.splitlines()) > LINES.get(name, 100):
            sys.exit(f"a program of docs/{name} has grown beyond {LINES.get(name, 100)} lines")
        printed = output_of(program, library, *flags)
        if printed != text:
            sys.exit(f"docs/{name} shows another output than its program prints:\n{printed}")


def check_scorecard(library):
    page = (SOURCE / "docs" / SCORECARD[0]).read_text(encoding="utf-8")
    section = page[page.index(SCORECARD[1]):]
    program = code_blocks(section, "c")[0]
    if len(program.splitlines()) > 100:
        sys.exit("the example of scorecards in docs/metrics.md has grown beyond 100 lines")
    printed = output_of(program, library)
    if printed != code_blocks(section, "text")[0]:
        sys.exit(f"docs/metrics.md shows another scorecard than its program prints:\n{printed}")


def check_sizes(library):
    page = (SOURCE / "docs/memory-and-porting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]+\| ([\d,]+) \| #?(KEDGE_\w+(?:\([^|]*\))?) \|$", page, re.M)
    if len(rows) < 5:
        sys.exit("docs/memory-and-porting.md has lost its table of sizes")
    prints = "".join(f'    printf("%u\\n", (unsigned)({expression}));\n' for _, expression in rows)
    sizes = output_of(f"#include <stdio.h>\n#include <kedge.h>\nint main(void)\n{{\n{prints}    return 0;\n}}\n", library).split()
    for (claim, expression), size in zip(rows, sizes):
        if claim.replace(",", "") != size:
            sys.exit(f"docs/memory-and-porting.md says {claim} for {expression}, the headers say {size}")
    print(f"{len(rows)} sizes")


def main():
    check_snapshot(sys.argv[1])
    for name, (which, *flags) in PAGES.items():
        check = check_outputs if which == ALL else check_output
        check(name, sys.argv[1], *flags)
    check_scorecard(sys.argv[1])
    check_sizes(sys.argv[1])


if __name__ == "__main__":
    main()
