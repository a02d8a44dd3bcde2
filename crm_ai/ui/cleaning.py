"""The quality report: what each cleaning rule found, totals before and after, rejected rows."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from crm_ai import i18n
from crm_ai.data import intake, quality
from crm_ai.store import Version
from crm_ai.ui import errands, invitations, mapping, session, style, versions, visitors

TOTALS = ("rows", "orders", "customers", "amount")


def panel(name: str) -> None:
    """The report of a dataset, its rules to switch, and where to go from here."""
    t, version, found = session.translator(), session.desk().version(name), session.dataset(name)
    manifest = version.manifest
    st.subheader(t("Quality of {name}").format(name=session.literal(found.name)))
    versions.caption(name)
    invitations.panel(found)
    switches: dict[str, bool] = {}
    reports = manifest.get("report", {})
    tabs = st.tabs([t(mapping.KINDS[table]) for table in reports]) if reports else []
    for (table, report), tab in zip(reports.items(), tabs, strict=True):
        with tab:
            _totals(report)
            switches |= _rules(table, report)
    with st.container(horizontal=True):
        edits = session.desk().may("edit", "dataset", version.dataset)
        changed = any(rule["on"] != switches[rule["id"]] for report in reports.values() for rule in report["rules"])
        if edits and st.button(t("Apply the rules"), type="primary", disabled=not changed, key="apply"):
            draft = session.desk().new_draft(version.address, "rules changed")
            errands.begin({"task": "revise", "draft": draft.id, "dataset": version.dataset, "rules": switches})
        _rejected(name, reports)
        if edits and st.button(t("Change the columns"), icon=":material/edit:", key="remap"):
            _reopen(version)


def _reopen(version: Version) -> None:
    """Look at the columns of a version again; what somebody began is gone on with."""
    place, why = session.desk(), "columns changed"
    begun = [draft for draft in place.unfinished() if (draft.base, draft.why) == (version.address, why)]
    draft = begun[0] if begun else place.new_draft(version.address, why)
    if not begun:
        intake.reopen(draft.folder, version.folder)
    st.query_params["new"] = draft.id
    st.rerun()


def _totals(report: Mapping[str, Any]) -> None:
    t, before, after = session.translator(), report["before"], report["after"]
    with st.grid(min_column_width=165):
        for figure in TOTALS:
            if after.get(figure) is not None:
                kind = "money" if figure == "amount" else "number"
                note = t("before: {value}").format(value=style.card(before[figure], kind))
                text = style.card(after[figure], kind)
                st.metric(i18n.heading(figure, t), text, note, "off", delta_arrow="off", border=True)


def _rules(table: str, report: Mapping[str, Any]) -> dict[str, bool]:
    """The rules as a table of switches; gives rule -> on or off."""
    t, rules = session.translator(), report["rules"]
    if not rules:
        return {}
    frame = pd.DataFrame(
        {
            "on": [rule["on"] for rule in rules],
            "rule": [t(rule["label"]) for rule in rules],
            "count": [rule["count"] for rule in rules],
            "removed": [rule["removed"] for rule in rules],
            "help": [t(rule["help"]) for rule in rules],
        }
    )
    edited = st.data_editor(
        frame,
        hide_index=True,
        height="content",
        disabled=["rule", "count", "removed", "help"],
        column_config={
            "on": st.column_config.CheckboxColumn(t("On")),
            "rule": st.column_config.TextColumn(t("Cleaning rule")),
            "count": st.column_config.NumberColumn(t("Rows found"), format="localized"),
            "removed": st.column_config.NumberColumn(t("Rows taken out"), format="localized"),
            "help": st.column_config.TextColumn(t("What it means")),
        },
        key=f"rules-{table}-{session.language()}",
    )
    _samples(table, rules)
    return {rule["id"]: bool(on) for rule, on in zip(rules, edited["on"], strict=True)}


def _samples(table: str, rules: Any) -> None:
    t = session.translator()
    found = {rule["id"]: rule for rule in rules if rule["sample"]}
    if not found:
        return
    with st.expander(t("Rows that a rule found"), key=f"samples-{table}"):
        names = list(found)
        key = f"sample-{table}-{session.language()}"
        chosen = st.selectbox(t("Cleaning rule"), names, format_func=lambda n: t(found[n]["label"]), key=key)
        st.dataframe(pd.DataFrame(found[chosen]["sample"]).astype("string"), hide_index=True)


def _rejected(name: str, reports: Mapping[str, Any]) -> None:
    t, total = session.translator(), sum(report["rejected"] for report in reports.values())
    if not total:
        return
    folder = session.desk().version(name).folder
    st.download_button(
        t("Rows taken out ({n})").format(n=i18n.number(total)),
        visitors.still(lambda: _csv(folder / intake.REJECTED)),
        "rejected.csv",
        "text/csv",
        key="rejected",
        icon=":material/download:",
        on_click="ignore",
    )


def _csv(rejected: Path) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        quality.write_csv(rejected, Path(file.name))
        return Path(file.name).read_bytes()
