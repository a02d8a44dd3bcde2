"""What people write of a result, as every format can set it: lines of runs, without markup of any language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

TEXT, HEAD, ITEM, QUOTE, CODE = "text", "head", "item", "quote", "code"


@dataclass(frozen=True)
class Run:
    """Letters of one look."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False


@dataclass(frozen=True)
class Line:
    """A paragraph, a heading, an item of a list ...

    Attributes:
        kind: TEXT, HEAD, ITEM, QUOTE or CODE.
        level: how far an item is indented, from 0; of a heading its rank, from 1.
        mark: what stands before an item, a bullet or its number.
    """

    runs: tuple[Run, ...]
    kind: str = TEXT
    level: int = 0
    mark: str = ""

    @property
    def plain(self) -> str:
        """Its letters alone."""
        return " ".join(filter(None, (self.mark, "".join(run.text for run in self.runs))))


def plain(lines: Sequence[Line]) -> str:
    """A note as plain text."""
    return "\n".join(line.plain for line in lines)


def of_tokens(tokens: Sequence[Any]) -> tuple[Line, ...]:
    """The lines of a note from what markdown-it reads in it; links keep their words, rows of tables become lines."""
    found: list[Line] = []
    state = _State()
    for token in tokens:
        if token.type == "inline":
            state.take(found, token)
        elif token.type in ("fence", "code_block"):
            found.append(Line((Run(token.content.rstrip("\n")),), CODE))
        else:
            state.step(found, token)
    return tuple(found)


class _State:
    """Where in a note we are: in which lists, in a heading, a quote or a row of a table."""

    def __init__(self) -> None:
        self.lists: list[int | None] = []  # the number of the last item; None for bullets
        self.kind, self.level, self.mark = TEXT, 0, ""
        self.cells: list[Run] | None = None

    def step(self, found: list[Line], token: Any) -> None:
        name, opens = token.type.rpartition("_")[::2]
        if name == "heading":
            self.kind, self.level = (HEAD, int(token.tag[1:])) if opens == "open" else (TEXT, 0)
        elif name == "blockquote":
            self.kind = QUOTE if opens == "open" else TEXT
        elif name in ("bullet_list", "ordered_list"):
            self._list(name, opens, token)
        elif name == "list_item" and opens == "open":
            self._item()
        elif name == "tr":
            if opens == "close" and self.cells:
                found.append(Line(tuple(self.cells)))
            self.cells = [] if opens == "open" else None

    def _list(self, name: str, opens: str, token: Any) -> None:
        if opens == "close":
            self.lists.pop()
        else:
            self.lists.append(int(token.attrGet("start") or 1) - 1 if name == "ordered_list" else None)

    def _item(self) -> None:
        last = self.lists[-1]
        if last is not None:
            self.lists[-1] = last + 1
        self.mark = "•" if last is None else f"{last + 1}."

    def take(self, found: list[Line], token: Any) -> None:
        runs = _runs(token.children or ())
        if self.cells is not None:
            self.cells += [*([Run("  ·  ")] if self.cells else []), *runs]
        elif self.lists and self.kind == TEXT:
            found.append(Line(runs, ITEM, len(self.lists) - 1, self.mark))
            self.mark = ""
        else:
            found.append(Line(runs, self.kind, self.level))


def _runs(children: Sequence[Any]) -> tuple[Run, ...]:
    found, bold, italic = [], 0, 0
    for child in children:
        step = {"open": 1, "close": -1}.get(child.type.rpartition("_")[2], 0)
        bold += step * child.type.startswith("strong")
        italic += step * child.type.startswith("em")
        text = " " if child.type == "softbreak" else "\n" if child.type == "hardbreak" else child.content
        if text:
            found.append(Run(text, bold > 0, italic > 0, child.type == "code_inline"))
    return tuple(found)
