"""A form from Params: one widget an option, one Run button.

The language and the values are part of a widget's key, so that neither a switch of language nor an
address with other values meets an old widget.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import streamlit as st

from crm_ai.analyses import options
from crm_ai.analyses.options import Choice, Option, Pick, Range, Switch
from crm_ai.i18n import Translator

Picks = Callable[[str], list[str]]


def fill(kind: type, values: Any, key: str, t: Translator, picks: Picks) -> dict[str, Any] | None:
    """Show the form of a Params class.

    Args:
        kind: the Params class.
        values: a Params with what the form shows.
        key: tells this form from others on the page.
        picks: option name -> what a Pick offers.

    Returns:
        parameter -> value when Run was pressed, else None.
    """
    mark = hashlib.sha256(repr((key, t("Run"), values)).encode()).hexdigest()[:8]
    with st.form(f"form-{key}", border=False):
        found = {}
        for name, (option, _) in options.options(kind).items():
            with st.container(key=f"param-{name}"):
                found[name] = _widget(name, option, getattr(values, name), f"{name}-{mark}", t, picks)
        pressed = st.form_submit_button(t("Run"), type="primary", width="stretch", shortcut="ctrl+enter")
    return found if pressed else None


def _widget(name: str, option: Option, value: Any, key: str, t: Translator, picks: Picks) -> Any:
    label, note = t(option.label), t(option.help) if option.help else None
    if isinstance(option, Range):
        return _number(option, value, label, note, key, t)
    if isinstance(option, Switch):
        return st.toggle(label, value, help=note, key=key)
    if isinstance(option, Choice):
        names = list(option.options)
        return st.selectbox(label, names, names.index(value), lambda v: t(option.options[v]), help=note, key=key)
    if isinstance(option, Pick):
        offered = list(dict.fromkeys([value, *picks(name)]))
        return st.selectbox(label, offered, 0, lambda v: t(v) if v else t("automatic"), help=note, key=key)
    return st.text_input(label, value, max_chars=200, help=note, key=key)


def _number(option: Range, value: Any, label: str, note: str | None, key: str, t: Translator) -> Any:
    cast = int if option.whole else float
    bounds: dict[str, Any] = {"min_value": cast(option.low), "max_value": cast(option.high), "step": cast(option.step)}
    if option.auto:
        shown = None if value == "auto" else cast(value)
        found = st.number_input(label, value=shown, **bounds, help=note, key=key, placeholder=t("automatic"))
        return "auto" if found is None else found
    if (option.high - option.low) / option.step <= 100:
        return st.slider(label, value=cast(value), **bounds, help=note, key=key)
    return st.number_input(label, value=cast(value), **bounds, help=note, key=key)
