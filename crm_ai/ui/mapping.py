"""Which column is which: the guess as a table to correct, beside a preview of the file."""

import hashlib
import json
from typing import Any

import pandas as pd
import streamlit as st

from crm_ai import i18n
from crm_ai.data import intake, schema
from crm_ai.data.intake import Staged
from crm_ai.errors import CrmError
from crm_ai.ui import session, upload, waiting

KINDS = {
    "transactions": "A list of orders",
    "customers": "A list of customers",
    "series": "Time series",
    "feedback": "Customer feedback",
    "": "Leave out",
}
ENCODINGS = ("utf-8", "gb18030", "utf-16", "cp1252", "latin-1", "big5", "shift_jis")
DELIMITERS = {",": ",", ";": ";", "\t": "Tab", "|": "|", " ": "Blank"}


def panel(name: str) -> None:
    """Show what was read, and take the mapping."""
    t, here = session.translator(), intake.staged(session.workspace().folder_of(name))
    st.subheader(t("Check the columns"))
    st.caption(t("We recognised what is below. Correct what is wrong, then accept."))
    title = st.text_input(t("Name"), here.name, max_chars=80, key=f"name-{name}")
    try:
        mappings = [_source(here, number) for number in range(len(here.sources))]
    except CrmError as error:
        st.error(error.text(t), icon=":material/error:")
        return
    with st.container(horizontal=True):
        accepted = st.button(t("Accept"), type="primary", icon=":material/check:", key="accept")
        if st.button(t("Discard"), icon=":material/delete:", key="discard"):
            session.workspace().delete(name)
            del st.query_params["new"]
            st.rerun()
    if accepted:
        finish(name, [mapping.to_json() for mapping in mappings], {}, title)
    follow(name)


def finish(name: str, mappings: list[dict[str, Any]], rules: dict[str, bool], title: str) -> None:
    """Hand the cleaning to a worker."""
    task = {"task": "finish", "dataset": name, "mappings": mappings, "rules": rules, "name": title.strip() or "–"}
    mark = hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()[:16]
    st.session_state[f"finishing-{name}"] = session.runner().submit(f"finish-{mark}", task)


def follow(name: str) -> None:
    """Wait for a cleaning that is under way; then show the first page that the data can carry."""
    job = st.session_state.get(f"finishing-{name}")
    if job is None:
        return
    waiting.follow(job)
    session.runner().forget(job)
    del st.session_state[f"finishing-{name}"]
    fresh = "new" in st.query_params
    st.query_params.clear()
    session.choose(name)
    if fresh:
        session.first_page(name)
    st.rerun()


def _source(here: Staged, number: int) -> schema.Mapping:
    """One file: its kind, its columns, its first rows."""
    t, source, guess = session.translator(), here.sources[number], here.guesses[number]
    label = f"{source.name} · {source.sheet}" if source.sheet else source.name
    with st.container(border=True, key=f"source-{number}"):
        st.markdown(f"**{session.literal(label)}** · " + t("{rows} rows").format(rows=i18n.number(source.rows)))
        if source.rejected_rows:
            st.warning(t("{n} rows could not be read; they are kept beside the data.").format(n=source.rejected_rows))
        kinds = list(KINDS)
        table = st.selectbox(
            t("What is in this file?"),
            kinds,
            kinds.index(guess.table),
            lambda kind: t(KINDS[kind]),
            key=f"kind-{here.folder.name}-{number}-{session.language()}",
        )
        st.dataframe(here.preview(number, 8), hide_index=True, key=f"preview-{number}")
        _reading(here, number)
        return _columns(here, number, table) if table else schema.Mapping("", {})


def _columns(here: Staged, number: int, table: str) -> schema.Mapping:
    """The editable mapping of one file."""
    t, source, guess = session.translator(), here.sources[number], here.guesses[number]
    base = guess if guess.table == table else schema.guess(source, table)
    shown = [name for name in schema.TABLES[table] if name != "cancelled" or name in base.columns]
    first = here.preview(number, 1)
    rows = pd.DataFrame(
        {
            "column": [i18n.heading(name, t) for name in shown],
            "heading": [base.columns[name].heading if name in base.columns else None for name in shown],
            "confidence": [base.columns[name].confidence if name in base.columns else None for name in shown],
            "example": [_example(first, base, name) for name in shown],
        }
    )
    edited = st.data_editor(
        rows,
        hide_index=True,
        height="content",
        disabled=["column", "confidence", "example"],
        column_config={
            "column": st.column_config.TextColumn(t("What we need")),
            "heading": st.column_config.SelectboxColumn(t("Column in the file"), options=list(source.columns)),
            "confidence": st.column_config.ProgressColumn(t("How sure"), min_value=0, max_value=1, format="percent"),
            "example": st.column_config.TextColumn(t("First value")),
        },
        key=f"columns-{here.folder.name}-{number}-{table}-{session.language()}",
    )
    headings = {name: str(h) for name, h in zip(shown, edited["heading"], strict=True) if isinstance(h, str) and h}
    return intake.corrected(source, base, headings)


def _example(first: pd.DataFrame, base: schema.Mapping, name: str) -> str:
    column = base.columns.get(name)
    if column is None or first.empty:
        return ""
    return " ".join(str(first[heading].iloc[0]) for heading in (column.heading, *column.joined))


def _reading(here: Staged, number: int) -> None:
    """How the text of the file is read, where a person may know better."""
    t, source = session.translator(), here.sources[number]
    if source.encoding is None:
        return
    with st.expander(t("Wrong characters or columns?"), key=f"reading-{number}"):
        encoding = _other(t("Encoding"), source.encoding or "", {e: e for e in ENCODINGS}, f"encoding-{number}")
        delimiter = _other(t("Columns are parted by"), source.delimiter or ",", DELIMITERS, f"delimiter-{number}")
        if st.button(t("Read again"), icon=":material/refresh:", key=f"again-{number}"):
            sources = [each.to_json() for each in here.sources]
            upload.again(here.folder.name, sources, {"encoding": encoding, "delimiter": delimiter})


def _other(label: str, current: str, known: dict[str, str], key: str) -> str:
    """A choice that starts with what was found."""
    t, offered = session.translator(), list(dict.fromkeys([current, *known]))
    names = {option: t(known.get(option, option)) for option in offered}
    chosen = st.selectbox(label, offered, format_func=names.__getitem__, key=f"{key}-{session.language()}")
    return chosen or current
