"""A table cut to the room that paper, a slide or a screen has; what is left out is said."""

import unicodedata
from dataclasses import dataclass

import pandas as pd

from crm_ai import i18n
from crm_ai.export import cells
from crm_ai.i18n import Translator

NARROW, WIDEST = 6, 34
"""Letters of a column; longer texts wrap."""
SHORT = 16
"""Letters that never wrap."""
GAP = 2
"""Letters between columns."""
LEAST = 2
"""Columns that are shown however wide they are."""


@dataclass(frozen=True)
class Grid:
    """What is shown of a table.

    Attributes:
        heads, kinds, widths: of each column; widths in letters.
        rows: cells as people read them.
        note: a sentence on what is left out; "" where nothing is.
    """

    heads: list[str]
    kinds: list[str]
    widths: list[int]
    rows: list[list[str]]
    note: str

    @property
    def lines(self) -> int:
        """How many lines of letters it takes."""
        return sum(max(letters(c) // w + 1 for c, w in zip(row, self.widths, strict=True)) for row in self.rows)


def grid(frame: pd.DataFrame, t: Translator, rows: int, room: int = 10_000, longest: int = 200) -> Grid:
    """The first rows and columns for which there is room.

    Args:
        room: letters beside each other.
        longest: letters of one cell; the rest is cut.
    """
    shown = frame.head(rows)
    kinds = [cells.kind(frame[name]) for name in frame.columns]
    texts = [[_cut(cells.written(v, k, t), longest) for v in shown[n]] for n, k in zip(shown, kinds, strict=True)]
    heads = [i18n.heading(str(name), t) for name in frame.columns]
    wanted = [_usual(column) for column in texts]
    widths = [_width(head, width) for head, width in zip(heads, wanted, strict=True)]
    kept = max(LEAST, sum(sum(widths[: n + 1]) <= room for n in range(len(widths))))
    rowwise = [list(row) for row in zip(*texts[:kept], strict=True)]
    shares = _widened(widths[:kept], wanted, room)
    return Grid(heads[:kept], kinds[:kept], shares, rowwise, _note(frame, len(shown), kept, t))


def letters(text: str) -> int:
    """How wide a text is; Chinese letters are twice as wide as others."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _usual(texts: list[str]) -> int:
    """Letters of nearly all cells."""
    long = sorted(map(letters, texts))
    return max(long[int(0.9 * (len(long) - 1))], min(long[-1], SHORT)) if long else 0


def _width(head: str, usual: int) -> int:
    """Room for the cells, and for a heading in two lines."""
    words = map(letters, head.split()) if head.isascii() else ()
    return GAP + max(NARROW, min(WIDEST, usual), letters(head) // 2, *words)


def _widened(widths: list[int], wanted: list[int], room: int) -> list[int]:
    """Columns of long texts share what room is left."""
    lacking = [max(0, want + GAP - width) for want, width in zip(wanted, widths, strict=False)]
    spare = min(room - sum(widths), sum(lacking))
    return [
        w + spare * lack // max(1, sum(lacking)) if spare > 0 else w for w, lack in zip(widths, lacking, strict=True)
    ]


def _cut(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _note(frame: pd.DataFrame, rows: int, columns: int, t: Translator) -> str:
    found = []
    if rows < len(frame):
        found.append(t("The first {shown} of {rows} rows.").format(shown=rows, rows=i18n.number(len(frame))))
    if columns < len(frame.columns):
        note = t("The first {shown} of {columns} columns.")
        found.append(note.format(shown=columns, columns=len(frame.columns)))
    return " ".join(found)
