#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the package into a clean virtual environment and tests it there, without NumPy and with it.
# Usage: [PYTHON=python3] run.sh DIRECTORY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1
rm -rf "$work"
mkdir -p "$work"
"${PYTHON:-python3}" -m venv "$work/venv"
# Nothing can be built without the packages that the build needs. 77 means skipped.
if ! "$work/venv/bin/pip" download -q --disable-pip-version-check --retries 2 --no-deps -d "$work/found" meson-python \
  >"$work/found.txt" 2>&1
then
  echo "skipped: pip finds no meson-python: $(tail -n 1 "$work/found.txt")"
  exit 77
fi
# With less optimisation than users get: other tests look at what an optimising compiler makes of the library.
"$work/venv/bin/pip" install -q --disable-pip-version-check --config-settings=setup-args=-Doptimization=1 "$here/.."
cd "$work"
# Every Python of this platform, and no other platform.
grep -h '^Tag: py3-none-' venv/lib/python3*/site-packages/kedge-*.dist-info/WHEEL | grep -v -e '-any$'
echo 'without NumPy'
"$work/venv/bin/python" -m unittest discover -s "$here"
"$work/venv/bin/pip" install -q --disable-pip-version-check numpy
echo 'with NumPy'
"$work/venv/bin/python" -m unittest discover -s "$here"
# The examples of both READMEs, as a newcomer would paste them.
example() {
  sed -n '/^```python$/,/^```$/p' "$1" | sed '/^```/d' >"$work/example.py"
  "$work/venv/bin/python" "$work/example.py"
}
example "$here/../README.md" | tee "$work/example.txt" | grep 'since day 1200'
grep '^age moved: mean 4' "$work/example.txt"
grep '^accuracy 0.8[0-9]; serve: class 1' "$work/example.txt"
grep '^3[0-9]* ns: promoted, version' "$work/example.txt"
grep '^row 6[0-9]*: version 1 may serve' "$work/example.txt"
grep '^# Sign of a number, version 2' "$work/example.txt"
grep '^from row 2[0-9]* on random_forest' "$work/example.txt"
example "$here/../../../docs/service.md" | tee "$work/example.txt" | grep '^row 1000: .* unknown category: 9, known are 3'
grep '^intact [0-9]* records' "$work/example.txt"
example "$here/../../../README.md" | grep '^drift at 1[23]'
