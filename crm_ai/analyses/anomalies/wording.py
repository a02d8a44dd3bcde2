"""What the anomalies say in words: the reason of each flag, and the findings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from crm_ai.analyses import results
from crm_ai.i18n import Translator, heading, number, percent

if TYPE_CHECKING:
    from crm_ai.analyses.anomalies import Result

RATIO = 1.1
"""Below this many times the expected, the two numbers say more than their ratio."""


def shown(result: "Result", t: Translator = str) -> dict[str, pd.DataFrame]:
    """The tables with reasons, measures and codes in the reader's words."""
    found = results.tables(result)
    said = found["flags"].assign(reason=reasons(found["flags"], result.unit, t))
    words = {"measure": measure, "kind": _kind, "occasion": _occasion, "method": _method}
    found["flags"] = said
    return {name: _in_words(frame, words, t) for name, frame in found.items()}


def reasons(flags: pd.DataFrame, unit: str, t: Translator = str) -> list[str]:
    """Why each flag was raised, in a sentence without its full stop."""
    columns = ["value", "expected", "measure", "kind", "occasion"]
    rows = flags[[*columns, "time"] if "time" in flags else columns].to_dict("records")
    return [_reason(row, unit, t) for row in rows]


def measure(name: str, t: Translator) -> str:
    """What a measure is called."""
    return heading(name, t)


def findings(result: "Result", t: Translator = str) -> list[str]:
    """Three to five sentences, most important first."""
    said = [
        _how_many(result, t),
        _strongest(result, t),
        _occasions(result, t),
        _bound(result, t),
        _plain_rule(result, t),
        _sampled(result, t),
    ]
    return [sentence for sentence in said if sentence]


def _sampled(result: "Result", t: Translator) -> str:
    places = {"sample": number(result.learnt_from), "all": number(result.known)}
    if result.known > result.looked_at:
        return t("Looked at: a sample of {sample} of {all}, always the same.").format(**places)
    if result.looked_at > result.learnt_from:
        return t("What is usual was learnt from a sample of {sample} of {all}; all of them were judged.").format(
            **places
        )
    return ""


def _reason(row: Mapping[Any, Any], unit: str, t: Translator) -> str:
    """The deviation, what it is held against, and the occasion that may explain it."""
    what = measure(row["measure"], t)
    if row["kind"] == "combination":
        text = t("Each figure alone is usual, their combination is not")
    else:
        places = {"measure": what, "value": number(row["value"]), "expected": number(row["expected"])}
        text = _deviation(row, t).format(**places, **_ratio(row), usual=_usual(row, unit, t))
    code = row["occasion"]
    return text + t(" ({occasion} may explain it)").format(occasion=_occasion(code, t)) if code else text


def _deviation(row: Mapping[Any, Any], t: Translator) -> str:
    value, expected = row["value"], row["expected"]
    if row["kind"] == "none":
        return t("{measure}: nothing, where {expected} is expected {usual}")
    if expected > 0 and value >= RATIO * expected:
        return t("{measure} {times} times the expected {usual}: {value} instead of {expected}")
    if expected > 0 and 0 <= value <= expected / RATIO:
        return t("{measure} only {share} of the expected {usual}: {value} instead of {expected}")
    return t("{measure} is {value}, where {expected} is expected {usual}")


def _ratio(row: Mapping[Any, Any]) -> dict[str, str]:
    ratio = row["value"] / row["expected"] if row["expected"] > 0 else 0.0
    return {
        "times": number(ratio, 1) if ratio < 100 else number(ratio, 0),
        "share": percent(ratio, 0 if ratio > 0.01 else 2),
    }


def _usual(row: Mapping[Any, Any], unit: str, t: Translator) -> str:
    """What the value is held against."""
    if unit == "day":
        return _weekdays(t)[row["time"].weekday()]
    return {
        "week": t("for this week"),
        "moment": t("for this time"),
        "order": t("for an order"),
        "customer": t("for a customer"),
    }[unit]


def _weekdays(t: Translator) -> list[str]:
    return [
        t("for a Monday"),
        t("for a Tuesday"),
        t("for a Wednesday"),
        t("for a Thursday"),
        t("for a Friday"),
        t("for a Saturday"),
        t("for a Sunday"),
    ]


def _occasion(code: str, t: Translator) -> str:
    return {
        "": "",
        "christmas": t("Christmas"),
        "turn_of_the_year": t("the turn of the year"),
        "valentines_day": t("Valentine's Day"),
        "labour_day": t("the May holidays"),
        "618": t("the 618 sales"),
        "national_day": t("National Day week in China"),
        "singles_day": t("Singles' Day"),
        "double_twelve": t("the Double Twelve sales"),
        "easter": t("Easter"),
        "black_friday": t("Black Friday week"),
        "lunar_new_year": t("Lunar New Year"),
    }[code]


def _kind(code: str, t: Translator) -> str:
    return {
        "": "",
        "high": t("Higher than usual"),
        "low": t("Lower than usual"),
        "none": t("Nothing at all"),
        "combination": t("Unusual combination"),
    }[code]


def _method(code: str, t: Translator) -> str:
    return {
        "zscore": t("Z-score"),
        "robust_zscore": t("Robust z-score"),
        "iqr": t("Quartile fences (IQR)"),
        "isolation_forest": t("Isolation forest"),
    }[code]


def _in_words(frame: pd.DataFrame, words: Mapping[str, Any], t: Translator) -> pd.DataFrame:
    here = {name: [say(code, t) for code in frame[name]] for name, say in words.items() if name in frame}
    return frame.assign(**here)


def units(unit: str, t: Translator) -> str:
    """The plural of a unit."""
    return {
        "day": t("days"),
        "week": t("weeks"),
        "moment": t("values"),
        "order": t("orders"),
        "customer": t("customers"),
    }[unit]


def _how_many(result: "Result", t: Translator) -> str:
    places = {
        "flagged": number(result.n_flagged),
        "total": number(result.looked_at),
        "units": units(result.unit, t),
        "share": percent(result.share_flagged, 1 if result.share_flagged > 0.001 or not result.n_flagged else 3),
        "chance": f"{result.expected_false_flags:g}",
    }
    if not result.n_flagged:
        return t("None of the {total} {units} stands out more than chance explains.").format(**places)
    return t(
        "{flagged} of {total} {units} stand out ({share}); in clean data chance alone would flag about {chance}."
    ).format(**places)


def _strongest(result: "Result", t: Translator) -> str:
    if not len(result.flags):
        return ""
    first = result.flags.iloc[0]
    why = reasons(result.flags.head(1), result.unit, t)[0]
    return t("Most unusual is {label}: {reason}.").format(label=first["label"], reason=why)


def _occasions(result: "Result", t: Translator) -> str:
    """How many flags fall on occasions that everybody knows."""
    known = result.flags.loc[result.flags["occasion"] != "", "occasion"]
    if known.empty:
        return ""
    names = [_occasion(code, t) for code in known.value_counts().head(3).index]
    return t("{count} of them fall on known occasions, which may explain them: {names}.").format(
        count=number(len(known)), names=t(", ").join(names)
    )


def _bound(result: "Result", t: Translator) -> str:
    """What would not be flagged: how far from the expected, or from where to where."""
    if result.rise is None or result.fall is None:
        return ""
    first = result.measures.iloc[0]
    places = {"measure": measure(first["measure"], t), "rise": percent(result.rise, 0), "fall": percent(result.fall, 0)}
    if result.unit in ("order", "customer"):
        template = t("{measure} from {low} to {high} counts as usual.")
        return template.format(low=number(first["low"]), high=number(first["high"]), **places)
    if result.fall >= 1:
        return t("{measure} must be {rise} above the expected before it is flagged.").format(**places)
    return t("{measure} must be {rise} above or {fall} below the expected before it is flagged.").format(**places)


def _plain_rule(result: "Result", t: Translator) -> str:
    return t(
        "The plain rule of three standard deviations would flag {plain}, {only} of them not unusual by this reckoning."
    ).format(plain=number(result.three_sigma), only=number(result.three_sigma_only))
