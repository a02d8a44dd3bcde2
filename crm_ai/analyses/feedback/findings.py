"""What the feedback analysis says in sentences, and its codes in words."""

from typing import TYPE_CHECKING

import pandas as pd

from crm_ai.analyses import results
from crm_ai.analyses.feedback.figures import METHODS
from crm_ai.i18n import Translator, number, percent
from crm_ai.text import aspects

if TYPE_CHECKING:
    from crm_ai.analyses.feedback import Result

FEWEST = 20
"""Texts about a subject before a sentence is made of it."""
SURE = 0.01
"""p-value from which on a trend is told."""


def findings(result: "Result", t: Translator = str) -> list[str]:
    """Three to eight sentences: the mood, what is complained about and praised, the trend, how sure all this is."""
    said = [_mood(result, t), _complaint(result, t), _praise(result, t), _trend(result, t), _sure(result, t)]
    said += [_word(result, t), _limits(result, t), _sampled(result, t)]
    return [sentence for sentence in said if sentence]


def shown(result: "Result", t: Translator = str) -> dict[str, pd.DataFrame]:
    """The tables with sentiments, aspects and methods in the language of ``t``."""
    found = results.tables(result)
    moods = {"positive": t("Positive"), "negative": t("Negative"), "unclear": t("Unclear")}
    subjects = {name: t(title) for name, title in aspects.NAMES.items()}
    joined = {
        text: " + ".join(subjects[name] for name in text.split(" + ") if name) for text in set(result.texts["aspects"])
    }
    words = {
        "texts": {"sentiment": moods, "aspects": joined},
        "words": {"sentiment": moods},
        "aspects": {"aspect": subjects},
        "evaluation": {"method": {name: t(title) for name, title in METHODS.items()}},
    }
    for table, columns in words.items():
        found[table] = found[table].assign(
            **{c: found[table][c].map(said).astype(object) for c, said in columns.items()}
        )
    return found


def _mood(result: "Result", t: Translator) -> str:
    return t("Of {n} texts, {positive} are positive and {negative} negative; the others are unclear.").format(
        n=number(result.n_texts), positive=percent(result.share_positive), negative=percent(result.share_negative)
    )


def _complaint(result: "Result", t: Translator) -> str:
    """The subject whose share of negative texts is above that of all, beyond chance, and with most negative texts."""
    table = _subjects(result, t)
    worse = table[(table["texts"] >= FEWEST) & (table["negative_low"] > result.share_negative)]
    if worse.empty:
        return t("No subject draws clearly more complaints than the others.") if len(table) else ""
    row = worse.iloc[int((worse["texts"] * worse["share_negative"]).to_numpy().argmax())]
    return t(
        "Most complaints are about {subject}: {share} of {n} texts about it are negative (95 % sure: {low} to {high})."
    ).format(
        subject=row["subject"],
        share=percent(row["share_negative"]),
        n=number(row["texts"]),
        low=percent(row["negative_low"]),
        high=percent(row["negative_high"]),
    )


def _praise(result: "Result", t: Translator) -> str:
    """The subject whose share of negative texts is below that of all, beyond chance, and with most positive texts."""
    table = _subjects(result, t)
    better = table[(table["texts"] >= FEWEST) & (table["negative_high"] < result.share_negative)]
    if better.empty:
        return ""
    row = better.iloc[int((better["texts"] * better["share_positive"]).to_numpy().argmax())]
    return t("Most praise is for {subject}: {share} of {n} texts about it are positive, {negative} negative.").format(
        subject=row["subject"],
        share=percent(row["share_positive"]),
        n=number(row["texts"]),
        negative=percent(row["share_negative"]),
    )


def _subjects(result: "Result", t: Translator) -> pd.DataFrame:
    """Aspects where there are any, else topics, with a name to print."""
    if len(result.aspects):
        return result.aspects.assign(subject=[t(aspects.NAMES[name]) for name in result.aspects["aspect"]])
    return result.topics.assign(subject=result.topics["name"])


def _trend(result: "Result", t: Translator) -> str:
    if result.trend_p is None or result.trend_start is None or result.trend_end is None:
        return ""
    if result.trend_p >= SURE:
        return t("Over {n} months the share of negative texts shows no trend beyond chance.").format(
            n=number(len(result.by_month))
        )
    change = (
        t("The share of negative texts rises over time: from about {start} to {end} in {n} months (p = {p}).")
        if result.trend_end > result.trend_start
        else t("The share of negative texts falls over time: from about {start} to {end} in {n} months (p = {p}).")
    )
    return change.format(
        start=percent(result.trend_start),
        end=percent(result.trend_end),
        n=number(len(result.by_month)),
        p=f"{result.trend_p:.2g}",
    )


def _sure(result: "Result", t: Translator) -> str:
    """Accuracy beside the simple guess where there are ratings; else what is known from other data."""
    if result.accuracy is None:
        return t(
            "There are no ratings to check against; on public reviews in English and Chinese this way of reading is "
            "right for about eight of ten texts."
        )
    by_method = result.evaluation.set_index("method")["accuracy"]
    values = {
        "n": number(result.n_rated),
        "accuracy": percent(result.accuracy),
        "majority": percent(float(by_method["majority"])),
        "zero": percent(float(by_method["zero_label"])),
    }
    if result.mix == "zero_label":
        return t(
            "Checked against {n} ratings, the sentiment is right for {accuracy} (always guessing the more frequent "
            "side: {majority}); the ratings were not used to read the texts."
        ).format(**values)
    return t(
        "Checked against {n} ratings on texts it had not seen, the sentiment is right for {accuracy} (without learning "
        "from ratings: {zero}; always guessing the more frequent side: {majority})."
    ).format(**values)


def _word(result: "Result", t: Translator) -> str:
    if len(result.neighbours):
        near = ", ".join(result.neighbours["neighbour"].head(4))
        return t('In the company of "{word}" stand: {near}.').format(word=result.word, near=near)
    if result.word:
        return t('The word "{word}" is too rare here to have neighbours: try another word or FastText.').format(
            word=result.word
        )
    return ""


def _sampled(result: "Result", t: Translator) -> str:
    if result.n_taken == result.n_rows:
        return ""
    return t("Of {all} texts {taken} were looked at: the newest, or a sample where they have no dates.").format(
        all=number(result.n_rows), taken=number(result.n_taken)
    )


def _limits(result: "Result", t: Translator) -> str:
    """What was left out or is less sure."""
    foreign = result.languages[~result.languages["language"].isin(["en", "zh", "unknown"])]["texts"].sum()
    rest = result.n_texts - result.n_read
    if rest > 0.02 * result.n_texts:
        return t(
            "{read} texts were read by meaning, the other {rest} were judged by their words: a little less sure."
        ).format(read=number(result.n_read), rest=number(rest))
    if foreign >= 1:
        return t("{n} texts are in other languages than English and Chinese: their sentiment is less sure.").format(
            n=number(foreign)
        )
    return ""
