"""Blocks in rows of twelve columns, as a page or a slide has room for them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from crm_ai.export.outline import Block

COLUMNS = 12
HALF = 6
"""Charts and tables on paper have at least half the width; more would leave too little for what stands beside."""


@dataclass(frozen=True)
class Place:
    """A block and the columns it gets."""

    block: Block
    columns: int


def rows(blocks: Iterable[Block], slim: Callable[[Block], bool]) -> list[list[Place]]:
    """The blocks in their order; what stands alone in its row gets all of it.

    Args:
        slim: whether half the width is enough for a table.
    """
    found: list[list[Place]] = []
    room = 0
    for block in blocks:
        place = Place(block, _columns(block, slim))
        if place.columns > room:
            found.append([])
            room = COLUMNS
        found[-1].append(place)
        room -= place.columns
    return [_stretched(row) for row in found]


def _columns(block: Block, slim: Callable[[Block], bool]) -> int:
    if block.figure is not None or block.problem:
        return HALF if block.width <= HALF else COLUMNS
    if block.table is not None:
        return HALF if slim(block) else COLUMNS
    return block.width if len(block.cards) == 1 else COLUMNS


def _stretched(row: list[Place]) -> list[Place]:
    """A single chart takes the whole width; single cards stay as they are, side by side."""
    alone = len(row) == 1 and not row[0].block.cards
    return [replace(row[0], columns=COLUMNS)] if alone else row
