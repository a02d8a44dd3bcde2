"""Personal data that were found in a source, and what is to become of them."""

from collections.abc import Mapping, Sequence

import streamlit as st

from crm_ai import i18n
from crm_ai.data.privacy import HIDDEN, KEEP, MASK, PSEUDONYMISE, REMOVE, TREATMENTS, Personal, suggestion
from crm_ai.data.sources import Source
from crm_ai.ui import session

KINDS = {
    "email": "E-mail addresses",
    "phone": "Phone numbers",
    "id_card": "ID card numbers",
    "bank_card": "Bank card numbers",
    "name": "Names of people",
    "address": "Home addresses",
    "ip": "Internet (IP) addresses",
    "birth_date": "Dates of birth",
}
LABELS = {KEEP: "Keep as it is", MASK: "Mask", PSEUDONYMISE: "Replace by a code", REMOVE: "Remove the column"}
EXPLAINED = {
    KEEP: "Stored as it stands in the file.",
    MASK: "Only a part stays, such as 138****5678: readable, but nobody can be reached by it.",
    PSEUDONYMISE: "The same code for the same person, so customers can still be counted and matched; no way back "
    "without the key of this installation.",
    REMOVE: "Nothing of the column is stored.",
}


def panel(
    source: Source,
    found: Sequence[Personal],
    current_choices: Mapping[str, str],
    key_prefix: str,
    default: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Ask what is to become of the personal data of one source.

    Args:
        source: where they were found.
        found: what ``privacy.find`` gave.
        current_choices: heading -> treatment, as chosen before.
        key_prefix: of the widgets; another one for each source.
        default: heading -> treatment that is proposed; the usual one of its kind where it is left out.

    Returns:
        heading -> treatment, of every column in ``found``.
    """
    t = session.translator()
    if not found:
        st.caption(f":material/verified_user: {t('No personal data found.')}")
        return {}
    proposed = {item.heading: suggestion(item.kind) for item in found} | dict(default or {}) | dict(current_choices)
    with st.container(border=True, key=f"{key_prefix}-privacy"):
        st.markdown(f":material/shield_person: **{t('Personal data found')}**")
        st.caption(t("Choose what is to become of it before anything is stored. Your choice is recorded."))
        chosen = {
            item.heading: _row(source, item, proposed[item.heading], f"{key_prefix}-{number}")
            for number, item in enumerate(found)
        }
        st.caption("  \n".join(f"**{t(LABELS[each])}** – {session.literal(t(EXPLAINED[each]))}" for each in TREATMENTS))
    return chosen


def _row(source: Source, item: Personal, proposed: str, key: str) -> str:
    """One column: what it is, how many, an example, and the choice."""
    t = session.translator()
    what, example, choice = st.columns([3, 3, 3], vertical_alignment="center")
    what.markdown(f"**{session.literal(item.heading)}**  \n{_kind(item)}")
    rows = t("{n} of {rows} rows").format(n=i18n.number(item.count), rows=i18n.number(source.rows))
    readable = next((each for each in item.examples if each != HIDDEN), None)
    shown = t("such as {example}").format(example=session.literal(readable)) if readable else ""
    example.markdown(f"{rows}  \n{shown}")
    treatments = list(TREATMENTS)
    chosen = choice.selectbox(
        t("What to do with {column}").format(column=session.literal(item.heading)),
        treatments,
        treatments.index(proposed) if proposed in treatments else 0,
        lambda each: t(LABELS[each]),
        key=f"{key}-{session.language()}",
        label_visibility="collapsed",
    )
    return chosen or proposed


def _kind(item: Personal) -> str:
    """What was found, in words."""
    t = session.translator()
    if item.kind != "text":
        return t(KINDS[item.kind])
    return t("In free text: {kinds}").format(kinds=t(", ").join(t(KINDS[kind]) for kind in item.inside))
