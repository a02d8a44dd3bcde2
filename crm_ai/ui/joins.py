"""How related tables hang together: suggested joins as sentences to tick, and one of one's own."""

from collections.abc import Sequence

import streamlit as st

from crm_ai import i18n
from crm_ai.data import relations
from crm_ai.data.relations import Join
from crm_ai.data.sources import Source
from crm_ai.errors import CrmError
from crm_ai.ui import session


def panel(
    sources: Sequence[Source], offered: Sequence[Join], made: Sequence[Join], key: str
) -> tuple[Join, ...] | None:
    """Show the joins; the wanted ones when a person asks for them, else None.

    Args:
        sources: the tables as they were read.
        offered: as suggested, and as a person said.
        made: those in force; nothing is joined yet when there are none.
        key: of the widgets; one a dataset.
    """
    t, joins = session.translator(), made or offered
    others = [join for join in offered if join not in joins]
    with st.container(border=True, key=f"joins-{key}"):
        st.markdown(f"**{session.literal(t('How the tables belong together'))}**")
        st.caption(t("Rows of one table find what belongs to them in another; the rows stay as many as they were."))
        if not made:
            st.info(t("These tables are not joined yet: each is read alone."), icon=":material/info:")
        ticked = [join for number, join in enumerate(joins) if _ticked(join, f"{key}-{number}")]
        ticked += [join for number, join in enumerate(others) if _ticked(join, f"{key}-other-{number}", False)]
        own = _own(sources, key)
        if not st.button(
            t("Join again") if made else t("Join the tables"), icon=":material/join:", key=f"rejoin-{key}"
        ):
            return None
        try:
            added = [relations.tried(sources, *own)] if own else []
        except CrmError as error:
            st.error(error.text(t), icon=":material/error:")
            return None
    return tuple([join for join in ticked if not _is_replaced(join, added)] + added)


def _ticked(join: Join, key: str, on: bool = True) -> bool:
    t = session.translator()
    return st.checkbox(sentence(join), on, key=f"join-{key}-{session.language()}", help=t(join.why))


def sentence(join: Join) -> str:
    """A join in words, as Markdown."""
    t, literal = session.translator(), session.literal
    pairs = zip(join.left_on, join.right_on, strict=True)
    columns = [literal(one) if one == other else f"{literal(one)} = {literal(other)}" for one, other in pairs]
    return t("Each row of **{left}** finds its row in **{right}** by {columns}: {share}").format(
        left=literal(join.left),
        right=literal(join.right),
        columns=", ".join(columns),
        share=literal(i18n.percent(join.share, 0 if join.share in (0, 1) else 1)),
    )


def _own(sources: Sequence[Source], key: str) -> tuple[str, str, str, str] | None:
    """What a person wants to join: left table, right table, left heading, right heading."""
    t, tables = session.translator(), relations.names(sources)
    places = [(table, h) for table, source in zip(tables, sources, strict=True) for h in source.columns]
    with st.expander(t("Add a join"), key=f"own-join-{key}"):
        here, there = (
            st.selectbox(label, places, None, " · ".join, key=f"{side}-{key}-{session.language()}", placeholder="–")
            for side, label in (
                ("left", t("Column of the table with more rows")),
                ("right", t("The same in the table to look it up in")),
            )
        )
    return (here[0], there[0], here[1], there[1]) if here and there and here[0] != there[0] else None


def _is_replaced(join: Join, added: Sequence[Join]) -> bool:
    """Two tables have one join."""
    return any({join.left, join.right} == {other.left, other.right} for other in added)
