"""What is left of a result once its tables are safe: numbers, lists and texts that belong to what is gone, go too."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from crm_ai.dashboards.hiding.kinds import Groups, Hide, emptied, small, tells_of_people
from crm_ai.data.privacy.names import words
from crm_ai.data.privacy.traces import traces
from crm_ai.errors import TooLittleData

Settle = Callable[[Any, Any, Hide, int], Any]
"""The result as it was, the one with safe tables, what is hidden, and the least number of people -> the safe result."""
SECRET = "•••"
"""Stands for a value in a sentence."""
SOLD = "ordered_at product_id product_name category quantity unit_price discount amount currency country channel"
PLAIN = {
    "transactions": (*SOLD.split(), "cancelled"),
    "customers": ("target", "treatment"),
    "series": ("time", "value"),
    "feedback": ("created_at", "rating", "product_id", "channel"),
}
"""Table -> columns whose values tell of nobody."""
HARMLESS = ("taken_out", "future_dates", "currencies", "names_of_product", "products_of_name")
"""Checks of data quality whose examples are rules, days, currencies and products."""


def too_few(least: int) -> TooLittleData:
    """Why nothing is shown."""
    return TooLittleData("This is about fewer than {least} people, orders or texts, and is not shown.", least=least)


def nothing(before: Any, now: Any, hide: Hide, least: int) -> Any:
    return now


def overview(before: Any, now: Any, hide: Hide, least: int) -> Any:
    """Months that are left out are not compared; the best tenth must be enough customers."""
    if not hide.small:
        return now
    kept = {day.date().isoformat() for day in now.by_month["month"]}
    told = {before.month, before.month_before} <= kept
    months = {} if told else {"revenue_month": None, "revenue_before": None}
    tenth = round((before.customers or 0) / 10)
    best = {"top_tenth_share": None} if tenth < least else {}
    repeat = {} if _told(before.repeat_rate, before.customers, least) else {"repeat_rate": None}
    totals = {"metric": [name for name in now.kpis["metric"] if name not in repeat]}
    return replace(now, kpis=now.kpis[now.kpis["metric"].isin(totals["metric"])], **months, **best, **repeat)


def segments(before: Any, now: Any, hide: Hide, least: int) -> Any:
    """Customers, profile and names go with their segment; a name does not say what tells of people."""
    kept = now.segments["segment"]
    telling = _telling(before, hide, least)
    safe = {
        "customers": now.customers[now.customers["segment"].isin(kept)].reset_index(drop=True),
        "profile": now.profile[now.profile["segment"].isin(kept) & ~now.profile["feature"].isin(telling)],
        "segments": emptied(now.segments, [f"typical_{name.partition(' = ')[0]}" for name in telling]),
        "parts": _names(before.parts, telling),
        "axes": () if set(before.axes) & telling else before.axes,
    }
    safe["segments"] = safe["segments"].assign(name=_joined(safe["parts"], kept))
    safe["customers"] = safe["customers"].assign(
        name=safe["customers"]["segment"].map(dict(zip(kept, safe["segments"]["name"], strict=True)))
    )
    return replace(now, **safe, **(_few_customers(before, least) if hide.small else {}))


def _few_customers(before: Any, least: int) -> dict[str, Any]:
    """Curves and shares of segments without the ends at which only a few customers stand."""
    share = before.concentration["share_of_customers"].to_numpy(float)
    sizes = np.minimum(share, 1 - share) * before.n_customers
    ends = np.isclose(share, 0) | np.isclose(share, 1)
    counts = [name for name in ("left_customers", "right_customers") if len(before.merges)]
    few = bool(len(before.merges)) and bool(small(before.merges[counts], least).any())
    away = before.customers["rfm_segment"] if "rfm_segment" in before.customers else pd.Series(dtype=str)
    at_risk = float(before.at_risk_share or 0)
    return {
        "concentration": before.concentration[(sizes >= least) | ends].reset_index(drop=True),
        "merges": emptied(before.merges, counts) if few else before.merges,
        "top_fifth_share": before.top_fifth_share if before.n_customers / 5 >= least else None,
        "at_risk_share": None if at_risk and _few_away(away, least) else before.at_risk_share,
    }


def _few_away(kinds: pd.Series, least: int) -> bool:
    from crm_ai.methods.rfm import WATCH

    return 0 < int(kinds.isin(WATCH).sum()) < least


def _telling(before: Any, hide: Hide, least: int) -> set[str]:
    """Columns of the data ("agent") and values of them ("agent = Anna") that tell of people or of few of them."""
    free = [name for name in before.customers if name in set(before.axes) or f"typical_{name}" in before.segments]
    free += [name.removeprefix("median_") for name in before.segments if name.startswith("median_")]
    known = [name for name in dict.fromkeys(free) if name in before.customers and before.basis == "attributes"]
    people = {name for name in known if hide.personal and tells_of_people(before.customers[name], 0)}
    found = set(people)
    for feature in before.profile["feature"].unique():
        column, _, level = str(feature).partition(" = ")
        holders = before.customers[column].astype(str) == level if column in before.customers else None
        few = hide.small and level and holders is not None and int(holders.sum()) < least
        if column in people or few:
            found.add(str(feature))
    return found


def _names(parts: tuple[tuple[str, str, str], ...], telling: set[str]) -> tuple[tuple[str, str, str], ...]:
    """Names of segments without what tells; a number where nothing else is left."""
    kept = [part for part in parts if part[2] not in telling]
    named = {code for code, _, _ in kept}
    rest = dict.fromkeys(code for code, _, _ in parts if code not in named)
    return (*kept, *((code, "no. {value}", str(n)) for n, code in enumerate(rest, 1)))


def _joined(parts: Any, codes: pd.Series) -> list[str]:
    from crm_ai.analyses.segments.names import name

    return [name(parts, code) for code in codes]


def purchases(before: Any, now: Any, hide: Hide, least: int) -> Any:
    """Reasons are somebody's history or attributes; the strongest level of a column may be a name."""
    safe = {"scores": now.scores.assign(reasons="", reason_codes="[]")}
    levels = now.drivers["strongest"].where(now.drivers["strongest"] == "", SECRET)
    return replace(now, **safe, drivers=now.drivers.assign(strongest=levels))


def forecast(before: Any, now: Any, hide: Hide, least: int) -> Any:
    """Series of too few customers, and values of periods with too few orders."""
    if not before.sales:
        return _renamed(now) if hide.personal else now
    if not hide.small:
        return now
    history = Groups(sizes=("orders",), within=("series_id",), blank=("value",)).safe(now.history, hide, least)
    kept = _told_series(before, history, hide, least)
    gone = _moments(history[history["value"].isna()])
    backtest = emptied(now.backtest, ("actual",), _moments(now.backtest).isin(gone))
    again = now.backtest["series_id"].isin(gone.get_level_values(0)).to_numpy()  # the value of a season before
    frames = {"forecast": now.forecast, "models": now.models, "history": history}
    frames["backtest"] = emptied(backtest, ("seasonal_naive",), again)
    found = {name: frame[frame["series_id"].isin(kept)].reset_index(drop=True) for name, frame in frames.items()}
    return replace(
        now,
        **found,
        shown=tuple(name for name in before.shown if name in kept) or tuple(kept[:1]),
        buyers={name: n for name, n in before.buyers.items() if name in kept},
        largest=before.largest if before.largest in kept else "",
        next_value=before.next_value if before.largest in kept else None,
    )


def _told_series(before: Any, history: pd.DataFrame, hide: Hide, least: int) -> list[str]:
    """The series of enough customers, whose latest periods are not all hidden."""
    sizes = pd.DataFrame({"series_id": history["series_id"].unique()})
    sizes["buyers"] = sizes["series_id"].map(before.buyers).fillna(1)
    left = history.groupby("series_id").tail(before.horizon).groupby("series_id")["value"].count()
    kept = Groups(sizes=("buyers",)).safe(sizes, hide, least)["series_id"].tolist()
    return [name for name in kept if left[name]]


def _moments(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[["series_id", "time"]])


def _renamed(now: Any) -> Any:
    """Uploaded series that are called like people, as numbers."""
    names = now.history["series_id"].drop_duplicates()
    if not tells_of_people(names.rename("series_id"), 0):
        return now
    said = {name: f"#{n}" for n, name in enumerate(names, 1)}
    tables = ("forecast", "models", "backtest", "history")
    found = {name: (frame := getattr(now, name)).assign(series_id=frame["series_id"].map(said)) for name in tables}
    return replace(now, **found, shown=tuple(said[name] for name in now.shown), largest=said[now.largest])


def baskets(before: Any, now: Any, hide: Hide, least: int) -> Any:
    """The numbers of rules and bundles are those that are listed."""
    standing = int((now.rules["q_value"] < 0.05).sum())
    return replace(now, n_itemsets=len(now.itemsets), n_rules=len(now.rules), n_significant=standing)


def anomalies(before: Any, now: Any, hide: Hide, least: int) -> Any:
    """Days of too few orders go with all their figures; of unusual people, so do counts of a few."""
    if not hide.small or before.unit == "moment":
        return now
    if before.unit in ("order", "customer"):
        counts = {name: getattr(now, name) for name in ("three_sigma", "three_sigma_only")}
        return replace(now, **{name: None if 0 < value < least else value for name, value in counts.items()})
    orders = before.points[before.points["measure"] == "orders"]
    few = orders.loc[small(orders[["value"]], least), "time"]
    return replace(now, **{name: _outside(getattr(now, name), few) for name in ("flags", "points")})


def _outside(frame: pd.DataFrame, few: pd.Series) -> pd.DataFrame:
    return frame[~frame["time"].isin(few)].reset_index(drop=True)


def feedback(before: Any, now: Any, hide: Hide, least: int) -> Any:
    """Words that too few texts use, or that are names, are said nowhere."""
    told = _words(now, hide)
    names, terms = _topics(now.topics, told)
    titles = dict(zip(now.topics["topic"], names, strict=True))
    safe = {name: _of_words(getattr(now, name), told) for name in ("words", "cloud", "neighbours")}
    few = hide.small and 0 < before.n_rated < least
    rated = {"accuracy": None, "macro_f1": None, "evaluation": now.evaluation.head(0)} if few else {}
    return replace(
        now,
        **safe,
        topics=now.topics.assign(name=names, words=terms),
        texts=now.texts.assign(topic_name=[titles.get(topic, "") for topic in now.texts["topic"]]),
        word=now.word if now.word in told and len(safe["neighbours"]) else "",
        **rated,
    )


def _words(now: Any, hide: Hide) -> set[str]:
    """The words that may be said."""
    every = {str(word) for word in now.words["word"]} | {str(word) for word in now.neighbours.get("neighbour", ())}
    return {word for word in every if not (hide.personal and _is_personal(word))}


def _is_personal(word: str) -> bool:
    return word.lower() in words("given names") or bool(traces(word)) or bool(re.search(r"\d{5}|@", word))


def _topics(topics: pd.DataFrame, told: set[str]) -> tuple[list[str], list[str]]:
    """Names and words of the topics, of the words that may be said."""
    terms = [[word for word in text.split(" + ") if word in told] for text in topics["words"]]
    return [", ".join(some[:3]) for some in terms], [" + ".join(some) for some in terms]


def _of_words(frame: pd.DataFrame, told: set[str]) -> pd.DataFrame:
    here = [frame[name].isin(told) for name in ("word", "neighbour") if name in frame]
    return frame[np.logical_and.reduce(here)].reset_index(drop=True)


def quality(before: Any, now: Any, hide: Hide, least: int) -> Any:
    """Examples and extremes are values of single rows; some are ids, names and texts.

    Raises:
        TooLittleData: the rows are those of too few customers.
    """
    customers = before.columns.loc[before.columns["column"] == "customer_id", "distinct"]
    if hide.small and small(customers.to_frame(), least).any():
        raise too_few(least)
    plain = [_is_plain(row) for row in now.columns.to_dict("records")]
    columns = emptied(now.columns, ("least", "most", "usual") if hide.personal else (), ~np.array(plain, dtype=bool))
    columns = emptied(columns, ("least", "most")) if hide.small else columns
    harmless = now.checks["check"].isin(HARMLESS) | (now.checks["example"] == "")
    named = [_is_plain(row) for row in now.near_duplicates.to_dict("records")]
    spelled = [row["check"] == "spellings" and _is_plain(row) for row in now.checks.to_dict("records")]
    examples = now.checks["example"].where(harmless | np.array(spelled, dtype=bool), SECRET)
    return replace(
        now,
        columns=columns,
        checks=now.checks.assign(example=examples),
        near_duplicates=now.near_duplicates[np.array(named, dtype=bool)].reset_index(drop=True),
        outliers=emptied(now.outliers, ("example",)),
    )


def _is_plain(row: Mapping[Any, Any]) -> bool:
    return row["column"] in PLAIN.get(row["table"], ())


def _told(share: float | None, of: int | None, least: int) -> bool:
    """Whether a share stands for enough people, and what it leaves over too."""
    if share is None or of is None:
        return True
    return not any(0 < round(part * of) < least for part in (share, 1 - share))
