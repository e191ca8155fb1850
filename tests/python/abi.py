# SPDX-License-Identifier: MIT
"""kedge_abi_describe() names every public struct, member and constant of the headers, with the offsets and values of this compiler."""
import pathlib
import subprocess
import sys
import tempfile

import public_headers

source, compiler, library = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
link_args = sys.argv[4:]
structs, constants = public_headers.read(source / "include")
assert len(structs) >= 35 and len(constants) >= 65, "the headers were not understood"

lines = ['#include <stdio.h>', '#include <string.h>', '#include "kedge.h"', 'int main(void) {',
         'size_t n; const kedge_abi_entry *e = kedge_abi_describe(&n);',
         'for (size_t i = 0; i < n; i++) printf("described %s %s %lld %u\\n", e[i].type, e[i].member ? e[i].member : "-",'
         ' (long long)e[i].offset, (unsigned)e[i].bytes);']
for struct, members in structs:
    lines.append(f'printf("expected {struct} - 0 %u\\n", (unsigned)sizeof(struct {struct}));')
    for member in members:
        lines.append(f'printf("expected {struct} {member} %lld %u\\n", (long long)offsetof(struct {struct}, {member}),'
                     f' (unsigned)sizeof(((struct {struct} *)0)->{member}));')
lines += [f'printf("expected {name} - %lld 0\\n", (long long)({name}));' for name in constants]
lines += ['return 0;', '}']

with tempfile.TemporaryDirectory() as name:
    program = pathlib.Path(name, "abi")
    pathlib.Path(name, "abi.c").write_text("\n".join(lines))
    subprocess.run([compiler, "-std=c11", f"-I{source / 'include'}", f"{program}.c", library, *link_args, "-lm", "-o", program], check=True)
    out = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split("\n")
described = sorted(line.split(" ", 1)[1] for line in out if line.startswith("described "))
expected = sorted(line.split(" ", 1)[1] for line in out if line.startswith("expected "))
missing, extra = set(expected) - set(described), set(described) - set(expected)
assert not missing, f"kedge_abi_describe() lacks or has otherwise: {sorted(missing)}"
assert not extra, f"kedge_abi_describe() has what the headers do not: {sorted(extra)}"
assert len(described) == len(set(described)), "an entry stands twice"
print(len(described), "entries agree")
