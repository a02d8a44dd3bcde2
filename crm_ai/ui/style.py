"""What the theme cannot say: a few lines of CSS, and how columns and cards are written."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from crm_ai import i18n

CSS = """
<style>
.block-container {padding-top: 3.2rem; padding-bottom: 3rem; max-width: 1360px;}
h1 {font-size: 1.9rem; padding-bottom: .2rem;}
[data-testid="stMetricValue"] {font-size: 1.55rem; font-variant-numeric: tabular-nums;}
[data-testid="stMetricLabel"] p {white-space: normal;}
@media (max-width: 640px) {
  .block-container {padding-left: .9rem; padding-right: .9rem;}
  h1 {font-size: 1.5rem;}
}
</style>
"""

SHARES = ("share", "rate", "support", "confidence", "probability", "coverage")
SMALL = ("p_value", "q_value")


UPLOADER = """
<style>
[data-testid="stFileUploaderDropzone"] button p, [data-testid="stFileUploaderDropzoneInstructions"] span {font-size: 0;}
[data-testid="stFileUploaderDropzone"] button p::after {content: "%s"; font-size: 1rem;}
[data-testid="stFileUploaderDropzoneInstructions"] span::after {content: "%s"; font-size: .875rem;}
</style>
"""
"""Streamlit's uploader speaks English only: our words stand over its own."""


def apply(t: i18n.Translator) -> None:
    st.html(CSS)
    st.html(UPLOADER % (t("Upload"), t("Up to 1 GB a file: CSV, Excel, Parquet, JSON lines, zip, gz")))


def card(value: float | None, kind: str, currency: str = "") -> str:
    """A metric as a card writes it."""
    if value is None:
        return "–"
    if kind == "money":
        return i18n.money(value, currency)
    return {"percent": i18n.percent, "score": lambda v: i18n.number(v, 3)}.get(kind, i18n.number)(value)


def columns(frame: pd.DataFrame, terms: Mapping[str, str]) -> dict[str, Any]:
    """Headings, help and number formats of a table in the visitor's language."""
    from crm_ai.ui.session import translator

    t = translator()
    names = [str(name) for name in frame.columns]
    return {n: _column(frame[n], i18n.heading(n, t), t(terms[n]) if n in terms else None) for n in names}


def _column(values: pd.Series, label: str, help: str | None) -> Any:
    name, kind = str(values.name), values.dtype
    if pd.api.types.is_datetime64_any_dtype(kind):
        whole = bool((values.dropna() == values.dropna().dt.normalize()).all())
        return st.column_config.DatetimeColumn(label, help=help, format="YYYY-MM-DD" if whole else "YYYY-MM-DD HH:mm")
    if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        return st.column_config.Column(label, help=help)
    return st.column_config.NumberColumn(label, help=help, format=_format(name))


def _format(name: str) -> str:
    if name in SMALL:
        return "%.2g"
    return "percent" if set(SHARES) & set(name.split("_")) else "localized"
