"""What the overview says in words, most important first."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from crm_ai.analyses import results
from crm_ai.analyses.overview import drawing
from crm_ai.i18n import Translator, heading, money, number, percent

if TYPE_CHECKING:
    from crm_ai.analyses.overview import Result

CLEAR = 0.05
YEAR = 12


def findings(result: "Result", t: Translator = str) -> list[str]:
    """Four to seven sentences, each with its number and how sure it is."""
    said = [_totals(result, t), _month(result, t), _trend(result, t), *_products(result, t), _customers(result, t)]
    return [sentence for sentence in [*said, _incomplete(result, t)] if sentence]


def shown(result: "Result", t: Translator = str) -> dict[str, pd.DataFrame]:
    """The tables with codes in words: metrics, weekdays, kinds of part."""
    weekdays = dict(enumerate(drawing.weekdays(t)))
    return results.tables(result) | {
        "kpis": result.kpis.assign(metric=[heading(name, t) for name in result.kpis["metric"]]),
        "rhythm": result.rhythm.assign(weekday=result.rhythm["weekday"].map(weekdays).astype("str")),
        "parts": result.parts.assign(part=[heading(name, t) for name in result.parts["part"]]),
    }


def _totals(result: "Result", t: Translator) -> str:
    return t("{revenue} of revenue from {orders} orders between {first} and {last}, {average} an order.").format(
        revenue=money(result.revenue, result.currency),
        orders=number(result.orders),
        first=result.first_day,
        last=result.last_day,
        average=money(result.average_order_value, result.currency),
    )


def _month(result: "Result", t: Translator) -> str:
    """The last complete month, and whether months usually move as much."""
    after, before = result.revenue_month, result.revenue_before
    if after is None or before is None or before <= 0:
        return ""
    change = after / before - 1
    text = (
        t("{month} brought {revenue}, {change} more than {before}.")
        if change >= 0
        else t("{month} brought {revenue}, {change} less than {before}.")
    ).format(
        month=result.month[:7],
        revenue=money(after, result.currency),
        change=percent(abs(change)),
        before=result.month_before[:7],
    )
    return _joined(text, _usual(result, abs(change), t))


def _usual(result: "Result", change: float, t: Translator) -> str:
    if result.usual_move is None:
        return ""
    template = (
        t("From one month to the next, half of the changes are larger than {usual}: this one is ordinary.")
        if change <= 2 * result.usual_move
        else t("From one month to the next, half of the changes are smaller than {usual}: this one is unusually large.")
    )
    return template.format(usual=percent(result.usual_move))


def _trend(result: "Result", t: Translator) -> str:
    if result.trend is None or result.trend_p_value is None:
        return ""
    template = _more(result, t) if result.trend >= 0 else _less(result, t)
    return template.format(
        months=number(result.trend_months or 0),
        change=percent(abs(result.trend)),
        p=percent(result.trend_p_value),
    )


def _more(result: "Result", t: Translator) -> str:
    if (result.trend_p_value or 0.0) >= CLEAR:
        return t(
            "The last {months} complete months brought {change} more than the {months} before them; "
            "the months vary too much to call it a trend."
        )
    if result.trend_months == YEAR:
        return t(
            "The last {months} complete months brought {change} more than the {months} before them; "
            "a clear trend (chance alone: {p})."
        )
    return t(
        "The last {months} complete months brought {change} more than the {months} before them; "
        "a steady move (chance alone: {p}), but with less than two years of data it may be the season."
    )


def _less(result: "Result", t: Translator) -> str:
    if (result.trend_p_value or 0.0) >= CLEAR:
        return t(
            "The last {months} complete months brought {change} less than the {months} before them; "
            "the months vary too much to call it a trend."
        )
    if result.trend_months == YEAR:
        return t(
            "The last {months} complete months brought {change} less than the {months} before them; "
            "a clear trend (chance alone: {p})."
        )
    return t(
        "The last {months} complete months brought {change} less than the {months} before them; "
        "a steady move (chance alone: {p}), but with less than two years of data it may be the season."
    )


def _products(result: "Result", t: Translator) -> list[str]:
    """The products whose change is clear, or that there is none."""
    if not len(result.changes):
        return []
    clear = result.changes[result.changes["q_value"] < CLEAR]
    if clear.empty:
        return [t("No product changed more than chance would explain between the two months.")]
    ordered = clear.sort_values("change", kind="stable").to_dict("records")
    rose, fell = ordered[-1], ordered[0]
    parts = []
    if rose["change"] > 0:
        parts.append(_product(t("{product} rose most clearly: by {change}, to {after}."), rose, result))
    if fell["change"] < 0:
        parts.append(_product(t("{product} fell most clearly: by {change}, to {after}."), fell, result))
    return [_joined(*parts)] if parts else []


def _product(template: str, row: Mapping[Any, Any], result: "Result") -> str:
    change, after = (money(abs(float(row[name])), result.currency) for name in ("change", "after"))
    return template.format(product=row["product"], change=change, after=after)


def _customers(result: "Result", t: Translator) -> str:
    if result.customers is None or result.repeat_rate is None:
        return ""
    text = t("{share} of {customers} customers came back for a second order.").format(
        share=percent(result.repeat_rate), customers=number(result.customers)
    )
    if result.top_tenth_share is None:
        return text
    best = t("The best tenth of the customers brings {share} of their revenue.")
    return _joined(text, best.format(share=percent(result.top_tenth_share)))


def _incomplete(result: "Result", t: Translator) -> str:
    if not result.month:
        return t("No month is covered from its first to its last day, so no months are compared.")
    if bool(result.by_month["complete"].iloc[-1]):
        return ""
    return t("The data end on {last}: {month} is not complete and is not compared.").format(
        last=result.last_day, month=result.last_day[:7]
    )


def _joined(*sentences: str) -> str:
    """Sentences one after the other; after a Chinese full stop no blank follows."""
    return " ".join(sentence for sentence in sentences if sentence).replace("。 ", "。")
