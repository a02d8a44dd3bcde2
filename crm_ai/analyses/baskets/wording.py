"""What the baskets say, in sentences."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from crm_ai.analyses.baskets.coding import JOIN
from crm_ai.i18n import Translator, number, percent

if TYPE_CHECKING:
    from crm_ai.analyses.baskets import Result

SURE = 0.05
SHOWN = 3


def findings(result: "Result", t: Translator = str) -> list[str]:
    """The strongest bundles that stand, then how many stand, then what the data cannot say."""
    said = [_strong(rule, t) for rule in strongest(result.rules, SHOWN)]
    found = [*said, *_widest(result, t)] or list(_popular(result, t))
    return [*found, _standing(result, t), _single(result, t), _threshold(result, t), *_sampled(result, t)]


def strongest(rules: pd.DataFrame, most: int) -> list[pd.Series]:
    """The rules that stand with the highest lift, none of which shares an item with one before it.

    Rules of two items come first: longer ones of the same items say little more.
    """
    chosen: list[pd.Series] = []
    used: set[str] = set()
    standing = rules[(rules["q_value"] < SURE) & (rules["lift"] > 1)]
    longer = standing["antecedents"].str.contains(JOIN, regex=False)
    for _, rule in pd.concat([standing[~longer], standing[longer]]).iterrows():
        items = {*rule["antecedents"].split(JOIN), *rule["consequents"].split(JOIN)}
        if not items & used:
            chosen.append(rule)
            used |= items
        if len(chosen) == most:
            break
    return chosen


def _strong(rule: pd.Series, t: Translator) -> str:
    return t(
        "Customers who buy {left} buy {right} {lift} times as often as chance: "
        "in {confidence} of those baskets; seen in {count} baskets ({sure})."
    ).format(
        left=rule["antecedents"],
        right=rule["consequents"],
        lift=number(rule["lift"]),
        confidence=percent(rule["confidence"], 0),
        count=number(rule["count"]),
        sure=_sure(rule["q_value"]),
    )


def _widest(result: "Result", t: Translator) -> Iterator[str]:
    """The rule that stands with most baskets beyond chance."""
    standing = result.rules[result.rules["q_value"] < SURE]
    for _, rule in standing.nlargest(1, "leverage").iterrows():
        yield t("Most baskets beyond chance: {left} with {right}, {extra} more than expected, {count} in all.").format(
            left=rule["antecedents"],
            right=rule["consequents"],
            extra=number(round(rule["leverage"] * result.n_baskets)),
            count=number(rule["count"]),
        )


def _standing(result: "Result", t: Translator) -> str:
    values = {
        "rules": number(result.n_rules),
        "standing": number(result.n_significant),
        "tested": number(result.n_tested),
        "confidence": percent(result.min_confidence, 0),
    }
    if not result.n_tested:
        return t("No two items are frequent enough to be compared, so there is no rule to test.")
    if not result.n_rules:
        return t("None of the {tested} rules tested holds in {confidence} of its baskets.").format(**values)
    if not result.n_significant:
        return t(
            "{rules} rules hold in at least {confidence} of their baskets, but none stands after correction for the "
            "{tested} rules tested: chance alone could give them."
        ).format(**values)
    return t(
        "{standing} of the {rules} rules listed stand after correction for the {tested} rules tested; "
        "about one in twenty of those that stand may still be chance."
    ).format(**values)


def _popular(result: "Result", t: Translator) -> Iterator[str]:
    single = result.itemsets[result.itemsets["size"] == 1].head(1)
    for _, row in single.iterrows():
        yield t("Most often bought: {item}, in {share} of all baskets.").format(
            item=row["items"], share=percent(row["support"])
        )


def _single(result: "Result", t: Translator) -> str:
    return t("{share} of the {baskets} baskets hold one item only and say nothing about bundles.").format(
        share=percent(result.share_single), baskets=number(result.n_baskets)
    )


def _threshold(result: "Result", t: Translator) -> str:
    values = {"count": number(result.min_count), "support": percent(result.min_support, 2), "length": result.max_length}
    if result.automatic:
        return t(
            "A bundle had to lie in {count} baskets ({support}) and hold at most {length} items; "
            "the first was chosen for these data."
        ).format(**values)
    return t("A bundle had to lie in {count} baskets ({support}) and hold at most {length} items.").format(**values)


def _sampled(result: "Result", t: Translator) -> Iterator[str]:
    if result.baskets_known > result.n_baskets:
        yield t("All figures are those of a sample of {sample} of {all} baskets, always the same.").format(
            sample=number(result.n_baskets), all=number(result.baskets_known)
        )


def _sure(q: float) -> str:
    return "q < 0.001" if q < 0.001 else f"q = {q:.3f}"
