"""PPTX: figures, sentences, a slide a chart (editable where that is possible), a slide a table; methods in notes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from crm_ai.errors import MissingExtra
from crm_ai.export import cells, images, slide_charts
from crm_ai.export.cells import clean
from crm_ai.export.grid import grid
from crm_ai.export.native import native
from crm_ai.export.notes import plain
from crm_ai.export.outline import Block, Card, Chapter, Outline
from crm_ai.export.slide_texts import BLUE, INK, SOFT, WHITE, Words, say, template, wrapped
from crm_ai.i18n import Translator

WIDE, HIGH = 12_192_000, 6_858_000
"""A slide of 16:9 in EMU."""
CM = 360_000
EDGE, TOP, FOOT = int(1.4 * CM), int(3.2 * CM), int(1.2 * CM)
ROOM = WIDE - 2 * EDGE
MOST_ROWS, LETTERS, LONGEST = 10, 112, 44
"""Of a table: rows, letters side by side, letters of a cell."""
CARDS_IN_A_ROW, MOST_CARDS = 4, 12
LINES, LETTERS_IN_A_LINE = 17, 100
"""Of sentences on a slide."""
MOST_ENTRIES = 24


def report(outline: Outline) -> bytes:
    """A deck; every slide has a title, which outlines and screen readers find."""
    from pptx import Presentation
    from pptx.util import Emu

    deck = Presentation(BytesIO(template()))
    deck.slide_width, deck.slide_height = Emu(WIDE), Emu(HIGH)
    deck.core_properties.title = clean(outline.title)[:255]
    drawn = _drawn(outline)
    _cover(deck, outline)
    _contents(deck, outline)
    for chapter in outline.chapters:
        for blocks in _together(chapter):
            _blocks(Maker(deck, outline, chapter, drawn), blocks)
    _foot(deck, outline)
    target = BytesIO()
    deck.save(target)
    return target.getvalue()


@dataclass(frozen=True)
class Maker:
    """What the slides of a chapter are made with: the deck, and pictures of charts by the id of their block."""

    deck: Any
    outline: Outline
    chapter: Chapter
    drawn: dict[int, bytes]

    @property
    def t(self) -> Translator:
        return self.outline.t

    def slide(self, block: Block) -> Any:
        """A slide with the title of a block, the chapter above it, and its method in the notes."""
        title = block.title or self.chapter.title
        slide = _slide(self.deck, title)
        above = self.chapter.title if title != self.chapter.title else self.chapter.lead
        if above:
            box = slide.shapes.add_textbox(EDGE, int(0.55 * CM), ROOM, int(0.8 * CM))
            say(box.text_frame, [above], 11, SOFT)
        slide.notes_slide.notes_text_frame.text = clean(notes(block, self.t))
        return slide


def notes(block: Block, t: Translator) -> str:
    """What the speaker should know: the question, how to read the answer, what it rests on, what the words mean."""
    method, said = block.method, [plain(block.note)] if block.note else []
    if method is None:
        return "\n".join(said)
    meanings = [f"{card.label}: {card.help}" for card in block.cards if card.help]
    basis = [f"{name}: {value}" for name, value in block.basis]
    parts = [said, [method.title, method.question], [method.reading], meanings, [t("What this rests on"), *basis]]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _drawn(outline: Outline) -> dict[int, bytes]:
    """PNG of the charts that PowerPoint has not, in one go; none without Chromium."""
    charts = [block for block in outline.blocks if block.figure is not None and native(block.figure) is None]
    figures = [images.untitled(block.figure) for block in charts]
    try:
        drawn = images.pictures(figures, "png", [(920, 430)] * len(charts))
    except MissingExtra:
        return {}
    return {id(block): picture for block, picture in zip(charts, drawn, strict=True) if picture is not None}


def _together(chapter: Chapter) -> list[list[Block]]:
    """Cards in a row share a slide, also with the sentences after them; everything else has its own."""
    found: list[list[Block]] = []
    for block in [block for block in chapter.blocks if not block.extra]:
        last = found[-1][-1] if found else None
        cards = sum(len(each.cards) for each in found[-1]) if found else 0
        joins = bool(last and last.cards and block.cards and cards + len(block.cards) <= MOST_CARDS)
        if joins or (last and last.cards and block.findings and cards <= 2 * CARDS_IN_A_ROW):
            found[-1].append(block)
        else:
            found.append([block])
    return found


# ---- slides ----------------------------------------------------------------------------------------------------------


def _slide(deck: Any, title: str, color: str = BLUE, size: int = 24) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    place = slide.shapes.title
    place.left, place.top, place.width, place.height = EDGE, int(1.1 * CM), ROOM, int(1.6 * CM)
    say(place.text_frame, [title], size, color)
    return slide


def _cover(deck: Any, outline: Outline) -> None:
    slide = _slide(deck, outline.title, WHITE, 34 if len(outline.title) <= 60 else 26)
    band = slide.shapes.add_shape(1, 0, 0, WIDE, int(HIGH * 0.5))
    band.fill.solid()
    band.fill.fore_color.rgb = slide_charts.shade(BLUE)
    band.line.fill.background()
    band.shadow.inherit = False
    slide.shapes._spTree.insert(2, band._element)  # behind the title
    title = slide.shapes.title
    title.top, title.height = int(HIGH * 0.14), int(HIGH * 0.33)
    box = slide.shapes.add_textbox(EDGE, int(HIGH * 0.54), ROOM, int(HIGH * 0.4)).text_frame
    facts = [*outline.facts, (outline.t("Report made"), outline.stamp)]
    say(box, [outline.subtitle or " "], 16, INK)
    say(box, [f"{name}: {value}" for name, value in facts], 12, SOFT, more=True)


def _contents(deck: Any, outline: Outline) -> None:
    """The chapters, or of a single one its blocks."""
    names = [chapter.title for chapter in outline.chapters]
    if len(names) < 2:
        names = list(dict.fromkeys(block.title for block in outline.blocks if block.title))
    if len(names) < 3:
        return
    slide = _slide(deck, outline.t("Contents"))
    shown, half = names[: 2 * MOST_ENTRIES], ROOM // 2
    columns = (
        [shown] if len(shown) <= MOST_ENTRIES // 2 else [shown[: -(-len(shown) // 2)], shown[-(-len(shown) // 2) :]]
    )
    size = 16 if len(columns[0]) <= 12 else 10
    for number, column in enumerate(columns):
        place = (EDGE + number * half, TOP, ROOM if len(columns) == 1 else half - CM, HIGH - TOP - FOOT)
        say(slide.shapes.add_textbox(*place).text_frame, column, size, INK)


def _foot(deck: Any, outline: Outline) -> None:
    for number, slide in enumerate(deck.slides, 1):
        if number > 1:
            box = slide.shapes.add_textbox(EDGE, HIGH - int(1.05 * CM), ROOM, int(0.7 * CM)).text_frame
            say(box, [f"{outline.title}  ·  {number}"], 9, SOFT)


def _blocks(maker: Maker, blocks: Sequence[Block]) -> None:
    """The slides of blocks that belong together; only the first of cards and sentences has a companion."""
    block = blocks[0]
    if block.figure is not None:
        _chart(maker, block)
    elif block.table is not None:
        _table(maker, block)
    elif block.cards:
        _cards(maker, blocks)
    else:
        _words(maker, block, _sentences(block))


def _sentences(block: Block) -> list[Words]:
    if block.problem:
        return [Words(block.problem, soft=True)]
    return [Words(f"• {sentence}") for sentence in block.findings] or [Words.of(line) for line in block.note]


def _words(maker: Maker, block: Block, words: Sequence[Words], slide: Any = None, top: int = TOP) -> None:
    """Sentences, on as many slides as they take; the first may stand below cards."""
    for page in wrapped(words, LINES - round((top - TOP) / (0.85 * CM)), LINES, LETTERS_IN_A_LINE):
        slide = slide or maker.slide(block)
        box = slide.shapes.add_textbox(EDGE, top, ROOM, HIGH - top - FOOT)
        say(box.text_frame, page, 15, INK)
        slide, top = None, TOP


def _cards(maker: Maker, blocks: Sequence[Block]) -> None:
    with_cards = [block for block in blocks if block.cards]
    cards = [card for block in with_cards for card in block.cards]
    slide = maker.slide(replace(with_cards[0], title=_title(blocks, len(with_cards)), cards=tuple(cards)))
    across = len(cards) if len(cards) <= 5 else -(-len(cards) // 2) if len(cards) <= 8 else CARDS_IN_A_ROW
    width, high, gap = ROOM // across, int(2.3 * CM), int(0.25 * CM)
    for number, card in enumerate(cards):
        left, top = EDGE + number % across * width, TOP + number // across * (high + gap)
        _card(slide, card, (left, top, width - gap, high))
    below = TOP + -(-len(cards) // across) * (high + gap) + int(0.3 * CM)
    for block in blocks[len(with_cards) :]:
        _words(maker, block, _sentences(block), slide, below)


def _title(blocks: Sequence[Block], with_cards: int) -> str:
    """Of a slide of cards: that of the only block of them, else that of the sentences below."""
    return blocks[0].title if with_cards == 1 and blocks[0].title else blocks[-1].title if blocks[with_cards:] else ""


def _card(slide: Any, card: Card, place: slide_charts.Place) -> None:
    from pptx.util import Pt

    box = slide.shapes.add_shape(1, *place)
    box.fill.background()
    box.line.color.rgb, box.line.width = slide_charts.shade(slide_charts.RULE), Pt(0.75)
    box.shadow.inherit = False
    say(box.text_frame, [card.label], 11, SOFT)
    say(box.text_frame, [card.text], 20, INK, more=True)
    if card.delta:
        color = SOFT if card.good is None else "1F7A6F" if card.good else "B0432F"
        say(box.text_frame, [card.delta], 11, color, more=True)


def _chart(maker: Maker, block: Block) -> None:
    slide, caption = maker.slide(block), _caption(block)
    place = (EDGE, TOP - int(0.3 * CM), ROOM, HIGH - TOP - FOOT + int(0.2 * CM) - (CM if caption else 0))
    _say_below(slide, caption)
    assert block.figure is not None
    numbers, picture = native(block.figure), maker.drawn.get(id(block))
    if numbers is not None:
        slide_charts.add(slide, numbers, place)
    elif picture is not None:
        _picture(slide, picture, place, block.title)
    else:
        say(slide.shapes.add_textbox(*place).text_frame, [maker.t("This chart needs Chromium to be drawn.")], 14, SOFT)


def _caption(block: Block) -> str:
    """The note of a chart or table in one line; what does not fit is in the notes of the slide."""
    words = plain(block.note).replace("\n", " ")
    return words if len(words) <= 2 * LETTERS_IN_A_LINE else f"{words[: 2 * LETTERS_IN_A_LINE]}…"


def _say_below(slide: Any, words: str) -> None:
    if words:
        box = slide.shapes.add_textbox(EDGE, HIGH - int(2 * CM), ROOM, int(0.9 * CM))
        say(box.text_frame, [words], 10, SOFT)


def _picture(slide: Any, picture: bytes, place: slide_charts.Place, title: str) -> None:
    """A picture as large as its place allows, in the middle."""
    left, top, width, height = place
    shape = slide.shapes.add_picture(BytesIO(picture), left, top, width=width)
    if shape.height > height:
        shape.width, shape.height = int(shape.width * height / shape.height), height
        shape.left = left + (width - shape.width) // 2
    shape._element.nvPicPr.cNvPr.set("descr", clean(title))


def _table(maker: Maker, block: Block) -> None:
    assert block.table is not None
    slide, found = maker.slide(block), grid(block.table, maker.t, MOST_ROWS, LETTERS, LONGEST)
    wide = ROOM if sum(found.widths) > LETTERS // 2 else ROOM * sum(found.widths) // LETTERS
    place = (EDGE, TOP, wide, int(0.8 * CM) * (len(found.rows) + 1))
    shape = slide.shapes.add_table(len(found.rows) + 1, len(found.heads), *place).table
    for column, (head, width, kind) in enumerate(zip(found.heads, found.widths, found.kinds, strict=True)):
        right = kind in cells.NUMERIC
        shape.columns[column].width = wide * width // sum(found.widths)
        say(shape.cell(0, column).text_frame, [head], 11, WHITE, right=right)
        for row, texts in enumerate(found.rows, 1):
            say(shape.cell(row, column).text_frame, [texts[column]], 11, INK, right=right)
    _say_below(slide, "  ".join(filter(None, (_caption(block), found.note))))
