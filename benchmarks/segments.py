"""How many groups, from 2 to 10: ours beside the usual scikit-learn loop, in turns, on the same rows.

    python benchmarks/segments.py [--rows 100000] [--rounds 3]

The peer fits KMeans(n_init=3) for each k and takes silhouette_score on 10,000 rows; ours compares six criteria, the
stability under the bootstrap among them, on one sample of 2,000 with shared distances, and then groups all rows. CPU
seconds count all threads; found is the number of groups, ARI the agreement with the six that were planted.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from crm_ai.analyses.segments import division

COUNTS = range(2, 11)


def planted(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Six overlapping groups of unequal size in five columns, scaled."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(6, rows, p=[0.3, 0.25, 0.2, 0.12, 0.08, 0.05])
    x = rng.normal(size=(6, 5))[labels] * 3.5 + rng.normal(size=(rows, 5))
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32), labels


def ours(x: np.ndarray) -> np.ndarray:
    return division.by_distance(division.space(x), "kmeans", "auto").labels


def loop(x: np.ndarray) -> np.ndarray:
    fits = [KMeans(k, n_init=3, random_state=0).fit_predict(x) for k in COUNTS]
    widths = [silhouette_score(x, labels, sample_size=10_000, random_state=0) for labels in fits]
    return fits[int(np.argmax(widths))]


def measure(work: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> tuple[float, float, np.ndarray]:
    wall, cpu = time.perf_counter(), time.process_time()
    labels = work(x)
    return time.perf_counter() - wall, time.process_time() - cpu, labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    x, labels = planted(arguments.rows)
    works = {"crm_ai": ours, "scikit-learn loop": loop}
    runs = {name: [] for name in works}
    for _ in range(arguments.rounds):
        for name, work in works.items():
            runs[name].append(measure(work, x))
    print(f"{arguments.rows:,} customers, 5 columns, k from 2 to 10, median of {arguments.rounds} rounds\n")
    print("| | wall s | CPU s | CPU ratio | found | ARI |\n|---|---:|---:|---:|---:|---:|")
    base = statistics.median(cpu for _, cpu, _ in runs["crm_ai"])
    for name, measured in runs.items():
        wall, cpu = (statistics.median(run[n] for run in measured) for n in (0, 1))
        found = measured[-1][2]
        agreed = adjusted_rand_score(labels, found)
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {cpu / base:.1f} | {len(np.unique(found))} | {agreed:.3f} |")


if __name__ == "__main__":
    main()
