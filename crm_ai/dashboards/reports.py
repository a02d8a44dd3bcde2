"""A board as a document: its tiles in their order, with the method and the data of each at the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crm_ai import export, i18n
from crm_ai.dashboards import content, notes
from crm_ai.dashboards.boards import Board
from crm_ai.dashboards.content import Answer, Content, Views
from crm_ai.data.filters import Filters
from crm_ai.export import Section
from crm_ai.export.notes import Line, Run, of_tokens
from crm_ai.export.notes import plain as plain_note
from crm_ai.export.outline import Block, Card, Chapter, Method, Outline, Pairs, Told, facts, joined
from crm_ai.i18n import Translator
from crm_ai.store import Version

if TYPE_CHECKING:
    from crm_ai.dashboards.hiding import Hide

SHORT = 160
"""Letters of a note that fits under the title."""


def report(
    board: Board,
    answers: Sequence[Answer],
    kind: str,
    *,
    language: str,
    hide: "Hide | None" = None,
    filters: Filters | None = None,
    before: Sequence[Answer | None] = (),
) -> bytes:
    """A board as a file; may be called from any thread.

    Args:
        answers: one a tile, see ``content.answer``.
        kind: "pdf", "pptx", "xlsx", "html" or "zip".
        hide: what must not be seen; then nothing is said of the data but when they are from.
        filters: as they are set; None takes those of the board.
        before: for each answer that of the version before, for the differences on cards.

    Raises:
        UnknownName: there is no such format.
    """
    return export.write(outline(board, answers, language, hide, filters, before), kind)


def outline(
    board: Board,
    answers: Sequence[Answer],
    language: str,
    hide: "Hide | None" = None,
    filters: Filters | None = None,
    before: Sequence[Answer | None] = (),
) -> Outline:
    """What the document says, before it takes a form."""
    t, seen = i18n.translator(language), _remembering()
    earlier = before or [None] * len(answers)
    shown = [content.content(a, language, hide, b, seen) for a, b in zip(answers, earlier, strict=True)]
    tiles = [Shown(a, c, hide is not None, t) for a, c in zip(answers, shown, strict=True)]
    note, short = lines(board.note), len(board.note) <= SHORT
    blocks = [Block(note=note)] if note and not short else []
    chapter = Chapter(board.title, "", (*blocks, *(tile.block for tile in tiles)))
    heads = [tile.head for tile in tiles if tile.head]
    cover = (*facts(heads, t), *_filters(board.filters if filters is None else filters, t))
    methods = joined(tile.method for tile in tiles if tile.method)
    return Outline(board.title, language, (chapter,), methods, cover, plain_note(note).replace("\n", " ") * short)


def lines(note: str) -> tuple[Line, ...]:
    """A note that people wrote, safe in every format."""
    return of_tokens(notes.tokens(note)) if note.strip() else ()


@dataclass(frozen=True)
class Shown:
    """A tile and what it shows."""

    answer: Answer
    content: Content
    closed: bool
    t: Translator

    @property
    def block(self) -> Block:
        """As it stands in the document."""
        found, tile, method = self.content, self.answer.tile, self.method
        return Block(
            self.title,
            self.cards,
            found.findings,
            found.figure,
            found.table,
            (*lines(found.note), *self._unfiltered),
            found.error,
            tile.width,
            method,
            method.bases[0][1] if method else (),
        )

    @property
    def title(self) -> str:
        """A single card has its title on it."""
        single = self.answer.tile.kind == "cards" and len(self.content.cards) == 1
        return "" if single else self.content.title

    @property
    def cards(self) -> tuple[Card, ...]:
        cards = tuple(Card(c.label, c.text, c.delta, c.good, c.help) for c in self.content.cards)
        return (replace(cards[0], label=self.answer.tile.title or cards[0].label),) if len(cards) == 1 else cards

    @property
    def head(self) -> Mapping[str, Any]:
        """The data it stands on, as far as whoever reads may know."""
        version = self.answer.version
        return _head(version, self.closed, self.t) if version else {}

    @property
    def method(self) -> Method | None:
        """How its numbers came about; None for notes, and where there is no such analysis any more."""
        recipe = self.answer.recipe
        if recipe is None or self.content.error:
            return None
        told = Told(Section(recipe.analysis, None, recipe.params, self.head), self.t)
        name = self.title or ", ".join(card.label for card in self.cards)
        basis = (*told.basis, *_filters(Filters.from_json(recipe.filters), self.t))
        return replace(told.method, bases=((name, basis),))

    @property
    def _unfiltered(self) -> tuple[Line, ...]:
        if not self.content.without:
            return ()
        names = ", ".join(_names(self.t)[name] for name in self.content.without)
        return (Line((Run(self.t("Not filtered by {names}: these data do not tell it.").format(names=names)),)),)


def _head(version: Version, closed: bool, t: Translator) -> dict[str, str]:
    when = f"{version.created_at.replace('T', ' ')[:16]} UTC"
    if closed:
        return {"as_of": when}
    number = t("{number} of {newest}").format(number=version.number, newest=version.newest)
    head = {"dataset": str(version.manifest["name"]), "version": number, "uploaded": when}
    return head | {"rows": i18n.number(version.rows), "fingerprint": version.fingerprint[:16]}


def _filters(filters: Filters, t: Translator) -> Pairs:
    values = filters.to_json().items()
    return tuple((_names(t)[n], v if isinstance(v, str) else ", ".join(v)) for n, v in values)


def _names(t: Translator) -> dict[str, str]:
    return {"since": t("First day"), "until": t("Last day"), "country": t("Country"), "segment": t("Segment")}


def _remembering() -> Callable[[Answer, str, "Hide | None"], Views]:
    """Views that are made once a result: tiles of the same share its charts and sentences."""
    known: dict[str, Views] = {}

    def seen(found: Answer, language: str, hide: "Hide | None") -> Views:
        if found.key not in known:
            known[found.key] = content.views(found, language, hide)
        return known[found.key]

    return seen
