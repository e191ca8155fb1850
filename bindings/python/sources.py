#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the C library's source files, as listed in its own build files, relative to this folder."""
import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parent
lists = {"core": ("src/meson.build", "core_sources", "src"), "gsl": ("src/gsl/meson.build", "gsl_sources", "src/gsl")}
build_file, name, folder = lists[sys.argv[1]]
text = (here / "../.." / build_file).read_text()
for block in re.findall(rf"{name} \+?= files\((.*?)\)", text, re.S):
    for path in re.findall(r"'([^']+\.c)'", block):
        print(f"../../{folder}/{path}")
