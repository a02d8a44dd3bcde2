"""The findings in words, and the tables as people read them."""

from typing import TYPE_CHECKING

import pandas as pd

from crm_ai.analyses import results
from crm_ai.analyses.segments.names import OUTLIERS, name
from crm_ai.i18n import Translator, heading, money, number, percent
from crm_ai.methods.cluster_count import STEADY
from crm_ai.methods.rfm import WATCH

if TYPE_CHECKING:
    from crm_ai.analyses.segments import Result


def findings(result: "Result", t: Translator = str) -> list[str]:
    """The most valuable segment, who is at risk, concentration, and how real the groups are."""
    about = [_best(result, t), _risk(result, t), _top(result, t)] if result.basis == "purchases" else _traits(result, t)
    every = [*about, _sure(result, t), _count(result, t), _outliers(result, t), _sampled(result, t)]
    return [sentence for sentence in every if sentence]


def shown(result: "Result", t: Translator = str) -> dict[str, pd.DataFrame]:
    """The tables with names, segments and reasons in the language of ``t``."""
    found = results.tables(result)
    titles = {code: name(result.parts, code, t) for code in result.segments["segment"]}
    words = {"segment": t, "rfm_segment": t, "reason": t}
    for key in ("customers", "segments", "left_out"):
        frame = found[key]
        named = {"name": frame["segment"].map(titles)} if "name" in frame else {}
        found[key] = frame.assign(**named, **{c: frame[c].map(w) for c, w in words.items() if c in frame})
    return found


def _best(result: "Result", t: Translator) -> str:
    table = result.segments[result.segments["segment"] != OUTLIERS]
    if table.empty or table["share_of_revenue"].isna().all():
        return ""
    best = table.iloc[int(table["share_of_revenue"].to_numpy().argmax())]
    return t(
        "“{name}” bring the most: {customers} customers ({share} of all) stand for {revenue} of the revenue, "
        "half of them with {median} or more."
    ).format(
        name=name(result.parts, best["segment"], t),
        customers=number(best["customers"]),
        share=percent(best["share_of_customers"]),
        revenue=percent(best["share_of_revenue"]),
        median=money(best["median_monetary"], result.currency),
    )


def _risk(result: "Result", t: Translator) -> str:
    """Who was worth much and has been away for long, by RFM scores, whatever the method."""
    away = result.customers[result.customers["rfm_segment"].isin(WATCH)]
    if away.empty or result.at_risk_share is None:
        return ""
    return t(
        "{customers} customers are at risk: they used to order often or for much, but half of them have not ordered "
        "for {days} days or more. {share} of the revenue came from them."
    ).format(
        customers=number(round(len(away) * result.n_customers / result.customers_listed)),
        days=number(away["recency_days"].median(), 0),
        share=percent(result.at_risk_share),
    )


def _top(result: "Result", t: Translator) -> str:
    if result.top_fifth_share is None:
        return ""
    return t("The best 20 % of the customers bring {share} of the revenue.").format(
        share=percent(result.top_fifth_share)
    )


def _traits(result: "Result", t: Translator) -> list[str]:
    table = result.segments[result.segments["segment"] != OUTLIERS]
    if table.empty:
        return []
    sizes = table["customers"].to_numpy()
    large, small = table.iloc[int(sizes.argmax())], table.iloc[int(sizes.argmin())]
    sentences = [
        t("The largest segment, “{name}”, has {customers} customers ({share} of all).").format(
            name=name(result.parts, large["segment"], t),
            customers=number(large["customers"]),
            share=percent(large["share_of_customers"]),
        )
    ]
    if len(table) > 1:
        sentences.append(
            t("The smallest, “{name}”, has {customers} ({share}).").format(
                name=name(result.parts, small["segment"], t),
                customers=number(small["customers"]),
                share=percent(small["share_of_customers"]),
            )
        )
    return sentences


def _sure(result: "Result", t: Translator) -> str:
    """Whether the groups are there, with the two numbers that say so."""
    if result.n_clusters == 0:
        return t("No dense group was found at this radius: every customer counts as an outlier.")
    if result.n_clusters == 1:
        return t("The data show a single group: there is nothing that parts the customers.")
    return _verdict(result, t).format(
        gain=_signed(result.likelihood_gain), agreement=number(_number(result.stability_ari), 2)
    )


def _verdict(result: "Result", t: Translator) -> str:
    if result.method == "rfm":
        return t(
            "These segments follow fixed rules, whether or not the data fall into groups; random samples of the "
            "customers give the same ones with an agreement of {agreement} (1 is the same, 0 chance)."
        )
    if result.verdict == "clear":
        return t(
            "The groups are clear: they explain the data better than one cloud (gain {gain}), and random samples of "
            "the customers give the same groups (agreement {agreement}, where 1 is the same and 0 chance)."
        )
    if result.verdict == "fair":
        return t(
            "The groups are there but blurred: they explain the data somewhat better than one cloud (gain {gain}), and "
            "random samples of the customers agree on them to {agreement} (1 is the same, 0 chance)."
        )
    return t(
        "The data show no separate groups: the customers form one cloud, and the segments are slices of it (gain over "
        "one group {gain}; agreement of random samples {agreement}, where 1 is the same and 0 chance). Use them to "
        "address customers, not as kinds of people."
    )


def _count(result: "Result", t: Translator) -> str:
    """Why this number of groups, and which criteria favour others."""
    if not result.favourites:
        return ""
    others = {criterion: k for criterion, k in result.favourites if k != result.n_clusters}
    words = {"k": result.n_clusters, "n": len(result.favourites), "yes": len(result.favourites) - len(others)}
    asked = t(", ").join(f"{heading(criterion, t)} {k}" for criterion, k in others.items())
    return _reason(result, bool(others), t).format(**words, others=asked)


def _reason(result: "Result", split: bool, t: Translator) -> str:
    favoured = any(k == result.n_clusters for _, k in result.favourites)
    if not split:
        return t("All {n} criteria favour {k} segments.")
    if result.chosen == "auto" and result.verdict == "none" and (result.stability_ari or 0) >= STEADY:
        return t("{k} is the largest number of slices that come back steadily. Criteria that favour others: {others}.")
    if not favoured:
        return t("{k} segments are not the favourite of any one criterion: {others}.")
    return t("{yes} of {n} criteria favour {k} segments; the others: {others}.")


def _outliers(result: "Result", t: Translator) -> str:
    found = result.segments[result.segments["segment"] == OUTLIERS]
    if found.empty or result.n_clusters == 0:
        return ""
    return t("{customers} customers ({share}) belong to no group: they are listed as outliers.").format(
        customers=number(found["customers"].iloc[0]), share=percent(found["share_of_customers"].iloc[0])
    )


def _sampled(result: "Result", t: Translator) -> str:
    if result.n_compared == result.n_customers:
        return ""
    if result.customers_listed < result.n_customers:
        return _learnt(result, t)
    return t(
        "The evidence was measured on a random sample of {sample} of {all} customers; every customer is in a segment."
    ).format(sample=number(result.n_compared), all=number(result.n_customers))


def _learnt(result: "Result", t: Translator) -> str:
    places = {"listed": number(result.customers_listed), "all": number(result.n_customers)}
    if result.basis == "purchases":
        return t(
            "The segments were learnt from a sample of {listed} of {all} customers, always the same, and only these "
            "are listed; sizes and revenue of the segments count every customer."
        ).format(**places)
    return t("The segments are those of a sample of {listed} of {all} customers, always the same.").format(**places)


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
