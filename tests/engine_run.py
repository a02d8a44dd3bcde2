"""Run analyses on an engine, in a process of its own: `python -m tests.engine_run URL DATASET OUT CASE...`.

One process can have one Spark session, hence this program; what it finds goes to OUT/<case>, what goes wrong to
OUT/<case>.error.
"""

import sys
import traceback
from pathlib import Path
from typing import Any

from crm_ai import analyses
from crm_ai.analyses import options, results
from crm_ai.data.dataset import Dataset
from crm_ai.recipes import Recipe

PLAIN: dict[str, dict[str, Any]] = {name: {} for name in analyses.ALL} | {"purchases": {"model": "logistic_regression"}}
CASES: dict[str, dict[str, Any]] = {
    **PLAIN,
    "overview a year before": {"compare": "year"},
    "segments by rfm": {"method": "rfm"},
    "segments by all habits": {"features": "all", "n_clusters": 4},
    "segments by attributes": {"basis": "attributes"},
    "purchases of a label": {"target": "target", "model": "logistic_regression"},
    "forecast of products": {"by": "product"},
    "baskets of categories": {"level": "category"},
    "anomalies of orders": {"on": "orders"},
    "anomalies of customers": {"on": "customers"},
    "segments in part": {"method": "rfm"},
    "purchases in part": {"model": "logistic_regression"},
    "anomalies in part": {"on": "orders"},
    "feedback in part": {},
    "overview of some": {},
    "feedback of some": {},
}
"""Case -> parameters; the first word is the analysis, "in part" takes bounds that these data exceed, and "of some"
looks at filtered data."""
SOME = {"since": "2024-01-01", "until": "2025-03-31", "country": ["China", "Germany"], "segment": ["Lost", "Loyal"]}
BOUNDS = {"segments": {"MOST": 150}, "purchases": {"MOST": 2_000, "MOST_LISTED": 50}, "anomalies": {"MOST": 1_000}}
BOUNDS |= {"feedback": {"MOST_TEXTS": 200}}


def run(case: str, data: Dataset) -> Any:
    """The result of a case."""
    name, _, how = case.partition(" ")
    if how == "of some":
        return Recipe("", name, CASES[case], SOME if name == "overview" else {"country": ["China"]}).run(data)
    module = analyses.load(name)
    bounds = BOUNDS[name] if how == "in part" else {}
    before = {bound: getattr(module, bound) for bound in bounds}
    try:
        for bound, value in bounds.items():
            setattr(module, bound, value)
        return module.run(data, options.parse(module.Params, CASES[case]))
    finally:
        for bound, value in before.items():
            setattr(module, bound, value)


def main(url: str, dataset: str, out: str, *cases: str) -> None:
    data = Dataset.open(Path(dataset), url)
    for case in cases:
        try:
            results.save(run(case, data), Path(out) / case)
        except Exception:
            (Path(out) / f"{case}.error").write_text(traceback.format_exc(), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
