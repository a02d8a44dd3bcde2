"""Computing what a board shows, here and now: for schedules and reports, where nobody waits at a page."""

from contextlib import suppress
from dataclasses import replace

from crm_ai.dashboards import content
from crm_ai.dashboards.boards import Board
from crm_ai.dashboards.content import Answer
from crm_ai.data.filters import Filters
from crm_ai.errors import CrmError, UnknownName
from crm_ai.jobs import compute as run
from crm_ai.store import Workspace


def compute(workspace: Workspace, board: Board, filters: Filters, engine: str = "duckdb://") -> list[Answer]:
    """The answers of all tiles, in their order; what is missing is computed, what cannot be has its error.

    Where the board compares, the version before is computed too, for the cards.
    """
    found = [_computed(workspace, content.answer(workspace, tile, filters), engine) for tile in board.tiles]
    for each in found if board.compare else ():
        earlier = content.before(workspace, each)
        if earlier is not None:
            _computed(workspace, earlier, engine)
    return found


def versions(workspace: Workspace, board: Board) -> dict[str, int]:
    """Dataset id -> number of its newest version, of those that are still there."""
    found = {}
    for name in board.datasets:
        with suppress(UnknownName):
            found[name] = workspace.version(name).number
    return found


def _computed(workspace: Workspace, asked: Answer, engine: str) -> Answer:
    if not asked.missing or asked.recipe is None:
        return asked
    try:
        run(workspace, asked.recipe, engine)
    except CrmError as error:
        return replace(asked, error=error)
    return content.filled(workspace, asked)
