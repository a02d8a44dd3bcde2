"""Item sets: our three algorithms beside mlxtend, Efficient-Apriori and pyfim (C), in turn, in one process.

python benchmarks/baskets.py [ROUNDS]

Needs the shared data; a library that is not installed is left out. CPU seconds, median of the rounds.
"""

import csv
import gzip
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from crm_ai.methods.itemsets import ALGORITHMS, Baskets, find, least_count

DATA = Path(__file__).parents[2] / "shared" / "data"
Lists = list[list[str]]
SLOW = {"mlxtend apriori", "mlxtend fpgrowth", "efficient_apriori"}


def groceries() -> Lists:
    lines = (DATA / "groceries" / "groceries.csv").read_text("utf-8").splitlines()
    return [sorted({name.strip() for name in row if name.strip()}) for row in csv.reader(lines)]


def fimi(name: str) -> Lists:
    return [line.split() for line in gzip.open(DATA / "fimi" / f"{name}.dat.gz", "rt")]


def retail() -> Lists:
    lines = pd.read_parquet(DATA / "online_retail" / "online_retail_2010_2011.parquet")
    good = lines["CustomerID"].notna() & ~lines["InvoiceNo"].str.startswith("C") & (lines["UnitPrice"] > 0)
    return [sorted(set(codes)) for _, codes in lines[good].groupby("InvoiceNo")["StockCode"]]


def coded(lists: Lists) -> Baskets:
    codes = {name: code for code, name in enumerate(sorted({name for names in lists for name in names}))}
    return Baskets.of([[codes[name] for name in names] for names in lists])


def contestants(lists: Lists, share: float) -> dict[str, Callable[[], int]]:
    """Name -> a run that returns how many sets it found; data are in each one's own form before the clock starts."""
    baskets, least = coded(lists), least_count(share, len(lists))
    runs: dict[str, Callable[[], int]] = {f"ours {a}": lambda a=a: len(find(baskets, least, a)) for a in ALGORITHMS}
    if find_spec("fim"):
        import fim

        runs |= {f"pyfim {f.__name__}": lambda f=f: len(f(lists, supp=-least)) for f in (fim.eclat, fim.fpgrowth)}
    if find_spec("efficient_apriori"):
        from efficient_apriori.itemsets import itemsets_from_transactions

        pairs = [tuple(names) for names in lists]
        runs["efficient_apriori"] = lambda: sum(map(len, itemsets_from_transactions(pairs, share)[0].values()))
    if find_spec("mlxtend"):
        from mlxtend.frequent_patterns import apriori, fpgrowth

        table = np.zeros((baskets.n_baskets, baskets.n_items), dtype=bool)
        table[baskets.basket, baskets.item] = True
        frame, edge = pd.DataFrame(table), (least - 0.5) / len(lists)
        runs |= {f"mlxtend {f.__name__}": lambda f=f: len(f(frame, edge)) for f in (apriori, fpgrowth)}
    return runs


def measured(lists: Lists, share: float, rounds: int, without: set[str]) -> dict[str, tuple[float, int]]:
    """Name -> (median CPU seconds, sets); each round runs everybody once, slow ones in the first only."""
    runs = {name: run for name, run in contestants(lists, share).items() if name not in without}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    counts = {}
    for turn in range(rounds):
        for name, run in runs.items():
            if turn == 0 or name not in SLOW:
                begun = time.process_time()
                counts[name] = run()
                seconds[name].append(time.process_time() - begun)
    return {name: (median(times), counts[name]) for name, times in seconds.items()}


def main(rounds: int = 5) -> None:
    cases = [
        ("Groceries, 0.1 %", groceries(), 0.001, set()),
        ("Online Retail, 1 %", retail(), 0.01, {"mlxtend apriori"}),
        ("T10I4D100K, 0.2 %", fimi("T10I4D100K"), 0.002, {"mlxtend apriori", "efficient_apriori"}),
    ]
    print("| data, support | method | sets | CPU seconds | times ours (Eclat) |\n|---|---|---|---|---|")
    for title, lists, share, without in cases:
        found = measured(lists, share, rounds, without)
        ours = found["ours eclat"][0]
        for name, (seconds, sets) in found.items():
            print(f"| {title} | {name} | {sets:,} | {seconds:.3f} | {seconds / ours:.1f} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
