"""Processes to kill: children that change a workspace, forked from a parent that has loaded everything once.

Run as a program it takes one order a line (JSON), forks, and says how the child ended. A child kills itself in the
middle of what it does: before the n-th change it makes to the files, before it moves something to a certain place, or
when a timer of the kernel goes off.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from crm_ai.data import intake
from crm_ai.jobs import worker
from crm_ai.jobs.runner import Runner
from crm_ai.progress import silent
from crm_ai.recipes import Recipe
from crm_ai.records import Records
from crm_ai.store import Workspace, backups, restoring

WRITES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.link", "shutil.rmtree", "shutil.move"}
ENGINE = "duckdb://"


def add(workspace: Workspace, name: str, text: str, dataset: str | None = None, mode: str = "append") -> None:
    """A file is uploaded, read, and made a dataset or the next version of one."""
    draft = workspace.new_draft(dataset, intake.MODES["append"] if dataset else "uploaded")
    path = draft.folder / intake.FILES / "000" / name
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    stage = {"draft": draft.id, "files": [str(path)], "names": [name]}
    worker.TASKS["stage"](workspace, ENGINE, stage, silent)
    finish(workspace, draft.id, mode if dataset else "")


def finish(workspace: Workspace, draft: str, mode: str) -> None:
    """What is read becomes a version, with the columns as they were guessed."""
    guesses = intake.staged(workspace.draft(draft).folder).guesses
    task = {"draft": draft, "mappings": [guess.to_json() for guess in guesses], "mode": mode, "name": "shop"}
    worker.TASKS["refresh" if mode else "finish"](workspace, ENGINE, task, silent)


def revise(workspace: Workspace, dataset: str, rules: dict[str, bool]) -> None:
    draft = workspace.new_draft(dataset, "rules changed")
    worker.TASKS["revise"](workspace, ENGINE, {"draft": draft.id, "rules": rules}, silent)


def run(workspace: Workspace, dataset: str, top: int) -> None:
    worker.compute(workspace, Recipe(dataset, "overview", {"top": top}), ENGINE)


def backup(workspace: Workspace, path: str) -> None:
    backups.write(workspace, Records.open(workspace.folder), Path(path))


def restore(workspace: Workspace, path: str) -> None:
    restoring.restore(workspace, Records.open(workspace.folder), Path(path), force=True)


def start(workspace: Workspace) -> None:
    """What a server does first."""
    restoring.finish(workspace, Records.open(workspace.folder))
    workspace.recover()


ACTIONS: dict[str, Any] = {
    "start": start,
    "backup": backup,
    "restore": restore,
    "add": add,
    "finish": finish,
    "revise": revise,
    "run": run,
    "rename": lambda workspace, dataset, title: workspace.rename(dataset, title),
    "delete": lambda workspace, dataset: workspace.delete(dataset),
    "delete_version": lambda workspace, address: workspace.delete_version(address),
}


def nursery(folder: str) -> None:
    """Fork a child an order, wait for it, and say whether it was killed and how many changes it had made."""
    worker.warm()
    worker.say(sys.stdout, {"ready": True})
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            _child(Path(folder), json.loads(line), writer)
        os.close(writer)
        status = os.waitpid(child, 0)[1]
        with os.fdopen(reader) as said:
            count = said.read()
        ended = {"killed": os.WIFSIGNALED(status), "changes": int(count or 0), "status": status}
        worker.say(sys.stdout, ended)


def _child(folder: Path, order: dict[str, Any], writer: int) -> None:
    changes = _watched(folder, order.get("before"), order.get("to", "?"))
    if order.get("seconds"):
        signal.setitimer(signal.ITIMER_REAL, order["seconds"])  # nobody handles it: the kernel ends the process
    ACTIONS[order["action"]](Workspace(folder), *order["with"])
    os.write(writer, str(len(changes)).encode())
    os._exit(0)


def _watched(folder: Path, before: int | None, to: str) -> list[str]:
    """The changes to files of the workspace as they happen; the process dies before the one of that number or place."""
    seen: list[str] = []

    def hook(event: str, given: tuple[Any, ...]) -> None:
        writes = event in WRITES or (event == "open" and isinstance(given[2], int) and given[2] & os.O_ACCMODE)
        if writes and str(folder) in str(given[0]):
            if len(seen) == before or (event == "os.rename" and to in str(given[1])):
                os.kill(os.getpid(), signal.SIGKILL)
            seen.append(event)

    sys.addaudithook(hook)
    return seen


def server(folder: str, tasks: str) -> None:
    """A server with a real worker, which does one task after the other and says every step."""
    workspace = Workspace(Path(folder))
    runner = Runner(workspace, workers=1)
    for number, task in enumerate(json.loads(tasks)):
        job, said = runner.submit(str(number), task), ""
        while not job.wait(0.002) or said != job.state:
            step = f"{job.state} {job.stage}" if not job.ended.is_set() else job.state
            if step != said:
                said = step
                worker.say(sys.stdout, {"step": said})
    sys.stdin.read()


if __name__ == "__main__":
    {"nursery": nursery, "server": server}[sys.argv[1]](*sys.argv[2:])
