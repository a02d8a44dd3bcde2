"""What was found, in plain sentences, and the tables in the reader's language."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from crm_ai.analyses import results
from crm_ai.analyses.purchases import reasons
from crm_ai.i18n import heading, number, percent

if TYPE_CHECKING:
    from crm_ai.analyses.purchases import Result

Translator = Callable[[str], str]

HONEST = 0.03
"""Chances no farther off than this may be taken at their word."""
SUSPECT = ("copy", "pure", "rests", "name")


def findings(result: "Result", t: Translator = str) -> list[str]:
    """Three to six plain sentences, the most important first."""
    parts = (_leak, _expected, _ranking, _against_rule, _top, _calibrated, _driver)
    return [sentence for sentence in (part(result, t) for part in parts) if sentence][:6] + _sampled(result, t)


def shown(result: "Result", t: Translator = str) -> dict[str, pd.DataFrame]:
    """The tables with codes in words."""
    frames = results.tables(result)
    purchase = result.target == "purchase"
    said = {code: reasons.sentence(code, t, purchase) for code in frames["scores"]["reason_codes"].unique()}
    scores = frames["scores"].assign(reasons=frames["scores"]["reason_codes"].map(said)).drop(columns="reason_codes")
    models = frames["models"].assign(model=[model_name(name, t) for name in frames["models"]["model"]])
    ways = zip(frames["drivers"]["direction"], frames["drivers"]["strongest"], strict=True)
    drivers = frames["drivers"].assign(
        feature=[reasons.feature(name, t) if purchase else name for name in frames["drivers"]["feature"]],
        direction=[_way(way, level, t) for way, level in ways],
    )
    return {
        **frames,
        "scores": scores,
        "models": models.drop(columns="role"),
        "drivers": drivers.drop(columns="strongest"),
        "checks": frames["checks"].assign(why=[_why(why, t) for why in frames["checks"]["why"]]),
    }


def model_name(name: str, t: Translator = str) -> str:
    """A model or baseline as people call it."""
    return {
        "logistic_regression": t("Logistic regression"),
        "svm": t("Support vector machine"),
        "decision_tree": t("Decision tree"),
        "gradient_boosting": t("Gradient boosting"),
        "rule": t("Simple rule"),
        "average": t("Average for everybody"),
    }.get(name, name)


def rule_name(result: "Result", t: Translator = str) -> str:
    """The simple rule in words."""
    if result.target == "purchase":
        return t("who bought last buys next")
    return t("going by {column} alone").format(column=result.baseline_column)


def label_name(result: "Result", t: Translator = str) -> str:
    """The column that is predicted; the canonical name in words."""
    return heading(result.target, t) if result.target == "target" else result.target


def _sampled(result: "Result", t: Translator) -> list[str]:
    if result.share_learnt >= 1:
        return []
    places = {"share": percent(result.share_learnt), "listed": number(len(result.scores))}
    if result.target == "purchase":
        return [
            t(
                "The model learnt from a sample of {share} of the customers, always the same; every customer is "
                "scored, and the {listed} with the highest chances are listed."
            ).format(**places)
        ]
    return [t("All this rests on a sample of {share} of the customers, always the same.").format(**places)]


def _leak(result: "Result", t: Translator) -> str:
    suspects = result.checks[result.checks["why"].isin(SUSPECT)]["column"].tolist()
    if not suspects:
        return ""
    named = ", ".join(suspects[:3])
    if result.roc_auc_without_suspects is None:
        return t("Check {columns}: it may be known only after the event, and then nothing here holds.").format(
            columns=named
        )
    return t(
        "Check {columns}: it may be known only after the event. Without it the ranking quality (ROC AUC) "
        "is {rest} instead of {whole}; leave it out if it is not known in time."
    ).format(columns=named, whole=number(result.roc_auc, 3), rest=number(result.roc_auc_without_suspects, 3))


def _expected(result: "Result", t: Translator) -> str:
    places = {"n": number(round(result.expected_events)), "column": label_name(result, t), "value": result.yes}
    if not result.n_unknown:
        return t(
            "All {total} customers already have a value in {column}; each is scored by a model that had not seen it. "
            "Add customers without one, and they are predicted."
        ).format(total=number(result.n_customers), **places)
    places["total"] = number(result.n_unknown)
    places["share"] = percent(result.expected_events / result.n_unknown)
    if result.target == "purchase":
        return t("About {n} of {total} customers ({share}) should buy in the {days} days from {date} on.").format(
            **places, days=result.horizon_days, date=result.score_date
        )
    return t("About {n} of the {total} customers not labelled yet ({share}) should have {column} = {value}.").format(
        **places
    )


def _ranking(result: "Result", t: Translator) -> str:
    bounds = {"low": percent(result.roc_auc_low or 0), "high": percent(result.roc_auc_high or 1)}
    if result.roc_auc_low is None or result.roc_auc_low <= 0.5:
        return t(
            "On {n} test customers the model ranks no better than guessing "
            "(right in {auc} of pairs, 95 % interval {low} to {high}): do not act on this list."
        ).format(n=number(result.n_test), auc=percent(result.roc_auc), **bounds)
    return t(
        "Of two customers, one with and one without the event, the model ranks the right one higher in {auc} of cases "
        "(95 % interval {low} to {high}, {n} test customers it had not seen; guessing gives 50 %)."
    ).format(auc=percent(result.roc_auc), n=number(result.n_test), **bounds)


def _against_rule(result: "Result", t: Translator) -> str:
    places = {
        "rule": rule_name(result, t),
        "base": percent(result.roc_auc_baseline),
        "low": number(100 * (result.roc_auc_gain_low or 0), 1),
        "high": number(100 * (result.roc_auc_gain_high or 0), 1),
    }
    if (result.roc_auc_gain_low or 0) > 0:
        return t(
            "That beats the simple rule ({rule}), which is right in {base}; "
            "the difference lies between {low} and {high} points."
        ).format(**places)
    return t(
        "The simple rule ({rule}) is right in {base}: the model is not clearly better "
        "(the difference lies between {low} and {high} points), so the rule will do."
    ).format(**places)


def _top(result: "Result", t: Translator) -> str:
    """Promised only where the ranking is better than chance."""
    if result.roc_auc_low is None or result.roc_auc_low <= 0.5:
        return ""
    return t(
        "In the tenth with the highest chances {rate} came true, {lift} times the average of {base} "
        "(on the test customers)."
    ).format(
        rate=percent(min(1.0, result.lift_top_decile * result.base_rate)),
        lift=number(result.lift_top_decile, 1),
        base=percent(result.base_rate),
    )


def _calibrated(result: "Result", t: Translator) -> str:
    places = {"expected": percent(result.expected_rate), "actual": percent(result.base_rate)}
    if abs(result.expected_rate - result.base_rate) <= HONEST and result.ece <= HONEST:
        return t("The chances can be taken at their word: {expected} expected, {actual} came true in the test.").format(
            **places
        )
    return t(
        "Read the chances as a ranking rather than at their word: in the test {expected} were expected and {actual} "
        "came true."
    ).format(**places)


def _driver(result: "Result", t: Translator) -> str:
    if result.drivers.empty or not result.drivers["importance"].iloc[0] > 2 * result.drivers["spread"].iloc[0]:
        return ""
    first = result.drivers.iloc[0]
    name = reasons.feature(first["feature"], t) if result.target == "purchase" else first["feature"]
    return t("The model goes by this most: {feature} ({direction}).").format(
        feature=name, direction=_way(first["direction"], first["strongest"], t)
    )


def _way(way: str, level: str, t: Translator) -> str:
    return {
        "up": t("the higher, the more likely"),
        "down": t("the higher, the less likely"),
        "mixed": t("up and down"),
        "flat": t("no effect"),
        "levels": t("most likely: {level}").format(level=level),
    }[way]


def _why(why: str, t: Translator) -> str:
    return {
        "copy": t("Gives the answer away all alone: is it known before the event?"),
        "pure": t("Has values that only customers with the event have: is it filled in afterwards?"),
        "rests": t("The model rests mostly on it: is it known before the event?"),
        "name": t("By its name it is known only afterwards: check."),
        "id": t("Not used: it names the customer."),
        "constant": t("Not used: it is the same for everybody."),
        "free_text": t("Not used: nearly every customer has another text."),
    }[why]
