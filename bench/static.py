#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kedge's static trainers beside scikit-learn's and statsmodels', one thread, on the same rows: static.py PROGRAM DOCS [options]

PROGRAM is bench-static of a build with kedge-gsl. This runs in a Python that has numpy, scikit-learn, statsmodels and river (whose
data sets it takes). Both sides fit by turns, round after round; ratios are formed within a round and their median is shown. Writes
DOCS/static.md. A learner is one line of `LEARNERS` here and one of configure() in static.c."""
import os

os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})  # before numpy is loaded

import argparse
import csv
import gzip
import importlib.util
import json
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import sklearn
import statsmodels
import statsmodels.api
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LassoCV, LinearRegression, LogisticRegression, Ridge, RidgeCV
from sklearn.metrics import r2_score
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

HERE = Path(__file__).resolve().parent


class Robust:
    """statsmodels' RLM with Huber's norm, in scikit-learn's words."""

    def fit(self, x, y):
        self._fitted = statsmodels.api.RLM(y, statsmodels.api.add_constant(x), M=statsmodels.api.robust.norms.HuberT()).fit()

    def score(self, x, y):
        return r2_score(y, self._fitted.predict(statsmodels.api.add_constant(x)))


class Components(PCA):
    def score(self, x, y=None):
        return float(self.explained_variance_ratio_[:5].sum())


# learner of bench-static: title, the peer, is it a regression?
LEARNERS = {
    "least_squares": ("least squares (kedge-gsl)", LinearRegression, True),
    "normal_equations": ("least squares by normal equations (kedge-gsl)", LinearRegression, True),
    "ridge": ("ridge by normal equations (kedge-gsl)", Ridge, True),
    "ridge_path": ("ridge, the best of 13 penalties by leave-one-out (kedge-gsl)", lambda: RidgeCV(np.geomspace(1e-3, 1e3, 13)),
                   True),
    "logistic": ("logistic regression (kedge-gsl)", LogisticRegression, False),
    "gaussian_nb": ("Gaussian naive Bayes", GaussianNB, False),
}
# learner of bench-static, title, the peer, and how many classes (0: a regression); on MORE_ROWS rows alone
MORE = [
    ("lasso", "lasso, the best of 100 penalties by 5 folds", "LassoCV", lambda: LassoCV(cv=5), 0),
    ("robust", "robust regression, Huber", "statsmodels' RLM", Robust, 0),
    ("softmax", "multinomial logistic regression", "LogisticRegression", LogisticRegression, 3),
    ("softmax", "multinomial logistic regression", "LogisticRegression(tol=1e-6), an equal optimum",
     lambda: LogisticRegression(tol=1e-6), 3),
    ("softmax", "multinomial logistic regression", "LogisticRegression", LogisticRegression, 10),
    ("softmax", "multinomial logistic regression", "LogisticRegression(tol=1e-6), an equal optimum",
     lambda: LogisticRegression(tol=1e-6), 10),
    ("linear_discriminant", "linear discriminants", "LinearDiscriminantAnalysis", LinearDiscriminantAnalysis, 3),
    ("quadratic_discriminant", "quadratic discriminants", "QuadraticDiscriminantAnalysis", QuadraticDiscriminantAnalysis, 3),
]
MORE_ROWS = 100_000
# principal components: rows, features, the peer's way
COMPONENTS = [(100_000, 20, "full"), (100_000, 20, "covariance_eigh"), (5_000, 300, "full"), (5_000, 300, "covariance_eigh")]
# on real streams, in time: the same number of rounds for both boosters
STREAM_LEARNERS = {
    "gradient_boosting": ("gradient boosting", lambda: HistGradientBoostingClassifier(max_iter=100, early_stopping=False)),
    "random_forest": ("random forest", lambda: RandomForestClassifier(random_state=1)),
    "cart": ("CART", lambda: DecisionTreeClassifier(random_state=1)),
}
FEATURES = 20


class Program:
    """bench-static, and the file that it reads tables from."""

    def __init__(self, path, directory):
        self.process = subprocess.Popen([str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.file = Path(directory) / "table"

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def give(self, x, y, n_classes):
        with self.file.open("wb") as out:
            x.tofile(out)
            y.tofile(out)
        self.ask(f"table {self.file} {x.shape[0]} {x.shape[1]} {n_classes}")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def fit_peer(make, x, y, n_train):
    """As bench-static answers."""
    model = make()
    begin = time.process_time()
    model.fit(x[:n_train], y[:n_train])
    seconds = time.process_time() - begin
    first = n_train if n_train < len(y) else 0
    return {"seconds": seconds, "quality": model.score(x[first:], y[first:])}


def compare(program, request, make, x, y, n_train, rounds):
    """Both by turns. Returns the answers of each."""
    own, peer = [], []
    for _ in range(rounds):
        own.append(program.ask(f"{request} {n_train}"))
        peer.append(fit_peer(make, x, y, n_train))
    return own, peer


def synthetic(n_rows):
    """Normal features, and two targets that are linear in them up to noise: a number, a class."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((n_rows, FEATURES))
    value = x @ rng.standard_normal(FEATURES) + 0.5
    return x, value + rng.standard_normal(n_rows), (value + rng.logistic(size=n_rows) > 0).astype(float)


def synthetic_classes(n_rows, n_classes):
    """Normal features, and classes by the greatest of linear functions of them and noise."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((n_rows, FEATURES))
    return x, np.argmax(x @ rng.standard_normal((FEATURES, n_classes)) + 2 * rng.gumbel(size=(n_rows, n_classes)),
                        axis=1).astype(float)


def synthetic_factors(n_rows, n_features):
    """Features that eight factors move, and noise."""
    rng = np.random.default_rng(3)
    return rng.standard_normal((n_rows, 8)) @ rng.standard_normal((8, n_features)) + rng.standard_normal((n_rows, n_features)) + 3


def stream(name):
    """Rows and labels of a real stream, in time."""
    if name == "weather":
        file, target = (HERE.parent / "examples/data/weather.csv").open(encoding="utf-8"), "rain"
    else:
        where = Path(importlib.util.find_spec("river").origin).parent / "datasets"
        file, target = gzip.open(where / f"{name}.csv.gz", "rt", encoding="utf-8"), {"shuttle": "anomaly",
                                                                                     "phishing": "is_phishing"}[name]
    with file:
        rows = list(csv.DictReader(file))
    labels = sorted({row[target] for row in rows})
    x = np.array([[float(value) for name, value in row.items() if name != target] for row in rows])
    return x, np.array([float(labels.index(row[target])) for row in rows]), len(labels)


def cells(own, peer):
    """Seconds of both, and how much of the peer's time kedge takes: median and spread of the rounds."""
    ratios = sorted(o["seconds"] / p["seconds"] for o, p in zip(own, peer))
    times = [statistics.median(run["seconds"] for run in runs) for runs in (own, peer)]
    return f"{times[0]:.4f} | {times[1]:.4f} | {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})"


def quality(own, peer):
    return f"{own[0]['quality']:.4f} | {peer[0]['quality']:.4f}"


def fit_table(program, sizes, rounds):
    lines = ["| learner | rows | kedge, s | scikit-learn, s | kedge takes, times | quality, kedge | scikit-learn | bytes of work "
             "memory |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for n_rows in sizes:
        x, values, classes = synthetic(n_rows)
        for is_regression in (True, False):
            y = values if is_regression else classes
            program.give(x, y, 0 if is_regression else 2)
            for learner, (title, make, is_own) in LEARNERS.items():
                if is_own == is_regression:
                    own, peer = compare(program, f"fit {learner}", make, x, y, n_rows, rounds)
                    lines.append(f"| {title} | {n_rows:,} | {cells(own, peer)} | {quality(own, peer)} | {own[0]['work']:,} |")
                    print(lines[-1], flush=True)
    return lines


def more_table(program, rounds):
    lines = ["| learner | peer | classes | kedge, s | peer, s | kedge takes, times | quality, kedge | peer "
             "| bytes of work memory |",
             "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for learner, title, peer_title, make, n_classes in MORE:
        x, y = synthetic_classes(MORE_ROWS, n_classes) if n_classes else synthetic(MORE_ROWS)[:2]
        program.give(x, y, n_classes)
        own, peer = compare(program, f"fit {learner}", make, x, y, MORE_ROWS, rounds)
        lines.append(f"| {title} | {peer_title} | {n_classes or '-'} | {cells(own, peer)} | {quality(own, peer)} | "
                     f"{own[0]['work']:,} |")
        print(lines[-1], flush=True)
    return lines


def components_table(program, rounds):
    lines = ["| rows | features | scikit-learn's solver | kedge, s | scikit-learn, s | kedge takes, times | explained by five, "
             "kedge | scikit-learn | bytes of work memory |",
             "| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for n_rows, n_features, solver in COMPONENTS:
        x = synthetic_factors(n_rows, n_features)
        program.give(x, np.zeros(n_rows), 0)
        own, peer = compare(program, "pca", lambda: Components(svd_solver=solver), x, np.zeros(n_rows), n_rows, rounds)
        lines.append(f"| {n_rows:,} | {n_features} | {solver} | {cells(own, peer)} | {quality(own, peer)} | {own[0]['work']:,} |")
        print(lines[-1], flush=True)
    return lines


def stream_table(program, rounds):
    lines = ["| learner | stream | rows of training | kedge, s | scikit-learn, s | kedge takes, times | accuracy, kedge | "
             "scikit-learn |",
             "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name in ("weather", "shuttle", "phishing"):
        x, y, n_classes = stream(name)
        n_train = len(y) // 5
        program.give(x, y, n_classes)
        for learner, (title, make) in STREAM_LEARNERS.items():
            own, peer = compare(program, f"fit {learner}", make, x, y, n_train, rounds)
            lines.append(f"| {title} | {name} | {n_train:,} | {cells(own, peer)} | {quality(own, peer)} |")
            print(lines[-1], flush=True)
    return lines


def write(docs, fits, more, components, streams, rounds):
    text = ["# Static trainers beside scikit-learn {#static}", "",
            f"Everybody fits the same rows, with one thread, by its defaults; CPU time of the fit alone, medians of {rounds} "
            f"rounds in which both take turns. Ratios are "
            "formed within a round: the median, and the least and greatest; below 1, kedge is the faster one. `tools/bench static` "
            "writes this page "
            f"({platform.machine()}, {os.cpu_count()} cores; scikit-learn {sklearn.__version__}, numpy {np.__version__}, "
            f"statsmodels {statsmodels.__version__}).", "",
            "## Normal features", "",
            f"{FEATURES} features. Quality: R2, or the share of classes that are right, on the rows of training.", "", *fits, "",
            "## Other trainers of kedge-gsl", "",
            f"{MORE_ROWS:,} rows of {FEATURES} features. Softmax stops within 1e-10 of its weights; scikit-learn's lbfgs by its "
            f"gradient, with its default of 1e-4 farther from the "
            "optimum.", "", *more, "",
            "## Principal components", "",
            "kedge keeps the digits of small components, as scikit-learn's full solver does; its `covariance_eigh`, which is what "
            "`auto` takes on such tables, squares the "
            "condition.", "", *components, "",
            "## Real streams", "",
            "Trained on the first fifth of a stream, in time; the accuracy is that of the rest. Both boosters grow 100 rounds and "
            "none stops early; scikit-learn's forest and tree "
            "grow out, kedge's to 1024 leaves.", "", *streams, ""]
    (docs / "static.md").write_text("\n".join(text), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        program = Program(arguments.program, directory)
        fits = fit_table(program, arguments.sizes, arguments.rounds)
        more = more_table(program, arguments.rounds)
        components = components_table(program, arguments.rounds)
        streams = stream_table(program, arguments.rounds)
        program.end()
    write(arguments.docs, fits, more, components, streams, arguments.rounds)


main()
