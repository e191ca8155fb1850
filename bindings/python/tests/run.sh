#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the package into a clean virtual environment and tests it there, without NumPy and with it. Usage: run.sh DIRECTORY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1
rm -rf "$work"
mkdir -p "$work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "$here/.."
cd "$work"
echo 'without NumPy'
"$work/venv/bin/python" "$here/test_kedge.py"
"$work/venv/bin/pip" install -q --disable-pip-version-check numpy
echo 'with NumPy'
"$work/venv/bin/python" "$here/test_kedge.py"
# The README's example, as a newcomer would paste it.
sed -n '/^```python$/,/^```$/p' "$here/../README.md" | sed '/^```/d' >"$work/example.py"
"$work/venv/bin/python" "$work/example.py" | grep 'since day 1200'
