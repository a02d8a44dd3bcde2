"""One look at a board: whose versions, which answers, and what is still being computed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

import streamlit as st

from crm_ai.dashboards import content
from crm_ai.dashboards.boards import Board, Tile
from crm_ai.dashboards.content import Answer, Content, Views
from crm_ai.data.filters import Filters
from crm_ai.errors import CrmError
from crm_ai.jobs import Job
from crm_ai.ui import session

if TYPE_CHECKING:
    from crm_ai.dashboards.hiding import Hide

PATIENCE = 0.6
"""Seconds a board waits for quick answers before it shows that they are on their way."""


@dataclass(frozen=True)
class Found:
    """What there is for a tile now.

    Attributes:
        answer: with its result, its error, or neither yet.
        before: the answer of the version before, where that is compared.
        job: the run that computes what is missing, or did so in vain.
    """

    answer: Answer
    before: Answer | None = None
    job: Job | None = None

    @property
    def waits(self) -> bool:
        """Whether something of it is still to come: a run that ended since it was looked up has brought its result."""
        return self.answer.missing or (self.job is not None and not self.job.ended.is_set())


@dataclass(frozen=True)
class Look:
    """What somebody looks at.

    Attributes:
        board: it.
        filters: as they are set now.
        versions: dataset -> number of the version that is shown.
        hide: what must not be seen; None hides nothing.
        editable: whether tiles can be changed here.
        exports: whether charts and tables can be downloaded.
        check: raises where whoever looks may not any more; asked before anything is looked up or taken away.
    """

    board: Board
    filters: Filters
    versions: Mapping[str, int]
    hide: "Hide | None" = None
    editable: bool = False
    exports: bool = True
    check: Callable[[], object] = lambda: None

    def find(self, tile: Tile) -> Found:
        """What there is for a tile now; the work that is missing is started."""
        self.check()
        answer = content.answer(session.workspace(), self._pinned(tile), self.filters, session.result)
        if answer.missing:
            job = _job(answer)
            answer = _ended(answer, job) if job.ended.is_set() else answer
            if answer.result is None:
                return Found(answer, job=job)
        if not self.board.compare or answer.error:
            return Found(answer)
        before = content.before(session.workspace(), answer, session.result)
        return Found(answer, before, _job(before) if before and before.missing else None)

    def later(self, make: Callable[[], bytes]) -> Callable[[], bytes]:
        """The same function for a download, which is made when it is clicked: only if he still may."""

        def made() -> bytes:
            self.check()
            return make()

        return made

    def content(self, found: Found) -> Content:
        """What is shown, in the visitor's language."""
        return content.content(found.answer, session.language(), self.hide, found.before, seen)

    def mark(self, found: Found) -> str:
        """Equal marks, equal pictures."""
        return f"{found.answer.key} {session.language()} {self.hide}"

    def _pinned(self, tile: Tile) -> Tile:
        """The tile on the version that is shown; one that names a version itself keeps it."""
        if tile.recipe is None or tile.recipe.dataset not in self.versions:
            return tile
        address = f"{tile.recipe.dataset}@{self.versions[tile.recipe.dataset]}"
        return replace(tile, recipe=replace(tile.recipe, dataset=address))


def hurry(every: Iterable[Found]) -> bool:
    """Wait a moment for work that is nearly done; whether some has come."""
    end, waiting = monotonic() + PATIENCE, [found.job for found in every if found.job and found.waits]
    done = [job.wait(max(0.0, end - monotonic())) for job in waiting]
    return any(done)


def seen(found: Answer, language: str, hide: "Hide | None") -> Views:
    """The views of an answer, shared by all who may see as much."""
    return _views(found.key, language, str(hide), found, hide)


@st.cache_resource(show_spinner=False, max_entries=128)
def _views(key: str, language: str, mark: str, _found: Answer, _hide: "Hide | None") -> Views:
    return content.views(_found, language, _hide)


def _ended(answer: Answer, job: Job) -> Answer:
    """What a run brought that ended just now: the result, or why there is none; one whose result is gone runs anew."""
    if job.state != "done":
        return replace(answer, error=job.error or CrmError("The run was stopped."))
    brought = content.filled(session.workspace(), answer, session.result)
    if brought.missing:
        session.runner().forget(job)
    return brought


def _job(answer: Answer) -> Job:
    assert answer.recipe is not None
    assert answer.version is not None
    return session.runner().run(answer.recipe, answer.version.fingerprint)
