"""What the report says in words: the worst problem first, each with its number, what follows from it, what to do."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from crm_ai.analyses import results
from crm_ai.analyses.quality import scores, words
from crm_ai.i18n import Translator, number, percent

if TYPE_CHECKING:
    from crm_ai.analyses.quality import Result

MOST, NAMED = 6, 2
"""Problems told at most; of one kind at most."""
CUT = 160
FULL, MUCH = 0.9995, 0.05
Row = Mapping[Any, Any]


def findings(result: "Result", t: Translator = str) -> list[str]:
    """The overall score, then up to MOST problems, the worst first; or that there is none."""
    problems = sorted(_problems(result, t), key=lambda problem: -problem[0])[:MOST]
    said = [_overall(result, t), *(sentence for _, sentence in problems)]
    return said if problems else [*said, _good(result, t)]


def stated(result: "Result", t: Translator = str) -> "Result":
    """The result with what is found of each dimension and column in words."""
    told = [_dimension(result, name, t) for name in result.dimensions["dimension"]]
    wrong = [_column(result, row, t) for row in result.columns.to_dict("records")]
    return replace(
        result,
        dimensions=result.dimensions.assign(finding=pd.Series(told, dtype="str")),
        columns=result.columns.assign(problems=pd.Series(wrong, dtype="str")),
    )


def shown(result: "Result", t: Translator = str) -> dict[str, pd.DataFrame]:
    """The tables with codes in words."""
    said = {
        "table": words.table,
        "column": words.column,
        "dimension": words.dimension,
        "check": words.check,
        "type": words.kind,
        "rule": lambda text, t: t(text),
    }
    return {name: _in_words(frame, said, t) for name, frame in results.tables(stated(result, t)).items()}


def _in_words(frame: pd.DataFrame, said: Mapping[str, Any], t: Translator) -> pd.DataFrame:
    here = {name: say for name, say in said.items() if name in frame}
    told = {
        name: [say(code, t) if code or name != "column" else "" for code in frame[name]] for name, say in here.items()
    }
    if "check" in frame:
        told["example"] = [_example(row, t) for row in frame.to_dict("records")]
    return frame.assign(**{name: pd.Series(texts, index=frame.index, dtype="str") for name, texts in told.items()})


def _example(row: Row, t: Translator) -> str:
    return t(row["example"]) if row["check"] == "taken_out" else row["example"]


# ---- one sentence a problem --------------------------------------------------------------------------------------


def _overall(result: "Result", t: Translator) -> str:
    worst = result.dimensions.sort_values("score", kind="stable").iloc[0]
    text = t("Overall score {score} for {rows} rows; weakest is {worst} with {low}.")
    if worst["score"] >= FULL:
        text = t("Overall score {score} for {rows} rows: no dimension is weak.")
    return text.format(
        score=percent(result.score),
        rows=number(result.rows),
        worst=words.dimension(worst["dimension"], t),
        low=percent(worst["score"]),
    )


def _good(result: "Result", t: Translator) -> str:
    return t(
        "The data are in good shape: no problem reaches {least} of the rows, and all analyses can build on them."
    ).format(least=percent(result.least_share))


def _problems(result: "Result", t: Translator) -> Iterator[tuple[float, str]]:
    """How bad it is (weight times share of rows) and the sentence."""
    worst = result.checks[(result.checks["share"] > 0) & (result.checks["share"] >= result.least_share)]
    for _, rows in worst.groupby("check", sort=False):
        for row in rows.head(NAMED).to_dict("records"):
            yield scores.WEIGHTS[row["dimension"]] * row["share"], _check(result, row, t)
    yield from _empty(result, t)
    yield from _old(result, t)
    yield from _gaps(result, t)


def _check(result: "Result", row: Row, t: Translator) -> str:
    """What failed, where and how often; what follows; what to do."""
    places = {
        "check": words.check(row["check"], t),
        "found": number(row["found"]),
        "rows": number(row["rows"]),
        "share": percent(row["share"], 1 if row["share"] >= 0.001 else 2),
        "table": words.table(row["table"], t),
        "column": words.column(row["column"], t) if row["column"] else "",
    }
    fence = _fence(result, row)
    few = t("They lie outside {low} to {high}. Look for typing errors among them: {example}.")
    advice = few if row["check"] == "outside" and fence["much"] == "" else _advice(row["check"], t)
    advice = advice.format(example=_cut(_example(row, t)), **places, **fence)
    return _head(row, t).format(**places, advice=advice)


def _head(row: Row, t: Translator) -> str:
    if row["check"] == "outside":
        return t("{check}, “{column}” in “{table}”: {rows} ({share}). {advice}")
    if row["check"] == "spellings":
        return t("{check}, “{column}” in “{table}”: {found} ({rows} rows, {share}). {advice}")
    if row["check"] in ("taken_out", "future_dates"):
        return t("{check}, “{table}”: {rows} ({share}). {advice}")
    if row["found"] == row["rows"]:
        return t("{check}: {rows} ({share}). {advice}")
    return t("{check}: {found} ({rows} rows, {share}). {advice}")


def _advice(check: str, t: Translator) -> str:
    """What follows from it and what to do."""
    return {
        "repeated_lines": t(
            "If they are double bookings, revenue is too high. Look at order {example}; the rule “Exact duplicates” "
            "on the data page takes them out."
        ),
        "repeated_customers": t("They are counted and addressed twice. Merge them, for example {example}."),
        "repeated_feedback": t("The same voice counts twice. Look at {example}."),
        "repeated_times": t("Forecasts add their values up. Look at {example}."),
        "customers_of_order": t(
            "Each order counts for one of them only, so figures of customers are wrong. Look at order {example}; "
            "numbers that are used again need their year or branch."
        ),
        "days_of_order": t(
            "They count on their first day. Look at order {example}; numbers that are used again need their year or "
            "branch."
        ),
        "amount_differs": t(
            "Discounts or taxes may explain it, and revenue goes by the amount. Look at {example}, and ask which "
            "figure is right."
        ),
        "names_of_product": t(
            "The rows are those with a rarer name: lists and bundles by name split one product into several. Agree on "
            "one name, for example for {example}."
        ),
        "products_of_name": t(
            "The rows are those with a rarer number: sales of one product may be split between them. Look at {example}."
        ),
        "unknown_customers": t(
            "Segments and predictions know no attributes of them. Complete the list, for example by {example}."
        ),
        "currencies": t(
            "The rows are those not in {example}; amounts are added up as they stand. Convert them, or load one "
            "dataset for each currency."
        ),
        "taken_out": t(
            "Most of them by the rule “{example}”; analyses go without the rows that were taken out. The data page has "
            "them with the reason; repair them at the source."
        ),
        "future_dates": t(
            "They reach up to {example}: recency and forecasts count on them. Check the order of day and month."
        ),
        "spellings": t("One thing is counted as several. Unify them: {example}."),
        "outside": t(
            "They lie outside {low} to {high} and hold {held} of the total: sums and averages follow them. Look for "
            "typing errors and wholesale among them: {example}."
        ),
    }[check]


def _fence(result: "Result", row: Row) -> dict[str, str]:
    """From where to where values are usual, for outliers."""
    if row["check"] != "outside":
        return {}
    here = (result.outliers["table"] == row["table"]) & (result.outliers["column"] == row["column"])
    fence = result.outliers[here].iloc[0]
    much = "much" if fence["share_of_total"] >= MUCH else ""
    return {
        "much": much,
        "low": number(fence["low"]),
        "high": number(fence["high"]),
        "held": percent(fence["share_of_total"]),
    }


def _empty(result: "Result", t: Translator) -> Iterator[tuple[float, str]]:
    """The columns with most missing, weighted by their importance."""
    table = result.columns.assign(empty=1 - result.columns["filled_share"])
    table = table[(table["empty"] > 0) & (table["empty"] >= result.least_share)]
    weights = [scores.weight(row["table"], row["column"]) for row in table.to_dict("records")]
    table = table.assign(bad=table["empty"] * weights).sort_values("bad", ascending=False, kind="stable")
    for row in table.head(NAMED).to_dict("records"):
        text = (
            t("“{column}” in “{table}” has no value at all: map another column on the data page, or go without it.")
            if row["empty"] == 1
            else t(
                "“{column}” in “{table}” is empty in {share} of the rows: analyses that need it go without these "
                "rows. Fill it at the source, or find out why it is missing."
            )
        )
        places = {"column": words.column(row["column"], t), "table": words.table(row["table"], t)}
        yield row["bad"], text.format(**places, share=percent(row["empty"]))


def _old(result: "Result", t: Translator) -> Iterator[tuple[float, str]]:
    age = result.freshness_days
    if age is None or age <= result.fresh_days:
        return
    text = t(
        "The newest row is of {day}, {age} days before the data came in: “lately” means that day in every analysis. "
        "Load newer rows before acting on single customers."
    )
    yield scores.WEIGHTS["freshness"] * (1 - result.fresh_days / age), text.format(day=result.last_day, age=number(age))


def _gaps(result: "Result", t: Translator) -> Iterator[tuple[float, str]]:
    if not len(result.gaps):
        return
    first = result.gaps.iloc[0]
    text = t(
        "Gaps longer than chance explains: {n}, the longest in “{table}” from {first} to {last} ({days} days). "
        "Forecasts take them for days without sales; check whether files are missing."
    )
    share = 1 - (result.covered or 1.0)
    yield (
        scores.WEIGHTS["freshness"] * max(share, 0.01),
        text.format(
            n=number(len(result.gaps)),
            table=words.table(first["table"], t),
            first=f"{first['from']:%Y-%m-%d}",
            last=f"{first['to']:%Y-%m-%d}",
            days=number(first["days"]),
        ),
    )


# ---- one line a dimension and a column ---------------------------------------------------------------------------


def _dimension(result: "Result", name: str, t: Translator) -> str:
    """What was found, in a line."""
    if name == "completeness":
        return _fullness(result, t)
    if name == "freshness":
        return _freshness(result, t)
    rows = result.checks[result.checks["dimension"] == name]
    if rows.empty:
        return t("Cannot be judged: these data have no columns for it, or no report of cleaning.")
    failed = rows[rows["found"] > 0].groupby("check", sort=False)["found"].sum()
    parts = [_counted(str(check), n, t) for check, n in failed.items()]
    return t("; ").join(parts) if parts else t("Nothing found in {n} checks.").format(n=number(len(rows)))


def _fullness(result: "Result", t: Translator) -> str:
    worst = result.columns.sort_values("filled_share", kind="stable").iloc[0]
    if worst["filled_share"] == 1:
        return t("Every value is filled in.")
    text = t("Least filled: “{column}” in “{table}” ({share}).")
    places = {"column": words.column(worst["column"], t), "table": words.table(worst["table"], t)}
    return text.format(**places, share=percent(worst["filled_share"]))


def _freshness(result: "Result", t: Translator) -> str:
    if result.freshness is None:
        return t("Cannot be judged: there are no dates.")
    text = t("From {first} to {last}, half of the rows are older than {median} days; {n} gaps.")
    if result.freshness_days is not None:
        text = t(
            "The newest row was {age} days old when the data came in, half are older than {median} days; {n} gaps."
        )
    return text.format(
        first=result.first_day,
        last=result.last_day,
        age=number(result.freshness_days or 0),
        median=number(result.median_age_days or 0),
        n=number(len(result.gaps)),
    )


def _column(result: "Result", row: Row, t: Translator) -> str:
    """What is wrong with one column; "" where nothing is."""
    here = (result.checks["table"] == row["table"]) & (result.checks["column"] == row["column"])
    failed = result.checks[here & (result.checks["found"] > 0)]
    parts = [_counted(check, n, t) for check, n in zip(failed["check"], failed["found"], strict=True)]
    empty = 1 - row["filled_share"]
    head = [t("{share} empty").format(share=percent(empty, 1 if empty >= 0.001 else 2))] if empty > 0 else []
    same = [t("always the same")] if row["distinct"] == 1 and row["table"] == "customers" else []
    return t("; ").join([*head, *same, *parts])


def _counted(check: str, n: int, t: Translator) -> str:
    return t("{column}: {value}").format(column=words.check(check, t), value=number(n))


def _cut(text: str) -> str:
    return text if len(text) <= CUT else text[: CUT - 1] + "…"
