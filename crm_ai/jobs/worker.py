"""A worker process: it answers tasks from standard input, one at a time.

When its server ends, however it ends, standard input closes and the worker ends at once too.
"""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from queue import Queue
from typing import IO, Any

from crm_ai.data import databases, intake, privacy
from crm_ai.data.dataset import MANIFEST, Dataset
from crm_ai.data.relations import Join
from crm_ai.data.schema import Mapping
from crm_ai.errors import CrmError
from crm_ai.progress import Progress, silent
from crm_ai.recipes import Recipe
from crm_ai.store import Draft, Version, Workspace

KEY = "privacy.key"
"""In the workspace: what the codes of hidden values are made with."""
LOG = logging.getLogger(__name__)


def say(pipe: IO[str] | None, message: dict[str, Any]) -> None:
    """Send one message as a line of JSON."""
    assert pipe is not None
    pipe.write(json.dumps(message) + "\n")
    pipe.flush()


def work(folder: str, engine: str, owner: str) -> None:
    """Answer tasks until the server is gone."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not break the lines
    workspace, tasks = Workspace(Path(folder), owner), Queue[str]()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    os.nice(5)  # the pages come first
    warm()
    while True:
        say(out, _answer(workspace, engine, json.loads(tasks.get()), out))


def _listen(tasks: "Queue[str]") -> None:
    for line in sys.stdin:
        tasks.put(line)
    os._exit(0)


def warm() -> None:
    """Load what takes seconds before the first task comes."""
    for name in ("sklearn.ensemble", "sklearn.cluster", "scipy.stats", "duckdb", "crm_ai.data.dataset"):
        import_module(name)


def _answer(workspace: Workspace, engine: str, task: dict[str, Any], out: IO[str]) -> dict[str, Any]:
    try:
        TASKS[task["task"]](workspace, engine, task, lambda share, stage: say(out, {"share": share, "stage": stage}))
        return {"done": True}
    except CrmError as error:
        return {"error": error.to_json()}
    except Exception:
        LOG.exception("%s failed", task["task"])
        return {"error": CrmError("Something went wrong inside the program; the details are in its log.").to_json()}


def _run(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    compute(workspace, Recipe.from_json(task["recipe"]), engine, progress)


def compute(workspace: Workspace, recipe: Recipe, engine: str, progress: Progress = silent) -> None:
    """Run a recipe on a kept dataset and keep the result, with the version it stands on."""
    version = workspace.version(recipe.dataset)
    key = recipe.key(version.fingerprint)
    if not workspace.has_result(key):
        begun = time.perf_counter()
        data = workspace.open(version.address, engine)
        if workspace.roll_up(version, data):
            data = workspace.open(version.address, engine)
        result = recipe.run(data, progress, _segments(workspace, recipe, data, version, engine))
        seconds = round(time.perf_counter() - begun, 3)
        head = {"analysis": recipe.analysis, "params": recipe.params, "filters": recipe.filters}
        workspace.save_result(key, result, {**head, "data": version.to_json(), "seconds": seconds})


def _segments(workspace: Workspace, recipe: Recipe, data: Dataset, version: Version, engine: str) -> Any:
    """The result that a filter by segment rests on: of all the data of this version, kept as any other."""
    people = recipe.people(data)
    if people is None:
        return None
    compute(workspace, replace(people, dataset=version.address), engine)
    return workspace.load_result(people.key(version.fingerprint), people.analysis)


def _stage(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    """Read uploaded files into their draft; columns are as they were the last time files had these headings."""
    draft = workspace.draft(task["draft"])
    paths = [Path(path) for path in task["files"]]
    reading = {name: task[name] for name in ("encoding", "delimiter", "sheet") if task.get(name)}
    try:
        here = intake.stage(paths, draft.folder, names=task["names"], progress=progress, **reading)
    except BaseException:
        if not (draft.folder / intake.STAGED).exists():
            workspace.discard(draft)
        raise
    _asked(workspace, draft, here, progress)


def _take(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    """Copy tables of a database into a draft."""
    draft, request = workspace.draft(task["draft"]), databases.Request.from_json(task["request"])
    try:
        sources = databases.read(request, draft.folder / intake.RAW, progress=progress)
        here = intake.stage_sources(sources, draft.folder, name=request.connection, progress=progress)
    except BaseException:
        workspace.discard(draft)
        raise
    _asked(workspace, draft, here, progress)


def _rejoin(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    """Join the tables of a draft as a person said."""
    draft, joins = workspace.draft(task["draft"]), [Join.from_json(join) for join in task["joins"]]
    _asked(workspace, draft, intake.rejoin(draft.folder, joins, progress), progress)


def _asked(workspace: Workspace, draft: Draft, here: intake.Staged, progress: Progress) -> None:
    """Prepare what a person is asked: the columns as they were the last time, and the personal data in them."""
    before = workspace.version(draft.base).manifest if draft.base else None
    intake.searched(intake.recalled(here, workspace.mappings, before), progress)


def _finish(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    """Clean what is staged in a draft and make it a version: the first, or one with other columns."""
    draft = workspace.draft(task["draft"])
    with _said(workspace, draft, task) as mappings:
        if draft.base:
            before = workspace.version(draft.base).folder
            intake.remap(draft.folder, before, mappings, name=task["name"], progress=progress)
        else:
            intake.finish(draft.folder, mappings, name=task["name"], progress=progress)
        workspace.commit(draft)


def _refresh(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    """Add what is staged in a draft to the dataset it was uploaded for."""
    draft = workspace.draft(task["draft"])
    before = workspace.version(draft.dataset).folder
    with _said(workspace, draft, task) as mappings:
        intake.refresh(draft.folder, before, task["mode"], mappings, progress=progress)
        workspace.commit(draft)


def _revise(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    """Clean the version a draft starts from anew, by other rules."""
    draft = workspace.draft(task["draft"])
    intake.revise(draft.folder, workspace.version(str(draft.base)).folder, task["rules"], progress)
    workspace.commit(draft)


def _demo(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    draft = workspace.draft(task["draft"])
    data = intake.demo_dataset(draft.folder, progress)
    intake.write_json(draft.folder / MANIFEST, {**data.manifest, "demo": True})
    workspace.commit(draft)


@contextmanager
def _said(workspace: Workspace, draft: Draft, task: dict[str, Any]) -> Iterator[list[Mapping] | None]:
    """The mappings that a person chose, once personal data are hidden as they said; remembered when all went well."""
    mappings = [Mapping.from_json(mapping) for mapping in task["mappings"]]
    choices = task.get("hide") or [{}] * len(mappings)
    headings = [source.columns for source in intake.staged(draft.folder).sources]
    if any(treatment != privacy.KEEP for chosen in choices for treatment in chosen.values()):
        intake.hide(draft.folder, choices, privacy.key(workspace.folder / KEY))
    yield [intake.hidden(*pair) for pair in zip(mappings, choices, strict=True)] or None
    for mapping, columns, chosen in zip(mappings, headings, choices, strict=False):
        intake.remember(workspace.mappings, mapping, columns, chosen)


TASKS: dict[str, Callable[[Workspace, str, dict[str, Any], Progress], None]] = {
    "run": _run,
    "stage": _stage,
    "take": _take,
    "rejoin": _rejoin,
    "finish": _finish,
    "refresh": _refresh,
    "revise": _revise,
    "demo": _demo,
}
