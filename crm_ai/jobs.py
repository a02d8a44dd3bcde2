"""Long runs in worker processes: progress, cancel, one answer for equal recipes.

A worker is this module run as a program. It speaks JSON lines: a task comes in, progress and one end go out.
A crashed or cancelled worker is replaced; nothing is pickled.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from queue import Queue
from typing import IO, Any

from crm_ai.data import intake
from crm_ai.data.dataset import MANIFEST
from crm_ai.data.schema import Mapping
from crm_ai.errors import Cancelled, CrmError
from crm_ai.progress import Progress, silent
from crm_ai.recipes import Recipe
from crm_ai.store import Workspace

LOG = logging.getLogger(__name__)


@dataclass
class Job:
    """One run, seen from the app. ``state`` goes waiting -> running -> done | failed | cancelled."""

    key: str
    task: dict[str, Any]
    state: str = "waiting"
    share: float = 0.0
    stage: str = ""
    error: CrmError | None = None
    started: float = field(default_factory=time.monotonic)
    ended: threading.Event = field(default_factory=threading.Event)
    worker: "subprocess.Popen[str] | None" = None

    def wait(self, seconds: float | None = None) -> bool:
        """Whether the job ended within this time."""
        return self.ended.wait(seconds)

    def end(self, state: str, error: CrmError | None = None) -> None:
        if not self.ended.is_set():
            self.state, self.error = state, error
            self.ended.set()


class Runner:
    """A few worker processes and the queue before them."""

    def __init__(self, workspace: Workspace, workers: int = 2, engine: str = "duckdb://") -> None:
        self.workspace = workspace
        self.engine = engine
        self._jobs: dict[str, Job] = {}
        self._queue: Queue[Job | None] = Queue()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def run(self, recipe: Recipe, fingerprint: str) -> Job:
        """The job that computes this recipe; one for all who ask for it."""
        return self.submit(recipe.key(fingerprint), {"task": "run", "recipe": recipe.to_json()})

    def submit(self, key: str, task: dict[str, Any]) -> Job:
        """The job of this key, else a new one at the end of the queue. One that failed stays until forgotten."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = Job(key, task)
                self._queue.put(job)
            return job

    def forget(self, job: Job) -> None:
        """Let an equal task run anew."""
        with self._lock:
            self._jobs.pop(job.key, None)

    def cancel(self, job: Job) -> None:
        """Stop a job; its worker is replaced."""
        job.end("cancelled", Cancelled("The run was stopped."))
        if job.worker is not None:
            job.worker.kill()

    def close(self) -> None:
        """Stop every worker."""
        for _ in self._threads:
            self._queue.put(None)
        for job in list(self._jobs.values()):
            if not job.ended.is_set():
                self.cancel(job)

    def _serve(self) -> None:
        worker = _start(self.workspace, self.engine)
        while (job := self._queue.get()) is not None:
            if job.ended.is_set():
                continue
            if worker.poll() is not None:
                worker.wait()
                worker = _start(self.workspace, self.engine)
            job.worker, job.state = worker, "running"
            _attend(job, worker)
            job.worker = None
        worker.kill()
        worker.wait()


def _start(workspace: Workspace, engine: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "crm_ai.jobs", str(workspace.folder), engine],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[1],
    )


def _attend(job: Job, worker: "subprocess.Popen[str]") -> None:
    """Send the task, follow its lines to the end."""
    try:
        _say(worker.stdin, job.task)
        for line in worker.stdout or ():
            if _heard(job, json.loads(line)):
                return
    except (OSError, ValueError):
        LOG.exception("a worker broke off")
    job.end("failed", CrmError("The run broke off: there may be too little memory. Try again with less data."))


def _heard(job: Job, message: dict[str, Any]) -> bool:
    if "error" in message:
        job.end("failed", CrmError.from_json(message["error"]))
    elif message.get("done"):
        job.end("done")
    else:
        job.share, job.stage = message["share"], message["stage"]
    return job.ended.is_set()


def _say(pipe: IO[str] | None, message: dict[str, Any]) -> None:
    assert pipe is not None
    pipe.write(json.dumps(message) + "\n")
    pipe.flush()


# ---- in the worker -----------------------------------------------------------------------------------------------


def _work(folder: str, engine: str) -> None:
    """Answer tasks from standard input until it closes."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not break the lines
    workspace = Workspace(Path(folder))
    os.nice(5)  # the pages come first
    _warm()
    for line in sys.stdin:
        _say(out, _answer(workspace, engine, json.loads(line), out))


def _warm() -> None:
    """Load what takes seconds before the first task comes."""
    for name in ("sklearn.ensemble", "sklearn.cluster", "scipy.stats", "duckdb", "crm_ai.data.dataset"):
        import_module(name)


def _answer(workspace: Workspace, engine: str, task: dict[str, Any], out: IO[str]) -> dict[str, Any]:
    try:
        TASKS[task["task"]](workspace, engine, task, lambda share, stage: _say(out, {"share": share, "stage": stage}))
        return {"done": True}
    except CrmError as error:
        return {"error": error.to_json()}
    except Exception:
        LOG.exception("%s failed", task["task"])
        return {"error": CrmError("Something went wrong inside the program; the details are in its log.").to_json()}


def _run(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    compute(workspace, Recipe.from_json(task["recipe"]), engine, progress)


def compute(workspace: Workspace, recipe: Recipe, engine: str, progress: Progress = silent) -> None:
    """Run a recipe on a kept dataset and keep the result."""
    data = workspace.open(recipe.dataset, engine)
    key = recipe.key(data.fingerprint)
    if not workspace.has_result(key):
        begun = time.perf_counter()
        result = recipe.run(data, progress)
        seconds = round(time.perf_counter() - begun, 3)
        workspace.save_result(key, result, {"analysis": recipe.analysis, "params": recipe.params, "seconds": seconds})


def _stage(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    """Read uploaded files into the folder of a dataset to be."""
    paths = [Path(path) for path in task["files"]]
    reading = {name: task[name] for name in ("encoding", "delimiter", "sheet") if task.get(name)}
    intake.stage(paths, workspace.folder_of(task["dataset"]), names=task["names"], progress=progress, **reading)


def _finish(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    """Clean what is staged: the dataset counts from now on."""
    mappings = [Mapping.from_json(mapping) for mapping in task["mappings"]] or None
    folder = workspace.folder_of(task["dataset"])
    intake.finish(folder, mappings, task["rules"], name=task["name"], progress=progress)


def _demo(workspace: Workspace, engine: str, task: dict[str, Any], progress: Progress) -> None:
    folder = workspace.folder_of(task["dataset"])
    intake.demo_dataset(folder, progress)
    intake.write_json(folder / MANIFEST, json.loads((folder / MANIFEST).read_text("utf-8")) | {"demo": True})


TASKS: dict[str, Callable[[Workspace, str, dict[str, Any], Progress], None]] = {
    "run": _run,
    "stage": _stage,
    "finish": _finish,
    "demo": _demo,
}


if __name__ == "__main__":
    _work(*sys.argv[1:])
