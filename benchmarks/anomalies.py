"""Anomalies beside scikit-learn's IsolationForest and the plain three-sigma rule; prints markdown.

python benchmarks/anomalies.py [folder with adbench/ and nab/]
"""

import json
import sys
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

from crm_ai.analyses import anomalies
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.methods import outliers

SHARED = Path(__file__).parents[2] / "shared" / "data"
EXCHANGES = ("2_cpc", "2_cpm", "3_cpc", "3_cpm", "4_cpc", "4_cpm")
SERIES = ["realKnownCause/nyc_taxi.csv", *(f"realAdExchange/exchange-{name}_results.csv" for name in EXCHANGES)]


def peer(values: np.ndarray) -> np.ndarray:
    return -IsolationForest(random_state=0).fit(values).score_samples(values)


def robust(values: np.ndarray) -> np.ndarray:
    rungs = [outliers.symmetric(column) for column in values.T]
    return outliers.farthest(
        outliers.robust_zscore(np.column_stack([r.up(c) for r, c in zip(rungs, values.T, strict=True)]))
    )


def quickest(work: Callable[[np.ndarray], Any], values: np.ndarray, times: int = 3) -> float:
    return min(timeit.repeat(lambda: work(values), number=1, repeat=times))


def speed() -> None:
    print("| rows x 3 measures | robust z-score, s | scikit-learn IsolationForest, s | ratio |\n|---|---|---|---|")
    for rows in (20_000, 200_000):
        values = np.random.default_rng(0).lognormal(3, 1, (rows, 3))
        ours, theirs = quickest(robust, values), quickest(peer, values)
        print(f"| {rows:,} | {ours:.3f} | {theirs:.3f} | {theirs / ours:.1f} |")
    values = np.random.default_rng(0).lognormal(3, 1, (200_000, 3))
    forest = quickest(lambda v: (outliers.isolation_forest(v), outliers.isolation_bound(v, 0.5)), values, 1)
    print(f"\nIsolation forest with its bound, 200,000 rows: {forest:.2f} s\n")


def ranking(folder: Path) -> None:
    print("| set | largest z | forest (ours) | forest (scikit-learn) |\n|---|---|---|---|")
    for path in sorted(folder.glob("adbench/*.npz")):
        data = np.load(path)
        values, label = data["X"], data["y"]
        largest = roc_auc_score(label, outliers.farthest(outliers.zscore(values)))
        ours = np.median([roc_auc_score(label, outliers.isolation_forest(values, seed)) for seed in range(5)])
        print(f"| {path.stem} | {largest:.3f} | {ours:.3f} | {roc_auc_score(label, peer(values)):.3f} |")


def planted() -> None:
    print("\n| planted days of the demo, 6 seeds | found of 72 | false |\n|---|---|---|")
    totals = {
        "robust z-score": [0, 0],
        "three sigma on revenue": [0, 0],
        "IsolationForest(contamination='auto')": [0, 0],
    }
    for seed in range(1, 7):
        shop, truth = samples.demo(seed)["transactions"], samples.truth(seed)
        planted, feasts = set(pd.to_datetime(truth.anomalies["date"])), set(pd.to_datetime(list(truth.holidays)))
        day = shop.groupby(shop["ordered_at"].dt.normalize())["amount"].sum()
        guess = IsolationForest(random_state=seed).fit_predict(day.to_numpy()[:, None]) == -1
        found = {
            "robust z-score": anomalies.run(Dataset.from_frames(transactions=shop)).flags["time"],
            "three sigma on revenue": day.index[np.abs(outliers.zscore(day.to_numpy())) > 3],
            "IsolationForest(contamination='auto')": day.index[guess],
        }
        for name, days in found.items():
            totals[name][0] += len(planted & set(days))
            totals[name][1] += len(set(days) - planted - feasts)
    for name, (hits, false) in totals.items():
        print(f"| {name} | {hits} | {false} |")


def windows(folder: Path) -> None:
    labels = json.loads((folder / "nab/labels/combined_windows.json").read_text())
    print(
        "\n| series | windows found | flags inside | outside | 3 sigma: windows | outside |\n|---|---|---|---|---|---|"
    )
    for name in SERIES:
        table = pd.read_csv(folder / "nab/data" / name, parse_dates=["timestamp"]).rename(columns={"timestamp": "time"})
        ours = anomalies.run(Dataset.from_frames(series=table)).flags["time"]
        plain = table["time"][np.abs(outliers.zscore(table["value"].to_numpy())) > 3]
        spans = [(pd.Timestamp(a), pd.Timestamp(b)) for a, b in labels[name]]
        hits, inside = _hits(ours, spans)
        plain_hits, plain_inside = _hits(plain, spans)
        outside, plain_outside = len(ours) - inside, len(plain) - plain_inside
        print(f"| {name} | {hits} of {len(spans)} | {inside} | {outside} | {plain_hits} | {plain_outside} |")


def _hits(times: pd.Series, spans: list[tuple[pd.Timestamp, pd.Timestamp]]) -> tuple[int, int]:
    within = [times.between(*span) for span in spans]
    return sum(bool(mask.any()) for mask in within), int(sum(mask.sum() for mask in within))


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    speed()
    if where.exists():
        ranking(where)
        windows(where)
    planted()
