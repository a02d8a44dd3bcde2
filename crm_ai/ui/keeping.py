"""What leaves a page: charts, tables, reports, the address and the Python that repeats it."""

from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from crm_ai import analyses, export
from crm_ai.data.dataset import Dataset
from crm_ai.recipes import Recipe
from crm_ai.ui import session, versions, visitors
from crm_ai.ui.boards import adding


def cards(recipe: Recipe) -> None:
    """The way of the figures to a dashboard."""
    adding.button(recipe, "cards")


def chart(recipe: Recipe, name: str, figure: go.Figure) -> None:
    """The downloads of one chart, made when they are clicked, and its way to a dashboard."""
    t, spoken = session.translator(), session.language()
    with st.container(horizontal=True, gap="small"):
        with st.popover(
            t("Download"), icon=":material/download:", type="tertiary", key=f"get-{name}", on_change="rerun"
        ) as menu:
            if menu.open:
                for kind in ("png", "svg", "html"):
                    st.download_button(
                        kind.upper(),
                        visitors.still(partial(export.chart, figure, kind, language=spoken)),
                        f"{name}.{kind}",
                        key=f"get-{name}-{kind}",
                        on_click="ignore",
                        width="stretch",
                    )
        adding.button(recipe, "chart", name)


def table(recipe: Recipe, name: str, title: str, frame: pd.DataFrame) -> None:
    """The downloads of one table, and its way to a dashboard."""
    spoken = session.language()
    with st.container(horizontal=True):
        for kind in ("csv", "xlsx"):
            st.download_button(
                kind.upper(),
                visitors.still(partial(export.table, frame, kind, title=title, language=spoken)),
                f"{name}.{kind}",
                key=f"get-{name}-{kind}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )
        adding.button(recipe, "table", name)


def panel(found: Dataset, recipe: Recipe, answer: Any) -> None:
    """Reports of the whole page, and the code that repeats it."""
    t, spoken = session.translator(), session.language()
    name = f"{found.name}: {t(analyses.load(recipe.analysis).TITLE)}"
    section = export.Section(recipe.analysis, answer, recipe.params, versions.head(recipe.dataset))
    with st.expander(t("Keep and share"), icon=":material/ios_share:", key="keep"):
        st.caption(t("Everything on this page can stand on a dashboard, which follows the newest data."))
        adding.all_of(recipe, recipe.key(found.fingerprint), answer)
        st.caption(t("A report with the findings, the charts and the tables of this page."))
        with st.container(horizontal=True):
            for kind in export.REPORTS:
                st.download_button(
                    kind.upper(),
                    visitors.still(partial(export.report, [section], kind, title=name, language=spoken)),
                    f"{recipe.analysis}.{kind}",
                    key=f"report-{kind}",
                    on_click="ignore",
                    icon=":material/download:",
                )
        st.caption(t("The address of this page opens it again with these parameters."))
        st.caption(t("The same numbers in Python:"))
        st.code(recipe.python(found.manifest), language="python")
