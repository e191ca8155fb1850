# SPDX-License-Identifier: MIT
"""The public headers of the core, read as text: structs with their members, and constants. As a program it writes them as the
entries of kedge_abi_describe(): public_headers.py INCLUDE OUT [DEPFILE]."""
import pathlib
import re
import sys


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def without_functions(text):
    """Bodies of static inline functions hold no public declarations."""
    return re.sub(r"static inline[^{;]*\{.*?\n\}", " ", text, flags=re.S)


def structs(text):
    """[(struct, [member, ...])]; members that are function pointers stand under their name."""
    found = []
    for match in re.finditer(r"(?:typedef )?struct (kedge_\w+) \{(.*?)\n\}", text, re.S):
        members = []
        for line in match.group(2).split(";"):
            line = re.sub(r"\[[^\]]*\]", "", " ".join(line.split()))
            if not line:
                continue
            pointer = re.search(r"\(\*(\w+)\)", line)
            members.append(pointer.group(1) if pointer else re.search(r"(\w+)$", line).group(1))
        found.append((match.group(1), members))
    return found


def constants(text):
    """Names of enumerators and of macros without parameters that have a number as value."""
    names = []
    for body in re.findall(r"\benum \{(.*?)\}", text, re.S):
        names += re.findall(r"\b(KEDGE_\w+)\s*=", body)
    for name, value in re.findall(r"^#define (KEDGE_\w+) +(\S.*)$", text, re.M):
        if re.match(r"^[\d(]|^KEDGE_\w+_BYTES_FOR|^U?INT\d+_MAX\b", value) and not re.match(r"^[\d.]+(e\d+|\.\d*)\s*$", value):
            names.append(name)
    return names


def headers(include):
    """The headers of the core in a fixed order: kedge-gsl is a library of its own."""
    paths = sorted(pathlib.Path(include, "kedge").rglob("*.h"))
    return [path for path in paths if path.name != "gsl.h" and path.parent.name != "gsl"]


def read(include):
    """(structs, constants) of all headers of the core."""
    all_structs, all_constants = [], []
    for path in headers(include):
        text = without_functions(without_comments(path.read_text(encoding="utf-8")))
        all_structs += structs(text)
        all_constants += constants(text)
    return all_structs, all_constants


def abi_table(include):
    """The lines of src/base/abi.c's table."""
    all_structs, all_constants = read(include)
    lines = [f"ABI_CONSTANT({name})," for name in all_constants]
    for struct, members in all_structs:
        lines.append(f"ABI_TYPE({struct}),")
        lines += [f"ABI_MEMBER({struct}, {member})," for member in members]
    return lines


def main():
    include, out = sys.argv[1:3]
    head = ["/* SPDX-License-Identifier: MIT */", "/* Written by tools/public_headers.py from the public headers. */"]
    pathlib.Path(out).write_text("\n".join(head + abi_table(include)) + "\n", encoding="utf-8", newline="\n")
    if len(sys.argv) > 3:
        names = " ".join(str(path).replace(" ", "\\ ") for path in headers(include))
        pathlib.Path(sys.argv[3]).write_text(f"{pathlib.Path(out).name}: {names}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
