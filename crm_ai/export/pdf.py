"""PDF by Typst: cover, contents, vector charts, tables, the methods at the end; Chinese from the font in ``assets``."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crm_ai.errors import MissingExtra
from crm_ai.export import cells, images, layout
from crm_ai.export.grid import Grid, grid
from crm_ai.export.layout import HALF, Place
from crm_ai.export.notes import Line
from crm_ai.export.outline import Chapter, Method, Outline, Pairs
from crm_ai.i18n import Translator

TEMPLATE = Path(__file__).with_name("report.typ")
FONTS = Path(__file__).parents[1] / "assets"
MOST_ROWS, LETTERS, HALF_LETTERS = 15, 118, 57
"""Of a table: rows, and letters side by side in its small print."""
WHOLE_LINES = 30
"""A table of so many lines stays on one page."""
SIZES = {True: (430, 320), False: (880, 340)}
"""Of a chart, in pixels: half the width of the page, and all of it; letters are of the same size in both."""
TALLEST, USUAL, TITLE = 860, 380, 60
"""Pixels of height: the most on a page, what charts have on the screen, and what their titles take there."""
MOST_ENTRIES = 44
"""Contents with more entries name the chapters alone."""


@dataclass(frozen=True)
class Made:
    """What was made for blocks, by their id: files of charts, and tables as far as there is room."""

    figures: dict[int, str]
    tables: dict[int, Grid]


def report(outline: Outline) -> bytes:
    """One document on A4; data text goes in as data and is never read as markup."""
    import typst

    with TemporaryDirectory() as folder:
        document = _document(outline, Path(folder))
        (Path(folder) / "report.json").write_text(json.dumps(_clean(document), ensure_ascii=False), "utf-8")
        (Path(folder) / "report.typ").write_bytes(TEMPLATE.read_bytes())
        source = f"{folder}/report.typ"
        return typst.compile(source, root=folder, font_paths=[str(FONTS)], ignore_system_fonts=True, format="pdf")


def _document(outline: Outline, folder: Path) -> dict[str, Any]:
    t = outline.t
    grids = {id(b): grid(b.table, t, MOST_ROWS, LETTERS) for b in outline.blocks if b.table is not None}
    rows = [layout.rows(c.blocks, lambda b: sum(grids[id(b)].widths) <= HALF_LETTERS) for c in outline.chapters]
    names = _drawn([place for chapter in rows for row in chapter for place in row], folder)
    entries = sum(1 + sum(bool(block.title) for block in chapter.blocks) for chapter in outline.chapters)
    return {
        "language": outline.language,
        "title": outline.title,
        "subtitle": outline.subtitle,
        "facts": [*outline.facts, (t("Report made"), outline.stamp)],
        "contents": t("Contents"),
        "depth": 1 if entries > MOST_ENTRIES else 2,
        "chapters": [_chapter(c, r, Made(names, grids), t) for c, r in zip(outline.chapters, rows, strict=True)],
        "appendix": t("Method and data"),
        "rests_on": t("What this rests on"),
        "methods": [_method(method) for method in outline.methods],
    }


def _clean(value: Any) -> Any:
    """Without signs that no document may hold."""
    if isinstance(value, str):
        return cells.clean(value)
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value


def _drawn(places: Sequence[Place], folder: Path) -> dict[int, str]:
    """The file of each chart that could be drawn, by the id of its block; all are drawn in one go."""
    charts = [place for place in places if place.block.figure is not None]
    figures = [images.untitled(place.block.figure) for place in charts]
    try:
        drawn = images.pictures(figures, "svg", [_size(place) for place in charts])
    except MissingExtra:
        return {}
    names = {}
    for number, (place, picture) in enumerate(zip(charts, drawn, strict=True)):
        if picture is not None:
            names[id(place.block)] = f"chart-{number}.svg"
            (folder / names[id(place.block)]).write_bytes(picture)
    return names


def _size(place: Place) -> tuple[int, int]:
    """A chart that is higher than usual on the screen is so on paper, without its title."""
    width, height = SIZES[place.columns <= HALF]
    assert place.block.figure is not None
    own = int(place.block.figure.layout.height or 0)
    return width, min(TALLEST, max(height, own - TITLE if own > USUAL else 0))


def _chapter(chapter: Chapter, rows: Sequence[Sequence[Place]], made: Made, t: Translator) -> dict[str, Any]:
    found = [[_block(place, made, t) for place in row] for row in rows]
    return {"title": chapter.title, "lead": chapter.lead, "rows": found}


def _block(place: Place, made: Made, t: Translator) -> dict[str, Any]:
    block = place.block
    figure, table = made.figures.get(id(block), ""), made.tables.get(id(block))
    undrawn = block.figure is not None and not figure
    return {
        "columns": place.columns,
        "title": block.title,
        "cards": [[card.label, card.text, card.delta, card.good] for card in block.cards],
        "findings": block.findings,
        "figure": figure,
        "problem": t("This chart needs Chromium to be drawn.") if undrawn else block.problem,
        "table": _table(table, HALF_LETTERS if place.columns == HALF else LETTERS) if table else None,
        "note": [_line(line) for line in block.note],
    }


def _table(found: Grid, letters: int) -> dict[str, Any]:
    return {
        "heads": found.heads,
        "numeric": [kind in cells.NUMERIC for kind in found.kinds],
        "widths": found.widths,
        "letters": letters,
        "rows": found.rows,
        "whole": found.lines <= WHOLE_LINES,
        "note": found.note,
    }


def _line(line: Line) -> dict[str, Any]:
    runs = [[run.text, run.bold, run.italic, run.code] for run in line.runs]
    return {"kind": line.kind, "level": line.level, "mark": line.mark, "runs": runs}


def _method(method: Method) -> dict[str, Any]:
    bases: list[tuple[str, Pairs]] = [(name if len(method.bases) > 1 else "", basis) for name, basis in method.bases]
    words = {"title": method.title, "question": method.question, "reading": method.reading}
    return words | {"terms": method.terms, "bases": bases}
