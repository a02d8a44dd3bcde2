"""The tables of the report, from what the engine added up and what cleaning told."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from crm_ai.analyses.quality import checks, reports, scores
from crm_ai.data.schema import TABLES
from crm_ai.i18n import number

Found = Mapping[str, pd.DataFrame]
"""What ``features`` gives."""
COLUMNS = ["table", "column", "type", "filled_share", "distinct", "least", "most", "usual"]
TEXTS = ["table", "column", "type", "least", "most", "usual"]


def columns(found: Found, rules: pd.DataFrame, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """COLUMNS: a row a column; rows taken out for want of a value count as empty, as do columns without any value."""
    held = found["columns"]
    gone = reports.missing(rules)
    lost = np.array([gone.get(pair, 0) for pair in zip(held["table"], held["column"], strict=True)], dtype=float)
    share = held["filled"] / np.maximum(held["rows"] + lost, 1)
    top = found["values"].query("rows > 1").drop_duplicates(["table", "column"])
    texts = dict(zip(zip(top["table"], top["column"], strict=True), top["value"], strict=True))
    often = [texts.get(pair, "") for pair in zip(held["table"], held["column"], strict=True)]
    middle = [number(value + 0.0) if np.isfinite(value) else "" for value in held["q50"]]
    usual = pd.Series(
        np.where(held["type"] == "number", np.array(middle), np.array(often)), index=held.index, dtype="str"
    )
    empty = [{"table": t, "column": c, "filled_share": 0.0, "distinct": 0} for t, c, _ in reports.empty(manifest)]
    both = pd.concat([held.assign(filled_share=share, usual=usual)[COLUMNS], pd.DataFrame(empty)], ignore_index=True)
    both[TEXTS] = both[TEXTS].fillna("").astype("str")
    return both.astype({"distinct": "int64"}).sort_values("table", key=_place, kind="stable", ignore_index=True)


def every_check(
    found: Found, rules: pd.DataFrame, spellings: pd.DataFrame, created: pd.Timestamp | None
) -> pd.DataFrame:
    """All checks with their share of rows, the worst first."""
    more = [*_taken_out(rules), *_future(found["days"], created), *_spellings(found["values"], spellings)]
    more += list(_outside(found["outliers"]))
    table = pd.concat([found["checks"], checks.table(more)], ignore_index=True)
    table = table.assign(share=table["rows"] / np.maximum(table["of"], 1))
    table["place"] = table["dimension"].map({name: place for place, name in enumerate(scores.WEIGHTS)})
    table = table.sort_values(["share", "place"], ascending=[False, True], kind="stable", ignore_index=True)
    return table[[*checks.COLUMNS[:-1], "share", "example"]]


def most_first(rules: pd.DataFrame) -> pd.DataFrame:
    """table, rule, dimension, found, taken_out: the rules that found most first."""
    ordered = rules.sort_values("found", ascending=False, kind="stable", ignore_index=True)
    return ordered[["table", "rule", "dimension", "found", "taken_out"]]


def dimensions(scored: Mapping[str, float | None]) -> pd.DataFrame:
    """dimension, score, weight; no score where it cannot be judged."""
    frame = pd.DataFrame({"dimension": list(scored), "score": pd.Series(list(scored.values()), dtype="float64")})
    return frame.assign(weight=[scores.WEIGHTS[name] for name in scored])


def ages(days: pd.DataFrame, created: pd.Timestamp | None) -> dict[str, Any]:
    """First and last day, the age of the newest row and of the middle one; rows of the future are 0 days old."""
    if days.empty:
        return {"first_day": "", "last_day": "", "freshness_days": None, "median_age_days": None}
    first, last = days["day"].min(), days["day"].max()
    ordered = days.sort_values("day")
    middle = ordered["day"].iloc[int(np.searchsorted(ordered["rows"].cumsum(), ordered["rows"].sum() / 2))]
    return {
        "first_day": first.date().isoformat(),
        "last_day": last.date().isoformat(),
        "freshness_days": None if created is None else float(max(0, (created - last).days)),
        "median_age_days": float(max(0, ((created or last) - middle).days)),
    }


def created_at(manifest: Mapping[str, Any]) -> pd.Timestamp | None:
    """The day the data came in, UTC."""
    text = manifest.get("created_at")
    return pd.to_datetime(text, utc=True).tz_localize(None).normalize() if text else None


def _place(tables: pd.Series) -> pd.Series:
    return tables.map({name: place for place, name in enumerate(TABLES)})


def _taken_out(rules: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Faulty records of each table; the example is the rule with most of them."""
    for table, told in rules.groupby("table", sort=False):
        for dimension in ("validity", "uniqueness"):
            some = told[(told["dimension"] == dimension) & (told["faults"] > 0)]
            if len(some) or dimension == "validity":
                faults, of = int(some["faults"].sum()), int(told["of"].iloc[0])
                worst = str(some["rule"].iloc[int(some["faults"].argmax())]) if len(some) else ""
                row = {"dimension": dimension, "table": table, "column": "", "check": "taken_out", "example": worst}
                yield row | {"found": faults, "rows": min(faults, of), "of": of}


def _future(days: pd.DataFrame, created: pd.Timestamp | None) -> Iterator[dict[str, Any]]:
    """Rows dated later than the day after the data came in: midnight is not the same everywhere."""
    if created is None:
        return
    for table, some in days.groupby("table", sort=False):
        late = some[some["day"] > created + pd.Timedelta(days=1)]
        rows, last = int(late["rows"].sum()), "" if late.empty else late["day"].max().date().isoformat()
        row = {"dimension": "validity", "table": table, "column": checks.DATES[str(table)], "check": "future_dates"}
        yield row | {"found": rows, "rows": rows, "of": int(some["rows"].sum()), "example": last}


def _spellings(values: pd.DataFrame, spellings: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for (table, column), some in values.groupby(["table", "column"], sort=False):
        mine = spellings[(spellings["table"] == table) & (spellings["column"] == column)]
        row = {"dimension": "spelling", "table": table, "column": column, "check": "spellings"}
        counts = {"found": len(mine), "rows": int(mine["rows_elsewhere"].sum()), "of": int(some["rows"].sum())}
        yield row | counts | {"example": mine["variants"].iloc[0] if len(mine) else ""}


def _outside(outliers: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in outliers.to_dict("records"):
        head = {"dimension": "outliers", "table": row["table"], "column": row["column"], "check": "outside"}
        yield head | {"found": row["n"], "rows": row["n"], "of": row["of"], "example": row["example"]}
