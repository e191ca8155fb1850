# SPDX-License-Identifier: MIT
"""What the embedding tests share: where things are, running commands, compilers. Exit status 77 means skipped."""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["KEDGE_SOURCE"])
BUILD = pathlib.Path(os.environ["KEDGE_BUILD"])
CC = shlex.split(os.environ["KEDGE_CC"])
CXX = os.environ["KEDGE_CXX"]  # of the same makers
LINK_ARGS = shlex.split(os.environ.get("KEDGE_LINK_ARGS", ""))  # sanitizers, coverage: as the library was built
SANITIZED = os.environ.get("KEDGE_SANITIZE", "none") != "none"
GSL_LIBRARY = os.environ.get("KEDGE_GSL_LIBRARY", "")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def run(command, **options):
    """Run a command; end the test with its output if it fails. Returns its standard output."""
    command = [str(part) for part in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)}\nended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def need(tool):
    found = shutil.which(tool)
    if not found:
        skip(f"{tool} is not installed")
    return found


def compilers(*names):
    """Those of the named compilers that are here; at least one must be."""
    found = [name for name in names if shutil.which(name)]
    if not found:
        skip("none of " + ", ".join(names))
    return found


def scratch():
    return tempfile.TemporaryDirectory(prefix="kedge-embed-")


def code_blocks(markdown, language):
    """The fenced blocks of one language in a Markdown file."""
    return re.findall(rf"^```{language}\n(.*?)^```$", markdown, re.M | re.S)
