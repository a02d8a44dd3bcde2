"""PDF by Typst: vector charts, Chinese from the font in ``assets``, page numbers, how to read it at the end."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from crm_ai import i18n
from crm_ai.errors import MissingExtra
from crm_ai.export import Section, cells, images
from crm_ai.export.outline import Chapter, chapters
from crm_ai.i18n import Translator

TEMPLATE = Path(__file__).with_name("report.typ")
FONTS = Path(__file__).parents[1] / "assets"
MOST_ROWS, MOST_COLUMNS = 15, 11
WIDTH, HEIGHT = 470, 340
"""Of a chart, in pixels: two stand side by side on the page with letters that can be read."""


def report(sections: Sequence[Section], title: str, language: str) -> bytes:
    """Results as one document on A4; data text goes in as data and is never read as markup."""
    import typst

    t = i18n.translator(language)
    with TemporaryDirectory() as folder:
        document = _document(chapters(sections, language), title, t, Path(folder)) | {"language": language}
        (Path(folder) / "report.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
        (Path(folder) / "report.typ").write_bytes(TEMPLATE.read_bytes())
        source = f"{folder}/report.typ"
        return typst.compile(source, root=folder, font_paths=[str(FONTS)], ignore_system_fonts=True, format="pdf")


def _document(found: Sequence[Chapter], title: str, t: Translator, folder: Path) -> dict[str, Any]:
    return {
        "title": title,
        "contents": t("Contents"),
        "appendix": t("How to read this"),
        "rests_on": t("What this rests on"),
        "chapters": [_chapter(chapter, number, t, folder) for number, chapter in enumerate(found)],
    }


def _chapter(chapter: Chapter, number: int, t: Translator, folder: Path) -> dict[str, Any]:
    figures, note = _figures(chapter, number, t, folder)
    return {
        "title": chapter.title,
        "question": chapter.question,
        "cards": chapter.cards,
        "findings": chapter.findings,
        "figures": figures,
        "note": note,
        "tables": [_table(title, frame, t) for title, frame in chapter.tables],
        "reading": chapter.reading,
        "terms": chapter.terms,
        "basis": chapter.basis,
    }


def _figures(chapter: Chapter, number: int, t: Translator, folder: Path) -> tuple[list[str], str]:
    """Names of the files drawn, and why there are none."""
    try:
        drawn = images.pictures(list(chapter.figures.values()), "svg", WIDTH, HEIGHT)
    except MissingExtra as error:
        return [], error.text(t)
    names = [f"chart-{number}-{place}.svg" for place in range(len(drawn))]
    for name, picture in zip(names, drawn, strict=True):
        (folder / name).write_bytes(picture)
    return names, ""


def _table(title: str, frame: pd.DataFrame, t: Translator) -> dict[str, Any]:
    shown = frame.iloc[:MOST_ROWS, :MOST_COLUMNS]
    kinds = [cells.kind(frame[name]) for name in shown.columns]
    rows = [[cells.written(v, k, t) for v, k in zip(row, kinds, strict=True)] for row in shown.itertuples(index=False)]
    note = t("The first {shown} of {rows} rows.").format(shown=len(shown), rows=i18n.number(len(frame)))
    return {
        "title": title,
        "columns": [i18n.heading(str(name), t) for name in shown.columns],
        "numeric": [kind in cells.NUMERIC for kind in kinds],
        "widths": cells.widths(list(zip(*rows, strict=True)), kinds),
        "rows": rows,
        "note": note if len(shown) < len(frame) else "",
    }
