# SPDX-License-Identifier: MIT
"""docs/mlops.md is complete: each term of MLOps levels 0, 1 and 2 stands there once, with links to sections that have a program
which the test 'pages' builds and runs."""
import re
import sys

from embed import SOURCE
from pages import ALL, PAGES, SCORECARD

TERMS = {
    0: ["prepare", "fit", "evaluate", "serve"],
    1: ["automated data preparation", "automated training", "standard performance tests", "schema, schema skew", "value skew",
        "retrained when new data comes", "schedule", "drift", "performance floor", "demand", "label-free estimate",
        "rapid experiments", "serving while training"],
    2: ["shadow", "canary", "blue/green promotion", "approval", "rollback", "recurring concept", "parent", "pinned", "tagged",
        "model card",
        "who served when", "export and import", "golden rows", "invariants", "latency", "usage cost", "upkeep", "fairness", "audit",
        "all figures on one card", "orchestration", "retries", "skipped if unchanged", "resumed after a kill", "several pipelines",
        "champions of segments"],
}


def read(name):
    path = SOURCE / "docs" / name
    return path.read_text(encoding="utf-8") if path.is_file() else sys.exit(f"docs/mlops.md links docs/{name}, which is not there")


def program_starts(name, page):
    """Where the programs of a page begin that 'pages' runs, each with the text that it prints behind it."""
    starts = [m.start() for m in re.finditer(r"^```c\n(?:(?!^```).*\n)+^```$(?:(?!^```|^#).*\n)*\n?^```text$", page, re.M)]
    if name == SCORECARD[0]:
        return [start for start in starts if start > page.index(SCORECARD[1])][:1]
    if name not in PAGES:
        return []
    return starts if PAGES[name][0] == ALL else starts[:1]


def section(name, page, anchor):
    """First and last place of the section with this anchor; of the page without one."""
    if not anchor:
        return 0, len(page)
    prose = re.sub(r"^```.*?^```$", lambda block: " " * len(block.group()), page, flags=re.M | re.S)  # '#' is no heading in code
    headings = [(m.start(), len(m.group(1)), m.group(2)) for m in re.finditer(r"^(#+) (.*)$", prose, re.M)]
    for i, (start, level, title) in enumerate(headings):
        if title.endswith("{#" + anchor + "}"):
            return start, next((at for at, deep, _ in headings[i + 1:] if deep <= level), len(page))
    return sys.exit(f"docs/mlops.md links #{anchor}, which docs/{name} does not have")


def check_link(term, target):
    name, _, anchor = target.partition("#")
    name = name or "mlops.md"
    page = read(name)
    start, end = section(name, page, anchor)
    if not any(start <= at < end for at in program_starts(name, page)):
        sys.exit(f"docs/mlops.md shows '{term}' at {target}, where no program is that the test 'pages' runs")


def main():
    page = read("mlops.md")
    parts = re.split(r"^## Level (\d):.*$", page, flags=re.M)[1:]
    found = {int(level): re.findall(r"^\| ([^|]+?) \| [^|]+ \| (.+) \|$", text, re.M)
             for level, text in zip(parts[::2], parts[1::2])}
    for level, terms in TERMS.items():
        rows = [row for row in found.get(level, []) if row[0] not in ("term", "---")]
        if [term for term, _ in rows] != terms:
            sys.exit(f"docs/mlops.md has other terms of level {level} than this test: "
                     f"{sorted(set(terms) ^ {term for term, _ in rows})}, or in another order")
        for term, shown in rows:
            targets = re.findall(r"\]\(([^)]+)\)", shown)
            if not targets:
                sys.exit(f"docs/mlops.md has no program for '{term}'")
            for target in targets:
                check_link(term, target)
    print(f"{sum(len(terms) for terms in TERMS.values())} terms")


main()
