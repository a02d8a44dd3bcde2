"""What a Result holds, seen from outside: tables, metrics, and a folder it survives in.

Every field of a Result is a DataFrame (a table), a number (a metric), text, a flag, None, or a tuple or
dict of those (kept as JSON). Properties that are numbers are metrics too. A number that does not exist is None,
never NaN: JSON has no word for it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from numbers import Real
from pathlib import Path
from typing import Any

import pandas as pd


def tables(result: Any) -> dict[str, pd.DataFrame]:
    """Table name -> frame, in the order of the fields."""
    return {name: value for name, value in _values(result).items() if isinstance(value, pd.DataFrame)}


def metrics(result: Any) -> dict[str, float]:
    """Metric name -> number, derived ones included."""
    derived = [name for name, member in vars(type(result)).items() if isinstance(member, property)]
    every = _values(result) | {name: getattr(result, name) for name in derived}
    return {name: value for name, value in every.items() if _is_number(value)}


def save(result: Any, folder: Path, head: Mapping[str, Any] | None = None) -> None:
    """Write ``result.json`` and a Parquet file a table into ``folder``; ``head`` goes first in the JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = tables(result)
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    document = {
        **(head or {}),
        "metrics": metrics(result),
        "tables": {name: f"{name}.parquet" for name in frames},
        "values": {name: value for name, value in _values(result).items() if name not in frames},
    }
    text = json.dumps(strict(document), ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "result.json").write_text(text, "utf-8")


def load(kind: type, folder: Path) -> Any:
    """The Result that ``save`` wrote."""
    document = json.loads((folder / "result.json").read_text("utf-8"))
    frames = {name: pd.read_parquet(folder / file) for name, file in document["tables"].items()}
    return kind(**frames, **{name: _frozen(value) for name, value in document["values"].items()})


def _values(result: Any) -> dict[str, Any]:
    return {f.name: getattr(result, f.name) for f in fields(result)}


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def strict(value: Any) -> Any:
    """What JSON can say: numpy numbers become Python's, NaN and infinity become null."""
    if isinstance(value, Mapping):
        return {str(name): strict(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict(item) for item in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
