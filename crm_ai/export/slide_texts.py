"""Words on slides: runs in house colours, broken into slides, in a template with fonts for both languages."""

import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

from crm_ai import charts
from crm_ai.export.cells import clean
from crm_ai.export.grid import letters
from crm_ai.export.notes import HEAD, Line, Run

INK, BLUE, SOFT, WHITE = "1F2733", "2F5DB8", "5B6675", "FFFFFF"
CHINESE = "Microsoft YaHei"
ACCENTS = ("4F81BD", "C0504D", "9BBB59", "8064A2", "4BACC6", "F79646")
"""The colours of python-pptx's own template."""


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str
    runs: tuple[Run, ...] = ()
    level: int = 0
    head: bool = False
    soft: bool = False

    @staticmethod
    def of(line: Line) -> "Words":
        """A line of a note."""
        mark = (Run(f"{line.mark} "),) if line.mark else ()
        head = line.kind == HEAD
        return Words(line.plain, (*mark, *line.runs), 0 if head else line.level, head)


def wrapped(words: Sequence[Words], first: int, lines: int, wide: int) -> Iterator[list[Words]]:
    """Paragraphs in pages of so many lines; the first page may have room for fewer."""
    page: list[Words] = []
    room = first
    for each in words:
        needed = sum(letters(part) // wide + 1 for part in each.text.split("\n"))
        if page and needed > room:
            yield page
            page, room = [], lines
        page.append(each)
        room -= needed
    if page:
        yield page


def say(
    frame: Any, lines: Sequence[str | Words], size: int, color: str, right: bool = False, more: bool = False
) -> None:
    """Paragraphs of plain text or of runs; ``more`` adds them to what is there."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    frame.word_wrap = True
    for number, line in enumerate(lines):
        words = line if isinstance(line, Words) else Words(line)
        paragraph = frame.paragraphs[0] if number == 0 and not more else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        paragraph.level = min(words.level, 4)
        for part in words.runs or (Run(words.text),):
            run = paragraph.add_run()
            run.text = clean(part.text)
            font = run.font
            font.size, font.color.rgb = Pt(size + 3 * words.head), RGBColor.from_string(SOFT if words.soft else color)
            font.bold, font.italic = part.bold or words.head or None, part.italic or None
        paragraph.space_after = Pt(size / 3)


@lru_cache
def template() -> bytes:
    """python-pptx's template with our colours, and a font for Chinese that is made for screens."""
    import pptx

    source, target = os.path.join(os.path.dirname(pptx.__file__), "templates", "default.pptx"), BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, _house(data.decode()).encode() if name.startswith("ppt/theme/") else data)
    return target.getvalue()


def _house(theme: str) -> str:
    theme = theme.replace('<a:ea typeface=""/>', f'<a:ea typeface="{CHINESE}"/>')
    theme = theme.replace('script="Hans" typeface="宋体"', f'script="Hans" typeface="{CHINESE}"')
    for old, new in zip(ACCENTS, charts.PALETTE, strict=False):
        theme = theme.replace(f'srgbClr val="{old}"', f'srgbClr val="{new[1:]}"')
    return theme
