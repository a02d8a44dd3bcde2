"""The queue of runs and the processes that work them off.

A worker is ``worker.py`` run as a program. It speaks JSON lines: a task comes in, progress and one end go out.
A crashed or cancelled worker is replaced; nothing is pickled. Workers hold the lock of their server too, so that nobody
takes their drafts for abandoned before the last of them is gone.
"""

import json
import logging
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

from crm_ai.errors import Cancelled, CrmError
from crm_ai.jobs.worker import say
from crm_ai.recipes import Recipe
from crm_ai.store import Workspace, locks

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
    lock = locks.owner(workspace.folder)
    return subprocess.Popen(
        [sys.executable, "-m", "crm_ai.jobs", str(workspace.folder), engine, lock.name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[2],
        pass_fds=(lock.descriptor,),
    )


def _attend(job: Job, worker: "subprocess.Popen[str]") -> None:
    """Send the task, follow its lines to the end."""
    try:
        say(worker.stdin, job.task)
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
