# SPDX-License-Identifier: MIT
"""No line of code is longer than 132 columns: C, C++, Python, shell and meson, in the folders of the project. Lines inside of a
text that a Python program writes may be; docs are not code."""
import io
import sys
import tokenize

from embed import SOURCE

COLUMNS = 132
FOLDERS = ["bench", "bindings", "examples", "include", "src", "tests", "tools"]
ENDINGS = {".c", ".h", ".hpp", ".py", ".sh", ".build"}
OTHERS = {"__pycache__", "build", "build-dir"}  # what tools leave there


def texts(source):
    """Lines within strings of several lines, other than those that are a whole statement: docstrings."""
    inside, before = set(), tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        starts = before in (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
        if token.type == tokenize.STRING and not starts:
            inside.update(range(token.start[0], token.end[0] + 1) if token.start[0] < token.end[0] else ())
        if token.type != tokenize.COMMENT:
            before = token.type
    return inside


def is_code(path):
    parts = path.relative_to(SOURCE).parts
    if not path.is_file() or path.is_symlink() or OTHERS & set(parts) or any(part.startswith(".") for part in parts):
        return False
    return path.suffix in ENDINGS or (path.parent == SOURCE / "tools" and not path.suffix)


def main():
    found, n_files = [], 0
    for folder in FOLDERS:
        for path in sorted((SOURCE / folder).rglob("*")):
            if not is_code(path):
                continue
            source = path.read_text(encoding="utf-8")
            exempt = texts(source) if path.suffix == ".py" else set()
            n_files += 1
            for number, line in enumerate(source.splitlines(), 1):
                if len(line) > COLUMNS and number not in exempt:
                    found.append(f"{path.relative_to(SOURCE)}:{number}: {len(line)} columns")
    if found or n_files < 500:
        sys.exit("\n".join([*found, f"{n_files} files: lines longer than {COLUMNS} columns, or files are missing"]))
    print(f"{n_files} files")


main()
