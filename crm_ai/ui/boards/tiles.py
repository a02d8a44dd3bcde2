"""One tile: its heading, what it shows, where that comes from, and what can be taken away."""

from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from crm_ai import analyses, export
from crm_ai.dashboards import notes
from crm_ai.dashboards.boards import Tile
from crm_ai.dashboards.content import Card, Content
from crm_ai.ui import session, style
from crm_ai.ui.boards.looking import Found, Look

LEAST, MOST, MOST_WIDE = 240, 400, 520
"""Pixels of a chart, the last of one that is wide; those of one row are all as high as the highest."""
TITLE, TOP = 56, 12
"""Pixels above a chart with its title, and without."""
TABLE, WIDE = 340, 8
MOST_ROWS = 1_000
PACE = 0.7
"""Seconds between two looks at what is being computed."""
NAMES = {"since": "First day", "until": "Last day", "country": "Country", "segment": "Segment"}


def draw(look: Look, found: Found, height: int, stamp: bool) -> None:
    """The tile, or that it is on its way.

    Args:
        height: of a chart or table, in pixels.
        stamp: whether the version of the data is told under it.
    """
    if found.waits:
        _live(look, found.answer.tile.id, height, stamp)
    else:
        _whole(look, found, height, stamp)


@st.fragment(run_every=PACE)
def _live(look: Look, name: str, height: int, stamp: bool) -> None:
    """Look again and again; when the last tile of the board is there, the page comes to rest."""
    found = look.find(look.board.tile(name))
    if found.answer.missing:
        _progress(found, height)
        return
    _whole(look, found, height, stamp)
    if not any(look.find(tile).waits for tile in look.board.tiles):
        st.rerun()


def _progress(found: Found, height: int) -> None:
    """How far it is, over a place as high as what will stand there."""
    t, job, tile = session.translator(), found.job, found.answer.tile
    with st.container(key=f"wait-{tile.id}"):
        st.caption(t(job.stage) if job and job.stage else t("Waiting for a free worker"))
        st.progress(min(max(job.share, 0.0), 1.0) if job else 0.0)
        if tile.kind != "cards":
            st.skeleton(height=max(80, height - 60))


def _whole(look: Look, found: Found, height: int, stamp: bool) -> None:
    shown = look.content(found)
    if shown.tile.kind != "note":
        _head(look, shown)
    if shown.error:
        _sorry(found, shown)
    else:
        _SHOW[shown.tile.kind](shown, height, look.mark(found))
    _foot(look, shown, stamp)


def _head(look: Look, shown: Content) -> None:
    with st.container(horizontal=True, vertical_alignment="top", gap="xsmall", key=f"head-{shown.tile.id}"):
        st.markdown(session.literal(shown.title), width="stretch")
        if look.exports or look.hide is None:
            with st.container(key=f"menu-{shown.tile.id}", width="content"):
                _menu(look, shown)


def _foot(look: Look, shown: Content, stamp: bool) -> None:
    """A line of the person who made the board, filters that do not apply, and the version."""
    t, version, said = session.translator(), shown.version, []
    if shown.note and shown.tile.kind != "note":
        st.html(f'<div class="board-note quiet">{notes.html(shown.note)}</div>')
    if shown.without:
        names = ", ".join(t(NAMES[name]) for name in shown.without)
        said.append(t("Not filtered by {names}: these data do not tell it.").format(names=names))
    if stamp and version:
        said.append(stamped(shown, look.hide is None))
    if said:
        st.caption(" · ".join(said))


def stamped(shown: Content, named: bool = True) -> str:
    """Which data a tile stands on; or only from when they are."""
    t, version = session.translator(), shown.version
    assert version is not None
    if not named:
        return t("As of {when}").format(when=session.when(version.created_at))
    return t("{name}, version {number} of {when}").format(
        name=session.literal(str(version.manifest["name"])),
        number=version.number,
        when=session.when(version.created_at),
    )


def _sorry(found: Found, shown: Content) -> None:
    """Why there is nothing; the rest of the board goes on."""
    t = session.translator()
    st.caption(f":material/info: {session.literal(shown.error)}")
    key = f"again-{shown.tile.id}"
    if found.job and st.button(t("Try again"), icon=":material/refresh:", type="tertiary", key=key):
        session.runner().forget(found.job)
        st.rerun()


# ---- kinds -----------------------------------------------------------------------------------------------------------


def _cards(shown: Content, height: int, mark: str) -> None:
    with st.grid(max(1, len(shown.cards)), min_column_width=125, key=f"kpis-{shown.tile.id}"):
        for card in shown.cards:
            _card(card)


def _card(card: Card) -> None:
    color: Any = "off" if card.good is None else "normal" if card.good == card.delta.startswith("+") else "inverse"
    arrow: Any = "auto" if card.delta[:1] in ("+", "-") else "off"
    st.metric(card.label, card.text, card.delta or None, color, help=card.help or None, delta_arrow=arrow)


def _findings(shown: Content, height: int, mark: str) -> None:
    with st.container(key=f"findings-{shown.tile.id}", height=height, border=False):
        for sentence in shown.findings:
            st.markdown(f"- {session.literal(sentence)}")


def _chart(shown: Content, height: int, mark: str) -> None:
    with st.container(key=f"chart-{shown.tile.id}"):
        config = {"displayModeBar": False, "scrollZoom": False}
        chart = untitled(mark, shown.tile.part, height, shown.figure)
        st.plotly_chart(chart, key=f"plot-{shown.tile.id}", config=config)


@st.cache_resource(show_spinner=False, max_entries=256)
def untitled(mark: str, part: str, height: int, _figure: go.Figure) -> go.Figure:
    """A copy without its title, which stands above it, and as high as its row; shared by all who may see as much."""
    copy, margin = go.Figure(_figure), _figure.layout.margin.to_plotly_json()
    foot = int(margin.get("b", TITLE))
    y, before = _figure.layout.legend.y, (_figure.layout.height or height) - int(margin.get("t", TITLE)) - foot
    if y is not None and y < 0:  # as many pixels under the axis as before
        copy.layout.legend.y = max(-1.0, y * before / (height - TOP - foot))
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
    return copy.update_layout(title=None, height=height, margin={**margin, "t": TOP}, **clear)


def _table(shown: Content, height: int, mark: str) -> None:
    frame = shown.table if shown.table is not None else pd.DataFrame()
    terms = analyses.load(shown.tile.recipe.analysis).TERMS if shown.tile.recipe else {}
    st.dataframe(
        frame.head(MOST_ROWS),
        hide_index=True,
        column_config=style.columns(frame, terms),
        height=min(height, 38 + 35 * len(frame)),
        key=f"frame-{shown.tile.id}",
    )


def _note(shown: Content, height: int, mark: str) -> None:
    title = f"<h3>{_escaped(shown.title)}</h3>" if shown.title else ""
    st.html(f'<div class="board-note">{title}{notes.html(shown.note)}</div>')


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


_SHOW = {"cards": _cards, "findings": _findings, "chart": _chart, "table": _table, "note": _note}


def natural(shown: Content) -> int:
    """How high a tile would like to be, in pixels; 0 where it does not care."""
    if shown.figure is not None:
        high = int(shown.figure.layout.height or 0) - TITLE + TOP
        return min(max(high, LEAST), MOST_WIDE if shown.tile.width >= WIDE else MOST)
    return TABLE if shown.table is not None else 0


# ---- the menu --------------------------------------------------------------------------------------------------------


def _menu(look: Look, shown: Content) -> None:
    """Downloads, the analysis behind it, and the data it stands on; filled when it is opened."""
    t = session.translator()
    with st.popover(
        "​",
        icon=":material/more_horiz:",
        type="tertiary",
        help=t("More"),
        key=f"more-{shown.tile.id}",
        on_change="rerun",
    ) as menu:
        if menu.open:
            _downloads(look, shown)
            if look.hide is None:
                _behind(shown.tile)
            if shown.version and look.hide is None:
                st.caption(stamped(shown))


def _downloads(look: Look, shown: Content) -> None:
    if not look.exports or shown.error:
        return
    t, spoken, name = session.translator(), session.language(), shown.tile.part
    made: dict[str, Any] = {}
    if shown.figure is not None:
        made = {kind: partial(export.chart, shown.figure, kind, language=spoken) for kind in ("png", "svg", "html")}
    if shown.table is not None:
        words = {"title": shown.title, "language": spoken}
        made = {kind: partial(export.table, shown.table, kind, **words) for kind in ("csv", "xlsx")}
    for kind, make in made.items():
        st.download_button(
            t("Download {kind}").format(kind=kind.upper()),
            look.later(make),
            f"{name}.{kind}",
            key=f"get-{shown.tile.id}-{kind}",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
        )


def _behind(tile: Tile) -> None:
    """The analysis a tile comes from, for those who may see its data."""
    t, recipe = session.translator(), tile.recipe
    if recipe and session.desk().may("view", "dataset", recipe.dataset.partition("@")[0]):
        address = {"dataset": recipe.dataset, **{name: str(value) for name, value in recipe.params.items()}}
        st.page_link(
            session.page(recipe.analysis),
            label=t("Open the analysis"),
            icon=":material/open_in_new:",
            query_params=address,
        )
