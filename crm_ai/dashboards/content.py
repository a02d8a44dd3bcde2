"""What stands in a tile: the stored result it names, and what of it is shown in one language."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from crm_ai import analyses, i18n
from crm_ai.analyses import results
from crm_ai.dashboards import comparing
from crm_ai.dashboards.boards import Tile
from crm_ai.data.dataset import shape
from crm_ai.data.filters import Filters
from crm_ai.errors import CrmError, MissingColumns, UnknownName
from crm_ai.export.cells import card
from crm_ai.i18n import Translator
from crm_ai.recipes import Recipe
from crm_ai.store import Version, Workspace

if TYPE_CHECKING:
    from crm_ai.dashboards.hiding import Hide

Load = Callable[[str, str], Any]
"""Key and analysis -> the kept result, as ``Workspace.load_result``."""


@dataclass(frozen=True)
class Answer:
    """What there is for a tile.

    Attributes:
        tile: it.
        recipe: its recipe as it is computed: in the version that counts, with the filters that apply; None for a note.
        version: that version.
        key: of the result.
        result: None where it is not computed yet, or where there can be none.
        error: why there can be none.
        without: names of the filters that could not apply.
    """

    tile: Tile
    recipe: Recipe | None = None
    version: Version | None = None
    key: str = ""
    result: Any = None
    error: CrmError | None = None
    without: tuple[str, ...] = ()

    @property
    def missing(self) -> bool:
        """Whether it is still to be computed."""
        return self.recipe is not None and self.result is None and self.error is None


@dataclass(frozen=True)
class Card:
    """One figure of a card tile.

    Attributes:
        name: of the metric.
        label, text: heading and figure as people read them.
        delta: the difference to the version before, "" where there is none to tell.
        help: what the figure means, "" where nothing is said.
        good: whether the difference is good news; None where it is neither, or nobody knows.
    """

    name: str
    label: str
    text: str
    delta: str = ""
    help: str = ""
    good: bool | None = None


@dataclass(frozen=True)
class Content:
    """A tile in one language; of figure, cards, findings and table, the one it is about is filled.

    Attributes:
        tile: it.
        title: as a person wrote it, else the usual one.
        figure: a chart with its own title; it is shared: show a copy where something of it is changed.
        cards, findings: figures, and sentences of plain text.
        table: rows, in words where there are words for its codes.
        note: Markdown, see ``notes``.
        version: of the data; None for a note.
        without: names of the filters that could not apply.
        error: the sentence that stands instead of all that; "" where all is well.
    """

    tile: Tile
    title: str = ""
    figure: go.Figure | None = None
    cards: tuple[Card, ...] = ()
    findings: tuple[str, ...] = ()
    table: pd.DataFrame | None = None
    note: str = ""
    version: Version | None = None
    without: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Views:
    """All that a result can show in one language, each made when it is first wanted.

    Attributes:
        analysis: its name.
        result: it, without what is hidden.
        language: "en" or "zh".
    """

    analysis: str
    result: Any
    language: str

    @property
    def t(self) -> Translator:
        return i18n.translator(self.language)

    @cached_property
    def module(self) -> Any:
        return analyses.load(self.analysis)

    @cached_property
    def figures(self) -> Mapping[str, go.Figure]:
        return self.module.figures(self.result, self.t)  # type: ignore[no-any-return]

    @cached_property
    def findings(self) -> tuple[str, ...]:
        return tuple(self.module.findings(self.result, self.t))

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Those that have rows, in their order."""
        words = getattr(self.module, "shown", None)
        found = words(self.result, self.t) if words else results.tables(self.result)
        return {name: found[name] for name in self.module.TABLES if len(found.get(name, ()))}

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        return results.metrics(self.result)

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """All that may become a tile: kind, part and title."""
        t, title = self.t, self.t(self.module.TITLE)
        charts = [("chart", name, plain_title(figure) or name) for name, figure in self.figures.items()]
        tables = [("table", name, t(self.module.TABLES[name])) for name in self.tables]
        return [("cards", "", title), ("findings", "", t("What we found")), *charts, *tables]


def answer(workspace: Workspace, tile: Tile, filters: Filters = Filters(), load: Load | None = None) -> Answer:
    """Look up what is stored for a tile; nothing is computed.

    Args:
        workspace: all of it: who may see a board sees its tiles.
        filters: over those of the tile's own recipe.
        load: where results come from, when not from the disk each time.
    """
    if tile.recipe is None:
        return Answer(tile)
    try:
        asked = _asked(workspace, tile, tile.recipe, filters)
    except CrmError as error:
        return Answer(tile, tile.recipe, error=error)
    return asked if asked.error else filled(workspace, asked, load)


def filled(workspace: Workspace, asked: Answer, load: Load | None = None) -> Answer:
    """An answer with its result, where that is stored by now."""
    if asked.recipe is None or not workspace.has_result(asked.key):
        return asked
    try:
        return replace(asked, result=(load or workspace.load_result)(asked.key, asked.recipe.analysis))
    except FileNotFoundError:  # its data were deleted in this moment
        return asked


def before(workspace: Workspace, found: Answer, load: Load | None = None) -> Answer | None:
    """The answer to the same question on the version before; None where that is not compared, or is not there."""
    if found.recipe is None or found.version is None or found.tile.kind != "cards":
        return None
    older = [v for v in workspace.versions(found.version.dataset) if v.number < found.version.number]
    if not older:
        return None
    tile = replace(found.tile, recipe=replace(found.recipe, dataset=older[0].address))
    return answer(workspace, tile, load=load)


def _asked(workspace: Workspace, tile: Tile, recipe: Recipe, filters: Filters) -> Answer:
    """Which result a tile wants, and why there can be none.

    Raises:
        UnknownName, BadParameter: the data or the analysis are gone, or a parameter is not known.
    """
    version = workspace.version(recipe.dataset)
    here = shape(version.folder)
    wanted, without = recipe.narrowed(here.columns, filters)
    wanted = replace(wanted, dataset=version.address)
    lack = analyses.lacks(analyses.load(recipe.analysis).NEEDS, here)
    error = _lack(lack[0]) if lack else None
    return Answer(tile, wanted, version, wanted.key(version.fingerprint), error=error, without=without)


def _lack(lack: analyses.Lack) -> MissingColumns:
    return MissingColumns(
        "This needs the columns {columns} in the table {table}: map them on the data page.",
        columns=list(lack.columns),
        table=lack.table,
    )


# ---- showing ---------------------------------------------------------------------------------------------------------


def views(found: Answer, language: str, hide: "Hide | None" = None) -> Views:
    """What the result of an answer can show; without what is hidden.

    Raises:
        TooLittleData: nothing is left when it is hidden.
    """
    assert found.recipe is not None
    result = found.result
    if hide is not None:
        from crm_ai.dashboards import hiding

        result = hiding.hidden(found.recipe.analysis, result, hide, i18n.translator(language))
    return Views(found.recipe.analysis, result, language)


def content(
    found: Answer,
    language: str,
    hide: "Hide | None" = None,
    before: Answer | None = None,
    seen: Callable[[Answer, str, "Hide | None"], Views] = views,
) -> Content:
    """What a tile shows; never raises for what is wrong with it: ``error`` says it.

    Args:
        found: the answer, with its result or its error.
        hide: what must not be seen.
        before: the answer of the version before, for differences on cards; see ``comparing``.
        seen: makes the views; one that remembers them is quicker.
    """
    tile, t = found.tile, i18n.translator(language)
    frame = Content(tile, tile.title, note=tile.note, version=found.version, without=found.without)
    if tile.kind == "note":
        return frame
    if found.error or found.result is None:
        error = found.error or CrmError("This is not computed yet: open the dashboard to compute it.")
        return replace(frame, title=tile.title or _usual(found, t), error=error.text(t))
    try:
        earlier = _earlier(before, lambda answer: seen(answer, language, hide))
        return _shown(frame, seen(found, language, hide), earlier)
    except CrmError as error:
        return replace(frame, title=tile.title or _usual(found, t), error=error.text(t))


def _earlier(before: Answer | None, seen: Callable[[Answer], Views]) -> Views | None:
    """What there is to compare with; nothing where too little of it may be seen."""
    with suppress(CrmError):
        return seen(before) if before and before.result is not None else None
    return None


def _shown(frame: Content, view: Views, earlier: Views | None) -> Content:
    tile, t = frame.tile, view.t
    if tile.kind == "chart":
        figure = _of(view.figures, tile.part)
        return replace(frame, title=tile.title or plain_title(figure), figure=figure)
    if tile.kind == "table":
        return replace(frame, title=tile.title or t(view.module.TABLES[tile.part]), table=_of(view.tables, tile.part))
    if tile.kind == "findings":
        return replace(frame, title=tile.title or t("What we found"), findings=view.findings)
    return replace(frame, title=tile.title or t(view.module.TITLE), cards=tuple(_cards(tile, view, earlier)))


def _cards(tile: Tile, view: Views, earlier: Views | None) -> list[Card]:
    """The cards of the tile, or all that exist."""
    kinds = view.module.CARDS
    names = tile.part.split(",") if tile.part else [name for name in kinds if name in view.metrics]
    return [_card(name, _of(kinds, name), view, earlier) for name in names]


def _card(name: str, kind: str, view: Views, earlier: Views | None) -> Card:
    t, now = view.t, view.metrics.get(name)
    text = card(now, kind, getattr(view.result, "currency", ""))
    meaning = t(view.module.TERMS[name]) if name in view.module.TERMS else ""
    delta = comparing.delta(name, kind, now, earlier.metrics.get(name) if earlier else None, t)
    return Card(name, i18n.heading(name, t), text, delta.text, meaning, delta.good)


def _of(known: Mapping[str, Any], part: str) -> Any:
    """Raises UnknownName where these data do not have that part."""
    if part not in known:
        raise UnknownName("There is nothing to show here for these data: change the filters, or remove this tile.")
    return known[part]


def _usual(found: Answer, t: Translator) -> str:
    """What a tile is called before its result is there: after its analysis, where that is known."""
    with suppress(CrmError):
        return t(analyses.load(found.recipe.analysis).TITLE) if found.recipe else ""
    return ""


def plain_title(figure: go.Figure) -> str:
    """The title of a chart as plain text; "" where it has none."""
    text = str(figure.layout.title.text or "")
    return text.replace("&lt;", "<").replace("&amp;", "&")
