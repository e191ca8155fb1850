# SPDX-License-Identifier: MIT
"""The reference pages build without one warning: every public symbol, parameter and result is documented."""
import re
import sys
from pathlib import Path

from embed import SOURCE, need, run, scratch


def main():
    doxygen = need("doxygen")
    text = (SOURCE / "docs/Doxyfile.in").read_text(encoding="utf-8")
    with scratch() as name:
        for key, value in {"SOURCE": SOURCE, "OUTPUT": name, "VERSION": "test"}.items():
            text = text.replace(f"@{key}@", str(value))
        doxyfile = Path(name) / "Doxyfile"
        doxyfile.write_text(text, encoding="utf-8")
        run([doxygen, doxyfile], cwd=name)
        pages = len(list((Path(name) / "html").glob("*.html")))
    if re.search(r"@[A-Z]+@", text) or pages < 20:
        sys.exit("Doxyfile.in has an unknown variable, or there are no pages")
    print(f"{pages} pages")


main()
