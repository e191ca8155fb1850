# SPDX-License-Identifier: MIT
"""The public headers of the core, read as text: structs with their members, and constants."""
import pathlib
import re


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
        if re.match(r"^[\d(]|^KEDGE_\w+_BYTES_FOR", value) and not re.match(r"^[\d.]+(e\d+|\.\d*)\s*$", value):
            names.append(name)
    return names


def read(include):
    """(structs, constants) of all headers of the core, in a fixed order."""
    all_structs, all_constants = [], []
    for path in sorted(pathlib.Path(include, "kedge").rglob("*.h")):
        if path.name == "gsl.h" or path.parent.name == "gsl":
            continue
        text = without_functions(without_comments(path.read_text()))
        all_structs += structs(text)
        all_constants += constants(text)
    return all_structs, all_constants
