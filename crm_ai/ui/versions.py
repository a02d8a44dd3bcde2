"""The versions of a dataset: on which one a page stands, what changed, how to open, add to, or delete one."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from crm_ai import i18n
from crm_ai.data import quality, schema
from crm_ai.store import Draft, Version
from crm_ai.ui import session, signin, upload

WHY = {
    "uploaded": "Uploaded",
    "columns changed": "Columns changed",
    "rules changed": "Cleaning rules changed",
    "rows added": "Rows added",
    "rows replaced": "Rows added and replaced",
    "files replaced": "All files replaced",
}
MODES = {
    "replace": "Add new rows; rows that come again take the place of the old ones",
    "append": "Add all rows, also those that come again",
    "everything": "Keep only the new files",
}
TABLES = {
    "transactions": "Order data",
    "customers": "Customer data",
    "series": "Time series",
    "feedback": "Customer feedback",
}
KEYS = {
    "transactions": "Orders: {added} new, {changed} changed, {gone} gone.",
    "customers": "Customers: {added} new, {changed} changed, {gone} gone.",
    "series": "Points in time: {added} new, {changed} changed, {gone} gone.",
    "feedback": "Comments: {added} new, {changed} changed, {gone} gone.",
}
ROWS = {
    "transactions": "Order lines: {before} before, {after} now.",
    "customers": "Rows of customers: {before} before, {after} now.",
    "series": "Rows of time series: {before} before, {after} now.",
    "feedback": "Rows of feedback: {before} before, {after} now.",
}
KINDS = {"added": "Came in", "gone": "Gone", "changed": "Changed"}
SHOWN = 5
"""Versions in sight; older ones are behind a click."""
FIGURES = ("rows", "orders", "customers", "amount", "first", "last")


# ---- on which version a page stands ----------------------------------------------------------------------------------


def caption(address: str) -> None:
    """On which version this page stands; the way to the newest where it is an older one."""
    t, version = session.translator(), session.desk().version(address)
    st.caption(
        t("Version {number} of {newest}, uploaded {when}, {rows} rows").format(
            number=version.number,
            newest=version.newest,
            when=session.when(version.created_at),
            rows=i18n.number(version.rows),
        )
    )
    if not version.is_newest and st.button(t("Open the newest version"), icon=":material/update:", key="newest"):
        session.choose(version.dataset)
        st.rerun()


def head(address: str) -> dict[str, str]:
    """What a report says of its data."""
    t, version = session.translator(), session.desk().version(address)
    return {
        "dataset": version.manifest["name"],
        "version": t("{number} of {newest}").format(number=version.number, newest=version.newest),
        "uploaded": session.when(version.created_at),
        "rows": i18n.number(version.rows),
    }


# ---- the panel of the data page --------------------------------------------------------------------------------------


def panel(address: str) -> None:
    """What changed last, more data, and the list of versions."""
    t, desk = session.translator(), session.desk()
    version = desk.version(address)
    edits = desk.may("edit", "dataset", version.dataset)
    st.subheader(t("Versions of {name}").format(name=session.literal(version.manifest["name"])))
    if version.changes:
        with st.container(border=True, key="changes"):
            _changes(version)
    if edits:
        with st.expander(t("Add data"), icon=":material/add:", key="more"):
            upload.more(version.dataset)
    every = desk.versions(version.dataset)
    for each in every[:SHOWN]:
        _line(each, each.number == version.number, edits and len(every) > 1)
    if every[SHOWN:]:
        with st.expander(t("Older versions ({n})").format(n=len(every) - SHOWN), key="older"):
            for each in every[SHOWN:]:
                _line(each, each.number == version.number, edits)


def _line(version: Version, current: bool, removable: bool) -> None:
    t = session.translator()
    box = st.container(border=True, key=f"version-{version.number}", horizontal=True, vertical_alignment="center")
    with box:
        mark = ":material/check_circle: " if current else ""
        title = t("Version {number}").format(number=version.number)
        st.markdown(f"{mark}**{title}** · {t(WHY[version.why])}", width="stretch")
        rows, when = i18n.number(version.rows), session.when(version.created_at)
        st.caption(t("{rows} rows, {when}").format(rows=rows, when=when), width="content")
        if not current and st.button(t("Open this version"), key=f"open-version-{version.number}"):
            session.choose(version.dataset if version.is_newest else version.address)
            st.rerun()
        if removable and st.button(t("Delete"), icon=":material/delete:", key=f"delete-version-{version.number}"):
            _confirm(version)


def _confirm(version: Version) -> None:
    t = session.translator()

    @st.dialog(t("Delete version {number}?").format(number=version.number))
    def ask() -> None:
        st.write(t("Its data and results go; the other versions stay."))
        if st.button(t("Delete"), type="primary", key="delete-version-now"):
            with signin.answering():
                session.desk().delete_version(version.address)
                session.choose(version.dataset)
                st.rerun()

    ask()


# ---- what changed ----------------------------------------------------------------------------------------------------


def _changes(version: Version) -> None:
    """The differences from the version before, in sentences, figures and examples."""
    t = session.translator()
    st.markdown("**" + t("What changed in version {number}").format(number=version.number) + "**")
    for table, found in version.changes.items():
        for sentence in sentences(table, found):
            st.markdown(f"- {session.literal(sentence)}")
    shown = {table: found for table, found in version.changes.items() if found["before"] and found["after"]}
    for table, found in shown.items():
        with st.expander(t("{table}: before and now").format(table=t(TABLES[table])), key=f"change-{table}"):
            st.dataframe(_figures(found), hide_index=True, key=f"figures-{table}")
            _examples(table, found)


def sentences(table: str, found: Mapping[str, Any]) -> list[str]:
    """What changed in one table."""
    t, before, after = session.translator(), found["before"], found["after"]
    name = t(TABLES[table])
    if before is None:
        return [t("{table} were added: {rows} rows.").format(table=name, rows=i18n.number(after["rows"]))]
    if after is None:
        return [t("{table} are not in it any more.").format(table=name)]
    said = [t(ROWS[table]).format(before=i18n.number(before["rows"]), after=i18n.number(after["rows"]))]
    if found["key"]:
        said.append(t(KEYS[table]).format(**{kind: i18n.number(found[kind]["count"]) for kind in KINDS}))
    if before.get("last") and after.get("last") and before["last"] != after["last"]:
        ends = {"before": before["last"][:10], "after": after["last"][:10]}
        said.append(t("The last day was {before} and is now {after}.").format(**ends))
    return said


def _figures(found: Mapping[str, Any]) -> pd.DataFrame:
    """The totals before and now."""
    t, before, after = session.translator(), found["before"], found["after"]
    names = [name for name in FIGURES if name in before or name in after]
    labels = {"first": t("First day"), "last": t("Last day")}
    return pd.DataFrame(
        {
            t("Figure"): [labels.get(name) or i18n.heading(name, t) for name in names],
            t("Before"): [_written(before.get(name)) for name in names],
            t("Now"): [_written(after.get(name)) for name in names],
        }
    )


def _examples(table: str, found: Mapping[str, Any]) -> None:
    t = session.translator()
    rows = [{"kind": t(KINDS[kind]), **row} for kind in KINDS for row in found.get(kind, {}).get("examples", [])]
    if not rows:
        return
    st.caption(t("Some of them:"))
    frame = pd.DataFrame(rows).dropna(axis="columns", how="all").map(_written)
    st.dataframe(frame.rename(columns=_label), hide_index=True, key=f"examples-{table}")


def _label(name: str) -> str:
    t = session.translator()
    return t("What") if name == "kind" else i18n.heading(name, t)


def _written(value: Any) -> str:
    """A figure, a day or a text of the data, as a person reads it."""
    if value is None or value != value:
        return "–"
    if isinstance(value, str):
        return value.removesuffix("T00:00:00").replace("T", " ")
    return i18n.number(value)


# ---- adding ----------------------------------------------------------------------------------------------------------


def announce(draft: Draft) -> None:
    """To what the files on the screen are added."""
    t, title = session.translator(), session.desk().version(draft.dataset).manifest["name"]
    st.info(t("These files are added to {name}.").format(name=session.literal(title)), icon=":material/add:")


def choice(draft: Draft, mappings: Sequence[schema.Mapping]) -> str:
    """How new files meet those that are there: a key of MODES."""
    t = session.translator()
    keys = {m.table: quality.key_of(m.table, m.columns) for m in mappings if m.table}
    modes = [mode for mode in MODES if mode != "replace" or any(keys.values())]
    label = t("What do the new rows do?")
    chosen = st.radio(
        label, modes, format_func=lambda mode: t(MODES[mode]), key=f"mode-{draft.id}-{session.language()}"
    )
    told = dict.fromkeys(i18n.heading(name, t) for key in keys.values() for name in key)
    if chosen == "replace":
        st.caption(t("A row comes again when these are the same: {columns}.").format(columns=", ".join(told)))
    return chosen or modes[0]
