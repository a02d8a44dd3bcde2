"""What a group is called: parts that say how it differs, in English in the tables and through t() on the page.

A part is (segment, template, value); the parts of one segment, joined, are its name. Names are unique.
"""

from collections.abc import Callable, Iterable

import pandas as pd

from crm_ai.i18n import Translator, number

Part = tuple[str, str, str]
Rung = Callable[[str], list[tuple[str, str]]]
"""Segment -> (template, value) of what it adds to a name."""
OUTLIERS = "Outliers"
HIGH, LOW = 3.6, 2.4
"""Mean score (1 to 5, 3 is the middle) from which a group counts as high, and up to which as low."""
STRIKING = 0.5
"""Standard deviations from the mean of all from which a column is named."""

VALUE = ("big spenders", "average spenders", "small spenders")
RECENCY = ("recent", "away for a while", "long gone")
FREQUENCY = ("frequent", "occasional", "few orders")


def name(parts: Iterable[Part], segment: str, t: Translator = str) -> str:
    """The name of a segment in the language of ``t``."""
    texts = [_part(template, value, t) for code, template, value in parts if code == segment]
    joined = t(", ").join(texts)
    return joined[:1].upper() + joined[1:]


def feature(name: str, t: Translator = str) -> str:
    """A column as people read it on a chart: ours in plain words, those of the data as they stand."""
    known = {
        "recency_days": t("Days since the last order"),
        "frequency": t("Orders"),
        "monetary": t("Revenue"),
        "average_order_value": t("Average order value"),
        "tenure_days": t("Days from first to last order"),
        "days_between_orders": t("Days between orders"),
        "products": t("Different products"),
        "categories": t("Different categories"),
    }
    return known.get(name, name.replace("_", " "))


def by_scores(scores: pd.DataFrame, labels: pd.Series, medians: pd.Series) -> list[Part]:
    """Names from the mean scores of each group: spending and recency, then frequency and median where they are alike.

    Args:
        scores: recency_score, frequency_score, monetary_score of each customer.
        labels: segment of each customer, in the same order.
        medians: segment -> median revenue.
    """
    groups = scores.groupby(labels)[["recency_score", "frequency_score", "monetary_score"]].mean()
    mean = {
        str(code): [float(score) for score in row] for code, row in zip(groups.index, groups.to_numpy(), strict=True)
    }
    ladder: list[Rung] = [
        lambda s: [(VALUE[_level(mean[s][2])], ""), (RECENCY[_level(mean[s][0])], "")],
        lambda s: [(FREQUENCY[_level(mean[s][1])], "")],
        lambda s: [("about {value} each", number(float(f"{medians[s]:.3g}")))],
    ]
    return _climb([s for s in mean if s != OUTLIERS], ladder) + _noise(mean)


def by_traits(profile: pd.DataFrame) -> list[Part]:
    """Names from the most striking columns of each group.

    Args:
        profile: segment x column -> mean in standard deviations from that of all; columns with " = " are texts.
    """
    rows = {str(code): profile.loc[code].astype(float) for code in profile.index}
    order = {s: list(row.abs().sort_values(ascending=False, kind="stable").index) for s, row in rows.items()}
    ladder: list[Rung] = [
        lambda s: _striking(rows[s], order[s][:2]) or [("near the average", "")],
        lambda s: _striking(rows[s], order[s][2:3]),
        lambda s: _striking(rows[s], order[s][3:4]),
    ]
    return _climb([s for s in rows if s != OUTLIERS], ladder) + _noise(rows)


def plain(segments: Iterable[str]) -> list[Part]:
    """Names that are the segments themselves (RFM)."""
    return [(segment, segment, "") for segment in segments]


def _climb(segments: list[str], ladder: list[Rung]) -> list[Part]:
    """Add the next rung to names that are still alike, where it tells them apart; at last a number."""
    parts: list[Part] = []
    for rung in ladder:
        for alike in _alike(segments, parts):
            steps = {s: rung(s) for s in alike}
            if not parts or len({tuple(step) for step in steps.values()}) > 1:
                parts += [(s, template, value) for s, step in steps.items() for template, value in step]
    numbered = [(s, "no. {value}", str(n)) for alike in _alike(segments, parts) for n, s in enumerate(alike, 1)]
    return parts + numbered


def _alike(segments: list[str], parts: list[Part]) -> list[list[str]]:
    """The segments without a name of their own, those of one name together."""
    texts = {s: name(parts, s) for s in segments}
    groups = [[s for s in segments if texts[s] == text] for text in dict.fromkeys(texts.values())]
    return [group for group in groups if len(group) > 1 or not texts[group[0]]]


def _noise(segments: Iterable[str]) -> list[Part]:
    return [(OUTLIERS, OUTLIERS, "")] if OUTLIERS in set(segments) else []


def _striking(row: pd.Series, columns: Iterable[str]) -> list[tuple[str, str]]:
    found = [(column, float(row[column])) for column in columns if abs(float(row[column])) >= STRIKING]
    return [(_template(column, value), column) for column, value in found]


def _template(column: str, value: float) -> str:
    if " = " in column:
        return "often {value}" if value > 0 else "seldom {value}"
    return "high {value}" if value > 0 else "low {value}"


def _level(score: float) -> int:
    return 0 if score >= HIGH else 2 if score <= LOW else 1


def _part(template: str, value: str, t: Translator) -> str:
    known = template in ("high {value}", "low {value}")
    return t(template).format(value=feature(value, t) if known else value)
