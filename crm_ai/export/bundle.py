"""ZIP: every chart as PNG and as SVG, every table as CSV, and a text that says what they are."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO

from crm_ai.errors import MissingExtra
from crm_ai.export import images, sheets
from crm_ai.export.cells import clean
from crm_ai.export.outline import Block, Outline
from crm_ai.i18n import Translator

LONGEST_NAME = 60
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""Zip knows none before."""


def report(outline: Outline) -> bytes:
    """The files, in folders ``charts`` and ``tables``."""
    t, target = outline.t, BytesIO()
    charts = [block for block in outline.blocks if block.figure is not None]
    tables = [block for block in outline.blocks if block.table is not None]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        names, note = [], ""
        try:
            for name, data in _charts(charts):
                _add(bundle, outline, f"charts/{name}", data)
                names.append(name)
        except MissingExtra as error:
            note = error.text(t)
        for number, block in enumerate(tables, 1):
            assert block.table is not None
            data = sheets.table(block.table, "csv", block.title, outline.language)
            _add(bundle, outline, f"tables/{file_name(number, block.title)}.csv", data)
        _add(bundle, outline, "README.txt", _readme(outline, len(charts) if names else 0, len(tables), note, t))
    return target.getvalue()


def file_name(number: int, title: str) -> str:
    """A name that is one on every system, in its order: no folder, no dot, no sign that means something."""
    words = re.sub(r"[\W_]+", "-", clean(title)).strip("-")[:LONGEST_NAME].strip("-")
    return f"{number:02d}-{words}" if words else f"{number:02d}"


def _charts(blocks: Sequence[Block]) -> Iterator[tuple[str, bytes]]:
    """Name and picture of each chart that can be drawn."""
    for kind in ("png", "svg"):
        drawn = images.pictures([block.figure for block in blocks], kind)
        for number, (block, picture) in enumerate(zip(blocks, drawn, strict=True), 1):
            if picture is not None:
                yield f"{file_name(number, block.title)}.{kind}", picture


def _readme(outline: Outline, charts: int, tables: int, note: str, t: Translator) -> bytes:
    sentence = t("{charts} charts as PNG and SVG, {tables} tables as CSV, from the report “{title}”.")
    lines = [sentence.format(charts=charts, tables=tables, title=outline.title), note, ""]
    lines += [f"{name}: {value}" for name, value in [*outline.facts, (t("Report made"), outline.stamp)]]
    return clean("\r\n".join(lines)).encode("utf-8-sig")


def _add(bundle: zipfile.ZipFile, outline: Outline, name: str, data: bytes) -> None:
    moment = max(FIRST_DAY, outline.made.timetuple()[:6])
    bundle.writestr(zipfile.ZipInfo(name, moment), data, zipfile.ZIP_DEFLATED)  # type: ignore[arg-type]
