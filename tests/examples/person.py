# SPDX-License-Identifier: MIT
"""What the tests of the example programs share: running a program, demanding, and reading a report as a browser would."""
import html.parser
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEATHER = ROOT / "examples" / "data" / "weather.csv"
VOID = {"meta", "br", "hr", "img", "link", "input"}


def run(program, *args, stdin=b""):
    done = subprocess.run([program, *map(str, args)], input=stdin, capture_output=True, timeout=300)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def must(condition, *what):
    if not condition:
        sys.exit(pathlib.Path(sys.argv[0]).name + ": " + " ".join(map(str, what)))


def shared_data(name):
    """Streams that do not come with the project: in KEDGE_DATA, or ../shared/data beside the checkout. Exit code 77: not there."""
    path = pathlib.Path(os.environ.get("KEDGE_DATA", ROOT.parent / "shared" / "data")) / name
    if not path.exists():
        print(f"skipped: there is no {path}; KEDGE_DATA may name another directory")
        sys.exit(77)
    return path


class Page(html.parser.HTMLParser):
    """Every tag is closed in order, nothing is fetched."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text, self.titles, self.points = [], {}, [], 0, []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.seen[tag] = self.seen.get(tag, 0) + 1
        must(not {"src", "href"} & set(attrs), "the report is not self-contained:", tag, attrs)
        must(tag != "script", "the report runs a script")
        if tag == "polyline":
            self.points.append([tuple(map(float, p.split(","))) for p in attrs["points"].split()])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        must(self.open and self.open[-1] == tag, "wrong nesting:", tag, "in", self.open[-3:])
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


def parse_page(path):
    """The page, and its text."""
    page = Page()
    page.feed(path.read_text("utf-8"))
    page.close()
    must(not page.open, "never closed:", page.open)
    return page, "".join(page.text)
