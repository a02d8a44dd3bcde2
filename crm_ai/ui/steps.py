"""The four steps of every page: data > parameters > result > keep.

data = steps.data("segments")
recipe = steps.parameters(data, "segments")
result = steps.result(data, recipe)
steps.keep(data, recipe, result)
"""

from typing import Any, NoReturn

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from crm_ai import analyses, i18n
from crm_ai.analyses import results
from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadParameter
from crm_ai.recipes import Recipe
from crm_ai.ui import forms, keeping, session, style, versions, waiting

DATA_PAGE = session.page("data")
MOST_ROWS = 10_000
"""Rows a table on a page shows; the download has all."""


def data(analysis: str) -> Dataset:
    """Step 1: the title, and the dataset the page is about; else how to get one."""
    t, module = session.translator(), analyses.load(analysis)
    st.title(t(module.TITLE))
    name = session.dataset_id()
    if name is None:
        _nothing()
    _choose(name)
    found = session.dataset(name)
    lack = analyses.lacks(module.NEEDS, found)
    if lack:
        columns = ", ".join(i18n.heading(column, t) for part in lack for column in part.columns)
        sentence = t("This page needs more columns: {columns}. Map them on the data page or choose other data.")
        _to_data_page(sentence.format(columns=columns))
    return found


def _nothing() -> NoReturn:
    """There is no dataset, or none for this visitor."""
    t = session.translator()
    if session.desk().visitor.has_role("analyst"):
        _to_data_page(t("No data yet: upload a file or open the demo on the data page."))
    st.info(t("Nothing is shared with you yet: ask an analyst to share data or a dashboard."), icon=":material/group:")
    st.stop()


def _to_data_page(sentence: str) -> NoReturn:
    """Say what is missing, and lead to where it is mended."""
    st.info(sentence, icon=":material/database:")
    st.page_link(DATA_PAGE, label=session.translator()("Go to the data page"), icon=":material/arrow_forward:")
    st.stop()


def _choose(name: str) -> None:
    """Which dataset, in the side bar; its version under it."""
    t, known = session.translator(), session.desk().datasets()
    label, ids, own = t("Dataset"), list(known), name.partition("@")[0]
    with st.sidebar:
        names = {each: version.manifest["name"] for each, version in known.items()}
        chosen = st.selectbox(label, ids, ids.index(own), names.__getitem__, key=f"dataset-{name}-{label}")
        versions.caption(name)
    if chosen and chosen != own:
        session.choose(chosen)
        st.rerun()


def parameters(found: Dataset, analysis: str) -> Recipe:
    """Step 2: the form in the side bar; Run writes its values into the address."""
    t, name = session.translator(), str(session.dataset_id())
    recipe = session.recipe(name, analysis)

    def picks(option: str) -> list[str]:
        return session.picks(name, found.fingerprint, analysis, option)

    with st.sidebar:
        values = forms.fill(analyses.load(analysis).Params, recipe.parsed(), analysis, t, picks)
    if values is not None:
        try:
            recipe = Recipe(name, analysis, session.changed(analysis, values))
        except BadParameter as error:
            st.error(error.text(t))
            st.stop()
    session.keep(recipe)
    return recipe


def result(found: Dataset, recipe: Recipe) -> Any:
    """Step 3: cards, findings, figures, tables, and how to read them; progress until they are there."""
    key = recipe.key(found.fingerprint)
    if not session.workspace().has_result(key):
        waiting.follow(session.runner().run(recipe, found.fingerprint))
    answer = session.result(key, recipe.analysis)
    figures, findings = session.pictures(key, recipe.analysis, session.language())
    module = analyses.load(recipe.analysis)
    _cards(module, answer)
    keeping.cards(recipe)
    _findings(findings)
    selected = _figures(module, figures, recipe, key)
    _tables(module, shown(module, answer), selected, recipe)
    _reading(module)
    return answer


def keep(found: Dataset, recipe: Recipe, answer: Any) -> None:
    """Step 4: everything that leaves the page."""
    keeping.panel(found, recipe, answer)


def shown(module: Any, answer: Any) -> dict[str, pd.DataFrame]:
    """The tables as the visitor reads them: codes in words, where the analysis has words for them."""
    words = getattr(module, "shown", None)
    found = words(answer, session.translator()) if words else results.tables(answer)
    return {name: found[name] for name in module.TABLES if name in found}


# ---- showing -----------------------------------------------------------------------------------------------------


def _cards(module: Any, answer: Any) -> None:
    t, found = session.translator(), results.metrics(answer)
    with st.grid(min_column_width=165):
        for name, kind in module.CARDS.items():
            text = style.card(found.get(name), kind, getattr(answer, "currency", ""))
            note = t(module.TERMS[name]) if name in module.TERMS else None
            st.metric(i18n.heading(name, t), text, border=True, help=note, height="stretch")


def _findings(findings: list[str]) -> None:
    t = session.translator()
    with st.container(border=True, key="findings"):
        st.markdown(f"**{t('What we found')}**")
        for sentence in findings:
            st.markdown(f"- {session.literal(sentence)}")


def _figures(module: Any, figures: dict[str, go.Figure], recipe: Recipe, key: str) -> dict[str, set[str]]:
    """All charts; returns table column -> the values selected in them."""
    selected: dict[str, set[str]] = {}
    with st.grid(min_column_width=440, gap="medium"):
        for name, chart in figures.items():
            with st.container(key=f"chart-{name}"):
                picked = _chart(name, chart, key, name in module.DRILL)
                if picked:
                    table, column = module.DRILL[name]
                    selected.setdefault(f"{table}.{column}", set()).update(picked)
                keeping.chart(recipe, name, chart)
    return selected


def _chart(name: str, chart: go.Figure, key: str, selectable: bool) -> set[str]:
    config = {"displayModeBar": False, "scrollZoom": False}
    if not selectable:
        st.plotly_chart(chart, key=f"{name}-{key}", config=config)
        return set()
    event = st.plotly_chart(chart, key=f"{name}-{key}", on_select="rerun", selection_mode="points", config=config)
    return {str(p["customdata"][0]) for p in event["selection"]["points"] if p.get("customdata")}


def _tables(module: Any, frames: dict[str, pd.DataFrame], selected: dict[str, set[str]], recipe: Recipe) -> None:
    t = session.translator()
    names = [name for name, frame in frames.items() if len(frame)]
    if not names:
        return
    for name, tab in zip(names, st.tabs([t(module.TABLES[name]) for name in names]), strict=True):
        with tab, st.container(key=f"table-{name}"):
            _table(module, name, _filtered(frames[name], name, selected), recipe)


def _filtered(frame: pd.DataFrame, table: str, selected: dict[str, set[str]]) -> pd.DataFrame:
    for place, values in selected.items():
        name, column = place.split(".", 1)
        if name == table and column in frame:
            frame = frame[frame[column].astype(str).isin(values)]
    return frame


def _table(module: Any, name: str, frame: pd.DataFrame, recipe: Recipe) -> None:
    t = session.translator()
    columns = style.columns(frame, module.TERMS)
    st.dataframe(frame.head(MOST_ROWS), hide_index=True, column_config=columns, key=f"frame-{name}")
    if len(frame) > MOST_ROWS:
        st.caption(
            t("The first {shown} of {rows} rows; the download has all.").format(
                shown=i18n.number(MOST_ROWS), rows=i18n.number(len(frame))
            )
        )
    keeping.table(recipe, name, t(module.TABLES[name]), frame)


def _reading(module: Any) -> None:
    t = session.translator()
    with st.expander(t("How to read this"), icon=":material/menu_book:"):
        st.markdown(t(module.READING))
        for name, text in module.TERMS.items():
            st.markdown(f"- **{i18n.heading(name, t)}**: {t(text)}")
