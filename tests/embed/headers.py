# SPDX-License-Identifier: MIT
"""Each public header compiles alone as C11, C++11 and C++17 without a warning, and the example in its comment builds, runs and ends
with 0. Both by this build's compiler: the release builds of gcc and of clang each ask their own."""
import re
import sys
from pathlib import Path

from embed import CC, CXX, GSL_LIBRARY, LINK_ARGS, SOURCE, WARNINGS, compilers, run, scratch

CPP_WARNINGS = WARNINGS + ["-Wold-style-cast", "-Wshadow"]
INCLUDE = ["-I", SOURCE / "include"]


def compile_alone(name, directory):
    text = f"#include <{name}>\n#include <{name}>\nint kedge_header_alone(void);\nint kedge_header_alone(void) {{ return 0; }}\n"
    c, cpp = directory / "alone.c", directory / "alone.cpp"
    c.write_text(text, encoding="utf-8")
    cpp.write_text(text, encoding="utf-8")
    run([*CC, "-std=c11", *WARNINGS, *INCLUDE, "-c", c, "-o", directory / "alone.o"])
    for standard in ("-std=c++11", "-std=c++17"):
        run([*compilers(CXX), standard, *CPP_WARNINGS, *INCLUDE, "-c", cpp, "-o", directory / "alone.o"])


def example(path):
    """The lines between @code and @endcode in the header's first comment."""
    found = re.search(r"@code\n(.*?)\n \*  @endcode", path.read_text(encoding="utf-8"), re.S)
    if not found:
        return None
    return "".join(re.sub(r"^ \* ? ?", "", line) + "\n" for line in found.group(1).split("\n"))


def needs_gsl(name):
    return name == "kedge/gsl.h" or name.startswith("kedge/gsl/")


def run_example(name, text, library, directory):
    program = directory / "example"
    source = directory / "example.c"
    source.write_text(text, encoding="utf-8")
    libraries = [library, "-lm"]
    if needs_gsl(name):
        libraries = [GSL_LIBRARY, library, "-lgsl", "-lgslcblas", "-lm"]
    run([*CC, "-std=c11", *WARNINGS, *INCLUDE, source, *libraries, *LINK_ARGS, "-o", program])
    run([program])


def main():
    library = sys.argv[1]
    without_example = []
    with scratch() as name:
        directory = Path(name)
        headers = sorted(path.relative_to(SOURCE / "include").as_posix() for path in (SOURCE / "include").rglob("*.h"))
        for header in headers:
            compile_alone(header, directory)
            text = example(SOURCE / "include" / header)
            if needs_gsl(header) and not GSL_LIBRARY:
                print(f"{header}: example not run, this build has no kedge-gsl")
            elif text:
                run_example(header, text, library, directory)
            else:
                without_example.append(header)
    if without_example != ["kedge/version.h"]:
        sys.exit(f"headers without an example: {without_example}")
    print(f"{len(headers)} headers")


main()
