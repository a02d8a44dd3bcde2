"""A board and its tiles: what is written down of a dashboard. No data, no results: those are found by the recipes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from crm_ai.data.filters import Filters
from crm_ai.errors import BadParameter, UnknownName
from crm_ai.recipes import Recipe

KINDS = ("chart", "cards", "findings", "table", "note")
COLUMNS = 12
WIDTHS = (3, 4, 6, 8, 12)
"""Of the columns; on a phone every tile has all twelve."""
MOST_TILES, LONGEST_TITLE, LONGEST_NOTE = 60, 120, 4_000


@dataclass(frozen=True)
class Tile:
    """One thing on a board.

    Attributes:
        id: short, its own on the board.
        kind: one of KINDS.
        recipe: what is shown; None for a note. Its dataset is an id, whose newest version counts, or "id@2".
        part: name of the figure or the table; of cards, some of them, separated by commas; "" takes all of them.
        title: instead of the usual one.
        note: Markdown without HTML: all of a note, a line under the others.
        width: one of WIDTHS.
    """

    id: str
    kind: str
    recipe: Recipe | None = None
    part: str = ""
    title: str = ""
    note: str = ""
    width: int = 6

    def to_json(self) -> dict[str, Any]:
        recipe = asdict(self.recipe) if self.recipe else None
        return asdict(self) | {"recipe": recipe}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Tile":
        """A tile, checked.

        Raises:
            BadParameter, UnknownName: it cannot be one.
        """
        try:
            recipe = Recipe(**document["recipe"]) if document.get("recipe") else None
            tile = Tile(**{**document, "recipe": recipe})
        except TypeError:
            raise BadParameter("This tile cannot be read: add it anew.") from None
        return tile.checked()

    def checked(self) -> "Tile":
        """Itself, where all of it makes sense."""
        whole = self.kind in KINDS and self.width in WIDTHS and (self.recipe is None) == (self.kind == "note")
        short = len(self.title) <= LONGEST_TITLE and len(self.note) <= LONGEST_NOTE
        if not (whole and short):
            raise BadParameter("This tile cannot be read: add it anew.")
        if self.recipe:
            self.recipe.parsed()
        return self


@dataclass(frozen=True)
class Board:
    """A dashboard.

    Attributes:
        id: never changes.
        title, note: the note is Markdown without HTML, shown under the title.
        tiles: in their order; they flow into rows of twelve columns.
        filters: set when the board is opened; whoever looks may change them for himself.
        compare: whether cards show the difference to the version before.
        live: whether an open board takes a new version of its data by itself; else it offers it.
        revision: counts the saves; 0 is not saved yet.
    """

    id: str
    title: str
    note: str = ""
    tiles: tuple[Tile, ...] = ()
    filters: Filters = field(default_factory=Filters)
    compare: bool = True
    live: bool = False
    revision: int = 0

    @property
    def datasets(self) -> list[str]:
        """Ids of the datasets its tiles stand on, without versions."""
        recipes = [tile.recipe for tile in self.tiles if tile.recipe]
        return list(dict.fromkeys(recipe.dataset.partition("@")[0] for recipe in recipes))

    @property
    def rows(self) -> list[list[Tile]]:
        """The tiles as they flow into rows of twelve columns."""
        rows: list[list[Tile]] = []
        for tile in self.tiles:
            if not rows or sum(each.width for each in rows[-1]) + tile.width > COLUMNS:
                rows.append([])
            rows[-1].append(tile)
        return rows

    def tile(self, name: str) -> Tile:
        """Raises UnknownName where it is gone."""
        for tile in self.tiles:
            if tile.id == name:
                return tile
        raise UnknownName("This tile is not here any more.")

    def with_tile(self, tile: Tile) -> "Board":
        """With the tile in the place of the one of its id, else at the end.

        Raises:
            BadParameter: there are too many.
        """
        if any(old.id == tile.id for old in self.tiles):
            return replace(self, tiles=tuple(tile if old.id == tile.id else old for old in self.tiles))
        if len(self.tiles) >= MOST_TILES:
            raise BadParameter("A dashboard holds at most {most} tiles: begin another one.", most=MOST_TILES)
        return replace(self, tiles=(*self.tiles, tile))

    def without(self, name: str) -> "Board":
        return replace(self, tiles=tuple(tile for tile in self.tiles if tile.id != name))

    def moved(self, name: str, by: int) -> "Board":
        """With a tile moved forward (by -1) or back."""
        tile, rest = self.tile(name), [tile for tile in self.tiles if tile.id != name]
        place = [tile.id for tile in self.tiles].index(name) + by
        rest.insert(max(0, place), tile)
        return replace(self, tiles=tuple(rest))

    def to_json(self) -> dict[str, Any]:
        tiles = [tile.to_json() for tile in self.tiles]
        document = {"title": self.title, "note": self.note, "compare": self.compare, "live": self.live}
        return document | {"tiles": tiles, "filters": self.filters.to_json()}

    @staticmethod
    def from_json(name: str, revision: int, document: Mapping[str, Any]) -> "Board":
        tiles = tuple(map(Tile.from_json, document["tiles"]))
        words = {key: document[key] for key in ("title", "note", "compare", "live")}
        return Board(name, **words, tiles=tiles, filters=Filters.from_json(document["filters"]), revision=revision)
