# SPDX-License-Identifier: MIT
"""kedge_abi_describe() names every public struct, member and constant of the headers, with the offsets and values of this compiler.
What there is to name is asked of the compiler (its debugging information, its preprocessor), not of the script that wrote the
table."""
import pathlib
import re
import subprocess
import sys
import tempfile

source, compiler, library = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
link_args = sys.argv[4:]
flags = [compiler, "-std=c11", f"-I{source / 'include'}"]
# Macros that are no numbers.
WORDS = {"KEDGE_API", "KEDGE_NODISCARD", "KEDGE_VERSION"}

PROGRAM = """#include <stdio.h>
#include "kedge.h"
#define CONSTANT(name) \\
    printf("expected " #name " - %lld 0\\n", _Generic((name), float: -1LL, double: -1LL, default: (long long)(name)))
int main(void) {
size_t n; const kedge_abi_entry *e = kedge_abi_describe(&n);
for (size_t i = 0; i < n; i++)
printf("described %s %s %lld %u\\n", e[i].type, e[i].member ? e[i].member : "-", (long long)e[i].offset, (unsigned)e[i].bytes);
"""


def output(*command):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def debugging_entries(text):
    """[(depth, tag, {attribute: value})] of readelf's listing."""
    entries = []
    for line in text.splitlines():
        start = re.match(r"\s*<(\w+)><\w+>: Abbrev Number: \d+ \(DW_TAG_(\w+)\)", line)
        attribute = re.match(r"\s*<\w+>\s+DW_AT_(\w+)\s*:\s*(.*)$", line)
        if start:
            entries.append((int(start.group(1), 16), start.group(2), {}))
        elif attribute and entries:
            entries[-1][2][attribute.group(1)] = attribute.group(2).split(")")[-1].lstrip(": ").strip()
    return entries


def structs_and_enumerators(text):
    """({struct: [member, ...]}, [enumerator, ...]) that are kedge's and public."""
    structs, enumerators, struct = {}, [], None
    for depth, tag, attributes in debugging_entries(text):
        name = attributes.get("name", "")
        if depth == 1:
            struct = name if tag == "structure_type" and name.startswith("kedge_") and "declaration" not in attributes else None
            if struct:
                structs[struct] = []
        elif tag == "member" and depth == 2 and struct:
            structs[struct].append(name)
        elif tag == "enumerator" and name.startswith("KEDGE_"):
            enumerators.append(name)
    return structs, enumerators


def macros(text):
    """The macros of the headers that stand for a value."""
    found = re.findall(r"^#define (KEDGE_\w+) (\S.*)$", text, re.M)
    return [name for name, value in found if name not in WORDS and not re.match(r'["{]|[\d.]+e|\d+\.|HUGE_VAL', value)]


with tempfile.TemporaryDirectory() as name:
    unit, program = pathlib.Path(name, "unit.c"), pathlib.Path(name, "abi")
    unit.write_text('#include "kedge.h"\n')
    output(*flags, "-g", "-gdwarf-4", "-fno-eliminate-unused-debug-types", "-c", unit, "-o", pathlib.Path(name, "unit.o"))
    structs, enumerators = structs_and_enumerators(output("readelf", "--debug-dump=info", "--wide", pathlib.Path(name, "unit.o")))
    constants = enumerators + macros(output(*flags, "-E", "-dM", unit))
    assert len(structs) >= 35 and len(constants) >= 65, "the compiler was not understood"
    lines = [f"CONSTANT({constant});" for constant in constants]
    for struct, members in structs.items():
        lines.append(f'printf("expected {struct} - 0 %u\\n", (unsigned)sizeof(struct {struct}));')
        lines += [f'printf("expected {struct} {member} %lld %u\\n", (long long)offsetof(struct {struct}, {member}),'
                  f' (unsigned)sizeof(((struct {struct} *)0)->{member}));' for member in members]
    pathlib.Path(f"{program}.c").write_text(PROGRAM + "\n".join(lines) + "\nreturn 0;\n}\n")
    output(*flags, f"{program}.c", library, *link_args, "-lm", "-o", program)
    out = output(program).split("\n")
described = sorted(line.split(" ", 1)[1] for line in out if line.startswith("described "))
expected = sorted(line.split(" ", 1)[1] for line in out if line.startswith("expected "))
missing, extra = set(expected) - set(described), set(described) - set(expected)
assert not missing, f"kedge_abi_describe() lacks or has otherwise: {sorted(missing)}"
assert not extra, f"kedge_abi_describe() has what the headers do not: {sorted(extra)}"
assert len(described) == len(set(described)), "an entry stands twice"
print(len(described), "entries agree")
