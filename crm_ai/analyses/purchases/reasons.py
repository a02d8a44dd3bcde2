"""Why each customer stands where they stand: the few values that count most, as codes and in words."""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd

from crm_ai.i18n import number
from crm_ai.methods.drivers import Effect, contributions
from crm_ai.methods.encoding import MISSING, levels

MOST = 3

Translator = Callable[[str], str]


def codes(found: dict[str, Effect], frame: pd.DataFrame, probability: np.ndarray, average: float) -> list[str]:
    """JSON of up to three [column, value] lists a customer: what lifts those above the average, or lowers the others.

    Of several windows of purchases only one is named. The wait also carries its recency and usual gap in days.
    """
    side = np.where(probability >= average, 1.0, -1.0)
    weight = {name: values.to_numpy() * side for name, values in contributions(found, frame).items()}
    facts = {name: _facts(frame, str(name)) for name in weight}
    best, which = _strongest({str(name): values for name, values in weight.items()})
    order = np.argsort(-best, axis=1, kind="stable")[:, :MOST]
    return [
        json.dumps([[which[i, j], *facts[which[i, j]][i]] for j in row if best[i, j] > 1e-6], ensure_ascii=False)
        for i, row in enumerate(order)
    ]


def sentence(code: str, t: Translator = str, purchase: bool = True) -> str:
    """The reasons of one customer in words."""
    words = _bought if purchase else _attribute
    return t("; ").join(words(t, *reason) for reason in json.loads(code))


def feature(name: str, t: Translator = str) -> str:
    """A feature of the history as people call it; a column of the customer's own as it is."""
    window = _window(name)
    if window:
        return t("Purchases in {days} days").format(days=window)
    return {
        "tenure_days": t("Days as a customer"),
        "orders": t("Purchases in all"),
        "overdue": t("Wait against the usual"),
        "same_season": t("Same time last year"),
        "average_amount": t("Amount a purchase"),
        "average_lines": t("Lines a purchase"),
    }.get(name, name)


def _bought(t: Translator, name: str, value: float | None, *more: float | None) -> str:
    window = _window(name)
    if window:
        return _within(value or 0, t).format(n=number(value or 0), days=window)
    return _FACTS[name](t, value, *more)


def _within(value: float, t: Translator) -> str:
    if value < 1:
        return t("nothing bought in the last {days} days")
    return t("bought once in the last {days} days") if value < 2 else t("bought {n} times in the last {days} days")


def _orders(t: Translator, value: float) -> str:
    return (t("has bought once") if value < 2 else t("has bought {n} times in all")).format(n=number(value))


def _wait(t: Translator, value: float | None, recency: float, gap: float | None) -> str:
    """The wait so far beside the usual one."""
    if gap is None:
        text = t("bought once so far, {n} days ago") if recency >= 2 else t("bought once so far, 1 day ago")
        return text.format(n=number(recency))
    text = t("last bought {n} days ago, usually buys every {gap} days")
    return (text if recency >= 2 else t("last bought 1 day ago, usually buys every {gap} days")).format(
        n=number(recency), gap=number(max(1, round(gap)))
    )


def _season(t: Translator, value: float) -> str:
    if value < 1:
        return t("did not buy at this time last year")
    text = t("bought once at this time last year") if value < 2 else t("bought {n} times at this time last year")
    return text.format(n=number(value))


_FACTS: dict[str, Callable[..., str]] = {
    "tenure_days": lambda t, value: t("first bought {n} days ago").format(n=number(value)),
    "orders": _orders,
    "overdue": _wait,
    "same_season": _season,
    "average_amount": lambda t, value: t("spends {n} a purchase").format(n=number(value)),
    "average_lines": lambda t, value: t("has {n} lines a purchase").format(n=number(value, 1)),
}


def _attribute(t: Translator, name: str, value: float | str | None, *more: float | None) -> str:
    said = t("not given") if value is None else value if isinstance(value, str) else number(value)
    return t("{column}: {value}").format(column=name, value=said)


def _strongest(weight: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The greatest weight of each concept, and the column it comes from; both rows x concepts."""
    concepts = {concept: [n for n in weight if _concept(n) == concept] for concept in map(_concept, weight)}
    blocks = [
        (np.array(names, dtype=object), np.column_stack([weight[n] for n in names])) for names in concepts.values()
    ]
    best = np.column_stack([block.max(axis=1) for _, block in blocks])
    return best, np.column_stack([names[block.argmax(axis=1)] for names, block in blocks])


def _concept(name: str) -> str:
    return "orders" if _window(name) else name


def _window(name: str) -> int:
    """30 for ``orders_30_days``, else 0."""
    parts = name.split("_")
    return int(parts[1]) if len(parts) == 3 and parts[::2] == ["orders", "days"] and parts[1].isdigit() else 0


def _facts(frame: pd.DataFrame, name: str) -> list[tuple[float | str | None, ...]]:
    columns = [name, *(("recency_days", "usual_gap_days") if name == "overdue" and "recency_days" in frame else ())]
    return list(zip(*(_values(frame[column]) for column in columns), strict=True))


def _values(column: pd.Series) -> list[float | str | None]:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return [None if np.isnan(value) else round(value, 4) for value in column.to_numpy(float).tolist()]
    return [None if value == MISSING else value for value in _texts(column)]


def _texts(column: pd.Series) -> list[str]:
    code, names = levels(column)
    return names[code].tolist()
