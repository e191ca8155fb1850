# SPDX-License-Identifier: MIT
"""river's learners test-then-train on a table, as bench-learners: river_learners.py TABLE, with a learner on each line of standard
input."""
import json
import sys
import time

from river import forest, linear_model, naive_bayes, preprocessing, tree

LEARNERS = {
    "gaussian_nb": naive_bayes.GaussianNB,
    "hoeffding_tree": tree.HoeffdingTreeClassifier,
    "adaptive_tree": lambda: tree.HoeffdingAdaptiveTreeClassifier(seed=1),
    "efdt": tree.ExtremelyFastDecisionTreeClassifier,
    "last_tree": tree.LASTClassifier,
    "adaptive_forest": lambda: forest.ARFClassifier(n_models=10, seed=1),
    "logistic": lambda: preprocessing.StandardScaler() | linear_model.LogisticRegression(),
}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        n, n_features, n_classes = map(int, file.readline().split())
        rows = [line.split() for line in file]
    xs = [{j: float(value) for j, value in enumerate(row[:n_features])} for row in rows]
    ys = [int(row[n_features]) for row in rows]
    for line in sys.stdin:
        learner = LEARNERS[line.strip()]()
        right = 0
        if n_classes == 2 and line.strip() == "logistic":
            ys = [bool(y) for y in ys]
        begin = time.process_time()
        for x, y in zip(xs, ys):
            right += learner.predict_one(x) == y
            learner.learn_one(x, y)
        seconds = time.process_time() - begin
        print(json.dumps({"learner": line.strip(), "accuracy": right / n, "ns": seconds / n * 1e9}), flush=True)


main()
