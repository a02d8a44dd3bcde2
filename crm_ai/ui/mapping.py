"""Which column is which: the guess as a table to correct, beside a preview of the file."""

import pandas as pd
import streamlit as st

from crm_ai import i18n
from crm_ai.data import intake, schema
from crm_ai.data.intake import Staged
from crm_ai.data.privacy import suggestion
from crm_ai.errors import CrmError
from crm_ai.store import Draft
from crm_ai.ui import errands, joins, privacy, session, upload, versions

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
    t, draft = session.translator(), session.desk().draft(name)
    here, added = intake.staged(draft.folder), draft.why == intake.MODES["append"]
    st.subheader(t("Check the columns"))
    st.caption(t("We recognised what is below. Correct what is wrong, then accept."))
    if added:
        versions.announce(draft)
    title = "" if added else st.text_input(t("Name"), here.name, max_chars=80, key=f"name-{name}")
    _joined(here, draft)
    try:
        said = [_source(here, number) for number in range(len(here.sources))]
    except CrmError as error:
        st.error(error.text(t), icon=":material/error:")
        return
    mappings = [mapping for mapping, _ in said]
    mode = versions.choice(draft, mappings) if added else ""
    with st.container(horizontal=True):
        accepted = st.button(t("Accept"), type="primary", icon=":material/check:", key="accept")
        if st.button(t("Discard"), icon=":material/delete:", key="discard"):
            session.desk().discard(draft)
            del st.query_params["new"]
            st.rerun()
    if accepted:
        task = {"task": "refresh" if added else "finish", "draft": name, "dataset": draft.dataset, "mode": mode}
        chosen = {"mappings": [mapping.to_json() for mapping in mappings], "hide": [choices for _, choices in said]}
        errands.begin({**task, **chosen, "name": title.strip() or "–", "fresh": not draft.version})


def _joined(here: Staged, draft: Draft) -> None:
    """How the tables belong together, where they do; another wish is carried out at once."""
    if not here.offered:
        return
    wanted = joins.panel(here.tables, here.offered, here.joins, here.folder.name)
    if wanted is not None:
        errands.begin({"task": "rejoin", "draft": draft.id, "joins": [join.to_json() for join in wanted]})


def _source(here: Staged, number: int) -> tuple[schema.Mapping, dict[str, str]]:
    """One file: its kind, its columns, its first rows; and what is to become of the personal data in it."""
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
        mapping = _columns(here, number, table) if table else schema.Mapping("", {})
        return mapping, _hidden(here, number, mapping)


def _hidden(here: Staged, number: int, mapping: schema.Mapping) -> dict[str, str]:
    """Heading -> treatment of its personal data: as the last time, else as is usual."""
    if not here.personal:
        return {}
    source, found = here.sources[number], here.personal[number]
    before = intake.recall(session.workspace().mappings, source.columns) or {}
    customer = mapping.columns["customer_id"].heading if "customer_id" in mapping.columns else ""
    usual = {item.heading: suggestion(item.kind, identifies=item.heading == customer) for item in found}
    return privacy.panel(source, found, before.get("hide", {}), f"{here.folder.name}-{number}", usual)


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
