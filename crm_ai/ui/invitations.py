"""What a dataset can answer: each analysis with its question, or what it still needs."""

import streamlit as st

from crm_ai import analyses, i18n
from crm_ai.data.dataset import Dataset
from crm_ai.ui import session


def panel(data: Dataset, but: str = "") -> None:
    """A card an analysis, except the one we are on."""
    with st.grid(min_column_width=220):
        for analysis in analyses.ALL:
            if analysis != but:
                _card(analysis, data)


def _card(analysis: str, data: Dataset) -> None:
    t, module = session.translator(), analyses.load(analysis)
    lack = analyses.lacks(module.NEEDS, data)
    columns = ", ".join(i18n.heading(column, t) for part in lack for column in part.columns)
    with st.container(border=True, height="stretch", key=f"go-{analysis}"):
        st.page_link(session.page(analysis), label=t(module.TITLE), icon=module.ICON, disabled=bool(lack))
        st.caption(t("Needs: {columns}").format(columns=columns) if lack else t(analyses.question(analysis)))
