# SPDX-License-Identifier: MIT
"""The built libraries keep their promises: they export kedge_* only, need nothing that allocates or does I/O, have no writable
data, and a program that names one detector does not get the others."""
import os
import re
import sys
from pathlib import Path

from embed import CC, LINK_ARGS, SANITIZED, SOURCE, need, run, scratch, skip

LIBC = {"memcpy", "memset", "memcmp", "memmove", "memchr", "strlen", "strcmp", "strncmp", "strchr",
        "bcmp"}  # what clang makes of memcmp where only equality counts
LIBM = set("""
    acos asin atan atan2 ceil copysign cos erf erfc exp exp2 expm1 fabs floor fma fmax fmin fmod frexp hypot ldexp log
    log10 log1p log2 lround llround modf nearbyint nextafter pow rint round scalbn sin sincos sqrt tan tanh tgamma trunc
""".split())  # not lgamma: it writes the global signgam
RUNTIME = {"_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail", "__stack_chk_guard"}  # of the compiler, not of us
RUNTIME_HELPER = re.compile(r"__(u?divmod?|umod|mod|mul|ash[lr]|lshr|clz|ctz|popcount|float|fix|add|sub|cmp)[a-z]*[sdtx]i[0-9]$"
                            r"|__aeabi_|__mem(cpy|set|move)_chk$")
WRITABLE = {".data", ".bss", ".tdata", ".tbss", "COMMON"}  # .data.rel.ro is written by the loader only


def check_exports(shared):
    names = [line.split()[-1].split("@")[0] for line in run([need("nm"), "-D", "--defined-only", shared]).splitlines()]
    strange = [name for name in names if not re.match(r"kedge_(?!i_)", name)]
    if strange or not names:
        sys.exit(f"{shared} exports {strange or 'nothing'}")
    return set(names)


def declared():
    """Public functions and class objects in the headers of the core."""
    names = set()
    for path in (SOURCE / "include").rglob("*.h"):
        if path.name != "gsl.h" and path.parent.name != "gsl":
            text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
            names |= set(re.findall(r"KEDGE_API[^;({]*?\b(kedge_\w+)\s*[;(]", text))
    return names


def check_undefined(static):
    output = run([need("nm"), "-u", static])
    own = set(re.findall(r"^\S+ [TDRBVW] (kedge_\w+)$", run(["nm", "--defined-only", static]), re.M))
    for line in output.splitlines():
        if " U " in f" {line.strip()} ":
            name = line.split()[-1]
            if name not in own | LIBC | LIBM | RUNTIME and not RUNTIME_HELPER.match(name):
                sys.exit(f"{static} needs {name}")


def check_sections(static):
    member = ""
    for line in run([need("size"), "-A", static]).splitlines():
        words = line.split()
        if line.endswith(":") or "(ex " in line:
            member = words[0]
        elif len(words) == 3 and words[1].isdigit() and int(words[1]) > 0:
            if words[0] in WRITABLE or (words[0].startswith((".data.", ".bss.")) and not words[0].startswith(".data.rel.ro")):
                sys.exit(f"{member} has {words[1]} bytes of {words[0]}")


PROGRAM = """
#include <kedge/detector.h>
int main(void)
{
    union { double align; unsigned char bytes[KEDGE_PAGE_HINKLEY_BYTES]; } mem;
    kedge_page_hinkley_config cfg = kedge_page_hinkley_defaults();
    kedge_detector d;
    return kedge_detector_init(&d, &cfg.base, &mem, sizeof mem) == KEDGE_OK ? 0 : 1;
}
"""


# A device that predicts from flash: nothing that learns or writes comes with it.
FROZEN = """
#include <kedge/frozen.h>
static const union { double align; unsigned char bytes[128]; } flash;
int main(void)
{
    kedge_frozen f;
    double x[2] = {0, 0}, y;
    if (kedge_frozen_open(&f, &flash, sizeof flash) == KEDGE_OK)
        return kedge_frozen_predict(&f, x, &y) >= 0 ? 2 : 1;
    return 0;
}
"""


def check_static_link(static, text, own, strangers):
    with scratch() as name:
        source, program = Path(name) / "one.c", Path(name) / "one"
        source.write_text(text, encoding="utf-8")
        run([*CC, "-std=c11", "-I", SOURCE / "include", source, static, "-lm", *LINK_ARGS, "-o", program])
        run([program])
        names = run(["nm", "--defined-only", program])
    if own not in names:
        sys.exit(f"the program should have {own} and nm should show it")
    guests = sorted(set(re.findall(rf"\S*(?:{strangers})\S*", names)))
    if guests:
        sys.exit(f"a program that names {own} only also got {guests}")


def main():
    if SANITIZED or "coverage" in " ".join(LINK_ARGS) or os.environ["KEDGE_ASSERTS"] == "1":
        skip("instrumented build")
    for static in (path for path in sys.argv[1:] if path.endswith(".a")):
        check_undefined(static)
        check_sections(static)
        check_static_link(static, PROGRAM, "page_hinkley", "adwin|ddm|logistic|gaussian|quality|latency|pipeline")
        check_static_link(static, FROZEN, "frozen_forest", "learn|kedge_model|adwin|freeze|arena|snapshot|rng")
    for shared in (path for path in sys.argv[1:] if not path.endswith(".a")):
        exported, wanted = check_exports(shared), declared()
        if exported != wanted:
            sys.exit(f"declared, not exported: {sorted(wanted - exported)}\nexported, not declared: {sorted(exported - wanted)}")
        print(f"{len(exported)} exports")


main()
