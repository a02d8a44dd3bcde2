"""The tables of the anomalies, from verdicts."""

import numpy as np
import pandas as pd

from crm_ai.analyses.anomalies.judge import TIMED, Judged
from crm_ai.analyses.anomalies.occasions import occasions
from crm_ai.analyses.anomalies.wording import reasons

MOST_FLAGS, MOST_POINTS, MOST_USUAL = 20_000, 36_000, 4_000
BINS = 60
KEYS = ("id", "customer_id", "ordered_at", "last_order", "time")
COLUMNS = ("value", "expected", "score", "method", "reason", "measure", "kind", "occasion", "strength")


def flags(judged: list[Judged], method: str) -> pd.DataFrame:
    """A row a flag, the strongest first; at most MOST_FLAGS."""
    found = pd.concat([_flags(one) for one in judged], ignore_index=True).assign(method=method)
    found = found.sort_values(["strength", "label"], ascending=[False, True], ignore_index=True).head(MOST_FLAGS)
    timed = judged[0].subject.unit in TIMED
    found["occasion"] = occasions(found["time"]) if timed and len(found) else pd.Series("", found.index, dtype="str")
    found["reason"] = pd.Series(reasons(found, judged[0].subject.unit), index=found.index, dtype="str")
    keys = [name for name in ("label", "series_id", *KEYS) if name in found]
    return found[[*keys, *COLUMNS]]


def measures(judged: list[Judged]) -> pd.DataFrame:
    """What is usual of each measure, over all series."""
    found = [_measure(judged, name) for name in judged[0].rows]
    table = pd.DataFrame(found)
    return table.drop(columns=["low", "high"]) if table["high"].isna().all() else table


def points(judged: list[Judged]) -> pd.DataFrame:
    """What the charts show: the series with the strongest flags without closed days, or all flags and a sample."""
    if judged[0].subject.unit not in TIMED:
        return _sample(judged[0])
    found: list[pd.DataFrame] = []
    room = MOST_POINTS
    for one in sorted(judged, key=lambda one: -one.strength.max(initial=0.0)):
        room -= len(one.strength) * len(one.rows)
        if room < 0 and found:
            break
        found += [_timeline(one, name) for name in one.rows]
    table = pd.concat(found, ignore_index=True)
    return table.drop(columns=["low", "high"]) if table["high"].isna().all() else table


def strengths(judged: list[Judged]) -> pd.DataFrame:
    """How many rows lie how near to their bound, in bins of a twentieth; what is beyond 3 counts as 3."""
    strength = np.minimum(np.concatenate([one.strength for one in judged]), BINS / 20 - 1e-9)
    weight = np.concatenate([one.weight for one in judged])
    counts, edges = np.histogram(strength, bins=BINS, range=(0.0, BINS / 20), weights=weight)
    return pd.DataFrame({"strength": edges[:-1] + 1 / 40, "rows": np.round(counts).astype("int64")})


def kinds(one: Judged) -> np.ndarray:
    """high, low, none (nothing where something is usual), combination, or "" where not flagged."""
    value, expected = (_of_measure(one, column) for column in ("value", "expected"))
    kind = np.where(value >= expected, "high", np.where((value == 0) & (expected > 0), "none", "low"))
    return np.where(one.flagged, np.where(one.alone, kind, "combination"), "")


def _flags(one: Judged) -> pd.DataFrame:
    mask = one.flagged
    keys = one.subject.frame.loc[mask, [name for name in KEYS if name in one.subject.frame]].reset_index(drop=True)
    found = {name: _of_measure(one, name)[mask] for name in ("value", "expected")}
    texts = {"measure": one.measure[mask].astype(str), "kind": kinds(one)[mask].astype(str)}
    table = keys.assign(**found, **texts, score=one.score[mask], strength=one.strength[mask])
    for name in texts:
        table[name] = table[name].astype("str")
    if one.subject.unit == "moment":
        table["series_id"] = pd.Series(one.subject.name, index=table.index, dtype="str")
    return table.assign(label=_labels(table, one.subject.unit))


def _labels(table: pd.DataFrame, unit: str) -> pd.Series:
    """What a person calls the row: the date, the moment (of its series), or the id."""
    if unit not in TIMED:
        return table["id"].astype("str")
    times = table["time"].dt.strftime("%Y-%m-%d %H:%M" if unit == "moment" else "%Y-%m-%d").astype("str")
    times = times.str.removesuffix(" 00:00")
    return (table["series_id"] + " " + times).str.strip() if unit == "moment" else times


def _of_measure(one: Judged, column: str) -> np.ndarray:
    """The column of the measure that stands out, row by row."""
    names = list(one.rows)
    table = np.column_stack([frame[column].to_numpy(float) for frame in one.rows.values()])
    return table[np.arange(len(table)), [names.index(name) for name in one.measure]]


def _measure(judged: list[Judged], name: str) -> dict[str, object]:
    rows = pd.concat([one.rows[name] for one in judged])
    kind = np.concatenate([np.where(one.measure == name, kinds(one), "") for one in judged])
    usual = {column: float(rows[column].median()) for column in ("expected", "low", "high")}
    return {
        "measure": name,
        **usual,
        "n_high": int((kind == "high").sum()),
        "n_low": int(np.isin(kind, ["low", "none"]).sum()),
    }


def _timeline(one: Judged, name: str) -> pd.DataFrame:
    table = one.rows[name][["value", "expected", "low", "high"]].copy()
    table.insert(0, "measure", pd.Series(name, index=table.index, dtype="str"))
    table.insert(0, "time", one.subject.frame["time"])
    table.insert(0, "series_id", pd.Series(one.subject.name, index=table.index, dtype="str"))
    kind = np.where((one.measure == name) | ~one.alone, kinds(one), "")
    table = table.assign(kind=pd.Series(kind.astype(str), index=table.index, dtype="str"))
    return table[one.rows[name]["open"]]


def _sample(one: Judged) -> pd.DataFrame:
    """All flags (the strongest, where there are very many) and a sample of the rest."""
    table = one.subject.frame[["id", *one.subject.measures]].assign(strength=one.strength, flagged=one.flagged)
    usual, odd = table[~table["flagged"]], table[table["flagged"]].nlargest(MOST_USUAL, "strength")
    return pd.concat([usual.sample(min(len(usual), MOST_USUAL), random_state=0).sort_index(), odd], ignore_index=True)
